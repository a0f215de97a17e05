/* The preset `squad`: a row of numbers of one meaning for each fighter, oneself first, then allies, then opponents, each in the
   order of their seats. There is room for the largest teams; who is not there is all zero.

   All but a row's first numbers is the same for every fighter of a side that looks: it is worked out once for either side,
   and copied. */

#define RELATION_ROWS(P, X) \
    X##_F("basic", P "present", 1.0f, "1 if there is such a fighter") \
    X##_F("basic", P "is_target", f == view->other ? 1.0f : 0.0f, "1 for the nearest standing opponent, to whom one turns") \
    X##_U("basic", P "relative_x", mirror * (f->x - own->x), 12288, "x minus own / 12288 su") \
    X##_U("basic", P "relative_y", f->y - own->y, 4096, "y minus own / 4096 su") \
    X##_U("basic", P "relative_z", f->z - own->z, 4096, "z minus own / 4096 su") \
    X##_U("basic", P "near_x", mirror * (f->x - own->x), 2048, "the same in x, finer: / 2048 su, clipped") \
    X##_U("basic", P "near_y", f->y - own->y, 768, "the same in y, finer: / 768 su, clipped") \
    X##_U("basic", P "is_faced", (f->x - own->x) * own->facing >= 0, 1, "1 if in front of oneself")

#define MEMBER_ROWS(P, X) \
    RELATION_ROWS(P, X) FIGHTER_ROWS(P, X) EFFECT_ROWS(P, X) IDENTITY_ROWS(P, X) ELEMENT_ROWS(P, X)

#define CLOCK_ROWS(X) \
    X##_F("basic", "time_left", unit(state->max_ticks - state->tick, cam_max(state->max_ticks, 1)), "share of the match left") \
    X##_U("basic", "freeze", state->freeze, 16, "ticks of super freeze left / 16")

#define SQUAD_ROWS(X) \
    CLOCK_ROWS(X) MEMBER_ROWS("self_", X) \
    MEMBER_ROWS("ally1_", X) MEMBER_ROWS("ally2_", X) MEMBER_ROWS("ally3_", X) MEMBER_ROWS("ally4_", X) \
    MEMBER_ROWS("opponent1_", X) MEMBER_ROWS("opponent2_", X) MEMBER_ROWS("opponent3_", X) MEMBER_ROWS("opponent4_", X) \
    MEMBER_ROWS("opponent5_", X) \
    NEARBY_ROWS(X)

enum {
    CAM_RELATION_SIZE = 0 RELATION_ROWS("", COUNT),
    CAM_MEMBER_SIZE = 0 MEMBER_ROWS("", COUNT),
    CAM_PORTRAIT_SIZE = CAM_MEMBER_SIZE - CAM_RELATION_SIZE,
    CAM_SQUAD_SIZE = 0 SQUAD_ROWS(COUNT)
};

static float *write_clock(float *out, const CamState *state) {
    CLOCK_ROWS(WRITE)
    return out;
}

static void write_relation(float *out, const CamView *view, const CamFighter *f) {
    const CamFighter *own = view->own;
    const int mirror = view->mirror;
    RELATION_ROWS("", WRITE)
}

/* What a row tells of a fighter, whoever of a side looks. out: zeros */
static void write_portrait(float *out, const CamNumbers *numbers, const CamView *view, const CamFighter *f) {
    out = write_fighter(out, numbers, view, f);
    out = write_buff(out, view, f);
    write_element(out, view, f, CAM_OBSERVE_SQUAD);
}

#define FLIP_U(module, name, value, scale, meaning) out++;
#define FLIP_M(module, name, value, scale, meaning) *out = 0.0f - *out; out++;
#define FLIP_F(module, name, value, meaning) out++;

/* The same as the other side sees it. */
static void mirror_portrait(float *out) { BODY_ROWS("", FLIP) }

/* The place of a fighter's row among those that a fighter sees: 0 for itself, then allies, then opponents. */
static int place_of(int index, int other, CamTeam team, int is_ally) {
    if (!is_ally) return CAM_MAX_TEAM + other - team.from;
    return other == index ? 0 : other - team.from + (other < index);
}

static void write_squad(float *out, const CamView *view) {
    const CamState *state = view->state;
    const int index = (int)(view->own - state->fighters);
    float *rows = write_clock(out, state);
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *f = &state->fighters[i];
        const int is_ally = f->side == view->own->side;
        float *row = rows + CAM_MEMBER_SIZE * place_of(index, i, team_of(state, f->side), is_ally);
        CamNumbers numbers;
        gather_fighter(&numbers, view, f);
        write_relation(row, view, f);
        write_portrait(row + CAM_RELATION_SIZE, &numbers, view, f);
    }
    write_nearby(rows + CAM_MAX_FIGHTERS * CAM_MEMBER_SIZE, view);
}

/* For every fighter of a match at once. */
static void observe_squads(const CamState *state, const CamData *data, float *out) {
    float portraits[CAM_NUM_SIDES][CAM_MAX_FIGHTERS][CAM_PORTRAIT_SIZE];
    const CamTeam teams[CAM_NUM_SIDES] = {team_of(state, 0), team_of(state, 1)};
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *f = &state->fighters[i];
        const CamView view = {state, data, f, f, 1};
        CamNumbers numbers;
        gather_fighter(&numbers, &view, f);
        memset(portraits[0][i], 0, sizeof(portraits[0][i]));
        write_portrait(portraits[0][i], &numbers, &view, f);
        memcpy(portraits[1][i], portraits[0][i], sizeof(portraits[1][i]));
        mirror_portrait(portraits[1][i]);
    }
    for (int index = 0; index < state->num_fighters; index++, out += CAM_SQUAD_SIZE) {
        const CamView viewed = view_from(state, data, index), *view = &viewed;
        const int own = view->own->side;
        float *rows = write_clock(out, state);
        for (int side = 0; side < CAM_NUM_SIDES; side++) {
            for (int i = teams[side].from; i < teams[side].to; i++) {
                float *row = rows + CAM_MEMBER_SIZE * place_of(index, i, teams[side], side == own);
                write_relation(row, view, &state->fighters[i]);
                memcpy(row + CAM_RELATION_SIZE, portraits[own][i], sizeof(portraits[own][i]));
            }
            for (int k = teams[side].to - teams[side].from; k < CAM_MAX_TEAM; k++)   /* rows of nobody */
                memset(rows + CAM_MEMBER_SIZE * (k + (side == own ? 0 : CAM_MAX_TEAM)), 0, CAM_MEMBER_SIZE * sizeof(float));
        }
        float *nearby = rows + CAM_MAX_FIGHTERS * CAM_MEMBER_SIZE;
        memset(nearby, 0, (size_t)(CAM_SQUAD_SIZE - (nearby - out)) * sizeof(float));
        write_nearby(nearby, view);
    }
}
