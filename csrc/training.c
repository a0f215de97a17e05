#include "training.h"

#include <math.h>
#include <string.h>

/* Which actions are legal, in order; returns their number. Few are, so eight of the mask are skipped at a time. */
static int64_t find_legal(const int8_t *mask, int64_t K, int64_t *legal)
{
    int64_t num = 0, k = 0;
    while (k < K) {
        uint64_t eight = 0;
        int64_t stop = k + 8 < K ? k + 8 : K;
        memcpy(&eight, mask + k, (size_t)(stop - k));
        if (eight)
            for (; k < stop; k++)
                if (mask[k])
                    legal[num++] = k;
        k = stop;
    }
    return num;
}

/* Highest legal logit, or NaN if the row is unusable. */
static float legal_max(const float *logits, const int64_t *legal, int64_t num)
{
    float best = -INFINITY;
    for (int64_t i = 0; i < num; i++) {
        float x = logits[legal[i]];
        if (isnan(x))
            return NAN;
        if (x > best)
            best = x;
    }
    return isfinite(best) ? best : NAN;
}

int64_t cam_sample_actions(const float *logits, const int8_t *masks, const float *uniforms, int64_t rows, int64_t K,
                           int32_t *actions, float *log_probs)
{
    int64_t legal[CAM_MAX_ACTIONS];
    float weights[CAM_MAX_ACTIONS];
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        int64_t num = find_legal(masks + row * K, K, legal);
        float best = legal_max(x, legal, num);
        if (isnan(best))
            return row;
        float total = 0.0f;
        for (int64_t i = 0; i < num; i++) {
            weights[i] = expf(x[legal[i]] - best);
            total += weights[i];
        }

        /* the sums repeat those of the total bit for bit, so the last possible action is always reached */
        float target = uniforms[row] * total, sum = 0.0f;
        int64_t chosen = -1;
        for (int64_t i = 0; i < num; i++) {
            if (weights[i] <= 0.0f)
                continue;
            chosen = legal[i];
            sum += weights[i];
            if (sum > target)
                break;
        }
        actions[row] = (int32_t)chosen;
        log_probs[row] = x[chosen] - best - logf(total);
    }
    return -1;
}

int64_t cam_best_actions(const float *logits, const int8_t *masks, int64_t rows, int64_t K, int32_t *actions)
{
    int64_t legal[CAM_MAX_ACTIONS];
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        int64_t num = find_legal(masks + row * K, K, legal), i = 0;
        float best = legal_max(x, legal, num);
        if (isnan(best))
            return row;
        while (x[legal[i]] < best)
            i++;
        actions[row] = (int32_t)legal[i];
    }
    return -1;
}

int64_t cam_policy_terms(const float *logits, const int8_t *masks, const int32_t *actions, int64_t rows, int64_t K,
                         float *probs, float *log_probs, float *entropies)
{
    int64_t legal[CAM_MAX_ACTIONS];
    memset(probs, 0, (size_t)(rows * K) * sizeof *probs);
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        const int8_t *mask = masks + row * K;
        float *p = probs + row * K;
        int32_t action = actions[row];
        int64_t num = find_legal(mask, K, legal);
        float best = legal_max(x, legal, num);
        if (isnan(best) || action < 0 || action >= K || !mask[action])
            return row;
        float total = 0.0f, dot = 0.0f;
        for (int64_t i = 0; i < num; i++) {
            float shifted = x[legal[i]] - best, e = expf(shifted);
            p[legal[i]] = e;
            total += e;
            if (e > 0.0f)
                dot += e * shifted;
        }
        float scale = 1.0f / total, log_total = logf(total);
        for (int64_t i = 0; i < num; i++)
            p[legal[i]] *= scale;
        log_probs[row] = x[action] - best - log_total;
        entropies[row] = log_total - dot * scale;
    }
    return -1;
}

