/*
 * 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): tiles of 4×4 output pixels from 36 products instead of
 * 144 (Lavin and Gray, 2015: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A), as 36 matrix products over channels. The points are
 * 0, ±1/√2, ±√2 and infinity, which round less than the usual 0, ±1, ±2. The gradient of the input is a forward
 * pass with channels exchanged; that of the weight is the adjoint, Gᵀ[Σ (Bᵀ d B) ⊙ (A dy Aᵀ)]G.
 *
 *   u [36][out panel][channel][PANEL]: transformed weights. Of an input gradient, channels are dy's.
 *
 * In scratch, per block of tiles: v [36][panel][tile][PANEL] transformed images, m the same of products.
 */
#ifndef REFERENCE
#include "epilogue.h"
#include "gemm.h"
#include "windows.h"

#define POINTS 36
/* Between the numbers of two points: off the powers of two, whose lines would fall onto each other in the cache. */
#define APART 16

#define ROOT_HALF 0.70710678118654752f
#define ROOT_TWO 1.41421356237309505f

/* Bᵀ d: six pixels of a line. */
static inline void transform_input(const vf *d, vf *t) {
  const vf even1 = d[4] - d[2] * 2, odd1 = d[3] * ROOT_HALF - d[1] * ROOT_TWO;
  const vf even2 = d[4] - d[2] * 0.5f, odd2 = d[3] * ROOT_TWO - d[1] * ROOT_HALF;
  t[0] = d[0] + d[4] - d[2] * 2.5f;
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = d[1] + d[5] - d[3] * 2.5f;
}

/* Aᵀ m: four pixels of a line. */
static inline void transform_output(const vf *m, vf *t) {
  const vf even1 = m[1] + m[2], odd1 = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
  t[0] = m[0] + even1 + even2;
  t[1] = odd1 * ROOT_HALF + odd2 * ROOT_TWO;
  t[2] = even1 * 0.5f + even2 * 2;
  t[3] = odd1 * (ROOT_HALF / 2) + odd2 * (ROOT_TWO * 2) + m[5];
}

/* A dy */
static inline void spread_output(const vf *d, vf *t) {
  const vf even1 = d[0] + d[2] * 0.5f, odd1 = d[1] * ROOT_HALF + d[3] * (ROOT_HALF / 2);
  const vf even2 = d[0] + d[2] * 2, odd2 = d[1] * ROOT_TWO + d[3] * (ROOT_TWO * 2);
  t[0] = d[0];
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = d[3];
}

/* G g */
static inline void transform_weight(const vf *g, vf *t) {
  const vf even1 = (g[0] + g[2] * 0.5f) * (-2.0f / 3), odd1 = g[1] * (ROOT_HALF * -2 / 3);
  const vf even2 = (g[0] + g[2] * 2) * (1.0f / 6), odd2 = g[1] * (ROOT_TWO / 6);
  t[0] = g[0];
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = g[2];
}

/* Gᵀ u */
static inline void gather_weight(const vf *u, vf *t) {
  const vf even1 = (u[1] + u[2]) * (-2.0f / 3), odd1 = (u[1] - u[2]) * (-2.0f / 3);
  const vf even2 = (u[3] + u[4]) * (1.0f / 6), odd2 = (u[3] - u[4]) * (1.0f / 6);
  t[0] = u[0] + even1 + even2;
  t[1] = odd1 * ROOT_HALF + odd2 * ROOT_TWO;
  t[2] = even1 * 0.5f + even2 * 2 + u[5];
}

typedef void Transform(const vf *, vf *);

/*
 * Transforms `from` × `from` vectors to `to` × `to`, first along each line, then across them. Vectors of a line
 * lie `x` numbers apart, lines `y`; what comes out `point` numbers.
 */
__attribute__((always_inline)) static inline void transform_tile(Transform *transform, int32_t from, int32_t to,
                                                                 const float *in, size_t y, size_t x,
                                                                 float *out, size_t point) {
  vf half[6][6], line[6], done[6];
  UNROLL for (int32_t i = 0; i < from; i++) {
    UNROLL for (int32_t j = 0; j < from; j++) line[j] = load(in + i * y + j * x);
    transform(line, done);
    UNROLL for (int32_t j = 0; j < to; j++) half[j][i] = done[j];
  }
  UNROLL for (int32_t j = 0; j < to; j++) {
    transform(half[j], done);
    UNROLL for (int32_t i = 0; i < to; i++) store(out + (i * to + j) * point, done[i]);
  }
}

