"""Teams as a PettingZoo AEC env: the agents take turns, and the world moves after the last."""

from collections.abc import Mapping
from typing import Any

from pettingzoo import AECEnv

from ..errors import MatchError
from ..game.actions import Action
from ..game.observations import Observation
from .base import Info
from .squad import SquadBase

__all__ = ["SquadAECEnv"]


class SquadAECEnv(SquadBase, AECEnv):  # type: ignore[misc]  # pettingzoo has no types
    """Teams as a PettingZoo AEC env, for agents `blue_0`.. and `red_0`.. in this order.

    Actions are kept back until the last agent has chosen, and nobody sees anything of them; then
    the world moves, and all rewards of the step fall. The arguments are those of
    `squad_v0.parallel_env`.
    """

    def reset(self, seed: int | None = None, options: Mapping[str, Any] | None = None) -> None:
        """Begin a match, as the parallel env's `reset` does."""
        self._begin(seed, options)
        self._pending: list[int] = []
        self.agent_selection = self.agents[0]
        self._skip_agent_selection: str | None = None
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self._read()
        self._show()

    def step(self, action: Action | None) -> None:
        """Take the action of `agent_selection`; None once it has ended.

        Raises:
            ValueError: if it is out of range, of the wrong shape, or not None after the end.
            TypeError: if the action is not an integer.
            MatchError: if there is no match to step.
        """
        if not self.agents or self._is_closed:
            self._refuse()
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        row = self.possible_agents.index(agent)
        chosen = [*self._pending, self._parse(action, row)]
        if len(chosen) < len(self.possible_agents):
            self._pending = chosen
            self.agent_selection = self.possible_agents[row + 1]
            self._cumulative_rewards[agent] = 0.0
            self.rewards = dict.fromkeys(self.agents, 0.0)
            return
        self._advance(chosen)
        self._pending = []
        self.agent_selection = self.possible_agents[0]
        self._cumulative_rewards[agent] = 0.0
        earned = self._matches.arrays.rewards[0].tolist()
        self.rewards = dict(zip(self.possible_agents, earned, strict=True))
        self._accumulate_rewards()
        self._read()
        self._show()

    def _read(self) -> None:
        arrays, agents = self._matches.arrays, self.possible_agents
        self.terminations = dict(zip(agents, arrays.terminated[0].tolist(), strict=True))
        self.truncations = dict(zip(agents, arrays.truncated[0].tolist(), strict=True))
        self.infos: dict[str, Info] = {agent: self._info(row) for row, agent in enumerate(agents)}

    def _refuse(self) -> None:
        self._require_begun()
        raise MatchError("the match is over and env.agents is empty; call reset()")

    def observe(self, agent: str) -> Observation:
        """Return a fresh observation of an agent.

        Raises:
            MatchError: if no match has begun.
        """
        self._require_begun()
        return self._observation(self.possible_agents.index(agent))
