"""The operator's panel, in a real browser with a real server."""

import json
import os
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.process import PATIENCE_S, ServerProcess, environment, run_wassop, serving
from tests.web.people import PHONE, Person, cut_off, until_seen
from tests.web.test_access import faults

pytestmark = pytest.mark.tool("chromium")

SECRET: Final = "correcto caballo"
Operator = Callable[..., "Admin"]


@define(eq=False)
class Admin(Person):
    """Somebody in front of the panel."""

    def open_panel(self, more: str = "") -> "Admin":
        self.page.goto(f"http://127.0.0.1:{self.port}/panel{more}")
        return self

    def log_in(self, name: str = "ana", password: str = SECRET) -> "Admin":
        self.open_panel()
        self.submit(name, password)
        return self.is_inside()

    def submit(self, name: str, password: str) -> None:
        self.page.locator("input[name=username]").fill(name)
        self.page.locator("input[name=password]").fill(password)
        self.page.keyboard.press("Enter")

    def is_inside(self) -> "Admin":
        expect(self.page.locator(".tiles")).to_be_visible()
        return self

    def row(self, name: str) -> Locator:
        """A row of the list of sessions."""
        return self.page.locator("tr[data-session]", has=self.page.get_by_text(name, exact=True))

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def answer(self, button: str, **fields: str) -> None:
        """Fill in the dialog, and do it."""
        for name, text in fields.items():
            field = self.dialog.locator(f"[name={name}]")
            if field.evaluate("(field) => field.tagName") == "SELECT":
                field.select_option(label=text)
            else:
                field.fill(text)
        self.dialog.get_by_role("button", name=button, exact=True).click()
        expect(self.dialog).to_have_count(0)

    def tile(self, name: str) -> Locator:
        return self.page.locator(".tile", has=self.page.get_by_text(name, exact=True)).locator("dd")


@define
class Line:
    """A connection of a program or of a person with netcat."""

    sock: socket.socket
    read: bytes = b""

    @classmethod
    def to(cls, port: int, *said: str | dict[str, Any]) -> "Line":
        line = cls(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        for each in said:
            line.say(each)
        return line

    def say(self, what: str | dict[str, Any]) -> None:
        text = what if isinstance(what, str) else json.dumps(what)
        self.sock.sendall(f"{text}\n".encode())

    def until(self, wanted: str) -> str:
        while wanted.encode() not in self.read:
            data = self.sock.recv(65_536)
            assert data, f"ended without {wanted!r}: {self.read!r}"
            self.read += data
        return self.read.decode()

    def to_the_end(self) -> str:
        while data := self.sock.recv(65_536):
            self.read += data
        return self.read.decode()


@define(eq=False)
class House:
    """A running server with ana, who looks after it."""

    server: ServerProcess
    db: Path
    _lines: list[Line] = field(factory=list)

    @property
    def port(self) -> int:
        return self.server.port

    def account(self, name: str, role: str) -> None:
        add_account(self.db, name, role)

    def line(self, *said: str | dict[str, Any]) -> Line:
        self._lines.append(Line.to(self.port, *said))
        return self._lines[-1]

    def netcat(self, name: str) -> Line:
        """A person with netcat, who has said a name."""
        line = self.line(name)
        line.until(name)
        return line

    def close(self) -> None:
        for line in self._lines:
            line.sock.close()

    @property
    def refuses(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) != 0


def add_account(db: Path, name: str, role: str) -> None:
    secret = db.with_name("secret")
    secret.write_text(f"{SECRET}\n")
    run = ["account", "add", name, "--role", role, "--password-file", str(secret), "--db", str(db)]
    done = run_wassop(*run)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="session")
