"""The running chat: the hub, the connections and the fan-outs, and the one step that joins them."""

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import trio

from wassop.config import Config
from wassop.core.commands import (
    Announce,
    ChangePassword,
    Command,
    Identify,
    Join,
    Leave,
    Login,
    Logout,
    ManageAccount,
    MarkRead,
    Quit,
    ReadHistory,
    Register,
    Say,
    Search,
    SetAway,
    SetTopic,
    Type,
)
from wassop.core.deliveries import (
    Delivery,
    Dismissed,
    Halt,
    Record,
    Reply,
    Spoken,
    ToRoom,
    ToSession,
    Vacated,
)
from wassop.core.events import Answer, Lookup, LookUpPage, LookUpRead, Page, ReadUpTo, Told
from wassop.core.hub import PERMANENT_ROOMS, Hub
from wassop.core.operations import Operation, Permitted
from wassop.core.orders import AskAudit, Order
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.session import Session
from wassop.core.web_commands import WebCommand
from wassop.server.browsers import Browsers
from wassop.server.fanout import RoomFanout
from wassop.server.figures import Figures
from wassop.server.journal import Journal, JournalPace
from wassop.server.logins import JournalRecord, Logins
from wassop.server.logs import Log
from wassop.server.operations import Operations
from wassop.server.passwords import AccountRecord, MemoryRecord
from wassop.server.recall import Recall
from wassop.server.receipts import Receipt
from wassop.server.reception import open_reception
from wassop.server.room_doors import RoomDoors
from wassop.storage.archive import Archive
from wassop.web.site import ChatSite
from wassop.wire.codec import WireSettings

if TYPE_CHECKING:
    from wassop.server.connection import Connection

_REPORT_INTERVAL_S: Final = 1.0
_ABOUT_ACCOUNTS: Final = (Login, Register, ChangePassword, ManageAccount, WebCommand)
_MAY_TAKE_TIME: Final = (ReadHistory, Search, MarkRead, Quit, AskAudit, Logout, Operation, *_ABOUT_ACCOUNTS)
"""What may have to be looked up or calculated before it is answered, by class, subclasses included."""


