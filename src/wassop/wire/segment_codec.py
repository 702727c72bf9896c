"""What the dialects of the seed documents have in common, whose clients send one message a segment."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

from wassop.core import commands
from wassop.core.events import Answer, Event, Said, Welcome
from wassop.core.hub import LOBBY
from wassop.core.names import UserName
from wassop.core.refusals import Code, Refused
from wassop.locale import translations
from wassop.wire.codec import Encoder, Item, Malformed, Request, WireSettings
from wassop.wire.framing import Overlong
from wassop.wire.segments import JsonSegments, TextSegments

Message = TypeVar("Message")


class EchoingEncoder(ABC):
    """Events for those who read one message a `recv`, and what they say to everybody themselves too."""

    paced = True

    @abstractmethod
    def encode(self, event: Event) -> bytes:
        """The event as others read it; empty when this dialect does not tell it."""

    def encode_own(self, event: Event) -> bytes:
        """What one says to everybody is echoed."""
        return self.encode(event) if isinstance(event, Said) else b""


class SegmentCodec(ABC, Generic[Message]):
    """One visitor of such a dialect: the client speaks first, and is never pinged."""

    answers_in_order = True
    encoder_is_fixed = False

    def __init__(
        self,
        settings: WireSettings,
        segments: TextSegments | JsonSegments,
        read: Callable[[bytes | Overlong, int], Message | Refused],
    ) -> None:
        """`read` makes of bytes, of which so many are allowed, what `_understand` takes."""
        self._settings: Final = settings
        self._tr: Final = translations(settings.lang)
        self._segments: Final = segments
        self._read: Final = read
        self._name: UserName | None = None
        self._unsaid: Request | None = None
        self._must_end = False
        """The document wants the connection to be closed after the answer that was just given."""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return self._segments.has_rest

    def greeting(self) -> bytes:
        """Nothing: the client speaks first."""
        return b""

    @property
    @abstractmethod
    def encoder(self) -> Encoder:
        """How the visitor reads events now."""

    def tell(self, event: Event) -> bytes:
        """As all others read it."""
        return self.encoder.encode(event)

    def ping(self) -> bytes:
        """Nothing: the documents know no such thing."""
        return b""

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """The requests that end in `data`."""
        yield from self._understood(self._segments.receive_data(data))

    def receive_pause(self) -> Iterator[Item]:
        """The request that ends because nothing follows."""
        yield from self._understood(self._segments.receive_pause())

    def receive_eof(self) -> Iterator[Item]:
        """The request that ends because the connection does."""
        yield from self._understood(self._segments.receive_eof())

    def _understood(self, messages: Iterator[bytes | Overlong]) -> Iterator[Item]:
        for raw in messages:
            message = self._read(raw, self._segments.max_bytes)
            if isinstance(message, Refused):
                yield Malformed(message)
            else:
                yield from self._understand(message)
            if self._must_end:
                yield Request(commands.Quit())

    def answer(self, item: Request | Malformed, answer: Answer) -> bytes:
        """One message, or nothing where the document has no answer."""
        if item is self._unsaid:
            return b""
        if isinstance(answer, Welcome):
            self._name = answer.name
        elif isinstance(answer, Refused) and answer.code is Code.PASSWORD_NEEDED:
            # Nothing in these documents carries one.
            answer = Refused(Code.NAME_REGISTERED, answer.params)
        return self._answer(item, answer)

    def _unanswered(self, command: commands.Command) -> Request:
        """A request of the codec's own, whose answer the visitor does not read."""
        self._unsaid = Request(command)
        return self._unsaid

    def _enter(self, name: str, *, roster: bool = False) -> Iterator[Item]:
        """Take a name and enter the lobby, be it General or one of this door's own."""
        has_own_lobby = self._settings.lobby != LOBBY
        yield Request(commands.Identify(name, lobby=not has_own_lobby, roster=roster))
        if has_own_lobby and self._name is not None:
            yield self._unanswered(commands.Join(self._settings.lobby))

    def _to_everybody(self, text: str) -> commands.Command:
        """Say something to everyone connected, or to all in this door's own lobby."""
        if self._settings.lobby == LOBBY:
            return commands.Announce(text)
        return commands.Say(self._settings.lobby, text)

    @abstractmethod
    def _understand(self, message: Message) -> Iterator[Item]:
        """The requests in one message."""

    @abstractmethod
    def _answer(self, item: Request | Malformed, answer: Answer) -> bytes:
        """One message, or nothing where the document has no answer."""
