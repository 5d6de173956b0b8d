/*
 * The class of the highest score at each position, and the share that is right; and the guard that ends a program whose
 * loss is NaN or infinite. One task is one image.
 *
 *   output [batch][positions][channels]   targets, predictions [batch][positions]   scores, losses [batch]
 */
#include "kernels.h"

void score_classes(const ScoreClasses *op, const Context *context) {
  const int32_t channels = op->channels, positions = op->positions;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *output = reals(context, op->output) + (size_t)image * positions * channels;
    const int32_t *targets = int32s(context, op->targets) + (size_t)image * positions;
    int32_t *predictions = int32s(context, op->predictions) + (size_t)image * positions, right = 0, known = 0;
    for (int32_t i = 0; i < positions; i++, output += channels) {
      int32_t best = 0;
      for (int32_t c = 1; c < channels; c++)
        if (output[c] > output[best]) best = c;
      if (channels == 1) best = output[0] > 0;
      predictions[i] = best;
      /* Ignored pixels (unlabelled in masks) count neither as right nor as wrong. */
      known += targets[i] >= 0 && targets[i] < max(channels, 2);
      right += best == targets[i];
    }
    reals(context, op->scores)[image] = known ? (real)right / known : 0;
  }
}

/* A single task; the virtual machine checks `halted` after this instruction. */
void guard_losses(const GuardLosses *op, const Context *context) {
  if (next_task(context) > 0) return;
  const real *losses = reals(context, op->losses);
  int32_t finite = 1;
  for (int32_t image = 0; image < context->control->batch; image++)
    if (!(losses[image] - losses[image] == 0)) finite = 0;
  __atomic_store_n(&context->control->halted, !finite, __ATOMIC_SEQ_CST);
}

/* Channels that one task counts. */
#define COUNTED 16

/* x [batch][pixels][channels], active [channels]; one task is a block of channels. */
void count_active(const CountActive *op, const Context *context) {
  const int32_t rows = context->control->batch * op->pixels, channels = op->channels;
  for (int32_t task; (task = next_task(context)) < divide_up(channels, COUNTED);) {
    const int32_t first = task * COUNTED, width = min(COUNTED, channels - first);
    const real *x = reals(context, op->x) + first;
    int32_t counts[COUNTED] = {0};
    for (int32_t row = 0; row < rows; row++, x += channels)
      for (int32_t c = 0; c < width; c++) counts[c] += x[c] > 0;
    for (int32_t c = 0; c < width; c++) reals(context, op->active)[first + c] = (real)counts[c] / rows;
  }
}
