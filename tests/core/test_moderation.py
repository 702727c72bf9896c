"""Order in rooms and on the server, as the hub keeps it."""

import pytest

from tests.core.moderators import NOW, House, named
from wassop.core.accounts import ServerRole
from wassop.core.commands import (
    Announce,
    Identify,
    Join,
    Leave,
    ListRooms,
    Login,
    ManageAccount,
    ReadHistory,
    Register,
    Say,
    Search,
    SetTopic,
    Type,
    Who,
)
from wassop.core.deeds import (
    BanList,
    Banned,
    Done,
    InvitationSent,
    Invited,
    Kicked,
    LookUpAudit,
    ModesSet,
    Muted,
    RoleGiven,
    Unbanned,
    Unmuted,
)
from wassop.core.events import Accepted, Farewell, Joined, LookUpSearch, Noted, Presence, TopicSet, Welcome
from wassop.core.limits import Limits
from wassop.core.modes import RoomModes
from wassop.core.orders import (
    AskAudit,
    AskBans,
    Ban,
    GiveRole,
    Invite,
    Kick,
    Mute,
    SetModes,
    Unban,
    Unmute,
)
from wassop.core.records import Audited, Changes, Lifted, ModesKept, Restricted, RoleKept
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import By, Kind
from wassop.core.roles import Role

USER, MODERATOR, ADMIN = ServerRole.USER, ServerRole.MODERATOR, ServerRole.ADMIN
ROOM = "Aula"


@pytest.fixture
def house():
    return House()


def changes(house):
    """What the last deed put on record."""
    entry = house.recorded[-1]
    assert isinstance(entry, Changes)
    return entry.changes


def role_in(guest):
    """What somebody is in the room, as they read it on entering again."""
    return guest.join().role


# Founding and roles


def test_whoever_founds_a_room_owns_it_and_the_next_is_a_member(house):
    joined = house.guest("ana").join()
    assert (joined.role, joined.roles) == (Role.OWNER, ((named("ana"), Role.OWNER),))
    joined = house.guest("bob").join()
    assert (joined.role, joined.roles) == (Role.MEMBER, ((named("ana"), Role.OWNER),))


