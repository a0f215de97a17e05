"""What E5 changes in CAM, one thing at a time."""

from collections.abc import Mapping

__all__ = ["REFERENCE", "VARIANTS", "needs_own_stage_1"]

REFERENCE = "reference"
VARIANTS: Mapping[str, Mapping[str, object]] = {
    REFERENCE: {},
    "lambda_mi 0.01": {"lambda_mi": 0.01},
    "lambda_mi 0.05": {"lambda_mi": 0.05},
    "baseline frozen": {"baseline": "frozen"},
    "F uniform": {"matchmaking": "uniform"},
    "F pfsp_var": {"matchmaking": "pfsp_var"},
    "F softmax": {"matchmaking": "softmax"},
    "F nash": {"matchmaking": "nash"},
    "own head": {"stage2_parameters": "head"},
    "2 clusters": {"clusters": 2},
    "1 cluster": {"clusters": 1},
}
"""Options of `cam.Config` by name; the reference has lambda_mi 0, a learned baseline, F =
pfsp_hard, and a whole network for each character's specialist. With one cluster nobody
specialises: one policy for all trains on against the frozen pool, which tells what further training
alone is worth."""


def needs_own_stage_1(changes: Mapping[str, object]) -> bool:
    """Return whether a variant changes the shared policy's training, not only the specialists'."""
    return "lambda_mi" in changes
