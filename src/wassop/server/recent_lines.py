"""The newest lines of the log, for those operators who do not sit before it."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from structlog.typing import EventDict, WrappedLogger

from wassop.core.operations import LogLine, LogLines
from wassop.core.text import visible
from wassop.locale import translations

_MAX_LINES: Final = 500
_MAX_VALUE_CHARS: Final = 300
_PRIVATE: Final = frozenset({"said", "told"})
"""What people wrote to each other: on the operator's own terminal only, who asked for it there."""
_NOT_SHOWN: Final = frozenset({"event", "level", "timestamp"})


class RecentLines:
    """A bounded memory of what was logged. Nothing is made ready before somebody asks."""

    def __init__(self, sentences: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        """`sentences` tell people what the stable names of events mean, in English."""
        self._sentences: Final = sentences
        self._clock: Final = clock
        self._lines: Final[deque[tuple[int, float, EventDict]]] = deque(maxlen=_MAX_LINES)
        self._count = 0

    def keep(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """A processor of structlog's."""
        if event["event"] not in _PRIVATE:
            kept = dict(event)
            fault = kept.pop("exc_info", None)  # it holds the frames, and all that they hold
            if fault is not None and fault is not False:
                kept["fault"] = type(fault).__name__ if isinstance(fault, BaseException) else "yes"
            self._count += 1
            self._lines.append((self._count, self._clock(), kept))
        return event

    def after(self, number: int, limit: int, lang: str) -> LogLines:
        """The newest `limit` lines above that number, the oldest first; `more` when others stood before."""
        newer = [line for line in self._lines if line[0] > number]
        newest = newer[max(0, len(newer) - limit) :]
        tr = translations(lang)
        return LogLines(tuple(self._told(*line, tr) for line in newest), len(newest) < len(newer))

    def _told(self, number: int, at: float, event: EventDict, tr: Any) -> LogLine:
        name = str(event["event"])
        details = {
            key: _shown(value) for key, value in event.items() if key not in _NOT_SHOWN and value is not None
        }
        sentence = tr.gettext(self._sentences[name]) if name in self._sentences else name
        return LogLine(number, at, str(event.get("level", "")), name, sentence, details)


def _shown(value: object) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    return visible(str(value))[:_MAX_VALUE_CHARS]
