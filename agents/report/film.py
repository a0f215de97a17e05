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


def film(run: Path, result: Evaluation, *, progress: Progress, roster: Path | None = None) -> None:
    """Write `match.mp4` and, beside it, one sentence on what it shows.

    Args:
        run: directory of the run.
        result: its evaluation.
        progress: where to say so.
        roster: directory of the roster that it was trained on; None: where its config says.
    """
    task = progress.add_task("video", total=None, note="")
    trained = load_trained(run, roster=roster)
    members: dict[str, Member] = dict.fromkeys(result.characters, trained.shared)
    members |= trained.specialists
    count = len(result.characters)
    rates = result.table.win_rates[count:, :count].mean(axis=1)
    order = np.argsort(-rates, kind="stable")
    left, right = (result.characters[order[place % count]] for place in range(2))  # one: itself
    skip = trained.options.frame_skip
    match = Match(
        result.seed,
        characters=(left, right),
        frame_skip=1,
        roster=trained.roster,
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
    is_one = result.challenger == "policy"
    caption = f"{'The policy on both sides' if is_one else 'Two specialists'}. {caption}"
    write_whole((run / VIDEO_NAME).with_suffix(".txt"), caption)
    progress.update(task, total=1, completed=1)
