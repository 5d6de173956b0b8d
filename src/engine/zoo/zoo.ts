/** The model zoo: networks to start from, each equal to its published form. One network, one file. */

import type { Answer, Graph, LossTerm, ProjectDocument } from '../graph/document.ts';
import { addNode, connect, NODE_PITCH, newNode } from '../graph/edits.ts';
import type { DatasetFacts } from '../graph/trainability.ts';
import { layerKind } from '../layers/registry.ts';
import { lossKindsOf } from '../losses/registry.ts';

export interface ZooModel {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** The input that it was published for: channels, height, width. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  /** The kinds of answer; a class by default. */
  readonly answers?: readonly Answer[];
  /** `classes`: of an image, or of a pixel for masks. */
  build(input: readonly [number, number, number], classes: number): Graph;
}

/** The size of a network: channels, height, width of the input, and the number of classes. */
export interface ModelSize {
  readonly input: readonly [number, number, number];
  readonly classes: number;
}

/** The size for a dataset; without one, the published size. */
export function sizeFor(model: ZooModel, images: DatasetFacts | null): ModelSize {
  const tells = model.answers?.includes('mask') ? (images?.maskClasses ?? []) : (images?.classes ?? []);
  return { input: images?.imageShape ?? model.input, classes: tells.length || model.classes };
}

/**
 * The document with its network replaced, and a loss for each kind of answer: existing losses for the same answers
 * stay.
 */
export function withModel(document: ProjectDocument, model: ZooModel, size: ModelSize): ProjectDocument {
  const { answers = ['class'] } = model;
  const kept = document.training.losses.filter(({ answer }) => answers.includes(answer));
  const wanting = answers.filter(answer => !kept.some(term => term.answer === answer));
  const losses = [...kept, ...wanting.map(usualLoss)];
  return {
    ...document,
    graph: model.build(size.input, size.classes),
    training: { ...document.training, losses },
  };
}

function usualLoss(answer: Answer): LossTerm {
  return { answer, kind: lossKindsOf(answer)[0]!.kind, params: {}, weight: 1 };
}

/** One layer of a chain: kind, name, and the parameters that differ from the initial ones. */
export type ChainLink = readonly [kind: string, name: string, params?: Record<string, unknown>];

/** Builds a network in which each layer feeds the next, drawn from top to bottom. */
export function chain(links: readonly ChainLink[]): Graph {
  let graph: Graph = { nodes: {}, edges: [] };
  let before: string | undefined;
  for (const [i, [kindName, name, params]] of links.entries()) {
    const kind = layerKind(kindName);
    if (!kind) throw new TypeError(`the zoo asks for an unknown layer kind, ${kindName}`);
    const node = { ...newNode(graph, kind, { x: 0, y: i * NODE_PITCH }, params), name };
    const added = addNode(graph, node, name);
    graph = before ? connect(added.graph, { source: before, target: added.id, input: 0 }) : added.graph;
    before = added.id;
  }
  return graph;
}
