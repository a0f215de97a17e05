/* Runs the simulation without Python, for other compilers, flags and sanitizers.
   usage: harness ROSTER signature MATCHES TICKS   prints the signature
          harness ROSTER rollback WINDOW TICKS     goes back WINDOW ticks after every WINDOW ticks of random matches
          harness ROSTER fuzz SEED TICKS           checks invariants, rollback and mirror symmetry on random matches,
                                                   and goes on until every character has been on each side */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/engine.h"
#include "../../csrc/rng.h"
#include "load.h"

static const int DUEL[CAM_NUM_SIDES] = {1, 1};   /* fighters of either side */

static void fail(const char *what, uint64_t seed, int tick) {
    fprintf(stderr, "%s (seed %llu, tick %d)\n", what, (unsigned long long)seed, tick);
    exit(1);
}

static void check_views(const CamState *state, const CamData *data, uint64_t seed, int tick) {
    static float observation[4096];
    int8_t mask[CAM_NUM_ACTIONS];
    for (int seat = 0; seat < 2; seat++) {
        for (int preset = 0; preset < CAM_NUM_OBSERVATIONS; preset++) {
            cam_observe(state, data, seat, preset, observation);
            for (int k = 0; k < cam_observation_size(preset); k++)
                if (!(observation[k] >= -1.0f && observation[k] <= 1.0f)) fail("an observation leaves [-1, 1]", seed, tick);
        }
        cam_action_mask(state, data, seat, mask);
        if (!mask[0]) fail("action 0 is masked", seed, tick);
    }
}

static uint64_t fuzz_match(CamState *state, CamState *saved, CamState *mirror, CamBot *bots, const CamData *data, uint64_t seed, uint8_t *seen[2], int *unseen, int *ticks) {
    uint64_t counter = cam_mix(seed), totals = 0;
    CamLoadout loadouts[2];
    for (int seat = 0; seat < 2; seat++) {
        /* From a multiple of num_characters to the next, seeds put each character into each seat once; the next such run has other pairs. */
        uint64_t n = (uint64_t)data->num_characters;
        loadouts[seat].character = (int32_t)((seat ? seed + cam_mix(seed / n) % n : seed) % n);
        *unseen -= !seen[seat][loadouts[seat].character];
        seen[seat][loadouts[seat].character] = 1;
        loadouts[seat].scroll = cam_random_below(&counter, data->num_scrolls);
        for (int k = 0; k < CAM_NUM_COMPANIONS; k++) loadouts[seat].companions[k] = cam_random_below(&counter, data->num_companions + 1) - 1;
        int kind = 1 + cam_random_below(&counter, CAM_NUM_BOTS - 1), level = 1 + cam_random_below(&counter, CAM_BOT_LEVELS);
        cam_bot_begin(&bots[seat], kind, level, counter);
    }
    int length = 60 + cam_random_below(&counter, 60 << cam_random_below(&counter, 6));
    cam_reset(state, data, seed, DUEL, length, loadouts);
    cam_mirror(state, mirror);
    const size_t size = cam_state_size(2);
    for (int tick = 0; tick < length && !state->is_over; tick++, ++*ticks) {
        int32_t actions[2];
        int press = cam_random_below(&counter, 3) == 0;
        for (int seat = 0; seat < 2; seat++) {
            cam_bot_watch(&bots[seat], state, seat);
            int32_t wild = (int32_t)cam_random(&counter), shift = cam_random_below(&counter, 32);
            actions[seat] = cam_random_below(&counter, 6) ? cam_bot_act(&bots[seat], state, data, seat) : wild >> shift;
        }
        int32_t mirrored[2] = {actions[1], actions[0]};
        if (press) { cam_begin_step(state); cam_begin_step(mirror); }
        memcpy(saved, state, size);
        cam_step(state, data, actions, press);
        cam_step(saved, data, actions, press);
        cam_step(mirror, data, mirrored, press);
        if (memcmp(saved, state, size)) fail("a restored state steps differently", seed, tick);
        cam_mirror(mirror, saved);
        if (memcmp(saved, state, size)) fail("a mirrored match steps differently", seed, tick);
        const char *broken = cam_check_state(state, data);
        if (broken) fail(broken, seed, tick);
        if (tick % 8 == 0) check_views(state, data, seed, tick);
    }
    for (int seat = 0; seat < 2; seat++)
        for (int k = 0; k < CAM_NUM_COUNTS; k++) totals += (uint64_t)state->fighters[seat].counts[k] << (k % 4 * 16);
    return totals;
}

