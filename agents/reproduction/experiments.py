"""What the experiments of `cam-arena reproduce` do to one training run; each step leaves a file.

A step whose file exists is skipped, so an interrupted reproduction goes on where it stopped.
"""

import dataclasses
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cam_arena import Match, load_roster
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

from .. import cam, evaluation, exhibition, held_out, selfplay
from ..cam import slug
from ..evaluate import Table
from ..evaluate_run import load_trained
from ..gains import Gains, compare, compare_field, strongest
from ..intervals import wilson
from ..neural_diversity import neural_diversity
from ..population.members import PolicyMember
from ..provenance import provenance
from . import generations, strength
from .long_tournament import Tournament, play_tournament
from .seats import SHARED, SPECIALIST, Bench, match_options, shared_seats, specialist_seats

__all__ = [
    "BEHAVIOUR_NAME",
    "BOTS_NAME",
    "FIELD_NAME",
    "FILMS",
    "FILMS_NAME",
    "NEURAL_NAME",
    "REFERENCE_NAME",
    "RESPONSE_NAME",
    "SCALING_NAME",
    "evaluate",
    "film",
    "follow_behaviour",
    "measure_policies",
    "measure_unseen",
    "meet_bots",
    "meet_field",
    "meet_generations",
    "meet_rival",
    "read_films",
    "train",
    "train_response",
    "train_unseen",
]

NEURAL_NAME = "neural_diversity.json"
BEHAVIOUR_NAME = "behaviour.json"
FIELD_NAME = "field.json"
SCALING_NAME = "scaling.json"
REFERENCE_NAME = "against_reference.json"
BOTS_NAME = "bots.json"
RESPONSE_NAME = "best_response.json"
FILMS = "films"
FILMS_NAME = "films.json"
# Shares of a run's minutes; the rest pays for starting processes, videos and the report.
TRAIN_SHARE, EVALUATION_SHARE, GENERATIONS_SHARE, BEHAVIOUR_SHARE = 0.72, 0.14, 0.09, 0.02


def train(run: Path, config: cam.Config, bench: Bench) -> None:
    """Train CAM's two stages into `run`, unless that is done."""
    if not (run / "summary.json").exists():
        minutes = config.minutes if config.minutes is not None else bench.share(TRAIN_SHARE)
        cam.train(
            dataclasses.replace(config, out=run, minutes=minutes, workers=bench.workers),
            progress=bench.bars,
        )


def evaluate(run: Path, *, games: int, bench: Bench) -> None:
    """Let everyone meet everyone: `evaluation.json`."""
    if (run / evaluation.FILE_NAME).exists():
        return
    trained = load_trained(run)
    seed = int(trained.config["seed"])
    plan = Tournament(
        (*shared_seats(run, trained), *specialist_seats(run, trained, trained.names)),
        games,
        seed,
        options=match_options(trained),
    )
    parts = run / "parts" / "evaluation"
    table = play_tournament(
        plan, parts, workers=bench.workers, minutes=bench.share(EVALUATION_SHARE),
        progress=bench.follow("evaluation"),
    )  # fmt: skip
    played = int(table.games[0, 1])
    result = evaluation.Evaluation(
        SHARED, SPECIALIST, trained.names, table, seed, played, trained.roster.id, provenance()
    )
    evaluation.save(result, run)
    shutil.rmtree(parts)


def meet_generations(run: Path, *, games: int, bench: Bench) -> None:
    """Let all generations of the shared policy meet: `generations.json`."""
    if (run / generations.FILE_NAME).exists():
        return
    trained = load_trained(run)
    characters = [trained.roster[name].index for name in trained.names]
    names, seats = generations.generation_seats(run / "stage1", characters)
    plan = generations.tournament_of(
        seats, len(characters), games=games, seed=int(trained.config["seed"]),
        options=match_options(trained),
    )  # fmt: skip
    parts = run / "parts" / "generations"
    table = play_tournament(
        plan, parts, workers=bench.workers, minutes=bench.share(GENERATIONS_SHARE),
        progress=bench.follow("generations"),
    )  # fmt: skip
    found = generations.from_table(names, table, len(characters))
    generations.save(found, run, roster_id=trained.roster.id, seed=int(trained.config["seed"]))
    shutil.rmtree(parts)


def follow_behaviour(run: Path, *, games: int, bench: Bench) -> None:
    """Count what each generation presses against the last one: `behaviour.json`.

    Args:
        run: of CAM.
        games: of each character of a generation against each other character.
        bench: of the reproduction.
    """
    if (run / BEHAVIOUR_NAME).exists():
        return
    trained = load_trained(run)
    characters = [trained.roster[name].index for name in trained.names]
    count = len(characters)
    names, seats = generations.generation_seats(run / "stage1", characters)
    # Random play presses whatever it may, so it has no habits to count.
    names, seats = names[1:], seats[count:]
    plan = generations.against_last(
        seats, count, games=games, seed=int(trained.config["seed"]), options=match_options(trained)
    )
    parts = run / "parts" / "behaviour"
    table = play_tournament(
        plan, parts, workers=bench.workers, minutes=bench.share(BEHAVIOUR_SHARE),
        progress=bench.follow("behaviour"),
    )  # fmt: skip
    uses = table.uses[:, -count:, :, 1:].sum(axis=(1, 2)).reshape(len(names), count, -1)
    write_json(
        run / BEHAVIOUR_NAME,
        {
            "generations": names,
            "characters": trained.names,
            "games_per_pairing": int(table.games[0, -1]),
            "uses": uses.tolist(),
        },
    )
    shutil.rmtree(parts)


