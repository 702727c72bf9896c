"""Registered names: whose they are, and what they may do on this server."""

from enum import IntEnum
from typing import Self

from attrs import frozen

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
