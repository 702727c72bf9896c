"""Staying logged in with a browser, and choosing the first admin: decided by the hub like everything else."""

from typing import TYPE_CHECKING

from wassop.core.accounts import ServerRole
from wassop.core.deliveries import Delivery, Record, Reply
from wassop.core.names import UserName, user_name
from wassop.core.records import Audited, Changes, WebSessionEnded, WebSessionOpened
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session
from wassop.core.web_commands import (
    AdminClaimed,
    AskToken,
    ClaimAdmin,
    CodeGiven,
    EndWebSession,
    OpenWebSession,
    WebCommand,
    WebSessionGiven,
    WebSessionOver,
)
from wassop.core.web_sessions import SESSION_S, WebSession, mark_of

if TYPE_CHECKING:
    from wassop.core.hub import Hub


def carry_out(hub: "Hub", session: Session, command: WebCommand, now: float) -> list[Delivery]:
    """Decide what a page asks."""
    match command:
        case AskToken(code):
            if session.account is None or not code:
                return [Reply(Refused(Code.NOT_LOGGED_IN))]
            hub.web.offer(mark_of(code), session.account.name, now)
            return [Reply(CodeGiven(code))]
        case OpenWebSession(code, token):
            return _open(hub, code, token, now)
        case EndWebSession(token):
            return [Reply(WebSessionOver()), *end(hub, mark_of(token))]
        case ClaimAdmin():
            return _claim(hub, session, command, now)
    raise AssertionError(f"no such command: {command}")


def end(hub: "Hub", mark: str) -> list[Delivery]:
    """Know a session no more, if there is one."""
    return [Record(WebSessionEnded(mark))] if hub.web.end(mark) is not None else []


def refused_claim(hub: "Hub", command: ClaimAdmin, now: float) -> Refused | None:
    """Why there cannot be a first admin in that way."""
    if has_admin(hub) or not hub.web.is_first_admin(mark_of(command.link), now):
        return Refused(Code.LINK_EXPIRED)
    name = user_name(command.name)
    if isinstance(name, Refused):
        return name
    if hub.accounts.holder(name) is not None:
        return Refused(Code.NAME_REGISTERED, {"name": name.text})
    return None


def has_admin(hub: "Hub") -> bool:
    """Whether there is anybody who looks after the server."""
    return any(account.role >= ServerRole.ADMIN for account in hub.accounts)


def _open(hub: "Hub", code: str, token: str, now: float) -> list[Delivery]:
    name = hub.web.redeem(mark_of(code), now)
    if name is None or not token:
        return [Reply(Refused(Code.LINK_EXPIRED))]
    opened = WebSession(mark_of(token), name, now, now + SESSION_S)
    gone = tuple(old.mark for old in hub.web.put(opened))
    return [Reply(WebSessionGiven(token, SESSION_S)), Record(WebSessionOpened(opened, gone))]


def _claim(hub: "Hub", session: Session, command: ClaimAdmin, now: float) -> list[Delivery]:
    from wassop.core.logins import add_account

    refused = refused_claim(hub, command, now)
    if refused is not None:
        return [Reply(refused)]
    name = user_name(command.name)
    assert isinstance(name, UserName)
    # The link needs no end of its own: it is good as long as there is no admin.
    added, *dismissed = add_account(hub, name, ServerRole.ADMIN, command.hashed, now)
    audited = Audited(now, name.text, "first-admin", address=session.address)
    return [Reply(AdminClaimed(name)), added, Record(Changes((audited,)), is_awaited=False), *dismissed]
