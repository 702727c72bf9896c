"""The protocol of the first seed document between its client and its server: JOIN, ROOM, MESSAGE, EXIT."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from wassop.core import commands, events
from wassop.core.deeds import Kicked
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName, room_name
from wassop.core.refusals import Code, Refused
from wassop.locale import N_, translations
from wassop.wire import deed_phrases, phrases
from wassop.wire.codec import Answered, Item, Malformed, Request, WireSettings
from wassop.wire.framing import decoded
from wassop.wire.json_objects import MAX_SEGMENT_BYTES
from wassop.wire.segment_codec import SegmentCodec
from wassop.wire.segments import TextSegments


class SalasEncoder:
    """Events for all readers of one language who are in the same kind of place and end messages alike."""

    def __init__(self, lang: str, place: phrases.Place, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._place: Final[phrases.Place] = place
        self._end: Final = terminator
        self.paced: Final = not terminator
        """Who ends messages with line ends reads lines; who does not reads one message a `recv`."""

    def encode(self, event: events.Event) -> bytes:
        """A line or more; nothing for what is not told here."""
        told = phrases.told_lines(event, self._place, self._tr)
        return self.lines(told) if told else b""

    def encode_own(self, event: events.Event) -> bytes:
        """Nothing: the sender reads nothing back."""
        del event
        return b""

    def lines(self, lines: Sequence[str]) -> bytes:
        """`lines`, each ended as the client ends its own; one who does not end them reads at most 4,096 bytes
        at once: as many lines as fit, with an ellipsis for the rest."""
        if self._end:
            return b"".join(line.encode() + self._end for line in lines)
        data = "\n".join(lines).encode()
        if len(data) <= MAX_SEGMENT_BYTES:
            return data
        rest = f"\n{phrases.ELLIPSIS}".encode()
        whole, _, _ = data[: MAX_SEGMENT_BYTES - len(rest) + 1].rpartition(b"\n")
        return whole + rest if whole else phrases.cut(lines[0], MAX_SEGMENT_BYTES).encode()


@lru_cache
def salas_encoder(lang: str, place: phrases.Place, terminator: bytes) -> SalasEncoder:
    """The one encoder of its kind."""
    return SalasEncoder(lang, place, terminator)


class SalasCodec(SegmentCodec[str]):
    """One visitor who speaks the protocol of rooms."""

    dialect = "salas"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, TextSegments(settings.max_line_bytes), decoded)
        self._room: RoomName | None = None

    @property
    def encoder(self) -> SalasEncoder:
        """Depends on where the visitor is, and how it ends its messages."""
        place = phrases.place_of(self._room)
        return salas_encoder(self._settings.lang, place, self._segments.terminator)

    def tell(self, event: events.Event) -> bytes:
        """Whoever is put out of a room is in none."""
        if not isinstance(event, Kicked):
            return self.encoder.encode(event)
        if event.room == self._room:
            self._room = None
        return self._line(deed_phrases.own_line(event, self._tr))

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
                return self.encoder.lines([tr.gettext("Available rooms:"), *lines])
            case events.Joined(room):
                self._room = room
                return self._line(tr.gettext("You have joined the room {room}.").format(room=room))
            case events.Left(room):
                return self._out_of(room)
            case Refused(Code.NAME_TAKEN):
                return self._line(f"ERROR: {tr.gettext('User name already in use.')}")
            case Refused():
                return self._line(f"ERROR: {phrases.refusal(answer, tr)}")
            case _:
                return b""

    def _understand(self, message: str) -> Iterator[Item]:
        line = message.strip()
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
            case "EXIT" if self._room is not None and self._is_lobby(rest or self._room.text):
                # Everyone stays in the lobby; who leaves it here only reads no more of it.
                yield Answered(self._out_of(self._room))
            case "EXIT" if rest or self._room is not None:
                yield Request(commands.Leave(rest or str(self._room)))
            case "MESSAGE" | "EXIT" if self._room is None:
                yield Malformed(Refused(Code.NO_ROOM_YET))
            case "JOIN" | "ROOM" | "MESSAGE":
                yield Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext(_USAGE[word])}))
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

    def _is_lobby(self, name: str) -> bool:
        """Whether the visitor is in the lobby, and `name` is a name of it."""
        assert self._room is not None
        return self._room.text == LOBBY and room_name(name) == self._room

    def _out_of(self, room: RoomName) -> bytes:
        self._room = None
        return self._line(self._tr.gettext("You have left the room {room}.").format(room=room))

    def _line(self, text: str) -> bytes:
        return self.encoder.lines([text])


_USAGE: Final = {"JOIN": "JOIN juanmi", "ROOM": "ROOM Sala1", "MESSAGE": N_("MESSAGE hello")}
