"""What specialists gain, in the readings that the paper leaves open: against whom, and counted how.

The paper says neither who the opponents of its 13.2 % are nor whether it is absolute or relative.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .claim import Claim, less_half, not_run, percent_span, twice
from .seats import SHARED, SPECIALIST
from .strength import REACTIVE
from .verdicts import direction, measure

__all__ = ["gain_claims"]

PUBLISHED_GAIN = 0.132  # figure 1
Document = Mapping[str, Any]


def gain_claims(document: Document) -> list[Claim]:
    """Figure 1's 13.2 %, in the readings that its text leaves open."""
    gains, large = document["gains"], document["large"]
    met = [run["other_seeds"] for run in gains if "other_seeds" in run]
    bots = [run["bots"] for run in document["strength"] if "bots" in run]
    return [
        _gain_claim(
            "gain other seeds", "E1", "Specialists win more, in points: against shared policies "
            "and specialists of other seeds, which nobody trained against",
            [found["gain"] for found in met], [found["interval"] for found in met],
        ),
        _bots_claim(bots),
        _gain_claim(
            "gain absolute", "E1", "Against the shared policy that they trained against, in all "
            "other characters, in points",
            [run["gain"] for run in gains], [run["interval"] for run in gains],
        ),
        _gain_claim(
            "gain relative", "E1", "The same relative to the shared policy's win rate",
            [run["relative"] for run in gains], [twice(run["interval"]) for run in gains],
        ),
        _gain_claim(
            "gain mixed pool", "E1", "All entrants in one pool: specialists' mean less shared "
            "policies'", [run["mixed_pool"] for run in gains], [],
        ),
        _gain_claim(
            "gain larger field", "E2", "The eight strongest of a larger field, others not "
            "specialised, against the shared policy that they trained against",
            [run["field"]["gain"] for run in large], [run["field"]["interval"] for run in large],
        ),
        _gain_claim(
            "gain head to head", "E1", "Specialist against shared policy, same character, less "
            "50 %", [run["mirror"] - 0.5 for run in gains],
            [less_half(run["mirror_interval"]) for run in gains],
        ),
    ]  # fmt: skip


def _gain_claim(
    key: str,
    experiment: str,
    title: str,
    values: Sequence[float],
    own: Sequence[Sequence[float]],
) -> Claim:
    """Judge a gain by one value a run; `own` has the intervals of each run's games, if any."""
    published = "+13.2 %, opponents not said"
    if not values:
        needed = "E1 --seeds 3" if key == "gain other seeds" else experiment
        return not_run(key, experiment, title, published, needed)
    if key == "gain relative":  # a ratio: 1.24 times as much
        found = measure(
            [1 + value for value in values],
            [1 + end for end in own[0]] if own else None,
            is_ratio=True,
        ).less(1)
    else:
        found = measure(values, own[0] if own else None)
    verdict, why = direction(found, zero=0.0, published=PUBLISHED_GAIN)
    unit = "%" if key == "gain relative" else "points"
    return Claim(
        key, experiment, title, published, f"{100 * found.value:+.1f} {unit}",
        percent_span(found.interval), found.runs, verdict, f"{why} {found.source}",
    )  # fmt: skip


def _bots_claim(bots: Sequence[Document]) -> Claim:
    """Scripted opponents, which neither the shared policy nor a specialist met in training."""
    key, title = "gain bots", "Against scripted bots, which nobody trained against, in points"
    if not bots:
        return not_run(key, "E6", title, "not measured")
    before, after = (
        [float(np.mean([run[who][bot]["rate"] for bot in REACTIVE])) for run in bots]
        for who in (SHARED, SPECIALIST)
    )
    found = measure([own - base for base, own in zip(before, after, strict=True)])
    verdict, why = direction(found, zero=0.0, published=None)
    rates = f"{100 * np.mean(before):.1f} to {100 * np.mean(after):.1f} %"
    return Claim(
        key, "E6", title, "not measured", f"{100 * found.value:+.1f} points",
        percent_span(found.interval), found.runs, verdict,
        f"Mean of the bots at level 5 that do not look ahead: {rates}. {why} "
        f"{found.source}",
    )  # fmt: skip
