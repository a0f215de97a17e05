"""Parametric certificate: no two characters have nearly the same numbers.

Each character is a vector of its statistics, the numbers of its moves and of what they spawn, read
from the compiled arrays. Every feature is scaled to mean 0 and deviation 1 over the roster and cut
at three deviations, so that one odd number cannot make two characters look far apart.

The threshold is what tells another character from a variant of the same. A variant is a character
with three of its seven blocks (statistics, slip, chain, both skills, ultimate, trait) taken from
other members of its school, drawn at random. No two characters may be nearer to each other than 19
of 20 variants are to their originals. The 5th percentile of all in-school pairs would be no
threshold for the nearest: a twentieth of a roster's pairs lies below it whatever the roster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..codes import NUM_KEYS, Op
from ..model import Character, Move, Roster
from .certificate import Certificate, Pair

__all__ = ["BLOCKS", "Features", "certify", "distances", "features", "nearest", "variants"]

BLOCKS: Final = ("stats", "slip", "chain", "skill1", "skill2", "ultimate", "trait")
"""Parts of a feature vector, in order; a feature is called `block.name`."""

PERCENTILE: Final = 5
"""Of the distances of variants: the least that a nearest neighbour may have."""

_CLIP = 3.0
_VARIANTS = 20_000
_SWAPPED = 3  # blocks
_FEW_MEMBERS = 4  # a school with fewer has too few parts to make variants of
_LISTED = 5

Values = dict[str, float]


@dataclass(frozen=True)
class Features:
    """The characters' vectors."""

    names: tuple[str, ...]
    """Of the columns, as `block.name`."""
    raw: NDArray[np.float64]
    """In the units of the roster, shape (characters, columns)."""

    @property
    def scaled(self) -> NDArray[np.float64]:
        """Mean 0 and deviation 1 by column, cut at three deviations; 0 where all are equal."""
        centred = self.raw - self.raw.mean(axis=0)
        deviation = centred.std(axis=0)
        scaled = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)
        return np.asarray(np.clip(scaled, -_CLIP, _CLIP))

    def columns(self, block: str) -> NDArray[np.intp]:
        """Return the indices of a block's columns."""
        return np.flatnonzero([name.partition(".")[0] == block for name in self.names])


def features(roster: Roster) -> Features:
    """Return the vectors of all characters, about ninety numbers each."""
    rows = [dict(_character_values(character, roster)) for character in roster]
    names = tuple(rows[0])
    return Features(names, np.array([[row[name] for name in names] for row in rows], np.float64))


def _character_values(character: Character, roster: Roster) -> Iterator[tuple[str, float]]:
    moves = character.moves
    blocks: Mapping[str, Values] = {
        "stats": {name: float(value) for name, value in character.stats.items()},
        "slip": {
            name: float(character.slip[name]) for name in ("cost", "hp_cost", "cooldown", "ticks")
        },
        "chain": _chain_values(character, roster),
        **{key: _move_values(moves[key], roster) for key in ("skill1", "skill2", "ultimate")},
        "trait": _trait_values(moves.get("trait"), roster),
    }
    for block in BLOCKS:
        for name, value in blocks[block].items():
            yield f"{block}.{name}", value


def _chain_values(character: Character, roster: Roster) -> Values:
    table = roster.arrays["moves"]
    by_index = {move.index: move for move in character.chain}
    plain: list[Move] = []
    index = character.chain[0].index
    while index in by_index:
        plain.append(by_index.pop(index))
        index = int(table[index]["next"][0])
    hits = [hit for move in plain for hit in _hits(move, roster)]
    last = plain[-1]
    finish = _hits(last, roster)
    return {
        "length": len(plain),
        "branches": len(by_index),
        "first_startup": plain[0].declared.startup,
        "ticks": sum(
            move.declared.startup + move.declared.active + move.declared.recovery for move in plain
        ),
        "last_recovery": last.declared.recovery,
        "damage": sum(move.declared.damage for move in plain),
        "branch_damage": sum(move.declared.damage for move in by_index.values()),
        "reach": max(move.declared.extent for move in plain),
        "depth": _largest(hits, "depth"),
        "stun": sum(float(hit["stun"]) for hit in hits),
        "travel": sum(_travel(move, roster) for move in plain),
        "push": _largest(finish, "knock_x"),
        "lift": _largest(finish, "knock_z"),
    }


