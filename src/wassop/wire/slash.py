"""What people type to keep order: one grammar for whoever takes lines.

    /op bob  /deop bob  /voice bob  /devoice bob  /owner bob
    /kick bob [reason]
    /ban bob|10.0.0.0/8|account:bob [10m|2h|7d] [reason]      /unban …      /bans
    /mute bob [10m] [reason]      /unmute bob
    /invite bob
    /mode      /mode moderated on      /mode slow 10|off      /mode password SECRET|off

In the lobby, which nobody can be put out of, and outside of all rooms, `/kick`, `/ban`, `/unban` and `/bans`
are about the server.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from wassop.core import orders
from wassop.core.hub import LOBBY
from wassop.core.modes import UNCHANGED, ModeChanges
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import By
from wassop.core.roles import Role

_UNIT_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhdw])")
_ROLES: Final[Mapping[str, Role]] = {
    "/owner": Role.OWNER,
    "/op": Role.OPERATOR,
    "/deop": Role.MEMBER,
    "/voice": Role.VOICE,
    "/devoice": Role.MEMBER,
}
_SWITCHES: Final[Mapping[str, Callable[[bool], ModeChanges]]] = {
    "invite-only": lambda on: ModeChanges(invite_only=on),
    "hidden": lambda on: ModeChanges(hidden=on),
    "permanent": lambda on: ModeChanges(permanent=on),
    "moderated": lambda on: ModeChanges(moderated=on),
}
_ON: Final = {"on": True, "off": False, "sí": True, "si": True, "no": False, "yes": True}
_ACCOUNT: Final = "account:"
_USAGES: Final[Mapping[str, str]] = {
    "/kick": "/kick bob spam",
    "/ban": "/ban bob 2h spam",
    "/unban": "/unban bob",
    "/mute": "/mute bob 10m spam",
    "/unmute": "/unmute bob",
    "/invite": "/invite bob",
    **{word: f"{word} bob" for word in _ROLES},
}
WORDS: Final = frozenset({*_USAGES, "/mode", "/bans"})
"""The words with which such a line begins."""


def order(line: str, room: str | None) -> orders.Order | Refused | None:
    """What a line of somebody in `room` asks for; None when it begins with none of `WORDS`."""
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    if word not in WORDS:
        return None
    place = None if room == LOBBY else room
    if word == "/bans":
        return orders.AskBans(place)
    if word != "/mode" and not rest:
        return Refused(Code.MISSING_ARGUMENT, {"usage": _USAGES[word]})
    who, _, more = rest.partition(" ")
    match word:
        case "/kick":
            return orders.Kick(place, who, more.strip())
        case "/ban":
            for_s, reason = _duration(more.strip())
            return orders.Ban(place, *_target(who), for_s, reason)
        case "/unban":
            return orders.Unban(place, *_target(who))
    if room is None:
        return Refused(Code.NO_ROOM_YET)
    return _in_room(word, room, rest)


def _in_room(word: str, room: str, rest: str) -> orders.Order | Refused:
    who, _, more = rest.partition(" ")
    match word:
        case "/mode":
            return _mode(room, who, more.strip())
        case "/mute":
            for_s, reason = _duration(more.strip())
            return orders.Mute(room, who, for_s, reason)
        case "/unmute":
            return orders.Unmute(room, who)
        case "/invite":
            return orders.Invite(room, who)
        case _:
            return orders.GiveRole(room, who, _ROLES[word])


def _mode(room: str, name: str, value: str) -> orders.Order | Refused:
    if not name:
        return orders.SetModes(room, UNCHANGED)
    off = _ON.get(value.casefold()) is False
    changes: ModeChanges | None = None
    if name in _SWITCHES and value.casefold() in _ON:
        changes = _SWITCHES[name](_ON[value.casefold()])
    elif name == "password" and value:
        changes = ModeChanges(password="" if off else value)
    elif name == "slow" and off:
        changes = ModeChanges(slow_s=0.0)
    elif name == "slow" and (value.isascii() and value.isdigit() and len(value) < 10):
        changes = ModeChanges(slow_s=float(value))
    elif name == "slow" and _DURATION.fullmatch(value):
        changes = ModeChanges(slow_s=_duration(value)[0])
    if changes is None:
        # Not with the value, which may be a password.
        return Refused(Code.NO_SUCH_MODE, {"mode": name})
    return orders.SetModes(room, changes)


def _target(text: str) -> tuple[By, str]:
    if text.startswith(_ACCOUNT):
        return By.ACCOUNT, text.removeprefix(_ACCOUNT)
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        # No name has a slash or a colon in it, so whoever types one means a network.
        return (By.NETWORK if "/" in text or ":" in text else By.NAME), text
    return By.NETWORK, text


def _duration(text: str) -> tuple[float | None, str]:
    """How long in seconds, if the text begins with that, and the rest."""
    first, _, rest = text.partition(" ")
    given = _DURATION.fullmatch(first)
    if given is None:
        return None, text
    return float(int(given[1]) * _UNIT_S[given[2]]), rest.strip()
