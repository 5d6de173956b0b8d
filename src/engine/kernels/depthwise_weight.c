/*
 * The gradient of a depthwise convolution's weight: Σ over pixels of x · dy, for each tap and channel by itself.
 *
 *   x   [batch][height][width][channels]           d_weight  [parts][panel][tap][PANEL]
 *   dy  [batch][out_height][out_width][channels]
 */
#include "depthwise.h"

#ifndef REFERENCE
#include "windows.h"

/*
 * Whether it is a 3×3 kernel without dilation whose windows exceed the image by at most one pixel, and on one side
 * only.
 */
static inline int is_small(const Geometry *g) {
  return g->kernel_height == 3 && g->kernel_width == 3 && g->dilation_height == 1 && g->dilation_width == 1 &&
         g->padding_top <= 1 && g->padding_left <= 1 && g->height > 1 && g->width > 1 &&
         (g->out_height - 1) * g->stride_height - g->padding_top + 2 <= g->height &&
         (g->out_width - 1) * g->stride_width - g->padding_left + 2 <= g->width;
}

/* The sums of nine taps for one vector of channels, kept in registers over all pixels. */
typedef vf Nine[3][3];

/* The rows of taps [top, bottom), and of those the taps [left, right), are within the image. */
#define SUM_NINE Nine sums, const Geometry *g, const float *x, const float *dy, int top, int bottom

__attribute__((always_inline)) static inline void sum_columns(SUM_NINE, int left, int right, int32_t count) {
  const ptrdiff_t channels = g->channels, row = channels * g->width, step = channels * g->stride_width;
  STEADY for (int32_t i = 0; i < count; i++, x += step, dy += channels) {
    const vf flow = load(dy);
    UNROLL for (int ky = top; ky < bottom; ky++) {
      UNROLL for (int kx = left; kx < right; kx++) sums[ky][kx] += load(x + ky * row + kx * channels) * flow;
    }
  }
}

/* One row of dy; x points to the first tap of its first pixel. */
__attribute__((always_inline)) static inline void sum_line(SUM_NINE) {
  const ptrdiff_t channels = g->channels, step = channels * g->stride_width;
  const int32_t first = g->padding_left, last = g->out_width - 1;
  const int32_t end = last * g->stride_width - g->padding_left + 2 == g->width ? last : last + 1;
  if (first) sum_columns(sums, g, x, dy, top, bottom, 1, 3, 1);
  sum_columns(sums, g, x + first * step, dy + first * channels, top, bottom, 0, 3, end - first);
  if (end == last) sum_columns(sums, g, x + last * step, dy + last * channels, top, bottom, 0, 2, 1);
}

/* Adds the contribution of row `line` of dy for one vector of channels; x is the image. */
__attribute__((noinline)) static void sum_nine(const Geometry *g, const float *x, const float *dy, int32_t line,
                                               float *d_weight) {
  const ptrdiff_t row = (ptrdiff_t)g->width * g->channels;
  const int32_t y = line * g->stride_height - g->padding_top;
  x += y * row - g->padding_left * g->channels, dy += (ptrdiff_t)line * g->out_width * g->channels;
  Nine sums;
  UNROLL for (int tap = 0; tap < 9; tap++) sums[tap / 3][tap % 3] = load(d_weight + tap * PANEL);
  if (y < 0) sum_line(sums, g, x, dy, 1, 3);
  else if (y + 2 == g->height) sum_line(sums, g, x, dy, 0, 2);
  else sum_line(sums, g, x, dy, 0, 3);
  UNROLL for (int tap = 0; tap < 9; tap++) store(d_weight + tap * PANEL, sums[tap / 3][tap % 3]);
}

/* The sum over `count` pixels for one tap and one panel of channels. */
static inline void sum_tap(const float *x, const float *dy, ptrdiff_t x_step, ptrdiff_t dy_step, int32_t count,
                           float *sum) {
  vf sums[PANEL / LANES];
  UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) sums[n] = load(sum + n * LANES);
  for (int32_t i = 0; i < count; i++, x += x_step, dy += dy_step)
    UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) sums[n] += load(x + n * LANES) * load(dy + n * LANES);
  UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) store(sum + n * LANES, sums[n]);
}

/* Adds the contribution of one row of dy to every tap of one panel of channels; x is the image. */
static void sum_row(const Geometry *g, const float *x, const float *dy, int32_t row, float *d_weight) {
  const ptrdiff_t channels = g->channels;
  for (int32_t ky = 0; ky < g->kernel_height; ky++) {
    const int32_t y = row * g->stride_height - g->padding_top + ky * g->dilation_height;
    if (y < 0 || y >= g->height) continue;
    for (int32_t kx = 0; kx < g->kernel_width; kx++) {
      const int32_t start = kx * g->dilation_width - g->padding_left, stride = g->stride_width;
      const int32_t first = start < 0 ? divide_up(-start, stride) : 0;
      const int32_t end = start < g->width ? min(g->out_width, (g->width - 1 - start) / stride + 1) : 0;
      if (first >= end) continue;
      sum_tap(x + ((ptrdiff_t)y * g->width + start + first * stride) * channels,
              dy + ((ptrdiff_t)row * g->out_width + first) * channels, stride * channels, channels, end - first,
              d_weight + (ky * g->kernel_width + kx) * PANEL);
    }
  }
}

static void sum_panel(const Geometry *g, const float *x, const float *dy, int32_t line, float *d_weight) {
  if (is_small(g))
    for (int32_t i = 0; i < PANEL; i += LANES) sum_nine(g, x + i, dy + i, line, d_weight + i);
  else sum_row(g, x, dy, line, d_weight);
}

/* Adjacent panels of channels that are summed together, row by row. */
#define PANELS 4

/* One task is a few panels of channels and one part of the images. */
void depthwise_backward_weight(const Conv2dBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const int32_t panels = divide_up(g.channels, PANEL), blocks = divide_up(panels, PANELS);
  const int32_t taps = g.kernel_height * g.kernel_width, size = taps * PANEL;
  const int64_t batch = context->control->batch;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, first = task % blocks * PANELS, count = min(PANELS, panels - first);
    float *d_weight = reals(context, op->d_weight) + ((size_t)part * panels + first) * size;
    for (int32_t i = 0; i < count * size; i++) d_weight[i] = 0;
    for (int64_t image = batch * part / op->parts; image < batch * (part + 1) / op->parts; image++) {
      const float *x = reals(context, op->x) + (size_t)image * g.height * g.width * g.channels;
      const float *dy = reals(context, op->dy) + (size_t)image * g.out_height * g.out_width * g.channels;
      for (int32_t line = 0; line < g.out_height; line++)
        for (int32_t panel = 0; panel < count; panel++)
          sum_panel(&g, x + (first + panel) * PANEL, dy + (first + panel) * PANEL, line, d_weight + panel * size);
    }
    /* Lanes beyond the last channel have summed other memory: their weights have to stay zero. */
    for (int32_t lane = g.channels - (first + count - 1) * PANEL; lane < PANEL; lane++)
      for (int32_t tap = 0; tap < taps; tap++) d_weight[(count - 1) * size + tap * PANEL + lane] = 0;
  }
}
#endif
