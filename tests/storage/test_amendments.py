"""Messages about messages on record: read back as they were told, and of the deleted no text."""

import io
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_hub import Party
from tests.storage.entries import AT, integrity, opened, person, room, said
from wassop.core.amendments import MESSAGES, QUOTING
from wassop.core.commands import Join, ReadHistory, Say
from wassop.core.events import Accepted, Kind, Page, Quote, Said
from wassop.core.limits import Limits
from wassop.core.records import RoomRecord
from wassop.storage.archive import Archive
from wassop.storage.reader import open_reader
from wassop.storage.schema import MIGRATIONS
from wassop.storage.searching import SearchFilter
from wassop.storage.transfer import ImportProblem, new_ones, read_jsonl, write_jsonl, write_text

SECRET = "contraseñaprohibida"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def about(seq: int, kind: Kind, subject: int | None, text: str = "", **more: Any) -> Said:
    return evolve(said(seq, text, **more), kind=kind, about=subject)


def found(archive: Archive, *words: str) -> list[int]:
    while archive.index(100):
        pass
    return [each.seq for each in archive.search(words, SearchFilter(), 99)]


def texts(archive: Archive) -> list[str]:
    return [each.text for each in archive.after("sala1", 0, 99)]


# Read back


def test_kinds_and_quotes_are_read_back(path: Path) -> None:
    talk = [
        said(1, "hola"),
        about(2, Kind.ME, None, "saluda"),
        about(3, Kind.REPLY, 1, "¿qué?", author="bob"),
        about(4, Kind.REACT, 3, "👍"),
        about(5, Kind.UNREACT, 3, "👍"),
    ]
    ana, bob = Quote(person(), "hola"), Quote(person("bob"), "¿qué?")
    quoted = [*talk[:2], evolve(talk[2], quoted=ana), evolve(talk[3], quoted=bob), talk[4]]
    with opened(path) as archive:
        archive.store(talk)
        assert archive.before("sala1", 9, 9) == archive.after("sala1", 0, 9) == tuple(quoted)
        assert list(archive.everything("sala1")) == quoted
        loaded = archive.load_room("sala1", 9)
        assert isinstance(loaded, RoomRecord)
        assert loaded.recent == tuple(quoted)
        archive.store([about(6, Kind.EDIT, 1, "hala")])
        assert archive.after("sala1", 2, 1)[0].quoted == Quote(person(), "hala")
        assert archive.as_it_reads("sala1", 1) == evolve(talk[0], text="hala")
        assert archive.as_it_reads("sala1", 2) == talk[1]
        assert archive.as_it_reads("sala1", 7) is None
        assert archive.as_it_reads("nada", 1) is None
    integrity(path)


def test_a_quote_of_what_is_no_longer_kept_is_left_out(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1, "hola"), about(2, Kind.REPLY, 1, "¿qué?")])
        for _ in archive.retain(None, 1, now=0, max_messages=9):
            pass
        (reply,) = archive.after("sala1", 0, 9)
        assert (reply.about, reply.quoted) == (1, None)
    integrity(path)


def test_a_file_of_before_is_brought_up_to_date_and_can_be_read_without(path: Path) -> None:
    before = next(number for number, script in enumerate(MIGRATIONS) if "ADD COLUMN about" in script)
    connection = sqlite3.connect(path)
    connection.executescript(
        f"{''.join(MIGRATIONS[:before])} PRAGMA user_version = {before}; "
        "INSERT INTO rooms (key, name, last_seq) VALUES ('sala1', 'Sala1', 1); "
        "INSERT INTO messages (room_id, seq, at, author, author_key, text, epoch) "
        f"VALUES (1, 1, {AT + 1}, 'ana', 'ana', 'hola', 1);"
    )
    connection.close()
    reader = open_reader(path)
    assert list(reader.everything("sala1")) == [said(1, "hola")]
    assert reader.problems() == []
    assert reader.counts() == (1, 1)
    reader.close()
    with opened(path) as archive:
        assert archive.after("sala1", 0, 9) == (said(1, "hola"),)
        archive.store([about(2, Kind.EDIT, 1, "hala")])
    integrity(path)


# Deleted


