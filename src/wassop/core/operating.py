"""What operators may do to the server, decided by the hub. What the machine must do for it is the server's
affair: it comes before (`SetDoors`) or after (`Permitted`, `Halt`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wassop.core.accounts import ServerRole
from wassop.core.banning import refused_reason
from wassop.core.deeds import Kicked
from wassop.core.deliveries import Delivery, Dismissed, Halt, Record, Reply, ToSession
from wassop.core.events import Farewell, Noted
from wassop.core.operations import (
    AskFigures,
    AskLog,
    AskSessions,
    KickSession,
    Operation,
    Permitted,
    SetDoors,
    Stop,
)
from wassop.core.records import Audited, Changes
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Standing, outranks
from wassop.core.session import Session
from wassop.core.text import one_line

if TYPE_CHECKING:
    from wassop.core.hub import Hub

LEAST: Final[Mapping[type[Operation], ServerRole]] = {
    AskSessions: ServerRole.MODERATOR,
    AskFigures: ServerRole.MODERATOR,
    KickSession: ServerRole.MODERATOR,
    AskLog: ServerRole.ADMIN,
    SetDoors: ServerRole.ADMIN,
    Stop: ServerRole.ADMIN,
}
"""Which role it takes."""


_NAMELESS: Final = "(control)"
"""Whoever runs the server and comes in by its control socket; nobody can have that name."""


def refused_operation(session: Session, operation: Operation) -> Refused | None:
    """Why `session` may not ask for that, if so."""
    least = LEAST[type(operation)]
    if session.server_role < least:
        return Refused(Code.NOT_ALLOWED, {"role": least.text})
    return None


def carry_out(hub: "Hub", session: Session, operation: Operation, now: float) -> list[Delivery]:
    """Decide what an operator asks."""
    refused = refused_operation(session, operation)
    if refused is not None:
        return [Reply(refused)]
    match operation:
        case AskSessions() | AskFigures() | AskLog():
            return [Reply(Permitted(operation))]
        case SetDoors(are_open):
            return [Reply(Noted()), audited(session, "doors", "", "open" if are_open else "closed", now)]
        case Stop():
            return [Reply(Noted()), audited(session, "stop", "", "", now), Halt()]
        case KickSession():
            return _kick(hub, session, operation, now)
    raise AssertionError(f"no such operation: {operation}")


def _kick(hub: "Hub", session: Session, operation: KickSession, now: float) -> list[Delivery]:
    number, reason = operation.number, one_line(operation.reason)
    there = next((other for other in hub.sessions if other.id == number), None)
    if there is None or there.is_operator:
        return [Reply(Refused(Code.NO_SUCH_SESSION, {"number": number}))]
    refused = refused_reason(reason) or _stands_below(session, there)
    if refused is not None:
        return [Reply(refused)]
    target = there.name.text if there.name is not None else there.address
    deliveries: list[Delivery] = [Reply(Noted()), audited(session, "kick", target, reason, now)]
    if there.name is not None and session.name is not None:
        deliveries.append(ToSession(there, Kicked(None, there.name, session.name, reason)))
    return [*deliveries, *hub.disconnect(there), Dismissed(there, Farewell.KICKED)]


def _stands_below(session: Session, there: Session) -> Refused | None:
    is_oneself = session.name is not None and session.name == there.name
    standings = (Standing.on_server(session.server_role), Standing.on_server(there.server_role))
    if is_oneself or outranks(*standings):
        return None
    return Refused(Code.OUTRANKED, {"name": there.name.text if there.name is not None else there.address})


def audited(session: Session, action: str, target: str, detail: str, now: float) -> Record:
    """That an operator did something, for the audit log."""
    actor = session.name.text if session.name is not None else _NAMELESS
    return Record(Changes((Audited(now, actor, action, None, target, detail, session.address),)))
