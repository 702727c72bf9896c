#!/usr/bin/env python3
"""Kill the server with SIGKILL at random moments under load, again and again, and count what was lost.

    python3 scripts/dev.py run python scripts/crash.py --rounds 50 --seed 1

Clients with raw sockets talk, listen, lose their connections, and come back as PROTOCOL.md says: with `epoch`
and `resume`, by `history` where a gap is large, and with what was not answered said again under its nonce.
After each kill the file is looked at as it was left; at the end all that anybody read is compared with it.
Exit code 1, and a line for each, when a rule was broken:

- what was answered is on disk, once, under the number of the answer; the numbers of a room have no hole
- every message is told once in a run, in the order of the numbers, and under one number only
- in the end everybody has read exactly what is on disk, and nobody's message is missing
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import trio
from attrs import define, field

Message = dict[str, Any]
PATIENCE_S = 60
"""Nothing takes so long unless it never comes."""
IN_FLIGHT = 8
SERVER_SETTINGS = {
    # Small: what is said again is mostly older than what the server remembers, and gaps are large.
    "WASSOP_RECENT_MESSAGES_PER_ROOM": "20",
    "WASSOP_HISTORY_PAGE_MESSAGES": "100",
    "WASSOP_MAX_OUTBOX_BYTES": "50000000",
    "WASSOP_SNIFF_SILENCE_S": "60",  # who is slow to speak on a busy machine is no person
}


@define
class Options:
    rounds: int
    seed: int
    talkers: int
    listeners: int
    rooms: int
    longest_run_s: float
    folder: Path


class View:
    """What one client has read of one room."""

    def __init__(self, first: int) -> None:
        self.first = self.up_to = first
        self.by_seq: dict[int, str] = {}
        self.sources: dict[int, str] = {}
        self.shown: set[str] = set()

    def go_back_to(self, seq: int) -> None:
        """What was read behind `seq` was lost, unless it comes again."""
        for later in [each for each in self.by_seq if each > seq]:
            del self.by_seq[later], self.sources[later]
        self.first, self.up_to = min(self.first, seq), min(self.up_to, seq)

    def put(self, seq: int, nonce: str, source: str) -> str:
        """A message has come; what is wrong with that, if anything is."""
        if seq in self.by_seq:
            if self.by_seq[seq] != nonce:
                return "two messages under one number in one run"
            # An answer may tell what a history told, and pages overlap with what is said meanwhile.
            expected = {"ok", "page"} & {source, self.sources[seq]}
            self.sources[seq] = source
            return "" if expected else "told twice"
        self.by_seq[seq], self.sources[seq] = nonce, source
        self.shown.add(nonce)
        while self.up_to + 1 in self.by_seq:
            self.up_to += 1
        return ""


class World:
    """What all clients share, and what is wrong."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.random = random.Random(options.seed)
        self.rooms = [f"Sala {number}" for number in range(options.rooms)]
        self.port = 0
        self.is_over = False
        self.counts: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self.answered: dict[str, tuple[str, int, str]] = {}
        """By nonce: room, number and text; number 0 for private messages."""
        names = [f"talker{n}" for n in range(options.talkers)] + [
            f"listener{n}" for n in range(options.listeners)
        ]
        self.clients = [Client(self, name, talks=name.startswith("talker")) for name in names]

    def wrong(self, what: str, detail: object) -> None:
        self.violations[what] += 1
        if self.violations[what] <= 3:
            print(f"  VIOLATION: {what}: {detail}", flush=True)

    def ends(self) -> dict[str, int]:
        """The highest number that was answered, by room."""
        ends = dict.fromkeys(self.rooms, 0)
        for room, seq, _ in self.answered.values():
            if room in ends:
                ends[room] = max(ends[room], seq)
        return ends


class Lost(Exception):
    """The connection is gone."""


