"""What somebody may try to do to those who read: it stays text."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.student_clients import CmdJson, MyChat, Native, Netcat, Nick, Remitente, Salas, Student
from tests.web.conftest import Visitor
from tests.web.people import Person, chatting, until_seen

pytestmark = pytest.mark.tool("chromium")

HARM = (
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "javascript:document.title='pwned'",
    "<a href=\"javascript:document.title='pwned'\">https://x</a>",
    "al revés \u202ednuora yaw",
)


def is_harmless(person: Person, texts: tuple[str, ...]) -> None:
    """Every one of `texts` is read as it was typed; nothing of it became an element, a link, or ran."""
    for text in texts:
        shown = text.replace("\u202e", "\ufffd")
        expect(person.page.locator("article .text", has_text=shown).first).to_be_visible()
    log = person.page.locator(".log")
    assert log.locator("script, img, iframe, style, [onerror], [style]").count() == 0
    for link in log.locator("a").all():
        assert (link.get_attribute("href") or "").startswith(("https://", "http://"))
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert link.get_attribute("target") == "_blank"
    assert "pwned" not in person.page.title()


SPEAKERS: dict[str, type[Student]] = {
    "native": Native, "plain": Netcat, "mychat": MyChat, "remitente": Remitente,
    "cmdjson": CmdJson, "salas": Salas, "nick": Nick,
}  # fmt: skip


@pytest.mark.parametrize("dialect", SPEAKERS)
def test_harm_from_every_dialect_stays_text(dialect: str, visitor: Visitor) -> None:
    doors = ("--listen", "127.0.0.1:0=nick") if dialect == "nick" else ()
    with chatting(*doors) as server:
        port = server.doors[0] if dialect == "nick" else server.port
        room = "Sala1" if dialect in ("plain", "salas") else "General"
        ana = visitor(server.web).enter("ana", room)
        with SPEAKERS[dialect](port, "mal").connect() as speaker:
            if isinstance(speaker, Netcat | Salas):
                speaker.enter(room)
            for text in HARM:  # one after the other: most of these dialects know no end of a message
                speaker.say(text)  # type: ignore[attr-defined]
                is_harmless(ana, (text,))


def test_harm_from_another_browser_stays_text_wherever_it_stands(visitor: Visitor, tmp_path: Path) -> None:
    with chatting("--db", str(tmp_path / "wassop.db")) as server:
        room = "<b>Sala</b> <img src=x>"
        bob = visitor(server.web).enter("bob", "Sala1")
        bob.say(f"/join {room}")
        bob.is_in(room)
        for text in HARM:
            bob.say(text)
        bob.say(f"/topic {HARM[1]}")
        ana = visitor(server.web).enter("ana", "Sala1")
        ana.say(f"/join {room}")
        ana.is_in(room)
        is_harmless(ana, HARM)
        expect(ana.page.locator(".topic")).to_have_text(HARM[1])
        bob.say(f"/msg ana {HARM[0]}")
        ana.go_to("bob")
        is_harmless(ana, HARM[:1])
        ana.page.keyboard.press("Control+Shift+F")
        ana.page.get_by_label("Palabras").fill("pwned")
        ana.page.keyboard.press("Enter")
        expect(ana.page.locator(".hit").first).to_be_visible()
        assert ana.page.locator(".hit img, .hit script").count() == 0


@pytest.mark.parametrize("name", ["constructor", "__proto__"])
def test_a_name_that_is_a_part_of_every_object_is_one_like_others(visitor: Visitor, name: str) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana", "Aula")
        odd = visitor(server.web).enter(name, "Aula")
        ana.reads_note(f"{name} se ha unido a la sala")
        expect(ana.page.locator(".person", has_text=name)).to_be_visible()
        expect(ana.page.locator(".person.away, .person .role")).to_have_text(["propietario"])
        until_seen(ana.page.locator(".typing", has_text=name), lambda: odd.composer.press("e"))
        odd.say(f"hola, @ana, dice @{name}")
        ana.reads(f"hola, @ana, dice @{name}")
        odd.say("/msg ana psst")
        ana.go_to(name).reads("psst")


def test_only_whole_http_addresses_become_links(visitor: Visitor) -> None:
    with chatting() as server:
        bob = visitor(server.web).enter("bob")
        ana = visitor(server.web).enter("ana")
        bob.say("mira https://example.org/a_(b). o data:text/html,x o //example.org")
        message = ana.page.locator("article .text").last
        expect(message.locator("a")).to_have_count(1)
        expect(message.locator("a")).to_have_attribute("href", "https://example.org/a_(b)")


def test_the_page_asks_nobody_but_its_server_and_runs_nothing_but_its_files(
    visitor: Visitor,
) -> None:
    with chatting() as server:
        ana = visitor(server.web)
        asked: list[str] = []
        ana.page.on("request", lambda request: asked.append(request.url))
        ana.enter("ana")
        ana.own_menu("Ajustes")
        expect(ana.page.get_by_role("dialog")).to_be_visible()
        assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{server.web}"}
        html = ana.page.locator("html").evaluate("(html) => html.outerHTML")
        assert " onclick=" not in html
        assert "<style" not in html
        assert ana.page.locator("script:not([src])").count() == 0
        with ana.page.expect_console_message(lambda message: "script-src" in message.text):
            ran = ana.page.evaluate(
                "() => { const script = document.createElement('script'); "
                "script.textContent = 'window.ran = true'; document.body.append(script); "
                "return 'ran' in window; }"
            )
        assert not ran
        assert "script-src" in ana.faults.pop()  # that one was ours


def test_the_whole_page_is_small(visitor: Visitor) -> None:
    with chatting() as server:
        ana = visitor(server.web).enter("ana")
        sizes = ana.page.evaluate(
            "() => ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))"
            ".map(({ transferSize }) => transferSize)"
        )
        assert len(sizes) > 20
        assert sum(sizes) < 150_000
