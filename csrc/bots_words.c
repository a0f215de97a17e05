/* The words that bots are written in: what a bot sees, what its moves are good for, and small acts such as walking up,
   going on with a combo or stepping out of the way. Each act returns an action, or -1 where it has none. */

enum { CAM_BOT_TOUCH = 900, CAM_BOT_LANE = 330 };   /* su */

static const uint8_t reaction_ticks[CAM_BOT_MAX_LEVEL + 1] = {15, 15, 12, 9, 6, 3};
static const uint8_t error_percent[CAM_BOT_MAX_LEVEL + 1] = {30, 30, 25, 19, 11, 0};
static const uint8_t kit_percent[CAM_BOT_MAX_LEVEL + 1] = {20, 20, 40, 60, 80, 100};   /* chance to use a button that would fit */

static const int16_t lead_su[CAM_BOT_MAX_LEVEL + 1] = {250, 250, 550, 600, 700, 600};   /* how far beyond its reach a move is begun, for who walks into it */
static const uint8_t poke_percent[CAM_BOT_MAX_LEVEL + 1] = {10, 10, 50, 60, 80, 100};   /* chance to try the plain attack first: the quickest of the kit */

enum {   /* bits per button */
    CAM_SPEND_KIT = 1 << CAM_BUTTON_SKILL1 | 1 << CAM_BUTTON_SKILL2 | 1 << CAM_BUTTON_ULTIMATE | 1 << CAM_BUTTON_SCROLL |
                    1 << CAM_BUTTON_COMPANION_A | 1 << CAM_BUTTON_COMPANION_B | 1 << CAM_BUTTON_COMPANION_C | 1 << CAM_BUTTON_TRAIT,
    CAM_SPEND_SKILLS = 1 << CAM_BUTTON_SKILL1 | 1 << CAM_BUTTON_SKILL2,
    CAM_SPEND_COMPANIONS = 1 << CAM_BUTTON_COMPANION_A | 1 << CAM_BUTTON_COMPANION_B | 1 << CAM_BUTTON_COMPANION_C
};

/* What a bot looks at before it acts. */
typedef struct {
    const CamState *state;
    const CamData *data;
    const CamFighter *own;
    const CamSight *seen;      /* the opponent, late */
    const CamFighter *other;   /* its owner; bots read of it only what shows late or not at all: character, HP, entities */
    uint32_t legal;            /* bit per button */
    uint32_t spend;            /* bit per button the bot is ready to use up just now */
    int32_t gap_x, gap_y;      /* su from the opponent as seen */
    int toward, level, fighter, delay;
    CamBot *bot;
} CamBotView;

static int chance(CamBot *bot, int percent) { return percent >= 100 || cam_random_below(&bot->rng, 100) < percent; }

/* A bit for each button off its cooldown. */
static uint32_t ready_buttons(const CamFighter *fighter, int32_t clock) {
    uint32_t ready = 0;
    for (int button = 0; button < CAM_NUM_BUTTONS; button++) ready |= (uint32_t)(fighter->cooldown_until[button] <= clock) << button;
    return ready;
}

/* A fighter as it looks at this tick. */
static CamSight glimpse(const CamFighter *f, int32_t clock) {
    return (CamSight){(int16_t)f->x, (int16_t)f->y, (int16_t)f->z, f->spark, f->move, f->move_tick, f->invulnerable_until,
                      (uint16_t)ready_buttons(f, clock), f->state, {0}};
}

static CamBotView view_of(CamBot *bot, const CamState *state, const CamData *data, int index, int other, const CamSight *seen, int delay) {
    const CamFighter *own = &state->fighters[index];
    const int32_t dx = seen->x - own->x;
    return (CamBotView){state, data, own, seen, &state->fighters[other], cam_legal_buttons(state, data, index), ~0u, cam_abs(dx), seen->y - own->y,
                        dx ? cam_sign(dx) : own->facing, bot->level, index, delay, bot};
}

/* ---- the state of a fighter that was seen ---- */

