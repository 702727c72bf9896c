"""The full screen without a terminal: prompt_toolkit's pipe input and dummy output, trio as a guest."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import define, field
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from tests.client.story import Story, entry, fresh, in_room
from wassop.client.conversation import Conversation
from wassop.client.happenings import Connected, Finish, Received, Typed
from wassop.client.model import State
from wassop.client.tui.face import EXIT_INTERRUPTED, Face
from wassop.client.tui.glyphs import GlyphOutput, Glyphs
from wassop.client.tui.guest import hosted
from wassop.wire.native_messages import (
    ClientMessage,
    Error,
    Found,
    FoundEntry,
    History,
    HistoryPage,
    Join,
    LoggedOut,
    RoomLine,
    Rooms,
    RoomsAre,
    Said,
    Say,
    Search,
)

PATIENCE_S = 20.0
guest = pytest.mark.trio(run=hosted)


class Paper(DummyOutput):
    """An output of a given size that throws everything away."""

    def __init__(self) -> None:
        self.size = Size(rows=12, columns=60)

    def get_size(self) -> Size:
        return self.size


@define(eq=False)
class FakeServer:
    """Remembers what it is sent; `answer` may say something back."""

    sent: list[ClientMessage] = field(factory=list)
    answer: Callable[[ClientMessage], None] = lambda _: None

    def send(self, message: ClientMessage) -> bool:
        self.sent.append(message)
        self.answer(message)
        return True

    def welcomed(self) -> None: ...

    def drop(self) -> None: ...


@define(eq=False)
class Screen:
    """A running face: keys go in, rows come out."""

    conversation: Conversation
    server: FakeServer
    face: Face
    keyboard: PipeInput
    paper: Paper
    code: int | None = None
    _drawn: trio.Event = field(factory=trio.Event)

    async def run(self) -> None:
        self.face.app.after_render += lambda _: self._wake()
        self.code = await self.face.run()
        self._wake()

    def _wake(self) -> None:
        self._drawn.set()
        self._drawn = trio.Event()

    @property
    def rows(self) -> list[str]:
        screen = self.face.app.renderer.last_rendered_screen
        if screen is None:
            return []
        return [
            "".join(screen.data_buffer[y][x].char for x in range(self.paper.size.columns)).rstrip()
            for y in range(self.paper.size.rows)
        ]

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is true after a drawing."""
        with trio.move_on_after(PATIENCE_S) as patience:
            while not is_so():
                await self._drawn.wait()
        assert not patience.cancelled_caught, "\n".join(self.rows)

    async def until_shown(self, text: str) -> None:
        await self.until(lambda: any(text in row for row in self.rows))

    @property
    def said(self) -> list[str]:
        """What the server was sent to be said."""
        return [message.text for message in self.server.sent if isinstance(message, Say)]

    def press(self, keys: str) -> None:
        self.keyboard.send_text(keys)


@asynccontextmanager
async def on_screen(state: State) -> AsyncIterator[Screen]:
    with create_pipe_input() as keyboard:
        paper, server = Paper(), FakeServer()
        conversation = Conversation(state, server, now=lambda: 5000.0)
        face = Face(conversation, Glyphs(), (keyboard, paper))
        screen = Screen(conversation, server, face, keyboard, paper)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(screen.run)
            await screen.until(lambda: screen.rows)
            yield screen
            nursery.cancel_scope.cancel()


def with_history(count: int) -> State:
    """ana in a room where bob has said `count` things."""
    return in_room("Sala1", count, *(entry(n, "bob", f"m{n}") for n in range(1, count + 1))).state


@guest
async def test_what_is_typed_is_sent_and_shown_and_the_header_tells_where_one_is() -> None:
    async with on_screen(in_room(members=("ana", "bob")).state) as screen:
        assert screen.rows[0].startswith(" 1 Menu  2 General  3 Sala1 ")
        assert screen.rows[0].endswith("ana · chat:5555")
        assert "Sala1 · 2 people" in screen.rows[1]
        screen.press("hola a todos!\r")
        await screen.until_shown("You: hola a todos!")
        assert isinstance(screen.server.sent[-1], Say)
        assert screen.server.sent[-1].text == "hola a todos!"
        assert screen.face.buffer.text == ""


