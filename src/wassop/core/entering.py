"""Coming in: into the chat under a name, and into rooms."""

from typing import TYPE_CHECKING

from wassop.core import permissions
from wassop.core.absences import absent_among
from wassop.core.accounts import Account
from wassop.core.commands import Identify, Join
from wassop.core.deliveries import Delivery, Reply
from wassop.core.events import Joined, Welcome
from wassop.core.names import UserName, room_name, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.resuming import bounded_history, distinct_rooms
from wassop.core.sayings import recall_sayings
from wassop.core.session import Session

if TYPE_CHECKING:
    from wassop.core.hub import Hub


def identify(
    hub: "Hub", session: Session, command: Identify, now: float, account: Account | None = None
) -> list[Delivery]:
    """Let a visitor in, as a guest or as the owner of `account`."""
    if session.name is not None:
        return [Reply(Refused(Code.ALREADY_NAMED, {"name": session.name.text}))]
    name = user_name(command.name) if account is None else account.name
    if isinstance(name, Refused):
        return [Reply(name)]
    if account is None:
        holder = hub.accounts.holder(name)
        if holder is not None:
            code = Code.PASSWORD_NEEDED if holder.name == name else Code.NAME_REGISTERED
            return [Reply(Refused(code, {"name": name.text}))]
        if hub.people.is_taken(name):
            return [Reply(Refused(Code.NAME_TAKEN, {"name": name.text}))]
    banned = hub.moderation.refused_greeting(session, name, account, now)
    if banned is not None:
        return [Reply(banned)]
    session.account, session.named_at = account, now
    hub.people.admit(session, name, roster=command.roster)
    notices = hub.admit(session, hub.lobby, name) if command.lobby else []
    resumed = []
    # Numbers of another run that nobody has put into terms of this one mean nothing.
    is_known_run = command.epoch is None or command.epoch == hub.epoch
    for room, seq in distinct_rooms(command.resume).items():
        joined, more = _enter(hub, session, name, Join(room, since=seq if is_known_run else 0), now)
        if isinstance(joined, Joined):
            resumed.append(joined)
            notices += more
    recall_sayings(session, command.stored)
    resumed = bounded_history(resumed, hub.limits.resume_bytes)
    welcome = Welcome(name, hub.lobby.name, tuple(resumed), hub.epoch, account)
    return [Reply(welcome), *notices]


def join(hub: "Hub", session: Session, command: Join, now: float) -> list[Delivery]:
    """Let a visitor into a room, which is made if there is none; tell it what it missed there."""
    assert session.name is not None
    joined, notices = _enter(hub, session, session.name, command, now)
    recall_sayings(session, command.stored)
    return [Reply(joined), *notices]


def _enter(
    hub: "Hub", session: Session, name: UserName, command: Join, now: float
) -> tuple[Joined | Refused, list[Delivery]]:
    wanted = room_name(command.room)
    if isinstance(wanted, Refused):
        return wanted, []
    room = hub.rooms.named(wanted.text)
    is_member = room is not None and session in room
    if not is_member and room is not hub.lobby and len(session.rooms) >= hub.limits.max_rooms_per_session:
        return Refused(Code.TOO_MANY_ROOMS, {"limit": hub.limits.max_rooms_per_session}), []
    known = room or hub.rooms.remembered(wanted)
    if known is not None and known.rules is not None and not is_member:
        refused = permissions.refused_entry(known, session, name, command, now)
        if refused is not None:
            return refused, []
    records: list[Delivery] = []
    if room is None:
        made = hub.rooms.make(wanted)
        if isinstance(made, Refused):
            return made, []
        room, records = made, permissions.founded(made, session)
    since = command.since
    if since is None:
        history, complete = room.newest(command.history), True
    else:
        since = since if 0 <= since <= room.seq else 0  # a number of another life of the room says nothing
        history, complete = room.after(since)
    notices = [] if is_member else hub.admit(session, room, name)
    if room is not hub.lobby:
        session.rooms[room.name] = room
    elif not is_member:
        # What was said to all and is still queued is the lobby's history now, and is not told again.
        hub.people.everyone.renew(session)
    more = (room.told_topic, absent_among(room, hub.absences), *permissions.order_as_told(room, session))
    joined = Joined(room.name, room.seq, room.names, history, since, complete, *more)
    return joined, [*notices, *records]
