"""The comparative advantage of an action: what it is worth to this character more than to others.

The economic reading of CAM (arXiv 2410.02128; the paper's own formula for stage 2 subtracts the
shared policy's value, which is `baseline="frozen"` in `specialist.py`):

    A^CA = A_i - mean_j A_j,    A = (1 - c) A_i + c A^CA = A_i - c mean_j A_j.

A_j is the advantage estimate over the same steps by the value that the frozen shared policy gives
to them in another character's place. As the rewards are the same, A^CA pays for states that are
worth more to this character than to the others. It is not an advantage of any one game, so it
biases what is learned; the weight c is small for that reason.
"""

from collections.abc import Sequence

import numpy as np
import torch

from cam_arena.game.observations import Layout
from cam_arena.roster import Roster

from .learner import Samples, advantages
from .networks import Policy, character_identities, identity_columns
from .vecenv import Rollout

__all__ = ["ComparativeAdvantage"]

COMPARED = 8  # characters at most: each costs an inference of the rollout


class ComparativeAdvantage:
    """Takes the others' advantage off the samples of one character; see `Loop.prepare`."""

    def __init__(
        self,
        shared: Policy,
        layout: Layout,
        roster: Roster,
        others: Sequence[int],
        *,
        weight: float,
        gamma: float,
        gae_lambda: float,
    ) -> None:
        """Compare with some characters.

        Args:
            shared: the frozen policy whose values are asked for.
            layout: of its observations.
            roster: of the characters.
            others: indices of the characters to compare with; of many, some are taken evenly.
            weight: c, in [0, 1].
            gamma: the learner's discount.
            gae_lambda: the learner's trace decay.

        Raises:
            ValueError: if there is nobody to compare with, or the observation does not say who the
                own fighter is.
        """
        self._columns = identity_columns(layout)
        if not len(self._columns):
            raise ValueError(
                "the comparative baseline needs an observation that says who the own fighter is, "
                f"got {layout.observation!r}"
            )
        if not others:
            raise ValueError("the comparative baseline needs at least one other character")
        spread = np.linspace(0, len(others) - 1, min(COMPARED, len(others))).astype(int)
        self._identities = character_identities(layout, roster, [others[k] for k in spread])
        self._shared, self._weight = shared, weight
        self._gamma, self._gae_lambda = gamma, gae_lambda

    @torch.inference_mode()
    def __call__(self, rollout: Rollout, samples: Samples) -> dict[str, float]:
        """Change the advantages in place and return the mean size of what was taken off."""
        steps, num_rows = rollout.values.shape
        shown = torch.from_numpy(rollout.observations).reshape((steps + 1) * num_rows, -1)
        last = np.arange(steps * num_rows, (steps + 1) * num_rows)
        rows = np.concatenate([samples.rows, last])
        observations = shown[torch.from_numpy(rows)].clone()
        total = np.zeros_like(rollout.values)
        for identity in self._identities:
            observations[:, self._columns] = identity
            values = np.zeros((steps + 1) * num_rows, np.float32)
            values[rows] = self._shared(observations)[1].float().numpy()
            values = values.reshape(steps + 1, num_rows)
            total += advantages(
                rollout.rewards,
                values[:-1],
                rollout.ends,
                values[-1],
                gamma=self._gamma,
                gae_lambda=self._gae_lambda,
            )
        taken = self._weight * total.reshape(-1) / len(self._identities)
        samples.advantages -= torch.from_numpy(taken)
        return {"policy/comparison": float(np.abs(taken[samples.rows]).mean())}
