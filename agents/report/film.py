"""The video of a report: the two best of a run meet once."""

from pathlib import Path

import numpy as np
from rich.progress import Progress

from cam_arena import Match
from cam_arena.files import write_whole

from .. import exhibition
from ..evaluate_run import load_trained
from ..evaluation import Evaluation
from ..population.members import Member
from .write import VIDEO_NAME


def film(run: Path, result: Evaluation, *, progress: Progress) -> None:
    """Write `match.mp4` and, beside it, one sentence on what it shows.

    Args:
        run: directory of the run.
        result: its evaluation.
        progress: where to say so.
    """
    task = progress.add_task("video", total=None, note="")
    trained = load_trained(run)
    members: dict[str, Member] = trained.specialists or dict.fromkeys(trained.names, trained.shared)
    count = len(result.characters)
    rates = result.table.win_rates[count:, :count].mean(axis=1)
    left, right = (result.characters[index] for index in np.argsort(-rates, kind="stable")[:2])
    skip = trained.options.frame_skip
    match = Match(
        result.seed,
        characters=(left, right),
        frame_skip=1,
        roster=trained.roster,
        observation=exhibition.common_observation(members.values()),
    )
    caption = exhibition.watch(
        match,
        (members[left], members[right]),
        seed=result.seed,
        labels=("", ""),  # the caption says who plays
        record=run / VIDEO_NAME,
        size=(768, 432),
        frame_skip=skip,
    )
    caption = f"Two {result.challenger}s. {caption}"
    write_whole((run / VIDEO_NAME).with_suffix(".txt"), caption)
    progress.update(task, total=1, completed=1)
