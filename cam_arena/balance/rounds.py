"""The rounds of evening out as commands play them: a bar, a line each, and the best of them."""

from collections.abc import Callable, Mapping

from .even import Make, Round, even_out
from .progress import bar
from .schedule import Plan

__all__ = ["play_rounds"]


def play_rounds(
    make: Make,
    plan: Plan,
    spread: float,
    surplus: Mapping[str, float] | None,
    threads: int | None,
    keep: Callable[[Round], object] = lambda done: None,
) -> Round:
    """Play the rounds of evening out, and print a line each.

    Args:
        make: as for `even_out`, like all but the last.
        plan: of a round robin.
        spread: of mean win rates that is wanted.
        surplus: to begin with.
        threads: that play; all cores if None.
        keep: called with every round of few games.

    Returns:
        The best whole round: of those that spread no wider than wanted the last, or the narrowest.
    """
    best: Round | None = None
    with bar("games") as shown:
        rounds = even_out(
            make, plan, spread=spread, surplus=surplus, threads=threads, report=shown
        )  # fmt: skip
        for number, done in enumerate(rounds, 1):
            found = f"strengths spread {done.strengths.spread:.3f} logits"
            if done.spread is None:
                keep(done)
            else:
                found += f", mean win rates {done.spread:.4f}"
                if best is None or done.spread < max(best.spread or 0.0, spread):
                    best = done
            print(f"round {number}: {done.games:,} games, {found}", flush=True)
    assert best is not None, "evening out ends with a whole round"
    return best
