import pytest
from attrs import evolve

from wassop.core.commands import (
    Announce,
    Identify,
    Join,
    Leave,
    ListRooms,
    MarkRead,
    Ping,
    Quit,
    ReadHistory,
    Say,
    Search,
    SetTopic,
    Tell,
    Type,
    Who,
)
from wassop.core.deliveries import Record, Reply, ToRoom, ToSession, Vacated
from wassop.core.events import (
    Accepted,
    Bye,
    Farewell,
    Joined,
    Left,
    LookUpPage,
    LookUpRead,
    LookUpSearch,
    Members,
    Noted,
    Page,
    Pong,
    Presence,
    RoomList,
    Said,
    Told,
    TopicSet,
    Typing,
    Welcome,
)
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.names import RoomName, room_name, user_name
from wassop.core.records import ReadMark, RoomRecord, Stored
from wassop.core.refusals import TEXTS, Code, Refused
from wassop.core.room import Room
from wassop.core.session import Session

NOW = 1_790_000_000.0


class Guest:
    """Somebody at the hub, who is told things at once."""

    def __init__(self, party):
        self.party = party
        self.session = party.hub.connect()
        self.told = []

    def ask(self, command):
        """The answer; the others are told."""
        reply, *others = self.party.hub.handle(self.session, command, self.party.now)
        assert isinstance(reply, Reply)
        self.party.deliver(others)
        return reply.answer

    def go(self):
        deliveries = self.party.hub.disconnect(self.session)
        self.party.deliver(deliveries)
        return deliveries

    def refusal(self, command):
        answer = self.ask(command)
        assert isinstance(answer, Refused), answer
        return answer.code

    def seqs(self):
        return [event.seq for event in self.told if isinstance(event, Said)]


class Party:
    def __init__(self, limits=None, *, epoch=0):
        self.hub = Hub(limits, epoch=epoch)
        self.now = NOW
        self.recorded = []
        self.guests = {}
        self.vacated = []

    def guest(self, name=None, *, lobby=False, epoch=None, **resume):
        guest = Guest(self)
        self.guests[guest.session] = guest
        if name is not None:
            guest.welcome = guest.ask(Identify(name, lobby, resume, epoch))
            assert isinstance(guest.welcome, Welcome), guest.welcome
        return guest

    def named(self, name):
        return next(guest for guest in self.guests.values() if str(guest.session.name) == name)

    def deliver(self, deliveries):
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, events, audience, author):
                    for membership in audience:
                        if membership.present and membership.session is not author:
                            self.guests[membership.session].told.extend(events)
                case ToSession(session, event):
                    self.guests[session].told.append(event)
                case Record(entry):
                    self.recorded.append(entry)
                case Vacated(room):
                    self.vacated.append(room.name.text)

    def rooms(self):
        listed = self.hub.handle(self.guest("observer").session, ListRooms(), NOW)[0].answer
        assert isinstance(listed, RoomList)
        return {info.room.text: info.count for info in listed.rooms}


@pytest.fixture
def party():
    return Party()


def texts(names):
    return [name.text for name in names]


# Coming


def test_whoever_has_no_name_may_only_say_who_they_are_ping_and_quit(party):
    nameless = party.guest()
    for command in (
        Join("Sala1"),
        Leave("Sala1"),
        Say("General", "hola"),
        Tell("ana", "hola"),
        Announce("hola"),
        ListRooms(),
        Who(),
        Type("General"),
    ):
        assert nameless.refusal(command) is Code.HELLO_FIRST
    assert nameless.ask(Ping()) == Pong()
    assert nameless.ask(Quit()) == Bye(Farewell.QUIT)


def test_a_name_opens_the_lobby_and_the_others_there_are_told(party):
    ana = party.guest("ana", lobby=True)
    bob = party.guest("bob", lobby=True)
    assert bob.welcome.lobby.text == "General"
    assert ana.told == [Presence(bob.welcome.lobby, joined=(bob.session.name,))]
    assert bob.told == []


def test_lobby_false_stays_out_of_the_lobby(party):
    ana = party.guest("ana", lobby=True)
    bot = party.guest("bot", lobby=False)
    ana.ask(Say("General", "hola"))
    assert ana.told == bot.told == []
    assert texts(ana.ask(Who("General")).names) == ["ana"]
    assert texts(ana.ask(Who()).names) == ["ana", "bot"]
    assert bot.refusal(Say("General", "hola")) is Code.NOT_IN_ROOM


def test_lobby_false_may_enter_the_lobby_later(party):
    bot = party.guest("bot", lobby=False)
    assert isinstance(bot.ask(Join("general")), Joined)
    assert isinstance(bot.ask(Say("General", "hola")), Accepted)


@pytest.mark.parametrize("name", ["ana", "ANA", "аna"])
def test_a_name_in_use_is_refused_also_in_disguise_and_one_may_try_again(party, name):
    party.guest("ana")
    other = party.guest()
    assert other.ask(Identify(name)) == Refused(Code.NAME_TAKEN, {"name": name})
    assert isinstance(other.ask(Identify("eva")), Welcome)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", Code.NAME_EMPTY),
        ("a b", Code.NAME_BAD_CHARACTER),
        ("x" * 33, Code.NAME_TOO_LONG),
        ("Servidor", Code.NAME_RESERVED),
    ],
)
def test_a_name_that_is_none_is_refused(party, name, code):
    assert party.guest().refusal(Identify(name)) is code


def test_a_name_is_taken_once_for_all(party):
    ana = party.guest("ana")
    assert ana.ask(Identify("eva")) == Refused(Code.ALREADY_NAMED, {"name": "ana"})
    assert texts(ana.ask(Who()).names) == ["ana"]


def test_a_name_is_free_again_after_its_owner_has_gone(party):
    party.guest("ana").go()
    assert party.guest("аna").welcome.name.text == "аna"


# Going


