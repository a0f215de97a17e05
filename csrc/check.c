/* What must hold of a state and of the compiled roster. The tick trusts both, so nothing unsound may get in. */

#define CAM_REQUIRE(condition, sentence) do { if (!(condition)) return sentence; } while (0)

static int is_on_stage(int32_t x, int32_t y, const CamRules *rules) {
    return x >= -rules->stage_half_x && x <= rules->stage_half_x && y >= -rules->stage_half_y && y <= rules->stage_half_y;
}

/* Counters of 16 bits: may it still count up to the end of the longest match? */
static int can_count(int32_t count, const CamState *state) { return count >= 0 && count <= state->tick + INT16_MAX - CAM_MAX_TICKS; }

static int is_zero(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    for (size_t k = 0; k < size; k++)
        if (at[k]) return 0;
    return 1;
}

static const char *check_entity(const CamEntity *entity, const CamState *state, const CamData *data) {
    if (entity->type == -1) return NULL;
    CAM_REQUIRE(entity->type >= 0 && entity->type < data->num_entity_types, "an entity's type is not in the roster");
    CAM_REQUIRE(entity->facing == 1 || entity->facing == -1, "an entity's facing is neither +1 nor -1");
    CAM_REQUIRE(entity->side == 0 || entity->side == 1, "an entity's side is neither 0 nor 1");
    CAM_REQUIRE(is_on_stage(entity->x, entity->y, &data->rules), "an entity is off the stage");
    CAM_REQUIRE(entity->ttl >= 0 && can_count(entity->age, state), "an entity's clock is out of range");
    CAM_REQUIRE(entity->phase >= 0 && entity->phase < 256, "an entity's phase is outside 0..255");
    return NULL;
}

/* Is this nobody, or a fighter of the other side? */
static int is_foe(int other, const CamFighter *fighter, const CamState *state) {
    return other == -1 || (other >= 0 && other < state->num_fighters && state->fighters[other].side != fighter->side);
}

