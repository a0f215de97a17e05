/* The players that look ahead: one tries its intentions out, the other its single actions too. */

enum { CAM_INTENT_TICKS = 12, CAM_MAX_ACTIONS = 16, CAM_NUM_INTENTS = 8 };

static const CamLookahead searches[CAM_BOT_MAX_LEVEL + 1] = {
    {0, 0, 0, 0}, {4, 9, 9, CAM_BOT_MASHER}, {8, 15, 15, CAM_BOT_MASHER}, {13, 21, 21, CAM_BOT_MASHER}, {20, 30, 30, CAM_BOT_MASHER},
    {30, 39, 39, CAM_BOT_MASHER}, {30, 24, 45, CAM_BOT_PUNISHER}, {40, 24, 45, CAM_BOT_PUNISHER}, {80, 24, 45, CAM_BOT_PUNISHER}};

static const CamLookahead plans[CAM_BOT_MAX_LEVEL + 1] = {
    [6] = {12, 24, 45, CAM_BOT_PUNISHER}, [7] = {48, 24, 45, CAM_BOT_PUNISHER}, [8] = {96, 24, 45, CAM_BOT_PUNISHER}};

static const uint8_t intents[CAM_NUM_INTENTS] = {CAM_BOT_PUNISHER, CAM_BOT_MASHER, CAM_BOT_WALKER, CAM_BOT_ZONER,
                                                 CAM_BOT_BAITER, CAM_BOT_PLANNER, CAM_BOT_RUNNER, CAM_BOT_IDLE};

/* To play as one of these for the next moments. */
static int list_intents(const CamBotView *view, CamCandidate *candidates) {
    for (int k = 0; k < CAM_NUM_INTENTS; k++) candidates[k] = (CamCandidate){play_as(intents[k], view), 0, 0, intents[k], CAM_INTENT_TICKS};
    return CAM_NUM_INTENTS;
}

/* The presses that make sense, aimed, and the ways to walk. */
static int list_actions(const CamBotView *view, int32_t *actions) {
    int count = 0;
    for (int button = 1; button < CAM_NUM_BUTTONS; button++)
        if (is_legal(view, button)) actions[count++] = press(view, button);
    actions[count++] = 0;
    if (cam_legal_directions(view->state, view->data, view->fighter, CAM_BUTTON_NONE) == 1) return count;
    actions[count++] = approach(view);
    actions[count++] = walk_to(view, -view->toward, 0);
    actions[count++] = walk_to(view, 0, way_out(view, view->gap_y));
    return count;
}

/* What a punisher would do, then all else, each once. */
static int list_single_actions(const CamBotView *view, CamCandidate *candidates) {
    int32_t actions[CAM_MAX_ACTIONS] = {act_punisher(view)};
    int count = 0;
    for (int k = 0, listed = 1 + list_actions(view, actions + 1); k < listed; k++) {
        int is_new = 1;
        for (int c = 0; c < count; c++) is_new &= candidates[c].action != actions[k];
        if (is_new) candidates[count++] = (CamCandidate){actions[k], 0, 0, 0, 0};
    }
    return count;
}

/* At the levels of other bots against a masher; then against all models alike, from 7 on with intentions before the actions. */
static int32_t act_by_search(const CamBotView *view) {
    CamCandidate candidates[CAM_NUM_INTENTS + CAM_MAX_ACTIONS];
    int count = view->level >= 7 ? list_intents(view, candidates) : 0;
    count += list_single_actions(view, candidates + count);
    return choose(candidates, count, view, &searches[view->level], view->level > CAM_BOT_LEVELS ? all_alike : only_masher);
}

/* The planner beyond the levels of other bots: learns whom it faces. */
static int32_t act_by_plan(const CamBotView *view) {
    CamCandidate candidates[CAM_NUM_INTENTS];
    learn_opponent(view);
    return choose(candidates, list_intents(view, candidates), view, &plans[view->level], view->bot->beliefs);
}
