/*
 * What the normalisations share: sums per channel over the rows of [rows][channels], and scaling per channel. Channels
 * are processed in blocks, whose statistics fit on the stack; sums are double.
 */
#pragma once
#include "kernels.h"

#define CHANNEL_BLOCK 256

/* The constants of a block's channels: y = (x - mean) · scale + shift. */
typedef struct {
  real mean[CHANNEL_BLOCK], inverse[CHANNEL_BLOCK], scale[CHANNEL_BLOCK], shift[CHANNEL_BLOCK];
} Block;

typedef struct {
  double first[CHANNEL_BLOCK], second[CHANNEL_BLOCK];
} Sums;

static inline real inverse_deviation(real variance, real eps) {
  return (real)(1 / __builtin_sqrt((double)variance + eps));
}

/* Iterates over the groups of `size` channels that overlap a block: `group` has the block's channels [i, end). */
#define EACH_GROUP(i, group, end)                                                                            \
  for (int32_t i = 0, group, end;                                                                            \
       i < width && (group = (first + i) / size, end = min(width, (group + 1) * size - first), 1);)

/*
 * Computes the constants of the channels [first, first + width) from the statistics of groups of `size` channels and
 * the weight and bias, which may be absent.
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

/* Rows that are summed in `real` before they are added to the double sums: few enough to lose no precision. */
#define RUN 32

/* Adds Σ (x - origin) and Σ (x - origin)² of one channel, over at most RUN rows. */
static inline void sum_channel(const real *x, int32_t rows, int32_t channels, real origin, double *first,
                               double *second) {
  real sum = 0, squares = 0;
  for (int32_t row = 0; row < rows; row++, x += channels) {
    const real distance = *x - origin;
    sum += distance, squares += distance * distance;
  }
  *first += sum, *second += squares;
}

/* The gradient before a clip to [0, ceiling] whose input was `before`; a ceiling of 0: no clip. */
static inline real flow_through(real gradient, real before, real ceiling) {
  return (ceiling == 0) | ((before > 0) & (before < ceiling)) ? gradient : 0;
}

/*
 * Adds Σ dy and Σ dy · (x - mean) of channel `at` of a block, over at most RUN rows; dy first passes back through the
 * clip.
 */
static inline void sum_gradient_channel(const real *x, const real *dy, int32_t rows, int32_t channels,
                                        const Block *block, int32_t at, real ceiling, Sums *sums) {
  real sum = 0, products = 0;
  for (int32_t row = 0; row < rows; row++) {
    const real distance = x[row * channels] - block->mean[at];
    const real before = distance * block->scale[at] + block->shift[at];
    const real gradient = flow_through(dy[row * channels], before, ceiling);
    sum += gradient, products += gradient * distance;
  }
  sums->first[at] += sum, sums->second[at] += products;
}

#ifndef REFERENCE
#include "simd.h"

/* Vectors of channels whose sums are kept in registers, in the forward and the backward pass. */
#define SUM_VECTORS 4
#define GRADIENT_VECTORS (LANES == 16 ? 4 : 2)

static inline void add_to(double *totals, vf sums) {
  float numbers[LANES];
  store(numbers, sums);
  for (int32_t i = 0; i < LANES; i++) totals[i] += numbers[i];
}

__attribute__((always_inline)) static inline void sum_strip(const float *x, int32_t rows, int32_t channels,
                                                            int32_t vectors, const float *origins, double *first,
                                                            double *second) {
  vf origin[SUM_VECTORS], sums[SUM_VECTORS], squares[SUM_VECTORS];
  UNROLL for (int32_t n = 0; n < vectors; n++) {
    origin[n] = load(origins + n * LANES), sums[n] = splat(0), squares[n] = splat(0);
  }
  STEADY for (int32_t row = 0; row < rows; row++, x += channels) {
    UNROLL for (int32_t n = 0; n < vectors; n++) {
      const vf distance = load(x + n * LANES) - origin[n];
      sums[n] += distance, squares[n] += distance * distance;
    }
  }
  UNROLL for (int32_t n = 0; n < vectors; n++) {
    add_to(first + n * LANES, sums[n]), add_to(second + n * LANES, squares[n]);
  }
}

