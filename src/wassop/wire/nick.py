"""The classroom client that waits for `NICK`, answers with its name, and then sends `name: text`."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wassop.core import commands, events
from wassop.core.refusals import Refused
from wassop.core.text import visible
from wassop.locale import translations
from wassop.wire import phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import decoded
from wassop.wire.json_objects import MAX_SEGMENT_BYTES
from wassop.wire.segment_codec import EchoingEncoder, SegmentCodec
from wassop.wire.segments import TextSegments


class NickEncoder(EchoingEncoder):
    """Events for all readers of one language who end their messages alike."""

    def __init__(self, lang: str, terminator: bytes) -> None:
        self._tr: Final = translations(lang)
        self._end: Final = terminator

    def encode(self, event: events.Event) -> bytes:
        """One message of text."""
        tr = self._tr
        match event:
            case events.Said():
                line = phrases.transcribed(event, tr)
                return self.line(line) if line else b""
            case events.Away(who, text):
                return self.line(phrases.away_line(who.text, text, tr))
            case events.Told(author=author, text=text):
                return self.line(f"{author} ({tr.gettext('private')}): {visible(text)}")
            case events.Presence(_, joined, left, gone):
                lines = []
                if joined:
                    text = tr.ngettext("{names} has joined!", "{names} have joined!", len(joined))
                    lines.append(text.format(names=phrases.name_list(joined, tr)))
                if gone := left + gone:  # see `phrases.came_and_went`
                    text = tr.ngettext("{names} has withdrawn!", "{names} have withdrawn!", len(gone))
                    lines.append(text.format(names=phrases.name_list(gone, tr)))
                return self.line(" ".join(lines)) if lines else b""
            case _:
                return b""

    def line(self, text: str) -> bytes:
        """`text`, cut to what a client takes at once."""
        return phrases.cut(text, MAX_SEGMENT_BYTES - len(self._end)).encode() + self._end


@lru_cache
def nick_encoder(lang: str, terminator: bytes) -> NickEncoder:
    """The one encoder of its kind."""
    return NickEncoder(lang, terminator)


class NickCodec(SegmentCodec[str]):
    """One visitor who was asked for a nickname. The server speaks first, so this needs a door of its own."""

    dialect = "nick"

    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings, TextSegments(settings.max_line_bytes), decoded)

    @property
    def encoder(self) -> NickEncoder:
        """Depends on how the client ends its messages."""
        return nick_encoder(self._settings.lang, self._segments.terminator)

    def greeting(self) -> bytes:
        """The question that such a client waits for."""
        return b"NICK"

    def farewell(self, reason: events.Farewell) -> bytes:
        """A message of the server."""
        return self.encoder.line(phrases.farewell(reason, self._tr))

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        del item
        match answer:
            case events.Welcome():
                return self.encoder.line(self._tr.gettext("Connected to the server!"))
            case Refused():
                # Not `NICK` again: such a client would answer with the same name at once, and for ever.
                return self.encoder.line(f"ERROR: {phrases.refusal(answer, self._tr)}")
            case _:
                return b""

    def _understand(self, message: str) -> Iterator[Item]:
        text = message.strip()
        if self._name is None:
            yield from self._enter(text)
        else:
            # The client writes its own name in front; whatever it writes there, the server puts the true one.
            yield Request(commands.Say(self._settings.lobby, text.removeprefix(f"{self._name}:").strip()))
