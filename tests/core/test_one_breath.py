"""What somebody says in one breath is as if it were said one after the other."""

from hypothesis import given
from hypothesis import strategies as st

from wassop.core.commands import Identify, Join, Say
from wassop.core.deliveries import Record, Reply, ToRoom
from wassop.core.events import Accepted
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.orders import Mute
from wassop.core.refusals import Code, Refused
from wassop.core.sayings import accepted

NOW = 1_790_000_000.0
LIMITS = Limits(
    max_text_bytes=8,
    recent_messages_per_room=3,
    recent_bytes_per_room=2_000,
    recent_bytes=2_500,
    session_nonces=2,
)

texts = st.sampled_from(["hola", "ñandú", "x" * 8, "x" * 9, "ñ" * 5, "", " ", "\n"])
sayings = st.builds(Say, st.just("Sala"), texts, st.none() | st.sampled_from("abcd"))


class Party:
    """Ana and Bob in a room; what came of what Ana said there."""

    def __init__(self):
        self.hub = Hub(LIMITS)
        self.ana, self.bob = self.hub.connect(), self.hub.connect()
        for session, name in ((self.bob, "bob"), (self.ana, "ana")):
            self.hub.handle(session, Identify(name), NOW)
            self.hub.handle(session, Join("Sala"), NOW)
        self.room = self.hub.rooms.named("Sala")
        self.answers, self.recorded, self.told = [], [], []

    def say(self, saying):
        reply, *others = self.hub.handle(self.ana, saying, NOW)
        assert isinstance(reply, Reply)
        self.answers.append(reply.answer)
        for delivery in others:
            match delivery:
                case Record(entry):
                    self.recorded.append(entry)
                case ToRoom():
                    self.note(delivery)

    def say_all(self, sayings):
        while sayings:
            spoken = self.hub.say_all(self.ana, sayings, NOW)
            if spoken is None:
                self.say(sayings[0])
                sayings = sayings[1:]
            else:
                self.answers += map(accepted, spoken.said)
                self.recorded += spoken.said
                self.note(spoken.told)
                sayings = sayings[len(spoken.said) :]

    def note(self, delivery):
        assert delivery.author is self.ana
        assert delivery.audience is delivery.room.audience
        self.told += delivery.events

    def state(self):
        room = self.room
        return self.answers, self.recorded, self.told, room.seq, room.newest(10), room.recent_bytes


@given(breaths=st.lists(st.lists(sayings, min_size=1, max_size=6), max_size=4))
def test_a_breath_is_answered_recorded_told_and_remembered_as_single_messages_are(breaths):
    one_by_one, in_breaths = Party(), Party()
    for breath in breaths:
        for saying in breath:
            one_by_one.say(saying)
        in_breaths.say_all(breath)
        assert in_breaths.state() == one_by_one.state()


def test_a_breath_of_new_messages_is_one_delivery():
    party = Party()
    spoken = party.hub.say_all(party.ana, [Say("sala", "uno", "a"), Say("Sala", "dos")], NOW)
    assert [(said.seq, said.text, said.nonce) for said in spoken.said] == [
        (1, "uno", "a"),
        (2, "dos", None),
    ]
    assert accepted(spoken.said[1]) == Accepted(party.room.name, 2, NOW, "dos")
    assert spoken.told.audience is party.room.audience


def test_a_breath_ends_before_what_is_not_simply_new():
    party = Party()
    spoken = party.hub.say_all(party.ana, [Say("Sala", "uno", "a"), Say("Sala", "uno", "a")], NOW)
    assert len(spoken.said) == 1
    assert party.hub.say_all(party.ana, [Say("Sala", "otra vez", "a")], NOW) is None
    assert party.hub.say_all(party.ana, [Say("Sala", " ")], NOW) is None


def test_who_is_not_there_has_no_name_or_has_gone_says_nothing_in_one_breath():
    party = Party()
    somebody = party.hub.connect()
    assert party.hub.say_all(somebody, [Say("Sala", "hola")], NOW) is None
    assert party.hub.say_all(party.ana, [Say("Sala1", "hola")], NOW) is None
    assert party.hub.say_all(party.ana, [Say("No hay", "hola")], NOW) is None
    party.hub.disconnect(party.ana)
    assert party.hub.say_all(party.ana, [Say("Sala", "hola")], NOW) is None


def test_where_rules_hold_each_message_is_looked_at_by_itself():
    party = Party()
    party.hub.handle(party.bob, Mute("Sala", "ana"), NOW)
    assert party.hub.say_all(party.ana, [Say("Sala", "hola")], NOW) is None
    party.say(Say("Sala", "hola"))
    assert isinstance(party.answers[0], Refused)
    assert party.answers[0].code is Code.MUTED
