"""The protocol of the second seed document, myChatProtocol: `COMMAND|PARAMETER|...`, 1,024 bytes at most."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wassop.core import commands, events
from wassop.core.names import UserName
from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.locale import N_, translations
from wassop.wire import phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import decoded
from wassop.wire.segment_codec import EchoingEncoder, SegmentCodec
from wassop.wire.segments import TextSegments

MAX_MESSAGE_BYTES: Final = 1_024
"""Section 3.1.2 of the document; bytes, not characters, a line end included."""

# Where a message begins that is glued to one before it. A space, a | or an opening sign before the word
# means that somebody writes about the protocol. What ends an ordinary sentence does not: left glued, a
# private message behind it would be read by everybody.
_GLUE: Final = re.compile(
    rb"(?<=[^\s|:\"'(\[<])(?:(?<!DIS)CONNECT\||MESSAGE\||BROADCAST\||DISCONNECT\|?$)", re.DOTALL
)
_NAME_CODES: Final = frozenset(code for code in Code if code.value.startswith("name-"))
_HTTP_LIKE: Final = {
    Code.HELLO_FIRST: 401,
    Code.NO_SUCH_USER: 404,
    Code.TEXT_TOO_LONG: 413,
    Code.LINE_TOO_LONG: 413,
}


class MychatEncoder(EchoingEncoder):
    """Events for all readers of one language whose messages end in the same way."""

    def __init__(self, lang: str, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._end: Final = terminator

    def encode(self, event: events.Event) -> bytes:
        """One message, within the limit."""
        match event:
            case events.Said(author=author):
                text = phrases.worded(event, self._tr, in_one_line=True)
                return self.message("BROADCAST", author.text, text) if text else b""
            case events.Told(author=author, text=text):
                return self.message("MESSAGE", author.text, text)
            case events.Roster(names):
                return self.user_list(names)
            case _:
                return b""

    def message(self, *parameters: str) -> bytes:
        """`parameters` with `|` between them, the last one cut to fit."""
        *first, last = parameters
        head = "".join(f"{parameter}|" for parameter in first).encode()
        room = MAX_MESSAGE_BYTES - len(head) - len(self._end)
        return head + phrases.cut(visible(last), room).encode() + self._end

    def user_list(self, names: tuple[UserName, ...]) -> bytes:
        """`USER_LIST|Alice,Bob`; names that do not fit are left out, and an ellipsis stands for them."""
        room = MAX_MESSAGE_BYTES - len(b"USER_LIST|") - len(self._end)
        listed = ",".join(name.text for name in names)
        if len(listed.encode()) > room:
            whole = listed.encode()[: room - len(",…".encode()) + 1].decode(errors="ignore")
            listed = whole.rpartition(",")[0] + ",…"
        return self.message("USER_LIST", listed)


@lru_cache
def mychat_encoder(lang: str, terminator: bytes) -> MychatEncoder:
    """The one encoder of its kind."""
    return MychatEncoder(lang, terminator)


class MychatCodec(SegmentCodec[str]):
    """One visitor who speaks myChatProtocol."""

    dialect = "mychat"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, TextSegments(MAX_MESSAGE_BYTES, _GLUE), decoded)

    @property
    def encoder(self) -> MychatEncoder:
        """Depends on how the client ends its messages."""
        return mychat_encoder(self._settings.lang, self._segments.terminator)

    def farewell(self, reason: events.Farewell) -> bytes:
        """An error of its own, for which the document has no number."""
        return self._error(500, phrases.farewell(reason, self._tr))

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """One message, or nothing where the document has no answer."""
        match answer:
            case events.Welcome():
                return self.encoder.message("CONNECT_ACK", "OK")
            case events.Members(names=names):
                return self.encoder.user_list(names)
            case Refused(code) if code in _NAME_CODES and isinstance(item, Request):
                return self.encoder.message("CONNECT_ACK", "FAIL")
            case Refused(Code.NO_SUCH_USER):
                return self._error(404, self._tr.gettext("User not found"))
            case Refused(code):
                return self._error(_HTTP_LIKE.get(code, 400), phrases.refusal(answer, self._tr))
            case _:
                return b""

    def _understand(self, message: str) -> Iterator[Item]:
        command, bar, rest = message.partition("|")
        match command.strip():
            case "CONNECT" if bar:
                was_connected = self._name is not None
                yield from self._enter(rest.strip(), roster=True)
                if self._name is not None and not was_connected:
                    yield Request(commands.Who())
            case "MESSAGE" if rest.count("|"):
                to, _, text = rest.partition("|")
                yield Request(commands.Tell(to.strip(), text))
            case "BROADCAST" if bar:
                yield Request(self._to_everybody(rest))
            case "DISCONNECT" if not rest.strip("| "):
                yield Request(commands.Quit())
            case "CONNECT" | "MESSAGE" | "BROADCAST" | "DISCONNECT":
                yield Malformed(
                    Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext(_USAGE[command.strip()])})
                )
            case "":
                if message.strip():
                    yield Malformed(Refused(Code.UNKNOWN_TYPE, {"t": message}))
            case _:
                yield Malformed(Refused(Code.UNKNOWN_TYPE, {"t": command}))

    def _error(self, number: int, text: str) -> bytes:
        # A client takes an error apart at the bars: the text must hold none.
        return self.encoder.message("ERROR", str(number), text.replace("|", "/"))


# In words: a client takes an error apart at the bars, so that it cannot show one.
_USAGE: Final = {
    "CONNECT": N_("CONNECT, Alice, separated by a vertical bar"),
    "MESSAGE": N_("MESSAGE, Bob, hello, separated by vertical bars"),
    "BROADCAST": N_("BROADCAST, hello, separated by a vertical bar"),
    "DISCONNECT": "DISCONNECT",
}
