"""The stage, push bodies and corners, and how a match ends."""

import numpy as np
import pytest
from small_roster import DRAW, Duel, State, character, hit, move

from cam_arena import _core
from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Direction, Effect, Impact, MoveFlag

RULES = Rules()
EDGE = RULES.stage_half_x
PUSH = 2 * RULES.push_x


# ---- walls and bodies ----


def test_nobody_leaves_the_stage():
    duel = Duel().edit(0, x=-EDGE + 150, y=RULES.stage_half_y - 100)
    duel.hold(Direction.NW, times=10)
    assert (duel[0]["x"], duel[0]["y"]) == (-EDGE, RULES.stage_half_y)


def test_bodies_push_each_other_by_half():
    duel = Duel(gap=PUSH - 100).tick()
    assert (duel[0]["x"], duel[1]["x"]) == (-PUSH // 2, PUSH // 2)
    duel = Duel(gap=PUSH).tick()
    assert duel[1]["x"] - duel[0]["x"] == PUSH


def test_at_a_wall_the_free_one_takes_it_all():
    duel = Duel().edit(0, x=EDGE - 300).edit(1, x=EDGE).tick()
    assert (duel[0]["x"], duel[1]["x"]) == (EDGE - PUSH, EDGE)
    duel = Duel().edit(0, x=-EDGE).edit(1, x=-EDGE + 300).tick()
    assert (duel[0]["x"], duel[1]["x"]) == (-EDGE, -EDGE + PUSH)


def test_bodies_are_narrower_beside_each_other():
    duel = Duel(gap=300).edit(1, y=2 * RULES.push_y).tick()
    assert duel[1]["x"] - duel[0]["x"] == 300
    duel = Duel(gap=300).edit(1, y=RULES.push_y).tick()
    assert 300 < duel[1]["x"] - duel[0]["x"] < PUSH


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.KNOCKDOWN, "timer": 20},
        {"state": State.SLIP, "timer": 5},
        {"state": State.LAUNCHED, "z": RULES.push_z + 200, "vz": 100},
    ],
    ids=["lying", "unseen", "high up"],
)
def test_some_fighters_are_passed_through(fields):
    duel = Duel(gap=200).edit(1, **fields).tick()
    assert duel[1]["x"] - duel[0]["x"] == 200


def test_ghost_moves_pass_through():
    duel = Duel(character(chain=move(flags=MoveFlag.GHOST)), gap=200).tick(Button.ATTACK)
    assert duel[1]["x"] - duel[0]["x"] == 200


def test_a_cornered_victim_pushes_its_attacker_back():
    chain = move(hit(knock_x=90, stun=20))
    for x, slides in ((EDGE, True), (EDGE - 2000, False)):
        duel = Duel(character(chain=chain)).edit(0, x=x - 1000).edit(1, x=x)
        duel.tick(Button.ATTACK)
        duel.until_hit()
        before = int(duel[0]["x"])
        duel.tick(times=8)
        assert (duel[0]["x"] < before) == slides


def test_the_start_is_mirrored():
    duel = Duel()
    batch = _core.Batch(duel.batch.data, 1, frame_skip=1)
    shifted = False
    for seed in range(20):
        batch.reset(0, seed)
        one, two = np.frombuffer(batch.state(0), _core.DTYPES["state"])[0]["fighters"]
        assert one["x"] == -two["x"]
        assert one["y"] == two["y"]
        assert (one["facing"], two["facing"]) == (1, -1)
        shifted |= bool(one["y"])
    assert not shifted  # these rules have no jitter


# ---- the end ----


def end(**values):
    return Duel(character(chain=move(hit(**values))), character(chain=move(hit(**values))))


def test_a_knock_out_ends_the_match():
    duel = end(damage=500).edit(1, hp=500).tick(Button.ATTACK)
    duel.until(lambda d: d.state["is_over"])
    assert duel.state["winner"] == 0
    assert duel.states[1] is State.KO


def test_a_double_knock_out_is_a_draw():
    duel = end(damage=500).edit(0, hp=300).edit(1, hp=400).tick(Button.ATTACK, Button.ATTACK)
    duel.until(lambda d: d.state["is_over"])
    assert duel.state["winner"] == DRAW
    assert duel.states == (State.KO, State.KO)


def test_thorns_and_poison_knock_out_as_well():
    duel = end(damage=500).edit(0, hp=50).give(1, Effect.THORNS, 200).tick(Button.ATTACK)
    duel.until(lambda d: d.state["is_over"])
    assert duel.state["winner"] == 1
    duel = Duel().edit(0, hp=5).give(0, Effect.BURN, 10).tick()
    assert duel.state["winner"] == 1


@pytest.mark.parametrize(
    ("left", "right", "winner"),
    [(6000, 5700, 0), (5000, 5251, 1), (5000, 5000, DRAW), (5000, 5250, DRAW), (5250, 5000, DRAW)],
)
def test_the_timer_decides_by_share_of_health(left, right, winner):
    duel = Duel(max_ticks=30).edit(0, hp=left).edit(1, hp=right).tick(times=30)
    assert duel.state["winner"] == winner
    assert duel.states == (State.NEUTRAL, State.NEUTRAL)


def test_the_timer_compares_shares_not_points():
    duel = Duel(character(max_hp=12000), character(max_hp=9000), max_ticks=10)
    duel.edit(0, hp=6000).edit(1, hp=5000).tick(times=10)
    assert duel.state["winner"] == 1


def test_the_last_tick_is_the_last():
    duel = Duel(max_ticks=45)
    duel.tick(times=44)
    assert not duel.state["is_over"]
    duel.tick()
    assert duel.state["is_over"]
    assert duel.state["tick"] == 45


def test_the_timer_runs_out_in_a_super_freeze():
    ultimate = move(category=8, freeze=20)
    duel = Duel(character(ultimate=ultimate), max_ticks=10)
    duel.tick(Button.ULTIMATE, times=10)
    assert duel.state["is_over"]
    assert duel.state["clock"] < 10


def test_flags_tell_the_end():
    duel = Duel(max_ticks=3)
    terminated, truncated = np.zeros(1, bool), np.zeros(1, bool)
    for expected in (False, False, True):
        duel.tick().batch.flags(terminated, truncated)
        assert (terminated[0], truncated[0]) == (expected, False)


def test_nothing_changes_after_the_end():
    duel = end(damage=500, impact=Impact.LAUNCH, knock_z=300).edit(1, hp=500)
    duel.tick(Button.ATTACK)
    duel.until(lambda d: d.state["is_over"])
    final = duel.batch.state(0)
    duel.tick(Button.ATTACK, Button.SLIP, times=20)
    assert duel.batch.state(0) == final
    assert duel.legal(0) == {(Direction.NONE, Button.NONE)}
