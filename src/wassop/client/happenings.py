"""What can happen to the client, and what it wants done. Values only."""

from attrs import field, frozen

from wassop.client.memory import Memory
from wassop.locale import Translations
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
class SecretEntered:
    """What was asked for without being shown was entered."""

    text: str = field(repr=False)


@frozen
class KeychainAnswered:
    """What the keyring of the system had for `name`; `problem` tells why it could not be asked."""

    name: str
    password: str | None = field(default=None, repr=False)
    problem: str = ""
    is_there: bool = True
    """Whether something is set up that keeps passwords."""


@frozen
class KeychainKept:
    """The keyring has taken a password, or `problem` tells why not."""

    problem: str = ""


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
class Focus:
    """The terminal's window has got or lost the focus."""

    is_here: bool


@frozen
class SettingKept:
    """A setting was written for next time."""

    problem: str = ""
    """Why it could not be written; empty if it was."""
    tr: Translations | None = None
    """The language from now on, if that was set."""
    lang: str = ""


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
    | SecretEntered
    | KeychainAnswered
    | KeychainKept
    | Edited
    | Pasted
    | Act
    | TabChosen
    | Recalled
    | TypingOver
    | Focus
    | SettingKept
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
class LookUp:
    """Look into the keyring for the password of `name`; `KeychainAnswered` tells what came of it."""

    name: str


@frozen
class KeepPassword:
    """Let the keyring keep a password; `KeychainKept` tells what came of it."""

    name: str
    password: str = field(repr=False)


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
    """Scroll so that line number `line` is seen, with what is around it."""

    line: int


@frozen
class RevealFrom:
    """Scroll so that what begins with line number `line` is read from there: as far as it does not fit."""

    line: int


@frozen
class KeepInSight:
    """Scroll so that line number `line` is seen, if it is not."""

    line: int


@frozen
class Alert:
    """Call the person to the terminal. The texts are harmless and short."""

    title: str
    text: str


@frozen
class KeepSetting:
    """Write a setting for next time."""

    name: str
    word: str


@frozen
class Finish:
    """Say goodbye to the server and end."""


@frozen
class GiveUp:
    """End, and tell why where it stays on the terminal."""

    why: str


Effect = (
    Send
    | KeepInput
    | Put
    | Recall
    | LookUp
    | KeepPassword
    | Welcomed
    | Reconnect
    | Later
    | Reveal
    | RevealFrom
    | KeepInSight
    | Alert
    | KeepSetting
    | Finish
    | GiveUp
)
