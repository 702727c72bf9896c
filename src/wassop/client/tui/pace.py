"""When the screen is drawn anew. A drawing takes longer than a message, so many messages share one; but
whoever types waits for none of them.

Rule 1: what a key does is drawn at once, as prompt_toolkit does by itself; what was said meanwhile, with it.
Rule 2: between two drawings for the sake of messages alone there are at least `LEAST_S`, and twice the time
that the last one took, so that on a slow machine most of the time is left for keys.
"""

import asyncio
from typing import Any, Final

from prompt_toolkit.application import Application

LEAST_S: Final = 0.03
_SHARE: Final = 2


class Pace:
    """Draws `app` when something was said."""

    def __init__(self, app: Application[Any]) -> None:
        self._app: Final = app
        self._began = 0.0
        self._earliest = 0.0
        self._due: asyncio.TimerHandle | None = None
        app.before_render += self._begins
        app.after_render += self._ended

    @property
    def is_due(self) -> bool:
        """Whether something is to be drawn that no key has drawn yet."""
        return self._due is not None

    def draw_soon(self) -> None:
        """Something has changed. Nothing happens before the application runs: then all is drawn anyway."""
        loop = self._app.loop
        if self._due is None and loop is not None and self._app.is_running:
            self._due = loop.call_at(max(loop.time(), self._earliest), self._draw)

    def _draw(self) -> None:
        self._due = None
        self._app.invalidate()

    def _begins(self, _: object) -> None:
        if self._app.loop is not None:
            self._began = self._app.loop.time()

    def _ended(self, _: object) -> None:
        loop = self._app.loop
        if loop is None:
            return
        now = loop.time()
        self._earliest = now + max(LEAST_S, _SHARE * (now - self._began))
        if self._due is not None:  # what it was for is on the screen
            self._due.cancel()
            self._due = None
