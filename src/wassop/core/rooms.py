"""The rooms there are, those that are remembered, and how much of them."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from wassop.core.limits import Limits
from wassop.core.names import RoomName, room_name
from wassop.core.records import RoomRecord
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room


class Rooms:
    """The list of rooms, and behind it the dormant ones: empty and off the list, but with their numbering and
    newest messages still remembered, the longest dormant forgotten first."""

    def __init__(self, limits: Limits, permanent: Iterable[str]) -> None:
        """ValueError when one of `permanent` is no room's name."""
        self._limits = limits
        self._listed: dict[str, Room] = {}
        self._dormant: OrderedDict[str, Room] = OrderedDict()
        self._recent_bytes = 0
        self.forgotten = 0
        """How many rooms were let go; what was read from the record before that may be old."""
        for text in permanent:
            name = room_name(text)
            if isinstance(name, Refused):
                raise ValueError(f"not a room name: {text!r}")
            if name.key not in self._listed:  # named twice
                self._listed[name.key] = self._new(name, permanent=True)

    def __iter__(self) -> Iterator[Room]:
        """The rooms on the list, in the order in which they were made."""
        return iter(self._listed.values())

    def named(self, text: str) -> Room | None:
        """The room of that name on the list."""
        name = room_name(text)
        return self._listed.get(name.key) if isinstance(name, RoomName) else None

    def make(self, name: RoomName) -> Room | Refused:
        """A room of that name, as it was left if it is still remembered."""
        if len(self._listed) >= self._limits.max_rooms:
            return Refused(Code.SERVER_FULL_OF_ROOMS, {"limit": self._limits.max_rooms})
        room = self._dormant.pop(name.key, None)
        if room is None:  # not `or`: a room without members is false
            room = self._new(name, permanent=False)
        self._listed[name.key] = room
        return room

    def remembered(self, name: RoomName) -> Room | None:
        """The room of that name, be it listed or dormant."""
        return self._listed.get(name.key, self._dormant.get(name.key))  # a room without members is false

    def known(self) -> Iterator[Room]:
        """Those that are listed and those that are dormant."""
        yield from self._listed.values()
        yield from self._dormant.values()

    def retire(self, room: Room) -> None:
        """Take an empty room off the list."""
        del self._listed[room.name.key]
        # Nothing said, nothing to remember: a walk through empty rooms pushes none out.
        if room.is_worth_remembering:
            self._dormant[room.name.key] = room
        self._bound_dormant(self._limits.dormant_rooms)

    def knows(self, text: str) -> bool:
        """Whether nothing of the room of that name, or of a name that none can have, is to be restored."""
        name = room_name(text)
        return isinstance(name, Refused) or name.key in self._listed or name.key in self._dormant

    def restore(self, record: RoomRecord) -> None:
        """A room as it was left in an earlier run; nothing if it has been spoken in since."""
        key = record.name.key
        room = self._listed.get(key, self._dormant.get(key))  # not `or`: a room without members is false
        if room is None:
            room = self._dormant[key] = self._new(record.name, permanent=False)
        if room.seq == 0:
            room.restore(record.seq, record.recent)
            self._recent_bytes += room.recent_bytes
        if room.topic is None:
            room.topic = record.topic
        room.restore_rules(record)
        if room.stays and key in self._dormant:
            self._listed[key] = self._dormant.pop(key)
        # All rooms that one session comes back into are restored before the first is entered.
        self._bound_dormant(max(self._limits.dormant_rooms, self._limits.max_rooms_per_session))

    def _bound_dormant(self, bound: int) -> None:
        while len(self._dormant) > bound:
            self._forget_dormant()

    def bound_memory(self, room: Room, bytes_before: int) -> None:
        """Something was said in `room`, of which `bytes_before` were remembered: forget what is too much."""
        self._recent_bytes += room.recent_bytes - bytes_before
        while self._recent_bytes > self._limits.recent_bytes and self._dormant:
            self._forget_dormant()
        while self._recent_bytes > self._limits.recent_bytes and room.recent_bytes:
            before = room.recent_bytes
            room.forget_oldest()  # whoever speaks pays for it
            self._recent_bytes += room.recent_bytes - before

    def _forget_dormant(self) -> None:
        self._recent_bytes -= self._dormant.popitem(last=False)[1].recent_bytes
        self.forgotten += 1

    def _new(self, name: RoomName, *, permanent: bool) -> Room:
        limits = self._limits
        return Room(name, permanent, limits.recent_messages_per_room, limits.recent_bytes_per_room)
