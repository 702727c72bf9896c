"""The commands that there are, and the words of the seed."""

from collections.abc import Callable
from typing import Final

from attrs import evolve

from wassop.client.accounting import change_password, login, logout, register
from wassop.client.alerts import set_level
from wassop.client.away import be_away
from wassop.client.choosing import (
    delete_command,
    edit_command,
    react_command,
    reply_command,
    retry_command,
)
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
from wassop.client.happenings import Finish, RevealFrom
from wassop.client.ignoring import ignore, unignore
from wassop.client.keymap import shown_keys
from wassop.client.line import Kind
from wassop.client.lines import HELP_COLUMNS
from wassop.client.ordering import ordering
from wassop.client.preferences import set_setting, toggle_keys, toggle_typing
from wassop.client.reading import tell_read
from wassop.client.saying import announce, do, talk, tell
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
    tr = turn.tr  # what is wanted most comes last, where it is seen from its beginning
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
        tr.gettext("In the list of people @ marks owners and operators, + those with a voice."),
        tr.gettext("With Shift held down, the mouse selects text to copy."),
    ):
        turn.notice(text)
    turn.show(Kind.HEADING, tr.gettext("Keys"))
    for keys, purpose in KEYS_HELP:
        shown = keys if isinstance(keys, str) else shown_keys(turn.state.settings.keys, keys)
        if shown:
            _help_on(turn, shown, purpose)
    turn.effects.append(RevealFrom(turn.show(Kind.HEADING, tr.gettext("Commands"))))
    for command in COMMANDS:
        arguments = tr.gettext(command.arguments) if command.arguments else ""
        _help_on(turn, f"{command.word} {arguments}", command.purpose)


def _help_on(turn: Turn, words: str, purpose: str) -> None:
    turn.show(Kind.HELP, f"{words:<{HELP_COLUMNS - 1}} {turn.tr.gettext(purpose)}")


KEYS_HELP: Final[tuple[tuple[str | tuple[str, ...], str], ...]] = (
    (("tab-1", "tab-2"), N_("go to that conversation; and so on up to 9")),
    (("next-tab", "previous-tab"), N_("to the next conversation, to the one before")),
    (("unread-tab",), N_("to the next one where something is unread")),
    (("unread-line",), N_("to where the unread begins")),
    ("↑", N_("on an empty line: correct your last message; once more: the lines you have entered")),
    (("choose-above", "choose-below"), N_("choose a message to answer, correct, delete or react to")),
    (("retry",), N_("send again what was not delivered")),
    (("close-tab",), N_("close this conversation; a room is left")),
    (("move-tab-left",), N_("move this conversation to the left")),
    (("move-tab-right",), N_("move this conversation to the right")),
    (("help",), N_("this help")),
    (("people",), N_("show or hide who is here")),
    (("people-up", "people-down"), N_("move through the list of who is here")),
    (("bare",), N_("only what was said, for copying; again: back")),
    (("new-line",), N_("another line in the same message")),
    ("Ctrl-R", N_("find a line that you have entered")),
    ("Ctrl-_", N_("undo")),
)
"""Keys of the input bar as they are called, those of actions by the actions' names; and what they do."""

ACCOUNTING: Final = (
    Command("/register", "", N_("have your name for yourself: asks for a password"), register,
            is_request=True),
    Command("/login", N_("NAME"), N_("become somebody registered: asks for the password"), login,
            is_request=True, is_bare=False),
    Command("/password", "", N_("another password; your other sessions end"), change_password,
            is_request=True),
    Command("/logout", "", N_("have no name any more"), logout, is_request=True),
)  # fmt: skip


def _order(
    word: str, arguments: str, purpose: str, completes: Completes = Completes.PEOPLE, *, is_bare: bool = False
) -> Command:
    return Command(word, arguments, purpose, ordering(word), True, is_bare, completes)


