#!/usr/bin/env python3
"""Load a wassop server with many native clients, and tell what it did.

Starts a server of its own unless --server names one. Every receiver checks that it hears each message of
the others once and in order; a latency is the time from a talker's send to one receiver's receipt. Figures
are of a window after a warm-up. Runs on Linux and macOS; generator and server need a core each.

Exit code: 0; 1 when anything was lost, doubled, out of order or otherwise wrong, or when the generator
itself was saturated (the server can do better than such figures say); 2 when it could not run; 130 after
Ctrl-C.
"""

import argparse
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio

from _load_meter import CannotRun, Meter, OwnServer, own_server
from _load_run import Plan, Run

_NOISY_CORES: Final = 0.25

EXIT_WRONG: Final = 1
EXIT_CANNOT: Final = 2
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
_SPARE_FILES: Final = 64


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    at_least_0, at_least_1 = partial(_bounded, least=0), partial(_bounded, least=1)
    made.add_argument("--server", metavar="HOST:PORT", help="a server that runs (otherwise one is started)")
    made.add_argument("--pid", type=int, help="that server's process, to tell its CPU and memory")
    made.add_argument("--clients", type=at_least_1, default=500, metavar="N", help="in all (%(default)s)")
    made.add_argument("--rooms", type=at_least_1, default=1, metavar="N", help="spread evenly (%(default)s)")
    made.add_argument("--talkers", type=at_least_1, default=5, metavar="N", help="in each room (%(default)s)")
    made.add_argument(
        "--rate",
        type=_positive_or_0,
        default=20.0,
        metavar="R",
        help="messages per second of all talkers together; 0: as fast as the answers let (%(default)g)",
    )
    made.add_argument(
        "--in-flight", type=at_least_1, default=1, metavar="N",
        help="with --rate 0, messages that each talker keeps unanswered (%(default)s)",
    )  # fmt: skip
    made.add_argument(
        "--seconds", type=_positive_or_0, default=10.0, metavar="S", help="to measure (%(default)g)"
    )
    made.add_argument("--warm-up", type=_positive_or_0, default=2.0, metavar="S", help="before (%(default)g)")
    made.add_argument(
        "--text-bytes", type=at_least_0, default=64, metavar="N", help="of a text (%(default)s)"
    )
    made.add_argument(
        "--arrival", type=_positive_or_0, default=0.0, metavar="R",
        help="clients per second that come; 0: all at once (%(default)g)",
    )  # fmt: skip
    made.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    made.add_argument(
        "--allow-saturated", action="store_true", help="a saturated generator does not change the exit code"
    )
    made.add_argument(
        "serve_options", nargs="*", metavar="-- OPTION", help="options of the server started here"
    )
    return made


def _bounded(text: str, least: int) -> int:
    if (value := int(text)) < least:
        raise argparse.ArgumentTypeError(f"at least {least} expected")
    return value


def _positive_or_0(text: str) -> float:
    if not 0 <= (value := float(text)) < 1e9:
        raise argparse.ArgumentTypeError("0 or more expected")
    return value


def main() -> int:
    made = parser()
    options = made.parse_args()
    plan = Plan(**{name: getattr(options, name) for name in Plan.__dataclass_fields__})
    if plan.clients // plan.rooms < max(plan.talkers, 2):
        made.error("every room needs at least two clients, and as many as --talkers")
    if options.pid is not None and options.server is None:
        made.error("--pid goes with --server")
    if options.serve_options and options.server is not None:
        made.error("a server that runs already takes no options")
    result: dict[str, Any] = {}
    try:
        _allow_files(plan.clients)
        result = trio.run(_main, options, plan, strict_exception_groups=True)
    except* CannotRun as group:
        print(f"load.py: {next(_leaves(group))}", file=sys.stderr)
    if not result:
        return EXIT_CANNOT
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    print("\n".join((*_table(result), *_caveats(result))))
    verdict = _verdict(result)
    for line in verdict:
        print(line)
    is_only_saturated = options.allow_saturated and not result["is_wrong"]
    if verdict and not is_only_saturated:
        return EXIT_WRONG
    return EXIT_INTERRUPTED if result["is_interrupted"] else 0


