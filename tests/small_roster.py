"""Duels of characters made by hand: a test of a rule is the smallest situation that shows it.

A character has one attack that reaches 1000 su and no other move, unless the test gives it some.
All factors are 1: attack, weight and tempo 1000 milli, no defense. Times are ticks, lengths su.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena import _core, observation_layout
from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Category, Direction, Effect, EntityKind, Impact, Op

Values = dict[str, Any]
Press = int | tuple[Direction, Button]

State = IntEnum(
    "State",
    "NEUTRAL WALK STARTUP ACTIVE RECOVERY HOLD HITSTUN LAUNCHED WALLBOUNCE KNOCKDOWN RISING "
    "GRABBED FROZEN BLOCKSTUN SLIP KO",
    start=0,
)
Count = IntEnum(
    "Count",
    "HITS COUNTERS SLIPS SUMMONS ULTIMATES GRABS KNOCKDOWNS ARMOURED GUARDED PARRIES ILLEGAL "
    "SCROLLS ATTACKS SKILL1 SKILL2 TRAIT",
    start=0,
)
DRAW = 2
ALL = 63  # every category


def hit(**values: Any) -> Values:
    """Return a hit that stuns on the ground; its window is the active ticks if not given."""
    reach = {"x0": 100, "x1": 1000, "depth": 300, "z0": 200, "z1": 1500}
    effect = {"damage": 100, "level": 1, "stun": 10, "guard_stun": 5, "chip": 100}
    none = {"rehit": 0, "stop_attacker": 0, "stop_victim": 0, "knock_x": 0, "knock_z": 0}
    air = {"air_knock_x": 0, "air_knock_z": 240, "impact": Impact.FLINCH, "protection": 0}
    rest = {"flags": 0, "armour_break": 0, "priority": 1, "spark_gain": 0, "effect": -1}
    return reach | effect | none | air | rest | {"effect_ticks": 0, "effect_power": 0} | values


def op(code: Op, a: int | Values = 0, b: int = 0, c: int = 0, at: int = 0) -> Values:
    """Return an op-code; `a` may be the entity type it leaves."""
    return {"at": at, "code": code, "a": a, "b": b, "c": c}


def entity(kind: EntityKind, **values: Any) -> Values:
    """Return an entity type; `hit` may be a hit."""
    names = _core.DTYPES["entity_type"].names
    some = {"kind": kind, "ttl": 300, "copies": 1, "max_alive": 8, "durability": 1, "hits": 1}
    return dict.fromkeys(names, 0) | some | {"body_height": 1000, "hit": None} | values


def move(*hits: Values, **values: Any) -> Values:
    """Return a move of 4, 2 and 8 ticks; the attack chain's category if no other is given.

    `next` lists moves or None; `reply` is a move; `spawn` an entity type that it leaves at tick 0.
    """
    ticks = {"startup": 4, "active": 2, "recovery": 8, "category": Category.CHAIN, "aim": 1}
    ticks["charges"] = 1
    windows = {"inv_from": (0, 0, 0), "inv_to": (0, 0, 0), "key_tick": (-1,) * 6}
    links = {"next": (None, None, None), "reply": None, "spawn": None, "ops": ()}
    return ticks | windows | links | {"cancel_from": 0, "hits": hits} | values


def character(*, chain: Values | None = None, **values: Any) -> Values:
    """Return a character; lower-case button names give moves, all else are fields.

    `form` holds moves by button name, `slip_entity` an entity type, `slip_reply` a move.
    """
    stats = {"max_hp": 10000, "attack": 1000, "weight": 1000, "tempo": 1000, "walk_x": 100}
    more = {"walk_y": 80, "getup_ticks": 10, "wake_ticks": 12, "spark_rate": 1000}
    body = {"cooldown_rate": 1000, "hurt_half_x": 400, "hurt_height": 1800}
    slip = {"slip_cost": 4000, "slip_cooldown": 450, "slip_ticks": 24}
    slip |= {"slip_entity": None, "slip_reply": None, "form": {}}
    return stats | more | body | slip | {"attack_move": chain or move(hit())} | values


class _Tables:
    def __init__(self) -> None:
        self.rows: dict[str, list[Values]] = {
            name: [] for name in ("character", "move", "hit", "op", "entity_type")
        }
        self.known: dict[int, int] = {}

    def add(self, table: str, values: Values) -> int:
        self.rows[table].append(values)
        return len(self.rows[table]) - 1

    def add_move(self, values: Values | None) -> int:
        """Add a move and all it leads to; the same object twice is one move."""
        if values is None:
            return -1
        if id(values) in self.known:
            return self.known[id(values)]
        row: Values = dict(values)
        index = self.known[id(values)] = self.add("move", row)
        start, end = row["startup"], row["startup"] + row["active"]
        hits = [{"from": start, "to": end} | h for h in row.pop("hits")]
        ops = [dict(values) for values in row.pop("ops")]
        for values in ops:
            if isinstance(values["a"], dict):
                values["a"] = self.add_entity(values["a"])
        spawned = row.pop("spawn")
        if spawned is not None:
            ops.append(op(Op.SPAWN, self.add_entity(spawned)))
        row |= {"first_hit": len(self.rows["hit"]), "num_hits": len(hits)}
        self.rows["hit"] += hits
        row |= {"first_op": len(self.rows["op"]), "num_ops": len(ops)}
        self.rows["op"] += ops
        row["next"] = tuple(self.add_move(link) for link in row["next"])
        row["reply"] = self.add_move(row["reply"])
        return index

    def add_entity(self, values: Values) -> int:
        row = dict(values)
        if row["hit"] is not None:
            row["hit"] = self.add("hit", {"from": 0, "to": 2} | row["hit"])
        else:
            row["hit"] = -1
        return self.add("entity_type", row)

    def array(self, table: str) -> NDArray[Any]:
        dtype = _core.DTYPES[table]
        array = np.zeros(len(self.rows[table]), dtype)
        for i, row in enumerate(self.rows[table]):
            for name, value in row.items():
                array[name][i] = value
        return array


BUTTONS = ("skill1", "skill2", "ultimate", "trait")


def build(
    characters: Sequence[Values],
    *,
    scroll: Values | None = None,
    companions: Sequence[Values] = (),
    rules: Rules | None = None,
) -> _core.Data:
    """Compile characters that share one scroll and up to three companions."""
    tables = _Tables()
    scrolls = [tables.add_move(scroll or move(category=Category.SCROLL))]
    called = [tables.add_move(companion) for companion in companions]
    for i, values in enumerate(characters):
        row = dict(values)
        moves = [-1] * len(Button)
        moves[Button.ATTACK] = tables.add_move(row.pop("attack_move"))
        moves[Button.SCROLL] = scrolls[0]
        for name in BUTTONS:
            moves[Button[name.upper()]] = tables.add_move(row.pop(name, None))
        slots = [k if k < len(called) else -1 for k in range(3)]
        for k in slots[: len(called)]:
            moves[Button.COMPANION_A + k] = called[k]
        form_moves = [-1] * len(Button)
        for name, in_form in row.pop("form").items():
            form_moves[Button[name.upper()]] = tables.add_move(in_form)
        left, reply = row.pop("slip_entity"), row.pop("slip_reply")
        row["slip_entity"] = -1 if left is None else tables.add_entity(left)
        row["slip_reply"] = tables.add_move(reply)
        row["form_moves"] = tuple(form_moves)
        row |= {"id": i, "moves": tuple(moves), "default_companions": tuple(slots)}
        tables.add("character", row)
    return _core.Data(
        (rules or Rules(jitter_x=0, jitter_y=0, opening_ticks=0)).pack(),
        tables.array("character"),
        tables.array("move"),
        tables.array("hit"),
        tables.array("op"),
        tables.array("entity_type"),
        np.array(scrolls, np.int16),
        np.array(called, np.int16),
        np.zeros((len(characters), _core.DESCRIPTOR_SIZE), np.float32),
        np.zeros((len(characters), _core.PROFILE_SIZE), np.float32),
    )


class Duel:
    """A match of two hand-made characters, one tick at a time.

    Fighter 0 stands left of the middle and looks right. Its moves are `one`'s, the other's `two`'s.
    """

    def __init__(
        self,
        one: Values | None = None,
        two: Values | None = None,
        *,
        gap: int = 1000,
        max_ticks: int = 1800,
        scroll: Values | None = None,
        companions: Sequence[Values] = (),
        **rules: int,
    ) -> None:
        numbers = Rules(**{"jitter_x": 0, "jitter_y": 0, "opening_ticks": 0} | rules)
        self.rules = numbers
        data = build(
            [one or character(), two or character()],
            scroll=scroll,
            companions=companions,
            rules=numbers,
        )
        self.batch = _core.Batch(data, 1, frame_skip=1, max_ticks=max_ticks, trio=True)
        self.batch.reset(0, 0, [0, 1])
        self.place(gap)

    @property
    def state(self) -> Any:
        return np.frombuffer(self.batch.state(0), _core.DTYPES["state"])[0]

    def __getitem__(self, seat: int) -> Any:
        return self.state["fighters"][seat]

    @property
    def states(self) -> tuple[State, State]:
        return State(int(self[0]["state"])), State(int(self[1]["state"]))

    def place(self, gap: int) -> "Duel":
        """Put the fighters `gap` apart around the middle of the stage."""
        self.edit(0, x=-(gap // 2), y=0)
        return self.edit(1, x=gap - gap // 2, y=0)

    def edit(self, seat: int | None = None, **values: Any) -> "Duel":
        """Change fields of a fighter, or of the match if no seat is given."""
        state = np.frombuffer(self.batch.state(0), _core.DTYPES["state"]).copy()
        target = state[0] if seat is None else state[0]["fighters"][seat]
        for name, value in values.items():
            target[name] = value
        self.batch.set_state(0, state.tobytes())
        return self

    def give(
        self, seat: int, effect: Effect, power: int = 0, ticks: int = 300, stacks: int = 1
    ) -> "Duel":
        """Put an effect on a fighter."""
        fighter = self[seat].copy()
        fighter["effects"] |= np.uint32(1 << effect)
        fighter["effect_until"][effect] = self.state["clock"] + ticks
        fighter["effect_power"][effect] = power
        fighter["effect_stacks"][effect] = stacks
        names = ("effects", "effect_until", "effect_power", "effect_stacks")
        return self.edit(seat, **{name: fighter[name] for name in names})

    def has(self, seat: int, effect: Effect) -> bool:
        return bool(int(self[seat]["effects"]) >> effect & 1)

    def tick(self, one: Press = 0, two: Press = 0, times: int = 1) -> "Duel":
        """Advance with a button, or a direction and a button, per seat; then idle."""
        for n in range(times):
            presses = (one, two) if n == 0 else (0, 0)
            ids = [p if isinstance(p, int) else p[0] * _core.NUM_BUTTONS + p[1] for p in presses]
            self.batch.advance(np.array([ids], np.int32))
            broken = self.batch.check(0)
            assert not broken, broken
        return self

    def hold(self, one: Direction, two: Direction = Direction.NONE, times: int = 1) -> "Duel":
        """Advance with directions held."""
        for _ in range(times):
            self.tick((one, Button.NONE), (two, Button.NONE))
        return self

    def until(self, condition: Callable[["Duel"], Any], limit: int = 200) -> int:
        """Idle until a condition holds; return the ticks that took."""
        for n in range(limit + 1):
            if condition(self):
                return n
            self.tick()
        raise AssertionError(f"not within {limit} ticks; states {self.states}")

    def until_state(self, seat: int, *states: State, limit: int = 200) -> int:
        return self.until(lambda duel: duel.states[seat] in states, limit)

    def until_hit(self, limit: int = 100) -> int:
        """Idle until either fighter lands a hit."""
        before = self.count(0, Count.HITS) + self.count(1, Count.HITS)
        return self.until(lambda d: d.count(0, Count.HITS) + d.count(1, Count.HITS) > before, limit)

    def trace(self, seat: int, ticks: int, one: Press = 0, two: Press = 0) -> list[State]:
        """Press once, then idle; return the fighter's state after each tick."""
        states = []
        for n in range(ticks):
            self.tick(one if n == 0 else 0, two if n == 0 else 0)
            states.append(self.states[seat])
        return states

    def count(self, seat: int, what: Count) -> int:
        return int(self[seat]["counts"][what])

    def lost(self, seat: int) -> int:
        """HP lost since the match began, heals not counted."""
        return 10000 - int(self[seat]["hp"])

    def legal(self, seat: int) -> set[tuple[Direction, Button]]:
        masks = np.zeros((1, 2, _core.NUM_ACTIONS), np.int8)
        self.batch.action_masks(masks)
        ids = np.flatnonzero(masks[0, seat])
        return {
            (Direction(int(i) // _core.NUM_BUTTONS), Button(int(i) % _core.NUM_BUTTONS))
            for i in ids
        }

    def may(self, seat: int, button: Button) -> bool:
        """Whether the mask allows a button without direction."""
        return (Direction.NONE, button) in self.legal(seat)

    def observe(self, seat: int, block: str) -> NDArray[np.float32]:
        """Return a block of what a fighter sees in the preset `entities`."""
        preset = _core.OBSERVATIONS["entities"]
        seen = np.empty((1, _core.observation_size(preset)), np.float32)
        self.batch.observe_seat(seat, preset, seen)
        (found,) = (b for b in observation_layout("entities").blocks if b.name == block)
        return seen[0, found.slice]

    def entities(self, seat: int) -> list[Any]:
        """Return what a fighter has in the world."""
        return [e for e in self[seat]["entities"] if e["type"] >= 0]

    def static(self, seat: int) -> set[tuple[Direction, Button]]:
        """Return what a fighter owns at all."""
        masks = np.zeros((1, 2, _core.NUM_ACTIONS), np.int8)
        self.batch.static_masks(masks)
        ids = np.flatnonzero(masks[0, seat])
        return {
            (Direction(int(i) // _core.NUM_BUTTONS), Button(int(i) % _core.NUM_BUTTONS))
            for i in ids
        }
