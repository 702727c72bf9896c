"""The lines of one conversation: a sequence that is never changed, only replaced by another.

It is kept in short chunks, so that to add a line at the end copies a few hundred references at most, however
many lines there are, and everything in between is shared with what was there before.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import ceil
from typing import Final, Generic, TypeVar, overload

from attrs import frozen

_CHUNK: Final = 128

T = TypeVar("T")


@frozen
class Backlog(Sequence[T], Generic[T]):
    """What was put in, in order."""

    _chunks: tuple[tuple[T, ...], ...] = ()
    _starts: tuple[int, ...] = ()
    """The place of each chunk's first item. No chunk is empty."""

    def __len__(self) -> int:
        return self._starts[-1] + len(self._chunks[-1]) if self._chunks else 0

    def __iter__(self) -> Iterator[T]:
        for chunk in self._chunks:
            yield from chunk

    def __reversed__(self) -> Iterator[T]:
        for chunk in reversed(self._chunks):
            yield from reversed(chunk)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        chunk = bisect_right(self._starts, place) - 1
        return self._chunks[chunk][place - self._starts[chunk]]

    def added(self, item: T) -> "Backlog[T]":
        """With `item` behind everything else."""
        if self._chunks and len(self._chunks[-1]) < _CHUNK:
            return Backlog((*self._chunks[:-1], (*self._chunks[-1], item)), self._starts)
        return Backlog((*self._chunks, (item,)), (*self._starts, len(self)))

    def spliced(self, place: int, remove: int, *items: T) -> "Backlog[T]":
        """With `items` where `remove` others stood, from `place` on."""
        first = max(0, bisect_right(self._starts, place) - 1)
        last = bisect_right(self._starts, place + remove)
        start = self._starts[first] if self._starts else 0
        touched = [item for chunk in self._chunks[first:last] for item in chunk]
        touched[place - start : place - start + remove] = items
        # Cut evenly: were the first pieces full, each further item put in here would make a chunk of its own.
        size = ceil(len(touched) / ceil(len(touched) / _CHUNK)) if touched else 1
        cut = [tuple(touched[at : at + size]) for at in range(0, len(touched), size)]
        chunks = (*self._chunks[:first], *cut, *self._chunks[last:])
        starts = tuple(accumulate(map(len, chunks[:-1]), initial=0)) if chunks else ()
        return Backlog(chunks, starts)
