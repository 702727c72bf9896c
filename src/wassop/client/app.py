"""`wassop join`: the terminal, the link and the conversation, put together."""

import contextlib
import gc
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import trio
from attrs import field, frozen
from prompt_toolkit.input import create_input

from wassop.client import keychain
from wassop.client.commands import YES
from wassop.client.conversation import Conversation
from wassop.client.happenings import AtBottom, Happening, KeychainAnswered, KeychainKept, SettingKept
from wassop.client.link import Connect, Link, LinkEvent, TurnedAway, connecting_to
from wassop.client.memory import Memory
from wassop.client.memory_file import MemoryFile, memory_folder
from wassop.client.model import State
from wassop.client.nobody import nobody_there
from wassop.client.reading import has_news_of_reading
from wassop.client.returning import memory_of
from wassop.client.settings_file import SettingsFile, default_settings, settings_path
from wassop.client.state import opened
from wassop.client.tls import Belief, connecting_over_tls
from wassop.client.trust import KnownServers, Stranger, Untrusted, known_servers_file
from wassop.client.tui.face import Face
from wassop.client.tui.glyphs import Glyphs, terminal_output
from wassop.client.tui.guest import hosted
from wassop.locale import Translations, locale_language, translations
from wassop.wire.native_messages import Quit

EXIT_NO_SERVER: Final = 1
EXIT_UNTRUSTED: Final = 1
EXIT_NO_TERMINAL: Final = 2
_GOODBYE_S: Final = 1.0
"""How long the goodbye may take; the server notices a closed connection anyway."""
_STARTING_S: Final = 0.02
"""A face that cannot be closed yet is about to be drawn, or has just been closed."""
_READING_S: Final = 3.0
"""How often the server is told what has been read, at most, and what is to be remembered is written."""
MAX_TOGETHER: Final = 16
"""So many messages happen before anything else has its turn."""
_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@frozen
class JoinOptions:
    """What the command line asks for."""

    host: str
    port: int
    room: str | None
    name: str | None
    lang: str
    tls: bool = False
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    """Who vouches for the server, instead of the authorities that the system knows (PEM)."""
    is_lang_chosen: bool = False
    """Whether `lang` was asked for; otherwise the settings may have another one."""

    @property
    def server(self) -> str:
        """The address as people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def run(options: JoinOptions) -> int:
    """Chat until the person leaves; the exit code.

    0: left by a command; 1: no server there, or none that is believed; 2: no terminal that could show it;
    128 + n: ended by signal n (Ctrl-C counts as SIGINT). What is wrong is told on stderr, before anything is
    drawn or after it has gone.
    """
    tr = translations(options.lang)
    problem = _unfit_terminal(tr)
    if problem is not None:
        print(f"wassop: {problem}", file=sys.stderr)
        return EXIT_NO_TERMINAL
    try:
        known = KnownServers(known_servers_file())
    except OSError as error:
        print(f"wassop: {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_UNTRUSTED
    collect_seldom()
    ended = hosted(_session, options, tr, known)
    if isinstance(ended, Stranger) and _is_trusted(ended, options, tr, known):
        ended = hosted(_session, options, tr, known)
    # A second stranger in a row has other papers each time, and is not asked about again.
    return EXIT_UNTRUSTED if isinstance(ended, Stranger) else ended


def collect_seldom() -> None:
    """Keep what was loaded, and look through thousands of lines for garbage only now and then: that takes
    longer than a redraw, and what the client makes is nearly all gone as soon as nobody refers to it."""
    gc.freeze()
    gc.set_threshold(4_000, 20, 250)


def _is_trusted(stranger: Stranger, options: JoinOptions, tr: Translations, known: KnownServers) -> bool:
    """Ask the person once, and keep a yes."""
    print(f"{stranger.sentence(tr)}\n")
    try:
        answer = input(tr.gettext("Trust this server from now on? (y/n) "))
    except EOFError:
        print()
        return False
    except KeyboardInterrupt:
        print()
        sys.exit(128 + signal.SIGINT)
    if answer.strip().casefold() not in YES:
        return False
    try:
        known.trust(options.server, stranger.fingerprint)
    except OSError as error:
        text = tr.gettext("This cannot be kept ({file}: {reason}); you will be asked again.")
        print(f"wassop: {text.format(file=known.file, reason=error.strerror)}", file=sys.stderr)
    return True


def _unfit_terminal(tr: Translations) -> str | None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return tr.gettext("wassop join needs a terminal; its input and output cannot be redirected.")
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return tr.gettext("This terminal (TERM={term}) cannot show wassop join.").format(
            term=os.environ.get("TERM", "")
        )
    return None


async def _session(options: JoinOptions, tr: Translations, known: KnownServers) -> int | Stranger:
    code: int | Stranger = 0
    with trio.open_signal_receiver(*_SIGNALS) as signals:
        async with trio.open_nursery() as nursery:
            ending = _Ending(nursery.cancel_scope)
            nursery.start_soon(_obey_signals, signals, ending)
            code = await _connect_and_chat(options, tr, known, ending)
            nursery.cancel_scope.cancel()
    if ending.last_words:
        print(f"wassop: {ending.last_words}", file=sys.stderr)
    return ending.code if ending.code is not None else code


class _Ending:
    """What a signal does: it closes the face once there is one, and cancels everything before that."""

    def __init__(self, everything: trio.CancelScope) -> None:
        self._everything: Final = everything
        self.face: Face | None = None
        self.code: int | None = None
        self.last_words = ""
        """What stays on the terminal when the face has gone."""

    async def by_giving_up(self, why: str) -> None:
        """End as soon as the face can be closed, and tell why."""
        if not self.last_words:
            self.last_words = why
            # The application has no event for being ready.
            while self.face is not None and not self.face.exit(EXIT_UNTRUSTED):  # noqa: ASYNC110
                await trio.sleep(_STARTING_S)

    def by_signal(self, number: int) -> None:
        """End with the exit code that shells give to such an end. A second signal does not wait."""
        if self.face is None or not self.face.exit(128 + number):
            self._everything.cancel()
        self.code = 128 + number


async def _obey_signals(signals: AsyncIterator[int], ending: _Ending) -> None:
    async for number in signals:
        ending.by_signal(number)


async def _connect_and_chat(
    options: JoinOptions, tr: Translations, known: KnownServers, ending: _Ending
) -> int | Stranger:
    connect = connecting_to(options.host, options.port)
    if options.tls:
        connect = connecting_over_tls(connect, Belief(options.host, options.server, known, options.ca_file))
    try:
        stream = await connect()
    except Stranger as stranger:
        return stranger
    except Untrusted as error:
        print(f"wassop: {error.sentence(tr)}", file=sys.stderr)
        return EXIT_UNTRUSTED
    except TurnedAway as error:
        print(f"wassop: {error.sentence(tr)}", file=sys.stderr)
        return EXIT_NO_SERVER
    except OSError as error:
        print(f"wassop: {nobody_there(options.server, error, tr)}", file=sys.stderr)
        return EXIT_NO_SERVER
    return await _chat(options, tr, connect, stream, ending)


async def _chat(
    options: JoinOptions, tr: Translations, connect: Connect, stream: trio.abc.Stream, ending: _Ending
) -> int:
    async def connect_again() -> trio.abc.Stream:
        try:
            return await connect()
        except Untrusted as error:  # to try once more would not make it better
            conversation.on_give_up(error.sentence(tr))
            raise

    link = Link(connect_again)
    file = SettingsFile(settings_path())
    settings, problems = file.read(tr, default_settings(os.environ))
    lang = options.lang if options.is_lang_chosen or settings.lang == "auto" else settings.lang
    state = State(
        tr=translations(lang),
        lang=lang,
        settings=settings,
        server=options.server,
        nonce_prefix=secrets.token_hex(6),
        wanted_name=options.name,
        password=options.password,
        can_keep=keychain.is_there(),
        wanted_rooms=() if options.room is None else (options.room,),
    )
    conversation = Conversation(opened(state, problems), link)
    conversation.on_setting = partial(_keep_setting, file, conversation)
    glyphs = Glyphs()
    terminal = create_input(), terminal_output(sys.stdout, os.environ.get("TERM"), glyphs)
    memory = _Keeper(conversation, options.server)
    conversation.on_recall = memory.recall
    face = ending.face = Face(conversation, glyphs, terminal)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, stream)
        conversation.on_give_up = lambda why: nursery.start_soon(ending.by_giving_up, why)
        conversation.on_look_up = lambda name: nursery.start_soon(
            _look_up, conversation, options.server, name
        )
        conversation.on_keep_password = lambda name, password: nursery.start_soon(
            _keep, conversation, options.server, name, password
        )
        nursery.start_soon(listen, link.events, conversation)
        code = await _until_left(face, conversation, memory)
        memory.keep()
        grace_s = _GOODBYE_S if link.send(Quit()) else 0.0
        link.end()
        nursery.cancel_scope.deadline = trio.current_time() + grace_s
    return code


async def _until_left(face: Face, conversation: Conversation, memory: "_Keeper") -> int:
    """Show the face; what only happens as time goes by ends with it, so that leaving waits for none of it."""
    async with trio.open_nursery() as nursery:
        conversation.on_later = lambda delay_s, later: nursery.start_soon(
            _happen_later, conversation, delay_s, later
        )
        nursery.start_soon(_notice, face, conversation, memory)
        code = await face.run()
        conversation.on_later = lambda *_: None
        nursery.cancel_scope.cancel()
    return code


def _keep_setting(file: SettingsFile, conversation: Conversation, name: str, word: str) -> SettingKept:
    """Write a setting; the language is put in force with it."""
    if name != "lang":
        return SettingKept(file.keep(name, word, conversation.state.tr))
    lang = locale_language(os.environ) if word == "auto" else word
    return SettingKept(file.keep(name, word, translations(lang)), translations(lang), lang)


async def _happen_later(conversation: Conversation, delay_s: float, happening: Happening) -> None:
    await trio.sleep(delay_s)
    conversation.happened(happening)


# A keyring may ask the person to open it. Who leaves meanwhile does not wait for that.


async def _look_up(conversation: Conversation, server: str, name: str) -> None:
    await trio.to_thread.run_sync(keychain.load)
    found = await trio.to_thread.run_sync(keychain.look_up, server, name, abandon_on_cancel=True)
    conversation.happened(KeychainAnswered(name, found.password, found.problem, found.is_there))


async def _keep(conversation: Conversation, server: str, name: str, password: str) -> None:
    await trio.to_thread.run_sync(keychain.load)
    problem = await trio.to_thread.run_sync(keychain.keep, server, name, password, abandon_on_cancel=True)
    conversation.happened(KeychainKept(problem))


class _Keeper:
    """Keeps what is to be remembered of a conversation, once the name is known under which one is there."""

    def __init__(self, conversation: Conversation, server: str) -> None:
        self._conversation: Final = conversation
        self._server: Final = server
        self._file: MemoryFile | None = None

    def recall(self, name: str) -> Memory:
        """What was remembered of the server under this name."""
        self._file = MemoryFile(memory_folder(), self._server, name)
        return self._file.read()

    def keep(self) -> None:
        """Write what has changed. That it cannot be written is no reason to disturb a conversation."""
        if self._file is not None and self._conversation.state.name is not None:
            self._file.keep(memory_of(self._conversation.state))


async def _notice(face: Face, conversation: Conversation, memory: _Keeper) -> None:
    while True:
        await trio.sleep(_READING_S)
        memory.keep()
        if not face.history.is_reading_back and has_news_of_reading(conversation.state):
            conversation.happened(AtBottom())


async def listen(events: trio.MemoryReceiveChannel[LinkEvent], conversation: Conversation) -> None:
    """Let happen what comes. What came together happens together, since every pause costs as much as a
    message; but not so much of it that a key would wait."""
    async with events:
        async for event in events:
            conversation.happened(event)
            with contextlib.suppress(trio.WouldBlock, trio.EndOfChannel):
                for _ in range(MAX_TOGETHER - 1):
                    conversation.happened(events.receive_nowait())
