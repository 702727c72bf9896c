"""What must be found out before the hub can decide what is about accounts: whether a password is right."""

import math
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import Final, cast

import trio
from attrs import evolve

from wassop.config import Config
from wassop.core.accounts import Account
from wassop.core.commands import ChangePassword, Command, Identify, Login, ManageAccount, Register
from wassop.core.events import Told
from wassop.core.hub import Hub
from wassop.core.logins import (
    needs_no_name,
    refused_login,
    refused_management,
    refused_password,
    refused_registration,
)
from wassop.core.names import UserName, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session
from wassop.core.web_commands import WebCommand
from wassop.server.guesses import Attempt, Guesses
from wassop.server.journal import Journal
from wassop.server.logs import Log
from wassop.server.passwords import BUSY_S, AccountRecord, Hasher, Passwords, Verdict
from wassop.server.web_logins import WebLogins
from wassop.storage.archive import Archive

Recall = Callable[[Session, Identify], Awaitable[Identify]]
"""Lets the hub know what it must know to let a visitor in; see `recall`."""


class JournalRecord:
    """An `AccountRecord` on disk."""

    def __init__(self, archive: Archive, journal: Journal) -> None:
        self._archive: Final = archive
        self._journal: Final = journal

    async def password_hash(self, key: str) -> str | None:
        """See `AccountRecord`."""
        await self._journal.wait_flushed()
        return await self._journal.look_up(lambda: self._archive.password_hash(key))

    async def kept_messages(self, key: str) -> tuple[Told, ...]:
        """See `AccountRecord`."""
        await self._journal.wait_flushed()
        return await self._journal.look_up(lambda: self._archive.kept_messages(key))


class Logins:
    """Rule 1: whether a name is registered cannot be told from how long the answer takes.
    Rule 2: neither a password nor a name that may be one, because it was typed in the wrong place, is logged.
    Rule 3: the hub is told what was found out and decides on what holds then.
    """

    def __init__(
        self,
        hub: Hub,
        record: AccountRecord,
        config: Config,
        log: Log,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hub: Final = hub
        self._record: Final = record
        self._log: Final = log
        self._may_register: Final = config.registration
        self.guesses: Final = Guesses(config, trio.current_time)
        self.passwords: Final = Passwords(Hasher(config.password_hash_kib, config.password_hash_passes))
        self.web: Final = WebLogins(hub, self.passwords, clock)

    async def prepare(self, session: Session, command: Command, recall: Recall) -> Command | Refused:
        """`command` with what the hub must know, or why it is refused already."""
        if session.name is None and not needs_no_name(session, command):
            return Refused(Code.HELLO_FIRST)
        try:
            match command:
                case Login():
                    return await self._prepare_login(session, command, recall)
                case Register():
                    return await self._prepare_registration(session, command)
                case ChangePassword():
                    return await self._prepare_change(session, command)
                case ManageAccount():
                    return await self._prepare_management(session, command)
                case WebCommand():
                    return await self.web.prepare(command)
                case _:
                    return command
        except sqlite3.Error as error:
            self._log.error("lookup-failed", reason=str(error))
            return Refused(Code.NO_RECORD)

    async def _prepare_login(
        self, session: Session, command: Login, recall: Recall
    ) -> Login | Identify | Refused:
        name = user_name(command.name)
        refused = refused_login(session, command)
        if refused is not None or isinstance(name, Refused):
            return refused or cast(Refused, name)
        account = self.web.proven(command)
        if account is not None:
            command = evolve(command, proven=account)
        elif command.web_mark and command.identify is not None:
            return await recall(session, command.identify)  # without a proof, it is as if there were none
        else:
            proven = await self._prove(session, name, command.password)
            if isinstance(proven, Refused):
                return proven
            account, verdict = proven
            command = evolve(command, password="", proven=account, rehashed=verdict.rehashed)
        key = account.name.key
        while True:
            # What is said to the owner while the record is read must not be missed.
            version = self._hub.mailboxes.version(key)
            kept = await self._record.kept_messages(key) if self._hub.mailboxes.waiting(key) else ()
            if command.identify is not None:
                command = evolve(command, identify=await recall(session, command.identify))
            if self._hub.mailboxes.version(key) == version:
                return evolve(command, kept=kept)

    async def _prepare_registration(self, session: Session, command: Register) -> Register | Refused:
        if not self._may_register:
            return Refused(Code.REGISTERING_CLOSED)
        refused = refused_registration(self._hub, session) or refused_password(command.password)
        if refused is not None:
            return refused
        wait_s = BUSY_S if self.passwords.is_busy() else self.guesses.register(session.address)
        if wait_s:
            return Refused(Code.REGISTERING_TOO_OFTEN, {"wait_s": math.ceil(wait_s)})
        with self.passwords.place():
            hashed = await self.passwords.hash(command.password)
        if session.name is not None and refused_registration(self._hub, session) is None:
            self.guesses.own(session.name.key, session.address)
        return evolve(command, password="", hashed=hashed)

    async def _prepare_change(self, session: Session, command: ChangePassword) -> ChangePassword | Refused:
        account = session.account
        if account is None:
            return Refused(Code.NOT_LOGGED_IN)
        refused = refused_password(command.new)
        if refused is not None:
            return refused
        proven = await self._prove(session, account.name, command.old)
        if isinstance(proven, Refused):
            return proven
        hashed = await self.passwords.hash(command.new)
        return evolve(command, old="", new="", proven=proven[0], hashed=hashed)

    async def _prepare_management(self, session: Session, command: ManageAccount) -> ManageAccount | Refused:
        refused = refused_management(self._hub, session, command)
        if refused is None and command.do in ("add", "passwd"):
            refused = refused_password(command.password)
        if refused is not None:
            return refused
        name = user_name(command.name)
        if command.do in ("add", "remove") and isinstance(name, UserName):
            self.guesses.forget(name.key)
        if command.do not in ("add", "passwd"):
            return command
        return evolve(command, password="", hashed=await self.passwords.hash(command.password))

    async def _prove(
        self, session: Session, name: UserName, password: str
    ) -> tuple[Account, Verdict] | Refused:
        """The account of that name, if that is its password."""
        is_known = self.guesses.is_known(name.key, session.address)
        is_busy = self.passwords.is_busy(for_owner=is_known)
        attempt = BUSY_S if is_busy else self.guesses.begin(name.key, session.address)
        if not isinstance(attempt, Attempt):
            return Refused(Code.LOGIN_TOO_OFTEN, {"wait_s": math.ceil(attempt)})
        account = self._hub.accounts.named(name)
        with self.passwords.place():
            verdict = await self.passwords.verify(await self._record.password_hash(name.key), password)
        if account is None or not verdict.is_right or not self._hub.accounts.is_proven(account):
            known = {} if account is None else {"name": account.name.text}
            self._log.warning("login-failed", address=session.address, **known)
            return Refused(Code.LOGIN_FAILED)
        self.guesses.succeed(attempt)
        return account, verdict
