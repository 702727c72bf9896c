"""What may be said, and making what others typed harmless to read."""

from typing import Final

from wassop.core.refusals import Code, Refused

_PICTURES: Final = {code: 0x2400 + code for code in range(0x20)}
_C1: Final = dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
# Embeddings, overrides and isolates reorder what follows them, even the lines of others (Trojan Source,
# CVE-2021-42574). The marks U+200E, U+200F and U+061C only hint, and are left alone.
_BIDI: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
_SEPARATORS: Final = {0x2028: 0x2424, 0x2029: 0x2424, 0x85: 0x2424}
# Language tags, deprecated and invisible; the tags from U+E0020 on stay, because flags are made of them.
_TAGS: Final = dict.fromkeys(range(0xE0000, 0xE0020), 0xFFFD)
_HARMLESS: Final[dict[int, int | str]] = {
    **_PICTURES,
    0x7F: 0x2421,
    **_C1,
    **_BIDI,
    **_SEPARATORS,
    **_TAGS,
    0x09: " ",
}
_HARMLESS_LINES: Final[dict[int, int | str]] = {**_HARMLESS, 0x0A: 0x0A}


def refused_text(text: str, max_bytes: int) -> Refused | None:
    """Why `text` may not be said, if it may not: it is empty, or longer than so many bytes of UTF-8."""
    if not text.strip():
        return Refused(Code.TEXT_EMPTY)
    size = len(text) if text.isascii() else len(text.encode())
    if size > max_bytes:
        return Refused(Code.TEXT_TOO_LONG, {"size": size, "limit": max_bytes})
    return None


def one_line(text: str) -> str:
    """`text` as one harmless line: spaces and line ends of all kinds merged, then as `visible` has it."""
    return visible(" ".join(text.split()))


def visible(text: str, *, keep_newlines: bool = False) -> str:
    """`text` with every character that a terminal could obey replaced by a picture of it.

    Control characters become U+2400 and following (ESC: ␛), a tab a space, C1 controls and bidirectional
    overrides U+FFFD. Newlines become ␊ unless `keep_newlines`. Joiners and combining marks stay.
    """
    if text.isprintable():
        return text
    return text.translate(_HARMLESS_LINES if keep_newlines else _HARMLESS)
