"""Who plays in a reproduction's tournaments, and what all its steps have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

from ..cam import slug
from ..evaluate_run import Trained
from .long_tournament import Seat

__all__ = ["SHARED", "SPECIALIST", "Bench", "match_options", "shared_seats", "specialist_seats"]

SHARED, SPECIALIST = "shared policy", "specialist"


@dataclass(frozen=True)
class Bench:
    """What all steps of a reproduction have in common."""

    workers: int
    """Processes."""
    minutes: float | None
    """Wall clock of one training run with its evaluation; None: as long as it takes."""
    bars: Progress

    def share(self, part: float) -> float | None:
        """Return the minutes of a step."""
        return None if self.minutes is None else self.minutes * part

    def follow(self, name: str) -> Callable[[int, int], None]:
        """Return what a tournament tells of its progress, shown as a bar."""
        task = self.bars.add_task(name, total=None, note="")
        return lambda done, total: self.bars.update(
            task, completed=done, total=total, note=f"{done:,} games"
        )


def shared_seats(
    run: Path, trained: Trained, names: Sequence[str] | None = None, *, prefix: str = ""
) -> tuple[Seat, ...]:
    """Return a CAM run's shared policy as each character, or as those that are named."""
    policy = str(run / "stage1" / "policy")
    return tuple(
        Seat(f"{prefix}{SHARED} {name}", policy, trained.roster[name].index)
        for name in names or trained.names
    )


def specialist_seats(
    run: Path, trained: Trained, names: Sequence[str], *, prefix: str = ""
) -> tuple[Seat, ...]:
    """Return the specialists of a CAM run for characters, each as its own."""
    return tuple(
        Seat(
            f"{prefix}{SPECIALIST} {name}", str(run / "specialists" / slug(name)),
            trained.roster[name].index,
        )
        for name in names
    )  # fmt: skip


def match_options(trained: Trained) -> dict[str, Any]:
    """Return the options of matches as in training, as JSON can hold them."""
    options = trained.options
    return {"frame_skip": options.frame_skip, "observation": options.observation}
