#!/usr/bin/env python3
"""Take README's pictures of the page from a real run: a server, people with browsers, one with netcat.

    python3 scripts/dev.py run python scripts/picture_web.py [docs]

Needs chromium. Writes web-light.png, web-dark.png and web-phone.png.
"""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 30_000
DESKTOP = {"width": 1120, "height": 720}
PHONE = {"width": 390, "height": 760}


def come(browser: Browser, port: int, name: str, **context: object) -> Page:
    """Somebody in Sala1 with a browser of their own."""
    page = browser.new_context(locale="es-ES", **{"viewport": DESKTOP, **context}).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"http://127.0.0.1:{port}/#Sala1")
    page.locator("input[name=username]").fill(name)
    page.keyboard.press("Enter")
    page.locator(".title h1", has_text="Sala1").wait_for()
    return page


def say(page: Page, text: str) -> None:
    page.locator("#composer").fill(text)
    page.locator("#composer").press("Enter")


def react(page: Page, text: str, emoji: str) -> None:
    """React to the message with that text."""
    page.locator("article", has_text=text).last.hover()
    page.locator(".actions").get_by_role("button", name="Reaccionar").click()
    page.locator(".quick button", has_text=emoji).click()
    page.locator("article", has_text=text).locator(".reactions", has_text=emoji).last.wait_for()


def reply(page: Page, to: str, text: str) -> None:
    """Answer the message with that text."""
    page.locator("article", has_text=to).last.hover()
    page.locator(".actions").get_by_role("button", name="Responder").click()
    say(page, text)
    page.locator("article .quote").last.wait_for()


def converse(browser: Browser, port: int, folder: Path) -> None:
    """Let four people talk, and take the pictures."""
    lucia = come(browser, port, "lucía", color_scheme="light", device_scale_factor=2)
    juanmi = come(browser, port, "juanmi", color_scheme="dark", device_scale_factor=2)
    marta = come(browser, port, "marta", viewport=PHONE, has_touch=True, device_scale_factor=2)
    with socket.create_connection(("127.0.0.1", port)) as netcat:
        for line in ("ana", "Sala1"):
            netcat.sendall(f"{line}\n".encode())
        lucia.locator(".note", has_text="ana").wait_for()
        say(lucia, "/topic Práctica de sockets: entrega el viernes")
        juanmi.locator(".topic").wait_for()
        say(juanmi, "hola a todos!")
        lucia.locator("article", has_text="hola a todos").wait_for()
        say(juanmi, "¿alguien ha probado el servidor con la biblioteca del aula? https://trio.readthedocs.io")
        lucia.locator("article", has_text="biblioteca").wait_for()
        netcat.sendall("¡hola! yo vengo con netcat\n".encode())
        lucia.locator("article", has_text="netcat").wait_for()
        react(lucia, "netcat", "🎉")
        react(juanmi, "netcat", "🎉")
        reply(lucia, "biblioteca", "sí, y ya reconecta sola :cohete:")
        say(marta, "LIKE")
        lucia.locator("article.big").wait_for()
        say(juanmi, "@lucía ¿mañana lo enseñamos?")
        lucia.locator("article.called").wait_for()
        say(juanmi, "/msg lucía te paso mis apuntes")
        juanmi.locator("li.tab", has_text="Sala1").locator("button").first.click()
        lucia.locator(".badge").wait_for()
        marta.locator("#composer").press_sequentially("yo ")
        lucia.locator(".typing", has_text="marta").wait_for()
        lucia.screenshot(path=folder / "web-light.png")
        marta.screenshot(path=folder / "web-phone.png")
        juanmi.locator("article", has_text="reconecta").hover()
        juanmi.locator(".actions").get_by_role("button", name="Reaccionar").click()
        juanmi.locator(".quick").wait_for()
        juanmi.screenshot(path=folder / "web-dark.png", animations="disabled")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--memory"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server,
        sync_playwright() as playwright,
    ):
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().rstrip(".\n").rpartition(":")[2])
            found = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
            converse(browser, port, folder)
            browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
