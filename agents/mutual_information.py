"""How alike two characters would act in the same states: the mutual information of stage 1.

"Breaking the Mold: The Challenge of Large Scale MARL Specialization" (arXiv 2410.02128) adds
lambda * I(a_i; a_j | s) to the objective of its shared policy (eq. 10). With a policy that
factorises over agents that term is 0 in every state, so what is computed here is the information
across states: the policy is asked, state by state, what it would do as the character that stands
there and as another one, and the two answers are taken for a joint distribution, as in invariant
information clustering (Ji et al. 2019, arXiv 1807.06653, eq. 3). It is high where a policy's choice
depends on the state and hardly on the character. Only buttons count: directions mean the same to
everyone.
"""

import numpy as np
import torch
from torch import Tensor

from cam_arena import _core
from cam_arena.game.observations import Layout

from .learner import Minibatch, Samples
from .networks import Policy, identity_columns, masked_log_probs
from .vecenv import Rollout

__all__ = ["MutualInformation", "batch_mutual_information", "button_chances"]

NAME = "policy/mutual_information"
DIAGNOSED = 1024  # samples of a rollout that the diagnostic looks at


def batch_mutual_information(first: Tensor, second: Tensor) -> Tensor:
    """Compute the information that two choices share over a batch of states, in nats.

    Args:
        first: probabilities of the first one's choices, shape (B, A).
        second: the second one's in the same states, shape (B, A).

    Returns:
        A differentiable scalar in [0, log A]: 0 where the choices do not depend on the state, or on
        unlike sides of it.

    Raises:
        ValueError: if the shapes differ or there is no state.
    """
    if first.shape != second.shape or first.ndim != 2 or not len(first):
        raise ValueError(
            "probabilities must have one shape (states, choices), at least one state, got "
            f"{tuple(first.shape)} and {tuple(second.shape)}"
        )
    joint = first.T @ second / len(first)
    joint = (joint + joint.T) / 2  # who is the first does not matter
    smallest = torch.finfo(joint.dtype).tiny  # 0 log 0 is 0, with a gradient that is finite
    marginal = joint.sum(1).clamp(min=smallest).log()
    return (joint * (joint.clamp(min=smallest).log() - marginal[:, None] - marginal)).sum()


def button_chances(logits: Tensor, masks: Tensor) -> Tensor:
    """Compute the probability of each button, shape (B, buttons); 0 where no direction allows it.

    Args:
        logits: shape (B, K).
        masks: shape (B, K), nonzero where legal.
    """
    chances = masked_log_probs(logits, masks).exp()
    return chances.reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS).sum(1)


class MutualInformation:
    """The estimate as a loss of a learner and as a diagnostic of a loop."""

    def __init__(self, policy: Policy, layout: Layout, weight: float = 0.0) -> None:
        """Watch a policy.

        Args:
            policy: the shared one.
            layout: of its observations.
            weight: lambda of eq. 10; above 0 the information is maximised.

        Raises:
            ValueError: if a weight is given and the observation does not say who the fighter is.
        """
        self._policy, self._weight = policy, weight
        self._identity = identity_columns(layout)
        if weight and not len(self._identity):
            raise ValueError(
                f"lambda_mi needs an observation that says who the own fighter is, got "
                f"{layout.observation!r}"
            )

    def estimate(self, observations: Tensor, masks: Tensor, logits: Tensor | None = None) -> Tensor:
        """Estimate the information over a batch.

        Each state is shown once more with the identity of another row's character. Pairs of equal
        characters, and states in which fewer than two buttons are legal, are left out.

        Args:
            observations: shape (B, O).
            masks: shape (B, K).
            logits: the policy's, if they are known.

        Returns:
            A scalar; 0 where no pair is left.
        """
        # Any fixed order does: the rows that it brings together have nothing to do with each other.
        order = torch.randperm(len(observations), generator=torch.Generator().manual_seed(0))
        identities = observations[:, self._identity]
        legal = masks.reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS).any(1).sum(1)
        pairs = (identities != identities[order]).any(1) & (legal >= 2)
        if not pairs.any():
            return observations.new_zeros(())
        swapped = observations[pairs].clone()
        swapped[:, self._identity] = identities[order][pairs]
        own = self._policy(observations[pairs])[0] if logits is None else logits[pairs]
        return batch_mutual_information(
            button_chances(own, masks[pairs]),
            button_chances(self._policy(swapped)[0], masks[pairs]),
        )

    def loss(self, minibatch: Minibatch) -> Tensor:
        """Return -lambda I, to be added to a learner's loss."""
        return -self._weight * self.estimate(
            minibatch.observations, minibatch.masks, minibatch.logits
        )

    def diagnose(self, rollout: Rollout, samples: Samples) -> dict[str, float]:
        """Return the estimate over some of a rollout, as a metric; see `Loop`."""
        chosen = np.linspace(0, len(samples.rows) - 1, min(DIAGNOSED, len(samples.rows)))
        rows = torch.from_numpy(samples.rows[chosen.astype(np.int64)])
        with torch.no_grad():
            found = self.estimate(samples.observations[rows], samples.masks[rows])
        return {NAME: found.item()}
