/* Matches in a batch: start, step and read one of them. */
#include "batch.h"

#include <string.h>

CamState *cam_batch_state(const CamBatch *batch, ptrdiff_t match) { return (CamState *)(batch->states + (size_t)match * batch->state_size); }

CamLatency *cam_batch_latency(const CamBatch *batch, ptrdiff_t match) {
    return batch->latencies ? (CamLatency *)(batch->latencies + (size_t)match * batch->late_size) : NULL;
}

/* Which number of the seed's a seat's character is drawn with. */
static uint64_t drawn_as(const CamBatch *batch, int seat) {
    const int place = seat - batch->sizes[0];   /* on side 1 */
    return (uint64_t)(batch->is_mirrored && place >= 0 && place < batch->sizes[0] ? place : seat);
}

void cam_batch_start(CamBatch *batch, ptrdiff_t match, uint64_t seed, const CamLoadout *wanted) {
    CamLoadout loadouts[CAM_MAX_FIGHTERS];
    CamState *state = cam_batch_state(batch, match);
    for (int seat = 0; seat < batch->num_fighters; seat++) {
        CamLoadout *loadout = &loadouts[seat];
        *loadout = wanted ? wanted[seat] : (CamLoadout){.character = -1, .scroll = -1, .companions = {-1, -1, -1}};
        if (loadout->character < 0)
            loadout->character = batch->pools[seat][cam_draw(seed, drawn_as(batch, seat)) % (uint64_t)batch->pool_sizes[seat]];
        for (int k = 1; k < CAM_NUM_COMPANIONS && !batch->is_trio; k++) loadout->companions[k] = -2;
    }
    cam_reset(state, batch->data, seed, batch->sizes, batch->max_ticks, loadouts);
    if (batch->latencies) cam_latency_begin(cam_batch_latency(batch, match), state, batch->late_states);
    batch->steps[match] = 0;
    for (int seat = 0; seat < batch->num_fighters; seat++) {
        const ptrdiff_t row = match * batch->num_fighters + seat;
        CamBot *bot = &batch->bots[row];
        if (!bot->script.is_given) {
            cam_bot_begin(bot, batch->bot_kinds[row], batch->bot_levels[row], cam_draw(seed, (uint64_t)(100 + seat)));
            continue;
        }
        const CamScript script = bot->script;
        cam_bot_begin(bot, batch->bot_kinds[row], batch->bot_levels[row], cam_draw(seed, (uint64_t)(100 + seat)));
        bot->script = script;
    }
}

/* The action as the simulation takes it. */
static int32_t taken(const CamBatch *batch, const CamState *state, int seat, int32_t action) {
    if (!batch->is_factored || action < 0 || action >= CAM_NUM_ACTIONS) return action;   /* held, or unknown */
    return cam_canonical_action(state, batch->data, seat, action);
}

static void watch(CamBot *bots, const CamState *state, int num_fighters) {
    for (int seat = 0; seat < num_fighters; seat++)
        if (bots[seat].kind) cam_bot_watch(&bots[seat], state, seat);
}

/* A step in which decisions arrive late: what falls due is taken at each tick. */
static void advance_late(CamBatch *batch, CamLatency *latency, CamState *state, CamBot *bots, const int32_t *given, int32_t *actions) {
    const int count = batch->num_fighters;
    cam_latency_decide(latency, batch->delays, count, given);
    cam_begin_step(state);
    for (int tick = 0; tick < batch->frame_skip; tick++) {
        for (int seat = 0; seat < count; seat++) {
            if (!bots[seat].kind) actions[seat] = taken(batch, state, seat, cam_latency_due(latency, seat));
            else if (tick > 0) actions[seat] = CAM_ACTION_HELD;
        }
        const int was_over = state->is_over;
        cam_step(state, batch->data, actions, 1);
        if (!was_over) cam_latency_keep(latency, state);
        watch(bots, state, count);
    }
    cam_latency_look(latency, count);
}

