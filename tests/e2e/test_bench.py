"""scripts/bench.py as people run it, in small; and that it would notice faults. No figure is asserted."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree import ElementTree

import psutil
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
ROWS = {
    "room-10k", "room-50k", "rooms-10k", "rooms-50k", "room-saturated", "room-5-in-flight", "rooms-saturated",
    "rooms-5-in-flight", "natives", "browsers", "idle", "cycles", "arrival",
}  # fmt: skip
TIMEOUT_S = 120  # far beyond need, for a busy machine; nothing here waits for it

NEEDS_CC = pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform != "linux", reason="needs cc, and epoll"
)


def bench(*options: str, folder: Path) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, str(SCRIPTS / "bench.py"), "--quick", "--allow-saturated", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=TIMEOUT_S)
    written = folder / "bench.json"
    assert written.exists(), done.stderr.decode()
    return done.returncode, json.loads(written.read_text()), done.stdout.decode() + done.stderr.decode()


def faults(result: dict[str, Any], subject: str) -> dict[str, dict[str, int]]:
    rounds = {name: row["rounds"][subject][0]["faults"] for name, row in result["rows"].items()}
    return {name: found for name, found in rounds.items() if any(found.values())}


def test_all_rows_are_measured_and_drawn_without_a_fault(tmp_path: Path) -> None:
    code, result, said = bench("--python-load", "--plot", "plot.svg", folder=tmp_path)

    assert (code, faults(result, "wassop")) == (0, {}), said
    assert not [found for found in result["problems"] if found.startswith(("WRONG", "NOT MEASURED"))]
    assert set(result["rows"]) == ROWS
    assert all(f"| {row['title']} |" in said for row in result["rows"].values())
    assert result["rows"]["arrival"]["rounds"]["wassop"][0]["served"] == 40
    assert "from Python alone" in said
    drawn = ElementTree.parse(tmp_path / "plot.svg").getroot()
    assert len(drawn.findall(".//{*}circle")) == 3  # a point in each panel, and one in the legend


@pytest.mark.skipif(not hasattr(os, "sched_setscheduler"), reason="needs Linux's scheduler")
def test_the_servers_core_is_kept_awake_by_what_gives_way_and_is_gone_at_the_end(tmp_path: Path) -> None:
    code, _, said = bench("--keep-awake", "--python-load", "--rows", "cycles", folder=tmp_path)

    assert code == 0, said
    assert ", which is kept awake, load on core" in said or "not pinned to cores" in said
    running = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in running if "_bench_awake.py" in command]


@NEEDS_CC
def test_the_compiled_load_measures_wassop_without_a_fault(tmp_path: Path) -> None:
    rows = {"room-50k", "browsers", "rooms-saturated", "rooms-5-in-flight", "cycles", "arrival"}
    code, result, said = bench("--rows", ",".join(rows), folder=tmp_path)

    assert (code, set(result["rows"]), faults(result, "wassop")) == (0, rows, {}), said
    assert not [found for found in result["problems"] if found.startswith(("WRONG", "NOT MEASURED"))]
    assert "from Python alone" not in said


@NEEDS_CC
def test_the_relay_is_measured_by_the_same_rows(tmp_path: Path) -> None:
    code, result, said = bench("--peers", "--only", "relay", "--rows", "room-50k,cycles", folder=tmp_path)

    assert (code, set(result["rows"]), faults(result, "relay")) == (0, {"room-50k", "cycles"}, {}), said
    assert result["rows"]["room-50k"]["rounds"]["relay"][0]["deliveries_per_s"] > 0


def test_what_does_not_exist_is_named() -> None:
    command = [sys.executable, str(SCRIPTS / "bench.py"), "--only", "ircu"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)

    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"--only ircu" in done.stderr


def test_ctrl_c_ends_it_with_what_was_measured(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "bench.py"), "--rows", "room-10k", "--seconds", "600"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stderr is not None
        assert process.stderr.read(1)  # its first progress: a server is being started
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        assert process.wait(TIMEOUT_S) == 130
    assert json.loads((tmp_path / "bench.json").read_text())["is_complete"] is False


class Checking(NamedTuple):
    check: ModuleType
    dialects: ModuleType
    faults: Callable[[], Any]


@pytest.fixture
def checking(monkeypatch: pytest.MonkeyPatch) -> Checking:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import _bench_check
    import _bench_dialects
    from _load_check import Faults

    return Checking(_bench_check, _bench_dialects, Faults)


def heard_lines(checking: Checking, dialect: str) -> list[bytes]:
    """Six messages in room 7, of two talkers in turn."""
    texts = [checking.dialects.text_of(7, i % 2, i // 2) for i in range(6)]
    if dialect == "relay":
        return [text + b"\n" for text in texts]
    if dialect == "irc":
        return [b":t7x%d!t@host PRIVMSG #r7 :%b\r\n" % (i % 2, text) for i, text in enumerate(texts)]
    line = b'{"t":"said","room":"r7","seq":%d,"from":"t7x%d","text":"%b","at":1.5}\n'
    return [line % (i + 1, i % 2, text) for i, text in enumerate(texts)]


def room_log(checking: Checking, dialect: str) -> Any:
    log = checking.check.RoomLog(checking.dialects.DIALECTS[dialect](), 7, 2)
    for sent in log.sent:
        sent.extend([0, 0, 0])
    return log


def without_the_second(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def without_the_last(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def with_the_second_twice(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[1:]]


def with_two_of_one_talker_swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[2], lines[1], lines[0], *lines[3:]]


def with_one_altered(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"xxx", b"xyx"), *lines[2:]]


SPOILT = pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (without_the_second, "lost"),
        (without_the_last, "lost"),
        (with_the_second_twice, "duplicated"),
        (with_two_of_one_talker_swapped, "out_of_order"),
        (with_one_altered, "lost"),
    ],
)
DIALECTS = pytest.mark.parametrize("dialect", ["native", "irc", "relay"])


@DIALECTS
@pytest.mark.parametrize("size", [1, 7, 100, 1_000])
def test_followers_who_read_the_same_in_any_pieces_are_content(
    dialect: str, size: int, checking: Checking
) -> None:
    log, data = room_log(checking, dialect), b"".join(heard_lines(checking, dialect))
    first, second = checking.check.Follower(log), checking.check.Follower(log)

    counted = 0
    for start in range(0, len(data), size):
        counted += second.read(data[max(0, start - size) : start])  # comes after the first, who is parsed
        counted += first.read(data[start : start + size])
    counted += second.read(data[(len(data) - 1) // size * size :])

    found = checking.faults()
    first.judge(found)
    second.judge(found)
    assert (found.total, counted, first.foreign, second.foreign) == (0, 12, [], [])
    assert first.is_plain
    assert second.is_plain


@DIALECTS
@SPOILT
@pytest.mark.parametrize("is_first", [True, False], ids=["the first to read", "another"])
def test_what_a_listener_misses_or_hears_twice_is_found(
    dialect: str, spoil: Callable[[list[bytes]], list[bytes]], fault: str, is_first: bool, checking: Checking
) -> None:
    log, lines = room_log(checking, dialect), heard_lines(checking, dialect)
    victim, other = checking.check.Follower(log), checking.check.Follower(log)
    in_turn = [(victim, spoil(lines)), (other, lines)]
    for follower, read in in_turn if is_first else reversed(in_turn):
        follower.read(b"".join(read))

    found = checking.faults()
    victim.judge(found)
    assert getattr(found, fault) >= 1, found
    before = found.total
    other.judge(found)
    assert found.total == before, "the other heard everything"


@DIALECTS
@SPOILT
def test_what_a_talker_misses_or_hears_twice_is_found(
    dialect: str, spoil: Callable[[list[bytes]], list[bytes]], fault: str, checking: Checking
) -> None:
    log, lines = room_log(checking, dialect), heard_lines(checking, dialect)
    checking.check.Follower(log).read(b"".join(lines))
    of_others = lines[1::2]
    found = checking.faults()
    checking.check.judge_talker(log, 0, of_others, found)
    assert found.total == 0

    # A third message between, so that the same spoiling has an effect on one talker's lines alone.
    spoilt = spoil(of_others) if spoil is not with_two_of_one_talker_swapped else of_others[::-1]
    checking.check.judge_talker(log, 0, spoilt, found)
    assert getattr(found, fault) >= 1, found


def test_a_line_that_is_no_message_is_handed_over_and_changes_nothing(checking: Checking) -> None:
    log, lines = room_log(checking, "native"), heard_lines(checking, "native")
    ping = b'{"t":"ping"}\n'
    first, second = checking.check.Follower(log), checking.check.Follower(log)
    first.read(b"".join(lines))

    data = b"".join([*lines[:2], ping, *lines[2:]])
    assert second.read(data[:-5]) + second.read(data[-5:]) == 6

    found = checking.faults()
    second.judge(found)
    assert (found.total, second.foreign, second.is_plain) == (0, [ping], True)


# ---- the same of the compiled loop, over real sockets ----

IN_ROOM = {"native": b'{"t":"joined"}\n', "irc": b":bench 366 x\r\n", "relay": b"r7\n"}


class CompiledRoom:
    """Two listeners and then two talkers, who have said three messages each; their server is the test."""

    def __init__(self, checking: Checking, dialect: str, library: Path) -> None:
        from _bench_loop import Loop
        from _bench_members import Listener, Talker, World
        from _bench_swarm import CompiledSwarm

        with socket.create_server(("127.0.0.1", 0)) as door:
            self.world = World(Loop(1_024), checking.dialects.DIALECTS[dialect](), door.getsockname())
            self.log = checking.check.RoomLog(self.world.dialect, 7, 2)
            self.listeners = [Listener(self.world, self.log, b"m%d" % i, lambda _: None) for i in range(2)]
            self.talkers = [Talker(self.world, self.log, i, lambda _: None) for i in range(2)]
            self.servers = []
            for member in self.members:
                member.connect()
                self.servers.append(door.accept()[0])
                self.servers[-1].sendall(IN_ROOM[dialect])
        self.run(lambda: all(member.is_in for member in self.members))
        for talker in self.talkers:
            talker.others = 3
        self.swarm = CompiledSwarm(library, self.world, [self.log], self.members)
        for talker in self.talkers:
            talker.say(3)

    @property
    def members(self) -> list[Any]:
        return [*self.listeners, *self.talkers]

    def run(self, is_done: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + TIMEOUT_S
        while not is_done():
            assert time.perf_counter() < deadline
            self.world.loop.run(time.perf_counter() + 0.005)

    def read(self, reader: int, lines: list[bytes], size: int = 1 << 20) -> None:
        """Let a member read these lines, so many bytes at a time."""
        data, expected = b"".join(lines), self.world.deliveries + len(lines)
        for start in range(0, len(data), size):
            self.servers[reader].sendall(data[start : start + size])
            self.world.loop.run(time.perf_counter() + 0.000_1)
        self.run(lambda: self.world.deliveries == expected)

    def faults(self) -> Any:
        self.swarm.hand_back()
        for member in self.members:
            member.judge()
        return self.world.faults

    def close(self) -> None:
        for server in self.servers:
            server.close()
        for member in self.members:
            member.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("swarm") / "swarm.so"
    command = ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", str(path), str(SCRIPTS / "swarm.c")], check=True)
    return path


@pytest.fixture
def compiled_room(checking: Checking, library: Path) -> Iterator[Callable[[str], CompiledRoom]]:
    with ExitStack() as rooms:

        def made(dialect: str) -> CompiledRoom:
            room = CompiledRoom(checking, dialect, library)
            rooms.callback(room.close)
            return room

        yield made


@NEEDS_CC
@DIALECTS
@pytest.mark.parametrize("size", [7, 100, 1_000])
def test_compiled_members_who_read_the_same_in_any_pieces_are_content(
    dialect: str, size: int, checking: Checking, compiled_room: Callable[[str], CompiledRoom]
) -> None:
    room, lines = compiled_room(dialect), heard_lines(checking, dialect)
    ok = b'{"t":"ok","id":0,"seq":1}\n' if dialect == "native" else b""

    room.read(2, lines[1::2], size)  # a talker, before any listener
    room.read(1, lines, size)
    room.read(0, lines, size)
    room.read(3, lines[0::2], size)
    for server in room.servers[2:]:
        server.sendall(3 * ok)
    room.run(lambda: room.world.deliveries + room.world.answers == room.world.owed)

    assert room.faults().total == 0
    assert [talker.heard for talker in room.talkers] == [None, None]
    for number, server in enumerate(room.servers[2:]):
        texts = [checking.dialects.text_of(7, number, i) for i in range(3)]
        greeting = room.talkers[number].name, room.talkers[number].room
        said = [room.world.dialect.say(greeting[1], text, i) for i, text in enumerate(texts)]
        assert server.recv(1 << 16) == room.world.dialect.greeting(*greeting) + b"".join(said)


@NEEDS_CC
@DIALECTS
@SPOILT
@pytest.mark.parametrize("is_first", [True, False], ids=["the first to read", "another"])
def test_what_a_compiled_listener_misses_or_hears_twice_is_found(
    dialect: str,
    spoil: Callable[[list[bytes]], list[bytes]],
    fault: str,
    is_first: bool,
    checking: Checking,
    compiled_room: Callable[[str], CompiledRoom],
) -> None:
    room, lines = compiled_room(dialect), heard_lines(checking, dialect)
    in_turn = [(0, spoil(lines)), (1, lines)]
    for reader, read in in_turn if is_first else reversed(in_turn):
        room.read(reader, read)

    room.swarm.hand_back()
    room.listeners[0].judge()
    assert getattr(room.world.faults, fault) >= 1, room.world.faults


@NEEDS_CC
@DIALECTS
@SPOILT
@pytest.mark.parametrize("is_first", [True, False], ids=["the first to read", "another"])
def test_what_a_compiled_talker_misses_or_hears_twice_is_found(
    dialect: str,
    spoil: Callable[[list[bytes]], list[bytes]],
    fault: str,
    is_first: bool,
    checking: Checking,
    compiled_room: Callable[[str], CompiledRoom],
) -> None:
    room, lines = compiled_room(dialect), heard_lines(checking, dialect)
    of_others = lines[1::2]
    spoilt = spoil(of_others) if spoil is not with_two_of_one_talker_swapped else of_others[::-1]
    in_turn = [(2, spoilt), (0, lines)]
    for reader, read in in_turn if is_first else reversed(in_turn):
        room.read(reader, read)

    room.swarm.hand_back()
    room.talkers[0].judge()
    assert getattr(room.world.faults, fault) >= 1, room.world.faults


@NEEDS_CC
def test_a_compiled_member_answers_a_ping_and_tells_who_is_cut_off(
    checking: Checking, compiled_room: Callable[[str], CompiledRoom]
) -> None:
    room, lines = compiled_room("native"), heard_lines(checking, "native")
    greeting = room.servers[0].recv(1 << 16)
    room.read(0, [lines[0]])
    room.servers[0].sendall(b'{"t":"ping"}\n')
    room.read(0, lines[1:])
    assert (greeting[:12], room.servers[0].recv(1 << 16)) == (b'{"t":"hello"', b'{"t":"pong"}\n')

    room.servers[1].close()
    room.run(lambda: room.world.faults.disconnected == 1)
    assert room.listeners[1].is_over
    assert room.faults().lost >= 6
