"""What can happen to the client, and what it wants done. Values only."""

from attrs import frozen

from wassop.client.memory import Memory
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
class Edited:
    """What stands in the input bar has changed."""

    text: str


@frozen
class Pasted:
    """A text was pasted at the cursor."""

    text: str
    before: str = ""
    after: str = ""


@frozen
class Act:
    """A key that does something was pressed; `actions.ACTIONS` tells what."""

    action: str


@frozen
class TabChosen:
    """A tab was clicked."""

    number: int


@frozen
class Recalled:
    """What was remembered from last time, as it was read."""

    memory: Memory


@frozen
class TypingOver:
    """Since somebody's last sign of typing so much time has gone that it no longer counts."""

    key: str
    who: str
    since: float


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


Happening = (
    Connected
    | Lost
    | Waiting
    | Received
    | Typed
    | Edited
    | Pasted
    | Act
    | TabChosen
    | Recalled
    | TypingOver
    | CompletingRooms
    | AtTop
    | AtBottom
    | RetryDue
)


# What is wanted


@frozen
class Send:
    """Say this to the server."""

    message: ClientMessage


@frozen
class KeepInput:
    """Leave what was typed in the input bar, for another try."""


@frozen
class Put:
    """Let this stand in the input bar, the cursor between the two."""

    before: str
    after: str = ""


@frozen
class Recall:
    """Read what was remembered of this server under this name."""

    name: str


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


Effect = Send | KeepInput | Put | Recall | Welcomed | Reconnect | Later | Reveal | Finish | GiveUp
