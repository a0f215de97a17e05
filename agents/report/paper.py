"""The report of a reproduction: every claim of the paper, its figures, and how it was made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from .. import diversity
from ..intervals import wilson
from ..reproduction import results
from ..reproduction.claims import Claim, as_csv, as_json, judge
from ..reproduction.experiments import FILMS
from . import figures, page, svg
from .findings import points
from .tables import Table, paper_tables

__all__ = ["REPORT_NAME", "Figure", "paper_figures", "write_paper"]

REPORT_NAME = "report.html"
MAX_FILM_BYTES = 6_000_000  # each; a report stays small enough to send
TONES = {
    "holds": "holds", "holds in part": "partly", "does not hold": "fails",
    "not testable here": "untested", "not run": "untested",
}  # fmt: skip
TIMED = 6  # skills whose timing is drawn
KEYLESS = ("figure_5_generations", "diversity_by_generation")  # without the two's colours
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of the paper, drawn from our numbers."""

    key: str
    """name of its file."""
    title: str
    published: str
    """what the paper shows."""
    drawings: tuple[tuple[str, str], ...]
    """Captions and `<svg>` elements."""
    note: str = ""
    grid: str = "narrow"
    """CSS class of what holds the drawings."""


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
    _write(target / "results.json", whole)
    _write(target / "claims.json", json.dumps(as_json(claims), indent=1))
    _write(target / "claims.csv", as_csv(claims))
    for figure in drawn:
        for index, (_, drawing) in enumerate(figure.drawings):
            suffix = f"_{index + 1}" if len(figure.drawings) > 1 else ""
            name = f"{figure.key}{suffix}.svg"
            _write(target / "figures" / name, figures.standalone(drawing))
    body = [
        _cards(document),
        _claims_section(claims),
        *(_figure_section(figure) for figure in drawn),
        _films_section(out, document) if films else "",
        _diversity_section(document),
        *(_table_section(table) for table in paper_tables(document)),
        _minutes_section(document),
        _ratings_section(document),
        _seats_section(document),
        _facts_section(document),
        _downloads_section(document, claims, whole),
    ]
    plan = document["plan"]
    lead = (
        f"CAM (arXiv 2410.02128) on cam-arena: preset {plan['preset']}, "
        f"{_count(len(document['core']), 'training run')} of E1, E3 and E4."
    )
    path = target / REPORT_NAME
    _write(path, page.page("Reproduction of CAM", lead, body))
    return path


def paper_figures(document: Document) -> list[Figure]:
    """Draw the figures whose experiments were run."""
    core, large = document["core"], document["large"]
    found = []
    if core:
        found += [_bars(core), _matchups(core)]
    if large:
        found.append(_populations(core, large))
    if "profiles" in document:
        found += [_radars(document["profiles"]), _timing(document["profiles"])]
    followed = [run for run in core if "by_generation" in run["diversity"]]
    if followed:
        found.append(_diversity_lines(followed))
    if any("generations" in run for run in core):
        found.append(_heat_map(next(run for run in core if "generations" in run)["generations"]))
    return found


def _bars(core: Sequence[Document]) -> Figure:
    rows = _pairs([run["gains"]["characters"] for run in core])
    several = (
        f"Bars are means over {len(core)} training runs, whiskers the lowest and the highest run."
        if len(core) > 1
        else "One training run; whiskers are 95 % Wilson intervals of its games."
    )
    return Figure(
        "figure_1_gains",
        "Win rate of each character (the paper's figure 1)",
        "Published: specialists +13.2 % over all agents, most of the eight better; bars by agent "
        "exist as a plot only.",
        (("", figures.bar_chart(rows, title="win rate by character")),),
        "Against the shared policy playing every other character, the same starts for both. The "
        f"numbers at the right are the gain in points. {several}",
    )


