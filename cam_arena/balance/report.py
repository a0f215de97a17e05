"""Write a balance report: the gates as a table, four plots, and who stands out."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import write_whole
from .ablation import PARTS, Ablation
from .extremes import Rematches
from .gate import Gate
from .gates import Analysis
from .loadouts import Loadouts
from .matrix import Matrix

__all__ = ["write_report"]

_SHOWN = 12  # characters or pairs of each kind that are listed
_INK, _ACCENT, _SOFT = "#2b2d42", "#c8553d", "#8d99ae"


def write_report(
    folder: Path,
    matrix_file: Path,
    matrix: Matrix,
    analysis: Analysis,
    rematches: Rematches | None,
    command: str,
    *,
    loadouts: Loadouts | None = None,
    ablations: Sequence[Ablation] = (),
) -> Path:
    """Write README.md, its plots and a copy of the matrix into a folder.

    Args:
        folder: made if needed; files of an earlier report are replaced.
        matrix_file: the .npz file.
        matrix: what it holds.
        analysis: of the matrix.
        rematches: of the pairs that looked one-sided, if they were played.
        command: that makes the same report again.
        loadouts: what scrolls and companions are worth, if it was measured.
        ablations: why the most one-sided pairs are, if it was measured.

    Returns:
        The path of README.md.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "matrix.npz"
    if matrix_file.resolve() != copy.resolve():
        shutil.copyfile(matrix_file, copy)
    _plot_means(folder / "mean_win_rates.png", analysis)
    _plot_matrix(folder / "win_rates.png", matrix, analysis)
    _plot_strengths(folder / "strengths.png", matrix, analysis)
    _plot_spectrum(folder / "spectrum.png", analysis)
    page = folder / "README.md"
    page_lines = _page(matrix, analysis, rematches, command, loadouts, ablations)
    write_whole(page, "\n".join(page_lines) + "\n")
    return page


def _page(
    matrix: Matrix,
    analysis: Analysis,
    rematches: Rematches | None,
    command: str,
    loadouts: Loadouts | None,
    ablations: Sequence[Ablation],
) -> list[str]:
    plan = matrix.plan
    gates = [gate for gate in analysis.gates if gate.is_gate]
    held = sum(gate.passed for gate in gates)
    games = int(matrix.games.sum()) // 2
    levels = ", ".join(map(str, plan.levels))
    roster = matrix.meta.get("roster_id", "unknown")
    return [
        "# Balance",
        "",
        f"{len(matrix.names)} characters, {games:,} games, {plan.games_per_pair} a pair, half from "
        f"each side. Both players of a game are bots of one level ({levels}), drawn among "
        f"{', '.join(plan.pilots)}. Roster `{roster}`, seed {plan.seed}.",
        "",
        f"**{held} of {len(gates)} gates hold.** Made by:",
        "",
        "```",
        command,
        "```",
        "",
        "## Gates",
        "",
        "`raw` is the figure as counted. The figure beside it has the noise of few games taken "
        "out, and is what the gate looks at.",
        "",
        "| Gate | Figure | 95 % interval | Raw | Allowed | Holds |",
        "| --- | ---: | :---: | ---: | :---: | :---: |",
        *(_gate_row(gate) for gate in gates),
        "",
        *(f"- {gate.name}: {gate.note}." for gate in gates if gate.note),
        "",
        "## Reported",
        "",
        "| Figure | Value | Unit or meaning |",
        "| --- | ---: | --- |",
        *(
            f"| {gate.name} | {_number(gate.value)} | {gate.note} |"
            for gate in analysis.gates
            if not gate.is_gate
        ),
        "",
        "## Plots",
        "",
        "![Histogram of mean win rates](mean_win_rates.png)",
        "",
        "![Win rates, rows and columns by strength and by school](win_rates.png)",
        "",
        "![Strength of every character with its interval](strengths.png)",
        "",
        "![Singular values of what strength cannot explain, and of noise](spectrum.png)",
        "",
        "## Strongest and weakest",
        "",
        "Strengths are Bradley-Terry logits with bootstrap intervals, the pilots' part taken out.",
        "",
        *_character_table(matrix, analysis),
        "",
        "## Most one-sided pairs",
        "",
        *_pair_table(matrix, rematches),
        "",
        *(_ablation_table(ablations) if ablations else ()),
        *(_loadout_tables(loadouts) if loadouts else ()),
        "## The matrix",
        "",
        "[matrix.npz](matrix.npz) holds integer arrays: `wins`, `draws` and `games` (row against "
        "column), `sides` (wins, draws and losses of the row on side 0), `timeouts`, `outcomes` "
        "(every game in the order of the plan) and `totals` (events by character and pilot). "
        "`about` is a JSON text with names and plan. `numpy.load` reads it; it holds no objects.",
    ]