static int is_stunned(int state) {
    return state == CAM_STATE_HITSTUN || state == CAM_STATE_LAUNCHED || state == CAM_STATE_WALLBOUNCE || state == CAM_STATE_FROZEN ||
           state == CAM_STATE_BLOCKSTUN;
}

static int is_down(int state) { return state == CAM_STATE_KNOCKDOWN || state == CAM_STATE_RISING || state == CAM_STATE_SLIP; }

static int is_flying(int state) { return state == CAM_STATE_LAUNCHED || state == CAM_STATE_WALLBOUNCE; }

/* The tick of its move at which the opponent must stand now, if nothing has come between. */
static int32_t tick_now(const CamBotView *view) { return view->seen->move_tick + view->delay; }

/* Parts per thousand of its HP that a fighter has left. */
static int32_t health(const CamFighter *fighter, const CamData *data) { return fighter->hp * 1000 / data->characters[fighter->character].max_hp; }

static int32_t lead_in_health(const CamBotView *view) { return health(view->own, view->data) - health(view->other, view->data); }

static int32_t ticks_left(const CamBotView *view) { return view->state->max_ticks - view->state->tick; }

/* ---- what moves are good for ---- */

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

static void widen(CamUse *use, int kind, int32_t far, int32_t depth, int32_t low, int32_t top) {
    if (use->kind == CAM_USE_NONE) use->low = INT16_MAX;
    if (use->kind != CAM_USE_STRIKE) use->kind = (int16_t)kind;
    use->far = (int16_t)cam_clamp(far, use->far, INT16_MAX);
    use->depth = (int16_t)cam_clamp(depth, use->depth, INT16_MAX);
    use->low = (int16_t)cam_min(use->low, low);
    use->top = (int16_t)cam_clamp(top, use->top, INT16_MAX);
}

/* An entity reaches what its hit reaches from where it can get within a second. */
static void widen_by_entity(CamUse *use, const CamData *data, const CamEntityType *type) {
    const CamHit *hit = type->hit < 0 ? NULL : &data->hits[type->hit];
    const int runs = type->kind == CAM_ENTITY_COMPANION, flies = type->kind == CAM_ENTITY_PROJECTILE || type->kind == CAM_ENTITY_ZONE;
    if (!hit || !(runs || flies)) {
        if (use->kind == CAM_USE_NONE) use->kind = CAM_USE_SETUP;
        return;
    }
    const int32_t low = runs || type->gravity > 0 ? -16000 : type->offset_z + hit->z0, top = type->offset_z + hit->z1;
    const int32_t flight = cam_min(type->returns ? type->ttl / 2 : type->ttl, 30);
    if (runs) widen(use, CAM_USE_SHOT, 12288, 4096, low, top);
    else widen(use, CAM_USE_SHOT, type->offset_x + type->aim_x + hit->x1 + type->vx * flight,
               type->turn || type->aim_x ? 4096 : hit->depth + type->spread * 8, low, top);
}

/* What an op-code makes of a move that does not hit. */
static int kind_of_op(const CamOp *op) {
    switch (op->code) {
        case CAM_OP_HEAL: return CAM_USE_HEAL;
        case CAM_OP_FORM: return CAM_USE_FORM;
        case CAM_OP_MARKER: return CAM_USE_MARKER;
        case CAM_OP_BUFF_SELF: case CAM_OP_BUFF_TARGET: case CAM_OP_CLEANSE: case CAM_OP_DISPEL: case CAM_OP_GAIN_SPARK: case CAM_OP_DRAIN_SPARK:
        case CAM_OP_COOLDOWN: return CAM_USE_HELP;
        default: return CAM_USE_NONE;
    }
}

