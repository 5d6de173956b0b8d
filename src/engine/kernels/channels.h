/*
 * What the normalisations share: sums over the rows of [rows][channels], channel by channel, and the scaling of
 * each channel. Channels are taken in blocks, so that what belongs to each fits on the stack; sums are double.
 */
#pragma once
#include "kernels.h"

#define CHANNEL_BLOCK 256

/* What each channel of a block is normalised by: y = (x - mean) · scale + shift. */
typedef struct {
  real mean[CHANNEL_BLOCK], inverse[CHANNEL_BLOCK], scale[CHANNEL_BLOCK], shift[CHANNEL_BLOCK];
} Block;

typedef struct {
  double first[CHANNEL_BLOCK], second[CHANNEL_BLOCK];
} Sums;

static inline real inverse_deviation(real variance, real eps) {
  return (real)(1 / __builtin_sqrt((double)variance + eps));
}

/* Walks the groups of `size` channels that a block holds parts of: each takes the channels [i, end) of it. */
#define EACH_GROUP(i, group, end)                                                                            \
  for (int32_t i = 0, group, end;                                                                            \
       i < width && (group = (first + i) / size, end = min(width, (group + 1) * size - first), 1);)

/*
 * Fills a block of channels [first, first + width) from the statistics of groups of `size` channels and from the
 * learned weight and bias, which may be absent.
 */
static void fill_block(Block *block, int32_t first, int32_t width, int32_t size, const real *mean,
                       const real *variance, real eps, const real *weight, const real *bias) {
  EACH_GROUP(i, group, end) {
    const real inverse = inverse_deviation(variance[group], eps);
    for (; i < end; i++) block->mean[i] = mean[group], block->inverse[i] = inverse;
  }
  for (int32_t i = 0; i < width; i++) {
    block->scale[i] = weight ? block->inverse[i] * weight[first + i] : block->inverse[i];
    block->shift[i] = bias ? bias[first + i] : 0;
  }
}

/* Rows whose sums are `real` before they are added to those of all: few enough to lose nothing. */
#define RUN 32

/* Channels whose sums stay in registers. */
#define STRIP 16

/* Adds Σ (x - origin) and its squares, of a strip of channels of at most RUN rows. */
__attribute__((always_inline)) static inline void strip_sums(const real *x, int32_t rows, int32_t channels,
                                                             int32_t width, const real *origins, double *first,
                                                             double *second) {
  real origin[STRIP], sums[STRIP] = {0}, squares[STRIP] = {0};
  for (int32_t i = 0; i < width; i++) origin[i] = origins[i];
  for (int32_t row = 0; row < rows; row++, x += channels)
    for (int32_t i = 0; i < width; i++) {
      const real distance = x[i] - origin[i];
      sums[i] += distance, squares[i] += distance * distance;
    }
  for (int32_t i = 0; i < width; i++) first[i] += sums[i], second[i] += squares[i];
}

/*
 * Σ x and Σ x². Numbers are taken by their distance from the first row, so that those of a large mean lose no
 * digits.
 */
static void channel_sums(const real *x, int32_t rows, int32_t channels, int32_t width, Sums *sums) {
  const real *origin = x;
  for (int32_t i = 0; i < width; i++) sums->first[i] = sums->second[i] = 0;
  if (rows == 0) return;
  for (int32_t row = 0; row < rows; row += RUN, x += (size_t)RUN * channels) {
    const int32_t run = min(RUN, rows - row);
    int32_t i = 0;
    for (; i + STRIP <= width; i += STRIP)
      strip_sums(x + i, run, channels, STRIP, origin + i, sums->first + i, sums->second + i);
    if (i < width) strip_sums(x + i, run, channels, width - i, origin + i, sums->first + i, sums->second + i);
  }
  for (int32_t i = 0; i < width; i++) {
    const double from = origin[i];
    sums->second[i] += from * (2 * sums->first[i] + rows * from), sums->first[i] += rows * from;
  }
}

/* Of a gradient, what flows back through a cut to [0, ceiling]: all where there is none, a ceiling of 0. */
static inline real flow_through(real gradient, real before, real ceiling) {
  return (ceiling == 0) | ((before > 0) & (before < ceiling)) ? gradient : 0;
}

