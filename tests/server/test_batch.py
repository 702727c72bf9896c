"""What gathers in one thread and is taken by another: all of it, and nothing twice."""

import itertools
import sys
import threading
from collections.abc import Iterator

import pytest

from wassop.core.events import Said
from wassop.core.names import room_name, user_name
from wassop.server.batch import Batch

AN_HOUR = 3_600.0


def message(seq: int) -> Said:
    return Said(room_name("Sala1"), seq, user_name("ana"), f"{seq}", 1.0)


def test_what_is_complete_is_taken_at_once_and_what_comes_later_is_told_that_it_is_too_late() -> None:
    batch = Batch(AN_HOUR)
    assert batch.add([message(1), message(2)], None)
    batch.complete()
    batch.complete()  # saying so again changes nothing
    assert batch.add([message(3)], None), "it is not taken yet"
    assert batch.take() == [message(1), message(2), message(3)]
    assert not batch.add([message(4)], None)
    assert batch.entries == [message(1), message(2), message(3)]


def test_what_is_never_complete_is_taken_when_it_is_due() -> None:
    batch = Batch(0.001)
    assert batch.add([message(1)], None)
    assert batch.take() == [message(1)]
    batch.complete()  # too late, and harmless
    assert not batch.add([message(2)], None)


def test_whoever_waits_for_a_batch_goes_on_when_it_is_complete() -> None:
    batch, taken = Batch(AN_HOUR), list[Said]()
    thread = threading.Thread(target=lambda: taken.extend(batch.take()))
    thread.start()
    batch.add([message(1)], None)
    batch.complete()
    thread.join()
    assert taken == [message(1)]


@pytest.fixture
def quick_turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_turns")
def test_of_what_is_added_while_it_is_taken_each_entry_is_either_taken_or_told_to_be_too_late() -> None:
    """Until two hundred batches, which are due at once, were taken by surprise."""
    taken, batches, is_there = list[Said](), list[Batch](), threading.Semaphore(0)

    def take_all() -> None:
        for place in range(200):
            is_there.acquire()
            taken.extend(batches[place].take())

    thread = threading.Thread(target=take_all)
    thread.start()
    seqs = itertools.count()
    while True:
        said = message(next(seqs))
        if not batches or not batches[-1].add([said], None):
            if len(batches) == 200:
                break
            batches.append(Batch(0.0))
            assert batches[-1].add([said], None)
            is_there.release()
    thread.join()
    assert [said.seq for said in taken] == list(range(next(seqs) - 1))
