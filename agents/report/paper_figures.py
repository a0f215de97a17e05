"""The figures of the CAM paper, and those beside them, drawn from a reproduction's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import diversity
from ..intervals import wilson
from . import figures, svg

__all__ = ["Figure", "paper_figures"]

TIMED = 6  # skills whose timing is drawn
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of the paper, drawn from our numbers."""

    key: str
    """name of its file."""
    title: str
    published: str
    """what the paper shows."""
    drawings: tuple[tuple[str, str], ...]
    """Captions and `<svg>` elements."""
    note: str = ""
    grid: str = "narrow"
    """CSS class of what holds the drawings."""
    compares: bool = True
    """Whether the shared policy and the specialists have colours of their own."""


def paper_figures(document: Document) -> list[Figure]:
    """Draw the figures whose experiments were run."""
    gains, large = document["gains"], document["large"]
    found = []
    if gains:
        found += [_bars(gains), _matchups(gains)]
    if large:
        found.append(_populations(gains, large))
    if "profiles" in document:
        found += [_radars(document["profiles"]), _timing(document["profiles"])]
    followed = [run for run in document["diversity"] if "by_generation" in run]
    if followed:
        found.append(_diversity_lines(followed))
    if document["generations"]:
        found.append(_heat_map(document["generations"][0]))
    return found


def _bars(gains: Sequence[Document]) -> Figure:
    rows = _pairs([run["characters"] for run in gains])
    several = (
        f"Bars are means over {len(gains)} training runs, whiskers the lowest and the highest run."
        if len(gains) > 1
        else "One training run; whiskers are 95 % Wilson intervals of its games."
    )
    return Figure(
        "figure_1_gains",
        "Win rate of each character (the paper's figure 1)",
        "Published: specialists +13.2 % over all agents, most of the eight better; bars by agent "
        "exist as a plot only.",
        (("", figures.bar_chart(rows, title="win rate by character")),),
        "Against the shared policy that the specialists trained against, playing every other "
        "character, the same starts for both. The "
        f"numbers at the right are the gain in points. {several}",
    )


def _matchups(gains: Sequence[Document]) -> Figure:
    names = [row["character"] for row in gains[0]["characters"]]
    count = len(names)
    rates = np.mean([run["rates"] for run in gains], axis=0)
    blocks = (
        ("shared policy", rates[:count, :count]),
        ("specialists", rates[count:, count:]),
        ("specialists (rows) against the shared policy", rates[count:, :count]),
    )
    several = f", mean of {len(gains)} training runs" if len(gains) > 1 else ""
    return Figure(
        "matchups",
        "Characters against each other",
        "Not in the paper.",
        tuple(
            (who, figures.heat_chart(block.tolist(), names, title=f"{who} by character"))
            for who, block in blocks
        ),
        f"Win rate of the row against the column in per cent{several}. 50 is even; on the diagonal "
        "of the first two nobody plays.",
        "grid-2",
        compares=False,
    )


def _populations(gains: Sequence[Document], large: Sequence[Document]) -> Figure:
    drawings = []
    if gains:
        size = len(gains[0]["characters"])
        drawings.append(
            (
                f"{size} characters",
                figures.bar_chart(
                    _pairs([run["characters"] for run in gains]), title=f"{size} characters"
                ),
            )
        )
    size = large[0]["field"]["opponents"] + 1
    # Which characters are strongest differs between runs: only the first run's are drawn.
    drawings.append(
        (
            f"{size} characters, the {len(large[0]['field']['characters'])} strongest",
            figures.bar_chart(
                _pairs([large[0]["field"]["characters"]]), title=f"{size} characters"
            ),
        )
    )
    return Figure(
        "figure_2_populations",
        "Small and large population (figure 2)",
        "Published: 14 of 16 agents better; agent III of 8 and agent VII of 50 worse.",
        tuple(drawings),
        "The paper trained 8 and 50 characters. The strongest were chosen by other games than "
        "those that are drawn.",
        "grid-2",
    )


