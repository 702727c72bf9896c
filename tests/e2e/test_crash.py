"""scripts/crash.py as people run it, in small: kills under load, nothing lost; and that it would notice."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio
from scripts.crash import Client, Options, View, World, check_file, check_readers

from tests.storage.entries import opened, said

CRASH = Path(__file__).parents[2] / "scripts" / "crash.py"
TIMEOUT_S = 150  # far beyond need, for a busy machine; nothing here waits for it


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_server_that_is_killed_again_and_again_loses_nothing_that_it_answered(seed: int) -> None:
    command = [sys.executable, str(CRASH), "--rounds", "4", "--longest-run", "0.5", "--seed", str(seed)]
    with trio.fail_after(TIMEOUT_S):
        done = await trio.run_process(command, check=False, capture_stdout=True, stderr=subprocess.STDOUT)
    table = done.stdout.decode()
    assert done.returncode == 0, table
    assert "violations: 0" in table
    assert "4 kills" in table


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Options(1, 1, talkers=1, listeners=0, rooms=1, longest_run_s=1, folder=tmp_path))


def kept(world: World, *numbers: int) -> Path:
    """A file that holds these messages of the room, each with its number as nonce."""
    path = world.options.folder / "chat.db"
    with opened(path) as archive:
        archive.store([said(n, f"text {n}", where="Sala 0", nonce=str(n)) for n in numbers])
    return path


def reader(world: World, *numbers: int) -> Client:
    (client,) = world.clients
    client.views["Sala 0"] = View(0)
    for number in numbers:
        assert client.views["Sala 0"].put(number, str(number), "said") == ""
    return client


def test_what_is_whole_is_not_complained_of(world: World) -> None:
    path = kept(world, 1, 2, 3)
    world.answered = {"2": ("Sala 0", 2, "text 2")}
    reader(world, 1, 2, 3)
    assert check_file(world, path) == 3
    check_readers(world, path)
    assert not world.violations


@pytest.mark.parametrize(
    ("answered", "found"),
    [
        (("Sala 0", 4, "text 4"), "answered and not stored"),
        (("Sala 0", 3, "text 2"), "answered and not stored"),
        (("Sala 0", 2, "another text"), "answered and not stored"),
    ],
)
def test_an_answer_that_the_file_does_not_bear_out_is_found(
    world: World, answered: tuple[str, int, str], found: str
) -> None:
    world.answered = {str(answered[1]): answered} if answered[1] == 4 else {"2": answered}
    check_file(world, kept(world, 1, 2, 3))
    assert dict(world.violations) == {found: 1}


def test_a_hole_in_the_numbers_is_found(world: World) -> None:
    check_file(world, kept(world, 1, 3))
    assert dict(world.violations) == {"a hole in the numbers on disk": 1}


def test_a_message_that_is_stored_twice_is_found(world: World) -> None:
    path = world.options.folder / "chat.db"
    with opened(path) as archive:
        archive.store([said(1, where="Sala 0", nonce="k"), said(2, where="Sala 0", nonce="k")])
    check_file(world, path)
    assert dict(world.violations) == {"stored twice": 1}


@pytest.mark.parametrize("read", [(1, 2), (1, 3), (1, 2, 3, 4)])
def test_a_reader_who_lacks_something_or_has_too_much_is_found(world: World, read: tuple[int, ...]) -> None:
    reader(world, *read)
    check_readers(world, kept(world, 1, 2, 3))
    assert "not read, or read and not on disk" in world.violations


def test_a_message_that_somebody_read_and_nobody_has_any_more_is_found(world: World) -> None:
    client = reader(world, 1, 2, 3)
    client.views["Sala 0"].go_back_to(2)
    check_readers(world, kept(world, 1, 2))
    assert dict(world.violations) == {"read once and gone for ever": 1}


def test_what_is_told_twice_or_under_a_number_that_is_taken_is_found() -> None:
    view = View(0)
    assert view.put(1, "a", "history") == ""
    assert view.put(1, "a", "said") == "told twice"
    assert view.put(1, "b", "said") == "two messages under one number in one run"
    assert view.put(1, "a", "ok") == "", "one's own message, which the history told before the answer"
    view.go_back_to(0)
    assert view.put(1, "b", "said") == ""
    assert view.up_to == 1
