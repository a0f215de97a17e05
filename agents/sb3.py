"""CAM from off-the-shelf parts: MaskablePPO over Stable-Baselines3's subprocess envs.

The same two stages as `cam.py` in one file, for people who live in Stable-Baselines3. Each env
plays one seat; the other is played by a past self (stage 1) or by the frozen shared policy as a
random character (stage 2), drawn once an episode. It is far slower than `cam.py`: see
docs/training.md.
"""

import functools
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from sb3_contrib import MaskablePPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import SubprocVecEnv, VecMonitor

import cam_arena
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import CheckpointError, Stopped, WorkerError
from cam_arena.game.observations import Observation
from cam_arena.liveness import Watch

from . import checkpoint, stopping
from .cam import slug
from .provenance import stamp
from .run_config import FILE_NAME, open_run
from .runlog import display
from .sb3_member import blank_policy, save_weights
from .selfplay import VectorObservation, character_names
from .settings import check_settings

__all__ = ["AgainstPool", "Config", "train"]


@dataclass(frozen=True)
class Config:
    """CAM, or independent PPO alone, with Stable-Baselines3."""

    out: Path | None = None
    """Directory of the run, without one in it: this scheme cannot go on with a run. None: a new
    one, such as `runs/sb3-001`."""
    scheme: Literal["independent", "cam"] = "cam"
    """`independent`: one policy against its past selves; `cam`: then a specialist a character."""
    characters: str = "core4"
    """A split of the roster, or a character."""
    roster: Path | None = None
    """Directory of another roster, such as `cam-arena roster new` makes; None: the bundled one."""
    observation: VectorObservation = "full"
    """What the policies see; see `selfplay.Config`."""
    steps: int = 200_000
    """Decisions of the shared policy."""
    specialist_steps: int = 50_000
    """Decisions of each specialist."""
    envs: int = 8
    """Processes, one match each."""
    rollout: int = 256
    """Steps of each env between updates."""
    batch: int = 512
    """Samples in a gradient step."""
    snapshots: int = 10
    """Past selves saved over the whole budget."""
    lr: float = 3e-4
    """Learning rate of stage 1; stage 2 has a third of it."""
    gamma: float = 0.995
    """Discount per step."""
    seed: int = 0
    """Of networks, envs and opponents."""
    tensorboard: bool = True
    """Whether to write event files."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        check_settings(self)
        if min(self.steps, self.specialist_steps, self.envs, self.rollout, self.snapshots) < 1:
            raise ValueError("steps, specialist_steps, envs, rollout, snapshots must be at least 1")


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train the shared policy and, for `cam`, the specialists.

    Args:
        config: what to do.
        progress: where to show bars; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The run's directory: `config.json`, `shared/` and `specialists/<character>/`, checkpoints of
        weights without a pickle.

    Raises:
        CheckpointError: if there is a run in the directory already.
        ValueError: if the roster has no such characters.
    """
    names = character_names(cam_arena.load_roster(config.roster), config.characters)
    if config.out is not None and (Path(config.out) / FILE_NAME).exists():
        raise CheckpointError(
            f"{config.out} holds a run, and this scheme cannot go on with one; give another --out"
        )
    with (
        open_run(config, scheme=f"sb3 {config.scheme}", names=names) as run,
        display(progress) as bars,
    ):
        config = replace(config, out=run)
        shared = _learn(config, run, "shared policy", names, names, config.steps, None, bars)
        if config.scheme == "independent":
            return run
        for name in names:
            weights = _learn(
                config, run, name, [name], names, config.specialist_steps, shared, bars
            )
            _save(run / "specialists" / slug(name), config.specialist_steps, weights, config)
    return run


def _learn(
    config: Config,
    run: Path,
    title: str,
    own: Sequence[str],
    others: Sequence[str],
    steps: int,
    start: Mapping[str, torch.Tensor] | None,
    bars: Progress,
) -> dict[str, torch.Tensor]:
    """Train one policy; without weights to start from, it adds itself to the pool as it goes."""
    pool = run / "shared"
    if start is None:
        _save(pool, 0, blank_policy(config.observation).state_dict(), config)
    makers: list[Callable[[], gymnasium.Env[Any, Any]]] = [
        functools.partial(
            AgainstPool,
            pool,
            own,
            others,
            seed=config.seed + 1000 * k,
            observation=config.observation,
            roster=config.roster,
        )
        for k in range(config.envs)
    ]
    with stopping.blocked():  # this process ends them
        envs = _Envs(makers)
    model = MaskablePPO(
        "MultiInputPolicy",
        VecMonitor(envs),
        learning_rate=config.lr if start is None else config.lr / 3,
        n_steps=config.rollout,
        batch_size=config.batch,
        gamma=config.gamma,
        seed=config.seed,
        device="cpu",
        tensorboard_log=str(run / "tensorboard") if config.tensorboard else None,
    )
    if start is not None:
        model.policy.load_state_dict(start)
    try:
        period = max(1, steps // config.snapshots) if start is None else 0
        model.learn(
            steps,
            callback=_Follow(config, pool, period, steps, bars, title),
            tb_log_name=slug(title),
        )
    finally:
        envs.close()
    if start is None:
        _save(pool, model.num_timesteps, model.policy.state_dict(), config)
    return {name: tensor.clone() for name, tensor in model.policy.state_dict().items()}


class _Envs(SubprocVecEnv):
    """Envs in processes, with an end to every wait for them."""

    def __init__(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]]) -> None:
        """Start them; they answer once their modules are imported."""
        self._watch = Watch(get_context().RawArray("q", len(makers)))
        with self._watched():
            super().__init__(list(makers))
        self.remotes = tuple(
            _Remote(remote, functools.partial(self._check, index))
            for index, remote in enumerate(self.remotes)
        )

    def close(self) -> None:
        """End the processes; those that were stopped too."""
        for process in self.processes:
            process.kill()  # they hold nothing but a match
            process.join()
        self.closed = True

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """End a wait of the parent's class for a process that does not start."""
        begun, failed = threading.Event(), []

        def look() -> None:
            while not begun.wait(0.2):
                try:
                    self._check(0)  # the parent's class waits for the first
                except WorkerError as error:
                    failed.append(error)
                    self.processes[0].kill()
                    return

        watcher = threading.Thread(target=look, daemon=True)
        self.processes = []
        watcher.start()
        try:
            yield
        except (EOFError, OSError) as error:
            begun.set()
            watcher.join()
            raise failed[0] if failed else WorkerError("env 0 died while it started") from error
        finally:
            begun.set()
            watcher.join()

    def _check(self, index: int) -> None:
        """Look at an env that is waited for.

        Raises:
            WorkerError: if it died, or gave no sign of life for 30 s.
        """
        waited_for = dict([*enumerate(self.processes)][index : index + 1])
        self._watch.check(waited_for, lambda k: f"env {k}")


