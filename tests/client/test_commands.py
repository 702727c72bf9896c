"""What a line means, what Tab offers, and emoji shortcuts."""

import pytest
from attrs import evolve
from msgspec.structs import asdict

from tests.client.story import Story, fresh, in_room
from wassop.client.completion import MAX_CANDIDATES, Candidate, Known, candidates, wants_rooms
from wassop.client.emojis import shortcuts, unfinished_shortcut, with_emojis
from wassop.client.happenings import Connected
from wassop.client.vocabulary import COMMANDS
from wassop.wire.native_messages import All, Join, Leave, Msg, Rooms, Say, Topic, Who

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


def sent(message: object) -> tuple[object, ...]:
    """A request without what is different each time."""
    return type(message), *(
        value
        for key, value in asdict(message).items()
        if key not in ("id", "nonce", "history", "kind") and value is not None
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hola", (Say, "Sala1", "hola")),
        ("  hola ", (Say, "Sala1", "hola")),
        ("/msg bob hola tú", (Msg, "bob", "hola tú")),
        ("/msg @bob hola", (Msg, "bob", "hola")),
        ("/join Sala con espacios", (Join, "Sala con espacios")),
        ("/leave", (Leave, "Sala1")),
        ("/leave sala1", (Leave, "Sala1")),
        ("/topic  exams in June ", (Topic, "Sala1", "exams in June")),
        ("/topic -", (Topic, "Sala1", "")),
        ("/topic --", (Topic, "Sala1", "--")),
        ("/who", (Who, "Sala1")),
        ("/who Sala 2", (Who, "Sala 2")),
        ("//help", (Say, "Sala1", "/help")),
        ("exit", (Say, "Sala1", "exit")),
        ("REFR", (Rooms,)),
        ("/all atención", (All, "atención")),
    ],
)
def test_what_a_line_in_a_room_says_to_the_server(line: str, message: tuple[object, ...]) -> None:
    assert sent(in_room().types(line).sent[-1]) == message


@pytest.mark.parametrize("word", ["/Help", "/", "/msgbob"])
def test_what_is_no_command_is_said_so(word: str) -> None:
    story = in_room().types(f"{word} x")
    assert story.texts[-1] == f"Unknown command: {word}. /help lists them."
    assert story.sent == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Sala1", (Join, "Sala1")),
        (" una sala ", (Join, "una sala")),
        ("refr", (Rooms,)),
        ("/msg bob hola", (Msg, "bob", "hola")),
    ],
)
def test_what_a_line_at_the_menu_says_to_the_server(line: str, message: tuple[object, ...]) -> None:
    story = Story(fresh("ana")).happens(Connected()).welcomed().rooms_are(Sala1=0).forget()
    assert sent(story.types(line).sent[-1]) == message


def test_every_command_says_what_it_is_for_and_none_is_there_twice() -> None:
    words = [command.word for command in COMMANDS]
    assert len(set(words)) == len(words)
    assert all(command.purpose and command.word.startswith("/") for command in COMMANDS)


def test_commands_are_completed() -> None:
    assert offered("/") == [
        "/rooms",
        "/join ",
        "/leave ",
        "/msg ",
        "/go ",
        "/close",
        "/move ",
        "/topic ",
        "/who ",
        "/reply ",
        "/edit ",
        "/delete",
        "/react ",
        "/retry",
        "/me ",
        "/away ",
        "/all ",
        "/search ",
        "/typing ",
        "/keys ",
        "/notify ",
        "/ignore ",
        "/unignore ",
        "/set ",
        "/register",
        "/login ",
        "/password",
        "/logout",
        "/kick ",
        "/ban ",
        "/unban ",
        "/bans",
        "/mute ",
        "/unmute ",
        "/voice ",
        "/devoice ",
        "/op ",
        "/deop ",
        "/owner ",
        "/invite ",
        "/mode ",
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


def test_in_a_room_those_who_are_in_it_are_completed_first_of_all() -> None:
    here = evolve(HERE, here=frozenset({"juanmi", "Julia"}))
    assert offered("@", here) == ["@juanmi ", "@Julia "]
    assert offered("ju", here) == ["juanmi: ", "Julia: "]
    assert offered("hola ju", here) == []


def test_one_s_conversations_are_completed_after_go() -> None:
    assert offered("/go sa", evolve(HERE, tabs=("Sala1", "ana", "Sala2"))) == ["Sala1", "Sala2"]
    assert offered("/typing o") == ["on", "off"]
    assert offered("/keys ") == ["emacs", "vi"]


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
