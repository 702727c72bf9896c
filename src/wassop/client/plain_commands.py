"""What a line means in line mode, done: the commands of the terminal client, as far as they make sense."""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import trio

from wassop.client.chat import Chat
from wassop.client.commands import found
from wassop.client.deeds import modes_text
from wassop.client.emojis import with_emojis
from wassop.client.plain_asking import change_password, login, order, register
from wassop.client.query import BadDate, understood
from wassop.client.told import Entered, Message, Refused, RoomLeft, Stored, Told, Topic
from wassop.client.vocabulary import COMMANDS, ORDERING, SHORTHANDS
from wassop.core.text import one_line
from wassop.locale import Translations
from wassop.wire.sentences import away_line

_HISTORY: Final = 10
"""So many messages of a room are read on coming in."""
_RESULTS: Final = 20


class Leaving(Exception):
    """The person leaves the chat."""


class Commands:
    """Where the person is, and what their lines do there."""

    def __init__(self, chat: Chat, tr: Translations, say: Callable[..., None]) -> None:
        self.chat: Final = chat
        self.tr: Final = tr
        self.say: Final = say
        self.current: str | None = None
        """The room in which what is said is said; None at the main menu."""
        self.calm = trio.Event()
        """Not set while one is on the way into a room, whose messages come after the line that says so."""
        self.calm.set()
        self.asking: Callable[[str], Awaitable[str | None]] | None = None
        """Asks the person for a secret; None where nobody can be asked."""
        self._topics: Final[dict[str, str]] = {}

    def noticed(self, told: Told) -> None:
        """Something happened that changes where one is, or what a room is about."""
        match told:
            case RoomLeft(room) if room == self.current:
                self.current = None
            case Topic(room, text):
                self._topics[room] = text

    async def do(self, line: str) -> None:
        """Do what `line` means, or say why not; Leaving when the person leaves.

        In a room it is a message, at the main menu a room's name, unless it is a command or a word of the
        seed; these are taken in any case at the menu, where nobody talks.
        """
        try:
            await self._understood(line.strip())
        except Refused as refusal:
            self.say(refusal.text)

    async def _understood(self, text: str) -> None:
        word = text.upper() if self.current is None else text
        if not text:
            return
        if word in _SEED_WORDS:
            await _SEED_WORDS[word](self, "")
        elif text in SHORTHANDS:
            await self.talk(SHORTHANDS[text])
        elif text.startswith("/") and not text.startswith("//"):
            await self._command(text)
        elif self.current is None:
            await self.join(text.removeprefix("/"))
        else:
            await self.talk(text.removeprefix("/"))

    async def _command(self, text: str) -> None:
        tr = self.tr
        word, _, rest = text.partition(" ")
        known = found(word, COMMANDS)
        if known is None:
            self.say(tr.gettext("Unknown command: {command}. /help lists them.").format(command=word))
        elif word not in DOES:
            self.say(tr.gettext("This command needs a screen; it is not there line by line."))
        elif not rest.strip() and not known.is_bare:
            self._is_missing(word)
        else:
            await DOES[word](self, rest.strip())

    def _is_missing(self, word: str) -> None:
        known = found(word, COMMANDS)
        assert known is not None
        usage = f"{word} {self.tr.gettext(known.arguments)}"
        self.say(self.tr.gettext("Something is missing. Use: {usage}").format(usage=usage))

    # Saying

    async def talk(self, text: str) -> None:
        """Say `text` where one is."""
        text = with_emojis(text)
        if self.current is None:
            self.say(self.tr.gettext("Join a room first."))
        else:
            await self._deliver(text, self.chat.say(self.current, text))

    async def _tell(self, rest: str) -> None:
        name, _, text = rest.partition(" ")
        name, text = name.removeprefix("@"), with_emojis(text.strip())
        if not (name and text):
            self._is_missing("/msg")
            return
        stored = await self._deliver(text, self.chat.tell(name, text))
        if stored is not None and stored.was_kept:
            self.say(self.tr.gettext("{name} is not here, and reads it on coming.").format(name=name))
        if stored is not None and stored.away:
            self.say(away_line(name, stored.away, self.tr))

    async def _announce(self, text: str) -> None:
        text = with_emojis(text)
        await self._deliver(text, self.chat.announce(text))

    async def _deliver(self, text: str, saying: Awaitable[Stored]) -> Stored | None:
        try:
            return await saying
        except Refused as refusal:
            line = self.tr.gettext("Not delivered: {text} ({reason})")
            self.say(line.format(text=text, reason=refusal.text))
            return None

    # Rooms

    async def join(self, room: str) -> None:
        """Go into `room`, or back into it; Refused if one is not let in."""
        known = next((name for name in self.chat.joined if name.casefold() == room.casefold()), None)
        if known is not None:
            self.current = known
            self.say(self.tr.gettext("You are now in the room {room}.").format(room=known))
            return
        self.calm = trio.Event()
        try:
            entered = await self._enter(room)
            if entered is None:
                return
            self.current = entered.room
            self._topics[entered.room] = entered.topic
            self.say(self.tr.gettext("You have joined the room {room}.").format(room=entered.room))
            if entered.topic:
                await self._topic("")
            if modes := modes_text(entered.modes, self.tr):
                text = self.tr.gettext("The room {room} is {modes}.")
                self.say(text.format(room=entered.room, modes=modes))
        finally:
            self.calm.set()

    async def _enter(self, room: str) -> Entered | None:
        try:
            return await self.chat.join(room, history=_HISTORY)
        except Refused as refusal:
            if refusal.code != "room-password-needed" or self.asking is None:
                raise
        text = self.tr.gettext("Password of the room {name}").format(name=room)
        while password := await self.asking(text):
            try:
                return await self.chat.join(room, history=_HISTORY, password=password)
            except Refused as refusal:
                if refusal.code != "room-password-wrong":
                    raise
                self.say(refusal.text)
        return None

    async def _list(self, _: str) -> None:
        await (self.show_rooms() if self.current is not None else self.show_menu())

    async def _exit(self, _: str) -> None:
        await self._leave("", to_menu=True)

    async def _quit(self, _: str) -> None:
        raise Leaving

    async def _leave(self, name: str, *, to_menu: bool = False) -> None:
        tr, room = self.tr, name or self.current
        known = next(
            (n for n in self.chat.joined if room is not None and n.casefold() == room.casefold()), None
        )
        if room is None:
            self.say(tr.gettext("You are not in any room."))
        elif known is None:
            self.say(tr.gettext("You are not in the room {room}.").format(room=room))
        else:
            await self.chat.leave(known)
            self.say(tr.gettext("You have left the room {room}.").format(room=known))
            if known == self.current:
                self.current = None
                if self.chat.joined and not to_menu:
                    await self.join(self.chat.joined[-1])
                else:
                    await self.show_menu()

    async def show_menu(self, _: str = "") -> None:
        """The main menu, where a line is the name of a room."""
        tr = self.tr
        self.current = None
        self.say(tr.gettext("Main menu"))
        await self.show_rooms()
        self.say(tr.gettext("To join a room, just type its name: <room_name>"))

    async def show_rooms(self, _: str = "") -> None:
        """Which rooms there are."""
        rooms = await self.chat.rooms()
        self.say(self.tr.gettext("Available rooms:"))
        for room in rooms:
            if room.name != self.chat.lobby:
                self.say(f"{room.name} ({room.count})")

    async def _show_members(self, room: str) -> None:
        asked = room or self.current
        members = await self.chat.who(asked)
        where = self.tr.gettext("Connected") if asked is None else asked
        self.say(f"{where} ({len(members)}): {', '.join(sorted(members, key=str.casefold))}")

    # Topics, searching, help

    async def _topic(self, text: str) -> None:
        if not text:
            self._show_topic()
            return
        tr, text = self.tr, "" if text == "-" else one_line(with_emojis(text))
        if self.current is None:
            self.say(tr.gettext("You are not in any room."))
            return
        await self.chat.set_topic(self.current, text)
        self._topics[self.current] = text
        if text:
            self.say(tr.gettext("You have set the topic: {topic}").format(topic=text))
        else:
            self.say(tr.gettext("You have removed the topic."))

    def _show_topic(self) -> None:
        tr = self.tr
        if self.current is None:
            self.say(tr.gettext("You are not in any room."))
        elif topic := self._topics.get(self.current):
            self.say(tr.gettext("Topic: {topic}").format(topic=topic))
        else:
            self.say(tr.gettext("The room has no topic."))

    async def _search(self, text: str) -> None:
        tr, query = self.tr, understood(text, time.time())
        if isinstance(query, BadDate):
            problem = tr.gettext("{text} is no date; write 2026-01-31, 31/01/2026, 2d or 1h.")
            self.say(problem.format(text=query.text))
            return
        if not any(char.isalnum() for char in query.words):
            self.say(tr.gettext("Which words are to be found?"))
            return
        found = await self.chat.search(
            query.words,
            room=query.room,
            author=query.author,
            since=query.since,
            until=query.until,
            limit=_RESULTS,
        )
        if not found.messages:
            self.say(tr.gettext("Nothing found for: {words}").format(words=query.words))
            return
        self.say(tr.gettext("Found for: {words}").format(words=query.words))
        for message in reversed(found.messages):
            self.say(f"{_when(message)} [{message.room}] {message.author}: {message.text}")

    async def _help(self, _: str) -> None:
        tr = self.tr
        self.say(tr.gettext("Commands"))
        for command in COMMANDS:
            if command.word in DOES:
                arguments = f" {tr.gettext(command.arguments)}" if command.arguments else ""
                self.say(f"{command.word}{arguments}: {tr.gettext(command.purpose)}")
        self.say(
            tr.gettext(
                "In a room every line is a message; // at the beginning sends a line that starts with /."
            ),
            tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
        )


Do = Callable[[Commands, str], Awaitable[None]]


def _ordering(word: str) -> Do:
    return lambda commands, rest: order(commands.chat, commands, word, rest)


DOES: Final[Mapping[str, Do]] = {
    "/rooms": Commands._list,
    "/join": Commands.join,
    "/leave": Commands._leave,
    "/msg": Commands._tell,
    "/topic": Commands._topic,
    "/who": Commands._show_members,
    "/all": Commands._announce,
    "/search": Commands._search,
    "/register": lambda commands, rest: register(commands.chat, commands, rest),
    "/login": lambda commands, rest: login(commands.chat, commands, rest),
    "/password": lambda commands, rest: change_password(commands.chat, commands, rest),
    "/logout": Commands._quit,
    **{command.word: _ordering(command.word) for command in ORDERING},
    "/help": Commands._help,
    "/quit": Commands._quit,
}
"""What the commands of the terminal client do line by line; the others need a screen."""
_SEED_WORDS: Final[Mapping[str, Do]] = {
    "EXIT": Commands._exit,
    "QUIT": Commands._quit,
    "REFR": Commands._list,
}


def _when(message: Message) -> str:
    try:
        return f"{datetime.fromtimestamp(message.at):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # a server may send any number
        return "-"
