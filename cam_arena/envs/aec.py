"""The duel as a PettingZoo AEC env."""

from typing import Unpack

from ..game.actions import Action
from ..game.match import AGENTS
from ..game.options import EnvOptions
from .base import DuelBase, RenderMode
from .manual import with_manual
from .turn_env import TurnEnv

__all__ = ["DuelAECEnv"]


@with_manual
class DuelAECEnv(DuelBase, TurnEnv):
    """A duel as a PettingZoo AEC env, for agents `fighter_0` and `fighter_1` in this order.

    `fighter_0`'s action is kept back until `fighter_1` has chosen, who sees nothing of it; then the
    world moves, and all rewards of the step fall at `fighter_1`'s turn. It needs no wrappers.
    """

    def __init__(
        self, render_mode: RenderMode | None = None, **options: Unpack[EnvOptions]
    ) -> None:
        super().__init__(render_mode, options)
        self._set_agents(self._agent_spaces())
        self._pending = 0

    # Written out for two agents: lists and loops would cost a quarter more.

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
            self._read()
        except BaseException as error:
            self._fail(error)
            raise
        if self.render_mode == "human":
            self.render()

    def _read(self) -> None:
        duel = self._match.duel
        terminated, truncated = duel.is_terminated, duel.is_truncated
        self.terminations = {AGENTS[0]: terminated, AGENTS[1]: terminated}
        self.truncations = {AGENTS[0]: truncated, AGENTS[1]: truncated}
        self.infos = {AGENTS[0]: self._info(0), AGENTS[1]: self._info(1)}
