/* One tick, in the stages of the rules (mechanics 6.4). None lets the order of fighters matter: a mirrored match stays a
   mirror image to the last bit. What a fighter does by itself, it does stage after stage before the next fighter's turn;
   wherever one looks at another, it sees what was remembered of all before (CamTick), and all are done before the next
   stage. */

/* 1: a press is kept for buffer_ticks if it could start in that time, else it is illegal and counted. Between presses
   the direction stays as it was taken, so an illegal action does nothing for the whole of its step. */
static CAM_APART void read_inputs(CamState *state, const CamData *data, const int32_t *actions) {
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        int32_t action = actions[i];
        if (action == CAM_ACTION_HELD) continue;
        int is_known = action >= 0 && action < CAM_NUM_ACTIONS;
        int button = is_known ? action % CAM_NUM_BUTTONS : 0, direction = is_known ? action / CAM_NUM_BUTTONS : 0;
        if (action && !(is_known && can_take(state, fighter, data, button, direction))) {
            fighter->counts[CAM_COUNT_ILLEGAL]++;
            button = direction = 0;
        }
        fighter->direction = (uint8_t)direction;
        if (button) {
            fighter->buffered_button = (uint8_t)button;
            fighter->buffered_direction = (uint8_t)direction;
            fighter->buffer_ticks = (int8_t)data->rules.buffer_ticks;
        }
    }
}

static void rise(CamState *state, CamFighter *fighter, const CamData *data) {
    const CamCharacter *character = &data->characters[fighter->character];
    set_state(fighter, CAM_STATE_RISING);
    fighter->timer = (int16_t)cam_max(character->getup_ticks - 1, 0);   /* this tick is the first of rising */
    fighter->vx = fighter->vy = 0;
    fighter->invulnerable_until = (int16_t)(state->clock + character->getup_ticks + character->wake_ticks);
    fighter->once &= (uint8_t)~CAM_ONCE_SLIPPED;   /* this protection is not the slip's */
    fighter->protection = 0;
    fighter->is_red = 0;
}

static void end_combo(CamFighter *fighter) {
    fighter->combo_hits = fighter->air_hits = fighter->otg_hits = fighter->bounced = 0;
    fighter->combo_damage = 0;
}

/* Has it been free for long enough, since its last stun, for the next hit to be the first of another combo? */
static int is_combo_over(const CamState *state, const CamFighter *fighter, const CamRules *rules) {
    const int is_held = fighter->state >= CAM_STATE_HITSTUN && fighter->state <= CAM_STATE_BLOCKSTUN;
    return !is_held && state->clock >= fighter->grab_safe_until - rules->grab_safe_ticks + rules->combo_gap_ticks;
}

static void recover(CamState *state, CamFighter *fighter, const CamRules *rules) {
    fighter->grab_safe_until = (int16_t)(state->clock + rules->grab_safe_ticks);
    become_free(fighter);
}

/* Free again after rising or a slip; who slips by Riposte is already striking. */
static void reappear(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const int16_t reply = data->characters[fighter->character].slip_reply;
    const int slipped = fighter->state == CAM_STATE_SLIP;
    become_free(fighter);
    if (slipped && reply >= 0) start_move(state, tick, data, index, reply, CAM_BUTTON_NONE, 0);
}

/* Most fighters have none of these: a form that ends, heat, an echo. */
static CAM_APART void run_traits(CamFighter *fighter, const CamData *data, int clock) {
    if (fighter->form_until && fighter->form_until <= clock) fighter->form = 0, fighter->form_until = 0;
    if (fighter->gauge) fighter->gauge = (int16_t)cam_max(fighter->gauge - data->rules.heat_loss, 0);
    if (fighter->echo_at && fighter->echo_at <= clock) {
        const int32_t hp = fighter->echo_damage;
        fighter->echo_at = fighter->echo_damage = 0;
        lose_hp(fighter, data, clock, hp, CAM_SOURCE_SKILL);
    }
}

static CAM_INLINE void run_gauges(const CamState *state, CamFighter *fighter, const CamData *data, int gains_spark) {
    if (fighter->effects) expire_effects(fighter, state->clock);
    if (fighter->form_until | fighter->gauge | fighter->echo_at) run_traits(fighter, data, state->clock);
    if (gains_spark) gain_spark(fighter, &data->characters[fighter->character], CAM_SPARK_QUARTER);
}

