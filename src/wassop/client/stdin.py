"""Standard input, line by line, without holding up anything else."""

import codecs
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import trio

try:
    import termios
except ImportError:  # not there on Windows
    termios = None  # type: ignore[assignment]

MAX_BYTES: Final = 1 << 20
"""No line, and no message, is longer."""
_STDIN: Final = 0
_READ_BYTES: Final = 65_536


class BadInput(Exception):
    """What comes cannot be read as text; `line` is the number of the line, from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line: Final = line


async def chunks() -> AsyncIterator[bytes]:
    """What comes, until the end.

    It is read in a thread that may be left behind: a terminal's reading cannot be interrupted, and its file
    must not be made non-blocking, for others have it, too.
    """
    while data := await trio.to_thread.run_sync(os.read, _STDIN, _READ_BYTES, abandon_on_cancel=True):
        yield data


def is_terminal() -> bool:
    """Whether a person can be asked here for what must not be seen."""
    return sys.stdin.isatty() and termios is not None


@contextmanager
def hidden(question: str) -> Iterator[None]:
    """Ask; what is typed as an answer is not shown, however fast it comes."""
    assert termios is not None
    before = termios.tcgetattr(_STDIN)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(_STDIN, termios.TCSADRAIN, silent)
    try:
        print(question, end="", flush=True)
        yield
    finally:
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)
        print(flush=True)  # the end of the line that was not shown


async def lines() -> AsyncIterator[str]:
    """The lines, without their ends; BadInput at one that is no UTF-8, or has no end."""
    rest, number = b"", 1
    async for data in chunks():
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield decoded(line.removesuffix(b"\r"), number)
            number += 1
        if len(rest) > MAX_BYTES:
            raise BadInput(number, "too long")
    if rest:
        yield decoded(rest, number)


async def everything() -> str:
    """All of it; BadInput if it is no UTF-8, or too long."""
    gathered = b""
    async for data in chunks():
        gathered += data
        if len(gathered) > MAX_BYTES:
            raise BadInput(1, "too long")
    return decoded(gathered, 1)


def decoded(data: bytes, line: int) -> str:
    """`data` as text; BadInput if it is none."""
    try:
        return data.removeprefix(codecs.BOM_UTF8 if line == 1 else b"").decode()
    except UnicodeDecodeError as error:
        raise BadInput(line + data[: error.start].count(b"\n"), "no UTF-8") from error
