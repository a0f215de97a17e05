"""What a roster is to the rest of the package."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from numpy.typing import NDArray

from .. import _core
from ..game.rules import Rules
from .naming import meant, nearest

if TYPE_CHECKING:
    from .frames import Frames

__all__ = ["Character", "Declared", "EntityType", "Lazy", "Loadable", "Move", "Roster", "School"]

T = TypeVar("T")


class Lazy(Sequence[T]):
    """A sequence whose items are made when they are first asked for, and only once.

    A roster has thousands of moves and a program that trains looks at few of them.

    Args:
        length: number of items.
        make: returns the item at an index.
    """

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make
        self._made: dict[int, T] = {}

    def __repr__(self) -> str:
        """Return the first few items and how many there are."""
        more = ", ..." if len(self) > 3 else ""
        return f"<{len(self)} items: {', '.join(map(repr, self[:3]))}{more}>"

    def __len__(self) -> int:
        """Return the number of items."""
        return self._length

    @overload
    def __getitem__(self, key: int) -> T: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[T, ...]: ...

    def __getitem__(self, key: int | slice) -> T | tuple[T, ...]:
        """Return an item, always the same object, or a tuple of some.

        Raises:
            IndexError: if there is no such item.
        """
        indices = range(self._length)[key]
        if isinstance(indices, range):
            return tuple(self[index] for index in indices)
        if indices not in self._made:
            # setdefault keeps one object where two threads make the item at the same time.
            self._made.setdefault(indices, self._make(indices))
        return self._made[indices]


@dataclass(frozen=True)
class Declared:
    """Numbers of a move as its file has them, before tempo and all other factors."""

    startup: int
    """Ticks before the first active one."""
    active: int
    """Active ticks."""
    recovery: int
    """Ticks after the last active one."""
    cooldown: int
    """Ticks."""
    damage: int
    """HP of all its hits and its entities'."""
    extent: int
    """Furthest that a box gets from where its fighter started, su."""


@dataclass(frozen=True, repr=False)
class Move:
    """A move as viewers show it; the simulation reads `Roster.arrays["moves"][index]`."""

    index: int
    """Index in the roster's moves."""
    name: str
    """Name for players."""
    archetype: str
    """What it is: one of the schema's archetypes."""
    button: str
    """Button that starts it, such as `skill1`; `none` for later chain moves and follow-ups."""
    category: str
    """chain, skill, scroll, ultimate, companion or trait."""
    owner: str
    """Name of the character, scroll or companion that has it."""
    spark_cost: int
    """Milli quarters."""
    declared: Declared
    """Its numbers as written down; what a match shows is in `Roster.frames`."""
    is_ranged: bool
    """Whether an entity does the hitting."""

    def __repr__(self) -> str:
        """Return its name and number."""
        return f"Move({self.name!r}, #{self.index})"


@dataclass(frozen=True)
class EntityType:
    """Something a move spawns."""

    index: int
    """Index in the roster's entity types."""
    name: str
    """Name for players."""
    kind: str
    """projectile, zone, trap, wall or companion."""
    look: str
    """Shape for viewers."""
    colour: str
    """Colour like #a1b2c3: its owner's glow."""


@dataclass(frozen=True, repr=False)
class Loadable:
    """A scroll or a companion."""

    index: int
    """Index among the roster's scrolls or companions."""
    name: str
    """Name for players."""
    text: str
    """What it does, for players."""
    move: Move
    """The move it starts."""

    def __repr__(self) -> str:
        """Return its name and number."""
        return f"Loadable({self.name!r}, #{self.index})"


@dataclass(frozen=True, repr=False)
class School:
    """A school: characters that win in the same way."""

    index: int
    """Index in the roster's schools."""
    name: str
    """Name."""
    plan: str
    """How its characters win."""
    theme: str
    """What they look like."""
    personality: str
    """How its bot should feel to fight."""
    bot: str
    """Scripted bot that plays it best."""
    palette: tuple[str, ...]
    """Colours, main one first."""

    def __repr__(self) -> str:
        """Return its name and number."""
        return f"School({self.name!r}, #{self.index})"


