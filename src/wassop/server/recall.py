"""What the hub does not remember, fetched from the record before it decides or after it has allowed it."""

import sqlite3
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from attrs import evolve

from wassop.core.commands import Command, Identify, Join, Say
from wassop.core.deeds import AuditPage, LookUpAudit
from wassop.core.events import (
    Answer,
    Found,
    LookUpPage,
    LookUpRead,
    LookUpSearch,
    Page,
    ReadUpTo,
    RecordLookup,
)
from wassop.core.hub import Hub
from wassop.core.names import RoomName, UserName, room_name, user_name
from wassop.core.records import RoomRecord, Stored
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.session import Session
from wassop.server.journal import Journal
from wassop.server.logs import Log
from wassop.storage.archive import Archive
from wassop.storage.searching import SearchFilter, SearchTooSlow

_MAX_INTEGER: Final = 2**62
"""Half of SQLite's largest, so that something may be added."""
# How far around its number in a room somebody who comes back is looked for among the authors, in messages.
# Who was slow to read had an outbox full of them before it (1 MiB: about 8,000). 11,000 rows take 10 ms.
_OWN_BEFORE: Final = 1_000
_OWN_BEHIND: Final = 10_000
_OWN_BEHIND_IN_ALL: Final = 100_000
"""In all rooms of one greeting."""
_OWN_MESSAGES: Final = 1_000
"""So many of those found are kept with the session."""
_TRIES: Final = 5
"""So often a message is looked for while a room forgets what is said in it before the look is over."""


