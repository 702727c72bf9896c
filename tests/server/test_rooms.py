"""People in rooms over real sockets: who hears what, and in which order."""

import trio

from tests.server.support import running_server


async def test_a_message_reaches_the_others_in_the_room_and_its_sender_gets_ok() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        ok = await ana.ask({"t": "say", "room": "Sala1", "text": "hola a todos!", "id": 2}, "ok")
        said = await bob.next("said")
        assert (said["from"], said["text"], said["room"]) == ("ana", "hola a todos!", "Sala1")
        assert ok["seq"] == said["seq"] == 1
        assert ok["re"] == 2


async def test_a_person_with_netcat_and_a_program_talk_in_the_same_room() -> None:
    async with running_server(lang="es") as running:
        person = await running.visitor()
        await person.send("juanmi")
        await person.until("Ingresa el nombre de la sala o un comando: ")
        await person.send("Sala1")
        await person.until("regresar al menú principal.\n")
        bob = await running.native("bob", "Sala1")
        assert await person.until("\n") == "bob se ha unido a la sala.\n"
        await bob.send({"t": "say", "room": "Sala1", "text": "¿qué tal?"})
        assert await person.until("\n") == "bob: ¿qué tal?\n"
        await person.send("LOVE")
        assert (await bob.next("said"))["text"] == "❤️"
        assert await person.until("\n") == "Tú: ❤️\n"


async def test_nobody_outside_the_room_hears_anything() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        eva = await running.native("eva", "Sala2")
        await ana.ask({"t": "say", "room": "Sala1", "text": "aquí", "id": 1}, "ok")
        await ana.ask({"t": "msg", "to": "eva", "text": "después", "id": 2}, "ok")
        assert (await eva.message())["t"] == "msg"


async def test_after_the_answer_to_a_leave_nothing_of_the_room_follows() -> None:
    async with running_server() as running:
        talker = await running.native("talker", "Sala1")
        leaver = await running.native("leaver", "Sala1")
        lines = b'{"t":"say","room":"Sala1","text":"x"}\n' * 50
        await talker.stream.send_all(lines)
        await leaver.ask({"t": "leave", "room": "Sala1"}, "left")
        await talker.stream.send_all(lines)
        assert await leaver.ask({"t": "ping"}, "pong")
        await leaver.send({"t": "quit"})
        rest = await leaver.to_the_end()
        assert b"said" not in rest


async def test_many_senders_are_heard_in_one_order_by_everyone() -> None:
    senders, each = 5, 100
    async with running_server(room_queue_messages=4) as running:
        visitors = [await running.native(f"v{i}", "Sala1") for i in range(senders)]
        listener = await running.native("listener", "Sala1")

        async def talk(number: int) -> None:
            for i in range(each):
                await visitors[number].send(
                    {"t": "say", "room": "Sala1", "text": f"{number} {i}", "nonce": f"{i}"}
                )

        async with trio.open_nursery() as nursery:
            for number in range(senders):
                nursery.start_soon(talk, number)
            heard = [await listener.next("said") for _ in range(senders * each)]
        assert [said["seq"] for said in heard] == list(range(1, senders * each + 1))
        for number in range(senders):
            own = [said["text"] for said in heard if said["from"] == f"v{number}"]
            assert own == [f"{number} {i}" for i in range(each)]


async def test_what_is_said_to_all_reaches_those_outside_the_lobby_too() -> None:
    async with running_server() as running:
        ana = await running.native("ana", lobby=True)
        bot = await running.native("bot", lobby=False)
        await ana.ask({"t": "all", "text": "atención", "id": 1}, "ok")
        assert (await bot.message()) | {"at": 0} == {
            "t": "said", "room": "General", "seq": 1, "from": "ana", "text": "atención", "at": 0, "all": True,
        }  # fmt: skip


async def test_arrivals_in_a_big_room_are_told_in_a_few_merged_notices() -> None:
    crowd = 40
    async with running_server(presence_merge_members=10) as running:
        watcher = await running.native("watcher", "Sala1")
        for i in range(crowd):
            await running.native(f"v{i}", "Sala1")
        notices, joined = 0, set()
        while len(joined) < crowd:
            presence = await watcher.next("presence")
            notices += 1
            joined |= set(presence["joined"])
        assert joined == {f"v{i}" for i in range(crowd)}
        assert notices < crowd


async def test_a_lost_connection_is_told_to_the_others_and_frees_the_name() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await bob.close()
        assert (await ana.next("presence", lambda p: "gone" in p))["gone"] == ["bob"]
        await running.native("bob", "Sala1")


async def test_one_who_comes_back_reads_the_gap_once() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await ana.ask({"t": "say", "room": "Sala1", "text": "uno", "id": 1}, "ok")
        assert (await bob.next("said"))["seq"] == 1
        await bob.close()
        await ana.next("presence", lambda p: "gone" in p)
        await ana.ask({"t": "say", "room": "Sala1", "text": "dos", "id": 2}, "ok")
        back = await running.visitor()
        welcome = await back.ask({"t": "hello", "name": "bob", "resume": {"Sala1": 1}}, "welcome")
        (room,) = welcome["resumed"]
        assert [said["text"] for said in room["history"]] == ["dos"]
        await ana.ask({"t": "say", "room": "Sala1", "text": "tres", "id": 3}, "ok")
        assert (await back.next("said"))["text"] == "tres"
