"""Whether a text speaks of somebody by name. Pure."""

import re
from functools import lru_cache


def names(text: str, name: str) -> bool:
    """Whether `name` stands in `text` as a word of its own, in any case, with or without an @."""
    if not name:
        return False
    folded = text.casefold()
    # Most texts do not hold it at all, and that is told apart fast.
    return name.casefold() in folded and _pattern(name.casefold()).search(folded) is not None


@lru_cache(maxsize=16)
def _pattern(folded_name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(folded_name)}(?![\w-]|\.\w)")
