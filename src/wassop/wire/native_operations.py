"""The server's end of what operators and pages ask: requests to commands, answers to messages."""

from collections.abc import Callable, Mapping
from typing import Final

from wassop.core import commands, operations, web_commands
from wassop.wire.moments import to_ms
from wassop.wire.native_operating import (
    CodeIs,
    Database,
    Doors,
    Fanout,
    Figures,
    FiguresAre,
    FirstAdmin,
    Id,
    Log,
    LogIs,
    LogLine,
    ServerTold,
    SessionLine,
    Sessions,
    SessionsAre,
    Stop,
    Token,
)

COMMANDS: Final[Mapping[type, Callable[..., commands.Command]]] = {
    Sessions: lambda m: operations.AskSessions(m.after, m.limit, m.find),
    Figures: lambda _: operations.AskFigures(),
    Log: lambda m: operations.AskLog(m.after, m.limit),
    Doors: lambda m: operations.SetDoors(m.open),
    Stop: lambda _: operations.Stop(),
    Token: lambda _: web_commands.AskToken(),
    FirstAdmin: lambda m: web_commands.ClaimAdmin(m.link, m.name, m.password),
}


def told(answer: operations.OperatorAnswer | web_commands.CodeGiven, re: Id) -> ServerTold:
    """What an operator, or a page, reads."""
    match answer:
        case operations.SessionList(lines, more):
            return SessionsAre([_session(line) for line in lines], more, re)
        case operations.LogLines(lines, more):
            told = [
                LogLine(line.number, to_ms(line.at), line.level, line.event, line.text, line.details)
                for line in lines
            ]
            return LogIs(told, more, re)
        case operations.Figures():
            return _figures(answer, re)
        case web_commands.CodeGiven(code):
            return CodeIs(code, re)


def _session(line: operations.SessionLine) -> SessionLine:
    return SessionLine(
        line.number,
        line.dialect,
        line.address,
        to_ms(line.since),
        line.waiting_bytes,
        list(line.rooms),
        line.name,
        line.account,
        line.role,
        line.tls,
    )


def _figures(answer: operations.Figures, re: Id) -> FiguresAre:
    record = answer.record
    return FiguresAre(
        at=to_ms(answer.at),
        started_at=to_ms(answer.started_at),
        connections=answer.connections,
        sessions=answer.sessions,
        rooms=answer.rooms,
        messages=answer.messages,
        private_messages=answer.private_messages,
        deliveries=answer.deliveries,
        waiting_bytes=answer.waiting_bytes,
        refused=answer.refused,
        fanout=Fanout(list(answer.bounds_s), list(answer.fanouts)),
        open=answer.doors_are_open,
        doors=list(answer.doors),
        database=None if record is None else Database(record.waiting, to_ms(record.lag_s), record.is_failing),
        re=re,
    )
