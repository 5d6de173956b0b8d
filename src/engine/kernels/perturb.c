/*
 * The fast gradient sign method (FGSM): a small step of every value in the direction that increases the loss. One task
 * is one image.
 *
 *   x, y, gradient [batch][height][width][channels]
 */
#include "philox.h"

static inline real sign(real value) { return (real)((value > 0) - (value < 0)); }

static inline real within(real value) { return value < 0 ? 0 : value > 1 ? 1 : value; }

void perturb(const Perturb *op, const Context *context) {
  const int32_t size = op->height * op->width * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const int32_t index = int32s(context, op->indices)[image];
    const real *x = reals(context, op->x) + (size_t)image * size;
    real *y = reals(context, op->y) + (size_t)image * size;
    if (!op->gradient || uniform(augment4(context, op->key, index, 0).x[0]) >= op->p) {
      for (int32_t i = 0; i < size; i++) y[i] = x[i];
      continue;
    }
    const real *gradient = reals(context, op->gradient) + (size_t)image * size;
    for (int32_t i = 0; i < size; i++) y[i] = within(x[i] + op->eps * sign(gradient[i]));
  }
}