@guest
async def test_what_others_say_appears_by_itself() -> None:
    async with on_screen(in_room().state) as screen:
        screen.conversation.happened(Received(Said("Sala1", 1, "bob", "sorpresa", 1.0)))
        await screen.until_shown("bob: sorpresa")


@guest
async def test_emoji_shortcuts_have_a_menu_and_enter_takes_the_choice_without_sending() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("hola :cora")
        await screen.until_shown(":corazon: ")
        screen.press("\t")
        await screen.until(lambda: screen.face.buffer.text == "hola :corazon:")
        screen.press("\r")
        await screen.until(lambda: screen.face.buffer.complete_state is None)
        assert not screen.said
        screen.press("\r")
        await screen.until(lambda: screen.said)
        assert screen.said == ["hola ❤️"]


@guest
async def test_the_only_candidate_is_written_out_by_one_tab() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("/j")
        await screen.until_shown("go into a room")
        screen.press("\t")
        await screen.until(lambda: screen.face.buffer.text == "/join ")


@guest
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("/jo\t", "/join "),
        ("hola @bo\t", "hola @bob "),
        (":corazon_neg\t", ":corazon_negro:"),
        ("/msg b\t", "/msg bob "),
    ],
)
async def test_tab_is_not_lost_on_whoever_types_faster_than_completions_come(typed: str, text: str) -> None:
    async with on_screen(in_room(members=("ana", "bob")).state) as screen:
        screen.press(typed)
        await screen.until(lambda: screen.face.buffer.text == text)


@guest
async def test_tab_typed_fast_writes_out_what_all_candidates_have_and_shows_them() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press(":cora\t")
        await screen.until(lambda: screen.face.buffer.text == ":cora")
        await screen.until_shown(":corazon: ")
        screen.press("\t")
        await screen.until(lambda: screen.face.buffer.text == ":corazon:")


@guest
async def test_rooms_are_offered_as_the_server_has_them_at_that_moment() -> None:
    story = Story(fresh("ana")).happens(Connected()).welcomed().lobby_joined("ana").rooms_are(Sala1=0)
    async with on_screen(story.state) as screen:

        def answer(message: ClientMessage) -> None:
            if isinstance(message, Rooms):
                rooms = [RoomLine("Sala1", 0), RoomLine("Salon", 4)]
                trio.lowlevel.spawn_system_task(say, RoomsAre(rooms, re=message.id))

        async def say(message: RoomsAre) -> None:
            screen.conversation.happened(Received(message))

        screen.server.answer = answer
        screen.press("Sal\t")
        await screen.until_shown("Salon")


@guest
async def test_reading_back_stands_still_and_says_how_many_lines_wait() -> None:
    async with on_screen(with_history(40)) as screen:
        await screen.until_shown("m40")
        screen.press("\x1b[5~")  # Page Up
        await screen.until_shown("reading back")
        before = screen.rows[2:9]
        for n in (41, 42, 43):
            screen.conversation.happened(Received(Said("Sala1", n, "bob", f"m{n}", 1.0)))
        await screen.until_shown("3 new lines below")
        assert screen.rows[2:9] == before
        screen.press("\x1b[F")  # End
        await screen.until_shown("bob: m43")
        assert not any("below" in row for row in screen.rows)


@guest
async def test_the_wheel_home_and_the_page_keys_scroll() -> None:
    async with on_screen(with_history(40)) as screen:
        await screen.until_shown("m40")
        screen.press("\x1b[<64;5;5M")  # the wheel, upwards
        await screen.until(lambda: screen.face.history.is_reading_back)
        screen.press("\x1b[<65;5;5M")
        await screen.until(lambda: not screen.face.history.is_reading_back)
        screen.press("\x1b[H")  # Home
        await screen.until_shown("You are in the room Sala1.")
        screen.press("\x1b[6~" * 20)  # Page Down
        await screen.until(lambda: not screen.face.history.is_reading_back)


