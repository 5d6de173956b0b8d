/*
 * Convolution (cross-correlation, as in PyTorch) as an implicit matrix product: windows of the input are packed
 * block by block into scratch, never as a whole. Linear layers are convolutions of one pixel; a transposed
 * convolution is one whose forward and backward pass have changed places.
 *
 *   x, dx   [batch][height][width][channels]
 *   y, dy   [batch][out_height][out_width][out_channels]
 *   weight  panels of output channels (kernels.h); transposed: the same with input and output exchanged
 */
#ifndef REFERENCE
#include "gemm.h"

typedef struct {
  int32_t image, y, x;
} Pixel;

static inline Pixel pixel_at(int32_t index, int32_t height, int32_t width) {
  const int32_t row = index / width;
  return (Pixel){row / height, row % height, index % width};
}

/*
 * Packs what `rows` windows see, starting at output pixel `first`, into left[tile][depth][4]: the rows
 * [from, from + depth) of each window, where a window's row is tap * channels + channel.
 */
static void pack_windows(const Geometry *g, const float *x, int32_t group, int32_t first, int32_t rows,
                         int32_t from, int32_t depth, float *left) {
  const int32_t channels = g->channels / g->groups;
  for (int32_t i = 0; i < divide_up(rows, TILE_ROWS) * TILE_ROWS; i++) {
    float *to = left + (size_t)(i / TILE_ROWS) * depth * TILE_ROWS + i % TILE_ROWS;
    const Pixel at = pixel_at(first + i, g->out_height, g->out_width);
    for (int32_t row = from; row < from + depth;) {
      const int32_t tap = row / channels, channel = row % channels;
      const int32_t run = min(channels - channel, from + depth - row);
      const int32_t y = at.y * g->stride_height - g->padding_top + tap / g->kernel_width * g->dilation_height;
      const int32_t w = at.x * g->stride_width - g->padding_left + tap % g->kernel_width * g->dilation_width;
      const int inside = i < rows && y >= 0 && y < g->height && w >= 0 && w < g->width;
      const float *source =
          x + (((size_t)at.image * g->height + y) * g->width + w) * g->channels + group * channels + channel;
      for (int32_t c = 0; c < run; c++, to += TILE_ROWS) *to = inside ? source[c] : 0;
      row += run;
    }
  }
}

/* As pack_windows, but what flows back to `rows` input pixels: row = tap * out_channels + out_channel of dy. */
static void pack_gradients(const Geometry *g, const float *dy, int32_t group, int32_t first, int32_t rows,
                           int32_t from, int32_t depth, float *left) {
  const int32_t channels = g->out_channels / g->groups;
  for (int32_t i = 0; i < divide_up(rows, TILE_ROWS) * TILE_ROWS; i++) {
    float *to = left + (size_t)(i / TILE_ROWS) * depth * TILE_ROWS + i % TILE_ROWS;
    const Pixel at = pixel_at(first + i, g->height, g->width);
    for (int32_t row = from; row < from + depth;) {
      const int32_t tap = row / channels, channel = row % channels;
      const int32_t run = min(channels - channel, from + depth - row);
      const int32_t y = at.y + g->padding_top - tap / g->kernel_width * g->dilation_height;
      const int32_t w = at.x + g->padding_left - tap % g->kernel_width * g->dilation_width;
      const int32_t oy = y / g->stride_height, ox = w / g->stride_width;
      const int inside = i < rows && y >= 0 && w >= 0 && oy * g->stride_height == y &&
                         ox * g->stride_width == w && oy < g->out_height && ox < g->out_width;
      const float *source = dy +
                            (((size_t)at.image * g->out_height + oy) * g->out_width + ox) * g->out_channels +
                            group * channels + channel;
      for (int32_t c = 0; c < run; c++, to += TILE_ROWS) *to = inside ? source[c] : 0;
      row += run;
    }
  }
}

/* What forward and backward by the input share: a product of packed pixels and panels of weights. */
typedef struct {
  void (*pack)(const Geometry *, const float *, int32_t, int32_t, int32_t, int32_t, int32_t, float *);
  const float *source, *panels, *bias;
  float *target;
  int32_t pixels, depth, columns; /* columns and depth of one group */
  int32_t accumulate;
} Product;