static CAM_INLINE void run_state(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const CamRules *rules = &data->rules;
    fighter->state_ticks++;
    switch (fighter->state) {
        case CAM_STATE_NEUTRAL: case CAM_STATE_WALK:
            if (fighter->protection) fighter->protection = (int16_t)cam_max(fighter->protection - rules->protection_decay, 0);
            if (fighter->protection == 0) fighter->is_red = 0;
            break;
        case CAM_STATE_STARTUP: case CAM_STATE_ACTIVE: case CAM_STATE_RECOVERY:
            if (fighter->move_tick >= total_ticks(fighter, &data->moves[fighter->move]) &&
                (fighter->z == 0 || is_hovering(fighter, rules))) become_free(fighter);
            break;
        case CAM_STATE_HITSTUN:
            if (fighter->timer-- > 0) break;
            fighter->timer = 0;
            if (fighter->collapses) fall_down(fighter, rules);
            else recover(state, fighter, rules);
            break;
        case CAM_STATE_BLOCKSTUN: case CAM_STATE_FROZEN:
            if (fighter->timer-- <= 0) recover(state, fighter, rules);
            break;
        case CAM_STATE_KNOCKDOWN:
            if (fighter->timer-- > 0 && !(fighter->state_ticks > rules->quick_rise_ticks && fighter->direction)) break;
            rise(state, fighter, data);
            end_combo(fighter);
            break;
        case CAM_STATE_RISING: case CAM_STATE_SLIP:
            if (fighter->timer-- > 0) break;
            reappear(state, tick, data, index);
            break;
        default: break;
    }
    if (fighter->combo_hits && is_combo_over(state, fighter, rules)) end_combo(fighter);
}

/* 3: effects expire and gauges run; stuns, falls and moves that are over end. */
static CAM_INLINE void run_timers(CamState *state, CamTick *tick, const CamData *data, const int num_fighters) {
    const int gains_spark = state->clock > 0 && state->clock % data->rules.spark_period == 0;
    for (int i = 0; i < num_fighters; i++) {
        run_gauges(state, &state->fighters[i], data, gains_spark);
        if (!tick->is_frozen[i]) run_state(state, tick, data, i);
    }
}

/* 4: the buffered press starts on its first legal tick, or runs out. */
static void pick_command(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    if (!try_start(state, tick, data, index) && fighter->buffer_ticks-- > 0) return;
    fighter->buffered_button = fighter->buffered_direction = 0;
    fighter->buffer_ticks = 0;
}

/* +1, -1 or 0: where the direction held leads along the stage. */
static int held_x(const CamFighter *fighter) {
    int x = world_x(fighter, fighter->direction);
    return has_effect(fighter, CAM_EFFECT_REVERSED) ? -x : x;
}

/* Who has nobody to look at turns where it walks. */
static CAM_INLINE void face_opponent(const CamTick *tick, CamFighter *fighter, const int num_fighters) {
    int other = nearest_target(tick, num_fighters, fighter->side, fighter->x, fighter->y);
    int way = other < 0 ? held_x(fighter) : cam_sign(tick->x[other] - fighter->x);
    if (way) fighter->facing = (int8_t)way;
}

/* 5: a fighter goes on with what it does. */
static CAM_INLINE void act(CamState *state, CamTick *tick, const CamData *data, int index, const int num_fighters) {
    CamFighter *fighter = &state->fighters[index];
    if (is_free(fighter)) face_opponent(tick, fighter, num_fighters);
    if (!in_move(fighter)) return;
    if (fighter->state == CAM_STATE_STARTUP && (fighter->move_tick == 0 || data->moves[fighter->move].flags & CAM_MOVE_TURN))
        face_opponent(tick, fighter, num_fighters);
    advance_move(state, tick, data, index);
}

