/* Observations: what one fighter knows, as floats in [-1, 1]. Floats live here and in rewards.c, nowhere else.

   The rows below are both the code that writes the floats and the table that names them. U is one integer over its scale,
   M one that changes its sign in the mirror, N several integers over theirs, F one float, V several floats. Egocentric: own
   side first, and side 1 sees the stage mirrored, so both seem to start on the left.

   The many numbers of a fighter are gathered as integers and later divided in one loop, which compilers turn into vector
   code; and once for both seats of a duel, which see the same of it but for the mirror. Few numbers are quicker one by one:
   a vector cannot be read from integers whose stores are still on their way. */

enum { CAM_CLOCK_HIDDEN = INT16_MIN };   /* a cooldown that the observer must not know */
enum { CAM_OWN_NEAR = 2, CAM_OPPONENT_NEAR = 4, CAM_NEAR = 16, CAM_ENTITY_FLOATS = 9, CAM_THING_FLOATS = CAM_ENTITY_FLOATS + 5, CAM_OTHER_FLOATS = 12 };

typedef struct {
    const CamState *state;
    const CamData *data;
    const CamFighter *own, *other;   /* other is the nearest living opponent, or the first one once all have fallen */
    int mirror;                      /* +1, or -1 for side 1 */
} CamView;

/* value / scale, kept in [-1, 1] */
static inline float unit(int32_t value, int32_t scale) { return (float)cam_clamp(value, -scale, scale) / (float)scale; }

/* the same for many */
static CAM_INLINE void write_units(float *restrict out, const int32_t *restrict values, const float *restrict scales, const int count) {
    for (int k = 0; k < count; k++) {
        float value = (float)values[k];
        value = value < scales[k] ? value : scales[k];
        value = value > -scales[k] ? value : -scales[k];
        out[k] = value / scales[k];
    }
}

/* the same to two places; a copy afterwards would cost more than the loop */
static CAM_INLINE void write_units_twice(float *restrict out, float *restrict again, const int32_t *restrict values, const float *restrict scales,
                                         const int count) {
    for (int k = 0; k < count; k++) {
        float value = (float)values[k];
        value = value < scales[k] ? value : scales[k];
        value = value > -scales[k] ? value : -scales[k];
        out[k] = again[k] = value / scales[k];
    }
}

static inline void one_hot(float *out, int index) { if (index >= 0) out[index] = 1.0f; }

static const CamMove *current_move(const CamView *view, const CamFighter *f) { return f->move < 0 ? NULL : &view->data->moves[f->move]; }

/* ticks left of startup, active and recovery */
static CAM_INLINE void write_phase(int32_t *v, const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    v[0] = v[1] = v[2] = 0;
    if (!move) return;
    int32_t startup = scaled_startup(f, move), recovery = scaled_recovery(f, move), end = startup + move->active;
    v[0] = cam_max(startup - f->move_tick, 0);
    v[1] = cam_clamp(end - f->move_tick, 0, move->active);
    v[2] = cam_clamp(end + recovery - f->move_tick, 0, recovery);
}

/* what the current move may still do: reach forward, half-depth, damage, level, is a grab */
static CAM_INLINE void write_threat(int32_t *v, const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    v[0] = v[1] = v[2] = v[3] = v[4] = 0;
    if (!move || move->num_hits == 0 || f->state == CAM_STATE_RECOVERY) return;
    const CamHit *hit = &view->data->hits[move->first_hit];
    v[0] = hit->x1;
    v[1] = hit->depth;
    v[2] = hit->damage;
    v[3] = hit->level;
    v[4] = (hit->flags & CAM_HIT_GRAB) != 0;
}

static int move_category(const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    return move ? cam_lowest_bit((uint32_t)move->category) : -1;
}

static CAM_INLINE void write_cooldowns(int32_t *v, const CamView *view, const CamFighter *f) {
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++)
        v[button - CAM_BUTTON_SKILL1] = cam_max(f->cooldown_until[button] - view->state->clock, 0);
}

