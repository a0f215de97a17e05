"""What an evaluation shows and what it does not, in sentences computed from its numbers."""

from collections.abc import Sequence

from ..evaluate import Table
from ..evaluation import Evaluation
from ..gains import Behaviour, Gains, Interval, behaviour, compare

PAPER_GAIN = 0.132  # Juang et al. 2024, figure 1; the paper does not say against whom
PAPER_RATIO = 1.0585 / 0.9210  # figure 3
ALIKE = 0.05  # of a ratio from 1: no difference to speak of


def several(challenger: str) -> str:
    """Write who plays the second half of a table: many specialists, or one policy."""
    return f"{challenger}s" if challenger == "specialist" else challenger


def the(player: str) -> str:
    """Write a player with its article: a bot or a directory is a name and has none."""
    return f"the {player}" if player in ("shared policy", "specialists", "policy") else player


def whom(gains: Gains) -> str:
    """Say whom the base plays in the games that the gain is of."""
    return "every other character" if len(gains.characters) > 1 else "the same character"


def points(value: float) -> str:
    """Write a difference of win rates in percentage points."""
    return f"{100 * value:+.1f}"


def span(interval: Interval) -> str:
    """Write an interval of a difference of win rates."""
    return f"[{points(interval[0])}, {points(interval[1])}]"


def shows(gains: Gains, seen: Behaviour | None, *, base: str, challenger: str) -> list[str]:
    """Write what the numbers support.

    Args:
        gains: of the evaluation.
        seen: None where actions were not seen, as with bots.
        base: name of the first half of the table.
        challenger: name of the second half.

    Returns:
        Sentences.
    """
    games = sum(character.games for character in gains.characters)
    count = len(gains.characters)
    them, it, playing = the(several(challenger)), the(base), whom(gains)
    rate = f"{100 * (0.5 + gains.gain):.1f} %"
    low, high = gains.interval
    opening = (
        f"Against {it} playing {playing}, {them} won {rate} of {games:,} games (draws count half). "
        f"{_begin(it)} itself wins exactly 50 % of such games, whatever it is worth, so the gain "
        f"is {points(gains.gain)} points, 95 % interval {span(gains.interval)}."
    )
    if low > 0:
        verdict = "The interval lies above zero: over these games the gain is not luck."
    elif high < 0:
        verdict = f"The interval lies below zero: {them} played worse than {it}."
    else:
        verdict = "The interval includes zero: these games do not show a gain."
    each = (
        f"Of {count} characters {gains.count('better')} gained clearly, {gains.count('worse')} "
        "lost clearly "
        f"and for {gains.count('unclear')} the interval includes zero; nominally "
        f"{gains.nominally_improved} improved."
    )
    mirror = f"Both playing the same character, {them} won {100 * gains.mirror:.1f} % against {it}."
    return [opening, verdict, each, mirror, *_behaviour(seen, base, challenger)]


def _begin(words: str) -> str:
    """Write words as the beginning of a sentence; a name stays as it is written."""
    return f"T{words[1:]}" if words.startswith("the ") else words


def _behaviour(seen: Behaviour | None, base: str, challenger: str) -> list[str]:
    if seen is None:
        return []
    before, after = seen.distances("l2")
    if before <= 0:
        return []
    if challenger != "specialist":  # neither came before the other
        return [
            "The mean distance between two characters' action frequencies is "
            f"{after:.3f} as {the(challenger)} plays them and {before:.3f} as {the(base)} does. "
            "There is no interval around either."
        ]
    masked_before, masked_after = seen.masked_distances("l2")
    ratio = after / before
    alike = (
        "more unlike each other than before" if ratio > 1 else "less unlike each other than before"
    )
    if abs(ratio - 1) <= ALIKE:
        alike = "about as unlike each other as before"
    sentence = (
        f"Over one training run the specialists use their skills {alike}: the mean "
        "distance between two characters' "
        f"action frequencies went from {before:.3f} to {after:.3f}, a ratio of {ratio:.3f} "
        f"(the paper reports {PAPER_RATIO:.3f}). There is no interval around it: another seed of "
        "training may give another sign."
    )
    if (
        abs(ratio - 1) > ALIKE
        and masked_before > 0
        and (masked_after > masked_before) != (after > before)
    ):
        sentence += (
            " Counted only where a skill was legal the direction is the opposite, so cooldowns "
            "and unlike kits, "
            "not style, may explain it."
        )
    return [sentence]


def _control(challenger: str) -> str:
    """Say what a gain of specialists lacks; another policy has not trained against its base."""
    if challenger != "specialist":
        return ""
    return (
        ", which is also what specialists train against: one policy for all characters that "
        "trains on against it gains too, and how much is not measured here (E7 of cam-arena "
        "reproduce does)"
    )


