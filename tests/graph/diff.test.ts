/** The differences between two graphs: by identity where ids are shared, by structure where they are not. */
import { describe, expect, it } from 'vitest';
import { diffGraphs } from '../../src/engine/graph/diff.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import {
  changeNode,
  connect,
  disconnect,
  insertOnEdge,
  moveNodes,
  removeNodes,
  replaceKind,
  setParams,
} from '../../src/engine/graph/edits.ts';
import { relu } from '../../src/engine/layers/relu.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';

const base = lenet.build([1, 28, 28], 10);

/** The same network as another project would hold it: other ids. */
function copied(graph: Graph, prefix: string): Graph {
  return {
    nodes: Object.fromEntries(Object.entries(graph.nodes).map(([id, node]) => [prefix + id, node])),
    edges: graph.edges.map(edge => ({ ...edge, source: prefix + edge.source, target: prefix + edge.target })),
  };
}

const summary = (before: Graph, after: Graph) => {
  const { added, removed, changed, addedEdges, removedEdges, deltaParams, deltaMacs } = diffGraphs(
    before,
    after,
  );
  return { added, removed, changed, addedEdges, removedEdges, deltaParams, deltaMacs };
};

const nothing = {
  added: [],
  removed: [],
  changed: [],
  addedEdges: [],
  removedEdges: [],
  deltaParams: 0,
  deltaMacs: 0,
};

describe('a graph and itself', () => {
  it('differ in nothing, wherever the nodes lie and whatever their ids', () => {
    expect(summary(base, moveNodes(base, { conv1: { x: 900, y: 3 } }))).toEqual(nothing);
    expect(summary(base, copied(base, 'other-'))).toEqual(nothing);
  });
});

describe('changes are found', () => {
  it('of a parameter, with what they cost here and in what follows', () => {
    const after = setParams(base, 'conv2', { outChannels: 20 });
    const diff = diffGraphs(base, after);
    expect(diff.changed.map(({ name }) => name)).toEqual(['conv2', 'fc1']);
    expect(diff.changed[0]).toMatchObject({
      params: [{ name: 'outChannels', before: 16, after: 20 }],
      deltaParams: 4 * (6 * 25 + 1),
      renamedFrom: null,
    });
    expect(diff.changed[1]).toMatchObject({ params: [], deltaParams: 4 * 25 * 120 });
    expect(diff.deltaParams).toBe(4 * (6 * 25 + 1) + 4 * 25 * 120);
  });

  it('of a node that was put in, by the edges that it parted', () => {
    const { graph, id } = insertOnEdge(base, { source: 'fc1', target: 'relu3', input: 0 }, relu);
    expect(summary(base, graph)).toMatchObject({
      added: [id],
      removed: [],
      changed: [],
      addedEdges: [],
      removedEdges: [{ source: 'fc1', target: 'relu3', input: 0 }],
    });
  });

  it('of a node that is gone', () => {
    expect(summary(base, removeNodes(base, ['relu2']))).toMatchObject({
      removed: ['relu2'],
      added: [],
      addedEdges: [{ source: 'conv2', target: 'pool2', input: 0 }],
    });
  });

  it('of an edge that leads elsewhere', () => {
    const cut = disconnect(base, { source: 'fc2', target: 'relu4', input: 0 });
    const after = connect(cut, { source: 'relu3', target: 'relu4', input: 0 });
    expect(summary(base, after)).toMatchObject({
      addedEdges: [{ source: 'relu3', target: 'relu4', input: 0 }],
      removedEdges: [{ source: 'fc2', target: 'relu4', input: 0 }],
    });
  });

  it('of a name and of a kind, in place', () => {
    const renamed = changeNode(base, 'conv1', { name: 'stem' });
    expect(diffGraphs(base, renamed).changed).toMatchObject([{ name: 'stem', renamedFrom: 'conv1' }]);
    const other = replaceKind(base, 'relu1', {
      kind: 'MaxPool2d',
      params: { kernelSize: [1, 1], stride: [1, 1] },
    });
    expect(diffGraphs(base, other)).toMatchObject({
      added: [],
      removed: [],
      changed: [{ name: 'relu1', kindBefore: 'ReLU' }],
    });
  });

  it('without shared ids, by name and by what surrounds them', () => {
    let after = copied(base, 'n-');
    after = changeNode(after, 'n-relu2', { name: 'bend' });
    after = setParams(after, 'n-fc2', { outFeatures: 64 });
    const diff = diffGraphs(base, after);
    expect(diff).toMatchObject({ added: [], removed: [] });
    expect(diff.matches.get('relu2')).toBe('n-relu2');
    expect(diff.changed.map(({ name }) => name)).toEqual(['bend', 'fc2', 'fc3']);
  });
});