static CAM_INLINE void walk(CamFighter *fighter, const CamCharacter *character, const CamRules *rules) {
    const int32_t factor = walk_factor(fighter);
    int dx = held_x(fighter), dy = direction_y[fighter->direction] * (has_effect(fighter, CAM_EFFECT_REVERSED) ? -1 : 1);
    const int32_t walk_y = character->traits & CAM_TRAIT_DEPTH_DANCER ? cam_milli(character->walk_y, rules->depth_walk) : character->walk_y;
    const int32_t vx = dx * cam_milli(character->walk_x, factor), vy = dy * cam_milli(walk_y, factor);
    if (fighter->vx != vx) fighter->vx = (int16_t)cam_approach(fighter->vx, vx, character->walk_x / (character->accel_ticks + 1) + 1);
    if (fighter->vy != vy) fighter->vy = (int16_t)cam_approach(fighter->vy, vy, walk_y / (character->accel_ticks + 1) + 1);
    int state = fighter->vx || fighter->vy ? CAM_STATE_WALK : CAM_STATE_NEUTRAL;
    if (state != fighter->state) set_state(fighter, state);
}

static int32_t fall_speed(const CamFighter *fighter, const CamData *data) {
    const CamRules *rules = &data->rules;
    int32_t gravity = rules->gravity;
    if (fighter->state == CAM_STATE_LAUNCHED || fighter->state == CAM_STATE_WALLBOUNCE) {
        if (fighter->air_hits >= 2) gravity = cam_milli(gravity, data->characters[fighter->character].weight);
        gravity = gravity * (rules->protection_gravity + fighter->protection) / rules->protection_gravity;
    }
    if (has_trait(fighter, data, CAM_TRAIT_FEATHER)) gravity = cam_milli(gravity, rules->feather_gravity);
    if (is_hovering(fighter, rules)) return fighter->z >= rules->hover_height ? cam_min(fighter->vz, 0) : cam_approach(fighter->vz, 0, gravity);
    gravity = cam_milli(gravity, gravity_factor(fighter));
    return cam_max(fighter->vz - gravity, -rules->terminal_speed);
}

/* 6: velocities. */
static CAM_INLINE void set_velocity(CamFighter *fighter, const CamData *data) {
    if (is_free(fighter)) walk(fighter, &data->characters[fighter->character], &data->rules);
    else if (!in_move(fighter) && fighter->z == 0 && (fighter->vx || fighter->vy)) {
        fighter->vx = (int16_t)cam_approach(fighter->vx, 0, data->rules.friction);
        fighter->vy = (int16_t)cam_approach(fighter->vy, 0, data->rules.friction);
    }
    if (fighter->z > 0) fighter->vz = (int16_t)fall_speed(fighter, data);
}

static void land(CamState *state, CamFighter *fighter, const CamData *data) {
    const CamRules *rules = &data->rules;
    int32_t speed = -fighter->vz;
    fighter->z = 0;
    fighter->vz = 0;
    if (fighter->state != CAM_STATE_LAUNCHED && fighter->state != CAM_STATE_WALLBOUNCE) return;
    if (fighter->bounces & 2 && !(fighter->bounced & 2) && !fighter->is_red) {
        fighter->bounced |= 2;
        fighter->bounces = 0;
        fighter->z = 1;
        fighter->vz = (int16_t)cam_clamp(speed, 240, 360);
        return;
    }
    fall_down(fighter, rules);
    if (fighter->is_red) fighter->invulnerable_until = (int16_t)(state->clock + rules->lie_ticks + 1);
    fighter->once &= (uint8_t)~CAM_ONCE_SLIPPED;
}

static void meet_wall(CamFighter *fighter) {
    if (fighter->state != CAM_STATE_LAUNCHED || !(fighter->bounces & 1) || fighter->bounced & 1) return;
    fighter->bounced |= 1;
    fighter->bounces = 0;
    set_state(fighter, CAM_STATE_WALLBOUNCE);
    fighter->vx = (int16_t)(-fighter->vx / 3);
    fighter->vz = (int16_t)cam_max(fighter->vz, 260);
}

static CAM_INLINE void clamp_to_stage(CamFighter *fighter, const CamRules *rules) {
    if (cam_abs(fighter->x) <= rules->stage_half_x && cam_abs(fighter->y) <= rules->stage_half_y) return;
    fighter->x = cam_clamp(fighter->x, -rules->stage_half_x, rules->stage_half_x);
    fighter->y = cam_clamp(fighter->y, -rules->stage_half_y, rules->stage_half_y);
}

