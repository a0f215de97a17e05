"""What the training schemes of populations share: their settings, sizes, and games between members.

A population is trained on a game (`games.py`). Its members are numbered from 0, the sink; the table
of their results decides who trains against whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
import tyro

import cam_arena
from cam_arena.game.options import Options

from . import cam, games
from .learner import Config as LearnerConfig
from .networks import NetworkConfig, Policy
from .population.crossplay import crossplay
from .population.members import Player, bot_member
from .population.payoff import Payoff
from .selfplay import character_indices
from .settings import check_settings
from .sharing import Scheme, make_policy
from .win_rate import WinRates
from .workers import Group

__all__ = ["PRESETS", "PopulationConfig", "Sizes", "play_pairs", "read_history"]


@dataclass(frozen=True)
class Sizes:
    """Sizes that belong together."""

    members: int
    """Policies of the population, besides the sink."""
    member_steps: int
    """Samples of the learner for each."""
    matches: int
    """At a time, on each worker."""
    rollout: int
    """Steps between updates."""
    evaluation_games: int
    """Of two members, whenever their result is wanted; even."""
    refresh_updates: int
    """Updates between two looks at the interaction graph, where one network is all members."""
    learner: LearnerConfig
    network: NetworkConfig = field(default_factory=NetworkConfig)
    reward: str = "hp"
    """Of the arena."""
    reward_scale: float = 1.0
    """Factor on it."""
    aggression: float = 1.0
    """See `selfplay.Config`."""

    def __post_init__(self) -> None:
        """Reject impossible sizes."""
        check_settings(self)
        numbers = (self.members, self.member_steps, self.matches, self.rollout)
        if min(*numbers, self.refresh_updates) < 1:
            raise ValueError(f"all sizes must be at least 1, got {self}")
        if self.evaluation_games < 2 or self.evaluation_games % 2:
            raise ValueError(f"evaluation_games must be even, got {self.evaluation_games}")


def _of_cam(name: str, refresh_updates: int) -> Sizes:
    """Return the sizes of CAM's stage 1: generations are members."""
    preset = cam.PRESETS[name]
    return Sizes(
        preset.generations,
        preset.generation_steps,
        preset.matches,
        preset.rollout,
        preset.evaluation_games,
        refresh_updates,
        preset.shared,
        preset.network,
        preset.reward,
        preset.reward_scale,
        preset.aggression,
    )


# A pure policy explores nothing, and the next one may start from it: much entropy.
_MATRIX = LearnerConfig(
    lr=0.02, lr_final=0.2, epochs=2, minibatch=256, entropy_weight=0.1, precision="float32"
)
PRESETS = {
    "smoke": _of_cam("smoke", 10),
    "cpu": _of_cam("cpu", 60),
    "paper": _of_cam("paper", 100),
    "matrix": Sizes(6, 8_000, 32, 8, 400, 8, _MATRIX, NetworkConfig((16, 16), 8, 4, 4, 16)),
}
"""`smoke`, `cpu` and `paper` are CAM's, for the arena; `matrix` is for matrix games."""