def does_not_show(
    gains: Gains,
    table: Table,
    *,
    seeds: int,
    base: str,
    challenger: str,
    training_seconds: float | None,
    kept_shared: Sequence[str] = (),
) -> list[str]:
    """Write the limits of the evaluation.

    Args:
        gains: of the evaluation.
        table: its counts.
        seeds: independent training runs behind the report.
        base: name of the first half of the table.
        challenger: name of the second half.
        training_seconds: wall time of training, if known.
        kept_shared: characters that kept the shared policy, as nothing better was found.

    Returns:
        Sentences.
    """
    count = len(gains.characters)
    limits = []
    if seeds == 1:
        limits.append(
            "One training run: the intervals say how sure the games are, not how much another "
            "seed of training would "
            "differ. A claim about the method needs at least five."
        )
    elif seeds < 5:
        limits.append(
            f"{seeds} training runs: their spread is known badly, so the interval over them "
            "(Student's t) is wide; a claim about the method needs at least five."
        )
    limits.append(
        f"{_begin(the(several(challenger)))} met nobody but {the(base)}{_control(challenger)}."
    )
    limits.append(
        "Among a player's own characters the mean is 50 % by construction; their spread (standard "
        f"deviation) is {100 * gains.base_spread:.1f} points with {the(base)} and "
        f"{100 * gains.specialist_spread:.1f} with {the(several(challenger))}."
    )
    if kept_shared:
        limits.append(
            f"{', '.join(kept_shared)}: training found nothing better than {the(base)}, so the "
            f"{challenger} is {the(base)} itself and its gain is luck alone."
        )
    unclear = gains.count("unclear")
    if unclear:
        limits.append(
            f"{unclear} of {count} characters have intervals that include zero: more games would "
            "be needed to call them."
        )
    limits.append(
        f"Each of the {count} intervals misses its true value one time in twenty, so with many "
        "characters a few verdicts are chance."
    )
    if training_seconds is not None:
        limits.append(
            f"Training took {duration(training_seconds)}. The paper's experiment took 180 hours "
            "on 5,300 processors, "
            f"so its {100 * PAPER_GAIN:.1f} % is a direction to compare with, not a target for "
            "this budget."
        )
    first, second, drawn = (int(number) for number in table.seat_wins)
    played = max(1, first + second + drawn)
    limits.append(
        f"Seats: {100 * first / played:.1f} % of all games were won from the first seat, "
        f"{100 * second / played:.1f} % "
        f"from the second, {100 * drawn / played:.1f} % were drawn; every seed was played from "
        "both."
    )
    return limits


def headline(evaluation: Evaluation, name: str) -> str:
    """Write the figures that a terminal shows.

    Args:
        evaluation: of a run, or of a policy.
        name: what to call it.
    """
    gains, base = compare(evaluation.table, evaluation.characters), evaluation.base
    better, worse, count = gains.count("better"), gains.count("worse"), len(evaluation.characters)
    if evaluation.challenger != "specialist":
        rate, low, high = (100 * (0.5 + value) for value in (gains.gain, *gains.interval))
        meeting = "without mirror matches" if count > 1 else "in mirror matches"
        return (
            f"{name} against {base}, {meeting}: {rate:.1f} % won, "
            f"95 % interval [{low:.1f}, {high:.1f}]\n"
            f"characters that it plays clearly better than {base} does: {better} of {count}, "
            f"clearly worse: {worse}"
        )
    lines = [
        f"{name}: specialists against {the(base)}: gain {points(gains.gain)} points, "
        f"95 % interval {span(gains.interval)}",
        f"characters that specialists play clearly better than {the(base)} does: {better} of "
        f"{count}, clearly worse: {worse}",
    ]
    seen = behaviour(evaluation.table, count)
    if seen.base_uses.any() and seen.specialist_uses.any():
        before, after = seen.distances("l2")
        lines.append(
            f"behavioural distance: {before:.3f} to {after:.3f}, {after / before:.3f} times"
        )
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Write a time as a person would: 45 s, 4 min 50 s, 3 h 12 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def over_runs(values: Sequence[float], interval: Interval) -> str:
    """Write the gain over several training runs."""
    each = ", ".join(points(value) for value in values)
    mean = sum(values) / len(values)
    verdict = "excludes" if interval[0] > 0 or interval[1] < 0 else "includes"
    return (
        f"Over {len(values)} training runs the mean gain is {points(mean)} points, 95 % interval "
        "over runs "
        f"{span(interval)}, which {verdict} zero (each run: {each})."
    )
