/*
 * Upsampling by whole factors: nearest repeats each pixel; bilinear interpolates between the two nearest per axis, with
 * align_corners=False: output pixel i is at (i + ½) / scale - ½ of the input.
 *
 *   x, dx   [batch][height][width][channels]
 *   y, dy   [batch][out_height][out_width][channels]
 */
#include "kernels.h"

/* Two pixels of one axis and their weights, which sum to 1. */
typedef struct {
  int32_t at[2];
  real share[2];
} Mix;

static Mix mix_at(int32_t bilinear, int32_t i, int32_t n, int32_t scale) {
  if (!bilinear) return (Mix){{i / scale, i / scale}, {1, 0}};
  /* In units of half an output pixel, so that the comparison is in integers. */
  const int32_t halves = max(2 * i + 1 - scale, 0), near = halves / (2 * scale);
  const real distance = (real)(halves % (2 * scale)) / (real)(2 * scale);
  return (Mix){{near, min(near + 1, n - 1)}, {1 - distance, distance}};
}

void upsample_forward(const UpsampleForward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const Mix rows = mix_at(op->bilinear, task % g.out_height, g.height, g.out_height / g.height);
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    real *y = reals(context, op->y) + (size_t)task * g.out_width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, y += g.channels) {
      const Mix columns = mix_at(op->bilinear, ox, g.width, g.out_width / g.width);
      for (int32_t c = 0; c < g.channels; c++) y[c] = 0;
      for (int32_t corner = 0; corner < 4; corner++) {
        const real share = rows.share[corner / 2] * columns.share[corner % 2];
        if (share == 0) continue;
        const real *from = x + ((size_t)rows.at[corner / 2] * g.width + columns.at[corner % 2]) * g.channels;
        for (int32_t c = 0; c < g.channels; c++) y[c] += share * from[c];
      }
    }
  }
}

/* One task is one image, because each of its pixels contributes to several output pixels. */
void upsample_backward(const UpsampleBackward *op, const Context *context) {
  const Images g = IMAGES(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const real *dy = reals(context, op->dy) + (size_t)image * out_pixels * g.channels;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++, dy += g.channels) {
      const Mix rows = mix_at(op->bilinear, pixel / g.out_width, g.height, g.out_height / g.height);
      const Mix columns = mix_at(op->bilinear, pixel % g.out_width, g.width, g.out_width / g.width);
      for (int32_t corner = 0; corner < 4; corner++) {
        const real share = rows.share[corner / 2] * columns.share[corner % 2];
        if (share == 0) continue;
        real *to = dx + ((size_t)rows.at[corner / 2] * g.width + columns.at[corner % 2]) * g.channels;
        for (int32_t c = 0; c < g.channels; c++) to[c] += share * dy[c];
      }
    }
  }
}
