"""What those do who keep order: from the wire to values, and from values to sentences. Pure.

The sentences are those that people with netcat read. What they are made of is loaded when the first one is
needed: it knows all the rules for names, and most visits see none.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wassop.client import told_orders as told
from wassop.locale import Translations
from wassop.wire import native_moderation as wire

if TYPE_CHECKING:
    from wassop.core.modes import RoomModes
    from wassop.core.names import RoomName, UserName
    from wassop.core.orders import Order

MARKS: Final[Mapping[str, str]] = {"owner": "@", "operator": "@", "voice": "+"}
"""What stands before the name of somebody who is more than a member."""

Notice = wire.RoleGiven | wire.Kicked | wire.Muted | wire.Unmuted | wire.Invited | wire.ModesAre


def told_of(notice: Notice) -> told.Deed:
    """`notice` as a program is told it."""
    match notice:
        case wire.RoleGiven(room, who, role, author):
            return told.RoleGiven(room, who, role, author)
        case wire.Kicked(who, author, place, reason, ban, until):
            return told.Kicked(place, who, author, reason, ban, until)
        case wire.Muted(room, who, author, until, reason):
            return told.Muted(room, who, author, until, reason)
        case wire.Unmuted(room, who, author):
            return told.Unmuted(room, who, author)
        case wire.Invited(room, author):
            return told.Invited(room, author)
        case wire.ModesAre(room, modes, by):
            return told.ModesSet(room, modes_of(modes), by)


def modes_of(modes: wire.ToldModes | None) -> told.Modes:
    """How a room is set; nothing is told of one that is simply open."""
    if modes is None:
        return told.Modes()
    return told.Modes(
        modes.invite_only,
        modes.hidden,
        modes.permanent,
        modes.moderated,
        modes.slow_s or 0.0,
        modes.password,
    )


def ban_of(line: wire.BanLine) -> told.Ban:
    """One line of a list of bans."""
    target = line.who or line.network or f"account:{line.account}"
    return told.Ban(target, line.author, line.at, line.until, line.reason, line.mute)


def sentence(deed: told.Deed, me: str | None, tr: Translations) -> str:
    """What `me` reads of it."""
    from wassop.core import deeds
    from wassop.core.roles import Role
    from wassop.wire import deed_phrases

    match deed:
        case told.RoleGiven(room, who, role, by) if role.upper() in Role.__members__:
            given = deeds.RoleGiven(_room(room), _user(who), Role[role.upper()], _user(by))
            return deed_phrases.deed_line(given, tr)
        case told.RoleGiven(_, who, role, by):  # one that this version does not know
            return f"{by}: {who} = {role}"
        case told.Kicked(place, who, by, reason, is_ban, until):
            put_out_of = None if place is None else _room(place)
            kicked = deeds.Kicked(put_out_of, _user(who), _user(by), reason, is_ban, until)
            return (deed_phrases.own_line if is_about(deed, me) else deed_phrases.deed_line)(kicked, tr)
        case told.Muted(_, _, by, until, reason) if is_about(deed, me):
            end, why = deed_phrases.until(until, tr), deed_phrases.reason(reason)
            text = tr.gettext("{by} has muted you here{until}{reason}.")
            return text.format(by=by, until=end, reason=why)
        case told.Muted(room, who, by, until, reason):
            return deed_phrases.deed_line(deeds.Muted(_room(room), _user(who), _user(by), until, reason), tr)
        case told.Unmuted(_, _, by) if is_about(deed, me):
            return tr.gettext("{by} lets you speak again.").format(by=by)
        case told.Unmuted(room, who, by):
            return deed_phrases.deed_line(deeds.Unmuted(_room(room), _user(who), _user(by)), tr)
        case told.Invited(room, by):
            return deed_phrases.deed_line(deeds.Invited(_room(room), _user(by)), tr)
        case told.ModesSet(room, modes, author):
            by_whom = None if author is None else _user(author)
            return deed_phrases.deed_line(deeds.ModesSet(_room(room), _core_modes(modes), by_whom), tr)


def done_sentence(order: "Order", at: float, tr: Translations) -> str:
    """What is worth telling to whoever asked for it at `at`; nothing for what all in the room read."""
    from wassop.core import deeds, orders
    from wassop.core.restrictions import Target
    from wassop.wire import deed_phrases

    match order:
        case orders.Ban(_, by, target, for_s):
            end = None if for_s is None else at + for_s
            return deed_phrases.done_line(deeds.Done(deeds.Banned(None, Target(by, target, target), end)), tr)
        case orders.Unban(_, by, target):
            return deed_phrases.done_line(deeds.Done(deeds.Unbanned(None, Target(by, target, target))), tr)
        case orders.Invite(_, who):
            return tr.gettext("{name} has been invited.").format(name=who)
        case orders.Kick(None, who):
            return tr.gettext("{name} has been put off the server.").format(name=who)
        case _:
            return ""


def is_about(deed: told.Deed, me: str | None) -> bool:
    """Whether it was done to `me`."""
    who = getattr(deed, "who", None)
    return who is not None and me is not None and who.casefold() == me.casefold()


def modes_text(modes: told.Modes, tr: Translations) -> str:
    """`hidden, moderated`; empty for a room that is simply open to all."""
    if modes == told.Modes():
        return ""
    from wassop.wire import deed_phrases

    return deed_phrases.modes_text(_core_modes(modes), tr)


def ban_lines(bans: list[told.Ban], tr: Translations) -> list[str]:
    """One line each."""
    from wassop.wire import deed_phrases

    if not bans:
        return [tr.gettext("Nobody is banned or muted.")]
    banned, muted = (
        tr.gettext("{target}: banned by {by}{until}{reason}"),
        tr.gettext("{target}: muted by {by}{until}{reason}"),
    )
    return [
        (muted if ban.is_mute else banned).format(
            target=ban.target,
            by=ban.author,
            until=deed_phrases.until(ban.until, tr),
            reason=deed_phrases.reason(ban.reason),
        )
        for ban in bans
    ]


def role_name(role: str, tr: Translations) -> str:
    """A role as people call it."""
    from wassop.core.roles import Role
    from wassop.wire.deed_phrases import ROLE_NAMES

    known = Role.__members__.get(role.upper())
    return role if known is None else tr.gettext(ROLE_NAMES[known])


def _user(text: str) -> "UserName":
    from wassop.core.names import UserName

    return UserName(text, text.casefold(), text)


def _room(text: str) -> "RoomName":
    from wassop.core.names import RoomName

    return RoomName(text, text.casefold())


def _core_modes(modes: told.Modes) -> "RoomModes":
    from wassop.core.modes import RoomModes

    return RoomModes(
        modes.invite_only,
        modes.hidden,
        modes.permanent,
        modes.moderated,
        modes.slow_s,
        "" if modes.has_password else None,
    )
