"""Attacks by those who take their time."""

import contextlib
import select
import socket
import ssl
import time
from typing import Final

import _attack_web as web
from _attack_bytes import DIALECTS
from _attack_live import PATIENCE_S, Fault
from _attack_target import Done, Target, greeting, leave, opening

_LEAST_ROUNDS: Final = 10


def slow_loris(target: Target) -> Done:
    """In every dialect visitors send a byte now and then, and never come to an end; a browser's headers,
    its first frame and a frame of somebody who is here already."""
    done, socks = Done(), []
    for number in range(target.many(100)):
        visits = [(dialect, b"", opening(dialect, f"{dialect}{number}")) for dialect in DIALECTS]
        visits.append(("web", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b""))
        visits.append(("web", web.UPGRADE, greeting("web", "marco")[len(web.UPGRADE) :]))
        visits.append(("web", greeting("web", f"lento{number}"), web.ENDLESS_FRAME))
        for dialect, at_once, slowly in visits:
            socks.append((target.connect(dialect), slowly))
            done.bytes += socks[-1][0].send(at_once)
            done.connections += 1
    end = time.monotonic() + target.seconds
    place = 0
    while place < _LEAST_ROUNDS or time.monotonic() < end:
        for sock, said in socks:
            with contextlib.suppress(ConnectionError):
                done.bytes += sock.send(said[place : place + 1] or b"x")
        place += 1
        time.sleep(min(0.1, target.seconds / 20))
    for number, (sock, _) in enumerate(socks):
        leave(sock, number)
    return done


def slow_tls(target: Target) -> Done:
    """Half a greeting of TLS and then nothing; one byte by byte; and an agreement in time, after which one is
    silent, and another sends single bytes. Whoever comes to no agreement must be ended."""
    done = Done()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    greeting_bytes = _client_hello(context)
    half = len(greeting_bytes) // 2
    waiting: dict[socket.socket, bytes] = {}
    agreed: list[ssl.SSLSocket] = []
    for number in range(target.many(100)):
        for at_once in (half, 1):
            sock = target.connect()
            done.bytes += sock.send(greeting_bytes[:at_once])
            # What is missing; the last half of it never comes.
            waiting[sock] = greeting_bytes[at_once:half]
        for _ in range(2):
            agreed.append(context.wrap_socket(target.connect()))
        agreed[-1].sendall(opening("native", f"cifrada{number}"))
    unfinished, done.connections = len(waiting), len(waiting) + len(agreed)
    deadline = time.monotonic() + target.seconds + PATIENCE_S
    while waiting:
        if time.monotonic() > deadline:
            raise Fault(f"{len(waiting)} who never came to an agreement are still let in")
        for sock in [*waiting]:
            with contextlib.suppress(ConnectionError):
                done.bytes += sock.send(waiting[sock][:1])
            waiting[sock] = waiting[sock][1:]
        for slow in agreed[1::2]:
            slow.send(b"x")
        # A byte a second each, and none is waited for.
        for sock in select.select([*waiting], [], [], min(1.0, target.seconds / 4 + 0.05))[0]:
            if _has_ended(sock):
                del waiting[sock]
                sock.close()
    done.remark = f"all {unfinished} without an agreement were ended"
    for number, secured in enumerate(agreed):
        leave(secured, number // 2)
    return done


def _client_hello(context: ssl.SSLContext) -> bytes:
    """The first that a client says."""
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    return outgoing.read()


def _has_ended(sock: socket.socket) -> bool:
    try:
        return not sock.recv(65_536)
    except ConnectionError:
        return True
