"""TLS over a connection: a stream like any other, with everything encrypted on its way.

Rule 1: bytes count as sent when the kernel has taken all that they have become. Until then the same bytes
are expected to be offered again first, as an outbox does.
Rule 2: what the library itself has to say goes out before what is sent next, so that only senders send.
Rule 3: an end without TLS's own goodbye is a broken connection: somebody may have cut it short.
"""

import contextlib
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import trio

from wassop.server.stream import Stream

_SEND_BYTES: Final = 65_536
"""So much is encrypted at once."""
_RECEIVE_BYTES: Final = 16_384 + 256
"""One record (RFC 8446, 5.2)."""

_MAX_REPLIES_BYTES: Final = 16_384
"""The library answers some records by itself, such as wishes to agree anew (30 bytes for each); as long as
nothing is sent, these answers wait in memory."""


class TlsStream(Stream):
    """The server's end of a TLS connection over `inner`; nothing but `handshake` can be done before that."""

    def __init__(self, inner: Stream, context: ssl.SSLContext) -> None:
        self._inner: Final = inner
        self._from_peer: Final = ssl.MemoryBIO()
        self._to_peer: Final = ssl.MemoryBIO()
        self._tls: Final = context.wrap_bio(self._from_peer, self._to_peer, server_side=True)
        self._unsent = b""
        """Encrypted, and not taken by the kernel."""
        self._begun = b""
        """What of the plain text that stands for, and whoever sends it has not been told so."""
        self._is_shut = False

    async def handshake(self) -> None:
        """Come to an agreement with the client; OSError (`ssl.SSLError` is one) when there is none."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._feed(await self._inner.receive_some(_RECEIVE_BYTES))
            except ssl.SSLError:
                self._push()  # the alert that says why
                raise
            else:
                break
        await self._flush()
        self.tls = self._tls.version()

    async def receive_some(self, max_bytes: int) -> bytes:
        """See `Stream`. Always a checkpoint."""
        if self._is_shut:  # whoever has said goodbye only waits for the end
            return await self._inner.receive_some(max_bytes)
        data = self._decrypted(max_bytes)
        if data is not None:
            await trio.lowlevel.checkpoint()
            return data
        while data is None:
            self._feed(await self._inner.receive_some(_RECEIVE_BYTES))
            data = self._decrypted(max_bytes)
        return data

    async def receive_while(self, take: Callable[[bytes], bool], max_bytes: int) -> bool:
        """See `Stream`. What comes is decrypted where `inner` takes it, without waking a task."""
        is_at_end = False

        def take_all() -> bool:
            nonlocal is_at_end
            while (data := self._decrypted(max_bytes)) is not None:
                is_at_end = not data
                if is_at_end or not take(data):
                    return False
            return True

        def take_encrypted(data: bytes) -> bool:
            self._feed(data)
            return take_all()

        await trio.lowlevel.checkpoint()
        if take_all() and not await self._inner.receive_while(take_encrypted, _RECEIVE_BYTES):
            self._feed(b"")
            take_all()  # raises, unless the goodbye had come
        return not is_at_end

    async def send_some(self, buffers: Sequence[bytes | memoryview]) -> int:
        """See `Stream`. The buffers are joined, so that small ones share a record and a system call."""
        data = _joined(buffers)
        if self._begun:
            await self._flush()
            begun, self._begun = self._begun, b""
            if data.startswith(begun):
                return len(begun)
        self._begin(data)
        await self._flush()
        sent, self._begun = len(self._begun), b""
        return sent

    def shutdown_writing(self) -> None:
        """See `Stream`. As far as the kernel takes it now: whoever does not read is not waited for."""
        if not self._is_shut:
            self._is_shut = True
            with contextlib.suppress(ssl.SSLError):  # it wants the other side's goodbye, too
                self._tls.unwrap()
            self._push()
            self._inner.shutdown_writing()

    def close(self) -> None:
        """See `Stream`."""
        self._inner.close()

    # What comes

    def _feed(self, data: bytes) -> None:
        if data:
            self._from_peer.write(data)
        else:
            self._from_peer.write_eof()

    def _decrypted(self, max_bytes: int) -> bytes | None:
        """What has come; nothing at the end; None when more must come first."""
        try:
            return self._tls.read(max_bytes)
        except ssl.SSLWantReadError:
            if self._to_peer.pending > _MAX_REPLIES_BYTES:
                raise ConnectionAbortedError("it talks to the library, and not to us") from None
            return None
        except ssl.SSLZeroReturnError:
            return b""

    # What goes

    def send_nowait(self, data: bytes) -> int:
        """See `Stream`. Not a task is woken for a visitor who reads, with TLS either."""
        if self._unsent:
            raise BlockingIOError
        self._begin(data)
        if not self._push():
            raise BlockingIOError
        sent, self._begun = len(self._begun), b""
        return sent

    def _begin(self, data: bytes) -> None:
        self._begun = data[:_SEND_BYTES]
        view, done, records = memoryview(self._begun), 0, [self._unsent]
        while done < len(view):
            done += self._tls.write(view[done:])
            records.append(self._to_peer.read())  # one by one: a BIO keeps the memory it once needed
        self._unsent = b"".join(records)

    def _push(self) -> bool:
        """Give the kernel what it takes now; whether that was all."""
        self._unsent += self._to_peer.read()
        with contextlib.suppress(BlockingIOError):
            self._unsent = self._unsent[self._inner.send_nowait(self._unsent) :]
        return not self._unsent

    async def _flush(self) -> None:
        self._unsent += self._to_peer.read()
        while self._unsent:
            self._unsent = self._unsent[await self._inner.send_some([self._unsent]) :]


def _joined(buffers: Sequence[bytes | memoryview]) -> bytes:
    """The beginning of what `buffers` hold."""
    size, taken = 0, []
    for buffer in buffers:
        taken.append(buffer[: _SEND_BYTES - size])
        size += len(taken[-1])
        if size == _SEND_BYTES:
            break
    return b"".join(taken)
