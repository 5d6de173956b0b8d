/* The gradient of a bias: dy [batch][pixels][channels], summed into d_bias [parts][channels]. One task is one part. */
#include "kernels.h"

#define BLOCK 64

void bias_backward(const BiasBackward *op, const Context *context) {
  for (int32_t part; (part = next_task(context)) < op->parts;) {
    const int64_t batch = context->control->batch;
    const size_t first = (size_t)(batch * part / op->parts) * op->pixels;
    const size_t end = (size_t)(batch * (part + 1) / op->parts) * op->pixels;
    for (int32_t c = 0; c < op->channels; c += BLOCK) {
      const int32_t width = min(BLOCK, op->channels - c);
      const real *dy = reals(context, op->dy) + c;
      real sums[BLOCK] = {0};
      if (width == BLOCK)
        for (size_t pixel = first; pixel < end; pixel++)
          for (int32_t i = 0; i < BLOCK; i++) sums[i] += dy[pixel * op->channels + i];
      else
        for (size_t pixel = first; pixel < end; pixel++)
          for (int32_t i = 0; i < width; i++) sums[i] += dy[pixel * op->channels + i];
      for (int32_t i = 0; i < width; i++) reals(context, op->d_bias)[(size_t)part * op->channels + c + i] = sums[i];
    }
  }
}
