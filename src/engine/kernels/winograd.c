/*
 * 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): tiles of 4×4 output pixels from 36 products instead of
 * 144 (Lavin and Gray, 2015: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A), as 36 matrix products over channels. The points are
 * 0, ±1/√2, ±√2 and infinity, which round less than the usual 0, ±1, ±2. The gradient of the input is a forward
 * pass with channels exchanged; that of the weight is in winograd_weight.c.
 *
 *   u [36][out panel][channel][PANEL]: transformed weights. Of an input gradient, channels are dy's.
 *
 * In scratch, per block of tiles: v [36][panel][tile][PANEL] transformed images, m the same of products. Where channels
 * are many, u is four times a weight that fills the caches already: then each block transforms the weights that it
 * needs, a few channels at a time, and u is never stored.
 */
#ifndef REFERENCE
#include "epilogue.h"
#include "winograd.h"

/*
 * Prefetching, as memory is slow and the hardware prefetcher does not follow the order of tiles. While a block's
 * products are computed, the tiles from `first` on that are read or written next are prefetched, a part during each
 * point's product; tiles without the pixels that they share.
 */
static void fetch_tiles(const Tiles *t, int32_t first, int32_t count, int32_t point, int write) {
  const int32_t from = first + count * point / WINOGRAD_POINTS, end = first + count * (point + 1) / WINOGRAD_POINTS;
  if (from == end) return;
  Pixel at = pixel_at(from, t->rows, t->columns);
  for (int32_t tile = from; tile < end; tile++) {
    const float *row = t->images + (((size_t)at.image * t->height + at.y * 4) * t->width + at.x * 4) * t->channels;
    /* Tiles may begin beyond the image's edge. */
    const size_t width = (size_t)max(0, min(4, t->width - at.x * 4)) * t->channels;
    for (int32_t i = 0; i < min(4, t->height - at.y * 4); i++)
      fetch(row + (size_t)i * t->width * t->channels, width, write);
    if (++at.x == t->columns) {
      at.x = 0;
      if (++at.y == t->rows) at.y = 0, at.image++;
    }
  }
}

/*
 * Tiles, input channels and output channels of a block. With many channels the weights do not stay in the cache, and
 * more tiles make better use of each read; with few channels, fewer tiles leave more of the cache.
 */
#define BLOCK_TILES 64
#define FEW_TILES 32
#define BLOCK_CHANNELS 128
#define BLOCK_COLUMNS 128

/* Input channels at a time where weights are transformed by the blocks that use them. */
#define WEIGHT_DEPTH 32

#define V_POINT (BLOCK_TILES * BLOCK_CHANNELS + WINOGRAD_APART)
#define M_POINT (BLOCK_TILES * BLOCK_COLUMNS + WINOGRAD_APART)
#define W_POINT (WEIGHT_DEPTH * BLOCK_COLUMNS + WINOGRAD_APART)

typedef struct {
  float v[WINOGRAD_POINTS * V_POINT];
  float m[WINOGRAD_POINTS * M_POINT];
  float w[WINOGRAD_POINTS * W_POINT];
} ForwardScratch;

/* target = tiles ∗ weights, with an epilogue */
typedef struct {
  Tiles tiles;
  const float *u;      /* the transformed weight, or NULL: */
  const float *weight; /* then blocks transform this one */
  int32_t turned; /* 1: for an input gradient; the kernel is rotated by 180° and its channels are exchanged */
  Epilogue out;
  int32_t height, width, columns; /* of the target */
} Winograd;

static size_t u_point(int32_t channels, int32_t columns) {
  return (size_t)divide_up(columns, PANEL) * channels * PANEL + WINOGRAD_APART;
}

/* Transforms the channels [channel, channel + depth) of one panel to u[36][depth][PANEL]. */
static void transform_panel(const float *weight, int32_t channels, int32_t channel, int32_t depth, int32_t panel,
                            float *u, size_t point) {
  weight += ((size_t)panel * 9 * channels + channel) * PANEL;
  for (int32_t c = 0; c < depth; c++, weight += PANEL, u += PANEL)
    weight_tile(weight, 3 * (size_t)channels * PANEL, (size_t)channels * PANEL, u, point);
}

/*
 * The same for the input gradient, whose inputs are the weight's `outputs` and whose outputs are its `channels`, with
 * the kernel rotated by 180°. `first` is a multiple of PANEL.
 */
