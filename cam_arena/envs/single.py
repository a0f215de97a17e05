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
from ..game.options import EnvOptions, check_integer
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

    `opponent_seat=0` turns the seats around: then the first of a pair in the options is the
    opponent's.

    The opponent is a bot such as `zoner:3`, a function `policy(observation, action_mask)` or an
    object with such a method `act`. A policy gets the plain observation and the mask, whatever
    `mask_in` and `flatten` say. A bot has its own delay of reaction and knows what is hidden, so
    `latency` and `information` do not change it.
    """

    def __init__(
        self,
        render_mode: RenderMode | None = None,
        opponent: str | Policy | Opponent = DEFAULT_OPPONENT,
        opponent_seat: int = 1,
        **options: Unpack[EnvOptions],
    ) -> None:
        super().__init__(render_mode, options)
        self._opponent_seat = check_integer("opponent_seat", opponent_seat, 0, 1)
        self._seat = 1 - self._opponent_seat
        self.observation_space, self.action_space = self._spaces(self._seat)
        self._policy: Policy | None = None
        if isinstance(opponent, str):
            self._match.set_bot(self._opponent_seat, opponent)
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
            options: `characters`, `scrolls`, `companions` of this match, by seat.

        Raises:
            ValueError: if the seed or an option is not allowed.
            TypeError: if one has the wrong type.
            MatchError: if the env is closed.
        """
        self._begin(seed, options)
        self._show()
        return self._observation(self._seat), self._info(self._seat)

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, Info]:
        """Act and return observation, reward, terminated, truncated and info.

        Raises:
            ValueError: if the action is out of range or of the wrong shape.
            TypeError: if the action is not an integer.
            MatchError: if there is no match to step.
        """
        if self._is_closed or not self._has_begun:
            self._require_begun()
        match, duel, seat = self._match, self._match.duel, self._seat
        chosen = match.parse_action(action, seat)
        if duel.is_over:
            raise MatchError("the match is over; call reset()")
        answer = 0
        if self._policy is not None:
            other = self._opponent_seat
            wish = self._policy(match.observe(other), match.action_mask(other))
            answer = match.parse_action(wish, other, "the opponent")
        if seat == 0:
            match.step_ids(chosen, answer)
        else:
            match.step_ids(answer, chosen)
        if self.render_mode == "human":
            self.render()
        observation, info = duel.pair(seat, self._form, self._seen_by(seat))
        return observation, duel.reward_pair[seat], duel.is_terminated, duel.is_truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now, bool of shape (K,); sb3-contrib's MaskablePPO asks for it."""
        self._require_begun()
        return self._match.action_mask(self._seat).astype(np.bool_)
