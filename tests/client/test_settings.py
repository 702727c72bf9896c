"""Settings: one file that belongs to the person, and commands that hold at once."""

import os
import tomllib
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.keys import ALL_KEYS, KEY_ALIASES

from tests.client.story import ENGLISH, Story, fresh, in_room
from wassop.client.completion import candidates
from wassop.client.happenings import Edited, KeepSetting, SettingKept
from wassop.client.keymap import keymap_of, parsed, shown
from wassop.client.lines import rows_of
from wassop.client.model import State
from wassop.client.settings import SETTINGS, Settings, changed, read_settings, rewritten, word_of
from wassop.client.settings_file import SettingsFile, default_settings
from wassop.client.state import opened
from wassop.client.tui.inputbar import known
from wassop.client.tui.keys import DEFAULT_KEYS
from wassop.client.tui.people import people_columns
from wassop.locale import translations
from wassop.wire.native_messages import TypingHere

OWN = """\
# mine
theme = 'dark'  # at night
typing=false

[keys]
unread-tab = ["alt-n", "f6"]  # closer
"""


def read(text: str) -> tuple[Settings, tuple[str, ...]]:
    return read_settings(text, ENGLISH, Settings())


# The file's text


def test_what_the_file_says_holds_and_the_rest_is_as_it_is_without_a_file() -> None:
    settings, problems = read(OWN)
    assert problems == ()
    assert (settings.theme, settings.typing, settings.bell) == ("dark", False, True)
    assert settings.keys["unread-tab"] == (("escape", "n"), ("f6",))
    assert settings.keys["next-tab"] == DEFAULT_KEYS["next-tab"]
    assert read("") == (Settings(), ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('bell = true\ntheme = "pink"', "client.toml, line 2: theme: it may be auto, dark, light"),
        ("bell = 3", "client.toml, line 1: bell: it may be on, off"),
        ("\n\ncolour = 1", "client.toml, line 3: colour: there is no such setting"),
        ("[keys]\n\nfly = 'f5'", "client.toml, line 3: fly: there is no such action"),
        ("[keys]\nbare = 'hyper-x'", "client.toml, line 2: bare: there is no such key: hyper-x"),
        ("[keys]\nbare = 7", "client.toml, line 2: bare: there is no such key: 7"),
        ("[keys]\nbare = 'f5'\nhelp = 'F5'", "line 3: help: F5 is already the key of bare"),
        ("[keys]\nbare = 'enter'", "client.toml, line 1: enter: it needs a key"),
        ("keys = 3", "client.toml, line 1: keys: there is no such setting"),
        ("bell = false\ntheme = \n", "client.toml, line 2: this is no TOML (Invalid value"),
        ("a = 1\na = 2\n\n[b]", "client.toml, line 2: this is no TOML"),
        ("a = " + "[" * 5_000, "client.toml, line 1: this is no TOML"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_line_and_does_not_count(text: str, told: str) -> None:
    settings, problems = read(text)
    assert any(told in problem for problem in problems), problems
    assert (settings.theme, settings.bell) == ("auto", True)
    assert all(settings.keys[action] for action in ("enter", "interrupt"))


def test_a_key_that_the_file_gives_away_is_taken_from_where_it_was() -> None:
    keys, wrong = keymap_of({"close-tab": "alt-a", "unread-tab": []})
    assert not wrong
    assert keys["close-tab"] == (("escape", "a"),)
    assert keys["unread-tab"] == ()


def test_every_key_that_can_be_named_is_one_that_prompt_toolkit_knows() -> None:
    bases = ["enter", "space", "delete", "pageup", "f1", "f24", "left", "a", "1", "ñ", "tab", "home", "x"]
    found = set()
    for size in range(4):
        for modifiers in product(("alt", "ctrl", "shift"), repeat=size):
            for base in bases:
                sequence = parsed("-".join((*modifiers, base)))
                if sequence is not None:
                    found.add(sequence)
                    assert all(len(key) == 1 or key in (*ALL_KEYS, *KEY_ALIASES) for key in sequence), (
                        sequence
                    )
    assert ("escape", "a") in found
    assert ("c-s-pageup",) in found
    assert ("a",) not in found
    assert parsed("ctrl-i") is None, "Tab and Ctrl-I are the same thing to a terminal"


def test_keys_are_shown_as_they_are_called() -> None:
    assert [shown(parsed(name) or ()) for name in ("alt-a", "CTRL-n", "f5", "ctrl-shift-pageup")] == [
        "Alt-A", "Ctrl-N", "F5", "Ctrl-Shift-PgUp",
    ]  # fmt: skip


def test_one_setting_is_rewritten_and_all_else_stays_as_the_person_wrote_it() -> None:
    text = rewritten(OWN, "theme", "light")
    assert text == OWN.replace("'dark'", '"light"')
    assert rewritten(OWN, "typing", "on") == OWN.replace("typing=false", "typing= true")
    text = rewritten(OWN, "mouse", "off")
    assert text == OWN.replace("\n[keys]", "\nmouse = false\n[keys]")
    assert rewritten("", "lang", "en") == 'lang = "en"\n'
    assert rewritten("theme = ", "mouse", "off") is None
    assert rewritten('theme = """dark"""\n', "theme", "light") is None, "better not at all than wrong"


@given(
    st.lists(
        st.sampled_from(['theme = "dark"', "# theme = 1", "bell=false # x", "[keys]", "help = 'f9'", ""])
    ),
    st.sampled_from([(each.name, value) for each in SETTINGS for value in each.values]),
)
def test_what_is_written_is_read_again_and_nothing_else_changes(
    lines: list[str], put: tuple[str, str]
) -> None:
    text = "\n".join(lines)
    made = rewritten(text, *put)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert made is None
        return
    if made is not None:
        assert word_of(read(made)[0], put[0]) == put[1]
        after = tomllib.loads(made)
        assert {**after, put[0]: 0} == {**before, put[0]: 0}
        assert [line for line in text.split("\n") if line.startswith("#")] == [
            line for line in made.split("\n") if line.startswith("#")
        ]


# The file


def test_the_file_is_made_where_it_is_not_and_links_are_followed(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "not yet" / "client.toml")
    assert file.read(ENGLISH, Settings()) == (Settings(), ())
    assert file.keep("theme", "light", ENGLISH) == ""
    assert file.read(ENGLISH, Settings())[0].theme == "light"
    elsewhere = tmp_path / "dotfiles.toml"
    elsewhere.write_text("# here\n")
    link = tmp_path / "client.toml"
    link.symlink_to(elsewhere)
    assert SettingsFile(link).keep("bell", "off", ENGLISH) == ""
    assert elsewhere.read_text() == "# here\nbell = false\n"
    assert link.is_symlink()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"theme = [", b"# " + b"x" * 70_000])