def _gate_row(gate: Gate) -> str:
    interval = "" if gate.interval is None else " to ".join(map(_number, gate.interval))
    raw = "" if gate.raw is None else _number(gate.raw)
    holds = "yes" if gate.passed else "**no**"
    return (
        f"| {gate.name} | {_number(gate.value)} | {interval} | {raw} | {gate.allowed} | {holds} |"
    )


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return (
        f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.4f}"
        if abs(value) < 0.1
        else f"{value:.3f}"
    )


def _character_table(matrix: Matrix, analysis: Analysis) -> list[str]:
    strengths, schools = analysis.strengths, matrix.meta.get("schools") or [""] * len(matrix.names)
    order = np.argsort(-strengths.value, kind="stable")
    count = min(_SHOWN, len(order) // 2)
    shown = [*order[:count], *order[len(order) - count :]]
    games = np.maximum(matrix.total("games"), 1)
    ultimates, slips = matrix.total("ultimates") / games, matrix.total("slips") / games
    return [
        "| Character | School | Strength | 95 % interval | Mean win rate | Ultimates | Slips |",
        "| --- | --- | ---: | :---: | ---: | ---: | ---: |",
        *(
            f"| {matrix.names[i]} | {schools[i]} | {strengths.value[i]:+.2f} | "
            f"{strengths.low[i]:+.2f} to {strengths.high[i]:+.2f} | {matrix.mean_rates[i]:.3f} | "
            f"{ultimates[i]:.2f} | {slips[i]:.2f} |"
            for i in shown
        ),
    ]


def _pair_table(matrix: Matrix, rematches: Rematches | None) -> list[str]:
    if rematches is None:
        first, second = matrix.plan.pairs
        rates = matrix.rates[first, second]
        games = matrix.games[first, second]
        about = "As counted; among many pairs with few games some look one-sided by chance."
    else:
        first, second = rematches.pairs[:, 0], rematches.pairs[:, 1]
        rates, games = rematches.rates, np.full(len(first), rematches.games)
        about = "By fresh games of every pair that looked one-sided."
    order = np.argsort(-np.abs(rates - 0.5), kind="stable")[: 2 * _SHOWN]
    rows = []
    for k in order:
        i, j, rate = first[k], second[k], rates[k]
        if rate < 0.5:
            i, j, rate = j, i, 1 - rate
        rows.append(f"| {matrix.names[i]} | {matrix.names[j]} | {rate:.3f} | {games[k]} |")
    return [
        about,
        "",
        "| Winner | Loser | Win rate | Games |",
        "| --- | --- | ---: | ---: |",
        *rows,
    ]


def _ablation_table(ablations: Sequence[Ablation]) -> list[str]:
    return [
        "The same pairs once more, and without one part of the winner's kit at a time (`cam-arena "
        f"balance explain`): {ablations[0].games} games each. What a pair was chosen for is partly "
        "luck, so the rates with the whole kit are lower than above.",
        "",
        f"| Winner | Loser | Win rate | {' | '.join(f'no {part}' for part in PARTS)} |",
        f"| --- | --- | ---: |{' ---: |' * len(PARTS)}",
        *(
            f"| {row.winner} | {row.loser} | {row.rate:.3f} | "
            + " | ".join(_without(row, part) for part in PARTS)
            + " |"
            for row in ablations
        ),
        "",
    ]


def _without(row: Ablation, part: str) -> str:
    if part not in row.without:
        return ""
    rate = f"{row.without[part]:.3f}"
    return f"**{rate}**" if part == row.dominant else rate


def _loadout_tables(loadouts: Loadouts) -> list[str]:
    lines = [
        "## Scrolls and companions",
        "",
        f"{loadouts.num_games:,} more games, with a scroll and a companion drawn at random for "
        "each player (`cam-arena balance loadouts`). A mean score is what one is worth in any "
        "hands. It is picked by a character whom, as far as these games tell, it serves best.",
        "",
    ]
    for kind, choice in loadouts.choices.items():
        picks = choice.pick_rates()
        lines += [
            f"How much better one suits some characters than others: a standard deviation of "
            f"{choice.fit:.3f} over {kind}.",
            "",
            f"| {kind.capitalize()} | Mean score | Standard error | Picked |",
            "| --- | ---: | ---: | ---: |",
            *(
                f"| {choice.names[k]} | {choice.rates[k]:.3f} | {choice.errors[k]:.3f} | "
                f"{picks[k]:.3f} |"
                for k in choice.order
            ),
            "",
        ]
    return lines


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # no display and no global state

    figure = Figure(figsize=(width, height), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _plot_means(path: Path, analysis: Analysis) -> None:
    figure, axes = _figure(7, 3.5)
    means = analysis.means
    edges = np.linspace(min(0.36, float(means.raw.min())), max(0.64, float(means.raw.max())), 41)
    axes.hist(means.raw, edges, color=_SOFT, label="as counted")
    axes.hist(means.value, edges, histtype="step", color=_ACCENT, label="scaled to true spread")
    for limit in (0.40, 0.60):
        axes.axvline(limit, color=_INK, linewidth=1, linestyle="--")
    axes.set(xlabel="mean win rate", ylabel="characters", title="Mean win rates and their limits")
    axes.legend(frameon=False)
    figure.savefig(path)


def _plot_matrix(path: Path, matrix: Matrix, analysis: Analysis) -> None:
    from matplotlib.figure import Figure

    schools = matrix.meta.get("schools") or [""] * len(matrix.names)
    strength = analysis.strengths.value
    by_strength = np.argsort(-strength, kind="stable")
    by_school = np.array(
        sorted(range(len(schools)), key=lambda i: (schools[i], -strength[i])), np.intp
    )
    figure = Figure(figsize=(12, 5.8), dpi=130, layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, order, title in zip(
        panels, (by_strength, by_school), ("by strength", "by school"), strict=True
    ):
        image = axes.imshow(
            matrix.rates[np.ix_(order, order)], cmap="RdBu", vmin=0, vmax=1,
            interpolation="nearest" if len(order) < 400 else "antialiased",
        )  # fmt: skip
        axes.set(title=f"Win rate of row against column, {title}", xlabel="", ylabel="")
        axes.set_xticks([])
        axes.set_yticks([])
    _label_schools(panels[1], [schools[i] for i in by_school])
    figure.colorbar(image, ax=list(panels), label="win rate", shrink=0.8)
    figure.savefig(path)


def _label_schools(axes: Any, ordered: Sequence[str]) -> None:
    starts = [i for i, school in enumerate(ordered) if i == 0 or school != ordered[i - 1]]
    ends = [*starts[1:], len(ordered)]
    middles = [(start + end - 1) / 2 for start, end in zip(starts, ends, strict=True)]
    axes.set_yticks(middles, [ordered[start] for start in starts], fontsize=7)
    for start in starts[1:]:
        axes.axhline(start - 0.5, color=_INK, linewidth=0.4)
        axes.axvline(start - 0.5, color=_INK, linewidth=0.4)


def _plot_strengths(path: Path, matrix: Matrix, analysis: Analysis) -> None:
    strengths = analysis.strengths
    order: NDArray[np.intp] = np.argsort(strengths.value, kind="stable")
    figure, axes = _figure(10, 4)
    place = np.arange(len(order))
    axes.vlines(place, strengths.low[order], strengths.high[order], color=_SOFT, linewidth=1)
    axes.plot(place, strengths.value[order], ".", color=_ACCENT, markersize=3)
    axes.axhline(0, color=_INK, linewidth=0.8)
    axes.set(xlabel="characters, weakest first", ylabel="strength, logits",
             title="Bradley-Terry strengths with 95 % intervals")  # fmt: skip
    if len(order) <= 40:
        axes.set_xticks(place, [matrix.names[i] for i in order], rotation=90, fontsize=7)
    figure.savefig(path)


def _plot_spectrum(path: Path, analysis: Analysis) -> None:
    found = analysis.decomposition
    figure, axes = _figure(7, 3.5)
    shown = found.singular_values[:40]
    axes.bar(np.arange(1, len(shown) + 1), shown, color=_SOFT)
    axes.axhline(found.noise_level, color=_ACCENT, label="largest that noise gives (99.9 %)")
    axes.set(xlabel="singular pair", ylabel="singular value",
             title="What strength cannot explain")  # fmt: skip
    axes.legend(frameon=False)
    figure.savefig(path)