class Chat:
    """What all connections share. Its tasks run in the nursery that `run` opens."""

    def __init__(
        self, config: Config, log: Log, archive: Archive | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """Without an `archive` nothing is kept but what the hub remembers."""
        self.config = config
        self.log = log
        self.figures: Final = Figures()
        lobbies = [endpoint.lobby for endpoint in config.endpoints if endpoint.lobby]
        # Without a record, no two runs have anything in common: the time tells them apart.
        epoch = archive.epoch if archive is not None else int(clock())
        self.hub: Final = Hub(config.limits, permanent=(*PERMANENT_ROOMS, *lobbies), epoch=epoch)
        self.journal: Journal | None = None
        self._recall: Recall | None = None
        if archive is not None:
            self.journal = Journal(archive, _journal_pace(config), log, clock)
            self._recall = Recall(self.hub, archive, self.journal, log)
            self._recall.at_start()
            self.journal.outcomes.take_back = self.hub.take_back
            record: AccountRecord = JournalRecord(archive, self.journal)
        else:
            record = MemoryRecord()
        self._memory: Final = record if isinstance(record, MemoryRecord) else None
        self.logins: Final = Logins(self.hub, record, config, log, clock)
        self.operations: Final = Operations(self, clock)
        self._room_doors: Final = RoomDoors(self.hub, self.logins.passwords, self.logins.guesses)
        names = {name.lower().removesuffix(".") for name in (*config.web_host, socket.gethostname())}
        self.wire: Final = WireSettings(
            config.lang,
            config.max_line_bytes,
            config.ping_interval_s,
            config.limits,
            clock=clock,
            site=ChatSite(config.lang, names, registration=config.registration, whose=self.logins.web.whose),
        )
        self.connections: Final[dict[Session, Connection]] = {}
        self.browsers: Final = Browsers()
        self.reception: Final = open_reception()
        if self.journal is not None and self.reception is not None:
            self.journal.at_end_of_turn = self.reception.at_end_of_turn
        self.is_closing = False
        self._clock: Final = clock
        self._fanouts: Final[dict[Room, RoomFanout]] = {}
        self._shut: Final[set[RoomFanout]] = set()
        self._nursery: trio.Nursery | None = None
        self._news = trio.Event()
        self._busy: list[tuple[Room, RoomFanout]] = []
        self._traffic_came = trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the chat's own tasks running: a fan-out a room, and three for the whole server."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            if self.reception is not None:
                nursery.start_soon(self.reception.run)
            nursery.start_soon(self._tell_news)
            nursery.start_soon(self._report_traffic)
            nursery.start_soon(self._look_for_the_dead)
            if self.journal is not None:
                nursery.start_soon(self._keep_house, self.journal)
            task_status.started()

    def reconfigure(self, config: Config, log: Log) -> None:
        """Go on with these; see `reloading` for what may differ."""
        self.config, self.log = config, log
        if self.journal is not None:
            self.journal.pace = _journal_pace(config)

    # The way of a command

    def is_ready(self, command: Command) -> bool:
        """Whether `command` can be decided now, and nothing must be looked up before or after that."""
        if self.is_closing or (self.journal is not None and self.journal.is_full):
            return False
        if type(command) is not Say or command.about is not None:  # nearly all others need no look
            if isinstance(command, _MAY_TAKE_TIME) or not self._room_doors.is_ready(command):
                return False
            if self._recall is not None and not self._recall.is_ready(command):
                return False
        if not self._shut:
            return True
        fanout = self._fanout_of(command)
        return fanout is None or fanout.gate_is_open

    def places(self, saying: Say) -> int:
        """How many messages may go where `saying`, which is ready, goes."""
        fanout = self._fanout_of(saying)
        places = self.config.room_queue_messages if fanout is None else fanout.places
        return places if self.journal is None else min(places, self.journal.places)

    async def wait_gate(self, command: Command) -> None:
        """Wait until the room that `command` goes to takes more, and the journal too."""
        if self.journal is not None:
            await self.journal.wait_eased()
        fanout = self._fanout_of(command)
        if fanout is not None and not fanout.gate_is_open:
            await fanout.wait_open()

    def _fanout_of(self, command: Command) -> RoomFanout | None:
        match command:
            case Say(room=name) | SetTopic(room=name) | Join(room=name) | Leave(room=name) | Type(room=name):
                room = self.hub.rooms.named(name)
            case Announce() | SetAway():
                room = self.hub.lobby
            case Order():
                where: str | None = getattr(command, "room", None)
                room = self.hub.rooms.named(where) if where is not None else None
            case _:
                return None
        return self._fanouts.get(room) if room is not None else None

    async def prepare(self, session: Session, command: Command) -> Command | Refused:
        """Let the hub know what it must know to decide, which it must before anything else is awaited; return
        the command in terms of this run, or why it cannot be carried out."""
        if isinstance(command, Operation):
            return self.operations.prepare(session, command)
        if isinstance(command, _ABOUT_ACCOUNTS):
            return await self.logins.prepare(session, command, self._prepare_entry)
        if self._recall is None:
            return await self._room_doors.prepare(session, command)
        prepared = await self._recall.prepare(session, command)
        if isinstance(prepared, Refused) or self._room_doors.is_ready(command):
            return prepared
        # The room may be forgotten while the password is checked, so it is recalled once more.
        proven = await self._room_doors.prepare(session, command)
        return proven if isinstance(proven, Refused) else await self._recall.prepare(session, proven)

    async def _prepare_entry(self, session: Session, command: Identify) -> Identify:
        return command if self._recall is None else await self._recall.prepare_entry(session, command)

    async def look_up(self, lookup: Lookup) -> Answer:
        """What the hub allowed to be read from the record; where there is none, what is remembered."""
        if isinstance(lookup, Permitted):
            return await self.operations.look_up(lookup)
        if self._recall is not None:
            return await self._recall.look_up(lookup)
        if isinstance(lookup, LookUpPage):
            room = self.hub.rooms.named(lookup.room.text)
            assert room is not None, "who asks is in it"
            return Page(lookup.room, *room.remembered_page(lookup.before, lookup.after, lookup.limit))
        if isinstance(lookup, LookUpRead):
            return ReadUpTo(lookup.room, 0)
        return Refused(Code.NO_RECORD)

    def decide(self, session: Session, command: Command) -> tuple[Answer | Lookup, list[Delivery]]:
        """Let the hub decide; return the answer and what must be handed over, without waiting, after it."""
        deliveries = self.hub.handle(session, command, self._clock())
        first = deliveries.pop(0)
        assert isinstance(first, Reply)
        if type(command) is not Say:  # nobody comes or goes by what is said
            self._notice_news()
        return first.answer, deliveries

    def say_all(self, session: Session, sayings: Sequence[Say]) -> Spoken | None:
        """Let the hub decide what was said in one breath."""
        return self.hub.say_all(session, sayings, self._clock())

    def hand_over(self, deliveries: Iterable[Delivery], receipt: Receipt | None = None) -> None:
        """Put each delivery on its way; never blocks. `receipt` is settled when what is to be recorded is."""
        for delivery in deliveries:
            # The most frequent first, and found without trying patterns.
            if type(delivery) is Spoken:
                if self.journal is not None:
                    self.journal.record(delivery.said, receipt)
                delivery = delivery.told
            if type(delivery) is ToRoom:
                fanout = self._fanouts.get(delivery.room) or self._open_fanout(delivery.room)
                fanout.put(delivery)
            elif type(delivery) is not Record:
                self._hand_over_rare(delivery)
            elif self.journal is not None:
                self.journal.record((delivery.entry,), receipt if delivery.is_awaited else None)
            elif self._memory is not None:
                self._memory.note(delivery.entry)

    def _notice_news(self) -> None:
        if self.hub.has_news:
            self._news.set()

    def _hand_over_rare(self, delivery: Delivery) -> None:
        match delivery:
            case ToSession(session, event):
                self.figures.private_messages += type(event) is Told
                connection = self.connections.get(session)
                if connection is not None:
                    connection.tell(event)
            case Dismissed(session, reason):
                connection = self.connections.get(session)
                if connection is not None:
                    connection.end(reason)
            case Halt():
                self.operations.stop()
            case Vacated(room):
                fanout = self._fanouts.pop(room, None)
                if fanout is not None:
                    fanout.close()

    def disconnect(self, session: Session) -> None:
        """Forget a session and tell the others."""
        self.connections.pop(session, None)
        deliveries = self.hub.disconnect(session)
        self._notice_news()
        if not self.is_closing:
            self.hand_over(deliveries)

    async def wait_idle(self) -> None:
        """Wait until all rooms have handed over what was said in them."""
        for fanout in list(self._fanouts.values()):
            await fanout.wait_idle()

    def _open_fanout(self, room: Room) -> RoomFanout:
        assert self._nursery is not None, "Chat.run was not started"

        def report(fault: Exception | None) -> None:
            self._note_traffic(room, fanout, fault)

        fanout = RoomFanout(self.config.room_queue_messages, self.connections, report, self.figures)
        fanout.shut = self._shut
        if self.reception is not None:
            fanout.at_end_of_turn = self.reception.at_end_of_turn
        self._fanouts[room] = fanout
        self._nursery.start_soon(fanout.run)
        return fanout

    # What nobody asks for but time

    async def _tell_news(self) -> None:
        while True:
            await self._news.wait()
            await trio.sleep(self.config.presence_merge_interval_s)
            self._news = trio.Event()
            self.hand_over(self.hub.take_news())

    async def _look_for_the_dead(self) -> None:
        # One timer for all connections; a silence is noticed at most half of the interval late.
        config = self.config
        patience_s = min(
            config.ping_interval_s,
            config.pong_timeout_s,
            config.first_byte_timeout_s,
            config.naming_timeout_s,
        )
        while True:
            await trio.sleep(patience_s / 4)
            self._check_all(trio.current_time())

    def _check_all(self, now: float) -> None:
        # Not in the loop that waits, where the last one looked at would be held until the next time.
        for connection in list(self.connections.values()):
            connection.check_alive(now)

    async def _keep_house(self, journal: Journal) -> None:
        while True:
            await journal.keep_house()
            await trio.sleep(self.config.retain_interval_s)

    def _note_traffic(self, room: Room, fanout: RoomFanout, fault: Exception | None) -> None:
        if fault is not None:
            self.log.error("fanout-failed", room=room.name.text, exc_info=fault)
        else:
            self._busy.append((room, fanout))
            self._traffic_came.set()

    async def _report_traffic(self) -> None:
        # At most one line a room and second, whatever is said there.
        while True:
            await self._traffic_came.wait()
            self._traffic_came = trio.Event()
            busy, self._busy = self._busy, []
            for room, fanout in busy:
                traffic = fanout.take_traffic()
                self.log.info(
                    "relayed", room=room.name.text, messages=traffic.messages, deliveries=traffic.deliveries
                )
            await trio.sleep(_REPORT_INTERVAL_S)


def _journal_pace(config: Config) -> JournalPace:
    return JournalPace(
        interval_s=config.commit_interval_s,
        max_batch=config.commit_max_messages,
        max_waiting=config.commit_queue_messages,
        retain_age_s=config.retain_days * 86_400 or None,
        retain_count=config.retain_messages_per_room or None,
        search_timeout_s=config.search_timeout_s,
    )
