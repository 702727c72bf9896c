"""The Python API against real servers, and against one whose every word the test decides."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trio

import wassop
from tests.client.native_server import LIMITS, PATIENCE_S, small_server
from tests.e2e.process import serving
from tests.server.support import running_server
from wassop.client.link import LinkSettings

FAST = LinkSettings(first_pause_s=0.01, longest_pause_s=0.02, silence_s=PATIENCE_S)


def address(running) -> str:
    return running.server.addresses[0]


async def next_of(chat: wassop.Chat, kind: type):
    with trio.fail_after(PATIENCE_S):
        async for told in chat:
            if isinstance(told, kind):
                return told
    raise AssertionError(f"no {kind.__name__}")


async def test_what_one_says_the_other_reads_and_saying_returns_when_it_is_stored(tmp_path: Path) -> None:
    async with (
        running_server(db=tmp_path / "chat.db") as running,
        wassop.connect(address(running), name="ana", rooms=["Sala1"]) as ana,
        wassop.connect(address(running), name="bob", rooms=["Sala1"]) as bob,
    ):
        stored = await ana.say("Sala1", "hola")
        assert stored.seq == 1
        message = await next_of(bob, wassop.Message)
        assert (message.room, message.seq, message.author, message.text) == ("Sala1", 1, "ana", "hola")
        assert message.at == stored.at
        assert (await next_of(ana, wassop.Presence)).joined == ("bob",)
        await bob.tell("ana", "en voz baja")
        private = await next_of(ana, wassop.PrivateMessage)
        assert (private.author, private.to, private.text) == ("bob", "ana", "en voz baja")
        await bob.announce("a todos")
        assert (await next_of(ana, wassop.Message)).to_all
        await bob.set_topic("Sala1", "exámenes")
        assert (await next_of(ana, wassop.Topic)).text == "exámenes"


async def test_rooms_people_history_and_search_are_asked_for(tmp_path: Path) -> None:
    async with (
        running_server(db=tmp_path / "chat.db") as running,
        wassop.connect(address(running), name="ana") as ana,
    ):
        assert ana.joined == ()
        entered = await ana.join("Aula 3")
        assert entered == wassop.Entered("Aula 3", 0, ("ana",), roles={"ana": "owner"})
        for text in ("uno", "dos", "tres"):
            await ana.say("Aula 3", text)
        assert wassop.Room("Aula 3", 1) in await ana.rooms()
        assert await ana.who("Aula 3") == ("ana",)
        page = await ana.history("Aula 3", before=3, limit=1)
        assert ([m.text for m in page.messages], page.more) == (["dos"], True)
        found = await ana.search("tres")
        assert [(m.room, m.seq) for m in found.messages] == [("Aula 3", 3)]
        await ana.leave("Aula 3")
        assert ana.joined == ()


async def test_history_can_be_had_on_joining_and_comes_before_what_is_said_then() -> None:
    async with (
        running_server() as running,
        wassop.connect(address(running), name="ana", rooms=["Sala1"]) as ana,
        wassop.connect(address(running), name="bob") as bob,
    ):
        for text in ("uno", "dos", "tres"):
            await ana.say("Sala1", text)
        await bob.join("Sala1", history=2)
        await ana.say("Sala1", "cuatro")
        assert [(await next_of(bob, wassop.Message)).text for _ in range(3)] == ["dos", "tres", "cuatro"]


async def test_a_refusal_is_an_exception_with_code_and_text_and_the_chat_goes_on() -> None:
    async with running_server() as running, wassop.connect(address(running), name="ana", lang="es") as ana:
        with pytest.raises(wassop.Refused) as refused:
            await ana.say("Sala1", "hola")
        assert refused.value.code == "not-in-room"
        assert "sala" in refused.value.text
        for request, code in (
            (lambda: ana.tell("nadie", "hola"), "no-such-user"),
            (lambda: ana.join("\x00"), "room-bad-character"),
            (lambda: ana.announce("   "), "text-empty"),
            (lambda: ana.announce("x" * 10_000), "text-too-long"),
            (lambda: ana.announce('"' * 1_000_000), "text-too-long"),
        ):
            with pytest.raises(wassop.Refused) as refused:
                await request()
            assert refused.value.code == code
        await ana.announce("sigo aquí \ud800")


async def test_a_name_or_a_room_that_is_refused_comes_out_of_connect_as_it_is() -> None:
    async with running_server() as running, wassop.connect(address(running), name="ana"):
        with pytest.raises(wassop.Refused) as refused:
            async with wassop.connect(address(running), name="ana"):
                raise AssertionError
        assert refused.value.code == "name-taken"
        with pytest.raises(wassop.Refused) as refused:
            async with wassop.connect(address(running), name="bob", rooms=["x" * 200]):
                raise AssertionError
        assert refused.value.code == "room-too-long"
        async with wassop.connect(address(running), name="bob") as bob:
            assert set(await bob.who()) == {"ana", "bob"}


async def test_no_server_and_no_address_are_told_apart() -> None:
    async with small_server() as server:
        port = server.port
    with pytest.raises(wassop.Unreachable):
        async with wassop.connect(f"127.0.0.1:{port}", name="ana"):
            raise AssertionError
    with pytest.raises(ValueError, match="HOST"):
        async with wassop.connect("127.0.0.1:x", name="ana"):
            raise AssertionError


async def test_an_exception_of_the_block_comes_out_bare_and_everything_is_closed() -> None:
    async with running_server() as running:
        with pytest.raises(KeyError, match="mine"):
            async with wassop.connect(address(running), name="ana", rooms=["Sala1"]) as ana:
                raise KeyError("mine")
        with pytest.raises(wassop.Closed):
            await ana.say("Sala1", "hola")
        assert [told async for told in ana] == []
        with trio.move_on_after(0) as scope:
            async with wassop.connect(address(running), name="ana"):
                await trio.sleep_forever()
        assert scope.cancelled_caught
        with trio.CancelScope() as scope:
            async with wassop.connect(address(running), name="bob") as bob:
                scope.cancel()
                await next_of(bob, wassop.Message)
        assert scope.cancelled_caught


async def test_an_interruption_comes_out_bare_whichever_task_it_hits(monkeypatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    async def interrupted_outside_of_the_block() -> None:
        async with wassop.connect(address(running), name="ana") as ana:
            monkeypatch.setattr(ana._dialogue, "heard", interrupted)
            await ana.rooms()

    async with running_server() as running:
        with pytest.raises(KeyboardInterrupt):
            async with wassop.connect(address(running), name="ana"):
                raise KeyboardInterrupt
        with pytest.raises(KeyboardInterrupt):
            await interrupted_outside_of_the_block()


async def test_a_message_whose_saying_is_cancelled_does_not_hold_up_those_of_others() -> None:
    async with (
        running_server() as running,
        wassop.connect(address(running), name="ana", rooms=["Sala1"]) as ana,
        wassop.connect(address(running), name="bob", rooms=["Sala1"]) as bob,
    ):
        with trio.CancelScope() as scope:
            scope.cancel()
            await ana.say("Sala1", "quizás")
        await bob.say("Sala1", "hola")
        assert (await next_of(ana, wassop.Message)).text == "hola"


async def welcome_and_join(visit, *resumed) -> None:
    await visit.welcome(*resumed)
    if not resumed:
        await visit.let_in("Sala1")


async def in_small_chat(work: Callable[..., Awaitable[None]], patience_s: float | None = None) -> None:
    """`work(server, first visit, chat)` with a chat of ana's in Sala1."""
    async with small_server() as server, trio.open_nursery() as nursery:
        first: list = []

        async def let_in() -> None:
            first.append(await server.visit())
            await welcome_and_join(first[0])

        nursery.start_soon(let_in)
        async with wassop.connect(
            f"127.0.0.1:{server.port}", name="ana", rooms=["Sala1"], settings=FAST, patience_s=patience_s
        ) as chat:
            await work(server, first[0], chat)
        nursery.cancel_scope.cancel()