static void measure_use(CamUse *use, const CamData *data, const CamMove *move) {
    const int32_t carried = travel(move);
    use->grabs = (int16_t)(move->num_hits && data->hits[move->first_hit].flags & CAM_HIT_GRAB);
    int rises = 0, blinks = 0;
    for (int k = 0; k < CAM_NUM_KEYS && move->key_tick[k] >= 0; k++) rises |= move->key_vz[k] > 0;
    for (int k = 0; k < move->num_hits; k++) {
        const CamHit *hit = &data->hits[move->first_hit + k];
        if (!(hit->flags & CAM_HIT_HELD)) widen(use, CAM_USE_STRIKE, hit->x1 + carried, hit->depth, hit->z0, hit->z1);
    }
    for (int k = 0; k < move->num_ops; k++) {
        const CamOp *op = &data->ops[move->first_op + k];
        if (op->code == CAM_OP_SPAWN) widen_by_entity(use, data, &data->entity_types[op->a]);
        else if (op->code == CAM_OP_PUSH) widen(use, CAM_USE_SHOT, op->b, op->b, -16000, 16000);
        else if (op->code == CAM_OP_TELEPORT && op->a == CAM_TELEPORT_BEHIND && use->kind == CAM_USE_STRIKE) use->far = 12288, use->depth = 4096;
        else if (op->code == CAM_OP_TELEPORT) blinks = 1;
        else if (use->kind == CAM_USE_NONE || use->kind == CAM_USE_HELP) use->kind = (int16_t)(kind_of_op(op) ? kind_of_op(op) : use->kind);
    }
    if (move->num_hits) return;
    if (move->parry_to > move->parry_from || move->guard_to > move->guard_from) use->kind = CAM_USE_COVER;
    else if (use->kind == CAM_USE_NONE && (carried || rises || blinks)) use->kind = CAM_USE_STEP;
}

void cam_measure_uses(const CamData *data, CamUse *uses) {
    memset(uses, 0, sizeof(*uses) * (size_t)data->num_moves);
    for (int k = 0; k < data->num_moves; k++) measure_use(&uses[k], data, &data->moves[k]);
}

static const CamUse *use_of(const CamBotView *view, int button) {
    static const CamUse none = {0};
    const int index = move_of(view->own, view->data, button, 0, 0);
    return index < 0 ? &none : &view->data->uses[index];
}

static int startup_of(const CamBotView *view, int button) {
    const int index = move_of(view->own, view->data, button, 0, 0);
    return index < 0 ? INT16_MAX : view->data->moves[index].startup;
}

static int hurts(const CamUse *use) { return use->kind == CAM_USE_STRIKE || use->kind == CAM_USE_SHOT; }

static int reaches(const CamBotView *view, const CamUse *use) {
    const int32_t height = view->seen->z - view->own->z, body = view->data->characters[view->other->character].hurt_height;
    return height < use->top && height + body > use->low && view->gap_x <= use->far + lead_su[view->level] && cam_abs(view->gap_y) <= use->depth + 184;
}

/* su/tick at which the opponent walked away from the bot over the last third of a second that was seen. */
static int32_t flight(const CamBotView *view) {
    const CamBot *bot = view->bot;
    const int32_t glance = cam_min(9, CAM_BOT_MEMORY - 1 - view->delay);
    if (glance < 3 || view->delay + glance >= (int32_t)bot->seen || view->seen->state > CAM_STATE_WALK) return 0;
    const CamSight *before = &bot->sights[(bot->seen - 1 - (uint32_t)(view->delay + glance)) % CAM_BOT_MEMORY];
    return before->state > CAM_STATE_WALK ? 0 : cam_max(view->toward * (view->seen->x - before->x), 0) / glance;
}

static int fits(const CamBotView *view, int button) {
    const CamUse *use = use_of(view, button);
    const int32_t away = flight(view);
    if (use->kind == CAM_USE_STRIKE && away > 70 && view->gap_x + away * (startup_of(view, button) + view->delay + 2) > use->far + 300) return 0;
    const int holds = is_stunned(view->seen->state) || is_down(view->seen->state) || view->seen->z > 0;   /* nobody to grab */
    return hurts(use) && reaches(view, use) && !(use->grabs && holds);
}

