import string
import unicodedata

import precis_i18n
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wassop.core import names
from wassop.core.names import (
    MAX_ROOM_NAME_CHARS,
    MAX_USER_NAME_CHARS,
    RoomName,
    UserName,
    room_name,
    skeleton,
    user_name,
)
from wassop.core.refusals import Code, Refused

any_text = st.text(st.characters(exclude_categories=()), max_size=80)  # lone surrogates too
name_like = st.text(st.characters(categories=("L", "M", "Nd"), include_characters="_-. "), max_size=40)
hard_room_like = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), max_size=70)


def named(text: str) -> UserName:
    name = user_name(text)
    assert isinstance(name, UserName), name
    return name


def roomed(text: str) -> RoomName:
    name = room_name(text)
    assert isinstance(name, RoomName), name
    return name


def code(name: object) -> Code:
    assert isinstance(name, Refused), name
    return name.code


# People


@pytest.mark.parametrize(
    "text",
    [
        "ana",
        "A",
        "7",
        "juan_mi",
        "juan-mi.2",
        "Íñigo",
        "Ольга",
        "李雷",
        "محمد",
        "שרה",
        "สมชาย",
        "अनिल",
        "x" * 32,
    ],
)
def test_a_name_is_letters_and_digits_of_any_script_and_is_shown_as_typed(text):
    assert named(text).text == unicodedata.normalize("NFC", text)
    assert str(named(text)) == named(text).text


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a|b",
        "a,b",
        "a:b",
        "@ana",
        "a/b",
        "a\nb",
        "a\x00",
        "\x1b[31m",
        "ana\u202e",
        "a\u200bb",
        "😀",
        "\ud800",
    ],
)
def test_a_name_has_no_spaces_separators_controls_or_symbols(text):
    assert code(user_name(text)) is Code.NAME_BAD_CHARACTER


@pytest.mark.parametrize("text", ["", " ", "\t\n", "...", "_-_", "\u3000"])
def test_a_name_without_a_letter_or_digit_is_no_name(text):
    assert code(user_name(text)) is Code.NAME_EMPTY


def test_a_name_has_at_most_32_characters():
    assert named("ñ" * MAX_USER_NAME_CHARS)
    too_long = user_name("ñ" * (MAX_USER_NAME_CHARS + 1))
    assert too_long == Refused(Code.NAME_TOO_LONG, {"limit": 32})
    assert code(user_name("ñ" * 100_000)) is Code.NAME_TOO_LONG


def test_the_length_of_a_name_is_counted_after_composing():
    assert named("n\u0303" * 32).text == "ñ" * 32


def test_a_name_is_compared_without_case_and_composition():
    assert named("Ana") == named("aNA")
    assert hash(named("Ana")) == hash(named("aNA"))
    assert named("José") == named("Jose\u0301")
    assert named("ａｎａ") == named("ana")
    assert named("Ana").text != named("aNA").text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("juanmi", "јuаnmі"),  # Cyrillic je, a, i
        ("PayPal", "PayPaI"),
        ("paypal", "paypa1"),
        ("bob", "b0b"),
        ("OLGA", "0LGA"),
        ("modern", "rnodern"),
        ("modern", "modem"),
        ("ana", "аnа"),
        ("Ana", "Αna"),  # Greek Alpha
    ],
)
def test_names_that_look_alike_are_different_but_share_a_skeleton(one, other):
    assert named(one) != named(other)
    assert named(one).skeleton == named(other).skeleton


@pytest.mark.parametrize(
    ("one", "other"), [("ana", "eva"), ("ana", "anna"), ("josé", "jose"), ("pepe", "pope")]
)
def test_names_that_look_different_do_not_share_a_skeleton(one, other):
    assert named(one).skeleton != named(other).skeleton


@pytest.mark.parametrize(
    "text",
    [
        "Servidor",
        "SERVIDOR",
        "server",
        "sistema",
        "SISTEMA",
        "SlSTEMA",
        "sіstema",
        "System",
        "SYSTEM",
        "wassop",
        "tú",
        "Tú",
        "TÚ",
        "you",
        "y0u",
        "ｓｅｒｖｅｒ",
    ],
)
def test_words_for_the_server_and_the_reader_are_reserved_in_every_case_and_looks(text):
    assert code(user_name(text)) is Code.NAME_RESERVED