/* Adds Σ dy and Σ dy · (x - mean), of a strip of channels of at most RUN rows. */
__attribute__((always_inline)) static inline void strip_gradient_sums(const real *x, const real *dy, int32_t rows,
                                                                      int32_t channels, int32_t width,
                                                                      const Block *block, int32_t at,
                                                                      real ceiling, double *first,
                                                                      double *second) {
  real mean[STRIP], scale[STRIP], shift[STRIP], sums[STRIP] = {0}, products[STRIP] = {0};
  for (int32_t i = 0; i < width; i++)
    mean[i] = block->mean[at + i], scale[i] = block->scale[at + i], shift[i] = block->shift[at + i];
  for (int32_t row = 0; row < rows; row++, x += channels, dy += channels)
    for (int32_t i = 0; i < width; i++) {
      const real distance = x[i] - mean[i];
      const real gradient = flow_through(dy[i], distance * scale[i] + shift[i], ceiling);
      sums[i] += gradient, products[i] += gradient * distance;
    }
  for (int32_t i = 0; i < width; i++) first[i] += sums[i], second[i] += products[i];
}

/* Σ dy and Σ dy · x̂, where x̂ = (x - mean) · inverse; of dy, what comes through the cut. */
static void gradient_sums(const real *x, const real *dy, int32_t rows, int32_t channels, int32_t width,
                          const Block *block, real ceiling, Sums *sums) {
  double *first = sums->first, *second = sums->second;
  for (int32_t i = 0; i < width; i++) first[i] = second[i] = 0;
  for (int32_t row = 0; row < rows; row += RUN, x += (size_t)RUN * channels, dy += (size_t)RUN * channels) {
    const int32_t run = min(RUN, rows - row);
    int32_t i = 0;
    for (; i + STRIP <= width; i += STRIP)
      strip_gradient_sums(x + i, dy + i, run, channels, STRIP, block, i, ceiling, first + i, second + i);
    if (i < width)
      strip_gradient_sums(x + i, dy + i, run, channels, width - i, block, i, ceiling, first + i, second + i);
  }
  for (int32_t i = 0; i < width; i++) second[i] *= block->inverse[i];
}

/* Cut to [0, ceiling] where the ceiling is not 0; NaN stays NaN. */
static inline real cut(real value, real ceiling) {
  const real low = value < 0 ? 0 : value;
  return low > ceiling ? ceiling : low;
}

/* y = (x - mean) · scale + shift + addend, cut; there may be no addend. */
static void scale_rows(const real *x, const real *addend, real *y, int32_t rows, int32_t channels, int32_t width,
                       const Block *block, real ceiling) {
  for (int32_t row = 0; row < rows; row++, x += channels, y += channels) {
    if (addend) {
      for (int32_t i = 0; i < width; i++)
        y[i] = (x[i] - block->mean[i]) * block->scale[i] + block->shift[i] + addend[i];
      if (ceiling != 0)
        for (int32_t i = 0; i < width; i++) y[i] = cut(y[i], ceiling);
      addend += channels;
    } else if (ceiling == 0)
      for (int32_t i = 0; i < width; i++) y[i] = (x[i] - block->mean[i]) * block->scale[i] + block->shift[i];
    else
      for (int32_t i = 0; i < width; i++)
        y[i] = cut((x[i] - block->mean[i]) * block->scale[i] + block->shift[i], ceiling);
  }
}

/*
 * dx = inverse · (g - Σ g / n - x̂ · Σ g · x̂ / n), where g = dy · weight and n numbers were normalised together;
 * level = inverse · Σ g / n, slope = inverse² · Σ g · x̂ / n.
 */
static void gradient_rows(const real *x, const real *dy, real *dx, int32_t accumulate, int32_t rows,
                          int32_t channels, int32_t width, const Block *block, real ceiling, const real *level,
                          const real *slope) {
  for (int32_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels)
    for (int32_t i = 0; i < width; i++) {
      const real distance = x[i] - block->mean[i];
      const real gradient = flow_through(dy[i], distance * block->scale[i] + block->shift[i], ceiling);
      const real flow = gradient * block->scale[i] - level[i] - distance * slope[i];
      dx[i] = (accumulate ? dx[i] : 0) + flow;
    }
}
