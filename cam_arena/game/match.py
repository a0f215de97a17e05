"""One fight: step it, look at it, save it, copy it."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Unpack

import numpy as np
from numpy.typing import NDArray

from .. import _core, bots
from ..errors import MatchError, SnapshotError
from ..roster import Character, Roster
from .actions import Action, factor_masks, own_ids, own_masks, parse_action
from .options import MatchOptions, Options, ResetChoice, check_integer, check_seed
from .rewards import REWARD_TERMS
from .snapshots import checked_frames, make_header, seal, unseal
from .views import make_view, stacked

__all__ = ["AGENTS", "DRAW", "NO_WINNER", "Match"]

AGENTS: Final = ("fighter_0", "fighter_1")
"""The seats, in order; fighter_0 starts on the left."""

NO_WINNER: Final = -1
DRAW: Final = 2


class Match:
    """A fight between two characters.

    It has begun when it is made, and `reset` begins another. Everything that its future depends on
    is in `snapshot()`; `clone()`, `copy.deepcopy` and pickling are exact at any moment.

    Args:
        seed: of the first fight, 0..2**64 - 1.
        options: see docs/api.md; those of an env without `mask_in` and `flatten`.

    Raises:
        ValueError: if an option's value is not allowed.
        TypeError: if there is no such option.
    """

    def __init__(self, seed: int = 0, **options: Unpack[MatchOptions]) -> None:
        self._build(Options.for_match(options))
        self.reset(seed)

    @classmethod
    def of(cls, options: Options, seed: int = 0) -> "Match":
        """Return a match with options that are checked already; it ignores those of envs only."""
        match = cls.__new__(cls)
        match._build(options)
        match.reset(seed)
        return match

    def _build(self, options: Options) -> None:
        self._options = options
        self._roster = options.loaded_roster
        self._batch = options.make_batch(1)
        self._view = make_view(options)
        if self._view is None:
            shape: tuple[int, ...] = (len(AGENTS), self._batch.observation_size)
            self._frames: NDArray[Any] = np.zeros((options.frame_stack, *shape), np.float32)
        else:
            shape = (options.frame_stack, len(AGENTS), *self._view.shape)
            self._frames = np.zeros(shape, self._view.dtype)
        keeps_frames = self._view is None and options.frame_stack > 1
        self._duel = _core.Duel(
            self._batch,
            agents=AGENTS,
            names=list(self._roster.names),
            terms=REWARD_TERMS,
            form=_core.MASK_FORMS[options.action_space],
            sizes=options.mask_sizes,
            frames=self._frames if keeps_frames else None,
            reward=options.reward_function,
        )
        self._own: list[NDArray[np.int32]] | None = None
        self._header = make_header(options, AGENTS, self._batch.state_size, self._frames.shape[2:])

    # ---- time ----

    def reset(self, seed: int, options: Mapping[str, Any] | None = None) -> None:
        """Begin a fight.

        Args:
            seed: 0..2**64 - 1; the only source of randomness.
            options: `characters`, `scrolls`, `companions` of this fight; see `ResetChoice.parse`.

        Raises:
            ValueError: for an unknown key or name, or a seed out of range.
            TypeError: for a value of the wrong type.
        """
        seed = check_seed(seed)
        choice = self.checked_choice(seed, options)
        with self._whole():
            self._batch.reset(0, seed, choice.characters, choice.scrolls, choice.companions)
            self._take_own()
            self._look(begins=True)

    def checked_choice(self, seed: int, options: Mapping[str, Any] | None) -> ResetChoice:
        """Return whom a reset would let fight, or raise as it would; nothing changes."""
        choice = ResetChoice.parse(options, self._options)
        choice.require_fit(self._options, [seed], self._options.mask_sizes)
        return choice

    def _take_own(self) -> None:
        """Note which actions each fighter owns."""
        if self._options.action_space != "own":
            return
        masks = self._static_masks()
        self._own = [
            own_ids(masks[seat : seat + 1], size)[0]
            for seat, size in enumerate(self._options.own_sizes)
        ]
        self._duel.set_own(self._own)

    def step(
        self, actions: Mapping[str, Action] | Sequence[Action] | NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Advance `frame_skip` ticks, or to the end of the match.

        Args:
            actions: one for each agent, by name or in order; a bot's is ignored. A legal one acts;
                one that the mask forbids does nothing and is counted.

        Returns:
            float32, shape (A,): the rewards; they sum to zero.

        Raises:
            ValueError: if an action is missing, unknown, out of range or of the wrong shape.
            TypeError: if an action is not an integer.
            MatchError: if the match is over.
        """
        return self.step_ids(*self._parse(actions))

    def step_ids(self, first: int, second: int) -> NDArray[np.float32]:
        """Advance like `step`, by two ids from `parse_action`, which are not checked again.

        Raises:
            MatchError: if the match is over.
        """
        duel = self._duel
        if duel.is_over:
            raise MatchError(f"the match is over since tick {self.tick}; call reset(seed)")
        if self._view is None:
            duel.step(first, second)
            return duel.rewards
        with self._whole():
            duel.step(first, second)
            self._look()
        return duel.rewards

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Go back to what was before if something breaks in, such as Ctrl-C amid drawing."""
        before, frames, own = self._batch.snapshot(0), self._frames.copy(), self._own
        try:
            yield
        except BaseException:
            self._batch.restore(0, before)
            self._frames[:] = frames
            self._own = own
            if own is not None:
                self._duel.set_own(own)
            raise

    def parse_action(self, action: object, seat: int, who: str | None = None) -> int:
        """Return the id, 0..108, for `step_ids` of an action of a seat's action space.

        Args:
            action: what the agent chose.
            seat: whose it is.
            who: named in errors; the agent by default.

        Raises:
            ValueError: if it is out of range or of the wrong shape.
            TypeError: if it is not an integer.
        """
        chosen = self._duel.plain_action(action, seat)
        if chosen >= 0:
            return chosen
        own = None if self._own is None else self._own[seat]
        return parse_action(action, who or AGENTS[seat], self._options.action_space, own)

    def _parse(self, actions: Any) -> list[int]:
        if isinstance(actions, Mapping):
            for agent in actions:
                if agent not in AGENTS:
                    raise ValueError(f"there is no agent {agent!r}; agents are {', '.join(AGENTS)}")
            for agent in AGENTS:
                if agent not in actions:
                    raise ValueError(f"the action of {agent} is missing")
            return [self.parse_action(actions[agent], seat) for seat, agent in enumerate(AGENTS)]
        if isinstance(actions, str) or not hasattr(actions, "__len__"):
            raise TypeError(f"actions must be a dict by agent or a sequence, got {actions!r}")
        if len(actions) != len(AGENTS):
            raise ValueError(f"actions must be {len(AGENTS)}, one for each agent, got {actions!r}")
        return [self.parse_action(action, seat) for seat, action in enumerate(actions)]

    def _look(self, *, begins: bool = False) -> None:
        """Keep what the agents see after a step or a reset, where it cannot be made when asked."""
        if self._view is None:
            self._duel.keep_first_frame()
            return
        seen = self._view.look(self._batch, 0, self._common_masks())
        if begins:
            self._frames[:] = seen
        else:
            self._frames[1:] = self._frames[:-1]
            self._frames[0] = seen

    # ---- views of the agents ----

    def observations(self) -> NDArray[Any]:
        """Return what both agents see, the present frame first.

        Vectors are float32 of shape (A, frame_stack * O), pictures uint8 of shape
        (A, H, W, 3 * frame_stack), texts an array of A strings.
        """
        if self._view is None:
            return np.stack([self._duel.seen(seat) for seat in range(len(AGENTS))])
        seen: NDArray[Any] = stacked(self._frames.swapaxes(0, 1)).copy()
        return seen

    def action_masks(self) -> NDArray[np.int8]:
        """Return both agents' action masks, int8 of shape (A, K); 1 is legal.

        With `own` the shorter one is filled with 0.
        """
        masks = [self.action_mask(seat) for seat in range(len(AGENTS))]
        both = np.zeros((len(AGENTS), max(map(len, masks))), np.int8)
        for row, mask in zip(both, masks, strict=True):
            row[: len(mask)] = mask
        return both

    def observe(self, seat: int | str) -> Any:
        """Return what an agent sees: its row of `observations()`, with `text` a str."""
        number = self._seat(seat)
        return self._duel.seen(number) if self._view is None else self.observations()[number]

    def observe_present(self) -> NDArray[np.float32]:
        """Return both agents' vectors without latency and with nothing hidden, shape (A, O).

        The preset is the match's own, or `full` where that is no vector.
        """
        out = np.empty((1, len(AGENTS), self._batch.observation_size), np.float32)
        self._batch.observe_present(out)
        return out.reshape(len(AGENTS), -1)

    def action_mask(self, seat: int | str) -> NDArray[np.int8]:
        """Return what an agent may do now, int8 of shape (K,); 1 is legal."""
        return self._duel.mask(self._seat(seat))

    def static_mask(self, seat: int | str) -> NDArray[np.int8]:
        """Return what an agent's character and loadout can do at all, int8 of shape (K,)."""
        number = self._seat(seat)
        mask = self._static_masks()[number]
        if self._own is not None:
            return own_masks(mask, self._own[number])
        return factor_masks(mask) if self._options.action_space == "multi_discrete" else mask.copy()

    def own_actions(self, seat: int | str) -> NDArray[np.int32]:
        """Return the actions that an agent's character and loadout own, as common ids 0..107.

        With `action_space="own"`, action k of the agent is the k-th of these.
        """
        return np.flatnonzero(self._static_masks()[self._seat(seat)]).astype(np.int32)

    def _common_masks(self) -> NDArray[np.int8]:
        masks = np.empty((1, len(AGENTS), _core.NUM_ACTIONS), np.int8)
        self._batch.action_masks(masks)
        return masks.reshape(len(AGENTS), -1)

    def _static_masks(self) -> NDArray[np.int8]:
        masks = np.empty((1, len(AGENTS), _core.NUM_ACTIONS), np.int8)
        self._batch.static_masks(masks)
        return masks.reshape(len(AGENTS), -1)

    @staticmethod
    def _seat(seat: int | str) -> int:
        if isinstance(seat, str):
            if seat not in AGENTS:
                raise ValueError(f"there is no agent {seat!r}; agents are {', '.join(AGENTS)}")
            return AGENTS.index(seat)
        return check_integer("seat", seat, 0, len(AGENTS) - 1)

    # ---- facts ----

    @property
    def duel(self) -> _core.Duel:
        """The compiled match, for the envs."""
        return self._duel

    @property
    def batch(self) -> _core.Batch:
        """The compiled batch of this one match."""
        return self._batch

    @property
    def options(self) -> Options:
        """What the match was asked for."""
        return self._options

    @property
    def roster(self) -> Roster:
        """The roster that its characters come from."""
        return self._roster

    @property
    def characters(self) -> tuple[Character, Character]:
        """Who fights, in order of the agents."""
        first, second = self._duel.characters
        return self._roster.characters[first], self._roster.characters[second]

    @property
    def state(self) -> np.void:
        """The whole state as a numpy record, `_core.DTYPES["state"]`: a read-only copy."""
        record: np.void = np.frombuffer(self._batch.state(0), _core.DTYPES["state"])[0]
        return record

    @property
    def seed(self) -> int:
        """What the fight was begun with."""
        return self._duel.seed

    @property
    def tick(self) -> int:
        """Ticks of 1/30 s since the fight began."""
        return self._duel.tick

    @property
    def winner(self) -> int:
        """The winning seat, NO_WINNER while nobody has won, or DRAW."""
        return self._duel.winner

    @property
    def is_terminated(self) -> bool:
        """Whether the rules have ended the match."""
        return self._duel.is_terminated

    @property
    def is_truncated(self) -> bool:
        """Whether `max_cycles` has cut the match off."""
        return self._duel.is_truncated

    @property
    def is_over(self) -> bool:
        """Whether no further step is possible."""
        return self._duel.is_over

    @property
    def rewards(self) -> NDArray[np.float32]:
        """The rewards of the last step, float32 of shape (A,)."""
        return self._duel.rewards

    @property
    def reward_terms(self) -> NDArray[np.float32]:
        """Each agent's own terms of the last step, unweighted: float32 of shape (A, 5).

        The order is that of REWARD_TERMS.
        """
        rewards = np.empty((1, len(AGENTS)), np.float32)
        terms = np.empty((1, len(AGENTS), len(REWARD_TERMS)), np.float32)
        self._batch.rewards(rewards, terms)
        return terms.reshape(len(AGENTS), -1)

    @property
    def illegal_actions(self) -> tuple[int, int]:
        """How often each agent chose what its mask forbade, since the fight began."""
        return self._duel.illegal_actions

    @property
    def max_cycles(self) -> int | None:
        """Steps after which the match is truncated; None for never."""
        return self._options.max_cycles

    @max_cycles.setter
    def max_cycles(self, max_cycles: int | None) -> None:
        options = dataclasses.replace(self._options, max_cycles=max_cycles)
        self._batch.set_max_steps(options.max_cycles or 0)
        self._options = options

    def set_bot(self, seat: int | str, bot: str | None) -> None:
        """Let a bot such as `zoner:3` play a seat from the next reset on; None gives it back.

        Raises:
            ValueError: if there is no such bot.
        """
        number = self._seat(seat)
        kind, level = (0, 1) if bot is None else bots.parse(bot)
        self._batch.set_bot(0, number, kind, level)

    # ---- saving and copying ----

    def snapshot(self) -> bytes:
        """Return all that the match's future depends on.

        The header names the engine's version and the roster; `restore` refuses others.
        """
        return seal(self._header, self._batch.snapshot(0) + self._frames[1:].tobytes())

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot, of this match or another with the same roster and latency.

        With `frame_stack` above 1 it holds what was seen before, and `frame_stack`, `observation`,
        `pixels` and `information` must be the same too.

        Raises:
            SnapshotError: if it is damaged or comes from something else; names what differs. The
                match is left as it was.
        """
        body = unseal(self._header, snapshot)
        split = max(len(body) - self._frames[1:].nbytes, 0)
        frames = checked_frames(body[split:], self._frames[1:])
        with self._whole():
            try:
                self._batch.restore(0, body[:split])
            except ValueError as error:
                raise SnapshotError(f"the snapshot is damaged: {error}") from error
            try:
                self._take_own()
            except ValueError as error:
                raise SnapshotError(f"the snapshot does not fit: {error}") from error
            self._frames[1:] = frames
            if self._view is None:
                self._duel.keep_present_frame()
            else:
                self._frames[0] = self._view.look(self._batch, 0, self._common_masks())

    def clone(self) -> "Match":
        """Return an independent copy that goes on from this moment."""
        other = Match.of(self._options)
        other.restore(self.snapshot())
        return other

    def hash(self) -> int:
        """Return a 64-bit hash of the state; equal states have equal hashes."""
        return self._batch.hash(0)

    def __copy__(self) -> "Match":
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Match":
        other = self.clone()
        memo[id(self)] = other
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._options.match_options, self.snapshot())

    def __repr__(self) -> str:
        first, second = (character.name for character in self.characters)
        return f"Match({first} against {second}, seed {self.seed}, tick {self.tick})"


def _rebuild(options: MatchOptions, snapshot: bytes) -> Match:
    match = Match(**options)
    match.restore(snapshot)
    return match
