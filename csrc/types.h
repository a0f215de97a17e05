/* The data of the simulation: what a match is (CamState) and what never changes during one (CamData).

   Every struct is a list of fields, F(type, name, unit) or A(type, name, length, unit). The list makes the struct and
   the table that Python reads to view it as a numpy record, so the two cannot differ. Integers only, no pointers in
   CamState, no padding (asserted below): equal states are equal bytes.

   Units: su = sub-unit, 1/1024 body; tick = 1/30 s; milli = one thousandth (per-mille, or of a spark quarter).
   Axes: x along the stage, y its depth (positive is away from the viewer), z up; the middle of the stage is (0, 0, 0). */
#ifndef CAM_TYPES_H
#define CAM_TYPES_H

#include <stddef.h>
#include <stdint.h>

enum {
    CAM_NUM_SIDES = 2,
    CAM_BODY_SU = 1024,
    CAM_MAX_TEAM = 5,           /* fighters of one side */
    CAM_MAX_FIGHTERS = CAM_NUM_SIDES * CAM_MAX_TEAM,
    CAM_MAX_TICKS = 18000,      /* of one match: deadlines are 16 bits */
    CAM_MAX_ENTITIES = 8,       /* owned by one fighter at a time */
    CAM_MAX_HITS = 6,           /* hit records of one move */
    CAM_NUM_DIRECTIONS = 9,
    CAM_NUM_BUTTONS = 12,
    CAM_NUM_ACTIONS = CAM_NUM_DIRECTIONS * CAM_NUM_BUTTONS,
    CAM_NUM_EFFECTS = 32,
    CAM_NUM_COMPANIONS = 3,
    CAM_NUM_KEYS = 6,           /* velocity keys of one move */
    CAM_SCALE_LENGTH = 20,
    CAM_SPARK_QUARTER = 1000,   /* milli */
    CAM_SPARK_MAX = 16 * CAM_SPARK_QUARTER,
    CAM_DESCRIPTOR_SIZE = 32,
    CAM_PROFILE_SIZE = 130
};

/* action = direction * CAM_NUM_BUTTONS + button */
enum {
    CAM_BUTTON_NONE, CAM_BUTTON_ATTACK, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_ULTIMATE, CAM_BUTTON_SLIP,
    CAM_BUTTON_SCROLL, CAM_BUTTON_COMPANION_A, CAM_BUTTON_COMPANION_B, CAM_BUTTON_COMPANION_C, CAM_BUTTON_TRAIT,
    CAM_BUTTON_RELEASE
};

/* as the fighter sees them: its own side starts on the left */
enum {
    CAM_DIRECTION_NONE, CAM_DIRECTION_E, CAM_DIRECTION_NE, CAM_DIRECTION_N, CAM_DIRECTION_NW, CAM_DIRECTION_W,
    CAM_DIRECTION_SW, CAM_DIRECTION_S, CAM_DIRECTION_SE
};

enum {
    CAM_STATE_NEUTRAL, CAM_STATE_WALK, CAM_STATE_STARTUP, CAM_STATE_ACTIVE, CAM_STATE_RECOVERY, CAM_STATE_HOLD,
    CAM_STATE_HITSTUN, CAM_STATE_LAUNCHED, CAM_STATE_WALLBOUNCE, CAM_STATE_KNOCKDOWN, CAM_STATE_RISING,
    CAM_STATE_GRABBED, CAM_STATE_FROZEN, CAM_STATE_BLOCKSTUN, CAM_STATE_SLIP, CAM_STATE_KO, CAM_NUM_STATES
};

enum {   /* bits: what a move is, and what another may cancel into */
    CAM_CATEGORY_CHAIN = 1, CAM_CATEGORY_SKILL = 2, CAM_CATEGORY_SCROLL = 4, CAM_CATEGORY_ULTIMATE = 8,
    CAM_CATEGORY_COMPANION = 16, CAM_CATEGORY_TRAIT = 32
};

enum { CAM_CONTACT_NONE, CAM_CONTACT_HIT, CAM_CONTACT_GUARD };

enum {   /* what a hit does to a fighter it stuns */
    CAM_IMPACT_NONE, CAM_IMPACT_FLINCH, CAM_IMPACT_STAGGER, CAM_IMPACT_LAUNCH, CAM_IMPACT_KNOCKDOWN,
    CAM_IMPACT_CRUMPLE, CAM_IMPACT_WALLBOUNCE, CAM_IMPACT_GROUNDBOUNCE, CAM_NUM_IMPACTS
};

enum {   /* flag bits of a hit */
    CAM_HIT_GRAB = 1,           /* unblockable, beats armour, loses to strikes; holds the target until the move ends */
    CAM_HIT_HELD = 2,           /* lands on the held fighter and nobody else */
    CAM_HIT_OTG = 4,            /* reaches a fighter lying down */
    CAM_HIT_UNBLOCKABLE = 8,
    CAM_HIT_SUPER = 16,         /* an ultimate's hit: its own damage floor */
    CAM_HIT_RELEASE = 32,       /* lets the held fighter go */
    CAM_HIT_EXECUTE = 64        /* hurts more who is nearly beaten */
};

