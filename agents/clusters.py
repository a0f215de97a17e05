"""Fewer specialists than characters: one for each cluster of characters that play alike.

The cost of a policy for each character is the limitation that the CAM paper (arXiv 2410.02128)
names itself; it proposes clusters. Here characters are clustered by their descriptors (k-means),
and `cost_and_gain` sets what several runs paid against what they gained.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing
from cam_arena.roster import Roster

from . import evaluation, gains

COST = ("policies", "shipped", "samples", "seconds")
"""What a run's summary says that stage 2 took."""

__all__ = ["cluster_characters", "cost_and_gain"]


def cluster_characters(
    roster: Roster, names: Sequence[str], count: int, *, seed: int = 0
) -> dict[str, tuple[str, ...]]:
    """Group characters by their descriptors.

    Args:
        roster: of the characters.
        names: characters to group, all different.
        count: how many clusters, from 1 to the number of characters.
        seed: of k-means.

    Returns:
        Members by the cluster's name, both in the order of `names`. A cluster of one is called like
        its character.

    Raises:
        ValueError: if `count` is out of range.
    """
    if not 1 <= count <= len(names):
        raise ValueError(f"clusters must be 1..{len(names)} for these characters, got {count}")
    if count == len(names):
        return {name: (name,) for name in names}
    points = roster.arrays["descriptors"][[roster[name].index for name in names]]
    spread = points.std(0)
    # Every column counts alike; one that never differs does not count.
    scaled = np.divide(points, spread, out=np.zeros_like(points), where=spread > 1e-6)
    labels = KMeans(count, n_init=10, random_state=seed).fit_predict(scaled)
    clusters: dict[str, tuple[str, ...]] = {}
    for number, label in enumerate(dict.fromkeys(labels.tolist()), 1):
        members = tuple(name for name, own in zip(names, labels, strict=True) if own == label)
        clusters[members[0] if len(members) == 1 else f"cluster {number}"] = members
    return clusters


def cost_and_gain(runs: Sequence[Path]) -> list[dict[str, Any]]:
    """Set the cost of stage 2 against what it gained, a row a run.

    Args:
        runs: directories of CAM runs that have been evaluated.

    Returns:
        Rows of `run`, `characters`, `policies` (trained in stage 2), `shipped` (of them, those kept
        as better than the shared policy), `samples` and `seconds` (of stage 2, over all policies),
        `gain` and its 95 % interval `low`, `high` (see `gains.compare`); by falling number of
        policies.

    Raises:
        CheckpointError: if a run is not finished or not evaluated.
    """
    rows = []
    for run in runs:
        path = run / "summary.json"
        if not path.exists():
            raise CheckpointError(
                f"{run}: is not the directory of a finished CAM run (no {path.name})"
            )
        summary = read_json(path, CheckpointError)
        with refusing(path, "the summary of a CAM run", CheckpointError):
            cost = {name: summary["cost"][name] for name in COST}
            if min(map(float, cost.values())) < 0:
                raise ValueError(f"its cost is {cost}")
        found = evaluation.load(run)
        gained = gains.compare(found.table, found.characters)
        row = {"run": str(run), "characters": len(found.characters), **cost}
        rows.append(
            row | dict(zip(("gain", "low", "high"), (gained.gain, *gained.interval), strict=True))
        )
    return sorted(rows, key=lambda row: -row["policies"])
