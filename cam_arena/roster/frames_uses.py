"""How each move of a roster comes about, so that the rig can use it."""

from dataclasses import replace

from .codes import Button, Category, Direction, Op
from .frames_rig import Use
from .model import Character, Roster

__all__ = ["dummy_of", "loadable_uses", "uses_of"]

_BRANCHES = (Direction.NONE, Direction.E, Direction.W)
"""Direction that leads to each entry of a move's `next`."""

_LOADOUT = (Button.SCROLL, Button.COMPANION_A, Button.COMPANION_B, Button.COMPANION_C)


def dummy_of(roster: Roster) -> int:
    """Return the index of a character that takes hits plainly: without armour and traits."""
    plain = min(
        roster.characters,
        key=lambda character: (character.stats["base_poise"], len(character.traits)),
    )
    return plain.index


def uses_of(roster: Roster, character: Character) -> list[Use]:
    """List a use of each own move of a character; scrolls and companions are not its own."""
    uses: dict[int, Use] = {}
    for in_form, owned in ((False, character.moves), (True, character.form or {})):
        for name, move in owned.items():
            button = Button[name.upper()]
            if button not in _LOADOUT:
                _add(uses, roster, Use(character.index, move.index, button, in_form=in_form))
    for move in character.followups:
        _add(uses, roster, Use(character.index, move.index))
    return list(uses.values())


def loadable_uses(roster: Roster) -> list[Use]:
    """List a use of each scroll and companion, by the first character."""
    scrolls = [
        Use(0, scroll.move.index, Button.SCROLL, scroll=scroll.index) for scroll in roster.scrolls
    ]
    companions = [
        Use(0, companion.move.index, Button.COMPANION_A, companion=companion.index)
        for companion in roster.companions
    ]
    uses: dict[int, Use] = {}
    for use in (*scrolls, *companions):
        _add(uses, roster, use)
    return list(uses.values())


def _add(uses: dict[int, Use], roster: Roster, use: Use) -> None:
    """Add a use and those of the chain moves that it leads to."""
    if use.move in uses:
        return
    record = roster.arrays["moves"][use.move]
    spark = 16000 if int(record["spark_cost"]) > 8000 else 8000
    spawns = _spawns_hits(roster, use.move)
    can_hit = spawns or bool(record["num_hits"])
    uses[use.move] = replace(use, spark=spark, can_hit=can_hit, spawns=spawns)
    if not int(record["cancel_hit"]) & Category.CHAIN:
        return
    last = int(record["startup"]) + int(record["active"]) + int(record["recovery"]) - 1
    for direction, move in zip(_BRANCHES, record["next"].tolist(), strict=True):
        if move >= 0:
            then = replace(use, move=move, direction=direction, before=use.move, before_tick=last)
            _add(uses, roster, then)


def _spawns_hits(roster: Roster, move: int) -> bool:
    """Whether something that a move spawns has a hit."""
    record, types = roster.arrays["moves"][move], roster.arrays["entity_types"]
    first = int(record["first_op"])
    ops = roster.arrays["ops"][first : first + int(record["num_ops"])]
    return bool((types["hit"][ops["a"][ops["code"] == Op.SPAWN]] >= 0).any())
