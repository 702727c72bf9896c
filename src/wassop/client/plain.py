"""`wassop join --plain`: lines in, lines out, for pipes, screen readers and simple terminals.

Rule 1: nothing that was printed is ever changed; the words and commands are those of the terminal client.
Rule 2: what was entered is done in that order, and waits where it must; nothing else waits for it.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import trio
from attrs import evolve, frozen

from wassop.client import keychain, stdin
from wassop.client.address import address_text, server_address
from wassop.client.asking_trust import is_trusted_now
from wassop.client.chat import Chat
from wassop.client.commands import YES
from wassop.client.nobody import nobody_there
from wassop.client.plain_asking import needs_terminal
from wassop.client.plain_commands import Commands, Leaving
from wassop.client.plain_news import line_of
from wassop.client.told import Ended, Offline, Online, Refused, Told, Unreachable
from wassop.client.trust import Stranger
from wassop.client.visit import (
    EXIT_NO_CONNECTION,
    EXIT_REFUSED,
    EXIT_USAGE,
    NAME_REFUSALS,
    VisitOptions,
    complain,
    run,
    visit,
)
from wassop.core.text import visible
from wassop.locale import Translations

EXIT_NO_SERVER: Final = 1
_MAX_LINES: Final = 1_000
"""So many lines may wait to be done before no more are read."""
_PATIENCE_S: Final = 30.0
"""So long a lost connection is waited for when there is nothing more to read."""
_LOOK_S: Final = 1.0
_QUIT: Final = frozenset({"QUIT", "/quit"})


@frozen
class PlainOptions:
    """What the command line asks for."""

    visit: VisitOptions
    room: str | None


def run_plain(options: PlainOptions) -> int:
    """Chat until the input ends or one leaves; the exit code (see `wassop join --help`)."""
    tr = options.visit.tr
    strangers: list[Stranger] = []

    async def chat() -> int:
        lines = stdin.lines()
        try:
            async with AsyncExitStack() as stack:
                entered = await _come_in(options, lines, stack)
                return EXIT_REFUSED if entered is None else await _chat(options, entered, lines)
        except stdin.BadInput as error:
            text = tr.gettext("standard input, line {line}: no text in UTF-8, or too long")
            complain(text.format(line=error.line))
            return EXIT_USAGE
        except Stranger as stranger:
            strangers.append(stranger)
            raise

    code = run(chat, tr, no_connection=EXIT_NO_SERVER, unreachable=_nobody_there)
    # A second stranger in a row has other papers each time, and is not asked about again.
    if strangers and is_trusted_now(strangers[0], options.visit.server, tr):
        return run(chat, tr, no_connection=EXIT_NO_SERVER, unreachable=_nobody_there)
    return code


def _nobody_there(error: Unreachable, tr: Translations) -> str:
    # A connection that was there is waited for without end, so this is about the first one.
    return nobody_there(error.server, error.__cause__, tr)


async def _come_in(options: PlainOptions, lines: AsyncIterator[str], stack: AsyncExitStack) -> Chat | None:
    """Be there under a name: the one that was given, or the first line that is one."""
    tr, name = options.visit.tr, options.visit.name
    while True:
        if name is None:
            say(tr.gettext("Enter your user name: ").strip())
            line = await anext(lines, None)
            if line is None or line.strip() in _QUIT:
                return None
            name = line.strip()
            if not name:
                name = None
                continue
        try:
            return await stack.enter_async_context(visit(options.visit, name))
        except Refused as refusal:
            if refusal.code == "password-needed" and options.visit.password is None:
                chat = await _log_in(options, name, lines, stack)
                if chat is not None or not stdin.is_terminal():
                    return chat
                name = None
                continue
            complain(visible(refusal.text))
            is_about_name = refusal.code in NAME_REFUSALS or refusal.code.startswith("name-")
            # In a pipe the next line would be taken for a name that was meant to be said.
            if not is_about_name or (options.visit.name is not None and not sys.stdin.isatty()):
                return None
            name = None


async def _log_in(
    options: PlainOptions, name: str, lines: AsyncIterator[str], stack: AsyncExitStack
) -> Chat | None:
    """Be there under a registered name, with the password from the keyring or from the person."""
    tr, server = options.visit.tr, address_text(*server_address(options.visit.server))
    can_keep = keychain.is_there()
    if can_keep:
        await trio.to_thread.run_sync(keychain.load)
        found = await trio.to_thread.run_sync(keychain.look_up, server, name, abandon_on_cancel=True)
        can_keep = found.is_there and not found.problem
        if found.problem:
            complain(_unusable(found.problem, tr))
        if found.password is not None:
            try:
                return await _with_password(options, name, found.password, stack)
            except Refused as refusal:
                complain(visible(refusal.text))
    if not stdin.is_terminal():
        complain(tr.gettext("The name {name} is registered.").format(name=visible(name)))
        complain(needs_terminal(tr))
        return None
    while True:
        with stdin.hidden(f"{tr.gettext('Password of {name}').format(name=visible(name))}: "):
            password = await anext(lines, None)
        if not password:
            return None
        try:
            chat = await _with_password(options, name, password, stack)
        except Refused as refusal:
            complain(visible(refusal.text))
            continue
        if can_keep:
            await _offer_to_keep(server, name, password, lines, tr)
        return chat


async def _with_password(options: PlainOptions, name: str, password: str, stack: AsyncExitStack) -> Chat:
    return await stack.enter_async_context(visit(evolve(options.visit, password=password), name))


async def _offer_to_keep(
    server: str, name: str, password: str, lines: AsyncIterator[str], tr: Translations
) -> None:
    say(tr.gettext("Keep the password of {name} in the keyring of this system? (y/n)").format(name=name))
    answer = await anext(lines, "")
    if answer.strip().casefold() in YES:
        problem = await trio.to_thread.run_sync(keychain.keep, server, name, password)
        say(_unusable(problem, tr) if problem else tr.gettext("The password is kept in the keyring."))


def _unusable(problem: str, tr: Translations) -> str:
    return tr.gettext("The keyring of this system cannot be used: {problem}").format(problem=visible(problem))


async def _chat(options: PlainOptions, chat: Chat, lines: AsyncIterator[str]) -> int:
    tr = options.visit.tr
    say(tr.gettext("You have joined as {name}.").format(name=visible(chat.name)))
    commands = Commands(chat, tr, say)
    if options.room is not None:
        try:
            await commands.join(options.room)
        except Refused as refusal:
            complain(visible(refusal.text))
            return EXIT_REFUSED
    else:
        await commands.show_menu()
    session = _Session(chat, commands)
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        try:
            await session.run(nursery, lines)
        except Exception as error:  # raised below, so that it is in no group
            failure = error
        nursery.cancel_scope.cancel()
    failure = failure or session.failure
    if failure is not None and not session.is_leaving:
        raise failure
    if session.undone and not session.is_leaving:
        text = tr.ngettext("{count} line was not sent.", "{count} lines were not sent.", session.undone)
        complain(text.format(count=session.undone))
        return EXIT_NO_CONNECTION
    return 0


class _Session:
    """Reads, does and tells, each in a task of its own."""

    def __init__(self, chat: Chat, commands: Commands) -> None:
        self._chat: Final = chat
        self._commands: Final = commands
        self._entered, self._to_do = trio.open_memory_channel[str](_MAX_LINES)
        self._done: Final = trio.Event()
        if stdin.is_terminal():
            commands.asking = self._ask_secret
        self.is_leaving = False
        self.undone = 0
        self.failure: Exception | None = None

    async def run(self, nursery: trio.Nursery, lines: AsyncIterator[str]) -> None:
        """Until the input ends, or one leaves, or the chat is over."""
        nursery.start_soon(self._tell)
        nursery.start_soon(self._do)
        reading = trio.CancelScope()
        nursery.start_soon(self._stop_reading_when_done, reading)
        is_at_once = False
        with reading:
            async for line in lines:
                if line.strip() in _QUIT and not self._chat.is_online:
                    is_at_once = True
                    break
                self.undone += 1
                await self._entered.send(line)
        self._entered.close()
        await self._finish(0.0 if is_at_once else _PATIENCE_S)

    async def _finish(self, patience_s: float) -> None:
        """Let what was entered be done, as long as there is a connection, or there soon is one again."""
        offline_s = 0.0
        while not self._done.is_set():
            offline_s = 0.0 if self._chat.is_online else offline_s + _LOOK_S
            if offline_s > patience_s:
                return
            with trio.move_on_after(_LOOK_S):
                await self._done.wait()

    async def _stop_reading_when_done(self, reading: trio.CancelScope) -> None:
        await self._done.wait()
        reading.cancel()

    async def _do(self) -> None:
        """Do what was entered, line by line."""
        try:
            async for line in self._to_do:
                await self._commands.do(line)
                self.undone -= 1
        except Leaving:
            self.is_leaving = True
            self.undone -= 1
        except (Ended, Unreachable, OSError) as error:
            self.failure = error
        finally:
            self._done.set()

    async def _ask_secret(self, question: str) -> str | None:
        """The next line, which is not shown; None when none comes any more."""
        with stdin.hidden(f"{visible(question)}: "):
            secret = await anext(self._to_do, None)
        self.undone -= secret is not None
        return secret

    async def _tell(self) -> None:
        try:
            async for told in self._chat:
                if not isinstance(told, Offline | Online):
                    await self._commands.calm.wait()
                self._print(told)
        except (Ended, Unreachable, OSError) as error:
            self.failure = error
            self._done.set()

    def _print(self, told: Told) -> None:
        line = line_of(told, self._commands.current, self._chat.name, self._commands.tr)
        if line is not None:
            say(line)
        self._commands.noticed(told)


def say(*lines: str) -> None:
    """Print lines, at once."""
    for line in lines:
        print(visible(line), flush=True)
