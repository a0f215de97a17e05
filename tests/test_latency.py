"""Latency: agents see the past, act in the future, and both by the seed alone."""

import copy
import itertools
import pickle

import numpy as np
import pytest

import cam_arena
from cam_arena import Match, _core, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import SnapshotError
from cam_arena.game.latency import LATENCIES, Latency, latency_table, parse_latency

PAIR = (0, 5)


def wishes(steps, seed=0):
    """Actions for both agents, many of them illegal: what counts is that all runs take the same."""
    rng = np.random.default_rng(seed)
    walks = 12 * rng.integers(0, 9, (steps, 2))
    presses = rng.choice([0, 0, 1, 1, 2, 3, 6, 7], (steps, 2))
    return (walks + presses).astype(int).tolist()


def run(actions, **options):
    """Return observations and hashes after each step, those of the reset first."""
    match = Match(4, characters=PAIR, **options)
    seen, hashes = [match.observations()], [match.hash()]
    for pair in actions:
        if match.is_over:
            break
        match.step(pair)
        seen.append(match.observations())
        hashes.append(match.hash())
    return np.array(seen), hashes


def test_no_delay_is_the_baseline_to_the_last_bit():
    actions = wishes(300)
    seen, hashes = run(actions)
    for latency in ({}, {"obs_delay": 0, "act_delay": 0, "delay_self": True}, (None, {"drop": 0})):
        late_seen, late_hashes = run(actions, latency=latency)
        assert late_hashes == hashes
        assert np.array_equal(late_seen, seen)


@pytest.mark.parametrize("observation", ["full", "tiny", "entities", "descriptor"])
@pytest.mark.parametrize("delay", range(16))
def test_an_agent_sees_exactly_the_state_of_so_many_ticks_ago(delay, observation):
    actions = wishes(60)
    options = {"frame_skip": 1, "observation": observation}
    seen, hashes = run(actions, **options)
    latency = {"obs_delay": delay, "delay_self": True}
    late_seen, late_hashes = run(actions, latency=latency, **options)
    assert late_hashes == hashes
    for tick in range(len(seen)):
        assert np.array_equal(late_seen[tick], seen[max(tick - delay, 0)]), tick


def test_delays_are_ticks_whatever_the_frame_skip():
    actions = wishes(60)
    seen, _ = run(actions)
    late, _ = run(actions, latency={"obs_delay": 6, "delay_self": True})
    assert np.array_equal(late[2:], seen[:-2])
    between, _ = run(actions, latency={"obs_delay": 7, "delay_self": True})
    assert not np.array_equal(between[2:], seen[:-2])
    match = Match(0, latency={"obs_delay": 7, "delay_self": True})
    for _ in range(5):
        match.step([12, 12])
    state = np.frombuffer(match._batch.seen(0, 0), _core.DTYPES["state"])[0]
    assert (match.tick, state["tick"]) == (15, 8)


def test_an_agent_sees_itself_at_once_by_default():
    layout = cam_arena.observation_layout("entities")
    actions = wishes(200, seed=3)
    options = {"frame_skip": 1, "observation": "entities"}
    seen, _ = run(actions, **options)
    late, _ = run(actions, latency={"obs_delay": 10}, **options)
    differs = False
    for tick in range(10, len(seen)):
        own, other = late[tick], seen[tick - 10]
        for block in layout.blocks:
            if block.name.startswith("own_"):
                assert np.array_equal(own[:, block.slice], seen[tick][:, block.slice]), block.name
            elif block.name.startswith("opponent_") and block.name != "opponent_entities":
                assert np.array_equal(own[:, block.slice], other[:, block.slice]), block.name
        x = layout["relative_x"].start
        own_x, other_x = layout["own_x"].start, layout["opponent_x"].start
        gap = (other[:, other_x] - seen[tick][:, own_x]) / 2
        assert np.allclose(own[:, x], gap, atol=1e-6)
        differs |= not np.array_equal(own, other)
    assert differs


@pytest.mark.parametrize("delay", range(9))
def test_a_decision_takes_effect_so_many_ticks_later(delay):
    actions = wishes(200)
    _, hashes = run([[0, 0]] * delay + actions, frame_skip=1)
    _, late = run([*actions, *[[0, 0]] * delay], frame_skip=1, latency={"act_delay": delay})
    assert late == hashes
    if delay:
        assert late != run([*actions, *[[0, 0]] * delay], frame_skip=1)[1]


