"""PPO and A2C for masked discrete actions, from a batch of samples to a step of Adam.

Proximal Policy Optimization: "Proximal Policy Optimization Algorithms" (arXiv 1707.06347). A2C is
the same loop with one epoch and no clipping. Nothing here knows who played whom: see `vecenv.py`
for where samples come from.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cam_arena import _training
from cam_arena.errors import TrainingError

from .networks import Policy, Precision, autocast
from .settings import check_settings

__all__ = [
    "Averager",
    "Config",
    "Learner",
    "Minibatch",
    "Samples",
    "advantages",
    "masked_categorical",
    "masked_divergence",
]

Averager = Callable[[Tensor], None]
"""Replaces a tensor by its mean over all workers, in place."""


@dataclass(frozen=True)
class Config:
    """How to learn from a batch of samples."""

    algorithm: Literal["ppo", "a2c"] = "ppo"
    """`ppo` clips the policy ratio; `a2c` takes the plain policy gradient."""
    lr: float = 2e-3
    """Learning rate of Adam at the start (the CAM paper: 1e-4)."""
    lr_final: float = 0.1
    """Fraction of `lr` left when the budget is used up; linear in between."""
    gamma: float = 0.995
    """Discount per step (the CAM paper: 0.995)."""
    gae_lambda: float = 0.95
    """Trace decay of the advantage estimate."""
    clip: float = 0.2
    """Range of the policy ratio (the CAM paper: 0.1)."""
    epochs: int = 2
    """Passes over a batch."""
    minibatch: int = 1024
    """Samples in a gradient step, on each worker."""
    shuffle: Literal["matches", "rows"] = "matches"
    """What a minibatch is drawn from: whole matches, or single samples of all matches."""
    value_weight: float = 0.5
    """Weight of the value loss."""
    entropy_weight: float = 0.003
    """Weight of the entropy bonus."""
    max_grad_norm: float = 0.5
    """Longest gradient; longer ones are scaled down."""
    centre_advantages: bool = True
    """Whether normalisation subtracts the mean; it always divides by the deviation."""
    kl_weight: float = 0.0
    """Weight of the divergence from the reference policy, where one is given."""
    precision: Precision = "auto"
    """Of matrix products; weights, losses and Adam are float32 always. `auto`: bfloat16 where
    the CPU has it."""

    def __post_init__(self) -> None:
        """Reject values that cannot train."""
        check_settings(self)
        if not 0 <= self.gamma <= 1 or not 0 <= self.gae_lambda <= 1:
            raise ValueError(
                f"gamma and gae_lambda must lie in [0, 1], got {self.gamma} and {self.gae_lambda}"
            )
        if self.epochs < 1 or self.minibatch < 2:
            raise ValueError(
                f"epochs must be at least 1 and minibatch 2, got {self.epochs} and {self.minibatch}"
            )
        if self.lr <= 0 or self.clip <= 0 or self.max_grad_norm <= 0:
            raise ValueError("lr, clip and max_grad_norm must be positive")
        if self.algorithm == "a2c" and self.epochs != 1:
            raise ValueError(f"a2c is on-policy: epochs must be 1, got {self.epochs}")


@dataclass
class Samples:
    """What one update learns from: a rollout's decisions, and which are the learner's."""

    observations: Tensor
    """float32, (B, O)."""
    masks: Tensor
    """int8, (B, K)."""
    actions: Tensor
    """int32, (B,)."""
    log_probs: Tensor
    """float32, (B,): of the actions, when they were taken."""
    advantages: Tensor
    """float32, (B,)."""
    returns: Tensor
    """float32, (B,): what the value should have been."""
    rows: NDArray[np.int64]
    """(R,): the rows to learn from; the others are opponents'."""
    matches: NDArray[np.int64]
    """(R,): the match of each of these; a minibatch holds whole matches."""


