"""Operators at a real server: looking at it, its doors, kicking, stopping it."""

import errno
import socket
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.server.support import PATIENCE_S, Running, Visitor, running_server
from wassop.server.control import control_path
from wassop.server.logs import EVENTS, open_log
from wassop.server.recent_lines import RecentLines
from wassop.storage.archive import Archive

SECRET = "correcto caballo"
CHEAP: dict[str, Any] = {"password_hash_kib": 8, "password_hash_passes": 1}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def serving(db: Path, **settings: Any) -> Any:
    return running_server(db=db, **CHEAP, **settings)


async def control(db: Path) -> Visitor:
    """Whoever runs the server, at its socket."""
    return Visitor(await trio.open_unix_socket(str(control_path(db))))


async def logged_in(running: Running, operator: Visitor, name: str, role: str = "admin") -> Visitor:
    account = {"t": "account", "do": "add", "name": name, "password": SECRET, "role": role, "id": 1}
    await operator.ask(account, "ok")
    visitor = await running.visitor()
    await visitor.ask({"t": "hello", "name": name, "password": SECRET, "lobby": False}, "welcome")
    return visitor


async def refusal(visitor: Visitor, request: dict[str, Any]) -> str:
    return str((await visitor.ask(request, "error"))["code"])


def is_refused(running: Running, door: int = 0) -> bool:
    """Whether the kernel refuses whoever connects."""
    host, _, port = running.server.addresses[door].rpartition(":")
    with socket.socket() as sock:
        return sock.connect_ex((host, int(port))) == errno.ECONNREFUSED


def audited(db: Path) -> list[tuple[str, str, str, str]]:
    archive = Archive(db)
    lines = [(line.actor, line.action, line.target, line.detail) for line in archive.audit(None, 0.0, None)]
    archive.close()
    return lines


async def test_sessions_are_told_with_all_that_an_operator_wants_to_know(db: Path) -> None:
    async with serving(db, listen=("127.0.0.1:0=plain",)) as running, await control(db) as operator:
        ana = await logged_in(running, operator, "ana")
        person = await running.visitor(1)
        await person.until("Enter your user name: ")
        await running.native("bob", "Sala1", "Aula 3", lobby=True)
        told = await ana.ask({"t": "sessions", "id": 3}, "sessions")
        assert told["re"] == 3
        by_name = {session.get("name"): session for session in told["sessions"]}
        assert by_name["bob"]["rooms"] == ["General", "Sala1", "Aula 3"]
        assert (by_name["ana"]["role"], by_name["ana"]["account"]) == ("admin", True)
        nameless = [session for session in told["sessions"] if "name" not in session]
        assert [session["dialect"] for session in nameless] == ["native", "plain"]
        assert [session["address"].rpartition(":")[0] for session in nameless] == ["", "127.0.0.1"]
        assert nameless[0]["address"] == "control"
        port = int(nameless[1]["address"].rpartition(":")[2])
        assert port == person.stream.socket.getsockname()[1]
        numbers = [session["id"] for session in told["sessions"]]
        assert numbers == sorted(numbers)
        assert all(session["waiting_bytes"] == 0 for session in told["sessions"])


async def test_sessions_are_told_page_by_page_and_found_by_what_they_are(db: Path) -> None:
    async with serving(db) as running, await control(db) as operator:
        for number in range(7):
            await running.native(f"visita{number}", "Aula 3" if number == 5 else "Sala1")
        found, after = [], 0
        while True:
            page = await operator.ask({"t": "sessions", "after": after, "limit": 3}, "sessions")
            assert len(page["sessions"]) <= 3
            found += [session.get("name") for session in page["sessions"]]
            if not page.get("more"):
                break
            after = page["sessions"][-1]["id"]
        assert found == [None, *(f"visita{number}" for number in range(7))]
        for wanted, names in {
            "AULA": ["visita5"],
            "isita6": ["visita6"],
            "control": [None],
            "nadie": [],
        }.items():
            page = await operator.ask({"t": "sessions", "find": wanted}, "sessions")
            assert [session.get("name") for session in page["sessions"]] == names
        for limit in (0, -5, 10**9):
            page = await operator.ask({"t": "sessions", "limit": limit}, "sessions")
            assert page["sessions"]


async def test_figures_count_from_the_start_and_fan_outs_from_the_first_time_they_are_asked_for(
    db: Path,
) -> None:
    async with serving(db) as running, await control(db) as operator:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        before = await operator.ask({"t": "figures", "id": 9}, "figures")
        assert before["re"] == 9
        assert (before["connections"], before["sessions"], before["messages"]) == (3, {"native": 2}, 0)
        assert before["doors"] == running.server.addresses
        assert before["doors_open"] is True
        for number in range(5):
            await ana.ask({"t": "say", "room": "Sala1", "text": f"{number}", "id": number}, "ok")
            await bob.next("said")
        await ana.send({"t": "say", "room": "nowhere", "text": "hola"})
        await ana.next("error")
        after = await operator.ask({"t": "figures"}, "figures")
        assert (after["messages"], after["deliveries"], after["refused"]) == (5, 5, before["refused"] + 1)
        assert after["started_at"] == before["started_at"]
        assert after["at"] >= before["at"] > before["started_at"]
        # What was said, and perhaps that bob came, which may be told after the first time.
        assert 1 <= sum(after["fanout"]["counts"]) <= 6
        assert len(after["fanout"]["counts"]) == len(after["fanout"]["bounds_s"]) + 1
        assert after["database"]["waiting"] == 0