__attribute__((always_inline)) static inline void sum_gradient_strip(const float *x, const float *dy, int32_t rows,
                                                                     int32_t channels, int32_t vectors,
                                                                     const Block *block, int32_t at, int cuts,
                                                                     float ceiling, Sums *all) {
  vf mean[GRADIENT_VECTORS], scale[GRADIENT_VECTORS], shift[GRADIENT_VECTORS];
  vf sums[GRADIENT_VECTORS], products[GRADIENT_VECTORS];
  UNROLL for (int32_t n = 0; n < vectors; n++) {
    mean[n] = load(block->mean + at + n * LANES), sums[n] = splat(0), products[n] = splat(0);
    scale[n] = load(block->scale + at + n * LANES), shift[n] = load(block->shift + at + n * LANES);
  }
  const vf most = splat(ceiling);
  STEADY for (int32_t row = 0; row < rows; row++, x += channels, dy += channels) {
    UNROLL for (int32_t n = 0; n < vectors; n++) {
      const vf distance = load(x + n * LANES) - mean[n];
      vf gradient = load(dy + n * LANES);
      if (cuts) {
        const vf before = distance * scale[n] + shift[n];
        gradient = (vf)((vi)gradient & ((before > splat(0)) & (before < most)));
      }
      sums[n] += gradient, products[n] += gradient * distance;
    }
  }
  UNROLL for (int32_t n = 0; n < vectors; n++) {
    add_to(all->first + at + n * LANES, sums[n]), add_to(all->second + at + n * LANES, products[n]);
  }
}

/* Sums the channels that fill whole vectors; returns their number. */
static int32_t sum_strips(const float *x, int32_t rows, int32_t channels, int32_t width, const float *origins,
                          Sums *sums) {
  int32_t i = 0;
  for (; i + SUM_VECTORS * LANES <= width; i += SUM_VECTORS * LANES)
    sum_strip(x + i, rows, channels, SUM_VECTORS, origins + i, sums->first + i, sums->second + i);
  for (; i + LANES <= width; i += LANES)
    sum_strip(x + i, rows, channels, 1, origins + i, sums->first + i, sums->second + i);
  return i;
}

__attribute__((always_inline)) static inline int32_t sum_gradient_strips(const float *x, const float *dy,
                                                                         int32_t rows, int32_t channels,
                                                                         int32_t width, const Block *block,
                                                                         int cuts, float ceiling, Sums *sums) {
  int32_t i = 0;
  for (; i + GRADIENT_VECTORS * LANES <= width; i += GRADIENT_VECTORS * LANES)
    sum_gradient_strip(x + i, dy + i, rows, channels, GRADIENT_VECTORS, block, i, cuts, ceiling, sums);
  for (; i + LANES <= width; i += LANES)
    sum_gradient_strip(x + i, dy + i, rows, channels, 1, block, i, cuts, ceiling, sums);
  return i;
}
#endif

/*
 * Σ x and Σ x² per channel. Values are summed relative to the first row, which keeps their precision where the mean is
 * large.
 */
static void channel_sums(const real *x, int32_t rows, int32_t channels, int32_t width, Sums *sums) {
  const real *origin = x;
  for (int32_t i = 0; i < width; i++) sums->first[i] = sums->second[i] = 0;
  if (rows == 0) return;
  for (int32_t row = 0; row < rows; row += RUN, x += (size_t)RUN * channels) {
    const int32_t run = min(RUN, rows - row);
    int32_t i = 0;
#ifndef REFERENCE
    i = sum_strips(x, run, channels, width, origin, sums);
#endif
    for (; i < width; i++)
      sum_channel(x + i, run, channels, origin[i], sums->first + i, sums->second + i);
  }
  for (int32_t i = 0; i < width; i++) {
    const double from = origin[i];
    sums->second[i] += from * (2 * sums->first[i] + rows * from), sums->first[i] += rows * from;
  }
}

/* Σ dy and Σ dy · x̂ per channel, where x̂ = (x - mean) · inverse; dy first passes back through the clip. */
static void gradient_sums(const real *x, const real *dy, int32_t rows, int32_t channels, int32_t width,
                          const Block *block, real ceiling, Sums *sums) {
  for (int32_t i = 0; i < width; i++) sums->first[i] = sums->second[i] = 0;
  for (int32_t row = 0; row < rows; row += RUN, x += (size_t)RUN * channels, dy += (size_t)RUN * channels) {
    const int32_t run = min(RUN, rows - row);
    int32_t i = 0;
#ifndef REFERENCE
    i = ceiling == 0 ? sum_gradient_strips(x, dy, run, channels, width, block, 0, 0, sums)
                     : sum_gradient_strips(x, dy, run, channels, width, block, 1, ceiling, sums);
#endif
    for (; i < width; i++)
      sum_gradient_channel(x + i, dy + i, run, channels, block, i, ceiling, sums);
  }
  for (int32_t i = 0; i < width; i++) sums->second[i] *= block->inverse[i];
}

/* Clips to [0, ceiling], unless the ceiling is 0; NaN stays NaN. */
static inline real cut(real value, real ceiling) {
  const real low = value < 0 ? 0 : value;
  return low > ceiling ? ceiling : low;
}

/* y = (x - mean) · scale + shift + addend, clipped; the addend may be absent. */
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
 * dx = inverse · (g - Σ g / n - x̂ · Σ g · x̂ / n), where g = dy · weight and n is the number of values that share
 * statistics; level = inverse · Σ g / n, slope = inverse² · Σ g · x̂ / n.
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