@given(any_text)
@example("\ud800")
@example("a\udfff")
@settings(deadline=None, max_examples=150)
def test_no_text_at_all_makes_a_name_raise(text):
    assert isinstance(user_name(text), UserName | Refused)
    assert isinstance(room_name(text), RoomName | Refused)


@given(name_like)
@settings(deadline=None, max_examples=200)
def test_the_text_of_a_name_is_a_name_and_the_same_one(text):
    name = user_name(text)
    if isinstance(name, UserName):
        again = named(name.text)
        assert again == name
        assert again.text == name.text
        assert 1 <= len(name.text) <= MAX_USER_NAME_CHARS
        assert unicodedata.is_normalized("NFC", name.text)


@given(name_like)
@settings(deadline=None, max_examples=200)
def test_the_key_of_a_name_is_its_own_key(text):
    name = user_name(text)
    if isinstance(name, UserName):
        assert named(name.key).key == name.key


@given(name_like)
@settings(deadline=None, max_examples=100)
def test_the_skeleton_does_not_depend_on_composition(text):
    assert skeleton(unicodedata.normalize("NFC", text)) == skeleton(unicodedata.normalize("NFD", text))


# Rooms


@pytest.mark.parametrize("text", ["General", "Sala1", "🎸", "C++ & más", "чат", "a|b", "#python", "x" * 64])
def test_a_room_is_any_visible_text_and_is_shown_as_typed(text):
    assert roomed(text).text == text
    assert str(roomed(text)) == text


def test_inner_spaces_of_a_room_are_merged_and_outer_ones_dropped():
    assert roomed("  la  sala   azul ").text == "la sala azul"
    assert roomed("la sala azul") == roomed(" LA \u00a0 Sala\u3000azul")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_room_needs_a_name(text):
    assert code(room_name(text)) is Code.ROOM_EMPTY


@pytest.mark.parametrize(
    "text", ["a\nb", "\x1b[2J", "a\u202eb", "a\u200bb", "\u2066x", "\ud800", "\ufeffa", "a\x00"]
)
def test_a_room_has_no_controls_and_nothing_invisible(text):
    assert code(room_name(text)) is Code.ROOM_BAD_CHARACTER


def test_a_room_has_at_most_64_characters():
    assert roomed("ñ" * MAX_ROOM_NAME_CHARS)
    assert room_name("ñ" * (MAX_ROOM_NAME_CHARS + 1)) == Refused(Code.ROOM_TOO_LONG, {"limit": 64})
    assert code(room_name("ñ" * 100_000)) is Code.ROOM_TOO_LONG


def test_rooms_are_compared_without_case():
    assert roomed("Sala1") == roomed("sALA1")
    assert {roomed("Sala1"): 1}[roomed("SALA1")] == 1


@given(hard_room_like)
@example("\u1fbf a")  # compatibility forms begin with a space
@example("a \u0345")
@example("\u02b0\u03a3")  # shown as hΣ, where the sigma is a final one
@settings(deadline=None, max_examples=200)
def test_the_text_of_a_room_is_a_room_and_the_same_one(text):
    room = room_name(text)
    if isinstance(room, RoomName):
        assert roomed(room.text) == room
        assert roomed(room.text).text == room.text
        assert roomed(room.key).key == room.key
        assert 1 <= len(room.text) <= MAX_ROOM_NAME_CHARS


@pytest.mark.parametrize(
    "profile",
    ["UsernameCasePreserved", "UsernameCaseMapped", "NicknameCasePreserved", "NicknameCaseMapped"],
)
@given(st.text(st.sampled_from(string.ascii_letters + string.digits), min_size=1, max_size=40))
def test_what_needs_no_library_is_as_the_library_has_it(profile, text):
    assert names._enforce(profile, text) == str(precis_i18n.get_profile(profile).enforce(text))
