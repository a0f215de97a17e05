"""Full parameter sharing: one network plays every character.

With `identity` the network reads the character's id (FuPS+id), without it the character's
parameters alone (FuPS). An observation without ids (`descriptor`) is always the latter.
"""

import torch

from cam_arena.game.observations import Layout

from ..networks import ModularNetwork, NetworkConfig

__all__ = ["make"]


def make(
    layout: Layout, num_characters: int, config: NetworkConfig, *, generator: torch.Generator
) -> ModularNetwork:
    """Build the shared network."""
    return ModularNetwork(layout, num_characters, config, generator=generator)
