"""Somebody who keeps order, and those whom it concerns."""

from typing import Self

from attrs import frozen

from wassop.core.deeds import Deed
from wassop.core.deliveries import Delivery, Record, Reply, ToRoom
from wassop.core.events import Answer, Lookup
from wassop.core.names import UserName
from wassop.core.permissions import not_allowed, standing_in
from wassop.core.records import Audited, Change, Changes
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import Restrictions
from wassop.core.roles import SERVER_ROLES, Action, Role, Standing, may, outranks
from wassop.core.room import Room
from wassop.core.session import Session


@frozen(eq=False)
class Keeper:
    """Who gives an order, where (`room` is None: on the server), and as what."""

    session: Session
    name: UserName
    room: Room | None
    standing: Standing
    now: float

    @classmethod
    def of(cls, session: Session, room: Room | None, now: float) -> Self:
        """`session`, which has a name, in `room` or on the server."""
        assert session.name is not None
        standing = standing_in(room, session) if room is not None else Standing.on_server(session.server_role)
        return cls(session, session.name, room, standing, now)

    @property
    def restrictions(self) -> Restrictions | None:
        """Those of the room, if there are any."""
        assert self.room is not None
        return self.room.rules.restrictions if self.room.rules is not None else None

    def refused(self, action: Action) -> Refused | None:
        """Why that is not allowed, if so."""
        refused = not_allowed(self.standing.role, action)
        if refused is None or self.room is not None:
            return refused
        # No role in a room, however high, would be enough.
        least = next(server for server, counts_as in SERVER_ROLES.items() if may(counts_as, action))
        return Refused(refused.code, {**refused.params, "role": least})

    def stands_below(self, standing: Standing, name: UserName) -> Refused | None:
        """Why nothing may be done to `name`, who stands so, if so."""
        return None if outranks(self.standing, standing) else Refused(Code.OUTRANKED, {"name": name.text})

    def kept(self, action: str, target: str, detail: str, *changes: Change) -> Record:
        """What goes on record: the changes, and that it was done."""
        where = self.room.name if self.room is not None else None
        audited = Audited(self.now, self.name.text, action, where, target, detail, self.session.address)
        return Record(Changes((*changes, audited)))

    def told(self, answer: Answer | Lookup, record: Record, event: Deed) -> list[Delivery]:
        """The answer, what goes on record, and what those in the room read."""
        assert self.room is not None
        deliveries: list[Delivery] = [Reply(answer), record]
        if len(self.room):
            deliveries.append(ToRoom(self.room, (event,), self.room.audience, self.session))
        return deliveries


@frozen(eq=False)
class Person:
    """Somebody whom an order concerns."""

    name: UserName
    sessions: tuple[Session, ...]
    """Those that are there; none of an account that only holds a role."""
    standing: Standing
    own: Role
    """What they were made in the room."""
    account: UserName | None = None
