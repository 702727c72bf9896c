#!/usr/bin/env python3
"""Draw README's picture from a real run: a server, two terminal clients in tmux and a person with netcat.

    python3 scripts/dev.py run python scripts/picture.py [docs/wassop.svg]

Needs tmux. What the terminals show is taken from tmux with its colours and written as SVG.
"""

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path

from attrs import evolve, frozen
from wcwidth import wcwidth

COLUMNS, ROWS = 62, 22
CELL_WIDTH, CELL_HEIGHT, MARGIN, GAP = 8.4, 18, 12, 14
BACKGROUND, FOREGROUND = "#16181d", "#d7dae0"
PALETTE = (
    "#2b303b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
    "#6b7280", "#f08a92", "#b3d89c", "#f2d497", "#86c5f7", "#d9a0e8", "#7fd0da", "#ffffff",
)  # fmt: skip
PATIENCE_S = 30


@frozen
class Style:
    """How a run of cells looks."""

    color: str = FOREGROUND
    background: str | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    reverse: bool = False


def color_256(number: int) -> str:
    """xterm's palette: 16 named colours, a cube of 6x6x6, 24 greys."""
    if number < 16:
        return PALETTE[number]
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    levels = (0, 95, 135, 175, 215, 255)
    red, green, blue = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return f"#{levels[red]:02x}{levels[green]:02x}{levels[blue]:02x}"


def restyled(style: Style, codes: list[int]) -> Style:
    """`style` after one SGR sequence."""
    rest = iter(codes)
    for code in rest:
        match code:
            case 0:
                style = Style()
            case 1 | 2 | 3 | 7:
                style = evolve(style, **{{1: "bold", 2: "dim", 3: "italic", 7: "reverse"}[code]: True})
            case 22:
                style = evolve(style, bold=False, dim=False)
            case 23 | 27:
                style = evolve(style, **{{23: "italic", 27: "reverse"}[code]: False})
            case 38 | 48:
                color = color_256(next(rest)) if next(rest) == 5 else "#{:02x}{:02x}{:02x}".format(*rest)
                style = evolve(style, **{"color" if code == 38 else "background": color})
            case 39 | 49:
                style = evolve(style, **{"color": FOREGROUND} if code == 39 else {"background": None})
            case _ if 30 <= code % 60 < 38 or 90 <= code < 98:
                style = evolve(style, color=PALETTE[code - 30 if code < 90 else code - 82])
            case _ if 40 <= code < 48 or 100 <= code < 108:
                style = evolve(style, background=PALETTE[code - 40 if code < 100 else code - 92])
    return style


def runs(line: str) -> Iterator[tuple[int, int, str, Style]]:
    """Column, width in cells, text and style of each run in a captured line."""
    style, column = Style(), 0
    for text, codes in re.findall(r"([^\x1b]*)(?:\x1b\[([\d;]*)m)?", line):
        width = sum(max(0, wcwidth(char)) for char in text)
        if text:
            yield column, width, text, style
        column += width
        if codes or line:
            style = restyled(style, [int(code or 0) for code in codes.split(";")]) if codes else style


def drawn(screen: str, left: float, title: str) -> Iterator[str]:
    """The elements of one terminal."""
    width, height = COLUMNS * CELL_WIDTH, (ROWS + 1) * CELL_HEIGHT
    yield (
        f'<rect x="{left}" y="{MARGIN}" width="{width + 16:.0f}" height="{height + 16:.0f}" rx="8" '
        f'fill="{BACKGROUND}"/>'
    )
    yield f'<text x="{left + 10}" y="{MARGIN + 16}" fill="{PALETTE[8]}">{escape(title)}</text>'
    for row, line in enumerate(screen.split("\n")[:ROWS]):
        top = MARGIN + 12 + (row + 1) * CELL_HEIGHT
        for column, cells, text, style in runs(line):
            x = left + 8 + column * CELL_WIDTH
            color, background = style.color, style.background
            if style.reverse:
                color, background = background or BACKGROUND, color
            if background:
                yield (
                    f'<rect x="{x:.1f}" y="{top}" width="{cells * CELL_WIDTH:.1f}" height="{CELL_HEIGHT}" '
                    f'fill="{background}"/>'
                )
            if text.strip():
                weight = ' font-weight="bold"' if style.bold else ""
                weight += ' opacity="0.6"' if style.dim else ""
                weight += ' font-style="italic"' if style.italic else ""
                yield (
                    f'<text x="{x:.1f}" y="{top + 13}" fill="{color}"{weight} xml:space="preserve" '
                    f'textLength="{cells * CELL_WIDTH:.1f}">{escape(text)}</text>'
                )


