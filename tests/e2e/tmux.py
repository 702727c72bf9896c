"""A real terminal to look at: tmux, driven by keys and read as it looks."""

import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field

from tests.e2e.process import environment

PATIENCE_S = 30.0
"""Nothing takes so long unless it never comes."""
ROOT = Path(__file__).resolve().parents[2]


def wassop_join(port: int, *options: str) -> str:
    """The command line of a client, as one types it into a shell."""
    return shlex.join([sys.executable, "-m", "wassop", "join", "--server", f"127.0.0.1:{port}", *options])


@define(eq=False)
class Terminal:
    """One tmux server with one pane, in which a plain shell runs."""

    folder: Path
    columns: int = 80
    rows: int = 24
    _runs: int = 0
    _socket: str = field(factory=lambda: f"wassop-{os.getpid()}-{secrets.token_hex(4)}")

    def tmux(self, *command: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-L", self._socket, "-f", os.devnull, *command],
            capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=False,
            env=environment(
                LC_ALL="C.UTF-8", PYTHONUTF8="1", TERM="xterm-256color", ENV="",
                XDG_CONFIG_HOME=str(self.folder),  # what one test sets does not hold in another
            ),
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def open(self) -> None:
        size = ("-x", str(self.columns), "-y", str(self.rows))
        self.tmux("new-session", "-d", *size, "-c", str(ROOT), "sh", ";", "set", "-g", "status", "off")
        self.until(lambda: self.screen.strip())  # the prompt

    def close(self) -> None:
        self.tmux("kill-server")

    # Keys

    def type(self, text: str) -> None:
        """Text as it is."""
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: Enter, Tab, PPage, C-c."""
        self.tmux("send-keys", *keys)

    def enter(self, text: str) -> None:
        self.type(text)
        self.press("Enter")

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    # What is seen

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.splitlines()]

    def settled(self) -> str:
        """The screen when two looks at it are the same: no redraw was half done."""
        looks = ["", self.screen]
        self.until(lambda: looks.append(self.screen) or looks[-1] == looks[-2])
        return looks[-1]

    @property
    def colours(self) -> str:
        """The screen with its escape sequences."""
        return self.tmux("capture-pane", "-p", "-e")

    def mode(self, name: str) -> str:
        """A variable of tmux, such as `alternate_on`."""
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is true of the screen; looking takes long enough to be its own pause."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, f"it never came:\n{self.screen}"

    def until_shown(self, *texts: str) -> None:
        self.until(lambda: all(map(self.screen.__contains__, texts)))

    def until_shown_once(self, *texts: str) -> None:
        """One look at the screen finds each text exactly once; another look may fall into a redraw."""
        self.until(lambda: set(map(self.screen.count, texts)) == {1})

    def run(self, command: str) -> int:
        """Run a program that takes over the terminal, under a shell that stays; its process id."""
        pid_file = self.folder / f"pid-{secrets.token_hex(4)}"
        inner = shlex.quote(f"echo $$ > {shlex.quote(str(pid_file))}; exec {command}")
        # Numbered, for what an earlier one ended with may still be on the screen when this one begins.
        self._runs += 1
        self.enter(f"clear; sh -c {inner}; echo run {self._runs} ended with $?")
        self.until(lambda: pid_file.exists() and pid_file.read_text().strip())
        return int(pid_file.read_text())

    def until_clean(self, code: int) -> None:
        """The program has ended with `code`, and the terminal is as it was before."""
        self.until_shown(f"run {self._runs} ended with {code}")
        assert self.mode("alternate_on") == "0"
        assert self.mode("cursor_flag") == "1"
        assert self.mode("mouse_any_flag") == "0"
        assert self.mode("wrap_flag") == "1"
        self.enter("stty -a")
        self.until_shown("icanon")
        words = self.screen.replace(";", " ").split()
        assert {"icanon", "echo", "isig", "icrnl", "opost"} <= set(words), "the shell reads lines again"


@contextmanager
def terminal(folder: Path, columns: int = 80, rows: int = 24) -> Iterator[Terminal]:
    """A terminal that is gone at the end."""
    pane = Terminal(folder, columns, rows)
    pane.open()
    try:
        yield pane
    finally:
        pane.close()
