"""What a reproduction has measured so far, gathered from its runs into one document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing

from .. import diversity, evaluation, held_out, ratings
from ..clusters import cost_and_gain
from ..evaluate import Table
from ..evaluation import Evaluation
from ..gains import BUTTON_NAMES, Behaviour, behaviour, compare, timing
from ..intervals import wilson
from ..population.solvers import alpha_rank
from ..runlog import read_spent
from . import experiments, generations
from .ablations import VARIANTS

__all__ = [
    "CONTROL",
    "FORMAT",
    "PLAN_NAME",
    "clusters_folder",
    "collect",
    "read_plan",
    "run_folder",
    "unseen_folder",
    "variant_folder",
]

PLAN_NAME = "plan.json"
CONTROL = "1_long"
"""E7's one policy for all characters with the time of all specialists."""
FORMAT = 1
RESAMPLES = 300


def run_folder(out: Path, characters: str, seed: int) -> Path:
    """Return the directory of a training run."""
    return out / characters / f"seed_{seed}"


def variant_folder(out: Path, variant: str) -> Path:
    """Return the directory of an ablation's training runs, one a seed."""
    return out / "ablations" / re.sub(r"[^a-z0-9_.]+", "_", variant.lower())


def clusters_folder(out: Path, name: str) -> Path:
    """Return the directory of E7's training runs with a number of specialists, one a seed.

    Args:
        out: of the reproduction.
        name: the number, or `CONTROL`.
    """
    return out / "clusters" / name


def unseen_folder(out: Path) -> Path:
    """Return the directory of E8's training runs, one a seed."""
    return out / "unseen"


def read_plan(out: Path) -> dict[str, Any]:
    """Read what a reproduction is about.

    Raises:
        CheckpointError: if the directory holds none.
    """
    path = out / PLAN_NAME
    if not path.exists():
        raise CheckpointError(f"{out} holds no reproduction; give the --out of cam-arena reproduce")
    plan = read_document(path, "preset", "minutes", "roster", "sizes", "commands")
    with refusing(path, "the plan of a reproduction", CheckpointError):
        str(plan["sizes"]["characters"]), [str(split) for split in plan["sizes"]["large"]]
        list(plan["commands"])
    return plan


def read_document(path: Path, *keys: str) -> dict[str, Any]:
    """Read a file that an experiment has written.

    Args:
        path: a JSON object.
        *keys: that it must have.

    Raises:
        CheckpointError: if it is missing or damaged.
    """
    document = read_json(path, CheckpointError)
    if not isinstance(document, dict) or not document.keys() >= set(keys):
        raise CheckpointError(
            f"{path}: damaged: it must be an object with {', '.join(keys)}; remove it to "
            "measure it again"
        )
    return document


def collect(out: Path) -> dict[str, Any]:
    """Gather all that is finished.

    Returns:
        `plan`; `core`, a list of runs with `gains` (E1), `diversity` (E3), `generations` (E4),
        `bots` and `response` (E6) and `cost`; `large`, the same for E2 with `field` and `scaling`;
        `ablations` by variant; `clusters`, rows of cost and gain for each seed (E7); `unseen`, what
        `held_out.run` found with each seed (E8); `ratings` and `profiles` of the first run. Lists
        are empty where nothing was run.

    Raises:
        CheckpointError: if the directory holds no reproduction, or a file in it is damaged.
    """
    plan = read_plan(out)
    sizes = plan["sizes"]
    core = _seeds(out / sizes["characters"], evaluation.FILE_NAME)
    large = [run for split in sizes["large"] for run in _seeds(out / split, experiments.FIELD_NAME)]
    document: dict[str, Any] = {
        "format": FORMAT,
        "plan": plan,
        "core": [_core(run) for run in core],
        "large": [_large(run) for run in large],
        "ablations": {
            name: [_ablation(run) for run in runs]
            for name in VARIANTS
            if (runs := _seeds(variant_folder(out, name), evaluation.FILE_NAME))
        },
        "clusters": [found for run in core if (found := _clusters(out, run))],
        "unseen": [_unseen(run) for run in _seeds(unseen_folder(out), held_out.FILE_NAME)],
    }
    if core:
        first = evaluation.load(core[0])
        document["ratings"] = _ratings(first)
        document["profiles"] = _profiles(first)
    return document


def _seeds(folder: Path, needed: str) -> list[Path]:
    found = [path.parent for path in folder.glob(f"seed_*/{needed}")]
    return sorted(found, key=lambda path: int(path.name.removeprefix("seed_")))


def _core(run: Path) -> dict[str, Any]:
    result = evaluation.load(run)
    document = {
        "seed": result.seed,
        "games_per_pairing": result.games_per_pairing,
        "games": int(result.table.games.sum()) // 2,
        "roster": result.roster_id,
        "gains": _gains(result),
        "diversity": _diversity(run, result),
        "cost": _cost(run),
        "commit": _commit(run),
    }
    if (run / generations.FILE_NAME).exists():
        document["generations"] = _generations(run)
    for key, name in (("bots", experiments.BOTS_NAME), ("response", experiments.RESPONSE_NAME)):
        if (run / name).exists():
            document[key] = read_document(run / name)
    return document


