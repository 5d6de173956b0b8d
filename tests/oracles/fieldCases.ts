/**
 * Random networks whose receptive fields are measured with PyTorch (fields.py): chains and branches of every
 * layer that has a place in the image. The same networks every time.
 */
import type { Graph } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const NETWORKS = 120;

/** Large enough that the field of a pixel in the middle stays inside. */
const IMAGE = [1, 60, 52] as const;

type Link = readonly [kind: string, params: Record<string, unknown>];

/** Whole numbers below a bound, by a linear congruence: random enough to mix layers. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed + 1;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pair(low: number, high: number): [number, number] {
    return [this.from(low, high), this.from(low, high)];
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A layer that changes the size of the image. */
function resizing(dice: Dice): Link {
  const kernelSize = dice.pair(1, 4);
  const stride = dice.pair(1, 3);
  const padding = kernelSize.map(size => dice.from(0, Math.floor(size / 2)));
  const window = { kernelSize, stride, padding };
  const [top, left] = dice.pair(0, 2);
  return dice.pick<() => Link>([
    () => [
      'Conv2d',
      { ...window, dilation: dice.pair(1, 3), padding: [top, dice.below(3), left, 1], outChannels: 2 },
    ],
    () => ['MaxPool2d', { ...window, dilation: dice.pair(1, 2), ceilMode: dice.below(2) === 1 }],
    () => ['AvgPool2d', { ...window, ceilMode: dice.below(2) === 1 }],
    () => ['AdaptiveAvgPool2d', { outputSize: dice.pair(4, 20) }],
    () => ['AdaptiveMaxPool2d', { outputSize: dice.pair(4, 20) }],
    () => ['ConvTranspose2d', { ...window, dilation: dice.pair(1, 3), outChannels: 4 }],
    () => ['ConvTranspose2d', { ...window, outChannels: 4 }],
    () => ['Upsample', { scaleFactor: dice.pair(1, 3), mode: dice.pick(['nearest', 'bilinear']) }],
    () => ['PixelShuffle', {}],
    () => ['ZeroPad2d', { padding: [top, 1, left, 2] }],
  ])();
}

/** A layer that keeps the size, to stand in a branch. */
function keeping(dice: Dice): Link {
  return dice.pick<() => Link>([
    () => [
      'Conv2d',
      { kernelSize: dice.pair(1, 4), dilation: dice.pair(1, 3), padding: 'same', outChannels: 4 },
    ],
    () => ['MaxPool2d', { kernelSize: [3, 3], stride: [1, 1], padding: [1, 1] }],
    () => ['AvgPool2d', { kernelSize: [3, 5], stride: [1, 1], padding: [1, 2] }],
    () => ['ConvTranspose2d', { padding: [1, 1], outChannels: 4 }],
    () => ['ReLU', {}],
  ])();
}

/** A layer that enlarges by 2, and a convolution that halves again. */
function thereAndBack(dice: Dice): Link[] {
  const larger: Link = dice.pick<Link>([
    ['Upsample', { mode: dice.pick(['nearest', 'bilinear']) }],
    ['ConvTranspose2d', { kernelSize: [2, 2], stride: [2, 2], outChannels: 4 }],
    ['ConvTranspose2d', { kernelSize: [1, 1], stride: [2, 2], outputPadding: [1, 1], outChannels: 4 }],
  ]);
  const even = dice.below(2) === 1;
  const size = even ? { kernelSize: [2, 2], padding: [0, 0, 0, 0] } : { padding: [1, 0, 1, 0] };
  return [larger, ['Conv2d', { ...size, stride: [2, 2], outChannels: 4 }]];
}

/** A graph that grows at its end. */
class Growing {
  graph: Graph = chain([['Input', 'input', { shape: IMAGE }]]);
  end = 'input';
  #count = 0;

  add([kind, params]: Link, sources: readonly string[] = [this.end]): string {
    const name = `${kind}${this.#count++}`;
    const node = { ...newNode(this.graph, layerKind(kind)!, { x: 0, y: 0 }, params), name };
    this.graph = addNode(this.graph, node, name).graph;
    for (const [input, source] of sources.entries())
      this.graph = connect(this.graph, { source, target: name, input });
    this.end = name;
    return name;
  }

  branch(dice: Dice): void {
    const start = this.add(['Conv2d', { kernelSize: [1, 1], padding: 'valid', outChannels: 4 }]);
    const ends = [0, 1].map(() => {
      const links = dice.below(3) === 0 ? thereAndBack(dice) : [keeping(dice), keeping(dice)];
      return links.reduce((source, link) => this.add(link, [source]), start);
    });
    this.add([dice.pick(['Add', 'Concat']), {}], ends);
  }

  /** Whether it works, and is neither too small to have a middle nor too large to be measured. */
  works(): boolean {
    const shape = infer(this.graph).nodes.get(this.end)?.figures?.shape;
    return !!shape && Math.min(shape[1]!, shape[2]!) >= 4 && Math.max(shape[1]!, shape[2]!) <= 160;
  }
}

function randomGraph(seed: number): Graph {
  const dice = new Dice(seed);
  const growing = new Growing();
  for (let layers = dice.from(2, 5), tries = 0; layers > 0 && tries < 40; tries++) {
    const { graph, end } = growing;
    if (dice.below(4) === 0) growing.branch(dice);
    else growing.add(resizing(dice));
    if (growing.works()) layers--;
    else [growing.graph, growing.end] = [graph, end];
  }
  return growing.graph;
}

export interface FieldCase {
  readonly graph: Graph;
  readonly image: readonly number[];
}

export function fieldCases(): FieldCase[] {
  return Array.from({ length: NETWORKS }, (_, seed) => ({ graph: randomGraph(seed), image: IMAGE }));
}
