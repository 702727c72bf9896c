"""How long `wassop join` takes to its first prompt, in a terminal and beside a server of its own."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

COLUMNS: Final = 120
ROWS: Final = 40
PATIENCE_S: Final = 30.0
_PROMPT: Final = b"Enter your user name: "
_WASSOP: Final = (sys.executable, "-m", "wassop")


class NoPrompt(Exception):
    """The client ended, or took too long; what it had written."""


def starts(count: int) -> list[float]:
    """How long each of `count` starts took, in seconds. The first one of all is not counted: it reads the
    files from the disk, and may compile them."""
    with tempfile.TemporaryDirectory() as home, _server(home) as server:
        return [_start(server, home) for _ in range(count + 1)][1:]


@contextmanager
def _server(home: str) -> Iterator[str]:
    """A server in memory; its address."""
    command = [*_WASSOP, "serve", "--memory", "--port", "0", "--lang", "en"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment(home)
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1].rstrip(".")
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _start(server: str, home: str) -> float:
    begin = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        # A new terminal has no size until somebody gives it one.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execve(sys.executable, [*_WASSOP, "join", "--server", server, "--lang", "en"], _environment(home))
    try:
        _read_until(terminal, _PROMPT, begin + PATIENCE_S)
        return time.perf_counter() - begin
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _read_until(terminal: int, wanted: bytes, deadline: float) -> None:
    written = b""
    while wanted not in written:
        if not select.select([terminal], [], [], max(0.0, deadline - time.perf_counter()))[0]:
            raise NoPrompt(written)
        try:
            written += os.read(terminal, 65_536)
        except OSError as error:  # what reading from a terminal gives that nobody has any more
            raise NoPrompt(written) from error


def _environment(home: str) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("WASSOP_")}
    homes = dict.fromkeys(("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), home)
    return {**ours, **homes, "TERM": "xterm-256color"}