def test_a_guest_owns_the_room_as_long_as_it_stays_and_nobody_inherits(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ask(Leave(ROOM))
    assert role_in(ana) is Role.MEMBER
    assert role_in(bob) is Role.MEMBER
    assert ana.refusal(Kick(ROOM, "bob")) == "not-allowed"


def test_an_empty_room_is_founded_anew(house):
    house.inside("ana").go()
    assert role_in(house.inside("bob")) is Role.OWNER


def test_an_account_owns_what_it_founded_also_after_it_was_away(house):
    ana = house.inside("ana", account=USER)
    assert changes(house) == (RoleKept(ana.session.rooms.popitem()[0], named("ana"), Role.OWNER),)
    ana.go()
    assert role_in(house.inside("bob")) is Role.MEMBER
    assert role_in(house.inside("ana", account=USER)) is Role.OWNER


def test_nobody_waits_for_the_record_to_enter_a_room(house):
    ana = house.guest("ana", account=USER)
    _, record = house.hub.handle(ana.session, Join(ROOM), NOW)
    assert not record.is_awaited


@pytest.mark.parametrize("room", ["General", "Sala1", "Sala2"])
def test_the_servers_own_rooms_have_no_owner(house, room):
    ana = house.guest("ana")
    joined = ana.ask(Join(room))
    assert (joined.role, joined.roles) == (Role.MEMBER, ())
    house.guest("bob").ask(Join(room))
    assert ana.refusal(Mute(room, "bob")) == "not-allowed"


def test_the_roles_that_an_owner_gives_are_told_to_all_and_read_by_who_comes(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    eva = house.inside("eva")
    given = RoleGiven(bob.join().room, named("bob"), Role.OPERATOR, named("ana"))
    assert ana.make("BOB", Role.OPERATOR) == Done(given)
    assert all(guest.told[-1] == given for guest in (ana, bob, eva))
    assert role_in(bob) is Role.OPERATOR
    assert eva.join().roles == ((named("ana"), Role.OWNER), (named("bob"), Role.OPERATOR))
    (audited,) = changes(house)
    assert audited == Audited(NOW, "ana", "role", given.room, "bob", "operator", "192.0.2.1")


def test_a_role_of_an_account_is_kept_and_can_be_taken_while_it_is_away(house):
    ana, bob = house.inside("ana"), house.inside("bob", account=USER)
    ana.make("bob", Role.OPERATOR)
    assert changes(house)[0].role is Role.OPERATOR
    bob.go()
    ana.make("bob", Role.MEMBER)
    assert changes(house)[0].role is None
    assert role_in(house.inside("bob", account=USER)) is Role.MEMBER


def test_an_operator_gives_and_takes_voices_and_nothing_more(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    house.inside("eva")
    ana.make("bob", Role.OPERATOR)
    bob.make("eva", Role.VOICE)
    assert bob.refusal(GiveRole(ROOM, "eva", Role.OPERATOR)) == "not-allowed"
    assert bob.refusal(GiveRole(ROOM, "bob", Role.OWNER)) == "not-allowed"
    assert bob.refusal(GiveRole(ROOM, "ana", Role.MEMBER)) == "outranked"
    ana.make("eva", Role.OPERATOR)
    assert bob.refusal(GiveRole(ROOM, "eva", Role.MEMBER)) == "outranked"


def test_the_last_owner_hands_over_before_stepping_down(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    assert ana.refusal(GiveRole(ROOM, "ana", Role.MEMBER)) == "last-owner"
    ana.make("bob", Role.OWNER)
    assert bob.refusal(GiveRole(ROOM, "ana", Role.MEMBER)) == "outranked"
    ana.make("ana", Role.MEMBER)
    assert (role_in(ana), role_in(bob)) == (Role.MEMBER, Role.OWNER)


def test_anybody_may_be_less_than_they_were_made(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.make("bob", Role.VOICE)
    bob.make("bob", Role.MEMBER)
    assert role_in(bob) is Role.MEMBER


def test_a_role_that_is_held_already_is_not_told_again(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.make("bob", Role.VOICE)
    told, recorded = len(bob.told), len(house.recorded)
    assert isinstance(ana.make("bob", Role.VOICE), Done)
    assert (len(bob.told), len(house.recorded)) == (told, recorded)


def test_who_is_not_there_is_given_nothing(house):
    ana = house.inside("ana")
    house.guest("bob")
    assert ana.refusal(GiveRole(ROOM, "bob", Role.VOICE)) == "not-in-room-they"
    assert ana.refusal(GiveRole(ROOM, "no such name!", Role.VOICE)) == "name-bad-character"


# Who acts where


def test_order_is_kept_by_those_who_are_there(house):
    house.inside("ana")
    eva = house.guest("eva")
    for order in (Kick(ROOM, "ana"), SetModes(ROOM), AskBans(ROOM), Kick("nowhere", "ana")):
        assert eva.refusal(order) == "not-in-room"


def test_a_moderator_of_the_server_is_an_operator_everywhere_without_being_there(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    mod = house.guest("mod", account=MODERATOR)
    assert isinstance(mod.kick("bob"), Done)
    assert bob.session.rooms == {}
    assert mod.refusal(Kick(ROOM, "ana")) == "outranked"
    assert mod.refusal(Kick("nowhere", "ana")) == "no-such-room"
    assert mod.refusal(GiveRole(ROOM, "ana", Role.MEMBER)) == "outranked"
    mod.join()
    assert ana.refusal(Kick(ROOM, "mod")) == "outranked"


def test_an_admin_of_the_server_is_above_every_owner(house):
    ana = house.inside("ana")
    admin = house.guest("adm", account=ADMIN)
    admin.make("ana", Role.MEMBER)
    assert role_in(ana) is Role.MEMBER
    assert isinstance(admin.kick("ana"), Done)
    assert ana.session.rooms == {}


# Putting out


def test_whoever_is_kicked_reads_why_and_is_out_and_may_come_back(house):
    ana, bob, eva = (house.inside(name) for name in ("ana", "bob", "eva"))
    kicked = Kicked(bob.join().room, named("bob"), named("ana"), "que pesado")
    eva.told.clear()
    assert ana.kick("bob", "que\npesado") == Done(kicked)
    assert bob.told[-1] == ana.told[-1] == kicked
    assert eva.told == [kicked]  # and no notice of going beside it
    assert bob.refusal(Say(ROOM, "hola")) == "not-in-room"
    assert isinstance(bob.join(), Joined)
    (audited,) = changes(house)
    assert (audited.action, audited.target, audited.detail) == ("kick", "bob", "que pesado")


def test_a_coming_that_waits_to_be_told_is_not_told_after_a_kick():
    house = House(Limits(presence_merge_members=1))
    ana, eva = house.inside("ana"), house.inside("eva")
    house.inside("bob")
    house.deliver(house.hub.take_news())
    eva.ask(Leave(ROOM))
    eva.join()
    ana.told.clear()
    ana.kick("eva")
    house.deliver(house.hub.take_news())
    assert [type(event) for event in ana.told] == [Kicked]


def test_nobody_kicks_their_equals_their_betters_or_themselves(house):
    ana, bob, eva = (house.inside(name) for name in ("ana", "bob", "eva"))
    ana.make("bob", Role.OPERATOR)
    ana.make("eva", Role.OPERATOR)
    assert bob.refusal(Kick(ROOM, "ana")) == "outranked"
    assert bob.refusal(Kick(ROOM, "eva")) == "outranked"
    assert bob.refusal(Kick(ROOM, "bob")) == "outranked"
    house.inside("leo")
    assert isinstance(eva.kick("leo"), Done)


def test_nobody_is_kicked_out_of_the_lobby(house):
    house.guest("bob")
    admin = house.guest("adm", account=ADMIN)
    assert admin.refusal(Kick("General", "bob")) == "lobby-stays"
    assert admin.refusal(Ban("General", By.NAME, "bob")) == "lobby-stays"


def test_kicked_off_the_server(house):
    bob, mod = house.guest("bob"), house.guest("mod", account=MODERATOR)
    house.guest("adm", account=ADMIN)
    assert house.guest("eva").refusal(Kick(None, "bob")) == "not-allowed"
    assert mod.refusal(Kick(None, "adm")) == "outranked"
    assert mod.refusal(Kick(None, "leo")) == "no-such-user"
    kicked = Kicked(None, named("bob"), named("mod"), "spam")
    assert mod.ask(Kick(None, "bob", "spam")) == Done(kicked)
    assert bob.told[-1] == kicked
    assert bob.dismissed is Farewell.KICKED
    house.guest("bob")


def test_whoever_lacks_a_role_on_the_server_reads_that_it_is_one_of_the_server(house):
    owner = house.inside("ana")
    orders = (
        Kick(None, "bob"),
        Ban(None, By.NAME, "bob"),
        Unban(None, By.NAME, "bob"),
        AskBans(None),
        AskAudit(),
    )
    for order in orders:
        assert owner.ask(order).params["role"] is ServerRole.MODERATOR


def test_a_reason_has_a_bound(house):
    ana = house.inside("ana")
    house.inside("bob")
    for order in (Kick(ROOM, "bob", "x" * 1_025), Ban(ROOM, By.NAME, "bob", None, "ñ" * 513)):
        assert ana.refusal(order) == "text-too-long"


# Bans


def test_whoever_is_banned_is_put_out_and_stays_out_under_names_that_look_alike(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    kicked = Kicked(bob.join().room, named("bob"), named("ana"), "spam", is_ban=True, until=NOW + 60)
    assert ana.ban("bob", 60, "spam") == Done(kicked)
    assert bob.told[-1] == kicked
    answer = bob.join()
    assert answer == Refused(Code.BANNED_FROM_ROOM, {"room": "Aula", "until": NOW + 60, "reason": "spam"})
    bob.go()
    assert house.guest("b0b").refusal(Join(ROOM)) == "banned-from-room"
    restricted, audited = changes(house)
    assert isinstance(restricted, Restricted)
    assert (audited.action, audited.target, audited.detail) == ("ban", "bob", "for 60s spam")


def test_a_ban_ends_by_the_clock(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ban("bob", 60)
    house.now = NOW + 59.9
    assert bob.refusal(Join(ROOM)) == "banned-from-room"
    house.now = NOW + 60
    assert isinstance(bob.join(), Joined)
    assert ana.ask(AskBans(ROOM)).restrictions == ()


def test_a_ban_is_lifted(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ban("bob")
    answer = ana.ask(Unban(ROOM, By.NAME, "BOB"))
    assert isinstance(answer.what, Unbanned)
    assert isinstance(changes(house)[0], Lifted)
    assert isinstance(bob.join(), Joined)
    assert ana.refusal(Unban(ROOM, By.NAME, "bob")) == "no-such-ban"


def test_a_ban_of_somebody_who_is_not_there_is_told_to_nobody_else(house):
    ana, eva = house.inside("ana"), house.inside("eva")
    told = len(eva.told)
    assert isinstance(ana.ban("bob").what, Banned)
    assert len(eva.told) == told
    assert house.guest("bob").refusal(Join(ROOM)) == "banned-from-room"


def test_a_ban_of_an_account_holds_whatever_the_address_and_not_for_a_guest(house):
    ana = house.inside("ana")
    bob = house.inside("bob", account=USER)
    ana.ban("bob", by=By.ACCOUNT)
    assert bob.session.rooms == {}
    bob.go()
    assert house.guest("bob", account=USER, address="198.51.100.9").refusal(Join(ROOM)) == "banned-from-room"


@pytest.mark.parametrize(
    ("network", "address", "is_meant"),
    [
        ("10.0.0.0/8", "10.9.8.7", True),
        ("10.1.2.3/8", "10.9.8.7", True),
        ("10.9.8.7", "10.9.8.7", True),
        ("10.0.0.0/8", "::ffff:10.9.8.7", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "10.9.8.7", False),
        ("0.0.0.0/0", "", False),
    ],
)
def test_a_ban_of_a_network_holds_for_all_who_come_from_there(house, network, address, is_meant):
    ana, bob = house.inside("ana"), house.inside("bob", address=address)
    ana.ban(network, by=By.NETWORK)
    assert (bob.session.rooms == {}) == is_meant
    bob.go()
    eva = house.guest("eva", address=address)
    assert isinstance(eva.join(), Refused) == is_meant


def test_a_ban_of_a_network_spares_who_stands_above_and_moderators_of_the_server(house):
    ana, bob = house.inside("ana"), house.inside("bob", account=USER)
    mod = house.inside("mod", account=MODERATOR)
    ana.make("bob", Role.OPERATOR)
    assert isinstance(bob.ban("192.0.2.0/24", by=By.NETWORK), Done)
    for guest in (ana, bob, mod):
        assert guest.session.rooms != {}
    mod.ask(Leave(ROOM))
    assert isinstance(mod.join(), Joined)
    bob.ask(Leave(ROOM))
    assert isinstance(bob.join(), Joined)
    assert house.guest("eva").refusal(Join(ROOM)) == "banned-from-room"


@pytest.mark.parametrize("network", ["", "x", "10.0.0.0/33", "10.0.0", "::/129", "bob"])
def test_what_is_no_network_cannot_be_banned(house, network):
    assert house.inside("ana").refusal(Ban(ROOM, By.NETWORK, network)) == "bad-network"


@pytest.mark.parametrize("for_s", [0, -1, float("inf"), float("nan"), 1e12])
def test_no_ban_and_no_mute_lasts_no_time_or_an_age(house, for_s):
    ana = house.inside("ana")
    house.inside("bob")
    assert ana.refusal(Ban(ROOM, By.NAME, "bob", for_s)) == "bad-duration"
    assert ana.refusal(Mute(ROOM, "bob", for_s)) == "bad-duration"


def test_nobody_is_kept_out_by_somebody_lower_whose_ban_looks_like_their_name(house):
    """A ban holds only for those below who imposed it, also when they come later."""
    ana, leo = house.inside("bob", account=USER), house.inside("leo")
    ana.make("leo", Role.OPERATOR)
    assert leo.refusal(Ban(ROOM, By.NAME, "b0b")) == "outranked"
    ana.go()
    assert leo.refusal(Ban(ROOM, By.NAME, "b0b")) == "outranked"  # it is on record that bob owns the room
    assert leo.refusal(Ban(ROOM, By.ACCOUNT, "bob")) == "outranked"
    house.guest("mod", account=MODERATOR).go()
    leo.ban("mod")
    assert isinstance(house.guest("mod", account=MODERATOR).join(), Joined)


def test_what_somebody_higher_has_forbidden_nobody_lower_allows(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    leo = house.inside("leo")
    ana.make("leo", Role.OPERATOR)
    ana.ban("bob")
    assert leo.refusal(Unban(ROOM, By.NAME, "bob")) == "outranked"
    assert leo.refusal(Ban(ROOM, By.NAME, "bob", 1)) == "outranked"
    ana.ask(Mute(ROOM, "leo"))
    assert leo.refusal(Unmute(ROOM, "leo")) == "outranked"
    assert bob.refusal(Join(ROOM)) == "banned-from-room"


@pytest.mark.parametrize("where", [ROOM, None], ids=["a room's", "the server's"])
def test_a_ban_whose_end_could_not_be_stored_holds_and_can_be_lifted_once_more(house, where):
    ana = house.inside("ana", account=ADMIN)
    ana.ask(Ban(where, By.NAME, "eva"))
    assert isinstance(ana.ask(Unban(where, By.NAME, "eva")), Done)
    house.hub.take_back(house.recorded[-1])
    assert len(ana.ask(AskBans(where)).restrictions) == 1
    assert isinstance(ana.ask(Unban(where, By.NAME, "eva")), Done)
    assert ana.refusal(Unban(where, By.NAME, "eva")) == "no-such-ban"


def test_a_ban_does_not_end_with_the_room(house):
    ana = house.inside("ana")
    ana.ban("bob")
    ana.go()
    assert house.guest("bob").refusal(Join(ROOM)) == "banned-from-room"


def test_so_many_bans_are_remembered_and_those_that_ended_are_not():
    house = House(Limits(max_bans=2))
    ana = house.inside("ana")
    ana.ban("bob", 60)
    ana.ban("eva")
    assert ana.refusal(Ban(ROOM, By.NAME, "leo")) == "too-many-bans"
    house.now += 60
    assert isinstance(ana.ban("leo"), Done)


def test_bans_and_mutes_are_listed_for_operators(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ban("10.0.0.0/8", by=By.NETWORK)
    ana.ask(Mute(ROOM, "bob", 60, "x"))
    answer = ana.ask(AskBans(ROOM))
    assert isinstance(answer, BanList)
    assert [(r.kind, r.target.by, r.target.text, r.reason) for r in answer.restrictions] == [
        (Kind.BAN, By.NETWORK, "10.0.0.0/8", ""),
        (Kind.MUTE, By.NAME, "bob", "x"),
    ]
    assert bob.refusal(AskBans(ROOM)) == "not-allowed"


# Bans from the server


def test_whoever_is_banned_from_the_server_is_gone_and_not_let_in_again(house):
    bob, mod = house.guest("bob"), house.guest("mod", account=MODERATOR)
    assert house.guest("eva").refusal(Ban(None, By.NAME, "bob")) == "not-allowed"
    mod.ask(Ban(None, By.NAME, "bob", 60, "spam"))
    assert bob.dismissed is Farewell.BANNED
    bob = house.visitor()
    for name in ("bob", "b0b"):
        assert bob.ask(Identify(name)) == Refused(Code.BANNED, {"until": NOW + 60, "reason": "spam"})
    assert isinstance(bob.ask(Identify("leo")), Welcome)
    assert house.guest("b0b2")
    house.now += 60
    assert house.guest("bob")


def test_a_network_is_banned_from_the_server_but_for_those_who_moderate_it(house):
    eva = house.guest("eva", address="10.0.0.1")
    adm = house.guest("adm", account=ADMIN, address="10.0.0.2")
    mod = house.guest("mod", account=MODERATOR, address="10.0.0.3")
    assert isinstance(adm.ask(Ban(None, By.NETWORK, "10.0.0.0/8")), Done)
    assert (eva.dismissed, adm.dismissed, mod.dismissed) == (Farewell.BANNED, None, None)
    mod.go()
    assert house.guest("mod", account=MODERATOR, address="10.0.0.3")
    assert house.visitor(address="10.0.0.4").refusal(Identify("leo")) == "banned"
    adm.ask(Unban(None, By.NETWORK, "10.0.0.0/8"))
    assert house.guest("leo", address="10.0.0.4")


def test_no_moderator_bans_another_nor_an_admin(house):
    mod = house.guest("mod", account=MODERATOR)
    for name, role in (("otra", MODERATOR), ("adm", ADMIN)):
        house.guest(name, account=role)
        for by in (By.NAME, By.ACCOUNT):
            assert mod.refusal(Ban(None, by, name)) == "outranked"
    assert mod.refusal(Ban(None, By.NAME, "mod")) == "outranked"


# Speaking


def test_whoever_is_muted_hears_and_is_not_heard(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    muted = Muted(bob.join().room, named("bob"), named("ana"), NOW + 60, "grita")
    assert ana.ask(Mute(ROOM, "bob", 60, "grita")) == Done(muted)
    assert bob.told[-1] == muted
    for command in (Say(ROOM, "hola"), SetTopic(ROOM, "hola"), Type(ROOM)):
        assert bob.refusal(command) == "muted"
    ana.say()
    assert bob.told[-1].text == "hola"
    bob.go()
    assert house.inside("bob").refusal(Say(ROOM, "hola")) == "muted"
    house.now += 60
    assert isinstance(house.guests[next(reversed(house.guests))].say(), Accepted)


def test_a_mute_is_taken_back(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ask(Mute(ROOM, "bob"))
    unmuted = Unmuted(bob.join().room, named("bob"), named("ana"))
    assert ana.ask(Unmute(ROOM, "bob")) == Done(unmuted)
    assert bob.told[-1] == unmuted
    assert isinstance(bob.say(), Accepted)
    assert ana.refusal(Unmute(ROOM, "bob")) == "no-such-ban"


def test_nobody_mutes_their_betters(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.make("bob", Role.OPERATOR)
    assert bob.refusal(Mute(ROOM, "ana")) == "outranked"
    assert bob.refusal(Mute(ROOM, "bob")) == "outranked"


def test_in_a_moderated_room_those_with_a_voice_speak(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.set(moderated=True)
    for command in (Say(ROOM, "hola"), SetTopic(ROOM, "hola"), Type(ROOM)):
        assert bob.refusal(command) == "room-moderated"
    ana.make("bob", Role.VOICE)
    assert isinstance(bob.say(), Accepted)
    assert bob.ask(Type(ROOM)) == Noted()
    assert bob.refusal(SetTopic(ROOM, "hola")) == "not-allowed"
    assert isinstance(ana.ask(SetTopic(ROOM, "hola")), TopicSet)


def test_what_is_said_to_all_is_said_in_the_lobby(house):
    bob, adm = house.guest("bob"), house.guest("adm", account=ADMIN)
    adm.ask(Mute("General", "bob"))
    assert bob.refusal(Announce("hola")) == "muted"
    assert bob.refusal(Say("General", "hola")) == "muted"
    assert isinstance(adm.ask(Announce("hola")), Accepted)


def test_in_a_slow_room_members_wait_and_operators_do_not(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.set(slow_s=10)
    assert isinstance(bob.say(), Accepted)
    house.now += 4.5
    assert bob.say() == Refused(Code.SLOW_MODE, {"wait_s": 6})
    bob.go()
    bob = house.inside("bob")
    assert bob.refusal(Say(ROOM, "hola")) == "slow-mode"
    for _ in range(3):
        assert isinstance(ana.say(), Accepted)
    house.now += 5.5
    assert isinstance(bob.say(), Accepted)


def test_a_message_that_is_said_again_is_answered_whatever_holds_by_then(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.set(slow_s=10)
    first = bob.ask(Say(ROOM, "hola", "k"))
    assert bob.ask(Say(ROOM, "hola", "k")) == first
    ana.ask(Mute(ROOM, "bob"))
    assert bob.ask(Say(ROOM, "hola", "k")) == first


# Doors


def test_a_room_with_a_password(house):
    ana, bob = house.inside("ana"), house.guest("bob")
    ana.set(password="llave")
    assert bob.refusal(Join(ROOM)) == "room-password-needed"
    assert bob.refusal(Join(ROOM, password="otra")) == "room-password-wrong"
    joined = bob.join(password="llave")
    assert joined.modes == RoomModes(password="hash of llave")
    assert isinstance(bob.join(), Joined)  # who is in is in
    ana.set(password="")
    assert isinstance(house.guest("eva").join(), Joined)


def test_the_password_is_in_no_audit_log_and_no_text_of_an_object(house):
    ana = house.inside("ana")
    ana.set(password="llave")
    assert "llave" not in repr(house.recorded)
    kept, audited = changes(house)
    assert isinstance(kept, ModesKept)
    assert audited.detail == "password on"
    assert "llave" not in repr([SetModes(ROOM).changes, Join(ROOM, password="llave")])


def test_an_invite_only_room(house):
    ana, bob, eva = house.inside("ana"), house.guest("bob"), house.guest("eva")
    assert eva.refusal(Invite(ROOM, "bob")) == "not-in-room"
    ana.set(invite_only=True)
    assert bob.refusal(Join(ROOM)) == "invite-needed"
    assert isinstance(ana.ask(Invite(ROOM, "bob")).what, InvitationSent)
    assert bob.told[-1] == Invited(ana.join().room, named("ana"))
    assert isinstance(bob.join(), Joined)
    assert bob.refusal(Invite(ROOM, "eva")) == "not-allowed"
    bob.ask(Leave(ROOM))
    assert isinstance(bob.join(), Joined)
    ana.kick("bob")
    assert bob.refusal(Join(ROOM)) == "invite-needed"
    ana.ask(Invite(ROOM, "eva"))
    eva.go()
    assert house.guest("eva").refusal(Join(ROOM)) == "invite-needed"  # another guest of that name


def test_an_invitation_of_an_account_is_kept_until_it_is_kicked(house):
    ana, bob = house.inside("ana"), house.guest("bob", account=USER)
    ana.set(invite_only=True)
    ana.ask(Invite(ROOM, "bob"))
    assert changes(house)[0].role is Role.MEMBER
    bob.go()
    bob = house.inside("bob", account=USER)
    assert bob.join().roles == ((named("ana"), Role.OWNER),)
    ana.kick("bob")
    assert changes(house)[0].role is None
    assert bob.refusal(Join(ROOM)) == "invite-needed"


def test_whoever_holds_a_role_needs_no_invitation(house):
    ana, bob = house.inside("ana"), house.inside("bob", account=USER)
    ana.make("bob", Role.VOICE)
    ana.set(invite_only=True, password="llave")
    bob.go()
    bob = house.guest("bob", account=USER)
    assert bob.refusal(Join(ROOM)) == "room-password-needed"
    assert isinstance(bob.join(password="llave"), Joined)
    assert isinstance(house.guest("mod", account=MODERATOR).join(), Joined)


def test_an_invitation_into_an_open_room_only_tells_of_it(house):
    house.inside("ana")
    eva, bob = house.inside("eva"), house.guest("bob")
    recorded = len(house.recorded)
    eva.ask(Invite(ROOM, "bob"))
    assert isinstance(bob.told[-1], Invited)
    assert len(house.recorded) == recorded
    assert eva.refusal(Invite(ROOM, "leo")) == "no-such-user"


def test_a_hidden_room_is_known_to_those_in_it_and_to_moderators_of_the_server(house):
    ana, bob = house.inside("ana"), house.guest("bob")
    mod = house.guest("mod", account=MODERATOR)
    ana.set(hidden=True)

    def listed(guest):
        return ROOM in [info.room.text for info in guest.ask(ListRooms()).rooms]

    assert (listed(ana), listed(bob), listed(mod)) == (True, False, True)
    assert bob.refusal(Who(ROOM)) == "no-such-room" == bob.refusal(Who("nowhere"))
    assert ana.ask(Who(ROOM)).names == (named("ana"),)
    for command in (ReadHistory(ROOM, 5), SetModes(ROOM), AskBans(ROOM), Say(ROOM, "x"), Kick(ROOM, "ana")):
        assert bob.refusal(command) == "not-in-room"
    assert isinstance(bob.join(), Joined)  # whoever knows its name may come
    assert listed(bob)


def test_a_search_goes_through_the_closed_rooms_that_one_is_in(house):
    ana = house.inside("ana")
    found = ana.ask(Search("hola", 5))
    assert isinstance(found, LookUpSearch)
    assert found.mine == ("aula",)
    assert house.guest("bob").ask(Search("hola", 5)).mine == ()


def test_the_list_of_rooms_tells_what_one_needs_and_what_it_is_about(house):
    ana = house.inside("ana")
    ana.set(password="x", invite_only=True)
    ana.ask(SetTopic(ROOM, "tema"))
    (info,) = [info for info in house.guest("bob").ask(ListRooms()).rooms if info.room.text == ROOM]
    assert (info.password, info.invite_only, info.topic) == (True, True, "tema")


def test_a_permanent_room_stays_and_must_be_somebodys(house):
    guest = house.inside("ana")
    assert guest.refusal(SetModes(ROOM, permanent(True))) == "not-logged-in"
    guest.go()
    ana = house.inside("ana", account=USER)
    ana.ask(SetModes(ROOM, permanent(True)))
    ana.go()
    assert house.hub.rooms.named(ROOM) is not None
    assert role_in(house.inside("bob")) is Role.MEMBER
    house.guests[next(reversed(house.guests))].go()
    adm = house.guest("adm", account=ADMIN)
    adm.ask(SetModes(ROOM, permanent(False)))
    assert house.hub.rooms.named(ROOM) is None


def permanent(on):
    return SetModes(ROOM).changes.__class__(permanent=on)


def test_modes_are_told_and_asked_for(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    event = ModesSet(bob.join().room, RoomModes(moderated=True, slow_s=2.5), named("ana"))
    assert ana.set(moderated=True, slow_s=2.5) == event
    assert bob.told[-1] == event
    assert bob.ask(SetModes(ROOM)) == ModesSet(event.room, event.modes)
    assert changes(house)[1].detail == "moderated on, slow-s 2.5"
    told = len(bob.told)
    assert ana.set(moderated=True) == event  # nothing is different
    assert len(bob.told) == told
    ana.set(moderated=False, slow_s=0)
    assert house.hub.rooms.named(ROOM).rules is None


def test_operators_set_how_one_speaks_and_owners_who_gets_in(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    assert bob.refusal(SetModes(ROOM, ModesSetTo(moderated=True))) == "not-allowed"
    ana.make("bob", Role.OPERATOR)
    assert isinstance(bob.set(moderated=True), ModesSet)
    for changed in ({"hidden": True}, {"invite_only": True}, {"password": "x"}, {"permanent": True}):
        assert bob.refusal(SetModes(ROOM, ModesSetTo(**changed))) == "not-allowed"


def ModesSetTo(**changed):
    return SetModes(ROOM).changes.__class__(**changed)


@pytest.mark.parametrize("slow_s", [-1, 86_401, float("nan"), float("inf")])
def test_a_room_is_not_slower_than_a_day(house, slow_s):
    assert house.inside("ana").refusal(SetModes(ROOM, ModesSetTo(slow_s=slow_s))) == "bad-duration"


def test_a_password_has_a_bound(house):
    ana = house.inside("ana")
    assert ana.refusal(SetModes(ROOM, ModesSetTo(password="ñ" * 513))) == "password-too-long"


def test_the_lobby_has_no_door_and_the_servers_rooms_stay(house):
    adm = house.guest("adm", account=ADMIN)
    for changed in ({"hidden": True}, {"invite_only": True}, {"password": "x"}):
        assert adm.refusal(SetModes("General", ModesSetTo(**changed))) == "modes-fixed"
    assert adm.refusal(SetModes("Sala1", ModesSetTo(permanent=False))) == "modes-fixed"
    assert isinstance(adm.ask(SetModes("General", ModesSetTo(moderated=True))), ModesSet)
    assert isinstance(adm.ask(SetModes("Sala1", ModesSetTo(hidden=True))), ModesSet)


# The audit log


def test_the_audit_log_is_read_by_moderators_of_the_server(house):
    assert house.inside("ana").refusal(AskAudit()) == "not-allowed"
    mod = house.guest("mod", account=MODERATOR)
    assert mod.ask(AskAudit(limit=10_000, before=7)) == LookUpAudit(None, 7, 200)
    assert mod.ask(AskAudit(ROOM, 5)).room.key == "aula"
    assert mod.refusal(AskAudit("\x00")) == "no-such-room"


def test_a_room_that_is_simply_open_has_no_rules_to_look_at(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.ban("eva")
    ana.ask(Unban(ROOM, By.NAME, "eva"))
    room = house.hub.rooms.named(ROOM)
    assert room.rules is None
    assert isinstance(bob.say(), Accepted)
    ana.go()
    assert room.roles is None


# With what others built


def test_an_operator_deletes_what_anybody_said_and_that_is_in_the_audit_log(house):
    ana, bob, eva = (house.inside(name) for name in ("ana", "bob", "eva"))
    said = bob.say("spam")
    delete = Say(ROOM, "", kind="delete", about=said.seq)
    assert eva.refusal(delete) == "not-yours"
    ana.make("eva", Role.OPERATOR)
    assert isinstance(eva.ask(delete), Accepted)
    (audited,) = changes(house)
    assert (audited.actor, audited.action, audited.target, audited.detail) == (
        "eva",
        "delete",
        "bob",
        "message 1",
    )
    own = bob.say("otra")
    recorded = len(house.recorded)
    bob.ask(Say(ROOM, "", kind="delete", about=own.seq))
    assert len(house.recorded) == recorded + 1  # the deletion, and nothing in the audit log


def test_whoever_is_muted_takes_back_what_was_said_and_does_nothing_else_to_messages(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    said = bob.say()
    ana.ask(Mute(ROOM, "bob"))
    for kind, text in (("edit", "hola!"), ("react", "👍"), ("reply", "eh"), ("me", "salta")):
        about = None if kind == "me" else said.seq
        assert bob.refusal(Say(ROOM, text, kind=kind, about=about)) == "muted"
    assert isinstance(bob.ask(Say(ROOM, "", kind="delete", about=said.seq)), Accepted)


def test_in_a_slow_room_reactions_and_edits_do_not_wait(house):
    ana, bob = house.inside("ana"), house.inside("bob")
    ana.set(slow_s=10)
    said = bob.say()
    assert bob.refusal(Say(ROOM, "eh", kind="reply", about=said.seq)) == "slow-mode"
    assert isinstance(bob.ask(Say(ROOM, "hola!", kind="edit", about=said.seq)), Accepted)
    assert isinstance(bob.ask(Say(ROOM, "👍", kind="react", about=said.seq)), Accepted)


def test_a_guest_who_registers_keeps_what_it_is_and_so_does_one_who_logs_in(house):
    ana = house.inside("ana")
    ana.ask(Register("", hashed="hash of it"))
    assert changes(house)[0].role is Role.OWNER
    ana.go()
    house.inside("bob").go()
    account = house.hub.accounts.named(named("ana"))
    ana = house.guest("ana", account=USER)
    assert role_in(ana) is Role.OWNER
    ana.go()
    leo = house.guest("leo")
    leo.ask(Join("Otra"))
    welcome = leo.ask(Login("ana", "", proven=account))
    (lobby, other) = welcome.resumed
    assert (lobby.role, other.role, other.roles) == (Role.MEMBER, Role.OWNER, ((named("ana"), Role.OWNER),))


def test_what_an_account_was_in_rooms_the_next_one_of_that_name_is_not(house):
    ana = house.inside("ana")
    ana.ask(Register("", hashed="hash of it"))
    ana.go()
    house.inside("eva")
    admin = house.guest("adm", account=ADMIN)
    admin.ask(ManageAccount("remove", "ana"))
    assert role_in(house.inside("ana", account=USER)) is Role.MEMBER


def test_nobody_logs_in_to_an_account_that_is_banned(house):
    ana = house.guest("ana")
    ana.ask(Register("", hashed="hash of it"))
    account = house.hub.accounts.named(named("ana"))
    ana.go()
    house.guest("mod", account=MODERATOR).ask(Ban(None, By.ACCOUNT, "ana"))
    for visitor, identify in ((house.visitor(), Identify("ana")), (house.guest("leo"), None)):
        assert visitor.refusal(Login("ana", "", identify, proven=account)) == "banned"
        assert visitor.session.account is None


def test_whoever_is_kicked_off_the_server_has_left_at_once(house):
    bob, eva = house.inside("bob"), house.inside("eva")
    house.guest("mod", account=MODERATOR).ask(Kick(None, "bob"))
    assert bob.session.name is None
    assert any(isinstance(event, Presence) and event.gone == (named("bob"),) for event in eva.told)
    assert isinstance(house.guest("bob").join(), Joined)
