"""What can happen to the client, and what it wants done. Values only."""

from attrs import frozen

from wassop.wire.native_messages import ClientMessage, ServerMessage

# What can happen


@frozen
class Connected:
    """There is a connection to the server."""


@frozen
class Lost:
    """The connection is gone, or could not be made."""


@frozen
class Waiting:
    """The next try is in so many seconds."""

    seconds: int


@frozen
class Received:
    """The server said something."""

    message: ServerMessage


@frozen
class Typed:
    """A line was entered."""

    text: str


@frozen
class CompletingRooms:
    """Somebody is about to choose a room's name."""


@frozen
class AtTop:
    """Somebody scrolled up to the oldest message of the current room, and further."""


@frozen
class AtBottom:
    """The newest lines have been on the screen."""


@frozen
class RetryDue:
    """The pause before try number `attempt` for the message in line number `line` is over."""

    line: int
    attempt: int


Happening = Connected | Lost | Waiting | Received | Typed | CompletingRooms | AtTop | AtBottom | RetryDue


# What is wanted


@frozen
class Send:
    """Say this to the server."""

    message: ClientMessage


@frozen
class KeepInput:
    """Leave what was typed in the input bar, for another try."""


@frozen
class Welcomed:
    """The connection is a good one: the next loss starts with a short pause again."""


@frozen
class Reconnect:
    """Drop this connection and try again after a pause."""


@frozen
class Later:
    """Let `happening` happen after `delay_s` seconds."""

    delay_s: float
    happening: Happening


@frozen
class Reveal:
    """Scroll so that line number `line` is seen."""

    line: int


@frozen
class Finish:
    """Say goodbye to the server and end."""


@frozen
class GiveUp:
    """End, and tell why where it stays on the terminal."""

    why: str


Effect = Send | KeepInput | Welcomed | Reconnect | Later | Reveal | Finish | GiveUp