static int32_t invulnerable_ticks(const CamView *view, const CamFighter *f) { return cam_max(f->invulnerable_until - view->state->clock, 0); }

static int slip_is_ready(const CamFighter *f, const CamState *state) {
    int16_t until = f->cooldown_until[CAM_BUTTON_SLIP];
    return until != CAM_CLOCK_HIDDEN && until <= state->clock;
}

static void write_effects(float *out, const CamView *view, const CamFighter *f) {
    for (uint32_t rest = f->effects; rest; rest &= rest - 1) {
        int effect = cam_lowest_bit(rest);
        out[2 * effect] = unit(f->effect_until[effect] - view->state->clock, 300);
        out[2 * effect + 1] = unit(f->effect_power[effect] * f->effect_stacks[effect], 1200);
    }
}

static void write_companions(float *out, const CamFighter *f) {
    for (int k = 0; k < CAM_NUM_COMPANIONS; k++) {
        out[2 * k] = unit(f->companions[k] + 1, 64);
        out[2 * k + 1] = unit(f->calls_left[k], 4);
    }
}

static void write_descriptor(float *out, const CamView *view, const CamFighter *f) {
    memcpy(out, view->data->descriptors + (size_t)f->character * CAM_DESCRIPTOR_SIZE, CAM_DESCRIPTOR_SIZE * sizeof(float));
}

static void write_profile(float *out, const CamView *view, const CamFighter *f) {
    memcpy(out, view->data->profiles + (size_t)f->character * CAM_PROFILE_SIZE, CAM_PROFILE_SIZE * sizeof(float));
}

/* where an entity is to who looks, among its numbers */
static void write_place(float *out, const CamView *view, const CamEntity *entity) {
    out[2] = unit(view->mirror * (entity->x - view->own->x), 6144);
    out[3] = unit(entity->y - view->own->y, 4096);
}

static void write_entity(float *out, const CamView *view, const CamEntity *entity) {
    const CamEntityType *type = &view->data->entity_types[entity->type];
    out[0] = 1.0f;
    out[1] = unit(type->kind + 1, CAM_NUM_ENTITY_KINDS);
    write_place(out, view, entity);
    out[4] = unit(entity->z, 4096);
    out[5] = unit(view->mirror * entity->vx, 512);
    out[6] = unit(entity->vy, 512);
    out[7] = entity->strike_tick >= 0 ? 1.0f : unit(entity->age - type->arm_ticks, 60);
    out[8] = unit(entity->ttl, 300);
}

static void write_owned(float *out, const CamView *view, const CamFighter *f, int count) {
    uint32_t live = live_entities(f);
    for (int written = 0; live && written < count; live &= live - 1)
        write_entity(out + CAM_ENTITY_FLOATS * written++, view, &f->entities[cam_lowest_bit(live)]);
}

/* All entities of a match, owner by owner. */
typedef struct {
    int count, first;   /* first: of side 1's owners */
    const CamEntity *entities[CAM_MAX_FIGHTERS * CAM_MAX_ENTITIES];
    const CamFighter *owners[CAM_MAX_FIGHTERS * CAM_MAX_ENTITIES];
} CamThings;

static void list_things(CamThings *things, const CamState *state) {
    const int first = team_of(state, 1).from;
    things->count = 0;
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *owner = &state->fighters[i];
        if (i == first) things->first = things->count;
        for (uint32_t live = live_entities(owner); live; live &= live - 1, things->count++) {
            things->entities[things->count] = &owner->entities[cam_lowest_bit(live)];
            things->owners[things->count] = owner;
        }
    }
}

static void write_thing(float *out, const CamView *view, const CamEntity *entity, const CamFighter *owner) {
    write_entity(out, view, entity);
    out[9] = entity->side == view->own->side ? 1.0f : -1.0f;
    out[10] = unit(view->data->entity_types[entity->type].durability, 8);
    out[11] = unit(entity->hits_left, 8);
    out[12] = unit(entity->hp, 1000);
    out[13] = unit(view->mirror * (entity->x - owner->x), 6144);
}

