"""People in front of real browsers, with the page of a real server."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, field
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.process import PATIENCE_S, ServerProcess, serving

PATIENCE_MS: Final = PATIENCE_S * 1000
DESKTOP: Final = {"width": 1180, "height": 760}
PHONE: Final = {"width": 390, "height": 780}
_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

UNHURRIED: Final = {"WASSOP_MESSAGE_GAP_S": "0.3"}
"""A student's program takes one `recv` for one message; beside browsers its thread comes late to it."""

expect.set_options(timeout=PATIENCE_MS)


@define
class Chat:
    """A running server with a door for browsers only.

    On the port of all dialects a browser that is kept waiting by a busy machine is taken for a person with
    netcat, as anybody is who connects and says nothing.
    """

    process: ServerProcess
    web: int
    doors: tuple[int, ...] = ()
    """The ports of `--listen`."""

    @property
    def port(self) -> int:
        """Where all dialects are spoken."""
        return self.process.port


@contextmanager
def chatting(*options: str, web: int = 0) -> Iterator[Chat]:
    """`wassop serve` with these options; browsers are let in at the port `web`, any free one if that is 0."""
    with serving(*options, "--web", f"127.0.0.1:{web}", **UNHURRIED) as process:
        assert process.process.stdout is not None
        lines = [process.process.stdout.readline() for _ in range(options.count("--listen") + 1)]
        *doors, found = (int(line.rstrip(".\n").rpartition(":")[2]) for line in lines)
        yield Chat(process, found, tuple(doors))


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS), timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


@define(eq=False)
class Person:
    """Somebody with a browser of their own, who reads Spanish unless told otherwise."""

    page: Page
    port: int
    faults: list[str] = field(factory=list)
    """What went wrong in the page: exceptions, and what its policy forbids."""

    @classmethod
    def with_browser(cls, browser: Browser, port: int, **context: Any) -> "Person":
        settings: dict[str, Any] = {"locale": "es-ES", "viewport": DESKTOP, **context}
        page = browser.new_context(**settings).new_page()
        page.set_default_timeout(PATIENCE_MS)
        person = cls(page, port)
        page.on("pageerror", lambda error: person.faults.append(str(error)))
        page.on("console", lambda message: person._logged(message.type, message.text))
        return person

    def _logged(self, kind: str, text: str) -> None:
        # A connection that fails is the network's fault, and some tests are about that.
        if kind == "error" and "WebSocket connection" not in text and "ERR_CONNECTION" not in text:
            self.faults.append(text)

    # Coming in

    def open(self, room: str = "") -> "Person":
        self.page.goto(f"http://127.0.0.1:{self.port}/{'#' + room if room else ''}")
        return self

    def enter(self, name: str, room: str = "Sala1") -> "Person":
        """Come in under a name, into a room."""
        self.open(room)
        self.page.locator("input[name=username]").fill(name)
        self.page.keyboard.press("Enter")
        return self.is_in(room)

    def is_in(self, talk: str) -> "Person":
        """Wait until that conversation is shown, and can be written in."""
        expect(self.page.locator(".title h1")).to_have_text(re.compile(rf"^#?{re.escape(talk)}$"))
        expect(self.composer).to_be_visible()
        expect(self.page.locator(".connection")).to_have_count(0)
        return self

    def hurry(self) -> None:
        """Tell the page that the network is back, as a browser does: it does not wait for its next try."""
        self.page.evaluate("() => dispatchEvent(new Event('online'))")

    # Talking

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer")

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def message(self, text: str) -> Locator:
        """The messages of the current conversation that say this, and nothing else."""
        return self.page.locator("article", has=self.page.get_by_text(text, exact=True))

    def reads(self, text: str, times: int = 1) -> Locator:
        """Wait until the current conversation has such a message, so often exactly."""
        found = self.message(text)
        expect(found).to_have_count(times)
        return found

    def has_said_all(self) -> None:
        """Wait until the server has stored everything that one has said."""
        expect(self.page.locator("article.waiting, article.waits")).to_have_count(0)

    def reads_note(self, text: str) -> None:
        """Wait until the page's own lines tell this."""
        expect(self.page.locator(".note", has_text=text).last).to_be_visible()

    def texts(self) -> list[str]:
        """What stands in the current conversation."""
        return [text.strip() for text in self.page.locator("article .text").all_inner_texts()]

    # Going about

    def tab(self, name: str) -> Locator:
        return self.page.locator("li.tab", has=self.page.get_by_text(name, exact=True))

    def go_to(self, name: str) -> "Person":
        self.tab(name).locator("button").first.click()
        return self.is_in(name)

    def own_menu(self, item: str) -> None:
        self.page.locator(".me-button").click()
        self.page.get_by_role("menuitem", name=item).click()

    def scroll_up(self, pixels: int) -> None:
        self.page.locator(".log").evaluate("(log, pixels) => { log.scrollTop -= pixels; }", pixels)

    @property
    def is_at_bottom(self) -> bool:
        return bool(
            self.page.locator(".log").evaluate(
                "(log) => log.scrollHeight - log.scrollTop - log.clientHeight < 4"
            )
        )


def until_seen(wanted: Locator, act: Callable[[], object]) -> None:
    """Do something again and again until that is seen: whoever looks too late sees it the next time."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted.count():
        assert time.monotonic() < deadline, wanted
        act()


def cut_off(person: Person) -> list[str]:
    """What stands partly beyond the edge of the window."""
    found: list[str] = person.page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((element) => {
            // A wide table is scrolled in a place of its own, with the keyboard too.
            if (element.closest('[tabindex="0"]')) return false;
            const { left, right, width } = element.getBoundingClientRect();
            return width > 1 && right > innerWidth + 1 && left < innerWidth;
        }).map((element) => element.outerHTML.slice(0, 200))"""
    )
    return found
