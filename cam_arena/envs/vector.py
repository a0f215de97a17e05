"""The native vector env: many duels stepped in C, as a gymnasium.vector.VectorEnv."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from .. import _core, bots
from ..errors import MatchError
from ..game.actions import action_space, factor_masks, mask_size, own_ids, own_masks
from ..game.match import AGENTS
from ..game.observations import Observation, ObservationForm
from ..game.options import TICKS_PER_SECOND, EnvOptions, Options, ResetChoice, check_integer
from ..game.views import make_view, seen_space, stacked
from .manual import with_manual
from .resets import chosen_matches, reset_seeds
from .rows import Rows
from .single import DEFAULT_OPPONENT
from .threads import Slices

if TYPE_CHECKING:
    from ..render.viewer import Viewer

__all__ = ["DuelVectorEnv", "single_seat"]

_AUTORESET = {
    AutoresetMode.NEXT_STEP: 0,
    AutoresetMode.SAME_STEP: 1,
    AutoresetMode.DISABLED: 2,
}


@with_manual
class DuelVectorEnv(VectorEnv[Any, Any, Any]):
    """Many duels as one Gymnasium vector env.

    Row `2 * match + seat` is the agent in that seat. With an opponent, a bot such as `zoner:3`
    plays `fighter_1` and there is one row a match.

    Args:
        num_matches: matches that step together.
        num_threads: threads that share them; results do not depend on it.
        opponent: None or a bot.
        autoreset_mode: what happens to a match that is over. NEXT_STEP: its next step begins
            another and ignores its actions. SAME_STEP: another begins at once, and the last
            observations and infos are in `infos["final_obs"]` and `infos["final_info"]`.
            DISABLED: it stands still until `reset(options={"reset_mask": ...})`.
        copy: False returns the env's own arrays, which the next step or reset writes again: fast,
            but copy what you keep. True returns copies.
        render_mode: None or `rgb_array`: a frame for every match.
        options: those of every env.
    """

    def __init__(
        self,
        num_matches: int,
        num_threads: int = 1,
        *,
        opponent: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = False,
        render_mode: str | None = None,
        **options: Unpack[EnvOptions],
    ) -> None:
        self.closed = True  # until it is made: gymnasium 1.2 closes what a refused argument left
        self.num_matches = check_integer("num_matches", num_matches, 1, 2**20)
        num_threads = check_integer("num_threads", num_threads, 1, 1024)
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode must be None or 'rgb_array', got {render_mode!r}")
        self.options = Options.for_env(options)
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.roster = self.options.loaded_roster
        self.render_mode, self._copy, self._opponent = render_mode, copy, opponent
        self._seats = len(AGENTS) if opponent is None else 1
        self.num_envs = self.num_matches * self._seats
        self._is_factored = self.options.action_space == "multi_discrete"
        self._is_own = self.options.action_space == "own"
        self._view = make_view(self.options)
        self.batch = self._make_batch()
        self._make_spaces()
        self._make_buffers()
        self._slices = Slices(self.num_matches, num_threads)
        self._has_begun = False
        self._viewers: list[Viewer] = []
        self.metadata = {
            "name": "duel_v0",
            "render_modes": ["rgb_array"],
            "render_fps": round(TICKS_PER_SECOND / self.options.frame_skip),
            "autoreset_mode": self.autoreset_mode,
        }
        self.closed = False

    def _make_batch(self) -> _core.Batch:
        batch = self.options.make_batch(self.num_matches)
        if self._opponent is not None:
            if not isinstance(self._opponent, str):
                raise TypeError(
                    f"the vector env's opponent must be a bot ({', '.join(bots.names())}), got "
                    f"{self._opponent!r}; for a policy take two rows a match and choose its actions"
                )
            kind, level = bots.parse(self._opponent)
            for match in range(self.num_matches):
                batch.set_bot(match, 1, kind, level)
        return batch

    def _make_spaces(self) -> None:
        options = self.options
        size = max(options.own_sizes[: self._seats]) if self._is_own else _core.NUM_ACTIONS
        self._num_actions = size
        self._form = ObservationForm(
            seen_space(options),
            mask_size(options.action_space, size),
            mask_in=options.mask_in,
            flatten=options.flatten,
        )
        self.single_observation_space = self._form.space()
        self.single_action_space = action_space(options.action_space, size)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def _make_buffers(self) -> None:
        shape = (self.num_matches, len(AGENTS))
        stack = self.options.frame_stack
        self._actions = np.zeros(shape, np.int32)
        # what the batch writes, and what agents see of it: the same where that is a vector
        self._vectors = np.zeros((*shape, self.batch.observation_size), np.float32)
        self._frame: NDArray[Any] = self._vectors
        if self._view is not None:
            self._frame = np.zeros((*shape, *self._view.shape), self._view.dtype)
        self._frames = self._frame[:, :, None]
        if stack > 1:
            self._frames = np.zeros((*shape, stack, *self._frame.shape[2:]), self._frame.dtype)
        self._masks = np.zeros((*shape, _core.NUM_ACTIONS), np.int8)
        self._rewards = np.zeros(shape, np.float32)
        self._terminated = np.zeros(self.num_matches, np.bool_)
        self._truncated = np.zeros(self.num_matches, np.bool_)
        self._is_over = np.zeros(self.num_matches, np.bool_)
        self._seeds = [0] * self.num_matches
        self._own = np.zeros((*shape, self._num_actions if self._is_own else 0), np.int32)
        self._everything = np.ones(self.num_matches, np.bool_)
        self._rows = Rows(self.num_matches, self._seats, self.roster.names)

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
            MatchError: if the env is closed.
        """
        self._require_open()
        given = dict(options or {})
        chosen = chosen_matches(given.pop("reset_mask", None), self.num_matches, self._seats)
        choice = ResetChoice.parse(given, self.options)
        seeds = reset_seeds(seed, self.num_matches, self._seeds if self._has_begun else None)
        if not chosen.all() and not self._has_begun:
            raise MatchError("the first reset must begin all matches; leave reset_mask out")
        begun = np.flatnonzero(chosen).tolist()
        before = [self.batch.snapshot(match) for match in begun] if self._is_own else []
        for match in begun:
            self.batch.reset(
                match, seeds[match], choice.characters, choice.scrolls, choice.companions
            )
        try:
            self._take_own(chosen)
        except ValueError:
            for match, snapshot in zip(begun, before, strict=True):
                self.batch.restore(match, snapshot)
            raise
        self._has_begun = True
        self._np_random = np.random.default_rng(seeds[0])
        self._is_over[chosen] = False
        self._terminated[chosen] = self._truncated[chosen] = False
        self._rewards[chosen] = 0.0
        self.batch.observe(self._vectors)
        self.batch.action_masks(self._masks)
        self._look(chosen)
        self._note_begun(chosen)
        return self._observations(), self._infos(np.repeat(chosen, self._seats))

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
            MatchError: if there are no matches to step.
        """
        self._require_open()
        if not self._has_begun:
            raise MatchError("the env has not begun; call reset() first")
        ids = self._parse(actions)
        if self.autoreset_mode is AutoresetMode.DISABLED and self._is_over.any():
            match = int(self._is_over.argmax())
            raise MatchError(
                f"match {match} is over; call reset(options={{'reset_mask': ...}}) for it first"
            )
        self._actions[:, : self._seats] = ids.reshape(self.num_matches, self._seats)
        final: dict[str, Any] = {}
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            self._slices.run(self._advance_slice)
            self._push_frames()
            over = self._terminated | self._truncated
            if over.any():
                final = self._begin_next(over)
        else:
            self._slices.run(self._step_slice)
            if self._is_over.any():
                self._take_own(self._is_over)
            self._push_frames()
            if self._is_over.any():
                self._note_begun(self._is_over)
            self._is_over = self._terminated | self._truncated
        rewards = self._rows.of(self._rewards)
        return (
            self._observations(),
            rewards.copy() if self._copy else rewards,
            np.repeat(self._terminated, self._seats),
            np.repeat(self._truncated, self._seats),
            self._infos(self._rows.everyone) | final,
        )

    def _parse(self, actions: object) -> NDArray[np.int32]:
        array = np.asarray(actions)
        shape = (self.num_envs, 2) if self._is_factored else (self.num_envs,)
        if array.dtype.kind not in "iu":
            raise TypeError(f"actions must be integers, got {array.dtype}")
        if array.shape != shape:
            raise ValueError(f"actions must have shape {shape}, got {array.shape}")
        sizes: Any = self._num_actions
        if self._is_factored:
            sizes = (_core.NUM_DIRECTIONS, _core.NUM_BUTTONS)
        wrong = (array < 0) | (array >= np.asarray(sizes))
        if wrong.any():
            row = int(np.argwhere(wrong)[0, 0])
            match, seat = divmod(row, self._seats)
            raise ValueError(
                f"{AGENTS[seat]} of match {match} (row {row}): action {array[row]} is out of "
                f"range; allowed are {self.single_action_space}"
            )
        ids = array.astype(np.int32)
        if self._is_own:
            return np.take_along_axis(self._rows.of(self._own), ids[:, None], axis=1)[:, 0]
        return ids[:, 0] * np.int32(_core.NUM_BUTTONS) + ids[:, 1] if self._is_factored else ids

    def _step_slice(self, start: int, stop: int) -> None:
        self.batch.step(
            self._actions,
            self._vectors,
            self._masks,
            self._rewards,
            self._terminated,
            self._truncated,
            None,
            _AUTORESET[self.autoreset_mode],
            start,
            stop,
        )
        self.batch.rewards(self._rewards, self._rows.terms, start, stop)
        self.batch.illegal_actions(self._rows.illegal, start, stop)

    def _advance_slice(self, start: int, stop: int) -> None:
        self.batch.advance(self._actions, start, stop)
        self.batch.rewards(self._rewards, self._rows.terms, start, stop)
        self.batch.illegal_actions(self._rows.illegal, start, stop)
        self.batch.flags(self._terminated, self._truncated, start, stop)
        self.batch.observe(self._vectors, start, stop)
        self.batch.action_masks(self._masks, start, stop)

    def _begin_next(self, over: NDArray[np.bool_]) -> dict[str, Any]:
        """Begin the matches after those that are over; return the infos on the latter's end."""
        rows = np.repeat(over, self._seats)
        ended = np.flatnonzero(rows)
        seen, masks = self._seen()[ended], self._row_masks()[ended]
        final_obs = np.full(self.num_envs, None, dtype=object)
        for k, row in enumerate(ended.tolist()):
            final_obs[row] = self._form.make(seen[k], masks[k])
        final_info = self._rows.infos(
            self._row_masks(), rows, copy=True, has_mask=self._form.mask_in_info
        )
        for match in np.flatnonzero(over).tolist():
            self.batch.reset(match, _core.next_seed(self._seeds[match]))
            self.batch.observe(self._vectors, match, match + 1)
            self.batch.action_masks(self._masks, match, match + 1)
        self._take_own(over)
        self._look(over)
        self._note_begun(over)
        return {
            "final_obs": final_obs,
            "_final_obs": rows,
            "final_info": final_info,
            "_final_info": rows,
        }

    # ---- bookkeeping ----

    def _look(self, matches: NDArray[np.bool_]) -> None:
        """Make what agents see, where it is not a vector."""
        if self._view is None:
            return
        for match in np.flatnonzero(matches).tolist():
            seen = self._view.look(self.batch, match, self._masks[match], self._seats)
            self._frame[match, : self._seats] = seen

    def _push_frames(self) -> None:
        """Put the present frame before those of the steps before."""
        self._look(self._everything)
        if self.options.frame_stack > 1:
            self._frames[:, :, 1:] = self._frames[:, :, :-1].copy()
            self._frames[:, :, 0] = self._frame

    def _take_own(self, matches: NDArray[np.bool_]) -> None:
        """Note which actions the fighters of matches that have just begun own."""
        if not self._is_own:
            return
        static = np.empty((self.num_matches, len(AGENTS), _core.NUM_ACTIONS), np.int8)
        self.batch.static_masks(static)
        size = self._own.shape[-1]
        for seat in range(self._seats):
            self._own[matches, seat] = own_ids(static[matches, seat], size)

    def _note_begun(self, matches: NDArray[np.bool_]) -> None:
        """Note seeds, characters and first frames of matches that have just begun."""
        self._frames[matches] = self._frame[matches][:, :, None]
        indices = np.flatnonzero(matches)
        characters = np.empty((len(indices), len(AGENTS)), np.int32)
        for k, match in enumerate(indices.tolist()):
            state = self.state(match)
            self._seeds[match] = int(state["seed"])
            characters[k] = state["fighters"]["character"]
        self._rows.begin(indices, characters)

    def _seen(self) -> NDArray[Any]:
        return stacked(self._rows.of(self._frames))

    def _row_masks(self) -> NDArray[np.int8]:
        masks: NDArray[np.int8] = self._rows.of(self._masks)
        if self._is_own:
            return own_masks(masks, self._rows.of(self._own))
        return factor_masks(masks) if self._is_factored else masks

    def _observations(self) -> Observation:
        seen, masks = self._seen(), self._row_masks()
        if seen.dtype == object:
            return self._form.make(tuple(seen.tolist()), masks)
        if self._copy:
            seen, masks = seen.copy(), masks.copy()
        return self._form.make(seen, masks)

    def _infos(self, present: NDArray[np.bool_]) -> dict[str, Any]:
        return self._rows.infos(
            self._row_masks(), present, copy=self._copy, has_mask=self._form.mask_in_info
        )

    def _require_open(self) -> None:
        if self.closed:
            raise MatchError("the env is closed; make a new one")

    # ---- looking inside ----

    @property
    def action_masks(self) -> NDArray[np.int8]:
        """What is legal now, int8 of shape (num_envs, K); reused with `discrete`."""
        return self._row_masks()

    def own_actions(self, row: int) -> NDArray[np.int32]:
        """Return the actions that a row's character and loadout own, as common ids 0..107.

        With `action_space="own"`, action k of the row is the k-th of these; the space is padded to
        the largest of all rows, and what is beyond is never legal.
        """
        match, seat = divmod(check_integer("row", row, 0, self.num_envs - 1), self._seats)
        static = np.empty((self.num_matches, len(AGENTS), _core.NUM_ACTIONS), np.int8)
        self.batch.static_masks(static, match, match + 1)
        return np.flatnonzero(static[match, seat]).astype(np.int32)

    @property
    def max_cycles(self) -> int | None:
        """Steps after which a match is truncated; None for never."""
        return self.options.max_cycles

    @max_cycles.setter
    def max_cycles(self, max_cycles: int | None) -> None:
        self.options = dataclasses.replace(self.options, max_cycles=max_cycles)
        self.batch.set_max_steps(self.options.max_cycles or 0)

    def state(self, match: int) -> np.void:
        """Return a match's whole state as a numpy record: a read-only copy."""
        record: np.void = np.frombuffer(self.batch.state(match), _core.DTYPES["state"])[0]
        return record

    def hashes(self) -> NDArray[np.uint64]:
        """Return a hash of every match's state, uint64 of shape (num_matches,)."""
        return self.batch.hashes()

    def render(self) -> tuple[NDArray[np.uint8], ...]:
        """Return a frame of every match.

        Raises:
            MatchError: if there is nothing to draw or the env has no render mode.
        """
        self._require_open()
        if self.render_mode is None or not self._has_begun:
            raise MatchError("render() needs an env made with render_mode='rgb_array', and a reset")
        if not self._viewers:
            from ..render.viewer import Viewer

            self._viewers = [Viewer("rgb_array", self.roster) for _ in range(self.num_matches)]
        frames = (viewer.draw(self.state(i), AGENTS) for i, viewer in enumerate(self._viewers))
        return tuple(frame for frame in frames if frame is not None)

    def close_extras(self, **kwargs: Any) -> None:
        """End the threads and free what drawing needed; `close` calls it."""
        self._slices.close()
        while self._viewers:
            self._viewers.pop().close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            "a DuelVectorEnv cannot be pickled: make it in the process that steps it, and carry "
            "matches over with batch.snapshot(match)"
        )


def single_seat(
    num_envs: int = 1,
    *,
    opponent: str = DEFAULT_OPPONENT,
    copy: bool = True,
    **options: Any,
) -> DuelVectorEnv:
    """Return what `gymnasium.make_vec("cam_arena/Duel-v0")` makes: one row a match against a bot.

    It copies what it returns, as Gymnasium's own vector envs do; `copy=False` is faster.
    """
    return DuelVectorEnv(num_envs, opponent=opponent, copy=copy, **options)
