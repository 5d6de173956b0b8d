/**
 * Whatever a file holds, every look at it ends: it is refused as a document, or it is inferred, judged, mended, written as
 * code, compared and compiled, each with an answer or the error that its caller expects.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CompileError } from '../../src/engine/compile/program.ts';
import { codeText } from '../../src/engine/formats/code.ts';
import { kerasCode } from '../../src/engine/formats/keras.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { straighten } from '../../src/engine/graph/arrange.ts';
import { dissolveBlock, makeBlock } from '../../src/engine/graph/blockEdits.ts';
import { clipText, pasteClip, readClip, takeClip } from '../../src/engine/graph/clipboardText.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import { diffGraphs } from '../../src/engine/graph/diff.ts';
import {
  DocumentError,
  formatDocument,
  type ProjectDocument,
  parseDocument,
} from '../../src/engine/graph/document.ts';
import { removeNodes } from '../../src/engine/graph/edits.ts';
import { MAX_LAYERS } from '../../src/engine/graph/extent.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { rankFirst } from '../../src/engine/graph/repairs.ts';
import { scopedInference } from '../../src/engine/graph/scopedInference.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { transferred } from '../../src/engine/graph/transfer.ts';
import { compileForTraining } from '../../src/engine/runtime/trainingModel.ts';
import { wildDocuments } from './wildDocuments.ts';

/** Compiling a network of more layers takes its time, and shows nothing else. */
const COMPILED_LAYERS = 400;

const dataset = { name: 'dots', classes: ['a', 'b'], imageShape: [3, 16, 16] as const };

function read(data: unknown): ProjectDocument | null {
  try {
    return parseDocument(JSON.stringify(data));
  } catch (error) {
    expect(error).toBeInstanceOf(DocumentError);
    expect((error as Error).message.length).toBeLessThan(1000);
    return null;
  }
}

function compileOrSay(document: ProjectDocument): void {
  try {
    compileForTraining(document);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
  }
}

function lookAtAll(document: ProjectDocument): void {
  const { graph } = document;
  expect(parseDocument(formatDocument(document))).toEqual(document);
  const inference = infer(graph);
  expect(inference.nodes.size).toBeLessThanOrEqual(MAX_LAYERS + Object.keys(graph.nodes).length);
  const diagnoses = [...diagnose(inference), ...diagnoseSettings(document, inference)];
  for (const { message } of diagnoses) expect(message.length).toBeLessThan(2000);
  const isLarge = inference.nodes.size > COMPILED_LAYERS;
  for (const previews of rankFirst(graph, inference, diagnoses, isLarge ? inference.nodes.size : 1000))
    for (const { remaining } of previews) expect(Array.isArray(remaining)).toBe(true);
  expect(infer(graph, inference).totals).toEqual(inference.totals);
  codeText(pytorchCode('wild', inference));
  codeText(kerasCode('wild', inference));
  diagnoseTraining(document, inference, dataset);
  if (!isLarge) compileOrSay(document);
  const ids = Object.keys(graph.nodes);
  const half = ids.slice(0, ids.length >> 1);
  diagnose(scopedInference(inference, graph, '')).length;
  const less = removeNodes(graph, half);
  diffGraphs(graph, less);
  transferred(inference, infer(less, inference));
  straighten(graph, ids);
  const clip = readClip(clipText(takeClip(graph, { nodes: half, frames: [], comments: [] })));
  if (clip && 'graph' in clip) infer(pasteClip(graph, clip, { by: { x: 9, y: 9 }, keepsEdges: true }).graph);
  makeBlock(graph, half);
  const copy = ids.find(id => graph.nodes[id]!.kind === 'Block');
  if (copy !== undefined && !isLarge) infer(dissolveBlock(graph, copy));
}

it('Thousands of random documents are read, judged, mended, written and compiled, or refused', () => {
  let [refused, looked] = [0, 0];
  const look = (data: unknown) => {
    const document = read(data);
    if (document) lookAtAll(document);
    if (document) looked++;
    else refused++;
  };
  fc.assert(fc.property(wildDocuments(8), look), { numRuns: 2000 });
  fc.assert(fc.property(wildDocuments(120), look), { numRuns: 100 });
  expect(looked).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(10);
}, 900_000);
