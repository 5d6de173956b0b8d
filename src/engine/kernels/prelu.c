/*
 * y = x > 0 ? x : weight · x, with one learned weight for all channels (weights is 1) or one per channel.
 *
 *   x, y, dx, dy [batch][pixels][channels]   weight [weights]   parts [part_count][weights]
 */
#include "kernels.h"

/* One task is one image. */
void prelu_forward(const PreluForward *op, const Context *context) {
  const real *weight = reals(context, op->weight);
  const size_t size = (size_t)op->pixels * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *x = reals(context, op->x) + image * size;
    real *y = reals(context, op->y) + image * size;
    for (int32_t pixel = 0; pixel < op->pixels; pixel++, x += op->channels, y += op->channels)
      for (int32_t c = 0; c < op->channels; c++)
        y[c] = x[c] > 0 ? x[c] : weight[op->weights == 1 ? 0 : c] * x[c];
  }
}

void prelu_backward_input(const PreluBackwardInput *op, const Context *context) {
  const real *weight = reals(context, op->weight);
  const size_t size = (size_t)op->pixels * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *x = reals(context, op->x) + image * size, *dy = reals(context, op->dy) + image * size;
    real *dx = reals(context, op->dx) + image * size;
    for (int32_t i = 0; i < (int32_t)size; i++) {
      const real slope = x[i] > 0 ? 1 : weight[op->weights == 1 ? 0 : i % op->channels];
      dx[i] = (op->accumulate ? dx[i] : 0) + dy[i] * slope;
    }
  }
}

/* One task is one part of the images, for one weight. */
void prelu_backward_weight(const PreluBackwardWeight *op, const Context *context) {
  const int32_t batch = context->control->batch, step = op->weights == 1 ? 1 : op->channels;
  const size_t size = (size_t)op->pixels * op->channels;
  for (int32_t task; (task = next_task(context)) < op->part_count * op->weights;) {
    const int32_t part = task / op->weights, weight = task % op->weights;
    const size_t from = (size_t)((int64_t)batch * part / op->part_count) * size;
    const size_t end = (size_t)((int64_t)batch * (part + 1) / op->part_count) * size;
    const real *x = reals(context, op->x), *dy = reals(context, op->dy);
    double sum = 0;
    for (size_t i = from + weight; i < end; i += step)
      if (!(x[i] > 0)) sum += (double)dy[i] * x[i];
    reals(context, op->parts)[task] = (real)sum;
  }
}
