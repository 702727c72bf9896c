"""Who is away for the time being, and why."""

from collections.abc import Mapping
from typing import Final

from wassop.core.commands import SetAway
from wassop.core.deliveries import Delivery, Reply, ToRoom
from wassop.core.events import Absent, Away
from wassop.core.gathering import Gathering
from wassop.core.limits import Limits
from wassop.core.names import UserName
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.session import Audience, Session
from wassop.core.text import one_line

MAX_LISTED_BYTES: Final = 16_384
"""A list of people tells why they are away up to so many bytes in all, and of the others only that they are:
many of them could otherwise make the list too long for slow readers."""


def set_away(
    absences: dict[str, str], session: Session, lobby: Room, command: SetAway, limits: Limits
) -> list[Delivery]:
    """Let `session` be away or back; `absences` holds by the names' keys why they are away. Those who share
    a room with it are told once, by way of the `lobby`."""
    assert session.name is not None
    text = one_line(command.text)
    if text and command.back:
        return [Reply(Refused(Code.BAD_FIELD, {"field": "back"}))]
    if len(text) > limits.max_topic_chars:
        refused = Refused(Code.AWAY_TOO_LONG, {"size": len(text), "limit": limits.max_topic_chars})
        return [Reply(refused)]
    away = Away(session.name, text)
    if absences.get(session.name.key, "") == text:  # nothing new
        return [Reply(away)]
    if text:
        absences[session.name.key] = text
    else:
        del absences[session.name.key]
    return [Reply(away), ToRoom(lobby, (away,), _who_share_a_room(session, lobby), session)]


def absent_among(gathering: Gathering, absences: Mapping[str, str]) -> Absent:
    """Who of those there is away, and why."""
    if not absences:
        return ()
    found, left = list[tuple[UserName, str]](), MAX_LISTED_BYTES
    for name in gathering.names:
        text = absences.get(name.key)
        if text is not None:
            left -= len(text.encode())
            found.append((name, text if left >= 0 else ""))
    return tuple(found)


def _who_share_a_room(session: Session, lobby: Room) -> Audience:
    shared: list[Gathering] = [room for room in (lobby, *session.rooms.values()) if session in room]
    return shared[0].audience if len(shared) == 1 else Gathering.union(shared)
