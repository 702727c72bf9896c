"""What may be searched for."""

from wassop.core.commands import Search
from wassop.core.events import LookUpSearch
from wassop.core.names import room_name, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session


def search_for(session: Session, command: Search, max_messages: int) -> LookUpSearch | Refused:
    """The search that `command` asks for, for at most so many messages, or why it cannot be made.

    What was said in a room that is not open to everybody is found by those who are in it.
    """
    if not any(char.isalnum() for char in command.words):
        return Refused(Code.NO_WORDS)
    room = room_name(command.room) if command.room is not None else None
    author = user_name(command.author) if command.author is not None else None
    if isinstance(room, Refused):
        return room
    if isinstance(author, Refused):
        return author
    limit = max(0, min(command.limit, max_messages))
    words, mine = tuple(command.words.split()), tuple(room.key for room in session.rooms)
    return LookUpSearch(words, room, author, command.since, command.until, limit, mine)
