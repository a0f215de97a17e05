/* The scripted players, in the words of bots_words.c. */

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

/* The k-th lowest of the set bits. */
static int pick_bit(uint32_t bits, int k) {
    for (; k > 0; k--) bits &= bits - 1;
    return cam_lowest_bit(bits);
}

/* The moment missed: a step to somewhere instead. */
static int32_t err(const CamBotView *view) {
    const uint32_t directions = cam_legal_directions(view->state, view->data, view->fighter, CAM_BUTTON_NONE);
    return pick_bit(directions, cam_random_below(&view->bot->rng, cam_count_bits(directions))) * CAM_NUM_BUTTONS;
}

/* Has a charge been held for long enough, and would it hit? The better the bot, the nearer to two thirds. */
static int lets_go(const CamBotView *view) {
    const CamMove *move = &view->data->moves[view->own->move];
    return view->own->hold_ticks >= cam_max(move->hold_max * (view->level + 1) / 9, 6) && hurts(&view->data->uses[view->own->move]) &&
           reaches(view, &view->data->uses[view->own->move]);
}

/* What every scripted player does first: go on with a combo, or slip out of one. */
static int32_t in_combo(const CamBotView *view) {
    int32_t action = follow_up(view);
    if (action < 0) action = escape(view);
    return action < 0 ? hesitate(view) : action;
}

/* walks up and presses what reaches */
static int32_t act_masher(const CamBotView *view) {
    const int32_t action = in_combo(view);
    return action < 0 ? press_on(view) : action;
}

/* Just out of the opponent's lane and reach. */
static int32_t circle(const CamBotView *view) {
    const int32_t beside = cam_abs(view->gap_y);
    const int dx = view->gap_x > 2 * CAM_BOT_TOUCH ? view->toward : view->gap_x < CAM_BOT_TOUCH && room_behind(view) > 400 ? -view->toward : 0;
    return walk_to(view, dx, beside < 600 ? way_out(view, view->gap_y) : beside > 900 ? cam_sign(view->gap_y) : 0);
}

static int is_opponent_neutral(const CamBotView *view) {
    return view->seen->state <= CAM_STATE_WALK && view->seen->invulnerable_until <= view->state->clock;
}

/* Is keeping away of no use just now? */
static int should_press(const CamBotView *view) { return must_push(view) || is_harmless(view); }

/* circles in depth at the edge of the opponent's reach; steps in when it recovers or is stunned, and now and then */
static int32_t act_walker(const CamBotView *view) {
    int32_t action = in_combo(view);
    if (action < 0) action = prepare(view);
    if (action < 0) action = dodge(view);
    if (action >= 0) return action;
    return is_opponent_neutral(view) && !should_press(view) && !chance(view->bot, 16 + 6 * view->level) ? circle(view) : spar(view);
}

/* Would a zoner rather be near? When it is behind, or there is nothing to sit on and time runs, distance serves the other;
   the better the bot, the sooner it sees that. */
static int wants_contact(const CamBotView *view) {
    const int32_t lead = lead_in_health(view), time = ticks_left(view) * 10 / cam_max(view->state->max_ticks, 1);
    return lead < -20 ? time <= 6 + view->level : lead < 20 && time <= 3 + 7 * view->level / 5;
}

/* keeps its distance, lines up in depth, throws what flies; closes in when distance does not pay, strikes when cornered */
static int32_t act_zoner(const CamBotView *view) {
    int32_t action = in_combo(view);
    if (action < 0 && should_press(view)) return spar(view);
    if (action < 0) action = prepare(view);
    if (action < 0) action = dodge(view);
    if (action < 0 && view->gap_x > 2 * CAM_BOT_TOUCH) action = shoot(view);
    if (action >= 0) return action;
    if (wants_contact(view)) return spar(view);
    const int32_t room = room_behind(view);
    if (view->gap_x < 2 * CAM_BOT_TOUCH && (room < 600 || fits(view, CAM_BUTTON_ATTACK))) {
        action = strike(view);
        if (action >= 0) return action;
    }
    if (view->gap_x < 4 * CAM_BOT_TOUCH && room > 400) return walk_to(view, -view->toward, cam_abs(view->gap_y) > 250 ? cam_sign(view->gap_y) : 0);
    if (view->gap_x > 6 * CAM_BOT_TOUCH) return approach(view);
    return walk_to(view, 0, cam_abs(view->gap_y) > 150 ? cam_sign(view->gap_y) : 0);
}

static int32_t act_punisher(const CamBotView *view) {
    int32_t action = in_combo(view);
    return action < 0 ? spar(view) : action;
}

static int can_opponent_slip(const CamBotView *view) {
    return view->seen->ready >> CAM_BUTTON_SLIP & 1 && view->seen->spark >= view->data->characters[view->other->character].slip_cost;
}

/* Is the own chain at the link before the one that would bind the bot: the last, or one that lifts? */
static int is_before_commitment(const CamBotView *view) {
    if (!can_chain(view->own, view->data) || view->own->contact != CAM_CONTACT_HIT) return 0;
    const CamMove *next = &view->data->moves[view->data->moves[view->own->move].next[0]];
    return next->next[0] < 0 || lifts(last_hit(view, next));
}

/* The faster of the skills that strike, whether it is ready or not; 0 if neither does. */
static int fast_skill(const CamBotView *view) {
    const int one = use_of(view, CAM_BUTTON_SKILL1)->kind == CAM_USE_STRIKE, two = use_of(view, CAM_BUTTON_SKILL2)->kind == CAM_USE_STRIKE;
    if (!one || !two) return one ? CAM_BUTTON_SKILL1 : two ? CAM_BUTTON_SKILL2 : 0;
    return startup_of(view, CAM_BUTTON_SKILL1) <= startup_of(view, CAM_BUTTON_SKILL2) ? CAM_BUTTON_SKILL1 : CAM_BUTTON_SKILL2;
}

