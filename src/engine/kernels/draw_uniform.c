/*
 * What a weight begins with: numbers uniform in [-bound, bound), the same as runtime/philox.ts draws them, one after
 * the other in PyTorch's order [outputs][inputs][taps], laid into panels (kernels.h) or, where `flat`, left so.
 */
#include "philox.h"

/* As in runtime/philox.ts. */
#define STREAM_INITIALISATION 1

/* One task is one output. */
void draw_uniform(const DrawUniform *op, const Context *context) {
  real *weight = reals(context, op->weight);
  const int32_t size = op->inputs * op->taps, columns = op->outputs / op->groups;
  const int32_t panels = divide_up(columns, PANEL);
  for (int32_t output; (output = next_task(context)) < op->outputs;) {
    const int32_t column = output % columns, panel = output / columns * panels + column / PANEL;
    Random4 random = {{0}};
    for (int32_t i = 0; i < size; i++) {
      const int32_t drawn = output * size + i;
      if (i == 0 || drawn % 4 == 0)
        random = philox((uint32_t)drawn / 4, (uint32_t)op->key, 0, 0, context->control->seed, STREAM_INITIALISATION);
      const double share = (double)(random.x[drawn % 4] >> 8) * 0x1p-23 - 1;
      const size_t row = (size_t)panel * size + i % op->taps * op->inputs + i / op->taps;
      weight[op->flat ? (size_t)drawn : row * PANEL + column % PANEL] = (float)(share * (double)op->bound);
    }
  }
}
