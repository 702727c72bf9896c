"""Settings, keys and the list of people on the full screen, without a terminal."""

from attrs import evolve

from tests.client.story import in_room
from tests.client.test_tui import Screen, guest, on_screen, with_history
from wassop.client.happenings import KeepSetting, Received, SettingKept
from wassop.client.keymap import keymap_of
from wassop.client.model import State
from wassop.client.settings import Settings
from wassop.client.tui.people import last_start, people_list
from wassop.wire.native_messages import Said

CROWD = tuple(f"p{number:03}" for number in range(100))


def crowded() -> State:
    return in_room(members=("ana", *CROWD)).types("/set people on").state


def side(screen: Screen) -> list[str]:
    """The list of people."""
    return [row.rpartition("│")[2].strip() for row in screen.rows[2:10] if "│" in row]


@guest
async def test_the_list_of_people_scrolls_by_keys_and_by_the_wheel_to_both_ends() -> None:
    async with on_screen(crowded()) as screen:
        await screen.until_shown("101 people")
        assert side(screen) == ["101 people", "ana", "p000", "p001", "p002", "p003", "p004", "↓ 95 more"]
        screen.press("\x1b[6;3~")  # Alt-PgDn
        await screen.until(lambda: "↑ 5 above" in side(screen))
        assert side(screen)[2:] == ["p004", "p005", "p006", "p007", "p008", "↓ 91 more"]
        x = screen.rows[2].index("│") + 3
        screen.press(f"\x1b[<65;{x};5M")  # the wheel
        await screen.until(lambda: "↑ 6 above" in side(screen))
        screen.press("\x1b[6;3~" * 30)
        await screen.until(lambda: side(screen)[-1] == "p099")
        screen.press("\x1b[5;3~" * 30)
        await screen.until(lambda: side(screen)[1] == "ana")
        assert not screen.face.history.is_reading_back


@guest
async def test_another_conversation_begins_with_its_first_people() -> None:
    async with on_screen(crowded()) as screen:
        await screen.until_shown("101 people")
        screen.press("\x1b[6;3~")
        await screen.until(lambda: "↑ 5 above" in side(screen))
        screen.press("\x1b2")
        await screen.until_shown("General · 2 people")
        screen.press("\x1b3")
        await screen.until(lambda: "ana" in side(screen))


def test_everyone_is_somewhere_in_the_list_and_it_is_never_longer_than_there_is_room() -> None:
    state = crowded()
    for rows in range(12):
        seen = set()
        for first in range(110):
            drawn = people_list(state, 20, rows, first)
            assert len(drawn) <= rows
            seen |= {text.strip() for row in drawn for _, text, *_ in row}
        if rows >= 4:
            assert set(CROWD) <= seen
    assert last_start(3, 10, 5) == 0


@guest
async def test_a_theme_and_colours_change_while_one_looks() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("/set theme none\r")
        await screen.until_shown("theme is now none.")
        assert screen.face.app.style.get_attrs_for_style_str("class:tab.here").reverse
        screen.press("/set theme light\r")
        await screen.until_shown("theme is now light.")
        assert screen.face.app.style.get_attrs_for_style_str("class:screen").bgcolor == "ffffff"


@guest
async def test_times_vanish_and_come_back_at_once() -> None:
    async with on_screen(with_history(3)) as screen:
        await screen.until_shown("bob: m3")
        screen.press("/set timestamps off\r")
        await screen.until(lambda: "bob: m3" in screen.rows)
        screen.press("/set timestamps on\r")
        await screen.until(lambda: "bob: m3" not in screen.rows)


@guest
async def test_the_mouse_can_be_left_to_the_terminal() -> None:
    async with on_screen(in_room().state) as screen:
        assert screen.face.app.renderer.mouse_support()
        screen.press("/set mouse off\r")
        await screen.until_shown("mouse is now off.")
        assert not screen.face.app.renderer.mouse_support()


@guest
async def test_keys_of_ones_own_do_what_the_settings_say_and_the_former_ones_nothing() -> None:
    keys, wrong = keymap_of({"tab-2": ["f7", "alt-ñ"], "help": "alt-h"})
    assert not wrong
    state = evolve(in_room().state, settings=Settings(keys=keys))
    async with on_screen(state) as screen:
        screen.press("\x1b[18~")  # F7
        await screen.until(lambda: screen.conversation.state.current == "General")
        screen.press("\x1b3")
        await screen.until(lambda: screen.conversation.state.current == "Sala1")
        screen.press("\x1bñ")
        await screen.until(lambda: screen.conversation.state.current == "General")
        screen.press("\x1bh")
        await screen.until_shown("which rooms there are")


@guest
async def test_the_focus_reaches_the_state_and_no_letter_the_bar() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("a\x1b[Ob")
        await screen.until(lambda: screen.conversation.state.has_focus is False)
        screen.conversation.happened(Received(Said("Sala1", 1, "bob", "hola", 1.0)))
        assert screen.conversation.state.missed == 1
        screen.press("\x1b[Ic")
        await screen.until(lambda: screen.face.buffer.text == "abc")
        assert screen.conversation.state.has_focus is True
        assert screen.conversation.state.missed == 0


@guest
async def test_why_a_setting_is_not_kept_is_shown() -> None:
    async with on_screen(in_room().state) as screen:
        asked: list[KeepSetting] = []

        def keep(name: str, word: str) -> SettingKept:
            asked.append(KeepSetting(name, word))
            return SettingKept("This is not kept.")

        screen.conversation.on_setting = keep
        screen.press("\x1bOQ")  # F2
        await screen.until_shown("This is not kept.")
        assert asked == [KeepSetting("people", "on")]
