"""Who is here by name, with several sessions of one name."""

from attrs import define, field

from wassop.core.accounts import Account, ServerRole
from wassop.core.gathering import Gathering
from wassop.core.names import UserName, user_name
from wassop.core.people import People
from wassop.core.session import Session


def named(text: str) -> UserName:
    name = user_name(text)
    assert isinstance(name, UserName)
    return name


@define
class Crowd:
    people: People = field(factory=People)

    def come(self, text: str) -> Session:
        session = Session(0)
        self.people.admit(session, named(text))
        return session


def test_a_name_that_several_sessions_have_is_there_once_until_the_last_of_them_goes() -> None:
    crowd = Crowd()
    first, second, bob = crowd.come("ana"), crowd.come("ana"), crowd.come("bob")
    everyone = crowd.people.everyone
    assert (everyone.names, everyone.count, len(everyone)) == ((named("ana"), named("bob")), 2, 3)
    assert list(crowd.people.named(named("ana"))) == [first, second]
    crowd.people.release(first)
    assert (everyone.names, everyone.count) == ((named("ana"), named("bob")), 2)
    assert crowd.people.is_taken(named("ana"))
    crowd.people.release(second)
    assert everyone.names == (named("bob"),)
    assert not crowd.people.is_taken(named("ana"))
    crowd.people.release(bob)
    assert everyone.count == 0


def test_sessions_of_one_name_are_twins_only_where_both_are() -> None:
    crowd, room = Crowd(), Gathering()
    first, second = crowd.come("ana"), crowd.come("ana")
    assert not crowd.people.is_twin(second, room)
    room.admit(first)
    assert crowd.people.is_twin(second, room)
    assert not crowd.people.is_twin(first, room)


def test_a_lookalike_of_a_name_is_taken_as_long_as_somebody_has_the_name() -> None:
    crowd = Crowd()
    ana = crowd.come("ana")
    assert crowd.people.is_taken(named("аnа"))  # two of these letters are Cyrillic
    crowd.people.release(ana)
    assert not crowd.people.is_taken(named("аnа"))


def test_server_roles_are_ordered_and_known_by_their_text() -> None:
    assert ServerRole.USER < ServerRole.MODERATOR < ServerRole.ADMIN
    assert [ServerRole.named(role.text) for role in ServerRole] == list(ServerRole)
    assert ServerRole.named("king") is None


def test_a_session_may_do_what_its_account_may_and_an_operator_everything() -> None:
    assert Session(1).server_role is ServerRole.USER
    assert Session(1, account=Account(named("ana"), ServerRole.MODERATOR)).server_role is ServerRole.MODERATOR
    assert Session(1, is_operator=True).server_role is ServerRole.ADMIN
