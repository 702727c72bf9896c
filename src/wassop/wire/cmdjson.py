"""The protocol of the fourth seed document: JSON objects with `"cmd"`."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from wassop.core import commands, deeds, events
from wassop.core.refusals import Code, Refused
from wassop.locale import translations
from wassop.wire import deed_phrases, phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.json_objects import Object, fitted, fitted_list, parsed, shown
from wassop.wire.segment_codec import EchoingEncoder, SegmentCodec
from wassop.wire.segments import JsonSegments

_HISTORY: Final = 100


class CmdjsonEncoder(EchoingEncoder):
    """Events for all readers of one language who end their messages alike."""

    def __init__(self, lang: str, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._end: Final = terminator

    def encode(self, event: events.Event) -> bytes:
        """One object."""
        match event:
            case events.Said(author=author):
                text = phrases.worded(event, self._tr)
                said = {"cmd": "broadcast", "from": author.text, "msg": shown(text)}
                return fitted(said, "msg", self._end) if text else b""
            case events.Told(author=author, text=text):
                return fitted({"cmd": "private", "from": author.text, "msg": shown(text)}, "msg", self._end)
            case events.Presence():
                text = phrases.came_and_went(event, self._tr)
                return self.system(text) if text else b""
            case deeds.RoleGiven() | deeds.Kicked() | deeds.Muted():
                return self.system(deed_phrases.deed_line(event, self._tr))
            case deeds.Unmuted() | deeds.Invited() | deeds.ModesSet():
                return self.system(deed_phrases.deed_line(event, self._tr))
            case events.Away(who, text):
                return self.system(phrases.away_line(who.text, text, self._tr))
            case events.TopicSet():
                return self.system(phrases.topic_line(event, self._tr))
            case events.Roster(names):
                return self.users([name.text for name in names])
            case events.Typing(_, who):
                return fitted({"cmd": "typing", "user": who.text}, "user", self._end)
            case events.Slowed() | events.ToldElsewhere():
                return b""

    def system(self, text: str) -> bytes:
        """A notice of the server."""
        return fitted({"cmd": "system", "msg": text}, "msg", self._end)

    def status(self, status: str, text: str) -> bytes:
        """An answer to a command."""
        return fitted({"status": status, "msg": text}, "msg", self._end)

    def users(self, names: list[str]) -> bytes:
        """Who is connected, as many as fit."""
        return fitted_list({"cmd": "users", "list": names}, "list", self._end, keep_last=False)

    def history(self, messages: tuple[events.Said, ...]) -> bytes:
        """The newest messages, as many as fit, with the server's local time."""
        items = [
            {
                "time": datetime.fromtimestamp(said.at).strftime("%H:%M:%S"),
                "from": said.author.text,
                "msg": shown(text),
            }
            for said in messages
            if (text := phrases.worded(said, self._tr))
        ]
        return fitted_list({"cmd": "history", "items": items}, "items", self._end, keep_last=True)


@lru_cache
def cmdjson_encoder(lang: str, terminator: bytes) -> CmdjsonEncoder:
    """The one encoder of its kind."""
    return CmdjsonEncoder(lang, terminator)


class CmdjsonCodec(SegmentCodec[Object]):
    """One visitor who sends commands as JSON."""

    dialect = "cmdjson"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, JsonSegments(settings.max_line_bytes), parsed)

    @property
    def encoder(self) -> CmdjsonEncoder:
        """Depends on how the client ends its messages."""
        return cmdjson_encoder(self._settings.lang, self._segments.terminator)

    def farewell(self, reason: events.Farewell) -> bytes:
        """A notice of the server."""
        return self.encoder.system(phrases.farewell(reason, self._tr))

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        del item
        tr, encoder = self._tr, self.encoder
        match answer:
            case events.Welcome(name):
                return encoder.status("ok", tr.gettext("Welcome {name}").format(name=name))
            case events.Joined(history=history):
                return encoder.history(history)
            case events.Members(names=names):
                return encoder.users([name.text for name in names])
            case events.Accepted(to=to) if to is not None:
                return encoder.status("ok", tr.gettext("Sent"))
            case Refused(Code.NAME_TAKEN):
                self._must_end = True
                return encoder.status("error", tr.gettext("Name in use"))
            case Refused(Code.NAME_REGISTERED):
                self._must_end = True
                return encoder.status("error", phrases.refusal(answer, tr))
            case Refused(Code.NO_SUCH_USER):
                return encoder.status("error", tr.gettext("User not available"))
            case Refused(Code.UNKNOWN_TYPE):
                return encoder.status("error", tr.gettext("Command not recognised"))
            case Refused():
                return encoder.status("error", phrases.refusal(answer, tr))
            case _:
                return b""

    def _understand(self, given: Object) -> Iterator[Item]:
        match given:
            case {"cmd": "login", "user": str(name)}:
                yield from self._log_in(name)
            case {"cmd": "broadcast", "msg": str(text)}:
                yield Request(self._to_everybody(text))
            case {"cmd": "message", "to": str(to), "msg": str(text)}:
                yield Request(commands.Tell(to, text))
            case {"cmd": "users"}:
                yield Request(commands.Who())
            case {"cmd": "typing"}:
                yield Request(commands.Type(self._settings.lobby))
            case {"cmd": "system_quit"}:
                yield Request(commands.Quit())
            case {"cmd": "login" | "broadcast" | "message" as command}:
                keys = _KEYS[command]
                missing = next(key for key in keys if not isinstance(given.get(key), str))
                yield Malformed(Refused(Code.BAD_FIELD, {"field": missing}))
            case _:
                yield Malformed(Refused(Code.UNKNOWN_TYPE, {"t": str(given.get("cmd"))}))

    def _log_in(self, name: str) -> Iterator[Item]:
        was_named = self._name is not None
        yield from self._enter(name, roster=True)
        if self._name is not None and not was_named:
            yield Request(commands.Join(self._settings.lobby, history=_HISTORY))
            yield Request(commands.Who())


_KEYS: Final = {"login": ("user",), "broadcast": ("msg",), "message": ("to", "msg")}