void cam_batch_advance(CamBatch *batch, ptrdiff_t match, const int32_t *given) {
    CamState *state = cam_batch_state(batch, match);
    CamLatency *latency = cam_batch_latency(batch, match);
    CamBot *bots = batch->bots + match * batch->num_fighters;
    int32_t actions[CAM_MAX_FIGHTERS];
    for (int seat = 0; seat < batch->num_fighters; seat++)
        actions[seat] = bots[seat].kind ? cam_bot_act(&bots[seat], state, batch->data, seat) : taken(batch, state, seat, given[seat]);
    batch->steps[match]++;
    if (latency) {
        advance_late(batch, latency, state, bots, given, actions);
        return;
    }
    cam_begin_step(state);
    for (int tick = 0; tick < batch->frame_skip; tick++) {
        cam_step(state, batch->data, actions, tick == 0);
        watch(bots, state, batch->num_fighters);
    }
}

int cam_batch_is_cut(const CamBatch *batch, ptrdiff_t match) {
    return batch->max_steps > 0 && batch->steps[match] >= batch->max_steps && !cam_batch_state(batch, match)->is_over;
}

static float worth(const CamBatch *batch, const float *terms) {
    float sum = 0;
    for (int k = 0; k < CAM_NUM_REWARD_TERMS; k++) sum += batch->weights[k] * terms[k];
    return sum;
}

/* Each side's reward, and every fighter's terms. */
static void weigh_sides(const CamBatch *batch, const CamState *state, float terms[][CAM_NUM_REWARD_TERMS], float rewards[CAM_NUM_SIDES]) {
    float sides[CAM_NUM_SIDES];
    for (int side = 0, seat = 0; side < CAM_NUM_SIDES; side++) {
        sides[side] = 0;
        for (int k = 0; k < batch->sizes[side]; k++, seat++) {
            cam_reward_terms(state, batch->data, seat, terms[seat]);
            sides[side] += worth(batch, terms[seat]);
        }
        sides[side] /= (float)batch->sizes[side];
    }
    for (int side = 0; side < CAM_NUM_SIDES; side++) rewards[side] = sides[side] - sides[!side];
}

void cam_batch_rewards(const CamBatch *batch, ptrdiff_t match, float *rewards) {
    float terms[CAM_MAX_FIGHTERS][CAM_NUM_REWARD_TERMS], sides[CAM_NUM_SIDES];
    weigh_sides(batch, cam_batch_state(batch, match), terms, sides);
    for (int seat = 0; seat < batch->num_fighters; seat++) rewards[seat] = sides[seat >= batch->sizes[0]];
}

const CamState *cam_batch_see(CamBatch *batch, ptrdiff_t match, int seat) {
    const CamState *state = cam_batch_state(batch, match);
    if (!batch->scratches) return state;
    CamState *scratch = (CamState *)(batch->scratches + (size_t)match * batch->state_size);
    return cam_see(cam_batch_latency(batch, match), batch->delays, state, batch->data, seat, batch->is_public, scratch);
}

void cam_batch_read(CamBatch *batch, ptrdiff_t match, float *observations, int8_t *masks) {
    if (observations && !batch->scratches) {
        cam_observe_all(cam_batch_state(batch, match), batch->data, batch->observation, observations);
        observations = NULL;
    }
    for (int seat = 0; seat < batch->num_fighters; seat++) {
        if (observations)
            cam_observe(cam_batch_see(batch, match, seat), batch->data, seat, batch->observation, observations + seat * batch->observation_size);
        if (masks) cam_action_mask(cam_batch_state(batch, match), batch->data, seat, masks + seat * CAM_NUM_ACTIONS);
    }
}

