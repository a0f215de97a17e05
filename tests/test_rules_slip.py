"""The slip: when it is legal, what it costs, where it leads, how long it protects."""

import pytest
from small_roster import Count, Duel, State, character, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Effect, Slip

RULES = Rules()
STUNNED = {"state": State.HITSTUN, "timer": 20}


def slipped(kind=Slip.BACKDOOR, gap=1000, fields=STUNNED, **stats):
    duel = Duel(two=character(slip_kind=kind, **stats), gap=gap).edit(1, **fields)
    return duel.tick(0, Button.SLIP)


LEGAL = {
    "hitstun": STUNNED,
    "launched": {"state": State.LAUNCHED, "z": 500, "vz": 100},
    "wall bounce": {"state": State.WALLBOUNCE, "z": 500, "vz": 100},
    "blockstun": {"state": State.BLOCKSTUN, "timer": 10},
    "knockdown": {"state": State.KNOCKDOWN, "timer": 16, "state_ticks": 3},
}
ILLEGAL = {
    "free": {},
    "long lying": {"state": State.KNOCKDOWN, "timer": 12, "state_ticks": 4},
    "rising": {"state": State.RISING, "timer": 6},
    "frozen": {"state": State.FROZEN, "timer": 20},
    "at the end of a stun": STUNNED | {"timer": 0},
    "poor": STUNNED | {"spark": 3999},
}


@pytest.mark.parametrize("where", LEGAL)
def test_slips_are_legal_while_being_hit(where):
    duel = Duel().edit(1, **LEGAL[where])
    assert duel.may(1, Button.SLIP)
    duel.tick(0, Button.SLIP)
    assert duel.states[1] is State.SLIP
    assert duel.count(1, Count.ILLEGAL) == 0


@pytest.mark.parametrize("where", ILLEGAL)
def test_slips_are_illegal_elsewhere(where):
    duel = Duel().edit(1, **ILLEGAL[where])
    assert not duel.may(1, Button.SLIP)
    duel.tick(0, Button.SLIP)
    assert duel.count(1, Count.SLIPS) == 0
    assert duel.count(1, Count.ILLEGAL) == 1


def test_a_fall_leaves_four_ticks_to_slip():
    for wait, slips in ((RULES.slip_lying_ticks - 1, 1), (RULES.slip_lying_ticks, 0)):
        duel = Duel().edit(1, state=State.LAUNCHED, z=10, vz=-100)
        duel.tick()
        assert duel.states[1] is State.KNOCKDOWN
        duel.tick(times=wait).tick(0, Button.SLIP)
        assert duel.count(1, Count.SLIPS) == slips


def test_seal_forbids_the_slip():
    duel = Duel().edit(1, **STUNNED).give(1, Effect.SEAL)
    assert not duel.may(1, Button.SLIP)


def test_a_slip_costs_sparks_and_has_a_cooldown():
    duel = slipped()
    assert duel[1]["spark"] == RULES.spark_start - 4000
    assert duel.edit(1, **STUNNED | {"timer": 500}).may(1, Button.SLIP) is False
    assert duel.until(lambda d: d.may(1, Button.SLIP), limit=500) == 450 - 1


def test_a_slip_may_cost_health():
    duel = slipped(slip_cost=0, slip_hp_cost=60)
    assert (duel[1]["spark"], duel.lost(1)) == (RULES.spark_start, 600)
    poor = Duel(two=character(slip_cost=0, slip_hp_cost=60)).edit(1, **STUNNED, hp=600)
    assert not poor.may(1, Button.SLIP)


def test_a_slip_ends_the_combo():
    fields = STUNNED | {"protection": 900, "combo_hits": 7, "combo_damage": 2000, "bounced": 3}
    duel = slipped(fields=fields)
    for name in ("protection", "combo_hits", "combo_damage", "bounced", "is_red"):
        assert duel[1][name] == 0


def test_a_slip_reappears_behind_a_near_attacker():
    duel = slipped(gap=RULES.slip_near)
    assert duel[0]["x"] - duel[1]["x"] == RULES.slip_behind
    duel = slipped(gap=RULES.slip_near + 1)
    assert duel[1]["x"] - duel[0]["x"] == RULES.slip_near + 1


def test_a_slip_ends_at_the_wall():
    edge = RULES.stage_half_x
    duel = Duel().edit(0, x=-edge + 300).edit(1, x=-edge + 1300, **STUNNED)
    duel.tick(0, Button.SLIP)
    assert duel[1]["x"] == -edge


def test_kinds_of_slip():
    assert slipped(Slip.STILLNESS)[1]["x"] == 500
    feather = slipped(Slip.FEATHER)
    assert feather[1]["z"] == 1024
    assert feather[1]["x"] == -500 - RULES.slip_behind
    feather.until_state(1, State.NEUTRAL)
    assert feather.tick()[1]["vz"] < 0
    feather.until(lambda d: d[1]["z"] == 0)
    assert feather.states[1] <= State.WALK
    assert feather[1]["mark"] == 8  # seen where it left, at half its height
    assert (feather[1]["mark_x"], feather[1]["mark_z"]) == (500, 900)


def test_a_slip_vanishes_and_then_protects_as_long_as_declared():
    duel = slipped()
    states = [duel.states[1]]
    while states[-1] is State.SLIP:
        states.append(duel.tick().states[1])
    assert states.count(State.SLIP) == RULES.slip_vanish_ticks
    free = 1
    while duel.state["clock"] < duel[1]["invulnerable_until"]:
        duel.tick()
        free += 1
    assert free == 24


@pytest.mark.parametrize(("clock", "hits"), [(29, 0), (30, 1)])
def test_a_slipped_fighter_can_be_struck_when_its_time_is_over(clock, hits):
    duel = Duel(
        character(chain=move(hit(x0=-1500, x1=1500), startup=1, active=1)),
        character(slip_kind=Slip.STILLNESS),
    )
    duel.edit(1, **STUNNED).tick(0, Button.SLIP)
    duel.tick(times=clock - 2).tick(Button.ATTACK).tick()
    assert duel.state["clock"] == clock + 1
    assert duel.count(0, Count.HITS) == hits


def test_the_attackers_move_goes_on():
    duel = Duel(character(chain=move(hit(), recovery=30)))
    duel.tick(Button.ATTACK)
    duel.until_hit()
    duel.tick(0, Button.SLIP)
    assert duel.states == (State.ACTIVE, State.SLIP)
    assert duel[1]["x"] < duel[0]["x"]


def test_a_free_slip_is_a_rule_that_can_be_switched_on():
    duel = Duel(proactive_slip=1)
    assert duel.may(1, Button.SLIP)
    x = int(duel[1]["x"])
    duel.tick(0, Button.SLIP)
    assert duel[1]["x"] == x
    until = RULES.slip_vanish_ticks + RULES.proactive_slip_ticks
    assert duel[1]["invulnerable_until"] == until
