"""What a program asked and has no answer to yet. Pure."""

from typing import Final

from wassop.client.requests import Request, Speech
from wassop.wire import native_messages as wire


class Unanswered:
    """Requests by their numbers, in the order in which they were asked."""

    def __init__(self) -> None:
        self.lobby = ""
        self.requests: Final[dict[int, Request]] = {}
        self.abandoned: Final[dict[int, Request]] = {}
        """Messages whose answer nobody waits for; it still tells a number that is not missing."""
        self._sent_before: Final[set[int]] = set()
        """Messages of one's own that were sent on an earlier connection."""

    def pop(self, number: int) -> Request:
        """Request `number` has been answered."""
        self._sent_before.discard(number)
        return self.requests.pop(number)

    def forget(self, number: int, *, is_online: bool) -> None:
        """Nobody waits for that answer any more."""
        request = self.requests.pop(number, None)
        self._sent_before.discard(number)
        if is_online and isinstance(request, wire.Say | wire.All):
            self.abandoned[number] = request

    def note_sent(self) -> None:
        """The connection is gone on which what was said was sent."""
        self._sent_before.update(n for n, each in self.requests.items() if isinstance(each, Speech))

    def sent_to(self, key: str) -> dict[str | None, int]:
        """What was said in that room on an earlier connection: the numbers by the nonces."""
        numbers = sorted(self._sent_before & self.requests.keys())
        here = [number for number in numbers if self.room_of(self.requests[number]) == key]
        return {getattr(self.requests[number], "nonce", None): number for number in here}

    def asked_in(self, key: str) -> list[Request]:
        """What is to be said in that room."""
        return [each for each in self.requests.values() if self.room_of(each) == key]

    def says_in(self, key: str) -> bool:
        """Whether something of one's own may have a number there that is not known yet."""
        return any(self.room_of(each) == key for each in (*self.requests.values(), *self.abandoned.values()))

    def room_of(self, request: Request) -> str | None:
        """The key of the room in which that is said, if it is."""
        match request:
            case wire.Say(room):
                return room.casefold()
            case wire.All():
                return self.lobby.casefold()
            case _:
                return None
