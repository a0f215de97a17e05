"""Rates of the game beside environments that install from the package index.

    python -m benchmarks.peers [--rounds 11] [--out runs/bench]

A peer that is not installed is skipped; `pip install cam-arena[peers]` brings them all. The unit is
a decision: one action of one agent. What a decision sets in motion differs between the
environments, from one update of four numbers to three ticks of a fight.
"""

import csv
import shlex
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import tyro
from gymnasium import spaces
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import cam_arena

from .core_ticks import SEED, STEPS
from .interfaces import ParallelSteps, TurnSteps, VectorSteps, supersuit_rows
from .machine import write_machine
from .timing import Contender, Result, measure

VECTOR, PARALLEL, TURNS = "make_vec (256 matches)", "parallel_env (1 match)", "AEC (1 match)"
FIELDS = [
    "environment",
    "package",
    "decisions_per_env_step",
    "observation_bytes",
    "like",
    "round",
    "env_steps_per_cpu_second",
    "decisions_per_cpu_second",
    "ratio_to_make_vec",
    "ratio_to_like",
]


@dataclass(frozen=True)
class Config:
    """Measure the peers that are installed, in turns, on one core."""

    rounds: int = 11
    """How often each contender has its turn."""
    seconds: float = 0.25
    """CPU seconds a turn."""
    out: Path = Path("runs/bench")
    """Folder of peers.csv and peers.json."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        if self.rounds < 1 or self.seconds <= 0:
            raise ValueError(
                "rounds must be at least 1 and seconds positive, "
                f"got {self.rounds} and {self.seconds}"
            )


class Replay:
    """A lap of steps with actions that were drawn before. Resets are not measured."""

    unit = "decisions"

    def __init__(
        self,
        name: str,
        reset: Callable[[], object],
        step: Callable[[Any], object],
        actions: list[Any],
        decisions: int,
        close: Callable[[], None],
    ) -> None:
        self.name = name
        self.prepare = reset
        self.step = step
        self.actions = actions
        self.decisions = decisions
        self.close = close

    def run(self) -> int:
        """Replay the lap and return its decisions."""
        step = self.step
        for action in self.actions:
            step(action)
        return self.decisions


@dataclass(frozen=True)
class Entry:
    """A contender and what a reader must know to compare it."""

    contender: Contender
    agents: int  # that decide in one env-step
    observation: spaces.Space[Any]  # of one agent
    like: str  # our contender of the same interface


def space_bytes(space: spaces.Space[Any]) -> int:
    """Return the bytes of one sample of a space, masks included."""
    if isinstance(space, spaces.Dict):
        return sum(map(space_bytes, space.spaces.values()))
    if isinstance(space, spaces.Tuple):
        return sum(map(space_bytes, space.spaces))
    return prod(space.shape or ()) * np.dtype(space.dtype).itemsize


def own_entries() -> list[Entry]:
    """Return our interfaces; the first is the reference."""
    vector = cam_arena.make_vec(256, copy=False)
    parallel, turns = ParallelSteps(), TurnSteps()
    parallel.name, turns.name = PARALLEL, TURNS
    seen = parallel.env.observation_space("fighter_0")
    return [
        Entry(VectorSteps(VECTOR, vector, 512), 2, seen, VECTOR),
        Entry(parallel, 2, seen, PARALLEL),
        Entry(turns, 2, seen, TURNS),
    ]


def vector_entry(name: str, env: Any, space: spaces.Space[Any], copies: int) -> Entry:
    """Return the entry of a vectorised environment of one agent a copy; it resets itself."""
    space.seed(SEED)
    actions = [np.array([space.sample() for _ in range(copies)]) for _ in range(STEPS)]
    contender = Replay(name, env.reset, env.step, actions, STEPS * copies, env.close)
    seen = getattr(env, "single_observation_space", env.observation_space)
    return Entry(contender, 1, seen, VECTOR)


def parallel_entry(name: str, env: Any) -> Entry:
    """Return the entry of a PettingZoo parallel environment; a lap is at most one episode."""

    def reset() -> None:
        env.reset(seed=SEED)

    reset()
    agents = len(env.agents)
    seen = env.observation_space(env.agents[0])
    for number, agent in enumerate(env.agents):
        env.action_space(agent).seed(SEED + number)
    actions: list[dict[str, Any]] = []
    while env.agents and len(actions) < STEPS:
        actions.append({agent: env.action_space(agent).sample() for agent in env.agents})
        env.step(actions[-1])
    decisions = sum(map(len, actions))
    return Entry(
        Replay(name, reset, env.step, actions, decisions, env.close), agents, seen, PARALLEL
    )


def joint_entry(name: str, env: Any) -> Entry:
    """Return the entry of a Gymnasium environment whose action is a tuple, one an agent."""

    def reset() -> None:
        env.reset(seed=SEED)

    reset()
    env.action_space.seed(SEED)
    agents = len(env.action_space.spaces)
    actions: list[Any] = []
    is_over = False
    while not is_over and len(actions) < STEPS:
        actions.append(env.action_space.sample())
        _, _, terminated, truncated, _ = env.step(actions[-1])
        is_over = bool(np.all(terminated) or truncated)
    contender = Replay(name, reset, env.step, actions, agents * len(actions), env.close)
    return Entry(contender, agents, env.observation_space.spaces[0], PARALLEL)


def cartpole_numpy() -> Entry:
    """CartPole written over numpy arrays."""
    env = gymnasium.make_vec("CartPole-v1", 1024, vectorization_mode="vector_entry_point")
    return vector_entry("Gymnasium CartPole, numpy (1024)", env, env.single_action_space, 1024)


def cartpole_sync() -> Entry:
    """CartPole in Gymnasium's loop over copies."""
    env = gymnasium.make_vec("CartPole-v1", 16, vectorization_mode="sync")
    return vector_entry("Gymnasium CartPole, SyncVectorEnv (16)", env, env.single_action_space, 16)


