"""What visitors said, found again by their own names for it, however much others said since."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from wassop.core.events import Accepted, Kind, Said
from wassop.core.records import Stored
from wassop.core.room import Room
from wassop.core.session import Session


class Sayings:
    """Of one session: the newest of what it said itself, and what was on record when it came back."""

    def __init__(self) -> None:
        # By the room's key and the author's name for the message.
        self.said: Final[dict[tuple[str, str], Said]] = {}
        self.stored: Final[dict[tuple[str, str], Stored]] = {}


class PrivateNonces:
    """The authors' own names for the newest private messages of all."""

    def __init__(self, max_messages: int) -> None:
        self._max: Final = max_messages
        self._nonces: Final[OrderedDict[tuple[str, str], None]] = OrderedDict()

    def knows(self, author_key: str, nonce: str) -> bool:
        """Whether one is remembered."""
        return (author_key, nonce) in self._nonces

    def note(self, author_key: str, nonce: str) -> None:
        """Remember one."""
        self._nonces[author_key, nonce] = None
        if len(self._nonces) > self._max:
            self._nonces.popitem(last=False)

    def forget(self, author_key: str, nonce: str) -> None:
        """Nothing was said by that name after all."""
        self._nonces.pop((author_key, nonce), None)


def said_before(session: Session, room: Room, nonce: str | None) -> Said | Stored | None:
    """What became of the message that `session` said in `room` by the name `nonce`, if that is known."""
    if nonce is None or session.name is None:
        return None
    if session.sayings is not None:
        named = room.name.key, nonce
        own = session.sayings.said.get(named) or session.sayings.stored.get(named)
        if own is not None:
            return own
    return room.said_before(session.name, nonce)


def accepted(said: Said) -> Accepted:
    """The answer to who said that."""
    return Accepted(said.room, said.seq, said.at, said.text, to_all=said.to_all)


def note_saying(session: Session, said: Said, max_messages: int) -> None:
    """Remember what `session` said just now; of all that it says at most `max_messages`."""
    if said.nonce is not None:
        session.sayings = session.sayings or Sayings()
        newest = session.sayings.said
        newest[said.room.key, said.nonce] = said
        if len(newest) > max_messages:
            del newest[next(iter(newest))]


def forget_texts(session: Session, room: Room, seq: int) -> None:
    """Message `seq` of `room` was deleted: forget what `session` said in it and in its edits."""
    newest = session.sayings.said if session.sayings is not None else {}
    for named, said in newest.items():
        if said.room == room.name and (said.seq == seq or (said.about == seq and said.kind is Kind.EDIT)):
            newest[named] = evolve(said, text="")


def recall_sayings(session: Session, stored: Iterable[Stored]) -> None:
    """Remember what is on record of what the visitor said; of two by one name the earlier."""
    for each in sorted(stored, key=lambda each: each.seq, reverse=True):
        session.sayings = session.sayings or Sayings()
        session.sayings.stored[each.room_key, each.nonce] = each
