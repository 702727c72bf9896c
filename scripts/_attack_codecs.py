"""Holds a codec against bytes, with a hub and listeners of all dialects but without sockets."""

import gc
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import _attack_web as web
from _attack_bytes import DIALECTS, Case
from _attack_keeper import Keeper
from wassop.core.deliveries import Dismissed, Record, Reply, ToRoom, ToSession
from wassop.core.events import Bye, Farewell, Lookup
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.refusals import Code, Refused
from wassop.web.site import ChatSite
from wassop.wire.codec import Answered, Codec, Ended, Item, Malformed, Request, WireSettings
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import Dialect, sniff

_NOW: Final = 1_790_000_000.0
_SPARE_STATE_BYTES: Final = 8_192
_MAX_SEGMENT_BYTES: Final = {"mychat": 1_024, "remitente": 4_096, "cmdjson": 4_096}
"""What the readers of these dialects take in one `recv`."""


_OF_CODECS: Final = ("wassop.wire", "h11", "wsproto")
"""Whose objects belong to a codec."""


_TELNET: Final = re.compile(rb"\xff[\xfb-\xfe].", re.DOTALL)
"""What one telnet agrees with another (RFC 854)."""


class Fault(AssertionError):
    """A codec did what none may do."""


class _Visitor:
    """Somebody at the hub; what a visitor reads is only looked at, not kept."""

    def __init__(self, hub: Hub, codec: Codec) -> None:
        self.codec: Final = codec
        self.session: Final = hub.connect()
        self.is_over = False
        self.read(codec.greeting())

    def read(self, data: bytes) -> None:
        dialect = self.codec.dialect
        if dialect == "web":
            web.check_readable(data)
            return
        if dialect == "plain":
            data = _TELNET.sub(b"", data)
        text = data.decode()  # nobody reads half a character
        if len(data) > _MAX_SEGMENT_BYTES.get(dialect, len(data)):
            raise Fault(f"{len(data)} bytes of {dialect} in one message: {text[:200]!r}")
        if dialect == "native" and data:
            if not text.endswith("\n"):
                raise Fault(f"not a line: {text!r}")
            for line in text[:-1].split("\n"):
                json.loads(line)
        elif dialect in ("remitente", "cmdjson") and data:
            json.loads(text)


