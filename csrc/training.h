/* The trainers' inner loops: masked sampling, its gradient, and advantages. Plain arrays, row-major; no game rules.
   A row is one fighter at one step; K is the number of actions; masks hold 1 where an action is legal. */
#ifndef CAM_TRAINING_H
#define CAM_TRAINING_H

#include <stdint.h>

enum {
    CAM_MAX_ACTIONS = 1024 /* most that K can be */
};

/* Draw one legal action a row by inverting the distribution at uniforms[row] in [0, 1).
   Returns the first row whose mask is all zero or whose legal logits hold a NaN or +inf, else -1. */
int64_t cam_sample_actions(const float *logits, const int8_t *masks, const float *uniforms, int64_t rows, int64_t K,
                           int32_t *actions, float *log_probs);

/* The legal action of highest logit a row, the lowest id among equals. Returns as above. */
int64_t cam_best_actions(const float *logits, const int8_t *masks, int64_t rows, int64_t K, int32_t *actions);

/* Probabilities of a masked softmax (exactly 0 where illegal), the log-probability of actions[row], and the entropy.
   Returns as above; a row whose own action is illegal counts as bad too. */
int64_t cam_policy_terms(const float *logits, const int8_t *masks, const int32_t *actions, int64_t rows, int64_t K,
                         float *probs, float *log_probs, float *entropies);

/* The gradient on the logits, given the gradients on log_probs and entropies of cam_policy_terms. */
void cam_policy_gradient(const float *probs, const int32_t *actions, const float *entropies,
                         const float *grad_log_probs, const float *grad_entropies, int64_t rows, int64_t K,
                         float *grad_logits);

/* KL(p || q) of the masked softmaxes p of logits and q of reference, and its gradient on the logits. Returns as
   cam_sample_actions; rows + row where the reference's logits are bad. */
int64_t cam_divergence(const float *logits, const float *reference, const int8_t *masks, int64_t rows, int64_t K,
                       float *divergences, float *gradients);

/* Generalised advantage estimates over T steps of N rows. ends: 1 where an episode ended at that step.
   last_values: N values of the observation after the last step. */
void cam_advantages(const float *rewards, const float *values, const uint8_t *ends, const float *last_values,
                    int64_t T, int64_t N, double gamma, double gae_lambda, float *advantages);

/* Count what was pressed and what could have been in the matches that are active. players: an entrant of each seat, in
   0..E - 1. periods: part of the match time, in 0..P - 1. A mask has D directions of B buttons each.
   uses: (E, E, P, B), by own entrant, opponent, period and button; chances: (E, E, B), by button that was legal in any
   direction. */
void cam_count_decisions(const int32_t *actions, const int8_t *masks, const uint8_t *is_active, const int64_t *players,
                         const int64_t *periods, int64_t matches, int64_t E, int64_t P, int64_t D, int64_t B,
                         int64_t *uses, int64_t *chances);

#endif
