/* SGD with momentum as in torch.optim.SGD; a velocity of 0 gives its first step, too. [count] */
#include "kernels.h"

void sgd_update(const SgdUpdate *op, const Context *context) {
  real *weight = reals(context, op->weight), *velocity = reals(context, op->velocity);
  const real *gradient = reals(context, op->gradient);
  const real rate = context->control->learning_rate * op->rate, momentum = op->momentum, decay = op->weight_decay;
  for (int32_t task; (task = next_task(context)) < divide_up(op->count, CHUNK);)
    for (int32_t i = task * CHUNK; i < min(op->count, (task + 1) * CHUNK); i++) {
      const real g = gradient[i] + decay * weight[i];
      velocity[i] = momentum * velocity[i] + g;
      weight[i] -= rate * (op->nesterov ? g + momentum * velocity[i] : velocity[i]);
    }
}
