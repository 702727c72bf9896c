"""Conversations as tabs: what is unread, where one goes, what was being typed there."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.client.story import LIMITS, Story, entry, in_room, lost, resumed
from wassop.client.actions import ACTIONS
from wassop.client.cells import text_width
from wassop.client.happenings import (
    Act,
    AtBottom,
    AtTop,
    CompletingRooms,
    Connected,
    Edited,
    Lost,
    Pasted,
    Put,
    Received,
    Reveal,
    TabChosen,
    Typed,
    Waiting,
)
from wassop.client.line import Delivery, Kind
from wassop.client.memory import as_json, from_json
from wassop.client.mentions import names
from wassop.client.model import Place
from wassop.client.returning import memory_of
from wassop.client.tab import MENU
from wassop.client.tui.bars import header, prompt, separator
from wassop.client.tui.people import people_list
from wassop.client.tui.tabbar import tab_bar, untold_trouble
from wassop.wire.native_messages import (
    All,
    Error,
    Hello,
    Join,
    Joined,
    Leave,
    Left,
    Msg,
    Presence,
    Private,
    Read,
    ReadUpTo,
    RoomLine,
    Rooms,
    RoomsAre,
    RoomTopic,
    Said,
    Say,
    Typing,
    Welcome,
)


def said(seq: int, text: str, room: str = "Sala1", author: str = "bob", **more: object) -> Said:
    return Said(room, seq, author, text, 1000.0 + seq, **more)


def two_rooms() -> Story:
    """ana in Sala1 and Sala2, looking at Sala2."""
    return in_room().types("/join Sala2").joined().forget()


def titles(story: Story) -> list[str]:
    return [tab.title for tab in story.state.tabs.values()]


def counts(story: Story, key: str) -> tuple[int, int]:
    tab = story.state.tabs[key]
    return tab.unread, tab.mentions


def bar(story: Story, columns: int = 80) -> str:
    return "".join(part[1] for part in tab_bar(story.state, columns, str, lambda _: None))


def row(story: Story, columns: int = 60) -> str:
    return "".join(part[1] for part in separator(story.state, columns, 0, is_reading_back=False))


# What is unread


def test_messages_elsewhere_are_counted_and_those_that_name_one_apart() -> None:
    story = two_rooms().hears(
        said(1, "hola"), said(2, "¿vienes, Ana?"), said(3, "banana"), said(4, "x", "Sala2")
    )
    assert counts(story, "#sala1") == (3, 1)
    assert counts(story, "#sala2") == (0, 0)
    assert bar(story).startswith(" 1 Menu  2 General  3 Sala1 1  4 Sala2 ")
    assert "3 unread: Alt-A" in row(story)
    story.acts("tab-3")
    assert counts(story, "#sala1") == (0, 0)
    assert story.texts[-4:] == ["New messages", "bob: hola", "bob: ¿vienes, Ana?", "bob: banana"]
    assert [line.is_mention for line in story.state.lines[-3:]] == [False, True, False]
    assert "unread" not in row(story)


def test_there_is_one_line_at_the_first_unread_message() -> None:
    story = two_rooms().hears(said(1, "a"), said(2, "b")).acts("tab-3", "tab-4").hears(said(3, "c"))
    assert story.texts_on("#sala1")[-4:] == ["bob: a", "bob: b", "New messages", "bob: c"]


def test_what_one_says_oneself_elsewhere_is_not_unread() -> None:
    story = two_rooms().hears(said(1, "desde otra parte", author="ana"))
    assert counts(story, "#sala1") == (0, 0)


def test_what_came_while_one_was_away_is_counted_too() -> None:
    story = lost(two_rooms())
    story.welcomed(
        resumed("General", 0),
        resumed("Sala1", 2, entry(1, "bob", "a"), entry(2, "bob", "b")),
        resumed("Sala2", 0),
    )
    assert counts(story, "#sala1") == (2, 0)


def test_alt_a_goes_to_mentions_first_and_then_to_what_else_is_unread() -> None:
    story = in_room().types("/join Sala2").joined().types("/join Sala3").joined()
    story.acts("tab-1").hears(said(1, "hola"), said(1, "ana!", "Sala3"))
    assert story.acts("unread-tab").state.current == "Sala3"
    assert story.acts("unread-tab").state.current == "Sala1"
    assert story.acts("unread-tab").state.current == "Sala1", "nothing more is unread"


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("ana", True), ("@Ana!", True), ("¿ANA?", True), ("hola ana.", True), ("(ana)", True),
        ("banana", False), ("ana-maria", False), ("ana.maria", False), ("anabel", False), ("", False),
    ],
)  # fmt: skip
def test_one_is_named_by_the_whole_word(text: str, is_named: bool) -> None:
    assert names(text, "ana") is is_named
    assert not names(text, "")


# Going about


def test_tabs_are_gone_to_by_number_by_steps_by_a_click_and_by_name() -> None:
    story = two_rooms()
    assert story.acts("tab-3").state.current == "Sala1"
    assert story.acts("next-tab").state.current == "Sala2"
    assert story.acts("next-tab").state.place is Place.MENU
    assert story.acts("previous-tab").state.current == "Sala2"
    assert story.happens(TabChosen(2)).state.current == "General"
    assert story.acts("tab-9").state.current == "General"
    for typed, room in (("sala2", "Sala2"), ("1", "Sala2"), ("gen", "General"), ("sl1", "Sala1")):
        assert story.types(f"/go {typed}").state.current == room
    assert story.types("/go menu").state.place is Place.MENU


def test_going_to_the_menu_shows_it_anew_and_only_once() -> None:
    story = in_room().acts("tab-1").rooms_are(Sala1=1).acts("tab-3", "tab-1").rooms_are(Sala1=1, Nueva=2)
    assert story.texts.count("---- Main menu ----") == 1
    assert "Nueva (2)" in story.texts


def test_what_is_typed_stays_with_its_conversation() -> None:
    story = two_rooms().happens(Edited("a medias"))
    story.acts("tab-3")
    assert story.effects[-1] == Put("")
    story.happens(Edited("otra cosa")).acts("tab-4")
    assert story.effects[-1] == Put("a medias")
    story.types("a medias").acts("tab-3", "tab-4")
    assert story.effects[-1] == Put("")


def test_what_is_typed_while_one_waits_for_a_room_is_meant_for_it() -> None:
    story = in_room().types("/join Sala2").happens(Edited("ho"))
    assert story.joined().state.current == "Sala2"
    assert story.effects[-1] == Put("ho")
    assert (story.state.tab.draft, story.state.tabs["#sala1"].draft) == ("ho", "")
    story.types("EXIT", "y").happens(Edited("Sala7"))
    story.hears(Left("Sala2", re=story.last(Leave).id))
    assert (story.state.place, story.state.tab.draft) == (Place.MENU, "Sala7")
    story.acts("tab-3").happens(Edited("para Sala1")).types("/join Sala2").happens(Edited("ho")).acts("tab-2")
    story.happens(Edited("para todos")).joined()
    assert story.state.tabs["#sala1"].draft == "ho"
    assert story.state.tabs["#general"].draft == "para todos"
    assert story.state.tab.draft == ""


def test_one_can_go_to_where_the_unread_begins() -> None:
    story = two_rooms().acts("unread-line").forget()
    story.hears(said(1, "a")).acts("tab-3", "unread-line")
    assert story.effects[-1] == Reveal(story.state.tab.divider)


def test_tabs_are_moved_but_for_the_menu_and_the_lobby() -> None:
    story = two_rooms().types("/msg bob")
    assert titles(story) == ["", "General", "Sala1", "Sala2", "bob"]
    story.acts("move-tab-left")
    assert titles(story) == ["", "General", "Sala1", "bob", "Sala2"]
    story.types("/move 3").acts("move-tab-left")
    assert titles(story) == ["", "General", "bob", "Sala1", "Sala2"]
    story.types("/move 99")
    assert titles(story) == ["", "General", "Sala1", "Sala2", "bob"]
    story.acts("tab-2", "move-tab-right")
    assert titles(story) == ["", "General", "Sala1", "Sala2", "bob"]
    assert "/move 3" in story.types("/move x").texts[-1]


def test_closing_a_private_conversation_takes_its_tab_away_and_a_room_is_left_after_a_question() -> None:
    story = two_rooms().types("/msg bob").acts("close-tab")
    assert story.state.current == "Sala2", "where one was before"
    story.forget().acts("close-tab")
    assert prompt(story.state).startswith("Do you really want to leave the room Sala2?")
    assert story.sent == []
    story.types("y").hears(Left("Sala2", re=story.last(Leave).id))
    assert titles(story) == ["", "General", "Sala1"]
    story.acts("tab-2", "close-tab")
    assert story.texts[-1] == "Everyone stays in the lobby."
    story.acts("tab-1", "close-tab")
    assert story.texts[-1] == "The main menu stays."


def test_a_question_is_forgotten_when_one_goes_elsewhere() -> None:
    story = two_rooms().types("EXIT").acts("tab-3")
    assert story.state.question is None
    assert story.types("s").texts[-1] == "You: s"


def test_before_one_has_a_name_there_is_nowhere_to_go() -> None:
    story = Story().happens(Connected()).acts("tab-2", "next-tab", "unread-tab", "close-tab", "move-tab-left")
    assert story.state.place is Place.NAMING
    assert bar(story).startswith(" wassop ")


# Talking with one person


def test_a_private_message_has_a_tab_and_the_first_is_shown_where_one_is() -> None:
    story = in_room().hears(Private("bob", "ana", "psst", 1.0), Private("bob", "ana", "¿estás?", 2.0))
    assert story.texts[-1] == "bob (private): psst"
    assert counts(story, "@bob") == (2, 2)
    assert story.texts_on("@bob")[-3:] == ["New messages", "bob: psst", "bob: ¿estás?"]
    story.acts("unread-tab")
    assert prompt(story.state) == "You → bob: "
    story.types("sí")
    assert story.last(Msg).to == "bob"
    assert story.texts[-1] == "You: sí"
    story.hears(Private("bob", "ana", "vale", 3.0)).acts("tab-3")
    assert "bob (private): vale" not in story.texts


def test_msg_without_a_text_goes_to_the_conversation() -> None:
    story = in_room().types("/msg Bob")
    assert story.sent == []
    assert story.state.tab.title == "Bob"
    assert story.types("hola").last(Msg).to == "Bob"
    assert "".join(text for _, text, *_ in header(story.state, 60)).startswith(" Private with Bob ")


def test_a_private_message_from_elsewhere_stands_in_its_tab_with_its_fate() -> None:
    story = in_room().types("/msg nadie hola")
    assert story.texts[-1] == "You (to nadie): hola"
    story.hears(Error("no-such-user", "nadie is not here.", re=story.last(Msg).id))
    assert story.texts[-1] == "nadie is not here."
    assert story.state.tabs["@nadie"].lines[-1].delivery is Delivery.FAILED


def test_what_another_session_of_ones_own_said_to_somebody_stands_with_them() -> None:
    story = in_room().hears(Private("ana", "bob", "desde el móvil", 1.0))
    assert story.texts_on("@bob")[-1] == "You: desde el móvil"
    assert counts(story, "@bob") == (0, 0)


def test_one_who_is_not_connected_is_shown_as_such() -> None:
    story = in_room(members=("ana", "bob")).types("/msg bob")
    text = "".join(part[1] for part in header(story.state, 60))
    assert text.startswith(" Private with bob ")
    assert "not connected" not in text
    story.types("/msg eva")
    assert "not connected" in "".join(part[1] for part in header(story.state, 60))


# What is drawn


def test_the_bar_shows_the_tab_one_is_in_however_many_there_are() -> None:
    story = in_room()
    for number in range(30):
        story.types(f"/join Room {number}").joined()
    for columns in (20, 40, 80, 120):
        for action in ("tab-1", "tab-9", "previous-tab"):
            story.acts(action)
            drawn = bar(story, columns)
            assert len(drawn) == columns
            assert str(list(story.state.tabs).index(story.state.here) + 1) in drawn
    assert "›" in bar(story.acts("tab-1"), 40)
    story.hears(said(1, "ana", "Room 29"))
    arrows = [style for style, text, *_ in tab_bar(story.state, 40, str, lambda _: None) if "›" in text]
    assert arrows == ["class:tab.mention"]


def test_the_countdown_is_read_once_on_any_screen_whose_bar_is_full_of_tabs_too() -> None:
    story = two_rooms()
    assert untold_trouble(story.state, 24) == ""
    story.happens(Lost(), Waiting(7))
    for columns in range(40, 120):
        top = header(story.state, columns, untold_trouble(story.state, columns))
        drawn = bar(story, columns) + "".join(part[1] for part in top)
        assert drawn.count("no connection, next try in 7 s") == 1
        assert len(drawn) == 2 * columns


def test_every_row_is_as_wide_as_the_screen() -> None:
    story = two_rooms().happens(Lost())
    for columns in range(20, 120):
        assert len(bar(story, columns)) == columns
        assert len(row(story, columns)) == columns
        assert len("".join(part[1] for part in header(story.state, columns))) == columns


def test_the_length_of_a_message_is_told_before_it_is_too_long() -> None:
    story = in_room()
    for text, told in (
        ("ñ" * 1_000, ""),
        ("ñ" * 2_000, "4000 of 4096 bytes"),
        ("ñ" * 3_000, "6000 of 4096 bytes"),
    ):
        story.happens(Edited(text))
        assert told in row(story)
        assert ("bytes" in row(story)) is bool(told)
    styles = [style for style, *_ in separator(story.state, 60, 0, is_reading_back=False)]
    assert "class:separator.bad" in styles


def test_reading_is_told_of_the_room_that_one_leaves_behind() -> None:
    story = in_room().hears(said(1, "a")).acts("tab-2")
    assert story.sent == [Read("Sala1", seq=1)]
    assert story.state.rooms["Sala1"].read == 1
    story.hears(ReadUpTo("Sala1", 1))
    assert all(line.kind is not Kind.ERROR for line in story.state.lines)


# Whatever happens

ROOMS = st.sampled_from(["General", "Sala1", "Sala2", "Otra"])
PEOPLE = st.sampled_from(["ana", "bob", "eva"])
SOMETHING = st.one_of(
    st.sampled_from(sorted(ACTIONS)).map(Act),
    st.integers(0, 9).map(TabChosen),
    st.text(max_size=5).map(Edited),
    st.builds(Pasted, st.text(max_size=5) | st.just("x\n" * 9), st.text(max_size=3), st.text(max_size=3)),
    st.sampled_from([Lost(), Connected(), AtTop(), AtBottom(), CompletingRooms(), Waiting(2)]),
    st.sampled_from(
        ["", "hola", "y", "n", "EXIT", "REFR", "LOVE", "Sala2", "/leave", "/close", "/msg bob", "/all x",
         "/msg eva hola", "/go s", "/go 1", "/move 3", "/join Sala2", "/leave Sala1", "/search x", "/topic t",
         "/help", "/typing", "/keys vi", "/who", "/nada", "//x"]
    ).map(Typed),
    st.builds(lambda room, n, who, text: Received(said(n, text, room, who)), ROOMS, st.integers(1, 9), PEOPLE,
              st.sampled_from(["x", "ana!", "a\nb"])),
    st.builds(lambda who, text: Received(Private(who, "ana", text, 1.0)), PEOPLE, st.text(max_size=3)),
    st.builds(lambda room, who: Received(Typing(room, who)), ROOMS, PEOPLE),
    st.builds(lambda room, who: Received(Presence(room, joined=[who])), ROOMS, PEOPLE),
    st.builds(lambda room, who: Received(Presence(room, gone=[who])), ROOMS, PEOPLE),
    st.builds(lambda room, n: Received(Joined(room, n, ["ana"], [entry(n, "bob", "x")])), ROOMS,
              st.integers(1, 9)),
    st.builds(lambda room: Received(Left(room)), ROOMS),
    st.just("answer"),
)  # fmt: skip


def answered(story: Story, message: object) -> None:
    """The server answers one request as it does when all goes well."""
    match message:
        case Hello():
            rooms = [resumed(room, 0) for room in message.resume or {}]
            story.hears(Welcome(1, "ana", "wassop", "en", "General", LIMITS, 1, rooms, re=message.id))
        case Join(room):
            story.hears(Joined(room, 3, ["ana"], [entry(3, "bob", "x")], re=message.id))
        case Leave(room):
            story.hears(Left(room, re=message.id))
        case Rooms():
            story.hears(RoomsAre([RoomLine("Sala1", 1)], re=message.id))
        case Say() | All():
            story.acknowledged(message, 7)
        case Msg():
            story.hears(Error("no-such-user", "Nobody.", re=message.id))


@given(st.lists(SOMETHING, max_size=40))
def test_whatever_happens_one_is_somewhere_and_nothing_is_lost_sight_of(steps: list[object]) -> None:
    story = in_room()
    for step in steps:
        if step == "answer":
            waiting, story.sent = story.sent, []
            for message in waiting:
                answered(story, message)
        else:
            story.happens(step)
        state = story.state
        assert state.here in state.tabs
        assert next(iter(state.tabs)) == MENU
        assert list(state.tabs).index("#general") == 1
        assert (state.tab.unread, state.tab.mentions) == (0, 0)
        assert all(tab.mentions <= tab.unread for tab in state.tabs.values())
        assert all(room.key in state.tabs for room in state.rooms.values())
        for tab in state.tabs.values():
            numbers = [line.number for line in tab.lines]
            assert len(set(numbers)) == len(numbers)
        bar(story), row(story), prompt(state), header(state, 60), people_list(state, 20, 10)
        assert from_json(as_json(memory_of(state))) == memory_of(state)


ODD = st.text(st.sampled_from("ab 한👍🏽❤️e\u0301👨‍👩‍👧\u200d\u202e\x1b\tעكी🇨🇴"), min_size=1, max_size=30)


@given(ODD, ODD, st.integers(20, 120))
@example("a", "ीaaaaaa한한한한", 20)
@example("a", "ी🏽aaaa한한한한", 20)
def test_odd_names_fit_into_every_row_and_command_nothing(room: str, who: str, columns: int) -> None:
    story = in_room().types("/join x")
    join = story.last(Join)
    story.hears(Joined(room, 0, ["ana", who], [], topic=RoomTopic(who, who, 1.0), re=join.id))
    story.hears(Private(who, "ana", "x", 1.0), Typing(room, who), said(1, "x"), said(1, "x", "General"))
    people = people_list(story.state, 15, 10)
    rows = [tab_bar(story.state, columns, str, lambda _: None), header(story.state, columns)]
    rows.append(separator(story.state, columns, 0, is_reading_back=False))
    for drawn, width in [*((each, columns) for each in rows), *((each, 15) for each in people)]:
        texts = [part[1] for part in drawn]  # each is drawn by itself, and no mark joins what is before it
        columns_taken = sum(map(text_width, texts))
        assert columns_taken <= width
        assert drawn in people or columns_taken == width
        assert not set().union(*texts) & set("\x1b\t\u202e")