def _commit(run: Path) -> str | None:
    """Return the commit of the code that trained a run, where it says so."""
    path = run / "config.json"
    if not path.exists():
        return None
    config = read_document(path)
    with refusing(path, "the config of a run", CheckpointError):
        return dict(config.get("provenance", {})).get("commit")


def _gains(result: Evaluation) -> dict[str, Any]:
    gains = compare(result.table, result.characters)
    numbers = asdict(gains)
    numbers.pop("characters")
    rates, count = result.table.win_rates, len(result.characters)
    return {
        **numbers,
        **experiments.gains_document(gains.characters),
        "better": gains.count("better"),
        "worse": gains.count("worse"),
        "improved": gains.nominally_improved,
        "rates": rates.round(4).tolist(),
        "mirror_interval": _pooled_mirror(result.table, count),
        "seats": result.table.seat_wins.tolist(),
    }


def _pooled_mirror(table: Table, count: int) -> tuple[float, float]:
    rows = np.arange(count)
    points = float(table.points[count + rows, rows].sum())
    return wilson(points, float(table.games[count + rows, rows].sum()))


def _diversity(run: Path, result: Evaluation) -> dict[str, Any]:
    count = len(result.characters)
    seen = behaviour(result.table, count)
    before, after = timing(result.table, count)
    document: dict[str, Any] = {
        "distance": {norm: seen.distances(norm) for norm in diversity.NORMS},
        "without_attack": {norm: seen.without_attack().distances(norm) for norm in diversity.NORMS},
        "attack_share": seen.attack_shares,
        "when_legal": {norm: seen.masked_distances(norm) for norm in diversity.NORMS},
        "timing": {
            norm: (
                diversity.timing_distance(before, norm=norm),
                diversity.timing_distance(after, norm=norm),
            )
            for norm in diversity.NORMS
        },
        "jensen_shannon": (
            diversity.jensen_shannon(seen.base_uses),
            diversity.jensen_shannon(seen.specialist_uses),
        ),
        "change": diversity.change(seen.base_uses, seen.specialist_uses).round(4).tolist(),
        "characters": result.characters,
        "intervals": _ratio_intervals(result.table, count, result.seed),
    }
    path = run / experiments.NEURAL_NAME
    if path.exists():
        document["neural"] = read_document(path)
    path = run / experiments.BEHAVIOUR_NAME
    if path.exists():
        document["by_generation"] = _by_generation(path)
    return document


def _by_generation(path: Path) -> dict[str, Any]:
    """Compute how unlike the characters of each generation play, in l2."""
    found = read_document(path, "uses", "generations")
    with refusing(path, "counts by generation", CheckpointError):
        uses = [np.asarray(counts, np.int64) for counts in found["uses"]]
        return {
            "names": found["generations"],
            "distance": [diversity.distance(counts) for counts in uses],
            "without_attack": [diversity.distance(counts[:, 1:]) for counts in uses],
        }


def _ratio_intervals(table: Table, count: int, seed: int) -> dict[str, tuple[float, float]]:
    """95 % intervals of the ratios of distances, over resampled opponents (bootstrap).

    Returns:
        By norm, and of `without attack` and `timing` in l2; a ratio that no resample has is left
        out.
    """
    rng = np.random.default_rng(seed)
    off = np.tile(~np.eye(count, dtype=bool), (2, 1))[:, :, None, None]
    uses = table.uses[:, :count, :, 1:] * off
    drawn: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        weights = np.bincount(rng.integers(count, size=count), minlength=count)
        timed = np.einsum("ijpb,j->ipb", uses, weights)
        sums = timed.sum(axis=1)
        if not (sums.sum(axis=1) > 0).all():
            continue  # a character that met only itself
        pairs: dict[str, list[float]] = {
            norm: [diversity.distance(part, norm=norm) for part in (sums[:count], sums[count:])]
            for norm in diversity.NORMS
        }
        pairs["without attack"] = [
            diversity.distance(part[:, 1:]) for part in (sums[:count], sums[count:])
        ]
        pairs["timing"] = [diversity.timing_distance(x) for x in (timed[:count], timed[count:])]
        for name, (before, after) in pairs.items():
            if before > 0:
                drawn.setdefault(name, []).append(after / before)
    quantiles = {name: np.quantile(values, [0.025, 0.975]) for name, values in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in quantiles.items()}


def _generations(run: Path) -> dict[str, Any]:
    found = generations.load(run)
    payoff = found.payoff
    stored = read_document(run / generations.FILE_NAME, "performance")
    return {
        "names": found.names,
        "rates": payoff.rates().round(4).tolist(),
        "games": payoff.games.tolist(),
        "row_means": found.row_means(),
        "falls": found.falls(),
        "steps": found.steps(),
        "performance": stored["performance"],
    }