enum {   /* flag bits of a move */
    CAM_MOVE_AIR_OK = 1,        /* may start in the air */
    CAM_MOVE_TURN = 2,          /* may turn round during startup */
    CAM_MOVE_STEER = 4,         /* the direction held bends the depth velocity during startup and active ticks */
    CAM_MOVE_FINISHER = 8,      /* last of a chain: gains spark on connect */
    CAM_MOVE_GHOST = 16,        /* passes through other fighters */
    CAM_MOVE_AIMED = 32,        /* key velocities follow the aimed direction, not the facing (a dash) */
    CAM_MOVE_REFLECT = 64       /* its parry sends projectiles back */
};

enum {   /* buffs and debuffs (mechanics 6.10); a bit of CamFighter.effects each */
    CAM_EFFECT_MIGHT, CAM_EFFECT_FRAIL, CAM_EFFECT_GUARDED, CAM_EFFECT_EXPOSED, CAM_EFFECT_HASTE, CAM_EFFECT_SLOW,
    CAM_EFFECT_TEMPO_UP, CAM_EFFECT_TEMPO_DOWN, CAM_EFFECT_REGEN, CAM_EFFECT_BLEED, CAM_EFFECT_BURN, CAM_EFFECT_VENOM,
    CAM_EFFECT_SHIELD, CAM_EFFECT_ARMOUR, CAM_EFFECT_THORNS, CAM_EFFECT_LEECH, CAM_EFFECT_ROOT, CAM_EFFECT_STUN,
    CAM_EFFECT_FREEZE, CAM_EFFECT_HUSH, CAM_EFFECT_SEAL, CAM_EFFECT_WEIGHTED, CAM_EFFECT_FEATHERLIGHT,
    CAM_EFFECT_REVERSED, CAM_EFFECT_MARKED, CAM_EFFECT_VEIL, CAM_EFFECT_UNSTOPPABLE, CAM_EFFECT_SPARKFLOW,
    CAM_EFFECT_DRAIN, CAM_EFFECT_QUICKEN, CAM_EFFECT_LAG, CAM_EFFECT_DEATHWARD
};

enum {   /* op-codes: what a move does besides hitting, at one tick of it */
    CAM_OP_NONE, CAM_OP_SPAWN, CAM_OP_BUFF_SELF, CAM_OP_BUFF_TARGET, CAM_OP_CLEANSE, CAM_OP_DISPEL, CAM_OP_HEAL,
    CAM_OP_COST_HP, CAM_OP_GAIN_SPARK, CAM_OP_DRAIN_SPARK, CAM_OP_TELEPORT, CAM_OP_SET_VELOCITY, CAM_OP_COOLDOWN,
    CAM_OP_FORM, CAM_OP_MARKER, CAM_OP_PUSH, CAM_NUM_OPS
};

enum {   /* where CAM_OP_TELEPORT goes (argument a) */
    CAM_TELEPORT_BEHIND, CAM_TELEPORT_DIRECTION
};

enum {   /* how an entity behaves */
    CAM_ENTITY_PROJECTILE,      /* flies; dies at walls, on its last hit, or beaten in a clash */
    CAM_ENTITY_ZONE,            /* stays on the ground and hits again and again */
    CAM_ENTITY_TRAP,            /* arms, waits for an opponent in its radius, then bursts */
    CAM_ENTITY_WALL,            /* stops projectiles and walking; has hit points */
    CAM_ENTITY_COMPANION,       /* runs at the nearest opponent and strikes in reach; can be struck down */
    CAM_ENTITY_ORBIT,           /* circles its owner */
    CAM_ENTITY_CLONE,           /* stays; strikes when its owner's move does; can be struck down, so it also takes hits */
    CAM_ENTITY_MARKER,          /* a place to come back to */
    CAM_NUM_ENTITY_KINDS
};

enum {   /* how a fighter slips out of a combo: behind its attacker unless said otherwise */
    CAM_SLIP_BACKDOOR,
    CAM_SLIP_STILLNESS,         /* in place */
    CAM_SLIP_FEATHER,           /* and into the air */
    CAM_SLIP_POWDER,            /* leaves slip_entity */
    CAM_SLIP_LEDGER,            /* paid in HP */
    CAM_SLIP_QUICKENED,         /* sooner ready, dearer */
    CAM_SLIP_RIPOSTE,           /* reappears in slip_reply */
    CAM_SLIP_HERD,              /* changes places with a companion or clone of its own, if one lives */
    CAM_NUM_SLIPS
};

