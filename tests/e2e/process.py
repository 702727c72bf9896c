"""`wassop` as a process of its own, as an operator runs it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define

_data_home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)

PATIENCE_S = 30
"""Nothing takes so long unless it never comes."""


@define
class ServerProcess:
    """A running `wassop serve`."""

    process: subprocess.Popen[str]
    port: int
    first_line: str

    def connect(self) -> socket.socket:
        """A blocking connection, as a student's program makes it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without variables of wassop, language and user's data; with `variables`."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("WASSOP_", "LC_", "LANG", "NO_COLOR"))
    }
    homes = dict.fromkeys(("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), _data_home.name)
    return {**kept, **homes, **variables}


def run_wassop(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "wassop", *arguments],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False, env=environment(**variables),
    )  # fmt: skip


@contextmanager
def serving(
    *arguments: str, stderr: int | Path = subprocess.DEVNULL, **variables: str
) -> Iterator[ServerProcess]:
    """`wassop serve` on a free port; killed at the end if it still runs. Without `--db` it keeps nothing.

    On a busy machine a program's first words come late, and its silence is not to be taken for a person's:
    who is to be greeted says `WASSOP_SNIFF_SILENCE_S`.
    """
    variables = {"WASSOP_SNIFF_SILENCE_S": str(PATIENCE_S), **variables}
    keeping = () if "--db" in arguments else ("--memory",)
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", *keeping, *arguments]
    target = stderr.open("w") if isinstance(stderr, Path) else stderr
    try:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=target, text=True, env=environment(**variables)
        ) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, f"the server did not start: {process.wait(PATIENCE_S)}"
                yield ServerProcess(process, int(line.rstrip(".\n").rpartition(":")[2]), line)
            finally:
                if process.poll() is None:
                    process.kill()
    finally:
        if not isinstance(target, int):
            target.close()