static void transform_turned_panel(const float *weight, int32_t channels, int32_t first, int32_t depth, int32_t panel,
                                   float *u, size_t point) {
  float turned[9 * PANEL * PANEL];
  const int32_t lanes = min(PANEL, channels - panel * PANEL);
  for (int32_t done = 0; done < depth; done += PANEL) {
    const float *from = weight + ((size_t)(first + done) / PANEL * 9 * channels + panel * PANEL) * PANEL;
    for (int32_t tap = 8; tap >= 0; tap--, from += (size_t)channels * PANEL)
      transpose_panel(from, lanes, turned + tap * PANEL * PANEL);
    for (int32_t k = 0; k < min(PANEL, depth - done); k++, u += PANEL)
      weight_tile(turned + k * PANEL, 3 * PANEL * PANEL, PANEL * PANEL, u, point);
  }
}

/* Stores one panel of a whole tile, applying the epilogue to each vector as soon as it is transformed. */
__attribute__((always_inline)) static inline void store_whole_tile(const Epilogue *epilogue, const float *m, size_t at,
                                                                 size_t line, size_t pixel, int32_t channel, int adds,
                                                                 int cut) {
  const Epilogue e = *epilogue;
  for (int32_t lane = 0; lane < PANEL; lane += LANES, m += LANES, at += LANES) {
    vf half[4][6], sums[6], done[4];
    UNROLL for (int32_t i = 0; i < 6; i++) {
      UNROLL for (int32_t j = 0; j < 6; j++) sums[j] = load(m + (i * 6 + j) * M_POINT);
      transform_output(sums, done);
      UNROLL for (int32_t j = 0; j < 4; j++) half[j][i] = done[j];
    }
    const vf scale = scale_from(&e, channel + lane), bias = bias_from(&e, channel + lane);
    UNROLL for (int32_t j = 0; j < 4; j++) {
      transform_output(half[j], done);
      UNROLL for (int32_t i = 0; i < 4; i++)
        store_vector(&e, done[i], scale, bias, at + i * line + j * pixel, adds, cut);
    }
  }
}

FOR_EACH_EPILOGUE(store_whole_tile,
                  (const Epilogue *e, const float *m, size_t at, size_t line, size_t pixel, int32_t channel), e, m, at,
                  line, pixel, channel)

/* Stores one panel of one tile: as many of its 4×4 pixels as the target has. */
static void store_tile(const Winograd *w, Pixel at, int32_t channel, const float *m) {
  const size_t pixel = ((size_t)at.image * w->height + at.y * 4) * w->width + at.x * 4;
  float pixels[16 * PANEL];
  const Patch patch = {.sums = pixels,
                       .sums_line = 4 * PANEL,
                       .sums_pixel = PANEL,
                       .at = pixel * w->columns + channel,
                       .line = (size_t)w->width * w->columns,
                       .pixel = w->columns,
                       .lines = min(4, w->height - at.y * 4),
                       .pixels = min(4, w->width - at.x * 4),
                       .channel = channel,
                       .channels = min(PANEL, w->columns - channel)};
  if (patch.lines == 4 && patch.pixels == 4 && patch.channels == PANEL) {
    BY_EPILOGUE(store_whole_tile, &w->out, m, patch.at, patch.line, patch.pixel, channel)
    return;
  }
  output_tile(m, 6 * M_POINT, M_POINT, pixels, PANEL);
  store_patch(&w->out, &patch);
}

/* Transforms the part of the weight that one block of the product reads. */
static void transform_block(const Winograd *w, int32_t channel, int32_t depth, int32_t column, int32_t columns,
                            float *u) {
  for (int32_t panel = 0; panel * PANEL < columns; panel++, u += WEIGHT_DEPTH * PANEL) {
    if (w->turned) transform_turned_panel(w->weight, w->columns, channel, depth, column / PANEL + panel, u, W_POINT);
    else transform_panel(w->weight, w->tiles.channels, channel, depth, column / PANEL + panel, u, W_POINT);
  }
}