enum {   /* bits of CamCharacter.traits; the first five are moves, and the bit only names them */
    CAM_TRAIT_DASH = 1, CAM_TRAIT_GUARD = 1 << 1, CAM_TRAIT_PARRY_JUST = 1 << 2, CAM_TRAIT_AIR_HOP = 1 << 3,
    CAM_TRAIT_AMMO = 1 << 4, CAM_TRAIT_MOMENTUM = 1 << 5, CAM_TRAIT_LAST_STAND = 1 << 6, CAM_TRAIT_FIRST_STRIKE = 1 << 7,
    CAM_TRAIT_WALL_RUNNER = 1 << 8, CAM_TRAIT_HEAVY_BONES = 1 << 9, CAM_TRAIT_FEATHER = 1 << 10,
    CAM_TRAIT_SPARK_THIEF = 1 << 11, CAM_TRAIT_BLOOD_PRICE = 1 << 12, CAM_TRAIT_HEAT = 1 << 13,
    CAM_TRAIT_STANCE_DANCER = 1 << 14, CAM_TRAIT_PUPPET_TETHER = 1 << 15, CAM_TRAIT_BEAST_BOND = 1 << 16,
    CAM_TRAIT_TRAPPER = 1 << 17, CAM_TRAIT_DEPTH_DANCER = 1 << 18, CAM_TRAIT_LONGARM = 1 << 19,
    CAM_TRAIT_IRON_WILL = 1 << 20, CAM_TRAIT_OPPORTUNIST = 1 << 21, CAM_TRAIT_SECOND_SKIN = 1 << 22,
    CAM_TRAIT_ECHO = 1 << 23, CAM_NUM_TRAITS = 24
};

enum {   /* bits of CamFighter.once */
    CAM_ONCE_SLIPPED = 1,       /* its invulnerability is a slip's: its own first active tick ends it */
    CAM_ONCE_DEATHWARD = 2,     /* Deathward was had in this match */
    CAM_ONCE_TRADED = 4         /* the last contact of bodies was a trade */
};

enum { CAM_WINNER_NONE = -1, CAM_WINNER_DRAW = 2 };   /* else the side, 0 or 1 */

enum {   /* what was seen last at a fighter, for viewers */
    CAM_MARK_NONE, CAM_MARK_HIT, CAM_MARK_COUNTER, CAM_MARK_ARMOUR, CAM_MARK_GUARD, CAM_MARK_PARRY, CAM_MARK_GRAB,
    CAM_MARK_TECH, CAM_MARK_SLIP, CAM_MARK_DEATHWARD
};

enum {   /* index of CamFighter.counts: how often since the match began */
    CAM_COUNT_HITS, CAM_COUNT_COUNTERS, CAM_COUNT_SLIPS, CAM_COUNT_SUMMONS, CAM_COUNT_ULTIMATES, CAM_COUNT_GRABS,
    CAM_COUNT_KNOCKDOWNS, CAM_COUNT_ARMOURED, CAM_COUNT_GUARDED, CAM_COUNT_PARRIES, CAM_COUNT_ILLEGAL,
    CAM_COUNT_SCROLLS, CAM_COUNT_ATTACKS, CAM_COUNT_SKILL1, CAM_COUNT_SKILL2, CAM_COUNT_TRAIT, CAM_NUM_COUNTS
};

enum {   /* index of CamFighter.taken: what a fighter lost HP to; an entity counts for what brought it */
    CAM_SOURCE_CHAIN, CAM_SOURCE_SKILL, CAM_SOURCE_ULTIMATE, CAM_SOURCE_SCROLL, CAM_SOURCE_COMPANION, CAM_SOURCE_TRAIT,
    CAM_SOURCE_SLIP, CAM_SOURCE_EFFECT, CAM_NUM_SOURCES
};

/* ---- one match ---- */

#define CAM_STATE_FIELDS(F, A) \
    F(uint64_t, seed, "what reset was given") \
    F(int32_t, tick, "ticks since reset; the match timer") \
    F(int32_t, clock, "ticks not spent in a super freeze; deadlines are measured on it") \
    F(int32_t, max_ticks, "ticks; the match ends here") \
    F(int16_t, freeze, "ticks of super freeze left") \
    F(int8_t, winner, "side, CAM_WINNER_NONE or CAM_WINNER_DRAW") \
    F(uint8_t, num_fighters, "count; those of side 0 come first") \
    F(uint8_t, is_over, "0 or 1") \
    A(uint8_t, reserved, 7, "zero; makes the size a multiple of 8")

#define CAM_ENTITY_FIELDS(F, A) \
    F(int16_t, type, "index of CamEntityType, -1 if the slot is empty") \
    F(int16_t, x, "su") \
    F(int16_t, y, "su") \
    F(int16_t, z, "su") \
    F(int16_t, vx, "su/tick") \
    F(int16_t, vy, "su/tick") \
    F(int16_t, vz, "su/tick") \
    F(int16_t, age, "ticks since spawn") \
    F(int16_t, ttl, "ticks left") \
    F(int16_t, hp, "HP left; 0 if it cannot be struck") \
    F(int16_t, strike_tick, "ticks since a trap burst, or a companion or clone began its strike, -1 before") \
    F(int16_t, phase, "1/256 turn; where on its circle an orbiting entity is") \
    F(uint16_t, struck, "bit per fighter struck in this rehit interval") \
    F(int8_t, facing, "+1 or -1") \
    F(int8_t, side, "0 or 1") \
    F(uint8_t, hits_left, "hits") \
    F(uint8_t, durability, "level in a clash")

