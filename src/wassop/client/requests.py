"""What a program asks of a server, and messages as it is told them. Pure."""

from wassop.client.told import Message
from wassop.wire import native_messages as wire

Speech = wire.Say | wire.Msg | wire.All
Request = Speech | wire.Join | wire.Leave | wire.Topic | wire.Rooms | wire.Who | wire.History | wire.Search
Answer = wire.ServerMessage


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
