"""The claims of the CAM paper, each beside what was measured here.

Published figures are those of "Breaking the Mold: The Challenge of Large Scale MARL Specialization"
(arXiv 2410.02128). Its game is closed and its code unpublished, and for most figures it does not
say how they were computed: where several readings are open, each has a row.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from ..intervals import bootstrap_mean
from .results import series

__all__ = ["Claim", "Verdict", "as_csv", "as_json", "headlines", "judge"]

PUBLISHED_GAIN = 0.132  # figure 1
PUBLISHED_BEFORE, PUBLISHED_AFTER = 0.9210, 1.0585  # figure 3
PUBLISHED_RATIO = PUBLISHED_AFTER / PUBLISHED_BEFORE
PUBLISHED_CPU_HOURS = 5300 * 180
EVEN = 0.03  # half the width of an interval around one half that says as good as even
CONVERGED = 0.02  # relative population performance below which two generations are as good

Verdict = Literal["holds", "holds in part", "does not hold", "not testable here", "not run"]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """One row."""

    key: str
    """short name, for other programs."""
    experiment: str
    """E1 to E5, or empty."""
    title: str
    published: str
    ours: str
    interval: str
    verdict: Verdict
    why: str
    """what the verdict rests on, or why there is none."""

    @property
    def is_tested(self) -> bool:
        """Whether something was measured."""
        return self.verdict not in ("not testable here", "not run")


def judge(document: Document) -> list[Claim]:
    """Hold every claim against the results.

    Args:
        document: as `results.collect` returns it.

    Returns:
        A row for each claim, in the paper's order; also for those that were not tested.
    """
    core, large = document["core"], document["large"]
    return [
        *_gain_claims(core, large),
        _most_improved(core),
        _fourteen_of_sixteen(core, large),
        Claim(
            "named losers", "E2", "Agent III of CAM-8 and agent VII of CAM-50 got worse",
            "2 of 16 agents", "-", "", "not testable here",
            "The paper names its agents by numerals only, and its game is closed.",
        ),
        *_diversity_claims(core),
        *_generation_claims(core),
        *_scaling_claims(large),
        Claim(
            "collapse", "E4", "Training past the 13th generation risks collapse", "text only", "-",
            "", "not testable here",
            "No figure says how far past, or what collapsed; the runs here end at the preset's "
            "last generation.",
        ),
        _control_claim(document["clusters"]),
        *_ablation_claims(document["ablations"]),
        _cost_claim(core),
    ]  # fmt: skip


def headlines(document: Document) -> list[str]:
    """Write the claims that were tested, a line each, for a terminal."""
    return [
        f"{claim.verdict}: {claim.title}; published {claim.published}, ours {claim.ours} "
        f"{claim.interval}".rstrip()
        for claim in judge(document)
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


def as_json(claims: Sequence[Claim]) -> list[dict[str, str]]:
    """Return the claims as JSON can hold them."""
    return [asdict(claim) for claim in claims]


def over_seeds(values: Sequence[float]) -> tuple[float, float] | None:
    """Compute a 95 % bootstrap interval of the mean over training seeds; None for fewer than 2."""
    if len(values) < 2:
        return None
    return bootstrap_mean(values, rng=np.random.default_rng(0), resamples=5000)


def _gain_claims(core: Sequence[Document], large: Sequence[Document]) -> list[Claim]:
    """Figure 1's 13.2 %, in the readings that its text leaves open."""
    readings = [
        (
            "gain absolute", "Specialists win more, in points: against the shared policy in all "
            "other characters", [(r["gains"]["gain"], r["gains"]["interval"]) for r in core], "E1",
        ),
        (
            "gain relative", "The same relative to the shared policy's win rate",
            [(r["gains"]["relative"], _twice(r["gains"]["interval"])) for r in core], "E1",
        ),
        (
            "gain mixed pool", "All entrants in one pool: specialists' mean less shared policies'",
            [(r["gains"]["mixed_pool"], None) for r in core], "E1",
        ),
        (
            "gain larger field", "The eight strongest of a larger field, others not specialised",
            [(r["field"]["gain"], r["field"]["interval"]) for r in large], "E2",
        ),
        (
            "gain head to head", "Specialist against shared policy, same character, less 50 %",
            [
                (r["gains"]["mirror"] - 0.5, _less_half(r["gains"]["mirror_interval"]))
                for r in core
            ], "E1",
        ),
    ]  # fmt: skip
    return [_gain_claim(*reading) for reading in readings]


