/* Observations: what one fighter knows, as floats in [-1, 1]. Floats live here and in rewards.c, nowhere else.

   The rows below are both the code that writes the floats and the table that names them. S is one float, V several.
   Egocentric: own side first, and side 1 sees the stage mirrored, so both seem to start on the left. */

enum { CAM_CLOCK_HIDDEN = INT16_MIN };   /* a cooldown that the observer must not know */
enum { CAM_OWN_NEAR = 2, CAM_OPPONENT_NEAR = 4, CAM_NEAR = 16, CAM_ENTITY_FLOATS = 9 };

typedef struct {
    const CamState *state;
    const CamData *data;
    const CamFighter *own, *other;   /* other is the nearest living opponent, or the first one once all have fallen */
    int mirror;                      /* +1, or -1 for side 1 */
} CamView;

/* value / scale, kept in [-1, 1] */
static inline float unit(int32_t value, int32_t scale) { return (float)cam_clamp(value, -scale, scale) / (float)scale; }
static inline float flag(int condition) { return condition ? 1.0f : 0.0f; }

static inline void one_hot(float *out, int index) { if (index >= 0) out[index] = 1.0f; }

static const CamMove *current_move(const CamView *view, const CamFighter *f) { return f->move < 0 ? NULL : &view->data->moves[f->move]; }

/* ticks left of startup, active and recovery */
static void write_phase(float *out, const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    if (!move) return;
    int32_t startup = scaled_startup(f, move), end = startup + move->active;
    out[0] = unit(cam_max(startup - f->move_tick, 0), 30);
    out[1] = unit(cam_clamp(end - f->move_tick, 0, move->active), 30);
    out[2] = unit(cam_clamp(total_ticks(f, move) - f->move_tick, 0, scaled_recovery(f, move)), 30);
}

/* what the current move may still do: reach forward, half-depth, damage, level, is a grab */
static void write_threat(float *out, const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    if (!move || move->num_hits == 0 || f->state == CAM_STATE_RECOVERY) return;
    const CamHit *hit = &view->data->hits[move->first_hit];
    out[0] = unit(hit->x1, 4096);
    out[1] = unit(hit->depth, 2048);
    out[2] = unit(hit->damage, 2000);
    out[3] = unit(hit->level, 4);
    out[4] = flag(hit->flags & CAM_HIT_GRAB);
}

static int move_category(const CamView *view, const CamFighter *f) {
    const CamMove *move = current_move(view, f);
    return move ? cam_lowest_bit((uint32_t)move->category) : -1;
}

static void write_cooldowns(float *out, const CamView *view, const CamFighter *f) {
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++)
        out[button - CAM_BUTTON_SKILL1] = unit(cam_max(f->cooldown_until[button] - view->state->clock, 0), 600);
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

static void write_entity(float *out, const CamView *view, const CamEntity *entity) {
    const CamEntityType *type = &view->data->entity_types[entity->type];
    out[0] = 1.0f;
    out[1] = unit(type->kind + 1, CAM_NUM_ENTITY_KINDS);
    out[2] = unit(view->mirror * (entity->x - view->own->x), 6144);
    out[3] = unit(entity->y - view->own->y, 4096);
    out[4] = unit(entity->z, 4096);
    out[5] = unit(view->mirror * entity->vx, 512);
    out[6] = unit(entity->vy, 512);
    out[7] = entity->strike_tick >= 0 ? 1.0f : unit(entity->age - type->arm_ticks, 60);
    out[8] = unit(entity->ttl, 300);
}

static void write_owned(float *out, const CamView *view, const CamFighter *f, int count) {
    for (int k = 0, written = 0; k < CAM_MAX_ENTITIES && written < count; k++)
        if (f->entities[k].type >= 0) write_entity(out + CAM_ENTITY_FLOATS * written++, view, &f->entities[k]);
}

typedef struct { int32_t distance; const CamEntity *entity; int8_t owner; } CamNearby;

