/* Random numbers held in the state: splitmix64 (Steele, Lea and Flood 2014). */
#ifndef CAM_RNG_H
#define CAM_RNG_H

#include <stdint.h>

static inline uint64_t cam_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline uint64_t cam_random(uint64_t *counter) { return cam_mix(*counter += 0x9E3779B97F4A7C15u); }

/* 0 .. bound-1; bound > 0. The bias is below bound / 2^32. */
static inline int32_t cam_random_below(uint64_t *counter, int32_t bound) {
    return (int32_t)((cam_random(counter) >> 32) * (uint64_t)bound >> 32);
}

#endif
