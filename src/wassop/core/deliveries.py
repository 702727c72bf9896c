"""What the hub wants told to whom. The server carries it out in this order, without waiting in between.

Of what comes of one command, a `Reply` is the first, and a `Record` for which it waits, if there is one, the
next.
"""

from attrs import frozen

from wassop.core.events import Answer, Event, Farewell, Lookup, Said
from wassop.core.records import Entry
from wassop.core.room import Room
from wassop.core.session import Audience, Session
from wassop.core.values import value


@value
class Reply:
    """Answer the session that asked, perhaps after a look into the record."""

    answer: Answer | Lookup


@frozen
class ToSession:
    """Tell one session."""

    session: Session
    event: Event


@value
class ToRoom:
    """Tell an audience what was decided in one step, in the order of the room."""

    room: Room
    events: tuple[Event, ...]
    audience: Audience
    author: Session | None = None
    """Who caused it. Some dialects echo a message to its author, most do not."""


@value
class Record:
    """Put it on record; if this is next to the reply, the sender is answered when that is done, unless nobody
    waits for it."""

    entry: Entry
    is_awaited: bool = True


@value
class Spoken:
    """Put messages of one breath on record, for which their author waits, and tell them to the room."""

    said: tuple[Said, ...]
    told: ToRoom


@frozen
class Dismissed:
    """The session has left the chat, and its connection is to end."""

    session: Session
    reason: Farewell


@frozen
class Vacated:
    """Nobody is in the room any more, and it is off the list."""

    room: Room


@frozen
class Halt:
    """The server is to stop, gracefully."""


Delivery = Reply | ToSession | ToRoom | Record | Spoken | Dismissed | Vacated | Halt
