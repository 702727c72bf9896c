"""What somebody may do in a room at this moment."""

import math
from collections.abc import Iterable

from wassop.core.commands import Join
from wassop.core.deliveries import Delivery, Record
from wassop.core.events import Kind, RoomInfo, RoomList
from wassop.core.modes import OPEN, RoomModes
from wassop.core.names import UserName
from wassop.core.records import Changes, RoleKept
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import Kind as Restraint
from wassop.core.roles import PERMISSIONS, SERVER_ROLES, Action, Role, Standing, may
from wassop.core.room import Room
from wassop.core.session import Session


def standing_in(room: Room, session: Session) -> Standing:
    """What `session` is in `room`, by what it was made there and by its role on the server."""
    own = room.roles.of(session) if room.roles is not None else Role.MEMBER
    return Standing(max(own, SERVER_ROLES[session.server_role]), session.server_role)


def modes_of(room: Room) -> RoomModes:
    """How `room` is set."""
    return room.rules.modes if room.rules is not None else OPEN


def not_allowed(role: Role, action: Action) -> Refused | None:
    """Why somebody with that role may not do that, if so."""
    if may(role, action):
        return None
    return Refused(Code.NOT_ALLOWED, {"role": PERMISSIONS[action], "action": action.value})


def refused_amendment(room: Room, session: Session, kind: Kind, now: float) -> Refused | None:
    """Why `session` may not say that about a message now, if so; to take something back is always allowed."""
    if kind is Kind.DELETE:
        return None
    say = refused_message if kind in (Kind.SAY, Kind.ME, Kind.REPLY) else refused_words
    return say(room, session, now)


def may_delete_others(room: Room, session: Session) -> bool:
    """Whether `session` may delete what anybody said in `room`."""
    return may(standing_in(room, session).role, Action.DELETE_MESSAGE)


def refused_entry(room: Room, session: Session, name: UserName, command: Join, now: float) -> Refused | None:
    """Why `session` may not come in as `name`, if so."""
    if room.rules is None:
        return None
    standing, modes = standing_in(room, session), room.rules.modes
    ban = room.rules.restrictions.concerning(Restraint.BAN, session, name, standing, now)
    if ban is not None:
        given = {"room": room.name.text, "until": ban.until, "reason": ban.reason}
        return Refused(Code.BANNED_FROM_ROOM, given)
    if modes.invite_only and not may(standing.role, Action.JOIN_UNINVITED) and not _is_invited(room, session):
        return Refused(Code.INVITE_NEEDED, {"room": room.name.text})
    if modes.password is None or may(standing.role, Action.JOIN_WITHOUT_PASSWORD):
        return None
    if command.proven == modes.password:
        return None
    code = Code.ROOM_PASSWORD_WRONG if command.password else Code.ROOM_PASSWORD_NEEDED
    return Refused(code, {"room": room.name.text})


def refused_words(room: Room, session: Session, now: float) -> Refused | None:
    """Why `session` may not be heard in `room`, if so, however long it waits."""
    if room.rules is None:
        return None
    assert session.name is not None
    standing = standing_in(room, session)
    mute = room.rules.restrictions.concerning(Restraint.MUTE, session, session.name, standing, now)
    if mute is not None:
        given = {"room": room.name.text, "until": mute.until, "reason": mute.reason}
        return Refused(Code.MUTED, given)
    if room.rules.modes.moderated and not may(standing.role, Action.SPEAK_WHERE_MODERATED):
        return Refused(Code.ROOM_MODERATED, {"room": room.name.text})
    return None


def refused_message(room: Room, session: Session, now: float) -> Refused | None:
    """Why `session` may not say something in `room` now, if so; else it has spoken."""
    refused = refused_words(room, session, now)
    if refused is not None or room.rules is None:
        return refused
    assert session.name is not None
    if not may(standing_in(room, session).role, Action.SPEAK_WITHOUT_PAUSE):
        wait_s = room.rules.wait_s(session.name, now)
        if wait_s:
            return Refused(Code.SLOW_MODE, {"wait_s": math.ceil(wait_s)})
        room.rules.note_speaker(session.name, now)
    return None


def refused_topic(room: Room, session: Session, now: float) -> Refused | None:
    """Why `session` may not say what `room` is about, if so."""
    if room.rules is None:
        return None
    is_moderated = room.rules.modes.moderated
    action = Action.SET_TOPIC_WHERE_MODERATED if is_moderated else Action.SET_TOPIC
    return refused_words(room, session, now) or not_allowed(standing_in(room, session).role, action)


def may_set_password(room: Room, session: Session) -> bool:
    """Whether `session` may say what one must know to enter `room`."""
    is_there = session in room or may(SERVER_ROLES[session.server_role], Action.SEE_HIDDEN)
    return is_there and may(standing_in(room, session).role, Action.SET_DOOR_MODES)


def sees(session: Session, room: Room) -> bool:
    """Whether `room` is on the list that `session` reads."""
    if room.rules is None or not room.rules.modes.hidden:
        return True
    return session in room or may(SERVER_ROLES[session.server_role], Action.SEE_HIDDEN)


def room_list(session: Session, rooms: Iterable[Room], lobby: Room) -> RoomList:
    """Those of `rooms` that `session` may know of."""
    return RoomList(tuple(_listed(room, lobby) for room in rooms if sees(session, room)))


def _listed(room: Room, lobby: Room) -> RoomInfo:
    topic = room.topic.text if room.topic is not None else ""
    modes = modes_of(room)
    return RoomInfo(
        room.name, room.count, room is lobby, modes.password is not None, modes.invite_only, topic
    )


def founded(room: Room, session: Session) -> list[Delivery]:
    """`session` enters a room in which nobody was: it owns it, unless somebody keeps order there already."""
    if room.roles is not None and any(held.role >= Role.OPERATOR for held in room.roles.held):
        return []
    if session.account is None:
        room.roles_to_change().give(session, Role.OWNER)
        return []
    room.roles_to_change().hold(session.account.name, Role.OWNER)
    return [Record(Changes((RoleKept(room.name, session.account.name, Role.OWNER),)), is_awaited=False)]


def order_as_told(room: Room, session: Session) -> tuple[RoomModes, tuple[tuple[UserName, Role], ...], Role]:
    """How `room` is set, who is more than a member there, and what `session` is, as `Joined` tells it."""
    if room.rules is None and room.roles is None and session.account is None:
        return OPEN, (), Role.MEMBER
    roles = tuple(room.roles.told) if room.roles is not None else ()
    return modes_of(room), roles, standing_in(room, session).role


def _is_invited(room: Room, session: Session) -> bool:
    is_held = room.roles is not None and room.roles.is_held(session)
    return is_held or room.name.key in session.invitations
