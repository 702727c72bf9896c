"""What the server does for whom, counted and not timed, because times on a shared machine lie.

Counted are steps of the server's tasks, events encoded, sends, jobs for threads, transactions, and lines of
ours that are executed. A loop over those whom a message does not concern would show there; one inside of C,
as when a list is copied, would not. Visitors have bare sockets, which no task serves. The clock stands still
unless a test moves it on, so that no timer comes in between.

The bounds are what was counted on Linux with CPython 3.11 and Trio 0.35, and beside each stands what it is
made of. Less is always welcome; more is a decision.
"""

import gc
import itertools
import json
import math
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import trio
import trio.testing
from attrs import define, field

import wassop
from tests.server.disk import archive_of, slow_disk
from tests.server.support import PATIENCE_S, Guest, Running, running_server
from tests.server.web_support import frame, upgrade
from wassop.core.events import Event
from wassop.core.session import Session
from wassop.server import app
from wassop.server.connection import Connection
from wassop.server.reception import open_reception
from wassop.server.stream import DirectStream
from wassop.server.worker import Worker
from wassop.wire.cmdjson import CmdjsonEncoder
from wassop.wire.mychat import MychatEncoder
from wassop.wire.native import NativeEncoder
from wassop.wire.nick import NickEncoder
from wassop.wire.plain import PlainEncoder
from wassop.wire.remitente import RemitenteEncoder
from wassop.wire.salas import SalasEncoder
from wassop.wire.web import WebEncoder

if open_reception() is None:
    pytest.skip("counted where there is epoll", allow_module_level=True)

STEPS_A_MESSAGE = 1
"""The reception, which reads it, and hands it over where few are."""
STEPS_OF_A_REPORT = 1
"""The log's line about traffic, once a second."""
MANY = 64
"""From so many members on the fan-out looks once more who else has something to say."""
STEPS_TO_MANY = 2
"""The room's fan-out, which looks around first."""
FAIR = 256
"""After so many members, and only where more of them follow, others get their turn: one step."""
STEPS_A_COMMIT = 1
"""The thread's word comes into Trio, where all who waited for it are answered."""
STEPS_A_VISIT = 5
"""Of the visitor's own task: it begins, has its first bytes, has the quit, which may have to wait for
the record, has the other side's end, and closes."""
STEPS_BESIDE_A_VISIT = 5
"""The door's, and the reception's for whatever comes, which visitors who come together share: the first
bytes, a request, the quit, the end."""
TASKS_A_VISITOR = 1
"""Who reads, writes and waits. A writer is there only for a visitor who does not take what it is sent."""
TASKS_A_ROOM = 1
"""The fan-out of a room in which something was told, until the last member leaves."""
SOCKETS_A_TURN = 32
"""So many visitors are read before the other tasks have their turn: one step of the reception."""
READS_A_VISIT = 4
"""The first words, a request, the goodbye, the end: so many come in a step at most as can be read in it."""
HOUSEKEEPING = {"Chat._keep_house", "threads"}
"""Once a minute the writer's thread looks what is not to be kept."""
CHECK_S = 15.0
"""A quarter of the shortest patience (the first byte): how often it is looked who is silent, all at once."""
A_FURTHER_MESSAGE = 95
"""Lines for each message of a breath but the first: it is understood, numbered, remembered, encoded, stored
and answered. Before there were breaths it was 199."""
FEW_LINES = 10
"""Two counts of lines may differ by so much by chance: whether a log line was due, which number came."""

ENCODERS = (
    NativeEncoder, PlainEncoder, SalasEncoder, MychatEncoder, RemitenteEncoder, CmdjsonEncoder, NickEncoder,
    WebEncoder,
)  # fmt: skip
OURS = str(Path(wassop.__file__).parent)

DEPARTURES = ("quit", "close", "reset")

kept_or_not = pytest.mark.parametrize("kept", [False, True], ids=["memory", "record"])


@define(eq=False)
class Work(trio.abc.Instrument):
    """What was done since it was last cleared; but for `tasks`, which are those that live."""

    tasks: Counter[str] = field(factory=Counter)
    steps: Counter[str] = field(factory=Counter)
    encoded: Counter[object] = field(factory=Counter)
    sent: Counter[DirectStream] = field(factory=Counter)
    jobs: int = 0
    lines: int = 0

    def clear(self) -> None:
        for counter in (self.steps, self.encoded, self.sent):
            counter.clear()
        self.jobs = self.lines = 0

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        self.tasks += _named(task)

    def task_exited(self, task: trio.lowlevel.Task) -> None:
        self.tasks -= _named(task)

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.steps += _named(task)

    @contextmanager
    def counting_lines(self) -> Iterator[None]:
        def trace(frame: FrameType, event: str, _: object) -> Any:
            if not frame.f_code.co_filename.startswith(OURS):
                return None
            self.lines += event in ("call", "line")
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)


