/* How a thread sleeps until a word of shared memory changes (futex), on each system. */
#pragma once
#include <stdint.h>

/*
 * SPIN: iterations of a barrier before a thread sleeps, about 200 µs. Waking a thread of a virtual machine takes 50 µs
 * and more, and the instructions of small networks take less than that.
 */

#if defined(__wasm__)

static inline void sleep_while(int32_t *word, int32_t value) { __builtin_wasm_memory_atomic_wait32(word, value, -1); }
static inline void wake_all(int32_t *word) { __builtin_wasm_memory_atomic_notify(word, UINT32_MAX); }
static inline void pause_briefly(void) {}
#define SPIN 40000

#else

#if defined(__linux__)
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void sleep_while(int32_t *word, int32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}
static inline void wake_all(int32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#elif defined(__APPLE__)

/* What libc++ uses; before macOS 14.4 there is no public function. */
extern int __ulock_wait(uint32_t operation, void *word, uint64_t value, uint32_t timeout);
extern int __ulock_wake(uint32_t operation, void *word, uint64_t value);
#define UL_COMPARE_AND_WAIT 1
#define ULF_WAKE_ALL 0x100

static inline void sleep_while(int32_t *word, int32_t value) {
  __ulock_wait(UL_COMPARE_AND_WAIT, word, (uint32_t)value, 0);
}
static inline void wake_all(int32_t *word) { __ulock_wake(UL_COMPARE_AND_WAIT | ULF_WAKE_ALL, word, 0); }

#else
#error "The native kernels know how threads sleep on Linux and macOS alone."
#endif

#define SPIN 5000
static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
