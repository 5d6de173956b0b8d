/*
 * Elementwise losses, averaged: torch.nn's BCEWithLogitsLoss, MSELoss and SmoothL1Loss. One task is one image.
 *
 *   output, gradient [batch][positions][channels]   losses [batch]
 *   targets: numbers [batch][channels], or a class for each position [batch][positions], which stands for 1 at
 *   its own channel and 0 at the others; where there is one channel alone, for 1 where it is class 1
 */
#include "losses.h"
#include "math.h"

static inline double size_of(double x) { return x < 0 ? -x : x; }

static inline double loss_of(int32_t function, double x, double target, double beta) {
  const double away = x - target, size = size_of(away);
  if (function == ELEMENT_LOSS_SQUARED) return away * away;
  if (function == ELEMENT_LOSS_SMOOTH_L1) return size < beta ? 0.5 * away * away / beta : size - 0.5 * beta;
  return (x > 0 ? x : 0) - x * target + logarithm(1 + exponential(-size_of(x)));
}

static inline double slope_of(int32_t function, double x, double target, double beta) {
  const double away = x - target;
  if (function == ELEMENT_LOSS_SQUARED) return 2 * away;
  if (function == ELEMENT_LOSS_SMOOTH_L1) return size_of(away) < beta ? away / beta : (away > 0) - (away < 0);
  return 1 / (1 + exponential(-x)) - target;
}

void element_loss(const ElementLoss *op, const Context *context) {
  const int32_t channels = op->channels, count = op->positions * channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *output = reals(context, op->output) + (size_t)image * count;
    const real *numbers = reals(context, op->targets) + (size_t)image * count;
    const int32_t *classes = int32s(context, op->targets) + (size_t)image * op->positions;
    real *gradient = loss_gradient(context, op->gradient, image, count, op->accumulate);
    const double scale = op->term_weight / ((double)count * context->control->total);
    double loss = 0;
    for (int32_t i = 0; i < count; i++) {
      const int32_t own = channels == 1 ? 1 : i % channels;
      const double target = op->numbers ? numbers[i] : classes[i / channels] == own;
      loss += loss_of(op->function, output[i], target, op->beta);
      if (gradient) gradient[i] += (real)(scale * slope_of(op->function, output[i], target, op->beta));
    }
    keep_loss(context, op->losses, image, op->term_weight * loss / count, op->add_loss);
  }
}
