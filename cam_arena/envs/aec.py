"""The PettingZoo AEC env: the agents take turns, and the world moves after the second."""

from collections.abc import Mapping
from typing import Any, Unpack

from gymnasium import spaces
from pettingzoo import AECEnv

from ..errors import MatchError
from ..game.actions import Action
from ..game.match import AGENTS
from ..game.observations import Observation
from ..game.options import EnvOptions
from .base import DuelBase, Info, RenderMode
from .manual import with_manual

__all__ = ["DuelAECEnv"]


@with_manual
class DuelAECEnv(DuelBase, AECEnv):  # type: ignore[misc]  # pettingzoo has no types
    """A duel as a PettingZoo AEC env, for agents `fighter_0` and `fighter_1` in this order.

    `fighter_0`'s action is kept back until `fighter_1` has chosen, who sees nothing of it; then the
    world moves, and all rewards of the step fall at `fighter_1`'s turn. It needs no wrappers.
    """

    def __init__(
        self, render_mode: RenderMode | None = None, **options: Unpack[EnvOptions]
    ) -> None:
        super().__init__(render_mode, options)
        self.possible_agents = list(AGENTS)
        self.agents: list[str] = []
        pairs = {agent: self._spaces(seat) for seat, agent in enumerate(AGENTS)}
        self.observation_spaces = {agent: pair[0] for agent, pair in pairs.items()}
        self.action_spaces = {agent: pair[1] for agent, pair in pairs.items()}
        self._pending = 0

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's observation space, the same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return an agent's action space, the same object every time."""
        return self.action_spaces[agent]

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
        self.agents = list(AGENTS)
        self.agent_selection = AGENTS[0]
        self._skip_agent_selection: str | None = None
        self.rewards = dict.fromkeys(AGENTS, 0.0)
        self._cumulative_rewards = dict.fromkeys(AGENTS, 0.0)
        self._read_match()
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
        match, seat = self._match, AGENTS.index(agent)
        chosen = match.parse_action(action, seat)
        if seat == 0:
            self._pending = chosen
            self.agent_selection = AGENTS[1]
            self._cumulative_rewards[agent] = 0.0
            self.rewards = {AGENTS[0]: 0.0, AGENTS[1]: 0.0}
            return
        try:
            match.step_ids(self._pending, chosen)
            own, other = match.duel.reward_pair
            self.agent_selection = AGENTS[0]
            self.rewards = {AGENTS[0]: own, AGENTS[1]: other}
            self._cumulative_rewards[AGENTS[0]] += own
            self._cumulative_rewards[agent] = other
            self._read_match()
        except BaseException as error:
            self._fail(error)
            raise
        if self.render_mode == "human":
            self.render()

    def _read_match(self) -> None:
        duel = self._match.duel
        terminated, truncated = duel.is_terminated, duel.is_truncated
        self.terminations = {AGENTS[0]: terminated, AGENTS[1]: terminated}
        self.truncations = {AGENTS[0]: truncated, AGENTS[1]: truncated}
        self.infos: dict[str, Info] = {AGENTS[0]: self._info(0), AGENTS[1]: self._info(1)}

    def _refuse(self) -> None:
        self._require_begun()
        raise MatchError("the match is over and env.agents is empty; call reset()")

    def observe(self, agent: str) -> Observation:
        """Return a fresh observation of an agent.

        Raises:
            MatchError: if no match has begun.
        """
        self._require_begun()
        return self._observation(AGENTS.index(agent))

    def last(self, observe: bool = True) -> tuple[Observation | None, float, bool, bool, Info]:
        """Return observation, reward since its last turn, flags and info of `agent_selection`.

        Raises:
            MatchError: if no match has begun, or the match is over and both agents have gone.
        """
        if not self.agents or self._is_closed:
            self._refuse()
        agent = self.agent_selection
        return (
            self._observation(AGENTS.index(agent)) if observe else None,
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
