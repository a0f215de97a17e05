"""Play members of a population against each other and count what happened.

Every seed is played twice with the seats swapped, so that neither the seat nor the luck of a start
favours anyone. Matches run in batches in which each member decides once for all the rows that it
plays; threads share the batches.
"""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, fields
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cam_arena import _core, _training
from cam_arena.game.options import Options

from .intervals import wilson
from .networks import Precision, autocast
from .population.members import BotMember, Member, PolicyMember, act_in_rows
from .vecenv import make_batch
from .workers import one_thread

NUM_PERIODS = 6  # parts of the full match time in which uses are counted apart
Progress = Callable[[int, int], None]  # games finished, games in all
Counts = NDArray[np.int64]
Player = Member | BotMember
GAMES_A_SLOT = 4  # games that a room's matches play one after the other, on average
NO_BOT = (0, 1)  # kind and level that `Batch.set_bot` takes for a seat played from outside


@dataclass(frozen=True)
class Entrant:
    """One row of a table: a member that plays one character."""

    name: str
    """shown in tables; unique within a tournament."""
    member: Player
    """who decides; several entrants may share it."""
    character: int
    """index in the roster."""


@dataclass(frozen=True)
class Table:
    """What E entrants did against each other; `[i, j]` is i's view of its games against j."""

    wins: Counts
    """shape (E, E)."""
    draws: Counts
    """shape (E, E), symmetric."""
    games: Counts
    """shape (E, E), symmetric; the diagonal is 0."""
    seat_wins: Counts
    """shape (3,): games won from seat 0, from seat 1, drawn."""
    ticks: Counts
    """shape (E, E): ticks played, summed over games."""
    returns: NDArray[np.float64]
    """shape (E, E): undiscounted return, summed over games."""
    uses: Counts
    """shape (E, E, NUM_PERIODS, buttons): decisions in which i pressed the button against j."""
    chances: Counts
    """shape (E, E, buttons): decisions in which it was legal."""
    begun: Counts
    """shape (E, E, buttons): games against j in which a move of i's on the button began."""

    @property
    def points(self) -> NDArray[np.float64]:
        """Wins plus half the draws, shape (E, E)."""
        return self.wins + self.draws / 2

    @property
    def win_rates(self) -> NDArray[np.float64]:
        """Points per game, shape (E, E); 0.5 where no game was played, so that W + W^T = 1."""
        rates = np.full(self.games.shape, 0.5)
        np.divide(self.points, self.games, out=rates, where=self.games > 0)
        return rates

    @property
    def payoff(self) -> NDArray[np.float64]:
        """2 W - 1, shape (E, E), in [-1, 1] and antisymmetric."""
        return 2 * self.win_rates - 1

    def interval(self, row: int, columns: Sequence[int]) -> tuple[float, float]:
        """Compute the 95 % Wilson interval of a row's win rate over some columns."""
        chosen = list(columns)
        return wilson(float(self.points[row, chosen].sum()), float(self.games[row, chosen].sum()))

    def select(self, entrants: Sequence[int]) -> "Table":
        """Return the table of some entrants; `seat_wins` stays that of all."""
        grid = np.ix_(list(entrants), list(entrants))
        return Table(
            self.wins[grid], self.draws[grid], self.games[grid], self.seat_wins, self.ticks[grid],
            self.returns[grid], self.uses[grid], self.chances[grid], self.begun[grid],
        )  # fmt: skip


@dataclass(frozen=True)
class PairCounts:
    """Games of two members over P pairs of characters, seen from the first; each shape (P,)."""

    wins: Counts
    draws: Counts
    games: Counts

    @property
    def win_rates(self) -> NDArray[np.float64]:
        """Points per game, shape (P,)."""
        return (self.wins + self.draws / 2) / self.games

    def interval(self) -> tuple[float, float]:
        """Compute the 95 % Wilson interval of the win rate over all pairs."""
        return wilson(float(self.wins.sum() + self.draws.sum() / 2), float(self.games.sum()))


