"""The hub against a simple model of a chat, with a fan-out that delivers whenever it pleases."""

from collections import OrderedDict, deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from wassop.core.commands import Announce, Identify, Join, Leave, ListRooms, Ping, Quit, Say, Tell, Type, Who
from wassop.core.deliveries import Reply, ToRoom, ToSession, Vacated
from wassop.core.events import (
    Accepted,
    Bye,
    Joined,
    Left,
    Members,
    Noted,
    Pong,
    Presence,
    RoomList,
    Said,
    Told,
    Typing,
    Welcome,
)
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.refusals import Code, Refused

LIMITS = Limits(
    max_rooms_per_session=2,
    max_rooms=5,
    recent_messages_per_room=4,
    dormant_rooms=1,
    presence_merge_members=2,
)
LOBBY = "general"
# Who looks like whom: at most one of a group can be here at once.
LOOKS = {"ana": 1, "ANA": 1, "аna": 1, "bob": 2, "b0b": 2, "eva": 3, "leo": 4, "zoe": 5}
ROOMS = ["General", "x", "X", "y", "Sala1", "z", "w"]

seats = st.integers(0, 4)
names = st.sampled_from(sorted(LOOKS))
rooms = st.sampled_from(ROOMS)
seqs = st.integers(-1, 12)


class Stay:
    """What one visitor knows of a room while in it."""

    def __init__(self, joined):
        self.seq = joined.seq
        self.view = {name.key for name in joined.members}


class Visitor:
    def __init__(self, session):
        self.session = session
        self.name = None
        self.stays = {}
        self.announced = deque()  # what was said to all and is to arrive outside of the lobby
        self.told = []

    @property
    def key(self):
        return self.name.casefold()


class ModelRoom:
    def __init__(self, permanent=False):
        self.permanent = permanent
        self.members = []
        self.log = []
        self.nonces = {}

    def after(self, since):
        """Numbers of the messages that somebody gets who saw `since`, and whether these are all."""
        last = len(self.log)
        oldest = max(0, last - LIMITS.recent_messages_per_room)
        if since > last:
            return list(range(oldest + 1, last + 1)), False
        return list(range(max(oldest, since) + 1, last + 1)), since >= oldest


