/*
 * y[batch][pixels][channels] = image * scale[channel] + shift[channel], where the image is bytes; one task is one
 * image.
 */
#include "kernels.h"

void normalize_forward(const NormalizeForward *op, const Context *context) {
  const real *scale = reals(context, op->scale), *shift = reals(context, op->shift);
  const size_t size = (size_t)op->pixels * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const uint8_t *from = bytes(context, op->images) + image * size;
    real *y = reals(context, op->y) + image * size;
    for (int32_t pixel = 0; pixel < op->pixels; pixel++)
      for (int32_t c = 0; c < op->channels; c++) *y++ = *from++ * scale[c] + shift[c];
  }
}

/* The same for values from 0 to 1. */
void standardize_forward(const StandardizeForward *op, const Context *context) {
  const real *scale = reals(context, op->scale), *shift = reals(context, op->shift);
  const size_t size = (size_t)op->pixels * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *x = reals(context, op->x) + image * size;
    real *y = reals(context, op->y) + image * size;
    for (int32_t pixel = 0; pixel < op->pixels; pixel++)
      for (int32_t c = 0; c < op->channels; c++) *y++ = *x++ * 255 * scale[c] + shift[c];
  }
}
