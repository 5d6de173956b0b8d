/*
 * RMSprop as torch.optim.RMSprop has it. [count]
 *
 *   square = α · square + (1 - α) · g²        size = √square + eps, or √(square - average²) + eps where centred
 *   weight -= rate · g / size, or rate · velocity where velocity = momentum · velocity + g / size
 */
#include "kernels.h"

void rmsprop_update(const RmspropUpdate *op, const Context *context) {
  real *weight = reals(context, op->weight), *square = reals(context, op->square);
  real *average = reals(context, op->average), *velocity = reals(context, op->velocity);
  const real *gradient = reals(context, op->gradient);
  const real rate = context->control->learning_rate * op->rate, complement = op->complement, eps = op->eps;
  const real momentum = op->momentum, decay = op->weight_decay;
  for (int32_t task; (task = next_task(context)) < divide_up(op->count, CHUNK);)
    for (int32_t i = task * CHUNK; i < min(op->count, (task + 1) * CHUNK); i++) {
      const real g = gradient[i] + decay * weight[i];
      square[i] += complement * (g * g - square[i]);
      real variance = square[i];
      if (average) {
        average[i] += complement * (g - average[i]);
        variance -= average[i] * average[i];
        /* May be slightly negative by rounding. */
        if (variance < 0) variance = 0;
      }
      real step = g / ((real)__builtin_sqrt(variance) + eps);
      if (velocity) step = velocity[i] = momentum * velocity[i] + step;
      weight[i] -= rate * step;
    }
}