class Tmux:
    """A tmux server of our own."""

    def __init__(self) -> None:
        self.name = f"wassop-picture-{time.monotonic_ns()}"

    def __call__(self, *command: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.name, "-f", "/dev/null", *command], check=True, capture_output=True, text=True
        )
        return done.stdout

    def wait_for(self, pane: str, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self("capture-pane", "-p", "-t", pane):
            if time.monotonic() > deadline:
                sys.exit(f"{pane} never showed {text!r}:\n{self('capture-pane', '-p', '-t', pane)}")
            time.sleep(0.05)

    def type(self, pane: str, text: str, shows: str, *, enter: bool = True) -> None:
        self("send-keys", "-t", pane, "-l", text)
        if enter:
            self("send-keys", "-t", pane, "Enter")
        self.wait_for(pane, shows)


def converse(tmux: Tmux, port: int, state: str) -> tuple[str, str]:
    """Let three people talk; return the two screens."""
    wassop = f"{sys.executable} -m wassop join --server 127.0.0.1:{port} --room Sala1"
    for name in ("juanmi", "lucía"):
        session = f"{wassop} --name {name}; cat"
        tmux(
            "new-session",
            "-d",
            "-s",
            name,
            "-x",
            str(COLUMNS),
            "-y",
            str(ROWS),
            "-e",
            "TERM=tmux-256color",
            "-e",
            f"XDG_STATE_HOME={state}",
            session,
        )
        tmux.wait_for(name, "Sala1")
        tmux.wait_for(name, "EXIT")
    with socket.create_connection(("127.0.0.1", port)) as netcat:
        for line, shows in (
            ("ana", None),
            ("Sala1", "ana se ha unido"),
            ("¡hola! yo vengo con netcat", "netcat"),
        ):
            netcat.sendall(f"{line}\n".encode())
            if shows:
                tmux.wait_for("juanmi", shows)
        tmux.type("juanmi", "hola a todos!", "hola a todos!")
        tmux.wait_for("lucía", "juanmi: hola a todos!")
        tmux.type("lucía", "¿qué tal la práctica de sockets? :cohete:", "práctica")
        tmux.wait_for("juanmi", "práctica")
        tmux.type("juanmi", "LOVE", "❤")
        tmux.wait_for("lucía", "❤")
        tmux.type("lucía", "@juanmi mañana lo enseñamos 🎉", "enseñamos")
        tmux.wait_for("juanmi", "enseñamos")
        tmux("send-keys", "-t", "juanmi", "F2")
        tmux.wait_for("juanmi", "3 personas")
        netcat.sendall("/msg lucía ¿me pasas el enunciado?\n".encode())
        tmux.wait_for("lucía", "@ana 1")
        time.sleep(3)  # that somebody is typing is not told more often
        tmux.type("juanmi", "listo :corazon_a", ":corazon_azul", enter=False)
        tmux("send-keys", "-t", "juanmi", "Tab")
        tmux.wait_for("lucía", "juanmi está escribiendo")
        screens = [tmux("capture-pane", "-e", "-p", "-N", "-t", name) for name in ("juanmi", "lucía")]
    return screens[0], screens[1]


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/wassop.svg")
    tmux = Tmux()
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--memory"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().rstrip(".\n").rpartition(":")[2])
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
                first, second = converse(tmux, port, state)
        finally:
            tmux("kill-server")
            server.terminate()
    one = COLUMNS * CELL_WIDTH + 16
    width, height = 2 * one + GAP + 2 * MARGIN, (ROWS + 1) * CELL_HEIGHT + 16 + 2 * MARGIN
    elements = [
        *drawn(first, MARGIN, "$ wassop join --room Sala1 --name juanmi"),
        *drawn(second, MARGIN + one + GAP, "$ wassop join --room Sala1 --name lucía"),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">'
    )
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join([head, *elements, "</svg>\n"]), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
