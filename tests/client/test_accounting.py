"""Registered names in the terminal client, without a terminal: what is asked, what is sent, what stays."""

from attrs import evolve

from tests.client.story import LIMITS, Story, fresh, in_room, lost
from wassop.client.happenings import (
    Connected,
    Edited,
    KeepPassword,
    KeychainAnswered,
    LookUp,
    Recall,
    SecretEntered,
)
from wassop.client.memory import as_json
from wassop.client.model import Place
from wassop.client.returning import memory_of
from wassop.client.secret import KeepQuestion, SecretQuestion, Wanted, holds_secret
from wassop.client.tui.bars import prompt
from wassop.wire.native_messages import (
    Error,
    Hello,
    Join,
    Joined,
    LoggedOut,
    Login,
    Logout,
    Ok,
    Password,
    Private,
    Register,
    Say,
    Welcome,
)

SECRET = "correcto caballo"


def secretly(story: Story, *texts: str) -> Story:
    return story.happens(*(SecretEntered(text) for text in texts))


def refused(story: Story, request: type, code: str) -> Story:
    return story.hears(Error(code, f"<{code}>", re=story.last(request).id))


def welcome(story: Story, request: type, name: str = "ana", **more: object) -> Story:
    asked = story.last(request)
    return story.hears(
        Welcome(1, name, "wassop", "en", "General", LIMITS, 1, re=asked.id, **{"account": True, **more})
    )


def registered_ana() -> Story:
    """A client that asks to be let in as ana, which is registered."""
    return refused(Story(fresh("ana")).happens(Connected()), Hello, "password-needed")


def test_a_registered_name_is_asked_for_its_password_and_let_in_with_it() -> None:
    story = registered_ana()
    assert prompt(story.state) == "Password of ana: "
    secretly(story, SECRET)
    assert story.last(Hello).password == SECRET
    welcome(story, Hello)
    assert (story.state.name, story.state.has_account, story.state.question) == ("ana", True, None)


def test_a_wrong_password_is_told_and_asked_for_again() -> None:
    story = refused(secretly(registered_ana(), "falso"), Hello, "login-failed")
    assert "<login-failed>" in story.texts[-1]
    assert prompt(story.state) == "Password of ana: "
    assert story.state.password is None


def test_an_empty_password_goes_back_to_the_name() -> None:
    story = secretly(registered_ana(), "")
    assert story.state.place is Place.NAMING
    assert prompt(story.state) == "Enter your user name: "
    story.types("eva")
    assert (story.last(Hello).name, story.last(Hello).password) == ("eva", None)


def test_coming_back_takes_the_password_again() -> None:
    story = lost(welcome(secretly(registered_ana(), SECRET), Hello))
    assert story.last(Hello).password == SECRET


def test_on_coming_back_with_a_password_that_was_changed_one_is_asked_and_keeps_ones_rooms() -> None:
    story = in_room()
    story.state = evolve(story.state, password="viejo", has_account=True)
    refused(lost(story), Hello, "login-failed")
    secretly(story, SECRET)
    assert (story.last(Hello).password, dict(story.last(Hello).resume or {})) == (
        SECRET,
        {"General": 0, "Sala1": 0},
    )


def test_a_name_is_registered_by_a_password_typed_twice() -> None:
    story = in_room().types("/register")
    assert prompt(story.state) == "A password for your name, at least 8 characters: "
    secretly(story, SECRET)
    assert prompt(story.state) == "The same again: "
    secretly(story, SECRET)
    assert story.last(Register).password == SECRET
    story.hears(Ok(re=story.last(Register).id))
    assert story.texts[-1] == "Your name is registered: from now on it takes your password."
    assert lost(story).last(Hello).password == SECRET


def test_who_is_logged_in_is_not_asked_for_a_password_that_would_be_refused() -> None:
    story = in_room()
    story.state = evolve(story.state, has_account=True)
    for line, told in (
        ("/register", "Your name is registered already."),
        ("/login bob", "You are already here as ana."),
    ):
        story.types(line)
        assert (story.state.question, story.texts[-1]) == (None, told)


def test_two_different_passwords_change_nothing() -> None:
    story = secretly(in_room().types("/register"), SECRET, "otro")
    assert not [message for message in story.sent if isinstance(message, Register)]
    assert story.texts[-1] == "That was another password; nothing was changed."
    assert prompt(story.state) == "A password for your name, at least 8 characters: "


