"""The PettingZoo parallel env: both agents act in one call."""

from collections.abc import Mapping
from typing import Any, Unpack

from pettingzoo import ParallelEnv

from ..errors import MatchError
from ..game.actions import Action
from ..game.match import AGENTS
from ..game.observations import Observation
from ..game.options import EnvOptions
from .base import AgentEnv, DuelBase, Info, RenderMode
from .manual import with_manual

__all__ = ["DuelParallelEnv"]

Results = tuple[
    dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]
]


@with_manual
class DuelParallelEnv(DuelBase, AgentEnv, ParallelEnv):  # type: ignore[misc]  # pettingzoo has no types
    """A duel as a PettingZoo parallel env, for agents `fighter_0` and `fighter_1`.

    It needs no wrappers: every call is checked before anything changes, and what it returns is
    fresh and never written again.
    """

    def __init__(
        self, render_mode: RenderMode | None = None, **options: Unpack[EnvOptions]
    ) -> None:
        super().__init__(render_mode, options)
        self._set_agents(self._agent_spaces())

    def reset(
        self, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Begin a match and return observations and infos by agent.

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
        self._show()
        observations, _, _, _, infos = self._match.duel.results(self._form, self._seen())
        return observations, infos

    def step(self, actions: Mapping[str, Action]) -> Results:
        """Take both agents' actions; return observations, rewards, two kinds of flags and infos.

        Raises:
            ValueError: if an action is missing, unknown, out of range or of the wrong shape.
            TypeError: if an action is not an integer.
            MatchError: if there is no match to step. A step with no actions after the end is
                allowed and returns empty dicts.
        """
        if not self.agents or self._is_closed:
            return self._step_none(actions)
        match = self._match
        results: Results | None = None
        if self._is_vector:
            results = match.duel.play(actions, self._form)
        if results is None:  # pictures, texts, or actions that are rare or malformed
            if not isinstance(actions, Mapping):
                raise TypeError(f"actions must be a dict by agent, got {actions!r}")
            match.step(actions)
            results = match.duel.results(self._form, self._seen())
        if match.duel.is_over:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return results

    def _step_none(self, actions: Mapping[str, Action]) -> Results:
        """Step where there is no match to step: allowed after the end, without actions."""
        self._require_begun()
        if not actions:
            return {}, {}, {}, {}, {}
        raise MatchError("the match is over and env.agents is empty; call reset()")
