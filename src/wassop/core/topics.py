"""What rooms are about."""

from wassop.core.deliveries import Delivery, Record, Reply, ToRoom
from wassop.core.events import TopicSet
from wassop.core.permissions import refused_topic
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.session import Session
from wassop.core.text import one_line


def set_topic(room: Room, session: Session, text: str, now: float, max_chars: int) -> list[Delivery]:
    """Let `session`, a member, say what `room` is about; an empty text removes what was said before."""
    assert session.name is not None
    refused = refused_topic(room, session, now)
    if refused is not None:
        return [Reply(refused)]
    text = one_line(text)
    if len(text) > max_chars:
        return [Reply(Refused(Code.TOPIC_TOO_LONG, {"size": len(text), "limit": max_chars}))]
    before = room.topic or TopicSet(room.name, "", session.name, now)
    if text == before.text:  # not told again, but perhaps it could not be stored the first time
        return [Reply(before), Record(before)]
    topic = room.set_topic(text, session.name, now)
    return [Reply(topic), Record(topic), ToRoom(room, (topic,), room.audience, session)]