@dataclass
class Minibatch:
    """Part of the samples, and what the policy says about it."""

    samples: Samples
    rows: Tensor
    """int64, (B,): which of the samples."""
    logits: Tensor
    log_probs: Tensor
    entropies: Tensor
    values: Tensor
    masks: Tensor
    advantages: Tensor = field(init=False)

    @cached_property
    def observations(self) -> Tensor:
        """float32, (B, O): copied when a hook first asks for them."""
        return self.samples.observations[self.rows]


def advantages(
    rewards: NDArray[np.float32],
    values: NDArray[np.float32],
    ends: NDArray[np.bool_],
    last_values: NDArray[np.float32],
    *,
    gamma: float,
    gae_lambda: float,
) -> NDArray[np.float32]:
    """Compute generalised advantage estimates.

    Args:
        rewards: shape (T, N). A truncated step's already holds `gamma` times the value of its final
            observation.
        values: shape (T, N); critic output before each step.
        ends: shape (T, N); True where the episode ended at that step.
        last_values: shape (N,); critic output after the last step.
        gamma: discount per step, in [0, 1].
        gae_lambda: in [0, 1].

    Returns:
        float32, shape (T, N).

    Raises:
        ValueError: if shapes disagree.

    Source: Schulman et al. 2016, "High-Dimensional Continuous Control Using Generalized Advantage
    Estimation", arXiv 1506.02438, eq. 16.
    """
    out = np.empty_like(rewards)
    _training.advantages(rewards, values, ends.view(np.uint8), last_values, gamma, gae_lambda, out)
    return out


class _MaskedCategorical(torch.autograd.Function):
    """Log-probability of an action, and entropy, under a masked softmax; one C pass each way."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, masks: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        probs, log_probs = torch.empty_like(logits), logits.new_empty(len(logits))
        entropies = torch.empty_like(log_probs)
        _training.policy_terms(
            logits.detach().contiguous().numpy(),
            masks.numpy(),
            actions.numpy(),
            probs.numpy(),
            log_probs.numpy(),
            entropies.numpy(),
        )
        ctx.save_for_backward(probs, actions, entropies)
        return log_probs, entropies

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        probs, actions, entropies = ctx.saved_tensors
        out = torch.empty_like(probs)
        _training.policy_gradient(
            probs.numpy(),
            actions.numpy(),
            entropies.numpy(),
            grads[0].contiguous().numpy(),
            grads[1].contiguous().numpy(),
            out.numpy(),
        )
        return out, None, None


def masked_categorical(logits: Tensor, masks: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the log-probability of actions, and the entropy, over legal actions only.

    Args:
        logits: float32, shape (B, K).
        masks: int8, shape (B, K), 1 where legal.
        actions: int32, shape (B,).

    Returns:
        Log-probabilities and entropies, each of shape (B,), differentiable in `logits`.

    Raises:
        ValueError: if a mask is all zero or an action is illegal.
        FloatingPointError: if the logits hold a NaN.
    """
    found: tuple[Tensor, Tensor] = _MaskedCategorical.apply(logits, masks, actions)  # type: ignore[no-untyped-call]
    return found


