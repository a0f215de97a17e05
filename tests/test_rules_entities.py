"""What fighters leave in the world: projectiles, zones, traps, walls, companions, and scrolls."""

import pytest
from small_roster import Count, Duel, State, character, entity, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Category, Direction, EntityKind, HitFlag, MoveFlag

RULES = Rules()
FAR = 6000
SKILL = 2
BOX = {"x0": -100, "x1": 100, "depth": 200, "z0": -100, "z1": 100}


def bolt(*, box=None, **values):
    """A projectile at 900 su of height that flies 200 su a tick."""
    more = {"vx": 200, "offset_x": 500, "offset_z": 900, "hit": hit(**BOX | (box or {}))}
    return entity(EntityKind.PROJECTILE, **more | values)


def shooter(what, **stats):
    return character(chain=move(), skill1=move(category=SKILL, spawn=what), **stats)


def shot(what, two=None, gap=FAR, **rules):
    return Duel(shooter(what), two, gap=gap, **rules).tick(Button.SKILL1)


# ---- projectiles ----


def test_a_projectile_flies_strikes_and_ends():
    duel = shot(bolt())
    (flying,) = duel.entities(0)
    assert (flying["x"], flying["z"]) == (-FAR // 2 + 500, 900)
    ticks = duel.until_hit()
    assert ticks == -(-(FAR - 500 - 400 - 100) // 200)
    assert duel.lost(1) == 100
    assert duel.states[1] is State.HITSTUN
    duel.tick()
    assert duel.entities(0) == []


def test_a_projectile_of_many_hits_strikes_again_after_its_rehit():
    duel = shot(bolt(hits=3, box={"rehit": 2, "stun": 20}, vx=40), gap=1500)
    duel.tick(times=60)
    assert duel.count(0, Count.HITS) == 3


def test_where_a_projectile_is_from_its_owner_is_seen_from_both_sides():
    duel = shot(bolt()).tick(times=3)
    own, other = (6144 * duel.observe(seat, "nearby_entities")[13] for seat in range(2))
    assert [own, other] == pytest.approx([1100, -1100], abs=0.01)


def test_a_projectile_misses_what_it_flies_past():
    duel = shot(bolt())
    duel.edit(1, y=200 + 184 + 1).tick(times=60)
    assert duel.count(0, Count.HITS) == 0


def test_walls_of_the_stage_and_time_end_a_projectile():
    duel = shot(bolt(), gap=1000).edit(0, x=4000).edit(1, x=-4000).tick()
    assert duel.until(lambda d: not d.entities(0)) < 40
    assert duel.count(0, Count.HITS) == 0
    duel = shot(bolt(ttl=7))
    assert duel.until(lambda d: not d.entities(0)) == 7


def test_a_lob_falls_and_bursts_where_it_lands():
    duel = shot(bolt(vx=100, vz=200, gravity=30))
    highest = 0
    while duel.entities(0):
        (lob,) = duel.entities(0)
        highest = max(highest, int(lob["z"]))
        last = lob
        duel.tick()
    assert highest > 1400
    assert last["z"] == last["vx"] == 0


def test_a_fan_spreads_in_depth_and_aim_bends_it():
    duel = shot(bolt(copies=3, spread=20))
    assert sorted(int(e["vy"]) for e in duel.entities(0)) == [-40, 0, 40]
    aimed = move(category=SKILL, spawn=bolt(vy=60), aim=511)
    duel = Duel(character(skill1=aimed), gap=FAR).tick((Direction.N, Button.SKILL1))
    assert duel.entities(0)[0]["vy"] == 60


def test_a_seeker_turns_in_depth():
    for turn, hits in ((0, 0), (10, 1)):
        duel = shot(bolt(turn=turn)).edit(1, y=500).tick(times=40)
        assert duel.count(0, Count.HITS) == hits


def test_the_oldest_makes_room():
    duel = Duel(shooter(bolt(ttl=600, vx=0, max_alive=2)), gap=FAR)
    ages = []
    for _ in range(4):
        duel.tick(Button.SKILL1, times=15)
        ages.append(sorted(int(e["age"]) for e in duel.entities(0)))
    assert ages == [[14], [14, 29], [14, 29], [14, 29]]


@pytest.mark.parametrize(
    ("one", "two", "left"),
    [(1, 1, (0, 0)), (2, 1, (1, 0)), (1, 3, (0, 2)), (3, 3, (0, 0))],
)
def test_projectiles_clash_by_durability(one, two, left):
    first, second = shooter(bolt(durability=one)), shooter(bolt(durability=two))
    duel = Duel(first, second, gap=4000).tick(Button.SKILL1, Button.SKILL1)
    duel.tick(times=9)
    alive = tuple(sum(int(e["durability"]) for e in duel.entities(seat)) for seat in (0, 1))
    assert alive == left


def test_projectiles_of_one_side_do_not_clash():
    duel = Duel(shooter(bolt(vx=10, max_alive=2)), gap=FAR)
    duel.tick(Button.SKILL1, times=15).tick(Button.SKILL1, times=15)
    assert len(duel.entities(0)) == 2


def test_projectiles_can_be_guarded_and_parried():
    guard = move(category=32, startup=1, active=50, guard_from=0, guard_to=60)
    duel = Duel(shooter(bolt()), character(trait=guard), gap=3000)
    duel.tick(Button.SKILL1, Button.TRAIT).tick(times=20)
    assert (duel.count(1, Count.GUARDED), duel.lost(1)) == (1, 10)
    parry = move(category=32, startup=1, active=50, parry_from=0, parry_to=60)
    duel = Duel(shooter(bolt(hits=5)), character(trait=parry), gap=3000)
    duel.tick(Button.SKILL1, Button.TRAIT).tick(times=20)
    assert (duel.count(1, Count.PARRIES), duel.lost(1)) == (1, 0)
    assert duel.entities(0) == []


def test_what_flies_goes_on_when_its_owner_is_struck_or_frozen():
    duel = shot(bolt()).edit(0, state=State.HITSTUN, timer=60, move=-1, move_tick=0, hitstop=30)
    duel.until_hit()
    assert duel.states[0] is State.HITSTUN


# ---- zones ----


def zone(**values):
    pool = {"ttl": 60, "hits": 20, "hit": hit(**BOX | {"x0": -800, "x1": 800, "z1": 900}, rehit=15)}
    return entity(EntityKind.ZONE, **pool | values)


def test_a_zone_strikes_again_and_again():
    duel = shot(zone(), gap=700)
    duel.tick(times=70)
    assert duel.count(0, Count.HITS) == 60 // 15
    assert duel.entities(0) == []


def test_a_zone_waits_and_has_only_so_many_hits():
    duel = shot(zone(arm_ticks=20), gap=700)
    assert duel.until_hit() == 20
    duel = shot(zone(hits=2), gap=700)
    duel.tick(times=70)
    assert duel.count(0, Count.HITS) == 2


# ---- traps ----


def trap(**values):
    mine = {"arm_ticks": 15, "radius": 500, "strike_startup": 4, "offset_x": 500}
    burst = hit(**BOX | {"x0": -600, "x1": 600, "z1": 900}, **{"from": 0, "to": 2})
    return entity(EntityKind.TRAP, **mine | {"hit": burst} | values)


def test_a_trap_arms_is_triggered_and_bursts():
    duel = shot(trap(), gap=1500)
    duel.tick(times=30)
    assert duel.count(0, Count.HITS) == 0
    duel.edit(1, x=-250 + 500).tick()
    (mine,) = duel.entities(0)
    assert mine["strike_tick"] == 0
    assert duel.until_hit() == 4
    duel.until(lambda d: not d.entities(0), limit=5)
    assert duel.count(0, Count.HITS) == 1


def test_a_trap_is_harmless_until_armed():
    duel = shot(trap(), gap=700)
    assert duel.until(lambda d: d.entities(0)[0]["strike_tick"] == 0) == 15 + 1


def test_a_trap_does_not_see_who_is_above_it():
    duel = shot(trap(), gap=700).tick(times=14)
    duel.edit(1, z=2000, vz=200, state=State.LAUNCHED).tick(times=8)
    assert duel.entities(0)[0]["strike_tick"] == -1


# ---- walls ----


def wall(**values):
    more = {"offset_x": 1000, "hp": 250, "radius": 200, "body_height": 2000}
    return entity(EntityKind.WALL, **more | values)


def test_a_wall_stops_the_other_side_walking_and_not_its_owner():
    duel = shot(wall(), gap=3000).tick(times=14)
    at = int(duel.entities(0)[0]["x"])
    duel.hold(Direction.NONE, Direction.E, times=30)
    assert duel[1]["x"] == at + 200 + RULES.push_x
    duel = shot(wall(), gap=5000).tick(times=14)
    duel.hold(Direction.E, times=30)
    assert duel[0]["x"] > at + 200


@pytest.mark.parametrize("hits", [1, 4])
def test_a_wall_stops_projectiles_and_breaks(hits):
    duel = Duel(shooter(wall()), shooter(bolt(hits=hits)), gap=3000)
    duel.tick(Button.SKILL1, times=15)
    for expected in (150, 50):
        duel.tick(0, Button.SKILL1)
        duel.until(lambda d: not d.entities(1))
        assert duel.entities(0)[0]["hp"] == expected
        duel.tick(times=15)
    duel.tick(0, Button.SKILL1, times=15)
    assert duel.entities(0) == []
    assert duel.lost(0) == 0


def test_a_strike_hurts_a_wall_once_however_long_the_hitstop():
    late = hit(damage=100, **{"from": 5, "to": 6})
    duel = Duel(shooter(wall(hp=250)), character(chain=move(late)), gap=1800)
    duel.tick(Button.SKILL1, times=15).tick(0, Button.ATTACK, times=5)
    duel.edit(1, hitstop=5).tick(times=12)
    assert duel.entities(0)[0]["hp"] == 150


def test_every_strike_of_a_move_hurts_a_wall_and_grabs_do_not():
    first = hit(damage=100, **{"from": 4, "to": 5})
    second = hit(damage=50, **{"from": 7, "to": 8})
    grab = hit(damage=80, flags=HitFlag.GRAB, **{"from": 4, "to": 8})
    striker = character(chain=move(first, second, grab, active=4))
    duel = Duel(shooter(wall(hp=250)), striker, gap=1800)
    duel.tick(Button.SKILL1, times=15).tick(0, Button.ATTACK, times=5)
    assert duel.entities(0)[0]["hp"] == 150
    duel.tick(times=8)
    assert duel.entities(0)[0]["hp"] == 100


# ---- companions ----


def hound(**values):
    bite = hit(x0=0, x1=600, damage=300, **{"from": 0, "to": 2})
    more = {"speed": 100, "radius": 500, "arm_ticks": 6, "strike_startup": 3, "hp": 400}
    return entity(EntityKind.COMPANION, **more | {"hit": bite} | values)


def call(what):
    return move(category=Category.COMPANION, startup=2, active=1, recovery=2, spawn=what)


def called(*whats, gap=3000, **rules):
    duel = Duel(companions=[call(what) for what in whats], gap=gap, **rules)
    return duel.tick(Button.COMPANION_A)


def test_a_companion_waits_runs_and_strikes():
    duel = called(hound())
    duel.tick(times=6)
    (dog,) = duel.entities(0)
    assert dog["vx"] == 0
    duel.tick()
    assert duel.entities(0)[0]["vx"] == 100
    duel.until_hit()
    assert duel.lost(1) == 300
    assert abs(int(duel.entities(0)[0]["x"]) - int(duel[1]["x"])) <= 500
    assert duel.count(0, Count.SUMMONS) == 1


def test_a_companion_can_be_struck_down():
    duel = Duel(
        two=character(chain=move(hit(damage=250))), companions=[call(hound(arm_ticks=60))], gap=900
    )
    duel.tick(Button.COMPANION_A).edit(0, x=-3000)
    duel.tick(0, Button.ATTACK, times=15)
    assert duel.entities(0)[0]["hp"] == 150
    duel.tick(0, Button.ATTACK, times=15)
    assert duel.entities(0) == []


def test_a_companion_has_so_many_strikes():
    duel = called(hound(hits=2, hp=4000, hit=hit(x0=0, x1=600, rehit=1)), gap=600)
    duel.tick(times=120)
    assert duel.count(0, Count.HITS) == 2
    assert duel.entities(0) == []


def test_calls_are_counted_by_slot():
    duel = called(hound(), hound(), hound(), companion_gap_ticks=0, companion_calls=1)
    assert duel[0]["calls_left"].tolist() == [0, 1, 1]
    duel.until_state(0, State.NEUTRAL)
    assert not duel.may(0, Button.COMPANION_A)
    assert duel.may(0, Button.COMPANION_B)


def test_a_gap_between_calls():
    duel = called(hound(), hound())
    assert duel.until(lambda d: d.may(0, Button.COMPANION_B), 700) == RULES.companion_gap_ticks - 1


def test_the_first_strike_of_a_companion_earns_sparks():
    duel = called(hound(hits=3, hp=4000, hit=hit(x0=0, x1=600, rehit=1, stun=20)), gap=600)
    duel.tick(times=60)
    assert duel.count(0, Count.HITS) == 3
    assert duel[0]["spark"] == RULES.spark_start + RULES.spark_scroll


# ---- scrolls ----


def test_the_scroll_is_the_one_brought_along():
    scroll = move(hit(damage=400), category=Category.SCROLL, cooldown=300)
    duel = Duel(scroll=scroll).tick(Button.SCROLL)
    duel.until_hit()
    assert duel.lost(1) == 400
    assert duel.count(0, Count.SCROLLS) == 1
    assert not duel.may(0, Button.SCROLL)
    assert duel[0]["spark"] == RULES.spark_start + RULES.spark_scroll


def test_entities_do_not_strike_who_is_lying_or_safe():
    for fields in ({"state": State.KNOCKDOWN, "timer": 90}, {"invulnerable_until": 100}):
        duel = shot(zone(), gap=700).edit(1, **fields).tick(times=50)
        assert duel.count(0, Count.HITS) == 0
    otg = zone(hit=hit(**BOX | {"x0": -800, "x1": 800, "z1": 900}, flags=HitFlag.OTG))
    duel = shot(otg, gap=700).edit(1, state=State.KNOCKDOWN, timer=90).tick(times=5)
    assert duel.count(0, Count.HITS) == 1


# ---- orbits, boomerangs, clones, reflection ----


def test_blades_circle_their_owner_and_strike_what_is_near():
    blade = entity(
        EntityKind.ORBIT, copies=3, radius=900, speed=8, ttl=200, hits=9, offset_z=900,
        hit=hit(**BOX | {"rehit": 15}),
    )  # fmt: skip
    duel = shot(blade, gap=FAR)
    duel.tick(times=5)
    angles = sorted(int(e["phase"]) for e in duel.entities(0))
    assert [angles[1] - angles[0], angles[2] - angles[1]] == [85, 85]
    x = int(duel[0]["x"])
    assert all(abs(int(e["x"]) - x) <= 900 for e in duel.entities(0))
    duel.edit(1, x=x + 900)
    duel.tick(times=64)
    assert duel.count(0, Count.HITS) >= 2
    before = [int(e["x"]) for e in duel.entities(0)]
    duel.edit(0, x=x - 2000).tick()
    assert all(int(e["x"]) < b for e, b in zip(duel.entities(0), before, strict=True))


def test_a_boomerang_comes_back_and_strikes_on_both_ways():
    duel = shot(bolt(returns=1, hits=9, ttl=40, box={"stun": 1}), gap=2500)
    xs = []
    while duel.entities(0):
        xs.append(int(duel.entities(0)[0]["x"]))
        duel.tick()
    assert duel.count(0, Count.HITS) == 2
    assert max(xs) > xs[0] + 2000
    assert abs(xs[-1] - int(duel[0]["x"])) <= 800


def test_a_boomerang_comes_back_at_half_its_speed_in_depth():
    duel = shot(bolt(returns=1, ttl=40, vx=100))
    duel.until(lambda d: d.entities(0)[0]["phase"])
    duel.edit(0, y=1500).tick()
    assert [int(duel.entities(0)[0][name]) for name in ("vx", "vy")] == [-100, 50]


def test_a_boomerang_turns_at_the_wall():
    duel = Duel(shooter(bolt(returns=1, hits=2, ttl=60)), gap=2000)
    duel.edit(0, x=3000).edit(1, x=5600, y=1500).tick(Button.SKILL1)
    while duel.entities(0):
        last = int(duel.entities(0)[0]["x"])
        duel.tick()
    assert abs(last - int(duel[0]["x"])) <= 600


def test_a_clone_strikes_when_its_owners_attack_does():
    double = entity(
        EntityKind.CLONE, hp=400, offset_x=3000, arm_ticks=10, body_height=1700, strike_startup=2,
        hit=hit(damage=70, **BOX | {"x1": 900}),
    )  # fmt: skip
    duel = shot(double, gap=4000).tick(times=12)
    assert duel.count(0, Count.HITS) == 0
    duel.tick(Button.ATTACK, times=20)
    assert duel.lost(1) == 70
    assert duel.count(0, Count.HITS) == 1


def test_a_decoy_takes_a_projectile_and_breaks():
    decoy = entity(EntityKind.CLONE, hp=100, offset_x=1000, body_height=1700)
    one = character(skill1=move(category=SKILL, spawn=decoy))
    duel = Duel(one, shooter(bolt()), gap=FAR).tick(Button.SKILL1, times=12)
    duel.tick(0, Button.SKILL1, times=40)
    assert duel.lost(0) == 0
    assert duel.entities(0) == []


def mirror_page():
    return character(
        skill1=move(category=SKILL, parry_from=0, parry_to=40, active=40, flags=MoveFlag.REFLECT)
    )


def test_a_reflecting_parry_sends_a_projectile_back():
    duel = Duel(shooter(bolt()), mirror_page(), gap=3000)
    duel.tick(Button.SKILL1, Button.SKILL1)
    duel.until(lambda d: d.entities(1))
    assert duel.entities(0) == []
    assert int(duel.entities(1)[0]["vx"]) < 0
    duel.until_hit()
    assert (duel.lost(0), duel.lost(1)) == (100, 0)


def test_two_reflections_at_once_change_sides_together():
    both = mirror_page()["skill1"]
    one = character(skill1=move(category=SKILL, spawn=bolt(vx=100)), skill2=both)
    duel = Duel(one, one, gap=5000)
    duel.tick(Button.SKILL1, Button.SKILL1, times=14)
    duel.edit(0, y=0).tick(Button.SKILL2, Button.SKILL2, times=30)
    state = duel.state
    left, right = (sorted(int(e["x"]) * s for e in duel.entities(i)) for i, s in ((0, 1), (1, -1)))
    assert left == right
    assert state["fighters"][0]["hp"] == state["fighters"][1]["hp"]


def test_a_skill_that_hits_by_its_entity_gains_sparks_by_its_hit():
    spark = shot(bolt(box={"spark_gain": 4000}))
    before = int(spark[0]["spark"])
    spark.until_hit()
    assert int(spark[0]["spark"]) - before == 4000
