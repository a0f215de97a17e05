"""What a roster is to the rest of the package."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .. import _core
from ..game.rules import Rules

__all__ = ["Character", "EntityType", "Loadable", "Move", "Roster", "School"]


@dataclass(frozen=True)
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
    startup: int
    """Ticks before the first active one."""
    active: int
    """Active ticks."""
    recovery: int
    """Ticks after the last active one."""
    cooldown: int
    """Ticks."""
    spark_cost: int
    """Milli quarters."""
    damage: int
    """HP of all its hits and its entities' before all factors."""
    reach: int
    """Furthest a hit gets from where it started, su."""
    is_ranged: bool
    """Whether an entity does the hitting."""


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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Roster:
    """The set of characters, with all that a match shares. Get one from `load_roster`."""

    characters: tuple[Character, ...]
    """In order of index."""
    schools: tuple[School, ...]
    """In order of index."""
    moves: tuple[Move, ...]
    """By move index."""
    entity_types: tuple[EntityType, ...]
    """By entity type index."""
    scrolls: tuple[Loadable, ...]
    """By scroll index."""
    companions: tuple[Loadable, ...]
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

    @property
    def names(self) -> tuple[str, ...]:
        """Character names in order of index."""
        return tuple(character.name for character in self.characters)

    def __len__(self) -> int:
        """Return the number of characters."""
        return len(self.characters)

    def __iter__(self) -> Iterator[Character]:
        """Iterate over the characters in order of index."""
        return iter(self.characters)

    def __getitem__(self, key: str | int) -> Character:
        """Return a character by name or index.

        Raises:
            KeyError: if no character has this name.
            IndexError: if no character has this index.
        """
        if isinstance(key, str):
            for character in self.characters:
                if character.name == key:
                    return character
            raise KeyError(f"no character is called {key!r}; allowed are {', '.join(self.names)}")
        if not 0 <= key < len(self.characters):
            raise IndexError(f"character index must be 0..{len(self.characters) - 1}, got {key}")
        return self.characters[key]

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
