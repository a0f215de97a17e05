"""Frame data: what a move declares is what a match shows, tick by tick and su by su."""

import pytest
from small_roster import Count, Duel, State, character, hit, move, op

from cam_arena.roster.codes import Button, Category, Direction, MoveFlag, Op

FAR = 8000


def phases(states):
    """Run lengths of startup, active and recovery, and what follows."""
    names = (State.STARTUP, State.ACTIVE, State.RECOVERY)
    return [states.count(name) for name in names]


@pytest.mark.parametrize("ticks", [(4, 2, 8), (1, 1, 1), (7, 3, 16), (2, 6, 0)])
def test_a_move_lasts_as_declared(ticks):
    startup, active, recovery = ticks
    attack = move(hit(), startup=startup, active=active, recovery=recovery)
    duel = Duel(character(chain=attack), gap=FAR)
    states = duel.trace(0, sum(ticks) + 1, Button.ATTACK)
    assert phases(states) == [startup, active, recovery]
    assert states == [*sorted(states[:-1]), State.NEUTRAL]


def test_what_is_left_of_a_move_is_seen_by_both():
    duel = Duel(character(chain=move(hit(), startup=4, active=3, recovery=5)), gap=FAR)
    left = [(4 - n, 3, 5) for n in range(1, 5)] + [(0, 3 - n, 5) for n in range(1, 4)]
    for n, ticks in enumerate([*left, *[(0, 0, 5 - n) for n in range(1, 6)], (0, 0, 0)]):
        duel.tick(Button.ATTACK if n == 0 else 0)
        for seat, block in enumerate(("own_phase", "opponent_phase")):
            assert 30 * duel.observe(seat, block) == pytest.approx(ticks, abs=1e-4)


@pytest.mark.parametrize(("category", "ticks"), [(Category.SKILL, 4), (Category.CHAIN, 6)])
def test_an_op_runs_once_at_its_tick(category, ticks):
    """Tempo stretches a normal: declared tick 3 is its tick 5, and those before run nothing."""
    gain = move(category=category, ops=[op(Op.GAIN_SPARK, 500, at=3)])
    kit = {"chain": gain} if category is Category.CHAIN else {"skill1": gain}
    duel = Duel(character(tempo=1500, **kit), gap=FAR, spark_start=1000)
    button = Button.ATTACK if category is Category.CHAIN else Button.SKILL1
    sparks = [int(duel.tick(button if n == 0 else 0)[0]["spark"]) for n in range(12)]
    assert sparks == [1000] * (ticks - 1) + [1500] * (13 - ticks)


def test_the_first_active_tick_strikes():
    duel = Duel(character(chain=move(hit(), startup=6)))
    duel.tick(Button.ATTACK)
    assert duel.until_hit() == 6
    assert duel.states == (State.ACTIVE, State.HITSTUN)


def test_a_move_strikes_the_same_fighter_once_unless_it_rehits():
    for rehit, strikes in ((0, 1), (3, 4), (5, 2)):
        duel = Duel(character(chain=move(hit(rehit=rehit, stun=30), active=10)))
        duel.tick(Button.ATTACK).tick(times=20)
        assert duel.count(0, Count.HITS) == strikes


@pytest.mark.parametrize(
    ("tempo", "ticks"),
    [(1000, [4, 2, 8]), (1150, [4, 2, 9]), (1500, [6, 2, 12]), (870, [3, 2, 6]), (300, [2, 2, 4])],
)
def test_tempo_scales_startup_and_recovery_of_normals(tempo, ticks):
    duel = Duel(character(tempo=tempo), gap=FAR)
    assert phases(duel.trace(0, 40, Button.ATTACK)) == ticks


def test_tempo_leaves_skills_alone():
    skill = move(hit(), category=2)
    duel = Duel(character(skill1=skill, tempo=1500), gap=FAR)
    assert phases(duel.trace(0, 40, Button.SKILL1)) == [4, 2, 8]


