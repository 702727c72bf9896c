"""The outbox over real socket pairs with small buffers."""

import socket
from collections.abc import Iterator

import pytest
import trio
import trio.testing

from wassop.core.events import Farewell
from wassop.server.outbox import Outbox, OutboxLimits
from wassop.server.stream import DirectStream


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets between which the kernel holds little."""
    near, far = socket.socketpair()
    for sock in (near, far):
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    with near, far:
        yield near, far


class Case:
    """An outbox in a nursery, and why it gave up."""

    def __init__(self, near: socket.socket, nursery: trio.Nursery, **limits: float) -> None:
        self.reasons: list[Farewell] = []
        self.started = 0
        bounds = OutboxLimits(**{"max_bytes": 10**9, "write_timeout_s": 60, **limits})  # type: ignore[arg-type]

        def start(task):  # type: ignore[no-untyped-def]
            self.started += 1
            nursery.start_soon(task)

        self.outbox = Outbox(DirectStream(near), bounds, start, self.reasons.append)


async def receive_exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    with trio.fail_after(20):
        while len(data) < count:
            await trio.lowlevel.wait_readable(sock)
            data += sock.recv(65_536)
    return data


async def test_what_the_kernel_takes_is_sent_at_once_without_a_task(pair) -> None:
    near, far = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery)
        for i in range(10):
            case.outbox.offer(b"%d\n" % i)
            assert far.recv(100) == b"%d\n" % i
        assert case.started == 0
        assert case.outbox.waiting_bytes == 0


async def test_leftovers_are_written_by_one_task_in_order(pair) -> None:
    near, far = pair
    pieces = [bytes([i % 251]) * (i * 37 % 5_000 + 1) for i in range(300)]
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery)
        for piece in pieces:
            case.outbox.offer(piece)
        assert case.outbox.waiting_bytes > 0
        assert case.started == 1
        assert await receive_exactly(far, sum(map(len, pieces))) == b"".join(pieces)
        await case.outbox.finish(b"", 20)
        assert case.outbox.waiting_bytes == 0
        case.outbox.offer(b"too late")
        with pytest.raises(BlockingIOError):
            far.recv(1)


async def test_a_full_outbox_gives_up_once_and_refuses_more(pair) -> None:
    near, _ = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery, max_bytes=50_000)
        for _number in range(200):
            case.outbox.offer(b"x" * 1_000)
        assert case.reasons == [Farewell.SLOW_READER]
        assert case.outbox.waiting_bytes <= 52_000
        nursery.cancel_scope.cancel()


async def test_the_last_words_of_a_slow_reader_begin_a_new_line(pair) -> None:
    near, far = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery, max_bytes=200_000)
        line = b"x" * 999 + b"\n"
        while not case.reasons:
            case.outbox.offer(line)
        read = b""

        async def read_all() -> None:
            nonlocal read
            while not read.endswith(b"bye\n"):
                await trio.lowlevel.wait_readable(far)
                read += far.recv(65_536)

        nursery.start_soon(read_all)
        await case.outbox.finish(b"bye\n", 20)
    *lines, last = read.splitlines(keepends=True)
    assert last == b"bye\n"
    assert set(lines) == {line}
    assert len(lines) < 200


async def test_a_reader_who_takes_nothing_is_given_up_in_time(pair) -> None:
    near, _ = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery, write_timeout_s=0.01)
        case.outbox.offer(b"x" * 100_000)
        with trio.fail_after(20):
            while not case.reasons:
                await trio.lowlevel.checkpoint()
    assert case.reasons == [Farewell.SLOW_READER]


async def test_a_broken_connection_is_given_up_and_never_raises(pair) -> None:
    near, far = pair
    far.close()
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery)
        case.outbox.offer(b"x")
        case.outbox.offer(b"y")
    assert case.reasons == [Farewell.LOST]


async def test_after_closing_nothing_is_written_to_a_recycled_descriptor() -> None:
    near, far = socket.socketpair()
    with far:
        far.setblocking(False)
        near.setblocking(False)
        async with trio.open_nursery() as nursery:
            case = Case(near, nursery)
            number = near.fileno()
            case.outbox.close()
            near.close()
            other, peer = socket.socketpair()  # the kernel gives the lowest free number again
            with other, peer:
                assert number in (other.fileno(), peer.fileno())
                other.setblocking(False)
                peer.setblocking(False)
                case.outbox.offer(b"not for you")
                for sock in (other, peer):
                    with pytest.raises(BlockingIOError):
                        sock.recv(1)


async def test_one_who_asks_waits_until_enough_was_read(pair) -> None:
    near, far = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery, max_bytes=100_000)
        case.outbox.offer(b"x" * 90_000)
        eased = trio.Event()

        async def wait() -> None:
            await case.outbox.wait_eased()
            eased.set()

        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        assert not eased.is_set()
        await receive_exactly(far, 90_000)
        with trio.fail_after(20):
            await eased.wait()


async def test_one_large_answer_is_not_held_against_a_visitor_who_reads(pair) -> None:
    near, far = pair
    async with trio.open_nursery() as nursery:
        case = Case(near, nursery, max_bytes=10_000)
        case.outbox.offer(b"x" * 3_000_000)
        assert await receive_exactly(far, 3_000_000)
        assert case.reasons == []
        await case.outbox.finish(b"", 20)
