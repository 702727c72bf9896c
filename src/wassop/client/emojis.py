"""Emoji shortcuts like `:corazon:`, by their English and Spanish names (of the emoji package)."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from attrs import frozen

_EVERYDAY: Final = {
    "corazon": "❤️",
    "amor": "😍",
    "risa": "😂",
    "sonrisa": "😊",
    "guiño": "😉",
    "beso": "😘",
    "triste": "😢",
    "llanto": "😭",
    "enojo": "😠",
    "sorpresa": "😮",
    "abrazo": "🤗",
    "pensando": "🤔",
    "genial": "😎",
    "bien": "👍",
    "mal": "👎",
    "aplauso": "👏",
    "gracias": "🙏",
    "hola": "👋",
    "fuego": "🔥",
    "fiesta": "🎉",
    "cafe": "☕",
    "cerveza": "🍺",
    "sol": "☀️",
    "luna": "🌙",
    "estrella": "⭐",
    "ok": "👌",
    "shrug": "🤷",
}
"""The short names that people try first; the Unicode names are longer (`corazón_rojo`)."""

_SHORTCUT: Final = re.compile(r":([^\s:]{1,100}):")
_UNFINISHED: Final = re.compile(r"(?:^|(?<=[\s:(¡¿]))(:[^\s:]{2,100})$")


@frozen
class Shortcuts:
    """All names, without accents and in lower case, in order; several may mean the same emoji."""

    by_name: Mapping[str, str]
    names: tuple[str, ...]

    def beginning_with(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Name and emoji of what begins with `prefix`, the shortest name first, an emoji once."""
        wanted = plain(prefix)
        first = bisect_left(self.names, wanted)
        found = []
        for name in self.names[first:]:
            if not name.startswith(wanted):
                break
            found.append(name)
        yield from self._each_once(found)

    def containing(self, word: str) -> Iterator[tuple[str, str]]:
        """Name and emoji where `word` begins a later word of the name (`rojo`: `corazon_rojo`)."""
        inner = "_" + plain(word)
        yield from self._each_once([name for name in self.names if inner in name])

    def _each_once(self, names: list[str]) -> Iterator[tuple[str, str]]:
        told = set()
        for name in sorted(names, key=lambda name: (name not in _EVERYDAY, len(name), name)):
            emoji = self.by_name[name]
            if emoji not in told:
                told.add(emoji)
                yield name, emoji


@lru_cache(maxsize=1)
def shortcuts() -> Shortcuts:
    """The table. The first call reads the emoji package's data, some 50 ms."""
    import emoji  # here, because the first prompt need not wait for it

    emoji.config.load_language("es")
    by_name: dict[str, str] = {}
    for picture, data in emoji.EMOJI_DATA.items():
        if data["status"] != emoji.STATUS["fully_qualified"]:
            continue
        for name in (data.get("es"), data.get("en"), *data.get("alias", ())):
            if name:
                by_name.setdefault(plain(str(name).strip(":")), picture)
    by_name |= {plain(name): picture for name, picture in _EVERYDAY.items()}
    return Shortcuts(by_name, tuple(sorted(by_name)))


def with_emojis(text: str) -> str:
    """`text` with every known shortcut replaced: `te quiero :corazon:` becomes `te quiero ❤️`."""
    if text.count(":") < 2:
        return text
    # A colon may end one shortcut or begin the next (`12:30:corazon:`), so the search goes on from there.
    pieces, position = [], 0
    while match := _SHORTCUT.search(text, position):
        picture = shortcuts().by_name.get(plain(match[1]))
        if picture is None:
            pieces.append(text[position : match.end() - 1])
            position = match.end() - 1
        else:
            pieces.append(text[position : match.start()] + picture)
            position = match.end()
    return "".join(pieces) + text[position:]


def unfinished_shortcut(before_cursor: str) -> str | None:
    """The shortcut being typed at the end of `before_cursor`, with its colon: `hola :cora` -> `:cora`."""
    match = _UNFINISHED.search(before_cursor)
    return match[1] if match else None


def plain(name: str) -> str:
    """`name` as it is compared: lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", name.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
