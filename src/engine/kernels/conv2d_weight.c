/*
 * The weight's gradient, d_weight[row][column] = Σ over pixels of window[pixel][row] · dy[pixel][column], as partial
 * sums over parts of the images (sum_parts). Windows are read in place where possible, else packed a few at a time.
 *
 *   x   [batch][height][width][channels]           d_weight  [parts], of each the weight's panels (kernels.h)
 *   dy  [batch][out_height][out_width][out_channels]
 */
#ifndef REFERENCE
#include "depthwise.h"
#include "gemm.h"
#include "windows.h"

/* WEIGHT_ROWS × WEIGHT_COLUMNS at a time, summed over this many pixels. */
#define WEIGHT_PIXELS 128

typedef struct {
  float left[WEIGHT_ROWS * WEIGHT_PIXELS];
  float right[WEIGHT_COLUMNS * WEIGHT_PIXELS];
  float sums[WEIGHT_ROWS * WEIGHT_COLUMNS];
  const float *lines[WEIGHT_ROWS * WEIGHT_PIXELS];
} WeightScratch;

/* A block of the gradient, for one group and one part of the images. */
typedef struct {
  int32_t group, row, rows, column, columns, from, end;
} WeightBlock;

/* Whether a 1×1 kernel reads every pixel, so that images already are the rows of the left matrix. */
static inline int is_pointwise(const Geometry *g) {
  return g->kernel_height * g->kernel_width == 1 && g->stride_height * g->stride_width == 1 &&
         g->out_height == g->height && g->out_width == g->width && g->padding_top == 0 && g->padding_left == 0;
}

/*
 * Pixels at a time for a 1×1 kernel. Rows of the left side are one pixel's channels apart, and many such cache lines
 * map to the same sets of the first-level cache.
 */
#define POINT_PIXELS 64

/* Multiplies a few rows at a time, and meanwhile prefetches `ahead` numbers from `next` on. */
static void multiply_ahead(Product product, Gathered left, const float *next, size_t ahead) {
  const int32_t all = product.rows, some = 32;
  for (int32_t row = 0; row < all; row += some, product.out += some * PANEL, left.lines += some) {
    product.rows = min(some, all - row);
    fetch(next + ahead * row / all, ahead * product.rows / all, 0);
    multiply_strided(&product, &left);
  }
}

static void sum_pointwise(const Geometry *g, const float *x, const float *dy, const WeightBlock *b,
                          WeightScratch *scratch) {
  const int32_t columns = g->out_channels / g->groups, channels = g->channels / g->groups;
  Product product = {.out = scratch->sums, .rows = b->rows, .columns = b->columns, .right_step = PANEL};
  product.out_step = WEIGHT_ROWS * PANEL;
  Gathered left = {.lines = scratch->lines, .stride = g->channels, .right_row = g->out_channels};
  /* With few columns the product is done before the next pixels' rows have arrived. */
  const int prefetches = b->rows > 2 * PANEL && b->columns < WEIGHT_COLUMNS;
  for (int32_t from = b->from; from < b->end; from += POINT_PIXELS) {
    const float *first = x + (size_t)from * g->channels + b->group * channels + b->row;
    for (int32_t row = 0; row < divide_up(b->rows, TILE_ROWS) * TILE_ROWS; row++)
      scratch->lines[row] = first + min(row, b->rows - 1);
    product.depth = left.piece = min(POINT_PIXELS, b->end - from);
    product.right = dy + (size_t)from * g->out_channels + b->group * columns + b->column;
    const int32_t next = from + POINT_PIXELS, more = min(POINT_PIXELS, b->end - next);
    if (prefetches && more > 0)
      multiply_ahead(product, left, x + (size_t)next * g->channels, (size_t)more * g->channels);
    else multiply_strided(&product, &left);
    product.add = 1;
  }
}

/* Rows of the output, and the rows of the padded input that they read. */
typedef struct {
  int32_t lines, height, width; /* rows of the output; rows of the input, and numbers per row */
} Band;

/* As many output rows as fit into scratch; none where not even one fits, or where there are many channels. */
static inline Band band_of(const Geometry *g) {
  const int32_t seen = (g->out_width - 1) * g->stride_width + (g->kernel_width - 1) * g->dilation_width + 1;
  Band band = {max(1, WEIGHT_PIXELS / g->out_width), 0, seen * g->channels};
  band.height = (band.lines - 1) * g->stride_height + (g->kernel_height - 1) * g->dilation_height + 1;
  if (g->groups > 1 || g->channels >= PANEL || band.height > WEIGHT_ROWS * WEIGHT_PIXELS / band.width) band.lines = 0;
  return band;
}

/* Copies the rows of an image from y on, with zeros outside of it. */
static void copy_band(const Geometry *g, const Band *band, const float *image, int32_t y, float *to) {
  const int32_t row = g->width * g->channels, shift = g->padding_left * g->channels;
  for (int32_t end = y + band->height; y < end; y++, to += band->width) {
    const int inside = y >= 0 && y < g->height;
    const float *from = image + (ptrdiff_t)y * row - shift;
    const int32_t low = inside ? min(shift, band->width) : band->width, high = min(band->width, row + shift);
    for (int32_t i = 0; i < low; i++) to[i] = 0;
    for (int32_t i = low; i < high; i++) to[i] = from[i];
    for (int32_t i = max(low, high); i < band->width; i++) to[i] = 0;
  }
}

