/* Scripted opponents. A bot knows its own fighter at once and its opponent as it was some ticks ago; a level sets that
   delay, how often it errs, and how much of its kit it uses. Everything it draws comes from its own counter. */

enum { CAM_BOT_AT_HAND = 2 * CAM_BODY_SU, CAM_BOT_DETOUR = 3 * CAM_BODY_SU };   /* su; a detour for each ally that is there before it */

const char *cam_bot_name(int kind) {
    static const char *const names[CAM_NUM_BOTS] = {"none", "idle", "random", "masher", "walker", "zoner", "punisher", "baiter", "planner",
                                                    "mcts", "openloop"};
    return names[kind];
}

/* The levels beyond those of the others are for who searches. */
int cam_bot_max_level(int kind) { return kind == CAM_BOT_MCTS || kind == CAM_BOT_PLANNER ? CAM_BOT_MAX_LEVEL : CAM_BOT_LEVELS; }

void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed) {
    memset(bot, 0, sizeof(*bot));
    bot->kind = (uint8_t)kind;
    bot->level = (uint8_t)cam_clamp(level, 1, cam_bot_max_level(kind));
    bot->rng = seed;
    if (kind == CAM_BOT_OPENLOOP) bot->script = draw_script(&bot->rng);
}

/* Allies that stand nearer to an opponent than a fighter does and have it before them; of equally near ones the first counts. */
static int count_rivals(const CamState *state, int index, int other) {
    const CamTeam team = team_of(state, state->fighters[index].side);
    const int32_t own = distance_between(state, index, other);
    int count = 0;
    for (int i = team.from; i < team.to; i++) {
        const CamFighter *ally = &state->fighters[i];
        if (i == index || ally->state == CAM_STATE_KO) continue;
        const int32_t distance = distance_between(state, i, other);
        if (distance > own || (distance == own && i > index)) continue;
        count += nearest_opponent(state, ally->side, ally->x, ally->y) == other;
    }
    return count;
}

/* Whom a bot fights: who is at hand, else the nearest whom its allies leave to it. -1 if nobody stands. */
static int choose_target(const CamState *state, int index) {
    const CamFighter *own = &state->fighters[index];
    const int near = nearest_opponent(state, own->side, own->x, own->y);
    if (state->num_fighters == 2 || near < 0 || distance_between(state, index, near) < CAM_BOT_AT_HAND) return near;
    const CamTeam team = team_of(state, 1 - own->side);
    int best = near;
    int32_t best_way = INT32_MAX;
    for (int i = team.from; i < team.to; i++) {
        if (state->fighters[i].state == CAM_STATE_KO) continue;
        const int32_t way = distance_between(state, index, i) + CAM_BOT_DETOUR * count_rivals(state, index, i);
        if (way < best_way) { best = i; best_way = way; }
    }
    return best;
}

void cam_bot_watch(CamBot *bot, const CamState *state, int index) {
    const int other = choose_target(state, index);
    if (other >= 0) bot->sights[bot->seen++ % CAM_BOT_MEMORY] = glimpse(state, other);
}

static int is_standing_foe(const CamState *state, const CamFighter *own, int other) {
    return other < state->num_fighters && state->fighters[other].side != own->side && state->fighters[other].state != CAM_STATE_KO;
}

static CamBotView look(CamBot *bot, const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    if (bot->seen == 0) cam_bot_watch(bot, state, index);
    const uint32_t remembered = bot->seen < CAM_BOT_MEMORY ? bot->seen : CAM_BOT_MEMORY;
    uint32_t delay = (uint32_t)cam_min(reaction_ticks[bot->level], (int32_t)remembered - 1);
    while (delay > 0 && !is_standing_foe(state, own, bot->sights[(bot->seen - 1 - delay) % CAM_BOT_MEMORY].who)) delay--;   /* that one fell */
    const CamSight *seen = &bot->sights[(bot->seen - 1 - delay) % CAM_BOT_MEMORY];
    const int other = is_standing_foe(state, own, seen->who) ? seen->who : team_of(state, 1 - own->side).from;
    return view_of(bot, state, data, index, other, seen, (int)delay);
}

int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int index) {
    if (bot->kind == CAM_BOT_NONE || bot->kind == CAM_BOT_IDLE || state->is_over) return 0;
    if (bot->kind == CAM_BOT_RANDOM) return act_randomly(bot, state, data, index);
    if (bot->kind == CAM_BOT_OPENLOOP) return act_by_script(bot, state, data, index);
    const CamBotView view = look(bot, state, data, index);
    if (chance(bot, error_percent[bot->level])) return err(&view);
    if (is_legal(&view, CAM_BUTTON_RELEASE)) return lets_go(&view) ? CAM_BUTTON_RELEASE : 0;
    if (bot->kind == CAM_BOT_MCTS) return act_by_search(&view);
    if (bot->kind == CAM_BOT_PLANNER && bot->level > CAM_BOT_LEVELS) return act_by_plan(&view);
    return play_as(bot->kind, &view);
}
