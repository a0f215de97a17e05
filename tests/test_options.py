"""Every option of every API: it is taken, and it does what the table says."""

from dataclasses import fields

import numpy as np
import pytest
from gymnasium import spaces

import cam_arena
from cam_arena import Match, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.game.observations import VECTORS
from cam_arena.game.options import Options
from cam_arena.game.rewards import REWARD_TERMS

ROSTER = cam_arena.load_roster()
CORE8 = set(ROSTER.split("core8"))


class Seen:
    """One env behind one interface: what fighter_0 is shown, told and earns."""

    def __init__(self, kind, **options):
        self.kind = kind
        self.env = {
            "parallel": duel_v0.parallel_env,
            "aec": duel_v0.env,
            "single": lambda **o: DuelEnv(opponent=lambda observation, mask: self.action, **o),
            "vector": lambda **o: cam_arena.make_vec(1, **o),
        }[kind](**options)
        is_pair = options.get("action_space") == "multi_discrete"
        self.action = np.array([1, 1]) if is_pair else 13

    def reset(self, seed=0):
        result = self.env.reset(seed=seed)
        if self.kind == "parallel":
            self.observation, self.info = (part["fighter_0"] for part in result)
        elif self.kind == "aec":
            self.observation, self.info = self.env.observe("fighter_0"), self.env.infos["fighter_0"]
        elif self.kind == "single":
            self.observation, self.info = result
        else:
            self._read_row(*result)
        return self

    def _read_row(self, observations, infos):
        is_dict = isinstance(observations, dict)
        self.observation = (
            {k: v[0] for k, v in observations.items()} if is_dict else observations[0]
        )
        self.info = {
            key: {k: v[0] for k, v in value.items()} if isinstance(value, dict) else value[0]
            for key, value in infos.items()
            if not key.startswith("_")
        }

    def step(self):
        """Both walk forward and attack."""
        action = self.action
        if self.kind == "parallel":
            result = self.env.step({"fighter_0": action, "fighter_1": action})
            parts = [part["fighter_0"] for part in result]
        elif self.kind == "aec":
            self.env.step(action)
            self.env.step(action)
            env = self.env
            parts = [
                env.observe("fighter_0"),
                *(d["fighter_0"] for d in (env.rewards, env.terminations, env.truncations)),
                env.infos["fighter_0"],
            ]
        elif self.kind == "single":
            parts = list(self.env.step(action))
        else:
            observations, rewards, terminations, truncations, infos = self.env.step(
                np.stack([action, action])
            )
            self._read_row(observations, infos)
            parts = [self.observation, rewards[0], terminations[0], truncations[0], self.info]
        self.observation, self.reward, self.is_terminated, self.is_truncated, self.info = parts
        return self

    @property
    def space(self):
        if self.kind in ("parallel", "aec"):
            return self.env.observation_space("fighter_0")
        return (
            self.env.single_observation_space
            if self.kind == "vector"
            else self.env.observation_space
        )

    @property
    def action_space(self):
        if self.kind in ("parallel", "aec"):
            return self.env.action_space("fighter_0")
        return self.env.single_action_space if self.kind == "vector" else self.env.action_space

    @property
    def state(self):
        return self.env.state(0) if self.kind == "vector" else self.env.match.state

    def vector(self):
        seen = self.observation
        return seen["observation"] if isinstance(seen, dict) else seen


@pytest.fixture(params=["parallel", "aec", "single", "vector"])
def kind(request):
    return request.param


def test_characters(kind):
    both = Seen(kind, characters=ROSTER.names[7])
    pair = Seen(kind, characters=(ROSTER.names[7], 2))
    split = Seen(kind, characters="core8")
    mixed = Seen(kind, characters=(5, "core8"))
    anyone = Seen(kind)
    drawn, drawn_by_any = set(), set()
    for seed in range(40):
        assert both.reset(seed).state["fighters"]["character"].tolist() == [7, 7]
        assert pair.reset(seed).state["fighters"]["character"].tolist() == [7, 2]
        info = split.reset(seed).info
        drawn |= {ROSTER.names[info[key]] for key in ("character_id", "opponent_character_id")}
        info = mixed.reset(seed).info
        assert info["character_id"] == 5
        assert ROSTER.names[info["opponent_character_id"]] in CORE8
        drawn_by_any.add(anyone.reset(seed).info["character_id"])
    assert drawn == CORE8
    assert len(drawn_by_any) > len(CORE8)


