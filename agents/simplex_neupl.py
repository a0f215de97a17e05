"""Simplex-NeuPL: one network that responds to any mixture of its population.

"Simplex Neural Population Learning: Any-Mixture Bayes-Optimality in Symmetric Zero-sum Games"
(arXiv 2205.15879). NeuPL, except that in half of the episodes the mixture is drawn from the whole
simplex over the population instead of from the graph. The learner is told the mixture, a prior over
whom it meets, and never who was drawn from it. A learner that is told the uniform mixture while
another holds is uninformed: averaged over the simplex its task is the uniform one, so it needs no
training of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from . import neupl
from .games import action_probabilities
from .neupl import Population, RowMatchmaker, train_population
from .population.members import Player
from .population.payoff import Payoff
from .population_run import play_pairs
from .vecenv import Pairing
from .workers import Group

__all__ = ["Config", "SimplexMatchmaker", "any_mixture", "train"]


@dataclass(frozen=True)
class Config(neupl.Config):
    """Simplex-NeuPL."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/simplex_neupl-001`."""
    simplex_share: float = 0.5
    """Share of the episodes whose mixture is drawn from the simplex (the paper: 0.5)."""
    concentration: float = 1.0
    """Of the Dirichlet distribution that it is drawn from (the paper: 1, the uniform one)."""
    priors: int = 8
    """Mixtures for which the network is compared with others at the end."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        super().__post_init__()
        if not 0 <= self.simplex_share <= 1:
            raise ValueError(f"simplex_share must lie in [0, 1], got {self.simplex_share}")
        if self.concentration <= 0 or self.priors < 0:
            raise ValueError("concentration must be positive, priors at least 0")
        if self.variant != "conditional":
            raise ValueError("only a conditional network can be told any mixture")


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train a population, and compare how its network responds to mixtures nobody trained on.

    Args:
        config: what to do.
        progress: where to show a bar; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The run's directory, as of `neupl.train`; `population.json` also holds `any_mixture`, see
        the function of that name.

    Raises:
        WorkerError: if a worker process died.
        RunError: if another process trains in the directory.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if it holds a run that was begun with other settings, budgets apart, or
            there are checkpoints and none is intact.
        TrainingError: if the training diverged, or needs more memory than there is.
        ValueError: if the roster has no such characters.
    """
    return train_population(
        config, "simplex_neupl", SimplexMatchmaker, any_mixture, progress=progress
    )


def basis(population: Population) -> list[int]:
    """Return the members that mixtures are drawn over: one of each policy, the sink included."""
    return [int(row) for row in np.unique(population.identity)]


def draw_mixture(
    population: Population, rng: np.random.Generator, concentration: float
) -> NDArray[np.float64]:
    """Return a random mixture over a population, shape (M,)."""
    rows = basis(population)
    mixture = np.zeros(population.size)
    mixture[rows] = rng.dirichlet([concentration] * len(rows))
    return mixture


class SimplexMatchmaker(RowMatchmaker):
    """Draws mixtures from the simplex for a share of the episodes, else as NeuPL does."""

    def __init__(self, population: Population, config: Config) -> None:
        """Take the population, whose graph may change between episodes."""
        super().__init__(population, config)
        self._share, self._concentration = config.simplex_share, config.concentration

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train: mixtures of frozen policies still want responses."""
        return self._share == 0 and super().is_finished

    def draw(self, rng: np.random.Generator) -> Pairing:
        """Return the pairing of a new episode; the learner's seat is random."""
        if self.population.active and rng.random() >= self._share:
            return super().draw(rng)
        return self.pair(rng, draw_mixture(self.population, rng, self._concentration), None)


def any_mixture(population: Population, group: Group) -> Mapping[str, Any]:
    """Compare responses to random mixtures, of which the opponent is drawn.

    Args:
        population: after training.
        group: the workers; all of them call this.

    Returns:
        Under `any_mixture`, mean returns over the mixtures in [-1, 1]: `informed`, the network told
        the mixture; `uninformed`, told the uniform one; `best_member`, the member that earns most
        of each mixture; `equilibrium`, the members' equilibrium; in a matrix game also `exact`,
        the best there is.

    Source: the protocol of Liu et al. 2022 (arXiv 2205.15879), figure 4.
    """
    config = population.config
    assert isinstance(config, Config)
    if not config.priors:
        return {}
    rng = np.random.default_rng([config.seed, 2**32])
    rows = basis(population)
    mixtures = [draw_mixture(population, rng, config.concentration) for _ in range(config.priors)]
    uniform = np.zeros(population.size)
    uniform[rows] = 1 / len(rows)
    told = [*mixtures, uniform]
    responders = [population.responder(f"prior {k}", mixture) for k, mixture in enumerate(told)]
    players: list[Player] = [*(population.member(row) for row in rows), *responders]
    size = len(rows)
    payoff = Payoff(len(players), len(players))
    pairs = [(size + k, column) for k in range(len(told)) for column in range(size)]
    play_pairs(
        group, population.game, players, pairs, payoff,
        sizes=config.chosen, seed=[config.seed, 2**32],
    )  # fmt: skip
    returns = payoff.matrix()[size:, :size]
    among = population.matrix()[np.ix_(rows, rows)]
    weights = np.stack(mixtures)[:, rows]
    found = {
        "informed": float((returns[:-1] * weights).sum(1).mean()),
        "uninformed": float((weights @ returns[-1]).mean()),
        "best_member": float((among @ weights.T).max(0).mean()),
        "equilibrium": float((population.equilibrium()[rows] @ among @ weights.T).mean()),
    }
    game = population.game
    if game.payoff is not None:
        played = np.stack([action_probabilities(game, player) for player in players[:size]])
        found["exact"] = float((game.payoff @ (weights @ played).T).max(0).mean())
    return {"any_mixture": found}