def said(seq: int, text: str, author: str = "bob", **more: object) -> dict:
    return {"room": "Sala1", "seq": seq, "from": author, "text": text, "at": 1000.0 + seq, **more}


def entry(seq: int, text: str, author: str = "bob", **more: object) -> dict:
    return {key: value for key, value in said(seq, text, author, **more).items() if key != "room"}


def room(seq: int, *history: dict, **more: object) -> dict:
    return {"t": "joined", "room": "Sala1", "seq": seq, "members": ["ana"], "history": list(history), **more}


async def texts(chat: wassop.Chat, count: int) -> list[str]:
    return [(await next_of(chat, wassop.Message)).text for _ in range(count)]


async def test_after_a_loss_it_resumes_and_what_was_missed_comes_once() -> None:
    async def work(server, visit, chat) -> None:
        await visit.say("said", **said(1, "a"))
        assert await texts(chat, 1) == ["a"]
        await visit.close()
        assert await next_of(chat, wassop.Offline)
        visit = await server.visit()
        hello = await visit.welcome(room(3, entry(2, "b"), entry(3, "c"), since=1))
        assert (hello["resume"], hello["epoch"]) == ({"Sala1": 1}, 7)
        await visit.say("said", **said(3, "c"))
        await visit.say("said", **said(4, "d"))
        assert await next_of(chat, wassop.Online)
        assert await texts(chat, 3) == ["b", "c", "d"]

    await in_small_chat(work)