def _move_values(move: Move, roster: Roster) -> Values:
    """Return the numbers of a skill or an ultimate; a parry strikes with its reply."""
    record = roster.arrays["moves"][move.index]
    entities = _entities(move, roster)
    hits = _hits(move, roster)
    if record["reply"] >= 0:
        hits = [*hits, *_hits(roster.moves[int(record["reply"])], roster)]
    hits += [roster.arrays["hits"][entity["hit"]] for entity in entities if entity["hit"] >= 0]
    return {
        "startup": move.declared.startup,
        "active": move.declared.active,
        "recovery": move.declared.recovery,
        "cooldown": move.declared.cooldown,
        "cost": move.spark_cost + float(record["hp_cost"]),
        "damage": move.declared.damage,
        "reach": move.declared.extent,
        "depth": _largest(hits, "depth"),
        "height": _largest(hits, "z1"),
        "stun": _largest(hits, "stun"),
        "push": _largest(hits, "knock_x"),
        "lift": _largest(hits, "knock_z"),
        "hits": len(hits),
        "travel": _travel(move, roster),
        "shielded": _shielded_ticks(record),
        "effect": _effect_ticks(move, roster) + _largest(hits, "effect_ticks"),
        "entity_ticks": _largest(entities, "ttl"),
        "entity_speed": max(
            (float(abs(entity["vx"]) + abs(entity["vz"]) + entity["speed"]) for entity in entities),
            default=0.0,
        ),
    }


def _trait_values(move: Move | None, roster: Roster) -> Values:
    names = ("startup", "active", "recovery", "cooldown", "travel", "shielded")
    if move is None:
        return dict.fromkeys(names, 0.0)
    record = roster.arrays["moves"][move.index]
    ticks = (
        move.declared.startup,
        move.declared.active,
        move.declared.recovery,
        move.declared.cooldown,
    )
    values = (*ticks, _travel(move, roster), _shielded_ticks(record))
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _hits(move: Move, roster: Roster) -> list[Any]:
    record = roster.arrays["moves"][move.index]
    first = int(record["first_hit"])
    return list(roster.arrays["hits"][first : first + int(record["num_hits"])])


def _ops(move: Move, roster: Roster) -> list[Any]:
    record = roster.arrays["moves"][move.index]
    first = int(record["first_op"])
    return list(roster.arrays["ops"][first : first + int(record["num_ops"])])


def _entities(move: Move, roster: Roster) -> list[Any]:
    types = roster.arrays["entity_types"]
    return [types[int(op["a"])] for op in _ops(move, roster) if op["code"] == Op.SPAWN]


def _effect_ticks(move: Move, roster: Roster) -> float:
    given = (Op.BUFF_SELF, Op.BUFF_TARGET)
    return float(sum(int(op["b"]) for op in _ops(move, roster) if op["code"] in given))


def _largest(records: Sequence[Any], name: str) -> float:
    return max((float(record[name]) for record in records), default=0.0)


def _travel(move: Move, roster: Roster) -> float:
    """Su a move carries its fighter by its end."""
    record = roster.arrays["moves"][move.index]
    total = move.declared.startup + move.declared.active + move.declared.recovery
    su = 0
    for k in range(NUM_KEYS):
        at = int(record["key_tick"][k])
        if at < 0:
            break
        follows = int(record["key_tick"][k + 1]) if k + 1 < NUM_KEYS else -1
        su += int(record["key_vx"][k]) * max((follows if follows >= 0 else total) - at, 0)
    return float(su)


def _shielded_ticks(record: Any) -> float:
    """Ticks of armour, guard, parry and invulnerability, overlaps counted twice."""
    windows = int((record["inv_to"] - record["inv_from"]).sum())
    for name in ("armour", "guard", "parry"):
        windows += int(record[f"{name}_to"] - record[f"{name}_from"])
    return float(windows)


