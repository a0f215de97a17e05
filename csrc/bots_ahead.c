/* Looking ahead: rollouts on clones, in which models play both sides, and sequential halving among what could be done. */

enum { CAM_SEARCH_STEP = 3 };   /* ticks a decision holds in a rollout */

/* How a level looks ahead. */
typedef struct {
    int16_t rollouts;      /* of a decision, at least one of each candidate in each round */
    uint8_t least, most;   /* ticks of a rollout: it ends between them as soon as nobody is held up */
    uint8_t own;           /* CAM_BOT that plays on for the bot's own side */
} CamLookahead;

/* An action, and for how many ticks of a rollout which CAM_BOT goes on from it. */
typedef struct {
    int32_t action, worth, tries;
    uint8_t intent, ticks;
} CamCandidate;

static int is_quiet(const CamState *state) {
    for (int i = 0; i < state->num_fighters; i++)
        if (!is_free(&state->fighters[i]) && state->fighters[i].state != CAM_STATE_KO) return 0;
    return 1;
}

/* What a candidate leads to: models[0] plays on for the bot's side, models[1] for the other. */
static int32_t roll_out(const CamClone *from, const CamBotView *view, const CamCandidate *candidate, const CamLookahead *ahead, CamBot models[2]) {
    CamClone clone;
    memcpy(clone.bytes, from->bytes, cam_state_size(from->state.num_fighters));
    for (int tick = 0; tick < ahead->most && !clone.state.is_over; tick++) {
        int32_t actions[CAM_MAX_FIGHTERS] = {0};
        const int press = tick % CAM_SEARCH_STEP == 0;
        if (press && tick >= ahead->least && is_quiet(&clone.state)) break;
        for (int i = 0; press && i < clone.state.num_fighters; i++) {
            models[0].kind = i == view->fighter && tick < candidate->ticks ? candidate->intent : ahead->own;
            CamBot *model = &models[clone.state.fighters[i].side != view->own->side];
            actions[i] = tick == 0 && i == view->fighter ? candidate->action : model_action(model, &clone.state, view->data, i);
        }
        cam_step(&clone.state, view->data, actions, press);
    }
    return standing(&clone.state, view->data, view->own->side);
}

static int is_better(const CamCandidate *one, const CamCandidate *two) {
    return (int64_t)one->worth * two->tries > (int64_t)two->worth * one->tries;
}

/* One more rollout of a candidate. The k-th of each meets the same opponent and the same dice, so that luck does not choose
   between them. */
static void try_out(CamCandidate *candidate, const CamClone *clone, const CamBotView *view, const CamLookahead *ahead,
                    const uint16_t weights[CAM_NUM_MODELS], const uint64_t seeds[2]) {
    CamBot models[2];   /* of its own side and of the other: apart, so that the seat does not matter */
    for (int k = 0; k < 2; k++) {
        const int kind = k ? draw_model(weights, seeds[1], candidate->tries) : ahead->own;
        cam_bot_begin(&models[k], kind, CAM_BOT_LEVELS, seeds[k] + ((uint64_t)candidate->tries << 32));
    }
    candidate->worth += roll_out(clone, view, candidate, ahead, models);
    candidate->tries++;
}

/* The best of the candidates, by sequential halving: all of them alike, then the better half with as many rollouts again,
   until one is left. weights: of the opponent's models. */
static int32_t choose(CamCandidate *candidates, int count, const CamBotView *view, const CamLookahead *ahead, const uint16_t weights[CAM_NUM_MODELS]) {
    int rounds = 1, differ = 0;
    for (int c = 1; c < count; c++) differ |= candidates[c].action != candidates[0].action;
    if (!differ) return candidates[0].action;
    CamClone clone;
    clone_seen(&clone, view);
    const uint64_t seeds[2] = {cam_random(&view->bot->rng), cam_random(&view->bot->rng)};
    while (count > 1 << rounds) rounds++;
    for (const int share = ahead->rollouts / rounds; count > 1; count = (count + 1) / 2) {
        for (int c = 0; c < count; c++)
            for (int k = cam_max(share / count, 1); k > 0; k--) try_out(&candidates[c], &clone, view, ahead, weights, seeds);
        for (int c = 1; c < count; c++)   /* best first; the order given stays among equals */
            for (int k = c; k > 0 && is_better(&candidates[k], &candidates[k - 1]); k--) {
                const CamCandidate better = candidates[k];
                candidates[k] = candidates[k - 1];
                candidates[k - 1] = better;
            }
    }
    return candidates[0].action;
}
