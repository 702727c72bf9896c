"""Lines on the screen: harmless, of the right width, whole."""

import gettext
import unicodedata

import wcwidth
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from wassop.client.cells import MAX_CELL_COLUMNS, cells, text_width
from wassop.client.line import Delivery, Kind, Line
from wassop.client.lines import NAME_STYLES, fragments_of, name_style, rows_of, wrapped
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.styles import NAME_COLOURS, STYLE

ENGLISH = gettext.NullTranslations()
FAMILY, FLAG, HEART, THUMB = "👨‍👩‍👧", "🇨🇴", "❤️", "👍🏽"
ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("ab  \u200d\ufe0f\u0301\u20e3한é👍🏽🇨🇴क्षि\u1100\u1161\x1b\u202e\u2066\x9b"),
    )
)
EMOJI_TEXT = st.lists(
    st.sampled_from(["a", " ", "hola", FAMILY, FLAG, HEART, THUMB, "한", "e\u0301", "1️⃣"])
).map("".join)
COLUMNS = st.integers(MAX_CELL_COLUMNS, 60)


def _inked(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def talk(text: str, **more: object) -> Line:
    return Line(1, Kind.TALK, text, at=0.0, author="ana", **more)


@given(st.lists(st.tuples(st.just(""), ANY_TEXT)), COLUMNS)
def test_no_row_is_wider_than_the_pane_and_nothing_but_spaces_is_lost(
    fragments: list[tuple[str, str]], columns: int
) -> None:
    rows = wrapped(fragments, columns)
    assert all(row.width <= columns for row in rows)
    whole = "".join(cell.text for _, text in fragments for cell in cells(text))
    assert _inked("".join(row.text for row in rows)) == _inked(whole)


@given(ANY_TEXT, st.integers(1, 90), st.sampled_from(list(Kind)), st.sampled_from(list(Delivery)))
def test_every_kind_of_line_fits(text: str, columns: int, kind: Kind, delivery: Delivery) -> None:
    line = Line(1, kind, text, at=0.0, author=text[:40], mark=text[:9], room=text[:20], delivery=delivery)
    assert all(row.width <= max(columns, MAX_CELL_COLUMNS + 2) for row in rows_of(line, columns, ENGLISH))


@given(EMOJI_TEXT, COLUMNS)
def test_no_picture_is_cut(text: str, columns: int) -> None:
    clusters = [cluster for cluster in wcwidth.iter_graphemes(text) if cluster != " "]
    rows = wrapped([("", text)], columns)
    assert [cell.text for row in rows for _, cell in row.pieces if cell.text != " "] == clusters


@given(ANY_TEXT)
def test_prompt_toolkit_counts_the_columns_that_we_count(text: str) -> None:
    glyphs = Glyphs()
    for cell in cells(text):
        if cell.text.isprintable():
            shown = glyphs.of_cell(cell)
            assert sum(get_cwidth(char) for char in shown) == cell.width


def test_words_stay_whole_where_they_fit_and_are_cut_where_not() -> None:
    rows = [row.text for row in wrapped([("", "uno dos tres cuatrocientos")], 9)]
    assert rows == ["uno dos ", "tres ", "cuatrocie", "ntos"]
    rows = [row.text for row in wrapped([("", "hola mundo")], 8, 2)]
    assert rows == ["hola ", "  mundo"]
    assert [row.text for row in wrapped([("", "12345678 x")], 8)] == ["12345678", "x"]


def test_continued_rows_stand_under_the_text_not_under_the_time() -> None:
    rows = rows_of(talk("palabra " * 8), 30, ENGLISH)
    assert rows[0].text[2] == ":"
    assert all(row.text.startswith(" " * 6) for row in rows[1:])


def test_pictures_have_two_columns_and_combining_marks_none() -> None:
    assert [text_width(text) for text in (FAMILY, FLAG, HEART, THUMB, "한", "e\u0301", "é", "a")] == [
        2
    ] * 5 + [1] * 3


def test_private_characters_which_we_use_ourselves_are_replaced() -> None:
    assert "".join(cell.text for cell in cells("a\U000f0000b\U0010fffdc")) == "a\ufffdb\ufffdc"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(list(Kind)))
def test_nothing_that_a_terminal_could_obey_is_shown(text: str, kind: Kind) -> None:
    line = Line(1, kind, text, at=0.0, author=text, mark=text, room=text)
    for row in rows_of(line, 40, ENGLISH):
        shown = row.text
        assert not any(unicodedata.category(char) == "Cc" for char in shown)
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def test_an_escape_sequence_is_a_picture_of_itself() -> None:
    line = talk("\x1b]0;gotcha\x07\x1b[2J")
    assert "".join(text for _, text in fragments_of(line, ENGLISH)).endswith("ana: ␛]0;gotcha␇␛[2J")


def test_a_time_that_is_none_is_shown_as_such() -> None:
    assert (
        rows_of(Line(1, Kind.TALK, "hola", at=1e300, author="ana"), 80, ENGLISH)[0].text == "--:-- ana: hola"
    )


def test_a_newline_from_others_cannot_fake_a_line() -> None:
    for columns in (80, 20, 8):
        first, *others = rows_of(talk("hola\n12:00 bob: soy bob"), columns, ENGLISH)
        assert first.text[2] == ":"
        assert others
        assert all(row.text.startswith("  ") for row in others)


def test_a_message_of_very_many_lines_does_not_push_everything_away() -> None:
    assert len(rows_of(talk("\n" * 4_000), 80, ENGLISH)) < 100


def test_a_name_has_the_same_colour_every_time_and_in_every_case() -> None:
    assert name_style("Ana") == name_style("ana") == "class:name0"
    assert len({name_style(f"name{n}") for n in range(200)}) == NAME_STYLES == len(NAME_COLOURS)


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_names_can_be_read_on_dark_and_on_light_terminals() -> None:
    for colour in NAME_COLOURS:
        assert (luminance(colour) + 0.05) / 0.05 >= 4
        assert 1.05 / (luminance(colour) + 0.05) >= 4


def test_every_style_that_lines_use_exists() -> None:
    names = {rule for rule, _ in STYLE.style_rules}
    for delivery in Delivery:
        line = talk("x", mark="m", room="r", delivery=delivery)
        for style, _ in fragments_of(line, ENGLISH):
            assert not style or style.removeprefix("class:") in names
