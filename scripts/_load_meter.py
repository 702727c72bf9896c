"""The server of a load run: started here if need be; and what processes use, by the kernel's account."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import psutil
import trio

_START_TIMEOUT_S: Final = 30.0
_STOP_TIMEOUT_S: Final = 20.0
_MIB: Final = 1024 * 1024


class CannotRun(Exception):
    """The run cannot even begin; the message says why."""


@dataclass
class OwnServer:
    """A server that runs for this measurement alone."""

    pid: int
    address: str
    exit_code: int | None = None
    log_lines: int = 0
    log_warnings: list[str] = field(default_factory=list)
    """Lines of the log from "warning" on, and whatever is no line of the log."""


@asynccontextmanager
async def own_server(options: Sequence[str]) -> AsyncIterator[OwnServer]:
    """Run `wassop serve --port 0`; stop it with SIGTERM, and fill in how it ended."""
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--log-format", "json", *options]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WASSOP_")}
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        environment["WASSOP_DB"] = f"{folder}/wassop.db"  # not the record of whoever runs this; `options` win
        environment["WASSOP_SNIFF_SILENCE_S"] = "60"  # who is slow to speak on a busy machine is no person
        process = await trio.lowlevel.open_process(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us, and we still need the server then
        )
        try:
            server = OwnServer(process.pid, await _address(process, log.fileno()))
            yield server
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + _STOP_TIMEOUT_S) as scope:
                if process.returncode is None:
                    process.terminate()
                await process.wait()
            if scope.cancelled_caught:
                process.kill()
        server.exit_code = process.returncode
        log.seek(0)
        _read_log(server, log.read().decode(errors="replace"))


async def _address(process: trio.Process, log: int) -> str:
    assert process.stdout is not None
    said = b""
    with trio.move_on_after(_START_TIMEOUT_S):
        while b"\n" not in said and (more := await process.stdout.receive_some()):
            said += more
    found = re.search(rb"(\S+:\d+)\.\.\.", said)
    if found is None:
        raise CannotRun(f"the server did not start: {os.pread(log, 2_000, 0).decode(errors='replace')}")
    return found[1].decode()


def _read_log(server: OwnServer, text: str) -> None:
    for line in text.splitlines():
        server.log_lines += 1
        try:
            is_fine = json.loads(line)["level"] in ("debug", "info")
        except (ValueError, KeyError, TypeError):
            is_fine = False
        if not is_fine:
            server.log_warnings.append(line)


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU, since each began, and of the clock."""

    at: float
    generator: float
    server: float | None
    machine: float

    def since(self, before: "Usage") -> "Usage":
        """What was used in between."""
        server = None if self.server is None or before.server is None else self.server - before.server
        return Usage(
            self.at - before.at, self.generator - before.generator, server, self.machine - before.machine
        )


class Meter:
    """Reads what the generator, the server (if its process is known) and the whole machine have used."""

    def __init__(self, server_pid: int | None) -> None:
        self._own: Final = psutil.Process()
        try:
            self._server = psutil.Process(server_pid) if server_pid is not None else None
        except psutil.NoSuchProcess as error:
            raise CannotRun(f"--pid {server_pid}: no such process") from error

    def usage(self) -> Usage:
        """By now. The kernel counts in steps of 10 ms."""
        busy = psutil.cpu_times()
        idle = busy.idle + getattr(busy, "iowait", 0.0) + getattr(busy, "guest", 0.0)
        return Usage(trio.current_time(), _cpu(self._own) or 0.0, _cpu(self._server), sum(busy) - idle)

    def server_mib(self) -> float | None:
        """The server's resident memory."""
        try:
            return None if self._server is None else self._server.memory_info().rss / _MIB
        except psutil.Error:
            return None


def _cpu(process: psutil.Process | None) -> float | None:
    try:
        return None if process is None else sum(process.cpu_times()[:2])
    except psutil.Error:
        return None
