"""What the hub wants told to whom. The server carries it out in this order, without waiting in between."""

from attrs import frozen

from wassop.core.events import Answer, Event
from wassop.core.room import Room
from wassop.core.session import Audience, Session


@frozen
class Reply:
    """Answer the session that asked."""

    answer: Answer


@frozen
class ToSession:
    """Tell one session."""

    session: Session
    event: Event


@frozen
class ToRoom:
    """Tell an audience, in the order of the room."""

    room: Room
    event: Event
    audience: Audience
    author: Session | None = None
    """Who caused it. Some dialects echo a message to its author, most do not."""


@frozen
class Vacated:
    """Nobody is in the room any more, and it is off the list."""

    room: Room


Delivery = Reply | ToSession | ToRoom | Vacated