/* Wall entities stop the other side's walking. Reads the walls, moves one fighter: order does not matter. */
static void stop_at_walls(const CamState *state, const CamTick *tick, CamFighter *fighter, const CamData *data) {
    const CamTeam team = team_of(state, 1 - fighter->side);
    for (int i = team.from; i < team.to; i++)
        for (uint32_t rest = tick->live[i]; rest; rest &= rest - 1) {
            const CamEntity *entity = &state->fighters[i].entities[cam_lowest_bit(rest)];
            if (entity->type < 0) continue;
            const CamEntityType *type = &data->entity_types[entity->type];
            if (type->kind != CAM_ENTITY_WALL || fighter->z > type->body_height) continue;
            int32_t dx = fighter->x - entity->x, gap = type->radius + data->rules.push_x;
            if (cam_abs(fighter->y - entity->y) > 2 * type->radius || cam_abs(dx) >= gap) continue;
            int way = cam_sign(dx) ? cam_sign(dx) : -fighter->facing;
            fighter->x = entity->x + way * gap;
        }
}

/* x by which two push bodies overlap, 0 if they do not. */
static CAM_INLINE int32_t push_overlap(const CamFighter *one, const CamFighter *two, const CamRules *rules) {
    const int32_t dx = cam_abs(one->x - two->x), width = 2 * rules->push_x;
    if (dx >= width) return 0;
    const int32_t dy = cam_abs(one->y - two->y), depth = 2 * rules->push_y;
    if (dy >= depth || cam_abs(one->z - two->z) > rules->push_z) return 0;
    int32_t part = dy * 1000 / depth;
    return cam_max(width * cam_isqrt(1000000 - part * part) / 1000 - dx, 0);
}

/* Overlapping bodies part by half each; what a wall refuses to one, the other takes. */
static void part_pair(const CamFighter *one, const CamFighter *two, const CamRules *rules, int32_t overlap, int way,
                      int32_t *shift_one, int32_t *shift_two) {
    int32_t half = (overlap + 1) / 2;
    int32_t room_one = way > 0 ? rules->stage_half_x + one->x : rules->stage_half_x - one->x;   /* one goes against way */
    int32_t room_two = way > 0 ? rules->stage_half_x - two->x : rules->stage_half_x + two->x;
    int32_t by_one = cam_min(half, room_one), by_two = cam_min(half, room_two);
    int32_t rest_one = half - by_two, rest_two = half - by_one;
    *shift_one -= way * cam_min(by_one + rest_one, room_one);
    *shift_two += way * cam_min(by_two + rest_two, room_two);
}

/* 7: to where the velocities lead, or to a wall. */
static CAM_INLINE void move_fighter(CamState *state, const CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const CamRules *rules = &data->rules;
    if (fighter->state == CAM_STATE_SLIP || fighter->state == CAM_STATE_GRABBED) return;
    int32_t x = fighter->x + fighter->vx + fighter->slide;
    if (fighter->slide) fighter->slide = (int16_t)cam_approach(fighter->slide, 0, rules->friction);
    fighter->x = x;
    fighter->y += fighter->vy;
    int lands = 0;
    if (fighter->z || fighter->vz) {
        int was_up = fighter->z > 0 || fighter->vz > 0;
        fighter->z = cam_clamp(fighter->z + fighter->vz, 0, 32000);
        lands = was_up && fighter->z == 0;
    }
    if (cam_abs(x) > rules->stage_half_x) meet_wall(fighter);
    clamp_to_stage(fighter, rules);
    if (lands) land(state, fighter, data);
    if (tick->has_walls) stop_at_walls(state, tick, fighter, data);
}

/* 4-7, of which none looks at what another fighter does in them. */
static CAM_INLINE void act_and_move(CamState *state, CamTick *tick, const CamData *data, const int num_fighters) {
    for (int i = 0; i < num_fighters; i++) {
        if (tick->is_frozen[i]) continue;
        if (state->fighters[i].buffered_button) pick_command(state, tick, data, i);
        act(state, tick, data, i, num_fighters);
        set_velocity(&state->fighters[i], data);
        move_fighter(state, tick, data, i);
    }
}

