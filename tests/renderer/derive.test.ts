/**
 * Document, scope, drawing and inference agree whenever anybody is told of a change, whoever listens and since when:
 * across undo and redo, entering and deleting blocks, and opening another project from inside one.
 */
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/bridge/ids.ts';
import { dissolveBlock, makeBlock } from '../../src/engine/graph/blockEdits.ts';
import { isBlock } from '../../src/engine/graph/blocks.ts';
import { type Graph, type NodeId, newDocument } from '../../src/engine/graph/document.ts';
import { drawingAt, validScope } from '../../src/engine/graph/drawings.ts';
import { removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Inference } from '../../src/engine/graph/inference.ts';
import { scopedInference } from '../../src/engine/graph/scopedInference.ts';
import { smallCnn } from '../../src/engine/zoo/smallCnn.ts';
import {
  editTraining,
  redo,
  showDocument,
  undo,
  useDocument,
} from '../../src/renderer/store/openDocument.ts';

// It listens before the modules that follow the document are there: nobody is told later than they.
let told = 0;
let look: (() => void) | undefined;
useDocument.subscribe(() => look?.());

const { inferenceNow, wholeInferenceNow } = await import('../../src/renderer/store/documentInference.ts');
const { editGraph, enterCopy, enterScope, graphNow, leaveBlock, scopeNow } = await import(
  '../../src/renderer/store/openDrawing.ts'
);

function expectAgreement(): void {
  told++;
  const { graph } = useDocument.getState().document;
  expect(validScope(graph, scopeNow())).toBe(scopeNow());
  expect(graphNow()).toBe(drawingAt(graph, scopeNow()));
  expect(wholeInferenceNow().drawn).toBe(graph);
  expect(inferenceNow().drawn).toBe(graphNow());
  const anew = infer(graph);
  const hereAnew = scopedInference(anew, graphNow(), scopeNow());
  expect(wholeInferenceNow().totals).toEqual(anew.totals);
  expect(kindsAndShapes(inferenceNow())).toEqual(kindsAndShapes(hereAnew));
}

function kindsAndShapes({ nodes }: Inference): Map<NodeId, unknown> {
  return new Map([...nodes].map(([id, { node, figures }]) => [id, [node.kind, node.name, figures?.shape]]));
}

/** A small network whose convolutions and what follows lie in blocks, one of them within the other. */
function nested(): Graph {
  const graph = smallCnn.build([1, 28, 28], 10);
  const inner = makeBlock(graph, Object.keys(graph.nodes).slice(1, 3));
  if ('refusal' in inner) throw new Error(inner.refusal);
  const next = Object.keys(inner.graph.nodes).find(id =>
    inner.graph.edges.some(({ source, target }) => source === inner.id && target === id),
  );
  const outer = makeBlock(inner.graph, [inner.id, ...(next === undefined ? [] : [next])]);
  if ('refusal' in outer) throw new Error(outer.refusal);
  return outer.graph;
}

const blocksHere = () =>
  Object.entries(graphNow().nodes).flatMap(([id, node]) => (isBlock(node) ? [id] : []));
const pick = <T>(items: readonly T[], dice: number): T | undefined => items[dice % items.length];

/** What hands do, by a number that chooses among what there is. */
const gestures: Readonly<Record<string, (dice: number) => void>> = {
  enter: dice => {
    const id = pick(blocksHere(), dice);
    if (id !== undefined) enterCopy(id);
  },
  leave: leaveBlock,
  jump: dice => enterScope(pick(['', 'nowhere/0/'], dice) ?? ''),
  remove: dice =>
    editGraph(graph => removeNodes(graph, [pick(Object.keys(graph.nodes), dice) ?? ''], dice % 2 === 0)),
  removeBlock: dice => editGraph(graph => removeNodes(graph, [pick(blocksHere(), dice) ?? ''], true)),
  dissolve: dice => {
    const id = pick(blocksHere(), dice);
    if (id !== undefined) editGraph(graph => dissolveBlock(graph, id));
  },
  set: dice =>
    editGraph(graph =>
      setParams(graph, pick(Object.keys(graph.nodes), dice) ?? '', { outChannels: dice + 1 }),
    ),
  train: dice => editTraining({ batchSize: dice + 1 }),
  undo,
  redo,
  open: () => showDocument(newId(), newDocument('another', nested())),
};

beforeEach(() => {
  look = undefined;
  told = 0;
});

it('undoing away the block that one stands in changes all of it at once', () => {
  const flat = smallCnn.build([1, 28, 28], 10);
  showDocument(newId(), newDocument('blocks', flat));
  const made = makeBlock(flat, Object.keys(flat.nodes).slice(1, 3));
  if ('refusal' in made) throw new Error(made.refusal);
  editGraph(() => made.graph);
  enterCopy(made.id);
  expect(scopeNow()).toBe(`${made.id}/0/`);
  look = expectAgreement;
  undo();
  expect(scopeNow()).toBe('');
  redo();
  enterCopy(made.id);
  showDocument(newId(), newDocument('another', nested()));
  expect(scopeNow()).toBe('');
  expect(told).toBe(4);
});

it('after any sequence of gestures all parts agree, at every notification', () => {
  const sequences = fc.array(
    fc.record({ name: fc.constantFrom(...Object.keys(gestures)), dice: fc.nat({ max: 99 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(sequences, sequence => {
      look = undefined;
      showDocument(newId(), newDocument('blocks', nested()));
      look = expectAgreement;
      for (const { name, dice } of sequence) gestures[name]?.(dice);
    }),
    { numRuns: 100 },
  );
});

it('what did not change stays the same object', () => {
  showDocument(newId(), newDocument('blocks', nested()));
  const before = useDocument.getState();
  editTraining({ batchSize: before.document.training.batchSize + 1 });
  const { wholeInference, inference, drawing } = useDocument.getState();
  expect(wholeInference).toBe(before.wholeInference);
  expect(inference).toBe(before.inference);
  expect(drawing).toBe(before.drawing);
});
