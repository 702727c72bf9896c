"""One room: who is in it, how far its messages are numbered, and the newest of them."""

import sys
from collections import deque
from typing import Final

from attrs import define, evolve, field

from wassop.core.events import Kind, Presence, Quote, Said, TopicSet
from wassop.core.gathering import Gathering
from wassop.core.names import RoomName, UserName
from wassop.core.records import RoomRecord
from wassop.core.rules import Roles, Rules

_MESSAGE_BYTES: Final = 444
"""What a message takes besides its text, measured with tracemalloc on CPython 3.11."""
_QUOTE_BYTES: Final = 500
"""And what a quote takes at most."""


@define(eq=False)
class Room(Gathering):
    """A room's state. Only the hub changes it."""

    name: RoomName
    permanent: bool
    max_recent: int
    max_recent_bytes: int = 262_144
    seq: int = 0
    recent_bytes: int = 0
    """About how much memory the newest messages take."""
    topic: TopicSet | None = None
    """The last one that was set, be it an empty one."""
    rules: Rules | None = None
    """What holds here; None where simply everybody may come in and speak."""
    roles: Roles | None = None
    """Who is more than a member here; None where nobody is."""
    _recent: deque[Said] = field(factory=deque, repr=False)
    _by_nonce: dict[tuple[str, str], Said] = field(factory=dict, repr=False)
    _news: dict[UserName, str] = field(factory=dict, repr=False)

    # Messages

    def append(
        self,
        author: UserName,
        text: str,
        at: float,
        nonce: str | None,
        *,
        to_all: bool,
        kind: Kind = Kind.SAY,
        about: int | None = None,
        quoted: Quote | None = None,
    ) -> Said:
        """Number a message and remember it."""
        self.seq += 1
        said = Said(self.name, self.seq, author, text, at, to_all, nonce, kind, about, quoted)
        self._remember(said)
        return said

    def set_topic(self, text: str, by: UserName, at: float) -> TopicSet:
        """Remember what the room is about; the time may be put off a little, as `TopicSet` says."""
        later = at if self.topic is None else max(at, self.topic.at + 0.001)
        self.topic = TopicSet(self.name, text, by, round(later, 3))
        return self.topic

    @property
    def told_topic(self) -> TopicSet | None:
        """What the room is about, if anything."""
        return self.topic if self.topic is not None and self.topic.text else None

    # Order

    @property
    def stays(self) -> bool:
        """Whether it is on the list also when nobody is in it."""
        return self.permanent or (self.rules is not None and self.rules.modes.permanent)

    @property
    def is_worth_remembering(self) -> bool:
        """Whether a room of that name would not be the same without what is known of this one."""
        return bool(self.seq) or self.topic is not None or self.rules is not None or self.roles is not None

    def rules_to_change(self) -> Rules:
        """What holds here; call `settle_rules` when it was changed."""
        if self.rules is None:
            self.rules = Rules()
        return self.rules

    def roles_to_change(self) -> Roles:
        """Who is what here; call `settle_rules` when it was changed."""
        if self.roles is None:
            self.roles = Roles()
        return self.roles

    def settle_rules(self) -> None:
        """Keep no rules that rule nothing, so that it costs a look to see that there are none."""
        if self.rules is not None and not self.rules.modes and not len(self.rules.restrictions):
            self.rules = None
        if self.roles is not None and not len(self.roles):
            self.roles = None

    def restore_rules(self, record: RoomRecord) -> None:
        """Go on with what is on record, unless it is known what holds."""
        if self.rules is None and (record.modes or record.restrictions):
            rules = self.rules_to_change()
            rules.modes = record.modes
            for restriction in record.restrictions:
                rules.restrictions.add(restriction)
        if self.roles is None and record.roles:
            self.roles_to_change().restore(record.roles)

    def restore(self, seq: int, recent: tuple[Said, ...]) -> None:
        """Go on from what is on record: messages up to number `seq`, of which these are the newest."""
        self.seq = seq
        for said in recent:
            self._remember(said)

    def _remember(self, said: Said) -> None:
        recent = self._recent
        recent.append(said)
        self.recent_bytes += _size(said)
        if said.nonce is not None:
            self._by_nonce[said.author.key, said.nonce] = said
        while len(recent) > self.max_recent or self.recent_bytes > self.max_recent_bytes:
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """Forget the oldest message that is remembered, and its author's name for it."""
        oldest = self._recent.popleft()
        self.recent_bytes -= _size(oldest)
        if oldest.nonce is not None and self._by_nonce.get((oldest.author.key, oldest.nonce)) is oldest:
            del self._by_nonce[oldest.author.key, oldest.nonce]

    def said_before(self, author: UserName, nonce: str) -> Said | None:
        """The message that `author` said with this `nonce`, if it is among the newest."""
        return self._by_nonce.get((author.key, nonce))

    # Messages about messages

    def decides(self, seq: int) -> bool:
        """Whether it is known here what message `seq` is, if there is one."""
        first = self._recent[0].seq if self._recent else self.seq + 1
        return seq < 1 or seq >= first

    def as_it_reads(self, seq: int, stored: Said | None) -> Said | None:
        """Message `seq` with the text that counts now; `stored` is what the record knew of it, if asked."""
        found = stored
        for said in self._recent:
            if said.seq == seq:
                found = said
            elif said.about == seq and found is not None and said.kind in (Kind.EDIT, Kind.DELETE):
                found = evolve(found, text=said.text)
        return found

    def forget_texts(self, seq: int) -> None:
        """Message `seq` was deleted: nothing of it and of its edits is remembered but the numbers."""
        for place, said in enumerate(self._recent):
            if said.seq == seq or (said.about == seq and said.kind is Kind.EDIT):
                self._replace(place, evolve(said, text=""))

    def quote_anew(self, seq: int, quote: Quote) -> None:
        """Message `seq` reads differently now, and so does what quotes it."""
        for place, said in enumerate(self._recent):
            if said.about == seq and said.quoted is not None:
                self._replace(place, evolve(said, quoted=quote))

    def _replace(self, place: int, said: Said) -> None:
        before, self._recent[place] = self._recent[place], said
        self.recent_bytes += _size(said) - _size(before)
        if said.nonce is not None and self._by_nonce.get((said.author.key, said.nonce)) is before:
            self._by_nonce[said.author.key, said.nonce] = said

    def newest(self, count: int) -> tuple[Said, ...]:
        """At most `count` of the newest messages, oldest first."""
        first = max(0, len(self._recent) - count)
        return tuple(self._recent[i] for i in range(first, len(self._recent)))

    def after(self, seq: int) -> tuple[tuple[Said, ...], bool]:
        """The messages after number `seq`, and whether these are all of them."""
        # Not so many of the newest: what could not be stored leaves holes in what is restored.
        found = tuple(said for said in self.newest(self.seq - seq) if said.seq > seq)
        return found, self.seq - seq <= len(self._recent)

    def page(self, before: int | None, after: int | None, limit: int) -> tuple[tuple[Said, ...], bool] | None:
        """At most `limit` messages before or after a number, and whether there are more in that direction;
        None when that reaches back further than is remembered here."""
        first = self.seq - len(self._recent) + 1
        if after is not None:
            reaches_back = after + 1 < first
        else:
            end = self.seq + 1 if before is None else min(before, self.seq + 1)
            reaches_back = first > 1 and end - limit <= first
        return None if reaches_back else self.remembered_page(before, after, limit)

    def remembered_page(
        self, before: int | None, after: int | None, limit: int
    ) -> tuple[tuple[Said, ...], bool]:
        """The same of what is remembered here, which may be less than there was."""
        if after is not None:
            found = tuple(said for said in self._recent if said.seq > after)
            return found[:limit], len(found) > limit
        found = tuple(said for said in self._recent if before is None or said.seq < before)
        return found[-limit:] if limit else (), len(found) > limit

    # Notices of coming and going that wait to be told together

    def note(self, name: UserName, what: str) -> None:
        """Remember that `name` "joined", "left" or is "gone"; only the last of these is told.

        Coming and going do not cancel out: somebody may have read the members' names in between.
        """
        self._news.pop(name, None)
        self._news[name] = what

    def forget_news(self, name: UserName) -> None:
        """What was noted of `name` is not told: something else was."""
        self._news.pop(name, None)

    def take_news(self) -> Presence:
        """What was noted, as one notice; nothing waits afterwards."""
        if not self._news:
            return Presence(self.name)
        news, self._news = self._news, {}
        told = {
            kind: tuple(n for n, what in news.items() if what == kind) for kind in ("joined", "left", "gone")
        }
        return Presence(self.name, told["joined"], told["left"], told["gone"])


def _size(said: Said) -> int:
    size = _MESSAGE_BYTES + sys.getsizeof(said.text)
    return size if said.quoted is None else size + _QUOTE_BYTES