def measured_advantage(attack, tempo=1000):
    """Ticks the attacker is free before its victim; negative if after."""
    duel = Duel(character(chain=attack, tempo=tempo))
    duel.tick(Button.ATTACK)
    duel.until_hit()
    freed = [0, 0]
    for n in range(1, 60):
        duel.tick()
        for seat in (0, 1):
            if not freed[seat] and duel.states[seat] <= State.WALK:
                freed[seat] = n
    return freed[1] - freed[0]


@pytest.mark.parametrize(
    ("stun", "active", "recovery", "stops"),
    [(10, 2, 8, (0, 0)), (16, 2, 8, (2, 2)), (12, 4, 12, (3, 3)), (20, 1, 5, (2, 4))],
)
def test_advantage_on_hit(stun, active, recovery, stops):
    attack = move(
        hit(stun=stun, stop_attacker=stops[0], stop_victim=stops[1]),
        active=active,
        recovery=recovery,
    )
    declared = stun - (active - 1 + recovery) + stops[1] - stops[0]
    assert measured_advantage(attack) == declared


# ---- boxes ----

REACH = 1000 + 400  # x1 of the hit and half the body
EDGES = {
    "far": ({"gap": REACH}, {"gap": REACH + 1}),
    "deep": ({"gap": 1000, "y": 300 + 184}, {"gap": 1000, "y": 300 + 185}),
    "near the viewer": ({"gap": 1000, "y": -484}, {"gap": 1000, "y": -485}),
    "above": ({"gap": 1000, "z": 1500}, {"gap": 1000, "z": 1501}),
}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("side", [0, 1])
def test_a_box_reaches_exactly_as_far_as_declared(edge, side):
    for place, strikes in zip(EDGES[edge], (1, 0), strict=True):
        attack = move(hit(), startup=1, active=1)
        fighter = character(chain=attack)
        duel = Duel(fighter, fighter, gap=place["gap"])
        target = 1 - side
        # the height holds still for the two ticks: gravity 40, then 80, upward speed 60
        z = place.get("z", 0)
        duel.edit(target, y=place.get("y", 0), z=z, vz=60 if z else 0)
        press = (Button.ATTACK, 0) if side == 0 else (0, Button.ATTACK)
        duel.tick(*press).tick()
        assert duel.count(side, Count.HITS) == strikes, place


def test_a_low_box_misses_who_is_above_and_a_high_one_who_lies():
    low = character(chain=move(hit(z0=0, z1=400), startup=1))
    duel = Duel(low)
    duel.edit(1, z=500, vz=100)
    duel.tick(Button.ATTACK).tick(times=2)
    assert duel.count(0, Count.HITS) == 0
    lying = {"state": State.KNOCKDOWN, "timer": 20}
    for z0, strikes in ((420, 1), (421, 0)):
        duel = Duel(character(chain=move(hit(z0=z0, flags=4), startup=1))).edit(1, **lying)
        duel.tick(Button.ATTACK).tick(times=2)
        assert duel.count(0, Count.HITS) == strikes


def test_boxes_are_mirrored_by_facing():
    behind = character(chain=move(hit(x0=-1000, x1=-100), startup=1))
    duel = Duel(behind, behind)
    duel.tick(Button.ATTACK, Button.ATTACK).tick(times=3)
    assert duel.count(0, Count.HITS) == duel.count(1, Count.HITS) == 0
    duel.tick(times=20).tick(Button.ATTACK)
    duel.edit(0, x=1500)  # past the other while looking right
    duel.tick(times=3)
    assert duel.count(0, Count.HITS) == 1


# ---- facing ----


def test_a_free_fighter_turns_to_its_opponent_and_a_moving_one_does_not():
    duel = Duel(character(chain=move(hit(), startup=5)))
    duel.tick(Button.ATTACK)
    duel.edit(1, x=-2500)
    duel.tick(times=5)
    assert duel[0]["facing"] == 1
    duel.until_state(0, State.NEUTRAL)
    duel.tick()
    assert duel[0]["facing"] == -1
    assert duel[1]["facing"] == 1


