"""Commands about the balance of any roster: fit the model, even out by games, measure seeds."""

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from ..commands import UsageError
from ..files import make_way
from .progress import bar

__all__ = ["even", "fit", "seeds"]

_OUT = Path("runs/balance")


def fit(
    *,
    out: Path = _OUT / "fit",
    seeds: int = 24,
    held_out: int = 4,
    first: int = 1001,
    characters: int = 304,
    opponents: int = 32,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    levels: tuple[int, ...] = (4,),
    threads: int = 0,
    write: Path | None = None,
) -> None:
    """Fit the generator's model of strengths to games of rosters drawn at random.

    Rosters that were measured already are kept and not played again. Compile the bundled roster and
    tune it afterwards: its characters are generated with the model.

    Args:
        out: directory of the measured rosters.
        seeds: rosters to fit to.
        held_out: rosters beyond those, which say how well the fit holds.
        first: seed of the first roster; the others follow.
        characters: of each roster.
        opponents: that each character meets, once from each side.
        pilots: bots that play; those that use the whole kit if left out.
        levels: of the bots.
        threads: that play; all cores if 0.
        write: file of the model; that of the generator if left out.
    """
    from ..roster.generator import write_model
    from ..roster.generator.strength import MODEL
    from .fit import fit_model, measure_roster
    from .schedule import PILOTS

    make_way(write or MODEL)
    measured = {}
    for seed in range(first, first + seeds + held_out):
        with bar(f"roster of seed {seed}") as shown:
            measured[seed] = measure_roster(
                seed, characters, opponents, pilots=pilots or PILOTS, levels=levels, folder=out,
                threads=threads or None, report=shown,
            )  # fmt: skip
        print(f"seed {seed}: strengths spread {measured[seed].strengths.std():.3f} logits")
    last = {seed: measured.pop(seed) for seed in range(first + seeds, first + seeds + held_out)}
    model = fit_model(measured, last)
    about = model.about
    write_model(model, write or MODEL)
    print(
        f"r2 {about['r2']:.3f} on {len(last)} rosters held out: {about['left']:.3f} logits of "
        f"{about['spread']:.3f} are left; wrote {write or MODEL}"
    )
    print("next: cam-arena roster compile")


def even(
    *,
    tuning: Path | None = None,
    games: int = 2,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    levels: tuple[int, ...] = (2, 3, 4),
    seed: int = 1,
    spread: float = 0.03,
    threads: int = 0,
) -> int:
    """Even out the bundled roster by games; compile it and measure it with `run` afterwards.

    A generated character that is too strong is generated with less damage, a hand-written one gets
    less attack: what tuning.toml says then. It is written after every round, so that one that was
    stopped goes on from there.

    Args:
        tuning: file to go on from and to write; that of the bundled roster if left out.
        games: of each pair in a whole round robin; even.
        pilots: bots that play; those that use the whole kit if left out.
        levels: of the bots.
        seed: of the first round's games.
        spread: of mean win rates that is wanted.
        threads: that play; all cores if 0.

    Returns:
        1 if mean win rates spread wider still.
    """
    from .bundled import BundledMaker
    from .rounds import play_rounds
    from .schedule import PILOTS, Plan

    if tuning is not None:
        make_way(tuning)
    with BundledMaker(tuning) as maker:
        plan = Plan(maker.count, games, pilots or PILOTS, levels, seed)
        best = play_rounds(
            maker.make, plan, spread, maker.surplus, threads or None,
            keep=lambda done: maker.write(done.corrected()),
        )  # fmt: skip
        print(f"factors: {maker.write(best.surplus)}")
    print("next: cam-arena roster compile")
    return int(not (best.spread or 0.0) <= spread)


def seeds(
    seeds: Annotated[
        Positional[tuple[int, ...]], arg(metavar="SEED ...", help_behavior_hint="")
    ] = (),
    *,
    out: Path = _OUT / "seeds",
    to: Path = Path("docs/balance/seeds.md"),
    characters: int = 304,
    games: int = 6,
    threads: int = 0,
) -> int:
    """Generate rosters of some seeds and hold them against the gates; goes on where it was.

    Args:
        seeds: of the rosters, one or more.
        out: directory of rosters and counts.
        to: the page to write; its folder is made.
        characters: of each roster.
        games: of each pair of a balanced roster; even.
        threads: that play; all cores if 0.

    Returns:
        1 if a gate does not hold.
    """
    from .schedule import Plan
    from .seeds import measure_seed, write_page

    if not seeds:
        raise UsageError("balance seeds needs a seed or more: cam-arena balance seeds 11 12")
    for seed in seeds:
        Plan(characters, games, seed=seed)  # refuses before the long work
    make_way(to)
    found = [
        measure_seed(seed, characters, games, out, bar=bar, threads=threads or None)
        for seed in seeds
    ]
    named = " ".join(map(str, seeds))
    command = f"cam-arena balance seeds {named} --characters {characters} --games {games}"
    write_page(to, found, command)
    print(to)
    return int(not all(one.balanced.passed for one in found))
