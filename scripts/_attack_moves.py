"""The attacks: each a function that does its worst to a server and tells how much that was.

Run as a program, one attack in a process of its own: `_attack_moves.py NAME TARGET-AS-JSON`.
An attack raises Fault when it sees itself what must not be; what others saw is judged elsewhere.
"""

import contextlib
import json
import os
import resource
import select
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import _attack_web as web
from _attack_accounts import password_guessing, registration_flood
from _attack_bytes import DIALECTS, case, said_in, sent
from _attack_live import PATIENCE_S, Fault, Native, reset
from _attack_slow import slow_loris, slow_tls
from _attack_target import Done, Target, greeting, leave, opening, read_what_is_there

_MEGABYTE: Final = 1_000_000


def deaf_readers(target: Target) -> Done:
    """Some join a room and never read again, and others say there as much as they are let."""
    done, deaf = Done(), []
    for number in range(target.many(20, 2)):
        visitor = Native(target.port, f"sordo{number}", "Ruido", lobby=True)
        visitor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.append(visitor)
    talkers = [Native(target.port, f"bocazas{number}", "Ruido") for number in range(target.many(3))]
    said = b"".join(
        json.dumps({"t": "say", "room": "Ruido", "text": "x" * 4_000}).encode() + b"\n" for _ in range(16)
    )
    done.connections = len(deaf) + len(talkers)
    end, rounds = time.monotonic() + target.seconds, 0
    # The kernel takes some MB for each of them before the server must keep the first byte, and 1 MiB then.
    while rounds < target.many(200, 150) or time.monotonic() < end:
        for talker in talkers:
            if not done.send(talker.sock, said):
                raise Fault("who talks much was ended")
            for other in talkers:
                read_what_is_there(other.sock)
        rounds += 1
    done.remark = f"{sum(map(_was_ended, deaf))} of {len(deaf)} deaf ones ended"
    for visitor in deaf + talkers:
        visitor.close()
    return done


def _was_ended(visitor: Native) -> bool:
    """Read at last, to the end or to the answer of a question that is asked now."""
    with contextlib.suppress(ConnectionError):
        visitor.send(t="ping", id="sigo")
        while line := visitor.lines.readline():
            if b'"sigo"' in line:
                return False
    return True


