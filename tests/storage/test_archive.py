"""The record on disk: whole batches or nothing, once each, and numbers that go on for ever."""

import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from tests.storage.entries import AT, integrity, limit_pages, opened, person, room, said, steps, told, topic
from wassop.core.records import ReadMark, Stored
from wassop.storage.archive import Archive


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "chat.db"


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows, as another process reads them at this moment."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("rooms", "messages", "private_messages", "reads")
        }
    finally:
        connection.close()


def test_what_was_stored_is_read_back_the_same_also_after_opening_again(path: Path) -> None:
    messages = (
        said(1, "¡hola! 👍\n\t\x00\x1b"),
        evolve(said(2, nonce="k", where="sala1", author="ANA"), to_all=True),
        said(3, at=AT + 0.123456789),
    )
    with opened(path) as archive:
        archive.store(messages)
        for _ in range(2):
            record = archive.load_room("sala1", 10)
            assert record is not None
            assert (record.seq, record.recent) == (3, messages)
            assert [m.author.text for m in record.recent] == ["ana", "ANA", "ana"]
            assert record.name.text == "Sala1"
    with opened(path) as archive:
        record = archive.load_room("sala1", 2)
        assert record is not None
        assert (record.seq, record.recent) == (3, messages[1:])
        assert archive.load_room("nowhere", 2) is None
    integrity(path)


@pytest.mark.parametrize("nonce", [None, "", "0", "k"])
def test_a_name_for_a_message_is_kept_be_it_empty(path: Path, nonce: str | None) -> None:
    with opened(path) as archive:
        archive.store([said(1, nonce=nonce)])
        assert archive.before("sala1", 2, 1)[0].nonce == nonce


def test_a_message_is_one_row_that_changes_no_other(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
        before = archive._writer.total_changes
        archive.store([said(number) for number in range(2, 52)])
        assert archive._writer.total_changes - before == 50


def test_the_topic_that_was_stored_last_is_read_back_with_who_set_it_and_when(path: Path) -> None:
    with opened(path) as archive:
        archive.store([topic("uno"), said(1), topic("dos 👍", by="Íñigo", at=AT + 0.125)])
        archive.store([topic("tres", where="otra"), topic("", where="Otra", by="bob", at=AT + 1)])
        archive.store([said(1, where="muda")])
    with opened(path) as archive:
        record = archive.load_room("sala1", 9)
        assert record is not None
        assert (record.seq, record.topic) == (1, topic("dos 👍", by="Íñigo", at=AT + 0.125))
        assert record.topic is not None
        assert record.topic.by.text == "Íñigo"
        # That it was removed is remembered, too.
        assert archive.load_room("otra", 9).topic == topic("", where="otra", by="bob", at=AT + 1)  # type: ignore[union-attr]
        assert archive.load_room("muda", 9).topic is None  # type: ignore[union-attr]
    integrity(path)


def test_every_opening_is_a_later_run_numbered_by_the_clock(path: Path) -> None:
    epochs = []
    for now in (AT, AT + 0.9, AT + 0.9, AT + 60, AT - 5_000, 0.0):
        with opened(path, now) as archive:
            epochs.append(archive.epoch - int(AT))
    assert epochs == [0, 1, 2, 60, 61, 62]


def test_a_file_that_is_restored_from_a_backup_repeats_no_run(path: Path) -> None:
    """Who saw numbers in a run that the backup does not know has seen none of what is said under them now."""
    with opened(path, AT) as archive:
        archive.store([said(1)])
    path.with_name("backup.db").write_bytes(path.read_bytes())
    with opened(path, AT + 60) as archive:
        lost = archive.epoch
        archive.store([said(2), said(3)])
    path.with_name("backup.db").replace(path)
    with opened(path, AT + 120) as archive:
        assert archive.epoch > lost
        archive.store([said(2, "another")])
        assert archive.known_up_to("sala1", lost, 3) == 1


def test_storing_the_same_again_changes_nothing(path: Path) -> None:
    entries = [said(1, nonce="k"), said(2), told(nonce="k"), topic(), ReadMark(person(), room(), 2)]
    with opened(path) as archive:
        archive.store(entries)
        before = everything(path)
        archive.store(entries)
        archive.store(list(reversed(entries)) * 2)
    with opened(path) as archive:  # in another run, too
        archive.store(entries)
        assert everything(path) == before
    integrity(path)


def test_another_message_under_a_number_that_is_taken_is_an_error_and_not_lost_quietly(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1, "uno")])
        before = everything(path)
        for other in (said(1, "dos"), said(1, "uno", author="bob"), said(1, "uno", at=AT)):
            with pytest.raises(sqlite3.IntegrityError, match="number 1 of 'Sala1'"):
                archive.store([said(2), other])
        assert everything(path) == before


