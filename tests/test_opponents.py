"""One word for an opponent: bots, directories, members, functions, objects and models."""

import threading
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import load_roster, observation_layout
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import PolicyMember, load_member, save_member
from cam_arena.agents.sharing import make_policy
from cam_arena.envs.single import DuelEnv
from cam_arena.envs.vector import single_seat
from cam_arena.errors import CheckpointError
from cam_arena.opponents import resolve
from cam_arena.seated import Seated, play_ticks

SIZES = NetworkConfig((8, 8), 4, 4, 4)
CORE = load_roster().split("core4")


def policy(seed, preset="full"):
    generator = torch.Generator().manual_seed(seed)
    layout = observation_layout(preset)
    return make_policy("full", layout, len(load_roster()), SIZES, generator=generator)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of CAM on core4 as it lies on disk, its weights random."""
    folder = tmp_path_factory.mktemp("runs") / "cam"
    facts = {"config": {"characters": "core4"}}
    save_member(folder / "stage1" / "policy", policy(0, "tiny"), state=facts)
    for seed, name in enumerate(CORE[:2]):
        state = {**facts, "character": name}
        folder_of = folder / "specialists" / name.lower().replace(" ", "_")
        save_member(folder_of, policy(seed + 1), state=state)
    return folder


class Walker:
    """Presses what is legal at random, and remembers how often it was asked."""

    def __init__(self):
        self.seeds, self.asked = [], 0

    def reset(self, seed):
        self.seeds.append(seed)
        self.rng, self.asked = np.random.default_rng(seed), 0

    def act(self, observation, action_mask):
        self.asked += 1
        return int(self.rng.choice(np.flatnonzero(action_mask)))


def last_legal(observation, action_mask):
    return int(np.flatnonzero(action_mask)[-1])


def state_of(env, seed, steps=40):
    """Return the hash of a match after some idle steps."""
    env.reset(seed=seed)
    for _ in range(steps):
        env.step(0)
    return env.unwrapped.match.hash()


def hashes(opponent, seed, *, steps=40, matches=3, **options):
    env = cam_arena.make_vec(matches, opponent=opponent, **options)
    env.reset(seed=seed)
    for _ in range(steps):
        env.step(np.zeros(matches, np.int64))
    found = env.hashes().tolist()
    env.close()
    return found


def words(run):
    return {
        "bot": "masher:3",
        "run": str(run),
        "path": run / "stage1" / "policy",
        "member": load_member(run / "stage1" / "policy"),
        "function": last_legal,
        "object": Walker(),
        "list": ["masher:3", run, last_legal],
    }


@pytest.mark.parametrize("kind", ["bot", "run", "path", "member", "function", "object", "list"])
def test_equal_seeds_give_equal_matches_in_both_envs(run, kind):
    word, options = words(run)[kind], {"characters": CORE[0]}
    env = gymnasium.make("cam_arena/Duel-v0", opponent=word, **options)
    one_by_one = [state_of(env, seed) for seed in (5, 6, 7)]
    assert len(set(one_by_one)) == 3
    assert [state_of(env, seed) for seed in (5, 6, 7)] == one_by_one
    assert hashes(word, 5, **options) == one_by_one


@pytest.mark.parametrize(("mode", "idle"), [("NextStep", 1), ("SameStep", 0)])
def test_the_matches_that_follow_are_those_of_the_single_env(run, mode, idle):
    word = ["masher:3", str(run), Walker()]
    options = {"characters": CORE[0], "max_cycles": 10}
    env = DuelEnv(opponent=word, **options)
    vec = cam_arena.make_vec(1, opponent=word, autoreset_mode=mode, **options)
    env.reset(seed=5)
    vec.reset(seed=5)
    for _ in range(4):
        for _ in range(6):
            env.step(0)
            vec.step([0])
        assert vec.hashes()[0] == env.match.hash()
        for _ in range(4 + idle):
            vec.step([0])
        env.reset()


def test_each_of_several_is_met_in_as_many_matches():
    met = []
    several = [lambda seen, mask, k=k: met.append(k) or 0 for k in range(3)]
    env = DuelEnv(opponent=several)
    for seed in range(30):
        env.reset(seed=seed)
        env.step(0)
    counts = np.bincount(met, minlength=3)
    assert counts.sum() == 30 and counts.min() >= 5
    met.clear()
    vec = cam_arena.make_vec(30, opponent=several)
    vec.reset(seed=0)
    vec.step(np.zeros(30, np.int64))
    assert np.bincount(met, minlength=3).tolist() == counts.tolist()


def test_an_object_is_told_of_each_match_and_forgets():
    walker = Walker()
    env = DuelEnv(opponent=walker)
    for seed in (1, 2, 1):
        env.reset(seed=seed)
        env.step(0)
        env.step(0)
        assert walker.asked == 2
    assert walker.seeds[0] == walker.seeds[2] != walker.seeds[1]


def test_a_refused_reset_leaves_the_opponent_in_its_match():
    walker = Walker()
    env = DuelEnv(opponent=walker)
    env.reset(seed=1)
    env.step(0)
    with pytest.raises(ValueError, match="there is no character"):
        env.reset(seed=2, options={"characters": "Nobody At All"})
    assert len(walker.seeds) == 1 and walker.asked == 1


def test_a_policy_goes_on_alike_from_a_snapshot(run):
    env = DuelEnv(opponent=run, characters=CORE[0])
    env.reset(seed=3)
    for _ in range(10):
        env.step(0)
    saved = env.match.snapshot()
    ends = []
    for _ in range(2):
        env.match.restore(saved)
        for _ in range(20):
            env.step(0)
        ends.append(env.match.hash())
    assert ends[0] == ends[1]


def test_a_policy_sees_its_own_preset_whatever_the_env_shows(run):
    member = load_member(run)
    assert member.observation == "tiny"
    plain = DuelEnv(opponent=member, characters=CORE[0])
    odd = DuelEnv(
        opponent=member,
        characters=CORE[0],
        observation="entities",
        frame_stack=3,
        action_space="own",
        flatten=True,
    )
    assert state_of(plain, 4) == state_of(odd, 4)
    stacked = {"observation": "entities", "frame_stack": 3, "action_space": "own"}
    assert hashes(member, 4, characters=CORE[0], **stacked)[0] == state_of(plain, 4)


def test_a_function_sees_in_rows_what_it_sees_in_a_single_env():
    seen = []

    def spy(observation, action_mask):
        seen.append((observation.copy(), action_mask.copy()))
        return last_legal(observation, action_mask)

    options = {"characters": CORE[0], "frame_stack": 3, "action_space": "own"}
    state_of(DuelEnv(opponent=spy, **options), 2, 6)
    alone, seen = seen, []
    hashes(spy, 2, steps=6, matches=1, **options)
    assert len(alone) == len(seen) == 6
    for (one, mask), (other, other_mask) in zip(alone, seen, strict=True):
        assert np.array_equal(one, other) and np.array_equal(mask, other_mask)


def test_all_matches_of_a_policy_are_one_pass():
    class Counting(PolicyMember):
        passes = 0

        def act_rows(self, *arguments):
            Counting.passes += 1
            assert len(arguments[0]) == 8
            return super().act_rows(*arguments)

    hashes(Counting("counting", policy(0)), 0, steps=5, matches=8)
    assert Counting.passes == 5


def test_each_character_of_a_run_is_played_by_its_specialist(run):
    specialist = load_member(run / "specialists" / CORE[0].lower().replace(" ", "_"))
    both = [state_of(DuelEnv(opponent=word, characters=CORE[0]), 9) for word in (run, specialist)]
    shared = load_member(run)
    assert both[0] == both[1] != state_of(DuelEnv(opponent=shared, characters=CORE[0]), 9)
    # without a specialist of its own a character is played by the shared policy
    rest = [state_of(DuelEnv(opponent=word, characters=CORE[3]), 9) for word in (run, shared)]
    assert rest[0] == rest[1]


def test_characters_are_by_default_those_of_the_training(run):
    env = DuelEnv(opponent=run)
    drawn = set()
    for seed in range(12):
        env.reset(seed=seed)
        drawn |= {character.name for character in env.match.characters}
    assert drawn == set(CORE)
    vec = cam_arena.make_vec(12, opponent=run)
    infos = vec.reset(seed=0)[1]
    ids = {*infos["character_id"].tolist(), *infos["opponent_character_id"].tolist()}
    assert {load_roster().names[index] for index in ids} == set(CORE)


def test_opponents_of_unlike_training_are_met_on_all_characters():
    class Trained:
        def __init__(self, characters):
            self.characters = characters

        def act(self, observation, action_mask):
            return 0

    core, other = Trained("core4"), Trained("core16")
    assert DuelEnv(opponent=[core, core])._options.characters == "core4"
    assert DuelEnv(opponent=[core, "idle"])._options.characters == "core4"
    assert DuelEnv(opponent=[core, other])._options.characters is None


def test_a_warning_names_whom_a_policy_never_met(run):
    with pytest.warns(UserWarning, match=r"trained on core4 and never met Pelley Hinge: "):
        env = DuelEnv(opponent=run, characters="Pelley Hinge")
    # Once is enough: warnings are errors in the suite.
    for _ in range(2):
        env.reset(seed=0)
        env.step(0)
    vec_or_env = {"opponent": run, "characters": CORE[0]}
    env, vec = DuelEnv(**vec_or_env), cam_arena.make_vec(2, **vec_or_env)
    other = {"characters": ("Pelley Hinge", CORE[0])}  # the env did not know of her
    for step, actions in ((env, 0), (vec, [0, 0])):
        with pytest.warns(UserWarning, match="never met Pelley Hinge"):
            step.reset(seed=0, options=other)
            step.step(actions)
        step.reset(seed=0, options=other)
        step.step(actions)


def test_another_layout_and_another_roster_are_refused(run, tmp_path, monkeypatch):
    other = observation_layout("tiny").id
    assert other != observation_layout("full").id
    monkeypatch.setattr("cam_arena.agents.population.members.layout_id", lambda preset: other)
    path = save_member(tmp_path / "old", policy(0))
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=f"layout {other}"):
        DuelEnv(opponent=path.parent)
    member = load_member(run)
    with pytest.raises(CheckpointError, match="trained on roster"):
        DuelEnv(opponent=member, roster="legacy")


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        ("zonner", ValueError, "there is no bot 'zonner'"),
        ("runs/nowhere", CheckpointError, "there is no directory runs/nowhere"),
        ("model.zip", ValueError, "pickled code"),
        (3, TypeError, "model of Stable-Baselines3; got 3"),
        ([], ValueError, "empty"),
        ("", ValueError, "there is no bot ''"),
        pytest.param("a" * 5000, ValueError, "there is no bot 'aaa", id="long"),
        pytest.param("a/" * 3000, CheckpointError, "there is no directory a/a", id="deep"),
        pytest.param(Path("a" * 5000), CheckpointError, "no directory aaa", id="long path"),
    ],
)
def test_what_is_no_opponent_is_refused(word, error, message):
    with pytest.raises(error, match=message):
        DuelEnv(opponent=word)


def test_what_a_word_was_resolved_to_is_an_opponent_too(run):
    roster = load_roster()
    for word in {**words(run), "list": last_legal}.values():
        once = resolve(word, roster)
        again = resolve(once, roster)
        assert again is once or again == once
        env = DuelEnv(opponent=once, characters=CORE[0])
        assert state_of(env, 9) == state_of(DuelEnv(opponent=word, characters=CORE[0]), 9)
    with pytest.raises(CheckpointError, match="trained on roster"):
        DuelEnv(opponent=resolve(run, roster), roster="legacy")


def test_a_run_stands_for_its_policy_and_a_missing_one_is_told(run, tmp_path):
    assert load_member(run).name == "cam"
    with pytest.raises(CheckpointError, match="there is no directory"):
        load_member(tmp_path / "nope")
    with pytest.raises(CheckpointError, match="there is no directory"):
        load_member("a" * 5000)
    with pytest.raises(CheckpointError, match="no checkpoint of a policy"):
        load_member(tmp_path)


def test_act_takes_a_row_or_a_batch_of_ordinary_types(run):
    member = load_member(run)
    seen, mask = np.random.default_rng(0).uniform(-1, 1, (5, 14)), np.ones((5, 108), np.bool_)
    member.reset(7)
    batch = member.act(seen, mask)
    member.reset(7)
    assert np.array_equal(member.act(seen.astype(np.float32), mask.astype(np.int8)), batch)
    member.reset(8)
    assert not np.array_equal(member.act(seen, mask), batch)
    one = member.act(seen[0], mask[0], rng=np.random.default_rng(0))
    assert one.shape == () and 0 <= int(one) < 108
    spot = np.zeros((5, 14), np.bool_)
    spot[2, 3] = True
    wrong = {
        "observation must have shape": (seen[:, :9], mask),
        r"action_mask must have shape \(5, 108\)": (seen, mask[0]),
        "action_mask must be integers or bool": (seen, mask.astype(np.float32)),
        "holds nan in row 2, column 3": (np.where(spot, np.nan, seen), mask),
        "all zero in row 0": (seen, np.zeros_like(mask)),
    }
    for message, (observation, action_mask) in wrong.items():
        with pytest.raises((ValueError, TypeError), match=message):
            member.act(observation, action_mask)


def test_opponents_can_be_exchanged_while_matches_go_on():
    env = cam_arena.make_vec(2, opponent="idle", max_cycles=5, autoreset_mode="SameStep")
    env.reset(seed=0)
    walker = Walker()
    env.set_opponents(walker)
    for _ in range(5):
        env.step(np.zeros(2, np.int64))
    assert walker.seeds == []  # the copies are asked, and only from the next match on
    seeds = [object.seeds for object in env._matches._seated[0]._own[0]]
    assert [len(told) for told in seeds] == [1, 1]
    with pytest.raises(cam_arena.errors.MatchError, match="with an opponent"):
        both = cam_arena.make_vec(1)
        both.reset(seed=0)
        both.set_opponents("idle")


class RowsOf:
    """A policy in rows that answers what it was told to."""

    name = "rows of mine"

    def __init__(self, answer, observation="tiny"):
        self.answer, self.observation = answer, observation

    def act_rows(self, observations, action_masks, draws):
        return self.answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (np.array([np.nan]), TypeError),
        ([3.7], TypeError),
        ([True], TypeError),
        (None, ValueError),
        ([108], ValueError),
        (np.array([-5]), ValueError),
        ([10**9], ValueError),
        ([2**40], ValueError),
        ([2**80], TypeError),
        ([1, 2], ValueError),
        ([[1], [2, 3]], ValueError),
    ],
    ids=str,
)
def test_rows_of_a_policy_are_checked(answer, error):
    vec, env = (make(opponent=RowsOf(answer)) for make in (single_seat, DuelEnv))
    for one, action in ((vec, [0]), (env, 0)):
        one.reset(seed=0)
        with pytest.raises(error, match="the opponent rows of mine: a"):
            one.step(action)
    vec.set_opponents(RowsOf([107]))
    vec.reset(seed=0)
    vec.step([0])  # a refused answer leaves the env open


def test_the_preset_of_a_policy_in_rows_is_checked_when_it_is_named():
    class Blind:
        name = "blind"

        def act_rows(self, *_):
            return [0]

    for word, error in ((RowsOf([0], "all"), ValueError), (RowsOf([0], []), TypeError)):
        with pytest.raises(error, match=r"rows of mine has act_rows.*tiny"):
            DuelEnv(opponent=word)
    with pytest.raises(TypeError, match=r"blind has act_rows.*got None"):
        cam_arena.make_vec(1, opponent=Blind())


def test_after_a_refused_action_a_policy_sees_its_past_as_before():
    def spy(answers):
        seen = []
        return seen, lambda saw, mask: seen.append(saw) or next(answers)

    options = {"frame_stack": 3, "characters": CORE[0]}
    whole, steady = spy(iter([13] * 6))
    broken, erring = spy(iter([13, 13, 500, 13, 13, 13, 13]))
    for opponent in (steady, erring):
        vec = single_seat(opponent=opponent, **options)
        vec.reset(seed=0)
        for step in range(6):
            if opponent is erring and step == 2:
                with pytest.raises(ValueError, match="the opponent of match 0"):
                    vec.step([13])
            vec.step([13])
    del broken[2]
    assert np.array_equal(whole, broken) and len({saw.tobytes() for saw in whole}) == 6


class Locked:
    """What can neither be sent nor copied."""

    name = "locked up"

    def __init__(self):
        self.lock = threading.Lock()

    def reset(self, seed):
        pass

    def act(self, observation, action_mask):
        return 0


@pytest.mark.parametrize("workers", [0, 1])
def test_an_exchange_of_opponents_that_is_refused_leaves_the_env(workers):
    vec = single_seat(2, num_workers=workers, opponent=["idle", "masher:2"])
    other = single_seat(2, opponent=["idle", "masher:2"])
    vec.reset(seed=0)
    with pytest.raises(TypeError, match=r"the opponent locked up .*lock"):
        vec.set_opponents(["zoner", Locked()])
    vec.reset(seed=1)
    other.reset(seed=1)
    for _ in range(20):
        vec.step([0, 0])
        other.step([0, 0])
    assert vec.hashes().tolist() == other.hashes().tolist()
    vec.close()


def test_workers_play_the_same(run):
    options = {"characters": CORE[0], "steps": 20}
    assert hashes(str(run), 5, num_workers=2, **options) == hashes(str(run), 5, **options)


def test_policies_of_unlike_presets_are_watched_on_their_own_characters(run, tmp_path, monkeypatch):
    from cam_arena.render import watch as watching

    other = save_member(tmp_path / "other", policy(5), state={"config": {"characters": "core4"}})
    shown = []
    monkeypatch.setattr(watching, "show", lambda match, *_, **__: shown.append(match))
    watching.watch(run, other.parent, seed=3)
    assert {character.name for character in shown[0].characters} <= set(CORE)
    with pytest.warns(UserWarning, match="cam was trained on core4 and never met Pelley Hinge"):
        match = cam_arena.Match(0, frame_skip=1, characters=("Pelley Hinge", CORE[0]))
        seats = [Seated(match, k, [resolve(w, load_roster())]) for k, w in enumerate((run, "idle"))]
        for _, _ in zip(play_ticks(match, seats, seed=0), range(5), strict=False):
            pass


def test_a_person_plays_against_a_policy(run, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    from cam_arena.render.play import Session
    from cam_arena.render.viewer import Viewer

    match = cam_arena.Match(4, frame_skip=1, characters=CORE[0])
    session = Session(match, Viewer("human", match.roster, fps=1000), run, 4)
    assert session.labels == ("you", "cam")
    env = DuelEnv(opponent=run, characters=CORE[0])
    env.reset(seed=4)
    for _ in range(10):
        env.step(0)
        for _ in range(3):
            session.advance()
        names = ("hp", "x", "y", "spark", "state")
        for name in names:
            assert np.array_equal(match.state["fighters"][name], env.match.state["fighters"][name])
    session.viewer.close()
