/** Cross-entropy between class scores and the true class (torch.nn.CrossEntropyLoss, mean over the batch). */
import { shapeText, sizeOf } from '../layers/shape.ts';
import { defineLoss } from './loss.ts';

export const crossEntropy = defineLoss({
  kind: 'CrossEntropyLoss',
  help: 'Turns the scores into probabilities and asks how surprised they are by the true class.',
  fields: {},
  takesScores: true,

  refuses(output, classes) {
    if (output.length === 1 && output[0] === classes) return undefined;
    const wanted = `${classes} class scores are wanted, one for each class`;
    if (output.length === 1) {
      return {
        code: 'wrong-class-count',
        message: `The network gives ${output[0]} numbers; ${wanted}.`,
        repairs: [{ title: `Give ${classes} outputs`, setParams: { outFeatures: classes } }],
      };
    }
    return {
      code: 'output-is-no-class-score',
      message: `The network ends in an image of ${shapeText(output)} (${sizeOf(output)} numbers); ${wanted}. Add Flatten and Linear.`,
      repairs: [],
    };
  },

  lower(_params, lowering) {
    lowering.emit('crossEntropy', {
      logits: lowering.output,
      targets: lowering.targets,
      losses: lowering.losses,
      predictions: lowering.predictions,
      dLogits: lowering.gradient,
      classes: lowering.outputShape[0]!,
    });
  },

  pytorch: () => 'nn.CrossEntropyLoss()',
});
