"""The commands that there are, and the words of the seed."""

from collections.abc import Callable
from typing import Final

from attrs import evolve

from wassop.client.actions import toggle_keys, toggle_typing
from wassop.client.commands import Command, Completes
from wassop.client.emojis import with_emojis
from wassop.client.finding import search
from wassop.client.going import (
    close_tab,
    exit_room,
    go,
    join,
    leave,
    list_rooms,
    move_tab,
    show_members,
)
from wassop.client.happenings import Finish
from wassop.client.line import Kind
from wassop.client.lines import HELP_COLUMNS
from wassop.client.reading import tell_read
from wassop.client.saying import announce, talk, tell
from wassop.client.topics import set_topic, show_topic
from wassop.client.turn import Turn
from wassop.locale import N_


def _quit(turn: Turn, _: str) -> None:
    tell_read(turn)
    turn.effects.append(Finish())


def _topic(turn: Turn, text: str) -> None:
    if text:
        set_topic(turn, with_emojis("" if text == "-" else text))
    else:
        show_topic(turn)


def _help(turn: Turn, _: str) -> None:
    tr = turn.tr  # what is wanted most comes last, where it is seen
    turn.show(Kind.HEADING, tr.gettext("Good to know"))
    for text in (
        tr.gettext("In a room every line is a message; // at the beginning sends a line that starts with /."),
        tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
        tr.gettext(
            "Tab completes commands, rooms, @names and emojis like :corazon:; ↑ and ↓ bring back lines."
        ),
        tr.gettext(
            "Page Up, Page Down, Home, End and the mouse wheel move through the history; "
            "at its top, what was said earlier is fetched."
        ),
        tr.gettext(
            "/search narrows with room:NAME from:NAME since:DATE until:DATE; "
            "dates like 2026-01-31, 31/01/2026, 2d or 1h ago."
        ),
        tr.gettext("With Shift held down, the mouse selects text to copy."),
    ):
        turn.notice(text)
    turn.show(Kind.HEADING, tr.gettext("Keys"))
    for keys, purpose in KEYS_HELP:
        _help_on(turn, keys, purpose)
    turn.show(Kind.HEADING, tr.gettext("Commands"))
    for command in COMMANDS:
        arguments = tr.gettext(command.arguments) if command.arguments else ""
        _help_on(turn, f"{command.word} {arguments}", command.purpose)


def _help_on(turn: Turn, words: str, purpose: str) -> None:
    turn.show(Kind.HELP, f"{words:<{HELP_COLUMNS}}{turn.tr.gettext(purpose)}")


KEYS_HELP: Final = (
    ("Alt-1 … Alt-9", N_("go to that conversation")),
    ("Ctrl-N, Ctrl-P", N_("to the next conversation, to the one before")),
    ("Alt-A", N_("to the next one where something is unread")),
    ("Alt-U", N_("to where the unread begins")),
    ("Alt-W", N_("close this conversation; a room is left")),
    ("Ctrl-Shift-PgUp/PgDn", N_("move this conversation among the others")),
    ("F1", N_("this help")),
    ("F2", N_("show or hide who is here")),
    ("F4", N_("only what was said, for copying; again: back")),
    ("Alt-Enter", N_("another line in the same message")),
    ("Ctrl-R", N_("find a line that you have entered")),
    ("Ctrl-_", N_("undo")),
)

COMMANDS: Final = (
    Command("/rooms", "", N_("which rooms there are"), list_rooms, is_request=True),
    Command(
        "/join",
        N_("ROOM"),
        N_("go into a room, or make it the current one"),
        join,
        is_request=True,
        is_bare=False,
        completes=Completes.ROOMS,
    ),
    Command(
        "/leave", N_("[ROOM]"), N_("leave a room"), leave, is_request=True, completes=Completes.OWN_ROOMS
    ),
    Command(
        "/msg",
        N_("NAME [TEXT]"),
        N_("a private message; without a text, the conversation"),
        tell,
        is_bare=False,
        completes=Completes.PEOPLE,
    ),
    Command("/go", N_("NAME"), N_("to a conversation, or by its number to what was found"), go, is_bare=False,
            completes=Completes.TABS),
    Command("/close", "", N_("close this conversation; a room is left"), close_tab),
    Command("/move", N_("NUMBER"), N_("move this conversation to that place"), move_tab, is_bare=False),
    Command(
        "/topic", N_("[TEXT]"), N_("show or set what the room is about; - removes it"), _topic
    ),
    Command("/who", "", N_("who is here"), show_members, is_request=True),
    Command("/all", N_("TEXT"), N_("a message to everyone connected"), announce, is_bare=False),
    Command(
        "/search",
        N_("WORDS"),
        N_("find what was said"),
        search,
        is_request=True,
        is_bare=False,
        completes=Completes.SEARCH,
    ),
    Command(
        "/typing", N_("[on|off]"), N_("whether others see that you are typing"), toggle_typing,
        completes=Completes.ON_OFF,
    ),
    Command(
        "/keys", N_("[emacs|vi]"), N_("whose keys the input bar obeys"), toggle_keys, completes=Completes.KEYS
    ),
    Command("/help", "", N_("this help"), _help),
    Command("/quit", "", N_("leave the chat"), _quit),
)  # fmt: skip


def _sends(emoji: str) -> Callable[[Turn, str], None]:
    def do(turn: Turn, _: str) -> None:
        talk(turn, emoji)

    return do


_REFRESH: Final = Command("REFR", "", N_("which rooms there are"), list_rooms, is_request=True)
_QUIT: Final = Command("QUIT", "", N_("leave the chat"), _quit)
_EXIT: Final = Command("EXIT", "", N_("back to the main menu"), exit_room)
MENU_WORDS: Final = (evolve(_REFRESH, purpose=N_("refresh the list of rooms")), _QUIT)
"""Words of the seed that count at the main menu, in any case, where nobody talks."""
ROOM_WORDS: Final = (
    _EXIT,
    _REFRESH,
    _QUIT,
    *(
        Command(word, "", emoji, _sends(emoji))
        for word, emoji in {"LOVE": "❤️", "LIKE": "👍", "DISLIKE": "👎"}.items()
    ),
)
"""Words that count when they stand alone on a line."""
