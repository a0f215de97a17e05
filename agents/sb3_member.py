"""Policies of Stable-Baselines3 as members and opponents: models at hand, and saved ones.

A .zip of Stable-Baselines3 is never read: what it holds besides the weights is pickled code.
`save_policy` writes weights alone, with what is needed to build the policy around them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray
from sb3_contrib.common.maskable.policies import (
    MaskableActorCriticPolicy,
    MaskableMultiInputActorCriticPolicy,
)
from stable_baselines3.common.policies import ActorCriticPolicy, MultiInputActorCriticPolicy

import cam_arena
from cam_arena import _core
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import CheckpointError
from cam_arena.game.actions import factor_masks
from cam_arena.game.observations import VECTORS
from cam_arena.roster import Roster

from . import checkpoint
from .population.inputs import check_rows
from .population.members import Origin, TrainedMember, check_layout_id, find_policy, layout_id

__all__ = [
    "Form",
    "Sb3Member",
    "blank_policy",
    "frozen_copy",
    "load_sb3_member",
    "member_of_model",
    "save_policy",
    "save_weights",
    "sb3_member_of",
]

_POLICIES = {
    (True, True): MaskableMultiInputActorCriticPolicy,
    (True, False): MaskableActorCriticPolicy,
    (False, True): MultiInputActorCriticPolicy,
    (False, False): ActorCriticPolicy,
}
"""By whether it knows masks, and whether its observations are dicts."""


@dataclass(frozen=True)
class Form:
    """What a policy of Stable-Baselines3 reads and does."""

    observation: str = "full"
    """The preset."""
    reads: str = "dict"
    """`dict` of observation and mask, `vector` without a mask, `flat` with the mask behind it."""
    action_space: str = "discrete"
    """`discrete` or `multi_discrete`."""

    @classmethod
    def of(cls, seen: spaces.Space[Any], actions: spaces.Space[Any]) -> "Form":
        """Return the form that a model's spaces have.

        Raises:
            ValueError: if no duel with one frame of a vector has such spaces.
        """
        for observation in VECTORS:
            for reads, options in _READS.items():
                for action_space in ("discrete", "multi_discrete"):
                    form = cls(observation, reads, action_space)
                    env = DuelEnv(observation=observation, action_space=action_space, **options)
                    if (env.observation_space, env.action_space) == (seen, actions):
                        return form
        raise ValueError(
            f"this model sees {seen} and acts in {actions}; an opponent must have been trained on "
            f"one frame of {', '.join(VECTORS)}, with action_space 'discrete' or 'multi_discrete'; "
            "wrap another in a function policy(observation, action_mask)"
        )

    def spaces(self) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        """Return fresh spaces of observations and actions."""
        options = _READS[self.reads]
        env = DuelEnv(observation=self.observation, action_space=self.action_space, **options)
        return env.observation_space, env.action_space


_READS: dict[str, dict[str, Any]] = {
    "dict": {},
    "vector": {"mask_in": "info"},
    "flat": {"flatten": True},
}
"""Options of an env by what a policy reads."""


class Sb3Member(TrainedMember):
    """A policy of Stable-Baselines3; a `Member` and an opponent.

    One that knows masks plays legal actions only. One that does not plays as it was trained: what
    is illegal does nothing. One without probabilities (DQN) takes its best action.
    """

    def __init__(
        self, name: str, policy: Any, form: Form | None = None, *, origin: Origin | None = None
    ) -> None:
        """Wrap a policy; it is put in evaluation mode and never changed here."""
        super().__init__(name, origin)
        self.form = form or Form()
        self.policy = policy
        self._size = cam_arena.observation_layout(self.form.observation).size
        policy.set_training_mode(False)

    @property
    def observation(self) -> str:
        """The preset that it sees."""
        return self.form.observation

    def act(
        self,
        observation: ArrayLike,
        action_mask: ArrayLike,
        *,
        rng: np.random.Generator | None = None,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one action a row, or one for a single row; see `PolicyMember.act`."""
        seen, masks = check_rows(observation, action_mask, self._size)
        chances = self._chances(seen, masks)
        if deterministic:
            chosen = np.asarray(chances.argmax(axis=1), np.int32)
        else:
            chosen = _sample(chances, (rng or self._rng).random(len(chances)))
        return chosen if np.ndim(observation) == 2 else chosen.reshape(())

    def act_rows(
        self,
        observations: NDArray[np.float32],
        action_masks: NDArray[np.int8],
        draws: NDArray[np.float32],
    ) -> NDArray[np.int32]:
        """Choose one action a row; see `cam_arena.opponents.RowPolicy`."""
        return _sample(self._chances(observations, action_masks), draws.astype(np.float64))

    @torch.inference_mode()
    def _chances(
        self, observations: NDArray[np.float32], masks: NDArray[np.int8]
    ) -> NDArray[np.float64]:
        """Return the probabilities of the actions, shape (B, 108)."""
        is_joint = self.form.action_space == "discrete"
        own = masks if is_joint else factor_masks(masks)
        seen = self._dress(observations, own)
        if not isinstance(self.policy, ActorCriticPolicy | MaskableActorCriticPolicy):
            best = np.asarray(self.policy.predict(_as_numpy(seen), deterministic=True)[0])
            chances = np.zeros((len(masks), _core.NUM_ACTIONS))
            chances[np.arange(len(masks)), best.reshape(-1)] = 1
            return chances
        is_masked = isinstance(self.policy, MaskableActorCriticPolicy)
        told: tuple[Any, ...] = (own.astype(np.bool_),) if is_masked else ()
        found: Any = self.policy.get_distribution(seen, *told)
        if is_joint:
            chances = found.distribution.probs.numpy().astype(np.float64)
        else:
            parts = getattr(found, "distributions", None) or found.distribution
            directions, buttons = (part.probs.numpy().astype(np.float64) for part in parts)
            chances = _joined(directions, buttons, masks)
        # Products in float32 may leave a speck of probability where an action is illegal.
        return chances * masks if is_masked else chances

    def _dress(self, observations: NDArray[np.float32], masks: NDArray[np.int8]) -> Any:
        seen = torch.from_numpy(np.ascontiguousarray(observations))
        legal = torch.from_numpy(np.ascontiguousarray(masks))
        if self.form.reads == "vector":
            return seen
        if self.form.reads == "flat":
            return torch.cat([seen, legal.float()], 1)
        return {"observation": seen, "action_mask": legal}


