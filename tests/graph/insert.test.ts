/** A network put into another keeps its wiring, and takes nobody's id or name. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { insertGraph } from '../../src/engine/graph/insert.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const tail = chain([
  ['Input', 'input', { shape: [3, 8, 8] }],
  ['Linear', 'fc1', { outFeatures: 7 }],
  ['ReLU', 'relu'],
]);

describe('insertGraph', () => {
  const graph = lenet.build([1, 28, 28], 10);
  const [end] = infer(graph).outputs;

  it('puts a chain behind a node, its own Input left out', () => {
    const { graph: whole, ids } = insertGraph(graph, tail, { after: end!, at: { x: 5, y: 900 } });
    const inference = infer(whole);
    const { outputs, nodes } = inference;
    expect(ids).toHaveLength(2);
    expect(outputs).toEqual([ids[1]]);
    expect(nodes.get(ids[0]!)!.figures!.inputs).toEqual([[10]]);
    expect(diagnose(inference).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(whole.nodes[ids[0]!]).toMatchObject({ x: 5, y: 900 });
    const names = Object.values(whole.nodes).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('leaves the network as it was, and what it holds beside nodes', () => {
    const framed = { ...graph, comments: { note: { text: 'mine', x: 0, y: 0 } } };
    const before = structuredClone(framed);
    const { graph: whole } = insertGraph(framed, tail, {
      after: null,
      withoutEntrances: true,
      at: { x: 0, y: 0 },
    });
    expect(framed).toEqual(before);
    expect(whole.comments).toEqual(before.comments);
    expect(Object.keys(whole.nodes)).toHaveLength(Object.keys(graph.nodes).length + 2);
  });

  it('into an empty canvas takes everything along', () => {
    const { graph: whole } = insertGraph({ nodes: {}, edges: [] }, graph, {
      after: null,
      at: { x: 0, y: 0 },
    });
    expect(infer(whole).totals).toEqual(infer(graph).totals);
    expect(Object.values(whole.nodes).map(({ name }) => name)).toEqual(
      Object.values(graph.nodes).map(({ name }) => name),
    );
  });
});
