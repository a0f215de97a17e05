"""Declarations of engine.h and types.h that the binding uses."""

from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "engine.h" nogil:
    enum:
        CAM_NUM_ACTIONS
        CAM_NUM_BUTTONS
        CAM_NUM_DIRECTIONS
        CAM_NUM_EFFECTS
        CAM_NUM_COMPANIONS
        CAM_MAX_TEAM
        CAM_MAX_FIGHTERS
        CAM_MAX_TICKS
        CAM_MAX_ENTITIES
        CAM_MAX_HITS
        CAM_DESCRIPTOR_SIZE
        CAM_PROFILE_SIZE
        CAM_NUM_OBSERVATIONS
        CAM_NUM_REWARD_TERMS
        CAM_BOT_NONE
        CAM_NUM_BOTS
        CAM_ACTION_HELD
        CAM_MAX_SEE_DELAY
        CAM_MAX_ACT_DELAY
        CAM_DROP_SCALE
        CAM_COUNT_ILLEGAL
        CAM_NUM_COUNTS
        CAM_NUM_SOURCES
        CAM_SCRIPT_LENGTH

    ctypedef struct CamFighter:
        int16_t character
        int8_t side
        uint8_t last_button
        uint16_t counts[12]

    ctypedef struct CamEntity:
        pass

    ctypedef struct CamState:
        uint64_t seed
        int32_t tick
        int32_t max_ticks
        int8_t winner
        uint8_t num_fighters
        uint8_t is_over
        CamFighter fighters[1]

    ctypedef struct CamRules:
        pass

    ctypedef struct CamCharacter:
        pass

    ctypedef struct CamMove:
        pass

    ctypedef struct CamHit:
        pass

    ctypedef struct CamOp:
        pass

    ctypedef struct CamEntityType:
        pass

    ctypedef struct CamUse:
        pass

    ctypedef struct CamBox:
        int32_t x0, x1, y0, y1, z0, z1

    ctypedef struct CamShape:
        pass

    ctypedef struct CamData:
        CamRules rules
        const CamCharacter *characters
        const CamMove *moves
        const CamHit *hits
        const CamOp *ops
        const CamEntityType *entity_types
        const int16_t *scrolls
        const int16_t *companions
        const float *descriptors
        const float *profiles
        const CamUse *uses
        const uint8_t *sources
        int32_t num_characters
        int32_t num_moves
        int32_t num_hits
        int32_t num_ops
        int32_t num_entity_types
        int32_t num_scrolls
        int32_t num_companions

    ctypedef struct CamLoadout:
        int32_t character
        int32_t scroll
        int32_t companions[3]

    ctypedef struct CamFieldInfo:
        const char *name
        const char *code
        int32_t offset
        int32_t length
        const char *unit

    ctypedef struct CamRecordInfo:
        const char *name
        int32_t size
        int32_t num_fields
        const CamFieldInfo *fields

    ctypedef struct CamObservationInfo:
        const char *module
        const char *name
        int32_t size
        const char *meaning

    ctypedef struct CamScript:
        uint8_t length
        uint8_t is_given
        uint8_t direction[64]
        uint8_t button[64]
        uint8_t ticks[64]

    ctypedef struct CamBot:
        uint8_t kind
        CamScript script

    ctypedef struct CamGame:
        int16_t characters[2]
        int16_t scrolls[2]
        int16_t companions[2]
        uint8_t kinds[2]
        uint8_t levels[2]

    ctypedef struct CamGameResult:
        pass

    ctypedef struct CamDelay:
        uint8_t see
        uint8_t act
        uint8_t see_jitter
        uint8_t act_jitter
        uint8_t delay_self
        uint32_t drop

    ctypedef struct CamLatency:
        int32_t tick

    const CamRecordInfo cam_records[]
    const int cam_num_records

    size_t cam_state_size(int num_fighters)
    void cam_reset(CamState *state, const CamData *data, uint64_t seed, const int *sizes, int max_ticks, const CamLoadout *loadouts)
    uint64_t cam_next_seed(uint64_t seed)
    uint64_t cam_draw(uint64_t seed, uint64_t index)
    void cam_begin_step(CamState *state)
    void cam_step(CamState *state, const CamData *data, const int32_t *actions, int press)
    int32_t cam_canonical_action(const CamState *state, const CamData *data, int fighter, int32_t action)
    void cam_action_mask(const CamState *state, const CamData *data, int fighter, int8_t *mask)
    void cam_static_mask(const CamState *state, const CamData *data, int fighter, int8_t *mask)
    int cam_observation_size(int preset)
    int cam_observation_layout(int preset, const CamObservationInfo **rows)
    void cam_observe(const CamState *state, const CamData *data, int fighter, int preset, float *out)
    void cam_observe_all(const CamState *state, const CamData *data, int preset, float *out)
    int cam_latency_states(const CamDelay *delays, int num_fighters)
    size_t cam_latency_size(int num_fighters, int num_states)
    void cam_latency_begin(CamLatency *latency, const CamState *state, int num_states)
    void cam_latency_decide(CamLatency *latency, const CamDelay *delays, int num_fighters, const int32_t *actions)
    int32_t cam_latency_due(CamLatency *latency, int fighter)
    void cam_latency_keep(CamLatency *latency, const CamState *state)
    void cam_latency_look(CamLatency *latency, int num_fighters)
    const char *cam_check_latency(const CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data)
    const CamState *cam_see(CamLatency *latency, const CamDelay *delays, const CamState *state, const CamData *data, int fighter,
                            int is_public, CamState *scratch)
    void cam_reward_terms(const CamState *state, const CamData *data, int fighter, float *terms)
    uint64_t cam_signature(CamState *state, const CamData *data, const int *sizes, int num_matches, int num_ticks)
    size_t cam_view_signature_size(int num_fighters)
    uint64_t cam_view_signature(CamState *state, CamState *scratch, CamLatency *latency, const CamData *data, const int *sizes,
                                int num_matches, int num_ticks)
    uint64_t cam_hash(const CamState *state)
    void cam_mirror(const CamState *state, CamState *out)
    int cam_shape(const CamState *state, const CamData *data, int fighter, CamShape *out)
    const char *cam_check_state(const CamState *state, const CamData *data)
    const char *cam_check_bot(const CamBot *bot, const CamData *data)
    const char *cam_check_data(const CamData *data)
    void cam_measure_uses(const CamData *data, CamUse *uses)
    void cam_find_sources(const CamData *data, uint8_t *sources)
    void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed)
    void cam_bot_watch(CamBot *bot, const CamState *state, int fighter)
    int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int fighter)
    const char *cam_bot_name(int kind)
    int cam_bot_max_level(int kind)
    void cam_play_game(CamState *state, const CamData *data, const CamGame *game, int frame_skip, int max_ticks, CamGameResult *result)
