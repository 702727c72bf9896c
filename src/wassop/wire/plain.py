"""The dialect of a person with netcat or telnet: the menu and the words of the first seed document.

What a line means depends on where the visitor is: naming oneself, at the main menu, in a room, or asked
whether to leave it.
"""

from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from wassop.core import commands, deeds, events
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName, UserName
from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.locale import translations
from wassop.wire import deed_phrases, phrases, slash
from wassop.wire.codec import PLAIN_HISTORY, Answered, Item, Malformed, Request, WireSettings
from wassop.wire.framing import LineSplitter, Overlong, decoded
from wassop.wire.plain_screen import Screen
from wassop.wire.plain_secrets import Secrets
from wassop.wire.telnet import HIDE, SHOW, TelnetFilter

_EMOJI: Final = {"LOVE": "❤️", "LIKE": "👍", "DISLIKE": "👎"}
_NEEDED: Final = frozenset({Code.PASSWORD_NEEDED, Code.ROOM_PASSWORD_NEEDED})
"""The question for it says it all."""
_YES: Final = frozenset({"s", "si", "sí", "y", "yes"})


class _Stage(Enum):
    NAMING = auto()
    MENU = auto()
    ROOM = auto()
    CONFIRMING = auto()


class PlainEncoder:
    """Events as lines, for all readers of one language who are in the same kind of place."""

    paced = False

    def __init__(self, lang: str, place: phrases.Place) -> None:
        self._tr: Final = translations(lang)
        self._screen: Final = Screen(self._tr)
        self._place: Final[phrases.Place] = place

    def encode(self, event: events.Event) -> bytes:
        """A line or two; nothing for what is not told here."""
        if isinstance(event, events.TopicSet):  # told to members only
            return f"{phrases.topic_line(event, self._tr)}\n".encode()
        if isinstance(event, events.Slowed):
            text = f"{phrases.slowed(self._tr)}\n"
        else:
            text = "".join(f"{line}\n" for line in phrases.told_lines(event, self._place, self._tr))
        # What was kept comes between the welcome and the menu; otherwise a prompt waits on the line.
        was_kept = isinstance(event, events.Told) and event.kept
        if text and self._place == "outside" and not was_kept:
            text = f"\n{text}{self._screen.menu_prompt}"
        return text.encode()

    def encode_own(self, event: events.Event) -> bytes:
        """Nothing: who caused it had an answer."""
        del event
        return b""


@lru_cache
def plain_encoder(lang: str, place: phrases.Place) -> PlainEncoder:
    """The one encoder of a language and a kind of place."""
    return PlainEncoder(lang, place)


