"""Registering names, logging in and out, and looking after accounts: decided like everything else by the hub.

Whether a password is right was found out before, because it takes long; here it counts only if the account
is still there and still has that password.
"""

from typing import TYPE_CHECKING, Final

from attrs import evolve

from wassop.core import operating, web_login
from wassop.core.accounts import Account, ServerRole
from wassop.core.commands import (
    ChangePassword,
    Command,
    Identify,
    Login,
    Logout,
    ManageAccount,
    Ping,
    Quit,
    Register,
)
from wassop.core.deliveries import Delivery, Dismissed, Record, Reply, ToSession
from wassop.core.entering import identify
from wassop.core.events import AccountList, Farewell, Joined, LoggedOut, Noted, Welcome
from wassop.core.names import UserName, user_name
from wassop.core.operations import Operation
from wassop.core.permissions import order_as_told
from wassop.core.records import (
    AccountAdded,
    AccountChanged,
    AccountEntry,
    AccountRemoved,
    LoggedIn,
    WebSessionEnded,
    WebSessionOpened,
)
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session
from wassop.core.web_commands import AskToken, WebCommand

if TYPE_CHECKING:
    from wassop.core.hub import Hub

MIN_PASSWORD_CHARS: Final = 8
MAX_PASSWORD_BYTES: Final = 1_024

AccountCommand = Login | Register | ChangePassword | Logout | ManageAccount | Operation | WebCommand


def carry_out(hub: "Hub", session: Session, command: AccountCommand, now: float) -> list[Delivery]:
    """Decide a command that is about accounts."""
    match command:
        case Operation():
            return operating.carry_out(hub, session, command, now)
        case WebCommand():
            return web_login.carry_out(hub, session, command, now)
        case Login():
            return _log_in(hub, session, command, now)
        case Register():
            return _register(hub, session, command, now)
        case ChangePassword():
            return _change_password(hub, session, command)
        case Logout(mark):
            if session.account is None:
                return [Reply(Refused(Code.NOT_LOGGED_IN))]
            return [Reply(LoggedOut()), *web_login.end(hub, mark), *hub.depart(session)]
        case ManageAccount():
            return _manage(hub, session, command, now)


def needs_no_name(session: Session, command: Command) -> bool:
    """Whether somebody without a name may ask that."""
    if session.is_operator and isinstance(command, ManageAccount | Operation):
        return True
    if isinstance(command, WebCommand):
        return not isinstance(command, AskToken)
    return isinstance(command, Identify | Login | Ping | Quit)


def refused_password(password: str) -> Refused | None:
    """Why `password` cannot be one."""
    if len(password) < MIN_PASSWORD_CHARS:
        return Refused(Code.PASSWORD_TOO_SHORT, {"limit": MIN_PASSWORD_CHARS})
    if len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
        return Refused(Code.PASSWORD_TOO_LONG, {"limit": MAX_PASSWORD_BYTES})
    return None


def refused_registration(hub: "Hub", session: Session) -> Refused | None:
    """Why a session that has a name cannot register it."""
    if session.account is not None:
        return Refused(Code.ALREADY_REGISTERED)
    if session.name is not None and hub.accounts.holder(session.name) is not None:
        return Refused(Code.NAME_REGISTERED, {"name": session.name.text})
    return None


def refused_login(session: Session, command: Login) -> Refused | None:
    """Why a session cannot log in, whatever the password."""
    if session.name is None:
        return None if command.identify is not None else Refused(Code.HELLO_FIRST)
    if session.account is not None or command.identify is not None:
        return Refused(Code.ALREADY_NAMED, {"name": session.name.text})
    return None


