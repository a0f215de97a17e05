"""Proof that a fight can be rolled back: save, step, load, step again, compare.

A test that never leaves the start of a match proves nothing, so the report also says what happened
in the fights it compared, and `is_sound` asks that everything did.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..roster import Roster

__all__ = ["EVENTS", "SyncReport", "describe_difference", "synctest"]

EVENTS: Final = (
    "hits",
    "counters",
    "slips",
    "summons",
    "ultimates",
    "grabs",
    "knockdowns",
    "armoured",
    "guarded",
    "parries",
    "illegal",
    "scrolls",
    "attacks",
    "skill1",
    "skill2",
    "trait",
)
"""What `CamFighter.counts` counts, in its order."""

REQUIRED: Final = ("hits", "slips", "summons", "ultimates", "knock_outs", "illegal")
"""Events without which a run proves too little."""


@dataclass
class SyncReport:
    """What a synctest compared and what it found."""

    ticks: int = 0
    matches: int = 0
    comparisons: int = 0
    events: dict[str, int] = field(default_factory=dict)
    desync: str = ""
    """Empty, or where the two runs part: seed, tick, both states field by field."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The required events that never happened."""
        return tuple(name for name in REQUIRED if not self.events.get(name))

    @property
    def is_sound(self) -> bool:
        """True if nothing differed and everything required happened."""
        return not self.desync and not self.missing


def describe_difference(one: bytes, two: bytes, fighters: int = 2) -> str:
    """Name every field in which the states of two matches of `fighters` differ, a line each."""
    dtype = _core.state_dtype(fighters)
    first, second = (np.frombuffer(state, dtype)[0] for state in (one, two))
    lines = _differences(first, second, "state")
    return "\n".join(lines) if lines else "no field differs"


def _differences(one: np.void, two: np.void, path: str) -> list[str]:
    lines = []
    for name in one.dtype.names or ():
        left, right = one[name], two[name]
        if np.array_equal(left, right):
            continue
        if left.dtype.names:
            for index, (a, b) in enumerate(zip(left, right, strict=True)):
                lines += _differences(a, b, f"{path}.{name}[{index}]")
        else:
            lines.append(f"{path}.{name}: {left} against {right}")
    return lines


def _random_actions(batch: _core.Batch, rng: np.random.Generator) -> NDArray[np.int32]:
    """Legal actions, and one in sixteen any action at all. Returns shape (1, A)."""
    masks = np.empty((1, batch.num_fighters, _core.NUM_ACTIONS), np.int8)
    batch.action_masks(masks)
    if rng.integers(16) == 0:
        masks[:] = 1
    picked: NDArray[np.int64] = (rng.random(masks.shape, dtype=np.float32) * masks).argmax(-1)
    return picked.astype(np.int32)


def synctest(
    roster: Roster,
    *,
    ticks: int = 20_000,
    window: int = 7,
    seed: int = 0,
    characters: tuple[int, ...] | None = None,
    sizes: tuple[int, int] = (1, 1),
    on_tick: Callable[[int], None] | None = None,
) -> SyncReport:
    """Play random matches; after every tick go back `window` ticks and play them again.

    Args:
        roster: whose characters fight.
        ticks: to compare, 1 or more.
        window: ticks to roll back, 1..60.
        seed: of the first match and of the actions.
        characters: a roster index for each fighter; None draws new ones each match.
        sizes: fighters of either side.
        on_tick: called with the number of ticks done, for progress bars.

    Returns:
        A report; it stops at the first difference.

    Raises:
        ValueError: if ticks or window is out of range.
    """
    if ticks < 1:
        raise ValueError(f"ticks is {ticks}; it must be at least 1")
    if not 1 <= window <= 60:
        raise ValueError(f"window is {window}; it must be 1..60")
    batch = _core.Batch(roster.data, 1, sizes=sizes, frame_skip=1)
    dtype = _core.state_dtype(batch.num_fighters)
    rng = np.random.default_rng(seed)
    report = SyncReport(events=dict.fromkeys((*EVENTS, "knock_outs"), 0))
    while report.ticks < ticks and not report.desync:
        match_seed = seed + report.matches
        batch.reset(0, match_seed, None if characters is None else list(characters))
        report.matches += 1
        saved: list[bytes] = []
        played: list[NDArray[np.int32]] = []
        while report.ticks < ticks and not report.desync:
            saved.append(batch.snapshot(0))
            played.append(_random_actions(batch, rng))
            batch.advance(played[-1])
            report.ticks += 1
            if on_tick is not None:
                on_tick(report.ticks)
            if len(played) < window:
                continue
            before = batch.snapshot(0)
            batch.restore(0, saved.pop(0))
            for actions in played:
                batch.advance(actions)
            played.pop(0)
            report.comparisons += 1
            if batch.snapshot(0) != before:
                where = f"seed {match_seed}, tick {report.ticks}, window {window}"
                size = batch.state_size
                fighters = batch.num_fighters
                told = describe_difference(before[:size], batch.state(0), fighters)
                report.desync = f"{where}\n{told}"
            if np.frombuffer(before[: batch.state_size], dtype)[0]["is_over"]:
                break
        _count_events(report, batch)
    return report


def _count_events(report: SyncReport, batch: _core.Batch) -> None:
    state = np.frombuffer(batch.state(0), _core.state_dtype(batch.num_fighters))[0]
    totals = state["fighters"]["counts"].sum(axis=0)
    for name, count in zip(EVENTS, totals, strict=True):
        report.events[name] += int(count)
    report.events["knock_outs"] += int((state["fighters"]["hp"] == 0).sum())
