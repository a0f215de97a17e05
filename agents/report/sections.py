"""The sections of a report, each from numbers to HTML."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from .. import diversity
from ..evaluation import Evaluation
from ..gains import BUTTON_NAMES, Behaviour, Gains
from ..intervals import wilson
from ..ratings import bradley_terry
from ..versus import Against
from . import page, svg
from .figures import heat_chart
from .findings import PAPER_RATIO, points, several, span, the, whom

MAX_TABLE = 16  # characters; a larger matrix is drawn without numbers
MAX_RADARS = 12
TICKS_PER_SECOND = 30


def headline(evaluation: Evaluation, gains: Gains, behaviour: Behaviour | None) -> str:
    """Write the numbers a reader wants first."""
    count = len(gains.characters)
    them, it = the(several(evaluation.challenger)), the(evaluation.base)
    cards = [
        page.figure_card(
            f"{points(gains.gain)} points",
            f"gain of {them} over {it}, 95 % {span(gains.interval)}",
        ),
        page.figure_card(
            f"{100 * (0.5 + gains.gain):.1f} %",
            f"won against {it} playing {whom(gains)} ({100 * gains.relative:+.1f} % relative)",
        ),
        page.figure_card(
            f"{gains.count('better')} of {count}",
            f"characters clearly better; nominally {gains.nominally_improved}",
        ),
    ]
    if behaviour is not None and evaluation.challenger == "specialist":
        before, after = behaviour.distances("l2")
        if before > 0:
            cards.append(
                page.figure_card(
                    f"{after / before:.3f} times",
                    f"behavioural distance, {before:.3f} to {after:.3f} (paper: {PAPER_RATIO:.3f} "
                    "times)",
                )
            )
    return f'<div class="figures">{"".join(cards)}</div>'


def gains_section(evaluation: Evaluation, gains: Gains) -> str:
    """Show what each character gained, as a chart and in numbers."""
    is_own = evaluation.challenger == "specialist"
    who, it = "its specialist" if is_own else the(evaluation.challenger), the(evaluation.base)
    rows = [
        svg.Whisker(c.character, 100 * c.gain, 100 * c.interval[0], 100 * c.interval[1], c.verdict)
        for c in gains.characters
    ]
    low, high = gains.interval
    rows.append(svg.Whisker("All", 100 * gains.gain, 100 * low, 100 * high, "total"))
    chart = svg.whisker_chart(rows, label="gain in percentage points, with 95 % interval")
    head = [
        "Character",
        evaluation.base,
        evaluation.challenger,
        "Gain",
        "95 % interval",
        "Mirror",
        "95 % interval",
        "Games",
    ]
    body = [
        [
            c.character,
            f"{100 * c.base:.1f} %",
            f"{100 * c.specialist:.1f} %",
            points(c.gain),
            span(c.interval),
            f"{100 * c.mirror:.1f} %",
            f"[{100 * c.mirror_interval[0]:.1f}, {100 * c.mirror_interval[1]:.1f}]",
            f"{c.games:,}",
        ]
        for c in gains.characters
    ]
    other = (
        f"Other readings of the same games: all entrants in one pool {points(gains.mixed_pool)} "
        "points; mirror matches "
        f"{points(gains.mirror - 0.5)} points."
    )
    return page.section(
        "Gain of each character",
        page.paragraph(
            f"How much more often a character wins when {who} plays it instead of {it}, against "
            f"{it} playing each other character on the same seeds. Mirror: against the same "
            "character. Green and red mark intervals that exclude zero."
        ),
        f'<div class="narrow">{chart}</div>',
        page.table(head, body),
        page.paragraph(other, "note"),
    )


def opponents_section(rows: Sequence[Against]) -> str:
    """Show the opponents that were named, as the terminal shows them; empty without any."""
    if not rows:
        return ""
    body = [
        [
            row.opponent,
            f"{100 * row.win_rate:.1f} %",
            f"[{100 * row.interval[0]:.1f}, {100 * row.interval[1]:.1f}]",
            f"{row.games:,}",
        ]
        for row in rows
    ]
    return page.section(
        "Against chosen opponents",
        page.paragraph(
            "Win rate of the run, both sides drawing from its characters, mirrors included; draws "
            "count half."
        ),
        page.table(["Opponent", "Win rate", "95 % interval", "Games"], body),
    )


def payoff_section(evaluation: Evaluation) -> str:
    """Show the win rates of everyone against everyone."""
    count = len(evaluation.characters)
    first, second = slice(0, count), slice(count, 2 * count)
    blocks = [
        (f"{several(evaluation.challenger)} v {evaluation.base}", second, first),
        (f"{evaluation.base} v {evaluation.base}", first, first),
        (
            " v ".join([several(evaluation.challenger)] * 2),
            second,
            second,
        ),
    ]
    drawn = []
    for title, rows, columns in blocks:
        rates = evaluation.table.win_rates[rows, columns]
        games = evaluation.table.games[rows, columns]
        drawn.append(
            f"<div><h3>{escape(title)}</h3>{heat_map(rates, games, evaluation.characters)}</div>"
        )
    return page.section(
        "Payoff matrix",
        page.paragraph(
            "Win rate of the row against the column in per cent, draws counted half. Warm: the "
            "row wins. "
            "Columns follow the order of the rows."
        ),
        f'<div class="grid-2">{"".join(drawn)}</div>',
    )


def heat_map(rates: NDArray[np.float64], games: NDArray[np.int64], names: Sequence[str]) -> str:
    """Draw a win-rate matrix: cells with numbers, or cells alone where it is too large to read.

    Args:
        rates: shape (M, M), in [0, 1].
        games: shape (M, M); a cell without games stays empty.
        names: M of them.

    Returns:
        HTML.
    """
    cells = [
        [float(rate) if played else None for rate, played in zip(*row, strict=True)]
        for row in zip(rates, games, strict=True)
    ]
    if len(names) > MAX_TABLE:
        return svg.grid_chart(cells, names, title="win rates")
    notes = [
        [
            "{:.0f} to {:.0f} %, {} games".format(
                *(100 * end for end in wilson(float(rate) * int(played), int(played))), int(played)
            )
            for rate, played in zip(*row, strict=True)
        ]
        for row in zip(rates, games, strict=True)
    ]
    return heat_chart(cells, names, notes=notes, title="win rates")


def behaviour_section(evaluation: Evaluation, behaviour: Behaviour) -> str:
    """Show how often each character uses each skill, before and after, and how unlike they are."""
    uses = np.concatenate([behaviour.base_uses, behaviour.specialist_uses])
    owned = np.flatnonzero(uses.sum(axis=0) > 0)
    labels = [BUTTON_NAMES[button] for button in owned]
    before_rows, after_rows = behaviour.base_uses[:, owned], behaviour.specialist_uses[:, owned]
    # shares of the presses, then each axis by its largest, as in the paper's radial plots
    shares = diversity.profiles(np.concatenate([before_rows, after_rows]), norm="l1")
    scaled = diversity.profiles(shares, norm="max")
    count = len(evaluation.characters)
    moved = diversity.change(behaviour.base_uses, behaviour.specialist_uses)
    shown = sorted(np.argsort(-moved, kind="stable")[:MAX_RADARS].tolist())
    charts = []
    if len(labels) >= 3:
        for index in shown:
            name = evaluation.characters[index]
            drawing = svg.radar_chart(
                labels,
                scaled[index].tolist(),
                scaled[count + index].tolist(),
                title=f"skill use of {name}",
            )
            charts.append(f"<figure><figcaption>{escape(name)}</figcaption>{drawing}</figure>")
    rows = []
    for norm in diversity.NORMS:
        for kind, (before, after) in (
            ("frequency", behaviour.distances(norm)),
            ("when legal", behaviour.masked_distances(norm)),
        ):
            change = f"{after / before:.3f}" if before > 0 else "-"
            rows.append([f"{kind}, {norm}", f"{before:.4f}", f"{after:.4f}", change])
    key = (
        f'<p class="key"><span><i class="dashed"></i>{escape(evaluation.base)}</span>'
        f"<span><i></i>{escape(evaluation.challenger)}</span></p>"
    )
    hidden = (
        f" The {len(shown)} characters that differ most are drawn." if len(shown) < count else ""
    )
    of_paper = (
        f"; the paper does not name its own, and its ratio is {PAPER_RATIO:.3f}"
        if evaluation.challenger == "specialist"
        else ""
    )
    return page.section(
        "Behaviour",
        page.paragraph(
            "Share of a character's presses that goes to each skill, against the same opponents; "
            "every axis ends at the "
            "largest share anyone has." + hidden
        ),
        key,
        f'<div class="radars">{"".join(charts)}</div>',
        "<h3>Expected distance between two characters</h3>",
        page.table(["Vector", evaluation.base, evaluation.challenger, "Ratio"], rows),
        page.paragraph(
            "Frequency counts presses; when legal divides them by the decisions in which the "
            "action mask allowed the "
            "press, which takes unlike cooldowns out. l1, l2 and max are the three ways to scale "
            f"a vector{of_paper}. Mean change of a character "
            "against itself (l2): "
            f"{moved.mean():.3f}.",
            "note",
        ),
    )


def ratings_section(evaluation: Evaluation) -> str:
    """Rank everyone on one scale."""
    ratings = bradley_terry(evaluation.table.points, evaluation.table.games)
    table = evaluation.table
    seconds = table.ticks.sum(axis=1) / np.maximum(table.games.sum(axis=1), 1) / TICKS_PER_SECOND
    rewards = table.returns.sum(axis=1) / np.maximum(table.games.sum(axis=1), 1)
    draws = table.draws.sum(axis=1) / np.maximum(table.games.sum(axis=1), 1)
    order = np.argsort(-ratings.elo, kind="stable")[: 2 * MAX_TABLE]
    rows = [
        [
            evaluation.labels[index],
            f"{ratings.elo[index]:+.0f}",
            f"[{ratings.low[index]:+.0f}, {ratings.high[index]:+.0f}]",
            f"{100 * draws[index]:.1f} %",
            f"{seconds[index]:.1f} s",
            f"{rewards[index]:+.2f}",
        ]
        for index in order
    ]
    return page.section(
        "Ratings",
        page.paragraph(
            "Bradley-Terry strength on the Elo scale, mean 0, from all games of the evaluation. "
            "It assumes that strength "
            "is transitive, which a population of unlike characters is not: the matrix above is "
            "the fuller account."
        ),
        page.paragraph(
            "The mean return is the sum of a match's rewards by the weights of "
            'reward="paper", whatever the run was trained on.'
        ),
        page.table(["Entrant", "Elo", "95 % interval", "Draws", "Mean match", "Mean return"], rows),
    )


def curves_section(panels: Mapping[str, Sequence[svg.Series]], x_label: str) -> str:
    """Draw the learning curves, one panel a metric."""
    if not panels:
        return ""
    drawn = []
    for name, series in panels.items():
        key = ""
        if len(series) > 1:
            entries = "".join(
                f'<span class="tone{index % 8}"><i></i>{escape(line.label)}</span>'
                for index, line in enumerate(series[:12])
            )
            key = f'<p class="key">{entries}</p>'
        chart = svg.line_chart(series, title=name, x_label=x_label)
        drawn.append(
            f'<figure class="plain"><figcaption>{escape(name)}</figcaption>{chart}{key}</figure>'
        )
    return page.section("Learning curves", f'<div class="grid-2">{"".join(drawn)}</div>')


def facts_section(command: Sequence[str], facts: Sequence[tuple[str, str]]) -> str:
    """Write how the result was made."""
    lines = "\n".join(command)
    entries = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value
    )
    return page.section("How this was made", f"<pre>{escape(lines)}</pre><dl>{entries}</dl>")


def video_section(video: bytes, caption: str) -> str:
    """Show a match."""
    return (
        '<section class="screen"><h2>A match</h2>'
        '<video controls loop muted playsinline preload="metadata" '
        f'src="data:video/mp4;base64,{page.encode(video)}"></video>'
        f"{page.paragraph(caption, 'note')}</section>"
    )


def downloads_section(evaluation: Evaluation, gains: Gains, behaviour: Behaviour | None) -> str:
    """Offer the numbers as files that live in the page."""
    files = [
        page.download("payoff.csv", payoff_csv(evaluation).encode(), "text/csv"),
        page.download("gains.csv", gains_csv(gains).encode(), "text/csv"),
        page.download(
            "summary.json",
            json.dumps(summary(evaluation, gains, behaviour)).encode(),
            "application/json",
        ),
    ]
    return (
        '<section class="screen"><h2>Numbers</h2><p>'
        + " · ".join(files)
        + "</p>"
        + page.paragraph("evaluation.json beside this page holds every count.", "note")
        + "</section>"
    )


def payoff_csv(evaluation: Evaluation) -> str:
    """Write one line per ordered pair that met."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "row",
            "column",
            "wins",
            "draws",
            "games",
            "win_rate",
            "low",
            "high",
            "mean_ticks",
            "mean_return",
        ]
    )
    table, labels = evaluation.table, evaluation.labels
    for i, j in zip(*np.nonzero(table.games), strict=True):
        played = int(table.games[i, j])
        low, high = wilson(float(table.points[i, j]), played)
        writer.writerow(
            [
                labels[i], labels[j], int(table.wins[i, j]), int(table.draws[i, j]), played,
                round(float(table.win_rates[i, j]), 6), round(low, 6), round(high, 6),
                round(float(table.ticks[i, j]) / played, 2),
                round(float(table.returns[i, j]) / played, 4),
            ]
        )  # fmt: skip
    return out.getvalue()