@guest
async def test_at_the_top_older_messages_are_fetched_and_what_is_seen_stays() -> None:
    story = in_room("Sala1", 100, *(entry(n, "bob", f"m{n}") for n in range(51, 101)))
    async with on_screen(story.state) as screen:
        await screen.until_shown("m100")
        for _ in range(8):
            screen.press("\x1b[5~")  # Page Up
        await screen.until(lambda: screen.server.sent)
        asked = screen.server.sent[-1]
        assert isinstance(asked, History)
        await screen.until_shown("Fetching older messages")
        last = screen.rows[-3]
        page = [entry(n, "bob", f"m{n}") for n in range(1, 51)]
        screen.conversation.happened(Received(HistoryPage("Sala1", page, False, re=asked.id)))
        await screen.until(lambda: not any("Fetching" in row for row in screen.rows))
        assert screen.rows[-3] == last
        screen.press("\x1b[H")
        await screen.until_shown("You are in the room Sala1.")


@guest
async def test_going_to_a_result_shows_it() -> None:
    async with on_screen(with_history(40)) as screen:
        await screen.until_shown("m40")
        screen.press("/search m7\r")
        await screen.until(lambda: screen.server.sent)
        asked = screen.server.sent[-1]
        assert isinstance(asked, Search)
        hit = FoundEntry("Sala1", 7, "bob", "m7", 1007.0)
        screen.conversation.happened(Received(Found([hit], re=asked.id)))
        await screen.until_shown("[Sala1] bob: m7")
        screen.press("/go 1\r")
        await screen.until_shown("▶ bob: m7")
        await screen.until_shown("reading back")


@guest
async def test_home_moves_in_a_text_that_is_being_written() -> None:
    async with on_screen(with_history(40)) as screen:
        screen.press("ola\x1b[Hh")
        await screen.until(lambda: screen.face.buffer.text == "hola")
        assert not screen.face.history.is_reading_back


@guest
async def test_a_resize_wraps_the_lines_anew() -> None:
    async with on_screen(in_room().state) as screen:
        screen.conversation.happened(Received(Said("Sala1", 1, "bob", "palabra " * 6, 1.0)))
        await screen.until_shown("palabra palabra")
        wide = sum("palabra" in row for row in screen.rows)
        screen.paper.size = Size(rows=12, columns=30)
        screen.face.app.invalidate()
        await screen.until(lambda: sum("palabra" in row for row in screen.rows) > wide)


@guest
async def test_a_text_that_is_too_long_stays_in_the_bar_and_up_brings_back_what_was_sent() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("uno\rdos\r")
        await screen.until_shown("You: dos")
        screen.press("\x1b[A\x1b[A")
        await screen.until(lambda: screen.face.buffer.text == "uno")
        screen.face.buffer.text = "x" * 5_000
        screen.press("\r")
        await screen.until_shown("at most 4096 are allowed")
        assert screen.face.buffer.text == "x" * 5_000


@guest
async def test_a_paste_of_a_few_lines_keeps_them_and_is_harmless() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("a b\x1b[D")
        screen.press("\x1b[200~uno\r\n\tdos\x07\n\x1b[201~")
        await screen.until(lambda: screen.face.buffer.text == "a uno\n    dos␇b")
        screen.press("!\r")
        await screen.until(lambda: screen.said)
        assert screen.said == ["a uno\n    dos␇!b"]


@guest
async def test_a_long_paste_is_asked_about_and_the_line_that_was_begun_is_kept() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("antes ")
        screen.press("\x1b[200~" + "línea\n" * 40 + "\x1b[201~")
        await screen.until_shown("Paste 40 lines as one message? (y/n)")
        screen.press("n\r")
        await screen.until(lambda: screen.face.buffer.text == "antes ")
        screen.press("\x1b[200~" + "línea\n" * 40 + "\x1b[201~")
        await screen.until_shown("Paste 40 lines as one message? (y/n)")
        screen.press("y\r")
        await screen.until(lambda: screen.face.buffer.text == "antes " + "línea\n" * 39 + "línea")
        assert not screen.said


