"""The native vector env: many duels stepped in C, as a gymnasium.vector.VectorEnv."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from .. import _core
from ..errors import MatchError
from ..game.actions import action_space
from ..game.match import AGENTS
from ..game.observations import VECTORS, Observation, ObservationForm
from ..game.options import (
    MAX_MATCHES,
    TICKS_PER_SECOND,
    EnvOptions,
    Options,
    ResetChoice,
    check_integer,
)
from ..game.views import encoded_space, seen_space, stacked
from ..opponents import Opponent, OpponentWord
from .manual import with_manual
from .matches import Matches, Plan, RowArrays, make_rows
from .resets import chosen_matches, reset_seeds
from .rows import RowInfos
from .single import DEFAULT_OPPONENT, seat_opponents
from .turns import Turn, broken_off

if TYPE_CHECKING:
    from ..render.viewer import Viewer
    from .workers import Workers

__all__ = ["DuelVectorEnv", "single_seat"]

_PARAMETERS = (
    "num_matches", "num_threads", "num_workers", "opponent", "opponent_seat", "autoreset_mode",
    "observation_dtype", "copy", "render_mode",
)  # fmt: skip
_AUTORESET = {
    AutoresetMode.NEXT_STEP: 0,
    AutoresetMode.SAME_STEP: 1,
    AutoresetMode.DISABLED: 2,
}


@with_manual
class DuelVectorEnv(VectorEnv[Any, Any, Any]):
    """Many duels as one Gymnasium vector env.

    Row `2 * match + seat` is the agent in that seat. With an opponent there is one row a match.

    Args:
        num_matches: matches that step together.
        num_threads: threads that share them; results do not depend on it. With workers: of each.
        num_workers: processes that share the matches, 0 for none; results do not depend on it.
            Where drawing or describing holds Python's lock, threads do not help and workers do.
        opponent: None, or who plays the other seat, as for `DuelEnv`. A trained policy decides for
            all its matches in one pass. A function or an object is asked match by match, and one
            with `reset(seed)` is copied for each match. With workers it must be picklable.
        opponent_seat: the opponent's seat: 0 is `fighter_0`, 1 is `fighter_1`.
        autoreset_mode: what happens to a match that is over. NEXT_STEP: its next step begins
            another and ignores its actions. SAME_STEP: another begins at once, and the last
            observations and infos are in `infos["final_obs"]` and `infos["final_info"]`.
            DISABLED: it stands still until `reset(options={"reset_mask": ...})`.
        observation_dtype: of vectors: `float32`, `float16` (rounded to nearest) or `int16` (the
            number times 32767, rounded), which halve what has to be carried.
        copy: True returns copies, as Gymnasium's own vector envs do. False returns the env's own
            arrays, which the next step or reset writes again: faster, but copy what you keep.
        render_mode: None or `rgb_array`: a frame for every match.
        options: those of every env.
    """

    _NAME: ClassVar[str] = "duel_v0"
    _IS_DUEL: ClassVar[bool] = True

    def __init__(
        self,
        num_matches: int,
        num_threads: int = 1,
        *,
        num_workers: int = 0,
        opponent: OpponentWord | Sequence[OpponentWord] | None = None,
        opponent_seat: int = 1,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        observation_dtype: str = "float32",
        copy: bool = True,
        render_mode: str | None = None,
        **options: Unpack[EnvOptions],
    ) -> None:
        self.closed = True  # until it is made: gymnasium 1.2 closes what a refused argument left
        seats, opponents, chosen = _seating(
            opponent, opponent_seat, Options.for_env(options, beside=_PARAMETERS)
        )
        self._open(
            chosen, seats, opponents, AGENTS, num_matches, num_threads, num_workers,
            autoreset_mode, observation_dtype, copy, render_mode,
        )  # fmt: skip

    def _open(
        self,
        options: Options,
        seats: tuple[int, ...],
        opponents: tuple[Opponent, ...],
        fighters: tuple[str, ...],
        num_matches: int,
        num_threads: int,
        num_workers: int,
        autoreset_mode: AutoresetMode | str,
        observation_dtype: str,
        copy: bool,
        render_mode: str | None,
    ) -> None:
        """Check the arguments and make the matches. fighters: a name for every seat."""
        self._turn, self._failure = Turn(self._fail), "the env is closed; make a new one"
        self.num_matches = check_integer("num_matches", num_matches, 1, MAX_MATCHES)
        num_threads = check_integer("num_threads", num_threads, 1, 1024)
        num_workers = check_integer("num_workers", num_workers, 0, 1024)
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode must be None or 'rgb_array', got {render_mode!r}")
        if not isinstance(copy, bool):
            raise TypeError(f"copy must be True or False, got {copy!r}")
        self.options, self._fighters = options, fighters
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.roster = self.options.loaded_roster
        self.render_mode, self._copy = render_mode, copy
        self._plan = Plan(
            self.options,
            self.num_matches,
            seats,
            opponents,
            _AUTORESET[self.autoreset_mode],
            _encoding(observation_dtype, self.options),
        )
        self.num_envs = self.num_matches * len(seats)
        self._is_vector = self.options.observation in VECTORS
        self._make_spaces()
        self._make_matches(num_threads, num_workers)
        self._has_begun = self._is_pending = False
        self._viewers: list[Viewer] = []
        self.metadata = {
            "name": self._NAME,
            "render_modes": ["rgb_array"],
            "render_fps": round(TICKS_PER_SECOND / self.options.frame_skip),
            "autoreset_mode": self.autoreset_mode,
        }
        self.closed = False

    def _make_spaces(self) -> None:
        options, plan = self.options, self._plan
        self._form = ObservationForm(
            encoded_space(seen_space(options), plan.encoding),
            plan.mask_size,
            mask_in=options.mask_in,
            flatten=options.flatten,
        )
        self.single_observation_space = self._form.space()
        self.single_action_space = action_space(options.action_space, plan.mask_size)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def _make_matches(self, num_threads: int, num_workers: int) -> None:
        self._matches: Matches | Workers
        if num_workers:
            from . import workers  # multiprocessing is not for everyone who steps

            self._matches = workers.Workers(self._plan, num_workers, num_threads)
        else:
            self._matches = Matches(self._plan, RowArrays.new(self._plan), num_threads)
        arrays = self._arrays = self._matches.arrays
        self._taker = make_rows(self._plan, None, arrays)
        self._masks = arrays.masks.reshape(self.num_envs, -1)
        self._rewards = arrays.rewards.reshape(-1)
        self._terminated = arrays.terminated.reshape(-1)
        self._truncated = arrays.truncated.reshape(-1)
        has_mask = self.options.mask_in in ("info", "both")
        self._infos = RowInfos(
            arrays,
            self._masks if has_mask else None,
            self.roster.names if self.options.infos == "names" else None,
            is_duel=self._IS_DUEL,
        )

    # ---- time ----

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin the matches and return observations and infos.

        Args:
            seed: match i gets `seed + i`, or `seed[i]`; None goes on from the last match or, at
                first, draws one of the OS.
            options: `characters`, `scrolls`, `companions` of these matches, and with `reset_mask`
                (bool, shape (num_envs,)) only the matches of these rows; all rows of a match agree.

        Raises:
            ValueError: if a seed, mask or option is not allowed.
            TypeError: if one has the wrong type.
            MatchError: if the env is closed, or a step is under way.
            RuntimeError: if another thread steps the env.
        """
        with self._turn:
            return self._begin(seed, options)

    def _begin(
        self, seed: int | Sequence[int | None] | None, options: Mapping[str, Any] | None
    ) -> tuple[Observation, dict[str, Any]]:
        self._require_idle()
        given = dict(options or {})
        seats = len(self._plan.seats)
        chosen = chosen_matches(given.pop("reset_mask", None), self.num_matches, seats)
        choice = ResetChoice.parse(given, self.options, beside=("reset_mask",))
        last = self._arrays.seeds.tolist() if self._has_begun else None
        seeds = reset_seeds(seed, self.num_matches, last)
        if not chosen.all() and not self._has_begun:
            raise MatchError("the first reset must begin all matches; leave reset_mask out")
        begun = [seeds[match] for match in np.flatnonzero(chosen).tolist()]
        choice.require_fit(self.options, begun, self._plan.sizes)
        self._turn.change()
        self._matches.begin(chosen, seeds, choice)
        self._has_begun = True
        self._np_random = np.random.default_rng(seeds[0])
        self._infos.name_characters()
        present = np.repeat(chosen, seats)
        infos = self._infos.copies(present) if self._copy else self._infos.of(present)
        return self._observations(), infos

    def step(
        self, actions: NDArray[np.integer] | Sequence[int]
    ) -> tuple[
        Observation, NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        """Step all matches and return observations, rewards, terminations, truncations and infos.

        Args:
            actions: one row each: integers of shape (num_envs,), with `multi_discrete`
                (num_envs, 2).

        Raises:
            ValueError: if the shape is wrong or an action is out of range.
            TypeError: if they are not integers.
            MatchError: if there are no matches to step, or a step is under way.
            WorkerError: if a worker process has died.
            RuntimeError: if another thread steps the env.
        """
        with self._turn:
            self._take(actions)
            self._matches.answer()
            self._turn.change()
            self._matches.step()
            return self._results()

    def send(self, actions: NDArray[np.integer] | Sequence[int]) -> None:
        """Begin a step on other threads or processes and return at once; `recv` ends it.

        `step(actions)` is `send(actions)` and `recv()`. Until `recv` returns, the arrays that the
        env has handed out are being written, and no other call is allowed. One thread more than the
        caller's works, or `num_threads - 1` if that is more; `recv` lends them the caller's.

        Raises:
            As `step` does.
        """
        with self._turn:
            self._take(actions)
            self._matches.answer()
            self._turn.change()
            self._matches.start()
            self._is_pending = True

    def recv(
        self,
    ) -> tuple[
        Observation, NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        """Wait for the step that `send` began, and return what `step` returns.

        Raises:
            MatchError: if no step is under way.
            WorkerError: if a worker process has died.
        """
        with self._turn:
            self._require_open()
            if not self._is_pending:
                raise MatchError("no step is under way; call send(actions) first")
            self._turn.change()
            self._matches.wait()
            self._is_pending = False
            return self._results()

    def _take(self, actions: object) -> None:
        """Take the actions into the matches' array; nothing else changes."""
        if self.closed or self._is_pending or not self._has_begun:
            self._require_idle()
            raise MatchError("the env has not begun; call reset() first")
        row = self._taker.take(actions)
        if row == -2:
            row = self._taker.take(self._common_actions(actions))
        if row >= 0:
            match, k = divmod(row, len(self._plan.seats))
            raise ValueError(
                f"{self._fighters[self._plan.seats[k]]} of match {match} (row {row}): action "
                f"{np.asarray(actions)[row]} is out of range; allowed are "
                f"{self.single_action_space}"
            )
        if self.autoreset_mode is AutoresetMode.DISABLED:
            over = self._terminated | self._truncated
            if over.any():
                match = int(over.argmax()) // len(self._plan.seats)
                raise MatchError(
                    f"match {match} is over; call reset(options={{'reset_mask': ...}}) for it first"
                )

    def _common_actions(self, actions: object) -> NDArray[np.int64]:
        """Return actions of a rarer type as the compiled rows take them."""
        array = np.asarray(actions)
        is_pair = self.options.action_space == "multi_discrete"
        shape: tuple[int, ...] = (self.num_envs, 2) if is_pair else (self.num_envs,)
        if array.dtype.kind not in "iu":
            raise TypeError(f"actions must be integers, got {array.dtype}")
        if array.shape != shape:
            raise ValueError(f"actions must have shape {shape}, got {array.shape}")
        return np.ascontiguousarray(array, np.int64)  # too large for int64 turns negative

    def _results(
        self,
    ) -> tuple[
        Observation, NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        final: dict[str, Any] = {}
        terminated, truncated = self._terminated.copy(), self._truncated.copy()
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            over = terminated | truncated
            if over.any():
                final = self._begin_next(over)
        elif self._arrays.begun.any():
            self._infos.name_characters()
        infos = self._infos.copies() if self._copy else self._infos.views()
        rewards = self._rewards.copy() if self._copy else self._rewards
        return self._observations(), rewards, terminated, truncated, infos | final

    def _begin_next(self, over: NDArray[np.bool_]) -> dict[str, Any]:
        """Begin the matches after those that are over; return the infos on the latter's end."""
        final_obs = np.full(self.num_envs, None, dtype=object)
        for row in np.flatnonzero(over).tolist():
            final_obs[row] = self._row_observation(row)
        final_info = self._infos.copies(over)
        self._matches.follow(over[:: len(self._plan.seats)])
        self._infos.name_characters()
        return {
            "final_obs": final_obs,
            "_final_obs": over,
            "final_info": final_info,
            "_final_info": over,
        }

    # ---- what rows see ----

    def _seen(self) -> NDArray[Any]:
        """Return what all rows see, flat vectors with their masks."""
        frames = self._arrays.frames
        if self._is_vector:
            return frames.reshape(self.num_envs, -1)
        return stacked(frames.reshape(self.num_envs, *frames.shape[2:]))

    def _observations(self) -> Observation:
        seen, masks = self._seen(), self._masks
        if seen.dtype == object:
            return self._form.dress(tuple(seen.tolist()), masks)
        if self._copy:
            seen, masks = seen.copy(), masks.copy()
        return self._form.dress(seen, masks)

    def _row_observation(self, row: int) -> Observation:
        """Return a copy of one row's observation."""
        seen = self._seen()[row]
        return self._form.dress(
            seen.copy() if isinstance(seen, np.ndarray) else seen, self._masks[row].copy()
        )

    def _fail(self, error: BaseException) -> None:
        """Close the env after a call that broke off, unless its workers have said why."""
        if self._matches.failure:
            return
        self._failure = broken_off(error)
        try:
            self.close()
        finally:
            self.closed = True

    def _require_open(self) -> None:
        if self.closed:
            raise MatchError(self._failure)

    def _require_idle(self) -> None:
        self._require_open()
        if self._is_pending:
            raise MatchError("a step is under way; call recv() first")

    # ---- looking inside ----

    @property
    def batch(self) -> _core.Batch:
        """The compiled matches; with `num_workers` they are in other processes.

        Raises:
            MatchError: with `num_workers`.
        """
        if not isinstance(self._matches, Matches):
            raise MatchError("with num_workers the batches are in the workers; make one without")
        return self._matches.batch

    @property
    def action_masks(self) -> NDArray[np.int8]:
        """What is legal now, int8 of shape (num_envs, K); the next step writes it again."""
        return self._masks

    def set_opponents(self, opponent: OpponentWord | Sequence[OpponentWord]) -> None:
        """Take another opponent, or several to draw from; matches under way keep theirs.

        Raises:
            MatchError: if the env was made without an opponent, or a step is under way.
            As `cam_arena.opponents.resolve` does.
        """
        self._require_idle()
        if not self._plan.opponents:
            raise MatchError("all seats have rows: make the env with an opponent")
        found, _ = seat_opponents(opponent, self.options)
        self._matches.set_opponents(found)

    def own_actions(self, row: int) -> NDArray[np.int32]:
        """Return the actions that a row's character and loadout own, as common ids 0..107.

        With `action_space="own"`, action k of the row is the k-th of these; the space is padded to
        the largest of all rows, and what is beyond is never legal.
        """
        self._require_idle()
        seats = self._plan.seats
        match, k = divmod(check_integer("row", row, 0, self.num_envs - 1), len(seats))
        return self._matches.own_actions(match, seats[k])

    @property
    def max_cycles(self) -> int | None:
        """Steps after which a match is truncated; None for never."""
        return self.options.max_cycles

    @max_cycles.setter
    def max_cycles(self, max_cycles: int | None) -> None:
        self._require_idle()
        options = dataclasses.replace(self.options, max_cycles=max_cycles)
        self._matches.set_max_cycles(options.max_cycles)
        self.options = options

    def state(self, match: int) -> np.void:
        """Return a match's whole state as a numpy record: a read-only copy."""
        self._require_idle()
        number = check_integer("match", match, 0, self.num_matches - 1)
        content = self._matches.state(number)
        record: np.void = np.frombuffer(content, _core.state_dtype(self._plan.num_fighters))[0]
        return record

    def hashes(self) -> NDArray[np.uint64]:
        """Return a hash of every match's state, uint64 of shape (num_matches,)."""
        self._require_idle()
        return self._matches.hashes()

    def render(self) -> tuple[NDArray[np.uint8], ...]:
        """Return a frame of every match.

        Raises:
            MatchError: if there is nothing to draw or the env has no render mode.
        """
        self._require_idle()
        if self.render_mode is None or not self._has_begun:
            raise MatchError("render() needs an env made with render_mode='rgb_array', and a reset")
        if not self._viewers:
            from ..render.viewer import Viewer

            self._viewers = [Viewer("rgb_array", self.roster) for _ in range(self.num_matches)]
        frames = (
            viewer.draw(self.state(i), self._fighters) for i, viewer in enumerate(self._viewers)
        )
        return tuple(frame for frame in frames if frame is not None)

    def close_extras(self, **kwargs: Any) -> None:
        """End threads and workers, and free what drawing needed; `close` calls it."""
        self._matches.close()
        self._is_pending = False
        while self._viewers:
            self._viewers.pop().close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            f"a {type(self).__name__} cannot be pickled: make it in the process that steps it, and "
            "carry matches over with batch.snapshot(match)"
        )


def _seating(
    opponent: OpponentWord | Sequence[OpponentWord] | None, seat: object, options: Options
) -> tuple[tuple[int, ...], tuple[Opponent, ...], Options]:
    """Return the seats that have rows, who plays the other, and the options of the matches."""
    if opponent is None:
        if seat != 1:
            raise ValueError(
                f"opponent_seat is the seat of an opponent, and there is none; got {seat!r}"
            )
        return (0, 1), (), options
    theirs = check_integer("opponent_seat", seat, 0, 1)
    return (1 - theirs,), *seat_opponents(opponent, options)


def _encoding(dtype: object, options: Options) -> int:
    """Return the number of an observation dtype."""
    if dtype not in _core.ENCODINGS:
        names = ", ".join(map(repr, _core.ENCODINGS))
        raise ValueError(f"observation_dtype must be one of {names}, got {dtype!r}")
    if dtype != "float32" and options.observation not in VECTORS:
        raise ValueError(
            f"observation_dtype is of vectors, which {options.observation!r} is not; leave it out"
        )
    return _core.ENCODINGS[str(dtype)]


def single_seat(
    num_envs: int = 1,
    *,
    opponent: OpponentWord | Sequence[OpponentWord] = DEFAULT_OPPONENT,
    max_episode_steps: int | None = None,
    **options: Any,
) -> DuelVectorEnv:
    """Return what `gymnasium.make_vec("cam_arena/Duel-v0")` makes: one row a match.

    Args:
        num_envs: matches that step together.
        opponent: as of `cam_arena.make_vec`.
        max_episode_steps: Gymnasium's word for `max_cycles`; the smaller of the two counts.
        **options: those of `cam_arena.make_vec`.
    """
    env = DuelVectorEnv(num_envs, opponent=opponent, **options)
    if max_episode_steps is not None:
        limit = check_integer("max_episode_steps", max_episode_steps, 1, 2**30)
        env.max_cycles = min(limit, env.max_cycles or limit)
    return env
