"""Registered names at the hub: several sessions that are one person, and what is kept for who is not here."""

from attrs import evolve

from tests.core.proofs import Proofs
from wassop.core.accounts import ServerRole
from wassop.core.commands import (
    ChangePassword,
    Identify,
    Join,
    ListRooms,
    Login,
    Logout,
    ManageAccount,
    Register,
    Say,
    Tell,
    Who,
)
from wassop.core.deliveries import Dismissed, Record, Reply, ToRoom, ToSession
from wassop.core.events import (
    Accepted,
    AccountList,
    Farewell,
    LoggedOut,
    Noted,
    Presence,
    Said,
    Told,
    ToldElsewhere,
    Welcome,
)
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.records import AccountAdded, Audited, Changes, LoggedIn
from wassop.core.refusals import Code, Refused

SECRET, OTHER = "secreto123", "otro-secreto"
NOW = 1_790_000_000.0


class Person:
    def __init__(self, party, *, is_operator=False):
        self.party = party
        self.session = party.hub.connect("10.0.0.1", is_operator=is_operator)
        self.told = []
        self.farewell = None

    def ask(self, command):
        prepared = self.party.proofs.prepare(self.session, command)
        if isinstance(prepared, Refused):
            return prepared
        return self.decide(prepared)

    def decide(self, prepared):
        reply, *others = self.party.hub.handle(self.session, prepared, self.party.now)
        assert isinstance(reply, Reply)
        self.party.proofs.note(others)
        self.party.deliver(others)
        return reply.answer

    def refusal(self, command):
        answer = self.ask(command)
        assert isinstance(answer, Refused), answer
        return answer.code

    def heard(self):
        told, self.told = self.told, []
        return told

    def go(self):
        self.party.deliver(self.party.hub.disconnect(self.session))


class Party:
    def __init__(self, limits=None):
        self.hub = Hub(limits)
        self.proofs = Proofs(self.hub)
        self.people = {}
        self.recorded = []
        self.awaited = []  # those of them for which the answer waits
        self.now = NOW

    def person(self, name=None, *rooms, password=None, lobby=False, **more):
        person = Person(self, **more)
        self.people[person.session] = person
        if name is not None:
            identify = Identify(name, lobby)
            hello = identify if password is None else Login(name, password, identify)
            person.welcome = person.ask(hello)
            assert isinstance(person.welcome, Welcome), person.welcome
        for room in rooms:
            person.ask(Join(room))
        return person

    def registered(self, name="ana", *rooms):
        person = self.person(name, *rooms)
        assert person.ask(Register(SECRET)) == Noted()
        return person

    def deliver(self, deliveries):
        awaited = [each.entry for each in deliveries if isinstance(each, Record) and each.is_awaited]
        if awaited and isinstance(deliveries[0], Record):
            assert awaited == [deliveries[0].entry], (
                "the answer waits for what comes first, and for that once"
            )
        self.awaited += awaited
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, events, audience, author):
                    for membership in audience:
                        if membership.present and membership.session is not author:
                            self.people[membership.session].told.extend(events)
                case ToSession(session, event):
                    self.people[session].told.append(event)
                case Record(entry):
                    self.recorded.append(entry)
                case Dismissed(session, reason):
                    self.people[session].farewell = reason


def texts(names):
    return [name.text for name in names]


# Whose a name is


def test_a_registered_name_and_what_looks_like_it_is_held_when_its_owner_has_gone():
    party = Party()
    party.registered("ana").go()
    for name in ("ana", "ANA"):
        assert party.person().refusal(Identify(name)) == Code.PASSWORD_NEEDED
    assert party.person().refusal(Identify("аnа")) == Code.NAME_REGISTERED, "two letters are Cyrillic"
    assert party.person("bob").welcome.account is None