@guest
async def test_a_paste_can_be_undone() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("antes ")
        screen.press("\x1b[200~uno\ndos\x1b[201~")
        await screen.until(lambda: screen.face.buffer.text == "antes uno\ndos")
        screen.press("\x1f")  # Ctrl-_
        await screen.until(lambda: screen.face.buffer.text == "antes ")


@guest
async def test_what_is_being_typed_changes_with_the_tab_by_key_and_by_click() -> None:
    async with on_screen(in_room().types("/join Sala2").joined().state) as screen:
        screen.press("aquí")
        screen.press("\x1b3")  # Alt-3
        await screen.until(lambda: screen.conversation.state.current == "Sala1")
        assert screen.face.buffer.text == ""
        screen.press("allá")
        await screen.until_shown("You: allá")
        x = screen.rows[0].index("4 Sala2") + 1
        screen.press(f"\x1b[<0;{x};1M\x1b[<0;{x};1m")  # a click
        await screen.until_shown("You: aquí")
        assert "Sala2 · 1 person" in screen.rows[1]


@guest
async def test_each_tab_keeps_its_place_in_the_history() -> None:
    async with on_screen(with_history(40)) as screen:
        await screen.until_shown("m40")
        screen.press("\x1b[5~")  # Page Up
        await screen.until_shown("reading back")
        before = screen.rows[2:9]
        screen.press("\x1b2")
        await screen.until_shown("Everyone who is connected")
        assert not screen.face.history.is_reading_back
        screen.press("\x1b3")
        await screen.until_shown("reading back")
        assert screen.rows[2:9] == before


@guest
async def test_ctrl_r_finds_what_was_entered_and_ctrl_c_there_ends_only_the_search() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("uno\rdos\rtres\r")
        await screen.until_shown("You: tres")
        screen.press("\x12do")
        await screen.until(lambda: screen.rows[-2] == "You: dos")
        screen.press("\x03")
        await screen.until(lambda: screen.rows[-1] == "You:")
        screen.press("\x12un\r\r")
        await screen.until(lambda: screen.said == ["uno", "dos", "tres", "uno"])


@guest
async def test_the_keys_of_vi() -> None:
    async with on_screen(in_room().types("/keys vi").state) as screen:
        screen.press("hola mundo")
        await screen.until(lambda: screen.face.buffer.text == "hola mundo")
        screen.press("\x1b")
        await screen.until(lambda: screen.face.app.vi_state.input_mode == "vi-navigation")
        screen.press("bcwtierra\r")
        await screen.until(lambda: screen.said == ["hola tierra"])
        screen.press("otra\r")
        await screen.until(lambda: screen.said == ["hola tierra", "otra"])


@guest
async def test_the_names_in_the_room_are_completed_at_the_beginning_of_a_line() -> None:
    async with on_screen(in_room(members=("ana", "julia")).state) as screen:
        screen.press("ju\t")
        await screen.until(lambda: screen.face.buffer.text == "julia: ")


@guest
async def test_the_cursor_stands_behind_a_picture_of_several_characters() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("👨‍👩‍👧x")
        await screen.until(lambda: screen.face.buffer.text.endswith("x"))
        await screen.until(lambda: screen.rows[-1].endswith("x"))
        rendered = screen.face.app.renderer.last_rendered_screen
        assert rendered is not None
        cursor = rendered.get_cursor_position(screen.face.app.layout.current_window)
        assert cursor.x == len("You: ") + 2 + 1


@guest
async def test_a_picture_is_passed_over_and_deleted_in_one_step() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("a👨‍👩‍👧b❤️c\x1b[D\x7f")  # left, backspace
        await screen.until(lambda: screen.face.buffer.text == "a👨‍👩‍👧bc")
        screen.press("\x1b[D\x1b[D\x1b[3~")  # left twice, delete
        await screen.until(lambda: screen.face.buffer.text == "abc")
        screen.press("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[3~!")
        await screen.until(lambda: screen.face.buffer.text == "abc!")
        screen.press("\x7f" * 9 + "z")
        await screen.until(lambda: screen.face.buffer.text == "z")


