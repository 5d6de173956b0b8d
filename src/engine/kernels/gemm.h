/*
 * The one matrix product under every convolution and linear layer: blocks of BLOCK_ROWS × BLOCK_COLUMNS,
 * summed over the depth in pieces of BLOCK_DEPTH. Who calls it packs the left side into tiles of four rows,
 * [tile][depth][4], and gives the right side in panels, [panel][depth][PANEL].
 */
#pragma once
#include "kernels.h"

#define BLOCK_ROWS 64
#define BLOCK_COLUMNS 64
#define BLOCK_DEPTH 256
#define TILE_ROWS 4

typedef struct {
  real left[BLOCK_ROWS * BLOCK_DEPTH];
  real right[BLOCK_COLUMNS * BLOCK_DEPTH];
  /* [tile][panel][TILE_ROWS][PANEL] */
  real sums[BLOCK_ROWS * BLOCK_COLUMNS];
} Block;

typedef float v4 __attribute__((vector_size(16)));

static inline v4 load4(const float *p) { return *(const v4 *)p; }
static inline v4 splat4(float x) { return __builtin_shufflevector((v4){x}, (v4){x}, 0, 0, 0, 0); }

/* sums[4][8] += left[depth][4]ᵀ · right[depth][8]. Eight accumulators: more would spill in WebAssembly. */
__attribute__((noinline)) static void multiply_tile(int32_t depth, const float *left, const float *right,
                                                    float *sums) {
  v4 *s = (v4 *)sums;
  v4 s00 = s[0], s01 = s[1], s10 = s[2], s11 = s[3], s20 = s[4], s21 = s[5], s30 = s[6], s31 = s[7];
#pragma clang loop unroll(disable)
  for (int32_t k = 0; k < depth; k++) {
    const v4 r0 = load4(right), r1 = load4(right + 4);
    v4 l = splat4(left[0]);
    s00 += l * r0, s01 += l * r1;
    l = splat4(left[1]);
    s10 += l * r0, s11 += l * r1;
    l = splat4(left[2]);
    s20 += l * r0, s21 += l * r1;
    l = splat4(left[3]);
    s30 += l * r0, s31 += l * r1;
    left += TILE_ROWS, right += PANEL;
  }
  s[0] = s00, s[1] = s01, s[2] = s10, s[3] = s11, s[4] = s20, s[5] = s21, s[6] = s30, s[7] = s31;
}

/* Adds a piece of the product to the block's sums; `right` holds panels `stride` numbers apart. */
static void multiply_block(Block *block, const float *right, size_t stride, int32_t rows, int32_t columns,
                           int32_t depth) {
  const int32_t tiles = divide_up(rows, TILE_ROWS), panels = divide_up(columns, PANEL);
  for (int32_t panel = 0; panel < panels; panel++)
    for (int32_t tile = 0; tile < tiles; tile++)
      multiply_tile(depth, block->left + (size_t)tile * depth * TILE_ROWS, right + panel * stride,
                    block->sums + (tile * (BLOCK_COLUMNS / PANEL) + panel) * TILE_ROWS * PANEL);
}

static void clear_sums(Block *block) {
  for (int32_t i = 0; i < BLOCK_ROWS * BLOCK_COLUMNS; i++) block->sums[i] = 0;
}

static inline float block_sum(const Block *block, int32_t row, int32_t column) {
  const int32_t tile = (row / TILE_ROWS) * (BLOCK_COLUMNS / PANEL) + column / PANEL;
  return block->sums[tile * TILE_ROWS * PANEL + (row % TILE_ROWS) * PANEL + column % PANEL];
}
