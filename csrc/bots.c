/* Scripted opponents. A bot knows its own fighter at once and its opponent as it was some ticks ago; a level sets that
   delay, how often it errs, and how much of its kit it uses. Everything it draws comes from its own counter. */

const char *cam_bot_name(int kind) {
    static const char *const names[CAM_NUM_BOTS] = {"none", "idle", "random", "masher", "walker", "zoner", "punisher", "baiter", "planner",
                                                    "mcts", "openloop"};
    return names[kind];
}

/* The levels beyond those of the others are for who searches. */
int cam_bot_max_level(int kind) { return kind == CAM_BOT_MCTS ? CAM_BOT_MAX_LEVEL : CAM_BOT_LEVELS; }

void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed) {
    memset(bot, 0, sizeof(*bot));
    bot->kind = (uint8_t)kind;
    bot->level = (uint8_t)cam_clamp(level, 1, cam_bot_max_level(kind));
    bot->rng = seed;
    if (kind == CAM_BOT_OPENLOOP) bot->script = draw_script(&bot->rng);
}

void cam_bot_watch(CamBot *bot, const CamState *state, int index) {
    const CamFighter *own = &state->fighters[index];
    const int other = nearest_opponent(state, own->side, own->x, own->y);
    if (other >= 0) bot->sights[bot->seen++ % CAM_BOT_MEMORY] = glimpse(&state->fighters[other], state->clock);
}

static CamBotView look(CamBot *bot, const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    const int other = nearest_opponent(state, own->side, own->x, own->y);
    if (bot->seen == 0) cam_bot_watch(bot, state, index);
    const uint32_t remembered = bot->seen < CAM_BOT_MEMORY ? bot->seen : CAM_BOT_MEMORY;
    const uint32_t delay = (uint32_t)cam_min(reaction_ticks[bot->level], (int32_t)remembered - 1);
    return view_of(bot, state, data, index, cam_max(other, 0), &bot->sights[(bot->seen - 1 - delay) % CAM_BOT_MEMORY], (int)delay);
}

int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int index) {
    if (bot->kind == CAM_BOT_NONE || bot->kind == CAM_BOT_IDLE || state->is_over) return 0;
    if (bot->kind == CAM_BOT_RANDOM) return act_randomly(bot, state, data, index);
    if (bot->kind == CAM_BOT_OPENLOOP) return act_by_script(bot, state, data, index);
    const CamBotView view = look(bot, state, data, index);
    if (chance(bot, error_percent[bot->level])) return err(&view);
    if (is_legal(&view, CAM_BUTTON_RELEASE)) return lets_go(&view) ? CAM_BUTTON_RELEASE : 0;
    switch (bot->kind) {
        case CAM_BOT_MASHER: return act_masher(&view);
        case CAM_BOT_WALKER: return act_walker(&view);
        case CAM_BOT_ZONER: return act_zoner(&view);
        case CAM_BOT_BAITER: return act_baiter(&view);
        case CAM_BOT_PLANNER: return act_planner(&view);
        case CAM_BOT_MCTS: return act_by_search(&view);
        default: return act_punisher(&view);
    }
}
