"""What somebody searches for, and where it stands in what was found. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

FILTERS: Final = ("room:", "from:", "since:", "until:")
_ALIASES: Final = {
    "room": "room",
    "sala": "room",
    "from": "author",
    "de": "author",
    "since": "since",
    "desde": "since",
    "until": "until",
    "hasta": "until",
}
_FILTER: Final = re.compile(rf'(?<!\S)({"|".join(_ALIASES)}):(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_UNITS: Final = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_AGO: Final = re.compile(r"(\d{1,5})([mhdw])", re.IGNORECASE)
_DATES: Final = ("%Y-%m-%d", "%d/%m/%Y")
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


@frozen
class Query:
    """Words, and what narrows the search; times in Unix seconds, `until` not included."""

    words: str
    room: str | None = None
    author: str | None = None
    since: float | None = None
    until: float | None = None


@frozen
class BadDate:
    """Something that should be a date and is none."""

    text: str


def understood(text: str, now: float) -> Query | BadDate:
    """What `text` searches for. The last of several filters of one kind counts; what only looks like a filter
    is a word."""
    words, end = "", 0
    narrowed: dict[str, Any] = {}
    for match in _FILTER.finditer(text):
        words += text[end : match.start()] + " "
        end = match.end()
        key, value = _ALIASES[match[1].lower()], match[2] if match[2] is not None else match[3]
        if key in ("since", "until"):
            moment = _moment(value, now, is_end=key == "until")
            if moment is None:
                return BadDate(value)
            narrowed[key] = moment
        else:
            narrowed[key] = value.removeprefix("@") if key == "author" else value
    return Query(" ".join((words + text[end:]).split()), **narrowed)


def _moment(text: str, now: float, *, is_end: bool) -> float | None:
    """A date is meant with all of its day: its beginning, or the next day's as an end."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2].lower()]
    for form in _DATES:
        try:
            day = datetime.strptime(text, form).date() + timedelta(days=int(is_end))
            return datetime(day.year, day.month, day.day).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


def spans(text: str, words: str) -> tuple[tuple[int, int], ...]:
    """Where in `text` one of `words` stands, without regard to case and diacritics."""
    wanted = {_folded(match[0]) for match in _WORD.finditer(words)}
    return tuple(match.span() for match in _WORD.finditer(text) if _folded(match[0]) in wanted)


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