#define CAM_FIGHTER_FIELDS(F, A) \
    F(int32_t, x, "su") \
    F(int32_t, y, "su") \
    F(int32_t, z, "su above ground") \
    F(int32_t, hp, "HP") \
    F(int32_t, step_hp, "HP when the step began") \
    F(int32_t, combo_damage, "HP lost in the combo being taken") \
    F(uint32_t, effects, "bit per active CAM_EFFECT") \
    F(int16_t, vx, "su/tick") \
    F(int16_t, vy, "su/tick") \
    F(int16_t, vz, "su/tick") \
    F(int16_t, slide, "su/tick pushed back from a cornered opponent") \
    F(int16_t, character, "index in the roster") \
    F(int16_t, scroll, "index in the roster") \
    A(int16_t, companions, CAM_NUM_COMPANIONS, "index in the roster, -1 for none") \
    F(int16_t, spark, "milli quarters, 0..CAM_SPARK_MAX") \
    F(int16_t, step_spark, "milli quarters when the step began") \
    F(int16_t, state_ticks, "ticks since this state began") \
    F(int16_t, timer, "ticks until a stun, fall or vanish ends") \
    F(int16_t, move, "index of CamMove, -1 for none") \
    F(int16_t, move_tick, "ticks of the move done") \
    F(int16_t, move_scale, "milli; startup and recovery are this much of the declared") \
    F(int16_t, hold_ticks, "ticks a charge was held") \
    F(int16_t, last_move, "index of the move before, -1 for none") \
    F(int16_t, protection, "protection gauge, 0..1400") \
    F(int16_t, invulnerable_until, "clock") \
    F(int16_t, grab_safe_until, "clock") \
    F(int16_t, control_until, "clock; control effects are shorter until then") \
    F(int16_t, form_until, "clock; the form ends, 0 for one that only ends when left") \
    F(int16_t, gauge, "heat, 0..1000") \
    F(int16_t, echo_at, "clock; echo_damage is lost then, 0 for none") \
    F(int16_t, echo_damage, "HP") \
    F(int16_t, mark_clock, "clock of the last mark") \
    F(int16_t, mark_x, "su") \
    F(int16_t, mark_y, "su") \
    F(int16_t, mark_z, "su") \
    A(int16_t, cooldown_until, CAM_NUM_BUTTONS, "clock, by button") \
    A(int16_t, effect_until, CAM_NUM_EFFECTS, "clock, by effect") \
    A(int16_t, effect_power, CAM_NUM_EFFECTS, "milli, HP or level: see effects.c") \
    A(uint16_t, hit_struck, CAM_MAX_HITS, "bit per fighter struck by that hit of the move in this rehit interval") \
    A(uint16_t, counts, CAM_NUM_COUNTS, "events since reset, by CAM_COUNT") \
    A(uint16_t, taken, CAM_NUM_SOURCES, "HP lost to others since reset, by CAM_SOURCE") \
    A(uint8_t, effect_stacks, CAM_NUM_EFFECTS, "count") \
    A(uint8_t, calls_left, CAM_NUM_COMPANIONS, "companion calls left") \
    F(uint8_t, state, "CAM_STATE") \
    F(int8_t, facing, "+1 looks to positive x, -1 to negative") \
    F(int8_t, side, "0 or 1") \
    F(uint8_t, direction, "CAM_DIRECTION held, as the fighter sees it") \
    F(uint8_t, buffered_button, "CAM_BUTTON waiting to start, 0 for none") \
    F(uint8_t, buffered_direction, "CAM_DIRECTION pressed with it") \
    F(int8_t, buffer_ticks, "ticks the press still waits") \
    F(int8_t, hitstop, "ticks frozen by a hit") \
    F(uint8_t, contact, "CAM_CONTACT of the move") \
    F(uint8_t, move_direction, "CAM_DIRECTION the move was aimed with") \
    F(uint8_t, last_button, "CAM_BUTTON that started last") \
    F(uint8_t, collapses, "1: this stun ends in a fall") \
    F(uint8_t, bounces, "bits: 1 bounces off a wall, 2 off the ground") \
    F(int8_t, grabbed_by, "fighter, -1 for none") \
    F(int8_t, grabbing, "fighter, -1 for none") \
    F(uint8_t, combo_hits, "hits of the combo being taken") \
    F(uint8_t, air_hits, "of these, taken in the air") \
    F(uint8_t, otg_hits, "of these, taken lying down") \
    F(uint8_t, bounced, "bits of bounces used up in this combo") \
    F(uint8_t, is_red, "1: the next landing is final") \
    F(uint8_t, control_count, "control effects taken in the window") \
    F(uint8_t, mark, "CAM_MARK") \
    F(uint8_t, step_hits, "hits landed in this step") \
    F(uint8_t, form, "1: in its form, whose moves the buttons start") \
    F(uint8_t, once, "CAM_ONCE bits")

/* ---- constant data, compiled from the roster and the rules ---- */

