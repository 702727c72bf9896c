"""Several sessions of several accounts, coming and going at will: lists, counts and notices stay true."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.core.test_accounts import SECRET, Party
from wassop.core.commands import Identify, Join, Leave, ListRooms, Login, Logout, ManageAccount, Who
from wassop.core.events import Presence

ROOMS = ("Sala1", "Sala2", "otra")
seats = st.integers(0, 5)
accounts = st.sampled_from(["ana", "bob"])


class Twins(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.party = Party()
        self.operator = self.party.person(is_operator=True)
        for name in ("ana", "bob"):
            self.operator.ask(ManageAccount("add", name, SECRET))
        # Knows who is where only from what it was told.
        self.watcher = self.party.person("vigía", *ROOMS, lobby=True)
        self.known = {room: {"vigía"} for room in (*ROOMS, "General")}
        self.seats = {}

    @rule(seat=seats, account=accounts | st.none(), lobby=st.booleans())
    def come(self, seat, account, lobby):
        if seat not in self.seats:
            name = account or f"guest{seat}"
            self.seats[seat] = self.party.person(name, password=account and SECRET, lobby=lobby)

    @rule(seat=seats, room=st.sampled_from(ROOMS))
    def join(self, seat, room):
        if seat in self.seats:
            self.seats[seat].ask(Join(room))

    @rule(seat=seats, room=st.sampled_from(ROOMS))
    def leave(self, seat, room):
        if seat in self.seats:
            self.seats[seat].ask(Leave(room))

    @rule(seat=seats, account=accounts)
    def become(self, seat, account):
        if seat in self.seats:
            self.seats[seat].ask(Login(account, SECRET))

    @rule(seat=seats)
    def log_out(self, seat):
        if seat in self.seats:
            self.seats[seat].ask(Logout())

    @rule(seat=seats, lobby=st.booleans())
    def come_as_a_guest_after_that(self, seat, lobby):
        if seat in self.seats:
            self.seats[seat].ask(Identify(f"guest{seat}", lobby))

    @rule(seat=seats)
    def go(self, seat):
        if seat in self.seats:
            self.seats.pop(seat).go()

    @rule(account=accounts)
    def remove_and_add(self, account):
        self.operator.ask(ManageAccount("remove", account))
        self.operator.ask(ManageAccount("add", account, SECRET))
        self.seats = {seat: each for seat, each in self.seats.items() if each.farewell is None}

    @invariant()
    def lists_counts_and_notices_are_true(self):
        hub = self.party.hub
        here = {"vigía": self.watcher, **self.seats}
        for event in self.watcher.heard():
            if isinstance(event, Presence):
                known = self.known[event.room.text]
                known.difference_update(name.text for name in (*event.left, *event.gone))
                assert known.isdisjoint(name.text for name in event.joined), "told twice"
                known.update(name.text for name in event.joined)
        for room in hub.rooms:
            names = {str(each.session.name) for each in here.values() if each.session in room}
            listed = [name.text for name in room.names]
            assert (set(listed), len(listed), room.count) == (names, len(names), len(names))
            assert self.known[room.name.text] == names
        connected = [name.text for name in self.watcher.ask(Who()).names]
        names = {str(each.session.name) for each in here.values() if each.session.name is not None}
        assert (set(connected), len(connected)) == (names, len(names))
        counts = {info.room.text: info.count for info in self.watcher.ask(ListRooms()).rooms}
        assert counts == {room.name.text: room.count for room in hub.rooms}


Twins.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestTwins = Twins.TestCase
