"""How unlike the policies of characters act in the same states.

Frequencies of skills differ between characters because their kits do. Here every character's policy
is asked what it would do in the same states, as its own character: what is left is the policies'.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

import cam_arena
from cam_arena.game.options import Options
from cam_arena.roster import Roster

from .diversity import system_neural_diversity
from .evaluate import Entrant, tournament
from .networks import CHARACTER_SCALE, identity_columns, masked_log_probs
from .population.members import PolicyMember

__all__ = ["States", "action_probabilities", "neural_diversity", "visit"]


class States:
    """Observations and masks in which some characters had to decide."""

    def __init__(self, observation: NDArray[np.float32], mask: NDArray[np.int8]) -> None:
        """Keep shape (S, O) and (S, K)."""
        self.observation, self.mask = observation, mask

    def seen_as(self, character: int) -> NDArray[np.float32]:
        """Return the observations as if this character stood in each, shape (S, O).

        Raises:
            ValueError: if the character decided in none of the states.
        """
        layout = cam_arena.observation_layout()
        own = np.rint(self.observation[:, layout["own_character"].start] * CHARACTER_SCALE)
        rows = np.flatnonzero(own == character)
        if not len(rows):
            raise ValueError(f"character {character} decided in none of the states")
        changed = self.observation.copy()
        columns = identity_columns(layout).numpy()
        changed[:, columns] = self.observation[rows[0], columns]
        return changed


class _Witness:
    """Plays as another member does and keeps some of what it saw."""

    def __init__(self, member: PolicyMember, share: float) -> None:
        self.name, self._member, self._share = member.name, member, share
        self.seen: list[NDArray[np.float32]] = []
        self.masks: list[NDArray[np.int8]] = []

    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        kept = rng.random(len(observation)) < self._share
        self.seen.append(observation[kept].copy())
        self.masks.append(action_mask[kept].copy())
        return self._member.act(observation, action_mask, rng=rng, deterministic=deterministic)


def visit(
    shared: PolicyMember,
    characters: Sequence[int],
    *,
    states: int,
    seed: int,
    options: Options | None = None,
) -> States:
    """Let the shared policy play all characters against each other and keep states at random.

    Args:
        shared: plays both seats; sees the preset `full`.
        characters: indices in the roster, at least 2.
        states: how many to keep, at most.
        seed: of the matches and the choice.
        options: of the matches; those of a new env if None.
    """
    options = options or Options()
    pairs = len(characters) * (len(characters) - 1) // 2
    # Two games a pair with two seats; a match may end after a quarter of its time.
    decisions = pairs * 2 * 2 * options.max_ticks / options.frame_skip / 4
    witness = _Witness(shared, min(1.0, states / decisions))
    entrants = [Entrant(f"{index}", witness, index) for index in characters]
    tournament(entrants, games=2, seed=seed, options=options)
    seen, masks = np.concatenate(witness.seen), np.concatenate(witness.masks)
    chosen = np.random.default_rng(seed).permutation(len(seen))[:states]
    return States(seen[chosen], masks[chosen])


@torch.inference_mode()
def action_probabilities(
    policies: Mapping[int, PolicyMember], states: States
) -> NDArray[np.float64]:
    """Ask each character's policy for its distribution in every state, as that character.

    Args:
        policies: by index of the character.
        states: as `visit` returns them; what is legal in a state is the same for all.

    Returns:
        float64, shape (C, S, K), in the order of `policies`.
    """
    masks = torch.from_numpy(states.mask)
    found = []
    for character, member in policies.items():
        logits, _ = member.policy(torch.from_numpy(states.seen_as(character)))
        found.append(masked_log_probs(logits.float(), masks).exp().double().numpy())
    return np.stack(found)


def neural_diversity(
    shared: PolicyMember,
    specialists: Mapping[str, PolicyMember],
    roster: Roster,
    *,
    states: int = 2048,
    seed: int = 0,
    options: Options | None = None,
) -> dict[str, float | int]:
    """Compute system neural diversity before and after specialisation, in the same states.

    Returns:
        `before`, `after` (see `diversity.system_neural_diversity`), `moved`, the mean total
        variation of a character's two policies, and `states`, how many there were.
    """
    indices = [roster[name].index for name in specialists]
    visited = visit(shared, indices, states=states, seed=seed, options=options)
    before = action_probabilities(dict.fromkeys(indices, shared), visited)
    after = action_probabilities(dict(zip(indices, specialists.values(), strict=True)), visited)
    return {
        "before": system_neural_diversity(before),
        "after": system_neural_diversity(after),
        "moved": float(np.abs(after - before).sum(axis=2).mean() / 2),
        "states": len(visited.mask),
    }
