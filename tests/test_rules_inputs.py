"""Presses: cancels, chain branches, the buffer, charges, cooldowns, and actions that do nothing."""

import numpy as np
import pytest
from small_roster import ALL, Count, Duel, State, character, hit, move

from cam_arena import _core
from cam_arena.roster.codes import Button, Category, Direction

FAR = 8000
SKILL = {"category": Category.SKILL}


# ---- cancels ----


@pytest.mark.parametrize("outcome", ["whiff", "hit", "guard"])
@pytest.mark.parametrize("allowed", ["whiff", "hit", "guard"])
def test_cancels_depend_on_what_the_move_met(outcome, allowed):
    attack = move(hit(), recovery=30, cancel_from=6, **{f"cancel_{allowed}": Category.SKILL})
    guard = move(category=32, startup=1, active=40, guard_from=1, guard_to=40)
    duel = Duel(
        character(chain=attack, skill1=move(**SKILL)),
        character(trait=guard),
        gap=FAR if outcome == "whiff" else 1000,
    )
    duel.tick(Button.ATTACK, Button.TRAIT if outcome == "guard" else 0).tick(times=6)
    duel.tick(Button.SKILL1)
    assert (duel[0]["last_button"] == Button.SKILL1) == (outcome == allowed)
    assert duel.count(0, Count.ILLEGAL) == (outcome != allowed)


def test_no_cancel_before_its_tick():
    attack = move(hit(), recovery=30, cancel_from=9, cancel_whiff=Category.SKILL)
    duel = Duel(character(chain=attack, skill1=move(**SKILL)), gap=FAR)
    duel.tick(Button.ATTACK, times=5).tick(Button.SKILL1)
    started = duel.until(lambda d: d[0]["last_button"] == Button.SKILL1)
    assert started == 9 - 5  # pressed at tick 5 of the move, kept until tick 9


def test_a_cancel_names_categories():
    attack = move(hit(), recovery=30, cancel_hit=Category.ULTIMATE)
    both = character(chain=attack, skill1=move(**SKILL), ultimate=move(category=8))
    duel = Duel(both)
    duel.tick(Button.ATTACK, times=6)
    assert not duel.may(0, Button.SKILL1)
    assert duel.may(0, Button.ULTIMATE)


# ---- the chain ----


def chain():
    cancel = {"cancel_from": 6, "cancel_hit": Category.CHAIN}
    last, forward, back = (move(hit(), startup=3 + n) for n in range(3))
    return move(hit(stun=40), **cancel, next=(last, forward, back)), (last, forward, back)


@pytest.mark.parametrize(
    ("direction", "startup"),
    [(Direction.NONE, 3), (Direction.E, 4), (Direction.W, 5)],
)
@pytest.mark.parametrize("seat", [0, 1])
def test_a_chain_branches_by_direction(direction, startup, seat):
    first, _ = chain()
    duel = Duel(character(chain=first), character(chain=first))
    press = (direction, Button.ATTACK)
    assert direction == Direction.NONE or press not in duel.legal(seat)
    if seat == 0:
        duel.tick(Button.ATTACK, times=6)
        assert press in duel.legal(0)
        duel.tick(press)
    else:
        duel.tick(0, Button.ATTACK, times=6).tick(0, press)
    ticks = duel.until(lambda d: d.count(seat, Count.HITS) == 2)
    assert ticks == startup


def test_a_chain_begins_anew_when_it_was_not_continued():
    first, _ = chain()
    duel = Duel(character(chain=first))
    duel.tick(Button.ATTACK)
    started = int(duel[0]["move"])
    duel.until_state(0, State.NEUTRAL)
    duel.tick(Button.ATTACK)
    assert duel[0]["move"] == started
    assert duel[0]["last_move"] == started


# ---- the buffer ----


