/*
 * y = x + std · n, where n is normally distributed and drawn for each element. [batch][count]
 * The backward pass is copy_backward.
 */
#include "normal.h"
#include "philox.h"

/* One task is CHUNK elements; one call of random4 gives four. */
void gaussian_noise_forward(const GaussianNoiseForward *op, const Context *context) {
  const real *x = reals(context, op->x);
  real *y = reals(context, op->y);
  const int32_t total = context->control->batch * op->count;
  for (int32_t task; (task = next_task(context)) < divide_up(total, CHUNK);)
    for (int32_t i = task * CHUNK; i < min(total, (task + 1) * CHUNK); i += 4) {
      const Random4 random = random4(context, op->key, i / 4);
      for (int32_t lane = 0; lane < min(4, total - i); lane++)
        y[i + lane] = x[i + lane] + op->std * (real)normal(random.x[lane]);
    }
}
