/* The simulation's public functions. No allocation, no global state, no I/O; every function is a pure function of its
   arguments, and the same bytes in give the same bytes out on every platform. */
#ifndef CAM_ENGINE_H
#define CAM_ENGINE_H

#include "types.h"

enum { CAM_OBSERVE_FULL, CAM_OBSERVE_TINY, CAM_OBSERVE_ENTITIES, CAM_OBSERVE_DESCRIPTOR, CAM_OBSERVE_SQUAD, CAM_NUM_OBSERVATIONS };
enum { CAM_REWARD_HP, CAM_REWARD_WIN, CAM_REWARD_COMBO, CAM_REWARD_MANA, CAM_REWARD_POTENTIAL, CAM_NUM_REWARD_TERMS };

#define CAM_DISCOUNT 0.995f   /* of a step, for the reward's potential */
enum { CAM_BOT_NONE, CAM_BOT_IDLE, CAM_BOT_RANDOM, CAM_BOT_MASHER, CAM_BOT_WALKER, CAM_BOT_ZONER, CAM_BOT_PUNISHER, CAM_BOT_BAITER,
       CAM_BOT_PLANNER, CAM_BOT_MCTS, CAM_BOT_OPENLOOP, CAM_NUM_BOTS,
       CAM_BOT_RUNNER = CAM_NUM_BOTS };   /* a model that others look ahead with, no bot of its own */
enum { CAM_BOT_LEVELS = 5, CAM_BOT_MAX_LEVEL = 8 };   /* of every bot; of those that search: cam_bot_max_level */
enum { CAM_BOT_MEMORY = 16, CAM_SCRIPT_LENGTH = 64 };
enum { CAM_NUM_MODELS = 4, CAM_BELIEF_SUM = 1024, CAM_BELIEF_LEAST = 32 };   /* of whom a bot that looks ahead takes its opponent for */
enum { CAM_ACTION_HELD = -1000 };   /* no new action: the direction stays held and nothing is pressed */
enum { CAM_MAX_SEE_DELAY = 15, CAM_MAX_ACT_DELAY = 8, CAM_LATENCY_RING = 16, CAM_DROP_SCALE = 1 << 24 };

/* What one fighter brings to a match. -1: the character's default; a companion of -2: none. */
typedef struct {
    int32_t character;
    int32_t scroll;
    int32_t companions[CAM_NUM_COMPANIONS];
} CamLoadout;

/* One row of a table that describes a struct to Python. code: 'i' or 'u' and the size in bytes. */
typedef struct {
    const char *name;
    const char *code;
    int32_t offset;
    int32_t length;   /* 0 for a scalar */
    const char *unit;
} CamFieldInfo;

typedef struct {
    const char *name;
    int32_t size;
    int32_t num_fields;
    const CamFieldInfo *fields;
} CamRecordInfo;

/* One row of the observation: `size` floats that belong together. */
typedef struct {
    const char *module;   /* basic, buff or element: the paper's modules */
    const char *name;
    int32_t size;
    const char *meaning;
} CamObservationInfo;

/* What a bot saw of its opponent at one tick; bots act on an old one. */
typedef struct {
    int16_t x, y, z, spark;
    int16_t move, move_tick, invulnerable_until;
    uint16_t ready;                      /* bit per CAM_BUTTON off its cooldown */
    uint8_t state, who, reserved[2];     /* who: the fighter that was seen */
} CamSight;

/* What an open-loop bot plays whatever happens: each entry for its ticks, then all over again. */
typedef struct {
    uint8_t length, is_given;            /* is_given: not drawn from the seed but given, for its owner to give again at the next reset */
    uint8_t direction[CAM_SCRIPT_LENGTH], button[CAM_SCRIPT_LENGTH], ticks[CAM_SCRIPT_LENGTH];
} CamScript;

typedef struct {
    uint64_t rng;
    uint32_t seen;                       /* sights stored so far */
    uint8_t kind, level, reserved[2];
    CamSight sights[CAM_BOT_MEMORY];
    CamScript script;
    uint8_t script_reserved[6];          /* zero; makes the size a multiple of 8 */
    uint32_t forecast_at;                /* sights stored when the opponent's models were last asked, 0 for never */
    uint8_t forecast[CAM_NUM_MODELS];    /* what each said, by CAM_DEED */
    uint16_t beliefs[CAM_NUM_MODELS];    /* weights of the models, of CAM_BELIEF_SUM; none before the first forecast */
} CamBot;

/* How late one agent sees and acts. */
typedef struct {
    uint8_t see, act;                    /* ticks, 0..CAM_MAX_SEE_DELAY and 0..CAM_MAX_ACT_DELAY */
    uint8_t see_jitter, act_jitter;      /* ticks either way; the sum stays in these ranges */
    uint8_t delay_self;                  /* 1: it sees itself as late as everything else */
    uint8_t reserved[3];
    uint32_t drop;                       /* decisions lost, of CAM_DROP_SCALE */
} CamDelay;

