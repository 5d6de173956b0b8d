/**
 * Generalized intersection over union of boxes (torchvision.ops.generalized_box_iou_loss, mean over the batch).
 * Rezatofighi et al., 2019.
 */
import { defineLoss, refusesShape } from './loss.ts';

export const giou = defineLoss({
  kind: 'GIoULoss',
  help: 'One less the overlap of the two boxes, whatever their size; where they do not meet, how far they are apart still counts. Learns slowly from a first guess that is far off: add SmoothL1Loss.',
  fields: {},
  answers: ['box'],
  takesScores: false,
  examples: [{ answer: 'box', params: {} }],
  refuses: (_params, output, truth) => refusesShape(output, truth),
  lower(_params, lowering) {
    const { output, targets, gradient, term } = lowering;
    lowering.emit('giouLoss', { output, targets, gradient, ...term });
  },
  pytorch: () => "partial(torchvision.ops.generalized_box_iou_loss, reduction='mean')",
});
