"""Finding words again: without case and diacritics, narrowed, newest first, and never an error."""

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.storage.entries import AT, integrity, opened, said
from wassop.storage.archive import Archive
from wassop.storage.searching import SearchFilter, SearchTooSlow

TALK = [
    said(1, "otra Canción de cuna"),
    said(2, "las CANCIONES de ayer", author="bob"),
    said(3, unicodedata.normalize("NFD", "una canción más")),
    said(1, "canción en otra sala", where="Otra", at=AT + 2.5),
    said(4, "ñandú, pingüino; ¿über? ÇA"),
    said(5, 'a "b" c* (d) NOT e: f-g ^h'),
    said(6, "👍 bien 👩‍👩‍👧 hecho"),
    said(7, "Ελλάδα и Ёлка 日本"),
]


@pytest.fixture
def archive(tmp_path: Path):  # type: ignore[no-untyped-def]
    with opened(tmp_path / "chat.db") as archive:
        archive.store(TALK)
        assert archive.index(100) == len(TALK)
        yield archive
    integrity(tmp_path / "chat.db")


def found(archive: Archive, words: str, count: int = 99, **narrowed: object) -> list[tuple[str, int]]:
    return [
        (m.room.key, m.seq)
        for m in archive.search(words.split(), SearchFilter(**narrowed), count)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize("words", ["cancion", "CANCIÓN", "canción", "Cancio\u0301n"])
def test_neither_case_nor_diacritics_count(archive: Archive, words: str) -> None:
    assert found(archive, words) == [("otra", 1), ("sala1", 3), ("sala1", 1)]


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ("nandu", [4]),
        ("pinguino", [4]),
        ("uber ca", [4]),
        ("ca UBER", [4]),
        ("canciones", [2]),
        ("canc", []),
        ("cuna ayer", []),
        ("ελλάδα", [7]),  # outside of Latin only case is folded
        ("ёлка 日本", [7]),
        ("bien", [6]),
        ("👍 bien", [6]),
        ("👍", []),
        ("f-g", [5]),
        ("not", [5]),
        ("b c", [5]),
        ('"b"', [5]),
        ("NOT NEAR", []),
        ("cuna de", [1]),
    ],
)
def test_all_words_must_be_there_in_any_order_and_whole(
    archive: Archive, words: str, seqs: list[int]
) -> None:
    assert [seq for _, seq in found(archive, words)] == seqs


def test_a_search_is_narrowed_by_room_author_and_time(archive: Archive) -> None:
    assert found(archive, "cancion", room_key="otra") == [("otra", 1)]
    assert found(archive, "de", author_key="bob") == [("sala1", 2)]
    assert found(archive, "cancion", since=AT + 3) == [("sala1", 3)]
    assert found(archive, "cancion", since=AT + 1, until=AT + 3) == [("otra", 1), ("sala1", 1)]
    assert found(archive, "cancion", room_key="sala1", author_key="ana", until=AT + 2) == [("sala1", 1)]
    assert found(archive, "cancion", room_key="nowhere") == []


def test_the_newest_come_first_and_no_more_than_asked_for(archive: Archive) -> None:
    assert found(archive, "cancion", 2) == [("otra", 1), ("sala1", 3)]
    assert found(archive, "cancion", 0) == []


def test_what_is_found_is_the_whole_message(archive: Archive) -> None:
    assert archive.search(["cuna"], SearchFilter(), 1) == (TALK[0],)


def test_a_search_that_takes_too_long_is_given_up_and_the_next_one_is_made(tmp_path: Path) -> None:
    """Of those who said a frequent word, it looks for one who never did."""
    with opened(tmp_path / "chat.db") as archive:
        archive.store([said(seq, "canción", author=f"ana{seq % 9}") for seq in range(1, 4_001)])
        archive.index(9_999)
        nobodys = SearchFilter(author_key="bob")
        looks = 0

        def clock() -> float:
            nonlocal looks
            looks += 1
            return 3.0 * looks

        with pytest.raises(SearchTooSlow):
            archive.search(["cancion"], nobodys, 9, timeout_s=5, clock=clock)
        assert looks == 3, "at the start, in time, too late"
        assert archive.search(["cancion"], nobodys, 9, timeout_s=5) == ()
        assert [m.seq for m in archive.search(["cancion"], SearchFilter(), 2, timeout_s=5)] == [4_000, 3_999]


SYNTAX = st.sampled_from(
    [
        '"',
        "'",
        "*",
        "(",
        ")",
        "^",
        ":",
        "+",
        "-",
        "{",
        "}",
        ",",
        "NEAR(",
        "AND",
        "OR",
        "NOT",
        "text:",
        "\0",
        "👍",
    ]
)


@given(
    words=st.lists(st.lists(SYNTAX | st.text(min_size=1, max_size=4), min_size=1).map("".join), min_size=1)
)
@example(words=["\0"])
@example(words=['a\0"b'])
@example(words=["\ufeff", "x" * 20_000])
def test_no_words_are_an_error(words: list[str]) -> None:
    # One archive for all examples would be a fixture of the function; this one is as cheap.
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "chat.db") as archive:
        archive.store([said(1, " ".join(words))])
        archive.index(10)
        messages = archive.search(words, SearchFilter(), 9)
        assert [m.seq for m in messages] in ([], [1])
        if all(word.isascii() and word.isalnum() for word in words):
            assert [m.seq for m in messages] == [1]


@given(
    texts=st.lists(st.text(st.sampled_from("abñé "), max_size=12), min_size=1, max_size=25),
    steps=st.lists(st.integers(1, 6), max_size=10),
    words=st.lists(st.text(st.sampled_from("abne"), min_size=1, max_size=2), min_size=1, max_size=2),
    kept=st.integers(1, 25),
)
def test_an_index_made_in_steps_equals_one_made_at_once_and_retention_takes_out_of_both(
    texts: list[str], steps: list[int], words: list[str], kept: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("stepwise.db", "at-once.db")]
        with opened(paths[0]) as stepwise, opened(paths[1]) as at_once:
            messages = [said(seq, text) for seq, text in enumerate(texts, 1)]
            for message in messages:
                stepwise.store([message])
                if steps:
                    stepwise.index(steps.pop())
            at_once.store(messages)
            if kept % 2:  # deleted before they were indexed
                assert sum(at_once.retain(None, kept, now=AT, max_messages=99)) == max(0, len(texts) - kept)
            for archive in (stepwise, at_once):
                while archive.index(3):
                    pass
                assert max(archive.retain(None, kept, now=AT, max_messages=2)) <= 2
            assert stepwise.search(words, SearchFilter(), 99) == at_once.search(words, SearchFilter(), 99)
            plain = str.maketrans("ñé", "ne")
            assert [m.seq for m in stepwise.search(words, SearchFilter(), 99)] == [
                m.seq
                for m in reversed(messages[-kept:])
                if set(words) <= set(m.text.translate(plain).split())
            ]
        for path in paths:
            integrity(path)
