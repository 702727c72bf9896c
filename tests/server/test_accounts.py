"""Registering and logging in with real sockets, real hashes and a real file."""

import re
import socket
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import argon2
import pytest
import trio
import trio.testing

from tests.server.disk import archive_of, second_reader
from tests.server.support import PATIENCE_S, LogLines, Running, Visitor, running_server
from wassop.core.commands import Identify, Login
from wassop.server.control import control_path
from wassop.server.passwords import MOST_WAITING, Hasher

SECRET, OTHER = "correcto caballo", "otra contraseña"
ELSEWHERE = "127.0.0.2"
CHEAP: dict[str, Any] = {"password_hash_kib": 8, "password_hash_passes": 1}
CLASSROOM = {
    "salas": (b"JOIN ana\n", "ERROR: The name ana is registered"),
    "mychat": (b"CONNECT|ana\n", "CONNECT_ACK|FAIL\n"),
    "remitente": (b'{"remitente":"ana","contenido":"","tipo":"conexion"}\n', '"tipo":"error"'),
    "cmdjson": (b'{"cmd":"login","user":"ana"}\n', "The name ana is registered"),
    "nick": (b"ana\n", "ERROR: The name ana is registered"),
}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def serving(**settings: Any) -> Any:
    return running_server(**CHEAP, **settings)


def hello(name: str, password: str | None = None, **more: Any) -> dict[str, Any]:
    secret = {} if password is None else {"password": password}
    return {"t": "hello", "name": name, "lobby": False, **secret, **more}


async def register(running: Running, name: str = "ana", *rooms: str) -> Visitor:
    visitor = await running.native(name, *rooms)
    await visitor.ask({"t": "register", "password": SECRET, "id": 1}, "ok")
    return visitor


async def login(running: Running, name: str = "ana", password: str = SECRET, **more: Any) -> Visitor:
    visitor = await running.visitor(**more)
    await visitor.ask(hello(name, password), "welcome")
    return visitor


async def refusal(running: Running, request: dict[str, Any], **more: Any) -> str:
    visitor = await running.visitor(**more)
    error = await visitor.ask(request, "error")
    await visitor.close()
    return str(error["code"])


def needs_two_addresses() -> None:
    if sys.platform == "darwin":
        pytest.skip("127.0.0.2 is no address of this machine")


def logged(log: LogLines, event: str) -> list[dict[str, Any]]:
    return [entry for entry in log.entries if entry["event"] == event]


