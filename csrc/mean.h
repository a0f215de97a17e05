/* The mean of an array over processes that share memory: microseconds where a socket takes milliseconds.

   The memory is zero at first. Each process puts its values in and then takes the mean out, again and again; all take the same bits. */
#ifndef CAM_MEAN_H
#define CAM_MEAN_H

#include <stdint.h>

/* Bytes of memory for the mean of `count` values over so many workers; its start must be a multiple of 64. */
int64_t cam_mean_size(int64_t workers, int64_t count);

/* Put this worker's values in for the given turn: 1, 2, 3, ... */
void cam_mean_put(void *memory, int64_t workers, int64_t count, int64_t rank, int64_t turn, const float *values);

/* Wait at most about so many milliseconds until all workers have put their values in. Returns whether they have; then `values` is
   the mean. */
int cam_mean_take(void *memory, int64_t workers, int64_t count, int64_t turn, int64_t milliseconds, float *values);

#endif
