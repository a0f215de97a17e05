/* Threads that wait for work: a fixed function over task numbers 0..num_tasks - 1, again and again. */
#ifndef CAM_POOL_H
#define CAM_POOL_H

typedef struct CamPool CamPool;
typedef void (*CamTask)(void *context, int task);

/* Returns NULL without memory. Threads start at the first work that needs them. The caller is one of `num_threads`. */
CamPool *cam_pool_new(int num_threads, int num_tasks, CamTask run, void *context);

/* Begin all tasks; with `alone` at least one thread other than the caller takes part. Returns 0, or -1 if a thread cannot start. */
int cam_pool_start(CamPool *pool, int alone);

/* Take part until all tasks are done. Nothing happens if none were begun. */
void cam_pool_wait(CamPool *pool);

/* 1 if begun tasks were left to threads that a fork did not take along: they will never be done. */
int cam_pool_is_orphan(const CamPool *pool);

/* End the threads and free the pool; no tasks may be under way. */
void cam_pool_free(CamPool *pool);

#endif