def test_a_file_with_an_error_is_told_and_never_written_over(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "client.toml"
    path.write_bytes(data)
    settings, problems = SettingsFile(path).read(ENGLISH, Settings())
    assert settings == Settings()
    assert len(problems) == 1
    assert "not kept" in SettingsFile(path).keep("bell", "off", ENGLISH)
    assert path.read_bytes() == data


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = SettingsFile(tmp_path / "file" / "client.toml")
    assert "not kept for next time" in file.keep("bell", "off", ENGLISH)
    assert len(file.read(ENGLISH, Settings())[1]) == 1
    assert os.listdir(tmp_path) == ["file"]


def test_no_color_is_a_default_that_the_file_can_overrule() -> None:
    assert default_settings({"NO_COLOR": "1"}).theme == "none"
    assert default_settings({"NO_COLOR": ""}).theme == "auto", "as no-color.org has it"
    assert read_settings('theme = "dark"', ENGLISH, default_settings({"NO_COLOR": "1"}))[0].theme == "dark"


# What one types


def test_set_lists_all_settings_with_their_values_and_meanings() -> None:
    texts = in_room().types("/set").texts
    for each in SETTINGS:
        line = next(text for text in texts if text.startswith(f"{each.name} "))
        assert each.meaning in line
        assert all(value in line for value in each.values)


def test_a_setting_holds_at_once_and_is_to_be_kept() -> None:
    story = in_room().types("/set theme light")
    assert story.state.settings.theme == "light"
    assert story.effects == [KeepSetting("theme", "light")]
    assert story.texts[-1] == "theme is now light."
    assert in_room().types("/set BELL Off").state.settings.bell is False
    assert "theme auto" in in_room().types("/set theme").texts[-1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/set colour red", "There is no setting colour. /set lists them."),
        ("/set theme red", "theme may be auto, dark, light, high-contrast, none."),
        ("/set keys vi", "There is no setting keys."),
    ],
)
def test_what_cannot_be_set_is_told_and_stays_in_the_bar(typed: str, told: str) -> None:
    story = in_room().types(typed)
    assert told in story.texts[-1]
    assert story.kept_input
    assert story.state.settings == Settings()


