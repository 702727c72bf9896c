"""Conversations as tabs: which one is shown, what is unread in the others, opening, closing, moving."""

from typing import Final

from attrs import evolve

from wassop.client.asked import AskedRooms
from wassop.client.happenings import Put, Reveal
from wassop.client.line import Kind
from wassop.client.model import LeaveQuestion, Online, Room
from wassop.client.reading import tell_read
from wassop.client.tab import MENU, Tab, person_key
from wassop.client.turn import Turn
from wassop.wire.native_messages import Rooms

FIXED: Final = 2
"""The menu and the lobby come first and stay there."""


def open_tab(turn: Turn, key: str, title: str) -> Tab:
    """The tab `key`, made if it is not there."""
    tab = turn.state.tabs.get(key)
    if tab is None:
        tab = Tab(key, title)
        turn.put_tab(tab)
    return tab


def open_private(turn: Turn, name: str) -> str:
    """The key of the private conversation with `name`, made if it is not there."""
    key = person_key(name)
    if key not in turn.state.tabs:
        open_tab(turn, key, name)
        text = turn.tr.gettext("Private conversation with {name}: only the two of you read it.")
        turn.show(Kind.STATUS, text.format(name=name), on=key)
    return key


def carry(turn: Turn, draft: str, key: str) -> None:
    """What was typed while one waited to be taken to tab `key` is meant for there."""
    tab = turn.state.tabs[key]
    if draft and not tab.draft:
        turn.put_tab(evolve(tab, draft=draft))
        if key == turn.state.here:
            turn.effects.append(Put(draft))


def switch(turn: Turn, key: str) -> None:
    """Show the tab `key`: all of it counts as read, and what was being typed there is in the input bar."""
    state = turn.state
    turn.change(question=None)
    if key == state.here:
        return
    tell_read(turn)
    turn.change(here=key, came_from=state.here)
    turn.put_tab(evolve(turn.state.tab, unread=0, mentions=0))
    turn.effects.append(Put(turn.state.tab.draft))


def enter(turn: Turn, room: Room) -> None:
    """Show the tab of a room one is in."""
    open_tab(turn, room.key, room.name)
    switch(turn, room.key)


def to_menu(turn: Turn) -> None:
    """Show the main menu, with the rooms that there are now."""
    switch(turn, MENU)
    if turn.state.online is Online.READY:
        turn.ask(AskedRooms("menu"), lambda number: Rooms(id=number))


def came(turn: Turn, key: str, *, is_mention: bool) -> None:
    """A message from somebody else is about to be shown in tab `key`: count it, unless one is there."""
    tab = turn.state.tabs[key]
    if key == turn.state.here:
        return
    if not tab.unread:
        _divide(turn, tab)
        tab = turn.state.tabs[key]
    turn.put_tab(evolve(tab, unread=tab.unread + 1, mentions=tab.mentions + is_mention))


def _divide(turn: Turn, tab: Tab) -> None:
    """New messages begin below what is there."""
    turn.remove_line(tab.key, tab.divider)
    divider = turn.show(Kind.DIVIDER, turn.tr.gettext("New messages"), on=tab.key)
    turn.put_tab(evolve(turn.state.tabs[tab.key], divider=divider))


def close(turn: Turn, key: str) -> None:
    """Take a tab away; from a tab that is shown on to the one before it. The menu and the lobby stay."""
    state = turn.state
    if key in list(state.tabs)[:FIXED]:
        return
    turn.change(tabs={other: tab for other, tab in state.tabs.items() if other != key})
    if state.here != key:
        return
    others = turn.state.tabs
    back = state.came_from if state.came_from in others else MENU
    turn.change(here=back, came_from=MENU, question=None)
    turn.put_tab(evolve(turn.state.tab, unread=0, mentions=0))
    turn.effects.append(Put(turn.state.tab.draft))


def show_unread(turn: Turn) -> None:
    """Go to the line at the first unread message, if there is one."""
    divider = turn.state.tab.divider
    if turn.place_of(turn.state.here, divider) is not None and divider is not None:
        turn.effects.append(Reveal(divider))


def close_shown(turn: Turn) -> None:
    """Close the tab that is shown: a room is left for that, after a question."""
    state, tr = turn.state, turn.tr
    if state.naming:
        return
    if state.tab.is_private:
        close(turn, state.here)
    elif state.current is None:
        turn.error(tr.gettext("The main menu stays."))
    elif state.current == state.lobby:
        turn.error(tr.gettext("Everyone stays in the lobby."))
    else:
        turn.change(question=LeaveQuestion(state.current))


# Moving about


def switch_to(turn: Turn, number: int) -> None:
    """Show tab `number`, counted from 1."""
    keys = list(turn.state.tabs)
    if not turn.state.naming and 1 <= number <= len(keys):
        _go(turn, keys[number - 1])


def switch_by(turn: Turn, steps: int) -> None:
    """Show the tab so many further on, from the last on to the first."""
    keys = list(turn.state.tabs)
    if not turn.state.naming:
        _go(turn, keys[(keys.index(turn.state.here) + steps) % len(keys)])


def switch_to_unread(turn: Turn) -> None:
    """Show the next tab where something is unread, first of all one with mentions."""
    state = turn.state
    keys = list(state.tabs)
    at = keys.index(state.here)
    order = [*keys[at + 1 :], *keys[:at]]
    found = next((key for key in order if state.tabs[key].mentions), None) or next(
        (key for key in order if state.tabs[key].unread), None
    )
    if found is not None and not state.naming:
        _go(turn, found)


def move(turn: Turn, steps: int) -> None:
    """Move the shown tab among the others; the menu and the lobby stay first."""
    keys = list(turn.state.tabs)
    at = keys.index(turn.state.here)
    to = min(max(FIXED, at + steps), len(keys) - 1)
    if at >= FIXED and to != at:
        keys.insert(to, keys.pop(at))
        turn.change(tabs={key: turn.state.tabs[key] for key in keys})


def _go(turn: Turn, key: str) -> None:
    if key == MENU and key != turn.state.here:
        to_menu(turn)
    else:
        switch(turn, key)


def best_match(typed: str, titles: dict[str, str]) -> str | None:
    """The key of the title most like `typed`: it begins with it, or holds it, or its letters in order."""
    wanted = typed.casefold().removeprefix("@").removeprefix("#")
    ranked = [
        (rank, len(title), place, key)
        for place, (key, title) in enumerate(titles.items())
        if (rank := _likeness(wanted, title.casefold())) is not None
    ]
    return min(ranked)[3] if ranked else None


def _likeness(wanted: str, title: str) -> int | None:
    if title.startswith(wanted):
        return 0
    if wanted in title:
        return 1
    letters = iter(title)
    return 2 if all(letter in letters for letter in wanted) else None