static const CamHit *last_hit(const CamBotView *view, const CamMove *move) {
    return move->num_hits ? &view->data->hits[move->first_hit + move->num_hits - 1] : NULL;
}

static int lifts(const CamHit *hit) { return hit && hit->impact >= CAM_IMPACT_LAUNCH; }

/* Ticks of the opponent's move as it must stand now, from what was seen; the frame data is public. */
typedef struct { int32_t to_hit, to_safe, to_free; int32_t far, depth; } CamMoveClock;

static CamMoveClock opponent_clock(const CamBotView *view) {
    CamMoveClock clock = {0, 0, 0, 0, 0};
    if (view->seen->move < 0) return clock;
    const CamMove *move = &view->data->moves[view->seen->move];
    const CamUse *use = &view->data->uses[view->seen->move];
    const int32_t now = tick_now(view);
    clock.to_hit = cam_max(move->startup - now, 0);
    clock.to_safe = cam_max(move->startup + move->active - now, 0);
    clock.to_free = cam_max(move->startup + move->active + move->recovery - now, 0);
    if (use->kind == CAM_USE_STRIKE) clock.far = use->far, clock.depth = use->depth;
    return clock;
}

/* ---- walking and pressing ---- */

/* The direction that leads to world dx, dy. */
static int heading(const CamFighter *own, int dx, int dy) {
    static const uint8_t by_place[3][3] = {{CAM_DIRECTION_SW, CAM_DIRECTION_S, CAM_DIRECTION_SE}, {CAM_DIRECTION_W, CAM_DIRECTION_NONE, CAM_DIRECTION_E},
                                           {CAM_DIRECTION_NW, CAM_DIRECTION_N, CAM_DIRECTION_NE}};
    return by_place[dy + 1][(own->side ? -dx : dx) + 1];
}

static int32_t walk_to(const CamBotView *view, int dx, int dy) {
    int direction = heading(view->own, dx, dy);
    uint32_t legal = cam_legal_directions(view->state, view->data, view->fighter, CAM_BUTTON_NONE);
    return legal >> direction & 1 ? direction * CAM_NUM_BUTTONS : 0;
}

static int is_legal(const CamBotView *view, int button) { return view->legal >> button & 1; }

static int is_ready(const CamBotView *view, int button) { return (view->legal & view->spend) >> button & 1; }

/* Press a button, aimed along world dx, dy where it can be. */
static int32_t press_to(const CamBotView *view, int button, int dx, int dy) {
    uint32_t legal = cam_legal_directions(view->state, view->data, view->fighter, button);
    const int wishes[4] = {heading(view->own, dx, dy), heading(view->own, 0, dy), heading(view->own, dx, 0), 0};
    for (int k = 0; k < 4; k++)
        if (legal >> wishes[k] & 1) return wishes[k] * CAM_NUM_BUTTONS + button;
    return button;
}

/* Press a button, aimed at the opponent where the button can be aimed. */
static int32_t press(const CamBotView *view, int button) {
    int dy = cam_abs(view->gap_y) > CAM_BOT_LANE ? cam_sign(view->gap_y) : 0;
    return press_to(view, button, view->gap_x > CAM_BOT_TOUCH ? view->toward : 0, dy);
}

/* A button that is ready and fits, if the level thinks of it. */
static int would_press(const CamBotView *view, int button) {
    return is_ready(view, button) && fits(view, button) && chance(view->bot, kit_percent[view->level]);
}

/* su behind the bot before the wall */
static int32_t room_behind(const CamBotView *view) {
    return view->data->rules.stage_half_x + (view->toward > 0 ? view->own->x : -view->own->x);
}

/* +1 or -1: the way out of a lane at distance y from the bot that has room in depth. */
static int way_out(const CamBotView *view, int32_t y) {
    int away = y > 0 ? -1 : y < 0 ? 1 : view->own->y > 0 ? -1 : 1;
    return cam_abs(view->own->y + away * 300) > view->data->rules.stage_half_y ? -away : away;
}

