#!/usr/bin/env python3
"""Measure wassop, and with --peers what one may compare it with, by the same rows.

A fresh server for every figure (but with --quick), on one core; the load comes from a process of its own on
another, whose hot loop is in C where there is a compiler. Rounds are interleaved: every server's first, then
every server's second, so that all see the same machine. All traffic stays on 127.0.0.1. "CPU per delivery" is
the CPU time of the server's process, all threads, per message delivered to somebody other than its author.
Texts have 64 bytes. In wassop's rows every message is answered when it is in its database; --also-memory adds
a server that keeps nothing, as the others do. A round in which other processes took more than 15% of the
server's core counts only if there is no other.

A core of a virtual machine that sleeps between two messages loses its caches, which makes little work cost up
to twice as much, whichever server does it. With --keep-awake something that gives way to everything else runs
there, and is not counted.

Progress goes to standard error, a Markdown table to standard output, and everything into the JSON file.

Exit code: 0; 1 when anything was lost, doubled or out of order, when wassop could not be measured, or when
the generator was saturated (its figure is then no figure of the server's, and not shown as one); 2 when it
could not run; 130 after Ctrl-C, with what was measured until then.
"""

import argparse
import json
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from _bench_awake import awake
from _bench_plot import svg
from _bench_results import Measured, Result, of_curve, of_row, problems
from _bench_rows import FIGURES, Curve, Load, Row, curves, rows, small
from _bench_subjects import Server, Subject, compiled, inspircd, ngircd, relay, running, wassop
from _bench_table import machine, notes, table
from _bench_usage import cores
from _load_meter import CannotRun

EXIT_WRONG: Final = 1
EXIT_CANNOT: Final = 2
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
_GENERATOR: Final = Path(__file__).resolve().parent / "_bench_generator.py"
_FILES: Final = 20_000
_SPARE_TIME_S: Final = 60.0
_ROOMS_APART: Final = 10_000


def parser(names: list[str]) -> argparse.ArgumentParser:
    """The options; `names` are those of the rows."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--peers", action="store_true", help="also the relay, ngircd and inspircd")
    made.add_argument("--also-memory", action="store_true", help="also wassop with --memory")
    made.add_argument(
        "--only", action="append", metavar="SUBJECT", help="of these, only that one (repeatable)"
    )
    made.add_argument("--rows", metavar="NAME,...", help="only these: " + ", ".join(names))
    made.add_argument("--rounds", type=_at_least_1, default=3, metavar="N", help="of all rows (%(default)s)")
    made.add_argument("--seconds", type=_positive, default=3.0, metavar="S", help="a window (%(default)g)")
    made.add_argument("--warm-up", type=_positive, default=1.0, metavar="S", help="before it (%(default)g)")
    made.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE", help="(%(default)s)")
    made.add_argument("--plot", type=Path, metavar="FILE.svg", help="measure the curves, once, and draw them")
    made.add_argument(
        "--keep-awake",
        action="store_true",
        help="let the server's core never sleep, where it can be pinned",
    )
    made.add_argument("--quick", action="store_true", help="one tiny round, to see that everything works")
    made.add_argument("--python-load", action="store_true", help="no compiled loop in the load generator")
    made.add_argument(
        "--allow-saturated", action="store_true", help="a saturated generator does not change the exit code"
    )
    return made


def _at_least_1(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1 expected")
    return value


def _positive(text: str) -> float:
    if not 0 < (value := float(text)) < 3_600:
        raise argparse.ArgumentTypeError("a positive number of seconds expected")
    return value


@dataclass
class Bench:
    """What is to be measured, and what was."""

    subjects: list[Subject]
    rows: list[Measured]
    curves: list[tuple[Curve, dict[int, Measured]]]
    rounds: int
    is_quick: bool = False
    swarm: Path | None = None
    """The generator's loop, compiled."""
    keeps_awake: bool = False
    """The server's core."""

    def run(self) -> None:
        """Measure everything, round by round, and each point of the curves once."""
        pinned = cores() or (None, None)
        points = [point for _, points in self.curves for point in points.values()]
        todo = [(row, number) for number in range(1, self.rounds + 1) for row in self.rows]
        todo += [(point, 1) for point in points]
        jobs = [
            (measured, number, subject)
            for measured, number in todo
            for subject in self.subjects
            if not measured.load.listeners or subject.dialect == "native"
        ]
        with ExitStack() as all_jobs:
            if self.keeps_awake and pinned[0] is not None:
                all_jobs.enter_context(awake(pinned[0]))
            shared: dict[str, Server] = {}
            for job, (measured, number, subject) in enumerate(jobs):
                at = f"[{job + 1}/{len(jobs)}] round {number}: {measured.name}, {subject.name}"
                print(at, end=" ... ", file=sys.stderr, flush=True)
                with ExitStack() as one_job:
                    if subject.name not in shared:
                        stack = all_jobs if self.is_quick else one_job
                        shared[subject.name] = stack.enter_context(running(subject, pinned[0]))
                    server = shared[subject.name] if self.is_quick else shared.pop(subject.name)
                    result = measure(
                        subject, server, measured.load, pinned[1], job * _ROOMS_APART, self.swarm
                    )
                measured.add(subject.name, result)
                print(_brief(measured.load, result), file=sys.stderr, flush=True)

    @property
    def all_measured(self) -> list[Measured]:
        """Rows and points."""
        return [*self.rows, *(point for _, points in self.curves for point in points.values())]


