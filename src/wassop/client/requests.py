"""What a program asks of a server, and messages as it is told them. Pure."""

from wassop.client.told import Message
from wassop.wire import native_messages as wire

Speech = wire.Say | wire.Msg | wire.All
Request = Speech | wire.Join | wire.Leave | wire.Topic | wire.Rooms | wire.Who | wire.History | wire.Search
Answer = wire.ServerMessage


def message_of(room: str, said: wire.SaidEntry) -> Message:
    """A message of a room's history."""
    return Message(room, said.seq, said.author, said.text, said.at, said.all, said.nonce)


def found_message(entry: wire.FoundEntry) -> Message:
    """A message that a search found."""
    return Message(entry.room, entry.seq, entry.author, entry.text, entry.at, entry.all)