static const char *check_fighter(const CamFighter *fighter, const CamState *state, const CamData *data) {
    const CamRules *rules = &data->rules;
    const int32_t max_hp = fighter->character >= 0 && fighter->character < data->num_characters ? data->characters[fighter->character].max_hp : 0;
    CAM_REQUIRE(fighter->character >= 0 && fighter->character < data->num_characters, "a fighter's character is not in the roster");
    CAM_REQUIRE(fighter->scroll >= 0 && fighter->scroll < data->num_scrolls, "a fighter's scroll is not in the roster");
    for (int k = 0; k < CAM_NUM_COMPANIONS; k++)
        CAM_REQUIRE(fighter->companions[k] >= -1 && fighter->companions[k] < data->num_companions, "a companion is not in the roster");
    CAM_REQUIRE(fighter->hp >= 0 && fighter->hp <= max_hp && fighter->step_hp >= 0 && fighter->step_hp <= max_hp, "HP is outside 0..max_hp");
    CAM_REQUIRE(fighter->spark >= 0 && fighter->spark <= CAM_SPARK_MAX && fighter->step_spark >= 0 && fighter->step_spark <= CAM_SPARK_MAX,
                "sparks are outside 0..CAM_SPARK_MAX");
    CAM_REQUIRE(fighter->combo_damage >= 0 && fighter->combo_damage < 1 << 30, "the damage of a combo is out of range");
    CAM_REQUIRE(is_on_stage(fighter->x, fighter->y, rules), "a fighter is off the stage");
    CAM_REQUIRE(fighter->z >= 0 && fighter->z < 32768, "a fighter's height is outside 0..32767");
    CAM_REQUIRE(fighter->state < CAM_NUM_STATES, "a fighter's state is unknown");
    CAM_REQUIRE(fighter->facing == 1 || fighter->facing == -1, "a fighter's facing is neither +1 nor -1");
    CAM_REQUIRE(fighter->side == 0 || fighter->side == 1, "a fighter's side is neither 0 nor 1");
    CAM_REQUIRE(fighter->move >= -1 && fighter->move < data->num_moves, "a move is not in the roster");
    CAM_REQUIRE(fighter->last_move >= -1 && fighter->last_move < data->num_moves, "a last move is not in the roster");
    CAM_REQUIRE((fighter->move >= 0) == (fighter->state >= CAM_STATE_STARTUP && fighter->state <= CAM_STATE_HOLD), "move and state disagree");
    CAM_REQUIRE(fighter->timer >= 0 && fighter->hitstop >= 0 && fighter->buffer_ticks >= 0, "a timer is negative");
    CAM_REQUIRE(can_count(fighter->move_tick, state) && can_count(fighter->state_ticks, state) && can_count(fighter->hold_ticks, state),
                "a fighter's clock is out of range");
    CAM_REQUIRE(fighter->contact <= CAM_CONTACT_GUARD && fighter->mark <= CAM_MARK_DEATHWARD, "a contact or a mark is unknown");
    CAM_REQUIRE(fighter->form <= 1 && fighter->once <= 7, "a form or a mark of what was had once is unknown");
    CAM_REQUIRE(fighter->gauge >= 0 && fighter->gauge <= 1000 && fighter->echo_damage >= 0, "a gauge or an echo is outside its range");
    CAM_REQUIRE(fighter->protection >= 0 && fighter->protection <= rules->protection_max, "the protection gauge is outside its range");
    CAM_REQUIRE(fighter->direction < CAM_NUM_DIRECTIONS && fighter->buffered_direction < CAM_NUM_DIRECTIONS &&
                fighter->move_direction < CAM_NUM_DIRECTIONS, "a direction is unknown");
    CAM_REQUIRE(fighter->buffered_button < CAM_NUM_BUTTONS && fighter->last_button < CAM_NUM_BUTTONS, "a button is unknown");
    CAM_REQUIRE(is_foe(fighter->grabbing, fighter, state), "a held fighter does not exist or is of the same side");
    CAM_REQUIRE(is_foe(fighter->grabbed_by, fighter, state), "a grabber does not exist or is of the same side");
    CAM_REQUIRE((fighter->grabbed_by >= 0) == (fighter->state == CAM_STATE_GRABBED), "a grab and a state disagree");
    CAM_REQUIRE(cam_count_bits(fighter->effects) <= rules->max_effects, "more effects than rules.max_effects");
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        const char *broken = check_entity(&fighter->entities[k], state, data);
        if (broken) return broken;
    }
    return NULL;
}

const char *cam_check_state(const CamState *state, const CamData *data) {
    CAM_REQUIRE(state->num_fighters >= CAM_NUM_SIDES && state->num_fighters <= CAM_MAX_FIGHTERS, "the number of fighters is out of range");
    CAM_REQUIRE(state->tick >= 0 && state->tick <= state->max_ticks && state->max_ticks <= CAM_MAX_TICKS, "the match's timer is out of range");
    CAM_REQUIRE(state->clock >= 0 && state->clock <= state->tick, "a clock is out of range");
    CAM_REQUIRE(is_zero(state->reserved, sizeof(state->reserved)), "a reserved byte is not zero");
    CAM_REQUIRE(state->freeze >= 0, "the freeze is negative");
    CAM_REQUIRE(state->is_over == (state->winner != CAM_WINNER_NONE), "a match is over exactly if it has a winner or a draw");
    CAM_REQUIRE(state->winner >= CAM_WINNER_NONE && state->winner <= CAM_WINNER_DRAW, "the winner is unknown");
    CAM_REQUIRE(state->fighters[0].side == 0 && state->fighters[state->num_fighters - 1].side == 1, "a side has no fighter");
    for (int i = 0, size = 1; i < state->num_fighters; i++, size++) {
        const char *broken = check_fighter(&state->fighters[i], state, data);
        if (broken) return broken;
        if (i > 0 && state->fighters[i].side != state->fighters[i - 1].side) size = 1;
        CAM_REQUIRE(i == 0 || state->fighters[i].side >= state->fighters[i - 1].side, "fighters of side 0 do not come first");
        CAM_REQUIRE(size <= CAM_MAX_TEAM, "a side has more than CAM_MAX_TEAM fighters");
        CAM_REQUIRE(state->is_over || state->fighters[i].hp > 0 || state->num_fighters > 2, "a fighter without HP fights on");
    }
    return NULL;
}

