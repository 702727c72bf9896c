"""What a line means, what Tab offers, and emoji shortcuts."""

import pytest

from wassop.client import commands
from wassop.client.completion import MAX_CANDIDATES, Candidate, Known, candidates, wants_rooms
from wassop.client.emojis import shortcuts, unfinished_shortcut, with_emojis

ROOMS = (("General", 3), ("Sala1", 2), ("Sala2", 0), ("Música", 1))
HERE = Known(
    in_room=True,
    naming=False,
    rooms=ROOMS,
    own_rooms=("Sala1", "Sala2"),
    people=frozenset({"juanmi", "Álex", "ana"}),
)
MENU = Known(in_room=False, naming=False, rooms=ROOMS, own_rooms=(), people=frozenset())


def offered(before: str, known: Known = HERE) -> list[str]:
    return [candidate.text for candidate in candidates(before, known, str)]


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("hola", commands.Talk("hola")),
        ("  hola ", commands.Talk("hola")),
        ("/msg bob hola tú", commands.Tell("bob", "hola tú")),
        ("/msg @bob hola", commands.Tell("bob", "hola")),
        ("/msg bob", commands.Incomplete("/msg")),
        ("/join Sala con espacios", commands.Join("Sala con espacios")),
        ("/leave", commands.Leave(None)),
        ("/leave Sala1", commands.Leave("Sala1")),
        ("/topic", commands.ShowTopic()),
        ("/topic  exams in June ", commands.SetTopic("exams in June")),
        ("/topic -", commands.SetTopic("")),
        ("/topic --", commands.SetTopic("--")),
        ("/who", commands.ShowMembers()),
        ("/help", commands.Help()),
        ("/Help", commands.Unknown("/Help")),
        ("/", commands.Unknown("/")),
        ("//help", commands.Talk("/help")),
        ("EXIT", commands.Exit()),
        ("exit", commands.Talk("exit")),
        ("REFR", commands.ListRooms()),
        ("QUIT", commands.Quit()),
    ],
)
def test_what_a_line_in_a_room_means(line: str, intent: commands.Intent) -> None:
    assert commands.understand_in_room(line) == intent


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("Sala1", commands.Join("Sala1")),
        (" una sala ", commands.Join("una sala")),
        ("refr", commands.ListRooms()),
        ("Quit", commands.Quit()),
        ("/msg bob hola", commands.Tell("bob", "hola")),
        ("", commands.Nothing()),
    ],
)
def test_what_a_line_at_the_menu_means(line: str, intent: commands.Intent) -> None:
    assert commands.understand_at_menu(line) == intent


def test_commands_are_completed() -> None:
    assert offered("/") == [
        "/rooms",
        "/join ",
        "/leave ",
        "/msg ",
        "/topic ",
        "/who",
        "/all ",
        "/search ",
        "/go ",
        "/help",
        "/quit",
    ]
    assert offered("/j") == ["/join "]
    assert offered("/to") == ["/topic "]
    assert offered("/topic te quiero :cora")[0] == ":corazon:"
    assert candidates("/q", HERE, str.upper) == [Candidate("/quit", 2, "LEAVE THE CHAT")]
    assert offered("/x") == []


def test_room_names_are_completed_without_regard_to_case_and_accents() -> None:
    assert offered("/join sala") == ["Sala1", "Sala2"]
    assert offered("/join mu") == ["Música"]
    assert offered("/leave ") == ["Sala1", "Sala2"]
    assert offered("Sa", MENU) == ["Sala1", "Sala2"]
    assert offered("", MENU) == ["General", "Sala1", "Sala2", "Música", "REFR", "QUIT"]
    assert candidates("/join sala1", HERE, str) == [Candidate("Sala1", 5, "(2)")]


def test_what_narrows_a_search_is_completed() -> None:
    assert offered("/sea") == ["/search "]
    assert offered("/search fr") == ["from:"]
    assert offered("/search hola from:an") == ["ana "]
    assert offered("/search room:sa") == ["Sala1", "Sala2"]
    assert offered("/search hola") == []
    assert wants_rooms("/search room:S", HERE)


def test_people_are_completed_after_an_at_sign_and_after_msg() -> None:
    assert offered("@") == ["@ana ", "@juanmi ", "@Álex "]
    assert offered("hola @ju") == ["@juanmi "]
    assert offered("/msg a") == ["ana ", "Álex "]
    assert offered("/msg @al") == ["@Álex "]
    assert offered("/msg ana hola @j") == ["@juanmi "]
    assert offered("a@") == []


def test_the_seeds_words_are_completed_where_they_count() -> None:
    assert offered("EX") == ["EXIT"]
    assert offered("L") == ["LOVE", "LIKE"]
    assert offered("hola L") == []
    assert offered("R", MENU) == ["REFR"]


def test_names_that_could_command_the_terminal_are_not_offered() -> None:
    evil = Known(in_room=True, naming=False, rooms=(("x\x1b[2J", 1),), own_rooms=(), people={"x\u202ey"})
    assert offered("/join ", evil) == []
    assert offered("@", evil) == []


def test_nothing_is_offered_while_a_name_is_asked_for() -> None:
    assert offered("/", Known(in_room=False, naming=True, rooms=ROOMS, own_rooms=(), people=())) == []


def test_the_server_is_asked_for_rooms_only_where_they_are_offered() -> None:
    assert wants_rooms("/join S", HERE)
    assert wants_rooms("Sa", MENU)
    assert not wants_rooms("hola", HERE)
    assert not wants_rooms("/jo", MENU)


def test_a_heart_is_offered_for_cora() -> None:
    first = candidates("te quiero :cora", HERE, str)[0]
    assert first == Candidate(":corazon:", 5, shown=":corazon: ❤️")
    assert ":corazon_azul:" in offered(":cora")


@pytest.mark.parametrize(
    ("typed", "name"), [(":red_he", ":red_heart:"), (":pulgar", ":pulgar_hacia_arriba:"), (":+1", ":+1:")]
)
def test_english_and_spanish_names_are_offered(typed: str, name: str) -> None:
    assert name in offered(typed)


def test_later_words_of_a_name_are_found_too() -> None:
    assert ":corazon_azul:" in offered(":azul")


def test_a_long_list_is_cut() -> None:
    assert len(offered(":ca")) <= MAX_CANDIDATES


@pytest.mark.parametrize("before", ["12:30", "http://x", "a:b", ":", ":c", "no:cora"])
def test_a_colon_alone_is_no_shortcut(before: str) -> None:
    assert unfinished_shortcut(before) is None


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (":corazon:", "❤️"),
        (":CORAZÓN:", "❤️"),
        (":red_heart: :corazón_rojo: :heart:", "❤️ ❤️ ❤️"),
        ("hola:corazon:adiós", "hola❤️adiós"),
        ("12:30:45", "12:30:45"),
        ("a las 12:30:corazon:", "a las 12:30❤️"),
        (":no_existe_esto:", ":no_existe_esto:"),
        (":nada:corazon:", ":nada❤️"),
        ("::", "::"),
        (": corazon :", ": corazon :"),
        (":corazon::corazon:", "❤️❤️"),
    ],
)
def test_shortcuts_are_replaced_when_sent(text: str, becomes: str) -> None:
    assert with_emojis(text) == becomes


def test_every_offered_shortcut_is_replaced_by_what_was_offered() -> None:
    for prefix in ("a", "c", "ni", "flag", "+", "bandera"):
        for name, emoji in shortcuts().beginning_with(prefix):
            assert with_emojis(f":{name}:") == emoji
