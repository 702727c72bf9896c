"""Browsers that stay logged in, and the link by which the first admin is made."""

import pytest

from wassop.core.accounts import Account, ServerRole
from wassop.core.commands import ChangePassword, Identify, Login, Logout, ManageAccount, Register
from wassop.core.deliveries import Dismissed, Record, Reply
from wassop.core.events import Farewell, LoggedOut, Noted, Welcome
from wassop.core.hub import Hub
from wassop.core.names import UserName, user_name
from wassop.core.records import AccountAdded, Audited, Changes, WebSessionEnded, WebSessionOpened
from wassop.core.refusals import Code, Refused
from wassop.core.web_commands import (
    AdminClaimed,
    AskToken,
    ClaimAdmin,
    CodeGiven,
    EndWebSession,
    OpenWebSession,
    WebSessionGiven,
    WebSessionOver,
)
from wassop.core.web_sessions import CODE_S, FIRST_ADMIN_S, SESSION_S, mark_of

NOW = 1_790_000_000.5
ANA = user_name("ana")
assert isinstance(ANA, UserName)
EXPIRED = Refused(Code.LINK_EXPIRED)


class Page:
    """A hub, ana logged in, and a connection without a name, as a page's request is."""

    def __init__(self):
        self.hub = Hub()
        self.account = self.hub.accounts.put(Account(ANA))
        self.ana = self.logged_in()
        self.request = self.hub.connect()

    def logged_in(self):
        session = self.hub.connect("192.0.2.1")
        login = Login("ana", "", Identify("ana"), proven=self.hub.accounts.named(ANA))
        assert isinstance(self.hub.handle(session, login, NOW)[0].answer, Welcome)
        return session

    def do(self, session, command, now=NOW):
        first, *others = self.hub.handle(session, command, now)
        assert isinstance(first, Reply)
        return first.answer, others

    def opened(self, token="token", now=NOW):
        assert self.do(self.ana, AskToken(f"code of {token}"), now)[0] == CodeGiven(f"code of {token}")
        return self.do(self.request, OpenWebSession(f"code of {token}", token), now)

    def whose(self, token="token", now=NOW):
        return self.hub.web.account(mark_of(token), now)


@pytest.fixture
def page():
    return Page()


def test_only_who_is_logged_in_gets_a_code(page):
    guest = page.hub.connect()
    assert page.do(guest, AskToken("c"))[0] == Refused(Code.HELLO_FIRST)
    page.do(guest, Identify("eva"))
    assert page.do(guest, AskToken("c"))[0] == Refused(Code.NOT_LOGGED_IN)
    assert page.do(page.request, OpenWebSession("c", "t"))[0] == EXPIRED


def test_a_code_opens_one_session_which_is_put_on_record_by_its_mark_alone(page):
    answer, (record,) = page.opened()
    assert answer == WebSessionGiven("token", SESSION_S)
    assert isinstance(record.entry, WebSessionOpened)
    assert record.entry.session.mark == mark_of("token")
    assert "token" not in repr((record, answer, AskToken("token"), OpenWebSession("token", "token")))
    assert page.whose() == ANA
    assert page.do(page.request, OpenWebSession("code of token", "other"))[0] == EXPIRED


def test_a_code_is_good_for_a_minute_and_a_session_for_thirty_days(page):
    page.do(page.ana, AskToken("c"))
    assert page.do(page.request, OpenWebSession("c", "t"), NOW + CODE_S)[0] == EXPIRED
    page.opened()
    assert page.whose(now=NOW + SESSION_S - 1) == ANA
    assert page.whose(now=NOW + SESSION_S) is None


@pytest.mark.parametrize("code", ["", "x", "code of token2"])
def test_what_is_no_code_opens_nothing(page, code):
    page.do(page.ana, AskToken("code of token"))
    assert page.do(page.request, OpenWebSession(code, "t")) == (EXPIRED, [])


def test_a_session_ends_when_it_is_asked_to_and_once(page):
    page.opened()
    answer, (record,) = page.do(page.request, EndWebSession("token"))
    assert answer == WebSessionOver()
    assert record == Record(WebSessionEnded(mark_of("token")))
    assert page.whose() is None
    assert page.do(page.request, EndWebSession("token")) == (WebSessionOver(), [])


def test_logging_out_ends_the_browsers_session_and_no_other(page):
    page.opened("one")
    page.opened("two")
    answer, others = page.do(page.ana, Logout(mark_of("one")))
    assert answer == LoggedOut()
    assert others[0] == Record(WebSessionEnded(mark_of("one")))
    assert (page.whose("one"), page.whose("two")) == (None, ANA)


