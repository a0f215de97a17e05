"""Rollouts over processes, for any PettingZoo parallel env of two agents, through SuperSuit.

Use it for envs that are slow or not ours; the native backend is far faster for this one.
SuperSuit's traps (version 3.11) and what is done about them: its processes get nearly the same
seeds, so every match draws its own from a sequence; it begins the next episode itself, so a match
cannot be given characters; and it waits for ever for a process that died, so there is a deadline.
"""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import Any

import numpy as np
from gymnasium.vector.utils import iterate
from numpy.typing import NDArray
from pettingzoo.utils import BaseParallelWrapper
from supersuit.vector import ConcatVecEnv, MarkovVectorEnv
from supersuit.vector.constructors import call_wrap
from supersuit.vector.multiproc_vec import ProcConcatVec

from cam_arena.errors import WorkerError
from cam_arena.liveness import Watch

from . import stopping
from .population.members import BotMember

__all__ = ["Aggressive", "SubprocessBackend"]

LOOK_S = 0.2
"""Between two looks at a process that is waited for."""


class SubprocessBackend:
    """Matches in worker processes; a finished match begins anew by itself."""

    def __init__(
        self,
        make: Callable[[], Any],
        num_matches: int,
        *,
        processes: int = 2,
        seed: int = 0,
        timeout_s: float = 30.0,
    ) -> None:
        """Start the processes.

        Args:
            make: returns a parallel env of two agents whose observations are dicts of
                `observation` and `action_mask`.
            num_matches: a multiple of `processes`.
            processes: at least 2.
            seed: every match draws its seeds from a sequence of its own that follows from it.
            timeout_s: seconds after which a silent process is given up.

        Raises:
            ValueError: if the numbers do not fit.
        """
        if processes < 2 or num_matches < processes or num_matches % processes:
            raise ValueError(
                "num_matches must be a multiple of processes, and processes at least 2, "
                f"got {num_matches} and {processes}"
            )
        self.num_matches, self._timeout_s = num_matches, timeout_s
        seeds = np.random.SeedSequence(seed).generate_state(num_matches, np.uint64)
        makers = [_Maker(make, int(one)) for one in seeds]
        example = makers[0]()
        space = example.observation_space
        self.observation_size = int(space["observation"].shape[0])
        each = num_matches // processes
        slices = [makers[k * each : (k + 1) * each] for k in range(processes)]
        with stopping.blocked():  # this process ends them
            self._venv: Any = _Processes(
                [call_wrap(ConcatVecEnv, part) for part in slices],
                space,
                example.action_space,
                2 * num_matches,
                example.metadata,
            )
        example.close()
        self._has_begun = False
        self._points = np.full(num_matches, 0.5)

    def start(
        self,
        match: int,
        seed: int,
        characters: tuple[int, int] | None,
        bots: tuple[BotMember | None, BotMember | None],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
    ) -> None:
        """Hand out the first observations of the match that has begun by itself.

        Raises:
            ValueError: if characters or bots are asked for: only the native backend chooses them.
            WorkerError: naming the process that died or stopped answering.
        """
        if characters is not None or any(bots):
            raise ValueError(
                "the subprocess backend can neither choose characters nor seat bots; "
                "give the env its own options, or use the native backend"
            )
        if not self._has_begun:
            self._send([("reset", (None, None))] * len(self._venv.pipes))
            self._receive()
            self._has_begun = True
        seen = self._venv.observations_buffers
        rows = slice(2 * match, 2 * match + 2)
        observations[match], masks[match] = seen["observation"][rows], seen["action_mask"][rows]

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Advance all matches; see `Backend.step`.

        Raises:
            WorkerError: naming the process that died or stopped answering.
        """
        venv = self._venv
        rows = list(iterate(venv.action_space, actions.reshape(-1).astype(np.int64)))
        self._send(
            [
                ("step", rows[a:b])
                for a, b in zip(venv.idx_starts, venv.idx_starts[1:], strict=False)
            ]
        )
        news = self._receive()
        observations.reshape(len(rows), -1)[:] = venv.observations_buffers["observation"]
        masks.reshape(len(rows), -1)[:] = venv.observations_buffers["action_mask"]
        rewards.reshape(-1)[:] = venv.shared_rews.np_arr
        terminated[:] = venv.shared_terms.np_arr.reshape(-1, 2).any(1)
        truncated[:] = venv.shared_truncs.np_arr.reshape(-1, 2).any(1)
        for start, infos in zip(venv.idx_starts, news, strict=False):
            for offset, info in infos:
                if "terminal_observation" not in info:
                    continue
                match, seat = divmod(start + offset, 2)
                # Those of the next episode are handed out by `start`.
                observations[match, seat] = info["terminal_observation"]["observation"]
                self._points[match] = info["points"]

    def points(self, match: int) -> float:
        """Return the result for seat 0; see `Backend.points`."""
        return float(self._points[match])

    def snapshot(self) -> list[bytes]:
        """Return nothing: other envs' matches cannot be saved."""
        return []

    def restore(self, snapshots: Sequence[bytes]) -> None:
        """Refuse: other envs' matches cannot be saved, so there is nothing to restore.

        Raises:
            ValueError: always.
        """
        raise ValueError("the subprocess backend cannot restore matches; they begin anew")

    def close(self) -> None:
        """End the processes; a stopped one too."""
        for process in self._venv.procs:
            if process.is_alive():
                # Kill, not terminate: a stopped process handles no other signal.
                process.kill()
            process.join()
        for pipe in self._venv.pipes:
            pipe.close()

    def _send(self, messages: Sequence[object]) -> None:
        for index, (pipe, message) in enumerate(zip(self._venv.pipes, messages, strict=True)):
            try:
                pipe.send(message)
            except OSError as error:
                raise self._venv.lost(index) from error

    def _receive(self) -> list[list[tuple[int, dict[str, Any]]]]:
        waited = 0.0

        def look(index: int) -> None:
            nonlocal waited
            waited += LOOK_S
            if waited >= self._timeout_s:
                raise WorkerError(f"worker {index} gave no answer for {self._timeout_s:g} s")

        answers: list[list[tuple[int, dict[str, Any]]]] = self._venv.receive(look)
        return answers


