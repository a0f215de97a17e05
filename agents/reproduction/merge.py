"""How each experiment was made, and results of one sitting set beside those of another."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["PARTS", "describe", "merge"]

PARTS: Mapping[str, tuple[str, ...]] = {
    "E1": ("gains", "ratings"),
    "E2": ("large",),
    "E3": ("diversity", "profiles"),
    "E4": ("generations",),
    "E5": ("ablations",),
    "E6": ("strength",),
    "E7": ("clusters",),
    "E8": ("unseen",),
}
"""Where a document of results holds each experiment, its list of runs first."""
Document = Mapping[str, Any]


def describe(document: Document, plan: Document) -> dict[str, Any]:
    """Say how the experiments in a document were made.

    Args:
        document: all but `made` of what `results.collect` returns.
        plan: of the reproduction's directory.

    Returns:
        By experiment that was run: `preset`, `minutes`, `roster`, training `seeds`, `commits` of
        the code that trained, and the `commands` that asked for it.
    """
    made = {}
    for experiment, parts in PARTS.items():
        runs = list(_runs(document[parts[0]]))
        if runs:
            made[experiment] = {
                **{name: plan[name] for name in ("preset", "minutes", "roster")},
                "seeds": sorted({run["seed"] for run in runs}),
                "commits": sorted({run["commit"] for run in runs if run["commit"]}),
                "commands": [text for text in plan["commands"] if _asks_for(text, experiment)],
            }
    return made


def merge(before: Document, found: Document) -> dict[str, Any]:
    """Replace the experiments that were run again, and keep the others with how they were made.

    Args:
        before: results that are there already.
        found: results of another reproduction; of an experiment in both, these count, all runs of
            it.

    Returns:
        A document with the experiments of both.
    """
    joined = {**found, "made": {**before["made"], **found["made"]}}
    for experiment in sorted(set(before["made"]) - set(found["made"])):
        for part in PARTS[experiment]:
            joined[part] = before[part]
    return joined


def _runs(part: Any) -> Iterator[Document]:
    """Yield the training runs of a part, whether it is a list or has one for each variant."""
    for entry in part.values() if isinstance(part, Mapping) else (part,):
        yield from entry


def _asks_for(command: str, experiment: str) -> bool:
    """Return whether a command line names an experiment, or none, which stands for all."""
    named = [word for word in command.split() if word in PARTS]
    return experiment in named or not named
