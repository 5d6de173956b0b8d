/*
 * SIMD vectors by the vector extensions of clang and GCC, for every machine. The vector's width and the size of the
 * tile that the matrix product keeps in registers are set by the build (-DLANES, -DTILE_ROWS, -DTILE_VECTORS), or else
 * by the target's macros.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

#ifndef LANES
#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
#endif

/*
 * A tile is TILE_ROWS × TILE_VECTORS vectors of sums: enough to hide the latency of a multiply-add, and few enough not
 * to spill. In WebAssembly more than nine spill on every machine.
 */
#ifndef TILE_ROWS
#if LANES == 16
#define TILE_ROWS 8
#else
#define TILE_ROWS 4
#endif
#endif
#ifndef TILE_VECTORS
#if defined(__aarch64__)
#define TILE_VECTORS 4
#else
#define TILE_VECTORS 2
#endif
#endif
#define TILE_COLUMNS (TILE_VECTORS * LANES)

/* Not unrolled for V8, which would move all loads to the top of the loop and spill them. */
#if defined(__wasm__)
#define STEADY _Pragma("clang loop unroll(disable)")
#elif defined(__clang__)
#define STEADY _Pragma("clang loop unroll_count(4)")
#else
#define STEADY _Pragma("GCC unroll 4")
#endif

typedef float vf __attribute__((vector_size(LANES * 4)));
/* An unaligned vector. */
typedef float loose_vf __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* Integers, and comparison results: all bits of a lane set, or none. */
typedef int32_t vi __attribute__((vector_size(LANES * 4)));
typedef int32_t loose_vi __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* Four numbers, unaligned. */
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

/* to[lane][row] = from[row][lane] for PANEL × PANEL numbers; rows from `rows` on are taken as zero. */
__attribute__((noinline, unused)) static void transpose_panel(const float *from, int32_t rows, float *to) {
  for (int32_t row = 0; row < PANEL; row += 4)
    for (int32_t lane = 0; lane < PANEL; lane += 4) {
      quad q[4];
      UNROLL for (int32_t i = 0; i < 4; i++)
        q[i] = row + i < rows ? *(const quad *)(from + (row + i) * PANEL + lane) : (quad){0};
      const quad a = __builtin_shufflevector(q[0], q[1], 0, 4, 1, 5), b = __builtin_shufflevector(q[2], q[3], 0, 4, 1, 5);
      const quad c = __builtin_shufflevector(q[0], q[1], 2, 6, 3, 7), d = __builtin_shufflevector(q[2], q[3], 2, 6, 3, 7);
      *(quad *)(to + (lane + 0) * PANEL + row) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
      *(quad *)(to + (lane + 1) * PANEL + row) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
      *(quad *)(to + (lane + 2) * PANEL + row) = __builtin_shufflevector(c, d, 0, 1, 4, 5);
      *(quad *)(to + (lane + 3) * PANEL + row) = __builtin_shufflevector(c, d, 2, 3, 6, 7);
    }
}

static inline vf choose(vi mask, vf yes, vf no) { return (vf)(((vi)yes & mask) | ((vi)no & ~mask)); }

static inline vf load(const float *p) { return *(const loose_vf *)p; }
static inline void store(float *p, vf v) { *(loose_vf *)p = v; }

#if defined(__wasm__)
static inline vf splat(float x) { return (vf){x, x, x, x}; }
#else
static inline vf splat(float x) { return x - (vf){0}; }
#endif

/* Prefetches the cache lines of [p, p + count), for reading or writing. WebAssembly has no such instruction. */
static inline void fetch(const float *p, size_t count, const int write) {
#if defined(__wasm__)
  (void)p, (void)count, (void)write;
#else
  for (size_t i = 0; i < count; i += 64 / sizeof *p) {
    if (write) __builtin_prefetch(p + i, 1, 2);
    else __builtin_prefetch(p + i, 0, 2);
  }
#endif
}
