"""Sentences that several dialects share, in the visitor's language."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from wassop.core.accounts import ServerRole
from wassop.core.deeds import Invited, Kicked, ModesSet, Muted, RoleGiven, Unmuted
from wassop.core.events import (
    Away,
    Event,
    Farewell,
    Kind,
    Presence,
    Said,
    Told,
    ToldElsewhere,
    TopicSet,
)
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName, UserName
from wassop.core.refusals import TEXTS, Refused
from wassop.core.roles import Role
from wassop.core.text import visible
from wassop.locale import N_, Translations
from wassop.wire import deed_phrases
from wassop.wire.sentences import away_line, is_about_author, sentence

_MAX_ECHO_CHARS: Final = 60
ELLIPSIS: Final = "…"
_MAX_NAMES_IN_A_LINE: Final = 3

Place = Literal["outside", "room", "lobby"]
"""Where a visitor is whose dialect has rooms: what is told depends on it."""

_FAREWELLS: Mapping[Farewell, str] = {
    Farewell.QUIT: N_("Goodbye!"),
    Farewell.SHUTDOWN: N_("The server is stopping."),
    Farewell.SLOW_READER: N_("You are reading too slowly; what was said meanwhile is in the history."),
    Farewell.IDLE: N_("Nothing was heard from you for too long."),
    Farewell.LOST: N_("The connection was lost."),
    Farewell.NOT_SPOKEN: N_("This server does not speak that protocol."),
    Farewell.NOT_ALLOWED: N_("Your address is not authorised here."),
    Farewell.SILENT: N_("You have said nothing so far; come back when you like."),
    Farewell.UNNAMED: N_("You have told no name so far; come back when you like."),
    Farewell.SERVER_FULL: N_("Too many connections to this server; try again later."),
    Farewell.ADDRESS_FULL: N_("Too many connections from your address."),
    Farewell.CONNECTING_TOO_FAST: N_("Too many new connections from your address; try again in a moment."),
    Farewell.TLS_REQUIRED: N_("This server speaks only TLS."),
    Farewell.KICKED: N_("You were kicked off the server."),
    Farewell.BANNED: N_("You are banned from this server."),
    Farewell.NAME_REGISTERED: N_("Your name was registered for somebody; come back under another one."),
    Farewell.PASSWORD_CHANGED: N_("The password was changed; log in again."),
    Farewell.ACCOUNT_REMOVED: N_("Your account was removed."),
    Farewell.BAD_FRAME: N_("What came is no WebSocket message that can be read here."),
    Farewell.ERROR: N_("Something went wrong in the server; it has been noted."),
}


def refusal(refused: Refused, tr: Translations) -> str:
    """Why something was refused; what the visitor typed is repeated, harmless and up to 60 characters."""
    params = {key: _shown(key, value, tr) for key, value in refused.params.items()}
    return tr.gettext(TEXTS[refused.code]).format(**params)


def farewell(reason: Farewell, tr: Translations) -> str:
    """Why the connection ends."""
    return tr.gettext(_FAREWELLS[reason])


def slowed(tr: Translations) -> str:
    """Why nothing happens for a while."""
    return tr.gettext("You are writing faster than the server reads; nothing is lost, it only takes longer.")


def name_list(names: Sequence[UserName], tr: Translations) -> str:
    """`ana`, `ana and bob`, `ana, bob and 7 more`."""
    if len(names) == 1:
        return names[0].text
    shown = [name.text for name in names[:_MAX_NAMES_IN_A_LINE]]
    if len(names) > len(shown):
        rest = len(names) - len(shown)
        last = tr.ngettext("{count} more", "{count} more", rest).format(count=rest)
    else:
        last = shown.pop()
    return tr.gettext("{names} and {last}").format(names=", ".join(shown), last=last)


def came_and_went(news: Presence, tr: Translations) -> str:
    """Who has come into the chat and who has left it, for those who know of no rooms: `news` is of their
    lobby. Nobody leaves General but with the chat; who leaves a lobby of a door is gone for those in it."""
    parts = []
    if news.joined:
        text = tr.ngettext("{names} has joined the chat", "{names} have joined the chat", len(news.joined))
        parts.append(text.format(names=name_list(news.joined, tr)))
    if gone := news.left + news.gone:
        text = tr.ngettext("{names} left the chat", "{names} left the chat", len(gone))
        parts.append(text.format(names=name_list(gone, tr)))
    return ", ".join(parts)


def topic_line(topic: TopicSet, tr: Translations) -> str:
    """Who has said what the room is about, for the others."""
    if not topic.text:
        return tr.gettext("{name} has removed the topic.").format(name=topic.by)
    return tr.gettext("{name} has set the topic: {topic}").format(name=topic.by, topic=visible(topic.text))


# Messages about messages


def worded(said: Said, tr: Translations, *, in_one_line: bool = False) -> str:
    """What `said` says to those who know of texts only; empty where there is nothing to tell. A reply has
    what it answers in a line before it, unless there must be only one."""
    if said.kind is Kind.SAY:
        return said.text
    quoted = ("", "") if said.quoted is None else (said.quoted.author.text, said.quoted.excerpt)
    if said.kind is Kind.REPLY and said.text and all(quoted) and not in_one_line:
        return "> {}: {}\n".format(*quoted) + said.text
    return sentence(said.kind, said.author.text, said.text, quoted, tr)


def transcribed(said: Said, tr: Translations) -> str:
    """`ana: hola` in one line, whatever the text; empty where there is nothing to tell."""
    text = visible(worded(said, tr, in_one_line=True))
    return text if is_about_author(said.kind) or not text else f"{said.author}: {text}"


# For those who know of rooms


def place_of(room: RoomName | None) -> Place:
    """Where somebody is who is in `room`."""
    return "outside" if room is None else "lobby" if room.text == LOBBY else "room"


def told_lines(event: Event, place: Place, tr: Translations) -> list[str]:
    """The event as those in such a place read it; nothing for what is not told there."""
    match event:
        case Told():
            return [private_line(event, tr)]
        case ToldElsewhere(Told(to=to, text=text)):
            mark = tr.gettext("to {name}").format(name=to)
            return [f"{tr.gettext('You')} ({mark}): {visible(text)}"]
        # Only members get what is said in other rooms, so this is the visitor's room or the lobby.
        case Said() if place != "outside":
            return said_lines(event, tr, in_lobby=place == "lobby")
        case Away(who, text) if place != "outside":
            return [away_line(who.text, text, tr)]
        case Presence() if place == place_of(event.room):
            return list(presence_lines(event, tr))
        case RoleGiven() | Kicked(room=RoomName()) | Muted() if place == place_of(event.room):
            return [deed_phrases.deed_line(event, tr)]
        case Unmuted() | ModesSet() if place == place_of(event.room):
            return [deed_phrases.deed_line(event, tr)]
        case Invited():
            return [deed_phrases.deed_line(event, tr)]
        case _:
            return []


def private_line(told: Told, tr: Translations) -> str:
    """`ana (private): hola`; what was kept is marked."""
    mark = tr.gettext("private, while you were away") if told.kept else tr.gettext("private")
    return f"{told.author} ({mark}): {visible(told.text)}"


def said_lines(said: Said, tr: Translations, *, in_lobby: bool, reader: UserName | None = None) -> list[str]:
    """`juanmi: hola a todos!`; what is said to everybody is marked; one's own lines begin with `Tú`. Empty
    for what was deleted, and where there is nothing to tell."""
    if said.kind is Kind.SAY and said.text:
        texts = [said.text]
    else:
        text = worded(said, tr)
        if not text or is_about_author(said.kind):
            return [visible(text)] if text else []
        texts = text.split("\n", 1) if said.quoted is not None and said.quoted.excerpt else [text]
    author = tr.gettext("You") if said.author == reader else said.author.text
    to_all = said.to_all or (said.room.text == LOBBY and not in_lobby)
    mark = f" ({tr.gettext('to all')})" if to_all else ""
    return [f"{author}{mark}: {visible(text)}" for text in texts]


def presence_lines(news: Presence, tr: Translations) -> Iterator[str]:
    """Up to three sentences: who came in, who left the room, who left the chat."""
    if news.joined:
        text = tr.ngettext("{names} has joined the room.", "{names} have joined the room.", len(news.joined))
        yield text.format(names=name_list(news.joined, tr))
    if news.left:
        text = tr.ngettext("{names} has left the room.", "{names} have left the room.", len(news.left))
        yield text.format(names=name_list(news.left, tr))
    if news.gone:
        text = tr.ngettext("{names} has left the chat.", "{names} have left the chat.", len(news.gone))
        yield text.format(names=name_list(news.gone, tr))


# Cutting


def cut(text: str, max_bytes: int) -> str:
    """`text` in at most `max_bytes` of UTF-8, cut between characters, with an ellipsis when it was cut."""
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    return data[: max(0, max_bytes - len(ELLIPSIS.encode()))].decode(errors="ignore") + ELLIPSIS


def _shown(key: str, value: object, tr: Translations) -> object:
    match key:
        case "until":
            return deed_phrases.until(value, tr)
        case "reason":
            return deed_phrases.reason(_shortened(value))
        case "role" if isinstance(value, Role | ServerRole):
            return deed_phrases.least(value, tr)
        case _:
            return _shortened(value)


def _shortened(value: object) -> object:
    if not isinstance(value, str):
        return value
    return visible(value if len(value) <= _MAX_ECHO_CHARS else value[: _MAX_ECHO_CHARS - 1] + "…")