void cam_factor_mask(const int8_t *mask, int8_t *factored) {
    memset(factored, 0, CAM_NUM_DIRECTIONS + CAM_NUM_BUTTONS);
    for (int direction = 0; direction < CAM_NUM_DIRECTIONS; direction++)
        for (int button = 0; button < CAM_NUM_BUTTONS; button++) {
            const int8_t legal = mask[direction * CAM_NUM_BUTTONS + button];
            factored[direction] |= legal;
            factored[CAM_NUM_DIRECTIONS + button] |= legal;
        }
}

int cam_own_actions(const CamBatch *batch, ptrdiff_t match, int seat, int32_t *ids, int size) {
    int8_t mask[CAM_NUM_ACTIONS];
    int count = 0;
    cam_static_mask(cam_batch_state(batch, match), batch->data, seat, mask);
    for (int action = 0; action < CAM_NUM_ACTIONS; action++) {
        if (!mask[action]) continue;
        if (count < size) ids[count] = action;
        count++;
    }
    for (int k = count; k < size; k++) ids[k] = CAM_NOT_OWNED;
    return count;
}

/* ---- other types than float32 ---- */

size_t cam_encoded_size(int encoding) { return encoding == CAM_FLOAT32 ? sizeof(float) : sizeof(int16_t); }

/* IEEE 754 binary16, of which numbers in [-1, 1] need neither infinity nor NaN; a number below its normal range is rounded by
   adding it to a power of two whose last place is binary16's smallest step. No branches, so that the loop is vectorised. */
static uint16_t half_of(float number) {
    const float smallest_normal = 6.103515625e-05f;   /* 2^-14 */
    uint32_t bits, shifted;
    memcpy(&bits, &number, sizeof(bits));
    const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7FFFFFFFu;
    float magnitude;
    memcpy(&magnitude, &size, sizeof(magnitude));
    const float sum = magnitude + 0.5f;               /* floats in 0.5..1 are 2^-24 apart, as binary16's subnormals are */
    memcpy(&shifted, &sum, sizeof(shifted));
    const uint32_t subnormal = shifted - 0x3F000000u;
    const uint32_t normal = (size + 0xFFFu + (size >> 13 & 1u) - (112u << 23)) >> 13;
    return (uint16_t)(sign | (magnitude < smallest_normal ? subnormal : normal));
}

void cam_encode(const float *from, int count, int encoding, void *to) {
    if (encoding == CAM_FLOAT32) {
        memcpy(to, from, (size_t)count * sizeof(float));
    } else if (encoding == CAM_FLOAT16) {
        uint16_t *out = to;
        for (int k = 0; k < count; k++) out[k] = half_of(from[k]);
    } else {
        int16_t *out = to;
        for (int k = 0; k < count; k++) out[k] = (int16_t)(from[k] * CAM_INT16_ONE + (from[k] < 0 ? -0.5f : 0.5f));
    }
}

/* ---- rows ---- */

static ptrdiff_t row_of(const CamRows *rows, ptrdiff_t match, int k) { return match * rows->num_seats + k; }

static size_t frame_bytes(const CamRows *rows) { return (size_t)rows->batch->observation_size * cam_encoded_size(rows->encoding); }

static void see(CamRows *rows, ptrdiff_t match, int seat, void *frame) {
    CamBatch *batch = rows->batch;
    float numbers[CAM_MAX_OBSERVATION];
    float *out = rows->encoding == CAM_FLOAT32 ? frame : numbers;
    cam_observe(cam_batch_see(batch, match, seat), batch->data, seat, batch->observation, out);
    if (out == numbers) cam_encode(numbers, batch->observation_size, rows->encoding, frame);
}

/* Do the seats see the present alike, one plain observation after the other? Then they are written at once. */
static int is_plain(const CamRows *rows) {
    return rows->stack == 1 && !rows->is_flat && rows->encoding == CAM_FLOAT32 && !rows->batch->scratches;
}