async def test_without_a_database_figures_tell_of_none() -> None:
    async with running_server(**CHEAP) as running:
        link = running.server.chat.logins.web.link_for_admin()
        root = await running.visitor()
        claim = {"t": "first-admin", "link": link, "name": "root", "password": SECRET, "id": 1}
        await root.ask(claim, "ok")
        await root.ask({"t": "hello", "name": "root", "password": SECRET}, "welcome")
        assert "database" not in await root.ask({"t": "figures"}, "figures")
        assert await refusal(root, {"t": "audit"}) == "no-record"


@pytest.mark.parametrize("role", [None, "user", "moderator"])
async def test_others_are_refused_and_nothing_happens(db: Path, role: str | None) -> None:
    async with serving(db) as running, await control(db) as operator:
        visitor = await logged_in(running, operator, "bob", role) if role else await running.native("bob")
        admins = [{"t": "log"}, {"t": "doors", "open": False}, {"t": "stop"}]
        moderators = [{"t": "sessions"}, {"t": "figures"}, {"t": "kick", "session": 1}]
        for request in admins + (moderators if role != "moderator" else []):
            assert await refusal(visitor, request) == "not-allowed"
        assert not running.server.stopping.is_set()
        assert not is_refused(running)


async def test_closed_doors_refuse_at_once_and_whoever_is_here_stays(db: Path) -> None:
    async with serving(db) as running, await control(db) as operator:
        ana = await logged_in(running, operator, "ana")
        bob = await running.native("bob", "Sala1")
        await ana.ask({"t": "join", "room": "Sala1"}, "joined")
        await ana.ask({"t": "doors", "open": False, "id": 1}, "ok")
        assert is_refused(running)
        figures = await ana.ask({"t": "figures"}, "figures")
        assert (figures["doors_open"], figures["doors"]) == (False, running.server.addresses)
        await bob.ask({"t": "say", "room": "Sala1", "text": "seguimos", "id": 2}, "ok")
        assert (await ana.next("said"))["text"] == "seguimos"
        await ana.ask({"t": "doors", "open": False, "id": 3}, "ok")
        await ana.ask({"t": "doors", "open": True, "id": 4}, "ok")
        eva = await running.native("eva", "Sala1")
        await eva.ask({"t": "say", "room": "Sala1", "text": "hola", "id": 5}, "ok")
        assert (await bob.next("said"))["text"] == "hola"
        await ana.ask({"t": "doors", "open": True, "id": 6}, "ok")
        await ana.ask({"t": "doors", "open": False, "id": 7}, "ok")
        assert is_refused(running)
        await operator.ask({"t": "doors", "open": True, "id": 8}, "ok")
        assert not is_refused(running)
    assert ("ana", "doors", "", "closed") in audited(db)
    assert ("(control)", "doors", "", "open") in audited(db)


async def test_all_doors_open_again_or_none_and_the_operator_reads_which_is_taken(db: Path) -> None:
    async with serving(db, listen=["127.0.0.1:0=salas"]) as running, await control(db) as operator:
        first, second = running.server.addresses
        await operator.ask({"t": "doors", "open": False, "id": 1}, "ok")
        host, _, port = second.rpartition(":")
        with socket.create_server((host, int(port))):
            error = await operator.ask({"t": "doors", "open": True, "id": 2}, "error")
            assert error["code"] == "doors-taken"
            assert second in error["text"]
            assert is_refused(running), "the first door was closed again"
            assert (await operator.ask({"t": "figures"}, "figures"))["doors_open"] is False
        await operator.ask({"t": "doors", "open": True, "id": 3}, "ok")
        assert running.server.addresses == [first, second]
        for door in (0, 1):
            await (await running.visitor(door)).close()
    assert [detail for _, action, _, detail in audited(db) if action == "doors"].count("open") == 1


async def test_what_an_operator_opened_and_what_was_never_closed_end_alike_when_the_server_stops(
    db: Path,
) -> None:
    async with serving(db) as running, await control(db) as operator:
        await operator.ask({"t": "doors", "open": False, "id": 1}, "ok")
        await operator.ask({"t": "doors", "open": True, "id": 2}, "ok")
        ana = await running.native("ana")
        await operator.ask({"t": "stop", "id": 3}, "ok")
        assert (await ana.next("bye"))["reason"] == "shutdown"
        assert await operator.next("bye")
        assert running.server.stopping.is_set()
    assert is_refused(running)
    assert ("(control)", "stop", "", "") in audited(db)


async def test_a_server_can_be_stopped_behind_closed_doors(db: Path) -> None:
    async with serving(db) as running, await control(db) as operator:
        await operator.ask({"t": "doors", "open": False, "id": 1}, "ok")
        await operator.ask({"t": "stop", "id": 2}, "ok")
        assert await operator.next("bye")
        assert running.server.stopping.is_set()