@pytest.mark.parametrize("indexed", [False, True])
def test_of_a_deleted_message_and_its_edits_no_query_finds_the_text(path: Path, indexed: bool) -> None:
    with opened(path) as archive:
        archive.store(
            [
                said(1, f"mi {SECRET} es"),
                said(2, "otra cosa"),
                about(3, Kind.EDIT, 1, f"mi {SECRET} era"),
                about(4, Kind.REPLY, 1, "no la digas"),
                about(5, Kind.EDIT, 2, "otra cosa mejor"),
            ]
        )
        if indexed:
            assert found(archive, SECRET) == [3, 1]
        archive.store([about(6, Kind.DELETE, 1)])
        assert texts(archive) == ["", "otra cosa", "", "no la digas", "otra cosa mejor", ""]
        assert found(archive, SECRET) == []
        assert found(archive, "cosa") == [5, 2]
        reply = archive.after("sala1", 3, 1)[0]
        assert reply.quoted == Quote(person(), "")
        read = archive.as_it_reads("sala1", 1)
        assert read is not None
        assert read.is_deleted
        for _ in archive.retain(None, 1, now=0, max_messages=9):
            pass
        assert found(archive, SECRET) == []
    integrity(path)


def test_of_a_deleted_message_nothing_is_left_in_the_file(path: Path) -> None:
    """As long as it was not in the search index, which keeps words until it merges what it holds."""
    big = SECRET * 300
    with opened(path) as archive:
        archive.store([said(number, f"mensaje {number} " * 20) for number in range(1, 60)])
        archive.store([said(60, SECRET), said(61, big)])
        archive.store([about(62, Kind.EDIT, 60, big)])
        archive.store([about(63, Kind.DELETE, 60), about(64, Kind.DELETE, 61)])
    beside = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    assert beside
    assert not any(SECRET.encode() in file.read_bytes() for file in beside)


def test_said_and_deleted_in_one_batch_it_is_deleted(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1, SECRET), about(2, Kind.EDIT, 1, SECRET), about(3, Kind.DELETE, 1)])
        assert texts(archive) == ["", "", ""]
    integrity(path)


def test_what_is_stored_again_after_its_deletion_stays_deleted(path: Path) -> None:
    talk = [said(1, SECRET), about(2, Kind.DELETE, 1)]
    with opened(path) as archive:
        for _ in range(2):
            archive.store(talk)
            archive.store(talk[:1])
            assert texts(archive) == ["", ""]
        with pytest.raises(sqlite3.IntegrityError):
            archive.store([said(1, SECRET, author="bob")])
    integrity(path)


def test_a_deletion_that_cannot_be_stored_deletes_nothing(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1, "hola"), said(2, "otra")])
        with pytest.raises(sqlite3.IntegrityError):
            archive.store([about(2, Kind.DELETE, 1)])
        assert texts(archive) == ["hola", "otra"]


def test_a_search_finds_what_was_corrected_and_no_reactions(path: Path) -> None:
    with opened(path) as archive:
        archive.store(
            [
                said(1, "el martse 1"),
                about(2, Kind.EDIT, 1, "el martes 1"),
                about(3, Kind.REACT, 1, "1️⃣"),
                about(4, Kind.UNREACT, 1, "1️⃣"),
                about(5, Kind.ME, None, "llega el martes"),
            ]
        )
        assert found(archive, "martes") == [5, 2]
        assert found(archive, "1") == [2, 1]
    integrity(path)


# To a file and back

TALK = [
    said(1, ""),
    said(2, "hola"),
    about(3, Kind.REPLY, 2, "¿qué?", author="bob"),
    about(4, Kind.EDIT, 2, "hala"),
    about(5, Kind.REACT, 3, "👍"),
    about(6, Kind.DELETE, 1),
]


def exported(archive: Archive) -> list[bytes]:
    target = io.StringIO()
    write_jsonl(archive.everything("sala1"), target)
    return target.getvalue().encode().splitlines(keepends=True)


def test_an_export_carries_kinds_and_what_they_are_about(path: Path, tmp_path: Path) -> None:
    with opened(path) as archive, opened(tmp_path / "other.db") as other:
        archive.store([said(1, SECRET), *TALK[1:]])
        lines = exported(archive)
        assert SECRET.encode() not in b"".join(lines)
        for _ in range(2):
            other.store(new_ones(read_jsonl(lines), other))
            assert other.after("sala1", 0, 9) == archive.after("sala1", 0, 9)
        assert exported(other) == lines


def test_an_export_of_before_a_deletion_does_not_bring_the_text_back(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1, SECRET)])
        before = exported(archive)
        archive.store([about(2, Kind.DELETE, 1)])
        archive.store(new_ones(read_jsonl(before), archive))
        assert texts(archive) == ["", ""]


def test_an_import_deletes_what_was_deleted_where_it_comes_from(path: Path, tmp_path: Path) -> None:
    with opened(path) as archive, opened(tmp_path / "other.db") as other:
        archive.store([said(1, SECRET), about(2, Kind.DELETE, 1)])
        other.store([said(1, SECRET)])
        other.store(new_ones(read_jsonl(exported(archive)), other))
        assert texts(other) == ["", ""]