def refused_management(hub: "Hub", session: Session, command: ManageAccount) -> Refused | None:
    """Why accounts cannot be looked after in that way."""
    if session.server_role < ServerRole.ADMIN:
        return Refused(Code.NOT_ALLOWED, {"role": ServerRole.ADMIN})
    if command.do == "list":
        return None
    if ServerRole.named(command.role) is None:
        return Refused(Code.BAD_FIELD, {"field": "role"})
    name = user_name(command.name)
    if isinstance(name, Refused):
        return name
    if command.do == "add" and hub.accounts.holder(name) is not None:
        return Refused(Code.NAME_REGISTERED, {"name": name.text})
    if command.do != "add" and hub.accounts.named(name) is None:
        return Refused(Code.NO_SUCH_ACCOUNT, {"name": name.text})
    return None


def take_back(hub: "Hub", entry: AccountEntry) -> None:
    """What was decided could not be put on record: it is as if it had not been. Who has already been sent
    away stays away."""
    match entry:
        case AccountAdded(account):
            hub.accounts.forget(account)
            _tell_sessions(hub, account.name, None)
        case AccountChanged(account, before, hashed):
            # The old password is right again, but nothing that was proven meanwhile counts.
            before = hub.accounts.put(before, new_password=hashed is not None)
            _tell_sessions(hub, before.name, before)
        case AccountRemoved(account):
            hub.accounts.put(account, new_password=True)
        case WebSessionOpened(opened):
            hub.web.end(opened.mark)
        case LoggedIn() | WebSessionEnded():
            pass


# Coming and going


def _log_in(hub: "Hub", session: Session, command: Login, now: float) -> list[Delivery]:
    refused = refused_login(session, command)
    proven = command.proven
    if refused is None and (proven is None or not hub.accounts.is_proven(proven)):
        refused = Refused(Code.LOGIN_FAILED)
    if refused is not None:
        return [Reply(refused)]
    assert proven is not None
    current = hub.accounts.named(proven.name)
    assert current is not None
    account = evolve(current, last_login_at=now)
    if any(other.account is None for other in hub.people.named(account.name) if other is not session):
        return [Reply(Refused(Code.NAME_TAKEN, {"name": account.name.text}))]
    banned = hub.moderation.refused_greeting(session, account.name, account, now)
    if banned is not None:
        return [Reply(banned)]
    hub.accounts.put(account)
    if command.identify is not None:
        welcome, *notices = identify(hub, session, command.identify, now, account)
    else:
        welcome, *notices = _become(hub, session, account, now)
    hub.mailboxes.clear(account.name.key)
    kept = (ToSession(session, told) for told in command.kept)
    return [welcome, *kept, *notices, Record(LoggedIn(account.name, now, command.rehashed))]


def _become(hub: "Hub", session: Session, account: Account, now: float) -> list[Delivery]:
    """Let a guest go on as `account` where it is; the others read that one goes and another comes."""
    before = session.name
    assert before is not None
    rooms = [room for room in (hub.lobby, *session.rooms.values()) if session in room]
    notices: list[Delivery] = []
    for room in rooms:
        notices += hub.tell_presence(room, before, "gone", session)
    hub.people.release(session)
    hub.absences.pop(before.key, None)
    session.account, session.named_at = account, now
    hub.people.admit(session, account.name)
    for room in rooms:
        if hub.people.is_twin(session, room):
            room.count_twin()
        else:
            notices += hub.tell_presence(room, account.name, "joined", session)
    adopted = hub.moderation.adopt(session)
    resumed = tuple(
        Joined(
            room.name, room.seq, room.names, (), room.seq, True, room.told_topic, (),
            *order_as_told(room, session),
        )
        for room in rooms
    )  # fmt: skip
    welcome = Welcome(account.name, hub.lobby.name, resumed, hub.epoch, account)
    return [Reply(welcome), *notices, *adopted]


def _dismiss(hub: "Hub", sessions: list[Session], reason: Farewell) -> list[Delivery]:
    deliveries: list[Delivery] = []
    for session in sessions:
        deliveries += [*hub.disconnect(session), Dismissed(session, reason)]
    return deliveries


# Accounts


