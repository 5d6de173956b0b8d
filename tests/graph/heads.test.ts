/** Networks that answer several questions: where, and what each end says. */
import { expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { changeNode, connect, removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { headsOf } from '../../src/engine/graph/heads.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { rankRepairs } from '../../src/engine/graph/repairs.ts';
import { localizer } from '../../src/engine/zoo/localizer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';

const graph = localizer.build([3, 32, 32], 5);

it('The localizer says the class and the box, from one trunk', () => {
  const inference = infer(graph);
  expect(diagnose(inference)).toEqual([]);
  expect(headsOf(inference)).toEqual([
    { node: 'class_output', answer: 'class' },
    { node: 'box_output', answer: 'box' },
  ]);
  const shapes = inference.outputs.map(id => inference.nodes.get(id)!.figures!.shape);
  expect(shapes).toEqual([[5], [4]]);
});

it('Two ends without a word about what they answer are an error, mended by saying it', () => {
  const silent = removeNodes(graph, ['class_output', 'box_output']);
  const inference = infer(silent);
  const fault = diagnose(inference).find(({ code }) => code === 'several-outputs')!;
  expect(fault.message).toMatch(/ends in 2 places \((what, inside|inside, what)\)/);
  const [best] = rankRepairs(silent, inference, fault);
  expect(best!.repair.title).toBe('Say what they answer: class and box');
  const mended = infer(applyRepair(silent, fault.node, best!.repair));
  expect(diagnose(mended)).toEqual([]);
  expect(headsOf(mended).map(({ answer }) => answer)).toEqual(['class', 'box']);
});

it('A network with one end needs no word about it', () => {
  const { build, input, classes } = zooModel('lenet')!;
  const lenet = infer(build(input, classes));
  expect(headsOf(lenet)).toEqual([{ node: lenet.outputs[0], answer: null }]);
});

it('What is said about class scores is said of the class, wherever it flows out', () => {
  const rectified = insertedBefore(graph, 'class_output', 'ReLU');
  expect(diagnose(infer(rectified)).map(({ code }) => code)).toEqual(['output-rectified']);
  const codes = diagnose(infer(insertedBefore(graph, 'box_output', 'ReLU'))).map(({ code }) => code);
  expect(codes).not.toContain('output-rectified');
});

function insertedBefore(from: Graph, output: string, kind: string): Graph {
  const edge = from.edges.find(({ target }) => target === output)!;
  const nodes = { ...from.nodes, extra: { kind, name: 'extra', params: {}, x: 0, y: 0 } };
  const rest = from.edges.filter(other => other !== edge);
  const entering = connect({ ...from, nodes, edges: rest }, { ...edge, target: 'extra' });
  return connect(entering, { source: 'extra', target: output, input: 0 });
}

it('Several Inputs of one shape all get the image; of different shapes they are refused', () => {
  const input = graph.nodes.input!;
  const nodes = { ...graph.nodes, again: { ...input, name: 'again' } };
  const twice: Graph = {
    ...graph,
    nodes: { ...nodes, sum: { kind: 'Add', name: 'sum', params: {}, x: 0, y: 0 } },
    edges: graph.edges.filter(({ source }) => source !== 'input'),
  };
  const wired = [
    { source: 'input', target: 'sum', input: 0 },
    { source: 'again', target: 'sum', input: 1 },
    { source: 'sum', target: 'conv1', input: 0 },
  ].reduce(connect, twice);
  expect(diagnose(infer(wired))).toEqual([]);
  const other = setParams(wired, 'again', { shape: [3, 16, 16] });
  expect(diagnose(infer(other)).map(({ code }) => code)).toContain('several-inputs');
});

it('A bypassed layer passes on what it gets, and costs nothing', () => {
  const bypassed = infer(changeNode(graph, 'bn1', { bypassed: true }));
  expect(bypassed.totals.parameters).toBe(infer(graph).totals.parameters - 32);
  expect(bypassed.nodes.get('bn1')!.figures!.shape).toEqual([16, 32, 32]);
  const pooled = infer(changeNode(graph, 'pool1', { bypassed: true }));
  expect(pooled.nodes.get('conv2')!.figures!.inputs).toEqual([[16, 32, 32]]);
  const invalid = changeNode(setParams(graph, 'bn1', { eps: -1 }), 'bn1', { bypassed: true });
  expect(diagnose(infer(invalid)).filter(({ severity }) => severity === 'error')).toEqual([]);
});
