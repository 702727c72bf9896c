"""The application on the screen: what is drawn, and what keys do to it."""

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable, Mapping
from typing import Final

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.clipboard import InMemoryClipboard
from prompt_toolkit.cursor_shapes import (
    CursorShapeConfig,
    DynamicCursorShapeConfig,
    ModalCursorShapeConfig,
)
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from prompt_toolkit.styles import DynamicStyle

from wassop.client.accounting import asks_secret
from wassop.client.asked import AskedRooms
from wassop.client.conversation import Conversation
from wassop.client.happenings import (
    Act,
    AtTop,
    CompletingRooms,
    Edited,
    Focus,
    Pasted,
    SecretEntered,
    TabChosen,
    Typed,
)
from wassop.client.model import State
from wassop.client.secret import holds_secret
from wassop.client.tui.bindings import bindings
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.guest import run_application
from wassop.client.tui.history import History
from wassop.client.tui.inputbar import (
    ChatCompleter,
    after_cluster,
    before_cluster,
    complete,
    harmless,
    is_offered_unasked,
)
from wassop.client.tui.keys import KeySequence
from wassop.client.tui.layout import Screen
from wassop.client.tui.pace import Pace
from wassop.client.tui.signals import Signals, sees_focus
from wassop.client.tui.styles import colour_depth, style_of

EXIT_INTERRUPTED: Final = 130
EXIT_HUNG_UP: Final = 129
_ROOMS_PATIENCE_S: Final = 1.5
"""Completion does not wait longer for the server's rooms than this, and takes those known before."""
_ESCAPE_S: Final = 0.1
"""After so long Esc is a key of its own, not the beginning of what the terminal sends for another one."""
_CHORD_S: Final = {EditingMode.EMACS: 1.0, EditingMode.VI: 0.03}
"""So long after Esc a key means the same as with Alt. In vi, where Esc is followed by commands, only what the
terminal sends at once is Alt."""


