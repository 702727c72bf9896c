"""What messages are about, who may do what, and whose a name is, in the page."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Visitor
from tests.web.people import Person, chatting

pytest.importorskip("wassop.core.roles")  # they come from other branches
pytestmark = pytest.mark.tool("chromium")


def act_on(person: Person, text: str, action: str) -> None:
    """Use a button or a menu entry of the message with that text."""
    person.message(text).last.hover()
    buttons = person.page.locator(".actions")
    expect(buttons.get_by_role("button", name="Más acciones")).to_be_visible()
    button = buttons.get_by_role("button", name=action)
    if button.count():
        button.click()
        return
    buttons.get_by_role("button", name="Más acciones").click()
    person.page.get_by_role("menuitem", name=action).click()


def on_person(person: Person, name: str, action: str) -> None:
    """Use an entry of somebody's menu."""
    person.page.locator(".person button", has_text=name).click()
    person.page.get_by_role("menuitem", name=action, exact=True).click()


def test_messages_are_answered_changed_taken_back_and_reacted_to(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        bob = visitor(server.web).enter("bob", "Aula")
        ana.say("el examen es el martse")
        bob.reads("el examen es el martse")
        act_on(bob, "el examen es el martse", "Responder")
        bob.say("¿a qué hora?")
        expect(ana.reads("¿a qué hora?").locator(".quote")).to_contain_text("el examen es el martse")
        ana.has_said_all()
        ana.composer.press("ArrowUp")
        expect(ana.composer).to_have_value("el examen es el martse")
        ana.say("el examen es el martes")
        for person in (ana, bob):
            changed = person.page.locator("article", has_text="(editado)")
            expect(changed.locator(".text")).to_contain_text("el examen es el martes")
            expect(person.page.locator(".quote")).to_contain_text("el examen es el martes")
        act_on(ana, "¿a qué hora?", "Reaccionar")
        ana.page.locator(".quick").get_by_role("button", name="Reaccionar con bien").click()
        reaction = bob.page.locator(".reactions button")
        expect(reaction).to_have_text("👍 1")
        reaction.click()
        expect(ana.page.locator(".reactions button")).to_have_text("👍 2")
        reaction.click()
        expect(ana.page.locator(".reactions button")).to_have_text("👍 1")
        act_on(bob, "¿a qué hora?", "Borrar")
        bob.page.get_by_role("dialog").get_by_role("button", name="Borrar").click()
        for person in (ana, bob):
            person.reads("mensaje borrado")
            person.reads("¿a qué hora?", times=0)
            expect(person.page.locator(".reactions")).to_have_count(0)
        eva = visitor(server.web).enter("eva", "Aula")
        eva.reads("mensaje borrado")
        expect(eva.page.locator("article", has_text="(editado)")).to_have_count(1)


def test_what_is_too_long_stays_with_what_it_answers_or_changes(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        ana.say("el examen es el martse")
        ana.reads("el examen es el martse")
        ana.has_said_all()
        long = "x" * 5000
        ana.composer.press("ArrowUp")
        expect(ana.composer).to_have_value("el examen es el martse")
        ana.say(long)
        expect(ana.page.locator(".toasts")).to_contain_text("5000")
        expect(ana.composer).to_have_value(long)
        expect(ana.page.locator(".composing")).to_be_visible()
        ana.say("el examen es el martes")
        ana.reads("el examen es el martes (editado)")
        act_on(ana, "el examen es el martes (editado)", "Responder")
        expect(ana.page.locator(".composing")).to_be_visible()
        ana.say(long)
        expect(ana.composer).to_have_value(long)
        ana.say("¿a qué hora?")
        expect(ana.reads("¿a qué hora?").locator(".quote")).to_contain_text("el examen es el martes")
        expect(ana.page.locator("article")).to_have_count(2)


def test_who_is_away_is_seen_to_be(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        bob = visitor(server.web).enter("bob")
        ana.own_menu("Ponerme ausente")
        ana.page.get_by_role("dialog").locator("input").fill("comiendo")
        ana.page.keyboard.press("Enter")
        expect(bob.page.locator(".person.away")).to_contain_text("comiendo")
        bob.say("/msg ana ¿vienes?")
        bob.is_in("ana")
        bob.reads_note("ana no está: comiendo")
        ana.own_menu("Ya estoy aquí")
        expect(bob.go_to("Sala1").page.locator(".person.away")).to_have_count(0)


def test_order_is_kept_in_menus_where_the_role_allows_it(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        bob = visitor(server.web).enter("bob", "Aula")
        eva = visitor(server.web).enter("eva", "Aula")
        bob.page.locator(".person button", has_text="eva").click()
        expect(bob.page.get_by_role("menuitem", name="Expulsar")).to_have_count(0)
        bob.page.keyboard.press("Escape")
        on_person(ana, "bob", "Hacer operador")
        expect(bob.page.locator(".role.operator")).to_be_visible()
        on_person(bob, "eva", "Silenciar")
        bob.page.get_by_role("dialog").get_by_role("button", name="Silenciar").click()
        expect(eva.page.locator(".composer")).to_contain_text("te han silenciado")
        on_person(bob, "eva", "Devolver la palabra")
        expect(eva.composer).to_be_visible()
        on_person(bob, "eva", "Expulsar")
        bob.page.get_by_role("dialog").get_by_label("Motivo").fill("basta ya")
        bob.page.keyboard.press("Enter")
        expect(eva.page.locator(".composer")).to_contain_text("bob te ha expulsado")
        expect(eva.page.locator(".composer")).to_contain_text("basta ya")
        ana.say("/mode password secreto")
        bob.reads_note("ana ha cambiado los ajustes de la sala")
        eva.page.get_by_role("button", name="Volver a entrar").click()
        password = eva.page.get_by_role("dialog").locator("input")
        password.fill("no es")
        password.press("Enter")
        expect(eva.page.get_by_role("dialog").get_by_role("alert").first).not_to_be_empty()
        password.fill("secreto")
        password.press("Enter")
        eva.is_in("Aula")
        ana.say("/ban eva 10m adiós")
        expect(eva.page.locator(".composer")).to_contain_text("ana te ha vetado")
        ana.say("/bans")
        ana.page.get_by_role("dialog").get_by_role("button", name="Levantar").click()
        expect(ana.page.get_by_role("dialog")).to_contain_text("No hay ninguno")


def test_an_invitation_leads_into_a_room(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        ana.say("/mode invite-only on")
        ana.reads_note("ana ha cambiado los ajustes de la sala")
        bob = visitor(server.web).enter("bob", "Sala1")
        ana.say("/invite bob")
        bob.page.locator(".invitations").get_by_role("button", name="Entrar").click()
        bob.is_in("Aula")
        expect(bob.page.locator(".invitations")).to_have_count(0)


def test_a_name_is_made_ones_own_and_shared_by_ones_browsers(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Sala1")
        ana.own_menu("Registrar este nombre")
        ana.page.get_by_label("Contraseña nueva").fill("correcto y largo")
        ana.page.keyboard.press("Enter")
        expect(ana.page.locator(".toasts")).to_contain_text("ya es tuyo")
        other = visitor(server.web).open("Sala1")
        other.page.locator("input[name=username]").fill("ana")
        other.page.keyboard.press("Enter")
        password = other.page.locator("input[name=password]")
        expect(password).to_be_focused()
        password.fill("no es esta")
        password.press("Enter")
        expect(other.page.get_by_role("alert")).not_to_be_empty()
        password.fill("correcto y largo")
        password.press("Enter")
        other.is_in("Sala1")
        bob = visitor(server.web).enter("bob", "Sala1")
        expect(bob.page.locator(".people-button")).to_contain_text("2")
        other.say("desde el otro")
        for person in (ana, bob):
            person.reads("desde el otro")
        bob.say("/msg ana psst")
        for person in (ana, other):
            person.go_to("bob").reads("psst")
        kept = ana.page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
        assert "correcto y largo" not in kept
        for person in (ana, other):
            person.own_menu("Salir del chat")
            person.page.get_by_role("dialog").get_by_role("button", name="Salir del chat").click()
            expect(person.page.locator("input[name=username]")).to_have_value("ana")
        bob.say("para cuando vuelvas")
        expect(bob.page.locator("article").last).to_contain_text("se entregará cuando vuelva")
        ana.page.keyboard.press("Enter")
        ana.page.locator("input[name=password]").fill("correcto y largo")
        ana.page.keyboard.press("Enter")
        expect(ana.tab("bob").locator(".badge")).to_be_visible()
        ana.go_to("bob").reads("para cuando vuelvas")


def test_a_browser_stays_logged_in_when_the_name_is_registered_and_with_another_password(
    visitor: Visitor,
) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Sala1")
        ana.own_menu("Registrar este nombre")
        ana.page.get_by_label("Contraseña nueva").fill("correcto y largo")
        with ana.page.expect_response("**/session") as first:
            ana.page.keyboard.press("Enter")
        ana.own_menu("Cambiar la contraseña")
        ana.page.get_by_label("Contraseña actual").fill("correcto y largo")
        ana.page.get_by_label("Contraseña nueva").fill("otra y más larga")
        with ana.page.expect_response("**/session") as second:
            ana.page.keyboard.press("Enter")
        assert (first.value.status, second.value.status) == (200, 200)
        ana.page.reload()
        ana.is_in("Sala1")
        page = ana.page.context.new_page()
        page.goto(f"http://127.0.0.1:{server.web}/")
        expect(page.locator(".me-name")).to_have_text("ana")
