/* Whole matches between bots, one after another, and what a balance report counts of each. */

static int is_held_up(const CamFighter *fighter) { return fighter->state >= CAM_STATE_HITSTUN && fighter->state <= CAM_STATE_BLOCKSTUN; }

/* Share of HP of side 0 minus that of side 1, in parts of both maxima multiplied: integers, so that ties are ties. */
static int64_t lead_of(const CamState *state, const CamData *data) {
    const CamFighter *left = &state->fighters[0], *right = &state->fighters[1];
    return (int64_t)left->hp * data->characters[right->character].max_hp - (int64_t)right->hp * data->characters[left->character].max_hp;
}

static void count_tick(CamGameResult *result, const CamState *state, const CamData *data, int *leader) {
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        const CamFighter *fighter = &state->fighters[side];
        result->held_up[side] += is_held_up(fighter);
        if (fighter->combo_hits > result->longest_combo[!side]) result->longest_combo[!side] = fighter->combo_hits;
    }
    result->locked += state->fighters[0].combo_hits >= CAM_LOCK_HITS && state->fighters[1].combo_hits >= CAM_LOCK_HITS;
    const int64_t lead = lead_of(state, data), whole = (int64_t)data->characters[state->fighters[0].character].max_hp * data->characters[state->fighters[1].character].max_hp;
    if (lead == 0) return;
    const int ahead = lead < 0;
    if (*leader >= 0 && ahead != *leader) result->lead_changes++;
    *leader = ahead;
    if ((lead < 0 ? -lead : lead) * 10 >= whole * 3) result->was_behind[!ahead] = 1;
}

void cam_play_game(CamState *state, const CamData *data, const CamGame *game, int frame_skip, int max_ticks, CamGameResult *result) {
    CamLoadout loadouts[CAM_NUM_SIDES];
    CamBot bots[CAM_NUM_SIDES];
    int32_t actions[CAM_NUM_SIDES];
    int leader = -1;
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        loadouts[side] = (CamLoadout){game->characters[side], game->scrolls[side], {game->companions[side], -2, -2}};
        cam_bot_begin(&bots[side], game->kinds[side], game->levels[side], cam_draw(game->seed, 100 + (uint64_t)side));
    }
    memset(result, 0, sizeof(*result));
    cam_reset(state, data, game->seed, (const int[CAM_NUM_SIDES]){1, 1}, max_ticks, loadouts);
    while (!state->is_over) {
        for (int side = 0; side < CAM_NUM_SIDES; side++) actions[side] = cam_bot_act(&bots[side], state, data, side);
        cam_begin_step(state);
        for (int tick = 0; tick < frame_skip; tick++) {
            cam_step(state, data, actions, tick == 0);
            for (int side = 0; side < CAM_NUM_SIDES; side++) cam_bot_watch(&bots[side], state, side);
            count_tick(result, state, data, &leader);
            if (state->is_over) break;
        }
    }
    result->ticks = state->tick;
    result->winner = state->winner;
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        const CamFighter *fighter = &state->fighters[side];
        result->hp[side] = fighter->hp;
        memcpy(&result->counts[side * CAM_NUM_COUNTS], fighter->counts, sizeof(fighter->counts));
        for (int source = 0; source < CAM_NUM_SOURCES; source++)
            result->damage[!side * CAM_NUM_SOURCES + source] = fighter->taken[source];
    }
}
