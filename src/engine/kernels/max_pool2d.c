/*
 * The largest value of each window; on a tie the first, as in PyTorch. argmax [batch][out_height][out_width]
 * [channels] holds the winner's place in its image (y * width + x), which the gradient flows back to.
 */
#include "kernels.h"

/* The pixels of an image that a window sees: every dilation-th of [y, y_end) and [x, x_end). */
typedef struct {
  int32_t y, y_end, x, x_end;
} Window;

/* The first tap that is not in the padding, of those that begin at `from`. */
static inline int32_t inside(int32_t from, int32_t dilation) {
  return from < 0 ? from + divide_up(-from, dilation) * dilation : from;
}


/* Channels that are compared at a time. */
#define BLOCK 16

/* Of one output pixel: the window's valid taps [y, y_end) and [x, x_end), for `width` channels from x on. */
__attribute__((always_inline)) static inline void largest(const Geometry *g, const real *x, Window w,
                                                          int32_t width, real *y, int32_t *argmax) {
  real best[BLOCK];
  int32_t places[BLOCK];
  const int32_t first = w.y * g->width + w.x;
  for (int32_t c = 0; c < width; c++) best[c] = x[(size_t)first * g->channels + c], places[c] = first;
  for (int32_t iy = w.y; iy < w.y_end; iy += g->dilation_height)
    for (int32_t ix = w.x; ix < w.x_end; ix += g->dilation_width) {
      const int32_t place = iy * g->width + ix;
      const real *from = x + (size_t)place * g->channels;
      for (int32_t c = 0; c < width; c++) {
        /* A NaN wins, so that a diverged run is seen. */
        const real value = from[c];
        const int wins = (value > best[c]) | (value != value);
        best[c] = wins ? value : best[c], places[c] = wins ? place : places[c];
      }
    }
  for (int32_t c = 0; c < width; c++) y[c] = best[c], argmax[c] = places[c];
}

void max_pool2d_forward(const MaxPool2dForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  for (int32_t task; (task = next_task(context)) < context->control->batch * g.out_height;) {
    const int32_t image = task / g.out_height, top = task % g.out_height * g.stride_height - g.padding_top;
    const real *x = reals(context, op->x) + (size_t)image * g.height * g.width * g.channels;
    for (int32_t ox = 0; ox < g.out_width; ox++) {
      const int32_t left = ox * g.stride_width - g.padding_left;
      const Window w = {inside(top, g.dilation_height), min(g.height, top + g.kernel_height * g.dilation_height),
                        inside(left, g.dilation_width), min(g.width, left + g.kernel_width * g.dilation_width)};
      const size_t out = ((size_t)task * g.out_width + ox) * g.channels;
      real *y = reals(context, op->y) + out;
      int32_t *argmax = int32s(context, op->argmax) + out;
      int32_t c = 0;
      for (; c + BLOCK <= g.channels; c += BLOCK) largest(&g, x + c, w, BLOCK, y + c, argmax + c);
      if (c < g.channels) largest(&g, x + c, w, g.channels - c, y + c, argmax + c);
    }
  }
}

/* One task is one image: its windows may overlap. */
void max_pool2d_backward(const MaxPool2dBackward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const int32_t size = g.height * g.width * g.channels, out_pixels = g.out_height * g.out_width;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    real *dx = image_gradient(context, op->dx, image, size, op->accumulate);
    const size_t out = (size_t)image * out_pixels * g.channels;
    const real *dy = reals(context, op->dy) + out;
    const int32_t *argmax = int32s(context, op->argmax) + out;
    for (int32_t pixel = 0; pixel < out_pixels; pixel++)
      for (int32_t c = 0; c < g.channels; c++, dy++, argmax++) dx[(size_t)*argmax * g.channels + c] += *dy;
  }
}