static void sum_bands(const Geometry *g, const Band *band, const float *x, const float *dy, const WeightBlock *b,
                      WeightScratch *scratch) {
  const int32_t channels = g->channels, pixels = g->out_height * g->out_width;
  Product product = {.out = scratch->sums, .rows = b->rows, .columns = b->columns, .right_step = PANEL};
  product.out_step = WEIGHT_ROWS * PANEL;
  Gathered left = {.lines = scratch->lines,      .room = WEIGHT_ROWS,      .stride = g->stride_width * channels,
                   .right_row = g->out_channels, .piece = g->out_width};
  for (int32_t row = 0; row < divide_up(b->rows, TILE_ROWS) * TILE_ROWS; row++) {
    const int32_t depth = b->row + min(row, b->rows - 1), tap = depth / channels;
    const int32_t y = tap / g->kernel_width * g->dilation_height, tap_x = tap % g->kernel_width * g->dilation_width;
    const float *first = scratch->left + y * band->width + tap_x * channels + depth % channels;
    for (int32_t line = 0; line < band->lines; line++)
      scratch->lines[line * WEIGHT_ROWS + row] = first + line * g->stride_height * band->width;
  }
  for (int32_t image = b->from / pixels; image < b->end / pixels; image++)
    for (int32_t line = 0; line < g->out_height; line += band->lines) {
      copy_band(g, band, x + (size_t)image * g->height * g->width * channels,
                line * g->stride_height - g->padding_top, scratch->left);
      product.depth = min(band->lines, g->out_height - line) * g->out_width;
      product.right = dy + ((size_t)image * pixels + line * g->out_width) * g->out_channels + b->column;
      multiply_strided(&product, &left);
      product.add = 1;
    }
}

static void sum_weight_block(const Geometry *g, const float *x, const float *dy, const WeightBlock *b,
                             WeightScratch *scratch) {
  const Band band = band_of(g);
  if (is_pointwise(g)) {
    sum_pointwise(g, x, dy, b, scratch);
    return;
  }
  if (band.lines > 0) {
    sum_bands(g, &band, x, dy, b, scratch);
    return;
  }
  const int32_t columns = g->out_channels / g->groups;
  const Windows inputs = input_windows(g, x, b->group);
  const Windows outputs = output_pixels(g, dy, b->group * columns + b->column, b->columns);
  const size_t step = WEIGHT_PIXELS * PANEL;
  Product product = {scratch->left, scratch->right, scratch->sums, step, step, WEIGHT_ROWS * PANEL,
                     b->rows,       b->columns,     0,             0};
  for (int32_t from = b->from; from < b->end; from += WEIGHT_PIXELS) {
    product.depth = min(WEIGHT_PIXELS, b->end - from);
    pack_windows(&inputs, from, product.depth, b->row, b->rows, scratch->left, step);
    pack_windows(&outputs, from, product.depth, 0, b->columns, scratch->right, step);
    multiply_transposed(&product);
    product.add = 1;
  }
}

/* Stores a block; columns of a panel beyond the last channel stay zero. */
static void store_weight_block(const WeightBlock *b, const float *sums, float *d_weight, size_t panel_step) {
  for (int32_t column = 0; column < b->columns; column += PANEL)
    for (int32_t row = 0; row < b->rows; row++) {
      const float *from = sums + (column / PANEL * WEIGHT_ROWS + row) * PANEL;
      float *to = d_weight + column / PANEL * panel_step + row * PANEL;
      for (int32_t i = 0; i < PANEL; i++) to[i] = column + i < b->columns ? from[i] : 0;
    }
}

void conv2d_backward_weight(const Conv2dBackwardWeight *op, const Context *context) {
  const Geometry g = GEOMETRY(op);
  if (is_depthwise(&g)) {
    depthwise_backward_weight(op, context);
    return;
  }
  WeightScratch *scratch = SCRATCH(WeightScratch, context);
  const int32_t all_columns = g.out_channels / g.groups, panels = divide_up(all_columns, PANEL);
  const int32_t all_rows = g.kernel_height * g.kernel_width * (g.channels / g.groups);
  const int32_t row_blocks = divide_up(all_rows, WEIGHT_ROWS);
  const int32_t column_blocks = divide_up(all_columns, WEIGHT_COLUMNS);
  const int32_t blocks = row_blocks * column_blocks * g.groups, pixels = g.out_height * g.out_width;
  const int64_t batch = context->control->batch;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, row = task % row_blocks * WEIGHT_ROWS;
    const int32_t column = task % blocks / row_blocks % column_blocks * WEIGHT_COLUMNS;
    const WeightBlock b = {task % blocks / row_blocks / column_blocks,
                           row,
                           min(WEIGHT_ROWS, all_rows - row),
                           column,
                           min(WEIGHT_COLUMNS, all_columns - column),
                           (int32_t)(batch * part / op->parts) * pixels,
                           (int32_t)(batch * (part + 1) / op->parts) * pixels};
    if (b.from == b.end)
      for (int32_t i = 0; i < WEIGHT_ROWS * WEIGHT_COLUMNS; i++) scratch->sums[i] = 0;
    sum_weight_block(&g, reals(context, op->x), reals(context, op->dy), &b, scratch);
    const size_t first_panel = ((size_t)part * g.groups + b.group) * panels + column / PANEL;
    store_weight_block(&b, scratch->sums, reals(context, op->d_weight) + (first_panel * all_rows + row) * PANEL,
                     (size_t)all_rows * PANEL);
  }
}
#endif
