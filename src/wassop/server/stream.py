"""One TCP connection as the server uses it: read when there is something, write what the kernel takes now."""

import contextlib
import socket
from collections.abc import Sequence
from typing import Final, Protocol

import trio

_HAS_SENDMSG: Final = hasattr(socket.socket, "sendmsg")


class Stream(Protocol):
    """What a connection and its outbox need; a TLS stream takes nothing at once and sends while waiting."""

    async def receive_some(self, max_bytes: int) -> bytes:
        """At least one byte; none when the other side ended; OSError when the connection broke."""
        ...

    def send_nowait(self, data: bytes) -> int:
        """How many bytes of `data` were sent at once, without waiting; OSError when the connection broke."""
        ...

    async def send_some(self, buffers: Sequence[bytes | memoryview]) -> int:
        """Send some of `buffers`, at least one byte, however long that takes."""
        ...

    def shutdown_writing(self) -> None:
        """Tell the other side that nothing more comes; OSError when the connection broke."""
        ...

    def close(self) -> None:
        """Give the socket back to the kernel, at once."""
        ...


class DirectStream:
    """A non-blocking socket: one system call a send, and no task switch as long as the kernel takes it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket: Final = sock

    async def receive_some(self, max_bytes: int) -> bytes:
        """See `Stream`. Always a checkpoint, so that a flood from one visitor leaves room for the others."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            with contextlib.suppress(BlockingIOError):
                return self._socket.recv(max_bytes)

    def send_nowait(self, data: bytes) -> int:
        """See `Stream`."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

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
