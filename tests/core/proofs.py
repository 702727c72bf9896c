"""What the server finds out about passwords before the hub decides, without hashing anything."""

from typing import Any

from attrs import define, evolve, field

from wassop.core import commands
from wassop.core.deliveries import Record
from wassop.core.events import Told
from wassop.core.hub import Hub
from wassop.core.logins import refused_login, refused_management, refused_password, refused_registration
from wassop.core.names import UserName, user_name
from wassop.core.records import AccountAdded, AccountChanged, AccountRemoved, LoggedIn
from wassop.core.refusals import Code, Refused


@define
class Proofs:
    """Passwords as they are, and what waits for whom."""

    hub: Hub
    passwords: dict[str, str] = field(factory=dict)
    kept: dict[str, list[Told]] = field(factory=dict)

    def prepare(self, session: Any, command: Any) -> Any:
        """The command with what the hub must know, or why it is refused already."""
        match command:
            case commands.Login(name, password):
                who = user_name(name)
                refused = refused_login(session, command) or (who if isinstance(who, Refused) else None)
                if refused is not None:
                    return refused
                assert isinstance(who, UserName)
                if self.passwords.get(who.key, "") != password or not password:
                    return Refused(Code.LOGIN_FAILED)
                kept = tuple(self.kept.get(who.key, ()))
                return evolve(command, password="", proven=self.hub.accounts.named(who), kept=kept)
            case commands.Register(password) if session.name is not None:
                refused = refused_registration(self.hub, session) or refused_password(password)
                return refused or evolve(command, password="", hashed=password)
            case commands.ChangePassword(old, new) if session.account is not None:
                if self.passwords[session.account.name.key] != old:
                    return Refused(Code.LOGIN_FAILED)
                refused = refused_password(new)
                account = self.hub.accounts.named(session.account.name)
                return refused or evolve(command, proven=account, hashed=new)
            case commands.ManageAccount(do, password=password):
                refused = refused_management(self.hub, session, command)
                if refused is None and do in ("add", "passwd"):
                    refused = refused_password(password)
                return refused or evolve(command, hashed=password)
        return command

    def note(self, deliveries: Any) -> None:
        """Remember what is put on record."""
        for delivery in deliveries:
            if not isinstance(delivery, Record):
                continue
            match delivery.entry:
                case AccountAdded(account, hashed) | AccountChanged(account, _, str(hashed)):
                    self.passwords[account.name.key] = hashed
                case AccountRemoved(account):
                    del self.passwords[account.name.key]
                    self.kept.pop(account.name.key, None)
                case LoggedIn(name):
                    self.kept.pop(name.key, None)
                case Told(to=to, kept=True) as told:
                    self.kept.setdefault(to.key, []).append(told)