def test_loadout(kind):
    slots = {
        loadout: (Seen(kind, loadout=loadout).reset().state["fighters"]["companions"] >= 0)
        for loadout in ("paper", "trio")
    }
    assert slots["paper"].tolist() == [[True, False, False]] * 2
    assert slots["trio"].tolist() == [[True, True, True]] * 2


def test_roster(kind, tmp_path):
    for path in (tmp_path / "nothing", "", "a" * 5000):
        with pytest.raises(cam_arena.errors.RosterError, match="does not exist"):
            Seen(kind, roster=path)
    given = Seen(kind, roster=ROSTER, characters=1).reset()
    assert given.info["character_id"] == 1
    by_path = Seen(kind, roster=str(ROSTER.path), characters=1).reset()
    assert by_path.info["character_id"] == 1


@pytest.mark.parametrize("frame_skip", [1, 2, 3, 6])
def test_frame_skip(kind, frame_skip):
    assert Seen(kind, frame_skip=frame_skip).reset().step().state["tick"] == frame_skip


def test_max_seconds(kind):
    seen = Seen(kind, max_seconds=2, characters=0).reset()
    steps = 0
    while not steps or not seen.is_terminated:
        seen.step()
        steps += 1
        assert not seen.is_truncated
    assert steps == 20


@pytest.mark.parametrize("observation", VECTORS)
def test_observation(kind, observation):
    size = cam_arena.observation_layout(observation).size
    seen = Seen(kind, observation=observation).reset()
    assert seen.vector().shape == (size,)
    assert seen.space["observation"].shape == (size,)
    match = Match(0, observation=observation)
    match.step([13, 13])
    assert np.array_equal(seen.step().vector(), match.observe(0))
    assert len({cam_arena.observation_layout(o).size for o in VECTORS}) == len(VECTORS) == 5


def test_action_space(kind):
    assert Seen(kind).action_space == spaces.Discrete(108)
    seen, flat = Seen(kind, action_space="multi_discrete").reset(), Seen(kind).reset()
    assert seen.action_space == spaces.MultiDiscrete([9, 12])
    assert seen.observation["action_mask"].shape == (21,)
    joint = flat.observation["action_mask"].reshape(9, 12)
    assert seen.observation["action_mask"][:9].tolist() == joint.max(axis=1).tolist()
    assert seen.observation["action_mask"][9:].tolist() == joint.max(axis=0).tolist()
    mask = seen.observation["action_mask"]
    action = seen.action_space.sample(mask=(mask[:9], mask[9:]))
    assert mask[action[0]]
    assert mask[9 + action[1]]
    for _ in range(5):
        seen.step()
    assert seen.info["illegal_action"] == 0


@pytest.mark.parametrize("flatten", [False, True])
@pytest.mark.parametrize("mask_in", ["obs", "info", "both", "none"])
def test_mask_in_and_flatten(kind, mask_in, flatten):
    size = cam_arena.observation_layout().size
    seen = Seen(kind, mask_in=mask_in, flatten=flatten).reset().step()
    match = Match(0)
    match.step([13, 13])
    assert ("action_mask" in seen.info) == (mask_in in ("info", "both"))
    assert seen.space.contains(seen.observation)
    if mask_in in ("info", "none"):
        assert np.array_equal(seen.observation, match.observe(0))
    elif flatten:
        assert seen.observation.dtype == np.float32
        assert np.array_equal(seen.observation[:size], match.observe(0))
        assert np.array_equal(seen.observation[size:], match.action_mask(0))
    else:
        assert np.array_equal(seen.observation["observation"], match.observe(0))
        assert np.array_equal(seen.observation["action_mask"], match.action_mask(0))
    if mask_in in ("info", "both"):
        assert seen.info["action_mask"].dtype == np.int8
        assert np.array_equal(seen.info["action_mask"], match.action_mask(0))


def test_frame_stack(kind):
    seen, single = Seen(kind, frame_stack=3).reset(), Seen(kind).reset()
    frames = [single.vector().copy()] * 3
    assert np.array_equal(seen.vector(), np.concatenate(frames))
    for _ in range(5):
        frames = [single.step().vector().copy(), *frames[:2]]
        assert np.array_equal(seen.step().vector(), np.concatenate(frames))
    assert seen.space["observation"].shape == (3 * len(frames[0]),)
    assert np.array_equal(seen.reset(1).vector(), np.tile(single.reset(1).vector(), 3))


def boldness(terms):
    """Pay for winning and for damage done."""
    own, other = terms[:, 0], terms[:, 1]
    return own[:, 1] + np.maximum(-other[:, 0], 0.0)


