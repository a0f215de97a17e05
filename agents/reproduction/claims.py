"""The claims of the CAM paper, each beside what was measured here.

Published figures are those of "Breaking the Mold: The Challenge of Large Scale MARL Specialization"
(arXiv 2410.02128). Its game is closed and its code unpublished, and for most figures it does not
say how they were computed: where several readings are open, each has a row.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from .claim import Claim, less_half, not_run, percent_span, twice
from .gain_claims import gain_claims
from .results import series
from .verdicts import Verdict, direction, in_one_run, measure

__all__ = ["as_csv", "as_json", "headlines", "judge", "preface"]

PUBLISHED_BEFORE, PUBLISHED_AFTER = 0.9210, 1.0585  # figure 3
PUBLISHED_RATIO = PUBLISHED_AFTER / PUBLISHED_BEFORE
PUBLISHED_CPU_HOURS = 5300 * 180
EVEN = 0.03  # below one half by less than this is as good as even
Document = Mapping[str, Any]


def judge(document: Document) -> list[Claim]:
    """Hold every claim against the results.

    Args:
        document: as `results.collect` returns it.

    Returns:
        A row for each claim, in the paper's order; also for those that were not tested.
    """
    gains, large = document["gains"], document["large"]
    return [
        *gain_claims(document),
        _most_improved(gains),
        _fourteen_of_sixteen(gains, large),
        Claim(
            "named losers", "E2", "Agent III of CAM-8 and agent VII of CAM-50 got worse",
            "2 of 16 agents", "-", "", 0, "not testable here",
            "The paper names its agents by numerals only, and its game is closed.",
        ),
        *_diversity_claims(document["diversity"]),
        *_generation_claims(document["generations"]),
        _equilibrium_claim(gains, document["clusters"]),
        *_scaling_claims(large),
        Claim(
            "collapse", "E4", "Training past the 13th generation risks collapse", "text only", "-",
            "", 0, "not testable here",
            "No figure says how far past, or what collapsed; the runs here end at the preset's "
            "last generation.",
        ),
        _control_claim(document["clusters"]),
        *_ablation_claims(document["ablations"]),
        _cost_claim(gains),
    ]  # fmt: skip


def preface(claims: Sequence[Claim]) -> str:
    """Say which claims are primary, and how many verdicts chance alone makes wrong."""
    titles = "; ".join(
        f"{claim.title} ({claim.experiment})" for claim in claims if claim.is_primary
    )
    tested = sum(bool(claim.interval) for claim in claims)
    return (
        f"Three rows are primary: {titles}. The others are readings beside them. {tested} rows "
        f"have a 95 % interval, of which about {max(1, round(0.05 * tested))} misses its true "
        "value by chance, so one wrong verdict on this page is likely. With one training run "
        "there is no interval over runs: what is given is of its games, and its verdict is of that "
        "run alone."
    )


def headlines(document: Document) -> list[str]:
    """Write the claims that were tested, a line each, for a terminal."""
    return [
        f"{claim.verdict}: {claim.title}; published {claim.published}, ours {claim.ours} "
        f"{claim.shown_interval}".rstrip()
        for claim in sorted(judge(document), key=lambda claim: not claim.is_primary)
        if claim.is_tested
    ]


def as_csv(claims: Sequence[Claim]) -> str:
    """Write one line a claim."""
    out = io.StringIO()
    names = [item.name for item in fields(Claim)]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(asdict(claim) for claim in claims)
    return out.getvalue()


def as_json(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Return the claims as JSON can hold them."""
    return [asdict(claim) for claim in claims]


def _most_improved(gains: Sequence[Document]) -> Claim:
    key, title = (
        "most improved",
        "Most agents improve, against the policy that they trained against",
    )
    if not gains:
        return not_run(key, "E1", title, "most of 8")
    count = sum(len(run["characters"]) for run in gains)
    improved, better, worse = (
        sum(run[name] for run in gains) for name in ("improved", "better", "worse")
    )
    verdict: Verdict = "does not hold"
    if 2 * better > count:
        verdict = "holds"
    elif 2 * improved > count:
        verdict = "holds in part"
    return Claim(
        key, "E1", title, "most of 8",
        f"{improved} of {count}, {better} clearly; {worse} clearly worse",
        "", len(gains), _of(len(gains), verdict),
        "Counted over all runs. Clearly: the 95 % interval of a character's games excludes zero. "
        "It holds if more than half are clearly better, in part if more than half are nominally.",
    )  # fmt: skip


