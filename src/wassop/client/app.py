"""`wassop join`: the terminal, the link and the conversation, put together."""

import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from typing import Final

import trio
from attrs import frozen
from prompt_toolkit.input import create_input

from wassop.client.conversation import Conversation
from wassop.client.happenings import AtBottom, Happening
from wassop.client.link import Connect, Link, connecting_to
from wassop.client.model import State
from wassop.client.reading import has_news_of_reading
from wassop.client.state import opened
from wassop.client.tui.face import Face
from wassop.client.tui.glyphs import Glyphs, terminal_output
from wassop.client.tui.guest import hosted
from wassop.locale import Translations, translations
from wassop.wire.native_messages import Quit

EXIT_NO_SERVER: Final = 1
EXIT_NO_TERMINAL: Final = 2
_GOODBYE_S: Final = 1.0
"""How long the goodbye may take; the server notices a closed connection anyway."""
_READING_S: Final = 3.0
"""How often the server is told what has been read, at most."""
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

    @property
    def server(self) -> str:
        """The address as people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def run(options: JoinOptions) -> int:
    """Chat until the person leaves; the exit code.

    0: left by a command; 1: no server there; 2: no terminal that could show it; 128 + n: ended by signal n
    (Ctrl-C counts as SIGINT). What is wrong is told on stderr, before anything is drawn.
    """
    tr = translations(options.lang)
    problem = _unfit_terminal(tr)
    if problem is not None:
        print(f"wassop: {problem}", file=sys.stderr)
        return EXIT_NO_TERMINAL
    return hosted(_session, options, tr)


def _unfit_terminal(tr: Translations) -> str | None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return tr.gettext("wassop join needs a terminal; its input and output cannot be redirected.")
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return tr.gettext("This terminal (TERM={term}) cannot show wassop join.").format(
            term=os.environ.get("TERM", "")
        )
    return None


async def _session(options: JoinOptions, tr: Translations) -> int:
    code = 0
    with trio.open_signal_receiver(*_SIGNALS) as signals:
        async with trio.open_nursery() as nursery:
            ending = _Ending(nursery.cancel_scope)
            nursery.start_soon(_obey_signals, signals, ending)
            code = await _connect_and_chat(options, tr, ending)
            nursery.cancel_scope.cancel()
    return ending.code if ending.code is not None else code


class _Ending:
    """What a signal does: it closes the face once there is one, and cancels everything before that."""

    def __init__(self, everything: trio.CancelScope) -> None:
        self._everything: Final = everything
        self.face: Face | None = None
        self.code: int | None = None

    def by_signal(self, number: int) -> None:
        """End with the exit code that shells give to such an end. A second signal does not wait."""
        if self.face is None or not self.face.exit(128 + number):
            self._everything.cancel()
        self.code = 128 + number


async def _obey_signals(signals: AsyncIterator[int], ending: _Ending) -> None:
    async for number in signals:
        ending.by_signal(number)


async def _connect_and_chat(options: JoinOptions, tr: Translations, ending: _Ending) -> int:
    connect = connecting_to(options.host, options.port)
    try:
        stream = await connect()
    except OSError:
        text = tr.gettext("There is no server at {server}. To start one: wassop serve")
        print(f"wassop: {text.format(server=options.server)}", file=sys.stderr)
        return EXIT_NO_SERVER
    return await _chat(options, tr, connect, stream, ending)


async def _chat(
    options: JoinOptions, tr: Translations, connect: Connect, stream: trio.abc.Stream, ending: _Ending
) -> int:
    link = Link(connect)
    state = State(
        tr=tr,
        lang=options.lang,
        server=options.server,
        nonce_prefix=secrets.token_hex(6),
        wanted_name=options.name,
        wanted_rooms=() if options.room is None else (options.room,),
    )
    conversation = Conversation(opened(state), link)
    glyphs = Glyphs()
    terminal = create_input(), terminal_output(sys.stdout, os.environ.get("TERM"), glyphs)
    face = ending.face = Face(conversation, glyphs, terminal)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, stream)
        conversation.on_later = lambda delay_s, later: nursery.start_soon(
            _happen_later, conversation, delay_s, later
        )
        nursery.start_soon(_listen, link, conversation)
        nursery.start_soon(_notice_reading, face, conversation)
        code = await face.run()
        link.send(Quit())
        link.end()
        nursery.cancel_scope.deadline = trio.current_time() + _GOODBYE_S
    return code


async def _happen_later(conversation: Conversation, delay_s: float, happening: Happening) -> None:
    await trio.sleep(delay_s)
    conversation.happened(happening)


async def _notice_reading(face: Face, conversation: Conversation) -> None:
    while True:
        await trio.sleep(_READING_S)
        if not face.history.is_reading_back and has_news_of_reading(conversation.state):
            conversation.happened(AtBottom())


async def _listen(link: Link, conversation: Conversation) -> None:
    async with link.events:
        async for event in link.events:
            conversation.happened(event)
