"""Cases of `_attack_bytes` against the real port, where two quiet clients must go on hearing each other."""

import contextlib
import json
import random
import select
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from _attack_bytes import Case
from _attack_server import AttackedServer, attacked_server

PATIENCE_S: Final = 60.0
"""Nothing takes so long unless it never comes."""
_ROOM: Final = "Tranquila"
_RESET: Final = struct.pack("ii", 1, 0)


class Fault(AssertionError):
    """Somebody else was hurt, or a connection did not end."""


def reset(sock: socket.socket) -> None:
    """Close without a word: what was not read yet is lost (SO_LINGER, 0 s)."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()


class Native:
    """A blocking client of lines, which joins one room."""

    def __init__(self, port: int, name: str, room: str | None = None, *, lobby: bool = False) -> None:
        self.name: Final = name
        self.sock: Final = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines: Final = self.sock.makefile("rb")
        self.send(t="hello", name=name, lobby=lobby)
        self.read("welcome")
        if room is not None:
            self.send(t="join", room=room)
            self.read("joined")

    def send(self, **message: object) -> None:
        """One line."""
        self.sock.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def read(self, kind: str) -> dict[str, object]:
        """The next line of that kind; others are passed over."""
        while True:
            line = self.lines.readline()
            if not line:
                raise Fault(f"{self.name} was ended")
            message: dict[str, object] = json.loads(line)
            if message["t"] == kind:
                return message
            if message["t"] in ("error", "bye"):
                raise Fault(f"{self.name} reads {message}")

    def read_to_end(self) -> None:
        """Read until the server ends the connection, and leave."""
        while self.lines.readline():
            pass
        self.close()

    def close(self) -> None:
        """Leave."""
        self.lines.close()
        self.sock.close()


def warm_up(server: AttackedServer) -> None:
    """Have everything made that is made once and kept: a fan-out for each permanent room."""
    first = Native(server.port, "primera", lobby=True)
    for room in ("Sala1", "Sala2"):
        first.send(t="join", room=room)
        first.send(t="say", room=room, text="hola", id=1)
        first.read("ok")
    first.send(t="all", text="hola", id=2)
    first.read("ok")
    first.send(t="quit")
    first.read_to_end()


@contextmanager
def live_port(*options: str) -> Iterator[Callable[[Case], None]]:
    """A server; what is yielded throws one case at it, and raises Fault."""
    # Answers come one by one in most dialects; a case need not wait for that.
    with attacked_server(*options, message_gap_s=0.001) as server:
        pair = Native(server.port, "quieta", _ROOM), Native(server.port, "callado", _ROOM)
        warm_up(server)
        before = server.holding()

        def throw(case: Case) -> None:
            _throw(server, case)
            for talker, listener in (pair, pair[::-1]):
                text = f"{case.number}"
                talker.send(t="say", room=_ROOM, text=text)
                while (heard := listener.read("said"))["room"] != _ROOM:
                    pass  # somebody of this case spoke to everybody
                if (heard["from"], heard["text"]) != (talker.name, text):
                    raise Fault(f"{listener.name} hears {heard}, not {text} of {talker.name}")
            server.read_log()
            if server.faults:
                raise Fault(f"logged: {server.faults[0]}")

        yield throw
        left = server.settled(before).left_since(before)
        for client in pair:
            client.close()
    if server.exit_code:
        raise Fault(f"the server ended with exit code {server.exit_code}")
    if left:
        raise Fault(f"left behind: {left}")


def _throw(server: AttackedServer, case: Case) -> None:
    rng = random.Random(case.number)
    port = server.nick_port if case.dialect == "nick" else server.port
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for chunk in case.chunks:
                sock.sendall(chunk)
                _read_what_is_there(sock)
            if rng.random() < 0.2:
                reset(sock)
                return
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65_536):
                pass
        except TimeoutError as error:
            raise Fault("the server did not end the connection") from error
        except ConnectionError:
            return  # it has ended it


def _read_what_is_there(sock: socket.socket) -> None:
    while select.select([sock], [], [], 0)[0] and sock.recv(65_536):
        pass
