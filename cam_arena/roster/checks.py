"""What must hold between the values of a roster, beyond the range of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .reader import Problems
from .schema import SLOT_RANGES

__all__ = ["check_character", "check_owner", "check_unique"]

Values = Mapping[str, Any]

SLOTS = ("skill1", "skill2", "ultimate", "trait")


def check_unique(
    names: Iterable[tuple[Problems, str, str | None]], what: str, taken: dict[str, str]
) -> None:
    """Note names that are used twice.

    Args:
        names: (problems of the file, dotted key, name) of each.
        what: what is named, for the message.
        taken: name to file of those already seen; extended.
    """
    for problems, key, name in names:
        if name is None:
            continue
        if name in taken:
            problems.value(key, name, f"unique; {taken[name]} has a {what} of this name")
        else:
            taken[name] = problems.file


def _own_moves(values: Values, where: str) -> list[tuple[str, str, Values]]:
    moves = [(f"{where}.chain[{i}]", "chain", move) for i, move in enumerate(values["chain"] or ())]
    for key in SLOTS:
        if values[key] is not None:
            moves.append((f"{where}.{key}", key.rstrip("12"), values[key]))
    return moves


def character_moves(character: Values, where: str) -> list[tuple[str, str, Values]]:
    """List (dotted key, slot, move) of all moves of a character, its form's among them."""
    moves = _own_moves(character, where)
    if character["form"] is not None:
        moves += _own_moves(character["form"], f"{where}.form")
    moves += [
        (f"{where}.followup[{i}]", "followup", move)
        for i, move in enumerate(character["followup"] or ())
    ]
    return moves


def check_character(
    character: Values,
    where: str,
    problems: Problems,
    scrolls: Mapping[str, int],
    companions: Mapping[str, int],
) -> None:
    """Check a character's moves, entities and references."""
    if character["scroll"] is not None and character["scroll"] not in scrolls:
        problems.unknown(f"{where}.scroll", character["scroll"], scrolls)
    for i, name in enumerate(character["companions"] or ()):
        if name not in companions:
            problems.unknown(f"{where}.companions[{i}]", name, companions)
    moves = character_moves(character, where)
    chain = [move["name"] for key, slot, move in moves if slot == "chain"]
    replies = [move["name"] for key, slot, move in moves if slot == "followup"]
    for key, slot, move in moves:
        for link in ("next", "next_forward", "next_back"):
            if move[link] is None:
                continue
            if slot != "chain":
                problems.value(f"{key}.{link}", move[link], "left out; only chain moves have it")
            elif move[link] not in chain:
                problems.unknown(f"{key}.{link}", move[link], filter(None, chain))
        if move["reply"] is not None:
            if move["parry"] is None:
                problems.missing(f"{key}.parry", "the window that leads to the reply")
            if move["reply"] not in replies:
                problems.unknown(f"{key}.reply", move["reply"], filter(None, replies))
    slip = character["slip"]
    check_owner(moves, character["entity"] or (), where, problems, slip and slip["entity"])
    _check_slip(character, f"{where}.slip", replies, problems)
    _check_traits(character, where, moves, problems)
    _check_reached(moves, [slip["reply"] if slip else None], problems)


def check_owner(
    moves: Sequence[tuple[str, str, Values]],
    entities: Sequence[Values],
    where: str,
    problems: Problems,
    left: str | None = None,
) -> None:
    """Check the moves and entities of a character, scroll or companion; its slip leaves `left`."""
    taken: dict[str, str] = {}
    check_unique(((problems, f"{key}.name", move["name"]) for key, _, move in moves), "move", taken)
    keyed = [(f"{where}.entity[{i}]", entity) for i, entity in enumerate(entities)]
    check_unique(((problems, f"{key}.name", item["name"]) for key, item in keyed), "entity", {})
    names = [entity["name"] for entity in entities]
    spawned = {left}
    for key, slot, move in moves:
        if None in (move["startup"], move["active"], move["recovery"]):
            continue
        _check_move(key, slot, move, problems)
        for i, op in enumerate(move["op"] or ()):
            _check_op(f"{key}.op[{i}]", op, entities, problems)
            if op["do"] in ("spawn", "marker") and op["entity"] is not None:
                spawned.add(op["entity"])
                if op["entity"] not in names:
                    problems.unknown(f"{key}.op[{i}].entity", op["entity"], filter(None, names))
    for key, entity in keyed:
        if entity["name"] is not None and entity["name"] not in spawned:
            problems.value(f"{key}.name", entity["name"], "the entity of some spawn or marker op")
        _check_entity(key, entity, problems)


