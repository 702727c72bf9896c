"""The page, as people use it who talk with each other."""

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.student_clients import MyChat, Native
from tests.e2e.tmux import Terminal, wassop_join
from tests.web.conftest import Visitor
from tests.web.people import PHONE, chatting, cut_off, until_seen

pytestmark = pytest.mark.tool("chromium")


def test_two_people_talk_in_a_room(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        bob = visitor(server.web).enter("bob")
        ana.reads_note("bob se ha unido a la sala")
        ana.say("hola :corazon:")
        bob.reads("hola ❤️")
        bob.say("LIKE")
        ana.reads("👍")
        expect(ana.page.locator(".people-button")).to_contain_text("2")


@pytest.mark.tool("tmux")
def test_browsers_the_terminal_client_a_program_and_a_students_client_share_a_conversation(
    visitor: Visitor, tmp_path: Path
) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "General")
        bob = visitor(server.web).enter("bob", "General")
        terminal = Terminal(tmp_path, columns=100)
        terminal.open()
        try:
            terminal.type(wassop_join(server.port, "--name", "tere", "--room", "General"))
            terminal.press("Enter")
            terminal.until_shown("EXIT")
            with MyChat(server.port, "Juan").connect() as juan, Native(server.port, "eva").connect() as eva:
                juan.say("hola desde mychat")
                for person in (ana, bob):
                    person.reads("hola desde mychat")
                terminal.until_shown("hola desde mychat")
                assert juan.next() == juan.everybody("Juan", "hola desde mychat")
                ana.say("hola desde el navegador")
                assert juan.next() == juan.everybody("ana", "hola desde el navegador")
                terminal.until_shown("ana: hola desde el navegador")
                terminal.type("hola desde el terminal")
                terminal.press("Enter")
                for person in (ana, bob):
                    person.reads("hola desde el terminal")
                eva.tell("ana", "solo para ti")
                expect(ana.tab("eva").locator(".badge")).to_be_visible()
                ana.go_to("eva").reads("solo para ti")
                ana.say("gracias")
                eva.wait("the answer", lambda: any("gracias" in str(said) for said in eva.talk))
        finally:
            terminal.close()


