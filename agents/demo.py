"""The demo: a small CAM population trained, evaluated and reported while one waits."""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from . import cam, evaluation
from .evaluate_run import evaluate_run
from .report import findings, write_report
from .report.film import film
from .run_config import read_config
from .runlog import display
from .settings import check_settings


@dataclass(frozen=True)
class Config:
    """What the demo does."""

    out: Path = Path("runs/demo")
    """Directory of the run. One that was interrupted continues."""
    minutes: float = 5.0
    """Of training, both stages together."""
    characters: str = "core4"
    """A split of the roster, or a character."""
    roster: Path | None = None
    """Directory of another roster; None: the bundled one."""
    seed: int = 0
    """Of training and evaluation."""
    games: int = 300
    """Per pairing of the evaluation, half from each seat."""

    def __post_init__(self) -> None:
        """Reject values that cannot be."""
        check_settings(self)
        if self.games < 2 or self.games % 2:
            raise ValueError(f"games must be even and at least 2, got {self.games}")


def run(config: Config, *, progress: Progress | None = None) -> str:
    """Train, evaluate, film and report.

    Args:
        config: what to do.
        progress: where to show bars; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The headline numbers and where the report is, for a terminal.
    """
    start = time.monotonic()
    _check_folder(config)
    with display(progress) as bars:
        cam.train(
            cam.Config(
                out=config.out,
                minutes=config.minutes,
                characters=config.characters,
                roster=config.roster,
                seed=config.seed,
                tensorboard=False,
            ),
            progress=bars,
        )
        task = bars.add_task("evaluation", total=None, note="")
        result = evaluate_run(
            config.out,
            games=config.games,
            opponent="zoner:3",
            seed=config.seed,
            roster=config.roster,
            report=lambda what, done, total: bars.update(
                task, description=what, completed=done, total=total, note=f"{done:,} games"
            ),
        )
        evaluation.save(result, config.out)
        film(config.out, result, progress=bars, roster=config.roster)
    report = write_report(config.out)
    minutes = (time.monotonic() - start) / 60
    said = findings.headline(result, str(config.out))
    return f"{said}\nreport: {report} (everything took {minutes:.1f} min)"


def _check_folder(config: Config) -> None:
    """Refuse to continue a run that was begun with other arguments.

    Raises:
        ValueError: naming what differs.
    """
    path = config.out / "config.json"
    if not path.exists():
        return
    before = read_config(config.out, roster=config.roster)
    for name in ("seed", "characters", "minutes"):
        mine, theirs = getattr(config, name), before.get(name)
        if mine != theirs:
            raise ValueError(
                f"{config.out} holds a run with {name} {theirs}, not {mine}; "
                "give another --out or remove the directory"
            )
