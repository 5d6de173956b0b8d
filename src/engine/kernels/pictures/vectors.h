/* Vectors of 128 bits, as WebAssembly has them, for what works on bytes. */
#pragma once
#include <stdint.h>

#include "compiler.h"
#include "constants.h"

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

/* The same at any address. */
typedef int16_t loose_i16x8 __attribute__((vector_size(16), aligned(2), may_alias));
typedef uint8_t loose_u8x8 __attribute__((vector_size(8), aligned(1), may_alias));
typedef uint8_t loose_u8x16 __attribute__((vector_size(16), aligned(1), may_alias));

INLINE i32x4 clamped(i32x4 values) {
  return __builtin_elementwise_min(__builtin_elementwise_max(values, (i32x4){0}), (i32x4){0} + 255);
}

INLINE i16x8 widened(const uint8_t *bytes) {
  return __builtin_convertvector(*(const loose_u8x8 *)bytes, i16x8);
}

INLINE i16x8 low_half(u8x16 bytes) {
  return __builtin_convertvector(__builtin_shufflevector(bytes, bytes, 0, 1, 2, 3, 4, 5, 6, 7), i16x8);
}

INLINE i16x8 high_half(u8x16 bytes) {
  return __builtin_convertvector(__builtin_shufflevector(bytes, bytes, 8, 9, 10, 11, 12, 13, 14, 15), i16x8);
}

INLINE void store_bytes(i16x8 values, uint8_t *to) {
  const u8x16 bytes = (u8x16)__builtin_wasm_narrow_u_i8x16_i16x8(values, values);
  *(loose_u8x8 *)to = __builtin_shufflevector(bytes, bytes, 0, 1, 2, 3, 4, 5, 6, 7);
}

/* By a number from -1 to 1, rounded. */
INLINE i16x8 times(i16x8 values, double factor) {
  return __builtin_wasm_q15mulr_sat_s_i16x8(values, (i16x8){0} + (int16_t)(factor * 32768 + 0.5));
}

/* The sums of each two neighbours, first of `a`, then of `b`. */
INLINE i32x4 pair_sums(i32x4 a, i32x4 b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

/* Sums of two products each. */
INLINE i32x4 dot(i16x8 a, i16x8 b) {
  return __builtin_wasm_dot_s_i32x4_i16x8(a, b);
}
