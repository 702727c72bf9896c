"""What holds in a room that is not simply open to all, and who is what in it."""

from collections.abc import Iterable, Iterator

from attrs import define, field, frozen

from wassop.core.modes import OPEN, RoomModes
from wassop.core.names import UserName
from wassop.core.restrictions import Restrictions
from wassop.core.roles import Role
from wassop.core.session import Session

_FORGET_SPEAKERS_FROM = 1_024


@define(eq=False)
class Rules:
    """A room without any has none of these at all, so that to speak there costs one look."""

    modes: RoomModes = OPEN
    restrictions: Restrictions = field(factory=Restrictions)
    _spoke_at: dict[str, float] = field(factory=dict)
    """When somebody may be heard again, by the key of the name: it outlives a connection."""

    def wait_s(self, name: UserName, now: float) -> float:
        """How long `name` has to wait with the next message in a room that is slow."""
        spoke_at = self._spoke_at.get(name.key)
        return 0.0 if spoke_at is None else max(0.0, spoke_at + self.modes.slow_s - now)

    def note_speaker(self, name: UserName, now: float) -> None:
        """`name` has said something."""
        if not self.modes.slow_s:
            return
        if len(self._spoke_at) >= _FORGET_SPEAKERS_FROM and name.key not in self._spoke_at:
            recent = now - self.modes.slow_s
            self._spoke_at = {key: at for key, at in self._spoke_at.items() if at > recent}
        self._spoke_at[name.key] = now


@frozen
class Held:
    """The role that an account holds in a room, whether it is there or not."""

    account: UserName
    role: Role


@define(eq=False)
class Roles:
    """Who is what in a room. A guest is it as long as it stays, an account for good."""

    _guests: dict[Session, Role] = field(factory=dict)
    _accounts: dict[str, Held] = field(factory=dict)

    def __len__(self) -> int:
        return len(self._guests) + len(self._accounts)

    def of(self, session: Session) -> Role:
        """What `session` was made here."""
        if session.account is not None:
            held = self._accounts.get(session.account.name.key)
            if held is not None:
                return held.role
        return self._guests.get(session, Role.MEMBER)

    @property
    def held(self) -> tuple[Held, ...]:
        """What accounts are on record, whether they are here or not."""
        return tuple(self._accounts.values())

    def held_by(self, account: UserName) -> Held | None:
        """What one of them is."""
        return self._accounts.get(account.key)

    def is_held(self, session: Session) -> bool:
        """Whether `session` is on record here, be it as an ordinary member: somebody let it in once."""
        return session.account is not None and session.account.name.key in self._accounts

    def as_guest(self, session: Session) -> Role:
        """What `session` was made, whatever its account is."""
        return self._guests.get(session, Role.MEMBER)

    def give(self, session: Session, role: Role) -> None:
        """To a guest."""
        if role is Role.MEMBER:
            self._guests.pop(session, None)
        else:
            self._guests[session] = role

    def hold(self, account: UserName, role: Role | None) -> None:
        """By an account; None: nothing any more."""
        if role is None:
            self._accounts.pop(account.key, None)
        else:
            self._accounts[account.key] = Held(account, role)

    def release(self, session: Session) -> None:
        """`session` has left."""
        self._guests.pop(session, None)

    def restore(self, held: Iterable[Held]) -> None:
        """What is on record."""
        for each in held:
            self._accounts[each.account.key] = each

    @property
    def owners(self) -> int:
        """How many own the room."""
        guests = sum(role is Role.OWNER for role in self._guests.values())
        return guests + sum(held.role is Role.OWNER for held in self._accounts.values())

    @property
    def told(self) -> Iterator[tuple[UserName, Role]]:
        """Who is more than a member, guests who are here and accounts on record."""
        for session, role in self._guests.items():
            if session.name is not None:
                yield session.name, role
        for held in self._accounts.values():
            if held.role > Role.MEMBER:
                yield held.account, held.role
