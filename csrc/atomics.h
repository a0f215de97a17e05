/* Numbers that threads and processes change together; all operations are sequentially consistent. */
#ifndef CAM_ATOMICS_H
#define CAM_ATOMICS_H

#ifdef _MSC_VER
#include <intrin.h>
typedef volatile long Atomic;
static inline long atomic_get(Atomic *at) { return _InterlockedOr(at, 0); }
static inline void atomic_set(Atomic *at, long value) { _InterlockedExchange(at, value); }
static inline long atomic_swap(Atomic *at, long value) { return _InterlockedExchange(at, value); }
static inline long atomic_count(Atomic *at, long by) { return _InterlockedExchangeAdd(at, by); }   /* returns what was there before */
static inline int atomic_change(Atomic *at, long from, long to) { return _InterlockedCompareExchange(at, to, from) == from; }
#else
typedef long Atomic;
static inline long atomic_get(Atomic *at) { return __atomic_load_n(at, __ATOMIC_SEQ_CST); }
static inline void atomic_set(Atomic *at, long value) { __atomic_store_n(at, value, __ATOMIC_SEQ_CST); }
static inline long atomic_swap(Atomic *at, long value) { return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST); }
static inline long atomic_count(Atomic *at, long by) { return __atomic_fetch_add(at, by, __ATOMIC_SEQ_CST); }
static inline int atomic_change(Atomic *at, long from, long to) {
    return __atomic_compare_exchange_n(at, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#define PAUSE() _mm_pause()
#elif defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__) && !defined(_MSC_VER)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE() ((void)0)
#endif

#endif