/* Which things are the 16 nearest, nearest first; own before opponents' where equally near. Returns how many there are. */
static int find_nearest(const CamThings *things, const CamView *view, uint8_t nearest[CAM_NEAR]) {
    int32_t keys[CAM_NEAR + 1];   /* distance, then the place in the order in which they are looked at */
    const int count = things->count, from = view->own->side ? things->first : 0;
    int kept = 0;
    for (int n = 0; n < count; n++) {
        const CamEntity *entity = things->entities[from + n < count ? from + n : from + n - count];
        const int32_t distance = cam_abs(entity->x - view->own->x) + cam_abs(entity->y - view->own->y);
        const int32_t key = distance << 7 | n;
        int at = kept;
        for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
        kept = kept < CAM_NEAR ? kept + 1 : CAM_NEAR;
    }
    for (int k = 0; k < kept; k++) {
        const int n = from + (keys[k] & 127);
        nearest[k] = (uint8_t)(n < count ? n : n - count);
    }
    return kept;
}

/* the 16 nearest entities of anybody */
static void write_nearby(float *out, const CamView *view) {
    CamThings things;
    uint8_t nearest[CAM_NEAR];
    list_things(&things, view->state);
    const int count = find_nearest(&things, view, nearest);
    for (int k = 0; k < count; k++, out += CAM_THING_FLOATS) write_thing(out, view, things.entities[nearest[k]], things.owners[nearest[k]]);
}

static void write_other(float *out, const CamView *view, const CamFighter *f) {
    out[0] = 1.0f;
    out[1] = f->side == view->own->side ? 1.0f : -1.0f;
    out[2] = unit(view->mirror * (f->x - view->own->x), 12288);
    out[3] = unit(f->y - view->own->y, 4096);
    out[4] = unit(f->z - view->own->z, 4096);
    out[5] = unit(view->mirror * f->vx, 512);
    out[6] = unit(f->vy, 512);
    out[7] = (float)(view->mirror * f->facing);
    out[8] = unit(f->hp, view->data->characters[f->character].max_hp);
    out[9] = unit(f->spark, CAM_SPARK_MAX);
    out[10] = unit(ticks_to_free(f, view->data), 60);
    out[11] = unit(f->combo_hits, 20);
}

/* all but oneself and the opponent that the rest tells of: allies first, both in the order of their seats */
static void write_others(float *out, const CamView *view) {
    for (int half = 0; half < CAM_NUM_SIDES && view->state->num_fighters > CAM_NUM_SIDES; half++) {
        const CamTeam team = team_of(view->state, half == 0 ? view->own->side : 1 - view->own->side);
        float *at = out + half * (CAM_MAX_TEAM - 1) * CAM_OTHER_FLOATS;
        for (int i = team.from; i < team.to; i++) {
            const CamFighter *f = &view->state->fighters[i];
            if (f == view->own || f == view->other) continue;
            write_other(at, view, f);
            at += CAM_OTHER_FLOATS;
        }
    }
}

#define MATCH_ROWS(X) \
    X##_F("basic", "time_left", unit(state->max_ticks - state->tick, cam_max(state->max_ticks, 1)), "share of the match left") \
    X##_U("basic", "freeze", state->freeze, 16, "ticks of super freeze left / 16") \
    X##_U("basic", "relative_x", mirror * (other->x - own->x), 12288, "opponent's x minus own / 12288 su") \
    X##_U("basic", "relative_y", other->y - own->y, 4096, "opponent's y minus own / 4096 su") \
    X##_U("basic", "relative_z", other->z - own->z, 4096, "opponent's z minus own / 4096 su") \
    X##_U("basic", "near_x", mirror * (other->x - own->x), 2048, "the same in x, finer: / 2048 su, clipped") \
    X##_U("basic", "near_y", other->y - own->y, 768, "the same in y, finer: / 768 su, clipped") \
    X##_U("basic", "faces_opponent", (other->x - own->x) * own->facing >= 0, 1, "1 if the opponent is in front")

