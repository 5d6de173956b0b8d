/*
 * Convolution (cross-correlation, as in PyTorch) as an implicit matrix product, whose left side, the windows of the
 * input, is read in place. Linear is a convolution of one pixel; a transposed convolution exchanges the forward pass
 * and the input gradient. The weight's gradient is in conv2d_weight.c, the reference of both in conv2d_reference.c.
 *
 *   x, dx   [batch][height][width][channels]
 *   y, dy   [batch][out_height][out_width][out_channels]
 *   weight  panels of output channels (kernels.h); transposed: panels of input channels (transposed.h)
 */
#include "depthwise.h"
#include "transposed.h"

#ifndef REFERENCE
#include "epilogue.h"
#include "gemm.h"
#include "pointwise.h"
#include "windows.h"

/*
 * Output channels that are computed at a time (forward and input gradient), for BLOCK_PIXELS pixels and BLOCK_DEPTH
 * depth.
 */
#define BLOCK_COLUMNS 256

typedef struct {
  const float *lines[BLOCK_DEPTH * BLOCK_PIXELS];
  float edges[BLOCK_PIXELS * BLOCK_DEPTH];
  float sums[BLOCK_PIXELS * BLOCK_COLUMNS];
} PixelScratch;

/* One group's product, target[pixel][column] = Σ window[pixel][depth] · weight[depth][column], with its epilogue. */
typedef struct {
  Windows windows;
  const float *panels;
  size_t panel_step;
  Epilogue out; /* of the group's channels */
  int32_t depth, columns;
  int32_t height, width, channels; /* of the target; every step-th pixel is a row of the grid */
  int32_t step_y, step_x, first_y, first_x;
} Convolution;

static void put_block(const Convolution *c, const float *sums, int32_t first, int32_t rows, int32_t column,
                      int32_t columns) {
  const Windows *w = &c->windows;
  Patch patch = {.sums_pixel = PANEL, .pixel = (size_t)c->step_x * c->channels, .lines = 1};
  /* As many rows at a time as are in one line of the target. */
  for (int32_t row = 0; row < rows; row += patch.pixels) {
    const Pixel at = pixel_at(first + row, w->grid_height, w->grid_width);
    const size_t y = (size_t)at.image * c->height + at.y * c->step_y + c->first_y;
    const size_t to = (y * c->width + at.x * c->step_x + c->first_x) * c->channels;
    patch.pixels = min(rows - row, w->grid_width - at.x);
    for (int32_t i = 0; i < columns; i += PANEL) {
      patch.sums = sums + i * BLOCK_PIXELS + row * PANEL;
      patch.channel = column + i, patch.channels = min(PANEL, columns - i), patch.at = to + column + i;
      store_patch(&c->out, &patch);
    }
  }
}

/* Whether output pixels read the input pixel at the same place only, and few enough channels for pointwise.h. */
static int is_pointwise(const Convolution *c) {
  const Windows *w = &c->windows;
  return w->taps_y == 1 && w->taps_x == 1 && w->step_y == 1 && w->step_x == 1 && w->origin_y == 0 &&
         w->origin_x == 0 && w->grid_height == w->height && w->grid_width == w->width && c->height == w->height &&
         c->width == w->width && c->depth == w->depth && c->depth <= LINE_PART;
}

/* Computes a block's rows that fill whole tiles; returns their number. */
static int32_t point_block(const Convolution *c, int32_t first, int32_t rows, int32_t column, int32_t columns) {
  const Windows *w = &c->windows;
  const Pointwise p = {.left = w->images + (size_t)first * w->channels + w->first_channel,
                       .right = c->panels + column / PANEL * c->panel_step,
                       .left_row = w->channels,
                       .right_step = c->panel_step,
                       .at = (size_t)first * c->channels + column,
                       .pixel = c->channels,
                       .rows = rows / TILE_ROWS * TILE_ROWS,
                       .columns = columns,
                       .depth = c->depth,
                       .channel = column};
  multiply_pointwise(&c->out, &p);
  return p.rows;
}

