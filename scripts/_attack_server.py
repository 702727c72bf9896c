"""The server that is attacked, in a process of its own, and what it holds.

Run as a program, it is that server:

    python _attack_server.py serve --port 0 ...    `wassop serve ...`; for each line on stdin a line of counts

Counts are taken in the server by a thread that sleeps meanwhile, so nothing of the server itself is altered;
the library's functions that hash passwords are counted when they are called.
"""

import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import argon2

from wassop.server.self_signed import keep_self_signed

_DOORS: Final = 2
_STOP_TIMEOUT_S: Final = 30.0
_SETTLE_TIMEOUT_S: Final = 30.0
_COUNTED: Final = frozenset(
    {
        "Task", "Connection", "DirectStream", "Outbox", "Pacer", "Receipt", "Session",
        "TlsStream", "SSLObject", "Requests", "Frames", "FrameProtocol",
    }
)  # fmt: skip
_COUNTED_TOO: Final = "Codec"
"""What belongs to one visitor. Encoders and the like are shared, and some are kept for who comes next."""
_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Holding:
    """What the server holds at one moment."""

    sockets: int
    mib: float
    """Its own memory, shared pages by their share (`Pss`)."""
    objects: dict[str, int]
    """Living objects of the server's making, by type: `Task`, `Connection`, `Session`, ..."""
    hashes: int
    """How many passwords it has hashed so far."""

    def left_since(self, before: "Holding") -> dict[str, int]:
        """What there is more of than there was."""
        more = {kind: count - before.objects.get(kind, 0) for kind, count in self.objects.items()}
        more["open sockets"] = self.sockets - before.sockets
        return {kind: count for kind, count in more.items() if count > 0}


@dataclass
class AttackedServer:
    """A server that runs to be attacked. `nick_port` is pinned to the dialect that cannot be told."""

    process: subprocess.Popen[str]
    port: int
    nick_port: int
    log: IO[bytes]
    exit_code: int | None = None
    faults: list[str] = field(default_factory=list)
    """Lines of the log from "error" on, and whatever is no line of the log."""
    _read: int = 0

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def holding(self) -> Holding:
        """Ask it, after a collection of what is garbage."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        return Holding(_sockets(self.pid), _mib(self.pid), told["objects"], told["hashes"])

    def settled(self, before: Holding) -> Holding:
        """What it holds when no more is left than `before`, or after `_SETTLE_TIMEOUT_S` all the same."""
        deadline = time.monotonic() + _SETTLE_TIMEOUT_S
        while (holding := self.holding()).left_since(before) and time.monotonic() < deadline:
            time.sleep(0.05)
        return holding

    def read_log(self) -> None:
        """Look for faults in what was logged since the last time."""
        self.log.seek(self._read)
        *lines, _ = self.log.read().split(b"\n")
        self._read += sum(map(len, lines)) + len(lines)
        for line in lines:
            try:
                is_fine = json.loads(line)["level"] in ("debug", "info", "warning")
            except (ValueError, KeyError, TypeError):
                is_fine = False
            if not is_fine:
                self.faults.append(line.decode(errors="replace")[:4_000])


@contextmanager
def attacked_server(*options: str, **settings: object) -> Iterator[AttackedServer]:
    """Run it, with a certificate, and in memory unless `--db` is among the options; `settings` are those of a
    configuration file. At the end it is stopped, and its log read."""
    keeping = () if "--db" in options else ("--memory",)
    doors = ("--port", "0", "--listen", "127.0.0.1:0=nick", "--log-format", "json")
    command = [sys.executable, str(Path(__file__)), "serve", *doors, *keeping, *options]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WASSOP_")}
    settings = {"trust_network": "127.0.0.1/32", **settings}  # attackers may come from elsewhere
    environment |= {f"WASSOP_{key.upper()}": str(value) for key, value in settings.items()}
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "wassop-tls.pem"
        keep_self_signed(certificate, "localhost")
        process = subprocess.Popen(
            [*command, "--tls-cert", str(certificate), "--tls-key", str(certificate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            start_new_session=True,
        )
        with process:
            try:
                assert process.stdout is not None
                ports = [_port(process.stdout.readline()) for _ in range(_DOORS)]
                process.stdout.readline()  # the fingerprint of the certificate
                server = AttackedServer(process, ports[0], ports[1], log)
                yield server
                process.terminate()
                server.exit_code = process.wait(_STOP_TIMEOUT_S)
            finally:
                if process.poll() is None:
                    process.kill()
        server.read_log()


def _port(line: str) -> int:
    found = re.search(r":(\d+)", line)
    if found is None:
        raise RuntimeError(f"the server did not start: {line!r}")
    return int(found[1])


def _sockets(pid: int) -> int:
    count = 0
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:")
        except FileNotFoundError:
            continue  # closed meanwhile
    return count


def _mib(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024 / _MIB


# In the server

_hashed: Final[list[str]] = []


def _count_hashes() -> None:
    for name in ("hash", "verify"):
        method = getattr(argon2.PasswordHasher, name)

        def counted(*arguments: Any, method: Any = method, name: str = name) -> Any:
            _hashed.append(name)  # in one step, whatever the thread
            return method(*arguments)

        setattr(argon2.PasswordHasher, name, counted)


def _count() -> dict[str, int]:
    gc.collect()
    kinds = Counter(map(type, gc.get_objects()))
    found: Counter[str] = Counter()
    for kind, count in kinds.items():
        if kind.__name__ in _COUNTED or kind.__name__.endswith(_COUNTED_TOO):
            found[kind.__name__] += count
    return dict(found)


def _answer_counts() -> None:
    for _ in sys.stdin:
        print(json.dumps({"objects": _count(), "hashes": len(_hashed)}), flush=True)


if __name__ == "__main__":
    from wassop.cli import main

    _count_hashes()
    threading.Thread(target=_answer_counts, daemon=True).start()
    main()