static void multiply_pixels(const Geometry *g, const Product *p, const Context *context) {
  Block *block = (Block *)context->scratch;
  const int32_t row_blocks = divide_up(p->pixels, BLOCK_ROWS);
  const int32_t column_blocks = divide_up(p->columns, BLOCK_COLUMNS);
  const size_t panel_size = (size_t)p->depth * PANEL;
  for (int32_t task; (task = next_task(context)) < row_blocks * column_blocks * g->groups;) {
    const int32_t group = task % g->groups, column_block = task / g->groups % column_blocks;
    const int32_t first = task / g->groups / column_blocks * BLOCK_ROWS;
    const int32_t rows = min(BLOCK_ROWS, p->pixels - first);
    const int32_t column = column_block * BLOCK_COLUMNS, columns = min(BLOCK_COLUMNS, p->columns - column);
    const float *panels = p->panels + (group * divide_up(p->columns, PANEL) + column / PANEL) * panel_size;
    clear_sums(block);
    for (int32_t from = 0; from < p->depth; from += BLOCK_DEPTH) {
      const int32_t depth = min(BLOCK_DEPTH, p->depth - from);
      p->pack(g, p->source, group, first, rows, from, depth, block->left);
      multiply_block(block, panels + (size_t)from * PANEL, panel_size, rows, columns, depth);
    }
    for (int32_t i = 0; i < rows; i++) {
      const int32_t offset = group * p->columns + column;
      float *to = p->target + (size_t)(first + i) * p->columns * g->groups + offset;
      for (int32_t k = 0; k < columns; k++) {
        const float sum = block_sum(block, i, k) + (p->bias ? p->bias[offset + k] : 0);
        to[k] = p->accumulate ? to[k] + sum : sum;
      }
    }
  }
}

void conv2d_forward(const Conv2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Product product = {
      .pack = pack_windows,
      .source = reals(context, op->x),
      .panels = reals(context, op->weight),
      .bias = reals(context, op->bias),
      .target = reals(context, op->y),
      .pixels = context->control->batch * g.out_height * g.out_width,
      .depth = g.kernel_height * g.kernel_width * (g.channels / g.groups),
      .columns = g.out_channels / g.groups,
      .accumulate = op->accumulate,
  };
  multiply_pixels(&g, &product, context);
}

void conv2d_backward_input(const Conv2dBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Product product = {
      .pack = pack_gradients,
      .source = reals(context, op->dy),
      .panels = reals(context, op->transposed),
      .bias = reals(context, op->bias),
      .target = reals(context, op->dx),
      .pixels = context->control->batch * g.height * g.width,
      .depth = g.kernel_height * g.kernel_width * (g.out_channels / g.groups),
      .columns = g.channels / g.groups,
      .accumulate = op->accumulate,
  };
  multiply_pixels(&g, &product, context);
}

/* left[tile][pixel][4] of rows [first, first + rows) of the windows at output pixels [from, from + depth). */
static void pack_window_rows(const Geometry *g, const float *x, int32_t group, int32_t first, int32_t rows,
                             int32_t from, int32_t depth, float *left) {
  const int32_t channels = g->channels / g->groups;
  for (int32_t pixel = 0; pixel < depth; pixel++) {
    const Pixel at = pixel_at(from + pixel, g->out_height, g->out_width);
    const int32_t top = at.y * g->stride_height - g->padding_top;
    const int32_t start = at.x * g->stride_width - g->padding_left;
    for (int32_t i = 0; i < rows;) {
      const int32_t tap = (first + i) / channels, channel = (first + i) % channels;
      const int32_t run = min(channels - channel, rows - i);
      const int32_t y = top + tap / g->kernel_width * g->dilation_height;
      const int32_t w = start + tap % g->kernel_width * g->dilation_width;
      const int inside = y >= 0 && y < g->height && w >= 0 && w < g->width;
      const float *source =
          x + (((size_t)at.image * g->height + y) * g->width + w) * g->channels + group * channels + channel;
      for (int32_t c = 0; c < run; c++, i++)
        left[((size_t)(i / TILE_ROWS) * depth + pixel) * TILE_ROWS + i % TILE_ROWS] = inside ? source[c] : 0;
    }
    for (int32_t i = rows; i % TILE_ROWS != 0; i++)
      left[((size_t)(i / TILE_ROWS) * depth + pixel) * TILE_ROWS + i % TILE_ROWS] = 0;
  }
}

/* right[panel][pixel][PANEL] of `columns` channels of dy, starting at `channel`. */
static void pack_gradient_panels(const float *dy, int32_t out_channels, int32_t channel, int32_t columns,
                                 int32_t from, int32_t depth, float *right) {
  for (int32_t pixel = 0; pixel < depth; pixel++) {
    const float *source = dy + (size_t)(from + pixel) * out_channels + channel;
    for (int32_t k = 0; k < divide_up(columns, PANEL) * PANEL; k++)
      right[((size_t)(k / PANEL) * depth + pixel) * PANEL + k % PANEL] = k < columns ? source[k] : 0;
  }
}