def _gain_claim(
    key: str,
    title: str,
    runs: Sequence[tuple[float, Sequence[float] | None]],
    experiment: str,
) -> Claim:
    if not runs:
        return _not_run(key, experiment, title, "+13.2 %")
    values = [value for value, _ in runs]
    mean = float(np.mean(values))
    interval, source = over_seeds(values), f"bootstrap over {len(runs)} training runs"
    if interval is None:
        given = runs[0][1]
        interval = None if given is None else (float(given[0]), float(given[1]))
        source = "one training run: games only, not another seed of training"
    verdict, why = _direction(mean, interval, PUBLISHED_GAIN, zero=0.0)
    unit = "%" if key == "gain relative" else "points"
    return Claim(
        key, experiment, title, "+13.2 %", f"{100 * mean:+.1f} {unit}", _percent_span(interval),
        verdict, f"{why} Interval: {source}." if interval else why,
    )  # fmt: skip


def _direction(
    value: float, interval: tuple[float, float] | None, published: float | None, *, zero: float
) -> tuple[Verdict, str]:
    """Judge a claim that something rose by a published amount, or at all if none is published."""
    if interval is None:
        if value > zero:
            return "holds in part", "The sign agrees; this reading has no interval with one run."
        return "does not hold", "The sign is the opposite; this reading has no interval."
    low, high = interval
    if high <= zero:
        return "does not hold", "The interval lies on the other side."
    if low <= zero:
        return "does not hold", "The interval includes no change: it is not shown."
    if published is None:
        return "holds", "The direction is certain; no size is published."
    if high < published:
        return "holds in part", "The direction is certain; the size is smaller than published."
    if low > published:
        return "holds", "The size is larger than published."
    return "holds", "The interval excludes no change and includes the published size."


def _most_improved(core: Sequence[Document]) -> Claim:
    key, title = "most improved", "Most agents improve"
    if not core:
        return _not_run(key, "E1", title, "most of 8")
    count = sum(len(run["gains"]["characters"]) for run in core)
    improved = sum(run["gains"]["improved"] for run in core)
    better = sum(run["gains"]["better"] for run in core)
    worse = sum(run["gains"]["worse"] for run in core)
    verdict: Verdict = "does not hold"
    if 2 * better > count:
        verdict = "holds"
    elif 2 * improved > count:
        verdict = "holds in part"
    return Claim(
        key, "E1", title, "most of 8", 
        f"{improved} of {count}, {better} clearly; {worse} clearly worse",
        "", verdict,
        "Counted over all runs. Clearly: the 95 % interval of a character excludes zero. It holds "
        "if more than half are clearly better, in part if more than half are nominally.",
    )  # fmt: skip


def _fourteen_of_sixteen(core: Sequence[Document], large: Sequence[Document]) -> Claim:
    key, title = (
        "fourteen of sixteen",
        "Eight agents each of a small and a large population improve",
    )
    if not core or not large:
        return _not_run(key, "E2", title, "14 of 16")
    pairs = [
        (run["gains"]["characters"], other["field"]["characters"])
        for run, other in zip(core, large, strict=False)
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
        verdict, "It holds from 12 of 16 on; nominally, as the paper counts.",
    )  # fmt: skip


