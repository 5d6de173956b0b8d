/*
 * Augmentations that move pixels: each is an affine map from coordinates in the new image to those in the old one,
 * relative to the centre. Interpolation is bilinear; outside there is black, or class 0. One task is one image.
 * layers/kernelConstants.ts describes a, b, c, d.
 *
 *   x, y [batch][height][width][channels]   boxes [batch][4]   masks, kept [batch][height][width]
 */
#include "math.h"
#include "philox.h"

/* old = [xx xy; yx yy] · new + [dx; dy] */
typedef struct {
  double xx, xy, yx, yy, dx, dy;
} Map;

static inline double between(double low, double high, uint32_t bits) {
  return low + (high - low) * uniform(bits);
}

static Map crop_of(const Warp *op, const Random4 *random) {
  const double width = op->width, height = op->height;
  const double area = between(op->a, op->b, random->x[0]) * width * height;
  const double ratio = exponential(between(logarithm(op->c), logarithm(op->d), random->x[1]));
  double across = __builtin_sqrt(area * ratio), down = __builtin_sqrt(area / ratio);
  if (across > width) across = width;
  if (down > height) down = height;
  Map map = {across / width, 0, 0, down / height, 0, 0};
  map.dx = (width - across) * (uniform(random->x[2]) - 0.5);
  map.dy = (height - down) * (uniform(random->x[3]) - 0.5);
  return map;
}

static Map map_of(const Warp *op, const Random4 *random) {
  Map map = {1, 0, 0, 1, 0, 0};
  switch (op->function) {
    case WARP_FLIP_HORIZONTAL:
      if (uniform(random->x[0]) < op->a) map.xx = -1;
      break;
    case WARP_FLIP_VERTICAL:
      if (uniform(random->x[0]) < op->a) map.yy = -1;
      break;
    case WARP_ROTATE:
      sine_cosine(between(-(double)op->a, op->a, random->x[0]) * 0.017453292519943295, &map.yx, &map.xx);
      map.xy = -map.yx, map.yy = map.xx;
      break;
    case WARP_SCALE:
      map.xx = map.yy = 1 / between(op->a, op->b, random->x[0]);
      break;
    case WARP_TRANSLATE:
      map.dx = -__builtin_floor(between(-(double)op->a, op->a, random->x[0]) * op->width + 0.5);
      map.dy = -__builtin_floor(between(-(double)op->b, op->b, random->x[1]) * op->height + 0.5);
      break;
    case WARP_RESIZED_CROP: return crop_of(op, random);
  }
  return map;
}

/* The position in the old image of a new pixel's centre, in pixels relative to the centre of the first pixel. */
static inline void place_of(const Warp *op, const Map *map, int32_t column, int32_t row, double *x, double *y) {
  const double u = column + 0.5 - 0.5 * op->width, v = row + 0.5 - 0.5 * op->height;
  *x = map->xx * u + map->xy * v + map->dx + 0.5 * op->width - 0.5;
  *y = map->yx * u + map->yy * v + map->dy + 0.5 * op->height - 0.5;
}

static void move_image(const Warp *op, const Map *map, const real *x, real *y) {
  const int32_t width = op->width, height = op->height, channels = op->channels;
  for (int32_t row = 0; row < height; row++)
    for (int32_t column = 0; column < width; column++, y += channels) {
      double at_x, at_y;
      place_of(op, map, column, row, &at_x, &at_y);
      for (int32_t c = 0; c < channels; c++) y[c] = 0;
      const double left = __builtin_floor(at_x), top = __builtin_floor(at_y);
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      for (int32_t corner = 0; corner < 4; corner++) {
        const int32_t cx = (int32_t)left + corner % 2, cy = (int32_t)top + corner / 2;
        if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
        const double across = corner % 2 ? at_x - left : 1 - (at_x - left);
        const double down = corner / 2 ? at_y - top : 1 - (at_y - top);
        const real *from = x + ((size_t)cy * width + cx) * channels;
        for (int32_t c = 0; c < channels; c++) y[c] += (real)(across * down) * from[c];
      }
    }
}

static void move_mask(const Warp *op, const Map *map, int32_t *mask, int32_t *kept) {
  for (int32_t i = 0; i < op->width * op->height; i++) kept[i] = mask[i];
  for (int32_t row = 0; row < op->height; row++)
    for (int32_t column = 0; column < op->width; column++) {
      double x, y;
      place_of(op, map, column, row, &x, &y);
      x = __builtin_floor(x + 0.5), y = __builtin_floor(y + 0.5);
      const int32_t inside = x >= 0 && y >= 0 && x < op->width && y < op->height;
      mask[row * op->width + column] = inside ? kept[(int32_t)y * op->width + (int32_t)x] : 0;
    }
}

static inline double share(double value) { return value < 0 ? 0 : value > 1 ? 1 : value; }

/* The bounding box of the running_average corners of a box, clipped to the image. */
static void move_box(const Warp *op, const Map *map, real *box) {
  const double width = op->width, height = op->height;
  const double determinant = map->xx * map->yy - map->xy * map->yx;
  double low_x = 1e9, low_y = 1e9, high_x = -1e9, high_y = -1e9;
  for (int32_t corner = 0; corner < 4; corner++) {
    const double u = (box[corner % 2 ? 2 : 0] - 0.5) * width - map->dx;
    const double v = (box[corner / 2 ? 3 : 1] - 0.5) * height - map->dy;
    const double x = (map->yy * u - map->xy * v) / determinant / width + 0.5;
    const double y = (map->xx * v - map->yx * u) / determinant / height + 0.5;
    if (x < low_x) low_x = x;
    if (x > high_x) high_x = x;
    if (y < low_y) low_y = y;
    if (y > high_y) high_y = y;
  }
  box[0] = (real)share(low_x), box[1] = (real)share(low_y);
  box[2] = (real)share(high_x), box[3] = (real)share(high_y);
}

void warp(const Warp *op, const Context *context) {
  const int32_t pixels = op->width * op->height;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const Random4 random = augment4(context, op->key, int32s(context, op->indices)[image], 0);
    const Map map = map_of(op, &random);
    const size_t first = (size_t)image * pixels;
    move_image(op, &map, reals(context, op->x) + first * op->channels,
               reals(context, op->y) + first * op->channels);
    if (op->masks)
      move_mask(op, &map, int32s(context, op->masks) + first, int32s(context, op->kept) + first);
    if (op->boxes) move_box(op, &map, reals(context, op->boxes) + 4 * image);
  }
}
