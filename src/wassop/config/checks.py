"""What is checked of a value, and why one cannot be used."""

from collections.abc import Callable
from typing import Final

from wassop.core.limits import Rate
from wassop.locale import N_

_LARGEST: Final = 2**40
"""No bound is larger: neither infinite nor beyond what the system takes."""


class Unfit(ValueError):
    """A value that cannot be used, and why: a text to translate and what fills it."""

    def __init__(self, problem: str, **params: object) -> None:
        super().__init__(problem.format(**params))
        self.problem: Final = problem
        self.params: Final = params


def between(low: float, high: float = _LARGEST) -> Callable[[object, object, float], None]:
    """A validator of numbers; both bounds are allowed."""

    def check(_: object, __: object, value: float) -> None:
        if not value >= low:  # also for not-a-number
            raise Unfit(N_("at least {bound} expected"), bound=low)
        if value > high:
            raise Unfit(N_("at most {bound} expected"), bound=high)

    return check


def rate(per_s: float, burst: int) -> Rate | None:
    """0: no bound."""
    return Rate(per_s, burst) if per_s else None