class Checks:
    """How often a password was hashed to check it; the hashing itself is the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashes: list[str] = []
        verify = argon2.PasswordHasher.verify

        def counted(hasher: argon2.PasswordHasher, hashed: Any, password: Any) -> Any:
            self.hashes.append(hashed)
            return verify(hasher, hashed, password)

        monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)


# Whose a name is


async def test_a_registered_name_is_its_owners_also_after_a_restart(db: Path) -> None:
    async with serving(db=db) as running:
        ana = await register(running)
        await ana.close()
    async with serving(db=db) as running:
        assert await refusal(running, hello("ANA")) == "password-needed"
        assert await refusal(running, hello("аnа")) == "name-registered"
        assert await refusal(running, hello("ana", OTHER)) == "login-failed"
        welcome = await (await running.visitor()).ask(hello("ana", SECRET), "welcome")
        assert (welcome["name"], welcome["account"]) == ("ana", True)
        assert "role" not in welcome
        assert [line["name"] for line in logged(running.log, "logged-in")] == ["ana"]


async def test_a_server_without_a_record_knows_accounts_as_long_as_it_runs() -> None:
    async with serving() as running:
        ana = await register(running)
        await ana.ask({"t": "logout"}, "logged-out")
        await ana.ask(hello("eva"), "welcome")
        await ana.ask({"t": "msg", "to": "ana", "text": "psst", "id": 2}, "ok")
        back = await login(running)
        message = await back.next("msg")
        assert (message["text"], message["kept"]) == ("psst", True)
        await back.ask({"t": "password", "old": SECRET, "new": OTHER, "id": 3}, "ok")
        assert await refusal(running, hello("ana", SECRET)) == "login-failed"
        await login(running, password=OTHER)


@pytest.mark.parametrize("dialect", CLASSROOM)
async def test_programs_without_passwords_read_in_their_own_form_that_the_name_cannot_be_had(
    dialect: str,
) -> None:
    said, read = CLASSROOM[dialect]
    async with serving(listen=(f"127.0.0.1:0={dialect}",)) as running:
        ana = await register(running)
        await ana.close()
        student = await running.visitor(door=1)
        if dialect == "nick":
            await student.until("NICK")
        await student.send(said)
        assert read in await student.until(read)
        assert await refusal(running, hello("ana")) == "password-needed", "nobody has it"


async def test_the_hello_of_a_guest_waits_for_nothing() -> None:
    async with serving() as running:
        await register(running)
        chat = running.server.chat
        assert chat.is_ready(Identify("bob"))
        assert chat.is_ready(Identify("ana")), "it is refused at once"
        assert not chat.is_ready(Login("ana", SECRET, Identify("ana")))


async def test_a_visitor_who_has_logged_out_has_the_time_for_a_name_again(
    mock_clock: trio.testing.MockClock,
) -> None:
    # Not a clock that jumps by itself, which does not wait for threads.
    async with serving(naming_timeout_s=60) as running:
        ana = await register(running)
        mock_clock.jump(100)
        await ana.ask({"t": "logout"}, "logged-out")
        mock_clock.jump(50)
        await ana.ask({"t": "ping"}, "pong")
        mock_clock.jump(15)
        assert (await ana.next("bye"))["reason"] == "unnamed"


# What nobody learns


async def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password_and_reads_the_same(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(db=db) as running:
        await register(running)
        checks = Checks(monkeypatch)
        read = []
        for name in ("ana", "zoe"):
            visitor = await running.visitor()
            error = await visitor.ask(hello(name, OTHER), "error")
            read.append((error, len(checks.hashes)))
            checks.hashes.clear()
        assert read[0] == read[1]
        assert read[0][1] == 1
        # And each hash takes what the settings say.
        parameters = {hashed.rpartition("$")[0].rpartition("$")[0] for hashed in checks.hashes}
        assert parameters <= {"$argon2id$v=19$m=8,t=1,p=1"}


async def test_no_password_stands_in_the_log_or_on_disk(db: Path) -> None:
    async with serving(db=db, verbose=True) as running:
        ana = await register(running)
        await ana.ask({"t": "password", "old": OTHER, "new": SECRET, "id": 2}, "error")
        await ana.ask({"t": "password", "old": SECRET, "new": OTHER, "id": 2}, "ok")
        person = await running.visitor()
        await person.send("ana")
        await person.until("(it shows): ")
        await person.send("typed by mistake")
        await person.until("ERROR")
        await person.until("(it shows): ")
        await person.send("\n/login zoe")
        await person.until("(it shows): ")
        await person.send(SECRET)
        await person.until("ERROR")
        # A password where a name belongs is a name that nobody knows.
        assert await refusal(running, hello("secreto-123", "secreto-123")) == "login-failed"
        with second_reader(db) as reader:
            ((hashed,),) = reader.execute("SELECT hash FROM accounts").fetchall()
        assert argon2.PasswordHasher().verify(hashed, OTHER)
        assert [line.get("name") for line in logged(running.log, "login-failed")][-3:] == ["ana", None, None]
    lines = "\n".join(running.log.lines)
    on_disk = b"".join(path.read_bytes() for path in db.parent.iterdir() if path.is_file())
    for secret in (SECRET, OTHER, "typed by mistake", "secreto-123"):
        assert secret not in lines
        assert secret.encode() not in on_disk


async def test_a_password_is_hashed_anew_when_the_settings_have_changed(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> str:
        with second_reader(db) as reader:
            return str(reader.execute("SELECT hash FROM accounts").fetchone()[0])

    async with serving(db=db) as running:
        await register(running)
    assert "m=8,t=1,p=1" in kept()
    settings = {"password_hash_kib": 16, "password_hash_passes": 2}
    async with running_server(db=db, **settings) as running:
        await login(running)
    assert "m=16,t=2,p=1" in kept()
    async with running_server(db=db, **settings) as running:
        await login(running)


async def test_a_password_counts_in_whatever_form_the_keyboard_writes_it(db: Path) -> None:
    async with serving(db=db) as running:
        ana = await running.native("ana")
        await ana.ask({"t": "register", "password": "contrasen\u0303a", "id": 1}, "ok")
        await login(running, password="contraseña")


# Several sessions


async def test_two_sessions_of_an_account_hear_each_other_and_the_room_sees_one_person(db: Path) -> None:
    async with serving(db=db) as running:
        bob = await running.native("bob", "Sala1")
        desk = await register(running, "ana", "Sala1")
        tablet = await login(running)
        joined = await tablet.ask({"t": "join", "room": "Sala1"}, "joined")
        assert joined["members"] == ["bob", "ana"]
        await desk.ask({"t": "say", "room": "Sala1", "text": "hola", "nonce": "n1", "id": 2}, "ok")
        said = await tablet.next("said")
        assert (said["from"], said["text"], said["nonce"]) == ("ana", "hola", "n1")
        await tablet.ask({"t": "msg", "to": "bob", "text": "psst", "nonce": "n2", "id": 3}, "ok")
        told = await desk.next("msg")
        assert (told["from"], told["to"], told["nonce"]) == ("ana", "bob", "n2")
        await desk.ask({"t": "quit"}, "bye")
        await tablet.send({"t": "quit"})
        heard = [await bob.message() for _ in range(4)]
        assert [(m["t"], m.get("joined", m.get("gone"))) for m in heard if m["t"] == "presence"] == [
            ("presence", ["ana"]),
            ("presence", ["ana"]),
        ]


async def test_another_password_ends_the_other_sessions_with_a_reason(db: Path) -> None:
    async with serving(db=db) as running:
        desk = await register(running)
        tablet = await login(running)
        await tablet.ask({"t": "password", "old": SECRET, "new": OTHER, "id": 2}, "ok")
        assert (await desk.next("bye"))["reason"] == "password-changed"
        await tablet.ask({"t": "ping"}, "pong")


async def test_who_loses_a_connection_resumes_while_the_old_one_is_still_there(db: Path) -> None:
    async with serving(db=db) as running:
        old = await register(running, "ana", "Sala1")
        ok = await old.ask({"t": "say", "room": "Sala1", "text": "hola", "nonce": "n1", "id": 2}, "ok")
        new = await running.visitor()
        welcome = await new.ask(hello("ana", SECRET, resume={"Sala1": 0}), "welcome")
        assert [m["text"] for m in welcome["resumed"][0]["history"]] == ["hola"]
        again = {"t": "say", "room": "Sala1", "text": "hola", "nonce": "n1", "id": 3}
        assert (await new.ask(again, "ok"))["seq"] == ok["seq"]


# What is kept


async def test_a_private_message_is_kept_over_a_restart_and_told_once(db: Path) -> None:
    async with serving(db=db) as running:
        ana = await register(running)
        await ana.ask({"t": "quit"}, "bye")
        bob = await running.native("bob")
        while not (await bob.ask({"t": "msg", "to": "ana", "text": "uno", "id": 1}, "ok")).get("kept"):
            pass  # ana is about to go
    async with serving(db=db) as running:
        bob = await running.native("bob")
        assert (await bob.ask({"t": "msg", "to": "ana", "text": "dos", "id": 1}, "ok"))["kept"] is True
        ana = await login(running)
        assert [(await ana.next("msg"))["text"] for _ in range(2)][-1] == "dos"
        await ana.ask({"t": "ping"}, "pong")
    async with serving(db=db) as running:
        ana = await login(running)
        await ana.send({"t": "ping"})
        assert (await ana.message())["t"] == "pong"


# What could not be stored


async def test_a_registration_that_cannot_be_stored_leaves_the_name_free(db: Path) -> None:
    async with serving(db=db) as running:
        ana = await running.native("ana")
        writer = archive_of(running)._writer
        writer.execute("PRAGMA query_only = ON")
        answer = await ana.ask({"t": "register", "password": SECRET, "id": 2}, "error")
        assert answer["code"] == "not-stored"
        writer.execute("PRAGMA query_only = OFF")
        assert await refusal(running, hello("ana", SECRET)) == "login-failed"
        await ana.ask({"t": "register", "password": OTHER, "id": 3}, "ok")
        # Nor is what cannot be kept for somebody.
        await ana.ask({"t": "logout"}, "logged-out")
        await ana.ask(hello("bob"), "welcome")
        writer.execute("PRAGMA query_only = ON")
        told = {"t": "msg", "to": "ana", "text": "psst", "nonce": "k", "id": 4}
        assert (await ana.ask(told, "error"))["code"] == "not-stored"
        writer.execute("PRAGMA query_only = OFF")
        assert (await ana.ask(told, "ok"))["kept"] is True
    async with serving(db=db) as running:
        back = await login(running, password=OTHER)
        assert (await back.next("msg"))["text"] == "psst"


async def test_an_account_that_is_removed_while_its_password_is_checked_lets_nobody_in(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, has_begun = threading.Event(), threading.Event()
    verify = Hasher.verify

    def slow(hasher: Hasher, hashed: str | None, password: str) -> Any:
        has_begun.set()
        assert may_go_on.wait(PATIENCE_S)
        return verify(hasher, hashed, password)

    async with serving(db=db) as running, await control_of(db) as operator:
        ana = await register(running)
        monkeypatch.setattr(Hasher, "verify", slow)
        late = await running.visitor()
        await late.send(hello("ana", SECRET))
        await trio.to_thread.run_sync(has_begun.wait)
        await operator.ask({"t": "account", "do": "remove", "name": "ana", "id": 1}, "ok")
        may_go_on.set()
        assert (await late.next("error"))["code"] == "login-failed"
        assert (await ana.next("bye"))["reason"] == "account-removed"


# Guessing


async def test_whoever_guesses_is_told_to_wait_and_locks_out_nobody_else() -> None:
    needs_two_addresses()
    async with serving(logins_per_account_per_s=0.01, logins_per_account_burst=3) as running:
        ana = await register(running)  # and so this address is known
        for _ in range(3):
            assert await refusal(running, hello("ana", OTHER), source=ELSEWHERE) == "login-failed"
        guesser = await running.visitor(source=ELSEWHERE)
        error = await guesser.ask(hello("ana", SECRET), "error")
        assert error["code"] == "login-too-often"
        assert re.search(r"in (100|9\d) s\.", error["text"])
        assert await refusal(running, hello("zoe", OTHER), source=ELSEWHERE) == "login-failed"
        await login(running)
        # Nor is the place from which the owner comes a place to guess from without end.
        for _ in range(3):
            assert await refusal(running, hello("ana", OTHER)) == "login-failed"
        assert await refusal(running, hello("ana", OTHER)) == "login-too-often"
        await ana.ask({"t": "ping"}, "pong")


async def test_an_unknown_name_is_guessed_no_faster_than_a_registered_one() -> None:
    async with serving(logins_per_account_per_s=0.01, logins_per_account_burst=2) as running:
        codes = [await refusal(running, hello("zoe", OTHER)) for _ in range(3)]
        assert codes == ["login-failed", "login-failed", "login-too-often"]


async def test_the_right_password_counts_for_nothing() -> None:
    async with serving(
        logins_per_account_per_s=0.01, logins_per_account_burst=2, trust_network=()
    ) as running:
        await register(running)
        for _ in range(5):
            await login(running)


async def test_an_address_guesses_so_fast_whatever_the_names_unless_it_is_trusted() -> None:
    settings: dict[str, Any] = {"logins_per_address_per_s": 0.01, "logins_per_address_burst": 2}
    async with serving(trust_network=(), **settings) as running:
        codes = [await refusal(running, hello(name, OTHER)) for name in ("uno", "dos", "tres")]
        assert codes == ["login-failed", "login-failed", "login-too-often"]
    async with serving(**settings) as running:
        codes = [await refusal(running, hello(name, OTHER)) for name in ("uno", "dos", "tres")]
        assert codes == ["login-failed"] * 3


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """No password is checked before this is set."""
    may_go_on = threading.Event()
    verify = Hasher.verify

    def slow(hasher: Hasher, hashed: str | None, password: str) -> Any:
        assert may_go_on.wait(PATIENCE_S)
        return verify(hasher, hashed, password)

    monkeypatch.setattr(Hasher, "verify", slow)
    return may_go_on


async def test_when_too_many_wait_for_a_thread_one_more_is_told_to_come_later(
    held_back: threading.Event,
) -> None:
    async with serving() as running:
        crowd = await crowded(running)
        late = await running.visitor()
        assert "in 5 s." in (await late.ask(hello("late", OTHER), "error"))["text"]
        held_back.set()
        for visitor in crowd:
            assert (await visitor.next("error"))["code"] == "login-failed"


async def crowded(running: Running) -> list[Visitor]:
    """So many who try passwords that there is no place for one more."""
    passwords = running.server.chat.logins.passwords
    crowd: list[Visitor] = []
    with trio.fail_after(PATIENCE_S):
        while not passwords.is_busy():
            crowd.append(await running.visitor())
            await crowd[-1].send(hello(f"v{len(crowd)}", OTHER))
            await trio.testing.wait_all_tasks_blocked()
    return crowd


async def test_who_comes_at_once_has_a_place_before_the_record_is_read(
    db: Path, held_back: threading.Event
) -> None:
    async with serving(db=db, logins_per_address_per_s=0.0) as running:
        crowd = [await running.visitor() for _ in range(MOST_WAITING + 20)]
        for number, visitor in enumerate(crowd):
            await visitor.send(hello(f"v{number}", OTHER))
        codes: list[str] = []

        async def read(visitor: Visitor) -> None:
            codes.append((await visitor.next("error"))["code"])

        async with trio.open_nursery() as reading:
            for visitor in crowd:
                reading.start_soon(read, visitor)
            passwords = running.server.chat.logins.passwords
            with trio.fail_after(PATIENCE_S):
                while len(codes) + passwords.expected < len(crowd):
                    await trio.testing.wait_all_tasks_blocked()
            assert passwords.expected <= MOST_WAITING
            held_back.set()
        assert codes.count("login-failed") <= MOST_WAITING
        assert codes.count("login-failed") + codes.count("login-too-often") == len(crowd)
        assert passwords.expected == 0


async def test_when_a_crowd_guesses_there_is_a_place_for_whoever_comes_from_where_the_owner_does(
    held_back: threading.Event,
) -> None:
    needs_two_addresses()
    async with serving() as running:
        ana = await register(running)
        held_back.set()
        await (await login(running, source=ELSEWHERE)).close()
        held_back.clear()
        crowd = await crowded(running)
        assert await refusal(running, hello("ana", SECRET), source="127.0.0.3") == "login-too-often"
        owner = await running.visitor(source=ELSEWHERE)
        await owner.send(hello("ana", SECRET))
        await trio.testing.wait_all_tasks_blocked()
        held_back.set()
        await owner.next("welcome")
        for visitor in crowd:
            await visitor.next("error")
        await ana.ask({"t": "ping"}, "pong")


async def test_who_leaves_while_a_password_waits_leaves_the_place(held_back: threading.Event) -> None:
    async with serving() as running:
        passwords = running.server.chat.logins.passwords
        crowd = await crowded(running)
        for visitor in crowd:
            await visitor.close()
        held_back.set()
        with trio.fail_after(PATIENCE_S):
            while passwords.expected:
                await trio.testing.wait_all_tasks_blocked()
        assert await refusal(running, hello("late", OTHER)) == "login-failed"


async def test_an_address_registers_so_many_names_unless_it_is_trusted() -> None:
    for network, last in (((), "error"), (("127.0.0.0/8",), "ok")):
        async with serving(trust_network=network, registrations_per_address_per_h=2) as running:
            for name in ("uno", "dos"):
                await register(running, name)
            third = await running.native("tres")
            too_short = await third.ask({"t": "register", "password": "x", "id": 2}, "error")
            assert too_short["code"] == "password-too-short"
            answer = await third.ask({"t": "register", "password": SECRET, "id": 2}, last)
            assert answer.get("code") == ("registering-too-often" if last == "error" else None)


async def test_where_visitors_may_not_register_the_operator_still_may(db: Path) -> None:
    async with serving(db=db, registration=False) as running, await control_of(db) as operator:
        bob = await running.native("bob")
        error = await bob.ask({"t": "register", "password": SECRET, "id": 2}, "error")
        assert error["code"] == "registering-closed"
        add = {"t": "account", "do": "add", "name": "ana", "password": SECRET, "id": 1}
        await operator.ask(add, "ok")
        await login(running)


# The operator's way in


class Control(Visitor):
    """Somebody at the control socket."""


async def control_of(db: Path) -> Control:
    stream = None
    with trio.fail_after(PATIENCE_S):
        while stream is None:
            try:
                stream = await trio.open_unix_socket(str(control_path(db)))
            except OSError:
                await trio.sleep(0.001)
    return Control(stream)


async def test_the_operator_is_heard_without_a_name_and_nobody_else_may_open_the_socket(db: Path) -> None:
    stale = control_path(db)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(stale))
    async with serving(db=db) as running:
        assert stat.S_IMODE(stale.stat().st_mode) == 0o600
        async with await control_of(db) as operator:
            ana = await register(running)
            listed = await operator.ask({"t": "account", "do": "list"}, "accounts")
            assert [(line["name"], line["role"]) for line in listed["accounts"]] == [("ana", "user")]
            role = {"t": "account", "do": "role", "name": "ana", "role": "admin", "id": 1}
            await operator.ask(role, "ok")
            listed = await ana.ask({"t": "account", "do": "list"}, "accounts")
            assert listed["accounts"][0]["role"] == "admin"
            error = await operator.ask({"t": "say", "room": "General", "text": "hola", "id": 2}, "error")
            assert error["code"] == "hello-first"
        # Over the network nobody is the operator.
        assert await refusal(running, {"t": "account", "do": "list"}) == "hello-first"
        bob = await running.native("bob")
        assert (await bob.ask({"t": "account", "do": "list"}, "error"))["code"] == "not-allowed"
    assert not stale.exists()


async def test_a_server_that_can_have_no_control_socket_says_so_and_runs(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    async with serving(db=folder / "chat.db") as running:
        await running.native("ana")
        assert len(logged(running.log, "no-control")) == 1


# A person with netcat or telnet


async def test_a_person_registers_logs_out_and_in_and_reads_what_was_kept(db: Path) -> None:
    async with serving(db=db) as running:
        person = await running.visitor()
        await person.send("ana")
        await person.until("or a command: ")
        await person.send("/register")
        assert (
            await person.until("(it shows): ")
            == "A password for your name, at least 8 characters (it shows): "
        )
        await person.send(SECRET)
        assert await person.until("(it shows): ") == "The same again (it shows): "
        await person.send("  distinta  ")
        await person.until("ERROR: That was another password; nothing was changed.\nA password for your name")
        await person.send("")
        assert "Nothing was changed.\n" in await person.until("or a command: ")
        await person.send(f"/register\n{SECRET}\n{SECRET}")
        assert "Your name is registered" in await person.until("or a command: ")
        await person.send("/logout")
        assert await person.until("user name: ") == "You have logged out.\n\nEnter your user name: "
        bob = await running.native("bob")
        await bob.ask({"t": "msg", "to": "ana", "text": "hasta mañana", "id": 1}, "ok")
        await person.send("ana")
        assert await person.until(": ") == "Password of ana (it shows): "
        await person.send("")
        assert await person.until("user name: ") == "Nothing was changed.\nEnter your user name: "
        await person.send(f"ana\n{OTHER}")
        assert "is not known.\nPassword of ana (it shows): " in await person.until(
            "known.\nPassword of ana (it shows): "
        )
        await person.send(SECRET)
        welcome = await person.until("QUIT\n")
        assert "You have joined as ana." in welcome
        assert "ana.\n\nbob (private, while you were away): hasta mañana\n---- " in welcome


async def test_a_person_who_is_in_a_room_logs_in_and_stays_there_and_takes_another_password(db: Path) -> None:
    async with serving(db=db) as running:
        ana = await register(running)
        await ana.close()
        person = await running.visitor()
        await person.send("eva\nSala1")
        await person.until("main menu.\n")
        await person.send("/login ana")
        await person.until("(it shows): ")
        await person.send(SECRET)
        assert await person.until("\n\n") == "You have joined as ana.\n\n"
        await person.send("hola")
        assert await person.until("\n") == "You: hola\n"
        await person.send(f"/password\n{SECRET}\n{OTHER}\n{OTHER}")
        await person.until("Your password was changed.\n")
        await person.send("/login")
        assert await person.until("\n") == "ERROR: Something is missing. Use: /login ana\n"
        await login(running, password=OTHER)


async def test_what_is_typed_once_more_after_a_wrong_password_is_one_too_and_nobody_reads_it(
    db: Path,
) -> None:
    async with serving(db=db) as running:
        await (await register(running)).close()
        bob, person = await running.native("bob", "Sala1"), await running.visitor()
        await person.send("eva\nSala1")
        await person.until("main menu.\n")
        await person.send("/login ana")
        await person.until("(it shows): ")
        await person.send("typed by mistake")
        await person.until("is not known.\nPassword of ana (it shows): ")
        await person.send(SECRET)
        await person.until("You have joined as ana.")
        await person.send(f"/password\n{OTHER}")
        await person.until("(it shows): ")
        await person.send(f"{OTHER}\n{OTHER}")
        await person.until("is not known.\nYour password until now (it shows): ")
        await person.send(f"{SECRET}\nx\nx")
        await person.until("8 characters.\nYour password until now (it shows): ")
        await person.send("\nhola")
        said = await bob.next("said")
        assert said["text"] == "hola"


async def test_a_password_is_asked_for_only_if_something_can_come_of_it(db: Path) -> None:
    async with serving(db=db) as running:
        person = await running.visitor()
        await person.send("ana")
        await person.until("or a command: ")
        await person.send("/password")
        assert "ERROR: You are not logged in.\n" in await person.until("or a command: ")
        await person.send(f"/register\n{SECRET}\n{SECRET}")
        await person.until("or a command: ")
        await person.send("/register")
        assert "ERROR: Your name is registered already.\n" in await person.until("or a command: ")
        await person.send("/login bob")
        assert "ERROR: You are already here as ana.\n" in await person.until("or a command: ")
        await person.send("/logout")
        await person.until("user name: ")
        await person.send(f"/login ana {SECRET}")
        assert await person.until(": ") == "Password of ana (it shows): "


async def test_at_the_name_prompt_one_may_say_login_too(db: Path) -> None:
    async with serving(db=db) as running:
        await (await register(running)).close()
        person = await running.visitor()
        await person.send(f"/login ana\n{SECRET}")
        await person.until("You have joined as ana.")


async def test_a_telnet_does_not_show_what_is_typed_while_a_password_is_asked_for() -> None:
    will_echo, wont_echo = b"\xff\xfb\x01", b"\xff\xfc\x01\xff\xfc\x03"
    async with serving() as running:
        await (await register(running)).close()
        telnet = await running.visitor()
        await telnet.send(b"\xff\xfd\x03\xff\xfb\x18ana\r\n")
        while will_echo not in telnet._buffer:
            assert await telnet.more()
        assert telnet._buffer.endswith(b"Password of ana: " + will_echo)
        telnet._buffer = b""
        await telnet.send(b"\xff\xfd\x01" + SECRET.encode() + b"\r\n")
        while b"QUIT\n" not in telnet._buffer:
            assert await telnet.more()
        assert telnet._buffer.startswith(wont_echo + b"\nYou have joined as ana.\n")
        assert telnet._buffer.count(b"\xff") == 2
