/** Copies as text: what is taken comes back in another graph as it was, and what cannot be read says why. */
import { expect, it } from 'vitest';
import { NO_ITEMS, removeItems } from '../../src/engine/graph/canvasItems.ts';
import { clipText, pasteClip, readClip, takeClip } from '../../src/engine/graph/clipboardText.ts';
import { formatDocument, type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';

const graph = lenet.build([1, 28, 28], 10);
const AWAY = { by: { x: 300, y: 0 }, keepsEdges: false };
const items = (...nodes: string[]) => ({ ...NO_ITEMS, nodes });

function copied(from: Graph, ...nodes: string[]) {
  const clip = readClip(clipText(takeClip(from, items(...nodes))));
  if (!clip || 'refusal' in clip) throw new Error('the text of a clip is no clip');
  return clip;
}

it('come back in an empty project under their own names, wired as they were', () => {
  const { graph: pasted } = pasteClip({ nodes: {}, edges: [] }, copied(graph, 'conv1', 'relu1'), AWAY);
  expect(pasted.nodes.conv1).toEqual({ ...graph.nodes.conv1, x: graph.nodes.conv1!.x + 300 });
  expect(pasted.edges).toEqual([{ source: 'conv1', target: 'relu1', input: 0 }]);
});

it('have ids and names of their own beside their originals', () => {
  const pasted = pasteClip(graph, copied(graph, 'conv1', 'relu1'), AWAY);
  const [conv, relu] = pasted.items.nodes;
  expect(pasted.graph.nodes[conv!]).toMatchObject({ kind: 'Conv2d', name: 'conv3' });
  expect(pasted.graph.nodes[relu!]).toMatchObject({ kind: 'ReLU', name: 'relu5' });
  expect(pasted.graph.edges).toHaveLength(graph.edges.length + 1);
  expect(pasted.graph.edges.at(-1)).toEqual({ source: conv, target: relu, input: 0 });
});

it('keep what fed their originals when asked to, and leave taken inputs alone', () => {
  const pasted = pasteClip(graph, copied(graph, 'relu1'), { ...AWAY, keepsEdges: true });
  const [relu] = pasted.items.nodes;
  expect(pasted.graph.edges).toContainEqual({ source: 'conv1', target: relu, input: 0 });
  expect(pasted.graph.edges).toContainEqual({ source: 'relu1', target: 'pool1', input: 0 });
});

it('are wired both ways where the original was cut out', () => {
  const clip = copied(graph, 'relu1');
  const cut = removeItems(graph, items('relu1'), false);
  const { graph: pasted } = pasteClip(cut, clip, { by: { x: 0, y: 0 }, keepsEdges: true });
  expect(pasted.nodes).toEqual(graph.nodes);
  expect(new Set(pasted.edges.map(edge => JSON.stringify(edge)))).toEqual(
    new Set(graph.edges.map(edge => JSON.stringify(edge))),
  );
});

it('take along the blocks they are copies of, without changing blocks of the same id', () => {
  const node = { kind: 'Block', name: 'stage', params: { block: 'b' }, x: 0, y: 0 };
  const block = (name: string) => ({ name, graph: { nodes: {}, edges: [] }, exposed: [] });
  const source: Graph = {
    nodes: { stage: node },
    edges: [],
    blocks: { b: block('mine'), c: block('other') },
  };
  const clip = copied(source, 'stage');
  expect(Object.keys(clip.graph.blocks ?? {})).toEqual(['b']);
  const fresh = pasteClip({ nodes: {}, edges: [] }, clip, AWAY).graph;
  expect(fresh.blocks).toEqual({ b: block('mine') });
  const other = pasteClip({ nodes: {}, edges: [], blocks: { b: block('theirs') } }, clip, AWAY);
  const id = other.graph.nodes[other.items.nodes[0]!]!.params.block as string;
  expect(other.graph.blocks).toEqual({ b: block('theirs'), [id]: block('mine') });
});

it('may be a whole project', () => {
  expect(readClip(formatDocument(newDocument('digits', graph)))).toEqual({ graph, around: [] });
});

it.each([
  ['{"receptiveClip": 2, "graph": {"nodes": 5, "edges": []}, "around": []}', /wrong at graph\.nodes/],
  ['{"receptiveClip": 99}', /later version/],
  ['{"receptive": 99}', /format 99/],
])('are refused in words: %s', (text, refusal) => {
  expect(readClip(text)).toEqual({ refusal: expect.stringMatching(refusal) });
});

it.each(['nn.Sequential()', '', '7', 'null', '[1, 2]', '{"a": 1}'])('are not what %j is', text => {
  expect(readClip(text)).toBeNull();
});