def _named(task: trio.lowlevel.Task) -> Counter[str]:
    """The server's tasks by class and function; what a thread's word makes run is its own as well."""
    if "run_sync_soon" in task.name:
        return Counter(["threads"])
    if task.name.startswith("wassop."):
        return Counter([".".join(task.name.rsplit(".", 2)[-2:])])
    return Counter()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The seams at which things are counted."""
    work = Work()

    class CountedStream(DirectStream):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            send = self.send_nowait

            def counted(data: bytes) -> int:
                work.sent[self] += 1
                return send(data)

            self.send_nowait = counted

    monkeypatch.setattr(app, "DirectStream", CountedStream)
    for encoder in ENCODERS:
        monkeypatch.setattr(encoder, "encode", _counted_encode(work, encoder.encode))
    put, run_sync = Worker.put, trio.to_thread.run_sync

    def counted_put(self: Worker, job: Callable[[], None]) -> None:
        work.jobs += 1
        put(self, job)

    async def counted_run_sync(job: Callable[[], Any], **options: Any) -> Any:
        work.jobs += 1
        return await run_sync(job, **options)

    monkeypatch.setattr(Worker, "put", counted_put)
    monkeypatch.setattr(trio.to_thread, "run_sync", counted_run_sync)
    return work


def _counted_encode(work: Work, encode: Callable[[Any, Event], bytes]) -> Callable[[Any, Event], bytes]:
    def counted(self: Any, event: Event) -> bytes:
        work.encoded[self] += 1
        return encode(self, event)

    return counted


@define
class House:
    """A running server whose work is counted."""

    running: Running
    work: Work
    clock: trio.testing.MockClock

    async def guests(self, count: int, *rooms: str, prefix: str = "m") -> list[Guest]:
        """So many who speak native and are in `rooms`."""
        joins = [{"t": "join", "room": room, "history": 0} for room in rooms]
        came = []
        for number in range(count):
            guest = self.running.guest()
            guest.send({"t": "hello", "name": f"{prefix}{number}", "lobby": False}, *joins, ping("in"))
            came.append(guest)
            if number % 100 == 99:  # the system's queue of those who are not accepted yet may be short
                await trio.testing.wait_all_tasks_blocked()
        for guest in came:
            await guest.until(b'"re":"in"')
        return came

    async def calm(self, *everybody: Iterable[Guest]) -> None:
        """Notices that wait for others of their kind are told, and everybody has read everything."""
        for _ in range(4):
            await self.pass_time(1.0)
        for guests in everybody:
            for guest in guests:
                guest.drain()
        await trio.testing.wait_all_tasks_blocked()

    async def pass_time(self, seconds: float) -> None:
        self.clock.jump(seconds)
        await trio.testing.wait_all_tasks_blocked()

    async def depart(self, guests: list[Guest], how: str) -> None:
        """They leave, and the server has noticed."""
        stay = self.work.tasks["Server._visit"] - len(guests)
        for guest in guests:
            if how == "quit":
                guest.send({"t": "quit"})
                await guest.until(b'"bye"')
            elif how == "reset":
                guest.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            guest.close()
        await self.until(lambda: self.work.tasks["Server._visit"] == stay)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """The server's tasks run until `is_so`, and have nothing to do then."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            await trio.testing.wait_all_tasks_blocked(0.001)
            assert time.monotonic() < deadline
        await trio.testing.wait_all_tasks_blocked()

    async def say(self, guests: list[Guest], *texts: str, room: str = "Sala1") -> None:
        """The first says `texts` in one breath, and all read what they are told; only that is counted."""
        author, *others = guests
        self.work.clear()
        with self.work.counting_lines():
            author.send(*({"t": "say", "room": room, "text": text, "id": text} for text in texts))
            await author.until(b'"re":"%s"' % texts[-1].encode())
            for guest in others:
                await guest.until(b'"text":"%s"' % texts[-1].encode())
            await trio.testing.wait_all_tasks_blocked()


