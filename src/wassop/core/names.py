"""Names of people and rooms: what is allowed, and when two of them are the same.

Rule 1: a name is shown as it was typed (after Unicode normalisation), and compared case-folded.
Rule 2: two people cannot be connected under names that look alike, whatever the script.

The allowed characters follow the PRECIS profiles: UsernameCasePreserved of RFC 8265 for people (then
narrowed to letters, marks, digits and `_ - .`), Nickname of RFC 8266 for rooms.
"""

import unicodedata
from functools import lru_cache
from typing import Final

import precis_i18n
from attrs import field, frozen

from wassop.core.refusals import Code, Refused

MAX_USER_NAME_CHARS: Final = 32
MAX_ROOM_NAME_CHARS: Final = 64

# An unnormalised name can be longer than the limit and still shrink below it, but not without bound.
_MAX_RAW_FACTOR: Final = 4
_PUNCTUATION: Final = frozenset("_-.")
# Dialects use these words for the server itself, for the reader, or at the beginning of an answer.
_RESERVED: Final = ("servidor", "server", "sistema", "system", "wassop", "tú", "you", "error", "ok")


@frozen
class UserName:
    """A person's name. Equal names have the same `key`; `skeleton` is the same for all that look alike."""

    text: str = field(eq=False)
    key: str
    skeleton: str = field(eq=False, repr=False)

    def __str__(self) -> str:
        return self.text


@frozen
class RoomName:
    """A room's name, compared by `key` and shown as the one who made the room typed it."""

    text: str = field(eq=False)
    key: str

    def __str__(self) -> str:
        return self.text


def user_name(text: str) -> UserName | Refused:
    """Check `text` as a person's name: 1 to 32 letters, marks and digits of any script, `_`, `-` or `.`."""
    if len(text) > MAX_USER_NAME_CHARS * _MAX_RAW_FACTOR:  # before the cache, which would keep it
        return Refused(Code.NAME_TOO_LONG, {"limit": MAX_USER_NAME_CHARS})
    return _user_name(text)


def room_name(text: str) -> RoomName | Refused:
    """Check `text` as a room's name: 1 to 64 visible characters; inner spaces are allowed and merged."""
    if len(text) > MAX_ROOM_NAME_CHARS * _MAX_RAW_FACTOR:
        return Refused(Code.ROOM_TOO_LONG, {"limit": MAX_ROOM_NAME_CHARS})
    return _room_name(text)


@lru_cache(maxsize=16_384)
def _user_name(text: str) -> UserName | Refused:
    if not text.strip():
        return Refused(Code.NAME_EMPTY)
    shown = _enforce("UsernameCasePreserved", text)
    if shown is None or not (_is_simple(shown) or all(map(_may_stand_in_user_name, shown))):
        return Refused(Code.NAME_BAD_CHARACTER)
    if len(shown) > MAX_USER_NAME_CHARS:
        return Refused(Code.NAME_TOO_LONG, {"limit": MAX_USER_NAME_CHARS})
    if not any(map(str.isalnum, shown)):
        return Refused(Code.NAME_EMPTY)
    key = _enforce("UsernameCaseMapped", shown)
    if key is None:
        return Refused(Code.NAME_BAD_CHARACTER)
    name = UserName(shown, key, skeleton(shown))
    # Case is folded after looks: a capital I looks like l, but SISTEMA must be found too.
    if not _reserved_skeletons().isdisjoint((name.skeleton, skeleton(key))):
        return Refused(Code.NAME_RESERVED, {"name": name.text})
    return name


@lru_cache(maxsize=16_384)
def _room_name(text: str) -> RoomName | Refused:
    if not text.strip():
        return Refused(Code.ROOM_EMPTY)
    shown = _enforce("NicknameCasePreserved", text)
    # From what is shown, not from what was typed: whether a sigma is a final one depends on what stands
    # before it, and some of that is not shown.
    key = shown and _enforce("NicknameCaseMapped", shown)
    if shown is None or key is None:
        return Refused(Code.ROOM_BAD_CHARACTER)
    if len(shown) > MAX_ROOM_NAME_CHARS:
        return Refused(Code.ROOM_TOO_LONG, {"limit": MAX_ROOM_NAME_CHARS})
    return RoomName(shown, key)


@lru_cache(maxsize=16_384)
def skeleton(text: str) -> str:
    """Map `text` to a form that all texts looking like it share (after Unicode UTS #39, section 4)."""
    replaced = "".join(_prototype(char) for char in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", replaced).casefold()


def _is_simple(text: str) -> bool:
    """Most names are: nothing but the letters and digits of ASCII."""
    return text.isascii() and text.isalnum()


def _may_stand_in_user_name(char: str) -> bool:
    category = unicodedata.category(char)
    return char in _PUNCTUATION or category[0] in "LM" or category == "Nd"


def _enforce(profile: str, text: str) -> str | None:
    if _is_simple(text):
        # RFC 8264 leaves these as they are (class ASCII7, section 9.11), whatever the profile, but for their
        # case.
        return text.lower() if profile.endswith("CaseMapped") else text
    try:
        return str(precis_i18n.get_profile(profile).enforce(text))
    except UnicodeEncodeError:  # the library's way to say: a character or a direction is not allowed
        return None


@lru_cache(maxsize=16_384)
def _prototype(char: str) -> str:
    # The library's table is symmetric: a look-alike lists its prototype, a prototype all its look-alikes.
    # The prototype is therefore the best connected of them; several characters (m: rn) are always one.
    lookalikes = _lookalikes(char)
    if not lookalikes:
        return char
    return max(
        (char, *lookalikes),
        key=lambda c: (len(c), len(_lookalikes(c)) if len(c) == 1 else 0, c.isascii(), c),
    )


@lru_cache(maxsize=16_384)
def _lookalikes(char: str) -> tuple[str, ...]:
    from confusable_homoglyphs import confusables  # here, because a client need not wait for its table

    found = confusables.is_confusable(char, preferred_aliases=[], greedy=True)
    # Right-to-left characters stand in the table between marks that only keep the table readable.
    return tuple(other["c"].strip("\u200e") for entry in found or () for other in entry["homoglyphs"])


@lru_cache(maxsize=1)
def _reserved_skeletons() -> frozenset[str]:
    return frozenset(skeleton(form) for word in _RESERVED for form in (word, word.upper()))
