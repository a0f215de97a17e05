# cython: boundscheck=False, wraparound=False
"""The trainers' inner loops, over numpy arrays. The C behind them is training.c; this file checks shapes."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t


cdef extern from "training.h" nogil:
    int64_t cam_sample_actions(const float *logits, const int8_t *masks, const float *uniforms, int64_t rows,
                               int64_t K, int32_t *actions, float *log_probs)
    int64_t cam_best_actions(const float *logits, const int8_t *masks, int64_t rows, int64_t K, int32_t *actions)
    int64_t cam_policy_terms(const float *logits, const int8_t *masks, const int32_t *actions, int64_t rows,
                             int64_t K, float *probs, float *log_probs, float *entropies)
    void cam_policy_gradient(const float *probs, const int32_t *actions, const float *entropies,
                             const float *grad_log_probs, const float *grad_entropies, int64_t rows, int64_t K,
                             float *grad_logits)
    void cam_advantages(const float *rewards, const float *values, const uint8_t *ends, const float *last_values,
                        int64_t T, int64_t N, double gamma, double gae_lambda, float *advantages)


cdef _check(int64_t given, int64_t wanted, str name):
    if given != wanted:
        raise ValueError(f"{name} has length {given} where {wanted} is needed")


cdef _refuse(int64_t bad, const float[:, ::1] logits, const int8_t[:, ::1] masks):
    if bad < 0:
        return
    if not any(masks[bad, k] for k in range(masks.shape[1])):
        raise ValueError(f"action_mask of row {bad} is all zero; at least one action must be legal")
    legal = [logits[bad, k] for k in range(masks.shape[1]) if masks[bad, k]]
    if any(x != x or x == float("inf") for x in legal) or max(legal) == float("-inf"):
        raise FloatingPointError(f"logits of row {bad} hold a NaN or an infinity among the legal actions")
    raise ValueError(f"the action of row {bad} is illegal under its action_mask")


def sample_actions(const float[:, ::1] logits, const int8_t[:, ::1] masks, const float[::1] uniforms,
                   int32_t[::1] actions, float[::1] log_probs):
    cdef int64_t rows = logits.shape[0], K = logits.shape[1], bad
    _check(masks.shape[0], rows, "masks")
    _check(masks.shape[1], K, "a row of masks")
    _check(uniforms.shape[0], rows, "uniforms")
    _check(actions.shape[0], rows, "actions")
    _check(log_probs.shape[0], rows, "log_probs")
    if rows == 0:
        return
    with nogil:
        bad = cam_sample_actions(&logits[0, 0], &masks[0, 0], &uniforms[0], rows, K, &actions[0], &log_probs[0])
    _refuse(bad, logits, masks)


def best_actions(const float[:, ::1] logits, const int8_t[:, ::1] masks, int32_t[::1] actions):
    cdef int64_t rows = logits.shape[0], K = logits.shape[1], bad
    _check(masks.shape[0], rows, "masks")
    _check(masks.shape[1], K, "a row of masks")
    _check(actions.shape[0], rows, "actions")
    if rows == 0:
        return
    with nogil:
        bad = cam_best_actions(&logits[0, 0], &masks[0, 0], rows, K, &actions[0])
    _refuse(bad, logits, masks)


def policy_terms(const float[:, ::1] logits, const int8_t[:, ::1] masks, const int32_t[::1] actions,
                 float[:, ::1] probs, float[::1] log_probs, float[::1] entropies):
    cdef int64_t rows = logits.shape[0], K = logits.shape[1], bad
    _check(masks.shape[0], rows, "masks")
    _check(masks.shape[1], K, "a row of masks")
    _check(actions.shape[0], rows, "actions")
    _check(probs.shape[0], rows, "probs")
    _check(probs.shape[1], K, "a row of probs")
    _check(log_probs.shape[0], rows, "log_probs")
    _check(entropies.shape[0], rows, "entropies")
    if rows == 0:
        return
    with nogil:
        bad = cam_policy_terms(&logits[0, 0], &masks[0, 0], &actions[0], rows, K, &probs[0, 0], &log_probs[0],
                               &entropies[0])
    _refuse(bad, logits, masks)


def policy_gradient(const float[:, ::1] probs, const int32_t[::1] actions, const float[::1] entropies,
                    const float[::1] grad_log_probs, const float[::1] grad_entropies, float[:, ::1] grad_logits):
    cdef int64_t rows = probs.shape[0], K = probs.shape[1]
    _check(actions.shape[0], rows, "actions")
    _check(entropies.shape[0], rows, "entropies")
    _check(grad_log_probs.shape[0], rows, "grad_log_probs")
    _check(grad_entropies.shape[0], rows, "grad_entropies")
    _check(grad_logits.shape[0], rows, "grad_logits")
    _check(grad_logits.shape[1], K, "a row of grad_logits")
    if rows == 0:
        return
    with nogil:
        cam_policy_gradient(&probs[0, 0], &actions[0], &entropies[0], &grad_log_probs[0], &grad_entropies[0], rows, K,
                            &grad_logits[0, 0])


def advantages(const float[:, ::1] rewards, const float[:, ::1] values, const uint8_t[:, ::1] ends,
               const float[::1] last_values, double gamma, double gae_lambda, float[:, ::1] out):
    cdef int64_t T = rewards.shape[0], N = rewards.shape[1]
    _check(values.shape[0], T, "values")
    _check(values.shape[1], N, "a row of values")
    _check(ends.shape[0], T, "ends")
    _check(ends.shape[1], N, "a row of ends")
    _check(last_values.shape[0], N, "last_values")
    _check(out.shape[0], T, "out")
    _check(out.shape[1], N, "a row of out")
    if T == 0 or N == 0:
        return
    with nogil:
        cam_advantages(&rewards[0, 0], &values[0, 0], &ends[0, 0], &last_values[0], T, N, gamma, gae_lambda, &out[0, 0])
