"""No parameter sharing (NoPS): every character has a network of its own."""

from typing import Any

import torch
from torch import Tensor, nn

from cam_arena import _core
from cam_arena.game.observations import Layout

from ..networks import ModularNetwork, NetworkConfig, Policy, character_ids

__all__ = ["SeparateNetworks", "make"]


class SeparateNetworks(Policy):
    """Sends each row to the network of its character."""

    def __init__(
        self,
        layout: Layout,
        num_characters: int,
        config: NetworkConfig,
        *,
        generator: torch.Generator,
    ) -> None:
        """Draw each network's weights from `generator`, one after the other."""
        super().__init__()
        self.layout = layout
        self.networks = nn.ModuleList(
            ModularNetwork(layout, num_characters, config, generator=generator)
            for _ in range(num_characters)
        )

    def forward(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and values; see `Policy.forward`."""
        logits = observation.new_zeros(len(observation), _core.NUM_ACTIONS)
        values = observation.new_zeros(len(observation))
        own = character_ids(self.layout, observation).clamp(0, len(self.networks) - 1)
        for character in own.unique().tolist():
            rows = (own == character).nonzero()[:, 0]
            part_logits, part_values = self.networks[character](observation[rows])
            logits = logits.index_copy(0, rows, part_logits)
            values = values.index_copy(0, rows, part_values)
        return logits, values

    def spec(self) -> dict[str, Any]:
        """Return sizes and layout, as JSON."""
        network = self.networks[0]
        assert isinstance(network, ModularNetwork)
        return {**network.spec(), "sharing": "none"}


def make(
    layout: Layout, num_characters: int, config: NetworkConfig, *, generator: torch.Generator
) -> SeparateNetworks:
    """Build a network for each character."""
    return SeparateNetworks(layout, num_characters, config, generator=generator)