def _radars(profiles: Document) -> Figure:
    before, after = (np.asarray(profiles[key], np.float64) for key in ("before", "after"))
    shares = diversity.profiles(np.concatenate([before, after]), norm="l1")
    scaled = diversity.profiles(shares, norm="max")
    count, buttons = len(before), profiles["buttons"]
    drawings = []
    if len(buttons) >= 3:
        drawings = [
            (
                name,
                svg.radar_chart(
                    buttons, scaled[index].tolist(), scaled[count + index].tolist(),
                    title=f"skill use of {name}",
                ),
            )
            for index, name in enumerate(profiles["characters"])
        ]  # fmt: skip
    return Figure(
        "figure_3_skills",
        "Use of skills, shared policy and specialists (figure 3)",
        "Published: expected distance 0.9210 for the shared policy, 1.0585 for specialists, a "
        "ratio of 1.149.",
        tuple(drawings),
        "Share of a character's presses that goes to each skill; every axis ends at the largest "
        "share anyone has.",
        "radars",
    )


def _timing(profiles: Document) -> Figure:
    before, after = profiles["timing_before"], profiles["timing_after"]
    total = [sum(a) + sum(b) for a, b in zip(before, after, strict=True)]
    chosen = sorted(np.argsort([-x for x in total], kind="stable")[:TIMED].tolist())
    return Figure(
        "figure_3_timing",
        "When skills are used (figure 3)",
        "Published: plots only.",
        tuple(
            (
                profiles["buttons"][index],
                figures.timing_chart(
                    before[index], after[index], title=f"timing of {profiles['buttons'][index]}"
                ),
            )
            for index in chosen
        ),
        "Share of all uses in each sixth of the 60 seconds, all characters together.",
        "minis",
    )


def _diversity_lines(runs: Sequence[Document]) -> Figure:
    """Draw distances between characters by generation; the last point is the specialists."""

    def line(run: Document, key: str) -> svg.Series:
        values = [*run["by_generation"][key], run[key]["l2"][1]]
        first = int(run["by_generation"]["names"][0])
        points = [(float(number), value) for number, value in enumerate(values, first)]
        return svg.Series(f"run {run['seed']}", points)

    drawings = tuple(
        (
            caption,
            svg.line_chart(
                [line(run, key) for run in runs],
                title=f"distance, {caption}",
                x_label="generation",
            ),
        )
        for key, caption in (
            ("distance", "all presses"),
            ("without_attack", "without the attack button"),
        )
    )
    last = runs[0]["by_generation"]["names"][-1]
    return Figure(
        "diversity_by_generation",
        "How unlike characters play as training goes on",
        "Not in the paper, which compares its last shared policy with the specialists.",
        drawings,
        "Expected distance in l2 between the frequencies of characters' presses, each generation "
        f"of the shared policy against the last one; a line a training run. {last} is the shared "
        f"policy, {int(last) + 1} the specialists. A distance that rises within stage 1 is "
        "specialisation by a shared policy that is told its character.",
        "grid-2",
        compares=False,
    )


def _heat_map(found: Document) -> Figure:
    rates = [
        [rate if played else None for rate, played in zip(*row, strict=True)]
        for row in zip(found["rates"], found["games"], strict=True)
    ]
    means = [mean for mean, _, _ in found["row_means"]]
    performance = found["performance"][-1]
    return Figure(
        "figure_5_generations",
        "Generations against each other (figure 5)",
        "Published: a heat-map that gets warmer with each generation; an approximate Nash "
        "equilibrium by the 13th.",
        (("", figures.heat_chart(rates, found["names"], means=means, title="generations")),),
        "Win rate of the row against the column in per cent, all characters against all. 0 is "
        f"random play. Clear falls of a row's mean: {len(found['falls'])}. Relative performance "
        f"of the last generation against the one before: {performance[0]:+.3f} "
        f"[{performance[1]:+.3f}, {performance[2]:+.3f}] of games, which bounds nothing outside "
        "the population. The learning rate falls meanwhile, so that later generations also differ "
        "less because they learn less.",
        compares=False,
    )


def _pairs(runs: Sequence[Sequence[Document]]) -> list[figures.Pair]:
    """Means over runs of the same characters, or one run with the intervals of its games."""
    rows = []
    for same in zip(*runs, strict=True):
        base, own = ([row[key] for row in same] for key in ("base", "specialist"))
        if len(same) == 1:
            games = same[0]["games"]
            intervals = wilson(base[0] * games, games), wilson(own[0] * games, games)
        else:
            intervals = (min(base), max(base)), (min(own), max(own))
        verdicts = {row["verdict"] for row in same}
        rows.append(
            figures.Pair(
                same[0]["character"], float(np.mean(base)), intervals[0], float(np.mean(own)),
                intervals[1], verdicts.pop() if len(verdicts) == 1 else "",
            )
        )  # fmt: skip
    return rows