def test_a_batch_is_stored_whole_or_not_at_all(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
        before = everything(path)

        def broken():  # type: ignore[no-untyped-def]
            yield said(2)
            yield said(1, where="nueva")
            yield told()
            yield ReadMark(person(), room("otra"), 1)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            archive.store(broken())
        assert everything(path) == before
        archive.store([said(1, where="nueva"), said(2)])  # the new room was not taken for stored
        assert archive.load_room("nueva", 9).recent == (said(1, where="nueva"),)  # type: ignore[union-attr]
    integrity(path)


def test_a_full_disk_is_an_error_that_stores_nothing_and_passes(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
        before = everything(path)
        limit_pages(archive, 2)
        batch = [said(seq, "x" * 4_000, where=f"sala {seq}") for seq in range(2, 60)]
        for _ in range(3):
            with pytest.raises(sqlite3.OperationalError, match="full"):
                archive.store(batch)
            assert everything(path) == before
            assert archive.load_room("sala1", 9).recent == (said(1),)  # type: ignore[union-attr]
        limit_pages(archive, None)
        archive.store(batch)
        assert len(everything(path)["messages"]) == 59
    integrity(path)


def test_a_full_disk_while_the_index_grows_is_an_error_that_passes(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(seq, " ".join(f"word{seq}x{i}" for i in range(300))) for seq in range(1, 40)])
        limit_pages(archive, 1)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            archive.index(100)
        limit_pages(archive, None)
        assert archive.index(100) == 39
        assert archive.index(100) == 0
    integrity(path)


def test_numbers_go_on_when_retention_has_deleted_everything(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(seq) for seq in range(1, 6)])
        assert sum(archive.retain(10, None, now=AT + 1_000, max_messages=100)) == 5
        record = archive.load_room("sala1", 9)
        assert record is not None
        assert (record.seq, record.recent) == (5, ())
    with opened(path) as archive:
        record = archive.load_room("sala1", 9)
        assert record is not None
        assert record.seq == 5
    integrity(path)


def test_retention_works_in_steps_by_age_or_by_count_whichever_deletes_more(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(seq) for seq in range(1, 21)] + [said(seq, where="otra") for seq in range(1, 4)])
        assert sum(archive.retain(None, None, now=AT, max_messages=100)) == 0
        steps = []
        for deleted in archive.retain(None, 5, now=AT, max_messages=4):
            steps.append(deleted)
            integrity(path)
        assert sum(steps) == 15
        assert 2 <= max(steps) <= 4
        assert [m.seq for m in archive.after("sala1", 0, 99)] == [16, 17, 18, 19, 20]
        assert [m.seq for m in archive.after("otra", 0, 99)] == [1, 2, 3]
        assert sum(archive.retain(2.5, 5, now=AT + 20, max_messages=100)) == 3 + 2
        assert [m.seq for m in archive.after("sala1", 0, 99)] == [18, 19, 20]
        assert archive.load_room("otra", 9).seq == 3  # type: ignore[union-attr]


