"""Write docs/reference/ and docs/frames/ from the code, and the tables of other pages.

`python docs/generate.py` writes; `--check` writes nothing and fails if a page is old. The frame
data takes half a minute to measure: a check only looks which roster and simulation it is of.
"""

import argparse
import ast
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmark_tables import (
    learning_table,
    peers_table,
    rates_table,
    scaling_section,
    tournament_table,
    training_profile_table,
    training_table,
)

from cam_arena.bench import SIGNATURE
from cam_arena.game.actions import action_tables
from cam_arena.game.latency import latency_table
from cam_arena.game.observations import observation_tables
from cam_arena.game.options import option_table
from cam_arena.game.rewards import reward_table
from cam_arena.game.rules import Rules
from cam_arena.game.squads import map_table, squad_option_table
from cam_arena.render.controls import key_tables
from cam_arena.roster import (
    DESCRIPTOR_FIELDS,
    PROFILE_FIELDS,
    Roster,
    frames_report,
    load_roster,
)
from cam_arena.roster.load import BUNDLED
from cam_arena.roster.reference import reference

DOCS = Path(__file__).parent
NOTE = "<!-- Made by `make docs` from the code. Changes made here are lost. -->\n"
LOADOUT = "Scrolls and companions"
EXAMPLE_START, EXAMPLE_STOP = "```toml\n", "```\n"
TABLE_START, TABLE_STOP = "<!-- table -->\n", "<!-- end of table -->\n"


def character_tables() -> str:
    """Return the bundled characters, a Markdown section a school."""
    roster = load_roster()
    lines: list[str] = []
    for school in roster.schools:
        lines += [f"## {school.name}", "", school.plan, ""]
        lines += ["| character | role | skills | ultimate |", "| --- | --- | --- | --- |"]
        for character in roster:
            if character.school.name == school.name:
                skill1, skill2, ultimate = (
                    character.moves[button].name for button in ("skill1", "skill2", "ultimate")
                )
                names = f"{character.name} | {character.role} | {skill1}, {skill2} | {ultimate}"
                lines.append(f"| {names} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def option_tables() -> str:
    """Return the options, those of teams, and what a latency may hold, as Markdown tables."""
    teams = (
        "`squad_v0` takes the options above. These are its own, or not as in a duel; see "
        f"[teams](../teams.md).\n\n{squad_option_table()}"
    )
    return f"{option_table()}\n## Teams\n\n{teams}\n## Latency\n\n{latency_table()}"


def observation_page() -> str:
    """Return the presets, and the columns of descriptors and profiles, as Markdown tables."""
    sections = [observation_tables()]
    for name, fields in (("descriptor", DESCRIPTOR_FIELDS), ("profile", PROFILE_FIELDS)):
        lines = [
            f"## Columns of a {name}",
            "",
            "Scaled to [-1, 1]; values beyond are clipped.",
            "",
            "| column | name | -1 | +1 | meaning |",
            "| --: | --- | --: | --: | --- |",
        ]
        lines += [
            f"| {column} | `{title}` | {low} | {high} | {meaning} |"
            for column, (title, low, high, meaning) in enumerate(fields)
        ]
        sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)


# Page -> title, introduction, and what makes the rest.
PAGES: dict[str, tuple[str, str, Callable[[], str]]] = {
    "options.md": (
        "Options",
        "The same in `Match`, `duel_v0`, `make_vec`, `gymnasium.make` and, but for what stands "
        "under Teams, `squad_v0`.",
        option_tables,
    ),
    "actions.md": (
        "Actions",
        "An action is a direction and a button: `id = 12 * direction + button`. Action 0 is idle "
        "and always legal; the action mask says which others are.",
        action_tables,
    ),
    "observations.md": (
        "Observations",
        "Egocentric: the fighter's own numbers come first, and side 1 sees the stage mirrored. "
        "`cam_arena.observation_layout` gives the same tables as objects.",
        observation_page,
    ),
    "rewards.md": (
        "Rewards",
        "Each term is weighted and summed for both fighters; a reward is the own sum less the "
        "opponent's, so the two add up to zero. `info` holds the terms.",
        reward_table,
    ),
    "characters.md": (
        "Characters",
        "The bundled roster by school. `cam-arena roster show NAME` prints one with "
        "its frame data.",
        character_tables,
    ),
}


def reference_pages() -> dict[Path, str]:
    """Return the text of every page under docs/reference/."""
    return {
        DOCS / "reference" / name: f"{NOTE}# {title}\n\n{introduction}\n\n{body()}"
        for name, (title, introduction, body) in PAGES.items()
    }


def replaced(text: str, start: str, stop: str, body: str) -> str:
    """Return a text with what stands between two markers made anew."""
    head, _, rest = text.partition(start)
    return head + start + body + stop + rest.partition(stop)[2]


