"""Registered names: whose they are, and what they may do on this server."""

from collections.abc import Iterator
from enum import IntEnum
from itertools import count
from typing import Self

from attrs import evolve, frozen

from wassop.core.names import UserName


class ServerRole(IntEnum):
    """What somebody may do on the whole server; a higher one may do all that a lower one may."""

    USER = 0
    MODERATOR = 1
    ADMIN = 2

    @property
    def text(self) -> str:
        """The stable name that the dialects and the record use."""
        return self.name.lower()

    @classmethod
    def named(cls, text: str) -> Self | None:
        """The role with that `text`."""
        return next((role for role in cls if role.text == text), None)


@frozen
class Account:
    """A registered name; times are Unix time in seconds. Its password is known to the record alone."""

    name: UserName
    role: ServerRole = ServerRole.USER
    created_at: float = 0.0
    last_login_at: float | None = None
    password_number: int = 0
    """Which password it is, of all that were set in this run; 0: one of an earlier run."""


class Accounts:
    """All registered names. A name that is registered, or looks like one, is its owner's alone."""

    def __init__(self) -> None:
        self._by_key: dict[str, Account] = {}
        self._by_skeleton: dict[str, Account] = {}
        self._passwords = count(1)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_key.values())

    def named(self, name: UserName) -> Account | None:
        """The account of exactly that name."""
        return self._by_key.get(name.key)

    def holder(self, name: UserName) -> Account | None:
        """The account whose name that is, or looks like."""
        return self._by_key.get(name.key) or self._by_skeleton.get(name.skeleton)

    def put(self, account: Account, *, new_password: bool = False) -> Account:
        """Know `account`, instead of one of that name if there is one; return it as it is known now."""
        if new_password:
            account = evolve(account, password_number=next(self._passwords))
        self._by_key[account.name.key] = self._by_skeleton[account.name.skeleton] = account
        return account

    def forget(self, account: Account) -> None:
        """The name is anybody's again."""
        if self._by_key.pop(account.name.key, None) is not None:
            del self._by_skeleton[account.name.skeleton]

    def is_proven(self, proven: Account) -> bool:
        """Whether a password that was right for `proven` a moment ago still is."""
        now = self._by_key.get(proven.name.key)
        return now is not None and now.password_number == proven.password_number