#define DEFINE_TRANSFORM(name, transform, from, to)                                                          \
  __attribute__((noinline)) static void name(const float *in, size_t y, size_t x, float *out, size_t point) { \
    for (int32_t lane = 0; lane < PANEL; lane += LANES)                                                      \
      transform_tile(transform, from, to, in + lane, y, x, out + lane, point);                               \
  }

DEFINE_TRANSFORM(input_tile, transform_input, 6, 6)
DEFINE_TRANSFORM(output_tile, transform_output, 6, 4)
DEFINE_TRANSFORM(gradient_tile, spread_output, 4, 6)
DEFINE_TRANSFORM(weight_tile, transform_weight, 3, 6)
DEFINE_TRANSFORM(weight_gradient_tile, gather_weight, 6, 3)

/* Images cut into tiles of which each begins at pixel (4 · row - top, 4 · column - left) and has side × side. */
typedef struct {
  const float *images;
  int32_t height, width, channels, rows, columns, top, left, side;
} Tiles;

static inline Tiles input_tiles(const float *x, int32_t height, int32_t width, int32_t channels,
                                int32_t out_height, int32_t out_width, int32_t top, int32_t left) {
  return (Tiles){x,   height, width, channels, divide_up(out_height, 4), divide_up(out_width, 4),
                 top, left,   6};
}

/* Copies 16 channels of a tile, zeros where there is no image or no channel. */
static void copy_tile(const Tiles *t, Pixel at, int32_t channel, float *copy) {
  const int32_t channels = min(PANEL, t->channels - channel);
  for (int32_t i = 0; i < t->side; i++)
    for (int32_t j = 0; j < t->side; j++, copy += PANEL) {
      const int32_t y = at.y * 4 - t->top + i, x = at.x * 4 - t->left + j;
      const int inside = y >= 0 && y < t->height && x >= 0 && x < t->width;
      const float *from = t->images + (((ptrdiff_t)at.image * t->height + y) * t->width + x) * t->channels + channel;
      if (!inside) clear_panel_row(copy);
      else if (channels == PANEL) copy_panel_row(copy, from);
      else
        for (int32_t c = 0; c < PANEL; c++) copy[c] = c < channels ? from[c] : 0;
    }
}

/*
 * Memory is slow, and no processor foresees the order of tiles. While the products of a block run, what is read and
 * written next is asked for: each point's product asks for its share of the tiles from `first` on, without overlaps.
 */
static void fetch_tiles(const Tiles *t, int32_t first, int32_t count, int32_t point, int write) {
  const int32_t from = first + count * point / POINTS, end = first + count * (point + 1) / POINTS;
  if (from == end) return;
  Pixel at = pixel_at(from, t->rows, t->columns);
  for (int32_t tile = from; tile < end; tile++) {
    const float *row = t->images + (((size_t)at.image * t->height + at.y * 4) * t->width + at.x * 4) * t->channels;
    const size_t width = (size_t)min(4, t->width - at.x * 4) * t->channels;
    for (int32_t i = 0; i < min(4, t->height - at.y * 4); i++)
      fetch(row + (size_t)i * t->width * t->channels, width, write);
    if (++at.x == t->columns) {
      at.x = 0;
      if (++at.y == t->rows) at.y = 0, at.image++;
    }
  }
}

/*
 * Transforms the tiles [first, first + count) and the channels [channel, channel + channels) into
 * out[36][panel][room][PANEL]; `room` is for tiles up to a multiple of TILE_ROWS, which are cleared.
 */
