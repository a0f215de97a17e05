"""A game for CAM that can be solved by hand: each character has one button that is its best.

A match is one simultaneous choice among as many buttons as there are characters. Whoever presses
the own character's special button, where the other does not, wins; all else is a draw. A policy
that plays everyone well has to tell the characters apart; one that is too small for it cannot.
"""

import numpy as np
import torch

import cam_arena
from cam_arena import _core
from cam_arena.agents import evaluate
from cam_arena.agents.networks import character_identities, identity_columns

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")
INDICES = [ROSTER[name].index for name in NAMES]
LAYOUT = cam_arena.observation_layout()
IDENTITIES = character_identities(LAYOUT, ROSTER, range(len(ROSTER))).numpy()
COLUMNS = identity_columns(LAYOUT).numpy()
LEGAL = np.arange(1, len(NAMES) + 1)  # buttons, each with no direction


SPECIAL = np.zeros(len(ROSTER), np.int64)
"""The button that wins for a character."""
SPECIAL[INDICES] = LEGAL
SHOWN = np.zeros((len(ROSTER), LAYOUT.size), np.float32)
SHOWN[:, COLUMNS] = IDENTITIES
MASK = np.isin(np.arange(_core.NUM_ACTIONS), LEGAL).astype(np.int8)


def show(characters):
    """What a seat sees: who it is and nothing else."""
    return SHOWN[characters], np.tile(MASK, (len(characters), 1))


class MatrixGame:
    """Takes the place of `vecenv.NativeBackend`."""

    observation_size = LAYOUT.size

    def __init__(self, num_matches, **options):
        self.num_matches = num_matches
        self.characters = np.zeros((num_matches, 2), np.int64)
        self.bots = np.zeros((num_matches, 2), bool)
        self.score = np.full(num_matches, 0.5)
        self.rng = np.random.default_rng(0)

    def start(self, match, seed, characters, bots, observations, masks):
        drawn = [INDICES[seed // divisor % len(INDICES)] for divisor in (2, 2 * len(INDICES))]
        self.characters[match] = drawn if characters is None else characters
        self.bots[match] = [bot is not None for bot in bots]
        observations[match], masks[match] = SHOWN[self.characters[match]], MASK

    def step(self, actions, observations, masks, rewards, terminated, truncated):
        played = np.where(self.bots, self.rng.choice(LEGAL, self.bots.shape), actions)
        hits = played == SPECIAL[self.characters]
        rewards[:, 0] = hits[:, 0].astype(int) - hits[:, 1]
        rewards[:, 1] = -rewards[:, 0]
        self.score = 0.5 + rewards[:, 0] / 2
        terminated[:], truncated[:] = True, False

    def points(self, match):
        return float(self.score[match])

    def snapshot(self):
        return []

    def restore(self, snapshots):
        raise NotImplementedError

    def close(self):
        pass


def actions(member, character, count, rng):
    """What a member plays as a character; a bot, which has no `act`, never hits."""
    if not hasattr(member, "act"):
        return np.full(count, -1)
    return member.act(*show([character] * count), rng=rng)


def play(first, second, characters, *, games, seed, options=None):
    """Take the place of `evaluate.play`."""
    rng = np.random.default_rng(seed)
    wins = np.zeros(len(characters), np.int64)
    losses = np.zeros_like(wins)
    for pair, (own, other) in enumerate(characters):
        hit = actions(first, own, games, rng) == SPECIAL[own]
        met = actions(second, other, games, rng) == SPECIAL[other]
        wins[pair], losses[pair] = (hit & ~met).sum(), (met & ~hit).sum()
    total = np.full(len(characters), games)
    return evaluate.PairCounts(wins, total - wins - losses, total)


def tournament(entrants, games, seed):
    """Return the table of everyone against everyone."""
    size, rng = len(entrants), np.random.default_rng(seed)
    table = evaluate.Table(
        *(np.zeros((size, size), np.int64) for _ in range(3)),
        np.zeros(3, np.int64),
        np.zeros((size, size), np.int64),
        np.zeros((size, size)),
        np.zeros((size, size, evaluate.NUM_PERIODS, _core.NUM_BUTTONS), np.int64),
        *(np.zeros((size, size, _core.NUM_BUTTONS), np.int64) for _ in range(2)),
    )
    for i in range(size):
        for j in range(i + 1, size):
            played = [
                actions(e.member, e.character, games, rng) for e in (entrants[i], entrants[j])
            ]
            hits = [
                one == SPECIAL[e.character]
                for one, e in zip(played, (entrants[i], entrants[j]), strict=True)
            ]
            for a, b, me in ((i, j, 0), (j, i, 1)):
                table.wins[a, b] = (hits[me] & ~hits[1 - me]).sum()
                table.draws[a, b] = (hits[0] == hits[1]).sum()
                table.games[a, b] = games
                table.uses[a, b, 0] = np.bincount(played[me], minlength=_core.NUM_BUTTONS)
                table.chances[a, b, LEGAL] = games
    return table


def best_chances(policy):
    """The probability with which a policy plays each character's special button, shape (4,)."""
    observations, masks = show(INDICES)
    with torch.no_grad():
        logits = policy(torch.from_numpy(observations))[0].masked_fill(
            torch.from_numpy(masks) == 0, -torch.inf
        )
    chances = logits.softmax(1)
    return np.array([chances[k, SPECIAL[c]].item() for k, c in enumerate(INDICES)])