/* the 16 nearest entities of anybody, nearest first; own before opponents' where equally near */
static void write_nearby(float *out, const CamView *view) {
    CamNearby near[CAM_NEAR];
    int count = 0;
    for (int half = 0; half < 2; half++)
        for (int i = half == 0 ? view->own->side : 1 - view->own->side; i < view->state->num_fighters; i += 2)
            for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
                const CamEntity *entity = &view->state->fighters[i].entities[k];
                if (entity->type < 0) continue;
                int32_t distance = cam_abs(entity->x - view->own->x) + cam_abs(entity->y - view->own->y);
                int at = count < CAM_NEAR ? count : CAM_NEAR;
                while (at > 0 && near[at - 1].distance > distance) at--;
                if (at == CAM_NEAR) continue;
                if (count < CAM_NEAR) count++;
                memmove(near + at + 1, near + at, (size_t)(count - 1 - at) * sizeof(*near));
                near[at] = (CamNearby){distance, entity, (int8_t)i};
            }
    for (int n = 0; n < count; n++, out += CAM_ENTITY_FLOATS + 5) {
        const CamEntity *entity = near[n].entity;
        write_entity(out, view, entity);
        out[9] = entity->side == view->own->side ? 1.0f : -1.0f;
        out[10] = unit(view->data->entity_types[entity->type].durability, 8);
        out[11] = unit(entity->hits_left, 8);
        out[12] = unit(entity->hp, 1000);
        out[13] = unit(view->mirror * (entity->x - view->state->fighters[near[n].owner].x), 6144);
    }
}

#define MATCH_ROWS(S, V) \
    S("basic", "time_left", unit(state->max_ticks - state->tick, cam_max(state->max_ticks, 1)), "share of the match left") \
    S("basic", "freeze", unit(state->freeze, 16), "ticks of super freeze left / 16") \
    S("basic", "relative_x", unit(mirror * (other->x - own->x), 12288), "opponent's x minus own / 12288 su") \
    S("basic", "relative_y", unit(other->y - own->y, 4096), "opponent's y minus own / 4096 su") \
    S("basic", "relative_z", unit(other->z - own->z, 4096), "opponent's z minus own / 4096 su") \
    S("basic", "near_x", unit(mirror * (other->x - own->x), 2048), "the same in x, finer: / 2048 su, clipped") \
    S("basic", "near_y", unit(other->y - own->y, 768), "the same in y, finer: / 768 su, clipped") \
    S("basic", "faces_opponent", flag((other->x - own->x) * own->facing >= 0), "1 if the opponent is in front")

