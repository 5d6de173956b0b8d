/*
 * The one matrix product under every convolution and linear layer. All three matrices lie in panels of PANEL
 * columns, [panel][row][PANEL], a panel `step` numbers after the one before:
 *
 *   multiply             out[rows][columns] = left[rows][depth] · right[depth][columns]
 *   multiply_transposed  out[rows][columns] = left[depth][rows]ᵀ · right[depth][columns]
 *
 * Rows are computed in whole tiles: `left` and `out` have room for rows up to a multiple of TILE_ROWS. Of the
 * last panel, columns beyond the last tile that is needed are not written.
 */
#pragma once
#include "kernels.h"
#include "simd.h"

typedef struct {
  const float *left, *right;
  float *out;
  size_t left_step, right_step, out_step;
  int32_t rows, columns, depth;
  int32_t add; /* 1: to what is in `out`, 0: instead of it */
} Product;

/*
 * One tile. In each piece of `piece` steps of depth, left goes on by `stride` a step; pieces lie `left_step` apart.
 * A row of the tile is `row` numbers after the one before.
 */
__attribute__((always_inline)) static inline void tile(const Product *p, int32_t vectors, const float *left,
                                                       size_t row, size_t stride, int32_t piece,
                                                       const float *right, float *out) {
  vf sums[TILE_ROWS][TILE_VECTORS];
  UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
    UNROLL for (int32_t v = 0; v < vectors; v++) {
      const float *from = out + (v * LANES / PANEL) * p->out_step + i * PANEL + v * LANES % PANEL;
      sums[i][v] = p->add ? load(from) : splat(0);
    }
  }
  const size_t right_step = p->right_step, left_step = p->left_step;
  for (int32_t left_over = p->depth; left_over > 0; left_over -= piece, left += left_step) {
    const float *at = left, *end = right + min(piece, left_over) * PANEL;
    STEADY for (; right != end; right += PANEL, at += stride) {
      vf r[TILE_VECTORS];
      UNROLL for (int32_t v = 0; v < vectors; v++)
        r[v] = load(right + (v * LANES / PANEL) * right_step + v * LANES % PANEL);
      UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
        const vf l = splat(at[i * row]);
        UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] += l * r[v];
      }
    }
  }
  UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
    UNROLL for (int32_t v = 0; v < vectors; v++)
      store(out + (v * LANES / PANEL) * p->out_step + i * PANEL + v * LANES % PANEL, sums[i][v]);
  }
}

#define TILE_ARGUMENTS const Product *p, const float *left, const float *right, float *out
#define DEFINE_TILE(name, vectors, row, stride, piece)                                                       \
  __attribute__((noinline)) static inline void name(TILE_ARGUMENTS) {                                               \
    tile(p, vectors, left, row, stride, piece, right, out);                                                  \
  }

/* Where a tile spans several panels, the last panel may stand alone. */
#define NARROW (TILE_COLUMNS > PANEL ? PANEL / LANES : TILE_VECTORS)
DEFINE_TILE(plain_tile, TILE_VECTORS, PANEL, 1, PANEL)
DEFINE_TILE(plain_narrow_tile, NARROW, PANEL, 1, PANEL)
DEFINE_TILE(transposed_tile, TILE_VECTORS, 1, PANEL, p->depth)
DEFINE_TILE(transposed_narrow_tile, NARROW, 1, PANEL, p->depth)

typedef void Tile(TILE_ARGUMENTS);

__attribute__((always_inline)) static inline void each_tile(const Product *p, Tile *wide, Tile *narrow,
                                                            int transposed) {
  for (int32_t column = 0; column < p->columns;) {
    const int is_wide = TILE_COLUMNS <= PANEL || p->columns - column > PANEL;
    const float *right = p->right + column / PANEL * p->right_step + column % PANEL;
    float *out = p->out + column / PANEL * p->out_step + column % PANEL;
    for (int32_t row = 0; row < p->rows; row += TILE_ROWS) {
      const float *left =
          p->left + (transposed ? row / PANEL * p->left_step + row % PANEL : (size_t)row * PANEL);
      (is_wide ? wide : narrow)(p, left, right, out + (size_t)row * PANEL);
    }
    column += is_wide ? TILE_COLUMNS : PANEL;
  }
}

static inline void multiply(const Product *p) { each_tile(p, plain_tile, plain_narrow_tile, 0); }

static inline void multiply_transposed(const Product *p) {
  each_tile(p, transposed_tile, transposed_narrow_tile, 1);
}