/* A dash or a blink, if one is ready and the level thinks of it: at once where the opponent runs. */
static int32_t dash(const CamBotView *view, int dx, int dy) {
    for (int button = CAM_BUTTON_TRAIT; button >= CAM_BUTTON_SKILL1; button--)
        if (is_ready(view, button) && use_of(view, button)->kind == CAM_USE_STEP)
            return chance(view->bot, kit_percent[view->level] / (flight(view) > 40 ? 1 : 4)) ? press_to(view, button, dx, dy) : -1;
    return -1;
}

static int32_t approach(const CamBotView *view) {
    int dx = view->gap_x > CAM_BOT_TOUCH ? view->toward : 0;
    int dy = cam_abs(view->gap_y) > 150 ? cam_sign(view->gap_y) : 0;
    int32_t action = view->gap_x > 3 * CAM_BOT_TOUCH ? dash(view, dx, dy) : -1;
    return action < 0 ? walk_to(view, dx, dy) : action;
}

/* Out of the way in depth, and back as well while there is room. */
static int32_t evade(const CamBotView *view) {
    int dx = room_behind(view) > 400 ? -view->toward : 0, dy = way_out(view, view->gap_y);
    int32_t action = view->gap_x < 2 * CAM_BOT_TOUCH ? dash(view, dx, dy) : -1;
    return action < 0 ? walk_to(view, dx, dy) : action;
}

/* ---- acts ---- */

/* Go on with what has hit, while the opponent is still stunned: the chain up to the link that would lift or end it, then
   the kit, then the rest of the chain. */
static int32_t follow_up(const CamBotView *view) {
    static const uint8_t order[4] = {CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_SCROLL, CAM_BUTTON_ULTIMATE};
    if (!in_move(view->own) || view->own->contact != CAM_CONTACT_HIT) return -1;
    const CamMove *move = &view->data->moves[view->own->move];
    const CamHit *hit = last_hit(view, move);
    const int32_t now = declared_tick(view->own, move, view->own->move_tick);
    const int32_t stunned = lifts(hit) ? 9 : hit ? hit->stun - cam_max(now - hit->to, 0) + 1 : 0;
    const int chains = is_ready(view, CAM_BUTTON_ATTACK) && can_chain(view->own, view->data);
    if (chains && !lifts(last_hit(view, &view->data->moves[move->next[0]]))) return press(view, CAM_BUTTON_ATTACK);
    for (int k = 0; k < 4; k++)
        if (startup_of(view, order[k]) <= stunned && would_press(view, order[k])) return press(view, order[k]);
    return chains ? press(view, CAM_BUTTON_ATTACK) : -1;
}

/* Do both fighters' moves begin alike? Then who always takes the first chance trades for ever. */
static int is_mirror(const CamBotView *view) { return view->own->character == view->other->character; }

/* Not clearly ahead, in the second half of the time? Then waiting serves nobody. */
static int must_push(const CamBotView *view) { return 2 * view->state->tick >= view->state->max_ticks && lead_in_health(view) < 40; }

/* Has the opponent done nothing worth fear in a sixth of the match? Then caution only wastes time. */
static int is_harmless(const CamBotView *view) { return 6 * view->state->tick >= view->state->max_ticks && health(view->own, view->data) >= 970; }

/* After a trade the next press of both would meet again: each bot then now and then lets the other come, by its own dice. */
static int32_t hesitate(const CamBotView *view) {
    if (!(view->own->once & CAM_ONCE_TRADED) || !is_free(view->own) || view->seen->state > CAM_STATE_WALK || !chance(view->bot, 30)) return -1;
    return chance(view->bot, 50) ? evade(view) : 0;
}

/* Slip out of a combo, later hits more readily. */
static int32_t escape(const CamBotView *view) {
    if (!is_legal(view, CAM_BUTTON_SLIP) || !is_stunned(view->own->state)) return -1;
    int is_super = view->seen->move >= 0 && view->data->moves[view->seen->move].category == CAM_CATEGORY_ULTIMATE;
    return (is_super || view->own->combo_hits >= 3) && chance(view->bot, 20 * view->level) ? CAM_BUTTON_SLIP : -1;
}