@guest
@pytest.mark.parametrize(("keys", "code"), [("\x03", EXIT_INTERRUPTED), ("\x04", 0), ("/quit\r", 0)])
async def test_ways_to_leave(keys: str, code: int) -> None:
    async with on_screen(in_room().state) as screen:
        screen.press(keys)
        await screen.until(lambda: screen.code is not None)
        assert screen.code == code


@guest
async def test_a_cancelled_face_gives_the_terminal_back() -> None:
    async with on_screen(in_room().state) as screen:
        pass
    assert not screen.face.app.is_running
    assert screen.code is None


@guest
async def test_an_exception_in_another_task_ends_the_face_and_comes_out() -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ZeroDivisionError)):
        async with on_screen(in_room().state) as screen:
            raise ZeroDivisionError
    assert not screen.face.app.is_running


@guest
async def test_an_exception_in_a_callback_of_the_loop_ends_the_face_and_comes_out() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.RaisesGroup(pytest.RaisesExc(ZeroDivisionError)):
        async with on_screen(in_room().state) as screen:
            asyncio.get_running_loop().call_soon(broken)
            await screen.until(lambda: not screen.face.app.is_running)
            await trio.sleep_forever()
    assert not screen.face.app.is_running


def test_what_the_main_task_raises_or_returns_comes_out_of_the_host() -> None:
    async def main(value: int) -> int:
        await trio.lowlevel.checkpoint()
        return 10 // value

    assert hosted(main, 5) == 2
    with pytest.raises(ZeroDivisionError):
        hosted(main, 0)


def test_an_interrupt_that_nobody_takes_ends_trio_first() -> None:
    steps: list[str] = []

    async def main() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await trio.sleep_forever()
        finally:
            steps.append("trio ended")

    with pytest.raises(KeyboardInterrupt):
        hosted(main)
    assert steps == ["trio ended"]


def test_finishing_is_left_to_whoever_listens() -> None:
    told: list[str] = []
    conversation = Conversation(in_room().state, FakeServer())
    conversation.on_finish = lambda: told.append("finish")
    conversation.happened(Typed("/quit"))
    assert told == ["finish"]
    assert Finish() == Finish()


def drawn(text: str) -> str:
    """What a terminal is sent when prompt_toolkit draws `text` character by character."""
    glyphs, out = Glyphs(), io.StringIO()
    output = GlyphOutput(out, lambda: Size(24, 80), term="xterm")
    output.glyphs = glyphs
    for char in glyphs.of(text):
        output.write(char)
    output.flush()
    return out.getvalue()


def test_a_picture_is_drawn_whole_and_the_cursor_put_where_we_count_it() -> None:
    assert drawn("a❤️b") == "a\x1b7  \x1b8❤️\x1b8\x1b[C\x1b[Cb"
    assert drawn("é한") == "é한"
    assert drawn("\x1b[2J") == "?[2J"


def test_stand_ins_are_used_again_when_they_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wassop.client.tui.glyphs._COUNT", 2)
    glyphs = Glyphs()
    first, second = glyphs.of("❤️"), glyphs.of("🇨🇴")
    assert glyphs.of("❤️") == first != second
    assert glyphs.of("👍🏽") == first
    drawn_now = glyphs.drawn(first[0])
    assert drawn_now is not None
    assert "👍🏽" in drawn_now
    assert glyphs.of("❤️") == second


@guest
async def test_a_password_is_not_shown_and_no_key_brings_it_back() -> None:
    secret = "correcto caballo"
    async with on_screen(in_room().state) as screen:
        screen.press("/join Aula\r")
        screen.press("un borrador")
        await screen.until_shown("You: un borrador")
        join = next(message for message in reversed(screen.server.sent) if isinstance(message, Join))
        screen.conversation.happened(Received(Error("room-password-needed", "…", re=join.id)))
        await screen.until_shown("Password of the room Aula:")
        screen.press(f"{secret}\x15{secret}")  # Ctrl-U cuts what was typed
        await screen.until_shown("*" * len(secret))
        assert not any("correcto" in row for row in screen.rows)
        screen.press("\r")
        await screen.until_shown("You: un borrador")  # which waited
        join = next(message for message in reversed(screen.server.sent) if isinstance(message, Join))
        assert join.password == secret
        screen.press("\x15\x19\x1f\x1f\x1b[A")  # cut, paste, undo twice, up
        screen.press("fin")
        await screen.until_shown("fin")
        assert not any("correcto" in row for row in screen.rows)
        assert not any("correcto" in text for text in screen.face.buffer.history.get_strings())
        assert secret not in repr(screen.conversation.state.tabs)


