/** What a network takes of a trained one: as `load_state_dict(strict=False)` would, where shapes are the same. */
import { expect, it } from 'vitest';
import { dissolveBlock, makeBlock } from '../../src/engine/graph/blockEdits.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { changeNode, setParams } from '../../src/engine/graph/edits.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { transferred } from '../../src/engine/graph/transfer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { blockless } from './blockless.ts';

const between = (from: Graph, to: Graph) => transferred(infer(from), infer(to));

it('takes all of ResNet-18 but its last layer where there are other classes', () => {
  const graph = zooModel('resnet18')!.build([3, 224, 224], 1000);
  const last = Object.keys(graph.nodes).find(id => graph.nodes[id]!.kind === 'Linear')!;
  const layers = between(graph, setParams(graph, last, { outFeatures: 10 }));
  const missed = layers.filter(({ whole }) => !whole);
  expect(missed).toEqual([expect.objectContaining({ node: last, parameters: 5130, taken: 0 })]);
  expect(missed[0]!.reason).toMatch(/ is 1000×512, here it is 10×512\.$/);
  // 11 689 512 are in the published network, 513 000 of them in its last layer.
  expect(layers.reduce((sum, { taken }) => sum + taken, 0)).toBe(11_689_512 - 513_000);
});

it('says what is missing by name, and what is taken in part', () => {
  const graph = blockless();
  expect(between(graph, graph).every(({ whole, reason }) => whole && reason === null)).toBe(true);
  const renamed = changeNode(graph, 'conv', { name: 'stem' });
  expect(between(graph, renamed)[0]).toMatchObject({
    name: 'stem',
    taken: 0,
    reason: 'It has no stem.weight.',
  });
  const wider = setParams(graph, 'conv', { kernelSize: [5, 5], bias: true });
  const biased = setParams(graph, 'conv', { bias: true });
  expect(between(biased, wider)[0]).toMatchObject({
    whole: false,
    taken: 8,
    reason: 'Its conv.weight is 8×8×3×3, here it is 8×8×5×5.',
  });
});

it('counts a copy of a block as one layer; frozen, none of it learns, also once it is taken apart', () => {
  const made = makeBlock(blockless(), ['conv', 'norm', 'relu']);
  if ('refusal' in made) throw new Error(made.refusal);
  const { graph, id } = made;
  const inference = infer(graph);
  const layers = transferred(inference, inference);
  expect(layers.map(({ node }) => node)).toEqual([id, 'head']);
  expect(layers[0]).toMatchObject({ parameters: 8 * 8 * 9 + 16, taken: 8 * 8 * 9 + 16, whole: true });
  const frozen = setFrozen(graph, [id], true);
  expect(infer(frozen, inference).totals.trainable).toBe(8 * 10 + 10);
  expect(infer(dissolveBlock(frozen, id)).totals.trainable).toBe(8 * 10 + 10);
  expect(infer(setFrozen(frozen, [id], false), infer(frozen)).totals).toEqual(inference.totals);
});
