"""Days, where this computer is."""

from datetime import date

from wassop.locale import Translations


def day_of(at: float | None) -> date | None:
    """The day of a Unix time; None for what is no time (a server may send any number)."""
    if at is None:
        return None
    try:
        return date.fromtimestamp(at)
    except (ValueError, OverflowError, OSError):
        return None


def day_text(day: date, tr: Translations) -> str:
    """A day as people write it."""
    text = tr.gettext("{year}-{month:02}-{day:02}")
    return text.format(year=day.year, month=day.month, day=day.day)
