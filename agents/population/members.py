"""Members of a population: whoever can sit in a seat."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

import cam_arena
from cam_arena import _core, _training, bots
from cam_arena.errors import CheckpointError
from cam_arena.game.observations import VECTORS
from cam_arena.roster import Roster

from .. import checkpoint
from ..failures import telling
from ..networks import Policy, layout_from_rows
from ..sharing import build_policy
from .inputs import check_rows

__all__ = [
    "BotMember",
    "Member",
    "Player",
    "PolicyMember",
    "TrainedMember",
    "UniformMember",
    "act_in_rows",
    "bot_member",
    "load_member",
    "save_member",
]


@dataclass(frozen=True)
class Origin:
    """What a saved policy was trained on."""

    roster: str | None = None
    """Id of the roster; None if unknown, as in the next two."""
    characters: str | None = None
    """Whom it plays: a split or a character."""
    met: frozenset[str] | None = None
    """Names of all characters that it has met."""

    @classmethod
    def of(cls, found: checkpoint.Checkpoint, roster: Roster) -> "Origin":
        """Return what a checkpoint's facts say.

        Args:
            found: the checkpoint.
            roster: that it was trained on.
        """
        config = found.state.get("config")
        trained_on = config.get("characters") if isinstance(config, dict) else None
        if not isinstance(trained_on, str) or trained_on not in (*roster.splits, *roster.names):
            return cls(found.roster)
        own = found.state.get("character", trained_on)  # a specialist plays one, and meets all
        met = roster.splits.get(trained_on, (trained_on,))
        return cls(found.roster, str(own), frozenset(met))


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


class TrainedMember:
    """What members with weights share: where they come from, and draws of their own."""

    def __init__(self, name: str, origin: Origin | None) -> None:
        """Name a member. origin: what it was trained on, if that is known."""
        self.name = name
        self._origin = origin or Origin()
        self._rng = np.random.default_rng(0)

    @property
    def roster(self) -> str | None:
        """Id of the roster that it was trained on, if that is known."""
        return self._origin.roster

    @property
    def characters(self) -> str | None:
        """Whom it was trained to play, a split or a character, if that is known."""
        return self._origin.characters

    @property
    def met(self) -> frozenset[str] | None:
        """Names of the characters that it met in its training, if that is known."""
        return self._origin.met

    def reset(self, seed: int) -> None:
        """Begin the draws of `act` without `rng` anew."""
        self._rng = np.random.default_rng(seed)


class PolicyMember(TrainedMember):
    """A network that plays any character its sharing scheme knows."""

    def __init__(
        self,
        name: str,
        policy: Policy,
        *,
        condition: Sequence[float] | None = None,
        origin: Origin | None = None,
    ) -> None:
        """Wrap a policy; it is put in evaluation mode and never changed here.

        Args:
            name: what tables call it.
            policy: the network.
            condition: what a conditional network is told in every row; None: the rows hold it, or
                the network reads none.
            origin: what it was trained on, if that is known.
        """
        super().__init__(name, origin)
        self.policy = policy.eval()
        self.condition = None if condition is None else np.asarray(condition, np.float32)
        spec = policy.spec()
        told = 0 if self.condition is None else len(self.condition)
        self._size = layout_from_rows(spec["observation"], spec["rows"]).size - told

    @property
    def observation(self) -> str:
        """The preset that it sees."""
        return str(self.policy.spec()["observation"])

    def act(
        self,
        observation: ArrayLike,
        action_mask: ArrayLike,
        *,
        rng: np.random.Generator | None = None,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row, or one for a single row.

        Args:
            observation: shape (B, O) or (O,), of any floating type; the characters are read from
                it.
            action_mask: shape (B, K) or (K,), integers or bool; true where legal.
            rng: source of the draws; None: the member's own, which `reset` begins anew.
            deterministic: take the likeliest action instead of a draw.

        Returns:
            Action ids, int32 of shape (B,) or ().

        Raises:
            ValueError: if a shape is wrong, an observation is not finite, or a row of the mask is
                all zero.
            TypeError: if the mask is not made of integers or bools.
        """
        seen, masks = check_rows(observation, action_mask, self._size)
        chosen = self.choose(seen, masks, rng=rng or self._rng, deterministic=deterministic)
        return chosen if np.ndim(observation) == 2 else chosen.reshape(())

    def act_rows(
        self,
        observations: NDArray[np.float32],
        action_masks: NDArray[np.int8],
        draws: NDArray[np.float32],
    ) -> NDArray[np.int32]:
        """Choose one legal action a row; see `cam_arena.opponents.RowPolicy`."""
        with telling(self.name):
            return self._sample(self.logits(observations).numpy(), action_masks, draws)

    @staticmethod
    def _sample(
        logits: NDArray[np.float32], masks: NDArray[np.int8], draws: NDArray[np.float32]
    ) -> NDArray[np.int32]:
        actions, chances = np.empty(len(logits), np.int32), np.empty(len(logits), np.float32)
        _training.sample_actions(logits, np.ascontiguousarray(masks), draws, actions, chances)
        return actions

    def choose(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
        rows: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row, unchecked. `rows`: which of them; None: all."""
        logits = self.logits(observation, rows).numpy()
        masks = np.ascontiguousarray(action_mask) if rows is None else action_mask[rows]
        actions = np.empty(len(logits), np.int32)
        with telling(self.name):
            if not deterministic:
                return self._sample(logits, masks, rng.random(len(logits), np.float32))
            _training.best_actions(logits, masks, actions)
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
    """Name of the bot, a key of `_core.BOTS`, or both as in `zoner:3`."""
    level: int = bots.DEFAULT_LEVEL
    """1 (slow, careless) to 5 (fast, sharp), of those that look ahead to 8."""

    def __post_init__(self) -> None:
        """Reject a bot that does not exist."""
        if ":" in self.kind:
            object.__setattr__(self, "level", bots.parse(self.kind)[1])
            object.__setattr__(self, "kind", self.kind.partition(":")[0])
        highest = bots.levels(self.kind)[-1]
        if not 1 <= self.level <= highest:
            raise ValueError(f"level of {self.kind} must be 1..{highest}, got {self.level}")

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
    observation = "tiny"  # which it does not look at

    def act_rows(
        self,
        observations: NDArray[np.float32],
        action_masks: NDArray[np.int8],
        draws: NDArray[np.float32],
    ) -> NDArray[np.int32]:
        """Choose one legal action a row; see `cam_arena.opponents.RowPolicy`."""
        return PolicyMember._sample(np.zeros(action_masks.shape, np.float32), action_masks, draws)

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
        return member.choose(observations, masks, rng=rng, deterministic=deterministic, rows=rows)
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
    spec = policy.spec()
    layout = layout_id(spec["observation"])
    facts = {**(state or {}), "policy": spec, "condition": told, "layout": layout}
    weights = {"weights": policy.state_dict()}
    return checkpoint.save(root, step, tensors=weights, state=facts, roster=roster)


def layout_id(observation: str) -> str | None:
    """Return the id of a preset's layout; None for that of a matrix game."""
    return cam_arena.observation_layout(observation).id if observation in VECTORS else None


def check_layout_id(found: checkpoint.Checkpoint, observation: str) -> None:
    """Refuse a policy whose observations had other numbers, or the same in other places.

    Raises:
        CheckpointError: naming both layouts; or that what was found is no policy to play with.
    """
    if "layout" not in found.state:
        raise CheckpointError(
            f"{found.path}: holds what a training goes on from, not a policy; give the directory "
            "of the run, or its policy/"
        )
    saved, here = found.state.get("layout"), layout_id(observation)
    if saved != here:
        raise CheckpointError(
            f"{found.path}: trained on layout {saved} of observation {observation!r}, here it is "
            f"{here}: the numbers mean something else; use the version of cam-arena that trained "
            "it, or train again"
        )


def find_policy(root: Path | str, *, roster: Roster | None = None) -> checkpoint.Checkpoint:
    """Return the newest intact checkpoint of a policy below a directory.

    Args:
        root: a directory of a policy's checkpoints, one of its checkpoints, or a run with one
            policy or a shared one.
        roster: that it is to play; None: the bundled one.

    Raises:
        OtherRosterError: if it was trained on another roster.
        CheckpointError: if there is none; tells a missing directory from one without a policy.
    """
    root, identity = Path(root), None if roster is None else roster.id
    if not os.path.isdir(root):  # `Path.is_dir` raises where a name is too long
        raise CheckpointError(f"there is no directory {root}")
    if (root / "manifest.json").exists():
        return checkpoint.load(root, roster=identity)
    for part in (".", "policy", "stage1/policy", "shared"):
        found = checkpoint.latest(root / part, roster=identity)
        if found is not None:
            return found
    raise CheckpointError(
        f"{root}: there is no checkpoint of a policy here; give the directory of a run that has "
        "finished, or of a policy, such as its policy/"
    )


def load_member(
    root: Path | str, name: str | None = None, *, roster: Roster | None = None
) -> PolicyMember:
    """Read a policy from the newest intact checkpoint below a directory, or from one itself.

    Args:
        root: directory given to `save_member`, one `step_...` directory in it, or that of a run,
            which stands for its `policy/` or, with CAM, its shared policy.
        name: the member's name; by default the name of the directory.
        roster: that it is to play; None: the bundled one.

    Raises:
        OtherRosterError: if it was trained on another roster.
        CheckpointError: if there is no checkpoint, it does not hold a policy of this version, or it
            was trained on another layout of its observation.
    """
    found = find_policy(root, roster=roster)
    return member_of(found, name or Path(root).name, roster)


def member_of(
    found: checkpoint.Checkpoint, name: str, roster: Roster | None = None
) -> PolicyMember:
    """Return the policy that a checkpoint holds; see `load_member`."""
    try:
        spec = found.state["policy"]
        check_layout_id(found, str(spec["observation"]))
        policy = build_policy(spec)
        policy.load_state_dict(found.tensors["weights"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{found.path}: does not hold a policy of this version: {error}"
        ) from error
    policy.requires_grad_(False)  # it plays; who trains it further takes a copy
    origin = Origin.of(found, roster or cam_arena.load_roster())
    return PolicyMember(name, policy, condition=found.state.get("condition"), origin=origin)


def bot_member(text: str) -> BotMember:
    """Return the bot that `kind:level` names.

    Raises:
        ValueError: if it names none.
    """
    kind, _, level = text.partition(":")
    if not level.isdecimal():
        raise ValueError(f"a bot is written kind:level, such as masher:3; got {text!r}")
    return BotMember(kind, int(level))
