/* Moves: which buttons are legal, how a move starts, runs and ends, and what its op-codes do. */

/* What one tick passes between its stages. Everything that touches another fighter waits here until all have been
   looked at, so the order of fighters cannot favour a side. */
enum { CAM_MAX_SPAWNS = CAM_MAX_FIGHTERS * 4, CAM_MAX_GIFTS = CAM_MAX_FIGHTERS * 4, CAM_MAX_CONTACTS = CAM_MAX_FIGHTERS * 64 };

typedef struct { int16_t type; int8_t owner; uint8_t direction; int32_t x, y, z; int8_t facing; } CamSpawn;
typedef struct { int8_t from, to; int16_t op; } CamGift;          /* an op-code that works on an opponent */
typedef struct {
    int8_t attacker, target;      /* fighters; attacker owns the entity if one struck */
    int8_t slot;                  /* of the attacker's entities, -1 for its body */
    int8_t push;                  /* +1 or -1: the way the target is knocked */
    int16_t hit;                  /* index of CamHit */
    uint8_t index;                /* of the hit in its move */
    uint8_t outcome;
    uint8_t source;               /* CAM_SOURCE */
    uint8_t category;             /* of the move it belongs to; an entity that is no companion counts as a skill's */
    uint8_t is_finisher, is_first, reflects;
    uint8_t trade;                /* 1: strikes of two bodies met; 2: for the second time in a row */
    int16_t stun;                 /* milli of the declared stun */
    int32_t damage, x, y, z;
} CamContact;

typedef struct { int from, to; } CamTeam;                           /* fighters of a side */

typedef struct {
    int32_t x[CAM_MAX_FIGHTERS], y[CAM_MAX_FIGHTERS];   /* where all stood before the stage */
    int8_t facing[CAM_MAX_FIGHTERS];
    uint8_t is_target[CAM_MAX_FIGHTERS];                /* lives and is not veiled: opponents turn to it and aim at it */
    uint8_t is_frozen[CAM_MAX_FIGHTERS];                /* by hitstop: stands still this tick */
    uint8_t live[CAM_MAX_FIGHTERS];                     /* bit per entity slot in use at the last look; what ended since is empty */
    uint8_t shots[CAM_MAX_FIGHTERS];                    /* of these, projectiles that hit */
    uint8_t strikers[CAM_MAX_FIGHTERS];                 /* of these, what strikes at this tick if nothing stops it */
    uint8_t has_entities;                               /* 0 if no bit of live is set */
    uint8_t has_walls, has_shots, has_bodies;           /* 0 if no entity is a wall, is a shot, can be struck */
    uint8_t sides;                                      /* bit per side that has entities */
    CamTeam teams[CAM_NUM_SIDES];                       /* of a squad: a duel's are known */
    int32_t freeze;
    int num_spawns, num_gifts, num_contacts;
    CamSpawn spawns[CAM_MAX_SPAWNS];
    CamGift gifts[CAM_MAX_GIFTS];
    CamContact contacts[CAM_MAX_CONTACTS];
} CamTick;

static const int8_t direction_x[CAM_NUM_DIRECTIONS] = {0, 1, 1, 0, -1, -1, -1, 0, 1};
static const int8_t direction_y[CAM_NUM_DIRECTIONS] = {0, 0, 1, 1, 1, 0, -1, -1, -1};

/* Directions are egocentric: side 1 sees the stage mirrored. */
static inline int world_x(const CamFighter *fighter, int direction) { return fighter->side ? -direction_x[direction] : direction_x[direction]; }

static inline int is_free(const CamFighter *fighter) { return fighter->state <= CAM_STATE_WALK; }
static inline int in_move(const CamFighter *fighter) { return fighter->move >= 0; }

static const uint8_t opposite_direction[CAM_NUM_DIRECTIONS] = {0, CAM_DIRECTION_W, CAM_DIRECTION_SW, CAM_DIRECTION_S, CAM_DIRECTION_SE,
                                                               CAM_DIRECTION_E, CAM_DIRECTION_NE, CAM_DIRECTION_N, CAM_DIRECTION_NW};

static void set_state(CamFighter *fighter, int state) {
    fighter->state = (uint8_t)state;
    fighter->state_ticks = 0;
}

/* The fighters of a side: those of side 0 come first, and both have at least one. */
static inline CamTeam team_of(const CamState *state, int side) {
    if (state->num_fighters == 2) return (CamTeam){side, side + 1};
    int first = 1;   /* of side 1 */
    while (state->fighters[first].side == 0) first++;
    return side ? (CamTeam){first, state->num_fighters} : (CamTeam){0, first};
}

/* The nearest living fighter of a side, -1 if none lives. Ties go to the lower index. */
static int nearest_standing(const CamState *state, CamTeam team, int32_t x, int32_t y) {
    int best = -1;
    int32_t best_distance = INT32_MAX;
    for (int i = team.from; i < team.to; i++) {
        const CamFighter *other = &state->fighters[i];
        int32_t distance = cam_abs(other->x - x) + cam_abs(other->y - y);
        if (other->state != CAM_STATE_KO && distance < best_distance) { best = i; best_distance = distance; }
    }
    return best;
}

static int nearest_opponent(const CamState *state, int side, int32_t x, int32_t y) {
    if (state->num_fighters == 2) return state->fighters[1 - side].state == CAM_STATE_KO ? -1 : 1 - side;
    return nearest_standing(state, team_of(state, 1 - side), x, y);
}

static int nearest_of_team(const CamTick *tick, CamTeam team, int32_t x, int32_t y) {
    int best = -1;
    int32_t best_distance = INT32_MAX;
    for (int i = team.from; i < team.to; i++) {
        int32_t distance = cam_abs(tick->x[i] - x) + cam_abs(tick->y[i] - y);
        if (tick->is_target[i] && distance < best_distance) { best = i; best_distance = distance; }
    }
    return best;
}

/* The nearest fighter of the other side that can be aimed at, -1 if there is none, as all stood before the stage: what
   one fighter does in a stage cannot change whom another turns to. Ties go to the lower index. */