static void transform_tiles(const Tiles *t, void transform(const float *, size_t, size_t, float *, size_t),
                            int32_t first, int32_t count, int32_t channel, int32_t channels, float *out,
                            size_t point, int32_t room) {
  float copy[POINTS * PANEL];
  Pixel at = pixel_at(first, t->rows, t->columns);
  for (int32_t tile = 0; tile < count; tile++) {
    const int32_t y = at.y * 4 - t->top, x = at.x * 4 - t->left;
    const int inside = y >= 0 && y + t->side <= t->height && x >= 0 && x + t->side <= t->width;
    for (int32_t panel = 0; panel * PANEL < channels; panel++) {
      const int32_t c = channel + panel * PANEL;
      float *to = out + ((size_t)panel * room + tile) * PANEL;
      if (inside && c + PANEL <= t->channels) {
        const float *from = t->images + (((size_t)at.image * t->height + y) * t->width + x) * t->channels + c;
        transform(from, (size_t)t->width * t->channels, t->channels, to, point);
      } else {
        copy_tile(t, at, c, copy);
        transform(copy, t->side * PANEL, PANEL, to, point);
      }
    }
    if (++at.x == t->columns) {
      at.x = 0;
      if (++at.y == t->rows) at.y = 0, at.image++;
    }
  }
  for (int32_t tile = count; tile < divide_up(count, TILE_ROWS) * TILE_ROWS; tile++)
    for (int32_t i = 0; i < POINTS; i++)
      for (int32_t panel = 0; panel * PANEL < channels; panel++)
        clear_panel_row(out + i * point + ((size_t)panel * room + tile) * PANEL);
}

/*
 * So many tiles, channels that go in and channels that come out at a time. Of many channels the weights do not stay
 * in the cache: more tiles then make more of reading them; of few, fewer tiles leave more to the cache.
 */
#define BLOCK_TILES 64
#define FEW_TILES 32
#define BLOCK_CHANNELS 128
#define BLOCK_COLUMNS 128

#define V_POINT (BLOCK_TILES * BLOCK_CHANNELS + APART)
#define M_POINT (BLOCK_TILES * BLOCK_COLUMNS + APART)

typedef struct {
  float v[POINTS * V_POINT];
  float m[POINTS * M_POINT];
} ForwardScratch;

/* target = tiles ∗ weights, and what follows */
typedef struct {
  Tiles tiles;
  const float *u;
  Epilogue out;
  int32_t height, width, columns; /* of the target */
} Winograd;

static size_t u_point(int32_t channels, int32_t columns) {
  return (size_t)divide_up(columns, PANEL) * channels * PANEL + APART;
}

/* One panel of one whole tile comes out, each number as soon as it is transformed. */
__attribute__((always_inline)) static inline void put_whole_tile(const Epilogue *epilogue, const float *m, size_t at,
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
        put_vector(&e, done[i], scale, bias, at + i * line + j * pixel, adds, cut);
    }
  }
}

FOR_EACH_EPILOGUE(put_whole_tile,
                  (const Epilogue *e, const float *m, size_t at, size_t line, size_t pixel, int32_t channel), e, m, at,
                  line, pixel, channel)

/* One panel of one tile: as many of its 4×4 pixels as the target has. */
static void put_tile(const Winograd *w, Pixel at, int32_t channel, const float *m) {
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
    BY_EPILOGUE(put_whole_tile, &w->out, m, patch.at, patch.line, patch.pixel, channel)
    return;
  }
  output_tile(m, 6 * M_POINT, M_POINT, pixels, PANEL);
  put_patch(&w->out, &patch);
}

static void convolve_tiles(const Winograd *w, ForwardScratch *scratch, int32_t first, int32_t count,
                           int32_t column, int32_t columns, int32_t ahead) {
  const int32_t channels = w->tiles.channels;
  const Tiles target = {w->target, w->height, w->width, w->columns, w->tiles.rows, w->tiles.columns, 0, 0, 4};
  const size_t point = u_point(channels, w->columns);
  Product product = {.rows = count, .columns = columns, .left_step = BLOCK_TILES * PANEL};
  product.out_step = BLOCK_TILES * PANEL, product.right_step = (size_t)channels * PANEL;
  for (int32_t channel = 0; channel < channels; channel += BLOCK_CHANNELS) {
    product.depth = min(BLOCK_CHANNELS, channels - channel), product.add = channel > 0;
    transform_tiles(&w->tiles, input_tile, first, count, channel, product.depth, scratch->v, V_POINT,
                    BLOCK_TILES);
    for (int32_t i = 0; i < POINTS; i++) {
      product.left = scratch->v + i * V_POINT, product.out = scratch->m + i * M_POINT;
      product.right = w->u + i * point + ((size_t)column / PANEL * channels + channel) * PANEL;
      if (channels <= BLOCK_CHANNELS) fetch_tiles(&w->tiles, first + ahead, count, i, 0);
      if (w->columns <= BLOCK_COLUMNS) fetch_tiles(&target, first, count, i, 1);
      multiply(&product);
    }
  }
  Pixel at = pixel_at(first, w->tiles.rows, w->tiles.columns);
  for (int32_t tile = 0; tile < count; tile++) {
    for (int32_t c = 0; c < columns; c += PANEL)
      put_tile(w, at, column + c, scratch->m + ((size_t)c / PANEL * BLOCK_TILES + tile) * PANEL);
    if (++at.x == w->tiles.columns) {
      at.x = 0;
      if (++at.y == w->tiles.rows) at.y = 0, at.image++;
    }
  }
}