def _diversity_claims(core: Sequence[Document]) -> list[Claim]:
    found = [run["diversity"] for run in core]
    intervals = found[0]["intervals"] if found else {}
    rows = [
        _ratio_claim(
            f"distance {norm}",
            f"Characters use their skills less alike, frequencies in {norm}",
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
    skills = _ratio_claim(
        "distance without attack",
        "The same without the attack button, frequencies in l2",
        [run["without_attack"]["l2"] for run in found],
        intervals.get("without attack"),
    )
    if found:
        before, after = np.mean([run["attack_share"] for run in found], axis=0)
        pressed = (
            f"The attack is {100 * before:.0f} % of presses before, {100 * after:.0f} % after."
        )
        followed = [
            run["by_generation"]["without_attack"] for run in found if "by_generation" in run
        ]
        if followed:
            first, last = (np.mean([values[end] for values in followed]) for end in (0, -1))
            pressed += f" Within stage 1 the distance went from {first:.3f} to {last:.3f}."
        skills = replace(skills, why=f"{pressed} {skills.why}")
    neural = _ratio_claim(
        "distance neural",
        "Their policies differ more in the same states (system neural diversity)",
        [(run["neural"]["before"], run["neural"]["after"]) for run in found if "neural" in run],
        None,
        published="not measured",
    )
    return [*rows, skills, timing, neural]


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
    kept = [(before, after) for before, after in pairs if before > 0]
    if not kept:
        return _not_run(key, "E3", title, published)
    ratios = [after / before for before, after in kept]
    mean = float(np.mean(ratios))
    interval, source = over_seeds(ratios), f"Interval: bootstrap over {len(ratios)} training runs."
    if interval is None and own is not None and len(pairs) == 1:
        interval, source = (own[0], own[1]), "Interval: bootstrap over opponents, one training run."
    verdict, why = _direction(mean, interval, target, zero=1.0)
    before, after = (float(np.mean(side)) for side in zip(*kept, strict=True))
    return Claim(
        key, "E3", title, published, f"{mean:.3f}",
        f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "", verdict,
        f"{before:.3f} to {after:.3f}. {why} {source if interval else ''}".rstrip(),
    )  # fmt: skip


def _generation_claims(core: Sequence[Document]) -> list[Claim]:
    runs = [run["generations"] for run in core if "generations" in run]
    rising = "Generations improve: row means of their cross-play do not fall"
    step = "Each generation beats the one before"
    converged = "An approximate Nash equilibrium by the 13th generation"
    if not runs:
        return [
            _not_run("row means", "E4", rising, "monotone"),
            _not_run("each step", "E4", step, "monotone"),
            _not_run("equilibrium", "E4", converged, "epsilon-NE, epsilon not printed"),
        ]
    falls = [fall for run in runs for fall in run["falls"]]
    steps = [step for run in runs for step in run["steps"]]
    won = sum(low > 0.5 for _, low, _ in steps)
    lost = sum(high < 0.5 for _, _, high in steps)
    last = [run["performance"][-1] for run in runs]
    values = [value for value, _, _ in last]
    interval = over_seeds(values) or (last[0][1], last[0][2])
    value = float(np.mean(values))
    ending: tuple[Verdict, str] = (
        "not testable here",
        f"The interval includes {CONVERGED} and more: too few games to tell.",
    )
    if interval[1] <= 2 * CONVERGED:
        ending = (
            "holds in part",
            "The last step gained next to nothing; that alone does not prove an equilibrium.",
        )
    elif interval[0] > CONVERGED:
        ending = "does not hold", f"Above {CONVERGED}: training was still gaining."
    return [
        Claim(
            "row means", "E4", rising, "monotone",
            f"{len(falls)} clear falls in {len(steps)} steps", "",
            "holds" if not falls else "holds in part" if 4 * len(falls) <= len(steps)
            else "does not hold",
            "A fall is clear if the 95 % interval of the change, over the same opponents, lies "
            "below zero.",
        ),
        Claim(
            "each step", "E4", step, "monotone", 
            f"{won} of {len(steps)} clearly; {lost} clearly lose",
            "",
            "holds" if won == len(steps) else "holds in part" if 2 * won > len(steps)
            else "does not hold",
            "Win rate of a generation against the one before, Wilson interval, all characters "
            "against all.",
        ),
        Claim(
            "equilibrium", "E4", converged, "epsilon-NE, epsilon not printed",
            f"relative performance {value:+.3f}", f"[{interval[0]:+.3f}, {interval[1]:+.3f}]",
ending[0],
            "Value of the game between the characters of the last generation and those of the one "
            f"before. {ending[1]}",
        ),
    ]  # fmt: skip


def _scaling_claims(large: Sequence[Document]) -> list[Claim]:
    runs = [run["scaling"] for run in large if "scaling" in run]
    rows: list[Claim] = []
    verdict: Verdict
    for key, title, who, falls in (
        (
            "baseline scaling", "The shared policy of more characters has diminishing returns: "
            "it loses to that of fewer", "shared policy", True,
        ),
        (
            "cam scaling", "CAM has none: specialists of more characters hold their own against "
            "those of fewer", "specialist", False,
        ),
    ):  # fmt: skip
        if not runs:
            rows.append(_not_run(key, "E2", title, "text only"))
            continue
        values = [run[who]["rate"] for run in runs]
        interval = over_seeds(values) or tuple(runs[0][who]["interval"])
        low, high = interval
        verdict, why = "not testable here", "The interval includes one half: too few games to tell."
        if high < 0.5:
            verdict = "holds" if falls else "does not hold"
            why = "The large population clearly loses."
        elif low >= 0.5 or high - low < 2 * EVEN:
            verdict = "does not hold" if falls else "holds"
            why = "The large population does not clearly lose."
        rows.append(
            Claim(
                key, "E2", title, "text only", f"{100 * float(np.mean(values)):.1f} %",
                f"[{100 * low:.1f}, {100 * high:.1f}]", verdict,
                "Win rate of the large population against the small one in the small one's "
                f"characters, both trained for the same time. {why}",
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
                key, "E5", title, published, "-", "", "not run",
                "As printed the term is zero: policies that factorise over agents share no "
                "information at a state. The batch estimate across states is an option; run E5.",
            )
        ]  # fmt: skip
    best = max(tried, key=lambda name: float(np.mean(tried[name])))
    shared = float(np.mean(series(ablations[best], "rival", "shared policy", "rate")))
    interval = over_seeds([rate - 0.5 for rate in tried[best]])
    verdict: Verdict = "not testable here"
    if interval is not None:
        verdict = "holds" if interval[0] > 0 else "does not hold"
    return [
        Claim(
            key, "E5", title, published,
            f"{100 * (float(np.mean(tried[best])) - 0.5):+.1f} points ({best})",
            _percent_span(interval), verdict,
            "Specialists trained with the term against those without it, in the same characters, "
            f"less 50 %; the best of {len(tried)} weights. The term is the batch estimate across "
            f"states, since the printed one is zero. The shared policy with it wins "
            f"{100 * shared:.1f} % against that without it."
            + ("" if interval else " One training run cannot tell it from luck."),
        )
    ]  # fmt: skip


def _control_claim(clusters: Sequence[Document]) -> Claim:
    """What the paper has no control for: would further training alone have gained as much?"""
    key, title = "control", "Specialising gains, and not only further training"
    published = "no control"
    rows = [row for run in clusters for row in run["rows"] if row.get("control") and row["rival"]]
    if not rows:
        return _not_run(key, "E7", title, published)
    met = [row["rival"]["specialist"] for row in rows]
    values = [0.5 - found["rate"] for found in met]
    mean = float(np.mean(values))
    low, high = met[0]["interval"]
    interval, source = over_seeds(values), f"bootstrap over {len(values)} training runs"
    if interval is None:
        interval, source = (0.5 - high, 0.5 - low), "one training run: games only"
    verdict, why = _direction(mean, interval, None, zero=0.0)
    gain = 100 * float(np.mean([row["gain"] for row in rows]))
    return Claim(
        key, "E7", title, published, f"{100 * mean:+.1f} points", _percent_span(interval), verdict,
        "Specialists against one policy for all characters that trained on from the same shared "
        "policy, against the same pool, with the processor time of all of them; same characters, "
        f"less 50 %. Its own gain over the shared policy is {gain:+.1f} points. {why} "
        f"Interval: {source}.",
    )  # fmt: skip


def _cost_claim(core: Sequence[Document]) -> Claim:
    key, title = "cost", "Processor time of the experiment"
    seconds = [run["cost"]["seconds"] for run in core if run["cost"]["seconds"]]
    if not seconds:
        return _not_run(key, "E1", title, f"{PUBLISHED_CPU_HOURS:,} CPU hours")
    hours = float(np.mean(seconds)) / 3600
    return Claim(
        key, "E1", title, f"{PUBLISHED_CPU_HOURS:,} CPU hours", f"{hours:.2f} h of wall clock",
        "", "not testable here",
        "Another game, another simulator: the two say what each experiment cost, not which is "
        "more efficient.",
    )  # fmt: skip


def _not_run(key: str, experiment: str, title: str, published: str) -> Claim:
    return Claim(
        key, experiment, title, published, "-", "", "not run",
        f"Run: cam-arena reproduce {experiment}.",
    )  # fmt: skip


def _percent_span(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"[{100 * interval[0]:+.1f}, {100 * interval[1]:+.1f}]"


def _twice(interval: Sequence[float]) -> tuple[float, float]:
    return 2 * interval[0], 2 * interval[1]  # relative to a base of exactly one half


def _less_half(interval: Sequence[float]) -> tuple[float, float]:
    return interval[0] - 0.5, interval[1] - 0.5
