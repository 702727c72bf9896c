"""A room's messages to a file and back, once, and a line that cannot be is named."""

import io
from pathlib import Path

import pytest

from tests.storage.entries import integrity, opened, said
from wassop.core.events import Said
from wassop.storage.archive import Archive
from wassop.storage.transfer import ImportProblem, new_ones, read_jsonl, write_jsonl

TALK = [said(1, "¡hola! 👍\n"), said(2, "dos", nonce="k"), said(4, "cuatro", author="bob")]


def exported(*messages: Said) -> list[bytes]:
    target = io.StringIO()
    assert write_jsonl(messages, target) == len(messages)
    return target.getvalue().encode().splitlines(keepends=True)


def take_in(archive: Archive, lines: list[bytes]) -> None:
    archive.store(new_ones(read_jsonl(lines), archive))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def test_what_was_exported_comes_back_the_same_and_once(path: Path) -> None:
    lines = exported(*TALK)
    with opened(path) as archive:
        take_in(archive, lines[1:])
        take_in(archive, lines)
        take_in(archive, [b"\n", *lines, b"  \n"])
        assert archive.after("sala1", 0, 99) == tuple(TALK)
    integrity(path)


@pytest.mark.parametrize(
    "bad",
    [
        b"no JSON\n",
        b'{"room":"Sala1","seq":0,"from":"ana","text":"x","at":1}\n',
        b'{"room":"","seq":9,"from":"ana","text":"x","at":1}\n',
        b'{"room":"Sala1","seq":9,"from":"","text":"x","at":1}\n',
        exported(said(2, "another"))[0],
    ],
)
def test_the_line_that_cannot_be_imported_is_told_as_the_file_counts_and_nothing_is_changed(
    path: Path, bad: bytes
) -> None:
    with opened(path) as archive:
        archive.store(TALK[:2])
        with pytest.raises(ImportProblem) as caught:
            take_in(archive, [b"\n", b"\n", *exported(said(3)), b"\n", bad, *exported(TALK[2])])
        assert caught.value.line == 5
        assert archive.after("sala1", 0, 99) == tuple(TALK[:2])
