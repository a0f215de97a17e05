"""The duel as a PettingZoo AEC env."""

from typing import Unpack

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
        self._chosen = [0, 0]

    def _parse(self, action: object, row: int) -> int:
        return self._match.parse_action(action, row)

    def _take(self, ids: list[int]) -> None:
        self._chosen = ids

    def _advance(self) -> list[float]:
        self._match.step_ids(*self._chosen)
        return list(self._match.duel.reward_pair)

    def _flags(self) -> tuple[bool, bool]:
        duel = self._match.duel
        return duel.is_terminated, duel.is_truncated
