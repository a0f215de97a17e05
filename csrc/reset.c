/* The start of a match. */

size_t cam_state_size(int num_fighters) { return sizeof(CamState) + (size_t)num_fighters * sizeof(CamFighter); }

uint64_t cam_next_seed(uint64_t seed) { return cam_mix(seed + 0x9E3779B97F4A7C15u); }

uint64_t cam_draw(uint64_t seed, uint64_t index) { return cam_mix(cam_mix(seed ^ 0xD1B54A32D192ED03u) + index * 0x9E3779B97F4A7C15u); }

static void reset_fighter(CamFighter *fighter, const CamData *data, int side, const CamLoadout *loadout) {
    const CamCharacter *character = &data->characters[loadout->character];
    fighter->character = (int16_t)loadout->character;
    fighter->scroll = loadout->scroll < 0 ? character->default_scroll : (int16_t)loadout->scroll;
    for (int k = 0; k < CAM_NUM_COMPANIONS; k++) {
        int32_t companion = loadout->companions[k];
        fighter->companions[k] = companion == -1 ? character->default_companions[k] : (int16_t)cam_max(companion, -1);
        fighter->calls_left[k] = fighter->companions[k] < 0 ? 0 : (uint8_t)data->rules.companion_calls;
    }
    for (int button = CAM_BUTTON_SKILL1; button <= CAM_BUTTON_TRAIT; button++)
        if (button != CAM_BUTTON_SLIP) fighter->cooldown_until[button] = (int16_t)data->rules.opening_ticks;
    fighter->side = (int8_t)side;
    fighter->facing = side ? -1 : 1;
    fighter->hp = fighter->step_hp = character->max_hp;
    fighter->spark = fighter->step_spark = (int16_t)data->rules.spark_start;
    fighter->move = fighter->last_move = -1;
    fighter->move_scale = 1000;
    fighter->grabbed_by = fighter->grabbing = -1;
    fighter->mark_clock = -1;
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) fighter->entities[k].type = -1;
}

/* Where the k-th of a side starts in depth: behind each other, from the viewer's edge of the middle half to the other. */
static int32_t start_y(int k, int size, const CamRules *rules) {
    return size > 1 ? -rules->stage_half_y / 2 + k * rules->stage_half_y / (size - 1) : 0;
}

/* Sides of one size start at mirrored places, and the k-th of both share their jitter, so that it is fair. */
void cam_reset(CamState *state, const CamData *data, uint64_t seed, const int sizes[CAM_NUM_SIDES], int max_ticks, const CamLoadout *loadouts) {
    const CamRules *rules = &data->rules;
    const int num_fighters = sizes[0] + sizes[1];
    memset(state, 0, cam_state_size(num_fighters));
    state->seed = seed;
    state->max_ticks = max_ticks;
    state->winner = CAM_WINNER_NONE;
    state->num_fighters = (uint8_t)num_fighters;
    uint64_t counter = cam_mix(seed);
    for (int k = 0; k < cam_max(sizes[0], sizes[1]); k++) {
        int32_t jitter_x = cam_random_below(&counter, 2 * rules->jitter_x + 1) - rules->jitter_x;
        int32_t jitter_y = cam_random_below(&counter, 2 * rules->jitter_y + 1) - rules->jitter_y;
        for (int side = 0; side < CAM_NUM_SIDES; side++) {
            if (k >= sizes[side]) continue;
            const int index = side * sizes[0] + k;
            CamFighter *fighter = &state->fighters[index];
            reset_fighter(fighter, data, side, &loadouts[index]);
            fighter->x = (side ? 1 : -1) * (rules->start_x + jitter_x);
            fighter->y = cam_clamp(start_y(k, sizes[side], rules) + jitter_y, -rules->stage_half_y, rules->stage_half_y);
        }
    }
}

void cam_begin_step(CamState *state) {
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        fighter->step_hp = fighter->hp;
        fighter->step_spark = fighter->spark;
        fighter->step_hits = 0;
    }
}