/* As a punisher, but rather out of reach while the opponent stands ready: percent of the time. */
static int32_t play_patiently(const CamBotView *view, int percent) {
    int32_t action = in_combo(view);
    if (action < 0 && is_opponent_neutral(view) && !should_press(view) && chance(view->bot, percent)) {
        action = dodge(view);
        if (action < 0) action = prepare(view);
        return action < 0 ? circle(view) : action;
    }
    return action < 0 ? spar(view) : action;
}

/* Shows light strings while the opponent can slip, and stops short of the link that would bind it, for the slip to come to
   nothing; waits out its invulnerability, and commits everything while the slip recovers. */
static int32_t act_baiter(const CamBotView *view) {
    CamBotView plan = *view;
    if (can_opponent_slip(view) && ticks_left(view) > 300) {
        plan.spend = 1u << CAM_BUTTON_ATTACK | CAM_SPEND_SKILLS | 1u << CAM_BUTTON_TRAIT;
        if (in_move(view->own) && view->own->contact == CAM_CONTACT_HIT) plan.spend &= ~CAM_SPEND_SKILLS;
        if (is_before_commitment(view) && chance(view->bot, 15 * view->level)) return 0;
        return play_patiently(&plan, 45);
    }
    return act_punisher(&plan);
}

/* Skills off their cooldown: those of the opponent as seen, and its own. */
static int ready_skills(uint32_t ready) { return cam_count_bits(ready & CAM_SPEND_SKILLS); }

/* Is the opponent better armed just now? */
static int is_outgunned(const CamBotView *view) { return ready_skills(view->seen->ready) > ready_skills(ready_buttons(view->own, view->state->clock)); }

/* Keeps ultimate and companions for the time after an enemy slip or a skill that missed, and its faster skill for where
   the slip ends; stays out of reach while the opponent has more skills ready. */
static int32_t act_planner(const CamBotView *view) {
    CamBotView plan = *view;
    const int fast = fast_skill(view);
    const int32_t untouchable = view->seen->invulnerable_until - view->state->clock;
    const int can_slip_now = can_opponent_slip(view);
    const int has_missed = view->seen->state == CAM_STATE_RECOVERY && view->seen->move >= 0 &&
                           view->data->moves[view->seen->move].category & (CAM_CATEGORY_SKILL | CAM_CATEGORY_ULTIMATE);
    if (can_slip_now && !has_missed && ticks_left(view) > 300) {
        plan.spend &= ~(1u << CAM_BUTTON_ULTIMATE | CAM_SPEND_COMPANIONS);
        if (fast) plan.spend &= ~(1u << fast);
    }
    if (fast && untouchable > 0 && untouchable <= startup_of(view, fast) + 1 && would_press(&plan, fast)) return press(&plan, fast);
    return play_patiently(&plan, is_outgunned(view) ? 60 : 0);
}

/* walks away, and along the wall */
static int32_t act_runner(const CamBotView *view) {
    const int dx = room_behind(view) > 400 ? -view->toward : 0;
    return walk_to(view, dx, dx ? 0 : way_out(view, view->gap_y));
}

static int32_t play_as(int kind, const CamBotView *view) {
    switch (kind) {
        case CAM_BOT_IDLE: return 0;
        case CAM_BOT_MASHER: return act_masher(view);
        case CAM_BOT_WALKER: return act_walker(view);
        case CAM_BOT_ZONER: return act_zoner(view);
        case CAM_BOT_BAITER: return act_baiter(view);
        case CAM_BOT_PLANNER: return act_planner(view);
        case CAM_BOT_RUNNER: return act_runner(view);
        default: return act_punisher(view);
    }
}

/* Plays its script by the match's timer, from the start again when it is through; what is illegal is left out. */
static int32_t act_by_script(const CamBot *bot, const CamState *state, const CamData *data, int index) {
    const CamScript *script = &bot->script;
    const int count = cam_min(script->length, CAM_SCRIPT_LENGTH);
    int32_t total = 0, at;
    for (int k = 0; k < count; k++) total += script->ticks[k];
    if (total == 0) return 0;
    at = state->tick % total;
    for (int k = 0; k < count; at -= script->ticks[k++]) {
        if (at >= script->ticks[k]) continue;
        const int button = cam_legal_buttons(state, data, index) >> (script->button[k] % CAM_NUM_BUTTONS) & 1 ? script->button[k] % CAM_NUM_BUTTONS : 0;
        const int direction = script->direction[k] % CAM_NUM_DIRECTIONS;
        const uint32_t legal = cam_legal_directions(state, data, index, button);
        return (legal >> direction & 1 ? direction * CAM_NUM_BUTTONS : 0) + button;
    }
    return 0;
}

/* Half walking, half buttons, a press or a walk of 0.1 to 0.8 s each. */
static CamScript draw_script(uint64_t *rng) {
    CamScript script = {0};
    script.length = CAM_SCRIPT_LENGTH;
    for (int k = 0; k < CAM_SCRIPT_LENGTH; k++) {
        script.direction[k] = (uint8_t)cam_random_below(rng, CAM_NUM_DIRECTIONS);
        script.button[k] = (uint8_t)(cam_random_below(rng, 2) ? cam_random_below(rng, CAM_NUM_BUTTONS) : 0);
        script.ticks[k] = (uint8_t)(3 + cam_random_below(rng, 22));
    }
    return script;
}