def test_reward_functions_are_checked_and_end_with_their_match():
    for wrong, message in (
        (lambda terms: terms[:, 0], r"must return shape \(4,\), got \(4, 5\)"),
        (lambda terms: terms[:, 0, 0] * np.nan, "rewards must be finite"),
    ):
        vec = cam_arena.make_vec(2, reward=wrong)
        vec.reset(seed=0)
        with pytest.raises(ValueError, match=message):
            vec.step(np.zeros(4, np.int64))
    for mode in ("NextStep", "SameStep"):
        vec = cam_arena.make_vec(
            2, opponent="masher:3", autoreset_mode=mode, max_seconds=1, reward=lambda terms: [1, 2]
            if len(terms) == 2 else [1, 9, 2, 9], copy=True,
        )  # fmt: skip
        vec.reset(seed=0)
        results = [vec.step([0, 0]) for _ in range(12)]
        over = [bool(step[2].all()) for step in results]
        assert over.index(True) == 9
        assert results[9][1].tolist() == [1, 2]
        assert results[10][1].tolist() == ([0, 0] if mode == "NextStep" else [1, 2])


def test_workers_ask_the_reward_function_too():
    plain, spread = (
        cam_arena.make_vec(2, opponent="masher:3", reward=boldness, num_workers=workers)
        for workers in (0, 2)
    )
    for vec in (plain, spread):
        vec.reset(seed=0)
    for _ in range(30):
        expected, seen = plain.step([14, 14])[1], spread.step([14, 14])[1]
        assert np.array_equal(expected, seen)
    assert seen.dtype == np.float32
    spread.close()


def test_reward(kind):
    weights = {
        "paper": {"hp": 10, "win": 10, "combo": 5, "mana": 5},
        "sparse": {"win": 1},
        "hp": {"hp": 1},
        "paper_potential": {"hp": 10, "win": 10, "combo": 5, "potential": 5},
        "dict": {"mana": 3.0, "hp": 0.5},
    }
    rows = {
        name: Seen(
            kind, reward=weights[name] if name == "dict" else name, characters=(0, 1)
        ).reset()
        for name in weights
    }
    bold = Seen(kind, reward=boldness, characters=(0, 1)).reset()
    other = Match(0, characters=(0, 1))
    totals = dict.fromkeys(rows, 0.0)
    while not other.is_over:
        other.step([13, 13])
        terms = other.reward_terms
        for name, seen in rows.items():
            seen.step()
            worth = sum(
                weight * (terms[0, k] - terms[1, k])
                for k, term in enumerate(("hp", "win", "combo", "mana", "potential"))
                for weight in [weights[name].get(term, 0.0)]
            )
            assert seen.reward == pytest.approx(worth, abs=1e-5)
            totals[name] += abs(seen.reward)
        assert bold.step().reward == terms[0, 1] + max(-terms[1, 0], 0.0)
    assert totals["sparse"] == abs(terms[0, 1] - terms[1, 1])
    assert totals["hp"] > 0


def test_infos(kind):
    plain = Seen(kind, characters=(0, 1), mask_in="info").reset()
    named = Seen(kind, characters=(0, 1), mask_in="info", infos="names").reset()
    assert {"character_id", "action_mask", "reward_hp"} < set(plain.info)
    assert all(np.asarray(value).dtype.kind in "bif" for value in plain.info.values())
    extra = {"character", "opponent_character", "reward_terms"}
    earned = 0.0
    for _ in range(100):
        assert set(named.info) == set(plain.info) | extra
        assert named.info["character"] == ROSTER.names[0]
        assert named.info["opponent_character"] == ROSTER.names[1]
        terms = {key: value for key, value in named.info["reward_terms"].items() if key[0] != "_"}
        assert terms == {name: plain.info[f"reward_{name}"] for name in REWARD_TERMS}
        assert all(np.array_equal(plain.info[key], named.info[key]) for key in plain.info)
        earned += sum(map(abs, terms.values()))
        plain.step()
        named.step()
    assert earned > 0
    with pytest.raises(ValueError, match="infos must be 'numbers' or 'names', got 'both'"):
        Seen(kind, infos="both")


def test_max_cycles(kind):
    seen = Seen(kind, max_cycles=3).reset()
    flags = [(seen.step().is_terminated, seen.is_truncated) for _ in range(3)]
    assert flags == [(False, False), (False, False), (False, True)]


def test_every_option_has_a_test():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    tested |= {"mask_in", "flatten"}  # test_mask_in_and_flatten
    tested |= {"information", "latency", "pixels"}  # test files of their own
    assert {entry.name for entry in fields(Options)} <= tested
