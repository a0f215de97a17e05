"""The options of matches and envs: one table for the parser, the error messages and the docs."""

import difflib
import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Final, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..roster import Loadable, Roster, load_roster
from ..roster.codes import NUM_COMPANIONS
from ..roster.naming import meant, nearest
from .actions import ACTION_SPACES, mask_size, own_size, own_size_error
from .latency import LATENCIES, Latency, parse_latency
from .observations import MASK_PLACES, OBSERVATIONS, VECTORS
from .rewards import REWARDS, RewardFunction, WeighedTerms, reward_weights

__all__ = [
    "LOADOUTS",
    "EnvOptions",
    "MatchOptions",
    "Options",
    "Pick",
    "Picks",
    "ResetChoice",
    "UnknownName",
    "option_table",
]

INFOS: Final = ("numbers", "names")
MAX_MATCHES: Final = 2**20
"""That step together."""

LOADOUTS: Final = ("paper", "trio")
"""`paper`: one scroll and one companion; `trio`: one scroll and three companions."""

INFORMATION: Final = ("full", "public")

MAX_FRAME_STACK: Final = 16
PIXEL_SIZES: Final = (48, 512)
TICKS_PER_SECOND: Final = 30

Pick = str | int | None
"""A character by name or index; None draws one."""

Picks = Pick | Sequence[Pick]
"""One for both fighters, or a pair."""

Latencies = str | Mapping[str, Any] | Sequence[str | Mapping[str, Any] | None] | None
"""A latency by name or in numbers, for both sides, or a pair."""


class UnknownName(ValueError):
    """The roster has nobody, and nothing, of that name."""


class MatchOptions(TypedDict, total=False):
    """Options of a match; `Options` says what each means."""

    characters: Picks
    loadout: str
    roster: str | Path | Roster | None
    frame_skip: int
    max_seconds: int
    observation: str
    action_space: str
    frame_stack: int
    reward: str | Mapping[str, float] | RewardFunction
    information: str
    latency: Latencies
    pixels: tuple[int, int]
    max_cycles: int | None


class EnvOptions(MatchOptions, total=False):
    """Options of an env: those of a match, and the form in which agents see it."""

    mask_in: str
    flatten: bool
    infos: str


