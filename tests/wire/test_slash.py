"""What people type to keep order."""

import pytest

from wassop.core.modes import ModeChanges
from wassop.core.orders import AskBans, Ban, GiveRole, Invite, Kick, Mute, SetModes, Unban, Unmute
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import By
from wassop.core.roles import Role
from wassop.wire.slash import WORDS, order

A = "Aula 3"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/op bob", GiveRole(A, "bob", Role.OPERATOR)),
        ("/deop bob", GiveRole(A, "bob", Role.MEMBER)),
        ("/voice bob", GiveRole(A, "bob", Role.VOICE)),
        ("/devoice bob", GiveRole(A, "bob", Role.MEMBER)),
        ("/owner  bob ", GiveRole(A, "bob", Role.OWNER)),
        ("/kick bob", Kick(A, "bob")),
        ("/kick bob  por  spam", Kick(A, "bob", "por  spam")),
        ("/ban bob", Ban(A, By.NAME, "bob")),
        ("/ban bob 10m", Ban(A, By.NAME, "bob", 600.0)),
        ("/ban bob 2h por spam", Ban(A, By.NAME, "bob", 7_200.0, "por spam")),
        ("/ban bob 7d", Ban(A, By.NAME, "bob", 604_800.0)),
        ("/ban bob 1w", Ban(A, By.NAME, "bob", 604_800.0)),
        ("/ban bob 30s x", Ban(A, By.NAME, "bob", 30.0, "x")),
        ("/ban bob 10 minutos", Ban(A, By.NAME, "bob", None, "10 minutos")),
        ("/ban bob 2horas", Ban(A, By.NAME, "bob", None, "2horas")),
        ("/ban 10.0.0.0/8 spam", Ban(A, By.NETWORK, "10.0.0.0/8", None, "spam")),
        ("/ban 192.0.2.1", Ban(A, By.NETWORK, "192.0.2.1")),
        ("/ban 2001:db8::/32 1h", Ban(A, By.NETWORK, "2001:db8::/32", 3_600.0)),
        ("/ban 10.0.0.0/99", Ban(A, By.NETWORK, "10.0.0.0/99")),
        ("/ban account:bob 1h", Ban(A, By.ACCOUNT, "bob", 3_600.0)),
        ("/ban 1234", Ban(A, By.NAME, "1234")),
        ("/unban bob", Unban(A, By.NAME, "bob")),
        ("/unban 10.0.0.0/8", Unban(A, By.NETWORK, "10.0.0.0/8")),
        ("/bans", AskBans(A)),
        ("/mute bob 5m calla", Mute(A, "bob", 300.0, "calla")),
        ("/unmute bob", Unmute(A, "bob")),
        ("/invite bob", Invite(A, "bob")),
        ("/mode", SetModes(A)),
        ("/mode invite-only on", SetModes(A, ModeChanges(invite_only=True))),
        ("/mode hidden OFF", SetModes(A, ModeChanges(hidden=False))),
        ("/mode permanent sí", SetModes(A, ModeChanges(permanent=True))),
        ("/mode moderated no", SetModes(A, ModeChanges(moderated=False))),
        ("/mode slow 10", SetModes(A, ModeChanges(slow_s=10.0))),
        ("/mode slow 2m", SetModes(A, ModeChanges(slow_s=120.0))),
        ("/mode slow off", SetModes(A, ModeChanges(slow_s=0.0))),
        ("/mode password mi llave", SetModes(A, ModeChanges(password="mi llave"))),
        ("/mode password off", SetModes(A, ModeChanges(password=""))),
    ],
)
def test_a_line_is_an_order(line, expected):
    assert order(line, A) == expected


@pytest.mark.parametrize("line", ["hola", "/who", "/kickbob x", "/topic x", "", "/", "/opera"])
def test_other_lines_are_none(line):
    assert order(line, A) is None


@pytest.mark.parametrize("room", [None, "General"])
def test_at_the_menu_and_in_the_lobby_the_server_is_meant(room):
    assert order("/kick bob x", room) == Kick(None, "bob", "x")
    assert order("/ban bob", room) == Ban(None, By.NAME, "bob")
    assert order("/unban bob", room) == Unban(None, By.NAME, "bob")
    assert order("/bans", room) == AskBans(None)


def test_what_is_about_a_room_needs_one():
    for line in ("/mute bob", "/op bob", "/mode", "/invite bob"):
        assert order(line, None) == Refused(Code.NO_ROOM_YET)
    assert order("/mute bob", "General") == Mute("General", "bob")


@pytest.mark.parametrize("word", sorted(WORDS - {"/mode", "/bans"}))
def test_without_a_name_the_usage_is_told(word):
    refused = order(word, A)
    assert isinstance(refused, Refused)
    assert refused.code is Code.MISSING_ARGUMENT
    assert str(refused.params["usage"]).startswith(f"{word} bob")


@pytest.mark.parametrize(
    "line",
    [
        "/mode x",
        "/mode hidden",
        "/mode hidden maybe",
        "/mode slow",
        "/mode slow x",
        "/mode slow ²",
        "/mode password",
    ],
)
def test_a_mode_that_there_is_not_is_refused_without_repeating_its_value(line):
    refused = order(line, A)
    assert isinstance(refused, Refused)
    assert refused == Refused(Code.NO_SUCH_MODE, {"mode": line.split()[1]})
