/* Between [pixels][channels] and PyTorch's [channels][pixels]; one task is one image. */
#include "kernels.h"

void flatten_forward(const FlattenForward *op, const Context *context) {
  const int32_t channels = op->channels, pixels = op->pixels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *x = reals(context, op->x) + (size_t)image * channels * pixels;
    real *y = reals(context, op->y) + (size_t)image * channels * pixels;
    for (int32_t pixel = 0; pixel < pixels; pixel++)
      for (int32_t c = 0; c < channels; c++) y[c * pixels + pixel] = x[pixel * channels + c];
  }
}

void flatten_backward(const FlattenBackward *op, const Context *context) {
  const int32_t channels = op->channels, pixels = op->pixels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *dy = reals(context, op->dy) + (size_t)image * channels * pixels;
    real *dx = reals(context, op->dx) + (size_t)image * channels * pixels;
    for (int32_t pixel = 0; pixel < pixels; pixel++)
      for (int32_t c = 0; c < channels; c++)
        dx[pixel * channels + c] = (op->accumulate ? dx[pixel * channels + c] : 0) + dy[c * pixels + pixel];
  }
}
