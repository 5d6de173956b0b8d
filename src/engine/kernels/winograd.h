/* What the passes of Winograd's F(4×4, 3×3) share (see winograd.c): the transforms, and the tiles of an image. */
#pragma once
#include "gemm.h"
#include "windows.h"

_Static_assert(WINOGRAD_POINTS == (WINOGRAD_TILE + 2) * (WINOGRAD_TILE + 2), "a 3×3 kernel sees one pixel around");

#define ROOT_HALF 0.70710678118654752f
#define ROOT_TWO 1.41421356237309505f

/* Bᵀ d, for six pixels of a line. */
static inline void transform_input(const vf *d, vf *t) {
  const vf even1 = d[4] - d[2] * 2, odd1 = d[3] * ROOT_HALF - d[1] * ROOT_TWO;
  const vf even2 = d[4] - d[2] * 0.5f, odd2 = d[3] * ROOT_TWO - d[1] * ROOT_HALF;
  t[0] = d[0] + d[4] - d[2] * 2.5f;
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = d[1] + d[5] - d[3] * 2.5f;
}

/* Aᵀ m, which gives four pixels of a line. */
static inline void transform_output(const vf *m, vf *t) {
  const vf even1 = m[1] + m[2], odd1 = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
  t[0] = m[0] + even1 + even2;
  t[1] = odd1 * ROOT_HALF + odd2 * ROOT_TWO;
  t[2] = even1 * 0.5f + even2 * 2;
  t[3] = odd1 * (ROOT_HALF / 2) + odd2 * (ROOT_TWO * 2) + m[5];
}

/* A dy, the adjoint of transform_output. */
static inline void spread_output(const vf *d, vf *t) {
  const vf even1 = d[0] + d[2] * 0.5f, odd1 = d[1] * ROOT_HALF + d[3] * (ROOT_HALF / 2);
  const vf even2 = d[0] + d[2] * 2, odd2 = d[1] * ROOT_TWO + d[3] * (ROOT_TWO * 2);
  t[0] = d[0];
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = d[3];
}

/* G g, for three weights of a line. */
static inline void transform_weight(const vf *g, vf *t) {
  const vf even1 = (g[0] + g[2] * 0.5f) * (-2.0f / 3), odd1 = g[1] * (ROOT_HALF * -2 / 3);
  const vf even2 = (g[0] + g[2] * 2) * (1.0f / 6), odd2 = g[1] * (ROOT_TWO / 6);
  t[0] = g[0];
  t[1] = even1 + odd1, t[2] = even1 - odd1;
  t[3] = even2 + odd2, t[4] = even2 - odd2;
  t[5] = g[2];
}

/* Gᵀ u, the adjoint of transform_weight. */
static inline void gather_weight(const vf *u, vf *t) {
  const vf even1 = (u[1] + u[2]) * (-2.0f / 3), odd1 = (u[1] - u[2]) * (-2.0f / 3);
  const vf even2 = (u[3] + u[4]) * (1.0f / 6), odd2 = (u[3] - u[4]) * (1.0f / 6);
  t[0] = u[0] + even1 + even2;
  t[1] = odd1 * ROOT_HALF + odd2 * ROOT_TWO;
  t[2] = even1 * 0.5f + even2 * 2 + u[5];
}

typedef void Transform(const vf *, vf *);

/*
 * Transforms `from` × `from` vectors to `to` × `to`, first along lines, then across. Input vectors are `x` numbers
 * apart within a line and lines `y`, or are where `at` points; output vectors are `point` numbers apart.
 */
__attribute__((always_inline)) static inline void transform_tile(Transform *transform, int32_t from, int32_t to,
                                                                 const float *const *at, const float *in, size_t y,
                                                                 size_t x, float *out, size_t point) {
  vf half[6][6], line[6], done[6];
  UNROLL for (int32_t i = 0; i < from; i++) {
    UNROLL for (int32_t j = 0; j < from; j++) line[j] = load(at ? at[i * from + j] + y : in + i * y + j * x);
    transform(line, done);
    UNROLL for (int32_t j = 0; j < to; j++) half[j][i] = done[j];
  }
  UNROLL for (int32_t j = 0; j < to; j++) {
    transform(half[j], done);
    UNROLL for (int32_t i = 0; i < to; i++) store(out + (i * to + j) * point, done[i]);
  }
}

#define DEFINE_TRANSFORM(name, transform, from, to)                                                          \
  __attribute__((noinline, unused)) static void name(const float *in, size_t y, size_t x, float *out, size_t point) { \
    for (int32_t lane = 0; lane < PANEL; lane += LANES)                                                      \
      transform_tile(transform, from, to, NULL, in + lane, y, x, out + lane, point);                         \
  }                                                                                                          \
  __attribute__((noinline, unused)) static void pointed_##name(const float *const *at, float *out, size_t point) { \
    for (int32_t lane = 0; lane < PANEL; lane += LANES)                                                      \
      transform_tile(transform, from, to, at, NULL, lane, 0, out + lane, point);                             \
  }

