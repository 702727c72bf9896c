"""How things look: the themes, each a palette for the same table of styles.

Every text stands out from what is behind it by 4.5 to 1 or more (WCAG 2, AA; tests/client/test_themes.py
computes it). `auto` leaves the terminal's own colours alone and has such as reach that on black and on white;
for that their luminance is between 0.175 and 0.183. Terminals of 256 colours show the nearest they have. The
other themes are made of those 256.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from attrs import frozen
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style


@frozen
class Pair:
    """A colour and what is behind it."""

    text: str
    behind: str

    def __str__(self) -> str:
        """As prompt_toolkit has it."""
        return f"bg:{self.behind} {self.text}"


@frozen
class Palette:
    """The colours of a theme."""

    names: tuple[str, ...]
    grey: str
    accent: str
    warning: str
    bad: str
    here: Pair
    bar: Pair
    bar_strong: str
    on_warning: Pair
    on_bad: Pair
    note: Pair
    scroll: tuple[str, str]
    screen: Pair | None = None
    """None: those of the terminal."""


_WHITE, _BLACK = "#ffffff", "#000000"
PALETTES: Final[Mapping[str, Palette]] = {
    "auto": Palette(
        names=(
            *("#d14339", "#b95c00", "#827700", "#37861c", "#008755"),
            *("#00828c", "#2977ca", "#6967df", "#a54ecd", "#c8408f"),
        ),
        grey="#767676",
        accent="#2977ca",
        warning="#b95c00",
        bad="#d14339",
        here=Pair(_WHITE, "#005f87"),
        bar=Pair("#d0d0d0", "#3a3a3a"),
        bar_strong=_WHITE,
        on_warning=Pair(_WHITE, "#af5f00"),
        on_bad=Pair(_WHITE, "#af0000"),
        note=Pair("#e4e4e4", "#4e4e4e"),
        scroll=("#4e4e4e", "#9e9e9e"),
    ),
    "dark": Palette(
        names=(
            *("#ff8787", "#ffaf5f", "#d7d75f", "#87d75f", "#5fd7af"),
            *("#5fd7d7", "#87afff", "#afafff", "#d7afff", "#ff87d7"),
        ),
        grey="#9e9e9e",
        accent="#5fafff",
        warning="#ffaf00",
        bad="#ff8787",
        here=Pair(_WHITE, "#005f87"),
        bar=Pair("#d0d0d0", "#303030"),
        bar_strong=_WHITE,
        on_warning=Pair(_BLACK, "#ffaf00"),
        on_bad=Pair(_WHITE, "#af0000"),
        note=Pair("#e4e4e4", "#444444"),
        scroll=("#444444", "#9e9e9e"),
        screen=Pair("#e4e4e4", "#121212"),
    ),
    "light": Palette(
        names=(
            *("#af0000", "#875f00", "#5f5f00", "#005f00", "#005f5f"),
            *("#005f87", "#005faf", "#5f00d7", "#8700af", "#af005f"),
        ),
        grey="#626262",
        accent="#005faf",
        warning="#875f00",
        bad="#af0000",
        here=Pair(_WHITE, "#005f87"),
        bar=Pair("#303030", "#dadada"),
        bar_strong=_BLACK,
        on_warning=Pair(_BLACK, "#ffaf00"),
        on_bad=Pair(_WHITE, "#af0000"),
        note=Pair("#303030", "#eeeeee"),
        scroll=("#bcbcbc", "#626262"),
        screen=Pair("#1c1c1c", _WHITE),
    ),
    "high-contrast": Palette(
        names=(
            *("#ffafaf", "#ffaf5f", "#ffff5f", "#87ff87", "#5fffd7"),
            *("#5fffff", "#87d7ff", "#d7d7ff", "#ffafff", "#ffafd7"),
        ),
        grey="#d0d0d0",
        accent="#5fffff",
        warning="#ffff00",
        bad="#ffafaf",
        here=Pair(_BLACK, "#ffff00"),
        bar=Pair(_BLACK, _WHITE),
        bar_strong=_BLACK,
        on_warning=Pair(_BLACK, "#ffaf5f"),
        on_bad=Pair(_WHITE, "#870000"),
        note=Pair(_WHITE, "#1c1c1c"),
        scroll=("#444444", _WHITE),
        screen=Pair(_WHITE, _BLACK),
    ),
}


def rules(palette: Palette) -> dict[str, str]:
    """The table of styles in these colours."""
    p = palette
    return {
        "screen": str(p.screen or ""),
        **{f"name{index}": f"bold {colour}" for index, colour in enumerate(p.names)},
        "own": "bold",
        "time": p.grey,
        "dim": p.grey,
        "mark": p.grey,
        "other-room": f"italic {p.accent}",
        "found": f"bold underline {p.warning}",
        "goal": f"bold {p.warning}",
        "heading": f"bold {p.accent}",
        "error": p.bad,
        "failed": p.bad,
        "divider": p.grey,
        "header": str(p.here),
        "header.room": "bold",
        "header.bad": f"{p.on_bad} bold",
        "help.word": "bold",
        "mention": f"bold {p.warning}",
        "quote": p.grey,
        "deleted": f"italic {p.grey}",
        "reaction": p.accent,
        "chosen": "reverse",
        "people.away": f"italic {p.grey}",
        "typing": f"italic {p.grey}",
        "people.count": f"bold {p.grey}",
        "tabs": str(p.bar),
        "tabs.self": str(p.bar),
        "tabs.bad": f"{p.on_bad} bold",
        "tab": str(p.bar),
        "tab.here": f"{p.here} bold",
        "tab.unread": f"{Pair(p.bar_strong, p.bar.behind)} bold",
        "tab.mention": f"{p.on_warning} bold",
        "search-toolbar": "",
        "separator": p.grey,
        "separator.bad": f"bold {p.bad}",
        "separator.news": f"bold {p.warning}",
        "prompt": f"bold {p.accent}",
        "completion-menu": str(p.bar),
        "completion-menu.completion": str(p.bar),
        "completion-menu.completion.current": f"{p.here} bold noreverse",
        "completion-menu.meta.completion": str(p.note),
        "completion-menu.meta.completion.current": f"{p.here} noreverse",
        "scrollbar.background": f"bg:{p.scroll[0]}",
        "scrollbar.button": f"bg:{p.scroll[1]}",
    }


def _without_colours() -> dict[str, str]:
    """Told by weight, lines and reversal alone."""
    return {
        **{
            name: " ".join(word for word in rule.split() if word in ("bold", "italic", "underline"))
            for name, rule in rules(PALETTES["auto"]).items()
        },
        "header": "reverse",
        "header.bad": "reverse bold",
        "chosen": "reverse",
        "tabs": "underline",
        "tabs.self": "underline",
        "tabs.bad": "reverse bold",
        "tab": "underline",
        "tab.here": "reverse bold",
        "tab.unread": "underline bold",
        "tab.mention": "underline bold italic",
        "mention": "bold underline",
        "completion-menu": "",
        "completion-menu.completion": "",
        "completion-menu.completion.current": "reverse bold",
        "completion-menu.meta.completion": "italic",
        "completion-menu.meta.completion.current": "reverse",
        "scrollbar.background": "",
        "scrollbar.button": "reverse",
    }


@lru_cache(maxsize=8)
def style_of(theme: str) -> Style:
    """The styles of a theme."""
    palette = PALETTES.get(theme)
    return Style.from_dict(rules(palette) if palette is not None else _without_colours())


def colour_depth(theme: str) -> ColorDepth | None:
    """How many colours may be sent; None: as many as the terminal has."""
    return None if theme in PALETTES else ColorDepth.DEPTH_1_BIT


NAME_COLOURS: Final = PALETTES["auto"].names
STYLE: Final = style_of("auto")
