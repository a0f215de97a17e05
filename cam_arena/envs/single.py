"""The Gymnasium env: one seat, against a bot or a policy."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, Unpack

import gymnasium
import numpy as np
from numpy.typing import NDArray

from .. import bots
from ..errors import MatchError
from ..game.actions import Action
from ..game.observations import Observation, Seen
from ..game.options import EnvOptions
from .base import DuelBase, Info, RenderMode
from .manual import with_manual

__all__ = ["DEFAULT_OPPONENT", "DuelEnv", "Opponent", "Policy"]

DEFAULT_OPPONENT: Final = "zoner:3"

Policy = Callable[[Any, NDArray[np.int8]], Action]
"""From what the preset gives (a vector, a picture, a text) and an action mask to an action."""


class Opponent(Protocol):
    """Something that plays the other seat."""

    def act(self, observation: Seen, action_mask: NDArray[np.int8]) -> Action:
        """Return an action."""
        ...


@with_manual
class DuelEnv(DuelBase, gymnasium.Env[Any, Any]):
    """A duel as a Gymnasium env: you play `fighter_0`, the opponent plays `fighter_1`.

    The opponent is a bot such as `zoner:3`, a function `policy(observation, action_mask)` or an
    object with such a method `act`. A policy gets the plain observation and the mask, whatever
    `mask_in` and `flatten` say. A bot has its own delay of reaction and knows what is hidden, so
    `latency` and `information` do not change it.
    """

    def __init__(
        self,
        render_mode: RenderMode | None = None,
        opponent: str | Policy | Opponent = DEFAULT_OPPONENT,
        **options: Unpack[EnvOptions],
    ) -> None:
        super().__init__(render_mode, options)
        self.observation_space, self.action_space = self._spaces(0)
        self._policy: Policy | None = None
        if isinstance(opponent, str):
            self._match.set_bot(1, opponent)
        elif callable(getattr(opponent, "act", None)):
            self._policy = opponent.act  # type: ignore[union-attr]
        elif callable(opponent):
            self._policy = opponent
        else:
            raise TypeError(
                f"opponent must be a bot ({', '.join(bots.names())}, as in 'zoner:3'), a function "
                f"policy(observation, action_mask) or an object with .act, got {opponent!r}"
            )

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Begin a match and return observation and info.

        Args:
            seed: 0..2**64 - 1, or None for a match that follows from the last one.
            options: `characters`, `scrolls`, `companions` of this match; yours first.

        Raises:
            ValueError: if the seed or an option is not allowed.
            TypeError: if one has the wrong type.
            MatchError: if the env is closed.
        """
        self._begin(seed, options)
        self._show()
        return self._observations()[0], self._infos()[0]

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, Info]:
        """Act and return observation, reward, terminated, truncated and info.

        Raises:
            ValueError: if the action is out of range or of the wrong shape.
            TypeError: if the action is not an integer.
            MatchError: if there is no match to step.
        """
        self._require_begun()
        match = self._match
        chosen = match.parse_action(action, 0)
        if match.is_over:
            raise MatchError("the match is over; call reset()")
        answer = 0
        if self._policy is not None:
            wish = self._policy(match.observe(1), match.action_mask(1))
            answer = match.parse_action(wish, 1, "the opponent")
        reward = float(match.step_ids(chosen, answer)[0])
        self._show()
        observation, info = self._observations()[0], self._infos()[0]
        return observation, reward, match.is_terminated, match.is_truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now, bool of shape (K,); sb3-contrib's MaskablePPO asks for it."""
        self._require_begun()
        return self._match.action_mask(0).astype(np.bool_)
