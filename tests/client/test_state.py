"""The reducer: coming in, talking, rooms, and what the person reads about it."""

from datetime import datetime

import pytest

from tests.client.story import LIMITS, Story, entry, fresh, in_room, lost, resumed
from wassop.client.happenings import (
    CompletingRooms,
    Connected,
    Finish,
    Lost,
    Received,
    Reconnect,
    Waiting,
    Welcomed,
)
from wassop.client.line import Delivery, Kind
from wassop.client.model import Online, Place
from wassop.client.tui.bars import connection_text, header, prompt
from wassop.locale import translations
from wassop.wire.native_messages import (
    All,
    Bye,
    Error,
    Hello,
    Join,
    Joined,
    Leave,
    Left,
    Msg,
    Ping,
    Pong,
    Presence,
    Private,
    Quit,
    Read,
    Rooms,
    Said,
    Say,
    Slow,
    Who,
    WhoIs,
)


def said(seq: int, author: str, text: str, room: str = "Sala1", **more: object) -> Said:
    return Said(room, seq, author, text, 1000.0 + seq, **more)


# Coming in


def test_without_a_name_it_asks_and_says_something_so_that_the_server_knows_the_dialect() -> None:
    story = Story().happens(Connected())
    assert story.state.place is Place.NAMING
    assert prompt(story.state) == "Enter your user name: "
    assert [type(message) for message in story.sent] == [Ping]
    story.types("juanmi")
    assert story.last(Hello) == Hello("juanmi", lang="en", client="wassop join", id=1)


def test_the_main_menu_is_that_of_the_seed_in_spanish() -> None:
    story = Story(fresh())
    story.state = type(story.state)(
        tr=translations("es"), lang="es", server="chat:5555", nonce_prefix="n", tabs=story.state.tabs
    )
    assert prompt(story.state) == "Ingresa tu nombre de usuario: "
    story.happens(Connected()).types("juanmi").welcomed().lobby_joined("juanmi")
    story.rooms_are(General=1, Sala1=0, Sala2=0)
    assert story.texts[3:] == [
        "Te has unido como juanmi.",
        "",
        "---- Menú Principal ----",
        "¡Únete a una sala!",
        "Para unirte a una sala, solo escribe su nombre: <nombre_sala>",
        "Salas disponibles:",
        "Sala1 (0)",
        "Sala2 (0)",
        "* Actualizar salas disponibles: REFR",
        "* Salir de la aplicación: QUIT",
    ]
    assert prompt(story.state) == "Ingresa el nombre de la sala o un comando: "
    story.types("Sala1").joined(members=("juanmi",)).types("hola a todos!")
    assert story.texts == [
        "Te has unido a la sala Sala1.",
        "",
        "Has entrado a la sala Sala1. Escribe mensajes o usa EXIT para regresar al menú principal.",
        "Tú: hola a todos!",
    ]
    assert prompt(story.state) == "Tú: "


def test_a_name_in_use_asks_for_another_with_the_servers_reason() -> None:
    story = Story(fresh("ana")).happens(Connected())
    story.hears(Error("name-taken", "The name ana is in use.", re=story.last(Hello).id))
    assert story.texts[-1] == "The name ana is in use."
    assert prompt(story.state) == "Enter your user name: "
    story.types("eva").welcomed()
    assert story.state.name == "eva"


def test_with_a_room_but_no_name_the_name_is_asked_for_and_then_the_room_joined() -> None:
    story = Story(fresh(rooms=("Sala1",))).happens(Connected()).types("ana").welcomed()
    assert story.last(Join).room == "Sala1"
    assert story.last(Join).history == 50
    assert not any(isinstance(message, Rooms) for message in story.sent)
    story.joined()
    assert story.state.current == "Sala1"


def test_a_room_that_cannot_be_had_leads_to_the_main_menu() -> None:
    story = Story(fresh("ana", ("x" * 99,))).happens(Connected()).welcomed()
    story.hears(Error("room-too-long", "Too long.", re=story.last(Join).id))
    assert story.state.place is Place.MENU
    story.rooms_are(Sala1=0)
    assert "Too long." in story.texts
    assert "---- Main menu ----" in story.texts


