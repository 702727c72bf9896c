"""`wassop tail`: what was said in rooms, and what is said, a line each."""

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
from attrs import frozen

from wassop.client.chat import Chat
from wassop.client.told import Entered, Message, Missing, Offline, Online, RoomLeft, told_line
from wassop.client.visit import EXIT_REFUSED, VisitOptions, complain, run, visiting
from wassop.core.text import visible
from wassop.locale import Translations

_PAGE = 200


@frozen
class TailOptions:
    """What the command line asks for; without `since` (Unix time) the newest `lines` are printed."""

    visit: VisitOptions
    rooms: tuple[str, ...]
    since: float | None
    lines: int
    as_json: bool
    follow: bool


class JsonLine(msgspec.Struct, omit_defaults=True):
    """One line of `--json`, as `wassop export` writes it."""

    room: str
    seq: int
    author: str = msgspec.field(name="from")
    text: str
    at: float
    all: bool = False
    nonce: str | None = None
    kind: str = "say"
    about: int | None = None
    deleted: bool = False


def run_tail(options: TailOptions) -> int:
    """Print until the end; the exit code."""

    async def tail() -> int:
        async with visiting(options.visit) as chat:
            entered: dict[str, Entered] = {}
            for room in options.rooms:
                one = await chat.join(room)
                entered.setdefault(one.room, one)
            printer = Printer(options, many=len(entered) > 1)
            await _print_past(chat, options, list(entered.values()), printer)
            return await _follow(chat, set(entered), printer, options.visit.tr) if options.follow else 0

    return run(tail, options.visit.tr)


class Printer:
    """Writes messages to standard output, each at once; the room stands before it if there are several."""

    def __init__(self, options: TailOptions, *, many: bool) -> None:
        self._as_json = options.as_json
        self._many = many
        self._tr = options.visit.tr

    def write(self, message: Message) -> None:
        """One line; in text none for what there is nothing to read of."""
        line = self._json(message) if self._as_json else self._text(message)
        if line:
            print(line, flush=True)

    def _json(self, message: Message) -> str:
        m = message
        return msgspec.json.encode(
            JsonLine(*(m.room, m.seq, m.author, m.text, m.at, m.to_all, m.nonce, m.kind, m.about, m.deleted))
        ).decode()

    def _text(self, message: Message) -> str:
        room = f"[{visible(message.room)}] " if self._many else ""
        text = told_line(message, self._tr)
        return f"{_time(message.at)} {room}{visible(text)}" if text else ""


def _time(at: float) -> str:
    try:
        return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):  # a server may send any number
        return "-"


async def _print_past(chat: Chat, options: TailOptions, rooms: list[Entered], printer: Printer) -> None:
    """The rooms' messages up to when they were entered, in the order of their times."""
    sources = []
    for room in rooms:
        after = room.seq - options.lines
        if options.since is not None:
            after = await last_before(chat, room, options.since)
        sources.append(messages_between(chat, room.room, max(0, after), room.seq))
    heads = [(await anext(source, None), source) for source in sources]
    while waiting := [(message, source) for message, source in heads if message is not None]:
        message, source = min(waiting, key=lambda head: head[0].at)
        printer.write(message)
        heads = [(m, s) if s is not source else (await anext(s, None), s) for m, s in heads]


async def last_before(chat: Chat, room: Entered, moment: float) -> int:
    """The number of the last message that was said in the room before `moment`; by halving."""
    low, high = 0, room.seq
    while low < high:
        middle = (low + high) // 2
        page = await chat.history(room.room, after=middle, limit=1)
        first = page.messages[0] if page.messages else None
        if first is None or first.seq > high or first.at >= moment:
            high = middle
        else:
            low = first.seq
    return low


async def messages_between(chat: Chat, room: str, after: int, up_to: int) -> AsyncIterator[Message]:
    """The room's messages after number `after` up to `up_to`."""
    while after < up_to:
        page = await chat.history(room, after=after, limit=_PAGE)
        for message in page.messages:
            if message.seq <= up_to:
                yield message
        if not page.messages:
            return
        after = page.messages[-1].seq


async def _follow(chat: Chat, rooms: set[str], printer: Printer, tr: Translations) -> int:
    async for told in chat:
        match told:
            case Message(room) if room in rooms or told.to_all:
                printer.write(told)
            case Missing(_, count):
                text = tr.ngettext(
                    "{count} message that the server no longer remembers is missing here.",
                    "{count} messages that the server no longer remembers are missing here.",
                    count,
                )
                complain(text.format(count=count))
            case Offline():
                complain(tr.gettext("The connection was lost; retrying."))
            case Online():
                complain(tr.gettext("The connection is back."))
            case RoomLeft(room):
                complain(tr.gettext("You are no longer in the room {room}.").format(room=room))
                if not chat.joined:
                    return EXIT_REFUSED
    return 0