def _matchups(core: Sequence[Document]) -> Figure:
    names = [row["character"] for row in core[0]["gains"]["characters"]]
    count = len(names)
    rates = np.mean([run["gains"]["rates"] for run in core], axis=0)
    blocks = (
        ("shared policy", rates[:count, :count]),
        ("specialists", rates[count:, count:]),
        ("specialists (rows) against the shared policy", rates[count:, :count]),
    )
    several = f", mean of {len(core)} training runs" if len(core) > 1 else ""
    return Figure(
        "matchups",
        "Characters against each other",
        "Not in the paper.",
        tuple(
            (who, figures.heat_chart(block.tolist(), names, title=f"{who} by character"))
            for who, block in blocks
        ),
        f"Win rate of the row against the column in per cent{several}. 50 is even; on the diagonal "
        "of the first two nobody plays.",
        "grid-2",
    )


def _populations(core: Sequence[Document], large: Sequence[Document]) -> Figure:
    drawings = []
    if core:
        size = len(core[0]["gains"]["characters"])
        drawings.append(
            (
                f"{size} characters",
                figures.bar_chart(
                    _pairs([run["gains"]["characters"] for run in core]), title=f"{size} characters"
                ),
            )
        )
    size = large[0]["field"]["opponents"] + 1
    # Which characters are strongest differs between runs: only the first run's are drawn.
    drawings.append(
        (
            f"{size} characters, the {len(large[0]['field']['characters'])} strongest",
            figures.bar_chart(
                _pairs([large[0]["field"]["characters"]]), title=f"{size} characters"
            ),
        )
    )
    return Figure(
        "figure_2_populations",
        "Small and large population (figure 2)",
        "Published: 14 of 16 agents better; agent III of 8 and agent VII of 50 worse.",
        tuple(drawings),
        "The paper trained 8 and 50 characters. The strongest were chosen by other games than "
        "those that are drawn.",
        "grid-2",
    )


def _radars(profiles: Document) -> Figure:
    before, after = (np.asarray(profiles[key], np.float64) for key in ("before", "after"))
    shares = diversity.profiles(np.concatenate([before, after]), norm="l1")
    scaled = diversity.profiles(shares, norm="max")
    count, buttons = len(before), profiles["buttons"]
    drawings = []
    if len(buttons) >= 3:
        drawings = [
            (
                name,
                svg.radar_chart(
                    buttons, scaled[index].tolist(), scaled[count + index].tolist(),
                    title=f"skill use of {name}",
                ),
            )
            for index, name in enumerate(profiles["characters"])
        ]  # fmt: skip
    return Figure(
        "figure_3_skills",
        "Use of skills, shared policy and specialists (figure 3)",
        "Published: expected distance 0.9210 for the shared policy, 1.0585 for specialists, a "
        "ratio of 1.149.",
        tuple(drawings),
        "Share of a character's presses that goes to each skill; every axis ends at the largest "
        "share anyone has.",
        "radars",
    )


def _timing(profiles: Document) -> Figure:
    before, after = profiles["timing_before"], profiles["timing_after"]
    total = [sum(a) + sum(b) for a, b in zip(before, after, strict=True)]
    chosen = sorted(np.argsort([-x for x in total], kind="stable")[:TIMED].tolist())
    return Figure(
        "figure_3_timing",
        "When skills are used (figure 3)",
        "Published: plots only.",
        tuple(
            (
                profiles["buttons"][index],
                figures.timing_chart(
                    before[index], after[index], title=f"timing of {profiles['buttons'][index]}"
                ),
            )
            for index in chosen
        ),
        "Share of all uses in each sixth of the 60 seconds, all characters together.",
        "minis",
    )


