"""Frame data: what each move does, measured by using it in the simulation.

Nothing here is read from the roster's declarations but which moves there are and how they start:
`frames_check` compares the two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .. import _core
from .frames_rig import (
    ACTIVE,
    HOLD,
    KNOCKDOWN,
    POINT_BLANK,
    RECOVERY,
    STARTUP,
    Trace,
    Trial,
    Use,
    run,
)
from .frames_view import Strike, View

__all__ = ["GAPS", "Frames", "measure"]

GAPS: Final = (POINT_BLANK, 950, 1250, 1600, 2100, 2900, 4000, 6000)
"""Distances that are tried, su; the best is the nearest of those where a move does most."""

_FAR, _DEEP = 12000, 4000
"""Su at which nothing hits any more, along the stage and in depth."""

_ALONE: Final = 8000
"""Su between the feet at which neither the dummy nor a wall is in the way of a move."""

_USES_AT_ONCE: Final = 128


@dataclass(frozen=True)
class Frames:
    """One move as measured. Ticks are of 1/30 s, super freeze and hitstop not counted."""

    use: Use
    starts: bool
    """Whether the press started the move."""
    startup: int
    """Ticks before the first active one; a charge is let go at once and counts one tick more."""
    active: int
    """Active ticks."""
    recovery: int
    """Ticks after the last active one, on the ground again included."""
    leaves_ground: bool
    """Whether its fighter was in the air; landing may end it later than declared."""
    spark_cost: int
    """Milli quarters."""
    hp_cost: int
    """HP."""
    cooldown: int
    """Ticks from the press until the button is ready."""
    distance: int | None
    """Su between the feet where all that follows was measured; None if it never hit."""
    first_hit: int | None
    """Ticks before the first hit, a grab's seizing included."""
    reach: int | None
    """Su between the feet at which its own hits still land; None where something else hits."""
    depth: int | None
    """Su in depth between the feet at which they still land, `reach` away."""
    damage: int
    """HP the victim lost to hits, all factors in it."""
    on_hit: int | None
    """Ticks that its fighter is free before the victim, negative if after; None if no hit."""
    knocks_down: bool
    """Whether the victim fell."""
    on_guard: int | None
    """The same as `on_hit` where the victim guards; None if nothing can be guarded."""
    breaks_guard: bool
    """Whether some hit went through a guard."""
    chip: int
    """HP lost through a guard, hits that broke it left out."""
    on_whiff: int
    """Ticks from the first active one until its fighter is free, negative."""
    spark_gain: int
    """Milli quarters gained while hits landed."""
    strikes: tuple[Strike, ...]
    """What landed, in order."""
    guarded: tuple[Strike, ...]
    """What was guarded, in order."""
    mover_x: tuple[int, ...]
    """Where its fighter was at each tick of the move, su from the start; in a miss."""


def measure(data: _core.Data, uses: Sequence[Use], dummy: int) -> list[Frames]:
    """Measure uses of moves; the order is kept.

    Args:
        data: rules and roster of the simulation.
        uses: what to measure.
        dummy: character that takes the hits.
    """
    found: list[Frames] = []
    for start in range(0, len(uses), _USES_AT_ONCE):
        found += _measure_some(data, uses[start : start + _USES_AT_ONCE], dummy)
    return found


def _measure_some(data: _core.Data, uses: Sequence[Use], dummy: int) -> list[Frames]:
    trials = [Trial(use, _ALONE, dummy="untouchable") for use in uses]
    trials += [Trial(use, gap) for use in uses if use.can_hit for gap in GAPS]
    trace = run(data, trials, dummy)
    best = _best_trials(trace)
    guards = [Trial(use, trials[i].gap, dummy="guards") for use, i in best.items()]
    guarded = run(data, guards, dummy) if guards else trace
    edges = _edges(data, trace, best, dummy)
    seats = {use: i for i, use in enumerate(best)}
    return [
        _frames(View(trace, i), View(trace, best[use]), View(guarded, seats[use]), edges.get(use))
        if use in best
        else _frames(View(trace, i))
        for i, use in enumerate(uses)
    ]


