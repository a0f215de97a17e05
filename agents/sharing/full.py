"""Full parameter sharing: one network plays every character.

With `identity` the network reads the character's id (FuPS+id), without it the character's
parameters alone (FuPS). An observation without ids (`descriptor`) is always the latter.
"""

import torch

from cam_arena.game.observations import Layout

from ..networks import ModularNetwork, NetworkConfig, Policy

__all__ = ["make", "specialise"]


def make(
    layout: Layout, num_characters: int, config: NetworkConfig, *, generator: torch.Generator
) -> ModularNetwork:
    """Build the shared network."""
    return ModularNetwork(layout, num_characters, config, generator=generator)


def specialise(policy: Policy) -> Policy:
    """Let all parameters of a policy train, in place: a specialist with everything of its own."""
    return policy.requires_grad_(True)
