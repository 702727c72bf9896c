"""What may be searched for."""

from wassop.core.commands import Search
from wassop.core.events import LookUpSearch
from wassop.core.names import room_name, user_name
from wassop.core.refusals import Code, Refused


def search_for(command: Search, max_messages: int) -> LookUpSearch | Refused:
    """The search that `command` asks for, for at most so many messages, or why it cannot be made."""
    if not any(char.isalnum() for char in command.words):
        return Refused(Code.NO_WORDS)
    room = room_name(command.room) if command.room is not None else None
    author = user_name(command.author) if command.author is not None else None
    if isinstance(room, Refused):
        return room
    if isinstance(author, Refused):
        return author
    limit = max(0, min(command.limit, max_messages))
    return LookUpSearch(tuple(command.words.split()), room, author, command.since, command.until, limit)