def record_of_ana(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, because it takes as long as some of the tests."""
    db = tmp_path_factory.mktemp("ana") / "chat.db"
    add_account(db, "ana", "admin")
    return db


@pytest.fixture
def house(tmp_path: Path, record_of_ana: Path) -> Iterator[House]:
    db = tmp_path / "chat.db"
    shutil.copy(record_of_ana, db)
    with serving("--db", str(db)) as server:
        found = House(server, db)
        yield found
        found.close()


@pytest.fixture
def operator(browser: Browser) -> Iterator[Operator]:
    """`operator(port, **context)` is somebody new; at the end nothing may have gone wrong in any page."""
    people: list[Admin] = []

    def come(port: int, **context: Any) -> Admin:
        admin = Admin.with_browser(browser, port, **context)
        assert isinstance(admin, Admin)
        people.append(admin)
        return admin

    yield come
    wrong = [fault for person in people for fault in person.faults]
    for person in people:
        person.page.context.close()
    assert wrong == []


def test_an_admin_sees_who_is_here_as_they_come_and_go(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    expect(ana.row("ana")).to_contain_text("admin")
    pepe = house.netcat("pepe")
    expect(ana.row("pepe")).to_contain_text("plain")
    eva = house.line({"t": "hello", "name": "eva"}, {"t": "join", "room": "Aula 3"})
    eva.until("joined")
    expect(ana.row("eva")).to_contain_text("Aula 3")
    expect(ana.tile("Personas")).to_have_text("3")
    ana.page.get_by_role("searchbox").fill("aula")
    expect(ana.row("pepe")).to_have_count(0)
    expect(ana.row("eva")).to_have_count(1)
    ana.page.get_by_role("searchbox").fill("")
    pepe.sock.close()
    expect(ana.row("pepe")).to_have_count(0)
    ana.tab("Salas")
    expect(ana.page.get_by_role("row", name="Aula 3")).to_contain_text("1")


def test_figures_and_graphs_move(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    eva = house.line({"t": "hello", "name": "eva"}, {"t": "join", "room": "Sala1"})
    eva.until('"t":"joined"')
    bob = house.line({"t": "hello", "name": "bob"}, {"t": "join", "room": "Sala1"})
    bob.until('"t":"joined"')
    for number in range(200):
        eva.say({"t": "say", "room": "Sala1", "text": f"{number}"})
    rates = ana.page.get_by_role("img", name=re.compile("Mensajes que llegan"))
    expect(rates.locator("path.line").first).to_be_attached()
    times = ana.page.get_by_role("img", name=re.compile(r"Tiempo de reparto.*p50 [0-9]"))
    until_seen(times, lambda: eva.say({"t": "say", "room": "Sala1", "text": "y más"}))
    expect(ana.page.get_by_role("img", name=re.compile("Personas por protocolo.*native 2"))).to_be_visible()
    expect(ana.tile("Base de datos")).to_have_text("al día")


def test_a_person_with_netcat_is_kicked_and_reads_why(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    pepe, nobody = house.netcat("pepe"), house.line("no es un nombre")
    ana.row("pepe").get_by_role("button", name="Echar").click()
    ana.answer("Echar", reason="mucho ruido")
    assert "mucho ruido" in pepe.to_the_end()
    expect(ana.row("pepe")).to_have_count(0)
    nobody.until("Ingresa tu nombre de usuario: ")
    address = "{}:{}".format(*nobody.sock.getsockname())
    ana.row(address).get_by_role("button", name="Echar").click()
    ana.answer("Echar")
    nobody.to_the_end()
    ana.tab("Moderación")
    expect(ana.page.get_by_role("row", name="mucho ruido")).to_contain_text("pepe")
    expect(ana.page.get_by_role("row", name="mucho ruido")).to_contain_text("expulsó a")


def test_who_is_banned_comes_in_no_more_until_the_ban_is_lifted(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    pepe = house.netcat("pepe")
    ana.row("pepe").get_by_role("button", name="Vetar").click()
    ana.answer("Vetar", reason="insultos", for_s="1 hora")
    assert "insultos" in pepe.to_the_end()
    again = house.line({"t": "hello", "name": "pepe"})
    assert '"code":"banned"' in again.until("\n")
    ana.tab("Vetos")
    row = ana.page.get_by_role("row", name="insultos")
    expect(row).to_contain_text("pepe")
    row.get_by_role("button", name="Levantar").click()
    expect(row).to_have_count(0)
    again.say({"t": "hello", "name": "pepe"})
    again.until('"t":"welcome"')


def test_everybody_reads_an_announcement_as_it_was_written(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    pepe = house.netcat("pepe")
    pepe.say("Sala1")
    pepe.until("Sala1")
    eva = house.line({"t": "hello", "name": "eva", "lobby": False})
    eva.until("welcome")
    ana.press("Anunciar …")
    ana.answer("Anunciar", text="a las 20:00 <b>reinicio</b>")
    assert "a las 20:00 <b>reinicio</b>" in eva.until("reinicio</b>")
    pepe.until("a las 20:00 <b>reinicio</b>")


def test_closed_doors_refuse_and_open_ones_let_in(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    pepe = house.netcat("pepe")
    ana.press("Detener servidor")
    ana.answer("Detener servidor")
    expect(ana.page.get_by_text("Puertas cerradas")).to_be_visible()
    assert house.refuses
    expect(ana.row("pepe")).to_be_visible()
    with socket.create_server(("127.0.0.1", house.port)):
        ana.press("Iniciar servidor")
        expect(ana.page.get_by_role("status").filter(has_text=f"127.0.0.1:{house.port}")).to_be_visible()
        expect(ana.page.get_by_text("Puertas cerradas")).to_be_visible()
    ana.press("Iniciar servidor")
    expect(ana.page.get_by_text("Puertas abiertas")).to_be_visible()
    assert not house.refuses
    pepe.say("sigo aquí")
    house.netcat("luis")
    expect(ana.row("luis")).to_be_visible()


def test_doors_are_opened_from_the_machine_too(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    assert run_wassop("doors", "close", "--db", str(house.db)).returncode == 0
    expect(ana.page.get_by_text("Puertas cerradas")).to_be_visible()
    assert house.refuses
    assert run_wassop("doors", "open", "--db", str(house.db)).returncode == 0
    expect(ana.page.get_by_text("Puertas abiertas")).to_be_visible()
    assert not house.refuses


def test_stopping_is_confirmed_by_a_word_and_ends_the_server_with_0(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    pepe = house.netcat("pepe")
    ana.press("Apagar …")
    button = ana.dialog.get_by_role("button", name="Apagar el servidor")
    expect(button).to_be_disabled()
    ana.dialog.locator("input").fill("apaga")
    expect(button).to_be_disabled()
    ana.page.keyboard.press("Escape")
    expect(ana.dialog).to_have_count(0)
    pepe.say("sigo aquí")
    ana.press("Apagar …")
    ana.dialog.locator("input").fill("apagar")
    button.click()
    assert house.server.process.wait(PATIENCE_S) == 0
    pepe.to_the_end()
    expect(ana.page.get_by_text("El servidor se ha detenido.")).to_be_visible()


def test_accounts_are_looked_after(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    ana.tab("Cuentas")
    own = ana.page.get_by_role("row", name="ana")
    expect(own).to_contain_text("admin")
    expect(own.get_by_role("button")).to_have_count(0)  # nobody takes the panel from oneself by mistake
    ana.press("Añadir cuenta …")
    ana.dialog.locator("[name=name]").fill("eva")
    ana.dialog.locator("[name=password]").fill("corta")
    ana.dialog.get_by_role("button", name="Añadir cuenta", exact=True).click()
    expect(ana.page.locator(".toast")).to_contain_text("8")
    ana.answer("Añadir cuenta", password=SECRET, role="moderación")
    eva = ana.page.get_by_role("row", name="eva")
    expect(eva).to_contain_text("moderación")
    expect(eva).to_contain_text("nunca")
    hello = {"t": "hello", "name": "eva", "password": SECRET}
    there = house.line(hello)
    assert '"role":"moderator"' in there.until('"t":"welcome"')
    eva.get_by_role("button", name="Papel …").click()
    ana.answer("Guardar", role="usuario")
    expect(eva).to_contain_text("usuario")
    eva.get_by_role("button", name="Contraseña …").click()
    ana.answer("Guardar", password="otra contraseña")
    there.to_the_end()
    assert "login-failed" in house.line(hello).until("\n")
    assert "welcome" in house.line({**hello, "password": "otra contraseña"}).until("\n")
    eva.get_by_role("button", name="Quitar …").click()
    ana.answer("Quitar la cuenta")
    expect(eva).to_have_count(0)
    ana.tab("Moderación")
    for done in ("quitó la cuenta de", "cambió la contraseña de", "cambió el papel de", "creó la cuenta de"):
        expect(ana.page.get_by_role("row", name=f"{done} eva")).to_be_visible()
    house.line({"t": "hello", "name": "eva"}).until('"t":"welcome"')


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_others_are_not_let_in(house: House, operator: Operator, role: str) -> None:
    house.account("bob", role)
    bob = operator(house.port).open_panel()
    bob.submit("bob", SECRET)
    expect(bob.page.get_by_role("alert")).to_have_text("bob no administra este servidor.")
    bob.submit("bob", "otra contraseña")
    expect(bob.page.get_by_role("alert")).not_to_have_text("bob no administra este servidor.")
    expect(bob.page.locator(".tiles")).to_have_count(0)
    assert bob.page.context.cookies() == []


def test_a_browser_stays_logged_in_by_a_cookie_that_no_script_reads(house: House, operator: Operator) -> None:
    ana = operator(house.port).open_panel()
    with ana.page.expect_response("**/session") as answered:
        ana.submit("ana", SECRET)
    assert answered.value.status == 200
    (cookie,) = ana.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert ana.page.evaluate("document.cookie") == ""
    connection = sqlite3.connect(f"file:{house.db}?mode=ro", uri=True)
    assert cookie["value"] not in str(connection.execute("SELECT * FROM web_sessions").fetchall())
    connection.close()
    ana.page.reload()
    ana.is_inside()
    with ana.page.expect_navigation():
        ana.page.get_by_role("button", name=re.compile("Cerrar sesión")).click()
    expect(ana.page.locator("input[name=password]")).to_be_visible()
    assert ana.page.context.cookies() == []
    ana.page.context.add_cookies([cookie])
    ana.page.reload()
    expect(ana.page.locator("input[name=password]")).to_be_visible()


def test_the_log_is_read_as_it_is_written_and_names_are_only_text(house: House, operator: Operator) -> None:
    ana = operator(house.port).log_in()
    ana.tab("Registro")
    house.netcat("pepe")
    expect(ana.page.locator(".log-lines li", has_text="name=pepe").first).to_be_visible()
    eva = house.line({"t": "hello", "name": "eva"}, {"t": "join", "room": "<img src=x onerror=alert(1)>"})
    eva.until("joined")
    expect(ana.page.locator(".log-lines li", has_text="<img src=x").first).to_be_visible()
    ana.tab("Salas")
    expect(ana.page.get_by_role("row", name="<img src=x")).to_be_visible()
    ana.tab("Sesiones")
    expect(ana.row("eva")).to_contain_text("<img src=x")


def test_the_panel_comes_back_when_the_server_does(house: House, operator: Operator) -> None:
    ana = operator(house.port).open_panel()
    with ana.page.expect_response("**/session"):
        ana.submit("ana", SECRET)
    ana.is_inside()
    house.server.process.kill()
    house.server.process.wait(PATIENCE_S)
    expect(ana.page.locator(".connection")).to_be_visible()
    with serving("--port", str(house.port), "--db", str(house.db)):
        ana.hurry()
        expect(ana.page.locator(".connection")).to_have_count(0)
        ana.is_inside()


def test_the_link_that_is_shown_on_a_terminal_makes_the_first_admin_once(
    tmp_path: Path, operator: Operator
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--db", str(tmp_path / "chat.db")]
    with subprocess.Popen(
        command,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment(WASSOP_SNIFF_SILENCE_S=str(PATIENCE_S)),
    ) as process:
        os.close(theirs)
        try:
            read = b""
            while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)/panel(#link=[\w-]{43})\r?\n", read)):
                read += os.read(ours, 4_096)
            port, link = int(found[1]), found[2].decode()
            root = operator(port).open_panel(link)
            root.page.locator("input[name=again]").fill("otra cosa")
            root.submit("root", SECRET)
            expect(root.page.get_by_role("alert")).to_have_text("Las contraseñas no son iguales.")
            root.page.locator("input[name=again]").fill(SECRET)
            root.submit("root", SECRET)
            root.is_inside()
            assert "link" not in root.page.url
            zoe = operator(port).open_panel(link)
            zoe.page.locator("input[name=again]").fill(SECRET)
            zoe.submit("zoe", SECRET)
            expect(zoe.page.get_by_role("alert")).to_have_text("Ese enlace o código ya no sirve.")
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
            os.close(ours)


def test_without_a_terminal_no_link_is_shown(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server:
        server.stop()
        assert server.process.stdout is not None
        assert "link" not in server.process.stdout.read()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_serious_fault_for_who_cannot_see_or_has_no_mouse(
    house: House, operator: Operator, look: str
) -> None:
    ana = operator(house.port, color_scheme=look, reduced_motion="reduce").open_panel()
    assert faults(ana) == []
    ana.submit("ana", SECRET)
    ana.is_inside()
    house.netcat("pepe")
    expect(ana.row("pepe")).to_be_visible()
    assert faults(ana) == []
    ana.row("pepe").get_by_role("button", name="Vetar").click()
    assert faults(ana) == []
    ana.page.keyboard.press("Escape")
    expect(ana.dialog).to_have_count(0)
    tabs = ana.page.get_by_role("tab")
    tabs.first.focus()
    for name in ("Salas", "Registro", "Moderación", "Vetos", "Cuentas"):
        ana.page.keyboard.press("ArrowRight")
        expect(ana.page.get_by_role("tab", name=name)).to_be_focused()
        expect(ana.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(ana.page.get_by_text("Cargando")).to_have_count(0)
        assert faults(ana) == []
    ana.press("Apagar …")
    assert faults(ana) == []


@pytest.mark.parametrize(("locale", "shown"), [("es-ES", "Puertas abiertas"), ("en-US", "Doors open")])
def test_it_fits_a_phone_in_either_language(
    house: House, operator: Operator, locale: str, shown: str
) -> None:
    ana = operator(house.port, viewport=PHONE, locale=locale).open_panel()
    expect(ana.page.locator("input[name=username]")).to_be_visible()
    assert cut_off(ana) == []
    ana.submit("ana", SECRET)
    ana.is_inside()
    expect(ana.page.get_by_text(shown)).to_be_visible()
    expect(ana.row("ana")).to_be_visible()
    assert cut_off(ana) == []


def test_the_page_of_the_chat_stays_logged_in_and_logs_out_too(
    house: House, visitor: Callable[..., Person]
) -> None:
    house.account("eva", "user")
    eva = visitor(house.port).open("Sala1")
    eva.page.locator("input[name=username]").fill("eva")
    eva.page.keyboard.press("Enter")
    eva.page.locator("input[name=password]").fill(SECRET)
    with eva.page.expect_response("**/session"):
        eva.page.keyboard.press("Enter")
        eva.is_in("Sala1")
    page = eva.page.context.new_page()
    page.goto(f"http://127.0.0.1:{house.port}/")
    expect(page.locator(".me-name")).to_have_text("eva")
    page.close()
    eva.own_menu("Cambiar la contraseña")
    eva.page.get_by_label("Contraseña actual").fill(SECRET)
    eva.page.get_by_label("Contraseña nueva").fill("otra y más larga")
    with eva.page.expect_response("**/session"):
        eva.page.keyboard.press("Enter")
    page = eva.page.context.new_page()
    page.goto(f"http://127.0.0.1:{house.port}/")
    expect(page.locator(".me-name")).to_have_text("eva")
    page.close()
    eva.page.locator(".me-button").click()
    with eva.page.expect_response("**/session/end"), eva.page.expect_navigation():
        eva.page.get_by_role("menuitem", name="Salir del chat").click()
        eva.page.get_by_role("dialog").get_by_role("button", name="Salir del chat").click()
    expect(eva.page.locator("input[name=username]")).to_be_visible()
    assert eva.page.context.cookies() == []
