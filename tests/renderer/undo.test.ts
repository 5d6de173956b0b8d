/**
 * Undo is exact: whatever a person does on the canvas, in whatever order, taking it back leads through the very same
 * texts, byte for byte, and doing it again leads forth through them.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newId } from '../../src/bridge/ids.ts';
import { align, distribute, straighten } from '../../src/engine/graph/arrange.ts';
import {
  addComment,
  addFrame,
  changeComment,
  changeFrame,
  frameAround,
} from '../../src/engine/graph/canvasFrames.ts';
import {
  allItems,
  NO_ITEMS,
  rectsOf,
  removeItems,
  withContents,
} from '../../src/engine/graph/canvasItems.ts';
import { clipText, pasteClip, readClip, takeClip } from '../../src/engine/graph/clipboardText.ts';
import { formatDocument, type Graph, newDocument } from '../../src/engine/graph/document.ts';
import {
  addNode,
  changeNode,
  connect,
  disconnect,
  insertOnEdge,
  moveNodes,
  newNode,
  removeNodes,
  setParams,
  splice,
} from '../../src/engine/graph/edits.ts';
import { nodeRect } from '../../src/engine/graph/rect.ts';
import { moveEnd, toggleBypass } from '../../src/engine/graph/rewire.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { endGesture, redo, showDocument, undo, useDocument } from '../../src/renderer/store/openDocument.ts';
import { editGraph } from '../../src/renderer/store/openDrawing.ts';

/** Numbers that an edit draws its choices from. */
type Dice = readonly [number, number, number];

const pick = <T>(items: readonly T[], dice: number): T | undefined => items[dice % items.length];
const nodeOf = (graph: Graph, dice: number) => pick(Object.keys(graph.nodes), dice);
const someNodes = (graph: Graph, dice: number) =>
  Object.keys(graph.nodes).filter((_, i) => ((dice >> (i % 16)) & 1) === 1);

/** What hands do, each as one edit. */
const edits: Readonly<Record<string, (graph: Graph, dice: Dice) => Graph>> = {
  add: (graph, [a, b, c]) =>
    addNode(graph, newNode(graph, pick(layerKinds(), a)!, { x: b - 500, y: c })).graph,
  insert: (graph, [a, b]) => {
    const edge = pick(graph.edges, a);
    const kinds = layerKinds().filter(kind => kind.inputs !== 0);
    return edge ? insertOnEdge(graph, edge, pick(kinds, b)!).graph : graph;
  },
  remove: (graph, [a, b]) => removeNodes(graph, someNodes(graph, a & b), b % 2 === 0),
  connect: (graph, [a, b, c]) => {
    const [source, target] = [nodeOf(graph, a), nodeOf(graph, b)];
    return source && target ? connect(graph, { source, target, input: c % 3 }) : graph;
  },
  disconnect: (graph, [a]) => (graph.edges[0] ? disconnect(graph, pick(graph.edges, a)!) : graph),
  lead: (graph, [a, b, c]) => {
    const [edge, to] = [pick(graph.edges, a), nodeOf(graph, b)];
    return edge && to ? moveEnd(graph, edge, c % 2 ? 'source' : 'target', to) : graph;
  },
  splice: (graph, [a, b]) => {
    const [edge, id] = [pick(graph.edges, a), nodeOf(graph, b)];
    return edge && id ? splice(graph, edge, id) : graph;
  },
  move: (graph, [a, b, c]) =>
    moveNodes(graph, Object.fromEntries(someNodes(graph, a).map(id => [id, { x: b, y: c }]))),
  rename: (graph, [a, b]) => changeNode(graph, nodeOf(graph, a) ?? '', { name: `renamed${b}` }),
  set: (graph, [a, b]) => setParams(graph, nodeOf(graph, a) ?? '', { outChannels: b, outFeatures: b }),
  bypass: (graph, [a]) => toggleBypass(graph, someNodes(graph, a)),
  align: (graph, [a, b]) => {
    const rects = Object.fromEntries(someNodes(graph, a).map(id => [id, nodeRect(graph.nodes[id]!)]));
    return moveNodes(graph, b % 2 ? align(rects, 'centre') : distribute(rects, 'y'));
  },
  straighten: (graph, [a]) => moveNodes(graph, straighten(graph, someNodes(graph, a))),
  frame: (graph, [a, b]) => {
    const nodes = someNodes(graph, a);
    return addFrame(graph, frameAround(rectsOf(graph, { ...NO_ITEMS, nodes }), { x: 0, y: b }, `f${b}`))
      .graph;
  },
  retitle: (graph, [a, b]) =>
    changeFrame(graph, pick(Object.keys(graph.frames ?? {}), a) ?? '', { title: `t${b}`, width: 16 + b }),
  comment: (graph, [a, b]) => addComment(graph, { text: `c${a}`, x: a, y: b }).graph,
  rewrite: (graph, [a, b]) =>
    changeComment(graph, pick(Object.keys(graph.comments ?? {}), a) ?? '', { text: `“${b}”\n` }),
  clear: (graph, [a]) => {
    const { frames, comments } = allItems(graph);
    return removeItems(graph, { nodes: [], frames, comments: a % 2 ? comments : [] });
  },
  paste: (graph, [a, b, c]) => {
    const items = withContents(graph, { ...allItems(graph), nodes: someNodes(graph, a & b) });
    const clip = readClip(clipText(takeClip(graph, items)));
    if (!clip || 'refusal' in clip) throw new Error('a copy cannot be pasted');
    return pasteClip(graph, clip, { by: { x: b, y: c }, keepsEdges: c % 2 === 0 }).graph;
  },
};

