"""Does the fast way of training learn as well as the plain one?

    python -m benchmarks.learning_variants [--seeds 5] [--out docs/benchmarks/learning]

Four variants, each one step faster than the last, train by self-play on equally many samples; then
every snapshot plays a bot. What is finished is kept in `<out>/runs/` as JSON: an interrupted
experiment continues, and `--seeds` can be raised later. `results.csv` has a row a snapshot,
`summary.json` the differences to the first variant with 95 % intervals, `curves.png` the curves.
"""

import csv
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import tyro
from numpy.typing import NDArray

import cam_arena
from cam_arena.agents import evaluate, selfplay
from cam_arena.agents.intervals import over_runs
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import supports_bfloat16
from cam_arena.agents.population.members import BotMember, load_member
from cam_arena.agents.workers import one_thread

SPLIT = "core4"
JUDGE = BotMember("masher", 3)
MARGIN = 0.05  # a win rate lower by less counts as good
VARIANTS = {
    "float32, rows": LearnerConfig(precision="float32", shuffle="rows"),
    "bfloat16, rows": LearnerConfig(precision="bfloat16", shuffle="rows"),
    # four times the samples a gradient step, so twice the learning rate
    "bfloat16, rows, large": LearnerConfig(
        precision="bfloat16", shuffle="rows", minibatch=4096, lr=4e-3
    ),
    "bfloat16, matches, large": LearnerConfig(
        precision="bfloat16", shuffle="matches", minibatch=4096, lr=4e-3
    ),
}


@dataclass(frozen=True)
class Config:
    """Compare variants of training."""

    seeds: int = 5
    """Runs of each variant."""
    steps: int = 2_000_000
    """Samples of a run."""
    snapshots: int = 6
    """Points of a learning curve besides its end."""
    games: int = 20
    """Of a snapshot against the bot, for each pair of characters; even."""
    parallel: int = 2
    """Runs at a time; one a core."""
    out: Path = Path("docs/benchmarks/learning")
    """Folder of the results."""

    def __post_init__(self) -> None:
        """Refuse what compares nothing."""
        if self.seeds < 2 or min(self.steps, self.parallel) < 1 or self.snapshots < 0:
            raise ValueError(
                "seeds must be at least 2, steps and parallel 1, snapshots 0, got "
                f"{self.seeds}, {self.steps}, {self.parallel} and {self.snapshots}"
            )


@dataclass(frozen=True)
class Curve:
    """What one run learned."""

    variant: str
    seed: int
    steps: list[int]
    """Samples at each point."""
    win_rates: list[float]
    """Against the bot."""
    seconds: float
    """That the training took."""


def run(config: Config, variant: str, seed: int) -> Curve:
    """Train once, judge the snapshots, and keep the result; or return what was kept."""
    kept = config.out / "runs" / f"{variant.replace(', ', '_')}_{seed}.json"
    if kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found.pop("config") == _protocol(config):
            return Curve(**found)
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        done = selfplay.train(
            selfplay.Config(
                out=Path(folder),
                minutes=None,
                steps=config.steps,
                characters=SPLIT,
                learner=VARIANTS[variant],
                workers=1,
                snapshots=config.snapshots,
                checkpoint_updates=10**9,
                tensorboard=False,
                seed=seed,
            )
        )
        paths = [*sorted((done / "snapshots").iterdir()), done / "policy"]
        rates = [judge(path, config.games) for path in paths]
        rows = [json.loads(line) for line in (done / "metrics.jsonl").read_text().splitlines()]
    parts = len(paths)
    curve = Curve(
        variant,
        seed,
        [config.steps * (point + 1) // parts for point in range(parts)],
        rates,
        round(rows[-1]["time/seconds"], 1),
    )
    kept.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**asdict(curve), "config": _protocol(config)}, indent=1)
    temporary = kept.with_suffix(".partial")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(kept)
    return curve


def _protocol(config: Config) -> dict[str, int]:
    """What a kept result must agree in."""
    return {"steps": config.steps, "snapshots": config.snapshots, "games": config.games}


