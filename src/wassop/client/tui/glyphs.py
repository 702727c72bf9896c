"""Pictures of several characters (❤️, flags, families) at the width that they were given, on any terminal.

prompt_toolkit draws character by character, and terminals differ in how wide such a cluster is; one column of
disagreement shifts the rest of the row. So a cluster travels through prompt_toolkit as one stand-in character
(of private plane 15) and fillers, and is drawn on the way out between saving and restoring the cursor.
"""

from typing import Any, Final

from prompt_toolkit.output.vt100 import Vt100_Output

from wassop.client.cells import Cell, cells

_FIRST: Final = 0xF0000
_COUNT: Final = 0xFFFD
_FILLER: Final = "\U0010fffd"
"""Stands in the further columns of a cluster; private plane 16. Texts hold no such characters (see cells)."""


class Glyphs:
    """Which stand-in means which cluster. The oldest give way when there are too many (65,533)."""

    def __init__(self) -> None:
        self._stand_ins: Final[dict[str, str]] = {}
        self._clusters: Final[dict[str, Cell]] = {}
        self._next = 0

    def of(self, text: str) -> str:
        """`text` with stand-ins, as prompt_toolkit is to have it."""
        return text if text.isascii() else "".join(map(self.of_cell, cells(text)))

    def of_cell(self, cell: Cell) -> str:
        """One cluster as prompt_toolkit is to have it; as many columns wide as `cell` says."""
        if not cell.fused:
            return cell.text
        stand_in = self._stand_ins.get(cell.text)
        if stand_in is None:
            stand_in = chr(_FIRST + self._next)
            self._next = (self._next + 1) % _COUNT
            before = self._clusters.get(stand_in)
            if before is not None:
                del self._stand_ins[before.text]
            self._stand_ins[cell.text] = stand_in
            self._clusters[stand_in] = cell
        return stand_in + _FILLER * (cell.width - 1)

    def drawn(self, char: str) -> str | None:
        """What the terminal is to be sent for `char`; None if it is no stand-in."""
        if char == _FILLER:
            return "\x1b[C"
        cell = self._clusters.get(char)
        if cell is None:
            return None
        return f"\x1b7{' ' * cell.width}\x1b8{cell.text}\x1b8\x1b[C"


class GlyphOutput(Vt100_Output):
    """A terminal that is sent clusters for stand-ins. Its `glyphs` are to be set before anything is drawn."""

    glyphs: Glyphs

    def write(self, data: str) -> None:
        """Write text, without the power to command the terminal."""
        drawn = None if data.isascii() else self.glyphs.drawn(data)
        if drawn is None:
            super().write(data)
        else:
            self.write_raw(drawn)

    def enable_mouse_support(self) -> None:
        """Ask for clicks and the wheel only; the base class would also be told every movement."""
        self.write_raw("\x1b[?1000h\x1b[?1006h")

    def disable_mouse_support(self) -> None:
        """The contrary."""
        self.write_raw("\x1b[?1006l\x1b[?1000l")

    def ask_for_focus(self) -> None:
        """Ask to be told when the window gets and loses the focus (xterm's mode 1004)."""
        self.write_raw("\x1b[?1004h")

    def stop_asking_for_focus(self) -> None:
        """The contrary."""
        self.write_raw("\x1b[?1004l")


def terminal_output(stdout: Any, term: str | None, glyphs: Glyphs) -> GlyphOutput:
    """The terminal behind `stdout`."""
    output = GlyphOutput.from_pty(stdout, term=term)
    assert isinstance(output, GlyphOutput)
    output.glyphs = glyphs
    return output
