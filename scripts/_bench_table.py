"""The table for people, and the machine it was measured on."""

import os
import platform
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from _bench_results import Measured, Summary
from _bench_rows import FIGURES, Figure
from _bench_subjects import Subject

_NOISY_CORES: Final = 0.25


def table(rows: Sequence[Measured], subjects: Sequence[Subject]) -> Iterator[str]:
    """Markdown: a line for each figure, a column for each server, median (least to most) of the rounds."""
    yield "| | | " + " | ".join(subject.name for subject in subjects) + " |"
    yield "|---|---|" + "--:|" * len(subjects)
    for row in rows:
        for figure in FIGURES[row.load.kind]:
            cells = (_cell(row.summary(subject.name, figure), figure) for subject in subjects)
            yield f"| {row.title} | {figure.title} | " + " | ".join(cells) + " |"


def notes(rows: Sequence[Measured], subjects: Sequence[Subject]) -> Iterator[str]:
    """What one must know to read the table."""
    for subject in subjects:
        if subject.note and any(row.load.kind == "cycles" for row in rows):
            yield subject.note
    results = [result for row in rows for rounds in row.rounds.values() for result in rounds]
    if not all(result.get("is_compiled", True) for result in results):
        yield "The load came from Python alone, which saturates early: the loop in C was not used."
    shares = [result["others_share"] for result in results if "others_share" in result]
    if shares and max(shares) >= _NOISY_CORES:
        yield (
            f"NOISY: other processes used up to {max(shares):.1f} cores meanwhile,"
            f" {sum(shares) / len(shares):.1f} on average; a quiet machine does better."
        )


def machine() -> dict[str, str]:
    """What it was measured on, and when."""
    system = f"{platform.system()} {platform.release()}"
    return {
        "CPU": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": system,
        "Python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cell(summary: Summary, figure: Figure) -> str:
    def number(value: float) -> str:
        return f"{value:,.{figure.decimals}f}"

    remark = f" ({summary.remark})" if summary.remark else ""
    if summary.at_least is not None:
        return (f"≥ {number(summary.at_least)}" if figure.decimals == 0 else "—") + remark
    if summary.median is None or summary.least is None or summary.most is None:
        return summary.remark if summary.remark == "WRONG" else f"—{remark}"
    return f"{number(summary.median)} ({number(summary.least)}–{number(summary.most)}){remark}"
