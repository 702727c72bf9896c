"""Walking through a room's history page by page: no holes, no repeats, from anywhere, at any size."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.storage.entries import opened, said
from wassop.core.events import Said
from wassop.core.records import RoomRecord
from wassop.core.room import Room
from wassop.storage.archive import Archive

ROOM = "sala1"
# The numbers that are on record: holes are what could not be stored and what was deleted.
numbers = st.sets(st.integers(1, 60), max_size=60).map(sorted)
anywhere = st.integers(-3, 70)
sizes = st.integers(1, 9)


@contextmanager
def holding(seqs: list[int]) -> Iterator[Archive]:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "chat.db") as archive:
        archive.store(
            [said(seq) for seq in seqs] + [said(seq, where="otra", text="no") for seq in range(1, 71)]
        )
        yield archive


def back(archive: Archive, start: int, size: int) -> list[int]:
    found: list[int] = []
    while page := archive.before(ROOM, found[0] if found else start, size):
        assert len(page) <= size
        found = [m.seq for m in page] + found
    return found


def forward(archive: Archive, start: int, size: int) -> list[int]:
    found: list[int] = []
    while page := archive.after(ROOM, found[-1] if found else start, size):
        assert len(page) <= size
        found += [m.seq for m in page]
    return found


@given(numbers, anywhere, sizes)
def test_a_walk_in_either_direction_passes_everything_once(seqs: list[int], start: int, size: int) -> None:
    with holding(seqs) as archive:
        assert back(archive, start, size) == [seq for seq in seqs if seq < start]
        assert forward(archive, start, size) == [seq for seq in seqs if seq > start]
        assert archive.before(ROOM, start, 0) == archive.after(ROOM, start, 0) == ()


@given(numbers, st.integers(0, 12), anywhere, sizes, st.booleans())
def test_pages_of_what_is_remembered_and_of_what_is_on_record_are_one_walk(
    seqs: list[int], max_recent: int, start: int, size: int, backwards: bool
) -> None:
    """As the hub pages: from memory as far as that reaches, the rest from the record."""
    with holding(seqs) as archive:
        record = archive.load_room(ROOM, max_recent)
        room = Room(record.name if record else said(1).room, permanent=True, max_recent=max_recent)
        room.restore(*((record.seq, record.recent) if record else (0, ())))
        walk = page_walk(room, archive, start, size, backwards=backwards)
        expected = [seq for seq in seqs if (seq < start if backwards else seq > start)]
        assert walk == expected


def page_walk(room: Room, archive: Archive, start: int, size: int, *, backwards: bool) -> list[int]:
    found: list[int] = []
    more = True
    while more:
        edge = (found[0] if backwards else found[-1]) if found else start
        before, after = (edge, None) if backwards else (None, edge)
        page = room.page(before, after, size)
        if page is None:
            read = archive.before if backwards else archive.after
            messages: tuple[Said, ...] = read(ROOM, edge, size + 1)
            more = len(messages) > size
            page = (messages[-size:] if backwards else messages[:size]), more
        messages, more = page
        seqs = [m.seq for m in messages]
        found = seqs + found if backwards else found + seqs
    return found


@given(numbers, st.integers(0, 12), anywhere)
def test_who_comes_back_reads_what_came_since_and_is_told_when_that_is_not_all(
    seqs: list[int], max_recent: int, since: int
) -> None:
    with holding(seqs) as archive:
        record = archive.load_room(ROOM, max_recent) or RoomRecord(said(1).room, 0, ())
        room = Room(record.name, permanent=True, max_recent=max_recent)
        room.restore(record.seq, record.recent)
        since = max(0, min(since, room.seq))
        history, complete = room.after(since)
        wanted = [seq for seq in seqs if seq > since]
        got = [m.seq for m in history]
        assert got == wanted[len(wanted) - len(got) :]
        assert not complete or got == wanted
