"""Mutual information between what one network does as one character and as another.

"Breaking the Mold" (arXiv 2410.02128) adds the mutual information of two agents' actions at a state
to stage 1's objective. For a policy that factorises over agents it is 0 at every state, whatever
the policy. What can be above 0 is the information across states: in the same states, how much does
the action as one character say about the action as another? The estimator is that of invariant
information clustering (Ji et al. 2019, arXiv 1807.06653), over the buttons, which mean the same
slot to every character; its use here is our reading, not the paper's.
"""

import numpy as np
import torch
from torch import Tensor

from cam_arena import _core
from cam_arena.game.observations import Layout

from .learner import Minibatch
from .networks import Policy, masked_log_probs

__all__ = ["MutualInformation", "batch_mutual_information"]


def batch_mutual_information(first: Tensor, second: Tensor) -> Tensor:
    """Compute the mutual information of two actions across a batch of states.

    Args:
        first: probabilities of K actions in each of B states, shape (B, K).
        second: the other's in the same states, shape (B, K).

    Returns:
        A differentiable scalar in nats, in [0, log K]: 0 where knowing one action says nothing of
        the other, as when the state changes neither.

    Raises:
        ValueError: if the shapes differ or there is no state.
    """
    if first.shape != second.shape or first.ndim != 2 or not len(first):
        raise ValueError(
            f"two (B, K) batches of probabilities are needed, got {tuple(first.shape)} and "
            f"{tuple(second.shape)}"
        )
    joint = first.T @ second / len(first)
    joint = (joint + joint.T) / 2
    marginal = joint.sum(1)
    small = torch.finfo(joint.dtype).tiny
    independent = marginal[:, None] * marginal[None, :]
    return (joint * (joint.clamp(min=small) / independent.clamp(min=small)).log()).sum()


class MutualInformation:
    """Auxiliary loss of a learner: minus the information, times a weight.

    Each state is seen once as the character it belongs to and once under the id of another of the
    same minibatch.
    """

    def __init__(
        self, policy: Policy, layout: Layout, *, weight: float, rng: np.random.Generator
    ) -> None:
        """Watch a policy that reads the character's id.

        Args:
            policy: the network that learns.
            layout: of its observation.
            weight: lambda; above 0 characters are drawn to act alike, below 0 apart; 0 only
                measures, in one minibatch of `every`.
            rng: shuffles the ids.

        Raises:
            ValueError: if the observation holds no id.
        """
        if not any(block.name == "own_character" for block in layout.blocks):
            raise ValueError(
                f"mutual information swaps ids, which observation {layout.observation!r} leaves "
                "out; take 'full' or 'entities'"
            )
        self._policy, self._weight, self.rng = policy, weight, rng
        self._column = layout["own_character"].start
        self._sum, self._count, self._calls = 0.0, 0, 0

    every = 50
    """Minibatches between two measurements where nothing is to be changed."""

    def __call__(self, minibatch: Minibatch) -> Tensor:
        """Return the loss, and remember the information."""
        self._calls += 1
        if self._weight == 0:
            if self._calls % self.every == 1:
                with torch.no_grad():
                    self._note(self._measure(minibatch))
            return torch.zeros(())
        information = self._measure(minibatch)
        self._note(information.detach())
        return -self._weight * information

    def mean(self) -> float | None:
        """Return the mean information since the last call, in nats; None if none was measured."""
        found = self._sum / self._count if self._count else None
        self._sum, self._count = 0.0, 0
        return found

    def _note(self, information: Tensor) -> None:
        self._sum, self._count = self._sum + float(information), self._count + 1

    def _measure(self, minibatch: Minibatch) -> Tensor:
        order = torch.from_numpy(self.rng.permutation(len(minibatch.observations)))
        swapped = minibatch.observations.clone()
        swapped[:, self._column] = swapped[order, self._column]
        buttons = minibatch.masks.reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS).any(1)
        # Where only one button is legal the two agree for no reason of theirs.
        rows = (buttons.sum(1) > 1) & (
            swapped[:, self._column] != minibatch.observations[:, self._column]
        )
        if not rows.any():
            return minibatch.logits.sum() * 0.0
        other = self._policy(swapped[rows])[0]
        masks = minibatch.masks[rows]
        return batch_mutual_information(
            _button_probabilities(minibatch.logits[rows], masks),
            _button_probabilities(other, masks),
        )


def _button_probabilities(logits: Tensor, masks: Tensor) -> Tensor:
    """Return the probability of each button, whatever the direction; shape (B, buttons)."""
    probabilities = masked_log_probs(logits.float(), masks).exp()
    return probabilities.reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS).sum(1)
