"""The Python API: `async with wassop.connect(...) as chat`.

Rule 1: requests wait for their answers, over as many connections as it takes.
Rule 2: `async for` waits for what the chat is told; whoever does not read in time loses nothing of a room
(see `dialogue`), and requests are answered meanwhile.
Rule 3: when the block ends, everything that was started in it has ended.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final, Self, TypeVar

import trio
from attrs import define, field

from wassop.client.deeds import modes_of
from wassop.client.dialogue import CLIENT, Dialogue
from wassop.client.happenings import Connected, Lost, Received
from wassop.client.link import Connect, Link, LinkSettings, TurnedAway
from wassop.client.making import connecting, is_untrusted, making_again, unicode
from wassop.client.order_desk import OrderDesk
from wassop.client.requests import Request, Speech, check_size, found_message, message_of
from wassop.client.told import Closed, Entered, Page, Refused, Room, Stored, Told, Unreachable
from wassop.wire import native_messages as wire

MAX_WAITING: Final = 1_000
"""So many things may wait for the program to read them."""
_MAX_REQUESTS: Final = 50
"""So many requests may be under way; the server knows the nonces of the newest 64 messages at least."""
_MAX_RETRIES: Final = 5
"""So often a message that could not be stored is said again."""
_FIRST_RETRY_S: Final = 2.0
"""The pause before the first of these; each further one is twice as long."""
_CONNECT_S: Final = 15.0
"""How long the first connection and the welcome may take."""
_GOODBYE_S: Final = 1.0
"""How long the goodbye may take; the server notices a closed connection anyway."""

_Answer = TypeVar("_Answer", bound=wire.ServerMessage)


@asynccontextmanager
async def connect(
    server: str = "127.0.0.1",
    *,
    name: str,
    rooms: Iterable[str] = (),
    password: str | None = None,
    tls: bool = False,
    ca: str | None = None,
    lang: str | None = None,
    patience_s: float | None = None,
    settings: LinkSettings | None = None,
) -> AsyncIterator["Chat"]:
    """Be in the chat at `server` (`HOST[:PORT]`) under `name`, in `rooms`, until the block ends.

    `password` is that of a registered name. With `tls` the server must be one whom the system's authorities,
    or those in the file `ca` (PEM), vouch for, or that was trusted in `wassop join`. `lang` ("es", "en") is
    the language of the texts of refusals.

    A lost connection is made again by itself: one is back in one's rooms, reads what was missed, and what
    was not answered is asked again. After `patience_s` seconds without one (None: never) it is given up.

    Raises ValueError when `server` is no address, Unreachable and Untrusted when there is no connection, and
    Refused when the name or a room is; then, and whenever the block ends, everything is closed. Exceptions of
    the block come out as they are, in no group of exceptions.
    """
    make = connecting(server, tls=tls or ca is not None, ca=ca)
    hello = wire.Hello(name, lang=lang, client=CLIENT, lobby=False, password=password)
    failure: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            chat = Chat(server, nursery, hello, patience_s)
            try:
                await chat._enter(make, settings, tuple(rooms))
                yield chat
            except (Exception, KeyboardInterrupt) as error:
                failure = error
            finally:
                chat._fail(Closed("the block of this chat has ended"))
            await chat._say_goodbye()
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        interrupted, others = group.split(KeyboardInterrupt)
        if interrupted is None or others is not None:
            raise
        failure = KeyboardInterrupt()  # it came while a task of the chat's own was at work
    if failure is not None:
        raise failure


@define(eq=False)
class _Waiting:
    """Somebody waits for an answer."""

    done: trio.Event = field(factory=trio.Event)
    answer: wire.ServerMessage | None = None


class Chat:
    """A visit to a server. Made by `connect`; its methods may be called by several tasks at once.

    All requests raise Refused when the server refuses, Ended or Unreachable when the chat is over, and Closed
    after the block. While the line is down they wait; `trio.fail_after` bounds that. A request that is
    cancelled may have been carried out, or not.
    """

    def __init__(
        self, server: str, nursery: trio.Nursery, hello: wire.Hello, patience_s: float | None = None
    ) -> None:
        self._server: Final = server
        self._nursery: Final = nursery
        self._patience_s: Final = patience_s
        self._dialogue: Final = Dialogue(hello, f"{secrets.token_hex(8)}-", MAX_WAITING)
        self._waiting: Final[dict[int, _Waiting]] = {}
        self._under_way: Final = trio.Semaphore(_MAX_REQUESTS)
        self._news = trio.Event()
        self._online: Final = trio.Event()
        self._link_ended: Final = trio.Event()
        self._patience: trio.CancelScope | None = None
        self._failure: BaseException | None = None
        self._link: Link | None = None

    # What one is told

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Told:
        """The next thing; ends with the block, and raises Ended or Unreachable when the chat is over."""
        await trio.lowlevel.checkpoint()  # here, for nothing may be lost after it was taken
        while not self._dialogue.inbox:
            if self._failure is not None:
                if isinstance(self._failure, Closed):
                    raise StopAsyncIteration
                raise self._failure
            self._news = trio.Event()
            await self._news.wait()
        news = self._dialogue.inbox.popleft()
        self._dialogue.taken()
        self._settle()
        return news

    @property
    def name(self) -> str:
        """One's own name, as the server writes it."""
        return self._dialogue.name

    @property
    def lobby(self) -> str:
        """The room that everyone is in, but for chats like this one."""
        return self._dialogue.lobby

    @property
    def joined(self) -> tuple[str, ...]:
        """The rooms this chat is in."""
        return self._dialogue.rooms

    @property
    def is_online(self) -> bool:
        """Whether there is a connection now."""
        return self._dialogue.is_online

    # What one says

    async def say(self, room: str, text: str) -> Stored:
        """Say `text` in `room`, which one is in; returns when it is on record."""
        return await self._deliver(wire.Say(unicode(room), unicode(text), self._dialogue.nonce()))

    async def tell(self, name: str, text: str) -> Stored:
        """Say `text` to one person alone."""
        return await self._deliver(wire.Msg(unicode(name), unicode(text), self._dialogue.nonce()))

    async def announce(self, text: str) -> Stored:
        """Say `text` to everyone connected."""
        return await self._deliver(wire.All(unicode(text), self._dialogue.nonce()))

    async def set_topic(self, room: str, text: str) -> None:
        """Let `text` be what `room` is about; an empty one: nothing any more."""
        await self._ask(wire.Topic(unicode(room), unicode(text)), wire.Ok)

    # Rooms and people

    async def join(
        self, room: str, *, history: int = 0, since: int | None = None, password: str | None = None
    ) -> Entered:
        """Go into `room`; what was said there from then on is told.

        So are its `history` newest messages, or all after number `since`. `password` is the room's.
        """
        request = wire.Join(unicode(room), history=history, since=since, password=password)
        joined = await self._ask(request, wire.Joined)
        modes, roles = modes_of(joined.modes), dict(joined.roles or {})
        topic = joined.topic.text if joined.topic is not None else ""
        return Entered(joined.room, joined.seq, tuple(joined.members), topic, roles, modes)

    async def leave(self, room: str) -> None:
        """Leave `room`."""
        await self._ask(wire.Leave(unicode(room)), wire.Left)

    async def rooms(self) -> tuple[Room, ...]:
        """The rooms there are."""
        answer = await self._ask(wire.Rooms(), wire.RoomsAre)
        return tuple(Room(line.room, line.count) for line in answer.rooms)

    async def who(self, room: str | None = None) -> tuple[str, ...]:
        """Who is in `room`, or connected."""
        answer = await self._ask(wire.Who(None if room is None else unicode(room)), wire.WhoIs)
        return tuple(answer.members)

    @property
    def order(self) -> OrderDesk:
        """Keeping order: kicking, banning, roles, modes."""
        return OrderDesk(self._ask)

    # Registered names

    async def register(self, password: str) -> None:
        """Have one's name for oneself from now on."""
        await self._ask(wire.Register(unicode(password)), wire.Ok)

    async def login(self, name: str, password: str) -> None:
        """Become somebody registered, in the rooms one is in."""
        await self._ask(wire.Login(unicode(name), unicode(password)), wire.Welcome)

    async def change_password(self, old: str, new: str) -> None:
        """Take another password; other sessions of the account end."""
        await self._ask(wire.Password(unicode(old), unicode(new)), wire.Ok)

    # What was said before

    async def history(
        self, room: str, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Page:
        """Messages of `room` before number `before`, or after `after`, or its newest; oldest first.

        The server gives at most 200 at once, by default. One's own are among them.
        """
        request = wire.History(unicode(room), before=before, after=after, limit=limit)
        page = await self._ask(request, wire.HistoryPage)
        return Page(tuple(message_of(page.room, said) for said in page.messages), page.more)

    async def search(
        self,
        words: str,
        *,
        room: str | None = None,
        author: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int = 50,
    ) -> Page:
        """Messages that hold all `words`, newest first; `since` and `until` are Unix times."""
        request = wire.Search(unicode(words), room, author, since, until, limit)
        found = await self._ask(request, wire.Found)
        return Page(tuple(found_message(each) for each in found.messages), found.more)

    # How it works

    async def _deliver(self, message: Speech) -> Stored:
        check_size(message, self._dialogue.limits)
        for retry in range(_MAX_RETRIES):
            try:
                ok = await self._ask(message, wire.Ok)
            except Refused as refusal:
                if refusal.code != "not-stored":
                    raise
                await trio.sleep(_FIRST_RETRY_S * 2**retry)
            else:
                return Stored(ok.seq, ok.at, ok.kept, ok.away)
        ok = await self._ask(message, wire.Ok)
        return Stored(ok.seq, ok.at, ok.kept, ok.away)

    async def _ask(self, request: Request, kind: type[_Answer]) -> _Answer:
        async with self._under_way:
            self._check_open()
            waiting = _Waiting()
            number = self._dialogue.ask(request)
            self._waiting[number] = waiting
            self._settle()
            try:
                await waiting.done.wait()
            finally:
                if self._waiting.pop(number, None) is not None:
                    self._dialogue.forget(number)
        match waiting.answer:
            case wire.Error(code, text):
                raise Refused(code, text)
            case kind() as answer:
                return answer
            case None:
                self._check_open()
        raise Refused("bad-field", f"the server answered with {type(waiting.answer).__name__}")

    def _check_open(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _enter(self, make: Connect, settings: LinkSettings | None, rooms: Sequence[str]) -> None:
        try:
            with trio.fail_after(_CONNECT_S):
                stream = await make()
                self._link = Link(making_again(make, self._fail), settings)
                self._nursery.start_soon(self._link.run, stream)
                self._nursery.start_soon(self._listen, self._link)
                await self._online.wait()
                self._check_open()
                for room in rooms:
                    await self.join(room)
        except trio.TooSlowError as error:
            raise Unreachable(self._server) from error
        except TurnedAway as error:
            raise Unreachable(self._server, error.problem) from error
        except OSError as error:
            if is_untrusted(error):
                raise
            raise Unreachable(self._server) from error

    async def _say_goodbye(self) -> None:
        if self._link is not None and self._link.send(wire.Quit()):
            self._link.end()
            with trio.move_on_after(_GOODBYE_S):
                await self._link_ended.wait()

    async def _listen(self, link: Link) -> None:
        async with link.events:
            async for event in link.events:
                match event:
                    case Connected():
                        self._dialogue.connected()
                    case Lost():
                        self._dialogue.lost()
                        self._lose_patience()
                    case Received(message):
                        self._dialogue.heard(message)
                        if isinstance(message, wire.Welcome):
                            self._welcomed(link)
                self._settle()
        self._link_ended.set()

    def _welcomed(self, link: Link) -> None:
        link.welcomed()
        self._online.set()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        async def lose(scope: trio.CancelScope, seconds: float) -> None:
            with scope:
                await trio.sleep(seconds)
                self._fail(Unreachable(self._server))

        if self._patience is None and self._patience_s is not None:
            self._patience = trio.CancelScope()
            self._nursery.start_soon(lose, self._patience, self._patience_s)

    def _settle(self) -> None:
        """Do what follows from the last step of the dialogue."""
        dialogue, link = self._dialogue, self._link
        if link is not None:
            for message in dialogue.to_send:
                # Without a connection the news of its loss is on its way, and what matters is sent again.
                link.send(message)
            dialogue.to_send.clear()
            if dialogue.wants_another_line:
                dialogue.wants_another_line = False
                link.drop()
        for number, answer in dialogue.answers:
            waiting = self._waiting.pop(number, None)
            if waiting is not None:
                waiting.answer = answer
                waiting.done.set()
        dialogue.answers.clear()
        if dialogue.inbox:
            self._news.set()
        if dialogue.ended is not None:
            self._fail(dialogue.ended)

    def _fail(self, failure: BaseException) -> None:
        """It is over: for everybody who waits, and for the line."""
        if self._failure is not None:
            return
        self._failure = failure
        for waiting in self._waiting.values():
            waiting.done.set()
        self._news.set()
        self._online.set()
        if self._link is not None and not isinstance(failure, Closed):
            self._link.end()