def ping(number: str) -> dict[str, str]:
    return {"t": "ping", "id": number}


@asynccontextmanager
async def house(
    work: Work, clock: trio.testing.MockClock, db: Path | None = None, **settings: Any
) -> AsyncIterator[House]:
    """Presence is told by notices that wait for `calm`; a report of traffic is due once a second at most."""
    trio.lowlevel.add_instrument(work)
    keeping = {} if db is None else {"db": db}
    try:
        async with running_server(presence_merge_members=0, **keeping, **settings) as running:
            try:
                yield House(running, work, clock)
            finally:
                clock.rate = 1.0  # what is waited for at the end comes
    finally:
        trio.lowlevel.remove_instrument(work)


@pytest.fixture
def many_files() -> Iterator[None]:
    """A thousand visitors have two thousand ends here."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4_096 if hard == resource.RLIM_INFINITY else min(4_096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    gc.collect()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def fanout_steps(members: int) -> int:
    return STEPS_A_MESSAGE + STEPS_TO_MANY * (members >= MANY) + (members - 1) // FAIR


# A message


@pytest.mark.usefixtures("many_files")
@kept_or_not
async def test_a_message_to_500_is_encoded_once_sent_once_to_each_and_wakes_hardly_more_than_one_to_10(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db" if kept else None) as here:
        members = await here.guests(10, "Sala1")
        for more in (0, FAIR - 10, 500 - FAIR):
            members += await here.guests(more, "Sala1", prefix=f"m{len(members)}-")
            await here.calm(members)
            for text in ("one", "two"):
                await here.say(members, text)
                assert list(work.encoded.values()) == [1]
                assert set(work.sent.values()) == {1}
                assert len(work.sent) == len(members), "to each but the author, who has an answer"
                bound = fanout_steps(len(members)) + STEPS_OF_A_REPORT * (text == "one")
                assert work.steps.total() <= bound + STEPS_A_COMMIT * kept, work.steps
                assert work.jobs == kept
        assert len(members) == 500


@pytest.mark.usefixtures("many_files")
@kept_or_not
async def test_twenty_messages_in_one_breath_to_500_are_one_send_to_each_and_one_commit(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db" if kept else None) as here:
        members = await here.guests(500, "Sala1")
        await here.calm(members)
        texts = [f"n{number:02}" for number in range(20)]
        await here.say(members, *texts)
        assert list(work.encoded.values()) == [20]
        to_author, *to_others = sorted(work.sent.values(), reverse=True)
        assert to_others == [1] * 499
        assert to_author == (1 if kept else 20), "whose answers are one send when one commit stored them all"
        bound = fanout_steps(500) + STEPS_OF_A_REPORT + STEPS_A_COMMIT * kept
        assert work.steps.total() <= bound, work.steps
        assert work.jobs == kept


async def test_each_further_message_of_a_breath_is_a_fifth_of_the_work_of_one_alone(
    work: Work, mock_clock: Any, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db") as here:
        members = await here.guests(10, "Sala1")
        lines = []
        for breath in (1, 2, 1, 32):
            await here.calm(members)
            await here.say(members, *(f"{len(lines)}-{number}" for number in range(breath)))
            lines.append(work.lines)
        _, _, alone, many = lines
        assert (many - alone) / 31 <= A_FURTHER_MESSAGE
        assert (many - alone) / 31 <= alone / 5


async def test_what_many_say_while_a_commit_lasts_shares_the_next_one(
    work: Work, mock_clock: Any, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db") as here:
        members = await here.guests(30, "Sala1")
        await here.calm(members)
        work.clear()
        with slow_disk(here.running) as disk:
            members[0].send({"t": "say", "room": "Sala1", "text": "first", "id": "a"})
            await here.until(lambda: disk.begun == 1)
            for number, member in enumerate(members[1:]):
                says = ({"t": "say", "room": "Sala1", "text": f"n{number}", "id": id} for id in "ab")
                member.send(*says)
            await members[0].until(b'"n28"')
            disk.may_go_on.set()
            await members[0].until(b'"re":"a"')
            for member in members[1:]:
                await member.until(b'"re":"b"')
            assert disk.commits == 2
        assert work.jobs == 2
        assert work.steps["Journal.run"] == 0
        assert work.steps["threads"] <= 2 * STEPS_A_COMMIT
        assert set(work.sent.values()) <= {2, 3, 4}, "what others said, in two or three goes, and the answers"


async def test_each_dialect_is_encoded_once_however_many_speak_it(work: Work, mock_clock: Any) -> None:
    speakers = {
        "native": '{{"t":"hello","name":"{0}","lobby":false}}\n{{"t":"join","room":"Sala1"}}\n',
        "plain": "{0}\nSala1\n",
        "salas": "JOIN {0}\nROOM Sala1\n",
        "mychat": "CONNECT|{0}\n",
        "remitente": '{{"remitente":"{0}","tipo":"conexion"}}\n',
        "cmdjson": '{{"cmd":"login","user":"{0}"}}\n',
        "nick": "{0}\n",
        "web": "",
    }
    doors = tuple(f"127.0.0.1:0={dialect},lobby=Sala1" for dialect in speakers)
    async with house(work, mock_clock, listen=doors) as here:
        people: list[Guest] = []
        for door, (dialect, words) in enumerate(speakers.items(), 1):
            for number in range(5):
                guest = here.running.guest(door)
                name = f"{dialect}{number}"
                guest.send(*into_sala1(name) if dialect == "web" else [words.format(name).encode()])
                people.append(guest)
        await here.calm(people)
        await here.calm(people)
        room = here.running.server.chat.hub.rooms.named("Sala1")
        assert room is not None
        assert len(room) == len(people) == 5 * len(speakers)
        work.clear()
        people[0].send({"t": "say", "room": "Sala1", "text": "hello to all", "id": 1})
        await people[0].until(b'"ok"')
        for guest in people[1:]:
            await guest.until(b"hello to all")
        # A frame is a line of native, which is made once for all frames.
        assert sorted(work.encoded.values()) == [1] * (len(speakers) + 1)
        assert {type(encoder) for encoder in work.encoded} == set(ENCODERS)
        assert list(work.sent.values()) == [1] * len(people)
        assert work.steps.total() <= STEPS_A_MESSAGE + STEPS_OF_A_REPORT, work.steps


def into_sala1(name: str) -> list[bytes]:
    """What a browser sends to be there."""
    hello, join = {"t": "hello", "name": name, "lobby": False}, {"t": "join", "room": "Sala1"}
    return [upgrade(), frame(hello), frame(join)]


async def test_a_message_to_two_hundred_browsers_is_one_frame_for_all(work: Work, mock_clock: Any) -> None:
    async with house(work, mock_clock) as here:
        guests = [here.running.guest() for _ in range(200)]
        for number, guest in enumerate(guests):
            guest.send(*into_sala1(f"v{number}"))
            await guest.until(b'"t":"joined"')
        (author,) = await here.guests(1, "Sala1", prefix="a")
        await here.calm([*guests, author])
        work.clear()
        author.send({"t": "say", "room": "Sala1", "text": "hello to all", "id": 1})
        await author.until(b'"ok"')
        read = {(await guest.until(b"hello to all") + guest.drain()) for guest in guests}
        assert len(read) == 1, "the same bytes"
        assert sorted(type(encoder).__name__ for encoder in work.encoded) == [
            "NativeEncoder", "NativeEncoder", "WebEncoder",
        ]  # fmt: skip
        assert set(work.encoded.values()) == {1}, "for the author's kind, for browsers, and in their frame"
        assert list(work.sent.values()) == [1] * 201
        assert work.steps.total() <= STEPS_A_MESSAGE + STEPS_TO_MANY + STEPS_OF_A_REPORT, work.steps


# No cost that grows with what is elsewhere


async def rooms_elsewhere(here: House, members: list[Guest]) -> None:
    for number, guest in enumerate(await here.guests(5, prefix="o")):
        guest.send(*({"t": "join", "room": f"r{number}-{room}"} for room in range(100)), ping("there"))
        await guest.until(b'"re":"there"')
        await here.calm([guest])
    assert len(list(here.running.server.chat.hub.rooms)) >= 500


async def people_elsewhere(here: House, members: list[Guest]) -> None:
    await here.guests(500, "Sala2", prefix="o")
    assert len(here.running.server.chat.connections) >= 500


async def much_said_before(here: House, members: list[Guest]) -> None:
    author = members[0]
    for room in ("Sala1", "elsewhere"):
        author.send({"t": "join", "room": room})
        for first in range(0, 5_000, 250):
            lines = (json.dumps({"t": "say", "room": room, "text": f"h{first + n}"}) for n in range(250))
            author.send("\n".join(lines).encode() + b"\n", ping("said"))
            await author.until(b'"re":"said"')
            await here.calm(members)
        author.send({"t": "leave", "room": "elsewhere"})
    named = here.running.server.chat.hub.rooms.named("Sala1")
    assert named is not None
    assert named.seq >= 5_000


async def come_and_go(here: House) -> None:
    """Somebody comes, enters a room, and takes leave, each after the answer before; only that is counted."""
    here.work.clear()
    stay = here.work.tasks["Server._visit"]
    with here.work.counting_lines():
        guest = here.running.guest()
        guest.send({"t": "hello", "name": "guest", "lobby": False})
        await guest.until(b'"welcome"')
        guest.send({"t": "join", "room": "new"})
        await guest.until(b'"joined"')
        guest.send({"t": "quit"})
        await guest.until(b'"bye"')
        guest.close()
        await here.until(lambda: here.work.tasks["Server._visit"] == stay)


@pytest.mark.usefixtures("many_files")
@kept_or_not
@pytest.mark.parametrize("elsewhere", [rooms_elsewhere, people_elsewhere, much_said_before])
async def test_neither_a_message_nor_a_visit_costs_more_for(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path, elsewhere: Any
) -> None:
    async with house(
        work,
        mock_clock,
        tmp_path / "chat.db" if kept else None,
        recent_messages_per_room=10_000,  # all of it is remembered
        recent_bytes_per_room=100_000_000,
    ) as here:
        writer = archive_of(here.running)._writer if kept else None

        async def cost() -> tuple[dict[str, Any], int]:
            await here.calm(members)
            await come_and_go(here)  # names that were checked before are known
            await here.say(members, "first")  # and the log reports
            instructions = itertools.count()
            if writer is not None:
                writer.set_progress_handler(lambda: next(instructions) < 0, 1)
            await here.say(members, "measured")
            if writer is not None:
                writer.set_progress_handler(None, 1)
            spent = {"steps": dict(work.steps), "encoded": work.encoded.total(), "sent": work.sent.total()}
            spent |= {"jobs": work.jobs, "SQL instructions": next(instructions)}
            lines = work.lines
            await come_and_go(here)
            return spent | {"visit": dict(work.steps), "visit's sends": work.sent.total()}, lines + work.lines

        members = await here.guests(10, "Sala1")
        before, lines_before = await cost()
        await elsewhere(here, members)
        after, lines_after = await cost()
        assert before == after
        assert abs(lines_after - lines_before) <= FEW_LINES, (lines_before, lines_after)


# Those who are silent


@kept_or_not
async def test_300_silent_visitors_wake_nothing_but_one_look_for_the_dead_every_15_seconds(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db" if kept else None) as here:
        await trio.testing.wait_all_tasks_blocked()
        before = work.tasks.total()
        silent = await here.guests(200, "Sala1", "Sala2") + await here.guests(100, prefix="alone")
        await here.calm(silent)
        assert work.tasks["Server._visit"] == len(silent)
        assert work.tasks.total() <= before + TASKS_A_VISITOR * len(silent) + TASKS_A_ROOM * 2

        began, pings, checks = trio.current_time(), 0, 0
        while trio.current_time() < began + 1_000:
            work.clear()
            patience = trio.lowlevel.current_statistics().seconds_to_next_deadline
            await here.pass_time(patience)
            checks += work.steps.pop("Chat._look_for_the_dead", 0)
            assert work.steps.keys() <= HOUSEKEEPING, "no visitor's task has a timer, nor has a connection"
            if work.sent:
                assert list(work.sent.values()) == [1] * len(silent)
                pings += 1
                for guest in silent:
                    assert guest.drain() == b'{"t":"ping"}\n'
                    guest.send({"t": "pong"})
                await trio.testing.wait_all_tasks_blocked()
                assert work.steps.keys() <= {"Reception.run", *HOUSEKEEPING}, "nor does an answer wake one"
                assert work.steps["Reception.run"] <= len(silent) // SOCKETS_A_TURN + 2
        assert checks <= math.ceil(1_000 / CHECK_S)
        assert pings >= 1_000 // (120 + CHECK_S) - 1
        assert len(here.running.server.chat.connections) == len(silent)


async def test_only_who_does_not_take_what_is_sent_has_a_writer_and_only_for_so_long(
    work: Work, mock_clock: Any
) -> None:
    async with house(work, mock_clock, max_outbox_bytes=10_000_000) as here:
        here.running.server.doors[0].socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        author, reader = await here.guests(2, "Sala1")
        slow = here.running.guest(receive_buffer_bytes=4_096)
        slow.send({"t": "hello", "name": "slow", "lobby": False}, {"t": "join", "room": "Sala1"})
        await slow.until(b'"joined"')
        await here.calm([author, reader, slow])
        tasks = Counter(work.tasks)
        said = 0
        while work.tasks["Connection._guarded"] == 0:
            said += 1
            assert said < 1_000, "the kernel takes all of it"
            await here.say([author, reader], f"{said:04}" + "x" * 4_000)
        for _ in range(20):
            said += 1
            await here.say([author, reader], f"{said:04}" + "x" * 4_000)
            assert work.tasks - tasks == Counter({"Connection._guarded": 1})
        for number in range(1, said + 1):
            await slow.until(b'"text":"%04d' % number)
        await slow.until(b"\n")
        await trio.testing.wait_all_tasks_blocked()
        assert work.tasks == tasks
        await here.say([author, slow, reader], "again at once")
        assert not work.steps["Connection._guarded"]


# Coming and going


@kept_or_not
async def test_a_visit_takes_few_steps_and_no_thread_where_nothing_is_on_record(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db" if kept else None) as here:
        await come_and_go(here)
        for _ in range(20):
            await come_and_go(here)
            assert work.steps["Server._visit"] <= STEPS_A_VISIT
            assert work.steps.total() <= STEPS_A_VISIT + STEPS_BESIDE_A_VISIT, work.steps
            assert work.jobs == 0
            assert work.sent.total() <= 3  # welcome, joined, bye


async def test_however_many_come_no_more_are_let_in_than_can_be_read_beside_those_who_are_here(
    work: Work, mock_clock: Any
) -> None:
    async with house(work, mock_clock) as here:
        door, before = work.steps["Server._admit"], work.tasks["Server._visit"]
        crowd = [here.running.guest() for _ in range(240)]  # they wait in the kernel
        for number, guest in enumerate(crowd):
            guest.send({"t": "hello", "name": f"c{number}", "lobby": False})
        await here.until(lambda: work.tasks["Server._visit"] == before + len(crowd))
        assert work.steps["Server._admit"] - door >= len(crowd) * READS_A_VISIT // SOCKETS_A_TURN
        for guest in crowd:
            await guest.until(b'"welcome"')


async def test_a_commit_waits_for_nobody_who_has_gone(work: Work, mock_clock: Any, tmp_path: Path) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db") as here:
        for how in DEPARTURES:
            ana, bob = await here.guests(2, "Sala1", prefix=how)
            await here.say([ana, bob], "hola")
            await here.depart([ana], how)
            await here.say([bob], "anybody here?")  # the clock stands: whoever waits for it waits in vain
            await here.depart([bob], how)


@kept_or_not
async def test_of_those_who_have_gone_nothing_is_left(
    work: Work, mock_clock: Any, kept: bool, tmp_path: Path
) -> None:
    async with house(work, mock_clock, tmp_path / "chat.db" if kept else None) as here:
        stays = await here.guests(2, "Sala1", prefix="stays")
        await here.calm(stays)
        tasks, files, objects = Counter(work.tasks), open_files(), alive()
        for how in DEPARTURES:
            leaving = await here.guests(60, "Sala1", prefix=how)
            for number, guest in enumerate(leaving):
                guest.send({"t": "join", "room": f"own{number % 20}"}, ping("there"))
            for guest in leaving:
                await guest.until(b'"re":"there"')
            await here.say(leaving, "hola")
            await here.calm(leaving)
            assert work.tasks - tasks == {
                "Server._visit": TASKS_A_VISITOR * 60,
                "RoomFanout.run": TASKS_A_ROOM * 20,
            }
            assert open_files() == files + 2 * 60
            await here.depart(leaving, how)
            await here.calm(stays)
            work.clear()
            assert work.tasks == tasks
            assert open_files() == files
            assert len(here.running.server.chat.hub.sessions) == 2
            assert alive() == objects


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def alive() -> Counter[str]:
    gc.collect()
    return Counter(
        kind.__name__
        for each in gc.get_objects()
        for kind in (Connection, DirectStream, Session)
        if isinstance(each, kind)
    )
