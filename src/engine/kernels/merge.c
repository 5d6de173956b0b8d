/*
 * What joins several values: sums, products, channels side by side. [batch][count], [batch][pixels][channels];
 * a gate, which has one number for each channel of an image, is [batch][channels].
 */
#include "kernels.h"

void add_forward(const AddForward *op, const Context *context) {
  const real *a = reals(context, op->a), *b = reals(context, op->b);
  real *y = reals(context, op->y);
  EACH_ELEMENT(i, context->control->batch * op->count) y[i] = a[i] + b[i];
}

void copy_backward(const CopyBackward *op, const Context *context) {
  const real *dy = reals(context, op->dy);
  real *dx = reals(context, op->dx);
  EACH_ELEMENT(i, context->control->batch * op->count) dx[i] = (op->accumulate ? dx[i] : 0) + dy[i];
}

void multiply_forward(const MultiplyForward *op, const Context *context) {
  const real *a = reals(context, op->a), *b = reals(context, op->b);
  real *y = reals(context, op->y);
  EACH_ELEMENT(i, context->control->batch * op->count) y[i] = a[i] * b[i];
}

void multiply_backward(const MultiplyBackward *op, const Context *context) {
  const real *dy = reals(context, op->dy), *other = reals(context, op->other);
  real *dx = reals(context, op->dx);
  EACH_ELEMENT(i, context->control->batch * op->count) dx[i] = (op->accumulate ? dx[i] : 0) + dy[i] * other[i];
}

/* Pixels of one task. */
#define GATED 128
/* Channels whose sums one task keeps. */
#define SUMMED 64

/* One task is a block of pixels of one image. */
#define EACH_GATED(image, first, end)                                                                        \
  const int32_t blocks = divide_up(op->pixels, GATED);                                                       \
  for (int32_t task, image, first, end; (task = next_task(context)) < context->control->batch * blocks &&    \
                                        (image = task / blocks, first = task % blocks * GATED,               \
                                        end = min(first + GATED, op->pixels), 1);)

void gate_forward(const GateForward *op, const Context *context) {
  EACH_GATED(image, first, end) {
    const real *gate = reals(context, op->gate) + (size_t)image * op->channels;
    const size_t at = ((size_t)image * op->pixels + first) * op->channels;
    const real *x = reals(context, op->x) + at;
    real *y = reals(context, op->y) + at;
    for (int32_t pixel = first; pixel < end; pixel++, x += op->channels, y += op->channels)
      for (int32_t c = 0; c < op->channels; c++) y[c] = x[c] * gate[c];
  }
}

void gate_backward_input(const GateBackwardInput *op, const Context *context) {
  EACH_GATED(image, first, end) {
    const real *gate = reals(context, op->gate) + (size_t)image * op->channels;
    const size_t at = ((size_t)image * op->pixels + first) * op->channels;
    const real *dy = reals(context, op->dy) + at;
    real *dx = reals(context, op->dx) + at;
    for (int32_t pixel = first; pixel < end; pixel++, dy += op->channels, dx += op->channels)
      for (int32_t c = 0; c < op->channels; c++) dx[c] = (op->accumulate ? dx[c] : 0) + dy[c] * gate[c];
  }
}

/* One task is a block of channels of one image. */
void gate_backward_gate(const GateBackwardGate *op, const Context *context) {
  const int32_t blocks = divide_up(op->channels, SUMMED);
  for (int32_t task; (task = next_task(context)) < context->control->batch * blocks;) {
    const int32_t image = task / blocks, c = task % blocks * SUMMED, width = min(SUMMED, op->channels - c);
    const size_t at = (size_t)image * op->pixels * op->channels + c;
    const real *dy = reals(context, op->dy) + at, *x = reals(context, op->x) + at;
    real *d_gate = reals(context, op->d_gate) + (size_t)image * op->channels + c;
    double sums[SUMMED] = {0};
    for (int32_t pixel = 0; pixel < op->pixels; pixel++, dy += op->channels, x += op->channels)
      for (int32_t i = 0; i < width; i++) sums[i] += (double)dy[i] * x[i];
    for (int32_t i = 0; i < width; i++) d_gate[i] = (op->accumulate ? d_gate[i] : 0) + (real)sums[i];
  }
}

/* One task is one image. */
void concat_forward(const ConcatForward *op, const Context *context) {
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *x = reals(context, op->x) + (size_t)image * op->pixels * op->channels;
    real *y = reals(context, op->y) + (size_t)image * op->pixels * op->out_channels + op->offset;
    for (int32_t pixel = 0; pixel < op->pixels; pixel++, x += op->channels, y += op->out_channels)
      for (int32_t c = 0; c < op->channels; c++) y[c] = x[c];
  }
}

void concat_backward(const ConcatBackward *op, const Context *context) {
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *dy = reals(context, op->dy) + (size_t)image * op->pixels * op->out_channels + op->offset;
    real *dx = reals(context, op->dx) + (size_t)image * op->pixels * op->channels;
    for (int32_t pixel = 0; pixel < op->pixels; pixel++, dx += op->channels, dy += op->out_channels)
      for (int32_t c = 0; c < op->channels; c++) dx[c] = (op->accumulate ? dx[c] : 0) + dy[c];
  }
}
