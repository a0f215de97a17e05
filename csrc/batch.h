/* Many matches that step together, and the rows in which their agents see them. Nothing here knows Python, and nothing allocates. */
#ifndef CAM_BATCH_H
#define CAM_BATCH_H

#include "engine.h"

enum { CAM_NEXT_STEP, CAM_SAME_STEP, CAM_DISABLED };          /* what a step does with a match that was over before it */
enum { CAM_FLOAT32, CAM_FLOAT16, CAM_INT16, CAM_NUM_ENCODINGS };
enum { CAM_INT16_ONE = 32767 };                               /* what 1.0 is as an int16 */
enum { CAM_MASK_JOINT, CAM_MASK_FACTORED, CAM_MASK_OWN };     /* how actions are counted: 108 ids, 9 + 12, or what is owned */
enum { CAM_NOT_OWNED = CAM_NUM_ACTIONS };                     /* no action's id: whoever takes it does nothing, and it is counted */
enum { CAM_MAX_OBSERVATION = 4096 };                          /* floats of the largest preset at most */

typedef struct {
    const CamData *data;
    int32_t num_matches, num_fighters, frame_skip, max_ticks;
    int sizes[CAM_NUM_SIDES];                                 /* fighters of either side; side 0 has the first seats */
    int32_t max_steps;                                        /* 0: matches are never cut off */
    int32_t observation, observation_size;
    int32_t late_states;
    size_t state_size, late_size;
    int is_factored, is_trio, is_public;
    int is_mirrored;                                          /* 1: the k-th of side 1 draws whom the k-th of side 0 does */
    float weights[CAM_NUM_REWARD_TERMS];
    CamDelay delays[CAM_MAX_FIGHTERS];
    char *states;                                             /* num_matches blocks of state_size */
    char *latencies;                                          /* of late_size; NULL without latency */
    char *scratches;                                          /* of state_size; NULL if everybody sees the state as it is */
    CamBot *bots;                                             /* one a fighter of each match */
    uint8_t *bot_kinds, *bot_levels;                          /* which bot the next reset begins */
    int32_t *steps;                                           /* one a match */
    int32_t *pools[CAM_MAX_FIGHTERS];                         /* characters that a seat draws from */
    int32_t pool_sizes[CAM_MAX_FIGHTERS];
} CamBatch;

CamState *cam_batch_state(const CamBatch *batch, ptrdiff_t match);
CamLatency *cam_batch_latency(const CamBatch *batch, ptrdiff_t match);

/* Start a match; what `wanted` leaves open is drawn from the pools by the seed. wanted: an entry a fighter, or NULL. */
void cam_batch_start(CamBatch *batch, ptrdiff_t match, uint64_t seed, const CamLoadout *wanted);

/* One step. actions: an id a fighter; those of bots are not read. */
void cam_batch_advance(CamBatch *batch, ptrdiff_t match, const int32_t *actions);

int cam_batch_is_cut(const CamBatch *batch, ptrdiff_t match);   /* cut off by max_steps */

/* u_own - u_other of the last step, where u is the mean of the weighted terms of a side's fighters: exactly zero-sum between
   the sides, and a win is worth the same in a team of any size. */
void cam_batch_rewards(const CamBatch *batch, ptrdiff_t match, float *rewards);

/* The match as a seat sees it; valid until the next call for the same match. */
const CamState *cam_batch_see(CamBatch *batch, ptrdiff_t match, int seat);

/* Observations and masks of all fighters; NULL for neither. */
void cam_batch_read(CamBatch *batch, ptrdiff_t match, float *observations, int8_t *masks);

/* A mask of 108 entries as 9 + 12: which directions and which buttons are legal in some action. */
void cam_factor_mask(const int8_t *mask, int8_t *factored);

/* Ids of the actions that a seat owns, in order; CAM_NOT_OWNED fills the rest of `size`. Returns how many it owns, which may be more. */
int cam_own_actions(const CamBatch *batch, ptrdiff_t match, int seat, int32_t *ids, int size);

/* floats in [-1, 1] as another type: float16 rounds to nearest even, int16 is the number times CAM_INT16_ONE, rounded. */
size_t cam_encoded_size(int encoding);
void cam_encode(const float *from, int count, int encoding, void *to);

/* Rows: what the agents in some seats of matches get and do, in arrays that stay. Their first two axes are match and seat. */
typedef struct {
    CamBatch *batch;                                          /* NULL: only actions are taken */
    int32_t num_matches, num_tasks;
    int32_t num_fighters;
    int32_t num_seats, seats[CAM_MAX_FIGHTERS];               /* which seats have a row, in order */
    int32_t stack;                                            /* frames in a row, the present one first */
    int32_t encoding;                                         /* of frames */
    int32_t mask_form, mask_size;
    int32_t is_flat;                                          /* 1: the mask stands behind the frames, encoded like them */
    int32_t autoreset;
    int32_t *actions;                                         /* (M, A) ids, an entry for every fighter */
    char *frames;                                             /* (M, S, stack * O, and mask_size if flat); NULL: not written */
    int8_t *masks;                                            /* (M, S, mask_size) */
    int32_t *own;                                             /* (M, S, mask_size) ids, with CAM_MASK_OWN */
    float *rewards;                                           /* (M, S) */
    float *terms;                                             /* (M, S, CAM_NUM_REWARD_TERMS) */
    int32_t *illegal;                                         /* (M, S) */
    int32_t *characters, *opponents;                          /* (M, S); of a team, its first */
    uint8_t *meaningful;                                      /* (M, S) 1: anything but idle is legal */
    uint8_t *terminated, *truncated;                          /* (M, S) */
    uint8_t *begun;                                           /* (M): the match has begun in this step */
    uint64_t *seeds;                                          /* (M) of the matches that are fought */
} CamRows;

/* Take a row's action each into `actions`: ids, pairs of direction and button, or places in `own`. Returns the first row whose
   action is out of range, or -1. */
ptrdiff_t cam_rows_take32(CamRows *rows, const int32_t *given);
ptrdiff_t cam_rows_take64(CamRows *rows, const int64_t *given);

/* One step of the matches start..stop - 1, and all that is seen of it. */
void cam_rows_step(CamRows *rows, ptrdiff_t start, ptrdiff_t stop);

/* The part of a step that a thread does; context: a CamRows, task: 0..num_tasks - 1. */
void cam_rows_task(void *context, int task);

/* Begin the match that follows, and note that it has begun. */
void cam_rows_follow(CamRows *rows, ptrdiff_t match);

/* Note what is seen of a match; with `begins` it has just begun: all frames are the first and it has earned nothing. */
void cam_rows_read(CamRows *rows, ptrdiff_t match, int begins);

/* Note all that is known of a match that was put back as it was; of its frames, the present one. */
void cam_rows_recall(CamRows *rows, ptrdiff_t match);

#endif
