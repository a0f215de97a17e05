"""Gather a run's files and write its report."""

from pathlib import Path

from cam_arena.errors import CheckpointError
from cam_arena.files import read_bytes, write_whole

from .. import evaluation as evaluations
from .. import versus
from ..evaluation import Evaluation
from ..gains import Behaviour, Gains, behaviour, compare
from ..intervals import over_runs
from ..reproduction.results import PLAN_NAME
from ..run_config import FILE_NAME as CONFIG_NAME
from . import findings, page, sections
from .paper import write_paper
from .training import Training, read_training

REPORT_NAME = "report.html"
VIDEO_NAME = "match.mp4"
MAX_VIDEO_BYTES = 7_000_000  # a report stays small enough to send


def write_report(run_dir: Path) -> Path:
    """Write one self-contained HTML page about a run.

    Args:
        run_dir: a directory with `evaluation.json`, or one whose subdirectories each hold a
            training run of another seed with its own. Learning curves and `match.mp4` are shown
            where they exist.

    Returns:
        The page, `run_dir/report.html`. A reproduction's directory gets the paper's claims and
        figures; see `paper.write_paper`.

    Raises:
        CheckpointError: if there is no evaluation, or it is damaged.
    """
    if (run_dir / PLAN_NAME).exists():
        return write_paper(run_dir)
    runs = _find_runs(run_dir)
    evaluation = evaluations.load(runs[0])
    gains = compare(evaluation.table, evaluation.characters)
    seen = behaviour(evaluation.table, len(evaluation.characters))
    shown = seen if (seen.base_uses.any() and seen.specialist_uses.any()) else None
    training = read_training(runs[0])
    body = [
        sections.headline(evaluation, gains, shown),
        _findings_section(evaluation, gains, shown, training, len(runs)),
        _runs_section(runs),
        _left_out_section(run_dir),
        _video(runs[0], evaluation),
        sections.gains_section(evaluation, gains),
        sections.opponents_section(versus.load(runs[0])),
        sections.payoff_section(evaluation),
        sections.behaviour_section(evaluation, shown) if shown else "",
        _generations_section(training),
        sections.curves_section(training.panels, training.x_label),
        sections.ratings_section(evaluation),
        sections.facts_section(_commands(evaluation, training), _facts(evaluation, training)),
        sections.downloads_section(evaluation, gains, shown),
    ]
    lead = (
        f"{len(evaluation.characters)} characters, {int(evaluation.table.games.sum()) // 2:,} "
        f"games: {findings.the(findings.several(evaluation.challenger))} against "
        f"{findings.the(evaluation.base)}."
    )
    path = run_dir / REPORT_NAME
    write_whole(path, page.page(f"cam-arena: {run_dir.resolve().name}", lead, body))
    return path


def _find_runs(run_dir: Path) -> list[Path]:
    if not run_dir.is_dir():
        raise CheckpointError(f"{run_dir} is not a directory; give the --out of a training run")
    if (run_dir / evaluations.FILE_NAME).exists():
        return [run_dir]
    runs = sorted(path.parent for path in run_dir.glob(f"*/{evaluations.FILE_NAME}"))
    return runs or [run_dir]  # loading names what is missing


def left_out(run_dir: Path) -> list[Path]:
    """Return the runs in a directory that a report over it leaves out: they were not evaluated."""
    if not run_dir.is_dir() or (run_dir / evaluations.FILE_NAME).exists():
        return []
    runs = sorted(path.parent for path in run_dir.glob(f"*/{CONFIG_NAME}"))
    return [run for run in runs if not (run / evaluations.FILE_NAME).exists()]


def _left_out_section(run_dir: Path) -> str:
    lacking = left_out(run_dir)
    if not lacking:
        return ""
    names = ", ".join(run.name for run in lacking)
    return page.section(
        "Left out",
        page.paragraph(
            f"Not evaluated, so not in this report: {names}. To add the first: cam-arena evaluate "
            f"{lacking[0]}."
        ),
    )


