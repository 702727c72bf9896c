"""What the line commands share: a name, a chat under it, and exit codes for what goes wrong."""

import getpass
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from io import TextIOWrapper
from typing import Final

import trio
from attrs import field, frozen

from wassop.client.chat import Chat, connect
from wassop.client.told import ChatError, Refused, Unreachable
from wassop.client.trust import Untrusted
from wassop.locale import Translations, translations

EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NO_CONNECTION: Final = 3
NAME_REFUSALS: Final = frozenset({"name-taken", "name-reserved", "name-registered", "password-needed"})
"""Codes that a name gets that somebody else could have."""
_NUMBERED: Final = 9
_RANDOM: Final = 3
_NAME_CHARS: Final = 24


@frozen
class VisitOptions:
    """Where to go, and under which name; without one the login name is taken, and a number if need be."""

    server: str
    name: str | None
    lang: str
    tls: bool = False
    ca_file: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float | None = None

    @property
    def tr(self) -> Translations:
        """The person's language."""
        return translations(self.lang)


def names(given: str | None) -> Iterator[str]:
    """The names to try, in turn."""
    if given is not None:
        yield given
        return
    try:
        login = getpass.getuser()
    except (OSError, KeyError):  # there is no such user
        login = ""
    name = "".join(char for char in login if char.isalnum() or char in "_-.")[:_NAME_CHARS] or "visita"
    yield name
    yield from (f"{name}-{number}" for number in range(2, _NUMBERED + 1))
    yield from (f"{name}-{secrets.randbelow(9_000) + 1_000}" for _ in range(_RANDOM))


@asynccontextmanager
async def visiting(options: VisitOptions, rooms: Sequence[str] = ()) -> AsyncIterator[Chat]:
    """A chat under the first name that can be had."""
    async with AsyncExitStack() as stack:
        refused: Refused | None = None
        for name in names(options.name):
            try:
                chat = await stack.enter_async_context(visit(options, name, rooms))
                break
            except Refused as refusal:
                if refusal.code not in NAME_REFUSALS:
                    raise
                refused = refusal
        else:
            assert refused is not None
            raise refused
        yield chat


def visit(options: VisitOptions, name: str, rooms: Sequence[str] = ()) -> AbstractAsyncContextManager[Chat]:
    """`connect` as the options say."""
    return connect(
        options.server,
        name=name,
        rooms=rooms,
        password=options.password,
        tls=options.tls,
        ca=options.ca_file,
        lang=options.lang,
        patience_s=options.timeout_s,
    )


def run(
    work: Callable[[], Awaitable[int]],
    tr: Translations,
    *,
    no_connection: int = EXIT_NO_CONNECTION,
    unreachable: Callable[[Unreachable, Translations], str] = Unreachable.sentence,
) -> int:
    """Do `work` and return its exit code, or the one that fits what went wrong, which is told on stderr."""
    for stream in (sys.stdout, sys.stderr):  # there may be an old encoding that has no emoji
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return trio.run(work)
    except BrokenPipeError:
        # Nobody reads any more, which is no fault; the interpreter would try to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseExceptionGroup as group:  # it came where several tasks were at work
        if group.subgroup(KeyboardInterrupt) is None:
            raise
        return 128 + signal.SIGINT
    except Untrusted as error:
        complain(error.sentence(tr))
        return no_connection
    except Unreachable as error:
        complain(unreachable(error, tr))
        return no_connection
    except ChatError as error:
        complain(getattr(error, "text", str(error)))
        return EXIT_REFUSED


def complain(text: str) -> None:
    """One line to standard error."""
    print(f"wassop: {text}", file=sys.stderr, flush=True)
