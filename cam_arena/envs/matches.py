"""The matches of a vector env: what they are, the arrays they write, and how they step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import MatchError, SnapshotError
from ..game.actions import own_size_error
from ..game.options import Options, ResetChoice
from ..game.rewards import REWARD_TERMS
from ..game.snapshots import checked_frames
from ..game.views import make_view
from ..opponents import Opponent
from ..seated import SeatedRows

__all__ = ["Matches", "Plan", "RowArrays"]

_NEXT_STEP: Final = 0  # of autoreset, as `_core.Rows` takes it
_SAME_STEP: Final = 1
_ALIGNMENT: Final = 64  # bytes: arrays begin on a line of the cache


@dataclass(frozen=True)
class Plan:
    """What the matches of a vector env are; it can be sent to another process.

    Args:
        options: of the env.
        num_matches: how many.
        seats: which have rows, in order.
        opponents: who plays the other seats, one drawn for each match; empty if all have rows.
        autoreset: 0 next step, 1 same step, 2 disabled; as `_core.Rows` takes it.
        encoding: of vectors, as `_core.Rows` takes it.
    """

    options: Options
    num_matches: int
    seats: tuple[int, ...]
    opponents: tuple[Opponent, ...]
    autoreset: int
    encoding: int

    @property
    def mask_size(self) -> int:
        """Entries of every row's mask: those of the largest."""
        return max(self.options.mask_sizes[seat] for seat in self.seats)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Actions that the space of each seat holds: rows are padded to the largest of theirs."""
        if self.opponents:
            return self.options.own_sizes
        return (self.mask_size,) * self.num_fighters

    @property
    def num_fighters(self) -> int:
        """Of a match, both sides together."""
        return sum(self.options.sizes)

    @property
    def is_flat(self) -> bool:
        """Whether the mask stands behind the vector."""
        return self.options.flatten and self.options.mask_in in ("obs", "both")

    def part(self, num_matches: int) -> "Plan":
        """Return the same of fewer matches."""
        return replace(self, num_matches=num_matches)


@dataclass(frozen=True)
class RowArrays:
    """The arrays that steps write: axes match and seat first, so that a part is a slice."""

    actions: NDArray[np.int32]  # (M, A): common ids, whoever plays the seat
    frames: NDArray[Any]  # (M, S, numbers), or (M, S, frame_stack, *picture)
    masks: NDArray[np.int8]  # (M, S, K)
    own: NDArray[np.int32]  # (M, S, K): ids owned, with `own`
    rewards: NDArray[np.float32]  # (M, S)
    terms: NDArray[np.float32]  # (M, S, 5)
    illegal: NDArray[np.int32]  # (M, S)
    characters: NDArray[np.int32]  # (M, S)
    opponents: NDArray[np.int32]  # (M, S)
    meaningful: NDArray[np.bool_]  # (M, S)
    terminated: NDArray[np.bool_]  # (M, S)
    truncated: NDArray[np.bool_]  # (M, S)
    begun: NDArray[np.bool_]  # (M,): begun in the last step
    seeds: NDArray[np.uint64]  # (M,)

    @staticmethod
    def _layout(plan: Plan) -> dict[str, tuple[tuple[int, ...], Any]]:
        options, shape = plan.options, (plan.num_matches, len(plan.seats))
        view, size = make_view(options), plan.mask_size
        if view is None:
            numbers = options.frame_stack * options.observation_size + size * plan.is_flat
            dtype = tuple(_core.ENCODINGS)[plan.encoding]
            frames: tuple[tuple[int, ...], Any] = ((*shape, numbers), np.dtype(dtype))
        else:
            frames = ((*shape, options.frame_stack, *view.shape), view.dtype)
        return {
            "actions": ((plan.num_matches, plan.num_fighters), np.int32),
            "frames": frames,
            "masks": ((*shape, size), np.int8),
            "own": ((*shape, size if options.action_space == "own" else 0), np.int32),
            "rewards": (shape, np.float32),
            "terms": ((*shape, len(REWARD_TERMS)), np.float32),
            "illegal": (shape, np.int32),
            "characters": (shape, np.int32),
            "opponents": (shape, np.int32),
            "meaningful": (shape, np.bool_),
            "terminated": (shape, np.bool_),
            "truncated": (shape, np.bool_),
            "begun": ((plan.num_matches,), np.bool_),
            "seeds": ((plan.num_matches,), np.uint64),
        }

    @classmethod
    def new(cls, plan: Plan) -> "RowArrays":
        """Return arrays of zeros."""
        layout = cls._layout(plan)
        return cls(**{name: np.zeros(shape, dtype) for name, (shape, dtype) in layout.items()})

    @classmethod
    def size(cls, plan: Plan) -> int:
        """Return how many bytes `over` takes."""
        return sum(_aligned(*entry) for entry in cls._layout(plan).values())

    @classmethod
    def over(cls, plan: Plan, memory: memoryview) -> "RowArrays":
        """Return arrays over memory that others see too."""
        whole = np.frombuffer(memory, np.uint8)  # it keeps the memory from being unmapped
        arrays, at = {}, 0
        for name, (shape, dtype) in cls._layout(plan).items():
            size = math.prod(shape) * np.dtype(dtype).itemsize
            arrays[name] = whole[at : at + size].view(dtype).reshape(shape)
            at += _aligned(shape, dtype)
        return cls(**arrays)

    def part(self, start: int, stop: int) -> "RowArrays":
        """Return the arrays of some matches, without copying."""
        arrays = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return RowArrays(**{name: array[start:stop] for name, array in arrays.items()})


def _aligned(shape: tuple[int, ...], dtype: Any) -> int:
    size = math.prod(shape) * np.dtype(dtype).itemsize
    return int(-(-size // _ALIGNMENT) * _ALIGNMENT)


def make_rows(
    plan: Plan, batch: _core.Batch | None, arrays: RowArrays, num_threads: int = 1
) -> _core.Rows:
    """Return the compiled rows; without a batch they only take actions."""
    is_vector = make_view(plan.options) is None
    return _core.Rows(
        batch,
        arrays,
        has_frames=is_vector,
        seats=plan.seats,
        stack=plan.options.frame_stack,
        encoding=plan.encoding,
        mask_form=_core.MASK_FORMS[plan.options.action_space],
        is_flat=plan.is_flat,
        autoreset=plan.autoreset,
        num_threads=num_threads,
    )


class Matches:
    """Matches of this process.

    Args:
        plan: what they are.
        arrays: what they write.
        num_threads: how many step them.
    """

    failure: Final = ""  # of workers

    def __init__(self, plan: Plan, arrays: RowArrays, num_threads: int = 1) -> None:
        self._build(plan, arrays, num_threads)
        others = [seat for seat in range(plan.num_fighters) if seat not in plan.seats]
        self._seated = [
            SeatedRows(self.batch, plan.options, seat, plan.opponents) for seat in others
        ]

    def _build(self, plan: Plan, arrays: RowArrays, num_threads: int) -> None:
        self.plan, self.arrays, self._num_threads = plan, arrays, num_threads
        self.batch = plan.options.make_batch(plan.num_matches)
        self._view = make_view(plan.options)
        self._rows = make_rows(plan, self.batch, arrays, num_threads)
        self._rewards = np.empty((plan.num_matches, plan.num_fighters), np.float32)
        self._terms = np.empty((*self._rewards.shape, len(REWARD_TERMS)), np.float32)

    def begin(self, chosen: NDArray[np.bool_], seeds: Sequence[int], choice: ResetChoice) -> None:
        """Begin the chosen matches, and read all."""
        for match in np.flatnonzero(chosen).tolist():
            for seated in self._seated:
                seated.sit(match, seeds[match])
            self.batch.reset(
                match, seeds[match], choice.characters, choice.scrolls, choice.companions
            )
        self._rows.begin(chosen)
        self._look(chosen)

    def answer(self) -> None:
        """Let the opponents choose their actions of the step; nothing else changes."""
        if not self._seated:
            return
        arrays = self.arrays
        over = arrays.terminated[:, 0] | arrays.truncated[:, 0]
        if self.plan.autoreset == _NEXT_STEP:
            self._sit_next(over)
        asked = [seated for seated in self._seated if seated.decides]
        if not asked:
            return
        if self.plan.autoreset == _SAME_STEP:  # nobody stands still
            over = np.zeros_like(over)
        for seated in asked:
            seated.act(arrays.actions, ~over)

    def step(self) -> None:
        """Take the step that `arrays.actions` say."""
        self._rows.step()
        self._finish_step()

    def start(self) -> None:
        """Begin the step on other threads.

        Raises:
            MatchError: if no thread can be started; nothing has changed then.
        """
        try:
            self._rows.start()
        except RuntimeError as error:
            raise MatchError(f"{error}; free some memory or ask for fewer") from error

    def wait(self) -> None:
        """Wait until the step that was begun is done.

        Raises:
            MatchError: if this process was forked since, and its threads were not.
        """
        try:
            self._rows.wait()
        except RuntimeError as error:
            raise MatchError(f"{error}; make another env here") from error
        self._finish_step()

    def _finish_step(self) -> None:
        """Do what the compiled step leaves to Python."""
        self._push_pictures()
        if self.plan.options.reward_function is not None:
            self._weigh()

    def _weigh(self) -> None:
        """Let a function of the terms say what the last step was worth."""
        function = self.plan.options.reward_function
        if function is None:
            return
        self.batch.rewards(self._rewards, self._terms)
        rewards = function(self._terms)[:, list(self.plan.seats)]
        rewards[self.arrays.begun] = 0.0  # no step was taken: the next match began
        self.arrays.rewards[:] = rewards

    def follow(self, over: NDArray[np.bool_]) -> None:
        """Begin the matches after those that are over."""
        self._sit_next(over)
        self._rows.follow(over)
        self._look(over)

    def set_opponents(self, opponents: Sequence[Opponent]) -> None:
        """Take other opponents, which matches meet when they begin anew."""
        for seated in self._seated:
            seated.take(opponents)

    def _sit_next(self, over: NDArray[np.bool_]) -> None:
        """Let opponents take their seats in the matches after those that are over."""
        if not self._seated:
            return
        for match in np.flatnonzero(over).tolist():
            for seated in self._seated:
                seated.sit(match, _core.next_seed(int(self.arrays.seeds[match])))

    def _look(self, begun: NDArray[np.bool_]) -> None:
        """Draw or describe matches that have begun, where agents see no vector."""
        if self._view is None:
            return
        masks = self._common_masks()
        for match in np.flatnonzero(begun).tolist():
            self.arrays.frames[match] = self._seen(match, masks)[:, None]

    def _push_pictures(self) -> None:
        """Put the present picture or text before those of the steps before."""
        if self._view is None:
            return
        frames, masks = self.arrays.frames, self._common_masks()
        for match in range(self.plan.num_matches):
            seen = self._seen(match, masks)
            if self.arrays.begun[match]:
                frames[match] = seen[:, None]
                continue
            frames[match, :, 1:] = frames[match, :, :-1].copy()
            frames[match, :, 0] = seen

    def _common_masks(self) -> NDArray[np.int8]:
        masks = np.empty(
            (self.plan.num_matches, self.plan.num_fighters, _core.NUM_ACTIONS), np.int8
        )
        self.batch.action_masks(masks)
        return masks

    def _static_masks(self) -> NDArray[np.int8]:
        masks = np.empty(
            (self.plan.num_matches, self.plan.num_fighters, _core.NUM_ACTIONS), np.int8
        )
        self.batch.static_masks(masks)
        return masks

    def _seen(self, match: int, masks: NDArray[np.int8]) -> NDArray[Any]:
        """Return what a match's rows see, one frame."""
        assert self._view is not None
        return self._view.look(self.batch, match, masks[match], self.plan.seats)

    def own_actions(self, match: int, seat: int) -> NDArray[np.int32]:
        """Return the common ids of the actions that a seat owns."""
        return np.flatnonzero(self._static_masks()[match, seat]).astype(np.int32)

    def state(self, match: int) -> bytes:
        """Return the bytes of a match's state."""
        return self.batch.state(match)

    def hashes(self) -> NDArray[np.uint64]:
        """Return a hash of every match's state."""
        return self.batch.hashes()

    def set_max_cycles(self, max_cycles: int | None) -> None:
        """Truncate matches after so many steps."""
        self.batch.set_max_steps(max_cycles or 0)

    # ---- saving and copying ----

    def _past(self, match: int) -> NDArray[Any]:
        """Return what a match's rows saw in the steps before, as part of the frames."""
        frames: NDArray[Any] = self.arrays.frames[match]
        if self._view is not None:
            return frames[:, 1:]
        size = self.batch.observation_size
        return frames[:, size : size * self.plan.options.frame_stack]

    def snapshot(self, match: int) -> bytes:
        """Return all that a match's future depends on, but for what a policy remembers."""
        return self.batch.snapshot(match) + self._past(match).tobytes()

    def restore(self, match: int, snapshot: bytes) -> None:
        """Put a match back as it was.

        Raises:
            SnapshotError: if a snapshot cannot be one of such a match, which then stays as it is.
        """
        past, before = self._past(match), self.batch.snapshot(match)
        split = max(len(snapshot) - past.nbytes, 0)
        frames = checked_frames(snapshot[split:], past)
        try:
            self.batch.restore(match, snapshot[:split])
        except ValueError as error:
            raise SnapshotError(f"the snapshot is damaged: {error}") from error
        owned = int(self._static_masks()[match, list(self.plan.seats)].sum(-1, np.int64).max())
        if self.plan.options.action_space == "own" and owned > self.plan.mask_size:
            self.batch.restore(match, before)
            why = own_size_error(owned, self.plan.mask_size)
            raise SnapshotError(f"the snapshot does not fit: {why}")
        past[:] = frames
        self._rows.recall(match)
        if self._view is not None:
            self.arrays.frames[match, :, 0] = self._seen(match, self._common_masks())
        self._weigh()
        dtype = _core.state_dtype(self.plan.num_fighters)
        state = np.frombuffer(self.batch.state(match), dtype)[0]
        for seated in self._seated:
            seated.resume(match, int(state["seed"]), int(state["tick"]))

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to go on."""
        return {
            "built": (self.plan, self.arrays, self._num_threads),
            "snapshots": [self.batch.snapshot(match) for match in range(self.plan.num_matches)],
            "max_steps": self.batch.max_steps,
            "seated": self._seated,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._build(*state["built"])
        self.batch.set_max_steps(state["max_steps"])
        for match, snapshot in enumerate(state["snapshots"]):
            self.batch.restore(match, snapshot)
        self._seated = state["seated"]
        for seated in self._seated:
            seated.join(self.batch)

    def close(self) -> None:
        """End the threads."""
        del self._rows