/* Is the opponent beyond being hit, and does the level see it? */
static int would_waste(const CamBotView *view) {
    const int is_safe = is_down(view->seen->state) || view->seen->invulnerable_until > view->state->clock + 8;
    return is_safe && chance(view->bot, 20 * view->level);
}

/* Any of the kit that would hurt from here; rarely an ultimate, which takes the sparks of a slip. */
static int32_t strike(const CamBotView *view) {
    static const uint8_t kit[8] = {CAM_BUTTON_ULTIMATE, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_SCROLL, CAM_BUTTON_COMPANION_A,
                                   CAM_BUTTON_COMPANION_B, CAM_BUTTON_COMPANION_C, CAM_BUTTON_TRAIT};
    const int hits = is_ready(view, CAM_BUTTON_ATTACK) && fits(view, CAM_BUTTON_ATTACK);
    const int first = cam_random_below(&view->bot->rng, 8);
    if (hits && is_mirror(view) && chance(view->bot, 50)) return -1;
    if (hits && chance(view->bot, poke_percent[view->level])) return press(view, CAM_BUTTON_ATTACK);
    if (would_waste(view)) return -1;
    for (int k = 0; k < 8; k++) {
        int button = kit[(first + k) % 8];
        if ((button != CAM_BUTTON_ULTIMATE || chance(view->bot, 25)) && would_press(view, button)) return press(view, button);
    }
    return hits ? press(view, CAM_BUTTON_ATTACK) : -1;
}

/* What flies or runs, from afar. */
static int32_t shoot(const CamBotView *view) {
    if (would_waste(view)) return -1;
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++)
        if (button != CAM_BUTTON_SLIP && would_press(view, button)) return press(view, button);
    return -1;
}

static const CamEntity *own_marker(const CamBotView *view) {
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        const CamEntity *entity = &view->own->entities[k];
        if (entity->type >= 0 && view->data->entity_types[entity->type].kind == CAM_ENTITY_MARKER) return entity;
    }
    return NULL;
}

/* Would a move that does not hurt do the bot good now? */
static int serves(const CamBotView *view, int kind) {
    switch (kind) {
        case CAM_USE_HELP: case CAM_USE_SETUP: return 1;
        case CAM_USE_HEAL: return health(view->own, view->data) < 900;
        case CAM_USE_FORM: return !view->own->form || (view->own->form_until == 0 && chance(view->bot, 15));   /* a form without end is left now and then */
        case CAM_USE_MARKER: return !own_marker(view);
        default: return 0;
    }
}

/* What helps or waits in its place, while the opponent is far or down. */
static int32_t prepare(const CamBotView *view) {
    if (view->gap_x < 3 * CAM_BOT_TOUCH && !is_down(view->seen->state)) return -1;
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++)
        if (is_ready(view, button) && serves(view, use_of(view, button)->kind) && chance(view->bot, kit_percent[view->level])) return press(view, button);
    return -1;
}

/* Back to the own marker, if that lies further from the opponent. */
static int32_t recall(const CamBotView *view) {
    const CamEntity *marker = NULL;
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++) {
        if (!is_ready(view, button) || use_of(view, button)->kind != CAM_USE_MARKER) continue;
        if (!marker && !(marker = own_marker(view))) return -1;
        if (cam_abs(marker->x - view->seen->x) > view->gap_x + CAM_BOT_TOUCH && chance(view->bot, kit_percent[view->level])) return press(view, button);
    }
    return -1;
}

/* Would the armour of a parry's startup take what hits before it stands? */
static int is_armoured_until_parry(const CamBotView *view, const CamMove *move, int32_t to_hit) {
    if (move->parry_to <= move->parry_from || view->seen->move < 0 || !in_window(to_hit, move->armour_from, move->armour_to)) return 0;
    const CamMove *attack = &view->data->moves[view->seen->move];
    const CamHit *hit = attack->num_hits ? &view->data->hits[attack->first_hit] : NULL;
    return hit && !(hit->flags & CAM_HIT_GRAB) && hit->level <= move->armour_level && hit->armour_break < move->armour_level;
}

