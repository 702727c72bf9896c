"""The dialect of a person with netcat or telnet: the menu and the words of the first seed document.

What a line means depends on where the visitor is: naming oneself, at the main menu, in a room, or asked
whether to leave it.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import Final, Literal

from wassop.core import commands, events
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName, UserName
from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.locale import Translations, translations
from wassop.wire import phrases
from wassop.wire.codec import PLAIN_HISTORY, Answered, Item, Malformed, Request, WireSettings
from wassop.wire.framing import LineSplitter, Overlong

_BANNER: Final = f"{'*' * 43}\nWassop by Juan Miguel\n{'*' * 43}\n"
_EMOJI: Final = {"LOVE": "❤️", "LIKE": "👍", "DISLIKE": "👎"}
_YES: Final = frozenset({"s", "si", "sí", "y", "yes"})
# What telnet says of itself (RFC 854): IAC and two bytes for options, IAC and one for other commands.
_TELNET: Final = re.compile(rb"\xff[\xfb-\xfe].|\xff[^\xff]", re.DOTALL)

Place = Literal["menu", "room", "lobby"]


class _Stage(Enum):
    NAMING = auto()
    MENU = auto()
    ROOM = auto()
    CONFIRMING = auto()


class PlainEncoder:
    """Events as lines, for all readers of one language who are in the same kind of place."""

    paced = False

    def __init__(self, lang: str, place: Place) -> None:
        self._tr: Final = translations(lang)
        self._place: Final = place

    def encode(self, event: events.Event) -> bytes:
        """A line or two; nothing for what is not told here."""
        text = self._text(event)
        if not text:
            return b""
        if self._place == "menu":  # a prompt waits on the line
            return f"\n{text}\n{menu_prompt(self._tr)}".encode()
        return f"{text}\n".encode()

    def encode_own(self, event: events.Event) -> bytes:
        """Nothing: who caused it had an answer."""
        del event
        return b""

    def _text(self, event: events.Event) -> str:
        match event:
            case events.Said():
                # Only members get what is said in other rooms, so this is the visitor's room or the lobby.
                return (
                    ""
                    if self._place == "menu"
                    else said_line(event, self._tr, in_lobby=self._place == "lobby")
                )
            case events.Told(author, _, text):
                return f"{author.text} ({self._tr.gettext('private')}): {visible(text)}"
            case events.Presence():
                here = (event.room.text == LOBBY) == (self._place == "lobby")
                return "\n".join(presence_lines(event, self._tr)) if here and self._place != "menu" else ""
            case events.Typing() | events.Roster():
                return ""


def presence_lines(news: events.Presence, tr: Translations) -> Iterator[str]:
    """Up to three sentences: who came in, who left the room, who left the chat."""
    if news.joined:
        text = tr.ngettext("{names} has joined the room.", "{names} have joined the room.", len(news.joined))
        yield text.format(names=phrases.name_list(news.joined, tr))
    if news.left:
        text = tr.ngettext("{names} has left the room.", "{names} have left the room.", len(news.left))
        yield text.format(names=phrases.name_list(news.left, tr))
    if news.gone:
        text = tr.ngettext("{names} has left the chat.", "{names} have left the chat.", len(news.gone))
        yield text.format(names=phrases.name_list(news.gone, tr))


@lru_cache
def plain_encoder(lang: str, place: Place) -> PlainEncoder:
    """The one encoder of a language and a kind of place."""
    return PlainEncoder(lang, place)


def said_line(said: events.Said, tr: Translations, *, in_lobby: bool, reader: UserName | None = None) -> str:
    """`juanmi: hola a todos!`; what is said to everybody is marked; one's own lines begin with `Tú`."""
    author = tr.gettext("You") if said.author == reader else said.author.text
    to_all = said.to_all or (said.room.text == LOBBY and not in_lobby)
    mark = f" ({tr.gettext('to all')})" if to_all else ""
    return f"{author}{mark}: {visible(said.text)}"


def menu_prompt(tr: Translations) -> str:
    """What waits on the last line of the main menu."""
    return tr.gettext("Type the name of a room or a command: ")


