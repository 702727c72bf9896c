"""The dialects that are spoken, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from wassop.wire.codec import Codec, WireSettings
from wassop.wire.native import NativeCodec
from wassop.wire.plain import PlainCodec
from wassop.wire.sniff import Dialect

CODECS: Final[Mapping[Dialect, Callable[[WireSettings], Codec]]] = {
    Dialect.NATIVE: NativeCodec,
    Dialect.PLAIN: PlainCodec,
}
