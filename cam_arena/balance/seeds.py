"""Hold generated rosters of several seeds against the gates: how balanced any roster comes out."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..files import write_whole
from ..roster import Roster, load_roster
from ..roster.make import generate_directory
from .extremes import play_rematches
from .fights import describe_roster, mirror_locks
from .gates import Analysis, analyse
from .generated import generate_balanced, generate_played
from .matrix import Matrix
from .round_robin import play_round_robin
from .schedule import Plan
from .spread import MeanRates, mean_rate_spread

__all__ = ["Seeded", "measure_seed", "write_page"]

REMATCH: Final = 60
"""Fresh games of each pair that looks one-sided."""

Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(frozen=True)
class Seeded:
    """What was measured of a seed's roster."""

    seed: int
    """Of the roster."""
    unplayed: MeanRates
    """As the model of strengths makes it."""
    played: MeanRates
    """As it comes out of the generator, after a few games."""
    balanced: Analysis
    """After evening out by round robins."""


def measure_seed(
    seed: int, count: int, games: int, folder: Path, *, bar: Bar, threads: int | None = None
) -> Seeded:
    """Generate a seed's roster in three ways and measure each; goes on where it was.

    Args:
        seed: of the roster.
        count: characters.
        games: of each pair of the balanced roster; even. The others get 2.
        folder: for the rosters, and for what was counted.
        bar: makes a progress bar with a name.
        threads: that play; all cores if None.
    """
    ways: dict[str, Callable[[Path], None]] = {
        "unplayed": lambda path: generate_directory(seed, count, path),
        "played": lambda path: generate_played(seed, count, path, threads=threads),
        "balanced": lambda path: generate_balanced(seed, count, path, threads=threads),
    }
    matrices = {}
    for way, make in ways.items():
        path = folder / f"seed_{seed}" / way
        if not (path / "compiled.bin").exists():
            make(path)
        plan = Plan(count, games if way == "balanced" else 2, seed=seed + 1)
        with bar(f"{way}, seed {seed}") as shown:
            roster = load_roster(path)
            matrices[way] = _play(roster, plan, path / "measured.npz", threads, shown)
    with bar(f"rematches, seed {seed}") as shown:
        again = play_rematches(
            roster.data, matrices["balanced"], games=REMATCH, threads=threads, report=shown
        )
    unplayed, played = (
        mean_rate_spread(matrix.rates, matrix.draws, matrix.games)
        for matrix in (matrices["unplayed"], matrices["played"])
    )
    return Seeded(seed, unplayed, played, analyse(matrices["balanced"], again))


def _play(
    roster: Roster,
    plan: Plan,
    file: Path,
    threads: int | None,
    report: Callable[[int, int], None],
) -> Matrix:
    meta = describe_roster(roster) | {"mirror_locks": mirror_locks(roster.data, seed=plan.seed)}
    return play_round_robin(
        roster.data, plan, names=roster.names, meta=meta, state=file, threads=threads,
        report=report,
    )  # fmt: skip


def write_page(path: Path, found: Sequence[Seeded], command: str) -> None:
    """Write the spreads and gates of some seeds as a Markdown page.

    Args:
        path: of the page.
        found: what was measured, a column each.
        command: that makes the page again.
    """
    seeds = [f"seed {one.seed}" for one in found]
    lines = [
        "# Generated rosters",
        "",
        "Rosters of seeds that nothing was tuned on, generated and measured by bots. Made by:",
        "",
        *("```", command, "```", ""),
        "## Spread of mean win rates",
        "",
        "Standard deviation over all characters, sampling variance out, with 95 % intervals.",
        "",
        _row("Roster", *seeds),
        _row("---", *("---:" for _ in seeds)),
        _row("by the model alone, `--unplayed`", *(_spread(x.unplayed) for x in found)),
        _row("straight out of `roster generate`", *(_spread(x.played) for x in found)),
        _row("with `--balance`", *(_spread(x.balanced.means) for x in found)),
        "",
        "## Gates after `--balance`",
        "",
        "Figures that do not hold are in bold. Scrolls and companions, which all rosters share, "
        "are measured with the bundled one.",
        "",
        _row("Gate", "Allowed", *seeds),
        _row("---", ":---:", *("---:" for _ in seeds)),
    ]
    for gates in zip(*(one.balanced.gates for one in found), strict=True):
        if gates[0].is_gate:
            figures = (f"{g.value:.3g}" if g.passed else f"**{g.value:.3g}**" for g in gates)
            lines.append(_row(gates[0].name, gates[0].allowed, *figures))
    held = (
        f"{sum(gate.passed for gate in gates)} of {len(gates)}"
        for gates in ([g for g in one.balanced.gates if g.is_gate] for one in found)
    )
    lines.append(_row("hold", "", *held))
    write_whole(path, "\n".join(lines) + "\n")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(means: MeanRates) -> str:
    return f"{means.spread:.3f} ({means.low:.3f} to {means.high:.3f})"