def _findings_section(
    evaluation: Evaluation, gains: Gains, seen: Behaviour | None, training: Training, seeds: int
) -> str:
    names = {"base": evaluation.base, "challenger": evaluation.challenger}
    shows = findings.shows(gains, seen, **names)
    limits = findings.does_not_show(
        gains,
        evaluation.table,
        seeds=seeds,
        training_seconds=training.seconds,
        kept_shared=training.kept_shared,
        **names,
    )
    return page.section(
        "What this shows",
        page.bullets(shows),
        "<h3>It does not show</h3>",
        page.bullets(limits),
    )


def _runs_section(runs: list[Path]) -> str:
    """Compare training runs of several seeds; empty for one."""
    if len(runs) < 2:
        return ""
    loaded = [evaluations.load(run) for run in runs]
    for run, other in zip(runs, loaded, strict=True):
        if other.characters != loaded[0].characters:
            raise CheckpointError(
                f"{run.parent}: {run.name} and {runs[0].name} do not have the same characters; "
                "report on each by itself, or move one away"
            )
    rosters = sorted({other.roster_id for other in loaded})
    if len(rosters) > 1:
        raise CheckpointError(
            f"{runs[0].parent}: the runs were evaluated on rosters {', '.join(rosters)}, whose "
            "characters differ; keep those of one in a directory of their own"
        )
    gains = [compare(other.table, other.characters) for other in loaded]
    overall = [result.gain for result in gains]
    rows = []
    for index, name in enumerate(loaded[0].characters):
        values = [result.characters[index].gain for result in gains]
        rows.append(
            [
                name,
                *map(findings.points, values),
                findings.points(sum(values) / len(values)),
                findings.span(_interval(values)),
            ]
        )
    rows.append(
        [
            "All",
            *map(findings.points, overall),
            findings.points(sum(overall) / len(overall)),
            findings.span(_interval(overall)),
        ]
    )
    return page.section(
        f"{len(runs)} training runs",
        page.paragraph(findings.over_runs(overall, _interval(overall))),
        page.table(["Gain", *(run.name for run in runs), "Mean", "95 % interval over runs"], rows),
        page.paragraph(f"The sections below show {runs[0].name}.", "note"),
    )


def _interval(values: list[float]) -> tuple[float, float]:
    found = over_runs(values)
    assert found is not None  # of two runs or more
    return found


def _video(run: Path, evaluation: Evaluation) -> str:
    path = run / VIDEO_NAME
    caption = path.with_suffix(".txt")
    if not path.exists() or path.is_symlink() or caption.is_symlink():
        return ""  # a link could embed any file of the reader's
    text = read_bytes(caption, CheckpointError).decode(errors="replace") if caption.exists() else ""
    if path.stat().st_size > MAX_VIDEO_BYTES:
        return page.section("A match", page.paragraph(f"{VIDEO_NAME} beside this page. {text}"))
    return sections.video_section(read_bytes(path, CheckpointError), text)


def _generations_section(training: Training) -> str:
    if training.generations is None:
        return ""
    rates, games, names = training.generations
    return page.section(
        "Generations of the shared policy",
        page.paragraph(
            "Win rate of each generation (row) against each other, characters drawn alike. If "
            "training advanced, rows get "
            "warmer downwards."
        ),
        f'<div class="narrow">{sections.heat_map(rates, games, names)}</div>',
    )


def _commands(evaluation: Evaluation, training: Training) -> list[str]:
    commands = [training.command, evaluation.provenance.get("command", "")]
    return list(dict.fromkeys(command for command in commands if command))


def _facts(evaluation: Evaluation, training: Training) -> list[tuple[str, str]]:
    facts = [("Training seed", "" if training.seed is None else str(training.seed))]
    if training.seconds is not None:
        facts.append(("Training time", findings.duration(training.seconds)))
    facts.append(("Evaluation seed", str(evaluation.seed)))
    facts.append(("Games per pairing", f"{evaluation.games_per_pairing:,}, half from each seat"))
    seconds = evaluation.provenance.get("seconds")
    if seconds is not None:
        facts.append(("Evaluation time", findings.duration(float(seconds))))
    facts.append(("Roster", evaluation.roster_id))
    shown = {"commit": "Commit", "platform": "Platform", "python": "Python"}
    facts += [
        (shown.get(key, key), value)
        for key, value in evaluation.provenance.items()
        if key not in ("command", "seconds")
    ]
    return facts
