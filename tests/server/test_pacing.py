"""The pacer alone, on a clock that jumps: what is sent when, what waits, and what is left out."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.testing

from wassop.core.session import Membership, Session
from wassop.server.pacing import Pace, Pacer

GAP_S = 1.0


class Case:
    """A pacer whose messages end in a list, each with the time at which it was sent."""

    def __init__(self, nursery: trio.Nursery, max_bytes: int = 1_000_000) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self.tasks = 0
        self._nursery = nursery
        self._start = trio.current_time()
        self.pacer = Pacer(self._send, Pace(GAP_S, max_bytes), self._start_task)

    @property
    def messages(self) -> list[bytes]:
        return [data for _, data in self.sent]

    def _send(self, data: bytes) -> None:
        self.sent.append((trio.current_time() - self._start, data))

    def _start_task(self, task: Callable[[], Awaitable[None]]) -> None:
        self.tasks += 1
        self._nursery.start_soon(task)


async def test_the_first_goes_at_once_and_the_others_one_by_one(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        for number in range(4):
            case.pacer.event(b"%d" % number)
        assert case.messages == [b"0"]
    assert case.sent == [(0.0, b"0"), (1.0, b"1"), (2.0, b"2"), (3.0, b"3")]
    assert case.tasks == 1
    assert not case.pacer.is_waiting


async def test_after_a_gap_without_messages_no_task_is_needed(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        for number in range(3):
            case.pacer.event(b"%d" % number)
            await trio.sleep(GAP_S)
        assert (case.messages, case.tasks) == ([b"0", b"1", b"2"], 0)


async def test_answers_come_before_the_events_that_wait(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        for data in (b"e1", b"e2"):
            case.pacer.event(data)
        case.pacer.answer(b"a1")
        case.pacer.answer(b"a2")
    assert case.messages == [b"e1", b"a1", b"a2", b"e2"]


async def test_while_a_request_is_received_only_answers_are_sent(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.hold()
        case.pacer.event(b"event")
        case.pacer.answer(b"answer")
        await trio.sleep(10 * GAP_S)
        assert case.messages == [b"answer"]
        assert case.pacer.is_waiting
        case.pacer.release()
        assert case.messages == [b"answer", b"event"]


async def test_of_messages_that_replace_each_other_the_newest_waits(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.event(b"first")
        for number in range(3):
            case.pacer.event(b"list %d" % number, newest_only=True)
            case.pacer.event(b"text %d" % number)
    assert case.messages == [b"first", b"text 0", b"text 1", b"list 2", b"text 2"]


@pytest.mark.parametrize(("max_bytes", "size"), [(1_000_000, 10), (400_000, 1_000)])
async def test_a_flood_of_events_leaves_out_the_oldest_that_wait(
    autojump_clock: Any, max_bytes: int, size: int
) -> None:
    room = Membership(Session(1))
    async with trio.open_nursery() as nursery:
        case = Case(nursery, max_bytes)
        for number in range(1_200):
            case.pacer.event(b"%*d" % (size, number), room)
        assert case.pacer.dropped == 1_200 - 1 - 100
    assert [int(data) for data in case.messages] == [0, *range(1_100, 1_200)]


async def test_events_that_wait_take_no_more_than_a_quarter_of_the_bytes(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery, max_bytes=4_000)
        for number in range(20):
            case.pacer.event(b"%200d" % number)
        assert case.pacer.dropped == 20 - 1 - 5
        case.pacer.event(b"x" * 3_000)
    assert [len(data) for data in case.messages] == [200, 3_000], "the newest is kept, however long it is"


async def test_answers_and_what_is_for_the_visitor_alone_are_not_left_out(autojump_clock: Any) -> None:
    room = Membership(Session(1))
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.answer(b"first")
        case.pacer.answer(b"second")
        case.pacer.event(b"private")
        case.pacer.event(b"list", room, newest_only=True)
        for number in range(200):
            case.pacer.event(b"%d" % number, room)
    assert case.messages[:4] == [b"first", b"second", b"private", b"list"]
    assert len(case.messages) == 2 + 100


async def test_what_was_meant_for_a_membership_that_ended_is_skipped(autojump_clock: Any) -> None:
    stays, leaves = Membership(Session(1)), Membership(Session(1))
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.event(b"first", leaves)
        for number in range(3):
            case.pacer.event(b"gone %d" % number, leaves)
        case.pacer.event(b"stays", stays)
        case.pacer.event(b"gone", leaves)
        leaves.present = False
    assert case.sent == [(0.0, b"first"), (1.0, b"stays")], "and what is skipped takes no time"
    assert not case.pacer.is_waiting
    assert case.pacer.dropped == 0


async def test_what_waits_when_everything_ends_is_still_sent(autojump_clock: Any) -> None:
    room, left = Membership(Session(1)), Membership(Session(1))
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        for data in (b"1", b"2", b"3"):
            case.pacer.event(data, room)
        case.pacer.event(b"left", left)
        left.present = False
        case.pacer.settle()
        room.present = False
    assert case.messages == [b"1", b"2", b"3"]


async def test_who_asks_much_waits_for_the_answers(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.hold()  # as while a request is received: events that wait do not stop anybody
        for _ in range(100):
            case.pacer.event(b"event")
        for asked in range(1, 1_000):
            await case.pacer.wait_eased()
            case.pacer.answer(b"answer")
            assert asked - len(case.sent) <= 65
        assert trio.current_time() - case.sent[0][0] > 0
        nursery.cancel_scope.cancel()


async def test_who_asks_for_long_answers_waits_too_and_may_be_cancelled(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery, max_bytes=400)
        for _ in range(5):
            case.pacer.answer(b"x" * 30)
        with trio.move_on_after(0.5) as patience:
            await case.pacer.wait_eased()
        assert patience.cancelled_caught
        await case.pacer.wait_eased()
        assert len(case.sent) == 2


async def test_finishing_sends_all_and_lets_the_gap_pass(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.hold()
        for data in (b"1", b"2", b"3"):
            case.pacer.event(data)
        began = trio.current_time()
        await case.pacer.finish()
        assert case.messages == [b"1", b"2", b"3"]
        assert trio.current_time() - began == 3 * GAP_S


async def test_finishing_takes_no_time_when_nothing_was_sent(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        began = trio.current_time()
        await case.pacer.finish()
        assert trio.current_time() == began


async def test_what_is_forgotten_is_never_sent(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        case = Case(nursery)
        case.pacer.event(b"1")
        case.pacer.answer(b"answer")
        case.pacer.event(b"event")
        case.pacer.forget()
        await case.pacer.finish()
    assert case.messages == [b"1"]


async def test_a_task_that_failed_is_started_again(autojump_clock: Any) -> None:
    async with trio.open_nursery() as nursery:
        sent: list[bytes] = []

        def send(data: bytes) -> None:
            if data == b"bad":
                raise RuntimeError("bad")
            sent.append(data)

        async def guarded(task: Callable[[], Awaitable[None]]) -> None:
            with contextlib.suppress(RuntimeError):
                await task()

        pacer = Pacer(send, Pace(GAP_S, 1_000), lambda task: nursery.start_soon(guarded, task))
        for data in (b"1", b"bad", b"2"):
            pacer.event(data)
        with trio.fail_after(20 * GAP_S):
            await trio.sleep(5 * GAP_S)
            await pacer.finish()
        assert sent == [b"1", b"2"]
