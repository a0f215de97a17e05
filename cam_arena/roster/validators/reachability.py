"""Every move can be reached, and no loop of moves is free."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..codes import Button, Op
from ..model import Character, Roster
from .kit import button_moves, kit_moves, kit_ops, live_links

__all__ = ["check"]


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Check each character's moves as a graph: what leads to what, and what it costs."""
    problems: list[str] = []
    for character in roster if characters is None else characters:
        problems += _unreached(roster, character)
        problems += _free_loops(roster, character)
    return problems


def _unreached(roster: Roster, character: Character) -> Iterator[str]:
    reached = set(kit_moves(roster, character))
    loadout = {move.index for move in character.moves.values()}
    for move in roster.moves:
        if move.owner == character.name and move.index not in reached | loadout:
            yield (
                f"{character.name}: nothing leads to {move.name}; a button, the next of a move "
                "that cancels into its chain, or the reply of a move that parries must"
            )


def _free_loops(roster: Roster, character: Character) -> Iterator[str]:
    """Name the moves of a loop of cancels in which nothing costs sparks, HP or a cooldown."""
    names = {move: roster.moves[move].name for move in kit_moves(roster, character)}
    free = _free_moves(roster, character, names)
    graph = {
        move: [
            link
            for link in _cancels(roster, character, move)
            if link in free and (link != move or link in _free_moves(roster, character, {move}))
        ]
        for move in free
    }
    loop = _loop(graph)
    if loop:
        yield (
            f"{character.name}: {' > '.join(names[move] for move in [*loop, loop[0]])} is a loop "
            "of cancels that costs neither sparks nor a cooldown; a loop must cost something, so "
            "break a link or give one of them a cooldown"
        )


def _cancels(roster: Roster, character: Character, index: int) -> list[int]:
    """List the moves that a move cancels into, whatever it met."""
    move = roster.arrays["moves"][index]
    cancels = int(move["cancel_whiff"])
    if move["num_hits"]:
        cancels |= int(move["cancel_hit"]) | int(move["cancel_guard"])
    total = int(move["startup"]) + int(move["active"]) + int(move["recovery"])
    if int(move["cancel_from"]) >= total:
        return []
    others = [
        other
        for button, other in button_moves(roster, character)
        if button != Button.ATTACK and roster.arrays["moves"]["category"][other] & cancels
    ]
    return [*live_links(move), *others]


def _free_moves(roster: Roster, character: Character, moves: Iterable[int]) -> set[int]:
    """List those of the moves that cost nothing: without a cooldown, or ending each other's."""
    buttons = {move: button for button, move in button_moves(roster, character)}
    rate = int(roster.arrays["characters"]["cooldown_rate"][character.index])
    records = roster.arrays["moves"]
    free = {
        index
        for index in moves
        if not records["spark_cost"][index] and not records["hp_cost"][index]
    }
    while True:
        taken: Counter[int] = Counter()
        for op in kit_ops(roster, free):
            if op["code"] == Op.COOLDOWN:
                taken[int(op["a"])] += int(op["b"])
        costly = {
            index
            for index in free
            if int(records["cooldown"][index]) * 1000 // rate
            > taken[buttons.get(index, Button.NONE)]
        }
        if not costly:
            return free
        free -= costly


def _loop(graph: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the nodes of a cycle, in order; empty if there is none."""
    done: set[int] = set()

    def visit(node: int, path: list[int]) -> list[int]:
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        done.add(node)
        for link in graph[node]:
            loop = visit(link, [*path, node])
            if loop:
                return loop
        return []

    for node in graph:
        loop = visit(node, [])
        if loop:
            return loop
    return []
