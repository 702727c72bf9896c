"""What the JSON dialects of the seed documents share: objects out of segments, objects into segments."""

from collections.abc import Mapping
from typing import Final

import msgspec

from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.wire import phrases
from wassop.wire.framing import Overlong, decoded

MAX_SEGMENT_BYTES: Final = 4_096
"""What a client takes in one `recv` at most; a longer message would reach it as half an object."""

Object = Mapping[str, object]

_decode: Final = msgspec.json.Decoder(dict[str, object]).decode
_encode: Final = msgspec.json.Encoder().encode


def parsed(message: bytes | Overlong, max_bytes: int) -> Object | Refused:
    """The object that `message` is, or why it is none."""
    text = decoded(message, max_bytes)
    if isinstance(text, Refused):
        return text
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError):
        return Refused(Code.BAD_JSON)


def shown(text: str) -> str:
    """What somebody wrote, for programs that print it on a terminal as it is."""
    return visible(text, keep_newlines=True)


def fitted(message: Object, key: str, terminator: bytes) -> bytes:
    """`message` as JSON of at most 4,096 bytes with its terminator; of the text under `key` as many
    characters are kept as fit."""
    data = _encode(message) + terminator
    if len(data) <= MAX_SEGMENT_BYTES:
        return data
    text = str(message[key])
    # Escapes make some characters longer in JSON, so the length is sought: with `fits` it does, with
    # `too_many` not.
    fits, too_many, best = 0, len(text), _encode({**message, key: phrases.ELLIPSIS}) + terminator
    while too_many - fits > 1:
        tried = (fits + too_many) // 2
        data = _encode({**message, key: text[:tried] + phrases.ELLIPSIS}) + terminator
        if len(data) <= MAX_SEGMENT_BYTES:
            fits, best = tried, data
        else:
            too_many = tried
    return best


def fitted_list(message: Object, key: str, terminator: bytes, *, keep_last: bool) -> bytes:
    """`message` as JSON of at most 4,096 bytes; entries of the list under `key` are left out to fit, the
    first ones when the last matter (`keep_last`), else the last ones."""
    entries = message[key]
    assert isinstance(entries, list)
    data = _encode(message) + terminator
    while len(data) > MAX_SEGMENT_BYTES and entries:
        # By halves at first, so that a long list costs a few rounds; one by one at the end.
        fewer = max(1, int(len(entries) * (1 - MAX_SEGMENT_BYTES / len(data)) / 2))
        entries = entries[fewer:] if keep_last else entries[:-fewer]
        message = {**message, key: entries}
        data = _encode(message) + terminator
    return data
