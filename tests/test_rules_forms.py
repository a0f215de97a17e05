"""Forms, charges, markers, pushes, hovering: what buttons and places a move can change."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move, op

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Category, Direction, Effect, EntityKind, MoveFlag, Op

RULES = Rules()
SKILL = Category.SKILL
QUICK = {"startup": 2, "active": 1, "recovery": 2}


def changer(ticks, **form):
    """Skill 1 enters the form for so many ticks; its other buttons are as given."""
    to_form = move(category=SKILL, ops=[op(Op.FORM, ticks)], **QUICK)
    return character(skill1=to_form, form=form)


def test_a_form_changes_what_a_button_starts_until_its_time_is_over():
    strong = move(hit(damage=700))
    duel = Duel(changer(60, attack=strong)).tick(Button.SKILL1, times=8)
    assert duel[0]["form"] == 1
    duel.tick(Button.ATTACK).until_hit()
    assert duel.lost(1) == 700
    duel.until(lambda d: d[0]["form"] == 0)
    assert 55 <= int(duel.state["clock"]) <= 62
    duel.until_state(1, State.NEUTRAL)
    duel.place(1000).tick(Button.ATTACK).until_hit()
    assert duel.lost(1) == 800


def test_a_form_without_time_lasts_until_it_is_left():
    duel = Duel(changer(0, attack=move(hit(damage=700)))).tick(Button.SKILL1, times=300)
    assert duel[0]["form"] == 1
    duel.tick(Button.SKILL1, times=8)
    assert duel[0]["form"] == 0


def test_a_button_that_only_the_form_has_is_legal_only_there():
    duel = Duel(changer(0, trait=move(category=Category.TRAIT, **QUICK)))
    assert not duel.may(0, Button.TRAIT)
    duel.tick(Button.SKILL1, times=8)
    assert duel.may(0, Button.TRAIT)
    masks = duel.static(0)
    assert (Direction.NONE, Button.TRAIT) in masks


def test_a_form_keeps_the_buttons_it_does_not_change():
    duel = Duel(changer(0, trait=move(category=Category.TRAIT))).tick(Button.SKILL1, times=8)
    duel.tick(Button.ATTACK).until_hit()
    assert duel.lost(1) == 100


@pytest.mark.parametrize("charges", [1, 2, 3])
def test_charges_are_uses_before_the_cooldown_is_felt(charges):
    shot = move(category=SKILL, cooldown=200, charges=charges, **QUICK)
    duel = Duel(character(skill1=shot), gap=4000)
    used = 0
    while duel.may(0, Button.SKILL1):
        duel.tick(Button.SKILL1, times=8)
        used += 1
    assert used == charges
    waited = duel.until(lambda d: d.may(0, Button.SKILL1), limit=400)
    assert 200 - 8 * charges - 6 <= waited <= 200
    duel.tick(Button.SKILL1, times=8)
    assert not duel.may(0, Button.SKILL1)


def test_a_marker_is_left_first_and_returned_to_next():
    place = entity(EntityKind.MARKER)
    recall = move(category=SKILL, cooldown=300, ops=[op(Op.MARKER, place, 20)], **QUICK)
    duel = Duel(character(skill1=recall), gap=4000).tick(Button.SKILL1, times=8)
    (marker,) = duel.entities(0)
    assert marker["x"] == -2000
    assert 10 <= duel.until(lambda d: d.may(0, Button.SKILL1)) <= 20
    duel.edit(0, x=1000, y=300).tick(Button.SKILL1, times=8)
    assert (duel[0]["x"], duel[0]["y"]) == (-2000, 0)
    assert duel.entities(0) == []
    assert not duel.may(0, Button.SKILL1)


@pytest.mark.parametrize(("speed", "gap", "way"), [(90, 1500, 1), (-90, 1500, -1), (90, 2500, 0)])
def test_a_push_moves_the_opponent_within_its_distance(speed, gap, way):
    duel = Duel(
        character(skill1=move(category=SKILL, ops=[op(Op.PUSH, speed, 2000)], **QUICK)), gap=gap
    )
    before = int(duel[1]["x"])
    duel.tick(Button.SKILL1, times=20)
    moved = int(duel[1]["x"]) - before
    assert (moved > 0) - (moved < 0) == way
    assert way == 0 or abs(moved) > 200


def test_nothing_pushes_who_is_unstoppable():
    push = move(category=SKILL, ops=[op(Op.PUSH, 90, 2000)], **QUICK)
    duel = Duel(character(skill1=push), gap=1500).give(1, Effect.UNSTOPPABLE)
    before = int(duel[1]["x"])
    assert int(duel.tick(Button.SKILL1, times=20)[1]["x"]) == before


def hoverer():
    rise = move(
        category=SKILL,
        ops=[op(Op.BUFF_SELF, Effect.FEATHERLIGHT, 90, 900, at=2)],
        key_tick=(0, 2, -1, -1, -1, -1),
        key_vx=(0,) * 6,
        key_vz=(0, 300, 0, 0, 0, 0),
        startup=2,
        active=2,
        recovery=2,
    )
    shot = move(category=SKILL, flags=MoveFlag.AIR_OK, **QUICK)
    return character(skill1=rise, skill2=shot)


def test_a_hovering_fighter_stays_up_is_free_and_comes_down_at_the_end():
    duel = Duel(hoverer(), gap=4000).tick(Button.SKILL1, times=12)
    duel.tick(times=40)
    assert duel[0]["z"] > 700
    assert duel[0]["z"] <= RULES.hover_height + 300
    assert duel.states[0] in (State.NEUTRAL, State.WALK)
    assert duel.may(0, Button.SKILL2)
    assert not duel.may(0, Button.ATTACK)
    x = int(duel[0]["x"])
    assert int(duel.hold(Direction.W, times=5)[0]["x"]) < x
    duel.until(lambda d: d[0]["z"] == 0)
    assert int(duel.state["clock"]) > 90


def test_a_hovering_fighter_rises_no_further_from_its_height_on():
    for below, rises in ((1, True), (0, False)):
        height = RULES.hover_height - below
        duel = Duel(hoverer(), gap=4000).give(0, Effect.FEATHERLIGHT, 900)
        duel.edit(0, z=height, vz=300).tick()
        assert (duel[0]["z"] > height) == rises


def test_a_hit_knocks_a_hovering_fighter_down():
    tall = character(chain=move(hit(z1=3000)))
    duel = Duel(hoverer(), tall, gap=4000).tick(Button.SKILL1, times=12).place(900)
    duel.tick(0, Button.ATTACK).until_hit()
    assert not duel.has(0, Effect.FEATHERLIGHT)
    duel.until_state(0, State.KNOCKDOWN)


def test_a_skill_may_be_cancelled_into_the_chain_where_it_says_so():
    values = {"category": SKILL, "cancel_hit": int(Category.CHAIN), "cancel_from": 4}
    for cancels, landed in ((values, 2), ({"category": SKILL}, 1)):
        one = character(skill1=move(hit(stun=20), recovery=30, **cancels))
        duel = Duel(one).tick(Button.SKILL1)
        duel.until_hit()
        duel.tick(Button.ATTACK, times=10)
        assert duel.count(0, Count.HITS) == landed


def test_reversed_turns_the_aim_of_a_move():
    dash = move(
        category=SKILL, flags=MoveFlag.AIMED, aim=511, key_tick=(0, -1, -1, -1, -1, -1),
        key_vx=(200, 0, 0, 0, 0, 0), key_vz=(0,) * 6, **QUICK,
    )  # fmt: skip
    for is_reversed, way in ((False, 1), (True, -1)):
        duel = Duel(character(skill1=dash), gap=4000)
        if is_reversed:
            duel.give(0, Effect.REVERSED)
        x = int(duel[0]["x"])
        moved = int(duel.tick((Direction.E, Button.SKILL1), times=4)[0]["x"]) - x
        assert (moved > 0) - (moved < 0) == way


def test_deathward_is_had_once_in_a_match():
    ward = move(category=SKILL, ops=[op(Op.BUFF_SELF, Effect.DEATHWARD, 30)], **QUICK)
    duel = Duel(character(skill1=ward), gap=4000).tick(Button.SKILL1, times=8)
    assert duel.has(0, Effect.DEATHWARD)
    duel.tick(times=40)
    assert not duel.has(0, Effect.DEATHWARD)
    assert not duel.tick(Button.SKILL1, times=8).has(0, Effect.DEATHWARD)


def test_set_velocity_carries_a_fighter_on_after_its_move():
    leap = move(category=SKILL, ops=[op(Op.SET_VELOCITY, 150, 0)], **QUICK)
    duel = Duel(character(skill1=leap), gap=4000)
    x = int(duel[0]["x"])
    assert int(duel.tick(Button.SKILL1, times=20)[0]["x"]) - x > 500
