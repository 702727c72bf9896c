"""What a program is told about order in rooms and on the server: values of the Python API, like those of
told.py. `author` is who did it; roles are "owner", "operator", "voice" and "member"."""

from typing import Final

from attrs import frozen


@frozen
class RoleGiven:
    """Somebody is that in the room from now on."""

    room: str
    who: str
    role: str
    author: str


@frozen
class Kicked:
    """Somebody was put out of a room, or (None) off the server; with `is_ban` they may not come back."""

    room: str | None
    who: str
    author: str
    reason: str = ""
    is_ban: bool = False
    until: float | None = None
    """When a ban ends, Unix time in seconds; None: it does not end, or there is none."""


@frozen
class Muted:
    """Somebody may speak no more in the room."""

    room: str
    who: str
    author: str
    until: float | None = None
    """Unix time in seconds; None: for good."""
    reason: str = ""


@frozen
class Unmuted:
    """Somebody may speak again."""

    room: str
    who: str
    author: str


@frozen
class Invited:
    """This chat may enter the room."""

    room: str
    author: str


@frozen
class Modes:
    """How a room is set; the defaults are those of a room that is open to all."""

    invite_only: bool = False
    hidden: bool = False
    permanent: bool = False
    moderated: bool = False
    slow_s: float = 0.0
    """Seconds that a member waits between two messages."""
    has_password: bool = False


OPEN: Final = Modes()


@frozen
class ModesSet:
    """The room is set like that; `author` is None where nobody has just done so."""

    room: str
    modes: Modes
    author: str | None = None


@frozen
class Ban:
    """A ban, or a mute, of a name, a network or an `account:NAME`."""

    target: str
    author: str
    at: float
    """Unix time in seconds, like `until`, which is None for what does not end."""
    until: float | None = None
    reason: str = ""
    is_mute: bool = False


Deed = RoleGiven | Kicked | Muted | Unmuted | Invited | ModesSet