@define(eq=False)
class Client:
    """Talks and listens over connections that come and go."""

    world: World = field(repr=False)
    name: str
    talks: bool
    epoch: int | None = None
    views: dict[str, View] = field(factory=dict)
    pending: dict[str, Message] = field(factory=dict)
    """What was said and not answered, by nonce, which is the request's id, too."""
    told: Counter[tuple[int | None, str]] = field(factory=Counter)
    _count: int = 0
    _rest: bytes = b""
    _last_said: dict[str, int] = field(factory=dict)
    _answer_came: trio.Event = field(factory=trio.Event)

    async def live(self) -> None:
        chance = random.Random(f"{self.world.options.seed} {self.name}")
        while True:
            try:
                stream = await trio.open_tcp_stream("127.0.0.1", self.world.port)
            except OSError:
                await trio.sleep(0.01)
                continue
            self.world.counts["connections"] += 1
            self._rest = b""
            try:
                await self._converse(stream, chance)
            except* (Lost, OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                pass
            finally:
                await trio.aclose_forcefully(stream)
            if not self.world.is_over:
                # Gaps of all sizes; what talkers say again is old by then.
                await trio.sleep(chance.random() * (0.2 if self.talks else 1))

    async def _converse(self, stream: trio.SocketStream, chance: random.Random) -> None:
        await self._greet(stream)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen, stream)
            if self.talks:
                await self._talk(stream, chance)
                await trio.sleep_forever()

    # Coming back

    async def _greet(self, stream: trio.SocketStream) -> None:
        resume = {room: view.up_to for room, view in self.views.items()}
        hello: Message = {"t": "hello", "name": self.name, "lobby": False, "resume": resume}
        if self.epoch is not None:
            hello["epoch"] = self.epoch
        while True:
            await self._send(stream, hello)
            welcome = await self._next(stream, "welcome", "error")
            if welcome["t"] == "welcome":
                break
            if welcome["code"] != "name-taken":  # which is so until the server notices
                self.world.wrong("refused", welcome)
            await trio.sleep(0.005)
        self._last_said = {}
        back = {joined["room"]: joined for joined in welcome.get("resumed", [])}
        if missing := resume.keys() - back.keys():
            self.world.wrong("not let back in", (self.name, missing))
        # All rooms are put into terms of this run together with the epoch, before anything else is awaited.
        self.epoch = welcome["epoch"]
        for room, joined in back.items():
            view = self.views[room]
            if joined["since"] > view.up_to:
                self.world.wrong("since beyond what was read", (self.name, room, joined["since"], view.up_to))
            self.world.counts["read and lost"] += max(0, view.up_to - joined["since"])
            view.go_back_to(joined["since"])
            if joined.get("complete", True):
                for message in joined["history"]:
                    self._put(room, message, "history")
                if view.up_to < joined["seq"]:
                    self.world.wrong("a gap in what is called complete", (self.name, room, view.up_to))
        for room, joined in back.items():
            if not joined.get("complete", True):
                await self._page(stream, room, joined["seq"])
        for room in set(self.world.rooms) - self.views.keys():
            await self._send(stream, {"t": "join", "room": room})
            joined = await self._next(stream, "joined")
            self.views[room] = View(joined["seq"])

    async def _page(self, stream: trio.SocketStream, room: str, end: int) -> None:
        view, more = self.views[room], True
        while more:
            self.world.counts["pages"] += 1
            after = view.up_to
            await self._send(stream, {"t": "history", "room": room, "after": after, "limit": 1_000})
            page = await self._next(stream, "history")
            for message in page["messages"]:
                self._put(room, message, "page")
            more = page.get("more", False)
            if more and view.up_to == after:
                self.world.wrong("a page that leads nowhere", (self.name, room, after))
                return
        if view.up_to < end:
            self.world.wrong("a gap in the pages", (self.name, room, view.up_to, end))

    # Talking

    async def _talk(self, stream: trio.SocketStream, chance: random.Random) -> None:
        again = list(self.pending.values())
        self.world.counts["said again"] += len(again)
        for request in again:
            await self._send(stream, request)
        while self.pending:
            await self._answer_came.wait()
        while not self.world.is_over:
            while len(self.pending) >= IN_FLIGHT:
                await self._answer_came.wait()
            self._count += 1
            nonce = f"{self.name}.{self._count}"
            text = f"{nonce} {'x' * chance.randrange(200)}"
            if chance.random() < 0.1:
                to = chance.choice(self.world.clients).name
                request = {"t": "msg", "to": to, "text": text, "nonce": nonce, "id": nonce}
            else:
                room = chance.choice(self.world.rooms)
                request = {"t": "say", "room": room, "text": text, "nonce": nonce, "id": nonce}
            self.pending[nonce] = request
            await self._send(stream, request)
            if chance.random() < 0.002:
                raise Lost
            if chance.random() < 0.2:
                await trio.sleep(chance.random() * 0.01)

    # Listening

    async def _listen(self, stream: trio.SocketStream) -> None:
        while True:
            await self._next(stream)

    async def _next(self, stream: trio.SocketStream, *wanted: str) -> Message:
        """Take in what comes up to the first message of a wanted kind."""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            if not end:
                more = await stream.receive_some(65_536)
                if not more:
                    raise Lost
                self._rest += more
                continue
            self._rest = rest
            message: Message = msgspec.json.decode(line)
            if message["t"] in wanted:
                return message
            self._take_in(message)

    def _take_in(self, message: Message) -> None:
        match message:
            case {"t": "said", "room": room, "seq": seq}:
                if seq <= self._last_said.get(room, 0):
                    self.world.wrong("told out of order", (self.name, room, seq))
                self._last_said[room] = seq
                self._put(room, message, "said")
            case {"t": "ok", "re": nonce} if nonce in self.pending:
                request = self.pending.pop(nonce)
                room = request.get("room", "")
                self.world.answered[nonce] = (room, message.get("seq", 0), request["text"])
                self.world.counts["answered"] += 1
                if room:
                    self._put(room, message | {"nonce": nonce}, "ok")
                self._wake()
            case {"t": "msg", "nonce": nonce}:
                self.told[self.epoch, nonce] += 1
                if self.told[self.epoch, nonce] > 1:
                    self.world.wrong("a private message told twice in one run", (self.name, nonce))
            case {"t": "error", "re": nonce, "code": "no-such-user"}:
                del self.pending[nonce]
                self._wake()
            case {"t": "presence" | "bye"}:
                pass
            case _:
                self.world.wrong("unexpected", (self.name, message))

    def _put(self, room: str, message: Message, source: str) -> None:
        problem = self.views[room].put(message["seq"], message["nonce"], source)
        if problem:
            self.world.wrong(problem, (self.name, room, message, source))

    def _wake(self) -> None:
        self._answer_came.set()
        self._answer_came = trio.Event()

    async def _send(self, stream: trio.SocketStream, message: Message) -> None:
        await stream.send_all(msgspec.json.encode(message) + b"\n")


