"""What a program asks of a server, and messages as it is told them. Pure."""

from typing import Final, TypeGuard

from msgspec.json import encode
from msgspec.structs import replace

from wassop.client import told
from wassop.client.deeds import Notice, told_of
from wassop.client.told import Message
from wassop.wire import native_messages as wire
from wassop.wire.native_moderation import ClientOrder

Speech = wire.Say | wire.Msg | wire.All
_Account = wire.Register | wire.Login | wire.Password | wire.Logout
_Room = wire.Join | wire.Leave | wire.Topic | wire.Rooms | wire.Who | wire.History | wire.Search
Request = Speech | _Room | _Account | ClientOrder
Answer = wire.ServerMessage
_ENVELOPE_BYTES: Final = 32
"""More than the number takes that a request gets."""


def hello_after(request: Request, hello: wire.Hello) -> wire.Hello:
    """How one comes back after `request` was done."""
    match request:
        case wire.Register(password) | wire.Password(_, password):
            return replace(hello, password=password)
        case wire.Login(name, password):
            return replace(hello, name=name, password=password)
        case _:
            return hello


def check_size(message: Speech, limits: wire.ToldLimits | None) -> None:
    """Raise Refused for a line that is too long; the server would not tell which one it was."""
    if limits is None:
        return
    if len(encode(message)) + _ENVELOPE_BYTES > limits.line_bytes:
        size = len(message.text.encode())
        raise told.Refused("text-too-long", f"{size} > {limits.text_bytes} bytes")


def seen_before(joined: wire.Joined, request: Request) -> int:
    """The number of the message behind which one who asked so begins to read the room."""
    if isinstance(request, wire.Join):
        if request.since is not None:
            return min(request.since, joined.seq)
        if request.history and joined.history:
            return joined.history[0].seq - 1
    return joined.seq


News = wire.Presence | wire.TopicSet | wire.Slow | Notice
"""What may be left out for a program that does not read."""


def is_news(message: wire.ServerMessage) -> TypeGuard[News]:
    """Whether it is such a thing, and no answer to a request."""
    return isinstance(message, News) and getattr(message, "re", None) is None


def private_of(message: wire.Private) -> told.PrivateMessage:
    """A private message as a program is told it."""
    return told.PrivateMessage(message.author, message.to, message.text, message.at, message.kept)


def news_of(message: News) -> told.Told:
    """What a program is told of it."""
    match message:
        case wire.Presence(name, joined, left, gone):
            return told.Presence(name, tuple(joined), tuple(left), tuple(gone))
        case wire.TopicSet(name, text, author, at):
            return told.Topic(name, text, author, at)
        case wire.Slow(wait_ms):
            return told.Slowed(wait_ms)
        case _:
            return told_of(message)


def entry_of(said: wire.Said) -> wire.SaidEntry:
    """What was told live as it stands in the room's history."""
    return wire.SaidEntry(
        *(said.seq, said.author, said.text, said.at, said.all, said.nonce, said.kind, said.about, said.quote)
    )


def message_of(room: str, said: wire.SaidEntry) -> Message:
    """A message of a room's history."""
    return Message(
        *(room, said.seq, said.author, said.text, said.at, said.all, said.nonce, said.kind, said.about),
        quote=_quoted(said.quote),
        deleted=said.deleted,
    )


def found_message(entry: wire.FoundEntry) -> Message:
    """A message that a search found."""
    return Message(
        *(entry.room, entry.seq, entry.author, entry.text, entry.at, entry.all),
        kind=entry.kind,
        about=entry.about,
        quote=_quoted(entry.quote),
    )


def _quoted(quote: wire.Quote | None) -> tuple[str, str] | None:
    return None if quote is None else (quote.author, quote.text)
