#include "network.h"

#include <math.h>
#include <string.h>

/* Wide registers where the CPU has them. Products and sums stay apart (-ffp-contract=off) and sums keep their order,
   so that every version gives the same bits. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define CAM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CAM_CLONES
#endif

static inline float load_f32(float x)
{
    return x;
}

static inline float store_f32(float x)
{
    return x;
}

static inline float load_bf16(uint16_t x)
{
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t store_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    return (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : rounded);
}

static inline const float *row_of(const float *observations, int64_t size, const int64_t *rows, int64_t i)
{
    return observations + (rows ? rows[i] : i) * size;
}

enum { CAM_CHUNK = 16 };

/* The bits of CAM_CHUNK numbers together, but for their signs: 0 if all are 0. */
static inline uint32_t any_bits(const float *x)
{
    uint32_t bits[CAM_CHUNK], any = 0;
    memcpy(bits, x, sizeof bits);
    for (int i = 0; i < CAM_CHUNK; i++)
        any |= bits[i];
    return any << 1;
}

/* Which effects are active; returns their number. Few are, so a chunk of columns is skipped at a time. */
static inline int64_t find_active(const CamEffectModule *module, const float *x, int64_t active[CAM_MAX_EFFECTS])
{
    int64_t features = module->features, size = module->num_effects * features, num = 0, k = 0;
    while (k < size) {
        int64_t stop = k + CAM_CHUNK;
        if (stop <= size && !any_bits(x + k)) {
            k = stop;
            continue;
        }
        stop = stop < size ? stop : size;
        while (k < stop)
            if (x[k] != 0.0f) {
                active[num++] = k / features;
                k = (k / features + 1) * features;
            } else
                k++;
    }
    return num;
}

/* The layer of the effects' module, before its relu, for one effect. */
static inline void effect_scores(const CamEffectModule *module, const float *x, int64_t effect, float *scores)
{
    int64_t width = module->width;
    for (int64_t unit = 0; unit < width; unit++)
        scores[unit] = module->bias[unit] + module->ids[effect * width + unit];
    for (int64_t f = 0; f < module->features; f++)
        for (int64_t unit = 0; unit < width; unit++)
            scores[unit] += module->weight[f * width + unit] * x[f];
}

