/* Integer arithmetic. Division truncates toward zero, so every rule is odd-symmetric in x. */
#ifndef CAM_FIXED_H
#define CAM_FIXED_H

#include <stdint.h>

/* CAM_INLINE: a part of a loop that stands apart for the reader alone. CAM_APART: seldom called, and its caller often. */
#if defined(__GNUC__)
#define CAM_INLINE inline __attribute__((always_inline))
#define CAM_APART __attribute__((noinline))
#elif defined(_MSC_VER)
#define CAM_INLINE __forceinline
#define CAM_APART __declspec(noinline)
#else
#define CAM_INLINE inline
#define CAM_APART
#endif

static inline int32_t cam_min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t cam_max(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t cam_abs(int32_t a) { return a < 0 ? -a : a; }
static inline int32_t cam_sign(int32_t a) { return (a > 0) - (a < 0); }
static inline int32_t cam_clamp(int32_t a, int32_t low, int32_t high) { return a < low ? low : a > high ? high : a; }

/* a * milli / 1000 */
static inline int32_t cam_milli(int32_t a, int32_t milli) { return (int32_t)((int64_t)a * milli / 1000); }

/* value moved toward target by at most step */
static inline int32_t cam_approach(int32_t value, int32_t target, int32_t step) {
    return value < target ? cam_min(value + step, target) : cam_max(value - step, target);
}

/* floor(sqrt(n)) for 0 <= n < 2^31 */
static inline int32_t cam_isqrt(int32_t n) {
    uint32_t rest = (uint32_t)n, root = 0, bit = 1u << 30;
    while (bit > rest) bit >>= 2;
    while (bit) {
        if (rest >= root + bit) { rest -= root + bit; root = (root >> 1) + bit; }
        else root >>= 1;
        bit >>= 2;
    }
    return (int32_t)root;
}

static inline int32_t cam_count_bits(uint32_t bits) {
    int32_t count = 0;
    for (; bits; bits &= bits - 1) count++;
    return count;
}

/* index of the lowest set bit; bits != 0 */
static inline int32_t cam_lowest_bit(uint32_t bits) {
#if defined(__GNUC__)
    return __builtin_ctz(bits);
#else
    int32_t index = 0;
    while (!(bits & 1)) { bits >>= 1; index++; }
    return index;
#endif
}

#endif
