"""The dialects that the contract is held against, and a server without sockets to hold them with."""

from collections.abc import Callable
from typing import Any

from attrs import Factory, define, frozen

from wassop.core.deliveries import Reply, ToRoom, ToSession
from wassop.core.events import Bye, Lookup
from wassop.core.hub import Hub
from wassop.core.refusals import Code, Refused
from wassop.wire.cmdjson import CmdjsonCodec
from wassop.wire.codec import Malformed, Request, WireSettings
from wassop.wire.mychat import MychatCodec
from wassop.wire.native import NativeCodec
from wassop.wire.nick import NickCodec
from wassop.wire.plain import PlainCodec
from wassop.wire.remitente import RemitenteCodec
from wassop.wire.salas import SalasCodec


@frozen
class Dialect:
    """How a codec is made, and lines without their ends for tests to shuffle; the first names ana."""

    name: str
    make: Callable[[WireSettings], Any]
    samples: tuple[bytes, ...]
    line_end: bytes = b"\n"
    is_json: bool = False
    max_bytes: int = 300
    """The longest message, where the tests' settings allow 300 bytes and the document does not say."""
    mirrors_ends: bool = False
    """Answers end as the client's messages do, which is not known before the first end has come."""

    def __str__(self) -> str:
        return self.name


NATIVE = Dialect(
    "native",
    NativeCodec,
    (
        b'{"t":"hello","v":1,"name":"ana","lang":"en","id":1}',
        b'{"t":"hello","name":"Servidor"}',
        b'{"t":"join","room":"Sala1","history":5,"id":"a"}',
        b'{"t":"say","room":"Sala1","text":"hola","id":2,"nonce":"k"}',
        '{"t":"say","room":"General","text":"¿qué tal? 👍","id":3}'.encode(),
        b'{"t":"all","text":"hola","id":4}',
        b'{"t":"msg","to":"ana","text":"psst","id":5}',
        b'{"t":"topic","room":"Sala1","text":"de que va","id":11}',
        b'{"t":"say","room":"General","text":"hala","kind":"edit","about":1,"id":12}',
        '{"t":"say","room":"General","text":"👍","kind":"react","about":1,"id":13}'.encode(),
        b'{"t":"say","room":"General","text":"","kind":"delete","about":1,"id":14}',
        b'{"t":"away","text":"comiendo","id":15}',
        b'{"t":"away","back":true}',
        b'{"t":"rooms"}',
        b'{"t":"who","room":"Sala1"}',
        b'{"t":"typing","room":"Sala1"}',
        b'{"t":"history","room":"Sala1","before":3,"limit":2,"id":8}',
        b'{"t":"search","words":"hola","from":"ana","id":9}',
        b'{"t":"read","room":"Sala1","seq":1,"id":10}',
        b'{"t":"read","room":"Sala1"}',
        b'{"t":"leave","room":"Sala1"}',
        b'{"t":"role","room":"Sala1","who":"bob","role":"voice","id":12}',
        b'{"t":"kick","room":"Sala1","who":"bob","reason":"x"}',
        b'{"t":"ban","network":"10.0.0.0/8","for_s":60,"id":13}',
        b'{"t":"modes","room":"Sala1","set":{"hidden":true},"id":14}',
        b'{"t":"ping","id":6}',
        b'{"t":"pong"}',
        b'{"t":"dance","id":7}',
        b"hola",
        b"",
    ),
    is_json=True,
)

PLAIN = Dialect(
    "plain",
    PlainCodec,
    (
        b"ana",
        b"REFR",
        b"Sala1",
        "hola a todos! ¿qué tal?".encode(),
        b"LOVE",
        b"/who",
        b"/msg ana psst",
        b"/all hola",
        b"/topic de que va",
        b"/topic -",
        b"/me saluda",
        b"/away comiendo",
        b"/away",
        b"/rooms",
        b"/help",
        b"/baila",
        b"/mode moderated on",
        b"/mode",
        b"/kick bob que pesado",
        b"/ban 10.0.0.0/8 2h spam",
        b"/bans",
        b"EXIT",
        b"n",
        b"s",
        b"",
        b"QUIT",
    ),
)

