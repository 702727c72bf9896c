"""Which keys do what: as a person writes it in the file with the settings, as prompt_toolkit wants it, and as
/help tells it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from wassop.client.tui.keys import DEFAULT_KEYS, KeySequence
from wassop.locale import N_, Translations

_NAMED: Final = frozenset(
    {
        *("enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"),
        *("up", "down", "left", "right"),
        *(f"f{number}" for number in range(1, 25)),
    }
)
_SHIFTABLE: Final = frozenset(
    {"tab", "delete", "insert", "home", "end", "pageup", "pagedown", "up", "down", "left", "right"}
)
_CONTROLLABLE: Final = frozenset(
    {*"abcdefghijklmnopqrstuvwxyz0123456789", *_SHIFTABLE, *(f"f{n}" for n in range(1, 25))} - {"tab"}
)
# A terminal sends the same for these as for Tab, Enter and Enter.
_CONFUSED: Final = frozenset({"c-i", "c-m", "c-j"})
_NEEDED: Final = ("enter", "interrupt")
"""Without a key for these one could neither say anything nor end."""
_SHOWN: Final = {
    "pageup": "PgUp", "pagedown": "PgDn", "left": "←", "right": "→", "up": "↑", "down": "↓",
    "escape": "Esc",
}  # fmt: skip


@frozen
class Wrong:
    """What is wrong with a row of the table."""

    action: str
    what: str
    """To be translated, and filled in with the key and another action."""
    key: str = ""
    other: str = ""

    def sentence(self, tr: Translations) -> str:
        """For the person who wrote it."""
        return tr.gettext(self.what).format(key=self.key[:40], other=self.other)


def keymap_of(table: Mapping[str, Any]) -> tuple[dict[str, tuple[KeySequence, ...]], list[Wrong]]:
    """The keys of all actions, when `table` has other ones for some; and what is wrong with it.

    A key that the table gives to an action is taken from the one that has it by default.
    """
    chosen: dict[str, tuple[KeySequence, ...]] = {}
    owners: dict[KeySequence, str] = {}
    wrong: list[Wrong] = []
    for action, value in table.items():
        if action not in DEFAULT_KEYS:
            wrong.append(Wrong(action, N_("there is no such action")))
            continue
        names = value if isinstance(value, list) else [value]
        sequences = []
        for name in names:
            sequence = parsed(name) if isinstance(name, str) else None
            if sequence is None:
                wrong.append(Wrong(action, N_("there is no such key: {key}"), key=str(name)))
            elif sequence in owners:
                text = N_("{key} is already the key of {other}")
                wrong.append(Wrong(action, text, key=str(name), other=owners[sequence]))
            else:
                owners[sequence] = action
                sequences.append(sequence)
        if sequences or not names:
            chosen[action] = tuple(sequences)
    made = {
        action: chosen.get(action, tuple(each for each in default if each not in owners))
        for action, default in DEFAULT_KEYS.items()
    }
    for action in _NEEDED:
        if not made[action]:
            wrong.append(Wrong(action, N_("it needs a key")))
            for other, sequences_of in made.items():  # its own ones are taken back
                made[other] = tuple(each for each in sequences_of if each not in DEFAULT_KEYS[action])
            made[action] = DEFAULT_KEYS[action]
    return made, wrong


def parsed(name: str) -> KeySequence | None:
    """`alt-a`, `ctrl-n`, `f5`, `ctrl-shift-pageup` as prompt_toolkit has them; None: there is no such key."""
    *modifiers, base = name.strip().lower().split("-") if not name.endswith("-") else ("",)
    known = {"alt", "ctrl", "shift"}
    if not set(modifiers) <= known or len(set(modifiers)) < len(modifiers):
        return None
    has = set(modifiers)
    is_letter = len(base) == 1 and base.isprintable() and base != " "
    if base not in _NAMED and not (is_letter and has & {"alt", "ctrl"}):
        return None  # a letter alone is text
    key = base
    if "shift" in has and base not in _SHIFTABLE:
        return None
    if "ctrl" in has and base not in _CONTROLLABLE:
        return None
    key = f"{'c-' if 'ctrl' in has else ''}{'s-' if 'shift' in has else ''}{base}"
    if key in _CONFUSED or (key == base and base in ("space", "backspace", "tab") and "alt" not in has):
        return None
    key = {"space": " "}.get(key, key)
    return ("escape", key) if "alt" in has else (key,)


def shown(sequence: KeySequence) -> str:
    """How a key is called on the screen: Alt-A, Ctrl-Shift-PgUp."""
    parts, prefix = list(sequence), ""
    if len(parts) == 2 and parts[0] == "escape":
        prefix, parts = "Alt-", parts[1:]
    return prefix + " ".join(map(_shown_key, parts))


def _shown_key(key: str) -> str:
    words = ""
    if key.startswith("c-") and len(key) > 2:
        words, key = "Ctrl-", key[2:]
    if key.startswith("s-") and len(key) > 2:
        words, key = words + "Shift-", key[2:]
    return words + (_SHOWN.get(key) or (key.upper() if len(key) == 1 else key.capitalize()))


def shown_keys(keys: Mapping[str, tuple[KeySequence, ...]], actions: Iterable[str]) -> str:
    """The first key of each of these actions; those that have none are left out."""
    return ", ".join(shown(keys[action][0]) for action in actions if keys.get(action))