def benchmark_page() -> dict[Path, str]:
    """Return docs/benchmarks.md with its tables made anew."""
    page = DOCS / "benchmarks.md"
    text = replaced(page.read_text(encoding="utf-8"), TABLE_START, TABLE_STOP, rates_table())
    tables = {
        "peers": peers_table,
        "scaling": scaling_section,
        "training": training_table,
        "training profile": training_profile_table,
        "tournament": tournament_table,
        "learning": learning_table,
    }
    for name, table in tables.items():
        text = replaced(text, f"<!-- {name} -->\n", f"<!-- end of {name} -->\n", table())
    return {page: text}


def rules_table() -> str:
    """Return the fields of `Rules` as a Markdown table; the meanings are their docstrings."""
    source = Path(sys.modules[Rules.__module__].__file__ or "").read_text(encoding="utf-8")
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    body = next(node.body for node in classes if node.name == Rules.__name__)
    lines = ["| rule | value | meaning |", "| --- | --- | --- |"]
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            value = getattr(Rules(), field.target.id)
            shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            meaning = ast.literal_eval(text.value) if isinstance(text, ast.Expr) else ""
            lines.append(f"| `{field.target.id}` | {shown} | {meaning} |")
    return "\n".join(lines) + "\n"


def rules_page() -> dict[Path, str]:
    """Return docs/rules.md with its table made anew."""
    page = DOCS / "rules.md"
    text = page.read_text(encoding="utf-8")
    return {page: replaced(text, TABLE_START, TABLE_STOP, rules_table())}


def rendering_page() -> dict[Path, str]:
    """Return docs/rendering.md with its tables of keys made anew."""
    page = DOCS / "rendering.md"
    text = page.read_text(encoding="utf-8")
    return {page: replaced(text, TABLE_START, TABLE_STOP, key_tables())}


def teams_page() -> dict[Path, str]:
    """Return docs/teams.md with its table of maps made anew."""
    page = DOCS / "teams.md"
    text = page.read_text(encoding="utf-8")
    return {page: replaced(text, TABLE_START, TABLE_STOP, map_table())}


def roster_page() -> dict[Path, str]:
    """Return docs/roster.md with its example and, which ends it, the reference made anew."""
    page = DOCS / "roster.md"
    text, start = page.read_text(encoding="utf-8"), reference().partition("\n")[0]
    head, _, rest = text.partition(f"{start}\n")[0].partition(EXAMPLE_START)
    example = (BUNDLED / "example" / "character.toml").read_text(encoding="utf-8")
    tail = rest.partition(EXAMPLE_STOP)[2]
    return {page: head + EXAMPLE_START + example + EXAMPLE_STOP + tail + reference()}


def frames_stamp(roster: Roster) -> str:
    """Return the line that says of which roster and simulation the frame data is."""
    return f"<!-- roster {roster.id}, simulation {SIGNATURE} -->\n"


def frames_page(title: str) -> Path:
    """Return the page of a school, or of scrolls and companions."""
    return DOCS / "frames" / f"{title.lower().replace(' ', '_')}.md"


def frames_pages() -> dict[Path, str]:
    """Return docs/frames/: a page a school, one of scrolls and companions, and all as CSV."""
    roster = load_roster()
    data = frames_report.rows(roster)
    school_of = {character.name: character.school.name for character in roster}
    pages = {DOCS / "frames" / "frames.csv": frames_report.csv_text(data)}
    for title in (*(school.name for school in roster.schools), LOADOUT):
        own = [row for row in data if school_of.get(str(row["owner"]), LOADOUT) == title]
        head = f"{NOTE}{frames_stamp(roster)}# Frame data: {title}\n\n"
        pages[frames_page(title)] = head + frames_report.markdown(roster, own)
    return pages


def stale_frames() -> list[str]:
    """Return the pages under docs/frames/ that are missing or of another roster or simulation."""
    roster = load_roster()
    titles = [*(school.name for school in roster.schools), LOADOUT]
    stamp = frames_stamp(roster)
    return [
        page.relative_to(DOCS.parent).as_posix()
        for page in map(frames_page, titles)
        if not page.exists() or stamp not in page.read_text(encoding="utf-8")[:400]
    ]


def main() -> int:
    """Write or check the pages; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is old")
    is_check = parser.parse_args().check
    pages = reference_pages() | benchmark_page() | rules_page() | rendering_page() | roster_page()
    pages |= teams_page()
    if not is_check:
        pages |= frames_pages()
    old = stale_frames() if is_check else []
    for path, text in pages.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        old.append(path.relative_to(DOCS.parent).as_posix())
        if not is_check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if old:
        print("old:" if is_check else "wrote:", *old)
    return int(is_check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
