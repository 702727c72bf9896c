"""Which keys do what. A table from the names of actions to the keys of prompt_toolkit, so that it can be
replaced by another; what the actions do stands in client/actions.py and, for what concerns only the screen,
in face.py."""

from collections.abc import Mapping
from typing import Final

KeySequence = tuple[str, ...]

DEFAULT_KEYS: Final[Mapping[str, tuple[KeySequence, ...]]] = {
    **{f"tab-{number}": (("escape", str(number)),) for number in range(1, 10)},
    "next-tab": (("c-n",), ("c-pagedown",)),
    "previous-tab": (("c-p",), ("c-pageup",)),
    "unread-tab": (("escape", "a"),),
    "unread-line": (("escape", "u"),),
    "close-tab": (("escape", "w"),),
    "move-tab-left": (("c-s-pageup",),),
    "move-tab-right": (("c-s-pagedown",),),
    "help": (("f1",),),
    "people": (("f2",),),
    "bare": (("f4",),),
    "scroll-up": (("pageup",),),
    "scroll-down": (("pagedown",),),
    "scroll-home": (("c-home",),),
    "scroll-end": (("c-end",),),
    "new-line": (("escape", "enter"),),
    "enter": (("enter",),),
    "interrupt": (("c-c",),),
}