static inline int nearest_target(const CamTick *tick, const int num_fighters, int side, int32_t x, int32_t y) {
    if (num_fighters == 2) return tick->is_target[1 - side] ? 1 - side : -1;
    return nearest_of_team(tick, tick->teams[1 - side], x, y);
}

/* ---- the clock of a move ---- */

/* A normal's startup and recovery shrink and grow with tempo; its active ticks never do. */
static inline int32_t scaled_startup(const CamFighter *fighter, const CamMove *move) {
    return fighter->move_scale == 1000 ? move->startup : cam_max(cam_milli(move->startup, fighter->move_scale), cam_min(move->startup, 2));
}

static inline int32_t scaled_recovery(const CamFighter *fighter, const CamMove *move) {
    return fighter->move_scale == 1000 ? move->recovery : cam_max(cam_milli(move->recovery, fighter->move_scale), cam_min(move->recovery, 4));
}

static inline int32_t total_ticks(const CamFighter *fighter, const CamMove *move) {
    return scaled_startup(fighter, move) + move->active + scaled_recovery(fighter, move);
}

/* The tick of the declared move that corresponds to a tick of the scaled one. */
static int32_t declared_tick(const CamFighter *fighter, const CamMove *move, int32_t tick) {
    if (fighter->move_scale == 1000) return tick;
    int32_t startup = scaled_startup(fighter, move);
    if (tick < startup) return tick * move->startup / startup;
    if (tick < startup + move->active) return tick - startup + move->startup;
    int32_t recovery = cam_max(scaled_recovery(fighter, move), 1);
    return move->startup + move->active + (tick - startup - move->active) * move->recovery / recovery;
}

static inline int in_window(int32_t tick, int from, int to) { return tick >= from && tick < to; }

/* ---- which buttons are legal ---- */

static int companion_slot(int button) { return button - CAM_BUTTON_COMPANION_A; }
static int is_companion(int button) { return button >= CAM_BUTTON_COMPANION_A && button <= CAM_BUTTON_COMPANION_C; }

/* 0 plain, 1 forward, 2 back */
static int chain_branch(const CamFighter *fighter, int direction) {
    int forward = world_x(fighter, direction) * fighter->facing;
    return forward > 0 ? 1 : forward < 0 ? 2 : 0;
}

static int can_chain(const CamFighter *fighter, const CamData *data) {
    if (!in_move(fighter)) return 0;
    const CamMove *move = &data->moves[fighter->move];
    return move->category == CAM_CATEGORY_CHAIN && move->next[0] >= 0;
}

/* The character's own move of a button, in the form it is in. */
static inline int own_move(const CamFighter *fighter, const CamData *data, int button) {
    const CamCharacter *character = &data->characters[fighter->character];
    return fighter->form && character->form_moves[button] >= 0 ? character->form_moves[button] : character->moves[button];
}

/* The move a button starts, -1 if there is none. chained: the attack button goes on with the chain it is in. */
static inline int move_of(const CamFighter *fighter, const CamData *data, int button, int direction, int chained) {
    if (button == CAM_BUTTON_ATTACK && chained) {
        const CamMove *move = &data->moves[fighter->move];
        int next = move->next[chain_branch(fighter, direction)];
        return next >= 0 ? next : move->next[0];
    }
    if (button == CAM_BUTTON_SCROLL) return data->scrolls[fighter->scroll];
    if (is_companion(button)) {
        int companion = fighter->companions[companion_slot(button)];
        return companion < 0 ? -1 : data->companions[companion];
    }
    return own_move(fighter, data, button);
}

static int owns_button(const CamFighter *fighter, const CamData *data, int button) {
    if (button == CAM_BUTTON_NONE || button == CAM_BUTTON_SLIP) return 1;
    if (button == CAM_BUTTON_RELEASE) {
        const CamCharacter *character = &data->characters[fighter->character];
        for (int b = CAM_BUTTON_ATTACK; b < CAM_BUTTON_RELEASE; b++) {
            if (character->moves[b] >= 0 && data->moves[character->moves[b]].hold_max > 0) return 1;
            if (character->form_moves[b] >= 0 && data->moves[character->form_moves[b]].hold_max > 0) return 1;
        }
        return data->moves[data->scrolls[fighter->scroll]].hold_max > 0;
    }
    return move_of(fighter, data, button, 0, 0) >= 0 || data->characters[fighter->character].form_moves[button] >= 0;
}

/* ahead: 1 before a tick has run its timers, 0 after, so that a press taken as legal finds its stun still there. */
static int is_slippable(const CamFighter *fighter, const CamRules *rules, int ahead) {
    switch (fighter->state) {
        case CAM_STATE_HITSTUN: case CAM_STATE_BLOCKSTUN: return fighter->timer >= ahead;
        case CAM_STATE_LAUNCHED: case CAM_STATE_WALLBOUNCE: return 1;
        case CAM_STATE_KNOCKDOWN: return fighter->state_ticks + ahead <= rules->slip_lying_ticks;
        case CAM_STATE_NEUTRAL: case CAM_STATE_WALK: return rules->proactive_slip && fighter->z == 0;
        default: return 0;
    }
}

static int can_pay_hp(const CamFighter *fighter, const CamCharacter *character, int32_t milli) {
    return fighter->hp > cam_milli(character->max_hp, milli);
}

static int can_slip(const CamState *state, const CamFighter *fighter, const CamData *data, int ahead) {
    const CamCharacter *character = &data->characters[fighter->character];
    return is_slippable(fighter, &data->rules, ahead) && fighter->spark >= character->slip_cost &&
           fighter->cooldown_until[CAM_BUTTON_SLIP] <= state->clock && can_pay_hp(fighter, character, character->slip_hp_cost) &&
           !has_effect(fighter, CAM_EFFECT_SEAL);
}

/* Milli of max HP that a move costs, and the ticks of one cooldown of it: Blood price trades one for the other. */
static int32_t hp_price(const CamCharacter *character, const CamData *data, const CamMove *move) {
    int is_paid = character->traits & CAM_TRAIT_BLOOD_PRICE && move->category == CAM_CATEGORY_SKILL;
    return move->hp_cost + (is_paid ? data->rules.blood_price : 0);
}

