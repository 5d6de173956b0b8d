/*
 * The reference of conv2d.c: convolutions by the definition, one sum at a time. The fast kernels are tested against it.
 */
#include "depthwise.h"
#include "transposed.h"

#ifdef REFERENCE
static inline size_t weight_at(const Geometry *g, int32_t out_channel, int32_t tap, int32_t channel) {
  if (is_depthwise(g))
    return ((size_t)(out_channel / PANEL) * g->kernel_height * g->kernel_width + tap) * PANEL + out_channel % PANEL;
  const int32_t columns = g->out_channels / g->groups, channels = g->channels / g->groups;
  const int32_t group = out_channel / columns, column = out_channel % columns;
  const int32_t rows = g->kernel_height * g->kernel_width * channels;
  const size_t panel = (size_t)group * divide_up(columns, PANEL) + column / PANEL;
  return (panel * rows + tap * channels + channel) * PANEL + column % PANEL;
}

/* The input pixel under a tap, as an index into [batch][height][width]; -1 in the padding. */
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
  /* Transposed weights are those of a convolution with input and output channels exchanged. */
  Geometry exchanged = g;
  exchanged.channels = g.out_channels, exchanged.out_channels = g.channels;
  const real *dy = reals(context, op->dy), *w = reals(context, op->transposed), *bias = reals(context, op->bias);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const int32_t out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = reals(context, op->dx) + (size_t)image * g.height * g.width * g.channels;
    for (int32_t i = 0; i < g.height * g.width * g.channels; i++)
      dx[i] = (op->accumulate ? dx[i] : 0) + (bias ? bias[i % g.channels] : 0);
    for (int32_t pixel = image * out_pixels; pixel < (image + 1) * out_pixels; pixel++) {
      int32_t next = 0;
      EACH_TRANSPOSED_TAP(&g, ky, kx) {
        /* A depthwise weight is not transposed: its taps are in their own order. */
        const int32_t tap = is_depthwise(&g) ? ky * g.kernel_width + kx : next++;
        const int64_t under = pixel_under(&g, pixel, ky * g.kernel_width + kx);
        if (under < 0) continue;
        real *to = reals(context, op->dx) + under * g.channels;
        for (int32_t c = 0; c < g.channels; c++)
          for (int32_t k = 0; k < columns; k++)
            to[c] += dy[(size_t)pixel * g.out_channels + c / channels * columns + k] *
                     w[weight_at(&exchanged, c, tap, k)];
      }
    }
  }
}

void conv2d_backward_weight(const Conv2dBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const real *x = reals(context, op->x), *dy = reals(context, op->dy);
  const int32_t channels = g.channels / g.groups, columns = g.out_channels / g.groups;
  const int32_t panels = is_depthwise(&g) ? divide_up(g.channels, PANEL) : g.groups * divide_up(columns, PANEL);
  const size_t size = (size_t)panels * PANEL * taps(&g) * channels;
  const int32_t pixels = g.out_height * g.out_width;
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    real *d_weight = reals(context, op->d_weight) + part * size;
    for (size_t i = 0; i < size; i++) d_weight[i] = 0;
    const int32_t batch = context->control->batch;
    const int32_t from = (int32_t)((int64_t)batch * part / op->parts) * pixels;
    const int32_t end = (int32_t)((int64_t)batch * (part + 1) / op->parts) * pixels;
    for (int32_t pixel = from; pixel < end; pixel++)
      for (int32_t k = 0; k < g.out_channels; k++) {
        const real gradient = dy[(size_t)pixel * g.out_channels + k];
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
