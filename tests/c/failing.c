/* Preloaded before Python: makes one allocation of the compiled parts fail, or one start of a thread.
   Only calls from watched code count; what Python and numpy allocate for themselves never fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

enum { MAX_RANGES = 32 };

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void __libc_free(void *);

static const char *starts[MAX_RANGES], *ends[MAX_RANGES];
static int num_ranges;
static long num_calls, failing, num_live;

void failing_watch(const char *start, const char *end) {
    if (num_ranges == MAX_RANGES) __builtin_trap();
    starts[num_ranges] = start;
    ends[num_ranges++] = end;
}

/* The nth call from here on fails; 0: none. Returns how many there were since the last time. */
long failing_arm(long nth) {
    const long before = num_calls;
    num_calls = 0;
    failing = nth;
    return before;
}

long failing_live(void) { return num_live; }

static int is_watched(const char *caller) {
    for (int k = 0; k < num_ranges; k++)
        if (caller >= starts[k] && caller < ends[k]) return 1;
    return 0;
}

/* 1: the call must fail. */
static int fails(const char *caller) { return is_watched(caller) && ++num_calls == failing; }

static void *counted(const char *caller, void *found) {
    if (found && is_watched(caller)) num_live++;
    return found;
}

static void uncount(const char *caller, const void *given) {
    if (given && is_watched(caller)) num_live--;
}

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

#define CALLER ((const char *)__builtin_return_address(0))

void *malloc(size_t size) { return fails(CALLER) ? NULL : counted(CALLER, __libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return fails(CALLER) ? NULL : counted(CALLER, __libc_calloc(count, size)); }

void free(void *given) {
    uncount(CALLER, given);
    __libc_free(given);
}

void *PyThread_allocate_lock(void) {
    void *(*real)(void) = next("PyThread_allocate_lock");
    return fails(CALLER) ? NULL : counted(CALLER, real());
}

void PyThread_free_lock(void *lock) {
    void (*real)(void *) = next("PyThread_free_lock");
    uncount(CALLER, lock);
    real(lock);
}

unsigned long PyThread_start_new_thread(void (*run)(void *), void *argument) {
    unsigned long (*real)(void (*)(void *), void *) = next("PyThread_start_new_thread");
    return fails(CALLER) ? (unsigned long)-1 : real(run, argument);
}