@pytest.mark.parametrize("how", ["own", "set", "removed"])
def test_another_password_and_the_end_of_the_account_end_all_sessions_and_codes(page, how):
    page.opened("one")
    page.opened("two")
    page.do(page.ana, AskToken("c"))
    operator = page.hub.connect(is_operator=True)
    match how:
        case "own":
            changed = ChangePassword("", "", proven=page.hub.accounts.named(ANA), hashed="h")
            answer, _ = page.do(page.ana, changed)
        case "set":
            answer, _ = page.do(operator, ManageAccount("passwd", "ana", hashed="h"))
        case "removed":
            answer, _ = page.do(operator, ManageAccount("remove", "ana"))
    assert answer == Noted()
    assert (page.whose("one"), page.whose("two"), len(page.hub.web)) == (None, None, 0)
    assert page.do(page.request, OpenWebSession("c", "t"))[0] == EXPIRED


def test_of_very_many_browsers_the_oldest_gives_way_on_record_too(page):
    for number in range(20):
        page.opened(f"token {number}", NOW + number)
    _, (record,) = page.opened("one more", NOW + 20)
    assert record.entry.gone == (mark_of("token 0"),)
    assert page.whose("token 0") is None
    assert page.whose("token 1") == ANA
    assert len(page.hub.web) == 20


def test_codes_that_nobody_uses_do_not_gather(page):
    for number in range(3_000):
        page.do(page.ana, AskToken(f"c{number}"))
    assert len(page.hub.web._codes) <= 1_000
    assert isinstance(page.do(page.request, OpenWebSession("c2999", "t"))[0], WebSessionGiven)


def test_what_could_not_be_stored_is_as_if_it_had_not_been(page):
    _, (record,) = page.opened()
    page.hub.take_back(record.entry)
    assert page.whose() is None


# The first admin

LINK = ClaimAdmin("link", "root", "", "hash")


@pytest.fixture
def new_house():
    page = Page()
    page.hub.web.expect_admin(mark_of("link"), NOW)
    return page


def test_the_link_makes_the_first_admin_and_stands_in_the_audit_log(new_house):
    answer, others = new_house.do(new_house.request, LINK)
    assert isinstance(answer, AdminClaimed)
    (added, audited) = others
    assert isinstance(added.entry, AccountAdded)
    assert added.entry.account.role is ServerRole.ADMIN
    assert audited == Record(Changes((Audited(NOW, "root", "first-admin"),)), is_awaited=False)


def test_it_makes_one_and_no_second(new_house):
    new_house.do(new_house.request, LINK)
    assert new_house.do(new_house.request, ClaimAdmin("link", "zoe", "", "h")) == (EXPIRED, [])


def test_it_is_good_for_an_hour_and_to_nobody_who_does_not_know_it(new_house):
    assert new_house.do(new_house.request, LINK, NOW + FIRST_ADMIN_S)[0] == EXPIRED
    assert new_house.do(new_house.request, ClaimAdmin("x", "root", "", "h"))[0] == EXPIRED


def test_without_a_link_that_was_shown_nobody_is_admin(page):
    assert page.do(page.request, ClaimAdmin("", "root", "", "h"))[0] == EXPIRED


def test_once_there_is_an_admin_the_link_is_not_good_any_more(new_house):
    operator = new_house.hub.connect(is_operator=True)
    new_house.do(operator, ManageAccount("add", "jefa", role="admin", hashed="h"))
    assert new_house.do(new_house.request, LINK)[0] == EXPIRED


def test_an_admin_who_could_not_be_stored_can_be_made_again(new_house):
    _, others = new_house.do(new_house.request, LINK)
    new_house.hub.take_back(others[0].entry)
    assert isinstance(new_house.do(new_house.request, LINK)[0], AdminClaimed)


def test_the_link_takes_nobody_elses_name(new_house):
    assert new_house.do(new_house.request, ClaimAdmin("link", "ana", "", "h"))[0].code is Code.NAME_REGISTERED
    assert (
        new_house.do(new_house.request, ClaimAdmin("link", "a b", "", "h"))[0].code is Code.NAME_BAD_CHARACTER
    )
    guest = new_house.hub.connect()
    new_house.do(guest, Identify("root"))
    _, others = new_house.do(new_house.request, LINK)
    assert Dismissed(guest, Farewell.NAME_REGISTERED) in others


def test_whoever_registers_is_no_admin_while_the_link_waits(new_house):
    guest = new_house.hub.connect()
    new_house.do(guest, Identify("eva"))
    new_house.do(guest, Register("", "h"))
    assert guest.server_role is ServerRole.USER
    assert isinstance(new_house.do(new_house.request, LINK)[0], AdminClaimed)