def _check_op(key: str, op: Values, entities: Sequence[Values], problems: Problems) -> None:
    if op["ticks"] == 0 and op["do"] != "form":
        problems.value(f"{key}.ticks", 0, "1..900; 0 is only for a form")
    kinds = {entity["name"]: entity["kind"] for entity in entities}
    if op["do"] == "marker" and kinds.get(op["entity"], "marker") != "marker":
        problems.value(f"{key}.entity", op["entity"], "an entity of kind marker")


def _check_slip(character: Values, where: str, replies: Sequence[str], problems: Problems) -> None:
    slip = character["slip"]
    if not slip or slip["kind"] is None:
        return
    names = [entity["name"] for entity in character["entity"] or ()]
    if slip["entity"] is not None and slip["entity"] not in names:
        problems.unknown(f"{where}.entity", slip["entity"], filter(None, names))
    if slip["reply"] is not None and slip["reply"] not in replies:
        problems.unknown(f"{where}.reply", slip["reply"], filter(None, replies))
    if slip["kind"] == "powder" and slip["entity"] is None:
        problems.missing(f"{where}.entity", "the entity that a powder slip leaves")
    if slip["kind"] == "riposte" and slip["reply"] is None:
        problems.missing(f"{where}.reply", "the follow-up that a riposte reappears in")
    if slip["kind"] == "ledger" and not slip["hp_cost"]:
        problems.value(f"{where}.hp_cost", slip["hp_cost"], "1..100 for a ledger slip")


_BUTTON_TRAITS = {"dash": "dash", "guard": "guard", "parry_just": "parry", "air_hop": "air_hop"}
"""Traits that are a move on the trait button, and the archetype that this has."""


def _check_traits(
    character: Values, where: str, moves: Sequence[tuple[str, str, Values]], problems: Problems
) -> None:
    """A trait that needs a move finds it; one that the rules read needs none."""
    traits = character["traits"]
    if len(traits) > 2 or len(set(traits)) < len(traits):
        problems.value(f"{where}.traits", traits, "two different traits at most")
    button = character["trait"]
    for trait, archetype in _BUTTON_TRAITS.items():
        if trait in traits and (button is None or button["archetype"] != archetype):
            problems.missing(f"{where}.trait", f"a move of archetype {archetype} for {trait}")
    kinds = {entity["kind"] for entity in character["entity"] or ()}
    ops = {op["do"] for _, _, move in moves for op in move["op"] or ()}
    charged = any(move["charges"] > 1 for _, slot, move in moves if slot == "skill")
    for trait, holds, need in (
        ("ammo", charged, "a skill with charges"),
        ("stance_dancer", "form" in ops, "an op-code form"),
        ("trapper", "trap" in kinds, "an entity of kind trap"),
    ):
        if trait in traits and not holds:
            problems.value(f"{where}.traits", traits, f"without {trait}, or there must be {need}")
    if ("form" in ops) != (character["form"] is not None):
        problems.missing(f"{where}.form", "given where a move has the op-code form, and only there")


