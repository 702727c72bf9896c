"""The application on the screen: a header, the history, a separator, the input bar."""

import asyncio
import errno
from collections.abc import Callable
from typing import Any, Final

from prompt_toolkit.application import Application
from prompt_toolkit.auto_suggest import DummyAutoSuggest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    BufferControl,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import Output

from wassop.client.asked import AskedRooms
from wassop.client.conversation import Conversation
from wassop.client.emojis import unfinished_shortcut
from wassop.client.happenings import AtTop, CompletingRooms, Typed
from wassop.client.tui import bars
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.guest import run_application
from wassop.client.tui.history import HistoryControl
from wassop.client.tui.inputbar import (
    ChatCompleter,
    ClusterProcessor,
    after_cluster,
    before_cluster,
    one_line,
)
from wassop.client.tui.styles import STYLE

EXIT_INTERRUPTED: Final = 130
EXIT_HUNG_UP: Final = 129
_ROOMS_PATIENCE_S: Final = 1.5
"""Completion does not wait longer for the server's rooms than this, and takes those known before."""
_REDRAW_S: Final = 0.02
"""However much is said, the screen is not drawn more often than this."""
_MAX_INPUT_ROWS: Final = 5


class Face:
    """Draws a conversation and takes what is typed."""

    def __init__(self, conversation: Conversation, glyphs: Glyphs, terminal: tuple[Input, Output]) -> None:
        self._conversation: Final = conversation
        self._glyphs: Final = glyphs
        self._changed: Final = asyncio.Event()
        self.history: Final = HistoryControl(
            lambda: conversation.state, glyphs, lambda: conversation.happened(AtTop())
        )
        self.buffer: Final = Buffer(
            name="input",
            multiline=False,
            history=InMemoryHistory(),
            completer=ChatCompleter(lambda: conversation.state, self._refresh_rooms, glyphs),
            complete_while_typing=Condition(self._completes_by_itself),
            auto_suggest=DummyAutoSuggest(),
            accept_handler=self._accept,
        )
        self.app: Final[Application[int]] = Application(
            layout=self._layout(),
            key_bindings=self._bindings(),
            style=STYLE,
            full_screen=True,
            mouse_support=True,
            min_redraw_interval=_REDRAW_S,
            input=terminal[0],
            output=terminal[1],
        )
        conversation.on_change = self._on_change
        conversation.on_finish = self._finish
        conversation.on_reveal = self.history.reveal

    async def run(self) -> int:
        """Draw until `exit`, or until the terminal is gone; the exit code. Called from a trio task."""
        try:
            return await run_application(self.app)
        except EOFError:
            return EXIT_HUNG_UP
        except OSError as error:
            if error.errno != errno.EIO:  # what writing to a terminal that hung up gives
                raise
            return EXIT_HUNG_UP

    def exit(self, code: int) -> bool:
        """Let `run` return `code`; False when it does not run or has already been told."""
        if not self.app.is_running or self.app.future is None or self.app.future.done():
            return False
        self.app.exit(result=code)
        return True

    def _finish(self) -> None:
        self.exit(0)

    # What the conversation does to the face

    def _on_change(self) -> None:
        self._changed.set()
        self.app.invalidate()

    async def _refresh_rooms(self) -> None:
        self._conversation.happened(CompletingRooms())
        try:
            async with asyncio.timeout(_ROOMS_PATIENCE_S):
                while any(isinstance(asked, AskedRooms) for asked in self._conversation.state.asked.values()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return  # what is known already will do

    # What is typed

    def _accept(self, buffer: Buffer) -> bool:
        self.history.end()
        return self._conversation.happened(Typed(buffer.text))

    def _move_to(self, position: int) -> None:
        self.buffer.cursor_position = position

    def _delete_before(self) -> None:
        position = self.buffer.cursor_position
        self.buffer.delete_before_cursor(position - before_cluster(self.buffer.text, position))

    def _delete_after(self) -> None:
        position = self.buffer.cursor_position
        self.buffer.delete(after_cluster(self.buffer.text, position) - position)

    def _take_choice(self) -> None:
        self.buffer.complete_state = None

    def _completes_by_itself(self) -> bool:
        """Commands, @names and emoji shortcuts are offered while one types; the rest when Tab asks for it."""
        before = self.buffer.document.text_before_cursor
        is_command = before.startswith("/") and " " not in before and before != "//"
        is_shortcut = unfinished_shortcut(before) is not None
        return is_command or is_shortcut or before.rpartition(" ")[2].startswith("@")

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        buffer, history = self.buffer, self.history
        has_menu = Condition(lambda: buffer.complete_state is not None)
        has_choice = Condition(
            lambda: buffer.complete_state is not None and buffer.complete_state.current_completion is not None
        )
        # Home and End move in a text that is being written, and through the history otherwise.
        history_keys = Condition(lambda: history.is_reading_back or not buffer.text)

        def bind(*keys: Keys | str, action: Callable[[], Any], **options: Any) -> None:
            bindings.add(*keys, **options)(lambda _: action())

        bind("pageup", action=lambda: history.scroll_pages(-1))
        bind("pagedown", action=lambda: history.scroll_pages(1))
        bind("home", action=history.home, filter=history_keys)
        bind("end", action=history.end, filter=history_keys)
        bind("c-home", action=history.home)
        bind("c-end", action=history.end)
        bind("left", action=lambda: self._move_to(before_cluster(buffer.text, buffer.cursor_position)))
        bind("right", action=lambda: self._move_to(after_cluster(buffer.text, buffer.cursor_position)))
        bind("backspace", action=self._delete_before)
        bind("delete", action=self._delete_after)
        bind("tab", action=lambda: buffer.start_completion(insert_common_part=True), filter=~has_menu)
        bind("tab", action=buffer.complete_next, filter=has_menu)
        bind("s-tab", action=buffer.complete_previous, filter=has_menu)
        bind("escape", action=buffer.cancel_completion, filter=has_menu, eager=True)
        bind("enter", action=self._take_choice, filter=has_choice)
        bind("c-c", action=lambda: self.exit(EXIT_INTERRUPTED))
        bind("c-d", action=lambda: self.exit(0), filter=Condition(lambda: not buffer.text))

        @bindings.add(Keys.BracketedPaste)
        def _paste(event: KeyPressEvent) -> None:
            text = event.data.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
            buffer.insert_text(one_line(text))

        return bindings

    # How it looks

    def _layout(self) -> Layout:
        input_window = Window(
            BufferControl(
                self.buffer,
                input_processors=[ClusterProcessor(self._glyphs), BeforeInput(self._prompt)],
                focus_on_click=True,
            ),
            height=Dimension(min=1, max=_MAX_INPUT_ROWS),
            wrap_lines=True,
            dont_extend_height=True,
        )
        rows = HSplit(
            [
                Window(FormattedTextControl(self._header), height=1, style="class:header"),
                Window(self.history),
                Window(FormattedTextControl(self._separator), height=1),
                input_window,
            ]
        )
        menu = Float(CompletionsMenu(max_height=10, scroll_offset=1), xcursor=True, ycursor=True)
        return Layout(FloatContainer(rows, floats=[menu]), focused_element=input_window)

    def _columns(self) -> int:
        return self.app.output.get_size().columns

    def _header(self) -> StyleAndTextTuples:
        return self._fused(bars.header(self._conversation.state, self._columns()))

    def _separator(self) -> StyleAndTextTuples:
        return self._fused(
            bars.separator(
                self._conversation.state,
                self._columns(),
                self.history.waiting_below,
                is_reading_back=self.history.is_reading_back,
            )
        )

    def _prompt(self) -> StyleAndTextTuples:
        return [("class:prompt", self._glyphs.of(bars.prompt(self._conversation.state)))]

    def _fused(self, fragments: StyleAndTextTuples) -> StyleAndTextTuples:
        return [(style, self._glyphs.of(text)) for style, text, *_ in fragments]
