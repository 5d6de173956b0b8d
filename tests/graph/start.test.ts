/** What training begins with: weights by name, and the numbers that they want. */
import { expect, it } from 'vitest';
import { repaired } from '../../src/engine/graph/applyRepair.ts';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import {
  defaultTraining,
  formatDocument,
  newDocument,
  type ProjectDocument,
  parseDocument,
  type Training,
} from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { normalizationBy } from '../../src/engine/graph/normalization.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';

const { build, input, classes } = zooModel('efficientnet_lite0')!;
const graph = build(input, classes);

function starting(start: Training['start']): ProjectDocument {
  return { ...newDocument('transferred', graph), training: { ...defaultTraining, start } };
}

it('is by chance, normalised by the dataset, in files that do not say', () => {
  const { start, ...older } = defaultTraining;
  expect(start).toEqual({ weights: 'none', normalization: 'dataset' });
  const text = JSON.stringify({ ...newDocument('older', graph), training: older });
  expect(parseDocument(text).training).toEqual(defaultTraining);
});

it('travels with the project file', () => {
  const document = starting({ weights: 'efficientnet_lite0', normalization: 'symmetric' });
  expect(parseDocument(formatDocument(document))).toEqual(document);
});

it('is a problem with its repair where the weights want other numbers', () => {
  const document = starting({ weights: 'efficientnet_lite0', normalization: 'imagenet' });
  const inference = infer(graph);
  const found = diagnoseSettings(document, inference);
  expect(found).toMatchObject([{ severity: 'warning', code: 'other-preparation', node: null }]);
  expect(found[0]!.message).toMatch(/trained on images normalised by symmetric; here .* by imagenet/);
  const [repair] = found[0]!.repairs;
  const mended = repaired(document, null, repair!);
  expect(mended.training.start).toEqual({ weights: 'efficientnet_lite0', normalization: 'symmetric' });
  expect(mended.graph).toBe(document.graph);
  expect(diagnoseSettings(mended, inference)).toEqual([]);
});

it('is read where a later version wrote it, and said to be unknown', () => {
  const document = starting({ weights: 'from_the_future', normalization: 'symmetric' });
  const read = parseDocument(formatDocument(document));
  const [found] = diagnoseSettings(read, infer(graph));
  expect(found).toMatchObject({ severity: 'error', code: 'unknown-weights' });
  expect(repaired(read, null, found!.repairs[0]!).training.start.weights).toBe('none');
});

it('gives grey images the mean of what colours are normalised by', () => {
  const own = { mean: [0.3], std: [0.2] };
  expect(normalizationBy('dataset', own)).toBe(own);
  expect(normalizationBy('imagenet', own).mean[0]).toBeCloseTo(0.449, 6);
  expect(normalizationBy('symmetric', own)).toEqual({ mean: [127 / 255], std: [128 / 255] });
  expect(normalizationBy('unit', { mean: [1, 2, 3], std: [1, 1, 1] })).toEqual({
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
});
