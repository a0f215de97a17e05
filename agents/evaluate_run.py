"""Evaluate what a training run left: its specialists, or its one policy against a bot."""

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from cam_arena import load_roster
from cam_arena.cores import usable_cores
from cam_arena.errors import CheckpointError
from cam_arena.files import refusing, write_json
from cam_arena.game.options import Options
from cam_arena.opponents import Bot, resolve, warn_of_unmet
from cam_arena.roster import Roster

from .cam import slug
from .evaluate import Entrant, Player, character_pairs, play, tournament
from .evaluation import Evaluation
from .population.members import BotMember, Member, find_policy, load_member
from .population.payoff import Payoff
from .provenance import provenance
from .run_config import FILE_NAME, find_roster, read_config, trained_roster
from .saved import load_policy
from .selfplay import character_names

GENERATIONS_NAME = "generations.json"
GENERATION_GAMES = 128  # at most, of two generations
MAX_PAIRS = 64  # of characters, in which two generations meet
MAX_GENERATIONS = 7  # drawn from a run with more snapshots, evenly
Loader = Callable[[Path, str], Member]
Report = Callable[[str, int, int], None]  # what is played, games finished, games in all


@dataclass(frozen=True)
class Trained:
    """The policies of a run, ready to play."""

    config: dict[str, Any]
    """What `config.json` holds."""
    roster: Roster
    names: tuple[str, ...]
    """Characters that it was trained on."""
    shared: Member
    """The policy that plays all of them."""
    specialists: dict[str, Member]
    """By character; empty where the run trained none."""
    snapshots: tuple[Path, ...]
    """Directories of the shared policy's past, oldest first."""
    load: Loader
    """How to read one of them."""

    @property
    def options(self) -> Options:
        """Of matches as in training."""
        return Options(
            frame_skip=self.config.get("frame_skip", 3),
            observation=self.config.get("observation", "full"),
            roster=self.roster,
        )


def load_trained(run: Path, *, roster: Path | None = None) -> Trained:
    """Read the policies of a run.

    Args:
        run: directory that `cam-arena train` wrote, or that of one saved policy.
        roster: directory of the roster that it was trained on; None: where its config says.

    Returns:
        Its policies.

    Raises:
        OtherRosterError: if it was trained on another roster, or does not say on which.
        CheckpointError: if the run is not there, not finished or damaged.
    """
    if not (run / FILE_NAME).exists() and ((run / "manifest.json").exists() or _is_saved(run)):
        return _lone(run, roster)
    config = read_config(run, roster=roster)
    if config.get("game", "arena") != "arena":
        raise CheckpointError(
            f"{run} was trained on the matrix game {config['game']!r}, which has no fighters; its "
            "measures are in population.json"
        )
    playing = trained_roster(run, config, roster)
    with refusing(run / FILE_NAME, "the config of a run", CheckpointError):
        names = character_names(playing, config["characters"])
    is_sb3 = str(config.get("scheme", "")).startswith("sb3")
    load = partial(_sb3_loader() if is_sb3 else load_member, roster=playing)
    stage_1 = next((run / name for name in ("stage1", "shared") if (run / name).is_dir()), run)
    specialists: dict[str, Member] = {}
    if stage_1 != run and config.get("scheme") != "sb3 independent":
        unfinished = [name for name in names if not _is_saved(run / "specialists" / slug(name))]
        if unfinished:
            raise _interrupted(run, config, f"a specialist for {unfinished[0]}")
        specialists = {name: load(run / "specialists" / slug(name), name) for name in names}
    if not _is_saved(stage_1 if is_sb3 else stage_1 / "policy"):
        raise _interrupted(run, config, "its policy")
    shared = load(stage_1 if is_sb3 else stage_1 / "policy", "shared policy")
    # An sb3 run keeps its past selves beside the last one, the others in a directory of their own.
    past = stage_1.glob("step_*") if is_sb3 else (stage_1 / "snapshots").glob("*")
    snapshots = tuple(sorted(past))[: -1 if is_sb3 else None]
    return Trained(config, playing, names, shared, specialists, snapshots, load)


def _is_saved(folder: Path) -> bool:
    return any(folder.glob("step_*"))


def _interrupted(run: Path, config: Mapping[str, Any], lacking: str) -> CheckpointError:
    scheme = str(config.get("scheme", "")).replace("_", "-")
    how = f"go on with: {shlex.join(['cam-arena', 'train', scheme, '--resume', str(run)])}"
    if scheme.startswith("sb3"):
        how = "a run of sb3 cannot go on; train another"
    if not scheme:
        how = "run the same cam-arena command again to finish it"
    return CheckpointError(f"the training of {run} was interrupted before {lacking}; {how}")


def _lone(path: Path, roster: Path | None) -> Trained:
    """Return a saved policy as a run that trained nothing else."""
    playing = load_roster(find_roster(path) if roster is None else roster)
    policy = cast(Member, load_policy(path, roster=playing))
    asked = find_policy(path, roster=playing).state.get("config")
    options = {"observation": getattr(policy, "observation", "full")}
    if isinstance(asked, dict) and "frame_skip" in asked:
        options["frame_skip"] = asked["frame_skip"]
    characters = getattr(policy, "characters", None)
    names = () if characters is None else character_names(playing, characters)
    return Trained(options, playing, names, policy, {}, (), partial(load_member, roster=playing))


