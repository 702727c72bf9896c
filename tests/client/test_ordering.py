"""Order in rooms in the terminal client, without a terminal."""

import pytest

from tests.client.story import Story, in_room
from wassop.client.completion import candidates
from wassop.client.happenings import GiveUp
from wassop.client.secret import SecretQuestion, Wanted
from wassop.client.told_orders import Modes as Told
from wassop.client.tui.bars import header
from wassop.client.tui.inputbar import known
from wassop.client.tui.people import people_list
from wassop.wire import native_moderation as wire
from wassop.wire.native_messages import Bye, Error, Join, Joined, Leave, Ok, Presence


def with_bob() -> Story:
    return in_room(members=("ana", "bob"))


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("/op bob", wire.Role("Sala1", "bob", "operator")),
        ("/deop bob", wire.Role("Sala1", "bob", "member")),
        ("/voice bob", wire.Role("Sala1", "bob", "voice")),
        ("/owner bob", wire.Role("Sala1", "bob", "owner")),
        ("/kick bob spam y más", wire.Kick("bob", "Sala1", "spam y más")),
        ("/ban bob 2h spam", wire.Ban("Sala1", who="bob", for_s=7200.0, reason="spam")),
        ("/ban 10.0.0.0/8", wire.Ban("Sala1", network="10.0.0.0/8")),
        ("/unban account:bob", wire.Unban("Sala1", account="bob")),
        ("/bans", wire.Bans("Sala1")),
        ("/mute bob 10m", wire.Mute("Sala1", "bob", 600.0)),
        ("/unmute bob", wire.Unmute("Sala1", "bob")),
        ("/invite bob", wire.Invite("Sala1", "bob")),
        ("/mode", wire.Modes("Sala1")),
        ("/mode slow 10", wire.Modes("Sala1", wire.WantedModes(slow_s=10.0))),
        ("/mode password off", wire.Modes("Sala1", wire.WantedModes(password=""))),
    ],
)
def test_what_a_line_asks_for(line: str, asked: wire.ClientOrder) -> None:
    story = with_bob().types(line)
    sent = story.sent[-1]
    asked.id = sent.id
    assert sent == asked


def test_what_cannot_be_understood_is_told_and_stays() -> None:
    story = with_bob().types("/mode nada on")
    assert story.kept_input
    assert not story.sent
    assert "Something is missing. Use: /kick" in with_bob().types("/kick").texts[-1]


def test_the_password_of_a_room_is_asked_for() -> None:
    story = with_bob().types("/mode password")
    assert story.state.question == SecretQuestion(Wanted.LOCK, "Sala1")


def test_bans_without_an_event_are_answered() -> None:
    story = with_bob().types("/ban 10.0.0.0/8")
    story.hears(Ok(re=story.sent[-1].id))
    assert story.texts[-1] == "10.0.0.0/8 is banned."
    story.types("/invite eva")
    story.hears(Ok(re=story.sent[-1].id))
    assert story.texts[-1] == "eva has been invited."
    story.types("/bans")
    lines = [
        wire.BanLine(1.0, "ana", who="eva", reason="spam"),
        wire.BanLine(1.0, "ana", who="bob", mute=True),
    ]
    story.hears(wire.BansAre(lines, "Sala1", re=story.sent[-1].id))
    assert story.texts[-2:] == ["eva: banned by ana (spam)", "bob: muted by ana"]


def test_an_order_that_is_refused_is_told() -> None:
    story = with_bob().types("/kick bob")
    story.hears(Error("not-allowed", "Only operators.", re=story.sent[-1].id))
    assert story.texts[-1] == "Only operators."


def test_roles_are_told_and_stand_before_the_names() -> None:
    story = with_bob().hears(wire.RoleGiven("Sala1", "bob", "operator", "eva"))
    assert story.texts[-1] == "eva has made bob an operator of the room."
    story.hears(wire.RoleGiven("Sala1", "ana", "voice", "eva"))
    rows = ["".join(text for _, text, *_ in row) for row in people_list(story.state, 20, 10)]
    assert rows[1:] == [" +ana", " @bob"]
    story.hears(wire.RoleGiven("Sala1", "bob", "member", "eva"))
    assert dict(story.state.rooms["Sala1"].roles) == {"ana": "voice"}


