/*
 * Losses and metrics of boxes, given as left, top, right, bottom. [batch][4]; one task is one image.
 *
 * giou_loss is torchvision.ops.generalized_box_iou_loss: 1 - intersection / union + (hull - union) / hull, where
 * the hull is the smallest box around both. Rezatofighi et al.: "Generalized intersection over union", 2019.
 */
#include "losses.h"

#define EPS 1e-7

static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline double larger(double a, double b) { return a > b ? a : b; }

void giou_loss(const GiouLoss *op, const Context *context) {
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *p = reals(context, op->output) + 4 * image, *t = reals(context, op->targets) + 4 * image;
    real *gradient = loss_gradient(context, op->gradient, image, 4, op->accumulate);
    /* Horizontal and vertical extents of the intersection, the hull, and both boxes. */
    double inner[2], hull[2], own[2], other[2];
    for (int32_t axis = 0; axis < 2; axis++) {
      inner[axis] = smaller(p[axis + 2], t[axis + 2]) - larger(p[axis], t[axis]);
      hull[axis] = larger(p[axis + 2], t[axis + 2]) - smaller(p[axis], t[axis]);
      own[axis] = (double)p[axis + 2] - p[axis], other[axis] = (double)t[axis + 2] - t[axis];
    }
    const int32_t meets = inner[0] > 0 && inner[1] > 0;
    const double intersection = meets ? inner[0] * inner[1] : 0, area = hull[0] * hull[1];
    const double together = own[0] * own[1] + other[0] * other[1] - intersection;
    const double u = together + EPS, a = area + EPS;
    const double loss = 1 - intersection / u + (area - together) / a;
    const double scale = op->term_weight / context->control->total;
    for (int32_t side = 0; gradient && side < 4; side++) {
      const int32_t axis = side % 2, far = side / 2, across = 1 - axis, sign = far ? 1 : -1;
      /* Whether this side of the predicted box is a side of the intersection; else it is one of the hull. */
      const int32_t is_inner = far ? p[side] < t[side] : p[side] > t[side];
      const double d_inner = meets && is_inner ? sign * inner[across] : 0;
      const double d_hull = is_inner ? 0 : sign * hull[across];
      const double d_union = sign * own[across] - d_inner;
      const double slope = -d_inner / u + intersection * d_union / (u * u) + (d_hull - d_union) / a -
                           (area - together) * d_hull / (a * a);
      gradient[side] += (real)(scale * slope);
    }
    keep_loss(context, op->losses, image, op->term_weight * loss, op->add_loss);
  }
}

void score_boxes(const ScoreBoxes *op, const Context *context) {
  for (int32_t image; (image = next_task(context)) < context->control->batch;) {
    const real *p = reals(context, op->output) + 4 * image, *t = reals(context, op->targets) + 4 * image;
    double intersection = 1, own = 1, other = 1;
    for (int32_t axis = 0; axis < 2; axis++) {
      intersection *= larger(0, smaller(p[axis + 2], t[axis + 2]) - larger(p[axis], t[axis]));
      own *= larger(0, (double)p[axis + 2] - p[axis]);
      other *= larger(0, (double)t[axis + 2] - t[axis]);
    }
    const double together = own + other - intersection;
    reals(context, op->scores)[image] = (real)(together > 0 ? intersection / together : 0);
  }
}
