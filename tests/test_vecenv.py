"""Rollouts: who plays whom and for how long, and which rows train."""

import functools
import os
import signal
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import cam_arena
from cam_arena import _core
from cam_arena.agents.population.members import BotMember
from cam_arena.agents.processes import Aggressive, SubprocessBackend
from cam_arena.agents.vecenv import Collector, NativeBackend, Pairing
from cam_arena.errors import SnapshotError, WorkerError

K = _core.NUM_ACTIONS
LEARNER = -1


class FakeBackend:
    """Matches of random length whose observation tells match, seat, episode and step."""

    observation_size = 4

    def __init__(self, num_matches, seed=0):
        self.num_matches = num_matches
        self._rng = np.random.default_rng(seed)
        self._episode = np.full(num_matches, -1)
        self._step = np.zeros(num_matches, int)
        self._length = np.ones(num_matches, int)
        self.seen = {}  # (match, episode, seat) -> set of who acted

    def start(self, match, seed, characters, bots, observations, masks):
        self._episode[match] += 1
        self._step[match] = 0
        self._length[match] = self._rng.integers(1, 6)
        self._write(match, observations, masks)

    def step(self, actions, observations, masks, rewards, terminated, truncated):
        for match in range(self.num_matches):
            for seat in range(2):
                key = (match, int(self._episode[match]), seat)
                self.seen.setdefault(key, set()).add(int(actions[match, seat]))
            self._step[match] += 1
            over = self._step[match] >= self._length[match]
            cut = over and self._episode[match] % 3 == 1
            rewards[match] = (1, -1) if over else 0
            terminated[match], truncated[match] = over and not cut, cut
            self._write(match, observations, masks)

    def points(self, match):
        return 1.0

    def _write(self, match, observations, masks):
        for seat in range(2):
            observations[match, seat] = (match, seat, self._episode[match], self._step[match])
        masks[match] = 1


class Always:
    """A member that always takes one action, so that the fake env sees who acted."""

    def __init__(self, action):
        self.name, self.action = str(action), action

    def act(self, observation, action_mask, *, rng, deterministic=False):
        return np.full(len(observation), self.action, np.int32)


class Random:
    """Draws opponents among `count` members, or the learner itself."""

    def __init__(self, count):
        self._count, self.results, self.drawn = count, [], []

    def draw(self, rng):
        opponent = int(rng.integers(-1, self._count))
        pairing = Pairing(None if opponent < 0 else opponent, int(rng.integers(2)))
        self.drawn.append(pairing)
        return pairing

    def report(self, result):
        self.results.append(result)


def learner(observations):
    """Always action 0; the value is the step of the episode."""
    logits = torch.zeros(len(observations), K)
    logits[:, 0] = 100.0
    return logits, observations[:, 3]


@settings(max_examples=30)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32))
def test_opponents_stay_for_an_episode_and_only_the_learner_trains(matches, members, steps, seed):
    backend, matchmaker = FakeBackend(matches, seed), Random(members)
    pool = [Always(k + 1) for k in range(members)]
    rng = np.random.default_rng(seed)
    collector = Collector(backend, matchmaker, pool.__getitem__, steps=steps, rng=rng)
    trained = set()
    for _ in range(4):
        rollout = collector.collect(learner)
        actions = rollout.actions.reshape(steps, -1)
        # The learner's action is 0 and nobody else's is.
        assert np.array_equal(rollout.trains, actions == 0)
        samples = rollout.samples(gamma=0.9, gae_lambda=0.9)
        assert (samples.actions[torch.from_numpy(samples.rows)] == 0).all()
        seen = samples.observations[torch.from_numpy(samples.rows)].long().tolist()
        assert [match for match, *_ in seen] == samples.matches.tolist()
        trained |= {(match, episode, seat) for match, seat, episode, _ in seen}
    # One actor for each seat of each episode, from its first step to its last.
    assert all(len(actors) == 1 for actors in backend.seen.values())
    assert trained == {key for key, actors in backend.seen.items() if actors == {0}}
    both = sum(pairing.opponent is None for pairing in matchmaker.drawn)
    assert len(matchmaker.drawn) - len(matchmaker.results) == matches
    assert both <= len(matchmaker.drawn)


