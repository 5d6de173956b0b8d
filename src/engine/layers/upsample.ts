/** Upsample: enlarges an image by whole factors (torch.nn.Upsample, align_corners=False). It has no weights. */
import { choice, type Fields, type Pair, pair } from './fields.ts';
import { cells, clamp, type Grid, gridOf } from './helpPicture.ts';
import { kerasCall, pairValue, unlessDefault } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { bothAxes, enlarged, interpolated } from './pixelReach.ts';
import { sizeOf } from './shape.ts';
import { ignoredArgument, pairs, word } from './torchForm.ts';
import { imagesOf, pairCode, pairText, vectorInputFault } from './window.ts';

const fields = {
  scaleFactor: pair({
    label: 'Scale',
    help: 'How many times higher and wider the image becomes.',
    initial: [2, 2],
    min: 1,
  }),
  mode: choice({
    label: 'Mode',
    help: 'nearest: each pixel is repeated; bilinear: pixels between are mixed from their neighbours.',
    options: ['nearest', 'bilinear'],
    initial: 'nearest',
  }),
} satisfies Fields;

const SMALL: Grid = [
  [1, 5],
  [3, 9],
];

/** The help's picture; large factors are drawn as 3. */
function enlarge(image: Grid, scale: Pair, mode: 'nearest' | 'bilinear'): Grid {
  const [down, across] = [Math.min(3, scale[0]), Math.min(3, scale[1])];
  if (mode === 'nearest')
    return gridOf(2 * down, 2 * across, (y, x) => image[Math.floor(y / down)]![Math.floor(x / across)]!);
  const share = (place: number, factor: number) => clamp((place + 0.5) / factor - 0.5, 0, 1);
  const between = (a: number, b: number, part: number) => a + (b - a) * part;
  return gridOf(2 * down, 2 * across, (y, x) => {
    const [upper, lower] = image.map(row => between(row[0]!, row[1]!, share(x, across)));
    return between(upper!, lower!, share(y, down));
  });
}

export const upsample = defineLayer({
  ...withoutWeights,
  kind: 'Upsample',
  traits: ['averages'],
  family: 'pooling',
  summary: 'Enlarges the image, without weights.',
  help: 'The way back from pooling: decoders enlarge with it and let a convolution after it add detail. Other than ConvTranspose2d it leaves no checkerboard, for every pixel is treated alike.',
  formula:
    'nearest: y[i, j] = x[⌊i / s⌋, ⌊j / s⌋]\nbilinear: y[i, j] = x between its four neighbours at ((i + ½) / s − ½, (j + ½) / s − ½)',
  picture: ({ scaleFactor, mode }) => cells([[SMALL]], [enlarge(SMALL, scaleFactor, mode)]),
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [3, 4, 5] },
    { params: { scaleFactor: [3, 1] }, input: [9, 3, 4] },
    { params: { mode: 'bilinear' }, input: [5, 4, 3] },
    { params: { mode: 'bilinear', scaleFactor: [3, 4] }, input: [2, 3, 5] },
    { params: { mode: 'bilinear', scaleFactor: [1, 5] }, input: [9, 1, 2] },
  ],
  detail: ({ scaleFactor, mode }) => `×${pairCode(scaleFactor)} · ${mode}`,
  shape({ scaleFactor }, input) {
    const fault = vectorInputFault('Upsample', input);
    if (fault) return { fault };
    const [channels, height, width] = input as [number, number, number];
    const extents = [height * scaleFactor[0], width * scaleFactor[1]] as const;
    const why = `${height}·${scaleFactor[0]} × ${width}·${scaleFactor[1]} = ${pairText(extents)}`;
    return { shape: { value: [channels, ...extents], why } };
  },
  macs({ mode }, _input, output) {
    if (mode === 'nearest') return { value: 0, why: '0: numbers are repeated' };
    return { value: 4 * sizeOf(output), why: `${output.join('·')} outputs × 4 neighbours` };
  },
  reach({ scaleFactor, mode }) {
    const along = mode === 'bilinear' ? interpolated : enlarged;
    return bothAxes(along(scaleFactor[0]), along(scaleFactor[1]));
  },
  lower({ mode }, lowering) {
    const operands = {
      bilinear: mode === 'bilinear' ? 1 : 0,
      ...imagesOf(lowering.inputShape, lowering.outputShape),
    };
    lowering.emit('upsampleForward', { x: lowering.input, y: lowering.output(), ...operands });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('upsampleBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...operands });
    });
  },
  pytorch: {
    module: 'nn.Upsample',
    arguments: [
      ignoredArgument('size', null, [null]),
      { ...pairs('scale_factor', 'scaleFactor'), named: true },
      word('mode', 'mode', 'nearest'),
      ignoredArgument('align_corners', null, [null, false]),
      ignoredArgument('recompute_scale_factor', null, [null, false]),
    ],
  },
  keras: ({ scaleFactor, mode }) => ({
    calls: [
      kerasCall('UpSampling2D', [pairValue(scaleFactor)], {
        interpolation: unlessDefault<string>('nearest', mode),
      }),
    ],
  }),
  onnx: ['Resize'],
});
