/* What bots do, in the words of bots_words.c: go on with a combo, strike, step out of the way, parry, punish. Each act
   returns an action, or -1 where it has none. */

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
/* Who has the same chain has the same character, or a copy of it. */
static int is_mirror(const CamBotView *view) {
    const CamCharacter *characters = view->data->characters;
    return characters[view->own->character].moves[CAM_BUTTON_ATTACK] == characters[view->other->character].moves[CAM_BUTTON_ATTACK];
}

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

/* The button of the cheapest parry that is ready, 0 if there is none. */
static int parry_button(const CamBotView *view) {
    int cheapest = 0, least = INT32_MAX;
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++) {
        const int index = button == CAM_BUTTON_SLIP || !is_ready(view, button) ? -1 : move_of(view->own, view->data, button, 0, 0);
        if (index < 0) continue;
        const CamMove *move = &view->data->moves[index];
        const int price = move->spark_cost + move->cooldown;
        if (move->parry_to <= move->parry_from || price >= least) continue;
        least = price;
        cheapest = button;
    }
    return cheapest;
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
