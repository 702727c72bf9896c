"""Where requests of the operator are answered: the database, or the server that has it.

Loaded only by the commands that need it: it takes what a server takes.
"""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from wassop.cli.common import LANGUAGE, TR, _, fail, load_config
from wassop.config import Config
from wassop.core.commands import ManageAccount
from wassop.core.deliveries import Record, Reply
from wassop.core.hub import Hub
from wassop.core.logins import refused_management, refused_password
from wassop.core.refusals import Refused
from wassop.storage.archive import Archive, ArchiveError
from wassop.storage.problems import archive_problem
from wassop.wire import native_messages as messages
from wassop.wire.codec import Request, WireSettings
from wassop.wire.native import NativeCodec
from wassop.wire.native_client import NativeClientCodec
from wassop.wire.native_operating import Doors

_TIMEOUT_S: Final = 30.0
_RECEIVE_BYTES: Final = 65_536


class Desk(Protocol):
    """Where requests about accounts are answered."""

    def ask(self, request: messages.Account) -> messages.ServerMessage:
        """The answer."""
        ...


@contextmanager
def desk_of(db: str | None, config_file: Path | None) -> Iterator[Desk]:
    """The database, or the server that has it."""
    config = load_config(config_file, db=db)
    if config.memory:
        raise fail(_("a server with --memory keeps no accounts that could be looked after from here"))
    try:
        archive = Archive(config.database)
    except ArchiveError as error:
        if error.problem != "in-use":
            raise fail(archive_problem(error, TR)) from error
    else:
        try:
            yield DatabaseDesk(archive, config)
        except sqlite3.Error as error:
            raise fail(f"{archive.path}: {error}") from error
        finally:
            archive.close()
        return
    no_way = _("{file}: a server has this database and cannot be reached from here; stop it first")
    with server_desk(config.database, no_way) as desk:
        yield desk


class DatabaseDesk:
    """A database that no server has: what a server would decide is decided here."""

    def __init__(self, archive: Archive, config: Config) -> None:

        self._archive: Final = archive
        self._config: Final = config
        self._hub: Final = Hub(config.limits)
        for account in archive.accounts():
            self._hub.accounts.put(account)
        self._session: Final = self._hub.connect(is_operator=True)

    def ask(self, request: messages.Account) -> messages.ServerMessage:
        """See `Desk`."""
        from wassop.server.passwords import Hasher

        hub, session = self._hub, self._session
        hashed = ""
        command = ManageAccount(request.do, request.name, request.password, request.role)
        refused = refused_management(hub, session, command)
        if refused is None and request.do in ("add", "passwd"):
            refused = refused_password(request.password)
            if refused is None:
                hasher = Hasher(self._config.password_hash_kib, self._config.password_hash_passes)
                hashed = hasher.hash(request.password)
        answer: Any = refused
        if not isinstance(refused, Refused):
            command = ManageAccount(request.do, request.name, role=request.role, hashed=hashed)
            reply, *others = hub.handle(session, command, time.time())
            assert isinstance(reply, Reply)
            answer = reply.answer
            self._archive.store([each.entry for each in others if isinstance(each, Record)])
        line = NativeCodec(WireSettings(LANGUAGE)).answer(Request(command, request.id), answer)
        return next(NativeClientCodec().receive_data(line))


Question = messages.Account | Doors


class ServerDesk:
    """A running server."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket: Final = sock
        self._codec: Final = NativeClientCodec()

    def ask(self, request: Question) -> messages.ServerMessage:
        """See `Desk`."""
        self._socket.sendall(self._codec.encode(request))
        while data := self._socket.recv(_RECEIVE_BYTES):
            for message in self._codec.receive_data(data):
                if isinstance(message, messages.Bye) or getattr(message, "re", None) == request.id:
                    return message
        raise ConnectionResetError


@contextmanager
def server_desk(database: Path, no_way: str) -> Iterator[ServerDesk]:
    """The server that has this database; ends the program with `no_way` when none can be reached."""
    no_way = no_way.format(file=database)
    if not hasattr(socket, "AF_UNIX"):
        raise fail(no_way)
    from wassop.server.control import control_path

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(_TIMEOUT_S)
        try:
            sock.connect(str(control_path(database)))
        except OSError:
            raise fail(no_way) from None
        try:
            yield ServerDesk(sock)
        except OSError:
            raise fail(_("{file}: the server did not answer").format(file=database)) from None