def cartpole_envpool() -> Entry:
    """CartPole in C++ on one thread."""
    import envpool

    env = envpool.make("CartPole-v1", env_type="gymnasium", num_envs=1024, num_threads=1, seed=SEED)
    return vector_entry("EnvPool CartPole (1024)", env, env.action_space, 1024)


def connect_four() -> Entry:
    """Connect four, one random legal game."""
    from pettingzoo.classic import connect_four_v3

    env = connect_four_v3.env()

    def reset() -> None:
        env.reset(seed=SEED)

    def step(action: int) -> None:
        env.last()
        env.step(action)

    reset()
    seen = env.observation_space(env.agents[0])
    rng = np.random.default_rng(SEED)
    actions: list[int] = []
    while True:
        observation, _, terminated, truncated, _ = env.last()
        if terminated or truncated:
            break
        actions.append(int(rng.choice(np.flatnonzero(observation["action_mask"]))))
        env.step(actions[-1])
    contender = Replay(
        "PettingZoo connect_four, AEC", reset, step, actions, len(actions), env.close
    )
    return Entry(contender, 1, seen, TURNS)


def simple_tag() -> Entry:
    """Four particles, three of which hunt one."""
    from mpe2 import simple_tag_v3

    return parallel_entry("MPE2 simple_tag, 4 agents", simple_tag_v3.parallel_env())


def foraging() -> Entry:
    """Two foragers on a grid."""
    import lbforaging  # noqa: F401  (registers its environments)

    env = gymnasium.make("Foraging-8x8-2p-2f-v3", disable_env_checker=True)
    return joint_entry("LB-Foraging 8x8, 2 agents", env)


def warehouse() -> Entry:
    """Two robots in a warehouse."""
    import rware  # noqa: F401  (registers its environments)

    env = gymnasium.make("rware-tiny-2ag-v2", disable_env_checker=True)
    return joint_entry("RWARE tiny, 2 agents", env)


def battle() -> Entry:
    """Two armies on a small map; the dead decide no more."""
    from magent2.environments import battle_v4

    return parallel_entry("MAgent2 battle, map of 16", battle_v4.parallel_env(map_size=16))