#define CAM_RULES_FIELDS(F, A) \
    F(int32_t, stage_half_x, "su") \
    F(int32_t, stage_half_y, "su") \
    F(int32_t, start_x, "su from the middle") \
    F(int32_t, jitter_x, "su, mirrored for both sides") \
    F(int32_t, jitter_y, "su, mirrored for both sides") \
    F(int32_t, push_x, "su, half-width of a push body") \
    F(int32_t, push_y, "su, half-depth of a push body") \
    F(int32_t, push_z, "su; bodies further apart in height pass") \
    F(int32_t, hurt_y, "su, half-depth of a hurt box") \
    F(int32_t, lying_height, "su, height of a lying fighter's hurt box") \
    F(int32_t, gravity, "su/tick^2") \
    F(int32_t, terminal_speed, "su/tick, downward") \
    F(int32_t, friction, "su/tick^2 a ground slide loses") \
    F(int32_t, buffer_ticks, "ticks a press waits for its first legal tick") \
    A(int32_t, damage_scale, CAM_SCALE_LENGTH, "milli, by hits taken in this combo; the last goes on") \
    F(int32_t, combo_gap_ticks, "ticks after a stun in which another hit still belongs to the combo") \
    F(int32_t, super_scale_floor, "milli, lowest scale of an ultimate's hit") \
    F(int32_t, rage_share, "milli of max HP; the hits of a fighter with less hurt more") \
    F(int32_t, rage_power, "milli of damage added then") \
    F(int32_t, counter_damage, "milli") \
    F(int32_t, counter_stun, "milli") \
    F(int32_t, armour_damage, "milli") \
    F(int32_t, marked_damage, "milli; the hit that consumes Marked") \
    F(int32_t, priority_gap, "a strike this much higher wins a trade alone") \
    F(int32_t, protection_yellow, "gauge") \
    F(int32_t, protection_red, "gauge") \
    F(int32_t, protection_max, "gauge") \
    F(int32_t, protection_decay, "gauge per free tick") \
    F(int32_t, protection_gravity, "gauge that doubles gravity") \
    F(int32_t, yellow_launch, "milli of launch speed past yellow") \
    F(int32_t, yellow_stun, "milli of stun past yellow") \
    F(int32_t, protection_fall, "gauge from which a hit on a standing fighter makes it fall") \
    F(int32_t, otg_protection, "gauge added by a hit on a lying fighter") \
    F(int32_t, max_otg, "hits per combo") \
    F(int32_t, lie_ticks, "ticks lying after a fall") \
    F(int32_t, quick_rise_ticks, "ticks lying before a held direction rises early") \
    F(int32_t, slip_lying_ticks, "first ticks of a fall in which a slip is legal") \
    F(int32_t, grab_safe_ticks, "ticks after a stun in which grabs miss") \
    F(int32_t, tech_ticks, "ticks both fighters stagger when grabs or strikes meet") \
    F(int32_t, tech_speed, "su/tick at which they part") \
    F(int32_t, trade_throw_x, "su/tick at which strikes that meet a second time in a row throw both") \
    F(int32_t, trade_throw_z, "su/tick, upward") \
    F(int32_t, grab_distance, "su in front of the grabber") \
    F(int32_t, spark_start, "milli quarters") \
    F(int32_t, spark_skill, "milli quarters, first connect of a skill") \
    F(int32_t, spark_finisher, "milli quarters, connect of a chain's last") \
    F(int32_t, spark_scroll, "milli quarters, first connect of a scroll or companion call") \
    F(int32_t, spark_period, "ticks per quarter gained by waiting") \
    F(int32_t, spark_hurt_hp, "HP lost per quarter gained") \
    F(int32_t, slip_vanish_ticks, "ticks unseen") \
    F(int32_t, slip_near, "su; a nearer attacker is slipped behind") \
    F(int32_t, slip_behind, "su behind the attacker") \
    F(int32_t, companion_gap_ticks, "ticks between two calls") \
    F(int32_t, companion_calls, "calls per slot") \
    F(int32_t, dot_period, "ticks between two changes of HP by an effect") \
    F(int32_t, control_window, "ticks in which control effects shorten each other") \
    F(int32_t, proactive_slip, "0 or 1: a slip is also legal while free") \
    F(int32_t, proactive_slip_ticks, "ticks invulnerable after such a slip") \
    F(int32_t, max_effects, "effects at a time on one fighter") \
    F(int32_t, draw_margin, "milli of the health a side has left; nearer than that at the end of the time is a draw") \
    F(int32_t, opening_ticks, "ticks before any button but the attack and the slip is ready") \
    F(int32_t, hover_power, "milli of gravity taken away by Featherlight from which a fighter hovers") \
    F(int32_t, hover_height, "su; a hovering fighter rises no higher by itself") \
    F(int32_t, execute_share, "milli of max HP; an execute hits harder below it, Last stand too") \
    F(int32_t, execute_damage, "milli") \
    F(int32_t, hold_levels, "steps in which a charge grows") \
    F(int32_t, momentum_ticks, "ticks of walking before Momentum, and of its Might") \
    F(int32_t, momentum_power, "milli of damage") \
    F(int32_t, last_stand_power, "milli of damage") \
    F(int32_t, first_strike_power, "milli of damage, first hit of a combo") \
    F(int32_t, heavy_launch, "milli of launch speed taken with Heavy bones") \
    F(int32_t, feather_gravity, "milli of gravity with Feather") \
    F(int32_t, thief_spark, "milli quarters a skill's first hit steals with Spark thief") \
    F(int32_t, blood_price, "milli of max HP a skill costs with Blood price") \
    F(int32_t, blood_cooldown, "milli of a skill's cooldown with Blood price") \
    F(int32_t, heat_gain, "gauge of 1000 a hit adds with Heat") \
    F(int32_t, heat_loss, "gauge a tick takes") \
    F(int32_t, heat_power, "milli of damage at a full gauge") \
    F(int32_t, dancer_ticks, "ticks of faster normals after a change of form with Stance dancer") \
    F(int32_t, dancer_power, "milli of Tempo up") \
    F(int32_t, tether_share, "milli of damage that Puppet tether passes to a companion or clone") \
    F(int32_t, beast_hp, "milli of the HP of companions and clones with Beast bond") \
    F(int32_t, depth_walk, "milli of walking speed in depth with Depth dancer") \
    F(int32_t, long_reach, "milli of a normal's reach with Longarm") \
    F(int32_t, iron_control, "milli of a control effect's ticks with Iron will") \
    F(int32_t, opportunist_stun, "milli of stun against a recovering target with Opportunist") \
    F(int32_t, echo_ticks, "ticks after which a skill's hit hurts again with Echo") \
    F(int32_t, echo_share, "milli of its damage")

