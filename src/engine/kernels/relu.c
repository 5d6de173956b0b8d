/* y = max(x, 0); dx = dy where y > 0. [batch][count] */
#include "kernels.h"

void relu_forward(const ReluForward *op, const Context *context) {
  const real *x = reals(context, op->x);
  real *y = reals(context, op->y);
  /* NaN stays NaN, so that a diverged run shows. */
  EACH_ELEMENT(i, context->control->batch * op->count) y[i] = x[i] < 0 ? 0 : x[i];
}

void relu_backward(const ReluBackward *op, const Context *context) {
  const real *y = reals(context, op->y), *dy = reals(context, op->dy);
  real *dx = reals(context, op->dx);
  EACH_ELEMENT(i, context->control->batch * op->count) {
    /* Loaded unconditionally: a conditional load would prevent vectorisation. */
    const real flow = dy[i];
    dx[i] = (op->accumulate ? dx[i] : 0) + (y[i] > 0 ? flow : 0);
  }
}
