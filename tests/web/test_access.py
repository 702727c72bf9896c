"""For everybody: no serious fault by axe's rules, in either look and size; and news for who cannot see."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Visitor
from tests.web.people import DESKTOP, PHONE, Person, chatting

pytestmark = pytest.mark.tool("chromium")

AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")


def faults(person: Person) -> list[str]:
    """What axe finds that is serious, or worse."""
    if not person.page.evaluate("() => 'axe' in window"):
        person.page.evaluate(AXE)
    found: dict[str, Any] = person.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_serious_fault_on_a_desktop(visitor: Visitor, look: str) -> None:
    with chatting() as server:
        ana = visitor(server.web, viewport=DESKTOP, color_scheme=look, reduced_motion="reduce").open("Aula")
        expect(ana.page.locator("input[name=username]")).to_be_visible()
        assert faults(ana) == []
        ana.enter("ana", "Aula")
        bob = visitor(server.web).enter("bob", "Aula")
        bob.say("hola, @ana: https://example.org/")
        bob.say("/join Sala2")
        bob.is_in("Sala2")
        bob.say("/msg ana psst")
        ana.say("/topic de qué va esto")
        expect(ana.tab("bob").locator(".badge")).to_be_visible()
        ana.page.locator("article").first.hover()
        assert faults(ana) == []
        ana.page.get_by_role("button", name="Más acciones").click()
        expect(ana.page.get_by_role("menu")).to_be_visible()
        assert faults(ana) == []
        ana.page.keyboard.press("Escape")
        ana.page.get_by_role("button", name="Emojis").click()
        expect(ana.page.get_by_role("dialog")).to_be_visible()
        assert faults(ana) == []
        ana.page.keyboard.press("Escape")
        ana.composer.fill("/")
        ana.composer.press("m")
        expect(ana.page.get_by_role("listbox")).to_be_visible()
        assert faults(ana) == []
        ana.composer.fill("")
        for item in ("Ajustes", "Ayuda", "Ponerme ausente"):
            ana.own_menu(item)
            expect(ana.page.get_by_role("dialog")).to_be_visible()
            assert faults(ana) == []
            ana.page.keyboard.press("Escape")
            expect(ana.page.get_by_role("dialog")).to_have_count(0)
        ana.page.keyboard.press("Control+Shift+F")
        expect(ana.page.get_by_role("dialog")).to_be_visible()
        assert faults(ana) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_serious_fault_on_a_phone(visitor: Visitor, look: str) -> None:
    with chatting() as server:
        ana = visitor(server.web, viewport=PHONE, has_touch=True, color_scheme=look, reduced_motion="reduce")
        ana.enter("ana")
        ana.say("hola")
        ana.reads("hola")
        assert faults(ana) == []
        for button in ("Abrir el menú", "Personas en la sala"):
            ana.page.get_by_role("button", name=button).tap()
            assert faults(ana) == []
            ana.page.keyboard.press("Escape")


def test_what_comes_in_is_told_to_who_cannot_see_it_and_history_is_not(visitor: Visitor) -> None:
    with chatting() as server:
        bob = visitor(server.web).enter("bob")
        bob.say("antes")
        ana = visitor(server.web).enter("ana")
        ana.reads("antes")
        live = ana.page.locator("#announcements")
        expect(live).to_have_attribute("aria-live", "polite")
        bob.say("ahora")
        expect(live).to_have_text("bob: ahora")


def test_nothing_moves_for_who_reads_above_when_something_comes(visitor: Visitor) -> None:
    with chatting() as server:
        bob = visitor(server.web).enter("bob")
        ana = visitor(server.web).enter("ana")
        for number in range(60):
            bob.say(f"línea {number}")
        ana.reads("línea 59")
        assert ana.is_at_bottom
        ana.scroll_up(400)
        expect(ana.page.locator(".jump")).to_be_visible()
        watched = ana.reads("línea 40")
        before = watched.bounding_box()
        bob.say("y una más")
        expect(ana.page.locator(".jump")).to_contain_text("1")
        assert watched.bounding_box() == before
