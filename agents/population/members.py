"""Members of a population: whoever can sit in a seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cam_arena import _core, _training
from cam_arena.errors import CheckpointError

from .. import checkpoint
from ..networks import Policy
from ..sharing import build_policy

__all__ = [
    "BotMember",
    "Member",
    "Player",
    "PolicyMember",
    "UniformMember",
    "act_in_rows",
    "load_member",
    "save_member",
]


@runtime_checkable
class Member(Protocol):
    """A policy with a name."""

    @property
    def name(self) -> str:
        """What tables and curves call it."""
        ...

    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row.

        Args:
            observation: shape (B, O); the characters are read from it.
            action_mask: shape (B, K), 1 where legal.
            rng: source of the draws.
            deterministic: take the likeliest action instead of a draw.

        Returns:
            Action ids, shape (B,).

        Raises:
            ValueError: if a row of the mask is all zero.
        """
        ...


class PolicyMember:
    """A network that plays any character its sharing scheme knows."""

    def __init__(
        self, name: str, policy: Policy, *, condition: Sequence[float] | None = None
    ) -> None:
        """Wrap a policy; it is put in evaluation mode and never changed here.

        Args:
            name: what tables call it.
            policy: the network.
            condition: what a conditional network is told in every row; None: the rows hold it, or
                the network reads none.
        """
        self.name = name
        self.policy = policy.eval()
        self.condition = None if condition is None else np.asarray(condition, np.float32)

    @property
    def observation(self) -> str:
        """The preset that it sees."""
        return str(self.policy.spec()["observation"])

    @torch.inference_mode()
    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
        rows: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row; see `Member.act`. `rows`: which of them; None: all."""
        logits = self.logits(observation, rows).numpy()
        masks = np.ascontiguousarray(action_mask) if rows is None else action_mask[rows]
        actions = np.empty(len(logits), np.int32)
        if deterministic:
            _training.best_actions(logits, masks, actions)
        else:
            uniforms = rng.random(len(logits), np.float32)
            _training.sample_actions(
                logits, masks, uniforms, actions, np.empty(len(logits), np.float32)
            )
        return actions

    @torch.inference_mode()
    def logits(
        self, observation: NDArray[np.float32], rows: NDArray[np.int64] | None = None
    ) -> Tensor:
        """Return float32 logits of observations, shape (B, K); of some rows, if they are given."""
        if rows is not None and self.condition is None:
            return self.policy.forward_rows(torch.from_numpy(observation), rows)[0].float()
        chosen = observation if rows is None else observation[rows]
        logits: Tensor = self.policy(torch.from_numpy(self._told(chosen)))[0]
        return logits.float()

    def _told(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.condition is None:
            return np.ascontiguousarray(observation)
        told = np.broadcast_to(self.condition, (len(observation), len(self.condition)))
        return np.concatenate([observation, told], 1)


@dataclass(frozen=True)
class BotMember:
    """A scripted bot. The simulation plays it, so it needs no observation: see `Batch.set_bot`."""

    kind: str
    """Name of the bot, a key of `_core.BOTS`."""
    level: int = 3
    """1 (slow, careless) to 5 (fast, sharp)."""

    def __post_init__(self) -> None:
        """Reject a bot that does not exist."""
        if self.kind not in _core.BOTS:
            raise ValueError(f"bot must be one of {sorted(_core.BOTS)}, got {self.kind!r}")
        if not 1 <= self.level <= 5:
            raise ValueError(f"level of a bot must be 1..5, got {self.level}")

    @property
    def name(self) -> str:
        """`kind:level`, the form that `opponent=` of the envs takes."""
        return f"{self.kind}:{self.level}"

    @property
    def bot(self) -> tuple[int, int]:
        """Code of the kind and level, as `Batch.set_bot` takes them."""
        return _core.BOTS[self.kind], self.level


class UniformMember:
    """Plays any legal action, each as likely: the sink of a population."""

    name = "uniform"

    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row; see `Member.act`. `deterministic` takes the lowest id."""
        if not action_mask.any(axis=-1).all():
            raise ValueError("a row of action_mask is all zero: no action is legal")
        if deterministic:
            chosen: NDArray[np.int64] = action_mask.argmax(-1)
        else:
            chosen = (rng.random(action_mask.shape) * action_mask).argmax(-1)
        return chosen.astype(np.int32)


Player = Member | BotMember
"""Who can be an opponent."""


def act_in_rows(
    member: Member,
    observations: NDArray[np.float32],
    masks: NDArray[np.int8],
    rows: NDArray[np.int64],
    *,
    rng: np.random.Generator,
    deterministic: bool = False,
) -> NDArray[np.int32]:
    """Let a member act in some rows of arrays; a policy reads them where they lie.

    Args:
        member: not a bot.
        observations: float32, shape (N, O).
        masks: int8, shape (N, K).
        rows: which, shape (B,).
        rng: as in `Member.act`.
        deterministic: as in `Member.act`.

    Returns:
        int32, shape (B,).
    """
    if isinstance(member, PolicyMember):
        return member.act(observations, masks, rng=rng, deterministic=deterministic, rows=rows)
    return member.act(observations[rows], masks[rows], rng=rng, deterministic=deterministic)


def save_member(
    root: Path | str,
    policy: Policy,
    *,
    step: int = 0,
    state: dict[str, object] | None = None,
    roster: str | None = None,
    condition: Sequence[float] | None = None,
) -> Path:
    """Write a policy alone, for play and evaluation.

    Args:
        root: directory of this member's checkpoints.
        policy: what to save.
        step: counter of the checkpoint.
        state: further facts for `state.json`, such as the parent's name.
        roster: id of the roster it plays; None: the bundled one's.
        condition: what a conditional network is to be told; see `PolicyMember`.

    Returns:
        The checkpoint's directory.
    """
    told = None if condition is None else [float(value) for value in condition]
    facts = {**(state or {}), "policy": policy.spec(), "condition": told}
    weights = {"weights": policy.state_dict()}
    return checkpoint.save(root, step, tensors=weights, state=facts, roster=roster)


def load_member(
    root: Path | str, name: str | None = None, *, roster: str | None = None
) -> PolicyMember:
    """Read a policy from the newest intact checkpoint below a directory, or from one itself.

    Args:
        root: directory given to `save_member`, or one `step_...` directory in it.
        name: the member's name; by default the name of the directory.
        roster: id of the roster it is to play; None: the bundled one's.

    Raises:
        OtherRosterError: if it was trained on another roster.
        CheckpointError: if there is no checkpoint, or it does not hold a policy of this version.
    """
    root = Path(root)
    is_one = (root / "manifest.json").exists()
    found = (checkpoint.load if is_one else checkpoint.latest)(root, roster=roster)
    if found is None:
        raise CheckpointError(f"{root}: there is no checkpoint here")
    try:
        policy = build_policy(found.state["policy"])
        policy.load_state_dict(found.tensors["weights"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{found.path}: does not hold a policy of this version: {error}"
        ) from error
    policy.requires_grad_(False)  # it plays; who trains it further takes a copy
    return PolicyMember(name or root.name, policy, condition=found.state.get("condition"))
