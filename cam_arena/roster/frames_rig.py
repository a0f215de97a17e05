"""The rig in which moves are measured: matches that step together, one use of a move in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .codes import Button, Effect

__all__ = ["LIMIT", "POINT_BLANK", "Trace", "Trial", "Use", "run"]

_BEGIN: Final = 301  # tick of the match: beyond the longest opening, where skills are not ready
LIMIT: Final = 240
"""Ticks after which a match is left, though something a move left in the world may still live."""

POINT_BLANK: Final = 680
"""Su between the feet of two fighters whose bodies just do not push each other."""

NEUTRAL, WALK, STARTUP, ACTIVE, RECOVERY, HOLD, HITSTUN, LAUNCHED = range(8)
KNOCKDOWN, BLOCKSTUN = 9, 13
"""States of a fighter, as CAM_STATE in csrc/types.h."""

_HITS, _GRABS, _GUARDED = 0, 5, 8
"""Indices of a fighter's counts, as CAM_COUNT."""

_CONTACT_HIT: Final = 1
_FOR_EVER: Final = 32000

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Use:
    """How a move comes about: the fighter that uses it and what is pressed.

    A move without a button of its own is set going in the state: a later one of the chain by a
    press at the end of the one `before`, that hit; a reply as a parry would start it.
    """

    character: int
    """Index in the roster."""
    move: int
    """Index in the roster."""
    button: int = Button.NONE
    """Button that starts it; NONE for a reply."""
    direction: int = 0
    """Direction pressed with it, as the fighter sees it."""
    before: int = -1
    """Chain move that it follows; -1 if it starts by itself."""
    before_tick: int = 0
    """Tick of that one at which the button is pressed."""
    in_form: bool = False
    """Whether the fighter is in its form."""
    scroll: int = -1
    """Scroll carried; -1 for its own."""
    companion: int = -1
    """Companion in the first slot; -1 for its own."""
    spark: int = 16000
    """Milli quarters that it has."""
    can_hit: bool = True
    """Whether it, or what it spawns, has a hit."""
    spawns: bool = False
    """Whether something that it spawns has one."""


@dataclass(frozen=True)
class Trial:
    """One match: a use, and what the dummy does that it is tried on."""

    use: Use
    gap: int
    """Su between the feet."""
    aside: int = 0
    """Su in depth between them."""
    dummy: str = "stands"
    """stands; guards; or untouchable, which makes the move miss."""


@dataclass(frozen=True)
class Trace:
    """What happened in each match after each tick, index 0 before the first: shape (T, matches).

    `mover`, `victim` and `match` map the name of a field to its numbers; `hit_struck` has one more
    axis, the hits of the move. `spark`, `hp` and so on are in the units of csrc/types.h.
    """

    trials: Sequence[Trial]
    mover: dict[str, Ints]
    victim: dict[str, Ints]
    match: dict[str, Ints]


def run(data: _core.Data, trials: Sequence[Trial], dummy: int) -> Trace:
    """Run all trials together until each is over, but no longer than LIMIT ticks.

    Args:
        data: rules and roster of the simulation.
        trials: one a match.
        dummy: character in the other seat.
    """
    batch = _core.Batch(data, len(trials), frame_skip=1, trio=True)
    for i, trial in enumerate(trials):
        use = trial.use
        call = [use.companion, -2, -2] if use.companion >= 0 else [-1, -1, -1]
        batch.reset(i, 0, [use.character, dummy], [use.scroll, -1], [call, [-2, -2, -2]])
    states = _states(batch).copy()
    _place(states, trials)
    for i in range(len(trials)):
        batch.set_state(i, states[i].tobytes())
    buttons = np.array([trial.use.button for trial in trials])
    directions = np.array([trial.use.direction for trial in trials])
    actions = np.zeros((len(trials), 2), np.int32)
    actions[:, 0] = np.where(buttons > 0, directions * _core.NUM_BUTTONS + buttons, 0)
    untouched = np.array([trial.dummy == "untouchable" for trial in trials])
    records = [_record(states, buttons)]
    for tick in range(LIMIT):
        batch.advance(actions)
        states = _states(batch)
        records.append(_record(states, buttons))
        mover, victim, match = records[-1]
        # A charge is let go at once: the numbers are those of the quickest use.
        actions[:, 0] = np.where(mover["state"] == HOLD, Button.RELEASE, 0)
        settled = (victim["state"] <= WALK) & (match["alive"] == 0)
        over = (mover["state"] <= WALK) & (settled | untouched)
        if tick > 0 and over.all():
            break
    tables = zip(*records, strict=True)
    mover, victim, match = (
        {name: np.stack([row[name] for row in rows]) for name in rows[0]} for rows in tables
    )
    return Trace(trials, mover, victim, match)