void cam_policy_gradient(const float *probs, const int32_t *actions, const float *entropies,
                         const float *grad_log_probs, const float *grad_entropies, int64_t rows, int64_t K,
                         float *grad_logits)
{
    for (int64_t row = 0; row < rows; row++) {
        const float *p = probs + row * K;
        float *grad = grad_logits + row * K;
        float g = grad_log_probs[row], h = grad_entropies[row], entropy = entropies[row];
        /* d log p(a) / d x_k = 1[k = a] - p_k;  d H / d x_k = -p_k (log p_k + H) */
        for (int64_t k = 0; k < K; k++)
            grad[k] = p[k] > 0.0f ? -p[k] * (g + (h == 0.0f ? 0.0f : h * (logf(p[k]) + entropy))) : 0.0f;
        grad[actions[row]] += g;
    }
}

int64_t cam_divergence(const float *logits, const float *reference, const int8_t *masks, int64_t rows, int64_t K,
                       float *divergences, float *gradients)
{
    int64_t legal[CAM_MAX_ACTIONS];
    float probs[CAM_MAX_ACTIONS];
    memset(gradients, 0, (size_t)(rows * K) * sizeof *gradients);
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K, *y = reference + row * K;
        int64_t num = find_legal(masks + row * K, K, legal);
        float best = legal_max(x, legal, num), best_y = legal_max(y, legal, num);
        if (isnan(best))
            return row;
        if (isnan(best_y))
            return rows + row;
        float total = 0.0f, total_y = 0.0f;
        for (int64_t i = 0; i < num; i++) {
            probs[i] = expf(x[legal[i]] - best);
            total += probs[i];
            total_y += expf(y[legal[i]] - best_y);
        }

        /* what the logits differ by is log p - log q but for this */
        float offset = best + logf(total) - best_y - logf(total_y), divergence = 0.0f;
        for (int64_t i = 0; i < num; i++) {
            probs[i] /= total;
            if (probs[i] > 0.0f)
                divergence += probs[i] * (x[legal[i]] - y[legal[i]] - offset);
        }
        for (int64_t i = 0; i < num; i++)
            if (probs[i] > 0.0f)
                gradients[row * K + legal[i]] = probs[i] * (x[legal[i]] - y[legal[i]] - offset - divergence);
        divergences[row] = divergence;
    }
    return -1;
}

void cam_advantages(const float *rewards, const float *values, const uint8_t *ends, const float *last_values,
                    int64_t T, int64_t N, double gamma, double gae_lambda, float *advantages)
{
    float discount = (float)gamma, decay = (float)(gamma * gae_lambda);
    for (int64_t t = T - 1; t >= 0; t--) {
        const float *next = t == T - 1 ? last_values : values + (t + 1) * N;
        for (int64_t n = 0; n < N; n++) {
            int64_t i = t * N + n;
            float going = ends[i] ? 0.0f : 1.0f;
            float later = t == T - 1 ? 0.0f : advantages[i + N];
            advantages[i] = rewards[i] + discount * going * next[n] - values[i] + decay * going * later;
        }
    }
}

void cam_count_decisions(const int32_t *actions, const int8_t *masks, const uint8_t *is_active, const int64_t *players,
                         const int64_t *periods, int64_t matches, int64_t E, int64_t P, int64_t D, int64_t B,
                         int64_t *uses, int64_t *chances)
{
    for (int64_t match = 0; match < matches; match++) {
        if (!is_active[match])
            continue;
        for (int64_t seat = 0; seat < 2; seat++) {
            int64_t row = 2 * match + seat, pair = players[row] * E + players[2 * match + 1 - seat];
            uses[(pair * P + periods[match]) * B + actions[row] % B]++;
            for (int64_t b = 0; b < B; b++) {
                int8_t any = 0;
                for (int64_t d = 0; d < D; d++)
                    any |= masks[(row * D + d) * B + b];
                chances[pair * B + b] += any != 0;
            }
        }
    }
}
