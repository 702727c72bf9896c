"""The plot: cost per delivery over the size of a room and over connections, as one SVG file."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from _bench_results import Measured
from _bench_rows import COST, Curve

_WIDTH, _HEIGHT = 480, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 56, 48
_LEGEND: Final = 36
_COLOURS: Final = ("#d1495b", "#7d8590", "#2f7fc1", "#3a9a5b", "#b07d10", "#8a5bc7")
_DASHES: Final = ("", "2 3", "7 3", "10 3 2 3", "5 2", "1 2")
_STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 13px; font-weight: 600 }
  .axis { stroke: #57606a }
  .grid { stroke: #d0d7de; stroke-width: .6 }
  .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #d6dde5 } .axis { stroke: #9aa4af } .grid { stroke: #3a424c } .back { fill: #0d1117 }
  }
"""

Points = dict[str, list[tuple[int, float]]]
"""Of each subject: what is on the x axis, and microseconds per delivery."""


def svg(panels: Sequence[tuple[Curve, dict[int, Measured]]], subjects: Sequence[str]) -> str:
    """The whole picture, one panel beside the other; points that could not be measured are left out."""
    width, height = _WIDTH * len(panels), _HEIGHT + _LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img">',
        "<title>CPU per delivery</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
    ]
    for place, (curve, measured) in enumerate(panels):
        points = {subject: list(_points(measured, subject)) for subject in subjects}
        parts.append(f'<g transform="translate({place * _WIDTH} 0)">')
        parts += _panel(curve, points)
        parts.append("</g>")
    parts += _legend(subjects)
    return "\n".join([*parts, "</svg>", ""])


def _points(measured: dict[int, Measured], subject: str) -> Iterator[tuple[int, float]]:
    for x, at_x in measured.items():
        summary = at_x.summary(subject, COST)
        if summary.median is not None and "behind" not in summary.remark:
            yield x, summary.median


class _Scale:
    """A logarithmic axis."""

    def __init__(self, values: list[float], begin: float, end: float) -> None:
        self._low = math.log10(min(values))
        self._span = math.log10(max(values)) - self._low or 1.0
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self._low) / self._span
        return round(self._begin + share * (self._end - self._begin), 1)


def _ticks(values: list[float]) -> list[float]:
    """1, 2 and 5 times powers of ten, from the last below all values to the first above."""
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    steps = [step * 10.0**power for power in range(lowest, highest + 1) for step in (1, 2, 5)]
    first = max((step for step in steps if step <= min(values)), default=steps[0])
    last = min((step for step in steps if step >= max(values)), default=steps[-1])
    return [step for step in steps if first <= step <= last]


def _panel(curve: Curve, points: Points) -> Iterator[str]:
    yield f'<text class="title" x="{_LEFT}" y="20">{escape(curve.title)}</text>'
    yield f'<text x="{_LEFT}" y="40">CPU µs per delivery</text>'
    costs = [cost for of_subject in points.values() for _, cost in of_subject]
    if not costs:
        yield f'<text x="{_LEFT}" y="{_HEIGHT / 2}">nothing was measured</text>'
        return
    ticks = _ticks(costs)
    x_of = _Scale([float(x) for x in curve.points], _LEFT + 10, _WIDTH - _RIGHT - 14)
    y_of = _Scale(ticks, _HEIGHT - _BOTTOM, _TOP)
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for tick in ticks:
        y = y_of(tick)
        yield f'<path class="grid" d="M{_LEFT} {y}H{right}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>'
    for x in curve.points:
        yield f'<path class="axis" d="M{x_of(x)} {bottom}v5"/>'
        yield f'<text x="{x_of(x)}" y="{bottom + 18}" text-anchor="middle">{x:,}</text>'
    yield f'<path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle}" y="{bottom + 38}" text-anchor="middle">{escape(curve.x_title)}</text>'
    for number, of_subject in enumerate(points.values()):
        colour, dash = _looks(number)
        line = "L".join(f"{x_of(x)} {y_of(cost)}" for x, cost in of_subject)
        if line:
            stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
            yield f'<path fill="none" {stroke} d="M{line}"/>'
        for x, cost in of_subject:
            yield f'<circle fill="{colour}" cx="{x_of(x)}" cy="{y_of(cost)}" r="3.5"/>'


def _legend(subjects: Sequence[str]) -> Iterator[str]:
    x, y = _LEFT, _HEIGHT + _LEGEND / 2
    for number, subject in enumerate(subjects):
        colour, dash = _looks(number)
        yield f'<path stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" d="M{x} {y}h28"/>'
        yield f'<circle fill="{colour}" cx="{x + 14}" cy="{y}" r="3.5"/>'
        yield f'<text x="{x + 36}" y="{y + 4}">{escape(subject)}</text>'
        x += 60 + 8 * len(subject)


def _looks(number: int) -> tuple[str, str]:
    return _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)] or "none"
