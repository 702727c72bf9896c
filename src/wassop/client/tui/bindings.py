"""The table of keys, as prompt_toolkit wants it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition, Filter, has_focus, vi_insert_mode, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from wassop.client.actions import ACTIONS
from wassop.client.choosing import corrects_by_up
from wassop.client.tui.keys import CHOSEN_KEYS

if TYPE_CHECKING:
    from wassop.client.tui.face import Face


def _bind_messages(made: KeyBindings, face: "Face", in_input: Filter) -> None:
    """Keys that are about other messages: to choose one, to correct one, to give that up."""
    is_chosen = in_input & Condition(lambda: face.state.tab.chosen is not None)
    is_amending = in_input & Condition(lambda: face.state.tab.amending is not None)
    # Esc begins what the terminal sends for Alt and a key; then more waits to be read.
    is_alone = Condition(lambda: not face.app.key_processor.input_queue)

    def bind(keys: tuple[str, ...], action: Callable[[], object], **options: Any) -> None:
        made.add(*keys, **options)(lambda _: action())

    @made.add(Keys.Any, filter=is_chosen)
    def _text(event: KeyPressEvent) -> None:
        """Whoever just goes on writing wants nothing of the message."""
        face.act("choose-none")
        if event.data.isprintable():
            face.buffer.insert_text(event.data)

    for name, sequences in CHOSEN_KEYS.items():
        for keys in sequences:
            bind(keys, partial(face.act, name), filter=is_chosen)
    bind(("escape",), partial(face.act, "choose-none"), filter=is_chosen & is_alone, eager=True)
    gives_up = is_amending & is_alone & ~is_chosen & ~vi_insert_mode
    bind(("escape",), partial(face.act, "give-up"), filter=gives_up, eager=True)
    corrects = Condition(lambda: not face.buffer.text and corrects_by_up(face.state))
    bind(("up",), face.correct_last, filter=in_input & ~is_chosen & ~is_amending & corrects)
    unchanged = Condition(face.is_correction_unchanged)
    bind(("up",), face.back_to_lines, filter=is_amending & ~is_chosen & unchanged)


def bindings(face: "Face") -> KeyBindings:
    """What the keys do to `face`; all others are those of emacs or vi."""
    made = KeyBindings()
    buffer, history = face.buffer, face.history
    in_input = has_focus(buffer.name)

    def bind(keys: tuple[str, ...], action: Callable[[], object], **options: Any) -> None:
        made.add(*keys, **options)(lambda _: action())

    for name, sequences in face.keymap.items():
        action = face.keys.get(name) or partial(face.act, name)
        assert name in face.keys or name in ACTIONS, name
        for keys in sequences:  # in the line of a search (Ctrl-R) they mean what they mean there
            bind(keys, action, filter=in_input)

    has_menu = in_input & Condition(lambda: buffer.complete_state is not None)
    has_choice = in_input & Condition(
        lambda: buffer.complete_state is not None and buffer.complete_state.current_completion is not None
    )
    inserting = in_input & ~vi_navigation_mode
    # Home and End move in a text that is being written, and through the history otherwise.
    in_history = in_input & Condition(lambda: history.is_reading_back or not buffer.text)

    _bind_messages(made, face, in_input & ~has_menu)

    def take_choice() -> None:
        buffer.complete_state = None

    bind(("home",), history.home, filter=in_history)
    bind(("end",), history.end, filter=in_history)
    bind(("left",), lambda: face.step(-1), filter=in_input)
    bind(("right",), lambda: face.step(1), filter=in_input)
    bind(("backspace",), face.delete_before, filter=inserting)
    bind(("delete",), face.delete_after, filter=inserting)
    bind(("tab",), face.complete, filter=in_input & ~has_menu)
    bind(("tab",), buffer.complete_next, filter=has_menu)
    bind(("s-tab",), buffer.complete_previous, filter=has_menu)
    bind(("escape",), buffer.cancel_completion, filter=has_menu, eager=True)
    bind(("enter",), take_choice, filter=has_choice)
    bind(("c-d",), lambda: face.exit(0), filter=in_input & Condition(lambda: not buffer.text))

    @made.add(Keys.BracketedPaste, filter=in_input)
    def _paste(event: KeyPressEvent) -> None:
        face.paste(event.data)

    @made.add(Keys.Ignore)
    def _ignored(event: KeyPressEvent) -> None:
        face.focus(event.data)

    return made