ORDERING: Final = (
    _order("/kick", N_("NAME [WHY]"), N_("put somebody out of the room; in the lobby: off the server")),
    _order("/ban", N_("NAME [2h] [WHY]"), N_("keep somebody out, also account:NAME or 10.0.0.0/8")),
    _order("/unban", N_("NAME"), N_("let somebody in again")),
    _order("/bans", "", N_("who is banned or muted"), Completes.NOTHING, is_bare=True),
    _order("/mute", N_("NAME [10m] [WHY]"), N_("let somebody speak no more here")),
    _order("/unmute", N_("NAME"), N_("let somebody speak again")),
    _order("/voice", N_("NAME"), N_("let somebody speak where the room is moderated")),
    _order("/devoice", N_("NAME"), N_("make somebody an ordinary member again")),
    _order("/op", N_("NAME"), N_("make somebody an operator of the room")),
    _order("/deop", N_("NAME"), N_("make an operator an ordinary member")),
    _order("/owner", N_("NAME"), N_("make somebody an owner of the room")),
    _order("/invite", N_("NAME"), N_("tell somebody of the room, and let them in")),
    _order("/mode", N_("[MODE on|off]"), N_("how the room is set, or to set it; /mode password asks for one"),
           Completes.MODES, is_bare=True),
)  # fmt: skip

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
    Command(
        "/who", N_("[ROOM]"), N_("who is here"), show_members, is_request=True, completes=Completes.ROOMS
    ),
    Command(
        "/reply", N_("TEXT"), N_("answer the last message of somebody else"), reply_command, is_bare=False
    ),
    Command("/edit", N_("[TEXT]"), N_("correct your last message"), edit_command),
    Command("/delete", "", N_("delete your last message"), delete_command),
    Command(
        "/react", N_("EMOJI"), N_("react to the last message of somebody else; again: take it back"),
        react_command, is_bare=False,
    ),
    Command("/retry", "", N_("send again what was not delivered"), retry_command),
    Command("/me", N_("TEXT"), N_("tell what you do: * ana waves"), do, is_bare=False),
    Command("/away", N_("[TEXT]"), N_("be away, and tell why; again: be back"), be_away, is_request=True),
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
    Command(
        "/notify", N_("[LEVEL]"), N_("of what you are notified here: all, mentions, none"), set_level,
        completes=Completes.LEVELS,
    ),
    Command(
        "/ignore", N_("[NAME]"), N_("do not read what somebody says; alone: whom you ignore"), ignore,
        completes=Completes.PEOPLE,
    ),
    Command(
        "/unignore", N_("NAME"), N_("read what somebody says again"), unignore, is_bare=False,
        completes=Completes.IGNORED,
    ),
    Command(
        "/set", N_("[NAME [VALUE]]"), N_("settings: colours, notifications and others"), set_setting,
        completes=Completes.SETTINGS,
    ),
    *ACCOUNTING,
    *ORDERING,
    Command("/help", "", N_("this help"), _help),
    Command("/quit", "", N_("leave the chat"), _quit),
)  # fmt: skip


def _sends(emoji: str) -> Callable[[Turn, str], None]:
    def do(turn: Turn, _: str) -> None:
        talk(turn, emoji)

    return do


SHORTHANDS: Final = {"LOVE": "❤️", "LIKE": "👍", "DISLIKE": "👎"}
"""Words that, alone on a line, are sent as an emoji."""
_REFRESH: Final = Command("REFR", "", N_("which rooms there are"), list_rooms, is_request=True)
_QUIT: Final = Command("QUIT", "", N_("leave the chat"), _quit)
_EXIT: Final = Command("EXIT", "", N_("back to the main menu"), exit_room)
MENU_WORDS: Final = (evolve(_REFRESH, purpose=N_("refresh the list of rooms")), _QUIT)
"""Words of the seed that count at the main menu, in any case, where nobody talks."""
ROOM_WORDS: Final = (
    _EXIT,
    _REFRESH,
    _QUIT,
    *(Command(word, "", emoji, _sends(emoji)) for word, emoji in SHORTHANDS.items()),
)
"""Words that count when they stand alone on a line."""