def _check_move(key: str, slot: str, move: Values, problems: Problems) -> None:
    for name, (low, high) in SLOT_RANGES[slot].items():
        if not low <= move[name] <= high:
            problems.value(f"{key}.{name}", move[name], f"{low}..{high} in a {slot} move")
    start, end = move["startup"], move["startup"] + move["active"]
    total = end + move["recovery"]
    for i, hit in enumerate(move["hit"] or ()):
        _check_hit(f"{key}.hit[{i}]", hit, start, end, problems)
    _check_grab(key, move, problems)
    windows = {"guard": move["guard"], "parry": move["parry"]}
    if move["armour"] is not None:
        windows["armour.window"] = move["armour"]["window"]
    for name, window in (move["invulnerable"] or {}).items():
        windows[f"invulnerable.{name}"] = window
    for name, window in windows.items():
        if window is not None and window[1] > total:
            problems.value(f"{key}.{name}", window, f"inside the move's {total} ticks")
    cancel = move["cancel"]
    if cancel is not None and isinstance(cancel["from"], int) and cancel["from"] >= total:
        problems.value(f"{key}.cancel.from", cancel["from"], f"0..{total - 1}")
    last = -1
    for i, item in enumerate(move["velocity"] or ()):
        if item["at"] is not None and not last < item["at"] < total:
            problems.value(f"{key}.velocity[{i}].at", item["at"], f"{last + 1}..{total - 1}")
        last = item["at"] or 0
    for i, op in enumerate(move["op"] or ()):
        if op["at"] is not None and op["at"] >= total:
            problems.value(f"{key}.op[{i}].at", op["at"], f"0..{total - 1}")
    if slot == "ultimate" and move["spark_cost"] < 4000:
        problems.value(f"{key}.spark_cost", move["spark_cost"], "4000..16000 in an ultimate")
    if move["hold"] is not None and not move["hit"]:
        problems.missing(f"{key}.hit", "a list of hits that the charge strengthens")


def _check_hit(key: str, hit: Values, start: int, end: int, problems: Problems) -> None:
    window = hit["window"]
    if window is not None and not start <= window[0] < window[1] <= end:
        problems.value(f"{key}.window", window, f"inside the active ticks, {start}..{end}")
    _check_effect(key, hit, problems)


def _check_effect(key: str, hit: Values, problems: Problems) -> None:
    if (hit["effect"] is None) != (hit["effect_ticks"] == 0):
        allowed = "1..900 with an effect" if hit["effect"] else "left out without an effect"
        problems.value(f"{key}.effect_ticks", hit["effect_ticks"], allowed)


def _check_grab(key: str, move: Values, problems: Problems) -> None:
    flags = [flag for hit in move["hit"] or () for flag in hit["flags"]]
    for i, hit in enumerate(move["hit"] or ()):
        if "release" in hit["flags"] and "held" not in hit["flags"]:
            problems.value(
                f"{key}.hit[{i}].flags", hit["flags"], "both held and release, or neither"
            )
        if "held" in hit["flags"] and "grab" not in flags:
            problems.value(f"{key}.hit[{i}].flags", hit["flags"], "after a hit with the flag grab")
    if "grab" in flags and "release" not in flags:
        problems.value(f"{key}.hit", "without a release", "ended by a hit with held and release")


def _check_entity(key: str, entity: Values, problems: Problems) -> None:
    kind = entity["kind"]
    if kind is None or entity["ttl"] is None:
        return
    needs = {
        "projectile": ("hit",),
        "zone": ("hit",),
        "trap": ("hit", "radius", "arm_ticks"),
        "wall": ("hp", "radius"),
        "companion": ("hit", "hp", "radius", "speed", "strike_startup"),
        "orbit": ("hit", "radius", "speed"),
        "clone": ("hp",),
        "marker": (),
    }
    for name in needs[kind]:
        if not entity[name]:
            problems.missing(f"{key}.{name}", f"given for a {kind}")
    if entity["copies"] > entity["max_alive"]:
        problems.value(
            f"{key}.max_alive", entity["max_alive"], f"at least copies, {entity['copies']}"
        )
    if entity["hit"] is not None:
        _check_effect(f"{key}.hit", entity["hit"], problems)


def _check_reached(
    moves: Sequence[tuple[str, str, Values]], replies: Sequence[str | None], problems: Problems
) -> None:
    by_name = {move["name"]: move for _, _, move in moves}
    first = [key for key, slot, _ in moves if slot == "chain" and key.endswith("chain[0]")]
    reached = {move["name"] for key, slot, move in moves if slot != "chain" and slot != "followup"}
    reached |= {move["name"] for key, _, move in moves if key in first}
    reached |= {name for name in replies if name in by_name}
    waiting = list(reached)
    while waiting:
        move = by_name[waiting.pop()]
        for link in ("next", "next_forward", "next_back", "reply"):
            if move[link] in by_name and move[link] not in reached:
                reached.add(move[link])
                waiting.append(move[link])
    for key, slot, move in moves:
        if move["name"] is not None and move["name"] not in reached:
            link = "reply" if slot == "followup" else "next"
            problems.value(f"{key}.name", move["name"], f"the {link} of some move")
