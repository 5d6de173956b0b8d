/* Merges of several inputs: sum, product, concatenation of channels. [batch][count], [batch][pixels][channels] */
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
