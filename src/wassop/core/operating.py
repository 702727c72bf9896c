"""What operators may do to the server, decided by the hub. What the machine must do for it is the server's
affair: it comes before (`SetDoors`) or after (`Permitted`, `Halt`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wassop.core.accounts import ServerRole
from wassop.core.deliveries import Delivery, Dismissed, Halt, Reply
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
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session

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


def refused_operation(session: Session, operation: Operation) -> Refused | None:
    """Why `session` may not ask for that, if so."""
    least = LEAST[type(operation)]
    if session.server_role < least:
        return Refused(Code.NOT_ALLOWED, {"role": least.text})
    return None


def carry_out(hub: "Hub", session: Session, operation: Operation) -> list[Delivery]:
    """Decide what an operator asks."""
    refused = refused_operation(session, operation)
    if refused is not None:
        return [Reply(refused)]
    match operation:
        case AskSessions() | AskFigures() | AskLog():
            return [Reply(Permitted(operation))]
        case SetDoors():
            return [Reply(Noted())]
        case Stop():
            return [Reply(Noted()), Halt()]
        case KickSession():
            return _kick(hub, operation)
    raise AssertionError(f"no such operation: {operation}")


def _kick(hub: "Hub", operation: KickSession) -> list[Delivery]:
    number = operation.number
    there = next((other for other in hub.sessions if other.id == number), None)
    if there is None:
        return [Reply(Refused(Code.NO_SUCH_SESSION, {"number": number}))]
    return [Reply(Noted()), *hub.disconnect(there), Dismissed(there, Farewell.QUIT)]
