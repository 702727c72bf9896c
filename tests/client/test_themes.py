"""How things look: every text can be read in every theme, by WCAG's measure, and without colours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.output import ColorDepth

import wassop.client
from wassop.client.settings import setting
from wassop.client.tui.styles import PALETTES, colour_depth, rules, style_of

AA = 4.5
"""For text, https://www.w3.org/TR/WCAG22/#contrast-minimum"""
AAA = 7.0
BLACK, WHITE = "#000000", "#ffffff"


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pairs(theme: str) -> Iterator[tuple[str, str, str]]:
    """The name of each style that a text has, its colour, and what may be behind it."""
    palette = PALETTES[theme]
    screens = [BLACK, WHITE] if palette.screen is None else [palette.screen.behind]
    for name, rule in rules(palette).items():
        behind = re.search(r"bg:(#\w{6})", rule)
        text = re.search(r"(?<!bg:)(#\w{6})", rule)
        if text is not None:
            for screen in [behind[1]] if behind is not None else screens:
                yield name, text[1], screen


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", PALETTES)
def test_every_text_stands_out_from_what_is_behind_it(theme: str) -> None:
    least = AAA if theme == "high-contrast" else AA
    checked = list(pairs(theme))
    assert len(checked) > 30
    for name, text, behind in checked:
        assert contrast(text, behind) >= least, (name, text, behind)


def test_the_themes_are_those_that_can_be_set_and_all_have_the_same_styles() -> None:
    themes = setting("theme")
    assert themes is not None
    assert set(themes.values) == {*PALETTES, "none"}
    names = {frozenset(rule for rule, _ in style_of(theme).style_rules) for theme in themes.values}
    assert len(names) == 1


def test_without_colours_no_colour_is_named_and_none_is_sent() -> None:
    assert not any("#" in rule or "bg:" in rule for _, rule in style_of("none").style_rules)
    assert colour_depth("none") is ColorDepth.DEPTH_1_BIT
    assert colour_depth("dark") is None


def test_what_colours_tell_is_told_without_them_too() -> None:
    def looks(name: str) -> str:
        return dict(style_of("none").style_rules)[name]

    for one, others in (
        ("tab.here", ("tab", "tab.unread", "tab.mention")),
        ("tab.mention", ("tab", "tab.unread")),
        ("tab.unread", ("tab",)),
        ("mention", ("screen",)),
        ("completion-menu.completion.current", ("completion-menu.completion",)),
        ("tabs.bad", ("tabs", "tabs.self")),
    ):
        for other in others:
            assert looks(one) != looks(other), (one, other)


def test_colours_stand_in_one_place() -> None:
    folder = Path(wassop.client.__file__).parent
    colour = re.compile(r"#[0-9a-fA-F]{6}\b|\bansi(red|green|blue|yellow|cyan|magenta|bright\w+)\b")
    found = [file.name for file in folder.rglob("*.py") if colour.search(file.read_text(encoding="utf-8"))]
    assert found == ["styles.py"]