/* One task is a block of tiles and of the channels that come out. */
static void convolve(const Winograd *w, const Context *context) {
  const int32_t tiles = context->control->batch * w->tiles.rows * w->tiles.columns;
  const int32_t column_blocks = divide_up(w->columns, BLOCK_COLUMNS);
  const int32_t block = w->tiles.channels * w->columns < 100 * 100 ? FEW_TILES : BLOCK_TILES;
  for (int32_t task; (task = next_task(context)) < divide_up(tiles, block) * column_blocks;) {
    const int32_t first = task / column_blocks * block, column = task % column_blocks * BLOCK_COLUMNS;
    convolve_tiles(w, (ForwardScratch *)context->scratch, first, min(block, tiles - first), column,
                   min(BLOCK_COLUMNS, w->columns - column), context->threads * block);
  }
}

void winograd_forward(const WinogradForward *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Winograd w = {input_tiles(reals(context, op->x), g.height, g.width, g.channels, g.out_height, g.out_width,
                                  g.padding_top, g.padding_left),
                      reals(context, op->u),
                      EPILOGUE(op, context, y),
                      g.out_height,
                      g.out_width,
                      g.out_channels};
  convolve(&w, context);
}

/* The forward pass of dy, with weights that were turned round and had their channels exchanged. */
void winograd_backward_input(const WinogradBackwardInput *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  const Winograd w = {input_tiles(reals(context, op->dy), g.out_height, g.out_width, g.out_channels, g.height,
                                  g.width, 2 - g.padding_top, 2 - g.padding_left),
                      reals(context, op->u),
                      EPILOGUE(op, context, dx),
                      g.height,
                      g.width,
                      g.channels};
  convolve(&w, context);
}

/* One task is a panel of what comes out, and so of the weight. */
void winograd_weight_forward(const WinogradWeightForward *op, const Context *context) {
  const int32_t channels = op->channels;
  const size_t point = u_point(channels, op->out_channels);
  for (int32_t panel; (panel = next_task(context)) < divide_up(op->out_channels, PANEL);) {
    const float *weight = reals(context, op->weight) + (size_t)panel * 9 * channels * PANEL;
    float *u = reals(context, op->u) + (size_t)panel * channels * PANEL;
    for (int32_t c = 0; c < channels; c++, weight += PANEL, u += PANEL)
      weight_tile(weight, 3 * (size_t)channels * PANEL, (size_t)channels * PANEL, u, point);
  }
}

/* One task is a panel of input channels. */
void winograd_weight_backward(const WinogradWeightBackward *op, const Context *context) {
  const int32_t channels = op->channels, columns = op->out_channels;
  const size_t point = u_point(columns, channels);
  float turned[9 * PANEL];
  for (int32_t panel; (panel = next_task(context)) < divide_up(channels, PANEL);) {
    float *u = reals(context, op->u) + (size_t)panel * columns * PANEL;
    for (int32_t k = 0; k < columns; k++, u += PANEL) {
      const float *weight = reals(context, op->weight) + (size_t)(k / PANEL) * 9 * channels * PANEL + k % PANEL;
      for (int32_t tap = 0; tap < 9; tap++)
        for (int32_t lane = 0; lane < PANEL; lane++) {
          const int32_t c = panel * PANEL + lane;
          turned[(8 - tap) * PANEL + lane] = c < channels ? weight[((size_t)tap * channels + c) * PANEL] : 0;
        }
      weight_tile(turned, 3 * PANEL, PANEL, u, point);
    }
  }
}

/* The gradient of the weight: so many of its channels at a time, summed over chunks of tiles. */
#define CHUNK_TILES 64
#define GRADIENT_BLOCK 128
#define CHUNK_POINT (CHUNK_TILES * GRADIENT_BLOCK + APART)
#define SUM_POINT (GRADIENT_BLOCK * GRADIENT_BLOCK + APART)

