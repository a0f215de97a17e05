/* A player that tries its actions out on clones of the match. Each rollout begins with one of its actions; then both
   sides play on as mashers, beyond the levels of other bots its own as a punisher. It sees no more than the others: the clone's opponent is put back to what was seen of it. */

static const uint16_t rollouts[CAM_BOT_MAX_LEVEL + 1] = {4, 4, 8, 13, 20, 30, 60, 140, 320};
static const uint8_t rollout_ticks[CAM_BOT_MAX_LEVEL + 1] = {9, 9, 15, 21, 30, 39, 39, 39, 39};

enum { CAM_SEARCH_STEP = 3, CAM_MAX_CANDIDATES = 16 };   /* ticks a decision holds in a rollout */

typedef union {
    CamState state;
    uint8_t bytes[sizeof(CamState) + CAM_MAX_FIGHTERS * sizeof(CamFighter)];
} CamClone;

/* What the opponent began within the delay has not been seen: it stands free where it was seen, and what it has just
   sent out does not exist yet. What was done to it by the bot's own hands is known. */
static void forget_unseen(CamClone *clone, const CamBotView *view, int other) {
    CamFighter *opponent = &clone->state.fighters[other];
    for (int k = 0; k < CAM_MAX_ENTITIES; k++)
        if (opponent->entities[k].type >= 0 && opponent->entities[k].age < view->delay) remove_entity(&opponent->entities[k]);
    const int began = in_move(opponent) && opponent->move_tick < view->delay && opponent->grabbing < 0;
    if (!is_free(opponent) && !began && opponent->state != CAM_STATE_SLIP) return;
    become_free(opponent);
    opponent->x = view->seen->x;
    opponent->y = view->seen->y;
    opponent->z = view->seen->z;
    opponent->vz = 0;
    opponent->hitstop = 0;
    opponent->invulnerable_until = view->seen->invulnerable_until;
    opponent->buffered_button = opponent->buffered_direction = 0;
    opponent->buffer_ticks = 0;
}

/* What the model of a player, with a clear sight, would do. */
static int32_t model_action(CamBot *bot, const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    const int other = nearest_opponent(state, own->side, own->x, own->y);
    if (other < 0) return 0;
    const CamSight sight = glimpse(state, other);
    const CamBotView view = view_of(bot, state, data, index, other, &sight, 0);
    return bot->kind == CAM_BOT_PUNISHER ? act_punisher(&view) : act_masher(&view);
}

/* How well the bot's side stands, in thousandths of HP: health, sparks worth a fifth of it, and who is being hit. */
static int32_t standing(const CamState *state, const CamData *data, int side) {
    int32_t worth = 0;
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *fighter = &state->fighters[i];
        const int32_t stun = is_stunned(fighter->state) || fighter->state == CAM_STATE_KNOCKDOWN || fighter->state == CAM_STATE_GRABBED ? 15 : 0;
        const int32_t value = health(fighter, data) + fighter->spark / 80 - stun;
        worth += fighter->side == side ? value : -value;
    }
    if (state->is_over && state->winner != CAM_WINNER_DRAW) worth += state->winner == side ? 1000 : -1000;
    return worth;
}

static int32_t roll_out(const CamClone *from, const CamBotView *view, int32_t action, CamBot models[2]) {
    CamClone clone;
    memcpy(clone.bytes, from->bytes, cam_state_size(from->state.num_fighters));
    const int ticks = rollout_ticks[view->level];
    for (int tick = 0; tick < ticks && !clone.state.is_over; tick++) {
        int32_t actions[CAM_MAX_FIGHTERS] = {0};
        const int press = tick % CAM_SEARCH_STEP == 0;
        for (int i = 0; press && i < clone.state.num_fighters; i++)
            actions[i] = tick == 0 && i == view->fighter ? action : model_action(&models[clone.state.fighters[i].side != view->own->side], &clone.state, view->data, i);
        cam_step(&clone.state, view->data, actions, press);
    }
    return standing(&clone.state, view->data, view->own->side);
}

