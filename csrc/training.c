#include "training.h"

#include <math.h>

/* Highest legal logit, or NaN if the row is unusable. */
static float legal_max(const float *logits, const int8_t *mask, int64_t K)
{
    float best = -INFINITY;
    for (int64_t k = 0; k < K; k++) {
        if (!mask[k])
            continue;
        if (isnan(logits[k]))
            return NAN;
        if (logits[k] > best)
            best = logits[k];
    }
    return isfinite(best) ? best : NAN;
}

int64_t cam_sample_actions(const float *logits, const int8_t *masks, const float *uniforms, int64_t rows, int64_t K,
                           int32_t *actions, float *log_probs)
{
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        const int8_t *mask = masks + row * K;
        float best = legal_max(x, mask, K);
        if (isnan(best))
            return row;
        float total = 0.0f;
        for (int64_t k = 0; k < K; k++)
            if (mask[k])
                total += expf(x[k] - best);

        /* the second pass repeats the sums of the first bit for bit, so the last legal action is always reached */
        float target = uniforms[row] * total, sum = 0.0f;
        int64_t chosen = -1;
        for (int64_t k = 0; k < K; k++) {
            if (!mask[k])
                continue;
            float p = expf(x[k] - best);
            if (p <= 0.0f)
                continue;
            chosen = k;
            sum += p;
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
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        const int8_t *mask = masks + row * K;
        float best = legal_max(x, mask, K);
        if (isnan(best))
            return row;
        int64_t k = 0;
        while (!mask[k] || x[k] < best)
            k++;
        actions[row] = (int32_t)k;
    }
    return -1;
}

int64_t cam_policy_terms(const float *logits, const int8_t *masks, const int32_t *actions, int64_t rows, int64_t K,
                         float *probs, float *log_probs, float *entropies)
{
    for (int64_t row = 0; row < rows; row++) {
        const float *x = logits + row * K;
        const int8_t *mask = masks + row * K;
        float *p = probs + row * K;
        int32_t action = actions[row];
        float best = legal_max(x, mask, K);
        if (isnan(best) || action < 0 || action >= K || !mask[action])
            return row;
        float total = 0.0f, dot = 0.0f;
        for (int64_t k = 0; k < K; k++) {
            p[k] = 0.0f;
            if (!mask[k])
                continue;
            float shifted = x[k] - best, e = expf(shifted);
            p[k] = e;
            total += e;
            if (e > 0.0f)
                dot += e * shifted;
        }
        float scale = 1.0f / total, log_total = logf(total);
        for (int64_t k = 0; k < K; k++)
            p[k] *= scale;
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