@dataclass(frozen=True, eq=False, repr=False)
class Character:
    """One character."""

    index: int
    """Index in the roster; what `CamFighter.character` holds."""
    name: str
    """Unique name."""
    text: str
    """Who this is."""
    school: School
    """Its school."""
    role: str
    """duelist, breaker, keeper or trickster."""
    stats: Mapping[str, int]
    """Statistics by the names of the schema's stats table."""
    slip: Mapping[str, Any]
    """Slip by the names of the schema's slip table."""
    moves: Mapping[str, Move]
    """Move by button name; scroll and companions are the default loadout."""
    chain: tuple[Move, ...]
    """All chain moves, the starter first."""
    followups: tuple[Move, ...]
    """Moves that only a parry leads to."""
    scroll: str
    """Default scroll."""
    companions: tuple[str, ...]
    """Default companions, one per slot."""
    palette: tuple[str, ...]
    """Body, accent and glow."""
    silhouette: Mapping[str, Any]
    """How it is drawn, by the names of the schema's silhouette table."""
    authored: bool
    """Whether it is written by hand; a generator leaves it as it is."""
    traits: tuple[str, ...]
    """What sets its rules apart, 0..2 names."""
    form: Mapping[str, Move] | None
    """Moves by button while it is in its other form, where they differ; None if it has no form."""

    def __repr__(self) -> str:
        """Return its name and number."""
        return f"Character({self.name!r}, #{self.index})"


@dataclass(frozen=True, eq=False, repr=False)
class Roster:
    """The set of characters, with all that a match shares. Get one from `load_roster`."""

    names: tuple[str, ...]
    """Character names in order of index."""
    characters: Sequence[Character]
    """In order of index; made when they are first asked for, as are the next four."""
    schools: Sequence[School]
    """In order of index."""
    moves: Sequence[Move]
    """By move index."""
    entity_types: Sequence[EntityType]
    """By entity type index."""
    scrolls: Sequence[Loadable]
    """By scroll index."""
    companions: Sequence[Loadable]
    """By companion index."""
    splits: Mapping[str, tuple[str, ...]]
    """Character names by split."""
    rules: Rules
    """The rules it was compiled with."""
    path: Path
    """Directory it was read from."""
    id: str
    """16 hex digits; equal if and only if rules and compiled characters are equal."""
    arrays: Mapping[str, NDArray[Any]]
    """What `data` was made from, by the names of its arguments, rules excepted."""
    data: _core.Data
    """What the simulation reads."""
    reload: Callable[[Path, Rules], "Roster"]
    """How to read it again; a pickled roster is a path and rules."""

    @cached_property
    def _frames(self) -> "dict[str, Mapping[int, Frames]]":
        return {}

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}

    def __repr__(self) -> str:
        """Return its id and how many characters it has, not all of them."""
        return f"Roster(id={self.id!r}, {len(self)} characters, path={str(self.path)!r})"

    def __len__(self) -> int:
        """Return the number of characters."""
        return len(self.names)

    def __iter__(self) -> Iterator[Character]:
        """Iterate over the characters in order of index."""
        return iter(self.characters)

    def __getitem__(self, key: str | int) -> Character:
        """Return a character by name, whatever its case, spaces and underscores, or by index.

        Raises:
            KeyError: if no character has this name.
            IndexError: if no character has this index.
        """
        if isinstance(key, str):
            name = key if key in self._index else meant(key, self.names)
            if name is None:
                near = nearest(key, self.names)
                hint = f"did you mean {near!r}?" if near else "cam-arena roster list shows all"
                raise KeyError(f"no character is called {key!r}; {hint}")
            return self.characters[self._index[name]]
        if not 0 <= key < len(self):
            raise IndexError(f"character index must be 0..{len(self) - 1}, got {key}")
        return self.characters[key]

    def frames(self, name: str) -> "Mapping[int, Frames]":
        """Measure the frame data of a character's own moves; half a second, once a character.

        Returns:
            Frame data by index of the move.

        Raises:
            KeyError: if no character has this name.
        """
        from .frames import measure
        from .frames_uses import dummy_of, uses_of

        if name not in self._frames:
            measured = measure(self.data, uses_of(self, self[name]), dummy_of(self))
            self._frames[name] = {frames.use.move: frames for frames in measured}
        return self._frames[name]

    def split(self, name: str) -> tuple[str, ...]:
        """Return the character names of a split, such as `core8`.

        Raises:
            ValueError: if there is no such split.
        """
        if name not in self.splits:
            raise ValueError(f"split must be one of {', '.join(self.splits)}, got {name!r}")
        return self.splits[name]

    def __reduce__(self) -> tuple[Callable[[Path, Rules], "Roster"], tuple[Path, Rules]]:
        """Pickle as the path and rules, so that worker processes read the files themselves."""
        return self.reload, (self.path, self.rules)
