"""Grabs: what they take, how they hold and let go, and what beats them."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, EntityKind, HitFlag, Impact

RULES = Rules()
SKILL = 2


def grab(release=True, **values):
    """A grab at tick 6 that strikes the held fighter at 10 and throws it at 14."""
    hits = [
        hit(flags=HitFlag.GRAB, damage=0, impact=Impact.NONE, **{"from": 6, "to": 8}),
        hit(flags=HitFlag.HELD, damage=200, **{"from": 10, "to": 11}),
    ]
    if release:
        flags = HitFlag.HELD | HitFlag.RELEASE
        throw = {"impact": Impact.LAUNCH, "knock_x": 100, "knock_z": 300, "damage": 500}
        hits.append(hit(flags=flags, **throw, **{"from": 14, "to": 15}))
    return move(*hits, category=SKILL, startup=6, active=10, recovery=10, **values)


def grabbed(two=None, **values):
    duel = Duel(character(skill1=grab(**values)), two)
    duel.tick(Button.SKILL1)
    duel.until_state(1, State.GRABBED, limit=8)
    return duel


def test_a_grab_holds_strikes_and_throws():
    duel = grabbed()
    assert duel.count(0, Count.GRABS) == 1
    assert (duel[0]["grabbing"], duel[1]["grabbed_by"]) == (1, 0)
    assert duel.lost(1) == 0
    duel.tick()
    assert duel[1]["x"] - duel[0]["x"] == RULES.grab_distance
    assert duel[1]["facing"] == -1
    assert duel.until(lambda d: d.lost(1) == 200) == 10 - 6 - 1
    assert duel.states[1] is State.GRABBED
    assert duel.until_state(1, State.LAUNCHED) == 4
    assert duel.lost(1) == 700
    assert (duel[0]["grabbing"], duel[1]["grabbed_by"]) == (-1, -1)
    assert (duel[1]["vx"], duel[1]["vz"]) == (100, 300)


def test_a_held_fighter_can_do_nothing():
    duel = grabbed(two=character(skill1=move(category=SKILL)))
    assert duel.legal(1) == {(0, 0)}


def test_a_grab_without_a_throw_lets_go_at_its_end():
    duel = grabbed(release=False)
    duel.until_state(1, State.HITSTUN)
    assert duel.states[0] <= State.WALK
    assert duel.until(lambda d: d.states[1] <= State.WALK) == RULES.tech_ticks + 1


def test_grabs_that_meet_are_teched():
    both = character(skill1=grab())
    duel = Duel(both, both)
    duel.tick(Button.SKILL1, Button.SKILL1).tick(times=6)
    assert duel.states == (State.HITSTUN, State.HITSTUN)
    assert duel[0]["vx"] < 0 < duel[1]["vx"]
    stop = 6  # both stand still before they reel
    assert duel.until_state(0, State.NEUTRAL, State.WALK) == stop + RULES.tech_ticks + 1
    assert duel.states[1] <= State.WALK
    assert duel.lost(0) == duel.lost(1) == 0


def test_a_strike_in_the_same_tick_beats_a_grab():
    strike = move(hit(damage=300), startup=6)
    duel = Duel(character(skill1=grab()), character(chain=strike))
    duel.tick(Button.SKILL1, Button.ATTACK).tick(times=8)
    assert duel.states[0] is State.HITSTUN
    assert duel.count(0, Count.GRABS) == 0


@pytest.mark.parametrize(
    "stance",
    [
        {"armour_level": 4, "armour_from": 0, "armour_to": 30},
        {"guard_from": 0, "guard_to": 30},
        {"parry_from": 0, "parry_to": 30},
    ],
    ids=["armour", "guard", "parry"],
)
def test_grabs_beat_stances(stance):
    two = character(skill1=move(category=SKILL, startup=1, active=30, **stance))
    duel = Duel(character(skill1=grab()), two)
    duel.tick(Button.SKILL1, Button.SKILL1).tick(times=6)
    assert duel.states[1] is State.GRABBED


@pytest.mark.parametrize(
    "fields",
    [
        {"z": 300, "vz": 300, "state": State.LAUNCHED},
        {"grab_safe_until": 30},
        {"invulnerable_until": 30},
        {"state": State.HITSTUN, "timer": 30},
        {"state": State.KNOCKDOWN, "timer": 30},
    ],
    ids=["airborne", "just out of a stun", "invulnerable", "stunned", "lying"],
)
def test_grabs_miss(fields):
    duel = Duel(character(skill1=grab())).edit(1, **fields)
    duel.tick(Button.SKILL1).tick(times=8)
    assert duel.count(0, Count.GRABS) == 0


def test_a_string_may_end_in_a_grab():
    seize = hit(flags=HitFlag.GRAB, impact=Impact.NONE, **{"from": 6, "to": 8})
    string = move(hit(stun=20, **{"from": 4, "to": 5}), seize, category=SKILL, active=12)
    duel = Duel(character(skill1=string))
    duel.tick(Button.SKILL1).tick(times=6)
    assert duel.states[1] is State.GRABBED


def test_stuns_end_in_a_moment_safe_from_grabs():
    duel = Duel().edit(1, state=State.HITSTUN, timer=0).tick()
    assert duel[1]["grab_safe_until"] == duel.state["clock"] - 1 + RULES.grab_safe_ticks


def test_who_holds_lets_go_when_struck():
    duel = grabbed()
    duel.edit(0, state=State.HITSTUN, timer=20, move=-1, move_tick=0).tick()
    assert duel.states[1] is State.HITSTUN
    assert duel[1]["grabbed_by"] == -1


def test_a_throw_without_impact_lets_go_as_well():
    flags = HitFlag.HELD | HitFlag.RELEASE
    seize = hit(flags=HitFlag.GRAB, damage=0, impact=Impact.NONE)
    soft = hit(flags=flags, impact=Impact.NONE, **{"from": 5, "to": 6})
    duel = Duel(character(skill1=move(seize, soft, category=SKILL, active=4)))
    duel.tick(Button.SKILL1, times=6)
    assert duel.states[1] is State.HITSTUN


def with_a_pool(two, presses, **values):
    """Fighter 0 grabs at tick 6, and its pool under fighter 1 first strikes in the same tick."""
    box = {"x0": -400, "x1": 400, "z0": 0, "rehit": 20, "damage": 200, "stun": 30} | values
    pool = entity(EntityKind.ZONE, offset_x=1000, arm_ticks=6, hits=9, hit=hit(**box))
    duel = Duel(character(skill1=grab(spawn=pool)), two)
    return duel.tick(Button.SKILL1, presses, times=7)


def test_a_pool_that_only_hurts_does_not_free_the_held():
    duel = with_a_pool(character(), 0, impact=Impact.NONE)
    assert (duel.states[1], duel.lost(1)) == (State.GRABBED, 200)
    assert duel.until_state(1, State.LAUNCHED) == 8


def test_a_guard_seized_in_the_tick_of_a_hit_is_held():
    guard = move(category=32, startup=1, active=40, guard_from=0, guard_to=40)
    duel = with_a_pool(character(trait=guard), Button.TRAIT)
    assert (duel.states[1], duel.lost(1)) == (State.GRABBED, 20)


@pytest.mark.parametrize("seat", [0, 1])
def test_a_grabber_that_a_wall_crowds_off_the_stage_holds_at_the_same_distance(seat):
    crowding = entity(EntityKind.WALL, offset_x=1200, hp=9000, radius=200, body_height=2000)
    fighters = [character(skill1=grab()), character(skill1=move(category=SKILL, spawn=crowding))]
    duel = Duel(*(fighters if seat == 0 else fighters[::-1]))
    side, other = 1 if seat == 0 else -1, 1 - seat
    edge = -side * RULES.stage_half_x
    duel.edit(seat, x=edge).edit(other, x=edge + side * 1600)
    presses = [0, 0]
    presses[other] = Button.SKILL1
    duel.tick(*presses).tick(times=12)
    (stands,) = duel.entities(other)
    assert abs(stands["x"] - edge) < 200 + RULES.push_x  # it pushes outwards
    duel.edit(other, x=edge + side * 900)
    presses[seat], presses[other] = Button.SKILL1, 0
    duel.tick(*presses)
    duel.until_state(other, State.GRABBED, limit=8)
    for _ in range(5):
        duel.tick()
        assert duel[seat]["x"] == edge
        assert duel[other]["x"] - edge == side * RULES.grab_distance
