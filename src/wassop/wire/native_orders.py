"""Between the native dialect's messages about order and the hub's."""

from collections.abc import Callable, Mapping
from typing import Final

from wassop.core import deeds, events, operations, orders
from wassop.core.modes import UNCHANGED, ModeChanges, RoomModes
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import By, Kind, Restriction
from wassop.core.roles import Role
from wassop.wire import native_moderation as messages
from wassop.wire.moments import to_ms


def _role(m: messages.Role) -> orders.Order:
    return orders.GiveRole(m.room, m.who, Role[m.role.upper()])


def _target(m: messages.Ban | messages.Unban) -> tuple[By, str] | Refused:
    given = [(by, text) for by in By if (text := getattr(m, by.value)) is not None]
    return given[0] if len(given) == 1 else Refused(Code.BAD_FIELD, {"field": "who"})


def _kick(m: messages.Kick) -> orders.Order | operations.KickSession | Refused:
    match m:
        case messages.Kick(who=str(who), session=None):
            return orders.Kick(m.room, who, m.reason)
        case messages.Kick(who=None, room=None, session=int(number)):
            return operations.KickSession(number, m.reason)
    return Refused(Code.BAD_FIELD, {"field": "who"})


def _ban(m: messages.Ban) -> orders.Order | Refused:
    target = _target(m)
    return target if isinstance(target, Refused) else orders.Ban(m.room, *target, m.for_s, m.reason)


def _unban(m: messages.Unban) -> orders.Order | Refused:
    target = _target(m)
    return target if isinstance(target, Refused) else orders.Unban(m.room, *target)


def _modes(m: messages.Modes) -> orders.Order:
    if m.set is None:
        return orders.SetModes(m.room, UNCHANGED)
    w = m.set
    changes = ModeChanges(w.invite_only, w.hidden, w.permanent, w.moderated, w.slow_s, w.password)
    return orders.SetModes(m.room, changes)


ORDERS: Final[Mapping[type, Callable[..., orders.Order | operations.KickSession | Refused]]] = {
    messages.Role: _role,
    messages.Kick: _kick,
    messages.Ban: _ban,
    messages.Unban: _unban,
    messages.Bans: lambda m: orders.AskBans(m.room),
    messages.Mute: lambda m: orders.Mute(m.room, m.who, m.for_s, m.reason),
    messages.Unmute: lambda m: orders.Unmute(m.room, m.who),
    messages.Invite: lambda m: orders.Invite(m.room, m.who),
    messages.Modes: _modes,
    messages.Audit: lambda m: orders.AskAudit(m.room, m.limit, m.before),
}


def asked(order: orders.Order) -> messages.ClientOrder:
    """`order` as a client says it."""
    match order:
        case orders.GiveRole(room, who, role):
            return messages.Role(room, who, role.text)  # type: ignore[arg-type]
        case orders.Kick(where, who, reason):
            return messages.Kick(who, where, reason)
        case orders.Ban(where, by, target, for_s, reason):
            return messages.Ban(where, **{by.value: target}, for_s=for_s, reason=reason)
        case orders.Unban(where, by, target):
            return messages.Unban(where, **{by.value: target})
        case orders.Mute(room, who, for_s, reason):
            return messages.Mute(room, who, for_s, reason)
        case orders.Unmute(room, who):
            return messages.Unmute(room, who)
        case orders.Invite(room, who):
            return messages.Invite(room, who)
        case orders.SetModes(room, changes) if changes == UNCHANGED:
            return messages.Modes(room)
        case orders.SetModes(room, c):
            wanted = messages.WantedModes(
                c.invite_only, c.hidden, c.permanent, c.moderated, c.slow_s, c.password
            )
            return messages.Modes(room, wanted)
        case orders.AskBans(where):
            return messages.Bans(where)
        case orders.AskAudit(where, limit, before):
            return messages.Audit(where, limit, before)
        case _:
            raise TypeError(f"no order: {type(order).__name__}")


def told_modes(modes: RoomModes) -> messages.ToldModes:
    """How a room is set; of its password only whether there is one."""
    return messages.ToldModes(
        modes.invite_only,
        modes.hidden,
        modes.permanent,
        modes.moderated,
        modes.slow_s or None,
        modes.password is not None,
    )


def told_roles(joined: events.Joined) -> messages.Roles | None:
    """Who is what, if anybody is anything."""
    return {name.text: role.text for name, role in joined.roles} or None


def event(deed: deeds.Deed) -> messages.ServerNotice:
    """What is told of a deed."""
    match deed:
        case deeds.RoleGiven(room, who, role, by):
            return messages.RoleGiven(room.text, who.text, role.text, by.text)
        case deeds.Kicked(where, who, by, reason, is_ban, until):
            room_text = where.text if where is not None else None
            return messages.Kicked(who.text, by.text, room_text, reason, is_ban, _ms(until))
        case deeds.Muted(room, who, by, until, reason):
            return messages.Muted(room.text, who.text, by.text, _ms(until), reason)
        case deeds.Unmuted(room, who, by):
            return messages.Unmuted(room.text, who.text, by.text)
        case deeds.Invited(room, by):
            return messages.Invited(room.text, by.text)
        case deeds.ModesSet():
            return modes(deed, None)


def modes(answer: deeds.ModesSet, re: messages.Id) -> messages.ModesAre:
    """How a room is set."""
    author = answer.by.text if answer.by is not None else None
    return messages.ModesAre(answer.room.text, told_modes(answer.modes), author, re)


def bans(answer: deeds.BanList, re: messages.Id) -> messages.BansAre:
    """Who is banned or muted."""
    room = answer.room.text if answer.room is not None else None
    return messages.BansAre([_line(restriction) for restriction in answer.restrictions], room, re)


def audit(answer: deeds.AuditPage, re: messages.Id) -> messages.AuditIs:
    """What was done."""
    entries = [
        messages.AuditEntry(
            each.id,
            to_ms(each.at),
            each.actor,
            each.action,
            each.room,
            each.target,
            each.detail,
            each.address,
        )
        for each in answer.lines
    ]
    return messages.AuditIs(entries, answer.more, re)


def _line(restriction: Restriction) -> messages.BanLine:
    line = messages.BanLine(to_ms(restriction.at), restriction.author.text)
    setattr(line, restriction.target.by.value, restriction.target.text)
    line.mute = restriction.kind is Kind.MUTE
    line.until, line.reason = _ms(restriction.until), restriction.reason
    return line


def _ms(at: float | None) -> float | None:
    return None if at is None else to_ms(at)
