"""Coming back another day: the rooms one was in, the order of the tabs, what was typed and not entered."""

from collections.abc import Mapping

from attrs import evolve

from wassop.client.asked import AskedJoin
from wassop.client.happenings import Put
from wassop.client.memory import Memory
from wassop.client.model import State
from wassop.client.tab import MENU, Tab, person_key, room_key
from wassop.client.tabs import FIXED, open_private, switch
from wassop.client.turn import Turn


def memory_of(state: State) -> Memory:
    """What there is to remember of `state`."""
    tabs = state.tabs.values()
    back = state.memory  # what has not come back yet is not forgotten
    missing = [name for name in back.rooms if room_key(name) not in state.tabs]
    order = dict.fromkeys((*back.order, *state.tabs)) if missing else state.tabs
    return Memory(
        rooms=(*(tab.title for tab in tabs if tab.is_room and tab.title != state.lobby), *missing),
        people=tuple(tab.title for tab in tabs if tab.is_private),
        order=tuple(order),
        here=state.here if state.has_chosen else back.here,
        drafts={
            **{room_key(name): back.drafts.get(room_key(name), "") for name in missing},
            **{tab.key: tab.draft for tab in tabs if tab.draft},
        },
        tells_typing=state.tells_typing,
        shows_people=state.shows_people,
        vi_keys=state.vi_keys,
    )


def in_order(tabs: Mapping[str, Tab], memory: Memory) -> dict[str, Tab]:
    """`tabs` as they stood last time; those that are new behind them, in their own order."""
    place = {key: at for at, key in enumerate(memory.order)}
    keys = list(tabs)
    fixed, rest = keys[:FIXED], keys[FIXED:]
    rest.sort(key=lambda key: place.get(key, len(place)))
    return {key: tabs[key] for key in (*fixed, *rest)}


def recalled(turn: Turn, memory: Memory) -> None:
    """Go back into the rooms of last time, unless one is there or on the way there."""
    turn.change(
        memory=memory,
        tells_typing=memory.tells_typing,
        shows_people=memory.shows_people,
        vi_keys=memory.vi_keys,
    )
    for name in memory.people:
        open_private(turn, name)
        restore(turn, person_key(name))
    restore(turn, MENU)
    rejoin(turn)


def rejoin(turn: Turn) -> None:
    """Ask to be let into those rooms of last time that one is not in yet."""
    asked = {asked.room.casefold() for asked in turn.state.asked.values() if isinstance(asked, AskedJoin)}
    for name in turn.state.memory.rooms:
        if name.casefold() not in asked and room_key(name) not in turn.state.tabs:
            turn.join(name, is_quiet=True)


def restore(turn: Turn, key: str) -> None:
    """The tab `key` is there: it gets its place and its draft back, and is shown if it was shown last."""
    memory, tabs = turn.state.memory, turn.state.tabs
    if key not in memory.order:
        return
    draft = memory.drafts.get(key, "")
    if draft and not tabs[key].draft:
        turn.put_tab(evolve(tabs[key], draft=draft))
        if key == turn.state.here:
            turn.effects.append(Put(draft))
    turn.change(
        tabs=in_order(turn.state.tabs, memory),
        memory=evolve(
            memory,
            rooms=tuple(name for name in memory.rooms if room_key(name) != key),
            people=tuple(name for name in memory.people if person_key(name) != key),
            drafts={other: text for other, text in memory.drafts.items() if other != key},
        ),
    )
    if key == memory.here and turn.state.here == MENU and not turn.state.has_chosen:
        switch(turn, key)


def forget_room(turn: Turn, name: str) -> None:
    """A room of last time cannot be had any more."""
    memory = turn.state.memory
    turn.change(memory=evolve(memory, rooms=tuple(each for each in memory.rooms if each != name)))
