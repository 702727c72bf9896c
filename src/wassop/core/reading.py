"""Reading what was said in a room, and how far."""

from wassop.core.commands import MarkRead, ReadHistory
from wassop.core.deliveries import Delivery, Record, Reply
from wassop.core.events import LookUpPage, LookUpRead, Noted, Page
from wassop.core.names import UserName
from wassop.core.records import ReadMark
from wassop.core.room import Room


def read_history(room: Room, command: ReadHistory, max_messages: int) -> Page | LookUpPage:
    """The page that a member asks for, or where it has to be looked up."""
    limit = max(0, min(command.limit, max_messages))
    before = None if command.before is None else max(0, min(command.before, room.seq + 1))
    after = None if command.after is None else max(0, min(command.after, room.seq))
    page = room.page(before, after, limit)
    return LookUpPage(room.name, before, after, limit) if page is None else Page(room.name, *page)


def mark_read(room: Room, reader: UserName, command: MarkRead) -> list[Delivery]:
    """Put on record how far a member has read, or ask for that."""
    if command.seq is None:
        return [Reply(LookUpRead(reader, room.name))]
    seq = max(0, min(command.seq, room.seq))
    return [Reply(Noted()), Record(ReadMark(reader, room.name, seq))]
