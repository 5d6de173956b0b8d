/*
 * Batch normalisation: each channel over all pixels of all images.
 *
 *   x, y, dx, dy [batch][pixels][channels]   mean, variance, weight, bias, running_* [channels]
 *   partials [parts][2][channels], double: sums over parts of the pixels, to be added in order
 *   sums [2][channels], double: Σ dy and Σ dy · x̂
 */
#include "channels.h"

/* The first row of a part of the rows. */
static inline int32_t part_start(int32_t rows, int32_t part, int32_t parts) {
  return (int32_t)((int64_t)rows * part / parts);
}

static void keep_sums(double *partials, int32_t channels, int32_t first, int32_t width, const Sums *sums) {
  for (int32_t i = 0; i < width; i++) {
    partials[first + i] = sums->first[i];
    partials[channels + first + i] = sums->second[i];
  }
}

/* One task is a block of channels of one part of the rows. */
void batch_norm_statistics(const BatchNormStatistics *op, const Context *context) {
  const int32_t channels = op->channels, blocks = divide_up(channels, CHANNEL_BLOCK);
  const int32_t rows = context->control->batch * op->pixels;
  Sums sums;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, first = task % blocks * CHANNEL_BLOCK;
    const int32_t width = min(CHANNEL_BLOCK, channels - first), from = part_start(rows, part, op->parts);
    const real *x = reals(context, op->x) + (size_t)from * channels + first;
    channel_sums(x, part_start(rows, part + 1, op->parts) - from, channels, width, &sums);
    keep_sums(doubles(context, op->partials) + (size_t)part * 2 * channels, channels, first, width, &sums);
  }
}

/* The exponential moving average of a running statistic. */
static inline real running_average(real running, double towards, float momentum) {
  return (real)((1 - (double)momentum) * running + momentum * towards);
}

/* One task is a block of channels. The running variance is updated with the unbiased variance, as in PyTorch. */
void batch_norm_combine(const BatchNormCombine *op, const Context *context) {
  const int32_t channels = op->channels;
  const double n = (double)context->control->batch * op->pixels, *partials = doubles(context, op->partials);
  real *running_mean = reals(context, op->running_mean);
  real *running_variance = reals(context, op->running_variance);
  for (int32_t task; (task = next_task(context)) < divide_up(channels, CHANNEL_BLOCK);)
    for (int32_t c = task * CHANNEL_BLOCK; c < min(channels, (task + 1) * CHANNEL_BLOCK); c++) {
      double sum = 0, squares = 0;
      for (int32_t part = 0; part < op->parts; part++) {
        sum += partials[(size_t)part * 2 * channels + c];
        squares += partials[((size_t)part * 2 + 1) * channels + c];
      }
      const double mean = sum / n, difference = squares / n - mean * mean;
      const double variance = difference < 0 ? 0 : difference;
      reals(context, op->mean)[c] = (real)mean;
      reals(context, op->variance)[c] = (real)variance;
      /* A last batch of one value per channel has no unbiased variance: running statistics stay unchanged. */
      if (!running_mean || n < 2) continue;
      running_mean[c] = running_average(running_mean[c], mean, op->momentum);
      running_variance[c] = running_average(running_variance[c], variance * n / (n - 1), op->momentum);
    }
}

/* One task is a run of rows, long enough to pay for computing the channels' constants. */
#define EACH_RUN(from, run)                                                                                  \
  const int32_t channels = op->channels, rows = context->control->batch * op->pixels;                        \
  const int32_t longest = max(64, 4 * CHUNK / channels);                                                     \
  for (int32_t task, from, run;                                                                              \
       (task = next_task(context)) < divide_up(rows, longest) &&                                             \
       (from = task * longest, run = min(longest, rows - from), 1);)                                         \
    for (int32_t first = 0; first < channels; first += CHANNEL_BLOCK)

void batch_norm_forward(const BatchNormForward *op, const Context *context) {
  Block block;
  EACH_RUN(from, run) {
    const int32_t width = min(CHANNEL_BLOCK, channels - first);
    const size_t start = (size_t)from * channels + first;
    fill_block(&block, first, width, 1, reals(context, op->mean), reals(context, op->variance), op->eps,
               reals(context, op->weight), reals(context, op->bias));
    const real *addend = reals(context, op->addend);
    scale_rows(reals(context, op->x) + start, addend ? addend + start : NULL, reals(context, op->y) + start, run,
               channels, width, &block, op->ceiling);
  }
}

