"""Declarations of batch.h and pool.h that the binding uses."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint64_t

from engine cimport CamBot, CamData, CamDelay, CamLatency, CamLoadout, CamState


cdef extern from "batch.h" nogil:
    enum:
        CAM_NEXT_STEP
        CAM_SAME_STEP
        CAM_DISABLED
        CAM_FLOAT32
        CAM_NUM_ENCODINGS
        CAM_INT16_ONE
        CAM_MASK_JOINT
        CAM_MASK_FACTORED
        CAM_MASK_OWN
        CAM_MAX_OBSERVATION

    ctypedef struct CamBatch:
        const CamData *data
        int32_t num_matches
        int32_t num_fighters
        int sizes[2]
        int32_t frame_skip
        int32_t max_ticks
        int32_t max_steps
        int32_t observation
        int32_t observation_size
        int32_t late_states
        size_t state_size
        size_t late_size
        int is_factored
        int is_trio
        int is_public
        int is_mirrored
        float weights[5]
        CamDelay delays[10]
        char *states
        char *latencies
        char *scratches
        CamBot *bots
        uint8_t *bot_kinds
        uint8_t *bot_levels
        int32_t *steps
        int32_t *pools[10]
        int32_t pool_sizes[10]

    CamState *cam_batch_state(const CamBatch *batch, Py_ssize_t match)
    CamLatency *cam_batch_latency(const CamBatch *batch, Py_ssize_t match)
    void cam_batch_start(CamBatch *batch, Py_ssize_t match, uint64_t seed, const CamLoadout *wanted)
    void cam_batch_advance(CamBatch *batch, Py_ssize_t match, const int32_t *actions)
    int cam_batch_is_cut(const CamBatch *batch, Py_ssize_t match)
    void cam_batch_rewards(const CamBatch *batch, Py_ssize_t match, float *rewards)
    const CamState *cam_batch_see(CamBatch *batch, Py_ssize_t match, int seat)
    void cam_batch_read(CamBatch *batch, Py_ssize_t match, float *observations, int8_t *masks)
    void cam_factor_mask(const int8_t *mask, int8_t *factored)
    size_t cam_encoded_size(int encoding)
    void cam_encode(const float *numbers, int count, int encoding, void *to)

    ctypedef struct CamRows:
        CamBatch *batch
        int32_t num_matches
        int32_t num_tasks
        int32_t num_fighters
        int32_t num_seats
        int32_t seats[10]
        int32_t stack
        int32_t encoding
        int32_t mask_form
        int32_t mask_size
        int32_t is_flat
        int32_t autoreset
        int32_t *actions
        char *frames
        int8_t *masks
        int32_t *own
        float *rewards
        float *terms
        int32_t *illegal
        int32_t *characters
        int32_t *opponents
        uint8_t *meaningful
        uint8_t *terminated
        uint8_t *truncated
        uint8_t *begun
        uint64_t *seeds

    Py_ssize_t cam_rows_take32(CamRows *rows, const int32_t *given)
    Py_ssize_t cam_rows_take64(CamRows *rows, const int64_t *given)
    void cam_rows_task(void *context, int task)
    void cam_rows_step(CamRows *rows, Py_ssize_t start, Py_ssize_t stop)
    void cam_rows_follow(CamRows *rows, Py_ssize_t match)
    void cam_rows_read(CamRows *rows, Py_ssize_t match, int begins)
    void cam_rows_recall(CamRows *rows, Py_ssize_t match)


cdef extern from "pool.h" nogil:
    ctypedef struct CamPool:
        pass

    ctypedef void (*CamTask)(void *context, int task) noexcept

    CamPool *cam_pool_new(int num_threads, int num_tasks, CamTask run, void *context)
    int cam_pool_start(CamPool *pool, int alone)
    void cam_pool_wait(CamPool *pool)
    int cam_pool_is_orphan(const CamPool *pool)
    void cam_pool_free(CamPool *pool)
