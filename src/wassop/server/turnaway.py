"""Telling those who are not let in why, at little cost."""

import contextlib
import socket
from collections import Counter, deque
from typing import Final

import trio
from attrs import define

from wassop.core.events import Farewell
from wassop.server.logs import Log
from wassop.wire.codec import WireSettings
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import Dialect, sniff
from wassop.wire.unspoken import refusal_of

_MAX_WAITING: Final = 32
_STEP_S: Final = 0.2
_LOG_INTERVAL_S: Final = 1.0
_READ_BYTES: Final = 4_096


@define(eq=False)
class _Stranger:
    sock: socket.socket
    dialect: Dialect | None
    reason: Farewell
    was_told: bool = False


class TurnedAway:
    """Everybody who was turned away and is not gone yet.

    Rule 1: one task for all of them, and no more than 32 at once: when another comes, the first goes.
    Rule 2: each is answered in its own dialect: that of the door, or what its first bytes tell after 0.2 s.
    Rule 3: each is closed 0.2 s after the answer, when what it sent was read: to close before makes the
    kernel reset the connection, and the answer may be lost.
    Rule 4: of each reason the log has one line a second, with the count.
    """

    def __init__(self, wire: WireSettings, log: Log) -> None:
        self._wire: Final = wire
        self._log: Final = log
        self._strangers: Final[deque[_Stranger]] = deque()
        self._came = trio.Event()
        self._counts: Final[Counter[Farewell]] = Counter()
        self._addresses: Final[dict[Farewell, str]] = {}
        self._log_at = -float("inf")

    def add(self, sock: socket.socket, address: str, dialect: str | None, reason: Farewell) -> None:
        """Somebody from `address` is turned away; `dialect` is the door's, if it has one. Never blocks."""
        sock.setblocking(False)
        if len(self._strangers) >= _MAX_WAITING:
            self._finish(self._strangers.popleft())
        self._strangers.append(_Stranger(sock, Dialect(dialect) if dialect else None, reason))
        self._counts[reason] += 1
        self._addresses[reason] = address
        self._came.set()

    async def run(self) -> None:
        """Answer and close, until cancelled; then all at once."""
        try:
            while True:
                await self._came.wait()
                self._came = trio.Event()
                while self._strangers or self._counts:
                    self._write_log()
                    await trio.sleep(_STEP_S)
                    for _ in range(len(self._strangers)):
                        self._step(self._strangers.popleft())
        finally:
            while self._strangers:
                self._finish(self._strangers.popleft())

    def _step(self, stranger: _Stranger) -> None:
        if stranger.was_told:
            self._finish(stranger)
        else:
            self._answer(stranger)
            self._strangers.append(stranger)

    def _finish(self, stranger: _Stranger) -> None:
        if not stranger.was_told:
            self._answer(stranger)
        with contextlib.suppress(OSError):  # nothing, or gone already
            stranger.sock.recv(_READ_BYTES)
        stranger.sock.close()

    def _answer(self, stranger: _Stranger) -> None:
        stranger.was_told = True
        said = b""
        with contextlib.suppress(OSError):
            said = stranger.sock.recv(_READ_BYTES)
        with contextlib.suppress(OSError):
            stranger.sock.send(self._refusal(stranger, said))
            stranger.sock.shutdown(socket.SHUT_WR)

    def _refusal(self, stranger: _Stranger, said: bytes) -> bytes:
        dialect = stranger.dialect or sniff(said, final=True) or Dialect.PLAIN
        if dialect in CODECS:
            return CODECS[dialect](self._wire).farewell(stranger.reason).lstrip(b"\n")
        return refusal_of(dialect, self._wire.lang, stranger.reason)

    def _write_log(self) -> None:
        now = trio.current_time()
        if now - self._log_at < _LOG_INTERVAL_S:
            return
        self._log_at = now
        for reason, count in self._counts.items():
            self._log.warning(
                "turned-away", reason=reason.value, count=count, last_address=self._addresses[reason]
            )
        self._counts.clear()
        self._addresses.clear()
