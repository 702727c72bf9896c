"""Keeping a core awake, so that little work costs what the work costs.

A core that has nothing to do sleeps, and a virtual machine's is given to somebody else meanwhile: when the
next message comes its caches hold nothing of the server's, whichever server that is. So a process that gives
way to all others (nice 19, and of those SCHED_IDLE) runs there whenever nobody else does.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def awake(core: int) -> Iterator[int]:
    """Keep a core from sleeping; the process that does."""
    process = subprocess.Popen([sys.executable, __file__, str(core)], start_new_session=True)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _spin(core: int) -> None:
    os.sched_setaffinity(0, {core})
    os.nice(19)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Between sessions the scheduler may share out evenly, whatever their processes are.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")
    parent = os.getppid()
    while os.getppid() == parent:
        for _ in range(100_000):
            pass


if __name__ == "__main__":
    _spin(int(sys.argv[1]))