def test_what_is_too_old_goes_also_behind_a_message_that_is_dated_in_the_future(path: Path) -> None:
    """The clock may have been wrong for a while, and an import brings what it brings."""
    with opened(path) as archive:
        times = [AT + 9_000, AT + 9_000, AT + 9_000, *(AT + second for second in range(20))]
        archive.store([said(seq, at=at) for seq, at in enumerate(times, 1)])
        assert sum(archive.retain(10, None, now=AT + 20, max_messages=2)) == 10
        assert [m.seq for m in archive.after("sala1", 0, 99)] == [1, 2, 3, *range(14, 24)]
        assert sum(archive.retain(10, None, now=AT + 9_011, max_messages=2)) == 13
    integrity(path)


def dearest_step(path: Path, rooms: int, messages: int) -> int:
    """Of retention where the first 100 messages of the first room are to go, and all others stay."""
    with opened(path) as archive:
        for number in range(rooms):
            stays_from = 1 if number else 101
            archive.store(
                said(seq, "x", where=f"r{number}", at=AT if seq < stays_from else AT + 1_000)
                for seq in range(1, messages + 1)
            )
        while archive.index(10_000):
            pass
        sweep, deleted, costs = archive.retain(500, messages, now=AT + 1_000, max_messages=20), [0], []
        while deleted[-1] is not None:
            costs.append(steps(archive, lambda: deleted.append(next(sweep, None))))
        assert sum(deleted[:-1]) == 100
        return max(costs)


def test_a_step_of_retention_does_not_grow_with_the_file(path: Path) -> None:
    small = dearest_step(path.with_name("small.db"), rooms=2, messages=200)
    assert dearest_step(path.with_name("long.db"), rooms=2, messages=4_000) < 1.5 * small
    assert dearest_step(path.with_name("wide.db"), rooms=200, messages=200) < 1.5 * small


def test_messages_behind_a_clean_sweep_are_indexed_and_deleted_like_others(path: Path) -> None:
    """Row numbers come again when the newest rows have been deleted."""
    from wassop.storage.searching import SearchFilter

    def found(archive: Archive, word: str) -> list[int]:
        return [m.seq for m in archive.search([word], SearchFilter(), 99)]

    with opened(path) as archive:
        archive.store([said(seq, "viejo") for seq in range(1, 11)])
        assert archive.index(100) == 10
        assert sum(archive.retain(1, None, now=AT + 1_000, max_messages=100)) == 10
        archive.store([said(seq, "nuevo", at=AT + 2_000) for seq in range(11, 14)])
        # Not indexed yet, so there is nothing to take out of the index.
        assert sum(archive.retain(None, 2, now=AT, max_messages=100)) == 1
        assert archive.index(100) == 2
        assert found(archive, "viejo") == []
        assert found(archive, "nuevo") == [13, 12]
        assert sum(archive.retain(None, 1, now=AT, max_messages=100)) == 1
        assert found(archive, "nuevo") == [13]
    integrity(path)


def test_what_a_reader_of_an_earlier_run_has_surely_seen(path: Path) -> None:
    """Run 1 stores 1 to 3 and loses 4 and 5; run 2 stores others under 4 to 6 and loses 7; run 3 stores 7."""
    with opened(path, 0) as archive:
        archive.store([said(seq) for seq in (1, 2, 3)])
    with opened(path, 0) as archive:
        archive.store([said(seq, "run 2") for seq in (4, 5, 6)])
    with opened(path, 0) as archive:
        archive.store([said(7, "run 3")])
        for epoch, seq, known in [
            (1, 0, 0),
            (1, 2, 2),
            (1, 3, 3),
            (1, 5, 3),
            (1, 7, 3),
            (2, 3, 3),
            (2, 5, 5),
            (2, 6, 6),
            (2, 7, 6),
            (3, 7, 7),
            (3, 99, 7),
            (0, 5, 0),
            (9, 2, 2),
        ]:
            assert archive.known_up_to("sala1", epoch, seq) == known, (epoch, seq)
        assert archive.known_up_to("nowhere", 1, 5) == 0


