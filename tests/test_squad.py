"""squad_v0: teams as PettingZoo envs, many matches in one vector env, maps and rendering."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

import cam_arena
from cam_arena import _core, cli, squad_v0
from cam_arena.errors import MatchError
from cam_arena.game.observations import observation_layout
from cam_arena.game.squads import SquadOptions, squad_option_table

pytestmark = [
    pytest.mark.filterwarnings("ignore:Observation space for each agent probably should be"),
    pytest.mark.filterwarnings("ignore:Observation is not a NumPy array"),
]

SIZES = [(1, 1), (2, 2), (3, 3), (5, 5), (1, 3), (3, 5)]


def legal(observations, rng):
    return {
        agent: int(rng.choice(np.flatnonzero(seen["action_mask"])))
        for agent, seen in observations.items()
    }


def play(env, seed, steps=40):
    """Play legal actions; return all that was told, and the hash of every state."""
    rng = np.random.default_rng(seed)
    observations, infos = env.reset(seed=seed)
    told = [(observations, infos)]
    hashes = []
    for _ in range(steps):
        if not env.agents:
            break
        results = env.step(legal(observations, rng))
        observations = results[0]
        told.append(results)
        hashes.append(env.hash())
    return told, hashes


def assert_same(one, two):
    if isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            assert_same(one[key], two[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(two)
        for first, second in zip(one, two, strict=True):
            assert_same(first, second)
    else:
        assert np.array_equal(one, two)


# ---- PettingZoo ----


@pytest.mark.parametrize("sizes", SIZES)
def test_the_parallel_env_is_pettingzoos(sizes):
    parallel_api_test(squad_v0.parallel_env(*sizes), num_cycles=100)
    parallel_api_test(squad_v0.parallel_env(*sizes, opponent="zoner:3"), num_cycles=100)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_aec_env_is_pettingzoos(sizes):
    api_test(squad_v0.env(*sizes), num_cycles=100)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 3), (1, 3)])
def test_seeds_are_pettingzoos(sizes):
    parallel_seed_test(lambda: squad_v0.parallel_env(*sizes), num_cycles=20)
    seed_test(lambda: squad_v0.env(*sizes), num_cycles=20)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("opponent", [None, "punisher:4"])
def test_a_seed_repeats_all_that_is_told(sizes, opponent):
    envs = [squad_v0.parallel_env(*sizes, opponent=opponent, mask_in="both") for _ in range(2)]
    (one, hashes), (two, also) = (play(env, 7) for env in envs)
    assert hashes == also
    assert len(set(hashes)) == len(hashes)
    assert_same(one, two)
    assert_same(play(envs[0], 7)[0], two)


def test_the_module_is_its_env():
    env = squad_v0()
    assert type(env) is squad_v0.env is squad_v0.raw_env
    assert env.metadata["name"] == "squad_v0"
    assert env.possible_agents == [
        *(f"blue_{k}" for k in range(3)),
        *(f"red_{k}" for k in range(3)),
    ]


def test_aec_and_parallel_agree():
    parallel, aec = squad_v0.parallel_env(2, 3), squad_v0.env(2, 3)
    observations, _ = parallel.reset(seed=5)
    aec.reset(seed=5)
    rng = np.random.default_rng(0)
    for _ in range(30):
        actions = legal(observations, rng)
        for agent in aec.agents:
            seen, *_ = aec.last()
            assert aec.agent_selection == agent
            assert np.array_equal(seen["observation"], observations[agent]["observation"])
            aec.step(actions[agent])
        observations, rewards, _, _, infos = parallel.step(actions)
        assert aec.rewards == rewards
        assert_same(aec.infos, infos)


def test_with_an_opponent_only_blue_has_agents_and_shares_a_reward():
    env = squad_v0.parallel_env(3, opponent="masher:5", characters="core8")
    told, _ = play(env, 1, steps=700)
    assert env.possible_agents == ["blue_0", "blue_1", "blue_2"]
    rewards = [list(results[1].values()) for results in told[1:]]
    assert all(len(set(step)) == 1 for step in rewards)
    assert np.abs(rewards).sum() > 5
    # Masked random play loses to three mashers: the last step takes the 10 of a win away.
    assert env.winner == "red"
    assert rewards[-1][0] <= -10
    assert env.agents == []
    with pytest.raises(MatchError, match="the match is over"):
        env.step({agent: 0 for agent in env.possible_agents})


def test_both_sides_learn_without_one():
    env = squad_v0.parallel_env(2, 4)
    told, _ = play(env, 3, steps=100)
    for _, rewards, _, _, infos in told[1:]:
        assert rewards["blue_0"] == rewards["blue_1"] == -rewards["red_0"] == -rewards["red_3"]
        terms = np.array(
            [[infos[a][f"reward_{t}"] for t in ("hp", "win", "combo", "mana")] for a in infos]
        )
        worth = terms @ [10, 10, 5, 5]
        assert rewards["blue_0"] == pytest.approx(worth[:2].mean() - worth[2:].mean(), abs=1e-4)


def test_a_function_may_play_every_fighter_of_red():
    asked = []

    def policy(observation, mask):
        asked.append(observation.shape)
        return int(np.flatnonzero(mask)[-1])

    env = squad_v0.parallel_env(2, 3, opponent=policy)
    play(env, 0, steps=4)
    assert asked == [env.observation_space("blue_0")["observation"].shape] * 3 * 4


# ---- what is seen ----


def test_state_is_the_whole_match_as_blue_sees_it():
    late = squad_v0.parallel_env(3, information="public", latency="human", observation="tiny")
    plain = squad_v0.parallel_env(3)
    for env in (late, plain):
        env.reset(seed=2)
    assert np.array_equal(late.state(), plain.state())
    observations, *_ = plain.step(dict.fromkeys(plain.agents, 12))
    assert np.array_equal(plain.state(), observations["blue_0"]["observation"])
    assert plain.state_space.contains(plain.state())


@pytest.mark.parametrize("observation", ["full", "tiny", "entities", "descriptor", "squad"])
@pytest.mark.parametrize("kind", ["discrete", "multi_discrete", "own"])
def test_every_form_of_seeing_and_acting(observation, kind):
    env = squad_v0.parallel_env(
        2, 3, observation=observation, action_space=kind, frame_stack=2, information="public"
    )
    observations, _ = env.reset(seed=1)
    for _ in range(5):
        actions = {}
        for agent, seen in observations.items():
            assert env.observation_space(agent).contains(seen)
            space = env.action_space(agent)
            mask = seen["action_mask"]
            parts = (mask[:9], mask[9:]) if kind == "multi_discrete" else mask
            actions[agent] = space.sample(parts if kind != "multi_discrete" else tuple(parts))
        observations, *_ = env.step(actions)


def test_characters_may_be_chosen_for_each_fighter():
    names = list(cam_arena.load_roster().names[:5])
    env = squad_v0.parallel_env(2, 3, characters=(names[:2], names[2:]), infos="names")
    _, infos = env.reset(seed=0)
    assert [info["character"] for info in infos.values()] == names
    _, infos = env.reset(seed=0, options={"characters": (names[4], names[:3])})
    assert [info["character"] for info in infos.values()] == [names[4]] * 2 + names[:3]
    with pytest.raises(ValueError, match="characters of blue must be one for all or a list of 2"):
        squad_v0.parallel_env(2, 3, characters=(names[:3], names[2:]))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"team_size": 6}, "team_size must be 1..5, got 6"),
        ({"team_size": 2, "enemy_size": 0}, "enemy_size must be 1..5, got 0"),
        ({"map": "9v9"}, "there is no map '9v9'; the maps are 2v2_mixed, 3v3"),
        ({"map": "3v3", "team_size": 2}, "map '3v3' sets the sizes of the teams"),
        ({"characters": ("core8",)}, "characters must be one for all fighters or a pair"),
        ({"opponent": "lern"}, "there is no bot 'lern'"),
        (
            {"mirrored": True, "characters": ("core4", "core8")},
            r"with mirrored .* must be the same for both, got \('core4', 'core8'\)",
        ),
    ],
)
def test_what_is_not_allowed_is_named(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        squad_v0.parallel_env(**arguments)


def test_unknown_options_and_actions_are_named():
    with pytest.raises(TypeError, match="did you mean 'team_size'"):
        squad_v0.parallel_env(team_sise=3)
    env = squad_v0.parallel_env(2)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="there is no agent 'green_0'; agents are blue_0, blue_1"):
        env.step({"green_0": 0})
    with pytest.raises(ValueError, match="the action of red_1 is missing"):
        env.step(dict.fromkeys(env.agents[:3], 0))
    with pytest.raises(ValueError, match="red_1"):
        env.step({**dict.fromkeys(env.agents, 0), "red_1": 108})


# ---- maps ----


@pytest.mark.parametrize("name", squad_v0.MAPS)
def test_a_map_can_be_played(name):
    env = squad_v0.parallel_env(map=name)
    play(env, 1, steps=5)
    drawn = env.match_state["fighters"]["character"].tolist()
    if name == "3v3_mirror":
        assert drawn[:3] == drawn[3:]
    if name == "boss1v3":
        assert env.possible_agents == ["blue_0"]
        assert len(drawn) == 4
    if name == "2v2_mixed":
        core = cam_arena.load_roster().splits["core8"]
        names = cam_arena.load_roster().names
        assert names[drawn[0]] in core
        assert names[drawn[2]] in core


def test_red_may_learn_on_a_map_with_an_opponent():
    env = squad_v0.parallel_env(map="boss1v3", opponent="learn")
    env.reset(seed=0)
    assert env.agents == ["blue_0", "red_0", "red_1", "red_2"]
    assert squad_v0.make_vec(2, map="boss1v3", opponent="learn").num_envs == 8
    assert squad_v0.make_vec(2, map="boss1v3").num_envs == 2
    with pytest.raises(ValueError, match="one controller plays blue alone"):
        squad_v0.central_env(map="boss1v3", opponent="learn")


def test_the_page_of_options_has_every_one_of_teams():
    table = squad_option_table()
    for name in (*SquadOptions._BESIDE, "observation"):
        default = getattr(SquadOptions(), name)
        shown = f'"{default}"' if isinstance(default, str) else default
        assert f"| `{name}` | `{shown}` |" in table


def test_mirrored_sides_share_what_both_have():
    for sizes in ((2, 3), (3, 2)):
        _, infos = squad_v0.parallel_env(*sizes, mirrored=True).reset(seed=4)
        for seat in (0, 1):
            characters = {infos[f"{side}_{seat}"]["character_id"] for side in ("blue", "red")}
            assert len(characters) == 1
    named = ["Bram Quill", "Vesh Cindral"]
    squad_v0.parallel_env(2, 3, mirrored=True, characters=(named, [*named, "Gorm Talus"]))


def test_a_map_of_another_rosters_characters_says_so(tmp_path):
    path = tmp_path / "mine"
    assert cli.main(["roster", "generate", "--count", "16", "--unplayed", "--out", str(path)]) == 0
    with pytest.raises(ValueError, match=r"map '3v5' draws from .* no character 'core8'.* beside"):
        squad_v0.parallel_env(map="3v5", roster=path)
    squad_v0.parallel_env(map="3v5", roster=path, characters=None)
    with pytest.raises(ValueError, match=r"^there is no character 'Nobody'"):
        squad_v0.parallel_env(map="3v5", roster=path, characters="Nobody")


# ---- one controller ----


@pytest.mark.parametrize("options", [{}, {"action_space": "multi_discrete"}, {"map": "3v5"}])
def test_a_central_controller_plays_a_team(options):
    env = squad_v0.central_env(**options)
    check_env(env, skip_render_check=True)
    observation, info = env.reset(seed=1)
    assert observation["observation"].shape == (3, observation_layout("squad").size)
    assert info["character_id"].shape == (3,)
    rows = squad_v0.parallel_env(**{"opponent": "zoner:3", **options})
    seen, _ = rows.reset(seed=1)
    for _ in range(10):
        action = env.action_space.sample()
        observation, reward, terminated, _, _ = env.step(action)
        seen, rewards, *_ = rows.step(dict(zip(rows.agents, action, strict=True)))
        assert np.array_equal(observation["observation"][1], seen["blue_1"]["observation"])
        assert reward == rewards["blue_2"]
        assert terminated is False
    with pytest.raises(ValueError, match="action must have 3 rows, one a fighter"):
        env.step(action[:2])


# ---- many matches ----


@pytest.mark.parametrize("options", [{}, {"opponent": "punisher:3"}, {"map": "3v5"}])
def test_rows_of_many_matches_are_those_of_one(options):
    if "map" not in options:
        options = {"team_size": 2, "enemy_size": 3, **options}
    many = squad_v0.make_vec(3, 2, **options)
    one = squad_v0.parallel_env(**options)
    rows = len(one.possible_agents)
    assert many.num_envs == 3 * rows
    seen, _ = many.reset(seed=10)
    observations, _ = one.reset(seed=11)
    rng = np.random.default_rng(0)
    for _ in range(20):
        mask = seen["action_mask"].astype(float)
        actions = (rng.random(mask.shape) * mask).argmax(1)
        middle = actions[rows : 2 * rows]
        for k, agent in enumerate(one.possible_agents):
            assert np.array_equal(observations[agent]["observation"], seen["observation"][rows + k])
        seen, rewards, *_ = many.step(actions)
        observations, earned, *_ = one.step(dict(zip(one.possible_agents, middle, strict=True)))
        assert np.allclose(list(earned.values()), rewards[rows : 2 * rows])
    assert int(many.hashes()[1]) == one.hash()


@pytest.mark.parametrize("infos", ["numbers", "names"])
def test_infos_of_teams_hold_the_same_in_every_env(infos):
    one = squad_v0.parallel_env(2, 3, infos=infos).reset(seed=0)[1]["blue_0"]
    central = squad_v0.central_env(2, 3, infos=infos).reset(seed=0)[1]
    many = squad_v0.make_vec(2, team_size=2, enemy_size=3, infos=infos).reset(seed=0)[1]
    assert set(one) == set(central) == {key for key in many if not key.startswith("_")}
    assert not [key for key in one if "opponent" in key], "which of three would it be?"


def test_threads_do_not_change_teams():
    def hashes(threads):
        env = squad_v0.make_vec(16, threads, team_size=3, opponent="zoner:4")
        seen, _ = env.reset(seed=0)
        rng = np.random.default_rng(1)
        for _ in range(20):
            mask = seen["action_mask"].astype(float)
            seen, *_ = env.step((rng.random(mask.shape) * mask).argmax(1))
        return env.hashes().tolist()

    assert hashes(1) == hashes(4)


def test_the_next_match_follows_as_with_duels():
    env = squad_v0.make_vec(2, team_size=2, max_seconds=1)
    env.reset(seed=3)
    before = [env.state(k)["seed"] for k in range(2)]
    for _ in range(11):
        _, _, terminated, _, _ = env.step(np.zeros(8, np.int64))
    assert [env.state(k)["seed"] for k in range(2)] == [_core.next_seed(int(s)) for s in before]
    assert not terminated.any()
    assert env.metadata["name"] == "squad_v0"


# ---- pictures ----


def test_teams_are_told_apart_in_pictures():
    env = squad_v0.parallel_env(3, 5, render_mode="rgb_array")
    env.reset(seed=1)
    for _ in range(3):
        env.step(dict.fromkeys(env.agents, 12))
    frame = env.render()
    assert frame.shape == (540, 960, 3)
    env.close()
    with pytest.raises(MatchError, match="the env is closed"):
        env.render()


def test_teams_of_bots_can_be_watched(tmp_path, capsys):
    film = tmp_path / "teams.gif"
    words = ["watch", "masher:5", "zoner:3", "--team-size", "2", "--enemy-size", "3"]
    assert cli.main([*words, "--record", str(film), "--seconds", "0.2"]) == 0
    assert film.stat().st_size > 10_000
    assert "stopped before the end" in capsys.readouterr().out


# ---- words and small pictures ----


def test_words_tell_of_allies_and_opponents():
    env = squad_v0.parallel_env(2, 3, observation="text", mask_in="info")
    observations, _ = env.reset(seed=1)
    lines = observations["blue_1"].splitlines()
    heads = [line.partition(":")[0] for line in lines]
    for head in ("you", "ally", "opponent 1", "opponent 2", "opponent 3", "legal"):
        assert head in heads
    assert any(line.startswith("the ally is ") for line in lines)
    assert env.observation_space("blue_1").contains(observations["blue_1"])
    hidden = squad_v0.parallel_env(2, 3, observation="text", mask_in="info", information="public")
    told = hidden.reset(seed=1)[0]["blue_1"].splitlines()
    heads = [line for line in told if line.startswith(("you:", "ally:", "opponent"))]
    assert [("sparks" in line) for line in heads] == [True, True, False, False, False]


def test_small_pictures_show_all_fighters():
    env = squad_v0.parallel_env(3, observation="pixels", mask_in="info", frame_stack=2)
    observations, _ = env.reset(seed=1)
    assert observations["red_2"].shape == (84, 84, 6)
    assert env.observation_space("red_2").contains(observations["red_2"])
    duel = squad_v0.parallel_env(1, 3, observation="pixels", mask_in="info")
    assert (duel.reset(seed=1)[0]["red_0"] != observations["red_0"][:, :, :3]).sum() > 500


def test_synctest_takes_teams(capsys):
    words = ["synctest", "--ticks", "4000", "--team-size", "2", "--enemy-size", "3"]
    assert cli.main(words) == 0
    assert "4,000 ticks" in capsys.readouterr().out


def test_an_unknown_argument_is_answered_with_each_allowed_one_once():
    with pytest.raises(TypeError, match="did you mean 'team_size'") as told:
        squad_v0.parallel_env(teamsize=3)
    allowed = str(told.value).split("allowed are ")[1].split(", ")
    assert len(allowed) == len(set(allowed))