def _as_numpy(seen: Any) -> Any:
    if isinstance(seen, dict):
        return {name: tensor.numpy() for name, tensor in seen.items()}
    return seen.numpy()


def _joined(
    directions: NDArray[np.float64], buttons: NDArray[np.float64], masks: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Return the probabilities of pairs; a direction that its button does not read is dropped."""
    shape = len(masks), _core.NUM_DIRECTIONS, _core.NUM_BUTTONS
    pairs = directions[:, :, None] * buttons[:, None, :]
    dropped = pairs * (masks.reshape(shape) == 0)
    pairs -= dropped
    pairs[:, 0] += dropped.sum(axis=1)
    return pairs.reshape(len(masks), -1)


def _sample(chances: NDArray[np.float64], draws: NDArray[np.float64]) -> NDArray[np.int32]:
    edges = chances.cumsum(axis=1)
    chosen: NDArray[np.int32] = (edges <= draws[:, None] * edges[:, -1:]).sum(axis=1)
    return chosen.astype(np.int32)


def member_of_model(model: Any) -> Sb3Member:
    """Return a model of Stable-Baselines3 as a member; it plays as the model is at each moment.

    Raises:
        ValueError: if it was trained on spaces that no duel with one frame of a vector has, or has
            a memory.
    """
    if hasattr(model.policy, "lstm_actor"):
        raise ValueError(
            f"{type(model).__name__} has a memory, which belongs to one match: wrap it in an "
            "object with act(observation, action_mask) and reset(seed)"
        )
    form = Form.of(model.observation_space, model.action_space)
    return Sb3Member(type(model).__name__, model.policy, form)


def frozen_copy(policy: Any) -> Any:
    """Return an equal policy that the learner does not change."""
    twin = type(policy)(**policy._get_constructor_parameters())
    twin.load_state_dict(policy.state_dict())
    return twin.to("cpu")


def save_policy(
    model: Any,
    root: Path | str,
    *,
    characters: str | None = None,
    roster: str | Path | Roster | None = None,
    step: int | None = None,
) -> Path:
    """Write the policy of a model without a pickle, for `play`, `watch` and as an opponent.

    Args:
        model: MaskablePPO, PPO, A2C or another with such a policy; its `policy_kwargs` hold
            `net_arch` at most.
        root: directory of this policy's checkpoints.
        characters: the split or character that it was trained on, if it is to be known.
        roster: of the envs that it was trained in, as they take it; None: the bundled one.
        step: counter of the checkpoint; None: the model's `num_timesteps`.

    Returns:
        The checkpoint's directory.

    Raises:
        ValueError: if the policy is of another kind.
    """
    form = Form.of(model.observation_space, model.action_space)
    policy: Any = model.policy
    if type(policy) not in _POLICIES.values():
        raise ValueError(
            f"{type(policy).__name__} cannot be written without a pickle; policies of "
            "MaskablePPO, PPO and A2C can"
        )
    extra = set(model.policy_kwargs or {}) - {"net_arch", "use_sde"}
    if extra:
        raise ValueError(
            f"policy_kwargs {sorted(extra)} cannot be written without a pickle; net_arch can"
        )
    state = {
        "is_masked": isinstance(policy, MaskableActorCriticPolicy),
        "reads": form.reads,
        "action_space": form.action_space,
        "net_arch": (model.policy_kwargs or {}).get("net_arch"),
        "config": {"characters": characters},
    }
    number = int(model.num_timesteps) if step is None else step
    playing = roster if isinstance(roster, Roster) else cam_arena.load_roster(roster)
    return save_weights(
        root, number, policy.state_dict(), form.observation, state=state, roster=playing.id
    )


def save_weights(
    root: Path | str,
    step: int,
    weights: Any,
    observation: str,
    *,
    state: dict[str, Any],
    roster: str | None = None,
    keep: int = 3,
) -> Path:
    """Write weights of a policy that `blank_policy` builds, or that `state` describes.

    Args:
        root: directory of this policy's checkpoints.
        step: counter of the checkpoint.
        weights: the policy's `state_dict()`.
        observation: the preset that it sees.
        state: further facts.
        roster: id of the roster that it was trained on; None: the bundled one's.
        keep: how many checkpoints to keep.

    Returns:
        The checkpoint's directory.
    """
    facts = {"kind": "sb3", "observation": observation, "layout": layout_id(observation)}
    return checkpoint.save(
        root, step, tensors={"weights": weights}, state={**state, **facts}, roster=roster, keep=keep
    )


def blank_policy(
    observation: str = "full",
    *,
    is_masked: bool = True,
    reads: str = "dict",
    action_space: str = "discrete",
    net_arch: Any = None,
) -> Any:
    """Return a policy of the form that MaskablePPO makes for an observation preset.

    Args:
        observation: the preset.
        is_masked: False for the form that PPO makes.
        reads: as in `Form`.
        action_space: as in `Form`.
        net_arch: as in `policy_kwargs`; None for the default.
    """
    kind = _POLICIES[bool(is_masked), reads == "dict"]
    seen, actions = Form(observation, reads, action_space).spaces()
    return kind(seen, actions, lambda _: 0.0, net_arch=net_arch)


def load_sb3_member(root: Path, name: str, *, roster: Roster | None = None) -> Sb3Member:
    """Read the newest policy that `sb3.train` or `save_policy` wrote below a directory.

    Args:
        root: the directory, or one checkpoint in it.
        name: the member's name.
        roster: that it is to play; None: the bundled one.

    Raises:
        OtherRosterError: if it was trained on another roster.
        CheckpointError: if there is none, it is of another form, or it was trained on another
            layout of its observation.
    """
    return sb3_member_of(find_policy(root, roster=roster), name, roster)


def sb3_member_of(
    found: checkpoint.Checkpoint, name: str, roster: Roster | None = None
) -> Sb3Member:
    """Return the policy that a checkpoint holds; see `load_sb3_member`."""
    state = found.state
    observation = str(state.get("observation", "full"))
    check_layout_id(found, observation)
    described = {
        key: state[key]
        for key in ("is_masked", "reads", "action_space", "net_arch")
        if key in state
    }
    try:
        policy = blank_policy(observation, **described)
        policy.load_state_dict(found.tensors["weights"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"{found.path}: does not hold an sb3 policy: {error}") from error
    reads, actions = state.get("reads", "dict"), state.get("action_space", "discrete")
    origin = Origin.of(found, roster or cam_arena.load_roster())
    return Sb3Member(name, policy, Form(observation, reads, actions), origin=origin)
