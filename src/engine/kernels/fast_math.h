/*
 * exp, tanh and erf of a `real`, for elementwise kernels. The reference uses double precision (math.h here); float32
 * has branchless forms that clang vectorises, with errors below 2e-7 (absolute or relative). NaN stays NaN.
 */
#pragma once
#include "kernels.h"
#include "math.h"

#ifdef REFERENCE

static inline real exp_real(real x) { return exponential(x); }
static inline real exp_minus_1_real(real x) { return exponential_minus_1(x); }
static inline real tanh_real(real x) { return hyperbolic_tangent(x); }
static inline real erf_real(real x) { return error_function(x); }

#else

static inline uint32_t float_bits(float value) {
  union {
    float value;
    uint32_t bits;
  } u = {value};
  return u.bits;
}

static inline float bits_float(uint32_t bits) {
  union {
    uint32_t bits;
    float value;
  } u = {bits};
  return u.value;
}

/* As Cephes' expf. Clamped at ±88: no caller needs infinity. */
static inline float exp_real(float x) {
  x = x > 88 ? 88 : x;
  x = x < -87 ? -87 : x;
  /* Adding 1.5 · 2²³ rounds to the nearest integer, which is then in the lowest bits. */
  const float shifted = x * 1.44269504f + 12582912.0f, k = shifted - 12582912.0f;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float series = 1.9875691500e-4f;
  series = series * r + 1.3981999507e-3f;
  series = series * r + 8.3334519073e-3f;
  series = series * r + 4.1665795894e-2f;
  series = series * r + 1.6666665459e-1f;
  series = series * r + 5.0000001201e-1f;
  return (series * r * r + r + 1) * bits_float((float_bits(shifted) << 23) + 0x3f800000);
}

static inline float exp_minus_1_real(float x) { return exp_real(x) - 1; }

/* As Cephes' tanhf. */
static inline float tanh_real(float x) {
  const float square = x * x, size = x < 0 ? -x : x;
  float series = -5.70498872745e-3f;
  series = series * square + 2.06390887954e-2f;
  series = series * square - 5.37397155531e-2f;
  series = series * square + 1.33314422036e-1f;
  series = series * square - 3.33332819422e-1f;
  const float far = 1 - 2 / (exp_real(2 * size) + 1);
  return size < 0.625f ? series * square * x + x : x < 0 ? -far : far;
}

/* Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. */
static inline float erf_real(float x) {
  const float size = x < 0 ? -x : x, t = 1 / (1 + 0.3275911f * size);
  float series = 1.061405429f;
  series = series * t - 1.453152027f;
  series = series * t + 1.421413741f;
  series = series * t - 0.284496736f;
  series = series * t + 0.254829592f;
  const float y = 1 - series * t * exp_real(-size * size);
  return x < 0 ? -y : y;
}

#endif
