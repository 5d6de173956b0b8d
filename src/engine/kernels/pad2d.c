/*
 * Pads images, from [batch][height][width][channels] to [batch][out_height][out_width][channels]. Sides are not
 * negative, and for reflect and circular at most as wide as PyTorch allows.
 */
#include "kernels.h"

/* The pixel of the image that is shown at i, which may be outside of [0, n); -1: zero. */
static int32_t source(int32_t i, int32_t n, int32_t mode) {
  if (i >= 0 && i < n) return i;
  if (mode == PADDING_REFLECT) return i < 0 ? -i : 2 * n - 2 - i;
  if (mode == PADDING_REPLICATE) return i < 0 ? 0 : n - 1;
  if (mode == PADDING_CIRCULAR) return i < 0 ? i + n : i - n;
  return -1;
}

void pad2d_forward(const Pad2dForward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const int32_t iy = source(task % g.out_height - op->top, g.height, op->mode);
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    real *y = reals(context, op->y) + (size_t)task * g.out_width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, y += g.channels) {
      const int32_t ix = source(ox - op->left, g.width, op->mode);
      const int inside = iy >= 0 && ix >= 0;
      const real *from = inside ? x + ((size_t)iy * g.width + ix) * g.channels : x;
      for (int32_t c = 0; c < g.channels; c++) y[c] = inside ? from[c] : 0;
    }
  }
}

/* One task is one image, because several pixels of the padding may come from the same one. */
void pad2d_backward(const Pad2dBackward *op, const Context *context) {
  const Images g = IMAGES(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const real *dy = reals(context, op->dy) + (size_t)image * out_pixels * g.channels;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++, dy += g.channels) {
      const int32_t iy = source(pixel / g.out_width - op->top, g.height, op->mode);
      const int32_t ix = source(pixel % g.out_width - op->left, g.width, op->mode);
      if (iy < 0 || ix < 0) continue;
      real *to = dx + ((size_t)iy * g.width + ix) * g.channels;
      for (int32_t c = 0; c < g.channels; c++) to[c] += dy[c];
    }
  }
}