def test_whoever_registers_is_logged_in_and_registers_no_second_time():
    party = Party()
    assert party.person().refusal(Register(SECRET)) == Code.HELLO_FIRST
    ana = party.person("ana")
    assert ana.ask(Register(SECRET)) == Noted()
    (added,) = party.recorded
    assert isinstance(added, AccountAdded)
    assert (added.account.name.text, added.account.created_at, added.hashed) == ("ana", NOW, SECRET)
    assert SECRET not in repr(added)
    assert ana.session.account == added.account
    assert ana.refusal(Register(SECRET)) == Code.ALREADY_REGISTERED


def test_passwords_have_bounds():
    ana = Party().person("ana")
    assert ana.refusal(Register("1234567")) == Code.PASSWORD_TOO_SHORT
    assert ana.refusal(Register("ñ" * 513)) == Code.PASSWORD_TOO_LONG
    assert ana.ask(Register("ñ" * 512)) == Noted()


def test_the_right_password_lets_in_under_the_name_as_it_was_registered():
    party = Party()
    party.registered("Ana").go()
    party.now += 60
    back = party.person("aNA", password=SECRET)
    assert (back.welcome.name.text, back.welcome.account.last_login_at) == ("Ana", NOW + 60)
    assert isinstance(party.recorded[-1], LoggedIn)


def test_a_wrong_password_and_an_unknown_name_are_refused_alike():
    party = Party()
    party.registered("ana").go()
    wrong = party.person().ask(Login("ana", OTHER, Identify("ana")))
    unknown = party.person().ask(Login("zoe", OTHER, Identify("zoe")))
    assert wrong == unknown == Refused(Code.LOGIN_FAILED)


def test_a_proof_counts_only_as_long_as_the_account_and_the_password_are_the_same():
    for change in (ManageAccount("passwd", "ana", OTHER), ManageAccount("remove", "ana")):
        party = Party()
        ana, operator = party.registered("ana"), party.person(is_operator=True)
        proven = ana.session.account
        assert operator.ask(change) == Noted()
        late = party.person()
        login = Login("ana", "", Identify("ana"), proven)
        assert late.decide(login) == Refused(Code.LOGIN_FAILED)
    assert operator.ask(ManageAccount("add", "ana", SECRET)) == Noted()
    assert late.decide(login) == Refused(Code.LOGIN_FAILED), "it is another account of that name"


# Several sessions are one person


def test_several_sessions_of_an_account_are_told_everything_and_counted_once():
    party = Party()
    bob = party.person("bob", "Sala1", lobby=True)
    desk = party.registered("ana", "Sala1")
    tablet = party.person("ana", "Sala1", password=SECRET, lobby=True)
    assert [event.joined for event in bob.heard() if event.room.text == "Sala1"] == [(desk.session.name,)]
    assert tablet.told == desk.told == []
    assert texts(bob.ask(Who("Sala1")).names) == ["bob", "ana"]
    assert texts(bob.ask(Who()).names) == ["bob", "ana"]
    counts = {info.room.text: info.count for info in bob.ask(ListRooms()).rooms}
    assert counts == {"General": 2, "Sala1": 2, "Sala2": 0}
    desk.ask(Say("Sala1", "hola", "n1"))
    for reader in (bob, tablet):
        (said,) = reader.heard()
        assert (said.text, said.nonce) == ("hola", "n1")
    assert desk.told == []
    bob.ask(Tell("ana", "psst"))
    assert [event.text for event in (*desk.heard(), *tablet.heard())] == ["psst", "psst"]
    tablet.ask(Tell("bob", "sí", "n2"))
    assert [type(event) for event in bob.heard()] == [Told]
    (elsewhere,) = desk.heard()
    assert isinstance(elsewhere, ToldElsewhere)
    assert (elsewhere.told.text, elsewhere.told.nonce) == ("sí", "n2")
    assert tablet.told == []