#define FIGHTER_ROWS(P, S, V) \
    S("basic", P "x", unit(mirror * f->x, 6144), "x / 6144 su") \
    S("basic", P "y", unit(f->y, 2048), "depth / 2048 su") \
    S("basic", P "z", unit(f->z, 4096), "height / 4096 su") \
    S("basic", P "vx", unit(mirror * f->vx, 512), "speed in x / 512 su per tick") \
    S("basic", P "vy", unit(f->vy, 512), "speed in y / 512 su per tick") \
    S("basic", P "vz", unit(f->vz, 512), "speed in z / 512 su per tick") \
    S("basic", P "facing", (float)(mirror * f->facing), "+1 looks away from the own start, -1 toward it") \
    S("basic", P "hp", unit(f->hp, character->max_hp), "share of maximal HP") \
    S("basic", P "hp_absolute", unit(f->hp, 12500), "HP / 12500") \
    S("basic", P "spark", unit(f->spark, CAM_SPARK_MAX), "sparks / 4") \
    S("basic", P "protection", unit(f->protection, 1400), "protection gauge / 1400") \
    S("basic", P "is_red", flag(f->is_red), "1 if the next landing is final") \
    S("basic", P "combo", unit(f->combo_hits, 20), "hits of the combo being taken / 20") \
    S("basic", P "hitstop", unit(f->hitstop, 8), "ticks frozen by a hit / 8") \
    S("basic", P "invulnerable", unit(invulnerable_ticks(view, f), 60), "ticks invulnerable / 60") \
    S("basic", P "armour", unit(armour_level(f, view->data), 4), "armour level / 4") \
    S("basic", P "state_ticks", unit(f->state_ticks, 60), "ticks in this state / 60") \
    S("basic", P "ticks_to_free", unit(ticks_to_free(f, view->data), 60), "ticks until it may act again / 60; 1 if unknown") \
    S("basic", P "hold", unit(f->hold_ticks, 30), "ticks a charge was held / 30") \
    S("basic", P "contact", unit(f->contact, 2), "0 none, .5 hit, 1 guarded: the current move so far") \
    S("basic", P "form", flag(f->form), "1 in its form, whose moves the buttons start") \
    S("basic", P "gauge", unit(f->gauge, 1000), "heat / 1000") \
    S("basic", P "buffered", flag(f->buffered_button), "1 if a press is waiting") \
    V("basic", P "state", CAM_NUM_STATES, one_hot(out, f->state), "one-hot of the state") \
    V("basic", P "category", 6, one_hot(out, move_category(view, f)), "one-hot of the current move: chain, skill, scroll, ultimate, companion, trait") \
    V("basic", P "phase", 3, write_phase(out, view, f), "ticks of startup, active and recovery left / 30") \
    V("basic", P "threat", 5, write_threat(out, view, f), "the current move's reach / 4096, half-depth / 2048, damage / 2000, level / 4, is a grab") \
    V("basic", P "cooldowns", CAM_BUTTON_TRAIT - CAM_BUTTON_SKILL1 + 1, write_cooldowns(out, view, f), "ticks / 600: skill1, skill2, ultimate, slip, scroll, companions a b c, trait") \
    V("basic", P "last_button", CAM_NUM_BUTTONS, one_hot(out, f->last_button), "one-hot of the button that started last")

#define EFFECT_ROWS(P, S, V) \
    V("buff", P "effects", 2 * CAM_NUM_EFFECTS, write_effects(out, view, f), "per effect: ticks left / 300, power times stacks / 1200")

#define IDENTITY_ROWS(P, S, V) \
    S("element", P "character", (float)f->character / 512.0f, "index in the roster / 512")

#define ELEMENT_ROWS(P, S, V) \
    S("element", P "scroll", unit(f->scroll + 1, 64), "index + 1 / 64") \
    V("element", P "companions", 2 * CAM_NUM_COMPANIONS, write_companions(out, f), "per slot: index + 1 / 64, calls left / 4") \
    V("element", P "descriptor", CAM_DESCRIPTOR_SIZE, write_descriptor(out, view, f), "the character's parameters in short: the columns of a descriptor")

#define PROFILE_ROWS(P, S, V) \
    V("element", P "profile", CAM_PROFILE_SIZE, write_profile(out, view, f), "the character's parameters in full: the columns of a profile")

#define OWNED_ROWS(S, V) \
    V("element", "own_entities", CAM_OWN_NEAR * CAM_ENTITY_FLOATS, write_owned(out, view, own, CAM_OWN_NEAR), "first 2 own entities: present, kind, relative x y, z, vx, vy, armed or striking, ticks left") \
    V("element", "opponent_entities", CAM_OPPONENT_NEAR * CAM_ENTITY_FLOATS, write_owned(out, view, other, CAM_OPPONENT_NEAR), "first 4 of the opponent's, alike")

#define NEARBY_ROWS(S, V) \
    V("element", "nearby_entities", CAM_NEAR * (CAM_ENTITY_FLOATS + 5), write_nearby(out, view), "16 nearest: as above, then own +1 or opponent's -1, durability, hits left, HP, x relative to its owner")

