"""Tables of a reproduction beside its claims: what it cost, and what the paper does not ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..intervals import over_runs
from ..reproduction.seats import SHARED, SPECIALIST
from . import svg
from .findings import duration, points, span

__all__ = ["Table", "made_commands", "made_rows", "paper_tables", "run_seconds"]

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows under a heading."""

    title: str
    text: str
    """What was done, in plain sentences."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def paper_tables(document: Document) -> list[Table]:
    """Make the tables whose experiments were run."""
    tables = [
        _opponents(document),
        _strength(document),
        _ablations(document),
        _cost(document),
        _clusters(document),
        _unseen(document),
        _adaptation(document),
    ]
    return [table for table in tables if table.rows]


def made_rows(document: Document) -> list[list[str]]:
    """Return how each experiment was made: preset, minutes, seeds, roster, commits."""
    return [
        [
            experiment, made["preset"],
            "unlimited" if made["minutes"] is None else f"{made['minutes']:g}",
            ", ".join(map(str, made["seeds"])), made["roster"],
            ", ".join(made["commits"]) or "not recorded",
        ]
        for experiment, made in document["made"].items()
    ]  # fmt: skip


def made_commands(document: Document) -> list[str]:
    """Return the commands that asked for the experiments, each once."""
    return list(
        dict.fromkeys(text for made in document["made"].values() for text in made["commands"])
    )


def run_seconds(cost: Document) -> str:
    """Write the wall clock of a training run."""
    return duration(float(cost["seconds"])) if cost["seconds"] else "-"


def _opponents(document: Document) -> Table:
    """The same gain against those that specialists trained against and those that they did not."""
    gains, seen = document["gains"], [r["bots"] for r in document["strength"] if "bots" in r]
    met = [run["other_seeds"] for run in gains if "other_seeds" in run]
    compared: list[tuple[str, str, list[tuple[float, float]]]] = []
    for kind in (SHARED, SPECIALIST) if met else ():
        pairs = [(found[kind]["base"], found[kind]["specialist"]) for found in met]
        compared.append((f"{kind} of other seeds", "no", pairs))
    both = [found for found in seen if SPECIALIST in found]
    for bot in both[0][SHARED] if both else ():
        pairs = [(found[SHARED][bot]["rate"], found[SPECIALIST][bot]["rate"]) for found in both]
        compared.append((bot, "no", pairs))
    if gains:
        pairs = [
            (_mean(run["characters"], "base"), _mean(run["characters"], "specialist"))
            for run in gains
        ]
        compared.append(("shared policy of the same run", "yes", pairs))
    rows = []
    for opponent, trained, pairs in compared:
        differences = [after - before for before, after in pairs]
        interval = over_runs(differences)
        before, after = (100 * float(np.mean(side)) for side in zip(*pairs, strict=True))
        rows.append(
            (
                opponent, trained, str(len(pairs)), f"{before:.1f}", f"{after:.1f}",
                points(float(np.mean(differences))), span(interval) if interval else "one run",
            )
        )  # fmt: skip
    return Table(
        "What specialists gain, by opponent",
        "Win rate in per cent of the shared policy and of the specialists in the same characters, "
        "against the same opponents. Specialists train against the shared policy of their own run; "
        "what they gain on others is more than knowing "
        "that policy's habits. Intervals "
        "are over training runs.",
        (
            "Opponent", "Trained against", "Runs", "Shared policy", "Specialists", "Gain, points",
            "95 % interval",
        ),
        tuple(rows),
    )  # fmt: skip


def _mean(characters: Sequence[Document], key: str) -> float:
    return float(np.mean([character[key] for character in characters]))


def _strength(document: Document) -> Table:
    rows, responded = [], False
    for run in document["strength"]:
        seed = str(run["seed"])
        for name, found in run.get("bots", {}).items():
            rows += [(name, seed, bot, *_rate(rate)) for bot, rate in found.items()]
        if "response" in run:
            found, responded = run["response"], True
            share = ", ".join(
                f"{weight:.2f} of generation {name}" for name, weight in found["mixture"].items()
            )
            rows.append(("fresh best response", seed, share, *_rate(found["rate"])))
    text = (
        "Not in the paper. Bots at level 5, which no policy trained against, all "
        "characters against all; mcts plays ahead on copies of the match."
    )
    if responded:
        text += (
            " The best response began from nothing and trained on as many samples as the shared "
            "policy, against nothing but the equilibrium of its generations. What it wins beyond "
            "one half bounds how far that equilibrium can be exploited from below; a policy that "
            "begins from the shared one wins more (see E7's last row)."
        )
    head = ("Who", "Seed", "Against", "Win rate", "95 % interval", "Games")
    return Table("Strength outside the population (E6)", text, head, tuple(rows))


def _rate(found: Document) -> tuple[str, str, str]:
    low, high = 100 * found["low"], 100 * found["high"]
    return f"{100 * found['rate']:.1f} %", f"[{low:.1f}, {high:.1f}]", f"{found['games']:,}"


def _ablations(document: Document) -> Table:
    rows = []
    for name, runs in document["ablations"].items():
        for run in runs:
            before, after = run["distance"]
            shared, each = _samples(run["cost"])
            rows.append(
                (
                    name,
                    str(run["seed"]),
                    f"{points(run['gain'])} {span(run['interval'])}",
                    f"{run['improved']} of {run['characters']}",
                    _met(run["rival"]),
                    f"{after / before:.3f}" if before > 0 else "-",
                    svg.short_number(shared) if shared else "-",
                    svg.short_number(each),
                    run_seconds(run["cost"]),
                )
            )
    return Table(
        "Ablations (E5)",
        "Each variant differs from the reference in one thing: the weight of mutual information in "
        "stage 1 (0), the baseline of stage 2 (learned), how it draws opponents (F = pfsp_hard), "
        "what a specialist owns (a whole network), how many there are (one a character). With one "
        "cluster a single policy for all trains on against the frozen pool: what that is worth "
        "without specialising. Gains are over each variant's own shared policy; all but lambda_mi "
        "share the reference's, and a gain over one's own does not compare variants. A variant's "
        "specialists meet the reference's in the same "
        "characters: their win rate in per cent. Intervals are of the games of one run, so none of "
        "these differences is shown for another seed. The paper has no ablations.",
        (
            "Variant", "Seed", "Gain", "Improved", "Against the reference", "Diversity",
            "Shared samples", "Samples each", "Training",
        ),
        tuple(rows),
    )  # fmt: skip


def _met(rival: Document | None) -> str:
    """Write what specialists won against those that they are held against."""
    if rival is None:
        return "-"
    return _cell(rival["specialist"]["rate"], rival["specialist"]["interval"])


def _cost(document: Document) -> Table:
    rows = []
    runs = [
        *((len(run["characters"]), run, run) for run in document["gains"]),
        *((run["field"]["opponents"] + 1, run, run["field"]) for run in document["large"]),
    ]
    for size, run, gains in runs:
        samples = (svg.short_number(number) for number in _samples(run["cost"]))
        time, gain = run_seconds(run["cost"]), points(gains["gain"])
        rows.append((f"{size} characters", str(run["seed"]), *samples, time, gain))
    return Table(
        "Cost against gain",
        "The paper names its limitation: a network and a training run for each character, so the "
        "cost of stage 2 grows with their number. Samples of the shared policy, samples of each "
        "specialist, time of training, gain. Of the larger population the strongest characters "
        "are measured.",
        ("Population", "Seed", "Shared samples", "Samples each", "Training", "Gain"),
        tuple(rows),
    )


def _samples(cost: Document) -> tuple[float, float]:
    """Samples of the shared policy, and the mean of its specialists."""
    spent = cost["policies"]
    own = [float(policy["samples"]) for who, policy in spent.items() if who != "shared policy"]
    shared = float(spent.get("shared policy", {"samples": 0.0})["samples"])
    return shared, float(np.mean(own)) if own else 0.0


def _clusters(document: Document) -> Table:
    rows = [
        (
            f"{row['policies']} for {row['characters']}", str(run["seed"]),
            svg.short_number(row["samples"]), duration(row["seconds"]), points(row["gain"]),
            span((row["low"], row["high"])), _met(row["rival"]),
        )
        for run in document["clusters"]
        for row in run["rows"]
    ]  # fmt: skip
    return Table(
        "Fewer specialists than characters (E7)",
        "Not in the paper, which proposes it: characters with like descriptors (k-means) share a "
        "specialist, which has the time that the specialist of one character has. In the last row "
        "nobody specialises: one policy for all trains on with the time of all specialists. All "
        "begin from the same shared policy. Samples and processor time of all specialists "
        "together; win rate in per cent against the specialists of E1 in the same characters.",
        ("Specialists", "Seed", "Samples", "Time", "Gain", "95 % of games", "Against E1's"),
        tuple(rows),
    )


def _unseen(document: Document) -> Table:
    rows = [
        (
            row["bot"],
            str(run["seed"]),
            *(
                _cell(row[k]["win_rate"], row[k]["interval"])
                for k in ("seen", "unseen", "difference")
            ),
        )
        for run in document["unseen"]
        for row in run["bots"]
    ]
    return Table(
        "Characters that were never met (E8)",
        "Not in the paper. A shared policy that is told what a character can do, and not which it "
        "is, plays those that it was trained on and others against bots, which draw from the same "
        "characters. Win rate in per cent, 95 % interval.",
        ("Against", "Seed", "Trained on", "Never met", "Difference"),
        tuple(rows),
    )


def _cell(rate: float, interval: Sequence[float]) -> str:
    low, high = interval
    return f"{100 * rate:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _adaptation(document: Document) -> Table:
    rows = [
        (
            curve["character"], str(run["seed"]),
            ", ".join(
                f"{100 * point['win_rate']:.0f} at {svg.short_number(point['samples'])}"
                for point in curve["curve"]
            ),
            f"{100 * curve['win_rate']:.1f}", curve["kept"],
        )
        for run in document["unseen"]
        for curve in run["adaptation"]
    ]  # fmt: skip
    return Table(
        "Specialists of characters that were never met (E8)",
        "Trained from that shared policy, against it. Win rate in per cent by samples; that of "
        "the policy that was kept, in games that did not choose it.",
        ("Character", "Seed", "While training", "At the end", "Kept"),
        tuple(rows),
    )
