"""The operator's way in: a socket beside the database on which the native dialect is spoken.

Whoever may open it may open the database, too; so nobody is asked for a name or a password there.
"""

import contextlib
import os
import socket
from pathlib import Path
from typing import Final

import trio

from wassop.config import Endpoint
from wassop.server.chat import Chat
from wassop.server.connection import Connection
from wassop.server.logs import Log
from wassop.server.stream import DirectStream
from wassop.wire.sniff import Dialect

_BACKLOG: Final = 16
_PAUSE_S: Final = 0.1
_DOOR: Final = Endpoint("control", 0, Dialect.NATIVE.value)


def control_path(database: Path) -> Path:
    """Where the socket of the server is that has this database."""
    return Path(f"{database.resolve()}-control")


class Control:
    """A listening socket for the user who runs the server, and for nobody else."""

    def __init__(self, path: Path, sock: socket.socket) -> None:
        self._path: Final = path
        self._socket: Final = sock

    async def admit(self, nursery: trio.Nursery, chat: Chat) -> None:
        """Accept visits, each into a task of `nursery`, until cancelled."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                sock, _ = self._socket.accept()
            except OSError:  # gone before it was let in, or too many files are open
                await trio.sleep(_PAUSE_S)
                continue
            sock.setblocking(False)
            connection = Connection(chat, DirectStream(sock), "control", _DOOR, is_operator=True)
            nursery.start_soon(connection.run)

    def close(self) -> None:
        """Stop listening, and leave nothing behind."""
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def open_control(database: Path, log: Log) -> Control | None:
    """Listen beside `database`, whose lock is held: a socket that is there already was left by a server that
    is no more. Where that cannot be done the log says so, and the server does without."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    path = control_path(database)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        sock.bind(str(path))
        # Nobody can connect before `listen`.
        os.chmod(path, 0o600)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        log.warning("no-control", path=str(path), reason=str(error))
        return None
    return Control(path, sock)