static void convolve_block(const Convolution *c, PixelScratch *scratch, int32_t first, int32_t rows,
                           int32_t column, int32_t columns) {
  Product product = {.out = scratch->sums, .rows = rows, .columns = columns};
  product.out_step = BLOCK_PIXELS * PANEL, product.right_step = c->panel_step;
  product.right = c->panels + column / PANEL * c->panel_step;
  const Lines lines = lines_of(&c->windows);
  Gathered left = {.lines = scratch->lines, .room = BLOCK_PIXELS};
  for (int32_t line = 0, count; line < lines.count; line += count)
    for (int32_t from = 0; from < lines.length; from += left.piece) {
      left.piece = min(LINE_PART, lines.length - from);
      count = lines.length > LINE_PART ? 1 : min(lines.count - line, BLOCK_DEPTH / lines.length);
      point_windows(&c->windows, &lines, first, rows, line, count, from, from + left.piece, scratch->lines,
                    BLOCK_PIXELS, scratch->edges);
      product.depth = count * left.piece;
      multiply_lines(&product, &left);
      product.right += product.depth * PANEL, product.add = 1;
    }
  if (c->depth == 0)
    for (int32_t i = 0; i < BLOCK_PIXELS * BLOCK_COLUMNS; i++) scratch->sums[i] = 0;
  put_block(c, scratch->sums, first, rows, column, columns);
}

/* Columns per task: all, unless there are few blocks of pixels. */
static inline int32_t columns_of_task(int32_t columns, int32_t pixel_blocks) {
  const int32_t share = pixel_blocks < 8 ? divide_up(columns * pixel_blocks, 8) : columns;
  return min(BLOCK_COLUMNS, divide_up(max(share, 32), PANEL) * PANEL);
}

/*
 * Computes this thread's tasks of one convolution. An instruction's tasks are numbered over all its convolutions: this
 * one's begin at `base`, `*task` is the next to do. Returns where the next convolution's tasks begin.
 */
static int32_t convolve(const Convolution *c, const Context *context, int32_t base, int32_t *task) {
  const int32_t pixels = context->control->batch * c->windows.grid_height * c->windows.grid_width;
  const int32_t blocks = divide_up(pixels, BLOCK_PIXELS), width = columns_of_task(c->columns, blocks);
  const int32_t column_blocks = divide_up(c->columns, width), end = base + blocks * column_blocks;
  const int pointwise = is_pointwise(c);
  for (; *task < end; *task = next_task(context)) {
    const int32_t column = (*task - base) % column_blocks * width;
    const int32_t first = (*task - base) / column_blocks * BLOCK_PIXELS;
    const int32_t rows = min(BLOCK_PIXELS, pixels - first), columns = min(width, c->columns - column);
    const int32_t done = pointwise ? point_block(c, first, rows, column, columns) : 0;
    if (done < rows)
      convolve_block(c, SCRATCH(PixelScratch, context), first + done, rows - done, column, columns);
  }
  return end;
}

void conv2d_forward(const Conv2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  if (is_depthwise(&g)) {
    depthwise_forward(op, context);
    return;
  }
  const int32_t columns = g.out_channels / g.groups, channels = g.channels / g.groups;
  const float *weight = reals(context, op->weight);
  const Epilogue out = EPILOGUE(op, context, y);
  Convolution c = {.depth = g.kernel_height * g.kernel_width * channels,
                   .columns = columns,
                   .height = g.out_height,
                   .width = g.out_width,
                   .channels = g.out_channels,
                   .step_y = 1,
                   .step_x = 1};
  c.panel_step = (size_t)c.depth * PANEL;
  int32_t task = next_task(context);
  for (int32_t group = 0, base = 0; group < g.groups; group++) {
    c.windows = input_windows(&g, reals(context, op->x), group);
    c.panels = weight + group * divide_up(columns, PANEL) * c.panel_step;
    c.out = epilogue_from(&out, group * columns);
    base = convolve(&c, context, base, &task);
  }
}

