"""Balance by learned play: does a trained policy find the same characters strong as the bots do?

One policy plays every character of its split against every other, both sides. Its Bradley-Terry
strengths are held against those that a round robin of bots gave the same characters. Where they
agree, the bots may stand for learned play; where not, the learned strengths override theirs. A
character counts only if the policy uses its kit: otherwise its strength says how the policy plays,
not what the character is worth.
"""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from cam_arena import load_roster
from cam_arena.balance.matrix import Matrix
from cam_arena.balance.strength import Strengths, fit_matrix, fit_strengths
from cam_arena.errors import BalanceError
from cam_arena.files import read_json, refusing, write_whole
from cam_arena.roster.codes import Button

from .evaluate import Entrant, Table, tournament
from .evaluate_run import load_trained
from .learned_fights import gates, play_itself
from .provenance import provenance
from .settings import check_settings
from .workers import one_thread

__all__ = ["AGREEMENT", "USAGE_FLOOR", "Config", "Correlation", "run", "spearman"]

AGREEMENT = 0.6
"""Least Spearman correlation at which learned play agrees with the bots."""
USAGE_FLOOR = 0.3
"""Least share of games in which a character's skills, its ultimate and its slip are each used."""
KIT = {
    "skills": (Button.SKILL1, Button.SKILL2),
    "ultimate": (Button.ULTIMATE,),
    "slip": (Button.SLIP,),
}
"""What the floor is about; of two skills the one that is used in more games counts."""
FIGHTS = 400  # matches of unlike characters, and as many mirrors, that are looked into
FEWEST = 4  # characters above the floor, for a verdict
RESAMPLES = 2000
FORMAT = 2
PAGE_NAME = "learned.md"

Floats = NDArray[np.float64]
Verdict = Literal["agrees", "overrides", "undecided"]


@dataclass(frozen=True)
class Config:
    """What to play, and what to hold it against."""

    run: Path
    """Directory of a training run; its shared policy plays."""
    results: Path = Path("docs/balance/matrix.npz")
    """Round robin of bots over the whole roster."""
    out: Path = Path("docs/balance")
    """Where `learned_<split>.json` and `learned.md` go."""
    games: int = 100
    """Of each pair, half from each side; even."""
    seed: int = 0
    """Of games and bootstraps."""

    def __post_init__(self) -> None:
        """Reject impossible numbers before anything is played."""
        check_settings(self)
        if self.games < 2 or self.games % 2:
            raise ValueError(f"games must be even and at least 2, got {self.games}")


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of two sets of strengths."""

    value: float
    """nan if one of them does not vary."""
    low: float
    """2.5 % point of the bootstrap over characters."""
    high: float
    """97.5 % point."""
    ceiling: float
    """What perfect agreement would show on average, as noisy as both are: the square root of the
    product of their reliabilities (Spearman 1904)."""


def run(config: Config, report: Callable[[int, int], None] | None = None) -> Path:
    """Play the round robin, compare, and write `learned_<split>.json` and `learned.md`.

    Args:
        config: what to do.
        report: told of games finished and games in all.

    Returns:
        The JSON file. `learned.md` shows every `learned_*.json` beside it.

    Raises:
        OtherRosterError: if the run was trained on another roster.
        CheckpointError: if it is missing, not finished or damaged.
        BalanceError: if the bots' matrix is missing, damaged or of another roster.
    """
    trained = load_trained(config.run)
    names = trained.names
    if len(names) < FEWEST:
        raise BalanceError(
            f"{config.run} was trained on {len(names)} characters; a comparison of ranks needs at "
            f"least {FEWEST}: train on a split such as core8"
        )
    bots = _bot_strengths(config.results, trained.roster.id, names, config.seed)
    entrants = [Entrant(name, trained.shared, trained.roster[name].index) for name in names]
    indices = [entrant.character for entrant in entrants]
    unlike = [(own, other) for own in indices for other in indices if own != other]
    alike = [(own, own) for own in indices]
    start = time.monotonic()
    with one_thread():
        fights, mirrors = (
            play_itself(trained.shared, _repeated(pairs), seed=config.seed, options=trained.options)
            for pairs in (unlike, alike)
        )
        table = tournament(
            entrants,
            games=config.games,
            seed=config.seed,
            options=trained.options,
            progress=report,
        )
    seconds = time.monotonic() - start
    document = {
        "format": FORMAT,
        "split": str(trained.config["characters"]),
        "roster_id": trained.roster.id,
        "games_per_pair": config.games,
        "seed": config.seed,
        "seconds": round(seconds, 1),
        "trained_by": dict(trained.config.get("provenance", {})).get("command", ""),
        "provenance": provenance(),
        "fights": fights.document(),
        "mirrors": mirrors.document(),
        "gates": [
            {"name": gate.name, "value": gate.value, "allowed": gate.allowed, "holds": gate.passed}
            for gate in gates(fights, mirrors)
        ],
        **_compare(names, table, bots, config.seed),
    }
    config.out.mkdir(parents=True, exist_ok=True)
    path = config.out / f"learned_{document['split']}.json"
    write_whole(path, json.dumps(document) + "\n")
    write_whole(config.out / PAGE_NAME, _page(sorted(config.out.glob("learned_*.json"))))
    return path


def _repeated(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return pairs often enough that shares of damage are known to half a point."""
    return list(pairs) * math.ceil(FIGHTS / len(pairs))


