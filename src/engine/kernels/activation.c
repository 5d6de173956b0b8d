/*
 * Elementwise functions: y = f(x), dx = dy · f'(x), where f' is computed from x or y, whichever the layer keeps
 * (layers/activation.ts). [batch][count]
 *
 * NaN stays NaN in all of them, so that a diverged run shows.
 */
#include "fast_math.h"

static inline real clamp(real x, real low, real high) { return x < low ? low : x > high ? high : x; }
static inline real sigmoid(real x) { return 1 / (1 + exp_real(-x)); }

/* Φ(x), the normal distribution function. */
static inline real normal_cdf(real x) { return (real)0.5 * (1 + erf_real(x * (real)0.7071067811865476)); }

/* The derivative of x · Φ(x): Φ(x) + x · φ(x). */
static inline real gelu_slope(real x) {
  return normal_cdf(x) + x * exp_real(x * x * (real)-0.5) * (real)0.3989422804014327;
}

/* GELU's approximation of Φ(x): (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2. */
static inline real normal_cdf_tanh(real x) {
  return (real)0.5 * (1 + tanh_real((real)0.7978845608028654 * (x + (real)0.044715 * x * x * x)));
}

static inline real gelu_tanh_slope(real x) {
  const real below = normal_cdf_tanh(x);
  return below + x * 2 * below * (1 - below) * (real)0.7978845608028654 * (1 + (real)0.134145 * x * x);
}

static inline real silu_slope(real x) {
  const real s = sigmoid(x);
  return s * (1 + x * (1 - s));
}

/* One loop per function, so that each is vectorised. */
#define EACH_IN_SIMD(i)                                                                                      \
  const int32_t total = context->control->batch * op->count;                                                 \
  for (int32_t task; (task = next_task(context)) < divide_up(total, CHUNK);)                                 \
    INDEPENDENT for (int32_t i = task * CHUNK; i < min(total, (task + 1) * CHUNK); i++)

#define FORWARD(value)                                                                                       \
  {                                                                                                          \
    EACH_IN_SIMD(i) {                                                                                        \
      const real v = x[i];                                                                                   \
      y[i] = value;                                                                                          \
    }                                                                                                        \
    break;                                                                                                   \
  }

void activation_forward(const ActivationForward *op, const Context *context) {
  const real *x = reals(context, op->x), alpha = op->alpha;
  real *y = reals(context, op->y);
  switch (op->function) {
    case ACTIVATION_RELU6: FORWARD(clamp(v, 0, 6))
    case ACTIVATION_LEAKY_RELU: FORWARD(v > 0 ? v : alpha * v)
    case ACTIVATION_ELU: FORWARD(v > 0 ? v : alpha * exp_minus_1_real(v))
    case ACTIVATION_GELU: FORWARD(v * normal_cdf(v))
    case ACTIVATION_GELU_TANH: FORWARD(v * normal_cdf_tanh(v))
    case ACTIVATION_SILU: FORWARD(v * sigmoid(v))
    case ACTIVATION_HARDSWISH: FORWARD(v * clamp(v + 3, 0, 6) / 6)
    case ACTIVATION_HARDSIGMOID: FORWARD(clamp(v + 3, 0, 6) / 6)
    case ACTIVATION_SIGMOID: FORWARD(sigmoid(v))
    case ACTIVATION_TANH: FORWARD(tanh_real(v))
  }
}

#define BACKWARD(slope)                                                                                      \
  {                                                                                                          \
    EACH_IN_SIMD(i) {                                                                                        \
      const real v = kept[i], flow = dy[i];                                                                  \
      dx[i] = (op->accumulate ? dx[i] : 0) + flow * (slope);                                                 \
    }                                                                                                        \
    break;                                                                                                   \
  }

void activation_backward(const ActivationBackward *op, const Context *context) {
  const real *kept = reals(context, op->kept), *dy = reals(context, op->dy), alpha = op->alpha;
  real *dx = reals(context, op->dx);
  switch (op->function) {
    case ACTIVATION_RELU6: BACKWARD(v > 0 && v < 6 ? 1 : 0)
    case ACTIVATION_LEAKY_RELU: BACKWARD(v > 0 ? 1 : alpha)
    case ACTIVATION_ELU: BACKWARD(v > 0 ? 1 : alpha * exp_real(v))
    case ACTIVATION_GELU: BACKWARD(gelu_slope(v))
    case ACTIVATION_GELU_TANH: BACKWARD(gelu_tanh_slope(v))
    case ACTIVATION_SILU: BACKWARD(silu_slope(v))
    case ACTIVATION_HARDSWISH: BACKWARD(v < -3 ? 0 : v > 3 ? 1 : v / 3 + (real)0.5)
    case ACTIVATION_HARDSIGMOID: BACKWARD(v > 0 && v < 1 ? (real)1 / 6 : 0)
    case ACTIVATION_SIGMOID: BACKWARD(v * (1 - v))
    case ACTIVATION_TANH: BACKWARD(1 - v * v)
  }
}
