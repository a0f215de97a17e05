"""What a hit does: stun, hitstop, counters, damage, trades, guard, parry and armour."""

import pytest
from small_roster import Count, Duel, State, character, hit, move

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Button, Effect, HitFlag, Impact

RULES = Rules()

SCALE = Rules().damage_scale


def strike(one=None, two=None, *, effects=(), **values):
    """Land one hit of fighter 0 on a standing fighter 1."""
    chain = move(hit(**values))
    duel = Duel(one or character(chain=chain), two)
    for seat, effect, power in effects:
        duel.give(seat, effect, power)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    return duel


# ---- stun and hitstop ----


@pytest.mark.parametrize("stun", [0, 1, 10, 28])
def test_stun_lasts_as_declared(stun):
    duel = strike(stun=stun)
    assert duel.states[1] is State.HITSTUN
    assert duel.until(lambda d: d.states[1] <= State.WALK) == stun + 1


def test_hitstop_freezes_both_but_not_the_match():
    duel = strike(stop_attacker=3, stop_victim=4, knock_x=100)
    before = duel[0]["move_tick"], int(duel[1]["x"]), duel.state["clock"]
    duel.tick(times=3)
    assert (duel[0]["move_tick"], duel[1]["x"]) == before[:2]
    assert duel.state["clock"] == before[2] + 3
    duel.tick()
    assert (duel[0]["move_tick"], duel[1]["x"]) == (before[0] + 1, before[1])
    duel.tick()
    assert duel[1]["x"] > before[1]


def test_a_hit_knocks_back_with_friction():
    duel = strike(knock_x=60, stun=20)
    speeds = [int(duel.tick()[1]["vx"]) for _ in range(6)]
    assert speeds == [48, 36, 24, 12, 0, 0]


# ---- counter hits ----


@pytest.mark.parametrize("state", ["startup", "active", "recovery"])
def test_counter_hits_punish_startup_and_active_ticks(state):
    slow = character(chain=move(startup=12, active=12, recovery=12))
    duel = Duel(character(chain=move(hit(damage=1000, stun=12))), slow)
    duel.tick(0, Button.ATTACK).tick(times={"startup": 0, "active": 13, "recovery": 24}[state])
    duel.tick(Button.ATTACK)
    assert duel.states[1].name == state.upper()
    duel.until_hit()
    counters = state != "recovery"
    assert duel.count(0, Count.COUNTERS) == counters
    assert duel.lost(1) == (1100 if counters else 1000)
    assert duel.until(lambda d: d.states[1] <= State.WALK) == (15 if counters else 12) + 1


# ---- damage ----


def test_two_hits_in_one_tick_scale_one_after_the_other():
    chain = move(hit(damage=1000), hit(damage=1000))
    duel = Duel(character(chain=chain)).edit(1, combo_hits=3, grab_safe_until=99)
    duel.tick(Button.ATTACK).until_hit()
    assert SCALE[3] != SCALE[4]
    assert duel.lost(1) == SCALE[3] + SCALE[4]


@pytest.mark.parametrize(
    ("attack", "defense", "effects", "damage"),
    [
        (1000, 0, (), 1000),
        (1120, 0, (), 1120),
        (1000, 250, (), 800),
        (900, 120, (), 803),  # 900 * 1000 // 1120
        (1000, 0, [(0, Effect.MIGHT, 200)], 1200),
        (1000, 0, [(0, Effect.FRAIL, 150)], 850),
        (1000, 0, [(1, Effect.GUARDED, 200)], 800),
        (1000, 0, [(1, Effect.EXPOSED, 120)], 1120),
        (1000, 0, [(0, Effect.MIGHT, 200), (1, Effect.GUARDED, 150)], 1050),
        (1100, 100, [(0, Effect.FRAIL, 80), (1, Effect.EXPOSED, 200)], 1120),
    ],
)
def test_damage_formula(attack, defense, effects, damage):
    one = character(chain=move(hit(damage=1000)), attack=attack)
    assert strike(one, character(defense=defense), effects=effects).lost(1) == damage


def test_a_hit_takes_at_least_one_hp():
    assert strike(damage=0).lost(1) == 1