def test_results_are_seen_from_the_learners_seat():
    matchmaker = Random(2)
    pool = [Always(1), Always(2)]
    collector = Collector(
        FakeBackend(8), matchmaker, pool.__getitem__, steps=30, rng=np.random.default_rng(0)
    )
    rollout = collector.collect(learner)
    assert rollout.results == matchmaker.results
    seats = set()
    for result in rollout.results:
        seat = 0 if result.pairing.opponent is None else result.pairing.seat
        assert result.points == (1.0 if seat == 0 else 0.0)
        assert result.episode_return == (1.0 if seat == 0 else -1.0)
        seats.add(seat)
    assert seats == {0, 1}


def test_a_truncated_step_carries_the_value_of_its_final_observation():
    collector = Collector(
        FakeBackend(8),
        Random(1),
        [Always(1)].__getitem__,
        steps=40,
        rng=np.random.default_rng(0),
        gamma=0.5,
    )
    rollout = collector.collect(learner)
    cut = ended = 0
    for t, row in zip(*np.nonzero(rollout.ends & rollout.trains), strict=True):
        _, seat, episode, step = rollout.observations[t].reshape(16, 4)[row]
        reward = 1 if seat == 0 else -1
        # The value of an observation is its step; the final one comes after `step`.
        expected = reward + 0.5 * (step + 1) if episode % 3 == 1 else reward
        assert rollout.rewards[t, row] == pytest.approx(expected)
        cut, ended = cut + (episode % 3 == 1), ended + 1
    assert 0 < cut < ended


def test_a_baseline_gives_all_values_and_the_learner_none():
    collector = Collector(
        FakeBackend(8), Random(0), [].__getitem__, steps=7, rng=np.random.default_rng(0)
    )
    rollout = collector.collect(learner, lambda seen: (None, 100 + seen[:, 3]))
    step = rollout.observations[:, :, :, 3].reshape(8, 16)
    np.testing.assert_array_equal(rollout.values, 100 + step[:-1])
    np.testing.assert_array_equal(rollout.last_values, 100 + step[-1])


def test_the_end_of_an_episode_cuts_the_returns_of_both_seats():
    backend = FakeBackend(6)
    collector = Collector(
        backend, Random(0), [].__getitem__, steps=25, rng=np.random.default_rng(0), gamma=0.5
    )
    rollout = collector.collect(learner)
    step = rollout.observations[:, :, :, 3]
    ended = np.repeat(step[1:, :, :1] == 0, 2, axis=2)  # a fresh episode stands there
    assert ended.any() and np.array_equal(rollout.ends.reshape(25, 6, 2), ended)
    found = rollout.samples(gamma=0.5, gae_lambda=1.0).returns.reshape(25, 12).numpy()
    for t, row in zip(*np.nonzero(rollout.ends), strict=True):
        # Nothing of the next episode is in it: the reward, with its value if it was cut off.
        assert found[t, row] == rollout.rewards[t, row], (t, row)


def test_whole_matches_have_nothing_but_rewards_in_their_returns():
    matchmaker = Random(1)
    collector = Collector(
        FakeBackend(8, 1), matchmaker, [Always(1)].__getitem__, steps=5,
        rng=np.random.default_rng(1), gamma=0.5, whole_matches=True,
    )  # fmt: skip
    for _ in range(3):
        before = len(matchmaker.results)
        rollout = collector.collect(learner)
        assert len(matchmaker.results) - before == 8  # one of each match, however short
        samples = rollout.samples(gamma=0.5, gae_lambda=1.0)
        assert len(samples.rows) > 8
        for index in samples.rows.tolist():
            t, row = divmod(index, 16)
            assert rollout.observations[t].reshape(16, 4)[row, 3] == t  # from its first step
            end = t + int(np.argmax(rollout.ends[t:, row]))
            assert rollout.ends[end, row]
            # the reward at the end, halved at each step before it, and no value of step 5
            expected = rollout.rewards[end, row] * 0.5 ** (end - t)
            assert samples.returns[index] == pytest.approx(expected)
    short = Collector(
        FakeBackend(8, 1), Random(0), [].__getitem__, steps=2, rng=np.random.default_rng(1),
        whole_matches=True,
    )  # fmt: skip
    with pytest.raises(ValueError, match="lasts longer than 2 steps"):
        short.collect(learner)


