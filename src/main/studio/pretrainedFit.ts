/** Whether the weights that a document begins with are those of its network. */
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { isFrozen } from '../../engine/graph/freezing.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { pretrained } from '../../engine/graph/pretrained.ts';
import { transferred } from '../../engine/graph/transfer.ts';
import { zooModel } from '../../engine/zoo/registry.ts';

/** By name: what the weights were trained as. It is the same for each of a thousand runs. */
const published = new Map<string, Inference>();

function publishedAs(name: string): Inference | undefined {
  const model = zooModel(name);
  if (model && !published.has(name)) published.set(name, infer(model.build(model.input, model.classes)));
  return published.get(name);
}

/** Why the weights that the document begins with are of no use to it, in one sentence; undefined where they are. */
export function startingFault(
  { graph, training }: ProjectDocument,
  inference: Inference,
): string | undefined {
  const weights = pretrained(training.start.weights);
  const trained = weights && publishedAs(weights.name);
  if (!trained) return undefined;
  const layers = transferred(trained, inference);
  if (layers.every(({ taken }) => taken === 0))
    return `None of the weights of ${weights.title} fits this network: no name and shape is the same. Begin with weights drawn by the seed, or draw the network anew from the zoo.`;
  const lost = layers.find(({ node, whole }) => !whole && graph.nodes[node] && isFrozen(graph.nodes[node]));
  return (
    lost &&
    `${lost.name} is frozen, but not all of it comes from the weights of ${weights.title}. ${lost.reason} Let it learn, or draw it as it was.`
  );
}
