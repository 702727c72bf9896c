"""What stands above and below the history: where one is, how the connection is, what waits, what is asked."""

from typing import Final

from prompt_toolkit.formatted_text import StyleAndTextTuples

from wassop.client.cells import cells, text_width
from wassop.client.model import Online, Place, Room, State
from wassop.core.text import visible

_MIN_TOPIC_COLUMNS: Final = 16


def header(state: State, columns: int) -> StyleAndTextTuples:
    """One row: the room, how many are in it and what it is about; one's name, the connection."""
    tr, room = state.tr, state.rooms.get(state.current or "")
    match state.place:
        case Place.NAMING:
            place, count = "wassop", ""
        case Place.MENU:
            place = tr.gettext("Main menu")
            people = len(state.people)
            count = tr.ngettext("{count} connected", "{count} connected", people).format(count=people)
        case Place.ROOM:
            place = visible(state.current or "")
            people = len(room.members) if room else 0
            count = tr.ngettext("{count} person", "{count} people", people).format(count=people)
    connection, is_bad = connection_text(state)
    left = f" {place}" + (f" · {count}" if count and state.online is Online.READY else "")
    name = visible(state.name or "")
    both = " · ".join(part for part in (name, connection) if part)
    # The place matters most, then how the connection is if that is bad, then one's name.
    room_for_right = columns - text_width(left) - 1
    fitting = (
        text for text in (both, connection if is_bad else name) if text_width(text) + 2 <= room_for_right
    )
    right = next((f" {text} " for text in fitting), "")
    left = shortened(left, columns - text_width(right))
    about = _about(room, columns - text_width(left) - text_width(right))
    gap = " " * max(0, columns - text_width(left) - text_width(about) - text_width(right))
    return [
        ("class:header,header.room", left),
        ("class:header", about + gap),
        ("class:header.bad" if is_bad else "class:header", right),
    ]


def _about(room: Room | None, columns: int) -> str:
    """What the room is about, on what the rest leaves of the row; nothing where too little could be read."""
    if room is None or not room.about or columns < _MIN_TOPIC_COLUMNS:
        return ""
    return shortened(f" · {visible(room.about)}", columns - 1)


def connection_text(state: State) -> tuple[str, bool]:
    """How the connection is, and whether that is bad."""
    tr = state.tr
    match state.online:
        case Online.READY:
            return state.server, False
        case Online.AWAY if state.retry_in_s is not None:
            text = tr.ngettext(
                "no connection, next try in {count} s",
                "no connection, next try in {count} s",
                state.retry_in_s,
            )
            return text.format(count=state.retry_in_s), True
        case Online.AWAY:
            return tr.gettext("no connection"), True
        case Online.ENTERING | Online.CONNECTING:
            return state.server, False


def separator(state: State, columns: int, waiting: int, *, is_reading_back: bool) -> StyleAndTextTuples:
    """The row between history and input; tells what waits below while one reads back."""
    if not is_reading_back:
        return [("class:separator", "─" * columns)]
    tr = state.tr
    if waiting:
        text = tr.ngettext("{count} new line below (End)", "{count} new lines below (End)", waiting)
        style, text = "class:separator.news", text.format(count=waiting)
    else:
        style, text = "class:separator", tr.gettext("reading back (End: to the newest)")
    text = shortened(f" ↓ {text} ", columns)
    left = max(0, (columns - text_width(text)) // 2)
    right = max(0, columns - left - text_width(text))
    return [("class:separator", "─" * left), (style, text), ("class:separator", "─" * right)]


def prompt(state: State) -> str:
    """What stands before the input."""
    tr = state.tr
    if state.confirming:
        room = visible(state.current or "")
        return tr.gettext("Do you really want to leave the room {room}? (y/n)").format(room=room) + " "
    match state.place:
        case Place.NAMING if state.wanted_name is None:
            return tr.gettext("Enter your user name: ")
        case Place.NAMING:
            return "… "
        case Place.MENU:
            return tr.gettext("Type the name of a room or a command: ")
        case Place.ROOM:
            return tr.gettext("You") + ": "


def shortened(text: str, columns: int) -> str:
    """`text` cut to `columns`, with an ellipsis where something is missing."""
    if text_width(text) <= columns:
        return text
    kept, width = [], 1
    for cell in cells(text):
        width += cell.width
        if width > columns:
            break
        kept.append(cell.text)
    return "".join(kept) + "…" if columns else ""