class PlainCodec:
    """One visitor who types lines."""

    dialect = "plain"
    answers_in_order = True
    encoder_is_fixed = False

    def __init__(self, settings: WireSettings) -> None:
        self._settings: Final = settings
        self._tr: Final = translations(settings.lang)
        self._screen: Final = Screen(self._tr)
        self._telnet: Final = TelnetFilter()
        self._lines: Final = LineSplitter(settings.max_line_bytes)
        self._stage = _Stage.NAMING
        self._name: UserName | None = None
        self._room: RoomName | None = None
        self._has_account = False
        self._secrets: Secrets | None = None
        """What is being asked for."""

    @property
    def encoder(self) -> PlainEncoder:
        """Depends on where the visitor is."""
        return plain_encoder(self._settings.lang, phrases.place_of(self._room))

    def greeting(self) -> bytes:
        """The banner, and the question for the name."""
        return f"{self._screen.banner}{self._screen.name_prompt}".encode()

    def farewell(self, reason: events.Farewell) -> bytes:
        """The last line of a connection."""
        return f"\n{phrases.farewell(reason, self._tr)}\n".encode()

    def tell(self, event: events.Event) -> bytes:
        """Whoever is put out of a room is back at the menu."""
        if not isinstance(event, deeds.Kicked):
            return self.encoder.encode(event)
        line = deed_phrases.own_line(event, self._tr)
        if event.room is not None and event.room == self._room:
            self._stage, self._room = _Stage.MENU, None
        elif self._room is None:
            line = f"\n{line}"  # a prompt waits on the line
        return f"{line}\n{'' if event.room is None else self._prompt()}".encode()

    def ping(self) -> bytes:
        """Nothing: a person is not asked; a dead connection is noticed by TCP's own probes."""
        return b""

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """The requests in the lines that `data` completes."""
        for line in self._lines.receive_data(self._telnet.receive_data(data)):
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
        text = decoded(raw, self._settings.max_line_bytes)
        if isinstance(text, Refused):
            yield Malformed(text)
            return
        if self._secrets is not None:
            yield from self._typed(self._secrets, text)
            return
        line = text.strip()
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
            yield Answered(self._screen.confirmation(self._room).encode())
        elif line and self._room is not None:
            yield Request(commands.Say(self._room.text, _EMOJI.get(line, line.removeprefix("/"))))

    def _naming(self, line: str) -> Iterator[Item]:
        if line == "QUIT":
            yield Request(commands.Quit())
        elif line.partition(" ")[0] == "/login":
            yield self._log_in(line)
        else:
            yield from self._as_somebody(Request(commands.Identify(line)))

    def _as_somebody(self, request: Request) -> Iterator[Item]:
        """Take a name, and see the menu unless one is in a room."""
        before = self._name
        yield request
        if self._stage is _Stage.MENU and self._name is not before:
            yield Request(commands.ListRooms())

    # Passwords

    def _log_in(self, line: str) -> Item:
        name = line.removeprefix("/login").strip().partition(" ")[0]  # a password is asked for
        if not name:
            return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": "/login ana"}))
        if self._has_account and self._name is not None:
            return Malformed(Refused(Code.ALREADY_NAMED, {"name": self._name.text}))
        return self._ask(Secrets.for_login(name, is_here=self._stage is not _Stage.NAMING))

    def _asked_again(self, item: Request | Malformed, answer: events.Answer) -> Secrets | None:
        """What is asked after that answer: whoever was wrong types the password once more, and that must be
        neither a name, nor a room, nor something that is said."""
        if isinstance(item, Malformed):
            if item.refused.code is not Code.PASSWORDS_DIFFER:
                return None
            return Secrets.for_change() if self._has_account else Secrets.for_registration()
        match item.command, answer:
            case commands.Identify(name), Refused(Code.PASSWORD_NEEDED):
                return Secrets.for_login(name, is_here=False)
            case commands.Login(name, identify=identify), Refused(Code.LOGIN_FAILED):
                return Secrets.for_login(name, is_here=identify is None)
            case commands.Register(), Refused(Code.PASSWORD_TOO_SHORT):
                return Secrets.for_registration()
            case commands.ChangePassword(), Refused(Code.LOGIN_FAILED | Code.PASSWORD_TOO_SHORT):
                return Secrets.for_change()
            case commands.Join(room), Refused(Code.ROOM_PASSWORD_NEEDED | Code.ROOM_PASSWORD_WRONG):
                return Secrets.for_room(room)
        return None

    def _ask(self, secrets: Secrets) -> Answered:
        self._secrets = secrets
        return Answered(self._question().encode() + (HIDE if self._telnet.is_telnet else b""))

    def _question(self) -> str:
        assert self._secrets is not None
        return self._secrets.question(self._tr, is_hidden=self._telnet.is_telnet)

    def _typed(self, secrets: Secrets, line: str) -> Iterator[Item]:
        # Not stripped: a password may begin or end with a space.
        if self._telnet.is_telnet:
            yield Answered(SHOW + b"\n")
        secrets.take(line)
        self._secrets = None
        if not line:
            yield Answered(f"{self._screen.given_up}{self._prompt()}".encode())
            return
        if not secrets.is_complete:
            yield self._ask(secrets)
            return
        request = secrets.request()
        if isinstance(request, Request):
            yield from self._as_somebody(request)
        else:
            yield request

    def _at_menu(self, line: str) -> Item:
        match line:
            case "REFR":
                return Request(commands.ListRooms())
            case "QUIT":
                return Request(commands.Quit())
            case _:
                return Request(commands.Join(line.removeprefix("/"), history=PLAIN_HISTORY))

    def _confirmed(self, line: str) -> Iterator[Item]:
        room = self._room
        assert room is not None
        self._stage = _Stage.ROOM
        if line.casefold() not in _YES:
            yield Answered(self._screen.stayed(room).encode())
            return
        if room.text == LOBBY:
            # Everyone stays in the lobby; who goes back to the menu only reads no more of it.
            yield Answered(self._out_of(room).encode())
        else:
            yield Request(commands.Leave(room.text))
        yield Request(commands.ListRooms())

    def _out_of(self, room: RoomName) -> str:
        self._stage, self._room = _Stage.MENU, None
        return self._screen.left(room)

    def _slash(self, line: str) -> Item:
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        to, _, text = rest.partition(" ")
        match word:
            case "/msg" if text.strip():
                return Request(commands.Tell(to, text.strip()))
            case "/msg":
                return Malformed(
                    Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext("/msg ana hello")})
                )
            case "/all" if rest:
                return Request(commands.Announce(rest))
            case "/all":
                return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext("/all hello")}))
            case "/topic":
                return self._set_topic(rest)
            case "/me":
                return self._narrate(rest)
            case "/away":
                return Request(commands.SetAway(rest))
            case "/who":
                here = self._room.text if self._room else None
                return Request(commands.Who(rest or here))
            case "/rooms":
                return Request(commands.ListRooms())
            case "/login":
                return self._log_in(line)
            case "/register" if self._has_account:
                return Malformed(Refused(Code.ALREADY_REGISTERED))
            case "/register":
                return self._ask(Secrets.for_registration())
            case "/password" if not self._has_account:
                return Malformed(Refused(Code.NOT_LOGGED_IN))
            case "/password":
                return self._ask(Secrets.for_change())
            case "/logout":
                return Request(commands.Logout())
            case "/quit":
                return Request(commands.Quit())
            case "/help":
                return Answered(f"{self._screen.help()}{self._prompt()}".encode())
            case _:
                order = slash.order(line, self._room.text if self._room is not None else None)
                if isinstance(order, Refused):
                    return Malformed(order)
                if order is not None:
                    return Request(order)
                return Malformed(Refused(Code.UNKNOWN_COMMAND, {"command": visible(word)}))

    def _set_topic(self, text: str) -> Item:
        if self._room is None:
            return Malformed(Refused(Code.NO_ROOM_YET))
        if not text:
            return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext("/topic exams")}))
        return Request(commands.SetTopic(self._room.text, "" if text == "-" else text))

    def _narrate(self, text: str) -> Item:
        if self._room is None:
            return Malformed(Refused(Code.NO_ROOM_YET))
        if not text:
            return Malformed(Refused(Code.MISSING_ARGUMENT, {"usage": self._tr.gettext("/me waves")}))
        return Request(commands.Say(self._room.text, text, kind=events.Kind.ME))

    # Answers to lines

    def answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """What the visitor reads, with the prompt for what comes next."""
        secrets = self._asked_again(item, answer)
        text = self._answer(item, answer)
        if secrets is not None:
            needed = isinstance(answer, Refused) and answer.code in _NEEDED
            return ("" if needed else text).encode() + self._ask(secrets).data
        # The room list, which is asked for next, brings the prompt.
        prompt = "" if isinstance(answer, events.Welcome | events.Left | events.Bye) else self._prompt()
        return f"{text}{prompt}".encode() if text else b""

    def _answer(self, item: Request | Malformed, answer: events.Answer) -> str:
        screen = self._screen
        match answer:
            case Refused():
                return f"ERROR: {phrases.refusal(answer, self._tr)}\n"
            case events.Accepted():
                return screen.accepted(answer, self._name if _is_narrated(item) else None)
            case events.Away():
                return screen.away(answer)
            case events.TopicSet():
                return screen.topic(answer)
            case events.Welcome(name, account=account):
                self._name, self._has_account = name, account is not None
                if self._stage is _Stage.NAMING:
                    self._stage = _Stage.MENU
                return screen.welcome(name)
            case events.LoggedOut():
                self._name, self._room, self._stage = None, None, _Stage.NAMING
                self._has_account = False
                return screen.logged_out
            case events.Noted() if isinstance(item, Request):
                self._has_account |= isinstance(item.command, commands.Register)
                return screen.noted(item.command)
            case events.RoomList(rooms):
                return screen.menu(rooms) if self._stage is _Stage.MENU else screen.rooms(rooms)
            case events.Joined(room):
                self._stage, self._room = _Stage.ROOM, room
                return screen.entered(answer, self._name)
            case events.Left(room):
                return self._out_of(room)
            case events.Members():
                return screen.members(answer)
            case events.Bye(reason):
                return f"{phrases.farewell(reason, self._tr)}\n"
            case deeds.Done():
                return f"{deed_phrases.done_line(answer, self._tr)}\n"
            case deeds.ModesSet():
                return f"{deed_phrases.deed_line(answer, self._tr)}\n"
            case deeds.BanList():
                return "".join(f"{line}\n" for line in deed_phrases.ban_lines(answer, self._tr))
            case _:
                return ""

    def _prompt(self) -> str:
        if self._secrets is not None:
            return self._question()
        if self._stage is _Stage.NAMING:
            return self._screen.name_prompt
        return self._screen.menu_prompt if self._stage is _Stage.MENU else ""


def _is_narrated(item: Request | Malformed) -> bool:
    return (
        isinstance(item, Request)
        and isinstance(item.command, commands.Say)
        and (item.command.kind == events.Kind.ME)
    )
