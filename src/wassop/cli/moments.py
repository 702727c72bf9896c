"""Moments as people write them on a command line."""

import time
from datetime import datetime
from typing import Final

from wassop.cli.common import _, fail

_UNIT_S: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_MAX_DIGITS: Final = 9


def moment(since: str) -> float:
    """Unix seconds of `2026-11-20`, `2026-11-20T13:00` (local time) or `2h` ago; else the command ends."""
    number, unit = since[:-1], since[-1:]
    if unit in _UNIT_S and number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS:
        return time.time() - int(number) * _UNIT_S[unit]
    try:
        return datetime.fromisoformat(since).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise fail(
            _("--since {since}: 2026-11-20, 2026-11-20T13:00 or 2h expected").format(since=since)
        ) from error