class _Divergence(torch.autograd.Function):
    """KL divergence from a reference under a masked softmax; one C pass for it and its gradient."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, reference: Tensor, masks: Tensor) -> Tensor:
        divergences, gradients = logits.new_empty(len(logits)), torch.empty_like(logits)
        _training.divergence(
            logits.detach().contiguous().numpy(),
            reference.contiguous().numpy(),
            masks.numpy(),
            divergences.numpy(),
            gradients.numpy(),
        )
        ctx.save_for_backward(gradients)
        return divergences

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (gradients,) = ctx.saved_tensors
        return grads[0][:, None] * gradients, None, None


def masked_divergence(logits: Tensor, reference: Tensor, masks: Tensor) -> Tensor:
    """Compute KL(policy || reference) over legal actions only.

    Args:
        logits: float32, shape (B, K).
        reference: float32, shape (B, K): logits too.
        masks: int8, shape (B, K), 1 where legal.

    Returns:
        Shape (B,), differentiable in `logits`.

    Raises:
        ValueError: if a mask is all zero.
        FloatingPointError: if the logits hold a NaN.
    """
    found: Tensor = _Divergence.apply(logits, reference, masks)  # type: ignore[no-untyped-call]
    return found


class Learner:
    """A policy, its optimiser, and the update that joins them to samples."""

    def __init__(
        self,
        policy: Policy,
        config: Config,
        *,
        rng: np.random.Generator,
        average: Averager | None = None,
        reference: Policy | None = None,
        auxiliary_loss: Callable[[Minibatch], Tensor] | None = None,
    ) -> None:
        """Take over a policy; its parameters become views of one flat tensor.

        Args:
            policy: what to train.
            config: how.
            rng: shuffles matches into minibatches.
            average: means gradients over workers; None if there is one worker.
            reference: frozen policy for `config.kl_weight`.
            auxiliary_loss: a further loss of a minibatch, added as it is.
        """
        self.policy, self.config = policy, config
        self.updates = 0
        self.kl_weight = config.kl_weight
        self.rng, self._average = rng, average
        self._reference, self._auxiliary_loss = reference, auxiliary_loss
        # One flat parameter: one norm, one mean over workers and one Adam kernel instead of one a
        # layer.
        self._flat = _flatten(policy)
        self._optimizer = torch.optim.Adam([self._flat], lr=config.lr, eps=1e-5, fused=True)

    def autocast(self) -> torch.autocast:
        """Return the context that matrix products run in."""
        return autocast(self.config.precision)

    def update(
        self, samples: Samples, *, progress: float = 0.0, minibatches: int | None = None
    ) -> dict[str, float]:
        """Learn from samples once.

        Args:
            samples: with at least two rows to learn from.
            progress: share of the budget used, in [0, 1]; the learning rate falls with it.
            minibatches: gradient steps an epoch; by default as many as `config.minibatch` asks for.
                Workers that average gradients must agree on it.

        Returns:
            Means over the gradient steps: `loss/policy`, `loss/value`, `loss/entropy`, `loss/kl`,
            `loss/clipped`, `loss/grad_norm`, `loss/explained_variance`.

        Raises:
            TrainingError: if a loss or the gradient is not finite; the weights are then as before.
            FloatingPointError: if the logits hold a NaN.
        """
        config = self.config
        count = minibatches or max(1, round(len(samples.rows) / config.minibatch))
        self._optimizer.param_groups[0]["lr"] = config.lr * (
            1 - (1 - config.lr_final) * min(max(progress, 0.0), 1.0)
        )
        totals: dict[str, float] = {}
        for _ in range(config.epochs):
            for rows in self._split(samples, count):
                loss, metrics = self.loss(samples, rows)
                metrics["loss/grad_norm"] = self._step(loss)
                for name, value in metrics.items():
                    totals[name] = totals.get(name, 0.0) + value / (count * config.epochs)
        self.updates += 1
        rows = torch.from_numpy(samples.rows)
        variance, residual = (
            samples.returns[rows].var().item(),
            samples.advantages[rows].var().item(),
        )
        totals["loss/explained_variance"] = 1 - residual / variance if variance > 0 else 0.0
        return totals

    def loss(self, samples: Samples, rows: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Compute the loss of a minibatch.

        Args:
            samples: the whole batch.
            rows: int64, shape (B,): the samples in this minibatch.

        Returns:
            The loss, a differentiable scalar, and its parts.

        Raises:
            TrainingError: naming the part that is not finite.
            FloatingPointError: if the logits hold a NaN.
        """
        config = self.config
        masks = samples.masks[rows]
        with self.autocast():
            logits, values = self.policy.forward_rows(samples.observations, rows.numpy())
        log_probs, entropies = masked_categorical(logits, masks, samples.actions[rows])
        minibatch = Minibatch(samples, rows, logits, log_probs, entropies, values, masks)

        advantage = samples.advantages[rows]
        centre = advantage.mean() if config.centre_advantages else 0.0
        minibatch.advantages = advantage = (advantage - centre) / (advantage.std() + 1e-8)
        log_ratio = log_probs - samples.log_probs[rows]
        ratio = log_ratio.exp()  # r_t(theta)
        if config.algorithm == "ppo":
            clipped = ratio.clamp(1 - config.clip, 1 + config.clip)
            policy_loss = -torch.minimum(ratio * advantage, clipped * advantage).mean()  # eq. 7
        else:
            policy_loss = -(log_probs * advantage).mean()
        value_loss = (samples.returns[rows] - values).square().mean()
        entropy = entropies.mean()
        loss = policy_loss + config.value_weight * value_loss - config.entropy_weight * entropy

        with torch.no_grad():
            parts = {
                "loss/policy": policy_loss.item(),
                "loss/value": value_loss.item(),
                "loss/entropy": entropy.item(),
                "loss/kl": (ratio - 1 - log_ratio).mean().item(),
                "loss/clipped": ((ratio - 1).abs() > config.clip).float().mean().item(),
            }
        if self._reference is not None and self.kl_weight > 0:
            with torch.no_grad(), self.autocast():
                given = self._reference.forward_rows(samples.observations, rows.numpy())[0]
            divergence = masked_divergence(logits, given.float(), masks).mean()
            loss = loss + self.kl_weight * divergence
            parts["loss/reference_kl"] = divergence.item()
        if self._auxiliary_loss is not None:
            extra = self._auxiliary_loss(minibatch)
            loss = loss + extra
            parts["loss/auxiliary"] = extra.item()
        for name, value in parts.items():
            if not math.isfinite(value):
                raise TrainingError(
                    f"{name} is {value} at update {self.updates}; the weights were not changed"
                )
        return loss, parts

    def state(self) -> dict[str, Tensor]:
        """Return the optimiser's tensors, for a checkpoint."""
        state = self._optimizer.state.get(self._flat)
        return {name: tensor.clone() for name, tensor in state.items()} if state else {}

    def restore(self, tensors: Mapping[str, Tensor], updates: int) -> None:
        """Set the optimiser to what `state` returned and the count of updates."""
        self._optimizer.state.clear()
        if tensors:
            self._optimizer.state[self._flat] = {
                name: tensor.clone() for name, tensor in tensors.items()
            }
        self.updates = updates

    def _split(self, samples: Samples, count: int) -> list[Tensor]:
        """Cut the samples into `count` minibatches of about equal size."""
        if self.config.shuffle == "rows":
            rows = self.rng.permutation(samples.rows)
            return [torch.from_numpy(part) for part in np.array_split(rows, count)]
        # Match after match; within a minibatch in the order of memory.
        rank = self.rng.permutation(int(samples.matches.max()) + 1)
        rows = samples.rows[np.argsort(rank[samples.matches], kind="stable")]
        return [torch.from_numpy(np.sort(part)) for part in np.array_split(rows, count)]

    def _step(self, loss: Tensor) -> float:
        gradient = self._flat.grad
        assert gradient is not None
        gradient.zero_()
        loss.backward()
        if self._average is not None:
            self._average(gradient)
        norm = float(gradient.norm())
        if not math.isfinite(norm):
            raise TrainingError(
                f"the gradient is not finite at update {self.updates} (first in {self._worst()}); "
                "the weights were not changed"
            )
        if norm > self.config.max_grad_norm:
            gradient.mul_(self.config.max_grad_norm / (norm + 1e-6))
        self._optimizer.step()
        return norm

    def _worst(self) -> str:
        for name, parameter in self.policy.named_parameters():
            if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
                return name
        return "the mean over workers"


def _flatten(policy: Policy) -> torch.nn.Parameter:
    """Turn all that trains into views of one tensor, and their gradients of another."""
    parameters = [parameter for parameter in policy.parameters() if parameter.requires_grad]
    flat = torch.nn.Parameter(
        torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    )
    flat.grad = torch.zeros_like(flat)
    start = 0
    for parameter in parameters:
        stop = start + parameter.numel()
        parameter.data = flat.data[start:stop].view_as(parameter)
        parameter.grad = flat.grad[start:stop].view_as(parameter)
        start = stop
    return flat