def test_what_is_typed_before_an_answer_decides_its_meaning_waits_for_the_answer() -> None:
    story = Story().happens(Connected()).types("ana", "Sala1", "hola")
    assert not any(isinstance(message, Join) for message in story.sent)
    story.welcomed()
    assert story.last(Join).room == "Sala1"
    assert not any(isinstance(message, Say) for message in story.sent)
    story.joined()
    assert story.last(Say).text == "hola"


def test_quit_is_possible_before_one_has_a_name() -> None:
    assert Finish() in Story().happens(Connected()).types("QUIT").effects


# Talking


def test_a_message_of_ones_own_is_shown_at_once_and_waits_for_its_ok() -> None:
    story = in_room().types("hola a todos!")
    assert story.texts[-1] == "You: hola a todos!"
    assert story.state.lines[-1].delivery is Delivery.WAITING
    say = story.last(Say)
    assert say.nonce
    story.acknowledged(say, 1, 6000.5)
    assert story.state.lines[-1].delivery is Delivery.DONE
    assert story.state.lines[-1].at == 6000.5
    assert story.state.pending == ()


def test_every_message_has_its_own_nonce() -> None:
    story = in_room().types("a", "b", "/all c")
    nonces = [message.nonce for message in story.sent if isinstance(message, Say | All)]
    assert len(set(nonces)) == 3


def test_a_message_that_the_server_refuses_is_marked_and_the_reason_shown() -> None:
    story = in_room().types("hola")
    story.hears(Error("text-empty", "There is nothing to send.", re=story.last(Say).id))
    assert story.texts[-2:] == ["You: hola ✗ not delivered (Alt-R: again)", "There is nothing to send."]
    assert story.state.pending == ()


def test_what_others_say_to_the_room_to_one_and_to_all_is_told_apart() -> None:
    story = in_room().hears(
        said(1, "juanmi", "hola a todos!"),
        Private("juanmi", "ana", "solo tú", 1.0),
        said(1, "juanmi", "atención", "General", all=True),
        said(2, "juanmi", "en el vestíbulo", "General"),
    )
    assert story.texts[-3:] == [
        "juanmi: hola a todos!",
        "juanmi (private): solo tú",
        "juanmi (to all): atención",
    ]
    assert story.texts_on("#general")[-2:] == ["juanmi (to all): atención", "juanmi: en el vestíbulo"]
    assert story.texts_on("@juanmi")[-1] == "juanmi: solo tú"


def test_ones_own_private_and_general_messages_say_to_whom_they_went() -> None:
    story = in_room().types("/msg bob hola bob", "/msg @eva hola eva", "/all hola todos")
    assert story.texts[-3:] == [
        "You (to bob): hola bob",
        "You (to eva): hola eva",
        "You (to all): hola todos",
    ]
    msg = [message for message in story.sent if isinstance(message, Msg)]
    assert [(m.to, m.text) for m in msg] == [("bob", "hola bob"), ("eva", "hola eva")]
    assert story.last(All).text == "hola todos"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("LOVE", "❤️"),
        ("LIKE", "👍"),
        ("DISLIKE", "👎"),
        ("  LOVE ", "❤️"),
        ("LOVE you", "LOVE you"),
        ("love", "love"),
        ("te quiero :corazon:", "te quiero ❤️"),
        ("//msg x", "/msg x"),
        ("//", "/"),
    ],
)
def test_what_a_line_is_sent_as(typed: str, sent: str) -> None:
    assert in_room().types(typed).last(Say).text == sent


def test_an_unknown_command_is_told_and_nothing_is_sent() -> None:
    story = in_room().types("/baila conmigo")
    assert story.texts[-1] == "Unknown command: /baila. /help lists them."
    assert story.sent == []


@pytest.mark.parametrize("typed", ["/msg", "/join", "/all", "/all   "])
def test_a_command_without_what_it_needs_shows_its_use_and_stays_in_the_bar(typed: str) -> None:
    story = in_room().types(typed)
    assert story.texts[-1].startswith("Something is missing. Use: /")
    assert story.kept_input
    assert story.sent == []


@pytest.mark.parametrize("text", ["ñ" * 2_049, "x" * 4_097])
def test_a_text_that_is_too_long_is_told_and_stays_in_the_bar(text: str) -> None:
    story = in_room().types(text)
    assert "at most 4096 are allowed" in story.texts[-1]
    assert story.kept_input
    assert story.sent == []


