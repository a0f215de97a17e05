"""The open-loop probe: can a script that never looks at the fight beat reactive bots?

A script is a list of actions played one a decision, over and over. The best one is searched for
each of some characters, by mutation, on random starts; its win rate is measured on fresh ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import _core, bots
from .gate import Gate

__all__ = ["Probe", "probe"]

_GENERATIONS = 12
_CHILDREN = 24
_SEARCH_GAMES = 24  # a script and generation: enough to climb, since only the last figure is kept
_LENGTHS = (6, 12, 24)  # decisions before a script begins again


@dataclass(frozen=True)
class Probe:
    """The best script that was found."""

    character: int
    """Who plays it."""
    script: tuple[int, ...]
    """Actions, one a decision, repeated to the end of the match."""
    points: float
    """Wins plus half the draws on starts that the search did not see."""
    games: int
    """Number of those."""

    @property
    def rate(self) -> float:
        """Win rate."""
        return self.points / self.games

    def gate(self) -> Gate:
        """Return the row of the report."""
        error = float(np.sqrt(max(self.rate * (1 - self.rate), 1e-4) / self.games))
        return Gate(
            "best open-loop script's win rate", self.rate, high=0.55,
            interval=(self.rate - 1.96 * error, self.rate + 1.96 * error),
            note=f"{len(self.script)} actions repeated, against level-2 bots",
        )  # fmt: skip


def probe(
    data: _core.Data,
    *,
    characters: Sequence[int],
    pilots: Sequence[str],
    level: int = 2,
    games: int = 1000,
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> Probe:
    """Search for the script that beats bots most often.

    Args:
        data: the compiled roster.
        characters: who may play scripts; opponents are drawn from the whole roster.
        pilots: bots to beat.
        level: of the bots.
        games: to measure the best script of each character with; the best of all is measured once
            more, so that its luck does not count.
        seed: of everything.
        report: called with characters done and to do.

    Raises:
        ValueError: if there are no characters or pilots, or a bot does not exist.
    """
    if not characters or not pilots:
        raise ValueError("the probe needs at least one character and one pilot")
    kinds = [bots.parse(f"{pilot}:{level}")[0] for pilot in pilots]
    rng = np.random.default_rng(seed)
    best: tuple[float, int, NDArray[np.int32]] | None = None
    for done, character in enumerate(characters):
        if report is not None:
            report(done, len(characters))
        script = _search(data, character, kinds, level, rng)
        rate = float(_play(data, character, [script], kinds, level, games, rng)[0])
        if best is None or rate > best[0]:
            best = rate, character, script
    assert best is not None
    _, character, script = best
    rate = float(_play(data, character, [script], kinds, level, games, rng)[0])
    if report is not None:
        report(len(characters), len(characters))
    return Probe(character, tuple(script.tolist()), rate * games, games)


def _search(
    data: _core.Data, character: int, kinds: Sequence[int], level: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Climb: the better half of each generation lives and has mutated children."""
    scripts = [
        _random_script(int(length), rng) for length in rng.choice(_LENGTHS, size=2 * _CHILDREN)
    ]
    scores, played = np.zeros(len(scripts)), np.zeros(len(scripts))
    for _ in range(_GENERATIONS):
        rates = _play(data, character, scripts, kinds, level, _SEARCH_GAMES, rng)
        scores += rates * _SEARCH_GAMES  # survivors gather games, so luck does not last
        played += _SEARCH_GAMES
        keep = np.argsort(-(scores + 2) / (played + 4), kind="stable")[:_CHILDREN]
        scripts = [scripts[k] for k in keep]
        scores, played = scores[keep], played[keep]
        scripts += [_mutated(scripts[int(k)], rng) for k in rng.integers(0, _CHILDREN, _CHILDREN)]
        scores = np.append(scores, np.zeros(_CHILDREN))
        played = np.append(played, np.zeros(_CHILDREN))
    return scripts[0]


def _random_script(length: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Draw actions; half of them the plain attack or a step towards where the opponent starts."""
    script = rng.integers(0, _core.NUM_ACTIONS, size=length).astype(np.int32)
    plain = rng.random(length) < 0.5
    towards, attack = _core.NUM_BUTTONS, 1
    script[plain] = rng.choice([towards, attack, towards + attack], size=int(plain.sum()))
    return script


def _mutated(script: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
    child = script.copy()
    fresh = _random_script(len(script), rng)
    places = rng.random(len(script)) < 2 / len(script)
    places[rng.integers(len(script))] = True
    child[places] = fresh[places]
    return np.roll(child, rng.integers(len(child))) if rng.random() < 0.2 else child


def _play(
    data: _core.Data,
    character: int,
    scripts: Sequence[NDArray[np.int32]],
    kinds: Sequence[int],
    level: int,
    games: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the win rate of each script over `games` random starts, half from each side."""
    count = len(scripts) * games
    batch = _core.Batch(data, count)
    seats = np.arange(count) % 2
    opponents = rng.integers(data.num_characters, size=count)
    kind = rng.choice(np.asarray(kinds), size=count)
    seeds = rng.integers(2**63, size=count)
    for match in range(count):
        seat = int(seats[match])
        batch.set_bot(match, 1 - seat, int(kind[match]), level)
        pair = [character, int(opponents[match])]
        batch.reset(match, int(seeds[match]), pair if seat == 0 else pair[::-1])
    actions = np.zeros((count, 2), np.int32)
    rows = np.arange(count)
    ended, cut = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for step in range(batch.max_ticks // batch.frame_skip + 1):
        now = np.array([script[step % len(script)] for script in scripts], np.int32)
        actions[rows, seats] = np.repeat(now, games)
        batch.advance(actions)
        if step % 30 == 29:
            batch.flags(ended, cut)
            if ended.all():
                break
    winners = np.array([
        np.frombuffer(batch.state(match), _core.DTYPES["state"])["winner"][0]
        for match in range(count)
    ])  # fmt: skip
    score = np.select([winners == 2, winners == seats], [0.5, 1.0], 0.0)
    return np.asarray(score.reshape(len(scripts), games).mean(axis=1))