class _Processes(ProcConcatVec):  # type: ignore[misc]  # supersuit has no types
    """SuperSuit's processes, with an end to every wait for them."""

    pipes: list[Any]
    procs: list[Any]

    def receive(self, look: Callable[[int], None]) -> list[Any]:
        """Return what all processes answer.

        Args:
            look: called with the index of one that is waited for, every `LOOK_S` seconds; raises
                an error to give it up.

        Raises:
            WorkerError: naming the process that died or failed.
        """
        answers = []
        for index, pipe in enumerate(self.pipes):
            try:
                while not pipe.poll(LOOK_S):
                    look(index)
                answer = pipe.recv()
            except (EOFError, OSError) as error:
                raise self.lost(index) from error
            if isinstance(answer, tuple):
                raise WorkerError(f"worker {index} failed: {answer[0]!r}") from answer[0]
            answers.append(answer)
        return answers

    def lost(self, index: int) -> WorkerError:
        """Return the error that names a process which died."""
        process = self.procs[index]
        process.join(1)
        return WorkerError(f"worker {index} died with exit code {process.exitcode}")

    def _receive_info(self) -> list[Any]:
        """Wait for the processes to start; SuperSuit's constructor calls it."""
        watch = Watch(get_context().RawArray("q", len(self.procs)))
        processes = dict(enumerate(self.procs))
        try:
            return self.receive(lambda _: watch.check(processes, lambda k: f"worker {k}"))
        except WorkerError:
            for process in self.procs:
                process.kill()
            raise


class Aggressive(BaseParallelWrapper):  # type: ignore[misc]  # pettingzoo has no types
    """Rewards the damage a fighter of this package's envs deals once more; see `NativeBackend`."""

    def __init__(self, env: Any, aggression: float) -> None:
        """Wrap an env. aggression: share of the damage dealt that is rewarded once more."""
        super().__init__(env)
        self._bonus = aggression * env.match.options.reward_weights[0]

    def step(self, actions: Any) -> Any:
        """Step the env and add the bonus, which breaks the zero sum."""
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        for agent, other in zip(rewards, reversed(list(rewards)), strict=True):
            rewards[agent] -= self._bonus * min(infos[other]["reward_hp"], 0.0)
        return observations, rewards, terminated, truncated, infos


class _Maker:
    """Makes a match; an object, so that it can be sent to a process."""

    def __init__(self, make: Callable[[], Any], seed: int) -> None:
        self._make, self._seed = make, seed

    def __call__(self) -> MarkovVectorEnv:
        return MarkovVectorEnv(_Noted(self._make(), self._seed))


class _Noted(BaseParallelWrapper):  # type: ignore[misc]  # pettingzoo has no types
    """Resets with seeds of its own, and notes in the last infos how the match went."""

    def __init__(self, env: Any, seed: int) -> None:
        super().__init__(env)
        self._rng = np.random.default_rng(seed)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        return self.env.reset(seed=int(self._rng.integers(2**63)), options=options)

    def step(self, actions: Any) -> Any:
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        if not self.env.agents:
            first = rewards[self.env.possible_agents[0]]
            # An env that is not ours tells who won by the sign of its last reward.
            points = 0.5 + 0.5 * float(np.sign(first))
            if hasattr(self.env.unwrapped, "match"):
                points = {0: 1.0, 1: 0.0}.get(self.env.unwrapped.match.winner, 0.5)
            infos = {agent: {**info, "points": points} for agent, info in infos.items()}
        return observations, rewards, terminated, truncated, infos
