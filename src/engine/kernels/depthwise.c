/*
 * Depthwise convolutions: vectors of channels, summed over taps, without a matrix product.
 *
 *   x, dx   [batch][height][width][channels]      weight  [panel][tap][PANEL]
 *   y, dy   [batch][out_height][out_width][channels]
 */
#include "depthwise.h"

#ifndef REFERENCE
#include "epilogue.h"
#include "transposed.h"
#include "windows.h"

/* The taps that contribute to a pixel along one axis: `count` pixels of the source with their taps. */
typedef struct {
  int32_t pixel, pixel_step, tap, tap_step, count;
} Line;

/* The same without pixels outside of [0, limit). */
static inline Line clipped(Line line, int32_t limit) {
  while (line.count > 0 && line.pixel < 0) line.pixel += line.pixel_step, line.tap += line.tap_step, line.count--;
  while (line.count > 0 && line.pixel + (line.count - 1) * line.pixel_step >= limit) line.count--;
  return line;
}

static inline Line forward_line(int32_t at, int32_t kernel, int32_t stride, int32_t dilation, int32_t padding) {
  return (Line){at * stride - padding, dilation, 0, 1, kernel};
}

static inline Line backward_line(int32_t at, int32_t kernel, int32_t stride, int32_t dilation, int32_t padding) {
  const Phase phase = phase_of(at % stride, kernel, stride, dilation, padding);
  return (Line){at / stride + phase.origin, phase.step, phase.last, -phase.apart, phase.taps};
}

typedef Line MakeLine(int32_t at, int32_t kernel, int32_t stride, int32_t dilation, int32_t padding);

/* From a source image of [height][width] to a target of [rows][columns]. */
typedef struct {
  const Geometry *g;
  const float *source, *weight;
  Epilogue out;
  int32_t plain; /* whether the epilogue has neither scale nor clip */
  int32_t height, width, rows, columns;
} Gathering;

/* One panel of one pixel: the sum over the taps of both axes. */
static inline void gather_panel(const Gathering *e, const float *source, const float *weight, Line v, Line h,
                                vf *sums) {
  const ptrdiff_t channels = e->g->channels, tap_step = h.tap_step * PANEL, pixel_step = h.pixel_step * channels;
  for (int32_t i = 0; i < v.count; i++) {
    const float *x = source + ((ptrdiff_t)(v.pixel + i * v.pixel_step) * e->width + h.pixel) * channels;
    const float *w = weight + ((v.tap + i * v.tap_step) * e->g->kernel_width + h.tap) * PANEL;
    for (int32_t j = 0; j < h.count; j++, x += pixel_step, w += tap_step)
      UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) sums[n] += load(x + n * LANES) * load(w + n * LANES);
  }
}

/* Applies an epilogue with scale or clip, or to less than a panel. */
__attribute__((noinline)) static void store_sums(const Gathering *e, const float *sums, int32_t channel, size_t at) {
  const Patch patch = {sums, 0, 0, at, 0, 0, 1, 1, channel, min(PANEL, e->g->channels - channel)};
  store_patch(&e->out, &patch);
}

/* Computes one pixel; `at` is the index of its first channel in the target. */
static void gather_pixel(const Gathering *e, const float *source, size_t at, Line v, Line h) {
  const int32_t channels = e->g->channels, taps = e->g->kernel_height * e->g->kernel_width;
  for (int32_t c = 0; c < channels; c += PANEL) {
    vf sums[PANEL / LANES];
    UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) sums[n] = splat(0);
    gather_panel(e, source + c, e->weight + (size_t)c * taps, v, h, sums);
    if (channels - c < PANEL || !e->plain) {
      float panel[PANEL];
      UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) store(panel + n * LANES, sums[n]);
      store_sums(e, panel, c, at + c);
      continue;
    }
    UNROLL for (int32_t n = 0; n < PANEL / LANES; n++) {
      if (e->out.bias) sums[n] += load(e->out.bias + c + n * LANES);
      if (e->out.addend) sums[n] += load(e->out.addend + at + c + n * LANES);
      store(e->out.target + at + c + n * LANES, sums[n]);
    }
  }
}

/* One task is one row of the target. */
__attribute__((always_inline)) static inline void gather(const Gathering *e, MakeLine *make,
                                                         const Context *context) {
  const Geometry *g = e->g;
  for (int32_t task; (task = next_task(context)) < context->control->batch * e->rows;) {
    const int32_t image = task / e->rows;
    const Line v = clipped(make(task % e->rows, g->kernel_height, g->stride_height, g->dilation_height, g->padding_top),
                           e->height);
    const float *source = e->source + (size_t)image * e->height * e->width * g->channels;
    size_t at = (size_t)task * e->columns * g->channels;
    for (int32_t x = 0; x < e->columns; x++, at += g->channels)
      gather_pixel(e, source, at, v,
                   clipped(make(x, g->kernel_width, g->stride_width, g->dilation_width, g->padding_left), e->width));
  }
}

void depthwise_forward(const Conv2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Epilogue out = EPILOGUE(op, context, y);
  const Gathering e = {&g,       reals(context, op->x), reals(context, op->weight), out,         is_plain(&out),
                       g.height, g.width,               g.out_height,               g.out_width};
  gather(&e, forward_line, context);
}

void depthwise_backward_input(const Conv2dBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Epilogue out = EPILOGUE(op, context, dx);
  const Gathering e = {&g,           reals(context, op->dy), reals(context, op->transposed), out,    is_plain(&out),
                       g.out_height, g.out_width,            g.height,                       g.width};
  gather(&e, backward_line, context);
}
#endif