void conv2d_backward_weight(const Conv2dBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  Block *block = (Block *)context->scratch;
  const float *x = reals(context, op->x), *dy = reals(context, op->dy);
  const int32_t group_columns = g.out_channels / g.groups, panels = divide_up(group_columns, PANEL);
  const int32_t group_rows = g.kernel_height * g.kernel_width * (g.channels / g.groups);
  const int32_t row_blocks = divide_up(group_rows, BLOCK_ROWS);
  const int32_t column_blocks = divide_up(group_columns, BLOCK_COLUMNS);
  const int32_t blocks = row_blocks * column_blocks * g.groups, pixels = g.out_height * g.out_width;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, row = task % row_blocks * BLOCK_ROWS;
    const int32_t column = task % blocks / row_blocks % column_blocks * BLOCK_COLUMNS;
    const int32_t group = task % blocks / row_blocks / column_blocks;
    const int32_t rows = min(BLOCK_ROWS, group_rows - row);
    const int32_t columns = min(BLOCK_COLUMNS, group_columns - column), channel = group * group_columns + column;
    const int32_t end = (int32_t)((int64_t)context->control->batch * (part + 1) / op->parts) * pixels;
    float bias[BLOCK_COLUMNS] = {0};
    clear_sums(block);
    for (int32_t from = (int32_t)((int64_t)context->control->batch * part / op->parts) * pixels; from < end;
         from += BLOCK_DEPTH) {
      const int32_t depth = min(BLOCK_DEPTH, end - from);
      pack_window_rows(&g, x, group, row, rows, from, depth, block->left);
      pack_gradient_panels(dy, g.out_channels, channel, columns, from, depth, block->right);
      multiply_block(block, block->right, (size_t)depth * PANEL, rows, columns, depth);
      if (row == 0 && op->d_bias)
        for (int32_t k = 0; k < columns; k++)
          for (int32_t pixel = 0; pixel < depth; pixel++)
            bias[k] += block->right[((size_t)(k / PANEL) * depth + pixel) * PANEL + k % PANEL];
    }
    float *d_weight = reals(context, op->d_weight) +
                      (((size_t)part * g.groups + group) * panels + column / PANEL) * group_rows * PANEL;
    for (int32_t k = 0; k < divide_up(columns, PANEL) * PANEL; k++)
      for (int32_t i = 0; i < rows; i++)
        d_weight[((size_t)(k / PANEL) * group_rows + row + i) * PANEL + k % PANEL] = block_sum(block, i, k);
    if (row == 0 && op->d_bias)
      for (int32_t k = 0; k < columns; k++)
        reals(context, op->d_bias)[(size_t)part * g.out_channels + channel + k] = bias[k];
  }
}

#else
#include "kernels.h"

/* The plain form of the above: one sum at a time, in the order of the definition. */

static inline size_t weight_at(const Geometry *g, int32_t out_channel, int32_t tap, int32_t channel) {
  const int32_t columns = g->out_channels / g->groups, channels = g->channels / g->groups;
  const int32_t group = out_channel / columns, column = out_channel % columns;
  const int32_t rows = g->kernel_height * g->kernel_width * channels;
  const size_t panel = (size_t)group * divide_up(columns, PANEL) + column / PANEL;
  return (panel * rows + tap * channels + channel) * PANEL + column % PANEL;
}

/* The input pixel under a tap, as an index into [batch][height][width], or -1 in the padding. */
static inline int64_t pixel_under(const Geometry *g, int32_t out_pixel, int32_t tap) {
  const int32_t ox = out_pixel % g->out_width, row = out_pixel / g->out_width;
  const int32_t image = row / g->out_height, oy = row % g->out_height;
  const int32_t y = oy * g->stride_height - g->padding_top + tap / g->kernel_width * g->dilation_height;
  const int32_t x = ox * g->stride_width - g->padding_left + tap % g->kernel_width * g->dilation_width;
  if (y < 0 || y >= g->height || x < 0 || x >= g->width) return -1;
  return ((int64_t)image * g->height + y) * g->width + x;
}

static inline int32_t taps(const Geometry *g) { return g->kernel_height * g->kernel_width; }

