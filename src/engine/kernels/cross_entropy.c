/*
 * Cross-entropy of class scores and true classes, with its gradient; one task is one image.
 *
 *   logits, d_logits [batch][classes]   targets, predictions [batch]   losses [batch]
 *
 * loss = log Σ exp(logits) - logits[target]; d_logits = (softmax - onehot) / batch.
 */
#include "kernels.h"
#include "math.h"

void cross_entropy(const CrossEntropy *op, const Context *context) {
  const int32_t batch = context->control->batch, classes = op->classes;
  for (int32_t image; (image = next_task(context)) < batch;) {
    const real *logits = reals(context, op->logits) + (size_t)image * classes;
    real *gradient = reals(context, op->d_logits) + (size_t)image * classes;
    const int32_t target = int32s(context, op->targets)[image];
    int32_t best = 0;
    for (int32_t c = 1; c < classes; c++)
      if (logits[c] > logits[best]) best = c;
    double sum = 0;
    for (int32_t c = 0; c < classes; c++) sum += exponential((double)logits[c] - logits[best]);
    for (int32_t c = 0; c < classes; c++) {
      const double share = exponential((double)logits[c] - logits[best]) / sum;
      gradient[c] = (real)((share - (c == target)) / batch);
    }
    reals(context, op->losses)[image] = (real)(logarithm(sum) + logits[best] - logits[target]);
    int32s(context, op->predictions)[image] = best;
  }
}
