"""Combos: launches, bounces, falls, rising, and the protection gauge that ends them."""

import pytest
from small_roster import Count, Duel, State, character, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Direction, HitFlag, Impact

RULES = Rules()


def struck(**values):
    """Fighter 1 just hit by one hit of fighter 0."""
    weight = values.pop("weight", 1000)
    fighter = values.pop("fighter", {})
    duel = Duel(character(chain=move(hit(**values), active=1)), character(weight=weight))
    if fighter:
        duel.edit(1, **fighter)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    return duel


LAUNCH = {"impact": Impact.LAUNCH, "knock_x": 50, "knock_z": 400}
FLYING = {"state": State.LAUNCHED, "z": 600, "vz": 200}
LYING = {"state": State.KNOCKDOWN, "timer": 30}


# ---- flight ----


def test_a_launch_flies_under_gravity_and_ends_in_a_fall():
    duel = struck(**LAUNCH)
    assert duel.states[1] is State.LAUNCHED
    z, vz = 1, 400
    while True:
        vz -= RULES.gravity
        z = max(z + vz, 0)
        duel.tick()
        assert duel[1]["z"] == z
        if z == 0:
            break
    assert duel.states[1] is State.KNOCKDOWN
    assert duel.count(1, Count.KNOCKDOWNS) == 1


@pytest.mark.parametrize(("weight", "vz"), [(1000, 400), (800, 500), (1200, 333)])
def test_weight_divides_launch_speed(weight, vz):
    assert struck(**LAUNCH, weight=weight)[1]["vz"] == vz


def test_heavy_fighters_fall_faster_after_the_second_air_hit():
    for hits, drop in ((1, 40), (2, 48)):
        duel = Duel(two=character(weight=1200)).edit(1, **FLYING, air_hits=hits)
        duel.tick()
        assert duel[1]["vz"] == 200 - drop


def test_no_fall_is_faster_than_terminal_speed():
    duel = Duel().edit(1, state=State.LAUNCHED, z=8000, vz=-400)
    duel.tick(times=3)
    assert duel[1]["vz"] == -RULES.terminal_speed


def test_air_hits_use_the_air_knock():
    duel = struck(air_knock_x=70, air_knock_z=220, impact=Impact.FLINCH, fighter=FLYING)
    assert (duel[1]["vx"], duel[1]["vz"]) == (70, 220)
    assert duel[1]["air_hits"] == 1
    assert duel.states[1] is State.LAUNCHED


def test_knockdown_lifts_a_little_and_falls():
    duel = struck(impact=Impact.KNOCKDOWN, knock_x=40, knock_z=0)
    assert duel.states[1] is State.LAUNCHED
    duel.until_state(1, State.KNOCKDOWN, limit=15)


# ---- bounces ----


def thrown_at_the_wall(**fields):
    edge = RULES.stage_half_x
    return (
        Duel()
        .edit(0, x=edge - 2000)
        .edit(1, x=edge - 200, state=State.LAUNCHED, z=500, vz=100, vx=180, **fields)
    )


def test_a_wall_bounces_once_a_combo():
    duel = thrown_at_the_wall(bounces=1)
    assert duel.until_state(1, State.WALLBOUNCE) == 2
    assert (duel[1]["vx"], duel[1]["vz"]) == (-60, 260)
    assert duel[1]["bounced"] == 1
    duel = thrown_at_the_wall(bounces=1, bounced=1)
    duel.tick(times=4)
    assert duel.states[1] is State.LAUNCHED
    duel = thrown_at_the_wall(bounces=0)
    duel.tick(times=4)
    assert duel.states[1] is State.LAUNCHED


def test_a_wall_bounce_ends_in_a_fall():
    duel = thrown_at_the_wall(bounces=1)
    duel.until_state(1, State.KNOCKDOWN, limit=30)


def test_the_ground_bounces_once_a_combo():
    falling = {"state": State.LAUNCHED, "z": 100, "vz": -260, "bounces": 2}
    duel = Duel().edit(1, **falling).tick()
    assert duel.states[1] is State.LAUNCHED
    assert duel[1]["vz"] == 300
    duel = Duel().edit(1, **falling, bounced=2).tick()
    assert duel.states[1] is State.KNOCKDOWN