def test_the_short_forms_and_the_key_for_people_set_the_same_settings() -> None:
    story = in_room().types("/typing off", "/keys vi").acts("show-people")
    assert story.effects == [
        KeepSetting("typing", "off"), KeepSetting("editing", "vi"), KeepSetting("people", "on"),
    ]  # fmt: skip
    assert people_columns(story.state, 80) > 0
    assert people_columns(in_room().state, 80) == 0
    assert not any(isinstance(m, TypingHere) for m in story.happens(Edited("hola")).sent)


def test_why_a_setting_is_not_kept_is_told_and_another_language_holds_from_then_on() -> None:
    story = in_room().happens(SettingKept("not kept"))
    assert story.texts[-1] == "not kept"
    story.happens(SettingKept("", translations("es"), "es")).types("/set lang es")
    assert story.texts[-1] == "lang es ahora es." or "es" in story.texts[-1]
    assert story.state.lang == "es"


def test_what_is_wrong_with_the_file_stands_on_the_first_screen() -> None:
    state = fresh()
    again = opened(State(ENGLISH, "en", "chat:5555", "n"), ["client.toml, line 2: no"])
    assert Story(again).texts[-1] == "client.toml, line 2: no"
    assert len(Story(again).texts) == len(Story(state).texts) + 1


def test_tab_completes_names_and_values() -> None:
    state = in_room().types("/ignore Eva").state

    def offered(text: str) -> list[str]:
        return [each.text for each in candidates(text, known(state), str)]

    assert offered("/set th") == ["theme "]
    assert offered("/set theme li") == ["light"]
    assert offered("/set nothing x") == []
    assert offered("/notify m") == ["mentions"]
    assert offered("/unignore ") == ["Eva"]


def test_help_tells_the_keys_that_hold_now() -> None:
    story = in_room()
    assert any(text.startswith("Alt-A ") for text in story.types("/help").texts)
    keys, _ = keymap_of({"unread-tab": ["f6"], "close-tab": []})
    story = in_room()
    story.state = State(
        **{**{f: getattr(story.state, f) for f in _fields()}, "settings": Settings(keys=keys)}
    )
    texts = story.types("/help").texts
    assert any(text.startswith("F6 ") for text in texts)
    assert not any(text.startswith(("Alt-A ", "Alt-W ")) for text in texts)


def _fields() -> list[str]:
    return [each.name for each in State.__attrs_attrs__]  # type: ignore[attr-defined]


def test_messages_can_stand_without_their_times() -> None:
    story = in_room().types("hola")
    line = story.state.lines[-1]
    assert rows_of(line, 40, ENGLISH)[0].text.endswith("You: hola")
    assert rows_of(line, 40, ENGLISH, has_time=False)[0].text == "You: hola"
    assert changed(Settings(), "timestamps", "off").timestamps is False
