"""Which files can be opened, by whom, and what is said of those that cannot."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.entries import AT, integrity, opened, said, topic
from wassop.locale import translations
from wassop.storage.archive import Archive, ArchiveError
from wassop.storage.problems import archive_problem
from wassop.storage.schema import MIGRATIONS, migrate
from wassop.storage.searching import SearchFilter

FIRST_SCHEMA = Path(__file__).parent / "first_schema.sql"
"""What the first released version made; never to be changed."""
SECOND_STEP = Path(__file__).parent / "second_step.sql"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def problem(path: Path) -> str:
    """Why it is refused; nothing stays open and nothing is changed."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ArchiveError) as caught:
        Archive(path)
    assert before is None or path.read_bytes() == before
    for lang in ("es", "en"):
        line = archive_problem(caught.value, translations(lang))
        assert str(path) in line
        assert "\n" not in line
    return caught.value.problem


def schema_of(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {
            " ".join(sql.split()) for (sql,) in connection.execute("SELECT sql FROM sqlite_schema") if sql
        }
    finally:
        connection.close()


def test_a_file_of_the_first_schema_is_brought_up_to_date_with_all_that_it_holds(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
    connection.close()
    with opened(path) as archive:
        assert archive.epoch == int(AT)
        record = archive.load_room("sala1", 9)
        assert record is not None
        assert (record.seq, [m.text for m in record.recent]) == (3, ["uno", "otra canción", "tres"])
        assert [m.seq for m in archive.search(["cancion"], SearchFilter(), 9)] == [2]
        assert archive.index(9) == 1  # the third was not indexed yet
        assert archive.read_mark("bob", "sala1") == 2
        assert archive.private_nonces(9) == (("ana", "k"),)
        assert archive.known_up_to("sala1", 1, 3) == 2
        assert record.topic is None
        archive.store([said(4), topic()])
        assert archive.load_room("sala1", 9).topic == topic()  # type: ignore[union-attr]
    integrity(path)
    with opened(path.with_name("new.db")):
        assert schema_of(path) == schema_of(path.with_name("new.db"))


def test_a_file_of_the_second_version_gets_accounts_and_keeps_what_was_said(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
    connection.executescript(SECOND_STEP.read_text(encoding="utf-8"))
    connection.close()
    with opened(path) as archive:
        assert archive.load_room("sala1", 9).topic == topic(at=1790000050.0)  # type: ignore[union-attr]
        assert archive.accounts() == ()
        # What was said before there were accounts had been told.
        assert archive.kept_counts() == {}
        assert archive.private_nonces(9) == (("ana", "k"),)
    integrity(path)
    with opened(path.with_name("new.db")):
        assert schema_of(path) == schema_of(path.with_name("new.db"))


@pytest.mark.skipif(sys.platform == "win32", reason="has other rights")
def test_a_new_file_and_what_is_beside_it_are_read_by_nobody_else(path: Path) -> None:
    with opened(path) as archive:
        archive.back_up(path.with_name("copy.db"))
        made = ["", "-wal", "-shm"]
        modes = {path.with_name(path.name + end).stat().st_mode & 0o777 for end in made}
        assert modes | {path.with_name("copy.db").stat().st_mode & 0o777} == {0o600}


def test_the_first_migration_makes_the_first_schema(path: Path) -> None:
    """A migration that was released is not changed."""
    scripts = (
        f"BEGIN; {MIGRATIONS[0]} COMMIT;",
        FIRST_SCHEMA.read_text(encoding="utf-8"),
    )
    for number, script in enumerate(scripts):
        connection = sqlite3.connect(path.with_name(f"{number}.db"), isolation_level=None)
        connection.executescript(script)
        connection.close()
    made, kept = (schema_of(path.with_name(f"{number}.db")) for number in range(2))
    assert {without_comments(sql) for sql in made} == {without_comments(sql) for sql in kept}


def without_comments(sql: str) -> str:
    return sql.split("--")[0].strip()


def test_migrations_are_done_once_and_each_leaves_its_number(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        assert migrate(connection) == 0
        assert migrate(connection) == len(MIGRATIONS)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    finally:
        connection.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
    before = schema_of(path)
    broken = (*MIGRATIONS, "CREATE TABLE later (x); CREATE TABLE later (x);")
    monkeypatch.setattr("wassop.storage.schema.MIGRATIONS", broken)
    assert problem_kind(path) == "unreadable"
    monkeypatch.undo()
    assert schema_of(path) == before
    with opened(path) as archive:
        assert archive.load_room("sala1", 9).recent == (said(1),)  # type: ignore[union-attr]


def problem_kind(path: Path) -> str:
    with pytest.raises(ArchiveError) as caught:
        Archive(path)
    return caught.value.problem


def test_a_file_of_a_later_version_is_refused_and_left_alone(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    assert problem(path) == "too-new"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.close()
    with opened(path) as archive:
        assert archive.load_room("sala1", 9).seq == 1  # type: ignore[union-attr]


def test_a_file_that_is_no_database_is_refused_as_corrupt(path: Path) -> None:
    path.write_bytes(b"this is my shopping list\n" * 1_000)
    assert problem(path) == "corrupt"


@pytest.mark.parametrize("where", [0.1, 0.3, 0.6, 0.9])
def test_a_damaged_database_is_refused_as_corrupt(path: Path, where: float) -> None:
    with opened(path) as archive:
        archive.store([said(seq, "x" * 500) for seq in range(1, 500)])
    data = bytearray(path.read_bytes())
    page = 4_096 * int(len(data) * where / 4_096)
    data[page : page + 4_096] = b"\xa5" * 4_096
    path.write_bytes(data)
    assert problem(path) == "corrupt"


def test_a_database_that_lost_its_end_is_refused_as_corrupt(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(seq, "x" * 500) for seq in range(1, 500)])
    path.write_bytes(path.read_bytes()[:100_000])
    assert problem(path) == "corrupt"


def test_a_folder_is_refused_as_unreadable(path: Path) -> None:
    path.mkdir()
    assert problem(path) == "unreadable"
    path.rmdir()
    with opened(path):  # nothing of the attempt is left that would lock it
        pass


def test_a_place_under_a_file_is_refused_as_unreadable(path: Path) -> None:
    path.write_text("")
    assert problem(path / "chat.db") == "unreadable"


def test_a_full_disk_at_the_start_is_not_taken_for_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as archive:
        archive.store([said(1)])

    def nearly_full(connection: sqlite3.Connection) -> int:
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used}")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE filler (x)")
        return 0

    monkeypatch.setattr("wassop.storage.archive.migrate", nearly_full)
    assert problem_kind(path) == "unreadable"
    monkeypatch.undo()
    with opened(path) as archive:
        assert archive.load_room("sala1", 9).seq == 1  # type: ignore[union-attr]


def test_a_second_opener_is_refused_until_the_first_is_gone(path: Path) -> None:
    with opened(path) as archive:
        archive.store([said(1)])
        assert problem_kind(path) == "in-use"
        archive.store([said(2)])
    with opened(path) as archive:
        assert archive.load_room("sala1", 9).seq == 2  # type: ignore[union-attr]


HOLDER = """
import sys
from pathlib import Path
from tests.storage.entries import said
from wassop.storage.archive import Archive
archive = Archive(Path(sys.argv[1]))
archive.store([said(seq) for seq in range(1, 1001)])
print(archive.epoch, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_what_a_killed_process_held_and_had_stored_is_there_for_the_next(path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as holder:
        assert holder.stdout is not None
        run = int(holder.stdout.readline())
        assert problem_kind(path) == "in-use"
        holder.send_signal(signal.SIGKILL)
        assert holder.wait(30) == -signal.SIGKILL
    with opened(path) as archive:
        assert archive.epoch > run
        record = archive.load_room("sala1", 9)
        assert record is not None
        assert record.seq == 1_000
    integrity(path)


def test_a_link_to_the_file_is_the_same_file(path: Path) -> None:
    with opened(path):
        link = path.with_name("link.db")
        link.symlink_to(path)
        assert problem_kind(link) == "in-use"
