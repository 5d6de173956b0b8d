/*
 * Dropout: y = x · mask, where mask is 0 with probability p, else 1 / (1 - p). [batch][count]
 *
 * `draws` random numbers per image: count for Dropout, one per channel for Dropout2d, one for DropPath; element i uses
 * number i % draws. The backward pass draws the same numbers again.
 */
#include "philox.h"

#define DRAW_BLOCK 1024

/* The mask of the draws [first, first + width) of an image. */
static void draw_kept(const Context *context, int32_t key, float p, int32_t quad, int32_t width, real *kept) {
  const real scale = p < 1 ? 1 / (1 - (real)p) : 0;
  for (int32_t i = 0; i < width; i += 4, quad++) {
    const Random4 random = random4(context, key, quad);
    for (int32_t lane = 0; lane < 4; lane++) kept[i + lane] = uniform(random.x[lane]) < p ? 0 : scale;
  }
}

/* One task is a block of draws of one image, with all elements that use them. */
#define EACH_BLOCK(image, first, width)                                                                      \
  const int32_t blocks = divide_up(op->draws, DRAW_BLOCK), rows = op->count / op->draws;                     \
  for (int32_t task, image, first, width; (task = next_task(context)) < context->control->batch * blocks &&  \
                                          (image = task / blocks, first = task % blocks * DRAW_BLOCK,        \
                                          width = min(DRAW_BLOCK, op->draws - first), 1);)

void dropout_forward(const DropoutForward *op, const Context *context) {
  real kept[DRAW_BLOCK];
  EACH_BLOCK(image, first, width) {
    const real *x = reals(context, op->x) + (size_t)image * op->count + first;
    real *y = reals(context, op->y) + (size_t)image * op->count + first;
    draw_kept(context, op->key, op->p, image * divide_up(op->draws, 4) + first / 4, width, kept);
    if (op->draws == 1)
      for (int32_t i = 0; i < op->count; i++) y[i] = x[i] * kept[0];
    else
      for (int32_t row = 0; row < rows; row++, x += op->draws, y += op->draws)
        for (int32_t i = 0; i < width; i++) y[i] = x[i] * kept[i];
  }
}

void dropout_backward(const DropoutBackward *op, const Context *context) {
  real kept[DRAW_BLOCK];
  EACH_BLOCK(image, first, width) {
    const real *dy = reals(context, op->dy) + (size_t)image * op->count + first;
    real *dx = reals(context, op->dx) + (size_t)image * op->count + first;
    draw_kept(context, op->key, op->p, image * divide_up(op->draws, 4) + first / 4, width, kept);
    if (op->draws == 1)
      for (int32_t i = 0; i < op->count; i++) dx[i] = (op->accumulate ? dx[i] : 0) + dy[i] * kept[0];
    else
      for (int32_t row = 0; row < rows; row++, dy += op->draws, dx += op->draws)
        for (int32_t i = 0; i < width; i++) dx[i] = (op->accumulate ? dx[i] : 0) + dy[i] * kept[i];
  }
}
