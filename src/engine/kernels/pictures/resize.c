/*
 * One channel of a picture to another size: each pixel is a weighed sum of a few, first down, then across, as libvips
 * resizes. lanczos.ts makes the weights; beyond the border lie the pixels of the border.
 */
#include <stdint.h>

#include "vectors.h"

/* As plainJpeg.ts writes it. */
typedef struct {
  int32_t count, taps;
  /* Of each pixel the first that it is made of, and the weights of that and of those that follow. */
  const int32_t *starts;
  const int16_t *weights;
} Axis;

typedef struct {
  /* What lies within PICTURE_SLACK behind is read, too, and comes to nothing. */
  const uint8_t *from;
  int32_t width, height, stride;
  /*
   * Taps of `down`: a multiple of RESIZE_DOWN_TAPS, RESIZE_MOST_TAPS at most. Of `across`: of RESIZE_ACROSS_TAPS, as its
   * count's arrays are of RESIZE_ACROSS_PIXELS.
   */
  Axis down, across;
  /* Space for width + 2 × the taps across + PICTURE_SLACK numbers. */
  int16_t *line;
  uint8_t *to;
  /* Bytes from one pixel to the next across, and down. */
  int32_t step, pitch;
} Resize;

_Static_assert(sizeof(Resize) == RESIZE_BYTES, "plainJpeg.ts writes all of it");
_Static_assert(RESIZE_ACROSS_TAPS * sizeof(int16_t) == sizeof(i16x8), "taps are summed a vector at a time");
_Static_assert(RESIZE_ACROSS_PIXELS * sizeof(int32_t) == sizeof(i32x4), "pixels are made a vector at a time");
_Static_assert(RESIZE_DOWN_TAPS * sizeof(int16_t) == sizeof(int32_t), "rows are summed by pairs of weights");
_Static_assert(PICTURE_SLACK >= sizeof(u8x16), "a vector may reach behind the last pixel");

INLINE i32x4 rounded(i32x4 sums) {
  return clamped((sums + (1 << (RESIZE_WEIGHT_BITS - 1))) >> RESIZE_WEIGHT_BITS);
}

INLINE i16x8 narrowed(i32x4 low, i32x4 high) {
  return __builtin_wasm_narrow_s_i16x8_i32x4(low, high);
}

/* The row of the result before it is resized across. */
static void resize_down(const Resize *resize, int32_t y, int16_t *line) {
  const Axis *axis = &resize->down;
  const int16_t *weights = axis->weights + y * axis->taps;
  const uint8_t *rows[RESIZE_MOST_TAPS];
  for (int32_t k = 0; k < axis->taps; k++) {
    const int32_t row = axis->starts[y] + k, last = resize->height - 1;
    rows[k] = resize->from + (row < 0 ? 0 : row > last ? last : row) * resize->stride;
  }
  for (int32_t x = 0; x < resize->width; x += 16) {
    i32x4 a = {0}, b = {0}, c = {0}, d = {0};
    for (int32_t k = 0; k < axis->taps; k += RESIZE_DOWN_TAPS) {
      const u8x16 upper = *(const loose_u8x16 *)(rows[k] + x), lower = *(const loose_u8x16 *)(rows[k + 1] + x);
      const u8x16 left =
          __builtin_shufflevector(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const u8x16 right =
          __builtin_shufflevector(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      int32_t pair;
      __builtin_memcpy(&pair, weights + k, 4);
      const i16x8 both = (i16x8)((i32x4){0} + pair);
      a += dot(low_half(left), both);
      b += dot(high_half(left), both);
      c += dot(low_half(right), both);
      d += dot(high_half(right), both);
    }
    *(loose_i16x8 *)(line + x) = narrowed(rounded(a), rounded(b));
    *(loose_i16x8 *)(line + x + 8) = narrowed(rounded(c), rounded(d));
  }
}

static void resize_across(const Resize *resize, const int16_t *line, uint8_t *to) {
  const Axis *axis = &resize->across;
  for (int32_t x = 0; x < axis->count; x += RESIZE_ACROSS_PIXELS) {
    i32x4 sums[RESIZE_ACROSS_PIXELS] = {{0}, {0}, {0}, {0}};
    UNROLL for (int32_t i = 0; i < RESIZE_ACROSS_PIXELS; i++) {
      const int16_t *from = line + axis->starts[x + i], *weights = axis->weights + (x + i) * axis->taps;
      for (int32_t k = 0; k < axis->taps; k += RESIZE_ACROSS_TAPS)
        sums[i] += dot(*(const loose_i16x8 *)(from + k), *(const loose_i16x8 *)(weights + k));
    }
    const i32x4 pixels = rounded(pair_sums(pair_sums(sums[0], sums[1]), pair_sums(sums[2], sums[3])));
    UNROLL for (int32_t i = 0; i < RESIZE_ACROSS_PIXELS; i++)
      if (x + i < axis->count) to[(x + i) * resize->step] = (uint8_t)pixels[i];
  }
}

EXPORT(resize) void resize(const Resize *resize) {
  const int32_t edge = resize->across.taps, width = resize->width;
  int16_t *line = resize->line + edge;
  for (int32_t y = 0; y < resize->down.count; y++) {
    resize_down(resize, y, line);
    for (int32_t x = 0; x < edge; x++) {
      line[x - edge] = line[0];
      line[width + x] = line[width - 1];
    }
    resize_across(resize, line, resize->to + y * resize->pitch);
  }
}
