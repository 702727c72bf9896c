"""The settings of the terminal client: which there are, what they may be, and a file's text with them. Pure.

Where the file stands is known to settings_file. It belongs to the person: what cannot be understood in it is
told with its line, counts as if it were not there, and is left as it is.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from wassop.client.keymap import keymap_of
from wassop.client.tui.keys import KeySequence
from wassop.locale import N_, Translations

FILE_NAME: Final = "client.toml"
MAX_FILE_BYTES: Final = 65_536
"""A file that is longer was not meant for us."""
_NAMED_KEY: Final = r'^[ \t]*"?{name}"?[ \t]*='
_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)


@frozen
class Settings:
    """What holds now. A switch is a bool; the other values are words."""

    theme: str = "auto"
    timestamps: bool = True
    people: str = "auto"
    mouse: bool = True
    editing: str = "emacs"
    typing: bool = True
    notify: str = "mentions"
    bell: bool = True
    desktop: str = "auto"
    title: bool = True
    lang: str = "auto"
    keys: Mapping[str, tuple[KeySequence, ...]] = field(factory=lambda: keymap_of({})[0])
    """Which keys do what; only the file sets them."""


@frozen
class Setting:
    """One of them as it is described; the texts are to be translated."""

    name: str
    values: tuple[str, ...]
    meaning: str


_ON_OFF: Final = ("on", "off")
LEVELS: Final = ("all", "mentions", "none")
"""Of what comes in a conversation one is notified."""
SETTINGS: Final = (
    Setting(
        "theme", ("auto", "dark", "light", "high-contrast", "none"),
        N_("colours; auto keeps the terminal's background, none has no colours"),
    ),
    Setting("timestamps", _ON_OFF, N_("the time before each message")),
    Setting("people", ("auto", "on", "off"), N_("who is here, at the side; auto: where there is room")),
    Setting("mouse", _ON_OFF, N_("clicks and the wheel; off leaves the mouse to the terminal")),
    Setting("editing", ("emacs", "vi"), N_("whose keys the input bar obeys")),
    Setting("typing", _ON_OFF, N_("whether others see that you are typing")),
    Setting("notify", LEVELS, N_("what you are notified of where /notify has not said otherwise")),
    Setting("bell", _ON_OFF, N_("the terminal's bell, when you are notified")),
    Setting(
        "desktop", ("auto", "osc9", "osc777", "off"),
        N_("a message on the desktop, when you are notified; auto: as your terminal likes it"),
    ),
    Setting("title", _ON_OFF, N_("what is unread, in the terminal's title")),
    Setting("lang", ("auto", "es", "en"), N_("the language; auto: that of the system")),
)  # fmt: skip


def setting(name: str) -> Setting | None:
    """The setting of that name."""
    return next((each for each in SETTINGS if each.name == name), None)


def word_of(settings: Settings, name: str) -> str:
    """The value of a setting as one types it."""
    value = getattr(settings, name)
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def changed(settings: Settings, name: str, word: str) -> Settings:
    """`settings` with another value; `word` is one of those that the setting has."""
    value: Any = word == "on" if isinstance(getattr(settings, name), bool) else word
    return evolve(settings, **{name: value})


# The file's text


def read_settings(text: str, tr: Translations, default: Settings) -> tuple[Settings, tuple[str, ...]]:
    """What a file says, on top of `default`, and what is wrong with it: sentences that name a line."""
    import tomllib  # not before there is a file: a client without one starts faster

    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        told = re.search(r"\(at line (\d+),", str(error))
        line = int(told[1]) if told is not None else text.rstrip().count("\n") + 1
        problem = tr.gettext("{file}, line {line}: this is no TOML ({reason}). The file is not used.")
        reason = str(error).partition(" (at ")[0]
        return default, (problem.format(file=FILE_NAME, line=line, reason=reason),)
    settings, problems = default, []
    for name, value in data.items():
        found = setting(name)
        if name == "keys" and isinstance(value, dict):
            keys, wrong = keymap_of(value)
            settings = evolve(settings, keys=keys)
            problems += [_told(text, each.action, each.sentence(tr), tr) for each in wrong]
        elif found is None:
            problems.append(_told(text, name, tr.gettext("there is no such setting"), tr))
        elif (word := _word(value)) in found.values:
            settings = changed(settings, name, word)
        else:
            values = tr.gettext("it may be {values}").format(values=", ".join(found.values))
            problems.append(_told(text, name, values, tr))
    return settings, tuple(problems)


def _word(value: Any) -> str:
    """`true` and `on` are the same thing."""
    return {"True": "on", "False": "off"}.get(str(value), "") if isinstance(value, bool) else str(value)


def _told(text: str, name: str, what: str, tr: Translations) -> str:
    found = re.search(_NAMED_KEY.format(name=re.escape(name)), text, re.MULTILINE)
    line = text.count("\n", 0, found.start()) + 1 if found is not None else 1
    sentence = tr.gettext("{file}, line {line}: {name}: {what}. It does not count.")
    return sentence.format(file=FILE_NAME, line=line, name=name[:40], what=what)


def rewritten(text: str, name: str, word: str) -> str | None:
    """A file's text with setting `name` at another value, and all else as it was; None: it is no TOML."""
    value = {"on": "true", "off": "false"}.get(word) if word in _ON_OFF and _is_switch(name) else f'"{word}"'
    tables = _TABLE.search(text)
    end = tables.start() if tables is not None else len(text)
    top, rest = text[:end], text[end:]
    pattern = re.compile(
        rf"({_NAMED_KEY.format(name=re.escape(name))})[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s#]+)", re.MULTILINE
    )
    made, count = pattern.subn(lambda match: f"{match[1]} {value}", top, count=1)
    if not count:
        made = f"{top}{'' if not top or top.endswith(chr(10)) else chr(10)}{name} = {value}\n"
    import tomllib

    try:
        before, after = tomllib.loads(text), tomllib.loads(made + rest)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    # Whatever stands there in a way that is not foreseen here is not touched.
    others = {key: each for key, each in after.items() if key != name}
    is_kept = others == {key: each for key, each in before.items() if key != name}
    return made + rest if is_kept and _word(after.get(name)) == word else None


def _is_switch(name: str) -> bool:
    found = setting(name)
    return found is not None and found.values == _ON_OFF