def spearman(
    first: Floats,
    second: Floats,
    *,
    errors: tuple[Floats, Floats],
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Correlation:
    """Correlate the ranks of two sets of strengths of the same characters.

    Args:
        first: shape (N,).
        second: shape (N,).
        errors: standard errors of each, for the ceiling.
        seed: of the bootstrap.
        resamples: of characters, with replacement.

    Returns:
        The correlation; its interval leaves out resamples in which one set does not vary.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(first), size=(resamples, len(first)))
    cloud = _rank_correlation(first[drawn], second[drawn])
    cloud = cloud[np.isfinite(cloud)]
    low, high = np.quantile(cloud, [0.025, 0.975]) if len(cloud) else (math.nan, math.nan)
    ceiling = math.sqrt(_reliability(first, errors[0]) * _reliability(second, errors[1]))
    value = float(_rank_correlation(first[None], second[None])[0])
    return Correlation(value, float(low), float(high), ceiling)


def _rank_correlation(first: Floats, second: Floats) -> Floats:
    """Return the correlation of ranks of each row, shape (R,); equal values share a rank."""
    ranks = [rankdata(values, axis=1) for values in (first, second)]
    left, right = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    scale = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    out = np.full(len(first), np.nan)
    np.divide((left * right).sum(axis=1), scale, out=out, where=scale > 0)
    return out


def _reliability(values: Floats, errors: Floats) -> float:
    """Return the share of the variance of strengths that is not sampling noise."""
    variance = float(values.var(ddof=1))
    return max(0.0, 1 - float(np.mean(errors**2)) / variance) if variance > 0 else 0.0


def _bot_strengths(
    path: Path, roster_id: str, names: Sequence[str], seed: int
) -> tuple[Floats, Floats]:
    """Return strengths and standard errors of some characters, fitted to games with everyone."""
    matrix = Matrix.load(path)
    found = matrix.meta.get("roster_id")
    if found != roster_id:
        raise BalanceError(
            f"{path} is of roster {found}, this is {roster_id}; "
            "play it with: cam-arena balance run, then cam-arena balance report"
        )
    missing = [name for name in names if name not in matrix.names]
    if missing:
        raise BalanceError(f"{path} has no games of {', '.join(missing)}")
    fit = fit_matrix(matrix, seed=seed)
    chosen = [matrix.names.index(name) for name in names]
    value = fit.value[chosen]
    return value - value.mean(), fit.error[chosen]


def _learned_strengths(table: Table, seed: int) -> Strengths:
    """Fit strengths; both sides of a pair's games count half, so that no side is the first."""
    rows, columns = np.nonzero(table.games)
    outcomes = (table.wins, table.draws, table.wins.T)
    return fit_strengths(
        np.tile(rows, 3),
        np.tile(columns, 3),
        np.repeat([1.0, 0.5, 0.0], len(rows)),
        np.concatenate([counts[rows, columns] for counts in outcomes]) / 2,
        len(table.games),
        seed=seed,
    )


def _usage(table: Table) -> dict[str, Floats]:
    """Return the share of each character's games in which each part of the kit was used."""
    games = np.maximum(table.games.sum(axis=1), 1)
    begun = table.begun.sum(axis=1)
    return {
        part: begun[:, list(map(int, buttons))].max(axis=1) / games for part, buttons in KIT.items()
    }


def _compare(
    names: Sequence[str], table: Table, bots: tuple[Floats, Floats], seed: int
) -> dict[str, Any]:
    """Return strengths, use of the kit, their correlation and the verdict, as JSON."""
    learned = _learned_strengths(table, seed)
    usage = _usage(table)
    judged = np.flatnonzero(np.min(list(usage.values()), axis=0) >= USAGE_FLOOR)
    found = None
    if len(judged) >= FEWEST:
        found = spearman(
            learned.value[judged],
            bots[0][judged],
            errors=(learned.error[judged], bots[1][judged]),
            seed=seed,
        )
    return {
        "verdict": _verdict(found),
        "spearman": None if found is None or math.isnan(found.value) else vars(found),
        "judged": [names[index] for index in judged.tolist()],
        "characters": [
            {
                "name": name,
                "strength": round(float(learned.value[k]), 4),
                "low": round(float(learned.low[k]), 4),
                "high": round(float(learned.high[k]), 4),
                "bots_strength": round(float(bots[0][k]), 4),
                "bots_error": round(float(bots[1][k]), 4),
                **{part: round(float(share[k]), 4) for part, share in usage.items()},
            }
            for k, name in enumerate(names)
        ],
        "wins": table.wins.tolist(),
        "draws": table.draws.tolist(),
        "games": table.games.tolist(),
        "seat_wins": table.seat_wins.tolist(),
        "mean_seconds": round(float(table.ticks.sum() / max(table.games.sum(), 1)) / 30, 2),
    }


def _verdict(found: Correlation | None) -> Verdict:
    if found is None or math.isnan(found.value):
        return "undecided"
    return "agrees" if found.value >= AGREEMENT else "overrides"


def _page(paths: Sequence[Path]) -> str:
    """Return the Markdown page of several comparisons."""
    lines = [
        "# Balance by learned play",
        "",
        "A policy that has learned by self-play, conditioned on its character, plays every "
        "character of its split against every other, from both sides, actions drawn. Its strengths "
        "(Bradley-Terry, in logits, with bootstrap intervals) are held against those that bots "
        "gave the same characters in the round robin of the whole roster.",
        "",
        f"Learned play **agrees** if Spearman's rank correlation is at least {AGREEMENT:g}, "
        "and otherwise **overrides** the bots: then its strengths are the ones to trust. Only "
        f"characters whose kit is used count: skills, ultimate and slip, each in at least "
        f"{USAGE_FLOOR:.0%} of their games; with fewer than {FEWEST} of those it is **undecided**. "
        "The ceiling is the correlation that perfect agreement would show, as noisy as both "
        "strengths are.",
    ]
    here = load_roster().id
    for path in paths:
        lines += ["", *_section(_read(path), here)]
    return "\n".join(lines) + "\n"


def _section(found: dict[str, Any], here: str) -> list[str]:
    characters = found["characters"]
    told = [
        f"{len(characters)} characters, {found['games_per_pair']} games a pair, seed "
        f"{found['seed']}, roster `{found['roster_id']}`. A match lasted "
        f"{found['mean_seconds']:.1f} s on average; seat 0 won {found['seat_wins'][0]:,} games, "
        f"seat 1 {found['seat_wins'][1]:,}, {found['seat_wins'][2]:,} were drawn.",
    ]
    if found["roster_id"] != here:
        told += ["", f"**Of another roster than this one, `{here}`: measure again.**"]
    lines = [f"## {found['split']}", "", *told, "", _sentence(found), "", "```"]
    commands = (found["trained_by"], found["provenance"].get("command", ""))
    lines += [*filter(None, commands), "```", ""]
    lines += [
        "| Character | Learned | 95 % interval | Bots | Rank | Rank by bots | Skills | Ultimate "
        "| Slip |",
        "| --- | ---: | :---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    ranks, bot_ranks = (
        rankdata([-character[key] for character in characters], method="ordinal")
        for key in ("strength", "bots_strength")
    )
    for k in np.argsort(ranks):
        one = characters[k]
        shares = " | ".join(f"{one[part]:.0%}" for part in KIT)
        lines.append(
            f"| {one['name']} | {one['strength']:+.2f} | {one['low']:+.2f} to {one['high']:+.2f} "
            f"| {one['bots_strength']:+.2f} | {ranks[k]} | {bot_ranks[k]} | {shares} |"
        )
    return [*lines, "", *_fights(found)]


def _fights(found: dict[str, Any]) -> list[str]:
    """Return tables of the gates, and of how often each part of a kit is used."""
    lines = ["| Gate | Figure | Allowed | Holds |", "| --- | ---: | :---: | :---: |"]
    for gate in found["gates"]:
        holds = "yes" if gate["holds"] else "**no**"
        lines.append(f"| {gate['name']} | {gate['value']:.3f} | {gate['allowed']} | {holds} |")
    lines += ["", "| A fighter and match | Unlike characters | Mirrors |", "| --- | ---: | ---: |"]
    both = (found["fights"], found["mirrors"])
    for event in found["fights"]["uses"]:
        often = (f"{one['uses'][event] / one['matches'] / 2:.2f}" for one in both)
        lines.append(f"| {event} | {' | '.join(often)} |")
    for what in ("timeouts", "draws"):
        shares = (f"{one[what] / one['matches']:.1%}" for one in both)
        lines.append(f"| {what}, of matches | {' | '.join(shares)} |")
    return lines


def _sentence(found: dict[str, Any]) -> str:
    """Return the verdict in words."""
    below = [one["name"] for one in found["characters"] if one["name"] not in found["judged"]]
    left_out = f" Below the floor of use, and left out: {', '.join(below)}." if below else ""
    result = found["spearman"]
    if result is None:
        return (
            f"**Verdict: {found['verdict']}.** {len(found['judged'])} of "
            f"{len(found['characters'])} characters can be judged.{left_out}"
        )
    return (
        f"**Verdict: {found['verdict']}.** Spearman {result['value']:.2f}, 95 % interval "
        f"{result['low']:.2f} to {result['high']:.2f} over {len(found['judged'])} characters, "
        f"ceiling {result['ceiling']:.2f}.{left_out}"
    )


def _read(path: Path) -> dict[str, Any]:
    found = read_json(path, BalanceError)
    with refusing(path, "of this version; delete it", BalanceError):
        if found["format"] != FORMAT:
            raise ValueError(f"format is {found['format']}, this version reads {FORMAT}")
        return dict(found)
