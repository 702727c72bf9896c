"""What stands above and below the history: where one is, how the connection is, what waits, what is asked."""

from typing import Final

from prompt_toolkit.formatted_text import StyleAndTextTuples

from wassop.client.cells import cells, text_width
from wassop.client.deeds import modes_text
from wassop.client.model import DeleteQuestion, LeaveQuestion, Online, PasteQuestion, Place, Room, State
from wassop.client.secret import KeepQuestion, SecretQuestion
from wassop.client.tab import Amending
from wassop.core.text import visible
from wassop.locale import Translations

_MIN_TOPIC_COLUMNS: Final = 16
_TELLING_SHARE: Final = 0.8
"""From this share of the greatest length on it is told how long a message is."""


def header(state: State, columns: int, trouble: str = "") -> StyleAndTextTuples:
    """One row: where one is, how many are there or else what `trouble` there is, and what it is about."""
    tr, room = state.tr, state.rooms.get(state.current or "")
    if state.is_bare:
        return [("class:header", shortened(f" {tr.gettext('Only what was said; F4: back')}", columns))]
    count = ""
    match state.place:
        case Place.NAMING:
            place = tr.gettext("Welcome")
        case Place.MENU:
            place, people = tr.gettext("Main menu"), len(state.people)
            count = tr.ngettext("{count} connected", "{count} connected", people).format(count=people)
        case Place.ROOM:
            place, people = visible(state.tab.title), len(room.members) if room else 0
            count = tr.ngettext("{count} person", "{count} people", people).format(count=people)
        case Place.PRIVATE:
            place = tr.gettext("Private with {name}").format(name=visible(state.tab.title))
            if state.online is Online.READY and not _is_here(state, state.tab.title):
                count = tr.gettext("not connected")
    count = count if state.online is Online.READY else trouble
    left = f" {place}" + (f" · {count}" if count else "")
    left = shortened(left, columns)
    about = _about(room, columns - text_width(left), tr)
    gap = " " * max(0, columns - text_width(left) - text_width(about))
    return [("class:header,header.room", left), ("class:header", about + gap)]


def _is_here(state: State, name: str) -> bool:
    return any(name.casefold() == other.casefold() for other in state.people)


def _about(room: Room | None, columns: int, tr: Translations) -> str:
    """How the room is set and what it is about, on what the rest leaves of the row; nothing where too little
    could be read."""
    if room is None or columns < _MIN_TOPIC_COLUMNS:
        return ""
    parts = (modes_text(room.modes, tr), visible(room.about))
    text = "".join(f" · {part}" for part in parts if part)
    return shortened(text, columns - 1)


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
    """The row between history and input: who is typing; what waits below, or that a message gets too long,
    or that something is unread elsewhere."""
    style, text = _news(state, waiting, is_reading_back=is_reading_back)
    news = shortened(f" {text} ", columns) if text else ""
    typing = typing_text(state, columns - text_width(news) - 6)
    left = f" {typing} " if typing else ""
    middle = max(0, columns - text_width(left) - text_width(news) - 4)
    return [
        ("class:separator", "──"[: max(0, columns - text_width(news))]),
        ("class:typing", left),
        ("class:separator", "─" * middle),
        (style, news),
        ("class:separator", "──"[: max(0, columns - text_width(left) - text_width(news) - middle - 2)]),
    ]


def _hint(state: State) -> str:
    """Which keys there are for what one is about to do."""
    tr = state.tr
    if state.tab.chosen is not None:
        return tr.gettext("r: answer · e: correct · d: delete · +: react · Esc")
    match state.tab.amending:
        case Amending(kind="edit"):
            return tr.gettext("Enter: correct · Esc: leave it as it is")
        case Amending(kind="reply"):
            return tr.gettext("Enter: answer · Esc: no answer")
        case Amending(kind="react"):
            return tr.gettext("an emoji such as :+1: · Esc: none")
        case _:
            return ""


def _news(state: State, waiting: int, *, is_reading_back: bool) -> tuple[str, str]:
    tr = state.tr
    if hint := _hint(state):
        return "class:separator.news", hint
    if is_reading_back and waiting:
        text = tr.ngettext("{count} new line below (End)", "{count} new lines below (End)", waiting)
        return "class:separator.news", "↓ " + text.format(count=waiting)
    if is_reading_back:
        return "class:separator", "↓ " + tr.gettext("reading back (End: to the newest)")
    size = len(state.tab.draft.encode("utf-8", "replace"))
    limit = state.limits.text_bytes if state.limits else 0
    if limit and size > limit * _TELLING_SHARE and state.question is None:
        style = "class:separator.bad" if size > limit else "class:separator.news"
        return style, tr.gettext("{size} of {limit} bytes").format(size=size, limit=limit)
    tabs = [tab for tab in state.tabs.values() if tab.key != state.here]
    unread, mentions = sum(tab.unread for tab in tabs), sum(tab.mentions for tab in tabs)
    if unread:
        text = tr.ngettext("{count} unread: Alt-A", "{count} unread: Alt-A", unread).format(count=unread)
        return "class:separator.news" if mentions else "class:separator", text
    # Whoever is in a room knows how it goes, or has seen it here.
    return "class:separator", tr.gettext("F1: help") if state.place is Place.MENU else ""


def typing_text(state: State, columns: int) -> str:
    """Who is typing in the conversation that is shown."""
    tr, names = state.tr, list(map(visible, state.typing.get(state.here, {})))
    match names:
        case []:
            text = ""
        case [one]:
            text = tr.gettext("{name} is typing…").format(name=one)
        case [one, other]:
            text = tr.gettext("{name} and {other} are typing…").format(name=one, other=other)
        case _:
            text = tr.gettext("{count} people are typing…").format(count=len(names))
    return shortened(text, max(0, columns))


def prompt(state: State) -> str:
    """What stands before the input."""
    tr = state.tr
    match state.question:
        case LeaveQuestion(room):
            question = tr.gettext("Do you really want to leave the room {room}? (y/n)")
            return question.format(room=visible(room)) + " "
        case DeleteQuestion():
            return tr.gettext("Delete this message for everyone? (y/n)") + " "
        case PasteQuestion(text):
            count = text.count("\n") + 1
            question = tr.ngettext(
                "Paste {count} line as one message? (y/n)", "Paste {count} lines as one message? (y/n)", count
            )
            return question.format(count=count) + " "
        case SecretQuestion(about=about) as secret:
            return tr.gettext(secret.text).format(name=visible(about)) + ": "
        case KeepQuestion(name):
            question = tr.gettext("Keep the password of {name} in the keyring of this system? (y/n)")
            return question.format(name=visible(name)) + " "
    if state.tab.amending is not None:
        return f"{_amending(state, state.tab.amending)}: "
    match state.place:
        case Place.NAMING if state.wanted_name is None:
            return tr.gettext("Enter your user name: ")
        case Place.NAMING:
            return "… "
        case Place.MENU:
            return tr.gettext("Type the name of a room or a command: ")
        case Place.PRIVATE:
            return f"{tr.gettext('You')} → {visible(state.tab.title)}: "
        case Place.ROOM:
            return f"{tr.gettext('You')}: "


def _amending(state: State, amending: Amending) -> str:
    tr = state.tr
    line = next((each for each in reversed(state.lines) if each.number == amending.line), None)
    name = visible(line.author or "") if line is not None else ""
    match amending.kind:
        case "edit":
            return tr.gettext("Correct")
        case "reply":
            return tr.gettext("Answer {name}").format(name=name)
        case "react":
            return tr.gettext("React to {name}").format(name=name)


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
