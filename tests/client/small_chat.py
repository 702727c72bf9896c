"""A chat of one room, without sockets: a server that can break anywhere, and the clients that talk there."""

from collections import deque
from collections.abc import Sequence

from attrs import define, evolve, field

from tests.client.story import LIMITS, Story, fresh
from wassop.client.happenings import Connected, Later, Lost, RetryDue
from wassop.client.line import Delivery, Kind, Line
from wassop.client.model import Online
from wassop.client.tab import room_key
from wassop.wire.native_messages import (
    All,
    ClientMessage,
    Error,
    Hello,
    History,
    HistoryPage,
    Join,
    Joined,
    Msg,
    Ok,
    Read,
    ReadUpTo,
    Said,
    SaidEntry,
    Say,
    ServerMessage,
    ToldLimits,
    Welcome,
)

ROOM = "Sala1"


@define(eq=False)
class Visitor:
    """A client and what is on its way from and to it."""

    story: Story
    up: deque[ClientMessage] = field(factory=deque)
    down: deque[ServerMessage] = field(factory=deque)
    is_in: bool = False
    is_member: bool = False
    said: int = 0

    def pump(self) -> None:
        """What the client wants to send goes on its way."""
        self.up.extend(self.story.sent)
        self.story.sent.clear()

    def hear(self, count: int) -> None:
        for _ in range(min(count, len(self.down))):
            self.story.hears(self.down.popleft())
        self.pump()

    def connect(self) -> None:
        if self.story.state.online in (Online.CONNECTING, Online.AWAY):
            self.story.happens(Connected())
            self.pump()

    def lose(self) -> None:
        if self.story.state.online in (Online.ENTERING, Online.READY):
            self.up.clear()
            self.down.clear()
            self.is_in = self.is_member = False
            self.story.happens(Lost())
            self.pump()

    @property
    def talk(self) -> list[str]:
        return [line.text for line in self.lines if line.kind is Kind.TALK]

    @property
    def lines(self) -> Sequence[Line]:
        """What stands in the room's tab."""
        tab = self.story.state.tabs.get(room_key(ROOM))
        return tab.lines if tab is not None else ()

    @property
    def numbers(self) -> list[int]:
        return [line.seq for line in self.lines if line.seq]

    @property
    def delivered(self) -> set[str]:
        """What this client knows to be stored."""
        return {
            line.text
            for line in self.lines
            if line.own and line.delivery is Delivery.DONE and line.kind is Kind.TALK
        }


