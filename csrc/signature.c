/* One number for the behaviour of the whole simulation: the hash of every state of fixed matches with fixed inputs.
   Equal on every platform, compiler and flag; a change of it is a change of the rules or of the roster. */

/* Mostly legal actions, so that fights happen; one in eight is any id, known or not. */
static int32_t scripted_action(uint64_t *counter, const CamState *state, const CamData *data, int fighter) {
    int8_t mask[CAM_NUM_ACTIONS];
    int32_t first = cam_random_below(counter, CAM_NUM_ACTIONS);
    if (cam_random_below(counter, 8) == 0) return first - 4 + cam_random_below(counter, 8);
    cam_action_mask(state, data, fighter, mask);
    for (int k = 0; k < CAM_NUM_ACTIONS; k++)
        if (mask[(first + k) % CAM_NUM_ACTIONS]) return (first + k) % CAM_NUM_ACTIONS;
    return 0;
}

static void scripted_loadouts(uint64_t *counter, const CamData *data, int match, int num_fighters, CamLoadout *loadouts) {
    for (int seat = 0; seat < num_fighters; seat++) {
        loadouts[seat].character = (seat * (match / data->num_characters) + seat / 2 * 37 + match) % data->num_characters;
        loadouts[seat].scroll = cam_random_below(counter, data->num_scrolls);
        for (int k = 0; k < CAM_NUM_COMPANIONS; k++) loadouts[seat].companions[k] = cam_random_below(counter, data->num_companions + 1) - 1;
    }
}

static uint64_t sign(uint64_t signature, const CamState *state) { return cam_mix(signature ^ cam_hash(state)) + 0x9E3779B97F4A7C15u; }

/* state: room for one match, so that no memory is allocated here */
uint64_t cam_signature(CamState *state, const CamData *data, const int sizes[CAM_NUM_SIDES], int num_matches, int num_ticks) {
    const int num_fighters = sizes[0] + sizes[1];
    uint64_t signature = 0;
    for (int match = 0; match < num_matches; match++) {
        uint64_t counter = cam_mix((uint64_t)match);
        CamLoadout loadouts[CAM_MAX_FIGHTERS];
        scripted_loadouts(&counter, data, match, num_fighters, loadouts);
        cam_reset(state, data, (uint64_t)match, sizes, num_ticks, loadouts);
        for (int tick = 0; tick < num_ticks; tick++) {
            int32_t actions[CAM_MAX_FIGHTERS];
            int press = tick % 3 == 0;
            if (press) cam_begin_step(state);
            for (int seat = 0; seat < num_fighters; seat++) actions[seat] = scripted_action(&counter, state, data, seat);
            cam_step(state, data, actions, press);
            signature = sign(signature, state);
        }
    }
    return signature;
}

/* Each seat is late in another way. */
static void scripted_delays(CamDelay delays[CAM_MAX_FIGHTERS]) {
    for (int seat = 0; seat < CAM_MAX_FIGHTERS; seat++)
        delays[seat] = (CamDelay){.see = (uint8_t)(2 + seat), .act = (uint8_t)(1 + seat % 4), .see_jitter = 2, .act_jitter = 1,
                                  .delay_self = seat % 3 == 2, .drop = CAM_DROP_SCALE / 16};
}

size_t cam_view_signature_size(int num_fighters) {
    CamDelay delays[CAM_MAX_FIGHTERS];
    scripted_delays(delays);
    return cam_latency_size(num_fighters, cam_latency_states(delays, num_fighters));
}

uint64_t cam_view_signature(CamState *state, CamState *scratch, CamLatency *latency, const CamData *data, const int sizes[CAM_NUM_SIDES],
                            int num_matches, int num_ticks) {
    const int num_fighters = sizes[0] + sizes[1];
    CamDelay delays[CAM_MAX_FIGHTERS];
    uint64_t signature = 0;
    scripted_delays(delays);
    for (int match = 0; match < num_matches; match++) {
        uint64_t counter = cam_mix((uint64_t)match);
        CamLoadout loadouts[CAM_MAX_FIGHTERS];
        scripted_loadouts(&counter, data, match, num_fighters, loadouts);
        cam_reset(state, data, (uint64_t)match, sizes, num_ticks, loadouts);
        cam_latency_begin(latency, state, cam_latency_states(delays, num_fighters));
        for (int tick = 0; tick < num_ticks; tick++) {
            int32_t actions[CAM_MAX_FIGHTERS];
            for (int seat = 0; seat < num_fighters; seat++) actions[seat] = scripted_action(&counter, state, data, seat);
            if (tick % 3 == 0) {
                cam_latency_decide(latency, delays, num_fighters, actions);
                cam_begin_step(state);
            }
            for (int seat = 0; seat < num_fighters; seat++) actions[seat] = cam_latency_due(latency, seat);
            const int was_over = state->is_over;
            cam_step(state, data, actions, 1);
            if (!was_over) cam_latency_keep(latency, state);
            if (tick % 3 != 2) continue;
            cam_latency_look(latency, num_fighters);
            for (int seat = 0; seat < num_fighters; seat++)
                signature = sign(signature, cam_see(latency, delays, state, data, seat, 1, scratch));
        }
    }
    return signature;
}