def _words(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


# What each option may be and what it does; in the order of the docs.
_ABOUT: Final = {
    "characters": (
        "None, a name, a split, or a pair of these",
        "Who fights. A name for both, or one a seat; a split such as `core8`, or None for all, "
        "draws one for each match.",
    ),
    "loadout": (
        _words(LOADOUTS),
        "One scroll, and one companion (`paper`) or three (`trio`).",
    ),
    "roster": ("None, a path, a `Roster`", "The characters; None is the bundled roster."),
    "frame_skip": ("1..6", "Ticks of 1/30 s in a step; 3 is ten decisions a second."),
    "max_seconds": (
        "1..600",
        "Length of a match. Its end is a rule: the match is decided and terminates.",
    ),
    "observation": (
        _words(OBSERVATIONS),
        "What an agent sees: a preset of the observation "
        "vector, `pixels` (uint8 pictures, `pixels` wide and high) or `text` (a few lines). "
        "`descriptor` is `full` with what both characters can do in place of who they are.",
    ),
    "action_space": (
        _words(ACTION_SPACES),
        "`Discrete(108)`, or `MultiDiscrete([9, 12])` of direction and button, or `own`: the "
        "actions that the agent's character owns, see `own_actions`.",
    ),
    "mask_in": (
        _words(MASK_PLACES),
        "Where an agent finds its action mask: the observation, the info, both or nowhere. "
        "Not of a `Match`.",
    ),
    "flatten": (
        "True, False",
        "Hand out one float32 vector, with the mask after the observation, instead of a dict. "
        "Not of a `Match`.",
    ),
    "infos": (
        _words(INFOS),
        "`numbers`: an info holds numbers and arrays under flat keys, which every library can "
        "take; `names` adds the characters' names and `reward_terms`, a dict. Not of a `Match`.",
    ),
    "frame_stack": (
        f"1..{MAX_FRAME_STACK}",
        "Observations of so many steps in one vector, the present one first.",
    ),
    "reward": (
        f"{_words(REWARDS)}, a dict of weights, a function",
        "Weights of the reward's terms, or a function. It takes float32 of shape (N, 2, terms), a "
        "row for each side of each match, that side's terms first and the other one's second, in "
        "the order of `cam_arena.game.rewards.REWARD_TERMS`, and returns N rewards. In teams the "
        "terms are means over a side, and all its agents get its reward.",
    ),
    "information": (
        _words(INFORMATION),
        "`public` hides the opponent's sparks, cooldowns and waiting press, and its scroll and "
        "companions until it uses them.",
    ),
    "latency": (
        f"None, {_words(LATENCIES)}, a dict, a pair of these",
        "How late agents see and act; a pair gives each seat its own.",
    ),
    "pixels": (
        f"a pair of {PIXEL_SIZES[0]}..{PIXEL_SIZES[1]}",
        'Width and height of the pictures of `observation="pixels"`.',
    ),
    "max_cycles": (
        "None, 1 or more",
        "Steps after which a match is truncated; it can be set on an env at any time.",
    ),
}
_ENV_ONLY: Final = ("mask_in", "flatten", "infos")
_VECTOR_ONLY: Final = (
    "num_matches",
    "num_threads",
    "num_workers",
    "observation_dtype",
    "autoreset_mode",
)


@dataclass(frozen=True)
class Options:
    """What a match or an env was asked for, checked; docs/api.md says what each option means.

    Raises:
        ValueError: if a value is not allowed.
        TypeError: if a value has the wrong type.
    """

    characters: Picks = None
    loadout: str = "paper"
    roster: str | Path | Roster | None = None
    frame_skip: int = 3
    max_seconds: int = 60
    observation: str = "full"
    action_space: str = "discrete"
    mask_in: str = "obs"
    flatten: bool = False
    infos: str = "numbers"
    frame_stack: int = 1
    reward: str | Mapping[str, float] | RewardFunction = "paper"
    information: str = "full"
    latency: Latencies = None
    pixels: tuple[int, int] = (84, 84)
    max_cycles: int | None = None

    _BESIDE: ClassVar[tuple[str, ...]] = ()
    """Options that a subclass adds."""

    def __post_init__(self) -> None:
        _check_name("loadout", self.loadout, LOADOUTS)
        _check_name("observation", self.observation, OBSERVATIONS)
        _check_name("action_space", self.action_space, ACTION_SPACES)
        _check_name("mask_in", self.mask_in, MASK_PLACES)
        _check_name("information", self.information, INFORMATION)
        _check_name("infos", self.infos, INFOS)
        if not isinstance(self.flatten, bool):
            raise TypeError(f"flatten must be True or False, got {self.flatten!r}")
        if not isinstance(self.roster, str | Path | Roster | None):
            raise TypeError(f"roster must be None, a path or a Roster, got {self.roster!r}")
        for name, high in (
            ("frame_skip", 6),
            ("max_seconds", 600),
            ("frame_stack", MAX_FRAME_STACK),
        ):
            value = check_integer(name, getattr(self, name), 1, high)
            object.__setattr__(self, name, value)
        if self.max_cycles is not None:
            cycles = check_integer("max_cycles", self.max_cycles, 1, 2**30)
            object.__setattr__(self, "max_cycles", cycles)
        self._check_form()
        self.latencies  # noqa: B018  raises for delays that are not allowed
        self.reward_weights  # noqa: B018  raises for weights that are not allowed
        self.pools  # noqa: B018  raises for characters that do not exist

    def _check_form(self) -> None:
        """Refuse combinations of options that exclude each other."""
        if not isinstance(self.pixels, list | tuple) or len(self.pixels) != 2:
            raise ValueError(f"pixels must be a pair of width and height, got {self.pixels!r}")
        width, height = (check_integer("pixels", length, *PIXEL_SIZES) for length in self.pixels)
        object.__setattr__(self, "pixels", (width, height))
        if self.observation != "pixels" and self.pixels != Options.pixels:
            raise ValueError(
                "pixels is the size of observation 'pixels'; leave it out with "
                f"{self.observation!r}"
            )
        if self.observation == "text" and self.frame_stack > 1:
            raise ValueError(
                "frame_stack must be 1 with observation 'text': keep the texts of the steps "
                f"before yourself; got {self.frame_stack}"
            )
        if self.observation not in VECTORS and self.flatten:
            raise ValueError(
                f"flatten makes one vector of numbers, which {self.observation!r} is not; with "
                "mask_in='info' or 'none' an observation is not a dict"
            )

    def __getstate__(self) -> dict[str, Any]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @classmethod
    def for_match(cls, given: Mapping[str, Any]) -> "Options":
        """Return the options of a match.

        Raises:
            TypeError: for an unknown option, or one that only envs have.
        """
        for name in given:
            if name in _ENV_ONLY:
                raise TypeError(
                    f"unexpected keyword argument {name!r}: only envs have it; the views of a "
                    "Match's agents are observe(seat) and action_mask(seat)"
                )
        return cls._parse(given, [name for name in _ABOUT if name not in _ENV_ONLY])

    @classmethod
    def for_env(cls, given: Mapping[str, Any], *, beside: Sequence[str] = ()) -> "Options":
        """Return the options of an env.

        Args:
            given: by name.
            beside: parameters that the env has beside them; a wrong name may mean one.

        Raises:
            TypeError: for an unknown option.
        """
        return cls._parse(given, [*_ABOUT, *cls._BESIDE], beside)

    @classmethod
    def _parse(
        cls, given: Mapping[str, Any], allowed: Sequence[str], beside: Sequence[str] = ()
    ) -> "Options":
        for name in given:
            if name in _VECTOR_ONLY:
                raise TypeError(
                    f"unexpected keyword argument {name!r}: only cam_arena.make_vec has it"
                )
            if name not in allowed:  # Python's words, which libraries look for
                hint = _hint(name, [*beside, *allowed])
                raise TypeError(f"unexpected keyword argument {name!r}{hint}")
        return cls(**given)

    @property
    def sizes(self) -> tuple[int, int]:
        """Fighters of either side."""
        return 1, 1

    @property
    def is_mirrored(self) -> bool:
        """Whether both sides draw the same characters."""
        return False

    def spread(self, name: str, value: Any) -> list[Any]:
        """Return what each fighter gets of an option that is one for all or one a side.

        Args:
            name: of the option, for errors.
            value: what was given.

        Raises:
            ValueError: if it has another length.
        """
        return list(_pair(name, value))

    @property
    def match_options(self) -> MatchOptions:
        """The options that a Match takes."""
        taken = {name: getattr(self, name) for name in _ABOUT if name not in _ENV_ONLY}
        return cast(MatchOptions, taken)

    @functools.cached_property
    def loaded_roster(self) -> Roster:
        """The roster that `roster` names."""
        return self.roster if isinstance(self.roster, Roster) else load_roster(self.roster)

    @property
    def max_ticks(self) -> int:
        """Length of a match in ticks."""
        return self.max_seconds * TICKS_PER_SECOND

    @functools.cached_property
    def reward_weights(self) -> tuple[float, ...]:
        """The weights of REWARD_TERMS; zeros where a function is asked."""
        return reward_weights(self.reward)

    @functools.cached_property
    def reward_function(self) -> WeighedTerms | None:
        """What is asked in place of weights."""
        return WeighedTerms(self.reward, self.sizes) if callable(self.reward) else None

    @functools.cached_property
    def latencies(self) -> tuple[Latency, ...] | None:
        """Each seat's latency; None if none has one."""
        sides = parse_latency(self.latency)
        if sides is None:
            return None
        return (sides[0],) * self.sizes[0] + (sides[1],) * self.sizes[1]

    @functools.cached_property
    def own_sizes(self) -> tuple[int, ...]:
        """Actions of each seat's space with `own`: the most that a character it may get owns."""
        trio = self.loadout == "trio"
        return tuple(own_size(self.loaded_roster, pool, trio=trio) for pool in self.pools)

    @functools.cached_property
    def mask_sizes(self) -> tuple[int, ...]:
        """Entries of each seat's action mask."""
        if self.action_space == "own":
            return self.own_sizes
        return (mask_size(self.action_space),) * sum(self.sizes)

    @property
    def preset(self) -> int:
        """The vector that matches write, as `_core` numbers it; `full` where agents see none."""
        return _core.OBSERVATIONS[self.observation if self.observation in VECTORS else "full"]

    @property
    def observation_size(self) -> int:
        """Numbers of one frame of the vector."""
        return _core.observation_size(self.preset)

    def make_batch(self, num_matches: int) -> _core.Batch:
        """Return matches with these options."""
        latencies = self.latencies
        return _core.Batch(
            self.loaded_roster.data,
            num_matches,
            sizes=self.sizes,
            mirrored=self.is_mirrored,
            frame_skip=self.frame_skip,
            max_ticks=self.max_ticks,
            max_steps=self.max_cycles or 0,
            observation=self.preset,
            reward_weights=self.reward_weights,
            factored=self.action_space == "multi_discrete",
            pools=self.pools,
            trio=self.loadout == "trio",
            public=self.information == "public",
            latency=None if latencies is None else [latency.packed for latency in latencies],
        )

    @functools.cached_property
    def pools(self) -> list[NDArray[np.int32]]:
        """Indices of the characters that each seat draws from."""
        roster = self.loaded_roster
        return [_pool(pick, roster) for pick in self.spread("characters", self.characters)]

    @property
    def drawn_names(self) -> set[str]:
        """Names of the characters that some seat draws from."""
        return {self.loaded_roster.names[index] for pool in self.pools for index in pool}


@dataclass(frozen=True)
class ResetChoice:
    """Who fights in one match, by `reset(options=...)`; -1 leaves it to the env's options."""

    characters: list[int] | None = None
    scrolls: list[int] | None = None
    companions: list[list[int]] | None = None

    @classmethod
    def parse(
        cls,
        options: Mapping[str, Any] | None,
        choices: "Options",
        *,
        beside: Sequence[str] = (),
    ) -> "ResetChoice":
        """Return the choice that a reset's options describe.

        Args:
            options: may hold `characters`, `scrolls` and `companions`: one for both fighters or a
                pair, by name or index, None for what would be without it. A fighter's companions
                are a name or up to three, one with loadout `paper`.
            choices: the options of the match.
            beside: keys that the env has beside these; a wrong one may mean one.

        Raises:
            ValueError: for an unknown key, name or index.
            TypeError: for a value of the wrong type.
        """
        if not options:
            return cls()
        keys = ("characters", "scrolls", "companions")
        for key in options:
            if key not in keys and key != "options":  # PettingZoo's api_test sends {"options": 1}
                raise ValueError(f"reset has no option {key!r}{_hint(key, (*keys, *beside))}")
        roster = choices.loaded_roster
        characters, scrolls, companions = (options.get(key) for key in keys)
        return cls(
            None
            if characters is None
            else [
                _index("character", pick, roster.names)
                for pick in choices.spread(keys[0], characters)
            ],
            None
            if scrolls is None
            else [
                _index("scroll", x, _names(roster.scrolls))
                for x in choices.spread(keys[1], scrolls)
            ],
            None
            if companions is None
            else [
                _companions(pick, _names(roster.companions), 3 if choices.loadout == "trio" else 1)
                for pick in choices.spread(keys[2], companions)
            ],
        )

    def require_fit(self, options: "Options", seeds: Iterable[int], sizes: Sequence[int]) -> None:
        """Refuse matches in which a fighter owns more actions than its space holds, with `own`.

        Args:
            options: of the matches.
            seeds: theirs.
            sizes: actions that the space of each seat holds.

        Raises:
            ValueError: if one does not fit.
        """
        if options.action_space != "own":
            return
        batch = options.make_batch(1)
        masks = np.empty((1, len(sizes), _core.NUM_ACTIONS), np.int8)
        for seed in seeds:
            batch.reset(0, seed, self.characters, self.scrolls, self.companions)
            batch.static_masks(masks)
            for size, owned in zip(sizes, masks[0].sum(-1, np.int64).tolist(), strict=True):
                if owned > size:
                    raise own_size_error(owned, size)


def check_integer(name: str, value: object, low: int, high: int) -> int:
    """Return an integer of any integer type as an int.

    Raises:
        TypeError: if it is not an integer.
        ValueError: if it is not within low..high.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    number = operator.index(value)
    if not low <= number <= high:
        raise ValueError(f"{name} must be {low}..{high}, got {number}")
    return number


def check_seed(seed: object) -> int:
    """Return a seed as an int within 0..2**64 - 1, or raise like `check_integer`."""
    return check_integer("seed", seed, 0, 2**64 - 1)


def option_table() -> str:
    """Return all options as a Markdown table."""
    lines = ["| option | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for entry in fields(Options):
        default = f'"{entry.default}"' if isinstance(entry.default, str) else f"{entry.default}"
        lines.append(f"| `{entry.name}` | `{default}` | {' | '.join(_ABOUT[entry.name])} |")
    return "\n".join(lines) + "\n"


def _check_name(option: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{option} must be {_either(allowed)}, got {value!r}")


def _either(allowed: Sequence[str]) -> str:
    quoted = [repr(name) for name in allowed]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _hint(name: object, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(str(name), allowed, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{guess} allowed are {', '.join(dict.fromkeys(allowed))}"


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    """Return what each fighter gets: a value for both, or a list or tuple of two."""
    if not isinstance(value, list | tuple):
        return value, value
    if len(value) != 2:
        raise ValueError(f"{name} must be one for both fighters or a pair, got {value!r}")
    return value[0], value[1]


def _pool(pick: object, roster: Roster) -> NDArray[np.int32]:
    if pick is None:
        return np.arange(len(roster), dtype=np.int32)
    if isinstance(pick, str) and meant(pick, roster.names) is None:
        split = meant(pick, roster.splits)
        if split is not None:
            index = {name: i for i, name in enumerate(roster.names)}
            return np.array([index[name] for name in roster.splits[split]], dtype=np.int32)
    return np.array([_index("character", pick, roster.names, roster.splits)], dtype=np.int32)


def _index(what: str, pick: object, names: Sequence[str], splits: Iterable[str] = ()) -> int:
    """Return the index of a name or an index; -1 for None."""
    if pick is None:
        return -1
    if isinstance(pick, str):
        name = meant(pick, names)
        if name is None:
            groups = f"; the splits are {', '.join(splits)}" if splits else ""
            close = nearest(pick, names)
            guess = f"; did you mean {close!r}?" if close else ""
            raise UnknownName(
                f"there is no {what} {pick!r}{guess}{groups}; load_roster() lists the {what}s"
            )
        return names.index(name)
    return check_integer(what, pick, 0, len(names) - 1)


def _names(loadables: Iterable[Loadable]) -> list[str]:
    return [loadable.name for loadable in loadables]


def _companions(pick: object, names: Sequence[str], slots: int) -> list[int]:
    """Return three companions: -1 is the character's own, -2 none."""
    if pick is None:
        return [-1, -1, -1]
    given = list(pick) if isinstance(pick, list | tuple) else [pick]
    if len(given) > slots:
        raise ValueError(
            f"a fighter has {slots} companion{'s' * (slots > 1)} with this loadout, got {given!r}"
        )
    indices = [_index("companion", one, names) for one in given]
    return indices + [-2] * (NUM_COMPANIONS - len(indices))
