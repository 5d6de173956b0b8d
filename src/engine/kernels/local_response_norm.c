/*
 * Local response normalisation: each value is divided by a power of a sum of squares over neighbouring channels.
 *
 *   scale = k + alpha / size · Σ x², over channels [c - size / 2, c + (size - 1) / 2];   y = x · scale^(-beta)
 *   dx = dy · scale^(-beta) - 2 · alpha · beta / size · x · Σ dy · y / scale, over the channels whose sum x is in
 *
 *   x, y, scale, ratio, sum, dx, dy [batch][pixels][channels]; one task is some pixels
 */
#include "kernels.h"
#include "math.h"

#define EACH_PIXEL(start)                                                                                    \
  const int32_t pixels = context->control->batch * op->pixels, run = max(1, CHUNK / channels);               \
  for (int32_t task; (task = next_task(context)) < divide_up(pixels, run);)                                  \
    for (size_t start = (size_t)task * run * channels;                                                       \
         start < (size_t)min(pixels, (task + 1) * run) * channels; start += channels)

/* sum[c] += from[c + offset], for every c where that channel exists. */
static inline void add_shifted(real *sum, const real *from, int32_t offset, int32_t channels) {
  for (int32_t c = max(0, -offset); c < min(channels, channels - offset); c++) sum[c] += from[c + offset];
}

static inline real negative_power(real scale, float beta) {
  /* beta = 0.75, the usual exponent, by square roots. */
  if (beta == 0.75f) {
#ifdef REFERENCE
    const double root = __builtin_sqrt(scale);
    return 1 / (root * __builtin_sqrt(root));
#else
    const float root = __builtin_sqrtf(scale);
    return 1 / (root * __builtin_sqrtf(root));
#endif
  }
  return (real)exponential(-(double)beta * logarithm(scale));
}

void local_response_norm_forward(const LocalResponseNormForward *op, const Context *context) {
  const int32_t channels = op->channels, size = min(op->size, 2 * channels);
  const real share = (real)op->alpha / op->size;
  EACH_PIXEL(start) {
    const real *x = reals(context, op->x) + start;
    real *y = reals(context, op->y) + start, *scale = reals(context, op->scale) + start;
    /* y temporarily holds the squares. */
    for (int32_t c = 0; c < channels; c++) y[c] = x[c] * x[c], scale[c] = 0;
    for (int32_t offset = -(size / 2); offset <= (size - 1) / 2; offset++)
      add_shifted(scale, y, offset, channels);
    for (int32_t c = 0; c < channels; c++) scale[c] = op->k + share * scale[c];
    for (int32_t c = 0; c < channels; c++) y[c] = x[c] * negative_power(scale[c], op->beta);
  }
}

void local_response_norm_backward(const LocalResponseNormBackward *op, const Context *context) {
  const int32_t channels = op->channels, size = min(op->size, 2 * channels);
  const real factor = 2 * (real)op->alpha * (real)op->beta / op->size;
  EACH_PIXEL(start) {
    const real *x = reals(context, op->x) + start, *y = reals(context, op->y) + start;
    const real *scale = reals(context, op->scale) + start, *dy = reals(context, op->dy) + start;
    real *ratio = reals(context, op->ratio) + start, *sum = reals(context, op->sum) + start;
    real *dx = reals(context, op->dx) + start;
    for (int32_t c = 0; c < channels; c++) ratio[c] = dy[c] * y[c] / scale[c], sum[c] = 0;
    for (int32_t offset = -((size - 1) / 2); offset <= size / 2; offset++)
      add_shifted(sum, ratio, offset, channels);
    for (int32_t c = 0; c < channels; c++) {
      const real flow = dy[c] * negative_power(scale[c], op->beta) - factor * x[c] * sum[c];
      dx[c] = (op->accumulate ? dx[c] : 0) + flow;
    }
  }
}
