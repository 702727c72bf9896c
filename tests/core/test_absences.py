"""Who is away for the time being."""

from tests.core.test_hub import Party
from wassop.core.absences import MAX_LISTED_BYTES
from wassop.core.commands import Join, Leave, SetAway, Tell, Who
from wassop.core.events import Away
from wassop.core.limits import Limits
from wassop.core.refusals import Code, Refused


def absences(guest):
    return [(str(event.who), event.text) for event in guest.told if isinstance(event, Away)]


def listed(answer):
    return {str(name): text for name, text in answer.away}


def test_those_who_share_a_room_are_told_once():
    party = Party()
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    eva, leo = party.guest("eva"), party.guest("leo")
    for guest in (ana, bob, eva):
        for room in ("x", "y"):
            guest.ask(Join(room))
    leo.ask(Join("z"))
    assert ana.ask(SetAway(" a\ncomer \x1b")) == Away(ana.session.name, "a comer ␛")
    assert [absences(guest) for guest in (ana, bob, eva, leo)] == [
        [],
        [("ana", "a comer ␛")],
        [("ana", "a comer ␛")],
        [],
    ]


def test_who_is_nowhere_with_others_tells_nobody():
    party = Party()
    ana, bob = party.guest("ana"), party.guest("bob", lobby=True)
    ana.ask(SetAway("fuera"))
    assert absences(bob) == []
    assert listed(bob.ask(Who())) == {"ana": "fuera"}


def test_lists_tell_who_is_away_until_they_are_back_or_gone():
    party = Party()
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    ana.ask(Join("x"))
    assert listed(bob.ask(Who())) == {}
    ana.ask(SetAway("fuera"))
    assert (
        listed(bob.ask(Who())) == listed(bob.ask(Join("x"))) == listed(bob.ask(Who("x"))) == {"ana": "fuera"}
    )
    assert listed(bob.ask(Who("Sala1"))) == {}
    ana.ask(SetAway("lejos"))
    assert listed(bob.ask(Who("x"))) == {"ana": "lejos"}
    assert ana.ask(SetAway(back=True)) == Away(ana.session.name, "")
    assert listed(bob.ask(Who())) == {}
    ana.ask(SetAway("otra vez"))
    ana.go()
    party.guest("ana", lobby=True)
    assert listed(bob.ask(Who())) == {}
    assert absences(bob) == [("ana", "fuera"), ("ana", "lejos"), ("ana", ""), ("ana", "otra vez")]


def test_what_is_no_news_is_answered_and_not_told():
    party = Party()
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    assert ana.ask(SetAway()) == Away(ana.session.name, "")
    ana.ask(SetAway("fuera"))
    assert ana.ask(SetAway("fuera")) == Away(ana.session.name, "fuera")
    assert absences(bob) == [("ana", "fuera")]


def test_whoever_writes_to_one_who_is_away_reads_why():
    party = Party()
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    assert bob.ask(Tell("ana", "hola")).away is None
    ana.ask(SetAway("fuera"))
    assert bob.ask(Tell("ana", "hola", "k")).away == "fuera"
    assert bob.ask(Tell("ana", "hola", "k")).away == "fuera"


def test_the_text_is_bounded_and_does_not_go_with_being_back():
    party = Party(Limits(max_topic_chars=5))
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    ana.ask(SetAway("ñ" * 5))
    assert ana.ask(SetAway("ñ" * 6)) == Refused(Code.AWAY_TOO_LONG, {"size": 6, "limit": 5})
    assert ana.ask(SetAway("x", back=True)) == Refused(Code.BAD_FIELD, {"field": "back"})
    assert listed(bob.ask(Who())) == {"ana": "ñ" * 5}
    assert party.guest().refusal(SetAway("x")) is Code.HELLO_FIRST


def test_a_list_of_many_who_are_away_is_bounded():
    party = Party()
    guests = [party.guest(f"m{number}", lobby=True) for number in range(100)]
    for guest in guests:
        guest.ask(SetAway("ñ" * 300))
    away = listed(guests[0].ask(Who()))
    assert len(away) == 100
    assert sum(len(text.encode()) for text in away.values()) <= MAX_LISTED_BYTES
    assert away["m0"] == "ñ" * 300
    assert away["m99"] == ""


def test_who_left_the_room_before_it_was_handed_over_is_not_told():
    party = Party()
    ana, bob = party.guest("ana"), party.guest("bob")
    for guest in (ana, bob):
        guest.ask(Join("x"))
    _, told = party.hub.handle(ana.session, SetAway("fuera"), party.now)
    assert told.room is party.hub.lobby
    bob.ask(Leave("x"))
    party.deliver([told])
    assert absences(bob) == []
