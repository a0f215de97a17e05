"""Traits that the rules read, in the smallest situation that shows each; and what slips leave."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move, op

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import (
    Button,
    Category,
    Direction,
    Effect,
    EntityKind,
    HitFlag,
    Impact,
    MoveFlag,
    Op,
    Slip,
    Trait,
)

RULES = Rules()
SKILL = Category.SKILL
QUICK = {"startup": 2, "active": 1, "recovery": 2}
BOX = {"x0": -200, "x1": 200, "depth": 400, "z0": -100, "z1": 1500}


def first_hit(one, two=None, *, edit=None, gap=1000, button=Button.ATTACK):
    """HP that the first hit of one takes."""
    duel = Duel(one, two, gap=gap)
    for seat, values in (edit or {}).items():
        duel.edit(seat, **values)
    before = int(duel[1]["hp"])
    duel.tick(button).until_hit()
    return before - int(duel[1]["hp"])


@pytest.mark.parametrize(
    ("trait", "edit", "damage"),
    [
        (Trait.FIRST_STRIKE, {}, 100 * (1000 + RULES.first_strike_power) // 1000),
        (Trait.FIRST_STRIKE, {1: {"combo_hits": 1, "grab_safe_until": 99}}, 100),
        (
            Trait.LAST_STAND,
            {0: {"hp": 2900}},
            100 * (1000 + RULES.last_stand_power + RULES.rage_power) // 1000,
        ),
        (Trait.LAST_STAND, {0: {"hp": 3100}}, 100),
        (Trait.HEAT, {0: {"gauge": 1000}}, 100 * (1000 + RULES.heat_power * 992 // 1000) // 1000),
        (Trait.HEAT, {}, 100),
        (0, {0: {"hp": 2900}}, 100 * (1000 + RULES.rage_power) // 1000),
        (0, {0: {"hp": 3100, "gauge": 1000}}, 100),
    ],
)
def test_damage_that_a_trait_adds(trait, edit, damage):
    assert abs(first_hit(character(traits=int(trait)), edit=edit) - damage) <= 1


@pytest.mark.parametrize(("hp", "damage"), [(2900, 160), (3100, 100)])
def test_an_execute_hurts_more_who_is_nearly_beaten(hp, damage):
    one = character(chain=move(hit(flags=HitFlag.EXECUTE)))
    assert first_hit(one, edit={1: {"hp": hp}}) == damage


def test_heat_grows_with_hits_and_fades():
    duel = Duel(character(traits=int(Trait.HEAT))).tick(Button.ATTACK)
    duel.until_hit()
    warm = int(duel[0]["gauge"])
    assert warm == RULES.heat_gain
    duel.tick(times=5)
    assert int(duel[0]["gauge"]) == warm - 5 * RULES.heat_loss


@pytest.mark.parametrize(("before", "has"), [(2, False), (1, True)])
def test_momentum_begins_with_its_tick(before, has):
    duel = Duel(character(traits=int(Trait.MOMENTUM)), gap=9000)
    duel.edit(0, state=State.WALK, vx=100, state_ticks=RULES.momentum_ticks - before)
    assert duel.tick(Button.ATTACK).has(0, Effect.MIGHT) == has


def test_momentum_gives_might_after_a_second_of_walking():
    for ticks, has in ((RULES.momentum_ticks - 5, False), (RULES.momentum_ticks + 3, True)):
        duel = Duel(character(traits=int(Trait.MOMENTUM)), gap=9000)
        duel.hold(Direction.E, times=ticks).tick(Button.ATTACK)
        assert duel.has(0, Effect.MIGHT) is has


def launched(**two):
    one = character(chain=move(hit(impact=Impact.LAUNCH, knock_z=400, knock_x=50)))
    duel = Duel(one, character(**two)).tick(Button.ATTACK)
    duel.until_state(1, State.LAUNCHED)
    return duel


def test_heavy_bones_fly_lower_and_feather_falls_slower():
    speed = int(launched()[1]["vz"])
    heavy = launched(traits=int(Trait.HEAVY_BONES))
    assert int(heavy[1]["vz"]) == speed * RULES.heavy_launch // 1000
    plain = launched().until_state(1, State.KNOCKDOWN)
    assert launched(traits=int(Trait.FEATHER)).until_state(1, State.KNOCKDOWN) > plain


def test_wall_runner_bounces_off_the_wall_with_its_finisher():
    finisher = move(hit(impact=Impact.KNOCKDOWN, knock_x=300, knock_z=300), flags=MoveFlag.FINISHER)
    for trait, bounces in ((0, False), (Trait.WALL_RUNNER, True)):
        duel = Duel(character(chain=finisher, traits=int(trait)))
        duel.edit(0, x=RULES.stage_half_x - 1200).edit(1, x=RULES.stage_half_x - 300)
        states = duel.trace(1, 60, Button.ATTACK)
        assert (State.WALLBOUNCE in states) is bounces


def test_spark_thief_steals_with_its_skills_first_hit_only():
    strings = move(
        hit(stun=20, **{"from": 4, "to": 5}), hit(stun=20, **{"from": 6, "to": 7}),
        category=SKILL, active=4,
    )  # fmt: skip
    one = character(skill1=strings, traits=int(Trait.SPARK_THIEF), attack=1)
    duel = Duel(one, spark_skill=0, spark_hurt_hp=100000).tick(Button.SKILL1)
    before = int(duel[1]["spark"]), int(duel[0]["spark"])
    duel.tick(times=20)
    assert duel.count(0, Count.HITS) == 2
    assert before[0] - int(duel[1]["spark"]) == RULES.thief_spark
    assert int(duel[0]["spark"]) - before[1] == RULES.thief_spark


def test_two_thieves_at_once_both_lose_before_either_gains():
    thief = character(skill1=move(hit(), category=SKILL), traits=int(Trait.SPARK_THIEF))
    duel = Duel(thief, thief, spark_skill=0, spark_hurt_hp=100000)
    duel.edit(0, spark=16000).edit(1, spark=16000).tick(Button.SKILL1, Button.SKILL1, times=8)
    assert [int(duel[i]["spark"]) for i in range(2)] == [16000, 16000]


def test_blood_price_costs_hp_and_half_the_cooldown():
    skill = move(category=SKILL, cooldown=200, **QUICK)
    duel = Duel(character(skill1=skill, traits=int(Trait.BLOOD_PRICE)), gap=4000)
    duel.tick(Button.SKILL1)
    assert duel.lost(0) == 10 * RULES.blood_price
    assert int(duel[0]["cooldown_until"][Button.SKILL1]) == 200 * RULES.blood_cooldown // 1000
    duel = Duel(character(skill1=skill, traits=int(Trait.BLOOD_PRICE)), gap=4000)
    assert not duel.edit(0, hp=10 * RULES.blood_price).may(0, Button.SKILL1)


def test_a_stance_dancer_sheds_what_slows_it():
    change = move(category=SKILL, ops=[op(Op.FORM, 0)], **QUICK)
    dancer = character(skill1=change, form={"trait": move()}, traits=int(Trait.STANCE_DANCER))
    duel = Duel(dancer, gap=4000).give(0, Effect.SLOW, 300).tick(Button.SKILL1, times=3)
    assert not duel.has(0, Effect.SLOW)
    assert duel.has(0, Effect.TEMPO_UP)


def clone(**values):
    return entity(EntityKind.CLONE, **{"hp": 500, "body_height": 1700} | values)


def keeper(what, **values):
    return character(skill1=move(category=SKILL, spawn=what, **QUICK), **values)


def test_puppet_tether_passes_a_part_of_each_wound_to_the_puppet():
    duel = Duel(keeper(clone(offset_x=-2000), traits=int(Trait.PUPPET_TETHER)))
    duel.tick(Button.SKILL1, times=6).place(1000).tick(0, Button.ATTACK).until_hit()
    share = 100 * RULES.tether_share // 1000
    assert duel.lost(0) == 100 - share
    assert int(duel.entities(0)[0]["hp"]) == 500 - share


def test_beast_bond_gives_companions_and_clones_hp():
    duel = Duel(keeper(clone(), traits=int(Trait.BEAST_BOND)), gap=5000)
    assert (
        int(duel.tick(Button.SKILL1, times=6).entities(0)[0]["hp"]) == 500 * RULES.beast_hp // 1000
    )


def test_a_trapper_keeps_one_trap_more():
    trap = entity(EntityKind.TRAP, max_alive=2, arm_ticks=30, radius=300, hit=hit(**BOX))
    for trait, alive in ((0, 2), (Trait.TRAPPER, 3)):
        duel = Duel(keeper(trap, traits=int(trait)), gap=9000)
        for _ in range(4):
            duel.tick(Button.SKILL1, times=8)
        assert len(duel.entities(0)) == alive


def test_a_depth_dancer_walks_faster_in_depth_only():
    plain, dancer = Duel(gap=6000), Duel(character(traits=int(Trait.DEPTH_DANCER)), gap=6000)
    for duel in (plain, dancer):
        duel.hold(Direction.NE, times=15)
    assert plain[0]["x"] == dancer[0]["x"]
    assert int(dancer[0]["y"]) > int(plain[0]["y"]) * 1.2


def test_longarm_reaches_further_with_normals_only():
    edge = 1000 + 400
    far = edge + 60
    for traits, button, hits in (
        (0, Button.ATTACK, 0),
        (int(Trait.LONGARM), Button.ATTACK, 1),
        (int(Trait.LONGARM), Button.SKILL1, 0),
    ):
        one = character(traits=traits, skill1=move(hit(), category=SKILL))
        duel = Duel(one, gap=far).tick(button, times=10)
        assert duel.count(0, Count.HITS) == hits


def test_iron_will_shortens_control():
    one = character(chain=move(hit(effect=Effect.STUN, effect_ticks=20, stun=1)))
    duels = [Duel(one, character(traits=t)) for t in (0, int(Trait.IRON_WILL))]
    held = [
        d.tick(Button.ATTACK).until_state(1, State.FROZEN) and int(d[1]["timer"]) for d in duels
    ]
    assert held[1] == held[0] * RULES.iron_control // 1000


def test_an_opportunist_stuns_a_recovering_target_longer():
    slow = character(chain=move(startup=1, active=1, recovery=40))
    timers = []
    for traits in (0, int(Trait.OPPORTUNIST)):
        duel = Duel(character(traits=traits, chain=move(hit(stun=20))), slow)
        duel.tick(0, Button.ATTACK, times=5).tick(Button.ATTACK).until_hit()
        timers.append(int(duel[1]["timer"]))
    assert timers[1] == timers[0] * RULES.opportunist_stun // 1000


def test_second_skin_armours_finishers_against_light_hits():
    finisher = move(hit(), startup=20, flags=MoveFlag.FINISHER)
    for traits, armoured in ((0, 0), (int(Trait.SECOND_SKIN), 1)):
        duel = Duel(character(), character(chain=finisher, traits=traits))
        duel.tick(Button.ATTACK, Button.ATTACK, times=8)
        assert duel.count(1, Count.ARMOURED) == armoured


def test_echo_hurts_again_a_moment_later():
    one = character(skill1=move(hit(damage=400), category=SKILL), traits=int(Trait.ECHO))
    duel = Duel(one).tick(Button.SKILL1)
    duel.until_hit()
    assert duel.lost(1) == 400
    duel.tick(times=RULES.echo_ticks - 1)
    assert duel.lost(1) == 400
    duel.tick()
    assert duel.lost(1) == 400 + 400 * RULES.echo_share // 1000
    assert duel.tick(times=60).lost(1) == 500


# ---- slips ----


def slipper(kind, **values):
    return character(slip_kind=int(kind), **values)


def slipped(two, one=None, gap=900):
    """Fighter 1 is hit and slips; the duel right after it vanished."""
    duel = Duel(one or character(chain=move(hit(stun=20), recovery=40)), two, gap=gap)
    duel.tick(Button.ATTACK).until_hit()
    duel.tick(0, Button.SLIP, times=2)
    assert duel.count(1, Count.SLIPS) == 1
    return duel


def test_a_powder_slip_leaves_what_bursts():
    burst = entity(
        EntityKind.ZONE, ttl=20, arm_ticks=3, hit=hit(damage=250, **BOX | {"x0": -900, "x1": 900})
    )
    duel = slipped(slipper(Slip.POWDER, slip_entity=burst))
    assert [int(e["x"]) for e in duel.entities(1)] == [450]
    duel.tick(times=10)
    assert duel.lost(0) == 250


def test_a_riposte_reappears_striking():
    reply = move(hit(damage=300, impact=Impact.LAUNCH, knock_z=300), category=SKILL)
    duel = slipped(slipper(Slip.RIPOSTE, slip_reply=reply))
    duel.until_state(1, State.STARTUP)
    duel.until_hit()
    assert duel.lost(0) == 300


def test_a_herd_slip_changes_places_with_the_own_clone():
    duel = Duel(
        character(chain=move(hit(stun=20))),
        slipper(Slip.HERD, skill1=move(category=SKILL, spawn=clone(offset_x=-1500), **QUICK)),
    )
    duel.tick(0, Button.SKILL1, times=6).place(900)
    there = int(duel.entities(1)[0]["x"])
    duel.tick(Button.ATTACK).until_hit()
    here = int(duel[1]["x"])
    duel.tick(0, Button.SLIP, times=2)
    assert int(duel[1]["x"]) == there
    assert abs(int(duel.entities(1)[0]["x"]) - here) < 200


def test_a_ledger_slip_is_paid_in_hp():
    duel = slipped(slipper(Slip.LEDGER, slip_cost=0, slip_hp_cost=60))
    assert duel.lost(1) == 100 + 600
    assert int(duel[1]["spark"]) >= 8000


def test_the_own_first_active_tick_ends_a_slips_protection():
    duel = slipped(slipper(Slip.BACKDOOR, slip_ticks=60))
    duel.until(lambda d: d.may(1, Button.ATTACK))
    duel.tick(0, Button.ATTACK)
    assert int(duel[1]["invulnerable_until"]) > int(duel.state["clock"]) + 20
    duel.until_state(1, State.ACTIVE)
    assert int(duel[1]["invulnerable_until"]) <= int(duel.state["clock"])