/* begins: all frames are the first; else the frames before move back by one, unless `moves` is 0: then only the present changes. */
static void read_frames(CamRows *rows, ptrdiff_t match, int k, const int8_t *mask, int begins, int moves) {
    const size_t size = frame_bytes(rows), others = size * (size_t)(rows->stack - 1);
    const size_t mask_bytes = rows->is_flat ? (size_t)rows->mask_size * cam_encoded_size(rows->encoding) : 0;
    char *frames = rows->frames + (size_t)row_of(rows, match, k) * (size + others + mask_bytes);
    if (is_plain(rows)) {
        const CamBatch *batch = rows->batch;
        if (k == 0)
            cam_observe_seats(cam_batch_state(batch, match), batch->data, rows->seats, rows->num_seats, batch->observation, (float *)frames);
        return;
    }
    if (moves && !begins && others) memmove(frames + size, frames, others);
    see(rows, match, rows->seats[k], frames);
    for (size_t at = size; begins && at < size + others; at += size) memcpy(frames + at, frames, size);
    if (!rows->is_flat) return;
    float numbers[CAM_NUM_ACTIONS];
    for (int action = 0; action < rows->mask_size; action++) numbers[action] = mask[action];
    cam_encode(numbers, rows->mask_size, rows->encoding, frames + size + others);
}

static void read_mask(CamRows *rows, ptrdiff_t match, int k, int8_t *mask) {
    const CamState *state = cam_batch_state(rows->batch, match);
    int8_t joint[CAM_NUM_ACTIONS + 1];
    if (rows->mask_form == CAM_MASK_JOINT) {
        cam_action_mask(state, rows->batch->data, rows->seats[k], mask);
        return;
    }
    cam_action_mask(state, rows->batch->data, rows->seats[k], joint);
    joint[CAM_NOT_OWNED] = 0;
    if (rows->mask_form == CAM_MASK_FACTORED) {
        cam_factor_mask(joint, mask);
        return;
    }
    const int32_t *own = rows->own + row_of(rows, match, k) * rows->mask_size;
    for (int action = 0; action < rows->mask_size; action++) mask[action] = joint[own[action]];
}

/* What stays as it is from a match's beginning to its end. */
static void read_facts(CamRows *rows, ptrdiff_t match, int k) {
    const CamBatch *batch = rows->batch;
    const CamFighter *fighters = cam_batch_state(batch, match)->fighters;
    const ptrdiff_t row = row_of(rows, match, k);
    const int seat = rows->seats[k];
    if (rows->mask_form == CAM_MASK_OWN) cam_own_actions(batch, match, seat, rows->own + row * rows->mask_size, rows->mask_size);
    rows->characters[row] = fighters[seat].character;
    rows->opponents[row] = fighters[seat < batch->sizes[0] ? batch->sizes[0] : 0].character;
}

static void read_row(CamRows *rows, ptrdiff_t match, int k, int begins, int moves) {
    const CamState *state = cam_batch_state(rows->batch, match);
    const ptrdiff_t row = row_of(rows, match, k);
    const int seat = rows->seats[k];
    int8_t *mask = rows->masks + row * rows->mask_size;
    if (begins) read_facts(rows, match, k);
    read_mask(rows, match, k, mask);
    rows->meaningful[row] = memchr(mask + 1, 1, (size_t)rows->mask_size - 1) != NULL;
    rows->illegal[row] = state->fighters[seat].counts[CAM_COUNT_ILLEGAL];
    if (rows->frames) read_frames(rows, match, k, mask, begins, moves);
    if (!begins) return;
    memset(rows->terms + row * CAM_NUM_REWARD_TERMS, 0, CAM_NUM_REWARD_TERMS * sizeof(float));
    if (rows->autoreset == CAM_SAME_STEP) return;   /* rewards and flags stay those of the end, which was in the same step */
    rows->rewards[row] = 0;
    rows->terminated[row] = rows->truncated[row] = 0;
}

void cam_rows_read(CamRows *rows, ptrdiff_t match, int begins) {
    if (begins) {
        rows->seeds[match] = cam_batch_state(rows->batch, match)->seed;
        rows->begun[match] = 1;
    }
    for (int k = 0; k < rows->num_seats; k++) read_row(rows, match, k, begins, 0);
}

