/* Accumulation, clipping and measuring of gradients, and the moving average of weights. [count] */
#include "kernels.h"
#include "math.h"

void accumulate_gradient(const AccumulateGradient *op, const Context *context) {
  const real *gradient = reals(context, op->gradient);
  real *sum = reals(context, op->sum);
  EACH_ELEMENT(i, op->count) sum[i] += gradient[i];
}

void l1_gradient(const L1Gradient *op, const Context *context) {
  const real *weight = reals(context, op->weight);
  real *gradient = reals(context, op->gradient);
  EACH_ELEMENT(i, op->count) gradient[i] += op->strength * ((weight[i] > 0) - (weight[i] < 0));
}

void clip_values(const ClipValues *op, const Context *context) {
  real *gradient = reals(context, op->gradient);
  const real limit = op->limit;
  EACH_ELEMENT(i, op->count) {
    if (gradient[i] > limit) gradient[i] = limit;
    if (gradient[i] < -limit) gradient[i] = -limit;
  }
}

/* One task is one of the parts. */
void gradient_squares(const GradientSquares *op, const Context *context) {
  const real *gradient = reals(context, op->gradient);
  double *squares = doubles(context, op->squares) + op->offset;
  const int32_t size = divide_up(op->count, op->parts);
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    double sum = 0;
    for (int32_t i = part * size; i < min(op->count, (part + 1) * size); i++)
      sum += (double)gradient[i] * gradient[i];
    squares[part] = sum;
  }
}

void clip_norm(const ClipNorm *op, const Context *context) {
  real *gradient = reals(context, op->gradient);
  const double *squares = doubles(context, op->squares);
  double sum = 0;
  for (int32_t i = 0; i < op->square_count; i++) sum += squares[i];
  const double factor = op->limit / (__builtin_sqrt(sum) + 1e-6);
  if (factor >= 1) return;
  EACH_ELEMENT(i, op->count) gradient[i] *= (real)factor;
}

void keep_weight(const KeepWeight *op, const Context *context) {
  const real *weight = reals(context, op->weight);
  real *kept = reals(context, op->kept);
  EACH_ELEMENT(i, op->count) kept[i] = weight[i];
}

/* squares [parts][3]: of the gradient, of the weight before its update, and of its change. One task is one part. */
void measure_update(const MeasureUpdate *op, const Context *context) {
  const real *gradient = reals(context, op->gradient), *kept = reals(context, op->kept);
  const real *weight = reals(context, op->weight);
  const int32_t size = divide_up(op->count, op->parts);
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    double sums[3] = {0, 0, 0};
    for (int32_t i = part * size; i < min(op->count, (part + 1) * size); i++) {
      const double slope = gradient[i], was = kept[i], change = weight[i] - was;
      sums[0] += slope * slope, sums[1] += was * was, sums[2] += change * change;
    }
    for (int32_t i = 0; i < 3; i++) doubles(context, op->squares)[3 * part + i] = sums[i];
  }
}

void ema_update(const EmaUpdate *op, const Context *context) {
  real *average = reals(context, op->average);
  const real *weight = reals(context, op->weight);
  const real share = context->control->update == 1 ? 1 : op->complement;
  EACH_ELEMENT(i, op->count) average[i] += share * (weight[i] - average[i]);
}
