"""How wide text is on a terminal, and where it may be cut. Pure.

Terminals agree on the width of most characters, but not on clusters of several that are one picture (❤️,
flags, families, skin tones) or one syllable (क्षि): some give them two columns, some four or more, some
draw the parts. Nor do they agree on pictures that are new. Such clusters are told apart here (`fused`), so
that the terminal's opinion can be overruled where they are drawn.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import wcwidth
from attrs import frozen

_PRIVATE_PLANES: Final = re.compile("[\U000f0000-\U0010ffff]")
# Variation selector 16, the joiner, keycaps: what makes one picture of several characters. And the planes of
# pictures, to which every year adds some that a terminal may not know yet.
_FUSING: Final = re.compile("[\ufe0f\u200d\u20e3\U0001f000-\U0001ffff]")
_LETTER: Final = "[ -~¡-¨ª-¬¯-ʯ]"
_SINGLES: Final = re.compile(f"(?:(?<={_LETTER})|^){_LETTER}+(?={_LETTER}|$)")
"""Latin letters between others of their kind, which are clusters by themselves. To find the clusters of all
other characters, and of a letter beside one, takes much longer."""
_WIDTHLESS: Final = frozenset({"Mn", "Me", "Cf"})
"""Categories that add nothing to a letter's width anywhere; the vowel signs of Indic scripts (Mc) may."""
MAX_CELL_COLUMNS: Final = 8
"""Some scripts join several letters into one cluster, but not that many."""
_MAX_CLUSTER_CHARS: Final = 24
"""A letter can carry any number of marks; more than this makes a tower over the neighbouring lines."""


@frozen
class Cell:
    """One cluster, and how many columns it takes."""

    text: str
    width: int
    fused: bool = False


def cells(text: str) -> Iterator[Cell]:
    """`text` in clusters that must not be cut. What nobody may send here (private planes) becomes U+FFFD."""
    if text.isascii():
        yield from map(_single_cell, text)
        return
    end = 0
    for run in _SINGLES.finditer(text):
        yield from _clustered(text[end : run.start()])
        yield from map(_single_cell, run.group())
        end = run.end()
    yield from _clustered(text[end:])


def text_width(text: str) -> int:
    """How many columns `text` takes."""
    return len(text) if text.isascii() else sum(cell.width for cell in cells(text))


@lru_cache(maxsize=1_024)
def _single_cell(char: str) -> Cell:
    return Cell(char, 1)


def _clustered(text: str) -> Iterator[Cell]:
    for cluster in wcwidth.iter_graphemes(_PRIVATE_PLANES.sub("\ufffd", text)) if text else ():
        yield from _cluster_cells(cluster)


@lru_cache(maxsize=4_096)
def _cluster_cells(cluster: str) -> tuple[Cell, ...]:
    width = _summed_width(cluster)
    if len(cluster) > _MAX_CLUSTER_CHARS:
        return tuple(_parts(cluster))
    if width > MAX_CELL_COLUMNS and not _FUSING.search(cluster):
        return tuple(_parts(cluster))
    if unicodedata.category(cluster[0]).startswith("M"):
        # Marks with nothing to stand on are not to stand on what happens to be before them on the screen.
        return (Cell(cluster, max(1, width), fused=True),)
    if _FUSING.search(cluster) or any(unicodedata.category(char) not in _WIDTHLESS for char in cluster[1:]):
        return (Cell(cluster, min(MAX_CELL_COLUMNS, max(1, wcwidth.wcswidth(cluster))), fused=True),)
    return (Cell(cluster, width),)


def _parts(cluster: str) -> Iterator[Cell]:
    """A cluster of no real writing, cut so that it fits somewhere."""
    part = ""
    for char in cluster:
        if part and (_summed_width(part + char) > 2 or len(part) >= _MAX_CLUSTER_CHARS):
            yield Cell(part, _summed_width(part))
            part = ""
        part += char
    yield Cell(part, _summed_width(part))


def _summed_width(text: str) -> int:
    # Character by character, which is how prompt_toolkit counts.
    return sum(max(0, wcwidth.wcwidth(char)) for char in text)