def test_damage_scales_with_the_hits_of_the_combo():
    chain = move(hit(damage=100, rehit=1, stun=30), active=24)
    duel = Duel(character(chain=chain), character(max_hp=10000))
    duel.tick(Button.ATTACK).until_hit()
    for n in range(24):
        expected = sum(100 * SCALE[min(k, len(SCALE) - 1)] // 1000 for k in range(n + 1))
        assert duel.lost(1) == expected
        duel.tick()


def test_scaling_begins_anew_with_the_next_combo():
    duel = strike(damage=1000)
    duel.edit(1, combo_hits=10)
    duel.until(lambda d: d.states[1] <= State.WALK)
    duel.tick(times=RULES.combo_gap_ticks)
    duel.place(1000).tick(Button.ATTACK)
    duel.until_hit()
    assert duel.lost(1) == 2000


@pytest.mark.parametrize(("flags", "milli"), [(0, 350), (HitFlag.SUPER, 500)])
def test_an_ultimate_scales_no_lower_than_its_floor(flags, milli):
    duel = Duel(character(chain=move(hit(damage=1000, flags=flags))))
    duel.edit(1, combo_hits=19, state=State.HITSTUN, timer=30)
    duel.tick(Button.ATTACK)
    duel.until_hit()
    assert duel.lost(1) == milli


# ---- trades ----


def trade(one, two):
    duel = Duel(character(chain=move(one)), character(chain=move(two)))
    duel.tick(Button.ATTACK, Button.ATTACK)
    duel.until_hit()
    return duel


def test_strikes_of_the_same_tick_trade():
    for gap in (0, 1):
        duel = trade(hit(priority=1), hit(priority=1 + gap))
        assert duel.states == (State.HITSTUN, State.HITSTUN)
        assert (duel.lost(0), duel.lost(1)) == (110, 110)


def test_much_higher_priority_wins_a_trade_alone():
    duel = trade(hit(priority=1), hit(priority=3))
    assert duel.states == (State.HITSTUN, State.ACTIVE)
    assert (duel.lost(0), duel.lost(1)) == (110, 0)


def test_an_earlier_strike_beats_any_priority():
    fast, slow = move(hit(priority=0), startup=3), move(hit(priority=9))
    duel = Duel(character(chain=fast), character(chain=slow))
    duel.tick(Button.ATTACK, Button.ATTACK).tick(times=10)
    assert (duel.count(0, Count.HITS), duel.count(1, Count.HITS)) == (1, 0)


# ---- guard ----

GUARD = {"guard_from": 1, "guard_to": 20, "startup": 1, "active": 20, "recovery": 4}


def guarded(facing=-1, **values):
    guarding = character(trait=move(category=32, **GUARD))
    chain = move(hit(**{"damage": 1000, "guard_stun": 6, "chip": 100, "knock_x": 80} | values))
    duel = Duel(character(chain=chain), guarding)
    duel.tick(0, Button.TRAIT).tick(Button.ATTACK).edit(1, facing=facing)
    duel.tick(times=4)
    return duel


def test_a_guard_takes_chip_and_stuns_for_guard_stun():
    duel = guarded()
    assert duel.states[1] is State.BLOCKSTUN
    assert duel.lost(1) == 100
    assert (duel.count(0, Count.HITS), duel.count(1, Count.GUARDED)) == (0, 1)
    assert duel[1]["vx"] == 40  # half the push
    assert duel.until(lambda d: d.states[1] <= State.WALK) == 6 + 1


def test_a_guard_in_stun_goes_on_guarding():
    duel = guarded(rehit=1, guard_stun=8)
    duel.tick()
    assert duel.count(1, Count.GUARDED) == 2


def test_a_guard_covers_the_front_only():
    assert guarded(facing=1).states[1] is State.HITSTUN


def test_unblockable_hits_pass_a_guard():
    assert guarded(flags=HitFlag.UNBLOCKABLE).states[1] is State.HITSTUN


def test_a_guard_is_open_outside_its_window():
    late = move(category=32, **GUARD | {"guard_from": 10})
    duel = Duel(two=character(trait=late))
    duel.tick(Button.ATTACK, Button.TRAIT)
    duel.until_hit()
    assert duel.states[1] is State.HITSTUN


# ---- parry ----


def parried(attack, **reply):
    answer = move(hit(damage=700), category=2, **reply)
    stance = move(category=2, startup=1, active=16, recovery=8, parry_from=1, parry_to=16,
                  reply=answer)  # fmt: skip
    duel = Duel(character(chain=attack), character(skill1=stance))
    duel.tick(Button.ATTACK, Button.SKILL1).tick(times=4)
    return duel


def test_a_parry_takes_nothing_and_leads_to_its_reply():
    duel = parried(move(hit(damage=1000)))
    assert duel.lost(1) == 0
    assert duel.count(1, Count.PARRIES) == 1
    assert duel.states[1] is State.STARTUP
    assert duel.until_hit() == 4  # the reply's startup
    assert duel.lost(0) == 770  # struck while the parried move runs: a counter hit


def test_the_reply_faces_who_was_parried():
    duel = Duel(
        character(chain=move(hit())),
        character(
            skill1=move(category=2, active=16, parry_from=0, parry_to=20, reply=move(category=2))
        ),
    )
    duel.tick(Button.ATTACK, Button.SKILL1).edit(1, facing=1)
    duel.tick(times=4)
    assert duel[1]["facing"] == -1


def test_the_first_tick_of_a_reply_counts():
    lift = {"key_tick": (0, *(-1,) * 5), "key_vx": (0,) * 6, "key_vz": (300, 0, 0, 0, 0, 0)}
    duel = parried(move(hit()), **lift)
    duel.tick()
    assert duel[1]["z"] > 0


def test_unblockable_hits_pass_a_parry():
    assert parried(move(hit(flags=HitFlag.UNBLOCKABLE))).states[1] is State.HITSTUN


# ---- armour ----


def armoured(armour, **values):
    charge = move(category=2, startup=12, armour_level=armour, armour_from=1, armour_to=12)
    duel = Duel(character(chain=move(hit(damage=1000, **values))), character(skill1=charge))
    duel.tick(Button.ATTACK, Button.SKILL1).tick(times=4)
    return duel


def test_armour_takes_damage_without_stun():
    duel = armoured(1, level=1)
    assert duel.states[1] is State.STARTUP
    assert duel.lost(1) == 850
    assert duel.count(1, Count.ARMOURED) == 1


@pytest.mark.parametrize(
    ("armour", "level", "breaks", "holds"),
    [(1, 1, 0, True), (1, 2, 0, False), (2, 2, 1, True), (2, 1, 2, False), (4, 4, 3, True)],
)
def test_armour_level_against_hit_level_and_armour_break(armour, level, breaks, holds):
    duel = armoured(armour, level=level, armour_break=breaks)
    assert duel.states[1] is (State.STARTUP if holds else State.HITSTUN)


def test_armour_ends_with_its_window():
    short = move(category=2, startup=12, armour_level=4, armour_from=0, armour_to=4)
    duel = Duel(character(chain=move(hit())), character(skill1=short))
    duel.tick(Button.ATTACK, Button.SKILL1)
    duel.until_hit()
    assert duel.states[1] is State.HITSTUN


@pytest.mark.parametrize(
    ("armour", "poise", "state"),
    [(1, 0, State.HITSTUN), (1, 1, State.STARTUP), (0, 1, State.HITSTUN)],
)
def test_base_poise_adds_a_level_where_a_move_has_armour(armour, poise, state):
    values = {"armour_level": armour, "armour_to": 12} if armour else {}
    poised = character(chain=move(startup=12, active=1, recovery=12, **values), base_poise=poise)
    duel = Duel(character(chain=move(hit(level=2))), poised)
    duel.tick(Button.ATTACK, Button.ATTACK).tick(times=5)
    assert duel.states[1] is state


@pytest.mark.parametrize("way", [0, 1, 2])
def test_windows_of_invulnerability_are_by_kind_of_attack(way):
    windows = [0, 0, 0]
    windows[way] = 12
    dodge = move(category=2, startup=12, inv_to=tuple(windows))
    for kind, flags in ((0, 0), (2, HitFlag.GRAB)):
        duel = Duel(character(chain=move(hit(flags=flags))), character(skill1=dodge))
        duel.tick(Button.ATTACK, Button.SKILL1).tick(times=5)
        assert (duel.states[1] is State.STARTUP) == (way == kind)


def test_a_crumpled_fighter_falls_at_the_end_of_its_stun():
    duel = strike(impact=Impact.CRUMPLE, stun=12)
    assert duel.states[1] is State.HITSTUN
    assert duel.until_state(1, State.KNOCKDOWN) == 13


def test_a_hit_without_impact_only_hurts():
    duel = Duel(character(chain=move(hit(impact=Impact.NONE))), character(chain=move(startup=9)))
    duel.tick(Button.ATTACK, Button.ATTACK)
    duel.until_hit()
    assert duel.states[1] is State.STARTUP
    assert duel.lost(1) == 110
