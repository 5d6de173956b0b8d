/*
 * The order of rows in transposed weights. With a stride, the taps that contribute to an input pixel's gradient depend
 * on its phase: its position modulo the stride, in each direction. Rows are grouped by phase, [phase y][phase x][tap
 * y][tap x][out channel], with the last tap first, so that output pixels are read from left to right.
 */
#pragma once
#include "kernels.h"

/* The taps of one phase in one direction. */
typedef struct {
  int32_t taps;
  int32_t last, apart; /* the last tap, and the distance of two taps */
  int32_t origin, step; /* pixel s · stride + phase reads output pixels s + origin + i · step */
} Phase;

static inline Phase phase_of(int32_t phase, int32_t kernel, int32_t stride, int32_t dilation, int32_t padding) {
  Phase found = {0, 0, 0, 0, 1};
  for (int32_t tap = kernel - 1; tap >= 0; tap--) {
    const int32_t distance = phase + padding - tap * dilation;
    if (distance % stride != 0) continue;
    if (found.taps == 0) found.last = tap, found.origin = distance / stride;
    else if (found.taps == 1) found.apart = found.last - tap, found.step = found.apart * dilation / stride;
    found.taps++;
  }
  return found;
}

static inline Phase phase_y(const Geometry *g, int32_t phase) {
  return phase_of(phase, g->kernel_height, g->stride_height, g->dilation_height, g->padding_top);
}

static inline Phase phase_x(const Geometry *g, int32_t phase) {
  return phase_of(phase, g->kernel_width, g->stride_width, g->dilation_width, g->padding_left);
}

/* Runs the following statement for every tap (ky, kx), in the order of transposed weights. */
#define EACH_TRANSPOSED_TAP(g, ky, kx)                                                                       \
  for (int32_t py = 0; py < (g)->stride_height; py++)                                                        \
    for (int32_t px = 0; px < (g)->stride_width; px++)                                                       \
      for (Phase v = phase_y(g, py), h = phase_x(g, px); v.taps > 0 && h.taps > 0; v.taps = 0)               \
        for (int32_t i = 0, ky; i < v.taps && (ky = v.last - i * v.apart, 1); i++)                           \
          for (int32_t j = 0, kx; j < h.taps && (kx = h.last - j * h.apart, 1); j++)
