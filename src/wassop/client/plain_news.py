"""What a chat is told, as one line each for people. Pure."""

from collections.abc import Sequence
from typing import Final

from wassop.client.deeds import sentence as deed_sentence
from wassop.client.told import (
    Invited,
    Kicked,
    Message,
    Missing,
    ModesSet,
    Muted,
    Offline,
    Online,
    Presence,
    PrivateMessage,
    RoleGiven,
    RoomLeft,
    Slowed,
    Told,
    Topic,
    Trouble,
    Unmuted,
    told_line,
)
from wassop.locale import Translations
from wassop.wire.sentences import is_about_author, sentence

_MAX_NAMES: Final = 3


def line_of(told: Told, current: str | None, me: str, tr: Translations) -> str | None:
    """`told` for somebody who is in the room `current`; None for what nobody needs to read."""
    match told:
        case Message(room) if is_about_author(told.kind):
            line = told_line(told, tr)
            return f"{_place(room, current)}{line}" if line else None
        case Message(room, _, author):
            text = sentence(told.kind, author, told.text, told.quote or ("", ""), tr)
            if not text:
                return None
            marks = tr.gettext("to all") if told.to_all else ""
            return f"{_place(room, current)}{author}{f' ({marks})' if marks else ''}: {text}"
        case PrivateMessage(author, to, text):
            if author == me:
                return f"{tr.gettext('You')} ({tr.gettext('to {name}').format(name=to)}): {text}"
            mark = tr.gettext("private, while you were away") if told.was_kept else tr.gettext("private")
            return f"{author} ({mark}): {text}"
        case Presence():
            return _presence(told, current, me, tr)
        case Topic(room, text, author):
            if text:
                line = tr.gettext("{name} has set the topic: {topic}").format(name=author, topic=text)
            else:
                line = tr.gettext("{name} has removed the topic.").format(name=author)
            return _place(room, current) + line
        case RoomLeft(room):
            return tr.gettext("You are no longer in the room {room}.").format(room=room)
        case Missing(_, count):
            line = tr.ngettext(
                "{count} message that the server no longer remembers is missing here.",
                "{count} messages that the server no longer remembers are missing here.",
                count,
            )
            return line.format(count=count)
        case Offline():
            return tr.gettext("The connection was lost; retrying.")
        case Online():
            return tr.gettext("The connection is back.")
        case Slowed():
            return tr.gettext("You write faster than the server reads: it takes longer to arrive.")
        case Trouble(_, text):
            return text
        case Invited(room):
            way = tr.gettext("/join {room} goes there.").format(room=room)
            return f"{deed_sentence(told, me, tr)} {way}"
        case RoleGiven() | Kicked() | Muted() | Unmuted() | ModesSet():
            place = "" if told.room is None else _place(told.room, current)
            return place + deed_sentence(told, me, tr)


def _place(room: str, current: str | None) -> str:
    return "" if room == current else f"[{room}] "


def _presence(news: Presence, current: str | None, me: str, tr: Translations) -> str | None:
    joined, left, gone = (
        [name for name in names if name != me] for names in (news.joined, news.left, news.gone)
    )
    sentences = []
    if joined:
        text = tr.ngettext("{names} has joined the room.", "{names} have joined the room.", len(joined))
        sentences.append(text.format(names=_listing(joined, tr)))
    if left:
        text = tr.ngettext("{names} has left the room.", "{names} have left the room.", len(left))
        sentences.append(text.format(names=_listing(left, tr)))
    if gone:
        text = tr.ngettext("{names} has left the chat.", "{names} have left the chat.", len(gone))
        sentences.append(text.format(names=_listing(gone, tr)))
    return _place(news.room, current) + " ".join(sentences) if sentences else None


def _listing(names: Sequence[str], tr: Translations) -> str:
    """`ana`, `ana and bob`, `ana, bob, eva and 7 more`."""
    if len(names) == 1:
        return names[0]
    shown = list(names[:_MAX_NAMES])
    rest = len(names) - len(shown)
    last = tr.ngettext("{count} more", "{count} more", rest).format(count=rest) if rest else shown.pop()
    return tr.gettext("{names} and {last}").format(names=", ".join(shown), last=last)
