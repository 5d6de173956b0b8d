/*
 * Philox4x32-10 (see runtime/philox.ts): counter-based random numbers for layers and augmentations. There is no state:
 * the backward pass computes the same numbers again.
 */
#pragma once
#include "kernels.h"

typedef struct {
  uint32_t x[4];
} Random4;

static inline Random4 philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  for (int32_t round = 0; round < PHILOX_ROUNDS; round++) {
    const uint64_t a = (uint64_t)PHILOX_MULTIPLIER_0 * c0, b = (uint64_t)PHILOX_MULTIPLIER_1 * c2;
    const uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)b, c3 = (uint32_t)a, c0 = n0, c2 = n2;
    k0 += PHILOX_WEYL_0, k1 += PHILOX_WEYL_1;
  }
  return (Random4){{c0, c1, c2, c3}};
}

/* Four numbers for the elements [4 * quad, 4 * quad + 4) of a layer's batch, at this update of this run. */
static inline Random4 random4(const Context *context, int32_t key, int32_t quad) {
  return philox((uint32_t)quad, (uint32_t)context->control->step, (uint32_t)key, 0, context->control->seed,
                STREAM_LAYERS);
}

/*
 * The draw-th four numbers of an augmentation for an image of the dataset in this epoch; independent of the batch and
 * of the image's position in it.
 */
static inline Random4 augment4(const Context *context, int32_t key, int32_t index, int32_t draw) {
  return philox((uint32_t)draw, (uint32_t)context->control->epoch, (uint32_t)key, (uint32_t)index,
                context->control->seed, STREAM_AUGMENTATIONS);
}

/* Uniform in [0, 1), with 24 bits. */
static inline float uniform(uint32_t bits) { return (float)(bits >> 8) * 0x1p-24f; }
