"""How a room is set, by those who may."""

import math

from attrs import evolve

from wassop.core.deeds import ModesSet
from wassop.core.deliveries import Delivery, Record, Reply
from wassop.core.keeper import Keeper
from wassop.core.modes import MAX_PASSWORD_BYTES, MAX_SLOW_S, ModeChanges, RoomModes
from wassop.core.permissions import modes_of, not_allowed
from wassop.core.records import Changes, ModesKept
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Action, Role
from wassop.core.room import Room


def set_modes(keeper: Keeper, changes: ModeChanges, lobby: Room) -> list[Delivery] | Refused:
    """Change how the keeper's room is set, or, without changes, tell it."""
    room = keeper.room
    assert room is not None
    before = modes_of(room)
    if not any(changes.named):
        return [Reply(ModesSet(room.name, before))]
    refused = _refused(keeper, room, changes, lobby)
    if refused is not None:
        return refused
    if room.permanent:
        changes = evolve(changes, permanent=None)
    modes = changes.applied_to(before)
    event = ModesSet(room.name, modes, keeper.name)
    if modes == before:  # not told again, but perhaps it could not be stored the first time
        return [Reply(event), Record(Changes((ModesKept(room.name, modes),)))]
    room.rules_to_change().modes = modes
    room.settle_rules()
    record = keeper.kept("modes", "", _differences(before, modes), ModesKept(room.name, modes))
    return keeper.told(event, record, event)


def _refused(keeper: Keeper, room: Room, changes: ModeChanges, lobby: Room) -> Refused | None:
    refused = keeper.refused(Action.SET_TALK_MODES) if changes.concerns_talk else None
    if refused is None and changes.concerns_door:
        refused = keeper.refused(Action.SET_DOOR_MODES)
    if refused is not None:
        return refused
    is_to_go = room.permanent and changes.permanent is False
    if is_to_go or (changes.concerns_door and room is lobby):
        return Refused(Code.MODES_FIXED, {"room": room.name.text})
    # A room that outlives everybody must be somebody's.
    if changes.permanent and keeper.session.account is None and not keeper.session.is_operator:
        return Refused(Code.NOT_LOGGED_IN)
    slow_s = changes.slow_s
    if slow_s is not None and not (math.isfinite(slow_s) and 0 <= slow_s <= MAX_SLOW_S):
        return Refused(Code.BAD_DURATION)
    if changes.password and len(changes.password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
        return Refused(Code.PASSWORD_TOO_LONG, {"limit": MAX_PASSWORD_BYTES})
    if changes.password and not changes.password_hash:
        # Whoever has only just been made an owner says it once more.
        return not_allowed(Role.BANNED, Action.SET_DOOR_MODES)
    return None


def _differences(before: RoomModes, after: RoomModes) -> str:
    """What the audit log says; of a password only whether there is one."""
    said = []
    for name in ("invite_only", "hidden", "permanent", "moderated", "slow_s", "password"):
        value = getattr(after, name)
        if value != getattr(before, name):
            told = f"{value:g}" if name == "slow_s" else "on" if value else "off"
            said.append(f"{name.replace('_', '-')} {told}")
    return ", ".join(said)
