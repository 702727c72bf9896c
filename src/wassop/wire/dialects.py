"""The dialects that are spoken, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from wassop.wire.cmdjson import CmdjsonCodec
from wassop.wire.codec import Codec, WireSettings
from wassop.wire.mychat import MychatCodec
from wassop.wire.native import NativeCodec
from wassop.wire.nick import NickCodec
from wassop.wire.plain import PlainCodec
from wassop.wire.remitente import RemitenteCodec
from wassop.wire.salas import SalasCodec
from wassop.wire.sniff import Dialect

CODECS: Final[Mapping[Dialect, Callable[[WireSettings], Codec]]] = {
    Dialect.NATIVE: NativeCodec,
    Dialect.PLAIN: PlainCodec,
    Dialect.SALAS: SalasCodec,
    Dialect.MYCHAT: MychatCodec,
    Dialect.REMITENTE: RemitenteCodec,
    Dialect.CMDJSON: CmdjsonCodec,
    Dialect.NICK: NickCodec,
}