def test_the_rooms_are_told_who_is_gone(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    for guest in (ana, bob):
        guest.ask(Join("Sala1"))
    ana.told.clear()
    bob.go()
    assert [(event.room.text, texts(event.gone)) for event in ana.told] == [
        ("Sala1", ["bob"]),
        ("General", ["bob"]),
    ]
    assert texts(ana.ask(Who()).names) == ["ana"]


def test_disconnecting_twice_does_nothing(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    bob.go()
    party.guest("bob")
    ana.told.clear()
    assert bob.go() == []
    assert ana.told == []
    assert texts(ana.ask(Who()).names) == ["ana", "bob"]


def test_nothing_is_kept_of_somebody_who_is_gone(party):
    ana, bob = party.guest("ana"), party.guest("bob", lobby=True)
    bob.ask(Join("Sala1"))
    bob.go()
    assert party.hub.sessions == {ana.session}
    assert bob.session.rooms == {}
    *_, announced = party.hub.handle(ana.session, Announce("hola"), NOW)
    assert [membership.session for membership in announced.audience] == [ana.session]


def test_disconnecting_without_a_name_tells_nobody(party):
    ana = party.guest("ana", lobby=True)
    assert party.guest().go() == []
    assert ana.told == []


def test_what_is_still_on_its_way_in_from_somebody_who_is_gone_changes_nothing(party):
    ana = party.guest("ana")
    ana.ask(Join("x"))
    ana.go()
    for command in (Identify("ana"), Join("y"), Say("x", "hola")):
        assert ana.ask(command) == Bye(Farewell.LOST)
    assert isinstance(party.guest("ana").welcome, Welcome)
    assert party.hub.rooms.named("y") is None


# Rooms


def test_a_new_room_is_made_by_joining_and_listed_in_the_order_of_making(party):
    ana = party.guest("ana")
    joined = ana.ask(Join("  La  Sala "))
    assert (joined.room.text, joined.seq, texts(joined.members), joined.history) == (
        "La Sala",
        0,
        ["ana"],
        (),
    )
    ana.ask(Join("azul"))
    assert party.rooms() == {"General": 0, "Sala1": 0, "Sala2": 0, "La Sala": 1, "azul": 1}
    assert [info.is_lobby for info in ana.ask(ListRooms()).rooms] == [True, False, False, False, False]


def test_a_room_keeps_the_spelling_of_the_one_who_made_it(party):
    ana = party.guest("ana")
    assert ana.ask(Join("sala1")).room.text == "Sala1"
    assert ana.ask(Leave("SALA1")).room.text == "Sala1"


def test_those_in_the_room_are_told_who_comes_and_who_leaves(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    ana.ask(Join("x"))
    room = bob.ask(Join("x")).room
    assert bob.ask(Leave("x")) == Left(room)
    assert ana.told == [
        Presence(room, joined=(bob.session.name,)),
        Presence(room, left=(bob.session.name,)),
    ]
    assert bob.told == []


def test_joining_again_is_reading_again_and_tells_nobody(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    ana.ask(Join("x"))
    bob.ask(Join("x"))
    bob.ask(Say("x", "hola"))
    told = list(ana.told)
    again = bob.ask(Join("x", history=5))
    assert texts(again.members) == ["ana", "bob"]
    assert [said.text for said in again.history] == ["hola"]
    assert ana.told == told


def test_an_empty_room_leaves_the_list_unless_it_is_permanent(party):
    ana = party.guest("ana")
    for room in ("x", "Sala1"):
        ana.ask(Join(room))
        ana.ask(Leave(room))
    assert party.vacated == ["x"]
    assert party.rooms() == {"General": 0, "Sala1": 0, "Sala2": 0}
    assert party.hub.rooms.named("x") is None
    assert ana.ask(Who("x")) == Refused(Code.NO_SUCH_ROOM, {"room": "x"})


def test_a_room_is_vacated_too_when_its_last_member_is_gone(party):
    ana = party.guest("ana")
    ana.ask(Join("x"))
    ana.go()
    assert party.vacated == ["x"]


def test_a_dormant_room_keeps_its_numbers_and_its_messages(party):
    ana = party.guest("ana")
    ana.ask(Join("x"))
    ana.ask(Say("x", "uno"))
    ana.ask(Leave("x"))
    joined = ana.ask(Join("X", history=9))
    assert (joined.seq, [said.text for said in joined.history]) == (1, ["uno"])
    assert ana.ask(Say("x", "dos")).seq == 2


def test_the_longest_dormant_room_is_forgotten_past_the_limit():
    party = Party(Limits(dormant_rooms=2))
    ana = party.guest("ana")
    for room in ("x", "y", "z"):
        ana.ask(Join(room))
        ana.ask(Say(room, "hola"))
        ana.ask(Leave(room))
    assert [ana.ask(Join(room)).seq for room in ("x", "y", "z")] == [0, 1, 1]


def test_rooms_in_which_nothing_was_said_push_no_other_into_oblivion():
    party = Party(Limits(dormant_rooms=2))
    ana = party.guest("ana")
    ana.ask(Join("x"))
    ana.ask(Say("x", "hola"))
    for room in ("x", "a", "b", "c"):
        ana.ask(Join(room))
        ana.ask(Leave(room))
    assert ana.ask(Join("x")).seq == 1


def test_nobody_leaves_the_lobby_nor_a_room_they_are_not_in(party):
    ana = party.guest("ana", lobby=True)
    assert ana.refusal(Leave("General")) is Code.LOBBY_STAYS
    assert ana.refusal(Leave("Sala1")) is Code.NOT_IN_ROOM
    assert ana.refusal(Leave("nowhere")) is Code.NOT_IN_ROOM
    assert ana.refusal(Leave("\x00")) is Code.NOT_IN_ROOM


@pytest.mark.parametrize(
    ("room", "code"),
    [("", Code.ROOM_EMPTY), ("x" * 65, Code.ROOM_TOO_LONG), ("a\x07", Code.ROOM_BAD_CHARACTER)],
)
def test_a_room_name_that_is_none_is_refused(party, room, code):
    assert party.guest("ana").refusal(Join(room)) is code


def test_a_session_is_in_so_many_rooms_at_most_and_the_lobby_does_not_count():
    party = Party(Limits(max_rooms_per_session=2))
    ana = party.guest("ana", lobby=False)
    for room in ("x", "y", "General", "x"):
        assert isinstance(ana.ask(Join(room)), Joined)
    assert ana.ask(Join("z")) == Refused(Code.TOO_MANY_ROOMS, {"limit": 2})
    ana.ask(Leave("x"))
    assert isinstance(ana.ask(Join("z")), Joined)


def test_a_server_has_so_many_rooms_at_most():
    party = Party(Limits(max_rooms=4))
    ana = party.guest("ana")
    ana.ask(Join("x"))
    assert ana.ask(Join("y")) == Refused(Code.SERVER_FULL_OF_ROOMS, {"limit": 4})
    assert isinstance(ana.ask(Join("Sala1")), Joined)
    ana.ask(Leave("x"))
    assert isinstance(ana.ask(Join("y")), Joined)


def test_a_permanent_room_that_is_named_twice_is_one_room():
    hub = Hub(permanent=("Sala1", "sala1", "general"))
    assert hub.rooms.named("General") is hub.lobby
    ana = hub.connect()
    hub.handle(ana, Identify("ana"), NOW)
    assert [info.room.text for info in hub.handle(ana, ListRooms(), NOW)[0].answer.rooms] == [
        "General",
        "Sala1",
    ]


def test_a_permanent_room_that_cannot_be_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="not a room name"):
        Hub(permanent=("\n",))


# Saying


def test_a_message_is_numbered_answered_and_told_to_the_others(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    room = ana.ask(Join("x")).room
    bob.ask(Join("x"))
    bob.told.clear()
    assert ana.ask(Say("X", "hola")) == Accepted(room, 1, NOW, "hola")
    party.now += 1
    assert bob.ask(Say("x", "¿qué tal?")) == Accepted(room, 2, NOW + 1, "¿qué tal?")
    assert bob.told == [Said(room, 1, ana.session.name, "hola", NOW)]
    assert ana.told[-1] == Said(room, 2, bob.session.name, "¿qué tal?", NOW + 1)


def test_each_room_has_its_own_numbers(party):
    ana = party.guest("ana")
    for room in ("x", "y"):
        ana.ask(Join(room))
    assert [ana.ask(Say(room, "hola")).seq for room in ("x", "y", "x")] == [1, 1, 2]


def test_nobody_outside_a_room_hears_or_says_anything_in_it(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    ana.ask(Join("x"))
    ana.ask(Say("x", "hola"))
    assert bob.told == []
    for room in ("x", "nowhere", ""):
        assert bob.ask(Say(room, "hola")) == Refused(Code.NOT_IN_ROOM, {"room": room})
        assert bob.refusal(Type(room)) is Code.NOT_IN_ROOM
    assert ana.told == []


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u3000"])
def test_a_blank_text_is_refused(party, text):
    ana = party.guest("ana", lobby=True)
    for command in (Say("General", text), Tell("ana", text), Announce(text)):
        assert ana.refusal(command) is Code.TEXT_EMPTY


def test_a_text_is_measured_in_bytes():
    party = Party(Limits(max_text_bytes=4))
    ana = party.guest("ana", lobby=True)
    for text in ("hola", "ññ", "👍"):
        assert isinstance(ana.ask(Say("General", text)), Accepted)
    for command in (Say("General", "ñññ"), Tell("ana", "ñññ"), Announce("ñññ")):
        assert ana.ask(command) == Refused(Code.TEXT_TOO_LONG, {"size": 6, "limit": 4})


def test_a_refused_message_takes_no_number(party):
    ana = party.guest("ana", lobby=True)
    ana.ask(Say("General", ""))
    assert ana.ask(Say("General", "hola")).seq == 1


def test_a_nonce_said_again_is_answered_again_and_told_once(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    first = ana.ask(Say("General", "hola", nonce="k"))
    party.now += 60
    assert ana.ask(Say("General", "hola otra vez", nonce="k")) == first
    assert bob.seqs() == [1]


def test_a_nonce_counts_per_author_and_per_room(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    ana.ask(Join("x"))
    assert ana.ask(Say("General", "hola", nonce="k")).seq == 1
    assert bob.ask(Say("General", "hola", nonce="k")).seq == 2
    assert ana.ask(Say("x", "hola", nonce="k")).seq == 1


def test_a_nonce_outlives_the_connection(party):
    ana = party.guest("ana", lobby=True)
    bob = party.guest("bob", lobby=True)
    first = ana.ask(Say("General", "hola", nonce="k"))
    ana.go()
    assert party.guest("ana", lobby=True).ask(Say("General", "hola", nonce="k")) == first
    assert bob.seqs() == [1]


def test_a_nonce_is_remembered_as_long_as_its_message():
    party = Party(Limits(recent_messages_per_room=2, session_nonces=0))
    ana = party.guest("ana", lobby=True)
    assert ana.ask(Say("General", "uno", nonce="k")).seq == 1
    ana.ask(Say("General", "dos"))
    assert ana.ask(Say("General", "uno", nonce="k")).seq == 1
    ana.ask(Say("General", "tres"))
    assert ana.ask(Say("General", "uno", nonce="k")).seq == 4


def test_a_session_knows_its_own_newest_messages_however_much_others_say():
    party = Party(Limits(recent_messages_per_room=2, session_nonces=3))
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    first = ana.ask(Say("General", "uno", nonce="k"))
    for _ in range(10):
        bob.ask(Say("General", "otra"))
    assert ana.ask(Say("General", "uno otra vez", nonce="k")) == first
    assert bob.seqs() == [1]
    # What could not be stored the first time is put on record with the words that were told.
    assert [entry.text for entry in party.recorded if entry.nonce] == ["uno", "uno"]
    for nonce in ("l", "m", "n"):  # of these it knows the newest three
        ana.ask(Say("General", "más", nonce=nonce))
    for _ in range(2):
        bob.ask(Say("General", "otra"))
    assert ana.ask(Say("General", "más", nonce="l")).seq == 12
    assert ana.ask(Say("General", "uno", nonce="k")).seq == 17


def test_what_a_session_said_is_known_by_room_and_nobody_elses():
    party = Party(Limits(recent_messages_per_room=0))
    ana, bob = party.guest("ana", lobby=True, x=0, y=0), party.guest("bob", x=0)
    assert ana.ask(Say("x", "hola", nonce="k")).seq == 1
    assert ana.ask(Say("y", "hola", nonce="k")).seq == 1
    assert bob.ask(Say("x", "hola", nonce="k")).seq == 2
    first = ana.ask(Announce("atención", nonce="k"))
    assert first.seq == 1
    assert ana.ask(Announce("atención", nonce="k")) == first
    ana.go()
    again = party.guest("ana", x=0)
    assert again.ask(Say("x", "hola", nonce="k")).seq == 3, "another session's, and no longer remembered"


def test_somebody_who_says_nothing_costs_no_memory_for_it(party):
    ana = party.guest("ana", lobby=True, x=0)
    ana.ask(Say("x", "sin nombre"))
    assert ana.session.sayings is None


@pytest.mark.parametrize("way", ["resume", "join"])
def test_what_the_record_knows_of_ones_own_is_answered_again_and_not_told(way):
    party = Party(Limits(recent_messages_per_room=0))
    party.hub.rooms.restore(left(Party(), count=5))
    stored = (Stored("x", "k", 2, NOW - 9, to_all=False), Stored("general", "g", 7, NOW - 8, to_all=True))
    bob = party.guest("bob", lobby=True, x=0)
    ana = party.guest()
    if way == "resume":
        assert isinstance(ana.ask(Identify("ana", resume={"x": 1}, stored=stored)), Welcome)
    else:
        ana.ask(Identify("ana"))
        assert isinstance(ana.ask(Join("x", since=1, stored=stored)), Joined)
    assert ana.ask(Say("X", "dos", nonce="k")) == Accepted(party.hub.rooms.named("x").name, 2, NOW - 9, "dos")
    again = ana.ask(Announce("atención", nonce="g"))
    assert (again.seq, again.to_all) == (7, True)
    assert party.recorded == [], "it is on record already"
    assert bob.seqs() == []
    assert ana.ask(Say("x", "seis", nonce="l")).seq == 6
    assert ana.ask(Say("General", "otra", nonce="k")).seq == 1


def test_a_refused_greeting_makes_nobody_anothers_author(party):
    party.guest("ana")
    eva = party.guest()
    stored = (Stored("x", "k", 2, NOW, to_all=False),)
    assert eva.refusal(Identify("ana", resume={"x": 1}, stored=stored)) is Code.NAME_TAKEN
    assert eva.session.sayings is None


def test_typing_is_told_to_the_others_in_the_room(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    room = ana.ask(Join("x")).room
    bob.ask(Join("x"))
    ana.told.clear()
    assert bob.ask(Type("x")) == Noted()
    assert ana.told == [Typing(room, bob.session.name)]
    assert bob.told == []


def test_a_private_message_reaches_one_person(party):
    ana, bob, eva = party.guest("ana"), party.guest("Bob"), party.guest("eva")
    answer = ana.ask(Tell("bOB", "psst"))
    assert answer == Accepted(None, None, NOW, "psst", to=bob.session.name)
    assert bob.told == [Told(ana.session.name, bob.session.name, "psst", NOW)]
    assert ana.told == eva.told == []


@pytest.mark.parametrize("to", ["nadie", "b0b", "", "\ud800", "x" * 1000])
def test_a_private_message_to_nobody_is_refused(party, to):
    party.guest("bob")
    assert party.guest("ana").ask(Tell(to, "psst")) == Refused(Code.NO_SUCH_USER, {"name": to})


def test_an_announcement_reaches_everyone_and_is_a_message_of_the_lobby(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    bot = party.guest("bot", lobby=False)
    nameless = party.guest()
    assert bot.ask(Announce("atención")) == Accepted(party.hub.lobby.name, 1, NOW, "atención", to_all=True)
    said = Said(party.hub.lobby.name, 1, bot.session.name, "atención", NOW, to_all=True)
    assert ana.told[-1] == bob.told[-1] == said
    assert bot.told == nameless.told == []
    assert ana.ask(Join("General", history=1)).history == (said,)
    assert ana.ask(Say("General", "dime")).seq == 2


def test_an_announcement_said_again_is_told_once(party):
    ana, bot = party.guest("ana", lobby=True), party.guest("bot")
    first = bot.ask(Announce("atención", nonce="k"))
    assert bot.ask(Announce("atención", nonce="k")) == first
    assert ana.seqs() == [1]


# What was said before


def sayings(party, count, room="x"):
    ana = party.guest("ana")
    ana.ask(Join(room))
    for number in range(1, count + 1):
        ana.ask(Say(room, str(number)))
    return ana


@pytest.mark.parametrize(
    ("history", "expected"), [(0, []), (2, [4, 5]), (5, [1, 2, 3, 4, 5]), (10**30, [1, 2, 3, 4, 5]), (-1, [])]
)
def test_history_is_so_many_of_the_newest_messages(party, history, expected):
    sayings(party, 5)
    joined = party.guest("bob").ask(Join("x", history=history))
    assert [said.seq for said in joined.history] == expected
    assert (joined.seq, joined.complete) == (5, True)


@pytest.mark.parametrize(
    ("since", "expected", "complete"),
    [
        (5, [], True),
        (3, [4, 5], True),
        (2, [3, 4, 5], True),
        (1, [3, 4, 5], False),
        (-(10**30), [3, 4, 5], False),
        (6, [3, 4, 5], False),  # numbered in another life of the room
        (10**30, [3, 4, 5], False),
    ],
)
def test_coming_back_reads_exactly_the_gap_as_far_as_it_is_remembered(since, expected, complete):
    party = Party(Limits(recent_messages_per_room=3))
    sayings(party, 5)
    bob = party.guest("bob", x=since)
    (joined,) = bob.welcome.resumed
    assert [said.seq for said in joined.history] == expected
    assert (joined.seq, joined.complete, texts(joined.members)) == (5, complete, ["ana", "bob"])
    assert bob.ask(Leave("x"))
    assert bob.ask(Join("x", history=1, since=since)) == joined


def test_the_gap_and_what_follows_are_everything_once(party):
    ana, bob = sayings(party, 2), party.guest("bob", x=0)
    bob.go()
    ana.ask(Say("x", "3"))
    again = party.guest("bob", x=2)
    ana.ask(Say("x", "4"))
    assert [said.seq for said in again.welcome.resumed[0].history] + again.seqs() == [3, 4]


def test_the_lobby_can_be_resumed_too(party):
    ana = party.guest("ana", lobby=True)
    ana.ask(Say("General", "uno"))
    bob = party.guest("bob", lobby=True, General=0)
    assert [said.text for said in bob.welcome.resumed[0].history] == ["uno"]
    assert len([event for event in ana.told if isinstance(event, Presence)]) == 1


def test_rooms_that_cannot_be_resumed_are_left_out():
    party = Party(Limits(max_rooms_per_session=1))
    bob = party.guest("bob", **{"\x00": 3, "x": 3, "y": 3})
    assert [joined.room.text for joined in bob.welcome.resumed] == ["x"]


def test_a_refused_name_resumes_nothing(party):
    party.guest("ana")
    assert party.guest().refusal(Identify("ana", resume={"x": 0})) is Code.NAME_TAKEN
    assert party.hub.rooms.named("x") is None


# What is queued while people come and go


def test_what_is_queued_is_for_those_who_were_there(party):
    ana, bob, eva = party.guest("ana"), party.guest("bob"), party.guest("eva")
    for guest in (ana, bob):
        guest.ask(Join("x"))
    *_, queued = party.hub.handle(ana.session, Say("x", "hola"), NOW)
    assert [said.seq for said in eva.ask(Join("x", history=5)).history] == [1]
    bob.ask(Leave("x"))
    assert [said.seq for said in bob.ask(Join("x", since=0)).history] == [1]
    party.deliver([queued])
    assert bob.seqs() == eva.seqs() == []


def test_an_announcement_that_is_queued_while_one_enters_the_lobby_is_told_once(party):
    ana, bot, eva = party.guest("ana"), party.guest("bot"), party.guest("eva")
    *_, queued = party.hub.handle(ana.session, Announce("atención"), NOW)
    assert [said.seq for said in bot.ask(Join("General", history=5)).history] == [1]
    party.deliver([queued])
    assert bot.seqs() == []
    assert eva.seqs() == [1]
    assert texts(ana.ask(Who()).names) == ["ana", "bot", "eva"]
    ana.ask(Announce("otra vez"))
    assert bot.seqs() == [2]


def test_an_audience_is_made_anew_only_when_somebody_comes_or_goes(party):
    ana = party.guest("ana")
    ana.ask(Join("x"))

    def audience():
        return party.hub.handle(ana.session, Say("x", "hola"), NOW)[-1].audience

    before = audience()
    assert audience() is before
    bob = party.guest("bob")
    bob.ask(Join("x"))
    assert len(audience()) == 2
    bob.go()
    assert len(before) == len(audience()) == 1


# Notices in large rooms


@pytest.fixture
def large():
    """A room past the limit of three, with all told so far."""
    party = Party(Limits(presence_merge_members=3))
    party.ana, *others = (party.guest(name) for name in ("ana", "bob", "eva", "leo"))
    for guest in (party.ana, *others):
        guest.ask(Join("x"))
    party.deliver(party.hub.take_news())
    party.ana.told.clear()
    return party


def view(guest):
    """Who is in the room for somebody who knew nobody at first."""
    known = set()
    for event in guest.told:
        known |= set(texts(event.joined))
        known -= set(texts(event.left + event.gone))
    return known


def test_small_rooms_are_told_at_once(party):
    ana, bob = party.guest("ana", lobby=True), party.guest("bob", lobby=True)
    assert len(ana.told) == 1
    assert not party.hub.has_news
    assert party.hub.take_news() == []
    assert bob.told == []


def test_large_rooms_are_told_together_who_came_and_went(large):
    for name in ("zoe", "max"):
        large.guest(name).ask(Join("x"))
    large.named("leo").ask(Leave("x"))
    large.named("eva").go()
    assert large.ana.told == []
    assert large.hub.has_news
    large.deliver(large.hub.take_news())
    (news,) = large.ana.told
    assert (texts(news.joined), texts(news.left), texts(news.gone)) == (["zoe", "max"], ["leo"], ["eva"])
    assert not large.hub.has_news


def test_a_room_that_shrinks_tells_what_waits_before_what_is_new(large):
    zoe = large.guest("zoe")
    zoe.ask(Join("x"))
    for name in ("bob", "eva", "leo"):
        large.named(name).go()
    zoe.ask(Leave("x"))
    assert large.ana.told == []
    large.deliver(large.hub.take_news())
    assert len(large.ana.told) == 1
    zoe.ask(Join("x"))
    assert view(large.ana) == {"zoe"}


def test_of_coming_and_going_only_the_last_is_told(large):
    zoe = large.guest("zoe")
    for command in (Join("x"), Leave("x"), Join("x"), Leave("x")):
        zoe.ask(command)
    large.deliver(large.hub.take_news())
    (news,) = large.ana.told
    assert (texts(news.joined), texts(news.left), texts(news.gone)) == ([], ["zoe"], [])


def test_whoever_read_the_members_meanwhile_is_told_of_the_change_too(large):
    zoe, max_ = large.guest("zoe"), large.guest("max")
    zoe.ask(Join("x"))
    known = set(texts(max_.ask(Join("x")).members))
    assert "zoe" in known
    zoe.ask(Leave("x"))
    large.deliver(large.hub.take_news())
    assert texts(max_.told[-1].left) == ["zoe"]


def test_news_of_a_room_that_is_empty_by_then_is_no_news(large):
    guests = list(large.guests.values())
    large.guest("zoe").ask(Join("x"))
    for guest in (*guests, *large.guests.values()):
        guest.go()
    assert not large.hub.has_news
    assert large.hub.take_news() == []
    zoe = large.guest("zoe")
    zoe.ask(Join("x"))
    assert zoe.told == []


def test_somebody_whose_name_returns_in_another_spelling_is_told_so(large):
    large.guest("zoe").ask(Join("x"))
    large.named("bob").go()
    large.guest("BOB").ask(Join("x"))
    large.deliver(large.hub.take_news())
    (news,) = large.ana.told
    assert texts(news.joined) == ["zoe", "BOB"]
    assert news.gone == ()


# Asking


def test_who_lists_people_in_the_order_in_which_they_came(party):
    zoe, ana = party.guest("zoe", lobby=True), party.guest("ana")
    ana.ask(Join("x"))
    zoe.ask(Join("x"))
    assert texts(zoe.ask(Who()).names) == ["zoe", "ana"]
    assert zoe.ask(Who("X")) == Members(party.hub.rooms.named("x").name, (ana.session.name, zoe.session.name))
    assert zoe.refusal(Who("nowhere")) is Code.NO_SUCH_ROOM


def test_every_refusal_has_a_text():
    assert set(TEXTS) == set(Code)


# What is on record


def test_what_is_said_is_put_on_record_whether_it_is_told_or_not(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    ana.ask(Join("x"))
    ana.ask(Say("x", "hola", nonce="k"))
    ana.ask(Say("x", "hola otra vez", nonce="k"))
    ana.ask(Tell("bob", "psst", nonce="k"))
    ana.ask(Tell("bob", "psst", nonce="k"))
    ana.ask(Announce("atención"))
    ana.ask(Say("x", " "))
    said, again, told, told_again, announced = party.recorded
    assert said == again == Said(party.hub.rooms.named("x").name, 1, ana.session.name, "hola", NOW, nonce="k")
    assert told == told_again == Told(ana.session.name, bob.session.name, "psst", NOW, "k")
    assert announced.to_all
    assert [event for event in bob.told if isinstance(event, Told)] == [told]


def test_the_names_of_private_messages_are_remembered_up_to_a_bound():
    party = Party(Limits(private_nonces=2))
    ana, bob = party.guest("ana"), party.guest("bob")
    for nonce in ("a", "b", "a", "c", "a"):
        ana.ask(Tell("bob", nonce, nonce=nonce))
    assert [told.nonce for told in bob.told] == ["a", "b", "c", "a"]


def left(party, room="x", count=5):
    """A room as it is on record after `count` messages."""
    ana = sayings(party, count, room)
    record = RoomRecord(party.hub.rooms.named(room).name, count, tuple(party.recorded[-3:]))
    ana.go()
    return record


@pytest.mark.parametrize("room", ["x", "Sala1", "General"])
def test_a_room_goes_on_where_it_was_left_in_an_earlier_run(party, room):
    record = left(party, room)
    again = Party(epoch=1)
    assert again.hub.rooms.knows(room) == (room != "x")
    again.hub.rooms.restore(record)
    assert again.hub.rooms.knows(room.upper())
    ana = again.guest("ana")
    joined = ana.ask(Join(room, history=9))
    assert (joined.seq, [said.seq for said in joined.history]) == (5, [3, 4, 5])
    assert ana.ask(Say(room, "6")).seq == 6


def test_a_name_for_a_message_outlives_the_server(party):
    ana = party.guest("ana")
    ana.ask(Join("x"))
    first = ana.ask(Say("x", "hola", nonce="k"))
    again = Party(epoch=1)
    again.hub.rooms.restore(RoomRecord(first.room, 1, tuple(party.recorded)))
    ana, bob = again.guest("ana"), again.guest("bob")
    for guest in (ana, bob):
        guest.ask(Join("x"))
    assert ana.ask(Say("x", "hola", nonce="k")) == first
    assert bob.seqs() == []


def test_a_room_that_was_spoken_in_since_is_not_restored_again(party):
    record = left(party)
    again = Party(epoch=1)
    again.hub.rooms.restore(record)
    ana = again.guest("ana")
    ana.ask(Join("x"))
    ana.ask(Say("x", "6"))
    again.hub.rooms.restore(record)
    assert ana.ask(Say("x", "7")).seq == 7


def test_no_name_at_all_is_to_be_restored_for_a_name_that_cannot_be():
    assert Hub().rooms.knows("\x00")


def test_all_rooms_that_one_comes_back_into_can_be_restored_before_the_first_is_entered(party):
    records = [left(party, room) for room in ("x", "y", "z")]
    again = Party(Limits(dormant_rooms=0, max_rooms_per_session=3), epoch=1)
    for record in records:
        again.hub.rooms.restore(record)
    bob = again.guest("bob", epoch=1, x=4, y=4, z=4)
    assert [joined.seq for joined in bob.welcome.resumed] == [5, 5, 5]


def test_what_the_hub_has_let_go_is_counted():
    party = Party(Limits(dormant_rooms=1))
    for room in ("x", "y"):
        assert party.hub.rooms.forgotten == 0
        sayings(party, 1, room).go()
    assert party.hub.rooms.forgotten == 1
    assert not party.hub.rooms.knows("x")


def test_of_holes_in_what_is_on_record_nothing_is_read_twice(party):
    """A message that could not be stored leaves one, when the server is started again."""
    record = left(party, count=5)
    holed = RoomRecord(record.name, 6, (*record.recent, evolve(record.recent[-1], seq=6)))
    holed = evolve(holed, recent=tuple(said for said in holed.recent if said.seq != 5))
    for since, expected in ((2, [3, 4, 6]), (3, [4, 6]), (4, [6]), (5, [6]), (6, [])):
        again = Party(epoch=1)
        again.hub.rooms.restore(holed)
        (joined,) = again.guest("bob", x=since).welcome.resumed
        assert [said.seq for said in joined.history] == expected
        bob = again.named("bob")
        page = bob.ask(ReadHistory("x", 10, after=since))
        assert isinstance(page, LookUpPage) or [said.seq for said in page.messages] == expected


def test_a_name_that_was_used_twice_for_messages_does_no_harm(party):
    """Which was possible when fewer messages were remembered than now."""
    record = left(party, count=3)
    twice = tuple(evolve(said, nonce="k") for said in record.recent)
    again = Party(Limits(recent_messages_per_room=3), epoch=1)
    again.hub.rooms.restore(evolve(record, recent=twice))
    ana = again.guest("ana")
    ana.ask(Join("x"))
    assert ana.ask(Say("x", "otra", nonce="k")).seq == 3
    assert [ana.ask(Say("x", "más")).seq for _ in range(4)] == [4, 5, 6, 7]


@pytest.mark.parametrize(("epoch", "since"), [(None, 4), (1, 4), (0, 0), (2, 0), (10**30, 0)])
def test_numbers_of_another_run_that_nobody_translated_mean_nothing(party, epoch, since):
    record = left(party)
    again = Party(epoch=1)
    again.hub.rooms.restore(record)
    bob = again.guest("bob", epoch=epoch, x=4)
    (joined,) = bob.welcome.resumed
    assert (bob.welcome.epoch, joined.since) == (1, since)


def test_numbers_for_history_are_put_into_the_bounds_of_the_room():
    party = Party(Limits(recent_messages_per_room=2, history_page_messages=3))
    ana = sayings(party, 5)
    room = party.hub.rooms.named("x").name
    assert ana.ask(ReadHistory("x", 10**30, before=3)) == LookUpPage(room, 3, None, 3)
    assert ana.ask(ReadHistory("x", 1, before=10**30)).messages[0].seq == 5
    assert ana.ask(ReadHistory("x", 1, before=-(10**30))) == LookUpPage(room, 0, None, 1)
    assert ana.ask(ReadHistory("x", 1, after=-(10**30))) == LookUpPage(room, None, 0, 1)
    assert ana.ask(ReadHistory("x", 1, after=10**30)) == Page(room, (), more=False)
    assert party.guest("bob").refusal(ReadHistory("x", 1)) is Code.NOT_IN_ROOM


def test_a_search_needs_a_word_and_names_that_can_be(party):
    ana = party.guest("ana")
    for words in ("", "  ", "¿?", '"*', "👍"):
        assert ana.refusal(Search(words, 5)) is Code.NO_WORDS
    assert ana.refusal(Search("hola", 5, room="")) is Code.ROOM_EMPTY
    assert ana.refusal(Search("hola", 5, author="a b")) is Code.NAME_BAD_CHARACTER
    assert ana.ask(Search(" hola  mundo ", 10**30, "X", "ANA", 1.5, 2.5)) == LookUpSearch(
        ("hola", "mundo"), room_name("X"), user_name("ANA"), 1.5, 2.5, party.hub.limits.history_page_messages
    )


def test_one_marks_as_read_no_more_than_there_is_and_only_where_one_is(party):
    ana = sayings(party, 3)
    room = party.hub.rooms.named("x").name
    party.recorded.clear()
    for seq in (2, 10**30, -1):
        assert ana.ask(MarkRead("x", seq)) == Noted()
    assert party.recorded == [ReadMark(ana.session.name, room, seq) for seq in (2, 3, 0)]
    assert ana.ask(MarkRead("x", None)) == LookUpRead(ana.session.name, room)
    assert party.guest("bob").refusal(MarkRead("x", None)) is Code.NOT_IN_ROOM


def test_a_room_named_many_times_in_a_resume_is_entered_and_told_once():
    hub = Hub(Limits(max_rooms_per_session=3))
    (ana,) = people(hub, "ana")
    say_in(hub, ana, "aaaa", "hola")
    bob = hub.connect()
    spellings = {"aaaa"[:i] + "AAAA"[i:]: 0 for i in range(5)}
    (welcome, *_) = hub.handle(bob, Identify("bob", resume=spellings), 0)
    assert [joined.room.key for joined in welcome.answer.resumed] == ["aaaa"]


def test_a_resume_brings_a_bounded_amount_of_history_and_says_what_lacks():
    hub = Hub(Limits(resume_bytes=1_000))
    (ana,) = people(hub, "ana")
    for room in ("uno", "dos"):
        say_in(hub, ana, room, "x" * 900)
    bob = hub.connect()
    (welcome, *_) = hub.handle(bob, Identify("bob", resume={"uno": 0, "dos": 0}), 0)
    first, second = welcome.answer.resumed
    assert (len(first.history), first.complete) == (1, True)
    assert (len(second.history), second.complete) == (0, False)


def test_what_is_remembered_is_bounded_in_bytes_for_a_room_and_for_all():
    hub = Hub(Limits(recent_bytes_per_room=20_000, recent_bytes=50_000))
    (ana,) = people(hub, "ana")
    for room in range(10):
        for _ in range(20):
            say_in(hub, ana, f"r{room}", "x" * 2_000)
        assert hub.rooms.named(f"r{room}").recent_bytes <= 20_000
    assert sum(hub.rooms.named(f"r{room}").recent_bytes for room in range(10)) <= 50_000
    assert hub.rooms.named("r9").seq == 20


def test_a_newcomer_who_has_just_read_the_list_is_not_sent_it_again():
    hub = Hub()
    people(hub, "uno")
    mia = hub.connect()
    hub.handle(mia, Identify("mia", roster=True), 0)
    (roster,) = hub.take_news()
    assert roster.author is mia


def test_a_newcomer_is_not_sent_its_list_again_when_others_came_and_went_just_before():
    hub = Hub()
    uno, *_ = people(hub, "uno", "dos")
    first, last = hub.connect(), hub.connect()
    hub.disconnect(uno)
    for session, name in ((first, "mia"), (last, "noa")):
        hub.handle(session, Identify(name, roster=True), 0)
    (roster,) = hub.take_news()
    assert roster.author is last, "first has not read of last"


def test_whoever_has_read_of_one_who_is_gone_is_sent_the_list_again():
    hub = Hub()
    uno, *_ = people(hub, "uno")
    mia = hub.connect()
    hub.handle(mia, Identify("mia", roster=True), 0)
    hub.disconnect(uno)
    (roster,) = hub.take_news()
    assert roster.author is None


def people(hub, *names):
    sessions = []
    for name in names:
        session = hub.connect()
        hub.handle(session, Identify(name), 0)
        sessions.append(session)
    return sessions


def say_in(hub, session, room, text):
    hub.handle(session, Join(room), 0)
    hub.handle(session, Say(room, text), 0)


# What a room is about


def test_a_topic_is_told_to_the_members_answered_to_who_sets_it_and_read_by_who_comes_in(party):
    ana, bob, eva = party.guest("ana"), party.guest("bob"), party.guest("eva")
    for guest in (ana, bob):
        assert guest.ask(Join("Sala1")).topic is None
    ana.told.clear()
    topic = ana.ask(SetTopic("sala1", "exámenes"))
    assert topic == TopicSet(room_name("Sala1"), "exámenes", user_name("ana"), NOW)
    assert (ana.told, bob.told, eva.told) == ([], [topic], [])
    assert party.recorded == [topic]
    assert eva.ask(Join("Sala1")).topic == topic
    assert party.guest("leo", Sala1=0).welcome.resumed[0].topic == topic
    assert ana.ask(Say("Sala1", "hola")).seq == 1, "a topic is no message"


def test_an_empty_topic_removes_it(party):
    ana, bob = party.guest("ana"), party.guest("bob")
    ana.ask(Join("Sala1"))
    bob.ask(Join("Sala1"))
    ana.ask(SetTopic("Sala1", "exámenes"))
    removed = bob.ask(SetTopic("Sala1", "  "))
    assert (removed.text, removed.by.text) == ("", "bob")
    assert ana.told[-1] == party.recorded[-1] == removed
    assert party.guest("eva").ask(Join("Sala1")).topic is None


def test_the_same_topic_again_is_recorded_again_but_not_told_again(party):
    """It may be that it could not be stored the first time."""
    ana, bob = party.guest("ana"), party.guest("bob")
    for guest in (ana, bob):
        guest.ask(Join("Sala1"))
    topic = ana.ask(SetTopic("Sala1", "exámenes"))
    party.now += 5
    assert bob.ask(SetTopic("Sala1", " exámenes ")) == topic
    assert party.recorded == [topic, topic]
    assert TopicSet not in map(type, ana.told)
    ana.ask(Join("Sala2"))
    assert ana.ask(SetTopic("Sala2", "")).text == "", "there was none"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("  dos\n líneas\t\u2028 ", "dos líneas"),
        ("a\x1b[2Jb\x00c", "a␛[2Jb␀c"),
        ("x\u202ey", "x\ufffdy"),
        ("👨‍👩‍👧 ¿qué tal?", "👨‍👩‍👧 ¿qué tal?"),
        ("x" * 20, "x" * 20),
        (" " + "x" * 20 + "\n", "x" * 20),
    ],
)
def test_a_topic_is_one_harmless_line(text, topic):
    party = Party(Limits(max_topic_chars=20))
    ana = party.guest("ana")
    ana.ask(Join("Sala1"))
    assert ana.ask(SetTopic("Sala1", text)).text == topic


def test_topics_that_cannot_be_set(party):
    ana = party.guest()
    assert ana.refusal(SetTopic("Sala1", "x")) is Code.HELLO_FIRST
    ana.ask(Identify("ana"))
    assert ana.refusal(SetTopic("Sala1", "x")) is Code.NOT_IN_ROOM
    ana.ask(Join("Sala1"))
    assert ana.ask(SetTopic("Sala1", "ñ" * 301)) == Refused(Code.TOPIC_TOO_LONG, {"size": 301, "limit": 300})
    # Every visitor lives in the lobby, so nobody's words stand over it.
    assert ana.refusal(SetTopic("General", "x")) is Code.LOBBY_WITHOUT_TOPIC
    assert party.recorded == []


def test_a_later_topic_has_a_later_time_on_the_wire_whatever_the_clock_does(party):
    """So a client that is told two of them in the wrong order knows which one counts."""
    ana = party.guest("ana")
    ana.ask(Join("Sala1"))
    times = []
    for text, now in (("a", NOW), ("b", NOW), ("c", NOW + 0.0014), ("d", NOW - 9_999), ("e", NOW + 0.0045)):
        party.now = now
        times.append(round(ana.ask(SetTopic("Sala1", text)).at, 3))
    assert times == sorted(set(times))


def test_a_room_keeps_its_topic_while_nobody_is_in_it(party):
    ana = party.guest("ana")
    ana.ask(Join("mía"))
    topic = ana.ask(SetTopic("mía", "exámenes"))
    ana.ask(Leave("mía"))
    assert party.hub.rooms.knows("mía"), "though nothing was ever said in it"
    assert ana.ask(Join("mía")).topic == topic


def test_a_topic_is_restored_but_not_over_a_later_one(party):
    ana = party.guest("ana")
    ana.ask(Join("Sala1"))
    old = TopicSet(room_name("Sala1"), "viejo", user_name("ana"), NOW - 99)
    record = RoomRecord(old.room, 0, (), old)
    party.hub.rooms.restore(record)
    assert ana.ask(Join("Sala1")).topic == old
    topic = ana.ask(SetTopic("Sala1", "nuevo"))
    party.hub.rooms.restore(record)
    assert ana.ask(Join("Sala1")).topic == topic
    ana.ask(SetTopic("Sala1", ""))
    party.hub.rooms.restore(record)
    assert ana.ask(Join("Sala1")).topic is None


def test_an_audience_is_current_until_somebody_comes_or_goes():
    room = Room(RoomName("Sala1", "sala1"), permanent=True, max_recent=0)
    one, two = Session(1), Session(2)
    room.admit(one)
    first = room.audience
    assert first.is_current
    assert room.audience is first
    room.admit(two)
    second = room.audience
    assert (first.is_current, second.is_current) == (False, True)
    room.release(one)
    assert not second.is_current
    room.renew(two)
    assert [membership.present for membership in second] == [False, False]
