"""Keeping people out, and letting them speak no more."""

import math
from collections.abc import Iterable

from wassop.core.keeper import Keeper, Person
from wassop.core.limits import Limits
from wassop.core.names import skeleton
from wassop.core.orders import Ban, Mute, Unban, Unmute
from wassop.core.permissions import standing_in
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import (
    By,
    Kind,
    Restriction,
    Restrictions,
    Target,
    concerns,
    target_named,
    target_of,
)
from wassop.core.roles import Action, Standing, outranks
from wassop.core.rules import Held
from wassop.core.session import Session

MAX_REASON_BYTES = 1_024
MAX_FOR_S = 100 * 366 * 86_400.0
"""A century: whoever means longer means for good."""


def end_of(for_s: float | None, now: float) -> float | Refused | None:
    """When something ends that is to last so long."""
    if for_s is None:
        return None
    if not math.isfinite(for_s) or not 0 < for_s <= MAX_FOR_S:
        return Refused(Code.BAD_DURATION)
    return now + for_s


def refused_reason(reason: str) -> Refused | None:
    """Why nobody wants to read all that, if so."""
    size = len(reason.encode("utf-8", "surrogatepass"))
    if size <= MAX_REASON_BYTES:
        return None
    return Refused(Code.TEXT_TOO_LONG, {"size": size, "limit": MAX_REASON_BYTES})


def banned(
    keeper: Keeper, order: Ban, reason: str, here: Iterable[Session], restrictions: Restrictions
) -> tuple[Restriction, list[Session]] | Refused:
    """The ban that comes of `order`, and those of `here` whom it concerns; or why there can be none."""
    until = end_of(order.for_s, keeper.now)
    target = target_of(order.by, order.target)
    for refused in (keeper.refused(Action.BAN), until, target, refused_reason(reason)):
        if isinstance(refused, Refused):
            return refused
    assert isinstance(target, Target)
    assert not isinstance(until, Refused)
    standing = keeper.standing
    # Whoever keeps order on the server is not kept out because others come from the same network.
    rank = Standing(standing.role) if target.by is By.NETWORK else standing
    ban = Restriction(Kind.BAN, target, keeper.name, rank, keeper.now, until, reason)
    concerned = [session for session in here if concerns(target, session)]
    if target.by is By.NETWORK:
        concerned = [s for s in concerned if outranks(rank, _standing(keeper, s))]
    else:
        for session in concerned:
            assert session.name is not None
            if refused := keeper.stands_below(_standing(keeper, session), session.name):
                return refused
        if refused := _refused_absent(keeper, target):
            return refused
    return _refused_instead(keeper, ban, restrictions) or (ban, concerned)


def muted(keeper: Keeper, person: Person, order: Mute, reason: str) -> Restriction | Refused:
    """The mute that comes of `order`, or why there can be none."""
    until = end_of(order.for_s, keeper.now)
    refusals = (
        keeper.refused(Action.MUTE),
        until,
        refused_reason(reason),
        keeper.stands_below(person.standing, person.name),
    )
    for refused in refusals:
        if isinstance(refused, Refused):
            return refused
    assert not isinstance(until, Refused)
    target = target_named(person.name)
    mute = Restriction(Kind.MUTE, target, keeper.name, keeper.standing, keeper.now, until, reason)
    return _refused_instead(keeper, mute, keeper.restrictions) or mute


def lifted(keeper: Keeper, order: Unban | Unmute, restrictions: Restrictions | None) -> Restriction | Refused:
    """What `order` lifts, or why it lifts nothing. What somebody higher has done stays."""
    if isinstance(order, Unban):
        kind, action, target = Kind.BAN, Action.UNBAN, target_of(order.by, order.target)
    else:
        kind, action, target = Kind.MUTE, Action.UNMUTE, target_of(By.NAME, order.who)
    for refused in (keeper.refused(action), target):
        if isinstance(refused, Refused):
            return refused
    assert isinstance(target, Target)
    found = restrictions.named(kind, target, keeper.now) if restrictions is not None else None
    if found is None:
        return Refused(Code.NO_SUCH_BAN, {"name": target.text})
    return _refused_instead(keeper, found, restrictions) or found


def too_many(restrictions: Restrictions, limits: Limits, now: float) -> Refused | None:
    """Whether no more can be remembered; those that have ended are forgotten first."""
    if len(restrictions) < limits.max_bans:
        return None
    restrictions.forget_ended(now)
    if len(restrictions) < limits.max_bans:
        return None
    return Refused(Code.TOO_MANY_BANS, {"limit": limits.max_bans})


def shown(restriction: Restriction) -> str:
    """Whom it concerns, for the audit log."""
    target = restriction.target
    return target.text if target.by is By.NAME else f"{target.by}:{target.text}"


def detail(restriction: Restriction) -> str:
    """How long it lasts and why, for the audit log."""
    until = "" if restriction.until is None else f"for {round(restriction.until - restriction.at)}s"
    return " ".join(part for part in (until, restriction.reason) if part)


def _standing(keeper: Keeper, session: Session) -> Standing:
    if keeper.room is None:
        return Standing.on_server(session.server_role)
    return standing_in(keeper.room, session)


def _refused_absent(keeper: Keeper, target: Target) -> Refused | None:
    """Whether somebody is meant who is not there, and holds a role that is too high."""
    if keeper.room is None or keeper.room.roles is None:
        return None
    for held in keeper.room.roles.held:
        if _is_meant(held, target) and (refused := keeper.stands_below(Standing(held.role), held.account)):
            return refused
    return None


def _is_meant(held: Held, target: Target) -> bool:
    if target.by is By.ACCOUNT:
        return held.account.key == target.key
    return skeleton(held.account.text) == target.key


def _refused_instead(
    keeper: Keeper, wanted: Restriction, restrictions: Restrictions | None
) -> Refused | None:
    """Whether somebody higher has done it otherwise already."""
    if restrictions is None:
        return None
    before = restrictions.named(wanted.kind, wanted.target, keeper.now)
    if before is not None and outranks(before.rank, keeper.standing):
        return Refused(Code.OUTRANKED, {"name": before.author.text})
    return None
