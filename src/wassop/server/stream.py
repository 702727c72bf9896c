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

    def receive_nowait(self, max_bytes: int) -> bytes | None:
        """What has come already, or None; as `receive_some` otherwise. Whoever can tell only by waiting says
        None."""
        del max_bytes
        return None

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
        self._ear: Final = None if reception is None else _Ear(sock, reception)
        self.send_nowait = sock.send  # the method itself: a fan-out calls it more often than anything else

    async def receive_some(self, max_bytes: int) -> bytes:
        """See `Stream`. Always a checkpoint, so that a flood from one visitor leaves room for the others."""
        if self._ear is not None:
            return await self._ear.listen(_leave, max_bytes)
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv(max_bytes)
            except BlockingIOError:
                continue

    def receive_nowait(self, max_bytes: int) -> bytes | None:
        """See `Stream`."""
        try:
            return self._socket.recv(max_bytes)
        except BlockingIOError:
            return None

    async def receive_while(self, take: Callable[[bytes], bool], max_bytes: int) -> bool:
        """See `Stream`."""
        if self._ear is None:
            return await super().receive_while(take, max_bytes)
        return await self._ear.listen(take, max_bytes) != b""

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
        if self._ear is not None:
            self._ear.close()
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()


class _Ear:
    """Hands what comes out of a socket to somebody who takes it at once.

    Between two who listen the reception goes on watching, which saves two system calls each time. Only when
    something comes and nobody listens the watch ends, until somebody does.
    """

    __slots__ = ("_data", "_error", "_is_watched", "_max_bytes", "_reception", "_socket", "_take", "_task")

    def __init__(self, sock: socket.socket, reception: Reception) -> None:
        self._socket: Final = sock
        self._reception: Final = reception
        self._is_watched = False
        self._task: trio.lowlevel.Task | None = None
        self._take: Callable[[bytes], bool] = _leave
        self._max_bytes = 0
        self._data = b""
        self._error: Exception | None = None

    async def listen(self, take: Callable[[bytes], bool], max_bytes: int) -> bytes:
        """Give `take` what comes until it returns False; return the last of it, which is empty at the end."""
        self._task, self._take, self._max_bytes = trio.lowlevel.current_task(), take, max_bytes
        try:
            if not self._is_watched:
                self._is_watched = True
                self._reception.watch(self._socket, self._on_ready)
            await trio.lowlevel.wait_task_rescheduled(self._abort)
            if self._error is not None:
                raise self._error
            return self._data
        finally:
            # What was heard, and who listened, is not kept while nobody does.
            self._task, self._take, self._data, self._error = None, _leave, b"", None

    def close(self) -> None:
        """Nobody listens any more."""
        if self._is_watched:
            self._is_watched = False
            self._reception.unwatch(self._socket)

    def _abort(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _on_ready(self) -> None:
        if self._task is None:
            self.close()
            return
        try:
            data = self._socket.recv(self._max_bytes)
            if data and self._take(data):
                return
            self._data = data
            if not data:
                self.close()  # the end stays there to be read
        except BlockingIOError:
            return
        except Exception as error:  # it is the task that serves this visitor who must know
            self._error = error
        task, self._task = self._task, None
        if task is not None:  # else it was cancelled by what was taken
            trio.lowlevel.reschedule(task)


def _leave(_: bytes) -> bool:
    return False


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
