"""The modular policy network: Basic, Buff, Element and Mask modules, and a value.

The split into modules follows "Breaking the Mold: The Challenge of Large Scale MARL Specialization"
(arXiv 2410.02128): modules read their own part of the observation and meet late, so that the first
layer, the widest one, is not all-to-all. Sizes are ours; the paper prints none.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import parent_process
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cam_arena import _core
from cam_arena.game.observations import Block, Layout
from cam_arena.roster import Roster

from . import fused
from .settings import check_settings

__all__ = [
    "CONDITION",
    "ModularNetwork",
    "NetworkConfig",
    "Policy",
    "Precision",
    "autocast",
    "character_identities",
    "character_ids",
    "identity_columns",
    "layout_from_rows",
    "layout_rows",
    "logits_and_values",
    "make_head",
    "masked_log_probs",
    "supports_bfloat16",
]

_log = logging.getLogger(__name__)
Precision = Literal["auto", "float32", "bfloat16"]
"""Of matrix products. `auto`: bfloat16 where the CPU multiplies it in hardware, else float32."""
# How ids stand in an observation: a character's index / 512; a scroll's or companion's index + 1 /
# 64, 0 for none.
CHARACTER_SCALE = 512
CONDITION = "condition"
"""Module of an observation that says which policy of a population to be; see `conditioning.py`."""
EQUIPMENT_SCALE = 64


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the network."""

    hidden: tuple[int, ...] = (128, 128)
    """Widths: the Basic module first, then the layers after the modules meet."""
    element: int = 64
    """Width of the Element module."""
    effect: int = 16
    """Width of the Buff module, for each fighter."""
    embedding: int = 16
    """Width of an id's embedding."""
    condition: int = 32
    """Width of what is made of a condition, in networks that read one."""
    condition_at: Literal["late", "early"] = "late"
    """Where a condition joins: before the last hidden layer, so that what lies before is shared by
    all policies of the network (NeuPL), or as an input of the Basic module."""
    identity: bool = True
    """Whether the policy knows which character it plays (FuPS+id), or its parameters alone
    (FuPS), as always with an observation without ids (`descriptor`)."""

    def __post_init__(self) -> None:
        """Reject impossible sizes."""
        check_settings(self)
        if len(self.hidden) < 2:
            raise ValueError(f"hidden needs at least 2 widths, got {self.hidden}")
        if min(*self.hidden, self.element, self.effect, self.embedding, self.condition) < 1:
            raise ValueError(f"every width must be at least 1, got {asdict(self)}")