def slime_volleyball() -> Entry:
    """Volleyball of two, on numbers."""
    from slimevolleygym import SlimeVolleyEnv

    env = SlimeVolleyEnv()

    def reset() -> None:
        env.seed(SEED)
        env.reset()

    def step(actions: Any) -> Any:
        return env.step(*actions)

    rng = np.random.default_rng(SEED)
    actions: list[Any] = []
    reset()
    is_over = False
    while not is_over and len(actions) < STEPS:
        actions.append(rng.integers(0, 2, (2, 3)))
        is_over = step(actions[-1])[2]
    shape, dtype = env.observation_space.shape, env.observation_space.dtype
    contender = Replay("SlimeVolley, 2 agents", reset, step, actions, 2 * len(actions), env.close)
    return Entry(contender, 2, spaces.Box(-np.inf, np.inf, shape, dtype.type), PARALLEL)


def supersuit_over_ours() -> Entry:
    """Our own parallel environment through SuperSuit."""
    env = supersuit_rows(64)
    contender = VectorSteps("SuperSuit over parallel_env (64 matches)", env, 128)
    return Entry(contender, 2, env.observation_space, VECTOR)


# What to give to `pip install` -> the environments measured from its first package.
PEERS: dict[str, tuple[Callable[[], Entry], ...]] = {
    "gymnasium": (cartpole_numpy, cartpole_sync),
    "envpool": (cartpole_envpool,),
    "pettingzoo[classic]": (connect_four,),
    "mpe2": (simple_tag,),
    "slimevolleygym opencv-python-headless": (slime_volleyball,),
    "lbforaging": (foraging,),
    "rware": (warehouse,),
    "magent2": (battle,),
    "supersuit": (supersuit_over_ours,),
}


def installed_peers(on_skip: Callable[[str], None]) -> Iterator[tuple[str, Entry]]:
    """Yield (package, entry) of every peer that is installed; say which are not."""
    for requirements, builders in PEERS.items():
        words = requirements.split()
        for build in builders:
            try:
                yield words[0].partition("[")[0], build()
            except ImportError as error:
                name = build.__name__.replace("_", " ")
                on_skip(f"{name} is skipped ({error}): pip install {shlex.join(words)}")


def rows(packages: list[str], entries: list[Entry], results: list[Result]) -> Iterator[list[Any]]:
    """Yield the rows of peers.csv, one a round and contender, in the order of FIELDS."""
    rates = {result.name: result.rates for result in results}
    for package, entry, result in zip(packages, entries, results, strict=True):
        size = space_bytes(entry.observation)
        like = rates[entry.like]
        for number, (rate, ratio) in enumerate(zip(result.rates, result.ratios, strict=True)):
            figures = [round(rate / entry.agents), round(rate)]
            ratios = [f"{ratio:.6g}", f"{rate / like[number]:.6g}"]
            about = [result.name, package, entry.agents, size, entry.like]
            yield [*about, number, *figures, *ratios]


def format_table(entries: list[Entry], results: list[Result]) -> Table:
    """Return the table that the terminal shows."""
    table = Table(title="Decisions per CPU-second on one core; a decision differs by environment")
    for column in ("environment", "env-steps", "decisions", "make_vec is", "same interface is"):
        table.add_column(column, justify="left" if column == "environment" else "right")
    rates = {result.name: result.rates for result in results}
    for entry, result in zip(entries, results, strict=True):
        like = statistics.median(
            other / own for other, own in zip(rates[entry.like], result.rates, strict=True)
        )
        figures = f"{result.rate / entry.agents:,.0f}", f"{result.rate:,.0f}"
        table.add_row(result.name, *figures, f"{1 / result.ratio:.3g}x", f"{like:.3g}x")
    return table


def main(config: Config) -> None:
    """Run the benchmark."""
    console = Console()
    entries = own_entries()
    packages = ["cam-arena"] * len(entries)
    for package, entry in installed_peers(lambda why: console.print(why, markup=False)):
        packages.append(package)
        entries.append(entry)
    config.out.mkdir(parents=True, exist_ok=True)
    foreign = [package for package in dict.fromkeys(packages) if package != "cam-arena"]
    write_machine(config.out / "peers.json", ["numpy", *foreign])
    contenders = [entry.contender for entry in entries]
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rounds", total=config.rounds)
        results = measure(
            contenders,
            VECTOR,
            rounds=config.rounds,
            seconds=config.seconds,
            on_round=lambda done: progress.update(task, completed=done),
        )
    for contender in contenders:
        contender.close()
    with (config.out / "peers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(rows(packages, entries, results))
    console.print(format_table(entries, results))
    console.print(f"{config.out / 'peers.csv'}: every round")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
