"""A whole team as one Gymnasium env: a central controller sees and acts for all of blue."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from ..errors import MatchError
from ..game.observations import Observation
from .base import Info
from .single import DEFAULT_OPPONENT
from .squad import SquadBase

__all__ = ["SquadCentralEnv"]


class SquadCentralEnv(SquadBase, gymnasium.Env[Any, Any]):  # type: ignore[misc]
    """Teams as a Gymnasium env: one controller plays all of blue, the opponent plays red.

    What an agent of `squad_v0.parallel_env` sees and does is a row here: observations and masks
    have a first axis of `team_size`, and an action is an integer for every fighter. The reward is
    the one that the team shares; infos are arrays of what each fighter's info holds. The arguments
    are those of `squad_v0.parallel_env`; without an opponent red is played by `zoner:3`.
    """

    usual_opponent = DEFAULT_OPPONENT

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        first, count = self.possible_agents[0], len(self.possible_agents)
        self.observation_space = batch_space(self.observation_spaces[first], count)  # type: ignore[method-assign,assignment]
        self.action_space = batch_space(self.action_spaces[first], count)  # type: ignore[method-assign,assignment]

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Begin a match and return observation and info; see the parallel env's `reset`."""
        self._begin(seed, options)
        self._show()
        return self._team()

    def step(self, action: NDArray[np.integer]) -> tuple[Observation, float, bool, bool, Info]:
        """Act for all of blue; return observation, reward, terminated, truncated and info.

        Raises:
            ValueError: if there is not one action for each fighter, or one is out of range.
            TypeError: if one is not an integer.
            MatchError: if there is no match to step.
        """
        self._require_begun()
        if any(self._flags()):
            raise MatchError("the match is over; call reset()")
        count = len(self.possible_agents)
        if not hasattr(action, "__len__") or len(action) != count:
            raise ValueError(f"action must have {count} rows, one a fighter, got {action!r}")
        reward = self._play([self._parse(one, row) for row, one in enumerate(action)])[0]
        observation, info = self._team()
        self._show()
        return observation, reward, *self._flags(), info

    def _team(self) -> tuple[Observation, Info]:
        """Return what the team sees and is told, a row for each fighter."""
        rows = range(len(self.possible_agents))
        seen: list[Any] = [self._observation(row) for row in rows]
        infos = [self._info(row) for row in rows]
        told = {key: np.array([info[key] for info in infos]) for key in infos[0]}
        if isinstance(seen[0], dict):
            return {key: _rows([one[key] for one in seen]) for key in seen[0]}, told
        return _rows(seen), told


def _rows(seen: list[Any]) -> Any:
    return tuple(seen) if isinstance(seen[0], str) else np.stack(seen)