typedef struct {
  float v[POINTS * CHUNK_POINT];
  float d[POINTS * CHUNK_POINT];
  float sums[POINTS * SUM_POINT]; /* [36][out panel][channel][PANEL] */
} GradientScratch;

typedef struct {
  int32_t channel, channels, column, columns, from, end; /* tiles from, end */
} GradientBlock;

static void sum_tiles(const Tiles *inputs, const Tiles *outputs, const GradientBlock *b,
                      GradientScratch *scratch) {
  const size_t step = CHUNK_TILES * PANEL;
  Product product = {.rows = b->channels, .columns = b->columns, .left_step = step, .right_step = step};
  product.out_step = GRADIENT_BLOCK * PANEL;
  for (int32_t from = b->from; from < b->end; from += CHUNK_TILES) {
    product.depth = min(CHUNK_TILES, b->end - from);
    transform_tiles(inputs, input_tile, from, product.depth, b->channel, b->channels, scratch->v, CHUNK_POINT,
                    CHUNK_TILES);
    transform_tiles(outputs, gradient_tile, from, product.depth, b->column, b->columns, scratch->d,
                    CHUNK_POINT, CHUNK_TILES);
    for (int32_t i = 0; i < POINTS; i++) {
      product.left = scratch->v + i * CHUNK_POINT, product.right = scratch->d + i * CHUNK_POINT;
      product.out = scratch->sums + i * SUM_POINT;
      multiply_transposed(&product);
    }
    product.add = 1;
  }
  if (b->from == b->end)
    for (int32_t i = 0; i < POINTS * SUM_POINT; i++) scratch->sums[i] = 0;
}

static void put_weight_gradient(const GradientBlock *b, const float *sums, float *d_weight,
                                int32_t all_channels) {
  float taps[9 * PANEL];
  for (int32_t column = 0; column < b->columns; column += PANEL)
    for (int32_t c = 0; c < b->channels; c++) {
      weight_gradient_tile(sums + ((size_t)column / PANEL * GRADIENT_BLOCK + c) * PANEL, 6 * SUM_POINT, SUM_POINT,
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
  GradientScratch *scratch = (GradientScratch *)context->scratch;
  const Tiles inputs = input_tiles(reals(context, op->x), g.height, g.width, g.channels, g.out_height,
                                   g.out_width, g.padding_top, g.padding_left);
  Tiles outputs = input_tiles(reals(context, op->dy), g.out_height, g.out_width, g.out_channels, g.out_height,
                              g.out_width, 0, 0);
  outputs.side = 4;
  const int32_t rows = divide_up(g.channels, GRADIENT_BLOCK), columns = divide_up(g.out_channels, GRADIENT_BLOCK);
  const int32_t image_tiles = inputs.rows * inputs.columns;
  const int64_t batch = context->control->batch;
  const size_t size = (size_t)divide_up(g.out_channels, PANEL) * PANEL * 9 * g.channels;
  for (int32_t task; (task = next_task(context)) < rows * columns * op->parts;) {
    const int32_t part = task / (rows * columns), channel = task % rows * GRADIENT_BLOCK;
    const int32_t column = task / rows % columns * GRADIENT_BLOCK;
    const GradientBlock b = {channel,
                             min(GRADIENT_BLOCK, g.channels - channel),
                             column,
                             min(GRADIENT_BLOCK, g.out_channels - column),
                             (int32_t)(batch * part / op->parts) * image_tiles,
                             (int32_t)(batch * (part + 1) / op->parts) * image_tiles};
    sum_tiles(&inputs, &outputs, &b, scratch);
    put_weight_gradient(&b, scratch->sums, reals(context, op->d_weight) + part * size, g.channels);
  }
}

#else
#include "kernels.h"

/* The reference computes every convolution by its definition (conv2d_reference.c): its programs have none of these. */
#define ABSENT(name, Type)                                                                                   \
  void name(const Type *op, const Context *context) {                                                        \
    (void)op, (void)context;                                                                                 \
    __builtin_trap();                                                                                        \
  }
ABSENT(winograd_weight_forward, WinogradWeightForward)
ABSENT(winograd_weight_backward, WinogradWeightBackward)
ABSENT(winograd_forward, WinogradForward)
ABSENT(winograd_backward_input, WinogradBackwardInput)
ABSENT(winograd_backward_weight, WinogradBackwardWeight)
#endif
