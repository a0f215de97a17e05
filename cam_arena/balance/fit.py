"""Fit what the numbers of a kit are worth to games of rosters whose damage was drawn at random.

A roster a seed is generated with knobs drawn instead of solved for, so that health, attack and
damage vary independently of the kit. Its characters fight a few games each; a ridge regression of
all rosters together explains their strengths by `kit_numbers`. The last rosters are left out of
the fit and say how well it holds.
"""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import load_roster
from ..errors import BalanceError
from ..files import read_json, refusing, write_json
from ..roster.generator import Knobs, Plan, StrengthModel, bundled_schools, generate_roster
from ..roster.generator.kit import kit_numbers
from ..roster.make import write_directory
from ..roster.schema import SCHEMA
from .sample import play_sample
from .schedule import Plan as Games

__all__ = ["Fitted", "drawn_knobs", "fit_model", "measure_roster"]

POWER: Final = (-0.4, 0.4)
"""Logarithm of the factor of damage that a training character is drawn with."""
HEALTH: Final = (900, 1100)
"""Milli of its health."""
PACE: Final = (800, 1200)
"""Milli of its cooldowns."""
MOVED: Final = (
    *("attack", "defense", "walk_x", "walk_y", "tempo", "spark_rate", "cooldown_rate", "weight"),
)
"""Statistics that are drawn beyond the school's windows."""
MOVED_BY: Final = 0.15
"""How far at most, as a share of the statistic's range."""
RIDGES: Final = (3.0, 10.0, 30.0, 100.0)
"""Pulls of every weight towards 0 that are tried, numbers scaled to a variance of 1."""
LEAST: Final = 8
"""Characters that must have a number for it to be fitted."""
RESAMPLES: Final = 40
"""Bootstrap samples of the intervals; whole characters are drawn."""

_STATS: Final = {field.key: field for field in SCHEMA["stats"]}


@dataclass(frozen=True)
class Fitted:
    """A roster with its strengths."""

    numbers: Sequence[Mapping[str, float]]
    """`kit_numbers` of each character."""
    strengths: NDArray[np.float64]
    """Logits."""
    errors: NDArray[np.float64]
    """Their standard errors."""
    games: int
    """Played in all."""


def drawn_knobs(plan: Plan, stats: Mapping[str, int]) -> Knobs:
    """Draw knobs for a training character, whatever its kit is worth."""
    draw = plan.draw.at("fit")

    def between(key: str, low: float, high: float) -> float:
        return low + (high - low) * draw.integer(key, 0, 10000) / 10000

    moved = {}
    for key in MOVED:
        field = _STATS[key]
        reach = MOVED_BY * (field.high - field.low)
        value = round(stats[key] + between(key, -reach, reach))
        moved[key] = min(max(value, field.low), field.high)
    health = _STATS["max_hp"]
    max_hp = round(stats["max_hp"] * between("health", *HEALTH) / 10000) * 10
    return Knobs(
        power=round(1000 * math.exp(between("power", *POWER))),
        pace=round(between("pace", *PACE)),
        max_hp=min(max(max_hp, health.low), health.high),
        stats=moved,
    )


