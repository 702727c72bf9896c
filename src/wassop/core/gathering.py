"""Sessions that hear the same things."""

from collections.abc import Iterable, Iterator

from attrs import define, field

from wassop.core.names import UserName
from wassop.core.session import Audience, Membership, Session


@define(eq=False)
class Gathering:
    """Who belongs to it, in the order in which they came, and the audience that they are."""

    _members: dict[Session, Membership] = field(factory=dict, init=False, repr=False)
    _audience: Audience | None = field(default=None, init=False, repr=False)
    _twins: int = field(default=0, init=False, repr=False)
    """How many members have the name of one who came before them."""

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, session: Session) -> bool:
        return session in self._members

    def __iter__(self) -> Iterator[Session]:
        return iter(self._members)

    @property
    def audience(self) -> Audience:
        """The members of this moment; the same object until somebody comes or goes."""
        if self._audience is None:
            self._audience = Audience(self._members.values())
        return self._audience

    @property
    def names(self) -> tuple[UserName, ...]:
        """The members' names in the order in which they came, each once."""
        names = tuple(session.name for session in self._members if session.name is not None)
        return tuple(dict.fromkeys(names)) if self._twins else names

    @property
    def count(self) -> int:
        """How many names there are."""
        return len(self._members) - self._twins

    def admit(self, session: Session, *, is_twin: bool = False) -> None:
        """Make `session` a member; `is_twin`: another one of the same name is there already."""
        self._members[session] = Membership(session)
        self._twins += is_twin
        self._change()

    def release(self, session: Session, *, is_twin: bool = False) -> None:
        """End the membership of `session`; nothing more is delivered to it on its account. `is_twin`: another
        one of the same name stays."""
        self._members.pop(session).present = False
        self._twins -= is_twin
        self._change()

    def count_twin(self) -> None:
        """A member has the name of another one from now on."""
        self._twins += 1

    def renew(self, session: Session) -> None:
        """End the membership of `session` and begin another in the same place."""
        self._members[session].present = False
        self._members[session] = Membership(session)
        self._change()

    @staticmethod
    def union(gatherings: Iterable["Gathering"]) -> Audience:
        """The members of all of them at this moment, each once."""
        members: dict[Session, Membership] = {}
        for gathering in gatherings:
            members |= gathering._members
        return Audience(members.values())

    def _change(self) -> None:
        if self._audience is not None:
            self._audience.is_current = False
            self._audience = None
