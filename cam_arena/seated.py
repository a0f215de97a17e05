"""Opponents in their seats: one in a match, or one a match of many."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from . import _core
from .game.actions import factor_masks, own_ids, own_masks, parse_action
from .game.options import Options
from .game.views import make_view, stacked
from .opponents import Bot, Opponent, draws, match_seed, name_of, warn_of_unmet

if TYPE_CHECKING:
    from .game.match import Match

__all__ = ["Seated", "SeatedRows", "play_ticks"]

_NO_BOT: Final = (0, 1)  # kind and level that `Batch.set_bot` takes for a seat played from outside


def _draw(opponents: Sequence[Opponent], seed: int, seat: int) -> int:
    """Return which of several opponents a match meets."""
    return match_seed(seed, seat) % len(opponents)


def _see(batch: _core.Batch, seat: int, observation: str) -> NDArray[np.float32]:
    """Return what a seat sees of every match in a preset, shape (M, O)."""
    preset = _core.OBSERVATIONS[observation]
    out = np.empty((batch.num_matches, _core.observation_size(preset)), np.float32)
    batch.observe_seat(seat, preset, out)
    return out


def _as_character(opponent: Opponent, name: str) -> Any:
    """Return who plays a character: of a run with specialists, that character's."""
    choose = getattr(opponent, "for_character", None)
    return opponent if choose is None else choose(name)


def _choose(
    policy: Any,
    seen: NDArray[np.float32],
    masks: NDArray[np.int8],
    numbers: NDArray[np.float32],
) -> NDArray[np.integer]:
    """Return the ids that a policy which decides in rows chooses, shape (B,).

    Raises:
        ValueError: if they have the wrong shape or one is out of range.
        TypeError: if they are not integers.
    """
    given = policy.act_rows(seen, masks, numbers)
    who = f"the opponent {name_of(policy)}"
    try:
        chosen = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{who}: act_rows must return an array of ids, got {given!r}") from error
    if chosen.shape != (len(seen),):
        raise ValueError(f"{who}: act_rows must return shape ({len(seen)},), got {chosen.shape}")
    if chosen.dtype.kind not in "iu":
        raise TypeError(f"{who}: act_rows must return integers, got {chosen.dtype}")
    outside = chosen[(chosen < 0) | (chosen >= _core.NUM_ACTIONS)]
    if len(outside):
        raise ValueError(
            f"{who}: an action must be 0..{_core.NUM_ACTIONS - 1}, act_rows returned {outside[0]}"
        )
    return chosen


class Seated:
    """Opponents in one seat of a match; each match that begins meets one of them.

    Args:
        match: the match.
        seat: 0 or 1.
        opponents: one, or several to draw from by the match's seed.
        told: characters of which the user knows whether the opponents have met them.
    """

    def __init__(
        self,
        match: "Match",
        seat: int,
        opponents: Sequence[Opponent],
        told: Iterable[str] = (),
    ) -> None:
        self.match, self.seat, self.opponents = match, seat, tuple(opponents)
        self._now: Any = self.opponents[0]
        self._next: Any = self.opponents[0]
        self._seed = self._wish = 0
        self._is_new = True
        self._told = set(told)

    @property
    def is_bot(self) -> bool:
        """Whether the simulation plays the seat of this match."""
        return isinstance(self._now, Bot)

    @property
    def name(self) -> str:
        """Who sits here in this match."""
        return name_of(self._now)

    def sit(self, seed: int) -> None:
        """Choose who plays the match that is about to begin; call `begin` when it has."""
        self._next, self._seed = self.opponents[_draw(self.opponents, seed, self.seat)], seed
        is_bot = isinstance(self._next, Bot)
        self.match.set_bot(self.seat, self._next.name if is_bot else None)

    def begin(self) -> None:
        """Take the seat of the match that has begun, and tell a policy with a memory."""
        self._now, self._is_new = self._next, True
        if _has_memory(self._now):
            self._now.reset(match_seed(self._seed, self.seat))

    def action(self) -> int:
        """Return the id of what it does now; 0 where the simulation plays it.

        Raises:
            ValueError: if the policy's action is out of range or of the wrong shape.
            TypeError: if it is not an integer.
        """
        if self.is_bot:
            return 0
        match, seat = self.match, self.seat
        if self._is_new:
            names = [character.name for character in match.characters]
            self._now = _as_character(self._now, names[seat])
            warn_of_unmet(self._now, names, self._told)
            self._is_new = False
        if not hasattr(self._now, "act_rows"):
            wish = self._now.act(match.observe(seat), match.action_mask(seat))
            return match.parse_action(wish, seat, "the opponent")
        seen = _see(match.batch, seat, self._now.observation)
        masks = np.empty((1, 2, _core.NUM_ACTIONS), np.int8)
        match.batch.action_masks(masks)
        numbers = draws(np.array([match.seed], np.uint64), np.array([match.tick]), seat)
        return int(_choose(self._now, seen, masks[:, seat], numbers)[0])

    def tick_action(self, frame_skip: int = 3) -> int:
        """Return the id for the next tick of a match of `frame_skip` 1.

        It decides every `frame_skip` ticks; in between the direction stays held, but the press is
        over, as within a step of an env.
        """
        if self.match.tick % frame_skip == 0:
            self._wish = self.action()
        else:
            self._wish -= self._wish % _core.NUM_BUTTONS
        return self._wish


