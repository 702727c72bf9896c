"""What reaches a person who does not look: the terminal's bell, a message on the desktop, the window's title;
and how the terminal tells whether somebody looks.

There is no common way to a message on the desktop. OSC 9 is iTerm2's, taken over by kitty, WezTerm, Ghostty
and others; OSC 777 is rxvt-unicode's, taken over by foot and VTE. Terminals that know neither pass over them;
the console of Linux may print what it does not know. In ConEmu "OSC 9 ; digit" is a command, so a text never
begins with a digit. tmux passes on what is wrapped up for that where
`allow-passthrough` is on, and drops it elsewhere.
"""

from collections.abc import Mapping
from typing import Final

from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output

from wassop.client.alerts import title_of
from wassop.client.happenings import Alert
from wassop.client.model import State
from wassop.client.settings import Settings
from wassop.client.tui.glyphs import GlyphOutput

_FOCUS_IN: Final = "\x1b[I"
_FOCUS_OUT: Final = "\x1b[O"
# What prompt_toolkit is to take for one key each; it is bound in bindings.py.
ANSI_SEQUENCES.update({_FOCUS_IN: Keys.Ignore, _FOCUS_OUT: Keys.Ignore})


def sees_focus(data: str) -> bool | None:
    """Whether the window has the focus, as the terminal tells with `data`; None: that is something else."""
    return {_FOCUS_IN: True, _FOCUS_OUT: False}.get(data)


class Signals:
    """Sends them to a terminal."""

    def __init__(self, output: Output, environ: Mapping[str, str]) -> None:
        self._output: Final = output
        self._environ: Final = environ
        self._is_on = False
        self._title: str | None = None

    def begin(self, state: State) -> None:
        """The screen is about to be drawn: keep the title that there is, ask about the focus."""
        self._is_on = True
        if isinstance(self._output, GlyphOutput):
            self._output.ask_for_focus()
        self.show_title(state)

    def end(self) -> None:
        """The screen is gone: all is as it was."""
        self._is_on = False
        self._put_title(None)
        if isinstance(self._output, GlyphOutput):
            self._output.stop_asking_for_focus()
        self._output.flush()

    def show_title(self, state: State) -> None:
        """Let the title tell what is unread, if it is to."""
        if self._is_on:
            self._put_title(title_of(state) if state.settings.title else None)

    def _put_title(self, title: str | None) -> None:
        if title == self._title or not _has_title(self._environ):
            return
        if self._title is None:
            self._output.write_raw("\x1b[22;2t")  # the title is put on a stack
        if title is None:
            self._output.write_raw("\x1b]2;\x07\x1b[23;2t")  # empty where the terminal has no such stack
        else:
            self._output.write_raw(f"\x1b]2;{title}\x07")
        self._title = title
        self._output.flush()

    def alert(self, alert: Alert, settings: Settings) -> None:
        """Call the person, in the ways that they want to be called."""
        if not self._is_on:
            return
        if settings.bell:
            self._output.write_raw("\x07")
        self._output.write_raw(desktop_message(alert, settings.desktop, self._environ))
        self._output.flush()


def desktop_message(alert: Alert, how: str, environ: Mapping[str, str]) -> str:
    """What makes a terminal show a message on the desktop; empty if there is to be none."""
    kind = _liked(environ) if how == "auto" else how
    title, text = (part.replace(";", ",") for part in (alert.title, alert.text))
    match kind:
        case "osc9":
            sequence = f"\x1b]9;wassop: {title}: {text}\x07"
        case "osc777":
            sequence = f"\x1b]777;notify;wassop: {title};{text}\x07"
        case _:
            return ""
    if "TMUX" not in environ:
        return sequence
    wrapped = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{wrapped}\x1b\\"


def _liked(environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "")
    if not _has_title(environ):
        return "off"
    return "osc777" if "VTE_VERSION" in environ or term.startswith(("rxvt", "foot")) else "osc9"


def _has_title(environ: Mapping[str, str]) -> bool:
    """The console of Linux would print such sequences; there is no window either."""
    return environ.get("TERM", "") not in ("linux", "eterm-color", "dumb", "")
