"""Charts as text: SVG that takes its colours from the page, so it follows light, dark and print.

Drawings are narrow (at most 420 units) because a phone shows them at its own width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]


@dataclass(frozen=True)
class Whisker:
    """One row of an interval chart."""

    label: str
    value: float
    low: float
    high: float
    tone: str
    """CSS class: `better`, `worse`, `unclear` or `total`."""


@dataclass(frozen=True)
class Series:
    """One line of a line chart."""

    label: str
    points: Sequence[Point]


def ticks(low: float, high: float, *, count: int = 4) -> list[float]:
    """Choose about `count` round numbers that cover [low, high]."""
    span = max(high - low, 1e-12)
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def short_number(value: float) -> str:
    """Write a number for an axis: 1200000 is 1.2M, 0.30 is 0.3."""
    size = abs(value)
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}" if size >= 1e-9 else "0"


def whisker_chart(rows: Sequence[Whisker], *, label: str) -> str:
    """Draw values with intervals around a zero line; all in per cent points.

    Args:
        rows: top to bottom.
        label: what the horizontal axis measures.

    Returns:
        An `<svg>` element.
    """
    width, left, right, line = 420.0, 118.0, 46.0, 24.0
    height = 8 + line * len(rows) + 34
    marks = ticks(min(0, *(row.low for row in rows)), max(0, *(row.high for row in rows)))
    low, high = marks[0], marks[-1]

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (width - left - right)

    parts = [f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">']
    bottom = 8 + line * len(rows)
    for mark in marks:
        kind = "zero" if abs(mark) < 1e-9 else "grid"
        parts.append(
            f'<line class="{kind}" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="4" y2="{bottom}"/>'
        )
        parts.append(_text(x(mark), bottom + 13, f"{mark:+g}" if mark else "0", "tick", "middle"))
    parts.append(_text((left + width - right) / 2, bottom + 28, label, "tick", "middle"))
    for index, row in enumerate(rows):
        y = 8 + line * (index + 0.5)
        parts.append(_text(left - 8, y + 4, _clip(row.label, 18), f"name {row.tone}", "end"))
        parts.append(
            f'<line class="whisker {row.tone}" x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" '
            f'y1="{y}" y2="{y}"/>'
            f'<circle class="dot {row.tone}" cx="{x(row.value):.1f}" cy="{y}" r="4.5">'
            f"<title>{escape(row.label)}: {row.value:+.1f} [{row.low:+.1f}, "
            f"{row.high:+.1f}]</title></circle>"
        )
        parts.append(_text(width - 2, y + 4, f"{row.value:+.1f}", f"figure {row.tone}", "end"))
    return "".join([*parts, "</svg>"])


def radar_chart(
    axes: Sequence[str], before: Sequence[float], after: Sequence[float], *, title: str
) -> str:
    """Draw two profiles over the same axes; values in [0, 1].

    Args:
        axes: at least three names.
        before: the shared policy's, dashed.
        after: the specialist's, filled.
        title: who it is, for screen readers.

    Returns:
        An `<svg>` element.
    """
    width, height, radius = 280.0, 190.0, 64.0
    centre = (width / 2, height / 2)

    def spot(index: int, value: float) -> Point:
        angle = 2 * math.pi * index / len(axes) - math.pi / 2
        return (
            centre[0] + radius * value * math.cos(angle),
            centre[1] + radius * value * math.sin(angle),
        )

    def ring(values: Sequence[float]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (spot(i, v) for i, v in enumerate(values)))

    parts = [f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">']
    for level in (0.5, 1.0):
        parts.append(f'<polygon class="grid" points="{ring([level] * len(axes))}"/>')
    for index, axis in enumerate(axes):
        end, mark = spot(index, 1), spot(index, 1.17)
        parts.append(
            f'<line class="grid" x1="{centre[0]}" y1="{centre[1]}" '
            f'x2="{end[0]:.1f}" y2="{end[1]:.1f}"/>'
        )
        side = mark[0] - centre[0]
        anchor = "middle" if abs(side) < 8 else "start" if side > 0 else "end"
        parts.append(_text(mark[0], mark[1] + 3.5, axis, "axis", anchor))
    parts.append(f'<polygon class="before" points="{ring(before)}"/>')
    parts.append(f'<polygon class="after" points="{ring(after)}"/>')
    return "".join([*parts, "</svg>"])


def line_chart(series: Sequence[Series], *, title: str, x_label: str) -> str:
    """Draw lines over one horizontal axis.

    Args:
        series: lines with at least one finite point each; past eight the colours repeat.
        title: what the vertical axis measures.
        x_label: what the horizontal axis measures.

    Returns:
        An `<svg>` element.
    """
    width, height, left, right, top, bottom = 380.0, 210.0, 46.0, 10.0, 10.0, 34.0
    points = [point for line in series for point in line.points]
    x_marks = ticks(min(p[0] for p in points), max(p[0] for p in points))
    y_marks = ticks(min(p[1] for p in points), max(p[1] for p in points))
    x_low, x_high = min(p[0] for p in points), max(p[0] for p in points)
    if x_high <= x_low:
        x_high = x_low + 1
    y_low, y_high = y_marks[0], y_marks[-1] if y_marks[-1] > y_marks[0] else y_marks[0] + 1

    def x(value: float) -> float:
        return left + (value - x_low) / (x_high - x_low) * (width - left - right)

    def y(value: float) -> float:
        return height - bottom - (value - y_low) / (y_high - y_low) * (height - top - bottom)

    parts = [f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">']
    for mark in y_marks:
        parts.append(
            f'<line class="grid" x1="{left}" x2="{width - right}" '
            f'y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>'
        )
        parts.append(_text(left - 5, y(mark) + 3.5, short_number(mark), "tick", "end"))
    for mark in x_marks:
        if x_low - 1e-9 <= mark <= x_high + 1e-9:
            parts.append(_text(x(mark), height - bottom + 13, short_number(mark), "tick", "middle"))
    parts.append(_text((left + width - right) / 2, height - 5, x_label, "tick", "middle"))
    for index, line in enumerate(series):
        path = " ".join(f"{x(px):.1f},{y(py):.1f}" for px, py in line.points)
        parts.append(
            f'<polyline class="line tone{index % 8}" points="{path}">'
            f"<title>{escape(line.label)}</title></polyline>"
        )
    return "".join([*parts, "</svg>"])


def grid_chart(
    rates: Sequence[Sequence[float | None]], labels: Sequence[str], *, title: str
) -> str:
    """Draw a win-rate matrix as coloured cells without numbers, for large populations.

    Args:
        rates: rows of win rates in [0, 1]; None where nothing was played.
        labels: a name per row, shown on hovering.
        title: for screen readers.

    Returns:
        An `<svg>` element.
    """
    size = len(rates)
    cell = 420.0 / size
    parts = [f'<svg viewBox="0 0 420 420" role="img" aria-label="{escape(title)}">']
    for i, row in enumerate(rates):
        for j, rate in enumerate(row):
            if rate is None:
                continue
            parts.append(
                f'<rect x="{j * cell:.2f}" y="{i * cell:.2f}" '
                f'width="{cell:.2f}" height="{cell:.2f}" style="fill:{heat_colour(rate)}">'
                f"<title>{escape(labels[i])} v {escape(labels[j])}: "
                f"{rate:.0%}</title></rect>"
            )
    return "".join([*parts, "</svg>"])


def heat_colour(rate: float) -> str:
    """Choose a CSS colour for a win rate: neutral at one half, warm above, cold below."""
    share = min(100.0, abs(rate - 0.5) * 200)
    return f"color-mix(in oklab,var(--{'warm' if rate > 0.5 else 'cold'}) {share:.0f}%,var(--even))"


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )
