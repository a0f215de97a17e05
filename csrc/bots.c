/* Scripted opponents. A bot knows its own fighter at once and its opponent as it was some ticks ago; a level sets that
   delay, how often it errs, and how much of its kit it uses. Everything it draws comes from its own counter. */

static const uint8_t reaction_ticks[CAM_BOT_MAX_LEVEL + 1] = {15, 15, 12, 9, 6, 3};
static const uint8_t error_percent[CAM_BOT_MAX_LEVEL + 1] = {30, 30, 22, 15, 7, 0};
static const uint8_t kit_percent[CAM_BOT_MAX_LEVEL + 1] = {20, 20, 40, 60, 80, 100};   /* chance to use a skill that would fit */

enum { CAM_BOT_TOUCH = 900, CAM_BOT_LANE = 330 };   /* su */

/* What a bot looks at before it acts. */
typedef struct {
    const CamState *state;
    const CamData *data;
    const CamFighter *own;
    const CamSight *seen;      /* the opponent, late */
    uint32_t legal;            /* bit per button */
    int32_t gap_x, gap_y;      /* su from the opponent as seen */
    int toward, level, fighter, delay;
    CamBot *bot;
} CamBotView;

static int chance(CamBot *bot, int percent) { return cam_random_below(&bot->rng, 100) < percent; }

const char *cam_bot_name(int kind) {
    static const char *const names[CAM_NUM_BOTS] = {"none", "idle", "random", "masher", "walker", "zoner", "punisher"};
    return names[kind];
}

void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed) {
    memset(bot, 0, sizeof(*bot));
    bot->kind = (uint8_t)kind;
    bot->level = (uint8_t)cam_clamp(level, 1, CAM_BOT_MAX_LEVEL);
    bot->rng = seed;
}

void cam_bot_watch(CamBot *bot, const CamState *state, int index) {
    const CamFighter *own = &state->fighters[index];
    int other = nearest_opponent(state, own->side, own->x, own->y);
    if (other < 0) return;
    const CamFighter *f = &state->fighters[other];
    CamSight *sight = &bot->sights[bot->seen++ % CAM_BOT_MEMORY];
    memset(sight, 0, sizeof(*sight));
    *sight = (CamSight){(int16_t)f->x, (int16_t)f->y, (int16_t)f->z, f->vx, f->vy, f->move, f->move_tick, f->invulnerable_until, f->state, f->facing};
}

static CamBotView look(CamBot *bot, const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    if (bot->seen == 0) cam_bot_watch(bot, state, index);
    uint32_t delay = (uint32_t)cam_min(reaction_ticks[bot->level], (int32_t)cam_min((int32_t)(bot->seen & INT32_MAX), CAM_BOT_MEMORY) - 1);
    const CamSight *seen = &bot->sights[(bot->seen - 1 - delay) % CAM_BOT_MEMORY];
    int32_t dx = seen->x - own->x;
    return (CamBotView){state, data, own, seen, cam_legal_buttons(state, data, index), cam_abs(dx), seen->y - own->y,
                        dx >= 0 ? 1 : -1, bot->level, index, (int)delay, bot};
}

/* ---- words of the little language bots are written in ---- */

/* The direction that leads to world dx, dy. */
static int heading(const CamFighter *own, int dx, int dy) {
    if (own->side) dx = -dx;
    for (int direction = 0; direction < CAM_NUM_DIRECTIONS; direction++)
        if (direction_x[direction] == dx && direction_y[direction] == dy) return direction;
    return 0;
}

static int32_t walk_to(const CamBotView *view, int dx, int dy) {
    int direction = heading(view->own, dx, dy);
    uint32_t legal = cam_legal_directions(view->state, view->data, view->fighter, CAM_BUTTON_NONE);
    return legal >> direction & 1 ? direction * CAM_NUM_BUTTONS : 0;
}

static int is_legal(const CamBotView *view, int button) { return view->legal >> button & 1; }

/* Press a button, aimed at the opponent where the button can be aimed. */
static int32_t press(const CamBotView *view, int button) {
    uint32_t legal = cam_legal_directions(view->state, view->data, view->fighter, button);
    int dy = cam_abs(view->gap_y) > CAM_BOT_LANE ? cam_sign(view->gap_y) : 0;
    int dx = view->gap_x > CAM_BOT_TOUCH ? view->toward : 0;
    const int wishes[4] = {heading(view->own, dx, dy), heading(view->own, 0, dy), heading(view->own, dx, 0), 0};
    for (int k = 0; k < 4; k++)
        if (legal >> wishes[k] & 1) return wishes[k] * CAM_NUM_BUTTONS + button;
    return button;
}

/* su a move carries its fighter forward before it hits */
static int32_t travel(const CamMove *move) {
    int32_t su = 0;
    for (int k = 0; k < CAM_NUM_KEYS && move->key_tick[k] >= 0; k++) {
        int last = k + 1 == CAM_NUM_KEYS || move->key_tick[k + 1] < 0;
        int32_t until = last ? move->startup + 1 : cam_min(move->key_tick[k + 1], move->startup + 1);
        su += move->key_vx[k] * cam_max(until - move->key_tick[k], 0);
    }
    return su;
}

typedef struct { int32_t far, depth, top; int hurts; } CamReach;

/* Where a button's move can hurt, from its hits or from what it spawns. */
static CamReach reach_of(const CamBotView *view, int button) {
    const CamData *data = view->data;
    CamReach reach = {0, 0, 0, 0};
    int index = move_of(view->own, data, button, 0, 0);
    if (index < 0) return reach;
    const CamMove *move = &data->moves[index];
    for (int k = 0; k < move->num_hits; k++) {
        const CamHit *hit = &data->hits[move->first_hit + k];
        if (hit->flags & CAM_HIT_HELD) continue;
        reach.far = cam_max(reach.far, hit->x1 + travel(move));
        reach.depth = cam_max(reach.depth, hit->depth);
        reach.top = cam_max(reach.top, hit->z1);
        reach.hurts = 1;
    }
    for (int k = 0; k < move->num_ops; k++) {
        const CamOp *op = &data->ops[move->first_op + k];
        if (op->code == CAM_OP_TELEPORT && op->a == CAM_TELEPORT_BEHIND) reach.far = 12288, reach.depth = 4096;
        if (op->code != CAM_OP_SPAWN || data->entity_types[op->a].hit < 0) continue;
        const CamEntityType *type = &data->entity_types[op->a];
        const CamHit *hit = &data->hits[type->hit];
        reach.hurts = 1;
        reach.top = cam_max(reach.top, type->offset_z + hit->z1);
        reach.depth = cam_max(reach.depth, type->kind == CAM_ENTITY_COMPANION || type->turn || type->aim_x ? 4096 : hit->depth + type->spread * 8);
        reach.far = cam_max(reach.far, type->kind == CAM_ENTITY_COMPANION ? 12288 : type->offset_x + type->aim_x + hit->x1 + type->vx * cam_min(type->ttl, 30));
    }
    return reach;
}

/* Ticks of the opponent's move as it must stand now, from what was seen; the frame data is public. */
typedef struct { int32_t to_hit, to_safe, to_free; int32_t far, depth; } CamMoveClock;

static CamMoveClock opponent_clock(const CamBotView *view) {
    const CamSight *seen = view->seen;
    CamMoveClock clock = {0, 0, 0, 0, 0};
    if (seen->move < 0) return clock;
    const CamMove *move = &view->data->moves[seen->move];
    int32_t now = seen->move_tick + view->delay;
    clock.to_hit = cam_max(move->startup - now, 0);
    clock.to_safe = cam_max(move->startup + move->active - now, 0);
    clock.to_free = cam_max(move->startup + move->active + move->recovery - now, 0);
    for (int k = 0; k < move->num_hits; k++) {
        clock.far = cam_max(clock.far, view->data->hits[move->first_hit + k].x1 + travel(move));
        clock.depth = cam_max(clock.depth, view->data->hits[move->first_hit + k].depth);
    }
    return clock;
}

static int fits(const CamBotView *view, int button) {
    CamReach reach = reach_of(view, button);
    return reach.hurts && view->seen->z < reach.top && view->gap_x <= reach.far + 360 && cam_abs(view->gap_y) <= reach.depth + 184;
}

static int is_stunned(int state) {
    return state == CAM_STATE_HITSTUN || state == CAM_STATE_LAUNCHED || state == CAM_STATE_WALLBOUNCE || state == CAM_STATE_FROZEN ||
           state == CAM_STATE_BLOCKSTUN;
}

static int is_down(int state) { return state == CAM_STATE_KNOCKDOWN || state == CAM_STATE_RISING || state == CAM_STATE_SLIP; }

