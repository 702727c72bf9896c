"""Which dialect do these first bytes speak?

Rule 1: nothing is decided on fewer bytes than needed, unless nothing more comes (`final`).
Rule 2: what no other dialect claims is plain: a person who types.
"""

import re
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """Every dialect that can be told from the first bytes."""

    NATIVE = "native"
    PLAIN = "plain"
    # Recognised, so that nobody who speaks them is taken for a person who types; not spoken yet.
    HTTP = "http"
    TLS = "tls"
    IRC = "irc"


MAX_SNIFF_BYTES: Final = 512
"""A first line of this length without a sign of another dialect is plain."""

_IRC: Final = re.compile(rb"(?:NICK|USER|CAP|PASS) ", re.IGNORECASE)
_WORDS: Final = (b"GET ", b"NICK ", b"USER ", b"CAP ", b"PASS ")
_TLS_HANDSHAKE: Final = b"\x16\x03"


def sniff(data: bytes, *, final: bool = False) -> Dialect | None:
    """The dialect of a visitor who began with `data`; None while more bytes are needed to tell."""
    start = data.lstrip(b"\r\n")
    if start.startswith(b"{"):
        # A JSON object whose dialect no key tells yet is answered as ours, which can say what is wrong.
        return Dialect.NATIVE
    if data.startswith(_TLS_HANDSHAKE):
        return Dialect.TLS
    if start.startswith(b"GET "):
        return Dialect.HTTP
    if _IRC.match(start):
        return Dialect.IRC
    undecided = (
        not start or _TLS_HANDSHAKE.startswith(data) or any(word.startswith(start.upper()) for word in _WORDS)
    )
    if undecided and not final and len(data) < MAX_SNIFF_BYTES:
        return None
    return Dialect.PLAIN