def _diversity_lines(core: Sequence[Document]) -> Figure:
    """Draw distances between characters by generation; the last point is the specialists."""

    def line(run: Document, key: str) -> svg.Series:
        found = run["diversity"]
        values = [*found["by_generation"][key], found[key]["l2"][1]]
        first = int(found["by_generation"]["names"][0])
        points = [(float(number), value) for number, value in enumerate(values, first)]
        return svg.Series(f"run {run['seed']}", points)

    drawings = tuple(
        (
            caption,
            svg.line_chart(
                [line(run, key) for run in core],
                title=f"distance, {caption}",
                x_label="generation",
            ),
        )
        for key, caption in (
            ("distance", "all presses"),
            ("without_attack", "without the attack button"),
        )
    )
    last = core[0]["diversity"]["by_generation"]["names"][-1]
    return Figure(
        "diversity_by_generation",
        "How unlike characters play as training goes on",
        "Not in the paper, which compares its last shared policy with the specialists.",
        drawings,
        "Expected distance in l2 between the frequencies of characters' presses, each generation "
        f"of the shared policy against the last one; a line a training run. {last} is the shared "
        f"policy, {int(last) + 1} the specialists. A distance that rises within stage 1 is "
        "specialisation by a shared policy that is told its character.",
        "grid-2",
    )


def _heat_map(found: Document) -> Figure:
    rates = [
        [rate if played else None for rate, played in zip(*row, strict=True)]
        for row in zip(found["rates"], found["games"], strict=True)
    ]
    means = [mean for mean, _, _ in found["row_means"]]
    performance = found["performance"][-1]
    return Figure(
        "figure_5_generations",
        "Generations against each other (figure 5)",
        "Published: a heat-map that gets warmer with each generation; an approximate Nash "
        "equilibrium by the 13th.",
        (("", figures.heat_chart(rates, found["names"], means=means, title="generations")),),
        "Win rate of the row against the column in per cent, all characters against all. 0 is "
        f"random play. Clear falls of a row's mean: {len(found['falls'])}. Relative performance "
        f"of the last generation against the one before: {performance[0]:+.3f} "
        f"[{performance[1]:+.3f}, {performance[2]:+.3f}].",
    )


def _pairs(runs: Sequence[Sequence[Document]]) -> list[figures.Pair]:
    """Means over runs of the same characters, or one run with the intervals of its games."""
    rows = []
    for same in zip(*runs, strict=True):
        base, own = ([row[key] for row in same] for key in ("base", "specialist"))
        if len(same) == 1:
            games = same[0]["games"]
            intervals = wilson(base[0] * games, games), wilson(own[0] * games, games)
        else:
            intervals = (min(base), max(base)), (min(own), max(own))
        verdicts = {row["verdict"] for row in same}
        rows.append(
            figures.Pair(
                same[0]["character"], float(np.mean(base)), intervals[0], float(np.mean(own)),
                intervals[1], verdicts.pop() if len(verdicts) == 1 else "",
            )
        )  # fmt: skip
    return rows


def _cards(document: Document) -> str:
    core = document["core"]
    if not core:
        return ""
    gain = [run["gains"]["gain"] for run in core]
    size = len(core[0]["gains"]["characters"])
    ratio = [run["diversity"]["distance"]["l2"] for run in core]
    cards = [
        page.figure_card(f"{points(float(np.mean(gain)))} points", "gain of specialists; published "
                         "+13.2 %, absolute or relative is not said"),
        page.figure_card(
            f"{sum(run['gains']['improved'] for run in core)} of {size * len(core)}",
            "characters nominally improved; published: most",
        ),
    ]  # fmt: skip
    kept = [after / before for before, after in ratio if before > 0]
    if kept:
        cards.append(
            page.figure_card(f"{float(np.mean(kept)):.3f}", "diversity ratio; published 1.149")
        )
    runs = [run["generations"] for run in core if "generations" in run]
    if runs:
        falls = sum(len(run["falls"]) for run in runs)
        cards.append(
            page.figure_card(f"{falls}", "generations whose row mean falls clearly; published 0")
        )
    return f'<div class="figures">{"".join(cards)}</div>'


