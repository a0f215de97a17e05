/* The element-wise parts of the trainers' network, between the matrix products that a library does. Row-major arrays;
   a stride is the distance between rows, in elements. Observations are float; what feeds a matrix product is of the
   type of the products: float (_f32) or the upper half of one (_bf16), rounded to nearest even. */
#ifndef CAM_NETWORK_H
#define CAM_NETWORK_H

#include <stdint.h>

enum {
    CAM_MAX_EFFECTS = 64, /* of a fighter */
    CAM_MAX_WIDTH = 1024, /* of an embedding or the effects' module */
    CAM_MAX_HEAD = 1024   /* scores of a head */
};

/* Where the effects of both fighters stand in an observation, and the module that reads them. */
typedef struct {
    int64_t starts[2];   /* first column of the own and of the opponent's effects */
    int64_t num_effects; /* of a fighter */
    int64_t features;    /* columns an effect; an effect that is all zero is not active */
    int64_t width;       /* of the module */
    const float *weight; /* (features, width) */
    const float *bias;   /* (width) */
    const float *ids;    /* (num_effects, width): what is added for which effect it is */
} CamEffectModule;

/* rows: which rows of the observations to read, in order; NULL for the first `count`. */

/* Declares a kernel for both types. */
#define CAM_FOR_BOTH(declare) declare(f32, float) declare(bf16, uint16_t)

#define CAM_DECLARE_NETWORK(name, type)                                                                               \
    /* Copy spans of columns, given as (start, stop) pairs, side by side into out. */                                 \
    void cam_pack_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,                 \
                         const int32_t *spans, int64_t num_spans, type *out, int64_t stride);                         \
    /* Write the mean embedding of the ids in `num` columns, `step` apart from `first` on: id = round(x * scale).     \
       Returns the first row with an id outside 0..num_ids - 1, else -1. */                                           \
    int64_t cam_embed_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,             \
                             int64_t first, int64_t num, int64_t step, float scale, const float *table,               \
                             int64_t num_ids, int64_t width, type *out, int64_t stride);                              \
    /* Add to the gradient of the table what cam_embed's output passes back. */                                       \
    void cam_embed_gradient_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,       \
                                   int64_t first, int64_t num, int64_t step, float scale, const type *grad_out,       \
                                   int64_t stride, int64_t width, float *grad_table);                                 \
    /* Write the mean of relu(weight x + bias + id) over the active effects, own then opponent's; 0 without any. */   \
    void cam_effects_##name(const CamEffectModule *module, const float *observations, int64_t size,                   \
                            const int64_t *rows, int64_t count, type *out, int64_t stride);                           \
    /* Add to the gradients of weight, bias and ids. */                                                               \
    void cam_effects_gradient_##name(const CamEffectModule *module, const float *observations, int64_t size,          \
                                     const int64_t *rows, int64_t count, const type *grad_out, int64_t stride,        \
                                     float *grad_weight, float *grad_bias, float *grad_ids);                          \
    /* x = max(x + bias, 0) in place. */                                                                              \
    void cam_bias_relu_##name(type *x, int64_t stride, int64_t count, int64_t width, const float *bias);              \
    /* grad = 0 where y is 0, in place; adds the columns' sums to grad_bias. */                                       \
    void cam_bias_relu_gradient_##name(type *grad, int64_t grad_stride, const type *y, int64_t y_stride,              \
                                       int64_t count, int64_t width, float *grad_bias);                               \
    /* x: (count, D + B + D B + 1), a score for each direction, each button and each pair, and the value, without     \
       bias. logits[d B + b] = pair + direction + button; values. */                                                  \
    void cam_head_##name(const type *x, int64_t count, int64_t directions, int64_t buttons, const float *bias,        \
                         float *logits, float *values);                                                               \
    void cam_head_gradient_##name(const float *grad_logits, const float *grad_values, int64_t count,                  \
                                  int64_t directions, int64_t buttons, type *grad_x, float *grad_bias);

CAM_FOR_BOTH(CAM_DECLARE_NETWORK)

#endif
