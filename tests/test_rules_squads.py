"""More than two fighters: targets, knock-outs, invariants, and that no order favours a side."""

import numpy as np
import pytest
from small_roster import Duel, State, build, character, entity, hit, move, op

from cam_arena import _core
from cam_arena.game.rules import Rules
from cam_arena.roster import load_roster
from cam_arena.roster.codes import Button, Effect, EntityKind, HitFlag, Impact, Op, Teleport

ROSTER = load_roster()


def random_actions(batch, rng):
    """Mostly legal actions, one in sixteen any id."""
    shape = (batch.num_matches, batch.num_fighters)
    masks = np.zeros((*shape, _core.NUM_ACTIONS), np.int8)
    batch.action_masks(masks)
    legal = (rng.random(masks.shape, dtype=np.float32) * masks).argmax(-1).astype(np.int32)
    wild = rng.integers(0, _core.NUM_ACTIONS, shape, dtype=np.int32)
    return np.where(rng.random(shape) < 1 / 16, wild, legal).astype(np.int32)


def swapped(rows, sizes):
    """Return rows by fighter, axis 1, as the mirror image has them: side 1's first."""
    return np.ascontiguousarray(np.roll(rows, sizes[1], axis=1))


def mirrored_play(
    data, sizes, matches, steps, *, frame_skip=3, gather=False, observe=True, observation=0
):
    """Play matches and their mirror images side by side; return the first that differ, or None."""
    one, two = (
        _core.Batch(
            data, matches, sizes=teams, frame_skip=frame_skip, trio=True, observation=observation
        )
        for teams in (sizes, sizes[::-1])
    )
    fighters = sum(sizes)
    for match in range(matches):
        one.reset(match, 900 + match)
        if gather:
            state = np.frombuffer(one.state(match), _core.state_dtype(fighters)).copy()
            state[0]["fighters"]["x"] //= 3  # all within reach, so that they meet in crowds
            state[0]["fighters"]["y"] //= 3
            one.set_state(match, state.tobytes())
        two.set_state(match, one.mirrored(match))
    rng = np.random.default_rng(fighters)
    shape = (matches, fighters)
    views = [np.zeros((*shape, one.observation_size), np.float32) for _ in range(2)]
    rewards = [np.zeros(shape, np.float32) for _ in range(2)]
    terms = np.zeros((*shape, 5), np.float32)
    for step in range(steps):
        actions = random_actions(one, rng)
        one.advance(actions)
        two.advance(swapped(actions, sizes))
        for batch, reward in zip((one, two), rewards, strict=True):
            batch.rewards(reward, terms)
        assert np.array_equal(swapped(rewards[0], sizes), rewards[1])
        for match in range(matches):
            if one.mirrored(match) != two.state(match):
                return match, step
        if observe and step % 10 == 0:
            for batch, view in zip((one, two), views, strict=True):
                batch.observe(view)
            assert np.array_equal(swapped(views[0], sizes), views[1])
    return None


@pytest.mark.parametrize(
    ("sizes", "matches"),
    [((1, 1), 48), ((2, 2), 32), ((3, 3), 12), ((5, 5), 12), ((1, 3), 24), ((3, 5), 12)],
)
@pytest.mark.parametrize("gather", [False, True], ids=["apart", "crowded"])
def test_mirrored_squads_stay_mirror_images(sizes, matches, gather):
    assert mirrored_play(ROSTER.data, sizes, matches, 250, gather=gather) is None


def meddlers():
    """Characters whose moves touch whatever could depend on an order."""
    blink = [op(Op.TELEPORT, Teleport.BEHIND, 700, at=1), op(Op.BUFF_SELF, Effect.VEIL, 9, at=2)]
    hexes = [op(Op.BUFF_TARGET, Effect.STUN, 6), op(Op.DISPEL), op(Op.DRAIN_SPARK, 500)]
    seeker = entity(EntityKind.PROJECTILE, vx=90, turn=20, ttl=60, hp=50, hit=hit(x0=-200, x1=200))
    hound = entity(EntityKind.COMPANION, hp=90, speed=150, radius=400, hits=3, hit=hit(x0=0))
    grab = hit(flags=HitFlag.GRAB, impact=Impact.NONE, damage=0, **{"from": 3, "to": 5})
    throw = hit(flags=HitFlag.HELD | HitFlag.RELEASE, knock_x=200, knock_z=200,
                impact=Impact.LAUNCH, **{"from": 8, "to": 9})  # fmt: skip
    fast = {"startup": 3, "recovery": 3}
    return [
        character(
            chain=move(hit(x0=-700, x1=700, knock_x=150, effect=Effect.REVERSED, effect_ticks=9)),
            skill1=move(grab, throw, category=2, active=8, **fast),
            skill2=move(category=2, ops=blink, **fast),
            ultimate=move(category=8, ops=hexes, freeze=2, **fast),
            trait=move(category=32, spawn=what, **fast),
            slip_cost=0,
            slip_cooldown=20,
        )
        for what in (seeker, hound)
    ]


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2), (5, 5), (1, 4), (5, 2)])
def test_squads_that_blink_grab_and_veil_stay_mirror_images(sizes):
    rules = Rules(jitter_x=512, jitter_y=300, start_x=900, proactive_slip=1, spark_hurt_hp=100)
    data = build(meddlers(), rules=rules)
    assert mirrored_play(data, sizes, 24, 400, frame_skip=1, observe=False) is None


