#!/usr/bin/env python3
"""Throw noise and spoilt conversations at every codec, and at a server of its own.

First without sockets: no codec raises, none finds more requests than the bytes can hold, none keeps more than
a line, and what each dialect's readers would read of it is well-formed. Then (--live) against the real port,
where two clients must go on hearing each other after every case, nothing may be logged as an error, and every
connection must be ended.

The same seed gives the same cases; a failure is told with the command that repeats it alone.
Exit code: 0; 1 when a case failed; 2 when it could not run.
"""

import argparse
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Final

from _attack_bytes import DIALECTS, Case, case
from _attack_codecs import Conversation, sniff_all

EXIT_FAILED: Final = 1
_PATIENCE_S: Final = 30
"""No case takes so long unless it never ends."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--cases", type=int, default=10_000, metavar="N", help="how many (%(default)s)")
    made.add_argument(
        "--first", type=int, default=0, metavar="N", help="the first one's number (%(default)s)"
    )
    made.add_argument("--seed", type=int, metavar="S", help="of all cases (a new one)")
    made.add_argument("--codec", choices=DIALECTS, help="only this dialect (all in turn)")
    made.add_argument("--live", action="store_true", help="against the port of a server of its own")
    return made


def main() -> int:
    options = parser().parse_args()
    seed = int.from_bytes(os.urandom(4)) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGALRM, _never_ends)
    if options.live:
        from _attack_live import live_port

        with live_port() as throw:
            return run(options, seed, throw)
    return run(options, seed, throw_at_codec)


def run(options: argparse.Namespace, seed: int, throw: Callable[[Case], None]) -> int:
    """Throw all cases that the options name; the exit code."""
    for number in range(options.first, options.first + options.cases):
        tried = case(seed, number, options.codec)
        signal.alarm(_PATIENCE_S)
        try:
            throw(tried)
        except Exception:
            traceback.print_exc()
            print(f"FAILED: case {number} of seed {seed}, {tried.dialect}; again with")
            print(f"  {_again(options, seed, number)}")
            return EXIT_FAILED
        finally:
            signal.alarm(0)
    print(f"{options.cases} cases, nothing found")
    return 0


def _again(options: argparse.Namespace, seed: int, number: int) -> str:
    only = ["--codec", options.codec] if options.codec else []
    live = ["--live"] if options.live else []
    numbers = ["--seed", str(seed), "--first", str(number), "--cases", "1"]
    return shlex.join(
        ["python3", "scripts/dev.py", "run", "python", "scripts/fuzz.py", *numbers, *only, *live]
    )


def throw_at_codec(tried: Case) -> None:
    """One case without sockets; raises what the codec raises, and Fault."""
    sniff_all(tried)
    Conversation(tried).carry_out()


def _never_ends(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise TimeoutError(f"a case takes more than {_PATIENCE_S} s")


if __name__ == "__main__":
    sys.exit(main())
