"""How many private messages wait for accounts whose owners are not here; the record has their texts."""

from collections import Counter
from collections.abc import Mapping


class Mailboxes:
    """Counted by the key of the name."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()

    def restore(self, waiting: Mapping[str, int]) -> None:
        """What waited when the server started."""
        self._waiting.update(waiting)

    def waiting(self, key: str) -> int:
        """How many messages wait."""
        return self._waiting[key]

    def version(self, key: str) -> int:
        """A number that is another one whenever something was put in or taken out since."""
        return self._changes[key]

    def put(self, key: str) -> None:
        """One more waits."""
        self._waiting[key] += 1
        self._changes[key] += 1

    def take_back(self, key: str) -> None:
        """One could not be kept after all."""
        self._waiting[key] = max(0, self._waiting[key] - 1)
        self._changes[key] += 1

    def clear(self, key: str) -> None:
        """They were told, or go to nobody."""
        if self._waiting.pop(key, 0):
            self._changes[key] += 1
