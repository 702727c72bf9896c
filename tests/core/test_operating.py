"""What operators may do to the server, and that nobody else may."""

import pytest
from attrs import evolve

from wassop.core.accounts import Account, ServerRole
from wassop.core.commands import Identify, Login
from wassop.core.deeds import Kicked
from wassop.core.deliveries import Dismissed, Halt, Record, Reply, ToSession
from wassop.core.events import Farewell, Noted, Welcome
from wassop.core.hub import Hub
from wassop.core.names import UserName, user_name
from wassop.core.operating import LEAST
from wassop.core.operations import AskFigures, AskLog, AskSessions, KickSession, Permitted, SetDoors, Stop
from wassop.core.records import Audited, Changes
from wassop.core.refusals import Code, Refused

NOW = 1_790_000_000.5
EVERY = {
    AskSessions: AskSessions(),
    AskFigures: AskFigures(),
    AskLog: AskLog(),
    SetDoors: SetDoors(are_open=False),
    Stop: Stop(),
    KickSession: KickSession(10**9),
}


class House:
    """A hub with somebody of each role."""

    def __init__(self):
        self.hub = Hub()
        self.operator = self.hub.connect(is_operator=True)
        self.guest = self.hub.connect("192.0.2.1")
        assert isinstance(self.hub.handle(self.guest, Identify("eva"), NOW)[0].answer, Welcome)
        self.user, self.moderator, self.admin = (
            self.logged_in(name, role) for name, role in zip(("ugo", "mara", "ana"), ServerRole, strict=True)
        )

    def logged_in(self, text, role):
        name = user_name(text)
        assert isinstance(name, UserName)
        account = self.hub.accounts.named(name) or self.hub.accounts.put(Account(name, role))
        session = self.hub.connect("192.0.2.2")
        login = Login(text, "", Identify(text), proven=account)
        assert isinstance(self.hub.handle(session, login, NOW)[0].answer, Welcome)
        return session

    def do(self, session, operation):
        first, *others = self.hub.handle(session, operation, NOW)
        assert isinstance(first, Reply)
        return first.answer, others


@pytest.fixture
def house():
    return House()


def audited(deliveries):
    return [
        change
        for delivery in deliveries
        if isinstance(delivery, Record) and isinstance(delivery.entry, Changes)
        for change in delivery.entry.changes
        if isinstance(change, Audited)
    ]


def test_every_operation_has_a_least_role():
    assert set(LEAST) == set(EVERY)


@pytest.mark.parametrize("kind", list(EVERY))
def test_only_those_may_ask_whose_role_is_high_enough(house, kind):
    roles = {
        house.guest: ServerRole.USER,
        house.user: ServerRole.USER,
        house.moderator: ServerRole.MODERATOR,
        house.admin: ServerRole.ADMIN,
        house.operator: ServerRole.ADMIN,
    }
    for session, role in roles.items():
        answer, others = house.do(session, EVERY[kind])
        if role < LEAST[kind]:
            assert answer == Refused(Code.NOT_ALLOWED, {"role": LEAST[kind]})
            assert others == []
        else:
            assert answer != Refused(Code.NOT_ALLOWED, {"role": LEAST[kind]})


@pytest.mark.parametrize("kind", list(EVERY))
def test_nobody_without_a_name_may_ask_but_whoever_runs_the_server(house, kind):
    assert house.do(house.hub.connect(), EVERY[kind])[0] == Refused(Code.HELLO_FIRST)


@pytest.mark.parametrize("ask", [AskSessions(3, 9, "x"), AskFigures(), AskLog(7)])
def test_what_may_be_known_is_the_servers_to_tell(house, ask):
    assert house.do(house.admin, ask) == (Permitted(ask), [])


@pytest.mark.parametrize(("are_open", "detail"), [(True, "open"), (False, "closed")])
def test_doors_that_were_closed_or_opened_stand_in_the_audit_log(house, are_open, detail):
    answer, others = house.do(house.admin, SetDoors(are_open))
    assert answer == Noted()
    assert audited(others) == [Audited(NOW, "ana", "doors", None, "", detail, "192.0.2.2")]


def test_the_server_stops_when_that_is_on_record(house):
    answer, (record, halt) = house.do(house.operator, Stop())
    assert answer == Noted()
    assert audited([record]) == [Audited(NOW, "(control)", "stop")]
    assert halt == Halt()


def test_somebody_nameless_can_be_kicked(house):
    there = house.hub.connect("192.0.2.9")
    answer, others = house.do(house.moderator, KickSession(there.id, "ruido"))
    assert answer == Noted()
    assert audited(others) == [Audited(NOW, "mara", "kick", None, "192.0.2.9", "ruido", "192.0.2.2")]
    assert others[1:] == [Dismissed(there, Farewell.KICKED)]
    assert there not in house.hub.sessions


def test_of_several_sessions_one_can_be_ended_and_reads_why(house):
    other = house.logged_in("ugo", ServerRole.USER)
    answer, others = house.do(house.admin, KickSession(house.user.id, " dos\nveces "))
    assert answer == Noted()
    assert ToSession(house.user, Kicked(None, other.name, house.admin.name, "dos veces")) in others
    assert others[-1] == Dismissed(house.user, Farewell.KICKED)
    assert house.hub.people.named(other.name) == [other]


def test_nobody_acts_upwards_but_everybody_may_end_a_session_of_their_own(house):
    for there in (house.admin, house.logged_in("mar", ServerRole.MODERATOR)):
        answer, others = house.do(house.moderator, KickSession(there.id))
        assert answer == Refused(Code.OUTRANKED, {"name": there.name.text})
        assert others == []
    own = house.logged_in("mara", ServerRole.MODERATOR)
    assert house.do(house.moderator, KickSession(own.id))[0] == Noted()


def test_who_runs_the_server_is_no_visitor_to_be_kicked(house):
    answer, _ = house.do(house.admin, KickSession(house.operator.id))
    assert answer == Refused(Code.NO_SUCH_SESSION, {"number": house.operator.id})


def test_a_reason_that_nobody_wants_to_read_is_refused(house):
    answer, others = house.do(house.admin, KickSession(house.guest.id, "x" * 10_000))
    assert answer.code is Code.TEXT_TOO_LONG
    assert others == []


def test_somebody_whose_role_was_taken_may_do_no_more(house):
    account = house.admin.account
    house.admin.account = house.hub.accounts.put(evolve(account, role=ServerRole.USER))
    assert house.do(house.admin, Stop())[0].code is Code.NOT_ALLOWED
