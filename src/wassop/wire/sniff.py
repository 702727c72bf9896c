"""Which dialect do these first bytes speak?

Rule 1: nothing is decided on fewer bytes than needed, unless nothing more comes (`final`).
Rule 2: what no other dialect claims is plain: a person who types.
Rule 3: a program that was slow or interrupted is not taken for a person: what may still become one of the
dialects' first words stays open.
"""

import re
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """Every dialect that is spoken or at least recognised."""

    NATIVE = "native"
    PLAIN = "plain"
    SALAS = "salas"
    MYCHAT = "mychat"
    REMITENTE = "remitente"
    CMDJSON = "cmdjson"
    WEB = "web"
    # Cannot be told from the first bytes, because the server speaks first: only behind a door of its own.
    NICK = "nick"
    # Recognised, so that nobody who speaks them is taken for a person who types; not spoken yet.
    TLS = "tls"
    IRC = "irc"


MAX_SNIFF_BYTES: Final = 512
"""A first line of this length without a sign of another dialect is plain."""

# What a first message begins with, and whose word that is. IRC's words are written in either case.
_WORDS: Final = {
    b"GET ": Dialect.WEB,
    b"HEAD ": Dialect.WEB,
    b"POST ": Dialect.WEB,
    b"JOIN ": Dialect.SALAS,
    b"CONNECT|": Dialect.MYCHAT,
    b"NICK ": Dialect.IRC,
    b"USER ": Dialect.IRC,
    b"CAP ": Dialect.IRC,
    b"PASS ": Dialect.IRC,
}
_PROGRAMS: Final = (Dialect.SALAS, Dialect.MYCHAT, Dialect.WEB)
_PROGRAMS_WORDS: Final = [word for word, dialect in _WORDS.items() if dialect in _PROGRAMS]
_TLS_HANDSHAKE: Final = b"\x16\x03"
# The first key that only one of the JSON dialects has; a quote that is escaped stands inside a text.
_KEY: Final = re.compile(rb'(?<!\\)"(t|cmd|remitente|tipo)"\s*:')
_KEYS: Final = {
    b"t": Dialect.NATIVE,
    b"cmd": Dialect.CMDJSON,
    b"remitente": Dialect.REMITENTE,
    b"tipo": Dialect.REMITENTE,
}


def sniff(data: bytes, *, final: bool = False) -> Dialect | None:
    """The dialect of a visitor who began with `data`; None while more bytes are needed to tell.

    `final` means that nothing followed for a while. Who sent nothing at all is then a person. Two things stay
    undecided even so, since a person's terminal sends whole lines: an object that is open and has no telling
    key yet, and the beginning of a program's word without a line end (`CONN`). These are decided
    by a line end, the rest of the word or a key, or `MAX_SNIFF_BYTES`. Only the end of the stream is not
    known here: the server has the last word then.
    """
    start = data.lstrip(b"\r\n")
    is_enough = len(data) >= MAX_SNIFF_BYTES
    if start.startswith(b"{"):
        key = _KEY.search(start)
        if key is not None:
            return _KEYS[key[1]]
        # An object without any of the keys is answered as ours, which can say what is wrong.
        return Dialect.NATIVE if is_enough or b"\n" in start else None
    if data.startswith(_TLS_HANDSHAKE):
        return Dialect.TLS
    upper = start[:16].upper()
    for word, dialect in _WORDS.items():
        if (upper if dialect is Dialect.IRC else start).startswith(word):
            return dialect
    if final and start:
        undecided = any(word.startswith(start) for word in _PROGRAMS_WORDS)
    else:
        undecided = not start or _TLS_HANDSHAKE.startswith(data) or any(w.startswith(upper) for w in _WORDS)
        undecided &= not final
    return None if undecided and not is_enough else Dialect.PLAIN
