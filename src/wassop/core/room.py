"""One room: who is in it, how far its messages are numbered, and the newest of them."""

import sys
from collections import deque
from collections.abc import Iterator
from typing import Final

from attrs import define, field

from wassop.core.events import Presence, Said
from wassop.core.names import RoomName, UserName
from wassop.core.session import Audience, Membership, Session

_MESSAGE_BYTES: Final = 420
"""What a message takes besides its text, measured with tracemalloc on CPython 3.11."""


@define(eq=False)
class Room:
    """A room's state. Only the hub changes it."""

    name: RoomName
    permanent: bool
    max_recent: int
    max_recent_bytes: int = 262_144
    seq: int = 0
    recent_bytes: int = 0
    """About how much memory the newest messages take."""
    _members: dict[Session, Membership] = field(factory=dict, repr=False)
    _audience: Audience | None = field(default=None, repr=False)
    _recent: deque[Said] = field(factory=deque, repr=False)
    _by_nonce: dict[tuple[str, str], Said] = field(factory=dict, repr=False)
    _nonces: deque[tuple[int, tuple[str, str]]] = field(factory=deque, repr=False)
    _news: dict[UserName, str] = field(factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, session: Session) -> bool:
        return session in self._members

    def __iter__(self) -> Iterator[Session]:
        return iter(self._members)

    @property
    def audience(self) -> Audience:
        """The members of this moment; the same tuple until somebody comes or goes."""
        if self._audience is None:
            self._audience = tuple(self._members.values())
        return self._audience

    @property
    def names(self) -> tuple[UserName, ...]:
        """The members' names in the order in which they came."""
        return tuple(session.name for session in self._members if session.name is not None)

    def admit(self, session: Session) -> None:
        """Make `session` a member."""
        self._members[session] = Membership(session)
        self._audience = None

    def release(self, session: Session) -> None:
        """End the membership of `session`; nothing more is delivered to it on its account."""
        self._members.pop(session).present = False
        self._audience = None

    def renew(self, session: Session) -> None:
        """End the membership of `session` and begin another in the same place."""
        self._members[session].present = False
        self.admit(session)

    # Messages

    def append(self, author: UserName, text: str, at: float, nonce: str | None, *, to_all: bool) -> Said:
        """Number a message and remember it."""
        self.seq += 1
        said = Said(self.name, self.seq, author, text, at, to_all)
        self._recent.append(said)
        self.recent_bytes += _size(said)
        if nonce is not None:
            self._by_nonce[author.key, nonce] = said
            self._nonces.append((self.seq, (author.key, nonce)))
        while len(self._recent) > self.max_recent or self.recent_bytes > self.max_recent_bytes:
            self.forget_oldest()
        return said

    def forget_oldest(self) -> None:
        """Forget the oldest message that is remembered, and its author's name for it."""
        oldest = self._recent.popleft()
        self.recent_bytes -= _size(oldest)
        while self._nonces and self._nonces[0][0] <= oldest.seq:
            del self._by_nonce[self._nonces.popleft()[1]]

    def said_before(self, author: UserName, nonce: str) -> Said | None:
        """The message that `author` said with this `nonce`, if it is among the newest."""
        return self._by_nonce.get((author.key, nonce))

    def newest(self, count: int) -> tuple[Said, ...]:
        """At most `count` of the newest messages, oldest first."""
        first = max(0, len(self._recent) - count)
        return tuple(self._recent[i] for i in range(first, len(self._recent)))

    def after(self, seq: int) -> tuple[tuple[Said, ...], bool]:
        """The messages after number `seq`, and whether these are all of them."""
        missed = self.seq - seq
        if missed < 0:  # the visitor comes from another life of this room, which was numbered further
            return self.newest(self.max_recent), False
        return self.newest(missed), missed <= len(self._recent)

    # Notices of coming and going that wait to be told together

    def note(self, name: UserName, what: str) -> None:
        """Remember that `name` "joined", "left" or is "gone"; only the last of these is told.

        Coming and going do not cancel out: somebody may have read the members' names in between.
        """
        self._news.pop(name, None)
        self._news[name] = what

    def take_news(self) -> Presence:
        """What was noted, as one notice; nothing waits afterwards."""
        news, self._news = self._news, {}
        told = {
            kind: tuple(n for n, what in news.items() if what == kind) for kind in ("joined", "left", "gone")
        }
        return Presence(self.name, told["joined"], told["left"], told["gone"])


def _size(said: Said) -> int:
    return _MESSAGE_BYTES + sys.getsizeof(said.text)
