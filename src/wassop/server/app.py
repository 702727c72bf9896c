"""Start and shutdown: the doors inside the connections inside the chat."""

import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import trio

from wassop.config import Config, ConfigError
from wassop.core.events import Farewell
from wassop.locale import translations
from wassop.server.admission import Admission, Origin, max_open_files
from wassop.server.certificate import open_certificate
from wassop.server.chat import Chat
from wassop.server.connection import Connection
from wassop.server.control import Control, open_control
from wassop.server.doors import Doors
from wassop.server.entrance import Entered, Entrance
from wassop.server.listen import (
    OPTIONS_ARE_INHERITED,
    Door,
    Visit,
    address_text,
    close_doors,
    open_doors,
    prepare,
)
from wassop.server.logs import Log
from wassop.server.recent_lines import RecentLines
from wassop.server.reloading import Reloading
from wassop.server.stream import DirectStream
from wassop.server.supervision import Supervisor, has_terminal
from wassop.server.turnaway import TurnedAway
from wassop.storage.archive import Archive, ArchiveError

if TYPE_CHECKING:
    from wassop.server.pages import Pages

_MAX_UNNAMED_SERVERS: Final = 100
_METRICS_BACKLOG: Final = 16


class Server:
    """A server that listens. `stop` ends it gracefully."""

    def __init__(self, config: Config, log: Log, doors: list[Door], archive: Archive | None) -> None:
        self._entrance: Final = Entrance(config, open_certificate(config))
        self.chat: Final = Chat(config, log, archive)
        self.doors: Final = doors
        self._doors: Final = Doors(doors, config)
        self.chat.operations.attach(self._doors, self.stop)
        self.admission: Final = Admission(config, max_open_files())
        self._turned_away: Final = TurnedAway(self.chat.wire, log)
        self._archive: Final = archive
        self.health: Pages | None = None
        """What machines that look after it may ask for, on a listener of its own."""
        self.control: Control | None = None
        """Where whoever runs the server is heard without a name."""
        self.reloading: Reloading | None = None
        """Reads the settings anew when it is told to."""
        self.accepting: Final = trio.Event()
        self.stopping: Final = trio.Event()

    @property
    def addresses(self) -> list[str]:
        """Where it listens, `HOST:PORT`, the main address first."""
        return [door.address for door in self.doors]

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate with which TLS begins, if it does."""
        certificate = self._entrance.certificate
        return certificate.fingerprint if certificate is not None else None

    def reload(self) -> None:
        """Read anew what may change while it runs."""
        if self.reloading is not None:
            self.reloading.reload()
        self._reload_certificate()

    def _reload_certificate(self) -> None:
        # For new connections; when it cannot be used, the old one stays.
        certificate, log = self._entrance.certificate, self.chat.log
        if certificate is None:
            return
        try:
            certificate.load()
        except ConfigError as error:
            log.error("certificate-unfit", reason=error.sentence(translations(self.chat.config.lang)))
        else:
            log.info("certificate-read", fingerprint=certificate.fingerprint)

    def stop(self) -> None:
        """Accept nobody any more, tell everybody, deliver what was said, and end."""
        self.stopping.set()

    async def run(self) -> None:
        """Serve until `stop`; then at most `drain_timeout_s` for what is still on its way, twice."""
        async with trio.open_nursery() as watching:
            if self.health is not None:
                watching.start_soon(self.health.run)
            await self._keep_and_serve()
            watching.cancel_scope.cancel()

    async def _keep_and_serve(self) -> None:
        try:
            async with trio.open_nursery() as keeping:
                journal = self.chat.journal
                if journal is not None:
                    keeping.start_soon(journal.run)
                await self._serve()
                if journal is not None:
                    journal.close()
        finally:
            if self._archive is not None:
                self._archive.close()
        self.chat.log.info("stopped")

    async def _serve(self) -> None:
        chat, log = self.chat, self.chat.log
        async with trio.open_nursery() as background:
            await background.start(chat.run)
            background.start_soon(self._turned_away.run)
            async with trio.open_nursery() as visits:
                try:
                    async with trio.open_nursery() as accepting:
                        if self.control is not None:
                            accepting.start_soon(self.control.admit, visits, chat)
                        self.accepting.set()
                        await self._doors.attend(partial(self._admit, visits), self.stopping)
                        accepting.cancel_scope.cancel()
                finally:
                    self._doors.close()
                    if self.control is not None:
                        self.control.close()
                    self._entrance.close()
                log.info("stopping", clients=len(chat.connections))
                chat.is_closing = True
                with trio.move_on_after(chat.config.drain_timeout_s):
                    await chat.wait_idle()
                    if chat.journal is not None:
                        await chat.journal.wait_flushed()
                for connection in list(chat.connections.values()):
                    connection.end(Farewell.SHUTDOWN)
            background.cancel_scope.cancel()

    async def _admit(self, visits: trio.Nursery, door: Door) -> None:
        self.chat.log.info("listening", address=door.address)
        await door.admit(visits, self._screen, self.chat.log)

    def _screen(self, sock: socket.socket, peer: tuple[Any, ...], door: Door) -> Visit | None:
        admitted = self.admission.admit(peer[0], trio.current_time())
        if isinstance(admitted, Origin):
            return partial(self._visit, admitted)
        self.chat.figures.ended[admitted] += 1
        self._turned_away.add(sock, address_text(peer), door.endpoint.dialect, admitted)
        return None

    async def _visit(self, origin: Origin, sock: socket.socket, peer: tuple[Any, ...], door: Door) -> None:
        config = self.chat.config
        rates = None if origin.is_trusted else config.rates
        try:
            sock.setblocking(False)
            if not OPTIONS_ARE_INHERITED:
                prepare(sock, silence_s=config.ping_interval_s, dead_after_s=config.pong_timeout_s)
            stream = DirectStream(sock, self.chat.reception)
            entered: Entered | None = Entered(stream, door.endpoint)
            address, is_let_in = address_text(peer), door.lets_in(peer[0])
            if is_let_in and self._entrance.certificate is not None:
                log = self.chat.log.bind(address=address)
                entered = await self._entrance.enter(sock, stream, door.endpoint, log)
            if entered is None:
                return
            connection = Connection(self.chat, entered.stream, address, entered.door, rates)
            if not is_let_in:
                connection.end(Farewell.NOT_ALLOWED)
            if entered.lacks_tls:
                connection.end(Farewell.TLS_REQUIRED)
            if self.chat.is_closing:
                connection.end(Farewell.SHUTDOWN)
            await connection.run(is_silent=entered.is_silent)
        except Exception:  # a fault of ours must not end the visits of all others
            self.chat.log.exception("connection-failed", address=address_text(peer))
            sock.close()
        finally:
            self.admission.release(origin)


async def open_server(config: Config, log: Log, recent: RecentLines | None = None) -> Server:
    """Open the record and bind all endpoints; ArchiveError when the record cannot be used, OSError, with the
    endpoint as its `filename`, when a place to listen cannot be had. Operators may read the `recent` lines of
    the log."""
    archive = None if config.memory else _opened(config, log)
    doors: list[Door] = []
    try:
        doors = await open_doors(config.endpoints, config.listen_backlog)
        for door in doors:
            prepare(door.socket, silence_s=config.ping_interval_s, dead_after_s=config.pong_timeout_s)
        server = Server(config, log, doors, archive)
        server.chat.operations.recent = recent
        if config.metrics_endpoint is not None:
            # Loaded only if it is wanted: 10 MiB and 0.1 s.
            from wassop.server.health import open_health

            server.health = open_health(server, await open_doors([config.metrics_endpoint], _METRICS_BACKLOG))
        if archive is not None:
            server.control = open_control(archive.path, log)
        return server
    except BaseException as error:
        close_doors(doors)
        if archive is not None:
            archive.close()
            if isinstance(error, sqlite3.Error):
                raise ArchiveError(archive.path, "corrupt", str(error)) from error
        raise


def _opened(config: Config, log: Log) -> Archive:
    """The record; a second server of somebody who named no file takes the next free one, and says so."""
    path = config.database
    for number in count(2):
        try:
            return Archive(path, config.durability)
        except ArchiveError as error:
            if config.db or error.problem != "in-use" or number > _MAX_UNNAMED_SERVERS:
                raise
        taken, path = path, config.database.with_stem(f"{config.database.stem}-{number}")
        log.warning("database-in-use", path=str(taken), instead=str(path))
    raise AssertionError("count never ends")


async def run_until_signal(server: Server, announce: Callable[[], None]) -> int:
    """Run `server` until SIGINT or SIGTERM, which stop it gracefully; a second one ends it at once. SIGHUP
    makes it read its settings and its certificate again, or stops it if it was sent because the terminal is
    gone.
    `announce` is called when both visitors and signals are served.

    Returns the process's exit code: 0, or 128 and the number of the second signal.
    """
    exit_code = 0
    hang_up = getattr(signal, "SIGHUP", None)
    numbers = [signal.SIGINT, signal.SIGTERM, *([] if hang_up is None else [hang_up])]
    supervisor, had_terminal = Supervisor(), has_terminal()
    with trio.open_signal_receiver(*numbers) as signals:
        async with trio.open_nursery() as nursery:

            async def obey(received: AsyncIterator[int]) -> None:
                nonlocal exit_code
                is_stopping = False
                async for number in received:
                    if number == hang_up and has_terminal() == had_terminal:
                        with supervisor.reloading():
                            server.reload()
                    elif is_stopping and number != hang_up:
                        exit_code = 128 + number
                        nursery.cancel_scope.cancel()
                    else:
                        server.stop()
                        is_stopping = True

            nursery.start_soon(obey, signals)
            nursery.start_soon(supervisor.watch, server)
            announce()
            await server.run()
            nursery.cancel_scope.cancel()
    return exit_code
