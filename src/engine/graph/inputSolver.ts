/**
 * Solves for the Input: which image sizes give a wanted size at a later node, through all layers between. Sizes are
 * found by running inference, so that it works for any layers.
 */
import type { ImageShape, Pair } from '../layers/fields.ts';
import type { Graph, NodeId } from './document.ts';
import { setParams } from './edits.ts';
import { infer } from './infer.ts';
import type { Inference } from './inference.ts';

export interface InputAnswer {
  readonly shape: ImageShape;
  /** The size at the node in question. */
  readonly output: Pair;
}

export interface InputAnswers {
  /** Smallest first; larger ones leave rows or columns unread. */
  readonly answers: readonly InputAnswer[];
  /** Why no size gives the wanted one; the answers are then the nearest. */
  readonly why: string | null;
}

const LARGEST_INPUT_SIDE = 4096;
/** The most answers per axis. */
const PER_AXIS = 12;

/** Nodes whose size can be solved for: images that depend on a part of the Input. */
export function sizedNodes({ order, nodes }: Inference): NodeId[] {
  return order.filter(id => {
    const { kind, figures } = nodes.get(id)!;
    return kind?.inputs !== 0 && figures?.receptiveField != null;
  });
}

/** @param at a node of sizedNodes */
export function solveInput(graph: Graph, input: NodeId, at: NodeId, wanted: Pair): InputAnswers {
  let inference = infer(graph);
  const channels = inference.nodes.get(input)?.figures?.shape[0] ?? 1;
  // Axes are independent: the other one is kept large, so that every layer fits.
  const sizeFor = (extent: number, axis: 0 | 1): number => {
    const shape =
      axis === 0 ? [channels, extent, LARGEST_INPUT_SIDE] : [channels, LARGEST_INPUT_SIDE, extent];
    inference = infer(setParams(graph, input, { shape }), inference);
    return inference.nodes.get(at)?.figures?.shape[axis + 1] ?? 0;
  };
  const [down, across] = ([0, 1] as const).map(axis => solveAxis(axis, wanted[axis], sizeFor));
  const why = [down!, across!].find(({ isExact }) => !isExact);
  const pairs = down!.extents.flatMap((height, i) =>
    across!.extents.map((width, j) => ({ height, width, rank: i + j + (height === width ? 0 : 100) })),
  );
  const isSquare = wanted[0] === wanted[1] && String(down!.extents) === String(across!.extents);
  const answers = pairs
    .filter(({ height, width }) => !isSquare || height === width)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, PER_AXIS)
    .map(({ height, width }): InputAnswer => {
      const output: Pair = [sizeFor(height, 0), sizeFor(width, 1)];
      return { shape: [channels, height, width], output };
    });
  const name = graph.nodes[at]?.name ?? at;
  return { answers, why: why ? `No size of the images gives ${wanted.join(' × ')} at ${name}.` : null };
}

/** Output sizes grow with the image, so that the first that is large enough is found by bisection. */
function solveAxis(axis: 0 | 1, wanted: number, sizeFor: (extent: number, axis: 0 | 1) => number) {
  const first = (least: number) => {
    let [below, above] = [0, LARGEST_INPUT_SIDE];
    if (sizeFor(above, axis) < least) return undefined;
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (sizeFor(middle, axis) >= least) above = middle;
      else below = middle;
    }
    return above;
  };
  const start = first(wanted);
  if (start === undefined) return { extents: [], isExact: false };
  if (sizeFor(start, axis) !== wanted)
    return { extents: start > 1 ? [start - 1, start] : [start], isExact: false };
  const end = first(wanted + 1) ?? LARGEST_INPUT_SIDE + 1;
  const count = Math.min(PER_AXIS, end - start);
  return { extents: Array.from({ length: count }, (_, i) => start + i), isExact: true };
}