class Policy(nn.Module, ABC):
    """Maps observations to logits and values; what is legal is the sampler's business."""

    @abstractmethod
    def forward(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and values.

        Args:
            observation: float32, shape (B, O).

        Returns:
            Logits, shape (B, K), and values, shape (B,).
        """

    def forward_rows(self, observations: Tensor, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Compute logits and values of some rows; a network may spare itself the copy.

        Args:
            observations: float32, shape (N, O).
            rows: which of them, shape (B,).

        Returns:
            As `forward`.
        """
        found: tuple[Tensor, Tensor] = self(observations[torch.from_numpy(rows)])
        return found

    @abstractmethod
    def spec(self) -> dict[str, Any]:
        """Return what `sharing.build_policy` needs to build an equal network, as JSON."""


class ModularNetwork(Policy):
    """One network for any number of characters."""

    def __init__(
        self,
        layout: Layout,
        num_characters: int,
        config: NetworkConfig,
        *,
        generator: torch.Generator,
    ) -> None:
        """Draw the weights from `generator`.

        Args:
            layout: of the observation.
            num_characters: ids 0..num_characters - 1 get an embedding.
            config: sizes.
            generator: the only source of randomness.
        """
        super().__init__()
        self.layout, self.num_characters, self.config = layout, num_characters, config
        blocks = {block.name: block for block in layout.blocks}
        width = config.hidden[0]
        basic = layout.module("basic").tolist()
        # Condition module: which policy of a population to be.
        conditions = layout.module(CONDITION).tolist() if CONDITION in layout.modules else []
        self._has_condition = bool(conditions) and config.condition_at == "late"
        if conditions and config.condition_at == "early":
            basic += conditions
        self._basic = _Columns(basic)
        self.basic = _linear(len(self._basic), width, generator)

        # Element module: what the fighters are and carry. The opponent is known by its parameters,
        # not by its id.
        ids = ("own_character", "opponent_character", "own_scroll", "opponent_scroll")
        real = [b for b in layout.blocks if b.module == "element" and b.name not in ids]
        self._has_element, self._has_buff = bool(real), "own_effects" in blocks
        if self._has_element:
            self._element = _Columns([i for block in real for i in range(block.start, block.stop)])
            self._scroll = blocks["own_scroll"].start
            companions = blocks["own_companions"]
            self._companions = _Columns(list(range(companions.start, companions.stop, 2)))
            self.scroll = _embedding(EQUIPMENT_SCALE + 1, config.embedding, generator)
            self.companion = _embedding(EQUIPMENT_SCALE + 1, config.embedding, generator)
            inputs = len(self._element) + 2 * config.embedding
            self._has_identity = config.identity and "own_character" in blocks
            if self._has_identity:
                self.character = _embedding(num_characters, config.embedding, generator)
                inputs += config.embedding
            self.element = _linear(inputs, config.element, generator)
            width += config.element
        if self._has_buff:
            own, opponent = blocks["own_effects"], blocks["opponent_effects"]
            self._effects = _Columns(
                [*range(own.start, own.stop), *range(opponent.start, opponent.stop)]
            )
            self.effect = _linear(own.size // _core.NUM_EFFECTS, config.effect, generator)
            self.effect_id = _embedding(_core.NUM_EFFECTS, config.effect, generator)
            width += 2 * config.effect

        if self._has_condition:
            self._condition = _Columns(conditions)
            self.condition = _linear(len(conditions), config.condition, generator)
        layers = []
        for index, size in enumerate(config.hidden[1:]):
            is_last = index == len(config.hidden) - 2
            width += config.condition * (is_last and self._has_condition)
            layers.append(_linear(width, size, generator))
            width = size
        self.torso = nn.ModuleList(layers)
        self.head = make_head(width, generator)

        # A subclass may compute something else, and a late condition is not among the passes.
        is_covered = type(self) is ModularNetwork and not self._has_condition
        self._plan = self._make_plan(blocks) if is_covered else None

    def _make_plan(self, blocks: dict[str, Block]) -> fused.Plan:
        effects = None
        if self._has_buff:
            effects = blocks["own_effects"].start, blocks["opponent_effects"].start
        if not self._has_element:
            return fused.Plan(self._basic.index.tolist(), [], [], effects)
        companions = self._companions.index.tolist()
        embeddings = [
            ("scroll", self._scroll, 1, 1, float(EQUIPMENT_SCALE)),
            ("companion", companions[0], len(companions), 2, float(EQUIPMENT_SCALE)),
        ]
        if self._has_identity:
            start = blocks["own_character"].start
            embeddings.append(("character", start, 1, 1, float(CHARACTER_SCALE)))
        columns = self._basic.index.tolist(), self._element.index.tolist()
        return fused.Plan(*columns, embeddings, effects)

    def forward(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and values; see `Policy.forward`."""
        found = self._plan and fused.forward(self, self._plan, observation, None)
        return found or self.modules_forward(observation)

    def forward_rows(self, observations: Tensor, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Compute logits and values of some rows; see `Policy.forward_rows`."""
        found = self._plan and fused.forward(self, self._plan, observations, rows)
        return found or super().forward_rows(observations, rows)

    def modules_forward(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the same module by module, as it reads; for export and layers that differ."""
        return logits_and_values(self.head(self.features(observation)))

    def features(self, observation: Tensor) -> Tensor:
        """Compute what the head reads, shape (B, H); all characters share this part."""
        parts = [self.basic(self._basic.of(observation))]
        if self._has_element:
            parts.append(self._element_part(observation))
        hidden = torch.cat(parts, 1).relu_()
        if self._has_buff:
            hidden = torch.cat([hidden, self._buff_part(observation).to(hidden.dtype)], 1)
        for index, layer in enumerate(self.torso):
            if self._has_condition and index == len(self.torso) - 1:
                condition = self.condition(self._condition.of(observation)).relu()
                hidden = torch.cat([hidden, condition.to(hidden.dtype)], 1)
            hidden = layer(hidden).relu_()
        return hidden

    def spec(self) -> dict[str, Any]:
        """Return sizes and layout, as JSON."""
        network = {**asdict(self.config), "hidden": list(self.config.hidden)}
        return {
            "sharing": "full",
            "observation": self.layout.observation,
            "rows": layout_rows(self.layout),
            "num_characters": self.num_characters,
            "network": network,
        }

    def _element_part(self, observation: Tensor) -> Tensor:
        scroll = (observation[:, self._scroll] * EQUIPMENT_SCALE).round().long()
        companions = (self._companions.of(observation) * EQUIPMENT_SCALE).round().long()
        parts = [
            self._element.of(observation),
            self.scroll(scroll),
            self.companion(companions).mean(1),
        ]
        if self._has_identity:
            ids = character_ids(self.layout, observation)
            if len(ids) and int(ids.max()) >= self.num_characters:
                raise ValueError(
                    f"this policy knows the characters 0..{self.num_characters - 1}, "
                    f"got {int(ids.max())}; it was trained on a smaller roster"
                )
            parts.append(self.character(ids))
        return torch.as_tensor(self.element(torch.cat(parts, 1)))

    def _buff_part(self, observation: Tensor) -> Tensor:
        """Average a small MLP over the active effects; the inactive ones cost nothing."""
        rows = len(observation) * 2
        block = self._effects.of(observation).reshape(rows * _core.NUM_EFFECTS, -1)
        active = block.any(1).nonzero()[:, 0]
        fighter = active // _core.NUM_EFFECTS
        hidden: Tensor = self.effect(block[active]) + self.effect_id(active % _core.NUM_EFFECTS)
        hidden = hidden.relu().float()
        total = hidden.new_zeros(rows, self.config.effect).index_add(0, fighter, hidden)
        count = torch.bincount(fighter, minlength=rows).clamp(min=1)
        return (total / count[:, None]).reshape(len(observation), -1)


def make_head(width: int, generator: torch.Generator) -> nn.Linear:
    """Return a fresh layer from features to what `logits_and_values` reads.

    One product for all of it: directions, buttons, their joint term, value. Logits and values start
    near 0.
    """
    outputs = _core.NUM_DIRECTIONS + _core.NUM_BUTTONS + _core.NUM_ACTIONS + 1
    return _linear(width, outputs, generator, 0.01)


def logits_and_values(out: Tensor) -> tuple[Tensor, Tensor]:
    """Split a head's output, shape (B, D), into logits, shape (B, K), and values, shape (B,).

    The Mask module: a factored head, with a joint term for what a direction means to one button
    only.
    """
    out = out.float()
    buttons, joint = _core.NUM_DIRECTIONS, _core.NUM_DIRECTIONS + _core.NUM_BUTTONS
    logits = out[:, joint:-1].reshape(-1, _core.NUM_DIRECTIONS, _core.NUM_BUTTONS)
    logits = logits + out[:, :buttons, None] + out[:, None, buttons:joint]
    return logits.reshape(-1, _core.NUM_ACTIONS), out[:, -1]


class _Columns:
    """Columns of an observation: a view if they are adjacent, else a copy."""

    def __init__(self, columns: list[int]) -> None:
        self.index = torch.tensor(columns, dtype=torch.long)
        adjacent = columns == list(range(columns[0], columns[-1] + 1))
        self.slice = slice(columns[0], columns[-1] + 1) if adjacent else None

    def __len__(self) -> int:
        return len(self.index)

    def of(self, observation: Tensor) -> Tensor:
        return (
            observation.index_select(1, self.index)
            if self.slice is None
            else observation[:, self.slice]
        )


def character_ids(layout: Layout, observation: Tensor) -> Tensor:
    """Read the own characters' indices, int64 of shape (B,), from observations of shape (B, O)."""
    return (observation[:, layout["own_character"].start] * CHARACTER_SCALE).round().long()


def identity_columns(layout: Layout) -> Tensor:
    """Return the columns that say who the own fighter is, int64; empty where none does.

    What stands in them is fixed for a character: its id, its descriptor, its profile. With another
    character's numbers in them a network answers as if that one stood in the same state.
    """
    columns = [
        column
        for block in layout.blocks
        if block.name in ("own_character", "own_descriptor", "own_profile")
        for column in range(block.start, block.stop)
    ]
    return torch.tensor(columns, dtype=torch.long)


def character_identities(layout: Layout, roster: Roster, characters: Sequence[int]) -> Tensor:
    """Return what `identity_columns` hold for characters, float32, shape (characters, columns).

    Args:
        layout: of the observation.
        roster: of the characters.
        characters: their indices.
    """
    names = {block.name for block in layout.blocks}
    index = np.asarray(characters, np.int64)
    parts = []
    if "own_character" in names:
        parts.append(index[:, None].astype(np.float32) / CHARACTER_SCALE)
    for block, array in (("own_descriptor", "descriptors"), ("own_profile", "profiles")):
        if block in names:
            parts.append(roster.arrays[array][index])
    return torch.from_numpy(np.concatenate(parts, 1, dtype=np.float32))


def layout_rows(layout: Layout) -> list[list[str | int]]:
    """Return a layout as JSON: (module, name, size) in order."""
    return [[block.module, block.name, block.size] for block in layout.blocks]


def layout_from_rows(observation: str, rows: list[list[str | int]]) -> Layout:
    """Return the layout that `layout_rows` described; meanings are left out."""
    blocks, start = [], 0
    for module, name, size in rows:
        stop = start + int(size)
        blocks.append(Block(str(module), str(name), start, stop, ""))
        start = stop
    return Layout(observation, tuple(blocks))


def masked_log_probs(logits: Tensor, action_mask: Tensor) -> Tensor:
    """Compute log-probabilities over legal actions.

    Args:
        logits: shape (B, K).
        action_mask: shape (B, K), nonzero where legal.

    Returns:
        Shape (B, K); exactly -inf, so probability exactly 0, where illegal.

    Raises:
        ValueError: if a row of the mask is all zero.
    """
    legal = action_mask.bool()
    if not legal.any(1).all():
        bad = int((~legal.any(1)).nonzero()[0])
        raise ValueError(f"action_mask of row {bad} is all zero; at least one action must be legal")
    return logits.masked_fill(~legal, -torch.inf).log_softmax(1)


@cache
def supports_bfloat16() -> bool:
    """Return whether this CPU multiplies bfloat16 in hardware; a run says once if not."""
    found = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    if not found and parent_process() is None:  # workers would repeat it
        _log.warning("this CPU has no bfloat16 arithmetic; networks compute in float32")
    return bool(found)


def autocast(precision: Precision) -> torch.autocast:
    """Return the context in which networks multiply in a precision.

    Raises:
        ValueError: if there is no such precision.
    """
    if precision not in get_args(Precision):
        raise ValueError(f"precision must be one of {get_args(Precision)}, got {precision!r}")
    is_low = precision == "bfloat16" or (precision == "auto" and supports_bfloat16())
    return torch.autocast("cpu", torch.bfloat16, enabled=is_low)


def _linear(
    inputs: int, outputs: int, generator: torch.Generator, gain: float = 2**0.5
) -> nn.Linear:
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs)
    nn.init.orthogonal_(layer.weight, gain, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def _embedding(count: int, width: int, generator: torch.Generator) -> nn.Embedding:
    weights = torch.randn(count, width, generator=generator) * 0.1
    layer: nn.Embedding = nn.Embedding.from_pretrained(weights, freeze=False)
    return layer
