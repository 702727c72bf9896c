#!/usr/bin/env python3
"""Take README's picture of the operator's panel from a real run: a server, its admin, and visitors who talk.

    python3 scripts/dev.py run python scripts/picture_panel.py [docs]

Needs chromium, and a minute: graphs need time. Writes panel.png.
"""

import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
SIZE = {"width": 1280, "height": 860}
SECRET = "una contraseña larga"
SECONDS = 60
ROOMS = ("Sala1", "Sala2", "Práctica 3")


def visitor(port: int, name: str, number: int) -> socket.socket:
    """Somebody in a room."""
    sock = socket.create_connection(("127.0.0.1", port))
    room = ROOMS[number % len(ROOMS)]
    for request in ({"t": "hello", "name": name}, {"t": "join", "room": room}):
        sock.sendall(json.dumps(request).encode() + b"\n")
    sock.setblocking(False)
    return sock


def talk(port: int) -> list[socket.socket]:
    """Let visitors of several dialects talk for a while."""
    chance = random.Random(7)
    programs = [visitor(port, f"alumno{number}", number) for number in range(24)]
    people = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    for sock, name in zip(people, ("lucía", "nacho", "marta"), strict=True):
        sock.sendall(f"{name}\nSala1\n".encode())
    classroom = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    for number, sock in enumerate(classroom):
        sock.sendall(f"CONNECT|equipo{number}\n".encode())
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        phase = (ends - time.monotonic()) / SECONDS
        for number, sock in enumerate(programs):
            if chance.random() < 0.15 + 0.35 * abs(phase - 0.5):
                said = {"t": "say", "room": ROOMS[number % len(ROOMS)], "text": "hola"}
                sock.sendall(json.dumps(said).encode() + b"\n")
        for sock in programs:
            with suppress(BlockingIOError):
                sock.recv(1 << 20)
        time.sleep(0.1)
    return [*programs, *people, *classroom]


def take(browser: Browser, port: int, folder: Path) -> None:
    page = browser.new_context(locale="es-ES", viewport=SIZE, device_scale_factor=2).new_page()  # type: ignore[arg-type]
    page.goto(f"http://127.0.0.1:{port}/panel")
    page.locator("input[name=username]").fill("ana")
    page.locator("input[name=password]").fill(SECRET)
    page.keyboard.press("Enter")
    page.locator(".tiles").wait_for()
    here = talk(port)
    page.locator("tr[data-session]", has_text="lucía").wait_for()
    page.screenshot(path=folder / "panel.png")
    for sock in here:
        sock.close()


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        db, secret = Path(place) / "chat.db", Path(place) / "secret"
        secret.write_text(f"{SECRET}\n", encoding="utf-8")
        wassop = [sys.executable, "-m", "wassop"]
        add = ["account", "add", "ana", "--role", "admin", "--password-file", str(secret), "--db", str(db)]
        subprocess.run([*wassop, *add], check=True)
        command = [*wassop, "serve", "--port", "0", "--db", str(db)]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server,
            sync_playwright() as playwright,
        ):
            try:
                assert server.stdout is not None
                port = int(server.stdout.readline().rstrip(".\n").rpartition(":")[2])
                found = shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
                take(browser, port, folder)
                browser.close()
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
