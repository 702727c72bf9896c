"""A conversation and the key by which it is known. Values only."""

from datetime import date
from typing import Final

from attrs import Factory, frozen

from wassop.client.backlog import Backlog
from wassop.client.line import Line

MENU: Final = ""
"""The key of the main menu's tab."""


def room_key(room: str) -> str:
    """The key of a room's tab."""
    return f"#{room.casefold()}"


def person_key(name: str) -> str:
    """The key of the private conversation with somebody."""
    return f"@{name.casefold()}"


@frozen
class Tab:
    """A conversation: a room's, a private one, or the main menu with what the client itself has to tell."""

    key: str
    title: str = ""
    """The room or the person, as they write their names; empty for the main menu."""
    lines: Backlog[Line] = Factory(Backlog)
    day: date | None = None
    """The day of the newest line with a time."""
    unread: int = 0
    """How many messages have come since one was here last."""
    mentions: int = 0
    """How many of these are private or name oneself."""
    divider: int | None = None
    """The line that tells new messages from older ones."""
    draft: str = ""
    """What was typed here and not entered."""

    @property
    def is_room(self) -> bool:
        """Whether this is a room's."""
        return self.key.startswith("#")

    @property
    def is_private(self) -> bool:
        """Whether this is a talk with one person."""
        return self.key.startswith("@")
