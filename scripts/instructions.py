#!/usr/bin/env python3
"""Count the instructions that a server executes for a message and for a visit, side by side.

Times on a shared machine vary by half from one minute to the next; this does not: each server runs under
valgrind's callgrind, which counts what the program itself executes, in all of its threads, but not the
kernel's part. The same count comes out again to within 2%, whatever else the machine does. It does not see
the kernel, caches and waiting; for these see bench.py.

One alone speaks, and nobody speaks before everybody has read the last message (and, from wassop, its author
the answer); nobody else comes or goes. Texts have 64 bytes. wassop stores every message, each in a commit of
its own; with --memory it keeps nothing, as the others do.

Exit code: 0; 1 when one that was asked for with --only, or else wassop, could not be measured; 2 without
valgrind.
"""

import argparse
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from _bench_dialects import DIALECTS, Dialect, Refused, text_of
from _bench_subjects import Subject, inspircd, ngircd, relay, running, wassop
from _load_meter import CannotRun

EXIT_WRONG: Final = 1
EXIT_CANNOT: Final = 2
_SUBJECTS: Final[dict[str, Callable[[Path], Subject]]] = {
    "wassop": lambda _: wassop(),
    "wassop --memory": lambda _: wassop("--memory"),
    "relay": relay,
    "ngircd": lambda _: ngircd(),
    "inspircd": lambda _: inspircd(),
}
_PATIENCE_S: Final = 60.0
_SETTLE_S: Final = 0.3
"""For what a server does by itself when something has happened; it is not counted."""
_WARM_UP: Final = 20


def main() -> None:
    """Measure what is installed, and print a table."""
    options = parser().parse_args()
    if shutil.which("valgrind") is None:
        print("instructions.py: valgrind is not installed", file=sys.stderr)
        sys.exit(EXIT_CANNOT)
    figures: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory(prefix="wassop-instructions-") as folder:
        for name in options.only or _SUBJECTS:
            print(f"{name} ...", file=sys.stderr)
            try:
                figures[name] = measured(_SUBJECTS[name](Path(folder)), options.times, options.members)
            except CannotRun as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
    for line in table(figures, options.members):
        print(line)
    sys.exit(0 if figures.keys() >= set(options.only or ["wassop"]) else EXIT_WRONG)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument(
        "--only", action="append", choices=_SUBJECTS, help="of these, only that one (repeatable)"
    )
    made.add_argument("--times", type=int, default=100, metavar="N", help="messages, and visits (100)")
    made.add_argument("--members", type=int, default=10, metavar="N", help="of the room (10)")
    return made


def measured(subject: Subject, times: int, members: int) -> dict[str, int]:
    """Instructions of one message and of one visit."""
    with counted(subject) as (port, count), ExitStack() as stay:
        dialect = DIALECTS[subject.dialect]()
        room = [stay.enter_context(Client(dialect, port, b"m%d" % n, 0)) for n in range(members)]
        numbers = itertools.count()

        def talk() -> None:
            number = next(numbers)
            author = number % members
            room[author].say(author, number)
            for client in room:
                client.wait_said(author, number, is_own=client is room[author])

        def visit() -> None:
            # A room of its own each, as nobody there is told of it.
            with Client(dialect, port, b"v%d" % next(numbers), 1) as client:
                client.quit()

        return {name: count(act, times) for name, act in (("message", talk), ("visit", visit))}


@dataclass
class Client:
    """A connection; it waits for each line that it wants, and for no longer than a minute."""

    dialect: Dialect
    port: int
    name: bytes
    room: int

    def __enter__(self) -> "Client":
        """Come into the room."""
        self._socket = socket.create_connection(("127.0.0.1", self.port), _PATIENCE_S)
        self._lines = self._socket.makefile("rb")
        room = self.dialect.room(self.room)
        self._socket.sendall(self.dialect.greeting(self.name, room))
        for line in self._lines:
            said = self.dialect.arrive(line, room)
            if said is None:
                return self
            self._socket.sendall(said)
        raise CannotRun(f"{self.name.decode()} was not let in")

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def say(self, author: int, number: int) -> None:
        """Say the message of that author and number."""
        room, text = self.dialect.room(self.room), text_of(self.room, author, number)
        self._socket.sendall(self.dialect.say(room, text, number))

    def wait_said(self, author: int, number: int, *, is_own: bool) -> None:
        """Read that message, or the answer to one's own, where there is one."""
        answer = self.dialect.answer
        if is_own and answer is None:
            return
        for line in self._lines:
            if answer is not None and line.startswith(answer):
                return
            heard = self.dialect.heard(line)
            if heard is not None and heard[2:] == (author, number):
                return
            if heard is None:
                self.dialect.reply(line)
        raise CannotRun(f"{self.name.decode()} was sent away")

    def quit(self) -> None:
        """Say goodbye, and read to the end."""
        if last_words := self.dialect.quit():
            self._socket.sendall(last_words)
            self._lines.read()


Count = Callable[[Callable[[], None], int], int]
"""What so many times an act cost the server, each."""


@contextmanager
def counted(subject: Subject) -> Iterator[tuple[int, Count]]:
    """A server under callgrind: its port, and how to count."""
    with tempfile.TemporaryDirectory(prefix="wassop-callgrind-") as folder:
        dumps = Path(folder)
        dumps.chmod(0o777)
        # It stops being root, and then valgrind cannot be talked to any more; so it never is.
        unprivileged = subject.name == "ngircd" and os.geteuid() == 0
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if unprivileged else []

        def command(own: Path, port: int) -> list[str]:
            callgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no"]
            out = f"--callgrind-out-file={dumps / 'out'}"
            return [*prefix, *callgrind, out, *subject.command(own, port)]

        with running(replace(subject, command=command), None) as server:

            def control(*what: str) -> None:
                command = [*prefix, "callgrind_control", *what, str(server.pid)]
                subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE_S)

            def count(act: Callable[[], None], times: int) -> int:
                for _ in range(_WARM_UP):
                    act()
                time.sleep(_SETTLE_S)
                control("--instr=on")
                for _ in range(times):
                    act()
                control("--instr=off")
                for old in dumps.iterdir():
                    old.unlink()
                control("--dump")
                told = "".join(path.read_text(errors="replace") for path in dumps.iterdir())
                return sum(map(int, re.findall(r"^totals: (\d+)", told, re.MULTILINE))) // times

            yield server.port, count


def table(figures: dict[str, dict[str, int]], members: int) -> Iterator[str]:
    """Markdown, in thousands."""
    yield "| thousands of instructions | " + " | ".join(figures) + " |"
    yield "|---|" + "--:|" * len(figures)
    for name, title in (
        ("message", f"a message to {members - 1} others"),
        ("visit", "connect, name, join, quit"),
    ):
        yield f"| {title} | " + " | ".join(f"{of[name] / 1_000:,.0f}" for of in figures.values()) + " |"


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")  # the servers': the same sets every time
    try:
        main()
    except (Refused, OSError, subprocess.SubprocessError) as error:
        print(f"instructions.py: {error}", file=sys.stderr)
        sys.exit(EXIT_WRONG)