def _fourteen_of_sixteen(gains: Sequence[Document], large: Sequence[Document]) -> Claim:
    key, title = (
        "fourteen of sixteen",
        "Eight agents each of a small and a large population improve",
    )
    if not gains or not large:
        return not_run(key, "E2", title, "14 of 16")
    pairs = [
        (run["characters"], other["field"]["characters"])
        for run, other in zip(gains, large, strict=False)
    ]
    rows = [row for pair in pairs for half in pair for row in half]
    improved = sum(row["gain"] > 0 for row in rows)
    better = sum(row["verdict"] == "better" for row in rows)
    share = improved / len(rows)
    verdict: Verdict = "does not hold"
    if share >= 12 / 16:  # what the design set as the criterion on a CPU
        verdict = "holds"
    elif share > 0.5:
        verdict = "holds in part"
    return Claim(
        key, "E2", title, "14 of 16", f"{improved} of {len(rows)}, {better} clearly", "",
        len(pairs), _of(len(pairs), verdict),
        "It holds from 12 of 16 on; nominally, as the paper counts.",
    )  # fmt: skip


def _of(runs: int, verdict: Verdict) -> Verdict:
    """Return a verdict by counts, or what it is worth if only one run was counted."""
    return verdict if runs > 1 else in_one_run(verdict in ("holds", "holds in part"))


def _diversity_claims(found: Sequence[Document]) -> list[Claim]:
    intervals = found[0]["intervals"] if found else {}
    skills = _ratio_claim(
        "distance without attack",
        "Characters use their skills less alike, without the attack button, frequencies in l2",
        [run["without_attack"]["l2"] for run in found],
        intervals.get("without attack"),
    )
    if found:
        before, after = np.mean([run["attack_share"] for run in found], axis=0)
        text = (
            "The row to compare with the paper: its distances are of the same size (0.921). The "
            f"attack, which everyone has, is {100 * before:.0f} % of presses before, "
            f"{100 * after:.0f} % after; with it the vectors are all but parallel."
        )
        followed = [
            run["by_generation"]["without_attack"] for run in found if "by_generation" in run
        ]
        if followed:
            first, last = (np.mean([values[end] for values in followed]) for end in (0, -1))
            text += f" Within stage 1 the distance went from {first:.3f} to {last:.3f}."
        skills = replace(skills, why=f"{text} {skills.why}")
    rows = [
        _ratio_claim(
            f"distance {norm}",
            f"The same with the attack button, frequencies in {norm}",
            [run["distance"][norm] for run in found],
            intervals.get(norm),
        )
        for norm in ("l2", "l1", "max")
    ]
    timing = _ratio_claim(
        "distance timing",
        "They differ more in when they use them, histograms in l2",
        [run["timing"]["l2"] for run in found],
        intervals.get("timing"),
        published="plot only",
    )
    neural = _ratio_claim(
        "distance neural",
        "Their policies differ more in the same states (system neural diversity)",
        [(run["neural"]["before"], run["neural"]["after"]) for run in found],
        None,
        published="not measured",
    )
    return [skills, *rows, timing, neural]


def _ratio_claim(
    key: str,
    title: str,
    pairs: Sequence[Sequence[float]],
    own: Sequence[float] | None,
    *,
    published: str = "",
) -> Claim:
    """Judge a ratio of distances against the paper's, or, if `published` says it has none, 1."""
    target = None if published else PUBLISHED_RATIO
    published = published or f"{PUBLISHED_RATIO:.3f}"
    kept = [(before, after) for before, after in pairs if before > 0 and after > 0]
    if not kept:
        return not_run(key, "E3", title, published)
    found = measure(
        [after / before for before, after in kept], own if len(pairs) == 1 else None, is_ratio=True
    )
    verdict, why = direction(found, zero=1.0, published=target)
    before, after = (float(np.mean(side)) for side in zip(*kept, strict=True))
    source = found.source.replace("of its games", "of its opponents")
    return Claim(
        key, "E3", title, published, f"{found.value:.3f}",
        f"[{found.interval[0]:.3f}, {found.interval[1]:.3f}]" if found.interval else "",
        found.runs, verdict, f"{before:.3f} to {after:.3f}. {why} {source}",
    )  # fmt: skip