def test_the_others_notice_the_first_that_comes_and_the_last_that_goes():
    party = Party()
    bob = party.person("bob", "Sala1")
    desk = party.registered("ana", "Sala1")
    tablet = party.person("ana", password=SECRET)
    bob.heard()
    tablet.ask(Join("Sala1"))
    desk.go()
    assert bob.heard() == []
    assert texts(bob.ask(Who("Sala1")).names) == ["bob", "ana"]
    tablet.go()
    assert [texts(event.gone) for event in bob.heard()] == [["ana"]]
    assert texts(bob.ask(Who()).names) == ["bob"]


def test_a_guest_becomes_somebody_registered_and_stays_in_the_rooms():
    party = Party()
    party.registered("ana").go()
    bob, guest = party.person("bob", "Sala1", lobby=True), party.person("eva", "Sala1", lobby=True)
    guest.ask(Say("Sala1", "soy eva"))
    bob.heard()
    welcome = guest.ask(Login("ana", SECRET))
    assert (welcome.name.text, [str(j.room) for j in welcome.resumed]) == ("ana", ["General", "Sala1"])
    assert [(j.seq, j.since, texts(j.members)) for j in welcome.resumed if j.room.text == "Sala1"] == [
        (1, 1, ["bob", "ana"])
    ]
    presence = [(e.room.text, texts(e.gone), texts(e.joined)) for e in bob.heard() if type(e) is Presence]
    assert sorted(presence) == [
        ("General", [], ["ana"]),
        ("General", ["eva"], []),
        ("Sala1", [], ["ana"]),
        ("Sala1", ["eva"], []),
    ]
    assert guest.told == []
    bob.ask(Say("Sala1", "hola"))
    assert [event.text for event in guest.heard() if isinstance(event, Said)] == ["hola"]
    assert party.person("eva").welcome.name.text == "eva", "the guest's name is free"
    assert guest.refusal(Login("ana", SECRET)) == Code.ALREADY_NAMED


def test_a_guest_who_becomes_somebody_who_is_there_already_is_only_seen_to_go():
    party = Party()
    party.registered("ana", "Sala1")
    bob, guest = party.person("bob", "Sala1"), party.person("eva", "Sala1")
    bob.heard()
    guest.ask(Login("ana", SECRET))
    assert [(texts(event.gone), event.joined) for event in bob.heard()] == [(["eva"], ())]
    assert texts(bob.ask(Who("Sala1")).names) == ["ana", "bob"]
    guest.go()
    assert bob.heard() == []
    assert texts(bob.ask(Who("Sala1")).names) == ["ana", "bob"]


def test_whoever_logs_out_is_nobody_in_no_room_and_may_come_back():
    party = Party()
    bob = party.person("bob", "Sala1")
    ana = party.registered("ana", "Sala1")
    bob.heard()
    assert bob.refusal(Logout()) == Code.NOT_LOGGED_IN
    assert ana.ask(Logout()) == LoggedOut()
    assert [texts(event.gone) for event in bob.heard()] == [["ana"]]
    assert ana.refusal(Say("Sala1", "hola")) == Code.HELLO_FIRST
    assert ana.ask(Identify("eva")).account is None
    assert ana.session.account is None


def test_another_password_ends_the_other_sessions_but_not_the_one_that_asked():
    party = Party()
    desk, bob = party.registered("ana", "Sala1"), party.person("bob", "Sala1")
    tablet = party.person("ana", "Sala1", password=SECRET)
    assert bob.refusal(ChangePassword(SECRET, OTHER)) == Code.NOT_LOGGED_IN
    assert tablet.refusal(ChangePassword(OTHER, OTHER)) == Code.LOGIN_FAILED
    assert tablet.ask(ChangePassword(SECRET, OTHER)) == Noted()
    assert (desk.farewell, tablet.farewell) == (Farewell.PASSWORD_CHANGED, None)
    assert bob.heard() == [], "ana is still there"
    assert party.person().refusal(Login("ana", SECRET, Identify("ana"))) == Code.LOGIN_FAILED
    assert party.person("ana", password=OTHER)


# What is kept for those who are not here


