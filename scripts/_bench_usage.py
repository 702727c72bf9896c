"""What processes and the machine have used, by the kernel's account."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


def process_cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, all its threads together."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3): to the nanosecond, on Linux
    except OSError:
        return sum(psutil.Process(pid).cpu_times()[:2])


def memory_kib(pid: int) -> float:
    """A process's share of memory (PSS; resident memory where the kernel does not tell)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1])
    except OSError:
        pass
    return psutil.Process(pid).memory_info().rss / 1_024


def waited_s() -> float:
    """Seconds for which this process (of one thread) could have run and was not let, because others did."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def busy_s(core: int | None) -> float:
    """Seconds for which a core, or all of them together, had to do what does not give way to everything else
    (nice); in steps of 10 ms."""
    times = psutil.cpu_times() if core is None else psutil.cpu_times(percpu=True)[core]
    idle = times.idle + times.nice + getattr(times, "iowait", 0.0) + getattr(times, "guest", 0.0)
    return float(sum(times) - idle)


@dataclass(frozen=True)
class Usage:
    """Seconds since some moment in the past: of the clock, and of CPU; and how much was delivered."""

    at: float
    generator: float
    generator_waited: float
    server: float
    server_core: float
    machine: float
    deliveries: int

    @classmethod
    def now(cls, pid: int, deliveries: int, core: int | None) -> "Usage":
        """By now; `core` is the server's."""
        return cls(
            at=time.perf_counter(),
            generator=time.process_time(),
            generator_waited=waited_s(),
            server=process_cpu_s(pid),
            server_core=busy_s(core) - (time.process_time() if core is None else 0.0),
            machine=busy_s(None),
            deliveries=deliveries,
        )

    def since(self, before: "Usage") -> dict[str, float | None]:
        """What was used in between, as figures of a result.

        `generator_busy_share` is of the time for which the generator was let run: what others took from it
        on a busy machine does not make it look idle. `disturbed_share` is what others used of the server's
        core (not pinned: of all cores).
        """
        seconds = self.at - before.at
        server, generator = self.server - before.server, self.generator - before.generator
        waited = self.generator_waited - before.generator_waited
        delivered = self.deliveries - before.deliveries
        others = self.machine - before.machine - server - generator
        return {
            "window_s": seconds,
            "deliveries_per_s": delivered / seconds,
            "us_per_delivery": server / delivered * 1e6 if delivered else None,
            "server_share": server / seconds,
            "disturbed_share": max(0.0, (self.server_core - before.server_core - server) / seconds),
            "generator_share": generator / seconds,
            "generator_busy_share": generator / max(1e-9, seconds - waited),
            "generator_us_per_delivery": generator / delivered * 1e6 if delivered else None,
            "others_share": max(0.0, others / seconds),
        }


def pin(pid: int, core: int | None) -> None:
    """Keep a process (0: this one) on one core, if the system can."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def cores() -> tuple[int, int] | None:
    """One core for the server and one for the load; None where there are no two, or nothing can be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None