def test_a_decision_may_take_effect_within_a_step():
    def x_after_a_step(latency):
        match = Match(0, characters=PAIR, latency=latency, frame_skip=6)
        start = match.state["fighters"]["x"].copy()
        match.step([12, 12])
        return np.abs(match.state["fighters"]["x"] - start).tolist()

    walked = [x_after_a_step({"act_delay": delay}) for delay in range(7)]
    assert walked[0] == x_after_a_step(None)
    assert walked[6] == [0, 0]
    for before, after in itertools.pairwise(walked):
        assert before[0] > after[0] and before[1] > after[1]


def test_factored_actions_are_judged_where_they_take_effect():
    pairs = [divmod(first, 12) + divmod(second, 12) for first, second in wishes(200)]
    actions = [[np.array(p[:2]), np.array(p[2:])] for p in pairs]
    idle = [np.array([0, 0])] * 2
    options = {"frame_skip": 1, "action_space": "multi_discrete"}
    _, hashes = run([idle] * 4 + actions, **options)
    assert run([*actions, *[idle] * 4], latency={"act_delay": 4}, **options)[1] == hashes


def test_lost_decisions():
    actions = wishes(100)
    idle = run([[0, 0]] * 100)[1]
    assert run(actions, latency={"drop": 1.0})[1] == idle
    half = run(actions, latency={"drop": 0.5})[1]
    assert half not in (idle, run(actions)[1])
    assert half == run(actions, latency={"drop": 0.5})[1]
    match = Match(0, characters=PAIR, latency={"drop": 0.25})
    for _ in range(400):  # unknown to the fighter: counted whenever it arrives
        match.step([23, 0])
        if match.is_over:
            break
    arrived = match.illegal_actions[0] / (match.tick / 3)
    assert 0.65 < arrived < 0.85


def test_jitter_stays_in_its_range_and_shows_nothing_twice_in_the_wrong_order():
    match = Match(1, latency="human", frame_skip=1)
    delays, last = set(), [0, 0]
    for tick in range(1, 300):
        match.step([12, 60])
        for seat in range(2):
            state = np.frombuffer(match._batch.seen(0, seat), _core.DTYPES["state"])[0]
            assert state["tick"] >= last[seat]
            last[seat] = state["tick"]
            if tick > 9:
                delays.add(tick - int(state["tick"]))
    assert {5, 6} < delays <= {5, 6, 7, 8, 9}


def test_losses_do_not_move_what_jitter_draws():
    human = {"obs_delay": 6, "jitter": 4}
    ticks = []
    for drop in (0.0, 0.5):
        match = Match(1, latency={**human, "drop": drop}, frame_skip=1)
        for _ in range(60):
            match.step([0, 0])
            for seat in range(2):
                state = np.frombuffer(match._batch.seen(0, seat), _core.DTYPES["state"])[0]
                ticks.append(int(state["tick"]))
    assert ticks[:120] == ticks[120:]


def test_jitter_of_acting():
    ticks = set()
    for seed in range(60):
        match = Match(seed, latency="online", frame_skip=1)
        while match.state["fighters"]["vx"][0] == 0:
            match.step([12, 0])
        ticks.add(match.tick)
    assert ticks == {3, 4, 5}  # takes effect 2, 3 or 4 ticks after it is made


