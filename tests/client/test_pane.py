"""The rows of the history on the full screen: where they begin, and how they look."""

from tests.client.story import in_room
from tests.client.test_tui import guest, on_screen, with_history
from wassop.client.happenings import Received, SettingKept
from wassop.locale import translations
from wassop.wire.native_messages import Said


@guest
async def test_a_help_that_does_not_fit_is_read_from_its_first_command() -> None:
    async with on_screen(with_history(3)) as screen:
        await screen.until_shown("m3")
        screen.press("/help\r")
        await screen.until_shown("reading back (End: to the newest)")
        assert screen.rows[2] == "Commands"
        assert screen.rows[3].startswith("/rooms ")
        screen.press("\x1b[5~")  # Page Up: the keys stand above
        await screen.until_shown("Ctrl-R")


@guest
async def test_a_space_that_no_row_is_broken_at_looks_like_others() -> None:
    async with on_screen(in_room().state) as screen:
        screen.conversation.happened(Received(Said("Sala1", 1, "bob", "20\u00a0€", 1001.0)))
        await screen.until_shown("20 €")
        drawn = screen.face.app.renderer.last_rendered_screen
        assert drawn is not None
        row = next(y for y, text in enumerate(screen.rows) if "20 €" in text)
        assert not [char for char in drawn.data_buffer[row].values() if "nbsp" in char.style]


@guest
async def test_in_another_language_what_is_on_the_screen_is_told_in_it_too() -> None:
    async with on_screen(in_room().state) as screen:
        screen.conversation.happened(Received(Said("Sala1", 1, "ana", "hola", 1001.0)))
        await screen.until_shown("You: hola")
        screen.conversation.happened(SettingKept("", translations("es"), "es"))
        await screen.until_shown("Tú: hola")