def test_what_is_said_to_somebody_who_is_not_here_is_told_once_at_the_next_login():
    party = Party()
    party.registered("ana").go()
    bob = party.person("bob")
    assert bob.refusal(Tell("zoe", "psst")) == Code.NO_SUCH_USER
    first = bob.ask(Tell("ANA", "uno", "k1"))
    assert (first.to.text, first.kept) == ("ana", True)
    bob.ask(Tell("ana", "dos"))
    assert isinstance(bob.ask(Tell("ana", "uno", "k1")), Accepted), "said again, kept once"
    ana = party.person("ana", password=SECRET)
    assert [(event.text, event.kept) for event in ana.told] == [("uno", True), ("dos", True)]
    assert not bob.ask(Tell("ana", "tres")).kept
    ana.go()
    assert [event.text for event in party.person("ana", password=SECRET).told] == []


def test_so_many_messages_are_kept_and_no_more():
    party = Party(Limits(kept_messages=2))
    party.registered("ana").go()
    bob = party.person("bob")
    for text in ("uno", "dos"):
        assert bob.ask(Tell("ana", text)).kept
    full = bob.ask(Tell("ana", "tres", "k3"))
    assert full == Refused(Code.MAILBOX_FULL, {"name": "ana", "limit": 2})
    party.person("ana", password=SECRET).go()
    assert bob.ask(Tell("ana", "tres", "k3")).kept, "what was refused was not said"


def test_what_was_kept_is_told_to_nobody_when_the_account_is_removed():
    party = Party()
    party.registered("ana").go()
    party.person("bob").ask(Tell("ana", "solo para ana"))
    operator = party.person(is_operator=True)
    operator.ask(ManageAccount("remove", "ana"))
    operator.ask(ManageAccount("add", "ana", OTHER))
    assert party.person("ana", password=OTHER).told == []


# Looking after accounts


def test_only_admins_and_the_operator_look_after_accounts():
    party = Party()
    ana, operator = party.registered("ana"), party.person(is_operator=True)
    assert ana.refusal(ManageAccount("list")) == Code.NOT_ALLOWED
    assert operator.ask(ManageAccount("role", "ana", role="moderator")) == Noted()
    assert ana.session.server_role is ServerRole.MODERATOR, "at once"
    assert ana.refusal(ManageAccount("list")) == Code.NOT_ALLOWED
    operator.ask(ManageAccount("role", "ana", role="admin"))
    listed = ana.ask(ManageAccount("list"))
    assert isinstance(listed, AccountList)
    assert [(each.name.text, each.role) for each in listed.accounts] == [("ana", ServerRole.ADMIN)]
    assert operator.refusal(Say("Sala1", "hola")) == Code.HELLO_FIRST


def test_who_gave_whom_a_role_on_the_server_or_another_password_stands_in_the_audit_log():
    party = Party()
    ana, operator = party.registered("ana"), party.person(is_operator=True)
    operator.ask(ManageAccount("role", "ana", role="admin"))
    ana.ask(ManageAccount("add", "bob", SECRET, "moderator"))
    ana.ask(ManageAccount("passwd", "bob", OTHER))
    ana.ask(ManageAccount("list"))
    ana.refusal(ManageAccount("remove", "zoe"))
    ana.ask(ManageAccount("remove", "bob"))
    changes = [change for entry in party.recorded if isinstance(entry, Changes) for change in entry.changes]
    assert changes == [
        Audited(NOW, "(control)", "account-role", None, "ana", "admin", "10.0.0.1"),
        Audited(NOW, "ana", "account-add", None, "bob", "moderator", "10.0.0.1"),
        Audited(NOW, "ana", "account-passwd", None, "bob", "", "10.0.0.1"),
        Audited(NOW, "ana", "account-remove", None, "bob", "", "10.0.0.1"),
    ]


