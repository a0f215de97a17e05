"""What a step earns: the terms of each side, their weights, and the named presets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "REWARDS",
    "REWARD_TERMS",
    "RewardFunction",
    "WeighedTerms",
    "reward_table",
    "reward_weights",
]

REWARD_TERMS: Final = ("hp", "win", "combo", "mana", "potential")
"""The terms of one fighter, in the order of `_core`."""

_MEANINGS: Final = {
    "hp": "change of own HP, as a share of the most it can have",
    "win": "1 on the step in which the fighter wins, else 0",
    "combo": "hits landed, divided by 10",
    "mana": "change of own spark, as a share of the most it can have",
    "potential": "0.995 times own spark after the step (0 at the end) less own spark before, as a "
    "share of the most it can have",
}

REWARDS: Final[dict[str, dict[str, float]]] = {
    "paper": {"hp": 10.0, "win": 10.0, "combo": 5.0, "mana": 5.0},
    "paper_potential": {"hp": 10.0, "win": 10.0, "combo": 5.0, "potential": 5.0},
    "sparse": {"win": 1.0},
    "hp": {"hp": 1.0},
}
"""Weights by preset; a term that is not named weighs nothing. `paper_potential` pays for spark as a
potential: with a discount of 0.995 a step its best policies are those of the other terms, and an
ultimate costs nothing. Source: Ng, Harada and Russell 1999, "Policy invariance under reward
transformations", theorem 1."""

RewardFunction = Callable[[NDArray[np.float32]], Any]
"""Takes the terms of the last step, float32 of shape (N, 2, T): a row for each side of each match,
its own terms and then the other side's, in the order of REWARD_TERMS; in teams they are the means
of the sides. Returns N rewards, of the sides."""


class WeighedTerms:
    """A reward function, given what it takes and checked for what it returns.

    Args:
        function: the user's.
        sizes: fighters of either side.
    """

    def __init__(self, function: RewardFunction, sizes: Sequence[int] = (1, 1)) -> None:
        self.function, self.sizes = function, tuple(sizes)

    def __call__(self, terms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return every agent's reward, float32 of shape (M, A).

        Args:
            terms: of matches and agents, shape (M, A, T); the function gets a copy.

        Raises:
            ValueError: if it returns another number of rewards, or one that is not finite.
        """
        first = self.sizes[0]
        sides = np.stack([terms[:, :first].mean(axis=1), terms[:, first:].mean(axis=1)], axis=1)
        pairs = np.stack([sides, sides[:, ::-1]], axis=1).reshape(-1, 2, terms.shape[2])
        given = self.function(pairs)
        rewards = np.asarray(given, np.float32)
        if rewards.shape != (len(pairs),):
            raise ValueError(
                f"the reward function must return shape ({len(pairs)},), got {rewards.shape}"
            )
        if not np.isfinite(rewards).all():
            raise ValueError(f"the reward function returned {given}; rewards must be finite")
        return np.repeat(rewards.reshape(-1, 2), self.sizes, axis=1)


def reward_weights(reward: str | Mapping[str, float] | RewardFunction) -> tuple[float, ...]:
    """Return the weights of `REWARD_TERMS` that a preset's name or a dict stands for.

    Those of a function are zero: it is asked instead.

    Raises:
        ValueError: for an unknown preset or term, or a weight that is not finite.
        TypeError: for a weight that is not a number.
    """
    if isinstance(reward, str):
        if reward not in REWARDS:
            raise ValueError(
                f"reward must be one of {', '.join(map(repr, REWARDS))}, a dict of weights or a "
                f"function of the terms, got {reward!r}"
            )
        weights: Mapping[str, float] = REWARDS[reward]
    elif isinstance(reward, Mapping):
        weights = reward
    elif callable(reward):
        weights = {}
    else:
        raise TypeError(
            f"reward must be a name, a dict of weights or a function of the terms, got {reward!r}"
        )
    for term, weight in weights.items():
        if term not in REWARD_TERMS:
            raise ValueError(
                f"reward has no term {term!r}; the terms are {', '.join(REWARD_TERMS)}"
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise TypeError(f"reward[{term!r}] must be a number, got {weight!r}")
        if not -1e6 <= weight <= 1e6:  # NaN fails this too
            raise ValueError(f"reward[{term!r}] must be within -1e6..1e6, got {weight!r}")
    return tuple(float(weights.get(term, 0.0)) for term in REWARD_TERMS)


def reward_table() -> str:
    """Return the terms and the presets' weights as a Markdown table."""
    lines = [
        f"| term | of each fighter | {' | '.join(f'`{name}`' for name in REWARDS)} |",
        f"| --- | --- |{' --: |' * len(REWARDS)}",
    ]
    for term, meaning in _MEANINGS.items():
        weights = " | ".join(f"{preset.get(term, 0.0):g}" for preset in REWARDS.values())
        lines.append(f"| `{term}` | {meaning} | {weights} |")
    return "\n".join(lines) + "\n"