SALAS = Dialect(
    "salas",
    SalasCodec,
    (
        b"JOIN ana",
        b"LIST_ROOMS",
        b"ROOM Sala1",
        "MESSAGE hola a todos! ¿qué tal?".encode(),
        b"ROOM Sala2",
        b"MESSAGE",
        b"EXIT Sala1",
        b"EXIT",
        b"JOIN",
        b"JOIN otra",
        b"baila",
        b"",
    ),
    mirrors_ends=True,
)
MYCHAT = Dialect(
    "mychat",
    MychatCodec,
    (
        b"CONNECT|ana",
        b"MESSAGE|bob|hola",
        "MESSAGE|ana|¿cómo|estás?".encode(),
        b"MESSAGE|nadie|hola",
        b"BROADCAST|hola a todos",
        b"MESSAGE|bob",
        b"CONNECT",
        b"CONNECT|otra",
        b"BAILA|x",
        b"|",
        b"",
        b"DISCONNECT",
        b"DISCONNECT|",
    ),
    max_bytes=1_024,
    mirrors_ends=True,
)
REMITENTE = Dialect(
    "remitente",
    RemitenteCodec,
    (
        b'{"remitente":"ana","contenido":"","marca_tiempo":"2026-11-20T12:00:00","tipo":"conexion"}',
        b'{"remitente":"ana","contenido":"hola","tipo":"mensaje"}',
        b'{"remitente": "bob", "contenido": "no soy yo", "tipo": "mensaje"}',
        b'{"contenido":"}{\\"","tipo":"mensaje"}',
        b'{"contenido":7,"tipo":"mensaje"}',
        b'{"tipo":"baila"}',
        b'{"remitente":"otra","tipo":"conexion"}',
        b"hola",
        b"",
        b'{"remitente":"ana","tipo":"desconexion"}',
    ),
    is_json=True,
    mirrors_ends=True,
)
CMDJSON = Dialect(
    "cmdjson",
    CmdjsonCodec,
    (
        b'{"cmd":"login","user":"ana"}',
        '{"cmd": "broadcast", "msg": "¡Hola a todos!"}'.encode(),
        b'{"cmd":"message","to":"bob","msg":"hola"}',
        b'{"cmd":"message","to":"nadie","msg":"hola"}',
        b'{"cmd":"message","to":"bob"}',
        b'{"cmd":"users"}',
        b'{"cmd":"typing"}',
        b'{"cmd":"login","user":"otra"}',
        b'{"cmd":"baila"}',
        b'{"cmd":["login"]}',
        b"hola",
        b"",
        b'{"cmd":"system_quit"}',
    ),
    is_json=True,
    mirrors_ends=True,
)
NICK = Dialect(
    "nick",
    NickCodec,
    (b"ana", b"ana: hola", "ana: ¿qué tal?".encode(), b"bob: no soy yo", b"ana:", b""),
    mirrors_ends=True,
)

DIALECTS = (NATIVE, PLAIN, SALAS, MYCHAT, REMITENTE, CMDJSON, NICK)


@define
class Visit:
    """One visitor at a hub, carried out as the server does, at once and without sockets."""

    hub: Hub
    codec: Any
    read: bytearray = Factory(bytearray)
    """What the visitor has read so far."""
    items: list[Any] = Factory(list)
    over: bool = False
    session: Any = None
    at: float = 1_790_000_000.0

    def __attrs_post_init__(self) -> None:
        self.session = self.hub.connect()
        self.read += self.codec.greeting()

    def send(self, data: bytes) -> None:
        """Bytes arrive from the visitor."""
        self._take(self.codec.receive_data(data))

    def send_eof(self) -> None:
        """The visitor sends nothing more."""
        self._take(self.codec.receive_eof())

    def _take(self, items: Any) -> None:
        if self.over:
            return
        for item in items:
            self.items.append(item)
            if isinstance(item, Malformed):
                self.read += self.codec.answer(item, item.refused)
            elif isinstance(item, Request):
                self._carry_out(item)
            else:
                self.read += item.data
            if self.over:
                return

    def _carry_out(self, request: Request) -> None:
        reply, *others = self.hub.handle(self.session, request.command, self.at)
        assert isinstance(reply, Reply)
        answer = Refused(Code.NO_RECORD) if isinstance(reply.answer, Lookup) else reply.answer
        self.read += self.codec.answer(request, answer)
        for delivery in others:
            match delivery:
                case ToRoom(_, events, audience, author):
                    for membership in audience:
                        if membership.session is self.session and membership.present:
                            for event in events:
                                self._hear(event, own=author is self.session)
                case ToSession(session, event) if session is self.session:
                    self._hear(event, own=False)
        self.over = isinstance(answer, Bye)

    def _hear(self, event: Any, *, own: bool) -> None:
        encoder = self.codec.encoder
        self.read += encoder.encode_own(event) if own else encoder.encode(event)
