"""Stable-Baselines3: many duels as one of its vector envs, masks included.

    from cam_arena.integrations.sb3 import SB3VecEnv
    from sb3_contrib import MaskablePPO

    MaskablePPO("MultiInputPolicy", SB3VecEnv(64), n_steps=128).learn(1_000_000)

PPO of Stable-Baselines3 works too, but does not look at masks: its illegal actions do nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

import cam_arena
from cam_arena.game.options import ResetChoice
from cam_arena.opponents import OpponentWord
from cam_arena.roster import Roster

__all__ = ["SB3VecEnv", "SnapshotCallback", "save_policy"]


class SB3VecEnv(VecEnv):
    """Both seats of many duels as rows: one policy plays against itself.

    Row `2 * match + seat` is the agent in that seat. With an opponent there is one row a match.
    """

    def __init__(
        self,
        num_matches: int = 8,
        num_threads: int = 1,
        *,
        opponent: OpponentWord | Sequence[OpponentWord] | None = None,
        **options: Any,
    ) -> None:
        """Make the matches.

        Args:
            num_matches: how many step together.
            num_threads: threads that share them.
            opponent: None for both seats, or who plays the second one, as of
                `cam_arena.make_vec`: a bot such as `zoner:3`, a model, a saved policy, ...
            **options: those of every env, see `cam_arena.make_vec`.

        Raises:
            ValueError: with observation `text`, for which Stable-Baselines3 has no policy.
            TypeError: with `autoreset_mode` or `copy`, which Stable-Baselines3 decides.
        """
        for name in ("autoreset_mode", "copy"):
            if name in options:
                raise TypeError(
                    f"unexpected keyword argument {name!r}: Stable-Baselines3 takes copies, and "
                    "expects the next match to begin at once ('SameStep'); leave it out, or take "
                    "cam_arena.make_vec"
                )
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
        """Begin all matches and return observations; `seed` and `set_options` say how.

        Raises:
            ValueError: if the options of a match's two rows differ, or one is not allowed.
        """
        seed, per_match = self._seed, self.num_envs // self.venv.num_matches
        chosen = self._options[::per_match]
        if any(chosen[row // per_match] != given for row, given in enumerate(self._options)):
            raise ValueError("both rows of a match must be given the same options")
        for given in chosen:  # before any match begins
            ResetChoice.parse(given, self.venv.options)
        # The first reset begins all; matches with other options then begin anew with theirs.
        observations, infos = self.venv.reset(seed=seed, options=chosen[0])
        rows = self._by_row(infos)
        for options in [given for k, given in enumerate(chosen) if given not in chosen[:k]][1:]:
            mask = np.array([given == options for given in self._options])
            asked: dict[str, Any] = {**options, "reset_mask": mask}
            observations, infos = self.venv.reset(seed=seed, options=asked)
            for row in np.flatnonzero(mask).tolist():
                rows[row] = self._by_row(infos, [row])[0]
        self.reset_infos = rows
        self._reset_seeds()
        self._reset_options()
        return cast(VecEnvObs, observations)

    def _reset_seeds(self) -> None:
        self._seed = None
        super()._reset_seeds()

    def set_opponents(self, opponent: OpponentWord | Sequence[OpponentWord]) -> None:
        """Take another opponent, or several of which each match draws one; from the next on."""
        self.venv.set_opponents(opponent)

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now, bool of shape (num_envs, K)."""
        return self.venv.action_masks.astype(np.bool_)

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


class SnapshotCallback(BaseCallback):
    """Self-play: every so many steps the learner, as it is then, becomes one of its opponents.

    The env must be an `SB3VecEnv` with an opponent. From the next match on it meets the snapshots,
    each match one of them, drawn by its seed.

        env = SB3VecEnv(64, opponent="random")
        MaskablePPO("MultiInputPolicy", env).learn(1_000_000, SnapshotCallback(50_000))
    """

    def __init__(
        self,
        every: int,
        *,
        most: int = 10,
        others: Sequence[OpponentWord] = (),
        folder: str | Path | None = None,
    ) -> None:
        """Make the callback.

        Args:
            every: steps of the learner between two snapshots; the first is taken at once.
            most: snapshots that are met; beyond it the oldest goes.
            others: opponents that are met besides, such as bots.
            folder: where to save each snapshot too, as `save_policy` does, in a directory of its
                own; None: nowhere.

        Raises:
            ValueError: if a number is below 1.
        """
        super().__init__()
        if min(every, most) < 1:
            raise ValueError(f"every and most must be at least 1, got {every} and {most}")
        self.every, self.most, self.others = every, most, list(others)
        self.folder = None if folder is None else Path(folder)
        self.snapshots: list[Any] = []
        """Frozen policies that are met, the oldest first."""
        self._next = 0

    def _on_training_start(self) -> None:
        env = self.training_env
        while isinstance(env, VecEnvWrapper):
            env = env.venv
        if not isinstance(env, SB3VecEnv) or env.num_envs != env.venv.num_matches:
            raise ValueError(
                "SnapshotCallback needs an SB3VecEnv with an opponent, such as "
                "SB3VecEnv(64, opponent='random')"
            )
        self._env = env

    def _on_rollout_start(self) -> None:
        if self.num_timesteps < self._next:
            return
        from cam_arena.agents.sb3_member import Form, Sb3Member, frozen_copy

        form = Form.of(self.model.observation_space, self.model.action_space)
        policy = frozen_copy(self.model.policy)
        snapshot = Sb3Member(f"step {self.num_timesteps:,}", policy, form)
        self.snapshots = [*self.snapshots, snapshot][-self.most :]
        self._env.set_opponents([*self.others, *self.snapshots])
        if self.folder is not None:
            folder = self.folder / f"step_{self.num_timesteps:09d}"
            save_policy(self.model, folder, roster=self._env.venv.roster)
        self._next = self.num_timesteps + self.every

    def _on_step(self) -> bool:
        return True


def save_policy(
    model: Any,
    directory: str | Path,
    *,
    characters: str | None = None,
    roster: str | Path | Roster | None = None,
) -> Path:
    """Write a model's policy without a pickle, for `cam-arena play` and `watch` and as an opponent.

    Args:
        model: MaskablePPO, PPO, A2C or another with such a policy; its `policy_kwargs` hold
            `net_arch` at most.
        directory: where to write.
        characters: the split or character that it was trained on, for who plays it later.
        roster: of the envs that it was trained in, as they take it; None: the bundled one.

    Returns:
        The checkpoint's directory.

    Raises:
        ValueError: if the policy is of another kind.
    """
    from cam_arena.agents.sb3_member import save_policy as save

    path: Path = save(model, directory, characters=characters, roster=roster)
    return path
