/**
 * The networks whose generated code is run by PyTorch and by Keras: every example of every layer kind between
 * other layers, every zoo model, and what only a graph can have: several answers, a bypassed node, blocks, what is
 * frozen, names that Python has itself.
 */
import { createHash } from 'node:crypto';
import { codeText } from '../../src/engine/formats/code.ts';
import { kerasCode } from '../../src/engine/formats/keras.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { torchBlocks } from '../../src/engine/formats/torchBlocks.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { addNode, changeNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Inference } from '../../src/engine/graph/inference.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { zooModels } from '../../src/engine/zoo/registry.ts';
import { blockGraphs } from './blockCases.ts';
import { cases } from './cases.ts';
import { nameGraphs } from './nameCases.ts';

export interface CodeCase {
  readonly name: string;
  readonly inference: Inference;
}

/** LeNet that also says where, and with a layer bypassed. */
function twoAnswers(): Graph {
  let graph = lenet.build([1, 28, 28], 10);
  const add = (kind: string, name: string, source: string, params: object = {}) => {
    const node = { ...newNode(graph, layerKind(kind)!, { x: 0, y: 0 }, params), name };
    graph = connect(addNode(graph, node, name).graph, { source, target: name, input: 0 });
  };
  const [end] = infer(graph).outputs;
  const before = graph.edges.find(({ target }) => target === end)!.source;
  add('Output', 'class_out', end!, { answer: 'class' });
  add('Linear', 'box', before, { outFeatures: 4 });
  add('Output', 'box_out', 'box', { answer: 'box' });
  const activation = Object.keys(graph.nodes).find(
    id => layerKind(graph.nodes[id]!.kind)?.family === 'activation',
  );
  return changeNode(graph, activation!, { bypassed: true });
}

export function codeCases(): CodeCase[] {
  const examples = cases().filter(({ name }) => /-\d+$/.test(name));
  return [
    ...examples.map(({ name, document }) => ({ name, inference: infer(document.graph) })),
    ...zooModels().map(({ name, build, input, classes }) => ({
      name,
      inference: infer(build(input, classes)),
    })),
    { name: 'two-answers', inference: infer(twoAnswers()) },
    ...Object.entries({ ...blockGraphs(), ...nameGraphs() }).map(([name, graph]) => ({
      name,
      inference: infer(graph),
    })),
  ];
}

/** What PyTorch's code calls the nodes of a network that has names of Python's, where that is something else. */
export function attributesOf(inference: Inference): ReadonlyMap<string, string> {
  const { modules } = torchBlocks(inference).network;
  const own = [...modules].filter(([, [module]]) => module!.row === null);
  return new Map(own.map(([id, each]) => [id, each.at(-1)!.attribute]));
}

export function pytorchText({ name, inference }: CodeCase): string {
  return codeText(pytorchCode(name, inference));
}

export function kerasText({ name, inference }: CodeCase): string {
  return codeText(kerasCode(name, inference));
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
