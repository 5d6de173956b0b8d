/** Receptive fields of the zoo equal to those that PyTorch's gradients show (tests/oracles/zooFields.py). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { infer } from '../../src/engine/graph/infer.ts';
import { pixelsAt } from '../../src/engine/layers/pixelReach.ts';
import { zooModels } from '../../src/engine/zoo/registry.ts';
import { zooFieldCases } from '../oracles/zooFieldCases.ts';

interface Measured {
  readonly model: string;
  readonly axis: 0 | 1;
  readonly pixel: number;
  readonly size: readonly [number, number, number];
  readonly first: number;
  readonly last: number;
}

const measured: readonly Measured[] = JSON.parse(
  readFileSync(new URL('../oracles/expected/zooFields.json', import.meta.url), 'utf8'),
);

/** Networks that lay the image out at once: no pixel of theirs sees a part of it. */
const WITHOUT_PLACES = ['simple_nn'];

it('are measured for every network that has some', () => {
  const tried = new Set(measured.map(({ model }) => model));
  const names = zooModels().map(({ name }) => name);
  expect(names.filter(name => !tried.has(name))).toEqual(WITHOUT_PLACES);
});

it.each(zooFieldCases().map((each, i) => [each.model, each.axis, each, measured[i]!] as const))(
  'of %s along axis %i',
  (model, axis, { graph, end, image }, { first, last, pixel, size, ...answer }) => {
    expect(answer).toEqual({ model, axis });
    const figures = infer(graph).nodes.get(end)!.figures!;
    expect(figures.shape).toEqual(size);
    const pixels = pixelsAt(figures.sight[axis]!, pixel);
    const extent = image[axis + 1]!;
    const clipped = [Math.max(pixels[0]![0], 0), Math.min(pixels.at(-1)![1], extent - 1)];
    expect(clipped).toEqual([first, last]);
  },
);
