/*
 * The mean of each window. The divisor counts padding (count_include_pad) or only the image's pixels; what exceeds both
 * in ceil mode never counts.
 *
 *   x, dx   [batch][height][width][channels]
 *   y, dy   [batch][out_height][out_width][channels]
 */
#include "pool.h"

typedef struct {
  Range y, x;
  int32_t divisor;
} Window;

static Range clip(Range range, int32_t n) { return (Range){max(range.from, 0), min(range.to, n)}; }
static int32_t length(Range range) { return range.to - range.from; }

static Window window_at(const Geometry *g, int32_t count_include_pad, int32_t oy, int32_t ox) {
  const int32_t top = oy * g->stride_height - g->padding_top, left = ox * g->stride_width - g->padding_left;
  const Range y = {top, min(top + g->kernel_height, g->height + g->padding_top)};
  const Range x = {left, min(left + g->kernel_width, g->width + g->padding_left)};
  const Range inner_y = clip(y, g->height), inner_x = clip(x, g->width);
  const int32_t all = length(y) * length(x), inside = length(inner_y) * length(inner_x);
  return (Window){inner_y, inner_x, count_include_pad ? all : inside};
}

static Window adaptive_window_at(const Images *g, int32_t oy, int32_t ox) {
  const Range y = adaptive_range(oy, g->height, g->out_height);
  const Range x = adaptive_range(ox, g->width, g->out_width);
  return (Window){y, x, length(y) * length(x)};
}

/* One output pixel: x is its image, y its channels. */
static void average(Window window, int32_t width, int32_t channels, const real *x, real *y) {
  for (int32_t c = 0; c < channels; c++) y[c] = 0;
  for (int32_t iy = window.y.from; iy < window.y.to; iy++)
    for (int32_t ix = window.x.from; ix < window.x.to; ix++) {
      const real *from = x + ((size_t)iy * width + ix) * channels;
      for (int32_t c = 0; c < channels; c++) y[c] += from[c];
    }
  for (int32_t c = 0; c < channels; c++) y[c] /= (real)window.divisor;
}

/* Adds the gradient of one output pixel: each pixel of its window gets the same part. */
static void share(Window window, int32_t width, int32_t channels, const real *dy, real *dx) {
  for (int32_t iy = window.y.from; iy < window.y.to; iy++)
    for (int32_t ix = window.x.from; ix < window.x.to; ix++) {
      real *to = dx + ((size_t)iy * width + ix) * channels;
      for (int32_t c = 0; c < channels; c++) to[c] += dy[c] / (real)window.divisor;
    }
}

void avg_pool2d_forward(const AvgPool2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    real *y = reals(context, op->y) + (size_t)task * g.out_width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, y += g.channels)
      average(window_at(&g, op->count_include_pad, task % g.out_height, ox), g.width, g.channels, x, y);
  }
}

/* One task is one image, because its windows may overlap. */
void avg_pool2d_backward(const AvgPool2dBackward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const real *dy = reals(context, op->dy) + (size_t)image * out_pixels * g.channels;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++, dy += g.channels) {
      const int32_t oy = pixel / g.out_width, ox = pixel % g.out_width;
      share(window_at(&g, op->count_include_pad, oy, ox), g.width, g.channels, dy, dx);
    }
  }
}

void adaptive_avg_pool2d_forward(const AdaptiveAvgPool2dForward *op, const Context *context) {
  const Images g = IMAGES(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const real *x = reals(context, op->x) + (size_t)(task / g.out_height) * g.height * g.width * g.channels;
    real *y = reals(context, op->y) + (size_t)task * g.out_width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++, y += g.channels)
      average(adaptive_window_at(&g, task % g.out_height, ox), g.width, g.channels, x, y);
  }
}

void adaptive_avg_pool2d_backward(const AdaptiveAvgPool2dBackward *op, const Context *context) {
  const Images g = IMAGES(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const real *dy = reals(context, op->dy) + (size_t)image * out_pixels * g.channels;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++, dy += g.channels) {
      const int32_t oy = pixel / g.out_width, ox = pixel % g.out_width;
      share(adaptive_window_at(&g, oy, ox), g.width, g.channels, dy, dx);
    }
  }
}
