/** The finder of layers: which a few letters find, and which of them stands first. */
import { expect, test } from 'vitest';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { search } from '../../src/renderer/design/searchLayers.ts';
import { nearestFirst } from '../../src/renderer/ui/nearestFirst.ts';

const found = (query: string) => search(layerKinds(), query).map(({ kind }) => kind);

test.each([
  ['relu', 'ReLU'],
  ['ReLU6', 'ReLU6'],
  ['leaky', 'LeakyReLU'],
  ['batchnorm2d', 'BatchNorm2d'],
  ['mp2', 'MaxPool2d'],
  ['conv', 'Conv2d'],
  ['lin', 'Linear'],
  ['dropout', 'Dropout'],
])('%s finds %s first', (query, kind) => {
  expect(found(query)[0]).toBe(kind);
});

test('nothing typed finds all, in the order in which they came', () => {
  expect(found('')).toEqual(layerKinds().map(({ kind }) => kind));
  expect(found('  ')).toEqual(found(''));
});

test('each word has to be found, in kind, family or summary', () => {
  expect(found('max adaptive')).toEqual(['AdaptiveMaxPool2d']);
  expect(found('pooling')).toContain('AvgPool2d');
  expect(found('negative small')).toContain('LeakyReLU');
  expect(found('zebra')).toEqual([]);
});

test('the nearest name stands first, and those equally near as they came', () => {
  const names = ['Rename run', 'Old run', 'run', 'Run all', 'Copy', 'New run'];
  expect(nearestFirst(names, ' run ', name => name)).toEqual([
    'run',
    'Run all',
    'Rename run',
    'Old run',
    'New run',
    'Copy',
  ]);
});
