/**
 * Output: marks an output of the network and what it means; needed where a network has several. It passes its input on,
 * and refuses shapes that do not suit its meaning.
 */
import type { Fault } from './fault.ts';
import { choice } from './fields.ts';
import type { ShapePicture } from './helpPicture.ts';
import { defineLayer, pointwise, withoutMacs, withoutWeights } from './layer.ts';
import { type Shape, shapeText } from './shape.ts';

type OutputAnswer = 'class' | 'box' | 'mask';

/** The numbers of a box: left, top, right, bottom, as fractions of the image's width and height. */
const BOX_NUMBERS = 4;

/** Why a shape does not suit an answer. */
function shapeFault(answer: OutputAnswer, input: Shape): Fault | undefined {
  const isImage = input.length === 3;
  const flatten = { title: 'Add Flatten', insertBefore: { kind: 'Flatten', params: {} } };
  if (answer === 'class' && isImage) {
    return {
      code: 'output-is-no-class-score',
      message: `class scores are a vector; this is an image of ${shapeText(input)}.`,
      repairs: [flatten],
    };
  }
  if (answer === 'box' && (isImage || input[0] !== BOX_NUMBERS)) {
    const linear = { kind: 'Linear', params: { outFeatures: BOX_NUMBERS } };
    return {
      code: 'output-is-no-box',
      message: `a box is ${BOX_NUMBERS} numbers (left, top, right, bottom); this is ${isImage ? `an image of ${shapeText(input)}` : `a vector of ${input[0]}`}.`,
      repairs: [
        {
          title: isImage
            ? `Add Flatten and Linear with ${BOX_NUMBERS} outputs`
            : `Add Linear with ${BOX_NUMBERS} outputs`,
          insertBefore: isImage ? [flatten.insertBefore, linear] : linear,
        },
      ],
    };
  }
  if (answer === 'mask' && !isImage) {
    return {
      code: 'output-is-no-mask',
      message: `a mask has scores for every pixel; this is a vector of ${input[0]}.`,
      repairs: [{ title: 'Let it answer the class', setParams: { answer: 'class' } }],
    };
  }
  return undefined;
}

/** The help's picture of an answer's numbers. */
function answerPicture(answer: OutputAnswer): ShapePicture {
  if (answer === 'mask') return { view: 'shape', shape: [2, 5, 5], names: ['classes', 'height', 'width'] };
  const names =
    answer === 'box' ? ['left', 'top', 'right', 'bottom'] : ['class 1', 'class 2', 'class 3', '…'];
  return { view: 'shape', shape: [BOX_NUMBERS], names };
}

export const output = defineLayer({
  ...pointwise,
  ...withoutWeights,
  ...withoutMacs,
  kind: 'Output',
  family: 'io',
  summary: 'Where the network answers.',
  help: 'Says what the numbers that flow into it are: scores of classes, a box around the thing (left, top, right and bottom as shares of the image), or scores of classes for every pixel. A network that ends in one place needs none; one that answers two questions needs one for each.',
  formula: 'y = x',
  picture: ({ answer }) => answerPicture(answer),
  fields: {
    answer: choice({
      label: 'Answers',
      help: 'class: one score for each class; box: four numbers; mask: an image of scores.',
      options: ['class', 'box', 'mask'],
      initial: 'class',
    }),
  },
  inputs: 1,
  examples: [
    { params: { answer: 'class' }, input: [5] },
    { params: { answer: 'box' }, input: [4] },
    { params: { answer: 'mask' }, input: [2, 4, 5] },
  ],
  detail: ({ answer }) => answer,
  shape(params, input) {
    const fault = shapeFault(params.answer, input);
    return fault ? { fault } : pointwise.shape(params, input);
  },
  lower: (_params, lowering) => lowering.passThrough(),
  pytorch: { passes: true },
  keras: () => ({ calls: [] }),
  onnx: [],
});
