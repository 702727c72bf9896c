"""One visitor: who it is and where it is."""

from typing import TYPE_CHECKING

from attrs import define, field

from wassop.core.accounts import Account, ServerRole
from wassop.core.names import RoomName, UserName

if TYPE_CHECKING:
    from wassop.core.room import Room
    from wassop.core.sayings import Sayings


@define(eq=False)
class Session:
    """A visitor's state as the hub sees it. Compared by identity; only the hub changes it."""

    id: int
    name: UserName | None = None
    named_at: float = 0.0
    """Since when it has that name, in Unix seconds."""
    address: str = ""
    """From which IP address it came; empty where there is none."""
    account: Account | None = None
    """None for guests."""
    is_operator: bool = False
    """Whoever runs the server, from the machine itself."""
    rooms: dict[RoomName, "Room"] = field(factory=dict, repr=False)
    """The rooms the visitor is in, without the lobby."""
    sayings: "Sayings | None" = field(default=None, repr=False)
    """None for those who said nothing by a name of their own."""
    invitations: tuple[str, ...] = ()
    """Keys of the rooms into which it was invited as a guest, the newest last."""

    @property
    def server_role(self) -> ServerRole:
        """What it may do on the whole server."""
        if self.is_operator:
            return ServerRole.ADMIN
        return self.account.role if self.account is not None else ServerRole.USER


@define(eq=False)
class Membership:
    """One stay of one session in one room.

    An audience is made of memberships, not sessions, so that what was queued for somebody who has left
    since is not delivered after the answer to the leaving: `present` is false by then.
    """

    session: Session
    present: bool = True


class Audience(tuple[Membership, ...]):
    """Who hears a message, fixed when it is decided. A new one is made only when membership changes, so
    whoever hands over may keep what it worked out for it in `plan`."""

    plan: object = None
    is_current: bool = True
    """Nobody has come or gone since: all memberships are present."""
