/* Whom a bot that looks ahead takes its opponent for: a mixture of models, weighed by how well each foretold what the
   opponent did. */

static const uint8_t opponent_models[CAM_NUM_MODELS] = {CAM_BOT_MASHER, CAM_BOT_PUNISHER, CAM_BOT_ZONER, CAM_BOT_RUNNER};
static const uint16_t only_masher[CAM_NUM_MODELS] = {1}, all_alike[CAM_NUM_MODELS] = {1, 1, 1, 1};

enum { CAM_FORECAST_TICKS = 3, CAM_RIGHT = 6, CAM_WRONG = 4 };   /* how far a forecast goes; odds of one that came true */

/* What can be told of a fighter that was free: how it pressed, or where it went. */
enum { CAM_DEED_NONE, CAM_DEED_ATTACK, CAM_DEED_KIT, CAM_DEED_CAME, CAM_DEED_WENT, CAM_DEED_STAYED };

/* The model of the k-th rollout of a decision: rollouts are spread over the models by weight, evenly, from a place that
   the seed sets. */
static uint8_t draw_model(const uint16_t weights[CAM_NUM_MODELS], uint64_t seed, int k) {
    uint32_t sum = 0;
    for (int m = 0; m < CAM_NUM_MODELS; m++) sum += weights[m];
    const uint32_t golden = 2654435769u;   /* 2^32 by the golden ratio */
    uint32_t place = (((uint32_t)seed + (uint32_t)k * golden) >> 16) * sum >> 16;
    int m = 0;
    while (place >= weights[m]) place -= weights[m++];
    return opponent_models[m];
}

static int deed_of_action(const CamFighter *fighter, int32_t action, int toward) {
    const int button = action % CAM_NUM_BUTTONS, x = world_x(fighter, action / CAM_NUM_BUTTONS);
    if (button) return button == CAM_BUTTON_ATTACK ? CAM_DEED_ATTACK : CAM_DEED_KIT;
    return x == 0 ? CAM_DEED_STAYED : x == toward ? CAM_DEED_CAME : CAM_DEED_WENT;
}

/* What a fighter did between two sights of it, seen from x. */
static int deed_between(const CamSight *before, const CamSight *after, const CamData *data, int32_t x) {
    if (before->who != after->who || before->state > CAM_STATE_WALK || before->z > 0) return CAM_DEED_NONE;
    if (after->move >= 0) return data->moves[after->move].button == CAM_BUTTON_ATTACK ? CAM_DEED_ATTACK : CAM_DEED_KIT;
    if (after->state > CAM_STATE_WALK) return CAM_DEED_NONE;
    const int32_t came = (after->x - before->x) * cam_sign(x - before->x);
    return came > 20 * CAM_FORECAST_TICKS ? CAM_DEED_CAME : came < -20 * CAM_FORECAST_TICKS ? CAM_DEED_WENT : CAM_DEED_STAYED;
}

/* Let each model say what the opponent, if it is free to choose, will do next. */
static void foretell(const CamBotView *view) {
    CamBot *bot = view->bot;
    CamClone clone;
    const int other = (int)(view->other - view->state->fighters);
    bot->forecast_at = 0;
    if (view->seen->state > CAM_STATE_WALK) return;
    clone_seen(&clone, view);
    for (int m = 0; m < CAM_NUM_MODELS; m++) {
        CamBot model;
        cam_bot_begin(&model, opponent_models[m], CAM_BOT_LEVELS, bot->rng + (uint64_t)m);
        bot->forecast[m] = (uint8_t)deed_of_action(view->other, model_action(&model, &clone.state, view->data, other), -view->toward);
    }
    bot->forecast_at = bot->seen;
}

/* Bayes' rule, a forecast being right in six of ten cases; the least weight keeps every model in mind. */
static void believe(CamBot *bot, int deed) {
    const int32_t to_share = CAM_BELIEF_SUM - CAM_NUM_MODELS * CAM_BELIEF_LEAST;
    int32_t sum = 0, scaled[CAM_NUM_MODELS];
    for (int m = 0; m < CAM_NUM_MODELS; m++) sum += scaled[m] = bot->beliefs[m] * (bot->forecast[m] == deed ? CAM_RIGHT : CAM_WRONG);
    for (int m = 0; m < CAM_NUM_MODELS; m++) bot->beliefs[m] = (uint16_t)(CAM_BELIEF_LEAST + scaled[m] * to_share / sum);
}

/* Once it has been seen what the opponent did after the last forecast, weigh the models by it and ask them again. */
static void learn_opponent(const CamBotView *view) {
    CamBot *bot = view->bot;
    if (bot->beliefs[0] == 0)
        for (int m = 0; m < CAM_NUM_MODELS; m++) bot->beliefs[m] = CAM_BELIEF_SUM / CAM_NUM_MODELS;
    const uint32_t elapsed = bot->seen - bot->forecast_at;
    if (bot->forecast_at && elapsed < (uint32_t)(view->delay + CAM_FORECAST_TICKS)) return;
    if (bot->forecast_at && elapsed < CAM_BOT_MEMORY) {
        const CamSight *before = &bot->sights[(bot->forecast_at - 1) % CAM_BOT_MEMORY];
        const CamSight *after = &bot->sights[(bot->forecast_at - 1 + CAM_FORECAST_TICKS) % CAM_BOT_MEMORY];
        const int deed = deed_between(before, after, view->data, view->own->x);
        if (deed != CAM_DEED_NONE) believe(bot, deed);
    }
    foretell(view);
}
