/* Runs the simulation without Python, for other compilers, flags and sanitizers: N against M, or a duel.
   usage: harness ROSTER signature MATCHES TICKS [N M]   prints the signature
          harness ROSTER views MATCHES TICKS [N M]       prints that of late and public views
          harness ROSTER rollback WINDOW TICKS [N M]     goes back WINDOW ticks after every WINDOW ticks of random matches
          harness ROSTER fuzz SEED TICKS [N M]           checks invariants, rollback and mirror symmetry on random matches;
                                                         duels go on until every character has been on each side */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/engine.h"
#include "../../csrc/rng.h"
#include "load.h"

static int sizes[CAM_NUM_SIDES] = {1, 1}, num_fighters = 2;   /* fighters of either side, and of both */

/* Room for what is played, and for what it is compared with. */
typedef struct { CamState *state, *saved, *mirror; CamBot bots[CAM_MAX_FIGHTERS]; } Room;

static void fail(const char *what, uint64_t seed, int tick) {
    fprintf(stderr, "%s (seed %llu, tick %d)\n", what, (unsigned long long)seed, tick);
    exit(1);
}

static void check_views(const CamState *state, const CamData *data, uint64_t seed, int tick) {
    static float observation[4096];
    int8_t mask[CAM_NUM_ACTIONS];
    static float together[CAM_MAX_FIGHTERS * 4096];
    for (int preset = 0; preset < CAM_NUM_OBSERVATIONS; preset++) {
        const int count = cam_observation_size(preset);
        cam_observe_all(state, data, preset, together);
        for (int seat = 0; seat < num_fighters; seat++) {
            cam_observe(state, data, seat, preset, observation);
            if (memcmp(observation, together + seat * count, (size_t)count * sizeof(float))) fail("one sees other than all do", seed, tick);
            for (int k = 0; k < count; k++)
                if (!(observation[k] >= -1.0f && observation[k] <= 1.0f)) fail("an observation leaves [-1, 1]", seed, tick);
        }
    }
    for (int seat = 0; seat < num_fighters; seat++) {
        cam_action_mask(state, data, seat, mask);
        if (!mask[0]) fail("action 0 is masked", seed, tick);
    }
}

/* What fighters of the other side get in the mirror: side 1's first. */
static void mirror_actions(const int32_t *actions, int32_t *mirrored) {
    for (int seat = 0; seat < num_fighters; seat++) mirrored[seat < sizes[0] ? seat + sizes[1] : seat - sizes[0]] = actions[seat];
}

/* From a multiple of num_characters to the next, seeds put each character first on each side once; the next such run has other pairs. */
static int32_t character_of(uint64_t seed, int seat, uint64_t n) {
    if (seat == 0) return (int32_t)(seed % n);
    return (int32_t)((seat == sizes[0] ? seed + cam_mix(seed / n) % n : cam_mix(seed + (uint64_t)seat)) % n);
}

