"""A compiled roster: arrays for the simulation, columns for people; and the views of both."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .. import _core
from ..game.rules import Rules
from .codes import Button, Category, EntityKind, Look, Trait
from .model import Character, Declared, EntityType, Lazy, Loadable, Move, Roster, School
from .schema import SCHEMA

__all__ = ["COLUMNS", "OWNERS", "Compiled"]

OWNERS = ("scrolls", "companions", "characters")
"""The tables whose rows own moves and entity types, in the order in which these are compiled."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "scrolls": ("name", "text", "moves", "entity_types"),
    "companions": ("name", "text", "moves", "entity_types"),
    "characters": (
        "name", "text", "role", "slip", "palette", "silhouette", "authored", "chain", "followups",
        "moves", "entity_types",
    ),
    "schools": ("name", "plan", "theme", "personality", "bot", "palette"),
    "moves": ("name", "archetype", "damage", "reach", "is_ranged"),
    "entity_types": ("name",),
}  # fmt: skip
"""Columns of each table of `Compiled.about`. Those named like an array count what a row owns."""

_STATS = tuple(field.key for field in SCHEMA["stats"])
_OWN_BUTTONS = (Button.ATTACK, Button.SKILL1, Button.SKILL2, Button.ULTIMATE, Button.TRAIT)
_LOADOUT = (Button.SCROLL, Button.COMPANION_A, Button.COMPANION_B, Button.COMPANION_C)
_CALL_COLOUR = "#e8e4d8"
"""Colour of what scrolls and companions leave in the world, whoever carries them."""