static int32_t cooldown_price(const CamFighter *fighter, const CamData *data, const CamMove *move) {
    const CamCharacter *character = &data->characters[fighter->character];
    int is_paid = character->traits & CAM_TRAIT_BLOOD_PRICE && move->category == CAM_CATEGORY_SKILL;
    return cooldown_ticks(fighter, character, is_paid ? cam_milli(move->cooldown, data->rules.blood_cooldown) : move->cooldown);
}

/* Cooldown, sparks, HP and silence: what a move costs, wherever its fighter is. A cooldown ends when all charges are back,
   so all but one of them may still be missing; but in the opening nothing is ready but the attack, charges or not. */
static int can_afford(const CamState *state, const CamFighter *fighter, const CamData *data, int button, const CamMove *move) {
    if (state->clock < data->rules.opening_ticks && button != CAM_BUTTON_ATTACK) return 0;
    int32_t wait = fighter->cooldown_until[button] - state->clock;
    if (wait > 0 && (move->charges < 2 || wait > (move->charges - 1) * cooldown_price(fighter, data, move))) return 0;
    if (fighter->spark < move->spark_cost) return 0;
    if (is_companion(button) && fighter->calls_left[companion_slot(button)] == 0) return 0;
    if (has_effect(fighter, CAM_EFFECT_HUSH) && move->category & (CAM_CATEGORY_SKILL | CAM_CATEGORY_ULTIMATE)) return 0;
    if (has_effect(fighter, CAM_EFFECT_ROOT) && move->flags & CAM_MOVE_AIMED) return 0;
    const CamCharacter *character = &data->characters[fighter->character];
    int32_t price = hp_price(character, data, move);
    return price == 0 || can_pay_hp(fighter, character, price);
}

/* Ticks until this fighter may act again if nothing happens; a large number where that is unknown. */
static int32_t ticks_to_free(const CamFighter *fighter, const CamData *data) {
    switch (fighter->state) {
        case CAM_STATE_NEUTRAL: case CAM_STATE_WALK: return 0;
        case CAM_STATE_STARTUP: case CAM_STATE_ACTIVE: case CAM_STATE_RECOVERY:
            return fighter->z > 0 && !is_hovering(fighter, &data->rules) ? INT16_MAX : total_ticks(fighter, &data->moves[fighter->move]) - fighter->move_tick;
        case CAM_STATE_HITSTUN: return fighter->collapses ? INT16_MAX : fighter->timer;
        case CAM_STATE_BLOCKSTUN: case CAM_STATE_FROZEN: case CAM_STATE_RISING: case CAM_STATE_SLIP: return fighter->timer;
        default: return INT16_MAX;
    }
}

/* The categories a move may be cancelled into after such a contact. */
static int cancel_categories(const CamMove *move, int contact) {
    return contact == CAM_CONTACT_HIT ? move->cancel_hit : contact == CAM_CONTACT_GUARD ? move->cancel_guard : move->cancel_whiff;
}

static int can_cancel_now(const CamFighter *fighter, const CamData *data, int category) {
    if (fighter->state != CAM_STATE_STARTUP && fighter->state != CAM_STATE_ACTIVE && fighter->state != CAM_STATE_RECOVERY) return 0;
    const CamMove *move = &data->moves[fighter->move];
    return declared_tick(fighter, move, fighter->move_tick) >= move->cancel_from && (cancel_categories(move, fighter->contact) & category);
}

/* The categories into which a cancel will be open within the buffer, as things stand or if the move connects. */
static int cancels_soon(const CamFighter *fighter, const CamData *data) {
    if (fighter->state != CAM_STATE_STARTUP && fighter->state != CAM_STATE_ACTIVE && fighter->state != CAM_STATE_RECOVERY) return 0;
    const CamMove *move = &data->moves[fighter->move];
    int32_t tick = declared_tick(fighter, move, fighter->move_tick), buffer = data->rules.buffer_ticks;
    if (move->cancel_from - tick > buffer) return 0;
    int may_connect = fighter->contact == CAM_CONTACT_NONE && move->startup - tick <= buffer && tick < move->startup + move->active;
    return cancel_categories(move, fighter->contact) | (may_connect ? move->cancel_hit : 0);
}

/* Inside a chain the attack button only goes on with it; from any other move it may be cancelled into, where that move says so. */
static int continues_chain(const CamFighter *fighter, const CamData *data, int button) {
    return button == CAM_BUTTON_ATTACK && in_move(fighter) && data->moves[fighter->move].category == CAM_CATEGORY_CHAIN;
}

/* When a fighter may act, the same for all its buttons. */
typedef struct {
    int is_soon_free;   /* within the buffer, if nothing else happens */
    int cancels;        /* cancels_soon */
    int chained;        /* an attack goes on with the chain */
} CamOpening;

static CamOpening find_opening(const CamFighter *fighter, const CamData *data) {
    int cancels = cancels_soon(fighter, data);
    return (CamOpening){ticks_to_free(fighter, data) <= data->rules.buffer_ticks, cancels,
                        cancels & CAM_CATEGORY_CHAIN && can_chain(fighter, data)};
}

/* Could a button start its move within the buffer if nothing else happens? Then a press is taken, else it is illegal. */
static CAM_INLINE int can_press(const CamState *state, const CamFighter *fighter, const CamData *data, int button, int index,
                                const CamOpening *opening) {
    if (index < 0) return 0;
    const CamMove *move = &data->moves[index];
    if (button != CAM_BUTTON_ATTACK || !opening->chained) {
        if (fighter->z > 0 && !(move->flags & CAM_MOVE_AIR_OK)) return 0;
        if (!opening->is_soon_free && (!(opening->cancels & move->category) || continues_chain(fighter, data, button))) return 0;
    }
    return can_afford(state, fighter, data, button, move);
}

enum {
    CAM_ALL_DIRECTIONS = (1 << CAM_NUM_DIRECTIONS) - 1,
    CAM_EASTWARD = 1 << CAM_DIRECTION_E | 1 << CAM_DIRECTION_NE | 1 << CAM_DIRECTION_SE,
    CAM_WESTWARD = 1 << CAM_DIRECTION_W | 1 << CAM_DIRECTION_NW | 1 << CAM_DIRECTION_SW,
    CAM_STRAIGHT = 1 << CAM_DIRECTION_E | 1 << CAM_DIRECTION_W
};