def measure(
    subject: Subject, server: Server, load: Load, core: int | None, first_room: int, swarm: Path | None
) -> Result:
    """Put the load on a server. CannotRun if the generator does not work at all."""
    job = {
        "load": asdict(replace(load, at_once=load.at_once or subject.at_once)),
        "dialect": subject.dialect, "port": server.port, "pid": server.pid,
        "core": core, "server_core": server.core, "first_room": first_room,
        "swarm": swarm and str(swarm),
    }  # fmt: skip
    generator = subprocess.Popen(
        [sys.executable, str(_GENERATOR)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    patience = 2 * load.patience_s + load.warm_up + load.seconds + 2 * load.arrive_s + _SPARE_TIME_S
    try:
        said, complaint = generator.communicate(json.dumps(job).encode(), patience)
    except subprocess.TimeoutExpired:
        return {"error": f"no result in {patience:g} s"}
    finally:
        generator.kill()
        generator.wait()
    if generator.returncode:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise CannotRun(f"the generator failed with {subject.name}: {last}")
    result: Result = json.loads(said)
    return result


def _brief(load: Load, result: Result) -> str:
    if "error" in result:
        return str(result["error"])
    shown = (
        f"{figure.title} {result[figure.key]:,.{figure.decimals}f}"
        for figure in FIGURES[load.kind]
        if result.get(figure.key) is not None
    )
    return "; ".join(shown) + ("  GENERATOR SATURATED" if result["is_saturated"] else "")


def main() -> int:
    """See above."""
    files = _allow_files()
    names = [row.name for row in rows(1, 1, files)]
    made = parser(names)
    options = made.parse_args()
    chosen = options.rows.split(",") if options.rows else names
    if unknown := sorted(set(chosen) - set(names)):
        made.error(f"--rows: unknown: {', '.join(unknown)}; there are {', '.join(names)}")
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="wassop-bench-") as folder:
        try:
            subjects = list(_subjects(options, Path(folder)))
            if not subjects:
                raise CannotRun("none of the chosen servers can be had")
            bench = _planned(options, subjects, [name for name in names if name in chosen], files)
            bench.keeps_awake = options.keep_awake
            bench.swarm = None if options.python_load else _swarm(Path(folder))
            return _report(options, bench, _run(bench))
        except CannotRun as error:
            print(f"bench.py: {error}", file=sys.stderr)
            return EXIT_CANNOT


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run(bench: Bench) -> bool:
    """Whether it ran to its end."""
    try:
        bench.run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return False
    return True


def _allow_files() -> int:
    """Allow this process, and those that it starts, as many open files as are of use; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _subjects(options: argparse.Namespace, folder: Path) -> Iterator[Subject]:
    """Those that were asked for and can be had; what cannot is named."""
    found: dict[str, Callable[[], Subject]] = {"wassop": wassop}
    if options.also_memory:
        found["wassop --memory"] = lambda: wassop("--memory")
    if options.peers:
        found |= {"relay": lambda: relay(folder), "ngircd": ngircd, "inspircd": inspircd}
    for name in options.only or ():
        if name not in found:
            raise CannotRun(f"--only {name}: there are {', '.join(found)} (--peers, --also-memory: more)")
    for name, make in found.items():
        if not options.only or name in options.only:
            try:
                yield make()
            except CannotRun as error:
                print(f"skipped: {name}: {error}", file=sys.stderr)


def _swarm(folder: Path) -> Path | None:
    """The generator's loop, compiled; None where that cannot be, which the table tells."""
    try:
        return compiled("swarm.c", folder / "swarm.so", "-shared", "-fPIC")
    except CannotRun as error:
        print(f"the load comes from Python alone: {error}", file=sys.stderr)
        return None


def _planned(options: argparse.Namespace, subjects: list[Subject], names: list[str], files: int) -> Bench:
    planned = [row for row in rows(options.seconds, options.warm_up, files) if row.name in names]
    drawn = list(curves(files)) if options.plot else []
    if options.quick:
        planned = [Row(row.name, row.title, small(row.load)) for row in planned]
        drawn = [
            replace(curve, points={x: small(curve.points[x]) for x in list(curve.points)[:1]})
            for curve in drawn
        ]
    return Bench(
        subjects,
        [of_row(row) for row in planned],
        [(curve, of_curve(curve)) for curve in drawn],
        1 if options.quick else options.rounds,
        options.quick,
    )


def _report(options: argparse.Namespace, bench: Bench, is_complete: bool) -> int:
    names, about = [subject.name for subject in bench.subjects], machine()
    pinned = cores()
    how = ", which is kept awake" if options.keep_awake else ""
    where = f"server on core {pinned[0]}{how}, load on core {pinned[1]}" if pinned else "not pinned to cores"
    print("\n".join(table(bench.rows, bench.subjects)))
    print()
    print("; ".join(f"{name} {value}" for name, value in about.items()) + f"; {where}.")
    print("; ".join(f"{subject.name}: {subject.version}" for subject in bench.subjects) + ".")
    print(
        f"Rounds: {bench.rounds}; median (least to most). `python scripts/bench.py {' '.join(sys.argv[1:])}`"
    )
    for note in notes(bench.rows, bench.subjects):
        print(note)
    if options.quick:
        print("QUICK: far smaller than the rows say; these figures mean nothing.")
    found = problems(bench.all_measured)
    for problem in found:
        print(problem, file=sys.stderr)
    written: dict[str, Any] = {
        "machine": about | {"pinned": where},
        "options": sys.argv[1:],
        "is_complete": is_complete,
        "subjects": {subject.name: subject.version for subject in bench.subjects},
        "rows": {row.name: row.as_json() | {"figures": _figures(row, names)} for row in bench.rows},
        "curves": {
            curve.name: {str(x): point.as_json() for x, point in points.items()}
            for curve, points in bench.curves
        },
        "problems": found,
    }
    options.json.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.plot:
        options.plot.write_text(svg(bench.curves, names), encoding="utf-8")
    return _exit_code(found, is_complete=is_complete, allow_saturated=options.allow_saturated)


def _figures(row: Measured, subjects: list[str]) -> Result:
    return {
        subject: {figure.key: asdict(row.summary(subject, figure)) for figure in FIGURES[row.load.kind]}
        for subject in subjects
    }


def _exit_code(found: list[str], *, is_complete: bool, allow_saturated: bool) -> int:
    for problem in found:
        kind = problem.partition(":")[0]
        if kind == "WRONG" or (kind == "NOT MEASURED" and ", wassop" in problem):
            return EXIT_WRONG
        if kind == "SATURATED" and not allow_saturated:
            return EXIT_WRONG
    return 0 if is_complete else EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