/* What latency keeps of one agent. */
typedef struct {
    int32_t seen;                        /* tick of the state it sees */
    int32_t see_delay;                   /* ticks, drawn for this step */
    int32_t due;                         /* tick at which its last decision takes effect */
    int16_t pending[CAM_LATENCY_RING];   /* the decision by the tick, modulo the ring, at which it takes effect; -1 for none */
} CamLag;

/* A match's latency; num_states states follow it. */
typedef struct {
    uint64_t rng;
    int32_t tick;                        /* ticks since reset */
    int32_t num_states;
    CamLag lags[CAM_MAX_FIGHTERS];
} CamLatency;
_Static_assert(sizeof(CamLatency) % 8 == 0, "states follow the latency without padding");

/* One duel between bots of a list, and what came of it; the unit of a round robin. Kinds are never CAM_BOT_NONE. */
#define CAM_GAME_FIELDS(F, A) \
    F(uint64_t, seed, "what reset is given") \
    A(int16_t, characters, CAM_NUM_SIDES, "index in the roster, by side") \
    A(int16_t, scrolls, CAM_NUM_SIDES, "index in the roster, by side; -1: the character's own") \
    A(int16_t, companions, CAM_NUM_SIDES, "index in the roster, by side; -1: the character's own") \
    A(uint8_t, kinds, CAM_NUM_SIDES, "CAM_BOT, by side") \
    A(uint8_t, levels, CAM_NUM_SIDES, "1..cam_bot_max_level of the kind, by side")

#define CAM_LOCK_HITS 4

#define CAM_GAME_RESULT_FIELDS(F, A) \
    F(int32_t, ticks, "ticks the match took") \
    A(int32_t, hp, CAM_NUM_SIDES, "HP left, by side") \
    A(int32_t, damage, CAM_NUM_SIDES * CAM_NUM_SOURCES, "HP taken from the opponent, by side and CAM_SOURCE") \
    A(uint16_t, held_up, CAM_NUM_SIDES, "ticks stunned, thrown, lying or held, by side") \
    A(uint16_t, counts, CAM_NUM_SIDES * CAM_NUM_COUNTS, "events, by side and CAM_COUNT") \
    F(uint16_t, lead_changes, "how often the side with the larger share of its HP changed") \
    A(uint8_t, was_behind, CAM_NUM_SIDES, "0 or 1: its share of HP was once 30 percent points the smaller, by side") \
    A(uint8_t, longest_combo, CAM_NUM_SIDES, "hits, by side") \
    F(int8_t, winner, "side or CAM_WINNER_DRAW") \
    F(uint8_t, result_reserved, "zero; makes the size a multiple of 4") \
    F(uint16_t, locked, "ticks in which both were in a combo of CAM_LOCK_HITS or more") \
    F(uint16_t, result_reserved2, "zero, alike")

CAM_RECORD(CamGame, CAM_GAME_FIELDS);
CAM_RECORD(CamGameResult, CAM_GAME_RESULT_FIELDS);

/* Bytes of a match of num_fighters fighters. */
size_t cam_state_size(int num_fighters);

/* Start a match. sizes: fighters of either side, 1..CAM_MAX_TEAM; loadouts: an entry a fighter, side 0's first. */
void cam_reset(CamState *state, const CamData *data, uint64_t seed, const int sizes[CAM_NUM_SIDES], int max_ticks, const CamLoadout *loadouts);

/* The seed of the match after one with this seed, where nobody gives one. */
uint64_t cam_next_seed(uint64_t seed);

/* The index-th number drawn from a seed, for what is chosen before a match begins. */
uint64_t cam_draw(uint64_t seed, uint64_t index);

/* Forget what the last step earned: call before the first tick of each. */
void cam_begin_step(CamState *state);

/* Advance one tick. actions: num_fighters ids; press: 1 on the tick in which they are new: only then are they read, and the
   direction taken stays held until the next. CAM_ACTION_HELD is no new action.
   An illegal button or an unknown id does nothing and is counted. A match that is over does not change. */
void cam_step(CamState *state, const CamData *data, const int32_t *actions, int press);

/* A direction that an action's button does not read is dropped; used where directions and buttons are chosen apart. */
int32_t cam_canonical_action(const CamState *state, const CamData *data, int fighter, int32_t action);

/* Legal buttons (bit per CAM_BUTTON, bit 0 always) and, for each, the directions that matter (bit per CAM_DIRECTION). */
uint32_t cam_legal_buttons(const CamState *state, const CamData *data, int fighter);
uint32_t cam_legal_directions(const CamState *state, const CamData *data, int fighter, int button);

/* mask: CAM_NUM_ACTIONS bytes, 1 = legal; action 0 always is. static_mask: what the loadout owns at all. */
void cam_action_mask(const CamState *state, const CamData *data, int fighter, int8_t *mask);
void cam_static_mask(const CamState *state, const CamData *data, int fighter, int8_t *mask);

