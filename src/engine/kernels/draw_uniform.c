/*
 * Random initial values of a weight: uniform in [-bound, bound), the numbers of runtime/philox.ts one after the other
 * in PyTorch's order [outputs][inputs][taps], stored in panels (kernels.h), or in that order where `flat`.
 */
#include "philox.h"

typedef uint32_t Numbers[4][PANEL];

/* The numbers of one counter per lane of a panel, `apart` counters apart. */
static void draw_lanes(uint32_t first, uint32_t apart, uint32_t key, uint32_t seed, Numbers x) {
  for (uint32_t lane = 0; lane < PANEL; lane++) {
    const Random4 random = philox(first + lane * apart, key, 0, 0, seed, STREAM_INITIALISATION);
    x[0][lane] = random.x[0], x[1][lane] = random.x[1], x[2][lane] = random.x[2], x[3][lane] = random.x[3];
  }
}

static inline real within(uint32_t bits, float bound) {
  const double share = (double)(int32_t)(bits >> 8) * 0x1p-23 - 1;
  return (float)(share * (double)bound);
}

/* The row within its panel of number i of an output channel. */
static inline size_t panel_row(const DrawUniform *op, int32_t i) {
  return ((size_t)(i % op->taps) * op->inputs + i / op->taps) * PANEL;
}

/* A panel whose output channels each begin with a new counter: filled row by row. */
static void draw_panel(const DrawUniform *op, uint32_t seed, int32_t output, int32_t lanes, real *panel) {
  const int32_t size = op->inputs * op->taps;
  Numbers x;
  for (int32_t i = 0; i < size; i++) {
    if (i % 4 == 0) draw_lanes((uint32_t)(output * size + i) / 4, (uint32_t)size / 4, (uint32_t)op->key, seed, x);
    real *row = panel + panel_row(op, i);
    for (int32_t lane = 0; lane < lanes; lane++) row[lane] = within(x[i % 4][lane], op->bound);
  }
}

/* One task is one panel of output channels. */
void draw_uniform(const DrawUniform *op, const Context *context) {
  real *weight = reals(context, op->weight);
  const uint32_t seed = context->control->seed;
  const int32_t size = op->inputs * op->taps, columns = op->outputs / op->groups;
  const int32_t panels = divide_up(columns, PANEL);
  for (int32_t task; (task = next_task(context)) < op->groups * panels;) {
    const int32_t column = task % panels * PANEL, lanes = min(PANEL, columns - column);
    const int32_t output = task / panels * columns + column;
    real *panel = weight + (op->flat ? 0 : (size_t)task * size * PANEL);
    if (size % 4 == 0 && !op->flat) {
      draw_panel(op, seed, output, lanes, panel);
      continue;
    }
    Random4 random = {{0}};
    for (int32_t n = 0; n < lanes * size; n++) {
      const int32_t drawn = output * size + n;
      if (n == 0 || drawn % 4 == 0)
        random = philox((uint32_t)drawn / 4, (uint32_t)op->key, 0, 0, seed, STREAM_INITIALISATION);
      panel[op->flat ? (size_t)drawn : panel_row(op, n % size) + n / size] = within(random.x[drawn % 4], op->bound);
    }
  }
}
