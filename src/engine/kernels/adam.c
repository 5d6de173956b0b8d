/*
 * Adam and AdamW as torch.optim has them. [count]
 *
 *   average = β1 · average + (1 - β1) · g        square = β2 · square + (1 - β2) · g²
 *   weight -= rate / (1 - β1ᵗ) · average / (√square / √(1 - β2ᵗ) + eps)
 *
 * Adam adds decay · weight to g; AdamW shrinks the weight by rate · decay before. With AMSGrad the largest square
 * so far is under the root. Averages start at zero, which the division by 1 - βᵗ makes up for.
 */
#include "kernels.h"
#include "math.h"

/* 1 - (1 - c)ᵗ without cancellation for small c. */
static double correction(double complement, int32_t updates) {
  if (complement >= 1) return 1;
  return -exponential_minus_1(updates * logarithm(1 - complement));
}

void adam_update(const AdamUpdate *op, const Context *context) {
  real *weight = reals(context, op->weight), *maximum = reals(context, op->maximum);
  real *average = reals(context, op->average), *square = reals(context, op->square);
  const real *gradient = reals(context, op->gradient);
  const int32_t updates = context->control->update;
  const double rate = (double)context->control->learning_rate * op->rate;
  const real step = (real)(rate / correction(op->complement1, updates));
  const real scale = (real)(1 / __builtin_sqrt(correction(op->complement2, updates)));
  const real coupled = op->decoupled ? 0 : op->weight_decay;
  const real kept = (real)(op->decoupled ? 1 - rate * op->weight_decay : 1);
  const real c1 = op->complement1, c2 = op->complement2, eps = op->eps;
  for (int32_t task; (task = next_task(context)) < divide_up(op->count, CHUNK);)
    for (int32_t i = task * CHUNK; i < min(op->count, (task + 1) * CHUNK); i++) {
      const real before = weight[i] * kept, g = gradient[i] + coupled * weight[i];
      average[i] += c1 * (g - average[i]);
      square[i] += c2 * (g * g - square[i]);
      real size = square[i];
      if (maximum) size = maximum[i] = size > maximum[i] ? size : maximum[i];
      weight[i] = before - step * average[i] / ((real)__builtin_sqrt(size) * scale + eps);
    }
}