def test_what_is_typed_once_more_after_a_wrong_password_is_not_said() -> None:
    story = secretly(in_room().types("/login bob"), "mal")
    refused(story, Login, "login-failed")
    assert story.texts[-1] == "<login-failed>"
    assert prompt(story.state) == "Password of bob: "
    refused(secretly(story, SECRET), Login, "login-too-often")
    assert story.state.question is None
    refused(secretly(story.types("/register"), "corta", "corta"), Register, "password-too-short")
    assert prompt(story.state) == "A password for your name, at least 8 characters: "
    secretly(story, "")
    story.state = evolve(story.state, has_account=True)
    refused(secretly(story.types("/password"), "mal", SECRET, SECRET), Password, "login-failed")
    assert prompt(story.state) == "Your password until now: "


def test_another_password_takes_the_one_until_now() -> None:
    story = in_room()
    story.types("/password")
    assert story.state.question is None
    assert story.texts[-1] == "Your name is not registered; /register does that."
    story.state = evolve(story.state, has_account=True, password="viejo viejo")
    secretly(story.types("/password"), "viejo viejo", SECRET, SECRET)
    asked = story.last(Password)
    assert (asked.old, asked.new) == ("viejo viejo", SECRET)
    story.hears(Ok(re=asked.id))
    assert story.state.password == SECRET


def test_login_makes_one_somebody_else_and_keeps_the_rooms() -> None:
    story = in_room().types("/login bob")
    assert prompt(story.state) == "Password of bob: "
    secretly(story, SECRET)
    assert (story.last(Login).name, story.last(Login).password) == ("bob", SECRET)
    rooms = [Joined("General", 0, ["bob"], [], 0), Joined("Sala1", 0, ["bob"], [], 0)]
    welcome(story, Login, "bob", resumed=rooms)
    assert (story.state.name, story.state.current) == ("bob", "Sala1")
    assert Recall("bob") in story.effects
    assert lost(story).last(Hello).password == SECRET


def test_after_logout_one_is_nobody_and_nothing_of_before_is_shown() -> None:
    story = in_room().hears(Private("bob", "ana", "secreto", 1.0)).types("/logout")
    story.hears(LoggedOut(re=story.last(Logout).id))
    assert story.state.place is Place.NAMING
    assert list(story.state.tabs) == ["", "#general"]
    assert story.texts == ["You have logged out."]
    story.types("eva")
    assert (story.last(Hello).name, story.last(Hello).password) == ("eva", None)


def test_a_password_behind_a_command_is_refused_and_asked_for() -> None:
    for line in (f"/register {SECRET}", f"/login ana {SECRET}"):
        story = in_room().types(line)
        assert story.texts[-1] == "A password does not stand in the line: it is asked for."
        assert isinstance(story.state.question, SecretQuestion)
        assert not story.kept_input


def test_lines_that_hold_a_password_are_known() -> None:
    for line in (f"/register {SECRET}", "/login ana x", "  /mode  password x", "/password a b"):
        assert holds_secret(line)
    for line in ("/register", "/login ana", "/mode password", "/mode slow 10", "hola", "/passwords x"):
        assert not holds_secret(line)


def test_a_password_is_in_no_line_no_draft_no_memory_and_no_repr() -> None:
    story = secretly(in_room().types("/register"), SECRET)
    assert SECRET not in repr(story.state)
    secretly(story, SECRET)
    story.hears(Ok(re=story.last(Register).id))
    story.happens(Edited(f"/mode password {SECRET}"))
    story.types("/kick")
    kept = str(as_json(memory_of(story.state)))
    shown = str([story.texts_on(key) for key in story.state.tabs])
    assert SECRET not in kept + shown + repr(story.state) + repr(SecretEntered(SECRET))


def test_what_was_typed_while_the_server_thought_waits_for_the_password() -> None:
    story = Story(fresh("ana")).happens(Connected()).types("Sala1")
    refused(story, Hello, "password-needed")
    assert not [message for message in story.sent if isinstance(message, Join)]
    secretly(story, SECRET)
    welcome(story, Hello)
    assert story.last(Join).room == "Sala1"


def test_help_is_shown_while_a_password_is_asked_for() -> None:
    story = in_room().types("/register", "/help")
    assert "Commands" in story.texts
    assert isinstance(story.state.question, SecretQuestion)


# Rooms with a password