def test_what_is_new_elsewhere_is_counted_until_it_is_read(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Sala1")
        ana.say("/join Sala2")
        ana.is_in("Sala2")
        bob = visitor(server.web).enter("bob", "Sala1")
        bob.say("uno")
        bob.say("¿estás, @ana?")
        expect(ana.tab("Sala1").locator(".badge")).to_contain_text("@2")
        expect(ana.page).to_have_title(re.compile(r"^\(2\) #Sala2"))
        ana.go_to("Sala1")
        expect(ana.page.locator(".new-line")).to_be_visible()
        expect(ana.tab("Sala1").locator(".badge")).to_have_count(0)
        expect(ana.page).to_have_title(re.compile(r"^#Sala1"))


def test_typing_is_seen_by_the_others(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        bob = visitor(server.web).enter("bob")
        until_seen(ana.page.locator(".typing", has_text="bob"), lambda: bob.composer.press("e"))
        bob.say("espera")
        ana.reads("espera")
        expect(ana.page.locator(".typing")).to_be_empty()


def test_history_is_read_back_to_the_first_message_in_order_with_few_elements(
    visitor: Visitor, tmp_path: Path
) -> None:
    count = 700
    with (
        chatting("--db", str(tmp_path / "wassop.db")) as server,
        Native(server.port, "pedro").connect() as pedro,
    ):
        for number in range(count):
            pedro.say(f"mensaje {number}")
        pedro.say("fin")
        ana = visitor(server.web).enter("ana", "General")
        ana.reads("fin")
        first = ana.message("mensaje 0")
        seen: set[str] = set()
        while not first.count():
            ana.scroll_up(700)
            texts = ana.texts()
            assert len(texts) <= 400
            numbers = [int(text.split()[1]) for text in texts if text.startswith("mensaje")]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            seen.update(texts)
        expect(ana.page.locator(".beginning")).to_be_attached()
        seen.update(ana.texts())
        assert seen >= {f"mensaje {number}" for number in range(count)}
        pedro.say("y algo nuevo")
        expect(ana.page.locator(".jump")).to_contain_text("1")
        assert not ana.is_at_bottom
        ana.page.locator(".jump").click()
        ana.reads("y algo nuevo")
        assert ana.is_at_bottom


def test_however_much_comes_for_who_reads_above_few_elements_are_made(visitor: Visitor) -> None:
    with chatting() as server, Native(server.port, "pedro").connect() as pedro:
        ana = visitor(server.web).enter("ana", "General")
        for number in range(60):
            pedro.say(f"antes {number}")
        ana.reads("antes 59")
        ana.scroll_up(400)
        expect(ana.page.locator(".jump")).to_be_visible()
        watched = ana.reads("antes 40")
        before = watched.bounding_box()
        for number in range(700):
            pedro.say(f"mensaje {number}")
        expect(ana.page.locator(".jump")).to_contain_text("700")
        assert watched.bounding_box() == before
        assert len(ana.texts()) <= 400
        last = ana.message("mensaje 699")
        while not last.count():
            ana.scroll_up(-700)
            texts = ana.texts()
            assert len(texts) <= 400
            numbers = [int(text.split()[1]) for text in texts if text.startswith("mensaje")]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        ana.scroll_up(-100_000)
        expect(ana.page.locator(".jump")).to_have_count(0)
        assert ana.is_at_bottom


def test_after_the_server_was_started_again_nothing_is_missing_and_nothing_is_there_twice(
    visitor: Visitor, tmp_path: Path
) -> None:
    database = ("--db", str(tmp_path / "wassop.db"))
    with chatting(*database) as server:
        web = server.web
        ana = visitor(web).enter("ana")
        bob = visitor(web).enter("bob")
        ana.say("antes")
        bob.reads("antes")
        ana.has_said_all()  # it is stored: what is not would wait with the next one
        server.process.stop(signal.SIGKILL)
    expect(ana.page.locator(".connection")).to_be_visible()
    ana.say("mientras tanto")
    expect(ana.page.locator("article.waiting")).to_have_count(1)
    with chatting(*database, web=web):
        for person in (ana, bob):
            person.hurry()
            person.is_in("Sala1")
        bob.reads("mientras tanto")
        bob.say("después")
        for person in (ana, bob):
            person.reads("después")
            assert person.texts() == ["antes", "mientras tanto", "después"]
        expect(ana.page.locator("article.waiting")).to_have_count(0)


def test_a_reload_keeps_the_rooms_the_private_talk_and_the_draft(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        bob = visitor(server.web).enter("bob", "Aula")
        bob.say("/msg ana psst")
        ana.go_to("bob").reads("psst")
        ana.composer.fill("a medio escr")
        ana.page.reload()
        ana.is_in("bob")
        ana.reads("psst")
        expect(ana.composer).to_have_value("a medio escr")
        ana.go_to("Aula")
        ana.go_to("bob")
        expect(ana.composer).to_have_value("a medio escr")


def test_after_a_reload_one_is_in_the_room_in_which_one_was(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        ana.say("/join Sala1")
        ana.is_in("Sala1")
        ana.go_to("Aula").say("hola")
        expect(ana.page.locator("article.waiting")).to_have_count(0)
        before = ["General", "Aula", "Sala1", "Sala2"]
        expect(ana.page.locator("li.tab .tab-name")).to_have_text(before)
        ana.page.reload()
        ana.is_in("Aula").reads("hola")
        expect(ana.page.locator("li.tab .tab-name")).to_have_text(before)
        ana.page.goto("about:blank")
        ana.open("Sala1").is_in("Sala1")


def test_on_a_phone_the_sides_are_drawers(visitor: Visitor) -> None:
    with chatting() as server:
        bob = visitor(server.web).enter("bob")
        ana = visitor(server.web, viewport=PHONE, has_touch=True, is_mobile=True).enter("ana")
        sidebar, people = ana.page.locator(".sidebar"), ana.page.locator(".people")
        expect(sidebar).to_be_hidden()
        expect(people).to_be_hidden()
        ana.composer.fill("hola")
        ana.page.get_by_role("button", name="Enviar").tap()
        bob.reads("hola")
        ana.page.get_by_role("button", name="Abrir el menú").tap()
        expect(sidebar).to_be_visible()
        ana.tab("Sala2").locator("button").tap()
        ana.is_in("Sala2")
        expect(sidebar).to_be_hidden()
        ana.page.get_by_role("button", name="Personas en la sala").tap()
        expect(people).to_be_visible()
        overflow = ana.page.locator("body").evaluate("(body) => body.scrollWidth - innerWidth")
        assert overflow <= 0


@pytest.mark.parametrize("locale", ["es-ES", "en-US"])
def test_the_entrance_fits_a_phone_in_either_language(visitor: Visitor, locale: str) -> None:
    with chatting() as server:
        ana = visitor(server.web, viewport=PHONE, has_touch=True, is_mobile=True, locale=locale).open()
        expect(ana.page.locator("input[name=username]")).to_be_visible()
        assert cut_off(ana) == []


def test_everything_can_be_done_with_the_keyboard(visitor: Visitor) -> None:
    with chatting() as server:
        bob = visitor(server.web).enter("bob", "Sala1")
        ana = visitor(server.web).open()
        keyboard = ana.page.keyboard
        expect(ana.page.locator("input[name=username]")).to_be_focused()
        keyboard.type("ana")
        keyboard.press("Enter")
        expect(ana.composer).to_be_focused()
        keyboard.press("Control+k")
        expect(ana.page.locator("#go-to-room")).to_be_focused()
        keyboard.type("Sala1")
        keyboard.press("Enter")
        ana.is_in("Sala1")
        expect(ana.composer).to_be_focused()
        keyboard.type("hola @b")
        keyboard.press("Tab")
        keyboard.type(":cora")
        keyboard.press("Tab")
        keyboard.press("Enter")
        bob.reads("hola @bob ❤️")
        ana.reads("hola @bob ❤️")
        keyboard.press("Alt+m")
        keyboard.press("ArrowUp")
        expect(ana.page.locator("article")).to_be_focused()
        keyboard.press("Enter")
        expect(ana.page.get_by_role("menuitem").first).to_be_focused()
        keyboard.press("Escape")
        expect(ana.page.locator("article")).to_be_focused()
        keyboard.press("Escape")
        expect(ana.composer).to_be_focused()
        keyboard.press("Alt+ArrowUp")
        ana.is_in("General")
        keyboard.press("Control+Shift+F")
        expect(ana.page.get_by_role("dialog")).to_be_visible()
        keyboard.press("Escape")
        expect(ana.composer).to_be_focused()


def test_an_address_with_a_room_leads_there_from_the_entrance_too(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).open()
        expect(ana.page.locator("input[name=username]")).to_be_visible()
        ana.open("Aula").enter("ana", "Aula")
        ana.open("Sala2").is_in("Sala2")


def test_a_name_that_was_typed_in_full_is_sent_with_enter(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        bob = visitor(server.web).enter("bob")
        ana.reads_note("bob se ha unido a la sala")
        ana.composer.press_sequentially("hola, @bob")
        expect(ana.page.get_by_role("option")).to_have_count(1)
        ana.composer.press("Enter")
        bob.reads("hola, @bob")


def test_whoever_types_where_nothing_is_typed_writes(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        ana.say("uno")
        ana.reads("uno").hover()
        ana.page.get_by_role("button", name="Más acciones").click()
        ana.page.get_by_role("menuitem", name="Borrar").click()
        expect(ana.page.get_by_role("dialog")).to_be_visible()
        ana.page.keyboard.press("Escape")
        expect(ana.composer).to_be_focused()
        ana.page.locator(".log").focus()
        ana.page.keyboard.type("hola")
        expect(ana.composer).to_have_value("hola")
        expect(ana.composer).to_be_focused()


def test_while_the_server_is_away_one_reads_why_and_when_the_next_try_is(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        server.process.stop()
        status = ana.page.locator(".connection")
        expect(status).to_contain_text("El servidor se detiene.")
        expect(status).to_contain_text(re.compile(r"Nuevo intento en \d+ s"))
        # Who listens to the page is not told every second.
        expect(status.locator("[aria-hidden=true]")).to_contain_text("Nuevo intento")


def test_of_many_conversations_the_one_that_is_shown_is_seen_in_the_list(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "General")
        for number in range(24):
            ana.say(f"/join sala {number}")
            ana.is_in(f"sala {number}")
        expect(ana.tab("sala 23")).to_be_in_viewport(ratio=0.9)
        expect(ana.tab("General")).not_to_be_in_viewport()
        ana.page.keyboard.press("Alt+ArrowDown")
        ana.is_in("General")
        expect(ana.tab("General")).to_be_in_viewport(ratio=0.9)


def test_language_and_look_are_chosen_and_kept(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web, color_scheme="light").open()
        expect(ana.page.locator("html")).to_have_attribute("lang", "es")
        ana.page.get_by_label("Idioma").select_option("en")
        ana.page.get_by_label("Look").select_option("dark")
        ana.page.reload()
        expect(ana.page.get_by_role("button", name="Enter")).to_be_visible()
        expect(ana.page.locator("html")).to_have_attribute("lang", "en")
        ground = ana.page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
        assert max(int(part) for part in re.findall(r"\d+", ground)) < 60
        ana.page.locator("input[name=username]").fill("no puede ser")
        ana.page.keyboard.press("Enter")
        expect(ana.page.locator(".problem")).to_contain_text("name")


def test_what_was_said_is_found_and_gone_to(visitor: Visitor, tmp_path: Path) -> None:
    with (
        chatting("--db", str(tmp_path / "wassop.db")) as server,
        Native(server.port, "pedro").connect() as pedro,
    ):
        pedro.say("la canción del pirata")
        for number in range(300):
            pedro.say(f"mensaje {number}")
        pedro.say("fin")
        ana = visitor(server.web).enter("ana", "Sala1")
        ana.page.keyboard.press("Control+Shift+F")
        ana.page.get_by_label("Palabras").fill("cancion")
        ana.page.keyboard.press("Enter")
        expect(ana.page.locator("mark")).to_have_text("canción")
        ana.page.locator(".hit").click()
        expect(ana.page.locator("article.goal")).to_contain_text("la canción del pirata")
        expect(ana.page.locator("article.goal")).to_be_in_viewport()


def test_a_topic_is_set_and_read(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        bob = visitor(server.web).enter("bob", "Aula")
        ana.page.get_by_role("button", name="Opciones de la sala").click()
        ana.page.get_by_role("menuitem", name="Cambiar el tema").click()
        ana.page.get_by_role("dialog").locator("input").fill("exámenes de junio")
        ana.page.keyboard.press("Enter")
        for person in (ana, bob):
            expect(person.page.locator(".topic")).to_have_text("exámenes de junio")
        expect(ana.page.get_by_role("dialog")).to_have_count(0)
