/*
 * Pixel shuffle: factor² channels of one pixel become factor × factor pixels of one channel.
 *
 *   x, dx   [batch][height][width][out_channels * factor * factor]
 *   y, dy   [batch][height * factor][width * factor][out_channels]
 */
#include "kernels.h"

/* The index, within its image, of the first channel of output pixel (oy, ox); the next channel is factor² further. */
static size_t source(const Images *g, int32_t factor, int32_t oy, int32_t ox) {
  const size_t pixel = (size_t)(oy / factor) * g->width + ox / factor;
  return pixel * g->channels + oy % factor * factor + ox % factor;
}

void pixel_shuffle_forward(const PixelShuffleForward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    real *y = reals(context, op->y) + (size_t)task * g.out_width * g.out_channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, y += g.out_channels) {
      const real *from = x + source(&g, op->factor, task % g.out_height, ox);
      for (int32_t c = 0; c < g.out_channels; c++) y[c] = from[c * op->factor * op->factor];
    }
  }
}

/* One task is one row of dy, which no other task shares channels of dx with. */
void pixel_shuffle_backward(const PixelShuffleBackward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    real *dx = reals(context, op->dx) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    const real *dy = reals(context, op->dy) + (size_t)task * g.out_width * g.out_channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, dy += g.out_channels) {
      real *to = dx + source(&g, op->factor, task % g.out_height, ox);
      for (int32_t c = 0; c < g.out_channels; c++) {
        real *each = to + c * op->factor * op->factor;
        *each = (op->accumulate ? *each : 0) + dy[c];
      }
    }
  }
}