/* The button of a parry that is ready, 0 if there is none. */
static int parry_button(const CamBotView *view) {
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++) {
        const int index = button == CAM_BUTTON_SLIP || !is_ready(view, button) ? -1 : move_of(view->own, view->data, button, 0, 0);
        if (index >= 0 && view->data->moves[index].parry_to > view->data->moves[index].parry_from) return button;
    }
    return 0;
}

/* Parry on a guess: the opponent stands where it would attack, and has not yet. */
static int32_t brace(const CamBotView *view) {
    const int button = parry_button(view);
    if (!button || view->seen->state > CAM_STATE_WALK || view->own->z > 0) return -1;
    const CamUse *attack = &view->data->uses[own_move(view->other, view->data, CAM_BUTTON_ATTACK)];
    if (view->gap_x > attack->far + 450 || cam_abs(view->gap_y) > attack->depth + 184) return -1;
    return chance(view->bot, (button == CAM_BUTTON_ULTIMATE ? 60 : 25) * kit_percent[view->level] / 100) ? press(view, button) : -1;
}

/* A move of the kit that parries, guards or passes through what is about to hit. */
static int32_t defend(const CamBotView *view, int32_t to_hit) {
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++) {
        const int index = button == CAM_BUTTON_SLIP || !is_ready(view, button) ? -1 : move_of(view->own, view->data, button, 0, 0);
        if (index < 0) continue;
        const CamMove *move = &view->data->moves[index];
        int covers = in_window(to_hit, move->parry_from, move->parry_to) || is_armoured_until_parry(view, move, to_hit) || in_window(to_hit, move->guard_from, move->guard_to) ||
                     in_window(to_hit, move->inv_from[0], move->inv_to[0]);
        if (covers && chance(view->bot, kit_percent[view->level])) return press(view, button);
    }
    return -1;
}

/* Parry what flies at the bot, or step out of its lane, and off the ground that burns. */
static int32_t dodge(const CamBotView *view) {
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        const CamEntity *entity = &view->other->entities[k];
        if (entity->type < 0 || entity->age < view->delay) continue;
        const CamEntityType *type = &view->data->entity_types[entity->type];
        if (type->hit < 0 || type->kind == CAM_ENTITY_COMPANION) continue;
        const CamHit *hit = &view->data->hits[type->hit];
        const int32_t dx = view->own->x - entity->x, dy = entity->y - view->own->y;
        const int32_t ahead = dx * cam_sign(entity->vx), width = cam_max(hit->x1, type->radius) + 400;
        const int meets = entity->vx ? ahead > -400 && ahead < width + 12 * cam_abs(entity->vx) : cam_abs(dx) < width;
        if (!meets || cam_abs(dy) > cam_max(hit->depth, type->radius / 2) + 240) continue;
        const int32_t action = entity->vx && ahead > 0 ? defend(view, cam_max(ahead - 300, 0) / cam_abs(entity->vx)) : -1;
        if (action >= 0) return action;
        return chance(view->bot, 20 * view->level) ? walk_to(view, entity->vx ? 0 : cam_sign(dx), way_out(view, dy)) : -1;
    }
    return -1;
}

/* Can a plain attack begun at once strike the opponent out of its move? */
static int can_beat(const CamBotView *view, const CamMoveClock *clock) {
    const int index = move_of(view->own, view->data, CAM_BUTTON_ATTACK, 0, 0);
    const CamMove *attack = &view->data->moves[index], *move = &view->data->moves[view->seen->move];
    const int32_t then = tick_now(view) + attack->startup + 1;
    const int level = attack->num_hits ? view->data->hits[attack->first_hit].level : 0;
    return attack->startup + 1 < clock->to_hit && !in_window(then, move->inv_from[0], move->inv_to[0]) &&
           !(in_window(then, move->armour_from, move->armour_to) && move->armour_level >= level) &&
           !in_window(then, move->parry_from, move->parry_to) && !in_window(then, move->guard_from, move->guard_to);
}