static int is_flying(int state) { return state == CAM_STATE_LAUNCHED || state == CAM_STATE_WALLBOUNCE; }

static int startup_of(const CamBotView *view, int button) {
    int index = move_of(view->own, view->data, button, 0, 0);
    return index < 0 ? INT16_MAX : view->data->moves[index].startup;
}

static const CamHit *last_hit(const CamBotView *view, const CamMove *move) {
    return move->num_hits ? &view->data->hits[move->first_hit + move->num_hits - 1] : NULL;
}

static int lifts(const CamHit *hit) { return hit && hit->impact >= CAM_IMPACT_LAUNCH; }

/* Go on with what has hit, while the opponent is still stunned: the chain up to the link that would lift or end it, then
   the kit, then the rest of the chain. -1: nothing to go on with. */
static int32_t follow_up(const CamBotView *view) {
    static const uint8_t order[4] = {CAM_BUTTON_ULTIMATE, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_SCROLL};
    if (!in_move(view->own) || view->own->contact != CAM_CONTACT_HIT) return -1;
    const CamMove *move = &view->data->moves[view->own->move];
    const CamHit *hit = last_hit(view, move);
    const int32_t now = declared_tick(view->own, move, view->own->move_tick);
    const int32_t stunned = lifts(hit) ? 9 : hit ? hit->stun - cam_max(now - hit->to, 0) + 1 : 0;
    const int chains = is_legal(view, CAM_BUTTON_ATTACK) && can_chain(view->own, view->data);
    if (chains && !lifts(last_hit(view, &view->data->moves[move->next[0]]))) return press(view, CAM_BUTTON_ATTACK);
    for (int k = 0; k < 4; k++)
        if (is_legal(view, order[k]) && startup_of(view, order[k]) <= stunned && fits(view, order[k]) && chance(view->bot, kit_percent[view->level]))
            return press(view, order[k]);
    return chains ? press(view, CAM_BUTTON_ATTACK) : -1;
}

/* Slip out of a combo, later hits more readily. -1: no. */
static int32_t escape(const CamBotView *view) {
    if (!is_legal(view, CAM_BUTTON_SLIP) || !is_stunned(view->own->state)) return -1;
    int is_super = view->seen->move >= 0 && view->data->moves[view->seen->move].category == CAM_CATEGORY_ULTIMATE;
    int eagerness = is_super ? 20 * view->level : view->own->combo_hits >= 3 ? 20 * view->level : 0;
    return chance(view->bot, eagerness) ? CAM_BUTTON_SLIP : -1;
}

/* Any of the kit that would hurt from here. -1: nothing. */
static int32_t strike(const CamBotView *view) {
    static const uint8_t kit[6] = {CAM_BUTTON_ULTIMATE, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_SCROLL, CAM_BUTTON_COMPANION_A, CAM_BUTTON_COMPANION_B};
    int first = cam_random_below(&view->bot->rng, 6);
    if (view->level > 3 && is_legal(view, CAM_BUTTON_ATTACK) && fits(view, CAM_BUTTON_ATTACK)) return press(view, CAM_BUTTON_ATTACK);
    if (is_down(view->seen->state) && view->level > 2) return -1;
    for (int k = 0; k < 6; k++) {
        int button = kit[(first + k) % 6];
        if (is_legal(view, button) && fits(view, button) && chance(view->bot, kit_percent[view->level])) return press(view, button);
    }
    return is_legal(view, CAM_BUTTON_ATTACK) && fits(view, CAM_BUTTON_ATTACK) ? press(view, CAM_BUTTON_ATTACK) : -1;
}

/* A kit button that helps without hurting (a buff, a heal) while the opponent is far or down. -1: none. */
static int32_t prepare(const CamBotView *view) {
    if (view->gap_x < 3 * CAM_BOT_TOUCH && !is_down(view->seen->state)) return -1;
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_SCROLL; button++) {
        if (button == CAM_BUTTON_SLIP || !is_legal(view, button) || reach_of(view, button).hurts) continue;
        if (chance(view->bot, kit_percent[view->level])) return press(view, button);
    }
    return -1;
}

/* su behind the bot before the wall */
static int32_t room_behind(const CamBotView *view) {
    return view->data->rules.stage_half_x + (view->toward > 0 ? view->own->x : -view->own->x);
}

