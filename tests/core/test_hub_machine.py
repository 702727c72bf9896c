"""The hub against a simple model of a chat, with a fan-out that delivers and a journal that commits whenever
they please, and a server that is killed and started again."""

from collections import OrderedDict, deque

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

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
    SetTopic,
    Tell,
    Type,
    Who,
)
from wassop.core.deliveries import Record, Reply, ToRoom, ToSession, Vacated
from wassop.core.events import (
    Accepted,
    Bye,
    Joined,
    Left,
    LookUpPage,
    LookUpRead,
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
from wassop.core.names import room_name, user_name
from wassop.core.records import ReadMark, RoomRecord, Stored
from wassop.core.refusals import Code, Refused

LIMITS = Limits(
    max_rooms_per_session=2,
    max_rooms=5,
    recent_messages_per_room=4,
    dormant_rooms=1,
    presence_merge_members=2,
    history_page_messages=3,
    private_nonces=2,
    session_nonces=2,
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
        self.first = joined.seq
        self.topic = joined.topic  # with the greatest time that was told
        self.seen = []  # number and time of all that was read after `first`, over all connections and runs

    def learn(self, topic):
        if topic is not None and (self.topic is None or topic.at > self.topic.at):
            self.topic = topic


class Visitor:
    def __init__(self, session):
        self.session = session
        self.name = None
        self.stays = {}
        self.announced = deque()  # what was said to all and is to arrive outside of the lobby
        self.told = []
        self.said = OrderedDict()  # numbers of its own newest messages by room and nonce
        self.stored = {}  # and of those that were on record when it came back

    @property
    def key(self):
        return self.name.casefold()


class ModelRoom:
    def __init__(self, permanent=False):
        self.permanent = permanent
        self.name = None
        self.members = []
        self.log = []
        self.nonces = {}
        self.committed = []  # what of the log is on record, and in which run it was said
        self.topic = self.committed_topic = None

    @property
    def shown_topic(self):
        return self.topic if self.topic is not None and self.topic.text else None

    @property
    def is_remembered(self):
        return bool(self.log) or self.topic is not None

    def forget_what_is_not_on_record(self):
        self.members = []
        del self.log[len(self.committed) :]
        self.topic = self.committed_topic
        self.nonces = {key: seq for key, seq in self.nonces.items() if seq <= len(self.log)}

    def known_up_to(self, epoch, seq):
        """See `Archive.known_up_to`, which is held to the same."""
        return max(
            (n for n, (_, said) in enumerate(self.committed, 1) if n <= seq and said <= epoch), default=0
        )

    def after(self, since):
        """Numbers of the messages that somebody gets who saw `since`, and whether these are all."""
        last = len(self.log)
        oldest = max(0, last - LIMITS.recent_messages_per_room)
        return list(range(max(oldest, since) + 1, last + 1)), since >= oldest


class ChatMachine(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.hub = Hub(LIMITS, permanent=("Sala1",), epoch=1)
        self.now = 1_000.0
        self.waiting = deque()  # for the disk
        self.memory = {}  # by name: in which run somebody was last here, and what was read in which room
        self.seats = {}
        self.rooms = OrderedDict({LOBBY: ModelRoom(permanent=True), "sala1": ModelRoom(permanent=True)})
        self.asleep = {}
        self.private_nonces = deque(maxlen=LIMITS.private_nonces)
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
        command = self.prepare(visitor, command)
        reply, *others = self.hub.handle(visitor.session, command, self.now)
        assert isinstance(reply, Reply)
        assert not any(isinstance(delivery, Record) for delivery in others[1:]), "a record comes first"
        return reply.answer, others

    def prepare(self, visitor, command):
        """Tell the hub what is on record of rooms that it does not know and of what the visitor said there,
        as the server does."""
        for room in {Join: lambda: [command.room], Identify: lambda: command.resume}.get(
            type(command), list
        )():
            if not self.hub.rooms.knows(room):
                self.commit(len(self.waiting))
                self.restore(room.casefold())
        match command:
            case Identify(name=name, resume=resume) if resume:
                return evolve(command, stored=self.own(name, resume))
            case Join(room=room, since=int()) if visitor.name is not None:
                return evolve(command, stored=self.own(visitor.name, [room]))
        return command

    def own(self, author, rooms):
        """What is on record that somebody said by names of its own."""
        self.commit(len(self.waiting))
        return tuple(
            Stored(key, said.nonce, said.seq, said.at, said.to_all)
            for key in {room.casefold() for room in rooms} & (self.rooms.keys() | self.asleep.keys())
            for said in self.on_record(key)
            if said.nonce is not None and said.author.key == author.casefold()
        )

    def recall(self, visitor, rooms):
        """The hub has been told so."""
        for each in reversed(self.own(visitor.name, rooms)):
            visitor.stored[each.room_key, each.nonce] = each.seq

    def restore(self, key):
        room = self.asleep.get(key) or self.rooms.get(key)
        if room is not None and room.is_remembered:
            recent = self.on_record(key)[-LIMITS.recent_messages_per_room :]
            self.hub.rooms.restore(RoomRecord(room_name(room.name), len(room.log), recent, room.topic))

    def on_record(self, key):
        room = self.asleep.get(key) or self.rooms[key]
        return tuple(said for said, _ in room.committed)

    def commit(self, many):
        for _ in range(many):
            entry = self.waiting.popleft()
            if isinstance(entry, Said):
                key = entry.room.key
                room = self.asleep.get(key) or self.rooms[key]
                if entry.seq <= len(room.committed):  # said again
                    before, _ = room.committed[entry.seq - 1]
                    assert (before.author.key, before.text, before.at) == (
                        entry.author.key,
                        entry.text,
                        entry.at,
                    )
                else:
                    assert entry.seq == len(room.committed) + 1
                    room.committed.append((entry, self.hub.epoch))
            elif isinstance(entry, TopicSet):
                room = self.asleep.get(entry.room.key) or self.rooms.get(entry.room.key)
                if room is not None:  # else one that never had a topic was made to have none
                    room.committed_topic = entry

    def hand_over(self, deliveries):
        vacated = []
        for delivery in deliveries:
            match delivery:
                case Record(entry):
                    self.waiting.append(entry)
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
                for event in delivery.events:
                    self.receive(self.of_session(membership.session), event)

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
                    stay.seen.append((seq, event.at))
            case Presence():
                assert stay is not None
                stay.view |= {name.key for name in event.joined}
                stay.view -= {name.key for name in (*event.left, *event.gone)}
            case Typing():
                assert stay is not None
            case TopicSet():
                assert stay is not None
                stay.learn(event)

    def check_said(self, key, said):
        assert (said.author.text, said.text, said.at, said.to_all) == self.rooms[key].log[said.seq - 1]

    # What visitors do

    @rule(seat=seats, name=names, lobby=st.booleans(), resume=st.dictionaries(rooms, seqs, max_size=3))
    def identify(self, seat, name, lobby, resume, old=None):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Identify(name, lobby, resume, self.hub.epoch))
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
        self.recall(visitor, resume)
        self.present.append(visitor)
        self.memory.pop(name, None)
        if lobby:
            self.rooms[LOBBY].members.append(visitor)
            # Nothing was read yet, so the room is taken from the next answer or begins here.
            visitor.stays[LOBBY] = Stay(Joined(answer.lobby, len(self.rooms[LOBBY].log), (), ()))
            visitor.stays[LOBBY].view = {member.key for member in self.rooms[LOBBY].members}
        resumed = list(answer.resumed)
        spellings = {room.lower(): room for room in reversed(resume)}
        for room, since in resume.items():
            if spellings[room.lower()] == room and self.may_enter(visitor, room) is None:
                joined = resumed.pop(0)
                self.enter(visitor, Join(room, since=since), joined)
                if old is not None:
                    self.read_on(visitor, visitor.stays[room], old[room], joined)
        assert not resumed
        assert answer.epoch == self.hub.epoch
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
        self.recall(visitor, [room] if since is not None else [])
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
            self.rooms[key] = self.asleep.pop(key, None) or ModelRoom()
        room = self.rooms[key]
        room.name = room.name or joined.room.text
        if visitor not in room.members:
            room.members.append(visitor)
        assert joined.room.key == key
        assert joined.seq == len(room.log)
        assert [name.text for name in joined.members] == [member.name for member in room.members]
        if command.since is None:
            wanted = max(0, min(command.history, LIMITS.recent_messages_per_room, len(room.log)))
            expected, complete = list(range(len(room.log) - wanted + 1, len(room.log) + 1)), True
        else:
            known = command.since if 0 <= command.since <= len(room.log) else 0
            assert joined.since == known
            expected, complete = room.after(known)
        assert [said.seq for said in joined.history] == expected
        assert joined.complete == complete
        assert joined.topic == room.shown_topic
        for said in joined.history:
            self.check_said(key, said)
        if key in visitor.stays:
            visitor.stays[key].view = {name.key for name in joined.members}
            visitor.stays[key].learn(joined.topic)
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
        if room.is_remembered:
            self.asleep[key] = room
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
        before = visitor.said.get((key, nonce))
        if before is None and (key, nonce) in visitor.stored:
            before = visitor.stored[key, nonce]
            _, _, at, was_to_all = room.log[before - 1]
            assert (answer.seq, answer.text, answer.at, answer.to_all) == (before, text, at, was_to_all)
            assert not others, "it is on record already"
            return
        recent = range(len(room.log) - LIMITS.recent_messages_per_room + 1, len(room.log) + 1)
        if before is None and nonce is not None and room.nonces.get((visitor.key, nonce)) in recent:
            before = room.nonces[visitor.key, nonce]
        if before is not None:
            assert (answer.seq, answer.text, answer.at, answer.to_all) == (before, *room.log[before - 1][1:])
            (record,) = others  # perhaps it could not be stored the first time
            assert (record.entry.seq, record.entry.at) == (answer.seq, answer.at)
            self.hand_over(others)
            return
        room.log.append((visitor.name, text, self.now, to_all))
        room.nonces[visitor.key, nonce] = len(room.log)
        if nonce is not None:
            visitor.said[key, nonce] = len(room.log)
            if len(visitor.said) > LIMITS.session_nonces:
                visitor.said.popitem(last=False)
        assert (answer.seq, answer.text, answer.at) == (len(room.log), text, self.now)
        assert answer.to_all == to_all
        record, delivery = others
        assert (record.entry,) == delivery.events
        hearers = self.present if to_all else room.members
        assert [membership.session for membership in delivery.audience] == [
            hearer.session for hearer in hearers
        ]
        assert delivery.author is visitor.session
        for hearer in hearers:
            if key not in hearer.stays:
                hearer.announced.append(len(room.log))
        self.hand_over(others)

    @rule(seat=seats, to=names, nonce=st.none() | st.sampled_from("abc"))
    def tell(self, seat, to, nonce):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, Tell(to, "psst", nonce))
        found = [other for other in self.present if other.key == to.casefold()]
        if visitor.name is None:
            assert answer.code is Code.HELLO_FIRST
        elif not found:
            assert answer.code is Code.NO_SUCH_USER
        else:
            assert answer.to.text == found[0].name
            self.hand_over(others)
            told = others[0].entry
            assert isinstance(told, Told)
            assert (told.author.text, told.to.text) == (visitor.name, found[0].name)
            is_new = nonce is None or (visitor.key, nonce) not in self.private_nonces
            assert found[0].told == ([told] if is_new else [])
            found[0].told.clear()
            if nonce is not None and is_new:
                self.private_nonces.append((visitor.key, nonce))
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

    @rule(seat=seats, room=rooms, text=st.sampled_from(["", "uno", "dos"]))
    def set_topic(self, seat, room, text):
        visitor = self.visitor(seat)
        key = room.casefold()
        answer, others = self.ask(visitor, SetTopic(room, text))
        if visitor.name is None or key not in visitor.stays or key == LOBBY:
            assert isinstance(answer, Refused)
            assert not others
            return
        assert isinstance(answer, TopicSet)
        room = self.rooms[key]
        before = room.shown_topic.text if room.shown_topic else ""
        record, *told = others
        assert answer.text == text
        assert record.entry == answer
        assert bool(told) == (text != before)
        if told:
            assert answer.by.text == visitor.name
            assert answer.at > (room.topic.at if room.topic else 0)
            assert told[0].events == (answer,)
            assert told[0].author is visitor.session
            room.topic = answer
            visitor.stays[key].learn(answer)
        self.hand_over(others)

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
        self.remember(visitor)
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

    # Reading the record

    @rule(seat=seats, room=rooms, before=st.none() | seqs, after=st.none() | seqs, limit=st.integers(-1, 5))
    def read_history(self, seat, room, before, after, limit):
        visitor = self.visitor(seat)
        key = room.casefold()
        page, others = self.ask(visitor, ReadHistory(room, limit, before, after))
        assert not others
        if key not in visitor.stays:
            assert isinstance(page, Refused)
            return
        last = len(self.rooms[key].log)
        limit = max(0, min(limit, LIMITS.history_page_messages))
        if after is not None:
            wanted = list(range(max(0, after) + 1, last + 1))
            expected = wanted[:limit]
        else:
            wanted = list(range(1, last + 1 if before is None else max(1, min(before, last + 1))))
            expected = wanted[len(wanted) - min(limit, len(wanted)) :]
        if isinstance(page, LookUpPage):
            assert last > LIMITS.recent_messages_per_room, "all is remembered"
            assert page.limit == limit
            return
        assert isinstance(page, Page)
        assert [said.seq for said in page.messages] == expected
        assert page.more == (len(wanted) > len(expected))
        for said in page.messages:
            self.check_said(key, said)

    @rule(seat=seats, room=rooms, seq=st.none() | seqs)
    def mark_read(self, seat, room, seq):
        visitor = self.visitor(seat)
        answer, others = self.ask(visitor, MarkRead(room, seq))
        if room.casefold() not in visitor.stays:
            assert isinstance(answer, Refused)
            assert not others
        elif seq is None:
            assert isinstance(answer, LookUpRead)
            assert not others
        else:
            assert answer == Noted()
            (record,) = others
            last = len(self.rooms[room.casefold()].log)
            assert record.entry == ReadMark(
                user_name(visitor.name), record.entry.room, max(0, min(seq, last))
            )
            self.hand_over(others)

    # Losing the connection, and the server

    def remember(self, visitor):
        if visitor.name is not None:
            self.memory[visitor.name] = (self.hub.epoch, dict(visitor.stays))

    @rule(many=st.integers(1, 5))
    def commit_some(self, many):
        self.commit(min(many, len(self.waiting)))

    @rule(seldom=st.integers(0, 2), in_time=st.integers(0, 9), back=st.sets(names), lobby=st.booleans())
    def kill_the_server(self, seldom, in_time, back, lobby):
        """What is not on record is lost; the numbers go on behind what is. Some come back at once."""
        if seldom:
            return
        self.commit(min(in_time, len(self.waiting)))
        for visitor in self.seats.values():
            self.remember(visitor)
        self.seats.clear()
        self.present.clear()
        self.queues.clear()
        self.waiting.clear()
        self.private_nonces.clear()  # this model keeps none
        for room in [*self.rooms.values(), *self.asleep.values()]:
            room.forget_what_is_not_on_record()
        self.asleep |= {key: room for key, room in self.rooms.items() if not room.permanent}
        self.asleep = {key: room for key, room in self.asleep.items() if room.is_remembered}
        self.rooms = OrderedDict((key, room) for key, room in self.rooms.items() if room.permanent)
        self.hub = Hub(LIMITS, permanent=("Sala1",), epoch=self.hub.epoch + 1)
        for room in self.hub.rooms:
            self.rooms[room.name.key].name = room.name.text
            self.restore(room.name.key)
            assert room.seq == len(self.rooms[room.name.key].log)
        for seat, name in enumerate(sorted(back & self.memory.keys())[:5]):
            self.resume(seat, name, lobby)

    @rule(seat=seats, room=rooms, texts=st.integers(2, 5))
    def talk(self, seat, room, texts):
        if room.casefold() in self.visitor(seat).stays:
            for _ in range(texts):
                self.say(seat, room, None)

    @rule(seat=seats, name=names, lobby=st.booleans())
    def resume(self, seat, name, lobby):
        """Come back into all rooms, in whichever run of the server, and read on where one had stopped."""
        visitor = self.visitor(seat)
        if name not in self.memory or visitor.name is not None:
            return
        epoch, stays = self.memory[name]
        resume = {key: stay.seq for key, stay in stays.items()}
        if epoch != self.hub.epoch:
            for key in resume:
                room = self.asleep.get(key) or self.rooms.get(key)
                resume[key] = room.known_up_to(epoch, resume[key]) if room else 0
        self.identify(seat, name, lobby, resume, stays)

    def read_on(self, visitor, stay, old, joined):
        """Read the gap, page by page if it is large; what was seen beyond its beginning was lost."""
        room = self.rooms[joined.room.key]
        times = {at for _, _, at, _ in room.log}
        stay.seen = [(seq, at) for seq, at in old.seen if seq <= joined.since]
        assert not [at for seq, at in old.seen if seq > joined.since and at in times]
        stay.first = min(old.first, joined.since)
        gap = joined.history
        if not joined.complete:
            gap, more = (), True
            while more:
                after = gap[-1].seq if gap else joined.since
                page, _ = self.ask(visitor, ReadHistory(joined.room.text, 3, after=after))
                if isinstance(page, LookUpPage):
                    self.commit(len(self.waiting))
                    rest = self.on_record(joined.room.key)[page.after :]
                    page = Page(joined.room, rest[: page.limit], len(rest) > page.limit)
                gap, more = gap + page.messages, page.more
        stay.seen += [(said.seq, said.at) for said in gap]
        stay.seq = joined.seq

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
                topic = self.rooms[key].shown_topic
                assert (stay.topic.text if stay.topic else "") == (topic.text if topic else "")
                # Everything once and in order, whatever was lost, killed and resumed on the way.
                log = [(seq, at) for seq, (_, _, at, _) in enumerate(self.rooms[key].log, 1)]
                assert stay.seen == log[stay.first :]
        assert self.hub.sessions == {visitor.session for visitor in self.seats.values()}

    def teardown(self):
        if hasattr(self, "hub"):
            self.settle()


TestChat = ChatMachine.TestCase
TestChat.settings = settings(deadline=None, max_examples=150, stateful_step_count=50)


whos = st.integers(0, 2)
steps = st.one_of(
    st.tuples(st.just("say"), whos, st.none() | st.sampled_from("ab")),
    st.tuples(st.just("say"), whos, st.none()),
    st.tuples(st.just("tell"), st.integers(1, 6)),
    st.tuples(st.just("commit"), st.integers(1, 6)),
    st.tuples(st.just("drop"), whos),
    st.tuples(st.just("resume"), whos),
    st.tuples(st.just("resume"), whos),
    st.tuples(st.just("kill"), st.integers(0, 3)),
)


@settings(max_examples=400)
@given(room=st.sampled_from(["x", "Sala1", "General"]), script=st.lists(steps, min_size=10, max_size=60))
def test_who_comes_back_to_a_server_that_was_killed_reads_everything_once(room, script):
    """The same, with three people who do little else than talk, go, and come back."""
    machine = ChatMachine()
    machine.open()
    people = ("leo", "ana", "zoe")
    for seat in range(3):
        machine.join(seat, room, 0, None)
    for step in script:
        match step:
            case ("say", who, nonce):
                machine.say(who, room, nonce)
            case ("tell", many):
                machine.fan_out(0, many)
            case ("commit", many):
                machine.commit_some(many)
            case ("drop", who):
                machine.go(who, False, people[who])
            case ("resume", who):
                machine.resume(who, people[who], False)
            case ("kill", in_time):
                machine.kill_the_server(0, in_time, set(), False)
    for seat, name in enumerate(people):
        machine.resume(seat, name, False)
    machine.settle()
    for seat in range(3):
        assert machine.seats[seat].stays.keys() >= {room.casefold()}
