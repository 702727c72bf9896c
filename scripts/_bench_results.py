"""What was measured, round by round, and what may be said about it."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Final

from _bench_rows import Curve, Figure, Load, Row

_BEHIND: Final = 0.95
_DISTURBED: Final = 0.15

Result = dict[str, Any]


@dataclass
class Measured:
    """The rounds of one load, by subject."""

    name: str
    title: str
    load: Load
    rounds: dict[str, list[Result]] = field(default_factory=dict)

    def add(self, subject: str, result: Result) -> None:
        """One more round."""
        self.rounds.setdefault(subject, []).append(result)

    def summary(self, subject: str, figure: Figure) -> "Summary":
        """What the rounds say together about one figure."""
        rounds = self.rounds.get(subject, [])
        if any(is_wrong(result) for result in rounds):
            return Summary(remark="WRONG")
        done = [result for result in rounds if result.get(figure.key) is not None]
        fair = [result for result in done if not result["is_saturated"]]
        calm = [result for result in fair if not is_disturbed(result)]
        values = sorted(result[figure.key] for result in calm or fair or done)
        if not values:
            return Summary(remark=rounds[-1].get("error", "nothing was measured") if rounds else "not run")
        if not fair:
            return Summary(at_least=values[-1], remark="generator saturated")
        is_behind = any(
            result["deliveries_per_s"] < _BEHIND * asked
            for result in calm or fair
            if (asked := result.get("asked_deliveries_per_s"))
        )
        remarks = ["disturbed"] * (not calm) + ["behind the pace"] * is_behind
        return Summary(median(values), values[0], values[-1], remark=", ".join(remarks))

    def as_json(self) -> Result:
        """Everything."""
        return {"title": self.title, "load": asdict(self.load), "rounds": self.rounds}


@dataclass(frozen=True)
class Summary:
    """Median, least and most of what counts; or nothing, and a remark that says why."""

    median: float | None = None
    least: float | None = None
    most: float | None = None
    at_least: float | None = None
    """What was reached when the generator itself was the limit: no figure of the server's."""
    remark: str = ""


def is_wrong(result: Result) -> bool:
    """Whether anything was lost, doubled, out of order, refused or the like."""
    return bool(sum(result.get("faults", {}).values()))


def is_disturbed(result: Result) -> bool:
    """Whether other processes ran on the server's core; such a round counts only if there is no other."""
    return bool(result.get("disturbed_share", 0.0) > _DISTURBED)


def of_row(row: Row) -> Measured:
    """Nothing measured yet."""
    return Measured(row.name, row.title, row.load)


def of_curve(curve: Curve) -> dict[int, Measured]:
    """Nothing measured yet, at each of its points."""
    return {x: Measured(f"{curve.name} {x:,}", curve.title, load) for x, load in curve.points.items()}


def problems(all_measured: list[Measured]) -> list[str]:
    """One line for each round that was wrong, impossible, or only as good as the generator."""
    lines = []
    for measured in all_measured:
        for subject, rounds in measured.rounds.items():
            for number, result in enumerate(rounds, 1):
                where = f"{measured.name}, {subject}, round {number}"
                if is_wrong(result):
                    faults = ", ".join(f"{name} {count}" for name, count in result["faults"].items() if count)
                    lines.append("; ".join([f"WRONG: {where}: {faults}", *result["complaints"][:2]]))
                elif "error" in result:
                    lines.append(f"NOT MEASURED: {where}: {result['error']}")
                elif result["is_saturated"]:
                    lines.append(f"SATURATED: {where}: the generator was at its limit, not the server")
                elif is_disturbed(result):
                    share = result["disturbed_share"]
                    lines.append(f"DISTURBED: {where}: other processes used {share:.0%} of the server's core")
    return lines