@pytest.mark.parametrize("early", [0, 1, 3, 5])
def test_a_press_waits_for_its_first_legal_tick(early):
    duel = Duel(character(chain=move(recovery=20), skill1=move(**SKILL)), gap=FAR)
    duel.tick(Button.ATTACK, times=26 - early)
    assert duel.may(0, Button.SKILL1)
    duel.tick(Button.SKILL1)
    assert duel.until(lambda d: d[0]["last_button"] == Button.SKILL1) == early
    assert duel.states[0] is State.STARTUP


def test_a_press_too_early_is_illegal():
    duel = Duel(character(chain=move(recovery=20), skill1=move(**SKILL)), gap=FAR)
    duel.tick(Button.ATTACK, times=26 - 6)
    assert not duel.may(0, Button.SKILL1)
    duel.tick(Button.SKILL1, times=8)
    assert duel.count(0, Count.ILLEGAL) == 1
    assert duel.states[0] is State.NEUTRAL


def test_a_press_that_waited_in_vain_is_forgotten():
    duel = Duel(two=character(chain=move(hit(stun=12)), skill1=move(**SKILL)), gap=1000)
    duel.edit(0, state=State.HITSTUN, timer=4).tick(Button.ATTACK)
    duel.edit(0, timer=20).tick(times=25)
    assert duel.states[0] is State.NEUTRAL
    assert duel[0]["buffered_button"] == 0
    assert duel[0]["last_button"] == 0


def test_the_last_press_counts():
    duel = Duel(character(chain=move(recovery=20), skill1=move(**SKILL)), gap=FAR)
    duel.tick(Button.ATTACK, times=23).tick(Button.SKILL1).tick(Button.ATTACK).tick(times=4)
    assert duel[0]["last_button"] == Button.ATTACK


def test_every_press_the_mask_allows_comes_to_something():
    """Held still, a legal press starts within the buffer; it never runs out unseen."""
    both = character(chain=move(hit(stun=9), cancel_from=6, cancel_hit=ALL), skill1=move(**SKILL))
    for wait in range(40):
        duel = Duel(both, both)
        duel.tick(Button.ATTACK, times=wait)
        for seat in (0, 1):
            for button in (Button.SKILL1, Button.SLIP):
                if not duel.may(seat, button):
                    continue
                again = Duel(both, both)
                again.batch.restore(0, duel.batch.snapshot(0))
                presses = (button, 0) if seat == 0 else (0, button)
                again.tick(*presses)
                assert again.count(seat, Count.ILLEGAL) == 0
                again.until(lambda d, s=seat, b=button: d[s]["last_button"] == b, limit=6)


# ---- the opening ----


@pytest.mark.parametrize("charges", [1, 3])
def test_only_the_attack_is_ready_in_the_opening_whatever_the_charges(charges):
    skill = move(**SKILL, cooldown=200, charges=charges, startup=1, active=1, recovery=1)
    step = move(category=Category.TRAIT, startup=1, active=1, recovery=1)
    duel = Duel(character(skill1=skill, trait=step), gap=FAR, opening_ticks=15)
    for _ in range(15):
        assert duel.may(0, Button.ATTACK)
        assert not duel.may(0, Button.SKILL1)
        assert not duel.may(0, Button.TRAIT)
        duel.tick()
    assert duel.may(0, Button.TRAIT)
    used = 0
    while duel.may(0, Button.SKILL1):
        duel.tick(Button.SKILL1, times=4)
        used += 1
    assert used == charges


# ---- charges ----


def charged(hold, damage=1000):
    skill = move(hit(damage=1000), **SKILL, hold_max=20, hold_damage=damage)
    duel = Duel(character(skill1=skill))
    duel.tick(Button.SKILL1, times=5)
    assert duel.states[0] is State.HOLD
    if hold is None:
        duel.until_state(0, State.ACTIVE)
    else:
        duel.tick(times=hold)
        assert duel.may(0, Button.RELEASE)
        duel.tick(Button.RELEASE)
    return duel