static void convolve_tiles(const Winograd *w, ForwardScratch *scratch, int32_t first, int32_t count,
                           int32_t column, int32_t columns, int32_t ahead) {
  const int32_t channels = w->tiles.channels;
  const Tiles target = {w->out.target, w->height, w->width, w->columns, w->tiles.rows, w->tiles.columns, 0, 0, 4};
  const int32_t block = w->u ? BLOCK_CHANNELS : WEIGHT_DEPTH;
  const size_t point = w->u ? u_point(channels, w->columns) : W_POINT;
  Product product = {.rows = count, .columns = columns, .left_step = BLOCK_TILES * PANEL};
  product.out_step = BLOCK_TILES * PANEL, product.right_step = (w->u ? (size_t)channels : WEIGHT_DEPTH) * PANEL;
  for (int32_t channel = 0; channel < channels; channel += block) {
    product.depth = min(block, channels - channel), product.add = channel > 0;
    transform_tiles(&w->tiles, &input_transforms, first, count, channel, product.depth, scratch->v, V_POINT,
                    BLOCK_TILES);
    const float *u = scratch->w;
    if (w->u) u = w->u + ((size_t)column / PANEL * channels + channel) * PANEL;
    else transform_block(w, channel, product.depth, column, columns, scratch->w);
    for (int32_t i = 0; i < WINOGRAD_POINTS; i++) {
      product.left = scratch->v + i * V_POINT, product.out = scratch->m + i * M_POINT;
      product.right = u + i * point;
      if (channels <= BLOCK_CHANNELS) fetch_tiles(&w->tiles, first + ahead, count, i, 0);
      if (w->columns <= BLOCK_COLUMNS) fetch_tiles(&target, first, count, i, 1);
      multiply(&product);
    }
  }
  Pixel at = pixel_at(first, w->tiles.rows, w->tiles.columns);
  for (int32_t tile = 0; tile < count; tile++) {
    for (int32_t c = 0; c < columns; c += PANEL)
      store_tile(w, at, column + c, scratch->m + ((size_t)c / PANEL * BLOCK_TILES + tile) * PANEL);
    if (++at.x == w->tiles.columns) {
      at.x = 0;
      if (++at.y == w->tiles.rows) at.y = 0, at.image++;
    }
  }
}

/* One task is a block of tiles and of output channels. */
static void convolve(const Winograd *w, const Context *context) {
  const int32_t tiles = context->control->batch * w->tiles.rows * w->tiles.columns;
  const int32_t column_blocks = divide_up(w->columns, BLOCK_COLUMNS);
  const int32_t block = w->tiles.channels * w->columns < 100 * 100 ? FEW_TILES : BLOCK_TILES;
  for (int32_t task; (task = next_task(context)) < divide_up(tiles, block) * column_blocks;) {
    const int32_t first = task / column_blocks * block, column = task % column_blocks * BLOCK_COLUMNS;
    convolve_tiles(w, SCRATCH(ForwardScratch, context), first, min(block, tiles - first), column,
                   min(BLOCK_COLUMNS, w->columns - column), context->threads * block);
  }
}

void winograd_forward(const WinogradForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Winograd w = {input_tiles(reals(context, op->x), g.height, g.width, g.channels, g.out_height, g.out_width,
                                  g.padding_top, g.padding_left),
                      reals(context, op->u),
                      reals(context, op->weight),
                      0,
                      EPILOGUE(op, context, y),
                      g.out_height,
                      g.out_width,
                      g.out_channels};
  convolve(&w, context);
}

/* The forward pass of dy, with the kernel rotated by 180° and its channels exchanged. */
void winograd_backward_input(const WinogradBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Winograd w = {input_tiles(reals(context, op->dy), g.out_height, g.out_width, g.out_channels, g.height,
                                  g.width, 2 - g.padding_top, 2 - g.padding_left),
                      reals(context, op->u),
                      reals(context, op->weight),
                      1,
                      EPILOGUE(op, context, dx),
                      g.height,
                      g.width,
                      g.channels};
  convolve(&w, context);
}

/* One task is one panel of output channels. */
void winograd_weight_forward(const WinogradWeightForward *op, const Context *context) {
  const int32_t channels = op->channels;
  for (int32_t panel; (panel = next_task(context)) < divide_up(op->out_channels, PANEL);)
    transform_panel(reals(context, op->weight), channels, 0, channels, panel,
                    reals(context, op->u) + (size_t)panel * channels * PANEL, u_point(channels, op->out_channels));
}

/* One task is a panel of input channels. */
void winograd_weight_backward(const WinogradWeightBackward *op, const Context *context) {
  const int32_t channels = op->channels, columns = op->out_channels;
  for (int32_t panel; (panel = next_task(context)) < divide_up(channels, PANEL);)
    transform_turned_panel(reals(context, op->weight), channels, 0, columns, panel,
                           reals(context, op->u) + (size_t)panel * columns * PANEL, u_point(columns, channels));
}

#else
#include "kernels.h"

/* Not in the reference, which computes convolutions by the definition (conv2d_reference.c). */
#define ABSENT(name, Type)                                                                                   \
  void name(const Type *op, const Context *context) {                                                        \
    (void)op, (void)context;                                                                                 \
    __builtin_trap();                                                                                        \
  }
ABSENT(winograd_weight_forward, WinogradWeightForward)
ABSENT(winograd_weight_backward, WinogradWeightBackward)
ABSENT(winograd_forward, WinogradForward)
ABSENT(winograd_backward_input, WinogradBackwardInput)
#endif
