"""Whom to attack, and what all attacks have in common."""

import select
import socket
import time
from dataclasses import dataclass
from typing import Final

import _attack_web as web
from _attack_live import PATIENCE_S, Fault, reset

HOME: Final = "127.0.0.1"
"""The only address that the server trusts."""
_OPENINGS: Final = {
    "native": b'{"t":"hello","name":"%s"}\n{"t":"say","room":"General","text":"',
    "plain": b"%s\nSala1\n",
    "salas": b"JOIN %s\nMESSAGE ",
    "mychat": b"CONNECT|%s\nBROADCAST|",
    "remitente": b'{"remitente":"%s","tipo":"conexion"}\n{"tipo":"mensaje","contenido":"',
    "cmdjson": b'{"cmd":"login","user":"%s"}\n{"cmd":"broadcast","msg":"',
    "nick": b"%s\n",
}
"""A name is taken, and a message begun. So is a browser's, see `opening`."""
_HELLO: Final = b'{"t":"hello","name":"%s"}'


@dataclass(frozen=True)
class Target:
    """Whom to attack, for how long, and how much: 1.0 is what `attack.py` does, tests do less."""

    port: int
    nick_port: int
    pid: int
    seconds: float
    share: float
    seed: int = 0
    round: int = 0
    """The how many-th time; nothing that an address is allowed comes back within one run."""

    def many(self, number: int, least: int = 1) -> int:
        """So many, or this share of them."""
        return max(least, int(number * self.share))

    def connect(self, dialect: str = "native", source: str = HOME) -> socket.socket:
        """A connection to where that dialect is spoken, from an address of this machine."""
        port = self.nick_port if dialect == "nick" else self.port
        sock = socket.create_connection((HOME, port), timeout=PATIENCE_S, source_address=(source, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


@dataclass
class Done:
    """What an attack did."""

    connections: int = 0
    bytes: int = 0
    remark: str = ""
    hashes: int | None = None
    """How many passwords the server had to hash for that, and no more; None: that was not looked at."""

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
    if dialect == "web":
        return greeting(dialect, name) + web.ENDLESS_FRAME
    return _OPENINGS[dialect] % name.encode()


def greeting(dialect: str, name: str) -> bytes:
    """What somebody of that name sends to come in, and no more."""
    if dialect == "web":
        return web.sent([web.UPGRADE, _HELLO % name.encode()])
    return opening(dialect, name).rpartition(b"\n")[0] + b"\n"


def leave(sock: socket.socket, number: int) -> None:
    """Every second one leaves without a word."""
    if number % 2:
        reset(sock)
    else:
        sock.close()


def read_what_is_there(sock: socket.socket) -> None:
    """And wait for nothing."""
    while select.select([sock], [], [], 0)[0] and sock.recv(65_536):
        pass
