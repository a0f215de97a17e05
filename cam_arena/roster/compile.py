"""Turn the values of a roster into the arrays that the simulation reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .codes import (
    NUM_KEYS,
    Button,
    Category,
    Direction,
    Effect,
    EntityKind,
    HitFlag,
    Impact,
    Look,
    MoveFlag,
    Op,
    Slip,
    Teleport,
    Trait,
)
from .schema import ENTITY_SPARKS, OP_KEYS, SLOT_CANCELS

__all__ = ["Compiler", "Part"]

Values = Mapping[str, Any]


def _getter(record: str) -> Callable[[Mapping[str, object]], tuple[object, ...]]:
    """Return a function that puts a mapping's values into the order of a C struct."""
    return itemgetter(*(_core.DTYPES[record].names or ()))


_CHARACTER = _getter("character")
_MOVE = _getter("move")
_HIT = _getter("hit")
_OP = _getter("op")
_ENTITY = _getter("entity_type")

_INVULNERABLE = ("strike", "projectile", "grab")


@dataclass(frozen=True)
class Part:
    """A move on its way into the arrays: what it is, the button that starts it, its values."""

    slot: str
    button: Button
    values: Values
    in_form: bool = False


@dataclass
class Compiler:
    """Rows of the arrays built so far."""

    characters: list[tuple[object, ...]] = field(default_factory=list)
    moves: list[tuple[object, ...]] = field(default_factory=list)
    hits: list[tuple[object, ...]] = field(default_factory=list)
    ops: list[tuple[object, ...]] = field(default_factory=list)
    entity_types: list[tuple[object, ...]] = field(default_factory=list)
    scrolls: list[int] = field(default_factory=list)
    companions: list[int] = field(default_factory=list)
    move_index: Mapping[str, int] = field(default_factory=dict)
    """Moves of the owner added last, by name."""
    entity_index: Mapping[str, int] = field(default_factory=dict)
    """Entities of the owner added last, by name."""

    def add_owner(self, parts: Sequence[Part], entities: Iterable[Values]) -> list[int]:
        """Add moves and entities of a character, scroll or companion; return the moves' indices."""
        entity_index = {}
        sparks = _entity_sparks(parts)
        for entity in entities:
            entity_index[entity["name"]] = len(self.entity_types)
            self._add_entity(entity, sparks.get(entity["name"], 0))
        self.entity_index = entity_index
        first = len(self.moves)
        move_index = {part.values["name"]: first + i for i, part in enumerate(parts)}
        for part in parts:
            self._add_move(part, move_index, entity_index)
        self.move_index = move_index
        return list(range(first, len(self.moves)))

    def add_character(
        self,
        values: Values,
        school: int,
        parts: Sequence[Part],
        indices: Sequence[int],
        scroll: int,
        companions: Sequence[int],
    ) -> None:
        """Add a character whose moves, `parts`, and entities were added just before."""
        moves, form_moves = [-1] * len(Button), [-1] * len(Button)
        for part, index in zip(parts, indices, strict=True):
            if part.button is not Button.NONE:
                (form_moves if part.in_form else moves)[part.button] = index
        moves[Button.SCROLL] = self.scrolls[scroll]
        slots = (Button.COMPANION_A, Button.COMPANION_B, Button.COMPANION_C)
        for button, companion in zip(slots, companions, strict=False):
            moves[button] = self.companions[companion]
        slip = values["slip"]
        record = {
            **values["stats"],
            "id": len(self.characters),
            "school": school,
            "slip_kind": Slip[slip["kind"].upper()],
            "slip_cost": slip["cost"],
            "slip_hp_cost": slip["hp_cost"],
            "slip_cooldown": slip["cooldown"],
            "slip_ticks": slip["ticks"],
            "slip_entity": self.entity_index.get(slip["entity"], -1),
            "slip_reply": self.move_index.get(slip["reply"], -1),
            "traits": _bits(Trait, values["traits"]),
            "moves": tuple(moves),
            "form_moves": tuple(form_moves),
            "default_scroll": scroll,
            "default_companions": (*companions, *[-1] * (len(slots) - len(companions))),
        }
        self.characters.append(_CHARACTER(record))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by the names of `_core.Data`'s arguments, but those made of others."""
        arrays: dict[str, NDArray[Any]] = {
            name: np.array(getattr(self, name), _core.DTYPES[record])
            for name, record in (
                ("characters", "character"),
                ("moves", "move"),
                ("hits", "hit"),
                ("ops", "op"),
                ("entity_types", "entity_type"),
            )
        }
        arrays["scrolls"] = np.array(self.scrolls, np.int16)
        arrays["companions"] = np.array(self.companions, np.int16)
        return arrays

    def _add_move(
        self, part: Part, move_index: Mapping[str, int], entity_index: Mapping[str, int]
    ) -> None:
        move = part.values
        slot = "skill" if part.slot == "followup" else part.slot
        hits, ops = move["hit"], move["op"]
        cancels = SLOT_CANCELS[slot]
        cancel = move["cancel"] or {}
        given = {key: cancel.get(key) for key in cancels}
        names = {
            key: cancels[key] if value is None or isinstance(value, str) else value
            for key, value in given.items()
        }
        cancel_from = cancel.get("from")
        hold = move["hold"] or {"max": 0, "damage": 0}
        armour = move["armour"] or {"level": 0, "window": (0, 0)}
        invulnerable = [(move["invulnerable"] or {}).get(key) or (0, 0) for key in _INVULNERABLE]
        guard, parry = move["guard"] or (0, 0), move["parry"] or (0, 0)
        keys = [(item["at"], item["x"], item["z"]) for item in move["velocity"]]
        keys += [(-1, 0, 0)] * (NUM_KEYS - len(keys))
        record = {
            **move,
            "button": part.button,
            "category": Category[slot.upper()],
            "flags": _bits(MoveFlag, move["flags"]),
            "aim": 1 | sum(1 << Direction[name] for name in set(move["aim"]) - {"NONE"}),
            "hold_max": hold["max"],
            "hold_damage": hold["damage"],
            "cancel_from": cancel_from if isinstance(cancel_from, int) else _cancel_from(part),
            "cancel_whiff": _bits(Category, names["whiff"]),
            "cancel_hit": _bits(Category, names["hit"]),
            "cancel_guard": _bits(Category, names["guard"]),
            "next": tuple(
                move_index.get(move[link], -1) for link in ("next", "next_forward", "next_back")
            ),
            "armour_level": armour["level"],
            "armour_from": armour["window"][0],
            "armour_to": armour["window"][1],
            "inv_from": tuple(window[0] for window in invulnerable),
            "inv_to": tuple(window[1] for window in invulnerable),
            "guard_from": guard[0],
            "guard_to": guard[1],
            "parry_from": parry[0],
            "parry_to": parry[1],
            "reply": move_index.get(move["reply"], -1),
            "key_tick": tuple(key[0] for key in keys),
            "key_vx": tuple(key[1] for key in keys),
            "key_vz": tuple(key[2] for key in keys),
            "first_hit": len(self.hits),
            "num_hits": len(hits),
            "first_op": len(self.ops),
            "num_ops": len(ops),
        }
        self.moves.append(_MOVE(record))
        for hit in hits:
            self._add_hit(hit, 0)
        for op in ops:
            self._add_op(op, entity_index)

    def _add_hit(self, hit: Values, spark: int) -> None:
        box = hit["box"]
        record = {
            **hit,
            "from": hit["window"][0],
            "to": hit["window"][1],
            "x0": box["x"][0],
            "x1": box["x"][1],
            "depth": box["depth"],
            "z0": box["z"][0],
            "z1": box["z"][1],
            "stop_attacker": hit["stop"][0],
            "stop_victim": hit["stop"][1],
            "knock_x": hit["knock"][0],
            "knock_z": hit["knock"][1],
            "air_knock_x": hit["air_knock"][0],
            "air_knock_z": hit["air_knock"][1],
            "impact": Impact[hit["impact"].upper()],
            "flags": _bits(HitFlag, hit["flags"]),
            "spark_gain": spark if hit["spark_gain"] is None else hit["spark_gain"],
            "effect": -1 if hit["effect"] is None else Effect[hit["effect"].upper()],
        }
        self.hits.append(_HIT(record))

    def _add_op(self, op: Values, entity_index: Mapping[str, int]) -> None:
        record: dict[str, object] = {"at": op["at"], "code": Op[op["do"].upper()]}
        record |= {"a": 0, "b": 0, "c": 0}
        for key, place in OP_KEYS[op["do"]].items():
            value = op[key]
            if key == "entity":
                value = entity_index[value]
            elif key == "effect":
                value = Effect[value.upper()]
            elif key == "place":
                value = Teleport[value.upper()]
            elif key == "button":
                value = Button[value.upper()]
            record[place] = value
        self.ops.append(_OP(record))

    def _add_entity(self, entity: Values, spark: int) -> None:
        record = {
            **entity,
            "kind": EntityKind[entity["kind"].upper()],
            "look": Look[entity["look"].upper()],
            "offset_x": entity["offset"][0],
            "offset_z": entity["offset"][1],
            "hit": -1,
        }
        if entity["hit"] is not None:
            record["hit"] = len(self.hits)
            self._add_hit(entity["hit"], spark // _strikes(entity))
        self.entity_types.append(_ENTITY(record))


def _entity_sparks(parts: Sequence[Part]) -> dict[str, int]:
    """Milli quarters that each entity's strikes give together: what a hit of its move would."""
    return {
        op["entity"]: ENTITY_SPARKS[part.slot]
        for part in parts
        for op in part.values["op"]
        if op["do"] == "spawn" and part.slot in ENTITY_SPARKS
    }


def _strikes(entity: Values) -> int:
    """Strikes that share an entity's sparks: all it has, but no more than usually land."""
    return min(int(entity["hits"]) * int(entity["copies"]), 4)


def _cancel_from(part: Part) -> int:
    """Default first tick of a cancel: a chain move strikes first, so that mashing skips no hit."""
    startup, active = int(part.values["startup"]), int(part.values["active"])
    return startup + active if part.slot == "chain" else startup


def _bits(flags: type[IntFlag], names: Iterable[str]) -> int:
    bits = 0
    for name in names:
        bits |= flags[name.upper()]
    return bits
