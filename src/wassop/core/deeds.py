"""What is told of what those do who keep order, and what they are answered."""

from attrs import frozen

from wassop.core.modes import RoomModes
from wassop.core.names import RoomName, UserName
from wassop.core.restrictions import Restriction, Target
from wassop.core.roles import Role


@frozen
class RoleGiven:
    """Somebody is something else in a room from now on."""

    room: RoomName
    who: UserName
    role: Role
    by: UserName


@frozen
class Kicked:
    """Somebody was put out of a room, or (None) off the server, and does not leave it a second time."""

    room: RoomName | None
    who: UserName
    by: UserName
    reason: str = ""
    is_ban: bool = False
    until: float | None = None
    """When a ban ends, Unix seconds."""


@frozen
class Muted:
    """Somebody may speak no more, until then (Unix seconds) or for good."""

    room: RoomName
    who: UserName
    by: UserName
    until: float | None = None
    reason: str = ""


@frozen
class Unmuted:
    """Somebody may speak again."""

    room: RoomName
    who: UserName
    by: UserName


@frozen
class Invited:
    """The visitor may enter a room."""

    room: RoomName
    by: UserName


@frozen
class ModesSet:
    """How a room is set, and who has just done so; an answer to a mere question names nobody."""

    room: RoomName
    modes: RoomModes
    by: UserName | None = None


@frozen
class Banned:
    """Somebody who is not there, or nobody in particular, may not come in; told only to who did it."""

    room: RoomName | None
    target: Target
    until: float | None = None


@frozen
class Unbanned:
    """Somebody may come in again; told only to who did it."""

    room: RoomName | None
    target: Target


@frozen
class InvitationSent:
    """Somebody was told that they may enter; told only to who did it."""

    room: RoomName
    who: UserName


Deed = RoleGiven | Kicked | Muted | Unmuted | Invited | ModesSet
"""What others read."""


@frozen
class Done:
    """It was done; this is what those read who are concerned."""

    what: RoleGiven | Kicked | Muted | Unmuted | Banned | Unbanned | InvitationSent


@frozen
class BanList:
    """The bans and mutes of a room, or (None) of the server, the oldest first."""

    room: RoomName | None
    restrictions: tuple[Restriction, ...]


@frozen
class AuditLine:
    """Who did what to whom, and from where; `at` is Unix time in seconds, numbers rise with it."""

    id: int
    at: float
    actor: str
    action: str
    room: str
    target: str
    detail: str
    address: str


@frozen
class AuditPage:
    """A part of the audit log, newest first, and whether there is more."""

    lines: tuple[AuditLine, ...]
    more: bool


@frozen
class LookUpAudit:
    """A part of the audit log that may be read."""

    room: RoomName | None
    before: int | None
    limit: int
