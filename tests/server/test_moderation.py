"""Order in rooms and on the server, over real sockets and with a real file."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.disk import archive_of, second_reader
from tests.server.support import Running, Visitor, running_server
from tests.storage.entries import limit_pages
from wassop.core.accounts import Account, ServerRole
from wassop.core.names import UserName, user_name


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def make_account(running: Running, name: str, role: ServerRole = ServerRole.USER) -> None:
    """Whoever is here under that name is the owner of an account."""
    checked = user_name(name)
    assert isinstance(checked, UserName)
    for session in running.server.chat.hub.people.named(checked):
        session.account = Account(checked, role)


async def moderator(running: Running, name: str = "mod", role: ServerRole = ServerRole.MODERATOR) -> Visitor:
    visitor = await running.native(name)
    make_account(running, name, role)
    return visitor


async def error(visitor: Visitor, request: dict[str, Any]) -> str:
    answer = await visitor.ask(request | {"id": 99}, "error")
    assert answer["re"] == 99
    return str(answer["code"])


async def done(visitor: Visitor, request: dict[str, Any]) -> None:
    answer = await visitor.ask(request | {"id": 98}, "ok")
    assert answer["re"] == 98


async def set_modes(visitor: Visitor, room: str, **modes: Any) -> dict[str, Any]:
    await visitor.send({"t": "modes", "room": room, "set": modes, "id": 97})
    return await visitor.next("modes", lambda m: m.get("re") == 97)


# With and without a record


@pytest.fixture(params=["memory", "record"])
def keeping(request: pytest.FixtureRequest, db: Path) -> dict[str, Any]:
    return {"db": db} if request.param == "record" else {}


async def test_a_password_is_asked_for_checked_and_taken_off(keeping: dict[str, Any]) -> None:
    async with running_server(**keeping) as running:
        ana = await running.native("ana", "Aula 3")
        told = await set_modes(ana, "Aula 3", password="¡llave secreta!")
        assert told["modes"] == {"password": True}
        bob = await running.native("bob")
        join = {"t": "join", "room": "aula 3"}
        assert await error(bob, join) == "room-password-needed"
        assert await error(bob, join | {"password": ""}) == "room-password-needed"
        assert await error(bob, join | {"password": "llave"}) == "room-password-wrong"
        assert await error(bob, join | {"password": "x" * 2_000}) == "room-password-wrong"
        joined = await bob.ask(join | {"password": "¡llave secreta!"}, "joined")
        assert joined["modes"] == {"password": True}
        assert (joined["roles"], joined["members"]) == ({"ana": "owner"}, ["ana", "bob"])
        rooms = (await bob.ask({"t": "rooms"}, "rooms"))["rooms"]
        assert rooms[-1] == {"room": "Aula 3", "count": 2, "password": True}
        await set_modes(ana, "Aula 3", password="")
        eva = await running.native("eva", "Aula 3")
        assert eva is not None
        assert "llave" not in str(running.log.lines)


async def test_whoever_is_kicked_reads_why_and_hears_no_more(keeping: dict[str, Any]) -> None:
    async with running_server(**keeping) as running:
        ana = await running.native("ana", "Aula")
        bob = await running.native("bob", "Aula")
        await done(ana, {"t": "kick", "room": "Aula", "who": "bob", "reason": "spam"})
        kicked = await bob.next("kicked")
        assert kicked == {"t": "kicked", "room": "Aula", "who": "bob", "from": "ana", "reason": "spam"}
        await done(ana, {"t": "say", "room": "Aula", "text": "ya"})
        assert await error(bob, {"t": "say", "room": "Aula", "text": "eh"}) == "not-in-room"
        await bob.send({"t": "ping"})
        assert (await bob.message())["t"] == "pong"


async def test_whoever_is_kicked_or_banned_off_the_server_is_told_and_gone(keeping: dict[str, Any]) -> None:
    async with running_server(**keeping) as running:
        mod = await moderator(running)
        bob, eva = await running.native("bob"), await running.native("eva")
        await done(mod, {"t": "kick", "who": "bob", "reason": "x"})
        assert await bob.next("kicked") == {"t": "kicked", "who": "bob", "from": "mod", "reason": "x"}
        bye = await bob.message()
        assert (bye["t"], bye["reason"]) == ("bye", "kicked")
        assert await bob.to_the_end() == b""
        await done(mod, {"t": "ban", "who": "eva", "for_s": 3_600, "reason": "y"})
        assert (await eva.next("kicked"))["ban"] is True
        assert (await eva.next("bye"))["reason"] == "banned"
        visitor = await running.visitor()
        assert await error(visitor, {"t": "hello", "name": "eva", "lang": "es"}) == "banned"
        await visitor.send({"t": "hello", "name": "eva"})
        text = (await visitor.next("error"))["text"]
        assert text.startswith("Estás vetado en este servidor hasta el 20")
        assert text.endswith(" UTC (y).")
        bans = await mod.ask({"t": "bans"}, "bans")
        assert [(ban["who"], ban["from"], ban["reason"]) for ban in bans["bans"]] == [("eva", "mod", "y")]
        await done(mod, {"t": "unban", "who": "eva"})
        await visitor.ask({"t": "hello", "name": "eva"}, "welcome")


async def test_a_network_is_banned_by_the_address_that_one_comes_from() -> None:
    async with running_server() as running:
        mod = await moderator(running)
        bob = await running.visitor(source="127.0.0.2")
        await bob.ask({"t": "hello", "name": "bob"}, "welcome")
        await done(mod, {"t": "ban", "network": "127.0.0.2/32"})
        assert (await bob.next("bye"))["reason"] == "banned"
        again = await running.visitor(source="127.0.0.2")
        assert await error(again, {"t": "hello", "name": "leo"}) == "banned"
        await running.native("leo")


async def test_a_hidden_room_is_found_by_none_of_the_ways_of_asking(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Secreta")
        await done(ana, {"t": "say", "room": "Secreta", "text": "palabra clave"})
        bob = await running.native("bob")
        search = {"t": "search", "words": "palabra"}
        assert len((await bob.ask(search, "found"))["messages"]) == 1
        await set_modes(ana, "Secreta", hidden=True)
        assert (await bob.ask(search, "found"))["messages"] == []
        assert (await bob.ask(search | {"room": "Secreta"}, "found"))["messages"] == []
        assert len((await ana.ask(search, "found"))["messages"]) == 1
        rooms = await bob.ask({"t": "rooms"}, "rooms")
        assert "Secreta" not in [line["room"] for line in rooms["rooms"]]
        assert await error(bob, {"t": "who", "room": "Secreta"}) == "no-such-room"
        for request in (
            {"t": "history", "room": "Secreta"},
            {"t": "modes", "room": "Secreta"},
            {"t": "read", "room": "Secreta"},
            {"t": "bans", "room": "Secreta"},
            {"t": "typing", "room": "Secreta"},
        ):
            assert await error(bob, request) == "not-in-room"
        await bob.ask({"t": "join", "room": "Secreta"}, "joined")
        assert len((await bob.ask(search, "found"))["messages"]) == 1


# With a record


async def test_all_that_was_ordered_holds_after_a_restart(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana")
        make_account(running, "ana")
        await ana.ask({"t": "join", "room": "Aula"}, "joined")
        bob = await running.native("bob", "Aula")
        await set_modes(ana, "Aula", permanent=True, moderated=True, password="llave")
        await done(ana, {"t": "mute", "room": "Aula", "who": "bob", "reason": "x"})
        await done(ana, {"t": "ban", "room": "Aula", "who": "eva"})
        mod = await moderator(running)
        await done(mod, {"t": "ban", "account": "leo"})
        await bob.close()
    for _ in range(2):
        async with running_server(db=db) as running:
            rooms = await (await running.native("x")).ask({"t": "rooms"}, "rooms")
            assert {"room": "Aula", "count": 0, "password": True} in rooms["rooms"]
            ana = await running.native("ana")
            make_account(running, "ana")
            joined = await ana.ask({"t": "join", "room": "Aula"}, "joined")
            assert joined["role"] == "owner"
            assert joined["modes"] == {"permanent": True, "moderated": True, "password": True}
            bans = (await ana.ask({"t": "bans", "room": "Aula"}, "bans"))["bans"]
            assert [(ban["who"], ban.get("mute", False)) for ban in bans] == [("bob", True), ("eva", False)]
            eva = await running.native("eva")
            assert await error(eva, {"t": "join", "room": "Aula", "password": "llave"}) == "banned-from-room"
            bob = await running.native("bob")
            await bob.ask({"t": "join", "room": "Aula", "password": "llave"}, "joined")
            assert await error(bob, {"t": "say", "room": "Aula", "text": "eh"}) == "muted"
            mod = await moderator(running)
            bans = (await mod.ask({"t": "bans"}, "bans"))["bans"]
            assert [ban["account"] for ban in bans] == ["leo"]


async def test_the_owner_of_a_room_that_lay_dormant_is_known_before_anybody_enters(db: Path) -> None:
    async with running_server(db=db, dormant_rooms=0) as running:
        ana = await running.native("ana")
        make_account(running, "ana")
        await ana.ask({"t": "join", "room": "Aula"}, "joined")
        await set_modes(ana, "Aula", invite_only=True)
        await ana.ask({"t": "leave", "room": "Aula"}, "left")
        bob = await running.native("bob")
        assert await error(bob, {"t": "join", "room": "Aula"}) == "invite-needed"
        assert (await ana.ask({"t": "join", "room": "Aula"}, "joined"))["role"] == "owner"


async def test_a_deed_is_answered_when_it_and_its_entry_in_the_audit_log_are_on_disk(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Aula")
        await running.native("bob", "Aula")
        await done(ana, {"t": "ban", "room": "Aula", "who": "bob", "for_s": 60, "reason": "spam"})
        with second_reader(db) as reader:
            assert reader.execute("SELECT count(*) FROM restrictions").fetchone() == (1,)
            rows = reader.execute("SELECT actor, action, room, target, detail, address FROM audit").fetchall()
            assert rows == [("ana", "ban", "Aula", "bob", "for 60s spam", "127.0.0.1")]


async def test_the_audit_log_is_read_by_those_who_moderate_the_server(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Aula")
        await running.native("bob", "Aula")
        for reason in ("uno", "dos", "tres"):
            await done(ana, {"t": "mute", "room": "Aula", "who": "bob", "reason": reason})
        assert await error(ana, {"t": "audit"}) == "not-allowed"
        mod = await moderator(running)
        page = await mod.ask({"t": "audit", "limit": 2}, "audit")
        assert [entry["detail"] for entry in page["entries"]] == ["tres", "dos"]
        assert page["more"] is True
        older = {"t": "audit", "room": "aula", "before": page["entries"][-1]["id"]}
        page = await mod.ask(older, "audit")
        assert [(e["from"], e["action"], e["target"], e["detail"]) for e in page["entries"]] == [
            ("ana", "mute", "bob", "uno")
        ]
        assert "more" not in page


async def test_what_could_not_be_stored_is_said_and_nothing_of_it_is_in_the_audit_log(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Aula")
        await running.native("bob", "Aula")
        limit_pages(archive_of(running), 0)
        request = {"t": "mute", "room": "Aula", "who": "bob", "reason": "x" * 1_000, "id": 1}
        told = 0
        for _ in range(40):
            await ana.send(request)
            while (answer := await ana.message())["t"] not in ("ok", "error"):
                pass
            told += answer["t"] == "ok"
            if answer["t"] == "error":
                break
        else:
            pytest.fail("all of them found room on the disk")
        assert answer["code"] == "not-stored"
        limit_pages(archive_of(running), None)
        await done(ana, request | {"reason": "y"})
        with second_reader(db) as reader:
            assert reader.execute("SELECT count(*) FROM audit").fetchone() == (told + 1,)
            assert reader.execute("SELECT reason FROM restrictions").fetchall() == [("y",)]


async def test_without_a_record_there_is_no_audit_log() -> None:
    async with running_server() as running:
        mod = await moderator(running)
        assert await error(mod, {"t": "audit"}) == "no-record"


# Other dialects


async def test_in_plain_text(keeping: dict[str, Any]) -> None:
    async with running_server(lang="es", **keeping) as running:
        ana = await running.visitor(0)
        await ana.send("ana")
        await ana.until("un comando: ")
        await ana.send("Aula")
        await ana.until("Tu papel aquí: propietario.\n")
        await ana.send("/mode password llave")
        await ana.until("ana ha cambiado los ajustes de la sala: cerrada con contraseña.\n")
        bob = await running.visitor(0)
        await bob.send("bob")
        await bob.until("un comando: ")
        await bob.send("Aula")
        await bob.until("Contraseña de la sala Aula (se ve): ")
        await bob.send("otra")
        await bob.until(
            "ERROR: Esa no es la contraseña de la sala Aula.\nContraseña de la sala Aula (se ve): "
        )
        await bob.send("")
        await bob.until("No ha cambiado nada.\nIngresa el nombre de la sala o un comando: ")
        await bob.send("Aula\notra")
        await bob.until(
            "ERROR: Esa no es la contraseña de la sala Aula.\nContraseña de la sala Aula (se ve): "
        )
        await bob.send("llave")
        await bob.until("Sala Aula: cerrada con contraseña.\n")
        await ana.send("/mute bob 10m que pesado")
        await bob.until("ana ha silenciado a bob hasta el ")
        await bob.until(" UTC (que pesado).\n")
        await bob.send("eh")
        await bob.until("ERROR: No puedes hablar en la sala Aula hasta el ")
        await ana.send("/bans")
        await ana.until("bob: silenciado por ana hasta el ")
        await ana.send("/op bob")
        await bob.until("ana ha hecho a bob operador de la sala.\n")
        await bob.send("/kick ana")
        await bob.until("ERROR: No puedes actuar sobre ana: no estás por encima.\n")
        await ana.send("/kick bob adiós")
        await ana.until("bob fue expulsado por ana (adiós).\n")
        await bob.until("ana te ha expulsado de la sala Aula (adiós).\n")
        await bob.until("un comando: ")
        await bob.send("REFR")
        await bob.until("Aula\n")


async def test_with_a_client_of_the_protocol_of_rooms() -> None:
    async with running_server(lang="es") as running:
        ana = await running.native("ana", "Aula")
        bob = await running.visitor()
        for line, answer in (
            ("JOIN bob", "OK\n"),
            ("ROOM Aula", "Te has unido a la sala Aula.\n"),
        ):
            await bob.send(line)
            assert await bob.until("\n") == answer
        await done(ana, {"t": "role", "room": "Aula", "who": "bob", "role": "voice"})
        assert await bob.until("\n") == "ana ha dado voz a bob.\n"
        await done(ana, {"t": "kick", "room": "Aula", "who": "bob", "reason": "x"})
        assert await bob.until("\n") == "ana te ha expulsado de la sala Aula (x).\n"
        await bob.send("MESSAGE hola")
        assert (await bob.until("\n")).startswith("ERROR: ")
        await set_modes(ana, "Aula", password="llave")
        await bob.send("ROOM Aula")
        assert await bob.until("\n") == "ERROR: La sala Aula tiene contraseña.\n"
        await set_modes(ana, "Aula", password="", invite_only=True)
        await bob.send("ROOM Aula")
        assert await bob.until("\n") == "ERROR: En la sala Aula solo se entra con invitación.\n"
        await done(ana, {"t": "invite", "room": "Aula", "who": "bob"})
        assert await bob.until("\n") == "ana te invita a la sala Aula.\n"
        await bob.send("ROOM Aula")
        assert await bob.until("\n") == "Te has unido a la sala Aula.\n"