def test_what_cannot_be_done_with_accounts_is_told():
    party = Party()
    party.registered("ana")
    operator = party.person(is_operator=True)
    for command, code in (
        (ManageAccount("add", "ANA", SECRET), Code.NAME_REGISTERED),
        (ManageAccount("add", "аnа", SECRET), Code.NAME_REGISTERED),
        (ManageAccount("add", "a b", SECRET), Code.NAME_BAD_CHARACTER),
        (ManageAccount("add", "bob", "corta"), Code.PASSWORD_TOO_SHORT),
        (ManageAccount("add", "bob", SECRET, "king"), Code.BAD_FIELD),
        (ManageAccount("passwd", "zoe", SECRET), Code.NO_SUCH_ACCOUNT),
        (ManageAccount("role", "zoe", role="admin"), Code.NO_SUCH_ACCOUNT),
        (ManageAccount("remove", "zoe"), Code.NO_SUCH_ACCOUNT),
    ):
        assert operator.refusal(command) == code
    assert len(party.recorded) == 1


def test_an_operator_who_adds_a_name_sends_the_guests_away_who_have_it_or_one_like_it():
    party = Party()
    lookalike, bob = party.person("аna", "Sala1"), party.person("bob", "Sala1")
    assert party.person(is_operator=True).ask(ManageAccount("add", "ana", SECRET)) == Noted()
    assert lookalike.farewell is Farewell.NAME_REGISTERED
    assert [texts(event.gone) for event in bob.heard()] == [["аna"]]
    assert party.person("ana", password=SECRET)


def test_an_operator_who_removes_an_account_or_sets_its_password_ends_its_sessions():
    for command, reason in (
        (ManageAccount("passwd", "ana", OTHER), Farewell.PASSWORD_CHANGED),
        (ManageAccount("remove", "ana"), Farewell.ACCOUNT_REMOVED),
    ):
        party = Party()
        ana, bob = party.registered("ana", "Sala1"), party.person("bob", "Sala1")
        assert party.person(is_operator=True).ask(command) == Noted()
        assert ana.farewell is reason
        assert [texts(event.gone) for event in bob.heard()] == [["ana"]]
    assert party.person("ana").welcome.account is None, "a removed name is anybody's"


# What could not be stored


def test_a_registration_that_cannot_be_stored_leaves_a_guest_with_a_free_name():
    party = Party()
    ana = party.registered("ana")
    party.hub.take_back(party.recorded[-1])
    assert ana.session.account is None
    ana.go()
    assert party.person("ana").welcome.account is None


def test_a_change_that_cannot_be_stored_is_taken_back():
    party = Party()
    ana, operator = party.registered("ana"), party.person(is_operator=True)
    operator.ask(ManageAccount("role", "ana", role="admin"))
    party.hub.take_back(party.awaited[-1])
    assert ana.session.server_role is ServerRole.USER
    operator.ask(ManageAccount("remove", "ana"))
    party.hub.take_back(party.awaited[-1])
    assert party.person().refusal(Identify("ana")) == Code.PASSWORD_NEEDED


def test_a_message_that_cannot_be_kept_is_as_if_it_had_not_been_said():
    party = Party(Limits(kept_messages=1))
    party.registered("ana").go()
    bob = party.person("bob")
    bob.ask(Tell("ana", "uno", "k"))
    party.hub.take_back(party.recorded[-1])
    party.proofs.kept.clear()
    assert bob.ask(Tell("ana", "uno", "k")).kept
    assert [event.text for event in party.person("ana", password=SECRET).told] == ["uno"]


def test_a_guest_who_is_still_there_when_a_removal_is_taken_back_is_not_joined_by_the_owner():
    party = Party()
    party.registered("ana")
    operator = party.person(is_operator=True)
    operator.ask(ManageAccount("remove", "ana"))
    removed = party.awaited[-1]
    party.person("ana")
    party.hub.take_back(removed)
    account = party.hub.accounts.named(removed.account.name)
    login = evolve(Login("ana", "", Identify("ana")), proven=account)
    assert party.person().decide(login).code == Code.NAME_TAKEN
