"""What rooms are about: told, shown, set.

Rule 1: of two topics of a room the one with the greater time counts, in whichever order they are read.
"""

from attrs import evolve

from wassop.client.asked import AskedTopic
from wassop.client.happenings import KeepInput
from wassop.client.line import Kind
from wassop.client.model import Room
from wassop.client.tab import room_key
from wassop.client.turn import Turn
from wassop.core.text import one_line
from wassop.wire.native_messages import Ok, RoomTopic, Topic, TopicSet


def topic_heard(turn: Turn, told: TopicSet) -> None:
    """Somebody else has said what a room is about."""
    if _take(turn, told.room, RoomTopic(told.text, told.author, told.at)):
        tr = turn.tr
        if told.text:
            text = tr.gettext("{name} has set the topic: {topic}").format(name=told.author, topic=told.text)
        else:
            text = tr.gettext("{name} has removed the topic.").format(name=told.author)
        _show_change(turn, told.room, text)


def set_topic(turn: Turn, text: str) -> None:
    """Ask the server to take `text` for what the current room is about; nothing is shown before it has."""
    state, room = turn.state, turn.state.current
    text = one_line(text)
    if room is None:
        turn.error(turn.tr.gettext("You are not in any room."))
    elif not turn.has_connection():
        turn.effects.append(KeepInput())
    elif state.limits is not None and len(text) > state.limits.topic_chars:
        problem = turn.tr.gettext("A topic has at most {limit} characters, not {size}.")
        turn.error(problem.format(limit=state.limits.topic_chars, size=len(text)))
        turn.effects.append(KeepInput())
    else:
        turn.ask(AskedTopic(room, text), lambda number: Topic(room, text, id=number))


def topic_stored(turn: Turn, asked: AskedTopic, ok: Ok) -> None:
    """One's own words are what the room is about, unless somebody's came later."""
    at = turn.at if ok.at is None else ok.at
    if _take(turn, asked.room, RoomTopic(asked.text, turn.state.name or "", at)):
        tr = turn.tr
        if asked.text:
            text = tr.gettext("You have set the topic: {topic}").format(topic=asked.text)
        else:
            text = tr.gettext("You have removed the topic.")
        _show_change(turn, asked.room, text)


def show_topic(turn: Turn) -> None:
    """Show what the current room is about."""
    room = turn.state.rooms.get(turn.state.current or "")
    if room is None:
        turn.error(turn.tr.gettext("You are not in any room."))
    elif not room.about:
        turn.notice(turn.tr.gettext("The room has no topic."))
    else:
        turn.notice(topic_text(turn, room))


def changed_meanwhile(turn: Turn, name: str, before: str) -> None:
    """One is back in a room that was about `before`."""
    room = turn.state.rooms[name]
    if room.about != before:
        text = topic_text(turn, room) if room.about else turn.tr.gettext("The room no longer has a topic.")
        turn.notice(text, on=room.key)


def topic_text(turn: Turn, room: Room) -> str:
    """What `room` is about, as a line."""
    return turn.tr.gettext("Topic: {topic}").format(topic=room.about)


def _take(turn: Turn, name: str, topic: RoomTopic) -> bool:
    """Remember `topic`, unless it is older than what is known."""
    room = turn.state.rooms.get(name)
    if room is None or (room.topic is not None and topic.at <= room.topic.at):
        return False
    turn.put_room(evolve(room, topic=topic))
    return True


def _show_change(turn: Turn, room: str, text: str) -> None:
    turn.show(Kind.PRESENCE, text, on=room_key(room), at=turn.at)
