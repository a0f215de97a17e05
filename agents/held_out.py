"""Characters that a policy never met: how it plays them at once, and how fast a specialist learns.

The shared policy of a run on `train256` with `observation="descriptor"` knows characters by what
they can do, so it can play any of them. `measure` counts its games against bots with the characters
of the run and with unseen ones, both sides drawing from the same characters, so that strong and
weak characters cancel out. `adapt` trains a specialist for an unseen character, as stage 2 of CAM
does, and gives its win rate over samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena import bots
from cam_arena.files import write_json
from cam_arena.roster import Roster

from . import cam, selfplay, specialist
from .evaluate import play
from .evaluate_run import Trained, load_trained
from .intervals import difference, wilson
from .learner import Config as LearnerConfig
from .population.members import BotMember
from .provenance import stamp
from .run_config import find_roster, open_run, restore
from .selfplay import character_indices
from .settings import check_settings
from .workers import one_thread

__all__ = ["Config", "adapt", "format_results", "measure", "run"]

FILE_NAME = "held_out.json"
SHIFTS = 2  # opponents of each character: itself, and the next in its own group
OPPONENTS = 16  # characters at most that the shared policy plays against a new specialist


@dataclass(frozen=True)
class Config:
    """What is measured."""

    run: Path
    """Directory of a run that knows characters by their profiles (`observation="descriptor"`)."""
    characters: str = "heldout48"
    """A split, or a character, that the run was not trained on."""
    roster: Path | None = None
    """Directory of the roster that the run was trained on; None: where its config says."""
    bots: tuple[str, ...] = ("masher:3", "zoner:3", "punisher:3")
    """Opponents, each `kind:level`."""
    games: int = 20
    """Of a character against each bot and opponent's character; even."""
    adapt: int = 0
    """Of these characters, how many get a specialist; they are taken evenly."""
    adapt_steps: int = 500_000
    """Samples of each of them."""
    evaluations: int = 8
    """Of each specialist while it trains."""
    evaluation_games: int = 20
    """Against each character of the shared policy, at each evaluation."""
    matches: int = 128
    """At a time, while a specialist trains."""
    seed: int = 0
    """Of games and training."""

    def __post_init__(self) -> None:
        """Reject impossible values before anything is played."""
        check_settings(self)
        if self.games < 2 or self.games % 2:
            raise ValueError(f"games must be even and at least 2, got {self.games}")
        if self.adapt < 0 or min(self.adapt_steps, self.evaluations, self.matches) < 1:
            raise ValueError(
                "adapt must be at least 0; adapt_steps, evaluations and matches at least 1"
            )
        for bot in self.bots:
            bots.parse(bot)


def run(config: Config) -> dict[str, Any]:
    """Measure, and write `held_out.json` into the run.

    Returns:
        What was written: `bots`, a row for each (see `measure`); `adaptation`, a row for each new
        specialist (see `adapt`); config, roster and provenance.

    Raises:
        ValueError: if the run cannot play characters it was not trained on, or was trained on some
            of these.
        CheckpointError: as `load_trained`, or if a specialist was begun with other options.
    """
    trained = load_trained(config.run, roster=config.roster)
    if not trained.names:
        raise ValueError(f"{config.run} does not say on which characters it was trained")
    unseen = character_indices(trained.roster, config.characters)
    seen = [trained.roster[name].index for name in trained.names]
    if trained.options.observation != "descriptor":
        raise ValueError(
            f"{config.run} was trained on observation {trained.options.observation!r}, which tells "
            "characters by ids: train it with --observation descriptor"
        )
    both = sorted(trained.roster.names[index] for index in set(seen) & set(unseen))
    if both:
        raise ValueError(
            f"{config.run} was trained on {len(both)} of {config.characters!r}, such as {both[0]}; "
            "name a split that it does not know"
        )
    with one_thread():
        rows = [
            measure(trained, bot, seen, unseen, config.games, config.seed) for bot in config.bots
        ]
        chosen = np.linspace(0, len(unseen) - 1, config.adapt).round().astype(int)
        curves = [adapt(config, trained, seen, unseen[index]) for index in chosen]
    document = {"bots": rows, "adaptation": curves, **stamp(config)}
    document["roster_id"] = trained.roster.id
    path = config.run / FILE_NAME
    write_json(path, document)
    return document