#define CAM_CHARACTER_FIELDS(F, A) \
    F(int32_t, traits, "CAM_TRAIT bits") \
    F(int16_t, id, "index in the roster") \
    F(int16_t, school, "index of the school") \
    F(int16_t, max_hp, "HP") \
    F(int16_t, attack, "milli") \
    F(int16_t, defense, "damage taken is 1000 / (1000 + defense)") \
    F(int16_t, walk_x, "su/tick") \
    F(int16_t, walk_y, "su/tick") \
    F(int16_t, accel_ticks, "ticks to full walking speed") \
    F(int16_t, weight, "milli") \
    F(int16_t, tempo, "milli of declared startup and recovery of normals") \
    F(int16_t, base_poise, "armour levels added in a move's armour window") \
    F(int16_t, getup_ticks, "ticks") \
    F(int16_t, wake_ticks, "ticks invulnerable after rising") \
    F(int16_t, spark_rate, "milli") \
    F(int16_t, cooldown_rate, "milli; higher recovers faster") \
    F(int16_t, hurt_half_x, "su") \
    F(int16_t, hurt_height, "su") \
    F(int16_t, slip_kind, "CAM_SLIP") \
    F(int16_t, slip_cost, "milli quarters") \
    F(int16_t, slip_hp_cost, "milli of max HP") \
    F(int16_t, slip_cooldown, "ticks") \
    F(int16_t, slip_ticks, "ticks invulnerable after reappearing") \
    A(int16_t, moves, CAM_NUM_BUTTONS, "index of CamMove by button, -1 if it has none; scroll and companions: the default loadout") \
    A(int16_t, form_moves, CAM_NUM_BUTTONS, "index of CamMove by button in the form, -1 where it keeps the other") \
    F(int16_t, slip_entity, "index of CamEntityType left where it slipped, -1 for none") \
    F(int16_t, slip_reply, "index of CamMove started on reappearing, -1 for none") \
    F(int16_t, default_scroll, "index in the roster's scrolls") \
    A(int16_t, default_companions, CAM_NUM_COMPANIONS, "index in the roster's companions")

#define CAM_MOVE_FIELDS(F, A) \
    F(int16_t, button, "CAM_BUTTON that starts it; CAM_BUTTON_NONE: only as follow-up or reply") \
    F(int16_t, category, "CAM_CATEGORY bit") \
    F(int16_t, startup, "ticks before the first active one") \
    F(int16_t, active, "ticks") \
    F(int16_t, recovery, "ticks") \
    F(int16_t, flags, "CAM_MOVE bits") \
    F(int16_t, aim, "bit per CAM_DIRECTION that matters; bit 0 always set") \
    F(int16_t, aim_vy, "su/tick in depth when aimed or steered") \
    F(int16_t, spark_cost, "milli quarters") \
    F(int16_t, hp_cost, "milli of max HP") \
    F(int16_t, cooldown, "ticks") \
    F(int16_t, charges, "uses before the cooldown is felt") \
    F(int16_t, freeze, "ticks of super freeze at its start") \
    F(int16_t, hold_max, "ticks a charge can be held after startup, 0 for none") \
    F(int16_t, hold_damage, "milli of damage added by a full charge, less by thirds") \
    F(int16_t, cancel_from, "tick of the move") \
    F(int16_t, cancel_whiff, "CAM_CATEGORY bits") \
    F(int16_t, cancel_hit, "CAM_CATEGORY bits") \
    F(int16_t, cancel_guard, "CAM_CATEGORY bits") \
    A(int16_t, next, 3, "index of CamMove a further attack press leads to: plain, forward, back; -1 for none; a branch needs a plain one") \
    F(int16_t, armour_level, "1..4, 0 for none") \
    F(int16_t, armour_from, "tick of the move") \
    F(int16_t, armour_to, "tick of the move, not included") \
    A(int16_t, inv_from, 3, "tick of the move: strikes, projectiles, grabs pass through") \
    A(int16_t, inv_to, 3, "tick of the move, not included") \
    F(int16_t, guard_from, "tick of the move") \
    F(int16_t, guard_to, "tick of the move, not included") \
    F(int16_t, parry_from, "tick of the move") \
    F(int16_t, parry_to, "tick of the move, not included") \
    F(int16_t, reply, "index of CamMove a parry leads to, -1 for none") \
    A(int16_t, key_tick, CAM_NUM_KEYS, "tick of the move from which the key's velocity holds, -1 ends the list") \
    A(int16_t, key_vx, CAM_NUM_KEYS, "su/tick forward") \
    A(int16_t, key_vz, CAM_NUM_KEYS, "su/tick up, set once") \
    F(int16_t, first_hit, "index of CamHit") \
    F(int16_t, num_hits, "count") \
    F(int16_t, first_op, "index of CamOp") \
    F(int16_t, num_ops, "count")