#define BODY_ROWS(P, X) \
    X##_M("basic", P "x", f->x, 6144, "x / 6144 su") \
    X##_U("basic", P "y", f->y, 2048, "depth / 2048 su") \
    X##_U("basic", P "z", f->z, 4096, "height / 4096 su") \
    X##_M("basic", P "vx", f->vx, 512, "speed in x / 512 su per tick") \
    X##_U("basic", P "vy", f->vy, 512, "speed in y / 512 su per tick") \
    X##_U("basic", P "vz", f->vz, 512, "speed in z / 512 su per tick") \
    X##_M("basic", P "facing", f->facing, 1, "+1 looks away from the own start, -1 toward it") \
    X##_F("basic", P "hp", unit(f->hp, view->data->characters[f->character].max_hp), "share of maximal HP") \
    X##_U("basic", P "hp_absolute", f->hp, 12500, "HP / 12500") \
    X##_U("basic", P "spark", f->spark, CAM_SPARK_MAX, "sparks / 4") \
    X##_U("basic", P "protection", f->protection, 1400, "protection gauge / 1400") \
    X##_U("basic", P "is_red", f->is_red != 0, 1, "1 if the next landing is final") \
    X##_U("basic", P "combo", f->combo_hits, 20, "hits of the combo being taken / 20") \
    X##_U("basic", P "hitstop", f->hitstop, 8, "ticks frozen by a hit / 8") \
    X##_U("basic", P "invulnerable", invulnerable_ticks(view, f), 60, "ticks invulnerable / 60") \
    X##_U("basic", P "armour", armour_level(f, view->data), 4, "armour level / 4") \
    X##_U("basic", P "state_ticks", f->state_ticks, 60, "ticks in this state / 60") \
    X##_U("basic", P "ticks_to_free", ticks_to_free(f, view->data), 60, "ticks until it may act again / 60; 1 if unknown") \
    X##_U("basic", P "hold", f->hold_ticks, 30, "ticks a charge was held / 30") \
    X##_U("basic", P "contact", f->contact, 2, "0 none, .5 hit, 1 guarded: the current move so far") \
    X##_U("basic", P "form", f->form != 0, 1, "1 in its form, whose moves the buttons start") \
    X##_U("basic", P "gauge", f->gauge, 1000, "heat / 1000") \
    X##_U("basic", P "buffered", f->buffered_button != 0, 1, "1 if a press is waiting")

#define POSE_ROWS(P, X) \
    X##_V("basic", P "state", CAM_NUM_STATES, one_hot(out, f->state), "one-hot of the state") \
    X##_V("basic", P "category", 6, one_hot(out, move_category(view, f)), "one-hot of the current move: chain, skill, scroll, ultimate, companion, trait")

#define TIMING_ROWS(P, X) \
    X##_N("basic", P "phase", 3, write_phase(v, view, f), (30, 30, 30), "ticks of startup, active and recovery left / 30") \
    X##_N("basic", P "threat", 5, write_threat(v, view, f), (4096, 2048, 2000, 4, 1), "the current move's reach / 4096, half-depth / 2048, damage / 2000, level / 4, is a grab") \
    X##_N("basic", P "cooldowns", CAM_BUTTON_TRAIT - CAM_BUTTON_SKILL1 + 1, write_cooldowns(v, view, f), (600, 600, 600, 600, 600, 600, 600, 600, 600), "ticks / 600: skill1, skill2, ultimate, slip, scroll, companions a b c, trait")

#define BUTTON_ROWS(P, X) \
    X##_V("basic", P "last_button", CAM_NUM_BUTTONS, one_hot(out, f->last_button), "one-hot of the button that started last")

#define FIGHTER_ROWS(P, X) BODY_ROWS(P, X) POSE_ROWS(P, X) TIMING_ROWS(P, X) BUTTON_ROWS(P, X)