def _generation_claims(runs: Sequence[Document]) -> list[Claim]:
    rising = "Generations improve: row means of their cross-play do not fall"
    step = "Each generation beats the one before"
    if not runs:
        return [
            not_run("row means", "E4", rising, "monotone"),
            not_run("each step", "E4", step, "monotone"),
        ]
    falls = [fall for run in runs for fall in run["falls"]]
    steps = [step for run in runs for step in run["steps"]]
    won = sum(low > 0.5 for _, low, _ in steps)
    lost = sum(high < 0.5 for _, _, high in steps)
    return [
        Claim(
            "row means", "E4", rising, "monotone",
            f"{len(falls)} clear falls in {len(steps)} steps", "", len(runs),
            _of(len(runs), "holds" if not falls else "holds in part" if 4 * len(falls) <= len(steps)
            else "does not hold"),
            "A fall is clear if the 95 % interval of the change, of games over the same opponents, "
            "lies below zero.",
        ),
        Claim(
            "each step", "E4", step, "monotone",
            f"{won} of {len(steps)} clearly; {lost} clearly lose", "", len(runs),
            _of(len(runs), "holds" if won == len(steps) else "holds in part"
            if 2 * won > len(steps) else "does not hold"),
            "Win rate of a generation against the one before, Wilson interval of games, all "
            "characters against all.",
        ),
    ]  # fmt: skip


def _equilibrium_claim(gains: Sequence[Document], clusters: Sequence[Document]) -> Claim:
    """Bound from below what a best response gains on the last generation, by those that met it."""
    key, title = "equilibrium", "An approximate Nash equilibrium by the 13th generation"
    published = "epsilon-NE, epsilon not printed"
    if not gains:
        return not_run(key, "E1", title, published)
    found = measure([2 * run["gain"] for run in gains], twice(gains[0]["interval"]))
    control = [2 * row["gain"] for row in _control_rows(clusters)]
    bound = max([found.value, *control])
    verdict: Verdict = "not shown either way"
    if found.interval is not None and found.interval[0] > 0:
        verdict = "does not hold" if found.runs > 1 else "not seen in one run"
    why = (
        "The last generation is the shared policy. Whatever beats it bounds how far it is from an "
        f"equilibrium, in payoff from -1 to 1: its specialists gain {found.value:.2f}"
    )
    if control:
        why += (
            ", and one policy that trained on from it against it gains "
            f"{float(np.mean(control)):.2f} ({_count(len(control), 'run')})"
        )
    return Claim(
        key, "E1", title, published, f"epsilon at least {bound:.2f}",
        f"[{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else "",
        found.runs, verdict,
        f"{why}. It does not hold for an epsilon below {bound:.2f}; above it nothing is known. "
        f"The interval is of the specialists. {found.source}",
    )  # fmt: skip


def _scaling_claims(large: Sequence[Document]) -> list[Claim]:
    runs = [run["scaling"] for run in large if "scaling" in run]
    claims = (
        (
            "baseline scaling", "The shared policy of more characters has diminishing returns: "
            "it loses to that of fewer", "shared policy", True,
        ),
        (
            "cam scaling", "CAM has none: specialists of more characters hold their own against "
            "those of fewer", "specialist", False,
        ),
    )  # fmt: skip
    if not runs:
        return [not_run(key, "E2", title, "text only") for key, title, *_ in claims]
    rows: list[Claim] = []
    for key, title, who, falls in claims:
        found = measure([run[who]["rate"] for run in runs], runs[0][who]["interval"])
        assert found.interval is not None
        verdict: Verdict = "not shown either way"
        why = "The interval includes one half: too few games to tell."
        if found.interval[1] < 0.5:
            verdict = "holds" if falls else "does not hold"
            why = "The large population clearly loses."
        elif found.interval[0] >= 0.5 - EVEN:
            verdict = "does not hold" if falls else "holds"
            why = "The large population does not clearly lose."
        low, high = found.interval
        rows.append(
            Claim(
                key, "E2", title, "text only", f"{100 * found.value:.1f} %",
                f"[{100 * low:.1f}, {100 * high:.1f}]", found.runs, _of(found.runs, verdict),
                "Win rate of the large population against the small one in the small one's "
                f"characters, both trained for the same time. {why} {found.source}",
            )
        )  # fmt: skip
    return rows


