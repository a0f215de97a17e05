"""Sharing schemes: how the policies of many characters share parameters. One scheme a file."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch

from cam_arena.game.observations import Layout

from ..networks import NetworkConfig, Policy, layout_from_rows
from . import full, none

__all__ = ["SCHEMES", "Scheme", "build_policy", "check_layout", "make_policy"]

Scheme = Literal["full", "none"]
SCHEMES: Mapping[str, Callable[..., Policy]] = {"full": full.make, "none": none.make}


def check_layout(scheme: Scheme, layout: Layout) -> None:
    """Check that a scheme finds in an observation what it needs.

    Raises:
        ValueError: if there is no such scheme, or it tells characters apart by ids that this
            observation leaves out.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"sharing must be one of {sorted(SCHEMES)}, got {scheme!r}")
    if scheme == "none" and not any(block.name == "own_character" for block in layout.blocks):
        raise ValueError(
            f"sharing 'none' needs an observation with ids, got {layout.observation!r}; "
            "take 'full' or 'entities', or sharing 'full'"
        )


def make_policy(
    scheme: Scheme,
    layout: Layout,
    num_characters: int,
    config: NetworkConfig,
    *,
    generator: torch.Generator,
) -> Policy:
    """Build a fresh policy.

    Args:
        scheme: a key of `SCHEMES`.
        layout: of the observation.
        num_characters: characters of the roster.
        config: sizes of a network.
        generator: source of the weights.

    Raises:
        ValueError: as `check_layout`.
    """
    check_layout(scheme, layout)
    return SCHEMES[scheme](layout, num_characters, config, generator=generator)


def build_policy(spec: Mapping[str, Any]) -> Policy:
    """Build a network with the sizes that `Policy.spec` returned; its weights are then loaded over.

    Raises:
        KeyError: if the specification lacks a key.
        ValueError: if a value is not allowed.
    """
    layout = layout_from_rows(spec["observation"], spec["rows"])
    sizes = dict(spec["network"])
    config = NetworkConfig(**{**sizes, "hidden": tuple(sizes["hidden"])})
    generator = torch.Generator().manual_seed(0)
    return make_policy(
        spec["sharing"], layout, int(spec["num_characters"]), config, generator=generator
    )