/* Directions that a chain's next link reads: its aim, and those that choose another branch. */
static uint32_t chain_directions(const CamFighter *fighter, const CamData *data) {
    const int16_t *next = data->moves[fighter->move].next;
    const int east_is_forward = (fighter->side ? -fighter->facing : fighter->facing) > 0;
    const uint32_t sector[3] = {CAM_ALL_DIRECTIONS & ~(CAM_EASTWARD | CAM_WESTWARD), east_is_forward ? CAM_EASTWARD : CAM_WESTWARD,
                                east_is_forward ? CAM_WESTWARD : CAM_EASTWARD};   /* by chain_branch */
    uint32_t directions = 1;
    for (int branch = 0; branch < 3; branch++) {
        int move = next[branch] >= 0 ? next[branch] : next[0];
        directions |= (uint32_t)data->moves[move].aim & sector[branch];
        if (move != next[0]) directions |= CAM_STRAIGHT & sector[branch];
    }
    return directions;
}

static inline uint32_t legal_directions(const CamFighter *fighter, const CamData *data, int button, const CamOpening *opening) {
    if (button == CAM_BUTTON_NONE) {
        int walks = opening->is_soon_free || fighter->state == CAM_STATE_KNOCKDOWN ||
                    (in_move(fighter) && data->moves[fighter->move].flags & CAM_MOVE_STEER);
        return walks ? CAM_ALL_DIRECTIONS : 1;
    }
    if (button == CAM_BUTTON_SLIP || button == CAM_BUTTON_RELEASE) return 1;
    if (button == CAM_BUTTON_ATTACK && opening->chained) return chain_directions(fighter, data);
    int move = move_of(fighter, data, button, 0, 0);
    return move < 0 ? 1 : 1 | ((uint32_t)data->moves[move].aim & CAM_ALL_DIRECTIONS);
}

/* Is this action, whose id is known, legal now? */
static int can_take(const CamState *state, const CamFighter *fighter, const CamData *data, int button, int direction) {
    if (button == CAM_BUTTON_SLIP) return direction == 0 && can_slip(state, fighter, data, 1);
    if (button == CAM_BUTTON_RELEASE) return direction == 0 && fighter->state == CAM_STATE_HOLD;
    const CamOpening opening = find_opening(fighter, data);
    if (direction && !(legal_directions(fighter, data, button, &opening) >> direction & 1)) return 0;
    if (button == CAM_BUTTON_NONE) return 1;
    const int chained = button == CAM_BUTTON_ATTACK && opening.chained;
    return fighter->state != CAM_STATE_KO && can_press(state, fighter, data, button, move_of(fighter, data, button, 0, chained), &opening);
}

/* The button's bit if it may be pressed, and the directions that matter with it. */
static CAM_INLINE uint32_t offer(const CamState *state, const CamFighter *fighter, const CamData *data, int button, int index,
                                 const CamOpening *opening, uint16_t directions[CAM_NUM_BUTTONS]) {
    if (!can_press(state, fighter, data, button, index, opening)) return 0;
    directions[button] = (uint16_t)(1 | (data->moves[index].aim & CAM_ALL_DIRECTIONS));
    return 1u << button;
}

/* Legal buttons as bits, and for each of them the directions that matter. */
static uint32_t legal_actions(const CamState *state, const CamFighter *fighter, const CamData *data, uint16_t directions[CAM_NUM_BUTTONS]) {
    static const uint8_t own_buttons[] = {CAM_BUTTON_SKILL1, CAM_BUTTON_SKILL2, CAM_BUTTON_ULTIMATE, CAM_BUTTON_TRAIT};
    const CamOpening opening = find_opening(fighter, data);
    uint32_t legal = 1;
    directions[CAM_BUTTON_NONE] = (uint16_t)legal_directions(fighter, data, CAM_BUTTON_NONE, &opening);
    directions[CAM_BUTTON_SLIP] = directions[CAM_BUTTON_RELEASE] = 1;
    if (fighter->state == CAM_STATE_HOLD) legal |= 1u << CAM_BUTTON_RELEASE;
    if (can_slip(state, fighter, data, 1)) legal |= 1u << CAM_BUTTON_SLIP;
    if (fighter->state == CAM_STATE_KO || !(opening.is_soon_free || opening.cancels)) return legal;
    const int attack = move_of(fighter, data, CAM_BUTTON_ATTACK, 0, opening.chained);
    legal |= offer(state, fighter, data, CAM_BUTTON_ATTACK, attack, &opening, directions);
    if (opening.chained) directions[CAM_BUTTON_ATTACK] = (uint16_t)chain_directions(fighter, data);
    for (size_t k = 0; k < sizeof(own_buttons); k++)
        legal |= offer(state, fighter, data, own_buttons[k], own_move(fighter, data, own_buttons[k]), &opening, directions);
    legal |= offer(state, fighter, data, CAM_BUTTON_SCROLL, data->scrolls[fighter->scroll], &opening, directions);
    for (int k = 0; k < CAM_NUM_COMPANIONS; k++)
        if (fighter->companions[k] >= 0)
            legal |= offer(state, fighter, data, CAM_BUTTON_COMPANION_A + k, data->companions[fighter->companions[k]], &opening, directions);
    return legal;
}

uint32_t cam_legal_buttons(const CamState *state, const CamData *data, int index) {
    uint16_t directions[CAM_NUM_BUTTONS];
    return state->is_over ? 1 : legal_actions(state, &state->fighters[index], data, directions);
}

uint32_t cam_legal_directions(const CamState *state, const CamData *data, int index, int button) {
    const CamFighter *fighter = &state->fighters[index];
    if (state->is_over) return 1;
    const CamOpening opening = find_opening(fighter, data);
    return legal_directions(fighter, data, button, &opening);
}

int32_t cam_canonical_action(const CamState *state, const CamData *data, int fighter, int32_t action) {
    int direction = action / CAM_NUM_BUTTONS, button = action % CAM_NUM_BUTTONS;
    if (cam_legal_directions(state, data, fighter, button) >> direction & 1) return action;
    return button;
}