class ChatMachine(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.hub = Hub(LIMITS, permanent=("Sala1",))
        self.now = 1_000.0
        self.seats = {}
        self.rooms = OrderedDict({LOBBY: ModelRoom(permanent=True), "sala1": ModelRoom(permanent=True)})
        self.dormant = OrderedDict()
        self.present = []  # named visitors in the order in which they came
        self.queues = {}
        for seat, name in enumerate(["leo", "ana", "zoe"]):
            self.identify(seat, name, lobby=name != "zoe", resume={})

    # The server's part

    def visitor(self, seat):
        if seat not in self.seats:
            self.seats[seat] = Visitor(self.hub.connect())
        return self.seats[seat]

    def ask(self, visitor, command):
        """What `visitor` is answered; what others are told waits in the queues of the rooms."""
        self.now += 1
        reply, *others = self.hub.handle(visitor.session, command, self.now)
        assert isinstance(reply, Reply)
        return reply.answer, others

    def hand_over(self, deliveries):
        vacated = []
        for delivery in deliveries:
            match delivery:
                case ToRoom(room=room):
                    self.queues.setdefault(room, deque()).append(delivery)
                case ToSession(session, event):
                    self.of_session(session).told.append(event)
                case Vacated(room):
                    vacated.append(room.name.key)
                case Reply():
                    raise AssertionError("only one answer")
        return vacated

    def of_session(self, session):
        return next(visitor for visitor in self.seats.values() if visitor.session is session)

    def deliver_next(self, room):
        delivery = self.queues[room].popleft()
        for membership in delivery.audience:
            if membership.present:
                self.receive(self.of_session(membership.session), delivery.event)

    def receive(self, visitor, event):
        key = event.room.key
        stay = visitor.stays.get(key)
        match event:
            case Said(seq=seq):
                self.check_said(key, event)
                if stay is None:
                    assert event.to_all
                    assert visitor.announced.popleft() == seq
                else:
                    assert seq == stay.seq + 1
                    stay.seq = seq
            case Presence():
                assert stay is not None
                stay.view |= {name.key for name in event.joined}
                stay.view -= {name.key for name in (*event.left, *event.gone)}
            case Typing():
                assert stay is not None

    def check_said(self, key, said):
        assert (said.author.text, said.text, said.at, said.to_all) == self.rooms[key].log[said.seq - 1]

    # What visitors do

    @rule(seat=seats, name=names, lobby=st.booleans(), resume=st.dictionaries(rooms, seqs, max_size=3))
    def identify(self, seat, name, lobby, resume):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Identify(name, lobby, resume))
        if visitor.name is not None:
            assert answer.code is Code.ALREADY_NAMED
            assert not others
            return
        if LOOKS[name] in {LOOKS[other.name] for other in self.present}:
            assert answer.code is Code.NAME_TAKEN
            assert not others
            return
        assert isinstance(answer, Welcome)
        assert answer.name.text == name
        visitor.name = name
        self.present.append(visitor)
        if lobby:
            self.rooms[LOBBY].members.append(visitor)
            # Nothing was read yet, so the room is taken from the next answer or begins here.
            visitor.stays[LOBBY] = Stay(Joined(answer.lobby, len(self.rooms[LOBBY].log), (), ()))
            visitor.stays[LOBBY].view = {member.key for member in self.rooms[LOBBY].members}
        resumed = list(answer.resumed)
        spellings = {room.lower(): room for room in reversed(resume)}
        for room, since in resume.items():
            if spellings[room.lower()] == room and self.may_enter(visitor, room) is None:
                self.enter(visitor, Join(room, since=since), resumed.pop(0))
        assert not resumed
        assert self.hand_over(others) == []

    @rule(seat=seats, room=rooms, history=st.integers(-1, 6), since=st.none() | seqs)
    def join(self, seat, room, history, since):
        visitor = self.visitor(seat)
        command = Join(room, history, since)
        answer, others = self.ask(visitor, command)
        code = Code.HELLO_FIRST if visitor.name is None else self.may_enter(visitor, room)
        if code is not None:
            assert answer.code is code
            assert not others
            return
        self.enter(visitor, command, answer)
        assert self.hand_over(others) == []

    @rule(seat=seats, room=rooms)
    def come_back(self, seat, room):
        """Leave and join again with the last number seen: what was queued is read, and only once."""
        visitor = self.visitor(seat)
        stay = visitor.stays.get(room.casefold())
        if stay is not None and room.casefold() != LOBBY:
            self.leave(seat, room)
            self.join(seat, room, 0, stay.seq)

    def may_enter(self, visitor, room):
        key = room.casefold()
        if key in visitor.stays:
            return None
        if key != LOBBY and len(visitor.stays.keys() - {LOBBY}) >= LIMITS.max_rooms_per_session:
            return Code.TOO_MANY_ROOMS
        if key not in self.rooms and len(self.rooms) >= LIMITS.max_rooms:
            return Code.SERVER_FULL_OF_ROOMS
        return None

    def enter(self, visitor, command, joined):
        assert isinstance(joined, Joined)
        key = command.room.casefold()
        if key not in self.rooms:
            self.rooms[key] = self.dormant.pop(key, None) or ModelRoom()
        room = self.rooms[key]
        if visitor not in room.members:
            room.members.append(visitor)
        assert joined.room.key == key
        assert joined.seq == len(room.log)
        assert [name.text for name in joined.members] == [member.name for member in room.members]
        if command.since is None:
            wanted = max(0, min(command.history, LIMITS.recent_messages_per_room, len(room.log)))
            expected, complete = list(range(len(room.log) - wanted + 1, len(room.log) + 1)), True
        else:
            expected, complete = room.after(command.since)
        assert [said.seq for said in joined.history] == expected
        assert joined.complete == complete
        for said in joined.history:
            self.check_said(key, said)
        if key in visitor.stays:
            visitor.stays[key].view = {name.key for name in joined.members}
        else:
            visitor.stays[key] = Stay(joined)
            if key == LOBBY:  # what is still queued is history now, and is not told again
                visitor.announced.clear()

    @rule(seat=seats, room=rooms)
    def leave(self, seat, room):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Leave(room))
        key = room.casefold()
        if visitor.name is None:
            assert answer.code is Code.HELLO_FIRST
        elif key not in visitor.stays:
            assert answer.code is Code.NOT_IN_ROOM
        elif key == LOBBY:
            assert answer.code is Code.LOBBY_STAYS
        else:
            assert isinstance(answer, Left)
            assert self.hand_over(others) == self.depart(visitor, key)
            return
        assert not others

    def depart(self, visitor, key):
        """The rooms that become empty and go off the list."""
        del visitor.stays[key]
        room = self.rooms[key]
        room.members.remove(visitor)
        if room.members or room.permanent:
            return []
        del self.rooms[key]
        if room.log:
            self.dormant[key] = room
        if len(self.dormant) > LIMITS.dormant_rooms:
            self.dormant.popitem(last=False)
        return [key]

    @rule(seat=seats, room=rooms, nonce=st.none() | st.sampled_from("ab"))
    def say(self, seat, room, nonce):
        visitor = self.visitor(seat)
        key = room.casefold()
        text = f"said at {self.now}"
        answer, others = self.ask(visitor, Say(room, text, nonce))
        if visitor.name is None:
            assert answer.code is Code.HELLO_FIRST
            assert not others
        elif key not in visitor.stays:
            assert answer.code is Code.NOT_IN_ROOM
            assert not others
        else:
            self.posted(visitor, key, text, nonce, False, answer, others)

    @rule(seat=seats, nonce=st.none() | st.sampled_from("ab"))
    def announce(self, seat, nonce):
        visitor = self.visitor(seat)
        text = f"announced at {self.now}"
        answer, others = self.ask(visitor, Announce(text, nonce))
        if visitor.name is None:
            assert answer.code is Code.HELLO_FIRST
            assert not others
        else:
            self.posted(visitor, LOBBY, text, nonce, True, answer, others)

    def posted(self, visitor, key, text, nonce, to_all, answer, others):
        assert isinstance(answer, Accepted)
        room = self.rooms[key]
        before = room.nonces.get((visitor.key, nonce)) if nonce is not None else None
        if before is not None and before > len(room.log) - LIMITS.recent_messages_per_room:
            assert (answer.seq, answer.text, answer.at, answer.to_all) == (before, *room.log[before - 1][1:])
            assert not others
            return
        room.log.append((visitor.name, text, self.now, to_all))
        room.nonces[visitor.key, nonce] = len(room.log)
        assert (answer.seq, answer.text, answer.at) == (len(room.log), text, self.now)
        assert answer.to_all == to_all
        (delivery,) = others
        hearers = self.present if to_all else room.members
        assert [membership.session for membership in delivery.audience] == [
            hearer.session for hearer in hearers
        ]
        assert delivery.author is visitor.session
        for hearer in hearers:
            if key not in hearer.stays:
                hearer.announced.append(len(room.log))
        self.hand_over(others)

    @rule(seat=seats, to=names)
    def tell(self, seat, to):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Tell(to, "psst"))
        found = [other for other in self.present if other.key == to.casefold()]
        if visitor.name is None:
            assert answer.code is Code.HELLO_FIRST
        elif not found:
            assert answer.code is Code.NO_SUCH_USER
        else:
            assert answer.to.text == found[0].name
            self.hand_over(others)
            told = found[0].told.pop()
            assert isinstance(told, Told)
            assert (told.author.text, told.to.text) == (visitor.name, found[0].name)
        assert all(not other.told for other in self.seats.values())

    @rule(seat=seats, room=rooms)
    def type(self, seat, room):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Type(room))
        if room.casefold() in visitor.stays:
            assert answer == Noted()
            self.hand_over(others)
        else:
            assert isinstance(answer, Refused)
            assert not others

    @rule(seat=seats, room=st.none() | rooms)
    def look_around(self, seat, room):
        visitor = self.visitor(seat)
        assert self.ask(visitor, Ping()) == (Pong(), [])
        (listed, _), (who, _) = self.ask(visitor, ListRooms()), self.ask(visitor, Who(room))
        if visitor.name is None:
            assert listed.code is who.code is Code.HELLO_FIRST
            return
        assert isinstance(listed, RoomList)
        assert [(info.room.key, info.count, info.is_lobby) for info in listed.rooms] == [
            (key, len(listed_room.members), key == LOBBY) for key, listed_room in self.rooms.items()
        ]
        if room is not None and room.casefold() not in self.rooms:
            assert who.code is Code.NO_SUCH_ROOM
            return
        assert isinstance(who, Members)
        expected = self.present if room is None else self.rooms[room.casefold()].members
        assert [name.text for name in who.names] == [member.name for member in expected]

    @rule(seat=seats, politely=st.booleans(), again=names)
    def go(self, seat, politely, again):
        visitor = self.visitor(seat)
        if politely:
            answer, others = self.ask(visitor, Quit())
            assert isinstance(answer, Bye)
            assert not others
        vacated = self.hand_over(self.hub.disconnect(visitor.session))
        keys = [key for key in visitor.stays if key != LOBBY] + [key for key in visitor.stays if key == LOBBY]
        assert vacated == [gone for key in keys for gone in self.depart(visitor, key)]
        if visitor.name is not None:
            self.present.remove(visitor)
        assert self.hub.disconnect(visitor.session) == []
        # What was still on its way in from somebody who is gone takes no name and no place.
        answer, others = self.ask(visitor, Identify(again))
        assert isinstance(answer, Bye)
        assert not others
        del self.seats[seat]

    # What the server does when it gets around to it

    @rule(which=st.integers(0, 10), many=st.integers(1, 4))
    def fan_out(self, which, many):
        waiting = [room for room, queue in self.queues.items() if queue]
        if waiting:
            room = waiting[which % len(waiting)]
            for _ in range(min(many, len(self.queues[room]))):
                self.deliver_next(room)

    @rule()
    def tell_news(self):
        self.hand_over(self.hub.take_news())
        assert not self.hub.has_news

    @rule()
    def settle(self):
        """When nothing is on its way any more, everybody knows all there is to know."""
        self.tell_news()
        for room, queue in self.queues.items():
            while queue:
                self.deliver_next(room)
        for visitor in self.seats.values():
            assert not visitor.announced
            for key, stay in visitor.stays.items():
                assert stay.seq == len(self.rooms[key].log)
                assert stay.view == {member.key for member in self.rooms[key].members}
        assert self.hub.sessions == {visitor.session for visitor in self.seats.values()}

    def teardown(self):
        if hasattr(self, "hub"):
            self.settle()


TestChat = ChatMachine.TestCase
TestChat.settings = settings(deadline=None, max_examples=120, stateful_step_count=50)
