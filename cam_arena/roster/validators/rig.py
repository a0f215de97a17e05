"""The place where moves are tried: one character against a standard dummy that only stands."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..codes import Button, Op
from ..model import Character, Roster

__all__ = ["CORNER", "DUMMY_HP", "MIDDLE", "PREPARED", "TICKS_PER_STEP", "Rig", "rig_of"]

TICKS_PER_STEP: Final = 3
"""Ticks between two decisions, as in an environment by default."""

CAPACITY: Final = 1024
"""Matches that a rig steps together."""

DUMMY_HP: Final = 10_000
"""Health of the dummy, HP."""

_DUMMY: Final = {
    "max_hp": DUMMY_HP,
    "defense": 120,
    "weight": 1000,
    "base_poise": 0,
    "getup_ticks": 10,
    "wake_ticks": 12,
    "spark_rate": 1000,
    "hurt_half_x": 380,
    "hurt_height": 1800,
}
"""What the dummy is made of; it has no trait."""

MIDDLE: Final = "middle"
"""Start in touching distance in the middle of the stage."""

CORNER: Final = "corner"
"""Start in touching distance, the dummy at the wall."""

PREPARED: Final = "prepared"
"""As the middle, after every move of the kit that strengthens its own fighter."""

_TOUCH = 900
_EMPOWERING = (Op.BUFF_SELF, Op.FORM)


class Rig:
    """Matches of a roster's characters against the dummy.

    Seat 0 is the character, on the left and facing right; seat 1 the dummy. States are bytes as
    `_core.Batch.state` returns them.
    """

    def __init__(self, roster: Roster) -> None:
        """Compile the roster again with the dummy as its last character."""
        arrays = roster.arrays
        dummy = arrays["characters"][:1].copy()
        for name, value in _DUMMY.items():
            dummy[name] = value
        dummy["traits"] = 0
        dummy["id"] = len(roster)
        grown = {**arrays, "characters": np.concatenate([arrays["characters"], dummy])}
        for name in ("descriptors", "profiles"):  # nobody looks at the dummy's
            grown[name] = np.concatenate([arrays[name], arrays[name][:1]])
        self.roster = roster
        self.data = _core.Data(roster.rules.pack(), **grown)
        self.dtype = _core.DTYPES["state"]
        self.batch = _core.Batch(self.data, CAPACITY, frame_skip=TICKS_PER_STEP)
        self._actions = np.zeros((CAPACITY, 2), np.int32)
        self._masks = np.zeros((CAPACITY, 2, _core.NUM_ACTIONS), np.int8)

    def view(self, states: Sequence[bytes]) -> NDArray[Any]:
        """Return the states as records, shape (len(states),)."""
        return np.frombuffer(b"".join(states), self.dtype)

    def step(
        self, states: Sequence[bytes], actions: NDArray[np.integer[Any]]
    ) -> tuple[list[bytes], NDArray[np.int8]]:
        """Advance up to CAPACITY states by a step, the character doing the actions.

        Returns:
            The states after it, and the character's masks in them, (len(states), NUM_ACTIONS).
        """
        batch, count = self.batch, len(states)
        for match, state in enumerate(states):
            batch.set_state(match, state)
        self._actions[:count, 0] = actions
        batch.advance(self._actions, 0, count)
        batch.action_masks(self._masks, 0, count)
        return [batch.state(match) for match in range(count)], self._masks[:count, 0]

    def masks(self, states: Sequence[bytes]) -> NDArray[np.int8]:
        """Return the character's action masks, shape (len(states), NUM_ACTIONS)."""
        for match, state in enumerate(states):
            self.batch.set_state(match, state)
        self.batch.action_masks(self._masks, 0, len(states))
        return self._masks[: len(states), 0]

    def apart(self, character: Character, gap: int, **fields: int) -> bytes:
        """Return a start `gap` su apart around the middle; `fields` are the character's."""
        record = self._reset(character)
        return _place(record, -(gap // 2), gap - gap // 2, fields)

    def start(self, character: Character, name: str) -> bytes:
        """Return MIDDLE, CORNER or PREPARED: in touching distance, with full sparks."""
        record = self._reset(character)
        record["fighters"]["cooldown_until"] = 0
        record["tick"] = record["clock"] = self.roster.rules.opening_ticks  # skills are ready
        if name == PREPARED:
            record = self._prepare(character, record)
        wall = self.roster.rules.stage_half_x
        x = wall - _TOUCH if name == CORNER else -(_TOUCH // 2)
        return _place(record, x, x + _TOUCH, {"spark": 16000})

    def play(self, start: bytes, actions: Sequence[int]) -> NDArray[Any]:
        """Return the states after each of the actions, shape (len(actions),)."""
        states, state = [], start
        for action in actions:
            state = self.step([state], np.array([action]))[0][0]
            states.append(state)
        return self.view(states)

    def is_prepared(self, character: Character) -> bool:
        """Whether the character has anything to prepare."""
        return bool(self._empowering(character))

    def _reset(self, character: Character) -> NDArray[Any]:
        self.batch.reset(0, 0, [character.index, len(self.roster)])
        return self.view([self.batch.state(0)]).copy()

    def _empowering(self, character: Character) -> list[int]:
        moves, ops = self.roster.arrays["moves"], self.roster.arrays["ops"]
        buttons = []
        for button in (Button.SKILL1, Button.SKILL2, Button.TRAIT):
            index = int(self.roster.arrays["characters"]["moves"][character.index][button])
            if index < 0:
                continue
            first = int(moves["first_op"][index])
            codes = ops["code"][first : first + int(moves["num_ops"][index])]
            if np.isin(codes, _EMPOWERING).any():
                buttons.append(int(button))
        return buttons

    def _prepare(self, character: Character, record: NDArray[Any]) -> NDArray[Any]:
        """Let it use its strengthening moves one after the other, far from the dummy."""
        wall = self.roster.rules.stage_half_x
        state = _place(record, -wall, wall, {"spark": 16000})
        for button in self._empowering(character):
            state = self.step([state], np.array([button]))[0][0]
            for _ in range(60):
                if self.view([state])["fighters"]["move"][0, 0] < 0:
                    break
                state = self.step([state], np.zeros(1, np.int32))[0][0]
        ready = self.view([state]).copy()
        dummy = self._reset(character)["fighters"][0, 1]
        ready["fighters"][0, 1] = dummy
        ready["fighters"]["counts"] = 0
        return ready


def _place(record: NDArray[Any], x: int, dummy_x: int, fields: dict[str, int]) -> bytes:
    fighters = record["fighters"][0]
    fighters["x"] = (x, dummy_x)
    fighters["y"] = fighters["z"] = 0
    fighters["facing"] = (1, -1)
    for name, value in fields.items():
        fighters[name][0] = value
    return record.tobytes()


@lru_cache(maxsize=2)
def rig_of(roster: Roster) -> Rig:
    """Return the roster's rig; it is made once."""
    return Rig(roster)