/* The part of an input gradient that concerns the pixels of one phase (transposed.h). */
static Convolution backward_phase(const Conv2dBackwardInput *op, const Context *context, int32_t group,
                                  int32_t py, int32_t px) {
  const Geometry g = GEOMETRY(op);
  const int32_t columns = g.channels / g.groups, channels = g.out_channels / g.groups;
  const Epilogue out = EPILOGUE(op, context, dx);
  const Phase y = phase_y(&g, py), x = phase_x(&g, px);
  Convolution c = {.depth = y.taps * x.taps * channels,
                   .columns = columns,
                   .height = g.height,
                   .width = g.width,
                   .channels = g.channels,
                   .step_y = g.stride_height,
                   .step_x = g.stride_width,
                   .first_y = py,
                   .first_x = px,
                   .out = epilogue_from(&out, group * columns)};
  c.windows = output_pixels(&g, reals(context, op->dy), group * channels, channels);
  c.windows.grid_height = max(0, divide_up(g.height - py, g.stride_height));
  c.windows.grid_width = max(0, divide_up(g.width - px, g.stride_width));
  c.windows.origin_y = y.origin, c.windows.origin_x = x.origin;
  c.windows.taps_y = y.taps, c.windows.taps_x = x.taps, c.windows.tap_y = y.step, c.windows.tap_x = x.step;
  c.panel_step = (size_t)g.kernel_height * g.kernel_width * channels * PANEL;
  c.panels = reals(context, op->transposed) + group * divide_up(columns, PANEL) * c.panel_step;
  return c;
}

void conv2d_backward_input(const Conv2dBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  if (is_depthwise(&g)) {
    depthwise_backward_input(op, context);
    return;
  }
  int32_t task = next_task(context), base = 0;
  for (int32_t group = 0; group < op->groups; group++) {
    size_t row = 0;
    for (int32_t py = 0; py < op->stride_height; py++)
      for (int32_t px = 0; px < op->stride_width; px++) {
        Convolution c = backward_phase(op, context, group, py, px);
        c.panels += row * PANEL, row += c.depth;
        if (c.depth > 0 || !op->accumulate) base = convolve(&c, context, base, &task);
      }
  }
}
#endif

#ifdef REFERENCE
/* As in simd.h. */
static void transpose_panel(const real *from, int32_t rows, real *to) {
  for (int32_t row = 0; row < PANEL; row++)
    for (int32_t lane = 0; lane < PANEL; lane++) to[lane * PANEL + row] = row < rows ? from[row * PANEL + lane] : 0;
}
#endif

/* Converts panels of output channels to panels of input channels; one task is one panel of the result. */
void conv2d_transpose_weight(const Conv2dTransposeWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *from = reals(context, op->weight);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const int32_t taps = g.kernel_height * g.kernel_width;
  const int32_t from_panels = divide_up(columns, PANEL), to_panels = divide_up(channels, PANEL);
  for (int32_t task; (task = next_task(context)) < g.groups * to_panels;) {
    const int32_t group = task / to_panels, first = task % to_panels * PANEL;
    real *to = reals(context, op->transposed) + (size_t)task * taps * columns * PANEL;
    EACH_TRANSPOSED_TAP(&g, ky, kx)
    for (int32_t k = 0; k < columns; k += PANEL) {
      const size_t panel = (size_t)group * from_panels + k / PANEL;
      const size_t row = panel * taps * channels + (ky * g.kernel_width + kx) * channels + first;
      real turned[PANEL * PANEL];
      transpose_panel(from + row * PANEL, min(PANEL, channels - first), turned);
      for (int32_t i = 0; i < min(PANEL, columns - k) * PANEL; i++) *to++ = turned[i];
    }
  }
}

/* One task is CHUNK elements. Parts are added in a fixed order, so that the bits do not depend on the threads. */
void sum_parts(const SumParts *op, const Context *context) {
  const real *parts = reals(context, op->parts);
  real *sum = reals(context, op->sum);
  for (int32_t task; (task = next_task(context)) < divide_up(op->count, CHUNK);) {
    const int32_t end = min(op->count, (task + 1) * CHUNK);
    for (int32_t i = task * CHUNK; i < end; i++) sum[i] = parts[i];
    for (int32_t part = 1; part < op->part_count; part++)
      for (int32_t i = task * CHUNK; i < end; i++) sum[i] += parts[(size_t)part * op->count + i];
  }
}