def _claims_section(claims: Sequence[Claim]) -> str:
    head = ["Claim", "Published", "Ours", "95 % interval", "Verdict", "Why"]
    rows = [[c.title, c.published, c.ours, c.interval, c.verdict, c.why] for c in claims]
    return page.section(
        "Every claim",
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
        "" if figure.key in KEYLESS else key,
        f'<div class="{figure.grid}">{drawn}</div>',
        page.paragraph(figure.note, "note"),
        kind="long" if figure.grid != "narrow" else "",
    )


def _films_section(out: Path, document: Document) -> str:
    if not document["core"]:
        return ""
    folder = (
        results.run_folder(
            out, document["plan"]["sizes"]["characters"], document["core"][0]["seed"]
        )
        / FILMS
    )
    listed = folder / "films.json"
    if not listed.exists():
        return ""
    shown = []
    for entry in json.loads(listed.read_text(encoding="utf-8")):
        path = folder / entry["file"]
        if not path.exists():
            continue
        if path.stat().st_size > MAX_FILM_BYTES:
            shown.append(page.paragraph(f"{path.relative_to(out)}: {entry['caption']}", "note"))
            continue
        shown.append(
            '<figure><video controls muted playsinline preload="metadata" '
            f'src="data:video/mp4;base64,{page.encode(path.read_bytes())}"></video>'
            f"{page.paragraph(entry['caption'], 'note')}</figure>"
        )
    return page.section(
        "Matches of the largest gains",
        f'<div class="grid-2">{"".join(shown)}</div>',
        kind="screen",
    )


def _diversity_section(document: Document) -> str:
    if not document["core"]:
        return ""
    rows = []
    for run in document["core"]:
        found = run["diversity"]
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
        ]
        if "neural" in found:
            entries.append(
                ("neural diversity", (found["neural"]["before"], found["neural"]["after"]))
            )
        for name, (before, after) in entries:
            ratio = f"{after / before:.3f}" if before > 0 else "-"
            rows.append([name, str(run["seed"]), f"{before:.4f}", f"{after:.4f}", ratio])
    first = document["core"][0]["diversity"]
    moved = float(np.mean(first["change"]))
    neural = first.get("neural")
    inside = f"A character against itself, before to after, in the first run: {moved:.3f} (l2)"
    inside += f", {neural['moved']:.3f} (total variation, same states)." if neural else "."
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
        *((len(run["gains"]["characters"]), run) for run in document["core"]),
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
    for run in document["core"]:
        seats = run["gains"]["seats"]
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
    plan, core = document["plan"], document["core"]
    facts = [
        ("Roster", plan["roster"]),
        ("Training seeds", ", ".join(str(run["seed"]) for run in core)),
        ("Trained at commit", ", ".join(sorted({r["commit"] for r in core if r["commit"]}))),
        ("Games per pairing", ", ".join(sorted({f"{r['games_per_pairing']:,}" for r in core}))),
        ("Games of E1", f"{sum(run['games'] for run in core):,}"),
        ("Minutes a run", "unlimited" if plan["minutes"] is None else f"{plan['minutes']:g}"),
        *((f"{name}, of the last sitting", value) for name, value in plan["provenance"].items()),
    ]
    entries = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts if value
    )
    commands = "\n".join(plan["commands"])
    return page.section("How this was made", f"<pre>{escape(commands)}</pre><dl>{entries}</dl>")


def _downloads_section(document: Document, claims: Sequence[Claim], whole: str) -> str:
    files = [
        page.download("claims.csv", as_csv(claims).encode(), "text/csv"),
        page.download("claims.json", json.dumps(as_json(claims)).encode(), "application/json"),
        page.download("results.json", whole.encode(), "application/json"),
    ]
    return page.section("Numbers", f"<p>{' · '.join(files)}</p>", kind="screen")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _write(path: Path, text: str) -> None:
    partial = path.with_suffix(path.suffix + ".tmp")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
