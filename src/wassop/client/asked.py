"""What was asked of the server, remembered by the id of the request: it tells what the answer means."""

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from wassop.core.orders import Order


@frozen
class AskedHello:
    """To be let in under `name`."""

    name: str


@frozen
class AskedJoin:
    """To be let into `room`; when it is refused `or_menu`, the main menu is shown."""

    room: str
    or_menu: bool = False
    is_quiet: bool = False
    """Whether one stays where one is, as with the lobby and the rooms of last time."""
    asked_on: str = ""
    """The tab that was shown."""
    password: str | None = field(default=None, repr=False)


@frozen
class AskedLeave:
    """To be let out of `room`; `to_menu` even when there are other rooms."""

    room: str
    to_menu: bool


@frozen
class AskedRooms:
    """For the rooms: to show the main menu, to list them, or only to know them."""

    why: Literal["menu", "list", "know"]


@frozen
class AskedMembers:
    """For who is here, to show it."""


@frozen
class AskedMessage:
    """To deliver the message that stands in line number `line`."""

    line: int


@frozen
class AskedTopic:
    """To let `text` be what `room` is about."""

    room: str
    text: str


@frozen
class AskedAway:
    """To be away because of `text`; to be back, if that is empty."""

    text: str
    is_quiet: bool = False
    """Whether one was away before, and need not be told."""


@frozen
class AskedOlder:
    """For a page of what was said in `room` before the oldest message that is shown."""

    room: str
    before: int


@frozen
class AskedGap:
    """For a page of what was said in `room` while one was away."""

    room: str


@frozen
class AskedAround:
    """For what was said in `room` about message `seq`, which is far from all that is shown."""

    room: str
    seq: int


@frozen
class AskedSearch:
    """For the messages that hold these words."""

    words: str


@frozen
class AskedRead:
    """How far `room` had been read before one came."""

    room: str


@frozen
class AskedLogin:
    """To become `name`, who is registered."""

    name: str
    password: str = field(repr=False)


@frozen
class AskedRegister:
    """To have one's name for oneself, with this password."""

    password: str = field(repr=False)


@frozen
class AskedChange:
    """For another password."""

    new: str = field(repr=False)


@frozen
class AskedLogout:
    """To have no name any more."""


@frozen
class AskedModes:
    """How a room is set, or to set it."""


@frozen
class AskedOrder:
    """To keep order."""

    order: "Order"


Asked = (
    AskedHello
    | AskedLogin
    | AskedRegister
    | AskedChange
    | AskedLogout
    | AskedModes
    | AskedOrder
    | AskedJoin
    | AskedLeave
    | AskedRooms
    | AskedMembers
    | AskedMessage
    | AskedTopic
    | AskedAway
    | AskedOlder
    | AskedGap
    | AskedAround
    | AskedSearch
    | AskedRead
)