def test_a_text_of_the_limit_is_sent() -> None:
    assert in_room().types("ñ" * 2_048).last(Say).text == "ñ" * 2_048


def test_a_byte_that_is_no_text_does_not_break_anything() -> None:
    assert in_room().types("a\udcffb").last(Say).text == "a?b"


@pytest.mark.parametrize("typed", ["", "   "])
def test_an_empty_line_says_nothing(typed: str) -> None:
    story = in_room()
    before = story.texts
    assert story.types(typed).texts == before
    assert story.sent == []


# Rooms


def test_exit_asks_first_and_then_goes_back_to_the_menu() -> None:
    story = in_room().types("EXIT")
    assert prompt(story.state) == "Do you really want to leave the room Sala1? (y/n) "
    story.types("no")
    assert story.texts[-1] == "You stay in the room Sala1."
    assert story.sent == []
    story.types("EXIT", "sí")
    leave = story.last(Leave)
    story.hears(Left("Sala1", re=leave.id))
    assert story.texts[-1] == "You have left the room Sala1."
    assert story.state.place is Place.MENU
    story.rooms_are(Sala1=0)
    assert "---- Main menu ----" in story.texts


def test_in_two_rooms_each_has_its_own_messages() -> None:
    story = in_room().types("/join Sala2").joined()
    story.hears(said(1, "bob", "aquí", "Sala2"), said(1, "bob", "allá", "Sala1"))
    assert story.texts[-1] == "bob: aquí"
    story.forget().types("/join sala1").hears(said(2, "bob", "y ahora", "Sala1"))
    assert story.sent == [Read("Sala2", seq=1)]
    assert story.texts[-3:] == ["New messages", "bob: allá", "bob: y ahora"]
    assert story.types("hola").last(Say).room == "Sala1"


def test_leaving_goes_to_another_of_ones_rooms_and_from_the_last_to_the_menu() -> None:
    story = in_room().types("/join Sala2").joined().types("/leave")
    story.hears(Left("Sala2", re=story.last(Leave).id))
    assert story.state.current == "Sala1"
    story.types("/leave SALA1")
    story.hears(Left("Sala1", re=story.last(Leave).id))
    assert story.state.place is Place.MENU


def test_leaving_another_room_than_the_current_one_stays_here() -> None:
    story = in_room().types("/join Sala2").joined().types("/leave Sala1")
    story.hears(Left("Sala1", re=story.last(Leave).id))
    assert story.state.current == "Sala2"


def test_leaving_a_room_one_is_not_in_is_told() -> None:
    story = in_room().types("/leave Sala7")
    assert story.texts[-1] == "You are not in the room Sala7."
    assert story.sent == []


def test_at_the_menu_there_is_nothing_to_talk_to_or_to_leave() -> None:
    story = Story(fresh("ana")).happens(Connected()).welcomed().rooms_are(Sala1=0).forget()
    story.types("LOVE", "EXIT", "/leave")
    assert story.texts[-3:] == ["Join a room first.", *["You are not in any room."] * 2]
    assert story.sent == []


@pytest.mark.parametrize("typed", ["REFR", "refr", "/rooms"])
def test_the_menu_is_refreshed(typed: str) -> None:
    story = Story(fresh("ana")).happens(Connected()).welcomed().rooms_are(Sala1=0).forget()
    story.types(typed).rooms_are(Sala1=0, Nueva=3)
    assert "Nueva (3)" in story.texts


@pytest.mark.parametrize("typed", ["QUIT", "/quit"])
def test_quit_ends(typed: str) -> None:
    assert Finish() in in_room().types(typed).effects


def test_who_shows_the_members_of_the_room() -> None:
    story = in_room().types("/who")
    assert story.last(Who).room == "Sala1"
    story.hears(WhoIs(["bob", "Ana"], "Sala1", re=story.last(Who).id))
    assert story.texts[-1] == "Sala1 (2): Ana, bob"
    story.types("/who Sala2")
    assert story.last(Who).room == "Sala2"
    story.hears(WhoIs(["eva"], "Sala2", re=story.last(Who).id))
    assert story.texts[-1] == "Sala2 (1): eva"
    assert "Sala2" not in story.state.rooms, "one can look into a room without going into it"


