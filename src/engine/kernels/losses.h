/*
 * What losses share. The loss of an image is its part of the batch's loss times the batch's size, so that the
 * mean over the images is what PyTorch calls the loss. Gradients are those of the mean over all images that the
 * update learns from (`total`), of which the batch at hand may be a part.
 */
#pragma once
#include "kernels.h"

/* One image's share of the gradient, of `size` numbers; NULL in a program in which nothing learns. */
static inline real *loss_gradient(const Context *context, tensor_t tensor, int32_t image, int32_t size,
                                  int32_t accumulate) {
  return tensor ? image_gradient(context, tensor, image, size, accumulate) : NULL;
}

static inline void keep_loss(const Context *context, tensor_t losses, int32_t image, double loss,
                             int32_t add) {
  real *kept = reals(context, losses) + image;
  *kept = (real)((add ? *kept : 0) + loss);
}
