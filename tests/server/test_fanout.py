"""A room's fan-out alone: what is encoded how often, the gate, fairness, leaving."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import trio
import trio.testing

from wassop.core.deliveries import ToRoom
from wassop.core.events import Event, Said
from wassop.core.names import RoomName, UserName
from wassop.core.room import Room
from wassop.core.session import Audience, Membership, Session
from wassop.server.fanout import RoomFanout, Traffic

ROOM = Room(RoomName("Sala1", "sala1"), permanent=True, max_recent=0)


class CountingEncoder:
    """Encodes a message as its number, and counts."""

    def __init__(self, *, paced: bool = False) -> None:
        self.paced = paced
        self.encoded = 0

    def encode(self, event: Event) -> bytes:
        self.encoded += 1
        assert isinstance(event, Said)
        return b"%d " % event.seq

    def encode_own(self, event: Event) -> bytes:
        return b""


class SilentEncoder(CountingEncoder):
    """Tells nothing."""

    def encode(self, event: Event) -> bytes:
        return b""


class Box:
    """A reader's outbox; every other time it has something waiting already, and sometimes the kernel takes
    nothing or only a part."""

    calls = 0

    def __init__(self, reader: "Reader") -> None:
        self._reader = reader

    @property
    def is_clear(self) -> bool:
        Box.calls += 1
        return Box.calls % 2 == 0

    def send_nowait(self, data: bytes) -> int:
        assert data
        if Box.calls % 8 == 0:
            raise BlockingIOError
        if Box.calls % 6 == 0:
            self._half = data[:1]
            return 1
        self.offer(data)
        return len(data)

    def offer(self, data: bytes) -> None:
        if data:
            self._reader.offered.append(data)

    def offer_rest(self, data: bytes, sent: int) -> None:
        self.offer(self._half + data[sent:])


class Reader:
    """Keeps what it is offered."""

    alike = True
    """Whether it may be told in the tight loop."""

    def __init__(self, encoder: CountingEncoder) -> None:
        self.encoder = encoder
        self.offered: list[bytes] = []
        self.memberships: list[Membership] = []

    @property
    def shortcut(self) -> "Box | None":
        return Box(self) if self.alike and not self.encoder.paced else None

    def offer(self, data: bytes, membership: Membership) -> None:
        self.offered.append(data)
        self.memberships.append(membership)

    def offer_message(self, data: bytes, membership: Membership, *, newest_only: bool) -> None:
        assert not newest_only
        self.offer(data, membership)


@pytest.fixture(autouse=True, params=[True, False], ids=["alike", "one by one"])
def _kind_of_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "alike", request.param)


class Case:
    """A fan-out to `count` readers."""

    def __init__(self, count: int, mark: int = 1_000, encoders: int = 1) -> None:
        self.encoders = [CountingEncoder() for _ in range(encoders)]
        self.sessions = [Session(i) for i in range(count)]
        self.readers = {s: Reader(self.encoders[s.id % encoders]) for s in self.sessions}
        self.audience = Audience(Membership(session) for session in self.sessions)
        self.reports = 0
        self.fanout = RoomFanout(mark, self.readers, self._count)
        self.seq = 0

    def say(self, author: Session | None = None) -> None:
        self.seq += 1
        said = Said(ROOM.name, self.seq, UserName("ana", "ana", "ana"), "hola", 0.0)
        self.fanout.put(ToRoom(ROOM, (said,), self.audience, author))

    def leave(self, place: int) -> None:
        """What a gathering does when somebody leaves."""
        self.audience[place].present = False
        self.audience.is_current = False

    def read_by(self, session: Session) -> bytes:
        return b"".join(self.readers[session].offered)

    def _count(self, fault: Exception | None) -> None:
        assert fault is None
        self.reports += 1


async def finish(case: Case) -> None:
    case.fanout.close()
    with trio.fail_after(20):
        await case.fanout.run()


async def test_a_message_is_encoded_once_however_many_read_it() -> None:
    case = Case(500, encoders=2)
    case.say()
    await finish(case)
    assert [encoder.encoded for encoder in case.encoders] == [1, 1]
    assert all(case.read_by(session) == b"1 " for session in case.sessions)


async def test_what_waits_is_joined_and_offered_once_to_each() -> None:
    case = Case(300)
    for _ in range(20):
        case.say()
    await finish(case)
    assert {len(reader.offered) for reader in case.readers.values()} == {1}
    assert case.read_by(case.sessions[0]) == b"".join(b"%d " % i for i in range(1, 21))
    assert case.fanout.take_traffic() == Traffic(messages=20, deliveries=20 * 300)


async def test_an_author_does_not_read_own_messages_but_all_others_in_order() -> None:
    case = Case(3)
    first, second, third = case.sessions
    for author in (first, second, first):
        case.say(author)
    await finish(case)
    assert case.read_by(first) == b"2 "
    assert case.read_by(second) == b"1 3 "
    assert case.read_by(third) == b"1 2 3 "


async def test_who_has_left_since_gets_nothing_of_what_waited() -> None:
    case = Case(3)
    case.say()
    case.leave(1)
    await finish(case)
    assert [case.read_by(session) for session in case.sessions] == [b"1 ", b"", b"1 "]


async def test_only_what_somebody_else_was_given_counts_as_delivered() -> None:
    case = Case(4, encoders=2)
    author, absent, other, deaf = case.sessions
    case.leave(1)
    case.readers[deaf].encoder = SilentEncoder()
    case.say(author)
    case.say(other)
    case.say(absent)
    await finish(case)
    assert case.fanout.take_traffic() == Traffic(messages=3, deliveries=4)
    assert [len(case.readers[session].offered) for session in case.sessions] == [1, 0, 1, 0]


async def test_nobody_but_the_author_is_no_delivery() -> None:
    case = Case(1)
    case.say(case.sessions[0])
    case.leave(0)
    await finish(case)
    assert case.fanout.take_traffic() == Traffic(messages=1, deliveries=0)


async def test_every_reader_is_told_for_which_membership() -> None:
    case = Case(4, encoders=2)
    case.encoders[1].paced = True
    for _ in range(3):
        case.say(case.sessions[0])
    await finish(case)
    for membership in case.audience[1:]:
        reader = case.readers[membership.session]
        if reader.shortcut is None:
            assert set(reader.memberships) == {membership}
        assert len(reader.offered) == (3 if reader.encoder.paced else 1)


async def test_a_fan_out_that_is_idle_holds_no_visitor() -> None:
    case = Case(2)
    case.say()
    gone = weakref.ref(case.readers[case.sessions[0]])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(case.fanout.run)
        await case.fanout.wait_idle()
        del case.readers[case.sessions[0]], case.audience  # as the room does when somebody leaves
        gc.collect()
        assert gone() is None
        case.fanout.close()


async def test_senders_wait_at_the_gate_and_go_on_when_the_room_was_emptied() -> None:
    case = Case(2, mark=3)
    passed: list[int] = []

    async def send(number: int) -> None:
        await case.fanout.wait_open()
        case.say()
        passed.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(send, number)
        await trio.testing.wait_all_tasks_blocked()
        assert len(passed) == 3
        assert not case.fanout.gate_is_open
        nursery.start_soon(case.fanout.run)
        await trio.testing.wait_all_tasks_blocked()
        assert len(passed) == 10
        assert case.fanout.is_idle
        case.fanout.close()
    assert case.read_by(case.sessions[0]) == b"".join(b"%d " % i for i in range(1, 11))


async def test_a_fan_out_to_many_lets_others_run_in_between() -> None:
    case = Case(2_000)
    case.say()
    seen: list[int] = []

    async def watch() -> None:
        while True:
            seen.append(sum(bool(reader.offered) for reader in case.readers.values()))
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        await finish(case)
        nursery.cancel_scope.cancel()
    assert len({count for count in seen if 0 < count < 2_000}) >= 2


async def test_one_who_leaves_in_the_middle_of_a_fan_out_gets_nothing_afterwards() -> None:
    case = Case(1_000)
    case.say()

    async def leave() -> None:
        while not case.readers[case.sessions[0]].offered:
            await trio.lowlevel.checkpoint()
        case.leave(-1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(leave)
        await finish(case)
    assert case.read_by(case.sessions[-1]) == b""
    assert case.read_by(case.sessions[-2]) == b"1 "


async def test_a_cancelled_fan_out_does_not_forget_who_waits(autojump_clock: Any) -> None:
    case = Case(2, mark=1)
    case.say()
    with trio.move_on_after(1) as patience:
        await case.fanout.wait_open()
    assert patience.cancelled_caught
    await finish(case)
    assert case.fanout.gate_is_open


# In a turn


class Turn:
    """What the reception does with what is best done at the end."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []
        self.is_on = True

    def at_end(self, act: Callable[[], None]) -> bool:
        if self.is_on:
            self.acts.append(act)
        return self.is_on

    def end(self) -> None:
        self.is_on = False
        for act in self.acts:
            act()