def test_a_room_with_a_password_asks_for_it() -> None:
    story = refused(in_room().types("/join Aula"), Join, "room-password-needed")
    assert prompt(story.state) == "Password of the room Aula: "
    secretly(story, "llave")
    assert (story.last(Join).room, story.last(Join).password) == ("Aula", "llave")
    refused(story, Join, "room-password-wrong")
    assert "<room-password-wrong>" in story.texts[-1]
    secretly(story, "clave")
    story.joined()
    assert story.state.current == "Aula"


def test_on_coming_back_a_room_is_entered_with_the_password_that_was_right() -> None:
    story = refused(in_room().types("/join Aula"), Join, "room-password-needed")
    story = secretly(story, "llave").joined()
    story.happens(Edited("a medias"))
    lost(story).welcomed(Joined("General", 0, ["ana"], []), Joined("Sala1", 0, ["ana"], []))
    assert (story.last(Join).room, story.last(Join).password) == ("Aula", "llave")
    story.joined()
    assert (story.state.current, story.state.tab.draft) == ("Aula", "a medias")
    assert "You are no longer in the room Aula." not in story.texts
    assert "llave" not in repr(story.state)
    assert "llave" not in str(as_json(memory_of(story.state)))
    lost(story).welcomed(Joined("General", 0, ["ana"], []), Joined("Sala1", 0, ["ana"], []))
    refused(story, Join, "room-password-wrong")
    assert prompt(story.state) == "Password of the room Aula: "


def test_giving_up_a_room_stays_where_one_is() -> None:
    story = refused(in_room().types("/join Aula"), Join, "room-password-needed")
    secretly(story, "").types("hola")
    assert story.last(Say).room == "Sala1"


# The keyring of the system


def with_keyring() -> Story:
    return refused(Story(evolve(fresh("ana"), can_keep=True)).happens(Connected()), Hello, "password-needed")


def test_where_there_is_a_keyring_it_is_asked_before_the_person() -> None:
    story = with_keyring()
    assert LookUp("ana") in story.effects
    assert story.state.question is None
    story.happens(KeychainAnswered("ana", SECRET))
    assert story.last(Hello).password == SECRET
    assert welcome(story, Hello).state.question is None


def test_a_keyring_without_the_password_or_with_a_wrong_one_leaves_it_to_the_person() -> None:
    story = with_keyring().happens(KeychainAnswered("ana"))
    assert story.state.question == SecretQuestion(Wanted.HELLO, "ana")
    story = refused(with_keyring().happens(KeychainAnswered("ana", "viejo")), Hello, "login-failed")
    assert story.state.question == SecretQuestion(Wanted.HELLO, "ana")


def test_a_keyring_that_fails_is_told_and_the_person_asked() -> None:
    story = with_keyring().happens(KeychainAnswered("ana", problem="locked"))
    assert "The keyring of this system cannot be used: locked" in story.texts
    assert story.state.question == SecretQuestion(Wanted.HELLO, "ana")


def test_a_typed_password_that_was_right_may_be_kept_and_is_offered_once() -> None:
    story = secretly(with_keyring().happens(KeychainAnswered("ana")), SECRET)
    welcome(story, Hello)
    assert story.state.question == KeepQuestion("ana")
    assert prompt(story.state) == "Keep the password of ana in the keyring of this system? (y/n) "
    story.types("y")
    assert KeepPassword("ana", SECRET) in story.effects
    assert welcome(lost(story), Hello).state.question is None


def test_who_has_other_things_in_mind_than_the_keyring_does_them() -> None:
    story = secretly(with_keyring().happens(KeychainAnswered("ana")), SECRET)
    welcome(story, Hello).types("Sala1")
    assert story.last(Join).room == "Sala1"
    assert not [effect for effect in story.effects if isinstance(effect, KeepPassword)]


# Several sessions, and what was kept


def test_what_was_kept_is_marked() -> None:
    story = in_room().hears(Private("bob", "ana", "¿mañana?", 1.0, kept=True))
    assert "bob (while you were away): ¿mañana?" in story.texts_on("@bob")
    assert "bob (private, while you were away): ¿mañana?" in story.texts


def test_one_is_told_that_a_message_waits_for_somebody_or_why_they_are_away() -> None:
    story = in_room().types("/msg bob hola")
    story.hears(Ok(re=story.sent[-1].id, at=1.0, kept=True))
    assert story.texts[-1] == "bob is not here, and reads it on coming."
    story.types("/msg bob hola")
    story.hears(Ok(re=story.sent[-1].id, at=1.0, away="comiendo"))
    assert story.texts_on("@bob")[-1] == "bob is away: comiendo"
