"""Behavioural certificate: under the same pilots the characters fight differently, and it shows.

Four profiles of each character are compared: how often it begins what (the action frequencies of
the specialisation literature), where its damage comes from, in which states it spends its time and
how far from the opponent. How much of a difference is chance is measured too: every character's
windows are split into two halves of the same matches, and the distance between a character's own
halves is what identical characters would show.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..model import Roster
from .certificate import Certificate
from .parametric import distances, nearest
from .recognition import CERTIFIED, VIEWS, recognise
from .trajectories import SLOTS, Recording, record

__all__ = [
    "LEAST_TOP1",
    "PROFILES",
    "certify",
    "frequencies",
    "jensen_shannon",
    "profile",
    "use_rates",
]

LEAST_TOP1: Final = 0.92
"""Share of windows whose character must be named at the first guess."""

LEAST_APART: Final = 0.95
"""Share of the others that must on average be further from a character than its own other half."""

OVER_CHANCE: Final = 1.5
"""Least ratio of the distance between characters to that between a character's own halves."""

PROFILES: Final = {
    "actions": "starts",
    "damage sources": "damage",
    "states": "states",
    "distances": "distances",
}
"""What is compared, and the sum of a recording it is made from."""

_PERCENTILES = (0, 5, 25, 50, 75, 100)
_LISTED = 5

Floats = NDArray[np.float64]


def profile(recording: Recording, name: str) -> Floats:
    """Return a profile of each character watched as shares, shape (characters, columns)."""
    totals = recording.total(PROFILES[name])
    whole = totals.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(totals, whole, out=np.zeros_like(totals), where=whole > 0)
    return shares


def frequencies(recording: Recording) -> Floats:
    """Return action-frequency vectors of length 1, shape (characters, len(SLOTS))."""
    return _unit(recording.total("starts"))


def use_rates(recording: Recording) -> Floats:
    """Return starts by tick in which the mask allowed them, vectors of length 1.

    Unlike cooldowns and masks alone make frequencies differ; dividing by availability takes that
    part out. The attacks of a chain share a button and count as one; replies have none.

    Returns:
        float64, shape (characters, buttons).
    """
    starts, chances = recording.total("starts"), recording.total("chances")
    chain = [i for i, slot in enumerate(SLOTS) if slot.startswith("attack")]
    others = [i for i, slot in enumerate(SLOTS) if i not in chain and slot != "reply"]
    used = np.column_stack([starts[:, chain].sum(axis=1), starts[:, others]])
    legal = np.column_stack([chances[:, chain[0]], chances[:, others]])
    return _unit(np.divide(used, legal, out=np.zeros_like(used), where=legal > 0))


def jensen_shannon(shares: Floats, others: Floats) -> Floats:
    """Return Jensen-Shannon distances, the root of the divergence in bits, in [0, 1].

    Args:
        shares: distributions, shape (rows, columns).
        others: the same with as many columns, shape (others, columns).

    Returns:
        float64, shape (rows, others).

    Source: Lin 1991; Endres and Schindelin 2003 for the root being a metric.
    """
    first, second = shares[:, None, :], others[None, :, :]
    middle = (first + second) / 2
    divergence = (_entropy_terms(first, middle) + _entropy_terms(second, middle)) / 2
    return np.asarray(np.sqrt(np.clip(divergence, 0, 1)))


def _entropy_terms(shares: Floats, middle: Floats) -> Floats:
    shares = np.broadcast_to(shares, middle.shape)
    ratio = np.divide(shares, middle, out=np.ones_like(middle), where=shares > 0)
    return np.asarray((shares * np.log2(ratio)).sum(axis=-1))


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return unit


def _halves(recording: Recording) -> tuple[Recording, Recording]:
    """Split the windows so that both halves have all lanes, and early and late windows alike."""
    lanes, pilots = int(recording.lane.max()) + 1, int(recording.pilot.max()) + 1
    each = len(recording.lane) // (lanes * len(np.unique(recording.character)))
    turn = np.arange(len(recording.lane)) % each + recording.lane // pilots
    first, second = (
        Recording(
            recording.character[part],
            recording.lane[part],
            recording.pilot[part],
            recording.sums[part],
        )
        for part in (turn % 2 == 0, turn % 2 == 1)
    )
    return first, second


