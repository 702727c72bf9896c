"""The row of tabs: which conversations there are, where one is, what is unread in the others."""

from collections.abc import Callable
from typing import Final

from attrs import frozen
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from wassop.client.cells import text_width
from wassop.client.model import State
from wassop.client.tab import Tab
from wassop.client.tui.bars import connection_text, shortened
from wassop.core.text import visible

_MIN_TITLE_COLUMNS: Final = 6
_MAX_TITLE_COLUMNS: Final = 20
_BESIDE_TITLE_COLUMNS: Final = 12
"""A tab's number with its spaces, the two arrows, and that the connection is bad."""
_TITLE: Final = " wassop "


@frozen
class _Label:
    """A tab as it is drawn: its number and name, and its count."""

    number: int
    style: str
    text: str
    count: str
    count_style: str

    @property
    def width(self) -> int:
        return text_width(self.text) + text_width(self.count)


def tab_bar(
    state: State, columns: int, fused: Callable[[str], str], choose: Callable[[int], object]
) -> StyleAndTextTuples:
    """One row: the tabs, as many as fit around that which is shown; one's name and the connection.

    `choose` is called with the number of a tab that is clicked.
    """
    connection, is_bad = connection_text(state)
    name = visible(state.name or "")
    both = " · ".join(part for part in (name, connection) if part)
    tabs = [] if state.naming else state.tabs.values()
    title_columns = min(_MAX_TITLE_COLUMNS, max(_MIN_TITLE_COLUMNS, columns // 4))
    title_columns = max(1, min(title_columns, columns - _BESIDE_TITLE_COLUMNS))
    labels = [_label(state, n, tab, title_columns) for n, tab in enumerate(tabs, 1)]
    # The tabs matter most, then how the connection is if that is bad, then one's name.
    wanted = sum(label.width for label in labels) or text_width(_TITLE)
    rights = [f" {text} " for text in (both, connection if is_bad else name, "!" if is_bad else "") if text]
    least = rights[-1] if is_bad else ""
    right = next((text for text in rights if wanted + text_width(text) <= columns), least)
    shown = _around(labels, list(state.tabs).index(state.here), columns - text_width(right))
    row: StyleAndTextTuples = []
    for label in shown:
        click = _clicked(label.number, choose)
        row.append((label.style, fused(label.text), click))
        if label.count:
            row.append((label.count_style, label.count, click))
    if not labels:
        row.append(("class:tab.here", _TITLE))
    used = sum(label.width for label in shown) or text_width(_TITLE)
    row.append(("class:tabs", " " * max(0, columns - used - text_width(right))))
    row.append(("class:tabs.bad" if is_bad else "class:tabs.self", fused(right)))
    return row


def untold_trouble(state: State, columns: int) -> str:
    """How the connection is, if that is bad and there is no room to tell it beside the tabs."""
    connection, is_bad = connection_text(state)
    if not is_bad:
        return ""
    _style, told, *_ = tab_bar(state, columns, str, lambda _: None)[-1]
    return "" if connection in told else connection


def _label(state: State, number: int, tab: Tab, columns: int) -> _Label:
    if tab.is_room or tab.is_private:
        title = ("@" if tab.is_private else "") + visible(tab.title)
    else:
        title = state.tr.gettext("Menu")
    text = f" {number} {shortened(title, columns)} "
    if tab.key == state.here:
        return _Label(number, "class:tab.here", text, "", "")
    if not tab.unread:
        return _Label(number, "class:tab", text, "", "")
    count = f"{min(tab.mentions or tab.unread, 999)} "
    if tab.mentions:
        return _Label(number, "class:tab.mention", text, count, "class:tab.mention")
    return _Label(number, "class:tab.unread", text, count, "class:tab.unread")


def _around(labels: list[_Label], here: int, columns: int) -> list[_Label]:
    """As many labels as fit, that which is shown among them, with arrows where others are left out."""
    if not labels or sum(label.width for label in labels) <= columns:
        return labels
    first = last = here
    width = labels[here].width + 4
    while True:
        if last + 1 < len(labels) and width + labels[last + 1].width <= columns:
            last += 1
            width += labels[last].width
        elif first > 0 and width + labels[first - 1].width <= columns:
            first -= 1
            width += labels[first].width
        else:
            break
    shown = labels[first : last + 1]
    if first > 0:
        shown.insert(0, _arrow("‹ ", labels[:first]))
    if last + 1 < len(labels):
        shown.append(_arrow(" ›", labels[last + 1 :]))
    return shown


def _arrow(text: str, hidden: list[_Label]) -> _Label:
    """It has the colour of what is most urgent behind it, and leads there."""
    for style in ("class:tab.mention", "class:tab.unread"):
        for label in hidden:
            if label.style == style:
                return _Label(label.number, style, text, "", "")
    return _Label(hidden[0].number, "class:tab", text, "", "")


def _clicked(number: int, choose: Callable[[int], object]) -> Callable[[MouseEvent], object]:
    def handle(event: MouseEvent) -> object:
        if event.event_type is MouseEventType.MOUSE_UP:
            choose(number)
            return None
        return NotImplemented

    return handle
