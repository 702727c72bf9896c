"""The table of permissions, cell by cell, and who stands above whom."""

import pytest

from wassop.core.accounts import ServerRole
from wassop.core.roles import MAKING, PERMISSIONS, SERVER_ROLES, Action, Role, Standing, may, outranks

# B banned, M member, V voice, O operator, W owner: who may.
TABLE = {
    "join": ".MVOW",
    "join-uninvited": "..VOW",
    "join-without-password": "...OW",
    "speak": ".MVOW",
    "speak-where-moderated": "..VOW",
    "speak-without-pause": "...OW",
    "topic": ".MVOW",
    "topic-where-moderated": "...OW",
    "delete": "...OW",
    "invite": ".MVOW",
    "invite-where-invite-only": "...OW",
    "make-member": "...OW",
    "make-voice": "...OW",
    "make-operator": "....W",
    "make-owner": "....W",
    "kick": "...OW",
    "ban": "...OW",
    "unban": "...OW",
    "mute": "...OW",
    "unmute": "...OW",
    "bans": "...OW",
    "talk-modes": "...OW",
    "door-modes": "....W",
    "see-hidden": "...OW",
    "audit": "...OW",
}
LETTERS = {Role.BANNED: "B", Role.MEMBER: "M", Role.VOICE: "V", Role.OPERATOR: "O", Role.OWNER: "W"}
USER, MODERATOR, ADMIN = ServerRole.USER, ServerRole.MODERATOR, ServerRole.ADMIN


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_the_table_of_permissions(action, role):
    assert may(role, action) == (LETTERS[role] in TABLE[action.value])


def test_the_table_is_whole():
    assert set(PERMISSIONS) == set(Action)
    assert {action.value for action in Action} == TABLE.keys()


def test_whoever_is_banned_may_do_nothing():
    assert not any(may(Role.BANNED, action) for action in Action)


def test_nobody_may_make_anybody_more_than_they_are():
    assert all(PERMISSIONS[MAKING[role]] >= role for role in MAKING)
    assert MAKING.keys() == set(Role) - {Role.BANNED}


def test_roles_on_the_server_count_in_every_room():
    assert SERVER_ROLES == {USER: Role.MEMBER, MODERATOR: Role.OPERATOR, ADMIN: Role.OWNER}


@pytest.mark.parametrize(
    ("actor", "target", "is_above"),
    [
        ((Role.OWNER, USER), (Role.OPERATOR, USER), True),
        ((Role.OPERATOR, USER), (Role.OWNER, USER), False),
        ((Role.OWNER, USER), (Role.OWNER, USER), False),
        ((Role.OPERATOR, USER), (Role.OPERATOR, USER), False),
        ((Role.OPERATOR, MODERATOR), (Role.OPERATOR, USER), True),
        ((Role.OPERATOR, MODERATOR), (Role.OWNER, USER), False),
        ((Role.OWNER, USER), (Role.OPERATOR, MODERATOR), False),
        ((Role.OWNER, ADMIN), (Role.OWNER, USER), True),
        ((Role.OWNER, ADMIN), (Role.OPERATOR, MODERATOR), True),
        ((Role.OWNER, MODERATOR), (Role.OWNER, ADMIN), False),
        ((Role.OWNER, ADMIN), (Role.OWNER, ADMIN), False),
    ],
)
def test_who_stands_above_whom(actor, target, is_above):
    assert outranks(Standing(*actor), Standing(*target)) == is_above


def test_nobody_stands_above_themselves_nor_two_above_each_other():
    standings = [Standing(role, server) for role in Role for server in ServerRole]
    for one in standings:
        assert not outranks(one, one)
        for other in standings:
            assert not (outranks(one, other) and outranks(other, one))


@pytest.mark.parametrize("role", Role)
def test_a_role_is_found_by_its_stable_name(role):
    assert Role.named(role.text) is role
    assert Role.named("king") is None
