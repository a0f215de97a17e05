"""Sparks and what they buy: gains, ultimates and their freeze, and the op-codes that touch them."""

import pytest
from small_roster import Duel, State, character, entity, hit, move, op

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Category, Effect, EntityKind, MoveFlag, Op

RULES = Rules()
START = RULES.spark_start
FAR = 8000


def gained(duel, seat=0):
    return int(duel[seat]["spark"]) - START


@pytest.mark.parametrize(
    ("values", "gain"),
    [
        ({"category": Category.CHAIN}, 0),
        ({"category": Category.CHAIN, "flags": MoveFlag.FINISHER}, RULES.spark_finisher),
        ({"category": Category.SKILL}, RULES.spark_skill),
        ({"category": Category.SCROLL}, RULES.spark_scroll),
        ({"category": Category.TRAIT}, 0),
    ],
    ids=["chain", "finisher", "skill", "scroll", "trait"],
)
def test_the_first_connect_earns_sparks(values, gain):
    used = move(hit(rehit=1, stun=20), **values, active=4)
    duel = Duel(character(chain=used)).tick(Button.ATTACK)
    duel.until_hit()
    duel.tick(times=4)
    assert gained(duel) == gain


def test_a_guarded_skill_earns_nothing():
    guard = move(category=32, startup=1, active=40, guard_from=0, guard_to=40)
    duel = Duel(character(skill1=move(hit(), category=Category.SKILL)), character(trait=guard))
    duel.tick(Button.SKILL1, Button.TRAIT).tick(times=8)
    assert gained(duel) == 0


def test_what_a_skill_throws_earns_what_its_hit_says():
    bolt = entity(EntityKind.PROJECTILE, vx=300, hit=hit(x0=-100, x1=100, spark_gain=700))
    duel = Duel(character(skill1=move(category=Category.SKILL, spawn=bolt)))
    duel.tick(Button.SKILL1)
    duel.until_hit()
    assert gained(duel) == 700


def test_taking_damage_earns_sparks():
    duel = Duel(character(chain=move(hit(damage=RULES.spark_hurt_hp)))).tick(Button.ATTACK)
    duel.until_hit()
    assert gained(duel, 1) == 1000


def test_waiting_earns_sparks():
    duel = Duel(gap=FAR).tick(times=RULES.spark_period)
    assert gained(duel) == 0
    duel.tick()
    assert gained(duel) == 1000


@pytest.mark.parametrize("rate", [800, 1250])
def test_gains_are_scaled_by_the_characters_rate(rate):
    skill = move(hit(), category=Category.SKILL)
    duel = Duel(character(skill1=skill, spark_rate=rate)).tick(Button.SKILL1)
    duel.until_hit()
    assert gained(duel) == RULES.spark_skill * rate // 1000


def test_sparks_stop_at_sixteen_quarters():
    duel = Duel(gap=FAR).edit(0, spark=15900).tick(times=RULES.spark_period + 1)
    assert duel[0]["spark"] == 16000


def ultimate(**values):
    return move(hit(damage=900), category=Category.ULTIMATE, spark_cost=8000, freeze=8, **values)


def test_an_ultimate_costs_sparks():
    duel = Duel(character(ultimate=ultimate()), gap=FAR)
    assert not duel.edit(0, spark=7999).may(0, Button.ULTIMATE)
    duel.edit(0, spark=8000).tick(Button.ULTIMATE)
    assert duel[0]["spark"] == 0


def test_an_ultimate_freezes_the_match_but_not_the_timer():
    bolt = entity(EntityKind.PROJECTILE, vx=100, hit=hit())
    other = character(chain=move(hit(), startup=9), skill1=move(category=2, spawn=bolt))
    duel = Duel(character(ultimate=ultimate()), other, gap=FAR)
    duel.tick(0, Button.SKILL1, times=15).tick(0, Button.ATTACK).give(1, Effect.MIGHT, ticks=30)
    duel.tick(Button.ULTIMATE)
    assert duel.state["freeze"] == 8
    before = duel.state
    duel.tick(times=8)
    after = duel.state
    assert after["clock"] == before["clock"]
    assert after["tick"] == before["tick"] + 8
    for name in ("x", "state", "move_tick", "effect_until", "entities"):
        assert after["fighters"][name].tolist() == before["fighters"][name].tolist()
    duel.tick()
    assert duel.state["clock"] == before["clock"] + 1
    assert duel[0]["move_tick"] == 2


def test_a_press_in_the_freeze_waits():
    duel = Duel(character(ultimate=ultimate()), gap=FAR).tick(Button.ULTIMATE)
    duel.tick(0, Button.ATTACK, times=8)
    assert duel.states[1] is State.NEUTRAL
    assert duel.tick().states[1] is State.STARTUP


# ---- op-codes ----


def did(*ops, **fields):
    skill = move(category=Category.SKILL, ops=ops)
    duel = Duel(character(skill1=skill, skill2=skill), gap=FAR)
    if fields:
        duel.edit(0, **fields)
    return duel.tick(Button.SKILL1)


def test_op_codes_of_health_and_sparks():
    assert did(op(Op.HEAL, 60), hp=5000)[0]["hp"] == 5600
    assert did(op(Op.HEAL, 60), hp=9900)[0]["hp"] == 10000
    assert did(op(Op.COST_HP, 100))[0]["hp"] == 9000
    assert did(op(Op.COST_HP, 100), hp=500)[0]["hp"] == 1
    assert did(op(Op.GAIN_SPARK, 1500))[0]["spark"] == START + 1500
    assert did(op(Op.DRAIN_SPARK, 1500))[1]["spark"] == START - 1500


def test_op_code_cooldown_takes_ticks_off():
    cooling = [0] * 12
    cooling[Button.SKILL2] = 400
    duel = did(op(Op.COOLDOWN, Button.SKILL2, 250), cooldown_until=cooling)
    assert duel[0]["cooldown_until"][Button.SKILL2] == 150


def test_op_code_set_velocity():
    duel = did(op(Op.SET_VELOCITY, 0, 300))
    assert duel[0]["vz"] == 300
    assert duel.tick()[0]["z"] > 300


def test_an_op_code_runs_once_at_its_tick_however_slow_the_move():
    slow = move(startup=10, ops=[op(Op.GAIN_SPARK, 100, at=k) for k in (3, 12)])
    for tempo in (500, 1000, 1150, 2000):
        duel = Duel(character(chain=slow, tempo=tempo), gap=FAR).tick(Button.ATTACK)
        duel.until_state(0, State.NEUTRAL)
        assert gained(duel) == 200


@pytest.mark.parametrize(("tempo", "tick"), [(1000, 12 + 4), (500, 5 + 2 + 2), (2000, 20 + 2 + 9)])
def test_op_codes_of_a_scaled_recovery_keep_their_place(tempo, tick):
    # of declared ticks that a slow move shows twice, the second runs them
    slow = move(startup=10, recovery=8, ops=[op(Op.GAIN_SPARK, 100, at=16)])
    duel = Duel(character(chain=slow, tempo=tempo), gap=FAR).tick(Button.ATTACK)
    assert duel.until(gained) == tick