def test_somebody_with_a_role_who_comes_back_is_asked_about() -> None:
    story = with_bob().hears(wire.RoleGiven("Sala1", "bob", "operator", "eva"))
    story.hears(Presence("Sala1", left=["bob"])).forget()
    story.hears(Presence("Sala1", joined=["bob"]))
    join = story.last(Join)
    story.hears(Joined("Sala1", 0, ["ana", "bob"], [], re=join.id))
    assert not story.state.rooms["Sala1"].roles
    assert story.state.current == "Sala1"


def test_how_a_room_is_set_stands_beside_its_topic() -> None:
    story = with_bob().hears(wire.ModesAre("Sala1", wire.ToldModes(moderated=True, slow_s=10.0), "bob"))
    assert story.state.rooms["Sala1"].modes == Told(moderated=True, slow_s=10.0)
    assert story.texts[-1] == "bob has set the room: it is moderated, slow (10 s)."
    assert "".join(text for _, text, *_ in header(story.state, 80)).rstrip() == (
        " Sala1 · 2 people · moderated, slow (10 s)"
    )
    story.types("/mode")
    story.hears(wire.ModesAre("Sala1", wire.ToldModes(), re=story.sent[-1].id))
    assert story.texts[-1] == "The room Sala1 is open to all."


def test_setting_a_room_is_told_once_to_whoever_did_it() -> None:
    story = with_bob().types("/mode moderated on")
    modes = wire.ToldModes(moderated=True)
    story.hears(
        wire.ModesAre("Sala1", modes, "ana", re=story.sent[-1].id), wire.ModesAre("Sala1", modes, "ana")
    )
    assert [text for text in story.texts if "moderated" in text] == ["ana has set the room: it is moderated."]


def test_on_entering_one_reads_how_the_room_is_set_and_what_one_is() -> None:
    story = in_room().types("/join Aula")
    joined = Joined(
        "Aula", 0, ["ana"], [], re=story.last(Join).id,
        roles={"ana": "owner"}, modes=wire.ToldModes(hidden=True), role="owner",
    )  # fmt: skip
    story.hears(joined)
    assert story.texts[-2:] == ["The room Aula is hidden.", "Your role here: owner."]


def test_whoever_is_kicked_leaves_the_room_on_everybodys_screen() -> None:
    story = with_bob().hears(wire.Kicked("bob", "eva", "Sala1", "spam"))
    assert story.texts[-1] == "bob was kicked out by eva (spam)."
    assert "bob" not in story.state.rooms["Sala1"].members


def test_being_kicked_closes_the_tab_and_is_told_where_one_is_then() -> None:
    story = with_bob().hears(wire.Kicked("ana", "bob", "Sala1", "spam"))
    assert "#sala1" not in story.state.tabs
    assert "Sala1" not in story.state.rooms
    assert story.texts[-1] == "bob has kicked you out of the room Sala1 (spam)."
    assert not [message for message in story.sent if isinstance(message, Join | Leave)]


def test_being_kicked_off_the_server_ends_the_client_with_the_sentence() -> None:
    story = with_bob().hears(wire.Kicked("ana", "bob", None, "spam"), Bye("kicked", "You were put out."))
    ends = [effect for effect in story.effects if isinstance(effect, GiveUp)]
    assert ends[0] == GiveUp("bob has kicked you off the server (spam).")
    assert GiveUp("Banned.") in with_bob().hears(Bye("banned", "Banned.")).effects


def test_being_muted_and_unmuted_is_told() -> None:
    story = with_bob().hears(wire.Muted("Sala1", "ana", "bob", reason="gritos"))
    assert story.texts[-1] == "bob has muted you here (gritos)."
    assert story.hears(wire.Unmuted("Sala1", "ana", "bob")).texts[-1] == "bob lets you speak again."


def test_an_invitation_tells_how_to_get_there_and_tab_knows_the_room() -> None:
    story = with_bob().hears(wire.Invited("Aula 4", "bob"))
    assert story.texts[-1] == "bob invites you to the room Aula 4. /join Aula 4 goes there."
    assert [each.text for each in candidates("/join Au", known(story.state), str)] == ["Aula 4"]


def test_people_and_modes_are_completed() -> None:
    story = with_bob()

    def offered(before: str) -> list[str]:
        return [each.text for each in candidates(before, known(story.state), str)]

    assert offered("/kick b") == ["bob "]
    assert offered("/mode m") == ["moderated "]
    assert offered("/mode moderated o") == ["on", "off"]
    assert offered("/mode p") == ["permanent ", "password"]
