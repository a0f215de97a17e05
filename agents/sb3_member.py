"""Policies of Stable-Baselines3 as members: runs of `sb3.py` can be evaluated."""

from pathlib import Path

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from sb3_contrib.common.maskable.policies import MaskableMultiInputActorCriticPolicy
from torch.distributions import Categorical

from cam_arena.envs.single import DuelEnv
from cam_arena.errors import CheckpointError

from . import checkpoint

__all__ = ["Sb3Member", "blank_policy", "load_sb3_member"]


class Sb3Member:
    """A MaskablePPO policy; a `Member`."""

    def __init__(
        self, name: str, policy: MaskableMultiInputActorCriticPolicy, observation: str = "full"
    ) -> None:
        """Wrap a policy; it is put in evaluation mode and never changed here."""
        self.name, self.observation = name, observation
        self.policy = policy.eval()

    @torch.inference_mode()
    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one legal action a row; see `Member.act`."""
        seen = {
            "observation": torch.from_numpy(np.ascontiguousarray(observation)),
            "action_mask": torch.from_numpy(np.ascontiguousarray(action_mask)),
        }
        found = self.policy.get_distribution(seen, action_mask.astype(np.bool_)).distribution
        assert isinstance(found, Categorical)  # as the action space is Discrete
        # Products in float32 may leave a speck of probability where an action is illegal.
        chances = found.probs.numpy().astype(np.float64) * action_mask
        actions = np.empty(len(chances), np.int32)
        if deterministic:
            actions[:] = chances.argmax(axis=1)
            return actions
        edges = chances.cumsum(axis=1)
        draws = rng.random((len(edges), 1)) * edges[:, -1:]
        actions[:] = (edges <= draws).sum(axis=1)
        return actions


def blank_policy(observation: str) -> MaskableMultiInputActorCriticPolicy:
    """Return a policy of the form that MaskablePPO makes for an observation preset."""
    env = DuelEnv(observation=observation)
    try:
        space = env.observation_space
        assert isinstance(space, spaces.Dict)  # as its default options say
        return MaskableMultiInputActorCriticPolicy(space, env.action_space, lambda _: 0.0)
    finally:
        env.close()


def load_sb3_member(root: Path, name: str) -> Sb3Member:
    """Read the newest policy that `sb3.train` saved below a directory, or one checkpoint's.

    Raises:
        CheckpointError: if there is none, or it is of another form.
    """
    is_one = (root / "manifest.json").exists()
    found = checkpoint.load(root) if is_one else checkpoint.latest(root)
    if found is None:
        raise CheckpointError(f"{root}: there is no checkpoint here")
    observation = str(found.state.get("observation", "full"))
    try:
        policy = blank_policy(observation)
        policy.load_state_dict(found.tensors["weights"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(f"{found.path}: does not hold an sb3 policy: {error}") from error
    return Sb3Member(name, policy, observation)