#define CAM_HIT_FIELDS(F, A) \
    F(int16_t, from, "tick of the move or of the entity's strike") \
    F(int16_t, to, "tick, not included") \
    F(int16_t, rehit, "ticks after which it may strike the same fighter again, 0 for never") \
    F(int16_t, x0, "su forward of the feet") \
    F(int16_t, x1, "su forward of the feet") \
    F(int16_t, depth, "su, half-depth") \
    F(int16_t, z0, "su above the feet") \
    F(int16_t, z1, "su above the feet") \
    F(int16_t, damage, "HP before all factors") \
    F(int16_t, level, "1 light .. 4 super") \
    F(int16_t, stun, "ticks") \
    F(int16_t, guard_stun, "ticks") \
    F(int16_t, chip, "milli of damage through a guard") \
    F(int16_t, stop_attacker, "ticks of hitstop") \
    F(int16_t, stop_victim, "ticks of hitstop") \
    F(int16_t, knock_x, "su/tick away from the attacker; negative pulls") \
    F(int16_t, knock_z, "su/tick up, for impacts that lift") \
    F(int16_t, air_knock_x, "su/tick, target in the air") \
    F(int16_t, air_knock_z, "su/tick, target in the air") \
    F(int16_t, impact, "CAM_IMPACT") \
    F(int16_t, protection, "gauge") \
    F(int16_t, flags, "CAM_HIT bits") \
    F(int16_t, armour_break, "armour level it goes through") \
    F(int16_t, priority, "level in a trade") \
    F(int16_t, spark_gain, "milli quarters for the attacker") \
    F(int16_t, effect, "CAM_EFFECT given to the target, -1 for none") \
    F(int16_t, effect_ticks, "ticks") \
    F(int16_t, effect_power, "milli, HP or level")

#define CAM_OP_FIELDS(F, A) \
    F(int16_t, at, "tick of the move") \
    F(int16_t, code, "CAM_OP") \
    F(int16_t, a, "entity type, effect, amount or place: see moves.c") \
    F(int16_t, b, "ticks, or su/tick") \
    F(int16_t, c, "power")

#define CAM_ENTITY_TYPE_FIELDS(F, A) \
    F(int16_t, kind, "CAM_ENTITY") \
    F(int16_t, ttl, "ticks") \
    F(int16_t, offset_x, "su forward of its owner at spawn") \
    F(int16_t, offset_z, "su above its owner's feet at spawn") \
    F(int16_t, aim_x, "su further along the aimed direction at spawn") \
    F(int16_t, vx, "su/tick forward") \
    F(int16_t, vy, "su/tick in depth, times the aimed depth") \
    F(int16_t, vz, "su/tick up") \
    F(int16_t, gravity, "su/tick^2") \
    F(int16_t, turn, "su/tick^2 of homing in depth") \
    F(int16_t, spread, "su/tick in depth by which copies part") \
    F(int16_t, copies, "spawned at once") \
    F(int16_t, max_alive, "of this type per owner; the oldest goes") \
    F(int16_t, durability, "level in a clash") \
    F(int16_t, hits, "strikes before it ends") \
    F(int16_t, hp, "HP, 0 if it cannot be struck") \
    F(int16_t, arm_ticks, "ticks before a trap arms or a companion moves") \
    F(int16_t, returns, "1: turns back half-way and ends at its owner") \
    F(int16_t, radius, "su; a trap's trigger, a companion's reach, a wall's half-width, an orbit's half-width") \
    F(int16_t, speed, "su/tick a companion runs; 1/256 turns a tick of an orbit") \
    F(int16_t, body_height, "su, for boxes that strike it and for viewers") \
    F(int16_t, strike_startup, "ticks between trigger and hit") \
    F(int16_t, hit, "index of CamHit, -1 for none") \
    F(int16_t, look, "shape for viewers")

