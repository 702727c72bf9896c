"""What a line means in line mode, done: the commands of the terminal client, as far as they make sense."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import trio

from wassop.client import intents as commands
from wassop.client.chat import Chat
from wassop.client.emojis import with_emojis
from wassop.client.query import BadDate, understood
from wassop.client.told import Message, Refused, RoomLeft, Told, Topic
from wassop.core.text import one_line
from wassop.locale import Translations

_HISTORY: Final = 10
"""So many messages of a room are read on coming in."""
_RESULTS: Final = 20
_SCREEN_ONLY: Final = frozenset({"/go"})
"""Commands that only move through what stands on a screen."""


class Leaving(Exception):
    """The person leaves the chat."""


class Commands:
    """Where the person is, and what their lines do there."""

    def __init__(self, chat: Chat, tr: Translations, say: Callable[..., None]) -> None:
        self._chat: Final = chat
        self.tr: Final = tr
        self._say: Final = say
        self.current: str | None = None
        """The room in which what is said is said; None at the main menu."""
        self.calm = trio.Event()
        """Not set while one is on the way into a room, whose messages come after the line that says so."""
        self.calm.set()
        self._topics: Final[dict[str, str]] = {}

    def noticed(self, told: Told) -> None:
        """Something happened that changes where one is, or what a room is about."""
        match told:
            case RoomLeft(room) if room == self.current:
                self.current = None
            case Topic(room, text):
                self._topics[room] = text

    async def do(self, intent: commands.Intent) -> None:
        """Do it, or say why not; Leaving when the person leaves."""
        try:
            await self._do(intent)
        except Refused as refusal:
            self._say(refusal.text)

    async def _do(self, intent: commands.Intent) -> None:
        tr, say = self.tr, self._say
        match intent:
            case commands.Nothing():
                pass
            case commands.Talk(text):
                await self._talk(with_emojis(text))
            case commands.Tell(to, text):
                await self._deliver(text, self._chat.tell(to, with_emojis(text)))
            case commands.Announce(text):
                await self._deliver(text, self._chat.announce(with_emojis(text)))
            case commands.Join(room):
                await self.join(room)
            case commands.Leave(room):
                await self._leave(room or self.current)
            case commands.Exit():
                await self._leave(self.current, to_menu=True)
            case commands.ListRooms():
                await (self.show_rooms() if self.current is not None else self.show_menu())
            case commands.ShowMembers():
                await self._show_members()
            case commands.SetTopic(text):
                await self._set_topic(one_line(with_emojis(text)))
            case commands.ShowTopic():
                self._show_topic()
            case commands.Search(text):
                await self._search(text)
            case commands.Help():
                self._help()
            case commands.Quit():
                raise Leaving
            case commands.Unknown(word):
                say(tr.gettext("Unknown command: {command}. /help lists them.").format(command=word))
            case commands.Incomplete(word) if word not in _SCREEN_ONLY:
                usage = f"{word} {tr.gettext(commands.usage(word).arguments)}"
                say(tr.gettext("Something is missing. Use: {usage}").format(usage=usage))
            case _:
                say(tr.gettext("This command needs a screen; it is not there line by line."))

    # Saying

    async def _talk(self, text: str) -> None:
        if self.current is None:
            self._say(self.tr.gettext("Join a room first."))
        else:
            await self._deliver(text, self._chat.say(self.current, text))

    async def _deliver(self, text: str, saying: Awaitable[object]) -> None:
        try:
            await saying
        except Refused as refusal:
            line = self.tr.gettext("Not delivered: {text} ({reason})")
            self._say(line.format(text=text, reason=refusal.text))

    # Rooms

    async def join(self, room: str) -> None:
        """Go into `room`, or back into it; Refused if one is not let in."""
        known = next((name for name in self._chat.joined if name.casefold() == room.casefold()), None)
        if known is not None:
            self.current = known
            self._say(self.tr.gettext("You are now in the room {room}.").format(room=known))
            return
        self.calm = trio.Event()
        try:
            entered = await self._chat.join(room, history=_HISTORY)
            self.current = entered.room
            self._topics[entered.room] = entered.topic
            self._say(self.tr.gettext("You have joined the room {room}.").format(room=entered.room))
            if entered.topic:
                self._show_topic()
        finally:
            self.calm.set()

    async def _leave(self, room: str | None, *, to_menu: bool = False) -> None:
        tr = self.tr
        known = next(
            (n for n in self._chat.joined if room is not None and n.casefold() == room.casefold()), None
        )
        if room is None:
            self._say(tr.gettext("You are not in any room."))
        elif known is None:
            self._say(tr.gettext("You are not in the room {room}.").format(room=room))
        else:
            await self._chat.leave(known)
            self._say(tr.gettext("You have left the room {room}.").format(room=known))
            if known == self.current:
                self.current = None
                if self._chat.joined and not to_menu:
                    await self.join(self._chat.joined[-1])
                else:
                    await self.show_menu()

    async def show_menu(self) -> None:
        """The main menu, where a line is the name of a room."""
        tr = self.tr
        self.current = None
        self._say(tr.gettext("Main menu"))
        await self.show_rooms()
        self._say(tr.gettext("To join a room, just type its name: <room_name>"))

    async def show_rooms(self) -> None:
        """Which rooms there are."""
        rooms = await self._chat.rooms()
        self._say(self.tr.gettext("Available rooms:"))
        for room in rooms:
            if room.name != self._chat.lobby:
                self._say(f"{room.name} ({room.count})")

    async def _show_members(self) -> None:
        members = await self._chat.who(self.current)
        where = self.tr.gettext("Connected") if self.current is None else self.current
        self._say(f"{where} ({len(members)}): {', '.join(sorted(members, key=str.casefold))}")

    # Topics, searching, help

    async def _set_topic(self, text: str) -> None:
        tr = self.tr
        if self.current is None:
            self._say(tr.gettext("You are not in any room."))
            return
        await self._chat.set_topic(self.current, text)
        self._topics[self.current] = text
        if text:
            self._say(tr.gettext("You have set the topic: {topic}").format(topic=text))
        else:
            self._say(tr.gettext("You have removed the topic."))

    def _show_topic(self) -> None:
        tr = self.tr
        if self.current is None:
            self._say(tr.gettext("You are not in any room."))
        elif topic := self._topics.get(self.current):
            self._say(tr.gettext("Topic: {topic}").format(topic=topic))
        else:
            self._say(tr.gettext("The room has no topic."))

    async def _search(self, text: str) -> None:
        tr, query = self.tr, understood(text, time.time())
        if isinstance(query, BadDate):
            problem = tr.gettext("{text} is no date; write 2026-01-31, 31/01/2026, 2d or 1h.")
            self._say(problem.format(text=query.text))
            return
        if not any(char.isalnum() for char in query.words):
            self._say(tr.gettext("Which words are to be found?"))
            return
        found = await self._chat.search(
            query.words,
            room=query.room,
            author=query.author,
            since=query.since,
            until=query.until,
            limit=_RESULTS,
        )
        if not found.messages:
            self._say(tr.gettext("Nothing found for: {words}").format(words=query.words))
            return
        self._say(tr.gettext("Found for: {words}").format(words=query.words))
        for message in reversed(found.messages):
            self._say(f"{_when(message)} [{message.room}] {message.author}: {message.text}")

    def _help(self) -> None:
        tr = self.tr
        self._say(tr.gettext("Commands"))
        for command in commands.COMMANDS:
            if command.word not in _SCREEN_ONLY:
                arguments = f" {tr.gettext(command.arguments)}" if command.arguments else ""
                self._say(f"{command.word}{arguments}: {tr.gettext(command.purpose)}")
        self._say(
            tr.gettext(
                "In a room every line is a message; // at the beginning sends a line that starts with /."
            ),
            tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
        )


def _when(message: Message) -> str:
    try:
        return f"{datetime.fromtimestamp(message.at):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # a server may send any number
        return "-"