def connection_flood(target: Target) -> Done:
    """Come and go as fast as possible: silent, with half a word, with a name; some hundreds at a time."""
    done, held = Done(), list[socket.socket]()
    end, most = time.monotonic() + target.seconds, target.many(500, 30)
    while done.connections < 3 * most or time.monotonic() < end:
        dialect = DIALECTS[done.connections % len(DIALECTS)]
        sock = target.connect(dialect)
        done.connections += 1
        words = (b"", b"{", b"CONN", b"\x16\x03\x01", opening(dialect, f"v{done.connections}"))
        done.bytes += sock.send(words[done.connections // len(DIALECTS) % len(words)])
        held.append(sock)
        if len(held) >= most:
            for number, sock in enumerate(held):
                leave(sock, number)
            held.clear()
    for sock in held:
        sock.close()
    return done


def megabyte_lines(target: Target) -> Done:
    """A message of a megabyte in every dialect, without an end, and as the very first thing said."""
    done = Done()
    end, rounds = time.monotonic() + target.seconds, 0
    while not rounds or time.monotonic() < end:
        for dialect in DIALECTS:
            for said in (opening(dialect, f"largo-{dialect}"), opening(dialect, "")[:6]):
                with target.connect(dialect) as sock:
                    done.connections += 1
                    done.send(sock, said + b"x" * target.many(_MEGABYTE, 200_000))
        rounds += 1
    return done


def tiny_segments(target: Target) -> Done:
    """A million segments of one byte each, of what is no message, is many, or never ends."""
    done, visitors = Done(), []
    endings = (b'{"t":"ping"}\n', b"\n", b"x", b"{", b"|", b"\xff\xf1", b" ", web.PING_FRAME)
    for number, dialect in enumerate(DIALECTS):
        sock = target.connect(dialect)
        done.connections += 1
        done.send(sock, greeting(dialect, f"gota{number}"))
        visitors.append((sock, endings[number]))
    each = target.many(1_000_000 // len(visitors), 2_000)
    for place in range(each):
        for sock, bytes_ in visitors:
            byte = bytes_[place % len(bytes_) :][:1]
            try:
                sock.settimeout(PATIENCE_S)
                done.bytes += sock.send(byte)
                if place % 256 == 0:
                    read_what_is_there(sock)
            except ConnectionError:
                continue
    for sock, _ in visitors:
        sock.close()
    return done


def noise(target: Target) -> Done:
    """Random bytes and spoilt transcripts, as `fuzz.py` makes them, many visitors at once."""
    done = Done()
    end, number = time.monotonic() + target.seconds, 0
    held: list[socket.socket] = []
    while number < target.many(500, 60) or time.monotonic() < end:
        tried = case(target.seed, number)
        sock = target.connect(tried.dialect)
        held.append(sock)
        done.connections += 1
        for chunk in tried.chunks[:200]:
            if not done.send(sock, chunk):
                break
        number += 1
        if len(held) == 20:
            leave(held.pop(0), number)
    for sock in held:
        sock.close()
    done.remark = f"seed {target.seed}, {number} cases"
    return done


def resets(target: Target) -> Done:
    """A reset at every moment of a conversation in every dialect: behind each byte, read or unread."""
    done, number = Done(), 0
    step = 1 if target.share == 1 else 7
    for dialect in DIALECTS:
        whole = greeting(dialect, f"corte-{dialect}") + sent(dialect, [*said_in(dialect)[0][1:4]])
        for length in range(0, len(whole) + 1, step):
            sock = target.connect(dialect)
            done.connections += 1
            done.send(sock, whole[:length])
            number += 1
            if number % 3 == 0:
                select.select([sock], [], [], 0.002)  # in the middle of the answer
            reset(sock)
    return done


def no_descriptors(target: Target) -> Done:
    """The server's file descriptors run out, and go on being asked for; then they are given back."""
    done, held = Done(), list[socket.socket]()
    soft, hard = resource.prlimit(target.pid, resource.RLIMIT_NOFILE)
    spare = target.many(100, 10)
    limit = max(_open_files(target.pid)) + 1 + spare
    free = limit - len(_open_files(target.pid))
    try:
        resource.prlimit(target.pid, resource.RLIMIT_NOFILE, (limit, hard))
        for _ in range(free + 2 * spare):  # those who are not let in wait in the listening socket's queue
            held.append(target.connect())
            done.connections += 1
            done.bytes += held[-1].send(b'{"t":"ping"}\n')
        select.select(held, [], [], PATIENCE_S)
        time.sleep(target.seconds)
        answered = select.select(held, [], [], 0)[0]
        if len(answered) > free:
            raise Fault("descriptors were not short")
        done.remark = f"{len(answered)} of {len(held)} were let in"
        for sock in held:  # all of them, in turn, as others leave
            sock.settimeout(PATIENCE_S)
            if not sock.recv(1_000):
                raise Fault("who waited was not let in")
            sock.close()
    finally:
        resource.prlimit(target.pid, resource.RLIMIT_NOFILE, (soft, hard))
        for sock in held:
            sock.close()
    Native(target.port, "despues").close()  # the next one is let in at once
    return done


def ten_thousand_rooms(target: Target) -> Done:
    """One joins ten thousand rooms, keeping them or leaving each again; then many keep a hundred each."""
    done, rooms = Done(), target.many(10_000, 300)
    for is_leaving in (False, True):
        visitor = Native(target.port, f"andarin{is_leaving:d}")
        joined = _join(visitor, "sala", rooms, is_leaving=is_leaving)
        if is_leaving and joined != rooms:
            raise Fault(f"let into {joined} of {rooms} rooms")
        done.remark += f"one {'leaving each' if is_leaving else 'keeping them'} was let into {joined}; "
        visitor.close()
    walkers = [Native(target.port, f"paseante{number}") for number in range(rooms // 100 + 1)]
    joined = sum(_join(walker, f"s{number}-", 100) for number, walker in enumerate(walkers))
    done.remark += f"{len(walkers)} into {joined}"
    done.connections = 2 + len(walkers)
    for walker in walkers:
        walker.close()
    return done


def _join(visitor: Native, stem: str, rooms: int, *, is_leaving: bool = False) -> int:
    joined = 0
    for first in range(0, rooms, 50):
        numbers = range(first, min(first + 50, rooms))
        for number in numbers:
            visitor.send(t="join", room=f"{stem}{number}", history=50, id=number)
            if is_leaving:
                visitor.send(t="say", room=f"{stem}{number}", text="pasaba por aquí")
                visitor.send(t="leave", room=f"{stem}{number}")
        visitor.send(t="ping", id="hasta")
        while (message := json.loads(visitor.lines.readline()))["t"] != "pong":
            joined += message["t"] == "joined"
    return joined


def recycled_descriptors(target: Target) -> Done:
    """One leaves a room in full swing and the next takes over the descriptor: not a byte may be the first
    one's."""
    done = Done()
    talker = Native(target.port, "eco", "Secreta")
    said = json.dumps({"t": "say", "room": "Secreta", "text": "secreto " * 20}).encode() + b"\n"
    end, rounds = time.monotonic() + target.seconds, 0
    while rounds < target.many(300, 100) or time.monotonic() < end:
        listener = Native(target.port, f"oyente{rounds}", "Secreta")
        done.send(talker.sock, said * 5)
        reset(listener.sock) if rounds % 2 else listener.close()
        done.send(talker.sock, said)
        with target.connect() as stranger, stranger.makefile("rb") as lines:
            hello = {"t": "hello", "name": f"otro{rounds}", "lobby": False}
            stranger.sendall(json.dumps(hello).encode() + b'\n{"t":"ping","id":1}\n')
            read = lines.readline() + lines.readline()
        if b"secreto" in read or [json.loads(line)["t"] for line in read.splitlines()] != ["welcome", "pong"]:
            raise Fault(f"a stranger reads {read!r}")
        rounds += 1
        done.connections += 2
    talker.close()
    return done


ATTACKS: Final[dict[str, Callable[[Target], Done]]] = {
    attack.__name__.replace("_", "-"): attack
    for attack in (
        slow_loris,
        slow_tls,
        deaf_readers,
        connection_flood,
        megabyte_lines,
        tiny_segments,
        noise,
        resets,
        no_descriptors,
        ten_thousand_rooms,
        password_guessing,
        registration_flood,
        recycled_descriptors,
    )
}


def _open_files(pid: int) -> list[int]:
    return [int(number) for number in os.listdir(f"/proc/{pid}/fd")]


if __name__ == "__main__":
    print(json.dumps(asdict(ATTACKS[sys.argv[1]](Target(**json.loads(sys.argv[2]))))))
