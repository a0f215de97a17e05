"""The subcommands of `cam-arena balance`: a function each, whose signature is its options."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import Positional, arg

from ..commands import agents_module
from ..errors import BalanceError
from ..files import make_way, read_json, refusing, write_json
from .even_commands import even, fit, seeds
from .progress import bar

__all__ = ["BALANCE_COMMANDS", "show_gates"]

_OUT = Path("runs/balance")


def _load(path: Path | None) -> tuple[Any, dict[str, Any]]:
    from .. import load_roster
    from .fights import describe_roster

    roster = load_roster(path)
    return roster, describe_roster(roster)


def _pilots(given: tuple[str, ...]) -> tuple[str, ...]:
    from .schedule import PILOTS

    return given or PILOTS


def run(
    *,
    out: Path = _OUT,
    games: int = 10,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    levels: tuple[int, ...] = (2, 3, 4),
    seed: int = 0,
    threads: int = 0,
    rematch: int = 60,
    roster: Path | None = None,
) -> int:
    """Play a round robin of the whole roster and hold it against the gates; goes on where it was.

    Args:
        out: directory of the counts.
        games: of each pair, half from each side; even. More than before go on with those.
        pilots: bots that play; those that use the whole kit if left out.
        levels: of the bots.
        seed: of the games.
        threads: that play; all cores if 0.
        rematch: fresh games of each pair that looks one-sided; 0 for none.
        roster: directory of another roster.

    Returns:
        1 if a gate does not hold.
    """
    from .extremes import play_rematches
    from .fights import mirror_locks
    from .round_robin import play_round_robin
    from .schedule import Plan

    loaded, meta = _load(roster)
    plan = Plan(len(loaded), games, _pilots(pilots), levels, seed)
    meta["mirror_locks"] = mirror_locks(loaded.data, seed=seed)
    with bar("round robin") as shown:
        matrix = play_round_robin(
            loaded.data, plan, names=loaded.names, meta=meta, state=out / "progress.npz",
            threads=threads or None, report=shown,
        )  # fmt: skip
    matrix.save(out / "matrix.npz")
    (out / "rematches.npz").unlink(missing_ok=True)
    if rematch:
        with bar("rematches") as shown:
            again = play_rematches(
                loaded.data, matrix, games=rematch, threads=threads or None, report=shown
            )
        again.save(out / "rematches.npz")
    return show_gates(out)


def tune(
    *,
    out: Path = _OUT / "tuning",
    write: Path = Path("tuning.toml"),
    games: int = 6,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    levels: tuple[int, ...] = (2, 3, 4),
    seed: int = 1,
    threads: int = 0,
    roster: Path | None = None,
) -> None:
    """Move statistics of who is too strong or weak until nobody is; goes on where it was.

    Args:
        out: directory of the rounds.
        write: file of factors to write; those it holds already are taken as part of the roster and
            multiplied, within the limits of each knob.
        games: of each pair and round.
        pilots: bots that play; those that use the whole kit if left out.
        levels: of the bots.
        seed: of the first round's games.
        threads: that play; all cores if 0.
        roster: directory of another roster.
    """
    from ..roster.generator.tuning import read_tuning, write_tuning
    from .schedule import Plan
    from .tune import KNOBS, MAX_ROUNDS, TuningLoop

    make_way(write)
    loaded, meta = _load(roster)
    plan = Plan(len(loaded), games, _pilots(pilots), levels, seed)
    loop = TuningLoop(loaded.arrays, loaded.rules.pack(), loaded.names, plan, meta, out)
    while not loop.is_finished:
        number = len(loop.rounds) + 1
        with bar(f"round {number} of at most {MAX_ROUNDS}") as shown:
            done = loop.play_round(threads=threads or None, report=shown)
        moved = sum(budget != 0 for budget in done.budgets)
        print(f"round {number}: spread of mean win rates {done.spread:.4f}, {moved} moved")
    factors = {name: dict(own) for name, own in read_tuning(write).items()}
    for name, new in loop.factors(loop.best.budgets).items():
        own = factors.setdefault(name, {})
        for knob, factor in new.items():
            product = round(own.get(knob, 1000) * factor / 1000)
            own[knob] = min(max(product, 1000 - KNOBS[knob]), 1000 + KNOBS[knob])
    write_tuning(write, factors)
    print(f"best spread {loop.best.spread:.4f}; factors: {write}")
    if exhausted := loop.exhausted():
        print(f"beyond what tuning may do, make anew: {', '.join(exhausted)}")


def probe(
    *,
    out: Path = _OUT,
    characters: int = 16,
    games: int = 1000,
    level: int = 2,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    seed: int = 0,
    roster: Path | None = None,
) -> int:
    """Search for a script that beats bots without looking at the fight.

    Args:
        out: directory for the result; a report there shows it.
        characters: how many, evenly spread over the roster, may play scripts.
        games: to measure with.
        level: of the bots to beat.
        pilots: bots to beat; those that use the whole kit if left out.
        seed: of the search.
        roster: directory of another roster.

    Returns:
        1 if the script wins more than the gate allows.
    """
    from .open_loop import probe as search

    loaded, meta = _load(roster)
    count = min(max(characters, 1), len(loaded))
    chosen = [len(loaded) * k // count for k in range(count)]
    with bar("open-loop probe") as shown:
        found = search(
            loaded.data, characters=chosen, pilots=_pilots(pilots), level=level, games=games,
            seed=seed, report=shown,
        )  # fmt: skip
    gate = found.gate()
    result = {
        "roster_id": meta["roster_id"], "character": found.character,
        "script": list(found.script), "points": found.points, "games": found.games,
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / "probe.json", result)
    print(f"{loaded.names[found.character]} with {len(found.script)} actions: {found.rate:.3f}")
    return int(not gate.passed)


def usage(
    *,
    games: int = 40,
    level: int = 4,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    floor: float = 0.3,
    seed: int = 0,
    threads: int = 0,
    roster: Path | None = None,
) -> int:
    """Count how often pilots use each part of each kit, and list what lies unused.

    Args:
        games: of each character and pilot; even.
        level: of the bots.
        pilots: bots that play; those that use the whole kit if left out.
        floor: uses a match that the pilot who uses a part most must reach.
        seed: of all games.
        threads: that play; 0 for all cores.
        roster: directory of another roster.

    Returns:
        1 if a part of a kit falls below the floor.
    """
    from .usage import PARTS, measure_usage

    loaded, _ = _load(roster)
    with bar("usage") as shown:
        found = measure_usage(
            loaded.data, loaded.arrays["characters"], games=games, level=level,
            pilots=_pilots(pilots), seed=seed, threads=threads or None, report=shown,
        )  # fmt: skip
    print(f"{'uses a match':12}" + "".join(f"{part:>10}" for part in PARTS))
    for name, uses in zip(found.pilots, found.uses, strict=True):
        means = [uses[found.owns[:, part], part].mean() for part in range(len(PARTS))]
        print(f"{name:12}" + "".join(f"{mean:10.2f}" for mean in means))
    lacking = list(found.shortfalls(floor))
    for lack in lacking:
        print(f"{loaded.names[lack.character]}: {lack.part} {lack.uses:.2f} by {lack.pilot}")
    print(f"{len(lacking)} parts of kits fall below {floor} uses a match")
    return int(bool(lacking))


def loadouts(
    *,
    out: Path = _OUT,
    games: int = 6,
    pilots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
    levels: tuple[int, ...] = (2, 3, 4),
    seed: int = 2,
    threads: int = 0,
    roster: Path | None = None,
) -> int:
    """Measure what scrolls and companions are worth, and how often each is the best answer.

    Args:
        out: directory for the counts; a report there shows them.
        games: of each pair of characters, with loadouts drawn at random; even.
        pilots: bots that play; those that use the whole kit if left out.
        levels: of the bots.
        seed: of the games.
        threads: that play; all cores if 0.
        roster: directory of another roster.

    Returns:
        1 if one is picked too often or too seldom.
    """
    from .loadouts import play_loadouts
    from .schedule import Plan

    loaded, meta = _load(roster)
    plan = Plan(len(loaded), games, _pilots(pilots), levels, seed)
    names = {
        "scrolls": [scroll.name for scroll in loaded.scrolls],
        "companions": [companion.name for companion in loaded.companions],
    }
    with bar("loadouts") as shown:
        found = play_loadouts(
            loaded.data, plan, names=names, roster_id=meta["roster_id"], threads=threads or None,
            report=shown,
        )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    found.save(out / "loadouts.npz")
    rows = found.gates()
    for choice in found.choices.values():
        picks = choice.pick_rates()
        for k in choice.order:
            print(f"{choice.names[k]:24} {choice.rates[k]:.3f} picked {picks[k]:.3f}")
    for row in rows:
        print(f"{row.name}: {row.value:.3f}, {row.allowed}")
    return int(not all(row.passed for row in rows))


def explain(
    *, out: Path = _OUT, games: int = 200, pairs: int = 24, threads: int = 0,
    roster: Path | None = None,
) -> None:  # fmt: skip
    """Say which part of the winner's kit dominates each of the most one-sided pairs.

    Args:
        out: directory that `run` was given.
        games: of each pair, with the whole kit and without each part of it; even.
        pairs: how many.
        threads: that play; all cores if 0.
        roster: directory of another roster.
    """
    from .ablation import explain as ablate
    from .ablation import save_ablations
    from .extremes import Rematches
    from .matrix import Matrix

    loaded, meta = _load(roster)
    matrix = Matrix.load(out / "matrix.npz")
    if matrix.meta.get("roster_id") != meta["roster_id"]:
        raise BalanceError(
            f"{out} is of roster {matrix.meta.get('roster_id')}, this is {meta['roster_id']}; "
            "play it with: cam-arena balance run"
        )
    chosen = Rematches.load(out / "rematches.npz").most_one_sided(pairs)
    with bar("pairs") as shown:
        found = ablate(
            loaded.arrays, loaded.rules.pack(), chosen, matrix.plan, names=loaded.names,
            games=games, threads=threads or None, report=shown,
        )  # fmt: skip
    save_ablations(out / "explained.json", found, meta["roster_id"])
    for row in found:
        print(
            f"{row.winner} against {row.loser}: {row.rate:.3f}; without {row.dominant} "
            f"{row.without[row.dominant]:.3f}"
        )


def report(*, out: Path = _OUT, to: Path = Path("docs/balance"), seed: int = 0) -> int:
    """Write tables and plots of what `run` has counted.

    Args:
        out: directory that `run` was given.
        to: directory of the report.
        seed: of bootstraps.

    Returns:
        1 if a gate does not hold.
    """
    from .ablation import load_ablations
    from .report import write_report

    matrix, rematches, analysis = _analyse(out, seed)
    plan, roster_id = matrix.plan, matrix.meta.get("roster_id")
    loadouts = _loadouts(out, roster_id)
    command = (
        f"cam-arena balance run --games {plan.games_per_pair} --pilots {' '.join(plan.pilots)} "
        f"--levels {' '.join(map(str, plan.levels))} --seed {plan.seed}\ncam-arena balance report"
    )
    page = write_report(
        to, out / "matrix.npz", matrix, analysis, rematches, command,
        loadouts=loadouts, ablations=load_ablations(out / "explained.json", roster_id),
    )  # fmt: skip
    print(page)
    return int(not analysis.passed)


def learned(
    run: Annotated[Positional[Path], arg(metavar="RUN")],
    *,
    results: Path = Path("docs/balance/matrix.npz"),
    out: Path = Path("docs/balance"),
    games: int = 100,
    seed: int = 0,
) -> None:
    """Hold the strengths that a trained policy gives its characters against the bots'.

    Args:
        run: directory of a training run; its shared policy plays all characters of its split.
        results: matrix of a round robin of bots over the whole roster.
        out: directory of the counts, a file a split, and of learned.md about all of them.
        games: of each pair, half from each side; even.
        seed: of games and bootstraps.
    """
    module = agents_module("learned_balance")
    config = module.Config(run=run, results=results, out=out, games=games, seed=seed)
    with bar("learned round robin") as shown:
        path = module.run(config, report=shown)
    print(f"{read_json(path, BalanceError)['verdict']}: {path}")
    print(f"page: {out / module.PAGE_NAME}")


def _analyse(out: Path, seed: int = 0) -> tuple[Any, Any, Any]:
    from .extremes import Rematches
    from .gates import analyse
    from .matrix import Matrix

    matrix = Matrix.load(out / "matrix.npz")
    rematches = None
    if (out / "rematches.npz").exists():
        rematches = Rematches.load(out / "rematches.npz")
    probed = _probe_gate(out / "probe.json", matrix.meta.get("roster_id"))
    loadouts = _loadouts(out, matrix.meta.get("roster_id"))
    rows = loadouts.gates() if loadouts else ()
    return matrix, rematches, analyse(matrix, rematches, probe=probed, loadouts=rows, seed=seed)


def _loadouts(out: Path, roster_id: str | None) -> Any:
    """Return what was measured of loadouts, or None if that was not with this roster."""
    from .loadouts import Loadouts

    path = out / "loadouts.npz"
    if not path.exists():
        return None
    found = Loadouts.load(path)
    return found if found.roster_id == roster_id else None


def _probe_gate(path: Path, roster_id: str | None) -> Any:
    """Return the probe's row, or None if there is no probe of this roster."""
    from .open_loop import Probe

    if not path.exists():
        return None
    result = read_json(path, BalanceError)
    with refusing(path, "a probe; run cam-arena balance probe again", BalanceError):
        found = Probe(
            int(result["character"]), tuple(map(int, result["script"])),
            float(result["points"]), int(result["games"]),
        )  # fmt: skip
        if not 0 <= found.points <= found.games or found.games < 1:
            raise ValueError(f"{found.points} points of {found.games} games")
        return found.gate() if result["roster_id"] == roster_id else None


def show_gates(out: Path) -> int:
    """Print the gates of the counts in a directory; return 1 if one does not hold."""
    from rich.console import Console
    from rich.table import Table

    _, _, analysis = _analyse(out)
    table = Table(box=None, pad_edge=False)
    for column in ("gate", "figure", "raw", "allowed", ""):
        table.add_column(column, justify="right" if column in ("figure", "raw") else "left")
    for gate in analysis.gates:
        mark = "" if not gate.is_gate else "[green]+[/]" if gate.passed else "[red]x[/]"
        raw = "" if gate.raw is None else f"{gate.raw:.4f}"
        table.add_row(gate.name, f"{gate.value:.4f}", raw, gate.allowed, mark)
    Console(highlight=False).print(table)
    print(f"counts: {out / 'matrix.npz'}")
    print(f"next: {shlex.join(['cam-arena', 'balance', 'report', '--out', str(out)])}")
    return int(not analysis.passed)


BALANCE_COMMANDS: dict[str, Callable[..., int | None]] = {
    "run": run,
    "tune": tune,
    "report": report,
    "probe": probe,
    "usage": usage,
    "loadouts": loadouts,
    "explain": explain,
    "fit": fit,
    "even": even,
    "seeds": seeds,
    "learned": learned,
}