static void follow_grabber(CamState *state, CamFighter *fighter, const CamRules *rules) {
    const CamFighter *grabber = &state->fighters[fighter->grabbed_by];
    fighter->x = grabber->x + grabber->facing * rules->grab_distance;
    fighter->y = grabber->y;
    fighter->z = grabber->z;
    fighter->facing = (int8_t)-grabber->facing;
}

/* 7: push bodies part, all pairs looked at before anybody moves; then a held fighter follows its grabber. */
static CAM_INLINE void part_bodies(CamState *state, const CamTick *tick, const CamData *data, const int num_fighters) {
    int32_t shift[CAM_MAX_FIGHTERS] = {0};
    const int first = num_fighters == 2 ? 1 : tick->teams[1].from;   /* of side 1 */
    for (int i = 0; i < first; i++)
        for (int j = first; j < num_fighters; j++) {
            const CamFighter *one = &state->fighters[i], *two = &state->fighters[j];
            int32_t overlap = push_overlap(one, two, &data->rules);
            if (overlap == 0 || !has_push_body(one, data) || !has_push_body(two, data)) continue;
            int way = cam_sign(two->x - one->x);
            way = way ? way : 1;   /* at the same x, side 0 goes left as at the start */
            part_pair(one, two, &data->rules, overlap, way, &shift[i], &shift[j]);
        }
    for (int i = 0; i < num_fighters; i++) {
        state->fighters[i].x += shift[i];
        clamp_to_stage(&state->fighters[i], &data->rules);   /* a wall may have pushed it off */
    }
    for (int i = 0; i < num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        if (fighter->grabbed_by < 0) continue;
        follow_grabber(state, fighter, &data->rules);
        clamp_to_stage(fighter, &data->rules);
    }
}

/* Where all stand and who can be aimed at, for stages that look at others. */
static CAM_INLINE void remember_places(const CamState *state, CamTick *tick, const int num_fighters) {
    for (int i = 0; i < num_fighters; i++) {
        const CamFighter *fighter = &state->fighters[i];
        tick->x[i] = fighter->x;
        tick->y[i] = fighter->y;
        tick->facing[i] = fighter->facing;
        tick->is_target[i] = fighter->state != CAM_STATE_KO && !(fighter->effects & CAM_BIT(CAM_EFFECT_VEIL));
    }
}

/* 9-11: hits are gathered and judged from one snapshot, then applied. */
static CAM_INLINE void resolve_hits(CamState *state, CamTick *tick, const CamData *data, const int num_fighters) {
    for (int i = 0; i < num_fighters; i++) {
        if (!tick->is_frozen[i] && state->fighters[i].state == CAM_STATE_ACTIVE) gather_body(state, tick, data, i);
        if (tick->has_entities && tick->strikers[i]) gather_entities(state, tick, data, i);
    }
    if (tick->num_contacts) {
        remember_places(state, tick, num_fighters);
        judge_contacts(state, tick, data);
        apply_contacts(state, tick, data);
    }
    if (tick->num_gifts) give_gifts(state, tick, data);
    check_grabs(state, &data->rules, num_fighters);
    for (int i = 0; i < num_fighters; i++)
        if (state->fighters[i].effects) apply_effects(&state->fighters[i], data, state->clock);
}

/* Parts per million of the HP that the fighters of a team have left, summed. */
static int64_t health_left(const CamState *state, const CamData *data, CamTeam team) {
    int64_t left = 0;
    for (int i = team.from; i < team.to; i++)
        left += (int64_t)state->fighters[i].hp * 1000000 / data->characters[state->fighters[i].character].max_hp;
    return left;
}

static void knock_out(CamState *state) {
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        if (fighter->hp > 0 || fighter->state == CAM_STATE_KO) continue;
        release_grab(state, i);
        end_move(fighter);
        end_effects(fighter, ~0u);
        fighter->grabbing = -1;
        fighter->vx = fighter->vy = 0;
        set_state(fighter, CAM_STATE_KO);
    }
}

/* 13: knock-outs and the timer. A side without a standing fighter has lost; both at once is a draw. When time is up, the
   larger mean of what a side's fighters have left wins: numbers alone do not. */
