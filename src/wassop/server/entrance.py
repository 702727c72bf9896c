"""Between the door and the chat: who begins with TLS gets it, and where it is required, nobody else gets in.

Rule 1: the first byte tells: TLS begins with a record of type "handshake" (22, RFC 8446, 5.1), and nothing
that is spoken here begins so. It is only looked at, and stays for whoever serves the visitor.
Rule 2: whoever stands here has a task and a socket, and takes no more than that from anybody.
"""

import socket
import ssl
from typing import Final

import trio
from attrs import evolve, frozen

from wassop.config import Config, Endpoint
from wassop.server.certificate import Certificate
from wassop.server.logs import Log
from wassop.server.stream import Stream, hang_up
from wassop.server.tls import TlsStream
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import MAX_SNIFF_BYTES, Dialect, sniff

_TLS_HANDSHAKE: Final = 22
_SPEAK_FIRST: Final = frozenset({None, Dialect.PLAIN, Dialect.NICK})
"""Behind these doors the server speaks to whoever is silent, and could not go over to TLS after that."""


@frozen
class Entered:
    """How a visitor comes in."""

    stream: Stream
    door: Endpoint
    is_silent: bool = False
    """Whether it has said nothing for `sniff_silence_s`."""
    lacks_tls: bool = False
    """Whether it comes in only to be told so, in the dialect to which `door` is pinned then."""


class Entrance:
    """Where visitors begin."""

    def __init__(self, config: Config, certificate: Certificate | None) -> None:
        """Without a certificate nobody is looked at."""
        self._config: Final = config
        self.certificate: Final = certificate
        self._waiting: Final[set[trio.CancelScope]] = set()

    def close(self) -> None:
        """Let go whoever stands here."""
        for scope in self._waiting:
            scope.cancel()

    async def enter(self, sock: socket.socket, stream: Stream, door: Endpoint, log: Log) -> Entered | None:
        """Tell what the visitor behind `sock` begins with; None for one who has not come in and is closed.

        `stream` is how to speak with it in plain text.
        """
        if self.certificate is None:
            return Entered(stream, door)
        scope = trio.CancelScope()
        self._waiting.add(scope)
        try:
            with scope:
                entered = await self._enter(self.certificate, sock, stream, door)
                if isinstance(entered, Entered):
                    return entered
                log.info("tls-failed", reason=entered)
                await hang_up(stream, trio.current_time() + self._config.drain_timeout_s)
            stream.close()
        except BaseException:
            stream.close()
            raise
        finally:
            self._waiting.discard(scope)
        return None

    async def _enter(
        self, certificate: Certificate, sock: socket.socket, stream: Stream, door: Endpoint
    ) -> Entered | str:
        """How the visitor comes in, or why it does not."""
        config = self._config
        is_patient = config.tls_required or door.dialect not in _SPEAK_FIRST
        patience_s = config.tls_handshake_timeout_s if is_patient else config.sniff_silence_s
        first = await _look(sock, patience_s)
        if not first or first[0] != _TLS_HANDSHAKE:
            if config.tls_required:
                door = evolve(door, dialect=door.dialect or _dialect_of(first or b"").value)
            return Entered(stream, door, is_silent=first is None, lacks_tls=config.tls_required)
        protected = TlsStream(stream, certificate.context)
        try:
            with trio.fail_after(config.tls_handshake_timeout_s):
                await protected.handshake()
        except trio.TooSlowError:
            return "timeout"
        except ssl.SSLError as error:
            return (error.reason or "unknown").lower().replace("_", "-")
        except OSError:
            return "lost"
        return Entered(protected, door)


async def _look(sock: socket.socket, patience_s: float) -> bytes | None:
    """What has come, without taking it; nothing at the end; None when nothing comes for so long."""
    with trio.move_on_after(patience_s):
        while True:
            await trio.lowlevel.wait_readable(sock)
            try:
                return sock.recv(MAX_SNIFF_BYTES, socket.MSG_PEEK)
            except BlockingIOError:
                continue
            except OSError:
                return b""  # whoever reads will be told
    return None


def _dialect_of(first: bytes) -> Dialect:
    """What somebody who began so, without TLS, understands best."""
    dialect = sniff(first, final=True)
    if dialect is None and first.lstrip().startswith(b"{"):
        return Dialect.NATIVE
    return dialect if dialect in CODECS else Dialect.PLAIN