#define EFFECT_ROWS(P, X) \
    X##_V("buff", P "effects", 2 * CAM_NUM_EFFECTS, write_effects(out, view, f), "per effect: ticks left / 300, power times stacks / 1200")

#define IDENTITY_ROWS(P, X) \
    X##_F("element", P "character", (float)f->character / 512.0f, "index in the roster / 512")

#define ELEMENT_ROWS(P, X) \
    X##_U("element", P "scroll", f->scroll + 1, 64, "index + 1 / 64") \
    X##_V("element", P "companions", 2 * CAM_NUM_COMPANIONS, write_companions(out, f), "per slot: index + 1 / 64, calls left / 4") \
    X##_V("element", P "descriptor", CAM_DESCRIPTOR_SIZE, write_descriptor(out, view, f), "the character's parameters in short: the columns of a descriptor")

#define PROFILE_ROWS(P, X) \
    X##_V("element", P "profile", CAM_PROFILE_SIZE, write_profile(out, view, f), "the character's parameters in full: the columns of a profile")

#define OWNED_ROWS(X) \
    X##_V("element", "own_entities", CAM_OWN_NEAR * CAM_ENTITY_FLOATS, write_owned(out, view, own, CAM_OWN_NEAR), "first 2 own entities: present, kind, relative x y, z, vx, vy, armed or striking, ticks left") \
    X##_V("element", "opponent_entities", CAM_OPPONENT_NEAR * CAM_ENTITY_FLOATS, write_owned(out, view, other, CAM_OPPONENT_NEAR), "first 4 of the opponent's, alike")

#define NEARBY_ROWS(X) \
    X##_V("element", "nearby_entities", CAM_NEAR * CAM_THING_FLOATS, write_nearby(out, view), "16 nearest: present, kind, relative x y, z, vx, vy, armed or striking, ticks left, own +1 or opponent's -1, durability, hits left, HP, x relative to its owner")

#define OTHERS_ROWS(X) \
    X##_V("basic", "other_fighters", 2 * (CAM_MAX_TEAM - 1) * CAM_OTHER_FLOATS, write_others(out, view), "up to 4 allies, then up to 4 further opponents: present, ally +1 or opponent -1, relative x y z, vx, vy, facing, HP, sparks, ticks to free, combo being taken; 0 in a duel")

#define TINY_ROWS(X) \
    X##_U("basic", "relative_x", mirror * (other->x - own->x), 12288, "opponent's x minus own / 12288 su") \
    X##_U("basic", "relative_y", other->y - own->y, 4096, "opponent's y minus own / 4096 su") \
    X##_U("basic", "relative_z", other->z - own->z, 4096, "opponent's z minus own / 4096 su") \
    X##_U("basic", "own_facing", mirror * own->facing, 1, "+1 looks away from the own start, -1 toward it") \
    X##_U("basic", "opponent_facing", mirror * other->facing, 1, "alike") \
    X##_U("basic", "own_hp", own->hp, view->data->characters[own->character].max_hp, "share of maximal HP") \
    X##_U("basic", "opponent_hp", other->hp, view->data->characters[other->character].max_hp, "alike") \
    X##_U("basic", "own_spark", own->spark, CAM_SPARK_MAX, "sparks / 4") \
    X##_U("basic", "opponent_spark", other->spark, CAM_SPARK_MAX, "alike") \
    X##_U("basic", "own_slip_ready", slip_is_ready(own, state), 1, "1 if the slip's cooldown is over") \
    X##_U("basic", "opponent_slip_ready", slip_is_ready(other, state), 1, "alike") \
    X##_U("basic", "own_ticks_to_free", ticks_to_free(own, view->data), 60, "ticks until it may act again / 60; 1 if unknown") \
    X##_U("basic", "opponent_ticks_to_free", ticks_to_free(other, view->data), 60, "alike") \
    X##_F("basic", "time_left", unit(state->max_ticks - state->tick, cam_max(state->max_ticks, 1)), "share of the match left")