def test_a_room_is_entered_with_its_recent_history_and_a_line_under_it() -> None:
    story = in_room("Sala1", 2, entry(1, "bob", "ayer"), entry(2, "ana", "sí"))
    assert story.texts[-3:] == ["bob: ayer", "You: sí", "New messages"]
    assert story.state.lines[-1].kind is Kind.DIVIDER


def test_an_empty_room_is_entered_without_a_divider() -> None:
    assert all(line.kind is not Kind.DIVIDER for line in in_room().state.lines)


def test_what_was_read_in_the_history_is_not_told_again() -> None:
    story = in_room("Sala1", 2, entry(1, "bob", "a"), entry(2, "bob", "b"))
    before = story.texts
    assert story.hears(said(2, "bob", "b")).texts == before
    assert story.hears(said(3, "bob", "c")).texts == [*before, "bob: c"]


def test_the_lobby_has_a_tab_with_what_was_said_there_and_nobody_leaves_it() -> None:
    story = Story(fresh("ana")).happens(Connected()).welcomed()
    join = next(message for message in story.sent if isinstance(message, Join))
    story.hears(Joined("General", 2, ["ana"], [entry(1, "bob", "uno"), entry(2, "bob", "dos")], re=join.id))
    story.rooms_are(Sala1=0).hears(said(3, "bob", "ahora", "General"))
    assert story.state.place is Place.MENU
    story.types("/join general")
    talk = [line.text for line in story.state.lines if line.kind is Kind.TALK]
    assert talk == ["uno", "dos", "ahora"]
    assert story.hears(said(4, "bob", "aquí", "General")).texts[-1] == "bob: aquí"
    story.forget().types("EXIT")
    assert [type(message) for message in story.sent] == [Rooms], "one goes to the menu, and stays"
    assert story.types("/go general").state.current == "General"


def test_messages_of_another_day_stand_under_their_date() -> None:
    noon, day = datetime(2026, 1, 5, 12).timestamp(), 86_400.0
    story = in_room()
    story.now = noon
    times = (noon, noon - day, noon - day + 60, noon, noon + 3 * day)
    story.hears(*(Said("Sala1", n, "bob", f"m{n}", at) for n, at in enumerate(times, 1)))
    assert story.texts[-8:] == [
        "bob: m1", "2026-01-04", "bob: m2", "bob: m3", "2026-01-05", "bob: m4", "2026-01-08", "bob: m5",
    ]  # fmt: skip


def test_past_midnight_the_date_is_told() -> None:
    story = in_room()
    story.now = datetime(2026, 1, 5, 23, 59).timestamp()
    story.hears(Said("Sala1", 1, "bob", "m1", story.now))
    story.now += 120
    story.hears(Said("Sala1", 2, "bob", "m2", story.now))
    assert story.texts[-3:] == ["bob: m1", "2026-01-06", "bob: m2"]


# Who is here


def test_coming_and_going_is_told_once_and_never_of_oneself() -> None:
    story = in_room(members=("ana", "bob"))
    before = story.texts
    story.hears(Presence("Sala1", joined=["ana", "bob"]))
    assert story.texts == before
    story.hears(Presence("Sala1", joined=["eva"]), Presence("Sala1", joined=["eva"]))
    story.hears(Presence("Sala1", left=["bob"]), Presence("Sala1", gone=["eva", "bob"]))
    assert story.texts[len(before) :] == [
        "eva has joined the room.",
        "bob has left the room.",
        "eva has left the chat.",
    ]
    assert {line.kind for line in story.state.lines[len(before) :]} == {Kind.PRESENCE}


def test_many_who_come_together_are_told_in_one_line() -> None:
    story = in_room().hears(Presence("Sala1", joined=["a", "b"]), Presence("Sala1", joined=list("cdefg")))
    assert story.texts[-2:] == ["a and b have joined the room.", "c, d, e and 2 more have joined the room."]


def test_the_lobby_only_tells_who_there_is() -> None:
    story = in_room()
    before = story.texts
    story.hears(Presence("General", joined=["eva"]), Presence("General", gone=["bob"]))
    assert story.texts == before
    assert story.state.people == {"ana", "eva"}


def test_the_number_of_people_follows_who_comes_and_goes() -> None:
    story = in_room(members=("ana", "bob")).hears(Presence("Sala1", joined=["eva"]))
    assert "Sala1 · 3 people" in "".join(text for _, text, *_ in header(story.state, 80))


