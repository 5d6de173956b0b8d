/*
 * The machine's peak in floating-point operations, with which the benchmark compares kernels: independent
 * multiply-adds. The memory's bandwidth is measured by copy_backward.
 */
#include "kernels.h"

#ifdef __AVX512F__
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif

typedef float wide __attribute__((vector_size(WIDTH * sizeof(float))));

/* sums [tasks]; operations [tasks], int32: floating-point operations of each task */
void measure_arithmetic(const MeasureArithmetic *op, const Context *context) {
  for (int32_t task; (task = next_task(context)) < op->tasks;) {
    /* Eight sums hide the latency; more would not fit WebAssembly's registers. */
    wide a = {0}, s0 = a, s1 = a + 1, s2 = a + 2, s3 = a + 3, s4 = a + 4, s5 = a + 5, s6 = a + 6, s7 = a + 7;
    a += 0.5f;
    for (int32_t round = 0; round < op->rounds; round++) {
      s0 = s0 * a + a, s1 = s1 * a + a, s2 = s2 * a + a, s3 = s3 * a + a;
      s4 = s4 * a + a, s5 = s5 * a + a, s6 = s6 * a + a, s7 = s7 * a + a;
    }
    const wide sum = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
    reals(context, op->sums)[task] = sum[0] + sum[WIDTH - 1];
    int32s(context, op->operations)[task] = op->rounds * 8 * WIDTH * 2;
  }
}