def _edges(
    data: _core.Data, trace: Trace, best: Mapping[Use, int], dummy: int
) -> dict[Use, tuple[int, int]]:
    """Return the largest distance and the largest depth at which each use still hits."""
    own = [use for use in best if not use.spawns]
    hits = {use: max(_gaps_that_hit(trace, use)) for use in own}
    beyond = {use: min((gap for gap in GAPS if gap > hits[use]), default=_FAR) for use in own}
    gaps = _last_that_hits(data, hits, beyond, lambda use, gap: Trial(use, gap), dummy)
    asides = _last_that_hits(
        data,
        dict.fromkeys(own, 0),
        dict.fromkeys(own, _DEEP),
        lambda use, aside: Trial(use, gaps[use], aside),
        dummy,
    )
    return {use: (gaps[use], asides[use]) for use in own}


def _gaps_that_hit(trace: Trace, use: Use) -> list[int]:
    return [
        trial.gap
        for i, trial in enumerate(trace.trials)
        if trial.use is use and trial.dummy == "stands" and View(trace, i).contacts.any()
    ]


def _last_that_hits(
    data: _core.Data,
    low: Mapping[Use, int],
    high: Mapping[Use, int],
    place: Callable[[Use, int], Trial],
    dummy: int,
) -> dict[Use, int]:
    """Halve the interval between a place where each use hits and one where it misses."""
    hits, misses = dict(low), dict(high)
    while True:
        open_ = [use for use in hits if misses[use] - hits[use] > 1]
        if not open_:
            return hits
        middle = {use: (hits[use] + misses[use]) // 2 for use in open_}
        trace = run(data, [place(use, middle[use]) for use in open_], dummy)
        for i, use in enumerate(open_):
            (hits if View(trace, i).contacts.any() else misses)[use] = middle[use]


def _best_trials(trace: Trace) -> dict[Use, int]:
    """Return, for each use that hits, the trial that does most, the soonest and nearest of them."""
    best: dict[Use, tuple[int, int, int]] = {}
    for i, trial in enumerate(trace.trials):
        view = View(trace, i)
        if trial.dummy != "stands" or not view.contacts.any():
            continue
        worth = (int(view.damage.sum()), -view.first_contact, -i)
        best[trial.use] = max(worth, best.get(trial.use, worth))
    return {use: -worth[2] for use, worth in best.items()}


def _frames(
    miss: View,
    hit: View | None = None,
    guard: View | None = None,
    edges: tuple[int, int] | None = None,
) -> Frames:
    """Put together what a miss, a hit and a guarded hit showed."""
    state, spark, hp = miss.mover("state"), miss.mover("spark"), miss.mover("hp")
    runs = (np.diff(miss.match("clock"), prepend=0) > 0) & (np.arange(len(state)) < miss.free)
    x = miss.mover("x")
    blocks = () if guard is None else guard.guarded_strikes()
    return Frames(
        use=miss.use,
        starts=int(miss.mover("move")[1]) == miss.use.move,
        startup=int((runs & (state == STARTUP)).sum()),
        active=int((runs & (state == ACTIVE)).sum()),
        recovery=int((runs & (state == RECOVERY))[1:].sum()),
        leaves_ground=bool(miss.mover("z")[: miss.free].any()),
        spark_cost=int(spark[0] - spark[1]),
        hp_cost=int(hp[0] - hp[1]),
        cooldown=int(miss.mover("cooldown")[1]),
        on_whiff=int((state == ACTIVE).argmax()) - miss.free,
        mover_x=tuple((x - x[0])[runs & (state != HOLD)].tolist()),
        distance=hit.gap if hit else None,
        first_hit=int(hit.match("clock")[hit.first_contact]) - 1 if hit else None,
        reach=edges and edges[0],
        depth=edges and edges[1],
        damage=int(hit.damage.sum()) if hit else 0,
        on_hit=hit.advantage(hit.contacts) if hit else None,
        knocks_down=bool(hit and (hit.victim("state") == KNOCKDOWN).any()),
        on_guard=guard.advantage(guard.blocks | guard.contacts) if guard and blocks else None,
        breaks_guard=bool(guard and guard.contacts.any()),
        chip=sum(strike.damage for strike in blocks),
        spark_gain=hit.spark_gain if hit else 0,
        strikes=hit.strikes() if hit else (),
        guarded=blocks,
    )
