/** The pictures of the help tell the truth: what they draw is what the engine computes. */
import { describe, expect, it } from 'vitest';
import { initialValues } from '../../src/engine/layers/fields.ts';
import type { Channels } from '../../src/engine/layers/helpPicture.ts';
import { layerKind, layerKinds } from '../../src/engine/layers/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { evaluate } from './evaluation.ts';

/** Every kind with the parameters of its examples, and with those of a new node. */
const rows = layerKinds().flatMap(({ kind, fields, examples, schema }) =>
  [initialValues(fields), ...examples.map(({ params }) => params)].map(params => ({
    kind,
    params: schema.parse(params),
  })),
);

const pictureOf = (kind: string, params: Record<string, unknown>) => layerKind(kind)!.picture(params);

/** The engine's order: channels last. */
const channelsLast = (channels: Channels): number[] =>
  channels[0]!.flatMap((row, y) => row.flatMap((_, x) => channels.map(grid => grid[y]![x]!)));

function compute(kind: string, params: object, shape: readonly number[], images: number[]): number[] {
  const links = [
    ['Input', 'input', { shape }],
    [kind, 'layer', { ...params }],
  ] as const;
  const graph = chain(links);
  return [...evaluate({ graph, images, batch: 1, program: 'evaluate' })];
}

describe('curves', () => {
  const xs = Array.from({ length: 41 }, (_, i) => -8 + 0.4 * i);
  const curves = rows.filter(({ kind, params }) => pictureOf(kind, params).view === 'curve');

  it.each(curves)('$kind $params', ({ kind, params }) => {
    const picture = pictureOf(kind, params);
    if (picture.view !== 'curve') throw new Error('filtered above');
    // Parameters reach the kernels in single precision. PReLU with a slope for each channel takes as many channels.
    const channels = typeof params.numParameters === 'number' ? params.numParameters : 1;
    const images = xs.flatMap(x => Array.from({ length: channels }, () => x));
    const computed = compute(kind, params, [channels, 1, xs.length], images);
    for (const [i, x] of images.entries()) expect(computed[i]).toBeCloseTo(picture.of(x), 6);
  });
});

describe('cells', () => {
  const chance = new Set(
    layerKinds()
      .filter(({ family }) => family === 'regularisation')
      .map(({ kind }) => kind),
  );
  const isDrawnWhole = ({ kind, params }: (typeof rows)[number]) => {
    const picture = pictureOf(kind, params);
    if (picture.view !== 'cells' || picture.inputs.length !== 1 || chance.has(kind)) return false;
    // What is too large for the picture is drawn smaller.
    return Object.values(params)
      .flat()
      .every(value => typeof value !== 'number' || value <= 2);
  };
  const drawn = rows.filter(isDrawnWhole);

  it('are tried for each kind that has some', () => {
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(
      new Set([
        'ZeroPad2d',
        'Upsample',
        'PixelShuffle',
        'GlobalAvgPool2d',
        'AdaptiveAvgPool2d',
        'AdaptiveMaxPool2d',
        'Flatten',
      ]),
    );
  });

  it.each(drawn)('$kind $params', ({ kind, params }) => {
    const picture = pictureOf(kind, params);
    if (picture.view !== 'cells') throw new Error('filtered above');
    const input = picture.inputs[0]!;
    const shape = [input.length, input[0]!.length, input[0]![0]!.length];
    const computed = compute(kind, params, shape, channelsLast(input));
    const wanted = channelsLast(picture.output);
    expect(computed).toHaveLength(wanted.length);
    for (const [i, value] of wanted.entries()) expect(computed[i]).toBeCloseTo(value, 9);
  });

  it('join two images number by number', () => {
    const output = (kind: string) => {
      const picture = pictureOf(kind, {});
      return picture.view === 'cells' ? picture.output : [];
    };
    expect(output('Add')).toEqual([
      [
        [6, 2],
        [4, 6],
      ],
    ]);
    expect(output('Multiply')).toEqual([
      [
        [5, 0],
        [3, 8],
      ],
    ]);
    expect(output('Concat')).toHaveLength(2);
  });

  it('drop the share that is asked for, and make up for it', () => {
    const picture = pictureOf('Dropout', { p: 0.25 });
    if (picture.view !== 'cells') throw new Error('Dropout is drawn as cells');
    const values = picture.output.flat(2);
    expect(values.filter(value => value === 0)).toHaveLength(4);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(16);
  });
});
