"""Reading from many sockets in one task: what it keeps of those who have gone."""

import socket
import sys
import weakref

import pytest
import trio

from wassop.server.reception import Reception


class Visitor:
    """Somebody who reads one message."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.heard = trio.Event()

    def read(self) -> None:
        self.sock.recv(100)
        self.heard.set()


@pytest.mark.skipif(sys.platform != "linux", reason="only where there is epoll")
async def test_whoever_spoke_last_and_left_is_not_kept(nursery: trio.Nursery) -> None:
    reception = Reception()
    nursery.start_soon(reception.run)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        visitor = Visitor(ours)
        reception.watch(ours, visitor.read)
        theirs.send(b"hola")
        await visitor.heard.wait()
        reception.unwatch(ours)
        is_here = weakref.ref(visitor)
        del visitor
        assert is_here() is None


@pytest.mark.skipif(sys.platform != "linux", reason="only where there is epoll")
async def test_what_is_best_done_once_is_done_when_all_who_spoke_are_served(nursery: trio.Nursery) -> None:
    reception = Reception()
    pairs = [socket.socketpair() for _ in range(3)]
    happened: list[str] = []
    over = trio.Event()

    def serve(sock: socket.socket, number: int) -> None:
        happened.append(sock.recv(100).decode())
        assert reception.at_end_of_turn(over.set if number == 0 else lambda: happened.append(f"end {number}"))

    for number, (ours, theirs) in enumerate(pairs):
        reception.watch(ours, lambda ours=ours, number=number: serve(ours, number))
        theirs.send(b"%d" % number)
    assert not reception.at_end_of_turn(over.set), "nobody is served"
    nursery.start_soon(reception.run)
    await over.wait()
    assert sorted(happened[:3]) == ["0", "1", "2"]
    assert sorted(happened[3:]) == ["end 1", "end 2"]
    for pair in pairs:
        for sock in pair:
            sock.close()
