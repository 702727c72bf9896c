"""Who is here under which name: a guest's is one session's, an account's that of all its sessions."""

from collections.abc import Sequence

from wassop.core.deliveries import ToRoom
from wassop.core.events import Roster
from wassop.core.gathering import Gathering
from wassop.core.names import UserName
from wassop.core.room import Room
from wassop.core.session import Session


class People:
    """All sessions that have a name, and the list of names that some of them are told whenever it changes."""

    def __init__(self) -> None:
        self.everyone = Gathering()
        self._by_key: dict[str, list[Session]] = {}
        self._by_skeleton: dict[str, UserName] = {}
        self._roster_readers = Gathering()
        self._roster_is_stale = False
        # Who came last, if nobody has gone since: it has just read the list, with all that changed before.
        self._last_newcomer: Session | None = None

    # By name

    def is_taken(self, name: UserName) -> bool:
        """Whether somebody is here under that name, or one that looks like it."""
        return name.key in self._by_key or name.skeleton in self._by_skeleton

    def named(self, name: UserName) -> Sequence[Session]:
        """The sessions that are here under that name, in the order in which they came."""
        return self._by_key.get(name.key, ())

    def lookalikes(self, name: UserName) -> Sequence[Session]:
        """The sessions that are here under that name, or one that looks like it."""
        other = self._by_skeleton.get(name.skeleton, name)
        same = self._by_key.get(name.key, ())
        return [*same, *(() if other == name else self._by_key[other.key])]

    def is_twin(self, session: Session, where: Gathering) -> bool:
        """Whether another session of the same name is there, so that nobody notices this one come or go."""
        assert session.name is not None
        here = self._by_key[session.name.key]
        return len(here) > 1 and any(other is not session and other in where for other in here)

    # Coming and going

    def admit(self, session: Session, name: UserName, *, roster: bool = False) -> None:
        """`session` is here as `name` now; with `roster` it is told who is here whenever that changes."""
        session.name = name
        here = self._by_key.get(name.key)
        if here is None:
            self._by_key[name.key] = [session]
            self._by_skeleton[name.skeleton] = name
            self.everyone.admit(session)
            self._last_newcomer = session
            self._roster_is_stale = len(self._roster_readers) > 0 or roster
        else:
            here.append(session)
            self.everyone.admit(session, is_twin=True)
        if roster:
            self._roster_readers.admit(session)

    def release(self, session: Session) -> None:
        """`session` has no name any more."""
        name = session.name
        assert name is not None
        here = self._by_key[name.key]
        here.remove(session)
        self.everyone.release(session, is_twin=bool(here))
        if not here:
            del self._by_key[name.key], self._by_skeleton[name.skeleton]
            self._roster_is_stale, self._last_newcomer = len(self._roster_readers) > 0, None
        if session in self._roster_readers:
            self._roster_readers.release(session)
        session.name = None

    # The list of names

    @property
    def has_news(self) -> bool:
        """Whether somebody waits to be told who is here."""
        return self._roster_is_stale and bool(len(self._roster_readers))

    def take_news(self, lobby: Room) -> list[ToRoom]:
        """The list of all who are here, for those who keep one, if it has changed since the last call."""
        told = []
        if self.has_news:
            roster = Roster(self.everyone.names)
            told = [ToRoom(lobby, (roster,), self._roster_readers.audience, self._last_newcomer)]
        self._roster_is_stale, self._last_newcomer = False, None
        return told
