/*
 * Gaussian blur and random erasing, as torchvision.transforms has them. One task is one image.
 *
 *   x, y [batch][height][width][channels]
 */
#include "math.h"
#include "philox.h"

/* Reflects a coordinate at the first and last pixel, without repeating them. */
static inline int32_t reflected(int32_t i, int32_t size) {
  return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
}

static void blur_image(const Blur *op, double sigma, const real *x, real *y) {
  const int32_t width = op->width, height = op->height, channels = op->channels, reach = op->size / 2;
  double taps[BLUR_WINDOW], sum = 0;
  for (int32_t i = 0; i < op->size; i++) {
    const double away = (i - reach) / sigma;
    sum += taps[i] = exponential(-0.5 * away * away);
  }
  for (int32_t i = 0; i < op->size; i++) taps[i] /= sum;
  for (int32_t row = 0; row < height; row++)
    for (int32_t column = 0; column < width; column++, y += channels)
      for (int32_t c = 0; c < channels; c++) {
        double mixed = 0;
        for (int32_t i = 0; i < op->size; i++) {
          const int32_t from = reflected(row + i - reach, height) * width;
          double line = 0;
          for (int32_t j = 0; j < op->size; j++)
            line += taps[j] * x[(from + reflected(column + j - reach, width)) * channels + c];
          mixed += taps[i] * line;
        }
        y[c] = (real)mixed;
      }
}

void blur(const Blur *op, const Context *context) {
  const size_t size = (size_t)op->height * op->width * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const Random4 random = augment4(context, op->key, int32s(context, op->indices)[image], 0);
    const real *x = reals(context, op->x) + image * size;
    real *y = reals(context, op->y) + image * size;
    const double sigma = op->low + ((double)op->high - op->low) * uniform(random.x[1]);
    if (uniform(random.x[0]) < op->p) blur_image(op, sigma, x, y);
    else
      for (size_t i = 0; i < size; i++) y[i] = x[i];
  }
}

/* How often random erasing draws a rectangle, if it does not fit. */
#define TRIES 10

static inline int32_t rounded(double value) { return (int32_t)__builtin_floor(value + 0.5); }

/* A random integer below `count`. */
static inline int32_t below(int32_t count, uint32_t bits) {
  return (int32_t)(((uint64_t)bits * (uint32_t)count) >> 32);
}

static void erase_image(const Erase *op, const Context *context, int32_t index, real *y) {
  for (int32_t try = 1; try <= TRIES; try++) {
    const Random4 random = augment4(context, op->key, index, try);
    const double area = (op->least + ((double)op->most - op->least) * uniform(random.x[0])) * op->width *
                        op->height;
    const double low = logarithm(op->narrowest), high = logarithm(op->widest);
    const double ratio = exponential(low + (high - low) * uniform(random.x[1]));
    const int32_t down = rounded(__builtin_sqrt(area * ratio)), across = rounded(__builtin_sqrt(area / ratio));
    if (down >= op->height || across >= op->width) continue;
    const int32_t top = below(op->height - down + 1, random.x[2]);
    const int32_t left = below(op->width - across + 1, random.x[3]);
    for (int32_t row = top; row < top + down; row++)
      for (int32_t i = left * op->channels; i < (left + across) * op->channels; i++)
        y[row * op->width * op->channels + i] = op->value;
    return;
  }
}

void erase(const Erase *op, const Context *context) {
  const size_t size = (size_t)op->height * op->width * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const int32_t index = int32s(context, op->indices)[image];
    const real *x = reals(context, op->x) + image * size;
    real *y = reals(context, op->y) + image * size;
    for (size_t i = 0; i < size; i++) y[i] = x[i];
    if (uniform(augment4(context, op->key, index, 0).x[0]) < op->p) erase_image(op, context, index, y);
  }
}