/* What a bot saw is a state's, so it keeps to the same ranges. */
static const char *check_sight(const CamSight *sight, const CamData *data) {
    CAM_REQUIRE(is_on_stage(sight->x, sight->y, &data->rules) && sight->z >= 0, "a bot saw a fighter off the stage");
    CAM_REQUIRE(sight->spark >= 0 && sight->spark <= CAM_SPARK_MAX, "a bot saw sparks outside 0..CAM_SPARK_MAX");
    CAM_REQUIRE(sight->state < CAM_NUM_STATES, "a bot saw an unknown state");
    CAM_REQUIRE(sight->move >= -1 && sight->move < data->num_moves, "a bot saw a move that is not in the roster");
    CAM_REQUIRE((sight->move >= 0) == (sight->state >= CAM_STATE_STARTUP && sight->state <= CAM_STATE_HOLD), "a bot saw a move and a state that disagree");
    CAM_REQUIRE(sight->move_tick >= 0, "a bot saw a negative timer");
    CAM_REQUIRE(sight->who < CAM_MAX_FIGHTERS, "a bot saw a fighter that does not exist");
    CAM_REQUIRE(sight->ready < 1 << CAM_NUM_BUTTONS, "a bot saw an unknown button");
    CAM_REQUIRE(is_zero(sight->reserved, sizeof(sight->reserved)), "a reserved byte of a bot is not zero");
    return NULL;
}

static const char *check_script(const CamScript *script) {
    CAM_REQUIRE(script->length <= CAM_SCRIPT_LENGTH && script->is_given <= 1, "a bot's script is too long");
    for (int k = 0; k < CAM_SCRIPT_LENGTH; k++) {
        CAM_REQUIRE(script->direction[k] < CAM_NUM_DIRECTIONS, "a bot's script names an unknown direction");
        CAM_REQUIRE(script->button[k] < CAM_NUM_BUTTONS, "a bot's script names an unknown button");
        CAM_REQUIRE((script->ticks[k] > 0) == (k < script->length), "a bot's script has an entry of no tick");
    }
    return NULL;
}

/* Each model has a weight, or none has one yet. */
static const char *check_beliefs(const CamBot *bot) {
    int sum = 0, known = 0;
    for (int m = 0; m < CAM_NUM_MODELS; m++) {
        CAM_REQUIRE(bot->forecast[m] <= CAM_DEED_STAYED, "a bot foretells an unknown deed");
        sum += bot->beliefs[m];
        known += bot->beliefs[m] >= CAM_BELIEF_LEAST;
    }
    CAM_REQUIRE(sum == 0 || (known == CAM_NUM_MODELS && sum <= CAM_BELIEF_SUM), "a bot's beliefs do not add up");
    CAM_REQUIRE(bot->forecast_at <= bot->seen && (sum > 0 || bot->forecast_at == 0), "a bot's forecast is of what it has not seen");
    return NULL;
}

const char *cam_check_bot(const CamBot *bot, const CamData *data) {
    CAM_REQUIRE(bot->kind < CAM_NUM_BOTS, "a bot is of an unknown kind");
    CAM_REQUIRE(bot->level >= 1 && bot->level <= cam_bot_max_level(bot->kind), "a bot's level is out of range");
    CAM_REQUIRE(is_zero(bot->reserved, sizeof(bot->reserved)) && is_zero(bot->script_reserved, sizeof(bot->script_reserved)), "a reserved byte of a bot is not zero");
    for (uint32_t k = 0; k < CAM_BOT_MEMORY; k++) {
        const char *broken = k < bot->seen ? check_sight(&bot->sights[k], data) : NULL;
        if (broken) return broken;
        CAM_REQUIRE(k < bot->seen || is_zero(&bot->sights[k], sizeof(CamSight)), "a bot remembers what it has not seen");
    }
    CAM_REQUIRE(bot->kind != CAM_BOT_OPENLOOP || bot->script.length > 0, "a bot's script is empty");
    const char *broken = check_beliefs(bot);
    return broken ? broken : check_script(&bot->script);
}