def certify(
    roster: Roster,
    *,
    windows: int = 84,
    trees: int = 100,
    seed: int = 0,
    recording: Recording | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Certificate]:
    """Certify that characters act unlike each other and are known by how they fight.

    Args:
        roster: the characters, two at least.
        windows: of 10 s to watch of each character.
        trees: of the classifier.
        seed: of matches and trees.
        recording: of these characters, if it exists already; then `windows` says nothing.
        progress: told (what is being done, how much of it is done, how much there is).

    Raises:
        ImportError: without scikit-learn, which the extra `agents` brings.
    """

    def tell(what: str) -> Callable[[int, int], None] | None:
        return None if progress is None else lambda done, total: progress(what, done, total)

    if recording is None:
        recording = record(roster, windows=windows, seed=seed, progress=tell("fights"))
    names = [roster[int(index)].name for index in np.unique(recording.character)]
    return [
        *_frequency_certificates(recording),
        _apart_certificate(recording, names),
        _recognition_certificate(recording, names, trees, seed, tell("recognition")),
    ]


def _frequency_certificates(recording: Recording) -> list[Certificate]:
    """Judge mean pairwise distances against what identical characters would show."""
    first, second = _halves(recording)
    found = []
    for name, vectors in (
        ("mean distance of action frequencies", frequencies),
        ("the same by availability", use_rates),
    ):
        table = distances(vectors(first))
        mean = float(table[np.triu_indices(len(table), 1)].mean())
        chance = float(np.linalg.norm(vectors(first) - vectors(second), axis=1).mean())
        whole = distances(vectors(recording))
        upper = np.triu_indices(len(whole), 1)
        found.append(
            Certificate(
                "behavioural",
                name,
                f"{mean:.3f}",
                f"> {OVER_CHANCE * chance:.3f}, {OVER_CHANCE} times chance",
                mean > OVER_CHANCE * chance,
                data={
                    "mean_pairwise": float(whole[upper].mean()),
                    "mean_pairwise_half_of_the_windows": mean,
                    "same_character_other_half": chance,
                },
            )
        )
    return found


def _apart_certificate(recording: Recording, names: list[str]) -> Certificate:
    """Judge Jensen-Shannon distances: nearest neighbour against own other half."""
    first, second = _halves(recording)
    count = len(names)
    across, whole = np.zeros((count, count)), np.zeros((count, count))
    by_profile = {}
    for name in PROFILES:
        table = jensen_shannon(profile(recording, name), profile(recording, name))
        by_profile[name] = _percentiles(_without_self(table).min(axis=1))
        whole += table / len(PROFILES)
        across += jensen_shannon(profile(first, name), profile(second, name)) / len(PROFILES)
    own = np.diagonal(across)
    apart = float((across > own[:, None]).sum() / (count * (count - 1)))
    pairs = nearest(whole, names, _LISTED)
    return Certificate(
        "behavioural",
        "others further away than the own other half",
        f"{apart:.1%}",
        f">= {LEAST_APART:.0%}",
        apart >= LEAST_APART,
        tuple(str(pair) for pair in pairs),
        {
            "nearest_neighbour_percentiles": {
                "all": _percentiles(_without_self(whole).min(axis=1)),
                **by_profile,
            },
            "own_other_half_percentiles": _percentiles(own),
        },
    )


def _without_self(table: Floats) -> Floats:
    """Return a table of distances whose diagonal is never the least."""
    return table + np.diag(np.full(len(table), np.inf))


def _percentiles(values: Floats) -> dict[str, float]:
    return {str(p): round(float(np.percentile(values, p)), 5) for p in _PERCENTILES}


def _recognition_certificate(
    recording: Recording,
    names: list[str],
    trees: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> Certificate:
    found = {}
    for k, view in enumerate(VIEWS):
        tell = None
        if progress is not None:
            done, total = k * trees, len(VIEWS) * trees

            def tell(tree: int, _: int, done: int = done, total: int = total) -> None:
                progress(done + tree, total)

        found[view] = recognise(recording, view, trees=trees, seed=seed, progress=tell)
    judged = found[CERTIFIED]
    low, high = judged.interval
    worst = np.argsort(judged.by_character, kind="stable")[:_LISTED]
    return Certificate(
        "behavioural",
        f"named from 10 s, of {judged.characters}",
        f"{judged.top1:.1%} ({low:.1%} to {high:.1%})",
        f">= {LEAST_TOP1:.0%}",
        judged.top1 >= LEAST_TOP1,
        tuple(f"hardest: {names[k]}, {judged.by_character[k]:.0%}" for k in worst),
        {
            "chance": 1 / judged.characters,
            "test_windows": judged.windows,
            "views": {
                view: {
                    "top1": round(item.top1, 5),
                    "interval_95": [round(bound, 5) for bound in item.interval],
                    "top5": round(item.top5, 5),
                }
                for view, item in found.items()
            },
            "top1_by_character": dict(
                zip(names, judged.by_character.round(4).tolist(), strict=True)
            ),
        },
    )