def _ablation_claims(ablations: Mapping[str, Sequence[Document]]) -> list[Claim]:
    """The one ablation that the paper argues for: its mutual-information term."""
    key, title = "mutual information", "Maximising mutual information in stage 1 helps"
    published = "no ablation, lambda not printed"
    tried = {
        name: rates
        for name, runs in ablations.items()
        if "lambda_mi" in name and (rates := series(runs, "rival", "specialist", "rate"))
    }
    if not tried:
        return [
            Claim(
                key, "E5", title, published, "-", "", 0, "not run",
                "As printed the term is zero: policies that factorise over agents share no "
                "information at a state. The batch estimate across states is an option; run E5.",
            )
        ]  # fmt: skip
    best = max(tried, key=lambda name: float(np.mean(tried[name])))
    shared = float(np.mean(series(ablations[best], "rival", "shared policy", "rate")))
    rival = next(run["rival"] for run in ablations[best] if run["rival"])
    found = measure(
        [rate - 0.5 for rate in tried[best]], less_half(rival["specialist"]["interval"])
    )
    verdict, why = direction(found, zero=0.0, published=None)
    return [
        Claim(
            key, "E5", title, published, f"{100 * found.value:+.1f} points ({best})",
            percent_span(found.interval), found.runs, verdict,
            "Specialists trained with the term against those without it, in the same characters, "
            f"less 50 %; the best of {len(tried)} weights. The term is the batch estimate across "
            f"states, since the printed one is zero. The shared policy with it wins "
            f"{100 * shared:.1f} % against that without it. {why} {found.source}",
        )
    ]  # fmt: skip


def _control_rows(clusters: Sequence[Document]) -> list[Document]:
    rows = (row for run in clusters for row in run["rows"])
    return [row for row in rows if row.get("control") and row["rival"]]


def _control_claim(clusters: Sequence[Document]) -> Claim:
    """What the paper has no control for: would further training alone have gained as much?"""
    key, title = "control", "Specialising gains, and not only further training"
    published = "no control"
    rows = _control_rows(clusters)
    if not rows:
        return not_run(key, "E7", title, published)
    met = [row["rival"]["specialist"] for row in rows]
    low, high = met[0]["interval"]
    found = measure([0.5 - other["rate"] for other in met], (0.5 - high, 0.5 - low))
    verdict, why = direction(found, zero=0.0, published=None)
    gain = 100 * float(np.mean([row["gain"] for row in rows]))
    return Claim(
        key, "E7", title, published, f"{100 * found.value:+.1f} points",
        percent_span(found.interval), found.runs, verdict,
        "Specialists against one policy for all characters that trained on from the same shared "
        "policy, against the same pool, with the processor time of all of them; same characters, "
        f"less 50 %. Its own gain over the shared policy is {gain:+.1f} points. Neither had "
        "stopped gaining when its time was over, so this compares learners on their way and says "
        f"nothing of where they end. {why} {found.source}",
    )  # fmt: skip


def _cost_claim(gains: Sequence[Document]) -> Claim:
    key, title = "cost", "Processor time of the experiment"
    seconds = [run["cost"]["seconds"] for run in gains if run["cost"]["seconds"]]
    if not seconds:
        return not_run(key, "E1", title, f"{PUBLISHED_CPU_HOURS:,} CPU hours")
    hours = float(np.mean(seconds)) / 3600
    return Claim(
        key, "E1", title, f"{PUBLISHED_CPU_HOURS:,} CPU hours", f"{hours:.2f} h of wall clock",
        "", len(seconds), "not testable here",
        "Another game, another simulator: the two say what each experiment cost, not which is "
        "more efficient.",
    )  # fmt: skip


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