class Conversation:
    """One case, carried out as the server does."""

    def __init__(self, case: Case) -> None:
        limits = Limits(
            max_rooms_per_session=3, recent_messages_per_room=5, max_text_bytes=case.max_line_bytes
        )
        self._hub: Final = Hub(limits)
        self.noted: Final[set[str]] = set()
        """What kinds of things went on record."""
        self._keeper: Final = Keeper(self._hub)
        self._settings: Final = WireSettings(
            max_line_bytes=case.max_line_bytes, limits=limits, site=ChatSite("es")
        )
        self._case: Final = case
        self._visitors: Final[dict[Any, _Visitor]] = {}
        for number, dialect in enumerate(DIALECTS):
            self._enter(dialect, f"oyente{number}")
        self._attacker = self._add(CODECS[Dialect(case.dialect)](self._settings))

    def replace_codec(self, codec: Callable[[WireSettings], Codec]) -> None:
        """Have another codec tried, before anything else is done."""
        self._attacker = self._add(codec(self._settings))

    def carry_out(self) -> None:
        """Raises what the codec raises, and Fault."""
        codec, taken = self._attacker.codec, 0
        for number, chunk in enumerate(self._case.chunks):
            taken += len(chunk)
            self._take(codec.receive_data(chunk), taken)
            self._check_state(len(chunk))
            if number in self._case.pauses and not self._attacker.is_over:
                rounds = 0
                while codec.has_rest:
                    self._take(codec.receive_pause(), taken)
                    rounds += 1
                    if rounds > 2:
                        raise Fault("a pause leaves a rest")
            if self._attacker.is_over:
                return
        self._attacker.read(codec.ping())
        self._take(codec.receive_eof(), taken)
        if codec.has_rest:
            raise Fault("the end leaves a rest")
        for reason in Farewell:
            self._attacker.read(codec.farewell(reason))

    def _enter(self, dialect: str, name: str) -> None:
        visitor = self._add(CODECS[Dialect(dialect)](self._settings))
        hello = (
            {
                "native": '{{"t":"hello","name":"{}"}}\n{{"t":"join","room":"Sala1"}}\n',
                "web": '{{"t":"hello","name":"{}"}}\n{{"t":"join","room":"Sala1"}}\n',
                "plain": "{}\nSala1\n",
                "salas": "JOIN {}\nROOM Sala1\n",
                "mychat": "CONNECT|{}\n",
                "remitente": '{{"remitente":"{}","tipo":"conexion"}}\n',
                "cmdjson": '{{"cmd":"login","user":"{}"}}\n',
                "nick": "{}\n",
            }[dialect]
            .format(name)
            .encode()
        )
        if dialect == "web":
            hello = web.sent([web.UPGRADE, *hello.splitlines()])
        self._answer(visitor, visitor.codec.receive_data(hello), 100)
        if visitor.session.name is None:
            raise Fault(f"{dialect}: the listener was not let in")

    def _add(self, codec: Codec) -> _Visitor:
        visitor = _Visitor(self._hub, codec)
        self._visitors[visitor.session] = visitor
        return visitor

    def _take(self, items: Iterator[Item], taken: int) -> None:
        self._answer(self._attacker, items, 4 * taken + 16)

    def _answer(self, visitor: _Visitor, items: Iterator[Item], most: int) -> None:
        for number, item in enumerate(items):
            if number > most:
                raise Fault(f"more than {most} items come of the bytes")
            match item:
                case Malformed(refused):
                    visitor.read(visitor.codec.answer(item, refused))
                case Request():
                    self._carry_out(visitor, item)
                case Answered(data):
                    visitor.read(data)
                case Ended(reason):
                    self._end(visitor, reason)
            if visitor.is_over:
                return

    def _carry_out(self, visitor: _Visitor, request: Request) -> None:
        prepared = self._keeper.prepare(visitor.session, request.command)
        if isinstance(prepared, Refused):
            visitor.read(visitor.codec.answer(request, prepared))
            return
        first, *others = self._hub.handle(visitor.session, prepared, _NOW)
        assert isinstance(first, Reply)
        answer = Refused(Code.NO_RECORD) if isinstance(first.answer, Lookup) else first.answer
        visitor.read(visitor.codec.answer(request, answer))
        self._deliver(others)
        self._deliver(self._hub.take_news())
        if isinstance(answer, Bye):
            visitor.is_over = True
            self._deliver(self._hub.disconnect(visitor.session))

    def _end(self, visitor: _Visitor, reason: Farewell) -> None:
        visitor.read(visitor.codec.farewell(reason))
        visitor.is_over = True
        self._deliver(self._hub.disconnect(visitor.session))

    def _deliver(self, deliveries: Iterable[Any]) -> None:
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, events, audience, author):
                    for membership in audience:
                        visitor = self._visitors[membership.session]
                        encoder = visitor.codec.encoder
                        is_own = membership.session is author
                        encode = encoder.encode_own if is_own else encoder.encode
                        visitor.read(b"".join(encode(event) for event in events))
                case ToSession(session, event):
                    self._visitors[session].read(self._visitors[session].codec.encoder.encode(event))
                case Dismissed(session, reason):
                    self._end(self._visitors[session], reason)
                case Record(entry):
                    self.noted.add(type(entry).__name__)
                    self._keeper.note(entry)

    def _check_state(self, chunk_bytes: int) -> None:
        held, bound = _held_bytes(self._attacker.codec), 3 * self._case.max_line_bytes + chunk_bytes
        if held > bound + _SPARE_STATE_BYTES:
            raise Fault(f"the codec holds {held} bytes; a line may have {self._case.max_line_bytes}")


def _held_bytes(codec: Codec) -> int:
    """Bytes and texts that a codec keeps, in objects of dialects and in plain containers."""
    held, seen, waiting = 0, set[int](), [codec]
    while waiting:
        found: Any = waiting.pop()
        if id(found) in seen or isinstance(found, type | WireSettings):
            continue
        seen.add(id(found))
        if isinstance(found, bytes | bytearray | str):
            held += len(found)
        elif isinstance(found, list | tuple | dict | set):
            waiting += found.values() if isinstance(found, dict) else found
        elif found is codec or type(found).__module__.startswith(_OF_CODECS):
            waiting += gc.get_referents(found)
    return held


def sniff_all(case: Case) -> None:
    """However much of the bytes has come, the sniffer has an answer, and more bytes do not change it.

    But for objects: of one without a telling key, what a later line says counts if it came at once.
    """
    data, decided = b"".join(case.chunks)[:1_000], None
    for end in range(len(data) + 1):
        sniff(data[:end], final=True)
        found = sniff(data[:end])
        if decided is not None and found is not decided and not data.lstrip(b"\r\n").startswith(b"{"):
            raise Fault(f"{decided} after fewer bytes, {found} after {data[:end]!r}")
        decided = found