#define TINY_ROWS(S, V) \
    S("basic", "relative_x", unit(mirror * (other->x - own->x), 12288), "opponent's x minus own / 12288 su") \
    S("basic", "relative_y", unit(other->y - own->y, 4096), "opponent's y minus own / 4096 su") \
    S("basic", "relative_z", unit(other->z - own->z, 4096), "opponent's z minus own / 4096 su") \
    S("basic", "own_facing", (float)(mirror * own->facing), "+1 looks away from the own start, -1 toward it") \
    S("basic", "opponent_facing", (float)(mirror * other->facing), "alike") \
    S("basic", "own_hp", unit(own->hp, view->data->characters[own->character].max_hp), "share of maximal HP") \
    S("basic", "opponent_hp", unit(other->hp, view->data->characters[other->character].max_hp), "alike") \
    S("basic", "own_spark", unit(own->spark, CAM_SPARK_MAX), "sparks / 4") \
    S("basic", "opponent_spark", unit(other->spark, CAM_SPARK_MAX), "alike") \
    S("basic", "own_slip_ready", flag(slip_is_ready(own, state)), "1 if the slip's cooldown is over") \
    S("basic", "opponent_slip_ready", flag(slip_is_ready(other, state)), "alike") \
    S("basic", "own_ticks_to_free", unit(ticks_to_free(own, view->data), 60), "ticks until it may act again / 60; 1 if unknown") \
    S("basic", "opponent_ticks_to_free", unit(ticks_to_free(other, view->data), 60), "alike") \
    S("basic", "time_left", unit(state->max_ticks - state->tick, cam_max(state->max_ticks, 1)), "share of the match left")

#define FIGHT_ROWS(S, V) \
    MATCH_ROWS(S, V) FIGHTER_ROWS("own_", S, V) FIGHTER_ROWS("opponent_", S, V) EFFECT_ROWS("own_", S, V) EFFECT_ROWS("opponent_", S, V)

#define FULL_ROWS(S, V) \
    FIGHT_ROWS(S, V) \
    IDENTITY_ROWS("own_", S, V) ELEMENT_ROWS("own_", S, V) IDENTITY_ROWS("opponent_", S, V) ELEMENT_ROWS("opponent_", S, V) \
    OWNED_ROWS(S, V)

/* As full, but by what characters can do instead of by who they are: a policy may meet one that it never saw. */
#define DESCRIPTOR_ROWS(S, V) \
    FIGHT_ROWS(S, V) \
    ELEMENT_ROWS("own_", S, V) PROFILE_ROWS("own_", S, V) ELEMENT_ROWS("opponent_", S, V) PROFILE_ROWS("opponent_", S, V) \
    OWNED_ROWS(S, V)

#define NAME_ONE(module, name, value, meaning) {module, name, 1, meaning},
#define NAME_MANY(module, name, size, write, meaning) {module, name, size, meaning},
#define WRITE_ONE(module, name, value, meaning) *out++ = value;
#define WRITE_MANY(module, name, size, write, meaning) write; out += size;
#define COUNT_ONE(module, name, value, meaning) +1
#define COUNT_MANY(module, name, size, write, meaning) +(size)

enum {
    CAM_FULL_SIZE = 0 FULL_ROWS(COUNT_ONE, COUNT_MANY),
    CAM_TINY_SIZE = 0 TINY_ROWS(COUNT_ONE, COUNT_MANY),
    CAM_DESCRIBED_SIZE = 0 DESCRIPTOR_ROWS(COUNT_ONE, COUNT_MANY),
    CAM_ENTITIES_SIZE = CAM_FULL_SIZE NEARBY_ROWS(COUNT_ONE, COUNT_MANY)
};

static const CamObservationInfo entities_rows[] = {FULL_ROWS(NAME_ONE, NAME_MANY) NEARBY_ROWS(NAME_ONE, NAME_MANY)};
static const CamObservationInfo tiny_rows[] = {TINY_ROWS(NAME_ONE, NAME_MANY)};
static const CamObservationInfo descriptor_rows[] = {DESCRIPTOR_ROWS(NAME_ONE, NAME_MANY)};

