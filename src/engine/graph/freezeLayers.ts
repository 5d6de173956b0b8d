/**
 * Freezes layers wherever they stand, by their names as PyTorch has them, blocks taken apart (`backbone.0.conv_stem`).
 * A copy of a block of which all is to be frozen is frozen as a whole; else what is meant of it is frozen in the block's
 * drawing, which all its copies share.
 */
import { blockIdOf, blockOf } from './blocks.ts';
import type { BlockId, Drawing, Graph, NodeId } from './document.ts';
import { isFrozen, setFrozen } from './freezing.ts';
import type { Inference } from './inference.ts';
import { meansLayer, prefixesOf } from './namePattern.ts';

/** Where it cannot be: why, in one sentence. */
export type Frozen = { readonly graph: Graph } | { readonly refusal: string };

/** The layers that have weights or statistics, by their ids, and what PyTorch calls them. */
export function weightedLayers({ nodes }: Inference): ReadonlyMap<NodeId, string> {
  const weighted = [...nodes].filter(([, { figures }]) => figures && figures.weights.length > 0);
  return new Map(weighted.map(([id, { node }]) => [id, node.name]));
}

/** Those of them that are frozen, in whatever way. */
export function frozenLayers(inference: Inference): ReadonlySet<NodeId> {
  const isKept = (id: NodeId) => isFrozen(inference.nodes.get(id)!.node);
  return new Set([...weightedLayers(inference).keys()].filter(isKept));
}

/** The layers with weights that a pattern means (namePattern.ts). */
export function layersMatching(inference: Inference, pattern: string): NodeId[] {
  return [...weightedLayers(inference)].filter(([, name]) => meansLayer(pattern, name)).map(([id]) => id);
}

/** What is wanted of the nodes of one drawing: whether each is to be frozen, as its copies say. */
type Wanted = Map<NodeId, Set<boolean>>;

/** Freezes exactly these layers: others with weights learn. @param inference of the graph */
export function freezeLayers(graph: Graph, inference: Inference, layers: ReadonlySet<NodeId>): Frozen {
  const counts = new Map<string, { all: number; frozen: number }>();
  for (const id of weightedLayers(inference).keys())
    for (const prefix of prefixesOf(id, '/')) {
      const count = counts.get(prefix) ?? { all: 0, frozen: 0 };
      count.all++;
      if (layers.has(id)) count.frozen++;
      counts.set(prefix, count);
    }
  const own: Wanted = new Map();
  const inBlocks = new Map<BlockId, Wanted>();
  const open: { scope: string; drawing: Drawing; wanted: Wanted }[] = [
    { scope: '', drawing: graph, wanted: own },
  ];
  for (const { scope, drawing, wanted } of open) {
    for (const [local, node] of Object.entries(drawing.nodes)) {
      const count = counts.get(scope + local);
      if (!count) continue;
      const isWhole = count.frozen === count.all;
      wanted.set(local, (wanted.get(local) ?? new Set()).add(isWhole));
      const block = blockOf(graph, node);
      if (!block || isWhole) continue;
      const within: Wanted = inBlocks.get(blockIdOf(node)) ?? new Map();
      inBlocks.set(blockIdOf(node), within);
      for (let turn = 0; counts.has(`${scope}${local}/${turn}`); turn++)
        open.push({ scope: `${scope}${local}/${turn}/`, drawing: block.graph, wanted: within });
    }
  }
  let { blocks } = graph;
  for (const [id, wanted] of inBlocks) {
    const block = blocks![id]!;
    const [mixed] = [...wanted].find(([, says]) => says.size > 1) ?? [];
    if (mixed !== undefined)
      return {
        refusal: `${block.graph.nodes[mixed]!.name} would be frozen in some copies of ${block.name} and learn in others, but all copies share one drawing: freeze whole copies, or the layer in all of them.`,
      };
    const changed = applied(block.graph, wanted);
    if (changed !== block.graph) blocks = { ...blocks, [id]: { ...block, graph: changed } };
  }
  const changed = applied(graph, own);
  return { graph: blocks === graph.blocks ? changed : { ...changed, ...(blocks && { blocks }) } };
}

function applied(drawing: Graph, wanted: Wanted): Graph {
  const those = (frozen: boolean) => [...wanted].filter(([, says]) => says.has(frozen)).map(([id]) => id);
  return setFrozen(setFrozen(drawing, those(true), true), those(false), false);
}
