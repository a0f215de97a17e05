"""The numbers of a character that its strength is fitted to: statistics, chain, skills, the rest.

Most are counted from a usual value, so that a weight is what one unit more is worth. A form's move
counts by the share of a match that the form is used for.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

__all__ = ["kit_numbers"]

Table = Mapping[str, Any]

_FORM_SHARE: Final = 0.35
"""Share of a match that a form is used for."""

_MOST_HITS: Final[Mapping[str, int]] = {
    **{"projectile": 3, "zone": 6, "trap": 1, "companion": 3, "clone": 4, "orbit": 4},
    **{"wall": 0, "marker": 0},
}
"""By kind of entity: strikes of one copy that can be expected at most."""

_LIFTS: Final = frozenset(("launch", "knockdown", "wallbounce", "groundbounce", "crumple"))
"""Impacts that take the target off its feet."""

_STATISTICS: Final[Mapping[str, tuple[float, float]]] = {
    **{"walk_x": (118, 10), "walk_y": (81, 10), "weight": (1000, 100), "tempo": (1000, 50)},
    **{"getup_ticks": (10, 1), "wake_ticks": (12, 1), "accel_ticks": (1, 1), "base_poise": (0, 1)},
    **{"hurt_half_x": (380, 50), "hurt_height": (1800, 100), "spark_rate": (1000, 100)},
    "cooldown_rate": (1000, 50),
}
"""Statistics by their usual value and the unit they are counted in."""

_USUAL_DAMAGE: Final[Mapping[str, float]] = {"skill": 400, "ultimate": 1800}
"""HP of one use, by kind of move."""
_USUAL_COOLDOWN: Final = 280
"""Ticks."""


def kit_numbers(school: str, character: Table) -> dict[str, float]:
    """Return the numbers of a character by name; a number that is not there is 0.

    Args:
        school: name of its school.
        character: its table, as a roster file holds it or as `read_table` returns it.
    """
    numbers: dict[str, float] = defaultdict(float)
    numbers[f"school {school}"] = 1
    numbers[f"role {character['role']}"] = 1
    numbers[f"scroll {character['scroll']}"] = 1
    for name in character["companions"]:
        numbers[f"companion {name}"] += 1
    for name in character.get("traits") or ():
        numbers[f"trait {name}"] = 1
    _add_statistics(numbers, character["stats"])
    _add_slip(numbers, character["slip"])
    parts = _Parts(character)
    for button in ("skill1", "skill2", "ultimate"):
        kind = "ultimate" if button == "ultimate" else "skill"
        for move, share in _shared(character, button):
            _add_move(numbers, kind, move, share, parts)
    for chain, share in _shared(character, "chain"):
        _add_chain(numbers, chain, share, parts, character["stats"].get("tempo", 1000))
    form = character.get("form") or {}
    for button in form:
        if form[button]:
            numbers[f"form {button}"] = 1
    if character.get("trait"):
        _add_trait(numbers, character["trait"], parts)
    return dict(numbers)


def _shared(character: Table, button: str) -> Iterator[tuple[Any, float]]:
    """Give what is on a button with its share of a match: as it is, and in the form."""
    other = (character.get("form") or {}).get(button)
    yield character[button], 1 - _FORM_SHARE if other else 1.0
    if other:
        yield other, _FORM_SHARE


def _add_statistics(numbers: dict[str, float], stats: Table) -> None:
    numbers["log max_hp"] = math.log(stats["max_hp"] / 10000)
    numbers["log defense"] = math.log((1000 + stats["defense"]) / 1100)
    numbers["log attack"] = math.log(stats.get("attack", 1000) / 1000)
    for key, (usual, unit) in _STATISTICS.items():
        numbers[key] = (stats.get(key, usual) - usual) / unit


def _add_slip(numbers: dict[str, float], slip: Table) -> None:
    numbers[f"slip {slip['kind']}"] = 1
    for key, usual, unit in (("cooldown", 450, 50), ("cost", 4000, 4000), ("ticks", 24, 10)):
        value = slip.get(key)
        numbers[f"slip {key}"] = ((usual if value is None else value) - usual) / unit
    numbers["slip hp_cost"] = (slip.get("hp_cost") or 0) / 50


class _Parts:
    """What moves of a character spawn and answer with, by name."""

    def __init__(self, character: Table) -> None:
        self.entities = {item["name"]: item for item in character.get("entity") or ()}
        self.replies = {item["name"]: item for item in character.get("followup") or ()}

    def spawned(self, move: Table) -> list[Table]:
        ops = move.get("op") or ()
        return [self.entities[op["entity"]] for op in ops if op["do"] == "spawn"]

    def hits(self, move: Table) -> list[Table]:
        """Return the hits of the move itself and of its reply."""
        reply = self.replies.get(move.get("reply") or "", {})
        return [*(move.get("hit") or ()), *(reply.get("hit") or ())]


def _add_move(
    numbers: dict[str, float], kind: str, move: Table, share: float, parts: _Parts
) -> None:
    """Add a skill or an ultimate."""
    family = f"{kind} {move['archetype']}"
    numbers[family] += share
    damage = _damage(move, parts)
    if damage > 0:
        log_damage = share * math.log(damage / _USUAL_DAMAGE[kind])
        numbers[f"{kind} log damage"] += log_damage
        numbers[f"{family}, log damage"] += log_damage
    if kind == "skill":
        log_wait = share * math.log(max(move.get("cooldown") or 1, 1) / _USUAL_COOLDOWN)
        numbers["skill log cooldown"] += log_wait
        numbers[f"{family}, log cooldown"] += log_wait
    else:
        numbers["ultimate cost"] += share * (move.get("spark_cost", 16000) - 16000) / 4000
    of_move = _move_numbers(move, parts)
    for name, value in of_move.items():
        numbers[f"{kind} {name}"] += share * value
    numbers[f"{family}, startup"] += share * (move["startup"] - 8) / 3
    numbers[f"{family}, reach"] += share * of_move["reach"]
    _add_effects(numbers, kind, move, share, parts)


def _move_numbers(move: Table, parts: _Parts) -> dict[str, float]:
    spawned, own = parts.spawned(move), parts.hits(move)
    every = [*own, *(item["hit"] for item in spawned if item.get("hit"))]
    far = max(_travel(move), 0)
    safe = move.get("invulnerable") or {}
    armour = move.get("armour")
    return {
        **{key: float(move[key]) for key in ("startup", "active", "recovery")},
        "travel": far / 1000,
        "reach": max((hit["box"]["x"][1] + far for hit in move.get("hit") or ()), default=0) / 1000,
        "depth": max((hit["box"]["depth"] for hit in every), default=0) / 1000,
        "stun": max((hit.get("stun") or 0 for hit in every), default=0),
        "lifts": float(any(hit.get("impact") in _LIFTS for hit in every)),
        "strikes": sum(map(_strikes, own)),
        **{f"safe from {key}": _length(safe.get(key)) for key in ("strike", "projectile", "grab")},
        "armour": armour["level"] * _length(armour["window"]) if armour else 0,
        "guard": _length(move.get("guard")),
        "parry": _length(move.get("parry")),
        "hp_cost": move.get("hp_cost") or 0,
        "charges": (move.get("charges") or 1) - 1,
        "hold": float(bool(move.get("hold"))),
        "spawned hp": sum(item.get("hp") or 0 for item in spawned) / 1000,
        "spawned ttl": max((item["ttl"] for item in spawned), default=0) / 100,
        "spawned copies": sum(item.get("copies") or 1 for item in spawned),
        "spawned alive": max((item.get("max_alive") or 1 for item in spawned), default=0),
        "spawned arm_ticks": max((item.get("arm_ticks") or 0 for item in spawned), default=0),
        "spawned speed": max((_speed(item) for item in spawned), default=0),
    }


def _add_effects(
    numbers: dict[str, float], kind: str, move: Table, share: float, parts: _Parts
) -> None:
    spawned = [item["hit"] for item in parts.spawned(move) if item.get("hit")]
    for hit in (*parts.hits(move), *spawned):
        if hit.get("effect"):
            power = (hit.get("effect_power") or 200) / 200
            numbers[f"{kind} hits with {hit['effect']}"] += share * hit["effect_ticks"] / 60 * power
        for flag in hit.get("flags") or ():
            name = f"{kind} hit is {flag}"
            numbers[name] = max(numbers[name], share)
    for op in move.get("op") or ():
        if op["do"] in ("buff_self", "buff_target"):
            numbers[f"{kind} {op['do']} {op['effect']}"] += share * op["ticks"] / 100
        elif op["do"] != "spawn":
            numbers[f"{kind} {op['do']}"] += share
    for flag in move.get("flags") or ():
        numbers[f"{kind} is {flag}"] += share


def _add_chain(
    numbers: dict[str, float], moves: Sequence[Table], share: float, parts: _Parts, tempo: int
) -> None:
    timed = [_at_tempo(move, tempo) for move in moves]
    plain, branches = _plain_chain(timed)

    def add(name: str, value: float) -> None:
        numbers[f"chain {name}"] += share * value

    odds, value, ticks = 1.0, 0.0, 0.0
    for move in plain:
        value += odds * _damage(move, parts)
        ticks += odds * (move["startup"] + move["active"] + move["recovery"] / 2)
        odds *= 0.86
        _add_effects(numbers, "chain", move, share, parts)
    add("log damage", math.log(max(value, 1) / 800))
    add("log damage a tick", math.log(max(value / ticks, 1e-3) / 20))
    add("log damage of the first", math.log(max(_damage(plain[0], parts), 1) / 200))
    add("length", len(plain) - 4)
    for i, move in enumerate(plain):
        middle = 2 <= i < len(plain) - 1
        place = "middle" if middle else ("first", "second")[i] if i < 2 else "last"
        part = 1 / max(len(plain) - 3, 1) if middle else 1.0
        of_move = _move_numbers(move, parts)
        for key in ("startup", "active", "recovery", "stun", "reach", "depth", "travel"):
            add(f"{place} {key}", part * of_move[key])
        add(f"{place} advantage", part * (of_move["stun"] - move["recovery"] - move["active"]))
        if i < len(plain) - 1:
            add(f"{place} gap", part * (plain[i + 1]["startup"] - of_move["stun"]))
    first = _move_numbers(plain[0], parts)
    add(f"first startup is {min(plain[0]['startup'], 7)}", 1)
    add("first startup by reach", (first["startup"] - 4) * (first["reach"] - 1.4))
    add(f"ends in {_impact(plain[-1])}", 1)
    for move in branches:
        of_move = _move_numbers(move, parts)
        add("branches", 1)
        add("branch log damage", math.log(max(_damage(move, parts), 1) / 400))
        add("branch startup", move["startup"] - 6)
        add("branch reach", of_move["reach"])
        add(f"branch ends in {_impact(move)}", 1)


def _at_tempo(move: Table, tempo: int) -> Table:
    """Return a normal with the ticks that it takes at a tempo, as the simulation counts them."""
    startup = max(move["startup"] * tempo // 1000, min(move["startup"], 2))
    recovery = max(move["recovery"] * tempo // 1000, min(move["recovery"], 4))
    return {**move, "startup": startup, "recovery": recovery}


def _plain_chain(moves: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """Return what attack again and again goes through, and the branches."""
    by_name = {move["name"]: move for move in moves}
    move: Table | None = by_name.pop(moves[0]["name"])
    plain = []
    while move is not None:
        plain.append(move)
        move = by_name.pop(move.get("next") or "", None)
    return plain, list(by_name.values())


def _add_trait(numbers: dict[str, float], move: Table, parts: _Parts) -> None:
    wait = move.get("cooldown") or 0
    numbers["trait cooldown"] = wait / 60
    numbers[f"trait {move['archetype']}, cooldown"] = (wait - 50) / 20
    of_move = _move_numbers(move, parts)
    for key, unit in (("startup", 10), ("active", 10), ("recovery", 10), ("travel", 1)):
        numbers[f"trait {key}"] = of_move[key] / unit
    for key in ("guard", "parry"):
        numbers[f"trait {key}s for"] = of_move[key] / 10


def _damage(move: Table, parts: _Parts) -> float:
    """Return the HP that one use does if all of it strikes, of spawned things what is likely."""
    damage: float = sum(_strikes(hit) * hit["damage"] for hit in parts.hits(move))
    for item in parts.spawned(move):
        if item.get("hit"):
            strikes = min(item.get("hits") or 1, _MOST_HITS[item["kind"]])
            damage += strikes * (item.get("copies") or 1) * item["hit"]["damage"]
    return damage


def _strikes(hit: Table) -> int:
    if not hit.get("rehit"):
        return 1
    return -(-int(_length(hit["window"])) // int(hit["rehit"]))


def _travel(move: Table) -> int:
    """How far the move carries its fighter before its last active tick, su."""
    end = move["startup"] + move["active"]
    keys = move.get("velocity") or ()
    stops = [*(key["at"] for key in keys), end][1:]
    return sum(
        int(key.get("x") or 0) * max(min(stop, end) - key["at"], 0)
        for key, stop in zip(keys, stops, strict=True)
    )


def _length(window: Sequence[int] | None) -> float:
    return float(window[1] - window[0]) if window else 0.0


def _speed(item: Table) -> float:
    return float(abs(item.get("vx") or item.get("speed") or 0)) / 100


def _impact(move: Table) -> str:
    hits: Sequence[Table] = move.get("hit") or ({},)
    return str(hits[0].get("impact") or "flinch")
