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
from . import experiments, generations, merge
from .ablations import VARIANTS
from .other_seeds import gains_on_other_seeds
from .seats import SHARED

__all__ = [
    "CONTROL",
    "FORMAT",
    "PLAN_NAME",
    "clusters_folder",
    "collect",
    "load",
    "read_plan",
    "run_folder",
    "unseen_folder",
    "variant_folder",
]

PLAN_NAME = "plan.json"
CONTROL = "1_long"
"""E7's one policy for all characters with the time of all specialists."""
FORMAT = 2
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
        `made`, what each experiment was run with (see `merge.describe`), and the experiments that
        were run, a list with an entry for each training run: `gains` (E1), with `other_seeds` where
        there are some; `large` (E2), with `field` and `scaling`; `diversity` (E3); `generations`
        (E4); `strength` (E6), with `bots` and `response`; `clusters`, rows of cost and gain (E7);
        `unseen`, what `held_out.run` found (E8). `ablations` (E5) has such a list for each variant.
        `ratings` and `profiles` are of the first run of E1 and E3. Lists are empty where nothing
        was run.

    Raises:
        CheckpointError: if the directory holds no reproduction, or a file in it is damaged.
    """
    plan = read_plan(out)
    sizes = plan["sizes"]
    core = _seeds(out / sizes["characters"], evaluation.FILE_NAME)
    compared = [run for run in core if (run / experiments.NEURAL_NAME).exists()]
    large = [run for split in sizes["large"] for run in _seeds(out / split, experiments.FIELD_NAME)]
    document: dict[str, Any] = {
        "format": FORMAT,
        "gains": [_gains(run, [other for other in core if other != run]) for run in core],
        "large": [_large(run) for run in large],
        "diversity": [_diversity(run) for run in compared],
        "generations": [
            _generations(run) for run in core if (run / generations.FILE_NAME).exists()
        ],
        "ablations": {
            name: [_ablation(run) for run in runs]
            for name in VARIANTS
            if (runs := _seeds(variant_folder(out, name), evaluation.FILE_NAME))
        },
        "strength": [found for run in core if (found := _strength(run))],
        "clusters": [found for run in core if (found := _clusters(out, run))],
        "unseen": [_unseen(run) for run in _seeds(unseen_folder(out), held_out.FILE_NAME)],
    }
    if core:
        document["ratings"] = _ratings(evaluation.load(core[0]))
    if compared:
        document["profiles"] = _profiles(evaluation.load(compared[0]))
    document["made"] = merge.describe(document, plan)
    return document


def load(path: Path) -> dict[str, Any]:
    """Read a document that `collect` returned and a report wrote.

    Raises:
        CheckpointError: if it is damaged, or of another format.
    """
    document = read_document(path, "format")
    missing = {"made", *(parts[0] for parts in merge.PARTS.values())} - document.keys()
    if document["format"] != FORMAT or missing:
        raise CheckpointError(
            f"{path}: is not of format {FORMAT} (found {document['format']}, without "
            f"{', '.join(sorted(missing)) or 'nothing'}); publish to another directory"
        )
    return document


def _seeds(folder: Path, needed: str) -> list[Path]:
    found = [path.parent for path in folder.glob(f"seed_*/{needed}")]
    return sorted(found, key=lambda path: int(path.name.removeprefix("seed_")))


def _origin(run: Path) -> dict[str, Any]:
    """Return a run's seed, and the commit of the code that trained it, where it says so."""
    origin = {"seed": int(run.name.removeprefix("seed_")), "commit": None}
    path = run / "config.json"
    if not path.exists():
        return origin
    config = read_document(path)
    with refusing(path, "the config of a run", CheckpointError):
        return origin | {"commit": dict(config.get("provenance", {})).get("commit")}


def _gains(run: Path, others: Sequence[Path]) -> dict[str, Any]:
    result = evaluation.load(run)
    gains = compare(result.table, result.characters)
    numbers = asdict(gains)
    numbers.pop("characters")
    rates, count = result.table.win_rates, len(result.characters)
    document = {
        **_origin(run),
        "games_per_pairing": result.games_per_pairing,
        "games": int(result.table.games.sum()) // 2,
        **numbers,
        **experiments.gains_document(gains.characters),
        "better": gains.count("better"),
        "worse": gains.count("worse"),
        "improved": gains.nominally_improved,
        "rates": rates.round(4).tolist(),
        "mirror_interval": _pooled_mirror(result.table, count),
        "seats": result.table.seat_wins.tolist(),
        "cost": _cost(run),
    }
    met = gains_on_other_seeds(run, others)
    return document if met is None else {**document, "other_seeds": met}


def _strength(run: Path) -> dict[str, Any] | None:
    """Return what bots and a best response won and lost; None without either."""
    found = {
        key: read_document(run / name)
        for key, name in (("bots", experiments.BOTS_NAME), ("response", experiments.RESPONSE_NAME))
        if (run / name).exists()
    }
    return {**_origin(run), **found} if found else None


def _pooled_mirror(table: Table, count: int) -> tuple[float, float]:
    rows = np.arange(count)
    points = float(table.points[count + rows, rows].sum())
    return wilson(points, float(table.games[count + rows, rows].sum()))


def _diversity(run: Path) -> dict[str, Any]:
    result = evaluation.load(run)
    count = len(result.characters)
    seen = behaviour(result.table, count)
    before, after = timing(result.table, count)
    document: dict[str, Any] = {
        **_origin(run),
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
        "neural": read_document(run / experiments.NEURAL_NAME),
    }
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
        **_origin(run),
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
        **_origin(run),
        "split": run.parent.name,
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
        **_origin(run),
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
    return {**_origin(runs[0]), "rows": rows}


def _unseen(run: Path) -> dict[str, Any]:
    found = read_document(run / held_out.FILE_NAME, "bots", "adaptation")
    return {
        **_origin(run),
        "bots": found["bots"],
        "adaptation": found["adaptation"],
    }


def _cost(run: Path) -> dict[str, Any]:
    """Samples and seconds of each policy that a run trained, and seconds of all by the wall."""
    spent = read_spent(run)
    shared = spent.get(SHARED, {"seconds": 0.0})["seconds"]
    others = [cost["seconds"] for who, cost in spent.items() if who != SHARED]
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