@pytest.mark.parametrize(("hold", "damage"), [(0, 1000), (10, 1333), (19, 1666), (None, 2000)])
def test_a_charge_is_held_and_let_go(hold, damage):
    duel = charged(hold)
    assert duel.states[0] is State.ACTIVE
    assert duel.lost(1) == damage


def test_a_charge_goes_off_by_itself_when_full():
    duel = Duel(character(skill1=move(hit(), **SKILL, hold_max=20)))
    duel.tick(Button.SKILL1, times=5)
    assert duel.until_state(0, State.ACTIVE) == 20


def test_only_who_has_a_charge_owns_the_release():
    duel = Duel(character(skill1=move(hit(), **SKILL, hold_max=20)))
    assert not duel.may(0, Button.RELEASE)
    owned = np.zeros((1, 2, _core.NUM_ACTIONS), np.int8)
    duel.batch.static_masks(owned)
    assert owned[0, :, Button.RELEASE].tolist() == [1, 0]


# ---- cooldowns and costs ----


@pytest.mark.parametrize(("rate", "ticks"), [(1000, 300), (1100, 272), (900, 333)])
def test_cooldowns(rate, ticks):
    skill = move(**SKILL, cooldown=300)
    duel = Duel(character(skill1=skill, cooldown_rate=rate), gap=FAR)
    duel.tick(Button.SKILL1)
    # measured on the clock from the tick of the press; a press may come buffer_ticks early
    assert duel.until(lambda d: d.may(0, Button.SKILL1), limit=400) == ticks - 1


def test_a_charge_comes_back_at_its_tick():
    skill = move(**SKILL, cooldown=100, charges=2, startup=1, active=1, recovery=1)
    duel = Duel(character(skill1=skill), gap=FAR)
    duel.tick(Button.SKILL1, times=10).tick(Button.SKILL1)
    assert duel[0]["cooldown_until"][Button.SKILL1] == 200
    duel.until(lambda d: d.may(0, Button.SKILL1))
    assert duel.state["clock"] == 100


def test_a_move_that_costs_health_never_kills():
    skill = move(**SKILL, hp_cost=100)
    duel = Duel(character(skill1=skill), gap=FAR).edit(0, hp=1001)
    duel.tick(Button.SKILL1)
    assert duel[0]["hp"] == 1
    duel = Duel(character(skill1=skill), gap=FAR).edit(0, hp=1000)
    assert not duel.may(0, Button.SKILL1)


# ---- what does nothing ----


def test_an_illegal_action_does_nothing_for_its_whole_step():
    duel = Duel(gap=FAR)
    batch = _core.Batch(duel.batch.data, 1, frame_skip=3)
    batch.reset(0, 0, [0, 1])
    before = batch.state(0)
    east_skill = Direction.E * _core.NUM_BUTTONS + Button.SKILL1
    batch.advance(np.array([[east_skill, 0]], np.int32))
    after = np.frombuffer(batch.state(0), _core.DTYPES["state"])[0]["fighters"]
    start = np.frombuffer(before, _core.DTYPES["state"])[0]["fighters"]
    assert after["x"].tolist() == start["x"].tolist()
    assert after["counts"][0, Count.ILLEGAL] == 1
    batch.advance(np.array([[Direction.E * _core.NUM_BUTTONS, 0]], np.int32))
    walked = np.frombuffer(batch.state(0), _core.DTYPES["state"])[0]["fighters"]
    assert walked["x"][0] > start["x"][0]  # a legal direction is held for all three ticks
    assert walked["x"][0] - start["x"][0] == 3 * 100


@pytest.mark.parametrize("action", [-1, 108, 2**31 - 1])
def test_unknown_ids_do_nothing(action):
    duel = Duel(gap=FAR)
    x = int(duel[0]["x"])
    duel.tick(action, 0)
    assert duel[0]["x"] == x
    assert duel.count(0, Count.ILLEGAL) == 1
