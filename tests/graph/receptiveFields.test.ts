/**
 * Receptive fields against PyTorch: random networks, through every layer that has a place in the image, and pixel
 * by pixel what the middle of the output sees (tests/oracles/fields.py).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/engine/graph/infer.ts';
import { fieldOf } from '../../src/engine/graph/receptiveField.ts';
import {
  adaptive,
  compose,
  enlarged,
  interpolated,
  POINTWISE,
  pixelsAt,
  type Reach,
  sliding,
  transposed,
  union,
} from '../../src/engine/layers/pixelReach.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { type FieldCase, fieldCases } from '../oracles/fieldCases.ts';

interface Measured {
  readonly size: readonly [number, number];
  readonly pixels: readonly {
    readonly pixel: readonly [number, number];
    readonly rows: readonly number[];
    readonly columns: readonly number[];
  }[];
}

const measured: readonly Measured[] = JSON.parse(
  readFileSync(new URL('../oracles/expected/fields.json', import.meta.url), 'utf8'),
);

const cases = fieldCases();

/** The pixels of the image's axis that an output pixel sees, and whether that is all inside. */
function seenOf(reach: Reach, i: number, extent: number): { pixels: number[]; inside: boolean } {
  const pixels = pixelsAt(reach, i).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, step) => first + step),
  );
  return { pixels, inside: pixels.every(pixel => pixel >= 0 && pixel < extent) };
}

const outputOf = ({ graph }: FieldCase) => {
  const inference = infer(graph);
  return inference.nodes.get(inference.outputs[0]!)!.figures!;
};

/** How many pixels of a case were compared; those that see the border are not. */
function compare(each: FieldCase, { pixels }: Measured): number {
  const [vertical, horizontal] = outputOf(each).sight;
  const [, height, width] = each.image as [number, number, number];
  let compared = 0;
  for (const { pixel, rows, columns } of pixels) {
    const vertically = seenOf(vertical!, pixel[0], height);
    const horizontally = seenOf(horizontal!, pixel[1], width);
    if (!vertically.inside || !horizontally.inside) continue;
    // A pixel that sees nothing along one axis sees nothing.
    const blind = vertically.pixels.length === 0 || horizontally.pixels.length === 0;
    expect({ pixel, rows, columns }).toEqual({
      pixel,
      rows: blind ? [] : vertically.pixels,
      columns: blind ? [] : horizontally.pixels,
    });
    compared++;
  }
  return compared;
}

describe('receptive fields', () => {
  it.each(cases.map((each, i) => [i, each] as const))('of network %i are as measured', (i, each) => {
    expect(outputOf(each).shape.slice(1)).toEqual(measured[i]!.size);
    compare(each, measured[i]!);
  });

  it('are compared for more than a hundred networks, in which every layer with a place occurs', () => {
    expect(cases.filter((each, i) => compare(each, measured[i]!) > 0).length).toBeGreaterThan(100);
    const kinds = new Set(cases.flatMap(({ graph }) => Object.values(graph.nodes).map(({ kind }) => kind)));
    for (const { kind, family } of layerKinds())
      if (['convolution', 'pooling'].includes(family) && kind !== 'GlobalAvgPool2d')
        expect(kinds).toContain(kind);
  });
});

describe('a reach', () => {
  it('of a transposed convolution has its phases, and gaps where the kernel is smaller than the stride', () => {
    expect(transposed(3, 2, 1, 1)!.seen).toEqual([[[0, 0]], [[0, 1]]]);
    expect(transposed(1, 3, 1, 0)!.seen).toEqual([[[0, 0]], [], []]);
  });

  it('of bilinear enlargement has two neighbours, and one where it lies on a pixel', () => {
    expect(interpolated(2)!.seen).toEqual([[[-1, 0]], [[0, 1]]]);
    expect(interpolated(3)!.seen).toEqual([[[-1, 0]], [[0, 0]], [[0, 1]]]);
  });

  it('of an adaptive pooling is the shortest pattern that repeats', () => {
    expect(adaptive(14, 7)).toEqual({ period: 1, shift: 2, seen: [[[0, 1]]] });
    expect(adaptive(7, 3)!.seen).toEqual([[[0, 2]], [[2, 4]], [[4, 6]]]);
  });

  it('through enlarging and halving is that of the pixel again', () => {
    expect(compose(sliding(1, 2, 1, 0), enlarged(2)!)).toEqual(POINTWISE);
  });

  it('keeps the holes of dilation, so that a layer that reads between them sees what is there', () => {
    const dilated = sliding(2, 1, 4, 0);
    expect(dilated.seen).toEqual([
      [
        [0, 0],
        [4, 4],
      ],
    ]);
    const sees = compose(sliding(2, 1, 2, 0), dilated)!;
    expect(sees.seen).toEqual([
      [
        [0, 0],
        [2, 2],
        [4, 4],
        [6, 6],
      ],
    ]);
    expect(fieldOf([sees, sees])).toEqual({ size: [7, 7], jump: [1, 1], start: [3.5, 3.5] });
  });

  it('ends in “everything” where patterns grow too fine or move apart, and never runs away', () => {
    expect(enlarged(1_000_000)).toBeNull();
    expect(compose(enlarged(4096)!, enlarged(4096)!)).toBeNull();
    expect(union(sliding(1, 2, 1, 0), POINTWISE)).toBeNull();
    const wide = sliding(1_000_000, 1, 1_000_000, 0);
    expect(compose(wide, transposed(1, 3, 1, 0)!)!.seen[0]).toHaveLength(1);
  });
});