# The server and its file


async def started(world: World, db: Path) -> trio.Process:
    command = [sys.executable, "-m", "wassop", "serve", "--db", str(db), "--port", str(world.port)]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WASSOP_")}
    process = await trio.lowlevel.open_process(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept | SERVER_SETTINGS
    )
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        more = await process.stdout.receive_some()
        if not more:
            raise SystemExit(f"the server did not start: {await process.wait()}")
        line += more
    world.port = int(line.decode().rstrip(".\n").rpartition(":")[2])
    return process


def rows_of(db: Path) -> tuple[dict[str, list[tuple[int, str, str]]], list[tuple[str, str]]]:
    """By room: number, nonce and text; and the private messages. From a copy: the server is to find the file
    as it was left."""
    with tempfile.TemporaryDirectory(dir=db.parent) as folder:
        for suffix in ("", "-wal"):
            if Path(f"{db}{suffix}").exists():
                shutil.copy(f"{db}{suffix}", folder)
        connection = sqlite3.connect(Path(folder) / db.name)
        try:
            rooms = defaultdict(list)
            for room, *row in connection.execute(
                "SELECT name, seq, nonce, text FROM messages JOIN rooms ON rooms.id = room_id "
                "ORDER BY name, seq"
            ):
                rooms[room].append(tuple(row))
            private = connection.execute("SELECT nonce, text FROM private_messages").fetchall()
        finally:
            connection.close()
    return rooms, private


def check_file(world: World, db: Path) -> int:
    """Hold the file against what was answered; return how many messages it has."""
    rooms, private = rows_of(db)
    stored: dict[str, tuple[str, int, str]] = {}
    for room, rows in rooms.items():
        if [seq for seq, _, _ in rows] != list(range(1, len(rows) + 1)):
            world.wrong("a hole in the numbers on disk", room)
        for seq, nonce, text in rows:
            if nonce in stored:
                world.wrong("stored twice", (room, nonce))
            stored[nonce] = (room, seq, text)
    for nonce, text in private:
        if nonce in stored:
            world.wrong("stored twice", nonce)
        stored[nonce] = ("", 0, text)
    for nonce, answered in world.answered.items():
        if stored.get(nonce) != answered:
            world.wrong("answered and not stored", (nonce, answered, stored.get(nonce)))
    return len(stored)


def check_readers(world: World, db: Path) -> None:
    """Everybody has read everything since they first came, and nothing else."""
    rooms, _ = rows_of(db)
    for client in world.clients:
        if client.pending:
            world.wrong("never answered", (client.name, list(client.pending)))
        for room, view in client.views.items():
            expected = {seq: nonce for seq, nonce, _ in rooms[room] if seq > view.first}
            if view.by_seq != expected:
                differing = sorted(set(view.by_seq.items()) ^ set(expected.items()))
                world.wrong("not read, or read and not on disk", (client.name, room, differing[:4]))
            if lost := view.shown - set(expected.values()):
                world.wrong("read once and gone for ever", (client.name, room, sorted(lost)[:4]))


