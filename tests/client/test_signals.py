"""What a terminal is sent for the bell, the desktop and the title, byte by byte."""

import io

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress

from tests.client.story import in_room
from wassop.client.happenings import Alert
from wassop.client.settings import Settings
from wassop.client.tui.glyphs import GlyphOutput, Glyphs
from wassop.client.tui.signals import Signals, desktop_message, sees_focus

CALL = Alert("bob (Sala1)", "9;4 x;y")


def paper() -> tuple[io.StringIO, GlyphOutput]:
    out = io.StringIO()
    output = GlyphOutput(out, lambda: Size(24, 80), term="xterm")
    output.glyphs = Glyphs()
    return out, output


@pytest.mark.parametrize(
    ("how", "environ", "sent"),
    [
        ("osc9", {"TERM": "xterm"}, "\x1b]9;wassop: bob (Sala1): 9,4 x,y\x07"),
        ("osc777", {"TERM": "xterm"}, "\x1b]777;notify;wassop: bob (Sala1);9,4 x,y\x07"),
        ("off", {"TERM": "xterm"}, ""),
        ("auto", {"TERM": "xterm-kitty"}, "\x1b]9;wassop: bob (Sala1): 9,4 x,y\x07"),
        ("auto", {"TERM": "foot"}, "\x1b]777;notify;wassop: bob (Sala1);9,4 x,y\x07"),
        ("auto", {"TERM": "xterm", "VTE_VERSION": "7600"}, "\x1b]777;notify;wassop: bob (Sala1);9,4 x,y\x07"),
        ("auto", {"TERM": "linux"}, ""),
        (
            "osc9",
            {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"},
            "\x1bPtmux;\x1b\x1b]9;wassop: bob (Sala1): 9,4 x,y\x07\x1b\\",
        ),
    ],
)  # fmt: skip
def test_a_message_on_the_desktop(how: str, environ: dict[str, str], sent: str) -> None:
    assert desktop_message(CALL, how, environ) == sent


def test_all_is_begun_and_ended_and_nothing_is_sent_outside() -> None:
    out, output = paper()
    signals, state = Signals(output, {"TERM": "xterm"}), in_room().state
    signals.alert(CALL, Settings())
    signals.show_title(state)
    assert out.getvalue() == ""
    signals.begin(state)
    signals.show_title(state)
    assert out.getvalue() == "\x1b[?1004h\x1b[22;2t\x1b]2;Sala1 – wassop\x07"
    signals.alert(CALL, Settings(desktop="off"))
    signals.alert(CALL, Settings(desktop="off", bell=False))
    assert out.getvalue().endswith("wassop\x07\x07")
    signals.end()
    assert out.getvalue().endswith("\x1b]2;\x07\x1b[23;2t\x1b[?1004l")


def test_no_title_is_set_where_one_does_not_want_it_or_there_is_none() -> None:
    for environ, settings in (({"TERM": "xterm"}, "/set title off"), ({"TERM": "linux"}, "/set title on")):
        out, output = paper()
        signals = Signals(output, environ)
        signals.begin(in_room().types(settings).state)
        signals.end()
        assert "\x1b]2" not in out.getvalue()


def test_the_focus_is_one_key_even_when_it_comes_in_pieces() -> None:
    pressed: list[KeyPress] = []
    parser = Vt100Parser(pressed.append)
    for data in ("a\x1b", "[I", "b\x1b[O"):
        parser.feed(data)
    parser.flush()
    assert [sees_focus(key.data) for key in pressed] == [None, True, None, False]