/* One field a line, so that what differs is named. */
static void print_state(FILE *file, const CamState *state, const char *which) {
    const CamRecordInfo *records[3] = {NULL, NULL, NULL};
    static const char *const names[3] = {"state", "fighter", "entity"};
    for (int r = 0; r < cam_num_records; r++)
        for (int k = 0; k < 3; k++)
            if (!strcmp(cam_records[r].name, names[k])) records[k] = &cam_records[r];
    for (int part = -1; part < state->num_fighters * (1 + CAM_MAX_ENTITIES); part++) {
        const int fighter = part < 0 ? 0 : part / (1 + CAM_MAX_ENTITIES), slot = part < 0 ? 0 : part % (1 + CAM_MAX_ENTITIES);
        const CamRecordInfo *record = records[part < 0 ? 0 : slot ? 2 : 1];
        const char *base = part < 0 ? (const char *)state : slot ? (const char *)&state->fighters[fighter].entities[slot - 1] : (const char *)&state->fighters[fighter];
        for (int f = 0; f < record->num_fields; f++) {
            const CamFieldInfo *field = &record->fields[f];
            const int size = field->code[1] - '0';
            if (size < 1 || size > 8) continue;
            fprintf(file, "%s %s[%d.%d].%s:", which, record->name, fighter, slot, field->name);
            for (int k = 0; k < (field->length ? field->length : 1); k++) {
                uint64_t value = 0;
                memcpy(&value, base + field->offset + k * size, (size_t)size);
                fprintf(file, " %llx", (unsigned long long)value);
            }
            fputc('\n', file);
        }
    }
}

enum { MAX_WINDOW = 60 };

/* Legal actions for the most part; one in eight is any number. */
static int32_t random_action(uint64_t *counter, const CamState *state, const CamData *data, int seat) {
    int8_t mask[CAM_NUM_ACTIONS];
    int32_t wild = (int32_t)cam_random(counter), shift = cam_random_below(counter, 32), first = cam_random_below(counter, CAM_NUM_ACTIONS);
    if (cam_random_below(counter, 8) == 0) return wild >> shift;
    cam_action_mask(state, data, seat, mask);
    while (!mask[first]) first = (first + 1) % CAM_NUM_ACTIONS;
    return first;
}

/* Play a window, go back to where it began, play the same inputs again: every byte must be the same. */
static void roll_back(CamState *state, CamState *saved, CamState *end, const CamData *data, int window, uint64_t seed, int *ticks) {
    const size_t size = cam_state_size(2);
    uint64_t counter = cam_mix(seed);
    CamLoadout loadouts[2];
    for (int seat = 0; seat < 2; seat++) {
        loadouts[seat] = (CamLoadout){.scroll = -1, .companions = {-1, -1, -1}};
        loadouts[seat].character = (int32_t)((seed + (seat ? cam_mix(seed) : 0)) % (uint64_t)data->num_characters);
    }
    cam_reset(state, data, seed, DUEL, 600 + cam_random_below(&counter, 1200), loadouts);
    while (!state->is_over) {
        int32_t played[MAX_WINDOW][3];
        memcpy(saved, state, size);
        for (int k = 0; k < window; k++, ++*ticks) {
            played[k][2] = cam_random_below(&counter, 3) == 0;
            for (int seat = 0; seat < 2; seat++) played[k][seat] = random_action(&counter, state, data, seat);
            if (played[k][2]) cam_begin_step(state);
            cam_step(state, data, played[k], played[k][2]);
            const char *broken = cam_check_state(state, data);
            if (broken) fail(broken, seed, state->tick);
        }
        memcpy(end, state, size);
        memcpy(state, saved, size);
        for (int k = 0; k < window; k++) {
            if (played[k][2]) cam_begin_step(state);
            cam_step(state, data, played[k], played[k][2]);
        }
        if (memcmp(end, state, size) == 0) continue;
        print_state(stderr, end, "first");
        print_state(stderr, state, "again");
        fail("a rolled back match steps differently", seed, state->tick);
    }
}

int main(int argc, char **argv) {
    CamData data;
    if (argc != 5) return 2;
    memset(&data, 0, sizeof(data));
    load(&data, argv[1]);
    const char *broken = cam_check_data(&data);
    if (broken) { fprintf(stderr, "%s\n", broken); return 2; }
    CamState *state = calloc(1, cam_state_size(2)), *saved = calloc(1, cam_state_size(2)), *mirror = calloc(1, cam_state_size(2));
    CamBot bots[2];
    if (!strcmp(argv[2], "signature")) {
        printf("%016llx\n", (unsigned long long)cam_signature(state, &data, DUEL, atoi(argv[3]), atoi(argv[4])));
    } else if (!strcmp(argv[2], "rollback")) {
        int ticks = 0, window = atoi(argv[3]);
        if (window < 1 || window > MAX_WINDOW) return 2;
        for (uint64_t seed = 0; ticks < atoi(argv[4]); seed++) roll_back(state, saved, mirror, &data, window, seed, &ticks);
        printf("%d ticks rolled back by %d\n", ticks, window);
    } else {
        int ticks = 0, matches = 0, n = data.num_characters, unseen = 2 * n;
        uint64_t hash = 0;
        uint8_t *seen[2] = {calloc(1, (size_t)n), calloc(1, (size_t)n)};
        for (uint64_t seed = strtoull(argv[3], NULL, 10); ticks < atoi(argv[4]) || unseen; seed++, matches++)
            hash = cam_mix(hash ^ fuzz_match(state, saved, mirror, bots, &data, seed, seen, &unseen, &ticks));
        printf("%d ticks, %d matches, all %d characters on each side, %016llx\n", ticks, matches, n, (unsigned long long)hash);
        free(seen[0]); free(seen[1]);
    }
    free(state); free(saved); free(mirror);
    unload(&data);
    return 0;
}