def measure(
    trained: Trained, bot: str, seen: Sequence[int], unseen: Sequence[int], games: int, seed: int
) -> dict[str, Any]:
    """Play the shared policy against a bot with the characters of a run and with unseen ones.

    Args:
        trained: the run's policies.
        bot: `kind:level`.
        seen: indices of the characters it was trained on.
        unseen: indices of others.
        games: of a character against each opponent's character.
        seed: of the games.

    Returns:
        `bot`; `seen` and `unseen`, each with `win_rate`, its 95 % `interval` and `games`;
        `difference`, unseen less seen, with its `interval`; `by_character`, the win rate of each
        unseen one.
    """
    member = BotMember(bot.partition(":")[0], bots.parse(bot)[1])
    row: dict[str, Any] = {"bot": bot}
    totals = {}
    for name, group in (("seen", seen), ("unseen", unseen)):
        points, total = _points(trained, member, group, games, seed)
        totals[name] = float(points.sum()), int(total.sum())
        row[name] = {
            "win_rate": totals[name][0] / totals[name][1],
            "interval": wilson(*totals[name]),
            "games": totals[name][1],
        }
    rates = (points / total).tolist()
    row["difference"] = {
        "win_rate": row["unseen"]["win_rate"] - row["seen"]["win_rate"],
        "interval": difference(*totals["unseen"], *totals["seen"]),
    }
    names = [trained.roster.names[index] for index in unseen]
    row["by_character"] = dict(zip(names, rates, strict=True))
    return row


def _points(
    trained: Trained, bot: BotMember, group: Sequence[int], games: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return points and games of each character of a group, shape (characters,)."""
    shifts = range(min(SHIFTS, len(group)))
    pairs = [
        (own, group[(place + shift) % len(group)])
        for place, own in enumerate(group)
        for shift in shifts
    ]
    counts = play(trained.shared, bot, pairs, games=games, seed=seed, options=trained.options)
    shape = len(group), len(shifts)
    points = (counts.wins + counts.draws / 2).reshape(shape).sum(1)
    return points, counts.games.reshape(shape).sum(1)


def adapt(
    config: Config,
    trained: Trained,
    seen: Sequence[int],
    character: int,
    *,
    learner: LearnerConfig | None = None,
) -> dict[str, Any]:
    """Train a specialist for one character, from the shared policy against the shared policy.

    Args:
        config: sizes; where to write: below `held_out/` of the run.
        trained: the run's policies.
        seen: characters that the shared policy plays against it; of many, some are taken evenly.
        character: the new one.
        learner: how it learns; None: as in CAM's `cpu` preset.

    Returns:
        `character`; `curve`, win rates against the shared policy over `samples`, before training
        first; what was `kept`, and its `win_rate` in games that did not choose it.
    """
    roster: Roster = trained.roster
    name = roster.names[character]
    stage_1 = config.run / "stage1" if (config.run / "stage1").is_dir() else config.run
    out = config.run / "held_out" / cam.slug(name)
    preset = cam.PRESETS["cpu"]
    asked = restore(stage_1, selfplay.Config, "selfplay")
    spread = np.linspace(0, len(seen) - 1, min(OPPONENTS, len(seen))).round().astype(int)
    task = specialist.Task(
        name=name,
        characters=(character,),
        out=out,
        log=out,
        shared=stage_1 / "policy",
        start=stage_1 / "policy",
        pool=tuple((seen[index], stage_1 / "policy") for index in spread),
        ranking=None,
        minutes=None,
        steps=config.adapt_steps,
        learner=learner or preset.specialist,
        parameters="full",
        baseline="learned",
        matchmaking="pfsp_hard",
        matches=config.matches,
        rollout=preset.rollout,
        evaluations=config.evaluations,
        evaluation_games=config.evaluation_games,
        evaluation_limit=None,
        observation=trained.options.observation,
        reward=asked.reward,
        reward_scale=selfplay.reward_scale(asked.reward, asked.reward_scale),
        aggression=asked.aggression,
        frame_skip=trained.options.frame_skip,
        roster=config.roster or find_roster(config.run),
        seed=config.seed,
        tensorboard=False,
    )
    with open_run(task, scheme="specialist", finished_by="policy"):
        if not (out / "policy").exists():
            specialist.forget_lost([task])
            specialist.train(task)
    outcome = specialist.read_outcome(out)
    return {"character": name, **{key: outcome[key] for key in ("curve", "kept", "win_rate")}}


def format_results(document: dict[str, Any]) -> str:
    """Return the results of `run` as a table for a terminal."""
    lines = ["bot           seen                  unseen                difference"]
    for row in document["bots"]:
        cells = [_cell(row[name]) for name in ("seen", "unseen", "difference")]
        lines.append(f"{row['bot']:<14}" + "".join(f"{cell:<22}" for cell in cells).rstrip())
    for row in document["adaptation"]:
        points = ", ".join(
            f"{100 * point['win_rate']:.0f} % at {point['samples']:,}" for point in row["curve"]
        )
        lines.append(f"{row['character']} (kept: {row['kept']}): {points}")
    return "\n".join(lines)


def _cell(value: dict[str, Any]) -> str:
    low, high = value["interval"]
    return f"{100 * value['win_rate']:.1f} ({100 * low:.1f}..{100 * high:.1f})"