def measure_roster(
    seed: int,
    count: int,
    opponents: int,
    *,
    pilots: tuple[str, ...],
    levels: tuple[int, ...],
    folder: Path,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Fitted:
    """Generate a training roster and measure it; one that the folder holds already is read.

    Args:
        seed: of the roster and its games.
        count: characters.
        opponents: that each meets, once from each side.
        pilots: bots that play.
        levels: of the bots.
        folder: of the measured rosters, a file each.
        threads: that play; all cores if None.
        report: called with games played and games to play.

    Raises:
        BalanceError: if the folder's file is damaged, or of another simulation or plan.
    """
    plan = Games(count, 2, pilots, levels, seed)
    made = generate_roster(seed, count, knobs=drawn_knobs)
    names = [school["name"] for school in bundled_schools()]
    pairs = [(s, table) for s, tables in zip(names, made, strict=True) for table in tables]
    numbers = [kit_numbers(*pair) for pair in pairs]
    with tempfile.TemporaryDirectory() as scratch:
        write_directory(made, Path(scratch) / "roster", "cam-arena balance fit")
        roster = load_roster(Path(scratch) / "roster")
    about = {"plan": plan.describe(), "opponents": opponents, "roster": roster.id}
    file = folder / f"seed_{seed}.json"
    if file.exists():
        found = read_json(file, BalanceError)
        with refusing(file, "a measured roster; delete it", BalanceError):
            if found["about"] != about:
                raise BalanceError(f"{file} is of another roster or plan; delete it")
            values, errors = (np.array(found[key], float) for key in ("strengths", "errors"))
            return Fitted(numbers, values, errors, int(found["games"]))
    sample = play_sample(roster.data, plan, opponents, threads=threads, report=report)
    values, errors = sample.strengths.value.round(4), sample.strengths.error.round(4)
    found = Fitted(numbers, values, errors, sample.games)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        file,
        {"about": about, "games": found.games, "strengths": values.tolist(),
         "errors": errors.tolist()},
        indent=None,
    )  # fmt: skip
    return found


def fit_model(
    rosters: Mapping[int, Fitted], held_out: Mapping[int, Fitted], *, seed: int = 0
) -> StrengthModel:
    """Fit a model to rosters by seed; its figures are of those held out.

    The pull of the ridge is the one that serves the rosters held out best.
    """
    names, inputs, target, noise = _table(rosters.values())
    _, test_inputs, test_target, test_noise = _table(held_out.values(), names)
    scale = inputs.std(axis=0)
    middle, mean = inputs.mean(axis=0), float(target.mean())
    scaled, tested = (inputs - middle) / scale, (test_inputs - middle) / scale
    real = float(test_target.var()) - test_noise
    found = []
    for ridge in RIDGES:
        weights = _ridge(scaled, target - mean, ridge)
        rest = test_target - mean - tested @ weights
        found.append((max(float(rest.var()) - test_noise, 0.0), ridge, weights))
    left, ridge, weights = min(found, key=lambda item: item[0])
    rng = np.random.default_rng(seed)
    cloud = np.empty((RESAMPLES, len(names)))
    for k in range(RESAMPLES):
        drawn = rng.poisson(1.0, len(target)).astype(np.float64)
        cloud[k] = _ridge(scaled, target - mean, ridge, drawn) / scale
    low, high = np.quantile(cloud, [0.025, 0.975], axis=0)
    worth = weights / scale
    about = {
        "seeds": sorted(rosters), "held_out": sorted(held_out), "characters": len(target),
        "games": sum(roster.games for roster in rosters.values()), "ridge": ridge,
        "r2": 1 - left / real, "left": math.sqrt(left), "spread": math.sqrt(real),
        "noise": math.sqrt(noise),
    }  # fmt: skip
    rows = zip(worth.tolist(), low.tolist(), high.tolist(), strict=True)
    return StrengthModel(about, float(middle @ worth), dict(zip(names, rows, strict=True)))


def _table(
    rosters: Any, names: Sequence[str] | None = None
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64], float]:
    """Return names of numbers, numbers, strengths and the mean variance of their noise."""
    found = list(rosters)
    rows = [row for roster in found for row in roster.numbers]
    known = list(names) if names is not None else sorted({name for row in rows for name in row})
    inputs = np.array([[row.get(name, 0.0) for name in known] for row in rows])
    if names is None:
        kept = ((inputs != 0).sum(axis=0) >= LEAST) & (inputs.std(axis=0) > 1e-9)
        known = [name for name, keep in zip(known, kept, strict=True) if keep]
        inputs = inputs[:, kept]
    target = np.concatenate([roster.strengths for roster in found])
    noise = np.concatenate([roster.errors for roster in found])
    return known, inputs, target, float(np.mean(noise**2))


def _ridge(
    inputs: NDArray[np.float64],
    target: NDArray[np.float64],
    ridge: float,
    weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    weighted = inputs if weight is None else inputs * weight[:, None]
    curvature = inputs.T @ weighted + ridge * np.eye(inputs.shape[1])
    return np.asarray(np.linalg.solve(curvature, weighted.T @ target))
