/*
 * Softmax over the channels of each pixel, or its logarithm; a vector is one pixel. [batch][pixels][channels]
 *
 *   y = exp(x - max) / Σ exp(x - max)   dx = y · (dy - Σ dy · y)
 *   y = x - max - log Σ exp(x - max)    dx = dy - exp(y) · Σ dy
 */
#include "fast_math.h"

/* One task is as many pixels as have about CHUNK numbers. */
#define EACH_PIXEL(pixel)                                                                                    \
  const int32_t pixels = context->control->batch * op->pixels, run = max(1, CHUNK / op->channels);           \
  for (int32_t task; (task = next_task(context)) < divide_up(pixels, run);)                                  \
    for (int32_t pixel = task * run; pixel < min(pixels, (task + 1) * run); pixel++)

void softmax_forward(const SoftmaxForward *op, const Context *context) {
  const int32_t channels = op->channels;
  EACH_PIXEL(pixel) {
    const real *x = reals(context, op->x) + (size_t)pixel * channels;
    real *y = reals(context, op->y) + (size_t)pixel * channels, largest = x[0];
    for (int32_t c = 1; c < channels; c++)
      if (x[c] > largest) largest = x[c];
    for (int32_t c = 0; c < channels; c++) y[c] = exp_real(x[c] - largest);
    double sum = 0;
    for (int32_t c = 0; c < channels; c++) sum += y[c];
    if (op->logarithm) {
      const real level = largest + (real)logarithm(sum);
      for (int32_t c = 0; c < channels; c++) y[c] = x[c] - level;
    } else {
      const real share = (real)(1 / sum);
      for (int32_t c = 0; c < channels; c++) y[c] *= share;
    }
  }
}

void softmax_backward(const SoftmaxBackward *op, const Context *context) {
  const int32_t channels = op->channels;
  EACH_PIXEL(pixel) {
    const real *y = reals(context, op->y) + (size_t)pixel * channels;
    const real *dy = reals(context, op->dy) + (size_t)pixel * channels;
    real *dx = reals(context, op->dx) + (size_t)pixel * channels;
    double total = 0;
    for (int32_t c = 0; c < channels; c++) total += op->logarithm ? dy[c] : (double)dy[c] * y[c];
    const real sum = (real)total;
    for (int32_t c = 0; c < channels; c++) {
      const real flow = op->logarithm ? dy[c] - exp_real(y[c]) * sum : y[c] * (dy[c] - sum);
      dx[c] = (op->accumulate ? dx[c] : 0) + flow;
    }
  }
}