/* Observations, egocentric: side 1 sees the stage mirrored. CAM_OBSERVE_DESCRIPTOR tells nobody's index in the roster. out: cam_observation_size(preset) floats in [-1, 1]. */
int cam_observation_size(int preset);
int cam_observation_layout(int preset, const CamObservationInfo **rows);   /* returns the number of rows */
void cam_observe(const CamState *state, const CamData *data, int fighter, int preset, float *out);

/* The same for several fighters, of whom none comes twice, or for all: one observation after another. */
void cam_observe_seats(const CamState *state, const CamData *data, const int32_t *seats, int num_seats, int preset, float *out);
void cam_observe_all(const CamState *state, const CamData *data, int preset, float *out);

/* Take from a state what `public` information hides from a fighter: its opponents' sparks, cooldowns and waiting press, and
   the scroll and companions that they have not used yet. */
void cam_hide(CamState *state, const CamData *data, int fighter);

/* Latency. Begin it with its match; per step decide once, then per tick take what is due, step and keep, then look once.
   num_states: what cam_latency_states returns for the delays, which hold an entry per fighter. */
int cam_latency_states(const CamDelay *delays, int num_fighters);
size_t cam_latency_size(int num_fighters, int num_states);
void cam_latency_begin(CamLatency *latency, const CamState *state, int num_states);
void cam_latency_decide(CamLatency *latency, const CamDelay *delays, int num_fighters, const int32_t *actions);
int32_t cam_latency_due(CamLatency *latency, int fighter);   /* an action, or CAM_ACTION_HELD */
void cam_latency_keep(CamLatency *latency, const CamState *state);
void cam_latency_look(CamLatency *latency, int num_fighters);
const char *cam_check_latency(const CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data);

/* The match as a fighter sees it: late if latency is not NULL, without what is hidden if is_public. Returns state, a kept one,
   or scratch, which has room for a state. */
const CamState *cam_see(CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data, int fighter,
                        int is_public, CamState *scratch);

/* The fighter's own terms of the last step, before weights: change of HP, result, combo hits / 10, change of sparks, and
   the same as a potential: CAM_DISCOUNT times the new share less the old, where none is left at the end. */
void cam_reward_terms(const CamState *state, const CamData *data, int fighter, float terms[CAM_NUM_REWARD_TERMS]);

/* 64-bit hash of the state's bytes. */
uint64_t cam_hash(const CamState *state);

/* One number for the behaviour of the whole simulation: num_matches of num_ticks between teams of these sizes, with fixed
   inputs. state: scratch of cam_state_size(sizes[0] + sizes[1]) bytes. */
uint64_t cam_signature(CamState *state, const CamData *data, const int sizes[CAM_NUM_SIDES], int num_matches, int num_ticks);

/* The same of what fighters see who are all late, each in another way, and to whom `public` information hides the rest.
   scratch: as state; latency: cam_view_signature_size bytes. */
size_t cam_view_signature_size(int num_fighters);
uint64_t cam_view_signature(CamState *state, CamState *scratch, CamLatency *latency, const CamData *data, const int sizes[CAM_NUM_SIDES],
                            int num_matches, int num_ticks);

/* The same match seen in a mirror: sides swapped, x negated; n against m becomes m against n. */
void cam_mirror(const CamState *state, CamState *out);

/* What a fighter shows: the boxes, armour, guard and phase by which the last tick was judged. 0 if it is not of this roster. */
int cam_shape(const CamState *state, const CamData *data, int fighter, CamShape *out);

/* NULL if every invariant holds, else a sentence that names the broken one. */
const char *cam_check_state(const CamState *state, const CamData *data);
const char *cam_check_bot(const CamBot *bot, const CamData *data);
const char *cam_check_data(const CamData *data);

/* What each move is good for, into uses[num_moves]: data->uses must be set before a bot acts. */
void cam_measure_uses(const CamData *data, CamUse *uses);

/* What brings each entity type, into sources[num_entity_types]: data->sources must be set before a match begins. */
void cam_find_sources(const CamData *data, uint8_t *sources);

/* Bots: begin with cam_bot_begin, after which an open-loop bot may be given another script; then one action per decision, and cam_bot_watch after every tick. */
const char *cam_bot_name(int kind);
int cam_bot_max_level(int kind);
void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed);
void cam_bot_watch(CamBot *bot, const CamState *state, int fighter);
int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int fighter);

/* Play one duel between bots to its end. state: scratch of cam_state_size(2) bytes. The loadout is one scroll and one
   companion. The same game gives the same result as a match of these bots stepped one by one. */
void cam_play_game(CamState *state, const CamData *data, const CamGame *game, int frame_skip, int max_ticks, CamGameResult *result);

/* The tables of types.h: state, fighter, entity, rules, character, move, hit, op, entity_type; and game and result from above. */
extern const CamRecordInfo cam_records[];
extern const int cam_num_records;

#endif
