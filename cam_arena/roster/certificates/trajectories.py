"""Watch every character in the same fights: the same pilots, opponents and seeds for each.

A *lane* is a character against one opponent, both played by scripted bots, match after match; lane
`k` of every character has the same pilot, opponent, opponent's bot and seeds. All carry the same
scroll and call the same companion, so that what differs comes from the character. What is seen is
summed up by *windows* of 10 s, each within one match.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..codes import Button, Category
from ..model import Roster

__all__ = ["PHASES", "PILOTS", "SLOTS", "SPAWNERS", "STATES", "WINDOW_TICKS", "Recording", "record"]

PILOTS: Final = ("masher", "walker", "zoner", "punisher")
"""The bots that play every character in turn, at the highest level, which uses the whole kit."""

WINDOW_TICKS: Final = 300
"""Ten seconds."""

SLOTS: Final = (
    *(f"attack{i}" for i in range(1, 7)),
    *("skill1", "skill2", "ultimate", "slip", "scroll", "companion", "trait", "reply"),
)
"""What a fighter can be doing; attacks by their place in a row of them."""

STATES: Final = (
    *("neutral", "walk", "startup", "active", "recovery", "hold", "hitstun", "launched"),
    *("wallbounce", "knockdown", "rising", "grabbed", "frozen", "blockstun", "slip", "ko"),
)
"""CAM_STATE of csrc/types.h, in order."""

PHASES: Final = ("startup", "active", "recovery", "hold")
"""States in which a move runs, in the order of STATES."""

SPAWNERS: Final = ("skill1", "skill2", "ultimate", "other")
"""What the entities a fighter has in the world came from."""

_LAYOUT: Final = {
    "starts": len(SLOTS),  # moves begun
    "directions": _core.NUM_DIRECTIONS,  # ticks held
    "phases": len(SLOTS) * len(PHASES),  # ticks
    "states": len(STATES),  # ticks
    "entries": len(STATES),  # times entered
    "forward": len(SLOTS),  # su the fighter moved the way it faces
    "sideways": len(SLOTS),  # su moved in depth, either way
    "height": len(SLOTS),  # greatest su above the ground
    "walks": 2,  # greatest su/tick along the stage and in depth while walking
    "hits": len(SLOTS) + 1,  # landed during a slot's move; last: while no move ran
    "spawned": len(SPAWNERS),  # entities begun
    "alive": len(SPAWNERS),  # entity ticks
    "flown": len(SPAWNERS),  # su along the stage, either way
    "drifted": len(SPAWNERS),  # su in depth, either way
    "risen": len(SPAWNERS),  # sum over entity ticks of su above the ground
    "apart": len(SPAWNERS),  # sum over entity ticks of su from their owner along the stage
    "fastest": len(SPAWNERS),  # greatest su/tick along the stage
    "oldest": len(SPAWNERS),  # greatest age, ticks
    "chances": len(SLOTS),  # ticks in which the mask let the slot's button start
    "distances": 24,  # ticks by distance from the opponent, in steps of 512 su
    "damage": len(SLOTS) + 1,  # HP the opponent lost; last: to entities, effects and the rest
}
"""Sums of a window and their columns. From `chances` on, an onlooker cannot see them."""

_MAXIMA = {"height", "walks", "fastest", "oldest"}
_WIDTH = sum(_LAYOUT.values())
_STATE = {name: index for index, name in enumerate(STATES)}
_SLOT = {name: index for index, name in enumerate(SLOTS)}
_CHAIN = 6  # slots of attacks
_OTHER = SPAWNERS.index("other")
_BUTTONS = {
    "attack1": Button.ATTACK, "skill1": Button.SKILL1, "skill2": Button.SKILL2,
    "ultimate": Button.ULTIMATE, "slip": Button.SLIP, "scroll": Button.SCROLL,
    "companion": Button.COMPANION_A, "trait": Button.TRAIT,
}  # fmt: skip
_LANE_SEEDS = 1_000  # matches a lane may need
_COUNT_HITS = 0  # CAM_COUNT_HITS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """What was seen, a row for each window: by character, then lane, then time."""

    character: NDArray[np.int32]
    """Index of the character watched, shape (windows,)."""
    lane: NDArray[np.int32]
    """Its lane, shape (windows,): pilot, opponent, opponent's bot and seeds."""
    pilot: NDArray[np.int32]
    """Index of the bot that played it, shape (windows,)."""
    sums: Floats
    """Sums over the window, shape (windows, columns)."""

    def __getitem__(self, name: str) -> Floats:
        """Return the columns of one sum, shape (windows, columns of it)."""
        return _view(self.sums, name)

    def total(self, name: str) -> NDArray[np.float64]:
        """Return a sum over all windows of each character watched, in the order watched."""
        who, index = np.unique(self.character, return_inverse=True)
        totals = np.zeros((len(who), _LAYOUT[name]))
        np.add.at(totals, index, self[name])
        return totals