@pytest.mark.parametrize(
    "line",
    [
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"kind":"shout","about":1}',
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"kind":"edit"}',
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"kind":"me","about":1}',
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"about":1}',
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"kind":"edit","about":0}',
        b'{"room":"x","seq":2,"from":"ana","text":"x","at":1,"kind":"edit","about":3}',
        b'{"room":"x","seq":2,"from":"ana","text":"","at":1,"kind":"delete","about":99999999999999999999}',
    ],
)
def test_a_line_whose_kind_makes_no_sense_is_told(line: bytes) -> None:
    with pytest.raises(ImportProblem):
        list(read_jsonl([line]))


def test_a_transcript_leaves_out_what_has_no_words() -> None:
    target = io.StringIO()
    count = write_text(TALK, target, lambda each: each.text and f"{each.author}: {each.text}")
    assert (count, target.getvalue().count("\n")) == (4, 4)


# Any sequence of them

TEXTS = {Kind.DELETE: "", Kind.REACT: "👍", Kind.UNREACT: "👍"}
actions = st.lists(
    st.tuples(
        st.sampled_from(["ana", "bob"]),
        st.sampled_from([Kind.SAY, Kind.SAY, *Kind]),
        st.integers(1, 9),
        st.sampled_from(["uno", "dos", "tres"]),
    ),
    max_size=30,
)


class Model:
    """What was accepted, in order, and how it reads: the fold that PROTOCOL.md describes."""

    def __init__(self) -> None:
        self.log: list[Said] = []

    def newest(self, seq: int) -> str:
        if any(each.kind is Kind.DELETE and each.about == seq for each in self.log):
            return ""
        edits = [each.text for each in self.log if each.kind is Kind.EDIT and each.about == seq]
        return edits[-1] if edits else self.log[seq - 1].text

    def accepts(self, author: str, kind: Kind, subject: int) -> bool:
        if kind in (Kind.SAY, Kind.ME):
            return True
        if subject > len(self.log) or self.log[subject - 1].kind not in MESSAGES or not self.newest(subject):
            return False
        own = self.log[subject - 1].author.text == author
        return own or kind not in (Kind.EDIT, Kind.DELETE)

    def page(self) -> tuple[Said, ...]:
        read = []
        for each in self.log:
            key = each.seq if each.kind in MESSAGES else each.about
            gone = each.kind in {*MESSAGES, Kind.EDIT} and key is not None and not self.newest(key)
            shown = evolve(each, text="") if gone else each
            if each.kind in QUOTING and each.about is not None:
                author = self.log[each.about - 1].author
                shown = evolve(shown, quoted=Quote(author, self.newest(each.about)))
            read.append(shown)
        return tuple(read)


@settings(deadline=None, max_examples=60)
@given(actions=actions, remembered=st.integers(1, 9), batch=st.integers(1, 7))
def test_memory_and_record_read_as_the_fold_of_what_was_said(
    actions: list[tuple[str, Kind, int, str]], remembered: int, batch: int
) -> None:
    party, model = Party(Limits(recent_messages_per_room=remembered)), Model()
    guests = {name: party.guest(name) for name in ("ana", "bob")}
    for guest in guests.values():
        guest.ask(Join("Sala1"))
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "chat.db") as archive:
        waiting: list[Said] = []
        for author, kind, number, words in actions:
            subject = None if kind in (Kind.SAY, Kind.ME) else number
            text, fact = TEXTS.get(kind, words), None
            hub_room = party.hub.rooms.named("Sala1")
            if subject is not None and not hub_room.decides(subject):
                fact = archive.as_it_reads("sala1", subject)
            answer = guests[author].ask(Say("Sala1", text, None, kind, subject, fact))
            assert isinstance(answer, Accepted) == model.accepts(author, kind, number), answer
            if isinstance(answer, Accepted):
                entry = party.recorded[-1]
                shown = Said(room(), len(model.log) + 1, person(author), text, party.now)
                model.log.append(evolve(shown, kind=kind, about=subject))
                waiting.append(entry)
                # What is looked up is on record before; else it may still be on its way there.
                if len(waiting) >= min(batch, remembered):
                    archive.store(waiting)
                    waiting.clear()
            page = guests["ana"].ask(ReadHistory("Sala1", remembered - 1))
            assert isinstance(page, Page)
            assert [evolve(each, author=person(each.author.text)) for each in page.messages] == list(
                model.page()[len(model.log) - len(page.messages) :]
            )
        archive.store(waiting)
        read = archive.after("sala1", 0, 99)
        assert read == model.page()
