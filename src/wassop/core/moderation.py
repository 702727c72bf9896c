"""Keeping order: what is asked of the hub by those who may, and why it is refused to the others.

Rule 1: `roles.PERMISSIONS` says who may do it, and `roles.outranks` to whom.
Rule 2: what is done holds at once; it goes on record, with an entry in the audit log, before it is answered.
Rule 3: whoever puts a room in order is in it, or has a role on the server.
"""

from collections.abc import Callable, Iterable
from typing import Final

from wassop.core import banning
from wassop.core.accounts import Account, ServerRole
from wassop.core.deeds import (
    BanList,
    Banned,
    Done,
    Kicked,
    LookUpAudit,
    Muted,
    RoleGiven,
    Unbanned,
    Unmuted,
)
from wassop.core.deliveries import Delivery, Dismissed, Record, Reply, ToRoom, ToSession, Vacated
from wassop.core.events import Farewell
from wassop.core.inviting import invite, uninvite
from wassop.core.keeper import Keeper, Person
from wassop.core.limits import Limits
from wassop.core.modes import ModeChanges
from wassop.core.names import UserName, room_name, user_name
from wassop.core.orders import (
    AskAudit,
    AskBans,
    Ban,
    GiveRole,
    Invite,
    Kick,
    Mute,
    Order,
    SetModes,
    Unban,
    Unmute,
)
from wassop.core.people import People
from wassop.core.permissions import modes_of, standing_in
from wassop.core.records import Change, Changes, Lifted, Restricted, RoleKept
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import Kind, Restrictions
from wassop.core.roles import MAKING, SERVER_ROLES, Action, Role, Standing, may
from wassop.core.room import Room
from wassop.core.room_settings import set_modes
from wassop.core.rooms import Rooms
from wassop.core.session import Session
from wassop.core.text import one_line

PutOut = Callable[[Session, Room], list[Delivery]]
"""Takes a session out of a room, of which nobody is told by that."""
Disconnect = Callable[[Session], list[Delivery]]
"""Takes a session out of the chat, and tells the others."""