/* Eight bytes of 0 or 1: the bits of a number, lowest first. */
#define CAM_BITS_1(n) {(n) & 1, (n) >> 1 & 1, (n) >> 2 & 1, (n) >> 3 & 1, (n) >> 4 & 1, (n) >> 5 & 1, (n) >> 6 & 1, (n) >> 7 & 1}
#define CAM_BITS_4(n) CAM_BITS_1(n), CAM_BITS_1(n + 1), CAM_BITS_1(n + 2), CAM_BITS_1(n + 3)
#define CAM_BITS_16(n) CAM_BITS_4(n), CAM_BITS_4(n + 4), CAM_BITS_4(n + 8), CAM_BITS_4(n + 12)
#define CAM_BITS_64(n) CAM_BITS_16(n), CAM_BITS_16(n + 16), CAM_BITS_16(n + 32), CAM_BITS_16(n + 48)
static const int8_t bits_of[256][8] = {CAM_BITS_64(0), CAM_BITS_64(64), CAM_BITS_64(128), CAM_BITS_64(192)};

/* Four bits, each moved to a lane of 16. */
static const uint64_t lanes_of[16] = {
    0x0000000000000000, 0x0000000000000001, 0x0000000000010000, 0x0000000000010001, 0x0000000100000000, 0x0000000100000001,
    0x0000000100010000, 0x0000000100010001, 0x0001000000000000, 0x0001000000000001, 0x0001000000010000, 0x0001000000010001,
    0x0001000100000000, 0x0001000100000001, 0x0001000100010000, 0x0001000100010001};

/* Per legal button the directions are bits; a row of the mask is a direction. Lanes of 16 bits, one a direction, turn the
   first into the second; each row's 12 bits then become bytes by table. Direction 0 goes with every legal button. */
void cam_action_mask(const CamState *state, const CamData *data, int index, int8_t *mask) {
    uint16_t directions[CAM_NUM_BUTTONS] = {1};
    uint64_t lanes[2] = {0, 0};   /* directions 1-4 and 5-8 */
    const uint32_t legal = state->is_over ? 1 : legal_actions(state, &state->fighters[index], data, directions);
    for (uint32_t rest = legal; rest; rest &= rest - 1) {
        const int button = cam_lowest_bit(rest);
        lanes[0] |= lanes_of[directions[button] >> 1 & 15] << button;
        lanes[1] |= lanes_of[directions[button] >> 5 & 15] << button;
    }
    for (int direction = 0; direction < CAM_NUM_DIRECTIONS; direction++) {
        const uint32_t buttons = direction == 0 ? legal : (uint32_t)(lanes[(direction - 1) / 4] >> (direction - 1) % 4 * 16) & 0xFFF;
        memcpy(mask + direction * CAM_NUM_BUTTONS, bits_of[buttons & 255], 8);
        memcpy(mask + direction * CAM_NUM_BUTTONS + 8, bits_of[buttons >> 8], CAM_NUM_BUTTONS - 8);
    }
}

/* Directions that a move, or what its chain leads to, reads. */
static uint32_t structural_directions(const CamData *data, int move) {
    uint32_t directions = 1;
    for (int steps = 0; move >= 0 && steps < 8; steps++) {
        const CamMove *link = &data->moves[move];
        directions |= (uint32_t)link->aim;
        for (int branch = 0; branch < 3; branch++)
            if (link->next[branch] >= 0) directions |= (uint32_t)data->moves[link->next[branch]].aim;
        if (link->next[1] >= 0 || link->next[2] >= 0) directions |= 1u << CAM_DIRECTION_E | 1u << CAM_DIRECTION_W;
        move = link->next[0];
    }
    return directions;
}

/* A button that is owned, in the form or out of it, may be aimed wherever any of its moves may. */
void cam_static_mask(const CamState *state, const CamData *data, int index, int8_t *mask) {
    const CamFighter *fighter = &state->fighters[index];
    const CamCharacter *character = &data->characters[fighter->character];
    memset(mask, 0, CAM_NUM_ACTIONS);
    for (int button = 0; button < CAM_NUM_BUTTONS; button++) {
        if (!owns_button(fighter, data, button)) continue;
        uint32_t directions = button == CAM_BUTTON_NONE ? (1u << CAM_NUM_DIRECTIONS) - 1 : 1;
        if (button == CAM_BUTTON_SCROLL || is_companion(button)) directions |= structural_directions(data, move_of(fighter, data, button, 0, 0));
        else if (button != CAM_BUTTON_NONE && button != CAM_BUTTON_SLIP && button != CAM_BUTTON_RELEASE)
            directions |= structural_directions(data, character->moves[button]) | structural_directions(data, character->form_moves[button]);
        for (int direction = 0; direction < CAM_NUM_DIRECTIONS; direction++)
            mask[direction * CAM_NUM_BUTTONS + button] = directions >> direction & 1;
    }
}

/* ---- how a move starts and ends ---- */

static void end_move(CamFighter *fighter) {
    if (fighter->move < 0) return;
    fighter->last_move = fighter->move;
    fighter->move = -1;
    fighter->move_tick = 0;
    fighter->move_scale = 1000;
    fighter->hold_ticks = 0;
    fighter->contact = CAM_CONTACT_NONE;
    memset(fighter->hit_struck, 0, sizeof(fighter->hit_struck));
}

static void become_free(CamFighter *fighter) {
    end_move(fighter);
    set_state(fighter, CAM_STATE_NEUTRAL);
    fighter->timer = 0;
    fighter->collapses = fighter->bounces = 0;
}

/* Give an effect to a fighter, from outside. Stun and Freeze stop it where it stands; in the air they only linger. */
static void afflict(CamFighter *fighter, const CamData *data, int clock, int effect, int32_t ticks, int32_t power) {
    ticks = give_effect(fighter, data, clock, effect, ticks, power);
    if (ticks == 0 || (effect != CAM_EFFECT_STUN && effect != CAM_EFFECT_FREEZE)) return;
    if (fighter->z > 0 || fighter->state == CAM_STATE_LAUNCHED || fighter->state == CAM_STATE_KNOCKDOWN ||
        fighter->state == CAM_STATE_RISING || fighter->state == CAM_STATE_GRABBED || fighter->state == CAM_STATE_SLIP) return;
    end_move(fighter);
    fighter->grabbing = -1;
    fighter->collapses = 0;
    fighter->vx = fighter->vy = 0;
    set_state(fighter, CAM_STATE_FROZEN);
    fighter->timer = (int16_t)ticks;
}

