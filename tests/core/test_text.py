import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.core.text import visible

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

troubled = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=("Cc", "Cf", "Zl", "Zp")),
        st.sampled_from(BIDI),
        st.sampled_from("ab ñ\n\t\r\x1b\x7f\x85\x9b"),
    )
)


@given(troubled, st.booleans())
@settings(deadline=None)
def test_nothing_that_a_terminal_obeys_remains(text, keep_newlines):
    shown = visible(text, keep_newlines=keep_newlines)
    controls = {char for char in shown if unicodedata.category(char) in ("Cc", "Zl", "Zp")}
    assert controls <= ({"\n"} if keep_newlines else set())
    assert not set(shown) & set(BIDI)


@given(troubled)
@settings(deadline=None)
def test_the_number_of_characters_and_of_kept_newlines_stays(text):
    assert len(visible(text)) == len(text)
    assert visible(text, keep_newlines=True).count("\n") == text.count("\n")


@given(troubled, st.booleans())
@settings(deadline=None)
def test_what_is_visible_stays_as_it_is(text, keep_newlines):
    once = visible(text, keep_newlines=keep_newlines)
    assert visible(once, keep_newlines=keep_newlines) == once


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S"), include_characters=" ")))
@settings(deadline=None)
def test_printable_text_is_unchanged(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "hola a todos!",
        "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇪🇸 ❤️",
        "नमस्ते क्‍ष",
        "مرحبا\u200fabc\u200e",
        "e\u0301",
        "日本語",
    ],
)
def test_emoji_sequences_joiners_and_marks_stay(text):
    assert visible(text) == text
    assert visible(f"\t{text}") == f" {text}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mrojo", "␛[31mrojo"),
        ("a\rb", "a␍b"),
        ("a\nb", "a␊b"),
        ("a\tb", "a b"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x9b31m", "\ufffd31m"),
        ("a\x85b\u2028c", "a␤b␤c"),
        ("ana\u202eanomala", "ana\ufffdanomala"),
    ],
)
def test_controls_become_pictures_of_themselves(text, shown):
    assert visible(text) == shown


def test_newlines_are_kept_where_a_text_has_lines():
    assert visible("a\nb\r\n\x1b", keep_newlines=True) == "a\nb␍\n␛"