@define(eq=False)
class SmallChat:
    """Tells what is said at once, stores it later, and forgets in a crash what was not stored."""

    remembered: int = 200
    """How many messages come with a welcome; all that is stored can be paged."""
    keeps: bool = True
    epoch: int = 1
    log: list[SaidEntry] = field(factory=list)
    runs: list[int] = field(factory=list)
    stored: int = 0
    fails: bool = False
    unanswered: list[tuple[Visitor, int, ClientMessage]] = field(factory=list)
    visitors: list[Visitor] = field(factory=list)

    def visitor(self, name: str) -> Visitor:
        state = evolve(fresh(name, (ROOM,)), nonce_prefix=name)
        visitor = Visitor(Story(state))
        self.visitors.append(visitor)
        return visitor

    @property
    def limits(self) -> ToldLimits:
        return ToldLimits(*(getattr(LIMITS, n) for n in LIMITS.__struct_fields__[:5]), self.remembered, 120.0)

    @property
    def members(self) -> list[str]:
        return [v.story.state.wanted_name or "" for v in self.visitors if v.is_in]

    def crash(self) -> None:
        """All connections break, and what was not stored is gone."""
        kept = self.stored if self.keeps else 0
        del self.log[kept:], self.runs[kept:]
        self.stored, self.epoch = kept, self.epoch + 1
        self.unanswered.clear()
        for visitor in self.visitors:
            visitor.lose()

    def commit(self, count: int) -> None:
        """So many messages get their answer."""
        for _ in range(min(count, len(self.unanswered))):
            visitor, seq, message = self.unanswered.pop(0)
            if self.fails:
                answer: ServerMessage = Error("not-stored", "Later.", re=message.id)
            else:
                self.stored = max(self.stored, seq)
                answer = Ok(re=message.id, seq=seq, at=self.log[seq - 1].at)
            # An answer may overtake what others said.
            others = [place for place, each in enumerate(visitor.down, 1) if not isinstance(each, Said)]
            if visitor.is_in:
                visitor.down.insert(others[-1] if others else 0, answer)

    def take(self, visitor: Visitor, count: int) -> None:
        """Do what the visitor asks."""
        for _ in range(min(count, len(visitor.up))):
            self._do(visitor, visitor.up.popleft())

    def settle(self) -> None:
        """Let everything come to rest, with all connections whole and the disk working."""
        self.fails = False
        for _ in range(200):
            for visitor in self.visitors:
                visitor.connect()
                self.take(visitor, 99)
                self.commit(99)
                visitor.hear(99)
                due = [e.happening for e in visitor.story.effects if isinstance(e, Later)]
                visitor.story.effects.clear()
                visitor.story.happens(*(d for d in due if isinstance(d, RetryDue)))
                visitor.pump()
            if not any(v.up or v.down for v in self.visitors) and not self.unanswered:
                return
        raise AssertionError("it never comes to rest")

    def _tell(self, visitor: Visitor, message: ServerMessage) -> None:
        if visitor.is_in:
            visitor.down.append(message)

    def _do(self, visitor: Visitor, message: ClientMessage) -> None:
        match message:
            case Hello():
                self._welcome(visitor, message)
            case Join(room):
                if room == ROOM:
                    visitor.is_member = True
                    history = self._recent(message.history)
                    joined = Joined(ROOM, len(self.log), self.members, history, re=message.id)
                else:
                    joined = Joined(room, 0, self.members, [], re=message.id)
                self._tell(visitor, joined)
            case Say():
                self._say(visitor, message)
            case History(before=before, after=after, limit=limit):
                found = self._page(before, after)
                page = found[:limit] if after is not None else found[-limit:]
                more = len(found) > len(page)
                self._tell(visitor, HistoryPage(ROOM, page, more, re=message.id))
            case Read(seq=None):
                self._tell(visitor, ReadUpTo(message.room, 0, re=message.id))
            case Read():
                pass
            case Msg() | All():
                raise AssertionError("nobody says that here")
            case _:
                pass

    def _page(self, before: int | None, after: int | None) -> list[SaidEntry]:
        oldest = 0 if self.keeps else len(self.log) - self.remembered
        return [
            m
            for m in self.log
            if m.seq > oldest and (before is None or m.seq < before) and (after is None or m.seq > after)
        ]

    def _recent(self, count: int) -> list[SaidEntry]:
        return self.log[max(0, len(self.log) - min(count, self.remembered)) :] if count else []

    def _welcome(self, visitor: Visitor, hello: Hello) -> None:
        visitor.is_in = True  # so that it can be told anything
        rooms = []
        for room, seen in (hello.resume or {}).items():
            if room != ROOM:
                rooms.append(Joined(room, 0, self.members, [], since=0))
                continue
            since = seen
            if hello.epoch != self.epoch:
                known = [seq for seq, run in enumerate(self.runs, 1) if seq <= seen and run <= hello.epoch]
                since = max(known, default=0) if self.keeps else 0
            history = self._recent(len(self.log) - since)
            complete = len(self.log) - since <= self.remembered
            rooms.append(Joined(ROOM, len(self.log), self.members, history, since, complete))
        visitor.is_member = ROOM in (hello.resume or {})
        self._tell(
            visitor,
            Welcome(1, hello.name, "small", "en", "General", self.limits, self.epoch, rooms, re=hello.id),
        )

    def _say(self, visitor: Visitor, say: Say) -> None:
        author = visitor.story.state.wanted_name or ""
        for known in self.log:
            if (known.author, known.nonce) == (author, say.nonce):
                self.unanswered.append((visitor, known.seq, say))
                return
        seq = len(self.log) + 1
        self.log.append(SaidEntry(seq, author, say.text, 1000.0 + seq, nonce=say.nonce))
        self.runs.append(self.epoch)
        self.unanswered.append((visitor, seq, say))
        for other in self.visitors:
            if other is not visitor and other.is_member:
                self._tell(other, Said(ROOM, seq, author, say.text, 1000.0 + seq, nonce=say.nonce))
