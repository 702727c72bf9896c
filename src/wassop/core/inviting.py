"""Who was told to come into a room."""

from collections.abc import Iterable
from typing import Final

from wassop.core.deeds import Done, InvitationSent, Invited
from wassop.core.deliveries import Delivery, Reply, ToSession
from wassop.core.keeper import Keeper, Person
from wassop.core.names import user_name
from wassop.core.orders import Invite
from wassop.core.people import People
from wassop.core.permissions import modes_of
from wassop.core.records import Change, RoleKept
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Action, Role
from wassop.core.room import Room
from wassop.core.session import Session

_MAX_INVITATIONS: Final = 100
"""Of a guest; the oldest are forgotten."""


def invite(keeper: Keeper, order: Invite, people: People) -> list[Delivery] | Refused:
    """Tell somebody to come, and where only those come in who were told to, let it in."""
    room, name = keeper.room, user_name(order.who)
    assert room is not None
    is_locked = modes_of(room).invite_only
    refused = keeper.refused(Action.INVITE_WHERE_INVITE_ONLY if is_locked else Action.INVITE)
    if refused is not None:
        return refused
    here = people.named(name) if not isinstance(name, Refused) else ()
    if not here or here[0].name is None:
        return Refused(Code.NO_SUCH_USER, {"name": order.who})
    sent = InvitationSent(room.name, here[0].name)
    told: list[Delivery] = [
        ToSession(session, Invited(room.name, keeper.name)) for session in here if session not in room
    ]
    if not is_locked or not told:
        return [Reply(Done(sent)), *told]
    record = keeper.kept("invite", here[0].name.text, "", *_let_in(room, here))
    return [Reply(Done(sent)), record, *told]


def _let_in(room: Room, sessions: Iterable[Session]) -> list[Change]:
    changes: list[Change] = []
    for session in sessions:
        if session.account is None:
            others = (key for key in session.invitations if key != room.name.key)
            session.invitations = (*others, room.name.key)[-_MAX_INVITATIONS:]
        elif room.roles_to_change().held_by(session.account.name) is None:
            room.roles_to_change().hold(session.account.name, Role.MEMBER)
            changes.append(RoleKept(room.name, session.account.name, Role.MEMBER))
    room.settle_rules()
    return changes


def uninvite(room: Room, person: Person) -> list[Change]:
    """Whoever is put out of a room does not come back on an old invitation."""
    for session in person.sessions:
        session.invitations = tuple(key for key in session.invitations if key != room.name.key)
    if room.roles is None or person.account is None or person.own is not Role.MEMBER:
        return []
    if room.roles.held_by(person.account) is None:
        return []
    room.roles.hold(person.account, None)
    room.settle_rules()
    return [RoleKept(room.name, person.account, None)]
