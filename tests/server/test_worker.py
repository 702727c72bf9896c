"""A thread that works for tasks, one job after the other."""

import threading

import pytest
import trio
import trio.testing

from tests.server.support import PATIENCE_S
from wassop.server.worker import Worker


async def test_jobs_are_done_in_one_thread_in_the_order_given() -> None:
    done: list[int] = []
    threads: set[int] = set()

    def job(number: int) -> int:
        done.append(number)
        threads.add(threading.get_ident())
        return number

    with Worker("test") as worker:
        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(worker.do, lambda number=number: job(number))
        assert await worker.do(lambda: job(50)) == 50
    assert sorted(done) == list(range(51))
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_what_a_job_raises_reaches_whoever_gave_it_and_the_thread_goes_on() -> None:
    def fail() -> None:
        raise ValueError("no")

    with Worker("test") as worker:
        with pytest.raises(ValueError, match="no"):
            await worker.do(fail)
        assert await worker.do(lambda: "yes") == "yes"


async def test_a_job_that_is_begun_is_waited_for_although_its_task_is_cancelled() -> None:
    may_end, done = threading.Event(), []

    def slow() -> None:
        may_end.wait()
        done.append("done")

    with Worker("test") as worker:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(worker.do, slow)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
            may_end.set()
        assert done == ["done"]


async def test_a_task_that_is_cancelled_gives_no_further_job_to_a_thread_that_may_be_gone() -> None:
    """As housekeeping, step after step, while a second Ctrl-C ends the server: it would wait forever."""
    may_end, done = threading.Event(), []

    def slow() -> None:
        may_end.wait()
        done.append("done")

    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:

            async def step_after_step() -> None:
                while True:
                    await worker.do(slow)

            with Worker("test") as worker:
                nursery.start_soon(step_after_step)
                await trio.testing.wait_all_tasks_blocked()
                nursery.cancel_scope.cancel()
                may_end.set()
    assert done == ["done"]


async def test_the_thread_is_gone_afterwards() -> None:
    with Worker("a thread of this test"):
        pass
    assert "a thread of this test" not in {thread.name for thread in threading.enumerate()}
