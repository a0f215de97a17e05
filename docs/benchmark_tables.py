"""The tables of docs/benchmarks.md, from the files in docs/benchmarks/."""

import csv
import json
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).parent / "benchmarks"
ABOUT = ("processor", "cores", "system", "date", "commit", "load")  # all else is a version
PARTS = ("interpreter", "import", "make", "reset", "step")
BUSY = 0.3  # load average above which something else ran


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def machine_line(name: str) -> str:
    """Return the sentence that says where, when and of what figures are."""
    machine = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    when = [f"{key} {machine[key]}" for key in ("date", "commit") if key in machine]
    versions = [f"{key} {value}" for key, value in machine.items() if key not in ABOUT]
    place = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    return "; ".join([place, *(", ".join(part) for part in (when, versions) if part)]) + "."


def middle(rows: list[dict[str, str]], column: str) -> float:
    """Return the median of a column."""
    return statistics.median(float(row[column]) for row in rows)


def spread(rows: list[dict[str, str]], column: str) -> str:
    """Return median, minimum and maximum of a column of whole numbers as text."""
    values = [float(row[column]) for row in rows]
    return f"{statistics.median(values):,.0f} [{min(values):,.0f}, {max(values):,.0f}]"


def rates_table() -> str:
    """Return the medians of rates.csv."""
    rows = read_rows("rates.csv")
    lines = [
        machine_line("machine.json"),
        "",
        "| interface | rate, median [min, max] | unit | `make_vec` is faster by |",
        "| --- | --: | --- | --: |",
    ]
    for name in dict.fromkeys(row["interface"] for row in rows):
        own = [row for row in rows if row["interface"] == name]
        unit = own[0]["unit"]
        factor = "" if unit == "ticks" else f"{1 / middle(own, 'ratio_to_make_vec'):.3g}"
        rate = spread(own, "units_per_cpu_second")
        lines.append(f"| {name} | {rate} | {unit} | {factor} |")
    return "\n".join(lines) + "\n"