static void decide(CamState *state, const CamData *data) {
    int stands[CAM_NUM_SIDES] = {0, 0};
    knock_out(state);
    for (int i = 0; i < state->num_fighters; i++) stands[state->fighters[i].side] |= state->fighters[i].state != CAM_STATE_KO;
    if (stands[0] && stands[1]) {
        if (state->tick < state->max_ticks) return;
        const CamTeam teams[CAM_NUM_SIDES] = {team_of(state, 0), team_of(state, 1)};
        const int64_t sizes[CAM_NUM_SIDES] = {teams[0].to - teams[0].from, teams[1].to - teams[1].from};
        int64_t one = health_left(state, data, teams[0]) * sizes[1], two = health_left(state, data, teams[1]) * sizes[0];
        int64_t lead = one > two ? one - two : two - one;
        int is_close = lead * 1000 <= (int64_t)data->rules.draw_margin * 1000000 * sizes[0] * sizes[1];
        state->winner = is_close ? CAM_WINNER_DRAW : one > two ? 0 : 1;
    } else {
        state->winner = stands[0] ? 0 : stands[1] ? 1 : CAM_WINNER_DRAW;
    }
    state->is_over = 1;
}

static int any_wall(const CamState *state, const CamTick *tick, const CamData *data) {
    for (int i = 0; i < state->num_fighters; i++)
        for (uint32_t rest = tick->live[i]; rest; rest &= rest - 1)
            if (data->entity_types[state->fighters[i].entities[cam_lowest_bit(rest)].type].kind == CAM_ENTITY_WALL) return 1;
    return 0;
}

static CAM_INLINE void begin_tick(const CamState *state, CamTick *tick, const CamData *data, const int num_fighters) {
    tick->freeze = tick->num_spawns = tick->num_gifts = tick->num_contacts = 0;
    tick->has_entities = 0;
    for (int side = 0; num_fighters > 2 && side < CAM_NUM_SIDES; side++) tick->teams[side] = team_of(state, side);
    for (int i = 0; i < num_fighters; i++) {
        tick->is_frozen[i] = state->fighters[i].hitstop > 0;
        tick->live[i] = live_entities(&state->fighters[i]);
        tick->has_entities |= tick->live[i];
    }
    tick->has_walls = tick->has_entities && any_wall(state, tick, data);
}

/* Every fighter's own clock goes on; returns whether all of them stand. */
static CAM_INLINE int end_tick(CamState *state, const CamTick *tick, const int num_fighters) {
    int stand = 1;
    for (int i = 0; i < num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        if (tick->is_frozen[i]) fighter->hitstop--;
        else if (in_move(fighter) && fighter->state != CAM_STATE_HOLD) fighter->move_tick++;
        stand &= fighter->hp > 0 && fighter->state != CAM_STATE_KO;
    }
    state->freeze = (int16_t)tick->freeze;
    state->clock++;
    return stand;
}

static CAM_INLINE void run_tick(CamState *state, const CamData *data, const int num_fighters) {
    CamTick tick;
    begin_tick(state, &tick, data, num_fighters);
    run_timers(state, &tick, data, num_fighters);
    remember_places(state, &tick, num_fighters);
    act_and_move(state, &tick, data, num_fighters);
    part_bodies(state, &tick, data, num_fighters);
    if (tick.has_entities) {
        remember_places(state, &tick, num_fighters);
        move_entities(state, &tick, data);
        clash_entities(state, &tick, data);
    }
    resolve_hits(state, &tick, data, num_fighters);
    if (tick.num_spawns) spawn_entities(state, &tick, data);
    const int all_stand = end_tick(state, &tick, num_fighters);
    if (!all_stand || state->tick >= state->max_ticks) decide(state, data);
}

/* A duel's tick is compiled apart from a squad's: the compiler then knows how many fighters there are. */
static void run_duel_tick(CamState *state, const CamData *data) { run_tick(state, data, 2); }
static void run_squad_tick(CamState *state, const CamData *data) { run_tick(state, data, state->num_fighters); }

void cam_step(CamState *state, const CamData *data, const int32_t *actions, int press) {
    if (state->is_over) return;
    if (press) read_inputs(state, data, actions);
    state->tick++;
    if (state->freeze > 0) {
        state->freeze--;
        decide(state, data);
    } else if (state->num_fighters == 2) {
        run_duel_tick(state, data);
    } else {
        run_squad_tick(state, data);
    }
}