def test_hits_say_what_they_bounce_off():
    assert struck(impact=Impact.WALLBOUNCE, knock_z=300)[1]["bounces"] == 1
    assert struck(impact=Impact.GROUNDBOUNCE, fighter=FLYING)[1]["bounces"] == 2


# ---- lying and rising ----


def test_a_fallen_fighter_lies_rises_and_is_safe():
    duel = struck(**LAUNCH)
    duel.until_state(1, State.KNOCKDOWN)
    assert duel.until_state(1, State.RISING) == RULES.lie_ticks + 1
    clock = duel.state["clock"]
    assert duel.until_state(1, State.NEUTRAL) == 10  # getup_ticks
    safe = duel.until(lambda d: d.state["clock"] > d[1]["invulnerable_until"] - 1)
    assert duel.state["clock"] - (clock - 1) == 10 + 12  # rising, then wake_ticks
    assert safe == 12 - 1


def test_wake_up_is_safe_exactly_as_long_as_declared():
    for early, hits in ((1, 0), (0, 1)):
        duel = Duel(character(chain=move(hit(), startup=1, active=1)))
        duel.edit(1, state=State.KNOCKDOWN, timer=0)
        duel.tick()  # rising begins
        duel.tick(times=10 + 12 - 2 - early)
        duel.tick(Button.ATTACK).tick()
        assert duel.count(0, Count.HITS) == hits


def test_a_direction_rises_quickly():
    duel = struck(**LAUNCH)
    duel.until_state(1, State.KNOCKDOWN)
    ticks = 0
    while duel.states[1] is State.KNOCKDOWN:
        duel.hold(Direction.NONE, Direction.W)
        ticks += 1
    assert ticks == RULES.quick_rise_ticks + 1


def test_lying_fighters_are_out_of_reach_but_for_otg_hits():
    for flags, hits in ((0, 0), (HitFlag.OTG, 1)):
        duel = Duel(character(chain=move(hit(flags=flags, z0=0)))).edit(1, **LYING)
        duel.tick(Button.ATTACK).tick(times=5)
        assert duel.count(0, Count.HITS) == hits
        assert duel[1]["otg_hits"] == hits


def test_two_otg_hits_a_combo():
    chain = move(hit(flags=HitFlag.OTG, z0=0))
    duel = Duel(character(chain=chain)).edit(1, **LYING, otg_hits=RULES.max_otg - 1)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    duel = Duel(character(chain=chain)).edit(1, **LYING, otg_hits=RULES.max_otg)
    duel.tick(Button.ATTACK).tick(times=6)
    assert duel.count(0, Count.HITS) == 0


def test_otg_hits_cost_extra_protection():
    duel = struck(flags=HitFlag.OTG, z0=0, protection=50, fighter=LYING)
    assert duel[1]["protection"] == 50 + RULES.otg_protection


# ---- the protection gauge ----


def test_protection_adds_up_and_raises_gravity():
    duel = struck(protection=70, **LAUNCH)
    assert duel[1]["protection"] == 70
    assert duel.tick()[1]["vz"] == 400 - 40 * (700 + 70) // 700
    duel = Duel().edit(1, **FLYING, protection=700).tick()
    assert duel[1]["vz"] == 200 - 80


def test_past_yellow_launches_and_stuns_shrink():
    stunned = {"state": State.HITSTUN, "timer": 30}  # the gauge fades in who is free
    yellow = stunned | {"protection": RULES.protection_yellow}
    assert struck(**LAUNCH, fighter=yellow)[1]["vz"] == 240
    duel = struck(stun=20, fighter=yellow)
    assert duel.until(lambda d: d.states[1] <= State.WALK) == 16 + 1
    below = stunned | {"protection": RULES.protection_yellow - 1}
    assert struck(**LAUNCH, fighter=below)[1]["vz"] == 400


