"""Keeps passwords for a hub, as they are: what `server/logins` does with threads, a file and hashes."""

from typing import Final

from attrs import evolve

from wassop.core.accounts import Account
from wassop.core.commands import ChangePassword, Command, Login, ManageAccount, Register
from wassop.core.hub import Hub
from wassop.core.logins import (
    needs_no_name,
    refused_login,
    refused_management,
    refused_password,
    refused_registration,
)
from wassop.core.names import UserName, user_name
from wassop.core.records import AccountAdded, AccountChanged, AccountRemoved, Entry
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session


class Keeper:
    """Whose password is whose."""

    def __init__(self, hub: Hub) -> None:
        self._hub: Final = hub
        self._passwords: Final[dict[str, str]] = {}

    def prepare(self, session: Session, command: Command) -> Command | Refused:
        """`command` with what the hub must know, or why it is refused already."""
        if session.name is None and not needs_no_name(session, command):
            return Refused(Code.HELLO_FIRST)
        match command:
            case Login(name, password):
                refused, account = refused_login(session, command), self._proven(user_name(name), password)
                prepared: Command = evolve(command, password="", proven=account)
            case Register(password):
                refused = refused_registration(self._hub, session) or refused_password(password)
                prepared = evolve(command, password="", hashed=password)
            case ChangePassword(old, new):
                refused = refused_password(new)
                prepared = evolve(command, proven=self._proven(session.name, old), hashed=new)
            case ManageAccount():
                refused = refused_management(self._hub, session, command)
                prepared = evolve(command, hashed=command.password)
            case _:
                return command
        return refused or prepared

    def note(self, entry: Entry) -> None:
        """What the hub wants recorded."""
        match entry:
            case AccountAdded(account, hashed) | AccountChanged(account, _, str(hashed)):
                self._passwords[account.name.key] = hashed
            case AccountRemoved(account):
                del self._passwords[account.name.key]
            case _:
                pass

    def _proven(self, name: UserName | Refused | None, password: str) -> Account | None:
        if not isinstance(name, UserName) or self._passwords.get(name.key) != password:
            return None
        return self._hub.accounts.named(name)
