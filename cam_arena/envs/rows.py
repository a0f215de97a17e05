"""What a vector env keeps and tells about each of its rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..game.match import AGENTS
from ..game.rewards import REWARD_TERMS

__all__ = ["Rows"]


class Rows:
    """Arrays by match and seat, and the infos made of them.

    Args:
        num_matches: how many matches there are.
        seats: rows of a match, 1 or 2.
        names: the roster's character names.
    """

    def __init__(self, num_matches: int, seats: int, names: Sequence[str]) -> None:
        shape = (num_matches, len(AGENTS))
        self._seats = seats
        self._names = np.array(names, dtype=object)
        self.terms = np.zeros((*shape, len(REWARD_TERMS)), np.float32)
        self.characters = np.zeros(shape, np.int32)
        self.illegal = np.zeros(shape, np.int32)
        self.everyone = np.ones(num_matches * seats, np.bool_)
        self._facts: dict[str, NDArray[Any]] = {}

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an array by match and seat as one by row, without copying it."""
        if self._seats == len(AGENTS):
            return values.reshape(-1, *values.shape[2:])
        return values[:, 0]

    def begin(self, matches: NDArray[np.intp], characters: NDArray[np.integer]) -> None:
        """Note that matches have begun, with these characters, shape (len(matches), A)."""
        self.characters[matches] = characters
        self.illegal[matches] = 0
        self.terms[matches] = 0.0
        own = self.of(self.characters).copy()
        other = self.of(self.characters[:, ::-1]).copy()
        self._facts = {
            "character": self._names[own],
            "character_id": own,
            "opponent_character": self._names[other],
            "opponent_character_id": other,
        }

    def infos(
        self,
        masks: NDArray[np.int8],
        present: NDArray[np.bool_],
        *,
        copy: bool,
        has_mask: bool,
    ) -> dict[str, Any]:
        """Return the infos as Gymnasium's vector envs do: arrays, and under `_key` who has the key.

        Args:
            masks: int8, shape (rows, K).
            present: bool, shape (rows,).
            copy: whether the arrays must not be written again.
            has_mask: whether the mask is one of the infos.
        """
        illegal, terms = self.of(self.illegal), self.of(self.terms)
        if copy:
            illegal, terms = illegal.copy(), terms.copy()
        infos: dict[str, Any] = {
            **self._facts,
            "illegal_action": illegal,
            "meaningful": masks[:, 1:].any(axis=1),
        }
        if has_mask:
            infos["action_mask"] = masks.copy() if copy else masks
        infos |= {f"_{key}": present for key in infos}
        by_term: dict[str, Any] = {name: terms[:, k] for k, name in enumerate(REWARD_TERMS)}
        by_term |= {f"_{name}": present for name in REWARD_TERMS}
        infos["reward_terms"], infos["_reward_terms"] = by_term, present
        return infos
