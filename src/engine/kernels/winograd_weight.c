/*
 * The weight's gradient by Winograd's F(4×4, 3×3), the adjoint of the forward pass: Gᵀ[Σ (Bᵀ d B) ⊙ (A dy Aᵀ)]G
 * (winograd.c). Computed as partial sums over parts of the images (sum_parts).
 */
#ifndef REFERENCE
#include "winograd.h"

#define CHUNK_POINT (WINOGRAD_CHUNK_TILES * WINOGRAD_GRADIENT_BLOCK + WINOGRAD_APART)
#define SUM_POINT (WINOGRAD_GRADIENT_BLOCK * WINOGRAD_GRADIENT_BLOCK + WINOGRAD_APART)

typedef struct {
  float v[WINOGRAD_POINTS * CHUNK_POINT];
  float d[WINOGRAD_POINTS * CHUNK_POINT];
  float sums[WINOGRAD_POINTS * SUM_POINT]; /* [36][out panel][channel][PANEL] */
} GradientScratch;

typedef struct {
  int32_t channel, channels, column, columns, from, end; /* the tiles [from, end) */
} GradientBlock;

static void sum_tiles(const Tiles *inputs, const Tiles *outputs, const GradientBlock *b,
                      GradientScratch *scratch) {
  const size_t step = WINOGRAD_CHUNK_TILES * PANEL;
  Product product = {.rows = b->channels, .columns = b->columns, .left_step = step, .right_step = step};
  product.out_step = WINOGRAD_GRADIENT_BLOCK * PANEL;
  for (int32_t from = b->from; from < b->end; from += WINOGRAD_CHUNK_TILES) {
    product.depth = min(WINOGRAD_CHUNK_TILES, b->end - from);
    transform_tiles(inputs, &input_transforms, from, product.depth, b->channel, b->channels, scratch->v, CHUNK_POINT,
                    WINOGRAD_CHUNK_TILES);
    transform_tiles(outputs, &gradient_transforms, from, product.depth, b->column, b->columns, scratch->d,
                    CHUNK_POINT, WINOGRAD_CHUNK_TILES);
    for (int32_t i = 0; i < WINOGRAD_POINTS; i++) {
      product.left = scratch->v + i * CHUNK_POINT, product.right = scratch->d + i * CHUNK_POINT;
      product.out = scratch->sums + i * SUM_POINT;
      multiply_transposed(&product);
    }
    product.add = 1;
  }
  if (b->from == b->end)
    for (int32_t i = 0; i < WINOGRAD_POINTS * SUM_POINT; i++) scratch->sums[i] = 0;
}

static void put_weight_gradient(const GradientBlock *b, const float *sums, float *d_weight,
                                int32_t all_channels) {
  float taps[9 * PANEL];
  for (int32_t column = 0; column < b->columns; column += PANEL)
    for (int32_t c = 0; c < b->channels; c++) {
      weight_gradient_tile(sums + ((size_t)column / PANEL * WINOGRAD_GRADIENT_BLOCK + c) * PANEL, 6 * SUM_POINT, SUM_POINT,
                           taps, PANEL);
      float *to = d_weight + ((size_t)(b->column + column) / PANEL * 9 * all_channels + b->channel + c) * PANEL;
      for (int32_t tap = 0; tap < 9; tap++)
        for (int32_t lane = 0; lane < PANEL; lane++)
          to[(size_t)tap * all_channels * PANEL + lane] =
              column + lane < b->columns ? taps[tap * PANEL + lane] : 0;
    }
}

/* One task is a block of the weight and a part of the images. */
void winograd_backward_weight(const WinogradBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  GradientScratch *scratch = SCRATCH(GradientScratch, context);
  const Tiles inputs = input_tiles(reals(context, op->x), g.height, g.width, g.channels, g.out_height,
                                   g.out_width, g.padding_top, g.padding_left);
  Tiles outputs = input_tiles(reals(context, op->dy), g.out_height, g.out_width, g.out_channels, g.out_height,
                              g.out_width, 0, 0);
  outputs.side = 4;
  const int32_t block = op->block, rows = divide_up(g.channels, block), columns = divide_up(g.out_channels, block);
  const int32_t image_tiles = inputs.rows * inputs.columns;
  const int64_t batch = context->control->batch;
  const size_t size = (size_t)divide_up(g.out_channels, PANEL) * PANEL * 9 * g.channels;
  for (int32_t task; (task = next_task(context)) < rows * columns * op->parts;) {
    const int32_t part = task / (rows * columns), channel = task % rows * block;
    const int32_t column = task / rows % columns * block;
    const GradientBlock b = {channel,
                             min(block, g.channels - channel),
                             column,
                             min(block, g.out_channels - column),
                             (int32_t)(batch * part / op->parts) * image_tiles,
                             (int32_t)(batch * (part + 1) / op->parts) * image_tiles};
    sum_tiles(&inputs, &outputs, &b, scratch);
    put_weight_gradient(&b, scratch->sums, reals(context, op->d_weight) + part * size, g.channels);
  }
}
#else
#include "kernels.h"

/* As in winograd.c. */
void winograd_backward_weight(const WinogradBackwardWeight *op, const Context *context) {
  (void)op, (void)context;
  __builtin_trap();
}
#endif