def peers_table() -> str:
    """Return the medians of peers.csv."""
    rows = read_rows("peers.csv")
    lines = [
        machine_line("peers.json"),
        "",
        "| environment | env-steps/s | decisions/s, median [min, max] | bytes observed a decision "
        "| `make_vec` / it | our same interface / it |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for name in dict.fromkeys(row["environment"] for row in rows):
        own = [row for row in rows if row["environment"] == name]
        steps = f"{middle(own, 'env_steps_per_cpu_second'):,.0f}"
        decisions = spread(own, "decisions_per_cpu_second")
        size = f"{int(own[0]['observation_bytes']):,}"
        factors = [
            f"{1 / middle(own, column):,.3g}" for column in ("ratio_to_make_vec", "ratio_to_like")
        ]
        lines.append(f"| {name} | {steps} | {decisions} | {size} | {' | '.join(factors)} |")
    return "\n".join(lines) + "\n"


def batch_table(rows: list[dict[str, str]]) -> list[str]:
    """Return the rates over the matches of a batch."""
    lines = ["| matches | agent-steps/s of CPU time, median [min, max] |", "| --: | --: |"]
    for number in dict.fromkeys(row["number"] for row in rows):
        own = [row for row in rows if row["number"] == number]
        lines.append(f"| {int(number):,} | {spread(own, 'value')} |")
    return lines


def wall_table(what: str, rows: list[dict[str, str]]) -> list[str]:
    """Return the rates over threads or processes, and what more of them gain.

    The gain is the median of those within a round; beside it that of the best round of each.
    """
    lines = [
        f"| batch | {what} | agent-steps/s by the wall, median [min, max] | gain of the best round "
        "| gain |",
        "| --- | --: | --: | --: | --: |",
    ]
    for setting in dict.fromkeys(row["setting"] for row in rows):
        batch = [row for row in rows if row["setting"] == setting]
        base = [float(row["value"]) for row in batch if row["number"] == batch[0]["number"]]
        for number in dict.fromkeys(row["number"] for row in batch):
            own = [row for row in batch if row["number"] == number]
            gains = [float(row["value"]) / one for row, one in zip(own, base, strict=True)]
            best = max(float(row["value"]) for row in own) / max(base)
            lines.append(
                f"| {setting} | {number} | {spread(own, 'value')} | {best:.2f} "
                f"| {statistics.median(gains):.2f} |"
            )
    return lines


def fighter_table(rows: list[dict[str, str]]) -> list[str]:
    """Return rates and memory over the fighters of a side."""
    lines = [
        "| fighters a side | agent-steps/s of CPU time, median [min, max] | bytes of state a match "
        "| bytes written a match and step |",
        "| --: | --: | --: | --: |",
    ]
    for number in dict.fromkeys(row["number"] for row in rows):
        own = [row for row in rows if row["number"] == number]
        rates = [row for row in own if row["unit"] == "agent-steps/s"]
        sizes = [
            f"{float(row['value']):,.0f}"
            for setting in ("state", "outputs")
            for row in own
            if row["setting"] == setting
        ]
        lines.append(f"| {number} | {spread(rates, 'value')} | {' | '.join(sizes)} |")
    return lines


def memory_table(rows: list[dict[str, str]]) -> list[str]:
    """Return the memory of a match by the size of its batch."""
    lines = [
        "| matches | bytes a match | of which bounds of the space | the whole batch |",
        "| --: | --: | --: | --: |",
    ]
    for number in dict.fromkeys(row["number"] for row in rows):
        size = {row["setting"]: float(row["value"]) for row in rows if row["number"] == number}
        whole = int(number) * size["resident"] / 2**20
        sizes = f"{size['resident']:,.0f} | {size['bounds']:,.0f} | {whole:,.0f} MiB"
        lines.append(f"| {int(number):,} | {sizes} |")
    return lines


def start_table(rows: list[dict[str, str]]) -> list[str]:
    """Return the milliseconds to the first step."""
    lines = [
        f"| interface | {' | '.join(PARTS)} | sum |",
        f"| --- |{' --: |' * (len(PARTS) + 1)}",
    ]
    for name in dict.fromkeys(row["setting"].partition(":")[0] for row in rows):
        parts = [
            middle([row for row in rows if row["setting"] == f"{name}: {part}"], "value")
            for part in PARTS
        ]
        figures = " | ".join(f"{value:.3g}" for value in (*parts, sum(parts)))
        lines.append(f"| `{name}` | {figures} |")
    return lines


def scaling_section() -> str:
    """Return the tables and plots of scaling.csv."""
    rows = read_rows("scaling.csv")
    load = json.loads((FOLDER / "scaling.json").read_text(encoding="utf-8"))["load"]

    def table(study: str, make: Callable[[list[dict[str, str]]], list[str]]) -> list[str]:
        return [*make([row for row in rows if row["study"] == study]), ""]

    warning = (
        f"Other work ran on the machine (load {load} at the start), maybe on the second core: "
        "**these figures say little about threads and are to be measured again** on an idle "
        "machine."
    )
    lines = [
        machine_line("scaling.json"),
        "",
        "### Matches in a batch",
        "",
        "`make_vec` on one thread.",
        "",
        *table("matches", batch_table),
        "![Rate over the matches of a batch](benchmarks/scaling_matches.png)",
        "",
        "### Threads",
        "",
        "Steps of `make_vec` by the wall. Gain: over one thread, the median of all rounds; best: "
        "the fastest round of each.",
        *([warning] if load > BUSY else []),
        "",
        *table("threads", partial(wall_table, "threads")),
        "The same with `num_workers`, processes that share the matches over memory, over one:",
        "",
        *table("workers", partial(wall_table, "processes")),
        "![Rate over threads](benchmarks/scaling_threads.png)",
        "",
        "### Fighters a side",
        "",
        "The C batch of 256 matches with observations, masks and rewards; a fighter's step counts.",
        "",
        *table("fighters", fighter_table),
        "![Rate over the fighters of a side](benchmarks/scaling_fighters.png)",
        "",
        "### Memory",
        "",
        "What `make_vec` adds to the memory of a fresh process, after a step, for each match. The "
        "bounds are Gymnasium's: a batched `Box` holds the lowest and the highest value of every "
        "number of every row.",
        "",
        *table("memory", memory_table),
        "### Time to the first step",
        "",
        "Milliseconds of CPU time in a fresh process, files already in memory; medians.",
        "",
        *table("first step", start_table),
    ]
    return "\n".join(lines).rstrip() + "\n"


def training_table() -> str:
    """Return the medians of training.csv: rates, and where an iteration's time goes."""
    rows = read_rows("training.csv")
    lines = [
        machine_line("training.json"),
        "",
        "| trainer | epochs | processes | samples/s, median [min, max] | of MaskablePPO's "
        "| simulate | infer | update | products alone |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    identity = ("epochs", "trainer", "precision", "processes")
    for key in sorted({tuple(row[name] for name in identity) for row in rows}):
        own = [row for row in rows if tuple(row[name] for name in identity) == key]
        epochs, trainer, precision, processes = key
        referee = [
            row
            for row in rows
            if row["epochs"] == epochs and row["trainer"].startswith("SB3 MaskablePPO")
        ]
        gain = middle(own, "samples_per_second") / middle(referee, "samples_per_second")
        shares = [
            f"{middle(own, name):.0%}" if own[0][name] else ""
            for name in ("simulate", "infer", "update", "products")
        ]
        rate = spread(own, "samples_per_second")
        name = f"{trainer}, {precision}"
        lines.append(
            f"| {name} | {epochs} | {processes} | {rate} | {gain:.2f} | {' | '.join(shares)} |"
        )
    return "\n".join(lines) + "\n"


def training_profile_table() -> str:
    """Return where the time of a sample goes, from training_profile.csv."""
    rows = read_rows("training_profile.csv")
    kinds = list(dict.fromkeys((row["precision"], row["epochs"]) for row in rows))
    spent = {
        (row["precision"], row["epochs"], row["part"]): int(row["nanoseconds"]) for row in rows
    }
    parts = [part for part in dict.fromkeys(row["part"] for row in rows) if part != "bound"]
    totals = {kind: sum(spent[*kind, part] for part in parts) for kind in kinds}
    lines = [
        machine_line("training_profile.json"),
        "",
        "| part | " + " | ".join(f"{precision}, {epochs}" for precision, epochs in kinds) + " |",
        "| --- |" + " --: |" * len(kinds),
    ]
    for part in parts:
        cells = [
            f"{spent[*kind, part]:,} ({spent[*kind, part] / totals[kind]:.0%})" for kind in kinds
        ]
        lines.append(f"| {part} | {' | '.join(cells)} |")
    lines.append("| **together** | " + " | ".join(f"{totals[kind]:,}" for kind in kinds) + " |")
    bounds = [spent[*kind, "bound"] for kind in kinds]
    lines.append("| *products at their best* | " + " | ".join(f"{x:,}" for x in bounds) + " |")
    most = [f"{2e9 / x:,.0f}" for x in bounds]
    lines.append("| *most that two cores can do, samples/s* | " + " | ".join(most) + " |")
    return "\n".join(lines) + "\n"


def tournament_table() -> str:
    """Return the rows of tournament.csv."""
    lines = [
        machine_line("tournament.json"),
        "",
        "| policies | games | precision | threads | seconds | CPU seconds | us of CPU a decision |",
        "| --: | --: | --- | --: | --: | --: | --: |",
    ]
    for row in read_rows("tournament.csv"):
        cost = 1e6 * float(row["cpu_seconds"]) / int(row["decisions"])
        lines.append(
            f"| {row['policies']} | {int(row['games']):,} | {row['precision']} | {row['threads']} "
            f"| {float(row['seconds']):.1f} | {float(row['cpu_seconds']):.1f} | {cost:.2f} |"
        )
    return "\n".join(lines) + "\n"


def learning_table() -> str:
    """Return what learning/summary.json says of each variant."""
    found = json.loads((FOLDER / "learning" / "summary.json").read_text(encoding="utf-8"))
    lines = [
        "| variant | points per game at the end | difference at the end | of the curve's mean "
        "| as good |",
        "| --- | --: | --: | --: | --- |",
    ]
    for variant, row in found.items():
        differences = []
        for name in ("end", "area"):
            low, high = row[f"{name}_interval"]
            differences.append(f"{row[f'{name}_difference']:+.3f} [{low:+.3f}, {high:+.3f}]")
        if variant == next(iter(found)):
            differences, verdict = ["", ""], "reference"
        else:
            verdict = "yes" if row["is_as_good"] else "no"
        lines.append(
            f"| {variant} | {row['win_rate']:.3f} | {' | '.join(differences)} | {verdict} |"
        )
    return "\n".join(lines) + "\n"
