"""How `wassop join` looks and calls in a real terminal, down to the bytes that it sends."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.process import serving
from tests.e2e.tmux import Terminal, terminal, wassop_join

pytestmark = pytest.mark.tool("tmux")
COLOURED = re.compile(rb"\x1b\[[\d;]*[34]8;[25];")


@contextmanager
def joined(folder: Path, port: int, name: str, *variables: str, **size: int) -> Iterator[Terminal]:
    """Somebody in Sala1, with settings in `folder`; all that is sent to the terminal goes to a file `raw`."""
    with terminal(folder, **size) as pane:
        pane.tmux("pipe-pane", f"cat > {shlex.quote(str(folder / 'raw'))}")
        variables = (f"XDG_CONFIG_HOME={folder}", f"XDG_STATE_HOME={folder}", *variables)
        pane.run(f"env {shlex.join(variables)} {wassop_join(port, '--name', name, '--room', 'Sala1')}")
        pane.until_shown("Has entrado a la sala Sala1")
        yield pane


def settings(folder: Path) -> Path:
    return folder / "wassop" / "client.toml"


def test_a_theme_holds_at_once_is_kept_with_the_comments_and_is_there_the_next_time(tmp_path: Path) -> None:
    settings(tmp_path).parent.mkdir()
    settings(tmp_path).write_text("# mine\nbell = false\n")
    with serving() as server:
        with joined(tmp_path, server.port, "ana") as ana:
            assert "48;5;233" not in ana.colours
            ana.type("/set the")
            ana.press("Tab")
            ana.until_shown("Tú: /set theme")
            ana.type("da")
            ana.press("Tab")
            ana.until_shown("Tú: /set theme dark")
            ana.press("Enter", "Enter")
            ana.until_shown("theme es ahora dark.")
            ana.until(lambda: "48;5;233" in ana.colours)  # #121212
            ana.until(lambda: settings(tmp_path).read_text() == '# mine\nbell = false\ntheme = "dark"\n')
            ana.enter("/quit")
            ana.until_clean(0)
        with joined(tmp_path, server.port, "ana") as ana:
            ana.until(lambda: "48;5;233" in ana.colours)


def test_no_color_is_no_colour_and_what_it_would_tell_is_told_otherwise(tmp_path: Path) -> None:
    with serving() as server, joined(tmp_path, server.port, "ana", "NO_COLOR=1") as ana:
        ana.enter("hola")
        ana.until_shown("Tú: hola")
        assert not COLOURED.search((tmp_path / "raw").read_bytes())
        # The tab that is shown is reversed.
        ana.until(lambda: re.search(r"\x1b\[[\d;]*\b7m[^\x1b]*3 Sala1", ana.colours))


def test_bell_desktop_and_title_call_whoever_looks_elsewhere_once(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("ana", "bob")]
    for folder in folders:
        folder.mkdir()
    with (
        serving() as server,
        joined(folders[0], server.port, "ana") as ana,
        joined(folders[1], server.port, "bob") as bob,
    ):
        raw = folders[0] / "raw"
        ana.until(lambda: b"\x1b[?1004h" in raw.read_bytes())  # cat may write later than the screen shows
        ana.until(lambda: ana.mode("pane_title") == "Sala1 – wassop")
        ana.press("M-2")
        ana.until(lambda: ana.mode("pane_title") == "General – wassop")
        ana.type("\x1b[O")  # the window loses the focus
        for text in ("hola", "oye ana; ¿estás?", "ana ana", "ana"):
            bob.enter(text)
        ana.until(lambda: ana.mode("pane_title") == "(4!) General – wassop")
        called = "\x1bPtmux;\x1b\x1b]9;wassop: bob (Sala1): oye ana, ¿estás?\x07\x1b\\".encode()
        ana.until(lambda: called in raw.read_bytes() and b"(4!)" in raw.read_bytes())
        sent = raw.read_bytes()
        assert sent.count(called) == 1
        assert sent.count(b"]9;") == 1
        assert b"\x07" + called in sent, "the bell"
        ana.type("\x1b[I")
        ana.press("M-3")
        ana.until(lambda: ana.mode("pane_title") == "Sala1 – wassop")
        ana.until_shown("bob: oye ana; ¿estás?")
        assert "[I" not in ana.screen
        ana.enter("/set title off")
        ana.until(lambda: "wassop" not in ana.mode("pane_title"))
        ana.enter("/quit")
        ana.until_clean(0)
        ana.until(lambda: b"\x1b[?1004l" in raw.read_bytes())


def test_an_error_in_the_file_is_told_with_its_line_and_keys_of_ones_own_hold(tmp_path: Path) -> None:
    settings(tmp_path).parent.mkdir()
    settings(tmp_path).write_text('theme = "rosa"\n[keys]\nunread-tab = "f6"\ntab-1 = "alt-m"\n')
    with serving() as server, joined(tmp_path, server.port, "ana", columns=120, rows=40) as ana:
        ana.press("M-m")
        ana.until_shown("client.toml, línea 1: theme: puede ser auto, dark", "No cuenta.")
        ana.enter("/help")
        ana.until_shown("/rooms  ")
        ana.press("PPage")  # the keys stand above the commands
        ana.until(lambda: any(line.startswith("F6    ") for line in ana.lines))
        ana.until(lambda: any(line.startswith("Alt-M, Alt-2    ") for line in ana.lines))
        ana.enter("/quit")
        ana.until_clean(0)
