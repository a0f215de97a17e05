# cython: boundscheck=False, wraparound=False
"""The trainers' inner loops, over numpy arrays. The C behind them is training.c, network.c and mean.c; this file checks shapes."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t


cdef extern from "training.h" nogil:
    enum:
        CAM_MAX_ACTIONS
    int64_t cam_sample_actions(const float *logits, const int8_t *masks, const float *uniforms, int64_t rows,
                               int64_t K, int32_t *actions, float *log_probs)
    int64_t cam_best_actions(const float *logits, const int8_t *masks, int64_t rows, int64_t K, int32_t *actions)
    int64_t cam_policy_terms(const float *logits, const int8_t *masks, const int32_t *actions, int64_t rows,
                             int64_t K, float *probs, float *log_probs, float *entropies)
    void cam_policy_gradient(const float *probs, const int32_t *actions, const float *entropies,
                             const float *grad_log_probs, const float *grad_entropies, int64_t rows, int64_t K,
                             float *grad_logits)
    int64_t cam_divergence(const float *logits, const float *reference, const int8_t *masks, int64_t rows, int64_t K,
                           float *divergences, float *gradients)
    void cam_advantages(const float *rewards, const float *values, const uint8_t *ends, const float *last_values,
                        int64_t T, int64_t N, double gamma, double gae_lambda, float *advantages)
    void cam_count_decisions(const int32_t *actions, const int8_t *masks, const uint8_t *is_active,
                             const int64_t *players, const int64_t *periods, int64_t matches, int64_t E, int64_t P,
                             int64_t D, int64_t B, int64_t *uses, int64_t *chances)


cdef extern from "mean.h" nogil:
    int64_t cam_mean_size(int64_t workers, int64_t count)
    void cam_mean_put(void *memory, int64_t workers, int64_t count, int64_t rank, int64_t turn, const float *values)
    int cam_mean_take(void *memory, int64_t workers, int64_t count, int64_t turn, int64_t milliseconds, float *values)


cdef extern from "network.h" nogil:
    enum:
        CAM_MAX_EFFECTS
        CAM_MAX_WIDTH
        CAM_MAX_HEAD
    ctypedef struct CamEffectModule:
        int64_t starts[2]
        int64_t num_effects, features, width
        const float *weight
        const float *bias
        const float *ids
    void cam_pack_f32(const float *observations, int64_t size, const int64_t *rows, int64_t count,
                      const int32_t *spans, int64_t num_spans, float *out, int64_t stride)
    int64_t cam_embed_f32(const float *observations, int64_t size, const int64_t *rows, int64_t count, int64_t first,
                          int64_t num, int64_t step, float scale, const float *table, int64_t num_ids, int64_t width,
                          float *out, int64_t stride)
    void cam_embed_gradient_f32(const float *observations, int64_t size, const int64_t *rows, int64_t count,
                                int64_t first, int64_t num, int64_t step, float scale, const float *grad_out,
                                int64_t stride, int64_t width, float *grad_table)
    void cam_effects_f32(const CamEffectModule *module, const float *observations, int64_t size, const int64_t *rows,
                         int64_t count, float *out, int64_t stride)
    void cam_effects_gradient_f32(const CamEffectModule *module, const float *observations, int64_t size,
                                  const int64_t *rows, int64_t count, const float *grad_out, int64_t stride,
                                  float *grad_weight, float *grad_bias, float *grad_ids)
    void cam_bias_relu_f32(float *x, int64_t stride, int64_t count, int64_t width, const float *bias)
    void cam_bias_relu_gradient_f32(float *grad, int64_t grad_stride, const float *y, int64_t y_stride, int64_t count,
                                    int64_t width, float *grad_bias)
    void cam_head_f32(const float *x, int64_t count, int64_t directions, int64_t buttons, const float *bias,
                      float *logits, float *values)
    void cam_head_gradient_f32(const float *grad_logits, const float *grad_values, int64_t count, int64_t directions,
                               int64_t buttons, float *grad_x, float *grad_bias)
    void cam_pack_bf16(const float *observations, int64_t size, const int64_t *rows, int64_t count,
                       const int32_t *spans, int64_t num_spans, uint16_t *out, int64_t stride)
    int64_t cam_embed_bf16(const float *observations, int64_t size, const int64_t *rows, int64_t count, int64_t first,
                           int64_t num, int64_t step, float scale, const float *table, int64_t num_ids, int64_t width,
                           uint16_t *out, int64_t stride)
    void cam_embed_gradient_bf16(const float *observations, int64_t size, const int64_t *rows, int64_t count,
                                 int64_t first, int64_t num, int64_t step, float scale, const uint16_t *grad_out,
                                 int64_t stride, int64_t width, float *grad_table)
    void cam_effects_bf16(const CamEffectModule *module, const float *observations, int64_t size, const int64_t *rows,
                          int64_t count, uint16_t *out, int64_t stride)
    void cam_effects_gradient_bf16(const CamEffectModule *module, const float *observations, int64_t size,
                                   const int64_t *rows, int64_t count, const uint16_t *grad_out, int64_t stride,
                                   float *grad_weight, float *grad_bias, float *grad_ids)
    void cam_bias_relu_bf16(uint16_t *x, int64_t stride, int64_t count, int64_t width, const float *bias)
    void cam_bias_relu_gradient_bf16(uint16_t *grad, int64_t grad_stride, const uint16_t *y, int64_t y_stride, int64_t count,
                                     int64_t width, float *grad_bias)
    void cam_head_bf16(const uint16_t *x, int64_t count, int64_t directions, int64_t buttons, const float *bias,
                       float *logits, float *values)
    void cam_head_gradient_bf16(const float *grad_logits, const float *grad_values, int64_t count, int64_t directions,
                                int64_t buttons, uint16_t *grad_x, float *grad_bias)


ctypedef fused real:
    float
    uint16_t


cdef _check(int64_t given, int64_t wanted, str name):
    if given != wanted:
        raise ValueError(f"{name} has length {given} where {wanted} is needed")


cdef _check_actions(int64_t K):
    if K > CAM_MAX_ACTIONS:
        raise ValueError(f"there are {K} actions; at most {CAM_MAX_ACTIONS} are allowed")


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
    _check_actions(K)
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
    _check_actions(K)
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
    _check_actions(K)
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


def divergence(const float[:, ::1] logits, const float[:, ::1] reference, const int8_t[:, ::1] masks,
               float[::1] divergences, float[:, ::1] gradients):
    cdef int64_t rows = logits.shape[0], K = logits.shape[1], bad
    _check_actions(K)
    _check(reference.shape[0], rows, "reference")
    _check(reference.shape[1], K, "a row of reference")
    _check(masks.shape[0], rows, "masks")
    _check(masks.shape[1], K, "a row of masks")
    _check(divergences.shape[0], rows, "divergences")
    _check(gradients.shape[0], rows, "gradients")
    _check(gradients.shape[1], K, "a row of gradients")
    if rows == 0:
        return
    with nogil:
        bad = cam_divergence(&logits[0, 0], &reference[0, 0], &masks[0, 0], rows, K, &divergences[0], &gradients[0, 0])
    if bad < rows:
        _refuse(bad, logits, masks)
    else:
        _refuse(bad - rows, reference, masks)


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


def count_decisions(const int32_t[:, ::1] actions, const int8_t[:, :, ::1] masks, const uint8_t[::1] is_active,
                    const int64_t[:, ::1] players, const int64_t[::1] periods, int64_t[:, :, :, ::1] uses,
                    int64_t[:, :, ::1] chances):
    cdef int64_t matches = actions.shape[0], E = uses.shape[0], P = uses.shape[2], B = uses.shape[3], match, seat
    cdef int64_t D = masks.shape[2] // B
    for length, wanted, name in (
        (actions.shape[1], 2, "a row of actions"), (masks.shape[0], matches, "masks"), (masks.shape[1], 2, "a row of masks"),
        (masks.shape[2], D * B, "a mask"), (is_active.shape[0], matches, "is_active"), (players.shape[0], matches, "players"),
        (players.shape[1], 2, "a row of players"), (periods.shape[0], matches, "periods"), (uses.shape[1], E, "a row of uses"),
        (chances.shape[0], E, "chances"), (chances.shape[1], E, "a row of chances"), (chances.shape[2], B, "buttons of chances"),
    ):
        _check(length, wanted, name)
    for match in range(matches):
        if not 0 <= periods[match] < P:
            raise IndexError(f"periods[{match}] is {periods[match]}; it must lie in 0..{P - 1}")
        for seat in range(2):
            if not 0 <= players[match, seat] < E or actions[match, seat] < 0:
                raise IndexError(f"match {match}: player {players[match, seat]} or action {actions[match, seat]} is out of range")
    if matches == 0:
        return
    with nogil:
        cam_count_decisions(&actions[0, 0], &masks[0, 0, 0], &is_active[0], &players[0, 0], &periods[0], matches, E, P, D,
                            B, &uses[0, 0, 0, 0], &chances[0, 0, 0])


# ---- the network between its matrix products; `real` is float or the upper half of one ----

cdef const int64_t *_rows(const int64_t[::1] rows, int64_t num_observations, int64_t count) except? NULL:
    """The rows to read, checked; NULL for the first `count`."""
    cdef int64_t i
    if rows is None:
        _check(num_observations, count, "observations")
        return NULL
    _check(rows.shape[0], count, "rows")
    for i in range(count):
        if not 0 <= rows[i] < num_observations:
            raise IndexError(f"rows[{i}] is {rows[i]}; it must lie in 0..{num_observations - 1}")
    return &rows[0] if count else NULL


cdef int _check_inner(real[:, :] array, str name) except -1:
    if array.shape[0] and array.strides[1] != sizeof(real):
        raise ValueError(f"the columns of {name} must be adjacent")
    return 0


cdef int64_t _check_spans(const int32_t[:, ::1] spans, int64_t size) except -1:
    """Check spans of columns and return how many columns they are."""
    cdef int64_t width = 0, k
    _check(spans.shape[1], 2, "a span")
    for k in range(spans.shape[0]):
        if not 0 <= spans[k, 0] < spans[k, 1] <= size:
            raise ValueError(f"a span of columns is {spans[k, 0]}..{spans[k, 1]}; it must lie in 0..{size}")
        width += spans[k, 1] - spans[k, 0]
    return width


cdef int _check_columns(int64_t size, int64_t first, int64_t num, int64_t step, int64_t width) except -1:
    if num < 1 or step < 1 or first < 0 or first + (num - 1) * step >= size:
        raise ValueError(f"{num} columns from {first}, {step} apart, do not lie in 0..{size - 1}")
    if width > CAM_MAX_WIDTH:
        raise ValueError(f"an embedding has width {width}; at most {CAM_MAX_WIDTH} is allowed")
    return 0


def embed_gradient(const float[:, ::1] observations, const int64_t[::1] rows, int64_t first, int64_t num, int64_t step,
                   float scale, real[:, :] grad_out, float[:, ::1] grad_table):
    cdef int64_t size = observations.shape[1], count = grad_out.shape[0], width = grad_table.shape[1], k, i, row
    cdef int64_t stride = grad_out.strides[0] // sizeof(real)
    cdef const int64_t *chosen = _rows(rows, observations.shape[0], count)
    cdef float number
    _check_inner(grad_out, "grad_out")
    _check_columns(size, first, num, step, width)
    _check(grad_out.shape[1], width, "a row of grad_out")
    if count == 0:
        return
    for i in range(count):
        row = i if chosen == NULL else chosen[i]
        for k in range(num):
            number = observations[row, first + k * step] * scale
            if not -0.5 < number < grad_table.shape[0] - 0.5:
                raise IndexError(f"id {number} of row {row} is outside 0..{grad_table.shape[0] - 1}")
    with nogil:
        if real is float:
            cam_embed_gradient_f32(&observations[0, 0], size, chosen, count, first, num, step, scale, &grad_out[0, 0],
                                   stride, width, &grad_table[0, 0])
        else:
            cam_embed_gradient_bf16(&observations[0, 0], size, chosen, count, first, num, step, scale,
                                    &grad_out[0, 0], stride, width, &grad_table[0, 0])


cdef CamEffectModule _effect_module(const float[:, ::1] observations, tuple starts, const float[:, ::1] weight,
                                    const float[::1] bias, const float[:, ::1] ids) except *:
    cdef CamEffectModule module
    cdef int side
    module.features, module.width, module.num_effects = weight.shape[0], weight.shape[1], ids.shape[0]
    _check(bias.shape[0], module.width, "bias")
    _check(ids.shape[1], module.width, "a row of ids")
    if module.num_effects > CAM_MAX_EFFECTS or module.width > CAM_MAX_WIDTH:
        raise ValueError(f"at most {CAM_MAX_EFFECTS} effects of width {CAM_MAX_WIDTH}, got {ids.shape[0]} of {ids.shape[1]}")
    for side in range(2):
        module.starts[side] = starts[side]
        if not 0 <= module.starts[side] <= observations.shape[1] - module.num_effects * module.features:
            raise ValueError(f"effects from column {starts[side]} on do not fit {observations.shape[1]} columns")
    module.weight, module.bias, module.ids = &weight[0, 0], &bias[0], &ids[0, 0]
    return module


cdef struct Embedding:
    const float *table
    int64_t num_ids, width, first, num, step
    float scale


cdef enum:
    MAX_EMBEDDINGS = 8
    READ_ROWS = 16  # an observation stays in the first cache while all modules read it


cdef Embedding _embedding(int64_t size, tuple given) except *:
    cdef Embedding found
    cdef int64_t first = given[0], num = given[1], step = given[2]
    cdef float scale = given[3]
    cdef const float[:, ::1] table = given[4]
    _check_columns(size, first, num, step, table.shape[1])
    found.table, found.num_ids, found.width = &table[0, 0], table.shape[0], table.shape[1]
    found.first, found.num, found.step, found.scale = first, num, step, scale
    return found


def read(const float[:, ::1] observations, const int64_t[::1] rows, const int32_t[:, ::1] basic, real[:, :] basic_out,
         const int32_t[:, ::1] element, list embeddings, real[:, :] element_out, tuple effects, real[:, :] effects_out):
    cdef int64_t size = observations.shape[1], count = basic_out.shape[0], width, start = 0, num, k, column
    cdef int64_t bad = -1
    cdef int64_t num_basic = basic.shape[0], num_element = element.shape[0], num_embeddings = len(embeddings)
    cdef const int64_t *chosen = _rows(rows, observations.shape[0], count)
    cdef const int64_t *some = NULL
    cdef const float *seen
    cdef Embedding tables[MAX_EMBEDDINGS]
    cdef CamEffectModule module
    cdef int64_t basic_stride = basic_out.strides[0] // sizeof(real), element_stride = 0, effects_stride = 0
    cdef int64_t element_width = _check_spans(element, size)
    cdef bint has_effects = effects is not None
    _check_inner(basic_out, "basic_out")
    _check(basic_out.shape[1], _check_spans(basic, size), "a row of basic_out")
    if num_element:
        if num_embeddings > MAX_EMBEDDINGS:
            raise ValueError(f"at most {MAX_EMBEDDINGS} embeddings, got {num_embeddings}")
        width = element_width
        for k in range(num_embeddings):
            tables[k] = _embedding(size, embeddings[k])
            width += tables[k].width
        _check_inner(element_out, "element_out")
        _check(element_out.shape[0], count, "element_out")
        _check(element_out.shape[1], width, "a row of element_out")
        element_stride = element_out.strides[0] // sizeof(real)
    if has_effects:
        module = _effect_module(observations, effects[0], effects[1], effects[2], effects[3])
        _check_inner(effects_out, "effects_out")
        _check(effects_out.shape[0], count, "effects_out")
        _check(effects_out.shape[1], 2 * module.width, "a row of effects_out")
        effects_stride = effects_out.strides[0] // sizeof(real)
    if count == 0:
        return -1
    with nogil:
        while start < count:
            num = min(READ_ROWS, count - start)
            seen = &observations[0, 0]
            if chosen == NULL:
                seen += start * size
            else:
                some = chosen + start
            if real is float:
                cam_pack_f32(seen, size, some, num, &basic[0, 0], num_basic, &basic_out[start, 0], basic_stride)
            else:
                cam_pack_bf16(seen, size, some, num, &basic[0, 0], num_basic, &basic_out[start, 0], basic_stride)
            if num_element:
                column = element_width
                if real is float:
                    cam_pack_f32(seen, size, some, num, &element[0, 0], num_element, &element_out[start, 0], element_stride)
                else:
                    cam_pack_bf16(seen, size, some, num, &element[0, 0], num_element, &element_out[start, 0], element_stride)
                for k in range(num_embeddings):
                    if real is float:
                        bad = cam_embed_f32(
                            seen, size, some, num, tables[k].first, tables[k].num, tables[k].step, tables[k].scale,
                            tables[k].table, tables[k].num_ids, tables[k].width, &element_out[start, column], element_stride)
                    else:
                        bad = cam_embed_bf16(
                            seen, size, some, num, tables[k].first, tables[k].num, tables[k].step, tables[k].scale,
                            tables[k].table, tables[k].num_ids, tables[k].width, &element_out[start, column], element_stride)
                    column += tables[k].width
                    if bad >= 0:
                        bad = (start + bad) * num_embeddings + k
                        break
                if bad >= 0:
                    break
            if has_effects:
                if real is float:
                    cam_effects_f32(&module, seen, size, some, num, &effects_out[start, 0], effects_stride)
                else:
                    cam_effects_bf16(&module, seen, size, some, num, &effects_out[start, 0], effects_stride)
            start += num
    return bad


def effects_gradient(const float[:, ::1] observations, const int64_t[::1] rows, tuple starts,
                     const float[:, ::1] weight, const float[::1] bias, const float[:, ::1] ids, real[:, :] grad_out,
                     float[:, ::1] grad_weight, float[::1] grad_bias, float[:, ::1] grad_ids):
    cdef int64_t size = observations.shape[1], count = grad_out.shape[0], stride = grad_out.strides[0] // sizeof(real)
    cdef const int64_t *chosen = _rows(rows, observations.shape[0], count)
    cdef CamEffectModule module = _effect_module(observations, starts, weight, bias, ids)
    _check_inner(grad_out, "grad_out")
    _check(grad_out.shape[1], 2 * module.width, "a row of grad_out")
    _check(grad_weight.shape[0], module.features, "grad_weight")
    _check(grad_weight.shape[1], module.width, "a row of grad_weight")
    _check(grad_bias.shape[0], module.width, "grad_bias")
    _check(grad_ids.shape[0], module.num_effects, "grad_ids")
    _check(grad_ids.shape[1], module.width, "a row of grad_ids")
    if count == 0:
        return
    with nogil:
        if real is float:
            cam_effects_gradient_f32(&module, &observations[0, 0], size, chosen, count, &grad_out[0, 0], stride,
                                     &grad_weight[0, 0], &grad_bias[0], &grad_ids[0, 0])
        else:
            cam_effects_gradient_bf16(&module, &observations[0, 0], size, chosen, count, &grad_out[0, 0], stride,
                                      &grad_weight[0, 0], &grad_bias[0], &grad_ids[0, 0])


def bias_relu(real[:, :] x, const float[::1] bias):
    cdef int64_t count = x.shape[0], width = x.shape[1], stride = x.strides[0] // sizeof(real)
    _check_inner(x, "x")
    _check(bias.shape[0], width, "bias")
    if count == 0 or width == 0:
        return
    with nogil:
        if real is float:
            cam_bias_relu_f32(&x[0, 0], stride, count, width, &bias[0])
        else:
            cam_bias_relu_bf16(&x[0, 0], stride, count, width, &bias[0])


def bias_relu_gradient(real[:, :] grad, real[:, :] y, float[::1] grad_bias):
    cdef int64_t count = grad.shape[0], width = grad.shape[1]
    cdef int64_t stride = grad.strides[0] // sizeof(real), y_stride = y.strides[0] // sizeof(real)
    _check_inner(grad, "grad")
    _check_inner(y, "y")
    _check(y.shape[0], count, "y")
    _check(y.shape[1], width, "a row of y")
    _check(grad_bias.shape[0], width, "grad_bias")
    if count == 0 or width == 0:
        return
    with nogil:
        if real is float:
            cam_bias_relu_gradient_f32(&grad[0, 0], stride, &y[0, 0], y_stride, count, width, &grad_bias[0])
        else:
            cam_bias_relu_gradient_bf16(&grad[0, 0], stride, &y[0, 0], y_stride, count, width, &grad_bias[0])


cdef int _check_head(int64_t size, int64_t directions, int64_t buttons) except -1:
    _check(size, directions + buttons + directions * buttons + 1, "a row of scores")
    if size > CAM_MAX_HEAD:
        raise ValueError(f"a head has {size} scores; at most {CAM_MAX_HEAD} are allowed")
    return 0


def head(real[:, ::1] x, int64_t directions, int64_t buttons, const float[::1] bias, float[:, ::1] logits,
         float[::1] values):
    cdef int64_t count = x.shape[0]
    _check_head(x.shape[1], directions, buttons)
    _check(bias.shape[0], x.shape[1], "bias")
    _check(logits.shape[0], count, "logits")
    _check(logits.shape[1], directions * buttons, "a row of logits")
    _check(values.shape[0], count, "values")
    if count == 0:
        return
    with nogil:
        if real is float:
            cam_head_f32(&x[0, 0], count, directions, buttons, &bias[0], &logits[0, 0], &values[0])
        else:
            cam_head_bf16(&x[0, 0], count, directions, buttons, &bias[0], &logits[0, 0], &values[0])


def head_gradient(const float[:, ::1] grad_logits, const float[::1] grad_values, int64_t directions, int64_t buttons,
                  real[:, ::1] grad_x, float[::1] grad_bias):
    cdef int64_t count = grad_x.shape[0]
    _check_head(grad_x.shape[1], directions, buttons)
    _check(grad_logits.shape[0], count, "grad_logits")
    _check(grad_logits.shape[1], directions * buttons, "a row of grad_logits")
    _check(grad_values.shape[0], count, "grad_values")
    _check(grad_bias.shape[0], grad_x.shape[1], "grad_bias")
    if count == 0:
        return
    with nogil:
        if real is float:
            cam_head_gradient_f32(&grad_logits[0, 0], &grad_values[0], count, directions, buttons, &grad_x[0, 0],
                                  &grad_bias[0])
        else:
            cam_head_gradient_bf16(&grad_logits[0, 0], &grad_values[0], count, directions, buttons, &grad_x[0, 0],
                                   &grad_bias[0])


def mean_size(int64_t workers, int64_t count):
    return cam_mean_size(workers, count)


def put_mean(uint8_t[::1] memory, int64_t workers, int64_t rank, int64_t turn, const float[::1] values):
    cdef int64_t count = values.shape[0]
    _check_mean(memory.shape[0], workers, count)
    if not 0 <= rank < workers:
        raise ValueError(f"rank must be 0..{workers - 1}, got {rank}")
    if count:
        with nogil:
            cam_mean_put(&memory[0], workers, count, rank, turn, &values[0])


def take_mean(uint8_t[::1] memory, int64_t workers, int64_t turn, int64_t milliseconds, float[::1] values):
    cdef int64_t count = values.shape[0]
    cdef int came = 1
    _check_mean(memory.shape[0], workers, count)
    if count:
        with nogil:
            came = cam_mean_take(&memory[0], workers, count, turn, milliseconds, &values[0])
    return bool(came)


def _check_mean(size, workers, count):
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if size < cam_mean_size(workers, count):
        raise ValueError(
            f"the mean of {count} values over {workers} workers takes {cam_mean_size(workers, count)} bytes, got {size}"
        )
