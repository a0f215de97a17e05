"""From keys to what fighters do, through the same path as a person's keys."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pygame
import pytest

from cam_arena import Match, load_roster
from cam_arena._core import NUM_ACTIONS, NUM_BUTTONS
from cam_arena.game.actions import action_id
from cam_arena.render.frame import State
from cam_arena.render.keyboard import ONE_PLAYER, TWO_PLAYERS, Player
from cam_arena.roster.codes import Button, Direction

ROSTER = load_roster()
BUTTONS = {button: key for key, button in ONE_PLAYER.buttons.items()}
HELD = {
    Direction.E: (pygame.K_d,),
    Direction.NE: (pygame.K_d, pygame.K_w),
    Direction.N: (pygame.K_w,),
    Direction.NW: (pygame.K_a, pygame.K_w),
    Direction.W: (pygame.K_a,),
    Direction.SW: (pygame.K_a, pygame.K_s),
    Direction.S: (pygame.K_s,),
    Direction.SE: (pygame.K_d, pygame.K_s),
}


def press(player: Player, *keys: int) -> None:
    for key in keys:
        player.take(pygame.event.Event(pygame.KEYDOWN, key=key))


def release(player: Player, *keys: int) -> None:
    for key in keys:
        player.take(pygame.event.Event(pygame.KEYUP, key=key))


def situations(every: int) -> Iterator[tuple[str, bytes]]:
    """For every so many characters a moment at which all is ready, and one amid a fight."""
    calm = Match(frame_skip=6, characters=0, observation="tiny")
    fight = Match(frame_skip=1, characters=0, observation="tiny")
    rng = np.random.default_rng(0)
    forward_or_attack = [Direction.E * NUM_BUTTONS, int(Button.ATTACK)]
    for character in ROSTER.characters[::every]:
        pair = {"characters": (character.name, character.name)}
        calm.reset(character.index, pair)
        for _ in range(220):  # until there are sparks
            calm.step([0, 0])
        yield character.name, calm.snapshot()
        fight.reset(character.index, pair)
        for action in rng.choice(forward_or_attack, (60, 2)):
            fight.step(action)
        yield character.name, fight.snapshot()


@pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.slow)])
def test_a_held_direction_never_takes_a_press_away(every: int) -> None:
    keyboard = Match(frame_skip=1, characters=0, observation="tiny")
    # Directions and buttons are apart here: the simulation drops a direction that is not read.
    core = Match(frame_skip=1, characters=0, observation="tiny", action_space="multi_discrete")
    came_out, directed = dict.fromkeys(BUTTONS, 0), dict.fromkeys(BUTTONS, 0)
    for name, moment in situations(every):
        keyboard.restore(moment)
        mask = keyboard.action_mask(0)
        outcomes: dict[int, int] = {}
        for (direction, keys), (button, key) in product(HELD.items(), BUTTONS.items()):
            player = Player(ONE_PLAYER, mirrored=False)
            press(player, *keys, key)
            action = player.action(mask)
            if action not in outcomes:
                keyboard.restore(moment)
                keyboard.step([action, 0])
                outcomes[action] = keyboard.hash()
            core.restore(moment)
            core.step([[direction, button if mask[button] else Button.NONE], [0, 0]])
            assert outcomes[action] == core.hash(), f"{name}: {direction!r} and {button!r}"
            came_out[button] += int(mask[button])
            directed[button] += action == action_id(direction, button)
    presses = len(HELD) * len(ROSTER) // every
    for button in (Button.ATTACK, Button.SKILL1, Button.SKILL2, Button.ULTIMATE, Button.SCROLL):
        assert came_out[button] >= 0.7 * presses, f"{button!r} is legal where all is ready"
    assert came_out[Button.SLIP] and came_out[Button.TRAIT]
    assert directed[Button.SKILL1] + directed[Button.SKILL2] > 0


@pytest.mark.parametrize(("seat", "key"), [(0, pygame.K_d), (1, pygame.K_LEFT)])
def test_walking_forward_does_not_stop_an_attack(seat: int, key: int) -> None:
    keys = TWO_PLAYERS[seat]
    attack = next(key for key, button in keys.buttons.items() if button is Button.ATTACK)
    match = Match(3, frame_skip=1, characters=("Romnar Basalt", "Romnar Basalt"))
    player = Player(keys, mirrored=seat == 1)
    press(player, key)
    walks = player.action(match.action_mask(seat))
    match.step([walks, 0] if seat == 0 else [0, walks])
    press(player, attack)
    action = player.action(match.action_mask(seat))
    match.step([action, 0] if seat == 0 else [0, action])
    fighter = match.state["fighters"][seat]
    assert (walks, action) == (action_id(Direction.E, Button.NONE), Button.ATTACK)
    assert fighter["state"] == State.STARTUP and match.illegal_actions == (0, 0)


def test_a_press_that_is_refused_does_not_stop_the_walk() -> None:
    match = Match(3, frame_skip=1, characters=0)
    player = Player(ONE_PLAYER, mirrored=False)
    press(player, pygame.K_d, pygame.K_i)
    assert not match.action_mask(0)[Button.ULTIMATE]
    match.step([player.action(match.action_mask(0)), 0])
    assert match.state["fighters"][0]["state"] == State.WALK and match.illegal_actions == (0, 0)


def test_a_charge_is_let_go_by_its_own_key() -> None:
    mask = np.ones(NUM_ACTIONS, np.int8)
    player = Player(ONE_PLAYER, mirrored=False)
    press(player, pygame.K_k)
    assert player.action(mask) == Button.SKILL1
    press(player, pygame.K_j)
    release(player, pygame.K_j)
    player.action(mask, Button.SKILL1)
    assert player.action(mask, Button.SKILL1) == Button.NONE, "K is still down"
    release(player, pygame.K_k)
    assert player.action(mask, Button.SKILL1) == Button.RELEASE
