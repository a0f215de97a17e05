"""The Gymnasium env: one seat, against a bot or a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Unpack

import gymnasium
import numpy as np
from numpy.typing import NDArray

from ..errors import MatchError
from ..game.actions import Action
from ..game.observations import Observation
from ..game.options import EnvOptions, Options, check_integer
from ..opponents import Opponent, OpponentWord, resolve, trained_characters, warn_of_unmet
from ..seated import Seated
from .base import DuelBase, Info, RenderMode
from .manual import with_manual

__all__ = ["DEFAULT_OPPONENT", "DuelEnv", "seat_opponents"]

DEFAULT_OPPONENT: Final = "zoner:3"
_PARAMETERS: Final = ("opponent", "opponent_seat", "render_mode")


def seat_opponents(
    given: OpponentWord | Sequence[OpponentWord], options: Options
) -> tuple[tuple[Opponent, ...], Options]:
    """Return the opponents that words stand for, and the options of matches against them.

    Where no characters are named, those are taken that the opponents were trained on; where some
    are, a warning names those that an opponent never met.

    Args:
        given: an opponent, or a list to draw one from for each match.
        options: of the env.

    Raises:
        As `cam_arena.opponents.resolve` does.
    """
    words = given if isinstance(given, list | tuple) else [given]
    if not words:
        raise ValueError("opponent is an empty list: name at least one")
    found = tuple(resolve(word, options.loaded_roster) for word in words)
    if options.characters is None:
        options = replace(options, characters=trained_characters(found))
    told: set[str] = set()
    for opponent in found:
        warn_of_unmet(opponent, sorted(options.drawn_names), told)
    return found, options


@with_manual
class DuelEnv(DuelBase, gymnasium.Env[Any, Any]):
    """A duel as a Gymnasium env: you play `fighter_0`, the opponent plays `fighter_1`.

    `opponent_seat=0` turns the seats around: then the first of a pair in the options is the
    opponent's.

    The opponent is a bot such as `zoner:3`, the directory of a trained policy or run, what
    `load_member` returns, a model of Stable-Baselines3, a function
    `policy(observation, action_mask)` or an object with such a method `act` and, if wanted,
    `reset(seed)`; or a list of these, of which each match draws one. Without `characters`, the
    matches are of those that the opponent was trained on. A function or an object gets the plain
    observation and the mask, whatever `mask_in` and `flatten` say; a trained policy sees the preset
    that it was trained on. A bot has its own delay of reaction and knows what is hidden, so
    `latency` and `information` do not change it.
    """

    def __init__(
        self,
        render_mode: RenderMode | None = None,
        opponent: OpponentWord | Sequence[OpponentWord] = DEFAULT_OPPONENT,
        opponent_seat: int = 1,
        **options: Unpack[EnvOptions],
    ) -> None:
        seat = check_integer("opponent_seat", opponent_seat, 0, 1)
        opponents, chosen = seat_opponents(opponent, Options.for_env(options, beside=_PARAMETERS))
        super().__init__(render_mode, chosen)
        self._seat = 1 - seat
        self.observation_space, self.action_space = self._spaces(self._seat)
        self._opponent = Seated(self._match, seat, opponents, told=chosen.drawn_names)

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
        chosen = self._chosen_seed(seed)
        self._match.checked_choice(chosen, options)
        try:
            self._opponent.sit(chosen)
            self._begin(chosen, options)
            self._opponent.begin()
        except BaseException as error:
            self._fail(error)
            raise
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
        is_answered = False
        try:
            answer = self._opponent.action()
            is_answered = True
            if seat == 0:
                match.step_ids(chosen, answer)
            else:
                match.step_ids(answer, chosen)
        except BaseException as error:
            if is_answered or not isinstance(error, Exception):  # else the opponent's was refused
                self._fail(error)
            raise
        if self.render_mode == "human":
            self.render()
        observation, info = duel.pair(seat, self._form, self._seen_by(seat))
        return observation, duel.reward_pair[seat], duel.is_terminated, duel.is_truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now, bool of shape (K,); sb3-contrib's MaskablePPO asks for it."""
        self._require_begun()
        return self._match.action_mask(self._seat).astype(np.bool_)
