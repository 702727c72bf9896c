"""Quiet clients, who talk in a room at a steady pace and hold the server to every message."""

import json
import selectors
import socket
import time
from collections.abc import Callable
from typing import Final

import msgspec

_ROOM: Final = "Tranquila"
_PATIENCE_S: Final = 60.0


class _Line(msgspec.Struct):
    t: str
    room: str = ""
    text: str = ""
    author: str = msgspec.field(default="", name="from")


_decode: Final = msgspec.json.Decoder(_Line).decode


class _Client:
    """One of them; `next_of` is the number that each of the others says next."""

    def __init__(self, port: int, name: str) -> None:
        self.name: Final = name
        self.sock: Final = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.said = 0
        self.next_of: Final[dict[str, int]] = {}
        self.rest = b""
        self.is_in = False

    def send(self, **message: object) -> None:
        self.sock.sendall(json.dumps(message).encode() + b"\n")


class Quiet:
    """All of them. What went wrong is in `faults`, and how long messages took in `latencies`, in seconds."""

    def __init__(self, port: int, number: int) -> None:
        self.faults: Final[list[str]] = []
        self.latencies: Final[list[float]] = []
        self._sent: Final[dict[tuple[str, int], float]] = {}
        self._selector: Final = selectors.DefaultSelector()
        self._clients: Final = [_Client(port, f"quieta{i}") for i in range(number)]
        for client in self._clients:
            client.send(t="hello", name=client.name)
            client.send(t="join", room=_ROOM)
            self._selector.register(client.sock, selectors.EVENT_READ, client)
        self._read_until(lambda: all(client.is_in for client in self._clients))
        self._turn = 0

    @property
    def lost(self) -> int:
        """How many deliveries are still to come for what was said."""
        said = sum(client.said for client in self._clients)
        heard = sum(sum(client.next_of.values()) for client in self._clients)
        return said * (len(self._clients) - 1) - heard

    @property
    def said(self) -> int:
        """How many messages they have said."""
        return sum(client.said for client in self._clients)

    def talk(self, rate: float, at_least: int, is_over: Callable[[], bool]) -> None:
        """Say `rate` messages a second, in turn, until it is over and there were that many; then wait for
        what is still to come."""
        begun, number = time.monotonic(), 0
        while not self.faults and (number < at_least or not is_over()):
            due = begun + number / rate
            self._read(max(0.0, due - time.monotonic()))
            if time.monotonic() >= due:
                self._say()
                number += 1
        self._read_until(lambda: not self.lost)

    def close(self) -> None:
        """Leave."""
        self._selector.close()
        for client in self._clients:
            client.sock.close()

    def _say(self) -> None:
        client = self._clients[self._turn % len(self._clients)]
        self._turn += 1
        self._sent[client.name, client.said] = time.monotonic()
        client.send(t="say", room=_ROOM, text=str(client.said))
        client.said += 1

    def _read_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so() and not self.faults and time.monotonic() < deadline:
            self._read(1.0)

    def _read(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            client: _Client = key.data
            try:
                data = client.sock.recv(262_144)
            except ConnectionError:
                data = b""
            if not data:
                self.faults.append(f"{client.name} was ended")
                self._selector.unregister(client.sock)
            *lines, client.rest = (client.rest + data).split(b"\n")
            now = time.monotonic()
            for line in lines:
                self._hear(client, _decode(line), now)

    def _hear(self, client: _Client, line: _Line, now: float) -> None:
        if line.t == "joined":
            client.is_in = True
        elif line.t in ("error", "bye"):
            self.faults.append(f"{client.name} reads {line}")
        elif line.t == "said" and line.room == _ROOM:
            expected = client.next_of.get(line.author, 0)
            if line.text != str(expected):
                self.faults.append(f"{client.name} hears {line}, expected {expected}")
            client.next_of[line.author] = expected + 1
            self.latencies.append(now - self._sent.get((line.author, expected), 0.0))
