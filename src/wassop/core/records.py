"""What is put on record, and what is read back from it."""

from attrs import frozen

from wassop.core.events import Said, Told, TopicSet
from wassop.core.names import RoomName, UserName


@frozen
class ReadMark:
    """Somebody has read a room up to message number `seq`."""

    reader: UserName
    room: RoomName
    seq: int


Entry = Said | Told | TopicSet | ReadMark


@frozen
class Stored:
    """Where a message is on record that its author had a name for."""

    room_key: str
    nonce: str
    seq: int
    at: float
    to_all: bool


@frozen
class RoomRecord:
    """A room as it was left: how far its messages are numbered, and the newest of them, oldest first."""

    name: RoomName
    seq: int
    recent: tuple[Said, ...]
    topic: TopicSet | None = None
    """The last one that was set, be it an empty one."""