static int is_index(int value, int count) { return value >= -1 && value < count; }

static const char *check_rules(const CamRules *rules) {
    CAM_REQUIRE(rules->stage_half_x > 0 && rules->stage_half_x <= 16000 && rules->stage_half_y > 0 && rules->stage_half_y <= 16000, "the stage's half sizes must be 1..16000 su");
    CAM_REQUIRE(rules->start_x >= 0 && rules->jitter_x >= 0 && rules->start_x + rules->jitter_x <= rules->stage_half_x, "fighters would start off the stage");
    CAM_REQUIRE(rules->jitter_y >= 0 && rules->jitter_y <= rules->stage_half_y, "rules.jitter_y must be 0..stage_half_y");
    CAM_REQUIRE(rules->push_x > 0 && rules->push_x <= 4096 && rules->push_y > 0, "push bodies need a size");
    CAM_REQUIRE(rules->protection_gravity > 0 && rules->protection_max > 0 && rules->protection_max < INT16_MAX, "the protection gauge needs positive bounds");
    CAM_REQUIRE(rules->spark_period > 0 && rules->spark_hurt_hp > 0 && rules->dot_period > 0, "a period must be at least 1");
    CAM_REQUIRE(rules->spark_start >= 0 && rules->spark_start <= CAM_SPARK_MAX, "rules.spark_start must be 0..16000");
    CAM_REQUIRE(rules->hold_levels > 0, "rules.hold_levels must be at least 1");
    CAM_REQUIRE(rules->buffer_ticks >= 0 && rules->buffer_ticks <= 100, "rules.buffer_ticks must be 0..100");
    CAM_REQUIRE(rules->companion_calls >= 0 && rules->companion_calls < 256, "rules.companion_calls must be 0..255");
    return NULL;
}

static const char *check_character(const CamCharacter *character, const CamData *data) {
    CAM_REQUIRE(character->max_hp > 0, "a character's max_hp must be positive");
    CAM_REQUIRE(character->weight > 0 && character->defense >= 0 && character->attack > 0, "a character's weight, attack and defense must be positive");
    CAM_REQUIRE(character->cooldown_rate > 0 && character->tempo > 0 && character->accel_ticks >= 0, "a character's rates must be positive");
    for (int button = 0; button < CAM_NUM_BUTTONS; button++) {
        CAM_REQUIRE(is_index(character->moves[button], data->num_moves), "a character's move does not exist");
        CAM_REQUIRE(is_index(character->form_moves[button], data->num_moves), "a move of a character's form does not exist");
    }
    CAM_REQUIRE(is_index(character->slip_entity, data->num_entity_types), "what a character's slip leaves does not exist");
    CAM_REQUIRE(is_index(character->slip_reply, data->num_moves), "the reply of a character's slip does not exist");
    CAM_REQUIRE(character->traits >= 0 && character->traits < 1 << CAM_NUM_TRAITS, "a character's trait is unknown");
    CAM_REQUIRE(character->moves[CAM_BUTTON_ATTACK] >= 0, "a character has no attack");
    CAM_REQUIRE(character->default_scroll >= 0 && character->default_scroll < data->num_scrolls, "a character's scroll does not exist");
    for (int k = 0; k < CAM_NUM_COMPANIONS; k++)
        CAM_REQUIRE(is_index(character->default_companions[k], data->num_companions), "a character's companion does not exist");
    return NULL;
}

