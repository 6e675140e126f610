"""Plots as SVG that takes its colours from the page, so that it follows light and dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from evaluation.measures import Estimate

WIDTH, LABELS, ROW = 640, 130, 30


def bars(estimates: Mapping[str, Estimate], title: str) -> str:
    """A bar from 0 to 1 for each estimate, with its interval as a line."""
    height = ROW * len(estimates) + 34
    length = WIDTH - LABELS - 60
    parts = [_axis(length, height)]
    for row, (name, estimate) in enumerate(estimates.items()):
        y, at = 10 + ROW * row, LABELS
        middle = y + 9
        parts.append(
            f'<text class="label" x="{at - 8}" y="{y + 13}">{escape(name)}</text>'
            f'<rect class="bar c{row % 5}" x="{at}" y="{y}" width="{length * estimate.value:.1f}" height="18" rx="2"/>'
            f'<path class="whisker" d="M{at + length * estimate.low:.1f} {middle}H{at + length * estimate.high:.1f}'
            f"M{at + length * estimate.low:.1f} {middle - 4}v8"
            f'M{at + length * estimate.high:.1f} {middle - 4}v8"/>'
            f'<text x="{WIDTH - 52}" y="{y + 13}">{estimate.value:.3f}</text>'
        )
    return _svg(title, height, parts)


def pairs(groups: Mapping[str, Mapping[str, Estimate]], title: str) -> str:
    """Thin bars side by side for each name: one for every group that has it."""
    names = list(dict.fromkeys(name for estimates in groups.values() for name in estimates))
    height = ROW * len(names) + 56
    length = WIDTH - LABELS - 60
    thick = 20 / max(1, len(groups))
    parts = [_axis(length, height - 22)]
    for row, name in enumerate(names):
        parts.append(f'<text class="label" x="{LABELS - 8}" y="{23 + ROW * row}">{escape(name)}</text>')
        for place, estimates in enumerate(groups.values()):
            if name in estimates:
                y = 8 + ROW * row + place * thick
                parts.append(
                    f'<rect class="bar c{place}" x="{LABELS}" y="{y:.1f}" height="{thick - 1:.1f}"'
                    f' width="{length * estimates[name].value:.1f}">'
                    f"<title>{escape(name)}: {estimates[name].value:.3f}</title></rect>"
                )
    return _svg(title, height, [*parts, _legend(list(groups), height)])


def lines(curves: Mapping[str, Sequence[float]], ranks: Sequence[int], title: str) -> str:
    """A line for each curve, over ranks on a logarithmic scale."""
    height, left, bottom = 300, 50, 250
    across = WIDTH - left - 20

    def x(rank: float) -> float:
        return left + across * math.log(rank / ranks[0]) / math.log(ranks[-1] / ranks[0])

    def y(value: float) -> float:
        return bottom - (bottom - 14) * value

    parts = [
        f'<path class="grid" d="M{left} {y(tick / 5):.1f}H{WIDTH - 20}"/>'
        f'<text class="label" x="{left - 6}" y="{y(tick / 5) + 4:.1f}">{tick / 5:.1f}</text>'
        for tick in range(6)
    ]
    parts += [f'<text class="centre" x="{x(rank):.1f}" y="{bottom + 16}">{rank}</text>' for rank in ranks]
    for number, (name, values) in enumerate(curves.items()):
        points = " ".join(f"{x(rank):.1f},{y(value):.1f}" for rank, value in zip(ranks, values, strict=True))
        parts.append(f'<polyline class="line s{number % 5}" points="{points}"><title>{escape(name)}</title></polyline>')
    return _svg(title, height, [*parts, _legend(list(curves), height)])


def _axis(length: float, height: int) -> str:
    ticks = [
        f'<path class="grid" d="M{LABELS + length * tick / 5:.1f} 4V{height - 20}"/>'
        f'<text class="centre" x="{LABELS + length * tick / 5:.1f}" y="{height - 6}">{tick / 5:.1f}</text>'
        for tick in range(6)
    ]
    return "".join(ticks)


def _legend(names: Sequence[str], height: int) -> str:
    step = WIDTH / max(1, len(names))
    return "".join(
        f'<rect class="bar c{number % 5}" x="{10 + step * number:.0f}" y="{height - 16}" width="10" height="10"/>'
        f'<text x="{25 + step * number:.0f}" y="{height - 7}">{escape(name)}</text>'
        for number, name in enumerate(names)
    )


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    name = escape(title)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
