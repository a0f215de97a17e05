"""What the masks call legal is legal, for every character, and idle always is."""

import numpy as np
import pytest

import cam_arena
from cam_arena import Match, _core

COUNT_ILLEGAL = 10  # CAM_COUNT_ILLEGAL


def illegal_counts(vec):
    return [
        vec.state(match)["fighters"]["counts"][:, COUNT_ILLEGAL] for match in range(vec.num_matches)
    ]


def begin_with_every_character(vec):
    """Begin 304 matches in which every character sits on each side once."""
    vec.reset(seed=0)
    count = len(vec.roster)
    for match in range(count):
        pair = (match, (7 * match + 1) % count)  # 304 and 7 have no common factor
        rows = np.repeat(np.arange(count) == match, 2)
        vec.reset(seed=match, options={"characters": pair, "reset_mask": rows})
    seats = np.array([vec.state(match)["fighters"]["character"] for match in range(count)])
    assert all(set(seat.tolist()) == set(range(count)) for seat in seats.T)


def legal_choices(masks, rng):
    """Draw one legal action a row, each with equal chance."""
    return (masks * (1.0 + rng.random(masks.shape, np.float32))).argmax(axis=1)


@pytest.mark.parametrize(
    "options",
    [{"loadout": "paper"}, {"loadout": "trio", "frame_skip": 2}, {"frame_skip": 6}],
    ids=str,
)
def test_legal_actions_of_all_304_characters_on_each_side_are_never_counted_as_illegal(options):
    """A million decisions in all; a match is looked at before its next begins."""
    matches, steps = 304, 560
    vec = cam_arena.make_vec(
        matches, autoreset_mode="Disabled", mask_in="none", observation="tiny", **options
    )
    begin_with_every_character(vec)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        masks = vec.action_masks
        assert masks[:, 0].all()
        _, _, terminated, truncated, infos = vec.step(legal_choices(masks, rng))
        over = terminated | truncated
        if over.any():
            for match in np.flatnonzero(over[::2]):
                assert not vec.state(match)["fighters"]["counts"][:, COUNT_ILLEGAL].any()
            assert not infos["illegal_action"].any()
            vec.reset(options={"reset_mask": over})
    assert not np.any(illegal_counts(vec))


def test_pairs_of_legal_parts_are_legal_for_all_304_characters_on_each_side():
    vec = cam_arena.make_vec(
        304,
        action_space="multi_discrete",
        mask_in="none",
        observation="tiny",
        autoreset_mode="Disabled",
    )
    begin_with_every_character(vec)
    rng = np.random.default_rng(0)
    for _ in range(150):
        masks = vec.action_masks
        actions = np.stack(
            [legal_choices(masks[:, :9], rng), legal_choices(masks[:, 9:], rng)], axis=1
        )
        over = vec.step(actions)[2]
        if over.any():
            vec.reset(options={"reset_mask": over})
    assert not np.any(illegal_counts(vec))


def test_forbidden_actions_are_counted_and_do_no_harm():
    vec = cam_arena.make_vec(64, mask_in="none", max_seconds=10)
    vec.reset(seed=0)
    rng = np.random.default_rng(0)
    for step in range(1, 90):
        forbidden = legal_choices(1 - vec.action_masks, rng)
        assert not vec.action_masks[np.arange(128), forbidden].any()
        *_, infos = vec.step(forbidden)
        assert (infos["illegal_action"] == step).all()
    assert (np.array(illegal_counts(vec)) == step).all()
    assert all(vec.batch.check(match) == "" for match in range(64))


def test_static_mask_is_what_each_of_all_304_characters_owns():
    roster = cam_arena.load_roster()
    buttons = {"attack": 1, "skill1": 2, "skill2": 3, "ultimate": 4, "scroll": 6, "trait": 10}
    for character in roster:
        match = Match(characters=character.index, loadout="trio")
        mask = match.static_mask(0).reshape(_core.NUM_DIRECTIONS, _core.NUM_BUTTONS).any(axis=0)
        for name, button in buttons.items():
            assert mask[button] == (name in character.moves), (character.name, name)
        match = Match(characters=character.index)
        mask = match.static_mask(0).reshape(_core.NUM_DIRECTIONS, _core.NUM_BUTTONS).any(axis=0)
        assert mask[7:10].tolist() == [True, False, False]


def test_masks_lie_within_the_static_mask_for_all_304_characters_on_each_side():
    vec = cam_arena.make_vec(304, mask_in="none", observation="tiny")
    begin_with_every_character(vec)
    rng = np.random.default_rng(1)
    static = np.empty((304, 2, _core.NUM_ACTIONS), np.int8)
    for _ in range(100):
        vec.batch.static_masks(static)
        assert (vec.action_masks <= static.reshape(608, -1)).all()
        vec.step(legal_choices(vec.action_masks, rng))
