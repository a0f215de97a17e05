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
        names: the roster's character names, if they are among the infos.
        is_duel: whether an agent has one opponent, which its info names.
    """

    def __init__(
        self,
        arrays: RowArrays,
        masks: NDArray[np.int8] | None,
        names: Sequence[str] | None,
        *,
        is_duel: bool,
    ) -> None:
        rows = arrays.masks.shape[0] * arrays.masks.shape[1]
        self._names = None if names is None else np.array(names, dtype=object)
        self._everyone = np.ones(rows, np.bool_)
        self._characters = {"character": arrays.characters.reshape(-1)}
        if is_duel:
            self._characters["opponent_character"] = arrays.opponents.reshape(-1)
        terms = arrays.terms.reshape(rows, -1)
        self._values: dict[str, Any] = {
            **{f"{who}_id": ids for who, ids in self._characters.items()},
            "illegal_action": arrays.illegal.reshape(-1),
            "meaningful": arrays.meaningful.reshape(-1),
            **{f"reward_{name}": terms[:, k] for k, name in enumerate(REWARD_TERMS)},
        }
        if masks is not None:
            self._values["action_mask"] = masks
        self.name_characters()

    def name_characters(self) -> None:
        """Look up who fights, after matches have begun."""
        if self._names is not None:
            for who, ids in self._characters.items():
                self._values[who] = self._names[ids]
        self._whole = self._with_presence(self._values, self._everyone)

    def views(self) -> dict[str, Any]:
        """Return the infos of all rows; the arrays are written again by the next step."""
        whole = self._whole.copy()
        if self._names is not None:
            whole["reward_terms"] = whole["reward_terms"].copy()
        return whole

    def copies(self, present: NDArray[np.bool_] | None = None) -> dict[str, Any]:
        """Return infos that nobody writes again, with `present` as those who have them."""
        values = {name: value.copy() for name, value in self._values.items()}
        return self._with_presence(values, self._everyone if present is None else present)

    def of(self, present: NDArray[np.bool_]) -> dict[str, Any]:
        """Return `views` with `present` as those who have them."""
        return self._with_presence(self._values, present)

    def _with_presence(self, values: dict[str, Any], present: NDArray[np.bool_]) -> dict[str, Any]:
        if self._names is not None:
            by_term = {name: values[f"reward_{name}"] for name in REWARD_TERMS}
            values = values | {"reward_terms": by_term | {f"_{name}": present for name in by_term}}
        return values | {f"_{name}": present for name in values}
