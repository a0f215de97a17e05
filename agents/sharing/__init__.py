"""Sharing schemes: how the policies of many characters share parameters. One scheme a file.

A scheme makes a policy that plays every character (`SCHEMES`), turns a policy that is shared into
one character's own (`SPECIALISTS`), or both.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch

from cam_arena.game.observations import Layout

from ..networks import NetworkConfig, Policy, layout_from_rows
from . import full, head, none

__all__ = [
    "SCHEMES",
    "SPECIALISTS",
    "Scheme",
    "SpecialistScheme",
    "build_policy",
    "check_layout",
    "make_policy",
    "specialise",
]

Scheme = Literal["full", "none", "head"]
SCHEMES: Mapping[str, Callable[..., Policy]] = {
    "full": full.make,
    "none": none.make,
    "head": head.make,
}
SpecialistScheme = Literal["full", "head"]
SPECIALISTS: Mapping[str, Callable[[Policy], Policy]] = {
    "full": full.specialise,
    "head": head.specialise,
}


def check_layout(scheme: Scheme, layout: Layout) -> None:
    """Check that a scheme finds in an observation what it needs.

    Raises:
        ValueError: if there is no such scheme, or it tells characters apart by ids that this
            observation leaves out.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"sharing must be one of {sorted(SCHEMES)}, got {scheme!r}")
    if scheme != "full" and not any(block.name == "own_character" for block in layout.blocks):
        raise ValueError(
            f"sharing {scheme!r} needs an observation with ids, got {layout.observation!r}; "
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
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)  # whatever a program around us has chosen
    try:
        with torch.device("cpu"):
            return SCHEMES[scheme](layout, num_characters, config, generator=generator)
    finally:
        torch.set_default_dtype(default)


def specialise(scheme: SpecialistScheme, policy: Policy) -> Policy:
    """Turn a policy into a specialist that acts alike so far.

    Args:
        scheme: a key of `SPECIALISTS`: which parameters are the specialist's own.
        policy: the caller's copy of what is shared; it may be changed.

    Returns:
        The specialist: only the parameters of its own require a gradient.

    Raises:
        ValueError: if there is no such scheme.
    """
    if scheme not in SPECIALISTS:
        raise ValueError(
            f"a specialist's parameters must be one of {sorted(SPECIALISTS)}, got {scheme!r}"
        )
    return SPECIALISTS[scheme](policy)


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
