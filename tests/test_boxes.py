"""Boxes, armour and guard are shown as the simulation judges by them."""

import numpy as np
import pytest
from small_roster import Duel, State, character, entity, hit, move

from cam_arena import Match, _core, load_roster
from cam_arena.render.frame import Mark, read_frame
from cam_arena.roster.codes import Button, Category, EntityKind, MoveFlag, Trait

ROSTER = load_roster()
MET = (Mark.HIT, Mark.COUNTER, Mark.ARMOUR, Mark.GUARD)
STRIKE, PROJECTILE, GRAB = 1, 2, 4


def shape(duel, seat=0):
    return duel.batch.data.shapes(duel.batch.state(0))[0, seat]


def test_what_hits_is_drawn_where_it_hits():
    """All 304 characters fight; each hit leaves a mark in a box that is drawn in its tick."""
    batch = _core.Batch(ROSTER.data, len(ROSTER) // 2, frame_skip=1)
    for match in range(batch.num_matches):
        for seat in range(2):
            batch.set_bot(match, seat, _core.BOTS["masher"], 5)
        batch.reset(match, match, [match, len(ROSTER) - 1 - match])
    nothing = np.zeros((batch.num_matches, 2), np.int32)
    bodies = entities = 0
    for _ in range(200):
        batch.advance(nothing)
        content = b"".join(batch.state(match) for match in range(batch.num_matches))
        states = np.frombuffer(content, _core.DTYPES["state"])
        fighters = states["fighters"]
        struck = fighters["mark_clock"] == (states["clock"] - 1)[:, None]
        struck &= np.isin(fighters["mark"], MET)
        for match in np.flatnonzero(struck.sum(1) == 1):  # in a trade both moves are over
            target = int(struck[match].argmax())
            frame = read_frame(states[match], ROSTER)
            attacker, victim = frame.fighters[1 - target], frame.fighters[target]
            at = (victim.mark_x, victim.mark_y, victim.mark_z)
            if any(f.state == State.GRABBED for f in frame.fighters):
                continue
            own = [box for box in attacker.boxes if holds(box, at)]
            left = [e.box for e in attacker.entities if e.is_striking and holds(e.box, at)]
            assert own or left or is_throw(attacker), (ROSTER.names[attacker.character], frame.tick)
            bodies += bool(own)
            entities += bool(left)
    assert bodies > 300
    assert entities > 30


def holds(box, at):
    x, y, z = at
    # its middle of two overlapping boxes is rounded; y is the victim's own, within 184 of the box
    return (
        box.x0 - 1 <= x <= box.x1 + 1
        and box.y0 - 184 <= y <= box.y1 + 184
        and box.z0 - 1 <= z <= box.z1 + 1
    )


def is_throw(attacker):
    """Whether its move has hits without a box, which strike whom it holds."""
    if attacker.move < 0:
        return False
    record = ROSTER.arrays["moves"][attacker.move]
    first = int(record["first_hit"])
    hits = ROSTER.arrays["hits"][first : first + int(record["num_hits"])]
    return bool((hits["flags"] & 2).any())


def test_longarm_is_drawn_as_far_as_it_reaches():
    index = next(
        i
        for i, traits in enumerate(ROSTER.arrays["characters"]["traits"])
        if traits & Trait.LONGARM
    )
    match = Match(1, characters=(index, index), frame_skip=1)
    first = ROSTER.arrays["moves"]["first_hit"][ROSTER[index].moves["attack"].index]
    for tick in range(40):
        match.step([Button.ATTACK if tick == 0 else 0, 0])
        fighter = read_frame(match.state, ROSTER).fighters[0]
        if fighter.boxes:
            break
    reach = int(ROSTER.arrays["hits"]["x1"][first]) * ROSTER.rules.long_reach // 1000
    assert fighter.boxes[0].x1 - fighter.x == reach


def test_armour_is_shown_while_it_holds():
    armour = {"armour_level": 1, "armour_from": 2, "armour_to": 14}
    duel = Duel(character(chain=move(hit(), **armour), base_poise=1), gap=8000).tick(Button.ATTACK)
    levels = [int(shape(duel.tick())["armour"]) for _ in range(13)]
    assert levels == [0] + [2] * 4 + [0] * 8  # startup to tick 3, active to 5, none in recovery
    finisher = character(chain=move(hit(), flags=MoveFlag.FINISHER), traits=int(Trait.SECOND_SKIN))
    duel = Duel(finisher, gap=8000).tick(Button.ATTACK)
    assert [int(shape(duel.tick())["armour"]) for _ in range(13)] == [1] * 5 + [0] * 8


def test_guard_parry_and_safety_are_shown_in_their_ticks():
    windows = {"guard_from": 1, "guard_to": 3, "parry_from": 2, "parry_to": 4}
    windows |= {"inv_from": (0, 1, 2), "inv_to": (1, 2, 3)}
    skill = move(category=Category.SKILL, **windows)
    duel = Duel(character(skill1=skill), gap=8000)
    shown = [shape(duel.tick(Button.SKILL1 if n == 0 else 0)) for n in range(5)]
    assert [int(s["guard"]) for s in shown] == [0, 1, 3, 2, 0]
    every = STRIKE | PROJECTILE | GRAB
    closed = [every - int(s["open"]) for s in shown]
    assert closed == [STRIKE, PROJECTILE, GRAB, 0, 0]
    assert shape(duel.edit(1, invulnerable_until=99), 1)["is_safe"]


@pytest.mark.parametrize("tempo", [870, 1000, 1150])
def test_phases_are_those_of_the_state(tempo):
    duel = Duel(character(tempo=tempo), gap=8000)
    ticks = {State.STARTUP: [], State.ACTIVE: [], State.RECOVERY: []}
    duel.tick(Button.ATTACK)
    while duel.states[0] in ticks:
        now = shape(duel)
        ticks[duel.states[0]].append((int(now["phase_tick"]), int(now["phase_ticks"])))
        assert bool(now["striking"]) == (duel.states[0] is State.ACTIVE)
        duel.tick()
    for shown in ticks.values():
        assert shown == [(n + 1, len(shown)) for n in range(len(shown))]


def test_an_entity_is_shown_striking_in_the_tick_in_which_it_strikes():
    bolt = entity(EntityKind.PROJECTILE, vx=300, hp=50, hit=hit(x0=-100, x1=100))
    duel = Duel(character(chain=move(spawn=bolt)), gap=2000).tick(Button.ATTACK)
    assert shape(duel)["entities_striking"] == 0  # it has only just been left
    duel.until_hit()
    shown = shape(duel)
    assert shown["entities_striking"] == 1
    (flying,) = duel.entities(0)
    assert shown["entity_hits"][0]["x1"] == flying["x"] + 100
    assert shown["entity_bodies"][0]["x1"] == flying["x"] + 300


def test_a_state_of_another_roster_is_refused():
    match = Match(0)
    state = match.state.copy()
    state["fighters"]["character"][1] = len(ROSTER)
    with pytest.raises(ValueError, match="fighter 1 of a state is not of this roster"):
        read_frame(state, ROSTER)
