"""The connection to the server: kept alive, noticed when dead, made again with growing pauses.

Rule 1: what happens is told through one channel, in order, as values; nothing is swallowed.
Rule 2: only `run` touches the stream; `send` never waits.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import frozen

from wassop.client.happenings import Connected, Lost, Received, Waiting
from wassop.locale import N_, Translations
from wassop.wire.native_client import NativeClientCodec
from wassop.wire.native_messages import ClientMessage, Ping

Connect = Callable[[], Awaitable[trio.abc.Stream]]
LinkEvent = Connected | Lost | Waiting | Received


class TurnedAway(ConnectionRefusedError):
    """The server is there and lets nobody else in just now, which it could say by an alert of TLS only."""

    problem: Final = N_(
        "{server} lets nobody else in just now: too many connections, in all or from your address. "
        "Try again later."
    )

    def __init__(self, server: str) -> None:
        super().__init__(self.problem.format(server=server))
        self._server: Final = server

    def sentence(self, tr: Translations) -> str:
        """What to tell the person."""
        return tr.gettext(self.problem).format(server=self._server)


@frozen
class LinkSettings:
    """When a server counts as dead, and how long to wait before the next try."""

    silence_s: float = 45.0
    """After so long without a word the server is asked for one; after as long again it counts as dead."""
    connect_timeout_s: float = 10.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    jitter: float = 0.25
    """A pause is longer by up to this share, so that not all clients come back in the same instant."""
    random: Callable[[], float] = random.random
    max_unsent: int = 1_000
    """So many messages may wait to be written before the connection counts as dead."""

    def pause_s(self, attempt: int) -> float:
        """How long to wait before try number `attempt` (from 0)."""
        pause = min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(attempt, 30))
        return pause * (1 + self.jitter * self.random())


def connecting_to(host: str, port: int, timeout_s: float = LinkSettings().connect_timeout_s) -> Connect:
    """A function that connects to `host` and `port`, and raises OSError when that does not work."""

    async def connect() -> trio.abc.Stream:
        with trio.move_on_after(timeout_s):
            return await trio.open_tcp_stream(host, port)
        raise TimeoutError(f"no answer in {timeout_s:g} s")

    return connect


class Link:
    """One server, over as many connections as it takes."""

    def __init__(self, connect: Connect, settings: LinkSettings | None = None) -> None:
        self._connect: Final = connect
        self._settings: Final = settings or LinkSettings()
        self._tell, self.events = trio.open_memory_channel[LinkEvent](64)
        self._unsent: trio.MemorySendChannel[ClientMessage] | None = None
        self._connection: trio.CancelScope | None = None
        self._attempt = 0
        self._is_ending = False

    async def run(self, stream: trio.abc.Stream | None = None) -> None:
        """Serve `stream` if there is one already, and then one connection after another, until `end`.

        Closes `events` when it returns or is cancelled.
        """
        async with self._tell:
            while not self._is_ending:
                stream = stream or await self._try_to_connect()
                if stream is not None:
                    await self._serve(stream)
                    stream = None
                if not self._is_ending:
                    await self._tell.send(Lost())
                    await self._pause()

    def send(self, message: ClientMessage) -> bool:
        """Queue `message` for the server; False when there is no connection that would take it."""
        if self._unsent is None:
            return False
        try:
            self._unsent.send_nowait(message)
        except trio.WouldBlock:  # the server does not read
            self.drop()
            return False
        except trio.BrokenResourceError:  # the connection is about to be closed, which can take a while
            return False
        return True

    def welcomed(self) -> None:
        """The connection proved good: the next pause is the shortest again."""
        self._attempt = 0

    def drop(self) -> None:
        """Give up this connection and make another after a pause."""
        self._unsent = None
        if self._connection is not None:
            self._connection.cancel()

    def end(self) -> None:
        """Write what was queued, close, and let `run` return."""
        self._is_ending = True
        if self._unsent is not None:
            self._unsent.close()
            self._unsent = None

    async def _try_to_connect(self) -> trio.abc.Stream | None:
        try:
            return await self._connect()
        except OSError:
            return None

    async def _pause(self) -> None:
        """Wait, telling every second how long it will still take."""
        until = trio.current_time() + self._settings.pause_s(self._attempt)
        self._attempt += 1
        while (left := until - trio.current_time()) > 0 and not self._is_ending:
            await self._tell.send(Waiting(max(1, round(left))))
            await trio.sleep(min(1.0, left))

    async def _serve(self, stream: trio.abc.Stream) -> None:
        """Read and write until the connection ends, however it ends."""
        codec = NativeClientCodec()
        self._unsent, unsent = trio.open_memory_channel[ClientMessage](self._settings.max_unsent)
        try:
            async with stream, unsent, trio.open_nursery() as nursery:
                self._connection = nursery.cancel_scope
                await self._tell.send(Connected())
                nursery.start_soon(self._write, stream, codec, unsent, nursery.cancel_scope)
                await self._read(stream, codec)
                nursery.cancel_scope.cancel()
        finally:
            self._unsent = self._connection = None

    async def _read(self, stream: trio.abc.Stream, codec: NativeClientCodec) -> None:
        has_asked = False
        while True:
            with trio.move_on_after(self._settings.silence_s) as patience:
                try:
                    data = await stream.receive_some()
                except trio.BrokenResourceError:
                    return
            if patience.cancelled_caught:
                if has_asked:
                    return
                has_asked = True
                self.send(Ping())
                continue
            if not data:
                return
            has_asked = False
            for message in codec.receive_data(bytes(data)):
                try:
                    self._tell.send_nowait(Received(message))
                except trio.WouldBlock:
                    await self._tell.send(Received(message))

    async def _write(
        self,
        stream: trio.abc.Stream,
        codec: NativeClientCodec,
        unsent: trio.MemoryReceiveChannel[ClientMessage],
        connection: trio.CancelScope,
    ) -> None:
        try:
            async for message in unsent:
                await stream.send_all(codec.encode(message))
        except trio.BrokenResourceError:
            pass  # the reader is told so, too, but perhaps only much later
        connection.cancel()
