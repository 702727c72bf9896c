"""The dialects that are spoken, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from wassop.locale import N_
from wassop.wire.cmdjson import CmdjsonCodec
from wassop.wire.codec import Codec, WireSettings
from wassop.wire.mychat import MychatCodec
from wassop.wire.native import NativeCodec
from wassop.wire.nick import NickCodec
from wassop.wire.plain import PlainCodec
from wassop.wire.remitente import RemitenteCodec
from wassop.wire.salas import SalasCodec
from wassop.wire.sniff import Dialect
from wassop.wire.web import WebCodec


@frozen
class Spoken:
    """A dialect that is spoken: its codec, who speaks it (a text to translate), and a first message."""

    codec: Callable[[WireSettings], Codec]
    whose: str
    example: str


SPOKEN: Final[Mapping[Dialect, Spoken]] = {
    Dialect.NATIVE: Spoken(
        NativeCodec, N_("our own clients and programs, a JSON object a line"), '{"t":"hello","name":"ana"}'
    ),
    Dialect.PLAIN: Spoken(PlainCodec, N_("a person with netcat or telnet"), "ana"),
    Dialect.SALAS: Spoken(SalasCodec, N_("rooms, commands as lines (document 000)"), "JOIN ana"),
    Dialect.MYCHAT: Spoken(MychatCodec, N_("myChatProtocol, fields with bars (document 001)"), "CONNECT|ana"),
    Dialect.REMITENTE: Spoken(
        RemitenteCodec,
        N_("JSON with sender and kind (document 002)"),
        '{"remitente":"ana","tipo":"conexion"}',
    ),
    Dialect.CMDJSON: Spoken(
        CmdjsonCodec, N_("JSON with commands (document 003)"), '{"cmd":"login","user":"ana"}'
    ),
    Dialect.WEB: Spoken(WebCodec, N_("a browser; a WebSocket at /ws"), "GET / HTTP/1.1"),
    Dialect.NICK: Spoken(
        NickCodec, N_("the client that waits for NICK; only with --listen HOST:PORT=nick"), "ana"
    ),
}

CODECS: Final = {dialect: spoken.codec for dialect, spoken in SPOKEN.items()}
