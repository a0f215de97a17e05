"""Observation `descriptor`: what both characters can do, and not who they are."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cam_arena
from cam_arena import Match, _core, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.roster import Roster, load_roster

PAIR = (3, 40)
LAYOUT = cam_arena.observation_layout("descriptor")
FULL = cam_arena.observation_layout("full")
IDS = {"own_character", "opponent_character"}
PROFILES = {"own_profile", "opponent_profile"}
Vectors = NDArray[np.float32]


def of_characters(indices: list[int]) -> Roster:
    """Return a roster of the bundled characters at these indices; repeated ones are clones."""
    roster = load_roster()
    characters = tuple(
        replace(roster[i], index=k, name=f"{roster[i].name} {k}") for k, i in enumerate(indices)
    )
    arrays = dict(roster.arrays)
    for name in ("characters", "descriptors", "profiles"):
        arrays[name] = arrays[name][indices]
    arrays["characters"]["id"] = np.arange(len(indices))
    return replace(
        roster,
        characters=characters,
        names=tuple(character.name for character in characters),
        arrays=arrays,
        data=_core.Data(roster.rules.pack(), **arrays),
        splits={},
    )


def fights(matches: list[Match], steps: int) -> Iterator[list[tuple[Vectors, NDArray[np.int8]]]]:
    """Play matches alike; yield, a step, each one's observations and masks."""
    rng = np.random.default_rng(0)
    for _ in range(steps):
        seen = [(match.observations(), match.action_masks()) for match in matches]
        yield seen
        if matches[0].is_over:
            return
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in seen[0][1]]
        for match in matches:
            match.step(actions)


def test_characters_that_differ_in_their_ids_only_look_alike() -> None:
    roster = of_characters([5, 5, 5, 9])
    by_preset: dict[str, set[str]] = {}
    for preset, layout in (("descriptor", LAYOUT), ("full", FULL)):
        matches = [
            Match(4, roster=roster, characters=pair, observation=preset)
            for pair in ((0, 1), (2, 0), (1, 1))
        ]
        differ = by_preset.setdefault(preset, set())
        for seen in fights(matches, 200):
            for (one, mask), (other, other_mask) in combinations(seen, 2):
                assert np.array_equal(mask, other_mask)
                differ |= {
                    block.name
                    for block in layout.blocks
                    if not np.array_equal(one[:, block.slice], other[:, block.slice])
                }
    assert by_preset == {"descriptor": set(), "full": IDS}
    unlike = [Match(4, roster=roster, characters=(0, k), observation="descriptor") for k in (1, 3)]
    assert not np.array_equal(*(match.observe(0) for match in unlike))


def test_it_is_full_with_profiles_in_place_of_ids() -> None:
    names, others = ([block.name for block in layout.blocks] for layout in (LAYOUT, FULL))
    assert [name for name in names if name not in PROFILES] == [n for n in others if n not in IDS]
    assert all(LAYOUT[name].module == "element" for name in PROFILES)
    profiles = load_roster().arrays["profiles"]
    matches = [Match(1, characters=PAIR, observation=preset) for preset in ("descriptor", "full")]
    for (seen, _), (full, _) in fights(matches, 100):
        for name in set(names) - PROFILES:
            assert np.array_equal(seen[:, LAYOUT[name].slice], full[:, FULL[name].slice]), name
        assert np.array_equal(seen[:, LAYOUT["own_profile"].slice], profiles[[*PAIR]])
        assert np.array_equal(seen[:, LAYOUT["opponent_profile"].slice], profiles[[*PAIR[::-1]]])


def test_public_information_leaves_the_profile_and_hides_what_it_hides() -> None:
    public, full = (
        Match(2, characters=PAIR, observation="descriptor", information=information)
        for information in ("public", "full")
    )
    for name in PROFILES:
        assert public.observe(0)[LAYOUT[name].slice].any()
        assert np.array_equal(
            public.observe(0)[LAYOUT[name].slice], full.observe(0)[LAYOUT[name].slice]
        )
    assert full.observe(0)[LAYOUT["opponent_scroll"].slice].any()
    assert not public.observe(0)[LAYOUT["opponent_scroll"].slice].any()


@pytest.mark.parametrize("stack", [1, 3])
@pytest.mark.parametrize("interface", ["parallel", "aec", "single", "vector", "sb3"])
def test_every_interface_shows_it(interface: str, stack: int) -> None:
    options: dict[str, Any] = {"characters": PAIR, "observation": "descriptor"}
    options |= {"frame_stack": stack}
    match = Match(8, **options)
    for _ in range(5):
        match.step([13, 13])
    seen = _seen(interface, options)
    size = LAYOUT.size
    assert seen.shape == (stack * size,)
    profile = load_roster().arrays["profiles"][PAIR[1]]
    for frame in range(stack):
        rows = slice(frame * size, (frame + 1) * size)
        assert np.array_equal(seen[rows][LAYOUT["opponent_profile"].slice], profile)
    if interface != "sb3":  # which draws its own seeds
        assert np.array_equal(seen, match.observe(0))


def _seen(interface: str, options: dict[str, Any]) -> Vectors:
    """Return what fighter_0 is shown after five steps forward."""
    env: Any
    if interface == "parallel":
        env = duel_v0.parallel_env(**options)
        env.reset(seed=8)
        for _ in range(5):
            shown = env.step({"fighter_0": 13, "fighter_1": 13})[0]["fighter_0"]
        assert env.observation_space("fighter_0").contains(shown)
    elif interface == "aec":
        env = duel_v0.env(**options)
        env.reset(seed=8)
        for _ in range(10):
            env.step(13)
        shown = env.observe("fighter_0")
        assert env.observation_space("fighter_0").contains(shown)
    elif interface == "single":
        env = DuelEnv(opponent=lambda observation, mask: 13, **options)
        env.reset(seed=8)
        for _ in range(5):
            shown = env.step(13)[0]
        assert env.observation_space.contains(shown)
    else:
        if interface == "vector":
            env = cam_arena.make_vec(1, **options)
        else:
            sb3 = pytest.importorskip("cam_arena.integrations.sb3", exc_type=ImportError)
            env = sb3.SB3VecEnv(1, **options)
        env.reset(**({"seed": 8} if interface == "vector" else {}))
        for _ in range(5):
            rows = env.step(np.full(2, 13))[0]
        shown = {key: value[0] for key, value in rows.items()}
        space = env.single_observation_space if interface == "vector" else env.observation_space
        assert space.contains(shown)
    vector: Vectors = shown["observation"]
    return vector


def test_frozen_characters_have_profiles_too() -> None:
    legacy = load_roster("legacy")
    assert legacy.arrays["profiles"].shape == (len(legacy), _core.PROFILE_SIZE)
    assert len(np.unique(legacy.arrays["profiles"], axis=0)) == len(legacy)
    seen = Match(0, roster=legacy, characters=(2, 3), observation="descriptor").observe(1)
    assert np.array_equal(seen[LAYOUT["own_profile"].slice], legacy.arrays["profiles"][3])


def test_the_core_refuses_profiles_of_another_form() -> None:
    roster = load_roster()
    arrays = dict(roster.arrays) | {"profiles": roster.arrays["profiles"][:, 1:]}
    with pytest.raises(ValueError, match=r"profiles have shape \(304, 129\); it must be \(304, 1"):
        _core.Data(roster.rules.pack(), **arrays)