def only(trained: Trained, characters: str | None) -> Trained:
    """Return a run's policies with some characters alone.

    Args:
        trained: the run's policies.
        characters: a split or a name; others than it was trained on where one policy plays all.
            None: all that it was trained on.

    Raises:
        ValueError: if there are no such characters, or the run has no specialist for one; or if
            none are given and the policy does not say on whom it was trained.
    """
    if characters is None:
        if not trained.names:
            raise ValueError(
                "the policy does not say on which characters it was trained; give --characters, "
                "such as core8"
            )
        return trained
    names = character_names(trained.roster, characters)
    if trained.specialists:
        lacking = [name for name in names if name not in trained.specialists]
        if lacking:
            raise ValueError(
                f"the run has no specialist for {lacking[0]}; it has {', '.join(trained.names)}"
            )
    else:
        warn_of_unmet(trained.shared, names, set())
    kept = {name: member for name, member in trained.specialists.items() if name in names}
    return replace(trained, names=names, specialists=kept)


def _sb3_loader() -> Callable[..., Member]:
    from .sb3_member import load_sb3_member

    return load_sb3_member


def evaluate_run(
    run: Path,
    *,
    games: int,
    opponent: str,
    seed: int,
    characters: str | None = None,
    roster: Path | None = None,
    report: Report | None = None,
) -> Evaluation:
    """Play everyone of a run against everyone.

    With specialists the base is the shared policy, otherwise a bot. The generations of the shared
    policy are played too and their counts written to `generations.json`.

    Args:
        run: directory that `cam-arena train` wrote.
        games: per pairing; even.
        opponent: whom a run without specialists is compared with: a bot, or the directory of
            another policy or run, which must see the same preset.
        seed: of the games.
        characters: as in `only`; None: all that it was trained on.
        roster: as in `load_trained`.
        report: told of the progress.

    Returns:
        The evaluation, not yet saved.

    Raises:
        CheckpointError: as `load_trained`.
        ValueError: if `games` is odd, the opponent sees another preset, or as `only`.
    """
    trained = only(load_trained(run, roster=roster), characters)
    base, challenger = "shared policy", "specialist"
    first: dict[str, Player] = dict.fromkeys(trained.names, trained.shared)
    second: dict[str, Player] = dict(trained.specialists)
    if not trained.specialists:
        base, challenger = opponent, "policy"
        first = as_characters(opponent, trained)
        second = dict.fromkeys(trained.names, trained.shared)
    entrants = [
        Entrant(f"{who} {name}", member, trained.roster[name].index)
        for who, members in ((base, first), (challenger, second))
        for name, member in members.items()
    ]
    start = time.monotonic()
    table = tournament(
        entrants,
        games=games,
        seed=seed,
        options=trained.options,
        progress=None if report is None else lambda *done: report("evaluation", *done),
        threads=usable_cores(),
    )
    _play_generations(run, trained, games, seed, report)
    facts = {**provenance(), "seconds": f"{time.monotonic() - start:.1f}"}
    return Evaluation(base, challenger, trained.names, table, seed, games, trained.roster.id, facts)


def as_characters(word: str, trained: Trained) -> dict[str, Player]:
    """Return who plays each character of a run for its opponent.

    Args:
        word: a bot, or the directory of a policy or a run; of one with specialists each character
            is played by its own.
        trained: the run.

    Raises:
        ValueError: if the opponent sees another preset than the run.
        CheckpointError: as `cam_arena.opponents.resolve`.
    """
    opponent, names = resolve(word, trained.roster), trained.names
    seen, mine = getattr(opponent, "observation", None), trained.options.observation
    if seen not in (None, mine):
        raise ValueError(
            f"{word} sees observation {seen!r} and the run {mine!r}: games show both sides the "
            "same; take two that were trained alike"
        )
    if isinstance(opponent, Bot):
        return dict.fromkeys(names, BotMember(opponent.name))
    choose = getattr(opponent, "for_character", None)
    if choose is not None:
        return {name: choose(name) for name in names}
    return dict.fromkeys(names, cast(Player, opponent))


def _play_generations(
    run: Path, trained: Trained, games: int, seed: int, report: Report | None
) -> None:
    """Play the shared policy's past against its present, characters drawn alike."""
    if len(trained.snapshots) < 1:
        return
    chosen = np.unique(
        np.linspace(0, len(trained.snapshots) - 1, MAX_GENERATIONS - 2).round().astype(int)
    )
    members: list[Player] = [BotMember("random", 3)]
    names = ["random", *(f"generation {index + 1}" for index in chosen), "final"]
    members += [
        trained.load(trained.snapshots[index], name)
        for index, name in zip(chosen, names[1:], strict=False)
    ]
    members.append(trained.shared)
    payoff = Payoff(len(members), len(members))
    characters = [trained.roster[name].index for name in trained.names]
    pairs = character_pairs(characters, MAX_PAIRS, seed=seed)
    each = max(2, 2 * round(min(GENERATION_GAMES, games) / len(pairs) / 2))
    pairings = [(i, j) for i in range(len(members)) for j in range(i)]
    for played, (i, j) in enumerate(pairings):
        if report is not None:
            report("generations", played * each * len(pairs), len(pairings) * each * len(pairs))
        counts = play(
            members[i], members[j], pairs, games=each, seed=seed, options=trained.options,
            threads=usable_cores(),
        )  # fmt: skip
        wins, draws, total = (int(x.sum()) for x in (counts.wins, counts.draws, counts.games))
        payoff.wins[i, j], payoff.wins[j, i] = wins, total - wins - draws
        payoff.draws[i, j] = payoff.draws[j, i] = draws
        payoff.games[i, j] = payoff.games[j, i] = total
    path = run / GENERATIONS_NAME
    document = {
        "names": names,
        "seed": seed,
        "roster_id": trained.roster.id,
        "provenance": provenance(),
        **payoff.state(),
    }
    write_json(path, document, indent=None)