def _states(batch: _core.Batch) -> NDArray[np.void]:
    content = b"".join([batch.state(i) for i in range(batch.num_matches)])
    return np.frombuffer(content, _core.DTYPES["state"])


def _place(states: NDArray[np.void], trials: Sequence[Trial]) -> None:
    """Put both fighters where each trial wants them; the mover looks to positive x."""
    states["clock"] = states["tick"] = _BEGIN
    states["fighters"]["cooldown_until"] = 0
    for i, trial in enumerate(trials):
        use = trial.use
        mover, victim = states[i]["fighters"]
        mover["x"], victim["x"] = -(trial.gap // 2), trial.gap - trial.gap // 2
        mover["y"], victim["y"] = -(trial.aside // 2), trial.aside - trial.aside // 2
        mover["facing"], victim["facing"] = 1, -1
        mover["spark"], victim["spark"] = use.spark, 0
        mover["form"] = use.in_form
        if trial.dummy == "untouchable":
            victim["invulnerable_until"] = _FOR_EVER
        elif trial.dummy == "guards":
            victim["state"], victim["timer"] = BLOCKSTUN, LIMIT
        if use.before >= 0:
            mover["move"], mover["state"], mover["contact"] = use.before, RECOVERY, _CONTACT_HIT
            mover["move_tick"] = use.before_tick
        elif use.button == Button.NONE:
            mover["move"], mover["state"] = use.move, STARTUP


def _record(
    states: NDArray[np.void], buttons: NDArray[np.int64]
) -> tuple[dict[str, Ints], dict[str, Ints], dict[str, Ints]]:
    fighters = states["fighters"]
    mover, victim = fighters[:, 0], fighters[:, 1]
    rows = np.arange(len(states))
    own = {
        name: mover[name].astype(np.int32)
        for name in ("state", "move", "move_tick", "x", "z", "hp", "spark", "gauge", "hit_struck")
    }
    own["hits"] = mover["counts"][:, _HITS].astype(np.int32)
    own["grabs"] = mover["counts"][:, _GRABS].astype(np.int32)
    until = mover["cooldown_until"][rows, buttons].astype(np.int32)
    own["cooldown"] = np.maximum(until - _BEGIN, 0)
    own["damage"] = _power(mover, Effect.MIGHT) - _power(mover, Effect.FRAIL)
    other = {
        name: victim[name].astype(np.int32)
        for name in ("state", "x", "z", "hp", "combo_hits", "combo_damage", "protection")
    }
    other["guarded"] = victim["counts"][:, _GUARDED].astype(np.int32)
    other["damage"] = _power(victim, Effect.EXPOSED) - _power(victim, Effect.GUARDED)
    other["marked"] = (victim["effects"] >> Effect.MARKED & 1).astype(np.int32)
    match = {name: states[name].astype(np.int32) - _BEGIN for name in ("tick", "clock")}
    match["alive"] = (mover["entities"]["type"].max(axis=1) >= 0).astype(np.int32)
    return own, other, match


def _power(fighters: NDArray[np.void], effect: Effect) -> Ints:
    """Power of an effect, 0 where a fighter does not have it."""
    power = np.where(fighters["effects"] >> effect & 1, fighters["effect_power"][:, effect], 0)
    return power.astype(np.int32)
