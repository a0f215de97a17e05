/* The words that bots are written in: what a bot sees, what its moves are good for, and how it walks and presses. */

enum { CAM_BOT_TOUCH = 900, CAM_BOT_LANE = 330 };   /* su */

static const uint8_t reaction_ticks[CAM_BOT_MAX_LEVEL + 1] = {15, 15, 12, 9, 6, 3, 3, 3, 0};
static const uint8_t error_percent[CAM_BOT_MAX_LEVEL + 1] = {30, 30, 25, 19, 11, 0, 0, 0, 0};
static const uint8_t kit_percent[CAM_BOT_MAX_LEVEL + 1] = {20, 20, 40, 60, 80, 100, 100, 100, 100};   /* chance to use a button that would fit */

static const int16_t lead_su[CAM_BOT_MAX_LEVEL + 1] = {250, 250, 550, 600, 700, 600, 600, 600, 600};   /* how far beyond its reach a move is begun, for who walks into it */
static const uint8_t poke_percent[CAM_BOT_MAX_LEVEL + 1] = {10, 10, 50, 60, 80, 100, 100, 100, 100};   /* chance to try the plain attack first: the quickest of the kit */

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
static CamSight glimpse(const CamState *state, int fighter) {
    const CamFighter *f = &state->fighters[fighter];
    return (CamSight){(int16_t)f->x, (int16_t)f->y, (int16_t)f->z, f->spark, f->move, f->move_tick, f->invulnerable_until,
                      (uint16_t)ready_buttons(f, state->clock), f->state, (uint8_t)fighter, {0}};
}

static CamBotView view_of(CamBot *bot, const CamState *state, const CamData *data, int index, int other, const CamSight *seen, int delay) {
    const CamFighter *own = &state->fighters[index];
    const int32_t dx = seen->x - own->x;
    return (CamBotView){state, data, own, seen, &state->fighters[other], cam_legal_buttons(state, data, index), ~0u, cam_abs(dx), seen->y - own->y,
                        dx ? cam_sign(dx) : own->facing, bot->level, index, delay, bot};
}

/* ---- the state of a fighter that was seen ---- */

static int32_t distance_between(const CamState *state, int one, int two) {
    const CamFighter *first = &state->fighters[one], *second = &state->fighters[two];
    return cam_abs(first->x - second->x) + cam_abs(first->y - second->y);
}

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