def test_an_authors_own_messages_with_a_nonce_are_found_newest_first_between_two_numbers(path: Path) -> None:
    with opened(path) as archive:
        archive.store(
            [said(seq, nonce=f"k{seq}", author="ANA" if seq % 2 else "bob") for seq in range(1, 21)]
            + [said(21), said(1, where="otra", nonce="x"), evolve(said(22, nonce="g"), to_all=True)]
        )

        def seqs(*bounds: int, author: str = "ana") -> list[int]:
            return [each.seq for each in archive.own("sala1", author, *bounds)]

        assert seqs(0, 99, 99) == [22, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1]
        assert seqs(3, 9, 99) == [9, 7, 5], "behind the first, up to the second"
        assert seqs(0, 99, 2) == [22, 19]
        assert seqs(0, 6, 99, author="bob") == [6, 4, 2]
        assert seqs(0, 99, 99, author="eva") == []
        assert archive.own("sala1", "ana", 21, 99, 9) == (Stored("sala1", "g", 22, AT + 22, to_all=True),)
        assert archive.own("nowhere", "ana", 0, 99, 9) == ()


def test_finding_ones_own_looks_at_no_more_rows_than_lie_between_the_numbers(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(seq, nonce=f"{seq}", author=f"ana{seq % 50}") for seq in range(1, 5_001)])

        def work(after: int, up_to: int) -> int:
            return steps(archive, lambda: archive.own("sala1", "ana7", after, up_to, 1_000))

        assert work(2_000, 2_100) < 2 * work(0, 100)
        assert work(0, 5_000) > 20 * work(2_000, 2_100)


def test_a_run_that_stored_nothing_hides_nothing(path: Path) -> None:
    with opened(path, 0) as archive:
        archive.store([said(1)])
    for _ in range(2):  # said and lost
        with opened(path, 0):
            pass
    with opened(path, 0) as archive:
        archive.store([said(2)])
        assert [archive.known_up_to("sala1", epoch, 2) for epoch in (1, 2, 3, 4)] == [1, 1, 1, 2]


def test_a_message_that_is_stored_late_leaves_its_number_where_it_was(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1), said(3)])
        assert [m.seq for m in archive.after("sala1", 0, 9)] == [1, 3]
        archive.store([said(2)])
        assert archive.load_room("sala1", 9).recent == (said(1), said(2), said(3))  # type: ignore[union-attr]


def test_read_marks_only_rise(path: Path) -> None:
    with opened(path) as archive:
        assert archive.read_mark("ana", "sala1") == 0
        for seq, expected in ((3, 3), (2, 3), (0, 3), (5, 5)):
            archive.store([ReadMark(person(), room(), seq)])
            assert archive.read_mark("ana", "sala1") == expected
        archive.store([ReadMark(person("ANA"), room("sala1"), 7), ReadMark(person("bob"), room("otra"), 1)])
        assert archive.read_mark("ana", "sala1") == 7
        assert archive.read_mark("bob", "otra") == 1
        assert archive.read_mark("bob", "sala1") == 0
    with opened(path) as archive:
        assert archive.read_mark("ana", "sala1") == 7


def test_a_room_that_was_only_read_has_no_messages(path: Path) -> None:
    with opened(path) as archive:
        archive.store([ReadMark(person(), room("vacía"), 0)])
        record = archive.load_room("vacía", 9)
        assert record is not None
        assert (record.seq, record.recent) == (0, ())


def test_the_newest_names_of_private_messages_come_first(path: Path) -> None:
    with opened(path) as archive:
        archive.store([told(nonce="a"), told(), told(nonce="b", author="Bob"), told(nonce="c")])
        assert archive.private_nonces(2) == (("ana", "c"), ("bob", "b"))
        assert archive.private_nonces(0) == ()
        assert len(everything(path)["private_messages"]) == 4


def test_it_survives_a_reader_that_holds_on_to_an_old_state(path: Path) -> None:
    """As a backup does."""
    with opened(path) as archive:
        archive.store([said(1)])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        archive.store([said(seq) for seq in range(2, 200)])
        assert other.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert archive.load_room("sala1", 1).seq == 199  # type: ignore[union-attr]
        other.close()
