"""A room's messages to a file and back: JSON lines for programs, text for people."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, TextIO

import msgspec

from wassop.core.deeds import AuditLine
from wassop.core.events import Kind, Said
from wassop.core.names import RoomName, UserName, room_name, user_name
from wassop.core.text import visible
from wassop.storage.reader import RecordReader


class ExportedMessage(msgspec.Struct, omit_defaults=True):
    """One line of an export; `at` is Unix seconds."""

    room: str
    seq: int
    author: str = msgspec.field(name="from")
    text: str
    at: float
    all: bool = False
    nonce: str | None = None
    kind: Kind = Kind.SAY
    about: int | None = None


class ImportProblem(Exception):
    """A line that cannot be imported; `line` is its number, from 1."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")
        self.line: Final = line
        self.detail: Final = detail


_decoder: Final = msgspec.json.Decoder(ExportedMessage)
_encode: Final = msgspec.json.Encoder().encode


def write_jsonl(messages: Iterable[Said], target: TextIO) -> int:
    """Write one JSON object a line; return how many."""
    count = 0
    for said in messages:
        count += 1
        line = ExportedMessage(
            said.room.text,
            said.seq,
            said.author.text,
            said.text,
            said.at,
            said.to_all,
            said.nonce,
            said.kind,
            said.about,
        )
        target.write(_encode(line).decode() + "\n")
    return count


def write_text(messages: Iterable[Said], target: TextIO, line_of: Callable[[Said], str]) -> int:
    """Write `2026-11-20 13:00:00Z ana: hola` lines, a message a line, as `line_of` words it; return how many.
    What is worded as nothing is left out."""
    count = 0
    for said in messages:
        line = line_of(said)
        if line:
            count += 1
            at = datetime.fromtimestamp(said.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
            target.write(f"{at} {line}\n")
    return count


class ExportedDeed(msgspec.Struct, omit_defaults=True):
    """One line of the audit log; `at` is Unix seconds."""

    id: int
    at: float
    actor: str = msgspec.field(name="from")
    action: str
    room: str = ""
    target: str = ""
    detail: str = ""
    address: str = ""


def audit_jsonl(line: AuditLine) -> str:
    """As one JSON object."""
    deed = ExportedDeed(
        line.id, line.at, line.actor, line.action, line.room, line.target, line.detail, line.address
    )
    return _encode(deed).decode()


def audit_text(line: AuditLine) -> str:
    """`2026-11-20 13:00:00Z ana (127.0.0.1) kick bob, Sala1: spam`."""
    at = datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    who = f"{line.actor} ({line.address})" if line.address else line.actor
    what = f"{line.action} {line.target}" if line.target else line.action
    where = f", {line.room}" if line.room else ""
    return visible(f"{at} {who} {what}{where}" + (f": {line.detail}" if line.detail else ""))


def read_jsonl(source: Iterable[bytes]) -> Iterator[tuple[int, Said]]:
    """The messages of an export, each with the number of its line; ImportProblem at one that is none."""
    for number, line in enumerate(source, 1):
        if line.strip():
            yield number, _said(number, line)


def new_ones(messages: Iterable[tuple[int, Said]], record: RecordReader) -> Iterator[Said]:
    """Those of `messages` (see `read_jsonl`) that are not on record yet; ImportProblem when another one has
    their number. One of which either side knows that it was deleted is not another."""
    for line, said in messages:
        known = record.before(said.room.key, said.seq + 1, 1)
        if not known or known[0].seq != said.seq:
            yield said
        elif known[0].author != said.author or not (
            known[0].text == said.text or known[0].is_deleted or said.is_deleted
        ):
            raise ImportProblem(line, f"{said.room} {said.seq}")


def _said(number: int, line: bytes) -> Said:
    try:
        given = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImportProblem(number, str(error)) from error
    room, author = room_name(given.room), user_name(given.author)
    if not isinstance(room, RoomName) or given.seq < 1:
        raise ImportProblem(number, f"room {given.room!r}, seq {given.seq}")
    if not isinstance(author, UserName):
        raise ImportProblem(number, f"from {given.author!r}")
    is_about_none = given.kind in (Kind.SAY, Kind.ME)
    is_earlier = given.about is None or 0 < given.about < given.seq
    if (given.about is None) != is_about_none or not is_earlier:
        raise ImportProblem(number, f"kind {given.kind.value!r}, about {given.about}")
    return Said(
        room, given.seq, author, given.text, given.at, given.all, given.nonce, given.kind, given.about
    )
