"""Teams as a PettingZoo AEC env."""

from ..game.actions import Action
from .squad import SquadBase
from .turn_env import TurnEnv

__all__ = ["SquadAECEnv"]


class SquadAECEnv(SquadBase, TurnEnv):
    """Teams as a PettingZoo AEC env, for agents `blue_0`.. and `red_0`.. in this order.

    Actions are kept back until the last agent has chosen, and nobody sees anything of them; then
    the world moves, and all rewards of the step fall. The arguments are those of
    `squad_v0.parallel_env`.
    """

    _pending: list[int]  # what has been chosen in this round of turns

    def step(self, action: Action | None) -> None:
        """Take the action of `agent_selection`; None once it has ended.

        Raises:
            ValueError: if it is out of range, of the wrong shape, or not None after the end.
            TypeError: if the action is not an integer.
            MatchError: if there is no match to step.
        """
        if not self.agents or self._is_closed:
            self._refuse()
        agent, everyone = self.agent_selection, self.possible_agents
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        row = len(self._pending)
        chosen = [*self._pending, self._parse(action, row)]
        if len(chosen) < len(everyone):
            self._pending = chosen
            self.agent_selection = everyone[row + 1]
            self._cumulative_rewards[agent] = 0.0
            self.rewards = dict.fromkeys(everyone, 0.0)
            return
        self._take(chosen)
        try:
            earned = self._advance()
            self.agent_selection = everyone[0]
            self.rewards = dict(zip(everyone, earned, strict=True))
            self._cumulative_rewards[agent] = 0.0
            self._accumulate_rewards()
            self._read()
        except BaseException as error:
            self._fail(error)
            raise
        self._show()

    def _read(self) -> None:
        self._pending = []
        terminated, truncated = self._flags()
        self.terminations = dict.fromkeys(self.possible_agents, terminated)
        self.truncations = dict.fromkeys(self.possible_agents, truncated)
        self.infos = {agent: self._info(row) for row, agent in enumerate(self.possible_agents)}

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot, at the first agent's turn; see `SquadBase.restore`."""
        super().restore(snapshot)
        self._start_turns()