class _Remote:
    """A connection to an env that gives the env up once it has died or stopped."""

    def __init__(self, connection: Any, check: Callable[[], None]) -> None:
        self._connection, self._check = connection, check
        self.send, self.close = connection.send, connection.close

    def recv(self) -> Any:
        """Return the env's answer.

        Raises:
            WorkerError: naming the env, if there will be none.
        """
        try:
            while not self._connection.poll(0.2):
                self._check()
            return self._connection.recv()
        except (EOFError, OSError) as error:
            time.sleep(0.5)  # the connection breaks before the exit code is known
            self._check()
            raise WorkerError(f"an env closed its connection: {error!r}") from error


class _Follow(BaseCallback):
    """Adds the policy to the pool now and then, and moves a bar."""

    def __init__(
        self, config: Config, pool: Path, period: int, steps: int, bars: Progress, title: str
    ) -> None:
        super().__init__()
        self._config = config
        self._pool, self._period, self._steps, self._bars = pool, period, steps, bars
        self._task = bars.add_task(title, total=1.0, note="")
        self._saved = 0

    def _on_step(self) -> bool:
        if number := stopping.asked():
            name = signal.Signals(number).name
            raise Stopped(f"stopped by {name}; this scheme cannot go on", number, go_on="")
        return True

    def _on_rollout_end(self) -> None:
        self._bars.update(self._task, completed=min(1.0, self.num_timesteps / self._steps))
        if self._period and self.num_timesteps >= self._saved + self._period:
            self._saved = self.num_timesteps
            _save(self._pool, self.num_timesteps, self.model.policy.state_dict(), self._config)


class AgainstPool(gymnasium.Env[Any, Any]):
    """A duel against a policy that is drawn from a directory of checkpoints once an episode."""

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012  gymnasium's own form

    def __init__(
        self, pool: Path, own: Sequence[str], others: Sequence[str], *, seed: int, **options: Any
    ) -> None:
        """Make the match.

        Args:
            pool: directory of checkpoints written by this module.
            own: characters to draw from for the learner.
            others: characters to draw from for the opponent.
            seed: of the draws and of the opponent's actions.
            **options: those of every env.
        """
        torch.set_num_threads(1)  # one process a core already
        self._pool, self._own, self._others = pool, list(own), list(others)
        self._rng = np.random.default_rng(seed)
        self._generator = torch.Generator().manual_seed(seed)
        self._env = DuelEnv(opponent=self._answer, **options)
        self.observation_space, self.action_space = (
            self._env.observation_space,
            self._env.action_space,
        )
        self._roster = cam_arena.load_roster(options.get("roster")).id
        self._opponent = blank_policy(options.get("observation", "full")).eval()
        self._loaded: Path | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Draw the characters and the opponent, and begin a match."""
        self._draw_opponent()
        pair = (self._rng.choice(self._own), self._rng.choice(self._others))
        number = int(self._rng.integers(2**63)) if seed is None else seed
        chosen = {"characters": [str(name) for name in pair]}
        return self._env.reset(seed=number, options=chosen)

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Act; see `DuelEnv.step`."""
        return self._env.step(action)

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now; MaskablePPO asks for it."""
        return self._env.action_masks()

    def close(self) -> None:
        """Close the match."""
        self._env.close()

    def _draw_opponent(self) -> None:
        paths = sorted(self._pool.glob("step_*"))
        path = paths[int(self._rng.integers(len(paths)))]
        if path == self._loaded:
            return
        try:
            found = checkpoint.load(path, roster=self._roster)
        except CheckpointError:  # the trainer may just have dropped it: then the newest will do
            newest = checkpoint.latest(self._pool, roster=self._roster)
            if newest is None:
                raise
            found = newest
        self._opponent.load_state_dict(found.tensors["weights"])
        self._loaded = found.path

    @torch.inference_mode()
    def _answer(self, observation: NDArray[np.float32], mask: NDArray[np.int8]) -> int:
        seen = {
            "observation": torch.from_numpy(observation)[None],
            "action_mask": torch.from_numpy(mask)[None],
        }
        distribution = self._opponent.get_distribution(seen, mask[None].astype(bool)).distribution
        chances: torch.Tensor = distribution.probs
        return int(torch.multinomial(chances[0], 1, generator=self._generator))


def _save(root: Path, step: int, weights: Mapping[str, torch.Tensor], config: Config) -> None:
    facts = stamp(config)
    save_weights(
        root, step, weights, config.observation, state=facts, roster=facts["roster_id"], keep=5
    )
