"""A client's state driven by hand: what happens goes in, lines and effects come out."""

import gettext

from attrs import define, field

from wassop.client.happenings import Act, Connected, Effect, Happening, KeepInput, Lost, Received, Send, Typed
from wassop.client.lines import fragments_of
from wassop.client.model import State
from wassop.client.state import opened, reduce
from wassop.wire.native_messages import (
    ClientMessage,
    Hello,
    Join,
    Joined,
    Ok,
    RoomLine,
    Rooms,
    RoomsAre,
    SaidEntry,
    ServerMessage,
    ToldLimits,
    Welcome,
)

LIMITS = ToldLimits(
    line_bytes=16_384, text_bytes=4_096, name_chars=32, room_chars=64, rooms=100, history=200, ping_s=120.0
)
ENGLISH = gettext.NullTranslations()


def fresh(name: str | None = None, rooms: tuple[str, ...] = ()) -> State:
    """A client that has not connected yet."""
    return opened(
        State(
            tr=ENGLISH, lang="en", server="chat:5555", nonce_prefix="n", wanted_name=name, wanted_rooms=rooms
        )
    )


def entry(seq: int, author: str, text: str, at: float | None = None, nonce: str | None = None) -> SaidEntry:
    """A message of a history; its time follows from its number unless it is told."""
    return SaidEntry(seq, author, text, 1000.0 + seq if at is None else at, nonce=nonce)


def resumed(
    room: str,
    seq: int,
    *history: SaidEntry,
    since: int | None = None,
    complete: bool = True,
    members: tuple[str, ...] = ("ana",),
) -> Joined:
    """A room as one finds it on coming back; `since` is where a complete history begins unless it is told."""
    if since is None:
        since = seq - len(history)
    return Joined(room, seq, list(members), list(history), since, complete)


@define
class Story:
    """One client. What it sends is kept until it is looked at."""

    state: State = field(factory=fresh)
    sent: list[ClientMessage] = field(factory=list)
    effects: list[Effect] = field(factory=list)
    now: float = 5000.0

    def happens(self, *happenings: Happening) -> "Story":
        for happening in happenings:
            self.state, effects = reduce(self.state, happening, self.now)
            self.effects += effects
            self.sent += [effect.message for effect in effects if isinstance(effect, Send)]
        return self

    def hears(self, *messages: ServerMessage) -> "Story":
        return self.happens(*(Received(message) for message in messages))

    def types(self, *lines: str) -> "Story":
        return self.happens(*(Typed(line) for line in lines))

    def last(self, kind: type) -> ClientMessage:
        """The newest message of that kind that was sent."""
        return next(message for message in reversed(self.sent) if isinstance(message, kind))

    def forget(self) -> "Story":
        """Look only at what comes from here on."""
        self.sent, self.effects = [], []
        return self

    @property
    def kept_input(self) -> bool:
        return any(isinstance(effect, KeepInput) for effect in self.effects)

    @property
    def texts(self) -> list[str]:
        """The lines of the conversation that is shown as they read, without times."""
        return self.texts_on(self.state.here)

    def texts_on(self, key: str) -> list[str]:
        """The lines of the tab `key`; none if it is not there."""
        return [
            "".join(text for style, text in fragments_of(line, self.state.tr) if style != "class:time")
            for line in (self.state.tabs[key].lines if key in self.state.tabs else ())
        ]

    def acts(self, *actions: str) -> "Story":
        """Keys are pressed."""
        return self.happens(*(Act(action) for action in actions))

    def welcomed(self, *rooms: Joined, epoch: int = 1) -> "Story":
        hello = self.last(Hello)
        return self.hears(
            Welcome(1, hello.name, "wassop", "en", "General", LIMITS, epoch, list(rooms), re=hello.id)
        )

    def joined(self, seq: int = 0, *history: SaidEntry, members: tuple[str, ...] = ("ana",)) -> "Story":
        """The server answers the newest join."""
        join = self.last(Join)
        return self.hears(Joined(join.room, seq, list(members), list(history), re=join.id))

    def lobby_joined(self, *people: str, seq: int = 0) -> "Story":
        join = next(m for m in self.sent if isinstance(m, Join) and m.room == "General")
        return self.hears(Joined("General", seq, list(people), [], re=join.id))

    def rooms_are(self, **rooms: int) -> "Story":
        lines = [RoomLine(room, count) for room, count in rooms.items()]
        return self.hears(RoomsAre(lines, re=self.last(Rooms).id))

    def acknowledged(self, message: ClientMessage, seq: int | None, at: float = 6000.0) -> "Story":
        return self.hears(Ok(re=message.id, seq=seq, at=at))


def in_room(
    room: str = "Sala1", seq: int = 0, *history: SaidEntry, members: tuple[str, ...] = ("ana",)
) -> Story:
    """ana, alone or with others in a room, nothing else under way."""
    story = Story(fresh("ana", (room,))).happens(Connected()).welcomed().lobby_joined("ana", "bob")
    return story.joined(seq, *history, members=members).forget()


def lost(story: Story) -> Story:
    """The connection is gone, and a new one is there."""
    return story.happens(Lost()).forget().happens(Connected())
