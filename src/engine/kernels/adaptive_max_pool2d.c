/*
 * The maximum of each window, one window per output pixel; on a tie the first, as in PyTorch. argmax
 * [batch][out_height][out_width][channels] is as in max_pool2d.c, whose backward pass is used.
 */
#include "pool.h"

void adaptive_max_pool2d_forward(const AdaptiveMaxPool2dForward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    const Range rows = adaptive_range(task % g.out_height, g.height, g.out_height);
    for (int32_t ox = 0; ox < g.out_width; ox++) {
      const Range columns = adaptive_range(ox, g.width, g.out_width);
      const size_t out = ((size_t)task * g.out_width + ox) * g.channels;
      real *y = reals(context, op->y) + out;
      int32_t *argmax = int32s(context, op->argmax) + out;
      for (int32_t c = 0; c < g.channels; c++) argmax[c] = -1;
      for (int32_t iy = rows.from; iy < rows.to; iy++)
        for (int32_t ix = columns.from; ix < columns.to; ix++) {
          const int32_t place = iy * g.width + ix;
          const real *from = x + (size_t)place * g.channels;
          for (int32_t c = 0; c < g.channels; c++)
            /* NaN counts as the largest, so that a diverged run shows. */
            if (argmax[c] < 0 || from[c] > y[c] || from[c] != from[c]) y[c] = from[c], argmax[c] = place;
        }
    }
  }
}
