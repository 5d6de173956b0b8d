/**
 * ZeroPad2d: zeros around the image, by side (torch.nn.ZeroPad2d). Negative padding, which would crop, is not offered.
 */
import { type Fields, type Sides, sides } from './fields.ts';
import { cells, type Grid, gridOf } from './helpPicture.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { emitPadding, paddedShape } from './padding.ts';
import { sliding } from './pixelReach.ts';
import { sidesOf } from './torchForm.ts';
import { vectorInputFault } from './window.ts';

const fields = {
  padding: sides({
    label: 'Padding',
    help: 'Rows and columns of zeros on each side.',
    initial: [1, 1, 1, 1],
  }),
} satisfies Fields;

const FRAMED: Grid = [
  [1, 2],
  [3, 4],
];

/** The help's picture; wide padding is drawn as 2. */
function paddedPicture(padding: Sides): Grid {
  const [top, bottom, left, right] = padding.map(side => Math.min(2, side)) as [
    number,
    number,
    number,
    number,
  ];
  return gridOf(top + 2 + bottom, left + 2 + right, (y, x) => FRAMED[y - top]?.[x - left] ?? 0);
}

export const zeroPad2d = defineLayer({
  ...withoutWeights,
  kind: 'ZeroPad2d',
  family: 'convolution',
  summary: 'Zeros around the image.',
  help: 'Makes the image larger by a frame of zeros, each side by its own width. Layers that pad alike on both sides, as the poolings do, get an odd padding from it; images of odd sizes get the size that a merge wants.',
  formula: 'size = n + before + after',
  picture: ({ padding }) => cells([[FRAMED]], [paddedPicture(padding)]),
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [3, 4, 5] },
    { params: { padding: [2, 0, 1, 3] }, input: [9, 3, 2] },
    { params: { padding: [0, 0, 0, 1] }, input: [1, 4, 4] },
  ],
  detail: ({ padding }) =>
    padding.every(side => side === padding[0]) ? `${padding[0]}` : padding.join(', '),
  shape({ padding }, input) {
    const fault = vectorInputFault('ZeroPad2d', input);
    if (fault) return { fault };
    const value = paddedShape(input, padding);
    const [top, bottom, left, right] = padding;
    const why = `${input[1]} + ${top} + ${bottom} = ${value[1]}\n${input[2]} + ${left} + ${right} = ${value[2]}`;
    return { shape: { value, why } };
  },
  macs: () => ({ value: 0, why: '0: numbers change places' }),
  reach: ({ padding }) => [sliding(1, 1, 1, padding[0]), sliding(1, 1, 1, padding[2])],
  lower: ({ padding }, lowering) =>
    lowering.backward(emitPadding(lowering, 'zeros', padding, lowering.output())),
  pytorch: { module: 'nn.ZeroPad2d', arguments: [sidesOf('padding', 'padding')] },
  keras: ({ padding: [top, bottom, left, right] }) => ({
    calls: [
      kerasCall('ZeroPadding2D', [
        [
          [top, bottom],
          [left, right],
        ],
      ]),
    ],
  }),
  onnx: ['Pad'],
});