class Moderation:
    """The orders, and the bans of the whole server."""

    def __init__(
        self, rooms: Rooms, people: People, limits: Limits, put_out: PutOut, disconnect: Disconnect
    ) -> None:
        self._rooms: Final = rooms
        self._lobby: Final = next(iter(rooms))
        self._people: Final = people
        self._limits: Final = limits
        self._put_out: Final = put_out
        self._disconnect: Final = disconnect
        self.bans: Final = Restrictions()
        """Those of the server."""

    def refused_greeting(
        self, session: Session, name: UserName, account: Account | None, now: float
    ) -> Refused | None:
        """Why `session` may not be here as `name`, or as the owner of `account`, if so."""
        if not len(self.bans):
            return None
        role = account.role if account is not None else ServerRole.USER
        ban = self.bans.concerning(Kind.BAN, session, name, Standing.on_server(role), now, account)
        return None if ban is None else Refused(Code.BANNED, {"until": ban.until, "reason": ban.reason})

    def adopt(self, session: Session) -> list[Delivery]:
        """What `session` was made as a guest, it is as the owner of its account from now on."""
        assert session.account is not None
        name, changes = session.account.name, list[Change]()
        for room in session.rooms.values():
            role = room.roles.as_guest(session) if room.roles is not None else Role.MEMBER
            held = room.roles.held_by(name) if room.roles is not None else None
            if role > (held.role if held is not None else Role.MEMBER):
                room.roles_to_change().hold(name, role)
                changes.append(RoleKept(room.name, name, role))
            if role > Role.MEMBER:
                room.roles_to_change().release(session)
        return [Record(Changes(tuple(changes)), is_awaited=False)] if changes else []

    def forget_account(self, name: UserName) -> None:
        """Nobody has that account any more: what it was in rooms, the next one of that name is not."""
        for room in self._rooms.known():
            if room.roles is not None:
                room.roles.hold(name, None)
                room.settle_rules()

    def carry_out(self, session: Session, order: Order, now: float) -> list[Delivery]:
        """Do what `session` wants, or refuse it."""
        done = self._carry_out(session, order, now)
        return [Reply(done)] if isinstance(done, Refused) else done

    def _carry_out(self, session: Session, order: Order, now: float) -> list[Delivery] | Refused:
        on_server = Keeper.of(session, None, now)
        if isinstance(order, AskAudit):
            return self._ask_audit(on_server, order)
        assert isinstance(order, GiveRole | Kick | Ban | Unban | Mute | Unmute | Invite | SetModes | AskBans)
        keeper = on_server if order.room is None else self._keeper(session, order.room, now)
        if isinstance(keeper, Refused):
            return keeper
        match order:
            case GiveRole():
                return self._give_role(keeper, order)
            case Kick():
                return self._kick(keeper, order)
            case Ban():
                return self._ban(keeper, order)
            case Mute():
                return self._mute(keeper, order)
            case Unban() | Unmute():
                return self._lift(keeper, order)
            case Invite():
                return invite(keeper, order, self._people)
            case SetModes():
                return self._set_modes(keeper, order.changes)
            case AskBans():
                return self._ask_bans(keeper)

    def _keeper(self, session: Session, name: str, now: float) -> Keeper | Refused:
        room = self._rooms.named(name)
        may_look = may(SERVER_ROLES[session.server_role], Action.SEE_HIDDEN)
        if room is None or (session not in room and not may_look):
            return Refused(Code.NO_SUCH_ROOM if may_look else Code.NOT_IN_ROOM, {"room": name})
        return Keeper.of(session, room, now)

    # Roles

    def _give_role(self, keeper: Keeper, order: GiveRole) -> list[Delivery] | Refused:
        room, role, person = _room(keeper), order.role, self._person(keeper, order.who)
        if isinstance(person, Refused):
            return person
        is_oneself = person.name == keeper.name
        if role > person.own or not is_oneself:
            refused = keeper.refused(MAKING[role])
            if refused is None and role < person.own:
                refused = keeper.stands_below(person.standing, person.name)
            if refused is not None:
                return refused
        given = RoleGiven(room.name, person.name, role, keeper.name)
        if role is person.own and not (role is Role.MEMBER and modes_of(room).invite_only):
            if person.account is None:
                return [Reply(Done(given))]
            # Not told again, but perhaps it could not be stored the first time.
            kept = None if role is Role.MEMBER else role
            return [Reply(Done(given)), Record(Changes((RoleKept(room.name, person.account, kept),)))]
        is_last = person.own is Role.OWNER and room.roles is not None and room.roles.owners == 1
        if is_last and is_oneself:
            return Refused(Code.LAST_OWNER, {"room": room.name.text})
        record = keeper.kept("role", person.name.text, role.text, *self._make(room, person, role))
        return keeper.told(Done(given), record, given)

    def _make(self, room: Room, person: Person, role: Role) -> list[Change]:
        """Let `person` be that in `room`."""
        roles = room.roles_to_change()
        changes: list[Change] = []
        if person.account is not None:
            # An ordinary member on record is one who was let in.
            is_kept = role is not Role.MEMBER or modes_of(room).invite_only
            roles.hold(person.account, role if is_kept else None)
            changes.append(RoleKept(room.name, person.account, role if is_kept else None))
        for session in person.sessions:
            roles.give(session, Role.MEMBER if session.account is not None else role)
        room.settle_rules()
        return changes

    def _person(self, keeper: Keeper, who: str) -> Person | Refused:
        """Somebody who is in the keeper's room, or holds a role there."""
        room, name = _room(keeper), user_name(who)
        if isinstance(name, Refused):
            return name
        here = tuple(session for session in self._people.named(name) if session in room)
        if here:
            first = here[0]
            assert first.name is not None
            own = room.roles.of(first) if room.roles is not None else Role.MEMBER
            account = first.account.name if first.account is not None else None
            return Person(first.name, here, standing_in(room, first), own, account)
        held = room.roles.held_by(name) if room.roles is not None else None
        if held is None:
            return Refused(Code.NOT_IN_ROOM_THEY, {"name": name.text, "room": room.name.text})
        return Person(held.account, (), Standing(held.role), held.role, held.account)

    # Putting out

    def _kick(self, keeper: Keeper, order: Kick) -> list[Delivery] | Refused:
        reason = one_line(order.reason)
        refused = keeper.refused(Action.KICK) or banning.refused_reason(reason)
        if refused is not None:
            return refused
        person = self._kicked(keeper, order.who)
        if isinstance(person, Refused):
            return person
        refused = keeper.stands_below(person.standing, person.name)
        if refused is not None:
            return refused
        changes = uninvite(keeper.room, person) if keeper.room is not None else []
        where = keeper.room.name if keeper.room is not None else None
        kicked = Kicked(where, person.name, keeper.name, reason)
        record = keeper.kept("kick", person.name.text, reason, *changes)
        return [
            Reply(Done(kicked)),
            record,
            *self._told_out(keeper, person.sessions, [kicked], Farewell.KICKED),
        ]

    def _kicked(self, keeper: Keeper, who: str) -> Person | Refused:
        if keeper.room is self._lobby:
            return Refused(Code.LOBBY_STAYS, {"room": self._lobby.name.text})
        if keeper.room is not None:
            person = self._person(keeper, who)
            if isinstance(person, Person) and not person.sessions:
                given = {"name": person.name.text, "room": keeper.room.name.text}
                return Refused(Code.NOT_IN_ROOM_THEY, given)
            return person
        name = user_name(who)
        here = tuple(self._people.named(name)) if not isinstance(name, Refused) else ()
        if not here or here[0].name is None:
            return Refused(Code.NO_SUCH_USER, {"name": who})
        return Person(here[0].name, here, Standing.on_server(here[0].server_role), Role.MEMBER)

    def _told_out(
        self, keeper: Keeper, sessions: Iterable[Session], events: Iterable[Kicked], reason: Farewell
    ) -> list[Delivery]:
        """Put them out of the keeper's room, or end them; those who stay and those who go read why."""
        room, by_name = keeper.room, {event.who: event for event in events}
        deliveries: list[Delivery] = []
        for session in sessions:
            assert session.name is not None
            deliveries.append(ToSession(session, by_name[session.name]))
            if room is None:
                deliveries += [*self._disconnect(session), Dismissed(session, reason)]
            else:
                deliveries += self._put_out(session, room)
        if room is not None and len(room):
            deliveries.append(ToRoom(room, tuple(by_name.values()), room.audience, keeper.session))
        return deliveries

    # Bans and mutes

    def _ban(self, keeper: Keeper, order: Ban) -> list[Delivery] | Refused:
        room, reason = keeper.room, one_line(order.reason)
        if room is self._lobby:
            return Refused(Code.LOBBY_STAYS, {"room": room.name.text})
        here = self._people.everyone if room is None else room
        restrictions = self.bans if room is None else room.rules_to_change().restrictions
        found = banning.too_many(restrictions, self._limits, keeper.now) or banning.banned(
            keeper, order, reason, here, restrictions
        )
        if not isinstance(found, Refused):
            restrictions.add(found[0])
        if room is not None:
            room.settle_rules()
        if isinstance(found, Refused):
            return found
        ban, sessions = found
        where = room.name if room is not None else None
        names = {session.name: None for session in sessions if session.name is not None}
        events = [Kicked(where, name, keeper.name, reason, is_ban=True, until=ban.until) for name in names]
        answer = Done(events[0] if len(events) == 1 else Banned(where, ban.target, ban.until))
        record = keeper.kept("ban", banning.shown(ban), banning.detail(ban), Restricted(where, ban))
        return [Reply(answer), record, *self._told_out(keeper, sessions, events, Farewell.BANNED)]

    def _mute(self, keeper: Keeper, order: Mute) -> list[Delivery] | Refused:
        room, person = _room(keeper), self._person(keeper, order.who)
        if isinstance(person, Refused):
            return person
        restrictions = room.rules_to_change().restrictions
        mute = banning.too_many(restrictions, self._limits, keeper.now) or banning.muted(
            keeper, person, order, one_line(order.reason)
        )
        if not isinstance(mute, Refused):
            restrictions.add(mute)
        room.settle_rules()
        if isinstance(mute, Refused):
            return mute
        event = Muted(room.name, person.name, keeper.name, mute.until, mute.reason)
        record = keeper.kept("mute", person.name.text, banning.detail(mute), Restricted(room.name, mute))
        return keeper.told(Done(event), record, event)

    def _lift(self, keeper: Keeper, order: Unban | Unmute) -> list[Delivery] | Refused:
        room = keeper.room
        restrictions = self.bans if room is None else keeper.restrictions
        found = banning.lifted(keeper, order, restrictions)
        if isinstance(found, Refused):
            return found
        assert restrictions is not None
        restrictions.lift(found.kind, found.target)
        where = room.name if room is not None else None
        change = Lifted(where, found)
        record = keeper.kept(f"un{found.kind}", banning.shown(found), "", change)
        if room is not None:
            room.settle_rules()
        if isinstance(order, Unban) or room is None:
            return [Reply(Done(Unbanned(where, found.target))), record]
        who = user_name(order.who)
        assert not isinstance(who, Refused)
        event = Unmuted(room.name, who, keeper.name)
        return keeper.told(Done(event), record, event)

    def take_back(self, changes: Iterable[Change]) -> None:
        """What was to be put on record could not be. What was lifted holds again, or it could not be lifted
        once more; all else that was asked for can be asked for again as it is."""
        for change in changes:
            if isinstance(change, Lifted):
                room = self._rooms.remembered(change.room) if change.room is not None else None
                if room is not None:
                    room.rules_to_change().restrictions.add(change.restriction)
                elif change.room is None:
                    self.bans.add(change.restriction)

    # Doors

    def _set_modes(self, keeper: Keeper, changes: ModeChanges) -> list[Delivery] | Refused:
        told, room = set_modes(keeper, changes, self._lobby), _room(keeper)
        if not isinstance(told, Refused) and not len(room) and not room.stays:
            self._rooms.retire(room)
            told.append(Vacated(room))
        return told

    # Asking

    def _ask_bans(self, keeper: Keeper) -> list[Delivery] | Refused:
        refused = keeper.refused(Action.SEE_BANS)
        if refused is not None:
            return refused
        room = keeper.room
        restrictions = self.bans if room is None else keeper.restrictions
        holding = tuple(restrictions.holding(keeper.now)) if restrictions is not None else ()
        return [Reply(BanList(room.name if room is not None else None, holding))]

    def _ask_audit(self, keeper: Keeper, order: AskAudit) -> list[Delivery] | Refused:
        refused = keeper.refused(Action.SEE_AUDIT)
        room = room_name(order.room) if order.room is not None else None
        if refused is not None or isinstance(room, Refused):
            return refused or Refused(Code.NO_SUCH_ROOM, {"room": order.room})
        limit = max(0, min(order.limit, self._limits.history_page_messages))
        return [Reply(LookUpAudit(room, order.before, limit))]


def _room(keeper: Keeper) -> Room:
    assert keeper.room is not None
    return keeper.room