@dataclass(frozen=True)
class PopulationConfig:
    """A population."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/population-001`."""
    game: games.GameName = "arena"
    """`arena`, or a matrix game with a known solution: `rps`, `biased_rps`, `blotto`."""
    preset: Literal["smoke", "cpu", "paper", "matrix"] = "cpu"
    """Sizes: see `PRESETS`; matrix games need `matrix`."""
    sizes: Annotated[Sizes | None, tyro.conf.Suppress] = None
    """Sizes of one's own instead, from Python."""
    members: int | None = None
    """Policies besides the sink (NeuPL: 7); None: the preset's."""
    minutes: float | None = None
    """Wall-clock budget of all training; None: the preset's steps."""
    characters: str = "core8"
    """A character or a split of the roster; both seats draw from it."""
    roster: Path | None = None
    """Directory of another roster, such as `cam-arena roster new` makes; None: the bundled one."""
    sharing: Scheme = "full"
    """How characters share parameters."""
    workers: int = 2
    """Processes; one a core."""
    frame_skip: int = 3
    """Ticks a step."""
    aggression: float | None = None
    """Share of the damage dealt that is rewarded once more; None: the preset's. See
    `selfplay.Config`."""
    evaluation_bot: str | None = "zoner:3"
    """Bot of the arena that the policy in training plays now and then, so that curves show whether
    it learns to fight; it plays the newest finished member too. None: no bot."""
    evaluation_samples: int = 2_500_000
    """Samples between two such evaluations, of 64 games against each, the last at the end; 0:
    never."""
    seed: int = 0
    """Of everything."""
    tensorboard: bool = True
    """Whether to write event files."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        check_settings(self)
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {list(PRESETS)}, got {self.preset!r}")
        if self.game != "arena" and self.game not in games.MATRICES:
            names = ["arena", *games.MATRICES]
            raise ValueError(f"game must be one of {names}, got {self.game!r}")
        if self.sizes is None and (self.game == "arena") == (self.preset == "matrix"):
            raise ValueError(
                f"preset {self.preset!r} does not fit game {self.game!r}: matrix games take "
                "preset 'matrix', the arena one of the others"
            )
        if self.workers < 1 or (self.members or 1) < 1:
            raise ValueError("workers and members must be at least 1")
        if self.evaluation_samples < 0:
            raise ValueError(
                f"evaluation_samples must be at least 0, got {self.evaluation_samples}"
            )
        if self.evaluation_bot is not None:
            bot_member(self.evaluation_bot)

    @property
    def chosen(self) -> Sizes:
        """The sizes that hold."""
        sizes = PRESETS[self.preset] if self.sizes is None else self.sizes
        return sizes if self.members is None else replace(sizes, members=self.members)

    def make_game(self) -> games.Game:
        """Return the game."""
        if self.game == "arena":
            return games.arena(
                characters=self.characters,
                frame_skip=self.frame_skip,
                reward=self.chosen.reward,
                aggression=(self.chosen.aggression if self.aggression is None else self.aggression),
                roster=self.roster,
            )
        return games.matrix_game(games.MATRICES[self.game])

    def make_win_rates(self, group: Group) -> WinRates | None:
        """Return who measures the policy in training; None in a matrix game, which tells more."""
        if self.game != "arena":
            return None
        roster = cam_arena.load_roster(self.roster)
        return WinRates(
            group,
            character_indices(roster, self.characters),
            Options(frame_skip=self.frame_skip, roster=roster),
            bot=None if self.evaluation_bot is None else bot_member(self.evaluation_bot),
            every=self.evaluation_samples,
            seed=self.seed,
        )

    def make_policy(self, game: games.Game, layout: Any = None, *, seed: int) -> Policy:
        """Return a fresh policy.

        Args:
            game: what it is to play.
            layout: what it sees; None: the game's observation.
            seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        return make_policy(
            self.sharing,
            game.layout if layout is None else layout,
            game.num_characters,
            self.chosen.network,
            generator=generator,
        )


def read_history(rows: Any) -> list[dict[str, float]]:
    """Return the measures of a population that a checkpoint holds.

    Raises:
        TypeError, ValueError: if it holds anything else.
    """
    history: list[dict[str, float]] = [dict(row) for row in rows]
    for row in history:
        for name, value in row.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"measure {name} is {value!r}, which is no number")
    return history


def play_pairs(
    group: Group,
    game: games.Game,
    members: Sequence[Player],
    pairs: Sequence[tuple[int, int]],
    payoff: Payoff,
    *,
    sizes: Sizes,
    seed: Sequence[int],
) -> None:
    """Let pairs of members play and count the results; each worker plays its share of the pairs.

    Args:
        group: the workers; all of them call this, and all get all results.
        game: what they play.
        members: of the population.
        pairs: who meets whom.
        payoff: of the population; counted into.
        sizes: matches at a time, and games of a pair.
        seed: of the games.
    """
    counts = np.zeros((3, len(pairs)), np.int64)
    mine = list(range(group.rank, len(pairs), group.size))
    if mine:
        backend = game.make_backend(sizes.matches)
        counts[:, mine] = crossplay(
            backend,
            members,
            [pairs[k] for k in mine],
            games=sizes.evaluation_games,
            rng=np.random.default_rng([*seed, group.rank]),
        )
        backend.close()
    total = group.sum(counts)
    for (row, column), (wins, draws, played) in zip(pairs, total.T.tolist(), strict=True):
        payoff.meet(row, column, wins=wins, draws=draws, games=played)
