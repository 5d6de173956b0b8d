/*
 * The matrix product of a 1×1 convolution with not too many channels: input pixels are read in place, and the epilogue
 * is applied to the sums in registers.
 *
 *   target[row][column] = Σ left[row][depth] · right[panel][depth][PANEL]
 */
#pragma once
#include "epilogue.h"
#include "gemm.h"

typedef struct {
  const float *left, *right;
  size_t left_row, right_step; /* distances of left's rows and of right's panels */
  size_t at, pixel;            /* index of the first row in the target, and the rows' distance there */
  int32_t rows, columns, depth, channel;
} Pointwise;

/* Stores the first `count` numbers of a vector. */
static inline void store_some(float *p, vf v, int32_t count) {
  float numbers[LANES];
  store(numbers, v);
  int32_t i = 0;
  for (; i + 4 <= count; i += 4) *(quad *)(p + i) = *(const quad *)(numbers + i);
  for (; i < count; i++) p[i] = numbers[i];
}

/* All rows of one tile's columns. */
__attribute__((always_inline)) static inline void point_strip(const Epilogue *epilogue, const Pointwise *p,
                                                              int32_t vectors, int adds, int cut) {
  const Epilogue e = *epilogue;
  vf scale[TILE_VECTORS], bias[TILE_VECTORS];
  UNROLL for (int32_t v = 0; v < vectors; v++) {
    scale[v] = scale_from(&e, p->channel + v * LANES), bias[v] = bias_from(&e, p->channel + v * LANES);
  }
  const size_t right_step = p->right_step, left_row = p->left_row, end = p->depth;
  const int32_t last = min(LANES, p->columns - (vectors - 1) * LANES);
  size_t at = p->at;
  for (int32_t row = 0; row < p->rows; row += TILE_ROWS) {
    Sums sums;
    const float *rows[TILE_ROWS], *right = p->right;
    UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
      rows[i] = p->left + (row + i) * left_row;
      UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] = splat(0);
    }
    STEADY for (size_t k = 0; k != end; k++, right += PANEL) {
      vf r[TILE_VECTORS];
      load_right(right, right_step, vectors, r);
      UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
        const vf l = splat(rows[i][k]);
        UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] += l * r[v];
      }
    }
    UNROLL for (int32_t i = 0; i < TILE_ROWS; i++, at += p->pixel) {
      UNROLL for (int32_t v = 0; v < vectors; v++) {
        const size_t to = at + v * LANES;
        const vf sum = apply_epilogue(&e, sums[i][v], scale[v], bias[v], to, adds, cut);
        if (v + 1 < vectors || last == LANES) store(e.target + to, sum);
        else store_some(e.target + to, sum, last);
      }
    }
  }
}

#define wide_strip(e, p, adds, cut) point_strip(e, p, TILE_VECTORS, adds, cut)
#define narrow_strip(e, p, adds, cut) point_strip(e, p, 1, adds, cut)
FOR_EACH_EPILOGUE(wide_strip, (const Epilogue *e, const Pointwise *p), e, p)
FOR_EACH_EPILOGUE(narrow_strip, (const Epilogue *e, const Pointwise *p), e, p)

/* The number of rows must be a multiple of TILE_ROWS. */
static void multiply_pointwise(const Epilogue *e, const Pointwise *all) {
  for (int32_t column = 0; column < all->columns; column += TILE_COLUMNS) {
    Pointwise p = *all;
    p.columns = min(TILE_COLUMNS, all->columns - column);
    p.right += column / PANEL * p.right_step + column % PANEL;
    p.at += column, p.channel += column;
    if (p.columns > TILE_COLUMNS - LANES) BY_EPILOGUE(wide_strip, e, &p)
    else BY_EPILOGUE(narrow_strip, e, &p)
  }
}
