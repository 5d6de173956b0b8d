/** The differences between two graphs: by identity where ids are shared, by structure where they are not. */
import { describe, expect, it } from 'vitest';
import { makeBlock } from '../../src/engine/graph/blockEdits.ts';
import { diffGraphs } from '../../src/engine/graph/diff.ts';
import type { Drawing, Graph } from '../../src/engine/graph/document.ts';
import { editAt } from '../../src/engine/graph/drawings.ts';
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
    ...graph,
    nodes: Object.fromEntries(Object.entries(graph.nodes).map(([id, node]) => [prefix + id, node])),
    edges: graph.edges.map(edge => ({ ...edge, source: prefix + edge.source, target: prefix + edge.target })),
  };
}

const summary = (before: Graph, after: Graph) => {
  const { matches: _, ...rest } = diffGraphs(before, after);
  return rest;
};

const nothing = {
  added: [],
  removed: [],
  changed: [],
  addedEdges: [],
  removedEdges: [],
  notes: [],
  deltaParams: 0,
  deltaMacs: 0,
};

/** A block of a block: `outer` holds `inner`, which holds conv2 and relu2. */
function nested(): Graph {
  const make = (graph: Graph, ids: string[], name: string) => {
    const made = makeBlock(graph, ids, name);
    if ('refusal' in made) throw new Error(made.refusal);
    return { graph: changeNode(made.graph, made.id, { name }), id: made.id };
  };
  const inner = make(base, ['conv2', 'relu2'], 'inner');
  return make(inner.graph, [inner.id, 'pool2'], 'outer').graph;
}

/** What stands in a copy of a block, by names. */
function scopeOf(graph: Graph, ...names: string[]): string {
  let [drawing, scope] = [graph as Drawing, ''];
  for (const name of names) {
    const [id, node] = Object.entries(drawing.nodes).find(([, each]) => each.name === name)!;
    scope += `${id}/0/`;
    drawing = graph.blocks![node.params.block as string]!.graph;
  }
  return scope;
}

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

  it('inside blocks and the blocks in them, with what one repetition costs', () => {
    const before = nested();
    const after = editAt(before, scopeOf(before, 'outer', 'inner'), drawing =>
      removeNodes(setParams(drawing, 'conv2', { outChannels: 20 }), ['relu2']),
    );
    const { changed, added, removed } = diffGraphs(before, after);
    expect([added, removed]).toEqual([[], []]);
    expect(changed.map(({ name }) => name)).toEqual(['fc1', 'outer']);
    const outer = changed.find(({ name }) => name === 'outer')!;
    expect(outer).toMatchObject({ params: [], deltaParams: 4 * (6 * 25 + 1) });
    const inner = outer.inside!.changed.find(({ name }) => name === 'inner')!;
    expect(inner.inside).toMatchObject({
      removed: ['relu2'],
      changed: [
        {
          name: 'conv2',
          params: [{ name: 'outChannels', before: 16, after: 20 }],
          deltaParams: 4 * (6 * 25 + 1),
          inside: null,
        },
      ],
    });
    expect(summary(before, copied(before, 'other-'))).toEqual(nothing);
  });

  it('of what is bypassed or frozen, and of frames and comments by what they say', () => {
    const frame = { title: 'stem', x: 0, y: 0, width: 100, height: 100 };
    const before: Graph = {
      ...base,
      frames: { f: frame, g: frame },
      comments: { c: { text: 'a', x: 0, y: 0 } },
    };
    const after: Graph = {
      ...changeNode(changeNode(base, 'relu1', { bypassed: true }), 'conv2', { frozen: true }),
      frames: { f: { ...frame, x: 7, width: 300 }, h: { ...frame, title: 'tail' } },
      comments: { c: { text: 'b', x: 0, y: 0 } },
    };
    const diff = diffGraphs(before, after);
    expect(diff.changed.map(({ name, params }) => [name, ...params.map(({ name: set }) => set)])).toEqual([
      ['relu1', 'bypassed'],
      ['conv2', 'frozen'],
    ]);
    expect(diff.notes).toEqual([
      { kind: 'frame', id: 'g', before: 'stem', after: null },
      { kind: 'frame', id: 'h', before: null, after: 'tail' },
      { kind: 'comment', id: 'c', before: 'a', after: 'b' },
    ]);
  });
});
