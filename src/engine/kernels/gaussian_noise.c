/*
 * y = x + std · n, with n normally distributed, drawn for each element. [batch][count]
 * What flows back flows through as it is: copy_backward.
 */
#include "math.h"
#include "philox.h"

/*
 * The number below which a share p of a normal distribution lies: one uniform number gives one normal one.
 * Wichura: "Algorithm AS 241: the percentage points of the normal distribution", 1988; PPND7, error below 1e-7.
 */
static inline double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) {
    const double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  double r = __builtin_sqrt(-logarithm(q < 0 ? p : 1 - p)), size;
  if (r <= 5) {
    r -= 1.6;
    size = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
           ((0.12021132975 * r + 0.73700164250) * r + 1);
  } else {
    r -= 5;
    size = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
           ((0.012258202635 * r + 0.24197894225) * r + 1);
  }
  return q < 0 ? -size : size;
}

/* One task is CHUNK elements, four to each draw. */
void gaussian_noise_forward(const GaussianNoiseForward *op, const Context *context) {
  const real *x = reals(context, op->x);
  real *y = reals(context, op->y);
  const int32_t total = context->control->batch * op->count;
  for (int32_t task; (task = next_task(context)) < divide_up(total, CHUNK);)
    for (int32_t i = task * CHUNK; i < min(total, (task + 1) * CHUNK); i += 4) {
      const Random4 random = random4(context, op->key, i / 4);
      for (int32_t lane = 0; lane < min(4, total - i); lane++) {
        /* The middle of one of 2³² equal shares: neither 0 nor 1. */
        const double p = (random.x[lane] + 0.5) * 0x1p-32;
        y[i + lane] = x[i + lane] + op->std * (real)normal_quantile(p);
      }
    }
}
