"""Recognition: a classifier names the character from ten seconds of anonymised trajectory.

It sees what an onlooker sees of one fighter and of what that fighter has in the world, summed up
over a window: which buttons it starts and directions it holds (*acts*), for how many ticks it is in
which state and phase of a move (*timing*), how its moves carry it, how its entities move and when
its hits land (*motion*), how fast it walks (*gait*). What is certified does without gait, because
walking speed is a statistic to be read off the screen.

Hidden are who it is (character, school, names, descriptor), its statistics, HP, sparks, cooldowns
and effects, the identity and kind of its moves and entities, where it stands, and all of the
opponent. Everyone carries the same scroll and calls the same companion, and every character has the
same pilots, opponents and seeds, so that none of these gives it away.

Windows are split by lane: the matches, seeds and opponents of the test are not in the training set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .certificate import wilson
from .trajectories import PHASES, SLOTS, Floats, Recording

__all__ = ["CERTIFIED", "VIEWS", "Recognition", "features", "recognise"]

VIEWS: Final = {
    "actions": ("acts",),
    "actions and timing": ("acts", "timing"),
    "actions, timing and motion": ("acts", "timing", "motion"),
    "all and walking speed": ("acts", "timing", "motion", "gait"),
}
"""What a classifier is given, by the groups of `features`."""

CERTIFIED: Final = "actions, timing and motion"
"""The view that the certificate judges; the others are published beside it."""

_TOP = 5


@dataclass(frozen=True)
class Recognition:
    """How often the character was named from windows of matches never trained on."""

    view: str
    """What the classifier was given; a key of VIEWS."""
    windows: int
    """Windows named."""
    characters: int
    """To choose from."""
    first: int
    """Windows whose character was named first."""
    among_five: int
    """Windows whose character was among the five named first."""
    by_character: NDArray[np.float64]
    """Share named first, by character in the order of their indices."""

    @property
    def top1(self) -> float:
        """Share named first."""
        return self.first / self.windows

    @property
    def top5(self) -> float:
        """Share among the first five."""
        return self.among_five / self.windows

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson 95 % interval of `top1`, windows taken as independent."""
        return wilson(self.first, self.windows)


def features(recording: Recording) -> dict[str, Floats]:
    """Return what an onlooker sees of each window by group, shape (windows, features).

    A mean over what did not happen in the window is -1: no fighter is that quick.
    """
    starts = recording["starts"]
    phases = recording["phases"]
    states = recording["states"]
    alive = recording["alive"]
    spawned = recording["spawned"]
    timing = [
        states,
        _mean(states, recording["entries"]),
        _mean(phases, np.repeat(starts, len(PHASES), axis=1)),
        _mean(alive, spawned),
        recording["oldest"],
    ]
    motion = [
        _mean(recording["forward"], starts),
        _mean(recording["sideways"], starts),
        recording["height"],
        _mean(recording["hits"][:, : len(SLOTS)], starts),
        *(_mean(recording[name], alive) for name in ("flown", "drifted", "risen", "apart")),
        recording["fastest"],
    ]
    return {
        "acts": np.hstack([starts, recording["directions"], spawned]),
        "timing": np.hstack(timing),
        "motion": np.hstack(motion),
        "gait": recording["walks"],
    }


def _mean(total: Floats, count: Floats) -> Floats:
    return np.divide(total, count, out=np.full_like(total, -1), where=count > 0)


def recognise(
    recording: Recording,
    view: str = CERTIFIED,
    *,
    trees: int = 100,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Recognition:
    """Train on two thirds of the lanes and name the characters of the others' windows.

    Args:
        recording: of at least two characters; its lanes are a multiple of three times its pilots.
        view: what the classifier is given.
        trees: extremely randomised trees that vote.
        seed: of the trees.
        progress: told (trees done, trees in all).

    Raises:
        ImportError: without scikit-learn, which the extra `agents` brings.
        ValueError: if no lane is left for the test.
    """
    from sklearn.tree import ExtraTreeClassifier

    groups = features(recording)
    seen = np.hstack([groups[name] for name in VIEWS[view]])
    who, label = np.unique(recording.character, return_inverse=True)
    tested = _is_test(recording)
    if tested.all() or not tested.any():
        raise ValueError("recognition needs at least three lanes of every pilot: two to train on")
    given, expected = seen[tested], label[tested]
    votes = np.zeros((len(given), len(who)))
    for k in range(trees):  # one at a time: a whole forest of hundreds of classes fills the memory
        tree = ExtraTreeClassifier(max_features=0.6, random_state=seed * 100_003 + k)
        tree.fit(seen[~tested], label[~tested])
        votes += tree.predict_proba(given)
        if progress is not None:
            progress(k + 1, trees)
    order = np.argsort(-votes, axis=1, kind="stable")[:, :_TOP]
    hits = order == expected[:, None]
    first = hits[:, 0]
    return Recognition(
        view,
        len(given),
        len(who),
        int(first.sum()),
        int(hits.any(axis=1).sum()),
        np.array([first[expected == k].mean() for k in range(len(who))]),
    )


def _is_test(recording: Recording) -> NDArray[np.bool_]:
    """Mark the windows of the last third of each pilot's lanes."""
    pilots = int(recording.pilot.max()) + 1
    rounds = (int(recording.lane.max()) + 1) // pilots
    return np.asarray(recording.lane // pilots >= rounds - rounds // 3)
