/*
 * The matrix product of all convolutions and linear layers. The matrices are stored in panels of PANEL columns,
 * [panel][row][PANEL], at a distance of `step` numbers:
 *
 *   multiply             out[rows][columns] = left[rows][depth] · right[depth][columns]
 *   multiply_transposed  out[rows][columns] = left[depth][rows]ᵀ · right[depth][columns]
 *
 *   multiply_lines       the first, with a left side that is read where it lies (Gathered)
 *   multiply_strided     the second, likewise, and the right side too
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
 * A left side that is read in place, without packing: depth is divided into pieces of `piece`, and lines[n · room +
 * row] points to the row's n-th piece. multiply_strided advances left by `stride` numbers per step of depth, right by
 * `right_row`.
 */
typedef struct {
  const float *const *lines;
  size_t room, stride, right_row;
  int32_t piece;
} Gathered;

typedef vf Sums[TILE_ROWS][TILE_VECTORS];

/* The index of vector v of row i of a tile in `out`, relative to the tile's first number. */
static inline size_t place_in_tile(const Product *p, int32_t i, int32_t v) {
  return (v * LANES / PANEL) * p->out_step + i * PANEL + v * LANES % PANEL;
}

__attribute__((always_inline)) static inline void open_tile(const Product *p, int32_t vectors, const float *out,
                                                            Sums sums) {
  UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
    UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] = p->add ? load(out + place_in_tile(p, i, v)) : splat(0);
  }
}

__attribute__((always_inline)) static inline void close_tile(const Product *p, int32_t vectors, float *out,
                                                             Sums sums) {
  UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
    UNROLL for (int32_t v = 0; v < vectors; v++) store(out + place_in_tile(p, i, v), sums[i][v]);
  }
}

__attribute__((always_inline)) static inline void load_right(const float *right, size_t right_step,
                                                             int32_t vectors, vf *r) {
  UNROLL for (int32_t v = 0; v < vectors; v++) r[v] = load(right + (v * LANES / PANEL) * right_step + v * LANES % PANEL);
}

/*
 * Computes one tile. In each piece of `piece` steps of depth, left advances by `stride` per step; pieces are
 * `left_step` apart, and the tile's rows `row`.
 */
__attribute__((always_inline)) static inline void tile(const Product *p, int32_t vectors, const float *left,
                                                       size_t row, size_t stride, int32_t piece,
                                                       const float *right, float *out) {
  Sums sums;
  open_tile(p, vectors, out, sums);
  const size_t right_step = p->right_step, left_step = p->left_step;
  for (int32_t left_over = p->depth; left_over > 0; left_over -= piece, left += left_step) {
    const float *at = left, *end = right + min(piece, left_over) * PANEL;
    STEADY for (; right != end; right += PANEL, at += stride) {
      vf r[TILE_VECTORS];
      load_right(right, right_step, vectors, r);
      UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
        const vf l = splat(at[i * row]);
        UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] += l * r[v];
      }
    }
  }
  close_tile(p, vectors, out, sums);
}

/* The same with a left side that is read in place; `lines` are the pointers of the tile's first row. */
__attribute__((always_inline)) static inline void gathered_tile(const Product *p, const Gathered *g,
                                                                int32_t vectors, const float *const *lines,
                                                                size_t stride, size_t right_row,
                                                                const float *right, float *out) {
  Sums sums;
  open_tile(p, vectors, out, sums);
  const size_t right_step = p->right_step, end = g->piece * stride;
  for (int32_t left_over = p->depth; left_over > 0; left_over -= g->piece, lines += g->room) {
    const float *rows[TILE_ROWS];
    UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) rows[i] = lines[i];
    STEADY for (size_t at = 0; at != end; at += stride, right += right_row) {
      vf r[TILE_VECTORS];
      load_right(right, right_step, vectors, r);
      UNROLL for (int32_t i = 0; i < TILE_ROWS; i++) {
        const vf l = splat(rows[i][at]);
        UNROLL for (int32_t v = 0; v < vectors; v++) sums[i][v] += l * r[v];
      }
    }
  }
  close_tile(p, vectors, out, sums);
}

/* Vectors of a tile of one panel, for an odd last panel where a tile spans two. */
#define NARROW (TILE_COLUMNS > PANEL ? PANEL / LANES : TILE_VECTORS)

/* A specialised function per layout of the left side, so that the layout's constants are known to the compiler. */
#define TILE_ARGUMENTS const Product *p, const Gathered *g, int32_t row, const float *right, float *out
#define DEFINE_TILE(name, width, ...)                                                                        \
  __attribute__((noinline, unused)) static void name(TILE_ARGUMENTS) {                                       \
    const int32_t vectors = width;                                                                           \
    (void)g;                                                                                                 \
    __VA_ARGS__;                                                                                             \
  }
#define DEFINE_TILES(name, ...)                                                                              \
  DEFINE_TILE(name, TILE_VECTORS, __VA_ARGS__)                                                               \
  DEFINE_TILE(narrow_##name, NARROW, __VA_ARGS__)

DEFINE_TILES(plain_tile, tile(p, vectors, p->left + row * PANEL, PANEL, 1, PANEL, right, out))
DEFINE_TILES(transposed_tile,
             tile(p, vectors, p->left + row / PANEL * p->left_step + row % PANEL, 1, PANEL, p->depth, right, out))
DEFINE_TILES(line_tile, gathered_tile(p, g, vectors, g->lines + row, 1, PANEL, right, out))
DEFINE_TILES(strided_tile, gathered_tile(p, g, vectors, g->lines + row, g->stride, g->right_row, right, out))

typedef void Tile(TILE_ARGUMENTS);

__attribute__((always_inline)) static inline void each_tile(const Product *p, const Gathered *g, Tile *wide,
                                                            Tile *narrow) {
  for (int32_t column = 0; column < p->columns;) {
    const int is_wide = TILE_COLUMNS <= PANEL || p->columns - column > PANEL;
    const float *right = p->right + column / PANEL * p->right_step + column % PANEL;
    float *out = p->out + column / PANEL * p->out_step + column % PANEL;
    for (int32_t row = 0; row < p->rows; row += TILE_ROWS)
      (is_wide ? wide : narrow)(p, g, row, right, out + (size_t)row * PANEL);
    column += is_wide ? TILE_COLUMNS : PANEL;
  }
}

static inline void multiply(const Product *p) { each_tile(p, NULL, plain_tile, narrow_plain_tile); }

static inline void multiply_transposed(const Product *p) {
  each_tile(p, NULL, transposed_tile, narrow_transposed_tile);
}

static inline void multiply_lines(const Product *p, const Gathered *g) {
  each_tile(p, g, line_tile, narrow_line_tile);
}

static inline void multiply_strided(const Product *p, const Gathered *g) {
  each_tile(p, g, strided_tile, narrow_strided_tile);
}