def test_a_later_decision_never_overtakes_an_earlier_one():
    east, west = 1, 5
    match = Match(2, characters=PAIR, latency={"act_delay": 4, "jitter": 4}, frame_skip=1)
    turns, last = 0, 0
    for tick in range(400):
        match.step([12 * (west if tick // 10 % 2 else east), 0])
        held = int(match.state["fighters"]["direction"][0])
        turns += held != last
        last = held
    assert turns == 40


def test_the_mask_is_of_the_present():
    plain = Match(0, characters=PAIR)
    late = Match(0, characters=PAIR, latency={"obs_delay": 15, "delay_self": True})
    masks = set()
    for pair in wishes(80):
        plain.step(pair)
        late.step(pair)
        assert np.array_equal(plain.action_masks(), late.action_masks())
        masks.add(late.action_masks().tobytes())
    assert len(masks) > 5


def test_bots_have_delays_of_their_own():
    hashes = []
    for latency in (None, "human", {"drop": 1.0, "obs_delay": 15, "act_delay": 8}):
        match = Match(0, characters=PAIR, latency=latency)
        match.set_bot(0, "zoner:4")
        match.set_bot(1, "masher:2")
        match.reset(3)
        while not match.is_over:
            match.step([0, 0])
        hashes.append(match.hash())
    assert len(set(hashes)) == 1


def test_each_seat_may_have_its_own():
    actions = wishes(50)
    seen, hashes = run(actions)
    late, late_hashes = run(actions, latency=({"obs_delay": 3, "delay_self": True}, None))
    assert late_hashes == hashes
    assert np.array_equal(late[1:, 0], seen[:-1, 0])
    assert np.array_equal(late[:, 1], seen[:, 1])


@pytest.mark.parametrize("latency", ["human", "online", {"obs_delay": 4, "drop": 0.2}])
def test_the_same_in_every_interface(latency):
    options = {"characters": PAIR, "latency": latency, "max_cycles": 60}
    actions = wishes(60, seed=8)
    match = Match(11, **options)
    parallel = duel_v0.parallel_env(**options)
    aec = duel_v0.env(**options)
    replies = iter(second for _, second in actions)
    single = DuelEnv(opponent=lambda observation, mask: next(replies), **options)
    vectors = [cam_arena.make_vec(3, threads, **options) for threads in (1, 3)]
    begun = parallel.reset(seed=11)[0]
    aec.reset(seed=11)
    alone, _ = single.reset(seed=11)
    rows = [vec.reset(seed=[10, 11, 12])[0] for vec in vectors]
    for first, second in [*actions, (0, 0)]:
        for seat, agent in enumerate(("fighter_0", "fighter_1")):
            seen, mask = match.observe(seat), match.action_mask(seat)
            for other in (begun[agent], aec.observe(agent)):
                assert np.array_equal(other["observation"], seen)
                assert np.array_equal(other["action_mask"], mask)
            for row in rows:
                assert np.array_equal(row["observation"][2 + seat], seen)
                assert np.array_equal(row["action_mask"][2 + seat], mask)
        assert np.array_equal(alone["observation"], match.observe(0))
        if match.is_over:
            break
        match.step([first, second])
        begun = parallel.step({"fighter_0": first, "fighter_1": second})[0]
        aec.step(first)
        aec.step(second)
        alone = single.step(first)[0]
        for k, vec in enumerate(vectors):
            rows[k], _, _, _, infos = vec.step(np.array([first, second] * 3))
            assert int(vec.hashes()[1]) == match.hash()
            assert infos["illegal_action"][2:4].tolist() == list(match.illegal_actions)
    assert match.is_over


def test_results_do_not_depend_on_the_batch():
    alone, many = (cam_arena.make_vec(n, latency="human", characters=PAIR) for n in (1, 5))
    alone.reset(seed=3)
    many.reset(seed=[0, 1, 2, 3, 4])
    for first, second in wishes(200):
        one = alone.step(np.array([first, second]))[0]
        all_ = many.step(np.array([first, second] * 5))[0]
        assert np.array_equal(one["observation"], all_["observation"][6:8])


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_new_match_has_no_past(mode):
    vec = cam_arena.make_vec(
        1, latency={"obs_delay": 9, "act_delay": 8, "delay_self": True}, max_cycles=5,
        autoreset_mode=mode, characters=PAIR,
    )  # fmt: skip
    vec.reset(seed=0)
    for _ in range(5 if mode == "SameStep" else 6):
        observation = vec.step(np.array([13, 13]))[0]
    fresh = Match(int(vec.state(0)["seed"]), characters=PAIR)
    assert fresh.tick == vec.state(0)["tick"] == 0
    assert np.array_equal(observation["observation"], fresh.observations())
    vec.step(np.array([0, 0]))
    vec.step(np.array([0, 0]))
    assert vec.state(0)["fighters"]["vx"].tolist() == [0, 0]  # nothing was left on its way


@pytest.mark.parametrize("stack", [1, 3])
def test_saved_and_copied_with_all_that_is_on_its_way(stack):
    options = {"latency": "human", "frame_stack": stack, "characters": PAIR}
    match = Match(2, **options)
    actions = wishes(80, seed=2)
    for pair in actions[:41]:
        match.step(pair)
    copies = [match.clone(), copy.deepcopy(match)]
    copies.append(pickle.loads(pickle.dumps(match)))  # noqa: S301
    restored = Match(9, **options)
    restored.restore(match.snapshot())
    for twin in (*copies, restored):
        assert np.array_equal(twin.observations(), match.observations())
    for pair in actions[41:]:
        match.step(pair)
        for twin in (*copies, restored):
            twin.step(pair)
            assert twin.hash() == match.hash()
            assert np.array_equal(twin.observations(), match.observations())


def test_a_snapshot_with_another_latency_is_refused():
    match = Match(0, latency="human")
    before = match.hash()
    for latency in (None, "online", {"obs_delay": 7}):
        with pytest.raises(SnapshotError, match="latency is"):
            match.restore(Match(1, latency=latency).snapshot())
    assert match.hash() == before


def test_a_damaged_latency_is_refused():
    data = cam_arena.load_roster().data
    latency = [(7, 1, 2, 0, 0.0, False)] * 2
    batch = _core.Batch(data, 1, latency=latency)
    plain = _core.Batch(data, 1)
    snapshot = batch.snapshot(0)
    start = len(plain.snapshot(0))
    assert len(snapshot) > start
    for at in (8, 11, 12, 15, 16, 19):  # the clock, the number of states, what is seen
        damaged = bytearray(snapshot)
        damaged[start + at] ^= 0x7F
        with pytest.raises(ValueError, match="latency is unsound"):
            batch.restore(0, bytes(damaged))
    assert batch.snapshot(0) == snapshot
    with pytest.raises(ValueError, match="bytes"):
        plain.restore(0, snapshot)
    with pytest.raises(ValueError, match="one a seat"):
        _core.Batch(data, 1, latency=latency[:1])
    with pytest.raises(ValueError, match="see is 16"):
        _core.Batch(data, 1, latency=[(16, 0, 0, 0, 0.0, False)] * 2)


def test_named_latencies():
    assert parse_latency("human") == (Latency(7, 1, 2, 0),) * 2
    assert parse_latency("online") == (Latency(0, 3, 0, 1),) * 2
    assert parse_latency((None, "online")) == (Latency(), Latency(0, 3, 0, 1))
    assert parse_latency(None) is None is parse_latency((None, None))
    assert parse_latency({"obs_delay": 4, "jitter": 2}) == (Latency(4, 0, 2, 0),) * 2
    assert parse_latency({"obs_delay": 4, "act_delay": 1, "jitter": 2})[0] == Latency(4, 1, 2, 2)
    assert all(f"`{name}`" in latency_table() for name in LATENCIES)


@pytest.mark.parametrize(
    ("latency", "error", "words"),
    [
        ("robot", ValueError, "None, 'human', 'online' or a dict of delays, got 'robot'"),
        (3, TypeError, "None, a name, a dict of delays or a pair, got 3"),
        (("human",), ValueError, "for both sides or a pair"),
        ({"delay": 3}, ValueError, "no 'delay'; it has obs_delay, act_delay, jitter"),
        ({"obs_delay": 16}, ValueError, r"obs_delay'\] must be 0..15 ticks of 1/30 s, got 16"),
        ({"act_delay": 9}, ValueError, r"act_delay'\] must be 0..8"),
        ({"act_delay": -1}, ValueError, "must be 0..8"),
        ({"obs_delay": 1.5}, TypeError, "integer of ticks, got 1.5"),
        ({"obs_delay": True}, TypeError, "integer of ticks"),
        ({"obs_delay": 1, "jitter": 16}, ValueError, "0..15"),
        ({"obs_delay": 1, "jitter": (1, 9)}, ValueError, "0..8"),
        ({"obs_delay": 1, "jitter": (1, 2, 3)}, ValueError, "a pair for seeing and for acting"),
        ({"jitter": 2}, ValueError, "give obs_delay or act_delay too"),
        ({"drop": 1.5}, ValueError, "within 0..1, got 1.5"),
        ({"drop": float("nan")}, ValueError, "within 0..1"),
        ({"drop": "half"}, TypeError, "probability"),
        ({"delay_self": 1}, TypeError, "True or False"),
    ],
    ids=str,
)
def test_impossible_latencies_are_refused(latency, error, words):
    for make in (Match, duel_v0.parallel_env):
        with pytest.raises(error, match=words):
            make(latency=latency)


def test_state_is_of_now():
    late, plain = (duel_v0.parallel_env(latency=x, characters=PAIR) for x in ("human", None))
    for env in (late, plain):
        env.reset(seed=0)
    for _ in range(3):
        idle = {"fighter_0": 0, "fighter_1": 0}
        late.step(idle)
        plain.step(idle)
    assert np.array_equal(late.state(), plain.state())


def test_squads_see_late_too():
    data = cam_arena.load_roster().data
    late = _core.Batch(data, 1, sizes=(2, 2), frame_skip=1, latency=[(5, 0, 0, 0, 0.0, True)] * 4)
    plain = _core.Batch(data, 1, sizes=(2, 2), frame_skip=1)
    past = []
    for first, second in wishes(60):
        views = [np.zeros((1, 4, plain.observation_size), np.float32) for _ in range(3)]
        plain.observe(views[0])
        late.observe(views[1])
        late.observe_present(views[2])
        past.append(views[0])
        assert np.array_equal(views[1], past[max(len(past) - 6, 0)])
        assert np.array_equal(views[2], views[0])
        for batch in (plain, late):
            batch.advance(np.array([[first, second, second, first]], np.int32))
    assert late.hash(0) == plain.hash(0)