def _leaves(group: BaseExceptionGroup[CannotRun]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _allow_files(clients: int) -> None:
    needed = clients + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise CannotRun(f"{needed} open files are needed, and {hard} allowed (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and needed > soft:  # the server that is started here inherits it
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def _main(options: argparse.Namespace, plan: Plan) -> dict[str, Any]:
    is_interrupted = False
    async with _server(options) as server:
        host, _, port = server.address.rpartition(":")
        if not port.isascii() or not port.isdigit():
            raise CannotRun(f"--server {server.address}: HOST:PORT expected")
        run = Run(plan, Meter(server.pid), os.urandom(3).hex())
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:

                async def obey() -> None:
                    nonlocal is_interrupted
                    await anext(signals)
                    is_interrupted = True
                    run.stop()
                    await anext(signals)
                    nursery.cancel_scope.cancel()

                nursery.start_soon(obey)
                await run.run(host.strip("[]"), int(port))
                nursery.cancel_scope.cancel()
        result = run.result()
    result["is_interrupted"] = is_interrupted
    if options.server is None:
        result["server"] |= {
            "exit_code": server.exit_code, "log_lines": server.log_lines, "log_warnings": server.log_warnings
        }  # fmt: skip
    is_wrong = bool(sum(result["faults"].values())) or (options.server is None and server.exit_code != 0)
    return result | {"is_wrong": is_wrong or bool(server.log_warnings)}


@asynccontextmanager
async def _server(options: argparse.Namespace) -> AsyncIterator[OwnServer]:
    if options.server is not None:
        yield OwnServer(options.pid, options.server)
    else:
        async with own_server(options.serve_options) as server:
            yield server


def _table(result: dict[str, Any]) -> Iterator[str]:
    plan, latency, faults = result["plan"], result["latency_ms"], result["faults"]
    server, generator, memory = result["server"], result["generator"], result["server"]["mib"]
    pace = f"{plan['rate']:g} messages/s" if plan["rate"] else f"{plan['in_flight']} in flight each"
    rows = [
        (
            "load",
            f"{plan['clients']} clients, {plan['rooms']} rooms, {plan['talkers']} talkers a room, {pace}",
        ),
        ("all had joined after", _figure(result["arrival_s"], "s", 2)),
        ("measured", _figure(result["window_s"], "s", 1)),
        ("messages", _figure(result["messages_per_s"], "/s")),
        ("deliveries", _figure(result["deliveries_per_s"], "/s")),
        ("latency p50 p90 p99 max", "  ".join(_figure(ms, "ms", 2) for ms in latency.values())),
        ("lost, duplicated", f"{faults['lost']}, {faults['duplicated']}"),
        ("out of order, gaps in seq", f"{faults['out_of_order']}, {faults['seq_gaps']}"),
        ("unanswered, refused", f"{faults['unanswered']}, {faults['refused']}"),
        ("malformed, disconnected", f"{faults['malformed']}, {faults['disconnected']}"),
        ("server's CPU", _cpu(server)),
        ("server's memory", ", ".join(f"{name} {_figure(mib, 'MiB', 1)}" for name, mib in memory.items())),
        ("  for each client", _figure(server["kib_per_client"], "KiB", 1)),
        ("generator's CPU", _cpu(generator)),
        ("generator's longest lag", _figure(generator["loop_lag_ms"], "ms", 1)),
        ("other processes' CPU", _figure(result["others_cpu_share"], "cores", 2)),
    ]
    if plan["rate"]:
        rows.append(
            ("behind the pace, withheld", f"{generator['pace_lag_ms']:.1f} ms, {generator['withheld']}")
        )
    if result["is_interrupted"]:
        rows.append(("interrupted", "figures are of a part of the run"))
    return (f"{name:<27}{value}" for name, value in rows)


def _caveats(result: dict[str, Any]) -> Iterator[str]:
    others = result["others_cpu_share"]
    if result["server"]["cpu_share"] is not None and others is not None and others >= _NOISY_CORES:
        yield f"NOISY: other processes used {others:.2f} cores meanwhile; a quiet machine does better"
    if result["generator"]["withheld"]:
        yield "SLOWER: the server did not take all messages of this pace; those withheld were never sent"


def _cpu(of: dict[str, Any]) -> str:
    return f"{_figure(of['us_per_delivery'], 'us a delivery', 2)}, {_figure(of['cpu_share'], 'cores', 2)}"


def _figure(value: float | None, unit: str, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:,.{digits}f} {unit}"


def _verdict(result: dict[str, Any]) -> list[str]:
    server, lines = result["server"], []
    if sum(result["faults"].values()):
        lines += ["WRONG: see the faults above", *(f"  {what}" for what in result["complaints"])]
    if server.get("exit_code"):
        lines.append(f"WRONG: the server ended with exit code {server['exit_code']}")
    if server.get("log_warnings"):
        lines.append(f"WRONG: {len(server['log_warnings'])} warnings in the server's log, the first of them:")
        lines += [f"  {line[:500]}" for line in server["log_warnings"][:3]]
    if result["generator"]["is_saturated"]:
        lines.append(
            "SATURATED: the generator itself was at its limit; the rate and the latencies are its own,"
            " not the server's"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