static int32_t approach(const CamBotView *view) {
    int dx = view->gap_x > CAM_BOT_TOUCH ? view->toward : 0;
    int dy = cam_abs(view->gap_y) > 150 ? cam_sign(view->gap_y) : 0;
    return walk_to(view, dx, dy);
}

/* ---- the bots ---- */

static int32_t act_randomly(CamBot *bot, const CamState *state, const CamData *data, int index) {
    int8_t mask[CAM_NUM_ACTIONS];
    int32_t count = 0;
    cam_action_mask(state, data, index, mask);
    for (int action = 0; action < CAM_NUM_ACTIONS; action++) count += mask[action];
    int32_t pick = cam_random_below(&bot->rng, count);
    for (int action = 0; action < CAM_NUM_ACTIONS; action++)
        if (mask[action] && pick-- == 0) return action;
    return 0;
}

/* walks up and presses what reaches */
static int32_t act_masher(const CamBotView *view) {
    int32_t action = follow_up(view);
    if (action < 0) action = escape(view);
    if (action < 0) action = strike(view);
    return action < 0 ? approach(view) : action;
}

/* dances in depth at the edge of the opponent's reach, steps in when it recovers or falls still */
static int32_t act_walker(const CamBotView *view) {
    int32_t action = follow_up(view);
    if (action < 0) action = escape(view);
    if (action < 0) action = prepare(view);
    if (action >= 0) return action;
    int threatens = view->seen->state == CAM_STATE_STARTUP || view->seen->state == CAM_STATE_ACTIVE;
    if (threatens && view->gap_x < 3 * CAM_BOT_TOUCH) {
        int away = view->gap_y > 0 ? -1 : 1;
        if (cam_abs(view->own->y + away * 400) > view->data->rules.stage_half_y) away = -away;
        return walk_to(view, view->gap_x < 2 * CAM_BOT_TOUCH ? -view->toward : 0, away);
    }
    if (view->seen->state == CAM_STATE_RECOVERY || is_stunned(view->seen->state) || chance(view->bot, 10 + 8 * view->level)) {
        action = strike(view);
        return action < 0 ? approach(view) : action;
    }
    return walk_to(view, 0, chance(view->bot, 50) ? 1 : -1);
}

/* keeps its distance, lines up in depth, throws what flies; strikes when cornered */
static int32_t act_zoner(const CamBotView *view) {
    int32_t action = follow_up(view);
    if (action < 0) action = escape(view);
    if (action < 0) action = prepare(view);
    if (action < 0 && view->gap_x > 2 * CAM_BOT_TOUCH) {
        for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_COMPANION_A && action < 0; button++)
            if (button != CAM_BUTTON_SLIP && is_legal(view, button) && fits(view, button) && chance(view->bot, kit_percent[view->level])) action = press(view, button);
    }
    if (action >= 0) return action;
    int32_t room = room_behind(view);
    if (view->gap_x < 2 * CAM_BOT_TOUCH && (room < 600 || fits(view, CAM_BUTTON_ATTACK))) {
        action = strike(view);
        if (action >= 0) return action;
    }
    if (view->gap_x < 4 * CAM_BOT_TOUCH && room > 400) return walk_to(view, -view->toward, cam_abs(view->gap_y) > 250 ? cam_sign(view->gap_y) : 0);
    if (view->gap_x > 6 * CAM_BOT_TOUCH) return approach(view);
    return walk_to(view, 0, cam_abs(view->gap_y) > 150 ? cam_sign(view->gap_y) : 0);
}

/* Out of the way in depth, and back as well while the opponent is in front and there is room. */
static int32_t evade(const CamBotView *view) {
    int away = view->gap_y > 0 ? -1 : view->gap_y < 0 ? 1 : view->own->y > 0 ? -1 : 1;
    if (cam_abs(view->own->y + away * 200) > view->data->rules.stage_half_y) away = 0;
    return walk_to(view, room_behind(view) > 400 ? -view->toward : 0, away);
}

/* A move of the kit that parries, guards or passes through what is about to hit. -1: none. */
static int32_t defend(const CamBotView *view, const CamMoveClock *clock) {
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++) {
        if (button == CAM_BUTTON_SLIP || !is_legal(view, button)) continue;
        const CamMove *move = &view->data->moves[move_of(view->own, view->data, button, 0, 0)];
        int covers = in_window(clock->to_hit, move->parry_from, move->parry_to) || in_window(clock->to_hit, move->guard_from, move->guard_to) ||
                     in_window(clock->to_hit, move->inv_from[0], move->inv_to[0]);
        if (covers && chance(view->bot, kit_percent[view->level])) return press(view, button);
    }
    return -1;
}