@pytest.mark.parametrize("roster", ["bundled", "meddlers"])
@pytest.mark.parametrize("sizes", [(2, 2), (5, 5), (1, 5)])
def test_invariants_hold_in_squads(sizes, roster):
    data = ROSTER.data if roster == "bundled" else build(meddlers())
    batch = _core.Batch(data, 16, sizes=sizes, max_ticks=900)
    dtype = _core.state_dtype(sum(sizes))
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(300):
        batch.advance(random_actions(batch, rng))
        for match in range(16):
            broken = batch.check(match)
            assert not broken, broken
            held = np.frombuffer(batch.state(match), dtype)[0]["fighters"]
            for seat in np.flatnonzero(held["grabbing"] >= 0):
                assert held["grabbed_by"][held["grabbing"][seat]] == seat
    for match in range(16):
        state = np.frombuffer(batch.state(match), dtype)[0]
        ended += bool(state["is_over"])
        assert state["fighters"]["counts"].sum(axis=0)[0] > 0
    assert ended == 16


class Squad(Duel):
    """A match of 2 against 2 of the same hand-made character."""

    def __init__(self, one=None, two=None, **rules):
        data = build(
            [one or character(), two or character()],
            rules=Rules(**{"jitter_x": 0, "jitter_y": 0, "opening_ticks": 0} | rules),
        )
        self.batch = _core.Batch(data, 1, sizes=(2, 2), frame_skip=1)
        self.batch.reset(0, 0, [0, 0, 1, 1])

    @property
    def state(self):
        return np.frombuffer(self.batch.state(0), _core.state_dtype(4))[0]

    @property
    def states(self):
        return tuple(State(int(f["state"])) for f in self.state["fighters"])

    def edit(self, seat=None, **values):
        state = np.frombuffer(self.batch.state(0), _core.state_dtype(4)).copy()
        for name, value in values.items():
            state[0]["fighters"][seat][name] = value
        self.batch.set_state(0, state.tobytes())
        return self

    def play(self, *presses, times=1):
        for n in range(times):
            actions = presses if n == 0 else (0, 0, 0, 0)
            self.batch.advance(np.array([actions], np.int32))
        return self

    def put(self, *places):
        for seat, (x, y) in enumerate(places):
            self.edit(seat, x=x, y=y)
        return self


def test_fighters_turn_to_the_nearest_living_opponent():
    squad = Squad().put((0, 0), (5000, 1500), (-1500, 0), (2000, 0)).play(0, 0, 0, 0)
    assert squad[0]["facing"] == -1
    squad.edit(2, hp=0).play(0, 0, 0, 0, times=2)
    assert squad.states[2] is State.KO
    assert squad[0]["facing"] == 1
    assert not squad.state["is_over"]


def test_a_strike_reaches_all_opponents_and_no_friend():
    wide = character(chain=move(hit(depth=900, x1=2000)))
    squad = Squad(wide).put((0, 0), (900, 0), (1000, -500), (1200, 500))
    squad.play(Button.ATTACK, 0, 0, 0, times=6)
    assert squad.states[2] is squad.states[3] is State.HITSTUN
    assert squad.states[1] is State.NEUTRAL


def test_a_side_loses_when_all_of_it_is_down():
    squad = Squad().edit(2, hp=0).play(0, 0, 0, 0)
    assert not squad.state["is_over"]
    squad.edit(3, hp=0).play(0, 0, 0, 0)
    assert squad.state["is_over"]
    assert squad.state["winner"] == 0


def test_the_timer_adds_up_a_sides_shares():
    squad = Squad().edit(0, hp=1000).edit(2, hp=4000).edit(3, hp=6000)
    squad.batch = _with_ticks(squad, 5)
    squad.play(0, 0, 0, 0, times=5)
    assert squad.state["winner"] == 0  # 1000 + 10000 against 4000 + 6000


def _with_ticks(squad, max_ticks):
    batch = _core.Batch(squad.batch.data, 1, sizes=(2, 2), frame_skip=1, max_ticks=max_ticks)
    state = np.frombuffer(squad.batch.state(0), _core.state_dtype(4)).copy()
    state["max_ticks"] = max_ticks
    batch.set_state(0, state.tobytes())
    return batch


def test_of_two_grabbers_one_holds():
    grab = hit(flags=HitFlag.GRAB, impact=Impact.NONE, damage=0, **{"from": 3, "to": 5})
    held = hit(flags=HitFlag.HELD, damage=100, **{"from": 6, "to": 7})
    squad = Squad(character(skill1=move(grab, held, category=2, startup=3, active=12)))
    squad.put((0, 0), (0, 100), (900, 0), (5000, 1500))
    squad.play(Button.SKILL1, Button.SKILL1, 0, 0, times=4)
    assert squad.states[2] is State.GRABBED
    assert sorted(int(squad[k]["grabbing"]) for k in (0, 1)) == [-1, 2]
    squad.play(0, 0, 0, 0, times=6)
    assert squad.lost(2) == 100


def test_what_pushes_from_both_sides_cancels_out():
    squad = Squad().put((-600, 0), (600, 0), (0, 0), (5000, 1500)).play(0, 0, 0, 0)
    assert squad[2]["x"] == 0
    assert squad[0]["x"] == -squad[1]["x"] < -600
