/** Freezing by names: whole copies where all of one is meant, else in the drawing that all copies share. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/engine/graph/document.ts';
import {
  type Frozen,
  freezeLayers,
  frozenLayers,
  layersMatching,
  weightedLayers,
} from '../../src/engine/graph/freezeLayers.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';

const net = zooModel('efficientnet_lite0')!.build([3, 64, 64], 5);

function done(frozen: Frozen): Graph {
  if ('refusal' in frozen) throw new Error(frozen.refusal);
  return frozen.graph;
}

const freeze = (graph: Graph, pattern: string) => {
  const inference = infer(graph);
  return freezeLayers(graph, inference, new Set(layersMatching(inference, pattern)));
};

const namesIn = (graph: Graph) => {
  const inference = infer(graph);
  const names = weightedLayers(inference);
  return [...frozenLayers(inference)].map(id => names.get(id)!);
};

describe('a pattern', () => {
  const inference = infer(net);
  const names = weightedLayers(inference);
  const matching = (pattern: string) => layersMatching(inference, pattern).map(id => names.get(id)!);

  it.each(['backbone', 'backbone.*', 'back*', 'b?ckbone.0.*'])('%s means all of a copy', pattern => {
    expect(matching(pattern)).toEqual([...names.values()].filter(name => name.startsWith('backbone.')));
  });

  it('means layers by parts of their names', () => {
    expect(matching('classifier')).toEqual(['classifier']);
    expect(matching('backbone.0.stage1')).toEqual(
      ['conv_dw', 'bn1', 'conv_pw', 'bn2'].map(name => `backbone.0.stage1.0.${name}`),
    );
    expect(matching('*conv_dw')).toHaveLength(16);
    expect(matching('conv_dw')).toEqual([]);
    expect(matching('*')).toHaveLength(names.size);
    expect(matching('')).toEqual([]);
  });

  it('of many stars takes no time', () => {
    const started = performance.now();
    expect(matching(`${'*a'.repeat(2000)}!`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

it('freezes a copy of which all is meant as a whole', () => {
  const graph = done(freeze(net, 'backbone.*'));
  expect(graph).toEqual(setFrozen(net, ['backbone'], true));
  expect(graph.blocks).toBe(net.blocks);
  expect(infer(graph).totals.trainable).toBe(1280 * 5 + 5);
});

it('freezes parts of a copy in its drawing, and lets them learn again', () => {
  const some = done(freeze(net, 'backbone.0.stage[1-3]'));
  expect(some).toEqual(net);
  const stem = done(freeze(net, 'backbone.0.stage1'));
  expect(namesIn(stem)).toHaveLength(4);
  expect(stem.nodes).toEqual(net.nodes);
  const inference = infer(stem);
  expect(done(freezeLayers(stem, inference, new Set()))).toEqual(net);
  // From all of it to all but its last stages: the copy itself learns again, what stands in it does not.
  const all = setFrozen(net, ['backbone'], true);
  const kept = layersMatching(infer(all), 'backbone.0.stage?').filter(id => !/stage[67]/.test(id));
  const opened = done(freezeLayers(all, infer(all), new Set(kept)));
  expect(opened.nodes.backbone!.frozen).toBeUndefined();
  expect(namesIn(opened).some(name => /stage[67]|conv_head|conv_stem/.test(name))).toBe(false);
  expect(namesIn(opened)).toHaveLength(kept.length);
});

it('freezes a layer in all copies of its block, and refuses to do so in some of them', () => {
  const norms = done(freeze(net, '*.bn3'));
  expect(namesIn(norms)).toHaveLength(15);
  const frozen = freeze(net, '*stage4*.bn3');
  expect(frozen).toEqual({
    refusal:
      'bn3 would be frozen in some copies of Bottleneck and learn in others, but all copies share one drawing: freeze whole copies, or the layer in all of them.',
  });
});
