/*
 * Dice loss of a mask: 1 - (2 · intersection + smooth) / (Σ probabilities + pixels + smooth), averaged over the classes
 * of each image. Probabilities are the softmax of the scores; for one channel the sigmoid, which is that of class 1.
 * One task is one image. Milletari, Navab, Ahmadi: "V-Net", 2016.
 *
 *   output, gradient [batch][positions][channels]   targets [batch][positions]   sums [batch][channels][3]
 */
#include "fast_math.h"
#include "losses.h"

/* The probabilities of all classes at one position; compile/verify.ts checks that their number fits. */
typedef struct {
  real of[SCRATCH_BYTES / sizeof(real)];
} Shares;

/* Computes the probabilities of the classes at one position. */
static inline void shares_of(const real *scores, int32_t channels, real *shares) {
  if (channels == 1) {
    shares[0] = 1 / (1 + exp_real(-scores[0]));
    return;
  }
  real best = scores[0], sum = 0;
  for (int32_t c = 1; c < channels; c++)
    if (scores[c] > best) best = scores[c];
  for (int32_t c = 0; c < channels; c++) sum += shares[c] = exp_real(scores[c] - best);
  for (int32_t c = 0; c < channels; c++) shares[c] /= sum;
}

static inline int32_t is_of(int32_t target, int32_t channel, int32_t channels) {
  return target == (channels == 1 ? 1 : channel);
}

/* Adds the gradient of the scores to d_scores; `slope` is the derivative of the loss by each probability. */
static inline void flow_back(const real *shares, const double *sums, int32_t target, int32_t channels,
                             double smooth, double scale, real *d_scores) {
  double mean = 0;
  for (int32_t pass = 0; pass < 2; pass++)
    for (int32_t c = 0; c < channels; c++) {
      const double *of = sums + 3 * c, whole = of[1] + of[2] + smooth;
      const double part = 2 * of[0] + smooth;
      const double slope = (part - 2 * is_of(target, c, channels) * whole) / (whole * whole);
      if (channels == 1) mean = slope * shares[0];
      else if (pass == 0) mean += slope * shares[c];
      if (pass == 1) d_scores[c] += (real)(scale * shares[c] * (slope - mean));
    }
}

void dice_loss(const DiceLoss *op, const Context *context) {
  const int32_t channels = op->channels, positions = op->positions;
  const double smooth = op->smooth;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *output = reals(context, op->output) + (size_t)image * positions * channels;
    const int32_t *targets = int32s(context, op->targets) + (size_t)image * positions;
    double *sums = doubles(context, op->sums) + (size_t)image * channels * 3;
    real *gradient = loss_gradient(context, op->gradient, image, positions * channels, op->accumulate);
    real *shares = SCRATCH(Shares, context)->of;
    for (int32_t i = 0; i < channels * 3; i++) sums[i] = 0;
    for (int32_t i = 0; i < positions; i++) {
      shares_of(output + (size_t)i * channels, channels, shares);
      for (int32_t c = 0; c < channels; c++) {
        const int32_t here = is_of(targets[i], c, channels);
        sums[3 * c] += here ? shares[c] : 0, sums[3 * c + 1] += shares[c], sums[3 * c + 2] += here;
      }
    }
    double loss = 1;
    for (int32_t c = 0; c < channels; c++) {
      const double *of = sums + 3 * c;
      loss -= (2 * of[0] + smooth) / (of[1] + of[2] + smooth) / channels;
    }
    const double scale = op->term_weight / ((double)channels * context->control->total);
    for (int32_t i = 0; gradient && i < positions; i++) {
      shares_of(output + (size_t)i * channels, channels, shares);
      flow_back(shares, sums, targets[i], channels, smooth, scale, gradient + (size_t)i * channels);
    }
    keep_loss(context, op->losses, image, op->term_weight * loss, op->add_loss);
  }
}