void cam_rows_follow(CamRows *rows, ptrdiff_t match) {
    cam_batch_start(rows->batch, match, cam_next_seed(rows->seeds[match]), NULL);
    cam_rows_read(rows, match, 1);
}

/* Rewards, terms and flags of the step that a match has just taken. */
static void read_outcome(CamRows *rows, ptrdiff_t match) {
    const CamBatch *batch = rows->batch;
    const CamState *state = cam_batch_state(batch, match);
    float terms[CAM_MAX_FIGHTERS][CAM_NUM_REWARD_TERMS], sides[CAM_NUM_SIDES];
    weigh_sides(batch, state, terms, sides);
    for (int k = 0; k < rows->num_seats; k++) {
        const ptrdiff_t row = row_of(rows, match, k);
        const int seat = rows->seats[k];
        memcpy(rows->terms + row * CAM_NUM_REWARD_TERMS, terms[seat], sizeof(terms[seat]));
        rows->rewards[row] = sides[seat >= batch->sizes[0]];
        rows->terminated[row] = state->is_over;
        rows->truncated[row] = (uint8_t)cam_batch_is_cut(batch, match);
    }
}

void cam_rows_recall(CamRows *rows, ptrdiff_t match) {
    rows->seeds[match] = cam_batch_state(rows->batch, match)->seed;
    rows->begun[match] = 0;
    read_outcome(rows, match);
    for (int k = 0; k < rows->num_seats; k++) {
        read_facts(rows, match, k);
        read_row(rows, match, k, 0, 0);
    }
}

void cam_rows_step(CamRows *rows, ptrdiff_t start, ptrdiff_t stop) {
    for (ptrdiff_t match = start; match < stop; match++) {
        const ptrdiff_t first = row_of(rows, match, 0);
        rows->begun[match] = 0;
        if (rows->autoreset == CAM_NEXT_STEP && (rows->terminated[first] || rows->truncated[first])) {
            cam_rows_follow(rows, match);
            continue;
        }
        cam_batch_advance(rows->batch, match, rows->actions + match * rows->num_fighters);
        read_outcome(rows, match);
        for (int k = 0; k < rows->num_seats; k++) read_row(rows, match, k, 0, 1);
    }
}

void cam_rows_task(void *context, int task) {
    CamRows *rows = context;
    const int64_t count = rows->num_matches;
    cam_rows_step(rows, (ptrdiff_t)(count * task / rows->num_tasks), (ptrdiff_t)(count * (task + 1) / rows->num_tasks));
}

#define CAM_DEFINE_TAKE(name, type) \
    ptrdiff_t name(CamRows *rows, const type *given) { \
        const ptrdiff_t count = (ptrdiff_t)rows->num_matches * rows->num_seats; \
        const type size = (type)rows->mask_size; \
        for (ptrdiff_t row = 0; row < count; row++) { \
            int32_t *action = rows->actions + row / rows->num_seats * rows->num_fighters + rows->seats[row % rows->num_seats]; \
            if (rows->mask_form == CAM_MASK_FACTORED) { \
                const type direction = given[2 * row], button = given[2 * row + 1]; \
                if (direction < 0 || direction >= CAM_NUM_DIRECTIONS || button < 0 || button >= CAM_NUM_BUTTONS) return row; \
                *action = (int32_t)(direction * CAM_NUM_BUTTONS + button); \
                continue; \
            } \
            if (given[row] < 0 || given[row] >= size) return row; \
            *action = rows->mask_form == CAM_MASK_OWN ? rows->own[row * rows->mask_size + (ptrdiff_t)given[row]] : (int32_t)given[row]; \
        } \
        return -1; \
    }

CAM_DEFINE_TAKE(cam_rows_take32, int32_t)
CAM_DEFINE_TAKE(cam_rows_take64, int64_t)
