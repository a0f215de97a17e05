"""Checks of PettingZoo parallel envs, for this package's envs and for wrappers around them."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["assert_equal", "check_fresh_data", "check_seeding", "check_zero_sum"]


def check_seeding(
    make_env: Callable[[], Any],
    *,
    episodes: int = 1,
    max_steps: int = 2000,
    masked: bool = True,
    seed: int = 0,
) -> None:
    """Check that two envs with the same seeds and actions return the same, to the last step.

    Observations, rewards, flags, infos and, where the env has a `match`, its hash are compared.

    Args:
        make_env: makes a parallel env.
        episodes: how many to play.
        max_steps: after which an episode is left.
        masked: draw only legal actions, if the env tells which are.
        seed: of the first episode; the next ones take the numbers after it.

    Raises:
        AssertionError: naming what differs first.
    """
    first, second = make_env(), make_env()
    for episode in range(seed, seed + episodes):
        rng = np.random.default_rng(episode)
        results: Any = first.reset(seed=episode)
        assert_equal(results, second.reset(seed=episode), "reset")
        observations, infos = results
        for step in range(max_steps):
            if not first.agents:
                break
            actions = {
                agent: _draw(first, agent, observations, infos, rng, masked)
                for agent in first.agents
            }
            results = first.step(actions)
            where = f"episode {episode}, step {step}"
            assert_equal(results, second.step(dict(actions)), where)
            observations, infos = results[0], results[4]
            if hasattr(first.unwrapped, "match"):
                hashes = [env.unwrapped.match.hash() for env in (first, second)]
                assert hashes[0] == hashes[1], f"{where}: the states' hashes differ"
    first.close()
    second.close()


def check_zero_sum(env: Any, *, episodes: int = 1, max_steps: int = 2000, seed: int = 0) -> None:
    """Check that in every step the agents' rewards sum to exactly zero and both agents end alike.

    Raises:
        AssertionError: naming the step.
    """
    for episode in range(seed, seed + episodes):
        rng = np.random.default_rng(episode)
        observations, infos = env.reset(seed=episode)
        for step in range(max_steps):
            if not env.agents:
                break
            actions = {
                agent: _draw(env, agent, observations, infos, rng, True) for agent in env.agents
            }
            observations, rewards, terminations, truncations, infos = env.step(actions)
            where = f"episode {episode}, step {step}"
            assert sum(rewards.values()) == 0.0, f"{where}: rewards are {rewards}"
            assert len(set(terminations.values())) == 1, f"{where}: {terminations}"
            assert len(set(truncations.values())) == 1, f"{where}: {truncations}"


def check_fresh_data(env: Any, *, steps: int = 50, seed: int = 0) -> None:
    """Check that what a call returns is never written again and shares nothing with other calls.

    Raises:
        AssertionError: if a later call changed or returned again what an earlier one returned.
    """
    rng = np.random.default_rng(seed)
    observations, infos = env.reset(seed=seed)
    kept, copies = [(observations, infos)], [_copied((observations, infos))]
    for _ in range(steps):
        if not env.agents:
            break
        actions = {agent: _draw(env, agent, observations, infos, rng, True) for agent in env.agents}
        results = env.step(actions)
        observations, infos = results[0], results[4]
        kept.append(results)
        copies.append(_copied(results))
    seen: dict[int, int] = {}
    for call, (result, as_it_was) in enumerate(zip(kept, copies, strict=True)):
        assert_equal(result, as_it_was, f"call {call}, after {len(kept)} calls")
        for part in _parts(result):
            other = seen.setdefault(id(part), call)
            assert other == call, (
                f"calls {other} and {call} returned the same {type(part).__name__}"
            )
    arrays = [[p for p in _parts(result) if isinstance(p, np.ndarray)] for result in kept]
    for call, (before, after) in enumerate(itertools.pairwise(arrays)):
        for old in before:
            assert not any(np.shares_memory(old, new) for new in after), f"calls {call}, {call + 1}"


def assert_equal(first: Any, second: Any, where: str = "") -> None:
    """Check that nested dicts, sequences, arrays and numbers are equal, types and bits included.

    Raises:
        AssertionError: with the way to the first difference.
    """
    assert type(first) is type(second), f"{where}: {type(first)} and {type(second)}"
    if isinstance(first, Mapping):
        assert first.keys() == second.keys(), f"{where}: {set(first) ^ set(second)}"
        for key in first:
            assert_equal(first[key], second[key], f"{where}.{key}")
    elif isinstance(first, list | tuple):
        assert len(first) == len(second), f"{where}: lengths {len(first)} and {len(second)}"
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            assert_equal(one, other, f"{where}[{index}]")
    elif isinstance(first, np.ndarray):
        assert first.dtype == second.dtype, f"{where}: {first.dtype} and {second.dtype}"
        assert np.array_equal(first, second), f"{where}: arrays differ"
    else:
        assert first == second, f"{where}: {first!r} and {second!r}"


def _draw(
    env: Any, agent: str, observations: Any, infos: Any, rng: np.random.Generator, masked: bool
) -> Any:
    space, seen = env.action_space(agent), observations[agent]
    if masked:
        mask = seen.get("action_mask") if isinstance(seen, Mapping) else None
        mask = infos[agent].get("action_mask") if mask is None else mask
        if mask is not None and hasattr(space, "n") and len(mask) == space.n:
            return int(rng.choice(np.flatnonzero(mask)))
    space.seed(int(rng.integers(2**31)))
    return space.sample()


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_copied(item) for item in value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _parts(value: Any) -> list[Any]:
    """Return the mutable parts of a result."""
    if isinstance(value, Mapping):
        return [value, *(part for item in value.values() for part in _parts(item))]
    if isinstance(value, list | tuple):
        return [part for item in value for part in _parts(item)]
    return [value] if isinstance(value, np.ndarray) else []
