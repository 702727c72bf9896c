"""One step of the state: what it becomes, and what is to be done, gathered on the way."""

from collections.abc import Callable
from typing import Any, Final

from attrs import evolve

from wassop.client.asked import Asked, AskedJoin, AskedRooms
from wassop.client.days import day_of, day_text
from wassop.client.happenings import Effect, Send
from wassop.client.model import Kind, Line, Place, Room, State
from wassop.locale import Translations
from wassop.wire.native_messages import ClientMessage, Join, Rooms

MAX_LINES: Final = 10_000
"""How many lines are kept; more would only slow down."""
HISTORY: Final = 50
"""How many older messages a room is entered with, and fetched at a time."""


class Turn:
    """The verbs that everything which can happen is told in. `state` is replaced, never changed."""

    def __init__(self, state: State, at: float) -> None:
        self.state = state
        self.at: Final = at
        self.effects: Final[list[Effect]] = []

    @property
    def tr(self) -> Translations:
        """The reader's language."""
        return self.state.tr

    def change(self, **changes: Any) -> None:
        """Replace attributes of the state."""
        self.state = evolve(self.state, **changes)

    def ask(self, asked: Asked, request: Callable[[int], ClientMessage]) -> None:
        """Send the request that is made with a new id, and remember what its answer will mean."""
        number = self.state.next_id
        self.change(next_id=number + 1, asked={**self.state.asked, number: asked})
        self.effects.append(Send(request(number)))

    def answered(self, number: object) -> Asked | None:
        """What request `number` was, which is now answered."""
        if not isinstance(number, int) or number not in self.state.asked:
            return None
        rest = dict(self.state.asked)
        asked = rest.pop(number)
        self.change(asked=rest)
        return asked

    # Lines

    def show(self, kind: Kind, text: str, **details: Any) -> int:
        """Add a line to the history, and the date before it when that is another; its number."""
        day = day_of(details.get("at"))
        if day is not None and day != (self.state.day or day_of(self.at)):
            self.change(day=day)
            self.show(Kind.DIVIDER, day_text(day, self.tr), day=day)
        line = self.make(kind, text, **details)
        self.change(lines=(*self.state.lines, line))
        if len(self.state.lines) > MAX_LINES:
            self._drop_oldest(MAX_LINES // 10)
        return line.number

    def make(self, kind: Kind, text: str, **details: Any) -> Line:
        """A line with a number of its own that is nowhere yet."""
        number = self.state.next_line
        self.change(next_line=number + 1)
        return Line(number, kind, text, **details)

    def notice(self, text: str) -> None:
        """A line of the client's own."""
        self.show(Kind.NOTICE, text)

    def error(self, text: str) -> None:
        """Something that went wrong."""
        self.show(Kind.ERROR, text)

    def place_of(self, number: int | None) -> int | None:
        """Where line `number` stands; None if it is no longer there."""
        lines = self.state.lines
        return next((i for i in range(len(lines) - 1, -1, -1) if lines[i].number == number), None)

    def change_line(self, number: int, **changes: Any) -> None:
        """Replace attributes of a line, if it is still there."""
        place = self.place_of(number)
        if place is not None:
            self.splice(place, 1, evolve(self.state.lines[place], **changes))

    def remove_line(self, number: int | None) -> None:
        """Take a line out, if it is still there."""
        place = self.place_of(number)
        if place is not None:
            self.splice(place, 1)

    def splice(self, place: int, remove: int, *lines: Line) -> None:
        """Put `lines` where `remove` others stood."""
        old = self.state.lines
        self.change(lines=(*old[:place], *lines, *old[place + remove :]))

    def _drop_oldest(self, count: int) -> None:
        dropped = self.state.lines[:count]
        self.change(lines=self.state.lines[count:])
        newest: dict[str, int] = {}
        for line in dropped:
            if line.origin is not None and line.seq is not None:
                newest[line.origin] = max(line.seq, newest.get(line.origin, 0))
        for room in self.state.rooms.values():
            seq = newest.get(room.key, 0)
            if seq >= room.oldest:  # otherwise it was said before one came this time
                self.put_room(evolve(room, oldest=seq + 1, is_whole=False))

    # Rooms

    def put_room(self, room: Room) -> None:
        """Remember `room` as it is now."""
        self.change(rooms={**self.state.rooms, room.name: room})

    def enter(self, room: str) -> None:
        """Make `room`, which one is in, the current one."""
        self.change(place=Place.ROOM, current=room, confirming=False)

    def join(self, room: str, *, or_menu: bool = False) -> None:
        """Ask to be let into `room`."""
        self.ask(AskedJoin(room, or_menu), lambda number: Join(room, history=HISTORY, id=number))

    def to_menu(self) -> None:
        """Go to the main menu, which shows itself when the rooms are known."""
        self.change(place=Place.MENU, current=None, confirming=False)
        self.ask(AskedRooms("menu"), lambda number: Rooms(id=number))

    def is_asked(self, kind: type[Asked]) -> bool:
        """Whether an answer to such a request is under way."""
        return any(isinstance(asked, kind) for asked in self.state.asked.values())