async def test_what_is_said_while_the_line_is_down_is_sent_once_when_it_is_back() -> None:
    async def work(server, visit, chat) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(chat.say, "Sala1", "hola")
            sent = await visit.expect("say")
            await visit.close()
            visit = await server.visit()
            await visit.welcome(room(0, since=0))
            again = await visit.expect("say")
            assert again == sent, "under the same nonce"
            await visit.say("ok", re=again["id"], seq=1, at=1.0)
        await visit.say("said", **said(1, "hola", "ana", nonce=sent["nonce"]))
        await visit.say("said", **said(2, "b"))
        assert await texts(chat, 1) == ["b"]

    await in_small_chat(work)


async def test_a_message_that_stands_far_back_in_what_was_missed_is_not_said_again() -> None:
    async def work(server, visit, chat) -> None:
        stored: list = []

        async def say() -> None:
            stored.append(await chat.say("Sala1", "hola"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(say)
            sent = await visit.expect("say")
            await visit.close()
            visit = await server.visit()
            last = LIMITS["history"] + 10
            await visit.welcome(room(last, entry(last, "z"), since=0, complete=False))
            for _ in range(2):  # one looks for one's own, one is told
                asked = await visit.expect("history")
                assert asked["after"] == 0
                page = [entry(1, "hola", "ana", nonce=sent["nonce"])]
                page += [entry(seq, f"m{seq}") for seq in range(2, asked["limit"] + 1)]
                await visit.say("history", re=asked["id"], room="Sala1", messages=page, more=True)
        assert stored == [wassop.Stored(1, 1001.0)]
        asked = await visit.expect("history")
        page = [entry(seq, f"m{seq}") for seq in range(asked["after"] + 1, last + 1)]
        await visit.say("history", re=asked["id"], room="Sala1", messages=page)
        assert await texts(chat, last - 1) == [f"m{seq}" for seq in range(2, last + 1)]

    await in_small_chat(work)


async def test_numbers_that_a_killed_server_gave_and_forgot_are_not_mistaken_for_others() -> None:
    async def work(server, visit, chat) -> None:
        await visit.say("said", **said(1, "a"))
        await visit.say("said", **said(2, "b", nonce="n2"))
        assert await texts(chat, 2) == ["a", "b"]
        await visit.close()
        visit = await server.visit()
        await visit.welcome(room(1, since=1))
        await visit.say("said", **said(2, "new", "eva"))
        await visit.say("said", **said(3, "b", nonce="n2"))
        await visit.say("said", **said(4, "c"))
        assert await texts(chat, 2) == ["new", "c"]

    await in_small_chat(work)


async def test_who_does_not_read_in_time_gets_all_of_a_room_from_its_history() -> None:
    async def work(server, visit, chat) -> None:
        many = 1_500
        for seq in range(1, many + 1):
            await visit.say("said", **said(seq, f"m{seq}"))
        await visit.say("ping", id=1)
        await visit.expect("pong")
        await visit.say("presence", room="Sala1", joined=["eva"])
        async with trio.open_nursery() as nursery:

            async def pages() -> None:
                while (asked := await visit.expect("history"))["after"] < many:
                    end = min(many, asked["after"] + asked["limit"])
                    page = [entry(seq, f"m{seq}") for seq in range(asked["after"] + 1, end + 1)]
                    more = end < many
                    await visit.say("history", re=asked["id"], room="Sala1", messages=page, more=more)

            nursery.start_soon(pages)
            assert await texts(chat, many) == [f"m{seq}" for seq in range(1, many + 1)]
            nursery.cancel_scope.cancel()

    await in_small_chat(work)


async def test_what_the_server_no_longer_remembers_is_told_as_missing() -> None:
    async def work(server, visit, chat) -> None:
        await visit.close()
        visit = await server.visit()
        await visit.welcome(room(9, entry(9, "i"), since=0, complete=False))
        asked = await visit.expect("history")
        await visit.say("history", re=asked["id"], room="Sala1", messages=[entry(9, "i")])
        assert await next_of(chat, wassop.Missing) == wassop.Missing("Sala1", 8)
        assert await texts(chat, 1) == ["i"]

    await in_small_chat(work)


async def test_a_server_that_stays_away_is_given_up_after_the_time_that_was_asked_for() -> None:
    async def work(server, visit, chat) -> None:
        await server.close()
        with pytest.raises(wassop.Unreachable):
            await chat.say("Sala1", "hola")
        with pytest.raises(wassop.Unreachable):
            await next_of(chat, wassop.Message)

    await in_small_chat(work, patience_s=0.1)


async def test_who_is_kicked_does_not_come_back() -> None:
    async def work(server, visit, chat) -> None:
        await visit.say("bye", reason="kicked", text="Fuera.")
        await visit.close()
        with pytest.raises(wassop.Ended) as ended:
            await next_of(chat, wassop.Message)
        assert ended.value.reason == "kicked"

    await in_small_chat(work)


async def test_a_server_that_is_killed_and_started_again_loses_nothing_that_was_answered(tmp_path) -> None:
    db = str(tmp_path / "chat.db")
    async with trio.open_nursery() as nursery:
        with serving("--db", db) as server:
            port = server.port
            server_again = serving("--db", db, "--port", str(port))
            connecting = {"rooms": ["Sala1"], "settings": FAST}
            async with (
                wassop.connect(f"127.0.0.1:{port}", name="ana", **connecting) as ana,
                wassop.connect(f"127.0.0.1:{port}", name="bob", **connecting) as bob,
            ):
                heard: list[str] = []

                async def listen() -> None:
                    heard.extend(await texts(bob, 60))
                    nursery.cancel_scope.cancel()

                nursery.start_soon(listen)
                for number in range(20):
                    await ana.say("Sala1", f"m{number}")
                server.process.kill()
                server.process.wait()
                with server_again:
                    for number in range(20, 60):
                        await ana.say("Sala1", f"m{number}")
                    with trio.fail_after(PATIENCE_S):
                        await trio.sleep_forever()
    assert heard == [f"m{number}" for number in range(60)]


async def test_a_program_keeps_order_and_is_told_of_it(tmp_path: Path) -> None:
    async with (
        running_server(db=tmp_path / "chat.db") as running,
        wassop.connect(address(running), name="ana", rooms=["Aula"]) as ana,
        wassop.connect(address(running), name="bob", rooms=["Aula"]) as bob,
    ):
        await ana.order.give_role("Aula", "bob", "voice")
        assert await next_of(bob, wassop.RoleGiven) == wassop.RoleGiven("Aula", "bob", "voice", "ana")
        assert await ana.order.set_modes("Aula", moderated=True) == wassop.Modes(moderated=True)
        assert (await next_of(bob, wassop.ModesSet)).modes == await bob.order.modes("Aula")
        await ana.order.mute("Aula", "bob", reason="gritos")
        assert (await next_of(bob, wassop.Muted)).reason == "gritos"
        assert [(ban.target, ban.is_mute) for ban in await ana.order.bans("Aula")] == [("bob", True)]
        await ana.order.unmute("Aula", "bob")
        await ana.order.kick("bob", "Aula", reason="spam")
        assert await next_of(bob, wassop.Kicked) == wassop.Kicked("Aula", "bob", "ana", "spam")
        assert await next_of(bob, wassop.RoomLeft) == wassop.RoomLeft("Aula")
        assert bob.joined == ()
        await ana.order.set_modes("Aula", moderated=False, password="llave")
        with pytest.raises(wassop.Refused) as refused:
            await bob.join("Aula")
        assert refused.value.code == "room-password-needed"
        await bob.join("Aula", password="llave")


async def test_a_registered_program_becomes_another_session_of_itself(tmp_path: Path) -> None:
    async with running_server(db=tmp_path / "chat.db") as running:
        async with wassop.connect(address(running), name="ana", rooms=["Sala1"]) as ana:
            await ana.register("correcto1")
            async with wassop.connect(address(running), name="bob", rooms=["Sala1"]) as other:
                await other.login("ana", "correcto1")
                assert (other.name, other.joined) == ("ana", ("Sala1",))
                await ana.say("Sala1", "hola")
                assert (await next_of(other, wassop.Message)).author == "ana"
            await ana.change_password("correcto1", "correcto2")
        with pytest.raises(wassop.Refused) as refused:
            async with wassop.connect(address(running), name="ana", password="correcto1"):
                pass
        assert refused.value.code == "login-failed"
