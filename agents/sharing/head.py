"""One trunk for all characters, a head for each: they share what a state means, not what to do."""

from typing import Any

import torch
from torch import Tensor, nn

from cam_arena.game.observations import Layout

from ..networks import (
    ModularNetwork,
    NetworkConfig,
    Policy,
    character_ids,
    logits_and_values,
    make_head,
)

__all__ = ["SharedTrunk", "make", "specialise"]


class SharedTrunk(Policy):
    """Sends the features of each row to the head of its character."""

    def __init__(
        self,
        layout: Layout,
        num_characters: int,
        config: NetworkConfig,
        *,
        generator: torch.Generator,
    ) -> None:
        """Draw the trunk's weights from `generator`, then each head's."""
        super().__init__()
        self.layout = layout
        self.trunk = ModularNetwork(layout, num_characters, config, generator=generator)
        width, self._outputs = self.trunk.head.in_features, self.trunk.head.out_features
        del self.trunk.head  # the characters' own take its place
        self.heads = nn.ModuleList(make_head(width, generator) for _ in range(num_characters))

    def forward(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and values; see `Policy.forward`."""
        features = self.trunk.features(observation)
        own = character_ids(self.layout, observation).clamp(0, len(self.heads) - 1)
        out = features.new_zeros(len(features), self._outputs, dtype=torch.float32)
        for character in own.unique().tolist():
            rows = (own == character).nonzero()[:, 0]
            out = out.index_copy(0, rows, self.heads[character](features[rows]).float())
        return logits_and_values(out)

    def spec(self) -> dict[str, Any]:
        """Return sizes and layout, as JSON."""
        return {**self.trunk.spec(), "sharing": "head"}


def make(
    layout: Layout, num_characters: int, config: NetworkConfig, *, generator: torch.Generator
) -> SharedTrunk:
    """Build the trunk and a head for each character."""
    return SharedTrunk(layout, num_characters, config, generator=generator)


def specialise(policy: Policy) -> Policy:
    """Let only the last layer of a policy train, in place; the rest stays as it was shared."""
    for name, parameter in policy.named_parameters():
        parameter.requires_grad_(bool({"head", "heads"} & set(name.split("."))))
    return policy
