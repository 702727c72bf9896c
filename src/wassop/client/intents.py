"""What a person typed, as an intent. Pure: it knows words, not the server."""

from typing import Final

from attrs import frozen

from wassop.locale import N_

SHORTHANDS: Final = {"LOVE": "❤️", "LIKE": "👍", "DISLIKE": "👎"}
"""Words that, alone on a line, are sent as an emoji."""
YES: Final = frozenset({"s", "si", "sí", "y", "yes"})


@frozen
class Talk:
    """Say `text` in the current room."""

    text: str


@frozen
class Tell:
    """Say `text` to one person."""

    to: str
    text: str


@frozen
class Announce:
    """Say `text` to everyone connected."""

    text: str


@frozen
class Join:
    """Go into a room."""

    room: str


@frozen
class Leave:
    """Leave a room, the current one if none is named."""

    room: str | None = None


@frozen
class Exit:
    """Leave the current room for the main menu, after a question."""


@frozen
class SetTopic:
    """Let `text` be what the current room is about; an empty text: nothing any more."""

    text: str


@frozen
class ShowTopic:
    """Show what the current room is about."""


@frozen
class ListRooms:
    """Show which rooms there are."""


@frozen
class ShowMembers:
    """Show who is here."""


@frozen
class Help:
    """Show the commands."""


@frozen
class Quit:
    """Leave the chat."""


@frozen
class Unknown:
    """A word with a slash that is no command."""

    word: str


@frozen
class Incomplete:
    """A command without what it needs; `usage` shows it whole."""

    usage: str


@frozen
class Nothing:
    """An empty line."""


@frozen
class Search:
    """Find messages; `text` holds words and filters."""

    text: str


@frozen
class Go:
    """Go to what the newest search found under `number`."""

    number: int


Request = Join | Leave | SetTopic | ListRooms | ShowMembers | Search | Go
"""What needs the server at once."""

Intent = Talk | Tell | Announce | Request | ShowTopic | Exit | Help | Quit | Unknown | Incomplete | Nothing


@frozen
class Described:
    """A command as /help and the completion menu show it; the texts are to be translated."""

    word: str
    arguments: str
    purpose: str


COMMANDS: Final = (
    Described("/rooms", "", N_("which rooms there are")),
    Described("/join", N_("ROOM"), N_("go into a room, or make it the current one")),
    Described("/leave", N_("[ROOM]"), N_("leave a room")),
    Described("/msg", N_("NAME TEXT"), N_("a private message")),
    Described("/topic", N_("[TEXT]"), N_("show or set what the room is about; - removes it")),
    Described("/who", "", N_("who is here")),
    Described("/all", N_("TEXT"), N_("a message to everyone connected")),
    Described("/search", N_("WORDS"), N_("find what was said")),
    Described("/go", N_("NUMBER"), N_("go to what was found")),
    Described("/help", "", N_("this help")),
    Described("/quit", "", N_("leave the chat")),
)
MENU_WORDS: Final = (
    Described("REFR", "", N_("refresh the list of rooms")),
    Described("QUIT", "", N_("leave the chat")),
)
ROOM_WORDS: Final = (
    Described("EXIT", "", N_("back to the main menu")),
    Described("REFR", "", N_("which rooms there are")),
    Described("QUIT", "", N_("leave the chat")),
    *(Described(word, "", emoji) for word, emoji in SHORTHANDS.items()),
)


def understand_in_room(line: str) -> Intent:
    """What `line` means to somebody in a room: a message, unless it is a command or a word of the seed."""
    text = line.strip()
    match text:
        case "":
            return Nothing()
        case "EXIT":
            return Exit()
        case "QUIT":
            return Quit()
        case "REFR":
            return ListRooms()
        case _ if text in SHORTHANDS:
            return Talk(SHORTHANDS[text])
    if text.startswith("/") and not text.startswith("//"):
        return _command(text)
    return Talk(text.removeprefix("/"))


def understand_at_menu(line: str) -> Intent:
    """What `line` means at the main menu: a room's name, unless it is a command.

    The seed's words are taken in any case here, where nobody talks. `EXIT` has nowhere to go.
    """
    text = line.strip()
    match text.upper():
        case "":
            return Nothing()
        case "QUIT":
            return Quit()
        case "REFR":
            return ListRooms()
        case "EXIT":
            return Exit()
    if text in SHORTHANDS:
        return Talk(SHORTHANDS[text])
    if text.startswith("/") and not text.startswith("//"):
        return _command(text)
    return Join(text.removeprefix("/"))


def usage(word: str) -> Described:
    """How the command `word` is written."""
    return next(command for command in COMMANDS if command.word == word)


def _command(line: str) -> Intent:
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    match word:
        case "/rooms":
            return ListRooms()
        case "/join":
            return Join(rest) if rest else Incomplete(word)
        case "/leave":
            return Leave(rest or None)
        case "/msg":
            name, _, text = rest.partition(" ")
            name, text = name.removeprefix("@"), text.strip()
            return Tell(name, text) if name and text else Incomplete(word)
        case "/topic":
            return SetTopic("" if rest == "-" else rest) if rest else ShowTopic()
        case "/who":
            return ShowMembers()
        case "/all":
            return Announce(rest) if rest else Incomplete(word)
        case "/search":
            return Search(rest) if rest else Incomplete(word)
        case "/go":
            # Longer numbers are no places in a list, and int() refuses the longest.
            is_number = rest.isascii() and rest.isdigit() and len(rest) <= 9
            return Go(int(rest)) if is_number else Incomplete(word)
        case "/help":
            return Help()
        case "/quit":
            return Quit()
        case _:
            return Unknown(word)