/* Can a plain attack begun at once strike the opponent out of its move? */
static int can_beat(const CamBotView *view, const CamMoveClock *clock) {
    int index = view->data->characters[view->own->character].moves[CAM_BUTTON_ATTACK];
    const CamMove *attack = &view->data->moves[index], *move = &view->data->moves[view->seen->move];
    const int32_t then = view->seen->move_tick + view->delay + attack->startup + 1;
    const int level = attack->num_hits ? view->data->hits[attack->first_hit].level : 0;
    return attack->startup + 1 < clock->to_hit && !in_window(then, move->inv_from[0], move->inv_to[0]) &&
           !(in_window(then, move->armour_from, move->armour_to) && move->armour_level >= level) &&
           !in_window(then, move->parry_from, move->parry_to) && !in_window(then, move->guard_from, move->guard_to);
}

/* What punishes an opponent who is safe to touch in to_safe ticks and free in open_ticks; what hurts most first. -1: none. */
static int32_t punish(const CamBotView *view, int32_t to_safe, int32_t open_ticks) {
    static const uint8_t order[6] = {CAM_BUTTON_ATTACK, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_ULTIMATE, CAM_BUTTON_SCROLL, CAM_BUTTON_COMPANION_A};
    for (int k = 0; k < 6; k++) {
        int32_t startup = startup_of(view, order[k]);
        if (is_legal(view, order[k]) && fits(view, order[k]) && startup + 1 >= to_safe && startup < open_ticks &&
            (order[k] == CAM_BUTTON_ATTACK || chance(view->bot, kit_percent[view->level]))) return press(view, order[k]);
    }
    return -1;
}

/* keeps out of what is coming and away from what cannot be hit; strikes first, or what has missed, or what is stunned */
static int32_t act_punisher(const CamBotView *view) {
    int32_t action = follow_up(view);
    if (action < 0) action = escape(view);
    if (action >= 0) return action;
    const CamMoveClock clock = opponent_clock(view);
    const int state = view->seen->state, attack_startup = startup_of(view, CAM_BUTTON_ATTACK);
    const int untouchable = is_down(state) || view->seen->invulnerable_until - view->state->clock > attack_startup;
    if (untouchable) {
        action = prepare(view);
        return action >= 0 ? action : view->gap_x < 4 * CAM_BOT_TOUCH ? evade(view) : 0;
    }
    if (is_stunned(state)) action = punish(view, 0, is_flying(state) ? 10 : 12);
    else if (clock.to_free > 0) {
        int is_threat = clock.to_safe > 0 && view->gap_x < clock.far + 450 && cam_abs(view->gap_y) < clock.depth + view->data->rules.hurt_y + 60;
        if (is_threat && !can_beat(view, &clock)) {
            action = defend(view, &clock);
            if (action < 0 && is_legal(view, CAM_BUTTON_ATTACK) && fits(view, CAM_BUTTON_ATTACK)) action = press(view, CAM_BUTTON_ATTACK);   /* trade */
            return action < 0 ? evade(view) : action;
        }
        action = punish(view, is_threat ? 0 : clock.to_safe, is_threat ? clock.to_hit : clock.to_free);
        int would_walk_in = clock.to_safe > 2 && view->gap_x < clock.far + 1000;
        if (action < 0 && would_walk_in) return 0;
    } else action = strike(view);
    return action < 0 ? approach(view) : action;
}

int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int index) {
    if (bot->kind == CAM_BOT_NONE || bot->kind == CAM_BOT_IDLE || state->is_over) return 0;
    if (bot->kind == CAM_BOT_RANDOM) return act_randomly(bot, state, data, index);
    CamBotView view = look(bot, state, data, index);
    if (chance(bot, error_percent[bot->level])) return act_randomly(bot, state, data, index);
    if (is_legal(&view, CAM_BUTTON_RELEASE)) return view.own->hold_ticks >= 6 && fits(&view, data->moves[view.own->move].button) ? CAM_BUTTON_RELEASE : 0;
    switch (bot->kind) {
        case CAM_BOT_MASHER: return act_masher(&view);
        case CAM_BOT_WALKER: return act_walker(&view);
        case CAM_BOT_ZONER: return act_zoner(&view);
        default: return act_punisher(&view);
    }
}
