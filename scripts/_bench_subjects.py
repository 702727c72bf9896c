"""The servers that are compared: how each is found, set up at its best, started and ended.

Each runs from a temporary folder, on 127.0.0.1 only. From the IRC servers everything is taken away that slows
a client down on purpose or asks others about it: penalties, fake lag, limits, look-ups of names and idents.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from _bench_usage import pin
from _load_meter import CannotRun

_START_TIMEOUT_S: Final = 20.0
_HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Server:
    """One that runs."""

    pid: int
    port: int
    core: int | None
    """The one that it is pinned to."""


@dataclass(frozen=True)
class Subject:
    """A kind of server."""

    name: str
    dialect: str
    version: str
    command: Callable[[Path, int], list[str]]
    """From a folder of its own and a port that is free; a server that chooses one itself prints it."""
    announces: bool = True
    """Whether it prints `HOST:PORT...` once it listens."""
    at_once: int = 128
    """How many may be on their way in while a measurement is set up."""
    note: str = ""
    """What one must know to read its figures."""


@contextmanager
def running(subject: Subject, core: int | None) -> Iterator[Server]:
    """Run a server for one measurement, on one core; kill it at the end. CannotRun if it does not start."""
    with tempfile.TemporaryDirectory(prefix="wassop-bench-") as text, tempfile.TemporaryFile() as log:
        folder, port = Path(text), _free_port()
        folder.chmod(0o755)  # for a server that gives up being root
        command = subject.command(folder, port)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WASSOP_")}
        environment["WASSOP_SNIFF_SILENCE_S"] = "60"  # who is slow to speak on a busy machine is no person
        with _pinned(core):
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if subject.announces else log,
                stderr=log,
                cwd=folder,
                env=environment,
                start_new_session=True,  # Ctrl-C is for us
            )
        try:
            port = _announced_port(process) if subject.announces else _wait_listens(process, port)
            if not port:
                os.lseek(log.fileno(), 0, os.SEEK_SET)
                said = log.read(2_000).decode(errors="replace").strip()
                raise CannotRun(f"{subject.name} did not start: {said or 'it said nothing'}")
            yield Server(process.pid, port, core)
        finally:
            process.kill()  # nothing that it kept is wanted
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def _pinned(core: int | None) -> Iterator[None]:
    """Pin this process for a moment: a child inherits that before it can start a thread."""
    if core is None or not hasattr(os, "sched_getaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    pin(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    found = re.search(rb":(\d+)\.\.\.", process.stdout.readline())
    return int(found[1]) if found else 0


def _wait_listens(process: subprocess.Popen[bytes], port: int) -> int:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return port
    return 0


def wassop(*options: str) -> Subject:
    """This repository's server, as `wassop serve` runs it, with a record in the folder or other options."""
    import wassop as package

    def command(folder: Path, _: int) -> list[str]:
        kept = options or ("--db", str(folder / "wassop.db"))
        return [sys.executable, "-m", "wassop", "serve", "--port", "0", "--log-format", "json", *kept]

    return Subject(" ".join(("wassop", *options)), "native", f"wassop {package.__version__}", command)


def relay(folder: Path) -> Subject:
    """The floor: relay.c, compiled into `folder`. CannotRun without a compiler, or if it is not Linux."""
    program = compiled("relay.c", folder / "relay")
    version = f"relay.c, {_first_line('cc', '--version')} -O2"
    return Subject("relay", "relay", version, lambda *_: [str(program)])


def compiled(source: str, to: Path, *options: str) -> Path:
    """Compile one of our C files. CannotRun without a compiler, or if it is not Linux."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise CannotRun("there is no C compiler (cc)")
    command = [compiler, "-std=c11", "-O2", *options, "-o", str(to), str(_HERE / source)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise CannotRun(f"{source} does not compile: {done.stderr.decode(errors='replace')[:200]}")
    return to


def ngircd() -> Subject:
    """ngIRCd, if it is installed. CannotRun."""
    program = _installed("ngircd")

    def command(folder: Path, port: int) -> list[str]:
        (folder / "ngircd.conf").write_text(
            f"[Global]\nName = bench.local\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = bench\n"
            "Info = bench\nAdminEMail = bench@localhost\nServerUID = 0\nServerGID = 0\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\nMaxNickLength = 20\n"
            "MaxPenaltyTime = 0\nPingTimeout = 3600\nPongTimeout = 3600\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\nSyslogFacility = local7\n"
        )
        return [program, "--nodaemon", "--config", str(folder / "ngircd.conf")]

    # It listens with a backlog of 10; whoever finds that full tries again after a second.
    return Subject("ngircd", "irc", _first_line(program, "--version"), command, announces=False, at_once=8)


def inspircd() -> Subject:
    """InspIRCd, if it is installed. CannotRun."""
    program = _installed("inspircd")

    def command(folder: Path, port: int) -> list[str]:
        (folder / "inspircd.conf").write_text(
            '<server name="bench.local" description="bench" network="bench">\n'
            '<admin name="bench" nick="bench" email="bench@localhost">\n'
            f'<bind address="127.0.0.1" port="{port}" type="clients">\n'
            '<connect name="all" allow="*" timeout="3600" pingfreq="3600" hardsendq="1G" softsendq="256M" '
            'recvq="1M" threshold="1000000000" commandrate="1000000000" fakelag="no" localmax="1000000" '
            'globalmax="1000000" limit="1000000" maxconnwarn="no" resolvehostnames="no" useident="no">\n'
            '<performance netbuffersize="65534" somaxconn="4096" softlimit="1000000" timeskipwarn="0" '
            'clonesonconnect="no" quietbursts="yes">\n'
            '<options announcets="no"><cidr ipv4clone="32" ipv6clone="128">\n'
        )
        as_root = ["--runasroot"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        return [
            program,
            "--nofork",
            "--nolog",
            "--nopid",
            *as_root,
            "--config",
            str(folder / "inspircd.conf"),
        ]

    note = "inspircd lets newcomers in once a second, so 32 at once make no more than 32 cycles a second."
    version = _first_line(program, "--version")
    return Subject("inspircd", "irc", version, command, announces=False, at_once=1_000, note=note)


def _installed(name: str) -> str:
    program = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        raise CannotRun("not installed")
    return program


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0].split(" Copyright")[0] if lines else command[0]
