"""Text: what an agent sees in words, and actions in words."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test

import cam_arena
from cam_arena import Match, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.game.actions import action_id, action_name
from cam_arena.game.text import MAX_LENGTH, describe, parse_text_action, text_action
from cam_arena.roster.codes import Button, Direction

ROSTER = cam_arena.load_roster()


ALL = np.ones(108, np.int8)  # a mask that allows everything


def legal_moves(text):
    """The names in the last line."""
    return text.splitlines()[-1].removeprefix("legal: ").split(", ")


def test_every_action_there_and_back():
    assert len({text_action(action) for action in range(108)}) == 108
    for action in range(108):
        assert parse_text_action(text_action(action), ALL) == action
        assert parse_text_action(action_name(action), ALL) == action
    assert text_action(0) == "idle"
    skill = action_id(Direction.E, Button.SKILL1)
    assert parse_text_action("forward skill1", ALL) == skill
    assert parse_text_action("  Skill1, FORWARD ", ALL) == skill
    assert parse_text_action("forward-away + companion_a", ALL) == action_id(2, Button.COMPANION_A)


@pytest.mark.parametrize("space", ["discrete", "own", "multi_discrete"])
def test_forward_attack_attacks(space):
    attacks = 0
    for character in range(0, len(ROSTER), 16):
        env = duel_v0.parallel_env(
            observation="text", characters=(character, 3), action_space=space, frame_skip=1
        )
        seen, _ = env.reset(seed=0)
        own = env.own_actions("fighter_0") if space == "own" else None
        mask = seen["fighter_0"]["action_mask"]
        env.step({"fighter_0": parse_text_action("forward attack", mask, space, own),
                  "fighter_1": [0, 0] if space == "multi_discrete" else 0})  # fmt: skip
        fighter = env.match.state["fighters"][0]
        attacks += ROSTER.moves[int(fighter["move"])].name == ROSTER[character].chain[0].name
        assert env.match.illegal_actions == (0, 0)
    assert attacks == 19


def test_what_is_illegal_stays_as_it_was_named():
    match = Match(0, characters=(3, 4))
    mask = match.action_mask(0)  # in the opening nothing but the attack is ready
    for name in ("forward skill1", "skill1", "back slip"):
        action = parse_text_action(name, mask)
        assert text_action(action) == name and not mask[action]


def test_actions_of_other_spaces():
    action = parse_text_action("back attack", np.ones(21, np.int8), "multi_discrete")
    assert action.tolist() == [Direction.W, Button.ATTACK]
    match = Match(0, characters=(3, 4), action_space="own", observation="text")
    table = match.own_actions(0)
    mask = match.action_mask(0)
    own = parse_text_action("skill2", mask, "own", table)
    assert table[own] == Button.SKILL2
    with pytest.raises(ValueError, match="no action of this fighter"):
        parse_text_action("companion c", mask, "own", table)
    with pytest.raises(TypeError, match="own_actions"):
        parse_text_action("skill2", mask, "own")
    with pytest.raises(ValueError, match=r"action_mask must have 108 entries.*shape \(21,\)"):
        parse_text_action("skill2", np.ones(21, np.int8))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("forward skil1", ValueError, "did you mean 'forward skill1'"),
        ("dance", ValueError, "an action is a direction .forward, back"),
        ("forward back", ValueError, "is no action"),
        ("", ValueError, "is no action"),
        (13, TypeError, "string"),
    ],
)
def test_what_is_no_action(text, error, words):
    with pytest.raises(error, match=words):
        parse_text_action(text, ALL)
    with pytest.raises(ValueError, match=r"0\.\.107"):
        text_action(108)


def test_a_text_says_what_is_there():
    match = Match(0, characters=(3, 4), observation="text")
    text = match.observe("fighter_0")
    own, other = (ROSTER.characters[i] for i in (3, 4))
    assert isinstance(text, str)
    assert text.startswith("time left 60.0 s\n")
    assert f"you: {own.name}, HP 100%" in text and f"opponent: {other.name}, HP 100%" in text
    assert "sparks 2.00 of 4" in text
    assert f"skill1 = {own.moves['skill1'].name} (in 0.5 s)" in text
    for _ in range(5):  # the opening, in which nothing but attacks is ready
        match.step([0, 0])
    text = match.observe("fighter_0")
    for button in ("skill1", "skill2", "ultimate"):
        assert f"{button} = {own.moves[button].name} (ready)" in text
    assert "+5." in text.partition("the opponent is")[2].partition(" forward")[0]
    assert match.observe("fighter_1").startswith("time left 59.5 s\nyou: " + other.name)


def test_a_text_follows_the_match():
    match = Match(1, characters=(3, 4), observation="text")
    texts, longest = [], 0
    rng = np.random.default_rng(0)
    while not match.is_over:
        for seat in range(2):
            text, mask = match.observe(seat), match.action_mask(seat)
            legal = [parse_text_action(name, mask) for name in legal_moves(text)]
            assert sorted(legal) == np.flatnonzero(mask).tolist()
            longest = max(longest, len(text))
        texts.append(text)
        match.step([int(rng.choice(np.flatnonzero(mask))) for mask in match.action_masks()])
    everything = "\n".join(texts)
    for words in ("walking", "starting", "striking with", "recovering", "stunned", "slip (in"):
        assert words in everything, words
    assert "s), " in everything or "s); " in everything
    assert any(entity.name in everything for entity in ROSTER.entity_types)
    assert longest < MAX_LENGTH
    share = int(match.state["fighters"]["hp"][0]) / 100
    assert share != 100 and match.observe(0) != texts[0]


def test_playing_by_words():
    env = duel_v0.parallel_env(observation="text", mask_in="none", characters=(3, 4))
    observations, _ = env.reset(seed=0)
    match = Match(0, characters=(3, 4))
    for _ in range(30):
        words = {
            agent: next(m for m in reversed(legal_moves(text)) if m.startswith(("forward", "att")))
            if any(m.startswith(("forward", "att")) for m in legal_moves(text))
            else "idle"
            for agent, text in observations.items()
        }
        actions = {agent: parse_text_action(text, ALL) for agent, text in words.items()}
        match.step(actions)
        observations = env.step(actions)[0]
    assert env.match.hash() == match.hash()
    assert env.match.illegal_actions == (0, 0)


@pytest.mark.filterwarnings("ignore::UserWarning")  # PettingZoo and SB3 advise Box spaces
def test_spaces_and_conformance():
    options = {"observation": "text", "characters": (3, 4), "max_seconds": 2}
    env = duel_v0.parallel_env(**options)
    space = env.observation_space("fighter_0")
    assert isinstance(space["observation"], spaces.Text)
    assert space.contains(env.reset(seed=0)[0]["fighter_0"])
    for character in range(len(ROSTER)):
        text = Match(0, observation="text", characters=character).observe(0)
        assert space["observation"].contains(text)
    parallel_api_test(duel_v0.parallel_env(**options), num_cycles=30)
    # PettingZoo's api_test asks what is seen for its dtype, which a str has not: play instead.
    turns = duel_v0.env(**options)
    turns.reset(seed=0)
    for agent in turns.agent_iter():
        seen, _, terminated, truncated, _ = turns.last()
        assert turns.observation_space(agent).contains(seen)
        turns.step(None if terminated or truncated else int(seen["action_mask"].nonzero()[0][-1]))
    assert not turns.agents
    check_env(DuelEnv(**options), skip_render_check=True)
    check_env(DuelEnv(**options, mask_in="none"), skip_render_check=True)


@pytest.mark.parametrize("extra", [{}, {"information": "public"}, {"latency": "human"}], ids=str)
def test_the_same_in_every_interface(extra):
    options = {"observation": "text", "characters": (3, 4), **extra}
    match, parallel, aec = (
        Match(5, **options),
        duel_v0.parallel_env(**options),
        duel_v0.env(**options),
    )
    asked = []
    single = DuelEnv(opponent=lambda text, mask: asked.append(text) or 13, **options)
    vec = cam_arena.make_vec(2, **options)
    seen = parallel.reset(seed=5)[0]
    aec.reset(seed=5)
    alone = single.reset(seed=5)[0]
    rows = vec.reset(seed=5)[0]
    for _ in range(15):
        for seat, agent in enumerate(("fighter_0", "fighter_1")):
            text = match.observe(seat)
            assert seen[agent]["observation"] == text == aec.observe(agent)["observation"]
            assert rows["observation"][seat] == text
        assert vec.observation_space.contains(rows)
        assert alone["observation"] == match.observe(0)
        last = match.observe(1)
        match.step([13, 13])
        seen = parallel.step({"fighter_0": 13, "fighter_1": 13})[0]
        aec.step(13)
        aec.step(13)
        alone = single.step(13)[0]
        assert asked[-1] == last
        rows = vec.step(np.full(4, 13))[0]


def test_a_finished_match_tells_its_last_text():
    vec = cam_arena.make_vec(
        1, observation="text", autoreset_mode="SameStep", max_cycles=2, mask_in="none"
    )
    vec.reset(seed=0)
    vec.step(np.zeros(2, int))
    texts, _, _, _, infos = vec.step(np.zeros(2, int))
    assert infos["final_obs"][0].startswith("time left 59.8 s")
    assert texts[0].startswith("time left 60.0 s")


def test_public_texts_tell_no_secrets():
    full, public = (
        Match(0, characters=(3, 4), observation="text", information=information)
        for information in ("full", "public")
    )
    assert full.observe(0).count("sparks") == 2
    assert public.observe(0).count("sparks") == 1
    its = public.observe(0).partition("its buttons: ")[2].partition("\n")[0]
    assert "scroll" not in its and "companion" not in its and "ready" not in its
    assert "skill1 = " in its
    while not public.action_mask(1)[Button.SCROLL]:
        public.step([0, 0])
    public.step([0, Button.SCROLL])
    assert "scroll = " in public.observe(0).partition("its buttons: ")[2].partition("\n")[0]


def test_what_texts_cannot_be():
    with pytest.raises(ValueError, match="frame_stack must be 1 with observation 'text'"):
        Match(0, observation="text", frame_stack=2)


def test_sb3_cannot_read_texts():
    sb3 = pytest.importorskip("cam_arena.integrations.sb3", exc_type=ImportError)
    with pytest.raises(ValueError, match=r"cannot read texts.*make_vec"):
        sb3.SB3VecEnv(2, observation="text")


def test_saved_and_copied():
    match = Match(0, observation="text")
    match.step([13, 13])
    assert match.clone().observe(0) == match.observe(0)


def test_buttons_go_by_the_moves_of_the_form():
    name, button = next(
        (character.name, button)
        for character in ROSTER.characters
        if character.form is not None
        for button in ("skill1", "skill2", "ultimate", "trait")
        if button in character.form and character.form[button] != character.moves.get(button)
    )
    match = Match(0, characters=(name, 0))
    states = {form: match.state.copy() for form in (0, 1)}
    lines = {}
    for form, state in states.items():
        state["fighters"]["form"][0] = form
        text = describe(state, ROSTER, 0, match.action_masks()[0])
        lines[form] = next(line for line in text.splitlines() if line.startswith("your buttons"))
    assert ROSTER[name].form[button].name in lines[1]
    assert ROSTER[name].form[button].name not in lines[0]
