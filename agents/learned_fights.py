"""How a policy fights against itself: what damage comes from, what is used, whether both lock."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena import _core, _tournament
from cam_arena.balance.fights import damage_gates, lock_gate
from cam_arena.balance.gate import Gate
from cam_arena.game.options import Options
from cam_arena.game.synctest import EVENTS

from .evaluate import NO_BOT
from .population.members import Member, act_in_rows
from .vecenv import make_batch

__all__ = ["Fights", "gates", "play_itself"]

LOCK_HITS = 4
"""Hits of a combo that both must be in for a tick to count as locked."""


@dataclass(frozen=True)
class Fights:
    """Sums over the matches of a policy against itself."""

    matches: int
    """Played."""
    ticks: int
    """Over all matches."""
    locked: int
    """Decisions after which both were in a combo of `LOCK_HITS` or more, of `decisions`."""
    decisions: int
    """Over all matches."""
    timeouts: int
    """Matches that the timer decided."""
    draws: int
    """Matches that nobody won."""
    damage: dict[str, int]
    """HP taken, by `_tournament.SOURCES`."""
    uses: dict[str, int]
    """By `synctest.EVENTS`."""

    def document(self) -> dict[str, Any]:
        """Return the sums as JSON can hold them."""
        return asdict(self)


def play_itself(
    member: Member, pairs: Sequence[tuple[int, int]], *, seed: int, options: Options
) -> Fights:
    """Let a policy play a match of each pair against itself, actions drawn.

    Args:
        member: plays both seats.
        pairs: characters of each match.
        seed: of matches and actions.
        options: of the matches.
    """
    count = len(pairs)
    batch = make_batch(options, count)
    observations = np.zeros((count, 2, batch.observation_size), np.float32)
    masks = np.zeros((count, 2, _core.NUM_ACTIONS), np.int8)
    actions, rewards = np.zeros((count, 2), np.int32), np.zeros((count, 2), np.float32)
    ended = np.zeros((2, count), np.bool_)
    rng = np.random.default_rng([seed, 1])
    seeds = np.random.SeedSequence([seed, 2]).generate_state(count, np.uint64)
    for match, pair in enumerate(pairs):
        for seat in range(2):
            batch.set_bot(match, seat, *NO_BOT)
        batch.reset(match, int(seeds[match]), list(pair))
    batch.observe(observations, 0, count)
    batch.action_masks(masks, 0, count)
    locked = decisions = 0
    playing = np.ones(count, np.bool_)
    while playing.any():
        rows = np.flatnonzero(np.repeat(playing, 2))
        actions.reshape(-1)[rows] = act_in_rows(
            member, observations.reshape(2 * count, -1), masks.reshape(2 * count, -1), rows,
            rng=rng, deterministic=False,
        )  # fmt: skip
        # autoreset 2: a match that ended stands still
        batch.step(actions, observations, masks, rewards, ended[0], ended[1], None, 2)
        combos = _states(batch, np.flatnonzero(playing))["fighters"]["combo_hits"]
        locked += int((combos >= LOCK_HITS).all(axis=1).sum())
        decisions += int(playing.sum())
        playing &= ~ended.any(axis=0)
    states = _states(batch, np.arange(count))
    fighters = states["fighters"]
    taken = fighters["taken"].sum(axis=(0, 1), dtype=np.int64).tolist()
    counts = fighters["counts"].sum(axis=(0, 1), dtype=np.int64).tolist()
    return Fights(
        count, int(states["tick"].sum()), locked, decisions,
        int((states["tick"] >= options.max_ticks).sum()),
        int((~np.isin(states["winner"], (0, 1))).sum()),
        dict(zip(_tournament.SOURCES, taken, strict=True)),
        dict(zip(EVENTS, counts[: len(EVENTS)], strict=True)),
    )  # fmt: skip


def gates(fights: Fights, mirrors: Fights) -> list[Gate]:
    """Hold matches of unlike characters, and mirrors, against the limits that bots are held to."""
    return [
        *damage_gates(fights.damage),
        lock_gate(mirrors.locked / max(mirrors.decisions, 1), "share of decisions"),
    ]


def _states(batch: _core.Batch, matches: NDArray[np.integer]) -> NDArray[np.void]:
    raw = b"".join(batch.state(int(match)) for match in matches)
    return np.frombuffer(raw, _core.DTYPES["state"])
