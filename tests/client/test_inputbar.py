"""What the input bar offers, and when."""

from attrs import evolve
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from tests.client.story import in_room
from tests.client.test_tui import guest, on_screen
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.inputbar import ChatCompleter


async def nothing() -> None:
    """The rooms are known."""


def offered(text: str, event: CompleteEvent) -> list[str]:
    state = evolve(in_room().acts("tab-1").state, listed=(("General", 1), ("Sala1", 1)))
    completer = ChatCompleter(lambda: state, nothing, Glyphs())
    return [each.text for each in completer.get_completions(Document(text), event)]


def test_rooms_are_offered_to_whoever_asks_and_not_for_a_line_that_was_entered_meanwhile() -> None:
    assert "Sala1" in offered("", CompleteEvent(completion_requested=True))
    # What was begun for "/help" is looked for again for the empty line after it.
    assert offered("", CompleteEvent(text_inserted=True)) == []


def test_commands_are_offered_while_one_types() -> None:
    assert "/help" in offered("/he", CompleteEvent(text_inserted=True))


@guest
async def test_a_tab_that_comes_with_what_it_is_to_complete_completes_it() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("/set the\t")
        await screen.until(lambda: screen.face.buffer.text == "/set theme ")
        screen.press("da\t")
        await screen.until(lambda: screen.face.buffer.text == "/set theme dark")
