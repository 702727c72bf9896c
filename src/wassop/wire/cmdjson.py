"""The protocol of the fourth seed document: JSON objects with `"cmd"`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from wassop.core import commands, events
from wassop.core.hub import LOBBY
from wassop.core.refusals import Code, Refused
from wassop.locale import translations
from wassop.wire import phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import Overlong
from wassop.wire.json_objects import Object, fitted, fitted_list, parsed, text_of
from wassop.wire.segments import JsonSegments, SegmentCodec

_HISTORY: Final = 100


class CmdjsonEncoder:
    """Events for all readers of one language who end their messages alike."""

    paced = True

    def __init__(self, lang: str, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._end: Final = terminator

    def encode(self, event: events.Event) -> bytes:
        """One object."""
        match event:
            case events.Said(author=author, text=text):
                return fitted({"cmd": "broadcast", "from": author.text, "msg": text}, "msg", self._end)
            case events.Told(author=author, text=text):
                return fitted({"cmd": "private", "from": author.text, "msg": text}, "msg", self._end)
            case events.Presence(_, joined, left, gone):
                del left  # nobody leaves the lobby but by leaving the chat
                parts = [phrases.came(joined, self._tr)] if joined else []
                parts += [phrases.went(gone, self._tr)] if gone else []
                return self.system(", ".join(parts)) if parts else b""
            case events.Roster(names):
                return self.users([name.text for name in names])
            case events.Typing(_, who):
                return fitted({"cmd": "typing", "user": who.text}, "user", self._end)

    def encode_own(self, event: events.Event) -> bytes:
        """What one says to all is echoed."""
        return self.encode(event) if isinstance(event, events.Said) else b""

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
                "msg": said.text,
            }
            for said in messages
        ]
        return fitted_list({"cmd": "history", "items": items}, "items", self._end, keep_last=True)


@lru_cache
def cmdjson_encoder(lang: str, terminator: bytes) -> CmdjsonEncoder:
    """The one encoder of its kind."""
    return CmdjsonEncoder(lang, terminator)


class CmdjsonCodec(SegmentCodec):
    """One visitor who sends commands as JSON."""

    dialect = "cmdjson"

    def __init__(self, settings: WireSettings) -> None:
        self._settings: Final = settings
        self._tr: Final = translations(settings.lang)
        self._max: Final = settings.max_line_bytes
        super().__init__(JsonSegments(settings.max_line_bytes))
        self._name: str | None = None

    @property
    def encoder(self) -> CmdjsonEncoder:
        """Depends on how the client ends its messages."""
        return cmdjson_encoder(self._settings.lang, self._segments.terminator)

    def farewell(self, reason: events.Farewell) -> bytes:
        """A notice of the server."""
        return self.encoder.system(phrases.farewell(reason, self._tr))

    def answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """One object, or nothing where the document has no answer."""
        del item
        tr, encoder = self._tr, self.encoder
        match answer:
            case events.Welcome(name):
                self._name = name.text
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
            case Refused(Code.NO_SUCH_USER):
                return encoder.status("error", tr.gettext("User not available"))
            case Refused(Code.UNKNOWN_TYPE):
                return encoder.status("error", tr.gettext("Command not recognised"))
            case Refused():
                return encoder.status("error", phrases.refusal(answer, tr))
            case _:
                return b""

    def _understand(self, raw: bytes | Overlong) -> Iterator[Item]:
        given = parsed(raw, self._max)
        if isinstance(given, Refused):
            yield Malformed(given)
            return
        command = _COMMANDS.get(str(given.get("cmd")), _unknown)(given)
        if isinstance(command, Refused):
            yield Malformed(command)
            return
        was_named = self._name is not None
        yield Request(command)
        if self._name is not None and not was_named:
            yield Request(commands.Join(LOBBY, history=_HISTORY))
            yield Request(commands.Who())


def _login(given: Object) -> commands.Command | Refused:
    user = text_of(given, "user")
    return user if isinstance(user, Refused) else commands.Identify(user, roster=True)


def _broadcast(given: Object) -> commands.Command | Refused:
    text = text_of(given, "msg")
    return text if isinstance(text, Refused) else commands.Announce(text)


def _message(given: Object) -> commands.Command | Refused:
    to, text = text_of(given, "to"), text_of(given, "msg")
    if isinstance(to, Refused):
        return to
    return text if isinstance(text, Refused) else commands.Tell(to, text)


def _unknown(given: Object) -> Refused:
    return Refused(Code.UNKNOWN_TYPE, {"t": str(given.get("cmd"))})


_COMMANDS: Final[dict[str, Callable[[Object], commands.Command | Refused]]] = {
    "login": _login,
    "broadcast": _broadcast,
    "message": _message,
    "users": lambda _: commands.Who(),
    "typing": lambda _: commands.Type(LOBBY),
    "system_quit": lambda _: commands.Quit(),
}
