/* Steps one batch on several threads, as a vector env does, and prints a hash of all that came of it.
   usage: threads ROSTER STEPS THREADS */
#include <stdlib.h>
#include <string.h>

#include "../../csrc/batch.h"
#include "../../csrc/pool.h"
#include "../../csrc/rng.h"
#include "load.h"

enum { MATCHES = 21, SEATS = 2, STACK = 2, TICKS = 150 };

static void *room(size_t count, size_t size) {
    void *found = calloc(count, size);
    if (!found) exit(2);
    return found;
}

/* Late, public matches, of which every third has a bot in seat 1. */
static void make_batch(CamBatch *batch, const CamData *data, int32_t *pool) {
    *batch = (CamBatch){.data = data, .num_matches = MATCHES, .num_fighters = SEATS, .sizes = {1, 1}, .frame_skip = 6, .max_ticks = TICKS, .is_public = 1};
    batch->observation_size = cam_observation_size(batch->observation);
    batch->state_size = cam_state_size(SEATS);
    for (int seat = 0; seat < SEATS; seat++) batch->delays[seat] = (CamDelay){.see = 3, .act = 2, .see_jitter = 1, .act_jitter = 1};
    batch->late_states = cam_latency_states(batch->delays, SEATS);
    batch->late_size = cam_latency_size(SEATS, batch->late_states);
    batch->states = room(MATCHES, batch->state_size);
    batch->latencies = room(MATCHES, batch->late_size);
    batch->scratches = room(MATCHES, batch->state_size);
    batch->bots = room(MATCHES * SEATS, sizeof(CamBot));
    batch->bot_kinds = room(MATCHES * SEATS, 1);
    batch->bot_levels = room(MATCHES * SEATS, 1);
    batch->steps = room(MATCHES, sizeof(int32_t));
    for (int k = 0; k < CAM_NUM_REWARD_TERMS; k++) batch->weights[k] = 1;
    for (int seat = 0; seat < SEATS; seat++) { batch->pools[seat] = pool; batch->pool_sizes[seat] = data->num_characters; }
    for (int match = 0; match < MATCHES; match += 3) {
        batch->bot_kinds[match * SEATS + 1] = (uint8_t)(1 + match % (CAM_NUM_BOTS - 1));
        batch->bot_levels[match * SEATS + 1] = CAM_BOT_LEVELS;
    }
}

static void make_rows(CamRows *rows, CamBatch *batch, int tasks) {
    *rows = (CamRows){.batch = batch, .num_matches = MATCHES, .num_tasks = tasks, .num_fighters = SEATS, .num_seats = SEATS, .seats = {0, 1}, .stack = STACK,
                      .mask_size = CAM_NUM_ACTIONS};
    const size_t count = MATCHES * SEATS;
    rows->actions = room(count, sizeof(int32_t));
    rows->frames = room(count * STACK * (size_t)batch->observation_size, sizeof(float));
    rows->masks = room(count, CAM_NUM_ACTIONS);
    rows->rewards = room(count, sizeof(float));
    rows->terms = room(count, CAM_NUM_REWARD_TERMS * sizeof(float));
    rows->illegal = room(count, sizeof(int32_t));
    rows->characters = room(count, sizeof(int32_t));
    rows->opponents = room(count, sizeof(int32_t));
    rows->meaningful = room(count, 1);
    rows->terminated = room(count, 1);
    rows->truncated = room(count, 1);
    rows->begun = room(MATCHES, 1);
    rows->seeds = room(MATCHES, sizeof(uint64_t));
}

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size) {
    for (size_t k = 0; k < size; k++) hash = (hash ^ ((const uint8_t *)bytes)[k]) * 0x100000001B3u;
    return hash;
}

static uint64_t hash_rows(const CamRows *rows, uint64_t hash) {
    const CamBatch *batch = rows->batch;
    hash = mixed(hash, batch->states, MATCHES * batch->state_size);
    hash = mixed(hash, rows->frames, MATCHES * SEATS * STACK * (size_t)batch->observation_size * sizeof(float));
    hash = mixed(hash, rows->rewards, MATCHES * SEATS * sizeof(float));
    return mixed(hash, rows->masks, MATCHES * SEATS * CAM_NUM_ACTIONS);
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    CamData data = {0};
    CamBatch batch;
    CamRows rows;
    load(&data, argv[1]);
    int32_t *characters = room((size_t)data.num_characters, sizeof(int32_t));
    for (int k = 0; k < data.num_characters; k++) characters[k] = k;
    const int steps = atoi(argv[2]), threads = atoi(argv[3]);
    make_batch(&batch, &data, characters);
    make_rows(&rows, &batch, 4 * threads < MATCHES ? 4 * threads : MATCHES);
    for (int match = 0; match < MATCHES; match++) {
        cam_batch_start(&batch, match, (uint64_t)match, NULL);
        cam_rows_read(&rows, match, 1);
    }
    CamPool *pool = cam_pool_new(threads, rows.num_tasks, cam_rows_task, &rows);
    if (!pool) return 2;
    uint64_t counter = 1, hash = 0;
    for (int step = 0; step < steps; step++) {
        for (int k = 0; k < MATCHES * SEATS; k++) rows.actions[k] = cam_random_below(&counter, CAM_NUM_ACTIONS);
        if (cam_pool_start(pool, step % 2) < 0) return 2;
        cam_pool_wait(pool);
        hash = hash_rows(&rows, hash);
    }
    cam_pool_free(pool);
    printf("%016llx\n", (unsigned long long)hash);
    unload(&data);
    return 0;
}
