"""Stable-Baselines3: many duels as one of its vector envs, masks included.

    from cam_arena.integrations.sb3 import SB3VecEnv
    from sb3_contrib import MaskablePPO

    MaskablePPO("MultiInputPolicy", SB3VecEnv(64), n_steps=128).learn(1_000_000)

PPO of Stable-Baselines3 works too, but does not look at masks: its illegal actions do nothing.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

import cam_arena

__all__ = ["SB3VecEnv"]


class SB3VecEnv(VecEnv):
    """Both seats of many duels as rows: one policy plays against itself.

    Row `2 * match + seat` is the agent in that seat. With an opponent, a bot plays the second seat
    and there is one row a match.
    """

    def __init__(
        self,
        num_matches: int = 8,
        num_threads: int = 1,
        *,
        opponent: str | None = None,
        **options: Any,
    ) -> None:
        """Make the matches.

        Args:
            num_matches: how many step together.
            num_threads: threads that share them.
            opponent: None for both seats, or a bot such as `zoner:3`.
            **options: those of every env, see `cam_arena.make_vec`.

        Raises:
            ValueError: with observation `text`, for which Stable-Baselines3 has no policy.
        """
        if options.get("observation") == "text":
            raise ValueError(
                "Stable-Baselines3 cannot read texts: take observation 'full', 'tiny', 'entities' "
                "or 'pixels' here, or cam_arena.make_vec(observation='text') without it"
            )
        self.venv = cam_arena.make_vec(
            num_matches,
            num_threads,
            opponent=opponent,
            autoreset_mode="SameStep",
            copy=True,
            **options,
        )
        self._actions: NDArray[np.int64] = np.zeros(self.venv.num_envs, np.int64)
        self._seed: int | list[int | None] | None = None
        super().__init__(
            self.venv.num_envs, self.venv.single_observation_space, self.venv.single_action_space
        )

    def reset(self) -> VecEnvObs:
        """Begin all matches and return observations; `seed` says how."""
        observations, infos = self.venv.reset(seed=self._seed)
        self._seed = None
        self.reset_infos = self._by_row(infos)
        self._reset_options()
        return cast(VecEnvObs, observations)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions for `step_wait`."""
        self._actions = np.asarray(actions)

    def step_wait(self) -> VecEnvStepReturn:
        """Step and return observations, rewards, dones and infos.

        An info of a row that is done holds `terminal_observation`, and `TimeLimit.truncated`, which
        is True if the match was cut off: then its last value still counts.
        """
        observations, rewards, terminated, truncated, infos = self.venv.step(self._actions)
        dones = terminated | truncated
        rows = self._by_row(infos)
        for row in np.flatnonzero(dones).tolist():
            rows[row].update(self._by_row(infos["final_info"], [row])[0])
            rows[row]["terminal_observation"] = infos["final_obs"][row]
            rows[row]["TimeLimit.truncated"] = bool(truncated[row] and not terminated[row])
        return cast(VecEnvObs, observations), rewards, dones, rows

    def close(self) -> None:
        """Free the matches."""
        self.venv.close()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Set the seeds of the next reset: match i gets `seed + i`.

        Returns:
            The seed of each row; both rows of a match have the same.
        """
        self._seed = seed
        per_match = self.num_envs // self.venv.num_matches
        return [None if seed is None else seed + row // per_match for row in range(self.num_envs)]

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute, once for each row; `action_masks` is a method for each row."""
        rows = list(self._get_indices(indices))
        if attr_name == "action_masks":
            return [lambda row=row: self.venv.action_masks[row].astype(np.bool_) for row in rows]
        return [getattr(self.venv, attr_name)] * len(rows)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute, such as `max_cycles`; all rows share it.

        Raises:
            ValueError: if `indices` names some rows only.
        """
        if len(list(self._get_indices(indices))) != self.num_envs:
            raise ValueError(f"all rows share {attr_name}: leave indices out")
        setattr(self.venv, attr_name, value)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: VecEnvIndices = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Call a method for each row; `action_masks` returns bool arrays of shape (K,)."""
        methods = self.get_attr(method_name, indices)
        if method_name == "action_masks":
            return [method() for method in methods]
        # One call serves all rows: they are one env.
        return [methods[0](*method_args, **method_kwargs)] * len(methods)

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Return False for each row: there are no wrappers inside."""
        return [False] * len(list(self._get_indices(indices)))

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """Return a frame for each row."""
        frames = self.venv.render()
        per_match = self.num_envs // len(frames)
        return [frames[row // per_match] for row in range(self.num_envs)]

    def _by_row(
        self, infos: dict[str, Any], rows: Sequence[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return gymnasium's dict of arrays as a dict for each row."""
        chosen = range(self.num_envs) if rows is None else rows
        found: list[dict[str, Any]] = [{} for _ in chosen]
        for name, values in infos.items():
            if name.startswith(("_", "final_")):
                continue
            present = infos.get(f"_{name}")
            for k, row in enumerate(chosen):
                if present is not None and not present[row]:
                    continue
                found[k][name] = (
                    self._by_row(values, [row])[0] if isinstance(values, dict) else values[row]
                )
        return found