static uint64_t fuzz_match(Room *room, const CamData *data, uint64_t seed, uint8_t *seen[2], int *unseen, int *ticks) {
    CamState *state = room->state, *saved = room->saved, *mirror = room->mirror;
    uint64_t counter = cam_mix(seed), totals = 0;
    CamLoadout loadouts[CAM_MAX_FIGHTERS];
    for (int seat = 0; seat < num_fighters; seat++) {
        const int side = seat >= sizes[0];
        loadouts[seat].character = character_of(seed, seat, (uint64_t)data->num_characters);
        *unseen -= !seen[side][loadouts[seat].character];
        seen[side][loadouts[seat].character] = 1;
        loadouts[seat].scroll = cam_random_below(&counter, data->num_scrolls);
        for (int k = 0; k < CAM_NUM_COMPANIONS; k++) loadouts[seat].companions[k] = cam_random_below(&counter, data->num_companions + 1) - 1;
        int kind = 1 + cam_random_below(&counter, CAM_NUM_BOTS - 1);
        if (kind == CAM_BOT_MCTS && num_fighters > 2) kind = CAM_BOT_PUNISHER;   /* ten that search take too long */
        int level = 1 + cam_random_below(&counter, CAM_BOT_LEVELS);
        cam_bot_begin(&room->bots[seat], kind, level, counter);
    }
    int length = 60 + cam_random_below(&counter, 60 << cam_random_below(&counter, 6));
    cam_reset(state, data, seed, sizes, length, loadouts);
    if (cam_random_below(&counter, 2))   /* all within reach, so that they meet in crowds */
        for (int seat = 0; seat < num_fighters; seat++) state->fighters[seat].x /= 3, state->fighters[seat].y /= 3;
    cam_mirror(state, mirror);
    const size_t size = cam_state_size(num_fighters);
    for (int tick = 0; tick < length && !state->is_over; tick++, ++*ticks) {
        int32_t actions[CAM_MAX_FIGHTERS], mirrored[CAM_MAX_FIGHTERS];
        int press = cam_random_below(&counter, 3) == 0;
        for (int seat = 0; seat < num_fighters; seat++) {
            cam_bot_watch(&room->bots[seat], state, seat);
            int32_t wild = (int32_t)cam_random(&counter), shift = cam_random_below(&counter, 32);
            actions[seat] = cam_random_below(&counter, 6) ? cam_bot_act(&room->bots[seat], state, data, seat) : wild >> shift;
        }
        mirror_actions(actions, mirrored);
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
    for (int seat = 0; seat < num_fighters; seat++)
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
static void roll_back(Room *room, const CamData *data, int window, uint64_t seed, int *ticks) {
    CamState *state = room->state, *saved = room->saved, *end = room->mirror;
    const size_t size = cam_state_size(num_fighters);
    uint64_t counter = cam_mix(seed);
    CamLoadout loadouts[CAM_MAX_FIGHTERS];
    for (int seat = 0; seat < num_fighters; seat++) {
        loadouts[seat] = (CamLoadout){.scroll = -1, .companions = {-1, -1, -1}};
        loadouts[seat].character = (int32_t)((seed + (seat ? cam_mix(seed + (uint64_t)seat - 1) : 0)) % (uint64_t)data->num_characters);
    }
    cam_reset(state, data, seed, sizes, 600 + cam_random_below(&counter, 1200), loadouts);
    while (!state->is_over) {
        int32_t played[MAX_WINDOW][CAM_MAX_FIGHTERS + 1];   /* actions; last, whether they are new */
        memcpy(saved, state, size);
        for (int k = 0; k < window; k++, ++*ticks) {
            played[k][CAM_MAX_FIGHTERS] = cam_random_below(&counter, 3) == 0;
            for (int seat = 0; seat < num_fighters; seat++) played[k][seat] = random_action(&counter, state, data, seat);
            if (played[k][CAM_MAX_FIGHTERS]) cam_begin_step(state);
            cam_step(state, data, played[k], played[k][CAM_MAX_FIGHTERS]);
            const char *broken = cam_check_state(state, data);
            if (broken) fail(broken, seed, state->tick);
        }
        memcpy(end, state, size);
        memcpy(state, saved, size);
        for (int k = 0; k < window; k++) {
            if (played[k][CAM_MAX_FIGHTERS]) cam_begin_step(state);
            cam_step(state, data, played[k], played[k][CAM_MAX_FIGHTERS]);
        }
        if (memcmp(end, state, size) == 0) continue;
        print_state(stderr, end, "first");
        print_state(stderr, state, "again");
        fail("a rolled back match steps differently", seed, state->tick);
    }
}

int main(int argc, char **argv) {
    CamData data;
    if (argc != 5 && argc != 7) return 2;
    for (int side = 0; side < CAM_NUM_SIDES && argc == 7; side++) {
        sizes[side] = atoi(argv[5 + side]);
        if (sizes[side] < 1 || sizes[side] > CAM_MAX_TEAM) return 2;
    }
    num_fighters = sizes[0] + sizes[1];
    memset(&data, 0, sizeof(data));
    load(&data, argv[1]);
    const char *broken = cam_check_data(&data);
    if (broken) { fprintf(stderr, "%s\n", broken); return 2; }
    const size_t size = cam_state_size(num_fighters);
    Room room = {.state = calloc(1, size), .saved = calloc(1, size), .mirror = calloc(1, size)};
    if (!strcmp(argv[2], "signature")) {
        printf("%016llx\n", (unsigned long long)cam_signature(room.state, &data, sizes, atoi(argv[3]), atoi(argv[4])));
    } else if (!strcmp(argv[2], "views")) {
        CamLatency *latency = calloc(1, cam_view_signature_size(num_fighters));
        printf("%016llx\n", (unsigned long long)cam_view_signature(room.state, room.saved, latency, &data, sizes, atoi(argv[3]), atoi(argv[4])));
        free(latency);
    } else if (!strcmp(argv[2], "rollback")) {
        int ticks = 0, window = atoi(argv[3]);
        if (window < 1 || window > MAX_WINDOW) return 2;
        for (uint64_t seed = 0; ticks < atoi(argv[4]); seed++) roll_back(&room, &data, window, seed, &ticks);
        printf("%d ticks rolled back by %d\n", ticks, window);
    } else {
        int ticks = 0, matches = 0, n = data.num_characters, unseen = 2 * n;
        uint64_t hash = 0;
        uint8_t *seen[2] = {calloc(1, (size_t)n), calloc(1, (size_t)n)};
        for (uint64_t seed = strtoull(argv[3], NULL, 10); ticks < atoi(argv[4]) || (unseen && num_fighters == 2); seed++, matches++)
            hash = cam_mix(hash ^ fuzz_match(&room, &data, seed, seen, &unseen, &ticks));
        printf("%d ticks, %d matches, %s %d characters on each side, %016llx\n", ticks, matches, unseen ? "not all" : "all", n,
               (unsigned long long)hash);
        free(seen[0]); free(seen[1]);
    }
    free(room.state); free(room.saved); free(room.mirror);
    unload(&data);
    return 0;
}
