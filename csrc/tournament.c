/* Whole matches between bots, one after another, and what a balance report counts of each. */

static int is_held_up(const CamFighter *fighter) { return fighter->state >= CAM_STATE_HITSTUN && fighter->state <= CAM_STATE_BLOCKSTUN; }

/* What the fighter was doing when its opponent lost HP. A projectile or an effect counts for the move it happens during. */
static int damage_source(const CamFighter *fighter, const CamData *data) {
    if (fighter->move < 0) return CAM_SOURCE_NO_MOVE;
    switch (data->moves[fighter->move].category) {
        case CAM_CATEGORY_CHAIN: return CAM_SOURCE_CHAIN;
        case CAM_CATEGORY_SKILL: return CAM_SOURCE_SKILL;
        case CAM_CATEGORY_ULTIMATE: return CAM_SOURCE_ULTIMATE;
        default: return CAM_SOURCE_OTHER_MOVE;
    }
}

/* Share of HP of side 0 minus that of side 1, in parts of both maxima multiplied: integers, so that ties are ties. */
static int64_t lead_of(const CamState *state, const CamData *data) {
    const CamFighter *left = &state->fighters[0], *right = &state->fighters[1];
    return (int64_t)left->hp * data->characters[right->character].max_hp - (int64_t)right->hp * data->characters[left->character].max_hp;
}

static void count_tick(CamGameResult *result, const CamState *state, const CamData *data, int32_t hp[CAM_NUM_SIDES], int *leader) {
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        const CamFighter *fighter = &state->fighters[side], *opponent = &state->fighters[!side];
        const int32_t lost = hp[side] - fighter->hp;
        hp[side] = fighter->hp;
        if (lost > 0) result->damage[!side * CAM_NUM_SOURCES + damage_source(opponent, data)] += lost;
        result->held_up[side] += is_held_up(fighter);
        if (fighter->combo_hits > result->longest_combo[!side]) result->longest_combo[!side] = fighter->combo_hits;
    }
    const int64_t lead = lead_of(state, data), whole = (int64_t)data->characters[state->fighters[0].character].max_hp * data->characters[state->fighters[1].character].max_hp;
    if (lead == 0) return;
    const int ahead = lead < 0;
    if (*leader >= 0 && ahead != *leader) result->lead_changes++;
    *leader = ahead;
    if ((lead < 0 ? -lead : lead) * 10 >= whole * 3) result->was_behind[!ahead] = 1;
}

/* Count a move that began in this tick, by its button; replies have none. before: as it stood ahead of the tick. */
static void count_press(CamGameResult *result, const CamFighter *fighter, const CamData *data, int side, int before, int before_tick) {
    if (fighter->move < 0 || (fighter->move == before && fighter->move_tick >= before_tick)) return;
    const CamMove *move = &data->moves[fighter->move];
    const int button = move->category == CAM_CATEGORY_CHAIN ? CAM_BUTTON_ATTACK : move->button ? fighter->last_button : CAM_BUTTON_NONE;
    result->presses[side * CAM_NUM_BUTTONS + button] += button != CAM_BUTTON_NONE;
}

void cam_play_game(CamState *state, const CamData *data, const CamGame *game, int frame_skip, int max_ticks, CamGameResult *result) {
    CamLoadout loadouts[CAM_NUM_SIDES];
    CamBot bots[CAM_NUM_SIDES];
    int32_t actions[CAM_NUM_SIDES], hp[CAM_NUM_SIDES];
    int leader = -1;
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        loadouts[side] = (CamLoadout){game->characters[side], game->scrolls[side], {game->companions[side], -2, -2}};
        cam_bot_begin(&bots[side], game->kinds[side], game->levels[side], cam_draw(game->seed, 100 + (uint64_t)side));
    }
    memset(result, 0, sizeof(*result));
    cam_reset(state, data, game->seed, CAM_NUM_SIDES, max_ticks, loadouts);
    for (int side = 0; side < CAM_NUM_SIDES; side++) hp[side] = state->fighters[side].hp;
    while (!state->is_over) {
        for (int side = 0; side < CAM_NUM_SIDES; side++) actions[side] = cam_bot_act(&bots[side], state, data, side);
        cam_begin_step(state);
        for (int tick = 0; tick < frame_skip; tick++) {
            const int moves[CAM_NUM_SIDES] = {state->fighters[0].move, state->fighters[1].move};
            const int ticks[CAM_NUM_SIDES] = {state->fighters[0].move_tick, state->fighters[1].move_tick};
            cam_step(state, data, actions, tick == 0);
            for (int side = 0; side < CAM_NUM_SIDES; side++) {
                cam_bot_watch(&bots[side], state, side);
                count_press(result, &state->fighters[side], data, side, moves[side], ticks[side]);
            }
            count_tick(result, state, data, hp, &leader);
            if (state->is_over) break;
        }
    }
    result->ticks = state->tick;
    result->winner = state->winner;
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        const CamFighter *fighter = &state->fighters[side];
        result->hp[side] = fighter->hp;
        memcpy(&result->counts[side * CAM_NUM_COUNTS], fighter->counts, sizeof(fighter->counts));
    }
}
