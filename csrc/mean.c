/* Memory: a line for each worker with the last turn it put values in for, then two halves of a row of values a worker, used in turns.
   Nobody writes a half again before all have read it: all must have come to the turn between. */
#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 199309L /* nanosleep */
#endif

#include "mean.h"

#include "atomics.h"

#include <string.h>

#ifdef _WIN32
#include <windows.h>
static void nap(void) { Sleep(0); }
enum { NAPS_A_MILLISECOND = 1 };   /* at least */
#else
#include <time.h>
static void nap(void) {
    const struct timespec moment = {0, 20000};
    nanosleep(&moment, NULL);
}
enum { NAPS_A_MILLISECOND = 13 };   /* some 75 us each, with the time to wake up */
#endif

enum { LINE = 64, SPINS = 20000 };   /* of some 20 ns: by how much workers with equal work differ, often */

static Atomic *turn_of(void *memory, int64_t worker) { return (Atomic *)((char *)memory + worker * LINE); }

static int64_t stride(int64_t count) { return (count + 15) / 16 * 16; }

static float *row_of(void *memory, int64_t workers, int64_t count, int64_t worker, int64_t turn) {
    float *halves = (float *)((char *)memory + workers * LINE);
    return halves + ((turn & 1) * workers + worker) * stride(count);
}

int64_t cam_mean_size(int64_t workers, int64_t count) {
    return workers * LINE + 2 * workers * stride(count) * (int64_t)sizeof(float);
}

void cam_mean_put(void *memory, int64_t workers, int64_t count, int64_t rank, int64_t turn, const float *values) {
    memcpy(row_of(memory, workers, count, rank, turn), values, (size_t)count * sizeof *values);
    atomic_set(turn_of(memory, rank), (long)turn);
}

static int all_came(void *memory, int64_t workers, int64_t turn) {
    for (int64_t worker = 0; worker < workers; worker++)
        if (atomic_get(turn_of(memory, worker)) < (long)turn) return 0;
    return 1;
}

int cam_mean_take(void *memory, int64_t workers, int64_t count, int64_t turn, int64_t milliseconds, float *values) {
    int came = all_came(memory, workers, turn);
    for (int spin = 0; !came && spin < SPINS; spin++) {
        PAUSE();
        came = all_came(memory, workers, turn);
    }
    for (int64_t naps = milliseconds * NAPS_A_MILLISECOND; !came && naps > 0; naps--) {
        nap();
        came = all_came(memory, workers, turn);
    }
    if (!came) return 0;

    const float share = 1.0f / (float)workers;
    memcpy(values, row_of(memory, workers, count, 0, turn), (size_t)count * sizeof *values);
    for (int64_t worker = 1; worker < workers; worker++) {
        const float *row = row_of(memory, workers, count, worker, turn);
        for (int64_t i = 0; i < count; i++)
            values[i] += row[i];
    }
    for (int64_t i = 0; i < count; i++)
        values[i] *= share;
    return 1;
}
