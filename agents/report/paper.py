"""The report of a reproduction: every claim of the paper, its figures, and how it was made."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from cam_arena.errors import CheckpointError
from cam_arena.files import read_bytes, write_whole

from .. import diversity
from ..intervals import ratio_over_runs
from ..reproduction import results
from ..reproduction.claim import Claim
from ..reproduction.claims import as_csv, as_json, judge, preface
from ..reproduction.experiments import FILMS, FILMS_NAME, read_films
from . import figures, page
from .findings import points
from .paper_figures import Figure, paper_figures
from .tables import Table, made_commands, made_rows, paper_tables

__all__ = ["REPORT_NAME", "write_paper"]

REPORT_NAME = "report.html"
MAX_FILM_BYTES = 6_000_000  # each; a report stays small enough to send
TONES = {
    "holds": "holds", "holds in part": "partly", "does not hold": "fails",
    "not shown either way": "untested", "seen in one run": "untested",
    "not seen in one run": "untested",
    "not testable here": "untested", "not run": "untested",
}  # fmt: skip
Document = Mapping[str, Any]


def write_paper(
    out: Path,
    document: Document | None = None,
    *,
    films: bool = True,
    target: Path | None = None,
) -> Path:
    """Write a reproduction's page, and beside it its numbers and figures as files.

    Args:
        out: directory of `cam-arena reproduce`.
        document: as `results.collect` returns it; None: gathered anew.
        films: whether the page holds the matches.
        target: directory to write into; None: `out`.

    Returns:
        The page; beside it `results.json`, `claims.json`, `claims.csv` and `figures/*.svg`.

    Raises:
        CheckpointError: if the directory holds no reproduction, or something in it is damaged.
    """
    document = results.collect(out) if document is None else document
    claims, drawn = judge(document), paper_figures(document)
    target = target or out
    (target / "figures").mkdir(parents=True, exist_ok=True)
    whole = json.dumps(document, indent=1)
    write_whole(target / "results.json", whole)
    write_whole(target / "claims.json", json.dumps(as_json(claims), indent=1))
    write_whole(target / "claims.csv", as_csv(claims))
    for figure in drawn:
        for index, (_, drawing) in enumerate(figure.drawings):
            suffix = f"_{index + 1}" if len(figure.drawings) > 1 else ""
            name = f"{figure.key}{suffix}.svg"
            write_whole(target / "figures" / name, figures.standalone(drawing))
    body = [
        _cards(document),
        _claims_section(claims),
        *(_figure_section(figure) for figure in drawn),
        _films_section(out) if films else "",
        _diversity_section(document),
        *(_table_section(table) for table in paper_tables(document)),
        _minutes_section(document),
        _ratings_section(document),
        _seats_section(document),
        _facts_section(document),
        _downloads_section(document, claims, whole),
    ]
    runs = ", ".join(
        f"{experiment} {_count(len(made['seeds']), 'training run')}"
        for experiment, made in document["made"].items()
    )
    lead = f"CAM (arXiv 2410.02128) on cam-arena: {runs or 'nothing was run yet'}."
    path = target / REPORT_NAME
    write_whole(path, page.page("Reproduction of CAM", lead, body))
    return path


def _cards(document: Document) -> str:
    gains, cards = document["gains"], []
    if gains:
        size = len(gains[0]["characters"])
        met = [run["other_seeds"]["gain"] for run in gains if "other_seeds" in run]
        if met:
            cards.append(
                page.figure_card(f"{points(float(np.mean(met)))} points", "gain of specialists "
                                 "against other seeds, which nobody trained against")
            )  # fmt: skip
        mean = float(np.mean([run["gain"] for run in gains]))
        cards += [
            page.figure_card(f"{points(mean)} points", "gain against the policy that they trained "
                             "against; published +13.2 %, opponents not said"),
            page.figure_card(
                f"{sum(run['improved'] for run in gains)} of {size * len(gains)}",
                "characters nominally improved; published: most",
            ),
        ]  # fmt: skip
    kept = [
        after / before
        for before, after in (run["without_attack"]["l2"] for run in document["diversity"])
        if before > 0 and after > 0
    ]
    if kept:
        ratio = ratio_over_runs(kept)[0]
        cards.append(
            page.figure_card(f"{ratio:.3f}", "diversity ratio without the attack button; "
                             "published 1.149")
        )  # fmt: skip
    if document["generations"]:
        falls = sum(len(run["falls"]) for run in document["generations"])
        cards.append(
            page.figure_card(f"{falls}", "generations whose row mean falls clearly; published 0")
        )
    return f'<div class="figures">{"".join(cards)}</div>' if cards else ""


def _claims_section(claims: Sequence[Claim]) -> str:
    head = ["Claim", "Published", "Ours", "95 % interval", "Runs", "Verdict", "Why"]
    rows = [
        [
            f"{c.title} (primary)" if c.is_primary else c.title,
            c.published, c.ours, c.shown_interval, str(c.runs or "-"), c.verdict, c.why,
        ]
        for c in claims
    ]  # fmt: skip
    return page.section(
        "Every claim",
        page.paragraph(preface(claims)),
        page.paragraph(
            "Where the paper's text leaves open how a figure was computed, each reading has a row."
        ),
        page.table(head, rows, tones=[TONES[c.verdict] for c in claims], kind="prose"),
        kind="long",
    )


def _figure_section(figure: Figure) -> str:
    drawn = "".join(
        f"<figure>{f'<figcaption>{escape(caption)}</figcaption>' if caption else ''}{drawing}"
        "</figure>"
        for caption, drawing in figure.drawings
    )
    key = (
        '<p class="key"><span><i class="box before"></i>shared policy</span>'
        '<span><i class="box"></i>specialist</span></p>'
    )
    return page.section(
        figure.title,
        page.paragraph(figure.published),
        key if figure.compares else "",
        f'<div class="{figure.grid}">{drawn}</div>',
        page.paragraph(figure.note, "note"),
        kind="long" if figure.grid != "narrow" else "",
    )


def _films_section(out: Path) -> str:
    characters = results.read_plan(out)["sizes"]["characters"]
    folder = results.run_folder(out, characters, 0) / FILMS
    if not (folder / FILMS_NAME).exists():
        return ""
    shown = []
    for file, caption in read_films(folder):
        path = folder / file
        if not path.exists() or path.is_symlink():  # a link could embed any file of the reader's
            continue
        if path.stat().st_size > MAX_FILM_BYTES:
            shown.append(page.paragraph(f"{path.relative_to(out)}: {caption}", "note"))
            continue
        shown.append(
            '<figure><video controls muted playsinline preload="metadata" '
            f'src="data:video/mp4;base64,{page.encode(read_bytes(path, CheckpointError))}"></video>'
            f"{page.paragraph(caption, 'note')}</figure>"
        )
    return page.section(
        "Matches of the largest gains",
        f'<div class="grid-2">{"".join(shown)}</div>',
        kind="screen",
    )


def _diversity_section(document: Document) -> str:
    if not document["diversity"]:
        return ""
    rows = []
    for found in document["diversity"]:
        entries = [
            *((f"frequency, {norm}", found["distance"][norm]) for norm in diversity.NORMS),
            *(
                (f"frequency without attack, {norm}", found["without_attack"][norm])
                for norm in diversity.NORMS
            ),
            ("share of presses that attack", found["attack_share"]),
            *((f"when legal, {norm}", found["when_legal"][norm]) for norm in diversity.NORMS),
            *((f"timing, {norm}", found["timing"][norm]) for norm in diversity.NORMS),
            ("Jensen-Shannon", found["jensen_shannon"]),
            ("neural diversity", (found["neural"]["before"], found["neural"]["after"])),
        ]
        for name, (before, after) in entries:
            ratio = f"{after / before:.3f}" if before > 0 else "-"
            rows.append([name, str(found["seed"]), f"{before:.4f}", f"{after:.4f}", ratio])
    first = document["diversity"][0]
    inside = (
        "A character against itself, before to after, in the first run: "
        f"{float(np.mean(first['change'])):.3f} (l2), {first['neural']['moved']:.3f} (total "
        "variation, same states)."
    )
    return page.section(
        "Diversity in all ways of counting",
        page.paragraph(
            "The paper does not say how it scales its vectors, so the ratio is what compares. When "
            "legal: presses per decision in which the action mask allowed them, which takes unlike "
            "cooldowns out. Timing: the same by sixths of the match. Neural diversity: total "
            "variation between the policies in the same states, each as its own character."
        ),
        page.table(["Measure", "Seed", "Before", "After", "Ratio"], rows),
        page.paragraph(inside, "note"),
        kind="long",
    )


def _table_section(table: Table) -> str:
    return page.section(
        table.title, page.paragraph(table.text), page.table(table.head, table.rows), kind="long"
    )


def _minutes_section(document: Document) -> str:
    runs = [
        *((len(run["characters"]), run) for run in document["gains"]),
        *((run["field"]["opponents"] + 1, run) for run in document["large"]),
    ]
    charts = ""
    for size, run in runs:
        spent = run["cost"]["policies"]
        seconds = [cost["seconds"] for who, cost in spent.items() if who != "shared policy"]
        if seconds and run["seed"] == 0:
            charts += (
                f'<figure class="plain"><figcaption>{size} characters: minutes of specialists, '
                f"added up</figcaption>{figures.cost_chart(seconds, title='minutes')}</figure>"
            )
    if not charts:
        return ""
    return page.section("What specialists cost", f'<div class="grid-2">{charts}</div>')


def _ratings_section(document: Document) -> str:
    found = document.get("ratings")
    if not found:
        return ""
    order = np.argsort([-value for value in found["elo"]], kind="stable")
    rows = [
        [
            found["entrants"][k], f"{found['elo'][k]:+.0f}",
            f"[{found['low'][k]:+.0f}, {found['high'][k]:+.0f}]",
            f"{found['mu'][k]:.1f} ± {found['sigma'][k]:.1f}", f"{found['melo'][k]:+.0f}",
            f"{found['alpha_rank'][k]:.3f}",
        ]
        for k in order
    ]  # fmt: skip
    losses = ", ".join(f"{name} {value:.4f}" for name, value in found["losses"].items())
    return page.section(
        "Ratings of the first run",
        page.paragraph(
            "Elo: Bradley-Terry on all games. OpenSkill: a belief updated game by game. mElo: Elo "
            "beside one plane for what goes in circles. Alpha-rank: how long a population that "
            "imitates success stays with each. One number a member assumes that strength is "
            "transitive. Surprise of a held-out game, nats, fitted to the other half: "
            f"{losses}; lower is better, and 0.6931 is a coin."
        ),
        page.table(["Entrant", "Elo", "95 % interval", "OpenSkill", "mElo", "Alpha-rank"], rows),
        kind="long",
    )


def _seats_section(document: Document) -> str:
    rows = []
    for run in document["gains"]:
        seats = run["seats"]
        played = max(1, sum(seats))
        rows.append([str(run["seed"]), *(f"{100 * count / played:.1f} %" for count in seats)])
    if not rows:
        return ""
    return page.section(
        "Seats and draws",
        page.paragraph("Every seed was played from both seats, so neither favours anyone."),
        page.table(["Seed", "First seat won", "Second seat won", "Drawn"], rows),
    )


def _facts_section(document: Document) -> str:
    head = ["Experiment", "Preset", "Minutes a run", "Seeds", "Roster", "Trained at commit"]
    rows = made_rows(document)
    commands = "\n".join(made_commands(document))
    return page.section(
        "How this was made", page.table(head, rows), f"<pre>{escape(commands)}</pre>", kind="long"
    )


def _downloads_section(document: Document, claims: Sequence[Claim], whole: str) -> str:
    files = [
        page.download("claims.csv", as_csv(claims).encode(), "text/csv"),
        page.download("claims.json", json.dumps(as_json(claims)).encode(), "application/json"),
        page.download("results.json", whole.encode(), "application/json"),
    ]
    return page.section("Numbers", f"<p>{' · '.join(files)}</p>", kind="screen")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