async def test_to_few_all_that_was_said_in_a_turn_goes_at_its_end_and_no_task_is_needed() -> None:
    case, turn = Case(3), Turn()
    case.fanout.at_end_of_turn = turn.at_end
    first, second, third = case.sessions
    case.say(first)
    case.say(second)
    assert case.read_by(third) == b""
    assert not case.fanout.is_idle
    turn.end()
    assert [case.read_by(session) for session in case.sessions] == [b"2 ", b"1 ", b"1 2 "]
    assert len(case.readers[third].offered) == 1
    assert case.fanout.is_idle
    assert case.fanout.take_traffic() == Traffic(messages=2, deliveries=4)


async def test_what_waits_in_the_channel_is_not_overtaken_in_a_turn() -> None:
    case, turn = Case(3), Turn()
    turn.is_on = False
    case.fanout.at_end_of_turn = turn.at_end
    case.say()
    turn.is_on = True
    case.say()
    turn.end()
    assert case.read_by(case.sessions[0]) == b""
    await finish(case)
    assert case.read_by(case.sessions[0]) == b"1 2 "


async def test_in_the_middle_of_a_fan_out_what_is_said_in_a_turn_waits() -> None:
    case, turn = Case(1_000), Turn()
    case.fanout.at_end_of_turn = turn.at_end
    case.say()
    assert turn.acts == [], "for many there is a task"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(case.fanout.run)
        while not case.readers[case.sessions[0]].offered:
            await trio.lowlevel.checkpoint()
        case.audience = Audience(list(case.audience)[-3:])  # the others have left
        case.say()
        turn.end()
        case.fanout.close()
    assert [case.read_by(session) for session in case.sessions[-3:]] == [b"1 2 "] * 3


async def test_the_gate_is_shut_until_the_turn_ends() -> None:
    case, turn = Case(2, mark=2), Turn()
    case.fanout.at_end_of_turn = turn.at_end
    case.say()
    assert case.fanout.gate_is_open
    assert not case.fanout.shut
    case.say()
    assert not case.fanout.gate_is_open
    assert case.fanout.shut == {case.fanout}
    turn.end()
    assert case.fanout.gate_is_open
    assert not case.fanout.shut


async def test_a_fault_in_a_turn_is_reported_and_the_room_goes_on() -> None:
    case, turn, faults = Case(2), Turn(), []
    case.fanout = RoomFanout(10, case.readers, lambda fault: faults.append(fault) if fault else None)
    case.fanout.at_end_of_turn = turn.at_end
    encode, case.encoders[0].encode = case.encoders[0].encode, lambda _: 1 / 0  # type: ignore[method-assign]
    case.say()
    turn.end()
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
    case.encoders[0].encode = encode  # type: ignore[method-assign]
    turn.acts, turn.is_on = [], True
    case.say()
    turn.end()
    assert case.read_by(case.sessions[0]) == b"2 "