def distances(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Euclidean distances between rows, shape (rows, rows)."""
    squares = (vectors**2).sum(axis=1)
    squared = squares[:, None] + squares[None, :] - 2 * vectors @ vectors.T
    np.fill_diagonal(squared, 0)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def nearest(table: NDArray[np.float64], names: Sequence[str], count: int) -> list[Pair]:
    """List the nearest pairs of a table of distances.

    Args:
        table: distances, shape (characters, characters), symmetric.
        names: of the characters.
        count: pairs to list at most.
    """
    first, second = np.triu_indices(len(names), 1)
    order = np.argsort(table[first, second], kind="stable")[:count]
    return [
        Pair(names[first[k]], names[second[k]], float(table[first[k], second[k]])) for k in order
    ]


def variants(found: Features, schools: Sequence[str], *, seed: int = 0) -> NDArray[np.float64]:
    """Return the distances of random variants from their originals, sorted.

    Args:
        found: features of the roster.
        schools: name of each character's school. Schools with fewer than 4 members are pooled.
        seed: of the draws.

    Returns:
        float64, shape (20000,).
    """
    scaled = found.scaled
    rng = np.random.default_rng(seed)
    schoolmates = [np.flatnonzero(np.equal(schools, school)) for school in sorted(set(schools))]
    pools = [mates for mates in schoolmates if len(mates) >= _FEW_MEMBERS]
    few = [mates for mates in schoolmates if len(mates) < _FEW_MEMBERS]
    if few:
        pools.append(np.concatenate(few))
    pool = rng.choice(len(pools), size=_VARIANTS, p=[len(mates) / len(schools) for mates in pools])
    swapped = rng.permuted(np.tile(np.arange(len(BLOCKS)) < _SWAPPED, (_VARIANTS, 1)), axis=1)
    squared = np.zeros(_VARIANTS)
    for p, mates in enumerate(pools):
        drawn = np.flatnonzero(pool == p)
        original = rng.integers(len(mates), size=len(drawn))
        for b, block in enumerate(BLOCKS):
            other = (original + rng.integers(1, max(len(mates), 2), size=len(drawn))) % len(mates)
            parts = scaled[:, found.columns(block)]
            gap = ((parts[mates[original]] - parts[mates[other]]) ** 2).sum(axis=1)
            squared[drawn] += gap * swapped[drawn, b]
    return np.sort(np.sqrt(squared))


def certify(roster: Roster) -> list[Certificate]:
    """Certify that no nearest neighbour is nearer than a variant of the same character."""
    found = features(roster)
    table = distances(found.scaled)
    schools = [character.school.name for character in roster]
    from_original = variants(found, schools)
    tau = float(np.percentile(from_original, PERCENTILE))
    off_diagonal = table + np.diag(np.full(len(table), np.inf))
    nearest_neighbour = off_diagonal.min(axis=1)
    pairs = nearest(table, roster.names, _LISTED)
    edges = np.linspace(0, max(float(table.max()), float(from_original[-1])), 41)
    same = np.equal.outer(schools, schools)[np.triu_indices(len(table), 1)]
    every = table[np.triu_indices(len(table), 1)]
    return [
        Certificate(
            "parametric",
            f"nearest neighbour in {len(found.names)} features",
            f"{nearest_neighbour.min():.2f}",
            f"> {tau:.2f}",
            bool(nearest_neighbour.min() > tau),
            tuple(str(pair) for pair in pairs),
            {
                "features": list(found.names),
                "threshold": tau,
                "too_near": int((nearest_neighbour <= tau).sum()),
                "histogram": {
                    "edges": edges.round(4).tolist(),
                    "in_school_pairs": np.histogram(every[same], edges)[0].tolist(),
                    "other_pairs": np.histogram(every[~same], edges)[0].tolist(),
                    "variants": np.histogram(from_original, edges)[0].tolist(),
                    "nearest_neighbours": np.histogram(nearest_neighbour, edges)[0].tolist(),
                },
                "nearest_neighbour": dict(
                    zip(roster.names, nearest_neighbour.round(4).tolist(), strict=True)
                ),
            },
        )
    ]