#define DEFINE_NETWORK(name, type)                                                                                    \
    CAM_CLONES void cam_pack_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,      \
                                    const int32_t *spans, int64_t num_spans, type *out, int64_t stride)               \
    {                                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            const float *x = row_of(observations, size, rows, i);                                                     \
            type *target = out + i * stride;                                                                          \
            for (int64_t s = 0; s < num_spans; s++) {                                                                 \
                const float *from = x + spans[2 * s];                                                                 \
                int64_t length = spans[2 * s + 1] - spans[2 * s];                                                     \
                for (int64_t k = 0; k < length; k++)                                                                  \
                    target[k] = store_##name(from[k]);                                                                \
                target += length;                                                                                     \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
                                                                                                                      \
    int64_t cam_embed_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,             \
                             int64_t first, int64_t num, int64_t step, float scale, const float *table,               \
                             int64_t num_ids, int64_t width, type *out, int64_t stride)                               \
    {                                                                                                                 \
        float sum[CAM_MAX_WIDTH];                                                                                     \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            const float *x = row_of(observations, size, rows, i) + first;                                             \
            type *target = out + i * stride;                                                                          \
            for (int64_t unit = 0; unit < width; unit++)                                                              \
                sum[unit] = 0.0f;                                                                                     \
            for (int64_t k = 0; k < num; k++) {                                                                       \
                float id = x[k * step] * scale;                                                                       \
                if (!(id > -0.5f && id < (float)num_ids - 0.5f))                                                      \
                    return i;                                                                                         \
                const float *from = table + (int64_t)(id + 0.5f) * width;                                             \
                for (int64_t unit = 0; unit < width; unit++)                                                          \
                    sum[unit] += from[unit];                                                                          \
            }                                                                                                         \
            for (int64_t unit = 0; unit < width; unit++)                                                              \
                target[unit] = store_##name(sum[unit] / (float)num);                                                  \
        }                                                                                                             \
        return -1;                                                                                                    \
    }                                                                                                                 \
                                                                                                                      \
    void cam_embed_gradient_##name(const float *observations, int64_t size, const int64_t *rows, int64_t count,       \
                                   int64_t first, int64_t num, int64_t step, float scale, const type *grad_out,       \
                                   int64_t stride, int64_t width, float *grad_table)                                  \
    {                                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            const float *x = row_of(observations, size, rows, i) + first;                                             \
            const type *grad = grad_out + i * stride;                                                                 \
            for (int64_t k = 0; k < num; k++) {                                                                       \
                float *target = grad_table + (int64_t)(x[k * step] * scale + 0.5f) * width;                           \
                for (int64_t unit = 0; unit < width; unit++)                                                          \
                    target[unit] += load_##name(grad[unit]) / (float)num;                                             \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
    CAM_CLONES void cam_effects_##name(const CamEffectModule *module, const float *observations, int64_t size,        \
                                       const int64_t *rows, int64_t count, type *out, int64_t stride)                 \
    {                                                                                                                 \
        int64_t width = module->width, active[CAM_MAX_EFFECTS];                                                       \
        float sum[CAM_MAX_WIDTH], scores[CAM_MAX_WIDTH];                                                              \
        for (int64_t i = 0; i < count; i++)                                                                           \
            for (int side = 0; side < 2; side++) {                                                                    \
                const float *x = row_of(observations, size, rows, i) + module->starts[side];                          \
                type *target = out + i * stride + side * width;                                                       \
                int64_t num = find_active(module, x, active);                                                         \
                for (int64_t unit = 0; unit < width; unit++)                                                          \
                    sum[unit] = 0.0f;                                                                                 \
                for (int64_t a = 0; a < num; a++) {                                                                   \
                    effect_scores(module, x + active[a] * module->features, active[a], scores);                       \
                    for (int64_t unit = 0; unit < width; unit++)                                                      \
                        sum[unit] += scores[unit] <= 0.0f ? 0.0f : scores[unit];                                      \
                }                                                                                                     \
                for (int64_t unit = 0; unit < width; unit++)                                                          \
                    target[unit] = store_##name(num ? sum[unit] / (float)num : 0.0f);                                 \
            }                                                                                                         \
    }                                                                                                                 \
                                                                                                                      \
    CAM_CLONES void cam_effects_gradient_##name(                                                                      \
        const CamEffectModule *module, const float *observations, int64_t size, const int64_t *rows, int64_t count,   \
        const type *grad_out, int64_t stride, float *grad_weight, float *grad_bias, float *grad_ids)                  \
    {                                                                                                                 \
        int64_t width = module->width, active[CAM_MAX_EFFECTS];                                                       \
        float grad[CAM_MAX_WIDTH], scores[CAM_MAX_WIDTH];                                                             \
        for (int64_t i = 0; i < count; i++)                                                                           \
            for (int side = 0; side < 2; side++) {                                                                    \
                const float *x = row_of(observations, size, rows, i) + module->starts[side];                          \
                const type *given = grad_out + i * stride + side * width;                                             \
                int64_t num = find_active(module, x, active);                                                         \
                for (int64_t a = 0; a < num; a++) {                                                                   \
                    const float *effect = x + active[a] * module->features;                                           \
                    float *grad_id = grad_ids + active[a] * width;                                                    \
                    effect_scores(module, effect, active[a], scores);                                                 \
                    for (int64_t unit = 0; unit < width; unit++) {                                                    \
                        grad[unit] = scores[unit] <= 0.0f ? 0.0f : load_##name(given[unit]) / (float)num;             \
                        grad_bias[unit] += grad[unit];                                                                \
                        grad_id[unit] += grad[unit];                                                                  \
                    }                                                                                                 \
                    for (int64_t f = 0; f < module->features; f++)                                                    \
                        for (int64_t unit = 0; unit < width; unit++)                                                  \
                            grad_weight[f * width + unit] += grad[unit] * effect[f];                                  \
                }                                                                                                     \
            }                                                                                                         \
    }                                                                                                                 \
    CAM_CLONES void cam_bias_relu_##name(type *x, int64_t stride, int64_t count, int64_t width, const float *bias)    \
    {                                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            type *row = x + i * stride;                                                                               \
            for (int64_t k = 0; k < width; k++) {                                                                     \
                float sum = load_##name(row[k]) + bias[k];                                                            \
                row[k] = store_##name(sum <= 0.0f ? 0.0f : sum);                                                      \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
                                                                                                                      \
    CAM_CLONES void cam_bias_relu_gradient_##name(type *grad, int64_t grad_stride, const type *y, int64_t y_stride,   \
                                                  int64_t count, int64_t width, float *grad_bias)                     \
    {                                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            type *row = grad + i * grad_stride;                                                                       \
            const type *out = y + i * y_stride;                                                                       \
            for (int64_t k = 0; k < width; k++) {                                                                     \
                type kept = out[k] == 0 ? (type)0 : row[k];                                                           \
                row[k] = kept;                                                                                        \
                grad_bias[k] += load_##name(kept);                                                                    \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
                                                                                                                      \
    CAM_CLONES void cam_head_##name(const type *x, int64_t count, int64_t directions, int64_t buttons,                \
                                    const float *bias, float *logits, float *values)                                  \
    {                                                                                                                 \
        int64_t pairs = directions * buttons, size = directions + buttons + pairs + 1;                                \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            float scores[CAM_MAX_HEAD];                                                                               \
            for (int64_t k = 0; k < size; k++)                                                                        \
                scores[k] = load_##name(x[i * size + k]) + bias[k];                                                   \
            const float *button = scores + directions, *pair = button + buttons;                                      \
            for (int64_t d = 0; d < directions; d++)                                                                  \
                for (int64_t b = 0; b < buttons; b++)                                                                 \
                    logits[i * pairs + d * buttons + b] = pair[d * buttons + b] + scores[d] + button[b];              \
            values[i] = scores[size - 1];                                                                             \
        }                                                                                                             \
    }                                                                                                                 \
                                                                                                                      \
    CAM_CLONES void cam_head_gradient_##name(const float *grad_logits, const float *grad_values, int64_t count,       \
                                             int64_t directions, int64_t buttons, type *grad_x, float *grad_bias)     \
    {                                                                                                                 \
        int64_t pairs = directions * buttons, size = directions + buttons + pairs + 1;                                \
        for (int64_t i = 0; i < count; i++) {                                                                         \
            const float *given = grad_logits + i * pairs;                                                             \
            float scores[CAM_MAX_HEAD];                                                                               \
            float *button = scores + directions, *pair = button + buttons;                                            \
            for (int64_t b = 0; b < buttons; b++)                                                                     \
                button[b] = 0.0f;                                                                                     \
            for (int64_t d = 0; d < directions; d++) {                                                                \
                float sum = 0.0f;                                                                                     \
                for (int64_t b = 0; b < buttons; b++) {                                                               \
                    float grad = given[d * buttons + b];                                                              \
                    pair[d * buttons + b] = grad;                                                                     \
                    button[b] += grad;                                                                                \
                    sum += grad;                                                                                      \
                }                                                                                                     \
                scores[d] = sum;                                                                                      \
            }                                                                                                         \
            scores[size - 1] = grad_values[i];                                                                        \
            for (int64_t k = 0; k < size; k++) {                                                                      \
                grad_x[i * size + k] = store_##name(scores[k]);                                                       \
                grad_bias[k] += scores[k];                                                                            \
            }                                                                                                         \
        }                                                                                                             \
    }

CAM_FOR_BOTH(DEFINE_NETWORK)