# The whole


async def rounds(world: World, db: Path) -> None:
    options = world.options
    columns = (
        ("round", 5),
        ("run s", 7),
        ("answered", 9),
        ("on disk", 8),
        ("read, lost", 11),
        ("said again", 11),
    )
    print(*(f"{title:>{width}}" for title, width in (*columns, ("pages", 6))))
    async with trio.open_nursery() as nursery:
        server = await started(world, db)
        for client in world.clients:
            nursery.start_soon(client.live)
        for number in range(1, options.rounds + 1):
            run_s = world.random.uniform(0.02, options.longest_run_s)
            enough = world.counts["answered"] + world.random.randrange(1, 200)
            with trio.fail_after(PATIENCE_S):
                # Under load, however slow the machine is.
                await until(lambda enough=enough: world.counts["answered"] >= enough)
            await trio.sleep(run_s)
            server.send_signal(signal.SIGKILL)
            await server.wait()
            await close_output(server)
            on_disk = await trio.to_thread.run_sync(check_file, world, db)
            counts = world.counts
            print(
                f"{number:>5} {run_s:>7.3f} {counts['answered']:>9} {on_disk:>8} "
                f"{counts['read and lost']:>11} {counts['said again']:>11} {counts['pages']:>6}",
                flush=True,
            )
            server = await started(world, db)
        await finish(world)
        nursery.cancel_scope.cancel()
    await stopped(world, server)


async def stopped(world: World, server: trio.Process) -> None:
    server.send_signal(signal.SIGTERM)
    with trio.move_on_after(PATIENCE_S) as patience:
        if await server.wait() != 0:
            world.wrong("exit code", server.returncode)
    if patience.cancelled_caught:
        world.wrong("does not stop", server.pid)
        server.kill()
        await server.wait()
    await close_output(server)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # of many things that many tasks do
        await trio.sleep(0.005)


async def close_output(server: trio.Process) -> None:
    assert server.stdout is not None
    await server.stdout.aclose()


async def finish(world: World) -> None:
    """Let everything be answered and read."""
    world.is_over = True
    with trio.move_on_after(PATIENCE_S) as patience:
        await until(lambda: not any(client.pending for client in world.clients))
        ends = world.ends()
        # Who has not come back into this run yet may still hold numbers of the one before.
        this_run = max(client.epoch or 0 for client in world.clients)
        await until(
            lambda: all(
                c.epoch == this_run and all(c.views[room].up_to >= end for room, end in ends.items())
                for c in world.clients
            )
        )
    if patience.cancelled_caught:
        world.wrong(
            "not everything was answered and read in the end", [c.name for c in world.clients if c.pending]
        )


async def run(options: Options) -> World:
    world = World(options)
    db = options.folder / "chat.db"
    began = time.perf_counter()
    await rounds(world, db)
    on_disk = check_file(world, db)
    check_readers(world, db)
    counts = world.counts
    took_s = time.perf_counter() - began
    print(
        f"\n{options.rounds} kills, seed {options.seed}, {took_s:.1f} s, {counts['connections']} connections:"
    )
    print(f"{on_disk} messages on disk, {counts['answered']} answered, {counts['said again']} said again,")
    print(f"{counts['read and lost']} times a number that somebody had read was given to another message,")
    print(f"{counts['pages']} pages of gaps")
    print(f"violations: {sum(world.violations.values())}", dict(world.violations) or "")
    return world


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30, help="how often the server is killed (30)")
    parser.add_argument("--seed", type=int, default=1, help="for the moments of the kills (1)")
    parser.add_argument("--talkers", type=int, default=6, help="clients who talk (6)")
    parser.add_argument("--listeners", type=int, default=4, help="clients who stay away for a while (4)")
    parser.add_argument("--rooms", type=int, default=3, help="rooms, and all are in all of them (3)")
    parser.add_argument("--longest-run", type=float, default=1.0, metavar="S", help="between kills (1.0)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wassop-crash-") as folder:
        options = Options(
            given.rounds,
            given.seed,
            given.talkers,
            given.listeners,
            given.rooms,
            given.longest_run,
            Path(folder),
        )
        world = trio.run(run, options)
    sys.exit(1 if world.violations else 0)


if __name__ == "__main__":
    main()
