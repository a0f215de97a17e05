/* Latency: an agent sees the match as it was some ticks ago, and what it decides takes effect some ticks later.

   A match with latency keeps its last states and each fighter's decisions that are on their way. Waits vary by a counter
   that begins with the match's seed and draws three numbers a fighter a step, whatever happens, so they repeat. */

size_t cam_latency_size(int num_fighters, int num_states) { return sizeof(CamLatency) + (size_t)num_states * cam_state_size(num_fighters); }

/* States that must be kept: none if everybody sees the present. */
int cam_latency_states(const CamDelay *delays, int num_fighters) {
    int longest = 0;
    for (int i = 0; i < num_fighters; i++)
        longest = cam_max(longest, cam_min(delays[i].see + delays[i].see_jitter, CAM_MAX_SEE_DELAY));
    return longest ? longest + 1 : 0;
}

static CamState *kept(const CamLatency *latency, const CamState *state, int32_t tick) {
    return (CamState *)((char *)(latency + 1) + (size_t)(tick % latency->num_states) * cam_state_size(state->num_fighters));
}

static void keep(CamLatency *latency, const CamState *state) {
    if (latency->num_states) memcpy(kept(latency, state, latency->tick), state, cam_state_size(state->num_fighters));
}

void cam_latency_begin(CamLatency *latency, const CamState *state, int num_states) {
    memset(latency, 0, cam_latency_size(state->num_fighters, num_states));
    latency->num_states = num_states;
    latency->rng = cam_draw(state->seed, 200);
    for (int i = 0; i < CAM_MAX_FIGHTERS; i++)
        for (int k = 0; k < CAM_LATENCY_RING; k++) latency->lags[i].pending[k] = -1;
    keep(latency, state);
}

static int32_t varied(uint64_t *rng, int delay, int jitter, int most) {
    return cam_clamp(delay + cam_random_below(rng, 2 * jitter + 1) - jitter, 0, most);
}

/* Decisions keep their order; of two that fall due at the same tick the later one counts. Unknown ids are kept as one. */
void cam_latency_decide(CamLatency *latency, const CamDelay *delays, int num_fighters, const int32_t *actions) {
    for (int i = 0; i < num_fighters; i++) {
        const CamDelay *delay = &delays[i];
        CamLag *lag = &latency->lags[i];
        int32_t wait = varied(&latency->rng, delay->act, delay->act_jitter, CAM_MAX_ACT_DELAY);
        lag->see_delay = varied(&latency->rng, delay->see, delay->see_jitter, CAM_MAX_SEE_DELAY);
        if (cam_random(&latency->rng) >> 40 < delay->drop) continue;
        lag->due = cam_max(lag->due, latency->tick + wait);
        lag->pending[lag->due % CAM_LATENCY_RING] = (int16_t)(actions[i] < 0 || actions[i] > CAM_NUM_ACTIONS ? CAM_NUM_ACTIONS : actions[i]);
    }
}

int32_t cam_latency_due(CamLatency *latency, int fighter) {
    int16_t *slot = &latency->lags[fighter].pending[latency->tick % CAM_LATENCY_RING];
    int32_t action = *slot < 0 ? CAM_ACTION_HELD : *slot;
    *slot = -1;
    return action;
}

void cam_latency_keep(CamLatency *latency, const CamState *state) {
    latency->tick++;
    keep(latency, state);
}

/* What was seen once is not unseen: a longer wait after a shorter one shows the same tick again. */
void cam_latency_look(CamLatency *latency, int num_fighters) {
    for (int i = 0; i < num_fighters; i++) {
        CamLag *lag = &latency->lags[i];
        lag->seen = cam_max(lag->seen, latency->tick - lag->see_delay);
    }
}

/* Deadlines are clock readings: move a fighter's into a state whose clock shows `by` more. */
static void shift_deadlines(CamFighter *fighter, int32_t by) {
    for (size_t row = 0; row < sizeof(fighter_fields) / sizeof(*fighter_fields); row++) {
        const CamFieldInfo *field = &fighter_fields[row];
        if (strcmp(field->code, "i2") != 0 || strncmp(field->unit, "clock", 5) != 0) continue;
        int16_t *deadlines = (int16_t *)((char *)fighter + field->offset);
        for (int k = 0; k < cam_max(field->length, 1); k++)
            if (deadlines[k]) deadlines[k] = (int16_t)cam_max(deadlines[k] + by, -INT16_MAX);   /* 0 may stand for none */
    }
}

const CamState *cam_see(CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data, int fighter,
                        int is_public, CamState *scratch) {
    const CamState *seen = state;
    if (latency && latency->num_states && latency->lags[fighter].seen < latency->tick)
        seen = kept(latency, state, latency->lags[fighter].seen);
    int adds_self = seen != state && !delays[fighter].delay_self;
    if (!adds_self && !is_public) return seen;
    memcpy(scratch, seen, cam_state_size(state->num_fighters));
    if (adds_self) {
        scratch->fighters[fighter] = state->fighters[fighter];
        shift_deadlines(&scratch->fighters[fighter], seen->clock - state->clock);
    }
    if (is_public) cam_hide(scratch, data, fighter);
    return scratch;
}

/* A kept state is the match's own, `age` ticks ago. next: the one after it, which bounds its clock. */
static const char *check_past(const CamState *past, const CamState *next, const CamState *state, int32_t age, const CamData *data) {
    CAM_REQUIRE(past->num_fighters == state->num_fighters, "a past state has another number of fighters");
    CAM_REQUIRE(past->seed == state->seed && past->max_ticks == state->max_ticks, "a past state is another match's");
    CAM_REQUIRE(past->tick == state->tick - age && past->clock <= next->clock, "a past state's clock is not the past's");
    for (int i = 0; i < state->num_fighters; i++)
        CAM_REQUIRE(past->fighters[i].character == state->fighters[i].character && past->fighters[i].side == state->fighters[i].side,
                    "a past state has another character");
    return cam_check_state(past, data);
}

/* state: sound, and as of the latency's last tick */
const char *cam_check_latency(const CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data) {
    const CamState *next = state;
    CAM_REQUIRE(latency->num_states == cam_latency_states(delays, state->num_fighters), "the latency keeps another number of states");
    CAM_REQUIRE(latency->tick == state->tick, "the latency's clock is not the match's");
    for (int32_t age = 0; age < latency->num_states && age <= latency->tick; age++) {
        const CamState *past = kept(latency, state, latency->tick - age);
        const char *broken = check_past(past, next, state, age, data);
        if (broken) return broken;
        next = past;
    }
    for (int i = 0; i < state->num_fighters; i++) {
        const CamLag *lag = &latency->lags[i];
        CAM_REQUIRE(lag->seen >= 0 && lag->seen <= latency->tick, "a fighter sees the future");
        CAM_REQUIRE(latency->num_states == 0 || latency->tick - lag->seen < latency->num_states, "a fighter sees what is no longer kept");
        CAM_REQUIRE(lag->due >= 0 && lag->due <= latency->tick + CAM_MAX_ACT_DELAY, "a decision falls due too late");
        CAM_REQUIRE(lag->see_delay >= 0 && lag->see_delay <= CAM_MAX_SEE_DELAY, "a fighter sees too late");
        for (int k = 0; k < CAM_LATENCY_RING; k++)
            CAM_REQUIRE(lag->pending[k] >= -1 && lag->pending[k] <= CAM_NUM_ACTIONS, "a decision is unknown");
    }
    return NULL;
}
