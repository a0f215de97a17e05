"""What a step earns: four terms a side, their weights, and the named presets."""

from collections.abc import Mapping
from typing import Final

__all__ = ["REWARDS", "REWARD_TERMS", "reward_table", "reward_weights"]

REWARD_TERMS: Final = ("hp", "win", "combo", "mana")
"""The terms of one fighter, in the order of `_core`."""

_MEANINGS: Final = {
    "hp": "change of own HP, as a share of the most it can have",
    "win": "1 on the step in which the fighter wins, else 0",
    "combo": "hits landed, divided by 10",
    "mana": "change of own spark, as a share of the most it can have",
}

REWARDS: Final[dict[str, dict[str, float]]] = {
    "paper": {"hp": 10.0, "win": 10.0, "combo": 5.0, "mana": 5.0},
    "sparse": {"win": 1.0},
    "hp": {"hp": 1.0},
}
"""Weights by preset; a term that is not named weighs nothing."""


def reward_weights(reward: str | Mapping[str, float]) -> tuple[float, float, float, float]:
    """Return the weights of `REWARD_TERMS` that a preset's name or a dict stands for.

    Raises:
        ValueError: for an unknown preset or term, or a weight that is not finite.
        TypeError: for a weight that is not a number.
    """
    if isinstance(reward, str):
        if reward not in REWARDS:
            raise ValueError(
                f"reward must be one of {', '.join(map(repr, REWARDS))} or a dict of weights, "
                f"got {reward!r}"
            )
        weights: Mapping[str, float] = REWARDS[reward]
    elif isinstance(reward, Mapping):
        weights = reward
    else:
        raise TypeError(f"reward must be a name or a dict of weights, got {reward!r}")
    for term, weight in weights.items():
        if term not in REWARD_TERMS:
            raise ValueError(
                f"reward has no term {term!r}; the terms are {', '.join(REWARD_TERMS)}"
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise TypeError(f"reward[{term!r}] must be a number, got {weight!r}")
        if not -1e6 <= weight <= 1e6:  # NaN fails this too
            raise ValueError(f"reward[{term!r}] must be within -1e6..1e6, got {weight!r}")
    hp, win, combo, mana = (float(weights.get(term, 0.0)) for term in REWARD_TERMS)
    return hp, win, combo, mana


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
