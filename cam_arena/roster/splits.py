"""Choose the splits of a large roster: core50, all304, train256 and heldout48.

Chosen once and then kept by name in splits.toml: the choice depends on the characters' numbers,
and a split that changed whenever these are tuned would be no use to anyone who compares results.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import RosterError
from ..files import read_toml, write_whole
from .certificates.parametric import distances, features
from .model import Character, Roster

__all__ = ["CORE", "HELD_OUT", "choose", "core", "held_out", "write"]

CORE: Final = 50
"""Characters of the larger core split; the paper's larger population."""

HELD_OUT: Final = 3
"""Characters of each school that no training split has."""

_SEED_SPLIT: Final = "core8"
_LEAST_MEMBERS: Final = 8  # of a school: four for core50, three held out, and one to train on

_HEADING = "# Chosen by cam-arena roster splits --write, then kept by name. Do not edit."


def choose(roster: Roster) -> dict[str, tuple[str, ...]]:
    """Return the splits of a roster by name, characters in order of index.

    `coreN` has characters as unlike as can be; `allN` all; `heldoutN` three of each school, none of
    them in `coreN`; `trainN` the others.

    Raises:
        RosterError: if a school has too few members.
    """
    members = Counter(character.school.name for character in roster)
    few = [name for name, count in members.items() if count < _LEAST_MEMBERS]
    if few:
        raise RosterError(
            f"splits need schools of at least {_LEAST_MEMBERS} members; {few[0]} has "
            f"{members[few[0]]}"
        )
    table = distances(features(roster).scaled)
    inner = core(roster, table, CORE, begin=roster.splits.get(_SEED_SPLIT, ()))
    held = held_out(roster, table, HELD_OUT, without=inner)
    everyone = range(len(roster))
    chosen: dict[str, Sequence[int]] = {
        f"core{len(inner)}": inner,
        f"all{len(roster)}": everyone,
        f"train{len(roster) - len(held)}": [i for i in everyone if i not in held],
        f"heldout{len(held)}": held,
    }
    return {
        name: tuple(roster.names[i] for i in sorted(indices)) for name, indices in chosen.items()
    }


def core(
    roster: Roster, table: NDArray[np.float64], count: int, *, begin: Sequence[str] = ()
) -> list[int]:
    """Pick characters far from each other, by the farthest-point rule, schools taking turns.

    The next is whoever is farthest from its nearest among those picked, of the schools that have
    the fewest picked; of equals the first. Without a beginning, the first is the one farthest from
    the rest on average.

    Args:
        roster: the characters.
        table: distances between them, shape (characters, characters).
        count: characters to pick.
        begin: names of characters that are in it already.

    Source: Gonzalez 1985, for the rule without schools.
    """
    school = np.array([character.school.index for character in roster])
    names = {name: index for index, name in enumerate(roster.names)}
    picked = [names[name] for name in begin] or [int(table.mean(axis=1).argmax())]
    while len(picked) < min(count, len(roster)):
        taken = np.bincount(school[picked], minlength=len(roster.schools))
        free = np.setdiff1d(np.arange(len(roster)), picked)
        turn = free[taken[school[free]] == taken[school[free]].min()]
        nearest = table[np.ix_(turn, picked)].min(axis=1)
        picked.append(int(turn[nearest.argmax()]))
    return picked


def held_out(
    roster: Roster, table: NDArray[np.float64], per_school: int, *, without: Sequence[int] = ()
) -> list[int]:
    """Pick characters of every school so that roles and archetypes are balanced over all picked.

    Schools take turns. The next is whoever's role is rarest among those picked, in the school
    first; of equals whose archetypes are rarest; of equals who is nearest to the rest of its
    school, for a held-out character should be typical of what is held out.

    Args:
        roster: the characters.
        table: distances between them, shape (characters, characters).
        per_school: characters to pick of each.
        without: indices of characters not to pick.
    """
    picked: list[int] = []
    for _ in range(per_school):
        for school in roster.schools:
            mates = [c for c in roster if c.school.index == school.index]
            candidates = [c for c in mates if c.index not in picked and c.index not in without]
            in_school = Counter(c.role for c in mates if c.index in picked)
            roles = Counter(roster[i].role for i in picked)
            archetypes = Counter(name for i in picked for name in _archetypes(roster[i]))
            everyone = [c.index for c in mates]

            def rarity(
                c: Character,
                in_school: Counter[str] = in_school,
                roles: Counter[str] = roles,
                archetypes: Counter[str] = archetypes,
                everyone: list[int] = everyone,
            ) -> tuple[float, ...]:
                common = sum(archetypes[name] for name in _archetypes(c))
                typical = float(table[c.index, everyone].mean())
                return in_school[c.role], roles[c.role], common, typical, c.index

            picked.append(min(candidates, key=rarity).index)
    return picked


def _archetypes(character: Character) -> list[str]:
    return [character.moves[key].archetype for key in ("skill1", "skill2", "ultimate")]


def write(splits: Mapping[str, Sequence[str]], file: Path) -> list[str]:
    """Add splits to a splits.toml; those that are in it already stay as they are.

    Args:
        splits: names of characters by split.
        file: made if it does not exist.

    Returns:
        The names of the splits added.
    """
    there = read_toml(file, RosterError) if file.exists() else {}
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    added = [name for name in splits if name not in there]
    if added and _HEADING not in text:
        text = f"{text.rstrip()}\n\n{_HEADING}\n" if text else f"{_HEADING}\n"
    for name in added:
        lines = "".join(f"  {json.dumps(c, ensure_ascii=False)},\n" for c in splits[name])
        text += f"\n{name} = [\n{lines}]\n"
    if added:
        write_whole(file, text)
    return added