def meet_bots(run: Path, *, games: int, search_games: int, bench: Bench) -> None:
    """Let the shared policy and the specialists meet scripted bots: `bots.json`.

    Args:
        run: of CAM.
        games: of each character against each bot as each character.
        search_games: the same against the bot that plays ahead.
        bench: of the reproduction.
    """
    if (run / BOTS_NAME).exists():
        return
    trained = load_trained(run)
    document = {}
    for name, seats in (
        (SHARED, shared_seats(run, trained)),
        (SPECIALIST, specialist_seats(run, trained, trained.names)),
    ):
        found = strength.against_bots(
            [(seat.policy, seat.character) for seat in seats],
            run / "parts" / f"bots {name}",
            games=games,
            search_games=search_games,
            seed=int(trained.config["seed"]),
            options=match_options(trained),
            workers=bench.workers,
        )
        document[name] = {bot: dataclasses.asdict(rate) for bot, rate in found.items()}
    write_json(run / BOTS_NAME, document)
    shutil.rmtree(run / "parts")


def train_response(run: Path, *, games: int, bench: Bench) -> None:
    """Train a fresh policy to beat the last generations, and let it: `best_response.json`."""
    if not (run / RESPONSE_NAME).exists():
        found = strength.best_response(run, games=games, workers=bench.workers, bars=bench.bars)
        write_json(run / RESPONSE_NAME, found)


def train_unseen(run: Path, config: cam.Config, bench: Bench) -> None:
    """Train a shared policy as CAM's stage 1 does, and nothing besides, unless that is done."""
    if not (run / "policy").exists():
        minutes = bench.share(TRAIN_SHARE * cam.STAGE_1_SHARE)
        config = dataclasses.replace(config, workers=bench.workers)
        selfplay.train(cam.shared_policy_config(config, run, minutes), progress=bench.bars)


def measure_unseen(config: held_out.Config) -> None:
    """Let it play characters that it never met, and give some a specialist: `held_out.json`."""
    if not (config.run / held_out.FILE_NAME).exists():
        held_out.run(config)


def measure_policies(run: Path, *, states: int) -> None:
    """Ask all policies in the same states: `neural_diversity.json`."""
    if (run / NEURAL_NAME).exists():
        return
    trained = load_trained(run)
    found = neural_diversity(
        _policy(trained.shared),
        {name: _policy(member) for name, member in trained.specialists.items()},
        trained.roster,
        states=states,
        seed=int(trained.config["seed"]),
        options=trained.options,
    )
    write_json(run / NEURAL_NAME, found)


def meet_field(run: Path, *, top: int, games: int, field_games: int, bench: Bench) -> None:
    """Measure the strongest characters of a large population over all of it: `field.json`.

    The strongest are chosen by games of the shared policy against itself, and measured by others,
    so that luck that chose them does not count for them.

    Args:
        run: of the large population.
        top: how many characters are measured.
        games: of each of them against each other character, before and after.
        field_games: of every two characters, to choose by.
        bench: of the reproduction.
    """
    if (run / FIELD_NAME).exists():
        return
    trained = load_trained(run)
    seed, count = int(trained.config["seed"]), len(trained.names)
    shared = shared_seats(run, trained)
    field = play_tournament(
        Tournament(shared, field_games, seed, options=match_options(trained)),
        run / "parts" / "field",
        workers=bench.workers,
        minutes=bench.share(GENERATIONS_SHARE),
        progress=bench.follow("field"),
    )
    chosen = strongest(field, count, top)
    names = [trained.names[index] for index in chosen]
    pairings = {
        tuple(sorted((row, column)))
        for place, index in enumerate(chosen)
        for row in (index, count + place)
        for column in range(count)
        if row != column
    }
    table = play_tournament(
        Tournament(
            (*shared, *specialist_seats(run, trained, names)),
            games,
            seed + 1,
            tuple(sorted((i, j) for i, j in pairings)),
            match_options(trained),
        ),
        run / "parts" / "top",
        workers=bench.workers,
        minutes=bench.share(EVALUATION_SHARE),
        progress=bench.follow("strongest"),
    )
    found = compare_field(table, trained.names, chosen)
    write_json(
        run / FIELD_NAME,
        {
            **gains_document(found.characters),
            "gain": found.gain,
            "interval": found.interval,
            "relative": found.relative,
            "opponents": count - 1,
            "games_per_pairing": int(table.games[count, 0]),
            "field_games_per_pairing": int(field.games[0, 1]),
            "field_rates": field.win_rates.round(4).tolist(),
            "names": trained.names,
        },
    )
    shutil.rmtree(run / "parts")


