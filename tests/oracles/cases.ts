/**
 * The networks that are held against PyTorch, step by step: every example of every layer kind between two
 * layers that make its gradient visible, every optimizer's settings, and the zoo's small networks.
 * Weights and batches follow a formula, so that only PyTorch's answers need to be kept.
 */

import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import { type Graph, newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind, layerKinds } from '../../src/engine/layers/registry.ts';
import { sizeOf } from '../../src/engine/layers/shape.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

export interface Case {
  name: string;
  document: ProjectDocument;
  batch: number;
  /** How many steps to take on the same batch. */
  steps: number;
}

const CLASSES = 5;

function documentOf(
  name: string,
  graph: Graph,
  optimizer: Record<string, number | boolean> = {},
): ProjectDocument {
  const document = newDocument(name, graph);
  const { training } = document;
  const params = { ...training.optimizer.params, ...optimizer };
  return { ...document, training: { ...training, learningRate: 0.1, optimizer: { kind: 'SGD', params } } };
}

/**
 * A layer under test behind a 1×1 convolution for each of its inputs, whose gradient shows the layer's, and
 * before class scores.
 */
function exampleCases(): Case[] {
  return layerKinds()
    .filter(kind => kind.inputs !== 0)
    .flatMap(({ kind, examples }) =>
      examples.map(({ params, input, others = [] }, i) => {
        const [, height = 1, width = 1] = input as [number, number?, number?];
        let graph = chain([['Input', 'input', { shape: [2, height, width] }]]);
        const add = (kindName: string, name: string, sources: readonly string[], set = {}) => {
          graph = addNode(
            graph,
            { ...newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, set), name },
            name,
          ).graph;
          for (const [input, source] of sources.entries())
            graph = connect(graph, { source, target: name, input });
          return name;
        };
        const feeders = [input, ...others].map((shape, branch) => {
          const before = { outChannels: shape[0], kernelSize: [1, 1], padding: [0, 0, 0, 0] };
          const conv = add('Conv2d', `before${branch}`, ['input'], before);
          return shape.length === 1 ? add('Flatten', `vector${branch}`, [conv]) : conv;
        });
        add(kind, 'layer', feeders, params);
        add('Flatten', 'flatten', ['layer']);
        add('Linear', 'head', ['flatten'], { outFeatures: CLASSES });
        return { name: `${kind}-${i}`, document: documentOf(kind, graph), batch: 3, steps: 1 };
      }),
    );
}

/** Activations on numbers up to ±10, where they bend and saturate: eight times what a convolution gives. */
function wideCases(): Case[] {
  const before = { outChannels: 7, kernelSize: [1, 1], padding: [0, 0, 0, 0] };
  const start = chain([
    ['Input', 'input', { shape: [2, 5, 5] }],
    ['Conv2d', 'before', before],
  ]);
  const eightfold = Array.from({ length: 8 }, (_, input) => ({ source: 'before', target: 'wide', input }));
  return layerKinds()
    .filter(({ family }) => family === 'activation')
    .map(({ kind }) => {
      let graph = start;
      const tail: [string, string, object][] = [
        ['Add', 'wide', {}],
        [kind, 'layer', {}],
        ['Flatten', 'flatten', {}],
        ['Linear', 'head', { outFeatures: CLASSES }],
      ];
      for (const [i, [kindName, name, set]] of tail.entries()) {
        const node = newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, { ...set });
        graph = addNode(graph, { ...node, name }, name).graph;
        const edges = i === 0 ? eightfold : [{ source: tail[i - 1]![1], target: name, input: 0 }];
        for (const edge of edges) graph = connect(graph, edge);
      }
      return { name: `${kind}-wide`, document: documentOf(kind, graph), batch: 3, steps: 1 };
    });
}

/** Three steps each: momentum shows from the second on. */
function optimizerCases(): Case[] {
  const graph = chain([
    ['Input', 'input', { shape: [2, 4, 4] }],
    ['Conv2d', 'conv', { outChannels: 3 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: CLASSES }],
  ]);
  const settings = {
    plain: { momentum: 0 },
    momentum: { momentum: 0.9 },
    nesterov: { momentum: 0.9, nesterov: true },
    decay: { momentum: 0.8, weightDecay: 0.01 },
  };
  return Object.entries(settings).map(([name, params]) => ({
    name: `SGD-${name}`,
    document: documentOf(name, graph, params),
    batch: 4,
    steps: 3,
  }));
}

function networkCases(): Case[] {
  return [
    { name: 'lenet', document: documentOf('lenet', lenet.build([1, 28, 28], 10)), batch: 4, steps: 1 },
    {
      name: 'simple_cnn',
      document: documentOf('simple_cnn', simpleCnn.build([3, 28, 28], 10)),
      batch: 9,
      steps: 3,
    },
  ];
}

export function cases(): Case[] {
  return [...exampleCases(), ...wideCases(), ...optimizerCases(), ...networkCases()];
}

/** The same numbers as make.py draws: a sine along the index, shifted by the name. */
export function formula(name: string, shape: readonly number[], scale: number): NamedTensor {
  let shift = 0;
  for (let i = 0; i < name.length; i++) shift = (shift * 31 + name.charCodeAt(i)) % 1009;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(shift + 0.37 * i));
  return { name, shape, values };
}

function repeated(name: string, shape: readonly number[], values: readonly number[]): NamedTensor {
  return {
    name,
    shape,
    values: Float32Array.from({ length: sizeOf(shape) }, (_, i) => values[i % values.length]!),
  };
}

/**
 * Where a layer's initial numbers are uniform, the formula's have the same size; given ones are kept; others
 * vary around a half.
 */
export function weightsOf({ document }: Case): Map<string, NamedTensor> {
  const nodes = [...infer(document.graph).nodes.values()];
  const tensors = nodes.flatMap(({ node, figures }) =>
    figures!.weights.map(({ name, shape, initial }) => {
      const full = `${node.name}.${name}`;
      if ('uniform' in initial) return formula(full, shape, initial.uniform);
      if ('values' in initial) return repeated(full, shape, initial.values);
      const around = formula(full, shape, 0.4);
      return { ...around, values: Float32Array.from(around.values, value => value + 0.5) };
    }),
  );
  return new Map(tensors.map(tensor => [tensor.name, tensor]));
}

export function batchOf({ document, batch }: Case): Map<string, NamedTensor> {
  const inference = infer(document.graph);
  const figures = (id: string) => inference.nodes.get(id)!.figures!;
  const classes = figures(inference.outputs[0]!).shape[0]!;
  const input = formula('input', [batch, ...figures(inference.order[0]!).shape], 1);
  const values = Int32Array.from({ length: batch }, (_, i) => (i * 7 + 2) % classes);
  return new Map<string, NamedTensor>([
    ['input', input],
    ['target', { name: 'target', shape: [batch], values }],
  ]);
}
