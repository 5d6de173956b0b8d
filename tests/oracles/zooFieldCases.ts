/**
 * The networks of the zoo, blocks taken apart, cut off behind the last layer whose pixels still see a part of the image (what pools to a
 * given size comes after it), on images so long
 * in one direction that the whole receptive field lies inside. Measured with PyTorch by zooFields.py.
 */
import type { Graph, NodeId } from '../../src/engine/graph/document.ts';
import { reaches, removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { expand } from '../../src/engine/graph/expand.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Figures } from '../../src/engine/graph/inference.ts';
import { zooModels } from '../../src/engine/zoo/registry.ts';

export interface ZooFieldCase {
  readonly model: string;
  readonly graph: Graph;
  /** Where the network was cut off. */
  readonly end: NodeId;
  readonly image: readonly [channels: number, height: number, width: number];
  /** 0: the image is high, 1: it is wide. */
  readonly axis: 0 | 1;
}

/** The same network with few channels: what a pixel sees does not depend on how many there are. */
function narrowed(graph: Graph): Graph {
  return Object.entries(graph.nodes).reduce((current, [id, { params }]) => {
    if (!('outChannels' in params)) return current;
    const isDepthwise = typeof params.groups === 'number' && params.groups > 1;
    return setParams(current, id, { outChannels: CHANNELS, ...(isDepthwise && { groups: CHANNELS }) });
  }, graph);
}

const CHANNELS = 4;

/** Longer than any receptive field of the zoo; a multiple of 32, as U-Net wants it. */
const LONG = 2496;
const SHORT = 64;

/** With fewer places along its axis than this, a layer has pooled them to a number of its own. */
const FEWEST = LONG / 64;

function placesOf(figures: Figures | null | undefined, axis: 0 | 1): number {
  return figures?.receptiveField ? figures.shape[axis + 1]! : 0;
}

export function zooFieldCases(): ZooFieldCase[] {
  return zooModels().flatMap(model =>
    ([0, 1] as const).flatMap((axis): ZooFieldCase[] => {
      const image = [model.input[0], axis === 0 ? LONG : SHORT, axis === 0 ? SHORT : LONG] as const;
      const graph = narrowed(expand(model.build([...image], model.classes)).graph);
      const { order, nodes } = infer(graph);
      const end = order.findLast(id => placesOf(nodes.get(id)?.figures, axis) > FEWEST);
      if (end === undefined || nodes.get(end)!.kind!.inputs === 0) return [];
      const behind = Object.keys(graph.nodes).filter(id => !reaches(graph, id, end));
      return [{ model: model.name, graph: removeNodes(graph, behind, false), end, image, axis }];
    }),
  );
}
