"""Reading what was said in a room, how far, and who is there."""

from collections.abc import Mapping

from wassop.core.absences import absent_among
from wassop.core.commands import MarkRead, ReadHistory, Who
from wassop.core.deliveries import Delivery, Record, Reply
from wassop.core.events import LookUpPage, LookUpRead, Members, Noted, Page
from wassop.core.gathering import Gathering
from wassop.core.names import UserName
from wassop.core.permissions import sees
from wassop.core.records import ReadMark
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.rooms import Rooms
from wassop.core.session import Session


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


def who(
    session: Session, command: Who, rooms: Rooms, everyone: Gathering, absences: Mapping[str, str]
) -> Members | Refused:
    """Who is in a room of which `session` may know, or connected."""
    room = rooms.named(command.room) if command.room is not None else None
    if command.room is not None and (room is None or not sees(session, room)):
        return Refused(Code.NO_SUCH_ROOM, {"room": command.room})
    asked = everyone if room is None else room
    return Members(room.name if room is not None else None, asked.names, absent_among(asked, absences))
