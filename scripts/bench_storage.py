#!/usr/bin/env python3
"""What the record costs: messages stored per second, history and search with many messages, and what storing
takes from the fan-out.

    python3 scripts/dev.py run python scripts/bench_storage.py [--messages 1000000] [--load]

Times depend on the machine and its disk: compare what stands in one table.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from wassop.core.events import Said
from wassop.core.names import RoomName, UserName
from wassop.storage.archive import Archive, Durability
from wassop.storage.searching import SearchFilter

ROOMS = [RoomName(f"Sala{i}", f"sala{i}") for i in range(1, 21)]
PEOPLE = [UserName(f"ana{i}", f"ana{i}", "") for i in range(100)]
WORDS = [
    *("hola", "canción", "mañana", "práctica", "socket", "protocolo", "servidor", "cliente", "red", "sala"),
    *("mensaje", "grupo", "tarea", "examen", "entrega", "código", "prueba", "error", "gracias", "vale"),
    *("bueno", "luego", "ahora", "después", "también", "quién", "cuándo", "dónde"),
]
RARE_EVERY = 10_000
"""One message in so many holds the rare word."""
ROUNDS = 200
LOADS = {
    "one room of 500, 5 x 32 in flight": ["--clients", "500", "--rate", "0", "--in-flight", "32"],
    "100 rooms of 10, saturated": ["--clients", "1000", "--rooms", "100", "--rate", "0"],
}


def messages(count: int, start: int = 0) -> Iterator[Said]:
    chooser = random.Random(start)
    for number in range(start, start + count):
        text = " ".join(chooser.choices(WORDS, k=9))
        if number % RARE_EVERY == 0:
            text += " ornitorrinco"
        room = ROOMS[number % len(ROOMS)]
        yield Said(room, number // len(ROOMS) + 1, chooser.choice(PEOPLE), text, 1.79e9 + number)


def stored_per_second(folder: Path, durability: Durability, batch: int, seconds: float) -> float:
    archive = Archive(folder / f"{durability}-{batch}.db", durability)
    prepared = list(messages(200_000))
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds and count + batch <= len(prepared):
        archive.store(prepared[count : count + batch])
        count += batch
    spent = time.perf_counter() - began
    archive.close()
    return count / spent


def milliseconds(action: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile of `ROUNDS` calls."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def print_storing(folder: Path) -> None:
    print(f"\n{'stored per second':<34}{'process-kill':>14}{'power-loss':>14}")
    for batch in (1, 20, 500):
        rates = [stored_per_second(folder, level, batch, 2.0) for level in ("process-kill", "power-loss")]
        print(f"{f'{batch} a commit':<34}" + "".join(f"{rate:>14,.0f}" for rate in rates))


def print_reading(folder: Path, count: int) -> None:
    archive = Archive(folder / "large.db")
    began = time.perf_counter()
    for start in range(0, count, 10_000):
        archive.store(messages(min(10_000, count - start), start))
        if sys.stderr.isatty():
            print(f"\r{start + 10_000:,} of {count:,}", end="", file=sys.stderr)
    filled = time.perf_counter() - began
    while archive.index(10_000):
        pass
    indexed = time.perf_counter() - began - filled
    size = archive.path.stat().st_size / count
    print(
        f"\n{count:,} messages: stored in {filled:.1f} s, indexed in {indexed:.1f} s, {size:.0f} bytes each"
    )
    last = count // len(ROOMS)
    room, anyone = ROOMS[0].key, SearchFilter()
    rows: dict[str, Callable[[], object]] = {
        "newest 50 of a room": lambda: archive.before(room, last + 1, 50),
        "50 from the middle": lambda: archive.before(room, last // 2, 50),
        "oldest 50": lambda: archive.after(room, 0, 50),
        "200 after a gap": lambda: archive.after(room, last // 3, 200),
        "a room with its newest 200": lambda: archive.load_room(room, 200),
        "search, rare word, 50": lambda: archive.search(["ornitorrinco"], anyone, 50),
        "search, frequent word, 50": lambda: archive.search(["cancion"], anyone, 50),
        "search, two words, 50": lambda: archive.search(["cancion", "manana"], anyone, 50),
        "search in one room, 50": lambda: archive.search(["cancion"], SearchFilter(room_key=room), 50),
    }
    print(f"{'milliseconds':<34}{'median':>14}{'p99':>14}")
    for name, action in rows.items():
        median, p99 = milliseconds(action)
        print(f"{name:<34}{median:>14.2f}{p99:>14.2f}")
    print_retention(archive, count)
    archive.close()


def print_retention(archive: Archive, count: int) -> None:
    """A tenth of all messages goes by age; nobody can store anything during a step."""
    sweep = archive.retain(count * 9 // 10, None, now=1.79e9 + count, max_messages=500)
    times, deleted, done = [], 0, False
    while not done:
        began = time.perf_counter()
        step = next(sweep, None)
        times.append((time.perf_counter() - began) * 1_000)
        deleted, done = deleted + (step or 0), step is None
    print(f"{'':<34}{'median':>14}{'max':>14}")
    row = f"retention, a step of {len(times):,}"
    print(f"{row:<34}{statistics.median(times):>14.2f}{max(times):>14.2f}  ({deleted:,} deleted)")


def deliveries(options: list[str], serve: list[str]) -> float:
    """Deliveries per second of one run of scripts/load.py."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        script = [sys.executable, str(Path(__file__).with_name("load.py")), "--allow-saturated"]
        command = [*script, "--seconds", "6", "--json", report.name, *options, "--", *serve]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return float(json.loads(Path(report.name).read_text())["deliveries_per_s"])


def print_load(folder: Path, rounds: int) -> None:
    print(f"\n{'deliveries per second':<38}{'--memory':>12}{'with record':>12}{'ratio':>8}")
    for name, options in LOADS.items():
        pairs = []
        for number in range(rounds):  # in turn, so that both see the same machine
            without = deliveries(options, ["--memory"])
            pairs.append((without, deliveries(options, ["--db", str(folder / f"load-{number}.db")])))
        without, with_record = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{name:<38}{without:>12,.0f}{with_record:>12,.0f}{ratio:>8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000, help="how many for history and search")
    parser.add_argument("--load", action="store_true", help="also what storing takes from the fan-out")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs with --load")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print_storing(folder)
        print_reading(folder, arguments.messages)
        if arguments.load:
            print_load(folder, arguments.rounds)


if __name__ == "__main__":
    main()