const dice = fc.nat({ max: 999 });

const gestures = fc.array(
  fc.record({
    edit: fc.constantFrom(...Object.keys(edits)),
    dice: fc.tuple(dice, dice, dice),
    /** What it is part of: typing into one field goes on. */
    partOf: fc.option(fc.constantFrom('typing', 'sliding'), { nil: undefined }),
    after: fc.constantFrom('go on', 'go on', 'let go', 'undo', 'redo'),
  }),
  { maxLength: 40 },
);

const textNow = () => formatDocument(useDocument.getState().document);
const stepsBack = () => useDocument.temporal.getState().pastStates.length;

it('after any sequence of gestures, undo leads back through the same bytes and redo forth', () => {
  const first = newDocument('digits', lenet.build([1, 28, 28], 10));
  fc.assert(
    fc.property(gestures, sequence => {
      showDocument(newId(), first);
      /** The text after each step; `at` is where we are among them. */
      const texts = [textNow()];
      let at = 0;
      let gesture: string | undefined;
      for (const { edit, dice, partOf, after } of sequence) {
        const [steps, document] = [stepsBack(), useDocument.getState().document];
        editGraph(graph => edits[edit]!(graph, dice), partOf);
        const isChanged = useDocument.getState().document !== document;
        const joins = partOf !== undefined && partOf === gesture;
        expect(stepsBack() - steps).toBe(isChanged && !joins ? 1 : 0);
        if (isChanged && !joins) texts.splice(++at, Infinity, textNow());
        else texts[at] = textNow();
        if (isChanged) gesture = partOf;
        if (after !== 'go on') gesture = undefined;
        if (after === 'let go') endGesture();
        if (after === 'undo' && at > 0) {
          undo();
          expect(textNow()).toBe(texts[--at]);
        }
        if (after === 'redo') {
          redo();
          at = Math.min(at + 1, texts.length - 1);
          expect(textNow()).toBe(texts[at]);
        }
      }
      const last = at;
      while (at > 0) {
        undo();
        expect(textNow()).toBe(texts[--at]);
      }
      expect(textNow()).toBe(formatDocument(first));
      while (at < last) {
        redo();
        expect(textNow()).toBe(texts[++at]);
      }
    }),
    { numRuns: 150 },
  );
});
