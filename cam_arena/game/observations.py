"""What an agent sees: the layout of the vector, and the forms in which envs hand it out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .. import _core

__all__ = [
    "MASK_PLACES",
    "OBSERVATIONS",
    "Block",
    "Layout",
    "Observation",
    "ObservationForm",
    "observation_layout",
    "observation_tables",
]

OBSERVATIONS: Final = tuple(_core.OBSERVATIONS)
"""Names of the presets."""

MASK_PLACES: Final = ("obs", "info", "both", "none")
"""Where an agent finds its action mask."""

Observation = NDArray[np.float32] | dict[str, NDArray[np.float32] | NDArray[np.int8]]


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
class Layout:
    """The blocks of an observation vector, in order.

    `layout["self.hp"]` is a block; `layout.module("buff")` are the indices of all numbers that
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

    def __getitem__(self, name: str) -> Block:
        for block in self.blocks:
            if block.name == name:
                return block
        names = ", ".join(block.name for block in self.blocks)
        raise KeyError(f"observation {self.observation!r} has no block {name!r}; it has {names}")


def observation_layout(observation: str = "full") -> Layout:
    """Return the named slices of an observation preset.

    Raises:
        ValueError: if there is no such preset.
    """
    if observation not in OBSERVATIONS:
        raise ValueError(
            f"observation must be one of {', '.join(map(repr, OBSERVATIONS))}, got {observation!r}"
        )
    blocks, start = [], 0
    for module, name, size, meaning in _core.observation_table(_core.OBSERVATIONS[observation]):
        blocks.append(Block(module, name, start, start + size, meaning))
        start += size
    return Layout(observation, tuple(blocks))


class ObservationForm:
    """How one agent's vector and mask are handed out, by the options `mask_in` and `flatten`.

    Args:
        vector_size: numbers in the vector, all stacked frames together.
        mask_size: entries of the mask.
        mask_in: one of MASK_PLACES. With `obs` and `both` the mask is part of the observation.
        flatten: True for one Box that holds the vector and, after it, the mask as float32.
    """

    def __init__(self, vector_size: int, mask_size: int, *, mask_in: str, flatten: bool) -> None:
        self.mask_in_info = mask_in in ("info", "both")
        self._has_mask = mask_in in ("obs", "both")
        self._flatten = flatten
        self._vector_size, self._mask_size = vector_size, mask_size

    def space(self) -> spaces.Box | spaces.Dict:
        """Return a fresh gymnasium space of one agent's observations."""
        vector = spaces.Box(-1.0, 1.0, (self._vector_size,), np.float32)
        if not self._has_mask:
            return vector
        if self._flatten:
            low = np.full(self._vector_size + self._mask_size, -1.0, np.float32)
            low[self._vector_size :] = 0.0
            return spaces.Box(low, np.ones_like(low), dtype=np.float32)
        mask = spaces.Box(0, 1, (self._mask_size,), np.int8)
        return spaces.Dict({"observation": vector, "action_mask": mask})

    def make(self, vectors: NDArray[np.float32], masks: NDArray[np.int8]) -> Observation:
        """Return an observation; it shares memory with its arguments unless it is flat.

        Args:
            vectors: float32, shape (..., vector_size).
            masks: int8, shape (..., mask_size).
        """
        if not self._has_mask:
            return vectors
        if self._flatten:
            return np.concatenate([vectors, masks], axis=-1, dtype=np.float32)
        return {"observation": vectors, "action_mask": masks}


def observation_tables() -> str:
    """Return a Markdown section with a table for every preset."""
    sections = []
    for observation in OBSERVATIONS:
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
            place = f"{block.start}:{block.stop}"
            lines.append(f"| `{place}` | `{block.name}` | {block.module} | {block.meaning} |")
        sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)