def character_pairs(characters: Sequence[int], most: int, *, seed: int) -> list[tuple[int, int]]:
    """Choose who meets whom where all pairs would be too many.

    Args:
        characters: C indices in the roster.
        most: pairs at most, but at least one a character.
        seed: of the choice.

    Returns:
        Pairs without repetition, mirrors among them; each character is first as often as any
        other, and second as often.
    """
    size = len(characters)
    count = min(size, max(1, most // size))
    shifts = np.sort(np.random.default_rng(seed).choice(size, count, replace=False)).tolist()
    return [
        (own, characters[(place + shift) % size])
        for shift in shifts
        for place, own in enumerate(characters)
    ]


def play(
    first: Player,
    second: Player,
    characters: Sequence[tuple[int, int]],
    *,
    games: int,
    seed: int,
    options: Options | None = None,
    parallel: int = 2048,
    deterministic: bool = False,
    threads: int = 1,
) -> PairCounts:
    """Play two members against each other.

    Args:
        first: whose wins are counted.
        second: its opponent.
        characters: pairs (first's, second's), indices in the roster.
        games: per pair; even, since every seed is played from both seats.
        seed: only source of randomness; the same arguments give the same counts.
        options: of the matches, and the roster; those of a new env if None.
        parallel: matches stepped at once.
        deterministic: take the most probable action instead of sampling.
        threads: cores to use.

    Returns:
        Counts per pair.

    Raises:
        ValueError: if `games` is odd or not positive, there are no pairs, or members cannot play
            matches with these options.
    """
    if not characters:
        raise ValueError("characters must name at least one pair")
    entrants = [
        Entrant(f"{side} {index}", member, pair[side])
        for index, pair in enumerate(characters)
        for side, member in enumerate((first, second))
    ]
    pairings = [(2 * index, 2 * index + 1) for index in range(len(characters))]
    table = tournament(
        entrants, games=games, seed=seed, pairings=pairings, options=options, parallel=parallel,
        deterministic=deterministic, threads=threads,
    )  # fmt: skip
    rows = np.arange(0, len(entrants), 2)
    return PairCounts(
        table.wins[rows, rows + 1], table.draws[rows, rows + 1], table.games[rows, rows + 1]
    )


def tournament(
    entrants: Sequence[Entrant],
    *,
    games: int,
    seed: int,
    pairings: Sequence[tuple[int, int]] | None = None,
    options: Options | None = None,
    parallel: int = 2048,
    deterministic: bool = False,
    progress: Progress | None = None,
    threads: int = 1,
    precision: Precision = "auto",
) -> Table:
    """Play every pairing of entrants.

    The seeds of a pairing depend on `seed` and on the two characters, not on who plays them: a
    specialist meets the starts that the shared policy met.

    Args:
        entrants: E of them.
        games: per pairing; even, since every seed is played from both seats.
        seed: only source of randomness; the same arguments give the same table, however many the
            threads.
        pairings: indices of entrants; all i < j by default. A pairing is played once, whichever way
            it is written.
        options: of the matches, and the roster; those of a new env if None.
        parallel: matches stepped at once, by each thread.
        deterministic: take the most probable action instead of sampling.
        progress: told after every step in which a match ended.
        threads: cores to use; members are then asked from several threads at a time.
        precision: of the products of `PolicyMember`s; others compute as they like.

    Returns:
        The table, filled on both sides of the diagonal.

    Raises:
        ValueError: if `games` is odd or not positive, `parallel` or `threads` is below 1, a pairing
            is not two different entrants, names repeat, there is no such precision, or members
            cannot play matches with these options.
    """
    if games < 2 or games % 2:
        raise ValueError(f"games must be even and at least 2, got {games}: seats are swapped")
    if len({entrant.name for entrant in entrants}) < len(entrants):
        raise ValueError("entrants must have different names")
    size = len(entrants)
    if pairings is None:
        pairings = [(i, j) for i in range(size) for j in range(i + 1, size)]
    if any(i == j or not (0 <= i < size and 0 <= j < size) for i, j in pairings):
        raise ValueError(f"a pairing is two different entrants of 0..{size - 1}")
    if parallel < 1 or threads < 1:
        raise ValueError(f"parallel and threads must be at least 1, got {parallel} and {threads}")
    autocast(precision)  # an unknown one is refused now, whoever plays
    schedule, seeds = _schedule(entrants, pairings, games, seed)
    rooms = _rooms(len(schedule), GAMES_A_SLOT * parallel)
    chosen, counter = options or Options(), _Counter(progress, len(schedule))

    def play_room(part: slice) -> Table:
        room = _Room(
            entrants, schedule[part], seeds[part], chosen, parallel, deterministic, precision
        )
        return room.run([seed, part.start], counter)

    with ExitStack() as stack:
        stack.enter_context(one_thread())
        if threads == 1:
            return _add([play_room(part) for part in rooms])
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        return _add(list(pool.map(play_room, rooms)))


def _add(tables: Sequence[Table]) -> Table:
    """Add tables of the same entrants."""
    names = [field.name for field in fields(Table)]
    return Table(**{name: sum(getattr(table, name) for table in tables) for name in names})


def _rooms(games: int, most: int) -> list[slice]:
    """Cut a schedule into parts of at most `most` games: equal ones, and an even number of them.

    By the games alone, and each draws numbers of its own, so that who plays it and when makes no
    difference.
    """
    count = max(1, -(-games // most))
    if count > 1:
        count += count % 2  # two cores end together
    bounds = [games * k // count for k in range(count + 1)]
    return [slice(*pair) for pair in itertools.pairwise(bounds)]


class _Counter:
    """Counts finished games over all rooms."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done, self._lock = progress, total, 0, Lock()

    def add(self, finished: int) -> None:
        with self._lock:
            self._done += finished
            if self._progress is not None and finished:
                self._progress(self._done, self._total)


def _schedule(
    entrants: Sequence[Entrant], pairings: Sequence[tuple[int, int]], games: int, seed: int
) -> tuple[Counts, NDArray[np.uint64]]:
    """List every game: entrants by seat, shape (G, 2), and its seed, shape (G,)."""
    seats, seeds = [], []
    for i, j in pairings:
        low, high = sorted((entrants[i].character, entrants[j].character))
        drawn = np.random.SeedSequence([seed, low, high]).generate_state(games // 2, np.uint64)
        # Whoever plays it, the lower character sits first in the first game of a seed.
        first = (i, j) if entrants[i].character <= entrants[j].character else (j, i)
        seats.append(np.tile([first, first[::-1]], (games // 2, 1)))
        seeds.append(np.repeat(drawn, 2))
    if not seats:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.uint64)
    return np.concatenate(seats), np.concatenate(seeds)


class _Room:
    """A batch of matches that works through a schedule; a match that ends takes the next game."""

    def __init__(
        self,
        entrants: Sequence[Entrant],
        schedule: Counts,
        seeds: NDArray[np.uint64],
        options: Options,
        parallel: int,
        deterministic: bool,
        precision: Precision,
    ) -> None:
        self.entrants, self.schedule, self.seeds = entrants, schedule, seeds
        self.options, self.deterministic, self.precision = options, deterministic, precision
        self.members: list[Player] = []
        for entrant in entrants:
            if not any(entrant.member is member for member in self.members):
                self.members.append(entrant.member)
        self.member_of = np.array(
            [next(k for k, m in enumerate(self.members) if m is e.member) for e in entrants]
        )
        self.size = max(1, min(parallel, len(schedule)))
        self.batch = make_batch(options, self.size)
        self.observations = np.zeros((self.size, 2, self.batch.observation_size), np.float32)
        self.masks = np.zeros((self.size, 2, _core.NUM_ACTIONS), np.int8)
        self.players = np.zeros((self.size, 2), np.int64)  # entrant by match and seat
        self.is_active = np.zeros(self.size, np.bool_)
        self.steps = np.zeros(self.size, np.int64)  # of the match being played
        self.earned = np.zeros((self.size, 2))  # rewards of the match being played
        self.next_game = 0
        shape = (len(entrants), len(entrants))
        self.wins, self.draws, self.games, self.ticks = (
            np.zeros(shape, np.int64) for _ in range(4)
        )
        self.seat_wins = np.zeros(3, np.int64)
        self.returns = np.zeros(shape)
        self.uses = np.zeros((*shape, NUM_PERIODS, _core.NUM_BUTTONS), np.int64)
        self.chances = np.zeros((*shape, _core.NUM_BUTTONS), np.int64)
        self.begun = np.zeros((*shape, _core.NUM_BUTTONS), np.int64)
        self.has_begun = np.zeros((self.size, 2, _core.NUM_BUTTONS), np.bool_)  # in this match
        self.last_buttons = np.zeros((self.size, 2), np.uint8)

    def run(self, seed: Sequence[int], counter: "_Counter") -> Table:
        """Play all games."""
        rngs = [np.random.default_rng([*seed, index]) for index in range(len(self.members))]
        actions = np.zeros((self.size, 2), np.int32)
        rewards = np.zeros((self.size, 2), np.float32)
        terminated, truncated = (np.zeros(self.size, np.bool_) for _ in range(2))
        for match in range(min(self.size, len(self.schedule))):
            self._begin(match)
        while self.is_active.any():
            self._decide(actions, rngs)
            self._count_actions(actions)
            # autoreset 2: a match that ended stands still until it is given its next game
            self.batch.step(
                actions, self.observations, self.masks, rewards, terminated, truncated, None, 2
            )
            self.steps[self.is_active] += 1
            self.earned[self.is_active] += rewards[self.is_active]
            self._note_moves()
            ended = np.flatnonzero((terminated | truncated) & self.is_active).tolist()
            for match in ended:
                self._record(match)
                self._begin(match)
            counter.add(len(ended))
        return Table(
            self.wins, self.draws, self.games, self.seat_wins, self.ticks, self.returns,
            self.uses, self.chances, self.begun,
        )  # fmt: skip

    def _begin(self, match: int) -> None:
        """Start the next game in a match, or retire the match."""
        if self.next_game >= len(self.schedule):
            self.is_active[match] = False
            return
        self.players[match] = self.schedule[self.next_game]
        seated = [self.entrants[player] for player in self.players[match]]
        for seat, entrant in enumerate(seated):
            kind, level = entrant.member.bot if isinstance(entrant.member, BotMember) else NO_BOT
            self.batch.set_bot(match, seat, kind, level)
        self.batch.reset(
            match, int(self.seeds[self.next_game]), [entrant.character for entrant in seated]
        )
        self.batch.observe(self.observations, match, match + 1)
        self.batch.action_masks(self.masks, match, match + 1)
        self.is_active[match] = True
        self.steps[match] = 0
        self.earned[match] = 0
        self.has_begun[match] = False
        self.next_game += 1

    def _decide(self, actions: NDArray[np.int32], rngs: Sequence[np.random.Generator]) -> None:
        """Let every member act once for all its rows."""
        actions[:] = 0
        deciders = np.where(self.is_active[:, None], self.member_of[self.players], -1).ravel()
        observations = self.observations.reshape(2 * self.size, -1)
        masks, chosen = self.masks.reshape(2 * self.size, -1), actions.reshape(-1)
        for index, (member, rng) in enumerate(zip(self.members, rngs, strict=True)):
            if isinstance(member, BotMember):
                continue  # plays inside the simulation
            rows = np.flatnonzero(deciders == index)
            if not len(rows):
                continue
            is_ours = isinstance(member, PolicyMember)  # a foreign one may need its own precision
            with autocast(self.precision if is_ours else "float32"):
                chosen[rows] = act_in_rows(
                    member, observations, masks, rows, rng=rng, deterministic=self.deterministic
                )

    def _count_actions(self, actions: NDArray[np.int32]) -> None:
        periods = self.steps * self.options.frame_skip * NUM_PERIODS // self.options.max_ticks
        _training.count_decisions(
            actions,
            self.masks,
            self.is_active.view(np.uint8),
            self.players,
            np.minimum(periods, NUM_PERIODS - 1),
            self.uses,
            self.chances,
        )

    def _note_moves(self) -> None:
        """Note whose moves have begun: a press may be refused, or come too early to start one."""
        self.batch.last_buttons(self.last_buttons)
        np.put_along_axis(self.has_begun, self.last_buttons[..., None], True, axis=2)

    def _record(self, match: int) -> None:
        """Add a finished game to the table, from both sides' views."""
        state = np.frombuffer(self.batch.state(match), _core.DTYPES["state"])[0]
        winner = int(state["winner"])
        left, right = self.players[match]
        for row, column, seat in ((left, right, 0), (right, left, 1)):
            self.wins[row, column] += winner == seat
            self.draws[row, column] += winner not in (0, 1)
            self.games[row, column] += 1
            self.ticks[row, column] += int(state["tick"])
            self.returns[row, column] += self.earned[match, seat]
            self.begun[row, column] += self.has_begun[match, seat]
        self.seat_wins[winner if winner in (0, 1) else 2] += 1