def native(matches=6, seed=0, steps=16, matchmaker=None, pool=(), **options):
    backend = NativeBackend(matches, characters="core4", max_seconds=4, **options)
    return Collector(
        backend,
        matchmaker or Random(len(pool)),
        list(pool).__getitem__,
        steps=steps,
        rng=np.random.default_rng(seed),
    )


def idle(observations):
    return torch.zeros(len(observations), K), torch.zeros(len(observations))


def test_equal_seeds_give_equal_rollouts():
    first, second = (native(seed=3, pool=[BotMember("masher")]).collect(idle) for _ in range(2))
    assert np.array_equal(first.observations, second.observations)
    assert np.array_equal(first.actions, second.actions)
    assert first.results == second.results


def test_a_collector_continues_exactly_from_its_state():
    pool = [BotMember("masher"), BotMember("zoner", 5)]
    collector = native(pool=pool)
    collector.collect(idle)
    tensors, state = collector.state()
    twin = native(seed=99, pool=pool)
    twin.restore(tensors, state)
    for _ in range(4):
        ours, theirs = collector.collect(idle), twin.collect(idle)
        assert np.array_equal(ours.observations, theirs.observations)
        assert np.array_equal(ours.rewards, theirs.rewards)
        assert ours.results == theirs.results


@pytest.mark.parametrize("pairing", [[2, 0, None], [-1, 0, None], [0, 2, None]])
def test_a_state_that_names_who_is_not_there_is_refused(pairing):
    collector = native(pool=[BotMember("masher"), BotMember("zoner", 5)])
    tensors, state = collector.state()
    collector.restore(tensors, state)
    with pytest.raises((ValueError, LookupError)):
        collector.restore(tensors, {**state, "pairings": [pairing, *state["pairings"][1:]]})
    with pytest.raises(ValueError, match="pairings of 5 matches"):
        collector.restore(tensors, {**state, "pairings": state["pairings"][1:]})


def test_damaged_snapshots_of_matches_are_refused_and_none_is_changed():
    backend = NativeBackend(2, characters="core4")
    good = backend.snapshot()
    kind = backend._batch.state_size + 12
    forged = good[1][:kind] + b"\xc8" + good[1][kind + 1 :]
    with pytest.raises(SnapshotError, match="match 1 is damaged: the bot of seat 0 is unsound"):
        backend.restore([NativeBackend(1, characters="core8").snapshot()[0], forged])
    with pytest.raises(SnapshotError, match="of 1 matches; it must be 2"):
        backend.restore(good[:1])
    assert backend.snapshot() == good


def test_the_simulation_plays_bots_and_characters_are_as_paired():
    roster = cam_arena.load_roster()
    chosen = tuple(roster[name].index for name in roster.split("core4")[:2])

    class One(Random):
        def draw(self, rng):
            return Pairing(0, int(rng.integers(2)), chosen)

    collector = native(matchmaker=One(1), pool=[BotMember("masher", 5)], steps=60)
    rollout = collector.collect(learner)
    column = cam_arena.observation_layout()["own_character"].start
    ids = (rollout.observations[..., column] * 512).round()
    assert (ids == np.array(chosen)).all()
    assert rollout.trains.reshape(60, -1, 2).sum(2).max() == 1
    assert rollout.results
    assert np.mean([result.episode_return for result in rollout.results]) < 0


def first_observations(**options):
    backend = NativeBackend(1, characters="core4", **options)
    observations = np.zeros((1, 2, backend.observation_size), np.float32)
    masks = np.zeros((1, 2, K), np.int8)
    backend.start(0, 3, None, (BotMember("masher", 5), BotMember("masher", 5)), observations, masks)
    rewards, ends = np.zeros((1, 2), np.float32), [np.zeros(1, np.bool_) for _ in range(2)]
    for _ in range(20):
        backend.step(np.zeros((1, 2), np.int32), observations, masks, rewards, *ends)
    return observations[0]


def test_latency_and_information_are_those_of_the_options():
    plain = first_observations()
    assert not np.array_equal(plain, first_observations(latency={"obs_delay": 6}))
    column = cam_arena.observation_layout()["opponent_spark"].slice
    assert plain[:, column].any()
    assert not first_observations(information="public")[:, column].any()