#define CAM_FIELD_DECLARE(type, name, unit) type name;
#define CAM_ARRAY_DECLARE(type, name, length, unit) type name[length];
#define CAM_FIELD_SIZE(type, name, unit) +sizeof(type)
#define CAM_ARRAY_SIZE(type, name, length, unit) +sizeof(type) * (length)
#define CAM_RECORD(Name, FIELDS) \
    typedef struct { FIELDS(CAM_FIELD_DECLARE, CAM_ARRAY_DECLARE) } Name; \
    _Static_assert(sizeof(Name) == 0 FIELDS(CAM_FIELD_SIZE, CAM_ARRAY_SIZE), #Name " has padding")

CAM_RECORD(CamEntity, CAM_ENTITY_FIELDS);
CAM_RECORD(CamFighterBody, CAM_FIGHTER_FIELDS);
CAM_RECORD(CamHeader, CAM_STATE_FIELDS);
CAM_RECORD(CamRules, CAM_RULES_FIELDS);
CAM_RECORD(CamCharacter, CAM_CHARACTER_FIELDS);
CAM_RECORD(CamMove, CAM_MOVE_FIELDS);
CAM_RECORD(CamHit, CAM_HIT_FIELDS);
CAM_RECORD(CamOp, CAM_OP_FIELDS);
CAM_RECORD(CamEntityType, CAM_ENTITY_TYPE_FIELDS);

/* A fighter carries the entities it owns, so that a side is one block of bytes. */
typedef struct {
    CAM_FIGHTER_FIELDS(CAM_FIELD_DECLARE, CAM_ARRAY_DECLARE)
    CamEntity entities[CAM_MAX_ENTITIES];
} CamFighter;
_Static_assert(sizeof(CamFighter) == sizeof(CamFighterBody) + CAM_MAX_ENTITIES * sizeof(CamEntity), "CamFighter has padding");
_Static_assert(sizeof(CamFighter) % 8 == 0, "fighters follow each other without padding");

/* One match: the header, then num_fighters fighters. Its size is cam_state_size(num_fighters). */
typedef struct {
    CAM_STATE_FIELDS(CAM_FIELD_DECLARE, CAM_ARRAY_DECLARE)
    CamFighter fighters[];
} CamState;
_Static_assert(sizeof(CamState) == sizeof(CamHeader), "fighters follow the header without padding");

/* What a fighter shows of the tick that was carried out last: what in it could strike and what could be struck. */
typedef struct { int32_t x0, x1, y0, y1, z0, z1; } CamBox;   /* su */

typedef struct {
    CamBox hurt;                               /* what hits meet, if it is open */
    CamBox hits[CAM_MAX_HITS];                 /* of its move; zero where there is none */
    CamBox entity_hits[CAM_MAX_ENTITIES];      /* by slot, alike */
    CamBox entity_bodies[CAM_MAX_ENTITIES];    /* of what can be struck, alike */
    int16_t tick;                              /* of its move as tempo scales it, -1 in no move */
    int16_t phase_tick, phase_ticks;           /* of this startup, active or recovery part: carried out, and all; 0 in no part */
    uint8_t striking, entities_striking;       /* bit per hit, bit per slot: the box could hit */
    uint8_t open;                              /* bit per strike, projectile, grab: one without further powers could reach it */
    uint8_t is_safe;                           /* 1: invulnerable, whatever it does */
    uint8_t has_push;                          /* 1: its body pushes others */
    uint8_t armour;                            /* level */
    uint8_t guard;                             /* bit 0: guards, bit 1: parries */
    uint8_t shape_reserved[3];
} CamShape;
_Static_assert(sizeof(CamShape) == sizeof(CamBox) * (1 + CAM_MAX_HITS + 2 * CAM_MAX_ENTITIES) + 16, "CamShape has padding");

/* What a move is good for, at a glance: measured from its hits, op-codes and entities, for bots. */
enum {
    CAM_USE_NONE,
    CAM_USE_STRIKE,    /* its body hits */
    CAM_USE_SHOT,      /* what it sends out hits */
    CAM_USE_SETUP,     /* what it leaves behind waits */
    CAM_USE_HELP,      /* no hit: a buff, a hex */
    CAM_USE_HEAL,
    CAM_USE_FORM,      /* other moves for a while */
    CAM_USE_MARKER,    /* a place to come back to */
    CAM_USE_COVER,     /* a guard or a parry */
    CAM_USE_STEP       /* carries its fighter where it is aimed, or up */
};
typedef struct {
    int16_t far, depth, low, top;   /* su from its fighter's feet within which it hurts */
    int16_t kind;                   /* CAM_USE */
    int16_t grabs;                  /* 1: it begins with a grab */
} CamUse;

/* What all matches share and no tick writes. */
typedef struct {
    CamRules rules;
    const CamCharacter *characters;
    const CamMove *moves;
    const CamHit *hits;
    const CamOp *ops;
    const CamEntityType *entity_types;
    const int16_t *scrolls;          /* index of CamMove by scroll */
    const int16_t *companions;       /* index of CamMove by companion */
    const float *descriptors;        /* [characters][CAM_DESCRIPTOR_SIZE], for observations only */
    const float *profiles;           /* [characters][CAM_PROFILE_SIZE], alike */
    const CamUse *uses;              /* by move; cam_measure_uses makes them */
    const uint8_t *sources;          /* CAM_SOURCE by entity type; cam_find_sources makes them */
    int32_t num_characters, num_moves, num_hits, num_ops, num_entity_types, num_scrolls, num_companions;
} CamData;

#endif
