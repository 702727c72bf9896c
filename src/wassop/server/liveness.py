"""Whether a visitor is still there, and gets on with coming in."""

from wassop.config import Config
from wassop.core.events import Farewell


class Liveness:
    """What is known of it; times in seconds by Trio's clock.

    Whoever receives something only sets a flag, which is looked at now and then: a look at the clock for each
    message is saved, and a silence may be noticed late by the time between two looks.
    """

    __slots__ = ("_is_asked", "_last_heard", "came", "has_spoken", "was_heard")

    def __init__(self, came: float) -> None:
        self.came = came
        """When it came, or began anew without a name."""
        self.has_spoken = False
        self.was_heard = False
        """Since the last look."""
        self._last_heard = came
        self._is_asked = False

    def look(self, now: float, config: Config, *, is_waited_for: bool) -> Farewell | None:
        """Why it is taken for gone, if it is; not while it waits for the server, which does not read it."""
        if self.was_heard:
            self._last_heard, self.was_heard, self._is_asked = now, False, False
        if is_waited_for:
            self._last_heard = now
        if self._is_asked and now - self._last_heard > config.ping_interval_s + config.pong_timeout_s:
            return Farewell.IDLE
        return None

    def wants_asking(self, now: float, config: Config) -> bool:
        """Whether it has been silent for so long that it should be asked whether it is there."""
        return not self._is_asked and now - self._last_heard > config.ping_interval_s

    def note_asked(self) -> None:
        """It was asked, and should answer."""
        self._is_asked = True

    def overdue(self, now: float, config: Config) -> Farewell | None:
        """Why a visitor must go who has no name for so long; None while it may still tell one."""
        waited_s = now - self.came
        if not self.has_spoken and waited_s > config.first_byte_timeout_s:
            return Farewell.SILENT
        return Farewell.UNNAMED if waited_s > config.naming_timeout_s else None
