"""What operators ask of the server itself: looking at it, closing and opening its doors, stopping it."""

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

import trio

from wassop.core.operating import refused_operation
from wassop.core.operations import (
    AskFigures,
    AskLog,
    AskSessions,
    Figures,
    LogLines,
    Operation,
    OperatorAnswer,
    Permitted,
    RecordFigures,
    SessionLine,
    SessionList,
    SetDoors,
)
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session
from wassop.server.figures import BOUNDS_S, Latency
from wassop.server.recent_lines import RecentLines

if TYPE_CHECKING:
    from wassop.server.chat import Chat
    from wassop.server.connection import Connection

_FAIRNESS_CONNECTIONS: Final = 256
"""After so many, others get their turn."""
_MAX_SESSIONS: Final = 500
"""In one answer."""
_MAX_ROOMS: Final = 50
"""Told of one connection."""


class DoorsOfServer(Protocol):
    """What can be closed and opened."""

    are_open: bool

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they are, open or not."""
        ...

    def close(self) -> None:
        """Let nobody in any more."""
        ...

    def open(self) -> None:
        """Let visitors in again; OSError, with the address as its `filename`, when that cannot be."""
        ...


class Operations:
    """Rule 1: nothing is measured for operators before one of them asks; then a histogram, from then on.
    Rule 2: whoever looks does not keep the others waiting, however many are here.
    """

    def __init__(self, chat: "Chat", clock: Callable[[], float] = time.time) -> None:
        self._chat: Final = chat
        self._clock: Final = clock
        self._started_at: Final = clock()
        self._doors: DoorsOfServer | None = None
        self._stop: Callable[[], None] | None = None
        self.recent: RecentLines | None = None
        """The newest lines of the log, if anybody keeps them."""

    def attach(self, doors: DoorsOfServer, stop: Callable[[], None]) -> None:
        """What belongs to the server around the chat."""
        self._doors, self._stop = doors, stop

    def stop(self) -> None:
        """Let the server end gracefully."""
        self._chat.log.info("stop-asked")
        if self._stop is not None:
            self._stop()

    def prepare(self, session: Session, operation: Operation) -> Operation | Refused:
        """Do what must be done before the hub says that it is done; or tell why it is not done."""
        refused = refused_operation(session, operation)
        if refused is not None or not isinstance(operation, SetDoors) or self._doors is None:
            return refused or operation
        if operation.are_open != self._doors.are_open:
            return self._set_doors(operation, self._doors)
        return operation

    def _set_doors(self, operation: SetDoors, doors: DoorsOfServer) -> Operation | Refused:
        log = self._chat.log
        if not operation.are_open:
            doors.close()
            log.warning("doors-closed")
            return operation
        try:
            doors.open()
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            log.error("doors-taken", address=str(error.filename), reason=why)
            return Refused(Code.DOORS_TAKEN, {"address": error.filename, "reason": why})
        log.info("doors-opened")
        return operation

    async def look_up(self, permitted: Permitted) -> OperatorAnswer:
        """What an operator may know."""
        match permitted.what:
            case AskSessions():
                return await self._sessions(permitted.what)
            case AskFigures():
                return await self._figures()
            case AskLog(after, limit):
                await trio.lowlevel.checkpoint()
                if self.recent is None:
                    return LogLines((), more=False)
                return self.recent.after(after, max(0, limit), self._chat.config.lang)

    async def _sessions(self, ask: AskSessions) -> SessionList:
        limit, wanted = max(1, min(ask.limit, _MAX_SESSIONS)), ask.find.strip().casefold()
        found: list[SessionLine] = []
        # Sessions come with rising numbers, and a dict keeps that order.
        for looked, (session, connection) in enumerate(list(self._chat.connections.items()), 1):
            if looked % _FAIRNESS_CONNECTIONS == 0:
                await trio.lowlevel.checkpoint()
            if session.id <= ask.after:
                continue
            line = self._line(session, connection)
            if not wanted or _matches(line, wanted):
                found.append(line)
                if len(found) > limit:
                    break
        return SessionList(tuple(found[:limit]), len(found) > limit)

    def _line(self, session: Session, connection: "Connection") -> SessionLine:
        lobby = self._chat.hub.lobby
        rooms = [lobby] if session in lobby else []
        rooms += list(session.rooms.values())[:_MAX_ROOMS]
        return SessionLine(
            session.id,
            connection.dialect,
            connection.address,
            self._clock() - (trio.current_time() - connection.came),
            connection.waiting_bytes,
            session.name.text if session.name is not None else None,
            session.account is not None,
            session.server_role.text,
            tuple(room.name.text for room in rooms),
            connection.tls,
        )

    async def _figures(self) -> Figures:
        chat, figures = self._chat, self._chat.figures
        if figures.latency is None:
            figures.latency = Latency()
        named: Counter[str] = Counter()
        waiting = 0
        for looked, (session, connection) in enumerate(list(chat.connections.items()), 1):
            if looked % _FAIRNESS_CONNECTIONS == 0:
                await trio.lowlevel.checkpoint()
            if session.name is not None:
                named[connection.dialect] += 1
            waiting += connection.waiting_bytes
        journal = chat.journal
        return Figures(
            at=self._clock(),
            started_at=self._started_at,
            connections=len(chat.connections),
            sessions=dict(named),
            rooms=sum(1 for _ in chat.hub.rooms),
            messages=figures.messages,
            private_messages=figures.private_messages,
            deliveries=figures.deliveries,
            waiting_bytes=waiting,
            refused=figures.refused.total(),
            bounds_s=BOUNDS_S,
            fanouts=tuple(figures.latency.counts),
            doors_are_open=self._doors is not None and self._doors.are_open,
            doors=self._doors.addresses if self._doors is not None else (),
            record=None
            if journal is None
            else RecordFigures(journal.waiting, journal.lag_s, journal.is_failing),
        )


def _matches(line: SessionLine, wanted: str) -> bool:
    texts = (line.name or "", line.address, line.dialect, line.role, *line.rooms)
    return any(wanted in text.casefold() for text in texts)