async def test_what_was_said_before_the_stop_is_stored(db: Path) -> None:
    async with serving(db) as running, await control(db) as operator:
        ana = await logged_in(running, operator, "ana")
        await ana.send({"t": "say", "room": "General", "text": "no estoy"})
        await ana.ask({"t": "join", "room": "Sala1"}, "joined")
        for number in range(50):
            await ana.send({"t": "say", "room": "Sala1", "text": f"{number}"})
        await ana.send({"t": "stop", "id": 9})
        assert (await ana.next("bye"))["reason"] == "shutdown"
    archive = Archive(db)
    assert [said.text for said in archive.everything("sala1")] == [f"{number}" for number in range(50)]
    archive.close()


async def test_a_person_with_netcat_who_is_kicked_reads_why_with_or_without_a_name(db: Path) -> None:
    async with serving(db, listen=("127.0.0.1:0=plain",)) as running, await control(db) as operator:
        ana = await logged_in(running, operator, "ana")
        nameless, person = await running.visitor(1), await running.visitor(1)
        for visitor in (nameless, person):
            await visitor.until("Enter your user name: ")
        await person.send("bob")
        await person.until("bob")
        found = await ana.ask({"t": "sessions", "find": "plain"}, "sessions")
        numbers = {session.get("name"): session["id"] for session in found["sessions"]}
        await ana.ask({"t": "kick", "session": numbers["bob"], "reason": "ruido", "id": 1}, "ok")
        read = (await person.to_the_end()).decode()
        assert "ruido" in read
        assert "ana" in read
        await ana.ask({"t": "kick", "session": numbers[None], "id": 2}, "ok")
        assert "kicked" in (await nameless.to_the_end()).decode()
        assert await refusal(ana, {"t": "kick", "session": numbers[None]}) == "no-such-session"
    assert ("ana", "kick", "bob", "ruido") in audited(db)
    assert ("ana", "kick", "127.0.0.1", "") in audited(db)


async def test_what_a_kick_is_about_must_be_told_once(db: Path) -> None:
    async with serving(db), await control(db) as operator:
        for kick in ({}, {"who": "bob", "session": 1}, {"room": "Sala1", "session": 1}, {"session": "x"}):
            assert await refusal(operator, {"t": "kick", **kick}) == "bad-field"


# The log


class _Lines:
    def write(self, _: str) -> None:
        pass


def test_the_newest_lines_are_kept_in_order_and_bounded() -> None:
    recent = RecentLines(EVENTS, lambda: 1.5)
    log = open_log(_Lines(), log_format="json", lang="es", verbose=False, colors=False, recent=recent)  # type: ignore[arg-type]
    for number in range(700):
        log.info("named", name=f"n{number}")
    told = recent.after(0, 1000, "es")
    assert [line.number for line in told.lines] == list(range(201, 701))
    assert (told.lines[-1].text, told.lines[-1].details) == ("se ha unido al chat", {"name": "n699"})
    newest = recent.after(600, 10, "en")
    assert ([line.number for line in newest.lines], newest.more) == ([*range(691, 701)], True)
    assert recent.after(700, 10, "en").lines == ()
    assert recent.after(0, 0, "en").lines == ()


def test_what_people_wrote_is_not_among_them_nor_anything_that_a_browser_could_be_fooled_with() -> None:
    recent = RecentLines(EVENTS)
    log = open_log(_Lines(), log_format="console", lang="es", verbose=True, colors=False, recent=recent)  # type: ignore[arg-type]
    log.debug("said", name="ana", room="Sala1", text="secreto")
    log.debug("told", name="ana", to="bob", text="secreto")
    log.warning("login-failed", name="\x1b[31m\u202eana", address="x" * 10_000, nothing=None)
    try:
        raise ValueError("secreto")
    except ValueError as error:
        log.error("connection-failed", exc_info=error)
    login, fault = recent.after(0, 9, "en").lines
    assert login.level == "warning"
    assert login.details["name"] == "␛[31m�ana"
    assert len(str(login.details["address"])) == 300
    assert "nothing" not in login.details
    assert fault.details == {"fault": "ValueError"}
    assert "secreto" not in repr(recent.after(0, 9, "en"))


async def test_an_admin_reads_the_log_of_a_running_server(db: Path) -> None:
    async with serving(db) as running, await control(db) as operator:
        assert (await operator.ask({"t": "log"}, "log"))["lines"] == [], "nobody keeps it here"
        running.server.chat.operations.recent = recent = RecentLines(EVENTS)
        running.server.chat.reconfigure(
            running.server.chat.config,
            open_log(_Lines(), log_format="json", lang="en", verbose=False, colors=False, recent=recent),  # type: ignore[arg-type]
        )
        await running.native("bob")
        with trio.fail_after(PATIENCE_S):
            told = await operator.ask({"t": "log", "id": 1}, "log")
        assert [line["event"] for line in told["lines"]] == ["connected", "named"]
        last = told["lines"][-1]["n"]
        assert (await operator.ask({"t": "log", "after": last}, "log"))["lines"] == []
