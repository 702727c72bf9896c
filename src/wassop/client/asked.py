"""What was asked of the server, remembered by the id of the request: it tells what the answer means."""

from typing import Literal

from attrs import frozen


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


Asked = (
    AskedHello
    | AskedJoin
    | AskedLeave
    | AskedRooms
    | AskedMembers
    | AskedMessage
    | AskedTopic
    | AskedOlder
    | AskedGap
    | AskedAround
    | AskedSearch
    | AskedRead
)
