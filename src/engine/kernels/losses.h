/*
 * What the losses share. The loss of an image is scaled by the batch size, so that the mean over images is PyTorch's
 * loss. Gradients are of the mean over all images of the update (`total`), of which this batch may be a part.
 */
#pragma once
#include "kernels.h"

/* The `size` numbers of one image's gradient; NULL in a program without a backward pass. */
static inline real *loss_gradient(const Context *context, tensor_t tensor, int32_t image, int32_t size,
                                  int32_t accumulate) {
  return tensor ? image_gradient(context, tensor, image, size, accumulate) : NULL;
}

static inline void keep_loss(const Context *context, tensor_t losses, int32_t image, double loss,
                             int32_t add) {
  real *kept = reals(context, losses) + image;
  *kept = (real)((add ? *kept : 0) + loss);
}