#define FIGHT_ROWS(X) \
    MATCH_ROWS(X) FIGHTER_ROWS("own_", X) FIGHTER_ROWS("opponent_", X) EFFECT_ROWS("own_", X) EFFECT_ROWS("opponent_", X)

#define FULL_ROWS(X) \
    FIGHT_ROWS(X) \
    IDENTITY_ROWS("own_", X) ELEMENT_ROWS("own_", X) IDENTITY_ROWS("opponent_", X) ELEMENT_ROWS("opponent_", X) \
    OWNED_ROWS(X)

/* As full, but by what characters can do instead of by who they are: a policy may meet one that it never saw. */
#define DESCRIPTOR_ROWS(X) \
    FIGHT_ROWS(X) \
    ELEMENT_ROWS("own_", X) PROFILE_ROWS("own_", X) ELEMENT_ROWS("opponent_", X) PROFILE_ROWS("opponent_", X) \
    OWNED_ROWS(X)

#define ALL_OF(...) __VA_ARGS__

#define NAME_U(module, name, value, scale, meaning) {module, name, 1, meaning},
#define NAME_M NAME_U
#define NAME_F(module, name, value, meaning) {module, name, 1, meaning},
#define NAME_N(module, name, size, gather, scales, meaning) {module, name, size, meaning},
#define NAME_V(module, name, size, write, meaning) {module, name, size, meaning},

#define COUNT_U(module, name, value, scale, meaning) +1
#define COUNT_M COUNT_U
#define COUNT_F(module, name, value, meaning) +1
#define COUNT_N(module, name, size, gather, scales, meaning) +(size)
#define COUNT_V(module, name, size, write, meaning) +(size)

/* row by row, straight into the floats; V writes only what is not zero */
#define WRITE_U(module, name, value, scale, meaning) *out++ = unit(value, scale);
#define WRITE_F(module, name, value, meaning) *out++ = value;
#define WRITE_V(module, name, size, write, meaning) write; out += size;

/* the integers of a fighter's rows, with room for the floats of F; their scales */
#define GATHER_U(module, name, value, scale, meaning) *v++ = value;
#define GATHER_M GATHER_U
#define GATHER_F(module, name, value, meaning) v++;
#define GATHER_N(module, name, size, gather, scales, meaning) gather; v += size;
#define SCALE_U(module, name, value, scale, meaning) scale,
#define SCALE_M SCALE_U
#define SCALE_F(module, name, value, meaning) 1,
#define SCALE_N(module, name, size, gather, scales, meaning) ALL_OF scales,

/* what the division leaves to do: the floats of F, and the mirror's signs (0 - x: no zero becomes negative) */
#define FINISH_U(module, name, value, scale, meaning) out++;
#define FINISH_M(module, name, value, scale, meaning) if (is_mirrored) *out = 0.0f - *out; out++;
#define FINISH_F(module, name, value, meaning) *out++ = value;
#define FINISH_N(module, name, size, gather, scales, meaning) out += size;

enum {
    CAM_BODY_SIZE = 0 BODY_ROWS("", COUNT),
    CAM_TIMING_AT = CAM_BODY_SIZE POSE_ROWS("", COUNT),
    CAM_TIMING_SIZE = 0 TIMING_ROWS("", COUNT),
    CAM_FIGHTER_SIZE = 0 FIGHTER_ROWS("", COUNT),
    CAM_BUFF_SIZE = 0 EFFECT_ROWS("", COUNT),
    CAM_FULL_SIZE = 0 FULL_ROWS(COUNT),
    CAM_TINY_SIZE = 0 TINY_ROWS(COUNT),
    CAM_DESCRIBED_SIZE = 0 DESCRIPTOR_ROWS(COUNT),
    CAM_ENTITIES_SIZE = CAM_FULL_SIZE NEARBY_ROWS(COUNT) OTHERS_ROWS(COUNT)
};

