/* The preset `squad`: a row of numbers of one meaning for each fighter, oneself first, then allies, then opponents, each in the
   order of their seats. There is room for the largest teams; who is not there is all zero.

   All but a row's first numbers is the same for every fighter of a side that looks: it is worked out once for either side,
   and copied. */

#define RELATION_ROWS(P, X) \
    X##_U("basic", P "present", 1, 1, "1 if there is such a fighter") \
    X##_U("basic", P "is_target", f == view->other, 1, "1 for the nearest standing opponent, to whom one turns") \
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

#define TEN_TIMES(...) __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__ __VA_ARGS__

/* Of all fighters at once, in one loop long enough for vector code. */
static const float relation_scales[] = {TEN_TIMES(RELATION_ROWS("", SCALE))};
_Static_assert(sizeof(relation_scales) == sizeof(float) * CAM_RELATION_SIZE * CAM_MAX_FIGHTERS, "relation_scales has a row for every fighter");

static CAM_INLINE void gather_relation(int32_t *v, const CamView *view, const CamFighter *f) {
    const CamFighter *own = view->own;
    const int mirror = view->mirror;
    RELATION_ROWS("", GATHER)
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

/* How all fighters stand to one, into their rows. */
static void write_relations(float *rows, const CamView *view, const CamTeam teams[CAM_NUM_SIDES]) {
    int32_t gathered[CAM_MAX_FIGHTERS * CAM_RELATION_SIZE];
    float relations[CAM_MAX_FIGHTERS * CAM_RELATION_SIZE];
    const CamState *state = view->state;
    const int index = (int)(view->own - state->fighters), own = view->own->side, count = state->num_fighters;
    for (int i = 0; i < count; i++) gather_relation(gathered + i * CAM_RELATION_SIZE, view, &state->fighters[i]);
    write_units(relations, gathered, relation_scales, count * CAM_RELATION_SIZE);
    for (int side = 0; side < CAM_NUM_SIDES; side++)
        for (int i = teams[side].from; i < teams[side].to; i++)
            memcpy(rows + CAM_MEMBER_SIZE * place_of(index, i, teams[side], side == own), relations + i * CAM_RELATION_SIZE,
                   CAM_RELATION_SIZE * sizeof(float));
}

static void write_squad(float *out, const CamView *view) {
    const CamState *state = view->state;
    const CamTeam teams[CAM_NUM_SIDES] = {team_of(state, 0), team_of(state, 1)};
    const int index = (int)(view->own - state->fighters);
    float *rows = write_clock(out, state);
    write_relations(rows, view, teams);
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *f = &state->fighters[i];
        const int place = place_of(index, i, teams[f->side], f->side == view->own->side);
        CamNumbers numbers;
        gather_fighter(&numbers, view, f);
        write_portrait(rows + CAM_MEMBER_SIZE * place + CAM_RELATION_SIZE, &numbers, view, f);
    }
    write_nearby(rows + CAM_MAX_FIGHTERS * CAM_MEMBER_SIZE, view);
}

/* What every fighter of a side sees alike: rows and entities, but for how they stand to who looks. */
typedef struct {
    float rows[CAM_MAX_FIGHTERS][CAM_MEMBER_SIZE];
    float things[CAM_MAX_FIGHTERS * CAM_MAX_ENTITIES][CAM_THING_FLOATS];
} CamSideView;

static void look_at_fighters(const CamState *state, const CamData *data, CamSideView sides[CAM_NUM_SIDES]) {
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *f = &state->fighters[i];
        const CamView view = {state, data, f, f, 1};
        float *one = sides[0].rows[i] + CAM_RELATION_SIZE, *two = sides[1].rows[i] + CAM_RELATION_SIZE;
        CamNumbers numbers;
        gather_fighter(&numbers, &view, f);
        memset(one, 0, CAM_PORTRAIT_SIZE * sizeof(float));
        write_portrait(one, &numbers, &view, f);
        memcpy(two, one, CAM_PORTRAIT_SIZE * sizeof(float));
        mirror_portrait(two);
    }
}

static void look_at_things(const CamThings *things, const CamState *state, const CamData *data, CamSideView sides[CAM_NUM_SIDES]) {
    for (int side = 0; side < CAM_NUM_SIDES; side++) {
        const CamFighter *own = &state->fighters[side ? state->num_fighters - 1 : 0];
        const CamView view = {state, data, own, own, side ? -1 : 1};
        for (int n = 0; n < things->count; n++) write_thing(sides[side].things[n], &view, things->entities[n], things->owners[n]);
    }
}

/* Rows of a side's look, one after another; returns where the next goes. */
static float *copy_rows(float *out, const float (*rows)[CAM_MEMBER_SIZE], int count) {
    memcpy(out, rows, (size_t)count * sizeof(*rows));
    return out + count * CAM_MEMBER_SIZE;
}

static void clear(float *from, const float *to) { memset(from, 0, (size_t)(to - from) * sizeof(float)); }

/* What one fighter sees, from what its side does. */
static void write_look(float *out, const CamView *view, const CamSideView *side, const CamThings *things, const CamTeam teams[CAM_NUM_SIDES]) {
    const CamFighter *own = view->own;
    const int index = (int)(own - view->state->fighters);
    const CamTeam allies = teams[own->side], others = teams[!own->side];
    float *rows = write_clock(out, view->state), *at = rows;
    float *opponents = rows + CAM_MAX_TEAM * CAM_MEMBER_SIZE, *nearby = opponents + CAM_MAX_TEAM * CAM_MEMBER_SIZE;
    at = copy_rows(at, side->rows + index, 1);
    at = copy_rows(at, side->rows + allies.from, index - allies.from);
    at = copy_rows(at, side->rows + index + 1, allies.to - index - 1);
    clear(at, opponents);
    at = copy_rows(opponents, side->rows + others.from, others.to - others.from);
    clear(at, nearby);
    write_relations(rows, view, teams);
    uint8_t nearest[CAM_NEAR];
    const int count = find_nearest(things, view, nearest);
    for (int k = 0; k < count; k++, nearby += CAM_THING_FLOATS) {
        const CamEntity *entity = things->entities[nearest[k]];
        memcpy(nearby, side->things[nearest[k]], sizeof(side->things[0]));
        write_place(nearby, view, entity);
    }
    clear(nearby, out + CAM_SQUAD_SIZE);
}

/* For some fighters of a match at once, one observation after the other. */
static void observe_squads(const CamState *state, const CamData *data, const int32_t *seats, int num_seats, float *out) {
    const CamTeam teams[CAM_NUM_SIDES] = {team_of(state, 0), team_of(state, 1)};
    CamSideView sides[CAM_NUM_SIDES];
    CamThings things;
    list_things(&things, state);
    look_at_fighters(state, data, sides);
    look_at_things(&things, state, data, sides);
    for (int k = 0; k < num_seats; k++, out += CAM_SQUAD_SIZE) {
        const CamView view = view_among(state, data, seats[k], teams);
        write_look(out, &view, &sides[view.own->side], &things, teams);
    }
}