static const char *check_move(const CamMove *move, const CamData *data) {
    CAM_REQUIRE(move->button >= 0 && move->button < CAM_NUM_BUTTONS, "a move's button is unknown");
    CAM_REQUIRE(move->startup >= 0 && move->active >= 0 && move->recovery >= 0 && move->startup + move->active + move->recovery > 0, "a move lasts no tick");
    CAM_REQUIRE(move->num_hits >= 0 && move->num_hits <= CAM_MAX_HITS && move->first_hit >= 0 && move->first_hit + move->num_hits <= data->num_hits, "a move's hits do not exist");
    CAM_REQUIRE(move->num_ops >= 0 && move->first_op >= 0 && move->first_op + move->num_ops <= data->num_ops, "a move's op-codes do not exist");
    CAM_REQUIRE(move->spark_cost >= 0 && move->hp_cost >= 0 && move->hold_max >= 0, "a move's cost is negative");
    CAM_REQUIRE(move->charges >= 1 && move->charges <= 3, "a move's charges must be 1..3");
    CAM_REQUIRE(is_index(move->reply, data->num_moves), "a move's reply does not exist");
    for (int branch = 0; branch < 3; branch++) CAM_REQUIRE(is_index(move->next[branch], data->num_moves), "a move's follow-up does not exist");
    CAM_REQUIRE(move->next[0] >= 0 || (move->next[1] < 0 && move->next[2] < 0), "a chain that branches needs a plain follow-up");
    CAM_REQUIRE(move->aim & 1, "a move's aim must allow no direction");
    return NULL;
}

static const char *check_op(const CamOp *op, const CamData *data) {
    CAM_REQUIRE(op->code > CAM_OP_NONE && op->code < CAM_NUM_OPS, "an op-code is unknown");
    if (op->code == CAM_OP_SPAWN || op->code == CAM_OP_MARKER) CAM_REQUIRE(op->a >= 0 && op->a < data->num_entity_types, "an op-code spawns what does not exist");
    if (op->code == CAM_OP_BUFF_SELF || op->code == CAM_OP_BUFF_TARGET) CAM_REQUIRE(op->a >= 0 && op->a < CAM_NUM_EFFECTS, "an op-code gives an unknown effect");
    if (op->code == CAM_OP_COOLDOWN) CAM_REQUIRE(op->a > 0 && op->a < CAM_NUM_BUTTONS, "an op-code names an unknown button");
    return NULL;
}

const char *cam_check_data(const CamData *data) {
    const char *broken = check_rules(&data->rules);
    CAM_REQUIRE(data->num_characters > 0 && data->num_scrolls > 0, "a roster needs a character and a scroll");
    for (int k = 0; k < data->num_characters && !broken; k++) broken = check_character(&data->characters[k], data);
    for (int k = 0; k < data->num_moves && !broken; k++) broken = check_move(&data->moves[k], data);
    for (int k = 0; k < data->num_ops && !broken; k++) broken = check_op(&data->ops[k], data);
    for (int k = 0; k < data->num_hits && !broken; k++)
        if (!is_index(data->hits[k].effect, CAM_NUM_EFFECTS) || data->hits[k].rehit < 0 || data->hits[k].damage < 0) broken = "a hit's effect, rehit or damage is out of range";
    for (int k = 0; k < data->num_entity_types && !broken; k++)
        if (!is_index(data->entity_types[k].hit, data->num_hits) || data->entity_types[k].kind < 0 || data->entity_types[k].kind >= CAM_NUM_ENTITY_KINDS || data->entity_types[k].ttl <= 0) broken = "an entity's hit, kind or ttl is out of range";
    for (int k = 0; k < data->num_scrolls && !broken; k++)
        if (data->scrolls[k] < 0 || data->scrolls[k] >= data->num_moves) broken = "a scroll's move does not exist";
    for (int k = 0; k < data->num_companions && !broken; k++)
        if (data->companions[k] < 0 || data->companions[k] >= data->num_moves) broken = "a companion's move does not exist";
    return broken;
}