@dataclass(frozen=True)
class Compiled:
    """All of a roster but its rules.

    `arrays` are what the simulation reads, by the names of `_core.Data`'s arguments. `about` holds
    what it does not need, a table of columns each: schools, scrolls, companions, characters, moves,
    entity_types, and splits. What an array has is in no column.
    """

    arrays: Mapping[str, NDArray[Any]]
    about: Mapping[str, Any]

    def roster(
        self, rules: Rules, path: Path, roster_id: str, reload: Callable[[Path, Rules], Roster]
    ) -> Roster:
        """Return the roster under some rules; its arrays can be written no more.

        Args:
            rules: numbers of the game.
            path: what it was read from.
            roster_id: 16 hex digits.
            reload: reads it again from path and rules.
        """
        for array in self.arrays.values():
            array.flags.writeable = False
        return Roster(
            names=tuple(self.about["characters"]["name"]),
            characters=self.characters,
            schools=self.schools,
            moves=self.moves,
            entity_types=self.entity_types,
            scrolls=self.scrolls,
            companions=self.companions,
            splits={name: tuple(members) for name, members in self.about["splits"].items()},
            rules=rules,
            path=path,
            id=roster_id,
            arrays=self.arrays,
            data=_core.Data(rules.pack(), **self.arrays),
            reload=reload,
        )

    @cached_property
    def moves(self) -> Lazy[Move]:
        """All moves by index."""
        return Lazy(len(self.arrays["moves"]), self._move)

    @cached_property
    def entity_types(self) -> Lazy[EntityType]:
        """All entity types by index."""
        return Lazy(len(self.arrays["entity_types"]), self._entity_type)

    @cached_property
    def characters(self) -> Lazy[Character]:
        """All characters by index."""
        return Lazy(len(self.arrays["characters"]), self._character)

    @cached_property
    def schools(self) -> Lazy[School]:
        """All schools by index."""
        return Lazy(len(self.about["schools"]["name"]), self._school)

    @cached_property
    def scrolls(self) -> Lazy[Loadable]:
        """All scrolls by index."""
        return self._loadables("scrolls")

    @cached_property
    def companions(self) -> Lazy[Loadable]:
        """All companions by index."""
        return self._loadables("companions")

    @cached_property
    def _owners(self) -> list[tuple[str, str]]:
        """Name of everything that owns moves, and the colour of what its moves spawn."""
        found = []
        for table in OWNERS:
            columns = self.about[table]
            glows = columns.get("palette") or [[_CALL_COLOUR]] * len(columns["name"])
            found += [
                (name, palette[-1]) for name, palette in zip(columns["name"], glows, strict=True)
            ]
        return found

    @cached_property
    def _first_moves(self) -> list[int]:
        return self._firsts("moves")

    @cached_property
    def _first_entity_types(self) -> list[int]:
        return self._firsts("entity_types")

    def _firsts(self, owned: str) -> list[int]:
        """Index of the first thing of each owner; one index more ends the last."""
        counts = [count for table in OWNERS for count in self.about[table][owned]]
        return [0, *accumulate(counts)]

    @cached_property
    def _numbers(self) -> dict[str, list[Any]]:
        """Columns of the moves' array as Python's integers, which read much faster."""
        moves = self.arrays["moves"]
        names = ("button", "category", "startup", "active", "recovery", "cooldown", "spark_cost")
        return {name: moves[name].tolist() for name in names}

    def _move(self, index: int) -> Move:
        columns, numbers = self.about["moves"], self._numbers
        button, category = Button(numbers["button"][index]), Category(numbers["category"][index])
        return Move(
            index=index,
            name=columns["name"][index],
            archetype=columns["archetype"][index],
            button=button.name.lower(),
            category=str(category.name).lower(),
            owner=self._owners[bisect_right(self._first_moves, index) - 1][0],
            spark_cost=numbers["spark_cost"][index],
            declared=Declared(
                startup=numbers["startup"][index],
                active=numbers["active"][index],
                recovery=numbers["recovery"][index],
                cooldown=numbers["cooldown"][index],
                damage=columns["damage"][index],
                extent=columns["reach"][index],
            ),
            is_ranged=bool(columns["is_ranged"][index]),
        )

    def _entity_type(self, index: int) -> EntityType:
        record = self.arrays["entity_types"][index]
        return EntityType(
            index=index,
            name=self.about["entity_types"]["name"][index],
            kind=EntityKind(record["kind"]).name.lower(),
            look=Look(record["look"]).name.lower(),
            colour=self._owners[bisect_right(self._first_entity_types, index) - 1][1],
        )

    def _loadables(self, table: str) -> Lazy[Loadable]:
        columns, starters = self.about[table], self.arrays[table]

        def make(index: int) -> Loadable:
            move = self.moves[int(starters[index])]
            return Loadable(index, columns["name"][index], columns["text"][index], move)

        return Lazy(len(starters), make)

    def _school(self, index: int) -> School:
        values = {key: column[index] for key, column in self.about["schools"].items()}
        return School(**values | {"index": index, "palette": tuple(values["palette"])})

    def _form(self, by_button: list[int]) -> dict[str, Move] | None:
        moves = {
            button: self.moves[by_button[button]] for button in Button if by_button[button] >= 0
        }
        return {button.name.lower(): move for button, move in moves.items()} or None

    def _character(self, index: int) -> Character:
        record = self.arrays["characters"][index]
        values = {key: column[index] for key, column in self.about["characters"].items()}
        owner = len(self._owners) - len(self.characters) + index
        start, end = self._first_moves[owner : owner + 2]
        chain = self.moves[start : start + values["chain"]]
        by_button = record["moves"].tolist()
        shown = [button for button in (*_OWN_BUTTONS, *_LOADOUT) if by_button[button] >= 0]
        called = [i for i in record["default_companions"].tolist() if i >= 0]
        return Character(
            index=index,
            name=values["name"],
            text=values["text"],
            school=self.schools[int(record["school"])],
            role=values["role"],
            stats={name: int(record[name]) for name in _STATS},
            slip=values["slip"],
            moves={button.name.lower(): self.moves[by_button[button]] for button in shown},
            chain=chain,
            followups=self.moves[end - values["followups"] : end],
            scroll=self.about["scrolls"]["name"][int(record["default_scroll"])],
            companions=tuple(self.about["companions"]["name"][i] for i in called),
            palette=tuple(values["palette"]),
            silhouette=values["silhouette"],
            authored=bool(values["authored"]),
            traits=tuple(str(t.name).lower() for t in Trait if int(record["traits"]) & t),
            form=self._form(record["form_moves"].tolist()),
        )