def gains_csv(gains: Gains) -> str:
    """Write one line per character."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "character",
            "base",
            "specialist",
            "gain",
            "low",
            "high",
            "mirror",
            "mirror_low",
            "mirror_high",
            "games",
        ]
    )
    for c in gains.characters:
        numbers = (c.base, c.specialist, c.gain, *c.interval, c.mirror, *c.mirror_interval)
        writer.writerow([c.character, *(round(number, 6) for number in numbers), c.games])
    return out.getvalue()


def summary(evaluation: Evaluation, gains: Gains, behaviour: Behaviour | None) -> dict[str, object]:
    """Gather the headline numbers for other programs."""
    result: dict[str, object] = {
        "base": evaluation.base,
        "challenger": evaluation.challenger,
        "characters": list(evaluation.characters),
        "games_per_pairing": evaluation.games_per_pairing,
        "seed": evaluation.seed,
        "roster_id": evaluation.roster_id,
        "gain": gains.gain,
        "gain_interval": list(gains.interval),
        "gain_relative": gains.relative,
        "gain_mixed_pool": gains.mixed_pool,
        "mirror_win_rate": gains.mirror,
        "clearly_better": gains.count("better"),
        "clearly_worse": gains.count("worse"),
        "nominally_improved": gains.nominally_improved,
        "buttons": list(BUTTON_NAMES),
    }
    if behaviour is not None:
        result["distance"] = {norm: behaviour.distances(norm) for norm in diversity.NORMS}
        result["distance_when_legal"] = {
            norm: behaviour.masked_distances(norm) for norm in diversity.NORMS
        }
    return result