def meet_rival(run: Path, rival: Path, *, name: str, games: int, bench: Bench) -> None:
    """Let a population meet another one in the characters that both have.

    Shared policy meets shared policy, and specialists meet specialists.

    Args:
        run: of the population, in which the results are written.
        rival: run of the other.
        name: of the file with the results.
        games: per pair of characters.
        bench: of the reproduction.
    """
    path = run / name
    if path.exists():
        return
    own, other = load_trained(run), load_trained(rival)
    names = [name for name in other.names if name in own.names]
    populations = (
        shared_seats(run, own, names), shared_seats(rival, other, names),
        specialist_seats(run, own, names), specialist_seats(rival, other, names),
    )  # fmt: skip
    seats = tuple(
        dataclasses.replace(seat, name=f"{place} {seat.name}")
        for place, population in enumerate(populations)
        for seat in population
    )
    count = len(names)
    pairings = tuple(
        (first * count + i, (first + 1) * count + j)
        for first in (0, 2)
        for i in range(count)
        for j in range(count)
    )
    table = play_tournament(
        Tournament(seats, games, int(own.config["seed"]), pairings, match_options(own)),
        run / "parts" / path.stem,
        workers=bench.workers,
        minutes=bench.share(GENERATIONS_SHARE),
        progress=bench.follow(path.stem.replace("_", " ")),
    )
    write_json(
        path,
        {
            "characters": names,
            SHARED: _block(table, 0, count),
            SPECIALIST: _block(table, 2 * count, count),
        },
    )
    shutil.rmtree(run / "parts" / path.stem)


def film(run: Path, *, count: int) -> None:
    """Record the characters that gained most, against where they gained most: `films/`.

    The seed is the evaluation's, whoever wins.
    """
    if (run / FILMS / FILMS_NAME).exists():
        return
    result, trained = evaluation.load(run), load_trained(run)
    gains = compare(result.table, result.characters)
    (run / FILMS).mkdir(exist_ok=True)
    listed = []
    for place, (name, rival, caption) in enumerate(largest_gains(result, gains, count), 1):
        players = (trained.specialists[name], trained.shared)
        match = Match(
            result.seed,
            characters=(name, rival),
            frame_skip=1,
            roster=load_roster(),
        )
        path = run / FILMS / f"{place}_{slug(name)}.mp4"
        shown = exhibition.watch(
            match,
            players,
            seed=result.seed,
            labels=(SPECIALIST, SHARED),
            record=path,
            size=(640, 360),
            frame_skip=trained.options.frame_skip,
        )
        listed.append({"file": path.name, "caption": f"{caption} {shown}"})
    write_json(run / FILMS / FILMS_NAME, listed)


def read_films(folder: Path) -> list[tuple[str, str]]:
    """Read the file and the caption of each recorded match.

    Raises:
        CheckpointError: if the list is missing or damaged, or names a file elsewhere.
    """
    path = folder / FILMS_NAME
    listed = read_json(path, CheckpointError)
    with refusing(path, "a list of films", CheckpointError):
        films = [(str(entry["file"]), str(entry["caption"])) for entry in listed]
        for name, _ in films:
            if not re.fullmatch(r"\w+\.mp4", name):
                raise ValueError(f"{name!r} is not the name of a film beside it")
    return films


def largest_gains(
    result: evaluation.Evaluation, gains: Gains, count: int
) -> list[tuple[str, str, str]]:
    """Choose what to film: character, opponent, and a sentence on the gain between them."""
    size, rates = len(result.characters), result.table.win_rates
    order = sorted(gains.characters, key=lambda c: -c.gain)[:count]
    chosen = []
    for character in order:
        own = result.characters.index(character.character)
        others = [j for j in range(size) if j != own]
        rival = max(others, key=lambda j: rates[size + own, j] - rates[own, j])
        chosen.append(
            (
                character.character,
                result.characters[rival],
                f"{character.character}: the specialist wins "
                f"{100 * rates[size + own, rival]:.0f} % against the {SHARED} as "
                f"{result.characters[rival]}, where the {SHARED} won "
                f"{100 * rates[own, rival]:.0f} %. This match, specialist on the left:",
            )
        )
    return chosen


def gains_document(characters: Sequence[Any]) -> dict[str, Any]:
    """Return `CharacterGain`s as JSON."""
    return {
        "characters": [
            {**dataclasses.asdict(c), "gain": c.gain, "verdict": c.verdict} for c in characters
        ]
    }


def _block(table: Table, start: int, count: int) -> dict[str, Any]:
    """Sum the games of one population against the next, as JSON."""
    rows, columns = slice(start, start + count), slice(start + count, start + 2 * count)
    points, games = float(table.points[rows, columns].sum()), int(table.games[rows, columns].sum())
    return {"rate": points / games, "interval": wilson(points, games), "games": games}


def _policy(member: object) -> PolicyMember:
    if not isinstance(member, PolicyMember):
        raise TypeError(f"a policy of this package is needed, got {type(member).__name__}")
    return member
