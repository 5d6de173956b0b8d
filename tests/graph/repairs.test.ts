/** Repairs: previewed as they will be, ranked, applied as one edit, and undone to the byte. */
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { formatDocument, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { previewRepair, rankRepairs } from '../../src/engine/graph/repairs.ts';
import type { Repair } from '../../src/engine/layers/repair.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const graph = lenet.build([1, 28, 28], 10);
const kindsAlong = (repair: Repair, id: string | null) => {
  const inference = infer(applyRepair(graph, id, repair));
  return inference.order.map(node => inference.nodes.get(node)!.node.kind).join(' ');
};

describe('edits of a repair', () => {
  it('insert several layers before and after a node, in the order of the data', () => {
    const layers = [
      { kind: 'Conv2d', params: { outChannels: 5 } },
      { kind: 'MaxPool2d', params: {} },
    ];
    const plain = kindsAlong({ title: 'nothing', edits: [] }, null);
    expect(kindsAlong({ title: 'before', insertBefore: layers }, 'relu1')).toBe(
      plain.replace('Conv2d ReLU', 'Conv2d Conv2d MaxPool2d ReLU'),
    );
    expect(kindsAlong({ title: 'after', insertAfter: layers }, 'fc3')).toBe(`${plain} Conv2d MaxPool2d`);
    expect(kindsAlong({ title: 'after', insertAfter: layers }, 'relu1')).toBe(
      plain.replace('ReLU', 'ReLU Conv2d MaxPool2d'),
    );
  });

  it('change, rename, replace and remove nodes, this one or others, as one edit', () => {
    const repaired = applyRepair(graph, 'conv1', {
      title: 'All of it',
      edits: [
        { setParams: { outChannels: 9 } },
        { rename: 'first' },
        { remove: true, node: 'relu2' },
        { replaceWith: { kind: 'ReLU', params: {} }, node: 'pool1' },
        { disconnect: { source: 'flatten', target: 'fc1', input: 0 } },
        { join: { kind: 'Concat', params: {} }, sources: ['flatten', 'flatten'] },
      ],
    });
    expect(repaired.nodes.conv1).toMatchObject({ name: 'first', params: { outChannels: 9 } });
    expect(repaired.nodes.relu2).toBeUndefined();
    expect(repaired.nodes.pool1).toMatchObject({ kind: 'ReLU', name: 'pool1', params: {} });
    const joined = Object.entries(repaired.nodes).find(([, { kind }]) => kind === 'Concat')![0];
    expect(repaired.edges.filter(({ target }) => target === joined)).toHaveLength(2);
    expect(repaired.edges.some(({ target }) => target === 'fc1')).toBe(false);
  });

  it('leave the document that they were applied to as it was, to the byte', () => {
    const before = formatDocument(newDocument('digits', graph));
    for (const id of Object.keys(graph.nodes)) {
      applyRepair(graph, id, { title: 'x', insertAfter: { kind: 'ReLU', params: {} } });
      applyRepair(graph, id, { title: 'x', setParams: { outChannels: 3 } });
      applyRepair(graph, id, { title: 'x', remove: true });
    }
    expect(formatDocument(newDocument('digits', graph))).toBe(before);
  });
});

describe('previews', () => {
  const faulty = chain([
    ['Input', 'input', { shape: [3, 8, 8] }],
    ['Linear', 'head'],
  ]);
  const inference = infer(faulty);
  const diagnosis = diagnose(inference).find(({ code }) => code === 'linear-wants-vector')!;

  it('tell what comes of a repair', () => {
    const flatten = { title: 'Insert Flatten', insertBefore: { kind: 'Flatten', params: {} } };
    expect(previewRepair(faulty, inference, diagnosis, flatten)).toMatchObject({
      outputShape: [10],
      inputShape: [192],
      deltaParams: 1930,
      deltaMacs: 1920,
      mends: true,
      remaining: [],
    });
  });

  it('rank what mends before what does not, little before much, and leave out unknown kinds', () => {
    const repairs: Repair[] = [
      { title: 'nothing', edits: [] },
      { title: 'unknown', insertBefore: { kind: 'Fold', params: {} } },
      { title: 'pool', insertBefore: { kind: 'MaxPool2d', params: {} } },
      { title: 'flatten', insertBefore: { kind: 'Flatten', params: {} } },
      {
        title: 'pool and flatten',
        insertBefore: [
          { kind: 'MaxPool2d', params: {} },
          { kind: 'Flatten', params: {} },
        ],
      },
    ];
    const ranked = rankRepairs(faulty, inference, { ...diagnosis, repairs });
    expect(ranked.map(({ repair }) => repair.title)).toEqual([
      'pool and flatten',
      'flatten',
      'nothing',
      'pool',
    ]);
  });
});
