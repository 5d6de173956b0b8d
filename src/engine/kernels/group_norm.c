/*
 * Group normalisation: statistics of each group of channels of each image. With one channel per group it is
 * InstanceNorm; with one group over an image taken as a vector (pixels is 1), LayerNorm.
 *
 *   x, y, dx, dy [batch][pixels][channels]   mean, variance [batch][groups]   weight, bias [channels]
 *   sums [batch][groups][2], double: Σ g and Σ g · x̂, where g = dy · weight
 *   partials [parts][2][channels], double: Σ dy and Σ dy · x̂ over parts of the images
 */
#include "channels.h"

static void image_statistics(const real *x, int32_t pixels, int32_t channels, int32_t groups, real *mean,
                             real *variance) {
  const int32_t size = channels / groups;
  const double n = (double)size * pixels;
  double sum = 0, squares = 0;
  Sums sums;
  for (int32_t first = 0; first < channels; first += CHANNEL_BLOCK) {
    const int32_t width = min(CHANNEL_BLOCK, channels - first);
    channel_sums(x + first, pixels, channels, width, &sums);
    EACH_GROUP(i, group, end) {
      for (; i < end; i++) sum += sums.first[i], squares += sums.second[i];
      if (first + end < (group + 1) * size) continue;
      const double average = sum / n, difference = squares / n - average * average;
      mean[group] = (real)average, variance[group] = (real)(difference < 0 ? 0 : difference);
      sum = squares = 0;
    }
  }
}

/* One task is one image, here and in the backward pass by the input. */
void group_norm_forward(const GroupNormForward *op, const Context *context) {
  const int32_t channels = op->channels, size = channels / op->groups;
  Block block;
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const size_t start = (size_t)image * op->pixels * channels;
    const real *x = reals(context, op->x) + start;
    real *mean = reals(context, op->mean) + (size_t)image * op->groups;
    real *variance = reals(context, op->variance) + (size_t)image * op->groups;
    image_statistics(x, op->pixels, channels, op->groups, mean, variance);
    for (int32_t first = 0; first < channels; first += CHANNEL_BLOCK) {
      const int32_t width = min(CHANNEL_BLOCK, channels - first);
      fill_block(&block, first, width, size, mean, variance, op->eps, reals(context, op->weight),
                 reals(context, op->bias));
      scale_rows(x + first, NULL, reals(context, op->y) + start + first, op->pixels, channels, width, &block, 0);
    }
  }
}

/* Computes a block's constants for one image. */
#define IMAGE_BLOCK(image, weight)                                                                           \
  fill_block(&block, first, width, channels / op->groups, reals(context, op->mean) + (size_t)image * op->groups, \
             reals(context, op->variance) + (size_t)image * op->groups, op->eps, weight, NULL)

void group_norm_backward_input(const GroupNormBackwardInput *op, const Context *context) {
  const int32_t channels = op->channels, size = channels / op->groups;
  const double n = (double)size * op->pixels;
  const real *weight = reals(context, op->weight);
  Block block;
  Sums found;
  real level[CHANNEL_BLOCK], slope[CHANNEL_BLOCK];
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const size_t start = (size_t)image * op->pixels * channels;
    const real *x = reals(context, op->x) + start, *dy = reals(context, op->dy) + start;
    double *sums = doubles(context, op->sums) + (size_t)image * op->groups * 2;
    for (int32_t i = 0; i < 2 * op->groups; i++) sums[i] = 0;
    for (int32_t first = 0; first < channels; first += CHANNEL_BLOCK) {
      const int32_t width = min(CHANNEL_BLOCK, channels - first);
      IMAGE_BLOCK(image, weight);
      gradient_sums(x + first, dy + first, op->pixels, channels, width, &block, 0, &found);
      EACH_GROUP(i, group, end) {
        double sum = sums[2 * group], product = sums[2 * group + 1];
        for (; i < end; i++) {
          const double scale = weight ? weight[first + i] : 1;
          sum += found.first[i] * scale, product += found.second[i] * scale;
        }
        sums[2 * group] = sum, sums[2 * group + 1] = product;
      }
    }
    for (int32_t first = 0; first < channels; first += CHANNEL_BLOCK) {
      const int32_t width = min(CHANNEL_BLOCK, channels - first);
      IMAGE_BLOCK(image, weight);
      EACH_GROUP(i, group, end) {
        const double inverse = block.inverse[i];
        const real at = (real)(inverse * sums[2 * group] / n);
        const real by = (real)(inverse * inverse * sums[2 * group + 1] / n);
        for (; i < end; i++) level[i] = at, slope[i] = by;
      }
      gradient_rows(x + first, dy + first, reals(context, op->dx) + start + first, op->accumulate, op->pixels,
                    channels, width, &block, 0, level, slope);
    }
  }
}

/* One task is a block of channels of one part of the images. */
void group_norm_backward_weight(const GroupNormBackwardWeight *op, const Context *context) {
  const int32_t channels = op->channels, blocks = divide_up(channels, CHANNEL_BLOCK);
  const int64_t batch = context->control->batch;
  Block block;
  Sums sums;
  for (int32_t task; (task = next_task(context)) < blocks * op->parts;) {
    const int32_t part = task / blocks, first = task % blocks * CHANNEL_BLOCK;
    const int32_t width = min(CHANNEL_BLOCK, channels - first);
    double *total = doubles(context, op->partials) + (size_t)part * 2 * channels + first;
    for (int32_t i = 0; i < width; i++) total[i] = total[channels + i] = 0;
    const int32_t end = (int32_t)(batch * (part + 1) / op->parts);
    for (int32_t image = (int32_t)(batch * part / op->parts); image < end; image++) {
      const size_t start = (size_t)image * op->pixels * channels + first;
      IMAGE_BLOCK(image, NULL);
      gradient_sums(reals(context, op->x) + start, reals(context, op->dy) + start, op->pixels, channels, width,
                    &block, 0, &sums);
      for (int32_t i = 0; i < width; i++) total[i] += sums.first[i], total[channels + i] += sums.second[i];
    }
  }
}

/*
 * Updates running statistics [channels] with the average of the images' statistics, as PyTorch's InstanceNorm2d does;
 * variances are unbiased. One task is CHUNK channels.
 */
void instance_norm_running(const InstanceNormRunning *op, const Context *context) {
  const int32_t channels = op->channels, batch = context->control->batch;
  const double n = op->pixels, momentum = op->momentum;
  real *running_mean = reals(context, op->running_mean);
  real *running_variance = reals(context, op->running_variance);
  EACH_ELEMENT(c, channels) {
    double mean = 0, variance = 0;
    for (int32_t image = 0; image < batch; image++) {
      mean += reals(context, op->mean)[(size_t)image * channels + c];
      variance += reals(context, op->variance)[(size_t)image * channels + c];
    }
    running_mean[c] = (real)((1 - momentum) * running_mean[c] + momentum * mean / batch);
    variance *= n / (n - 1);
    running_variance[c] = (real)((1 - momentum) * running_variance[c] + momentum * variance / batch);
  }
}
