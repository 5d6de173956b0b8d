/* Windows of adaptive poolings along one axis: the pixels [from, to). */
#pragma once
#include "kernels.h"

typedef struct {
  int32_t from, to;
} Range;

/* As in PyTorch: from floor(i * n / outputs) to ceil((i + 1) * n / outputs). */
static inline Range adaptive_range(int32_t i, int32_t n, int32_t outputs) {
  return (Range){(int32_t)((int64_t)i * n / outputs), (int32_t)(((int64_t)(i + 1) * n + outputs - 1) / outputs)};
}
