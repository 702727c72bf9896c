"""The connection: alive, dead, and made again, over real sockets."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import define, evolve, field

from tests.client.native_server import PATIENCE_S, SmallServer, small_server
from tests.client.story import fresh
from wassop.client.conversation import Conversation
from wassop.client.happenings import Connected, Lost, Received, Typed, Waiting
from wassop.client.line import Kind
from wassop.client.link import Link, LinkEvent, LinkSettings, connecting_to
from wassop.client.model import Online, State
from wassop.wire.native_messages import Ping, Pong, Quit, Say

FAST = LinkSettings(first_pause_s=0.01, longest_pause_s=0.02, silence_s=PATIENCE_S)


@asynccontextmanager
async def running(server: SmallServer, settings: LinkSettings = FAST) -> AsyncIterator[Link]:
    link = Link(connecting_to("127.0.0.1", server.port), settings)
    async with link.events, trio.open_nursery() as nursery:
        nursery.start_soon(link.run)
        yield link
        nursery.cancel_scope.cancel()


async def event(link: Link, kind: type[LinkEvent]) -> LinkEvent:
    """The next event of that kind."""
    with trio.fail_after(PATIENCE_S):
        async for happening in link.events:
            if isinstance(happening, kind):
                return happening
    raise AssertionError(f"no {kind.__name__}")


async def test_what_the_server_says_comes_out_and_what_is_sent_goes_in() -> None:
    async with small_server() as server, running(server) as link:
        visit = await server.visit()
        await event(link, Connected)
        assert link.send(Say("Sala1", "hola", nonce="x"))
        assert (await visit.expect("say"))["text"] == "hola"
        await visit.say("pong", re=7)
        assert await event(link, Received) == Received(Pong(7))


async def test_a_message_that_comes_in_pieces_or_glued_is_understood() -> None:
    async with small_server() as server, running(server) as link:
        visit = await server.visit()
        await visit.stream.send_all(b'{"t":"po')
        await event(link, Connected)
        await visit.stream.send_all(b'ng"}\n{"t":"ping"}\nnonsense\n{"t":"pong","re":1}\n')
        heard = [await event(link, Received) for _ in range(3)]
        assert heard == [Received(Pong()), Received(Ping()), Received(Pong(1))]


async def test_after_a_loss_it_connects_again_and_says_how_long_it_waits() -> None:
    async with small_server() as server, running(server) as link:
        visit = await server.visit()
        await event(link, Connected)
        await visit.close()
        await event(link, Lost)
        assert not link.send(Ping())
        waiting = await event(link, Waiting)
        assert isinstance(waiting, Waiting)
        assert waiting.seconds >= 1
        await server.visit()
        await event(link, Connected)


async def test_a_server_that_is_away_for_a_while_is_found_again() -> None:
    async with small_server() as server, running(server) as link:
        await server.visit()
        await event(link, Connected)
        await server.close()
        for _ in range(3):
            await event(link, Lost)
        await server.open()
        await server.visit()
        await event(link, Connected)


async def test_a_silent_server_is_asked_for_a_word_and_left_when_none_comes() -> None:
    async with small_server() as server, running(server, evolve(FAST, silence_s=0.05)) as link:
        visit = await server.visit()
        await visit.expect("ping")
        assert await visit.hear() is None, "the client hangs up"
        await event(link, Lost)
        await server.visit()


async def test_a_server_that_answers_the_ping_is_kept() -> None:
    async with small_server() as server, running(server, evolve(FAST, silence_s=0.05)) as link:
        visit = await server.visit()
        for _ in range(3):
            await visit.expect("ping")
            await visit.say("pong")
        for _ in range(3):
            assert await event(link, Received) == Received(Pong())


async def test_dropping_makes_a_new_connection() -> None:
    async with small_server() as server, running(server) as link:
        visit = await server.visit()
        await event(link, Connected)
        link.drop()
        assert await visit.hear() is None
        await event(link, Lost)
        await server.visit()
        await event(link, Connected)


async def test_a_server_that_does_not_read_is_dropped_instead_of_filling_the_memory() -> None:
    async with small_server() as server, running(server, evolve(FAST, max_unsent=10)) as link:
        await server.visit()
        await event(link, Connected)
        with trio.fail_after(PATIENCE_S):
            while link.send(Say("Sala1", "x" * 4_000)):
                pass
        await event(link, Lost)


async def test_the_end_writes_what_was_queued_and_closes() -> None:
    async with small_server() as server:
        link = Link(connecting_to("127.0.0.1", server.port), FAST)
        async with link.events, trio.open_nursery() as nursery:
            nursery.start_soon(link.run)
            visit = await server.visit()
            await event(link, Connected)
            link.send(Quit())
            link.end()
            await visit.expect("quit")
            assert await visit.hear() is None
            with trio.fail_after(PATIENCE_S):
                assert [e async for e in link.events if not isinstance(e, Received)] == []


async def test_a_given_stream_is_served_first() -> None:
    async with small_server() as server:
        connect = connecting_to("127.0.0.1", server.port)
        stream = await connect()
        link = Link(connect, FAST)
        async with link.events, trio.open_nursery() as nursery:
            nursery.start_soon(link.run, stream)
            visit = await server.visit()
            await visit.say("pong")
            assert await event(link, Received) == Received(Pong())
            nursery.cancel_scope.cancel()


async def test_nobody_there_raises_an_os_error() -> None:
    async with small_server() as server:
        port = server.port
    with pytest.raises(OSError, match=str(port)):
        await connecting_to("127.0.0.1", port)()


def test_pauses_grow_to_a_bound_and_differ() -> None:
    steady = LinkSettings(random=lambda: 0.0)
    assert [steady.pause_s(n) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert LinkSettings(random=lambda: 1.0).pause_s(0) == 1.25
    assert steady.pause_s(10_000) == 30


# With the state on top


@define(eq=False)
class Client:
    """A link and a conversation, without a screen."""

    conversation: Conversation
    link: Link
    _changed: trio.Event = field(factory=trio.Event)

    async def listen(self) -> None:
        self.conversation.on_change = self._wake
        async for happening in self.link.events:
            self.conversation.happened(happening)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    @property
    def state(self) -> State:
        return self.conversation.state

    @property
    def talk(self) -> list[str]:
        return [line.text for line in self.state.lines if line.kind is Kind.TALK]

    async def until(self, is_so: Callable[[State], object]) -> None:
        """Wait until something is true of the state."""
        with trio.fail_after(PATIENCE_S):
            while not is_so(self.state):
                await self._changed.wait()

    def type(self, text: str) -> None:
        self.conversation.happened(Typed(text))


@asynccontextmanager
async def client(server: SmallServer, name: str = "ana", room: str = "Sala1") -> AsyncIterator[Client]:
    link = Link(connecting_to("127.0.0.1", server.port), FAST)
    person = Client(Conversation(fresh(name, (room,)), link), link)
    async with link.events, trio.open_nursery() as nursery:
        nursery.start_soon(link.run)
        nursery.start_soon(person.listen)
        yield person
        nursery.cancel_scope.cancel()


async def test_it_comes_back_into_its_room_and_says_again_what_had_no_answer() -> None:
    async with small_server() as server, client(server) as ana:
        visit = await server.visit()
        await visit.welcome()
        await visit.let_in("Sala1")
        await ana.until(lambda state: state.current == "Sala1")
        await visit.say("said", room="Sala1", seq=1, **{"from": "bob"}, text="hola", at=1.0)
        await ana.until(lambda state: state.lines[-1].text == "hola")
        ana.type("sin respuesta")
        nonce = (await visit.expect("say"))["nonce"]
        await server.close()
        await ana.until(lambda state: state.online is Online.AWAY)
        ana.type("escrito sin red")
        await server.open()
        visit = await server.visit()
        bob = [{"seq": 2, "from": "bob", "text": "m2", "at": 2.0}]
        room = {
            "t": "joined", "room": "Sala1", "seq": 2, "since": 1, "members": ["ana", "bob"], "history": bob,
        }  # fmt: skip
        hello = await visit.welcome(room)
        assert hello["resume"]["Sala1"] == 1
        assert hello["epoch"] == 7
        again, new = await visit.expect("say"), await visit.expect("say")
        assert (again["text"], again["nonce"]) == ("sin respuesta", nonce)
        assert new["text"] == "escrito sin red"
        await visit.say("ok", re=again["id"], seq=3, at=3.0)
        await visit.say("ok", re=new["id"], seq=4, at=4.0)
        await ana.until(lambda state: not state.pending)
        assert ana.talk == ["hola", "m2", "sin respuesta", "escrito sin red"]


async def test_the_name_still_in_use_after_a_break_is_tried_again() -> None:
    async with small_server() as server, client(server) as ana:
        visit = await server.visit()
        await visit.welcome()
        await visit.let_in("Sala1")
        await ana.until(lambda state: state.current == "Sala1")
        await visit.close()
        visit = await server.visit()
        hello = await visit.expect("hello")
        await visit.say("error", re=hello["id"], code="name-taken", text="In use.")
        assert await visit.hear() is None
        visit = await server.visit()
        await visit.welcome(
            {"t": "joined", "room": "Sala1", "seq": 0, "since": 0, "members": ["ana"], "history": []}
        )
        await ana.until(lambda state: state.online is Online.READY)
        assert ana.state.current == "Sala1"


async def test_what_is_sent_while_a_lost_connection_is_being_closed_is_refused() -> None:
    closing, may_close = trio.Event(), trio.Event()

    class Slow(trio.abc.Stream):
        """Ended by the other side, and slow to close."""

        async def send_all(self, data: object) -> None:
            await trio.lowlevel.checkpoint()

        async def wait_send_all_might_not_block(self) -> None:
            await trio.lowlevel.checkpoint()

        async def receive_some(self, max_bytes: int | None = None) -> bytes:
            await trio.lowlevel.checkpoint()
            return b""

        async def aclose(self) -> None:
            closing.set()
            await may_close.wait()

    link = Link(connecting_to("127.0.0.1", 1), FAST)
    async with link.events, trio.open_nursery() as nursery:
        nursery.start_soon(link.run, Slow())
        await event(link, Connected)
        await closing.wait()
        assert not link.send(Ping())
        may_close.set()
        await event(link, Lost)
        nursery.cancel_scope.cancel()
