"""What a program is told by a chat, and how a chat refuses or ends: the values of the Python API."""

from collections.abc import Mapping

from attrs import Factory, frozen

from wassop.client.told_orders import OPEN
from wassop.client.told_orders import Ban as Ban
from wassop.client.told_orders import Deed as Deed
from wassop.client.told_orders import Invited as Invited
from wassop.client.told_orders import Kicked as Kicked
from wassop.client.told_orders import Modes as Modes
from wassop.client.told_orders import ModesSet as ModesSet
from wassop.client.told_orders import Muted as Muted
from wassop.client.told_orders import RoleGiven as RoleGiven
from wassop.client.told_orders import Unmuted as Unmuted
from wassop.locale import N_, Translations
from wassop.wire.sentences import is_about_author, sentence


@frozen
class Message:
    """Somebody said something in a room, or to everyone. Never what this chat said itself."""

    room: str
    seq: int
    """Its number in the room; rises by one a message."""
    author: str
    text: str
    at: float
    """Unix time, in seconds."""
    to_all: bool = False
    nonce: str | None = None
    kind: str = "say"
    """`me`, `reply`, `edit`, `delete`, `react` or `unreact`, if it is no ordinary one; see PROTOCOL.md."""
    about: int | None = None
    """The number of the message that it answers, corrects, deletes or reacts to."""
    quote: tuple[str, str] | None = None
    """Who said what it answers or reacts to, and how that begins."""
    deleted: bool = False
    """Whether its text is gone, because it was deleted."""


def told_line(message: Message, tr: Translations) -> str:
    """What was said or done, and by whom, as those read it who know of texts only; empty for nothing."""
    text = sentence(message.kind, message.author, message.text, message.quote or ("", ""), tr)
    return text if is_about_author(message.kind) or not text else f"{message.author}: {text}"


@frozen
class PrivateMessage:
    """Somebody said something to one person alone."""

    author: str
    to: str
    text: str
    at: float
    """Unix time, in seconds."""
    was_kept: bool = False
    """Whether it was said while nobody was here under that name."""


@frozen
class Presence:
    """Who came into a room, who left it, and who is gone from the chat."""

    room: str
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@frozen
class Topic:
    """Somebody said what a room is about; an empty text: nothing any more."""

    room: str
    text: str
    author: str
    at: float


@frozen
class RoomLeft:
    """This chat is no longer in the room, though it did not ask to leave."""

    room: str


@frozen
class Missing:
    """So many messages cannot be had any more; `room` is None for what was said to one person or to all."""

    room: str | None
    count: int


@frozen
class Offline:
    """The connection is gone; it is being made again."""


@frozen
class Online:
    """The connection is back; what was missed comes next."""


@frozen
class Slowed:
    """More was said than the server allows at once: it reads on after so many milliseconds."""

    wait_ms: int


@frozen
class Trouble:
    """The server did not understand something, and does not tell what."""

    code: str
    text: str


_News = Presence | Topic | RoomLeft | Missing | Offline | Online | Slowed | Trouble
Told = Message | PrivateMessage | _News | Deed


@frozen
class Stored:
    """A message is on record: its number in its room (None: it was a private one), and when it was said."""

    seq: int | None
    at: float | None
    was_kept: bool = False
    """Whether it waits for somebody who is not here."""
    away: str | None = None
    """Why whom it is for is away, if they said so."""


@frozen
class Room:
    """A room and how many people are in it."""

    name: str
    count: int


@frozen
class Entered:
    """This chat is in a room: its name as the room has it, its last message's number, who is there."""

    room: str
    seq: int
    members: tuple[str, ...]
    topic: str = ""
    roles: Mapping[str, str] = Factory(dict)
    """Who is more than a member: "owner", "operator" or "voice"."""
    modes: Modes = OPEN


@frozen
class Page:
    """Some messages; `more` tells that there are others in the direction that was asked for."""

    messages: tuple[Message, ...]
    more: bool = False


class ChatError(Exception):
    """Something that a chat cannot do."""


class Refused(ChatError):
    """The server did not do what was asked, and nothing has changed.

    `code` is one of those in PROTOCOL.md, and stable; `text` is for people.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{text} [{code}]")
        self.code = code
        self.text = text


class Ended(ChatError):
    """The server has ended this chat, and coming back would not help. `reason` as in PROTOCOL.md (`bye`)."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{text} [{reason}]")
        self.reason = reason
        self.text = text


class Unreachable(ChatError):
    """There is no connection to the server, or has not been one for longer than was asked for."""

    def __init__(self, server: str, problem: str = N_("There is no connection to {server}.")) -> None:
        """`problem` is a text to translate."""
        super().__init__(f"no connection to {server}")
        self.server = server
        self._problem = problem

    def sentence(self, tr: Translations) -> str:
        """What to tell the person."""
        return tr.gettext(self._problem).format(server=self.server)


class Closed(ChatError):
    """The block in which this chat was open has ended."""
