"""The operator's log: structlog on standard error, written by a thread of its own.

A standard error that nobody reads (a full pipe) would otherwise stop the chat at the next line.
"""

import logging
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from wassop.core.text import visible
from wassop.locale import N_, translations
from wassop.server.recent_lines import RecentLines

Log = structlog.typing.FilteringBoundLogger

_MAX_WAITING_LINES: Final = 10_000
_CLOSE_TIMEOUT_S: Final = 1.0
_GATHER_S: Final = 0.01
_NEEDS_QUOTES: Final = re.compile(r"""[\s="']""")

EVENTS: Final[Mapping[str, str]] = {
    "listening": N_("server listening"),
    "tls-failed": N_("no agreement on TLS"),
    "doors-closed": N_("doors closed: nobody is let in any more"),
    "doors-opened": N_("doors opened again"),
    "doors-taken": N_("the doors cannot be opened"),
    "stop-asked": N_("an operator stops the server"),
    "kicked-session": N_("an operator ended a connection"),
    "first-admin": N_("the first admin was registered"),
    "certificate-read": N_("certificate read again"),
    "certificate-unfit": N_("the new certificate cannot be used; the old one stays"),
    "connected": N_("client connected"),
    "named": N_("joined the chat"),
    "logged-in": N_("logged in"),
    "login-failed": N_("wrong password"),
    "registered": N_("name registered"),
    "account-managed": N_("account looked after"),
    "no-control": N_("no control socket: `wassop account` cannot reach this server"),
    "joined": N_("joined the room"),
    "left": N_("left the room"),
    "said": N_("message"),
    "relayed": N_("relayed to the room"),
    "told": N_("private message relayed"),
    "disconnected": N_("client disconnected"),
    "slowed": N_("client slowed down: it asks faster than allowed"),
    "turned-away": N_("connections turned away"),
    "stopping": N_("server stopping"),
    "stopped": N_("server stopped"),
    "refused": N_("request refused"),
    "database-in-use": N_("another server uses this database; taking another one"),
    "cannot-store": N_("messages cannot be stored for now"),
    "entry-not-stored": N_("one message could not be stored"),
    "storing-again": N_("messages are stored again"),
    "lookup-failed": N_("the record cannot be read for now"),
    "reloaded": N_("settings read again"),
    "cannot-reload": N_("the settings cannot be used; the old ones stay"),
    "metrics-listening": N_("metrics listening"),
    "metrics-failed": N_("a request for metrics ended by a fault of the server"),
    "cannot-accept": N_("cannot accept connections for now"),
    "connection-failed": N_("a connection ended by a fault of the server"),
    "fanout-failed": N_("messages lost by a fault of the server"),
}
"""Stable names of what is logged (as in JSON) and the sentences for the console."""


class LineWriter:
    """Writes lines to a text stream from a thread; lines that nobody takes are dropped and counted."""

    def __init__(self, target: TextIO) -> None:
        self._target: Final = target
        self._lines: Final[deque[str]] = deque()
        self._came: Final = threading.Event()
        self._is_closed = False
        self._thread: Final = threading.Thread(target=self._run, name="log", daemon=True)
        self.dropped = 0
        self._thread.start()

    def write(self, line: str) -> None:
        """Queue a line; never blocks."""
        if len(self._lines) >= _MAX_WAITING_LINES:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._came.is_set():
            self._came.set()

    def close(self) -> None:
        """Write what waits, unless nobody reads."""
        self._is_closed = True
        self._came.set()
        self._thread.join(_CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._came.wait()
            if not self._is_closed:
                # To wake for each line would take the interpreter from the chat thousands of times a second.
                time.sleep(_GATHER_S)
            self._came.clear()
            is_last = self._is_closed
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if self.dropped:
                lines.insert(0, f'{{"event": "lines-dropped", "count": {self.dropped}}}')
                self.dropped = 0
            try:
                self._target.write("".join(f"{line}\n" for line in lines))
                self._target.flush()
            except (OSError, ValueError):  # nobody is left to tell: standard error is closed
                return


class _Logger:
    """What structlog's bound logger ends in."""

    def __init__(self, writer: LineWriter) -> None:
        self.msg = writer.write
        self.debug = self.info = self.warning = self.error = self.critical = self.exception = writer.write


def open_log(
    writer: LineWriter,
    *,
    log_format: str,
    lang: str,
    verbose: bool,
    colors: bool,
    recent: RecentLines | None = None,
) -> Log:
    """A logger that writes one line an event, for people ("console") or for programs ("json"), and lets
    `recent` keep the newest."""
    shared: list[Processor] = [_head(is_utc=log_format == "json")]
    if recent is not None:
        shared.append(recent.keep)
    if log_format == "json":
        fault = structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # they hold private texts
        )
        final: list[Processor] = [_where_there_is_one(fault), _as_json]
    else:
        final = [_harmless, _sentence(lang)]
        if colors:
            final.append(
                structlog.dev.ConsoleRenderer(
                    pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
                )
            )
        else:
            final += [_where_there_is_one(structlog.processors.format_exc_info), _as_line]
    log: Log = structlog.wrap_logger(
        _Logger(writer),
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        cache_logger_on_first_use=True,
    )
    return log


def standard_error() -> tuple[LineWriter, bool]:
    """A writer to standard error, and whether a person sees it in colour."""
    return LineWriter(sys.stderr), sys.stderr.isatty()


# A visit has four lines, so what follows calls no more functions for a line than it must.


def _head(*, is_utc: bool) -> Processor:
    """The level, and the time as the library's `TimeStamper` writes it (ISO 8601), put together once a
    second."""
    second, prefix, zone = -1, "", "Z" if is_utc else ""

    def head(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
        nonlocal second, prefix
        now, rest_ns = divmod(time.time_ns(), 1_000_000_000)
        if now != second:
            second = now
            prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now) if is_utc else time.localtime(now))
        event["level"] = "error" if method == "exception" else method
        event["timestamp"] = f"{prefix}.{rest_ns // 1_000:06d}{zone}"
        return event

    return head


def _where_there_is_one(fault: Processor) -> Processor:
    """`fault`, which renders an exception, for the lines that have one."""

    def render(logger: WrappedLogger, method: str, event: EventDict) -> Any:
        return fault(logger, method, event) if "exc_info" in event else event

    return render


_encode: Final = msgspec.json.Encoder(enc_hook=repr).encode


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    # A tenth of what the standard library takes.
    return _encode(event).decode()


def _harmless(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What visitors typed must not be obeyed by the operator's terminal."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = visible(value)
    return event


def _as_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    """What the library's own renderer makes of it without colours, at a third of its cost."""
    parts = [f"{event.pop('timestamp')} [{event.pop('level'):<9}] {event.pop('event')}"]
    exception = event.pop("exception", None)
    for key in sorted(event):
        value = event[key]
        is_plain = isinstance(value, str) and not _NEEDS_QUOTES.search(value)
        parts.append(f"{key}={value}" if is_plain else f"{key}={value!r}")
    line = " ".join(parts)
    return line if exception is None else f"{line}\n{exception}"


def _sentence(lang: str) -> Processor:
    tr = translations(lang)
    sentences = {name: tr.gettext(text) for name, text in EVENTS.items()}

    def translate(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        name: Any = event["event"]
        event["event"] = sentences.get(name, name)
        return event

    return translate
