"""The protocol of the third seed document: JSON objects with `"remitente"`, `"contenido"`, `"tipo"`."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from wassop.core import commands, deeds, events
from wassop.core.refusals import Code, Refused
from wassop.locale import translations
from wassop.wire import deed_phrases, phrases, sentences
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.json_objects import Object, fitted, parsed, shown
from wassop.wire.segment_codec import EchoingEncoder, SegmentCodec
from wassop.wire.segments import JsonSegments

_SERVER: Final = "Servidor"

Clock = Callable[[], float]


class RemitenteEncoder(EchoingEncoder):
    """Events for all readers of one language who end their messages alike."""

    def __init__(self, lang: str, terminator: bytes, clock: Clock) -> None:
        self._tr: Final = translations(lang)
        self._end: Final = terminator
        self._clock: Final = clock

    def encode(self, event: events.Event) -> bytes:
        """One object."""
        match event:
            case events.Said(author=author, at=at):
                text = phrases.worded(event, self._tr)
                return self.message(author.text, shown(text), "mensaje", at) if text else b""
            case events.Told(author=author, text=text, at=at):
                marked = f"({self._tr.gettext('private')}) {shown(text)}"
                return self.message(author.text, marked, "mensaje", at)
            case events.Presence():
                text = phrases.came_and_went(event, self._tr)
                return self.notice(text, "sistema") if text else b""
            case deeds.RoleGiven() | deeds.Kicked() | deeds.Muted():
                return self.notice(deed_phrases.deed_line(event, self._tr), "sistema")
            case deeds.Unmuted() | deeds.Invited() | deeds.ModesSet():
                return self.notice(deed_phrases.deed_line(event, self._tr), "sistema")
            case events.Away(who, text):
                return self.notice(sentences.away_line(who.text, text, self._tr), "sistema")
            case events.TopicSet():
                return self.notice(phrases.topic_line(event, self._tr), "sistema")
            case events.Roster() | events.Typing() | events.Slowed() | events.ToldElsewhere():
                return b""

    def notice(self, text: str, kind: str) -> bytes:
        """What the server itself says, now."""
        return self.message(_SERVER, text, kind, self._clock())

    def message(self, sender: str, text: str, kind: str, at: float) -> bytes:
        """One object; `marca_tiempo` is ISO 8601 in UTC."""
        stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        given = {"remitente": sender, "contenido": text, "marca_tiempo": stamp, "tipo": kind}
        return fitted(given, "contenido", self._end)


@lru_cache
def remitente_encoder(lang: str, terminator: bytes, clock: Clock) -> RemitenteEncoder:
    """The one encoder of its kind."""
    return RemitenteEncoder(lang, terminator, clock)


class RemitenteCodec(SegmentCodec[Object]):
    """One visitor who sends objects with a sender, a content and a kind."""

    dialect = "remitente"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, JsonSegments(settings.max_line_bytes), parsed)

    @property
    def encoder(self) -> RemitenteEncoder:
        """Depends on how the client ends its messages."""
        return remitente_encoder(self._settings.lang, self._segments.terminator, self._settings.clock)

    def farewell(self, reason: events.Farewell) -> bytes:
        """A notice of the server."""
        return self.encoder.notice(phrases.farewell(reason, self._tr), "sistema")

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        del item
        match answer:
            case events.Welcome(name):
                text = self._tr.gettext("Connected as {name}").format(name=name)
                return self.encoder.notice(text, "confirmacion")
            case Refused(code):
                # "Nombre de usuario duplicado: conexión rechazada."
                self._must_end = code in (Code.NAME_TAKEN, Code.NAME_REGISTERED)
                return self.encoder.notice(phrases.refusal(answer, self._tr), "error")
            case _:
                return b""

    def _understand(self, given: Object) -> Iterator[Item]:
        match given:
            case {"tipo": "conexion", "remitente": str(name)}:
                yield from self._enter(name)
            case {"tipo": "mensaje", "contenido": str(text)}:
                # The sender that stands in the message is not believed.
                yield Request(commands.Say(self._settings.lobby, text))
            case {"tipo": "desconexion"}:
                yield Request(commands.Quit())
            case {"tipo": "conexion" | "mensaje" as kind}:
                missing = "remitente" if kind == "conexion" else "contenido"
                yield Malformed(Refused(Code.BAD_FIELD, {"field": missing}))
            case {"tipo": str(kind)}:
                yield Malformed(Refused(Code.UNKNOWN_TYPE, {"t": kind}))
            case _:
                yield Malformed(Refused(Code.BAD_FIELD, {"field": "tipo"}))
