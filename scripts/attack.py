#!/usr/bin/env python3
"""Attack a server of its own, and tell what 50 quiet clients saw meanwhile.

Each attack runs in a process of its own, three times: what the first round leaves in memory may be kept for
good reasons (the newest messages of rooms), what both others add may not. After each, tasks, connections and
sockets must be as many as before. Linux only.

Exit code: 0; 1 when a quiet client lost a message, read something wrong or was ended, when anything was left
behind, when an attack saw a fault, when more passwords were hashed than had to be, or when the server logged
an error; 2 when it could not run.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

from _attack_live import warm_up
from _attack_moves import ATTACKS
from _attack_quiet import Quiet
from _attack_server import AttackedServer, attacked_server
from _attack_target import Target

EXIT_WRONG: Final = 1
EXIT_CANNOT: Final = 2
_MOVES: Final = Path(__file__).with_name("_attack_moves.py")
_MIN_FILES: Final = 4_096
_SLACK_MIB: Final = 8.0
"""Allocators do not give everything back: so much may a round add."""
_ROUNDS_TO_GROW: Final = 2
"""So many rounds behind the first must all have added more: what is only the highest tide so far does not."""
_ATTACK_TIMEOUT_S: Final = 300.0


@dataclass
class Outcome:
    """What became of one round of one attack."""

    attack: str
    connections: int = 0
    bytes: int = 0
    remark: str = ""
    hashes: int | None = None
    """How many passwords had to be hashed, if the attack counts that."""
    said: int = 0
    lost: int = 0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    sockets: tuple[int, int] = (0, 0)
    mib: tuple[float, float] = (0.0, 0.0)
    left: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether anything happened that must not."""
        return bool(self.lost or self.left or self.faults)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"all, or some of: {', '.join(ATTACKS)}")
    made.add_argument("--quiet", type=int, default=50, metavar="N", help="quiet clients (%(default)s)")
    made.add_argument("--rate", type=float, default=20.0, metavar="R", help="their messages/s (%(default)g)")
    made.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of an attack (%(default)g)")
    made.add_argument("--share", type=float, default=1.0, metavar="X", help="of its size (%(default)g)")
    made.add_argument("--rounds", type=int, default=3, metavar="N", help="of each attack (%(default)s)")
    made.add_argument("--seed", type=int, default=1, metavar="S", help="of the noise (%(default)s)")
    made.add_argument("--db", metavar="FILE", help="have the server keep what is said (it does not)")
    made.add_argument("--config", metavar="FILE", help="the server's configuration")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    return made


def main() -> int:
    made = parser()
    options = made.parse_args()
    unknown = set(options.attacks) - set(ATTACKS)
    if unknown:
        made.error(f"no such attack: {', '.join(sorted(unknown))}")
    if not sys.platform.startswith("linux"):
        print("attack.py: needs /proc, that is Linux", file=sys.stderr)
        return EXIT_CANNOT
    _allow_files()
    outcomes: list[Outcome] = []
    print(_HEAD, flush=True)
    given = {"--db": options.db, "--config": options.config}
    with attacked_server(*(word for pair in given.items() if pair[1] for word in pair)) as server:
        warm_up(server)
        quiet = Quiet(server.port, options.quiet)
        for attack, number in product(options.attacks or ATTACKS, range(options.rounds)):
            outcome = _round(server, quiet, attack, number, options)
            outcomes.append(outcome)
            grown = [each.mib[1] - each.mib[0] for each in outcomes[len(outcomes) - number :]]
            if len(grown) >= _ROUNDS_TO_GROW and min(grown) > _SLACK_MIB:
                outcome.left["MiB in each of the last rounds"] = int(min(grown))
            print("\n".join(_row(outcome)), flush=True)
            if quiet.faults:
                print("WRONG: a quiet client was hurt; what else there is to try is not tried")
                break
        quiet.close()
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=2) + "\n")
    is_wrong = any(outcome.is_wrong for outcome in outcomes)
    if server.exit_code:
        print(f"WRONG: the server ended with exit code {server.exit_code}")
    return EXIT_WRONG if is_wrong or server.exit_code or server.faults else 0


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _MIN_FILES:
        most = _MIN_FILES if hard == resource.RLIM_INFINITY else min(_MIN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _round(
    server: AttackedServer, quiet: Quiet, attack: str, number: int, options: argparse.Namespace
) -> Outcome:
    before, faults, said = server.holding(), len(server.faults), quiet.said
    quiet.latencies.clear()
    outcome = Outcome(attack)
    target = Target(
        server.port, server.nick_port, server.pid, options.seconds, options.share, options.seed, number
    )
    command = [sys.executable, str(_MOVES), attack, json.dumps(asdict(target))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as attacker:
        try:
            quiet.talk(options.rate, options.quiet, lambda: attacker.poll() is not None)
        finally:
            is_cut_short = attacker.poll() is None  # something is wrong already
            if is_cut_short:
                attacker.kill()
        told, complaint = attacker.communicate(timeout=_ATTACK_TIMEOUT_S)
    if attacker.returncode and not is_cut_short:
        outcome.faults.append(complaint.strip()[-2_000:])
    elif told:
        for key, value in json.loads(told).items():
            setattr(outcome, key, value)
    after = server.holding() if quiet.faults else server.settled(before)
    server.read_log()
    outcome.faults += [*quiet.faults[:5], *server.faults[faults:]][:5]
    hashes = after.hashes - before.hashes
    if outcome.hashes not in (None, hashes):
        outcome.faults.append(f"{hashes} passwords were hashed, and {outcome.hashes} had to be")
    outcome.said, outcome.lost = quiet.said - said, quiet.lost
    waits = sorted(quiet.latencies)
    if waits:
        outcome.p99_ms, outcome.max_ms = waits[int(len(waits) * 0.99)] * 1e3, waits[-1] * 1e3
    outcome.sockets, outcome.mib = (before.sockets, after.sockets), (before.mib, after.mib)
    if not quiet.faults:  # else it is a quiet client's too, and says nothing
        outcome.left = after.left_since(before)
    return outcome


_HEAD: Final = (
    f"{'attack':<21}{'connections':>12}{'MB':>8}{'said':>7}{'lost':>6}{'p99 ms':>9}{'max ms':>9}"
    f"{'sockets':>11}{'MiB':>15}"
)


def _row(outcome: Outcome) -> Iterator[str]:
    sockets = "{} > {}".format(*outcome.sockets)
    mib = "{:.1f} > {:.1f}".format(*outcome.mib)
    yield (
        f"{outcome.attack:<21}{outcome.connections:>12,}{outcome.bytes / 1e6:>8,.1f}{outcome.said:>7,}"
        f"{outcome.lost:>6}{outcome.p99_ms:>9,.1f}{outcome.max_ms:>9,.1f}{sockets:>11}{mib:>15}"
        f"  {outcome.remark}".rstrip()
    )
    if outcome.left:
        yield f"  WRONG: left behind: {outcome.left}"
    for fault in outcome.faults:
        yield f"  WRONG: {fault}"


if __name__ == "__main__":
    sys.exit(main())
