"""One TCP connection as the server uses it: read when there is something, write what the kernel takes now."""

import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import trio

from wassop.server.reception import Reception

_HAS_SENDMSG: Final = hasattr(socket.socket, "sendmsg")
_HANG_UP_BYTES: Final = 65_536
_HANG_UP_S: Final = 0.5


class Stream(Protocol):
    """What a connection and its outbox need."""

    tls: str | None = None
    """The version of TLS that protects it, if any does."""

    send_nowait: Callable[[bytes], int]
    """Sends what can be sent at once and tells how many bytes that were. BlockingIOError when none could;
    another OSError when the connection broke."""

    async def receive_some(self, max_bytes: int) -> bytes:
        """At least one byte; none when the other side ended; OSError when the connection broke."""
        ...

    async def receive_while(self, take: Callable[[bytes], bool], max_bytes: int) -> bool:
        """Call `take`, which never blocks, with whatever comes, until it returns False; False when the other
        side ended before. OSError when the connection broke; what `take` raises is raised here."""
        while (data := await self.receive_some(max_bytes)) and take(data):
            pass
        return bool(data)

    async def send_some(self, buffers: Sequence[bytes | memoryview]) -> int:
        """Send some of `buffers`, at least one byte, however long that takes."""
        ...

    def shutdown_writing(self) -> None:
        """Tell the other side that nothing more comes; OSError when the connection broke."""
        ...

    def close(self) -> None:
        """Give the socket back to the kernel, at once."""
        ...


class DirectStream(Stream):
    """A non-blocking socket: one system call a send, and no task switch as long as the kernel takes it."""

    def __init__(self, sock: socket.socket, reception: Reception | None = None) -> None:
        """With a `reception` there is no task switch either for what is taken at once."""
        self._socket: Final = sock
        self._reception: Final = reception
        self.send_nowait = sock.send  # the method itself: a fan-out calls it more often than anything else

    async def receive_some(self, max_bytes: int) -> bytes:
        """See `Stream`. Always a checkpoint, so that a flood from one visitor leaves room for the others."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv(max_bytes)
            except BlockingIOError:
                continue

    async def receive_while(self, take: Callable[[bytes], bool], max_bytes: int) -> bool:
        """See `Stream`."""
        if self._reception is None:
            return await super().receive_while(take, max_bytes)
        taking = _Taking(self._socket, take, max_bytes)
        with self._reception.watching(self._socket, taking.go_on):
            await taking.ended.wait()
        if taking.error is not None:
            raise taking.error
        return not taking.is_at_end

    async def send_some(self, buffers: Sequence[bytes | memoryview]) -> int:
        """See `Stream`. All buffers go out in one system call, where there is one for that."""
        while True:
            await trio.lowlevel.wait_writable(self._socket)
            with contextlib.suppress(BlockingIOError):
                if _HAS_SENDMSG:
                    return self._socket.sendmsg(buffers)
                return self._socket.send(buffers[0])

    def shutdown_writing(self) -> None:
        """See `Stream`."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """See `Stream`."""
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()


class _Taking:
    """Hands what comes out of a socket to somebody who takes it at once."""

    def __init__(self, sock: socket.socket, take: Callable[[bytes], bool], max_bytes: int) -> None:
        self._socket: Final = sock
        self._take: Final = take
        self._max_bytes: Final = max_bytes
        self.ended: Final = trio.Event()
        self.is_at_end = False
        self.error: Exception | None = None

    def go_on(self) -> None:
        if self.ended.is_set():
            return  # the task that waits will end the watch when it runs
        try:
            data = self._socket.recv(self._max_bytes)
            if data and self._take(data):
                return
            self.is_at_end = not data
        except BlockingIOError:
            return
        except Exception as error:  # it is the task that serves this visitor who must know
            self.error = error
        self.ended.set()


async def hang_up(stream: Stream, deadline: float) -> None:
    """Let the last words arrive, until `deadline` at most: to close while input is unread makes the kernel
    reset the connection, and the visitor's then forgets what was not read yet."""
    unread = _HANG_UP_BYTES
    with contextlib.suppress(OSError), trio.move_on_at(min(deadline, trio.current_time() + _HANG_UP_S)):
        stream.shutdown_writing()
        while unread > 0:
            data = await stream.receive_some(unread)
            if not data:
                return
            unread -= len(data)
