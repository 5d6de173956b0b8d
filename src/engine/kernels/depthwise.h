/* Depthwise convolutions, called by conv2d.c. The weight is [panel][tap][PANEL] (kernels.h). */
#pragma once
#include "kernels.h"

static inline int is_depthwise(const Geometry *g) {
  return g->groups > 1 && g->groups == g->channels && g->groups == g->out_channels;
}

#ifndef REFERENCE
void depthwise_forward(const Conv2dForward *op, const Context *context);
void depthwise_backward_input(const Conv2dBackwardInput *op, const Context *context);
void depthwise_backward_weight(const Conv2dBackwardWeight *op, const Context *context);
#endif
