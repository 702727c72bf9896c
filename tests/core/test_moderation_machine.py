"""Whatever is ordered in whatever order: nobody acts on somebody higher, nobody makes anybody more than they
are themselves, and who may not speak or come in is not heard and not there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.moderators import House
from wassop.core.accounts import ServerRole
from wassop.core.commands import Join, Leave, Say
from wassop.core.modes import ModeChanges
from wassop.core.orders import Ban, GiveRole, Invite, Kick, Mute, SetModes, Unban, Unmute
from wassop.core.permissions import standing_in
from wassop.core.refusals import Refused
from wassop.core.restrictions import By, Kind
from wassop.core.roles import Role, Standing

ROOM = "Aula"
# Two guests, two accounts, two who keep order on the server; b0b looks like bob.
PEOPLE = {
    "ana": None,
    "bob": None,
    "eva": ServerRole.USER,
    "leo": ServerRole.USER,
    "mod": ServerRole.MODERATOR,
    "adm": ServerRole.ADMIN,
}
ADDRESSES = {name: f"10.0.0.{number}" for number, name in enumerate(PEOPLE, 1)}
names = st.sampled_from([*PEOPLE, *PEOPLE, "b0b"])
lengths = st.sampled_from([None, 5.0, 60.0])
targets = st.tuples(st.just(By.NAME), names) | st.tuples(st.just(By.ACCOUNT), names)
targets |= st.tuples(st.just(By.NETWORK), st.sampled_from(["10.0.0.0/8", "10.0.0.2", "10.0.0.4/31"]))
rooms = st.sampled_from([ROOM, ROOM, ROOM, None])
orders = st.one_of(
    st.builds(GiveRole, st.just(ROOM), names, st.sampled_from(list(Role)[1:])),
    st.builds(Kick, rooms, names),
    st.builds(lambda room, to, for_s: Ban(room, *to, for_s), rooms, targets, lengths),
    st.builds(lambda room, to: Unban(room, *to), rooms, targets),
    st.builds(Mute, st.just(ROOM), names, lengths),
    st.builds(Unmute, st.just(ROOM), names),
    st.builds(Invite, st.just(ROOM), names),
    st.builds(
        lambda name, on: SetModes(ROOM, ModeChanges(**{name: on})),
        st.sampled_from(["invite_only", "hidden", "permanent", "moderated"]),
        st.booleans(),
    ),
    st.builds(lambda s: SetModes(ROOM, ModeChanges(slow_s=s)), st.sampled_from([0.0, 10.0])),
    st.builds(lambda p: SetModes(ROOM, ModeChanges(password=p)), st.sampled_from(["", "llave"])),
    st.just(Join(ROOM)),
    st.just(Join(ROOM, password="llave")),
    st.just(Leave(ROOM)),
    st.just(Say(ROOM, "hola")),
    st.none(),
)
steps = st.lists(
    st.tuples(st.sampled_from(sorted(PEOPLE)), orders, st.sampled_from([0, 0, 1, 30])), max_size=40
)


class Guarded(House):
    """The house, in which the same people come back whenever they are gone."""

    def __init__(self):
        super().__init__()
        self.here = {}

    def person(self, name):
        """Whoever has that name, or None if they are not let in."""
        guest = self.here.get(name)
        if guest is None or guest.session not in self.hub.sessions or guest.session.name is None:
            try:
                guest = self.here[name] = self.guest(name, account=PEOPLE[name], address=ADDRESSES[name])
            except AssertionError:
                return None
        return guest

    def standings(self):
        """What everybody is in the room, and in how far they are there and heard."""
        room = self.hub.rooms.named(ROOM)
        found = {}
        for name, guest in self.here.items():
            if guest.session.name is not None:
                standing = (
                    Standing.on_server(guest.session.server_role)
                    if room is None
                    else standing_in(room, guest.session)
                )
                found[name] = (standing, room is not None and guest.session in room)
        return found

    def is_muted(self, name):
        room, guest = self.hub.rooms.named(ROOM), self.here[name]
        if room is None or room.rules is None or guest.session.name is None:
            return False
        held = room.rules.restrictions
        standing = standing_in(room, guest.session)
        return held.concerning(Kind.MUTE, guest.session, guest.session.name, standing, self.now) is not None


@given(steps)
@settings(deadline=None, max_examples=400)
def test_no_sequence_of_orders_acts_upwards(steps):
    house = Guarded()
    for name in PEOPLE:
        house.person(name)
    for name in ("ana", "bob", "eva", "leo"):
        house.here[name].join()
    house.here["ana"].make("eva", Role.OPERATOR)
    for name, order, later_s in steps:
        house.now += later_s
        actor = house.person(name)
        if actor is None:
            continue
        if order is None:
            actor.go()
            continue
        before, muted = house.standings(), {who: house.is_muted(who) for who in house.here}
        actor_room = before[name][0]
        actor_server = Standing.on_server(actor.session.server_role)
        room = house.hub.rooms.named(ROOM)
        answer = actor.ask(order)
        if house.hub.rooms.named(ROOM) is room:  # nobody is anything in a room that is not there
            check(house, name, order, answer, before, muted, actor_room, actor_server)


def is_above(actor, target):
    """In words of its own, not in those of the code."""
    if (actor.role, actor.server) == (target.role, target.server):
        return False
    return actor.role >= target.role and actor.server >= target.server


def check(house, name, order, answer, before, muted, actor_room, actor_server):
    after = house.standings()
    for who, (standing, was_there) in before.items():
        if who == name:
            if not isinstance(order, Join):  # whoever founds a room owns it
                assert who not in after or after[who][0].role <= standing.role
            continue
        if order.room is None:
            above = is_above(actor_server, Standing.on_server(standing.server))
        else:
            above = is_above(actor_room, standing)
        is_gone = who not in after
        is_lower = not is_gone and after[who][0].role < standing.role
        is_out = is_gone or (was_there and not after[who][1])
        is_newly_muted = not is_gone and house.is_muted(who) and not muted[who]
        if is_lower or is_out or is_newly_muted:
            assert above, (order, who)
            assert not isinstance(answer, Refused)
        if not is_gone and after[who][0].role > standing.role:
            assert isinstance(order, GiveRole)
            assert after[who][0].role <= actor_room.role