def judge(path: Path, games: int) -> float:
    """Return a policy's points per game against the bot, over all pairs of characters."""
    indices = selfplay.character_indices(cam_arena.load_roster(), SPLIT)
    pairs = [(own, other) for own in indices for other in indices]
    counts = evaluate.play(load_member(path), JUDGE, pairs, games=games, seed=1)
    return float((counts.wins.sum() + counts.draws.sum() / 2) / counts.games.sum())


def summarise(curves: Sequence[Curve]) -> dict[str, dict[str, float | list[float] | bool]]:
    """Compare each variant with the first, seed by seed, by the end and the mean of its curves.

    It is as good if the interval of the difference of the means lies above -MARGIN.
    """
    first, found = next(iter(VARIANTS)), {}
    for variant in VARIANTS:
        own, base = _rates(curves, variant), _rates(curves, first)
        ends, areas = own[:, -1] - base[:, -1], own.mean(1) - base.mean(1)
        row: dict[str, float | list[float] | bool] = {"win_rate": float(own[:, -1].mean())}
        for name, differences in (("end", ends), ("area", areas)):
            row[f"{name}_difference"] = float(differences.mean())
            row[f"{name}_interval"] = list(_interval(differences))
        row["is_as_good"] = _interval(areas)[0] > -MARGIN
        found[variant] = row
    return found


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    found = over_runs(values)
    if found is None:
        raise ValueError("an interval over runs needs at least 2 seeds a variant; give --seeds 2")
    return found


def _rates(curves: Sequence[Curve], variant: str) -> NDArray[np.float64]:
    own = sorted((c for c in curves if c.variant == variant), key=lambda curve: curve.seed)
    return np.array([curve.win_rates for curve in own])


def write(curves: Sequence[Curve], out: Path) -> None:
    """Write results.csv, summary.json and curves.png."""
    with (out / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variant", "seed", "steps", "win_rate", "seconds"])
        for curve in curves:
            for steps, rate in zip(curve.steps, curve.win_rates, strict=True):
                writer.writerow([curve.variant, curve.seed, steps, f"{rate:.4f}", curve.seconds])
    summary = json.dumps(summarise(curves), indent=1)
    (out / "summary.json").write_text(summary + "\n", encoding="utf-8")
    _plot(curves, out / "curves.png")


def _plot(curves: Sequence[Curve], path: Path) -> None:
    from matplotlib.figure import Figure  # no display and no global state

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for variant in VARIANTS:
        rates = _rates(curves, variant)
        steps = next(curve.steps for curve in curves if curve.variant == variant)
        bounds = np.array([_interval(point) for point in rates.T])
        (line,) = axes.plot(steps, rates.mean(0), label=variant)
        axes.fill_between(steps, bounds[:, 0], bounds[:, 1], color=line.get_color(), alpha=0.2)
    axes.set(xlabel="samples", ylabel=f"points per game against {JUDGE.name}", ylim=(0, 1))
    axes.legend(title="mean and 95 % interval over seeds")
    figure.savefig(path, dpi=120)


def main(config: Config) -> None:
    """Run what is missing, two at a time, and write the results."""
    if not supports_bfloat16():
        raise SystemExit("this CPU has no bfloat16 arithmetic; there is nothing to compare")
    torch.set_num_threads(1)
    tasks = [(variant, seed) for seed in range(config.seeds) for variant in VARIANTS]
    curves: list[Curve] = []
    context = get_context("spawn")
    with ProcessPoolExecutor(min(config.parallel, len(tasks)), mp_context=context) as pool:
        for curve in pool.map(run, [config] * len(tasks), *zip(*tasks, strict=True)):
            curves.append(curve)
            ends = f"{curve.win_rates[-1]:.3f} after {curve.seconds:.0f} s"
            print(f"{len(curves)}/{len(tasks)} {curve.variant}, seed {curve.seed}: {ends}")
    write(curves, config.out)
    for variant, row in summarise(curves).items():
        print(f"{variant:26} {row}")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
