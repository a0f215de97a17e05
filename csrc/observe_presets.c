/* The presets of observations, and what `public` information takes from a state before it is observed. */

static const CamObservationInfo entities_rows[] = {FULL_ROWS(NAME) NEARBY_ROWS(NAME) OTHERS_ROWS(NAME)};
static const CamObservationInfo tiny_rows[] = {TINY_ROWS(NAME)};
static const CamObservationInfo descriptor_rows[] = {DESCRIPTOR_ROWS(NAME)};
static const CamObservationInfo squad_rows[] = {SQUAD_ROWS(NAME)};

#define NUM_ROWS(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static const struct { const CamObservationInfo *rows; int num_rows, size; } presets[CAM_NUM_OBSERVATIONS] = {
    [CAM_OBSERVE_FULL] = {entities_rows, NUM_ROWS(entities_rows) - 2, CAM_FULL_SIZE},   /* entities without its last rows */
    [CAM_OBSERVE_TINY] = {tiny_rows, NUM_ROWS(tiny_rows), CAM_TINY_SIZE},
    [CAM_OBSERVE_ENTITIES] = {entities_rows, NUM_ROWS(entities_rows), CAM_ENTITIES_SIZE},
    [CAM_OBSERVE_DESCRIPTOR] = {descriptor_rows, NUM_ROWS(descriptor_rows), CAM_DESCRIBED_SIZE},
    [CAM_OBSERVE_SQUAD] = {squad_rows, NUM_ROWS(squad_rows), CAM_SQUAD_SIZE}
};

int cam_observation_size(int preset) { return presets[preset].size; }

int cam_observation_layout(int preset, const CamObservationInfo **rows) {
    *rows = presets[preset].rows;
    return presets[preset].num_rows;
}

void cam_observe(const CamState *state, const CamData *data, int index, int preset, float *out) {
    const CamView viewed = view_from(state, data, index), *view = &viewed;
    memset(out, 0, (size_t)presets[preset].size * sizeof(float));
    if (preset == CAM_OBSERVE_TINY) {
        write_tiny(out, view);
        return;
    }
    if (preset == CAM_OBSERVE_SQUAD) {
        write_squad(out, view);
        return;
    }
    const CamFighter *seen[2] = {view->own, view->other};
    CamNumbers numbers[2];
    for (int k = 0; k < 2; k++) gather_fighter(&numbers[k], view, seen[k]);
    out = write_match(out, view);
    for (int k = 0; k < 2; k++) out = write_fighter(out, &numbers[k], view, seen[k]);
    for (int k = 0; k < 2; k++) out = write_buff(out, view, seen[k]);
    for (int k = 0; k < 2; k++) out = write_element(out, view, seen[k], preset);
    write_entities(out, view, preset);
}

/* Both seats of a duel: whatever is told of a fighter is worked out once and written twice. */
static void observe_duel(const CamState *state, const CamData *data, int preset, float *out) {
    const size_t size = (size_t)presets[preset].size;
    const CamView views[2] = {view_from(state, data, 0), view_from(state, data, 1)};
    float *seats[2] = {out, out + size};
    CamNumbers numbers[2];
    for (int k = 0; k < 2; k++) memset(seats[k], 0, size * sizeof(float));   /* apart: libraries clear two KiB faster than four */
    for (int k = 0; k < 2; k++) gather_fighter(&numbers[k], &views[k], views[k].own);
    for (int k = 0; k < 2; k++) seats[k] = write_match(seats[k], &views[k]);
    float *fighters[2] = {seats[0], seats[1]};   /* own, then the opponent's; and so on */
    float *buffs[2] = {fighters[0] + 2 * CAM_FIGHTER_SIZE, fighters[1] + 2 * CAM_FIGHTER_SIZE};
    float *elements[2] = {buffs[0] + 2 * CAM_BUFF_SIZE, buffs[1] + 2 * CAM_BUFF_SIZE};
    size_t length = 0;
    for (int k = 0; k < 2; k++) {
        write_buff(buffs[k], &views[k], views[k].own);
        write_buff(buffs[!k] + CAM_BUFF_SIZE, &views[k], views[k].own);
        length = (size_t)(write_element(elements[k], &views[k], views[k].own, preset) - elements[k]);
    }
    for (int k = 0; k < 2; k++) write_entities(elements[k] + 2 * length, &views[k], preset);
    for (int k = 0; k < 2; k++) write_fighter_twice(fighters[k], fighters[!k] + CAM_FIGHTER_SIZE, &numbers[k], &views[k]);
    for (int k = 0; k < 2; k++) memcpy(elements[!k] + length, elements[k], length * sizeof(float));
}

static CAM_INLINE void observe_seats(const CamState *state, const CamData *data, const int32_t *seats, int num_seats, int preset, float *out) {
    if (preset == CAM_OBSERVE_SQUAD) {
        observe_squads(state, data, seats, num_seats, out);
        return;
    }
    if (num_seats == 2 && state->num_fighters == 2 && preset != CAM_OBSERVE_TINY) {
        observe_duel(state, data, preset, out);
        return;
    }
    for (int k = 0; k < num_seats; k++) cam_observe(state, data, seats[k], preset, out + (size_t)k * (size_t)presets[preset].size);
}

void cam_observe_seats(const CamState *state, const CamData *data, const int32_t *seats, int num_seats, int preset, float *out) {
    observe_seats(state, data, seats, num_seats, preset, out);
}

void cam_observe_all(const CamState *state, const CamData *data, int preset, float *out) {
    static const int32_t seats[CAM_MAX_FIGHTERS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    observe_seats(state, data, seats, state->num_fighters, preset, out);
}

void cam_hide(CamState *state, const CamData *data, int index) {
    const CamTeam team = team_of(state, 1 - state->fighters[index].side);
    for (int i = team.from; i < team.to; i++) {
        CamFighter *f = &state->fighters[i];
        f->spark = f->step_spark = 0;
        f->buffered_button = f->buffered_direction = 0;
        f->buffer_ticks = 0;
        for (int button = 0; button < CAM_NUM_BUTTONS; button++) f->cooldown_until[button] = CAM_CLOCK_HIDDEN;
        if (f->counts[CAM_COUNT_SCROLLS] == 0) f->scroll = -1;
        for (int k = 0; k < CAM_NUM_COMPANIONS; k++)
            if (f->calls_left[k] == data->rules.companion_calls) {
                f->companions[k] = -1;
                f->calls_left[k] = 0;
            }
    }
}