def play_ticks(
    match: "Match", seats: Sequence[Seated], *, seed: int, frame_skip: int = 3
) -> Iterator[None]:
    """Play a match of `frame_skip` 1 and pause after every tick, for drawing.

    Policies decide every `frame_skip` ticks, as in training, and meet the same match as there.

    Args:
        match: as `Match(..., frame_skip=1)` made it; it is begun anew.
        seats: who plays it, in order.
        seed: of the match.
        frame_skip: ticks between two decisions.

    Yields:
        Nothing, once before the first tick and once after each.
    """
    for seated in seats:
        seated.sit(seed)
    match.reset(seed)
    for seated in seats:
        seated.begin()
    yield
    while not match.is_over:
        match.step_ids(*(seated.tick_action(frame_skip) for seated in seats))
        yield


class SeatedRows:
    """Opponents in one seat of many matches; each match that begins meets one of them.

    A policy that decides in rows is asked once for all its matches; another is asked match by
    match, and one with a memory (`reset`) gets a copy of its own for each.

    Args:
        batch: the matches.
        options: of the env.
        seat: 0 or 1.
        opponents: one, or several to draw from by a match's seed.
    """

    def __init__(
        self, batch: _core.Batch, options: Options, seat: int, opponents: Sequence[Opponent]
    ) -> None:
        self._batch, self._options, self._seat = batch, options, seat
        self._names = options.loaded_roster.names
        size = batch.num_matches
        self._seeds = np.zeros(size, np.uint64)
        self._steps = np.zeros(size, np.int64)
        self._is_new = np.ones(size, np.bool_)
        self._now: list[Any] = [None] * size
        self._is_asked = np.zeros(size, np.bool_)  # a bot is not: the simulation plays it
        self._told = options.drawn_names  # by whoever resolved the opponents
        self._view = make_view(options)
        self._frames: NDArray[Any] | None = None
        self.take(opponents)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the batch, which `join` gives."""
        return {**self.__dict__, "_batch": None, "_view": None}

    def join(self, batch: _core.Batch) -> None:
        """Take a seat in other matches, which are as these were."""
        self._batch, self._view = batch, make_view(self._options)

    def take(self, opponents: Sequence[Opponent]) -> None:
        """Take other opponents; a match meets one of them when it begins anew."""
        size = self._batch.num_matches
        own: list[list[Any]] = [
            _copies(one, size) if _has_memory(one) else [one] for one in opponents
        ]
        self._opponents, self._own = tuple(opponents), own

    def sit(self, match: int, seed: int) -> None:
        """Take the seat of a match that is about to begin."""
        own = self._own[_draw(self._opponents, seed, self._seat)]
        now = own[match % len(own)]
        if _has_memory(now):  # first, for it may raise
            now.reset(match_seed(seed, self._seat))
        self._batch.set_bot(match, self._seat, *(now.bot if isinstance(now, Bot) else _NO_BOT))
        self._now[match], self._is_asked[match] = now, not isinstance(now, Bot)
        self._seeds[match], self._steps[match], self._is_new[match] = seed, 0, True

    def resume(self, match: int, seed: int, tick: int) -> None:
        """Play a match on that was put back; a policy with a memory keeps what it remembers."""
        own = self._own[_draw(self._opponents, seed, self._seat)]
        now = own[match % len(own)]
        self._now[match], self._is_asked[match] = now, not isinstance(now, Bot)
        self._seeds[match], self._is_new[match] = seed, True
        self._steps[match] = -(-tick // self._options.frame_skip)

    @property
    def decides(self) -> bool:
        """Whether some match has an opponent that `act` must ask."""
        return bool(self._is_asked.any())

    def act(
        self,
        actions: NDArray[np.int32],
        is_playing: NDArray[np.bool_],
    ) -> None:
        """Choose what it does now.

        Args:
            actions: common ids by match and seat, shape (M, A); those of the seat are written.
            is_playing: which matches are under way, shape (M,).

        Raises:
            ValueError: if a policy's action is out of range or of the wrong shape.
            TypeError: if it is not an integer.
        """
        for match in np.flatnonzero(self._is_new & is_playing & self._is_asked).tolist():
            names = self._fighting(match)
            self._now[match] = _as_character(self._now[match], names[0])
            warn_of_unmet(self._now[match], names, self._told)
        masks = self._empty_masks()
        self._batch.action_masks(masks)
        groups: dict[int, list[int]] = {}
        for match in np.flatnonzero(is_playing & self._is_asked).tolist():
            groups.setdefault(id(self._now[match]), []).append(match)
        chosen = actions[:, self._seat]
        plain = []
        for rows in groups.values():
            policy = self._now[rows[0]]
            if not hasattr(policy, "act_rows"):
                plain += rows
                continue
            ticks = self._steps[rows] * self._options.frame_skip
            chosen[rows] = _choose(
                policy,
                _see(self._batch, self._seat, policy.observation)[rows],
                masks[rows, self._seat],
                draws(self._seeds[rows], ticks, self._seat),
            )
        if plain:
            frames = self._look(masks, is_playing)
            for match in sorted(plain):
                chosen[match] = self._ask(match, frames, masks[match, self._seat])
            self._frames = frames  # as late as this: after a refused action all are asked again
        self._steps[is_playing] += 1
        self._is_new[is_playing] = False

    def _empty_masks(self) -> NDArray[np.int8]:
        batch = self._batch
        return np.empty((batch.num_matches, batch.num_fighters, _core.NUM_ACTIONS), np.int8)

    def _fighting(self, match: int) -> list[str]:
        """Return whom the seat plays and who are its opponents."""
        dtype = _core.state_dtype(self._batch.num_fighters)
        fighters = np.frombuffer(self._batch.state(match), dtype)[0]["fighters"]
        own, sides = fighters["character"][self._seat], fighters["side"]
        others = fighters["character"][sides != sides[self._seat]]
        return [self._names[character] for character in (int(own), *others.tolist())]

    def _look(self, masks: NDArray[np.int8], is_playing: NDArray[np.bool_]) -> NDArray[Any]:
        """Return what the seat sees now, before what it saw in the steps before."""
        if self._view is None:
            seen: NDArray[Any] = _see(self._batch, self._seat, self._options.observation)
        else:
            seats = (self._seat,)
            looks = [self._view.look(self._batch, k, masks[k], seats) for k in range(len(masks))]
            seen = np.concatenate(looks)
        frames = np.zeros((len(seen), self._options.frame_stack, *seen.shape[1:]), seen.dtype)
        if self._frames is not None:
            frames[:, 1:] = self._frames[:, :-1]
        frames[:, 0] = seen
        new = self._is_new & is_playing
        frames[new] = seen[new, None]
        return frames

    def _ask(self, match: int, frames: NDArray[Any], mask: NDArray[np.int8]) -> int:
        """Return what a policy that decides match by match does; it sees as the env's rows see."""
        seen = stacked(frames[match : match + 1])[0]
        kind, own = self._options.action_space, None
        if kind == "multi_discrete":
            mask = factor_masks(mask)
        elif kind == "own":
            statics = self._empty_masks()
            self._batch.static_masks(statics)
            size = self._options.own_sizes[self._seat]
            own = own_ids(statics[match, self._seat][None], size)[0]
            mask = own_masks(mask, own)
        seen = seen.copy() if isinstance(seen, np.ndarray) else seen
        wish = self._now[match].act(seen, mask.copy())
        return parse_action(wish, f"the opponent of match {match}", kind, own)


def _copies(opponent: object, count: int) -> list[Any]:
    try:
        return [copy.deepcopy(opponent) for _ in range(count)]
    except Exception as error:
        raise TypeError(
            f"the opponent {name_of(opponent)} has `reset`, so each match needs a copy of it, and "
            f"it cannot be copied: {error}"
        ) from error


def _has_memory(opponent: object) -> bool:
    return hasattr(opponent, "reset") and not hasattr(opponent, "act_rows")