static void start_move(CamState *state, CamTick *tick, const CamData *data, int index, int move_index, int button, int direction) {
    CamFighter *fighter = &state->fighters[index];
    const CamCharacter *character = &data->characters[fighter->character];
    const CamMove *move = &data->moves[move_index];
    const int has_momentum = fighter->state == CAM_STATE_WALK && fighter->state_ticks >= data->rules.momentum_ticks;
    end_move(fighter);
    fighter->grabbing = -1;   /* a cancel lets go */
    fighter->move = (int16_t)move_index;
    fighter->move_direction = (uint8_t)direction;
    fighter->move_scale = move->category == CAM_CATEGORY_CHAIN ? (int16_t)tempo_factor(fighter, character) : 1000;
    set_state(fighter, CAM_STATE_STARTUP);
    if (fighter->z == 0) fighter->vx = fighter->vy = 0;
    if (button == CAM_BUTTON_NONE) return;   /* a reply costs nothing */
    fighter->last_button = (uint8_t)button;
    fighter->spark = (int16_t)(fighter->spark - move->spark_cost);
    fighter->hp -= cam_milli(character->max_hp, hp_price(character, data, move));
    if (has_momentum && character->traits & CAM_TRAIT_MOMENTUM)
        give_effect(fighter, data, state->clock, CAM_EFFECT_MIGHT, data->rules.momentum_ticks, data->rules.momentum_power);
    if (move->cooldown) {
        int32_t from = move->charges > 1 ? cam_max(fighter->cooldown_until[button], state->clock) : state->clock;
        fighter->cooldown_until[button] = (int16_t)(from + cooldown_price(fighter, data, move));
    }
    if (is_companion(button)) {
        fighter->calls_left[companion_slot(button)]--;
        for (int b = CAM_BUTTON_COMPANION_A; b <= CAM_BUTTON_COMPANION_C; b++)
            fighter->cooldown_until[b] = (int16_t)cam_max(fighter->cooldown_until[b], state->clock + data->rules.companion_gap_ticks);
        fighter->counts[CAM_COUNT_SUMMONS]++;
    }
    switch (button) {
        case CAM_BUTTON_ATTACK: fighter->counts[CAM_COUNT_ATTACKS]++; break;
        case CAM_BUTTON_SKILL1: fighter->counts[CAM_COUNT_SKILL1]++; break;
        case CAM_BUTTON_SKILL2: fighter->counts[CAM_COUNT_SKILL2]++; break;
        case CAM_BUTTON_ULTIMATE: fighter->counts[CAM_COUNT_ULTIMATES]++; break;
        case CAM_BUTTON_SCROLL: fighter->counts[CAM_COUNT_SCROLLS]++; break;
        case CAM_BUTTON_TRAIT: fighter->counts[CAM_COUNT_TRAIT]++; break;
        default: break;
    }
    tick->freeze = cam_max(tick->freeze, move->freeze);
}

static void queue_spawn(CamTick *tick, const CamFighter *fighter, int index, int type) {
    if (tick->num_spawns == CAM_MAX_SPAWNS) return;
    tick->spawns[tick->num_spawns++] = (CamSpawn){(int16_t)type, (int8_t)index, fighter->move_direction,
                                                  fighter->x, fighter->y, fighter->z, fighter->facing};
}

/* The first living companion or clone of a fighter, NULL if it has none. */
static CamEntity *own_puppet(CamFighter *fighter, const CamData *data) {
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        CamEntity *entity = &fighter->entities[k];
        if (entity->type < 0 || entity->hp <= 0) continue;
        int kind = data->entity_types[entity->type].kind;
        if (kind == CAM_ENTITY_COMPANION || kind == CAM_ENTITY_CLONE) return entity;
    }
    return NULL;
}

/* Where a slip leads: in place, to its own puppet's, or behind the nearest opponent if one is near. */
static void slip_away(const CamState *state, const CamTick *tick, const CamData *data, CamFighter *fighter) {
    const CamRules *rules = &data->rules;
    const int kind = data->characters[fighter->character].slip_kind;
    CamEntity *puppet = kind == CAM_SLIP_HERD ? own_puppet(fighter, data) : NULL;
    int other = nearest_target(tick, state->num_fighters, fighter->side, fighter->x, fighter->y);
    if (puppet) {
        int32_t x = fighter->x, y = fighter->y;
        fighter->x = puppet->x;
        fighter->y = puppet->y;
        puppet->x = (int16_t)x;
        puppet->y = (int16_t)y;
    } else if (kind != CAM_SLIP_STILLNESS && other >= 0 && cam_abs(tick->x[other] - fighter->x) <= rules->slip_near &&
               cam_abs(tick->y[other] - fighter->y) <= rules->slip_near) {
        int way = cam_sign(tick->x[other] - fighter->x);
        if (way == 0) way = -tick->facing[other];
        fighter->x = cam_clamp(tick->x[other] + way * rules->slip_behind, -rules->stage_half_x, rules->stage_half_x);
        fighter->y = tick->y[other];
    }
}

