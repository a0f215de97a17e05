"""Agents that take turns, as PettingZoo's AEC envs have them: the world moves after the last."""

from collections.abc import Mapping
from typing import Any

from pettingzoo import AECEnv

from ..errors import MatchError
from ..game.actions import Action
from ..game.observations import Observation
from .base import AgentEnv, Info

__all__ = ["TurnEnv"]


class TurnEnv(AgentEnv, AECEnv):  # type: ignore[misc]  # pettingzoo has no types
    """An env of one match whose agents take turns.

    Actions are kept back until the last agent has chosen, and nobody sees anything of them; then
    the world moves, and all rewards of the step fall at the last one's turn.
    """

    infos: dict[str, Info]

    # What an env does by itself: rows are agents, in order.

    def _begin(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        """Begin a match."""
        raise NotImplementedError

    def _read(self) -> None:
        """Note flags and infos of every agent; nothing of a step is pending."""
        raise NotImplementedError

    def _observation(self, row: int) -> Observation:
        raise NotImplementedError

    def reset(self, seed: int | None = None, options: Mapping[str, Any] | None = None) -> None:
        """Begin a match.

        Args:
            seed: 0..2**64 - 1, or None for a match that follows from the last one.
            options: `characters`, `scrolls`, `companions` of this match.

        Raises:
            ValueError: if the seed or an option is not allowed.
            TypeError: if one has the wrong type.
            MatchError: if the env is closed.
        """
        self._begin(seed, options)
        self.agents = self.possible_agents[:]
        self._start_turns()
        self._show()

    def _start_turns(self) -> None:
        """Let the first agent choose, with no reward so far."""
        self.agent_selection = self.possible_agents[0]
        self._skip_agent_selection: str | None = None
        self.rewards = dict.fromkeys(self.possible_agents, 0.0)
        self._cumulative_rewards = self.rewards.copy()
        self._read()

    def step(self, action: Action | None) -> None:
        """Take the action of `agent_selection`; None once it has ended.

        Raises:
            ValueError: if it is out of range, of the wrong shape, or not None after the end.
            TypeError: if the action is not an integer.
            MatchError: if there is no match to step.
        """
        raise NotImplementedError

    def _refuse(self) -> None:
        self._require_begun()
        raise MatchError("the match is over and env.agents is empty; call reset()")

    def observe(self, agent: str) -> Observation:
        """Return a fresh observation of an agent.

        Raises:
            ValueError: if there is no such agent.
            MatchError: if no match has begun.
        """
        self._require_begun()
        return self._observation(self._row_of(agent))

    def last(self, observe: bool = True) -> tuple[Observation | None, float, bool, bool, Info]:
        """Return observation, reward since its last turn, flags and info of `agent_selection`.

        Raises:
            MatchError: if no match has begun, or the match is over and all agents have gone.
        """
        if not self.agents or self._is_closed:
            self._refuse()
        agent = self.agent_selection
        return (
            self._observation(self.possible_agents.index(agent)) if observe else None,
            self._cumulative_rewards[agent],
            self.terminations[agent],
            self.truncations[agent],
            self.infos[agent],
        )

    def agent_iter(self, max_iter: int = 2**63) -> Any:
        """Return an iterator over the agents whose turn it is.

        Raises:
            MatchError: if no match has begun.
        """
        self._require_begun()
        return super().agent_iter(max_iter)
