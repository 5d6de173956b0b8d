/*
 * Cross-entropy of class scores and true classes, with its gradient, as torch.nn.CrossEntropyLoss has it; one
 * task is one image.
 *
 *   logits, d_logits [batch][positions][classes]   targets [batch][positions]   weights [classes]
 *   divisors, losses [batch]
 *
 * With y the true class, w the class weights (1 where there are none), s the label smoothing, C classes and z the
 * scores: loss = Σ (1 - s) · w_y · (log Σ exp z - z_y) + s / C · Σ_c w_c · (log Σ exp z - z_c), over Σ w_y of the
 * whole batch. What has the ignored class counts nowhere. A batch of nothing else learns nothing, where PyTorch
 * gives NaN.
 */
#include "fast_math.h"
#include "losses.h"

static inline int32_t counts(int32_t target, int32_t classes, int32_t ignored) {
  return target != ignored && target >= 0 && target < classes;
}

void cross_entropy_divisors(const CrossEntropyDivisors *op, const Context *context) {
  const real *weights = reals(context, op->weights);
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const int32_t *targets = int32s(context, op->targets) + (size_t)image * op->positions;
    double sum = 0;
    for (int32_t i = 0; i < op->positions; i++)
      if (counts(targets[i], op->classes, op->ignore_index)) sum += weights ? weights[targets[i]] : 1;
    doubles(context, op->divisors)[image] = sum;
  }
}

/*
 * @returns the loss of one position. Where d_logits is given, the gradient of the scores, times `scale`, is added to
 * it.
 */
static double of_position(const CrossEntropy *op, const real *logits, int32_t target, const real *weights,
                          double all_weights, double scale, real *d_logits) {
  const int32_t classes = op->classes;
  real best = logits[0];
  for (int32_t c = 1; c < classes; c++)
    if (logits[c] > best) best = logits[c];
  double sum = 0;
  for (int32_t c = 0; c < classes; c++) sum += exp_real(logits[c] - best);
  const double level = logarithm(sum) + best, own = weights ? weights[target] : 1;
  const double sharp = (1 - (double)op->label_smoothing) * own, smooth = (double)op->label_smoothing / classes;
  double loss = sharp * (level - logits[target]);
  for (int32_t c = 0; c < classes; c++) {
    const double share = exp_real(logits[c] - best) / sum, weight = weights ? weights[c] : 1;
    const double slope = sharp * (share - (c == target)) + smooth * (all_weights * share - weight);
    if (d_logits) d_logits[c] += (real)(scale * slope);
    if (smooth > 0) loss += smooth * weight * (level - logits[c]);
  }
  return loss;
}

void cross_entropy(const CrossEntropy *op, const Context *context) {
  const int32_t batch = context->control->batch, classes = op->classes;
  const real *weights = reals(context, op->weights);
  const double *divisors = doubles(context, op->divisors);
  double divisor = 0, all_weights = 0;
  for (int32_t image = 0; image < batch; image++) divisor += divisors[image];
  for (int32_t c = 0; c < classes; c++) all_weights += weights ? weights[c] : 1;
  const double share = divisor > 0 ? op->term_weight * batch / divisor : 0;
  for (int32_t image; (image = next_task(context)) < batch;) {
    const size_t first = (size_t)image * op->positions;
    real *gradient = loss_gradient(context, op->d_logits, image, op->positions * classes, op->accumulate);
    const real *logits = reals(context, op->logits) + first * classes;
    double loss = 0;
    for (int32_t i = 0; i < op->positions; i++) {
      const int32_t target = int32s(context, op->targets)[first + i];
      if (!counts(target, classes, op->ignore_index)) continue;
      loss += of_position(op, logits + (size_t)i * classes, target, weights, all_weights,
                          share / context->control->total, gradient ? gradient + (size_t)i * classes : NULL);
    }
    keep_loss(context, op->losses, image, loss * share, op->add_loss);
  }
}
