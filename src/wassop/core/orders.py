"""What those ask of the hub who keep order. Names are as the visitor typed them; the hub checks them."""

from attrs import frozen

from wassop.core.modes import UNCHANGED, ModeChanges
from wassop.core.restrictions import By
from wassop.core.roles import Role


class Order:
    """One of these; `room` is None where the whole server is meant."""

    __slots__ = ()


@frozen
class GiveRole(Order):
    """Make somebody an owner, operator, voice or member of a room."""

    room: str
    who: str
    role: Role


@frozen
class Kick(Order):
    """Put somebody out."""

    room: str | None
    who: str
    reason: str = ""


@frozen
class Ban(Order):
    """Keep somebody out, and put them out; for so many seconds, or (None) for good."""

    room: str | None
    by: By
    target: str
    for_s: float | None = None
    reason: str = ""


@frozen
class Unban(Order):
    """Keep somebody out no more."""

    room: str | None
    by: By
    target: str


@frozen
class Mute(Order):
    """Let somebody speak no more in a room, for so many seconds or for good."""

    room: str
    who: str
    for_s: float | None = None
    reason: str = ""


@frozen
class Unmute(Order):
    """Let somebody speak again."""

    room: str
    who: str


@frozen
class Invite(Order):
    """Tell somebody of a room, and let them into it if it is invite-only."""

    room: str
    who: str


@frozen
class SetModes(Order):
    """Set a room; without changes, ask how it is set."""

    room: str
    changes: ModeChanges = UNCHANGED


@frozen
class AskBans(Order):
    """Ask who is banned or muted."""

    room: str | None


@frozen
class AskAudit(Order):
    """Ask what those who keep order did: the newest `limit` entries, or those before the one numbered
    `before`."""

    room: str | None = None
    limit: int = 50
    before: int | None = None