/* The presses that make sense, aimed, and the ways to walk. */
static int list_candidates(const CamBotView *view, int32_t *candidates) {
    int count = 0;
    for (int button = 1; button < CAM_NUM_BUTTONS; button++)
        if (is_legal(view, button)) candidates[count++] = press(view, button);
    candidates[count++] = 0;
    if (cam_legal_directions(view->state, view->data, view->fighter, CAM_BUTTON_NONE) == 1) return count;
    candidates[count++] = approach(view);
    candidates[count++] = walk_to(view, -view->toward, 0);
    candidates[count++] = walk_to(view, 0, way_out(view, view->gap_y));
    return count;
}

typedef struct {
    int32_t action, worth, tries;
} CamCandidate;

static int is_better(const CamCandidate *one, const CamCandidate *two) {
    return (int64_t)one->worth * two->tries > (int64_t)two->worth * one->tries;
}

/* One more rollout of a candidate. The k-th of each meets the same dice, so that luck does not choose between them. */
static void try_out(CamCandidate *candidate, const CamClone *clone, const CamBotView *view, const CamBot begun[2]) {
    CamBot models[2] = {begun[0], begun[1]};
    for (int k = 0; k < 2; k++) models[k].rng += (uint64_t)candidate->tries << 32;
    candidate->worth += roll_out(clone, view, candidate->action, models);
    candidate->tries++;
}

/* Sequential halving: all candidates alike, then the better half of them with as many rollouts again, until one is left. */
static int32_t halve(CamCandidate *candidates, int count, const CamClone *clone, const CamBotView *view, const CamBot begun[2]) {
    int rounds = 1;
    while (count > 1 << rounds) rounds++;
    for (const int share = rollouts[view->level] / rounds; count > 1; count = (count + 1) / 2) {
        for (int c = 0; c < count; c++)
            for (int k = cam_max(share / count, 1); k > 0; k--) try_out(&candidates[c], clone, view, begun);
        for (int c = 1; c < count; c++)   /* best first; the order given stays among equals */
            for (int k = c; k > 0 && is_better(&candidates[k], &candidates[k - 1]); k--) {
                const CamCandidate better = candidates[k];
                candidates[k] = candidates[k - 1];
                candidates[k - 1] = better;
            }
    }
    return candidates[0].action;
}

/* Flat Monte Carlo. At the levels of other bots every candidate in turn, then the best so far with what is left of the rollouts. */
static int32_t act_by_search(const CamBotView *view) {
    int32_t actions[CAM_MAX_CANDIDATES];
    CamCandidate candidates[CAM_MAX_CANDIDATES] = {{0, 0, 0}};
    int count = 0;
    actions[count++] = act_punisher(view);
    count += list_candidates(view, actions + 1);
    if (count == 2 && actions[0] == actions[1]) return 0;
    CamClone clone;
    CamBot models[2];   /* of its own side and of the other: apart, so that the seat does not matter */
    memcpy(clone.bytes, view->state, cam_state_size(view->state->num_fighters));
    forget_unseen(&clone, view, (int)(view->other - view->state->fighters));
    const int is_beyond = view->level > CAM_BOT_LEVELS;
    cam_bot_begin(&models[0], is_beyond ? CAM_BOT_PUNISHER : CAM_BOT_MASHER, is_beyond ? 5 : 4, cam_random(&view->bot->rng));
    cam_bot_begin(&models[1], CAM_BOT_MASHER, 4, cam_random(&view->bot->rng));
    for (int c = 0; c < count; c++) candidates[c].action = actions[c];
    if (is_beyond) return halve(candidates, count, &clone, view, models);
    int best = 0;
    for (int k = 0; k < rollouts[view->level]; k++) {
        CamCandidate *pick = &candidates[k < count ? k : best];
        pick->worth += roll_out(&clone, view, pick->action, models);
        pick->tries++;
        best = 0;
        for (int c = 1; c < count; c++)
            if (candidates[c].tries && is_better(&candidates[c], &candidates[best])) best = c;
    }
    return candidates[best].action;
}
