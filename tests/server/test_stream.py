"""Receiving with a reception and without: the same for whoever takes, and no task woken with one."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from wassop.server.reception import Reception, open_reception
from wassop.server.stream import DirectStream


class Pair:
    """A stream under test and the other end of its socket."""

    def __init__(self, reception: Reception | None) -> None:
        near, self.far = socket.socketpair()
        near.setblocking(False)
        self.far.setblocking(False)
        self.stream = DirectStream(near, reception)
        self.taken: list[bytes] = []

    def take(self, data: bytes) -> bool:
        self.taken.append(data)
        return not data.endswith(b"!")

    async def receive(self) -> bool:
        return await self.stream.receive_while(self.take, 100)

    def close(self) -> None:
        self.stream.close()
        self.far.close()


@asynccontextmanager
async def pair(*, with_reception: bool) -> AsyncIterator[Pair]:
    async with trio.open_nursery() as nursery:
        reception = open_reception() if with_reception else None
        if reception is not None:
            nursery.start_soon(reception.run)
        made = Pair(reception)
        try:
            yield made
        finally:
            made.close()
            nursery.cancel_scope.cancel()


@pytest.fixture(params=[True, False], ids=["reception", "alone"])
def with_reception(request: pytest.FixtureRequest) -> Iterator[bool]:
    if request.param and open_reception() is None:
        pytest.skip("no epoll on this system")
    return request.param


async def test_what_comes_is_taken_until_some_of_it_is_declined(with_reception: bool) -> None:
    async with pair(with_reception=with_reception) as end:
        async with trio.open_nursery() as nursery:

            async def receive() -> None:
                assert await end.receive() is True

            nursery.start_soon(receive)
            for data in (b"one", b"two", b"three!"):
                end.far.send(data)
                await trio.testing.wait_all_tasks_blocked(0.001)
        end.far.send(b"later")
        await trio.testing.wait_all_tasks_blocked(0.001)
        assert b"".join(end.taken) == b"onetwothree!", "after a refusal nothing more is taken"
        end.far.shutdown(socket.SHUT_WR)
        assert await end.receive() is False
        assert b"".join(end.taken) == b"onetwothree!later"


async def test_a_broken_connection_is_an_os_error(with_reception: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    async with trio.open_nursery() as nursery:
        reception = open_reception() if with_reception else None
        if reception is not None:
            nursery.start_soon(reception.run)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
        near.setblocking(False)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        far.close()
        stream = DirectStream(near, reception)
        with pytest.raises(OSError, match="reset"):
            await stream.receive_while(lambda _: True, 100)
        stream.close()
        listener.close()
        nursery.cancel_scope.cancel()


async def test_what_taking_raises_is_raised_where_it_is_waited_for_and_nowhere_else(
    with_reception: bool,
) -> None:
    async with pair(with_reception=with_reception) as end:
        end.far.send(b"x")

        def faulty(data: bytes) -> bool:
            raise ValueError(data)

        with pytest.raises(ValueError, match="x"):
            await end.stream.receive_while(faulty, 100)
        end.far.send(b"y!")
        assert await end.receive() is True
        assert end.taken == [b"y!"]


async def test_a_cancelled_one_is_watched_no_more(with_reception: bool) -> None:
    async with pair(with_reception=with_reception) as end:
        with trio.move_on_after(0):
            await end.receive()
        end.far.send(b"x")
        await trio.testing.wait_all_tasks_blocked(0.001)
        assert end.taken == []


async def test_one_who_ends_the_watch_of_another_in_the_same_round_is_obeyed() -> None:
    reception = open_reception()
    if reception is None:
        pytest.skip("no epoll on this system")
    async with trio.open_nursery() as nursery:
        one, two = Pair(reception), Pair(reception)
        scopes = [trio.CancelScope(), trio.CancelScope()]

        async def receive(number: int, mine: Pair) -> None:
            def take(data: bytes) -> bool:
                mine.taken.append(data)
                scopes[1 - number].cancel()
                return True

            with scopes[number]:
                await mine.stream.receive_while(take, 100)

        nursery.start_soon(receive, 0, one)
        nursery.start_soon(receive, 1, two)
        await trio.testing.wait_all_tasks_blocked()
        one.far.send(b"x")
        two.far.send(b"x")
        nursery.start_soon(reception.run)
        await trio.testing.wait_all_tasks_blocked(0.001)
        assert one.taken or two.taken
        one.close()
        two.close()
        nursery.cancel_scope.cancel()


class Woken(trio.abc.Instrument):
    """Counts the steps of each task."""

    def __init__(self) -> None:
        self.steps: dict[str, int] = {}

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        name = task.name.rpartition(".")[2]
        self.steps[name] = self.steps.get(name, 0) + 1


async def test_no_task_is_woken_for_what_is_taken_at_once_but_the_receptions() -> None:
    if open_reception() is None:
        pytest.skip("no epoll on this system")
    async with pair(with_reception=True) as end, trio.open_nursery() as nursery:

        async def visitor() -> None:
            await end.receive()

        nursery.start_soon(visitor)
        await trio.testing.wait_all_tasks_blocked(0.001)
        woken = Woken()
        trio.lowlevel.add_instrument(woken)
        for _ in range(20):
            end.far.send(b"x")
            await trio.testing.wait_all_tasks_blocked(0.001)
        trio.lowlevel.remove_instrument(woken)
        assert end.taken == [b"x"] * 20
        assert woken.steps.get("visitor", 0) == 0
        nursery.cancel_scope.cancel()


async def test_what_comes_while_nobody_listens_is_there_later_and_wakes_nothing_meanwhile() -> None:
    if open_reception() is None:
        pytest.skip("no epoll on this system")
    async with pair(with_reception=True) as end:
        end.far.send(b"one!")
        assert await end.receive() is True
        end.far.send(b"two!")
        await trio.testing.wait_all_tasks_blocked(0.001)
        woken = Woken()
        trio.lowlevel.add_instrument(woken)
        end.far.send(b"three!")
        await trio.testing.wait_all_tasks_blocked(0.001)
        trio.lowlevel.remove_instrument(woken)
        assert "run" not in woken.steps, "the reception does not watch"
        assert await end.receive() is True
        assert end.taken == [b"one!", b"two!three!"]


async def test_some_is_received_and_the_end_as_often_as_it_is_asked_for(with_reception: bool) -> None:
    async with pair(with_reception=with_reception) as end:
        end.far.send(b"hola")
        assert await end.stream.receive_some(2) == b"ho"
        assert await end.stream.receive_some(100) == b"la"
        end.far.close()
        assert await end.stream.receive_some(100) == b""
        assert await end.stream.receive_some(100) == b""