class Face:
    """Draws a conversation and takes what is typed."""

    def __init__(self, conversation: Conversation, glyphs: Glyphs, terminal: tuple[Input, Output]) -> None:
        self._conversation: Final = conversation
        self._changed: Final = asyncio.Event()
        self._here = conversation.state.here
        self._is_secret = False
        self._name = conversation.state.name
        self.history: Final = History(
            lambda: conversation.state, glyphs, lambda: conversation.happened(AtTop())
        )
        self._completer: Final = ChatCompleter(lambda: conversation.state, self._refresh_rooms, glyphs)
        self.buffer: Final = Buffer(
            name="input",
            multiline=True,
            history=InMemoryHistory(),
            completer=self._completer,
            complete_while_typing=Condition(self._completes_by_itself),
            on_text_changed=self._edited,
        )
        self._screen: Final = Screen(
            lambda: conversation.state,
            lambda: self.app.output.get_size().columns,
            self.history,
            lambda number: conversation.happened(TabChosen(number)),
        )
        self.pane: Final = self._screen.pane
        self.app: Final[Application[int]] = Application(
            layout=self._screen.layout(self.buffer),
            key_bindings=bindings(self),
            style=DynamicStyle(lambda: style_of(conversation.state.settings.theme)),
            color_depth=lambda: colour_depth(conversation.state.settings.theme),
            full_screen=True,
            mouse_support=Condition(self._wants_mouse),
            # What a key does is drawn at once, what is said as often as the pace allows.
            min_redraw_interval=None,
            max_render_postpone_time=None,
            input=terminal[0],
            output=terminal[1],
        )
        self.pace: Final = Pace(self.app)
        self._signals: Final = Signals(terminal[1], os.environ)
        self.app.after_render += lambda _: self._signals.show_title(conversation.state)
        self.app.ttimeoutlen = _ESCAPE_S
        self.app.timeoutlen = _CHORD_S[self.app.editing_mode]
        self.app.cursor = DynamicCursorShapeConfig(self._cursor)
        conversation.on_change = self._on_change
        conversation.on_finish = self._finish
        conversation.on_reveal = self.history.reveal
        conversation.on_reveal_from = self.history.begin_at
        conversation.on_keep_in_sight = self.history.keep_in_sight
        conversation.on_alert = lambda alert: self._signals.alert(alert, conversation.state.settings)
        conversation.on_put = self._put

    async def run(self) -> int:
        """Draw until `exit`, or until the terminal is gone; the exit code. Called from a trio task."""
        try:
            self._signals.begin(self._conversation.state)
            return await run_application(self.app)
        except EOFError:
            return EXIT_HUNG_UP
        except OSError as error:
            if error.errno != errno.EIO:  # what writing to a terminal that hung up gives
                raise
            return EXIT_HUNG_UP
        finally:
            with contextlib.suppress(OSError):  # there may be no terminal any more
                self._signals.end()

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
        mode = EditingMode.VI if self._conversation.state.settings.editing == "vi" else EditingMode.EMACS
        if self.app.editing_mode is not mode:
            self.app.editing_mode = mode
            self.app.timeoutlen = _CHORD_S[mode]
            self.app.vi_state.reset()
        self._begin_or_end_secret()
        self._forget_who_left()
        self._changed.set()
        self.pace.draw_soon()

    def _forget_who_left(self) -> None:
        """After a logout no key brings back what was entered before."""
        name, before = self._conversation.state.name, self._name
        self._name = name
        if name is None and before is not None:
            self.buffer.history = InMemoryHistory()
            self.buffer.reset()

    def _wants_mouse(self) -> bool:
        state = self._conversation.state
        return state.settings.mouse and not state.is_bare

    def _begin_or_end_secret(self) -> None:
        """What was begun waits while a secret is asked for; no key brings back anything of the secret."""
        is_secret = asks_secret(self._conversation.state)
        if is_secret is self._is_secret:
            return
        self._is_secret = is_secret
        self.app.emacs_state.reset()
        self.app.vi_state.reset()
        if is_secret:
            self.buffer.reset()
            return
        self.app.clipboard = InMemoryClipboard()
        self.app.vi_state.named_registers.clear()
        draft = self._conversation.state.tab.draft
        self.buffer.reset(Document(draft, len(draft)))

    def _cursor(self) -> CursorShapeConfig | None:
        """In vi its shape tells whether keys are text or commands."""
        return ModalCursorShapeConfig() if self.app.editing_mode is EditingMode.VI else None

    def _put(self, before: str, after: str) -> None:
        document, here = Document(before + after, len(before)), self._conversation.state.here
        if here == self._here:
            self.buffer.document = document  # which can be undone
        else:
            self._here = here
            self.buffer.reset(document)

    async def _refresh_rooms(self) -> None:
        self._conversation.happened(CompletingRooms())
        try:
            async with asyncio.timeout(_ROOMS_PATIENCE_S):
                while any(isinstance(asked, AskedRooms) for asked in self._conversation.state.asked.values()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return  # what is known already will do

    def _completes_by_itself(self) -> bool:
        return is_offered_unasked(self.buffer.document.text_before_cursor)

    def _edited(self, buffer: Buffer) -> None:
        self._conversation.happened(Edited(buffer.text))

    # What keys do

    def complete(self) -> None:
        """Complete what is typed."""
        complete(self.buffer, self._completer)

    @property
    def keys(self) -> dict[str, Callable[[], object]]:
        """The actions that concern the screen, by their names."""
        history, buffer = self.history, self.buffer
        return {
            "help": lambda: self._conversation.happened(Typed("/help")),
            "people": lambda: self.act("hide-people" if self._screen.people_columns else "show-people"),
            "people-up": lambda: self._screen.people.scroll(-1),
            "people-down": lambda: self._screen.people.scroll(1),
            "scroll-up": lambda: history.scroll_pages(-1),
            "scroll-down": lambda: history.scroll_pages(1),
            "scroll-home": history.home,
            "scroll-end": history.end,
            "new-line": lambda: buffer.insert_text("\n"),
            "enter": self._enter,
            "interrupt": lambda: self.exit(EXIT_INTERRUPTED),
        }

    @property
    def state(self) -> State:
        """What is drawn."""
        return self._conversation.state

    def correct_last(self) -> None:
        """Let one's own last message stand in the input bar."""
        self.act("edit-last")

    def is_correction_unchanged(self) -> bool:
        """Whether a message stands in the input bar to be corrected, and is as it was."""
        amending = self.state.tab.amending
        if amending is None or amending.kind != "edit":
            return False
        line = next((each for each in reversed(self.state.lines) if each.number == amending.line), None)
        return line is not None and line.current == self.buffer.text

    def back_to_lines(self) -> None:
        """Give up correcting, and bring back what was entered before."""
        text = self.buffer.text
        self.act("give-up")
        self.buffer.history_backward()
        if self.buffer.text == text:
            self.buffer.history_backward()

    @property
    def keymap(self) -> Mapping[str, tuple[KeySequence, ...]]:
        """Which keys do what, as the settings have it."""
        return self._conversation.state.settings.keys

    def focus(self, data: str) -> None:
        """The terminal tells that its window has got or lost the focus."""
        is_here = sees_focus(data)
        if is_here is not None:
            self._conversation.happened(Focus(is_here))

    def act(self, action: str) -> None:
        """Let the conversation do what a key stands for."""
        self._conversation.happened(Act(action))

    def _enter(self) -> None:
        text = self.buffer.text
        if self._is_secret:
            self.buffer.reset()
            self._conversation.happened(SecretEntered(text))
            return
        if not holds_secret(text):
            self.buffer.append_to_history()
        self.history.end()
        self.buffer.reset()
        self.app.vi_state.reset()  # the next line begins with text
        if self._conversation.happened(Typed(text)):
            self.buffer.reset(Document(text, len(text)))

    def paste(self, data: str) -> None:
        """Put a text from the clipboard where the cursor is."""
        document = self.buffer.document
        before, after = document.text_before_cursor, document.text_after_cursor
        self.buffer.save_to_undo_stack()
        self._conversation.happened(Pasted(harmless(data), before, after))

    def step(self, steps: int) -> None:
        """Move the cursor over a cluster."""
        move = before_cluster if steps < 0 else after_cluster
        self.buffer.cursor_position = move(self.buffer.text, self.buffer.cursor_position)

    def delete_before(self) -> None:
        """Take away the cluster before the cursor."""
        position = self.buffer.cursor_position
        self.buffer.delete_before_cursor(position - before_cluster(self.buffer.text, position))

    def delete_after(self) -> None:
        """Take away the cluster behind the cursor."""
        position = self.buffer.cursor_position
        self.buffer.delete(after_cluster(self.buffer.text, position) - position)