/* What punishes an opponent who is safe to touch in to_safe ticks and free in open_ticks; what hurts most first. */
static int32_t punish(const CamBotView *view, int32_t to_safe, int32_t open_ticks) {
    static const uint8_t order[6] = {CAM_BUTTON_ATTACK, CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_ULTIMATE, CAM_BUTTON_SCROLL, CAM_BUTTON_COMPANION_A};
    for (int k = 0; k < 6; k++) {
        const int button = order[k];
        const int32_t startup = startup_of(view, button);
        if (is_ready(view, button) && startup + 1 >= to_safe && startup < open_ticks && fits(view, button) &&
            (button == CAM_BUTTON_ATTACK || chance(view->bot, kit_percent[view->level]))) return press(view, button);
    }
    return -1;
}

/* Grab who guards or parries: that is what a grab goes through. */
static int32_t open_up(const CamBotView *view) {
    if (view->seen->move < 0 || view->data->uses[view->seen->move].kind != CAM_USE_COVER) return -1;
    const CamMove *cover = &view->data->moves[view->seen->move];
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_ULTIMATE; button++) {
        const int32_t then = tick_now(view) + startup_of(view, button) + 1;
        const int holds = in_window(then, cover->guard_from, cover->guard_to) || in_window(then, cover->parry_from, cover->parry_to);
        if (holds && use_of(view, button)->grabs && would_press(view, button)) return press(view, button);
    }
    return -1;
}

/* Up to the opponent, with whatever is ready. */
static int32_t press_on(const CamBotView *view) {
    int32_t action = strike(view);
    if (action < 0) action = prepare(view);
    return action < 0 ? approach(view) : action;
}

/* The neutral game that punisher, baiter and planner share: keeps out of what is coming and away from what cannot be hit;
   strikes first, or what has missed, or what is stunned. */
static int32_t spar(const CamBotView *view) {
    if (is_harmless(view)) return press_on(view);
    const CamMoveClock clock = opponent_clock(view);
    const int state = view->seen->state, attack_startup = startup_of(view, CAM_BUTTON_ATTACK);
    int32_t action;
    if (is_down(state) || view->seen->invulnerable_until - view->state->clock > attack_startup) {
        action = prepare(view);
        return action >= 0 ? action : view->gap_x < 4 * CAM_BOT_TOUCH ? evade(view) : 0;
    }
    if (is_stunned(state)) action = punish(view, 0, is_flying(state) ? 10 : 12);
    else if (clock.to_free > 0) {
        int is_threat = clock.to_safe > 0 && view->gap_x < clock.far + 450 && cam_abs(view->gap_y) < clock.depth + view->data->rules.hurt_y + 60;
        if (is_threat && !can_beat(view, &clock) && !must_push(view)) {
            action = defend(view, clock.to_hit);
            if (action < 0) action = recall(view);
            if (action < 0 && is_ready(view, CAM_BUTTON_ATTACK) && fits(view, CAM_BUTTON_ATTACK)) action = press(view, CAM_BUTTON_ATTACK);   /* trade */
            return action < 0 ? evade(view) : action;
        }
        action = open_up(view);
        if (action < 0) action = punish(view, is_threat ? 0 : clock.to_safe, is_threat ? clock.to_hit : clock.to_free);
        int would_walk_in = clock.to_safe > 2 && view->gap_x < clock.far + 1000;
        if (action < 0 && would_walk_in) return 0;
    } else {
        action = must_push(view) ? -1 : dodge(view);
        if (action < 0) action = brace(view);
        if (action < 0) action = strike(view);
        if (action < 0) action = prepare(view);
    }
    return action < 0 ? approach(view) : action;
}
