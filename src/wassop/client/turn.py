"""One step of the state: what it becomes, and what is to be done, gathered on the way."""

from collections.abc import Callable
from typing import Any, Final

from wassop.client.asked import Asked, AskedJoin
from wassop.client.backlog import Backlog
from wassop.client.days import day_of, day_text
from wassop.client.evolving import evolve
from wassop.client.fold import UNCHANGED, with_fold
from wassop.client.happenings import Effect, Send
from wassop.client.line import Kind, Line
from wassop.client.model import Online, Room, State
from wassop.client.tab import Tab
from wassop.locale import Translations
from wassop.wire.native_messages import ClientMessage, Join

MAX_LINES: Final = 10_000
"""How many lines of a conversation are kept; more would only take memory."""
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

    def is_asked(self, kind: type[Asked]) -> bool:
        """Whether an answer to such a request is under way."""
        return any(isinstance(asked, kind) for asked in self.state.asked.values())

    def has_connection(self) -> bool:
        """Whether the server can be asked for something now; tells when it cannot."""
        if self.state.online is not Online.READY:
            self.error(self.tr.gettext("There is no connection now; try again when it is back."))
            return False
        return True

    # Lines; `on` is the key of the tab in which they stand, that which is shown unless it is told

    def show(self, kind: Kind, text: str, *, on: str | None = None, **details: Any) -> int:
        """Add a line to a conversation, and the date before it when that is another; its number."""
        key = self.state.here if on is None else on
        day, before = day_of(details.get("at")), self.state.tabs[key].day
        if day is not None and day != before:
            self.put_tab(evolve(self.state.tabs[key], day=day))
            if day != (before or day_of(self.at)):
                self.show(Kind.DIVIDER, day_text(day, self.tr), on=key, day=day)
        number, tab = self.state.next_line, self.state.tabs[key]
        tab = evolve(tab, lines=tab.lines.added(Line(number, kind, text, **details)))
        # This is done for each message, so the state is replaced once.
        self.change(next_line=number + 1, tabs={**self.state.tabs, key: tab})
        if len(tab.lines) > MAX_LINES:
            self._drop_oldest(key, MAX_LINES // 10)
        return number

    def make(self, kind: Kind, text: str, **details: Any) -> Line:
        """A line with a number of its own that is nowhere yet."""
        number = self.state.next_line
        self.change(next_line=number + 1)
        return Line(number, kind, text, **details)

    def notice(self, text: str, *, on: str | None = None) -> int:
        """A line of the client's own."""
        return self.show(Kind.NOTICE, text, on=on)

    def error(self, text: str, *, on: str | None = None) -> None:
        """Something that went wrong."""
        self.show(Kind.ERROR, text, on=on)

    def lines(self, key: str) -> Backlog[Line]:
        """The lines of a tab; none if it is not there."""
        tab = self.state.tabs.get(key)
        return Backlog() if tab is None else tab.lines

    def place_of(self, key: str, number: int | None) -> int | None:
        """Where line `number` stands; None if it is no longer there."""
        lines = self.lines(key)
        return next(
            (len(lines) - 1 - n for n, line in enumerate(reversed(lines)) if line.number == number), None
        )

    def change_line(self, key: str, number: int, **changes: Any) -> None:
        """Replace attributes of a line, if it is still there."""
        place = self.place_of(key, number)
        if place is not None:
            self.splice(key, place, 1, evolve(self.lines(key)[place], **changes))

    def remove_line(self, key: str, number: int | None) -> None:
        """Take a line out, if it is still there."""
        place = self.place_of(key, number) if number is not None else None
        if place is not None:
            self.splice(key, place, 1)

    def splice(self, key: str, place: int, remove: int, *lines: Line) -> None:
        """Put `lines` where `remove` others stood."""
        self._put_lines(key, self.lines(key).spliced(place, remove, *lines))

    def append(self, key: str, line: Line) -> None:
        """Put a line that was made behind all others, without regard to dates."""
        self._put_lines(key, self.lines(key).added(line))

    def _put_lines(self, key: str, lines: Backlog[Line]) -> None:
        self.put_tab(evolve(self.state.tabs[key], lines=lines))

    def _drop_oldest(self, key: str, count: int) -> None:
        lines = self.lines(key)
        self._put_lines(key, lines.spliced(0, count))
        seq = max((line.seq for line in lines[:count] if line.seq is not None), default=0)
        for room in self.state.rooms.values():
            if room.key == key and seq >= room.oldest:  # otherwise it was said before one came this time
                folds = room.folds
                for line in lines[:count]:
                    if line.seq is not None and line.fold != UNCHANGED:
                        folds = with_fold(folds, line.seq, line.fold)
                self.put_room(evolve(room, oldest=seq + 1, is_whole=False, folds=folds))

    # Tabs and rooms

    def put_tab(self, tab: Tab) -> None:
        """Remember `tab` as it is now; a new one comes last."""
        self.change(tabs={**self.state.tabs, tab.key: tab})

    def put_room(self, room: Room) -> None:
        """Remember `room` as it is now."""
        self.change(rooms={**self.state.rooms, room.name: room})

    def join(
        self, room: str, *, or_menu: bool = False, is_quiet: bool = False, password: str | None = None
    ) -> None:
        """Ask to be let into `room`."""
        asked = AskedJoin(room, or_menu, is_quiet, self.state.here, password)
        self.ask(asked, lambda number: Join(room, history=HISTORY, id=number, password=password))
