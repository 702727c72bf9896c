"""The protocol of the first seed document between its client and its server: JOIN, ROOM, MESSAGE, EXIT."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

from wassop.core import commands, events
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName
from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.locale import translations
from wassop.wire import phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import Overlong
from wassop.wire.plain import presence_lines, said_line
from wassop.wire.segments import SegmentCodec, TextSegments

Place = Literal["outside", "room", "lobby"]


class SalasEncoder:
    """Events for all readers of one language who are in the same kind of place and end messages alike."""

    def __init__(self, lang: str, place: Place, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._place: Final = place
        self._end: Final = terminator
        self.paced: Final = not terminator
        """Who ends messages with line ends reads lines; who does not reads one message a `recv`."""

    def encode(self, event: events.Event) -> bytes:
        """One line; nothing for what is not told here."""
        text = self._text(event)
        return text.encode() + self._end if text else b""

    def encode_own(self, event: events.Event) -> bytes:
        """Nothing: the sender reads nothing back."""
        del event
        return b""

    def _text(self, event: events.Event) -> str:
        match event:
            case events.Told(author=author, text=text):
                return f"{author.text} ({self._tr.gettext('private')}): {visible(text)}"
            case events.Said() if self._place != "outside":
                return said_line(event, self._tr, in_lobby=self._place == "lobby")
            case events.Presence() if self._place == ("lobby" if event.room.text == LOBBY else "room"):
                return "\n".join(presence_lines(event, self._tr))
            case _:
                return ""


@lru_cache
def salas_encoder(lang: str, place: Place, terminator: bytes) -> SalasEncoder:
    """The one encoder of its kind."""
    return SalasEncoder(lang, place, terminator)


class SalasCodec(SegmentCodec):
    """One visitor who speaks the protocol of rooms."""

    dialect = "salas"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, TextSegments(settings.max_line_bytes))
        self._room: RoomName | None = None

    @property
    def encoder(self) -> SalasEncoder:
        """Depends on where the visitor is, and how it ends its messages."""
        place: Place = "outside" if self._room is None else "lobby" if self._room.text == LOBBY else "room"
        return salas_encoder(self._settings.lang, place, self._segments.terminator)

    def farewell(self, reason: events.Farewell) -> bytes:
        """The last line of a connection."""
        return self._line(phrases.farewell(reason, self._tr))

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """One message; none to a MESSAGE that was accepted."""
        del item
        tr = self._tr
        match answer:
            case events.Welcome():
                return self._line("OK")
            case events.RoomList(rooms):
                lines = [f"{info.room} ({info.count})" for info in rooms if not info.is_lobby]
                return self._line("\n".join([tr.gettext("Available rooms:"), *lines]))
            case events.Joined(room):
                self._room = room
                return self._line(tr.gettext("You have joined the room {room}.").format(room=room))
            case events.Left(room):
                self._room = None
                return self._line(tr.gettext("You have left the room {room}.").format(room=room))
            case Refused(Code.NAME_TAKEN):
                return self._line(f"ERROR: {tr.gettext('User name already in use.')}")
            case Refused():
                return self._line(f"ERROR: {phrases.refusal(answer, tr)}")
            case _:
                return b""

    def _understand(self, raw: bytes | Overlong) -> Iterator[Item]:
        if isinstance(raw, Overlong):
            yield Malformed(Refused(Code.LINE_TOO_LONG, {"limit": self._settings.max_line_bytes}))
            return
        try:
            line = raw.decode().strip()
        except UnicodeDecodeError:
            yield Malformed(Refused(Code.BAD_ENCODING))
            return
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        match word:
            case "JOIN" if rest:
                yield Request(commands.Identify(rest))
            case "LIST_ROOMS":
                yield Request(commands.ListRooms())
            case "ROOM" if rest:
                yield from self._change_room(rest)
            case "MESSAGE" if rest and self._room is not None:
                yield Request(commands.Say(self._room.text, rest))
            case "EXIT" if rest or self._room is not None:
                yield Request(commands.Leave(rest or str(self._room)))
            case "MESSAGE" | "EXIT" if self._room is None:
                yield Malformed(Refused(Code.NO_ROOM_YET))
            case "JOIN" | "ROOM" | "MESSAGE":
                yield Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": _USAGE[word]}))
            case "":
                return
            case _:
                yield Malformed(Refused(Code.UNKNOWN_TYPE, {"t": word}))

    def _change_room(self, name: str) -> Iterator[Item]:
        before = self._room
        yield Request(commands.Join(name))
        # Leaving comes after entering, so that whoever is refused the new room keeps the old one.
        if before is not None and self._room is not None and self._room != before and before.text != LOBBY:
            yield self._unanswered(commands.Leave(before.text))

    def _line(self, text: str) -> bytes:
        return text.encode() + self._segments.terminator


_USAGE: Final = {"JOIN": "JOIN juanmi", "ROOM": "ROOM Sala1", "MESSAGE": "MESSAGE hola"}
