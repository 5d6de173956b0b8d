/*
 * exp, log and others in double precision: our own, so that results do not depend on a library. Errors are below 2
 * units in the last place.
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

/* e^x = 2^k · e^r with |r| ≤ ln 2 / 2, and e^r by its power series. */
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

/* e^x - 1 without cancellation near 0, where the power series is used. */
static inline double exponential_minus_1(double x) {
  if (x > 0.35 || x < -0.35) return exponential(x) - 1;
  double series = 1;
  for (int32_t i = 15; i >= 2; i--) series = 1 + series * x / i;
  return x * series;
}

/* Sine and cosine by their power series, for angles within ±π. */
static inline void sine_cosine(double angle, double *sine, double *cosine) {
  const double square = angle * angle;
  double s = 1, c = 1;
  for (int32_t i = 30; i >= 2; i -= 2) {
    s = 1 - s * square / (i * (i + 1));
    c = 1 - c * square / (i * (i - 1));
  }
  *sine = angle * s, *cosine = c;
}

static inline double hyperbolic_tangent(double x) {
  const double size = x < 0 ? -x : x;
  if (size > 20) return x < 0 ? -1 : 1;
  const double t = exponential_minus_1(2 * size), y = t / (t + 2);
  return x < 0 ? -y : y;
}

/*
 * erf(x) = 2/√π · ∫₀ˣ e^(-t²) dt. Up to 2 by the series 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms
 * are all positive; beyond by the continued fraction of 1 - erf.
 */
static inline double error_function(double x) {
  if (x != x) return x;
  const double size = x < 0 ? -x : x;
  double y = 1;
  if (size < 2) {
    double term = size, sum = size;
    for (int32_t n = 1; n < 40; n++) term *= 2 * size * size / (2 * n + 1), sum += term;
    y = 1.1283791670955126 * exponential(-size * size) * sum;
  } else if (size < 6) {
    double fraction = size;
    for (int32_t n = 60; n >= 1; n--) fraction = size + 0.5 * n / fraction;
    y = 1 - 0.5641895835477563 * exponential(-size * size) / fraction;
  }
  return x < 0 ? -y : y;
}