/* One task is a block of channels. */
void fold_norm(const FoldNorm *op, const Context *context) {
  const real *weight = reals(context, op->weight), *bias = reals(context, op->bias);
  const real *before = reals(context, op->before);
  for (int32_t task; (task = next_task(context)) < divide_up(op->channels, CHANNEL_BLOCK);)
    for (int32_t c = task * CHANNEL_BLOCK; c < min(op->channels, (task + 1) * CHANNEL_BLOCK); c++) {
      const double inverse = 1 / __builtin_sqrt((double)reals(context, op->variance)[c] + op->eps);
      const double scale = weight ? inverse * weight[c] : inverse;
      const double level = (before ? (double)before[c] : 0) - reals(context, op->mean)[c];
      reals(context, op->scale)[c] = (real)scale;
      reals(context, op->shift)[c] = (real)((bias ? bias[c] : 0) + level * scale);
    }
}

void batch_norm_backward_statistics(const BatchNormBackwardStatistics *op, const Context *context) {
  const int32_t channels = op->channels, blocks = divide_up(channels, CHANNEL_BLOCK);
  const int32_t rows = context->control->batch * op->pixels;
  Block block;
  Sums sums;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, first = task % blocks * CHANNEL_BLOCK;
    const int32_t width = min(CHANNEL_BLOCK, channels - first), from = part_start(rows, part, op->parts);
    const size_t start = (size_t)from * channels + first;
    fill_block(&block, first, width, 1, reals(context, op->mean), reals(context, op->variance), op->eps,
               reals(context, op->weight), reals(context, op->bias));
    gradient_sums(reals(context, op->x) + start, reals(context, op->dy) + start,
                  part_start(rows, part + 1, op->parts) - from, channels, width, &block, op->ceiling, &sums);
    keep_sums(doubles(context, op->partials) + (size_t)part * 2 * channels, channels, first, width, &sums);
  }
}

/* Adds up the partial sums: d_bias = Σ dy, d_weight = Σ dy · x̂. One task is a block of channels. */
void norm_gradients(const NormGradients *op, const Context *context) {
  const int32_t channels = op->channels;
  const double *partials = doubles(context, op->partials);
  double *sums = doubles(context, op->sums);
  real *d_weight = reals(context, op->d_weight), *d_bias = reals(context, op->d_bias);
  for (int32_t task; (task = next_task(context)) < divide_up(channels, CHANNEL_BLOCK);)
    for (int32_t c = task * CHANNEL_BLOCK; c < min(channels, (task + 1) * CHANNEL_BLOCK); c++) {
      double first = 0, second = 0;
      for (int32_t part = 0; part < op->parts; part++) {
        first += partials[(size_t)part * 2 * channels + c];
        second += partials[((size_t)part * 2 + 1) * channels + c];
      }
      if (sums) sums[c] = first, sums[channels + c] = second;
      if (d_bias) d_bias[c] = (real)first;
      if (d_weight) d_weight[c] = (real)second;
    }
}

void batch_norm_backward_input(const BatchNormBackwardInput *op, const Context *context) {
  const double n = (double)context->control->batch * op->pixels, *sums = doubles(context, op->sums);
  Block block;
  real level[CHANNEL_BLOCK], slope[CHANNEL_BLOCK];
  EACH_RUN(from, run) {
    const int32_t width = min(CHANNEL_BLOCK, channels - first);
    const size_t start = (size_t)from * channels + first;
    fill_block(&block, first, width, 1, reals(context, op->mean), reals(context, op->variance), op->eps,
               reals(context, op->weight), reals(context, op->bias));
    for (int32_t i = 0; i < width; i++) {
      level[i] = (real)(block.scale[i] * sums[first + i] / n);
      slope[i] = (real)(block.scale[i] * block.inverse[i] * sums[channels + first + i] / n);
    }
    gradient_rows(reals(context, op->x) + start, reals(context, op->dy) + start, reals(context, op->dx) + start,
                  op->accumulate, run, channels, width, &block, op->ceiling, level, slope);
  }
}

/* One task is one image. */
void running_norm_backward(const RunningNormBackward *op, const Context *context) {
  const real *variance = reals(context, op->variance), *weight = reals(context, op->weight);
  const int32_t size = op->pixels * op->channels;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *dy = reals(context, op->dy) + (size_t)image * size;
    real *dx = reals(context, op->dx) + (size_t)image * size;
    for (int32_t i = 0; i < size; i++) {
      const int32_t c = i % op->channels;
      const real slope = (weight ? weight[c] : 1) / (real)__builtin_sqrt(variance[c] + op->eps);
      dx[i] = (op->accumulate ? dx[i] : 0) + dy[i] * slope;
    }
  }
}
