"""The commands that work on the record of what was said: export, import, check, back up."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from wassop.cli.common import TR, _, fail, load_config
from wassop.cli.moments import moment

if TYPE_CHECKING:
    from wassop.storage.reader import RecordReader

_db_option = click.option(
    "--db", metavar="FILE", help=_("The file that keeps what is said (wassop.db in your data folder).")
)


@click.command("export", help=_("Write what was said in a room to standard output."))
@click.option("--room", required=True, metavar="ROOM", help=_("The room."))
@click.option(
    "--since", metavar="WHEN", help=_("Only from then on: 2026-11-20, 2026-11-20T13:00, or 90m, 2h, 7d ago.")
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "txt"]),
    default="jsonl",
    help=_("A JSON object a line (jsonl), or text for people (txt)."),
)
@_db_option
def export_command(room: str, since: str | None, form: str, db: str | None) -> None:
    """Export a room."""
    from wassop.core.names import RoomName, room_name
    from wassop.storage.transfer import write_jsonl, write_text
    from wassop.wire.phrases import transcribed

    start = moment(since) if since else 0.0
    name = room_name(room)
    with _record(db) as record:
        if not isinstance(name, RoomName) or not record.has_room(name.key):
            raise fail(_("There is no room {room}.").format(room=room))
        said = record.everything(name.key, start)
        if form == "jsonl":
            count = write_jsonl(said, sys.stdout)
        else:
            count = write_text(said, sys.stdout, lambda each: transcribed(each, TR))
    _print_count(count)


@click.command("audit", help=_("Write who kicked, banned or set what to standard output; a server may run."))
@click.option("--room", metavar="ROOM", help=_("Only what was done in this room."))
@click.option(
    "--since", metavar="WHEN", help=_("Only from then on: 2026-11-20, 2026-11-20T13:00, or 90m, 2h, 7d ago.")
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=_("Only the newest N."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["txt", "jsonl"]),
    default="txt",
    help=_("Text for people (txt), or a JSON object a line (jsonl)."),
)
@_db_option
def audit_command(room: str | None, since: str | None, limit: int | None, form: str, db: str | None) -> None:
    """Export the audit log."""
    from wassop.core.names import RoomName, room_name
    from wassop.storage.transfer import audit_jsonl, audit_text

    start = moment(since) if since else 0.0
    name = room_name(room) if room is not None else None
    if room is not None and not isinstance(name, RoomName):
        raise fail(_("There is no room {room}.").format(room=room))
    line_of = audit_jsonl if form == "jsonl" else audit_text
    with _record(db) as record:
        for line in record.audit(name.key if isinstance(name, RoomName) else None, start, limit):
            print(line_of(line))


@click.command(
    "import", help=_("Read messages from an export (jsonl), while no server runs; all of it or nothing.")
)
@click.argument("file", type=click.File("rb"))
@_db_option
def import_command(file: BinaryIO, db: str | None) -> None:
    """Import messages."""
    import sqlite3

    from wassop.storage.archive import Archive, ArchiveError
    from wassop.storage.problems import archive_problem
    from wassop.storage.transfer import ImportProblem, new_ones, read_jsonl

    try:
        archive = Archive(load_config(db=db).database)
    except ArchiveError as error:
        raise fail(archive_problem(error, TR)) from error
    try:
        before = archive.counts()[1]
        archive.store(new_ones(read_jsonl(file), archive))
        _print_count(archive.counts()[1] - before)
    except ImportProblem as error:
        problem = _("line {line}: this cannot be imported ({detail}); nothing was changed")
        raise fail(problem.format(line=error.line, detail=error.detail)) from error
    except sqlite3.Error as error:
        raise fail(f"{archive.path}: {error}") from error
    finally:
        archive.close()


@click.group("db", help=_("Look after the database."))
def db_group() -> None:
    """Hold the database's commands together."""


@db_group.command("check", help=_("Read the whole database and say what is wrong with it."))
@_db_option
def check_command(db: str | None) -> None:
    """Check the database."""
    with _record(db) as record:
        problems = record.problems()
        for problem in problems:
            print(problem)
        if problems:
            sys.exit(1)
        rooms, messages = record.counts()
        print(_("sound: {rooms} rooms, {messages} messages").format(rooms=rooms, messages=messages))


@click.command(
    "backup", help=_("Copy the database, as it is at one moment, to a new file; a server may run.")
)
@click.argument("file", type=click.Path(path_type=Path))
@_db_option
def backup_command(file: Path, db: str | None) -> None:
    """Back the database up."""
    with _record(db) as record:
        try:
            record.back_up(file)
        except FileExistsError as error:
            raise fail(_("{file} exists already").format(file=file)) from error
        except OSError as error:
            raise fail(f"{file}: {error.strerror}") from error
    print(file)


@contextmanager
def _record(db: str | None) -> Iterator["RecordReader"]:
    """The record, read only; whatever is wrong with it ends the command with one line."""
    import sqlite3

    from wassop.storage.reader import open_reader

    path = load_config(db=db).database
    if not path.is_file():
        raise fail(_("{file}: there is no such database").format(file=path))
    try:
        record = open_reader(path)
        try:
            yield record
        finally:
            record.close()
    except sqlite3.Error as error:
        raise fail(f"{path}: {error}") from error


def _print_count(count: int) -> None:
    print(TR.ngettext("{count} message", "{count} messages", count).format(count=count), file=sys.stderr)
