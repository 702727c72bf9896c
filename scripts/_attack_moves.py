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
from dataclasses import asdict, dataclass
from typing import Final

from _attack_bytes import DIALECTS, case, said_in
from _attack_live import PATIENCE_S, Fault, Native, reset

_MEGABYTE: Final = 1_000_000
_OPENINGS: Final = {
    "native": b'{"t":"hello","name":"%s"}\n{"t":"say","room":"General","text":"',
    "plain": b"%s\nSala1\n",
    "salas": b"JOIN %s\nMESSAGE ",
    "mychat": b"CONNECT|%s\nBROADCAST|",
    "remitente": b'{"remitente":"%s","tipo":"conexion"}\n{"tipo":"mensaje","contenido":"',
    "cmdjson": b'{"cmd":"login","user":"%s"}\n{"cmd":"broadcast","msg":"',
    "nick": b"%s\n",
}
"""A name is taken, and a message begun."""


@dataclass(frozen=True)
class Target:
    """Whom to attack, for how long, and how much: 1.0 is what `attack.py` does, tests do less."""

    port: int
    nick_port: int
    pid: int
    seconds: float
    share: float
    seed: int = 0

    def many(self, number: int, least: int = 1) -> int:
        """So many, or this share of them."""
        return max(least, int(number * self.share))

    def connect(self, dialect: str = "native") -> socket.socket:
        """A connection to where that dialect is spoken."""
        port = self.nick_port if dialect == "nick" else self.port
        sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


@dataclass
class Done:
    """What an attack did."""

    connections: int = 0
    bytes: int = 0
    remark: str = ""

    def send(self, sock: socket.socket, data: bytes) -> bool:
        """Send all of it, reading what comes meanwhile; False when the server has ended the connection."""
        sock.setblocking(False)
        view, deadline = memoryview(data), time.monotonic() + PATIENCE_S
        try:
            while view:
                readable, writable, _ = select.select([sock], [sock], [], 1.0)
                if readable and not sock.recv(65_536):
                    return False
                if writable:
                    sent = sock.send(view)
                    self.bytes += sent
                    view = view[sent:]
                elif time.monotonic() > deadline:
                    raise Fault("the server reads no more")
        except ConnectionError:
            return False
        finally:
            sock.setblocking(True)
        return True


def opening(dialect: str, name: str) -> bytes:
    """What somebody of that name sends up to the middle of a message."""
    return _OPENINGS[dialect] % name.encode()


def slow_loris(target: Target) -> Done:
    """In every dialect visitors send a byte now and then, and never come to an end."""
    done, socks = Done(), []
    for number in range(target.many(100)):
        for dialect in DIALECTS:
            socks.append((target.connect(dialect), opening(dialect, f"{dialect}{number}")))
            done.connections += 1
    end = time.monotonic() + target.seconds
    place = 0
    while place < 10 or time.monotonic() < end:
        for sock, said in socks:
            with contextlib.suppress(ConnectionError):
                done.bytes += sock.send(said[place : place + 1] or b"x")
        place += 1
        time.sleep(min(0.1, target.seconds / 20))
    for number, (sock, _) in enumerate(socks):
        _leave(sock, number)
    return done


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
                _read_what_is_there(other.sock)
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
        sock = target.connect(DIALECTS[done.connections % 7])
        done.connections += 1
        words = (b"", b"{", b"CONN", opening(DIALECTS[done.connections % 7], f"v{done.connections}"))
        done.bytes += sock.send(words[done.connections // 7 % 4])
        held.append(sock)
        if len(held) >= most:
            for number, sock in enumerate(held):
                _leave(sock, number)
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
    endings = (b'{"t":"ping"}\n', b"\n", b"x", b"{", b"|", b"\xff\xf1", b" ")
    for number, dialect in enumerate(DIALECTS):
        sock = target.connect(dialect)
        done.connections += 1
        done.send(sock, opening(dialect, f"gota{number}").rpartition(b"\n")[0] + b"\n")
        visitors.append((sock, endings[number]))
    each = target.many(1_000_000 // len(visitors), 2_000)
    for place in range(each):
        for sock, bytes_ in visitors:
            byte = bytes_[place % len(bytes_) :][:1]
            try:
                sock.settimeout(PATIENCE_S)
                done.bytes += sock.send(byte)
                if place % 256 == 0:
                    _read_what_is_there(sock)
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
            _leave(held.pop(0), number)
    for sock in held:
        sock.close()
    done.remark = f"seed {target.seed}, {number} cases"
    return done


def resets(target: Target) -> Done:
    """A reset at every moment of a conversation in every dialect: behind each byte, read or unread."""
    done, number = Done(), 0
    step = 1 if target.share == 1 else 7
    for dialect in DIALECTS:
        whole = opening(dialect, f"corte-{dialect}") + b"\n" + b"\n".join(said_in(dialect)[0][1:4])
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
        deaf_readers,
        connection_flood,
        megabyte_lines,
        tiny_segments,
        noise,
        resets,
        no_descriptors,
        ten_thousand_rooms,
        recycled_descriptors,
    )
}


def _leave(sock: socket.socket, number: int) -> None:
    if number % 2:
        reset(sock)
    else:
        sock.close()


def _read_what_is_there(sock: socket.socket) -> None:
    while select.select([sock], [], [], 0)[0] and sock.recv(65_536):
        pass


def _open_files(pid: int) -> list[int]:
    return [int(number) for number in os.listdir(f"/proc/{pid}/fd")]


if __name__ == "__main__":
    print(json.dumps(asdict(ATTACKS[sys.argv[1]](Target(**json.loads(sys.argv[2]))))))