def _view(table: Floats, name: str) -> Floats:
    first = 0
    for key, count in _LAYOUT.items():
        if key == name:
            return table[:, first : first + count]
        first += count
    raise KeyError(f"no sum is called {name!r}; there are {', '.join(_LAYOUT)}")


def record(
    roster: Roster,
    *,
    windows: int = 60,
    rounds: int = 3,
    level: int = 5,
    seed: int = 0,
    pilots: Sequence[str] = PILOTS,
    characters: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recording:
    """Let every character fight and return what was seen.

    Args:
        roster: the characters.
        windows: per character; rounded up to as many for each lane.
        rounds: lanes per character and pilot.
        level: of the bots, 1..5.
        seed: of the matches.
        pilots: bots that play the watched characters, in turn; also those of their opponents.
        characters: indices of those to watch; all if None. Opponents come from the whole roster.
        progress: told (windows done, windows in all) now and then.
    """
    watched = range(len(roster)) if characters is None else characters
    num_lanes = rounds * len(pilots)
    each = -(-windows // num_lanes)
    watch = _Watch(roster, watched, num_lanes, [_core.BOTS[name] for name in pilots], level, seed)
    rows = len(watched) * num_lanes
    found = np.zeros((rows, each, _WIDTH), np.float32)
    filled = np.zeros(rows, np.intp)
    while (filled < each).any():
        watch.tick()
        full = np.flatnonzero(watch.elapsed == WINDOW_TICKS)
        kept = full[filled[full] < each]
        found[kept, filled[kept]] = watch.sums[kept]
        filled[kept] += 1
        watch.begin_windows(full)
        for row in np.flatnonzero(watch.is_over & (filled < each)):
            watch.begin_match(int(row))
        if progress is not None and watch.ticks % 50 == 0:
            progress(int(filled.sum()), rows * each)
    lane = np.repeat(np.tile(np.arange(num_lanes, dtype=np.int32), len(watched)), each)
    return Recording(
        np.repeat(np.asarray(watched, np.int32), num_lanes * each),
        lane,
        lane % len(pilots),
        found.reshape(-1, _WIDTH),
    )


class _Watch:
    """All lanes of all characters at once, a tick at a time; fighter 0 is the one watched."""

    def __init__(
        self,
        roster: Roster,
        watched: Sequence[int],
        num_lanes: int,
        bots: Sequence[int],
        level: int,
        seed: int,
    ) -> None:
        rows = len(watched) * num_lanes
        self.batch = _core.Batch(roster.data, rows, frame_skip=1)
        self.all = np.arange(rows)
        self.lane = self.all % num_lanes
        self.character = np.repeat(np.asarray(watched), num_lanes)
        # evenly spaced over the roster, so that schools and roles differ
        self.opponent = (np.arange(num_lanes) * len(roster)) // num_lanes
        self.seed = seed
        self.matches = np.zeros(rows, np.intp)
        for row, lane in enumerate(self.lane.tolist()):
            self.batch.set_bot(row, 0, bots[lane % len(bots)], level)
            self.batch.set_bot(row, 1, bots[(lane + lane // len(bots)) % len(bots)], level)
        self.slot_of_move = _slots(roster)
        self.sums = np.zeros((rows, _WIDTH), np.float32)
        self.sum = {name: _view(self.sums, name) for name in _LAYOUT}
        self.elapsed = np.zeros(rows, np.intp)
        self.ticks = 0
        self.is_over = np.zeros(rows, np.bool_)
        self.slot = np.full(rows, -1)
        self.place = np.zeros(rows, np.intp)
        self.spawner = np.full((rows, _entity_slots()), _OTHER)
        self.masks = np.zeros((rows, 2, _core.NUM_ACTIONS), np.int8)
        self.no_actions = np.zeros((rows, 2), np.int32)
        for row in range(rows):
            self.begin_match(row)
        self.before = self._states()

    def begin_match(self, row: int) -> None:
        """Start the lane's next match, and a window with it."""
        lane = int(self.lane[row])
        seed = (self.seed * 1_000_003 + lane) * _LANE_SEEDS + int(self.matches[row])
        characters = [int(self.character[row]), int(self.opponent[lane])]
        self.batch.reset(row, seed, characters, [0, 0], [[0, -2, -2], [0, -2, -2]])
        self.matches[row] += 1
        self.slot[row] = -1
        self.begin_windows(np.array([row]))
        if self.ticks:
            self.before[row] = np.frombuffer(self.batch.state(row), self.before.dtype)[0]

    def begin_windows(self, rows: NDArray[np.intp]) -> None:
        """Forget what was summed up."""
        self.sums[rows] = 0
        self.elapsed[rows] = 0

    def _states(self) -> NDArray[Any]:
        blocks = b"".join([self.batch.state(row) for row in range(len(self.all))])
        return np.frombuffer(bytearray(blocks), _core.DTYPES["state"])

    def tick(self) -> None:
        """Advance every match and add what is seen to the sums."""
        self.batch.action_masks(self.masks)
        self._count_chances()
        self.batch.advance(self.no_actions)
        after = self._states()
        own, was = after["fighters"][:, 0], self.before["fighters"][:, 0]
        self._follow_move(own, was)
        self._count_acts(own, was)
        self._measure_motion(own, was)
        self._measure_entities(own, was)
        self._measure_fight(own, was, after["fighters"][:, 1], self.before["fighters"][:, 1])
        self.before = after
        self.is_over = after["is_over"] > 0
        self.elapsed += 1
        self.ticks += 1

    def _count_chances(self) -> None:
        legal = self.masks[:, 0].reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS).max(axis=1)
        for name, button in _BUTTONS.items():
            last = _CHAIN if name == "attack1" else _SLOT[name] + 1
            self.sum["chances"][:, _SLOT[name] : last] += legal[:, button : button + 1]

    def _follow_move(self, own: NDArray[Any], was: NDArray[Any]) -> None:
        """Keep track of the slot in use, and note where one begins."""
        move, state = own["move"], own["state"]
        begins = (move >= 0) & ((move != was["move"]) | (own["move_tick"] < was["move_tick"]))
        slot = np.where(move >= 0, self.slot_of_move[move], -1)
        slips = state == _STATE["slip"]
        slot[slips] = _SLOT["slip"]
        begins |= slips & (was["state"] != _STATE["slip"])
        attacks = slot == 0
        follows = attacks & begins & (self.slot >= 0) & (self.slot < _CHAIN)
        self.place = np.where(follows, np.minimum(self.place + 1, _CHAIN - 1), self.place)
        self.place[attacks & begins & ~follows] = 0
        self.slot = np.where(attacks, self.place, slot)
        rows = np.flatnonzero(begins)
        self.sum["starts"][rows, self.slot[rows]] += 1

    def _count_acts(self, own: NDArray[Any], was: NDArray[Any]) -> None:
        state = own["state"].astype(np.intp)
        self.sum["directions"][self.all, own["direction"]] += 1
        self.sum["states"][self.all, state] += 1
        self.sum["entries"][self.all, state] += state != was["state"]
        phase = state - _STATE["startup"]
        rows = np.flatnonzero((self.slot >= 0) & (phase >= 0) & (phase < len(PHASES)))
        self.sum["phases"][rows, self.slot[rows] * len(PHASES) + phase[rows]] += 1

    def _measure_motion(self, own: NDArray[Any], was: NDArray[Any]) -> None:
        along = (own["x"] - was["x"]) * own["facing"]
        across = np.abs(own["y"] - was["y"])
        rows = np.flatnonzero(self.slot >= 0)
        slot = self.slot[rows]
        self.sum["forward"][rows, slot] += along[rows]
        self.sum["sideways"][rows, slot] += across[rows]
        _raise(self.sum["height"], rows, slot, own["z"][rows])
        walks = np.flatnonzero(own["state"] == _STATE["walk"])
        for column, speed in enumerate((own["vx"], own["vy"])):
            _raise(self.sum["walks"], walks, column, np.abs(speed[walks]))

    def _measure_entities(self, own: NDArray[Any], was: NDArray[Any]) -> None:
        entity, old = own["entities"], was["entities"]
        alive = entity["type"] >= 0
        if not alive.any():
            return
        born = alive & ((entity["type"] != old["type"]) | (entity["age"] < old["age"]))
        spawner = self.slot - _SLOT["skill1"]
        spawner[(spawner < 0) | (spawner >= _OTHER)] = _OTHER
        self.spawner = np.where(born, spawner[:, None], self.spawner)
        moved = alive & ~born
        along = np.where(moved, np.abs(entity["x"].astype(np.int32) - old["x"]), 0)
        values = {
            "spawned": born,
            "alive": alive,
            "flown": along,
            "drifted": np.where(moved, np.abs(entity["y"].astype(np.int32) - old["y"]), 0),
            "risen": np.where(alive, entity["z"], 0),
            "apart": np.where(alive, np.abs(entity["x"] - own["x"][:, None]), 0),
        }
        maxima = {"fastest": along, "oldest": np.where(alive, entity["age"], 0)}
        for k in range(len(SPAWNERS)):
            mine = self.spawner == k
            for name, value in values.items():
                self.sum[name][:, k] += (value * mine).sum(axis=1)
            for name, value in maxima.items():
                column = self.sum[name][:, k]
                np.maximum(column, (value * mine).max(axis=1), out=column)

    def _measure_fight(
        self, own: NDArray[Any], was: NDArray[Any], other: NDArray[Any], other_was: NDArray[Any]
    ) -> None:
        landed = own["counts"][:, _COUNT_HITS].astype(np.int32) - was["counts"][:, _COUNT_HITS]
        self.sum["hits"][self.all, self.slot] += landed  # slot -1 is the last column
        gap = np.abs(own["x"] - other["x"])
        self.sum["distances"][self.all, np.minimum(gap // 512, 23)] += 1
        lost = np.maximum(other_was["hp"] - other["hp"], 0)
        active = (own["state"] == _STATE["active"]) | (was["state"] == _STATE["active"])
        self.sum["damage"][self.all, np.where(active & (landed > 0), self.slot, -1)] += lost


def _raise(table: Floats, rows: NDArray[np.intp], columns: Any, values: NDArray[Any]) -> None:
    """Set entries to values that are greater."""
    table[rows, columns] = np.maximum(table[rows, columns], values)


def _entity_slots() -> int:
    shape: tuple[int, ...] = _core.DTYPES["fighter"]["entities"].shape
    return shape[0]


def _slots(roster: Roster) -> NDArray[np.intp]:
    """Return the slot of every move; 0 for all attacks."""
    by_category = {
        Category.CHAIN: "attack1",
        Category.SCROLL: "scroll",
        Category.ULTIMATE: "ultimate",
        Category.COMPANION: "companion",
        Category.TRAIT: "trait",
    }
    by_button = {Button.SKILL1: "skill1", Button.SKILL2: "skill2", Button.NONE: "reply"}
    slots = []
    for move in roster.arrays["moves"]:
        category = Category(int(move["category"]))
        known = by_category.get(category) or by_button[Button(int(move["button"]))]
        slots.append(_SLOT[known])
    return np.array(slots, np.intp)