void conv2d_forward(const Conv2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *x = reals(context, op->x), *w = reals(context, op->weight), *bias = reals(context, op->bias);
  const int32_t channels = g.channels / g.groups, pixels = context->control->batch * g.out_height * g.out_width;
  for (int32_t pixel; (pixel = next_task(context)) < pixels;)
    for (int32_t k = 0; k < g.out_channels; k++) {
      const int32_t offset = k / (g.out_channels / g.groups) * channels;
      real sum = bias ? bias[k] : 0;
      for (int32_t tap = 0; tap < taps(&g); tap++) {
        const int64_t under = pixel_under(&g, pixel, tap);
        if (under < 0) continue;
        for (int32_t c = 0; c < channels; c++)
          sum += x[under * g.channels + offset + c] * w[weight_at(&g, k, tap, c)];
      }
      real *y = reals(context, op->y) + (size_t)pixel * g.out_channels + k;
      *y = (op->accumulate ? *y : 0) + sum;
    }
}

void conv2d_backward_input(const Conv2dBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  /* Transposed weights are those of a convolution with the channels exchanged. */
  Geometry exchanged = g;
  exchanged.channels = g.out_channels, exchanged.out_channels = g.channels;
  const real *dy = reals(context, op->dy), *w = reals(context, op->transposed), *bias = reals(context, op->bias);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const int32_t out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = reals(context, op->dx) + (size_t)image * g.height * g.width * g.channels;
    for (int32_t i = 0; i < g.height * g.width * g.channels; i++)
      dx[i] = (op->accumulate ? dx[i] : 0) + (bias ? bias[i % g.channels] : 0);
    for (int32_t pixel = image * out_pixels; pixel < (image + 1) * out_pixels; pixel++)
      for (int32_t tap = 0; tap < taps(&g); tap++) {
        const int64_t under = pixel_under(&g, pixel, tap);
        if (under < 0) continue;
        real *to = reals(context, op->dx) + under * g.channels;
        for (int32_t c = 0; c < g.channels; c++)
          for (int32_t k = 0; k < columns; k++)
            to[c] += dy[(size_t)pixel * g.out_channels + c / channels * columns + k] *
                     w[weight_at(&exchanged, c, tap, k)];
      }
  }
}

void conv2d_backward_weight(const Conv2dBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *x = reals(context, op->x), *dy = reals(context, op->dy);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const size_t size = (size_t)g.groups * divide_up(columns, PANEL) * PANEL * taps(&g) * channels;
  const int32_t pixels = g.out_height * g.out_width;
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    real *d_weight = reals(context, op->d_weight) + part * size;
    real *d_bias = op->d_bias ? reals(context, op->d_bias) + (size_t)part * g.out_channels : NULL;
    for (size_t i = 0; i < size; i++) d_weight[i] = 0;
    if (d_bias)
      for (int32_t k = 0; k < g.out_channels; k++) d_bias[k] = 0;
    const int32_t batch = context->control->batch;
    const int32_t from = (int32_t)((int64_t)batch * part / op->parts) * pixels;
    const int32_t end = (int32_t)((int64_t)batch * (part + 1) / op->parts) * pixels;
    for (int32_t pixel = from; pixel < end; pixel++)
      for (int32_t k = 0; k < g.out_channels; k++) {
        const real gradient = dy[(size_t)pixel * g.out_channels + k];
        if (d_bias) d_bias[k] += gradient;
        for (int32_t tap = 0; tap < taps(&g); tap++) {
          const int64_t under = pixel_under(&g, pixel, tap);
          if (under < 0) continue;
          for (int32_t c = 0; c < channels; c++)
            d_weight[weight_at(&g, k, tap, c)] += gradient * x[under * g.channels + k / columns * channels + c];
        }
      }
  }
}
#endif

/* From panels of output channels to panels of input channels; one task is one panel of the result. */
void conv2d_transpose_weight(const Conv2dTransposeWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *from = reals(context, op->weight);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const int32_t taps = g.kernel_height * g.kernel_width;
  const int32_t from_panels = divide_up(columns, PANEL), to_panels = divide_up(channels, PANEL);
  for (int32_t task; (task = next_task(context)) < g.groups * to_panels;) {
    const int32_t group = task / to_panels, first = task % to_panels * PANEL;
    real *to = reals(context, op->transposed) + (size_t)task * taps * columns * PANEL;
    for (int32_t tap = 0; tap < taps; tap++)
      for (int32_t k = 0; k < columns; k++)
        for (int32_t lane = 0; lane < PANEL; lane++) {
          const int32_t c = first + lane;
          const size_t panel = (size_t)group * from_panels + k / PANEL;
          *to++ = c < channels ? from[(panel * taps * channels + tap * channels + c) * PANEL + k % PANEL] : 0;
        }
  }
}

/* One task is CHUNK elements. The order of the parts is fixed, so the sum has the same bits always. */
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
