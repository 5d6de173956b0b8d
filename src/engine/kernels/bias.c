/* The gradient of a bias: dy [batch][pixels][channels], summed into d_bias [parts][channels]. One task is one part. */
#include "kernels.h"

void bias_backward(const BiasBackward *op, const Context *context) {
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    const int64_t batch = context->control->batch;
    const size_t first = (size_t)(batch * part / op->parts) * op->pixels;
    const size_t end = (size_t)(batch * (part + 1) / op->parts) * op->pixels;
    real *d_bias = reals(context, op->d_bias) + (size_t)part * op->channels;
    for (int32_t c = 0; c < op->channels; c++) d_bias[c] = 0;
    for (size_t pixel = first; pixel < end; pixel++) {
      const real *dy = reals(context, op->dy) + pixel * op->channels;
      for (int32_t c = 0; c < op->channels; c++) d_bias[c] += dy[c];
    }
  }
}
