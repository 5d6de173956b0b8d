/*
 * exp and log in double precision: our own, so that no library decides the bits. Errors are below 2 units in
 * the last place (tests/engine/kernels.test.ts holds them against JavaScript's).
 */
#pragma once
#include <stdint.h>

static inline double from_bits(uint64_t bits) {
  union {
    uint64_t bits;
    double value;
  } u = {bits};
  return u.value;
}

static inline uint64_t to_bits(double value) {
  union {
    double value;
    uint64_t bits;
  } u = {value};
  return u.bits;
}

/* e^x = 2^k · e^r with |r| ≤ ln 2 / 2; e^r by its series. */
static inline double exponential(double x) {
  if (x != x) return x;
  if (x > 709.78) return from_bits(0x7ff0000000000000);
  if (x < -708.39) return 0;
  const double k = __builtin_floor(x * 1.4426950408889634 + 0.5);
  const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  double series = 1;
  for (int32_t i = 14; i >= 1; i--) series = 1 + series * r / i;
  return series * from_bits((uint64_t)((int64_t)k + 1023) << 52);
}

/* log(2^k · m) with m in [√½, √2): k ln 2 + 2 artanh((m - 1) / (m + 1)). Positive normal numbers only. */
static inline double logarithm(double x) {
  if (!(x > 0) || x > 1.7976931348623157e308) return x;
  const uint64_t bits = to_bits(x);
  int32_t k = (int32_t)(bits >> 52) - 1023;
  double m = from_bits((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) m /= 2, k++;
  const double s = (m - 1) / (m + 1), square = s * s;
  double series = 0;
  for (int32_t i = 23; i >= 1; i -= 2) series = 1.0 / i + square * series;
  return k * 0.6931471805599453 + 2 * s * series;
}