# The connection


def test_a_ping_is_answered() -> None:
    assert in_room().hears(Ping()).sent == [Pong()]


def test_a_lost_connection_is_told_once_however_many_tries_fail() -> None:
    story = in_room()
    before = len(story.texts)
    story.happens(Lost(), Waiting(1), Lost(), Waiting(2))
    assert story.texts[before:] == ["The connection to chat:5555 was lost; retrying."]
    assert connection_text(story.state) == ("no connection, next try in 2 s", True)
    assert story.state.online is Online.AWAY


def test_the_servers_farewell_is_shown() -> None:
    assert in_room().hears(Bye("shutdown", "The server stops.")).texts[-1] == "The server stops."
    assert "Goodbye" not in in_room().hears(Bye("quit", "Goodbye")).texts


def test_without_a_connection_messages_wait_and_commands_are_refused() -> None:
    story = in_room().happens(Lost()).forget().types("hola")
    assert story.sent == []
    assert story.texts[-1] == "You: hola (waits for the connection)"
    story.types("/rooms")
    assert story.texts[-1] == "There is no connection now; try again when it is back."
    assert story.kept_input
    story.happens(Connected()).welcomed(resumed("Sala1", 0))
    assert story.last(Say).text == "hola"


def test_rooms_are_asked_for_when_somebody_is_about_to_choose_one() -> None:
    story = in_room().happens(CompletingRooms(), CompletingRooms())
    assert [type(message) for message in story.sent] == [Rooms]
    before = story.texts
    story.rooms_are(Sala1=1, Nueva=2)
    assert story.state.listed == (("Sala1", 1), ("Nueva", 2))
    assert story.texts == before


def test_a_welcome_makes_the_connection_a_good_one() -> None:
    assert Welcomed() in Story(fresh("ana")).happens(Connected()).welcomed().effects


def test_coming_back_to_ones_own_name_still_in_use_tries_again_and_then_asks() -> None:
    story = in_room()
    for attempt in range(5):
        lost(story)
        story.hears(Error("name-taken", "In use.", re=story.last(Hello).id))
        assert (Reconnect() in story.effects) == (attempt < 4)
    assert story.texts.count("The server still has your name ana in use; trying again.") == 1
    assert story.texts[-1] == "The name ana is still in use. Choose another."
    story.types("eva")
    assert story.last(Hello).resume == {"General": 0, "Sala1": 0}
    story.welcomed(resumed("Sala1", 0), resumed("General", 0))
    assert story.state.current == "Sala1"
    assert story.types("hola").last(Say).room == "Sala1"


def test_help_names_every_command() -> None:
    text = "\n".join(in_room().types("/help").texts)
    for word in ("/rooms", "/join", "/leave", "/msg", "/who", "/all", "/help", "/quit", "EXIT", "LOVE"):
        assert word in text


def test_anything_a_server_might_say_unasked_is_survived() -> None:
    story = in_room()
    story.hears(
        Joined("Otra", 3, [], [], re=999),
        Left("Nunca"),
        Presence("Nunca", joined=["x"]),
        WhoIs([], "Nunca"),
        Error("bad-field", "Which field?"),
    )
    story.happens(Received(Pong()))
    assert "Which field?" in story.texts
    assert story.state.limits == LIMITS
    assert not any(isinstance(message, Quit) for message in story.sent)


# Limits of the server


def test_one_who_is_slowed_is_told_why() -> None:
    story = in_room().hears(Slow(90))
    assert story.texts[-1] == "You write faster than the server reads: it takes longer to arrive."


def test_one_who_thinks_about_a_name_is_not_told_of_connections_that_ended_meanwhile() -> None:
    story = Story().happens(Connected())
    before = story.texts
    story.hears(Bye("unnamed", "You have told no name so far.")).happens(Lost(), Waiting(1), Connected())
    assert story.texts == before
    story.types("ana")
    assert story.last(Hello).name == "ana"


def test_one_who_is_turned_away_again_and_again_reads_why_once() -> None:
    story = Story(fresh("ana")).happens(Connected())
    for _ in range(3):
        story.hears(Bye("address-full", "Too many connections from your address."))
        story.happens(Lost(), Waiting(1), Connected())
    assert story.texts.count("Too many connections from your address.") == 1
