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

/*
 * Fills a block of channels [first, first + width) from the statistics of groups of `size` channels and from the
 * learned weight and bias, which may be absent.
 */
static void fill_block(Block *block, int32_t first, int32_t width, int32_t size, const real *mean,
                       const real *variance, real eps, const real *weight, const real *bias) {
  for (int32_t i = 0; i < width;) {
    const int32_t group = (first + i) / size, end = min(width, (group + 1) * size - first);
    const real inverse = inverse_deviation(variance[group], eps);
    for (; i < end; i++) block->mean[i] = mean[group], block->inverse[i] = inverse;
  }
  for (int32_t i = 0; i < width; i++) {
    block->scale[i] = weight ? block->inverse[i] * weight[first + i] : block->inverse[i];
    block->shift[i] = bias ? bias[first + i] : 0;
  }
}

/* Σ x and Σ x² */
static void channel_sums(const real *x, int32_t rows, int32_t channels, int32_t width, Sums *sums) {
  for (int32_t i = 0; i < width; i++) sums->first[i] = sums->second[i] = 0;
  for (int32_t row = 0; row < rows; row++, x += channels)
    for (int32_t i = 0; i < width; i++) {
      const double value = x[i];
      sums->first[i] += value, sums->second[i] += value * value;
    }
}

/* Σ dy and Σ dy · x̂, where x̂ = (x - mean) · inverse */
static void gradient_sums(const real *x, const real *dy, int32_t rows, int32_t channels, int32_t width,
                          const Block *block, Sums *sums) {
  for (int32_t i = 0; i < width; i++) sums->first[i] = sums->second[i] = 0;
  for (int32_t row = 0; row < rows; row++, x += channels, dy += channels)
    for (int32_t i = 0; i < width; i++) {
      const double gradient = dy[i];
      sums->first[i] += gradient, sums->second[i] += gradient * (x[i] - block->mean[i]);
    }
  for (int32_t i = 0; i < width; i++) sums->second[i] *= block->inverse[i];
}

static void scale_rows(const real *x, real *y, int32_t rows, int32_t channels, int32_t width,
                       const Block *block) {
  for (int32_t row = 0; row < rows; row++, x += channels, y += channels)
    for (int32_t i = 0; i < width; i++) y[i] = (x[i] - block->mean[i]) * block->scale[i] + block->shift[i];
}

/*
 * dx = inverse · (g - Σ g / n - x̂ · Σ g · x̂ / n), where g = dy · weight and n numbers were normalised together;
 * level = inverse · Σ g / n, slope = inverse² · Σ g · x̂ / n.
 */
static void gradient_rows(const real *x, const real *dy, real *dx, int32_t accumulate, int32_t rows,
                          int32_t channels, int32_t width, const Block *block, const real *level,
                          const real *slope) {
  for (int32_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels)
    for (int32_t i = 0; i < width; i++) {
      const real flow = dy[i] * block->scale[i] - level[i] - (x[i] - block->mean[i]) * slope[i];
      dx[i] = (accumulate ? dx[i] : 0) + flow;
    }
}
