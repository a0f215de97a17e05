"""How strong a shared policy is in absolute terms: against scripted bots, and to be exploited.

Win rates inside a population say nothing about the world outside. Two probes do: bots that nobody
trained against, and a fresh policy that trains against nothing but the population's own mixture,
with as many samples as the population had.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress

import cam_arena
from cam_arena import bots
from cam_arena.errors import CheckpointError

from .. import checkpoint, selfplay
from ..games import arena
from ..intervals import wilson
from ..loop import Budget
from ..population.members import save_member
from ..population.solvers import meta_strategy
from ..response import Response, respond
from ..run_config import restore
from ..sharing import make_policy
from ..stopping import stoppable
from ..workers import Group, launch
from . import generations
from .long_tournament import Seat, Tournament, load_player, play_tournament

__all__ = ["REACTIVE", "Rate", "against_bots", "best_response", "final_mixture"]

LEVEL = 5
REACTIVE = tuple(f"{name}:{LEVEL}" for name in bots.LEVELLED if name != "mcts")
"""Bots that react to the match as it is, at their best."""
SEARCHING = f"mcts:{LEVEL}"
"""The bot that plays ahead on copies of the match."""
STAGE_1, RESPONSE = "stage1", "best_response"
CHECKPOINT_UPDATES = 200


@dataclass(frozen=True)
class Rate:
    """Points per game."""

    rate: float
    low: float
    """95 % interval: Wilson, or normal where rates of unequal weight are averaged."""
    high: float
    games: int


def against_bots(
    policies: Sequence[tuple[str, int]],
    folder: Path,
    *,
    games: int,
    search_games: int,
    seed: int,
    options: dict[str, Any],
    workers: int,
) -> dict[str, Rate]:
    """Let policies, each as its character, play bots as each of these characters.

    Args:
        policies: directory and character's index.
        folder: where parts of the tournament lie until it is over.
        games: of each policy against each bot as each character; even.
        search_games: the same against `SEARCHING`, whose games take much longer; 0: none.
        seed: of the games.
        options: of the matches.
        workers: processes.

    Returns:
        By bot, over all policies and characters.
    """
    characters = sorted({character for _, character in policies})
    found = {}
    for bot in (*REACTIVE, *([SEARCHING] if search_games else [])):
        seats = [Seat(f"policy {k}", *policy) for k, policy in enumerate(policies)]
        own = len(seats)
        seats += [Seat(f"{bot} {character}", bot, character) for character in characters]
        table = play_tournament(
            Tournament(
                tuple(seats),
                search_games if bot == SEARCHING else games,
                seed,
                tuple((i, j) for i in range(own) for j in range(own, len(seats))),
                options,
            ),
            folder / bot.replace(":", "_"),
            workers=workers,
        )
        points = float(table.points[:own, own:].sum())
        played = int(table.games[:own, own:].sum())
        found[bot] = Rate(points / played, *wilson(points, played), played)
    return found


def final_mixture(run: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return the generations of a CAM run and their equilibrium (of largest entropy).

    Args:
        run: with `generations.json`.

    Returns:
        The policy of each generation, a directory or a bot's name, and its share.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    found = generations.load(run)
    mixture = meta_strategy("nash", found.payoff.matrix())
    _, seats = generations.generation_seats(run / STAGE_1, [0])
    if len(seats) != len(mixture):
        raise CheckpointError(
            f"{run}: {generations.FILE_NAME} has {len(mixture)} generations, the run {len(seats)}"
        )
    return [seat.policy for seat in seats], mixture


def best_response(
    run: Path, *, games: int, workers: int, bars: Progress | None = None
) -> dict[str, Any]:
    """Train a fresh policy against the equilibrium of a run's generations, and let them meet.

    The budget, the sizes and the reward are those of the shared policy. An interrupted training
    goes on.

    Args:
        run: of CAM, with `generations.json`.
        games: of the response against the mixture, shared out by its weights over the generations
            and evenly over pairs of characters.
        workers: processes.
        bars: where to show progress.

    Returns:
        `rate`, a `Rate` of the response against the mixture; `mixture`, the share of each
        generation in it; `samples` that each of the two was trained on.

    Raises:
        WorkerError: if a worker died.
        CheckpointError: if something in the run is missing or damaged.
    """
    asked = restore(run / STAGE_1, selfplay.Config, "selfplay")
    policies, mixture = final_mixture(run)
    shared, folder = checkpoint.latest(run / STAGE_1 / "policy"), run / RESPONSE
    if shared is None:
        raise CheckpointError(f"{run / STAGE_1}: has no policy yet; finish that run first")
    if not (folder / "policy").exists():
        with stoppable():
            launch(_train, workers, run, asked, policies, mixture.tolist(), shared.step, first=bars)
    roster = cam_arena.load_roster()
    names = roster.splits.get(asked.characters, (asked.characters,))
    characters = [roster[name].index for name in names]
    rate = _meet(folder, policies, mixture, characters, asked, games, workers)
    return {
        "rate": dataclasses.asdict(rate),
        "mixture": {str(k): float(share) for k, share in enumerate(mixture) if share > 0},
        "samples": shared.step,
    }


def _train(
    group: Group,
    bars: Progress | None,
    run: Path,
    asked: selfplay.Config,
    policies: Sequence[str],
    mixture: Sequence[float],
    samples: int,
) -> None:
    """Be one worker of the training."""
    members = [load_player(policy) for policy in policies]
    seed = asked.seed + 1000  # not the weights that the shared policy began with
    game = arena(
        characters=asked.characters,
        frame_skip=asked.frame_skip,
        reward=asked.reward,
        aggression=asked.aggression,
        observation=asked.observation,
    )
    fresh = make_policy(
        asked.sharing,
        game.layout,
        game.num_characters,
        asked.network,
        generator=torch.Generator().manual_seed(seed),
    )
    task = Response(
        out=run / RESPONSE,
        checkpoints=run / RESPONSE / "checkpoints",
        name=RESPONSE,
        learner=asked.learner,
        budget=Budget(steps=samples),
        rollout=asked.rollout,
        reward_scale=selfplay.reward_scale(asked.reward, asked.reward_scale),
        checkpoint_updates=CHECKPOINT_UPDATES,
        seed=(seed,),
        tensorboard=False,
        roster=game.roster.id,
    )
    backend = game.make_backend(asked.matches)
    policy = respond(group, bars, task, fresh, backend, members, mixture)
    if group.rank == 0:
        save_member(run / RESPONSE / "policy", policy, step=samples)


def _meet(
    folder: Path,
    policies: Sequence[str],
    mixture: NDArray[np.float64],
    characters: Sequence[int],
    asked: selfplay.Config,
    games: int,
    workers: int,
) -> Rate:
    """Let the response play every generation of the mixture, in all pairs of characters."""
    count, support = len(characters), np.flatnonzero(mixture > 0).tolist()
    each = max(2, 2 * math.ceil(games / len(support) / count**2 / 2))
    seats = [Seat(f"response {c}", str(folder / "policy"), c) for c in characters]
    seats += [Seat(f"{k} as {c}", policies[k], c) for k in support for c in characters]
    table = play_tournament(
        Tournament(
            tuple(seats),
            each,
            asked.seed,
            tuple((i, j) for i in range(count) for j in range(count, len(seats))),
            {"frame_skip": asked.frame_skip, "observation": asked.observation},
        ),
        folder / "parts",
        workers=workers,
    )
    blocks = (count, len(support), count)
    points = table.points[:count, count:].reshape(blocks).sum((0, 2))
    played = table.games[:count, count:].reshape(blocks).sum((0, 2))
    weights, rates = mixture[support], points / played
    rate = float(weights @ rates)
    if len(support) == 1:
        return Rate(rate, *wilson(float(points[0]), float(played[0])), int(played[0]))
    half = 1.96 * math.sqrt(float(weights**2 @ (rates * (1 - rates) / played)))
    return Rate(rate, rate - half, rate + half, int(played.sum()))
