"""Buffs and debuffs: each of the 32 does something, and how they are given, shortened and ended."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move, op

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Direction, Effect, EntityKind, HitFlag, Op, Teleport

RULES = Rules()
FAR = 8000
SKILL = 2

SEEN: set[Effect] = set()
"""Effects whose behaviour a test here shows."""


def shows(*effects):
    """Mark a test as showing what effects do."""
    SEEN.update(effects)
    return lambda test: test


# ---- damage ----


def damage(*effects, **target):
    duel = Duel(character(chain=move(hit(damage=1000))))
    for seat, effect, power in effects:
        duel.give(seat, effect, power)
    duel.edit(1, **target) if target else None
    duel.tick(Button.ATTACK)
    duel.until_hit()
    return duel


@shows(Effect.MIGHT, Effect.FRAIL, Effect.GUARDED, Effect.EXPOSED)
@pytest.mark.parametrize(
    ("seat", "effect", "lost"),
    [
        (0, Effect.MIGHT, 1100),
        (0, Effect.FRAIL, 900),
        (1, Effect.GUARDED, 900),
        (1, Effect.EXPOSED, 1100),
    ],
)
def test_damage_effects(seat, effect, lost):
    assert damage((seat, effect, 100)).lost(1) == lost
    assert damage((1 - seat, effect, 100)).lost(1) == 1000


@shows(Effect.SHIELD)
def test_a_shield_absorbs_until_it_breaks():
    duel = damage((1, Effect.SHIELD, 1500))
    assert duel.lost(1) == 0
    assert duel[1]["effect_power"][Effect.SHIELD] == 500
    duel = damage((1, Effect.SHIELD, 600))
    assert duel.lost(1) == 400
    assert not duel.has(1, Effect.SHIELD)


@shows(Effect.ARMOUR)
def test_armour_takes_as_many_hits_as_it_has_stacks():
    duel = Duel(character(chain=move(hit(damage=1000, rehit=1), active=6)))
    duel.give(1, Effect.ARMOUR, power=1, stacks=2).tick(Button.ATTACK).tick(times=5)
    assert duel.states[1] is State.NEUTRAL
    assert duel.lost(1) == 1700
    duel.tick()
    assert duel.states[1] is State.HITSTUN
    assert not duel.has(1, Effect.ARMOUR)


def test_given_armour_takes_two_hits():
    skill = move(category=SKILL, ops=[op(Op.BUFF_SELF, Effect.ARMOUR, 60, 2)])
    duel = Duel(character(skill1=skill), gap=FAR).tick(Button.SKILL1)
    assert duel[0]["effect_stacks"][Effect.ARMOUR] == 2


@shows(Effect.THORNS)
def test_thorns_hurt_who_strikes_but_not_who_shoots():
    duel = damage((1, Effect.THORNS, 200))
    assert (duel.lost(0), duel.lost(1)) == (200, 1000)
    bolt = entity(EntityKind.PROJECTILE, vx=300, hit=hit(x0=-100, x1=100, damage=1000))
    duel = Duel(character(chain=move(spawn=bolt))).give(1, Effect.THORNS, 200)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert (duel.lost(0), duel.lost(1)) == (0, 1000)


@shows(Effect.LEECH)
def test_leech_heals_by_the_damage_dealt():
    duel = Duel(character(chain=move(hit(damage=1000)))).edit(0, hp=5000)
    duel.give(0, Effect.LEECH, 120).tick(Button.ATTACK)
    duel.until_hit()
    assert duel[0]["hp"] == 5120


@shows(Effect.MARKED)
def test_a_mark_strengthens_one_hit():
    duel = Duel(character(chain=move(hit(damage=1000, rehit=1), active=4)))
    duel.give(1, Effect.MARKED).tick(Button.ATTACK)
    duel.until_hit()
    assert duel.lost(1) == RULES.marked_damage
    assert not duel.has(1, Effect.MARKED)
    assert duel.tick().lost(1) == RULES.marked_damage + 1000


@shows(Effect.DEATHWARD)
def test_deathward_survives_one_lethal_hit():
    duel = Duel(character(chain=move(hit(damage=1000, rehit=1), active=4)))
    duel.edit(1, hp=800).give(1, Effect.DEATHWARD).tick(Button.ATTACK)
    duel.until_hit()
    assert duel[1]["hp"] == 1
    assert not duel.has(1, Effect.DEATHWARD)
    duel.tick()
    assert duel.state["is_over"]


# ---- movement and time ----


@shows(Effect.HASTE, Effect.SLOW, Effect.ROOT)
@pytest.mark.parametrize(
    ("effect", "power", "speed"),
    [(Effect.HASTE, 300, 130), (Effect.SLOW, 300, 70), (Effect.ROOT, 0, 0)],
)
def test_walking_effects(effect, power, speed):
    duel = Duel(gap=FAR).give(0, effect, power).hold(Direction.E, times=4)
    assert duel[0]["vx"] == speed


def test_who_is_rooted_may_attack_but_not_dash():
    dash = move(category=32, flags=32, aim=511)
    duel = Duel(character(trait=dash), gap=FAR).give(0, Effect.ROOT)
    assert duel.may(0, Button.ATTACK)
    assert not duel.may(0, Button.TRAIT)


@shows(Effect.TEMPO_UP, Effect.TEMPO_DOWN)
@pytest.mark.parametrize(
    ("effect", "ticks"), [(Effect.TEMPO_UP, 5 + 2 + 10), (Effect.TEMPO_DOWN, 15 + 2 + 30)]
)
def test_tempo_effects_change_normals(effect, ticks):
    duel = Duel(character(chain=move(startup=10, recovery=20)), gap=FAR)
    duel.give(0, effect, 500).tick(Button.ATTACK)
    assert duel.until(lambda d: d.states[0] <= State.WALK) == ticks


@shows(Effect.WEIGHTED, Effect.FEATHERLIGHT)
@pytest.mark.parametrize(("effect", "drop"), [(Effect.WEIGHTED, 52), (Effect.FEATHERLIGHT, 28)])
def test_gravity_effects(effect, drop):
    duel = Duel().edit(1, state=State.LAUNCHED, z=1000, vz=200).give(1, effect, 300).tick()
    assert duel[1]["vz"] == 200 - drop


@shows(Effect.REVERSED)
def test_reversed_walks_the_other_way():
    duel = Duel(gap=FAR).give(0, Effect.REVERSED).hold(Direction.NE, times=4)
    assert duel[0]["vx"] < 0
    assert duel[0]["vy"] < 0


@shows(Effect.QUICKEN, Effect.LAG)
@pytest.mark.parametrize(("effect", "ticks"), [(Effect.QUICKEN, 240), (Effect.LAG, 400)])
def test_cooldown_effects(effect, ticks):
    duel = Duel(character(skill1=move(category=SKILL, cooldown=300)), gap=FAR)
    duel.give(0, effect, 250).tick(Button.SKILL1)
    assert duel[0]["cooldown_until"][Button.SKILL1] == ticks


# ---- health and sparks over time ----


@shows(Effect.REGEN, Effect.BLEED, Effect.BURN, Effect.VENOM)
@pytest.mark.parametrize(
    ("effect", "stacks", "change"),
    [(Effect.REGEN, 1, 40), (Effect.BLEED, 1, -40), (Effect.BURN, 1, -40), (Effect.VENOM, 3, -120)],
)
def test_health_over_time(effect, stacks, change):
    duel = Duel(gap=FAR).edit(0, hp=5000).give(0, effect, 40, stacks=stacks)
    duel.tick(times=1 + 3 * RULES.dot_period)  # tick 0 counts too
    assert duel[0]["hp"] == 5000 + 4 * change


def test_bleeding_doubles_while_moving():
    duel = Duel(gap=FAR).give(0, Effect.BLEED, 40)
    duel.tick().hold(Direction.E, times=15)
    assert duel.lost(0) == 40 + 80


def test_venom_halves_healing():
    skill = move(category=SKILL, ops=[op(Op.HEAL, 100)])
    duel = Duel(character(skill1=skill), gap=FAR).edit(0, hp=5000).tick()
    duel.give(0, Effect.VENOM, 0).tick(Button.SKILL1)
    assert duel[0]["hp"] == 5500


@shows(Effect.SPARKFLOW, Effect.DRAIN)
def test_spark_effects():
    skill = move(category=SKILL, ops=[op(Op.GAIN_SPARK, 1000)])
    duel = Duel(character(skill1=skill), gap=FAR).give(0, Effect.SPARKFLOW, 500).tick(Button.SKILL1)
    assert duel[0]["spark"] == RULES.spark_start + 1500
    duel = Duel(gap=FAR).give(0, Effect.DRAIN, 300).tick(times=1 + RULES.dot_period)
    assert duel[0]["spark"] == RULES.spark_start - 2 * 300


# ---- control ----


def afflicted(effect, ticks=20, times=1, **fields):
    """Fighter 1 after op-codes gave it an effect."""
    skill = move(category=SKILL, ops=[op(Op.BUFF_TARGET, effect, ticks)] * times)
    duel = Duel(character(skill1=skill), character(skill1=move(category=SKILL)))
    duel.edit(1, **fields) if fields else None
    return duel.tick(Button.SKILL1)


@shows(Effect.STUN, Effect.FREEZE)
@pytest.mark.parametrize("effect", [Effect.STUN, Effect.FREEZE])
def test_stun_and_freeze_stop_a_fighter(effect):
    duel = afflicted(effect)
    assert duel.states[1] is State.FROZEN
    assert duel.until(lambda d: d.states[1] <= State.WALK) == 20 + 1


def test_a_hit_ends_a_freeze():
    duel = Duel(character(chain=move(hit(stun=3))))
    duel.give(1, Effect.FREEZE, ticks=60).edit(1, state=State.FROZEN, timer=60)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert not duel.has(1, Effect.FREEZE)
    assert duel.until(lambda d: d.states[1] <= State.WALK) == 4


@shows(Effect.HUSH, Effect.SEAL)
def test_hush_masks_skills_and_seal_the_slip():
    moves = {
        "skill1": move(category=SKILL),
        "ultimate": move(category=8),
        "trait": move(category=32),
    }
    duel = Duel(character(**moves), gap=FAR).give(0, Effect.HUSH)
    assert not duel.may(0, Button.SKILL1)
    assert not duel.may(0, Button.ULTIMATE)
    for button in (Button.ATTACK, Button.SCROLL, Button.TRAIT):
        assert duel.may(0, button)
    duel = Duel().edit(1, state=State.HITSTUN, timer=20)
    assert duel.may(1, Button.SLIP)
    assert not duel.give(1, Effect.SEAL).may(1, Button.SLIP)


def test_control_effects_shorten_each_other():
    lasted = []
    skill = move(category=SKILL, ops=[op(Op.BUFF_TARGET, Effect.ROOT, 20)], recovery=1, active=1)
    duel = Duel(character(skill1=skill), gap=FAR)
    for _ in range(4):
        duel.tick(Button.SKILL1)
        lasted.append(max(int(duel[1]["effect_until"][Effect.ROOT]) - duel.state["clock"] + 1, 0))
        duel.tick(times=30)
    assert lasted == [20, 12, 6, 0]
    duel.tick(times=RULES.control_window).tick(Button.SKILL1)
    assert duel[1]["effect_until"][Effect.ROOT] - duel.state["clock"] + 1 == 20


@shows(Effect.UNSTOPPABLE)
@pytest.mark.parametrize(
    "effect", [Effect.ROOT, Effect.STUN, Effect.FREEZE, Effect.HUSH, Effect.SEAL]
)
def test_unstoppable_refuses_each_control_effect(effect):
    skill = move(category=SKILL, ops=[op(Op.BUFF_TARGET, effect, 60)])
    for is_unstoppable in (False, True):
        duel = Duel(character(skill1=skill))
        if is_unstoppable:
            duel.give(1, Effect.UNSTOPPABLE)
        assert duel.tick(Button.SKILL1).has(1, effect) != is_unstoppable


def test_unstoppable_refuses_control_but_not_damage():
    duel = Duel(character(skill1=move(category=SKILL, ops=[op(Op.BUFF_TARGET, Effect.STUN, 20)])))
    duel.give(1, Effect.UNSTOPPABLE).tick(Button.SKILL1)
    assert duel.states[1] is State.NEUTRAL
    assert damage((1, Effect.UNSTOPPABLE, 0)).lost(1) == 1000


# ---- veil ----


@shows(Effect.VEIL)
def test_nobody_turns_to_a_veiled_fighter():
    duel = Duel().give(1, Effect.VEIL).edit(1, x=-2500).tick(times=3)
    assert duel[0]["facing"] == 1
    duel.hold(Direction.W)
    assert duel[0]["facing"] == -1  # it turns where it walks
    duel = Duel().edit(1, x=-2500).tick()
    assert duel[0]["facing"] == -1


def test_nothing_aims_at_a_veiled_fighter():
    seeker = entity(EntityKind.PROJECTILE, vx=50, turn=20, ttl=100, hit=hit())
    hound = entity(EntityKind.COMPANION, hp=100, speed=100, radius=300, hit=hit())
    blink = op(Op.TELEPORT, Teleport.BEHIND, 500)
    hex_ = op(Op.BUFF_TARGET, Effect.SLOW, 60, 300)
    for veiled in (False, True):
        duel = Duel(
            character(
                chain=move(spawn=seeker),
                skill1=move(category=SKILL, spawn=hound),
                skill2=move(category=SKILL, ops=[hex_, blink]),
            ),
            gap=FAR,
        )
        duel.edit(1, y=1500)
        if veiled:
            duel.give(1, Effect.VEIL)
        duel.tick(Button.ATTACK, times=14).tick(Button.SKILL1, times=14)
        assert [e["vy"] > 0 for e in duel.entities(0)] == [not veiled, not veiled]
        x = int(duel[0]["x"])
        duel.tick(Button.SKILL2)
        assert duel.has(1, Effect.SLOW) is not veiled
        assert (int(duel[0]["x"]) == x) is veiled


def test_every_effect_is_shown_to_do_something():
    assert SEEN == set(Effect)


# ---- giving, stacking, ending ----


def given(*effects, before=()):
    ops = [op(Op.BUFF_SELF, effect, ticks, power) for effect, ticks, power in effects]
    duel = Duel(character(skill1=move(category=SKILL, ops=ops)), gap=FAR)
    for effect, ticks, power in before:
        duel.give(0, effect, power, ticks)
    return duel.tick(Button.SKILL1)


def test_an_effect_lasts_as_declared():
    duel = given((Effect.MIGHT, 20, 100))
    assert duel.until(lambda d: not d.has(0, Effect.MIGHT)) == 20


def test_an_effect_given_again_is_refreshed():
    duel = given((Effect.MIGHT, 50, 80), before=[(Effect.MIGHT, 10, 200)])
    assert duel[0]["effect_until"][Effect.MIGHT] == 50
    assert duel[0]["effect_power"][Effect.MIGHT] == 80
    assert given((Effect.MIGHT, 5, 80), before=[(Effect.MIGHT, 50, 80)])[0]["effect_until"][0] == 50


def test_of_some_effects_the_strongest_counts():
    duel = given((Effect.HASTE, 50, 100), before=[(Effect.HASTE, 10, 300)])
    assert duel[0]["effect_power"][Effect.HASTE] == 300
    assert duel[0]["effect_until"][Effect.HASTE] == 10
    duel = given((Effect.HASTE, 50, 300), before=[(Effect.HASTE, 10, 100)])
    assert duel[0]["effect_power"][Effect.HASTE] == 300


def test_venom_stacks_to_five():
    duel = given(*[(Effect.VENOM, 60, 10)] * 7)
    assert duel[0]["effect_stacks"][Effect.VENOM] == 5


def test_no_more_than_max_effects_at_a_time():
    # not the shield, which the burn would break in the same tick
    effects = [effect for effect in Effect if effect is not Effect.SHIELD][: RULES.max_effects + 1]
    duel = given(*[(effect, 60, 10) for effect in effects])
    assert not duel.has(0, effects[-1])
    assert int(duel[0]["effects"]).bit_count() == RULES.max_effects


def test_cleanse_ends_debuffs_but_not_marks():
    skill = move(category=SKILL, ops=[op(Op.CLEANSE)])
    duel = Duel(character(skill1=skill), gap=FAR)
    for effect in (Effect.MIGHT, Effect.SLOW, Effect.VENOM, Effect.MARKED):
        duel.give(0, effect, 10)
    duel.tick(Button.SKILL1)
    assert {e for e in Effect if duel.has(0, e)} == {Effect.MIGHT, Effect.MARKED}


def test_dispel_ends_two_buffs_of_the_opponent():
    skill = move(category=SKILL, ops=[op(Op.DISPEL)])
    duel = Duel(character(skill1=skill), gap=FAR)
    for effect in (Effect.MIGHT, Effect.SLOW, Effect.HASTE, Effect.REGEN):
        duel.give(1, effect, 10)
    duel.tick(Button.SKILL1)
    assert {e for e in Effect if duel.has(1, e)} == {Effect.SLOW, Effect.REGEN}


def test_hits_give_effects():
    duel = Duel(character(chain=move(hit(effect=Effect.SLOW, effect_ticks=40, effect_power=250))))
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert duel[1]["effect_power"][Effect.SLOW] == 250
    assert duel.until(lambda d: not d.has(1, Effect.SLOW)) == 40


def test_what_armour_guard_or_safety_stops_gives_no_effect():
    venom = hit(effect=Effect.VENOM, effect_ticks=40, effect_power=5)
    duel = Duel(character(chain=move(venom))).give(1, Effect.ARMOUR, 2, stacks=2)
    duel.tick(Button.ATTACK).tick(times=6)
    assert duel.count(1, Count.ARMOURED) == 1
    assert not duel.has(1, Effect.VENOM)
    duel = afflicted(Effect.SLOW, invulnerable_until=50)
    assert not duel.has(1, Effect.SLOW)


def test_effects_end_with_a_knock_out():
    duel = Duel(character(chain=move(hit(damage=1000, flags=HitFlag.UNBLOCKABLE))))
    duel.give(1, Effect.MIGHT, 100).edit(1, hp=10).tick(Button.ATTACK)
    duel.until_state(1, State.KO)
    assert duel[1]["effects"] == 0