def test_past_red_the_next_landing_is_final():
    almost = {"state": State.HITSTUN, "timer": 30, "protection": RULES.protection_red - 60}
    assert struck(protection=60, **LAUNCH, fighter=almost)[1]["is_red"]
    assert not struck(protection=59, **LAUNCH, fighter=almost)[1]["is_red"]
    safe = character(chain=move(hit(flags=HitFlag.OTG, z0=0, z1=3000), startup=1, recovery=1))
    again = Duel(safe).edit(1, **FLYING, is_red=1, protection=1000, bounces=2)
    while again.states[1] is not State.RISING:
        again.tick(Button.ATTACK)
    assert again.count(0, Count.HITS) == 0
    assert again.count(1, Count.KNOCKDOWNS) == 1  # no ground bounce
    assert again[1]["protection"] == again[1]["is_red"] == 0


def test_a_standing_fighter_falls_and_at_the_maximum_is_out_of_reach():
    chain = move(hit(rehit=1, protection=300, flags=HitFlag.OTG, z0=0), active=20)
    duel = Duel(character(chain=chain))
    duel.tick(Button.ATTACK)
    duel.until_state(1, State.KNOCKDOWN)
    assert duel.count(0, Count.HITS) == 4  # 1200 of 1000
    duel.until(lambda d: d.count(0, Count.HITS) == 5)  # as it lies
    assert duel[1]["protection"] == RULES.protection_max
    duel.until_state(1, State.RISING)
    assert duel.count(0, Count.HITS) == 5


def test_protection_fades_while_free_and_rising_clears_it():
    duel = Duel().edit(1, protection=100, is_red=1).tick(times=3)
    assert duel[1]["protection"] == 100 - 3 * RULES.protection_decay
    duel.tick(times=6)
    assert duel[1]["protection"] == duel[1]["is_red"] == 0
    duel = Duel().edit(1, **LYING | {"timer": 0}, protection=800).tick()
    assert duel.states[1] is State.RISING
    assert duel[1]["protection"] == 0


def test_no_combo_of_fast_launchers_goes_on_for_ever():
    """Rehitting launchers against a wall: protection ends it before the health does."""
    chain = move(
        hit(damage=10, rehit=4, protection=45, z1=6000, **LAUNCH | {"knock_z": 200}), active=60
    )
    chain["recovery"] = 1
    duel = Duel(character(chain=chain)).edit(0, x=4800).edit(1, x=5800)
    longest = 0
    for _ in range(600):
        duel.tick(Button.ATTACK)
        longest = max(longest, int(duel[1]["combo_hits"]))
    assert 3 < longest < 40
    assert not duel.state["is_over"]


def test_a_combo_is_counted_and_forgotten():
    duel = struck(damage=300, stun=5)
    assert (duel[1]["combo_hits"], duel[1]["combo_damage"]) == (1, 300)
    duel.until(lambda d: d.states[1] <= State.WALK)
    duel.tick(times=RULES.combo_gap_ticks - 1)
    assert (duel[1]["combo_hits"], duel[1]["combo_damage"]) == (1, 300)
    duel.tick()
    assert (duel[1]["combo_hits"], duel[1]["combo_damage"]) == (0, 0)


@pytest.mark.parametrize(("free", "damage"), [(2, 500), (RULES.combo_gap_ticks + 1, 1000)])
def test_a_hit_soon_after_a_stun_still_belongs_to_the_combo(free, damage):
    duel = Duel(character(chain=move(hit(damage=1000), startup=1)))
    duel.edit(1, combo_hits=14, state=State.HITSTUN, timer=0).tick()
    assert duel.states[1] is State.NEUTRAL
    health = duel[1]["hp"]
    duel.tick(times=free - 2)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert health - duel[1]["hp"] == pytest.approx(damage, abs=40)


def test_a_mark_shows_where_a_hit_landed():
    duel = struck(fighter={"y": 120})
    names = ("mark", "mark_clock", "mark_x", "mark_y", "mark_z")
    clock = int(duel.state["clock"]) - 1
    # between the body's front at 100 and the end of the box at 500; heights 200 to 1500
    assert [int(duel[1][name]) for name in names] == [1, clock, 300, 120, 850]
