"""What an agent sees: the layout of the vector, and the forms in which envs hand it out."""

import copy
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .. import _core

__all__ = [
    "HIDDEN",
    "MASK_PLACES",
    "OBSERVATIONS",
    "VECTORS",
    "Block",
    "Layout",
    "Observation",
    "ObservationForm",
    "Seen",
    "observation_layout",
    "observation_tables",
]

VECTORS: Final = tuple(_core.OBSERVATIONS)
"""Names of the presets that are vectors of numbers."""

OBSERVATIONS: Final = (*VECTORS, "pixels", "text")
"""Names of all presets."""

_HIDDEN_OF_DUELS: Final = {
    "opponent_spark": "",
    "opponent_slip_ready": "",
    "opponent_buffered": "",
    "opponent_cooldowns": "",
    "opponent_scroll": "until it is used for the first time",
    "opponent_companions": "each slot until its first call",
}
_SQUAD_ALLIES: Final = tuple(f"ally{k}_" for k in range(1, 5))
_SQUAD_OPPONENTS: Final = tuple(f"opponent{k}_" for k in range(1, 6))

HIDDEN: Final = _HIDDEN_OF_DUELS | {
    row + name.removeprefix("opponent_"): how_long
    for row in _SQUAD_OPPONENTS
    for name, how_long in _HIDDEN_OF_DUELS.items()
}
"""Blocks that `information="public"` hides: they are 0, and for how long if not always.

Who the opponent is stays known, and so do its descriptor and profile: they hold nothing that
changes in a match or that its loadout decides.
"""

MASK_PLACES: Final = ("obs", "info", "both", "none")
"""Where an agent finds its action mask."""

Seen = NDArray[Any] | str | tuple[str, ...]
"""What the presets give: float32 vectors, uint8 pictures, or text; a tuple of texts for rows."""

Observation = Seen | dict[str, Seen]


@dataclass(frozen=True)
class Block:
    """Numbers of the observation that belong together: `vector[block.slice]`."""

    module: str
    """`basic`, `buff` or `element`: the network module of the CAM paper that reads it."""
    name: str
    start: int
    stop: int
    meaning: str

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.stop - self.start

    @property
    def slice(self) -> slice:
        """Where it lies in the vector."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Layout(Mapping[str, Block]):
    """The blocks of an observation vector by name, in order.

    `layout["own_hp"]` is a block; `layout.module("buff")` are the indices of all numbers that
    the Buff module reads. With `frame_stack` the present frame comes first, so a layout holds for
    it as it stands, and for the frame before after adding `size`.
    """

    observation: str
    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """How many numbers one frame has."""
        return self.blocks[-1].stop

    @property
    def id(self) -> str:
        """16 hex digits; equal if and only if the same numbers stand in the same places."""
        rows = [f"{b.module} {b.name} {b.start} {b.stop}" for b in self.blocks]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that occur, in order of first appearance."""
        return tuple(dict.fromkeys(block.module for block in self.blocks))

    def module(self, name: str) -> NDArray[np.int64]:
        """Return the indices of the numbers that a module reads.

        Raises:
            KeyError: if this preset has no such module.
        """
        parts = [np.arange(b.start, b.stop) for b in self.blocks if b.module == name]
        if not parts:
            raise KeyError(
                f"observation {self.observation!r} has no module {name!r}; "
                f"it has {', '.join(self.modules)}"
            )
        return np.concatenate(parts)

    def __iter__(self) -> Iterator[str]:
        return (block.name for block in self.blocks)

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, name: str) -> Block:
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(
            f"observation {self.observation!r} has no block {name!r}; it has {', '.join(self)}"
        )


def observation_layout(observation: str = "full") -> Layout:
    """Return the named slices of an observation preset.

    Raises:
        ValueError: if there is no such preset, or it is no vector.
    """
    if observation not in VECTORS:
        raise ValueError(
            f"observation must be one of {', '.join(map(repr, VECTORS))}, got {observation!r}"
        )
    blocks, start = [], 0
    for module, name, size, meaning in _core.observation_table(_core.OBSERVATIONS[observation]):
        blocks.append(Block(module, name, start, start + size, meaning))
        start += size
    return Layout(observation, tuple(blocks))


class ObservationForm:
    """How what an agent sees and its mask are handed out, by the options `mask_in` and `flatten`.

    Args:
        seen: space of what the preset gives, all stacked frames together.
        mask_size: entries of the mask.
        mask_in: one of MASK_PLACES. With `obs` and `both` the mask is part of the observation.
        flatten: True for one Box that holds the vector and, after it, the mask as float32.
    """

    def __init__(
        self, seen: spaces.Box | spaces.Text, mask_size: int, *, mask_in: str, flatten: bool
    ) -> None:
        self.mask_in_info = mask_in in ("info", "both")
        self._has_mask = mask_in in ("obs", "both")
        self._flatten = flatten
        self._seen, self._mask_size = seen, mask_size

    def space(self) -> spaces.Box | spaces.Text | spaces.Dict:
        """Return a fresh gymnasium space of one agent's observations."""
        seen = copy.deepcopy(self._seen)
        if not self._has_mask:
            return seen
        if self._flatten and isinstance(seen, spaces.Box):
            low = np.concatenate([seen.low, np.zeros(self._mask_size, seen.dtype)])
            high = np.full_like(low, seen.high.flat[0])  # a legal action is the vector's 1.0
            return spaces.Box(low, high, dtype=seen.dtype.type)
        mask = spaces.Box(0, 1, (self._mask_size,), np.int8)
        return spaces.Dict({"observation": seen, "action_mask": mask})

    def dress(self, seen: Seen, masks: NDArray[np.int8]) -> Observation:
        """Return an observation; it shares memory with its arguments.

        Args:
            seen: what the preset gives, of one agent or, with a first axis, of rows; a flat
                vector with its mask.
            masks: int8, shape (..., mask_size).
        """
        if self._has_mask and not self._flatten:
            return {"observation": seen, "action_mask": masks}
        return seen


def observation_tables() -> str:
    """Return a Markdown section with a table for every preset."""
    sections = []
    for observation in VECTORS:
        layout = observation_layout(observation)
        lines = [
            f"## `{observation}`",
            "",
            f"{layout.size} numbers.",
            "",
            "| slice | block | module | meaning |",
            "| --- | --- | --- | --- |",
        ]
        for block in layout.blocks:
            if block.name.startswith((*_SQUAD_ALLIES, *_SQUAD_OPPONENTS)):
                continue
            place = f"{block.start}:{block.stop}"
            lines.append(f"| `{place}` | `{block.name}` | {block.module} | {block.meaning} |")
        if observation == "squad":
            first = layout["ally1_present"].start
            row = first - layout["self_present"].start
            lines += [
                "",
                f"The {row} numbers of `self_` are followed by as many of `ally1_` to `ally4_` "
                f"(from {first} on) and `opponent1_` to `opponent5_` (from "
                f"{layout['opponent1_present'].start} on), with the same names and meanings. "
                "A row of nobody is 0.",
            ]
        sections.append("\n".join(lines) + "\n")
    lines = [
        '## Hidden by `information="public"`',
        "",
        "These numbers are 0, of every opponent; the layout stays. Masks are an agent's own and "
        "hide nothing. Who the opponent is stays known, with its descriptor and profile: they say "
        "what the character can do, not what it carries or has ready.",
        "",
        "| block | how long |",
        "| --- | --- |",
        *(f"| `{name}` | {how_long or 'always'} |" for name, how_long in _HIDDEN_OF_DUELS.items()),
    ]
    sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)
