"""What beats what: one situation for each edge of the game's triangle."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Direction, EntityKind, HitFlag, Impact

RULES = Rules()
SKILL = {"category": 2}


def grab(startup=8):
    seize = {"flags": HitFlag.GRAB, "impact": Impact.NONE, "damage": 0}
    throw = hit(
        flags=HitFlag.HELD | HitFlag.RELEASE, impact=Impact.LAUNCH, knock_z=300, damage=900,
        **{"from": startup + 6, "to": startup + 7},
    )  # fmt: skip
    first = hit(**seize, **{"from": startup, "to": startup + 2})
    return move(first, throw, **SKILL, startup=startup, active=8, recovery=18)


STANCES = {
    "armour": {"armour_level": 2, "armour_from": 0, "armour_to": 40},
    "guard": {"guard_from": 0, "guard_to": 40},
    "parry": {"parry_from": 0, "parry_to": 40},
}


def stance(kind):
    reply = move(hit(damage=700), **SKILL)
    answer = {"reply": reply} if kind == "parry" else {}
    strike = () if kind == "guard" else (hit(damage=700, **{"from": 9, "to": 30}),)
    return move(*strike, **SKILL, startup=9, active=31, **STANCES[kind], **answer)


def test_strike_beats_grab_startup():
    duel = Duel(character(chain=move(hit())), character(skill1=grab()))
    duel.tick(Button.ATTACK, Button.SKILL1).tick(times=20)
    assert (duel.count(0, Count.COUNTERS), duel.count(1, Count.GRABS)) == (1, 0)


@pytest.mark.parametrize("kind", STANCES)
def test_grab_beats_stances(kind):
    duel = Duel(character(skill1=grab()), character(skill1=stance(kind)))
    duel.tick(Button.SKILL1, Button.SKILL1).tick(times=20)
    assert duel.count(0, Count.GRABS) == 1
    assert duel.lost(1) == 900
    assert duel.lost(0) == 0


@pytest.mark.parametrize("kind", STANCES)
def test_stances_beat_strikes(kind):
    attack = move(hit(damage=300), recovery=16)
    duel = Duel(character(chain=attack), character(skill1=stance(kind)))
    duel.tick(Button.ATTACK, Button.SKILL1).tick(times=25)
    assert duel.count(0, Count.HITS) == 0
    assert duel.lost(1) < 300
    assert duel.lost(0) >= (0 if kind == "guard" else 700)


def steps_aside(attack, distance, delay=7):
    """Whether walking in depth, begun `delay` ticks after the press, escapes an attack."""
    duel = Duel(character(skill1=attack), gap=distance)
    duel.tick(Button.SKILL1, times=delay)
    duel.hold(Direction.NONE, Direction.N, times=80)
    return duel.count(0, Count.HITS) == 0


NARROW = {"depth": 300, "damage": 500}


def bolt(**values):
    box = {"x0": -150, "x1": 150, "z0": -150, "z1": 150, "depth": 250}
    return entity(EntityKind.PROJECTILE, vx=220, offset_z=900, hit=hit(**box), **values)


LINEAR = {
    "bolt": (move(**SKILL, startup=8, spawn=bolt()), 4500),
    "beam": (move(hit(**NARROW | {"x1": 5000}), **SKILL, startup=16, active=10), 4000),
    "lunge": (
        move(hit(**NARROW), **SKILL, startup=16, active=6, key_tick=(8, *(-1,) * 5),
             key_vx=(250, 0, 0, 0, 0, 0)),
        3000,
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", LINEAR)
def test_depth_step_beats_linear_attacks(attack):
    move_, distance = LINEAR[attack]
    assert steps_aside(move_, distance)
    still = Duel(character(skill1=move_), gap=distance)
    still.tick(Button.SKILL1).tick(times=60)
    assert still.count(0, Count.HITS) == 1


@pytest.mark.parametrize(
    "attack",
    [
        move(hit(depth=1100, x1=2000), **SKILL, startup=10, active=3),
        move(**SKILL, startup=8, spawn=bolt(copies=5, spread=14, max_alive=5)),
    ],
    ids=["sweep", "fan"],
)
def test_wide_attacks_beat_the_depth_step(attack):
    assert not steps_aside(attack, 1800)


def test_slip_beats_a_long_combo():
    combo = move(hit(damage=200, stun=20, rehit=5), **SKILL, active=50, recovery=20)
    lost = []
    for slips in (False, True):
        duel = Duel(character(skill1=combo)).tick(Button.SKILL1)
        duel.until_hit()
        duel.tick(times=8).tick(0, Button.SLIP if slips else 0).tick(times=12)
        if slips:  # behind the attacker, free to strike while its move runs on
            duel.tick(0, Button.ATTACK).tick(times=5)
            assert duel.count(1, Count.HITS) == 1
        duel.tick(times=40)
        lost.append(duel.lost(1))
    assert lost[1] < lost[0] / 2


def test_a_delayed_attack_beats_an_early_slip():
    """A slip spent on the first hit leaves nothing against what strikes after its protection."""
    duel = Duel(character(chain=move(hit(x0=-1800, x1=1800, stun=30))), character())
    duel.tick(Button.ATTACK)
    duel.until_hit()
    duel.tick(0, Button.SLIP).tick(times=RULES.slip_vanish_ticks + 24)
    duel.tick(Button.ATTACK).tick(times=5)
    assert duel.states[1] is State.HITSTUN
    assert not duel.may(1, Button.SLIP)


def test_a_grab_beats_an_early_slip():
    """The slip's time is over when a delayed grab arrives, and a held fighter has no slip."""
    duel = Duel(character(chain=move(hit(stun=20)), skill1=grab(12)))
    duel.edit(1, spark=16000).tick(Button.ATTACK)
    duel.until_hit()
    duel.tick(0, Button.SLIP).tick(times=20)
    duel.edit(1, x=int(duel[0]["x"]) - 900, cooldown_until=[0] * 12)
    duel.tick(Button.SKILL1)
    duel.until_state(1, State.GRABBED)
    assert not duel.may(1, Button.SLIP)


def test_wake_up_protection_beats_a_meaty_strike():
    duel = Duel(
        character(chain=move(hit(), active=6)), character(chain=move(hit(damage=400), startup=3))
    )
    duel.edit(1, state=State.KNOCKDOWN, timer=0).tick()
    duel.tick(times=5).tick(Button.ATTACK)  # active as the other gets up
    duel.until_state(1, State.NEUTRAL)
    assert duel.states[0] is State.ACTIVE
    duel.tick(0, Button.ATTACK).tick(times=4)
    assert (duel.count(0, Count.HITS), duel.count(1, Count.HITS)) == (0, 1)


def test_a_bait_beats_a_reversal():
    """Who waits out of reach punishes what the riser throws, once its protection is over."""
    reversal = move(hit(), **SKILL, startup=4, active=4, recovery=20)
    duel = Duel(character(chain=move(hit())), character(skill1=reversal), gap=2200)
    duel.edit(1, state=State.KNOCKDOWN, timer=0).tick()
    duel.until_state(1, State.NEUTRAL)
    duel.tick(0, Button.SKILL1)
    duel.hold(Direction.E, times=11)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert (duel.count(0, Count.HITS), duel.count(1, Count.HITS)) == (1, 0)
    assert duel.states[1] is State.HITSTUN
