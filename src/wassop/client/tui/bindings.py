"""The table of keys, as prompt_toolkit wants it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition, has_focus, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from wassop.client.actions import ACTIONS
from wassop.client.tui.keys import DEFAULT_KEYS

if TYPE_CHECKING:
    from wassop.client.tui.face import Face


def bindings(face: "Face") -> KeyBindings:
    """What the keys do to `face`; all others are those of emacs or vi."""
    made = KeyBindings()
    buffer, history = face.buffer, face.history
    in_input = has_focus(buffer.name)

    def bind(keys: tuple[str, ...], action: Callable[[], object], **options: Any) -> None:
        made.add(*keys, **options)(lambda _: action())

    for name, sequences in DEFAULT_KEYS.items():
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

    def take_choice() -> None:
        buffer.complete_state = None

    bind(("home",), history.home, filter=in_history)
    bind(("end",), history.end, filter=in_history)
    bind(("left",), lambda: face.step(-1), filter=in_input)
    bind(("right",), lambda: face.step(1), filter=in_input)
    bind(("backspace",), face.delete_before, filter=inserting)
    bind(("delete",), face.delete_after, filter=inserting)
    bind(("tab",), lambda: buffer.start_completion(insert_common_part=True), filter=in_input & ~has_menu)
    bind(("tab",), buffer.complete_next, filter=has_menu)
    bind(("s-tab",), buffer.complete_previous, filter=has_menu)
    bind(("escape",), buffer.cancel_completion, filter=has_menu, eager=True)
    bind(("enter",), take_choice, filter=has_choice)
    bind(("c-d",), lambda: face.exit(0), filter=in_input & Condition(lambda: not buffer.text))

    @made.add(Keys.BracketedPaste, filter=in_input)
    def _paste(event: KeyPressEvent) -> None:
        face.paste(event.data)

    return made
