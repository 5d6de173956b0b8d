/** Several nodes edited as one. */
import { expect, it } from 'vitest';
import { commonFields, commonValue, isMixed, setShared } from '../../src/engine/graph/sharedParams.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const graph = chain([
  ['Input', 'input'],
  ['Conv2d', 'a', { outChannels: 8, kernelSize: [3, 5] }],
  ['Conv2d', 'b', { outChannels: 16, kernelSize: [3, 7] }],
  ['MaxPool2d', 'pool', { kernelSize: [2, 2] }],
]);
const params = (of: typeof graph, id: string) => of.nodes[id]!.params;

it('shares the fields of one name and one form', () => {
  const kinds = [layerKind('Conv2d')!, layerKind('MaxPool2d')!];
  // Conv2d pads per side, MaxPool2d per axis: no field of both.
  expect(Object.keys(commonFields(kinds))).toEqual(['kernelSize', 'stride', 'dilation']);
  expect(commonFields([layerKind('ReLU')!, layerKind('Conv2d')!])).toEqual({});
});

it('agrees number by number', () => {
  expect(commonValue([8, 8])).toBe(8);
  expect(commonValue([8, 16])).toBeUndefined();
  expect(
    commonValue([
      [3, 5],
      [3, 7],
    ]),
  ).toEqual([3, undefined]);
  expect(commonValue(['same', [1, 1, 1, 1]])).toBeUndefined();
  expect([[3, undefined], undefined, [3, 3], 'many'].map(isMixed)).toEqual([true, true, false, false]);
});

it('sets all, and leaves each its own where the value is mixed', () => {
  const filters = setShared(graph, ['a', 'b'], 'outChannels', 4);
  expect([params(filters, 'a').outChannels, params(filters, 'b').outChannels]).toEqual([4, 4]);
  const heights = setShared(graph, ['a', 'b', 'pool'], 'kernelSize', [1, undefined]);
  expect(['a', 'b', 'pool'].map(id => params(heights, id).kernelSize)).toEqual([
    [1, 5],
    [1, 7],
    [1, 2],
  ]);
});

it('keeps what is invalid, as a form of one node does', () => {
  const broken = setShared(graph, ['a', 'b'], 'outChannels', 'many');
  expect([params(broken, 'a').outChannels, params(broken, 'b').outChannels]).toEqual(['many', 'many']);
});