class Recall:
    """Reads the record for the hub, which is told facts and never waits."""

    def __init__(self, hub: Hub, archive: Archive, journal: Journal, log: Log) -> None:
        self._hub: Final = hub
        self._archive: Final = archive
        self._journal: Final = journal
        self._log: Final = log

    def at_start(self) -> None:
        """Tell the hub of the rooms that always exist and of all accounts; sqlite3.Error when the record
        cannot be read."""
        for room in self._hub.rooms:
            record = self._archive.load_room(room.name.key, self._hub.limits.recent_messages_per_room)
            if record is not None:
                self._hub.rooms.restore(record)
        for account in self._archive.accounts():
            self._hub.accounts.put(account)
        for session in self._archive.web_sessions():
            self._hub.web.put(session)
        self._hub.mailboxes.restore(self._archive.kept_counts())
        for key in self._archive.permanent_rooms():
            record = self._archive.load_room(key, self._hub.limits.recent_messages_per_room)
            if record is not None:
                self._hub.rooms.restore(record)
        for ban in self._archive.server_bans():
            self._hub.moderation.bans.add(ban)
        for author_key, nonce in reversed(self._archive.private_nonces(self._hub.limits.private_nonces)):
            self._hub.private_nonces.note(author_key, nonce)

    def is_ready(self, command: Command) -> bool:
        """Whether the hub knows already what it needs to know for `command`."""
        match command:
            case Join(room, since=since):
                return since is None and (self._hub.rooms.knows(room) or self._is_new(room))
            case Identify(resume=resume):
                return not resume
            case Say(room, about=int(seq)):
                return self._unknown_subject(room, seq) is None
        return True

    def _is_new(self, text: str) -> bool:
        """Whether it is certain, without a look, that nothing of that room is on record."""
        room = room_name(text)
        if isinstance(room, Refused) or not self._journal.is_flushed:
            return False
        return not self._archive.has_room(room.key) and room.key not in self._journal.outcomes.not_stored

    async def prepare(self, session: Session, command: Command) -> Command | Refused:
        """Tell the hub what it needs to know for `command`; return it in the terms of this run.

        The hub knows it only at this moment: it must decide before anything is awaited. A room that cannot be
        read is not entered, because its messages would be numbered from the beginning.
        """
        match command:
            case Say(about=int()):
                try:
                    return await self._with_subject(session, command)
                except sqlite3.Error as error:
                    self._log.error("lookup-failed", reason=str(error))
                    return Refused(Code.NO_RECORD)
            case Join(room, since=since):
                try:
                    if since is not None and session.name is not None:
                        command = evolve(command, stored=await self._own(session.name, {room: since}))
                    await self._restore([room])
                except sqlite3.Error as error:
                    self._log.error("lookup-failed", reason=str(error))
                    return Refused(Code.NO_RECORD)
            case Identify(resume=resume) if resume:
                name = user_name(command.name)
                if isinstance(name, Refused) or session.name is not None or self._hub.people.is_taken(name):
                    # It is refused now; or else who has the name could say something after the look below.
                    return command
                return await self.prepare_entry(session, command)
        return command

    async def prepare_entry(self, session: Session, command: Identify) -> Identify:
        """The same for somebody who has the right to the name, and may be here under it already."""
        resume, epoch, name = command.resume, command.epoch, user_name(command.name)
        if not resume or isinstance(name, Refused) or session.name is not None:
            return command
        # The hub would refuse the others, and does not keep so many at once.
        resume = self._first_rooms(resume)
        command = evolve(command, resume=resume)
        try:
            if epoch is not None and epoch != self._hub.epoch:
                seen = {room: await self._known_up_to(room, epoch, seq) for room, seq in resume.items()}
                command = evolve(command, resume=seen, epoch=self._hub.epoch)
            command = evolve(command, stored=await self._own(name, command.resume))
            await self._restore(resume)
        except sqlite3.Error as error:
            self._log.error("lookup-failed", reason=str(error))
            return evolve(command, resume={})
        return command

    async def look_up(self, lookup: RecordLookup) -> Answer:
        """The page or the messages that were asked for, or why they cannot be had."""
        try:
            # What was just said may still be on its way to the record.
            await self._journal.wait_flushed()
            match lookup:
                case LookUpPage():
                    return await self._page(lookup)
                case LookUpSearch():
                    return await self._found(lookup)
                case LookUpRead(reader, room):
                    read = partial(self._archive.read_mark, reader.key, room.key)
                    return ReadUpTo(room, await self._journal.look_up(read))
                case LookUpAudit():
                    return await self._audit(lookup)
        except sqlite3.Error as error:
            self._log.error("lookup-failed", reason=str(error))
            return Refused(Code.NO_RECORD)
        except SearchTooSlow:
            return Refused(Code.SEARCH_TOO_SLOW)

    async def _page(self, lookup: LookUpPage) -> Page:
        key, limit = lookup.room.key, lookup.limit
        if lookup.after is not None:
            read = partial(self._archive.after, key, lookup.after, limit + 1)
            found = await self._journal.look_up(read)
            return Page(lookup.room, found[:limit], len(found) > limit)
        room = self._hub.rooms.named(lookup.room.text)
        end = lookup.before if lookup.before is not None else (room.seq if room else 0) + 1
        found = await self._journal.look_up(partial(self._archive.before, key, end, limit + 1))
        return Page(lookup.room, found[-limit:] if limit else (), len(found) > limit)

    async def _audit(self, lookup: LookUpAudit) -> AuditPage:
        await self._journal.wait_flushed()  # whoever did something finds it there
        key = lookup.room.key if lookup.room is not None else None
        read = partial(self._archive.audit_page, key, lookup.before, lookup.limit + 1)
        found = await self._journal.look_up(read)
        return AuditPage(found[: lookup.limit], len(found) > lookup.limit)

    async def _found(self, lookup: LookUpSearch) -> Found:
        narrowed = SearchFilter(
            lookup.room.key if lookup.room else None,
            lookup.author.key if lookup.author else None,
            lookup.since,
            lookup.until,
            lookup.mine,
        )
        found = await self._journal.search(lookup.words, narrowed, lookup.limit + 1)
        return Found(found[: lookup.limit], len(found) > lookup.limit)

    def _first_rooms(self, resume: Mapping[str, int]) -> Mapping[str, int]:
        """Those of the rooms that one session may be in at once, and the lobby."""
        allowed: dict[str, int] = {}
        keys: set[str] = set()
        for name, seq in resume.items():
            room = room_name(name)
            if isinstance(room, Refused):
                continue
            if room != self._hub.lobby.name:
                if len(keys) == self._hub.limits.max_rooms_per_session and room.key not in keys:
                    continue
                keys.add(room.key)
            allowed[name] = seq
        return allowed

    async def _restore(self, names: Iterable[str]) -> None:
        """Let the hub know all these rooms at once."""
        wanted = [room for name in names if isinstance(room := room_name(name), RoomName)]
        began = -1
        while began != self._hub.rooms.forgotten:
            began = self._hub.rooms.forgotten
            for room in wanted:
                if self._hub.rooms.knows(room.text):
                    continue
                await self._journal.wait_flushed()
                # As long as the hub lets no room go, what is read is not older than what it has known.
                before = self._hub.rooms.forgotten
                load = partial(self._archive.load_room, room.key, self._hub.limits.recent_messages_per_room)
                record = await self._journal.look_up(load)
                # What was told in this run keeps its number, though the record knows nothing of it.
                told = self._journal.outcomes.not_stored.get(room.key, 0)
                if told > (record.seq if record else 0):
                    record = RoomRecord(room, told, ()) if record is None else evolve(record, seq=told)
                if record is not None and self._hub.rooms.forgotten == before:
                    self._hub.rooms.restore(record)

    async def _own(self, author: UserName, resume: Mapping[str, int]) -> tuple[Stored, ...]:
        """What `author` said around the numbers at which it resumes: it may not know, and say it again."""
        # What its last connection said is perhaps still on its way to the record.
        await self._journal.wait_flushed()
        behind = min(_OWN_BEHIND, _OWN_BEHIND_IN_ALL // max(1, len(resume)))
        found: tuple[Stored, ...] = ()
        for text, seq in resume.items():
            room, seq = room_name(text), _bounded(seq)
            if isinstance(room, RoomName):
                between, count = (seq - _OWN_BEFORE, seq + behind), _OWN_MESSAGES - len(found)
                read = partial(self._archive.own, room.key, author.key, *between, count)
                found += await self._journal.look_up(read)
        return found

    def _unknown_subject(self, name: str, seq: int) -> Room | None:
        """The room of that name, if only the record may know what its message `seq` is."""
        room = self._hub.rooms.named(name)
        return None if room is None or room.decides(seq) else room

    async def _with_subject(self, session: Session, command: Say) -> Say | Refused:
        assert command.about is not None
        room = self._unknown_subject(command.room, command.about)
        if room is None or session not in room:
            return command
        for _ in range(_TRIES):
            await self._journal.wait_flushed()
            newest = room.seq
            read = partial(self._archive.as_it_reads, room.name.key, command.about)
            found = await self._journal.look_up(read)
            # The hub knows what became of it since then, unless so much was said that it has forgotten.
            if room.decides(newest + 1):
                return evolve(command, subject=found)
        return Refused(Code.NO_RECORD)

    async def _known_up_to(self, name: str, epoch: int, seq: int) -> int:
        room = room_name(name)
        if isinstance(room, Refused):
            return 0
        read = partial(self._archive.known_up_to, room.key, _bounded(epoch), _bounded(seq))
        return await self._journal.look_up(read)


def _bounded(number: int) -> int:
    return max(0, min(number, _MAX_INTEGER))
