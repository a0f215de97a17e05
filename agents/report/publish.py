"""Copy what a reproduction found to where readers look: a page of tables and figures."""

from collections.abc import Sequence
from pathlib import Path

from cam_arena.files import write_whole

from ..reproduction import results
from ..reproduction.claims import judge, preface
from ..reproduction.merge import merge
from .paper import REPORT_NAME, Document, write_paper
from .paper_figures import paper_figures
from .tables import made_commands, made_rows, paper_tables

__all__ = ["publish"]


def publish(out: Path, target: Path, document: Document | None = None) -> Path:
    """Write a reproduction's tables and figures, without weights, counts of games or videos.

    Experiments that the target has and the reproduction has not stay, with how they were made.

    Args:
        out: directory of `cam-arena reproduce`.
        target: directory to write into; made if missing.
        document: as `results.collect` returns it; None: gathered anew.

    Returns:
        `README.md` in it; beside it `report.html`, `results.json`, `claims.csv`, `claims.json` and
        `figures/`.

    Raises:
        CheckpointError: if `out` holds no reproduction, or something in it or the target's
            `results.json` is damaged.
    """
    document = results.collect(out) if document is None else document
    before = target / "results.json"
    if before.exists():
        document = merge(results.load(before), document)
    write_paper(out, document, films=False, target=target)
    claims = judge(document)
    lines = [
        "# Results",
        "",
        'The experiments of CAM, "Breaking the Mold: The Challenge of Large Scale MARL '
        'Specialization" (arXiv 2410.02128), on cam-arena. Made by:',
        "",
        "```",
        *made_commands(document),
        "```",
        "",
        *_table(
            ("Experiment", "Preset", "Minutes a run", "Seeds", "Roster", "Trained at commit"),
            made_rows(document),
        ),
        "",
        f"[The page]({REPORT_NAME}) has everything; [claims.csv](claims.csv) and "
        "[results.json](results.json) have the numbers.",
        "",
        "## Every claim",
        "",
        preface(claims),
        "",
        *_table(
            ("Claim", "Published", "Ours", "95 % interval", "Runs", "Verdict", "Why"),
            [
                (
                    f"**{c.title}**" if c.is_primary else c.title,
                    c.published, c.ours, c.shown_interval, str(c.runs or "-"),
                    f"**{c.verdict}**", c.why,
                )
                for c in claims
            ],
        ),
    ]  # fmt: skip
    for figure in paper_figures(document):
        lines += ["", f"## {figure.title}", "", figure.published, ""]
        for index, (caption, _) in enumerate(figure.drawings):
            suffix = f"_{index + 1}" if len(figure.drawings) > 1 else ""
            text = caption or figure.title
            lines.append(f'<img src="figures/{figure.key}{suffix}.svg" alt="{text}" width="420">')
        lines += ["", figure.note]
    for table in paper_tables(document):
        lines += ["", f"## {table.title}", "", table.text, "", *_table(table.head, table.rows)]
    path = target / "README.md"
    write_whole(path, "\n".join(lines) + "\n")
    return path


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