def _large(run: Path) -> dict[str, Any]:
    document = {
        "split": run.parent.name,
        "seed": int(run.name.removeprefix("seed_")),
        "field": read_document(run / experiments.FIELD_NAME),
        "cost": _cost(run),
    }
    path = run / experiments.SCALING_NAME
    if path.exists():
        document["scaling"] = read_document(path)
    return document


def _ablation(run: Path) -> dict[str, Any]:
    result = evaluation.load(run)
    gains = compare(result.table, result.characters)
    seen = behaviour(result.table, len(result.characters))
    before, after = seen.distances("l2")
    return {
        "seed": result.seed,
        "rival": _rival(run),
        "gain": gains.gain,
        "interval": gains.interval,
        "improved": gains.nominally_improved,
        "better": gains.count("better"),
        "characters": len(gains.characters),
        "distance": (before, after),
        "games_per_pairing": result.games_per_pairing,
        "cost": _cost(run),
    }


def _rival(run: Path) -> dict[str, Any] | None:
    """Return what a run's policies won against those of the run that it is held against."""
    path = run / experiments.REFERENCE_NAME
    return read_document(path) if path.exists() else None


def _clusters(out: Path, core: Path) -> dict[str, Any]:
    """Set the runs of E7 beside the run with a specialist for each character; {} without any."""
    found = (out / "clusters").glob(f"*/{core.name}/{evaluation.FILE_NAME}")
    runs = sorted(path.parent for path in found)
    if not runs:
        return {}
    control = clusters_folder(out, CONTROL) / core.name
    rows = cost_and_gain([core, *(run for run in runs if run != control)])
    if control in runs:
        rows += [{**row, "control": True} for row in cost_and_gain([control])]
    for row in rows:
        row["rival"] = _rival(Path(row.pop("run")))
    return {"seed": int(core.name.removeprefix("seed_")), "rows": rows}


def _unseen(run: Path) -> dict[str, Any]:
    found = read_document(run / held_out.FILE_NAME, "bots", "adaptation")
    return {
        "seed": int(run.name.removeprefix("seed_")),
        "bots": found["bots"],
        "adaptation": found["adaptation"],
    }


def _cost(run: Path) -> dict[str, Any]:
    """Samples and seconds of each policy that a run trained, and seconds of all by the wall."""
    spent = read_spent(run)
    shared = spent.get(experiments.SHARED, {"seconds": 0.0})["seconds"]
    others = [cost["seconds"] for who, cost in spent.items() if who != experiments.SHARED]
    path = run / "config.json"
    config = read_document(path) if path.exists() else {}
    with refusing(path, "the config of a run", CheckpointError):
        workers = max(1, min(int(config.get("workers", 1)), len(others)))
    return {"policies": spent, "seconds": shared + sum(others) / workers}


def _ratings(result: Evaluation) -> dict[str, Any]:
    """Rate everyone of an evaluation in all the ways there are."""
    table, rng = result.table, np.random.default_rng(result.seed)
    elo = ratings.bradley_terry(table.points, table.games)
    skill = ratings.open_skill(table.wins, table.draws, rng=rng)
    ranks = alpha_rank(table.payoff)
    fit, judged = ratings.halves(table.wins, table.draws, table.games, rng=rng)
    plain = ratings.bradley_terry(*fit)
    losses = {"Elo": ratings.log_loss(ratings.expected_rates(plain.elo), *judged)}
    for k in (1, 2):
        if 2 * k <= len(table.games):
            losses[f"mElo, k = {k}"] = ratings.log_loss(
                ratings.multi_elo(*fit, k=k).expected(), *judged
            )
    circles = ratings.multi_elo(table.points, table.games, k=1)
    return {
        "entrants": result.labels,
        "elo": _rounded(elo.elo, 1),
        "low": _rounded(elo.low, 1),
        "high": _rounded(elo.high, 1),
        "mu": _rounded(skill.mu, 2),
        "sigma": _rounded(skill.sigma, 2),
        "melo": _rounded(circles.elo, 1),
        "alpha_rank": _rounded(np.asarray(ranks), 5),
        "losses": losses,
    }


def _profiles(result: Evaluation) -> dict[str, Any]:
    """How often and when each character uses each skill, before and after, for the plots."""
    count = len(result.characters)
    seen: Behaviour = behaviour(result.table, count)
    before, after = timing(result.table, count)
    owned = np.flatnonzero(np.concatenate([seen.base_uses, seen.specialist_uses]).sum(axis=0))
    return {
        "characters": result.characters,
        "buttons": [BUTTON_NAMES[index] for index in owned],
        "before": seen.base_uses[:, owned].tolist(),
        "after": seen.specialist_uses[:, owned].tolist(),
        "timing_before": before[:, :, owned].sum(axis=0).T.tolist(),
        "timing_after": after[:, :, owned].sum(axis=0).T.tolist(),
    }


def _rounded(values: NDArray[np.float64], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def series(runs: Sequence[Mapping[str, Any]], *path: str) -> list[float]:
    """Return one number of each run that has it."""
    found = []
    for run in runs:
        value: Any = run
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            found.append(float(value))
    return found