/* What is told of a fighter in numbers: the integers of its body's rows and of its timing's. */
typedef struct { int32_t body[CAM_BODY_SIZE], timing[CAM_TIMING_SIZE]; } CamNumbers;

static const float body_scales[] = {BODY_ROWS("", SCALE)}, timing_scales[] = {TIMING_ROWS("", SCALE)};

static void gather_fighter(CamNumbers *numbers, const CamView *view, const CamFighter *f) {
    int32_t *v = numbers->body;
    BODY_ROWS("", GATHER)
    v = numbers->timing;
    TIMING_ROWS("", GATHER)
}

/* around the numbers: what is no quotient, and the mirror's signs */
static CAM_INLINE void finish_fighter(float *out, const CamView *view, const CamFighter *f, const int is_mirrored) {
    BODY_ROWS("", FINISH)
    POSE_ROWS("", WRITE)
    out += CAM_TIMING_SIZE;
    BUTTON_ROWS("", WRITE)
}

static float *write_fighter(float *out, const CamNumbers *numbers, const CamView *view, const CamFighter *f) {
    write_units(out, numbers->body, body_scales, CAM_BODY_SIZE);
    write_units(out + CAM_TIMING_AT, numbers->timing, timing_scales, CAM_TIMING_SIZE);
    finish_fighter(out, view, f, view->mirror < 0);
    return out + CAM_FIGHTER_SIZE;
}

/* The same for both seats of a duel: as its own at one, as the opponent's at the other. */
static void write_fighter_twice(float *own, float *opponent, const CamNumbers *numbers, const CamView *view) {
    write_units_twice(own, opponent, numbers->body, body_scales, CAM_BODY_SIZE);
    write_units_twice(own + CAM_TIMING_AT, opponent + CAM_TIMING_AT, numbers->timing, timing_scales, CAM_TIMING_SIZE);
    finish_fighter(own, view, view->own, view->mirror < 0);
    finish_fighter(opponent, view, view->own, view->mirror > 0);
}

static float *write_buff(float *out, const CamView *view, const CamFighter *f) {
    EFFECT_ROWS("", WRITE)
    return out;
}

static float *write_element(float *out, const CamView *view, const CamFighter *f, int preset) {
    if (preset != CAM_OBSERVE_DESCRIPTOR) { IDENTITY_ROWS("", WRITE) }
    ELEMENT_ROWS("", WRITE)
    if (preset == CAM_OBSERVE_DESCRIPTOR) { PROFILE_ROWS("", WRITE) }
    return out;
}

static CAM_INLINE CamView view_from(const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    int target = nearest_opponent(state, own->side, own->x, own->y);
    return (CamView){state, data, own, &state->fighters[target >= 0 ? target : team_of(state, 1 - own->side).from], own->side ? -1 : 1};
}

/* The same where the teams are at hand. */
static CamView view_among(const CamState *state, const CamData *data, int index, const CamTeam teams[CAM_NUM_SIDES]) {
    const CamFighter *own = &state->fighters[index];
    const CamTeam others = teams[!own->side];
    int target = nearest_standing(state, others, own->x, own->y);
    return (CamView){state, data, own, &state->fighters[target >= 0 ? target : others.from], own->side ? -1 : 1};
}

static void write_tiny(float *out, const CamView *view) {
    const CamState *state = view->state;
    const CamFighter *own = view->own, *other = view->other;
    const int mirror = view->mirror;
    TINY_ROWS(WRITE)
}

static float *write_match(float *out, const CamView *view) {
    const CamState *state = view->state;
    const CamFighter *own = view->own, *other = view->other;
    const int mirror = view->mirror;
    MATCH_ROWS(WRITE)
    return out;
}

static void write_entities(float *out, const CamView *view, int preset) {
    const CamFighter *own = view->own, *other = view->other;
    OWNED_ROWS(WRITE)
    if (preset != CAM_OBSERVE_ENTITIES) return;
    NEARBY_ROWS(WRITE)
    OTHERS_ROWS(WRITE)
}
