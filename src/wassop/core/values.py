"""How the values are made of which there are several for each message."""

from functools import partial
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from attrs import frozen as value
else:
    # As `frozen`, which the type checker takes it for; but nothing watches at run time that nobody changes
    # one, because to make one costs a third then: 2 us a message for all of its values.
    value = partial(define, unsafe_hash=True)

__all__ = ["value"]
