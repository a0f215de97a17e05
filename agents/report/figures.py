"""The paper's figures as SVG: win-rate bars, heat-maps with row means, histograms of timing.

As in `svg`, drawings are narrow and take their colours from the page. `standalone` gives a file its
own, for pages that show an image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .svg import Series, heat_colour, line_chart

__all__ = [
    "Pair", "bar_chart", "cost_chart", "heat_chart", "standalone", "timing_chart",
]  # fmt: skip

WIDTH = 420.0
_STYLE = """
svg{background:#fff;font-family:system-ui,"Segoe UI",Roboto,sans-serif;--paper:#faf9f6;--card:#fff;
--ink:#1c2127;--muted:#5d6772;--line:#dde0e4;--warm:#ee8a4a;--cold:#5b9bdc;--even:#f3f1ec;
--base:#7b8591;--accent:#c2500f;--good:#1d7f4f;--bad:#b3261e}
text{fill:var(--ink);font-size:11px}.tick,.axis{fill:var(--muted);font-size:10px}
.cell{font-size:9px}.grid{stroke:var(--line);fill:none}.zero{stroke:var(--muted)}
.bar-before{fill:var(--base);fill-opacity:.45}.bar-after{fill:var(--accent);fill-opacity:.85}
.thin{stroke:var(--ink);stroke-width:1.1}.before{fill:none;stroke:var(--base);stroke-width:1.6;
stroke-dasharray:4 3}.after{fill:var(--accent);fill-opacity:.16;stroke:var(--accent)}
.line{fill:none;stroke-width:1.8;stroke:var(--accent)}.tone1{stroke:#3b7dc0}.tone2{stroke:#1d7f4f}
"""


@dataclass(frozen=True)
class Pair:
    """One row of a bar chart: a win rate before and after, each with its interval."""

    label: str
    before: float
    before_interval: tuple[float, float]
    after: float
    after_interval: tuple[float, float]
    tone: str = ""
    """CSS class of the number: `better` or `worse`."""


def bar_chart(rows: Sequence[Pair], *, title: str) -> str:
    """Draw win rates before and after, in per cent, with whiskers.

    Args:
        rows: top to bottom.
        title: for screen readers.

    Returns:
        An `<svg>` element.
    """
    left, right, line = 118.0, 44.0, 30.0
    bottom = 8 + line * len(rows)
    top = max(0.6, *(row.after_interval[1] for row in rows), *(r.before_interval[1] for r in rows))
    limit = min(1.0, 0.1 * (int(top * 10) + 1))

    def x(value: float) -> float:
        return left + value / limit * (WIDTH - left - right)

    parts = [_open(bottom + 22, title)]
    for tenth in range(0, round(limit * 10) + 1, 1 if limit <= 0.7 else 2):
        mark = tenth / 10
        parts.append(_rule("grid", x(mark), x(mark), 4, bottom))
        parts.append(_text(x(mark), bottom + 14, f"{100 * mark:.0f}", "tick", "middle"))
    parts.append(_rule("zero", x(0.5), x(0.5), 4, bottom))
    for index, row in enumerate(rows):
        y = 8 + line * index
        parts.append(_text(left - 8, y + 17, _clip(row.label), f"name {row.tone}", "end"))
        for kind, value, (low, high), offset in (
            ("before", row.before, row.before_interval, 2.0),
            ("after", row.after, row.after_interval, 14.0),
        ):
            parts.append(
                f'<rect class="bar-{kind}" x="{left}" y="{y + offset}" height="10" '
                f'width="{max(0.0, x(value) - left):.1f}"><title>{escape(row.label)}: '
                f"{100 * value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]</title></rect>"
            )
            middle = y + offset + 5
            parts.append(_rule("thin", x(low), x(high), middle, middle))
        change = 100 * (row.after - row.before)
        parts.append(_text(WIDTH - 2, y + 17, f"{change:+.1f}", f"figure {row.tone}", "end"))
    return "".join([*parts, "</svg>"])


def heat_chart(
    rates: Sequence[Sequence[float | None]],
    names: Sequence[str],
    *,
    notes: Sequence[Sequence[str]] = (),
    means: Sequence[float] = (),
    title: str,
) -> str:
    """Draw a win-rate matrix as cells with numbers, in per cent.

    Args:
        rates: rows of win rates in [0, 1]; None where nothing was played.
        names: a name per row; columns follow and are numbered where names are long.
        notes: a text per cell, shown on hovering.
        means: a number per row, drawn apart at the right.
        title: for screen readers.

    Returns:
        An `<svg>` element.
    """
    are_short = max(map(len, names)) <= 3
    left = 26.0 if are_short else 122.0
    right = 34.0 if means else 2.0
    cell = min(40.0, (WIDTH - left - right) / len(names))
    height = 18 + cell * len(names) + 4
    parts = [_open(height, title)]
    for index, name in enumerate(names):
        head = name if are_short else str(index + 1)
        parts.append(_text(left + cell * (index + 0.5), 12, head, "tick", "middle"))
        label = name if are_short else f"{index + 1} {_clip(name)}"
        parts.append(_text(left - 5, 18 + cell * (index + 0.5) + 4, label, "tick", "end"))
    if means:
        edge = left + cell * len(names) + right
        parts.append(_text(edge, 12, "mean", "tick", "end"))
    for i, row in enumerate(rates):
        y = 18 + cell * i
        for j, rate in enumerate(row):
            if rate is None:
                continue
            x = left + cell * j
            note = f"{names[i]} v {names[j]}: {100 * rate:.0f} %"
            if notes:
                note += f", {notes[i][j]}"
            parts.append(
                f'<rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{cell - 1:.1f}" rx="2" '
                f'height="{cell - 1:.1f}" style="fill:{heat_colour(rate)}">'
                f"<title>{escape(note)}</title></rect>"
            )
            parts.append(
                _text(x + cell / 2, y + cell / 2 + 3, f"{100 * rate:.0f}", "cell", "middle")
            )
        if means:
            parts.append(_text(edge, y + cell / 2 + 4, f"{100 * means[i]:.0f}", "", "end"))
    return "".join([*parts, "</svg>"])


def timing_chart(before: Sequence[float], after: Sequence[float], *, title: str) -> str:
    """Draw two histograms over the periods of a match, each as shares of its own sum.

    Args:
        before: counts by period.
        after: the same number of them.
        title: for screen readers.

    Returns:
        An `<svg>` element.
    """
    shares = [[count / max(sum(side), 1e-12) for count in side] for side in (before, after)]
    width, height, base = 180.0, 84.0, 70.0
    top = max(max(side) for side in shares) or 1.0
    step = width / len(before)
    parts = [f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">']
    for side, (kind, values) in enumerate(zip(("before", "after"), shares, strict=True)):
        for index, share in enumerate(values):
            tall = share / top * (base - 4)
            parts.append(
                f'<rect class="bar-{kind}" x="{step * (index + 0.1 + 0.4 * side):.1f}" '
                f'y="{base - tall:.1f}" width="{step * 0.4:.1f}" height="{tall:.1f}">'
                f"<title>{100 * share:.0f} %</title></rect>"
            )
    parts.append(_rule("zero", 0, width, base, base))
    parts.append(_text(0, height - 3, "start", "tick", "start"))
    parts.append(_text(width, height - 3, "time up", "tick", "end"))
    return "".join([*parts, "</svg>"])


def cost_chart(seconds: Sequence[float], *, title: str) -> str:
    """Draw how the processor time of specialists adds up.

    Args:
        seconds: of each specialist, in order.
        title: for screen readers.

    Returns:
        An `<svg>` element.
    """
    points, total = [(0.0, 0.0)], 0.0
    for number, value in enumerate(seconds, 1):
        total += value / 60
        points.append((float(number), total))
    return line_chart([Series(title, points)], title=title, x_label="specialists")


def standalone(drawing: str) -> str:
    """Return an `<svg>` element as a file of its own, on white."""
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        ">", f"><style>{_STYLE}</style>", 1
    )


def _open(height: float, title: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{escape(title)}">'


def _rule(kind: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _clip(text: str, length: int = 17) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