/* Slip: vanish and reappear elsewhere (mechanics 6.8). Reads only where others stood before this stage. */
static void start_slip(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const CamRules *rules = &data->rules;
    const CamCharacter *character = &data->characters[fighter->character];
    const int was_free = is_free(fighter);
    fighter->spark = (int16_t)(fighter->spark - character->slip_cost);
    fighter->hp -= cam_milli(character->max_hp, character->slip_hp_cost);
    fighter->cooldown_until[CAM_BUTTON_SLIP] = (int16_t)(state->clock + character->slip_cooldown);
    fighter->counts[CAM_COUNT_SLIPS]++;
    set_mark(fighter, state->clock, CAM_MARK_SLIP, fighter->x, fighter->y, fighter->z + character->hurt_height / 2);
    end_move(fighter);
    become_free(fighter);
    fighter->vx = fighter->vy = fighter->vz = 0;
    fighter->protection = 0;
    fighter->combo_hits = fighter->air_hits = fighter->otg_hits = fighter->bounced = fighter->is_red = 0;
    fighter->combo_damage = 0;
    fighter->z = 0;
    fighter->move_direction = 0;
    if (character->slip_entity >= 0) queue_spawn(tick, fighter, index, character->slip_entity);
    if (!was_free) slip_away(state, tick, data, fighter);
    fighter->z = character->slip_kind == CAM_SLIP_FEATHER ? CAM_BODY_SU : 0;
    set_state(fighter, CAM_STATE_SLIP);
    fighter->timer = (int16_t)(rules->slip_vanish_ticks - 1);   /* this tick is the first unseen */
    int32_t ticks = was_free ? rules->proactive_slip_ticks : character->slip_ticks;
    fighter->invulnerable_until = (int16_t)(state->clock + rules->slip_vanish_ticks + ticks);
    fighter->once |= CAM_ONCE_SLIPPED;
    fighter->last_button = CAM_BUTTON_SLIP;
}

/* The active ticks begin. What a slip still protects of its fighter, its own attack gives up. */
static void become_active(CamFighter *fighter, int clock) {
    set_state(fighter, CAM_STATE_ACTIVE);
    if (!(fighter->once & CAM_ONCE_SLIPPED)) return;
    fighter->once &= (uint8_t)~CAM_ONCE_SLIPPED;
    fighter->invulnerable_until = (int16_t)cam_min(fighter->invulnerable_until, clock);
}

/* Start the buffered press on the first tick on which it may. Returns 1 if it did. */
static int try_start(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const int button = fighter->buffered_button, is_reversed = has_effect(fighter, CAM_EFFECT_REVERSED);
    const int direction = is_reversed ? opposite_direction[fighter->buffered_direction] : fighter->buffered_direction;
    if (button == CAM_BUTTON_RELEASE) {
        if (fighter->state != CAM_STATE_HOLD) return 0;
        become_active(fighter, state->clock);
        return 1;
    }
    if (button == CAM_BUTTON_SLIP) {
        if (!can_slip(state, fighter, data, 0)) return 0;
        start_slip(state, tick, data, index);
        return 1;
    }
    int chained = button == CAM_BUTTON_ATTACK && can_chain(fighter, data) && can_cancel_now(fighter, data, CAM_CATEGORY_CHAIN);
    int move_index = move_of(fighter, data, button, direction, chained);
    if (move_index < 0) return 0;
    const CamMove *move = &data->moves[move_index];
    if (!can_afford(state, fighter, data, button, move)) return 0;
    int is_ready = chained || (is_free(fighter) && (fighter->z == 0 || move->flags & CAM_MOVE_AIR_OK)) ||
                   (!continues_chain(fighter, data, button) && can_cancel_now(fighter, data, move->category));
    if (!is_ready) return 0;
    int aims = move->aim >> direction & 1;
    start_move(state, tick, data, index, move_index, button, aims ? direction : 0);
    return 1;
}

/* ---- what a move does at a tick ---- */

static void teleport(CamState *state, const CamTick *tick, const CamData *data, int index, const CamOp *op) {
    CamFighter *fighter = &state->fighters[index];
    const CamRules *rules = &data->rules;
    int other = nearest_target(tick, state->num_fighters, fighter->side, fighter->x, fighter->y);
    if (op->a == CAM_TELEPORT_BEHIND && other >= 0) {
        int way = cam_sign(tick->x[other] - tick->x[index]);
        if (way == 0) way = fighter->facing;
        fighter->x = tick->x[other] + way * op->b;
        fighter->y = tick->y[other];
        fighter->facing = (int8_t)-way;
    } else if (op->a == CAM_TELEPORT_DIRECTION) {
        int dx = world_x(fighter, fighter->move_direction), dy = direction_y[fighter->move_direction];
        if (dx == 0 && dy == 0) dx = fighter->facing;
        fighter->x += dx * op->b;
        fighter->y += dy * op->b / 2;
    }
    fighter->x = cam_clamp(fighter->x, -rules->stage_half_x, rules->stage_half_x);
    fighter->y = cam_clamp(fighter->y, -rules->stage_half_y, rules->stage_half_y);
}

static inline void remove_entity(CamEntity *entity);   /* entities.c */

/* Into the form for so many ticks, or until left where ticks is 0; out of it if it is in. */
static void change_form(CamFighter *fighter, const CamData *data, int clock, int32_t ticks) {
    fighter->form = !fighter->form;
    fighter->form_until = (int16_t)(fighter->form && ticks ? clock + ticks : 0);
    if (!has_trait(fighter, data, CAM_TRAIT_STANCE_DANCER)) return;
    end_effects(fighter, CAM_BIT(CAM_EFFECT_SLOW) | CAM_BIT(CAM_EFFECT_TEMPO_DOWN) | CAM_BIT(CAM_EFFECT_ROOT));
    give_effect(fighter, data, clock, CAM_EFFECT_TEMPO_UP, data->rules.dancer_ticks, data->rules.dancer_power);
}

/* Go to the own marker of this type and take it up; without one, leave it here and have the button back after some ticks. */
static void use_marker(const CamState *state, CamTick *tick, CamFighter *fighter, int index, const CamOp *op) {
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        CamEntity *entity = &fighter->entities[k];
        if (entity->type != op->a) continue;
        fighter->x = entity->x;
        fighter->y = entity->y;
        remove_entity(entity);
        return;
    }
    queue_spawn(tick, fighter, index, op->a);
    fighter->cooldown_until[fighter->last_button] = (int16_t)(state->clock + op->b);
}

