/*
 * Colour augmentations of values from 0 to 1, as in torchvision.transforms.functional for tensors, and noise. One task
 * is one image.
 *
 *   x, y [batch][height][width][channels]
 *
 * Saturation and hue are of RGB: images of other channels stay as they are.
 */
#include "normal.h"
#include "philox.h"

static inline real unit(double value) { return (real)(value < 0 ? 0 : value > 1 ? 1 : value); }

static inline double grey(const real *pixel) {
  return 0.2989 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

/* The mean that contrast is scaled around: of the grey values for RGB, else of all values. */
static double level_of(const real *x, int32_t pixels, int32_t channels) {
  double sum = 0;
  if (channels == 3)
    for (int32_t i = 0; i < pixels; i++) sum += grey(x + 3 * i);
  else
    for (int32_t i = 0; i < pixels * channels; i++) sum += (double)x[i] / channels;
  return sum / pixels;
}

/* Rotates the hue by a fraction of the full circle; saturation and value stay. */
static void turn_hue(const real *x, real *y, double turn) {
  const double r = x[0], g = x[1], b = x[2];
  double high = r > g ? r : g, low = r < g ? r : g;
  if (b > high) high = b;
  if (b < low) low = b;
  const double span = high - low;
  if (span == 0) {
    for (int32_t c = 0; c < 3; c++) y[c] = x[c];
    return;
  }
  double sixth = high == r ? (g - b) / span : high == g ? 2 + (b - r) / span : 4 + (r - g) / span;
  double hue = sixth / 6 + turn;
  hue -= __builtin_floor(hue);
  const int32_t sector = (int32_t)(hue * 6) % 6;
  const double part = hue * 6 - __builtin_floor(hue * 6);
  const double falling = high - span * part, rising = high - span * (1 - part);
  const double by_sector[6][3] = {{high, rising, low}, {falling, high, low}, {low, high, rising},
                                  {low, falling, high}, {rising, low, high}, {high, low, falling}};
  for (int32_t c = 0; c < 3; c++) y[c] = unit(by_sector[sector][c]);
}

static void colour_image(const Colour *op, double amount, const real *x, real *y) {
  const int32_t channels = op->channels, pixels = op->height * op->width;
  const double level = op->function == COLOUR_CONTRAST ? level_of(x, pixels, channels) : 0;
  for (int32_t i = 0; i < pixels; i++, x += channels, y += channels) {
    const int32_t is_colour = channels == 3;
    if (op->function == COLOUR_HUE && is_colour) {
      turn_hue(x, y, amount);
      continue;
    }
    const double around = op->function == COLOUR_SATURATION && is_colour ? grey(x) : level;
    const int32_t stays = op->function == COLOUR_HUE || (op->function == COLOUR_SATURATION && !is_colour);
    for (int32_t c = 0; c < channels; c++) y[c] = stays ? x[c] : unit(amount * x[c] + (1 - amount) * around);
    if (op->function == COLOUR_BRIGHTNESS)
      for (int32_t c = 0; c < channels; c++) y[c] = unit(amount * x[c]);
  }
}

void colour(const Colour *op, const Context *context) {
  const size_t size = (size_t)op->height * op->width * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const Random4 random = augment4(context, op->key, int32s(context, op->indices)[image], 0);
    const double amount = op->low + ((double)op->high - op->low) * uniform(random.x[0]);
    colour_image(op, amount, reals(context, op->x) + image * size, reals(context, op->y) + image * size);
  }
}

void add_noise(const AddNoise *op, const Context *context) {
  const int32_t size = op->height * op->width * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const int32_t index = int32s(context, op->indices)[image];
    const real *x = reals(context, op->x) + (size_t)image * size;
    real *y = reals(context, op->y) + (size_t)image * size;
    const real std = uniform(augment4(context, op->key, index, 0).x[0]) < op->p ? op->std : 0;
    for (int32_t i = 0; i < size; i += 4) {
      const Random4 random = augment4(context, op->key, index, 1 + i / 4);
      for (int32_t lane = 0; lane < min(4, size - i); lane++)
        y[i + lane] = x[i + lane] + std * (real)normal(random.x[lane]);
    }
  }
}