#define NUM_ROWS(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static const struct { const CamObservationInfo *rows; int num_rows, size; } presets[CAM_NUM_OBSERVATIONS] = {
    [CAM_OBSERVE_FULL] = {entities_rows, NUM_ROWS(entities_rows) - 1, CAM_FULL_SIZE},   /* entities without its last row */
    [CAM_OBSERVE_TINY] = {tiny_rows, NUM_ROWS(tiny_rows), CAM_TINY_SIZE},
    [CAM_OBSERVE_ENTITIES] = {entities_rows, NUM_ROWS(entities_rows), CAM_ENTITIES_SIZE},
    [CAM_OBSERVE_DESCRIPTOR] = {descriptor_rows, NUM_ROWS(descriptor_rows), CAM_DESCRIBED_SIZE}
};

int cam_observation_size(int preset) { return presets[preset].size; }

int cam_observation_layout(int preset, const CamObservationInfo **rows) {
    *rows = presets[preset].rows;
    return presets[preset].num_rows;
}

static float *write_fighter(float *out, const CamView *view, const CamFighter *f) {
    const int mirror = view->mirror;
    const CamCharacter *character = &view->data->characters[f->character];
    FIGHTER_ROWS("", WRITE_ONE, WRITE_MANY)
    return out;
}

static float *write_element(float *out, const CamFighter *f, const CamView *view, int preset) {
    if (preset != CAM_OBSERVE_DESCRIPTOR) { IDENTITY_ROWS("", WRITE_ONE, WRITE_MANY) }
    ELEMENT_ROWS("", WRITE_ONE, WRITE_MANY)
    if (preset == CAM_OBSERVE_DESCRIPTOR) { PROFILE_ROWS("", WRITE_ONE, WRITE_MANY) }
    return out;
}

static float *write_buff(float *out, const CamFighter *f, const CamView *view) {
    EFFECT_ROWS("", WRITE_ONE, WRITE_MANY)
    return out;
}

void cam_observe(const CamState *state, const CamData *data, int index, int preset, float *out) {
    const CamFighter *own = &state->fighters[index];
    int target = nearest_opponent(state, own->side, own->x, own->y);
    const CamFighter *other = &state->fighters[target >= 0 ? target : index ^ 1];
    const int mirror = own->side ? -1 : 1;
    const CamView viewed = {state, data, own, other, mirror}, *view = &viewed;
    memset(out, 0, (size_t)cam_observation_size(preset) * sizeof(float));
    if (preset == CAM_OBSERVE_TINY) {
        TINY_ROWS(WRITE_ONE, WRITE_MANY)
        return;
    }
    MATCH_ROWS(WRITE_ONE, WRITE_MANY)
    out = write_fighter(out, view, own);
    out = write_fighter(out, view, other);
    out = write_buff(out, own, view);
    out = write_buff(out, other, view);
    out = write_element(out, own, view, preset);
    out = write_element(out, other, view, preset);
    OWNED_ROWS(WRITE_ONE, WRITE_MANY)
    if (preset == CAM_OBSERVE_ENTITIES) write_nearby(out, view);
}

void cam_hide(CamState *state, const CamData *data, int index) {
    for (int i = 1 - state->fighters[index].side; i < state->num_fighters; i += 2) {
        CamFighter *f = &state->fighters[i];
        f->spark = f->step_spark = 0;
        f->buffered_button = f->buffered_direction = 0;
        f->buffer_ticks = 0;
        for (int button = 0; button < CAM_NUM_BUTTONS; button++) f->cooldown_until[button] = CAM_CLOCK_HIDDEN;
        if (f->counts[CAM_COUNT_SCROLLS] == 0) f->scroll = -1;
        for (int k = 0; k < CAM_NUM_COMPANIONS; k++)
            if (f->calls_left[k] == data->rules.companion_calls) {
                f->companions[k] = -1;
                f->calls_left[k] = 0;
            }
    }
}
