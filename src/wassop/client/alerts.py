"""When somebody is called to the terminal: what calls, how much of it, and what stands in the title.

Rule 1: nobody is called to what is before their eyes.
Rule 2: there is at most one call in `EVERY_S` seconds; the title counts the others.
"""

from typing import Final

from wassop.client.cells import cells, text_width
from wassop.client.happenings import Alert
from wassop.client.model import Place, State
from wassop.client.settings import LEVELS
from wassop.client.tab import MENU
from wassop.client.turn import Turn
from wassop.core.text import one_line

EVERY_S: Final = 5.0
PRESENT_S: Final = 30.0
"""Whoever has pressed a key so short a time ago looks at the screen, where the terminal does not tell."""
_MAX_COLUMNS: Final = 120
_MAX_TITLE_COLUMNS: Final = 60


def level_of(state: State, key: str) -> str:
    """Of what one is notified in the tab `key`."""
    return state.levels.get(key, state.settings.notify)


def call(turn: Turn, key: str, author: str, text: str, *, is_mention: bool) -> None:
    """Somebody has said something in the tab `key`; to oneself alone or by name if `is_mention`."""
    state = turn.state
    if key == state.here and is_watching(state, turn.at):
        return
    if key == state.here:
        turn.change(missed=state.missed + 1)
    level = level_of(state, key)
    if level == "none" or (level == "mentions" and not is_mention):
        return
    if 0 <= turn.at - state.alerted_at < EVERY_S:
        return
    turn.change(alerted_at=turn.at)
    tab = state.tabs[key]
    who = author if tab.is_private else f"{author} ({tab.title})"
    turn.effects.append(Alert(bounded(who, _MAX_TITLE_COLUMNS), bounded(text, _MAX_COLUMNS)))


def is_watching(state: State, at: float) -> bool:
    """Whether the person has the terminal before them, as far as that is known."""
    return state.has_focus if state.has_focus is not None else at - state.active_at < PRESENT_S


def focused(turn: Turn, *, is_here: bool) -> None:
    """The terminal has got or lost the focus."""
    turn.change(has_focus=is_here, missed=0)


def active(turn: Turn) -> None:
    """A key was pressed: the person is here."""
    turn.change(active_at=turn.at, missed=0)


def title_of(state: State) -> str:
    """What stands in the terminal's title: how much is unread, where one is."""
    others = (tab for tab in state.tabs.values() if tab.key != state.here)
    tabs = [tab for tab in others if level_of(state, tab.key) != "none"]
    unread = sum(tab.unread for tab in tabs) + state.missed
    mark = "!" if any(tab.mentions for tab in tabs) else ""
    count = f"({min(unread, 999)}{mark}) " if unread else ""
    where = "" if state.place in (Place.NAMING, Place.MENU) else f"{state.tab.title} – "
    return bounded(f"{count}{where}wassop", _MAX_TITLE_COLUMNS)


def bounded(text: str, columns: int) -> str:
    """`text` as one line without anything that a terminal could obey, at most so many columns wide."""
    line = one_line(text)
    if text_width(line) <= columns:
        return "".join(cell.text for cell in cells(line))
    kept, width = [], 1
    for cell in cells(line):
        width += cell.width
        if width > columns:
            break
        kept.append(cell.text)
    return "".join(kept) + "…"


def set_level(turn: Turn, word: str) -> None:
    """Say of what one is notified in the conversation that is shown, or tell it."""
    tr, tab, word = turn.tr, turn.state.tab, word.casefold()
    if tab.key == MENU:
        turn.error(tr.gettext("Here nobody talks: go into a room first, or use /set notify."))
    elif word and word not in LEVELS:
        turn.error(tr.gettext("{name} may be {values}.").format(name="/notify", values=", ".join(LEVELS)))
    else:
        if word:
            turn.change(levels={**turn.state.levels, tab.key: word})
        match level_of(turn.state, tab.key):
            case "all":
                text = tr.gettext("You are notified of everything that is said here.")
            case "none":
                text = tr.gettext("You are notified of nothing that is said here.")
            case _:
                text = tr.gettext("You are notified here when somebody names you or writes to you alone.")
        turn.notice(text)