def _register(hub: "Hub", session: Session, command: Register, now: float) -> list[Delivery]:
    refused = refused_registration(hub, session)
    if refused is not None:
        return [Reply(refused)]
    if session.name is None or not command.hashed:
        return [Reply(Refused(Code.REGISTERING_CLOSED))]  # nobody is there who keeps passwords
    account = hub.accounts.put(Account(session.name, created_at=now, last_login_at=now), new_password=True)
    session.account = account
    return [Reply(Noted()), Record(AccountAdded(account, command.hashed)), *hub.moderation.adopt(session)]


def _change_password(hub: "Hub", session: Session, command: ChangePassword) -> list[Delivery]:
    if session.account is None:
        return [Reply(Refused(Code.NOT_LOGGED_IN))]
    if command.proven is None or not hub.accounts.is_proven(command.proven):
        return [Reply(Refused(Code.LOGIN_FAILED))]
    others = [other for other in hub.people.named(session.account.name) if other is not session]
    return [
        Reply(Noted()),
        Record(_with_password(hub, command.proven.name, command.hashed)),
        *_dismiss(hub, others, Farewell.PASSWORD_CHANGED),
    ]


def _with_password(hub: "Hub", name: UserName, hashed: str) -> AccountChanged:
    before = hub.accounts.named(name)
    assert before is not None
    assert hashed
    hub.web.void(name)
    return AccountChanged(hub.accounts.put(before, new_password=True), before, hashed)


def _manage(hub: "Hub", session: Session, command: ManageAccount, now: float) -> list[Delivery]:
    refused = refused_management(hub, session, command)
    if refused is not None:
        return [Reply(refused)]
    if command.do == "list":
        accounts = sorted(hub.accounts, key=lambda account: account.name.key)
        return [Reply(AccountList(tuple(accounts)))]
    name, role = user_name(command.name), ServerRole.named(command.role)
    assert isinstance(name, UserName)
    assert role is not None
    if command.do == "add":
        told = role.text if role > ServerRole.USER else ""
        audited = operating.audited(session, "account-add", name.text, told, now)
        added, *dismissed = add_account(hub, name, role, command.hashed, now)
        return [Reply(Noted()), added, _beside(audited), *dismissed]
    account_now = hub.accounts.named(name)
    assert account_now is not None
    others = [other for other in hub.people.named(name) if other is not session]
    match command.do:
        case "passwd":
            changed = Record(_with_password(hub, name, command.hashed))
            audited = operating.audited(session, "account-passwd", account_now.name.text, "", now)
            return [
                Reply(Noted()),
                changed,
                _beside(audited),
                *_dismiss(hub, others, Farewell.PASSWORD_CHANGED),
            ]
        case "role":
            account = hub.accounts.put(evolve(account_now, role=role))
            _tell_sessions(hub, name, account)
            audited = operating.audited(session, "account-role", account_now.name.text, role.text, now)
            return [Reply(Noted()), Record(AccountChanged(account, account_now)), _beside(audited)]
        case "remove":
            hub.accounts.forget(account_now)
            hub.web.void(name)
            hub.mailboxes.clear(name.key)
            hub.moderation.forget_account(name)
            if session.account is not None and session.name == name:  # an admin who removes the own account
                session.account = None
            removed = Record(AccountRemoved(account_now))
            audited = operating.audited(session, "account-remove", account_now.name.text, "", now)
            return [
                Reply(Noted()),
                removed,
                _beside(audited),
                *_dismiss(hub, others, Farewell.ACCOUNT_REMOVED),
            ]


def _beside(audited: Record) -> Record:
    # The answer waits for the change itself.
    return evolve(audited, is_awaited=False)


def add_account(hub: "Hub", name: UserName, role: ServerRole, hashed: str, now: float) -> list[Delivery]:
    """Register a name that is nobody's. Whoever was there as a guest under it, or one like it, has it no
    more."""
    assert hashed
    guests = [*hub.people.lookalikes(name)]
    account = hub.accounts.put(Account(name, role, now), new_password=True)
    return [Record(AccountAdded(account, hashed)), *_dismiss(hub, guests, Farewell.NAME_REGISTERED)]


def _tell_sessions(hub: "Hub", name: UserName, account: Account | None) -> None:
    for session in hub.people.named(name):
        session.account = account
