/** What PyTorch refuses of a layer's settings: named, and mended by the first repair that is offered. */
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

type Row = readonly [code: string, kind: string, params: Record<string, unknown>, input: readonly number[]];

const graphOf = ([, kind, params, input]: Row) =>
  chain([
    ['Input', 'input', { shape: input }],
    [kind, 'layer', params],
  ]);

const mended: readonly Row[] = [
  ['pool-padding-too-large', 'AvgPool2d', { kernelSize: [3, 3], padding: [2, 0] }, [3, 8, 8]],
  ['pool-padding-too-large', 'MaxPool2d', { kernelSize: [1, 3], padding: [1, 1] }, [3, 8, 8]],
  ['pooled-to-nothing', 'AvgPool2d', { kernelSize: [9, 2] }, [3, 8, 8]],
  ['pooled-to-nothing', 'MaxPool2d', { kernelSize: [5, 5], dilation: [2, 2] }, [3, 8, 8]],
  ['pooled-to-nothing', 'MaxPool2d', { kernelSize: [4, 1], ceilMode: true }, [1, 2, 2]],
  ['pool-window-empty', 'MaxPool2d', { dilation: [3, 3], padding: [1, 1] }, [1, 2, 4]],
  ['padding-larger-than-image', 'Conv2d', { paddingMode: 'reflect', padding: [3, 0, 0, 0] }, [1, 3, 4]],
  ['padding-larger-than-image', 'Conv2d', { paddingMode: 'circular', padding: [0, 0, 0, 5] }, [1, 9, 4]],
  ['fixed-kernel-size', 'Conv2d', { weights: 'cross', kernelSize: [5, 5] }, [1, 9, 9]],
  ['fixed-kernel-size', 'Conv2d', { weights: [0, 1, 1, 0], kernelSize: [3, 3] }, [1, 9, 9]],
  ['fixed-kernel-size', 'Conv2d', { weights: [1, 2, 1, 2, 1], kernelSize: [5, 5] }, [1, 9, 9]],
  ['channels-not-divisible-by-groups', 'ConvTranspose2d', { groups: 5 }, [3, 4, 4]],
  ['output-padding-too-large', 'ConvTranspose2d', { outputPadding: [1, 1] }, [3, 4, 4]],
  [
    'output-padding-too-large',
    'ConvTranspose2d',
    { outputPadding: [1, 2], stride: [3, 1], dilation: [1, 2] },
    [3, 4, 4],
  ],
  ['padding-cuts-everything', 'ConvTranspose2d', { kernelSize: [1, 1], padding: [1, 1] }, [3, 2, 9]],
  ['channels-not-divisible-by-square', 'PixelShuffle', { upscaleFactor: 2 }, [6, 3, 3]],
];

/** Of errors: a layer alone is no sound network, which warnings say. */
const codesOf = (graph: ReturnType<typeof graphOf>) =>
  diagnose(infer(graph)).flatMap(({ code, severity }) => (severity === 'error' ? [code] : []));

describe('a setting that PyTorch refuses', () => {
  it.each(mended)('%s of %s is named and mended', (...row) => {
    const graph = graphOf(row);
    const [diagnosis] = diagnose(infer(graph));
    expect(diagnosis?.code).toBe(row[0]);
    expect(codesOf(applyRepair(graph, 'layer', diagnosis!.repairs[0]!))).toEqual([]);
  });

  it.each([
    ['AvgPool2d', {}],
    ['GlobalAvgPool2d', {}],
    ['AdaptiveMaxPool2d', {}],
    ['ConvTranspose2d', {}],
    ['Upsample', {}],
    ['PixelShuffle', {}],
    ['ZeroPad2d', {}],
  ])('%s wants an image', (kind, params) => {
    const graph = chain([
      ['Input', 'input', { shape: [3, 4, 4] }],
      ['Flatten', 'flatten'],
      [kind, 'layer', params],
    ]);
    expect(codesOf(graph)).toEqual(['wants-image']);
  });

  it('is not a setting at its limit', () => {
    const allowed: readonly Row[] = [
      ['', 'Conv2d', { paddingMode: 'reflect', padding: [2, 2, 3, 3] }, [1, 3, 4]],
      ['', 'Conv2d', { paddingMode: 'circular', padding: [3, 3, 4, 4] }, [1, 3, 4]],
      ['', 'Conv2d', { paddingMode: 'replicate', padding: [9, 9, 9, 9] }, [1, 3, 4]],
      ['', 'MaxPool2d', { kernelSize: [3, 3], ceilMode: true }, [1, 2, 2]],
      ['', 'ConvTranspose2d', { outputPadding: [2, 1], stride: [3, 1], dilation: [1, 2] }, [3, 4, 4]],
      ['', 'ZeroPad2d', { padding: [0, 0, 0, 0] }, [3, 4, 4]],
    ];
    for (const row of allowed) expect(codesOf(graphOf(row))).toEqual([]);
  });

  it('may be a number that no form takes', () => {
    const negative = graphOf(['', 'ZeroPad2d', { padding: [-1, 0, 0, 0] }, [3, 4, 4]]);
    expect(codesOf(negative)).toEqual(['invalid-parameter']);
  });
});

describe('the last window in ceil mode', () => {
  // torch.nn.MaxPool2d(kernel, stride, padding, ceil_mode=True) on n pixels
  it.each([
    [2, 2, 0, 7, 4],
    [2, 3, 0, 6, 2],
    [2, 3, 1, 8, 3],
    [3, 2, 1, 7, 4],
    [1, 3, 0, 6, 2],
  ])('of %i pixels, stride %i, padding %i on %i pixels starts inside: %i windows', (k, s, p, n, windows) => {
    const params = { kernelSize: [k, k], stride: [s, s], padding: [p, p], ceilMode: true };
    const graph = graphOf(['', 'MaxPool2d', params, [1, n, n]]);
    expect(infer(graph).nodes.get('layer')!.figures!.shape).toEqual([1, windows, windows]);
  });
});