static void run_op(CamState *state, CamTick *tick, const CamData *data, int index, int op_index) {
    CamFighter *fighter = &state->fighters[index];
    const CamCharacter *character = &data->characters[fighter->character];
    const CamOp *op = &data->ops[op_index];
    switch (op->code) {
        case CAM_OP_SPAWN: queue_spawn(tick, fighter, index, op->a); break;                               /* a: entity type */
        case CAM_OP_BUFF_SELF: give_effect(fighter, data, state->clock, op->a, op->b, op->c); break;         /* a: effect */
        case CAM_OP_CLEANSE: end_effects(fighter, CAM_DEBUFFS & ~CAM_BIT(CAM_EFFECT_MARKED)); break;
        case CAM_OP_HEAL: heal(fighter, character, cam_milli(character->max_hp, op->a)); break;           /* a: milli of max HP */
        case CAM_OP_COST_HP: fighter->hp = cam_max(fighter->hp - cam_milli(character->max_hp, op->a), 1); break;
        case CAM_OP_GAIN_SPARK: gain_spark(fighter, character, op->a); break;                             /* a: milli quarters */
        case CAM_OP_TELEPORT: teleport(state, tick, data, index, op); break;                              /* a: place, b: su */
        case CAM_OP_SET_VELOCITY:                                                                         /* a: forward, b: up */
            fighter->slide = (int16_t)(op->a * fighter->facing);
            fighter->vz = op->b;
            break;
        case CAM_OP_COOLDOWN:                                                                             /* a: button, b: ticks off */
            fighter->cooldown_until[op->a] = (int16_t)cam_max(fighter->cooldown_until[op->a] - op->b, 0);
            break;
        case CAM_OP_FORM: change_form(fighter, data, state->clock, op->a); break;                         /* a: ticks */
        case CAM_OP_MARKER: use_marker(state, tick, fighter, index, op); break;                           /* a: entity type, b: ticks */
        default:                                                /* BUFF_TARGET, DISPEL, DRAIN_SPARK, PUSH: on the nearest opponent */
            if (tick->num_gifts < CAM_MAX_GIFTS) {
                int other = nearest_target(tick, state->num_fighters, fighter->side, fighter->x, fighter->y);
                if (other >= 0) tick->gifts[tick->num_gifts++] = (CamGift){(int8_t)index, (int8_t)other, (int16_t)op_index};
            }
    }
}

/* A slowed tick repeats a declared one: its ops run once. */
static CAM_APART void run_ops(CamState *state, CamTick *tick, const CamData *data, int index, int32_t from) {
    const CamFighter *fighter = &state->fighters[index];
    const CamMove *move = &data->moves[fighter->move];
    const int32_t to = declared_tick(fighter, move, fighter->move_tick + 1);
    for (int k = 0; k < move->num_ops; k++) {
        int at = data->ops[move->first_op + k].at;
        if (at >= from && at < to) run_op(state, tick, data, index, move->first_op + k);
    }
}

/* What ops do to an opponent, once all fighters have acted. Nobody who is invulnerable takes it. */
static void give_gifts(CamState *state, const CamTick *tick, const CamData *data) {
    for (int k = 0; k < tick->num_gifts; k++) {
        const CamOp *op = &data->ops[tick->gifts[k].op];
        CamFighter *target = &state->fighters[tick->gifts[k].to];
        if (state->clock < target->invulnerable_until) continue;
        if (op->code == CAM_OP_BUFF_TARGET) {
            afflict(target, data, state->clock, op->a, op->b, op->c);
        } else if (op->code == CAM_OP_DRAIN_SPARK) {
            gain_spark(target, &data->characters[target->character], -op->a);
        } else if (op->code == CAM_OP_DISPEL) {
            uint32_t buffs = target->effects & ~CAM_DEBUFFS;
            for (int n = 0; n < 2 && buffs; n++, buffs &= buffs - 1) end_effect(target, cam_lowest_bit(buffs));
        } else if (op->code == CAM_OP_PUSH) {                                                             /* a: su/tick away, b: su */
            const CamFighter *from = &state->fighters[tick->gifts[k].from];
            int32_t dx = target->x - from->x, dy = target->y - from->y;
            int stands = target->state != CAM_STATE_GRABBED && target->state != CAM_STATE_SLIP && target->state != CAM_STATE_KO;
            if (stands && !has_effect(target, CAM_EFFECT_UNSTOPPABLE) && cam_abs(dx) <= op->b && cam_abs(dy) <= op->b)
                target->slide = (int16_t)((dx ? cam_sign(dx) : from->facing) * op->a);
        }
    }
}

/* Velocity asked for by the move at this tick. */
static void steer(CamFighter *fighter, const CamMove *move, int32_t tick) {
    int along = fighter->facing;
    if (move->flags & CAM_MOVE_AIMED && fighter->move_direction) along = world_x(fighter, fighter->move_direction);
    int key = -1;
    for (int k = 0; k < CAM_NUM_KEYS && move->key_tick[k] >= 0 && move->key_tick[k] <= tick; k++) key = k;
    fighter->vx = key < 0 ? 0 : (int16_t)(move->key_vx[key] * along);
    if (key >= 0 && move->key_tick[key] == tick && move->key_vz[key]) fighter->vz = move->key_vz[key];
    int moves_in_depth = move->aim_vy && in_window(tick, 0, move->startup + move->active);
    int direction = move->flags & CAM_MOVE_STEER ? fighter->direction : fighter->move_direction;
    fighter->vy = moves_in_depth ? (int16_t)(move->aim_vy * direction_y[direction]) : 0;
}

/* Go one tick on in the move: phase, op-codes, velocity. */
static void advance_move(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const CamMove *move = &data->moves[fighter->move];
    const int32_t startup = scaled_startup(fighter, move);
    if (fighter->state == CAM_STATE_HOLD) {
        if (++fighter->hold_ticks < move->hold_max) { fighter->vx = fighter->vy = 0; return; }
        become_active(fighter, state->clock);
    } else if (fighter->move_tick == startup && fighter->state == CAM_STATE_STARTUP) {
        if (move->hold_max > 0) { set_state(fighter, CAM_STATE_HOLD); fighter->vx = fighter->vy = 0; return; }
        become_active(fighter, state->clock);
    }
    if (fighter->move_tick == startup + move->active) set_state(fighter, CAM_STATE_RECOVERY);
    const int32_t declared = declared_tick(fighter, move, fighter->move_tick);
    if (move->num_ops) run_ops(state, tick, data, index, declared);
    steer(fighter, move, declared);
}