@pytest.mark.parametrize("observation", ["text", "pixels"])
def test_observations_that_are_no_vectors_are_refused(observation):
    with pytest.raises(ValueError, match=f"vectors, not observation '{observation}'.*make_vec"):
        NativeBackend(2, observation=observation)


def test_unsuitable_options_are_refused():
    with pytest.raises(ValueError, match="frame_stack=1"):
        NativeBackend(2, frame_stack=2)
    with pytest.raises(ValueError, match="there is no bot"):
        BotMember("boxer")
    with pytest.raises(ValueError, match=r"1\.\.5"):
        BotMember("zoner", 6)


MAKE = functools.partial(cam_arena.duel_v0.parallel_env, characters="core4", max_seconds=2)


@pytest.fixture
def processes():
    backend = SubprocessBackend(MAKE, 4, processes=2, seed=5, timeout_s=5)
    yield backend
    backend.close()


def test_processes_give_the_same_interface(processes):
    matchmaker = Random(1)
    collector = Collector(
        processes, matchmaker, [Always(0)].__getitem__, steps=50, rng=np.random.default_rng(0)
    )
    rollout = collector.collect(idle)
    assert len(rollout.results) >= 8
    assert {result.steps for result in rollout.results} == {20}
    first = rollout.observations[0].reshape(8, -1)
    assert len(np.unique(first[::2], axis=0)) == 4  # every match has a seed of its own
    # The step after an end shows a fresh match: all of its time is left.
    time_left = cam_arena.observation_layout()["time_left"].start
    assert (rollout.observations[20, :, :, time_left] == 1).all()
    assert collector.state()[1]["pairings"]


def test_processes_cannot_choose_characters_or_seat_bots(processes):
    arrays = np.zeros((4, 2, processes.observation_size), np.float32), np.zeros((4, 2, K), np.int8)
    with pytest.raises(ValueError, match="native"):
        processes.start(0, 0, (1, 2), (None, None), *arrays)
    with pytest.raises(ValueError, match="native"):
        processes.start(0, 0, None, (BotMember("idle"), None), *arrays)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("blow", "words"), [(signal.SIGKILL, "worker 1 died .* -9"), (signal.SIGSTOP, "no answer")]
)
def test_a_dead_process_is_named_and_nothing_hangs(blow, words):
    backend = SubprocessBackend(MAKE, 4, processes=2, timeout_s=1)
    collector = Collector(backend, Random(0), [].__getitem__, steps=5, rng=np.random.default_rng(0))
    collector.collect(idle)
    victims = [process.pid for process in backend._venv.procs]
    os.kill(victims[1], blow)
    start = time.monotonic()
    with pytest.raises(WorkerError, match=words):
        collector.collect(idle)
    backend.close()
    backend.close()
    assert time.monotonic() - start < 10
    for pid in victims:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_impossible_numbers_of_processes_are_refused():
    for matches, processes in ((3, 2), (2, 1), (0, 2)):
        with pytest.raises(ValueError, match="multiple of processes"):
            SubprocessBackend(MAKE, matches, processes=processes)


def test_aggression_rewards_damage_alike_in_both_backends():
    options = {"characters": "Gorm Talus", "reward": "paper"}
    env = Aggressive(cam_arena.duel_v0.parallel_env(**options), 0.5)
    env.reset(seed=4)
    native = NativeBackend(1, aggression=0.5, **options)
    size = native.observation_size
    observations, masks = np.zeros((1, 2, size), np.float32), np.zeros((1, 2, K), np.int8)
    native.start(0, 4, None, (None, None), observations, masks)
    rewards, ended = np.zeros((1, 2), np.float32), np.zeros(1, np.bool_)
    rng, bonuses = np.random.default_rng(2), 0
    for _ in range(300):
        actions = (rng.random(masks.shape) * masks).argmax(-1).astype(np.int32)
        native.step(actions, observations, masks, rewards, ended, ended.copy())
        agents = zip(("fighter_0", "fighter_1"), actions[0], strict=True)
        _, seen, *_ = env.step({agent: int(action) for agent, action in agents})
        np.testing.assert_allclose(list(seen.values()), rewards[0], rtol=1e-5, atol=1e-6)
        bonuses += abs(sum(seen.values())) > 1e-3
        if ended[0]:
            break
    assert bonuses > 5