def test_a_turning_move_follows_until_it_strikes():
    duel = Duel(character(chain=move(hit(), startup=5, flags=MoveFlag.TURN)))
    duel.tick(Button.ATTACK)
    duel.edit(1, x=-1500)
    duel.tick(times=5)
    assert duel[0]["facing"] == -1
    assert duel.count(0, Count.HITS) == 1


def test_directions_are_the_fighters_own():
    duel = Duel(gap=4000)
    before = duel[0]["x"], duel[1]["x"]
    duel.hold(Direction.E, Direction.E, times=10)
    assert duel[0]["x"] > before[0]
    assert duel[1]["x"] < before[1]
    duel.hold(Direction.N, Direction.N, times=10)
    assert duel[0]["y"] == duel[1]["y"] > 0


@pytest.mark.parametrize("accel", [0, 1, 3])
def test_walking_speed_and_acceleration(accel):
    duel = Duel(character(accel_ticks=accel, walk_x=120, walk_y=90), gap=FAR)
    speeds = []
    for _ in range(6):
        duel.hold(Direction.NE)
        speeds.append((int(duel[0]["vx"]), int(duel[0]["vy"])))
    assert speeds[-1] == (120, 90)
    assert speeds.index((120, 90)) == accel
    assert duel.states[0] is State.WALK


def test_a_move_travels_by_its_keys():
    keys = {"key_tick": (0, 2, 4, -1, -1, -1), "key_vx": (0, 150, 0, 0, 0, 0)}
    duel = Duel(character(chain=move(**keys)), gap=FAR)
    start = duel[0]["x"]
    duel.tick(Button.ATTACK, times=14)
    assert duel[0]["x"] - start == 2 * 150


def test_an_aimed_move_goes_where_it_is_aimed_and_a_steered_one_bends():
    dash = move(flags=MoveFlag.AIMED, aim=511, category=32, aim_vy=70, key_tick=(0, *(-1,) * 5),
                key_vx=(200, 0, 0, 0, 0, 0))  # fmt: skip
    duel = Duel(character(trait=dash), gap=FAR).edit(0, x=0)
    x, y = int(duel[0]["x"]), int(duel[0]["y"])
    duel.tick((Direction.NW, Button.TRAIT))
    assert (duel[0]["vx"], duel[0]["vy"]) == (-200, 70)
    duel.tick(times=13)
    assert duel[0]["x"] == x - 14 * 200
    assert duel[0]["y"] == y + 6 * 70  # depth during startup and active ticks only
    steered = move(flags=MoveFlag.STEER, aim_vy=50, startup=6)
    duel = Duel(character(chain=steered), gap=FAR)
    duel.tick(Button.ATTACK).hold(Direction.S, times=3)
    assert duel[0]["vy"] == -50
    duel.hold(Direction.N)
    assert duel[0]["vy"] == 50


@pytest.mark.parametrize("direction", [Direction.E, Direction.N])
def test_walking_is_a_state(direction):
    duel = Duel(gap=FAR).hold(direction)
    assert duel.states == (State.WALK, State.NEUTRAL)


def test_a_jumping_move_ends_on_its_feet():
    leap = {"key_tick": (0, *(-1,) * 5), "key_vx": (100, *(0,) * 5), "key_vz": (300, *(0,) * 5)}
    duel = Duel(character(chain=move(**leap, recovery=1)), gap=FAR).tick(Button.ATTACK, times=8)
    assert duel[0]["z"] > 0
    assert duel.states[0] is State.RECOVERY  # until it lands
    assert not duel.may(0, Button.ATTACK)
    duel.until(lambda d: d[0]["z"] == 0)
    assert duel.tick().states[0] is State.NEUTRAL
    assert duel.count(0, Count.KNOCKDOWNS) == 0
