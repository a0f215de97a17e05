"""The infos of a vector env's rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..game.rewards import REWARD_TERMS
from .matches import RowArrays

__all__ = ["RowInfos"]


class RowInfos:
    """Infos as Gymnasium's vector envs give them: arrays, and under `_key` who has the key.

    Args:
        arrays: what the matches write.
        masks: int8, shape (rows, K), if the mask is one of the infos.
        names: the roster's character names.
    """

    def __init__(
        self, arrays: RowArrays, masks: NDArray[np.int8] | None, names: Sequence[str]
    ) -> None:
        rows = arrays.masks.shape[0] * arrays.masks.shape[1]
        self._names = np.array(names, dtype=object)
        self._everyone = np.ones(rows, np.bool_)
        self._characters = arrays.characters.reshape(-1)
        self._opponents = arrays.opponents.reshape(-1)
        terms = arrays.terms.reshape(rows, -1)
        self._terms: dict[str, Any] = {name: terms[:, k] for k, name in enumerate(REWARD_TERMS)}
        self._values: dict[str, Any] = {
            "character": None,
            "character_id": self._characters,
            "opponent_character": None,
            "opponent_character_id": self._opponents,
            "illegal_action": arrays.illegal.reshape(-1),
            "meaningful": arrays.meaningful.reshape(-1),
        }
        if masks is not None:
            self._values["action_mask"] = masks
        self.name_characters()

    def name_characters(self) -> None:
        """Look up who fights, after matches have begun."""
        self._values["character"] = self._names[self._characters]
        self._values["opponent_character"] = self._names[self._opponents]
        self._whole = self._with_presence(self._values, self._terms, self._everyone)

    def views(self) -> dict[str, Any]:
        """Return the infos of all rows; the arrays are written again by the next step."""
        return {**self._whole, "reward_terms": self._whole["reward_terms"].copy()}

    def copies(self, present: NDArray[np.bool_] | None = None) -> dict[str, Any]:
        """Return infos that nobody writes again, with `present` as those who have them."""
        values = {name: value.copy() for name, value in self._values.items()}
        terms = {name: value.copy() for name, value in self._terms.items()}
        return self._with_presence(values, terms, self._everyone if present is None else present)

    def of(self, present: NDArray[np.bool_]) -> dict[str, Any]:
        """Return `views` with `present` as those who have them."""
        return self._with_presence(self._values, self._terms, present)

    @staticmethod
    def _with_presence(
        values: dict[str, Any], terms: dict[str, Any], present: NDArray[np.bool_]
    ) -> dict[str, Any]:
        by_term = terms | {f"_{name}": present for name in terms}
        both = values | {"reward_terms": by_term}
        return both | {f"_{name}": present for name in both}
