"""The numbers of the game that belong to no character."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core

__all__ = ["Rules"]

_DAMAGE_SCALE = (
    *(1000, 1000, 960, 920, 880, 840, 800, 760, 720, 680),
    *(640, 600, 560, 520, 480, 440, 400, 380, 360, 350),
)


def _rule(default: int, low: int, high: int) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class Rules:
    """Rules of a match, in the units of `CamRules`: su = 1/1024 body, tick = 1/30 s.

    Raises:
        TypeError: if a value is not an integer.
        ValueError: if a value is out of its range, or two values contradict each other.
    """

    stage_half_x: int = _rule(6144, 2048, 12288)
    """Half the stage's length, su."""
    stage_half_y: int = _rule(2048, 512, 6144)
    """Half the stage's depth, su."""
    start_x: int = _rule(2560, 0, 12288)
    """Distance of both starts from the middle, su."""
    jitter_x: int = _rule(512, 0, 2048)
    """Largest random shift of the starts along the stage, su, mirrored for both sides."""
    jitter_y: int = _rule(768, 0, 2048)
    """Largest random shift of the starts in depth, su, mirrored for both sides."""
    push_x: int = _rule(338, 0, 1024)
    """Half-width of a push body, su."""
    push_y: int = _rule(184, 0, 1024)
    """Half-depth of a push body, su."""
    push_z: int = _rule(1024, 0, 4096)
    """Bodies further apart in height pass each other, su."""
    hurt_y: int = _rule(184, 1, 1024)
    """Half-depth of a hurt box, su."""
    lying_height: int = _rule(420, 1, 1024)
    """Height of a lying fighter's hurt box, su."""
    gravity: int = _rule(40, 1, 200)
    """Fall acceleration, su/tick^2."""
    terminal_speed: int = _rule(420, 1, 2000)
    """Largest falling speed, su/tick."""
    friction: int = _rule(12, 1, 200)
    """Speed a slide on the ground loses, su/tick^2."""
    buffer_ticks: int = _rule(5, 0, 30)
    """Ticks a press waits for its first legal tick."""
    damage_scale: tuple[int, ...] = _DAMAGE_SCALE
    """Damage by hits taken in this combo, milli; the last value goes on."""
    combo_gap_ticks: int = _rule(10, 0, 120)
    """Ticks after a stun in which another hit still belongs to the combo."""
    super_scale_floor: int = _rule(500, 0, 1000)
    """Lowest scale of an ultimate's hit, milli."""
    rage_share: int = _rule(300, 0, 1000)
    """Milli of max HP; the hits of a fighter with less hurt more."""
    rage_power: int = _rule(350, 0, 2000)
    """Damage added to them, milli."""
    counter_damage: int = _rule(1100, 1000, 3000)
    """Damage of a hit on a fighter in startup, active ticks or a charge, milli."""
    counter_stun: int = _rule(1250, 1000, 3000)
    """Stun of such a hit, milli."""
    armour_damage: int = _rule(850, 0, 1000)
    """Damage taken through armour, milli."""
    marked_damage: int = _rule(1500, 1000, 3000)
    """Damage of the hit that consumes the Marked effect, milli."""
    priority_gap: int = _rule(2, 1, 10)
    """A strike of this much more priority wins a trade alone."""
    protection_yellow: int = _rule(700, 1, 10000)
    """Protection gauge from which launches and stuns shrink."""
    protection_red: int = _rule(1000, 1, 10000)
    """Protection gauge from which the next landing is final."""
    protection_max: int = _rule(1400, 1, 10000)
    """Protection gauge at which the fighter falls out of reach."""
    protection_decay: int = _rule(12, 0, 1000)
    """Gauge lost per free tick."""
    protection_gravity: int = _rule(700, 1, 10000)
    """Gauge that doubles gravity."""
    yellow_launch: int = _rule(600, 0, 1000)
    """Launch speed past yellow, milli."""
    yellow_stun: int = _rule(800, 0, 1000)
    """Stun past yellow, milli."""
    protection_fall: int = _rule(1000, 1, 10000)
    """Protection gauge from which a hit on a standing fighter makes it fall."""
    otg_protection: int = _rule(150, 0, 2000)
    """Gauge added by a hit on a lying fighter."""
    max_otg: int = _rule(2, 0, 20)
    """Hits on a lying fighter per combo."""
    lie_ticks: int = _rule(16, 1, 120)
    """Ticks lying after a fall."""
    quick_rise_ticks: int = _rule(8, 0, 120)
    """Ticks lying before a held direction rises early."""
    slip_lying_ticks: int = _rule(4, 0, 120)
    """First ticks of a fall in which a slip is legal."""
    grab_safe_ticks: int = _rule(8, 0, 120)
    """Ticks after a stun in which grabs miss."""
    tech_ticks: int = _rule(12, 1, 120)
    """Ticks both fighters stagger when grabs or strikes meet."""
    tech_speed: int = _rule(160, 0, 1000)
    """Speed at which they part, su/tick."""
    trade_throw_x: int = _rule(200, 0, 1000)
    """Speed at which strikes that meet a second time in a row throw both, su/tick."""
    trade_throw_z: int = _rule(240, 0, 1000)
    """The same upward, su/tick."""
    grab_distance: int = _rule(700, 0, 4096)
    """Where a grabbed fighter is held, su in front of the grabber."""
    spark_start: int = _rule(8000, 0, 16000)
    """Sparks at the start, milli quarters."""
    spark_skill: int = _rule(2800, 0, 16000)
    """Gain at the first connect of a skill, milli quarters."""
    spark_finisher: int = _rule(1000, 0, 16000)
    """Gain at the connect of a chain's finisher, milli quarters."""
    spark_scroll: int = _rule(2000, 0, 16000)
    """Gain at the first connect of a scroll or companion call, milli quarters."""
    spark_period: int = _rule(150, 1, 10000)
    """Ticks per quarter gained by waiting."""
    spark_hurt_hp: int = _rule(1000, 1, 100000)
    """HP lost per quarter gained."""
    slip_vanish_ticks: int = _rule(6, 1, 60)
    """Ticks unseen during a slip."""
    slip_near: int = _rule(4096, 0, 12288)
    """A nearer attacker is slipped behind, su."""
    slip_behind: int = _rule(1229, 0, 4096)
    """Distance behind the attacker after a slip, su."""
    companion_gap_ticks: int = _rule(450, 0, 10000)
    """Ticks between two companion calls."""
    companion_calls: int = _rule(2, 0, 100)
    """Calls per companion slot and match."""
    dot_period: int = _rule(15, 1, 300)
    """Ticks between two changes of HP by an effect."""
    control_window: int = _rule(300, 0, 3000)
    """Ticks in which control effects shorten each other."""
    proactive_slip: int = _rule(0, 0, 1)
    """1: a slip is also legal while free."""
    proactive_slip_ticks: int = _rule(9, 0, 60)
    """Ticks invulnerable after such a slip."""
    max_effects: int = _rule(12, 1, 32)
    """Effects at a time on one fighter."""
    draw_margin: int = _rule(25, 0, 1000)
    """Share of HP, milli, by which a side must lead when time is over; less is a draw."""
    opening_ticks: int = _rule(15, 0, 300)
    """Ticks before any button but the attack and the slip is ready."""
    hover_power: int = _rule(800, 1, 4000)
    """Milli of gravity taken away by Featherlight from which a fighter hovers."""
    hover_height: int = _rule(1434, 0, 6144)
    """A hovering fighter rises no higher by itself, su."""
    execute_share: int = _rule(300, 0, 1000)
    """Milli of max HP below which an execute, or Last stand, hits harder."""
    execute_damage: int = _rule(600, 0, 3000)
    """Damage an execute adds, milli."""
    hold_levels: int = _rule(3, 1, 60)
    """Steps in which a charge grows."""
    momentum_ticks: int = _rule(30, 1, 300)
    """Ticks of walking before Momentum gives Might, and of that Might."""
    momentum_power: int = _rule(150, 0, 1000)
    """Damage added by it, milli."""
    last_stand_power: int = _rule(150, 0, 1000)
    """Damage added by Last stand, milli."""
    first_strike_power: int = _rule(200, 0, 1000)
    """Damage First strike adds to the first hit of a combo, milli."""
    heavy_launch: int = _rule(800, 100, 1000)
    """Launch speed taken with Heavy bones, milli."""
    feather_gravity: int = _rule(750, 100, 1000)
    """Gravity with Feather, milli."""
    thief_spark: int = _rule(1000, 0, 16000)
    """What a skill's first hit steals with Spark thief, milli quarters."""
    blood_price: int = _rule(25, 0, 1000)
    """What a skill costs with Blood price, milli of max HP."""
    blood_cooldown: int = _rule(500, 0, 1000)
    """Cooldown of such a skill, milli."""
    heat_gain: int = _rule(100, 0, 1000)
    """Gauge of 1000 that a hit adds with Heat."""
    heat_loss: int = _rule(3, 0, 1000)
    """Gauge lost per tick."""
    heat_power: int = _rule(300, 0, 1000)
    """Damage added at a full gauge, milli."""
    dancer_ticks: int = _rule(60, 0, 900)
    """Ticks of Tempo up after a change of form with Stance dancer."""
    dancer_power: int = _rule(120, 0, 1000)
    """Power of that Tempo up, milli."""
    tether_share: int = _rule(200, 0, 1000)
    """Damage that Puppet tether passes to a companion or clone, milli."""
    beast_hp: int = _rule(1400, 1000, 4000)
    """HP of companions and clones with Beast bond, milli."""
    depth_walk: int = _rule(1250, 1000, 3000)
    """Walking speed in depth with Depth dancer, milli."""
    long_reach: int = _rule(1150, 1000, 3000)
    """Reach of normals with Longarm, milli."""
    iron_control: int = _rule(600, 0, 1000)
    """Ticks of control effects with Iron will, milli."""
    opportunist_stun: int = _rule(1250, 1000, 3000)
    """Stun against a recovering target with Opportunist, milli."""
    echo_ticks: int = _rule(20, 1, 300)
    """Ticks after which a skill's hit hurts again with Echo."""
    echo_share: int = _rule(250, 0, 1000)
    """Share of its damage, milli."""

    def __post_init__(self) -> None:
        """Check types, ranges and the order of the protection levels."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "damage_scale":
                _check_scale(value)
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"rules: {item.name} must be an integer, got {value!r}")
            low, high = item.metadata["low"], item.metadata["high"]
            if not low <= value <= high:
                raise ValueError(f"rules: {item.name} is {value}; it must be {low}..{high}")
        if not self.protection_yellow <= self.protection_red <= self.protection_max:
            raise ValueError(
                "rules: protection_yellow, protection_red, protection_max must not decrease, got "
                f"{self.protection_yellow}, {self.protection_red}, {self.protection_max}"
            )
        if self.start_x + self.jitter_x > self.stage_half_x:
            raise ValueError(
                f"rules: start_x + jitter_x is {self.start_x + self.jitter_x}; "
                f"it must be at most stage_half_x, {self.stage_half_x}"
            )
        if self.jitter_y > self.stage_half_y:
            raise ValueError(
                f"rules: jitter_y is {self.jitter_y}; it must be 0..{self.stage_half_y}"
            )

    def pack(self) -> NDArray[np.void]:
        """Return the rules as a record of dtype `_core.DTYPES["rules"]`, shape ()."""
        record = np.zeros((), _core.DTYPES["rules"])
        for name, value in asdict(self).items():
            record[name] = value
        return record


def _check_scale(scale: tuple[int, ...]) -> None:
    length = len(_DAMAGE_SCALE)
    if len(scale) != length or any(not isinstance(value, int) for value in scale):
        raise ValueError(f"rules: damage_scale must be {length} integers, got {scale!r}")
    if any(not 0 <= value <= 1000 for value in scale) or list(scale) != sorted(scale, reverse=True):
        raise ValueError(f"rules: damage_scale must fall within 0..1000, got {scale!r}")
