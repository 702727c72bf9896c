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