class PlainCodec:
    """One visitor who types lines."""

    dialect = "plain"

    def __init__(self, settings: WireSettings) -> None:
        self._settings: Final = settings
        self._tr: Final = translations(settings.lang)
        self._lines: Final = LineSplitter(settings.max_line_bytes)
        self._stage = _Stage.NAMING
        self._name: UserName | None = None
        self._room: RoomName | None = None

    @property
    def encoder(self) -> PlainEncoder:
        """Depends on where the visitor is."""
        place: Place = "menu" if self._room is None else "lobby" if self._room.text == LOBBY else "room"
        return plain_encoder(self._settings.lang, place)

    def greeting(self) -> bytes:
        """The banner, and the question for the name."""
        return f"{_BANNER}{self._name_prompt()}".encode()

    def farewell(self, reason: events.Farewell) -> bytes:
        """The last line of a connection."""
        return f"\n{phrases.farewell(reason, self._tr)}\n".encode()

    def ping(self) -> bytes:
        """Nothing: a person is not asked; a dead connection is noticed by TCP's own probes."""
        return b""

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """The requests in the lines that `data` completes."""
        for line in self._lines.receive_data(data):
            yield from self._understand(line)

    has_rest = False

    def receive_pause(self) -> Iterator[Item]:
        """Nothing: a line ends with its end, however long that takes."""
        return iter(())

    def receive_eof(self) -> Iterator[Item]:
        """The request in the last line, if it lacks its end."""
        for line in self._lines.receive_eof():
            yield from self._understand(line)

    # Lines to commands

    def _understand(self, raw: bytes | Overlong) -> Iterator[Item]:
        if isinstance(raw, Overlong):
            yield Malformed(Refused(Code.LINE_TOO_LONG, {"limit": self._settings.max_line_bytes}))
            return
        try:
            line = _TELNET.sub(b"", raw).decode().strip()
        except UnicodeDecodeError:
            yield Malformed(Refused(Code.BAD_ENCODING))
            return
        if self._stage is _Stage.CONFIRMING:
            yield from self._confirmed(line)
        elif self._stage is _Stage.NAMING:
            yield from self._naming(line)
        elif line.startswith("/") and not line.startswith("//"):
            yield self._slash(line)
        elif self._stage is _Stage.MENU:
            yield self._at_menu(line)
        elif line == "EXIT":
            self._stage = _Stage.CONFIRMING
            assert self._room is not None
            yield Answered(self._confirm_prompt(self._room))
        elif line and self._room is not None:
            yield Request(commands.Say(self._room.text, _EMOJI.get(line, line.removeprefix("/"))))

    def _naming(self, line: str) -> Iterator[Item]:
        if line == "QUIT":
            yield Request(commands.Quit())
            return
        yield Request(commands.Identify(line))
        if self._stage is _Stage.MENU:
            yield Request(commands.ListRooms())

    def _at_menu(self, line: str) -> Item:
        match line:
            case "REFR":
                return Request(commands.ListRooms())
            case "QUIT":
                return Request(commands.Quit())
            case _:
                return Request(commands.Join(line.removeprefix("/"), history=PLAIN_HISTORY))

    def _confirmed(self, line: str) -> Iterator[Item]:
        assert self._room is not None
        self._stage = _Stage.ROOM
        if line.casefold() in _YES:
            yield Request(commands.Leave(self._room.text))
            yield Request(commands.ListRooms())
        else:
            text = self._tr.gettext("You stay in the room {room}.").format(room=self._room)
            yield Answered(f"{text}\n".encode())

    def _slash(self, line: str) -> Item:
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        to, _, text = rest.partition(" ")
        match word:
            case "/msg" if text.strip():
                return Request(commands.Tell(to, text.strip()))
            case "/msg":
                return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": "/msg ana hola"}))
            case "/all" if rest:
                return Request(commands.Announce(rest))
            case "/all":
                return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": "/all hola"}))
            case "/who":
                here = self._room.text if self._room else None
                return Request(commands.Who(rest or here))
            case "/rooms":
                return Request(commands.ListRooms())
            case "/quit":
                return Request(commands.Quit())
            case "/help":
                return Answered(self._help())
            case _:
                return Malformed(Refused(Code.UNKNOWN_COMMAND, {"command": visible(word)}))

    # Answers to lines

    def answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """What the visitor reads, with the prompt for what comes next."""
        del item
        text = self._answer(answer)
        # The room list, which is asked for next, brings the prompt.
        prompt = "" if isinstance(answer, events.Welcome | events.Left | events.Bye) else self._prompt()
        return f"{text}{prompt}".encode() if text else b""

    def _answer(self, answer: events.Answer) -> str:
        tr = self._tr
        match answer:
            case Refused():
                return f"ERROR: {phrases.refusal(answer, tr)}\n"
            case events.Accepted(text=text, to=to, to_all=to_all):
                mark = f" ({tr.gettext('to {name}').format(name=to)})" if to else ""
                mark = f" ({tr.gettext('to all')})" if to_all else mark
                return f"{tr.gettext('You')}{mark}: {visible(text)}\n"
            case events.Welcome(name):
                self._name, self._stage = name, _Stage.MENU
                return tr.gettext("You have joined as {name}.").format(name=name) + "\n\n"
            case events.RoomList(rooms):
                return self._menu(rooms) if self._stage is _Stage.MENU else self._room_lines(rooms)
            case events.Joined():
                self._stage, self._room = _Stage.ROOM, answer.room
                return self._entered(answer)
            case events.Left(room):
                self._stage, self._room = _Stage.MENU, None
                return tr.gettext("You have left the room {room}.").format(room=room) + "\n\n"
            case events.Members(room, names):
                where = room.text if room else tr.gettext("Connected")
                return f"{where} ({len(names)}): {', '.join(name.text for name in names)}\n"
            case events.Bye(reason):
                return f"{phrases.farewell(reason, tr)}\n"
            case events.Pong() | events.Noted():
                return ""

    def _entered(self, joined: events.Joined) -> str:
        tr, room = self._tr, joined.room
        lines = [
            tr.gettext("You have joined the room {room}.").format(room=room),
            "",
            tr.gettext(
                "You are in the room {room}. Write messages, or use EXIT to go back to the main menu."
            ).format(room=room),
        ]
        if joined.history:
            in_lobby = room.text == LOBBY
            lines += [said_line(said, tr, in_lobby=in_lobby, reader=self._name) for said in joined.history]
            lines.append(f"---- {tr.gettext('New messages')} ----")
        return "".join(f"{line}\n" for line in lines)

    def _menu(self, rooms: tuple[events.RoomInfo, ...]) -> str:
        tr = self._tr
        return "".join(
            f"{line}\n"
            for line in (
                f"---- {tr.gettext('Main menu')} ----",
                tr.gettext("Join a room!"),
                tr.gettext("To join a room, just type its name: <room_name>"),
                *self._room_lines(rooms).splitlines(),
                f"* {tr.gettext('Refresh the list of rooms: REFR')}",
                f"* {tr.gettext('Leave the application: QUIT')}",
                "",
            )
        )

    def _room_lines(self, rooms: tuple[events.RoomInfo, ...]) -> str:
        names = [info.room.text for info in rooms if not info.is_lobby]
        return "".join(f"{line}\n" for line in (self._tr.gettext("Available rooms:"), *names))

    def _prompt(self) -> str:
        if self._stage is _Stage.NAMING:
            return self._name_prompt()
        return menu_prompt(self._tr) if self._stage is _Stage.MENU else ""

    def _name_prompt(self) -> str:
        return self._tr.gettext("Enter your user name: ")

    def _confirm_prompt(self, room: RoomName) -> bytes:
        # With its own line end: what others say meanwhile begins a new line.
        text = self._tr.gettext("Do you really want to leave the room {room}? (y/n)").format(room=room)
        return f"{text}\n".encode()

    def _help(self) -> bytes:
        tr = self._tr
        lines = [
            tr.gettext(
                "In a room every line is a message; // at the beginning sends a line that starts with /."
            ),
            tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
            tr.gettext("/msg NAME TEXT   a private message"),
            tr.gettext("/all TEXT        a message to everyone connected"),
            tr.gettext("/who [ROOM]      who is here"),
            tr.gettext("/rooms           which rooms there are"),
            tr.gettext("/quit            leave the chat"),
        ]
        return ("".join(f"{line}\n" for line in lines) + self._prompt()).encode()
