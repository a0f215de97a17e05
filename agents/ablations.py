"""What E5 changes in CAM, one thing at a time."""

from collections.abc import Mapping
from dataclasses import fields
from typing import get_args, get_type_hints

from . import cam

__all__ = ["REFERENCE", "VARIANTS", "needs_own_stage_1", "variants"]

REFERENCE = "reference"
VARIANTS: Mapping[str, Mapping[str, object]] = {
    REFERENCE: {},
    "lambda_mi 0.01": {"lambda_mi": 0.01},
    "lambda_mi 0.05": {"lambda_mi": 0.05},
    "baseline frozen": {"baseline": "frozen"},
    "baseline comparative": {"baseline": "comparative"},
    "F uniform": {"matchmaking": "uniform"},
    "F pfsp_var": {"matchmaking": "pfsp_var"},
    "F softmax": {"matchmaking": "softmax"},
    "sharing head": {"specialist_sharing": "head"},
    "sharing lora": {"specialist_sharing": "lora"},
}
"""Options of `cam.Config` by name; the reference has a learned baseline, F = pfsp_hard and a whole
network for each specialist."""


def needs_own_stage_1(changes: Mapping[str, object]) -> bool:
    """Return whether a variant changes the shared policy's training, not only the specialists'."""
    return "lambda_mi" in changes


def variants() -> dict[str, Mapping[str, object]]:
    """Return the variants that CAM's options of this version can express."""
    hints = get_type_hints(cam.Config)
    known = {item.name for item in fields(cam.Config)}
    return {
        name: changes
        for name, changes in VARIANTS.items()
        if all(
            key in known and (not get_args(hints[key]) or value in get_args(hints[key]))
            for key, value in changes.items()
        )
    }
