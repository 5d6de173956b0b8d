/*
 * The maximum of each window; on a tie the first, as in PyTorch. argmax [batch][out_height][out_width][channels] holds
 * the index of the maximum's pixel in its image (y * width + x), to which the gradient flows back. With `gate` it is -1
 * where the maximum is not positive.
 */
#include "kernels.h"
#include "simd.h"

/* The pixels of a window within the image: every dilation-th of [y, y_end) and [x, x_end). */
typedef struct {
  int32_t y, y_end, x, x_end;
} Window;

/* The first tap that is not in the padding, for a window that begins at `from`. */
static inline int32_t inside(int32_t from, int32_t dilation) {
  return from < 0 ? from + divide_up(-from, dilation) * dilation : from;
}

/* One output pixel: the maximum over the window's valid taps, for the channels [channel, channels). */
static void largest(const Geometry *g, const real *x, Window w, int32_t gate, int32_t channel, real *y, int32_t *argmax) {
  for (int32_t c = channel; c < g->channels; c++) {
    int32_t place = w.y * g->width + w.x;
    real best = x[(size_t)place * g->channels + c];
    for (int32_t iy = w.y; iy < w.y_end; iy += g->dilation_height)
      for (int32_t ix = w.x; ix < w.x_end; ix += g->dilation_width) {
        /* NaN counts as the largest, so that a diverged run shows. */
        const real value = x[(size_t)(iy * g->width + ix) * g->channels + c];
        if (value > best || value != value) best = value, place = iy * g->width + ix;
      }
    y[c] = best, argmax[c] = gate && !(best > 0) ? -1 : place;
  }
}

#ifndef REFERENCE
/* The same for whole vectors. @returns the first channel that is left */
static int32_t largest_vectors(const Geometry *g, const float *x, Window w, int32_t gate, float *y, int32_t *argmax) {
  const vi shut = (vi){0} - gate;
  int32_t c = 0;
  for (; c + LANES <= g->channels; c += LANES) {
    vi place = (vi){0} + (w.y * g->width + w.x);
    vf best = load(x + (size_t)place[0] * g->channels + c);
    for (int32_t iy = w.y; iy < w.y_end; iy += g->dilation_height)
      for (int32_t ix = w.x; ix < w.x_end; ix += g->dilation_width) {
        const int32_t at = iy * g->width + ix;
        const vf value = load(x + (size_t)at * g->channels + c);
        const vi wins = (value > best) | (value != value);
        best = choose(wins, value, best), place = (vi)choose(wins, (vf)((vi){0} + at), (vf)place);
      }
    store(y + c, best);
    *(loose_vi *)(argmax + c) = place | (shut & ~(best > splat(0)));
  }
  return c;
}
#endif

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
#ifdef REFERENCE
      largest(&g, x, w, op->gate, 0, y, argmax);
#else
      largest(&g, x, w, op->gate, largest_vectors(&g, x, w, op->gate, y, argmax), y, argmax);
#endif
    }
  }
}

/* Adds the gradient of one image's outputs to the pixels of their maxima. */
static void scatter(const Geometry *g, const real *dy, const int32_t *argmax, real *dx) {
  for (int32_t pixel = 0; pixel < g->out_height * g->out_width; pixel++)
    for (int32_t c = 0; c < g->channels; c++, dy++, argmax++)
      if (*argmax >= 0) dx[(size_t)*argmax * g->channels + c] += *dy;
}

#ifndef REFERENCE
/* Whether every pixel is in exactly one window, without padding. */
static int tiles_image(const Geometry *g) {
  return g->stride_height == g->kernel_height && g->stride_width == g->kernel_width &&
         g->out_height * g->stride_height == g->height && g->out_width * g->stride_width == g->width &&
         g->dilation_height * g->dilation_width == 1 && g->padding_top == 0 && g->padding_left == 0;
}

/* The gradient of one image whose windows do not overlap: each pixel is written once, in order. */
static void spread(const Geometry *g, const float *dy, const int32_t *argmax, int32_t accumulate, float *dx) {
  for (int32_t y = 0; y < g->height; y++)
    for (int32_t x = 0; x < g->width; x++, dx += g->channels) {
      const size_t out = ((size_t)y / g->kernel_height * g->out_width + x / g->kernel_width) * g->channels;
      const int32_t place = y * g->width + x;
      int32_t c = 0;
      for (; c + LANES <= g->channels; c += LANES) {
        const vi wins = *(const loose_vi *)(argmax + out + c) == place;
        const vf flow = (vf)((vi)load(dy + out + c) & wins);
        store(dx + c, accumulate ? load(dx + c) + flow : flow);
      }
      for (; c < g->channels; c++)
        dx[c] = (accumulate ? dx[c] : 0) + (argmax[out + c] == place ? dy[out + c] : 0);
    }
}
#endif

/* One task is one image, because its windows may overlap. */
void max_pool2d_backward(const MaxPool2dBackward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const int32_t size = g.height * g.width * g.channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const size_t out = (size_t)image * g.out_height * g.out_width * g.channels;
    const real *dy = reals(context, op->dy) + out;
    const int32_t *argmax = int32s(context, op->argmax) + out;
#ifndef REFERENCE
    if (tiles_image(&g)) {
      spread(&g, dy, argmax, op->accumulate, reals(context, op->dx) + (size_t)image * size);
      continue;
    }
#endif
    scatter(&g, dy, argmax, image_gradient(context, op->dx, image, size, op->accumulate));
  }
}
