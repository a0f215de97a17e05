"""Depth is paid for: who strikes as wide as a sweep is slower or weaker than who strikes narrow."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..validators.ranges import NARROW, WIDE
from .parts import Kit, Table

__all__ = ["pay_for_depth"]

LONGEST_RECOVERY: Final = {"finisher": 15, "skill": 18}
"""Ticks of recovery up to which a wide strike pays in time; what is left it pays in strength."""


def pay_for_depth(kits: Sequence[Kit], kind: str) -> None:
    """Slow or weaken, in place, each wide move that is as quick and as strong as a narrow one.

    Args:
        kits: of one kind.
        kind: a key of LONGEST_RECOVERY.
    """
    narrow = [kit for kit in kits if 0 < _depth(kit.move) <= NARROW]
    for wide in kits:
        if _depth(wide.move) < WIDE:
            continue
        for other in narrow:
            if _ticks(wide.move) > _ticks(other.move) or _damage(wide) < _damage(other):
                continue
            late = wide.move["recovery"] + _ticks(other.move) + 1 - _ticks(wide.move)
            if late <= LONGEST_RECOVERY[kind]:
                wide.move["recovery"] = late
            else:
                _weaken(wide, _damage(other))


def _weaken(kit: Kit, below: int) -> None:
    """Bring a move's damage below a limit, in fives of HP."""
    tables: list[Table] = [*kit.move["hit"], *(e["hit"] for e in kit.entities if "hit" in e)]
    while _damage(kit) >= below:
        max(tables, key=lambda hit: int(hit["damage"]))["damage"] -= 5


def _depth(move: Mapping[str, Any]) -> int:
    return max((int(hit["box"]["depth"]) for hit in move.get("hit", ())), default=0)


def _ticks(move: Mapping[str, Any]) -> int:
    return int(move["startup"] + move["active"] + move["recovery"])


def _damage(kit: Kit) -> int:
    own: int = sum(_strikes(hit) * int(hit["damage"]) for hit in kit.move.get("hit", ()))
    spawned = (item for item in kit.entities if "hit" in item)
    return own + sum(
        int(item["hit"]["damage"]) * int(item.get("hits", 1)) * int(item.get("copies", 1))
        for item in spawned
    )


def _strikes(hit: Mapping[str, Any]) -> int:
    if not hit.get("rehit"):
        return 1
    ticks = int(hit["window"][1]) - int(hit["window"][0])
    return -(-ticks // int(hit["rehit"]))