DEFINE_TRANSFORM(input_tile, transform_input, 6, 6)
DEFINE_TRANSFORM(output_tile, transform_output, 6, 4)
DEFINE_TRANSFORM(gradient_tile, spread_output, 4, 6)
DEFINE_TRANSFORM(weight_tile, transform_weight, 3, 6)
DEFINE_TRANSFORM(weight_gradient_tile, gather_weight, 6, 3)

/* The tiles of images: each has side × side pixels and begins at pixel (4 · row - top, 4 · column - left). */
typedef struct {
  const float *images;
  int32_t height, width, channels, rows, columns, top, left, side;
} Tiles;

static inline Tiles input_tiles(const float *x, int32_t height, int32_t width, int32_t channels,
                                int32_t out_height, int32_t out_width, int32_t top, int32_t left) {
  return (Tiles){x,   height, width, channels, divide_up(out_height, WINOGRAD_TILE), divide_up(out_width, WINOGRAD_TILE),
                 top, left,   6};
}

/* Sets pointers to the pixels of a tile; NULL outside of the image. */
static void point_tile(const Tiles *t, Pixel at, const float **pixels) {
  for (int32_t i = 0; i < t->side; i++)
    for (int32_t j = 0; j < t->side; j++) {
      const int32_t y = at.y * 4 - t->top + i, x = at.x * 4 - t->left + j;
      const int inside = y >= 0 && y < t->height && x >= 0 && x < t->width;
      *pixels++ = inside ? t->images + (((size_t)at.image * t->height + y) * t->width + x) * t->channels : NULL;
    }
}

/* Sets pointers to 16 channels of each pixel: to zeros outside of the image, to copies where there are fewer channels. */
static void point_channels(const Tiles *t, const float *const *pixels, int32_t channel, const float **to, float *copy) {
  static const float zeros[PANEL];
  const int32_t channels = t->channels - channel;
  for (int32_t i = 0; i < t->side * t->side; i++) {
    if (!pixels[i]) to[i] = zeros;
    else if (channels >= PANEL) to[i] = pixels[i] + channel;
    else {
      to[i] = copy;
      for (int32_t c = 0; c < PANEL; c++) *copy++ = c < channels ? pixels[i][channel + c] : 0;
    }
  }
}

typedef struct {
  void (*lying)(const float *, size_t, size_t, float *, size_t);
  void (*pointed)(const float *const *, float *, size_t);
} Transforms;

static const Transforms input_transforms = {input_tile, pointed_input_tile};
__attribute__((unused)) static const Transforms gradient_transforms = {gradient_tile, pointed_gradient_tile};

/*
 * Transforms the tiles [first, first + count) and the channels [channel, channel + channels) to
 * out[36][panel][room][PANEL]. `room` is the number of tiles rounded up to a multiple of TILE_ROWS; the rest is zeroed.
 */
static void transform_tiles(const Tiles *t, const Transforms *transforms, int32_t first, int32_t count, int32_t channel,
                            int32_t channels, float *out, size_t point, int32_t room) {
  const float *pixels[WINOGRAD_POINTS], *table[WINOGRAD_POINTS];
  float copy[WINOGRAD_POINTS * PANEL];
  Pixel at = pixel_at(first, t->rows, t->columns);
  for (int32_t tile = 0; tile < count; tile++) {
    const int32_t y = at.y * 4 - t->top, x = at.x * 4 - t->left;
    const int inside = y >= 0 && y + t->side <= t->height && x >= 0 && x + t->side <= t->width;
    if (!inside || t->channels % PANEL != 0) point_tile(t, at, pixels);
    for (int32_t panel = 0; panel * PANEL < channels; panel++) {
      const int32_t c = channel + panel * PANEL;
      float *to = out + ((size_t)panel * room + tile) * PANEL;
      if (inside && c + PANEL <= t->channels) {
        const float *from = t->images + (((size_t)at.image * t->height + y) * t->width + x) * t->channels + c;
        transforms->lying(from, (size_t)t->width * t->channels, t->channels, to, point);
      } else {
        point_channels(t, pixels, c, table, copy);
        transforms->pointed(table, to, point);
      }
    }
    if (++at.x == t->columns) {
      at.x = 0;
      if (++at.y == t->rows) at.y = 0, at.image++;
    }
  }
  for (int32_t tile = count; tile < divide_up(count, TILE_ROWS) * TILE_ROWS; tile++)
    for (int32_t i = 0; i < WINOGRAD_POINTS; i++)
      for (int32_t panel = 0; panel * PANEL < channels; panel++)
        clear_panel_row(out + i * point + ((size_t)panel * room + tile) * PANEL);
}
