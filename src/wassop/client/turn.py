"""One step of the state: what it becomes, and what is to be done, gathered on the way."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.model import (
    Asked,
    AskedMessage,
    AskedRooms,
    Delivery,
    Effect,
    Kind,
    Line,
    Pending,
    Place,
    Room,
    Send,
    State,
)
from wassop.locale import Translations
from wassop.wire.native_messages import ClientMessage, Rooms

MAX_LINES: Final = 10_000
"""How far back one can read; more would only slow down."""


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
        day = _day(details.get("at"))
        if day is not None and day != (self.state.day or _day(self.at)):
            text_of_day = self.tr.gettext("{year}-{month:02}-{day:02}")
            self.change(day=day)
            self.show(Kind.DIVIDER, text_of_day.format(year=day.year, month=day.month, day=day.day))
        number = self.state.next_line
        lines = (*self.state.lines, Line(number, kind, text, **details))
        if len(lines) > MAX_LINES:
            lines = lines[MAX_LINES // 10 :]
        self.change(lines=lines, next_line=number + 1)
        return number

    def notice(self, text: str) -> None:
        """A line of the client's own."""
        self.show(Kind.NOTICE, text)

    def error(self, text: str) -> None:
        """Something that went wrong."""
        self.show(Kind.ERROR, text)

    def change_line(self, number: int, **changes: Any) -> None:
        """Replace attributes of a line, if it is still there."""
        lines = self.state.lines
        index = number - lines[0].number if lines else -1
        if 0 <= index < len(lines):
            self.change(lines=(*lines[:index], evolve(lines[index], **changes), *lines[index + 1 :]))

    # Rooms

    def put_room(self, room: Room) -> None:
        """Remember `room` as it is now."""
        self.change(rooms={**self.state.rooms, room.name: room})

    def enter(self, room: str) -> None:
        """Make `room`, which one is in, the current one."""
        self.change(place=Place.ROOM, current=room, confirming=False)

    def to_menu(self) -> None:
        """Go to the main menu, which shows itself when the rooms are known."""
        self.change(place=Place.MENU, current=None, confirming=False)
        self.ask(AskedRooms("menu"), lambda number: Rooms(id=number))

    # Messages of one's own

    def deliver(self, pending: Pending) -> None:
        """Send a message of one's own now."""
        self.ask(AskedMessage(pending.line), lambda number: replace(pending.message, id=number))
        sent = evolve(pending, was_sent=True)
        self.change(pending=tuple(sent if p.line == pending.line else p for p in self.state.pending))

    def settle(self, line: int, delivery: Delivery, at: float | None = None) -> Pending | None:
        """A message is delivered, or will never be; what it was."""
        for pending in self.state.pending:
            if pending.line == line:
                self.change(pending=tuple(p for p in self.state.pending if p.line != line))
                self.change_line(line, delivery=delivery, **({} if at is None else {"at": at}))
                return pending
        return None


def _day(at: float | None) -> date | None:
    """The day of a time, where this computer is; None for what is no time."""
    if at is None:
        return None
    try:
        return date.fromtimestamp(at)
    except (ValueError, OverflowError, OSError):
        return None
