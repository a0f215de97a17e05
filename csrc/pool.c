/* A pool that costs microseconds a call. Waiting threads spin for a moment, then sleep on a lock, so that short steps follow each
   other without the system's help and an idle pool burns nothing.

   Tasks are taken by counting `next` up; `done` counts those that are finished. Both are reset by the caller alone, when nothing is
   under way: a thread that is late for the last round finds `next` at its end and goes back to waiting, or takes part in this one.

   Threads and locks are CPython's (stable ABI, without the interpreter lock): the same code on every system it runs on. */
#include "pool.h"

#include "atomics.h"

#include <Python.h>
#include <stdlib.h>

#ifdef _WIN32
static long process_id(void) { return 0; }   /* there is no fork */
#else
#include <unistd.h>
static long process_id(void) { return (long)getpid(); }
#endif

enum { SPINS = 2000 };   /* of some 20 ns: the time between two steps of a caller that does little else, and to wake a thread that sleeps */
enum { QUIET, CALLED, ASLEEP };

/* What one thread waits for: CALLED by another, or ASLEEP on its lock until it is. */
typedef struct {
    Atomic state;
    PyThread_type_lock lock;   /* held; its release is the call */
} Bell;

struct CamPool {
    int num_threads, num_tasks, num_helpers;
    CamTask run;
    void *context;
    Atomic next, done, alive, is_closing;
    int is_begun;
    long process;
    Bell caller;
    struct Helper {
        CamPool *pool;
        Bell bell;
    } *helpers;
};

static int bell_make(Bell *bell) {
    bell->state = QUIET;
    bell->lock = PyThread_allocate_lock();
    return bell->lock && PyThread_acquire_lock(bell->lock, NOWAIT_LOCK);
}

static void bell_free(Bell *bell) {
    if (!bell->lock) return;
    PyThread_release_lock(bell->lock);   /* some systems mind a held lock */
    PyThread_free_lock(bell->lock);
}

static void ring(Bell *bell) {
    if (atomic_swap(&bell->state, CALLED) == ASLEEP) PyThread_release_lock(bell->lock);
}

static void attend(Bell *bell) {
    for (int spin = 0; spin < SPINS && atomic_get(&bell->state) == QUIET; spin++) PAUSE();
    if (atomic_change(&bell->state, QUIET, ASLEEP)) PyThread_acquire_lock(bell->lock, WAIT_LOCK);
    atomic_set(&bell->state, QUIET);
}

static void take_part(CamPool *pool) {
    for (;;) {
        const long task = atomic_count(&pool->next, 1);
        if (task >= pool->num_tasks) return;
        pool->run(pool->context, (int)task);
        if (atomic_count(&pool->done, 1) + 1 == pool->num_tasks) ring(&pool->caller);
    }
}

static void help(void *argument) {
    struct Helper *helper = argument;
    CamPool *pool = helper->pool;
    for (;;) {
        attend(&helper->bell);
        if (atomic_get(&pool->is_closing)) break;
        take_part(pool);
    }
    atomic_count(&pool->alive, -1);   /* last: the pool may be gone after it */
}

CamPool *cam_pool_new(int num_threads, int num_tasks, CamTask run, void *context) {
    CamPool *pool = calloc(1, sizeof(CamPool));
    if (!pool) return NULL;
    pool->num_threads = num_threads;
    pool->num_tasks = num_tasks;
    pool->run = run;
    pool->context = context;
    pool->next = num_tasks;
    pool->process = process_id();
    pool->helpers = calloc((size_t)num_threads, sizeof(struct Helper));
    if (!pool->helpers || !bell_make(&pool->caller)) {
        cam_pool_free(pool);
        return NULL;
    }
    return pool;
}

/* Forget threads that a fork left behind; their locks and those they hold are lost with them. Returns -1 without memory. */
static int forget_lost_threads(CamPool *pool) {
    if (pool->process == process_id()) return 0;
    if (!bell_make(&pool->caller)) return -1;
    pool->process = process_id();
    pool->num_helpers = 0;
    pool->alive = 0;
    return 0;
}

static int start_helpers(CamPool *pool, int wanted) {
    while (pool->num_helpers < wanted) {
        struct Helper *helper = &pool->helpers[pool->num_helpers];
        helper->pool = pool;
        if (!bell_make(&helper->bell)) return -1;
        atomic_count(&pool->alive, 1);
        if (PyThread_start_new_thread(help, helper) == (unsigned long)-1) {
            atomic_count(&pool->alive, -1);
            bell_free(&helper->bell);
            return -1;
        }
        pool->num_helpers++;
    }
    return 0;
}

int cam_pool_start(CamPool *pool, int alone) {
    if (forget_lost_threads(pool) < 0) return -1;
    int wanted = pool->num_threads - 1;
    if (alone && wanted == 0) wanted = 1;
    if (start_helpers(pool, wanted) < 0) return -1;
    pool->is_begun = 1;
    atomic_set(&pool->done, 0);
    atomic_set(&pool->caller.state, QUIET);
    atomic_set(&pool->next, 0);   /* last: from here on tasks are taken */
    for (int k = 0; k < wanted; k++) ring(&pool->helpers[k].bell);
    return 0;
}

int cam_pool_is_orphan(const CamPool *pool) { return pool->is_begun && pool->process != process_id(); }

void cam_pool_wait(CamPool *pool) {
    if (!pool->is_begun || cam_pool_is_orphan(pool)) return;   /* an orphan's tasks are with threads that are not here */
    take_part(pool);
    attend(&pool->caller);
    pool->is_begun = 0;
}

void cam_pool_free(CamPool *pool) {
    if (!pool) return;
    if (pool->process == process_id() && pool->num_helpers) {
        atomic_set(&pool->is_closing, 1);
        for (int k = 0; k < pool->num_helpers; k++) ring(&pool->helpers[k].bell);
        while (atomic_get(&pool->alive)) PyThread_acquire_lock_timed(pool->caller.lock, 50, 0);   /* held, so it waits 50 us */
        for (int k = 0; k < pool->num_helpers; k++) bell_free(&pool->helpers[k].bell);
    }
    if (pool->process == process_id()) bell_free(&pool->caller);
    free(pool->helpers);
    free(pool);
}
