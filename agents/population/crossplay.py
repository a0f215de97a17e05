"""Members of a population against each other, over any backend: what fills a payoff table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cam_arena import _core

from ..vecenv import Backend
from .members import BotMember, Player, act_in_rows

__all__ = ["crossplay"]


def crossplay(
    backend: Backend,
    members: Sequence[Player],
    pairs: Sequence[tuple[int, int]],
    *,
    games: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Play pairs of members; every start is played twice with the seats swapped.

    The env draws the characters. For tables of entrants that play one character each see
    `evaluate.tournament`.

    Args:
        backend: its matches are begun anew and left as they end.
        members: who plays.
        pairs: indices of who meets whom.
        games: of each pair, at least 2 and even.
        rng: the only source of randomness.

    Returns:
        Wins of the first, draws, and games; shape (3, pairs).

    Raises:
        ValueError: if `games` is odd or below 2.
    """
    if games < 2 or games % 2:
        raise ValueError(f"games must be even and at least 2, got {games}")
    counts = np.zeros((3, len(pairs)), np.int64)
    # (pair, seat of its first member, seed), so that long pairs do not end last
    seeds = rng.integers(2**63, size=games // 2).tolist()
    schedule = [(k, seat, seed) for seed in seeds for k in range(len(pairs)) for seat in (0, 1)]
    matches = backend.num_matches
    observations = np.zeros((matches, 2, backend.observation_size), np.float32)
    masks = np.zeros((matches, 2, _core.NUM_ACTIONS), np.int8)
    actions, rewards = np.zeros((matches, 2), np.int32), np.zeros((matches, 2), np.float32)
    flat = observations.reshape(2 * matches, -1), masks.reshape(2 * matches, -1)
    chosen = actions.reshape(-1)  # a view, as the two above
    terminated, truncated = np.zeros(matches, np.bool_), np.zeros(matches, np.bool_)
    playing: list[tuple[int, int] | None] = [None] * matches
    owners = np.full((matches, 2), -1)
    upcoming = iter(schedule)

    def begin(match: int) -> None:
        found = next(upcoming, None)
        if found is None:
            playing[match], owners[match] = None, -1
            # A backend steps all its matches; this one plays on for nobody, until the last ends.
            backend.start(match, 0, None, (None, None), observations, masks)
            return
        pair, seat, seed = found
        first, second = pairs[pair]
        owners[match, seat], owners[match, 1 - seat] = first, second
        bots = [members[owner] for owner in owners[match]]
        left, right = (bot if isinstance(bot, BotMember) else None for bot in bots)
        backend.start(match, seed, None, (left, right), observations, masks)
        playing[match] = pair, seat

    for match in range(matches):
        begin(match)
    while any(playing):
        actions[:] = masks.argmax(-1)
        for owner in np.unique(owners[owners >= 0]).tolist():
            member = members[owner]
            if not isinstance(member, BotMember):
                rows = np.flatnonzero(owners == owner)
                chosen[rows] = act_in_rows(member, *flat, rows, rng=rng)
        backend.step(actions, observations, masks, rewards, terminated, truncated)
        for match in np.flatnonzero(terminated | truncated).tolist():
            found = playing[match]
            if found is not None:
                pair, seat = found
                points = backend.points(match) if seat == 0 else 1 - backend.points(match)
                counts[:, pair] += (points == 1, points == 0.5, 1)
            begin(match)
    return counts