@guest
async def test_a_line_with_a_password_in_it_is_in_no_history() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("/mode password secreta\r")
        screen.press("hola\r")
        await screen.until_shown("You: hola")
        assert screen.face.buffer.history.get_strings() == ["hola"]


@guest
async def test_after_a_logout_what_was_entered_before_is_not_brought_back() -> None:
    async with on_screen(in_room().state) as screen:
        screen.press("en confianza\r")
        await screen.until_shown("You: en confianza")
        screen.conversation.happened(Received(LoggedOut()))
        await screen.until_shown("Enter your user name")
        assert screen.face.buffer.history.get_strings() == []


@guest
async def test_up_on_an_empty_line_corrects_and_up_again_brings_back_lines_and_esc_gives_up() -> None:
    story = in_room("Sala1", 1, entry(1, "ana", "hola"))
    async with on_screen(story.state) as screen:
        screen.press("/who\r")
        await screen.until(lambda: screen.face.buffer.text == "")
        screen.press("\x1b[A")
        await screen.until_shown("Correct: hola")
        screen.press("\x1b[A")
        await screen.until_shown("You: /who")
        screen.press("\x15")  # Ctrl-U
        await screen.until(lambda: screen.face.buffer.text == "")
        screen.press("\x1b[A")
        await screen.until_shown("Correct: hola")
        screen.press("\x1b")
        await screen.until(lambda: screen.rows[-1] == "You:")
        screen.press("\x1b[A")
        await screen.until_shown("Correct: hola")
        screen.press("!\r")
        await screen.until_shown("hola (being changed …)")
        assert screen.said == ["hola!"]


@guest
async def test_a_message_far_up_is_chosen_seen_and_answered_and_whoever_writes_on_chooses_none() -> None:
    async with on_screen(with_history(30)) as screen:
        for _ in range(12):
            screen.press("\x1b[1;3A")  # Alt-Up
        await screen.until_shown("m19")
        chosen = next(line for line in screen.conversation.state.lines if line.is_chosen)
        assert chosen.text == "m19"
        screen.press("r")
        await screen.until_shown("Answer bob:")
        screen.press("sí\r")
        await screen.until(lambda: screen.said == ["sí"])
        screen.press("\x1b[1;3A")
        await screen.until(lambda: screen.conversation.state.tab.chosen is not None)
        screen.press("xe")
        await screen.until(lambda: screen.face.buffer.text == "xe")
        assert screen.conversation.state.tab.chosen is None


@guest
async def test_a_flood_is_drawn_with_few_redraws_and_only_what_is_seen_is_cut_into_rows() -> None:
    """Work, not time: a hundred messages at once are one redraw or two, of the rows on the screen."""
    async with on_screen(with_history(5)) as screen:
        drawn = 0

        def count(_: object) -> None:
            nonlocal drawn
            drawn += 1

        screen.face.app.after_render += count
        cut = []
        rows_of = screen.face.history._rows_of
        screen.face.history._rows_of = lambda line: cut.append(line.number) or rows_of(line)
        for n in range(6, 106):
            screen.conversation.happened(Received(Said("Sala1", n, "bob", f"m{n}", 1000.0 + n)))
        await screen.until_shown("m105")
        assert drawn <= 5
        assert len(cut) <= 5 * screen.paper.size.rows
        drawn, cut[:] = 0, []
        screen.face.history.scroll(-3)
        screen.face.app.invalidate()
        await screen.until(lambda: drawn)
        assert len(cut) <= 6 * screen.paper.size.rows
