"""Start and shutdown: the doors inside the connections inside the chat."""

import signal
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

import trio

from wassop.config import Config
from wassop.core.events import Farewell
from wassop.server.chat import Chat
from wassop.server.connection import Connection
from wassop.server.listen import Door, address_text, close_doors, open_doors, prepare
from wassop.server.logs import Log
from wassop.server.stream import DirectStream


class Server:
    """A server that listens. `stop` ends it gracefully."""

    def __init__(self, config: Config, log: Log, doors: list[Door]) -> None:
        self.chat: Final = Chat(config, log)
        self.doors: Final = doors
        self._stopping: Final = trio.Event()

    @property
    def addresses(self) -> list[str]:
        """Where it listens, `HOST:PORT`, the main address first."""
        return [door.address for door in self.doors]

    def stop(self) -> None:
        """Accept nobody any more, tell everybody, deliver what was said, and end."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop`; then at most `drain_timeout_s` for what is still on its way, twice."""
        config, chat, log = self.chat.config, self.chat, self.chat.log
        async with trio.open_nursery() as background:
            await background.start(chat.run)
            async with trio.open_nursery() as visits:
                try:
                    async with trio.open_nursery() as doors:
                        for door in self.doors:
                            log.info("listening", address=door.address)
                            doors.start_soon(door.admit, visits, self._visit, log)
                        await self._stopping.wait()
                        doors.cancel_scope.cancel()
                finally:
                    close_doors(self.doors)
                log.info("stopping", clients=len(chat.connections))
                chat.is_closing = True
                with trio.move_on_after(config.drain_timeout_s):
                    await chat.wait_idle()
                for connection in list(chat.connections.values()):
                    connection.end(Farewell.SHUTDOWN)
            background.cancel_scope.cancel()
        log.info("stopped")

    async def _visit(self, sock: socket.socket, peer: tuple[Any, ...], door: Door) -> None:
        config = self.chat.config
        try:
            prepare(sock, silence_s=config.ping_interval_s, dead_after_s=config.pong_timeout_s)
            connection = Connection(self.chat, DirectStream(sock), address_text(peer), door.endpoint)
            if not door.lets_in(peer[0]):
                connection.end(Farewell.NOT_ALLOWED)
            if self.chat.is_closing:
                connection.end(Farewell.SHUTDOWN)
            await connection.run()
        except Exception:  # a fault of ours must not end the visits of all others
            self.chat.log.exception("connection-failed", address=address_text(peer))
            sock.close()


async def open_server(config: Config, log: Log) -> Server:
    """Bind all endpoints; OSError, with the endpoint as its `filename`, when one cannot be had."""
    return Server(config, log, await open_doors(config.endpoints, config.listen_backlog))


async def run_until_signal(server: Server) -> int:
    """Run `server` until SIGINT or SIGTERM, which stop it gracefully; a second one ends it at once.

    Returns the process's exit code: 0, or 128 and the number of the second signal.
    """
    exit_code = 0
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:

            async def obey(received: AsyncIterator[int]) -> None:
                nonlocal exit_code
                await anext(received)
                server.stop()
                exit_code = 128 + await anext(received)
                nursery.cancel_scope.cancel()

            nursery.start_soon(obey, signals)
            await server.run()
            nursery.cancel_scope.cancel()
    return exit_code
