/*
 * The largest value of each window; on a tie the first, as in PyTorch. argmax [batch][out_height][out_width]
 * [channels] holds the winner's place in its image (y * width + x), which the gradient flows back to.
 */
#include "kernels.h"

void max_pool2d_forward(const MaxPool2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *images = reals(context, op->x);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const int32_t image = task / g.out_height, top = task % g.out_height * g.stride_height - g.padding_top;
    const real *x = images + (size_t)image * g.height * g.width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++) {
      const int32_t left = ox * g.stride_width - g.padding_left;
      const size_t out = ((size_t)task * g.out_width + ox) * g.channels;
      real *y = reals(context, op->y) + out;
      int32_t *argmax = int32s(context, op->argmax) + out;
      for (int32_t c = 0; c < g.channels; c++) argmax[c] = -1;
      for (int32_t ky = 0; ky < g.kernel_height; ky++)
        for (int32_t kx = 0; kx < g.kernel_width; kx++) {
          const int32_t iy = top + ky * g.dilation_height, ix = left + kx * g.dilation_width;
          if (iy < 0 || iy >= g.height || ix < 0 || ix >= g.width) continue;
          const int32_t place = iy * g.width + ix;
          const real *from = x + (size_t)place * g.channels;
          for (int32_t c = 0; c < g.channels; c++)
            /* A NaN wins, so that a diverged run is seen. */
            if (argmax[c] < 0 || from[c] > y[c] || from[c] != from[c]) y[c] = from[c], argmax[c] = place;
        }
    }
  }
}

/* One task is one image: its windows may overlap. */
void max_pool2d_backward(const MaxPool2dBackward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const size_t out = (size_t)image * out_pixels * g.channels;
    const real *dy = reals(context, op->dy) + out;
    const int32_t *argmax = int32s(context, op->argmax) + out;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++)
      for (int32_t c = 0; c < g.channels; c++, dy++, argmax++) dx[(size_t)*argmax * g.channels + c] += *dy;
  }
}
