"""Sentences about order in rooms and on the server, in the visitor's language."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from wassop.core import deeds
from wassop.core.accounts import ServerRole
from wassop.core.events import Joined
from wassop.core.modes import RoomModes
from wassop.core.restrictions import By, Kind, Restriction, Target
from wassop.core.roles import Role
from wassop.core.text import visible
from wassop.locale import N_, Translations

ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.BANNED: N_("banned"),
    Role.MEMBER: N_("member"),
    Role.VOICE: N_("voice"),
    Role.OPERATOR: N_("operator"),
    Role.OWNER: N_("owner"),
}
_SERVER_ROLE_NAMES: Final[Mapping[ServerRole, str]] = {
    ServerRole.MODERATOR: N_("moderator of the server"),
    ServerRole.ADMIN: N_("administrator of the server"),
}
_GIVEN: Final[Mapping[Role, str]] = {
    Role.OWNER: N_("{by} has made {name} an owner of the room."),
    Role.OPERATOR: N_("{by} has made {name} an operator of the room."),
    Role.VOICE: N_("{by} has given {name} a voice."),
    Role.MEMBER: N_("{by} has made {name} an ordinary member."),
}


def least(role: Role | ServerRole, tr: Translations) -> str:
    """`operator or above`: who may do something; the highest role stands alone."""
    name = tr.gettext(ROLE_NAMES[role] if isinstance(role, Role) else _SERVER_ROLE_NAMES[role])
    return name if role is max(type(role)) else tr.gettext("{role} or above").format(role=name)


def until(time: object, tr: Translations) -> str:
    """` until 2026-11-20 13:00 UTC`; nothing for what has no end."""
    if not isinstance(time, float | int):
        return ""
    try:
        shown = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError):  # beyond the year 9999
        return ""
    return tr.gettext(" until {time} UTC").format(time=shown)


def reason(text: object) -> str:
    """` (spam)`; nothing where none was given."""
    return f" ({visible(str(text))})" if text else ""


def deed_line(deed: deeds.Deed, tr: Translations) -> str:
    """What those in the room read."""
    match deed:
        case deeds.RoleGiven(_, who, role, by):
            return tr.gettext(_GIVEN[role]).format(name=who, by=by)
        case deeds.Kicked(_, who, by, why, False):
            text = tr.gettext("{name} was kicked out by {by}{reason}.")
            return text.format(name=who, by=by, reason=reason(why))
        case deeds.Kicked(_, who, by, why, _, end):
            text = tr.gettext("{name} was banned by {by}{until}{reason}.")
            return text.format(name=who, by=by, until=until(end, tr), reason=reason(why))
        case deeds.Muted(_, who, by, end, why):
            text = tr.gettext("{by} has muted {name}{until}{reason}.")
            return text.format(name=who, by=by, until=until(end, tr), reason=reason(why))
        case deeds.Unmuted(_, who, by):
            return tr.gettext("{by} lets {name} speak again.").format(name=who, by=by)
        case deeds.Invited(room, by):
            return tr.gettext("{by} invites you to the room {room}.").format(by=by, room=room)
        case deeds.ModesSet(room, modes, None):
            text = tr.gettext("The room {room} is {modes}.")
            return text.format(room=room, modes=modes_text(modes, tr))
        case deeds.ModesSet(_, modes, by):
            text = tr.gettext("{by} has set the room: it is {modes}.")
            return text.format(by=by, modes=modes_text(modes, tr))


def own_line(kicked: deeds.Kicked, tr: Translations) -> str:
    """What whoever is put out reads."""
    if kicked.room is None:
        kick = tr.gettext("{by} has kicked you off the server{reason}.")
        ban = tr.gettext("{by} has banned you from the server{until}{reason}.")
    else:
        kick = tr.gettext("{by} has kicked you out of the room {room}{reason}.")
        ban = tr.gettext("{by} has banned you from the room {room}{until}{reason}.")
    return (ban if kicked.is_ban else kick).format(
        by=kicked.by, room=kicked.room, until=until(kicked.until, tr), reason=reason(kicked.reason)
    )


def done_line(done: deeds.Done, tr: Translations) -> str:
    """What whoever did it reads."""
    match done.what:
        case deeds.Banned(_, target, end):
            text = tr.gettext("{target} is banned{until}.")
            return text.format(target=_target(target), until=until(end, tr))
        case deeds.Unbanned(_, target):
            return tr.gettext("{target} is not banned any more.").format(target=_target(target))
        case deeds.InvitationSent(_, who):
            return tr.gettext("{name} has been invited.").format(name=who)
        case deed:
            return deed_line(deed, tr)


def modes_text(modes: RoomModes, tr: Translations) -> str:
    """`hidden, moderated`; `open to all` when nothing is set."""
    words = (
        (modes.password is not None, tr.gettext("closed with a password")),
        (modes.invite_only, tr.gettext("for those who are invited")),
        (modes.hidden, tr.gettext("hidden")),
        (modes.permanent, tr.gettext("permanent")),
        (modes.moderated, tr.gettext("moderated")),
        (bool(modes.slow_s), tr.gettext("slow ({slow_s} s)").format(slow_s=f"{modes.slow_s:g}")),
    )
    return ", ".join(word for is_set, word in words if is_set) or tr.gettext("open to all")


def ban_lines(bans: deeds.BanList, tr: Translations) -> list[str]:
    """One line each."""
    if not bans.restrictions:
        return [tr.gettext("Nobody is banned or muted.")]
    return [_ban_line(restriction, tr) for restriction in bans.restrictions]


def order_lines(joined: Joined, tr: Translations) -> list[str]:
    """What is worth knowing on entering a room that is not simply open to all."""
    lines = []
    if joined.modes:
        lines.append(deed_line(deeds.ModesSet(joined.room, joined.modes), tr))
    if joined.role > Role.MEMBER:
        lines.append(tr.gettext("Your role here: {role}.").format(role=tr.gettext(ROLE_NAMES[joined.role])))
    return lines


def _ban_line(restriction: Restriction, tr: Translations) -> str:
    text = (
        tr.gettext("{target}: banned by {by}{until}{reason}")
        if restriction.kind is Kind.BAN
        else tr.gettext("{target}: muted by {by}{until}{reason}")
    )
    return text.format(
        target=_target(restriction.target),
        by=restriction.author,
        until=until(restriction.until, tr),
        reason=reason(restriction.reason),
    )


def _target(target: Target) -> str:
    return visible(f"account:{target.text}" if target.by is By.ACCOUNT else target.text)
