"""The options of matches between teams, and the named maps."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, ClassVar, Final

from .options import EnvOptions, Options, UnknownName, check_integer

__all__ = [
    "LARGEST_TEAM",
    "MAPS",
    "SquadEnvOptions",
    "SquadOptions",
    "load_map",
    "map_table",
    "squad_option_table",
    "squad_options",
]

_FOLDER: Final = resources.files("cam_arena") / "squad_maps"
_KEYS: Final = ("about", "team_size", "enemy_size", "mirrored", "characters", "opponent")

LARGEST_TEAM: Final = 5
"""Fighters of a side at most."""

MAPS: Final = tuple(
    sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if ".toml" in file.name)
)
"""Names of the maps."""


class SquadEnvOptions(EnvOptions, total=False):
    """Options of an env of teams."""

    mirrored: bool


# As `_ABOUT` of the options: what those of teams may be and do, where that is not as in a duel.
_ABOUT: Final = {
    "team_size": (f"1..{LARGEST_TEAM}", "Fighters of blue. A map sets it."),
    "enemy_size": (
        f"1..{LARGEST_TEAM}",
        "Fighters of red; as many as blue by default. A map sets it.",
    ),
    "mirrored": (
        "True, False",
        "Both sides draw the same characters, seat by seat; the larger one draws those beyond.",
    ),
    "observation": ("as in a duel", "What an agent sees, see [observations](observations.md)."),
    "characters": (
        "one for all, or a pair",
        "A pair is for blue and red; each may be a list with one a fighter.",
    ),
}


@dataclass(frozen=True)
class SquadOptions(Options):
    """Options of matches between teams: those of a duel, and who is on either side.

    `characters`, `scrolls` and `companions` are one for all fighters, or a pair: one for each
    side, or a list with one a fighter. `latency` may be a pair for the sides.
    """

    observation: str = "squad"
    team_size: int = 3
    enemy_size: int = 3
    mirrored: bool = False

    _BESIDE: ClassVar[tuple[str, ...]] = ("team_size", "enemy_size", "mirrored")

    def __post_init__(self) -> None:
        """Check the sizes before what depends on them."""
        for name in ("team_size", "enemy_size"):
            check_integer(name, getattr(self, name), 1, LARGEST_TEAM)
        if not isinstance(self.mirrored, bool):
            raise TypeError(f"mirrored must be True or False, got {self.mirrored!r}")
        super().__post_init__()
        if self.mirrored:
            self._check_mirrored()

    def _check_mirrored(self) -> None:
        blue, pools = self.team_size, self.pools
        for one, other in zip(pools[:blue], pools[blue:], strict=False):
            if set(one) != set(other):
                raise ValueError(
                    "with mirrored both sides draw the same characters, so `characters` must be "
                    f"the same for both, got {self.characters!r}"
                )

    @property
    def sizes(self) -> tuple[int, int]:
        """Fighters of either side."""
        return self.team_size, self.enemy_size

    @property
    def is_mirrored(self) -> bool:
        """Whether both sides draw the same characters."""
        return self.mirrored

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every seat, blue's first."""
        blue, red = self.sizes
        return tuple(f"blue_{k}" for k in range(blue)) + tuple(f"red_{k}" for k in range(red))

    def spread(self, name: str, value: Any) -> list[Any]:
        """Return what each fighter gets of an option: one for all, one a side, or one each."""
        if not isinstance(value, list | tuple):
            return [value] * sum(self.sizes)
        if len(value) != len(self.sizes):
            raise ValueError(
                f"{name} must be one for all fighters or a pair for blue and red, got {value!r}"
            )
        return [one for side in (0, 1) for one in self._spread_side(name, value[side], side)]

    def _spread_side(self, name: str, value: Any, side: int) -> list[Any]:
        size = self.sizes[side]
        if not isinstance(value, list | tuple):
            return [value] * size
        if len(value) != size:
            raise ValueError(
                f"{name} of {('blue', 'red')[side]} must be one for all or a list of {size}, one "
                f"a fighter, got {value!r}"
            )
        return list(value)


def load_map(name: str) -> dict[str, Any]:
    """Return what a map says, by option.

    Raises:
        ValueError: if there is no such map, or its file holds what no map has.
    """
    if name not in MAPS:
        raise ValueError(f"there is no map {name!r}; the maps are {', '.join(MAPS)}")
    given = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for key in given:
        if key not in _KEYS:
            raise ValueError(f"map {name!r} has no {key!r}; a map has {', '.join(_KEYS)}")
    return given


def squad_options(
    given: Mapping[str, Any],
    *,
    team_size: int | None,
    enemy_size: int | None,
    map_name: str | None,
    beside: Sequence[str],
) -> tuple[SquadOptions, Any]:
    """Return the options of matches between teams, and the opponent that their map names.

    Args:
        given: options by name; they go before those of the map.
        team_size: of blue; None is the map's or, without a map, 3.
        enemy_size: of red; None is the map's or, without a map, `team_size`.
        map_name: one of MAPS, or None.
        beside: parameters that the env has beside its options; a wrong name may mean one.

    Raises:
        ValueError: if a value is not allowed, or a size is given that the map sets.
        TypeError: for an unknown option.
    """
    known = {} if map_name is None else load_map(map_name)
    if map_name is not None and (team_size is not None or enemy_size is not None):
        raise ValueError(f"map {map_name!r} sets the sizes of the teams; leave them out")
    blue = known.get("team_size", 3 if team_size is None else team_size)
    red = known.get("enemy_size", blue if enemy_size is None else enemy_size)
    options = {"team_size": blue, "enemy_size": red, "mirrored": known.get("mirrored", False)}
    if "characters" in known:
        options["characters"] = _without_blanks(known["characters"])
    try:
        chosen = SquadOptions.for_env({**options, **given}, beside=beside)
    except UnknownName as error:
        if "characters" in given or "characters" not in known:
            raise
        raise ValueError(
            f"map {map_name!r} draws from characters of another roster: {error}; give `characters` "
            "beside it"
        ) from error
    assert isinstance(chosen, SquadOptions)
    return chosen, known.get("opponent")


def _without_blanks(value: Any) -> Any:
    """TOML has no None: what is empty draws from the whole roster."""
    if isinstance(value, list):
        return [_without_blanks(one) for one in value]
    return value or None


def squad_option_table() -> str:
    """Return the options that are not as in a duel as a Markdown table."""
    lines = ["| option | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for name, (allowed, meaning) in _ABOUT.items():
        default = getattr(SquadOptions, name)
        shown = f'"{default}"' if isinstance(default, str) else f"{default}"
        lines.append(f"| `{name}` | `{shown}` | {allowed} | {meaning} |")
    return "\n".join(lines) + "\n"


def map_table() -> str:
    """Return the maps as a Markdown table."""
    lines = ["| map | blue | red | |", "| --- | --- | --- | --- |"]
    for name in MAPS:
        known = load_map(name)
        against = f", who are `{known['opponent']}`" if "opponent" in known else ""
        sizes = f"{known['team_size']} | {known['enemy_size']}"
        lines.append(f"| `{name}` | {sizes} | {known['about']}{against} |")
    return "\n".join(lines) + "\n"
